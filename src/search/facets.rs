//! Facets as they are shown.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::values::{Counts, Facet};
use super::warm::{Head, Key, Reader, Value as Kept};
use crate::register::{Caller, Result, heads};
use crate::store::{AnyConnection, Glance, id_number};

/// A value of a facet: how many of the hits have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct FacetValue<'f> {
    /// What the filter of that name takes: a word, the year in which it began, or the slug of a document.
    #[schema(examples("noord-veluwe"))]
    pub(super) value: &'f str,
    /// The name of the document, where the value is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("Noord Veluwe"))]
    pub(super) name: Option<&'f str>,
    /// How many documents have it.
    #[schema(minimum = 1, examples(3))]
    pub(super) count: u64,
}

/// Facets by their words, in the order in which they were asked for.
#[derive(Clone, Debug)]
pub(super) struct Facets(Vec<(&'static str, Vec<Counted>)>);

/// A value that was counted.
#[derive(Clone, Debug)]
struct Counted {
    what: What,
    count: u64,
}

#[derive(Clone, Debug)]
enum What {
    Word(Arc<str>),
    Document(Arc<Head>),
}

impl Counted {
    fn shown(&self) -> FacetValue<'_> {
        let (value, name) = match &self.what {
            What::Word(word) => (&**word, None),
            What::Document(head) => (head.slug.as_str(), Some(head.name.as_str())),
        };
        FacetValue {
            value,
            name,
            count: self.count,
        }
    }
}

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.shown().serialize(serializer)
    }
}

impl Serialize for Facets {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(word, values)| (word, values)))
    }
}

/// The counts of some facets, the highest first.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn shown(
    db: &mut Glance<'_>,
    caller: &Caller,
    facets: &[Facet],
    counted: &BTreeMap<Facet, Counts>,
    warm: &Reader<'_>,
) -> Result<Facets> {
    let mut all: Vec<(&'static str, Vec<Counted>)> = Vec::with_capacity(facets.len());
    for facet in facets {
        if all.iter().any(|(word, _)| *word == facet.word()) {
            continue;
        }
        let none = Counts::new();
        let counts = counted.get(facet).unwrap_or(&none);
        let mut values = if facet.refers() {
            named(db, caller, counts, warm)?
        } else {
            let words = counts.iter().map(|(word, count)| Counted {
                what: What::Word(Arc::clone(word)),
                count: *count,
            });
            words.collect()
        };
        values.sort_unstable_by(|a, b| {
            let by_name = || {
                let (a, b) = (a.shown(), b.shown());
                (a.name, a.value).cmp(&(b.name, b.value))
            };
            b.count.cmp(&a.count).then_with(by_name)
        });
        all.push((facet.word(), values));
    }
    Ok(Facets(all))
}

/// The documents behind ids. One that is hidden by now, or gone, is not counted by.
fn named(
    db: &mut Glance<'_>,
    caller: &Caller,
    counts: &Counts,
    warm: &Reader<'_>,
) -> Result<Vec<Counted>> {
    let keys = counts.iter().map(|(id, _)| Key::Head(id_number(id)));
    let kept = warm.get(keys);
    let ids = counts.iter().map(|(id, _)| id);
    let missing = ids.zip(&kept).filter(|(_, kept)| kept.is_none());
    let missing: Vec<String> = missing.map(|(id, _)| id.to_string()).collect();
    let mut read: HashMap<&str, Arc<Head>> = HashMap::new();
    if !missing.is_empty() {
        let db = db.more()?;
        for ids in missing.chunks(1_000) {
            read.extend(heads_of(db, caller, ids, warm)?);
        }
    }
    let values = counts.iter().zip(kept).filter_map(|((id, count), kept)| {
        let head = match kept {
            Some(Kept::Head(head)) => head?,
            _ => Arc::clone(read.get(&**id)?),
        };
        Some(Counted {
            what: What::Document(head),
            count: *count,
        })
    });
    Ok(values.collect())
}

/// The heads of documents that the caller may know of, by their ids.
fn heads_of<'i>(
    db: &mut AnyConnection,
    caller: &Caller,
    ids: &'i [String],
    warm: &Reader<'_>,
) -> Result<Vec<(&'i str, Arc<Head>)>> {
    let mut heads = HashMap::new();
    for head in heads::load(db, ids)? {
        if caller.may_know(&head.id, &head.access()) {
            let (slug, name) = (head.slug, head.name);
            heads.insert(head.id, Arc::new(Head { slug, name }));
        }
    }
    let mut read = Vec::with_capacity(ids.len());
    for id in ids {
        let head = heads.remove(id);
        let number = id_number(id);
        warm.put(Key::Head(number), Kept::Head(head.clone()), [number].into());
        read.extend(head.map(|head| (id.as_str(), head)));
    }
    Ok(read)
}
