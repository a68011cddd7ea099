//! Cells with their types in a sheet of a workbook.

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use super::escape::escape_typed;
use super::write::FlatCell;

/// The longest address that a spreadsheet follows.
const LINK: usize = 2_000;

/// How cells look.
pub struct Formats {
    /// Days.
    pub date: Format,
    /// Amounts and other numbers.
    pub number: Format,
    /// The first row.
    pub header: Format,
}

impl Default for Formats {
    fn default() -> Self {
        Self {
            date: Format::new().set_num_format("yyyy-mm-dd"),
            number: Format::new(),
            header: Format::new().set_bold(),
        }
    }
}

/// Writes a cell.
///
/// # Errors
/// When it does not fit: a text has at most 32,767 characters there, a sheet 1,048,576 rows.
pub fn put(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: FlatCell,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match cell {
        FlatCell::Empty => {}
        FlatCell::Text(text) => {
            sheet.write_string(row, column, escape_typed(text))?;
        }
        FlatCell::Number { value, .. } => {
            sheet.write_number_with_format(row, column, value, &formats.number)?;
        }
        FlatCell::Date(day) => {
            let days = day
                .signed_duration_since(chrono::NaiveDate::default())
                .num_days()
                + 25_569;
            #[expect(
                clippy::cast_precision_loss,
                reason = "days up to the year 9999 are far below what a float holds"
            )]
            sheet.write_number_with_format(row, column, days as f64, &formats.date)?;
        }
        FlatCell::Bool(yes) => {
            sheet.write_boolean(row, column, yes)?;
        }
        FlatCell::Link(address) if is_taken_over(&address) => {
            sheet.write_url(row, column, address.as_str())?;
        }
        FlatCell::Link(address) => {
            sheet.write_string(row, column, escape_typed(address))?;
        }
    }
    Ok(())
}

/// Whether an address becomes a link that leads where it says: what would be escaped, or escaped
/// twice, would lead elsewhere.
fn is_taken_over(address: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_graphic() && !"%[]{}|\\^`\"<>".contains(c);
    address.len() <= LINK && address.chars().all(is_plain)
}
