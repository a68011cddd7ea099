//! What `canonical` and the postcodes accept, refuse and store.

use proptest::prelude::*;

use super::IdentifierFault::{self, Bsn, ChecksumFailed, InvalidScheme, InvalidValue};
use super::{canonical, postcode, postcode4};

fn stored(scheme: &str, value: &str) -> String {
    match canonical(scheme, value) {
        Ok((_, value)) => value,
        Err(fault) => unreachable!("{scheme}:{value} was refused: {fault}"),
    }
}

fn fault(scheme: &str, value: &str) -> IdentifierFault {
    match canonical(scheme, value) {
        Ok((_, stored)) => unreachable!("{scheme}:{value} was taken as {stored}"),
        Err(fault) => fault,
    }
}

#[test]
fn known_schemes_are_stored_in_one_form() {
    assert_eq!(stored("cbs", " gm0230 "), "GM0230");
    assert_eq!(stored("cbs", "PV25"), "PV25");
    assert_eq!(stored("cbs", "jz09"), "JZ09");
    assert_eq!(
        stored("oin", "00000001002220647000"),
        "00000001002220647000"
    );
    assert_eq!(
        stored("oin", "00000003123456780000"),
        "00000003123456780000"
    );
    assert_eq!(
        stored("oin", "0000000705ko00000000"),
        "0000000705KO00000000"
    );
    assert_eq!(stored("kvk", "01234567"), "01234567");
    assert_eq!(stored("rsin", "002564440"), "002564440");
    assert_eq!(stored("rsin", "002220647"), "002220647");
    assert_eq!(stored("brin", "05ko"), "05KO");
    assert_eq!(stored("brin", "07NU00"), "07NU00");
    for written in ["PO2509", "po2509", "PO-25-09", "PO25-09", "Po-2509"] {
        assert_eq!(stored("swv", written), "PO2509");
    }
    assert_eq!(stored("agb", "47470001"), "47470001");
    assert_eq!(
        stored(
            "tooi",
            "https://identifier.overheid.nl/tooi/id/gemeente/GM0363"
        ),
        "https://identifier.overheid.nl/tooi/id/gemeente/gm0363"
    );
}

#[test]
fn values_of_known_schemes_must_have_their_shape() {
    let wrong = [
        ("cbs", "GM230"),
        ("cbs", "PV0025"),
        ("cbs", "XX0230"),
        ("cbs", "0230"),
        ("cbs", "GM٠٢٣٠"),
        ("oin", "0000000100222064700"),
        ("oin", "00000001000000000000"),
        ("oin", "10000001002220647000"),
        ("oin", "0000000100222064A000"),
        ("oin", "00000003ABCDEFGH0000"),
        ("oin", "0000000705KO-0000000"),
        ("kvk", "1234567"),
        ("kvk", "+1234567"),
        ("rsin", "02564440"),
        ("rsin", "000000000"),
        ("brin", "5KO"),
        ("brin", "05K0"),
        ("brin", "07NU0"),
        ("swv", "SO2509"),
        ("swv", "PO--2509"),
        ("swv", "PO2509-"),
        ("swv", "POX509"),
        ("agb", "474700012"),
        ("tooi", "gm0363"),
        (
            "tooi",
            "http://identifier.overheid.nl/tooi/id/gemeente/gm0363",
        ),
        ("tooi", "https://identifier.overheid.nl/tooi/id/"),
        ("tooi", "https://identifier.overheid.nl/tooi/id/gemeente/"),
        (
            "tooi",
            "https://identifier.overheid.nl/tooi/id/gemeente/gm0363/x",
        ),
        (
            "tooi",
            "https://identifier.overheid.nl/tooi/id/ge meente/gm0363",
        ),
        (
            "tooi",
            &format!(
                "{}{}",
                "https://identifier.overheid.nl/tooi/id/so/",
                "1".repeat(200)
            ),
        ),
    ];
    for (scheme, value) in wrong {
        let fault = fault(scheme, value);
        assert!(
            matches!(&fault, InvalidValue { scheme: named, .. } if named == scheme),
            "{scheme}:{value} gave {fault:?}"
        );
    }
}

#[test]
fn a_fault_says_the_shape_in_both_languages() {
    let expected = InvalidValue {
        scheme: "kvk".to_owned(),
        expected: "8 digits",
        expected_nl: "8 cijfers",
    };
    assert_eq!(fault("kvk", "12"), expected);
}

#[test]
fn wrong_check_digits_are_told_apart_from_wrong_shapes() {
    for (scheme, value) in [("rsin", "123456789"), ("oin", "00000001123456789000")] {
        let expected = ChecksumFailed {
            scheme: scheme.to_owned(),
        };
        assert_eq!(fault(scheme, value), expected);
    }
}

#[test]
fn a_citizen_service_number_is_refused_however_its_scheme_is_written() {
    for scheme in ["bsn", "BSN", " Bsn "] {
        assert_eq!(fault(scheme, "anything"), Bsn);
    }
}

#[test]
fn any_other_scheme_is_a_key_of_the_client() {
    let kept = canonical(" crm-2 ", " Ä 1/2 ");
    assert_eq!(kept, Ok(("crm-2".to_owned(), "Ä 1/2".to_owned())));
    assert_eq!(stored("x", &"é".repeat(200)).chars().count(), 200);
    for value in [
        "",
        "  ",
        "a  b",
        "a\tb",
        "a\u{a0}b",
        "a\0b",
        &"é".repeat(201),
    ] {
        assert!(
            matches!(fault("crm", value), InvalidValue { .. }),
            "{value:?}"
        );
    }
}

#[test]
fn schemes_are_small_letters_digits_and_hyphens() {
    assert_eq!(stored(&"a".repeat(40), "1"), "1");
    for scheme in [
        "",
        "KVK",
        "Kvk",
        "2crm",
        "-crm",
        "c_rm",
        "crm:x",
        "é",
        &"a".repeat(41),
    ] {
        assert_eq!(fault(scheme, "1"), InvalidScheme, "{scheme:?}");
    }
}

#[test]
fn postcodes_are_stored_with_a_space_and_capitals() {
    for written in ["1234AB", "1234 AB", "1234ab", " 1234 aB "] {
        assert_eq!(postcode(written).as_deref(), Some("1234 AB"));
    }
    for wrong in [
        "",
        "1234",
        "0234 AB",
        "1234 SA",
        "1234sd",
        "1234 SS",
        "1234  AB",
        "1234 A",
        "1234 ABC",
        "123 AB",
        "1234 A1",
        "1234-AB",
        "123é AB",
        "1234 éé",
        "12345AB",
    ] {
        assert_eq!(postcode(wrong), None, "{wrong:?}");
    }
}

#[test]
fn a_postcode_area_has_four_digits_from_1000() {
    assert_eq!(postcode4(" 8081 ").as_deref(), Some("8081"));
    assert_eq!(postcode4("1000").as_deref(), Some("1000"));
    assert_eq!(postcode4("9999").as_deref(), Some("9999"));
    for wrong in ["", "0999", "999", "10000", "8O81", "+808", "８０８１"] {
        assert_eq!(postcode4(wrong), None, "{wrong:?}");
    }
}

/// Nine digits that pass the 11-test, made from eight: the last digit is what the weighted sum of
/// the others leaves, unless that is ten.
fn rsins() -> impl Strategy<Value = String> {
    prop::collection::vec(0u32..10, 8).prop_filter_map("no last digit fits", |digits| {
        let sum: u32 = digits.iter().zip((2..=9).rev()).map(|(d, w)| d * w).sum();
        let known: String = digits.iter().map(ToString::to_string).collect();
        (sum > 0 && sum % 11 < 10).then(|| format!("{known}{}", sum % 11))
    })
}

/// An identifier of each scheme, written in all the ways that are accepted.
fn identifiers() -> impl Strategy<Value = (String, String)> {
    fn of<S: Strategy<Value = String> + 'static>(
        scheme: &'static str,
        values: S,
    ) -> BoxedStrategy<(String, String)> {
        values
            .prop_map(move |value| (scheme.to_owned(), value))
            .boxed()
    }
    prop_oneof![
        of("cbs", "[Gg][Mm][0-9]{4}|(PV|CR|JZ|MC|AM|pv|Cr|jZ)[0-9]{2}"),
        of("oin", rsins().prop_map(|rsin| format!("00000001{rsin}000"))),
        of("oin", "0000000[24-9][0-9A-Za-z]{9}[0-9]{3}"),
        of("oin", "00000003[0-9]{12}"),
        of("kvk", "[0-9]{8}"),
        of("rsin", rsins()),
        of("brin", "[0-9]{2}[A-Za-z]{2}([0-9]{2})?"),
        of("swv", "[PpVv][Oo]-?[0-9]{2}-?[0-9]{2}"),
        of("agb", "[0-9]{8}"),
        of(
            "tooi",
            "https://identifier\\.overheid\\.nl/tooi/id/[a-z_]{1,20}/[A-Za-z0-9]{1,12}"
        ),
        (
            "own-[a-z0-9-]{0,36}",
            "[a-zA-Zé0-9:/._-]{1,90}( [a-zA-Zé0-9]{1,90})?"
        ),
    ]
}

proptest! {
    #[test]
    fn valid_identifiers_are_taken_and_what_is_stored_stays_as_it_is(
        (scheme, value) in identifiers(),
        before in "[ \t\n]{0,3}",
        after in "[ \t\n]{0,3}",
    ) {
        let first = canonical(&format!("{before}{scheme}{after}"), &format!("{after}{value}{before}"));
        prop_assert!(first.is_ok(), "{scheme}:{value} gave {first:?}");
        let (scheme_stored, value_stored) = first.clone().unwrap_or_default();
        prop_assert_eq!(&scheme_stored, &scheme);
        prop_assert_eq!(canonical(&scheme_stored, &value_stored), first);
    }

    #[test]
    fn one_changed_digit_never_passes_the_eleven_test(
        rsin in rsins(),
        place in 0usize..9,
        shift in 1u8..10,
    ) {
        let mut digits = rsin.clone().into_bytes();
        digits[place] = b'0' + (digits[place] - b'0' + shift) % 10;
        let changed = String::from_utf8_lossy(&digits).into_owned();
        prop_assert!(canonical("rsin", &rsin).is_ok());
        // The one other answer there can be: nine zeros are no RSIN at all.
        prop_assume!(changed != "000000000");
        let refused = ChecksumFailed { scheme: "rsin".to_owned() };
        prop_assert_eq!(canonical("rsin", &changed), Err(refused));
        let refused = ChecksumFailed { scheme: "oin".to_owned() };
        prop_assert_eq!(canonical("oin", &format!("00000001{changed}000")), Err(refused));
    }

    #[test]
    fn a_citizen_service_number_has_no_scheme(value in any::<String>()) {
        prop_assert_eq!(canonical("bsn", &value), Err(Bsn));
    }

    #[test]
    fn no_text_makes_a_check_panic_and_what_passes_is_stable(
        scheme in prop_oneof![
            any::<String>(),
            prop::sample::select(vec!["cbs", "oin", "kvk", "rsin", "brin", "swv", "agb", "tooi"])
                .prop_map(str::to_owned),
        ],
        value in prop_oneof![any::<String>(), "[0-9A-Zé-]{0,21}"],
    ) {
        if let Ok((scheme, value)) = canonical(&scheme, &value) {
            prop_assert_eq!(canonical(&scheme, &value), Ok((scheme, value)));
        }
        if let Some(stored) = postcode(&value) {
            prop_assert_eq!(postcode(&stored), Some(stored));
        }
        if let Some(stored) = postcode4(&value) {
            prop_assert_eq!(postcode4(&stored), Some(stored));
        }
    }

    #[test]
    fn every_postcode_that_is_given_out_is_taken(
        number in 1000u32..=9999,
        space in " ?",
        letters in "[A-Za-z]{2}",
    ) {
        let given_out = !["SA", "SD", "SS"].contains(&letters.to_uppercase().as_str());
        let expected = given_out.then(|| format!("{number} {}", letters.to_uppercase()));
        prop_assert_eq!(postcode(&format!("{number}{space}{letters}")), expected);
        prop_assert_eq!(postcode4(&number.to_string()), Some(number.to_string()));
    }
}
