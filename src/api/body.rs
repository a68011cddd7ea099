//! Reading a JSON body, strictly.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::future::{Ready, ready};
use std::time::Duration;

use super::endpoint::{JSON, MERGE_PATCH};
use super::problem::{
    MALFORMED_JSON, MALFORMED_REQUEST, Problem, TIMED_OUT, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE,
};
use crate::register::{Fault, Issue, Issues};

/// The most bytes that a body has.
pub const MAXIMUM: usize = 2 * 1024 * 1024;

/// How long a caller may take to send a body.
const PATIENCE: Duration = Duration::from_secs(30);

/// A body that was not read yet. It is read by the handler, after the caller's rights are known:
/// who may not write is told so whatever the body is, and its bytes are not taken in.
pub struct Body {
    content_type: Option<String>,
    announced: Option<u64>,
    encoded: bool,
    payload: Payload,
}

impl FromRequest for Body {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let text = |name| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        ready(Ok(Self {
            content_type: text(header::CONTENT_TYPE).map(str::to_owned),
            announced: text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
            encoded: text(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity"),
            payload: payload.take(),
        }))
    }
}

impl Body {
    /// Reads it as a JSON object: `application/json` in UTF-8, with no member twice.
    ///
    /// # Errors
    /// 415, 413 or 400.
    pub async fn object(self) -> Result<Map<String, Value>, Problem> {
        self.read(JSON).await
    }

    /// The same, which may also be sent as a merge patch (RFC 7396).
    ///
    /// # Errors
    /// As for [`Body::object`].
    pub async fn merge_patch(self) -> Result<Map<String, Value>, Problem> {
        self.read(MERGE_PATCH).await
    }

    /// What the caller says it is.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Its bytes, unless the caller says that they are compressed or more than so many.
    ///
    /// # Errors
    /// 413, as `too_large` says it, or 415.
    pub(super) fn payload(
        self,
        most: u64,
        too_large: impl FnOnce() -> Problem,
    ) -> Result<Payload, Problem> {
        if self.announced.is_some_and(|length| length > most) {
            return Err(too_large());
        }
        if self.encoded {
            return Err(Problem::with_detail(
                &UNSUPPORTED_MEDIA_TYPE,
                "De inhoud mag niet gecomprimeerd zijn; laat Content-Encoding weg.",
                "The body must not be compressed; leave out Content-Encoding.",
            ));
        }
        Ok(self.payload)
    }

    async fn read(self, types: &[&str]) -> Result<Map<String, Value>, Problem> {
        if !self
            .content_type()
            .is_some_and(|text| is_one_of(text, types))
        {
            return Err(Problem::new(&UNSUPPORTED_MEDIA_TYPE));
        }
        let payload = self.payload(MAXIMUM as u64, || Problem::new(&TOO_LARGE))?;
        let body = tokio::time::timeout(PATIENCE, collect(payload)).await;
        let body = body.map_err(|_| Problem::new(&TIMED_OUT))??;
        Ok(parse(&body)?)
    }
}

/// Whether a media type is one of these, in UTF-8.
fn is_one_of(text: &str, types: &[&str]) -> bool {
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let utf8 = parts.all(|parameter| {
        let parameter = parameter.to_ascii_lowercase().replace('"', "");
        !parameter.starts_with("charset=") || parameter == "charset=utf-8"
    });
    utf8 && types.contains(&essence.as_str())
}

async fn collect(mut payload: Payload) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Problem::new(&MALFORMED_REQUEST))?;
        if body.len() + chunk.len() > MAXIMUM {
            return Err(Problem::new(&TOO_LARGE));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Why bytes are not the JSON object that they should be.
#[derive(Debug)]
pub enum Unread {
    /// They are not UTF-8.
    NotUtf8,
    /// They are not JSON; where that shows.
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column in bytes, from 1.
        column: usize,
    },
    /// They are JSON with these faults; and what they say, as far as it is an object.
    Faults(Issues, Map<String, Value>),
}

impl From<Unread> for Problem {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::NotUtf8 => Self::with_detail(
                &MALFORMED_JSON,
                "De inhoud is geen geldige UTF-8.",
                "The body is not valid UTF-8.",
            ),
            Unread::NotJson { line, column } => Self::with_detail(
                &MALFORMED_JSON,
                format!("De inhoud is geen geldige JSON: fout op regel {line}, kolom {column}."),
                format!("The body is not valid JSON: error at line {line}, column {column}."),
            ),
            Unread::Faults(issues, _) => issues.into(),
        }
    }
}

/// Reads a JSON object from bytes.
///
/// # Errors
/// When it is not JSON, not an object, or has a member twice: of two equal names a parser may
/// take either, so neither can be trusted (RFC 8259, section 4).
pub fn parse(body: &[u8]) -> Result<Map<String, Value>, Unread> {
    if std::str::from_utf8(body).is_err() {
        return Err(Unread::NotUtf8);
    }
    let mut issues = Issues::default();
    let mut reader = serde_json::Deserializer::from_slice(body);
    let strict = Strict {
        at: &Path::Root,
        issues: &mut issues,
    };
    let value = strict
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    let value = value.map_err(|error| Unread::NotJson {
        line: error.line(),
        column: error.column(),
    })?;
    let body = if let Value::Object(body) = value {
        body
    } else {
        let expected = "object".into();
        issues.0 = vec![Issue::body("", Fault::WrongType { expected })];
        Map::new()
    };
    if issues.0.is_empty() {
        Ok(body)
    } else {
        Err(Unread::Faults(issues, body))
    }
}

/// The most items that a list, and members that an object has. No document needs more, and what is
/// unbounded here would keep the one writer from everyone else.
pub const ITEMS: usize = 1_000;

/// A place in a body; it becomes text only when something is wrong there.
enum Path<'p> {
    Root,
    Item(&'p Path<'p>, usize),
    Member(&'p Path<'p>, &'p str),
}

impl Path<'_> {
    fn pointer(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Item(above, nth) => format!("{}/{nth}", above.pointer()),
            Self::Member(above, name) => {
                format!(
                    "{}/{}",
                    above.pointer(),
                    name.replace('~', "~0").replace('/', "~1")
                )
            }
        }
    }
}

/// Reads any JSON value and notes members that stand there twice and lists that are too long.
struct Strict<'a> {
    at: &'a Path<'a>,
    issues: &'a mut Issues,
}

impl Strict<'_> {
    fn note(&mut self, at: &Path<'_>, fault: Fault) {
        self.issues.0.push(Issue::body(at.pointer(), fault));
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while list.len() < ITEMS {
            let at = Path::Item(self.at, list.len());
            let seed = Strict {
                at: &at,
                issues: &mut *self.issues,
            };
            match items.next_element_seed(seed)? {
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
        if items.next_element::<IgnoredAny>()?.is_some() {
            self.note(self.at, Fault::TooMany { maximum: ITEMS });
            while items.next_element::<IgnoredAny>()?.is_some() {}
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.len() >= ITEMS {
                self.note(self.at, Fault::TooMany { maximum: ITEMS });
                members.next_value::<IgnoredAny>()?;
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                break;
            }
            let at = Path::Member(self.at, &name);
            let seed = Strict {
                at: &at,
                issues: &mut *self.issues,
            };
            let value = members.next_value_seed(seed)?;
            if object.contains_key(&name) {
                self.note(&at, Fault::Duplicate);
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_stands_there_twice_is_named() {
        let problem = parse(br#"{"a": {"b": 1, "b": 2}, "a": 3}"#)
            .map_err(Problem::from)
            .err();
        let places: Vec<_> = problem
            .map(|problem| {
                problem
                    .issues
                    .into_iter()
                    .map(|issue| issue.location)
                    .collect()
            })
            .unwrap_or_default();
        assert_eq!(places, ["/a/b", "/a"]);
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        for body in [
            &b"[]"[..],
            b"1",
            b"",
            b"{",
            b"{}{}",
            b"{\"a\": 1e400}",
            b"\xff",
            b"\"\\ud800\"",
        ] {
            assert!(parse(body).is_err(), "{body:?}");
        }
    }
}
