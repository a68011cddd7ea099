//! Reading the parameters in the path.

use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};

use super::problem::Problem;
use crate::register::fault::Place;
use crate::register::{Error, Fault, Issue, Locator};

/// A part of the path, decoded.
///
/// # Errors
/// 404 when it is not UTF-8: then it names nothing.
pub fn segment(request: &HttpRequest, name: &str) -> Result<String, Problem> {
    // The router has decoded all but `%2F`, `%2B` and `%25`, so that a slash in a code does not
    // end the segment; a second pass over the rest is safe because `%25` was left as it is.
    percent_decode_str(request.match_info().query(name))
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Error::NotFound.into())
}

/// The document that the path names.
///
/// # Errors
/// 404 when the text can name no document.
pub fn locator(request: &HttpRequest) -> Result<Locator, Problem> {
    Locator::parse(&segment(request, "id")?).ok_or_else(|| Error::NotFound.into())
}

/// A number from 1 in the path.
///
/// # Errors
/// A fault at the parameter when it is anything else.
pub fn number(request: &HttpRequest, name: &'static str) -> Result<i64, Problem> {
    let text = segment(request, name)?;
    if let (Ok(number @ 1..), true) = (text.parse(), text.bytes().all(|b| b.is_ascii_digit())) {
        return Ok(number);
    }
    let fault = Fault::OutOfRange {
        minimum: 1,
        maximum: i64::MAX,
    };
    Err(Issue {
        place: Place::Path,
        location: name.into(),
        fault,
    }
    .into())
}

/// The schema of a version's number.
pub fn version_schema() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(1))
        .examples([serde_json::json!(1)])
}
