//! Asking for the names of many documents at once, where an import would ask for each.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::caller::Caller;
use super::error::Result;
use super::find::{Found, find};
use super::heads::{self, HeadRow};
use super::locator::Locator;
use crate::store::AnyConnection;
use crate::store::schema::{
    document_identifiers, documents, former_slugs, tombstone_aliases, tombstones,
};

/// What names of one type lead to, as it was when they were asked for.
#[derive(Default)]
pub(crate) struct Ahead {
    live: HashMap<Locator, HeadRow>,
    /// What led to a document once, or leads to what is left of one.
    former: HashSet<Locator>,
    /// Ids of documents of another type, or of what is left of those.
    of_others: HashSet<Locator>,
}

impl Ahead {
    /// Asks for some names; a thousand or so.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub(crate) fn ask(
        db: &mut AnyConnection,
        type_: &str,
        locators: impl IntoIterator<Item = Locator>,
    ) -> Result<Self> {
        let (mut ids, mut slugs, mut aliases) = (Vec::new(), Vec::new(), HashMap::new());
        let mut codes: HashMap<String, Vec<String>> = HashMap::new();
        for locator in locators {
            if let Some(alias) = locator.alias() {
                aliases.insert(alias, locator.clone());
            }
            match locator {
                Locator::Id(id) => ids.push(id),
                Locator::Slug(slug) => slugs.push(slug),
                Locator::Identifier { scheme, value } => {
                    codes.entry(scheme).or_default().push(value);
                }
            }
        }
        let mut ahead = Self::default();
        ahead.ask_ids(db, type_, &ids)?;
        ahead.ask_slugs(db, type_, &slugs)?;
        for (scheme, values) in codes {
            let rows: Vec<(String, String)> = document_identifiers::table
                .filter(document_identifiers::type_.eq(type_))
                .filter(document_identifiers::scheme.eq(&scheme))
                .filter(document_identifiers::value.eq_any(values))
                .select((document_identifiers::value, document_identifiers::owner_id))
                .load(db)?;
            // Not joined: PostgreSQL may go through all documents for that.
            let ids: Vec<String> = rows.iter().map(|(_, id)| id.clone()).collect();
            let heads = heads::by_id(db, &ids)?;
            for (value, id) in rows {
                if let Some(head) = heads.get(&id) {
                    let scheme = scheme.clone();
                    let locator = Locator::Identifier { scheme, value };
                    ahead.live.insert(locator, head.clone());
                }
            }
        }
        if !aliases.is_empty() {
            let left: Vec<String> = tombstone_aliases::table
                .filter(tombstone_aliases::type_.eq(type_))
                .filter(tombstone_aliases::alias.eq_any(aliases.keys()))
                .select(tombstone_aliases::alias)
                .load(db)?;
            let left = left.iter().filter_map(|alias| aliases.get(alias));
            ahead.former.extend(left.cloned());
        }
        Ok(ahead)
    }

    fn ask_ids(&mut self, db: &mut AnyConnection, type_: &str, ids: &[String]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        for head in heads::load(db, ids)? {
            let id = Locator::Id(head.id.clone());
            if head.type_ == type_ {
                self.live.insert(id, head);
            } else {
                self.of_others.insert(id);
            }
        }
        let ended: Vec<(String, String)> = tombstones::table
            .filter(tombstones::id.eq_any(ids))
            .select((tombstones::id, tombstones::type_))
            .load(db)?;
        for (id, of) in ended {
            let id = Locator::Id(id);
            if of != type_ {
                self.of_others.insert(id.clone());
            }
            self.former.insert(id);
        }
        Ok(())
    }

    fn ask_slugs(&mut self, db: &mut AnyConnection, type_: &str, slugs: &[String]) -> Result<()> {
        if slugs.is_empty() {
            return Ok(());
        }
        let heads: Vec<HeadRow> = documents::table
            .filter(
                documents::type_
                    .eq(type_)
                    .and(documents::slug.eq_any(slugs)),
            )
            .select(HeadRow::as_select())
            .load(db)?;
        let heads = heads.into_iter();
        self.live
            .extend(heads.map(|head| (Locator::Slug(head.slug.clone()), head)));
        let former: Vec<String> = former_slugs::table
            .filter(
                former_slugs::type_
                    .eq(type_)
                    .and(former_slugs::slug.eq_any(slugs)),
            )
            .select(former_slugs::slug)
            .load(db)?;
        self.former.extend(former.into_iter().map(Locator::Slug));
        Ok(())
    }

    /// Finds what one of the names leads to, as [`find`] does.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub(crate) fn find(
        &self,
        db: &mut AnyConnection,
        caller: &Caller,
        type_: &str,
        locator: &Locator,
    ) -> Result<Option<Found>> {
        match self.live.get(locator) {
            Some(head) if caller.may_know(&head.id, &head.access()) => {
                Ok(Some(Found::Live(head.clone())))
            }
            None if !self.former.contains(locator) => Ok(None),
            // Few lead to what is hidden or no longer so, and where they lead takes more to tell.
            _ => find(db, caller, type_, locator),
        }
    }

    /// Whether an id is that of a document of another type, or was.
    pub(crate) fn is_of_another(&self, id: &Locator) -> bool {
        self.of_others.contains(id)
    }

    /// Whether nothing has the name, or had it.
    pub(crate) fn is_free(&self, locator: &Locator) -> bool {
        !self.live.contains_key(locator)
            && !self.former.contains(locator)
            && !self.is_of_another(locator)
    }
}

/// Names of one type that were free when they were asked for, or were taken since by who holds this.
/// Whoever takes one of them need not ask. What takes a name may still wait to be written.
#[derive(Default)]
pub(crate) struct Free(HashMap<Locator, bool>);

impl Free {
    /// Those of some names that are free, with others that are known to be.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub(super) fn among(
        db: &mut AnyConnection,
        type_: &str,
        locators: HashSet<Locator>,
        mut known: HashSet<Locator>,
    ) -> Result<Self> {
        let ahead = Ahead::ask(db, type_, locators.iter().cloned())?;
        known.extend(locators.into_iter().filter(|name| ahead.is_free(name)));
        Ok(Self(known.into_iter().map(|name| (name, true)).collect()))
    }

    /// Whether somebody else has a name; `ask` tells that of one that was not asked for before. If not,
    /// it is the caller's from now on.
    ///
    /// # Errors
    /// As `ask` does.
    pub(super) fn is_taken(
        &mut self,
        name: Locator,
        ask: impl FnOnce() -> Result<bool>,
    ) -> Result<bool> {
        if let Some(free) = self.0.get_mut(&name) {
            return Ok(!std::mem::replace(free, false));
        }
        let taken = ask()?;
        if !taken {
            self.0.insert(name, false);
        }
        Ok(taken)
    }
}
