//! The values that query parameters take.

use chrono::{DateTime, Utc};
use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::fault::{Fault, Issues, read_string};
use super::language::Text;
use super::number::Age;
use super::text::VISIBLE;
use super::vocabulary::Enumeration;
use crate::store::Timestamp;

/// How many words or codes a parameter takes. Each is a condition of the query.
const WORDS: usize = 100;
/// How many characters they have together.
const WORDS_LENGTH: usize = 4_000;
/// How many characters somebody may type to search.
const QUERY_LENGTH: usize = 512;

/// The pattern of a parameter that takes up to a hundred of something, with commas between.
pub fn listed(one: &str) -> String {
    format!("^({one})(,({one})){{0,{}}}$", WORDS - 1)
}

/// One or more words of a vocabulary, with commas between: any of them will do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListOf<T>(Vec<T>);

impl<T: Enumeration> ListOf<T> {
    /// The values.
    pub fn values(&self) -> &[T] {
        &self.0
    }

    /// The words.
    pub fn words(&self) -> Vec<&'static str> {
        self.0.iter().map(|word| word.as_str()).collect()
    }
}

impl<T: Enumeration> Deserr<Issues> for ListOf<T> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> Result<Self, Issues> {
        read_string(value, at, |text| {
            if text.split(',').count() > WORDS {
                return Err(Fault::TooMany { maximum: WORDS });
            }
            text.split(',')
                .map(|word| T::parse(word.trim()))
                .collect::<Result<_, _>>()
                .map(Self)
        })
    }
}

impl<T: Enumeration> PartialSchema for ListOf<T> {
    fn schema() -> RefOr<Schema> {
        let terms = T::VOCABULARY.terms;
        let words: Vec<_> = terms.iter().map(|term| term.code).collect();
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(listed(&words.join("|"))))
            .max_length(Some(WORDS_LENGTH))
            .description(Some(format!(
                "One or more of {}, with commas between.",
                words.join(", ")
            )))
            .examples(words.first().map(|word| serde_json::json!(word)))
            .into()
    }
}

impl<T: Enumeration> ToSchema for ListOf<T> {}

macro_rules! text_parameter {
    ($(#[$doc:meta])* $name:ident($inner:ty), $parse:expr, $schema:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        pub struct $name(pub $inner);

        impl std::ops::Deref for $name {
            type Target = $inner;

            fn deref(&self) -> &$inner {
                &self.0
            }
        }

        impl Deserr<Issues> for $name {
            fn deserialize_from_value<V: IntoValue>(
                value: Value<V>,
                at: ValuePointerRef<'_>,
            ) -> Result<Self, Issues> {
                let parse: fn(&str) -> Result<$inner, Fault> = $parse;
                read_string(value, at, parse).map(Self)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let schema: fn(ObjectBuilder) -> ObjectBuilder = $schema;
                schema(ObjectBuilder::new().schema_type(Type::String)).into()
            }
        }

        impl ToSchema for $name {}
    };
}

text_parameter!(
    /// What names a document: a slug, a UUID or `scheme:value`.
    RefText(String),
    |text| match text.trim() {
        "" => Err(Fault::Empty),
        text if text.contains(char::is_control) => Err(Fault::ControlCharacters),
        text if text.chars().count() > 250 => Err(Fault::TooLong { maximum: 250 }),
        text => Ok(text.to_owned()),
    },
    |schema| schema.min_length(Some(1)).max_length(Some(250)).pattern(Some(VISIBLE))
);

text_parameter!(
    /// Up to a hundred words or codes with commas between, in at most 4,000 characters.
    Words(Vec<String>),
    |text| {
        let words: Vec<_> = text.split(',').map(|word| word.trim().to_owned()).collect();
        if words.iter().any(String::is_empty) {
            Err(Fault::Empty)
        } else if text.contains(char::is_control) {
            Err(Fault::ControlCharacters)
        } else if text.chars().count() > WORDS_LENGTH {
            Err(Fault::TooLong { maximum: WORDS_LENGTH })
        } else if words.len() > WORDS {
            Err(Fault::TooMany { maximum: WORDS })
        } else {
            Ok(words)
        }
    },
    |schema| schema.min_length(Some(1)).max_length(Some(WORDS_LENGTH))
);

text_parameter!(
    /// What somebody typed to search: any characters, up to 512 of them.
    QueryText(String),
    |text| match text.chars().count() {
        0..=QUERY_LENGTH => Ok(text.to_owned()),
        _ => Err(Fault::TooLong { maximum: QUERY_LENGTH }),
    },
    |schema| schema.max_length(Some(QUERY_LENGTH)).examples([serde_json::json!("jeugdhulp op school")])
);

text_parameter!(
    /// Yes or no.
    Flag(bool),
    |text| match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Fault::UnknownValue { allowed: vec!["true".into(), "false".into()] }),
    },
    |schema| schema.schema_type(Type::Boolean).default(Some(serde_json::json!(false)))
);

text_parameter!(
    /// An age in whole years.
    AgeText(Age),
    |text| match text.parse() {
        Ok(years) if !text.starts_with('+') => Age::new(years),
        _ => Err(Fault::OutOfRange { minimum: 0, maximum: 120 }),
    },
    |schema| schema
        .schema_type(Type::Integer)
        .minimum(Some(0))
        .maximum(Some(120))
);

text_parameter!(
    /// An instant with its offset from UTC.
    Instant(Timestamp),
    |text| match DateTime::parse_from_rfc3339(text) {
        // `-00:00` is an unknown offset (RFC 3339) and not ISO 8601.
        Ok(instant) if !text.ends_with("-00:00") => Ok(instant.with_timezone(&Utc).into()),
        _ => Err(Fault::InvalidFormat {
            expected: Text {
                nl: "een tijdstip als 2026-01-31T09:00:00Z of met +01:00 (in een adres: %2B01:00)",
                en: "an instant such as 2026-01-31T09:00:00Z or with +01:00 (in an address: %2B01:00)",
            },
        }),
    },
    |schema| schema
        .format(Some(utoipa::openapi::schema::SchemaFormat::KnownFormat(
            utoipa::openapi::schema::KnownFormat::DateTime
        )))
        .examples([serde_json::json!("2026-01-31T09:00:00Z")])
);

text_parameter!(
    /// How many items a page has at most.
    Limit(usize),
    |text| match text.parse() {
        Ok(limit @ 1..=100) if !text.starts_with('+') => Ok(limit),
        _ => Err(Fault::OutOfRange { minimum: 1, maximum: 100 }),
    },
    |schema| schema
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(100))
        .default(Some(serde_json::json!(20)))
);

text_parameter!(
    /// A position of the change log.
    Sequence(i64),
    |text| match text.parse() {
        Ok(position @ 0..) if !text.starts_with('+') => Ok(position),
        _ => Err(Fault::OutOfRange { minimum: 0, maximum: i64::MAX }),
    },
    |schema| schema
        .schema_type(Type::Integer)
        .format(Some(utoipa::openapi::schema::SchemaFormat::KnownFormat(
            utoipa::openapi::schema::KnownFormat::Int64
        )))
        .minimum(Some(0))
);
