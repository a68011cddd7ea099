//! `Idempotency-Key`: a POST that is sent again gets the first answer again.
//!
//! The first answer is kept in the database, in the transaction of the change itself: if the
//! change is there, so is its answer, across restarts and nodes.

use actix_web::HttpRequest;
use diesel::prelude::*;
use serde_json::{Map, Value};
use utoipa::openapi::schema::ObjectBuilder;

use super::problem::{KEY_REUSED, Problem};
use super::respond::{Answer, fingerprint};
use crate::register::traces::Traces;
use crate::register::{Caller, Error, Fault, Issue, Text};
use crate::store::schema::idempotency_records;
use crate::store::{AnyConnection, StoreError, Timestamp, Write};

/// How long an answer is kept, in seconds: 24 hours.
const KEPT: i64 = 24 * 60 * 60;

/// The header's name.
pub const HEADER: &str = "Idempotency-Key";

/// Which request a key was sent with.
#[derive(Clone, Debug)]
pub struct Repeatable {
    key: String,
    fingerprint: String,
}

/// A failure that may also be a key used for something else.
pub enum Failure {
    /// The register's own error.
    Register(Error),
    /// The key was used with another request.
    Reused,
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Register(error.into())
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Register(error) => error.into(),
            Failure::Reused => Self::new(&KEY_REUSED),
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_records, treat_none_as_default_value = false)]
struct RecordRow {
    key_id: String,
    idempotency_key: String,
    fingerprint: String,
    status: i32,
    location: Option<String>,
    etag: Option<String>,
    body: String,
    created_at: Timestamp,
}

/// The schema of the header.
pub fn schema() -> ObjectBuilder {
    ObjectBuilder::new()
        .pattern(Some("^[!-~]+$"))
        .max_length(Some(255))
        .examples([serde_json::json!("0193a1f2-7c00-7000-8000-000000000000")])
}

/// The key of a request, if it has one.
///
/// # Errors
/// A fault in the header when it is not 1 to 255 visible ASCII characters.
pub fn of_request(
    request: &HttpRequest,
    body: &Map<String, Value>,
) -> Result<Option<Repeatable>, Problem> {
    let mut lines = request.headers().get_all(HEADER);
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    let key = line.to_str().unwrap_or_default();
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    if !visible || !(1..=255).contains(&key.len()) || lines.next().is_some() {
        let expected = Text {
            nl: "één waarde van 1 tot 255 zichtbare ASCII-tekens",
            en: "one value of 1 to 255 visible ASCII characters",
        };
        return Err(Issue::header(HEADER, Fault::InvalidFormat { expected }).into());
    }
    let body = Value::Object(body.clone()).to_string();
    let fingerprint = fingerprint(&[request.path(), &body]);
    Ok(Some(Repeatable {
        key: key.to_owned(),
        fingerprint,
    }))
}

/// Does the work, unless its answer is known already.
///
/// # Errors
/// [`Failure::Reused`] when the key came with another request; else as `work`.
pub fn once(
    write: &mut Write<'_>,
    caller: &Caller,
    repeatable: Option<&Repeatable>,
    work: impl FnOnce(&mut Write<'_>) -> Result<Answer, Error>,
) -> Result<Answer, Failure> {
    use idempotency_records::dsl;
    let (Some(repeatable), Some(holder)) = (repeatable, &caller.0) else {
        return Ok(work(write)?);
    };
    let oldest = write.now().plus_seconds(-KEPT);
    let known: Option<RecordRow> = dsl::idempotency_records
        .find((&holder.id, &repeatable.key))
        .filter(dsl::created_at.gt(oldest))
        .select(RecordRow::as_select())
        .first(write.connection())
        .optional()
        .map_err(StoreError::from)?;
    if let Some(row) = known {
        if row.fingerprint != repeatable.fingerprint {
            return Err(Failure::Reused);
        }
        return Ok(Answer {
            status: u16::try_from(row.status).unwrap_or(200),
            location: row.location,
            etag: row.etag.unwrap_or_default(),
            body: row.body,
        });
    }
    diesel::delete(dsl::idempotency_records.filter(dsl::created_at.le(oldest)))
        .execute(write.connection())?;
    let answer = work(write)?;
    let row = RecordRow {
        key_id: holder.id.clone(),
        idempotency_key: repeatable.key.clone(),
        fingerprint: repeatable.fingerprint.clone(),
        status: i32::from(answer.status),
        location: answer.location.clone(),
        etag: Some(answer.etag.clone()),
        body: answer.body.clone(),
        created_at: write.now(),
    };
    diesel::insert_into(dsl::idempotency_records)
        .values(row)
        .execute(write.connection())?;
    Ok(answer)
}

/// Takes a person out of the answers that are kept: a request that is sent again gets what is left.
///
/// # Errors
/// When the database cannot be asked.
pub fn forget(db: &mut AnyConnection, traces: &Traces) -> Result<(), Error> {
    use idempotency_records::dsl;
    for id in traces.ids() {
        let names_it = dsl::body.like(format!("%{id}%"));
        let keys: Vec<(String, String)> = dsl::idempotency_records
            .filter(names_it)
            .select((dsl::key_id, dsl::idempotency_key))
            .load(db)?;
        for key in keys {
            let record = dsl::idempotency_records.find(key);
            let (status, location, body): (i32, Option<String>, String) = record
                .clone()
                .select((dsl::status, dsl::location, dsl::body))
                .first(db)?;
            let mut document: Map<String, Value> = serde_json::from_str(&body)?;
            let own = traces.clear(&mut document);
            let version = document
                .get("version")
                .and_then(Value::as_i64)
                .unwrap_or_default();
            let status = u16::try_from(status).unwrap_or(200);
            let answer = Answer::document(status, &document, version)?;
            let slug = document
                .get("slug")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let location = location.map(|old| match old.rsplit_once('/') {
                Some((collection, _)) if own => format!("{collection}/{slug}"),
                _ => old,
            });
            diesel::update(record)
                .set((
                    dsl::location.eq(location),
                    dsl::etag.eq(answer.etag),
                    dsl::body.eq(answer.body),
                ))
                .execute(db)?;
        }
    }
    Ok(())
}
