//! One document in JSON, from a line or from an item of an array.

use serde_json::{Map, Value};

use super::super::flat::cut;
use super::super::given::{Given, Place};
use crate::api::body::{self, Unread};
use crate::collections;
use crate::register::{Fault, Issue, Issues, Naming, Text};

/// The most bytes that a document has: as many as the body of a request.
pub(super) const MAXIMUM: usize = body::MAXIMUM;

/// The document that stands in these bytes; what is wrong with it is an issue of it alone.
pub(super) fn given(bytes: &[u8], place: Place, collection: Option<Naming>) -> Given {
    let (mut body, issues) = match body::parse(bytes) {
        Ok(body) => (body, Issues::default()),
        Err(Unread::Faults(issues, body)) => (body, issues),
        Err(Unread::NotUtf8) => return broken(place, bytes, NOT_UTF8),
        Err(Unread::NotJson { line, column }) => {
            let here = from(bytes, line, column);
            return broken(place, here, NOT_JSON);
        }
    };
    let said = body.shift_remove("type");
    let mut given = Given::new(place, body);
    given.collection = collection;
    given.issues = issues.0;
    given.is_legible = true;
    if let Some(said) = said {
        if let Some(naming) = said.as_str().and_then(named) {
            given.collection = Some(naming);
        } else {
            given.issues.push(Issue::body("/type", unknown_type(&said)));
        }
    }
    given
}

/// A document of more bytes than are looked at.
pub(super) fn too_long(place: Place) -> Given {
    let mut given = Given::new(place, Map::new());
    let why = Text {
        nl: "Dit document is groter dan 2 MiB.",
        en: "This document is larger than 2 MiB.",
    };
    given
        .issues
        .push(Issue::body("", Fault::Contradiction { why }));
    given
}

const NOT_UTF8: Text = Text {
    nl: "tekst in UTF-8",
    en: "text in UTF-8",
};

const NOT_JSON: Text = Text {
    nl: "een JSON-object, zoals {\"type\": \"projects\", \"name\": \"…\"}",
    en: "a JSON object, such as {\"type\": \"projects\", \"name\": \"…\"}",
};

fn broken(mut place: Place, bytes: &[u8], expected: Text) -> Given {
    let start = &bytes[..bytes.len().min(400)];
    place.value = Some(cut(&String::from_utf8_lossy(start)));
    let mut given = Given::new(place, Map::new());
    given
        .issues
        .push(Issue::body("", Fault::InvalidFormat { expected }));
    given
}

/// The text from a little before the place of a fault.
fn from(bytes: &[u8], line: usize, column: usize) -> &[u8] {
    const BEFORE: usize = 20;
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let begin = match line {
        0 | 1 => 0,
        line => ends
            .map(|(nth, _)| nth + 1)
            .nth(line - 2)
            .unwrap_or_default(),
    };
    let mut at = (begin + column).saturating_sub(BEFORE).min(bytes.len());
    while at > 0 && bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80) {
        at -= 1;
    }
    &bytes[at..]
}

/// The collection of this word in addresses, or of this type.
fn named(word: &str) -> Option<Naming> {
    collections::ALL
        .iter()
        .map(|collection| collection.naming)
        .find(|naming| naming.plural == word || naming.type_ == word)
}

fn unknown_type(said: &Value) -> Fault {
    if said.is_string() {
        let allowed = collections::plurals();
        return Fault::UnknownValue { allowed };
    }
    Fault::WrongType {
        expected: "string".into(),
    }
}
