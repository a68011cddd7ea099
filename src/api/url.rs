//! The addresses of other pages of a list.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;

/// The address of the same list at another cursor; at its beginning without one.
pub fn with_cursor(base: &str, request: &HttpRequest, cursor: Option<&str>) -> String {
    at_cursor(base, request.path(), request.query_string(), cursor)
}

/// The same where the request itself is not at hand.
pub fn at_cursor(base: &str, path: &str, query: &str, cursor: Option<&str>) -> String {
    let kept = query
        .split('&')
        .filter(|pair| !pair.is_empty() && *pair != "cursor" && !pair.starts_with("cursor="))
        .map(str::to_owned);
    let query: Vec<String> = kept
        .chain(cursor.map(|cursor| format!("cursor={cursor}")))
        .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{base}{path}{mark}{}", query.join("&"))
}

/// The `Link` header (RFC 8288) with `first`, and `next` where there is a next page.
pub fn page_links(base: &str, request: &HttpRequest, next: Option<&str>) -> HeaderValue {
    let first = format!("<{}>; rel=\"first\"", with_cursor(base, request, None));
    let text = match next {
        Some(next) => {
            format!(
                "<{}>; rel=\"next\", {first}",
                with_cursor(base, request, Some(next))
            )
        }
        None => first,
    };
    // A query that was decoded without fault holds only what a header can.
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
