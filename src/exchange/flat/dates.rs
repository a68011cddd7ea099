//! Dates as people and spreadsheets write them.

use chrono::{Days, NaiveDate};

use crate::register::partial_date::PartialDate;
use crate::register::{Fault, Text};

/// The months by their first three letters, in both languages.
const MONTHS: [&[&str]; 12] = [
    &["jan"],
    &["feb"],
    &["maa", "mrt", "mar"],
    &["apr"],
    &["mei", "may"],
    &["jun"],
    &["jul"],
    &["aug"],
    &["sep"],
    &["okt", "oct"],
    &["nov"],
    &["dec"],
];

/// The seasons, as EDTF numbers them.
const SEASONS: [(&str, &[&str]); 4] = [
    ("21", &["voorjaar", "lente", "spring"]),
    ("22", &["zomer", "summer"]),
    ("23", &["najaar", "herfst", "autumn", "fall"]),
    ("24", &["winter"]),
];

const EXPECTED: Text = Text {
    nl: "een datum als 31-12-2024, 2024-12-31, december 2024, najaar 2024, 2024 of een andere EDTF-uitdrukking",
    en: "a date such as 31-12-2024, 2024-12-31, december 2024, autumn 2024, 2024 or another EDTF expression",
};

const EXPECTED_DAY: Text = Text {
    nl: "een dag als 31-12-2024 of 2024-12-31",
    en: "a day such as 31-12-2024 or 2024-12-31",
};

/// A date as far as it is known, as an EDTF expression.
///
/// # Errors
/// When it is none.
pub(super) fn date(text: &str) -> Result<String, Fault> {
    let text = text.trim();
    let text = text.strip_suffix("T00:00:00").unwrap_or(text);
    if let Some(day) = serial_of_text(text).or_else(|| written(text)) {
        return Ok(day);
    }
    match PartialDate::parse(text) {
        Ok(date) => Ok(date.edtf().to_owned()),
        Err(_) => Err(Fault::InvalidFormat { expected: EXPECTED }),
    }
}

/// A whole day, as `YYYY-MM-DD`.
///
/// # Errors
/// When it is none.
pub(super) fn day(text: &str) -> Result<String, Fault> {
    let found = date(text).ok();
    found
        .filter(|date| NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok())
        .ok_or(Fault::InvalidFormat {
            expected: EXPECTED_DAY,
        })
}

/// The date of a number: a year, or a serial of Excel, which counts days from 1900.
///
/// # Errors
/// When it is neither.
pub(super) fn of_number(number: f64) -> Result<String, Fault> {
    let whole = number.fract() == 0.0;
    if whole && (1_000.0..=2_999.0).contains(&number) {
        return Ok(number.to_string());
    }
    serial(number).ok_or(Fault::InvalidFormat { expected: EXPECTED })
}

/// Five or six digits are a serial that lost its format on the way through a text file.
fn serial_of_text(text: &str) -> Option<String> {
    let digits = (5..=7).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| serial(text.parse().ok()?)).flatten()
}

fn serial(number: f64) -> Option<String> {
    // From 1927, where no year is meant any more, to 9999-12-31.
    if number.fract() != 0.0 || !(10_000.0..2_958_466.0).contains(&number) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and within bounds, as checked above"
    )]
    let days = Days::new(number as u64);
    let day = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(days)?;
    Some(day.format("%Y-%m-%d").to_string())
}

/// `31-12-2024`, `31/12/2024`, `31 december 2024`, `december 2024`, `najaar 2024`.
fn written(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let parts: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || "-/.".contains(c))
        .filter(|part| !part.is_empty())
        .collect();
    let year = |text: &str| -> Option<i32> {
        let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    match parts[..] {
        // Dutch and English say the winter with both of its years.
        ["winter", first, second] => {
            let (first, second) = (year(first)?, year(second)?);
            (second == first + 1).then(|| format!("{first:04}-24"))
        }
        [day, month, last] => {
            let month = month_of(month).or_else(|| small(month))?;
            let day = NaiveDate::from_ymd_opt(year(last)?, month, small(day)?)?;
            Some(day.format("%Y-%m-%d").to_string())
        }
        [word, last] => {
            let last = year(last)?;
            let season = SEASONS.iter().find(|(_, words)| words.contains(&word));
            if let Some((number, _)) = season {
                return Some(format!("{last:04}-{number}"));
            }
            let month = month_of(word).or_else(|| small(word).filter(|n| (1..=12).contains(n)))?;
            Some(format!("{last:04}-{month:02}"))
        }
        _ => None,
    }
}

/// A day or month in one or two digits.
fn small(text: &str) -> Option<u32> {
    let digits = text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn month_of(word: &str) -> Option<u32> {
    let letters = word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let start = word.get(..3).filter(|_| letters)?;
    let nth = MONTHS.iter().position(|words| words.contains(&start))?;
    u32::try_from(nth + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (given, expected) in [
            ("31-12-2024", "2024-12-31"),
            ("1/2/2024", "2024-02-01"),
            ("31.12.2024", "2024-12-31"),
            ("2024-12-31", "2024-12-31"),
            ("2024-12-31T00:00:00", "2024-12-31"),
            ("31 december 2024", "2024-12-31"),
            ("3 mrt 2024", "2024-03-03"),
            ("December 2024", "2024-12"),
            ("12-2024", "2024-12"),
            ("najaar 2014", "2014-23"),
            ("winter 2014-2015", "2014-24"),
            ("2014-23", "2014-23"),
            ("2013~", "2013~"),
            ("2015/..", "2015/.."),
            ("2024", "2024"),
            ("45657", "2024-12-31"),
        ] {
            assert_eq!(date(given), Ok(expected.to_owned()), "{given}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for given in [
            "31-31-2024",
            "31-12-24",
            "eind 2020",
            "x",
            "2024-02-30",
            "12/31/2024",
            "2024-12-31T10:00:00",
        ] {
            assert!(date(given).is_err(), "{given}");
        }
        assert!(day("2024-12").is_err());
        assert_eq!(day("31-12-2024"), Ok("2024-12-31".into()));
    }

    #[test]
    fn a_number_is_a_year_or_a_serial() {
        assert_eq!(of_number(2014.0), Ok("2014".into()));
        assert_eq!(of_number(45_657.0), Ok("2024-12-31".into()));
        assert!(of_number(0.5).is_err() && of_number(5_000_000.0).is_err());
    }
}
