//! Property tests of the value types: what is read and written again is the same, whatever the
//! value. (The tests of dates, identifiers and slugs lie beside those.)

use deserr::Deserr;
use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use super::filter::{Instant, Limit, ListOf, Sequence, Words};
use super::period::find_disorder;
use super::{
    Address, Contact, Day, Enumeration, Identifier, Issues, Line, Markdown, PartialDate,
    PersonalContact, PostcodeArea, Role, Source, Visibility, WebAddress,
};
use crate::organisations::{OrganisationKind, ParentKind, Sector};
use crate::people::{PublicationBasis, RoleKind, RoleStatus};
use crate::regions::{LocalAccess, NetworkStatus, ParticipationRole, PartnerRole, RegionKind};

fn read<T: Deserr<Issues>>(value: Value) -> Result<T, Issues> {
    deserr::deserialize(value)
}

fn written(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// Reading what was written gives the same again.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the callers make it on the spot"
)]
fn is_stable<T: Deserr<Issues> + Serialize>(input: Value) -> Result<(), TestCaseError> {
    let Ok(first) = read::<T>(input.clone()) else {
        return Err(TestCaseError::fail(format!("{input} was refused")));
    };
    let first = written(&first);
    let again = read::<T>(first.clone()).map(|value| written(&value));
    prop_assert_eq!(again, Ok(first));
    Ok(())
}

/// Whatever the text, reading it does not panic, and what was taken is stable.
fn holds_for_any_text<T: Deserr<Issues> + Serialize>(text: &str) -> Result<(), TestCaseError> {
    if read::<T>(json!(text)).is_ok() {
        is_stable::<T>(json!(text))?;
    }
    Ok(())
}

fn word<T: Enumeration + Deserr<Issues> + Serialize>() {
    for term in T::VOCABULARY.terms {
        assert_eq!(T::parse(term.code).map(Enumeration::as_str), Ok(term.code));
        assert_eq!(
            read::<T>(json!(term.code)).map(|v| written(&v)),
            Ok(json!(term.code))
        );
        assert!(!term.label.nl.is_empty() && !term.label.en.is_empty());
        let snake = term
            .code
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b == b'_');
        assert!(snake, "{}", term.code);
    }
}

#[test]
fn every_word_of_every_vocabulary_is_read_and_written_as_itself() {
    word::<Visibility>();
    word::<Role>();
    word::<OrganisationKind>();
    word::<ParentKind>();
    word::<Sector>();
    word::<LocalAccess>();
    word::<NetworkStatus>();
    word::<ParticipationRole>();
    word::<PartnerRole>();
    word::<RegionKind>();
    word::<PublicationBasis>();
    word::<RoleKind>();
    word::<RoleStatus>();
}

/// Text without control characters, with something to see in it.
fn visible() -> impl Strategy<Value = String> {
    r"[\PC&&[^\s]][\PC]{0,60}"
}

/// A day from 0001 to 9999.
fn day() -> impl Strategy<Value = String> {
    (1_i32..=9999, 1_u32..=366).prop_filter_map("not a day of that year", |(year, nth)| {
        chrono::NaiveDate::from_yo_opt(year, nth).map(|day| day.format("%Y-%m-%d").to_string())
    })
}

proptest! {
    #[test]
    fn any_text_can_be_tried_as_any_value(text in ".*") {
        holds_for_any_text::<Line>(&text)?;
        holds_for_any_text::<Markdown>(&text)?;
        holds_for_any_text::<WebAddress>(&text)?;
        holds_for_any_text::<Day>(&text)?;
        holds_for_any_text::<PostcodeArea>(&text)?;
        holds_for_any_text::<PartialDate>(&text)?;
        let _ = read::<Limit>(json!(text));
        let _ = read::<Sequence>(json!(text));
        let _ = read::<Instant>(json!(text));
        let _ = read::<Words>(json!(text));
        let _ = read::<ListOf<Sector>>(json!(text));
    }

    #[test]
    fn a_line_is_trimmed_and_nothing_else(text in visible()) {
        let line = read::<Line>(json!(format!("  {text}\t")));
        prop_assert_eq!(line.map(String::from), Ok(text.trim().to_owned()));
    }

    #[test]
    fn markdown_is_kept_to_the_letter(text in visible(), more in visible()) {
        let text = format!("{text}\n\n{more}\n");
        prop_assert_eq!(read::<Markdown>(json!(text)).map(String::from), Ok(text));
    }

    #[test]
    fn a_control_character_is_refused(text in visible(), control in "[\u{0}-\u{8}\u{b}\u{7f}]") {
        let with_control = format!("{text}{control}{text}");
        prop_assert!(read::<Line>(json!(with_control)).is_err());
        prop_assert!(read::<Markdown>(json!(with_control)).is_err());
    }

    #[test]
    fn a_day_is_written_as_it_was_read(day in day()) {
        prop_assert_eq!(read::<Day>(json!(day)).map(|d| d.to_string()), Ok(day));
    }

    #[test]
    fn an_instant_is_the_same_in_any_offset(
        micros in -62_135_596_800_000_000_i64..253_402_300_799_000_000,
        minutes in -14 * 60..=14 * 60,
    ) {
        let utc = chrono::DateTime::from_timestamp_micros(micros);
        let offset = chrono::FixedOffset::east_opt(minutes * 60);
        let (Some(utc), Some(offset)) = (utc, offset) else { return Ok(()) };
        let there = utc.with_timezone(&offset).to_rfc3339();
        // A year that leaves 0001 to 9999 by the offset is not an RFC 3339 instant any more.
        prop_assume!(there.len() >= 25 && !there.starts_with(['-', '+']));
        let read = read::<Instant>(json!(there)).map(|instant| instant.micros());
        prop_assert_eq!(read, Ok(micros));
    }

    #[test]
    fn a_limit_is_from_1_to_100(number in -1_000_i64..1_000) {
        prop_assert_eq!(read::<Limit>(json!(number.to_string())).is_ok(), (1..=100).contains(&number));
    }

    #[test]
    fn a_dutch_telephone_number_is_stored_as_e164(number in 100_000_000_u32..999_999_999) {
        let forms = [format!("0{number}"), format!("+31{number}"), format!("0031 {number}")];
        for form in forms {
            let contact = read::<Contact>(json!({"kind": "phone", "value": form}));
            prop_assert_eq!(contact.map(|c| c.value), Ok(format!("+31{number}")));
        }
    }

    #[test]
    fn a_contact_is_stable(functional: bool, name in "[a-z]{1,20}", until in day()) {
        for (kind, value) in [
            ("email", format!("{name}@example.nl")),
            ("url", format!("https://example.nl/{name}")),
            ("other", name.clone()),
        ] {
            let input = json!({"kind": kind, "value": value, "isFunctional": functional, "validUntil": until});
            let shown = read::<Contact>(input.clone()).map(|c| c.visibility == Visibility::Public);
            prop_assert_eq!(shown, Ok(functional));
            is_stable::<Contact>(input.clone())?;
            let personal = read::<PersonalContact>(input.clone()).map(|c| written(&c)["visibility"].take());
            prop_assert_eq!(personal, Ok(json!("restricted")));
            is_stable::<PersonalContact>(input)?;
        }
    }

    #[test]
    fn an_address_is_stable(
        digits in 1000_u16..=9999, letters in "[A-RT-Z][A-Z]",
        latitude in -90.0_f64..=90.0, longitude in -180.0_f64..=180.0,
    ) {
        let input = json!({
            "kind": "visiting", "postcode": format!("{digits}{}", letters.to_lowercase()),
            "latitude": latitude, "longitude": longitude,
        });
        is_stable::<Address>(input)?;
    }

    #[test]
    fn an_angle_of_zero_has_no_sign(zero in prop_oneof![Just(0.0_f64), Just(-0.0)]) {
        let address = read::<Address>(json!({"kind": "visiting", "latitude": zero}));
        let text = address.map(|address| written(&address)["latitude"].to_string());
        prop_assert_eq!(text, Ok("0.0".to_owned()));
    }

    #[test]
    fn an_angle_outside_its_bounds_is_refused(beyond in 0.001_f64..1e12) {
        for (name, limit) in [("latitude", 90.0), ("longitude", 180.0)] {
            for angle in [limit + beyond, -limit - beyond] {
                let address = json!({"kind": "postal", name: angle});
                prop_assert!(read::<Address>(address).is_err());
            }
        }
    }

    #[test]
    fn an_identifier_and_a_source_are_stable(value in visible(), start in day()) {
        let plain = value.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assume!(!plain.contains(char::is_whitespace) || !plain.contains('\u{a0}'));
        if read::<Identifier>(json!({"scheme": "eigen", "value": plain})).is_ok() {
            is_stable::<Identifier>(json!({"scheme": "eigen", "value": plain, "start": start}))?;
        }
        is_stable::<Source>(json!({"title": value, "quote": value, "retrievedOn": start}))?;
    }

    #[test]
    fn a_period_ends_no_sooner_than_it_begins(a in day(), b in day()) {
        let mut issues = Issues::default();
        find_disorder(&json!({"rows": [{"start": a, "end": {"edtf": b}}]}), "", &mut issues);
        prop_assert_eq!(issues.0.is_empty(), a <= b);
        prop_assert!(issues.0.iter().all(|issue| issue.location == "/rows/0/end"));
    }
}
