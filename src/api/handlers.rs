//! What answers where no endpoint does: other methods, `OPTIONS`, unknown paths.

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, Resource, ResponseError, web};

use super::problem::{METHOD_NOT_ALLOWED, NOT_FOUND, Problem};

/// Answers every method of a resource that has no route: `OPTIONS` with the methods that have
/// one, anything else with 405 and the same list.
pub fn with_fallback(resource: Resource, allow: String) -> Resource {
    resource.default_service(web::route().to(move |request: HttpRequest| {
        let allow = allow.clone();
        async move {
            let mut response = if request.method() == Method::OPTIONS {
                HttpResponse::new(StatusCode::NO_CONTENT)
            } else {
                Problem::new(&METHOD_NOT_ALLOWED).error_response()
            };
            if let Ok(allow) = HeaderValue::from_str(&allow) {
                response.headers_mut().insert(header::ALLOW, allow);
            }
            response
        }
    }))
}

/// Answers a path that does not exist.
pub async fn not_found() -> HttpResponse {
    Problem::new(&NOT_FOUND).error_response()
}
