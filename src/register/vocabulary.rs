//! Enumerations: closed lists of `snake_case` words with labels in Dutch and English.
//!
//! `vocabulary!` declares one; it is then read from JSON with an error that lists the allowed
//! words, written as its word, part of the API document, and shown by `GET /vocabularies`.

use super::fault::Fault;
use super::language::Text;

/// A word of a vocabulary with its labels.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    /// The word in JSON and in the database.
    pub code: &'static str,
    /// What people read.
    pub label: Text,
}

/// A whole vocabulary, for menus.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary {
    /// Its name in the path, plural and kebab-case.
    pub name: &'static str,
    /// The name of the schema in the API document.
    pub schema: &'static str,
    /// The words, in the order in which a menu shows them.
    pub terms: &'static [Term],
}

/// A type made by `vocabulary!`.
pub trait Enumeration: Sized + Copy + 'static {
    /// The vocabulary that it stands for.
    const VOCABULARY: Vocabulary;

    /// The word.
    fn as_str(self) -> &'static str;

    /// The value of a word.
    ///
    /// # Errors
    /// [`Fault::UnknownValue`] with the allowed words.
    fn parse(word: &str) -> Result<Self, Fault>;
}

/// The fault of a word that is not in the vocabulary.
pub fn unknown(vocabulary: Vocabulary) -> Fault {
    Fault::UnknownValue {
        allowed: vocabulary.terms.iter().map(|t| t.code.to_owned()).collect(),
    }
}

macro_rules! vocabulary {
    (
        $(#[$doc:meta])*
        pub enum $name:ident in $path:literal {
            $($(#[$variant_doc:meta])* $variant:ident = $code:tt, $nl:literal, $en:literal;)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, utoipa::ToSchema)]
        pub enum $name {
            $(
                #[doc = $en]
                $(#[$variant_doc])*
                #[serde(rename = $code)]
                $variant,
            )+
        }

        impl $crate::register::Enumeration for $name {
            const VOCABULARY: $crate::register::Vocabulary = $crate::register::Vocabulary {
                name: $path,
                schema: stringify!($name),
                terms: &[$($crate::register::Term {
                    code: $code,
                    label: $crate::register::Text { nl: $nl, en: $en },
                }),+],
            };

            fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            fn parse(word: &str) -> ::std::result::Result<Self, $crate::register::Fault> {
                match word {
                    $($code => Ok(Self::$variant),)+
                    _ => Err($crate::register::vocabulary::unknown(
                        <Self as $crate::register::Enumeration>::VOCABULARY,
                    )),
                }
            }
        }

        impl deserr::Deserr<$crate::register::Issues> for $name {
            fn deserialize_from_value<V: deserr::IntoValue>(
                value: deserr::Value<V>,
                at: deserr::ValuePointerRef<'_>,
            ) -> ::std::result::Result<Self, $crate::register::Issues> {
                $crate::register::fault::read_string(
                    value,
                    at,
                    <Self as $crate::register::Enumeration>::parse,
                )
            }
        }
    };
}
pub(crate) use vocabulary;
