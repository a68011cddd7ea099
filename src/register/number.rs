//! Numbers in documents.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::fault::{Fault, Issues};

/// An age in whole years, from 0 to 120.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Age(i32);

impl Age {
    const MAXIMUM: i32 = 120;

    /// The years.
    pub fn years(self) -> i32 {
        self.0
    }

    /// An age that was checked when it was stored.
    pub(crate) fn stored(years: i32) -> Self {
        Self(years)
    }

    /// Takes a number of years.
    ///
    /// # Errors
    /// When it is not from 0 to 120.
    pub fn new(years: i64) -> Result<Self, Fault> {
        i32::try_from(years)
            .ok()
            .filter(|years| (0..=Self::MAXIMUM).contains(years))
            .map(Self)
            .ok_or(Fault::OutOfRange {
                minimum: 0,
                maximum: Self::MAXIMUM.into(),
            })
    }
}

impl Deserr<Issues> for Age {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> Result<Self, Issues> {
        // In JSON 4.0 is the same number as 4.
        let years = match value {
            Value::Float(given) if given.fract() == 0.0 => (0..=Self::MAXIMUM)
                .find(|years| (f64::from(*years) - given).abs() < f64::EPSILON)
                .map_or(-1, i64::from),
            value => i64::deserialize_from_value(value, at)?,
        };
        Self::new(years).map_err(|fault| Issues::at(at, fault))
    }
}

impl PartialSchema for Age {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(0))
            .maximum(Some(Self::MAXIMUM))
            .into()
    }
}

impl ToSchema for Age {}
