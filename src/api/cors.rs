//! Which web pages may use the API from a browser (the CORS part of the Fetch standard).
//!
//! Reading is open to every page, with or without a key, and says so with `*`, so that caches may
//! keep one answer for all. Writing is for the pages that are configured. A crate for this would
//! have one policy for the whole application, where here it depends on the method.

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// The headers that a page may send.
const SENT: &str = "Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, \
    If-Match, If-None-Match, X-Request-Id";

/// The headers that a page may read, beside those that it always may.
const READ: &str = "API-Version, Content-Disposition, Content-Language, ETag, Link, Location, \
    RateLimit, RateLimit-Policy, Retry-After, Schakel-Position, X-Request-Id";

/// How long a browser may keep the answer to its question, in seconds.
const MAXIMUM_AGE: &str = "3600";

/// What varies an answer to a request that writes; see `respond::VARY`.
const VARY_WITH_ORIGIN: &str = "Accept, Accept-Encoding, Accept-Language, Authorization, Origin";

/// What the request told of the page behind it.
pub(super) struct Origin {
    origin: Option<HeaderValue>,
    asked: Option<Method>,
}

impl Origin {
    pub(super) fn of(method: &Method, headers: &HeaderMap) -> Self {
        let asked = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD);
        Self {
            origin: headers.get(header::ORIGIN).cloned(),
            asked: asked
                .filter(|_| *method == Method::OPTIONS)
                .and_then(|asked| Method::from_bytes(asked.as_bytes()).ok()),
        }
    }

    /// Tells the browser what the page may do.
    pub(super) fn answer(&self, method: &Method, origins: &[String], headers: &mut HeaderMap) {
        let reading = |method| matches!(method, &Method::GET | &Method::HEAD | &Method::OPTIONS);
        let mut set = |name: HeaderName, value: HeaderValue| headers.insert(name, value);
        if reading(self.asked.as_ref().unwrap_or(method)) {
            set(
                header::ACCESS_CONTROL_ALLOW_ORIGIN,
                HeaderValue::from_static("*"),
            );
        } else {
            set(header::VARY, HeaderValue::from_static(VARY_WITH_ORIGIN));
            let origin = self.origin.as_ref();
            match origin.filter(|origin| origins.iter().any(|one| *origin == one.as_str())) {
                Some(origin) => set(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()),
                None => return,
            };
        }
        if self.asked.is_none() {
            set(
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static(READ),
            );
            return;
        }
        let allow = headers.get(header::ALLOW).cloned();
        let mut set = |name: HeaderName, value: HeaderValue| headers.insert(name, value);
        if let Some(allow) = allow {
            set(header::ACCESS_CONTROL_ALLOW_METHODS, allow);
        }
        set(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static(SENT),
        );
        set(
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static(MAXIMUM_AGE),
        );
    }
}
