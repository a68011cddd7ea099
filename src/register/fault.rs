//! What can be wrong with input, and where: the one table of fault codes.
//!
//! A [`Fault`] is a kind of mistake with its code and its sentence in both languages; an
//! [`Issue`] is a fault at a place; [`Issues`] is all that is wrong with one request. Reading a
//! body goes on after a fault, so that the caller gets all of them at once.

use std::ops::ControlFlow;

use deserr::{
    DeserializeError, ErrorKind, IntoValue, MergeWithError, ValueKind, ValuePointerRef,
    take_cf_content,
};

use super::language::{Language, Text};

/// A kind of mistake in input. The codes never change.
#[expect(missing_docs, reason = "the variants say what their fields are")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A required member or parameter is absent.
    Missing,
    /// Another JSON type was expected.
    WrongType { expected: String },
    /// The member or parameter does not exist.
    Unknown { allowed: Vec<String> },
    /// The same member or parameter stands there twice.
    Duplicate,
    /// Not one of the allowed values.
    UnknownValue { allowed: Vec<String> },
    /// Text that is empty or only white space.
    Empty,
    /// Text with more characters than fit.
    TooLong { maximum: usize },
    /// More values than fit.
    TooMany { maximum: usize },
    /// Text with control characters, a NUL for example.
    ControlCharacters,
    /// A number outside its bounds.
    OutOfRange { minimum: i64, maximum: i64 },
    /// Not of the form that this value has; says which form that is.
    InvalidFormat { expected: Text },
    /// A known identifier scheme whose check digits do not add up.
    ChecksumFailed { scheme: String },
    /// A citizen service number, which the register never holds.
    CitizenServiceNumber,
    /// A reference to nothing that the caller can see.
    UnknownReference { to: &'static str },
    /// A period that ends before it begins.
    EndsBeforeStart,
    /// A chain of documents that leads back to itself.
    Cycle,
    /// Two members that cannot both be there as they are; says why.
    Contradiction { why: Text },
    /// A member that only the register sets, with another value than it has.
    ReadOnly,
    /// A row of a document whose other rows stand elsewhere in the file.
    Apart { row: u64 },
    /// A row that says something else of a document than another one.
    Differs { row: u64 },
}

impl Fault {
    /// One fault of each kind, for the page that explains them.
    pub fn examples() -> Vec<Self> {
        let words = || vec!["…".to_owned()];
        let text = Text {
            nl: "…", en: "…"
        };
        vec![
            Self::Missing,
            Self::WrongType {
                expected: "…".into(),
            },
            Self::Unknown { allowed: words() },
            Self::Duplicate,
            Self::UnknownValue { allowed: words() },
            Self::Empty,
            Self::TooLong { maximum: 300 },
            Self::TooMany { maximum: 100 },
            Self::ControlCharacters,
            Self::OutOfRange {
                minimum: 1,
                maximum: 100,
            },
            Self::InvalidFormat { expected: text },
            Self::ChecksumFailed {
                scheme: "rsin".into(),
            },
            Self::CitizenServiceNumber,
            Self::UnknownReference { to: "organisation" },
            Self::EndsBeforeStart,
            Self::Cycle,
            Self::Contradiction { why: text },
            Self::ReadOnly,
            Self::Apart { row: 2 },
            Self::Differs { row: 2 },
        ]
    }

    /// The stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::WrongType { .. } => "wrong_type",
            Self::Unknown { .. } => "unknown_member",
            Self::Duplicate => "duplicate",
            Self::UnknownValue { .. } => "unknown_value",
            Self::Empty => "empty",
            Self::TooLong { .. } => "too_long",
            Self::TooMany { .. } => "too_many",
            Self::ControlCharacters => "control_characters",
            Self::OutOfRange { .. } => "out_of_range",
            Self::InvalidFormat { .. } => "invalid_format",
            Self::ChecksumFailed { .. } => "checksum_failed",
            Self::CitizenServiceNumber => "citizen_service_number",
            Self::UnknownReference { .. } => "unknown_reference",
            Self::EndsBeforeStart => "ends_before_start",
            Self::Cycle => "cycle",
            Self::Contradiction { .. } => "contradiction",
            Self::ReadOnly => "read_only",
            Self::Apart { .. } => "rows_apart",
            Self::Differs { .. } => "rows_differ",
        }
    }

    /// One sentence for people: what is wrong and what to do.
    pub fn text(&self, language: Language) -> String {
        let (nl, en) = match self {
            Self::Missing => (
                "Dit veld is verplicht.".into(),
                "This field is required.".into(),
            ),
            Self::WrongType { expected } => (
                format!("Hier hoort een waarde van het type {expected}."),
                format!("A value of type {expected} is expected here."),
            ),
            Self::Unknown { allowed } if allowed.is_empty() => (
                "Deze naam bestaat hier niet.".into(),
                "This name does not exist here.".into(),
            ),
            Self::Unknown { allowed } => (
                format!(
                    "Deze naam bestaat hier niet. Mogelijk zijn: {}.",
                    allowed.join(", ")
                ),
                format!(
                    "This name does not exist here. Possible are: {}.",
                    allowed.join(", ")
                ),
            ),
            Self::Duplicate => (
                "Dit staat er meer dan één keer.".into(),
                "This is given more than once.".into(),
            ),
            Self::UnknownValue { allowed } => (
                format!("Onbekende waarde. Mogelijk zijn: {}.", allowed.join(", ")),
                format!("Unknown value. Possible are: {}.", allowed.join(", ")),
            ),
            Self::Empty => ("De tekst is leeg.".into(), "The text is empty.".into()),
            Self::TooLong { maximum } => (
                format!("De tekst is langer dan {maximum} tekens."),
                format!("The text is longer than {maximum} characters."),
            ),
            Self::TooMany { maximum } => (
                format!("Hier passen hooguit {maximum} waarden."),
                format!("At most {maximum} values fit here."),
            ),
            Self::ControlCharacters => (
                "De tekst bevat stuurtekens; haal ze weg.".into(),
                "The text contains control characters; remove them.".into(),
            ),
            Self::OutOfRange { minimum, maximum } => (
                format!("Het getal ligt niet tussen {minimum} en {maximum}."),
                format!("The number is not between {minimum} and {maximum}."),
            ),
            Self::InvalidFormat { expected } => (
                format!("Ongeldige vorm. Verwacht: {}.", expected.nl),
                format!("Invalid form. Expected: {}.", expected.en),
            ),
            Self::ChecksumFailed { scheme } => (
                format!("Dit is geen geldig nummer volgens de controle van '{scheme}'."),
                format!("This number fails the check of '{scheme}'."),
            ),
            Self::CitizenServiceNumber => (
                "Het register neemt geen burgerservicenummers op.".into(),
                "The register does not hold citizen service numbers.".into(),
            ),
            Self::UnknownReference { to } => (
                format!("Er is geen document van het type '{to}' met deze slug, id of code."),
                format!("There is no document of type '{to}' with this slug, id or code."),
            ),
            Self::EndsBeforeStart => (
                "De periode eindigt voordat zij begint.".into(),
                "The period ends before it begins.".into(),
            ),
            Self::Cycle => (
                "Dit maakt een kring: het document zou indirect onder zichzelf vallen.".into(),
                "This makes a cycle: the document would indirectly belong to itself.".into(),
            ),
            Self::Contradiction { why } => (why.nl.to_string(), why.en.to_string()),
            Self::ReadOnly => (
                "Dit veld bepaalt het register zelf; laat het weg of geef de huidige waarde."
                    .into(),
                "Only the register sets this field; leave it out or give its present value.".into(),
            ),
            Self::Apart { row } => (
                format!(
                    "Dit document staat ook in rij {row}. Zet de rijen van één document onder elkaar, of geef elk document een eigen id, slug of @naam."
                ),
                format!(
                    "This document also stands in row {row}. Put the rows of one document below each other, or give each document an id, slug or @name of its own."
                ),
            ),
            Self::Differs { row } => (
                format!(
                    "In rij {row} staat voor hetzelfde document iets anders. Zijn het twee documenten, geef elk dan een eigen id, slug of @naam."
                ),
                format!(
                    "Row {row} says something else of the same document. If they are two documents, give each an id, slug or @name of its own."
                ),
            ),
        };
        match language {
            Language::Dutch => nl,
            Language::English => en,
        }
    }
}

/// Where in the request a fault was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// The JSON body; the location is a JSON pointer (RFC 6901).
    Body,
    /// The query string; the location is the parameter's name.
    Query,
    /// The path; the location is the segment's name.
    Path,
    /// A header; the location is its name.
    Header,
}

/// A fault at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Which part of the request.
    pub place: Place,
    /// Where in that part.
    pub location: String,
    /// What is wrong there.
    pub fault: Fault,
}

impl Issue {
    /// A fault at a JSON pointer of the body.
    pub fn body(location: impl Into<String>, fault: Fault) -> Self {
        Self {
            place: Place::Body,
            location: location.into(),
            fault,
        }
    }

    /// Whether it says that something is lacking which a document may have without saying it: outside
    /// lists, whose items come whole.
    pub fn is_of_absence(&self) -> bool {
        let in_a_list = || {
            let mut parts = self.location.split('/');
            parts.any(|part| part.parse::<usize>().is_ok())
        };
        matches!(self.fault, Fault::Missing) && !in_a_list()
    }

    /// A fault in a query parameter.
    pub fn query(name: impl Into<String>, fault: Fault) -> Self {
        Self {
            place: Place::Query,
            location: name.into(),
            fault,
        }
    }

    /// A fault in a header.
    pub fn header(name: impl Into<String>, fault: Fault) -> Self {
        Self {
            place: Place::Header,
            location: name.into(),
            fault,
        }
    }
}

/// All that is wrong with one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issues(pub Vec<Issue>);

impl Issues {
    /// One fault, at a location of a body that is being read.
    pub fn at(location: ValuePointerRef<'_>, fault: Fault) -> Self {
        Self(vec![Issue::body(pointer(location), fault)])
    }

    /// Nothing when there are no issues.
    ///
    /// # Errors
    /// Itself, when there are.
    pub fn none_or_fail(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// The members of the body in which something is wrong.
    pub fn members(&self) -> Vec<String> {
        let pointers = self.0.iter();
        let names = pointers.filter_map(|issue| issue.location.split('/').nth(1));
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Turns the pointers of a map of query parameters into their names.
    #[must_use]
    pub fn of_query(mut self) -> Self {
        for issue in &mut self.0 {
            issue.place = Place::Query;
            issue.location = issue.location.trim_start_matches('/').to_owned();
        }
        self
    }
}

impl MergeWithError<Self> for Issues {
    fn merge(this: Option<Self>, other: Self, _at: ValuePointerRef<'_>) -> ControlFlow<Self, Self> {
        let mut all = this.unwrap_or_default();
        all.0.extend(other.0);
        ControlFlow::Continue(all)
    }
}

impl DeserializeError for Issues {
    fn error<V: IntoValue>(
        this: Option<Self>,
        error: ErrorKind<'_, V>,
        location: ValuePointerRef<'_>,
    ) -> ControlFlow<Self, Self> {
        let owned = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        let issue = match error {
            ErrorKind::IncorrectValueKind { accepted, .. } => {
                let mut names: Vec<_> = accepted.iter().map(|kind| type_name(*kind)).collect();
                names.dedup();
                Self::at(
                    location,
                    Fault::WrongType {
                        expected: names.join(", "),
                    },
                )
            }
            ErrorKind::MissingField { field } => Self::at(location.push_key(field), Fault::Missing),
            ErrorKind::UnknownKey { key, accepted } => Self::at(
                location.push_key(key),
                Fault::Unknown {
                    allowed: owned(accepted),
                },
            ),
            ErrorKind::UnknownValue { accepted, .. } => Self::at(
                location,
                Fault::UnknownValue {
                    allowed: owned(accepted),
                },
            ),
            ErrorKind::BadSequenceLen { .. } => Self::at(
                location,
                Fault::WrongType {
                    expected: "array".into(),
                },
            ),
            ErrorKind::Unexpected { .. } => Self::at(
                location,
                Fault::InvalidFormat {
                    expected: Text {
                        nl: "een andere waarde",
                        en: "another value",
                    },
                },
            ),
        };
        Self::merge(this, issue, location)
    }
}

/// The JSON Schema name of a type that was expected.
fn type_name(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Null => "null",
        ValueKind::Boolean => "boolean",
        ValueKind::Integer | ValueKind::NegativeInteger => "integer",
        ValueKind::Float => "number",
        ValueKind::String => "string",
        ValueKind::Sequence => "array",
        ValueKind::Map => "object",
    }
}

/// The JSON pointer (RFC 6901) of a place in a body.
pub fn pointer(location: ValuePointerRef<'_>) -> String {
    match location {
        ValuePointerRef::Origin => String::new(),
        ValuePointerRef::Key { key, prev } => {
            format!(
                "{}/{}",
                pointer(*prev),
                key.replace('~', "~0").replace('/', "~1")
            )
        }
        ValuePointerRef::Index { index, prev } => format!("{}/{index}", pointer(*prev)),
    }
}

/// Reads a string and hands it to the constructor of a value type.
///
/// # Errors
/// When the value is not a string, or the constructor finds a fault.
pub fn read_string<T, V: IntoValue>(
    value: deserr::Value<V>,
    location: ValuePointerRef<'_>,
    parse: impl FnOnce(&str) -> Result<T, Fault>,
) -> Result<T, Issues> {
    match value {
        deserr::Value::String(text) => parse(&text).map_err(|fault| Issues::at(location, fault)),
        actual => Err(take_cf_content(Issues::error(
            None,
            ErrorKind::IncorrectValueKind {
                actual,
                accepted: &[ValueKind::String],
            },
            location,
        ))),
    }
}

/// The items of a list in a body, with their places.
pub fn items<'a>(
    body: &'a serde_json::Value,
    list: &'a str,
) -> impl Iterator<Item = (String, &'a serde_json::Value)> {
    let items = body[list].as_array().into_iter().flatten();
    (0..)
        .zip(items)
        .map(move |(nth, item)| (format!("/{list}/{nth}"), item))
}
