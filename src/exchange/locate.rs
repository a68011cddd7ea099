//! Which documents of a file the register has already.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::given::{Given, Match};
use super::keys::Key;
use super::line::Refusal;
use crate::collections::Collection;
use crate::register::ahead::Ahead;
use crate::register::fault::Fault;
use crate::register::find::{Found, find};
use crate::register::locator::{slug_of, sort_key};
use crate::register::write::may_write;
use crate::register::{Caller, Error, HeadRow, Issue, Locator, Result, Text, heads};
use crate::store::AnyConnection;
use crate::store::schema::documents;

/// A document of a file that is looked for.
pub(super) struct Sought {
    /// Where it belongs.
    pub(super) collection: &'static Collection,
    /// What names it, the surest first.
    pub(super) keys: Vec<Locator>,
    /// What it says, where that is not enough.
    pub(super) given: Option<Given>,
    /// Whether it says what names it in a way that cannot be read.
    pub(super) is_misnamed: bool,
}

/// What a document of a file is in the register.
pub(super) enum Located {
    /// One that is there.
    There(Box<HeadRow>),
    /// One that only its name tells; it is that one if it is just as it.
    SameName(Vec<HeadRow>),
    /// A new one.
    New {
        /// Its id, where it tells one.
        id: Option<Uuid>,
        /// Whether nothing in the register has any of its names, or had it.
        is_free: bool,
    },
    /// Nothing, because it is wrong.
    Refused(Vec<Refusal>),
}

/// Finds documents, and remembers names between one and the next.
pub(super) struct Finder<'l> {
    caller: &'l Caller,
    /// Documents by kind and name, for files that name them by nothing else.
    by_name: HashMap<(&'static str, String), HashMap<String, Vec<String>>>,
}

/// How many documents of one name are looked at.
const MANY: i64 = 20;

impl<'l> Finder<'l> {
    pub(super) fn new(caller: &'l Caller) -> Self {
        Self {
            caller,
            by_name: HashMap::new(),
        }
    }

    /// Finds some documents of a file, in their order.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub(super) fn locate(
        &mut self,
        db: &mut AnyConnection,
        documents: &[Sought],
    ) -> Result<Vec<Located>> {
        let mut locators: HashMap<&'static str, Vec<Locator>> = HashMap::new();
        for one in documents {
            let all = locators.entry(one.collection.naming.type_).or_default();
            all.extend(one.keys.iter().cloned());
        }
        let mut ahead = HashMap::new();
        for (type_, locators) in locators {
            ahead.insert(type_, Ahead::ask(db, type_, locators)?);
        }
        let mut all = Vec::with_capacity(documents.len());
        for one in documents {
            if let Some(ahead) = ahead.get(one.collection.naming.type_) {
                all.push(self.locate_one(db, ahead, one)?);
            }
        }
        Ok(all)
    }

    fn locate_one(
        &mut self,
        db: &mut AnyConnection,
        ahead: &Ahead,
        sought: &Sought,
    ) -> Result<Located> {
        let collection = sought.collection;
        let type_ = collection.naming.type_;
        let mut there: Option<HeadRow> = None;
        let mut id = None;
        for locator in &sought.keys {
            match ahead.find(db, self.caller, type_, locator)? {
                Some(Found::Live(head)) => match &there {
                    Some(other) if other.id != head.id => {
                        return Ok(Located::Refused(vec![ambiguous(other, &head)]));
                    }
                    _ => there = Some(head),
                },
                // What went into another must not be written over that.
                Some(Found::Moved(head)) if there.is_none() => {
                    let moved = moved(&Key::Known(locator.clone()), &head);
                    let forbidden = may_write(self.caller, &head).err().map(Refusal::of);
                    let all = [Ok(moved)].into_iter().chain(forbidden);
                    return all.collect::<Result<_>>().map(Located::Refused);
                }
                Some(Found::Ended(ended)) if matches!(locator, Locator::Id(_)) => {
                    let gone = Refusal::of(Error::Gone { at: ended.ended_at })?;
                    return Ok(Located::Refused(vec![gone]));
                }
                _ => {}
            }
            if let Locator::Id(text) = locator {
                id = Uuid::try_parse(text).ok();
            }
        }
        if let Some(head) = there {
            return Ok(Located::There(Box::new(head)));
        }
        let new = |id| Located::New {
            id,
            is_free: sought.keys.iter().all(|name| ahead.is_free(name)),
        };
        if sought.keys.iter().any(|key| ahead.is_of_another(key)) && self.caller.is_admin() {
            let fault = Fault::Contradiction { why: OTHER_TYPE };
            let issue = Issue::body("/id", fault);
            return Ok(Located::Refused(vec![Refusal::Faults(vec![issue])]));
        }
        if let Some(id) = id {
            // The id is part of what an administrator restores; others cannot choose one.
            return Ok(if self.caller.is_admin() {
                new(Some(id))
            } else {
                let issue = Issue::body("/id", Fault::UnknownReference { to: type_ });
                Located::Refused(vec![Refusal::Faults(vec![issue])])
            });
        }
        let Some(given) = &sought.given else {
            return Ok(new(None));
        };
        if given.found_by == Match::Name {
            let named = self.by_kind_and_name(db, collection, given)?;
            return Ok(match <[HeadRow; 1]>::try_from(named) {
                Ok([head]) => Located::There(Box::new(head)),
                Err(none) if none.is_empty() => new(None),
                Err(several) => Located::Refused(vec![ambiguous(&several[0], &several[1])]),
            });
        }
        if sought.keys.is_empty() && !sought.is_misnamed {
            let same = match (collection.import.name_key)(&given.body) {
                Some(name) => self.same_name(db, type_, &name)?,
                None => Vec::new(),
            };
            if !same.is_empty() {
                return Ok(Located::SameName(same));
            }
        }
        Ok(new(None))
    }

    /// The documents of a type that have a name, as far as the caller may know of them.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub(super) fn same_name(
        &self,
        db: &mut AnyConnection,
        type_: &str,
        name: &str,
    ) -> Result<Vec<HeadRow>> {
        let mut heads: Vec<HeadRow> = documents::table
            .filter(documents::type_.eq(type_).and(documents::name_key.eq(name)))
            .order(documents::id)
            .limit(MANY)
            .select(HeadRow::as_select())
            .load(db)?;
        heads.retain(|head| self.caller.may_know(&head.id, &head.access()));
        Ok(heads)
    }

    /// The documents of a kind that have one of these names, or had it.
    fn by_kind_and_name(
        &mut self,
        db: &mut AnyConnection,
        collection: &'static Collection,
        given: &Given,
    ) -> Result<Vec<HeadRow>> {
        let type_ = collection.naming.type_;
        let kind = given
            .member("kind")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let known = match self.by_name.entry((type_, kind.to_owned())) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(names_of_kind(db, collection, kind)?),
        };
        let names: Vec<String> = given.names().into_iter().map(bare).collect();
        let mut ids: Vec<String> = names
            .iter()
            .filter_map(|name| known.get(name))
            .flatten()
            .cloned()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let mut heads = heads::load(db, &ids)?;
        heads.retain(|head| self.caller.may_know(&head.id, &head.access()));
        if heads.is_empty() {
            // One that went into another is called by its former slug still.
            for name in given.names() {
                let found = find(db, self.caller, type_, &Locator::Slug(slug_of(name, 1)))?;
                let head = found.and_then(|found| found.head().cloned());
                if let Some(head) = head.filter(|head| head.kind == kind) {
                    return Ok(vec![head]);
                }
            }
        }
        Ok(heads)
    }
}

/// All names of the documents of a kind, with their ids.
fn names_of_kind(
    db: &mut AnyConnection,
    collection: &'static Collection,
    kind: &str,
) -> Result<HashMap<String, Vec<String>>> {
    let heads: Vec<(String, String)> = documents::table
        .filter(
            documents::type_
                .eq(collection.naming.type_)
                .and(documents::kind.eq(kind)),
        )
        .select((documents::id, documents::name))
        .load(db)?;
    let mut names: HashMap<String, Vec<String>> = HashMap::new();
    for chunk in heads.chunks(500) {
        let ids: Vec<String> = chunk.iter().map(|(id, _)| id.clone()).collect();
        let others = (collection.other_names)(db, &ids)?;
        let others = others
            .into_iter()
            .flat_map(|(id, names)| names.into_iter().map(move |name| (id.clone(), name)));
        for (id, name) in chunk.iter().cloned().chain(others) {
            let ids = names.entry(bare(&name)).or_default();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    Ok(names)
}

const OTHER_TYPE: Text = Text {
    nl: "Dit is het id van een document van een andere soort. Geef het id van het document zelf, of laat het weg.",
    en: "This is the id of a document of another type. Give the id of the document itself, or leave it out.",
};

/// A name without what some write before it and others do not.
fn bare(name: &str) -> String {
    let key = sort_key(name);
    key.strip_prefix("gemeente ")
        .map(str::to_owned)
        .unwrap_or(key)
}

fn ambiguous(a: &HeadRow, b: &HeadRow) -> Refusal {
    Refusal::because(
        "ambiguous",
        format!(
            "De id, slug en codes van deze rij horen bij verschillende documenten: '{}' en '{}'.",
            a.slug, b.slug
        ),
        format!(
            "The id, slug and codes of this row belong to different documents: '{}' and '{}'.",
            a.slug, b.slug
        ),
    )
}

fn moved(key: &Key, head: &HeadRow) -> Refusal {
    Refusal::because(
        "moved",
        format!(
            "'{key}' heet nu '{}'; gebruik die naam om het document te wijzigen.",
            head.slug
        ),
        format!(
            "'{key}' is now called '{}'; use that name to change the document.",
            head.slug
        ),
    )
}
