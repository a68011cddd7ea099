//! Facets as they are shown.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::values::Facet;
use crate::register::{Caller, Result, heads};
use crate::store::AnyConnection;

/// A value of a facet: how many of the hits have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct FacetValue {
    /// What the filter of that name takes: a word, a year, or the slug of a document.
    #[schema(examples("noord-veluwe"))]
    pub(super) value: String,
    /// The name of the document, where the value is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("Noord Veluwe"))]
    pub(super) name: Option<String>,
    /// How many documents have it.
    #[schema(minimum = 1, examples(3))]
    pub(super) count: u64,
}

/// The counts of some facets, the highest first.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn shown(
    db: &mut AnyConnection,
    caller: &Caller,
    facets: &[Facet],
    counted: &BTreeMap<Facet, BTreeMap<String, u64>>,
) -> Result<Map<String, Value>> {
    let mut all = Map::new();
    for facet in facets {
        let none = BTreeMap::new();
        let counts = counted.get(facet).unwrap_or(&none);
        let mut values = if facet.refers() {
            named(db, caller, counts)?
        } else {
            let words = counts.iter();
            words
                .map(|(value, count)| FacetValue {
                    value: value.clone(),
                    name: None,
                    count: *count,
                })
                .collect()
        };
        values.sort_by(|a, b| {
            let key = |one: &FacetValue| (one.name.clone(), one.value.clone());
            b.count.cmp(&a.count).then_with(|| key(a).cmp(&key(b)))
        });
        all.insert(facet.word().to_owned(), serde_json::to_value(values)?);
    }
    Ok(all)
}

/// The documents behind ids. One that is hidden by now, or gone, is not counted by.
fn named(
    db: &mut AnyConnection,
    caller: &Caller,
    counts: &BTreeMap<String, u64>,
) -> Result<Vec<FacetValue>> {
    let ids: Vec<String> = counts.keys().cloned().collect();
    let mut names = HashMap::new();
    for ids in ids.chunks(1_000) {
        for head in heads::load(db, ids)? {
            if caller.may_know(&head.id, &head.access()) {
                names.insert(head.id, (head.slug, head.name));
            }
        }
    }
    let values = counts.iter().filter_map(|(id, count)| {
        let (value, name) = names.remove(id)?;
        Some(FacetValue {
            value,
            name: Some(name),
            count: *count,
        })
    });
    Ok(values.collect())
}
