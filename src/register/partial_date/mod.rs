//! Dates that are only partly known.
//!
//! The sources of the register say "eind 2020", "najaar van 2014" or "sinds 2015". A plain date
//! cannot hold that without inventing a day, and free text cannot be filtered or sorted. So a
//! [`PartialDate`] holds an EDTF expression (ISO 8601-2, level 1, see
//! <https://www.loc.gov/standards/datetime/>), the first and last day that it covers, and, where
//! the source has them, its own words and the reason why the date was concluded.
//!
//! Use `NaiveDate` for what always is a known day (`verifiedOn`, `retrievedOn`), and `PartialDate`
//! for everything that was read in a source.
//!
//! The parts: `expression` is the grammar as types, with its canonical print and its bounds;
//! `parse` reads it; `words` says it in Dutch.

use std::fmt;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use self::expression::Expression;

mod expression;
mod parse;
#[cfg(test)]
mod tests;
mod words;

/// A date as far as it is known: a day, month, season, year, decade or century, or an interval
/// between two of those.
///
/// Three rules that the EDTF standard leaves to the reader:
///
/// - Seasons are meteorological: 21 (spring) is 1 March to 31 May, 22 June to August, 23
///   September to November, and 24 (winter) is 1 December to the end of February of the *next*
///   year. `2014-24` ends on 28 February 2015.
/// - A qualifier (`?`, `~`, `%`) does not widen the bounds: nobody can say by how much.
/// - The bounds of years outside 0001 to 9999 are clamped to 0001-01-01 and 9999-12-31, because
///   bounds are given as RFC 3339 full-dates, which have four digits for the year. The
///   expression itself keeps the true year.
///
/// `earliest` is never after `latest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialDate {
    edtf: String,
    /// `edtf` as it was read; kept so that nothing has to be read twice.
    expression: Expression,
    text: Option<String>,
    inferred: Option<String>,
    earliest: Option<NaiveDate>,
    latest: Option<NaiveDate>,
}

impl PartialDate {
    /// Reads an EDTF level 1 expression of at most 64 bytes, white space around it aside.
    ///
    /// Only the canonical way of writing is accepted, so [`edtf`](Self::edtf) gives back exactly
    /// what was read.
    ///
    /// # Errors
    ///
    /// One of [`InvalidEdtf`]. A time of day is refused although level 0 has it: the register
    /// holds days.
    pub fn parse(edtf: &str) -> Result<Self, InvalidEdtf> {
        let expression = parse::expression(edtf.trim())?;
        Ok(Self {
            edtf: expression.to_string(),
            expression,
            text: None,
            inferred: None,
            earliest: expression.earliest(),
            latest: expression.latest(),
        })
    }

    /// Replaces the words of the source and the reason why the date was concluded.
    ///
    /// Words that are blank, or equal to what [`text`](Self::text) would derive, are dropped. A
    /// client that sends back what it was given then changes nothing.
    #[must_use]
    pub fn with_words(self, text: Option<String>, inferred: Option<String>) -> Self {
        let derived = words::dutch(&self.expression);
        Self {
            text: text.filter(|text| !text.trim().is_empty() && text.trim() != derived),
            inferred: inferred.filter(|inferred| !inferred.trim().is_empty()),
            ..self
        }
    }

    /// The expression in EDTF, at most 64 bytes: `2014-23`.
    pub fn edtf(&self) -> &str {
        &self.edtf
    }

    /// The first day that the expression covers, or none if its start is open or unknown.
    pub fn earliest(&self) -> Option<NaiveDate> {
        self.earliest
    }

    /// The last day that the expression covers, or none if its end is open or unknown.
    pub fn latest(&self) -> Option<NaiveDate> {
        self.latest
    }

    /// Why an editor concluded this date, where the source does not say it in so many words.
    pub fn inferred(&self) -> Option<&str> {
        self.inferred.as_deref()
    }

    /// The words of the source as they were given: "eind 2020".
    pub fn own_text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The words of the source, or else Dutch words derived from the expression: "najaar 2014".
    pub fn text(&self) -> String {
        self.text
            .clone()
            .unwrap_or_else(|| words::dutch(&self.expression))
    }
}

/// Always an object: `{"edtf", "text", "earliest"?, "latest"?, "inferred"?}`. Days are written as
/// `YYYY-MM-DD` and absent members are left out; `text` is always there.
impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct View<'a> {
            edtf: &'a str,
            text: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            earliest: Option<NaiveDate>,
            #[serde(skip_serializing_if = "Option::is_none")]
            latest: Option<NaiveDate>,
            #[serde(skip_serializing_if = "Option::is_none")]
            inferred: Option<&'a str>,
        }

        View {
            edtf: &self.edtf,
            text: self.text(),
            earliest: self.earliest,
            latest: self.latest,
            inferred: self.inferred(),
        }
        .serialize(serializer)
    }
}

/// Why a text is not a [`PartialDate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidEdtf {
    /// Not an expression of EDTF level 1, or longer than 64 bytes.
    NotEdtf,
    /// Of the right form, but the calendar has no such day or month: `2013-02-29`, `2012-13`.
    NoSuchDay,
    /// An interval whose last day lies before its first: `2020/2019`.
    EndsBeforeStart,
    /// A date with a time of day: `2012-09-27T10:00:00`.
    HasTime,
}

impl fmt::Display for InvalidEdtf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotEdtf => "not an EDTF level 1 date",
            Self::NoSuchDay => "no such day in the calendar",
            Self::EndsBeforeStart => "the interval ends before it starts",
            Self::HasTime => "a date must not have a time of day",
        })
    }
}

impl std::error::Error for InvalidEdtf {}
