//! Tests of the readers: what they find, and what they do with what is broken; workbooks that mean
//! harm are in `hostile`.

mod hostile;

use std::io::{Seek, Write};

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::exchange::given::Given;
use crate::organisations::Organisation;
use crate::register::Document;

/// A file with these bytes, at its beginning.
pub(crate) fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap_or_else(|error| unreachable!("no file: {error}"));
    let written = file.write_all(bytes).and_then(|()| file.rewind());
    assert!(written.is_ok(), "the file cannot be written");
    file
}

/// The documents of a text or workbook, and why reading it ended.
pub(crate) fn read(bytes: &[u8], options: &Options) -> (Vec<Given>, Option<(Place, Text)>) {
    let mut all = Vec::new();
    let documents = match open(file(bytes), options) {
        Ok(documents) => documents,
        Err(why) => return (all, Some(end(why))),
    };
    for document in documents {
        match document {
            Ok(given) => all.push(given),
            Err(why) => return (all, Some(end(why))),
        }
    }
    (all, None)
}

fn end(why: Unreadable) -> (Place, Text) {
    match why {
        Unreadable::File { place, why } => (*place, why),
        Unreadable::Failed(error) => unreachable!("the disk failed: {error}"),
    }
}

fn options(format: FileFormat) -> Options {
    Options {
        format: Some(format),
        collection: None,
    }
}

fn organisations() -> Options {
    Options {
        format: None,
        collection: Some(Organisation::NAMING),
    }
}

#[test]
fn the_form_follows_from_media_type_name_and_first_bytes() {
    assert_eq!(
        FileFormat::of_media_type("text/csv; charset=utf-8"),
        Some(FileFormat::Csv)
    );
    assert_eq!(FileFormat::of_media_type("text/html"), None);
    assert_eq!(FileFormat::of_name("a.b.XLSX"), Some(FileFormat::Xlsx));
    assert_eq!(FileFormat::of_name("csv"), None);
    for (bytes, format) in [
        (&b"PK\x03\x04"[..], FileFormat::Xlsx),
        (b"\xef\xbb\xbf [", FileFormat::Json),
        (b"\n{\"a\":1}", FileFormat::Ndjson),
        (b"naam;soort", FileFormat::Csv),
        (b"", FileFormat::Csv),
    ] {
        assert_eq!(FileFormat::of_bytes(bytes), format, "{bytes:?}");
    }
}

#[test]
fn each_line_is_a_document_with_its_type_and_its_line() {
    let text = "\u{feff}{\"type\": \"projects\", \"name\": \"A\"}\n\n{\"type\":\"organisation\",\"name\":\"B\"}\r\n{\"name\":\"C\"}";
    let (all, end) = read(text.as_bytes(), &organisations());
    assert_eq!(end, None);
    let seen: Vec<_> = all
        .iter()
        .map(|given| {
            let plural = given.collection.map(|naming| naming.plural);
            (given.place.row, plural, given.body["name"].clone())
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Some(1), Some("projects"), json!("A")),
            (Some(3), Some("organisations"), json!("B")),
            (Some(4), Some("organisations"), json!("C")),
        ]
    );
    assert!(all.iter().all(|given| !given.body.contains_key("type")));
}

#[test]
fn a_bad_line_is_an_issue_of_that_line_alone() {
    let deep = "[".repeat(1_000);
    let lines: Vec<Vec<u8>> = vec![
        b"{\"name\": \"A\"}".to_vec(),
        b"{\"name\": }".to_vec(),
        b"[1]".to_vec(),
        b"{\"a\": 1, \"a\": 2}".to_vec(),
        b"\xff".to_vec(),
        format!("{{\"a\": {deep}").into_bytes(),
        b"{\"type\": \"cats\"}".to_vec(),
        b"{\"type\": 3}".to_vec(),
        b"{\"name\": \"B\"}".to_vec(),
    ];
    let (all, end) = read(&lines.join(&b'\n'), &options(FileFormat::Ndjson));
    assert_eq!(end, None);
    let wrong: Vec<_> = all
        .iter()
        .filter(|given| !given.issues.is_empty())
        .map(|given| given.place.row)
        .collect();
    assert_eq!(wrong, (2..=8).map(Some).collect::<Vec<_>>());
    assert_eq!(all[1].place.value.as_deref(), Some("{\"name\": }"));
    assert_eq!(all[3].issues[0].location, "/a");
    assert_eq!(all.len(), 9);
}

#[test]
fn a_line_that_is_too_long_is_passed_over() {
    let mut text = vec![b'x'; json::MAXIMUM + 1];
    text.extend(b"\n{\"name\": \"A\"}\n");
    let (all, end) = read(&text, &options(FileFormat::Ndjson));
    assert_eq!(end, None);
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].issues.len(), 1);
    assert_eq!(all[1].place.row, Some(2));
}

#[test]
fn an_array_is_read_item_by_item() {
    let text =
        "\u{feff} [\n{\"name\": \"]},{\\\"\"}, 3,\n [1], \"x\",\n{\"a\": {\"b\": [1, 2]}}\n]\n ";
    let (all, end) = read(text.as_bytes(), &Options::default());
    assert_eq!(end, None);
    let rows: Vec<_> = all
        .iter()
        .map(|given| (given.place.row, given.issues.is_empty()))
        .collect();
    assert_eq!(
        rows,
        [
            (Some(2), true),
            (Some(2), false),
            (Some(3), false),
            (Some(3), false),
            (Some(4), true),
        ]
    );
    assert_eq!(all[0].body["name"], "]},{\"");
    let (one, end) = read(b" {\"a\": 1}\n", &options(FileFormat::Json));
    assert_eq!((one.len(), end), (1, None));
    let (none, end) = read(b"[]", &Options::default());
    assert_eq!((none.len(), end), (0, None));
}

#[test]
fn an_array_that_is_broken_ends_at_its_line() {
    for (text, count, row) in [
        ("[{\"a\": 1}\n{\"b\": 2}]", 1, 2),
        ("[{\"a\": 1},\n]", 1, 2),
        ("[{\"a\": 1}", 1, 1),
        ("[{\"a\": [1}", 0, 1),
        ("[\n,1]", 0, 2),
        ("[] {}", 0, 1),
        ("1", 0, 1),
        ("", 0, 1),
    ] {
        let (all, end) = read(text.as_bytes(), &options(FileFormat::Json));
        assert_eq!(all.len(), count, "{text}");
        assert_eq!(end.and_then(|(place, _)| place.row), Some(row), "{text}");
    }
}

#[test]
fn encodings_and_separators_are_found_out() {
    let text = "naam;soort\r\nGemeente Súdwest-Fryslân;Gemeente\r\n";
    let (latin, ..) = encoding_rs::WINDOWS_1252.encode(text);
    let wide: Vec<u8> = std::iter::once(0xfeff)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let marked = format!("\u{feff}{text}");
    for bytes in [
        text.as_bytes(),
        marked.as_bytes(),
        &latin,
        &wide,
        text.replace(';', ",").as_bytes(),
        text.replace(';', "\t").as_bytes(),
        format!("sep=;\r\n{text}").as_bytes(),
        text.replace("\r\n", "\n").trim_end().as_bytes(),
    ] {
        let (all, end) = read(bytes, &organisations());
        assert_eq!(end, None, "{bytes:?}");
        let body = json!({"name": "Gemeente Súdwest-Fryslân", "kind": "municipality"});
        assert_eq!(all.len(), 1, "{bytes:?}");
        assert_eq!(
            serde_json::Value::from(all[0].body.clone()),
            body,
            "{bytes:?}"
        );
        assert_eq!(all[0].issues, []);
    }
}

#[test]
fn quotes_hold_separators_line_breaks_and_quotes() {
    let text = "naam,beschrijving,soort\n\"A, \"\"B\"\"\",\"een\r\ntwee\",other\n\nC,,other\n";
    let (all, end) = read(text.as_bytes(), &organisations());
    assert_eq!(end, None);
    assert_eq!(all[0].body["name"], "A, \"B\"");
    assert_eq!(all[0].body["description"], "een\r\ntwee");
    assert_eq!(
        all[1].place.row,
        Some(4),
        "a cell with a line break is in one row"
    );
    assert!(!all[1].body.contains_key("description"));
}

#[test]
fn a_row_that_cannot_be_is_told_by_its_number() {
    let long = "x".repeat(json::MAXIMUM + 10);
    let wide = "x;".repeat(5_000);
    for (rest, row) in [
        ("\"A;other\nB;other\n", 2),
        ("A;other\n\"B\"x;other\n", 3),
        (long.as_str(), 2),
        (wide.as_str(), 2),
        ("A\0;other\n", 2),
    ] {
        let text = format!("naam;soort\n{rest}");
        let (_, end) = read(text.as_bytes(), &organisations());
        assert_eq!(
            end.and_then(|(place, _)| place.row),
            Some(row),
            "{}",
            &text[..20]
        );
    }
}

#[test]
fn what_has_no_headers_is_refused() {
    for text in ["", "\n\n", "1;2;3\n4;5;6", "een verhaal zonder koppen"] {
        let (all, end) = read(text.as_bytes(), &options(FileFormat::Csv));
        assert!(all.is_empty() && end.is_some(), "{text}");
    }
}

#[test]
fn what_is_no_workbook_is_refused() {
    let mut cut = workbook(|_| Ok(()));
    cut.truncate(cut.len() / 2);
    for bytes in [
        &b"PK\x03\x04"[..],
        b"PK\x03\x04 and nothing",
        b"\xd0\xcf\x11\xe0",
        &cut,
    ] {
        let (all, end) = read(bytes, &Options::default());
        assert!(all.is_empty() && end.is_some(), "{bytes:?}");
    }
}

/// A workbook with a sheet `organisations`.
pub(super) fn workbook(
    fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet) -> Result<(), rust_xlsxwriter::XlsxError>,
) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let written = sheet.set_name("organisations").map(|_| ());
    let filled = written.and_then(|()| fill(sheet));
    assert!(filled.is_ok(), "{filled:?}");
    book.save_to_buffer().unwrap_or_default()
}

#[test]
fn a_workbook_has_typed_and_merged_cells_and_formulas() {
    let day = rust_xlsxwriter::Format::new().set_num_format("d-m-yyyy");
    let bytes = workbook(|sheet| {
        sheet.write(0, 0, "Onze organisaties")?;
        sheet.write_row(
            2,
            0,
            [
                "Naam",
                "Soort",
                "Opgericht",
                "Plaatshouder",
                "Adres: huisnummer",
                "Adres: soort",
                "Adres: breedtegraad",
            ],
        )?;
        sheet.merge_range(3, 0, 4, 0, "A", &rust_xlsxwriter::Format::new())?;
        sheet.write(3, 1, "Overig")?;
        sheet.write(3, 1, "Anders")?;
        sheet.write_with_format(3, 2, 45_657, &day)?;
        sheet.write(3, 3, true)?;
        sheet.write(3, 4, 12)?;
        sheet.write(3, 5, "Bezoekadres")?;
        sheet.write(3, 6, 52.5)?;
        sheet.write(4, 5, "Postadres")?;
        sheet.write(6, 0, "B")?;
        let known = rust_xlsxwriter::Formula::new("=\"ot\"&\"her\"").set_result("other");
        sheet.write(6, 1, known)?;
        Ok(())
    });
    let (all, end) = read(&bytes, &Options::default());
    assert_eq!(end, None);
    let bodies: Vec<_> = all.iter().map(|given| json!(given.body)).collect();
    assert_eq!(
        bodies,
        [
            json!({
                "name": "A", "kind": "other", "founded": "2024-12-31", "isPlaceholder": true,
                "addresses": [
                    {"houseNumber": "12", "kind": "visiting", "latitude": 52.5},
                    {"kind": "postal"},
                ],
            }),
            json!({"name": "B", "kind": "other"}),
        ]
    );
    assert_eq!(all[0].issues, []);
    let place = all[0].place_of("/addresses/1/kind");
    assert_eq!(
        (place.row, place.column.as_deref()),
        (Some(5), Some("Adres: soort"))
    );
    assert_eq!(place.sheet.as_deref(), Some("organisations"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_can_be_read_as_anything(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        for format in [FileFormat::Ndjson, FileFormat::Json, FileFormat::Csv, FileFormat::Xlsx] {
            let (all, _) = read(&bytes, &options(format));
            prop_assert!(all.len() <= bytes.len() + 1);
        }
    }

    #[test]
    fn any_text_can_be_read_as_a_table(rows in prop::collection::vec("[naam;\"',\n\t@#(leeg)12-]{0,40}", 0..8)) {
        let text = format!("naam;soort;begin;@naam;codes\n{}", rows.join("\n"));
        let (all, _) = read(text.as_bytes(), &organisations());
        prop_assert!(all.len() <= text.len());
    }

    #[test]
    fn a_workbook_with_any_byte_changed_is_read_or_refused(at in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = workbook(|sheet| sheet.write_row(0, 0, ["naam", "soort"]).map(|_| ()));
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let (all, _) = read(&bytes, &Options::default());
        prop_assert!(all.len() <= 10);
    }
}
