//! The grammar of EDTF level 1 as types: what can be written can be held, and nothing else.
//!
//! `Display` prints the canonical form, and the bounds are computed here. Comparison happens on
//! unclamped days ([`Day`]), so that an interval between two years far away is still checked.

use std::fmt;

use chrono::{Datelike, NaiveDate};

/// A year, a month and a day of the proleptic Gregorian calendar, in the order of time. The year
/// is wider than `NaiveDate` allows.
pub(super) type Day = (i64, u32, u32);

/// The first day that a bound can be.
const FIRST: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// The last day that a bound can be.
const LAST: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// A whole EDTF expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    Single(Qualified),
    Interval(End, End),
}

/// One end of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Known(Qualified),
    /// `..`: there is no end in this direction.
    Open,
    /// Empty: there is an end, but nobody knows when.
    Unknown,
}

/// A date with the doubt about the whole of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Qualified {
    pub(super) date: Date,
    pub(super) qualifier: Option<Qualifier>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Qualifier {
    /// `?`
    Uncertain,
    /// `~`
    Approximate,
    /// `%`
    UncertainAndApproximate,
}

/// A date of some precision. Years are astronomical: 0 is 1 BC, -1 is 2 BC. They have at most
/// four digits except in `Year`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Date {
    /// `20XX`: some year from this one to 99 years later.
    YearOfCentury(i32),
    /// `201X`: some year from this one to 9 years later.
    YearOfDecade(i32),
    /// `2012`, `-1985` or, beyond four digits, `Y170000002`.
    Year(i64),
    /// `2014-23`
    Season(i32, Season),
    /// `2012-09`
    Month(i32, u32),
    /// `2004-XX`: some month of the year.
    MonthOfYear(i32),
    /// `2012-09-27`
    Day(NaiveDate),
    /// `1985-04-XX`: some day of the month.
    DayOfMonth(i32, u32),
    /// `1985-XX-XX`: some day of the year.
    DayOfYear(i32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Season {
    Spring,
    Summer,
    Autumn,
    Winter,
}

impl Expression {
    pub(super) fn earliest(&self) -> Option<NaiveDate> {
        match self {
            Self::Single(single) => Some(clamp(single.date.first())),
            Self::Interval(start, _) => start.date().map(|date| clamp(date.first())),
        }
    }

    pub(super) fn latest(&self) -> Option<NaiveDate> {
        match self {
            Self::Single(single) => Some(clamp(single.date.last())),
            Self::Interval(_, end) => end.date().map(|date| clamp(date.last())),
        }
    }
}

impl End {
    pub(super) fn date(&self) -> Option<Date> {
        match self {
            Self::Known(known) => Some(known.date),
            Self::Open | Self::Unknown => None,
        }
    }
}

impl Date {
    /// The first day that this date can be.
    pub(super) fn first(&self) -> Day {
        match *self {
            Self::Year(year) => (year, 1, 1),
            Self::YearOfCentury(year)
            | Self::YearOfDecade(year)
            | Self::MonthOfYear(year)
            | Self::DayOfYear(year) => (year.into(), 1, 1),
            Self::Season(year, season) => (year.into(), season.first_month(), 1),
            Self::Month(year, month) | Self::DayOfMonth(year, month) => (year.into(), month, 1),
            Self::Day(day) => (day.year().into(), day.month(), day.day()),
        }
    }

    /// The last day that this date can be.
    pub(super) fn last(&self) -> Day {
        match *self {
            Self::Year(year) => (year, 12, 31),
            Self::YearOfCentury(year) => (i64::from(year) + 99, 12, 31),
            Self::YearOfDecade(year) => (i64::from(year) + 9, 12, 31),
            Self::MonthOfYear(year) | Self::DayOfYear(year) => (year.into(), 12, 31),
            Self::Season(year, Season::Winter) => last_of_month(year + 1, 2),
            Self::Season(year, season) => last_of_month(year, season.first_month() + 2),
            Self::Month(year, month) | Self::DayOfMonth(year, month) => last_of_month(year, month),
            Self::Day(_) => self.first(),
        }
    }
}

impl Season {
    /// The number that EDTF gives the season.
    fn number(self) -> u32 {
        match self {
            Self::Spring => 21,
            Self::Summer => 22,
            Self::Autumn => 23,
            Self::Winter => 24,
        }
    }

    /// The month in which the meteorological season begins.
    fn first_month(self) -> u32 {
        match self {
            Self::Spring => 3,
            Self::Summer => 6,
            Self::Autumn => 9,
            Self::Winter => 12,
        }
    }
}

/// Asks the calendar which day the month ends on, so that no rule for leap years is needed here.
fn last_of_month(year: i32, month: u32) -> Day {
    let day = (29..=31)
        .rev()
        .find(|day| NaiveDate::from_ymd_opt(year, month, *day).is_some())
        .unwrap_or(28);
    (year.into(), month, day)
}

/// Keeps the order of days, so bounds that were in order remain so.
fn clamp((year, month, day): Day) -> NaiveDate {
    let outside = if year < 1 { FIRST } else { LAST };
    i32::try_from(year)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
        .filter(|day| (FIRST..=LAST).contains(day))
        .unwrap_or(outside)
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Single(single) => single.fmt(f),
            Self::Interval(start, end) => write!(f, "{start}/{end}"),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(known) => known.fmt(f),
            Self::Open => f.write_str(".."),
            Self::Unknown => Ok(()),
        }
    }
}

impl fmt::Display for Qualified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.qualifier {
            None => "",
            Some(Qualifier::Uncertain) => "?",
            Some(Qualifier::Approximate) => "~",
            Some(Qualifier::UncertainAndApproximate) => "%",
        };
        write!(f, "{}{mark}", self.date)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::YearOfCentury(year) => write!(f, "{:02}XX", year / 100),
            Self::YearOfDecade(year) => write!(f, "{:03}X", year / 10),
            Self::Year(year) if (-9999..=9999).contains(&year) => f.write_str(&four_digits(year)),
            Self::Year(year) => write!(f, "Y{year}"),
            Self::Season(year, season) => write!(f, "{}-{}", four_digits(year), season.number()),
            Self::Month(year, month) => write!(f, "{}-{month:02}", four_digits(year)),
            Self::MonthOfYear(year) => write!(f, "{}-XX", four_digits(year)),
            Self::Day(day) => {
                let year = four_digits(day.year());
                write!(f, "{year}-{:02}-{:02}", day.month(), day.day())
            }
            Self::DayOfMonth(year, month) => write!(f, "{}-{month:02}-XX", four_digits(year)),
            Self::DayOfYear(year) => write!(f, "{}-XX-XX", four_digits(year)),
        }
    }
}

/// Rust counts the sign as one of the places of a padded number, EDTF does not.
fn four_digits(year: impl Into<i64>) -> String {
    let year = year.into();
    let sign = if year < 0 { "-" } else { "" };
    format!("{sign}{:04}", year.unsigned_abs())
}
