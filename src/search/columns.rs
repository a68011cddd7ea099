//! The columns of one file of the index, opened once for all who search it.
//!
//! To open a column is a walk through dictionaries, and to ask one for the values of a document takes
//! several steps, for each document that is found and each facet. So columns stay open as long as the
//! file is searched, and those by which is chosen and counted are unpacked, as long as there is room.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tantivy::columnar::{Cardinality, Column, StrColumn};
use tantivy::index::SegmentId;
use tantivy::{DocId, Searcher, SegmentReader};

/// Stands for no value.
const NONE: u16 = u16::MAX;

/// How many bytes unpacked columns may still take.
#[derive(Clone, Debug)]
pub(super) struct Room(Arc<AtomicUsize>);

impl Room {
    /// Room for so many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(bytes)))
    }

    /// Takes so many bytes of it, if they are there.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let less = |left: usize| left.checked_sub(bytes);
        let taken = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        taken.is_ok()
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// The values of a column, unpacked.
#[derive(Debug)]
pub(super) struct Unpacked {
    /// The values, in order.
    pub(super) terms: Vec<Arc<str>>,
    docs: Docs,
    room: Room,
    bytes: usize,
}

/// Which values each document has, by their places in the order.
#[derive(Debug)]
enum Docs {
    One(Vec<u16>),
    /// Where those of each document begin, and all of them.
    Many(Vec<u32>, Vec<u16>),
}

impl Unpacked {
    /// Unpacks a column; nothing where that would take too much.
    fn new(column: &StrColumn, room: &Room) -> tantivy::Result<Option<Self>> {
        let ords = column.ords();
        let (count, values) = (ords.num_docs() as usize, ords.values.num_vals() as usize);
        let many = ords.get_cardinality() == Cardinality::Multivalued;
        let mut bytes = if many {
            count * size_of::<u32>() + values * size_of::<u16>()
        } else {
            count * size_of::<u16>()
        };
        // An id or a word, and what holds it.
        bytes += column.num_terms() * (36 + size_of::<String>());
        if column.num_terms() >= usize::from(NONE) || !room.take(bytes) {
            return Ok(None);
        }
        let mut terms = Vec::with_capacity(column.num_terms());
        let mut stream = column.dictionary().stream()?;
        while stream.advance() {
            terms.push(String::from_utf8_lossy(stream.key()).into());
        }
        let place = |ord: u64| u16::try_from(ord).unwrap_or(NONE);
        let docs = 0..ords.num_docs();
        let docs = if many {
            let mut starts = Vec::with_capacity(count + 1);
            let mut all = Vec::with_capacity(values);
            for doc in docs {
                starts.push(u32::try_from(all.len()).unwrap_or(u32::MAX));
                all.extend(ords.values_for_doc(doc).map(place));
            }
            starts.push(u32::try_from(all.len()).unwrap_or(u32::MAX));
            Docs::Many(starts, all)
        } else {
            let value = |doc| ords.first(doc).map_or(NONE, place);
            Docs::One(docs.map(value).collect())
        };
        let room = room.clone();
        Ok(Some(Self {
            terms,
            docs,
            room,
            bytes,
        }))
    }

    /// The places of the values of a document.
    pub(super) fn of(&self, doc: DocId) -> &[u16] {
        let doc = doc as usize;
        match &self.docs {
            Docs::One(places) => match places.get(doc..=doc) {
                Some(&[NONE]) | None => &[],
                Some(place) => place,
            },
            Docs::Many(starts, places) => match starts.get(doc..=doc + 1) {
                Some(&[from, to]) => places.get(from as usize..to as usize).unwrap_or_default(),
                _ => &[],
            },
        }
    }

    /// The place of a value.
    pub(super) fn place(&self, value: &str) -> Option<u64> {
        let place = self.terms.binary_search_by(|term| (**term).cmp(value));
        u64::try_from(place.ok()?).ok()
    }

    /// Counts the values of documents, each at its place.
    pub(super) fn count(&self, documents: &[DocId], counts: &mut [u64]) {
        let mut add = |place: &u16| {
            if let Some(count) = counts.get_mut(usize::from(*place)) {
                *count += 1;
            }
        };
        match &self.docs {
            Docs::One(places) => {
                for doc in documents {
                    places.get(*doc as usize).into_iter().for_each(&mut add);
                }
            }
            Docs::Many(..) => {
                for doc in documents {
                    self.of(*doc).iter().for_each(&mut add);
                }
            }
        }
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        self.room.0.fetch_add(self.bytes, Ordering::Relaxed);
    }
}

/// A column of words.
#[derive(Clone)]
pub(super) enum Words {
    /// As it lies in the file.
    Packed(StrColumn),
    /// In memory.
    Unpacked(Arc<Unpacked>),
}

#[derive(Clone)]
enum Opened {
    Number(Column<u64>),
    Signed(Column<i64>),
    Text(Option<StrColumn>),
    Words(Option<Words>),
}

/// The columns of a file of the index.
pub(super) struct Columns {
    opened: RwLock<HashMap<String, Opened>>,
    room: Room,
}

impl Columns {
    fn open(
        &self,
        name: &str,
        open: impl FnOnce() -> tantivy::Result<Opened>,
    ) -> tantivy::Result<Opened> {
        let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = opened.get(name) {
            return Ok(opened.clone());
        }
        drop(opened);
        // Two may open the same: one of them is kept.
        let column = open()?;
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        Ok(opened.entry(name.to_owned()).or_insert(column).clone())
    }

    /// A column of numbers.
    ///
    /// # Errors
    /// When the index cannot be read or has none of that name.
    pub(super) fn number(
        &self,
        segment: &SegmentReader,
        name: &str,
    ) -> tantivy::Result<Column<u64>> {
        let open = || Ok(Opened::Number(segment.fast_fields().u64(name)?));
        match self.open(name, open)? {
            Opened::Number(column) => Ok(column),
            _ => segment.fast_fields().u64(name),
        }
    }

    /// A column of numbers that may be below zero.
    ///
    /// # Errors
    /// When the index cannot be read or has none of that name.
    pub(super) fn signed(
        &self,
        segment: &SegmentReader,
        name: &str,
    ) -> tantivy::Result<Column<i64>> {
        let open = || Ok(Opened::Signed(segment.fast_fields().i64(name)?));
        match self.open(name, open)? {
            Opened::Signed(column) => Ok(column),
            _ => segment.fast_fields().i64(name),
        }
    }

    /// A column of texts; nothing where no document of this file has any.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(super) fn text(
        &self,
        segment: &SegmentReader,
        name: &str,
    ) -> tantivy::Result<Option<StrColumn>> {
        let open = || Ok(Opened::Text(segment.fast_fields().str(name)?));
        match self.open(&format!("{name} as text"), open)? {
            Opened::Text(column) => Ok(column),
            _ => segment.fast_fields().str(name),
        }
    }

    /// A column of words of which there are not very many; nothing where no document has any.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(super) fn words(
        &self,
        segment: &SegmentReader,
        name: &str,
    ) -> tantivy::Result<Option<Words>> {
        let read = || -> tantivy::Result<Option<Words>> {
            let Some(column) = segment.fast_fields().str(name)? else {
                return Ok(None);
            };
            Ok(Some(match Unpacked::new(&column, &self.room)? {
                Some(unpacked) => Words::Unpacked(Arc::new(unpacked)),
                None => Words::Packed(column),
            }))
        };
        match self.open(name, || Ok(Opened::Words(read()?)))? {
            Opened::Words(words) => Ok(words),
            _ => read(),
        }
    }
}

/// The columns of all files of an index, as long as they are searched.
pub(super) struct Cupboard {
    room: Room,
    known: HashMap<SegmentId, Arc<Columns>>,
}

impl Cupboard {
    /// None yet.
    pub(super) fn new(room: Room) -> Self {
        let known = HashMap::new();
        Self { room, known }
    }

    /// The columns of the files that a searcher has, in their order. Those of other files are left to
    /// whoever still uses them.
    pub(super) fn of(&mut self, searcher: &Searcher) -> Vec<Arc<Columns>> {
        let mut present = HashMap::new();
        let mut all = Vec::new();
        for segment in searcher.segment_readers() {
            let id = segment.segment_id();
            let columns = self.known.remove(&id).unwrap_or_else(|| {
                Arc::new(Columns {
                    opened: RwLock::default(),
                    room: self.room.clone(),
                })
            });
            present.insert(id, Arc::clone(&columns));
            all.push(columns);
        }
        self.known = present;
        all
    }
}
