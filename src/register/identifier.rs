//! The numbers and codes under which other registers know a document, and where facts come from.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::day::Day;
use super::fault::{Fault, Issues};
use super::language::Text;
use super::partial_date::PartialDate;
use super::scheme::{self, IdentifierFault};
use super::text::{Line, Markdown, WebAddress};

/// A code under which another register knows this document.
///
/// A pair of scheme and value is unique within a collection. The schemes `cbs`, `oin`, `kvk`,
/// `rsin`, `brin`, `swv`, `agb` and `tooi` are checked; any other is a client's own key.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Identifier {
    /// Which register the code is from.
    #[schema(pattern = "^[a-z][a-z0-9-]*$", max_length = 40, examples("cbs"))]
    pub scheme: String,
    /// The code, in the scheme's own form.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"[^\s\u0000-\u001f\u007f-\u009f]",
        examples("GM0230")
    )]
    pub value: String,
    /// Since when the code is in use.
    pub start: Option<PartialDate>,
    /// Until when the code was in use.
    pub end: Option<PartialDate>,
}

#[derive(Deserr)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
struct IdentifierFields {
    scheme: Line,
    value: Line,
    #[deserr(default)]
    start: Option<PartialDate>,
    #[deserr(default)]
    end: Option<PartialDate>,
}

impl Deserr<Issues> for Identifier {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> Result<Self, Issues> {
        let json: serde_json::Value = value.into();
        let fields = IdentifierFields::deserialize_from_value(json.clone().into_value(), at)
            .map_err(|issues| with_fault_of_value(issues, &json, at))?;
        let (scheme, value) = scheme::canonical(&fields.scheme, &fields.value)
            .map_err(|fault| Issues::at(at.push_key(member(&fault)), fault.into()))?;
        Ok(Self {
            scheme,
            value,
            start: fields.start,
            end: fields.end,
        })
    }
}

/// Adds what is wrong with the code itself, when other members are wrong too.
fn with_fault_of_value(
    mut issues: Issues,
    json: &serde_json::Value,
    at: ValuePointerRef<'_>,
) -> Issues {
    let line = |name: &str| json[name].as_str().filter(|text| Line::parse(text).is_ok());
    let value = line("value");
    if let Some(scheme) = line("scheme")
        && let Err(fault) = scheme::canonical(scheme, value.unwrap_or_default())
        && (value.is_some() || member(&fault) == "scheme")
    {
        let place = at.push_key(member(&fault));
        issues.0.extend(Issues::at(place, fault.into()).0);
    }
    issues
}

/// The places of codes that stand in a list of identifiers for the second time.
pub fn duplicates(list: &serde_json::Value) -> Vec<usize> {
    let codes: Vec<Option<(String, String)>> = list
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| scheme::canonical(item["scheme"].as_str()?, item["value"].as_str()?).ok())
        .collect();
    let twice = |nth: &usize| codes[*nth].is_some() && codes[..*nth].contains(&codes[*nth]);
    (0..codes.len()).filter(twice).collect()
}

/// The member at which the fault shows.
fn member(fault: &IdentifierFault) -> &'static str {
    match fault {
        IdentifierFault::InvalidScheme | IdentifierFault::Bsn => "scheme",
        IdentifierFault::InvalidValue { .. } | IdentifierFault::ChecksumFailed { .. } => "value",
    }
}

impl From<IdentifierFault> for Fault {
    fn from(fault: IdentifierFault) -> Self {
        match fault {
            IdentifierFault::InvalidScheme => Self::InvalidFormat {
                expected: Text {
                    nl: "een schema van kleine letters, cijfers en streepjes, zoals kvk",
                    en: "a scheme of small letters, digits and hyphens, such as kvk",
                },
            },
            IdentifierFault::InvalidValue {
                expected,
                expected_nl,
                ..
            } => Self::InvalidFormat {
                expected: Text {
                    nl: expected_nl,
                    en: expected,
                },
            },
            IdentifierFault::ChecksumFailed { scheme } => Self::ChecksumFailed { scheme },
            IdentifierFault::Bsn => Self::CitizenServiceNumber,
        }
    }
}

/// Where the facts of a document come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Deserr)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct Source {
    /// The page itself.
    #[deserr(default)]
    pub url: Option<WebAddress>,
    /// The title of the page or document.
    pub title: Line,
    /// Who published it.
    #[deserr(default)]
    pub publisher: Option<Line>,
    /// When it was last looked at.
    #[deserr(default)]
    pub retrieved_on: Option<Day>,
    /// The words that carry the fact.
    #[deserr(default)]
    pub quote: Option<Markdown>,
    /// What else there is to say of it.
    #[deserr(default)]
    pub note: Option<Markdown>,
}
