//! The groups of counts as they are shown: as JSON, and as rows with labels.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use crate::collections::Collection;
use crate::exchange::flat::FlatCell;
use crate::organisations::OrganisationKind;
use crate::register::dimension::Dimension;
use crate::register::{Enumeration, Language, Result, heads};
use crate::store::AnyConnection;

/// By what a group sorts: for each dimension whether it has no value, and the value in words.
type Order = Vec<(bool, String)>;

/// The groups as they are shown: documents by reference, in the order of their names and words,
/// what has no value last.
pub(super) fn items(
    db: &mut AnyConnection,
    dimensions: &[Dimension],
    groups: BTreeMap<Vec<Option<String>>, u64>,
) -> Result<Vec<Map<String, Value>>> {
    let mut ids: Vec<String> = Vec::new();
    for key in groups.keys() {
        let refers = dimensions.iter().zip(key).filter(|(one, _)| one.refers());
        ids.extend(refers.filter_map(|(_, value)| value.clone()));
    }
    ids.sort_unstable();
    ids.dedup();
    let mut shown = HashMap::new();
    for ids in ids.chunks(1_000) {
        for head in heads::load(db, ids)? {
            let value = json!({"id": head.id, "slug": head.slug, "name": head.name});
            shown.insert(head.id, (head.name_key, value));
        }
    }
    let mut items: Vec<(Order, Map<String, Value>)> = Vec::new();
    for (key, count) in groups {
        let (mut order, mut item) = (Vec::new(), Map::new());
        for (dimension, value) in dimensions.iter().zip(key) {
            let known = value.as_ref().and_then(|id| shown.get(id));
            let (sorts, value) = match (dimension.refers(), value, known) {
                (true, Some(id), Some((name, shown))) => (format!("{name} {id}"), shown.clone()),
                (_, Some(word), _) => (word.clone(), word.into()),
                (_, None, _) => (String::new(), Value::Null),
            };
            order.push((value.is_null(), sorts));
            item.insert(dimension.as_str().to_owned(), value);
        }
        item.insert("count".into(), count.into());
        items.push((order, item));
    }
    items.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(items.into_iter().map(|(_, item)| item).collect())
}

/// The labels of the words in groups.
pub(super) struct Labels(HashMap<(&'static str, &'static str), &'static str>);

impl Labels {
    pub(super) fn new(wanted: &[&'static Collection], language: Language) -> Self {
        let mut labels = HashMap::new();
        for one in wanted {
            let single = one.naming.singular_id;
            for vocabulary in (one.vocabularies)() {
                let dimension = match vocabulary.schema {
                    "OrganisationKind" if single != "Organisation" => Dimension::OrganisationKind,
                    "Sector" => Dimension::Sector,
                    name if name == format!("{single}Kind") => Dimension::Kind,
                    name if name == format!("{single}Status") => Dimension::Status,
                    _ => continue,
                };
                for term in vocabulary.terms {
                    labels.insert((dimension.as_str(), term.code), term.label.get(language));
                }
            }
        }
        let organisations = OrganisationKind::VOCABULARY;
        for term in organisations.terms {
            let key = (Dimension::OrganisationKind.as_str(), term.code);
            labels.insert(key, term.label.get(language));
        }
        Self(labels)
    }

    fn of(&self, dimension: Dimension, word: &str) -> &str {
        let key = (dimension.as_str(), word);
        self.0.get(&key).copied().unwrap_or_default()
    }
}

/// The groups as a table: slugs and names of documents, words and their labels.
pub(super) fn table(
    dimensions: &[Dimension],
    items: &[Map<String, Value>],
    labels: &Labels,
) -> (Vec<String>, Vec<Vec<FlatCell>>) {
    let mut header = Vec::new();
    for dimension in dimensions {
        let name = dimension.as_str();
        header.push(name.to_owned());
        if dimension.refers() {
            header.push(format!("{name}Name"));
        } else if !matches!(dimension, Dimension::Type | Dimension::StartYear) {
            header.push(format!("{name}Label"));
        }
    }
    header.push("count".into());
    let text = |value: &Value| FlatCell::of_text(value.as_str().unwrap_or_default());
    let row = |item: &Map<String, Value>| {
        let mut row = Vec::new();
        for dimension in dimensions {
            let value = &item[dimension.as_str()];
            if dimension.refers() {
                row.extend([text(&value["slug"]), text(&value["name"])]);
            } else {
                row.push(text(value));
                if !matches!(dimension, Dimension::Type | Dimension::StartYear) {
                    let word = value.as_str().unwrap_or_default();
                    row.push(FlatCell::of_text(labels.of(*dimension, word)));
                }
            }
        }
        row.push(FlatCell::of_number(&item["count"]));
        row
    };
    (header, items.iter().map(row).collect())
}
