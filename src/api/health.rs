//! Whether the service lives, whether it is ready for requests, and its figures.

use actix_web::http::Method;
use actix_web::web::{self, Data};
use actix_web::{HttpResponse, Route};

use super::endpoint::{Endpoint, register};
use super::metrics;
use super::problem::Problem;
use crate::app::App;
use crate::changes;

/// The routes outside the API.
pub fn configure(config: &mut web::ServiceConfig) {
    let endpoints = [
        Endpoint::new(Method::GET, "/metrics", "metrics", "health", |r: Route| {
            r.to(metrics::show)
        }),
        Endpoint::new(Method::GET, "/health/live", "live", "health", |r: Route| {
            r.to(live)
        }),
        Endpoint::new(
            Method::GET,
            "/health/ready",
            "ready",
            "health",
            |r: Route| r.to(ready),
        ),
    ];
    register(config, &endpoints);
}

/// The process answers.
async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"status": "ok"}))
}

/// The database answers too.
async fn ready(app: Data<App>) -> Result<HttpResponse, Problem> {
    app.store.read(changes::position).await?;
    app.search.view()?;
    Ok(HttpResponse::Ok().json(serde_json::json!({"status": "ok"})))
}
