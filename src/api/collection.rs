//! The operations that every collection has, once for all of them.

use actix_web::http::{Method, header};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, Route};
use deserr::Deserr;
use futures_util::stream;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use super::auth::{Anyone, Writer};
use super::body::{JsonObject, MergePatch};
use super::cursor;
use super::endpoint::{Content, Endpoint, JSON, MERGE_PATCH, Rights, items_of};
use super::idempotency;
use super::list::{Format, ListParameters, ShapeParameters, language};
use super::path::{locator, number};
use super::problem::Problem;
use super::query::{NoParameters, Query, Query2};
use super::respond::{Answer, ListTag, fingerprint, json, not_modified, precondition};
use super::table::Table;
use super::url::{page_links, with_cursor};
use crate::app::App;
use crate::changes;
use crate::register::filter::{Limit, Sequence};
use crate::register::heads::find_live;
use crate::register::read::{Position, Selection, count, find, page, show};
use crate::register::write::{self, Outcome};
use crate::register::{Caller, Document, Error, HeadRow, Issues, Result};
use crate::store::{AnyConnection, Write};

type Response = std::result::Result<HttpResponse, Problem>;

/// How many documents a streamed export loads at once.
const CHUNK: usize = 200;

/// The operations of a collection: list, create, find, replace, update, delete, history, versions.
pub fn endpoints<T: Document>() -> Vec<Endpoint> {
    let naming = T::NAMING;
    let (one, many, tag) = (naming.singular_id, naming.plural_id, naming.plural);
    let (list_path, path) = (format!("/{tag}"), format!("/{tag}/{{id}}"));
    let input = format!("{one}Input");
    let document = || Content::Json(one.to_owned());
    let includes: Vec<String> = T::INCLUDES
        .iter()
        .map(|(name, what)| format!("`{name}`: {what}"))
        .collect();
    let views = format!("Views that `include` can add: {}.", includes.join("; "));
    let if_match = "Only if the document still has this `ETag`; else 412.";
    vec![
        Endpoint::new(Method::GET, &list_path, format!("list{many}"), tag, |r: Route| r.to(list::<T>))
            .about(format!("List {tag}"), format!("{} Sorted by name unless asked otherwise. {views}", naming.description))
            .query::<T::Filters>()
            .query::<ListParameters>()
            .answers(200, "A page of the list, or all of it as CSV or NDJSON.", Content::Table(format!("{one}List")), &["ETag", "Link"])
            .answers(304, "The caller has this page already.", Content::Empty, &["ETag"])
            .problems(&[406])
            .schema::<T>(),
        Endpoint::new(Method::POST, &list_path, format!("create{one}"), tag, |r: Route| r.to(create::<T>))
            .about(format!("Create one of the {tag}"), "The slug is made of the name unless given. An editor's document belongs to the editor's organisation.")
            .only(Rights::Writers)
            .header(idempotency::HEADER, "A key of the caller's choice: the same key and body get the first answer again for 24 hours.", 255)
            .takes(&input, JSON)
            .answers(201, "The new document.", document(), &["ETag", "Location"])
            .problems(&[409]),
        Endpoint::new(Method::GET, &path, format!("find{one}"), tag, |r: Route| r.to(find_one::<T>))
            .about(format!("Read one of the {tag}"), views)
            .document()
            .query::<ShapeParameters>()
            .header("If-None-Match", "The `ETag` of an answer that the caller has; 304 when it still holds.", 1_000)
            .answers(200, "The document.", document(), &["ETag"])
            .answers(304, "The caller has this version already.", Content::Empty, &["ETag"])
            .answers(308, "The document has another address now.", Content::Empty, &["Location"])
            .problems(&[404, 410]),
        Endpoint::new(Method::PUT, &path, format!("replace{one}"), tag, |r: Route| r.to(replace::<T>))
            .about(
                format!("Create or replace one of the {tag}"),
                "By `scheme:value` or slug it creates what is not there yet, so that a script can send the same again and again. What is not named becomes empty, except `slug`, `visibility` and `steward`. A body that changes nothing makes no new version.",
            )
            .only(Rights::Writers)
            .document()
            .header("If-Match", if_match, 1_000)
            .header("If-None-Match", "`*`: only if there is no such document yet; else 412.", 1_000)
            .takes(&input, JSON)
            .answers(200, "The document as it is now.", document(), &["ETag"])
            .answers(201, "The new document.", document(), &["ETag", "Location"])
            .answers(308, "The document has another address now.", Content::Empty, &["Location"])
            .problems(&[404, 409, 410, 412]),
        Endpoint::new(Method::PATCH, &path, format!("update{one}"), tag, |r: Route| r.to(update::<T>))
            .about(
                format!("Change one of the {tag}"),
                "A JSON merge patch (RFC 7396): what is not named stays, `null` clears, a list is replaced only when it is named.",
            )
            .only(Rights::Writers)
            .document()
            .header("If-Match", if_match, 1_000)
            .takes(format!("{one}Patch"), MERGE_PATCH)
            .answers(200, "The document as it is now.", document(), &["ETag"])
            .answers(308, "The document has another address now.", Content::Empty, &["Location"])
            .problems(&[404, 409, 410, 412]),
        Endpoint::new(Method::DELETE, &path, format!("delete{one}"), tag, |r: Route| r.to(delete::<T>))
            .about(format!("Delete one of the {tag}"), "Refused with 409 while other documents refer to it. Its address then answers 410.")
            .only(Rights::Writers)
            .document()
            .header("If-Match", if_match, 1_000)
            .answers(204, "The document is gone.", Content::Empty, &[])
            .answers(308, "The document has another address now.", Content::Empty, &["Location"])
            .problems(&[404, 409, 410, 412]),
        Endpoint::new(Method::GET, format!("{path}/history"), format!("list{one}History"), tag, |r: Route| r.to(history::<T>))
            .about("List what happened to a document", "The lines of the change log for this document, the newest first.")
            .document()
            .query::<HistoryParameters>()
            .answers(200, "The lines.", items_of("Change"), &["ETag", "Link"])
            .answers(304, "The caller has these lines already.", Content::Empty, &["ETag"])
            .answers(308, "The document has another address now.", Content::Empty, &["Location"])
            .problems(&[404, 410])
            .schema::<changes::Change>(),
        Endpoint::new(Method::GET, format!("{path}/versions/{{version}}"), format!("find{one}Version"), tag, |r: Route| r.to(version::<T>))
            .about("Read a version of a document", "The document as it was at that version.")
            .document()
            .path_parameter("version", "The number of the version, from 1.", super::path::version_schema())
            .answers(200, "The document at that version.", document(), &["ETag"])
            .answers(304, "The caller has this already.", Content::Empty, &["ETag"])
            .answers(308, "The document has another address now.", Content::Empty, &["Location"])
            .problems(&[404, 410]),
    ]
}

/// The parameters of a document's history.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct HistoryParameters {
    /// How many lines a page has at most.
    #[deserr(default)]
    #[param(inline)]
    limit: Option<Limit>,
    /// The position of the last line seen; older lines follow.
    #[deserr(default)]
    #[param(inline)]
    cursor: Option<Sequence>,
}

/// Everything that a list request asks for.
struct ListRequest<T: Document> {
    selection: Selection<T::Filters>,
    shape: ShapeParameters,
    /// What binds a cursor to this list.
    name: String,
    after: Option<Position>,
    limit: usize,
    count: bool,
}

impl<T: Document> ListRequest<T> {
    fn new(
        secret: &[u8],
        filters: T::Filters,
        parameters: &ListParameters,
    ) -> std::result::Result<Self, Problem> {
        let shape = parameters.shape();
        let mut issues = shape.check::<T>().err().unwrap_or_default();
        let sort = parameters
            .sort()
            .map_err(|issue| issues.0.push(issue))
            .unwrap_or_default();
        issues.none_or_fail()?;
        let common = parameters.filters();
        let asked = serde_json::to_string(&filters).map_err(Error::from)?;
        let name = fingerprint(&[T::NAMING.plural, &asked, &format!("{common:?} {sort:?}")]);
        let cursor = parameters.cursor.as_ref();
        let after = cursor
            .map(|cursor| cursor::open(secret, &name, &cursor.0))
            .transpose()?;
        Ok(Self {
            selection: Selection {
                filters,
                common,
                sort,
            },
            shape,
            name,
            after,
            limit: parameters.limit.as_ref().map_or(20, |limit| limit.0),
            count: parameters.count.as_ref().is_some_and(|flag| flag.0),
        })
    }

    /// The documents of a page, the cursor of the next one, and the total when asked.
    #[expect(
        clippy::type_complexity,
        reason = "three values that are used right where it is called"
    )]
    fn load(
        &self,
        db: &mut AnyConnection,
        caller: &Caller,
        secret: &[u8],
    ) -> Result<(Vec<Map<String, Value>>, Option<String>, Option<i64>)> {
        let (rows, next) = page::<T>(db, caller, &self.selection, self.after.as_ref(), self.limit)?;
        let mut documents = show::<T>(db, caller, &rows)?;
        self.shape.apply::<T>(db, caller, &mut documents)?;
        let next = next
            .map(|next| cursor::seal(secret, &self.name, &next))
            .transpose()?;
        let total = self
            .count
            .then(|| count::<T>(db, caller, &self.selection))
            .transpose()?;
        Ok((documents, next, total))
    }
}

async fn list<T: Document>(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    Query2(filters, parameters): Query2<T::Filters, ListParameters>,
) -> Response {
    let format = Format::of(
        &request,
        parameters.format.as_ref(),
        &[Format::Json, Format::Csv, Format::Ndjson],
    )?;
    let mut wanted = ListRequest::<T>::new(&app.cursor_secret, filters, &parameters)?;
    let whole = format != Format::Json && parameters.limit.is_none();
    if whole {
        wanted.limit = CHUNK;
    }
    let language = language(request.headers());
    let (secret, eyes) = (app.cursor_secret.clone(), caller.clone());
    let form = format!("{} {}", format.content_type(), language.tag());
    let tag = ListTag::new(&request, &caller, &form);
    let (etag, wanted, page) = app
        .store
        .read(move |db| {
            let (etag, known) = tag.at(changes::position(db)?);
            let page = if known {
                None
            } else {
                Some(wanted.load(db, &eyes, &secret)?)
            };
            Ok::<_, Error>((etag, wanted, page))
        })
        .await?;
    let Some((documents, next, total)) = page else {
        return Ok(not_modified(&caller, &etag));
    };
    let links = page_links(&app.config.public_url, &request, next.as_deref());
    let mut response = match format {
        Format::Json => {
            let mut body = Map::new();
            body.insert(
                "items".into(),
                documents.into_iter().map(Value::Object).collect(),
            );
            if let Some(next) = &next {
                let url = with_cursor(&app.config.public_url, &request, Some(next));
                body.insert("next".into(), url.into());
            }
            if let Some(total) = total {
                body.insert("total".into(), total.into());
            }
            json(&caller, &etag, &body)?
        }
        Format::Csv | Format::Ndjson => {
            let bom = parameters.bom.as_ref().is_some_and(|flag| flag.0);
            let table = Table::new::<T>(format, &wanted.shape, language, bom);
            let first = table.start(&documents)?;
            let state = Export {
                app: app.clone(),
                caller: caller.clone(),
                wanted,
                table,
            };
            let rest = if whole { next } else { None };
            state.respond(first, rest, format, &etag)
        }
    };
    if !whole {
        response.headers_mut().insert(header::LINK, links);
    }
    Ok(response)
}

/// An export under way. Page after page is read as the caller takes it, so memory stays bounded
/// and no transaction is held open for a slow reader.
struct Export<T: Document> {
    app: Data<App>,
    caller: Caller,
    wanted: ListRequest<T>,
    table: Table,
}

impl<T: Document> Export<T> {
    fn respond(
        self,
        first: Bytes,
        next: Option<String>,
        format: Format,
        etag: &str,
    ) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        for (name, value) in super::respond::caching(&self.caller) {
            response.insert_header((name, value));
        }
        response
            .insert_header((header::ETAG, etag))
            .content_type(format.content_type());
        if next.is_none() {
            return response.body(first);
        }
        let parts = stream::try_unfold(
            (self, Some(first), next),
            |(mut export, first, next)| async {
                if let Some(first) = first {
                    return Ok::<_, Problem>(Some((first, (export, None, next))));
                }
                let Some(cursor) = next else { return Ok(None) };
                let secret = export.app.cursor_secret.clone();
                export.wanted.after = Some(cursor::open(&secret, &export.wanted.name, &cursor)?);
                let (caller, wanted) = (export.caller.clone(), export.wanted);
                let (wanted, (documents, next, _)) = export
                    .app
                    .store
                    .read(move |db| {
                        let page = wanted.load(db, &caller, &secret)?;
                        Ok::<_, Error>((wanted, page))
                    })
                    .await?;
                export.wanted = wanted;
                let part = export.table.rows(&documents)?;
                Ok(Some((part, (export, None, next))))
            },
        );
        response.streaming(Box::pin(parts))
    }
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

async fn create<T: Document>(
    app: Data<App>,
    Writer(caller): Writer,
    request: HttpRequest,
    _: Query<NoParameters>,
    JsonObject(body): JsonObject,
) -> Response {
    let repeatable = idempotency::of_request(&request, &body)?;
    let (eyes, base) = (caller.clone(), app.config.public_url.clone());
    let answer = app
        .store
        .write(caller.actor(), move |write| {
            idempotency::once(write, &eyes, repeatable.as_ref(), |write| {
                let head = write::create::<T>(write, &eyes, body)?;
                answer_of_write::<T>(write, &eyes, &head, Outcome::Created, &base)
            })
        })
        .await?;
    Ok(answer.send(&request, &caller))
}

async fn find_one<T: Document>(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    Query(shape): Query<ShapeParameters>,
) -> Response {
    Format::of(&request, None, &[Format::Json])?;
    shape.check::<T>()?;
    let (locator, eyes) = (locator(&request)?, caller.clone());
    let answer = app
        .store
        .read(move |db| {
            let (head, document) = find::<T>(db, &eyes, &locator)?;
            let mut documents = [document];
            shape.apply::<T>(db, &eyes, &mut documents)?;
            let [document] = documents;
            Answer::document(200, &document, head.version)
        })
        .await?;
    Ok(answer.send(&request, &caller))
}

async fn replace<T: Document>(
    app: Data<App>,
    Writer(caller): Writer,
    request: HttpRequest,
    _: Query<NoParameters>,
    JsonObject(body): JsonObject,
) -> Response {
    let (locator, precondition) = (locator(&request)?, precondition(&request)?);
    let (eyes, base) = (caller.clone(), app.config.public_url.clone());
    let answer = app
        .store
        .write(caller.actor(), move |write| {
            let (head, outcome) = write::replace::<T>(write, &eyes, &locator, body, &precondition)?;
            answer_of_write::<T>(write, &eyes, &head, outcome, &base)
        })
        .await?;
    Ok(answer.send(&request, &caller))
}

async fn update<T: Document>(
    app: Data<App>,
    Writer(caller): Writer,
    request: HttpRequest,
    _: Query<NoParameters>,
    MergePatch(patch): MergePatch,
) -> Response {
    let (locator, precondition) = (locator(&request)?, precondition(&request)?);
    let (eyes, base) = (caller.clone(), app.config.public_url.clone());
    let answer = app
        .store
        .write(caller.actor(), move |write| {
            let (head, outcome) =
                write::update_with_patch::<T>(write, &eyes, &locator, patch, &precondition)?;
            answer_of_write::<T>(write, &eyes, &head, outcome, &base)
        })
        .await?;
    Ok(answer.send(&request, &caller))
}

async fn delete<T: Document>(
    app: Data<App>,
    Writer(caller): Writer,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> Response {
    let (locator, precondition) = (locator(&request)?, precondition(&request)?);
    app.store
        .write(caller.actor(), move |write| {
            write::delete::<T>(write, &caller, &locator, &precondition)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn history<T: Document>(
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
    let (etag, known, items, more) = app
        .store
        .read(move |db| {
            let head = find_live(db, &eyes, T::NAMING.type_, &locator)?;
            let (etag, known) = tag.at(changes::position(db)?);
            let (items, more) = changes::history(db, &eyes, &head, before, limit)?;
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

async fn version<T: Document>(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> Response {
    Format::of(&request, None, &[Format::Json])?;
    let (locator, eyes) = (locator(&request)?, caller.clone());
    let wanted = number(&request, "version")?;
    let answer = app
        .store
        .read(move |db| {
            let head = find_live(db, &eyes, T::NAMING.type_, &locator)?;
            let document = changes::version(db, &eyes, &head, wanted)?;
            Answer::document(200, &document, wanted)
        })
        .await?;
    Ok(answer.send(&request, &caller))
}
