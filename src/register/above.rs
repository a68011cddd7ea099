//! What documents are parts of: none may be a part of itself, not by way of others either.

use std::collections::{HashMap, HashSet};

use super::document::Document;
use super::error::Result;
use super::fault::{Fault, Issue, Issues};
use crate::store::AnyConnection;

/// A document that another names as one that it belongs to, or beside it.
pub struct Upward {
    /// Where the other names it, as a JSON pointer.
    pub place: String,
    /// Its id.
    pub id: String,
    /// Whether the other is a part of it, and so of all that it is a part of.
    pub has_it: bool,
}

/// What documents are directly parts of, as far as that was asked for.
#[derive(Default)]
pub(super) struct Above(HashMap<String, Vec<String>>);

impl Above {
    /// Asks for several documents of a collection together.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub(super) fn load<T: Document>(
        &mut self,
        db: &mut AnyConnection,
        ids: &[String],
    ) -> Result<()> {
        for ids in ids.chunks(500) {
            for id in ids {
                self.0.insert(id.clone(), Vec::new());
            }
            for (part, whole) in T::above(db, ids)? {
                self.0.entry(part).or_default().push(whole);
            }
        }
        Ok(())
    }

    /// Finds where a document says that it is a part of itself.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub(super) fn find_cycles<T: Document>(
        &mut self,
        db: &mut AnyConnection,
        content: &T,
        id: &str,
        issues: &mut Issues,
    ) -> Result<()> {
        for whole in content.upwards() {
            let is_itself = if whole.has_it {
                self.leads::<T>(db, &whole.id, id)?
            } else {
                whole.id == id
            };
            if is_itself {
                issues.0.push(Issue::body(whole.place, Fault::Cycle));
            }
        }
        Ok(())
    }

    /// Whether a document is another, or a part of it by way of others.
    fn leads<T: Document>(&mut self, db: &mut AnyConnection, from: &str, to: &str) -> Result<bool> {
        if from == to {
            return Ok(true);
        }
        let mut seen = HashSet::from([from.to_owned()]);
        let mut next = vec![from.to_owned()];
        while let Some(id) = next.pop() {
            if !self.0.contains_key(&id) {
                self.load::<T>(db, std::slice::from_ref(&id))?;
            }
            for whole in self.0.get(&id).into_iter().flatten() {
                if whole == to {
                    return Ok(true);
                }
                if !seen.contains(whole) {
                    seen.insert(whole.clone());
                    next.push(whole.clone());
                }
            }
        }
        Ok(false)
    }
}
