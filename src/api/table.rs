//! Documents as rows: CSV and NDJSON.
//!
//! The columns follow from the schema of the collection, so they are the same whatever the
//! documents hold, and a new field has its column the day it is added.

use actix_web::web::Bytes;
use serde_json::{Map, Value};

use super::list::ShapeParameters;
use super::negotiate::Format;
use super::schemas;
use crate::exchange::flat::escape;
use crate::register::{Document, Error, Language, Result, Vocabulary};

/// The objects in documents that have a column for each of their members.
fn parts_of(schema: &str) -> Option<&'static [&'static str]> {
    match schema {
        "ServiceArea" => Some(&["municipalities", "postcodes"]),
        "Objective" => Some(&["text", "isQuote"]),
        "PersonName" => Some(&["given", "prefix", "family", "honorific"]),
        _ => None,
    }
}

/// The byte order mark, by which spreadsheets know UTF-8.
const BOM: &str = "\u{feff}";

/// A writer of rows.
pub struct Table {
    format: Format,
    columns: Vec<Column>,
    bom: bool,
}

/// A column of the CSV.
struct Column {
    name: String,
    /// The members that lead to the value, from the outside in.
    path: Vec<String>,
    cell: Cell,
}

/// How a value becomes a cell.
enum Cell {
    /// As it is; lists with `; ` between the items.
    Plain,
    /// The label of a word.
    Label(Vocabulary, Language),
    /// One member of an object.
    Member(&'static str),
}

impl Table {
    /// A writer for documents of a collection.
    pub fn new<T: Document>(
        format: Format,
        shape: &ShapeParameters,
        language: Language,
        bom: bool,
    ) -> Self {
        let mut columns = Vec::new();
        let vocabularies = T::vocabularies();
        let members = schemas::members_of_type::<T>();
        for (name, type_) in members {
            if shape
                .fields
                .as_ref()
                .is_some_and(|fields| !fields.contains(&name))
            {
                continue;
            }
            let path = vec![name.clone()];
            let mut add = |name: String, path: Vec<String>, cell| {
                columns.push(Column { name, path, cell });
            };
            match type_.as_str() {
                "Ref" => {
                    add(name.clone(), path.clone(), Cell::Member("slug"));
                    add(format!("{name}Name"), path, Cell::Member("name"));
                }
                "PartialDate" => {
                    add(name.clone(), path.clone(), Cell::Member("edtf"));
                    add(format!("{name}Text"), path, Cell::Member("text"));
                }
                other if parts_of(other).is_some() => {
                    for part in parts_of(other).unwrap_or_default() {
                        let path = vec![name.clone(), (*part).to_owned()];
                        add(format!("{name}.{part}"), path, Cell::Plain);
                    }
                }
                other => {
                    add(name.clone(), path.clone(), Cell::Plain);
                    if let Some(words) = vocabularies.iter().find(|v| v.schema == other) {
                        add(format!("{name}Label"), path, Cell::Label(*words, language));
                    }
                }
            }
        }
        Self {
            format,
            columns,
            bom,
        }
    }

    /// The beginning of the answer with its first rows.
    ///
    /// # Errors
    /// Never, unless a row cannot be written, which is a defect.
    pub fn start(&self, documents: &[Map<String, Value>]) -> Result<Bytes> {
        let mut start = Vec::new();
        if self.format == Format::Csv {
            if self.bom {
                start.extend_from_slice(BOM.as_bytes());
            }
            let names: Vec<String> = self
                .columns
                .iter()
                .map(|column| column.name.clone())
                .collect();
            start.extend(csv_rows([names])?);
        }
        start.extend_from_slice(&self.rows(documents)?);
        Ok(start.into())
    }

    /// More rows.
    ///
    /// # Errors
    /// Never, unless a row cannot be written, which is a defect.
    pub fn rows(&self, documents: &[Map<String, Value>]) -> Result<Bytes> {
        if self.format == Format::Csv {
            let rows = documents.iter().map(|document| {
                self.columns
                    .iter()
                    .map(|column| column.cell(document))
                    .collect()
            });
            return Ok(csv_rows(rows)?.into());
        }
        let mut lines = Vec::new();
        for document in documents {
            serde_json::to_writer(&mut lines, document)?;
            lines.push(b'\n');
        }
        Ok(lines.into())
    }
}

impl Column {
    fn cell(&self, document: &Map<String, Value>) -> String {
        let mut names = self.path.iter();
        let mut value = names
            .next()
            .and_then(|name| document.get(name))
            .unwrap_or(&Value::Null);
        for name in names {
            value = &value[name];
        }
        let text = match &self.cell {
            Cell::Plain => plain(value),
            Cell::Member(name) => plain(&value[*name]),
            Cell::Label(words, language) => words
                .terms
                .iter()
                .find(|term| value == term.code)
                .map(|term| term.label.get(*language).to_owned())
                .unwrap_or_default(),
        };
        escape(text)
    }
}

/// A value in words: the slug of a reference, the expression of a date, the items of a list.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join("; "),
        Value::Object(members) => {
            if let Some(short) = members.get("slug").or_else(|| members.get("edtf")) {
                return plain(short);
            }
            if let (Some(scheme), Some(value)) = (members.get("scheme"), members.get("value")) {
                return format!("{}:{}", plain(scheme), plain(value));
            }
            let parts = members.values().map(plain).filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join(" ")
        }
    }
}

/// A whole CSV of plain texts, the header row first.
///
/// # Errors
/// Never, unless a row cannot be written, which is a defect.
pub fn csv_file(rows: impl IntoIterator<Item = Vec<String>>, bom: bool) -> Result<Bytes> {
    let mut file = if bom {
        BOM.as_bytes().to_vec()
    } else {
        Vec::new()
    };
    let escaped = |row: Vec<String>| row.into_iter().map(escape).collect();
    file.extend(csv_rows(rows.into_iter().map(escaped))?);
    Ok(file.into())
}

fn csv_rows(rows: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>> {
    let failed = |error: &dyn std::fmt::Display| Error::Internal(format!("CSV: {error}"));
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(|error| failed(&error))?;
    }
    writer.into_inner().map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_told_as_scheme_and_value() {
        let value = serde_json::json!([{"scheme": "cbs", "value": "GM0230", "start": null}]);
        assert_eq!(plain(&value), "cbs:GM0230");
    }

    #[test]
    fn nested_values_are_told_in_words() {
        let value = serde_json::json!([
            {"organisation": {"id": "1", "slug": "zeeluwe", "name": "Zeeluwe"}, "role": "other",
             "start": {"edtf": "2014", "text": "2014"}, "end": null}
        ]);
        assert_eq!(plain(&value), "zeeluwe other 2014");
    }
}
