//! Views: what follows for one document from others, as a list under its address.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::span_of;
use crate::api::auth::Anyone;
use crate::api::negotiate::Format;
use crate::api::path::locator;
use crate::api::problem::Problem;
use crate::api::respond::{self, ListTag, not_modified};
use crate::app::App;
use crate::changes;
use crate::register::find::find_live;
use crate::register::{Caller, Document, Error, Result};
use crate::store::AnyConnection;

/// Answers with the rows of a view, which is asked for the documents with some ids and gives a
/// list for each.
pub(crate) async fn show_view<T: Document>(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    view: impl FnOnce(&mut AnyConnection, &[String], &Caller) -> Result<HashMap<String, Value>>
    + Send
    + 'static,
) -> std::result::Result<HttpResponse, Problem> {
    Format::of(&request, None, &[Format::Json])?;
    let (locator, eyes) = (locator(&request)?, caller.clone());
    let (tag, span) = (
        ListTag::new(&request, &caller, "json"),
        span_of(&app, &request),
    );
    let (etag, rows) = app
        .store
        .read(move |db| {
            let head = find_live(db, &eyes, T::NAMING.type_, &locator)?;
            let (etag, known) = tag.at(changes::position(db)?);
            if known {
                return Ok((etag, None));
            }
            let rows = view(db, std::slice::from_ref(&head.id), &eyes)?.remove(&head.id);
            span.note_rows(&rows)?;
            Ok::<_, Error>((etag, Some(rows.unwrap_or_else(|| Value::Array(Vec::new())))))
        })
        .await?;
    match rows {
        Some(rows) => Ok(respond::json(&caller, &etag, &json!({ "items": rows }))?),
        None => Ok(not_modified(&caller, &etag)),
    }
}
