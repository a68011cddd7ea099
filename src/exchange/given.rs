//! What a file gives: documents with the places where their parts stand in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::register::{Issue, Naming, Text};

/// Where something stands in a file, as a person would look for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FilePlace)]
pub struct Place {
    /// The name of the file, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("regio.xlsx"))]
    pub file: Option<String>,
    /// The sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("projects"))]
    pub sheet: Option<String>,
    /// The row of a table, or the line of a text; the first is 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, examples(12))]
    pub row: Option<u64>,
    /// The header of the column, as it stands in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("Startdatum"))]
    pub column: Option<String>,
    /// What stands in the cell, or the beginning of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("31-31-2024"))]
    pub value: Option<String>,
}

impl Place {
    /// It in Dutch and English; a document without a row by its number.
    pub(super) fn in_words(&self, number: usize) -> (String, String) {
        let (mut nl, mut en) = match self.row {
            Some(row) => (format!("rij {row}"), format!("row {row}")),
            None => (format!("document {number}"), format!("document {number}")),
        };
        let parts = [
            (&self.sheet, "blad", "sheet"),
            (&self.file, "bestand", "file"),
        ];
        for (name, word, english) in parts {
            if let Some(name) = name {
                nl = format!("{nl} van {word} '{name}'");
                en = format!("{en} of {english} '{name}'");
            }
        }
        (nl, en)
    }
}

/// By what a document of a file is found in the register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Match {
    /// By what names it alone: its id, its slug, one of its identifiers.
    #[default]
    Key,
    /// By its kind and its name or one of its other names, where no key finds it: for official files
    /// that name municipalities by nothing else.
    Name,
}

/// A document as a file gives it.
#[derive(Clone, Debug)]
pub struct Given {
    /// Where it begins.
    pub place: Place,
    /// The collection, where the file says which.
    pub collection: Option<Naming>,
    /// Its members. A member that is absent says nothing; `null` says that there is none.
    pub body: Map<String, Value>,
    /// Where its members stand, by JSON pointer; a member without a place of its own stands where
    /// the nearest one around it does.
    pub places: BTreeMap<String, Place>,
    /// What is already known to be wrong with it, at JSON pointers. It is not stored then.
    pub issues: Vec<Issue>,
    /// Where those stand that are not in the place of their pointer, by their number: one of several
    /// rows that say the same member.
    pub found_at: BTreeMap<usize, Place>,
    /// Whether the rest of it could be read, so that it is looked through for more mistakes.
    pub is_legible: bool,
    /// Whether it comes from a list of others, which knows little of it: what such a list does not
    /// say is not empty for that.
    pub is_official: bool,
    /// Members that only a new document gets; one that is there keeps its own. Its codes
    /// (`identifiers`) and names count when it is looked for.
    pub only_if_new: Map<String, Value>,
    /// By what it is found.
    pub found_by: Match,
    /// Where something stands that is not taken over, because a list of others is careless with it.
    pub left_out: Vec<Place>,
}

impl Given {
    /// A document that stands somewhere as a whole.
    pub fn new(place: Place, body: Map<String, Value>) -> Self {
        Self {
            place,
            collection: None,
            body,
            places: BTreeMap::new(),
            issues: Vec::new(),
            found_at: BTreeMap::new(),
            is_legible: false,
            is_official: false,
            only_if_new: Map::new(),
            found_by: Match::Key,
            left_out: Vec::new(),
        }
    }

    /// Notes what is wrong, and where that stands.
    pub fn wrong_at(&mut self, issue: Issue, place: Place) {
        let of_pointer = self.places.entry(issue.location.clone());
        of_pointer.or_insert_with(|| place.clone());
        self.found_at.insert(self.issues.len(), place);
        self.issues.push(issue);
    }

    /// Where something stands that is known to be wrong, by its number.
    pub fn place_of_issue(&self, nth: usize) -> &Place {
        let place = self.found_at.get(&nth);
        place.unwrap_or_else(|| self.place_of(&self.issues[nth].location))
    }

    /// A member, be it for any document or for a new one only.
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.body.get(name).or_else(|| self.only_if_new.get(name))
    }

    /// The names by which it is found where [`Match::Name`] says so: its name and its other names.
    pub fn names(&self) -> Vec<&str> {
        let all = self.member("name").into_iter();
        let others = self.member("alternativeNames").and_then(Value::as_array);
        all.chain(others.into_iter().flatten())
            .filter_map(Value::as_str)
            .collect()
    }

    /// Where a member stands.
    pub fn place_of(&self, pointer: &str) -> &Place {
        let mut pointer = pointer;
        loop {
            if let Some(place) = self.places.get(pointer) {
                return place;
            }
            match pointer.rfind('/') {
                Some(end) => pointer = &pointer[..end],
                None => return &self.place,
            }
        }
    }
}

/// Why a file, or what is left of it, cannot be read at all. What was read before stands.
#[derive(Debug)]
pub enum Unreadable {
    /// It is damaged, hostile, or not what it says; where, and why.
    File {
        /// Where reading ended.
        place: Box<Place>,
        /// Why.
        why: Text,
    },
    /// It cannot be read now: the disk, for example.
    Failed(std::io::Error),
}

impl From<std::io::Error> for Unreadable {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error)
    }
}

/// The documents of a file, one after the other, in bounded memory.
pub type Documents = Box<dyn Iterator<Item = Result<Given, Unreadable>> + Send>;
