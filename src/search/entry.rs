//! A document as the index knows it, made from the database.
//!
//! Who may see what of a document is decided here, once, by the same functions that show it: the
//! index holds up to three *layers* of it, and a search looks at those that the caller may see.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};

use super::passages::{Passage, Synonyms, passages, references};
use crate::api::list::selection;
use crate::collections::{ALL, Collection, by_type};
use crate::register::dimension::Dimension;
use crate::register::projection::project;
use crate::register::{
    Caller, Document, Enumeration, HeadRow, KeyHolder, Result, Role, Visibility, heads,
};
use crate::store::AnyConnection;

/// As whom a document is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Layer {
    /// As everyone sees it.
    Public,
    /// As an editor of its steward sees it.
    Steward,
    /// As those see it from whom nothing is hidden.
    All,
}

impl Layer {
    /// From the narrowest to the widest.
    pub(super) const EACH: [Self; 3] = [Self::Public, Self::Steward, Self::All];
}

/// A document as somebody sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Seen {
    /// Its texts.
    pub(super) passages: Vec<Passage>,
    /// The ids of the documents to which it refers.
    pub(super) references: BTreeSet<String>,
    /// The ids of its regions, as in the filter `region`.
    pub(super) regions: BTreeSet<String>,
    /// The ids of its themes and all above them, as in the filter `theme`.
    pub(super) themes: BTreeSet<String>,
}

/// A document for the index.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its head.
    pub(super) head: HeadRow,
    /// Its status, where its collection has one.
    pub(super) status: Vec<String>,
    /// The year in which it begins.
    pub(super) years: Vec<String>,
    /// What is seen of it in each layer. A wider layer is there only where it shows more than the
    /// narrower ones; a narrower one is absent where it shows nothing.
    pub(super) layers: BTreeMap<Layer, Seen>,
    /// The ids of all documents that this depends on, in any layer.
    pub(super) depends: BTreeSet<String>,
}

impl Entry {
    /// A hash of all that goes into the index, to compare two indexes by.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let head = &self.head;
        (
            &head.id,
            &head.type_,
            &head.kind,
            &head.visibility,
            &head.steward_id,
        )
            .hash(&mut hasher);
        (&head.name_key, &head.start_key).hash(&mut hasher);
        (head.created_at.micros(), head.updated_at.micros()).hash(&mut hasher);
        (&self.status, &self.years, &self.layers, &self.depends).hash(&mut hasher);
        hasher.finish()
    }
}

/// How many documents are read at once.
pub(super) const CHUNK: usize = 500;

/// The entries of documents; what is gone has none.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn load(db: &mut AnyConnection, ids: &[String]) -> Result<Vec<Entry>> {
    let mut entries = Vec::with_capacity(ids.len());
    for ids in ids.chunks(CHUNK) {
        let mut heads = heads::load(db, ids)?;
        heads.sort_by(|a, b| (&a.type_, &a.id).cmp(&(&b.type_, &b.id)));
        for heads in heads.chunk_by(|a, b| a.type_ == b.type_) {
            entries.extend(of_collection(db, by_type(&heads[0].type_)?, heads)?);
        }
    }
    Ok(entries)
}

fn of_collection(
    db: &mut AnyConnection,
    collection: &'static Collection,
    heads: &[HeadRow],
) -> Result<Vec<Entry>> {
    let ids: Vec<String> = heads.iter().map(|head| head.id.clone()).collect();
    let documents = (collection.snapshots)(db, heads)?;
    let synonyms = synonyms(db, &documents)?;
    let all = Caller::command_line();
    let mut own = |dimension| by_id((collection.values)(db, &all, dimension, &ids));
    let (mut status, mut years) = (own(Dimension::Status)?, own(Dimension::StartYear)?);
    let mut entries: Vec<Entry> = heads
        .iter()
        .map(|head| Entry {
            head: head.clone(),
            status: status
                .remove(&head.id)
                .unwrap_or_default()
                .into_iter()
                .collect(),
            years: years
                .remove(&head.id)
                .unwrap_or_default()
                .into_iter()
                .collect(),
            layers: BTreeMap::new(),
            depends: BTreeSet::new(),
        })
        .collect();
    for (layer, caller, members) in groups(heads) {
        let mut shown: Vec<_> = members
            .iter()
            .map(|nth| (heads[*nth].access(), documents[*nth].clone()))
            .collect();
        project(db, &caller, &mut shown)?;
        let ids: Vec<String> = members.iter().map(|nth| heads[*nth].id.clone()).collect();
        let mut regions = by_id((collection.values)(db, &caller, Dimension::Region, &ids))?;
        let mut themes = by_id((collection.values)(db, &caller, Dimension::Theme, &ids))?;
        for ((nth, id), (_, document)) in members.iter().zip(&ids).zip(&shown) {
            let seen = Seen {
                passages: passages(document, &synonyms),
                references: references(document),
                regions: regions.remove(id).unwrap_or_default(),
                themes: themes.remove(id).unwrap_or_default(),
            };
            add_layer(&mut entries[*nth], layer, seen);
        }
    }
    Ok(entries)
}

/// The values of some documents of a collection in a dimension, as pairs of an id and a value.
///
/// # Errors
/// When the database cannot be asked.
pub(crate) fn values<T: Document>(
    db: &mut AnyConnection,
    caller: &Caller,
    dimension: Dimension,
    ids: &[String],
) -> Result<Vec<(String, String)>> {
    if !T::DIMENSIONS.contains(&dimension) {
        return Ok(Vec::new());
    }
    let unfiltered = selection::<T>(Map::new())?.filters;
    T::dimension(dimension, &unfiltered, Some(ids), db, caller)
}

/// The layers go in from the narrowest to the widest; one that shows no more than the public one is
/// left out.
fn add_layer(entry: &mut Entry, layer: Layer, seen: Seen) {
    entry.depends.extend(seen.references.iter().cloned());
    entry.depends.extend(seen.regions.iter().cloned());
    entry.depends.extend(seen.themes.iter().cloned());
    if entry.layers.get(&Layer::Public) != Some(&seen) {
        entry.layers.insert(layer, seen);
    }
}

/// As whom which documents are looked at: by their places in `heads`.
fn groups(heads: &[HeadRow]) -> Vec<(Layer, Caller, Vec<usize>)> {
    let mut by_steward: BTreeMap<&String, Vec<usize>> = BTreeMap::new();
    let mut public = Vec::new();
    for (nth, head) in heads.iter().enumerate() {
        if head.visibility == Visibility::Public.as_str() {
            public.push(nth);
        }
        if let Some(steward) = &head.steward_id {
            by_steward.entry(steward).or_default().push(nth);
        }
    }
    let mut groups = vec![(Layer::Public, Caller::default(), public)];
    for (steward, members) in by_steward {
        groups.push((Layer::Steward, editor_of(steward), members));
    }
    groups.push((
        Layer::All,
        Caller::command_line(),
        (0..heads.len()).collect(),
    ));
    groups.retain(|(.., members)| !members.is_empty());
    groups
}

/// An editor of an organisation, whoever that may be.
fn editor_of(steward: &str) -> Caller {
    Caller(Some(KeyHolder {
        id: String::new(),
        name: String::new(),
        role: Role::Editor,
        steward: Some(steward.to_owned()),
    }))
}

fn by_id(pairs: Result<Vec<(String, String)>>) -> Result<HashMap<String, BTreeSet<String>>> {
    let mut values: HashMap<String, BTreeSet<String>> = HashMap::new();
    for (id, value) in pairs? {
        values.entry(id).or_default().insert(value);
    }
    Ok(values)
}

/// The other names of all documents to which these refer.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn synonyms<'d>(
    db: &mut AnyConnection,
    documents: impl IntoIterator<Item = &'d Map<String, Value>>,
) -> Result<Synonyms> {
    let ids: BTreeSet<String> = documents.into_iter().flat_map(references).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let mut synonyms = Synonyms::new();
    for ids in ids.chunks(CHUNK) {
        // An id is of one collection; to ask all is cheaper than to find out which.
        for collection in &ALL {
            let others = (collection.other_names)(db, ids)?;
            synonyms.extend(others.into_iter().filter(|(_, names)| !names.is_empty()));
        }
    }
    Ok(synonyms)
}
