//! Search, suggestions, and documents like one.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Route};
use deserr::Deserr;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::facets::FacetValue;
use super::hits::{Shown, documents, name, shown, text};
use super::index::View;
use super::parameters::{Asked, SearchParameters, tune};
use super::results::{SearchResults, Searching};
use super::suggest::{Suggestion, SuggestionGroup, suggest};
use super::warm::Page;
use super::words::names::{beginning, ends};
use super::{exports, similar};
use crate::api::auth::Anyone;
use crate::api::collection::span_of;
use crate::api::endpoint::{Content, Endpoint, items_of};
use crate::api::negotiate::Format;
use crate::api::path::locator;
use crate::api::problem::Problem;
use crate::api::query::Query;
use crate::api::respond::{ListTag, POSITION, json, json_text, not_modified};
use crate::api::url::{at_cursor, page_links};
use crate::app::App;
use crate::changes;
use crate::collections::{self, Collection};
use crate::privacy::processing::Action;
use crate::register::filter::{QueryText, Sequence, Words};
use crate::register::{Day, Error, Issues, Result, Text, find};

/// How long a search waits for a position of the change log.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many documents like one are given.
const SIMILAR: usize = 10;

/// The parameters of suggestions.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct SuggestParameters {
    /// What was typed so far; from two letters on there are suggestions.
    #[deserr(default)]
    #[param(inline)]
    q: Option<QueryText>,
    /// Only documents of these collections, with commas between.
    #[deserr(default, rename = "type")]
    #[param(inline, rename = "type")]
    type_: Option<Words>,
    /// The `Schakel-Position` of a write that must be found; waits for it, at most a second.
    #[deserr(default)]
    #[param(inline)]
    after: Option<Sequence>,
}

/// The parameters of documents like one.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct SimilarParameters {
    /// The `Schakel-Position` of a write that must be found; waits for it, at most a second.
    #[deserr(default)]
    #[param(inline)]
    after: Option<Sequence>,
}

/// Suggestions by collection.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Suggestions {
    /// The collections that have any, the one with the best first; ten suggestions in all.
    groups: Vec<SuggestionGroup>,
}

/// A document like another.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SimilarDocument {
    /// The id of the document.
    #[schema(format = "uuid")]
    id: String,
    /// Its slug.
    #[schema(examples("onderwijs-jeugdhulparrangementen"))]
    slug: String,
    /// Its name.
    #[schema(examples("Onderwijs-Jeugdhulparrangementen"))]
    name: String,
    /// What it is, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("Samen komen tot gezamenlijke uitgangspunten."))]
    summary: Option<String>,
    /// What both name: regions, organisations, themes and others.
    #[schema(value_type = Vec<crate::register::OrganisationRef>)]
    shared: Vec<Value>,
}

/// The route table.
pub fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = vec![
        Endpoint::new(Method::GET, "/search", "listSearchResults", "search", |r: Route| r.to(list_results))
            .about(
                "Search",
                "Documents by their words, in Dutch: plurals, the parts of compounds, words written apart or together, accents and small typos (a letter from five letters on, two from nine, behind the first one) make no difference, but what fits better comes first. Other names of documents and themes find what refers to them. What is written is found within a fraction of a second; `after` waits for it.",
            )
            .query::<SearchParameters>()
            .tuned(tune)
            .answers(200, "What was found; as CSV, NDJSON or a workbook all of it, unless `limit` asks for a page.", Content::Table("SearchResults".into()), &["ETag", "Link", "Schakel-Position"])
            .answers(304, "The caller has this already.", Content::Empty, &["ETag"])
            .problems(&[403, 406])
            .schema::<SearchResults<'_>>()
            .schema::<FacetValue<'_>>(),
        Endpoint::new(Method::GET, "/suggest", "listSuggestions", "search", |r: Route| r.to(list_suggestions))
            .about(
                "Complete what is typed",
                "Documents whose name, other name or label begins like what was typed, or has a word that does, written apart, joined or with a hyphen; one typo makes no difference from five letters on, behind the first one or two. At most ten.",
            )
            .query::<SuggestParameters>()
            .tuned(tune)
            .answers(200, "The suggestions.", Content::Json("Suggestions".into()), &["ETag"])
            .answers(304, "The caller has these already.", Content::Empty, &["ETag"])
            .schema::<Suggestions>(),
    ];
    endpoints.extend(collections::ALL.iter().map(similar_endpoint));
    endpoints
}

fn similar_endpoint(collection: &'static Collection) -> Endpoint {
    let naming = collection.naming;
    let (one, many) = (naming.singular_id, naming.plural);
    let path = format!("/{many}/{{id}}/similar");
    let handler = move |app: Data<App>,
                        caller: Anyone,
                        request: HttpRequest,
                        query: Query<SimilarParameters>| {
        list_similar(collection, app, caller, request, query)
    };
    Endpoint::new(Method::GET, path, format!("listSimilarTo{one}"), many, move |r: Route| r.to(handler))
        .about(
            format!("List {many} like one"),
            "Those that share most with it, the most alike first: themes, partners and regions, and then the words that tell most about it, of which a fair part must be shared where nothing else is.",
        )
        .document(naming.example)
        .query::<SimilarParameters>()
        .answers(200, "Documents like it.", items_of("SimilarDocument"), &["ETag"])
        .answers(304, "The caller has these already.", Content::Empty, &["ETag"])
        .answers(308, "The document has another address now.", Content::Empty, &["Location"])
        .problems(&[404, 410])
        .schema::<SimilarDocument>()
}

/// The state of the index that a request asks for.
pub(crate) async fn view_for(app: &App, after: Option<&Sequence>) -> Result<Arc<View>> {
    match after {
        Some(position) => app.search.view_after(position.0, PATIENCE).await,
        None => app.search.view(),
    }
}

async fn list_results(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    Query(parameters): Query<SearchParameters>,
) -> std::result::Result<HttpResponse, Problem> {
    let format = Format::of(&request, parameters.format.as_ref(), &Format::LISTS)?;
    let explained = parameters.explain.as_ref().is_some_and(|flag| flag.0);
    if explained && !caller.is_admin() {
        return Err(Error::Forbidden(Text {
            nl: "Alleen een beheerder krijgt te zien hoe de volgorde tot stand kwam.",
            en: "Only an administrator may see how the order came about.",
        })
        .into());
    }
    let asked = Asked::new(parameters)?;
    let view = view_for(&app, asked.parameters.after.as_ref()).await?;
    if format != Format::Json {
        return exports::export(&app, &caller, &request, asked, view, format).await;
    }
    let tag = ListTag::new(&request, &caller, "json").with(view.position);
    let (base, path) = (app.config.public_url.clone(), request.path().to_owned());
    let query = request.query_string().to_owned();
    let (eyes, secret) = (caller.clone(), app.cursor_secret.clone());
    let span = span_of(&app, &request);
    let (index, recent) = (app.search.clone(), app.store.recent());
    // Mostly all that is shown is in memory, and only how far the change log is has to be asked.
    let mut found = None;
    let (etag, position, page) = app
        .store
        .glance(move |db| {
            let (position, moment) = db.now()?;
            let (etag, known) = tag.at(position);
            if known {
                return Ok((etag, position, None));
            }
            let warm = index.0.warm.reader(&recent, &eyes, moment, Day::today());
            let wanted = format!("{position} {} {path}?{query}", view.position);
            if let Some(page) = warm.page(&wanted) {
                span.note(Action::List, page.people.iter().map(String::as_str))?;
                return Ok((etag, position, Some(page)));
            }
            let searching = Searching {
                index: &index,
                view: &view,
                caller: &eyes,
                asked: &asked,
                secret: &secret,
                address: &|cursor| at_cursor(&base, &path, &query, Some(cursor)),
                warm: &warm,
                span: &span,
            };
            let (body, cursor, people) = searching.results(db, &mut found)?;
            let page = Arc::new(Page {
                asked: wanted,
                body: body.into(),
                next: cursor,
                people,
            });
            warm.put_page(Arc::clone(&page));
            Ok::<_, Error>((etag, position, Some(page)))
        })
        .await?;
    let Some(page) = page else {
        return Ok(not_modified(&caller, &etag));
    };
    let links = page_links(&app.config.public_url, &request, page.next.as_deref());
    let mut response = json_text(&caller, &etag, page.body.clone());
    let headers = response.headers_mut();
    headers.insert(actix_web::http::header::LINK, links);
    headers.insert(POSITION, position.into());
    Ok(response)
}

async fn list_suggestions(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    Query(parameters): Query<SuggestParameters>,
) -> std::result::Result<HttpResponse, Problem> {
    Format::of(&request, None, &[Format::Json])?;
    let wanted = collections::named(parameters.type_.as_ref()).map_err(Error::from)?;
    let types = parameters.type_.is_some().then(|| {
        let names = wanted.iter().map(|one| one.naming.plural.to_owned());
        names.collect()
    });
    let view = view_for(&app, parameters.after.as_ref()).await?;
    let tag = ListTag::new(&request, &caller, "json").with(view.position);
    let (eyes, index) = (caller.clone(), app.search.clone());
    let (span, recent) = (span_of(&app, &request), app.store.recent());
    let (etag, groups) = app
        .store
        .glance(move |db| {
            let (position, moment) = db.now()?;
            let (etag, known) = tag.at(position);
            if known {
                return Ok((etag, None));
            }
            let q = parameters.q.as_ref().map_or("", |q| q.0.as_str());
            let ids = suggest(&index, &view, &eyes, q, types.clone())?;
            let warm = index.0.warm.reader(&recent, &eyes, moment, Day::today());
            let groups = groups(q, &shown(db, &eyes, &ids, &warm, (&span, Action::List))?);
            Ok::<_, Error>((etag, Some(groups)))
        })
        .await?;
    match groups {
        None => Ok(not_modified(&caller, &etag)),
        Some(groups) => Ok(json(&caller, &etag, &Suggestions { groups })?),
    }
}

/// Suggestions by their collections, in the order of the best of each.
fn groups(typed: &str, documents: &[Arc<Shown>]) -> Vec<SuggestionGroup> {
    let typed = beginning(typed);
    let mut groups: Vec<SuggestionGroup> = Vec::new();
    for one in documents {
        let name = one.name.clone();
        let fits = |name: &String| ends(name).iter().any(|end| end.starts_with(&typed));
        // The other name that was found, where the first one does not show why.
        let mut others = one.others.iter();
        let alternative = others.find(|other| !fits(&name) && fits(other)).cloned();
        let item = Suggestion {
            id: one.id.clone(),
            slug: one.slug.clone(),
            name,
            alternative,
        };
        match groups.iter_mut().find(|group| group.type_ == one.type_) {
            Some(group) => group.items.push(item),
            None => groups.push(SuggestionGroup {
                type_: one.type_.to_owned(),
                items: vec![item],
            }),
        }
    }
    groups
}

async fn list_similar(
    collection: &'static Collection,
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    Query(parameters): Query<SimilarParameters>,
) -> std::result::Result<HttpResponse, Problem> {
    Format::of(&request, None, &[Format::Json])?;
    let locator = locator(&request)?;
    let view = view_for(&app, parameters.after.as_ref()).await?;
    let tag = ListTag::new(&request, &caller, "json").with(view.position);
    let (eyes, index) = (caller.clone(), app.search.clone());
    let span = span_of(&app, &request);
    let (etag, items) = app
        .store
        .read(move |db| {
            let head = find::find_live(db, &eyes, collection.naming.type_, &locator)?;
            let (etag, known) = tag.at(changes::position(db)?);
            if known {
                return Ok((etag, None));
            }
            let Some(document) = (collection.show)(db, &eyes, std::slice::from_ref(&head))?.pop()
            else {
                return Err(Error::NotFound);
            };
            if collection.personal {
                span.note(Action::Read, [head.id.as_str()])?;
            }
            let plural = collection.naming.plural;
            let ids = similar::similar(&index, &view, &eyes, plural, &document, SIMILAR)?;
            let others = documents(db, &eyes, &ids, &span)?;
            let items: Vec<SimilarDocument> = others
                .iter()
                .map(|(_, other)| SimilarDocument {
                    id: text(other, "id"),
                    slug: text(other, "slug"),
                    name: name(other),
                    summary: super::hits::summary(other),
                    shared: similar::shared(&document, other),
                })
                .collect();
            Ok((etag, Some(items)))
        })
        .await?;
    match items {
        None => Ok(not_modified(&caller, &etag)),
        Some(items) => Ok(json(
            &caller,
            &etag,
            &serde_json::json!({ "items": items }),
        )?),
    }
}
