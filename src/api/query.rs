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

/// Two groups of parameters in one query: those of a collection and those of all lists.
pub struct Query2<A, B>(pub A, pub B);

/// No parameters at all.
#[derive(Deserr, IntoParams)]
#[deserr(error = Issues, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NoParameters {}

impl<T: Deserr<Issues>> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(read(request).and_then(|values| parse(values)).map(Self))
    }
}

impl<A, B> FromRequest for Query2<A, B>
where
    A: Deserr<Issues>,
    B: Deserr<Issues> + IntoParams,
{
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(read(request).and_then(|values| {
            let names: Vec<String> = B::into_params(|| None)
                .into_iter()
                .map(|parameter| parameter.name)
                .collect();
            let (second, first): (Map<_, _>, Map<_, _>) = values
                .into_iter()
                .partition(|(name, _)| names.contains(name));
            match (parse(first), parse(second)) {
                (Ok(first), Ok(second)) => Ok(Self(first, second)),
                (Err(mut problem), Err(other)) => {
                    problem.issues.extend(other.issues);
                    Err(allow_more(problem, &names))
                }
                (Err(problem), Ok(_)) => Err(allow_more(problem, &names)),
                (Ok(_), Err(problem)) => Err(problem),
            }
        }))
    }
}

/// An unknown parameter is told of the names of both groups.
fn allow_more(mut problem: Problem, names: &[String]) -> Problem {
    for issue in &mut problem.issues {
        if let Fault::Unknown { allowed } = &mut issue.fault {
            allowed.extend(names.iter().cloned());
        }
    }
    problem
}

fn parse<T: Deserr<Issues>>(values: Map<String, Value>) -> Result<T, Problem> {
    deserr::deserialize::<T, _, Issues>(Value::Object(values))
        .map_err(|issues| issues.of_query().into())
}

/// The query string as a map of texts.
fn read(request: &HttpRequest) -> Result<Map<String, Value>, Problem> {
    let mut values = Map::new();
    let mut twice = Vec::new();
    for pair in request
        .query_string()
        .split('&')
        .filter(|pair| !pair.is_empty())
    {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name)?, decode(value)?);
        if values.insert(name.clone(), Value::String(value)).is_some() {
            twice.push(Issue::query(name, Fault::Duplicate));
        }
    }
    if twice.is_empty() {
        Ok(values)
    } else {
        Err(Issues(twice).into())
    }
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
