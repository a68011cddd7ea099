//! Counting the documents of one collection in groups.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;
use serde_json::{Map, Value};

use crate::api::list::selection;
use crate::register::dimension::Dimension;
use crate::register::read::selected;
use crate::register::{Caller, Document, Result};
use crate::store::AnyConnection;
use crate::store::schema::documents;

/// How many documents there are of a selection, whole and in groups. The key of a group has a
/// value for each dimension, in order: a word, the id of a document, or nothing.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// Distinct documents.
    pub total: u64,
    /// Distinct documents by their values.
    pub groups: BTreeMap<Vec<Option<String>>, u64>,
}

/// Counts the documents of a collection that the filters leave and the caller may know of.
///
/// # Errors
/// All that is wrong with the filters; when the database cannot be asked.
pub fn count<T: Document>(
    db: &mut AnyConnection,
    caller: &Caller,
    filters: Map<String, Value>,
    dimensions: &[Dimension],
) -> Result<Counted> {
    let selection = selection::<T>(filters)?;
    let heads: Vec<(String, String)> = selected::<T>(db, caller, &selection)?
        .select((documents::id, documents::kind))
        .load(db)?;
    let mut values = Vec::with_capacity(dimensions.len());
    for dimension in dimensions {
        values.push(values_of::<T>(
            *dimension,
            &selection.filters,
            &heads,
            db,
            caller,
        )?);
    }
    let none: [String; 0] = [];
    let mut counted = Counted::default();
    for (id, _) in &heads {
        counted.total += 1;
        let mut keys: Vec<Vec<Option<String>>> = vec![Vec::new()];
        for values in &values {
            let own = match values {
                Values::All(value) => std::slice::from_ref(value),
                Values::Each(by_id) => by_id.get(id).map_or(&none[..], Vec::as_slice),
            };
            keys = keys.iter().flat_map(|key| extended(key, own)).collect();
        }
        for key in keys {
            *counted.groups.entry(key).or_default() += 1;
        }
    }
    Ok(counted)
}

/// A key with one more value, for each value; with nothing when there is none.
fn extended(key: &[Option<String>], values: &[String]) -> Vec<Vec<Option<String>>> {
    let with = |value: Option<&String>| {
        let mut key = key.to_vec();
        key.push(value.cloned());
        key
    };
    if values.is_empty() {
        vec![with(None)]
    } else {
        values.iter().map(|value| with(Some(value))).collect()
    }
}

/// The values of documents in one dimension.
enum Values {
    /// The same for all.
    All(String),
    /// Distinct ones, by id.
    Each(HashMap<String, Vec<String>>),
}

fn values_of<T: Document>(
    dimension: Dimension,
    filters: &T::Filters,
    heads: &[(String, String)],
    db: &mut AnyConnection,
    caller: &Caller,
) -> Result<Values> {
    let pairs = match dimension {
        Dimension::Type => return Ok(Values::All(T::NAMING.plural.to_owned())),
        Dimension::Kind => heads
            .iter()
            .filter(|(_, kind)| !kind.is_empty())
            .cloned()
            .collect(),
        other if T::DIMENSIONS.contains(&other) => T::dimension(other, filters, None, db, caller)?,
        _ => Vec::new(),
    };
    let mut by_id: HashMap<String, Vec<String>> = HashMap::new();
    for (id, value) in pairs {
        by_id.entry(id).or_default().push(value);
    }
    for values in by_id.values_mut() {
        values.sort_unstable();
        values.dedup();
    }
    Ok(Values::Each(by_id))
}
