//! From a document to rows: the other way round, so that what was written is read as it was.
//!
//! The first row has everything that a document has once. The next ones repeat what is short of it,
//! so that rows can be filtered and are known to belong together, and not its texts and lists.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::columns::{Columns, Field, Kind};
use super::escape::{escape, join};
use super::header::extra;
use crate::register::Language;
use crate::register::partial_date::PartialDate;
use crate::register::vocabulary::vocabulary;

vocabulary! {
    /// What the columns of a table are called.
    pub enum ColumnNames in "column-names" {
        Dutch = "dutch", "Nederlands", "Dutch";
        Paths = "paths", "Paden", "Paths";
    }
}

/// A cell with its type.
#[derive(Clone, Debug, PartialEq)]
pub enum FlatCell {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// A number.
    Number {
        /// As it is written in a text: with a point, and amounts with two decimals.
        text: String,
        /// As a spreadsheet holds it.
        value: f64,
    },
    /// A day that spreadsheets know.
    Date(NaiveDate),
    /// Yes or no.
    Bool(bool),
    /// The address of a page.
    Link(String),
}

impl FlatCell {
    /// A text; an empty one is nothing.
    pub fn of_text(text: &str) -> Self {
        match text {
            "" => Self::Empty,
            text => Self::Text(text.to_owned()),
        }
    }

    /// A number of JSON; nothing for what is none.
    pub fn of_number(number: &Value) -> Self {
        let value = number.as_f64();
        value.map_or(Self::Empty, |value| Self::Number {
            text: number.to_string(),
            value,
        })
    }

    /// It as a text of CSV, which no spreadsheet takes for a formula.
    pub fn into_text(self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Link(text) => escape(text),
            // A number that begins with a minus sign is no formula.
            Self::Number { text, .. } => text,
            Self::Date(day) => day.format("%Y-%m-%d").to_string(),
            Self::Bool(yes) => yes.to_string(),
        }
    }
}

/// The flat form of a collection's documents.
pub struct Flat {
    columns: Vec<Column>,
    language: Language,
    /// Whether other documents are named by their ids.
    by_id: bool,
    /// The fewest rows that a document has.
    fewest: usize,
}

/// A column as it is written.
pub struct Column {
    /// What stands in the first row.
    pub header: String,
    /// The member.
    pub field: &'static Field,
    /// Whether it is only for readers: the name of a document, the label of a word.
    pub is_extra: bool,
    /// Whether each of the values of a list has a row of its own.
    is_apart: bool,
}

impl Flat {
    /// The form for documents of a collection; `language` is that of the labels of words.
    pub fn new(columns: &'static Columns, naming: ColumnNames, language: Language) -> Self {
        let mut all = Vec::new();
        for field in &columns.fields {
            let header = match naming {
                ColumnNames::Paths => field.dotted(),
                ColumnNames::Dutch => field.label(),
            };
            let more = extra(field).map(|path| match naming {
                ColumnNames::Paths => path,
                ColumnNames::Dutch => format!("{header} (ter informatie)"),
            });
            let column = |header, is_extra| Column {
                header,
                field,
                is_extra,
                is_apart: false,
            };
            all.push(column(header, false));
            all.extend(more.map(|header| column(header, true)));
        }
        Self {
            columns: all,
            language,
            by_id: false,
            fewest: 1,
        }
    }

    /// One row for each document, without the lists that [`Self::lists`] names.
    #[must_use]
    pub fn own(mut self) -> Self {
        self.columns
            .retain(|column| list_of(column.field).is_none());
        self.by_id = true;
        self
    }

    /// One row for each item of a list, with the id of the document.
    #[must_use]
    pub fn of_list(mut self, list: &[String]) -> Self {
        let is_id = |field: &Field| field.path == ["id"];
        self.columns
            .retain(|column| is_id(column.field) || list_of(column.field) == Some(list));
        for column in &mut self.columns {
            column.is_apart = column.field.is_own() && !is_id(column.field);
        }
        (self.by_id, self.fewest) = (true, 0);
        self
    }

    /// The lists whose items are more than plain values, by the names that lead to them.
    pub fn lists(&self) -> Vec<&'static [String]> {
        let mut lists: Vec<_> = self
            .columns
            .iter()
            .filter_map(|column| list_of(column.field))
            .collect();
        lists.dedup();
        lists
    }

    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The same with these members of the documents only.
    #[must_use]
    pub fn only(mut self, members: &[String]) -> Self {
        self.columns
            .retain(|column| members.contains(&column.field.path[0]));
        self
    }

    /// The first row.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.header.as_str())
    }

    /// The rows of a document as it is shown; at least one, unless it is of a list.
    pub fn rows(&self, document: &Map<String, Value>) -> Vec<Vec<FlatCell>> {
        let mut lists = Vec::new();
        // The list of each column, and its place among all.
        let columns: Vec<(&Column, Option<usize>)> = self
            .columns
            .iter()
            .map(|column| {
                if column.field.is_own() && !column.is_apart {
                    return (column, None);
                }
                let path = path_of(column.field);
                let at = lists.iter().position(|(one, _)| *one == path);
                let at = at.unwrap_or_else(|| {
                    lists.push((path, items(document, column.field).unwrap_or_default()));
                    lists.len() - 1
                });
                (column, Some(at))
            })
            .collect();
        let lists: Vec<&[Value]> = lists.into_iter().map(|(_, items)| items).collect();
        let mut rows = laid_out(&lists);
        rows.resize_with(rows.len().max(self.fewest), || vec![None; lists.len()]);
        let row = |(nth, places): (usize, &Vec<Option<usize>>)| {
            let cell = |(column, list): &(&Column, Option<usize>)| {
                let item = list.and_then(|list| lists[list].get(places[list]?));
                self.cell(document, column, item, nth == 0)
            };
            columns.iter().map(cell).collect()
        };
        rows.iter().enumerate().map(row).collect()
    }

    fn cell(
        &self,
        document: &Map<String, Value>,
        column: &Column,
        item: Option<&Value>,
        is_first: bool,
    ) -> FlatCell {
        let field = column.field;
        if column.is_apart {
            let value = item.map_or(&Value::Null, |item| {
                follow(item, &field.path[field.inner..])
            });
            return self.single(value, column);
        }
        let value = if field.is_own() {
            let once = matches!(field.kind, Kind::Markdown) || field.inner > 0;
            if !is_first && once {
                return FlatCell::Empty;
            }
            document.get(&field.path[0]).map(|value| (value, 1))
        } else {
            item.map(|item| (item, field.list))
        };
        let Some((value, depth)) = value else {
            return FlatCell::Empty;
        };
        if field.inner == 0 {
            return self.single(follow(value, &field.path[depth..]), column);
        }
        let list = follow(value, &field.path[depth..field.inner]);
        let values: Vec<String> = list
            .as_array()
            .into_iter()
            .flatten()
            .map(|item| {
                let value = follow(item, &field.path[field.inner..]);
                match self.single(value, column) {
                    FlatCell::Text(text) | FlatCell::Link(text) => text,
                    other => other.into_text(),
                }
            })
            .collect();
        if values.iter().all(String::is_empty) {
            return FlatCell::Empty;
        }
        FlatCell::Text(join(&values))
    }

    /// The cell of one value.
    fn single(&self, value: &Value, column: &Column) -> FlatCell {
        let field = column.field;
        let text = |value: &Value| FlatCell::of_text(value.as_str().unwrap_or_default());
        if column.is_extra {
            return match (field.kind, value) {
                (Kind::Word(words), Value::String(code)) => {
                    let term = words.terms.iter().find(|term| term.code == code);
                    let label = term.map(|term| term.label.get(self.language));
                    FlatCell::of_text(label.unwrap_or_default())
                }
                (Kind::Reference, value) => text(&value["name"]),
                (Kind::Date, value) => text(&value["text"]),
                _ => FlatCell::Empty,
            };
        }
        match (field.kind, value) {
            (Kind::YesNo, Value::Bool(yes)) => FlatCell::Bool(*yes),
            (Kind::Whole | Kind::Number, Value::Number(number)) => {
                let value = number.as_f64().unwrap_or_default();
                let text = value.to_string();
                FlatCell::Number { text, value }
            }
            (Kind::Amount, Value::String(amount)) => amount_cell(amount),
            (Kind::Reference, Value::Object(reference)) => {
                let slug = reference
                    .get("slug")
                    .filter(|slug| slug.is_string() && !self.by_id);
                text(slug.or_else(|| reference.get("id")).unwrap_or(&Value::Null))
            }
            (Kind::Date, Value::Object(date)) => {
                let edtf = date.get("edtf").and_then(Value::as_str);
                date_cell(edtf.unwrap_or_default())
            }
            (Kind::Day, Value::String(day)) => date_cell(day),
            (Kind::Link, Value::String(address)) => FlatCell::Link(address.clone()),
            (_, value) => text(value),
        }
    }
}

/// Which item of each list stands in each row: the next one of all of them. One that equals another
/// of its list has a row without any others, by which it is known not to be a repetition.
fn laid_out(lists: &[&[Value]]) -> Vec<Vec<Option<usize>>> {
    let repeats: Vec<Vec<bool>> = lists.iter().map(|items| repeats(items)).collect();
    let mut next = vec![0; lists.len()];
    let mut rows = Vec::new();
    loop {
        let left = |nth: &usize| next[*nth] < lists[*nth].len();
        let left: Vec<usize> = (0..lists.len()).filter(left).collect();
        let is_new = |nth: &usize| !repeats[*nth][next[*nth]];
        let mut now: Vec<usize> = left.iter().copied().filter(is_new).collect();
        if now.is_empty() {
            now.extend(left.first());
        }
        if now.is_empty() {
            return rows;
        }
        let mut row = vec![None; lists.len()];
        for nth in now {
            row[nth] = Some(next[nth]);
            next[nth] += 1;
        }
        rows.push(row);
    }
}

/// Of each item whether it equals one before it, as far as hashes tell. To stand alone harms none.
fn repeats(items: &[Value]) -> Vec<bool> {
    let mut seen = HashSet::new();
    let is_repeat = |item: &Value| {
        let mut hasher = DefaultHasher::new();
        item.hash(&mut hasher);
        !seen.insert(hasher.finish())
    };
    items.iter().map(is_repeat).collect()
}

/// The names that lead to the list in which a field is, or to the list that it is.
fn path_of(field: &Field) -> &[String] {
    let end = if field.is_own() {
        field.inner
    } else {
        field.list
    };
    &field.path[..end]
}

/// The items of that list.
fn items<'a>(document: &'a Map<String, Value>, field: &Field) -> Option<&'a [Value]> {
    let (first, rest) = path_of(field).split_first()?;
    let list = follow(document.get(first)?, rest);
    list.as_array().map(Vec::as_slice)
}

/// The list that has a table of its own where each item has a row: of objects, or of references.
fn list_of(field: &'static Field) -> Option<&'static [String]> {
    match field.kind {
        _ if !field.is_own() => Some(&field.path[..field.list]),
        Kind::Reference if field.inner > 0 => Some(&field.path[..field.inner]),
        _ => None,
    }
}

/// The value to which names lead. The words of a date only where they are the source's own: those
/// that follow from the date would stay behind when someone changes it.
fn follow<'a>(value: &'a Value, path: &[String]) -> &'a Value {
    let Some((name, rest)) = path.split_first() else {
        return value;
    };
    if name == "text"
        && let (Some(edtf), Some(text)) = (value["edtf"].as_str(), value["text"].as_str())
        && PartialDate::parse(edtf).is_ok_and(|date| date.text() == text)
    {
        return &Value::Null;
    }
    follow(&value[name.as_str()], rest)
}

/// A day that spreadsheets know is one for them; before March 1900 they count wrongly.
fn date_cell(edtf: &str) -> FlatCell {
    let first = NaiveDate::from_ymd_opt(1900, 3, 1);
    match NaiveDate::parse_from_str(edtf, "%Y-%m-%d") {
        Ok(day) if edtf.len() == 10 && Some(day) >= first => FlatCell::Date(day),
        _ if edtf.is_empty() => FlatCell::Empty,
        _ => FlatCell::Text(edtf.to_owned()),
    }
}

/// An amount is a number unless that would change it.
fn amount_cell(amount: &str) -> FlatCell {
    let text = amount.to_owned();
    match amount.parse::<f64>() {
        Ok(value) if format!("{value:.2}") == text && value < 1e12 => {
            FlatCell::Number { text, value }
        }
        _ => FlatCell::Text(text),
    }
}
