//! The three ways to name a document: id, slug, `scheme:value`.

use serde::{Deserialize, Serialize};

use super::scheme;

/// How a caller names a document of a collection.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Locator {
    /// Its UUID, in small letters.
    Id(String),
    /// Its present or a former slug.
    Slug(String),
    /// A code of another register, in canonical form.
    Identifier {
        /// The scheme.
        scheme: String,
        /// The code.
        value: String,
    },
}

impl Locator {
    /// Reads a path segment or reference. `None` when it can name nothing.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(id) = uuid(text) {
            Some(Self::Id(id))
        } else if let Some((scheme, value)) = text.split_once(':') {
            let (scheme, value) = scheme::canonical(scheme, value).ok()?;
            Some(Self::Identifier { scheme, value })
        } else {
            is_slug(text).then(|| Self::Slug(text.to_owned()))
        }
    }

    /// The other name under which a tombstone of such a document is found.
    pub fn alias(&self) -> Option<String> {
        match self {
            Self::Id(_) => None,
            Self::Slug(slug) => Some(slug.clone()),
            Self::Identifier { scheme, value } => Some(format!("{scheme}:{value}")),
        }
    }
}

/// A UUID in its 36-character form, in small letters.
fn uuid(text: &str) -> Option<String> {
    let uuid = uuid::Uuid::try_parse(text).ok()?;
    (text.len() == 36).then(|| uuid.to_string())
}

/// The most characters that a slug has.
pub const SLUG_MAXIMUM: usize = 80;

/// Whether a text is a slug: small ASCII letters and digits with single hyphens between, at most
/// 80 characters, and not of the form of a UUID.
pub fn is_slug(text: &str) -> bool {
    text.len() <= SLUG_MAXIMUM
        && text.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
        && uuid(text).is_none()
}

/// A slug made of a name. `number` tells names that would give the same slug apart.
pub fn slug_of(name: &str, number: usize) -> String {
    let suffix = if number < 2 {
        String::new()
    } else {
        format!("-{number}")
    };
    let full = slug::slugify(name);
    let room = SLUG_MAXIMUM - suffix.len();
    let mut stem = full.as_str();
    if stem.len() > room {
        // Cut between words where there is a word end not too far back.
        stem = &stem[..room];
        stem = stem.rsplit_once('-').map_or(stem, |(head, _)| head);
    }
    let stem = stem.trim_matches('-');
    // A name without a letter or digit that can be transliterated, or one that looks like an id.
    if stem.is_empty() || uuid(stem).is_some() {
        return format!("document{suffix}");
    }
    format!("{stem}{suffix}")
}

/// The key by which names sort and are compared: `É` with `E`, capitals with small letters, several
/// spaces with one.
pub fn sort_key(name: &str) -> String {
    let plain = deunicode::deunicode(name).to_lowercase();
    let mut words = plain.split_whitespace();
    let mut key = String::with_capacity(plain.len());
    key.extend(words.next());
    for word in words {
        key.push(' ');
        key.push_str(word);
    }
    key
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slug_keeps_the_letters_of_a_name() {
        assert_eq!(
            slug_of("Gemeente Súdwest-Fryslân", 1),
            "gemeente-sudwest-fryslan"
        );
        assert_eq!(slug_of("Berseba", 3), "berseba-3");
        assert_eq!(slug_of("???", 1), "document");
    }

    #[test]
    fn names_sort_without_regard_to_accents_and_capitals() {
        assert_eq!(sort_key("École"), sort_key("ecole"));
        assert_eq!(sort_key(" De\u{a0} École "), "de ecole");
    }

    proptest! {
        #[test]
        fn every_name_gives_a_valid_slug(name in ".{0,400}", number in 1_usize..10_000) {
            let slug = slug_of(&name, number);
            prop_assert!(is_slug(&slug), "{slug}");
        }

        #[test]
        fn a_slug_is_a_locator_of_itself(name in ".{0,100}") {
            let slug = slug_of(&name, 1);
            prop_assert_eq!(Locator::parse(&slug), Some(Locator::Slug(slug.clone())));
        }

        #[test]
        fn any_text_can_be_tried_as_a_locator(text in ".*") {
            let _ = Locator::parse(&text);
        }
    }
}
