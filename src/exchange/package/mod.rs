//! The whole register as a data package (<https://datapackage.org/>): a zip with a table for each
//! collection and for each of its lists, their schemas, every document as a line of JSON, and a page
//! that explains them.
//!
//! The tables are gathered on the disk within one transaction, so they are of one moment, and packed
//! afterwards. The same register gives the same file.

mod descriptor;
mod readme;
pub mod routes;
mod table;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{BufWriter, Read, Seek, Write};
use std::ops::ControlFlow;
use std::path::Path;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;

use self::table::Tables;
use super::export;
use super::table::Out;
use crate::api::spool::failed;
use crate::changes;
use crate::privacy::processing::Span;
use crate::register::{Caller, Error, Result};
use crate::store::AnyConnection;

/// The name of the file with all documents as they are.
pub(crate) const DOCUMENTS: &str = "documents.ndjson";

/// From how many bytes on a file needs the larger form of a zip.
const LARGE: u64 = 4_000_000_000;

/// What it is about, for the texts.
#[derive(Clone, Debug)]
pub struct About {
    /// The address of the register.
    pub url: String,
    /// The licence of the data: an SPDX identifier.
    pub licence: String,
    /// Whether it holds only what everyone may read.
    pub is_public: bool,
}

/// A file that was written, and what is known of it.
struct Gathered {
    file: File,
    bytes: u64,
    hash: String,
    rows: u64,
}

/// All that goes into a package but the texts about it.
pub struct Contents {
    tables: Vec<(table::Plan, Gathered)>,
    documents: Gathered,
    /// The position of the change log at which it was so.
    pub position: i64,
    /// When one of its documents changed last.
    changed: Option<String>,
}

impl Contents {
    /// How many documents there are.
    pub fn documents(&self) -> u64 {
        self.documents.rows
    }
}

/// A file in the making: counts and hashes what is written.
struct Gathering {
    out: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
}

impl Gathering {
    fn new(scratch: &Path) -> Result<Self> {
        let file = tempfile::tempfile_in(scratch).map_err(failed)?;
        Ok(Self {
            out: BufWriter::new(file),
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    fn finish(self, rows: u64) -> Result<Gathered> {
        let mut file = self
            .out
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        file.rewind().map_err(failed)?;
        Ok(Gathered {
            file,
            bytes: self.bytes,
            hash: base16ct::lower::encode_string(&self.hash.finalize()),
            rows,
        })
    }
}

impl Write for Gathering {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// Writes what a caller may read of the register to files without names in a folder. Within one
/// transaction it is the register of one moment. Gives nothing when nobody waits for it any more.
///
/// # Errors
/// When the database cannot be asked or the folder not be written.
pub fn gather(
    db: &mut AnyConnection,
    caller: &Caller,
    span: &Span,
    scratch: &Path,
    is_left: &dyn Fn() -> bool,
) -> Result<Option<Contents>> {
    let position = changes::position(db)?;
    let mut changed: Option<String> = None;
    let mut tables = Tables::new(scratch)?;
    let mut documents = Gathering::new(scratch)?;
    let count = export::each(db, caller, span, &mut |collection, document| {
        let at = document.get("updatedAt").and_then(Value::as_str);
        if at > changed.as_deref() {
            changed = at.map(str::to_owned);
        }
        tables.add(collection.naming.type_, &document)?;
        export::line(collection, document, &mut documents)?;
        Ok(if is_left() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    })?;
    if is_left() {
        return Ok(None);
    }
    Ok(Some(Contents {
        tables: tables.finish()?,
        documents: documents.finish(count)?,
        position,
        changed,
    }))
}

/// Packs what was gathered.
///
/// # Errors
/// When it cannot be read or written.
pub fn pack(mut contents: Contents, about: &About, out: Out<'_>) -> Result<()> {
    let descriptor = descriptor::of(&contents, about);
    let readme = readme::of(&contents, about);
    let mut zip = ZipWriter::new_stream(out);
    let texts = [
        ("datapackage.json", pretty(&descriptor)?),
        ("README.md", readme),
    ];
    for (name, text) in texts {
        add(&mut zip, name, &mut text.as_bytes(), text.len() as u64)?;
    }
    for (plan, gathered) in &mut contents.tables {
        add(&mut zip, &plan.path(), &mut gathered.file, gathered.bytes)?;
    }
    let documents = &mut contents.documents;
    add(&mut zip, DOCUMENTS, &mut documents.file, documents.bytes)?;
    zip.finish().map_err(broken)?;
    Ok(())
}

fn add<W: Write>(
    zip: &mut ZipWriter<zip::write::StreamWriter<W>>,
    name: &str,
    from: &mut dyn Read,
    bytes: u64,
) -> Result<()> {
    // The time of a file would make each package another.
    let options = SimpleFileOptions::default()
        .last_modified_time(zip::DateTime::default())
        .large_file(bytes >= LARGE);
    zip.start_file(name, options).map_err(broken)?;
    std::io::copy(from, zip).map_err(failed)?;
    Ok(())
}

fn broken(error: ZipError) -> Error {
    match error {
        ZipError::Io(error) => failed(error),
        other => Error::Internal(format!("a package: {other}")),
    }
}

fn pretty(value: &Map<String, Value>) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}
