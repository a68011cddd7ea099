//! Amounts of money: a decimal string with its currency, never a floating number.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::ToSchema;

use super::fault::{Fault, Issues, read_string};
use super::language::Text;

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct Money {
    /// How much: digits with a point and at most two decimals; shown with two.
    pub amount: Amount,
    /// The currency, three letters of ISO 4217.
    #[deserr(default)]
    #[serde(default)]
    pub currency: Currency,
}

/// A decimal number that is not negative, with two decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, pattern = r"^\d{1,15}(\.\d{1,2})?$", examples("150000.00"))]
pub struct Amount(String);

/// A code of ISO 4217; the euro unless given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, pattern = "^[A-Z]{3}$", default = "EUR", examples("EUR"))]
pub struct Currency(String);

impl Default for Currency {
    fn default() -> Self {
        Self("EUR".into())
    }
}

impl Amount {
    /// Takes an amount.
    ///
    /// # Errors
    /// When it is not of the form `1234` or `1234.56`, or has more than fifteen digits in front.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || whole.len() > 15 || part.len() > 2 {
            return Err(Fault::InvalidFormat {
                expected: Text {
                    nl: "een bedrag als \"150000.00\": een tekst van cijfers met een punt en hooguit twee decimalen",
                    en: "an amount such as \"150000.00\": a text of digits with a point and at most two decimals",
                },
            });
        }
        let whole = match whole.trim_start_matches('0') {
            "" => "0",
            whole => whole,
        };
        Ok(Self(format!("{whole}.{part:0<2}")))
    }

    /// The number as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An amount that was checked when it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }
}

impl Currency {
    /// Takes a code.
    ///
    /// # Errors
    /// When it is not three capital letters.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) {
            return Ok(Self(text.to_owned()));
        }
        Err(Fault::InvalidFormat {
            expected: Text {
                nl: "een munteenheid van drie hoofdletters, zoals EUR",
                en: "a currency of three capital letters, such as EUR",
            },
        })
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A code that was checked when it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }
}

impl Deserr<Issues> for Amount {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> Result<Self, Issues> {
        read_string(value, at, Self::parse)
    }
}

impl Deserr<Issues> for Currency {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> Result<Self, Issues> {
        read_string(value, at, Self::parse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_two_decimals() {
        for (given, stored) in [
            ("150000", "150000.00"),
            ("0.5", "0.50"),
            ("007.25", "7.25"),
            ("000", "0.00"),
        ] {
            assert_eq!(
                Amount::parse(given).map(|amount| amount.0),
                Ok(stored.into())
            );
        }
        for wrong in [
            "",
            "-1",
            "1,5",
            "1.234",
            ".5",
            "1.",
            "1e3",
            "1234567890123456",
        ] {
            assert!(Amount::parse(wrong).is_err(), "{wrong}");
        }
    }
}
