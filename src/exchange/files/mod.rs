//! Reading files: NDJSON, JSON, CSV and XLSX, in bounded memory, whatever is in them.
//!
//! `lines` and `array` find the documents in JSON; `text` and `csv` find the rows of a text,
//! `archive` and `workbook` those of a workbook, both as [`piece::Piece`]s, of which
//! [`super::flat`] makes documents.

mod archive;
mod array;
pub mod csv;
mod json;
mod lines;
pub mod piece;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod workbook;

use std::fs::File;
use std::io::{BufReader, Read, Seek};

use super::flat;
use super::given::{Documents, Place, Unreadable};
use crate::register::{Naming, Text};

/// What the caller says of a file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Its form; found out from its first bytes when nothing is said.
    pub format: Option<FileFormat>,
    /// The collection of its documents, where the file does not say another.
    pub collection: Option<Naming>,
}

/// The forms of files that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// A JSON object a line.
    Ndjson,
    /// A JSON array of objects, or one object.
    Json,
    /// Rows of text with separators (RFC 4180 and what spreadsheets make of it).
    Csv,
    /// A workbook (ISO/IEC 29500).
    Xlsx,
}

impl FileFormat {
    /// The form that a media type stands for.
    pub fn of_media_type(text: &str) -> Option<Self> {
        let essence = text.split(';').next().unwrap_or_default();
        match essence.trim().to_ascii_lowercase().as_str() {
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-jsonlines" => Some(Self::Ndjson),
            "application/json" => Some(Self::Json),
            "text/csv" | "text/tab-separated-values" => Some(Self::Csv),
            XLSX_MEDIA_TYPE => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// The media type that stands for it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Xlsx => XLSX_MEDIA_TYPE,
        }
    }

    /// The form that a file's name stands for.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "json" => Some(Self::Json),
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// The form that the first bytes of a file look like.
    fn of_bytes(start: &[u8]) -> Self {
        if start.starts_with(b"PK\x03\x04") {
            return Self::Xlsx;
        }
        let text = start.strip_prefix(BOM).unwrap_or(start);
        match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'[') => Self::Json,
            Some(b'{') => Self::Ndjson,
            _ => Self::Csv,
        }
    }
}

/// The media type of a workbook.
pub const XLSX_MEDIA_TYPE: &str =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The byte order mark of UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// What a workbook of the time before XLSX begins with, and one with a password.
const OLD_OFFICE: &[u8] = b"\xd0\xcf\x11\xe0";

/// Opens a file at its beginning and gives its documents.
///
/// # Errors
/// When it cannot be read at all, or is not what it is said to be.
pub fn open(mut file: File, options: &Options) -> Result<Documents, Unreadable> {
    let mut start = Vec::new();
    file.by_ref().take(512).read_to_end(&mut start)?;
    file.rewind()?;
    if start.starts_with(OLD_OFFICE) {
        return Err(unreadable(
            Place::default(),
            "Dit is een Excel-bestand van voor 2007 of met een wachtwoord. Bewaar het als .xlsx zonder wachtwoord.",
            "This is an Excel file from before 2007 or with a password. Save it as .xlsx without a password.",
        ));
    }
    let format = options
        .format
        .unwrap_or_else(|| FileFormat::of_bytes(&start));
    match format {
        FileFormat::Ndjson => Ok(Box::new(lines::documents(
            BufReader::new(file),
            options.collection,
        ))),
        FileFormat::Json => Ok(Box::new(array::documents(
            BufReader::new(file),
            options.collection,
        ))),
        FileFormat::Csv => Ok(flat::documents(csv::open(file)?, options.collection)),
        FileFormat::Xlsx => Ok(flat::documents(workbook::open(file)?, options.collection)),
    }
}

/// A file that cannot be read any further.
pub(crate) fn unreadable(place: Place, nl: &'static str, en: &'static str) -> Unreadable {
    Unreadable::File {
        place: Box::new(place),
        why: Text { nl, en },
    }
}

/// The place of a row.
pub(crate) fn row(number: u64) -> Place {
    Place {
        row: Some(number),
        ..Place::default()
    }
}
