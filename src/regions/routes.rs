//! The operations on regions.

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Route};
use deserr::Deserr;
use serde_json::Value;
use utoipa::IntoParams;

use super::Region;
use super::views::{OrganisationRegion, RegionOrganisation, of_organisations, organisations_of};
use crate::api::auth::Anyone;
use crate::api::collection;
use crate::api::endpoint::{Content, Endpoint, items_of};
use crate::api::negotiate::Format;
use crate::api::path::locator;
use crate::api::problem::Problem;
use crate::api::query::Query;
use crate::api::respond::{ListTag, json, not_modified};
use crate::app::App;
use crate::changes;
use crate::organisations::Organisation;
use crate::register::find::find_live;
use crate::register::{Day, Document, Error, Issues};

/// The route table: what every collection has, and two views.
pub fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = collection::endpoints::<Region>();
    endpoints.push(
        Endpoint::new(Method::GET, "/regions/{id}/organisations", "listRegionOrganisations", "regions", |r: Route| {
            r.to(list_region_organisations)
        })
        .about(
            "List who takes part in a region",
            "The municipalities and partners on a day, with role and dates. Uncertain dates count as far as they can reach.",
        )
        .document(Region::NAMING.example)
        .query::<AtParameters>()
        .answers(200, "The organisations: municipalities first.", items_of("RegionOrganisation"), &["ETag"])
        .answers(304, "The caller has this already.", Content::Empty, &["ETag"])
        .answers(308, "The region has another address now.", Content::Empty, &["Location"])
        .problems(&[404, 410])
        .schema::<RegionOrganisation>(),
    );
    endpoints.push(
        Endpoint::new(Method::GET, "/organisations/{id}/regions", "listOrganisationRegions", "organisations", |r: Route| {
            r.to(list_organisation_regions)
        })
        .about(
            "List the regions of an organisation",
            "The regions in which it takes part on a day, with role and dates. Uncertain dates count as far as they can reach.",
        )
        .document(Organisation::NAMING.example)
        .query::<AtParameters>()
        .answers(200, "The regions, by name.", items_of("OrganisationRegion"), &["ETag"])
        .answers(304, "The caller has this already.", Content::Empty, &["ETag"])
        .answers(308, "The organisation has another address now.", Content::Empty, &["Location"])
        .problems(&[404, 410])
        .schema::<OrganisationRegion>(),
    );
    endpoints
}

/// The parameters of the views.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct AtParameters {
    /// The day; today in UTC unless given.
    #[deserr(default)]
    #[param(inline)]
    at: Option<Day>,
}

type View = fn(
    &mut crate::store::AnyConnection,
    &[String],
    &crate::register::Caller,
    Day,
) -> crate::register::Result<std::collections::HashMap<String, Value>>;

async fn list_region_organisations(
    app: Data<App>,
    caller: Anyone,
    request: HttpRequest,
    query: Query<AtParameters>,
) -> Result<HttpResponse, Problem> {
    show_view::<Region>(app, caller, request, query, organisations_of).await
}

async fn list_organisation_regions(
    app: Data<App>,
    caller: Anyone,
    request: HttpRequest,
    query: Query<AtParameters>,
) -> Result<HttpResponse, Problem> {
    show_view::<Organisation>(app, caller, request, query, of_organisations).await
}

async fn show_view<T: Document>(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    Query(parameters): Query<AtParameters>,
    view: View,
) -> Result<HttpResponse, Problem> {
    Format::of(&request, None, &[Format::Json])?;
    let (locator, eyes) = (locator(&request)?, caller.clone());
    let (tag, day) = (
        ListTag::new(&request, &caller, "json"),
        parameters.at.unwrap_or_else(Day::today),
    );
    let (etag, rows) = app
        .store
        .read(move |db| {
            let head = find_live(db, &eyes, T::NAMING.type_, &locator)?;
            let (etag, known) = tag.at(changes::position(db)?);
            if known {
                return Ok((etag, None));
            }
            let rows = view(db, std::slice::from_ref(&head.id), &eyes, day)?.remove(&head.id);
            Ok::<_, Error>((etag, Some(rows.unwrap_or_else(|| Value::Array(Vec::new())))))
        })
        .await?;
    match rows {
        Some(rows) => Ok(json(&caller, &etag, &serde_json::json!({ "items": rows }))?),
        None => Ok(not_modified(&caller, &etag)),
    }
}
