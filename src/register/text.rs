//! Text as the register takes it: one line, or paragraphs of Markdown.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde::Serialize;
use utoipa::ToSchema;

use super::fault::{Fault, Issues, read_string};
use super::language::Text;

/// The pattern of a text that says something: one character at least is neither white space nor a
/// control character. ECMA's `\S` alone would take U+0085, which is white space in Unicode.
pub const VISIBLE: &str = r"[^\s\u0000-\u001f\u007f-\u009f]";

/// One line of text, trimmed, 1 to 300 characters, without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 300, pattern = r"[^\s\u0000-\u001f\u007f-\u009f]")]
pub struct Line(String);

/// Markdown (`CommonMark`) of at most 50,000 characters. It is stored as given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 50_000, pattern = r"[^\s\u0000-\u001f\u007f-\u009f]")]
pub struct Markdown(String);

/// The address of a page: an absolute `http` or `https` URL of at most 2,000 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = String, format = "iri", max_length = 2_000, pattern = "^https?://", examples("https://www.example.nl/"))]
pub struct WebAddress(String);

impl Line {
    const MAXIMUM: usize = 300;

    /// Takes a line of text.
    ///
    /// # Errors
    /// When it is empty, too long, or has control characters (a line break is one).
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        check(text, Self::MAXIMUM, char::is_control)?;
        Ok(Self(text.to_owned()))
    }
}

impl Markdown {
    const MAXIMUM: usize = 50_000;

    /// Takes a text of one or more paragraphs.
    ///
    /// # Errors
    /// When it is empty, too long, or has control characters other than line breaks and tabs.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        check(text, Self::MAXIMUM, |c| {
            c.is_control() && !matches!(c, '\n' | '\r' | '\t')
        })?;
        Ok(Self(text.to_owned()))
    }
}

impl WebAddress {
    const MAXIMUM: usize = 2_000;

    /// Takes the address of a page.
    ///
    /// # Errors
    /// When it is not an absolute `http` or `https` URL with a host.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        check(text, Self::MAXIMUM, char::is_control)?;
        match url::Url::parse(text) {
            Ok(url)
                if matches!(url.scheme(), "http" | "https")
                    && url.has_host()
                    && url.username().is_empty()
                    && url.password().is_none()
                    && is_plain(text) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(Fault::InvalidFormat {
                expected: Text {
                    nl: "een volledig webadres dat met https:// of http:// begint",
                    en: "an absolute address that begins with https:// or http://",
                },
            }),
        }
    }
}

/// The parser mends what is written carelessly; what is stored should need no mending.
fn is_plain(text: &str) -> bool {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    !rest.is_empty()
        && !rest.starts_with('/')
        && !text.contains(|c: char| c.is_whitespace() || c == '\\')
}

fn check(text: &str, maximum: usize, refused: fn(char) -> bool) -> Result<(), Fault> {
    if text.trim().is_empty() {
        Err(Fault::Empty)
    } else if text.chars().count() > maximum {
        Err(Fault::TooLong { maximum })
    } else if text.contains(refused) {
        Err(Fault::ControlCharacters)
    } else {
        Ok(())
    }
}

macro_rules! text_type {
    ($($name:ident),+) => {$(
        impl std::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl $name {
            /// Text that was checked when it was stored.
            pub(crate) fn stored(text: String) -> Self {
                Self(text)
            }
        }

        impl Deserr<Issues> for $name {
            fn deserialize_from_value<V: IntoValue>(
                value: Value<V>,
                at: ValuePointerRef<'_>,
            ) -> Result<Self, Issues> {
                read_string(value, at, Self::parse)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from).map(Self)
            }
        }
    )+};
}
text_type!(Line, Markdown, WebAddress);
