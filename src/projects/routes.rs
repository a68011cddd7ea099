//! The operations on projects.

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Route};

use super::{Project, RegionProject, of_regions};
use crate::api::auth::Anyone;
use crate::api::collection;
use crate::api::endpoint::{Content, Endpoint, items_of};
use crate::api::problem::Problem;
use crate::api::query::{NoParameters, Query};
use crate::app::App;
use crate::regions::Region;
use crate::register::Document;

/// The route table: what every collection has, and the projects of a region.
pub fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = collection::endpoints::<Project>();
    endpoints.push(
        Endpoint::new(Method::GET, "/regions/{id}/projects", "listRegionProjects", "regions", |r: Route| {
            r.to(list_region_projects)
        })
        .about(
            "List the projects of a region",
            "Those that name it, or a municipality that was in it while they ran, by name. `/projects?region=` gives the same in pages, with every member and more filters.",
        )
        .document(Region::NAMING.example)
        .answers(200, "The projects.", items_of("RegionProject"), &["ETag"])
        .answers(304, "The caller has this already.", Content::Empty, &["ETag"])
        .answers(308, "The region has another address now.", Content::Empty, &["Location"])
        .problems(&[404, 410])
        .schema::<RegionProject>(),
    );
    endpoints
}

async fn list_region_projects(
    app: Data<App>,
    caller: Anyone,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    collection::show_view::<Region>(app, caller, request, of_regions).await
}
