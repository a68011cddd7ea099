//! The operations on organisations.

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Route};
use deserr::Deserr;
use serde_json::Value;
use utoipa::ToSchema;

use super::Organisation;
use crate::api::auth::Writer;
use crate::api::body::Body;
use crate::api::collection::{self, answer_of_write};
use crate::api::endpoint::{Content, Endpoint, JSON, Rights};
use crate::api::idempotency;
use crate::api::path::locator;
use crate::api::problem::Problem;
use crate::api::query::{NoParameters, Query};
use crate::api::respond::{if_match, precondition, written};
use crate::app::App;
use crate::register::merge::merge;
use crate::register::write::Outcome;
use crate::register::{Document, Issues, OrganisationRef};

/// The route table: what every collection has, and merging.
pub fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = collection::endpoints::<Organisation>();
    endpoints.push(
        Endpoint::new(Method::POST, "/organisations/{id}/merge", "mergeOrganisation", "organisations", |r: Route| {
            r.to(merge_organisation)
        })
        .about(
            "Merge an organisation into another",
            "Everything that refers to the organisation refers to the other one from then on, its identifiers go along, and its address redirects (308). Meant for a placeholder that turns out to be a known organisation, and for doubles.",
        )
        .only(Rights::Writers)
        .document(Organisation::NAMING.example)
        .header("If-Match", "Only if the organisation still has this `ETag`; else 412.", if_match())
        .header(idempotency::HEADER, "A key of the caller's choice: the same key and body get the first answer again for 24 hours.", idempotency::schema())
        .takes("MergeInput", JSON)
        .answers(200, "The organisation into which it went.", Content::Json("Organisation".into()), &["ETag"])
        .answers(308, "The organisation has another address now.", Content::Empty, &["Location"])
        .problems(&[404, 409, 410, 412])
        .schema::<MergeInput>(),
    );
    endpoints
}

/// Where an organisation goes.
#[derive(Debug, Deserr, ToSchema)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct MergeInput {
    /// The organisation that stays.
    into: OrganisationRef,
}

async fn merge_organisation(
    app: Data<App>,
    Writer(caller): Writer,
    request: HttpRequest,
    _: Query<NoParameters>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let body = body.object().await?;
    let repeatable = idempotency::of_request(&request, &body)?;
    let (locator, precondition) = (locator(&request)?, precondition(&request)?);
    let mut input: MergeInput = deserr::deserialize::<_, _, Issues>(Value::Object(body))?;
    let (eyes, base) = (caller.clone(), app.config.public_url.clone());
    let answer = app
        .store
        .write(caller.actor(), move |write| {
            idempotency::once(write, &eyes, repeatable.as_ref(), |write| {
                let into = &input.into.link().given;
                let head = merge::<Organisation>(write, &eyes, &locator, into, &precondition)?;
                answer_of_write::<Organisation>(write, &eyes, &head, Outcome::Updated, &base)
            })
        })
        .await?;
    Ok(written(answer.send(&request, &caller), &app))
}
