//! What is exported, item by item: as CSV, as a workbook, or as JSON a line.
//!
//! Nothing is kept but what is written next, whatever the length; a workbook gathers its sheets on
//! the disk and is written at the end.

mod book;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::Path;

use serde_json::{Map, Value};

pub use book::{Book, properties};

use super::flat::{Flat, FlatCell};
use crate::api::negotiate::Format;
use crate::api::spool::failed;
use crate::register::{Error, Result};

/// The byte order mark, by which spreadsheets know UTF-8.
const BOM: &str = "\u{feff}";

/// Where it is written to: a workbook is packed by several threads.
pub type Out<'o> = &'o mut (dyn Write + Send);

/// What makes rows of items.
pub trait Rows: Send {
    /// The first row.
    fn headers(&self) -> Vec<String>;
    /// The rows of an item.
    fn rows(&self, item: &Map<String, Value>) -> Vec<Vec<FlatCell>>;
}

impl Rows for Flat {
    fn headers(&self) -> Vec<String> {
        self.headers().map(str::to_owned).collect()
    }

    fn rows(&self, item: &Map<String, Value>) -> Vec<Vec<FlatCell>> {
        self.rows(item)
    }
}

/// How a table is made.
#[derive(Clone, Copy, Debug)]
pub struct Style<'s> {
    /// What it is called: the name of the sheet.
    pub name: &'s str,
    /// Whether CSV begins with a byte order mark.
    pub bom: bool,
    /// The folder for what a workbook gathers.
    pub scratch: &'s Path,
}

/// A writer of items.
pub enum Table {
    /// A JSON object a line.
    Lines,
    /// Comma-separated values (RFC 4180).
    Csv {
        /// What makes the rows.
        rows: Box<dyn Rows>,
        /// Whether it begins with a byte order mark.
        bom: bool,
    },
    /// A workbook.
    Book {
        /// What makes the rows.
        rows: Box<dyn Rows>,
        /// What they are gathered in.
        book: Box<Book>,
    },
}

impl Table {
    /// A writer in a form; JSON becomes lines.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn new(format: Format, rows: Box<dyn Rows>, style: &Style<'_>) -> Result<Self> {
        Ok(match format {
            Format::Json | Format::Ndjson => Self::Lines,
            Format::Csv => Self::Csv {
                rows,
                bom: style.bom,
            },
            Format::Xlsx => {
                let book = Book::new(style.name, rows.headers(), style.scratch)?;
                let book = Box::new(book);
                Self::Book { rows, book }
            }
        })
    }

    /// Writes what stands before the first item.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(&mut self, out: Out<'_>) -> Result<()> {
        if let Self::Csv { rows, bom } = self {
            if *bom {
                out.write_all(BOM.as_bytes()).map_err(failed)?;
            }
            csv_rows([rows.headers()], out)?;
        }
        Ok(())
    }

    /// Writes items.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn add(&mut self, items: &[Map<String, Value>], out: Out<'_>) -> Result<()> {
        match self {
            Self::Lines => {
                for item in items {
                    serde_json::to_writer(&mut *out, item)?;
                    out.write_all(b"\n").map_err(failed)?;
                }
                Ok(())
            }
            Self::Csv { rows, .. } => {
                let all = items.iter().flat_map(|item| rows.rows(item));
                csv_rows(all.map(texts), out)
            }
            Self::Book { rows, book } => {
                items.iter().try_for_each(|item| book.add(rows.rows(item)))
            }
        }
    }

    /// Writes what stands behind the last item.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end(self, out: Out<'_>) -> Result<()> {
        match self {
            Self::Book { book, .. } => book.save(out),
            Self::Lines | Self::Csv { .. } => Ok(()),
        }
    }

    /// All of it at once: for what is small.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn whole(mut self, items: &[Map<String, Value>]) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        self.begin(&mut all)?;
        self.add(items, &mut all)?;
        self.end(&mut all)?;
        Ok(all)
    }
}

fn texts(row: Vec<FlatCell>) -> Vec<String> {
    row.into_iter().map(FlatCell::into_text).collect()
}

/// Writes rows as CSV.
///
/// # Errors
/// When they cannot be written.
pub fn csv_rows(rows: impl IntoIterator<Item = Vec<String>>, out: Out<'_>) -> Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    for row in rows {
        writer
            .write_record(row)
            .map_err(|error| match error.into_kind() {
                csv::ErrorKind::Io(error) => failed(error),
                other => Error::Internal(format!("CSV: {other:?}")),
            })?;
    }
    writer.flush().map_err(failed)
}

/// A whole table of which all rows are there already, as CSV or as a workbook.
///
/// # Errors
/// When the folder for a workbook cannot be written.
pub fn grid(
    format: Format,
    style: &Style<'_>,
    headers: Vec<String>,
    rows: Vec<Vec<FlatCell>>,
) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    if format == Format::Xlsx {
        let mut book = Book::new(style.name, headers, style.scratch)?;
        book.add(rows)?;
        book.save(&mut file)?;
        return Ok(file);
    }
    if style.bom {
        file.extend_from_slice(BOM.as_bytes());
    }
    let rows = rows.into_iter().map(texts);
    csv_rows(std::iter::once(headers).chain(rows), &mut file)?;
    Ok(file)
}
