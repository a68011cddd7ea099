//! The collections of the register: one line each.
//!
//! Where a document of a type that is only known at run time must be read or changed (the
//! documents that refer to a renamed one, a line of the change log), this list says how.

use serde_json::{Map, Value};

use crate::api::schemas::{Components, add_document};
use crate::organisations::Organisation;
use crate::regions::Region;
use crate::register::{
    Document, Error, HeadRow, Identifier, Naming, Result, Vocabulary, merge, save,
};
use crate::store::{AnyConnection, Write};

/// What can be done with a document whose type is not known at compile time.
pub struct Collection {
    /// What it is called.
    pub naming: Naming,
    /// The whole document as JSON.
    pub snapshot: fn(&mut AnyConnection, &HeadRow) -> Result<Map<String, Value>>,
    /// Makes it refer to another document; see [`merge::rewrite`].
    pub rewrite: fn(&mut Write<'_>, &HeadRow, &str, &str, &[Identifier]) -> Result<()>,
    /// Adds its schemas to the API document.
    pub add_schemas: fn(&mut Components),
    /// The enumerations of its fields.
    pub vocabularies: fn() -> Vec<Vocabulary>,
}

/// All collections, in the order in which the documentation shows them.
pub static ALL: [Collection; 2] = [Collection::of::<Region>(), Collection::of::<Organisation>()];

impl Collection {
    const fn of<T: Document>() -> Self {
        Self {
            naming: T::NAMING,
            snapshot: save::snapshot::<T>,
            rewrite: merge::rewrite::<T>,
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
