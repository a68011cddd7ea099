//! What a partial date accepts, covers and says, by example; `properties` does the same over the
//! whole grammar.

use chrono::{Datelike, Days, NaiveDate};
use serde_json::json;

use super::{InvalidEdtf, PartialDate};

mod properties;

fn partial(edtf: &str) -> PartialDate {
    match PartialDate::parse(edtf) {
        Ok(date) => date,
        Err(reason) => unreachable!("{edtf} was refused: {reason}"),
    }
}

fn words(edtf: &str) -> String {
    partial(edtf).text()
}

/// The bounds as text, with nothing for what is open or unknown.
fn bounds(edtf: &str) -> String {
    let date = partial(edtf);
    let show = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    format!("{}/{}", show(date.earliest()), show(date.latest()))
}

#[test]
fn each_form_covers_its_days() {
    for (edtf, expected) in [
        ("2012-09-27", "2012-09-27/2012-09-27"),
        ("2019-12", "2019-12-01/2019-12-31"),
        ("2020-02", "2020-02-01/2020-02-29"),
        ("1900-02", "1900-02-01/1900-02-28"),
        ("2020", "2020-01-01/2020-12-31"),
        ("2014-21", "2014-03-01/2014-05-31"),
        ("2014-22", "2014-06-01/2014-08-31"),
        ("2014-23", "2014-09-01/2014-11-30"),
        ("2014-24", "2014-12-01/2015-02-28"),
        ("2015-24", "2015-12-01/2016-02-29"),
        ("201X", "2010-01-01/2019-12-31"),
        ("20XX", "2000-01-01/2099-12-31"),
        ("2004-XX", "2004-01-01/2004-12-31"),
        ("1985-04-XX", "1985-04-01/1985-04-30"),
        ("1985-XX-XX", "1985-01-01/1985-12-31"),
        ("2015/..", "2015-01-01/"),
        ("2015/", "2015-01-01/"),
        ("../2015", "/2015-12-31"),
        ("/2015", "/2015-12-31"),
        ("../..", "/"),
        ("/", "/"),
        ("2020-10/2020-12", "2020-10-01/2020-12-31"),
        ("1984-06-02?/2004-08-08~", "1984-06-02/2004-08-08"),
        ("2004-06/2004", "2004-06-01/2004-12-31"),
    ] {
        assert_eq!(bounds(edtf), expected, "{edtf}");
    }
}

#[test]
fn a_qualifier_does_not_widen_the_bounds() {
    for edtf in ["2013?", "2013~", "2013%"] {
        assert_eq!(bounds(edtf), "2013-01-01/2013-12-31", "{edtf}");
    }
}

#[test]
fn years_beyond_four_digits_and_before_christ_are_clamped() {
    for (edtf, expected) in [
        ("Y170000002", "9999-12-31/9999-12-31"),
        ("Y-170000002", "0001-01-01/0001-01-01"),
        ("-1985", "0001-01-01/0001-01-01"),
        ("-0004-02-29", "0001-01-01/0001-01-01"),
        ("0000", "0001-01-01/0001-01-01"),
        ("0000-24", "0001-01-01/0001-02-28"),
        ("00XX", "0001-01-01/0099-12-31"),
        ("9999-24", "9999-12-01/9999-12-31"),
        ("-1985/Y17000", "0001-01-01/9999-12-31"),
        ("Y999999999999999999", "9999-12-31/9999-12-31"),
    ] {
        assert_eq!(bounds(edtf), expected, "{edtf}");
    }
}

#[test]
fn each_form_has_dutch_words() {
    for (edtf, expected) in [
        ("2012-09-27", "27 september 2012"),
        ("2014-21", "voorjaar 2014"),
        ("2014-22", "zomer 2014"),
        ("2014-23", "najaar 2014"),
        ("2014-24", "winter 2014-2015"),
        ("2019-12", "december 2019"),
        ("2020", "2020"),
        ("2013~", "rond 2013"),
        ("2013?", "2013 (onzeker)"),
        ("2013%", "rond 2013 (onzeker)"),
        ("201X", "jaren 2010"),
        ("201X~", "rond de jaren 2010"),
        ("20XX", "jaren 2000-2099"),
        ("2004-XX", "een maand in 2004"),
        ("1985-04-XX", "een dag in april 1985"),
        ("1985-XX-XX", "een dag in 1985"),
        ("2015/..", "sinds 2015"),
        ("201X?/..", "sinds de jaren 2010 (onzeker)"),
        ("2013~/..", "sinds rond 2013"),
        ("../2015", "tot en met 2015"),
        ("2015/", "vanaf 2015, einde onbekend"),
        ("/2015", "tot en met 2015, begin onbekend"),
        ("2020-10/2020-12", "oktober 2020 tot en met december 2020"),
        ("201X/202X", "jaren 2010 tot en met de jaren 2020"),
        ("../..", "zonder begin en einde"),
        ("../", "zonder begin, einde onbekend"),
        ("/..", "begin onbekend, zonder einde"),
        ("/", "begin en einde onbekend"),
        ("0000", "1 v.Chr."),
        ("-1985", "1986 v.Chr."),
        ("-0001-01-05", "5 januari 2 v.Chr."),
        ("Y170000002", "170000002"),
    ] {
        assert_eq!(words(edtf), expected, "{edtf}");
    }
}

#[test]
fn what_is_not_level_1_is_refused() {
    let refused = [
        "",
        " ",
        "najaar 2014",
        "12 december",
        "20120927",
        "2012-9",
        "2012-09-7",
        "12-09-2012",
        "2012/09/27",
        "2012-270",
        "2012-W39",
        "+2012",
        "2012-+9",
        "2012-",
        "-",
        "--2012",
        "12",
        "20120",
        "-0000",
        "-0000-01",
        "2012?~",
        "2012??",
        "?2012",
        "~2012",
        "2012-?09",
        "?",
        "201x",
        "2XXX",
        "XXXX",
        "-201X",
        "-20XX",
        "X012",
        "201X-01",
        "20XX-XX",
        "2004-1X",
        "2004-XX-01",
        "2004-01-0X",
        "1985-XX-X",
        "2014-25",
        "2014-41",
        "2014-XX-XX-XX",
        "Y2012",
        "Y02012",
        "Y012345",
        "Y-2012",
        "Y",
        "Y-",
        "Y+12345",
        "Y12345-01",
        "Y--12345",
        "12345",
        "Y1E5",
        "Y1234567890123456789",
        "2012/2013/2014",
        "2012/...",
        ".",
        "..",
        "...",
        "2012..",
        "2012-09-27T",
        "T10:00",
        "2012,2013",
        "{2012}",
        "[2012..]",
        "²012",
        "２０１２",
        "2012\u{2013}09",
    ];
    for edtf in refused {
        let read = PartialDate::parse(edtf);
        assert_eq!(read, Err(InvalidEdtf::NotEdtf), "{edtf:?}");
    }
}

#[test]
fn days_and_months_that_do_not_exist_are_named_as_such() {
    for edtf in [
        "2013-02-29",
        "1900-02-29",
        "2012-04-31",
        "2012-00-01",
        "2012-01-00",
        "2012-13-01",
        "2012-21-01",
        "2012-13",
        "2012-00",
        "2012-20",
        "2012-13-XX",
        "2012-23-XX",
        "2012-02-30?",
        "../2013-02-29",
        "2013-02-29/2014",
    ] {
        let read = PartialDate::parse(edtf);
        assert_eq!(read, Err(InvalidEdtf::NoSuchDay), "{edtf}");
    }
}

#[test]
fn a_time_of_day_is_refused_as_such() {
    for edtf in [
        "1985-04-12T23:20:30",
        "1985-04-12T23:20:30Z",
        "1985-04-12T23:20:30-04",
        "1985-04-12T23:20:30+04:30",
        "-0001-04-12T23:20:30Z",
        "1985-04-12T23:20/1985-04-13T01:00",
        "1985/1985-04-13T01:00",
    ] {
        assert_eq!(
            PartialDate::parse(edtf),
            Err(InvalidEdtf::HasTime),
            "{edtf}"
        );
    }
}

#[test]
fn an_interval_must_not_end_before_it_starts() {
    for edtf in [
        "2020/2019",
        "2020-12/2020-10",
        "2012-09-27/2012-09-26",
        "2005/2004-12-31",
        "202X/201X",
        "-1985/-1990",
        "Y170000002/Y17000",
        "Y17000/9999",
        "2012-09-27?/2011~",
    ] {
        let read = PartialDate::parse(edtf);
        assert_eq!(read, Err(InvalidEdtf::EndsBeforeStart), "{edtf}");
    }
    for edtf in [
        "2012-09-27/2012-09-27",
        "2004/2004-01-01",
        "-1990/-1985",
        "2014-24/2015-01",
    ] {
        assert_eq!(partial(edtf).edtf(), edtf);
    }
}

#[test]
fn an_expression_has_at_most_64_bytes() {
    let padded = format!("{}2012{}", " ".repeat(100), "\n".repeat(100));
    assert_eq!(partial(&padded).edtf(), "2012");
    let long = format!("Y1{}", "0".repeat(80));
    assert_eq!(PartialDate::parse(&long), Err(InvalidEdtf::NotEdtf));
}

#[test]
fn the_words_of_the_source_come_first() {
    let date = partial("2014-23").with_words(
        Some("najaar van 2014".to_owned()),
        Some("De brief is van 27 september 2012.".to_owned()),
    );
    assert_eq!(date.text(), "najaar van 2014");
    assert_eq!(date.own_text(), Some("najaar van 2014"));
    assert_eq!(
        json!(date).to_string(),
        concat!(
            r#"{"edtf":"2014-23","text":"najaar van 2014","earliest":"2014-09-01","#,
            r#""latest":"2014-11-30","inferred":"De brief is van 27 september 2012."}"#
        )
    );
}

#[test]
fn members_without_a_value_are_left_out() {
    assert_eq!(
        json!(partial("2015/..")),
        json!({"edtf": "2015/..", "text": "sinds 2015", "earliest": "2015-01-01"})
    );
    assert_eq!(
        json!(partial("Y-170000002/..").earliest()),
        json!("0001-01-01")
    );
    assert_eq!(
        json!(partial("../..")),
        json!({"edtf": "../..", "text": "zonder begin en einde"})
    );
}

#[test]
fn blank_words_are_no_words() {
    let date = partial("2020").with_words(Some(" ".to_owned()), Some(String::new()));
    assert_eq!(date, partial("2020"));
}

#[test]
fn new_words_replace_the_old_ones() {
    let date = partial("2020").with_words(Some("eind 2020".to_owned()), Some("x".to_owned()));
    assert_eq!(date.with_words(None, None), partial("2020"));
}

#[test]
fn every_day_of_four_centuries_is_read() {
    let mut days = NaiveDate::from_ymd_opt(1800, 1, 1);
    while let Some(day) = days.filter(|day| day.year() < 2200) {
        let date = partial(&day.to_string());
        assert_eq!((date.earliest(), date.latest()), (Some(day), Some(day)));
        days = day.checked_add_days(Days::new(1));
    }
    assert_eq!(days, NaiveDate::from_ymd_opt(2200, 1, 1));
}
