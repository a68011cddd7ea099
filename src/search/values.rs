//! Columns of values: by which hits are chosen, and counted.

use std::collections::BTreeMap;

use tantivy::columnar::StrColumn;
use tantivy::{DocId, SegmentReader};

use super::collect::Wanted;
use super::entry::Layer;
use super::fields::LayerFields;

/// The columns by which hits can be chosen and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Facet {
    Type,
    Region,
    Theme,
    Kind,
    Status,
    Year,
}

impl Facet {
    pub(super) const EACH: [Self; 6] = [
        Self::Type,
        Self::Region,
        Self::Theme,
        Self::Kind,
        Self::Status,
        Self::Year,
    ];

    /// The word that `facets` takes, and the name of the column.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Region => "region",
            Self::Theme => "theme",
            Self::Kind => "kind",
            Self::Status => "status",
            Self::Year => "year",
        }
    }

    /// Whether its values are documents.
    pub(super) fn refers(self) -> bool {
        matches!(self, Self::Region | Self::Theme)
    }

    fn column(self, layer: Layer) -> String {
        if self.refers() {
            LayerFields::column(layer, self.word())
        } else {
            self.word().to_owned()
        }
    }
}

/// A column of values, in the layers that somebody sees.
pub(super) struct Values {
    pub(super) facet: Facet,
    /// A column for each layer, the widest first.
    columns: Vec<Option<StrColumn>>,
    /// The values that were chosen, by layer; nothing when all will do.
    chosen: Option<Vec<Vec<u64>>>,
    /// How often each value was met, by layer; nothing when that was not asked.
    counts: Option<Vec<Vec<u64>>>,
}

impl Values {
    pub(super) fn new(
        facet: Facet,
        wanted: &Wanted,
        segment: &SegmentReader,
    ) -> tantivy::Result<Self> {
        let mut columns = Vec::new();
        for layer in wanted.eyes.layers() {
            columns.push(segment.fast_fields().str(&facet.column(*layer))?);
        }
        let mut chosen = None;
        if let Some(values) = wanted.chosen.get(&facet) {
            let mut by_layer = Vec::new();
            for column in &columns {
                let mut ords = Vec::new();
                if let Some(column) = column {
                    for value in values {
                        ords.extend(column.dictionary().term_ord(value)?);
                    }
                }
                by_layer.push(ords);
            }
            chosen = Some(by_layer);
        }
        let none =
            |column: &Option<StrColumn>| vec![0; column.as_ref().map_or(0, |c| c.num_terms())];
        let counts = wanted
            .facets
            .contains(&facet)
            .then(|| columns.iter().map(none).collect());
        Ok(Self {
            facet,
            columns,
            chosen,
            counts,
        })
    }

    fn ords(&self, layer: usize, doc: DocId) -> impl Iterator<Item = u64> {
        let column = self.columns.get(layer).and_then(Option::as_ref);
        column
            .into_iter()
            .flat_map(move |column| column.term_ords(doc))
    }

    pub(super) fn holds(&self, layer: usize, doc: DocId) -> bool {
        let Some(chosen) = self
            .chosen
            .as_ref()
            .and_then(|by_layer| by_layer.get(layer))
        else {
            return true;
        };
        self.ords(layer, doc).any(|ord| chosen.contains(&ord))
    }

    pub(super) fn count(&mut self, layer: usize, doc: DocId) {
        let Some(mut counts) = self.counts.take() else {
            return;
        };
        if let Some(counts) = counts.get_mut(layer) {
            for ord in self.ords(layer, doc) {
                let nth = usize::try_from(ord).unwrap_or(usize::MAX);
                if let Some(count) = counts.get_mut(nth) {
                    *count += 1;
                }
            }
        }
        self.counts = Some(counts);
    }

    pub(super) fn counted(self) -> Option<(Facet, BTreeMap<String, u64>)> {
        let mut all: BTreeMap<String, u64> = BTreeMap::new();
        for (column, counts) in self.columns.iter().zip(self.counts?) {
            let Some(column) = column else { continue };
            for (ord, count) in (0..).zip(counts).filter(|(_, count)| *count > 0) {
                let mut value = String::new();
                if column.ord_to_str(ord, &mut value).unwrap_or(false) {
                    *all.entry(value).or_default() += count;
                }
            }
        }
        Some((self.facet, all))
    }
}
