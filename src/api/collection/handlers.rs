//! The handlers of single documents: one parse, one call, one answer.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use deserr::Deserr;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use crate::api::auth::{Anyone, Writer};
use crate::api::body::Body;
use crate::api::idempotency;
use crate::api::list::ShapeParameters;
use crate::api::negotiate::Format;
use crate::api::path::{locator, number};
use crate::api::problem::Problem;
use crate::api::query::{NoParameters, Query};
use crate::api::respond::{Answer, ListTag, json, not_modified, precondition, written};
use crate::api::url::{page_links, with_cursor};
use crate::app::App;
use crate::changes;
use crate::privacy::erasure::scrub;
use crate::privacy::processing::{self, Action, Span};
use crate::register::filter::{Limit, Sequence};
use crate::register::find::find_live;
use crate::register::read::{find, show};
use crate::register::write::{self, Outcome};
use crate::register::{Caller, Document, Error, HeadRow, Issues, Result};
use crate::store::{AnyConnection, Write};
type Response = std::result::Result<HttpResponse, Problem>;

/// The parameters of a document's history.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct HistoryParameters {
    /// How many lines a page has at most.
    #[deserr(default)]
    #[param(inline)]
    limit: Option<Limit>,
    /// The position of the last line seen; older lines follow.
    #[deserr(default)]
    #[param(inline)]
    cursor: Option<Sequence>,
}

/// What a request does with personal data.
pub(crate) fn span_of(app: &App, request: &HttpRequest) -> Span {
    let mut lines = request.headers().get_all("traceparent");
    let header = match (lines.next(), lines.next()) {
        (Some(line), None) => line.to_str().ok(),
        _ => None,
    };
    processing::span(&app.processing, &app.config, header)
}

/// Notes what is done with documents that are about people.
pub(super) fn note<'a, T: Document>(
    span: &Span,
    action: Action,
    ids: impl IntoIterator<Item = &'a str>,
) -> Result<()> {
    if T::STUB.is_some() {
        span.note(action, ids)?;
    }
    Ok(())
}

/// The answer that shows a document as the caller may see it.
fn answer<T: Document>(
    db: &mut AnyConnection,
    caller: &Caller,
    head: &HeadRow,
    status: u16,
) -> Result<Answer> {
    let document = show::<T>(db, caller, std::slice::from_ref(head))?
        .pop()
        .ok_or(Error::NotFound)?;
    Answer::document(status, &document, head.version)
}

/// What a write does with the data of a person.
fn action(outcome: Outcome) -> Action {
    match outcome {
        Outcome::Created => Action::Create,
        Outcome::Updated => Action::Change,
        // The answer shows it all the same.
        Outcome::Unchanged => Action::Read,
    }
}

/// The same for a document that was just made or changed.
pub(crate) fn answer_of_write<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    head: &HeadRow,
    outcome: Outcome,
    base: &str,
) -> Result<Answer> {
    let status = if outcome == Outcome::Created {
        201
    } else {
        200
    };
    let mut answer = answer::<T>(write.connection(), caller, head, status)?;
    if outcome == Outcome::Created {
        answer.location = Some(format!("{base}/api/v1/{}/{}", T::NAMING.plural, head.slug));
    }
    Ok(answer)
}

pub(super) async fn create<T: Document>(
    app: Data<App>,
    Writer(caller): Writer,
    request: HttpRequest,
    _: Query<NoParameters>,
    body: Body,
) -> Response {
    let body = body.object().await?;
    let repeatable = idempotency::of_request(&request, &body)?;
    let (eyes, base) = (caller.clone(), app.config.public_url.clone());
    let span = span_of(&app, &request);
    let noting = span.clone();
    let answer = app
        .store
        .write(caller.actor(), move |write| {
            let mut made = false;
            let answer = idempotency::once(write, &eyes, repeatable.as_ref(), |write| {
                let head = write::create::<T>(write, &eyes, body)?;
                made = true;
                note::<T>(&noting, Action::Create, [head.id.as_str()])?;
                answer_of_write::<T>(write, &eyes, &head, Outcome::Created, &base)
            })?;
            if !made && T::STUB.is_some() {
                // The first answer again: nothing is made, but it is read.
                let shown: Value = serde_json::from_str(&answer.body)?;
                noting.note(Action::Read, shown["id"].as_str())?;
            }
            Ok::<_, idempotency::Failure>(answer)
        })
        .await
        .inspect_err(|_| span.failed())?;
    Ok(written(answer.send(&request, &caller), &app))
}

pub(super) async fn find_one<T: Document>(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    Query(shape): Query<ShapeParameters>,
) -> Response {
    Format::of(&request, None, &[Format::Json])?;
    shape.check::<T>()?;
    let (locator, eyes) = (locator(&request)?, caller.clone());
    let span = span_of(&app, &request);
    let answer = app
        .store
        .read(move |db| {
            let (head, document) = find::<T>(db, &eyes, &locator)?;
            let mut documents = [document];
            shape.apply::<T>(db, &eyes, &mut documents)?;
            note::<T>(&span, Action::Read, [head.id.as_str()])?;
            shape.note_views(&span, &documents)?;
            let [document] = documents;
            Answer::document(200, &document, head.version)
        })
        .await?;
    Ok(answer.send(&request, &caller))
}

pub(super) async fn replace<T: Document>(
    app: Data<App>,
    Writer(caller): Writer,
    request: HttpRequest,
    _: Query<NoParameters>,
    body: Body,
) -> Response {
    let body = body.object().await?;
    let (locator, precondition) = (locator(&request)?, precondition(&request)?);
    let (eyes, base) = (caller.clone(), app.config.public_url.clone());
    let span = span_of(&app, &request);
    let noting = span.clone();
    let answer = app
        .store
        .write(caller.actor(), move |write| {
            let (head, outcome) = write::replace::<T>(write, &eyes, &locator, body, &precondition)?;
            note::<T>(&noting, action(outcome), [head.id.as_str()])?;
            answer_of_write::<T>(write, &eyes, &head, outcome, &base)
        })
        .await
        .inspect_err(|_| span.failed())?;
    Ok(written(answer.send(&request, &caller), &app))
}

pub(super) async fn update<T: Document>(
    app: Data<App>,
    Writer(caller): Writer,
    request: HttpRequest,
    _: Query<NoParameters>,
    body: Body,
) -> Response {
    let patch = body.merge_patch().await?;
    let (locator, precondition) = (locator(&request)?, precondition(&request)?);
    let (eyes, base) = (caller.clone(), app.config.public_url.clone());
    let span = span_of(&app, &request);
    let noting = span.clone();
    let answer = app
        .store
        .write(caller.actor(), move |write| {
            let (head, outcome) =
                write::update_with_patch::<T>(write, &eyes, &locator, patch, &precondition)?;
            note::<T>(&noting, action(outcome), [head.id.as_str()])?;
            answer_of_write::<T>(write, &eyes, &head, outcome, &base)
        })
        .await
        .inspect_err(|_| span.failed())?;
    Ok(written(answer.send(&request, &caller), &app))
}

pub(super) async fn delete<T: Document>(
    app: Data<App>,
    Writer(caller): Writer,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> Response {
    let (locator, precondition) = (locator(&request)?, precondition(&request)?);
    let span = span_of(&app, &request);
    let noting = span.clone();
    app.store
        .write(caller.actor(), move |write| {
            let (head, traces) = write::delete::<T>(write, &caller, &locator, &precondition)?;
            if let Some(traces) = traces {
                idempotency::forget(write.connection(), &traces)?;
            }
            note::<T>(&noting, Action::Delete, [head.id.as_str()])
        })
        .await
        .inspect_err(|_| span.failed())?;
    if T::STUB.is_some() {
        scrub(&app).await;
    }
    Ok(written(HttpResponse::NoContent().finish(), &app))
}

pub(super) async fn history<T: Document>(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    Query(parameters): Query<HistoryParameters>,
) -> Response {
    Format::of(&request, None, &[Format::Json])?;
    let (locator, eyes) = (locator(&request)?, caller.clone());
    let limit = parameters.limit.map_or(20, |limit| limit.0);
    let before = parameters.cursor.map(|position| position.0);
    let tag = ListTag::new(&request, &caller, "json");
    let span = span_of(&app, &request);
    let (etag, known, items, more) = app
        .store
        .read(move |db| {
            let head = find_live(db, &eyes, T::NAMING.type_, &locator)?;
            let (etag, known) = tag.at(changes::position(db)?);
            let (items, more) = changes::history(db, &eyes, &head, before, limit)?;
            note::<T>(&span, Action::History, [head.id.as_str()])?;
            Ok::<_, Error>((etag, known, items, more))
        })
        .await?;
    if known {
        return Ok(not_modified(&caller, &etag));
    }
    let next = items
        .last()
        .filter(|_| more)
        .map(|line| line.seq.to_string());
    let links = page_links(&app.config.public_url, &request, next.as_deref());
    let mut body = Map::new();
    body.insert(
        "items".into(),
        serde_json::to_value(&items).map_err(Error::from)?,
    );
    if let Some(next) = next {
        body.insert(
            "next".into(),
            with_cursor(&app.config.public_url, &request, Some(&next)).into(),
        );
    }
    let mut response = json(&caller, &etag, &body)?;
    response.headers_mut().insert(header::LINK, links);
    Ok(response)
}

pub(super) async fn version<T: Document>(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> Response {
    Format::of(&request, None, &[Format::Json])?;
    let (locator, eyes) = (locator(&request)?, caller.clone());
    let wanted = number(&request, "version")?;
    let span = span_of(&app, &request);
    let answer = app
        .store
        .read(move |db| {
            let head = find_live(db, &eyes, T::NAMING.type_, &locator)?;
            let document = changes::version(db, &eyes, &head, wanted)?;
            note::<T>(&span, Action::Version, [head.id.as_str()])?;
            Answer::document(200, &document, wanted)
        })
        .await?;
    Ok(answer.send(&request, &caller))
}
