//! The operations on regions.

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Route};
use deserr::Deserr;
use utoipa::IntoParams;

use super::Region;
use super::views::{OrganisationRegion, RegionOrganisation, of_organisations, organisations_of};
use crate::api::auth::Anyone;
use crate::api::collection;
use crate::api::endpoint::{Content, Endpoint, items_of};
use crate::api::problem::Problem;
use crate::api::query::Query;
use crate::app::App;
use crate::organisations::Organisation;
use crate::register::{Day, Document, Issues};

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

async fn list_region_organisations(
    app: Data<App>,
    caller: Anyone,
    request: HttpRequest,
    Query(parameters): Query<AtParameters>,
) -> Result<HttpResponse, Problem> {
    let day = parameters.at.unwrap_or_else(Day::today);
    let view = move |db: &mut _, ids: &[String], caller: &_| organisations_of(db, ids, caller, day);
    collection::show_view::<Region>(app, caller, request, view).await
}

async fn list_organisation_regions(
    app: Data<App>,
    caller: Anyone,
    request: HttpRequest,
    Query(parameters): Query<AtParameters>,
) -> Result<HttpResponse, Problem> {
    let day = parameters.at.unwrap_or_else(Day::today);
    let view = move |db: &mut _, ids: &[String], caller: &_| of_organisations(db, ids, caller, day);
    collection::show_view::<Organisation>(app, caller, request, view).await
}
