//! What people look at in a browser: the documentation of the API, and what each problem means.
//!
//! Every file is in the binary; nothing is loaded from elsewhere, so the pages work without a
//! network and tell no one who reads them. And what finders of a weakness look for.

mod problems;

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Route, web};
use maud::{DOCTYPE, Markup, html};

use crate::api::endpoint::{Endpoint, register};
use crate::api::problem::{NOT_FOUND, Problem};
use crate::api::query::{NoParameters, Query};
use crate::app::App;
use crate::register::Day;

/// What a page may load: its own files, and the styles that the viewer writes into itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// The files of the viewer that the page uses.
const VIEWER: [&str; 2] = ["swagger-ui.css", "swagger-ui-bundle.js"];

/// Starts the viewer and mends what it lacks.
const START: &str = include_str!("assets/start.js");

/// The styles of the pages.
const STYLE: &str = include_str!("assets/schakel.css");

/// For how long security.txt holds, in seconds.
const VALIDITY: i64 = 180 * 24 * 60 * 60;

/// The routes of the pages.
pub fn configure(config: &mut web::ServiceConfig) {
    let endpoints = [
        Endpoint::new(Method::GET, "/api/docs", "docs", "web", |r: Route| {
            r.to(docs)
        }),
        Endpoint::new(
            Method::GET,
            "/api/docs/problems",
            "problems",
            "web",
            |r: Route| r.to(problems::show),
        ),
        Endpoint::new(
            Method::GET,
            "/api/docs/assets/{name}",
            "asset",
            "web",
            |r: Route| r.to(asset),
        ),
        Endpoint::new(
            Method::GET,
            "/.well-known/security.txt",
            "securityTxt",
            "web",
            |r: Route| r.to(security_txt),
        ),
    ];
    register(config, &endpoints);
}

/// A whole page with a body, in Dutch unless its parts say otherwise.
fn page(title: &str, assets: &str, body: &Markup) -> HttpResponse {
    let page = html! {
        (DOCTYPE)
        html lang="nl" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="stylesheet" href={ (assets) "/schakel.css" };
                link rel="icon" href="data:,";
                @if assets == "docs/assets" {
                    link rel="stylesheet" href={ (assets) "/swagger-ui.css" };
                }
            }
            body { (body) }
        }
    };
    file("text/html; charset=utf-8", page.into_string())
}

fn file(type_: &str, body: impl actix_web::body::MessageBody + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((HeaderName::from_static("content-security-policy"), POLICY))
        .insert_header((header::CACHE_CONTROL, "public, max-age=0, must-revalidate"))
        .content_type(type_)
        .body(body)
}

async fn docs(_: Query<NoParameters>) -> HttpResponse {
    page(
        "Schakel: documentatie van de API",
        "docs/assets",
        &html! {
            header {
                h1 { "Schakel" }
                p {
                    "Het open register van wie in de regio samenwerkt rond jeugd en onderwijs. "
                    a href="docs/problems" { "Wat elke foutmelding betekent" } " · "
                    a href="v1/openapi.json" { "OpenAPI als JSON" } " · "
                    a href="v1/openapi.yaml" { "als YAML" }
                }
                p.en lang="en" {
                    "The open register of who works together for young people in a region. "
                    a href="docs/problems" { "What each problem means" }
                }
            }
            main lang="en" {
                div #viewer {}
                noscript lang="nl" {
                    p { "Deze pagina toont het OpenAPI-document met JavaScript; zonder JavaScript is het hierboven te lezen." }
                }
            }
            script src="docs/assets/swagger-ui-bundle.js" {}
            script src="docs/assets/start.js" {}
        },
    )
}

/// Whom to tell of a weakness (RFC 9116).
///
/// It never holds longer than half a year, so that a copy of a service that is no more does not
/// send anyone to a dead address for long. It changes once a day.
async fn security_txt(app: Data<App>, _: Query<NoParameters>) -> HttpResponse {
    let expires = Day::today().start().plus_seconds(VALIDITY);
    let text = format!(
        "Contact: {}\nExpires: {expires}\nPreferred-Languages: nl, en\nCanonical: {}/.well-known/security.txt\n",
        app.config.security_contact, app.config.public_url,
    );
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=0, must-revalidate"))
        .content_type("text/plain; charset=utf-8")
        .body(text)
}

async fn asset(request: HttpRequest, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    match request.match_info().query("name") {
        "schakel.css" => Ok(file("text/css; charset=utf-8", STYLE)),
        "start.js" => Ok(file("text/javascript; charset=utf-8", START)),
        name if VIEWER.contains(&name) => {
            let config = Arc::new(utoipa_swagger_ui::Config::from(""));
            match utoipa_swagger_ui::serve(name, config) {
                Ok(Some(found)) => Ok(file(&found.content_type, found.bytes.into_owned())),
                _ => Err(Problem::new(&NOT_FOUND)),
            }
        }
        _ => Err(Problem::new(&NOT_FOUND)),
    }
}
