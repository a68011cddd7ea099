//! A workbook that is written row by row.

use std::path::Path;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

use super::Out;
use crate::api::spool::failed;
use crate::exchange::flat::FlatCell;
use crate::exchange::flat::continued::parts;
use crate::exchange::flat::sheet::{Formats, put};
use crate::register::{Error, Result};

/// The rows that a sheet has, the header among them.
const ROWS: u32 = 1 << 20;

/// The longest text that a cell holds, in units of UTF-16, with an apostrophe in front of it.
const TEXT: usize = 32_766;

/// The most links of a sheet that Excel opens.
const LINKS: usize = 65_000;

/// How wide columns are, in characters.
const WIDTH: f64 = 22.0;

/// A workbook with one table, on as many sheets as that takes.
pub struct Book {
    workbook: Workbook,
    formats: Formats,
    name: String,
    headers: Vec<String>,
    /// The most rows of a sheet.
    most: u32,
    /// How many sheets there are.
    sheets: usize,
    /// The next row of the last one, and how many links that has.
    row: u32,
    links: usize,
}

impl Book {
    /// An empty one; what it gathers lies in that folder.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn new(name: &str, headers: Vec<String>, scratch: &Path) -> Result<Self> {
        Self::with_rows(name, headers, scratch, ROWS)
    }

    /// The same with so many rows to a sheet.
    pub(super) fn with_rows(
        name: &str,
        headers: Vec<String>,
        scratch: &Path,
        most: u32,
    ) -> Result<Self> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(scratch).map_err(broken)?;
        workbook.set_properties(&properties().map_err(broken)?);
        let mut book = Self {
            workbook,
            formats: Formats::default(),
            name: name.to_owned(),
            headers,
            most,
            sheets: 0,
            row: 0,
            links: 0,
        };
        book.begin_sheet().map_err(broken)?;
        Ok(book)
    }

    fn begin_sheet(&mut self) -> std::result::Result<(), XlsxError> {
        self.sheets += 1;
        let name = match self.sheets {
            1 => self.name.clone(),
            nth => format!("{} ({nth})", self.name),
        };
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (at, header) in (0..).zip(&self.headers) {
            sheet.set_column_width(at, WIDTH)?;
            sheet.write_string_with_format(0, at, header, &self.formats.header)?;
        }
        (self.row, self.links) = (1, 0);
        Ok(())
    }

    fn sheet(&mut self) -> std::result::Result<&mut Worksheet, XlsxError> {
        self.workbook.worksheet_from_index(self.sheets - 1)
    }

    /// Ends a sheet: with a filter on all that it holds.
    fn end_sheet(&mut self) -> std::result::Result<(), XlsxError> {
        let last = u16::try_from(self.headers.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let row = self.row.saturating_sub(1);
        self.sheet()?.autofilter(0, 0, row, last)?;
        Ok(())
    }

    /// Adds the rows of one item, which stay together.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn add(&mut self, rows: Vec<Vec<FlatCell>>) -> Result<()> {
        let parts = rows.into_iter().flat_map(|row| parts(row, TEXT));
        let rows: Vec<_> = parts.collect();
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let whole = self.row > 1 && count > self.most.saturating_sub(self.row);
        let turned = if whole {
            self.end_sheet().and_then(|()| self.begin_sheet())
        } else {
            Ok(())
        };
        turned.map_err(broken)?;
        rows.into_iter()
            .try_for_each(|row| self.add_row(row))
            .map_err(broken)
    }

    fn add_row(&mut self, cells: Vec<FlatCell>) -> std::result::Result<(), XlsxError> {
        let (at, mut links) = (self.row, self.links);
        let sheet = self.workbook.worksheet_from_index(self.sheets - 1)?;
        for (column, cell) in (0..).zip(cells) {
            let cell = match cell {
                FlatCell::Link(address) if links >= LINKS => FlatCell::Text(address),
                FlatCell::Link(address) => {
                    links += 1;
                    FlatCell::Link(address)
                }
                // Some members hold an address among other things: a contact, for one.
                FlatCell::Text(text) if links < LINKS && is_address(&text) => {
                    links += 1;
                    FlatCell::Link(text)
                }
                other => other,
            };
            put(sheet, at, column, cell, &self.formats)?;
        }
        (self.row, self.links) = (at + 1, links);
        Ok(())
    }

    /// Packs it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(mut self, out: Out<'_>) -> Result<()> {
        self.end_sheet().map_err(broken)?;
        self.workbook.save_to_writer(out).map_err(broken)
    }
}

/// Whether a text is the address of a page and nothing else.
fn is_address(text: &str) -> bool {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    is_web && !text.contains(char::is_whitespace)
}

/// The same workbook is the same file, whenever it is made.
///
/// # Errors
/// Never: the day is one.
pub fn properties() -> std::result::Result<DocProperties, XlsxError> {
    let made = ExcelDateTime::from_ymd(2026, 1, 1)?;
    Ok(DocProperties::new().set_creation_datetime(&made))
}

fn broken(error: XlsxError) -> Error {
    match error {
        XlsxError::IoError(error) => failed(error),
        other => Error::Internal(format!("a workbook: {other}")),
    }
}
