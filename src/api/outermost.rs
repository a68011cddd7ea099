//! The outermost layer: what every answer has, whatever gave it.
//!
//! Here a problem gets its words, in the language of the caller and with the id of the request;
//! here a bare status of the HTTP layer becomes a problem too.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError, web};

use super::coding::Coding;
use super::cors::Origin;
use super::drain::Rest;
use super::negotiate::language;
use super::problem::Problem;
use super::respond::{VARY, has_any};
use super::{API_VERSION, BASE};
use crate::app::App;
use crate::register::Language;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every answer has.
const HEADERS: [(HeaderName, &str); 7] = [
    (HeaderName::from_static("api-version"), API_VERSION),
    (header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::STRICT_TRANSPORT_SECURITY,
        "max-age=31536000; includeSubDomains",
    ),
    (header::VARY, VARY),
];

/// The id of a request, for the log.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub(super) String);

/// Wraps the whole application.
///
/// # Errors
/// Only those of the layers inside, unchanged.
pub async fn outermost(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = request_id(request.headers());
    let method = request.method().clone();
    request.extensions_mut().insert(RequestId(id.clone()));
    let origin = Origin::of(&method, request.headers());
    let coding = Coding::of(&request);
    let rest = Rest::of(&mut request);
    coding.strip(&mut request);
    let mut response = next.call(request).await?.map_into_boxed_body();
    rest.read();
    if let Some(problem) = problem_of(&response) {
        write_problem(&mut response, &problem, &id);
    }
    let reading = matches!(method, Method::GET | Method::HEAD);
    let tagged = response.headers().contains_key(header::ETAG);
    if reading
        && tagged
        && response.status() == StatusCode::OK
        && has_any(response.request().headers())
    {
        *response.response_mut().status_mut() = StatusCode::NOT_MODIFIED;
        response = response.map_body(|_, _| BoxBody::new(()));
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    if let Some(app) = response.request().app_data::<web::Data<App>>().cloned() {
        origin.answer(&method, &app.config.cors_origins, response.headers_mut());
    }
    note(&response, &method, &id, started);
    Ok(coding.apply(response))
}

/// The answer to a request that the HTTP layer could not read, as it goes over the connection,
/// which is closed after it. The language of the caller is among what could not be read.
pub fn unreadable(app: &App, status: StatusCode) -> Vec<u8> {
    let id = uuid::Uuid::now_v7().to_string();
    let language = Language::Dutch;
    let docs = format!("{}/api/docs", app.config.public_url);
    let body = Problem::of_status(status).body(language, &docs, &id);
    let body = serde_json::to_string(&body).unwrap_or_default();
    app.metrics
        .count("unreadable", "unmatched", status.as_u16(), 0.0);
    log::info!(status = status.as_u16(), request = id.as_str(); "a request could not be read");
    let mut head = format!("HTTP/1.1 {status}\r\n");
    let (length, common) = (body.len().to_string(), HEADERS);
    let own = [
        ("content-type", "application/problem+json"),
        ("content-language", language.tag()),
        ("content-length", &length),
        ("connection", "close"),
        ("cache-control", "no-store"),
        ("access-control-allow-origin", "*"),
        ("x-request-id", &id),
    ];
    let common = common.iter().map(|(name, value)| (name.as_str(), *value));
    for (name, value) in own.into_iter().chain(common) {
        head.extend([name, ": ", value, "\r\n"]);
    }
    format!("{head}\r\n{body}").into_bytes()
}

/// Counts the request and writes its line in the log: no address, for that may hold anything, and
/// nothing of the body or the key.
fn note(response: &ServiceResponse<BoxBody>, method: &Method, id: &str, started: Instant) {
    let request = response.request();
    let route = request
        .match_pattern()
        .unwrap_or_else(|| "unmatched".to_owned());
    // A caller may invent methods, and each would be a figure of its own for ever.
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    let method = if known.contains(method) {
        method.as_str()
    } else {
        "other"
    };
    let (status, time) = (response.status().as_u16(), started.elapsed());
    if let Some(app) = request.app_data::<web::Data<App>>() {
        app.metrics
            .count(method, &route, status, time.as_secs_f64());
    }
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    log::info!(
        method = method, route = route.as_str(), status = status, micros = micros, request = id;
        "answered"
    );
}

/// The caller's own id when it is harmless in logs and headers, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    headers
        .get(&REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|id| (1..=64).contains(&id.len()))
        .filter(|id| {
            id.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        })
        .map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}

fn problem_of(response: &ServiceResponse) -> Option<Problem> {
    let given = response.response().extensions().get::<Problem>().cloned();
    let status = response.status();
    let bare = status.is_client_error() || status.is_server_error();
    given.or_else(|| bare.then(|| Problem::of_status(status)))
}

fn write_problem(response: &mut ServiceResponse, problem: &Problem, id: &str) {
    let request = response.request();
    let language = language(request.headers());
    let base = request
        .app_data::<web::Data<App>>()
        .map(|app| app.config.public_url.clone())
        .unwrap_or_default();
    let mut problem = problem.clone();
    let location = problem
        .facts
        .location
        .take()
        .map(|slug| moved_to(response, &base, &slug));
    let body = problem.body(language, &format!("{base}/api/docs"), id);
    let mut written = HttpResponse::build(problem.status_code());
    for (name, value) in response.headers() {
        written.append_header((name.clone(), value.clone()));
    }
    written.content_type("application/problem+json");
    written.insert_header((header::CONTENT_LANGUAGE, language.tag()));
    if let Some(location) = location {
        written.insert_header((header::LOCATION, location));
    }
    let body = serde_json::to_string(&body).unwrap_or_default();
    *response.response_mut() = written.body(body);
}

/// The address of the request with the present slug in it.
fn moved_to(response: &ServiceResponse, base: &str, slug: &str) -> String {
    let request = response.request();
    let mut path = request.match_pattern().unwrap_or_else(|| BASE.to_owned());
    for (name, value) in request.match_info().iter() {
        let value = if name == "id" { slug } else { value };
        path = path.replace(&format!("{{{name}}}"), value);
    }
    match request.query_string() {
        "" => format!("{base}{path}"),
        query => format!("{base}{path}?{query}"),
    }
}
