//! What the references in a file name: documents of the file before those of the register.

use std::collections::HashMap;

use super::entry::Entry;
use super::keys::{Key, Keys, UNTYPED};
use crate::register::find::{Names, Registered};
use crate::register::refs::Shown;
use crate::register::{Caller, HeadRow, Locator, Result, heads};
use crate::store::AnyConnection;

/// How many answers of the register are kept.
const KEPT: usize = 20_000;

/// The names in a file, and in the register.
pub(super) struct FileNames<'f> {
    keys: &'f Keys,
    entries: &'f [Entry],
    all_or_nothing: bool,
    /// What the register knows. References repeat: most projects of a file name the same few
    /// municipalities.
    known: HashMap<(&'static str, String), Shown>,
    /// The documents of the file that the register has.
    there: HashMap<u32, Shown>,
    /// Documents of the present part that the file does not call by the slug that they got.
    made: HashMap<(&'static str, String), Shown>,
}

impl<'f> FileNames<'f> {
    pub(super) fn new(keys: &'f Keys, entries: &'f [Entry], all_or_nothing: bool) -> Self {
        Self {
            keys,
            entries,
            all_or_nothing,
            known: HashMap::new(),
            there: HashMap::new(),
            made: HashMap::new(),
        }
    }

    /// Notes a document of the file that the register has, as it is there now.
    pub(super) fn note(&mut self, nth: usize, head: &HeadRow) {
        if let Ok(nth) = u32::try_from(nth)
            && self.there.len() < KEPT
        {
            self.there.insert(nth, head.shown());
        }
    }

    /// Begins a part: what was made before can be found in the register.
    pub(super) fn begin_part(&mut self) {
        self.made.clear();
    }

    /// The document of the file that is called so.
    fn in_file(
        &mut self,
        db: &mut AnyConnection,
        type_: &'static str,
        key: &Key,
    ) -> Result<Option<Shown>> {
        let Some(nth) = self.keys.get(type_, key) else {
            return Ok(None);
        };
        let Some(entry) = self.entries.get(nth as usize) else {
            return Ok(None);
        };
        // In an import of all or nothing, what is wrong will be mended: that others refer to it is no
        // fault of theirs.
        let is_certain = entry.is_there && !entry.by_name;
        if entry.failed && !is_certain && !self.all_or_nothing {
            return Ok(None);
        }
        let id = entry.id.unwrap_or_default().to_string();
        if !entry.is_there {
            // It will be there when all are in. It is the caller's own.
            return Ok(Some(Shown::awaited(id, type_)));
        }
        if let Some(shown) = self.there.get(&nth) {
            return Ok(Some(shown.clone()));
        }
        let shown = heads::load_one(db, &id)?.map(|head| head.shown());
        if let Some(shown) = &shown {
            if self.there.len() >= KEPT {
                self.there.clear();
            }
            self.there.insert(nth, shown.clone());
        }
        Ok(shown)
    }
}

impl Names for FileNames<'_> {
    fn named(
        &mut self,
        db: &mut AnyConnection,
        caller: &Caller,
        type_: &'static str,
        given: &str,
    ) -> Result<Option<Shown>> {
        let Some(key) = Key::parse(given) else {
            return Ok(None);
        };
        if let Some(shown) = self.in_file(db, type_, &key)? {
            return Ok(Some(shown));
        }
        let place = (type_, given.to_owned());
        let known = self.made.get(&place).or_else(|| self.known.get(&place));
        if let Some(shown) = known
            && shown
                .access
                .as_ref()
                .is_some_and(|access| caller.may_know(&shown.id, access))
        {
            return Ok(Some(shown.clone()));
        }
        let found = Registered.named(db, caller, type_, given)?;
        if let Some(shown) = &found {
            if self.known.len() >= KEPT {
                self.known.clear();
            }
            self.known.insert(place, shown.clone());
        }
        // What does not say of which type it is may be of this one.
        let awaited = || {
            let nth = self
                .all_or_nothing
                .then(|| self.keys.get(UNTYPED, &key))??;
            let id = self.entries.get(nth as usize)?.id?;
            Some(Shown::awaited(id.to_string(), type_))
        };
        Ok(found.or_else(awaited))
    }

    fn is_kept(&self, type_: &'static str, slug: &str) -> bool {
        let key = Key::Known(Locator::Slug(slug.to_owned()));
        self.keys.get(type_, &key).is_some()
    }

    fn made(&mut self, type_: &'static str, head: &HeadRow) {
        if !self.is_kept(type_, &head.slug) {
            self.made.insert((type_, head.slug.clone()), head.shown());
        }
    }

    fn forget(&mut self) {
        self.known.clear();
        self.there.clear();
    }
}
