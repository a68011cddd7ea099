//! The collections of the register: one line each.
//!
//! Where a document of a type that is only known at run time must be read or changed (the
//! documents that refer to a renamed one, a line of the change log), this list says how.

use serde_json::{Map, Value};
use utoipa::IntoParams;
use utoipa::openapi::path::Parameter;

use crate::api::schemas::{Components, add_document};
use crate::organisations::Organisation;
use crate::people::Person;
use crate::projects::Project;
use crate::regions::Region;
use crate::register::bring::Import;
use crate::register::dimension::Dimension;
use crate::register::filter::Words;
use crate::register::{
    Caller, Document, Error, Fault, HeadRow, Identifier, Issue, Naming, Result, Vocabulary, merge,
    read, save,
};
use crate::search;
use crate::stats::{self, Counted};
use crate::store::{AnyConnection, Write};
use crate::themes::Theme;

type Snapshots = fn(&mut AnyConnection, &[HeadRow]) -> Result<Vec<Map<String, Value>>>;
type Texts = fn(&mut AnyConnection, &[HeadRow]) -> Result<Vec<String>>;
type Show = fn(&mut AnyConnection, &Caller, &[HeadRow]) -> Result<Vec<Map<String, Value>>>;
type OtherNames = fn(&mut AnyConnection, &[String]) -> Result<Vec<(String, Vec<String>)>>;
type Select = fn(&mut AnyConnection, &Caller, Map<String, Value>) -> Result<Vec<String>>;
type Values =
    fn(&mut AnyConnection, &Caller, Dimension, &[String]) -> Result<Vec<(String, String)>>;
type Count = fn(&mut AnyConnection, &Caller, Map<String, Value>, &[Dimension]) -> Result<Counted>;

/// What can be done with a document whose type is not known at compile time.
pub struct Collection {
    /// What it is called.
    pub naming: Naming,
    /// Whole documents as JSON.
    pub snapshots: Snapshots,
    /// The same as text.
    pub texts: Texts,
    /// Documents as a caller may see them, in the order of their heads.
    pub show: Show,
    /// The other names of documents, by id; see [`Document::other_names`].
    pub other_names: OtherNames,
    /// The ids of the documents that filters leave and a caller may know of.
    pub select: Select,
    /// The values of some documents in a dimension, as pairs; see [`Document::dimension`].
    pub values: Values,
    /// What an import does with its documents.
    pub import: Import,
    /// Makes it refer to another document; see [`merge::rewrite`].
    pub rewrite: fn(&mut Write<'_>, &HeadRow, &str, &str, &[Identifier]) -> Result<()>,
    /// Whether its documents are about people.
    pub personal: bool,
    /// Counts its documents in groups.
    pub count: Count,
    /// The filters of its list, as parameters.
    pub filters: fn() -> Vec<Parameter>,
    /// Adds its schemas to the API document.
    pub add_schemas: fn(&mut Components),
    /// The enumerations of its fields.
    pub vocabularies: fn() -> Vec<Vocabulary>,
}

/// All collections, in the order in which the documentation shows them.
pub static ALL: [Collection; 5] = [
    Collection::of::<Region>(),
    Collection::of::<Organisation>(),
    Collection::of::<Person>(),
    Collection::of::<Project>(),
    Collection::of::<Theme>(),
];

impl Collection {
    const fn of<T: Document>() -> Self {
        Self {
            naming: T::NAMING,
            snapshots: save::snapshots::<T>,
            texts: save::texts::<T>,
            show: read::show::<T>,
            other_names: T::other_names,
            select: search::select::<T>,
            values: search::values::<T>,
            import: Import::of::<T>(),
            rewrite: merge::rewrite::<T>,
            personal: T::STUB.is_some(),
            count: stats::count::<T>,
            filters: || T::Filters::into_params(|| None),
            add_schemas: add_document::<T>,
            vocabularies: T::vocabularies,
        }
    }
}

/// The collection of a type.
///
/// # Errors
/// When the database holds a type that this version does not know.
pub fn by_type(type_: &str) -> Result<&'static Collection> {
    ALL.iter()
        .find(|collection| collection.naming.type_ == type_)
        .ok_or_else(|| Error::Internal(format!("unknown type of document '{type_}'")))
}

/// The words of all collections in addresses.
pub fn plurals() -> Vec<String> {
    let naming = ALL.iter().map(|one| one.naming);
    naming.map(|naming| naming.plural.to_owned()).collect()
}

/// The collections that are named, by their words in addresses; all when none is.
///
/// # Errors
/// A fault at `type` when there is no such collection.
pub fn named(given: Option<&Words>) -> std::result::Result<Vec<&'static Collection>, Issue> {
    let Some(words) = given else {
        return Ok(ALL.iter().collect());
    };
    let find = |word: &String| {
        let one = ALL.iter().find(|one| one.naming.plural == word);
        one.ok_or_else(|| Issue::query("type", Fault::UnknownValue { allowed: plurals() }))
    };
    let mut all: Vec<&'static Collection> = Vec::new();
    for one in words.iter().map(find) {
        let one = one?;
        // A collection that is named twice still counts once.
        if all
            .iter()
            .all(|other| other.naming.type_ != one.naming.type_)
        {
            all.push(one);
        }
    }
    Ok(all)
}
