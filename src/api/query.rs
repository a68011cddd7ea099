//! Reading the query string: every parameter known, none twice, all faults at once.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use deserr::Deserr;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use std::future::{Ready, ready};
use utoipa::IntoParams;

use super::problem::{MALFORMED_REQUEST, Problem};
use crate::register::{Fault, Issue, Issues};

/// The parameters of a query.
pub struct Query<T>(pub T);

/// No parameters at all.
#[derive(Deserr, IntoParams)]
#[deserr(error = Issues, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NoParameters {}

impl<T: Deserr<Issues>> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(
            read(request).and_then(|(values, mut issues)| match parse(values) {
                Ok(parameters) if issues.0.is_empty() => Ok(Self(parameters)),
                result => {
                    issues.0.extend(result.err().unwrap_or_default().0);
                    Err(issues.into())
                }
            }),
        )
    }
}

/// Reads parameters of one group from their texts.
///
/// # Errors
/// All faults of the group.
pub fn parse<T: Deserr<Issues>>(values: Map<String, Value>) -> Result<T, Issues> {
    deserr::deserialize::<T, _, Issues>(Value::Object(values)).map_err(Issues::of_query)
}

/// The query string as a map of texts, and the parameters that stand there twice.
///
/// # Errors
/// When it is not encoded as it should be.
pub fn read(request: &HttpRequest) -> Result<(Map<String, Value>, Issues), Problem> {
    let mut values = Map::new();
    let mut twice = Issues::default();
    for pair in request
        .query_string()
        .split('&')
        .filter(|pair| !pair.is_empty())
    {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name)?, decode(value)?);
        if values.insert(name.clone(), Value::String(value)).is_some() {
            twice.0.push(Issue::query(name, Fault::Duplicate));
        }
    }
    Ok((values, twice))
}

fn decode(text: &str) -> Result<String, Problem> {
    let broken = || {
        Problem::with_detail(
            &MALFORMED_REQUEST,
            "De parameters in het adres zijn niet goed gecodeerd (procenttekens en UTF-8).",
            "The parameters in the address are not encoded well (percent signs and UTF-8).",
        )
    };
    let bytes = text.as_bytes();
    let whole = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'%')
        .all(|(nth, _)| {
            bytes
                .get(nth + 1..nth + 3)
                .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
        });
    if !whole {
        return Err(broken());
    }
    let text = text.replace('+', " ");
    percent_decode_str(&text)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| broken())
}
