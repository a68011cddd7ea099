//! The operations by which people get their rights: erasure and the dossier.

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Route};

use super::dossier::{Dossier, DossierReference, DossierVersion, dossier};
use super::erasure::{erase_person, scrub};
use super::processing::Action;
use crate::api::auth::Writer;
use crate::api::collection::{answer_of_write, span_of};
use crate::api::endpoint::{Content, Endpoint, Rights};
use crate::api::negotiate::Format;
use crate::api::path::locator;
use crate::api::problem::Problem;
use crate::api::query::{NoParameters, Query};
use crate::api::respond::{caching, if_match, precondition, written};
use crate::app::App;
use crate::people::Person;
use crate::register::erase::Erased;
use crate::register::find::find_live;
use crate::register::write::Outcome;
use crate::register::{Document, Error};

/// The route table.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, "/people/{id}/erasure", "erasePerson", "people", |r: Route| {
            r.to(erase_one)
        })
        .about(
            "Erase a person",
            "Everything that is known of the person goes: from the document, its former versions and slugs, the references of other documents and their former versions, the change log, and answers that could be replayed. A stub stays, so that what refers to the person stays whole; it does not change any more. Asking again changes nothing. Of a person who was deleted, the last names go as well (204). Texts that others wrote about the person are not searched.",
        )
        .only(Rights::Writers)
        .document(Person::NAMING.example)
        .header("If-Match", "Only if the person still has this `ETag`; else 412.", if_match())
        .answers(200, "What is left: a stub that says nothing.", Content::Json("Person".into()), &["ETag", "Schakel-Position"])
        .answers(204, "The person had been deleted; now the last names are gone too.", Content::Empty, &["Schakel-Position"])
        .answers(308, "The person has another address now.", Content::Empty, &["Location"])
        .problems(&[404, 412]),
        Endpoint::new(Method::GET, "/people/{id}/dossier", "findPersonDossier", "people", |r: Route| {
            r.to(find_dossier)
        })
        .about(
            "Read all that is kept of a person",
            "For a person who asks (AVG, article 15): the person with all contacts, every version with who made it and when, and the documents that refer to the person. For whoever may change the person; never to be cached.",
        )
        .only(Rights::Writers)
        .document(Person::NAMING.example)
        .answers(200, "All that is kept.", Content::Json("Dossier".into()), &[])
        .answers(308, "The person has another address now.", Content::Empty, &["Location"])
        .problems(&[404, 406, 410])
        .schema::<Dossier>()
        .schema::<DossierVersion>()
        .schema::<DossierReference>(),
    ]
}

async fn erase_one(
    app: Data<App>,
    Writer(caller): Writer,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (locator, precondition) = (locator(&request)?, precondition(&request)?);
    let (eyes, base) = (caller.clone(), app.config.public_url.clone());
    let span = span_of(&app, &request);
    let noting = span.clone();
    let answer = app
        .store
        .write(caller.actor(), move |write| {
            match erase_person(write, &eyes, &locator, &precondition)? {
                Erased::Stub(head, _) => {
                    noting.note(Action::Erase, [head.id.as_str()])?;
                    let answer =
                        answer_of_write::<Person>(write, &eyes, &head, Outcome::Updated, &base)?;
                    Ok::<_, Error>(Some(answer))
                }
                Erased::Remains(traces) => {
                    noting.note(Action::Erase, traces.ids().take(1))?;
                    Ok(None)
                }
            }
        })
        .await
        .inspect_err(|_| span.failed())?;
    scrub(&app).await;
    let response = match answer {
        Some(answer) => answer.send(&request, &caller),
        None => HttpResponse::NoContent().finish(),
    };
    Ok(written(response, &app))
}

async fn find_dossier(
    app: Data<App>,
    Writer(caller): Writer,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    Format::of(&request, None, &[Format::Json])?;
    let (locator, eyes) = (locator(&request)?, caller.clone());
    let span = span_of(&app, &request);
    let dossier = app
        .store
        .read(move |db| {
            let head = find_live(db, &eyes, Person::NAMING.type_, &locator)?;
            let dossier = dossier(db, &eyes, &head)?;
            span.note(Action::Dossier, [head.id.as_str()])?;
            Ok::<_, Error>(dossier)
        })
        .await?;
    let body = serde_json::to_string(&dossier).map_err(Error::from)?;
    let mut response = HttpResponse::Ok();
    for (name, value) in caching(&caller) {
        response.insert_header((name, value));
    }
    Ok(response.content_type("application/json").body(body))
}
