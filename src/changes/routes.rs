//! The change feed.

use actix_web::http::{Method, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Route};
use deserr::Deserr;
use serde_json::{Map, Value};
use utoipa::IntoParams;
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type};

use super::{Change, Changeset, Lines, changeset, feed, keep_note, position};
use crate::api::auth::{Anyone, Writer};
use crate::api::collection::span_of;
use crate::api::endpoint::{Content, Endpoint, Rights, one_or_more};
use crate::api::idempotency;
use crate::api::negotiate::Format;
use crate::api::path::segment;
use crate::api::problem::Problem;
use crate::api::query::{NoParameters, Query};
use crate::api::respond::{ListTag, caching, json, not_modified, written};
use crate::api::url::{page_links, with_cursor};
use crate::app::App;
use crate::collections;
use crate::privacy::erasure::scrub;
use crate::privacy::processing::Action;
use crate::register::filter::{Limit, RefText, Sequence, Words};
use crate::register::revert::revert;
use crate::register::{Caller, Error, Fault, Issue, Issues, Locator};

/// The route table.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, "/changes", "listChanges", "changes", |r: Route| {
            r.to(list_changes)
        })
        .about(
            "Follow what changes",
            "The change log in the order of commits, without gaps for a reader of everything. Applied from the start it gives exactly what the collections give. Ask again with the last `cursor` to follow. A document that can no longer be read appears as deleted.",
        )
        .query::<ChangesParameters>()
        .tuned(|name, schema| match name {
            "type" => schema["pattern"] = one_or_more(&types()).into(),
            "include" => schema["enum"] = serde_json::json!(["document"]),
            _ => {}
        })
        .answers(200, "The next lines.", page_schema(), &["ETag", "Link"])
        .answers(304, "Nothing was written since.", Content::Empty, &["ETag"])
        .schema::<Change>(),
        one(Endpoint::new(Method::GET, "/changesets/{id}", "findChangeset", "changes", |r: Route| {
            r.to(find_changeset)
        }))
        .about(
            "Read what was changed as one",
            "When, by whom, and what for. Its lines are those of `/changes` with this `changeset`.",
        )
        .answers(200, "The changeset.", Content::Json("Changeset".into()), &["ETag"])
        .answers(304, "The caller has this already.", Content::Empty, &["ETag"])
        .problems(&[404])
        .schema::<Changeset>(),
        one(Endpoint::new(Method::POST, "/changesets/{id}/revert", "revertChangeset", "changes", |r: Route| {
            r.to(revert_one)
        }))
        .about(
            "Undo what was changed as one",
            "What was made goes, what was changed becomes what it was, what was deleted comes back: as a changeset of its own. If any of it was changed since, nothing is done, and the problem names those documents. Merging and erasing cannot be undone, nor can the deletion of a person.",
        )
        .only(Rights::Writers)
        .answers(200, "What undid it.", Content::Json("Changeset".into()), &["Schakel-Position"])
        .problems(&[404, 409]),
    ]
}

/// The `{id}` of a changeset.
fn one(endpoint: Endpoint) -> Endpoint {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(250))
        .examples([serde_json::json!("01a20428-a9ad-7519-aa00-6b6cbcc8159b")]);
    endpoint.path_parameter(
        "id",
        "The changeset, as in its lines of `/changes`.",
        schema,
    )
}

/// The changeset that the path names. What is no UUID names none.
fn id_of(request: &HttpRequest) -> Result<String, Problem> {
    match Locator::parse(&segment(request, "id")?) {
        Some(Locator::Id(id)) => Ok(id),
        _ => Err(Error::NotFound.into()),
    }
}

/// The parameters of the feed.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ChangesParameters {
    /// The position last seen; without it the feed starts at the beginning.
    #[deserr(default)]
    #[param(inline)]
    cursor: Option<Sequence>,
    /// How many lines at most.
    #[deserr(default)]
    #[param(inline)]
    limit: Option<Limit>,
    /// Only documents of these types, with commas between: `region`, `organisation`.
    #[deserr(default, rename = "type")]
    #[param(inline, rename = "type")]
    type_: Option<Words>,
    /// Only what was changed as this one.
    #[deserr(default)]
    #[param(inline)]
    changeset: Option<RefText>,
    /// `document` adds each document as it was after the change.
    #[deserr(default)]
    #[param(inline)]
    include: Option<Words>,
}

/// The types of documents.
fn types() -> Vec<String> {
    collections::ALL
        .iter()
        .map(|one| one.naming.type_.to_owned())
        .collect()
}

impl ChangesParameters {
    fn check(&self) -> Result<(), Issues> {
        let mut issues = Issues::default();
        let mut within = |name: &str, given: &Option<Words>, allowed: Vec<String>| {
            if given
                .as_ref()
                .is_some_and(|words| !words.iter().all(|w| allowed.contains(w)))
            {
                issues
                    .0
                    .push(Issue::query(name, Fault::UnknownValue { allowed }));
            }
        };
        within("type", &self.type_, types());
        within("include", &self.include, vec!["document".into()]);
        issues.none_or_fail()
    }
}

fn page_schema() -> Content {
    let position = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(0))
        .description(Some(
            "The position up to which the log was read; ask on from here.",
        ))
        .examples([serde_json::json!(42)]);
    let next = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::Custom("uri".into())))
        .description(Some(
            "The address of the next lines; absent when there are none yet.",
        ));
    let items = ArrayBuilder::new()
        .description(Some("The lines, in the order of commits."))
        .items(utoipa::openapi::Ref::from_schema_name("Change"));
    let object = ObjectBuilder::new()
        .property("items", items)
        .required("items")
        .property("cursor", position)
        .required("cursor")
        .property("next", next);
    Content::Inline(Box::new(object.into()))
}

async fn list_changes(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    Query(parameters): Query<ChangesParameters>,
) -> Result<HttpResponse, Problem> {
    Format::of(&request, None, &[Format::Json])?;
    parameters.check()?;
    let tag = ListTag::new(&request, &caller, "json");
    let span = span_of(&app, &request);
    let eyes = caller.clone();
    let (etag, feed) = app
        .store
        .read(move |db| {
            let (etag, known) = tag.at(position(db)?);
            if known {
                return Ok((etag, None));
            }
            let lines = Lines {
                types: parameters.type_.as_ref().map(|words| words.0.clone()),
                changeset: parameters.changeset.as_ref().map(|id| id.0.clone()),
            };
            let after = parameters.cursor.map_or(0, |position| position.0);
            let limit = parameters.limit.map_or(20, |limit| limit.0);
            let feed = feed(
                db,
                &eyes,
                &lines,
                after,
                limit,
                parameters.include.is_some(),
            )?;
            let shown = feed.items.iter().filter(|item| item.document.is_some());
            let people = shown.filter(|item| {
                collections::by_type(&item.type_).is_ok_and(|collection| collection.personal)
            });
            span.note(Action::Export, people.map(|item| item.id.as_str()))?;
            Ok::<_, Error>((etag, Some(feed)))
        })
        .await?;
    let Some(feed) = feed else {
        return Ok(not_modified(&caller, &etag));
    };
    let next = feed.more.then(|| feed.cursor.to_string());
    let links = page_links(&app.config.public_url, &request, next.as_deref());
    let mut body = Map::new();
    body.insert(
        "items".into(),
        serde_json::to_value(&feed.items).map_err(Error::from)?,
    );
    body.insert("cursor".into(), Value::from(feed.cursor));
    if let Some(next) = next {
        let url = with_cursor(&app.config.public_url, &request, Some(&next));
        body.insert("next".into(), url.into());
    }
    let mut response = json(&caller, &etag, &body)?;
    response.headers_mut().insert(header::LINK, links);
    Ok(response)
}

async fn find_changeset(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    Format::of(&request, None, &[Format::Json])?;
    let (id, eyes) = (id_of(&request)?, caller.clone());
    let tag = ListTag::new(&request, &caller, "json");
    let (etag, known, found) = app
        .store
        .read(move |db| {
            let (etag, known) = tag.at(position(db)?);
            Ok::<_, Error>((etag, known, changeset(db, &eyes, &id)?))
        })
        .await?;
    if known {
        return Ok(not_modified(&caller, &etag));
    }
    Ok(json(&caller, &etag, &found)?)
}

async fn revert_one(
    app: Data<App>,
    Writer(caller): Writer,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (id, eyes) = (id_of(&request)?, caller.clone());
    let span = span_of(&app, &request);
    let noting = span.clone();
    let (done, personal) = app
        .store
        .write(caller.actor(), move |write| {
            let reverted = revert(write, &eyes, &id)?;
            for (action, person) in &reverted.people {
                noting.note(*action, [person.as_str()])?;
            }
            for traces in &reverted.traces {
                idempotency::forget(write.connection(), traces)?;
            }
            keep_note(write, &format!("revert {id}"))?;
            let own = write.changeset().to_owned();
            let all = Caller::command_line();
            let mut done = changeset(write.connection(), &all, &own)?;
            done.actor = done.actor.filter(|_| eyes.reads_all());
            Ok::<_, Error>((done, !reverted.traces.is_empty()))
        })
        .await
        .inspect_err(|_| span.failed())?;
    if personal {
        scrub(&app).await;
    }
    let body = serde_json::to_string(&done).map_err(Error::from)?;
    let mut response = HttpResponse::Ok();
    for (name, value) in caching(&caller) {
        response.insert_header((name, value));
    }
    let response = response.content_type("application/json").body(body);
    Ok(written(response, &app))
}
