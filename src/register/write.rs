//! Changing documents: create, replace, patch, delete, and what follows from it for the documents
//! that show the name of the changed one.

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::caller::{Access, Caller};
use super::document::{Document, Head, READ_ONLY, Record, read_draft};
use super::error::{Error, Result};
use super::fault::{Fault, Issue, Issues};
use super::heads::{self, Found, HeadRow};
use super::identifier::Identifier;
use super::language::Text;
use super::locator::{Locator, slug_of, sort_key};
use super::projection::{as_given, hidden_items};
use super::read::{load_records, show};
use super::vocabulary::Enumeration;
use crate::collections;
use crate::store::schema::documents;
use crate::store::{AnyConnection, NewChange, Write};

/// What the caller says about the version that a write should meet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precondition {
    /// `If-Match`: one of these versions; an empty list is `*`, any version at all.
    pub matches: Option<Vec<i64>>,
    /// `If-None-Match: *`: the document must not exist yet.
    pub is_new: bool,
}

impl Precondition {
    fn check(&self, version: Option<i64>) -> Result<()> {
        let fails = match (&self.matches, version) {
            (Some(_), None) => true,
            (Some(wanted), Some(version)) => !wanted.is_empty() && !wanted.contains(&version),
            (None, _) => false,
        };
        if fails || (self.is_new && version.is_some()) {
            return Err(Error::PreconditionFailed { version });
        }
        Ok(())
    }
}

/// What a write came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The document is new.
    Created,
    /// It has a new version.
    Updated,
    /// It already was as it should be.
    Unchanged,
}

/// Makes a new document.
///
/// # Errors
/// All that is wrong with the body; [`Error::Taken`]; [`Error::Forbidden`].
pub fn create<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    body: Map<String, Value>,
) -> Result<HeadRow> {
    insert::<T>(write, caller, body, None)
}

/// Makes a document what the body says, or makes it anew when the locator is a slug or an
/// identifier that nothing has yet.
///
/// Members that are not named become empty, except `slug`, `visibility` and `steward`: a script
/// that only knows the content must not publish a restricted document or orphan it.
///
/// # Errors
/// As for [`create`], and [`Error::PreconditionFailed`], [`Error::Moved`], [`Error::Gone`],
/// [`Error::NotFound`].
pub fn replace<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    locator: &Locator,
    mut body: Map<String, Value>,
    precondition: &Precondition,
) -> Result<(HeadRow, Outcome)> {
    let found = heads::find(write.connection(), caller, T::NAMING.type_, locator)?;
    match (found, locator) {
        (Some(Found::Live(head)), _) => {
            let current = check_writable::<T>(write, caller, &head, precondition)?;
            let given = as_given(current.to_json()?);
            for kept in ["slug", "visibility", "steward"] {
                if !body.contains_key(kept) {
                    body.insert(kept.into(), given[kept].clone());
                }
            }
            keep_path_identifier(&mut body, locator);
            update::<T>(write, caller, &head, &current, body)
        }
        (Some(Found::Moved(head)), _) => Err(Error::Moved { slug: head.slug }),
        (Some(Found::Ended(ended)), Locator::Id(_)) => Err(Error::Gone { at: ended.ended_at }),
        (None, Locator::Id(_)) => Err(Error::NotFound),
        (Some(Found::Ended(_)) | None, Locator::Slug(_) | Locator::Identifier { .. }) => {
            precondition.check(None)?;
            keep_path_identifier(&mut body, locator);
            let head = insert::<T>(write, caller, body, Some(locator))?;
            Ok((head, Outcome::Created))
        }
    }
}

/// Changes the members that a merge patch (RFC 7396) names.
///
/// # Errors
/// As for [`replace`].
pub fn update_with_patch<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    locator: &Locator,
    patch: Map<String, Value>,
    precondition: &Precondition,
) -> Result<(HeadRow, Outcome)> {
    let head = heads::find_live(write.connection(), caller, T::NAMING.type_, locator)?;
    let current = check_writable::<T>(write, caller, &head, precondition)?;
    let mut merged = Value::Object(as_given(current.to_json()?));
    json_patch::merge(&mut merged, &Value::Object(patch));
    let Value::Object(body) = merged else {
        return Err(Error::NotFound);
    };
    update::<T>(write, caller, &head, &current, body)
}

/// Takes a document out. Its address then answers that it is gone.
///
/// # Errors
/// [`Error::InUse`] while others refer to it, and as for [`replace`].
pub fn delete<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    locator: &Locator,
    precondition: &Precondition,
) -> Result<()> {
    let head = heads::find_live(write.connection(), caller, T::NAMING.type_, locator)?;
    let current = check_writable::<T>(write, caller, &head, precondition)?;
    let referrers = heads::referrers(write.connection(), &head.id)?;
    if !referrers.is_empty() {
        let referrers = heads::shown_referrers(&referrers, caller);
        return Err(Error::InUse { referrers });
    }
    if crate::keys::is_steward_of_a_key(write.connection(), &head.id)? {
        return Err(Error::Conflict(Text {
            nl: "Er is nog een sleutel die voor deze organisatie schrijft; trek die eerst in.",
            en: "A key still writes for this organisation; revoke it first.",
        }));
    }
    end(write, &head, &current.head.identifiers, None)
}

/// Buries a document and logs that it was deleted or merged.
pub(super) fn end(
    write: &mut Write<'_>,
    head: &HeadRow,
    identifiers: &[Identifier],
    into: Option<&str>,
) -> Result<()> {
    let at = write.now();
    heads::bury(write.connection(), head, identifiers, into, at)?;
    let naming = collections::by_type(&head.type_)?.naming;
    let access = head.access();
    write.log(NewChange {
        op: if into.is_some() { "merged" } else { "deleted" },
        type_: naming.type_,
        document_id: head.id.clone(),
        slug: head.slug.clone(),
        version: head.version,
        into_id: into.map(str::to_owned),
        visibility: access.visibility.as_str(),
        steward_id: access.steward.clone(),
        previous_visibility: Some(head.visibility.clone()),
        previous_steward_id: access.steward,
        snapshot: None,
    })?;
    Ok(())
}

/// Loads a document that the caller wants to change, if that is allowed.
pub(super) fn check_writable<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    head: &HeadRow,
    precondition: &Precondition,
) -> Result<Record<T>> {
    if !caller.may_write(&head.access()) {
        return Err(Error::Forbidden(NOT_STEWARD));
    }
    precondition.check(Some(head.version))?;
    load_one(write.connection(), head)
}

fn load_one<T: Document>(db: &mut AnyConnection, head: &HeadRow) -> Result<Record<T>> {
    load_records(db, std::slice::from_ref(head))?
        .pop()
        .ok_or_else(|| Error::Internal(format!("document {} has no content", head.id)))
}

const NOT_STEWARD: Text = Text {
    nl: "Deze sleutel mag alleen documenten wijzigen waarvan de eigen organisatie bronhouder is.",
    en: "This key may only change documents of which its own organisation is the steward.",
};

/// An upsert by identifier must find the same document the next time.
fn keep_path_identifier(body: &mut Map<String, Value>, locator: &Locator) {
    let Locator::Identifier { scheme, value } = locator else {
        return;
    };
    let list = body
        .entry("identifiers")
        .or_insert_with(|| Value::Array(Vec::new()));
    let Some(list) = list.as_array_mut() else {
        return;
    };
    let same = |item: &Value| {
        let part = |name| item.get(name).and_then(Value::as_str).unwrap_or_default();
        super::scheme::canonical(part("scheme"), part("value"))
            .is_ok_and(|(s, v)| s == *scheme && v == *value)
    };
    if !list.iter().any(same) {
        list.insert(0, serde_json::json!({"scheme": scheme, "value": value}));
    }
}

fn insert<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    mut body: Map<String, Value>,
    locator: Option<&Locator>,
) -> Result<HeadRow> {
    let mut issues = Issues::default();
    for name in READ_ONLY {
        if body.remove(name).is_some() {
            issues
                .0
                .push(Issue::body(format!("/{name}"), Fault::ReadOnly));
        }
    }
    if let (Some(Locator::Slug(slug)), false) = (locator, body.contains_key("slug")) {
        body.insert("slug".into(), slug.clone().into());
    }
    let id = uuid::Uuid::now_v7().to_string();
    let now = write.now();
    let mut record = draft_record::<T>(write, caller, body, None, &id, issues)?;
    let access = own_new_document(&mut record, caller)?;
    if record.head.slug.is_empty() {
        record.head.slug = free_slug(write.connection(), T::NAMING.type_, record.content.name())?;
    } else if heads::slug_is_taken(write.connection(), T::NAMING.type_, &record.head.slug, &id)? {
        return Err(Error::Taken {
            what: record.head.slug,
        });
    }
    record.head.created_at = now;
    record.head.updated_at = now;
    record.head.version = 1;
    let row = row_of(&mut record)?;
    diesel::insert_into(documents::table)
        .values(&row)
        .execute(write.connection())?;
    save_parts(write, &mut record)?;
    log_version(write, &row, "created", None)?;
    debug_assert_eq!(access, row.access());
    Ok(row)
}

/// Sees to it that an editor's new document belongs to the editor's organisation.
fn own_new_document<T: Document>(record: &mut Record<T>, caller: &Caller) -> Result<Access> {
    if record.head.steward.is_none()
        && !caller.is_admin()
        && let Some(steward) = caller.steward()
    {
        record.head.steward = Some(super::refs::OrganisationRef::to(steward.to_owned()));
    }
    let access = record.access();
    if caller.may_write(&access) {
        Ok(access)
    } else {
        Err(Error::Forbidden(NOT_STEWARD))
    }
}

fn update<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    head: &HeadRow,
    current: &Record<T>,
    mut body: Map<String, Value>,
) -> Result<(HeadRow, Outcome)> {
    let whole = current.to_json()?;
    let mut issues = Issues::default();
    for name in READ_ONLY {
        if body
            .remove(name)
            .is_some_and(|value| name == "id" && value != whole[name])
        {
            issues
                .0
                .push(Issue::body(format!("/{name}"), Fault::ReadOnly));
        }
    }
    keep_hidden_items::<T>(write.connection(), caller, head, &whole, &mut body)?;
    let mut record = draft_record(write, caller, body, Some(current), &head.id, issues)?;
    record.head.created_at = head.created_at;
    record.head.updated_at = head.updated_at;
    record.head.version = head.version;
    if record.head.slug.is_empty() {
        record.head.slug.clone_from(&head.slug);
    }
    if record.to_json()? == whole {
        return Ok((head.clone(), Outcome::Unchanged));
    }
    if record.access().steward != head.steward_id && !caller.is_admin() {
        return Err(Error::Forbidden(Text {
            nl: "Alleen een beheerder kan een document aan een andere bronhouder geven.",
            en: "Only an administrator can give a document to another steward.",
        }));
    }
    let type_ = T::NAMING.type_;
    if record.head.slug != head.slug {
        if heads::slug_is_taken(write.connection(), type_, &record.head.slug, &head.id)? {
            return Err(Error::Taken {
                what: record.head.slug,
            });
        }
        heads::move_slug(
            write.connection(),
            type_,
            &head.id,
            &head.slug,
            &record.head.slug,
        )?;
    }
    record.head.updated_at = write.now();
    record.head.version += 1;
    let row = row_of(&mut record)?;
    diesel::update(documents::table.find(&row.id))
        .set(&row)
        .execute(write.connection())?;
    save_parts(write, &mut record)?;
    log_version(write, &row, "updated", Some(&head.access()))?;
    if row.shown() != head.shown() {
        bump_referrers(write, &row.id)?;
    }
    Ok((row, Outcome::Updated))
}

/// Puts back what the caller could not see in the lists that the body replaces.
fn keep_hidden_items<T: Document>(
    db: &mut AnyConnection,
    caller: &Caller,
    head: &HeadRow,
    whole: &Map<String, Value>,
    body: &mut Map<String, Value>,
) -> Result<()> {
    if caller.reads_all() {
        return Ok(());
    }
    let Some(seen) = show::<T>(db, caller, std::slice::from_ref(head))?.pop() else {
        return Ok(());
    };
    for (name, items) in hidden_items(whole, &seen) {
        let mut wrapped = Map::new();
        wrapped.insert("items".into(), Value::Array(items));
        let Some(Value::Array(items)) = as_given(wrapped).remove("items") else {
            continue;
        };
        let list = body
            .entry(&name)
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Some(list) = list.as_array_mut() {
            for item in items {
                if !list.contains(&item) {
                    list.push(item);
                }
            }
        }
    }
    Ok(())
}

/// Reads a body to a record with resolved references, or says all that is wrong with it.
fn draft_record<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    body: Map<String, Value>,
    current: Option<&Record<T>>,
    id: &str,
    mut issues: Issues,
) -> Result<Record<T>> {
    let mut kept = Vec::new();
    if let Some(current) = current {
        current
            .clone()
            .links(&mut |link| kept.push(link.target.id.clone()));
    }
    let (draft, noted) = read_draft::<T>(body);
    let targets = heads::resolve(write.connection(), caller, &noted, &kept, &mut issues)?;
    let draft = match draft {
        Ok(draft) => draft,
        Err(more) => {
            issues.0.extend(more.0);
            issues.0.sort_by(|a, b| a.location.cmp(&b.location));
            return Err(Error::Invalid(issues));
        }
    };
    let now = write.now();
    let mut record = Record {
        head: Head {
            id: id.to_owned(),
            slug: draft.head.slug.map(|slug| slug.0).unwrap_or_default(),
            identifiers: draft.head.identifiers,
            sources: draft.head.sources,
            visibility: draft
                .head
                .visibility
                .unwrap_or(super::caller::Visibility::Public),
            steward: draft.head.steward,
            verified_on: draft.head.verified_on,
            version: 0,
            created_at: now,
            updated_at: now,
        },
        content: draft.content,
    };
    record.links(&mut |link| {
        if let Some(target) = targets.get(&(link.type_, link.given.clone())) {
            link.target = target.clone();
        }
    });
    if issues.0.is_empty() {
        record.content.check(write.connection(), id, &mut issues)?;
    }
    issues.none_or_fail()?;
    Ok(record)
}

fn free_slug(db: &mut AnyConnection, type_: &str, name: &str) -> Result<String> {
    let mut number = 1;
    loop {
        let slug = slug_of(name, number);
        if !heads::slug_is_taken(db, type_, &slug, "")? {
            return Ok(slug);
        }
        // Thousands of documents of one name: widen the steps rather than count them all.
        number = if number < 100 { number + 1 } else { number * 2 };
    }
}

fn row_of<T: Document>(record: &mut Record<T>) -> Result<HeadRow> {
    let access = record.access();
    let head = &record.head;
    Ok(HeadRow {
        id: head.id.clone(),
        type_: T::NAMING.type_.to_owned(),
        slug: head.slug.clone(),
        name: record.content.name().to_owned(),
        name_key: sort_key(record.content.name()),
        kind: record.content.kind().to_owned(),
        visibility: access.visibility.as_str().to_owned(),
        steward_id: access.steward,
        verified_on: head.verified_on.map(|day| day.to_string()),
        sources: serde_json::to_string(&head.sources)?,
        version: head.version,
        created_at: head.created_at,
        updated_at: head.updated_at,
    })
}

fn save_parts<T: Document>(write: &mut Write<'_>, record: &mut Record<T>) -> Result<()> {
    let id = record.head.id.clone();
    let mut targets = Vec::new();
    record.links(&mut |link| targets.push(link.target.id.clone()));
    targets.sort_unstable();
    targets.dedup();
    let db = write.connection();
    heads::save_identifiers(db, T::NAMING.type_, &id, &record.head.identifiers)?;
    heads::save_references(db, &id, &targets)?;
    record.content.save(write, &id)
}

/// Logs the version that a document has now. The snapshot is read back from the database, so that
/// it is by construction what a read gives.
pub(super) fn log_version(
    write: &mut Write<'_>,
    row: &HeadRow,
    op: &'static str,
    previous: Option<&Access>,
) -> Result<()> {
    let collection = collections::by_type(&row.type_)?;
    let snapshot = Value::Object((collection.snapshot)(write.connection(), row)?).to_string();
    let access = row.access();
    write.log(NewChange {
        op,
        type_: collection.naming.type_,
        document_id: row.id.clone(),
        slug: row.slug.clone(),
        version: row.version,
        into_id: None,
        visibility: access.visibility.as_str(),
        steward_id: access.steward,
        previous_visibility: previous.map(|access| access.visibility.as_str().to_owned()),
        previous_steward_id: previous.and_then(|access| access.steward.clone()),
        snapshot: Some(snapshot),
    })?;
    Ok(())
}

/// Gives a new version to each document that shows the name, slug or existence of one.
fn bump_referrers(write: &mut Write<'_>, id: &str) -> Result<()> {
    for mut row in heads::referrers(write.connection(), id)? {
        row.version += 1;
        row.updated_at = write.now();
        diesel::update(documents::table.find(&row.id))
            .set((
                documents::version.eq(row.version),
                documents::updated_at.eq(row.updated_at),
            ))
            .execute(write.connection())?;
        let access = row.access();
        log_version(write, &row, "updated", Some(&access))?;
    }
    Ok(())
}

/// The whole document as JSON, for the change log.
///
/// # Errors
/// When the database cannot be asked.
pub fn snapshot<T: Document>(db: &mut AnyConnection, head: &HeadRow) -> Result<Map<String, Value>> {
    load_one::<T>(db, head)?.to_json()
}

/// Makes a document refer to `to` where it referred to `from`, and adds `identifiers` to its own.
/// Rows that become the same are kept once.
///
/// # Errors
/// [`Error::Conflict`] when the document cannot be so, for example because of a cycle.
pub fn rewrite<T: Document>(
    write: &mut Write<'_>,
    head: &HeadRow,
    from: &str,
    to: &str,
    identifiers: &[Identifier],
) -> Result<()> {
    let current: Record<T> = load_one(write.connection(), head)?;
    let mut given = Value::Object(as_given(current.to_json()?));
    replace_text(&mut given, from, to);
    let Value::Object(mut body) = given else {
        return Ok(());
    };
    if let Some(Value::Array(own)) = body.get_mut("identifiers") {
        for identifier in identifiers {
            own.push(serde_json::to_value(identifier)?);
        }
    }
    match update::<T>(write, &Caller::command_line(), head, &current, body) {
        Ok(_) => Ok(()),
        Err(Error::Invalid(_)) => Err(Error::Conflict(Text {
            nl: "Door de samenvoeging zou een document naar zichzelf verwijzen of een kring ontstaan; haal die verwijzing eerst weg.",
            en: "The merge would make a document refer to itself or make a cycle; remove that reference first.",
        })),
        Err(error) => Err(error),
    }
}

fn replace_text(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) if text == from => to.clone_into(text),
        Value::Array(items) => {
            for item in items.iter_mut() {
                replace_text(item, from, to);
            }
            let mut seen: Vec<Value> = Vec::with_capacity(items.len());
            items.retain(|item| {
                let new = !seen.contains(item);
                if new {
                    seen.push(item.clone());
                }
                new
            });
        }
        Value::Object(members) => {
            for value in members.values_mut() {
                replace_text(value, from, to);
            }
        }
        _ => {}
    }
}
