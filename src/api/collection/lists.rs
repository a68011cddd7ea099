//! Lists: pages as JSON, and whole lists as CSV, NDJSON and workbooks.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde_json::{Map, Value};
use tokio::sync::oneshot;

use super::handlers::{note, span_of};
use crate::api::auth::Anyone;
use crate::api::cursor;
use crate::api::list::{ListParameters, ListQuery, ShapeParameters};
use crate::api::negotiate::{Format, language};
use crate::api::problem::Problem;
use crate::api::respond::{ListTag, POSITION, fingerprint, json, not_modified};
use crate::api::spool::{begun, failed as spooling, spool};
use crate::api::url::{page_links, with_cursor};
use crate::app::App;
use crate::changes;
use crate::exchange::flat::{ColumnNames, Columns, Flat};
use crate::exchange::table::{Style, Table};
use crate::privacy::processing::{Action, Span};
use crate::register::page::{Position, page};
use crate::register::read::{Selection, count, ids, show};
use crate::register::{
    Caller, Document, Error, Fault, HeadRow, Issue, Language, Result, Text, heads,
};
use crate::search::routes::view_for;
use crate::search::{self, Order, Search, View, Wish};
use crate::store::AnyConnection;

/// How many documents a streamed export loads at once.
const CHUNK: usize = 200;

/// Everything that a list request asks for.
struct ListRequest<T: Document> {
    selection: Selection<T::Filters>,
    shape: ShapeParameters,
    /// What is searched for, in which order, and in which state of the index: the same for all
    /// pages of an export.
    search: Option<Searching>,
    /// What binds a cursor to this list.
    name: String,
    after: Option<Position>,
    limit: usize,
    count: bool,
    /// Where it is noted whose data is read, and as what.
    span: Span,
    action: Action,
}

/// A list of what a search finds.
struct Searching {
    index: Search,
    view: Arc<View>,
    q: String,
    order: Vec<Order>,
    /// Whether there are filters, so that the database must be asked which documents they leave.
    filtered: bool,
}

impl<T: Document> ListRequest<T> {
    fn new(
        secret: &[u8],
        filters: T::Filters,
        parameters: &ListParameters,
        search: Option<Searching>,
        span: Span,
    ) -> std::result::Result<Self, Problem> {
        let (shape, sort) = (parameters.shape(), parameters.sort::<T>()?);
        let common = parameters.filters();
        let asked = serde_json::to_string(&filters).map_err(Error::from)?;
        let searched = search.as_ref().map(|search| (&search.q, &search.order));
        let order = format!("{common:?} {sort:?} {searched:?}");
        let name = fingerprint(&[T::NAMING.plural, &asked, &order]);
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
            search,
            name,
            after,
            limit: parameters.limit.as_ref().map_or(20, |limit| limit.0),
            count: parameters.count.as_ref().is_some_and(|flag| flag.0),
            span,
            action: Action::List,
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
        let (rows, next, found) = if let Some(search) = &self.search {
            let (rows, next, found) = self.found(search, db, caller)?;
            (rows, next, Some(found))
        } else {
            let after = self.after.as_ref();
            let (rows, next) = page::<T>(db, caller, &self.selection, after, self.limit)?;
            (rows, next, None)
        };
        let mut documents = show::<T>(db, caller, &rows)?;
        self.shape.apply::<T>(db, caller, &mut documents)?;
        note::<T>(
            &self.span,
            self.action,
            rows.iter().map(|row| row.id.as_str()),
        )?;
        self.shape.note_views(&self.span, &documents)?;
        let next = next
            .map(|next| cursor::seal(secret, &self.name, &next))
            .transpose()?;
        let total = match (self.count, found) {
            (false, _) => None,
            (true, Some(found)) => Some(found),
            (true, None) => Some(count::<T>(db, caller, &self.selection)?),
        };
        Ok((documents, next, total))
    }

    /// The heads of a page of what was found, where the next one begins, and how many there are.
    fn found(
        &self,
        search: &Searching,
        db: &mut AnyConnection,
        caller: &Caller,
    ) -> Result<(Vec<HeadRow>, Option<Position>, i64)> {
        let ids = search
            .filtered
            .then(|| ids::<T>(db, caller, &self.selection));
        let after = self.after.as_ref();
        let wish = Wish::new(&search.q, &search.order, after, self.limit);
        let wish = wish.within(T::NAMING.plural, ids.transpose()?);
        let found = search::search(&search.index, &search.view, caller, &wish)?;
        // What was hidden or deleted a moment ago is in the index still.
        let mut rows: HashMap<String, HeadRow> = heads::load(db, &found.ids)?
            .into_iter()
            .filter(|head| caller.may_know(&head.id, &head.access()))
            .map(|head| (head.id.clone(), head))
            .collect();
        let rows = found.ids.iter().filter_map(|id| rows.remove(id)).collect();
        let total = i64::try_from(found.total).unwrap_or(i64::MAX);
        Ok((rows, found.next, total))
    }
}

pub(super) async fn list<T: Document>(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    ListQuery {
        filters,
        parameters,
    }: ListQuery<T>,
) -> std::result::Result<HttpResponse, Problem> {
    let format = Format::of(&request, parameters.format.as_ref(), &Format::LISTS)?;
    if format.has_labels() && parameters.include.is_some() {
        let why = Text {
            nl: "Een tabel heeft geen plaats voor extra weergaven; vraag JSON of NDJSON.",
            en: "A table has no room for views; ask for JSON or NDJSON.",
        };
        return Err(Issue::query("include", Fault::Contradiction { why }).into());
    }
    let span = span_of(&app, &request);
    let search = searching::<T>(&app, &filters, &parameters).await?;
    let state = search.as_ref().map(|search| search.view.position);
    let secret = &app.cursor_secret;
    let wanted = ListRequest::<T>::new(secret, filters, &parameters, search, span)?;
    let language = language(request.headers());
    let form = format!("{} {}", format.content_type(), language.tag());
    let mut tag = ListTag::new(&request, &caller, &form);
    if let Some(state) = state {
        tag = tag.with(state);
    }
    let table = match format {
        Format::Json => None,
        rows => Some(table::<T>(&app, rows, &parameters, language)?),
    };
    let table = match table {
        Some(table) if parameters.limit.is_none() => {
            return export(&app, &caller, wanted, table, tag, format, language).await;
        }
        of_a_page => of_a_page,
    };
    let (secret, eyes) = (app.cursor_secret.clone(), caller.clone());
    let (etag, position, page) = app
        .store
        .read(move |db| {
            let position = changes::position(db)?;
            let (etag, known) = tag.at(position);
            let page = if known {
                None
            } else {
                Some(wanted.load(db, &eyes, &secret)?)
            };
            Ok::<_, Error>((etag, position, page))
        })
        .await?;
    let Some((documents, next, total)) = page else {
        return Ok(not_modified(&caller, &etag));
    };
    let links = page_links(&app.config.public_url, &request, next.as_deref());
    let mut response = if let Some(table) = table {
        let rows = table.whole(&documents)?;
        as_rows(&caller, &etag, format, language, T::NAMING.plural).body(rows)
    } else {
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
    };
    let headers = response.headers_mut();
    headers.insert(header::LINK, links);
    headers.insert(POSITION, position.into());
    Ok(response)
}

/// What writes documents of a collection in a form.
fn table<T: Document>(
    app: &App,
    format: Format,
    parameters: &ListParameters,
    language: Language,
) -> Result<Table> {
    let columns = Columns::of_type(T::NAMING.type_).ok_or(Error::NotFound)?;
    let headers = parameters.column_names.unwrap_or(ColumnNames::Paths);
    let flat = Flat::new(columns, headers, language);
    let flat = match &parameters.fields {
        Some(fields) => flat.only(fields),
        None => flat,
    };
    let style = Style {
        name: T::NAMING.plural,
        bom: parameters.bom.as_ref().is_some_and(|flag| flag.0),
        scratch: &app.config.scratch().map_err(spooling)?,
    };
    Table::new(format, Box::new(flat), &style)
}

/// The beginning of an answer in rows.
pub(crate) fn as_rows(
    caller: &Caller,
    etag: &str,
    format: Format,
    language: Language,
    name: &str,
) -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    for (name, value) in crate::api::respond::caching(caller) {
        response.insert_header((name, value));
    }
    response
        .insert_header((header::ETAG, etag))
        .content_type(format.content_type());
    if format.has_labels() {
        response.insert_header((header::CONTENT_LANGUAGE, language.tag()));
    }
    if let Some(disposition) = format.disposition(name) {
        response.insert_header((header::CONTENT_DISPOSITION, disposition));
    }
    response
}

/// A whole list, as it was at one position of the change log. It is read as fast as the database
/// gives it, and sent as fast as the caller takes it: what is between lies on a disk.
async fn export<T: Document>(
    app: &Data<App>,
    caller: &Caller,
    mut wanted: ListRequest<T>,
    mut table: Table,
    tag: ListTag,
    format: Format,
    language: Language,
) -> std::result::Result<HttpResponse, Problem> {
    wanted.limit = CHUNK;
    wanted.action = Action::Export;
    let folder = app.config.scratch().map_err(spooling)?;
    let (mut writer, reader) = spool(&folder).map_err(spooling)?;
    let (secret, eyes) = (app.cursor_secret.clone(), caller.clone());
    let (begin, beginning) = oneshot::channel();
    let store = app.store.clone();
    let work = async move {
        store
            .read(move |db| {
                let position = changes::position(db)?;
                let (etag, known) = tag.at(position);
                if known {
                    let _ = begin.send((etag, known, position));
                    return Ok(());
                }
                // What is wrong with the request shows in its first rows.
                let (mut documents, mut next, _) = wanted.load(db, &eyes, &secret)?;
                let _ = begin.send((etag, known, position));
                table.begin(&mut writer)?;
                loop {
                    table.add(&documents, &mut writer)?;
                    let Some(cursor) = next.filter(|_| !writer.is_left()) else {
                        break;
                    };
                    wanted.after = Some(cursor::open(&secret, &wanted.name, &cursor)?);
                    (documents, next, _) = wanted.load(db, &eyes, &secret)?;
                }
                table.end(&mut writer)?;
                writer.finish().map_err(spooling)
            })
            .await
    };
    let (etag, known, position) = begun(work, beginning).await?;
    if known {
        return Ok(not_modified(caller, &etag));
    }
    Ok(as_rows(caller, &etag, format, language, T::NAMING.plural)
        .insert_header((POSITION, position))
        .streaming(reader.stream()))
}

/// What a list is searched for, once the index is as far as the caller asks.
async fn searching<T: Document>(
    app: &App,
    filters: &T::Filters,
    parameters: &ListParameters,
) -> std::result::Result<Option<Searching>, Problem> {
    let Some((q, order)) = parameters.search::<T>()? else {
        return Ok(None);
    };
    let given = serde_json::to_value(filters).map_err(Error::from)?;
    let given = given.as_object().into_iter().flatten();
    let own = given.into_iter().any(|(_, value)| !value.is_null());
    Ok(Some(Searching {
        index: app.search.clone(),
        view: view_for(app, parameters.after.as_ref()).await?,
        q,
        order,
        filtered: own || parameters.filters().any(),
    }))
}
