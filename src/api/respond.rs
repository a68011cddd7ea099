//! Answers: their entity tags, their caching, and conditional requests.

use actix_web::body::MessageBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use utoipa::openapi::schema::ObjectBuilder;

use super::problem::Problem;
use crate::app::App;
use crate::register::write::Precondition;
use crate::register::{Caller, Fault, Issue, Result, Text};

/// What varies an answer: its form, its compression, its language, its reader.
pub(super) const VARY: &str = "Accept, Accept-Encoding, Accept-Language, Authorization";

/// A finished JSON answer about one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The address of a new document.
    pub location: Option<String>,
    /// The entity tag, with its quotes.
    pub etag: String,
    /// The JSON.
    pub body: String,
}

impl Answer {
    /// An answer that shows a document.
    ///
    /// The entity tag is the version, which `If-Match` compares, and a hash of the bytes, which
    /// makes it strong: two forms of one version (other fields, other readers, a contact that
    /// lapsed today) never share a tag.
    ///
    /// # Errors
    /// Never, unless a document cannot be written as JSON, which is a defect.
    pub fn document(status: u16, document: &Map<String, Value>, version: i64) -> Result<Self> {
        let body = serde_json::to_string(document)?;
        let etag = format!("\"{version}-{}\"", fingerprint(&[&body]));
        Ok(Self {
            status,
            location: None,
            etag,
            body,
        })
    }

    /// Sends it; 304 when the caller has it already.
    pub fn send(self, request: &HttpRequest, caller: &Caller) -> HttpResponse {
        if self.status == 200 && is_known(request, &self.etag) {
            return not_modified(caller, &self.etag);
        }
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = HttpResponse::build(status);
        for (name, value) in caching(caller) {
            response.insert_header((name, value));
        }
        response.insert_header((header::ETAG, self.etag));
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        response.content_type("application/json").body(self.body)
    }
}

/// How far the change log is, for those who write and then search.
pub const POSITION: HeaderName = HeaderName::from_static("schakel-position");

/// Adds to the answer of a write how far the change log is with it.
pub fn written(mut response: HttpResponse, app: &App) -> HttpResponse {
    let position = HeaderValue::from(app.store.written());
    response.headers_mut().insert(POSITION, position);
    response
}

/// A short hash of texts, for entity tags and for telling requests apart.
pub fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    base16ct::lower::encode_string(&hash.finalize()[..10])
}

/// How long and for whom an answer may be kept. Nothing that is read without a key is secret, and
/// websites and dashboards need it cached; what a key shows stays with its holder.
pub fn caching(caller: &Caller) -> [(HeaderName, &'static str); 2] {
    let control = match caller.0 {
        None => "public, max-age=0, must-revalidate",
        Some(_) => "private, no-store",
    };
    [(header::CACHE_CONTROL, control), (header::VARY, VARY)]
}

/// The entity tags of an answer that depends on the whole register: made of the position of the
/// change log and everything in the request that shapes the answer, so that a 304 needs no other
/// query. It can be sent to the thread that asks the database, unlike the request itself.
#[derive(Clone, Debug)]
pub struct ListTag {
    parts: Vec<String>,
    known: Option<Vec<String>>,
}

impl ListTag {
    /// For a request, a reader, and the form and language of the answer.
    pub fn new(request: &HttpRequest, caller: &Caller, form: &str) -> Self {
        let reader = caller.0.as_ref().map_or("", |key| key.id.as_str());
        // Contacts lapse and periods end at midnight, without a line in the log.
        let today = crate::register::Day::today().to_string();
        let parts = [request.path(), request.query_string(), form, reader, &today];
        Self {
            parts: parts.map(str::to_owned).into(),
            known: values(request.headers(), &header::IF_NONE_MATCH),
        }
    }

    /// The same for an answer that depends on something else, too.
    #[must_use]
    pub fn with(mut self, other: i64) -> Self {
        self.parts.push(other.to_string());
        self
    }

    /// The tag at a position, and whether the caller has the answer with that tag already.
    pub fn at(&self, position: i64) -> (String, bool) {
        let position = position.to_string();
        let parts: Vec<&str> = self
            .parts
            .iter()
            .map(String::as_str)
            .chain([position.as_str()])
            .collect();
        let etag = format!("\"{}\"", fingerprint(&parts));
        let known = self.known.as_ref().is_some_and(|tags| holds(tags, &etag));
        (etag, known)
    }
}

/// Whether a tag is among these. `*` is not looked at here: it holds for any answer there is, and
/// that is known only when the work is done (see the outermost layer).
fn holds(tags: &[String], etag: &str) -> bool {
    tags.iter().any(|tag| weak(tag) == weak(etag))
}

/// Whether the caller says it has this answer (`If-None-Match`, weak comparison).
pub fn is_known(request: &HttpRequest, etag: &str) -> bool {
    values(request.headers(), &header::IF_NONE_MATCH).is_some_and(|tags| holds(&tags, etag))
}

fn weak(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// Whether the caller has any answer at all (`If-None-Match: *`).
pub fn has_any(headers: &HeaderMap) -> bool {
    values(headers, &header::IF_NONE_MATCH).is_some_and(|tags| tags == ["*"])
}

/// Tells the caller that it has the answer already.
pub fn not_modified(caller: &Caller, etag: &str) -> HttpResponse {
    let mut response = HttpResponse::NotModified();
    for (name, value) in caching(caller) {
        response.insert_header((name, value));
    }
    response.insert_header((header::ETAG, etag)).finish()
}

/// A JSON answer that depends on the whole register.
///
/// # Errors
/// Never, unless it cannot be written as JSON, which is a defect.
pub fn json(caller: &Caller, etag: &str, value: &impl Serialize) -> Result<HttpResponse> {
    Ok(json_text(caller, etag, serde_json::to_string(value)?))
}

/// The same of JSON that was written before.
pub fn json_text(caller: &Caller, etag: &str, body: impl MessageBody + 'static) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    for (name, value) in caching(caller) {
        response.insert_header((name, value));
    }
    response.insert_header((header::ETAG, etag));
    response.content_type("application/json").body(body)
}

/// The members of a comma-separated header, over all its lines.
pub(super) fn values(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let mut lines = headers.get_all(name).peekable();
    lines.peek()?;
    Some(
        lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .map(|tag| tag.trim().to_owned())
            .filter(|tag| !tag.is_empty())
            .collect(),
    )
}

/// The schema of `If-Match`: one or more entity tags, or `*`.
pub fn if_match() -> ObjectBuilder {
    ObjectBuilder::new()
        .pattern(Some(r#"^(\*|(W/)?"[^",]*"(, ?(W/)?"[^",]*")*)$"#))
        .max_length(Some(1_000))
        .examples([serde_json::json!("\"3-8d2f1c0a9b7e6d5c4b3a\"")])
}

/// The schema of `If-None-Match` of a write.
pub fn if_none() -> ObjectBuilder {
    ObjectBuilder::new().enum_values(Some(["*"]))
}

/// The conditions of a write.
///
/// # Errors
/// A fault in the header when it is not one that a write can have.
pub fn precondition(request: &HttpRequest) -> std::result::Result<Precondition, Problem> {
    let form = |name, nl, en| {
        Problem::from(Issue::header(
            name,
            Fault::InvalidFormat {
                expected: Text { nl, en },
            },
        ))
    };
    let mut precondition = Precondition::default();
    if let Some(tags) = values(request.headers(), &header::IF_MATCH) {
        let quoted =
            |tag: &str| weak(tag).len() >= 2 && weak(tag).starts_with('"') && tag.ends_with('"');
        if tags != ["*"] && (tags.is_empty() || !tags.iter().all(|tag| quoted(tag))) {
            return Err(form(
                "If-Match",
                "de ETag van het document, met aanhalingstekens, of *",
                "the ETag of the document, with its quotes, or *",
            ));
        }
        precondition.matches = Some(if tags == ["*"] {
            Vec::new()
        } else {
            tags.iter().map(|tag| version(tag)).collect()
        });
    }
    match values(request.headers(), &header::IF_NONE_MATCH) {
        Some(tags) if tags == ["*"] => precondition.is_new = true,
        Some(_) => return Err(form("If-None-Match", "* bij schrijven", "* when writing")),
        None => {}
    }
    Ok(precondition)
}

/// The version in an entity tag. A tag that is not ours is no version of the document, and a
/// weak tag never matches in `If-Match` (RFC 9110, section 13.1.1).
fn version(tag: &str) -> i64 {
    let inner = tag.trim_matches('"');
    let digits = inner.split_once('-').map_or(inner, |(version, _)| version);
    if tag.starts_with("W/") {
        -1
    } else {
        digits.parse().unwrap_or(-1)
    }
}
