//! Tests of what is written: a workbook goes on on a next sheet, holds what no cell does, and is
//! read as the same documents.

use serde_json::{Map, Value, json};

use super::book::Book;
use super::{Style, Table};
use crate::api::negotiate::Format;
use crate::exchange::files::Options;
use crate::exchange::files::tests::read;
use crate::exchange::flat::{ColumnNames, Columns, Flat, FlatCell};
use crate::organisations::Organisation;
use crate::register::{Document as _, Language};

fn documents() -> Vec<Map<String, Value>> {
    let contacts: Vec<Value> = (0..3)
        .map(|nth| json!({"kind": "email", "value": format!("post{nth}@example.nl")}))
        .collect();
    let one = |nth: usize| {
        json!({
            "slug": format!("o-{nth}"), "name": format!("=Organisatie {nth}"), "kind": "other",
            "website": format!("https://www.example.nl/{nth}"), "contacts": contacts,
            "description": "a".repeat(if nth == 1 { 40_000 } else { 10 }),
        })
    };
    let all = (0..4).map(one);
    all.filter_map(|one| one.as_object().cloned()).collect()
}

fn flat() -> Flat {
    let columns = Columns::of_type(Organisation::NAMING.type_)
        .map(|columns| Flat::new(columns, ColumnNames::Dutch, Language::Dutch));
    columns.unwrap_or_else(|| unreachable!("it is a collection"))
}

/// The documents that are read, as an import takes them.
fn bodies(bytes: &[u8]) -> Vec<Value> {
    let options = Options {
        format: None,
        collection: Some(Organisation::NAMING),
    };
    let (all, end) = read(bytes, &options);
    assert_eq!(end, None);
    for given in &all {
        assert_eq!(given.issues, [], "{:?}", given.places);
    }
    all.into_iter().map(|given| json!(given.body)).collect()
}

#[test]
fn what_no_cell_holds_comes_back_all_the_same() {
    let folder = std::env::temp_dir();
    for format in [Format::Csv, Format::Xlsx] {
        let style = Style {
            name: "organisations",
            bom: true,
            scratch: &folder,
        };
        let table = Table::new(format, Box::new(flat()), &style);
        let bytes = table
            .and_then(|table| table.whole(&documents()))
            .unwrap_or_default();
        let expected: Vec<Value> = documents().into_iter().map(Value::Object).collect();
        assert_eq!(bodies(&bytes), expected, "{format:?}");
    }
}

#[test]
fn a_long_table_goes_on_on_a_next_sheet_and_keeps_the_rows_of_a_document_together() {
    let folder = std::env::temp_dir();
    let flat = flat();
    let headers = flat.headers().map(str::to_owned).collect();
    let mut bytes = Vec::new();
    let written = Book::with_rows("organisations", headers, &folder, 8).and_then(|mut book| {
        for document in documents() {
            let mut rows = flat.rows(&document);
            for cell in rows.iter_mut().flatten() {
                if matches!(cell, FlatCell::Text(text) if text.len() > 30_000) {
                    *cell = FlatCell::Empty;
                }
            }
            book.add(rows)?;
        }
        book.save(&mut bytes)
    });
    assert!(written.is_ok(), "{written:?}");
    let all = bodies(&bytes);
    assert_eq!(all.len(), 4);
    assert!(
        all.iter()
            .all(|one| one["contacts"].as_array().map(Vec::len) == Some(3))
    );
    let sheets = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).map(|zip| {
        zip.file_names()
            .filter(|name| {
                name.as_ref()
                    .is_ok_and(|name| name.contains("worksheets/sheet"))
            })
            .count()
    });
    // Seven rows below a header hold two documents of three rows.
    assert_eq!(sheets.ok(), Some(2));
}

#[test]
fn the_same_table_is_the_same_file() {
    let folder = std::env::temp_dir();
    let make = || {
        let style = Style {
            name: "organisations",
            bom: false,
            scratch: &folder,
        };
        let table = Table::new(Format::Xlsx, Box::new(flat()), &style);
        table
            .and_then(|table| table.whole(&documents()))
            .unwrap_or_default()
    };
    let one = make();
    assert!(one.len() > 1_000 && one == make());
}
