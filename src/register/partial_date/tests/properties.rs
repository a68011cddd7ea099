//! The whole grammar of level 1, by generated expressions.

use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;
use serde_json::json;

use super::super::{InvalidEdtf, PartialDate};
use super::partial;

/// Up to four digits, with or without a sign; the years around now are as likely as all others.
fn years() -> impl Strategy<Value = i32> {
    prop_oneof![-9999..=9999, 1990..2040, -3..=3]
}

fn written(year: i32) -> String {
    let sign = if year < 0 { "-" } else { "" };
    format!("{sign}{:04}", year.abs())
}

fn days() -> impl Strategy<Value = NaiveDate> {
    (years(), 1u32..=366)
        .prop_filter_map("365 days", |(year, day)| NaiveDate::from_yo_opt(year, day))
}

fn written_day(day: NaiveDate) -> String {
    let year = written(day.year());
    format!("{year}-{:02}-{:02}", day.month(), day.day())
}

/// A date of any form, without a qualifier. The texts are put together here and not by `Display`,
/// so that the two check each other.
fn plain_dates() -> impl Strategy<Value = String> {
    prop_oneof![
        days().prop_map(written_day),
        (years(), 1..=12).prop_map(|(year, month)| format!("{}-{month:02}", written(year))),
        years().prop_map(written),
        (years(), 21..=24).prop_map(|(year, season)| format!("{}-{season}", written(year))),
        "[0-9]{3}X",
        "[0-9]{2}XX",
        years().prop_map(|year| format!("{}-XX", written(year))),
        (years(), 1..=12).prop_map(|(year, month)| format!("{}-{month:02}-XX", written(year))),
        years().prop_map(|year| format!("{}-XX-XX", written(year))),
        "Y-?[1-9][0-9]{4,17}",
    ]
}

fn dates() -> impl Strategy<Value = String> {
    (plain_dates(), "[?~%]?").prop_map(|(date, qualifier)| date + &qualifier)
}

/// An end of an interval: any date, open, or unknown.
fn ends() -> impl Strategy<Value = String> {
    prop_oneof![8 => dates(), 1 => Just("..".to_owned()), 1 => Just(String::new())]
}

/// Intervals of every pairing, with the two ends in the order of time.
fn intervals() -> impl Strategy<Value = String> {
    (ends(), ends()).prop_map(|(a, b)| {
        let interval = format!("{a}/{b}");
        match PartialDate::parse(&interval) {
            Err(InvalidEdtf::EndsBeforeStart) => format!("{b}/{a}"),
            _ => interval,
        }
    })
}

fn expressions() -> impl Strategy<Value = String> {
    prop_oneof![dates(), intervals()]
}

/// Whether the days of the first expression all lie within the second.
fn within(inner: &str, outer: &str) -> bool {
    let (inner, outer) = (partial(inner), partial(outer));
    inner.earliest() >= outer.earliest() && inner.latest() <= outer.latest()
}

proptest! {
    #[test]
    fn printing_gives_back_what_was_read(edtf in expressions(), around in "[ \t\n]{0,3}") {
        let read = PartialDate::parse(&format!("{around}{edtf}{around}"));
        let printed = read.as_ref().map(|date| date.edtf().to_owned());
        prop_assert_eq!(printed, Ok(edtf.clone()));
        prop_assert_eq!(PartialDate::parse(&edtf), read);
    }

    #[test]
    fn bounds_are_in_order_and_have_four_digit_years(edtf in expressions()) {
        let date = partial(&edtf);
        if let (Some(earliest), Some(latest)) = (date.earliest(), date.latest()) {
            prop_assert!(earliest <= latest, "{earliest} {latest}");
        }
        for bound in date.earliest().into_iter().chain(date.latest()) {
            prop_assert!((1..=9999).contains(&bound.year()), "{bound}");
        }
        prop_assert_eq!(date.earliest().is_none(), edtf.starts_with('/') || edtf.starts_with("../"));
        prop_assert_eq!(date.latest().is_none(), edtf.ends_with('/') || edtf.ends_with("/.."));
    }

    #[test]
    fn an_interval_goes_from_the_first_day_of_its_start_to_the_last_of_its_end(
        start in dates(),
        end in dates(),
    ) {
        let (from, to) = (partial(&start).earliest(), partial(&end).latest());
        match PartialDate::parse(&format!("{start}/{end}")) {
            Ok(interval) => prop_assert_eq!((interval.earliest(), interval.latest()), (from, to)),
            Err(reason) => {
                prop_assert_eq!(reason, InvalidEdtf::EndsBeforeStart);
                // Clamped bounds may be equal where the true ones are not.
                prop_assert!(from >= to, "{from:?} {to:?}");
                let turned = PartialDate::parse(&format!("{end}/{start}"));
                prop_assert!(turned.is_ok(), "{turned:?}");
            }
        }
    }

    #[test]
    fn a_finer_date_lies_within_the_coarser_ones_around_it(day in days()) {
        let (year, written_day) = (written(day.year()), written_day(day));
        let month = format!("{year}-{:02}", day.month());
        let season_year = if day.month() < 3 { day.year() - 1 } else { day.year() };
        let season = match day.month() {
            3..=5 => 21,
            6..=8 => 22,
            9..=11 => 23,
            _ => 24,
        };
        for outer in [&month, &format!("{month}-XX")] {
            prop_assert!(within(&written_day, outer));
            prop_assert!(within(outer, &year));
        }
        for outer in [format!("{year}-XX"), format!("{year}-XX-XX")] {
            prop_assert!(within(&month, &outer) && within(&outer, &year));
        }
        if season_year >= -9999 {
            let season = format!("{}-{season}", written(season_year));
            prop_assert!(within(&month, &season), "{month} {season}");
            prop_assert!(season.ends_with("24") || within(&season, &year));
        }
        if day.year() >= 0 {
            let (decade, century) = (format!("{}X", &year[..3]), format!("{}XX", &year[..2]));
            prop_assert!(within(&year, &decade) && within(&decade, &century));
        }
    }

    #[test]
    fn a_qualifier_changes_words_and_nothing_else(edtf in plain_dates(), mark in "[?~%]") {
        let (plain, doubtful) = (partial(&edtf), partial(&format!("{edtf}{mark}")));
        prop_assert_eq!(plain.earliest(), doubtful.earliest());
        prop_assert_eq!(plain.latest(), doubtful.latest());
        prop_assert_ne!(plain.text(), doubtful.text());
    }

    #[test]
    fn sending_back_what_was_given_changes_nothing(
        edtf in expressions(),
        text in prop::option::of(".{0,20}"),
        inferred in prop::option::of(".{0,20}"),
    ) {
        let date = partial(&edtf).with_words(text, inferred);
        let back = json!(date);
        let member = |name: &str| back[name].as_str().map(str::to_owned);
        let again = partial(&member("edtf").unwrap_or_default())
            .with_words(member("text"), member("inferred"));
        prop_assert_eq!(again, date);
    }

    #[test]
    fn derived_words_are_not_kept(edtf in expressions()) {
        let date = partial(&edtf);
        prop_assert!(!date.text().trim().is_empty());
        let again = date.clone().with_words(Some(date.text()), None);
        prop_assert_eq!(again.own_text(), None);
    }

    #[test]
    fn no_text_makes_the_reader_panic(
        text in prop_oneof![any::<String>(), "[0-9XYTZ./?~%+: -]{0,24}", "[-Y0-29X?/.é]{0,12}"],
    ) {
        if let Ok(date) = PartialDate::parse(&text) {
            prop_assert_eq!(date.edtf(), text.trim());
        }
    }

    #[test]
    fn a_damaged_expression_is_refused_or_printed_as_it_was_read(
        edtf in expressions(),
        place in any::<prop::sample::Index>(),
        byte in "[0-9XYT./?~%-]?",
    ) {
        let at = place.index(edtf.len().max(1)).min(edtf.len());
        let end = (at + 1).min(edtf.len());
        let damaged = format!("{}{byte}{}", &edtf[..at], &edtf[end..]);
        if let Ok(date) = PartialDate::parse(&damaged) {
            prop_assert_eq!(date.edtf(), damaged);
        }
    }
}
