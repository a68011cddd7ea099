//! Ways to reach an organisation, a region or a person, and postal addresses.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::Visibility;
use super::day::Day;
use super::fault::{Fault, Issues};
use super::language::Text;
use super::scheme;
use super::text::{Line, WebAddress};
use super::vocabulary::{Enumeration, vocabulary};

vocabulary! {
    /// What kind of contact this is.
    pub enum ContactKind in "contact-kinds" {
        Email = "email", "E-mail", "E-mail";
        Phone = "phone", "Telefoon", "Telephone";
        Url = "url", "Webadres", "Web address";
        Address = "address", "Adres", "Address";
        Other = "other", "Anders", "Other";
    }
}

vocabulary! {
    /// What an address is for.
    pub enum AddressKind in "address-kinds" {
        Visiting = "visiting", "Bezoekadres", "Visiting address";
        Postal = "postal", "Postadres", "Postal address";
    }
}

/// One way to reach someone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// E-mail, telephone, web address, address in words, or something else.
    pub kind: ContactKind,
    /// The address or number. Telephone numbers are stored in E.164, with +31 when no country is
    /// given; web addresses are absolute.
    #[schema(
        min_length = 1,
        max_length = 300,
        pattern = r"[^\s\u0000-\u001f\u007f-\u009f]",
        examples("jeugd@elburg.example")
    )]
    pub value: String,
    /// What it is for, in a few words.
    pub label: Option<Line>,
    /// Whether it belongs to a function (a shared mailbox) rather than to one person.
    #[serde(default)]
    pub is_functional: bool,
    /// Who sees it. A functional contact is public unless said otherwise, a personal one
    /// restricted; one of a person, or of a person's role, always is.
    #[serde(default = "restricted")]
    pub visibility: Visibility,
    /// The last day on which it is shown.
    pub valid_until: Option<Day>,
}

fn restricted() -> Visibility {
    Visibility::Restricted
}

#[derive(Deserr)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
struct ContactFields {
    kind: ContactKind,
    value: Line,
    #[deserr(default)]
    label: Option<Line>,
    #[deserr(default)]
    is_functional: bool,
    #[deserr(default)]
    visibility: Option<Visibility>,
    #[deserr(default)]
    valid_until: Option<Day>,
}

impl Contact {
    /// Reads a contact; `unasked` says who sees a functional one when the caller does not.
    fn read<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
        unasked: Visibility,
    ) -> Result<Self, Issues> {
        let json: serde_json::Value = value.into();
        let fields = ContactFields::deserialize_from_value(json.clone().into_value(), at);
        // Taken for "not given", `null` would make a restricted contact public.
        if json
            .get("visibility")
            .is_some_and(serde_json::Value::is_null)
        {
            let expected = "string".into();
            let mut issues = fields.err().unwrap_or_default();
            let fault = Fault::WrongType { expected };
            issues
                .0
                .extend(Issues::at(at.push_key("visibility"), fault).0);
            return Err(with_fault_of_value(issues, &json, at));
        }
        let fields = fields.map_err(|issues| with_fault_of_value(issues, &json, at))?;
        let default = if fields.is_functional {
            unasked
        } else {
            Visibility::Restricted
        };
        Ok(Self {
            value: contact_value(fields.kind, &fields.value)
                .map_err(|fault| Issues::at(at.push_key("value"), fault))?,
            kind: fields.kind,
            label: fields.label,
            is_functional: fields.is_functional,
            visibility: fields.visibility.unwrap_or(default),
            valid_until: fields.valid_until,
        })
    }
}

impl Deserr<Issues> for Contact {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> Result<Self, Issues> {
        Self::read(value, at, Visibility::Public)
    }
}

/// One way to reach a person: a contact that is restricted unless it was made public, whether it
/// is functional or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonalContact(Contact);

impl Deserr<Issues> for PersonalContact {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> Result<Self, Issues> {
        Contact::read(value, at, Visibility::Restricted).map(Self)
    }
}

impl utoipa::PartialSchema for PersonalContact {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        Contact::schema()
    }
}

impl ToSchema for PersonalContact {
    fn name() -> std::borrow::Cow<'static, str> {
        Contact::name()
    }

    fn schemas(
        schemas: &mut Vec<(
            String,
            utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>,
        )>,
    ) {
        Contact::schemas(schemas);
    }
}

/// Adds what is wrong with the value itself, when other members are wrong too.
fn with_fault_of_value(
    mut issues: Issues,
    json: &serde_json::Value,
    at: ValuePointerRef<'_>,
) -> Issues {
    let kind = json["kind"]
        .as_str()
        .and_then(|word| ContactKind::parse(word).ok());
    let value = json["value"]
        .as_str()
        .and_then(|text| Line::parse(text).ok());
    if let (Some(kind), Some(value)) = (kind, value)
        && let Err(fault) = contact_value(kind, &value)
    {
        issues.0.extend(Issues::at(at.push_key("value"), fault).0);
    }
    issues
}

/// Checks the value of a contact and gives it as it is stored.
fn contact_value(kind: ContactKind, value: &str) -> Result<String, Fault> {
    let wrong = |nl, en| {
        Err(Fault::InvalidFormat {
            expected: Text { nl, en },
        })
    };
    match kind {
        ContactKind::Email if is_email(value) => Ok(value.to_owned()),
        ContactKind::Email => wrong(
            "een e-mailadres als naam@voorbeeld.nl",
            "an e-mail address such as name@example.nl",
        ),
        ContactKind::Phone => match phone(value) {
            Some(number) => Ok(number),
            None => wrong(
                "een telefoonnummer als 0525 000000 of +31 525 000000",
                "a telephone number such as 0525 000000 or +31 525 000000",
            ),
        },
        ContactKind::Url => WebAddress::parse(value).map(String::from),
        ContactKind::Address | ContactKind::Other => Ok(value.to_owned()),
    }
}

/// A bare address at a domain: no name around it, no address of a machine.
fn is_email(text: &str) -> bool {
    let options = email_address::Options::default()
        .with_required_tld()
        .without_display_text()
        .without_domain_literal();
    email_address::EmailAddress::parse_with_options(text, options).is_ok()
}

/// A telephone number in E.164. Only the form and the length are checked, not whether the number
/// was given out: made-up numbers such as +31 6 00000000 are wanted in examples.
fn phone(text: &str) -> Option<String> {
    let dialled = text
        .chars()
        .all(|c| c.is_ascii_digit() || " +-().".contains(c));
    let number = phonenumber::parse(Some(phonenumber::country::Id::NL), text).ok()?;
    let written = number.format().mode(phonenumber::Mode::E164).to_string();
    let digits = written.len() - 1;
    // Dutch numbers have nine digits behind the country, but for the short ones of services and of
    // municipalities (14 and the area code).
    let short = ["+31800", "+31900", "+31906", "+31909", "+3114"];
    let is_short = short.iter().any(|start| written.starts_with(start)) && digits >= 7;
    let dutch = number.country().code() != 31 || digits == 11 || is_short;
    (dialled && dutch && (7..=15).contains(&digits)).then_some(written)
}

/// A place where an organisation can be visited or written to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Deserr)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct Address {
    /// For visits or for post.
    pub kind: AddressKind,
    /// The street, without the number.
    #[deserr(default)]
    pub street: Option<Line>,
    /// The number with its additions.
    #[deserr(default)]
    #[schema(examples("12a"))]
    pub house_number: Option<Line>,
    /// A Dutch postcode.
    #[deserr(default)]
    pub postcode: Option<Postcode>,
    /// The town.
    #[deserr(default)]
    pub city: Option<Line>,
    /// Degrees north, WGS84.
    #[deserr(default)]
    pub latitude: Option<Degrees<90>>,
    /// Degrees east, WGS84.
    #[deserr(default)]
    pub longitude: Option<Degrees<180>>,
}

/// A Dutch postcode, `1234 AB`. The letters SA, SD and SS were never given out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, pattern = r"^\s*[1-9]\d{3} ?([A-RT-Za-rt-z][A-Za-z]|[Ss][BCE-RT-Zbce-rt-z])\s*$", examples("8081 AB"))]
pub struct Postcode(String);

impl Deserr<Issues> for Postcode {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> Result<Self, Issues> {
        super::fault::read_string(value, at, |text| {
            scheme::postcode(text)
                .map(Self)
                .ok_or(Fault::InvalidFormat {
                    expected: Text {
                        nl: "een postcode als 1234 AB",
                        en: "a postcode such as 1234 AB",
                    },
                })
        })
    }
}

/// The digits of a Dutch postcode, 1000 to 9999.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, pattern = r"^[1-9]\d{3}$", examples("8081"))]
pub struct PostcodeArea(String);

impl PostcodeArea {
    /// Takes four digits.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        scheme::postcode4(text)
            .map(Self)
            .ok_or(Fault::InvalidFormat {
                expected: Text {
                    nl: "de vier cijfers van een postcode, 1000 tot en met 9999",
                    en: "the four digits of a postcode, 1000 to 9999",
                },
            })
    }

    /// A value that was checked when it was stored.
    pub(crate) fn stored(digits: String) -> Self {
        Self(digits)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deserr<Issues> for PostcodeArea {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> Result<Self, Issues> {
        super::fault::read_string(value, at, Self::parse)
    }
}

/// An angle in degrees, from −`LIMIT` to `LIMIT`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Degrees<const LIMIT: i16>(f64);

impl<const LIMIT: i16> utoipa::PartialSchema for Degrees<LIMIT> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Number)
            .minimum(Some(-f64::from(LIMIT)))
            .maximum(Some(f64::from(LIMIT)))
            .into()
    }
}

impl<const LIMIT: i16> ToSchema for Degrees<LIMIT> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Degrees{LIMIT}").into()
    }
}

impl<const LIMIT: i16> Deserr<Issues> for Degrees<LIMIT> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> Result<Self, Issues> {
        let degrees = f64::deserialize_from_value(value, at)?;
        if degrees.abs() <= f64::from(LIMIT) {
            // Zero has no sign: a database does not keep it, and the document would not be as it was.
            Ok(Self(degrees + 0.0))
        } else {
            let (minimum, maximum) = (-i64::from(LIMIT), i64::from(LIMIT));
            Err(Issues::at(at, Fault::OutOfRange { minimum, maximum }))
        }
    }
}

macro_rules! stored_word {
    ($($name:ident),+) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let word = String::deserialize(from)?;
                Self::parse(&word)
                    .map_err(|_| serde::de::Error::custom(format!("unknown word '{word}'")))
            }
        }
    )+};
}
stored_word!(ContactKind, AddressKind, Visibility);
