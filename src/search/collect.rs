//! One walk through what matches: how many there are, the next page of them, and the facets.

use std::collections::{BTreeMap, BinaryHeap, HashSet};
use std::sync::Arc;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use super::Eyes;
use super::fields::{LayerFields, halves, id_of};
use super::order::{Key, Place, Sorted, score_of, value_of};
use super::values::{Facet, Values};
use crate::register::page::Position;

/// By what hits are sorted: at most as many keys as a list can have.
const KEYS: usize = 6;

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
    /// The documents among which it must not be.
    pub(super) without: Arc<HashSet<(u64, u64)>>,
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
    pub(super) facets: BTreeMap<Facet, BTreeMap<String, u64>>,
}

/// A place in the order of all segments, and what it is in a cursor.
type Ranked = (Vec<Place>, (u64, u64));

/// What one segment gives.
#[derive(Default)]
pub(super) struct Part {
    total: u64,
    ranked: Vec<Ranked>,
    facets: BTreeMap<Facet, BTreeMap<String, u64>>,
}

impl Collector for Wanted {
    type Fruit = Collected;
    type Child = Segment;

    fn for_segment(&self, _: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Segment> {
        Segment::new(self, segment)
    }

    fn requires_scoring(&self) -> bool {
        self.order.contains(&Key::Relevance)
    }

    fn merge_fruits(&self, parts: Vec<Part>) -> tantivy::Result<Collected> {
        let mut found = Collected::default();
        let mut ranked: Vec<Ranked> = Vec::new();
        for part in parts {
            found.total += part.total;
            ranked.extend(part.ranked);
            for (facet, counts) in part.facets {
                let all = found.facets.entry(facet).or_default();
                for (value, count) in counts {
                    *all.entry(value).or_default() += count;
                }
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
        Ok(found)
    }
}

impl Wanted {
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
    values: Vec<Values>,
    among: Option<Arc<HashSet<(u64, u64)>>>,
    without: Arc<HashSet<(u64, u64)>>,
    total: u64,
    best: BinaryHeap<(Keys, (u64, u64))>,
}

impl Segment {
    fn new(wanted: &Wanted, segment: &SegmentReader) -> tantivy::Result<Self> {
        let columns = segment.fast_fields();
        let mut sorted = Vec::new();
        for key in wanted.order.iter().take(KEYS) {
            sorted.push(Sorted::new(*key, segment)?);
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
            let here = columns.u64(&LayerFields::column(*layer, "here"))?;
            let mine = match (&wanted.eyes, columns.str("steward")?) {
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
                values.push(Values::new(facet, wanted, segment)?);
            }
        }
        Ok(Self {
            limit: wanted.limit,
            sorted,
            after,
            downwards,
            high: columns.u64("high")?,
            low: columns.u64("low")?,
            wider,
            values,
            among: wanted.among.clone(),
            without: Arc::clone(&wanted.without),
            total: 0,
            best: BinaryHeap::new(),
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
        let candidate = (keys, turned(self.id(doc), self.downwards));
        if self.after.is_some_and(|after| candidate <= after) {
            return;
        }
        self.best.push(candidate);
        if self.best.len() > self.limit + 1 {
            self.best.pop();
        }
    }
}

impl SegmentCollector for Segment {
    type Fruit = Part;

    fn collect(&mut self, doc: DocId, score: Score) {
        let among = self.among.as_ref();
        if among.is_some_and(|among| !among.contains(&self.id(doc)))
            || (!self.without.is_empty() && self.without.contains(&self.id(doc)))
        {
            return;
        }
        let layer = self.layer(doc);
        let mut failed = self
            .values
            .iter()
            .filter(|values| !values.holds(layer, doc));
        let (first, second) = (failed.next().map(|one| one.facet), failed.next().is_some());
        if second {
            return;
        }
        // A facet is counted without its own filter.
        for values in &mut self.values {
            if first.is_none_or(|failed| failed == values.facet) {
                values.count(layer, doc);
            }
        }
        if first.is_none() {
            self.total += 1;
            self.rank(doc, score);
        }
    }

    fn harvest(self) -> Part {
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
