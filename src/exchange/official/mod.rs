//! Ready readers: files of others whose columns are known, chosen by their headers.
//!
//! Which files, and what becomes of their columns, stands in `docs/flat-files.md`.

mod boards;
mod municipalities;
mod postcodes;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use super::files::piece::Row;
use super::flat::labels::folded;
use super::given::{Given, Place};

/// A reader of one file of others.
pub trait Official: Send {
    /// Takes a row, and gives the documents that are whole.
    fn take(&mut self, row: &Row, ready: &mut VecDeque<Given>);

    /// Gives the documents that only the end makes whole.
    fn finish(&mut self, ready: &mut VecDeque<Given>);
}

/// The reader whose headers these are.
pub fn of_header(row: &Row, sheet: Option<&str>) -> Option<Box<dyn Official>> {
    let header = Header::of(row, sheet);
    postcodes::of_header(&header)
        .or_else(|| municipalities::of_header(&header))
        .or_else(|| boards::of_header(&header))
}

/// The columns of a file by their folded headers.
struct Header {
    sheet: Option<String>,
    names: Vec<String>,
    headers: Vec<String>,
}

/// A column that was found.
#[derive(Clone, Debug)]
struct Found {
    at: usize,
    header: String,
}

impl Header {
    fn of(row: &Row, sheet: Option<&str>) -> Self {
        let texts = row.cells.iter().map(|cell| cell.content.text());
        let headers: Vec<String> = texts.map(|text| text.trim().to_owned()).collect();
        Self {
            sheet: sheet.map(str::to_owned),
            names: headers.iter().map(|header| folded(header)).collect(),
            headers,
        }
    }

    /// The column that has one of these headers.
    fn find(&self, headers: &[&str]) -> Option<Found> {
        let at = headers.iter().find_map(|wanted| {
            let wanted = folded(wanted);
            self.names.iter().position(|name| *name == wanted)
        })?;
        Some(Found {
            at,
            header: self.headers[at].clone(),
        })
    }
}

impl Found {
    /// What stands in this column.
    fn text(&self, row: &Row) -> String {
        row.cell(self.at).content.text().trim().to_owned()
    }

    /// Where that is.
    fn place(&self, row: &Row, sheet: Option<&String>) -> Place {
        Place {
            column: Some(self.header.clone()),
            value: Some(super::flat::cut(&self.text(row))).filter(|value| !value.is_empty()),
            ..place(row, sheet)
        }
    }
}

/// The place of a row.
fn place(row: &Row, sheet: Option<&String>) -> Place {
    Place {
        sheet: sheet.cloned(),
        row: Some(row.number),
        ..Place::default()
    }
}

/// A municipality as the register calls it, and as lists of municipalities do.
fn municipality_names(name: &str) -> (String, String) {
    let bare = name
        .strip_prefix("Gemeente ")
        .or_else(|| name.strip_prefix("gemeente "))
        .unwrap_or(name)
        .trim();
    (format!("Gemeente {bare}"), bare.to_owned())
}
