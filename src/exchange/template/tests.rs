//! Tests of the templates: as they are they import nothing, and what they show as an example can be
//! read.

use std::io::Cursor;

use calamine::{Reader, Xlsx};

use super::*;
use crate::exchange::files::Options;
use crate::exchange::files::tests::read;

const NAMINGS: [ColumnNames; 2] = [ColumnNames::Dutch, ColumnNames::Paths];

fn bytes(columns: &'static Columns, format: TemplateFormat, naming: ColumnNames) -> Vec<u8> {
    template(columns, format, naming).unwrap_or_default()
}

#[test]
fn a_template_that_nobody_filled_in_imports_nothing() {
    for columns in Columns::all() {
        for naming in NAMINGS {
            for format in [TemplateFormat::Csv, TemplateFormat::Xlsx] {
                let bytes = bytes(columns, format, naming);
                let options = Options {
                    format: None,
                    collection: (format == TemplateFormat::Csv).then_some(columns.naming),
                };
                let (all, end) = read(&bytes, &options);
                assert!(all.is_empty(), "{format:?} {naming:?}: {:?}", all.first());
                assert_eq!(end, None, "{format:?} {naming:?} {}", columns.naming.plural);
            }
        }
    }
}

#[test]
fn the_example_of_each_column_can_be_read() {
    for columns in Columns::all() {
        for naming in NAMINGS {
            let text = bytes(columns, TemplateFormat::Csv, naming);
            let text = String::from_utf8_lossy(&text).replace(EXAMPLE, "");
            let options = Options {
                format: None,
                collection: Some(columns.naming),
            };
            let (all, end) = read(text.as_bytes(), &options);
            assert_eq!(end, None);
            assert_eq!(all.len(), 1);
            assert_eq!(all[0].issues, [], "{:?}", all[0].places);
            let filled = fields(columns).filter(|field| !example(field, naming).is_empty());
            assert!(filled.count() > 10, "{}", columns.naming.plural);
        }
    }
}

/// The cells of the first sheet of a template, as texts.
fn sheet_of(bytes: &[u8]) -> Vec<Vec<String>> {
    let book = Xlsx::new(Cursor::new(bytes)).ok();
    let range = book.and_then(|mut book| book.worksheet_range_at(0)?.ok());
    let range = range.unwrap_or_default();
    let rows = range.rows();
    rows.map(|row| row.iter().map(ToString::to_string).collect())
        .collect()
}

#[test]
fn the_example_row_of_a_workbook_holds_what_must_be_there_and_may_be_left_in() {
    for columns in Columns::all() {
        for naming in NAMINGS {
            let rows = sheet_of(&bytes(columns, TemplateFormat::Xlsx, naming));
            assert_eq!(rows.len(), 2, "{}", columns.naming.plural);
            assert_eq!(rows[1][0], EXAMPLE);
            for (field, cell) in fields(columns).zip(&rows[1]) {
                assert!(!field.required || !cell.is_empty(), "{}", field.dotted());
            }
            let mut filled = rows[1].clone();
            filled[0].clear();
            let mut book = rust_xlsxwriter::Workbook::new();
            let sheet = book.add_worksheet();
            assert!(sheet.set_name(columns.naming.plural).is_ok());
            for (nth, row) in (0..).zip(rows.iter().chain([&filled])) {
                assert!(sheet.write_row(nth, 0, row).is_ok());
            }
            let bytes = book.save_to_buffer().unwrap_or_default();
            let (all, end) = read(&bytes, &Options::default());
            assert_eq!((all.len(), end), (1, None), "{}", columns.naming.plural);
            assert_eq!(all[0].issues, [], "{:?}", all[0].places);
            assert_eq!(all[0].place.row, Some(3));
        }
    }
}

#[test]
fn the_same_template_is_the_same_file() {
    let columns = &Columns::all()[0];
    let one = bytes(columns, TemplateFormat::Xlsx, ColumnNames::Dutch);
    assert!(one == bytes(columns, TemplateFormat::Xlsx, ColumnNames::Dutch));
    assert!(one != bytes(columns, TemplateFormat::Xlsx, ColumnNames::Paths));
}
