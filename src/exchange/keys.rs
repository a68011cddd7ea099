//! What the documents of a file are called: so that one can refer to another, in any order.

use std::collections::HashMap;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::given::Given;
use crate::register::Locator;
use crate::register::scheme::canonical;

/// The type of documents that do not say of which type they are.
pub(super) const UNTYPED: &str = "";

/// The documents of a file by their names. Each takes the room of a hash, however long it is.
#[derive(Default)]
pub(super) struct Keys(HashMap<[u8; 16], u32>);

/// Something by which a document is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A name that means something in this file alone.
    Local(String),
    /// A name that the register knows too.
    Known(Locator),
}

impl Keys {
    /// Notes that a document is called so. Gives the one that is called so already.
    pub(super) fn insert(&mut self, type_: &str, key: &Key, nth: u32) -> Option<u32> {
        let hash = hash(type_, key);
        let before = self.0.get(&hash).copied().filter(|before| *before != nth);
        if before.is_none() {
            self.0.insert(hash, nth);
        }
        before
    }

    /// The document that is called so.
    pub(super) fn get(&self, type_: &str, key: &Key) -> Option<u32> {
        self.0.get(&hash(type_, key)).copied()
    }
}

impl Key {
    /// What a reference says: `@name`, or what names a document of the register.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix('@') {
            Some(name) => Some(Self::Local(name.to_owned())),
            None => Locator::parse(text).map(Self::Known),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Local(name) => format!("@{name}"),
            Self::Known(Locator::Id(id)) => format!("id {id}"),
            Self::Known(Locator::Slug(slug)) => format!("slug {slug}"),
            Self::Known(Locator::Identifier { scheme, value }) => format!("{scheme}:{value}"),
        }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Local(name) => write!(f, "@{name}"),
            Self::Known(Locator::Id(text) | Locator::Slug(text)) => f.write_str(text),
            Self::Known(Locator::Identifier { scheme, value }) => write!(f, "{scheme}:{value}"),
        }
    }
}

/// By what a document is found, the surest first: its id, its identifiers, its slug. What is not of
/// the form that it should be is no key; it will be found to be wrong when the body is read.
pub(super) fn keys_of(given: &Given) -> Vec<Locator> {
    let named = |name| {
        let text = given.member(name).and_then(Value::as_str);
        text.and_then(Locator::parse)
    };
    let mut keys = Vec::new();
    keys.extend(named("id").filter(|locator| matches!(locator, Locator::Id(_))));
    let identifiers = [&given.body, &given.only_if_new].map(|members| members.get("identifiers"));
    for item in identifiers
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten()
    {
        let part = |name| item.get(name).and_then(Value::as_str).unwrap_or_default();
        if let Ok((scheme, value)) = canonical(part("scheme"), part("value")) {
            keys.push(Locator::Identifier { scheme, value });
        }
    }
    keys.extend(named("slug").filter(|locator| matches!(locator, Locator::Slug(_))));
    keys
}

/// Whether a document says something by which it would be found. No document has no slug, so a slug
/// that is `null` is one that is wrong.
pub(super) fn says_a_key(given: &Given) -> bool {
    ["id", "slug", "identifiers"].iter().any(|name| {
        given.member(name).is_some_and(|value| match value {
            Value::Null => *name == "slug",
            Value::Array(items) => !items.is_empty(),
            _ => true,
        })
    })
}

fn hash(type_: &str, key: &Key) -> [u8; 16] {
    let digest = Sha256::digest(format!("{type_} {}", key.text()));
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    half
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::given::{Given, Place};
    use super::{Key, Keys, keys_of};

    #[test]
    fn a_document_is_found_by_each_of_its_names_and_by_no_other() {
        let body = json!({
            "id": "01890000-0000-7000-8000-000000000001", "slug": "a-b",
            "identifiers": [{"scheme": "cbs", "value": " GM0230 "}, {"scheme": "cbs", "value": "x"}, 3],
        });
        let serde_json::Value::Object(body) = body else {
            unreachable!("it is an object")
        };
        let keys = keys_of(&Given::new(Place::default(), body));
        let keys: Vec<Key> = keys.into_iter().map(Key::Known).collect();
        let texts: Vec<String> = keys.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            ["01890000-0000-7000-8000-000000000001", "cbs:GM0230", "a-b"]
        );
        let mut index = Keys::default();
        for key in &keys {
            assert_eq!(index.insert("region", key, 7), None);
        }
        for text in &texts {
            let key = Key::parse(text);
            assert_eq!(
                key.as_ref().and_then(|key| index.get("region", key)),
                Some(7)
            );
            assert_eq!(key.as_ref().and_then(|key| index.get("person", key)), None);
        }
        assert_eq!(index.insert("region", &keys[1], 8), Some(7));
        let local = Key::parse("@a-b");
        assert_eq!(local.and_then(|key| index.get("region", &key)), None);
    }
}
