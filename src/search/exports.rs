//! What a search finds as rows: CSV, NDJSON and workbooks, whole or a page of it.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value};
use tokio::sync::oneshot;

use super::ask::{Wish, search};
use super::hits::shown;
use super::index::View;
use super::parameters::Asked;
use super::results::wish;
use crate::api::collection::{as_rows, span_of};
use crate::api::cursor;
use crate::api::negotiate::{Format, language};
use crate::api::problem::Problem;
use crate::api::respond::{ListTag, POSITION, not_modified};
use crate::api::spool::{begun, failed as spooling, spool};
use crate::api::url::page_links;
use crate::app::App;
use crate::exchange::flat::FlatCell;
use crate::exchange::table::{Rows, Style, Table};
use crate::privacy::processing::Action;
use crate::register::{Caller, Day, Error, Fault, Issue, Issues, Result, Text};

/// How many hits are read at once: each time the whole search is made again.
const CHUNK: usize = 1_000;

/// The columns of a hit; what was found in its texts is in NDJSON only.
const COLUMNS: [&str; 6] = ["type", "id", "slug", "name", "summary", "matchedIn"];

struct Hits;

impl Rows for Hits {
    fn headers(&self) -> Vec<String> {
        COLUMNS.map(str::to_owned).to_vec()
    }

    fn rows(&self, hit: &Map<String, Value>) -> Vec<Vec<FlatCell>> {
        let cell = |name: &&str| match hit.get(*name) {
            Some(Value::Array(members)) => {
                let members: Vec<&str> = members.iter().filter_map(Value::as_str).collect();
                FlatCell::of_text(&members.join("; "))
            }
            value => FlatCell::of_text(value.and_then(Value::as_str).unwrap_or_default()),
        };
        vec![COLUMNS.iter().map(cell).collect()]
    }
}

/// Refuses what rows have no room for.
///
/// # Errors
/// Faults at those parameters.
fn check(asked: &Asked) -> std::result::Result<(), Issues> {
    let why = Text {
        nl: "Rijen hebben hier geen plaats voor; vraag JSON.",
        en: "Rows have no room for this; ask for JSON.",
    };
    let given = [
        ("facets", asked.parameters.facets.is_some()),
        ("explain", asked.parameters.explain.is_some()),
    ];
    let given = given.into_iter().filter(|(_, given)| *given);
    let issues = given.map(|(name, _)| Issue::query(name, Fault::Contradiction { why }));
    Issues(issues.collect()).none_or_fail()
}

/// All hits, or those of one page where a limit is given, as they are at one position of the change
/// log.
pub(super) async fn export(
    app: &Data<App>,
    caller: &Caller,
    request: &HttpRequest,
    asked: Asked,
    view: Arc<View>,
    format: Format,
) -> std::result::Result<HttpResponse, Problem> {
    check(&asked)?;
    let language = language(request.headers());
    let form = format!("{} {}", format.content_type(), language.tag());
    let tag = ListTag::new(request, caller, &form).with(view.position);
    let folder = app.config.scratch().map_err(spooling)?;
    let bom = asked.parameters.bom.as_ref().is_some_and(|flag| flag.0);
    let style = Style {
        name: "search",
        bom,
        scratch: &folder,
    };
    let mut table = Table::new(format, Box::new(Hits), &style)?;
    let (mut writer, reader) = spool(&folder).map_err(spooling)?;
    let (eyes, secret) = (caller.clone(), app.cursor_secret.clone());
    let (index, recent) = (app.search.clone(), app.store.recent());
    let (span, store) = (span_of(app, request), app.store.clone());
    let (begin, beginning) = oneshot::channel();
    let work = async move {
        let glancing = store.clone();
        store
            .read(move |db| {
                let db = &mut glancing.glance_in(db);
                let (position, moment) = db.now()?;
                let (etag, known) = tag.at(position);
                if known {
                    let _ = begin.send((etag, None, position));
                    return Ok(());
                }
                let warm = index.0.warm.reader(&recent, &eyes, moment, Day::today());
                let name = asked.name()?;
                let is_page = asked.parameters.limit.is_some();
                let action = if is_page {
                    Action::List
                } else {
                    Action::Export
                };
                let first = wish(db, &eyes, &asked, &name, &secret)?;
                let mut wanted = Wish {
                    limit: if is_page { first.limit } else { CHUNK },
                    ..first
                };
                let mut begin = Some(begin);
                table.begin(&mut writer)?;
                loop {
                    let found = search(&index, &view, &eyes, &wanted)?;
                    let documents = shown(db, &eyes, &found.ids, &warm, (&span, action))?;
                    let hits = documents.iter().map(|one| one.hit(&found.sought));
                    let hits: Result<Vec<Map<String, Value>>> =
                        hits.map(|hit| object(&hit)).collect();
                    table.add(&hits?, &mut writer)?;
                    if let Some(begin) = begin.take() {
                        let next = found.next.as_ref().filter(|_| is_page);
                        let next = next.map(|next| cursor::seal(&secret, &name, next));
                        let _ = begin.send((etag.clone(), Some(next.transpose()?), position));
                    }
                    wanted.after = found.next;
                    if is_page || wanted.after.is_none() || writer.is_left() {
                        break;
                    }
                }
                table.end(&mut writer)?;
                writer.finish().map_err(spooling)
            })
            .await
    };
    let (etag, next, position) = begun(work, beginning).await?;
    let Some(next) = next else {
        return Ok(not_modified(caller, &etag));
    };
    let links = page_links(&app.config.public_url, request, next.as_deref());
    Ok(as_rows(caller, &etag, format, language, "search")
        .insert_header((POSITION, position))
        .insert_header((header::LINK, links))
        .streaming(reader.stream()))
}

fn object(hit: &impl serde::Serialize) -> Result<Map<String, Value>> {
    match serde_json::to_value(hit)? {
        Value::Object(object) => Ok(object),
        _ => Err(Error::Internal("a hit is an object".into())),
    }
}
