//! Documents like one: that share its themes and partners, or a fair part of the words that tell most
//! about it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tantivy::Term;

use super::ask::collect;
use super::collect::Wanted;
use super::fields::LayerFields;
use super::index::View;
use super::order::Key;
use super::passages::{Synonyms, Weight, passages, references};
use super::query::in_layers;
use super::statistics::Statistics;
use super::tree::Tree;
use super::values::Facet;
use super::words::query::is_stop_word;
use super::words::words;
use super::{Eyes, Search};
use crate::register::projection::each_ref;
use crate::register::{Caller, Result};

/// How many of its words a document is compared by: the rarest for their number.
const WORDS: usize = 25;

/// What one thing in common counts for: more than all words together, as the weights of those add up
/// to one.
const SHARED: f32 = 100.0;

/// What shares nothing but words must have so much of what the document has of them itself: two texts
/// always share some.
const FAIR: f64 = 0.25;

/// The ids of the documents of a collection that are most like one of them, as the caller sees it.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn similar(
    search: &Search,
    view: &View,
    caller: &Caller,
    type_: &str,
    document: &Map<String, Value>,
    limit: usize,
) -> Result<Vec<String>> {
    let (fields, eyes) = (&search.0.fields, Eyes::of(caller));
    let statistics = Statistics::new(view, fields, &eyes)?;
    let own = document
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let steward = document
        .get("steward")
        .and_then(|steward| steward["id"].as_str());
    let shared: Vec<String> = references(document)
        .into_iter()
        .filter(|id| Some(id.as_str()) != steward)
        .collect();
    let terms = telling(&statistics, document)?;
    let query = in_layers(fields, &eyes, &|layer| {
        Ok::<_, tantivy::TantivyError>(like(layer, &shared, &terms))
    })?;
    let wanted = Wanted {
        eyes: eyes.clone(),
        order: vec![Key::Relevance],
        after: None,
        // The document itself is among them.
        limit: limit + 1,
        chosen: BTreeMap::from([(Facet::Type, vec![type_.to_owned()])]),
        among: None,
        facets: Vec::new(),
    };
    let found = collect(view, &statistics, &query, &wanted)?;
    let hits = || found.ids.iter().zip(found.scores.iter().copied());
    let things: f64 = shared.iter().map(|_| f64::from(SHARED)).sum();
    let itself = hits().find(|(id, _)| *id == own);
    let words = itself.map_or(0.0, |(_, score)| score - things);
    let alike = |score| score >= f64::from(SHARED) || score >= FAIR * words;
    let others = hits().filter(|(id, score)| *id != own && alike(*score));
    Ok(others.map(|(id, _)| id.clone()).take(limit).collect())
}

fn like(layer: &LayerFields, shared: &[String], terms: &[(String, f32)]) -> Tree {
    let shared = shared.iter();
    let shared = shared.map(|id| Tree::Term(Term::from_field_text(layer.references, id), SHARED));
    let words = terms.iter().flat_map(|(stem, weight)| {
        let in_field = |field| Tree::Word(Term::from_field_text(field, stem), *weight);
        [layer.name, layer.text].map(in_field)
    });
    Tree::any(shared.chain(words))
}

/// The words that tell most about a document: often in it, seldom elsewhere, and not in it alone.
fn telling(
    statistics: &Statistics<'_>,
    document: &Map<String, Value>,
) -> tantivy::Result<Vec<(String, f32)>> {
    let mut counts: BTreeMap<String, f32> = BTreeMap::new();
    for passage in passages(document, &Synonyms::new()) {
        let weight = match passage.weight {
            Weight::Name => 3.0,
            Weight::Text => 1.0,
            Weight::Near => continue,
        };
        for word in words(&passage.text) {
            if word.stem.chars().count() > 2 && !is_stop_word(&word.folded) {
                *counts.entry(word.stem).or_default() += weight;
            }
        }
    }
    let documents = as_float(statistics.documents());
    let mut telling = Vec::new();
    for (stem, count) in counts {
        let with = statistics.frequency(|layer| layer.text, &stem)?
            + statistics.frequency(|layer| layer.name, &stem)?;
        if with > 1 {
            let rare = (documents / as_float(with)).max(1.0).ln();
            telling.push((rare * count.sqrt(), stem));
        }
    }
    telling.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    telling.truncate(WORDS);
    telling.retain(|(weight, _)| *weight > 0.0);
    let all: f32 = telling.iter().map(|(weight, _)| weight).sum();
    let telling = telling.into_iter();
    Ok(telling.map(|(weight, stem)| (stem, weight / all)).collect())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio of numbers of documents need not be exact"
)]
fn as_float(count: u64) -> f32 {
    count as f32
}

/// The references that two documents have in common, as the first shows them.
pub(super) fn shared(one: &Map<String, Value>, other: &Map<String, Value>) -> Vec<Value> {
    let others = references(other);
    let mut found: BTreeMap<String, Value> = BTreeMap::new();
    for (member, value) in one {
        if member != "steward" {
            let mut value = value.clone();
            each_ref(&mut value, &mut |reference| {
                let id = reference["id"].as_str().unwrap_or_default().to_owned();
                if others.contains(&id) {
                    found.insert(id, Value::Object(reference.clone()));
                }
            });
        }
    }
    found.into_values().collect()
}
