//! Who works for a postcode: for a visitor who knows where a child lives and not whom to call.

use std::collections::HashMap;

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Route};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::api::auth::Anyone;
use crate::api::collection::span_of;
use crate::api::endpoint::{Content, Endpoint};
use crate::api::negotiate::Format;
use crate::api::path::segment;
use crate::api::problem::{NOT_FOUND, Problem};
use crate::api::query::{NoParameters, Query};
use crate::api::respond::{ListTag, json, not_modified};
use crate::app::App;
use crate::changes;
use crate::organisations::{self, Organisation, OrganisationKind};
use crate::people::{self, PersonInRole};
use crate::regions::{self, Region};
use crate::register::fault::Place;
use crate::register::read::show;
use crate::register::{
    Caller, Contact, Document, Enumeration, Error, HeadRow, Issue, PostcodeArea, Result, heads,
};
use crate::store::AnyConnection;

/// Who works for a postcode.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PostcodeArea4)]
pub struct PostcodeView {
    /// The four digits.
    #[schema(examples("8081"))]
    postcode: String,
    /// The municipalities in which it lies.
    municipalities: Vec<Served>,
    /// The regions in which those municipalities are today.
    regions: Vec<Served>,
    /// The school partnerships that work there.
    school_partnerships: Vec<Served>,
    /// The other organisations that work there.
    organisations: Vec<Served>,
}

/// Someone who works for a postcode, and how to reach it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Served {
    /// The id of the document.
    #[schema(format = "uuid")]
    id: String,
    /// Its slug.
    #[schema(examples("gemeente-elburg"))]
    slug: String,
    /// Its name.
    #[schema(examples("Gemeente Elburg"))]
    name: String,
    /// Its own pages.
    #[schema(format = "uri")]
    website: Option<String>,
    /// How to reach it, as far as the caller may see.
    #[schema(value_type = Vec<Contact>)]
    contacts: Value,
    /// Whom to turn to there, with their roles.
    #[schema(value_type = Vec<PersonInRole>)]
    people: Value,
}

/// The route table.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, "/postcodes/{pc4}", "findPostcode", "lookups", |r: Route| {
            r.to(find_postcode)
        })
        .about(
            "Look up who works for a postcode",
            "The municipality, its regions and the school partnerships that serve a postcode, with their contacts; from the service areas of the organisations.",
        )
        .path_parameter(
            "pc4",
            "The four digits of the postcode.",
            utoipa::openapi::schema::ObjectBuilder::new()
                .schema_type(utoipa::openapi::schema::Type::String)
                .pattern(Some(r"^[1-9]\d{3}$"))
                .examples([serde_json::json!("8081")]),
        )
        .answers(200, "Who works there.", Content::Json("PostcodeArea4".into()), &["ETag"])
        .answers(304, "The caller has this already.", Content::Empty, &["ETag"])
        .problems(&[404])
        .schema::<PostcodeView>(),
    ]
}

async fn find_postcode(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> std::result::Result<HttpResponse, Problem> {
    Format::of(&request, None, &[Format::Json])?;
    let postcode = PostcodeArea::parse(&segment(&request, "pc4")?).map_err(|fault| Issue {
        place: Place::Path,
        location: "pc4".into(),
        fault,
    })?;
    let (tag, eyes) = (ListTag::new(&request, &caller, "json"), caller.clone());
    let span = span_of(&app, &request);
    let (etag, view) = app
        .store
        .read(move |db| {
            let (etag, known) = tag.at(changes::position(db)?);
            let view = if known {
                None
            } else {
                Some(serving(db, &eyes, &postcode)?)
            };
            if let Some(Some(view)) = &view {
                span.note_rows(view.people())?;
            }
            Ok::<_, Error>((etag, view))
        })
        .await?;
    match view {
        None => Ok(not_modified(&caller, &etag)),
        Some(None) => Err(Problem::with_detail(
            &NOT_FOUND,
            "Van geen organisatie in het register is bekend dat zij voor deze postcode werkt.",
            "No organisation in the register is known to work for this postcode.",
        )),
        Some(Some(view)) => Ok(json(&caller, &etag, &view)?),
    }
}

impl PostcodeView {
    /// The rows of people that it shows.
    fn people(&self) -> impl Iterator<Item = &Value> {
        let groups = [
            &self.municipalities,
            &self.regions,
            &self.school_partnerships,
            &self.organisations,
        ];
        groups.into_iter().flatten().map(|one| &one.people)
    }
}

/// Who works for a postcode, as far as the caller may know; `None` when that is no one.
fn serving(
    db: &mut AnyConnection,
    caller: &Caller,
    postcode: &PostcodeArea,
) -> Result<Option<PostcodeView>> {
    let direct = organisations::ids_serving_postcode(db, postcode)?;
    let direct = readable(db, caller, &direct)?;
    let (municipalities, mut others): (Vec<_>, Vec<_>) = direct
        .into_iter()
        .partition(|head| head.kind == OrganisationKind::Municipality.as_str());
    let ids: Vec<String> = municipalities.iter().map(|head| head.id.clone()).collect();
    let through = organisations::ids_serving_municipalities(db, ids.clone())?;
    for head in readable(db, caller, &through)? {
        let known = municipalities
            .iter()
            .chain(&others)
            .any(|other| other.id == head.id);
        if !known {
            others.push(head);
        }
    }
    if municipalities.is_empty() && others.is_empty() {
        return Ok(None);
    }
    others.sort_by(|a, b| (&a.name_key, &a.id).cmp(&(&b.name_key, &b.id)));
    let (partnerships, others): (Vec<_>, Vec<_>) = others
        .into_iter()
        .partition(|head| head.kind == OrganisationKind::SchoolPartnership.as_str());
    let regions = regions::containing(db, &ids, caller)?;
    Ok(Some(PostcodeView {
        postcode: postcode.as_str().to_owned(),
        municipalities: organisations_served(db, caller, &municipalities)?,
        regions: served::<Region>(db, caller, &regions, people::of_regions)?,
        school_partnerships: organisations_served(db, caller, &partnerships)?,
        organisations: organisations_served(db, caller, &others)?,
    }))
}

fn readable(db: &mut AnyConnection, caller: &Caller, ids: &[String]) -> Result<Vec<HeadRow>> {
    let mut rows = heads::load(db, ids)?;
    rows.retain(|head| caller.may_know(&head.id, &head.access()));
    rows.sort_by(|a, b| (&a.name_key, &a.id).cmp(&(&b.name_key, &b.id)));
    Ok(rows)
}

fn organisations_served(
    db: &mut AnyConnection,
    caller: &Caller,
    rows: &[HeadRow],
) -> Result<Vec<Served>> {
    served::<Organisation>(db, caller, rows, people::of_organisations)
}

type People = fn(&mut AnyConnection, &[String], &Caller) -> Result<HashMap<String, Value>>;

fn served<T: Document>(
    db: &mut AnyConnection,
    caller: &Caller,
    rows: &[HeadRow],
    people: People,
) -> Result<Vec<Served>> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let mut people = people(db, &ids, caller)?;
    let text = |document: &Map<String, Value>, name: &str| {
        document
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let documents = show::<T>(db, caller, rows)?;
    Ok(documents
        .into_iter()
        .zip(ids)
        .map(|(mut document, id)| Served {
            people: people.remove(&id).map(to_turn_to).unwrap_or_default(),
            id,
            slug: text(&document, "slug").unwrap_or_default(),
            name: text(&document, "name").unwrap_or_default(),
            website: text(&document, "website"),
            contacts: document.remove("contacts").unwrap_or_default(),
        })
        .collect())
}

/// Of the people in a view, those to turn to.
fn to_turn_to(mut rows: Value) -> Value {
    if let Some(rows) = rows.as_array_mut() {
        rows.retain(|row| row["isContact"] == true && row["status"] == "active");
    }
    rows
}
