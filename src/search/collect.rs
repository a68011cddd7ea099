//! One walk through what matches: how many there are, the next page of them, and the facets.

use std::collections::{BTreeMap, BinaryHeap, HashSet};
use std::sync::Arc;

use tantivy::columnar::{Column, StrColumn};
use tantivy::fastfield::AliveBitSet;
use tantivy::{DocId, Score, Searcher, SegmentReader, TantivyError};

use super::Eyes;
use super::columns::Columns;
use super::fields::{LayerFields, halves, id_of};
use super::gather::{Source, each_stretch};
use super::order::{self, Key, Place, Sorted, score_of, value_of};
use super::slab::Slab;
use super::statistics::Statistics;
use super::tree::Tree;
use super::values::{Counts, Facet, Values, add};
use crate::register::page::Position;

/// By what hits are sorted: at most as many keys as a list can have.
const KEYS: usize = 6;

/// How many documents are counted at once.
const TOGETHER: usize = 1_024;

/// What is wanted of what matches.
pub(super) struct Wanted {
    pub(super) eyes: Eyes,
    pub(super) order: Vec<Key>,
    pub(super) after: Option<Position>,
    pub(super) limit: usize,
    /// The values of which a hit must have one.
    pub(super) chosen: BTreeMap<Facet, Vec<String>>,
    /// The documents among which a hit must be.
    pub(super) among: Option<Arc<HashSet<(u64, u64)>>>,
    pub(super) facets: Vec<Facet>,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) total: u64,
    /// The ids of the page.
    pub(super) ids: Vec<String>,
    /// Their scores, where those decide the order.
    pub(super) scores: Vec<f64>,
    /// Where the next page begins.
    pub(super) next: Option<Position>,
    pub(super) facets: BTreeMap<Facet, Counts>,
}

/// A place in the order of all segments, and what it is in a cursor.
type Ranked = (Vec<Place>, (u64, u64));

/// What one segment gives.
#[derive(Default)]
pub(super) struct Part {
    total: u64,
    ranked: Vec<Ranked>,
    facets: BTreeMap<Facet, Counts>,
}

/// Goes through all that a tree means, with the columns of each file of the index.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn collect(
    searcher: &Searcher,
    columns: &[Arc<Columns>],
    statistics: &Statistics<'_>,
    tree: &Tree,
    wanted: &Wanted,
) -> tantivy::Result<Collected> {
    let source = Source {
        searcher,
        statistics,
        scored: wanted.order.contains(&Key::Relevance),
    };
    let mut parts = Vec::new();
    for (nth, segment) in searcher.segment_readers().iter().enumerate() {
        let lost = || TantivyError::SystemError("a file without columns".into());
        let columns = columns.get(nth).ok_or_else(lost)?;
        let mut part = Segment::new(wanted, columns, segment)?;
        each_stretch(&source, segment, tree, |start, slab| part.add(start, slab))?;
        parts.push(part.harvest());
    }
    Ok(wanted.merge(parts))
}

impl Wanted {
    /// How many there are, and nothing else.
    pub(super) fn all(eyes: Eyes) -> Self {
        Self {
            eyes,
            order: Vec::new(),
            after: None,
            limit: 0,
            chosen: BTreeMap::new(),
            among: None,
            facets: Vec::new(),
        }
    }

    fn merge(&self, parts: Vec<Part>) -> Collected {
        let mut found = Collected::default();
        let mut ranked: Vec<Ranked> = Vec::new();
        for part in parts {
            found.total += part.total;
            ranked.extend(part.ranked);
            for (facet, counts) in part.facets {
                add(found.facets.entry(facet).or_default(), counts);
            }
        }
        ranked.sort();
        let more = ranked.len() > self.limit;
        ranked.truncate(self.limit);
        let downwards = self.downwards();
        found.ids = ranked
            .iter()
            .map(|(_, id)| text_of(*id, downwards))
            .collect();
        if self.order.first() == Some(&Key::Relevance) {
            let scores = ranked.iter().filter_map(|(place, _)| place.first());
            found.scores = scores.map(score_of).collect();
        }
        found.next = ranked.pop().filter(|_| more).map(|(place, id)| {
            let values = self.order.iter().zip(place);
            let values = values.map(|(key, place)| value_of(*key, place)).collect();
            Position(values, text_of(id, downwards))
        });
        found
    }

    fn downwards(&self) -> bool {
        self.order.last().is_some_and(|key| key.descending())
    }
}

fn text_of(id: (u64, u64), downwards: bool) -> String {
    let (high, low) = turned(id, downwards);
    id_of(high, low)
}

/// The id as it sorts in the direction of the last key.
fn turned((high, low): (u64, u64), downwards: bool) -> (u64, u64) {
    if downwards {
        (!high, !low)
    } else {
        (high, low)
    }
}

type Keys = [u64; KEYS];

/// Whether a document has a layer; and its steward, with the one who looks at it.
type Wider = (Column<u64>, Option<(StrColumn, Option<u64>)>);

/// The walk through one segment.
pub(super) struct Segment {
    limit: usize,
    sorted: Vec<Sorted>,
    after: Option<(Keys, (u64, u64))>,
    downwards: bool,
    high: Column<u64>,
    low: Column<u64>,
    /// Whether a document has each of the layers but the last, which all have that match.
    wider: Vec<Wider>,
    /// Those by which hits are chosen first, and how many those are.
    values: Vec<Values>,
    choosing: usize,
    /// Whether anything is counted.
    counts: bool,
    /// Whether all that match are hits, and seen in the one layer that there is.
    plain: bool,
    among: Option<Arc<HashSet<(u64, u64)>>>,
    /// Which of the documents still exist; nothing when all do.
    alive: Option<AliveBitSet>,
    total: u64,
    best: BinaryHeap<(Keys, (u64, u64))>,
    /// What has a lower score than this is not among the best.
    floor: Score,
    /// What was found and is still to be counted, by layer: together that is faster.
    uncounted: Vec<Vec<DocId>>,
}

impl Segment {
    fn new(wanted: &Wanted, columns: &Columns, segment: &SegmentReader) -> tantivy::Result<Self> {
        let mut sorted = Vec::new();
        for key in wanted.order.iter().take(KEYS) {
            sorted.push(Sorted::new(*key, columns, segment)?);
        }
        let downwards = wanted.downwards();
        let mut after = None;
        if let Some(Position(values, id)) = &wanted.after {
            let mut keys = [0; KEYS];
            for ((key, sorted), value) in keys.iter_mut().zip(&sorted).zip(values) {
                *key = sorted.place_of(value)?.unwrap_or_default();
            }
            after = Some((keys, turned(halves(id), downwards)));
        }
        let mut wider = Vec::new();
        let layers = wanted.eyes.layers();
        for layer in layers.iter().take(layers.len().saturating_sub(1)) {
            let here = columns.number(segment, &LayerFields::column(*layer, "here"))?;
            let mine = match (&wanted.eyes, columns.text(segment, "steward")?) {
                (Eyes::Steward(id), Some(column)) => {
                    let ord = column.dictionary().term_ord(id)?;
                    Some((column, ord))
                }
                _ => None,
            };
            wider.push((here, mine));
        }
        let mut values = Vec::new();
        for facet in Facet::EACH {
            if wanted.facets.contains(&facet) || wanted.chosen.contains_key(&facet) {
                values.push(Values::new(facet, wanted, columns, segment)?);
            }
        }
        values.sort_by_key(|one| !one.chooses());
        let choosing = values.iter().take_while(|one| one.chooses()).count();
        Ok(Self {
            plain: wanted.among.is_none() && choosing == 0 && wider.is_empty(),
            limit: wanted.limit,
            sorted,
            after,
            downwards,
            high: columns.number(segment, "high")?,
            low: columns.number(segment, "low")?,
            wider,
            choosing,
            values,
            counts: !wanted.facets.is_empty(),
            among: wanted.among.clone(),
            alive: segment.alive_bitset().cloned(),
            total: 0,
            best: BinaryHeap::with_capacity(wanted.limit + 2),
            floor: Score::NEG_INFINITY,
            uncounted: layers
                .iter()
                .map(|_| Vec::with_capacity(TOGETHER))
                .collect(),
        })
    }

    /// In which of the layers somebody sees a document.
    fn layer(&self, doc: DocId) -> usize {
        let seen = |(here, mine): &Wider| {
            let is_mine = mine
                .as_ref()
                .is_none_or(|(column, mine)| mine.is_some() && column.ords().first(doc) == *mine);
            here.first(doc) == Some(1) && is_mine
        };
        let found = self.wider.iter().position(seen);
        found.unwrap_or(self.wider.len())
    }

    fn id(&self, doc: DocId) -> (u64, u64) {
        (
            self.high.first(doc).unwrap_or_default(),
            self.low.first(doc).unwrap_or_default(),
        )
    }

    /// Takes a hit in, which is seen in a layer.
    #[inline]
    fn take(&mut self, layer: usize, doc: DocId, score: Score) {
        self.total += 1;
        if score >= self.floor {
            self.rank(doc, score);
        }
        if self.counts
            && let Some(uncounted) = self.uncounted.get_mut(layer)
        {
            uncounted.push(doc);
            if uncounted.len() == TOGETHER {
                self.count(layer);
            }
        }
    }

    /// Counts what was found in a layer.
    fn count(&mut self, layer: usize) {
        if let Some(documents) = self.uncounted.get_mut(layer) {
            for values in &mut self.values {
                values.count(layer, documents);
            }
            documents.clear();
        }
    }

    /// Keeps it if it is among the best behind the cursor; one more than a page, to know whether
    /// there is a next one.
    fn rank(&mut self, doc: DocId, score: Score) {
        let mut keys = [0; KEYS];
        for (key, sorted) in keys.iter_mut().zip(&self.sorted) {
            *key = sorted.place(doc, score);
        }
        let full = self.best.len() > self.limit;
        if full && self.best.peek().is_some_and(|(worst, _)| keys > *worst) {
            return;
        }
        // To look up an id costs more than all of this.
        if self.after.is_some_and(|(after, _)| keys < after) {
            return;
        }
        let candidate = (keys, turned(self.id(doc), self.downwards));
        if self.after.is_some_and(|after| candidate <= after) {
            return;
        }
        self.best.push(candidate);
        if self.best.len() > self.limit + 1 {
            self.best.pop();
        }
        if let (true, Some((worst, _)), Some(Sorted::Relevance)) = (
            self.best.len() > self.limit,
            self.best.peek(),
            self.sorted.first(),
        ) {
            self.floor = order::floor(worst[0]);
        }
    }
}

impl Segment {
    /// Takes a stretch of documents in.
    fn add(&mut self, start: DocId, slab: &Slab) {
        slab.each(start, |doc, score| {
            if self.alive.as_ref().is_none_or(|alive| alive.is_alive(doc)) {
                self.collect(doc, score);
            }
        });
    }

    #[inline]
    fn collect(&mut self, doc: DocId, score: Score) {
        if self.plain {
            self.take(0, doc, score);
            return;
        }
        let among = self.among.as_ref();
        if among.is_some_and(|among| !among.contains(&self.id(doc))) {
            return;
        }
        let layer = self.layer(doc);
        let choosing = self.values.iter().take(self.choosing).enumerate();
        let mut failed = choosing.filter(|(_, values)| !values.holds(layer, doc));
        if let Some((nth, _)) = failed.next() {
            // A facet is counted without its own filter.
            let only = failed.next().is_none();
            if let Some(values) = self.values.get_mut(nth).filter(|_| only) {
                values.count(layer, &[doc]);
            }
            return;
        }
        self.take(layer, doc, score);
    }

    fn harvest(mut self) -> Part {
        for layer in 0..self.uncounted.len() {
            self.count(layer);
        }
        let resolve = |(keys, id): (Keys, (u64, u64))| {
            let places = self.sorted.iter().zip(keys);
            let places = places.map(|(sorted, key)| sorted.resolved(key)).collect();
            (places, id)
        };
        Part {
            total: self.total,
            ranked: self.best.into_iter().map(resolve).collect(),
            facets: self
                .values
                .into_iter()
                .filter_map(Values::counted)
                .collect(),
        }
    }
}
