//! The index on disk or in memory: opened, checked, written, and looked into.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tantivy::directory::{MmapDirectory, RamDirectory};
use tantivy::index::SegmentId;
use tantivy::merge_policy::{LogMergePolicy, NoMergePolicy};
use tantivy::{
    Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, Searcher, TantivyError,
};

use super::columns::{Columns, Cupboard};
use super::entry::Entry;
use super::fields::{Fields, version};
use super::spellings::Apart;
use super::statistics::Counted;
use crate::collections::by_type;
use crate::register::{Error, Result};

/// How much memory the writer may take for what is not on disk yet.
const BUFFER: usize = 30_000_000;

impl From<TantivyError> for Error {
    fn from(error: TantivyError) -> Self {
        Self::Internal(format!("the search index: {error}"))
    }
}

/// How far an index is, written down with each commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// What it was built with.
    version: String,
    /// Of which register it is.
    register: String,
    /// The last line of the change log that is in it.
    pub(super) position: i64,
    /// The changeset of that line: a register that was put back to an earlier state has another.
    pub(super) changeset: String,
    /// Whether files may still hold words of what was erased. It is written down until none does, so
    /// that a crash in between only delays it.
    untidy: bool,
}

impl Mark {
    /// A mark of this version of the program.
    pub(super) fn new(register: &str, position: i64, changeset: String) -> Self {
        Self {
            version: version(),
            register: register.to_owned(),
            position,
            changeset,
            untidy: false,
        }
    }

    /// The same index, further on, and whether something was erased on the way.
    pub(super) fn at(self, position: i64, changeset: String, erased: bool) -> Self {
        Self {
            position,
            changeset,
            untidy: self.untidy || erased,
            ..self
        }
    }
}

/// A state of the index, for as long as somebody looks at it.
pub struct View {
    /// What is searched.
    pub(super) searcher: Searcher,
    /// The columns of each of its files.
    pub(super) columns: Vec<Arc<Columns>>,
    /// The last line of the change log that is in it.
    pub position: i64,
    /// How often words occur in it, as far as that was asked.
    pub(super) counted: Counted,
    /// How words are spelled in it that were asked for as one.
    pub(super) apart: Apart,
}

/// An index that can be written.
pub(super) struct Writable {
    pub(super) fields: Fields,
    index: Index,
    reader: IndexReader,
    writer: Option<IndexWriter>,
    /// Whether something was begun and not brought to its end.
    torn: bool,
    pub(super) mark: Option<Mark>,
}

impl Writable {
    /// An empty index, in a folder or in memory.
    ///
    /// # Errors
    /// When the folder cannot be written, or somebody else writes to it.
    pub(super) fn create(path: Option<&Path>) -> tantivy::Result<Self> {
        let (schema, fields) = Fields::new();
        let index = match path {
            Some(path) => {
                Index::create(MmapDirectory::open(path)?, schema, IndexSettings::default())?
            }
            None => Index::create(RamDirectory::create(), schema, IndexSettings::default())?,
        };
        Self::new(index, fields)
    }

    /// The index in a folder, if it is whole and of this version and this register.
    ///
    /// # Errors
    /// When it cannot be read, or somebody else writes to it.
    pub(super) fn open(path: &Path, register: &str) -> tantivy::Result<Option<Self>> {
        let (schema, fields) = Fields::new();
        let index = Index::open_in_dir(path)?;
        if index.schema() != schema {
            return Ok(None);
        }
        let damaged = index.validate_checksum()?;
        if !damaged.is_empty() {
            log::warn!("{} files of the search index are damaged", damaged.len());
            return Ok(None);
        }
        let opened = Self::new(index, fields)?;
        let usable = opened
            .mark
            .as_ref()
            .is_some_and(|mark| mark.version == version() && mark.register == register);
        Ok(usable.then_some(opened))
    }

    fn new(index: Index, fields: Fields) -> tantivy::Result<Self> {
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(1)
            .try_into()?;
        let payload = index.load_metas()?.payload;
        let mark = payload.and_then(|text| serde_json::from_str(&text).ok());
        let writer = Some(writer(&index)?);
        Ok(Self {
            fields,
            index,
            reader,
            writer,
            torn: false,
            mark,
        })
    }

    /// What is searched at present.
    pub(super) fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// The last line of the change log that is in it.
    pub(super) fn position(&self) -> i64 {
        self.mark.as_ref().map_or(0, |mark| mark.position)
    }

    /// The present state.
    pub(super) fn view(&self, cupboard: &mut Cupboard) -> View {
        let searcher = self.reader.searcher();
        View {
            columns: cupboard.of(&searcher),
            searcher,
            position: self.position(),
            counted: Counted::default(),
            apart: Apart::default(),
        }
    }

    fn writer(&mut self) -> tantivy::Result<&mut IndexWriter> {
        let lost = || TantivyError::SystemError("the writer was lost".into());
        self.writer.as_mut().ok_or_else(lost)
    }

    /// Whether it must be opened again, because something was begun and not brought to its end.
    pub(super) fn is_torn(&self) -> bool {
        self.torn
    }

    /// Puts documents in place of what the index has of them; those without an entry go.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn put(&mut self, ids: &[String], entries: &[Entry]) -> Result<()> {
        self.torn = true;
        let fields = self.fields.clone();
        let writer = self.writer()?;
        for id in ids {
            writer.delete_term(fields.id_term(id));
        }
        for entry in entries {
            let type_ = by_type(&entry.head.type_)?.naming.plural;
            writer.add_document(fields.document(entry, type_))?;
        }
        Ok(())
    }

    /// Writes down what was put, together with how far that is.
    ///
    /// # Errors
    /// When it cannot be written; nothing of it is then in the index.
    pub(super) fn commit(&mut self, mark: Option<Mark>) -> Result<()> {
        self.torn = true;
        let payload = mark.as_ref().map(serde_json::to_string).transpose()?;
        let writer = self.writer()?;
        let mut prepared = writer.prepare_commit()?;
        if let Some(payload) = &payload {
            prepared.set_payload(payload);
        }
        prepared.commit()?;
        self.mark = mark;
        self.torn = false;
        self.reader.reload()?;
        Ok(())
    }

    /// Whether files may still hold words of what was erased.
    pub(super) fn is_untidy(&self) -> bool {
        self.mark.as_ref().is_some_and(|mark| mark.untidy)
    }

    /// Makes one part of all: each search has to begin in every part there is.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn unite(&mut self) -> Result<()> {
        // What is being merged cannot be merged.
        if let Some(writer) = self.writer.take() {
            writer.wait_merging_threads()?;
        }
        let parts = self.index.searchable_segment_ids()?;
        let writer = self.writer.insert(writer(&self.index)?);
        if parts.len() > 1 {
            writer.merge(&parts).wait()?;
        }
        // The files of what was merged are kept as long as they are read.
        self.reader.reload()?;
        self.writer()?.garbage_collect_files().wait()?;
        Ok(())
    }

    /// Writes every part of the index anew from which something was taken away, so that no part
    /// holds its words any more.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn rewrite(&mut self) -> Result<()> {
        self.torn = true;
        // What is being merged cannot be merged; this waits until all of that is done, and nothing
        // else is begun before the end.
        if let Some(writer) = self.writer.take() {
            writer.wait_merging_threads()?;
        }
        let writer = self.writer.insert(writer(&self.index)?);
        writer.set_merge_policy(Box::new(NoMergePolicy));
        let segments = self.index.searchable_segment_metas()?;
        let holed = segments.iter().filter(|segment| segment.has_deletes());
        let holed: Vec<_> = holed.map(tantivy::index::SegmentMeta::id).collect();
        drop(segments);
        for segment in holed {
            writer.merge(&[segment]).wait()?;
        }
        writer.set_merge_policy(Box::new(merge_policy()));
        self.torn = false;
        self.reader.reload()?;
        Ok(())
    }

    /// Removes the files of what was merged, as far as nobody looks at them. When all are gone, the
    /// index is tidy.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub(super) fn tidy(&mut self) -> Result<()> {
        self.writer()?.garbage_collect_files().wait()?;
        // What a search still looks at is kept without a word, so the files themselves are counted.
        let parts = self.index.searchable_segment_ids()?;
        let parts: Vec<String> = parts.iter().map(SegmentId::uuid_string).collect();
        let files = self.index.directory().list_managed_files();
        let mut of_parts = files.iter().filter_map(|file| file.file_stem()?.to_str());
        let tidy =
            of_parts.all(|name| !is_part(name) || parts.iter().any(|part| name.starts_with(part)));
        if tidy && let Some(mark) = self.mark.clone() {
            let untidy = false;
            self.commit(Some(Mark { untidy, ..mark }))?;
        }
        Ok(())
    }
}

/// Whether a file is one of a part of the index: its name begins with the number of that.
fn is_part(name: &str) -> bool {
    let number = name.get(..32).unwrap_or_default();
    number.len() == 32 && number.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn merge_policy() -> LogMergePolicy {
    let mut policy = LogMergePolicy::default();
    // What was taken away should not stay for long, nor weigh on the counting of words.
    policy.set_del_docs_ratio_before_merge(0.2);
    policy
}

fn writer(index: &Index) -> tantivy::Result<IndexWriter> {
    let writer = index.writer_with_num_threads(1, BUFFER)?;
    writer.set_merge_policy(Box::new(merge_policy()));
    // A writer numbers what it does from the number of the last commit on. What a merge begins with is
    // told by that number too, so a removal that had it would be done in some of the merged parts only.
    writer.run([])?;
    Ok(writer)
}

/// What an index has that somebody else may be writing to.
///
/// # Errors
/// When it cannot be read.
pub(super) fn peek(path: &Path) -> tantivy::Result<Searcher> {
    let index = Index::open_in_dir(path)?;
    let reader = index
        .reader_builder()
        .reload_policy(ReloadPolicy::Manual)
        .try_into()?;
    Ok(reader.searcher())
}

#[cfg(test)]
mod tests {
    use tantivy::schema::{STRING, Schema};
    use tantivy::{Term, doc};

    use super::*;

    /// What is removed first by a writer is gone, also when a merge is made before the commit: of a
    /// part from which the last commit of the former writer removed something, and one from which it
    /// did not.
    #[test]
    fn a_merge_loses_no_removal_that_a_new_writer_begins_with() -> tantivy::Result<()> {
        let mut schema = Schema::builder();
        let id = schema.add_text_field("id", STRING);
        let term = |text| Term::from_field_text(id, text);
        let index = Index::create_in_ram(schema.build());
        let writer = || -> tantivy::Result<IndexWriter> {
            let writer = writer(&index)?;
            writer.set_merge_policy(Box::new(NoMergePolicy));
            Ok(writer)
        };
        let mut former = writer()?;
        for part in [["a", "b", "c"], ["d", "e", "f"]] {
            for text in part {
                former.add_document(doc!(id => text))?;
            }
            former.commit()?;
        }
        former.delete_term(term("d"));
        former.commit()?;
        drop(former);
        let mut metas = index.searchable_segment_metas()?;
        // The whole one first: the merged part goes on from where this one is.
        metas.sort_by_key(tantivy::index::SegmentMeta::num_deleted_docs);
        let parts: Vec<SegmentId> = metas.iter().map(tantivy::index::SegmentMeta::id).collect();
        assert_eq!(parts.len(), 2);
        drop(metas);

        let mut next = writer()?;
        next.delete_term(term("e"));
        next.merge(&parts).wait()?;
        next.commit()?;
        let searcher = index.reader()?.searcher();
        assert_eq!(searcher.doc_freq(&term("f"))?, 1);
        let found = searcher.search(
            &tantivy::query::TermQuery::new(term("e"), tantivy::schema::IndexRecordOption::Basic),
            &tantivy::collector::Count,
        )?;
        assert_eq!((searcher.num_docs(), found), (4, 0));
        Ok(())
    }
}
