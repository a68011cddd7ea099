//! The names of documents: identifiers, slugs present and former, and what is left of them when a
//! document is gone.

use std::collections::HashMap;

use diesel::prelude::*;

use super::ahead::Free;
use super::caller::Caller;
use super::error::{Error, Result};
use super::find::{Tombstone, find};
use super::heads::HeadRow;
use super::identifier::Identifier;
use super::locator::Locator;
use super::period::date_columns;
use crate::store::schema::{
    document_identifiers, documents, former_slugs, tombstone_aliases, tombstones,
};
use crate::store::{AnyConnection, Timestamp, Write, insert_rows};

date_columns!(IdentifierDates in document_identifiers: start, end);

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = document_identifiers, treat_none_as_default_value = false)]
struct IdentifierRow {
    owner_id: String,
    position: i32,
    type_: String,
    scheme: String,
    value: String,
    #[diesel(embed)]
    dates: IdentifierDates,
}
/// The identifiers of documents, in order.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn identifiers(
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

/// Refuses identifiers that another document has. Nothing of a document is written before that.
///
/// # Errors
/// [`Error::Taken`] with the first of them.
pub(super) fn refuse_taken(
    db: &mut AnyConnection,
    free: &mut Free,
    type_: &str,
    identifiers: &[Identifier],
    before: &[Identifier],
) -> Result<()> {
    if identifiers == before {
        return Ok(());
    }
    let is_kept = |identifier: &Identifier| {
        let same = |other: &Identifier| {
            (&other.scheme, &other.value) == (&identifier.scheme, &identifier.value)
        };
        before.iter().any(same)
    };
    for identifier in identifiers.iter().filter(|one| !is_kept(one)) {
        let locator = Locator::Identifier {
            scheme: identifier.scheme.clone(),
            value: identifier.value.clone(),
        };
        if free.is_taken(locator, || identifier_is_taken(db, type_, identifier))? {
            let what = format!("{}:{}", identifier.scheme, identifier.value);
            return Err(Error::Taken { what });
        }
    }
    Ok(())
}

/// Writes the identifiers of a document in place of those that it had.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn save_identifiers(
    write: &mut Write<'_>,
    type_: &str,
    id: &str,
    identifiers: &[Identifier],
    before: &[Identifier],
) -> Result<()> {
    if identifiers == before {
        return Ok(());
    }
    if !before.is_empty() {
        diesel::delete(document_identifiers::table.filter(document_identifiers::owner_id.eq(id)))
            .execute(write.connection())?;
    }
    let rows = (0..)
        .zip(identifiers)
        .map(|(position, identifier)| IdentifierRow {
            owner_id: id.to_owned(),
            position,
            type_: type_.to_owned(),
            scheme: identifier.scheme.clone(),
            value: identifier.value.clone(),
            dates: IdentifierDates::new(identifier.start.as_ref(), identifier.end.as_ref()),
        });
    write.insert("document_identifiers", rows.collect(), |db, rows| {
        insert_rows!(db, document_identifiers::table, &rows)
    })?;
    Ok(())
}

fn identifier_is_taken(
    db: &mut AnyConnection,
    type_: &str,
    identifier: &Identifier,
) -> Result<bool> {
    // Asked rather than caught: after a failed statement PostgreSQL refuses the transaction.
    let taken: i64 = document_identifiers::table
        .filter(document_identifiers::type_.eq(type_))
        .filter(document_identifiers::scheme.eq(&identifier.scheme))
        .filter(document_identifiers::value.eq(&identifier.value))
        .count()
        .get_result(db)?;
    Ok(taken > 0)
}

/// Whether a slug leads to another document that exists: as its present or a former slug, or as
/// that of one that was merged into it. The slug of a deleted document is free again. One that is not
/// is taken by whoever asks.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn slug_is_taken(
    db: &mut AnyConnection,
    free: &mut Free,
    type_: &str,
    slug: &str,
    by_other_than: &str,
) -> Result<bool> {
    let locator = Locator::Slug(slug.to_owned());
    free.is_taken(locator.clone(), || {
        let found = find(db, &Caller::command_line(), type_, &locator)?;
        Ok(found.is_some_and(|found| found.head().is_some_and(|head| head.id != by_other_than)))
    })
}

/// Keeps a slug that a document no longer has, and drops it from the former ones when it has it
/// again.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn move_slug(
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

/// Forgets the former slugs of a document that was hidden until now: whoever tries one must not
/// learn what it was called then.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn forget_slugs(db: &mut AnyConnection, id: &str) -> Result<()> {
    diesel::delete(former_slugs::table.filter(former_slugs::document_id.eq(id))).execute(db)?;
    Ok(())
}

/// Takes a document out and leaves a tombstone, with all names under which it was found.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn bury(
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
