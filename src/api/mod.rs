//! What all HTTP has in common. Knows no resource, but for the list of endpoints at the end.
//!
//! In reading order: one table of [`endpoint`]s makes both the routes and the [`openapi`]
//! document; requests are read by [`path`], [`query`], [`body`] and [`auth`]; answers are made by
//! [`respond`], [`list`], [`negotiate`] and [`problem`]; [`collection`] has the operations that every
//! collection has; [`admission`] and [`outermost`] are around it all.

pub mod admission;
pub mod auth;
pub mod body;
mod coding;
pub mod collection;
mod cors;
pub mod cursor;
mod drain;
pub mod endpoint;
pub mod handlers;
pub mod health;
pub mod idempotency;
pub mod list;
pub mod metrics;
pub mod negotiate;
pub mod openapi;
pub mod outermost;
pub mod path;
pub mod problem;
pub mod query;
pub mod respond;
pub mod schemas;
pub mod spool;
pub mod upload;
pub mod url;

use actix_web::http::Method;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, Route};

use crate::app::App;
use crate::{
    changes, exchange, keys, organisations, people, postcodes, privacy, projects, regions, search,
    stats, themes, vocabularies,
};
use endpoint::{Content, Endpoint};
use problem::Problem;
use query::{NoParameters, Query};

/// The version of the API document (`SemVer`); the major one stands in the address.
pub const API_VERSION: &str = "1.0.0";

/// Where the API begins.
pub const BASE: &str = "/api/v1";

/// All endpoints: one line for each slice.
pub fn endpoints() -> Vec<Endpoint> {
    let mut all = Vec::new();
    all.extend(regions::routes::endpoints());
    all.extend(organisations::routes::endpoints());
    all.extend(people::routes::endpoints());
    all.extend(privacy::routes::endpoints());
    all.extend(projects::routes::endpoints());
    all.extend(themes::routes::endpoints());
    all.extend(changes::routes::endpoints());
    all.extend(exchange::routes::endpoints());
    all.extend(stats::routes::endpoints());
    all.extend(search::routes::endpoints());
    all.extend(exchange::template::routes::endpoints());
    all.extend(exchange::package::routes::endpoints());
    all.extend(vocabularies::endpoints());
    all.extend(postcodes::endpoints());
    all.extend(keys::routes::endpoints());
    all.extend(document_endpoints());
    all
}

fn document_endpoints() -> Vec<Endpoint> {
    let about = "Open to every origin, without a key.";
    vec![
        Endpoint::new(
            Method::GET,
            "/openapi.json",
            "findOpenapiJson",
            "document",
            |r: Route| r.to(openapi_json),
        )
        .about("Read this document as JSON", about)
        .answers(
            200,
            "The document.",
            Content::Inline(Box::new(any_object())),
            &["ETag"],
        )
        .answers(
            304,
            "The caller has this already.",
            Content::Empty,
            &["ETag"],
        ),
        Endpoint::new(
            Method::GET,
            "/openapi.yaml",
            "findOpenapiYaml",
            "document",
            |r: Route| r.to(openapi_yaml),
        )
        .about("Read this document as YAML", about)
        .answers(
            200,
            "The document.",
            Content::Other("application/yaml"),
            &["ETag"],
        )
        .answers(
            304,
            "The caller has this already.",
            Content::Empty,
            &["ETag"],
        ),
    ]
}

fn any_object() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    utoipa::openapi::schema::ObjectBuilder::new().into()
}

/// The routes of the API, for the application.
pub fn configure(config: &mut web::ServiceConfig) {
    config.service(
        web::scope(BASE)
            .configure(|scope| endpoint::register(scope, &endpoints()))
            .default_service(web::route().to(handlers::not_found)),
    );
    config.configure(health::configure);
    config.configure(crate::web::configure);
    config.default_service(web::route().to(handlers::not_found));
}

async fn openapi_json(
    app: Data<App>,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    Ok(contract(
        &request,
        app.openapi_json.clone(),
        "application/json",
    ))
}

async fn openapi_yaml(
    app: Data<App>,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    Ok(contract(
        &request,
        app.openapi_yaml.clone(),
        "application/yaml",
    ))
}

fn contract(request: &HttpRequest, text: String, type_: &'static str) -> HttpResponse {
    let nobody = crate::register::Caller::default();
    let etag = format!("\"{}\"", respond::fingerprint(&[&text]));
    if respond::is_known(request, &etag) {
        return respond::not_modified(&nobody, &etag);
    }
    let mut response = HttpResponse::Ok();
    for (name, value) in respond::caching(&nobody) {
        response.insert_header((name, value));
    }
    response
        .insert_header(("etag", etag))
        .content_type(type_)
        .body(text)
}
