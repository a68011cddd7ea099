//! How often words occur, as BM25 weighs them: exactly, and only where the caller may look.
//!
//! The index's own figures count what was taken away until its files are merged, and what is
//! hidden. Scores would then change with the state of the files, and tell of what is hidden.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, Searcher, SegmentReader, TERMINATED, Term};

use super::Eyes;
use super::entry::Layer;
use super::fields::{Fields, LayerFields, SEARCHED, Searched};
use super::index::View;
use super::kept::Kept;

/// Of how many words the figures go into a cursor, which may have 4,000 letters: each takes up to 54
/// bytes, and four letters stand for three of those. Few searches have half as many.
const CARRIED: usize = 40;

/// Figures of one state of the index, which are the same for everyone. Where something was taken
/// away from the index, each costs a walk through all documents that have the word.
pub(super) type Counted = Kept<Term, u64>;

/// The figures by which the first page of a crawl was weighed, as its cursors carry them. Every write
/// changes the figures, and with them all scores: a place among those of one page would be another
/// one among those of the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Figures {
    /// How many documents somebody could see.
    documents: u64,
    /// How many of these had each word, in each of the fields in which words are looked for. The
    /// words themselves would be longer than their marks.
    words: BTreeMap<u32, [u64; SEARCHED.len()]>,
}

/// A short mark of a word, the same on every machine.
fn mark(word: &str) -> u32 {
    let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(word));
    u32::from_be_bytes([a, b, c, d])
}

/// The figures of one search.
pub(super) struct Statistics<'a> {
    view: &'a View,
    fields: &'a Fields,
    eyes: &'a Eyes,
    documents: u64,
    counted: RefCell<HashMap<Term, u64>>,
    /// Those of the first page, on a later one.
    first: Option<Figures>,
    /// The words that were weighed.
    weighed: RefCell<BTreeSet<String>>,
}

impl<'a> Statistics<'a> {
    /// The figures as somebody sees them.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(super) fn new(view: &'a View, fields: &'a Fields, eyes: &'a Eyes) -> tantivy::Result<Self> {
        let mut documents = 0;
        for layer in eyes.layers() {
            let here = Term::from_field_u64(fields.of(*layer).here, 1);
            let steward = guard(*layer, eyes);
            documents += known(view, &here, steward)?;
        }
        Ok(Self {
            view,
            fields,
            eyes,
            documents,
            counted: RefCell::default(),
            first: None,
            weighed: RefCell::default(),
        })
    }

    /// The same, with words weighed by the figures of the first page of a crawl.
    pub(super) fn weighing_by(mut self, first: Option<Figures>) -> Self {
        self.first = first.filter(|first| first.documents > 0);
        self
    }

    /// By what the words were weighed so far, for the pages that follow.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(super) fn figures(&self) -> tantivy::Result<Figures> {
        let mut figures = self.first.clone().unwrap_or_else(|| Figures {
            documents: self.documents,
            words: BTreeMap::new(),
        });
        for word in self.weighed.borrow().iter() {
            let mark = mark(word);
            if figures.words.len() >= CARRIED || figures.words.contains_key(&mark) {
                continue;
            }
            let mut counts = [0; SEARCHED.len()];
            for (one, count) in SEARCHED.iter().zip(&mut counts) {
                *count = self.frequency(one.of, word)?;
            }
            figures.words.insert(mark, counts);
        }
        Ok(figures)
    }

    /// Of how many documents those with a word are weighed to be a part.
    pub(super) fn among(&self) -> u64 {
        self.first
            .as_ref()
            .map_or(self.documents, |first| first.documents)
    }

    /// How many documents have a word in one of the fields in which words are looked for, as it is
    /// weighed.
    fn weighed(&self, nth: usize, one: &Searched, word: &str) -> tantivy::Result<u64> {
        if !self.weighed.borrow().contains(word) {
            self.weighed.borrow_mut().insert(word.to_owned());
        }
        let first = self.first.as_ref();
        let counts = first.and_then(|first| first.words.get(&mark(word)));
        match counts.and_then(|counts| counts.get(nth)) {
            Some(count) => Ok(*count),
            None => self.frequency(one.of, word),
        }
    }

    /// How many documents somebody can see at all.
    pub(super) fn documents(&self) -> u64 {
        self.documents
    }

    /// How many documents have a word in a field, whatever layer that is of.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(super) fn frequency(
        &self,
        field: fn(&LayerFields) -> Field,
        word: &str,
    ) -> tantivy::Result<u64> {
        let key = Term::from_field_text(field(self.fields.of(Layer::Public)), word);
        if let Some(known) = self.counted.borrow().get(&key) {
            return Ok(*known);
        }
        let mut total = 0;
        for layer in self.eyes.layers() {
            let term = Term::from_field_text(field(self.fields.of(*layer)), word);
            total += self.count(&term, guard(*layer, self.eyes))?;
        }
        self.counted.borrow_mut().insert(key, total);
        Ok(total)
    }

    fn count(&self, term: &Term, steward: Option<&str>) -> tantivy::Result<u64> {
        known(self.view, term, steward)
    }

    /// Which of the fields in which words are looked for a field is, in whichever layer.
    pub(super) fn role(&self, field: Field) -> Option<usize> {
        SEARCHED.iter().position(|one| {
            let mut layers = Layer::EACH.iter();
            layers.any(|layer| (one.of)(self.fields.of(*layer)) == field)
        })
    }

    fn searched(&self, field: Field) -> Option<&'static Searched> {
        SEARCHED.get(self.role(field)?)
    }
}

impl Bm25StatisticsProvider for Statistics<'_> {
    fn total_num_tokens(&self, field: Field) -> tantivy::Result<u64> {
        let average = self.searched(field).map_or(1, |one| one.average);
        Ok(self.among().saturating_mul(u64::from(average)))
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.among())
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let text = term.serialized_value_bytes();
        let nth = self.role(term.field());
        let one = nth.and_then(|nth| Some((nth, SEARCHED.get(nth)?)));
        match (one, std::str::from_utf8(text)) {
            (Some((nth, one)), Ok(word)) => self.weighed(nth, one, word),
            _ => self.count(term, None),
        }
        // More than there are would be a defect of the index, or came after the first page; the
        // formula must not see it.
        .map(|count| count.min(self.among()))
    }
}

/// Whose documents alone count in a layer.
fn guard(layer: Layer, eyes: &Eyes) -> Option<&str> {
    match (layer, eyes) {
        (Layer::Steward, Eyes::Steward(id)) => Some(id),
        _ => None,
    }
}

/// The same as [`count`], kept where it is the same for everyone.
fn known(view: &View, term: &Term, steward: Option<&str>) -> tantivy::Result<u64> {
    if steward.is_some() {
        return count(&view.searcher, term, steward);
    }
    let find = || count(&view.searcher, term, None);
    view.counted.of(term, find)
}

/// How many documents have a term and still exist; of one steward, where that is given.
fn count(searcher: &Searcher, term: &Term, steward: Option<&str>) -> tantivy::Result<u64> {
    let mut total = 0;
    for segment in searcher.segment_readers() {
        let postings = segment.inverted_index(term.field())?;
        let Some(info) = postings.get_term_info(term)? else {
            continue;
        };
        if steward.is_none() && !segment.has_deletes() {
            total += u64::from(info.doc_freq);
            continue;
        }
        let counts = counts(segment, steward)?;
        let mut blocks =
            postings.read_block_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
        while !blocks.docs().is_empty() {
            let docs = blocks.docs().iter();
            let here = docs
                .filter(|doc| **doc != TERMINATED && counts(**doc))
                .count();
            total += u64::try_from(here).unwrap_or_default();
            blocks.advance();
        }
    }
    Ok(total)
}

/// Whether a document of a segment counts.
fn counts<'s>(
    segment: &'s SegmentReader,
    steward: Option<&str>,
) -> tantivy::Result<impl Fn(DocId) -> bool + use<'s>> {
    let alive = segment.alive_bitset();
    let column = segment.fast_fields().str("steward")?;
    let mine = match (&column, steward) {
        (Some(column), Some(steward)) => column.dictionary().term_ord(steward)?,
        _ => None,
    };
    let anyone = steward.is_none();
    Ok(move |doc| {
        let is_mine = || {
            let ords = column.as_ref().map(|column| column.ords());
            mine.is_some() && ords.and_then(|ords| ords.first(doc)) == mine
        };
        alive.is_none_or(|alive| alive.is_alive(doc)) && (anyone || is_mine())
    })
}
