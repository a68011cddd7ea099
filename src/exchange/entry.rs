//! A document of a file, as an import keeps it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::given::{Match, Place};
use super::line::ImportError;
use crate::register::{Fault, Issue, Locator, Text};

/// A document of the file, but for its body.
#[derive(Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
pub(super) struct Entry {
    /// Its place among all collections; behind them, if it is in none.
    pub(super) collection: usize,
    /// Its id, once that is known.
    pub(super) id: Option<Uuid>,
    /// Whether the register has it already.
    pub(super) is_there: bool,
    /// Whether nothing in the register had any of its names.
    pub(super) is_free: bool,
    /// Whether only its name tells which document it is.
    pub(super) by_name: bool,
    /// Whether it says what names it in a way that cannot be read.
    pub(super) is_misnamed: bool,
    /// Whether it was found to be wrong, with all that is wrong.
    pub(super) failed: bool,
    /// Whether it is known to be wrong since it was read. What more is wrong is found out first.
    pub(super) is_misread: bool,
    /// Whether it is not certain which document it is. That is wrong; what more is wrong is found
    /// out first, of what it says alone.
    pub(super) is_unknown: bool,
}

/// What a document of the file says, as it lies on the pile.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Kept {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) places: BTreeMap<String, Place>,
    pub(super) body: Map<String, Value>,
    /// What only a new document gets.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) only_if_new: Map<String, Value>,
    /// What is wrong with it since it was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) wrong: Vec<ImportError>,
}

/// Where it stands and what names it, on a pile of its own: that is asked for more often.
#[derive(Serialize, Deserialize)]
pub(super) struct Label {
    pub(super) place: Place,
    pub(super) found_by: Match,
    pub(super) keys: Vec<Locator>,
    /// What of it is not taken over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) left_out: Vec<Place>,
}

/// Reads the member by which a document says its id: one that is empty says nothing.
pub(super) fn check_id(body: &mut Map<String, Value>) -> Option<Issue> {
    let id = body.get("id")?;
    match id {
        Value::String(text) if !text.trim().is_empty() => match Locator::parse(text) {
            Some(Locator::Id(_)) => None,
            _ => Some(Fault::InvalidFormat { expected: UUID }),
        },
        Value::Null | Value::String(_) => {
            body.shift_remove("id");
            None
        }
        _ => Some(Fault::WrongType {
            expected: "string".into(),
        }),
    }
    .map(|fault| Issue::body("/id", fault))
}

const UUID: Text = Text {
    nl: "de id van een document in dit register, zoals 01890000-0000-7000-8000-000000000001. Een nummer uit een ander systeem hoort bij de codes (identifiers)",
    en: "the id of a document in this register, such as 01890000-0000-7000-8000-000000000001. A number of another system belongs among the codes (identifiers)",
};
