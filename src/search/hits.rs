//! Hits as they are shown: from the database, as the caller may see them now.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::entry;
use super::passages::{Passage, Synonyms, Weight, passages};
use super::words::highlight::{Sought, highlight};
use super::words::words;
use crate::collections::by_type;
use crate::privacy::processing::{Action, Span};
use crate::register::{Caller, Result, heads};
use crate::store::AnyConnection;

/// How many characters of a text are shown around what was found.
const WINDOW: usize = 200;

/// How many texts of a document are shown.
const SHOWN: usize = 4;

/// A document that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SearchHit {
    /// The collection, as in addresses.
    #[serde(rename = "type")]
    #[schema(examples("projects"))]
    pub(super) type_: String,
    /// The id of the document.
    #[schema(format = "uuid")]
    pub(super) id: String,
    /// Its slug.
    #[schema(examples("onderwijs-jeugdhulparrangementen"))]
    pub(super) slug: String,
    /// Its name.
    #[schema(examples("Onderwijs-Jeugdhulparrangementen"))]
    pub(super) name: String,
    /// What it is, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("Samen komen tot gezamenlijke uitgangspunten."))]
    pub(super) summary: Option<String>,
    /// Where what was asked for stands in it.
    pub(super) highlights: Vec<Highlight>,
    /// The members in which it stands.
    pub(super) matched_in: Vec<String>,
    /// How its place came about; for administrators who ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(super) explanation: Option<Value>,
}

/// A text of a document with what was found in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Highlight {
    /// The member in which it stands.
    #[schema(examples("summary"))]
    pub(super) member: String,
    /// The text as HTML: escaped, with `<mark>` around what was found.
    #[schema(examples("Jeugd<mark>hulp</mark> op school"))]
    pub(super) html: String,
}

/// Documents as a caller may see them, by their ids in order; those that are gone or hidden by now
/// are left out. Notes whose data is shown.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn shown(
    db: &mut AnyConnection,
    caller: &Caller,
    ids: &[String],
    span: &Span,
) -> Result<Vec<(&'static str, Map<String, Value>)>> {
    let mut heads = heads::load(db, ids)?;
    heads.retain(|head| caller.may_know(&head.id, &head.access()));
    heads.sort_by(|a, b| a.type_.cmp(&b.type_));
    let mut documents = HashMap::new();
    for heads in heads.chunk_by(|a, b| a.type_ == b.type_) {
        let collection = by_type(&heads[0].type_)?;
        if collection.personal {
            span.note(Action::List, heads.iter().map(|head| head.id.as_str()))?;
        }
        let shown = (collection.show)(db, caller, heads)?;
        for (head, document) in heads.iter().zip(shown) {
            documents.insert(head.id.clone(), (collection.naming.plural, document));
        }
    }
    Ok(ids.iter().filter_map(|id| documents.remove(id)).collect())
}

/// The hits of a page.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn hits(
    db: &mut AnyConnection,
    documents: Vec<(&'static str, Map<String, Value>)>,
    sought: &[Sought; 2],
) -> Result<Vec<SearchHit>> {
    let (types, documents): (Vec<_>, Vec<_>) = documents.into_iter().unzip();
    let synonyms = entry::synonyms(db, &documents)?;
    let hits = types.into_iter().zip(&documents);
    Ok(hits
        .map(|(type_, document)| {
            let passages = passages(document, &synonyms);
            let found = sought.iter().map(|sought| found_in(&passages, sought));
            let (highlights, matched_in) = found
                .into_iter()
                .find(|(highlights, _)| !highlights.is_empty())
                .unwrap_or_default();
            SearchHit {
                type_: type_.to_owned(),
                id: text(document, "id"),
                slug: text(document, "slug"),
                name: name(document),
                summary: summary(document),
                highlights,
                matched_in,
                explanation: None,
            }
        })
        .collect())
}

fn found_in(passages: &[Passage], sought: &Sought) -> (Vec<Highlight>, Vec<String>) {
    let mut highlights = Vec::new();
    let mut members: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for passage in passages {
        // A person's name is found once, however it is put together.
        let length = if passage.weight == Weight::Text {
            WINDOW
        } else {
            0
        };
        let Some(html) = highlight(&passage.text, sought, length) else {
            continue;
        };
        if highlights.len() < SHOWN && seen.insert(html.clone()) {
            highlights.push(Highlight {
                member: passage.member.clone(),
                html,
            });
        }
        if !members.contains(&passage.member) {
            members.push(passage.member.clone());
        }
    }
    (highlights, members)
}

/// How words that were looked for instead of others are spelt in these documents: the index knows
/// only their stems.
pub(super) fn spelt(
    documents: &[(&'static str, Map<String, Value>)],
    corrections: &[(String, Vec<String>)],
) -> BTreeMap<String, String> {
    let mut spellings = BTreeMap::new();
    if corrections.is_empty() {
        return spellings;
    }
    let stems: BTreeSet<&String> = corrections.iter().flat_map(|(_, stems)| stems).collect();
    for (_, document) in documents {
        for passage in passages(document, &Synonyms::new()) {
            for word in words(&passage.text) {
                if stems.contains(&word.stem) {
                    spellings.entry(word.stem).or_insert(word.folded);
                }
            }
        }
    }
    spellings
}

pub(super) fn text(document: &Map<String, Value>, member: &str) -> String {
    let value = document.get(member).and_then(Value::as_str);
    value.unwrap_or_default().to_owned()
}

/// The name under which a document is shown, whatever its collection calls that.
pub(super) fn name(document: &Map<String, Value>) -> String {
    ["displayName", "name", "label"]
        .iter()
        .find_map(|member| document.get(*member)?.as_str())
        .unwrap_or_default()
        .to_owned()
}

pub(super) fn summary(document: &Map<String, Value>) -> Option<String> {
    ["summary", "definition"]
        .iter()
        .find_map(|member| document.get(*member)?.as_str())
        .map(str::to_owned)
}
