//! The schemes whose values are checked: one table, and below it how each value is read.
//!
//! Only form and check digits are looked at. Whether a number was ever given out is known to the
//! register that it comes from, and a write here must not wait for another service.

use super::{is_digits, is_value};

/// Where the identifiers of the government's own standard for organisations live.
const TOOI: &str = "https://identifier.overheid.nl/tooi/id/";

/// A scheme whose values are checked.
pub(super) struct Known {
    pub(super) scheme: &'static str,
    /// The shape in English and in Dutch, as in `IdentifierFault::InvalidValue`.
    pub(super) expected: &'static str,
    pub(super) expected_nl: &'static str,
    /// Gives the stored form of a value that has the right shape.
    pub(super) read: fn(&str) -> Option<String>,
    /// Looks at the stored form.
    pub(super) checksum: fn(&str) -> bool,
}

/// All of them. `bsn` is not here and never will be; `canonical` refuses it by name.
pub(super) const SCHEMES: [Known; 8] = [
    Known {
        scheme: "cbs",
        expected: "GM and 4 digits, or PV, CR, JZ, MC or AM and 2 digits",
        expected_nl: "GM en 4 cijfers, of PV, CR, JZ, MC of AM en 2 cijfers",
        read: cbs,
        checksum: no_checksum,
    },
    Known {
        scheme: "oin",
        expected: "20 positions: 6 zeros, 2 digits, 9 digits or letters, 3 digits",
        expected_nl: "20 posities: 6 nullen, 2 cijfers, 9 cijfers of letters, 3 cijfers",
        read: oin,
        checksum: oin_checksum,
    },
    Known {
        scheme: "kvk",
        expected: "8 digits",
        expected_nl: "8 cijfers",
        read: eight_digits,
        checksum: no_checksum,
    },
    Known {
        scheme: "rsin",
        expected: "9 digits, not all zero",
        expected_nl: "9 cijfers, niet allemaal nul",
        read: rsin,
        checksum: eleven_test,
    },
    Known {
        scheme: "brin",
        expected: "2 digits and 2 letters, and 2 more digits for a location",
        expected_nl: "2 cijfers en 2 letters, en nog 2 cijfers voor een vestiging",
        read: brin,
        checksum: no_checksum,
    },
    Known {
        scheme: "swv",
        expected: "PO or VO and 4 digits, such as PO2509 or PO-25-09",
        expected_nl: "PO of VO en 4 cijfers, zoals PO2509 of PO-25-09",
        read: swv,
        checksum: no_checksum,
    },
    Known {
        scheme: "agb",
        expected: "8 digits",
        expected_nl: "8 cijfers",
        read: eight_digits,
        checksum: no_checksum,
    },
    Known {
        scheme: "tooi",
        expected: "https://identifier.overheid.nl/tooi/id/ with a type and a code",
        expected_nl: "https://identifier.overheid.nl/tooi/id/ met een soort en een code",
        read: tooi,
        checksum: no_checksum,
    },
];

/// A code of Statistics Netherlands: municipality, province, and the regions it publishes about.
fn cbs(value: &str) -> Option<String> {
    let value = value.to_ascii_uppercase();
    let (kind, number) = value.split_at_checked(2)?;
    let length = match kind {
        "GM" => 4,
        "PV" | "CR" | "JZ" | "MC" | "AM" => 2,
        _ => return None,
    };
    is_digits(number, length).then_some(value)
}

/// The organisation number of Logius: a prefix that names a register, the number there, and
/// zeros. The number may hold letters, as the BRIN does (OIN-Stelsel, chapter 6).
fn oin(value: &str) -> Option<String> {
    let value = value.to_ascii_uppercase();
    let (prefix, rest) = value.split_at_checked(8)?;
    let (number, suffix) = rest.split_at_checked(9)?;
    let shaped = is_digits(prefix, 8)
        && prefix.starts_with("000000")
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && is_digits(suffix, 3);
    let number_shaped = match prefix {
        "00000001" => rsin(number).is_some(),
        // Eight digits and a zero that belongs to the suffix.
        "00000003" => is_digits(number, 9),
        _ => true,
    };
    (shaped && number_shaped).then_some(value)
}

fn oin_checksum(value: &str) -> bool {
    match value.strip_prefix("00000001") {
        Some(rest) => rest.get(..9).is_some_and(eleven_test),
        None => true,
    }
}

fn eight_digits(value: &str) -> Option<String> {
    is_digits(value, 8).then(|| value.to_owned())
}

/// Nine zeros pass the 11-test, but no register gives them out.
fn rsin(value: &str) -> Option<String> {
    (is_digits(value, 9) && value != "000000000").then(|| value.to_owned())
}

/// The number of a school (`05KO`) or of one of its locations (`07NU00`).
fn brin(value: &str) -> Option<String> {
    let value = value.to_ascii_uppercase();
    let (digits, rest) = value.split_at_checked(2)?;
    let (letters, location) = rest.split_at_checked(2)?;
    let shaped = is_digits(digits, 2)
        && letters.bytes().all(|byte| byte.is_ascii_uppercase())
        && (location.is_empty() || is_digits(location, 2));
    shaped.then_some(value)
}

/// A school partnership: the sector and two pairs of digits, each with or without a hyphen.
fn swv(value: &str) -> Option<String> {
    let value = value.to_ascii_uppercase();
    let (sector, rest) = value.split_at_checked(2)?;
    let (region, rest) = rest.strip_prefix('-').unwrap_or(rest).split_at_checked(2)?;
    let number = rest.strip_prefix('-').unwrap_or(rest);
    let shaped = matches!(sector, "PO" | "VO") && is_digits(region, 2) && is_digits(number, 2);
    shaped.then(|| format!("{sector}{region}{number}"))
}

/// The government's own URI of an organisation. All of them are in small letters, while the codes
/// they are made from are not (`gm0363`, `GM0363`), so what follows the prefix is folded.
fn tooi(value: &str) -> Option<String> {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    let path = value.strip_prefix(TOOI)?;
    let (kind, code) = path.split_once('/')?;
    let shaped = is_value(value) && is_part(kind) && is_part(code);
    shaped.then(|| format!("{TOOI}{}", path.to_ascii_lowercase()))
}

/// The Dutch 11-test: with the weights 9 to 2 and -1, the sum of the digits is a multiple of 11.
/// Each weight and each difference of two digits is prime to 11, so one wrong digit never passes.
fn eleven_test(digits: &str) -> bool {
    const WEIGHTS: [i32; 9] = [9, 8, 7, 6, 5, 4, 3, 2, -1];
    let sum: i32 = digits
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| i32::from(digit.wrapping_sub(b'0')) * weight)
        .sum();
    sum % 11 == 0
}

fn no_checksum(_: &str) -> bool {
    true
}
