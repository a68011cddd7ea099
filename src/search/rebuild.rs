//! Building the index anew, beside a service that goes on with the old one, and comparing the two.

use std::collections::HashMap;
use std::path::Path;

use super::fields::id_of;
use super::folder::Folder;
use super::follow::{build, register};
use super::index::{Writable, peek};
use crate::register::{Error, Result};
use crate::store::Store;

/// What a comparison of an index with the register found, as numbers of documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Those of the register.
    pub documents: usize,
    /// Those that the index lacks.
    pub missing: usize,
    /// Those that it should not have, or has twice.
    pub surplus: usize,
    /// Those that it has otherwise.
    pub different: usize,
}

impl Compared {
    /// Whether the index is that of the register.
    pub fn is_equal(&self) -> bool {
        (self.missing, self.surplus, self.different) == (0, 0, 0)
    }
}

/// Builds an index from nothing and puts it in the place of the present one. `progress` gets how
/// many documents are in it, and how many there are. A running service takes it over by itself.
///
/// # Errors
/// When the database cannot be asked or the folder not be written; the present index then stays.
pub fn rebuild(store: &Store, path: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<u64> {
    let folder = Folder::new(path)?;
    let name = folder.begin()?;
    let built = into_folder(store, &folder, &name, progress);
    if built.is_err() {
        folder.remove(&name);
    }
    built
}

/// The index stays open until it is chosen, or a service that tidies up would take it away.
fn into_folder(
    store: &Store,
    folder: &Folder,
    name: &str,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64> {
    let mut index = Writable::create(Some(&folder.path(name)))?;
    let documents = build(store, &mut index, &register(store)?, progress)?;
    folder.choose(name)?;
    Ok(documents)
}

/// Compares the present index with one built from nothing, document by document. Nothing should be
/// written meanwhile, or it is told as a difference.
///
/// # Errors
/// When there is no index, or the database cannot be asked.
pub fn check(store: &Store, path: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Compared> {
    let folder = Folder::new(path)?;
    let none = || Error::Internal("there is no search index yet".into());
    let present = fingerprints(&peek(&folder.path(&folder.current().ok_or_else(none)?))?)?;
    let mut index = Writable::create(None)?;
    build(store, &mut index, &register(store)?, progress)?;
    let wanted = fingerprints(&index.searcher())?;
    let mut compared = Compared {
        documents: wanted.len(),
        ..Compared::default()
    };
    for (id, prints) in &wanted {
        match present.get(id) {
            None => compared.missing += 1,
            Some(others) if others.len() > prints.len() => compared.surplus += 1,
            Some(others) if others != prints => compared.different += 1,
            Some(_) => {}
        }
    }
    compared.surplus += present
        .keys()
        .filter(|id| !wanted.contains_key(*id))
        .count();
    Ok(compared)
}

/// A hash of what each document is in an index; several for one that is there several times.
fn fingerprints(searcher: &tantivy::Searcher) -> tantivy::Result<HashMap<String, Vec<u64>>> {
    let mut prints: HashMap<String, Vec<u64>> = HashMap::new();
    for segment in searcher.segment_readers() {
        let columns = segment.fast_fields();
        let (high, low) = (columns.u64("high")?, columns.u64("low")?);
        let print = columns.u64("fingerprint")?;
        for doc in segment.doc_ids_alive() {
            let half =
                |column: &tantivy::columnar::Column<u64>| column.first(doc).unwrap_or_default();
            let id = id_of(half(&high), half(&low));
            prints.entry(id).or_default().push(half(&print));
        }
    }
    Ok(prints)
}
