//! Tests with workbooks that were made to do harm, or by a program that left something out.

use std::io::{Read, Write};

use super::{read, workbook};
use crate::exchange::files::Options;
use crate::register::Fault;

/// A zip with parts in the place of those of a workbook.
fn with_parts(bytes: &[u8], parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let opened = zip::ZipArchive::new(std::io::Cursor::new(bytes));
    let Ok(mut archive) = opened else {
        unreachable!("no zip")
    };
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let plain = zip::write::SimpleFileOptions::default();
    for nth in 0..archive.len() {
        let Ok(mut part) = archive.by_index(nth) else {
            continue;
        };
        let name = String::from_utf8_lossy(part.name_raw()).into_owned();
        let mut content = Vec::new();
        assert!(part.read_to_end(&mut content).is_ok());
        if let Some((_, other)) = parts.iter().find(|(other, _)| name.ends_with(other)) {
            content.clone_from(other);
        }
        let written = writer
            .start_file(name, plain)
            .and_then(|()| Ok(writer.write_all(&content)?));
        assert!(written.is_ok(), "{written:?}");
    }
    writer
        .finish()
        .map(std::io::Cursor::into_inner)
        .unwrap_or_default()
}

fn sheet_of(rows: &str) -> Vec<u8> {
    let head = "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>";
    format!("{head}{rows}</sheetData></worksheet>").into_bytes()
}

#[test]
fn hostile_workbooks_are_refused_in_bounded_memory() {
    let plain = workbook(|sheet| sheet.write(0, 0, "naam").map(|_| ()));
    let bomb = vec![b' '; 9 << 20];
    let run = [b"<x>".to_vec(), vec![b'a'; 2 << 20]].concat();
    let promise = b"<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" uniqueCount = '99999999999'><si><t>a</t></si></sst>".to_vec();
    let hidden = b"<sst a=\"uniqueCount\"                                                                                 uniqueCount=\"99999999999\"></sst>".to_vec();
    let merged = [
        sheet_of(""),
        b"<x:mergeCell ref=\"A1:A2\"/>".repeat(200_001),
    ]
    .concat();
    let far = sheet_of("<row r=\"1\"><c r=\"XFD1\" t=\"inlineStr\"><is><t>naam</t></is></c></row>");
    let back = sheet_of(
        "<row r=\"5\"><c r=\"A5\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>1</v></c></row>",
    );
    let beyond = sheet_of("<row r=\"99999999\"><c r=\"A99999999\"><v>1</v></c></row>");
    for (name, content) in [
        ("styles.xml", bomb.clone()),
        ("workbook.xml", bomb),
        ("sheet1.xml", run),
        ("sharedStrings.xml", promise),
        ("sharedStrings.xml", hidden),
        ("sheet1.xml", merged),
        ("sheet1.xml", far),
        ("sheet1.xml", back),
        ("sheet1.xml", beyond),
        ("sheet1.xml", b"\xff\xfe<\0a\0".to_vec()),
        ("sheet1.xml", b"<worksheet><sheetData><row><c><v>1".to_vec()),
        ("sheet1.xml", b"<chartsheet/>".to_vec()),
    ] {
        let start = String::from_utf8_lossy(&content[..content.len().min(90)]).into_owned();
        let (all, end) = read(&with_parts(&plain, &[(name, content)]), &Options::default());
        // Not because there is no header in it: what is wrong was seen before or on the way.
        let why = end.map_or("", |(_, why)| why.nl);
        let told = ["Dit werkboek", "Dit bestand", "Dit blad"];
        let told = told.iter().any(|word| why.starts_with(word));
        assert!(all.is_empty() && told, "{name}: {start}: {why}");
    }
}

/// A cell of a sheet that holds a text.
fn text(at: &str, text: &str) -> String {
    format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

#[test]
fn a_number_that_is_none_is_told_by_its_cell() {
    let plain = workbook(|sheet| sheet.write(0, 0, "naam").map(|_| ()));
    for number in ["1e999", "-1e999", "NaN", "inf"] {
        let rows = format!(
            "<row r=\"1\">{}{}</row><row r=\"2\"><c r=\"A2\"><v>{number}</v></c>{}</row>",
            text("A1", "Naam"),
            text("B1", "Soort"),
            text("B2", "other"),
        );
        let (all, end) = read(
            &with_parts(&plain, &[("sheet1.xml", sheet_of(&rows))]),
            &Options::default(),
        );
        assert_eq!(end, None, "{number}");
        assert_eq!(all[0].issues[0].location, "/name", "{number}");
        let column = all[0].place_of("/name").column.as_deref();
        assert_eq!(column, Some("Naam"), "{number}");
        assert!(!all[0].body["name"].is_string(), "{number}");
    }
}

#[test]
fn a_formula_without_a_result_and_an_error_are_told_by_their_cell() {
    let plain = workbook(|sheet| sheet.write(0, 0, "naam").map(|_| ()));
    let rows = format!(
        "<row r=\"1\">{}{}{}</row><row r=\"2\">{}<c r=\"B2\"><f>1+1</f></c><c r=\"C2\" t=\"e\"><v>#N/A</v></c></row>",
        text("A1", "Naam"),
        text("B1", "Soort"),
        text("C1", "Website"),
        text("A2", "A"),
    );
    let (all, end) = read(
        &with_parts(&plain, &[("sheet1.xml", sheet_of(&rows))]),
        &Options::default(),
    );
    assert_eq!(end, None);
    let places: Vec<_> = all[0]
        .issues
        .iter()
        .map(|issue| issue.location.as_str())
        .collect();
    assert_eq!(places, ["/kind", "/website"]);
    assert_eq!(all[0].place_of("/website").value.as_deref(), Some("#N/A"));
    assert!(matches!(
        all[0].issues[0].fault,
        Fault::InvalidFormat { .. }
    ));
}
