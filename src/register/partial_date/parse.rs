//! Reads EDTF level 1.
//!
//! Written by hand because the grammar is small and regular, and because the reader must say
//! which of four things is wrong. It accepts one way of writing each expression, so that printing
//! gives back what was read. Where the standard shows only examples:
//!
//! - a qualifier may stand after every date, so also after a season or a year with an `X`;
//! - years with an `X` are not negative;
//! - a year with the letter `Y` has 5 to 18 digits. The standard sets no upper limit; this one is
//!   where a 64-bit number ends, far beyond the age of the universe.

use chrono::NaiveDate;

use super::InvalidEdtf::{self, EndsBeforeStart, HasTime, NoSuchDay, NotEdtf};
use super::expression::{Date, End, Expression, Qualified, Qualifier, Season};

/// The longest text that is looked at, in bytes. The grammar as it is read here never needs as
/// much; the limit keeps a long text from being taken apart before it is refused.
const MAX_LENGTH: usize = 64;

/// Reads an expression without white space around it.
pub(super) fn expression(text: &str) -> Result<Expression, InvalidEdtf> {
    if text.len() > MAX_LENGTH {
        return Err(NotEdtf);
    }
    let Some((start, end)) = text.split_once('/') else {
        return Ok(Expression::Single(qualified(text)?));
    };
    let (start, end) = (interval_end(start)?, interval_end(end)?);
    // `2004-06/2004` stands: June may well lie before the unknown day in 2004 that ends it. Only
    // what cannot be true is refused.
    match (start.date(), end.date()) {
        (Some(from), Some(to)) if from.first() > to.last() => Err(EndsBeforeStart),
        _ => Ok(Expression::Interval(start, end)),
    }
}

fn interval_end(text: &str) -> Result<End, InvalidEdtf> {
    match text {
        "" => Ok(End::Unknown),
        ".." => Ok(End::Open),
        _ => qualified(text).map(End::Known),
    }
}

fn qualified(text: &str) -> Result<Qualified, InvalidEdtf> {
    let marks = [
        ('?', Qualifier::Uncertain),
        ('~', Qualifier::Approximate),
        ('%', Qualifier::UncertainAndApproximate),
    ];
    let marked = marks
        .into_iter()
        .find_map(|(mark, qualifier)| Some((text.strip_suffix(mark)?, qualifier)));
    Ok(match marked {
        Some((rest, qualifier)) => Qualified {
            date: date(rest)?,
            qualifier: Some(qualifier),
        },
        None => Qualified {
            date: date(text)?,
            qualifier: None,
        },
    })
}

fn date(text: &str) -> Result<Date, InvalidEdtf> {
    if has_time(text) {
        return Err(HasTime);
    }
    if let Some(year) = text.strip_prefix('Y') {
        return long_year(year).map(Date::Year);
    }
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let fields: Vec<&str> = unsigned.split('-').collect();
    match fields[..] {
        [digits] if digits.ends_with('X') && sign.is_empty() => masked_year(digits),
        [digits] => Ok(Date::Year(year(sign, digits)?.into())),
        [digits, "XX"] => Ok(Date::MonthOfYear(year(sign, digits)?)),
        [digits, part] => month_or_season(year(sign, digits)?, number(part, 2)?),
        [digits, "XX", "XX"] => Ok(Date::DayOfYear(year(sign, digits)?)),
        [digits, part, "XX"] => Ok(Date::DayOfMonth(
            year(sign, digits)?,
            month(number(part, 2)?)?,
        )),
        [digits, part, day] => {
            let (year, month, day) = (year(sign, digits)?, number(part, 2)?, number(day, 2)?);
            NaiveDate::from_ymd_opt(year, month, day)
                .map(Date::Day)
                .ok_or(NoSuchDay)
        }
        _ => Err(NotEdtf),
    }
}

/// Whether a date is followed by `T` and a digit. What comes after that does not matter, since
/// it is refused in any case.
fn has_time(text: &str) -> bool {
    text.split_once('T').is_some_and(|(date, time)| {
        date.starts_with(|c: char| c == '-' || c.is_ascii_digit())
            && time.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// The year after a `Y`: more than four digits, and no zero in front.
fn long_year(text: &str) -> Result<i64, InvalidEdtf> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || digits.starts_with('0') || !(5..=18).contains(&digits.len()) {
        return Err(NotEdtf);
    }
    text.parse().map_err(|_| NotEdtf)
}

/// `201X` or `20XX`.
fn masked_year(text: &str) -> Result<Date, InvalidEdtf> {
    if let Some(century) = text.strip_suffix("XX") {
        Ok(Date::YearOfCentury(number::<i32>(century, 2)? * 100))
    } else if let Some(decade) = text.strip_suffix('X') {
        Ok(Date::YearOfDecade(number::<i32>(decade, 3)? * 10))
    } else {
        Err(NotEdtf)
    }
}

/// Four digits; `-0000` is refused, as the standard has only one year zero.
fn year(sign: &str, digits: &str) -> Result<i32, InvalidEdtf> {
    match (sign, number::<i32>(digits, 4)?) {
        ("-", 0) => Err(NotEdtf),
        ("-", year) => Ok(-year),
        (_, year) => Ok(year),
    }
}

fn month_or_season(year: i32, number: u32) -> Result<Date, InvalidEdtf> {
    let season = match number {
        21 => Season::Spring,
        22 => Season::Summer,
        23 => Season::Autumn,
        24 => Season::Winter,
        // Level 2: seasons of a hemisphere, quarters, quadrimesters, half years.
        25..=41 => return Err(NotEdtf),
        _ => return Ok(Date::Month(year, month(number)?)),
    };
    Ok(Date::Season(year, season))
}

fn month(number: u32) -> Result<u32, InvalidEdtf> {
    if (1..=12).contains(&number) {
        Ok(number)
    } else {
        Err(NoSuchDay)
    }
}

/// Exactly so many ASCII digits. `parse` alone would also take a plus sign.
fn number<N: std::str::FromStr>(text: &str, length: usize) -> Result<N, InvalidEdtf> {
    if text.len() != length || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotEdtf);
    }
    text.parse().map_err(|_| NotEdtf)
}
