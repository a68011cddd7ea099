//! Hits as they are shown: from the database, as the caller may see them now.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::entry;
use super::passages::{Passage, Synonyms, Weight, other_names, passages, references};
use super::warm::{Key, Reader, Value as Kept};
use super::words::highlight::{Sought, Texts};
use super::words::words;
use crate::collections::{Collection, by_type};
use crate::privacy::processing::{Action, Span};
use crate::register::projection::project;
use crate::register::{Caller, HeadRow, Result, heads};
use crate::store::{AnyConnection, Glance, id_number};

/// How many characters of a text are shown around what was found.
const WINDOW: usize = 200;

/// How many texts of a document are shown.
const SHOWN: usize = 4;

/// A document that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SearchHit<'s> {
    /// The collection, as in addresses.
    #[serde(rename = "type")]
    #[schema(examples("projects"))]
    pub(super) type_: &'s str,
    /// The id of the document.
    #[schema(format = "uuid")]
    pub(super) id: &'s str,
    /// Its slug.
    #[schema(examples("onderwijs-jeugdhulparrangementen"))]
    pub(super) slug: &'s str,
    /// Its name.
    #[schema(examples("Onderwijs-Jeugdhulparrangementen"))]
    pub(super) name: &'s str,
    /// What it is, in short.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, examples("Samen komen tot gezamenlijke uitgangspunten."))]
    pub(super) summary: Option<&'s RawValue>,
    /// Where what was asked for stands in it.
    pub(super) highlights: Vec<Highlight<'s>>,
    /// The members in which it stands.
    pub(super) matched_in: Vec<&'s str>,
    /// How its place came about; for administrators who ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(super) explanation: Option<Value>,
}

/// A text of a document with what was found in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Highlight<'s> {
    /// The member in which it stands.
    #[schema(examples("summary"))]
    pub(super) member: &'s str,
    /// The text as HTML: escaped, with `<mark>` around what was found.
    #[schema(examples("Jeugd<mark>hulp</mark> op school"))]
    pub(super) html: String,
}

/// Documents as a caller may see them, by their ids in order; those that are gone or hidden by now
/// are left out. Notes whose data is shown.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn documents(
    db: &mut AnyConnection,
    caller: &Caller,
    ids: &[String],
    span: &Span,
) -> Result<Vec<(&'static str, Map<String, Value>)>> {
    let loaded = load(db, caller, ids)?;
    let people = loaded.iter().filter(|one| one.collection.personal);
    span.note(Action::List, people.map(|one| one.id.as_str()))?;
    let mut documents: HashMap<String, _> = loaded
        .into_iter()
        .map(|one| (one.id, (one.collection.naming.plural, one.document)))
        .collect();
    Ok(ids.iter().filter_map(|id| documents.remove(id)).collect())
}

/// A document as it was read for somebody.
struct Loaded {
    collection: &'static Collection,
    id: String,
    /// As the caller may see it.
    document: Map<String, Value>,
    /// All that it refers to, also where the caller may not see that, and itself.
    depends: BTreeSet<String>,
}

/// Reads documents, in no order.
fn load(db: &mut AnyConnection, caller: &Caller, ids: &[String]) -> Result<Vec<Loaded>> {
    let mut heads = heads::load(db, ids)?;
    heads.retain(|head| caller.may_know(&head.id, &head.access()));
    heads.sort_by(|a, b| a.type_.cmp(&b.type_));
    let mut loaded = Vec::with_capacity(heads.len());
    for heads in heads.chunk_by(|a, b| a.type_ == b.type_) {
        let collection = by_type(&heads[0].type_)?;
        let whole = (collection.snapshots)(db, heads)?;
        let depends: Vec<BTreeSet<String>> = whole.iter().map(references).collect();
        let mut shown: Vec<_> = heads.iter().map(HeadRow::access).zip(whole).collect();
        project(db, caller, &mut shown)?;
        for ((head, (_, document)), mut depends) in heads.iter().zip(shown).zip(depends) {
            depends.insert(head.id.clone());
            loaded.push(Loaded {
                collection,
                id: head.id.clone(),
                document,
                depends,
            });
        }
    }
    Ok(loaded)
}

/// A document as hits show it, with its texts analysed.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) type_: &'static str,
    personal: bool,
    pub(super) id: String,
    pub(super) slug: String,
    pub(super) name: String,
    /// As JSON: most of an answer is summaries.
    summary: Option<Box<RawValue>>,
    /// The other names that it has.
    pub(super) others: Vec<String>,
    /// In which member each text stands.
    members: Vec<String>,
    /// Whether it is a text of the document itself, rather than another name of what it refers to.
    own: Vec<bool>,
    texts: Texts,
}

impl Shown {
    fn new(loaded: &Loaded, synonyms: &Synonyms) -> Self {
        let document = &loaded.document;
        let all = passages(document, synonyms);
        let without: HashSet<Passage> = passages(document, &Synonyms::new()).into_iter().collect();
        let own = all.iter().map(|one| without.contains(one));
        let own: Vec<bool> = own.collect();
        // A person's name is found once, however it is put together.
        let length = |passage: &Passage| {
            if passage.weight == Weight::Text {
                WINDOW
            } else {
                0
            }
        };
        let texts = all.iter().map(|one| (one.text.as_str(), length(one)));
        let texts = Texts::new(texts);
        Self {
            type_: loaded.collection.naming.plural,
            personal: loaded.collection.personal,
            id: loaded.id.clone(),
            slug: text(document, "slug"),
            name: name(document),
            // No text fails to be JSON.
            summary: summary(document).and_then(|text| to_raw_value(&text).ok()),
            others: other_names(document),
            own,
            members: all.into_iter().map(|one| one.member).collect(),
            texts,
        }
    }

    /// About how much memory it takes, in bytes.
    pub(super) fn size(&self) -> usize {
        let own = [&self.id, &self.slug, &self.name].into_iter();
        let all = own.chain(&self.others).chain(&self.members);
        let all = all.map(|text| text.capacity() + size_of::<String>());
        let summary = self.summary.as_ref().map_or(0, |text| text.get().len());
        size_of::<Self>() + self.own.capacity() + all.sum::<usize>() + summary + self.texts.size()
    }

    /// The hit that it is for what was sought.
    pub(super) fn hit(&self, sought: &[Sought; 2]) -> SearchHit<'_> {
        let found = sought.iter().map(|sought| self.found(sought));
        let (highlights, matched_in) = found
            .into_iter()
            .find(|(highlights, _)| !highlights.is_empty())
            .unwrap_or_default();
        SearchHit {
            type_: self.type_,
            id: &self.id,
            slug: &self.slug,
            name: &self.name,
            summary: self.summary.as_deref(),
            highlights,
            matched_in,
            explanation: None,
        }
    }

    fn found(&self, sought: &Sought) -> (Vec<Highlight<'_>>, Vec<&str>) {
        let mut highlights: Vec<Highlight<'_>> = Vec::new();
        let mut members: Vec<&str> = Vec::new();
        for found in self.texts.find(sought) {
            let Some(member) = self.members.get(found.nth) else {
                continue;
            };
            if highlights.len() < SHOWN {
                let html = found.html();
                if !highlights.iter().any(|other| other.html == html) {
                    highlights.push(Highlight { member, html });
                }
            }
            if !members.contains(&member.as_str()) {
                members.push(member);
            }
        }
        (highlights, members)
    }
}

/// Documents as hits show them, by their ids in order; those that are gone or hidden by now are left
/// out. What is known from before is not read again. Notes whose data is shown.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn shown(
    db: &mut Glance<'_>,
    caller: &Caller,
    ids: &[String],
    warm: &Reader<'_>,
    span: (&Span, Action),
) -> Result<Vec<Arc<Shown>>> {
    let keys = ids.iter().map(|id| Key::Hit(id_number(id)));
    let mut found: Vec<Option<Arc<Shown>>> = Vec::with_capacity(ids.len());
    for kept in warm.get(keys) {
        found.push(match kept {
            Some(Kept::Hit(shown)) => Some(shown),
            _ => None,
        });
    }
    let missing = ids.iter().zip(&found).filter(|(_, found)| found.is_none());
    let missing: Vec<String> = missing.map(|(id, _)| id.clone()).collect();
    if !missing.is_empty() {
        let db = db.more()?;
        let loaded = load(db, caller, &missing)?;
        let synonyms = entry::synonyms(db, loaded.iter().map(|one| &one.document))?;
        let mut read = HashMap::new();
        for one in &loaded {
            let shown = Arc::new(Shown::new(one, &synonyms));
            let depends = one.depends.iter().map(|id| id_number(id)).collect();
            let key = Key::Hit(id_number(&one.id));
            warm.put(key, Kept::Hit(Arc::clone(&shown)), depends);
            read.insert(one.id.as_str(), shown);
        }
        for (id, found) in ids.iter().zip(&mut found) {
            if found.is_none() {
                *found = read.remove(id.as_str());
            }
        }
    }
    let found: Vec<Arc<Shown>> = found.into_iter().flatten().collect();
    let (span, action) = span;
    span.note(action, people(&found))?;
    Ok(found)
}

/// The ids of the people among hits.
pub(super) fn people(shown: &[Arc<Shown>]) -> impl Iterator<Item = &str> {
    let people = shown.iter().filter(|one| one.personal);
    people.map(|one| one.id.as_str())
}

/// How words that were looked for instead of others are spelt in these documents: the index knows
/// only their stems.
pub(super) fn spelt(
    documents: &[Arc<Shown>],
    corrections: &[(String, Vec<String>)],
) -> BTreeMap<String, String> {
    let mut spellings = BTreeMap::new();
    for stem in corrections.iter().flat_map(|(_, stems)| stems) {
        let own = |one: &Shown, nth: usize| one.own.get(nth) == Some(&true);
        let mut spelt = documents
            .iter()
            .filter_map(|one| one.texts.spelling(stem, |nth| own(one, nth)));
        let word = spelt.next().and_then(|text| {
            let mut words = words(text).into_iter();
            words.find(|word| word.stem == *stem)
        });
        if let Some(word) = word {
            spellings.insert(stem.clone(), word.folded);
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
