//! Identifiers of other registers: which schemes are known, what their values look like, and how
//! they are written.
//!
//! A document is found by `scheme:value`, and a pair is unique within its collection. So each
//! value has exactly one stored form, made by [`canonical`]. A scheme that is not in the table of
//! `known` is a client's own key: only its general form is checked.
//!
//! [`postcode`] and [`postcode4`] are here as well. They are no identifiers, but values of
//! another register with a fixed form, checked in the same way.

use std::fmt;

mod known;
#[cfg(test)]
mod tests;

/// The longest name of a scheme, in bytes.
const MAX_SCHEME: usize = 40;

/// The longest value, in characters.
const MAX_VALUE: usize = 200;

/// The pattern of `scheme:value` where several stand with commas between. A value may be longer,
/// but only without spaces, which no pattern of a bearable size says.
pub const PATTERN: &str = r"[a-z][a-z0-9-]{0,39}:[^\s,\u0000-\u001f\u007f-\u009f]( ?[^\s,\u0000-\u001f\u007f-\u009f]){0,99}";

/// Checks an identifier and gives scheme and value as they are stored.
///
/// White space around both is dropped. A scheme is `[a-z][a-z0-9-]*` of at most 40 characters;
/// capitals are refused rather than folded, because a client that writes `KVK` here will also
/// write it in its links. A value has 1 to 200 characters, none of them a control character, and
/// no white space inside but single spaces. Values of known schemes must have their shape, and
/// pass their checksum where they have one.
///
/// # Errors
///
/// An [`IdentifierFault`]; the scheme is looked at first, then the value.
pub fn canonical(scheme: &str, value: &str) -> Result<(String, String), IdentifierFault> {
    let (scheme, value) = (scheme.trim(), value.trim());
    if scheme.eq_ignore_ascii_case("bsn") {
        return Err(IdentifierFault::Bsn);
    }
    if !is_scheme(scheme) {
        return Err(IdentifierFault::InvalidScheme);
    }
    let Some(known) = known::SCHEMES.iter().find(|known| known.scheme == scheme) else {
        return if is_value(value) {
            Ok((scheme.to_owned(), value.to_owned()))
        } else {
            Err(IdentifierFault::InvalidValue {
                scheme: scheme.to_owned(),
                expected: "1 to 200 characters, without control characters or repeated spaces",
                expected_nl: "1 tot 200 tekens, zonder stuurtekens of herhaalde spaties",
            })
        };
    };
    let stored = (known.read)(value).ok_or_else(|| IdentifierFault::InvalidValue {
        scheme: scheme.to_owned(),
        expected: known.expected,
        expected_nl: known.expected_nl,
    })?;
    if !(known.checksum)(&stored) {
        return Err(IdentifierFault::ChecksumFailed {
            scheme: scheme.to_owned(),
        });
    }
    Ok((scheme.to_owned(), stored))
}

/// Gives a Dutch postcode as it is stored, `1234 AB`. Takes small letters, and digits and letters
/// without a space between them. No postcode begins with a zero or has the letters SA, SD or SS.
pub fn postcode(text: &str) -> Option<String> {
    let (digits, letters) = text.trim().split_at_checked(4)?;
    let digits = postcode4(digits)?;
    let letters = letters.strip_prefix(' ').unwrap_or(letters);
    if letters.len() != 2 || !letters.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let letters = letters.to_ascii_uppercase();
    let free = !matches!(letters.as_str(), "SA" | "SD" | "SS");
    free.then(|| format!("{digits} {letters}"))
}

/// Gives the four digits of a Dutch postcode, from 1000 to 9999.
pub fn postcode4(text: &str) -> Option<String> {
    let text = text.trim();
    (is_digits(text, 4) && !text.starts_with('0')).then(|| text.to_owned())
}

/// Why an identifier was refused. It never holds the value: that may be a private number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentifierFault {
    /// The scheme is not `[a-z][a-z0-9-]*` of at most 40 characters.
    InvalidScheme,
    /// The value does not have the shape of its scheme.
    InvalidValue {
        /// The scheme, as it is stored.
        scheme: String,
        /// The shape in English, to follow "expected": "8 digits".
        expected: &'static str,
        /// The same in Dutch, to follow "verwacht": "8 cijfers".
        expected_nl: &'static str,
    },
    /// The value has the right shape, but its check digit is wrong: most often a typing error.
    ChecksumFailed {
        /// The scheme, as it is stored.
        scheme: String,
    },
    /// A citizen service number. The register has no ground to hold one, so there is no such
    /// scheme, whatever the value is.
    Bsn,
}

impl fmt::Display for IdentifierFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidScheme => {
                f.write_str("a scheme is at most 40 small letters, digits and hyphens")
            }
            Self::InvalidValue {
                scheme, expected, ..
            } => write!(f, "not a value of {scheme}, expected {expected}"),
            Self::ChecksumFailed { scheme } => write!(f, "wrong check digit for {scheme}"),
            Self::Bsn => f.write_str("citizen service numbers are never held"),
        }
    }
}

impl std::error::Error for IdentifierFault {}

fn is_scheme(text: &str) -> bool {
    text.len() <= MAX_SCHEME
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// Other white space than single spaces looks the same and is not equal: two documents could then
/// claim what a person sees as one number.
fn is_value(text: &str) -> bool {
    let plain = |c: char| !c.is_control() && (c == ' ' || !c.is_whitespace());
    (1..=MAX_VALUE).contains(&text.chars().count())
        && text.chars().all(plain)
        && !text.contains("  ")
}

fn is_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}
