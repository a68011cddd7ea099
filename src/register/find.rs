//! Finding documents by id, slug or identifier, also those that are gone.

use std::collections::HashMap;

use diesel::prelude::*;

use super::caller::Caller;
use super::error::{Error, Result};
use super::fault::{Fault, Issue, Issues};
use super::heads::{HeadRow, access, only};
use super::locator::Locator;
use super::refs::{Noted, Shown};
use crate::store::schema::{
    document_identifiers, documents, former_slugs, tombstone_aliases, tombstones,
};
use crate::store::{AnyConnection, Timestamp};

/// What is left of a document that is gone.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = tombstones, treat_none_as_default_value = false)]
pub struct Tombstone {
    /// The id that the document had.
    pub id: String,
    /// Its type.
    pub type_: String,
    /// Its last slug.
    pub slug: String,
    /// Who could read it last.
    pub visibility: String,
    /// Its last steward.
    pub steward_id: Option<String>,
    /// The document into which it was merged.
    pub into_id: Option<String>,
    /// When it was deleted or merged.
    pub ended_at: Timestamp,
}

/// What a locator leads to.
#[derive(Clone, Debug)]
pub enum Found {
    /// A document, by a present name.
    Live(HeadRow),
    /// A document, by a name that it had before or that went into it.
    Moved(HeadRow),
    /// A document that is gone.
    Ended(Tombstone),
}

impl Found {
    /// The head of a document that exists.
    pub fn head(&self) -> Option<&HeadRow> {
        match self {
            Self::Live(head) | Self::Moved(head) => Some(head),
            Self::Ended(_) => None,
        }
    }
}

/// Finds what a locator names, as far as the caller may know of it.
///
/// # Errors
/// When the database cannot be asked.
pub fn find(
    db: &mut AnyConnection,
    caller: &Caller,
    type_: &str,
    locator: &Locator,
) -> Result<Option<Found>> {
    let live = match locator {
        Locator::Id(id) => live(db, type_, id)?,
        Locator::Slug(slug) => only(
            documents::table
                .filter(documents::type_.eq(type_).and(documents::slug.eq(slug)))
                .select(HeadRow::as_select())
                .load(db)?,
        ),
        Locator::Identifier { scheme, value } => only(
            documents::table
                .inner_join(
                    document_identifiers::table
                        .on(document_identifiers::owner_id.eq(documents::id)),
                )
                .filter(document_identifiers::type_.eq(type_))
                .filter(document_identifiers::scheme.eq(scheme))
                .filter(document_identifiers::value.eq(value))
                .select(HeadRow::as_select())
                .load(db)?,
        ),
    };
    // A hidden document is passed over as if it were not there: a readable tombstone of the same
    // name still answers.
    if let Some(head) = live.filter(|head| caller.may_know(&head.id, &head.access())) {
        return Ok(Some(Found::Live(head)));
    }
    if let Locator::Slug(slug) = locator {
        let moved = documents::table
            .inner_join(former_slugs::table.on(former_slugs::document_id.eq(documents::id)))
            .filter(
                former_slugs::type_
                    .eq(type_)
                    .and(former_slugs::slug.eq(slug)),
            )
            .select(HeadRow::as_select())
            .load(db)?;
        let moved: Option<HeadRow> = only(moved);
        if let Some(head) = moved.filter(|head| caller.may_know(&head.id, &head.access())) {
            return Ok(Some(Found::Moved(head)));
        }
    }
    find_ended(db, caller, type_, locator)
}

fn live(db: &mut AnyConnection, type_: &str, id: &str) -> Result<Option<HeadRow>> {
    Ok(only(
        documents::table
            .filter(documents::type_.eq(type_).and(documents::id.eq(id)))
            .select(HeadRow::as_select())
            .load(db)?,
    ))
}

fn find_ended(
    db: &mut AnyConnection,
    caller: &Caller,
    type_: &str,
    locator: &Locator,
) -> Result<Option<Found>> {
    let ended: Vec<Tombstone> = match (locator, locator.alias()) {
        (Locator::Id(id), _) => tombstones::table
            .filter(tombstones::type_.eq(type_).and(tombstones::id.eq(id)))
            .select(Tombstone::as_select())
            .load(db)?,
        // Joined, not with the aliases in a subquery: SQLite would go through all of the type.
        (_, Some(alias)) => tombstones::table
            .inner_join(
                tombstone_aliases::table.on(tombstone_aliases::tombstone_id.eq(tombstones::id)),
            )
            .filter(
                tombstone_aliases::type_
                    .eq(type_)
                    .and(tombstone_aliases::alias.eq(alias)),
            )
            .order((tombstones::ended_at.desc(), tombstones::id.desc()))
            .select(Tombstone::as_select())
            .load(db)?,
        (_, None) => return Ok(None),
    };
    let readable =
        |ended: &Tombstone| caller.may_read(&access(&ended.visibility, ended.steward_id.clone()));
    let Some(ended) = ended.into_iter().find(readable) else {
        return Ok(None);
    };
    // A document may have been merged into one that was merged in turn; each step leads to a
    // document that existed later, so the chain ends. One that leads to what is hidden answers as
    // if it led nowhere.
    let mut into = ended.into_id.clone();
    while let Some(id) = into {
        if let Some(head) = live(db, type_, &id)? {
            let known = caller.may_know(&head.id, &head.access());
            return Ok(Some(if known {
                Found::Moved(head)
            } else {
                Found::Ended(ended)
            }));
        }
        into = tombstones::table
            .find(&id)
            .select(tombstones::into_id)
            .first(db)
            .optional()?
            .flatten();
    }
    Ok(Some(Found::Ended(ended)))
}

/// Finds a document that exists now.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Moved`] or [`Error::Gone`] when it does not.
pub fn find_live(
    db: &mut AnyConnection,
    caller: &Caller,
    type_: &str,
    locator: &Locator,
) -> Result<HeadRow> {
    match find(db, caller, type_, locator)? {
        Some(Found::Live(head)) => Ok(head),
        Some(Found::Moved(head)) => Err(Error::Moved { slug: head.slug }),
        Some(Found::Ended(ended)) => Err(Error::Gone { at: ended.ended_at }),
        None => Err(Error::NotFound),
    }
}

/// Finds what a filter names by slug, id or code.
///
/// # Errors
/// [`Fault::UnknownReference`] in the parameter when the caller can see no such document.
pub fn find_filtered(
    db: &mut AnyConnection,
    caller: &Caller,
    type_: &'static str,
    parameter: &str,
    given: &str,
) -> Result<String> {
    let found = match Locator::parse(given) {
        Some(locator) => find(db, caller, type_, &locator)?,
        None => None,
    };
    match found {
        Some(Found::Live(head) | Found::Moved(head)) => Ok(head.id),
        _ => Err(Issue::query(parameter, Fault::UnknownReference { to: type_ }).into()),
    }
}

/// What the references of a body name.
pub(crate) trait Names {
    /// Whether a slug is kept for a document that is to come, so that no other is given it.
    fn is_kept(&self, _type: &'static str, _slug: &str) -> bool {
        false
    }

    /// Notes a document that was made, and may wait to be written still.
    fn made(&mut self, _type: &'static str, _head: &HeadRow) {}

    /// The document that a reference of this type names, as far as a caller may know of it.
    ///
    /// # Errors
    /// When the database cannot be asked.
    fn named(
        &mut self,
        db: &mut AnyConnection,
        caller: &Caller,
        type_: &'static str,
        given: &str,
    ) -> Result<Option<Shown>>;

    /// Forgets what it knew, because a document is called otherwise now.
    fn forget(&mut self) {}
}

/// The names that the register knows.
pub(crate) struct Registered;

impl Names for Registered {
    fn named(
        &mut self,
        db: &mut AnyConnection,
        caller: &Caller,
        type_: &'static str,
        given: &str,
    ) -> Result<Option<Shown>> {
        let found = match Locator::parse(given) {
            Some(locator) => find(db, caller, type_, &locator)?,
            None => None,
        };
        Ok(match found {
            Some(Found::Live(head) | Found::Moved(head))
                if caller.may_know(&head.id, &head.access()) =>
            {
                Some(head.shown())
            }
            _ => None,
        })
    }
}

/// Resolves the references of a body. `kept` are ids that the document referred to before: those
/// stay valid for a caller who cannot see them.
///
/// # Errors
/// When the database cannot be asked. Dead references are added to `issues`.
pub(crate) fn resolve(
    db: &mut AnyConnection,
    caller: &Caller,
    names: &mut dyn Names,
    noted: &[Noted],
    kept: &[String],
    issues: &mut Issues,
) -> Result<HashMap<(&'static str, String), Shown>> {
    let all = Caller::command_line();
    let mut targets = HashMap::new();
    for reference in noted {
        let key = (reference.type_, reference.given.clone());
        if targets.contains_key(&key) {
            continue;
        }
        let eyes = if kept.contains(&reference.given) {
            &all
        } else {
            caller
        };
        if let Some(shown) = names.named(db, eyes, reference.type_, &reference.given)? {
            targets.insert(key, shown);
        } else {
            issues.0.push(Issue::body(
                &reference.location,
                Fault::UnknownReference {
                    to: reference.type_,
                },
            ));
        }
    }
    Ok(targets)
}
