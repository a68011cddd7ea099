//! The operations on people, and the views of people on what they work for.

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Route};
use deserr::Deserr;
use utoipa::IntoParams;

use super::Person;
use super::filter::{RoleKinds, RoleStatuses};
use super::views::{PersonInRole, View, Wanted, in_organisations, in_projects, in_regions};
use crate::api::auth::Anyone;
use crate::api::collection;
use crate::api::endpoint::{Content, Endpoint, items_of};
use crate::api::problem::Problem;
use crate::api::query::Query;
use crate::app::App;
use crate::organisations::Organisation;
use crate::projects::Project;
use crate::regions::Region;
use crate::register::{Document, Issues};

/// The route table: what every collection has, and three views.
pub fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = collection::endpoints::<Person>();
    endpoints.push(
        view("/regions/{id}/people", "listRegionPeople", "regions", Region::NAMING.example, |r: Route| {
            r.to(list_region_people)
        })
        .about(
            "List the people of a region",
            "Roles in the region itself, and in organisations that may have been a partner in it during the role; a row for each role. Those to turn to come first, then by name.",
        ),
    );
    endpoints.push(
        view("/organisations/{id}/people", "listOrganisationPeople", "organisations", Organisation::NAMING.example, |r: Route| {
            r.to(list_organisation_people)
        })
        .about(
            "List the people of an organisation",
            "A row for each role in the organisation, now or before. Those to turn to come first, then by name.",
        ),
    );
    endpoints.push(
        view("/projects/{id}/team", "listProjectTeam", "projects", "onderwijs-jeugdhulparrangementen", |r: Route| {
            r.to(list_project_team)
        })
        .about(
            "List the team of a project",
            "A row for each role that names the project, now or before. Those to turn to come first, then by name.",
        ),
    );
    endpoints
}

fn view(
    path: &str,
    id: &str,
    tag: &'static str,
    example: &str,
    route: fn(Route) -> Route,
) -> Endpoint {
    Endpoint::new(Method::GET, path, id, tag, route)
        .document(example)
        .query::<RoleParameters>()
        .answers(
            200,
            "The people, a row for each role.",
            items_of("PersonInRole"),
            &["ETag"],
        )
        .answers(
            304,
            "The caller has this already.",
            Content::Empty,
            &["ETag"],
        )
        .answers(
            308,
            "The document has another address now.",
            Content::Empty,
            &["Location"],
        )
        .problems(&[404, 410])
        .schema::<PersonInRole>()
}

/// The parameters of the views.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct RoleParameters {
    /// Only roles of these kinds.
    #[deserr(default)]
    #[param(inline)]
    role: Option<RoleKinds>,
    /// Only roles in these states; all of them unless given.
    #[deserr(default)]
    #[param(inline)]
    status: Option<RoleStatuses>,
}

async fn list_region_people(
    app: Data<App>,
    caller: Anyone,
    request: HttpRequest,
    query: Query<RoleParameters>,
) -> Result<HttpResponse, Problem> {
    show_people::<Region>(app, caller, request, query, in_regions).await
}

async fn list_organisation_people(
    app: Data<App>,
    caller: Anyone,
    request: HttpRequest,
    query: Query<RoleParameters>,
) -> Result<HttpResponse, Problem> {
    show_people::<Organisation>(app, caller, request, query, in_organisations).await
}

async fn list_project_team(
    app: Data<App>,
    caller: Anyone,
    request: HttpRequest,
    query: Query<RoleParameters>,
) -> Result<HttpResponse, Problem> {
    show_people::<Project>(app, caller, request, query, in_projects).await
}

async fn show_people<T: Document>(
    app: Data<App>,
    caller: Anyone,
    request: HttpRequest,
    Query(parameters): Query<RoleParameters>,
    view: View,
) -> Result<HttpResponse, Problem> {
    let wanted = Wanted {
        kinds: parameters.role,
        statuses: parameters.status,
    };
    let view = move |db: &mut _, ids: &[String], caller: &_| view(db, ids, caller, &wanted);
    collection::show_view::<T>(app, caller, request, view).await
}
