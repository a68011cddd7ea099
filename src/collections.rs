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
use crate::register::dimension::Dimension;
use crate::register::{
    Caller, Document, Error, HeadRow, Identifier, Naming, Result, Vocabulary, merge, save,
};
use crate::stats::{self, Counted};
use crate::store::{AnyConnection, Write};
use crate::themes::Theme;

type Snapshots = fn(&mut AnyConnection, &[HeadRow]) -> Result<Vec<Map<String, Value>>>;
type Count = fn(&mut AnyConnection, &Caller, Map<String, Value>, &[Dimension]) -> Result<Counted>;

/// What can be done with a document whose type is not known at compile time.
pub struct Collection {
    /// What it is called.
    pub naming: Naming,
    /// Whole documents as JSON.
    pub snapshots: Snapshots,
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
