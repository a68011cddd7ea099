//! By what rows are known to be of one document.

use std::collections::HashMap;

use super::columns::Field;
use super::header::Target;
use super::item::{Cells, Column};
use crate::register::scheme;

/// What the rows of a document are told apart by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Keys {
    /// Its id, slug and local name.
    strong: [Option<String>; 3],
    /// Its codes: scheme and value.
    codes: Vec<(String, String)>,
    /// What it is called, in parts.
    names: Vec<(usize, String)>,
    /// Whether a row says anything of the document itself.
    own: bool,
}

impl Keys {
    /// The keys in a row.
    pub(super) fn of(cells: &Cells<'_>, table: &[Column]) -> Self {
        let mut keys = Self::default();
        let (mut schemes, mut values) = (HashMap::new(), Vec::new());
        for column in table {
            let content = cells.content(column);
            if content.is_blank() {
                continue;
            }
            let text = || super::escape::unescape(content.text().trim()).to_owned();
            match &column.target {
                Target::LocalName => keys.strong[2] = Some(text()),
                Target::Short { list, given, .. } if given.0 == "scheme" && list.len() == 1 => {
                    let values = super::escape::split(&text());
                    let codes = values.iter().map(|value| canonical(&given.1, value));
                    keys.codes.extend(codes);
                }
                Target::Field { field, group } => {
                    let known = &cells.columns.fields[*field];
                    match known.path.last().map(String::as_str) {
                        Some("scheme") if known.schema == "IdentifierInput" => {
                            schemes.insert(*group, text());
                        }
                        Some("value") if known.schema == "IdentifierInput" => {
                            values.push((*group, text()));
                        }
                        _ => keys.add_own(*field, known, text, cells.row.cell(column.at).merged),
                    }
                }
                Target::Short { .. } | Target::Ignored => {}
            }
        }
        // The column of its scheme may stand behind that of a value.
        let codes = values.iter().map(|(group, value)| {
            let scheme = schemes.get(group).map(String::as_str);
            canonical(scheme.unwrap_or_default(), value)
        });
        keys.codes.extend(codes);
        keys
    }

    fn add_own(&mut self, nth: usize, field: &Field, text: impl FnOnce() -> String, merged: bool) {
        if !field.is_own() {
            return;
        }
        match field.path.first().map(String::as_str) {
            Some("id") => self.strong[0] = Some(text().to_lowercase()),
            Some("slug") => self.strong[1] = Some(text()),
            Some("name" | "label") => self.names.push((nth, text())),
            // A cell that reaches down says nothing new.
            _ => self.own |= !merged,
        }
    }

    /// Whether the id is among them, as in exports.
    pub(super) fn have_id(&self) -> bool {
        self.strong[0].is_some()
    }

    fn has_none(&self) -> bool {
        self.strong.iter().all(Option::is_none) && self.codes.is_empty() && self.names.is_empty()
    }

    /// Whether a row with other keys is of the same document.
    pub(super) fn are_of_one_document_with(&self, row: &Self) -> bool {
        if row.strong == Self::default().strong && row.names.is_empty() && !row.own {
            // It says nothing of a document, so it goes on with the one above. A code may be
            // another one of that.
            return self.same_code(row).unwrap_or(true);
        }
        // The surest that both tell.
        let mut both = self.strong.iter().zip(&row.strong);
        let agree = both.find_map(|(one, other)| Some(one.as_ref()? == other.as_ref()?));
        if let Some(agree) = agree {
            return agree;
        }
        if let Some(same) = self.same_code(row) {
            return same;
        }
        !self.names.is_empty() && self.names == row.names
    }

    /// Whether they share a code; nothing where neither speaks of a scheme of the other.
    fn same_code(&self, row: &Self) -> Option<bool> {
        if self.codes.iter().any(|code| row.codes.contains(code)) {
            return Some(true);
        }
        let scheme = |code: &(String, String)| row.codes.iter().any(|other| other.0 == code.0);
        // Other codes of one register are those of other documents.
        self.codes.iter().any(scheme).then_some(false)
    }

    /// Takes the keys of another row of the document.
    pub(super) fn add(&mut self, row: Self) {
        for (mine, its) in self.strong.iter_mut().zip(row.strong) {
            if mine.is_none() {
                *mine = its;
            }
        }
        for code in row.codes {
            if !self.codes.contains(&code) {
                self.codes.push(code);
            }
        }
        if self.names.is_empty() {
            self.names = row.names;
        }
    }

    /// The one by which the document is found elsewhere in the file.
    pub(super) fn best(&self) -> Option<String> {
        if self.has_none() {
            return None;
        }
        let kinds = ["id", "slug", "@"];
        let strong = self.strong.iter().zip(kinds).find_map(|(key, kind)| {
            let key = key.as_ref()?;
            Some(format!("{kind} {key}"))
        });
        let code = || {
            self.codes
                .first()
                .map(|(scheme, value)| format!("{scheme}:{value}"))
        };
        strong.or_else(code).or_else(|| {
            let names: Vec<&str> = self.names.iter().map(|(_, name)| name.as_str()).collect();
            Some(format!("name {}", names.join(" ")))
        })
    }
}

fn canonical(scheme: &str, value: &str) -> (String, String) {
    let value = value.trim();
    scheme::canonical(scheme, value).unwrap_or_else(|_| (scheme.to_owned(), value.to_owned()))
}
