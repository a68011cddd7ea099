//! The heads of all documents: one table, whatever the collection.
//!
//! Here documents are found by id, slug and identifier, references get their names, and it is
//! known who refers to whom.

use std::collections::HashMap;

use diesel::prelude::*;

use super::caller::{Access, Caller, Visibility};
use super::error::{Error, Referrer, Result};
use super::fault::{Fault, Issue, Issues};
use super::identifier::Identifier;
use super::locator::Locator;
use super::period::date_columns;
use super::refs::{Link, Noted, Shown};
use super::vocabulary::Enumeration;
use crate::store::schema::{
    document_identifiers, document_references, documents, former_slugs, tombstone_aliases,
    tombstones,
};
use crate::store::{AnyConnection, Backend, Timestamp};

/// A query over heads that filters can still narrow.
pub type HeadQuery = documents::BoxedQuery<'static, Backend>;

/// A row of `documents`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = documents, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct HeadRow {
    /// UUID version 7.
    pub id: String,
    /// The type of the document, such as `region`.
    pub type_: String,
    /// Unique among the documents of its type.
    pub slug: String,
    /// The name under which it is shown.
    pub name: String,
    /// The name as it sorts.
    pub name_key: String,
    /// The word of its kind; empty in collections without kinds.
    pub kind: String,
    /// `public` or `restricted`.
    pub visibility: String,
    /// The organisation that looks after it.
    pub steward_id: Option<String>,
    /// The day on which a person last confirmed it, `YYYY-MM-DD`.
    pub verified_on: Option<String>,
    /// Where its facts come from, as JSON.
    pub sources: String,
    /// From 1.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl HeadRow {
    /// Who may read and write the document.
    pub fn access(&self) -> Access {
        access(&self.visibility, self.steward_id.clone())
    }

    /// What a reference shows of the document.
    pub fn shown(&self) -> Shown {
        Shown {
            id: self.id.clone(),
            slug: self.slug.clone(),
            name: self.name.clone(),
            access: Some(self.access()),
        }
    }
}

/// Access from its columns. A word that is not known hides the document.
pub fn access(visibility: &str, steward: Option<String>) -> Access {
    Access {
        visibility: Visibility::parse(visibility).unwrap_or(Visibility::Restricted),
        steward,
    }
}

date_columns!(IdentifierDates in document_identifiers: start, end);

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = document_identifiers)]
struct IdentifierRow {
    owner_id: String,
    position: i32,
    type_: String,
    scheme: String,
    value: String,
    #[diesel(embed)]
    dates: IdentifierDates,
}

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
        Locator::Slug(slug) => documents::table
            .filter(documents::type_.eq(type_).and(documents::slug.eq(slug)))
            .select(HeadRow::as_select())
            .first(db)
            .optional()?,
        Locator::Identifier { scheme, value } => documents::table
            .inner_join(
                document_identifiers::table.on(document_identifiers::owner_id.eq(documents::id)),
            )
            .filter(document_identifiers::type_.eq(type_))
            .filter(document_identifiers::scheme.eq(scheme))
            .filter(document_identifiers::value.eq(value))
            .select(HeadRow::as_select())
            .first(db)
            .optional()?,
    };
    if let Some(head) = live {
        return Ok(caller.may_read(&head.access()).then_some(Found::Live(head)));
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
            .first(db)
            .optional()?;
        if let Some(head) = moved {
            return Ok(caller
                .may_read(&head.access())
                .then_some(Found::Moved(head)));
        }
    }
    find_ended(db, caller, type_, locator)
}

fn live(db: &mut AnyConnection, type_: &str, id: &str) -> Result<Option<HeadRow>> {
    Ok(documents::table
        .filter(documents::type_.eq(type_).and(documents::id.eq(id)))
        .select(HeadRow::as_select())
        .first(db)
        .optional()?)
}

fn find_ended(
    db: &mut AnyConnection,
    caller: &Caller,
    type_: &str,
    locator: &Locator,
) -> Result<Option<Found>> {
    let query = tombstones::table
        .filter(tombstones::type_.eq(type_))
        .into_boxed();
    let query = match (locator, locator.alias()) {
        (Locator::Id(id), _) => query.filter(tombstones::id.eq(id.clone())),
        (_, Some(alias)) => query.filter(
            tombstones::id.eq_any(
                tombstone_aliases::table
                    .filter(tombstone_aliases::type_.eq(type_.to_owned()))
                    .filter(tombstone_aliases::alias.eq(alias))
                    .select(tombstone_aliases::tombstone_id),
            ),
        ),
        (_, None) => return Ok(None),
    };
    let ended: Option<Tombstone> = query
        .order((tombstones::ended_at.desc(), tombstones::id.desc()))
        .select(Tombstone::as_select())
        .first(db)
        .optional()?;
    let Some(ended) = ended else { return Ok(None) };
    if !caller.may_read(&access(&ended.visibility, ended.steward_id.clone())) {
        return Ok(None);
    }
    // A document may have been merged into one that was merged in turn; each step leads to a
    // document that existed later, so the chain ends.
    let mut into = ended.into_id.clone();
    while let Some(id) = into {
        if let Some(head) = live(db, type_, &id)? {
            return Ok(caller
                .may_read(&head.access())
                .then_some(Found::Moved(head)));
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

/// Resolves the references of a body. `kept` are ids that the document referred to before: those
/// stay valid for a caller who cannot see them.
///
/// # Errors
/// When the database cannot be asked. Dead references are added to `issues`.
pub fn resolve(
    db: &mut AnyConnection,
    caller: &Caller,
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
        let found = match Locator::parse(&reference.given) {
            Some(locator) => find(db, eyes, reference.type_, &locator)?,
            None => None,
        };
        let Some(Found::Live(head) | Found::Moved(head)) = found else {
            issues.0.push(Issue::body(
                &reference.location,
                Fault::UnknownReference {
                    to: reference.type_,
                },
            ));
            continue;
        };
        targets.insert(key, head.shown());
    }
    Ok(targets)
}

/// The heads of documents by id, in no order.
///
/// # Errors
/// When the database cannot be asked.
pub fn load(db: &mut AnyConnection, ids: &[String]) -> Result<Vec<HeadRow>> {
    Ok(documents::table
        .filter(documents::id.eq_any(ids))
        .select(HeadRow::as_select())
        .load(db)?)
}

/// Fills in what references show of their documents.
///
/// # Errors
/// When the database cannot be asked.
pub fn name_links(db: &mut AnyConnection, links: Vec<&mut Link>) -> Result<()> {
    let mut ids: Vec<String> = links.iter().map(|link| link.target.id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(());
    }
    let heads: HashMap<String, HeadRow> = load(db, &ids)?
        .into_iter()
        .map(|head| (head.id.clone(), head))
        .collect();
    for link in links {
        if let Some(head) = heads.get(&link.target.id) {
            link.target = head.shown();
        }
    }
    Ok(())
}

/// The identifiers of documents, in order.
///
/// # Errors
/// When the database cannot be asked.
pub fn identifiers(
    db: &mut AnyConnection,
    ids: &[String],
) -> Result<HashMap<String, Vec<Identifier>>> {
    let rows: Vec<IdentifierRow> = document_identifiers::table
        .filter(document_identifiers::owner_id.eq_any(ids))
        .order((
            document_identifiers::owner_id,
            document_identifiers::position,
        ))
        .select(IdentifierRow::as_select())
        .load(db)?;
    let mut all: HashMap<String, Vec<Identifier>> = HashMap::new();
    for mut row in rows {
        all.entry(row.owner_id).or_default().push(Identifier {
            scheme: row.scheme,
            value: row.value,
            start: row.dates.first()?,
            end: row.dates.second()?,
        });
    }
    Ok(all)
}

/// Writes the identifiers of a document in place of those that were there.
///
/// # Errors
/// [`Error::Taken`] when another document has one of them.
pub fn save_identifiers(
    db: &mut AnyConnection,
    type_: &str,
    id: &str,
    identifiers: &[Identifier],
) -> Result<()> {
    diesel::delete(document_identifiers::table.filter(document_identifiers::owner_id.eq(id)))
        .execute(db)?;
    for (position, identifier) in (0..).zip(identifiers) {
        // Asked rather than caught: after a failed statement PostgreSQL refuses the transaction.
        let taken: i64 = document_identifiers::table
            .filter(document_identifiers::type_.eq(type_))
            .filter(document_identifiers::scheme.eq(&identifier.scheme))
            .filter(document_identifiers::value.eq(&identifier.value))
            .count()
            .get_result(db)?;
        if taken > 0 {
            let what = format!("{}:{}", identifier.scheme, identifier.value);
            return Err(Error::Taken { what });
        }
        diesel::insert_into(document_identifiers::table)
            .values(IdentifierRow {
                owner_id: id.to_owned(),
                position,
                type_: type_.to_owned(),
                scheme: identifier.scheme.clone(),
                value: identifier.value.clone(),
                dates: IdentifierDates::new(identifier.start.as_ref(), identifier.end.as_ref()),
            })
            .execute(db)?;
    }
    Ok(())
}

/// Notes to which documents a document refers.
///
/// # Errors
/// When the database cannot be asked.
pub fn save_references(db: &mut AnyConnection, id: &str, targets: &[String]) -> Result<()> {
    diesel::delete(document_references::table.filter(document_references::source_id.eq(id)))
        .execute(db)?;
    for target in targets {
        diesel::insert_into(document_references::table)
            .values((
                document_references::source_id.eq(id),
                document_references::target_id.eq(target),
            ))
            .execute(db)?;
    }
    Ok(())
}

/// The heads of the documents that refer to one, other than itself, by type and name.
///
/// # Errors
/// When the database cannot be asked.
pub fn referrers(db: &mut AnyConnection, id: &str) -> Result<Vec<HeadRow>> {
    Ok(documents::table
        .inner_join(document_references::table.on(document_references::source_id.eq(documents::id)))
        .filter(
            document_references::target_id
                .eq(id)
                .and(documents::id.ne(id)),
        )
        .order((documents::type_, documents::name_key, documents::id))
        .select(HeadRow::as_select())
        .load(db)?)
}

/// What a problem shows of the documents that refer to one.
pub fn shown_referrers(heads: &[HeadRow], caller: &Caller) -> Vec<Referrer> {
    heads
        .iter()
        .filter(|head| caller.may_read(&head.access()))
        .take(20)
        .map(|head| Referrer {
            type_: head.type_.clone(),
            id: head.id.clone(),
            slug: head.slug.clone(),
            name: head.name.clone(),
        })
        .collect()
}

/// Whether a slug is used in a collection, now or as a former slug of a document that exists.
///
/// # Errors
/// When the database cannot be asked.
pub fn slug_is_taken(
    db: &mut AnyConnection,
    type_: &str,
    slug: &str,
    by_other_than: &str,
) -> Result<bool> {
    let present: i64 = documents::table
        .filter(documents::type_.eq(type_).and(documents::slug.eq(slug)))
        .filter(documents::id.ne(by_other_than))
        .count()
        .get_result(db)?;
    let former: i64 = former_slugs::table
        .filter(
            former_slugs::type_
                .eq(type_)
                .and(former_slugs::slug.eq(slug)),
        )
        .filter(former_slugs::document_id.ne(by_other_than))
        .count()
        .get_result(db)?;
    Ok(present + former > 0)
}

/// Keeps a slug that a document no longer has, and drops it from the former ones when it has it
/// again.
///
/// # Errors
/// When the database cannot be asked.
pub fn move_slug(
    db: &mut AnyConnection,
    type_: &str,
    id: &str,
    old: &str,
    new: &str,
) -> Result<()> {
    diesel::delete(
        former_slugs::table.filter(
            former_slugs::type_
                .eq(type_)
                .and(former_slugs::slug.eq(new)),
        ),
    )
    .execute(db)?;
    diesel::insert_into(former_slugs::table)
        .values((
            former_slugs::type_.eq(type_),
            former_slugs::slug.eq(old),
            former_slugs::document_id.eq(id),
        ))
        .execute(db)?;
    Ok(())
}

/// Takes a document out and leaves a tombstone, with all names under which it was found.
///
/// # Errors
/// When the database cannot be asked.
pub fn bury(
    db: &mut AnyConnection,
    head: &HeadRow,
    identifiers: &[Identifier],
    into: Option<&str>,
    at: Timestamp,
) -> Result<()> {
    diesel::insert_into(tombstones::table)
        .values(Tombstone {
            id: head.id.clone(),
            type_: head.type_.clone(),
            slug: head.slug.clone(),
            visibility: head.visibility.clone(),
            steward_id: head.steward_id.clone(),
            into_id: into.map(str::to_owned),
            ended_at: at,
        })
        .execute(db)?;
    let mut aliases: Vec<String> = former_slugs::table
        .filter(former_slugs::document_id.eq(&head.id))
        .select(former_slugs::slug)
        .load(db)?;
    aliases.push(head.slug.clone());
    aliases.extend(
        identifiers
            .iter()
            .map(|i| format!("{}:{}", i.scheme, i.value)),
    );
    for alias in aliases {
        diesel::insert_into(tombstone_aliases::table)
            .values((
                tombstone_aliases::tombstone_id.eq(&head.id),
                tombstone_aliases::type_.eq(&head.type_),
                tombstone_aliases::alias.eq(alias),
            ))
            .execute(db)?;
    }
    diesel::delete(documents::table.find(&head.id)).execute(db)?;
    Ok(())
}

/// Who could read documents last, of those that exist and those that are gone.
///
/// # Errors
/// When the database cannot be asked.
pub fn access_now(db: &mut AnyConnection, ids: &[String]) -> Result<HashMap<String, Access>> {
    let live: Vec<(String, String, Option<String>)> = documents::table
        .filter(documents::id.eq_any(ids))
        .select((documents::id, documents::visibility, documents::steward_id))
        .load(db)?;
    let ended: Vec<(String, String, Option<String>)> = tombstones::table
        .filter(tombstones::id.eq_any(ids))
        .select((
            tombstones::id,
            tombstones::visibility,
            tombstones::steward_id,
        ))
        .load(db)?;
    Ok(live
        .into_iter()
        .chain(ended)
        .map(|(id, visibility, steward)| (id, access(&visibility, steward)))
        .collect())
}

/// The value of a word that was checked when it was stored.
///
/// # Errors
/// When the database holds a word that the vocabulary does not have.
pub fn stored_word<T: Enumeration>(word: &str) -> Result<T> {
    T::parse(word)
        .map_err(|_| Error::Internal(format!("stored word '{word}' of {}", T::VOCABULARY.name)))
}
