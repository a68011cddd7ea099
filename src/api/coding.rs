//! Compression of answers, and what it does to entity tags.
//!
//! A compressed answer is another representation, so a strong tag must be another too (RFC 9110,
//! section 8.8.3): `"3-8d2f"` becomes `"3-8d2f-gzip"`. Nothing inside knows of this: tags that come
//! in lose the ending here, those that go out get it here.

use actix_http::encoding::Encoder;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{
    self, AcceptEncoding, ContentEncoding, Encoding, Header as _, HeaderValue,
};

use super::respond::{VARY, values};

/// The codings that an answer may have.
const CODINGS: [(Encoding, ContentEncoding); 3] = [
    (
        Encoding::Known(ContentEncoding::Zstd),
        ContentEncoding::Zstd,
    ),
    (
        Encoding::Known(ContentEncoding::Brotli),
        ContentEncoding::Brotli,
    ),
    (
        Encoding::Known(ContentEncoding::Gzip),
        ContentEncoding::Gzip,
    ),
];

/// The coding in which an answer goes out; `None` for none at all, which is always possible.
#[derive(Clone, Copy)]
pub(super) struct Coding(Option<ContentEncoding>);

impl Coding {
    /// The coding that a caller likes best of those that there are.
    pub(super) fn of(request: &ServiceRequest) -> Self {
        let accepted = AcceptEncoding::parse(request).ok();
        let supported = CODINGS.iter().map(|(coding, _)| coding);
        let best = accepted.and_then(|accepted| accepted.negotiate(supported));
        let known = CODINGS
            .iter()
            .find(|(coding, _)| Some(coding) == best.as_ref());
        Self(known.map(|(_, coding)| *coding))
    }

    /// What a tag ends with, with the closing quote.
    fn ending(self) -> Option<String> {
        self.0.map(|coding| format!("-{}\"", coding.as_str()))
    }

    /// Takes the ending off the tags of answers that the caller has. Those without it belong to
    /// another representation, and match nothing.
    pub(super) fn strip(self, request: &mut ServiceRequest) {
        // A condition of a write is no answer that the caller has.
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return;
        }
        let Some(ending) = self.ending() else { return };
        let Some(tags) = values(request.headers(), &header::IF_NONE_MATCH) else {
            return;
        };
        if tags == ["*"] {
            return;
        }
        let mine: Vec<_> = tags
            .iter()
            .filter_map(|tag| Some(format!("{}\"", tag.strip_suffix(ending.as_str())?)))
            .collect();
        let mine = HeaderValue::from_str(&mine.join(", "));
        let headers = request.headers_mut();
        headers.remove(header::IF_NONE_MATCH);
        if let Some(mine) = mine.ok().filter(|mine| !mine.is_empty()) {
            headers.insert(header::IF_NONE_MATCH, mine);
        }
    }

    /// Compresses an answer and marks its tag.
    pub(super) fn apply(self, mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        let (Some(coding), Some(ending)) = (self.0, self.ending()) else {
            return response;
        };
        let headers = response.headers_mut();
        let tag = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
        let tag = tag.and_then(|tag| Some(format!("{}{ending}", tag.strip_suffix('"')?)));
        if let Some(Ok(tag)) = tag.as_deref().map(HeaderValue::from_str) {
            headers.insert(header::ETAG, tag);
        }
        // The encoder adds a line of its own to what already says all.
        let vary = headers.get(header::VARY).cloned();
        response =
            response.map_body(|head, body| BoxBody::new(Encoder::response(coding, head, body)));
        let vary = vary.unwrap_or(HeaderValue::from_static(VARY));
        response.headers_mut().insert(header::VARY, vary);
        response
    }
}
