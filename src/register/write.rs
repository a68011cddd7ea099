//! Changing documents: create, replace, patch, delete, and what follows from it for the documents
//! that show the name of the changed one.

use serde_json::{Map, Value};

use super::ahead::Free;
use super::caller::{Access, Caller, Visibility};
use super::document::{Document, READ_ONLY, Record};
use super::draft::{Manner, draft_record, find_nulls, free_slug, keep_hidden_items};
use super::error::{Error, Result};
use super::fault::{Fault, Issue, Issues};
use super::find::{self, Found, Registered};
use super::given::{as_given_under, as_item_given};
use super::heads::{self, HeadRow};
use super::language::Text;
use super::locator::Locator;
use super::names;
use super::save::{Current, bump_referrers, end, load_one, log_version, row_of, save_parts};
use super::traces::Traces;
use crate::store::{Timestamp, Write};

/// What the caller says about the version that a write should meet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precondition {
    /// `If-Match`: one of these versions; an empty list is `*`, any version at all.
    pub matches: Option<Vec<i64>>,
    /// `If-None-Match: *`: the document must not exist yet.
    pub is_new: bool,
}

impl Precondition {
    pub(super) fn check(&self, version: Option<i64>) -> Result<()> {
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
    let found = find::find(write.connection(), caller, T::NAMING.type_, locator)?;
    match (found, locator) {
        (Some(Found::Live(head)), _) => {
            let current = check_writable::<T>(write, caller, &head, precondition)?;
            keep_head(&mut body, &current);
            keep_path_identifier(&mut body, locator);
            update::<T>(write, caller, &head, &current, body, Issues::default())
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
    let head = find::find_live(write.connection(), caller, T::NAMING.type_, locator)?;
    let current = check_writable::<T>(write, caller, &head, precondition)?;
    let mut issues = Issues::default();
    let body = patched(&current, patch, &mut issues)?;
    update::<T>(write, caller, &head, &current, body, issues)
}

/// Leaves as they are what a body of a whole document does not name of its head.
pub(super) fn keep_head<T: Document>(body: &mut Map<String, Value>, current: &Current<T>) {
    for kept in ["slug", "steward"] {
        if !body.contains_key(kept) {
            body.insert(kept.into(), as_item_given(&current.json[kept]));
        }
    }
}

/// The body that a merge patch makes of a document.
pub(super) fn patched<T: Document>(
    current: &Current<T>,
    patch: Map<String, Value>,
    issues: &mut Issues,
) -> Result<Map<String, Value>> {
    let given = as_given_under(&current.json, &patch);
    find_unknown_nulls(&patch, &given, "", issues);
    find_nulls(&patch, issues);
    if patch.get("id").is_some_and(Value::is_null) {
        issues.0.push(Issue::body("/id", Fault::ReadOnly));
    }
    let mut merged = Value::Object(given);
    let names_visibility = patch.contains_key("visibility");
    json_patch::merge(&mut merged, &Value::Object(patch));
    let Value::Object(mut body) = merged else {
        return Err(Error::NotFound);
    };
    if !names_visibility {
        body.remove("visibility");
    }
    Ok(body)
}

/// Finds members that a patch clears and that no document has. A merge drops them without a trace,
/// and a caller who mistyped would think the field cleared.
fn find_unknown_nulls(
    patch: &Map<String, Value>,
    given: &Map<String, Value>,
    at: &str,
    issues: &mut Issues,
) {
    for (name, value) in patch {
        let place = || format!("{at}/{name}");
        match value {
            Value::Null if !given.contains_key(name) && !READ_ONLY.contains(&name.as_str()) => {
                let allowed = given.keys().cloned().collect();
                let fault = Fault::Unknown { allowed };
                issues.0.push(Issue::body(place(), fault));
            }
            Value::Object(patch) => match given.get(name) {
                // A date shows only the members that it has.
                Some(Value::Object(given)) if !given.contains_key("edtf") => {
                    find_unknown_nulls(patch, given, &place(), issues);
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// Takes a document out. Its address then answers that it is gone. Of a person the versions go
/// too, and what else may be left to clear is given back.
///
/// # Errors
/// [`Error::InUse`] while others refer to it, and as for [`replace`].
pub fn delete<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    locator: &Locator,
    precondition: &Precondition,
) -> Result<(HeadRow, Option<Traces>)> {
    let head = find::find_live(write.connection(), caller, T::NAMING.type_, locator)?;
    let traces = remove::<T>(write, caller, &head, precondition)?;
    Ok((head, traces))
}

/// Takes out a document that was found; see [`delete`].
pub(super) fn remove<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    head: &HeadRow,
    precondition: &Precondition,
) -> Result<Option<Traces>> {
    // What is frozen can go: that is no change of what it says.
    let current = load_to_write::<T>(write, caller, head, precondition)?;
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
    end(write, head, &current.record.head.identifiers, None)?;
    let mut traces = None;
    if T::STUB.is_some() {
        let left = Traces::of::<T>(write.connection(), &head.id)?;
        left.blank_versions(write.connection())?;
        traces = Some(left);
    }
    Ok(traces)
}

/// Loads a document that the caller wants to change, if that is allowed.
pub(super) fn check_writable<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    head: &HeadRow,
    precondition: &Precondition,
) -> Result<Current<T>> {
    let current = load_to_write(write, caller, head, precondition)?;
    refuse_frozen(&current)?;
    Ok(current)
}

/// Refuses a document that does not change any more.
pub(super) fn refuse_frozen<T: Document>(current: &Current<T>) -> Result<()> {
    match current.record.content.frozen() {
        Some(why) => Err(Error::Conflict(why)),
        None => Ok(()),
    }
}

/// Whether a caller may change a document that it can see.
///
/// # Errors
/// [`Error::Forbidden`] when it may not.
pub fn may_write(caller: &Caller, head: &HeadRow) -> Result<()> {
    if caller.may_write(&head.access()) {
        Ok(())
    } else {
        Err(Error::Forbidden(NOT_STEWARD))
    }
}

/// The same, for a write that may be done to what does not change any more.
pub(super) fn load_to_write<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    head: &HeadRow,
    precondition: &Precondition,
) -> Result<Current<T>> {
    may_write(caller, head)?;
    precondition.check(Some(head.version))?;
    load_one(write.connection(), head)
}

pub(super) const NOT_STEWARD: Text = Text {
    nl: "Deze sleutel mag alleen documenten wijzigen waarvan de eigen organisatie bronhouder is.",
    en: "This key may only change documents of which its own organisation is the steward.",
};

const OTHER_SLUG: Text = Text {
    nl: "Een nieuw document krijgt de slug van het adres; laat dit veld weg of geef dezelfde.",
    en: "A new document gets the slug of the address; leave this field out or give the same.",
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
    for name in READ_ONLY.iter().chain(T::DERIVED) {
        if body.remove(*name).is_some() {
            issues
                .0
                .push(Issue::body(format!("/{name}"), Fault::ReadOnly));
        }
    }
    if let Some(Locator::Slug(slug)) = locator {
        let given = body.entry("slug").or_insert_with(|| slug.clone().into());
        // Else the next upsert at the same address would make another document.
        if given.is_string() && given != slug.as_str() {
            issues.0.push(Issue::body(
                "/slug",
                Fault::Contradiction { why: OTHER_SLUG },
            ));
        }
    }
    let origin = Origin::new(write.now());
    let (mut names, mut free) = (Registered, Free::default());
    let manner = &mut Manner::of_one(caller, &mut names, &mut free);
    let (row, _) = make::<T>(write, manner, body, origin, issues)?;
    log_version(write, &row, "created", None)?;
    Ok(row)
}

/// What the register sets of a document that is made.
pub(super) struct Origin {
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    /// Whether it is what is left of an erased one.
    pub(super) is_stub: bool,
}

impl Origin {
    /// That of one that is made now.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            id: uuid::Uuid::now_v7().to_string(),
            version: 1,
            created_at: now,
            updated_at: now,
            is_stub: false,
        }
    }
}

/// Writes a new document, without a line of the log. Gives its head and the document.
pub(super) fn make<T: Document>(
    write: &mut Write<'_>,
    manner: &mut Manner<'_>,
    body: Map<String, Value>,
    origin: Origin,
    issues: Issues,
) -> Result<(HeadRow, Record<T>)> {
    let id = origin.id;
    let stub = T::STUB.filter(|_| origin.is_stub).map(|stub| stub());
    let stub = stub.as_ref();
    let mut record = draft_record::<T>(write, manner, body, None, stub, &id, issues)?;
    let access = own_new_document(&mut record, manner.caller)?;
    let db = write.connection();
    if record.head.slug.is_empty() {
        record.head.slug = free_slug(db, manner, &record.content)?;
    } else if names::slug_is_taken(db, manner.free, T::NAMING.type_, &record.head.slug, &id)? {
        return Err(Error::Taken {
            what: record.head.slug,
        });
    }
    let codes = &record.head.identifiers;
    names::refuse_taken(db, manner.free, T::NAMING.type_, codes, &[])?;
    record.head.created_at = origin.created_at;
    record.head.updated_at = origin.updated_at;
    record.head.version = origin.version;
    let row = row_of(&mut record)?;
    heads::insert(write, row.clone())?;
    save_parts(write, &mut record, None)?;
    debug_assert_eq!(access, row.access());
    Ok((row, record))
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

pub(super) fn update<T: Document>(
    write: &mut Write<'_>,
    caller: &Caller,
    head: &HeadRow,
    current: &Current<T>,
    body: Map<String, Value>,
    issues: Issues,
) -> Result<(HeadRow, Outcome)> {
    let (mut names, mut free) = (Registered, Free::default());
    let manner = &mut Manner::of_one(caller, &mut names, &mut free);
    let record = redraft(write, manner, head, current, body, issues)?;
    let Some((row, _)) = change(write, manner, head, current, record)? else {
        return Ok((head.clone(), Outcome::Unchanged));
    };
    log_version(write, &row, "updated", Some(&head.access()))?;
    if row.shown() != head.shown() {
        bump_referrers(write, &row.id)?;
    }
    Ok((row, Outcome::Updated))
}

/// Reads what a document should become.
pub(super) fn redraft<T: Document>(
    write: &mut Write<'_>,
    manner: &mut Manner<'_>,
    head: &HeadRow,
    current: &Current<T>,
    mut body: Map<String, Value>,
    mut issues: Issues,
) -> Result<Record<T>> {
    let whole = &current.json;
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
    for name in T::DERIVED {
        if body
            .remove(*name)
            .is_some_and(|value| value != whole[*name])
        {
            issues
                .0
                .push(Issue::body(format!("/{name}"), Fault::ReadOnly));
        }
    }
    let (db, access) = (write.connection(), head.access());
    if let Some(given) = keep_hidden_items(db, manner.caller, access, whole, &mut body)? {
        // Its faults are told where the caller made them: the rows put back would move them, and
        // tell how many there are.
        let issues = issues.clone();
        draft_record::<T>(write, manner, given, Some(current), None, &head.id, issues)?;
    }
    let mut record = draft_record(write, manner, body, Some(current), None, &head.id, issues)?;
    record.head.created_at = head.created_at;
    record.head.updated_at = head.updated_at;
    record.head.version = head.version;
    if record.head.slug.is_empty() {
        record.head.slug.clone_from(&head.slug);
    }
    Ok(record)
}

/// Writes what a document should become, without lines of the log; nothing when it already is so.
pub(super) fn change<T: Document>(
    write: &mut Write<'_>,
    manner: &mut Manner<'_>,
    head: &HeadRow,
    current: &Current<T>,
    mut record: Record<T>,
) -> Result<Option<(HeadRow, Record<T>)>> {
    if record.to_text()? == current.record.to_text()? {
        return Ok(None);
    }
    if record.access().steward != head.steward_id && !manner.caller.is_admin() {
        return Err(Error::Forbidden(Text {
            nl: "Alleen een beheerder kan een document aan een andere bronhouder geven.",
            en: "Only an administrator can give a document to another steward.",
        }));
    }
    let type_ = T::NAMING.type_;
    let (codes, before) = (&record.head.identifiers, &current.record.head.identifiers);
    names::refuse_taken(write.connection(), manner.free, type_, codes, before)?;
    if record.head.slug != head.slug {
        let (db, slug) = (write.connection(), &record.head.slug);
        if names::slug_is_taken(db, manner.free, type_, slug, &head.id)? {
            return Err(Error::Taken {
                what: record.head.slug,
            });
        }
        names::move_slug(
            write.connection(),
            type_,
            &head.id,
            &head.slug,
            &record.head.slug,
        )?;
    }
    let hidden = head.access().visibility == Visibility::Restricted;
    if hidden && record.head.visibility == Visibility::Public {
        names::forget_slugs(write.connection(), &head.id)?;
    }
    record.head.updated_at = write.now();
    record.head.version += 1;
    let row = row_of(&mut record)?;
    heads::update(write, head, &row)?;
    save_parts(write, &mut record, Some(current))?;
    Ok(Some((row, record)))
}
