//! A day of the calendar, when it is known for certain.

use chrono::{NaiveDate, Utc};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{Fault, Issues, read_string};
use super::language::Text;

/// A day as `YYYY-MM-DD` (RFC 3339 full-date).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[schema(value_type = String, format = Date, examples("2021-09-29"))]
pub struct Day(NaiveDate);

impl Day {
    /// Takes a day in the form `YYYY-MM-DD`.
    ///
    /// # Errors
    /// When it has another form, or the calendar has no such day.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let form = text.len() == 10 && text.is_ascii();
        match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(day) if form && !text.starts_with(['+', '-']) => Ok(Self(day)),
            _ => Err(Fault::InvalidFormat {
                expected: Text {
                    nl: "een bestaande dag als JJJJ-MM-DD",
                    en: "an existing day as YYYY-MM-DD",
                },
            }),
        }
    }

    /// Today, in UTC.
    pub fn today() -> Self {
        Self(Utc::now().date_naive())
    }

    /// The first instant of this day in UTC.
    pub fn start(self) -> crate::store::Timestamp {
        self.0.and_time(chrono::NaiveTime::MIN).and_utc().into()
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

impl Deserr<Issues> for Day {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> Result<Self, Issues> {
        read_string(value, at, Self::parse)
    }
}
