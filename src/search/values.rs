//! Columns of values: by which hits are chosen, and counted.

use std::sync::Arc;

use tantivy::{DocId, SegmentReader};

use super::collect::Wanted;
use super::columns::{Columns, Words as Column};
use super::entry::Layer;
use super::fields::LayerFields;

/// How often each value was met, in the order of the values.
pub(super) type Counts = Vec<(Arc<str>, u64)>;

/// Adds what was counted elsewhere.
pub(super) fn add(all: &mut Counts, more: Counts) {
    if all.is_empty() {
        *all = more;
        return;
    }
    all.extend(more);
    // Two runs that are in order cost little.
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.dedup_by(|next, one| {
        let same = next.0 == one.0;
        one.1 += if same { next.1 } else { 0 };
        same
    });
}

/// Takes over what was counted elsewhere, and keeps what was not.
pub(super) fn put_over(all: &mut Counts, others: Counts) {
    all.retain(|one| {
        others
            .binary_search_by(|other| other.0.cmp(&one.0))
            .is_err()
    });
    add(all, others);
}

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
    columns: Vec<Option<Column>>,
    /// The values that were chosen, by layer; nothing when all will do.
    chosen: Option<Vec<Vec<u64>>>,
    /// How often each value was met, by layer; nothing when that was not asked.
    counts: Option<Vec<Vec<u64>>>,
}

impl Values {
    pub(super) fn new(
        facet: Facet,
        wanted: &Wanted,
        columns: &Columns,
        segment: &SegmentReader,
    ) -> tantivy::Result<Self> {
        let mut opened = Vec::new();
        for layer in wanted.eyes.layers() {
            opened.push(columns.words(segment, &facet.column(*layer))?);
        }
        let mut chosen = None;
        if let Some(values) = wanted.chosen.get(&facet) {
            let mut by_layer = Vec::new();
            for column in &opened {
                let mut ords = Vec::new();
                for value in values {
                    ords.extend(match column {
                        Some(Column::Unpacked(column)) => column.place(value),
                        Some(Column::Packed(column)) => column.dictionary().term_ord(value)?,
                        None => None,
                    });
                }
                by_layer.push(ords);
            }
            chosen = Some(by_layer);
        }
        let none = |column: &Option<Column>| {
            let count = match column {
                Some(Column::Unpacked(column)) => column.terms.len(),
                Some(Column::Packed(column)) => column.num_terms(),
                None => 0,
            };
            vec![0; count]
        };
        let counts = wanted
            .facets
            .contains(&facet)
            .then(|| opened.iter().map(none).collect());
        Ok(Self {
            facet,
            columns: opened,
            chosen,
            counts,
        })
    }

    /// Whether not all values will do.
    pub(super) fn chooses(&self) -> bool {
        self.chosen.is_some()
    }

    pub(super) fn holds(&self, layer: usize, doc: DocId) -> bool {
        let Some(chosen) = self
            .chosen
            .as_ref()
            .and_then(|by_layer| by_layer.get(layer))
        else {
            return true;
        };
        match self.columns.get(layer).and_then(Option::as_ref) {
            Some(Column::Unpacked(column)) => {
                let mut places = column.of(doc).iter();
                places.any(|place| chosen.contains(&u64::from(*place)))
            }
            Some(Column::Packed(column)) => column.term_ords(doc).any(|ord| chosen.contains(&ord)),
            None => false,
        }
    }

    /// Counts the values of documents, in one of the layers.
    pub(super) fn count(&mut self, layer: usize, documents: &[DocId]) {
        let counts = self.counts.as_mut().and_then(|all| all.get_mut(layer));
        let column = self.columns.get(layer).and_then(Option::as_ref);
        match (counts, column) {
            (Some(counts), Some(Column::Unpacked(column))) => column.count(documents, counts),
            (Some(counts), Some(Column::Packed(column))) => {
                for ord in documents.iter().flat_map(|doc| column.term_ords(*doc)) {
                    let nth = usize::try_from(ord).unwrap_or(usize::MAX);
                    if let Some(count) = counts.get_mut(nth) {
                        *count += 1;
                    }
                }
            }
            _ => {}
        }
    }

    pub(super) fn counted(self) -> Option<(Facet, Counts)> {
        let mut all = Counts::new();
        for (column, counts) in self.columns.iter().zip(self.counts?) {
            let Some(column) = column else { continue };
            let value = |nth: usize| match column {
                Column::Unpacked(column) => column.terms.get(nth).cloned(),
                Column::Packed(column) => {
                    let mut value = String::new();
                    let found = column.ord_to_str(nth as u64, &mut value);
                    found.unwrap_or(false).then(|| value.into())
                }
            };
            let met = counts.into_iter().enumerate();
            let met = met.filter(|(_, count)| *count > 0);
            add(
                &mut all,
                met.filter_map(|(nth, count)| Some((value(nth)?, count)))
                    .collect(),
            );
        }
        Some((self.facet, all))
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, add};

    #[test]
    fn what_was_counted_in_several_places_is_added_up() {
        let counts = |all: &[(&str, u64)]| -> Counts {
            all.iter()
                .map(|(value, count)| ((*value).into(), *count))
                .collect()
        };
        let mut all = Counts::new();
        add(&mut all, counts(&[("a", 1), ("c", 2)]));
        add(&mut all, counts(&[("a", 3), ("b", 4), ("c", 5), ("d", 6)]));
        add(&mut all, Counts::new());
        assert_eq!(all, counts(&[("a", 4), ("b", 4), ("c", 7), ("d", 6)]));
    }
}
