//! Tests of the templates: as they are they import nothing, and what they show as an example can be
//! read.

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

#[test]
fn the_same_template_is_the_same_file() {
    let columns = &Columns::all()[0];
    let one = bytes(columns, TemplateFormat::Xlsx, ColumnNames::Dutch);
    assert!(one == bytes(columns, TemplateFormat::Xlsx, ColumnNames::Dutch));
    assert!(one != bytes(columns, TemplateFormat::Xlsx, ColumnNames::Paths));
}
