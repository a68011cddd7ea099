//! Empty tables to fill in: the headers of a collection, what each column means, and the words that
//! are allowed.
//!
//! As a workbook with drop-down lists and an explanation on a sheet of its own, or as CSV; both with
//! one example row, which is passed over when the file is read.

pub mod routes;
#[cfg(test)]
mod tests;
mod workbook;

use super::flat::ColumnNames;
use super::flat::columns::{Columns, Field, Kind};
use super::flat::escape;
use crate::register::{Error, Language, Result, Term};

/// The forms in which a template can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateFormat {
    /// Text with semicolons, as Dutch spreadsheets open it.
    Csv,
    /// A workbook.
    Xlsx,
}

/// The first cell of the example.
const EXAMPLE: &str = "#voorbeeld";

/// The byte order mark, by which spreadsheets know UTF-8.
const BOM: &str = "\u{feff}";

/// An empty table for documents of a collection.
///
/// # Errors
/// Never, unless the workbook cannot be written, which is a defect.
pub fn template(
    columns: &'static Columns,
    format: TemplateFormat,
    naming: ColumnNames,
) -> Result<Vec<u8>> {
    match format {
        TemplateFormat::Csv => csv(columns, naming),
        TemplateFormat::Xlsx => workbook::write(columns, naming).map_err(|error| failed(&error)),
    }
}

fn failed(error: &dyn std::fmt::Display) -> Error {
    Error::Internal(format!("template: {error}"))
}

/// The columns that can be filled in.
fn fields(columns: &'static Columns) -> impl Iterator<Item = &'static Field> {
    let is_key = |field: &&Field| field.path == ["id"];
    columns
        .fields
        .iter()
        .filter(move |field| !field.read_only || is_key(field))
}

fn header(field: &Field, naming: ColumnNames) -> String {
    match naming {
        ColumnNames::Paths => field.dotted(),
        ColumnNames::Dutch => field.label(),
    }
}

fn csv(columns: &'static Columns, naming: ColumnNames) -> Result<Vec<u8>> {
    let mut writer = ::csv::WriterBuilder::new()
        .delimiter(b';')
        .terminator(::csv::Terminator::CRLF)
        .from_writer(BOM.as_bytes().to_vec());
    let headers = fields(columns).map(|field| header(field, naming));
    let examples = examples(columns, naming).map(escape);
    writer
        .write_record(headers)
        .and_then(|()| writer.write_record(examples))
        .map_err(|error| failed(&error))?;
    writer.into_inner().map_err(|error| failed(&error))
}

/// The cells of the example row.
fn examples(columns: &'static Columns, naming: ColumnNames) -> impl Iterator<Item = String> {
    let all = fields(columns).enumerate();
    all.map(move |(nth, field)| match nth {
        0 => EXAMPLE.to_owned(),
        _ => example(field, naming),
    })
}

/// A word as it is chosen from a list.
fn word(term: &Term, naming: ColumnNames) -> &'static str {
    match naming {
        ColumnNames::Paths => term.code,
        ColumnNames::Dutch => term.label.get(Language::Dutch),
    }
}

/// What could stand in a column.
fn example(field: &Field, naming: ColumnNames) -> String {
    let text = match field.kind {
        Kind::Word(words) => words.terms.first().map(|term| word(term, naming)),
        Kind::YesNo => Some(match naming {
            ColumnNames::Paths => "false",
            ColumnNames::Dutch => "nee",
        }),
        Kind::Whole => Some("12"),
        Kind::Number => Some(match naming {
            ColumnNames::Paths => "52.3676",
            ColumnNames::Dutch => "52,3676",
        }),
        Kind::Amount => Some(match naming {
            ColumnNames::Paths => "150000.00",
            ColumnNames::Dutch => "150.000,00",
        }),
        Kind::Day => Some("31-12-2024"),
        Kind::Date => Some(match naming {
            ColumnNames::Paths => "2024-12-31",
            ColumnNames::Dutch => "najaar 2024",
        }),
        Kind::Reference => Some("slug-of-document"),
        Kind::Link => Some("https://www.example.nl/"),
        Kind::Line | Kind::Markdown => None,
    };
    let example = || field.example.as_ref()?.as_str().map(str::to_owned);
    // What must be there stands in the example too.
    let any = || {
        field.required.then(|| match naming {
            ColumnNames::Paths => "Example".to_owned(),
            ColumnNames::Dutch => "Voorbeeld".to_owned(),
        })
    };
    let text = text.map(str::to_owned).or_else(example).or_else(any);
    text.unwrap_or_default()
}

/// What may stand in a column, in words.
fn allowed(field: &Field, naming: ColumnNames) -> String {
    let dutch = naming == ColumnNames::Dutch;
    let one = |nl: &'static str, en: &'static str| if dutch { nl } else { en }.to_owned();
    let what = match field.kind {
        Kind::Word(words) => {
            let words = words.terms.iter().map(|term| match naming {
                ColumnNames::Paths => format!("{} ({})", term.code, term.label.en),
                ColumnNames::Dutch => term.label.nl.to_owned(),
            });
            words.collect::<Vec<_>>().join(", ")
        }
        Kind::YesNo => one("ja, nee", "true, false"),
        Kind::Whole => one("een geheel getal", "a whole number"),
        Kind::Number => one("een getal", "a number"),
        Kind::Amount => one("een bedrag", "an amount"),
        Kind::Day => one("een dag: 31-12-2024", "a day: 2024-12-31"),
        Kind::Date => one(
            "een datum zo precies als hij bekend is: 31-12-2024, december 2024, najaar 2024, 2024, of EDTF",
            "a date as far as it is known: 2024-12-31, december 2024, autumn 2024, 2024, or EDTF",
        ),
        Kind::Reference => one(
            "een ander document: slug, id, code (cbs:GM0230) of @naam",
            "another document: slug, id, code (cbs:GM0230) or @name",
        ),
        Kind::Link => one("een webadres", "the address of a page"),
        Kind::Line => one("een regel tekst", "a line of text"),
        Kind::Markdown => one("tekst, met Markdown", "text, with Markdown"),
    };
    if field.inner > 0 {
        let several = one(
            "; meer waarden met ; ertussen",
            "; several values with ; between",
        );
        return what + &several;
    }
    what
}
