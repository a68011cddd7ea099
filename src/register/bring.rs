//! Bringing in one of many documents that may name each other, in any order.
//!
//! All of them are written first, with references to what will be there in the end; then each is
//! checked against the others, and then logged. The database is told to look at references when
//! the transaction ends ([`Write::defer`]).

use chrono::DateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::caller::Caller;
use super::document::{Document, READ_ONLY, Record, read_draft};
use super::draft::Manner;
use super::error::{Error, Result};
use super::fault::{Fault, Issue, Issues};
use super::find::Names;
use super::heads::{self, HeadRow};
use super::language::Text;
use super::locator::sort_key;
use super::projection::project;
use super::read::load_records;
use super::save::bump;
use super::traces::Traces;
use super::write::{
    Origin, Outcome, Precondition, change, check_writable, keep_head, make, patched, redraft,
    remove,
};
use crate::store::schema::changes;
use crate::store::{AnyConnection, Timestamp, Write};

/// How many documents are asked for at once.
const TOGETHER: usize = 200;

/// How documents are brought in.
pub struct Bringing<'b> {
    /// Who brings them.
    pub caller: &'b Caller,
    /// What their references name.
    pub(crate) names: &'b mut dyn Names,
    /// Whether a member that is absent stays as it is, as in a merge patch; else it becomes empty.
    pub keep: bool,
    /// Whether to tell what changes, member by member.
    pub compare: bool,
}

/// What a document is brought to.
pub enum Target<'t> {
    /// One that is there.
    Existing(&'t HeadRow),
    /// One that is there, if it is so already; else it is not the one that is meant.
    Same(&'t HeadRow),
    /// A new one, with this id.
    New(String),
}

/// A document that was brought in, and not logged yet.
pub struct Brought {
    /// Its head.
    pub row: HeadRow,
    /// What came of it.
    pub outcome: Outcome,
    /// The head that it had.
    pub before: Option<HeadRow>,
    /// Whether it is called otherwise than before, or others may see it who could not.
    pub renamed: bool,
    /// The document as it was, as the caller sees it, where it changes and that is wanted.
    pub was: Option<Map<String, Value>>,
}

/// A member that changes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Difference {
    /// Its name.
    #[schema(examples("status"))]
    pub member: String,
    /// What it was; absent in a new document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// What it becomes.
    #[schema(value_type = Object)]
    pub after: Value,
}

/// Why a document of which only the name is known is not brought in.
const SAME_NAME: Text = Text {
    nl: "Er is al een document met deze naam, dat er anders uitziet. Geef de slug, id of code van dat document om het te wijzigen, of een eigen slug om een nieuw te maken.",
    en: "There is a document with this name already, and it differs. Give the slug, id or code of that document to change it, or a slug of its own to make a new one.",
};

/// Brings in a document.
///
/// # Errors
/// All that is wrong with it, as for a request that writes it.
pub fn bring<T: Document>(
    write: &mut Write<'_>,
    bringing: &mut Bringing<'_>,
    target: &Target<'_>,
    body: Map<String, Value>,
) -> Result<Brought> {
    match target {
        Target::Existing(head) => bring_to::<T>(write, bringing, head, body, false),
        Target::Same(head) => bring_to::<T>(write, bringing, head, body, true),
        Target::New(id) => bring_new::<T>(write, bringing, id, body),
    }
}

fn manner<'m>(bringing: &'m mut Bringing<'_>) -> Manner<'m> {
    Manner {
        caller: bringing.caller,
        names: &mut *bringing.names,
        checked: false,
    }
}

fn bring_new<T: Document>(
    write: &mut Write<'_>,
    bringing: &mut Bringing<'_>,
    id: &str,
    mut body: Map<String, Value>,
) -> Result<Brought> {
    let mut issues = Issues::default();
    let mut origin = Origin::new(write.now());
    id.clone_into(&mut origin.id);
    restore(&mut body, &mut origin, bringing.caller, &mut issues);
    let mut derived = Vec::new();
    for name in T::DERIVED {
        derived.extend(body.shift_remove(*name).map(|value| (*name, value)));
    }
    // What has no value is given by leaving it out; a document that was read shows it as null.
    body.retain(|name, value| !value.is_null() || ["slug", "visibility"].contains(&name.as_str()));
    let (row, made) = make::<T>(write, &mut manner(bringing), body, origin, issues)?;
    let wrong = derived
        .into_iter()
        .filter(|(name, value)| made[*name] != *value);
    let wrong = wrong.map(|(name, _)| Issue::body(format!("/{name}"), Fault::ReadOnly));
    Issues(wrong.collect()).none_or_fail()?;
    Ok(Brought {
        row,
        outcome: Outcome::Created,
        before: None,
        renamed: false,
        was: None,
    })
}

/// Takes over what the register sets itself, from a document that an administrator brings back:
/// out of an export, for example. From others it is not taken.
fn restore(
    body: &mut Map<String, Value>,
    origin: &mut Origin,
    caller: &Caller,
    issues: &mut Issues,
) {
    let mut refuse = |name: &str, fault: Fault| {
        issues.0.push(Issue::body(format!("/{name}"), fault));
    };
    let given: Vec<_> = READ_ONLY
        .iter()
        .filter_map(|name| Some((*name, body.shift_remove(*name)?)))
        .collect();
    for (name, value) in given {
        if !caller.is_admin() {
            refuse(name, Fault::ReadOnly);
            continue;
        }
        let instant = || {
            let instant = DateTime::parse_from_rfc3339(value.as_str()?).ok()?;
            Some(Timestamp::from(instant.to_utc()))
        };
        match name {
            "version" => match value
                .as_i64()
                .filter(|version| (1..1_000_000_000).contains(version))
            {
                Some(version) => origin.version = version,
                None => refuse(
                    name,
                    Fault::OutOfRange {
                        minimum: 1,
                        maximum: 999_999_999,
                    },
                ),
            },
            "createdAt" | "updatedAt" => match (name, instant()) {
                ("createdAt", Some(instant)) => origin.created_at = instant,
                (_, Some(instant)) => origin.updated_at = instant,
                (_, None) => refuse(name, Fault::InvalidFormat { expected: INSTANT }),
            },
            // The id itself is what it was found by.
            _ => {}
        }
    }
}

const INSTANT: Text = Text {
    nl: "een tijdstip als 2026-01-31T12:00:00Z",
    en: "an instant such as 2026-01-31T12:00:00Z",
};

fn bring_to<T: Document>(
    write: &mut Write<'_>,
    bringing: &mut Bringing<'_>,
    head: &HeadRow,
    mut body: Map<String, Value>,
    only_same: bool,
) -> Result<Brought> {
    let caller = bringing.caller;
    let current: Record<T> = check_writable(write, caller, head, &Precondition::default())?;
    let mut issues = Issues::default();
    if bringing.keep {
        keep_identifiers(&mut body, &current)?;
        body = patched(&current, body, &mut issues)?;
    } else {
        keep_head(&mut body, &current)?;
    }
    let record = redraft(write, &mut manner(bringing), head, &current, body, issues)?;
    let (before, after) = (current.to_json()?, record.to_json()?);
    if only_same && before != after {
        return Err(Error::Conflict(SAME_NAME));
    }
    let other_codes = record.head.identifiers != current.head.identifiers;
    let row = change(write, caller, head, &current, record)?;
    let renamed = row.as_ref().is_some_and(|row| row.shown() != head.shown());
    let mut was = None;
    if bringing.compare && row.is_some() {
        let mut documents = [(head.access(), before)];
        project(write.connection(), caller, &mut documents)?;
        let [(_, before)] = documents;
        was = Some(before);
    }
    Ok(Brought {
        outcome: if row.is_some() {
            Outcome::Updated
        } else {
            Outcome::Unchanged
        },
        row: row.unwrap_or_else(|| head.clone()),
        before: Some(head.clone()),
        renamed: renamed || other_codes,
        was,
    })
}

/// A row that knows one code of a document says nothing of its codes of other schemes.
fn keep_identifiers<T: Document>(body: &mut Map<String, Value>, current: &Record<T>) -> Result<()> {
    let Some(Value::Array(given)) = body.get_mut("identifiers") else {
        return Ok(());
    };
    let schemes: Vec<Value> = given.iter().map(|one| one["scheme"].clone()).collect();
    for identifier in &current.head.identifiers {
        if !schemes
            .iter()
            .any(|scheme| *scheme == identifier.scheme.as_str())
        {
            given.push(serde_json::to_value(identifier)?);
        }
    }
    Ok(())
}

/// The members that differ between a document as it was, if it was, and as it is.
pub fn differences(
    before: Option<&Map<String, Value>>,
    after: Map<String, Value>,
) -> Vec<Difference> {
    let told = |name: &str| !READ_ONLY.contains(&name);
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    after
        .into_iter()
        .filter(|(name, _)| told(name))
        .filter_map(|(member, after)| match before {
            None if empty(&after) => None,
            None => Some(Difference {
                member,
                before: None,
                after,
            }),
            Some(before) => {
                let before = before.get(&member).cloned().unwrap_or_default();
                (before != after).then_some(Difference {
                    member,
                    before: Some(before),
                    after,
                })
            }
        })
        .collect()
}

/// The name by which a document sorts, as far as its body tells; nothing when it is too wrong for
/// that.
pub fn name_key<T: Document>(body: &Map<String, Value>) -> Option<String> {
    let draft = read_draft::<T>(body.clone()).0.ok()?;
    Some(sort_key(&draft.content.sort_name()))
}

/// Checks documents against all others, once they are all in. What is wrong is told with the place
/// of the document among these.
///
/// # Errors
/// When the database cannot be asked.
pub fn check<T: Document>(
    db: &mut AnyConnection,
    heads: &[HeadRow],
) -> Result<Vec<(usize, Issues)>> {
    let mut wrong = Vec::new();
    for (nth, record) in load_records::<T>(db, heads)?.iter().enumerate() {
        let mut issues = Issues::default();
        record.content.check(db, &record.head.id, &mut issues)?;
        if !issues.0.is_empty() {
            wrong.push((nth, issues));
        }
    }
    Ok(wrong)
}

/// Gives a new version to each document that shows the name, slug or existence of one of these, and
/// has none from this transaction yet.
///
/// # Errors
/// When the database cannot be asked.
pub fn bump_others(write: &mut Write<'_>, renamed: &[String]) -> Result<()> {
    for ids in renamed.chunks(TOGETHER) {
        let others = heads::ids_of_referrers(write.connection(), ids)?;
        for ids in others.chunks(TOGETHER) {
            let changeset = write.changeset().to_owned();
            let logged: Vec<String> = changes::table
                .filter(changes::changeset.eq(changeset))
                .filter(changes::document_id.eq_any(ids))
                .select(changes::document_id)
                .load(write.connection())?;
            let mut rows = heads::load(write.connection(), ids)?;
            // What this transaction has changed has its line already, with the names as they are now.
            rows.retain(|row| !logged.contains(&row.id));
            rows.sort_by(|a, b| (&a.type_, &a.id).cmp(&(&b.type_, &b.id)));
            bump(write, &rows)?;
        }
    }
    Ok(())
}

type Check = fn(&mut AnyConnection, &[HeadRow]) -> Result<Vec<(usize, Issues)>>;

/// What can be done with a document of a type that is not known at compile time, in an import.
#[derive(Clone, Copy)]
pub struct Import {
    /// See [`bring`].
    pub bring:
        fn(&mut Write<'_>, &mut Bringing<'_>, &Target<'_>, Map<String, Value>) -> Result<Brought>,
    /// See [`check`].
    pub check: Check,
    /// Takes one out, as [`super::write::delete`] does.
    pub remove: fn(&mut Write<'_>, &Caller, &HeadRow, &Precondition) -> Result<Option<Traces>>,
    /// See [`name_key`].
    pub name_key: fn(&Map<String, Value>) -> Option<String>,
}

impl Import {
    /// For one collection.
    pub const fn of<T: Document>() -> Self {
        Self {
            bring: bring::<T>,
            check: check::<T>,
            remove: remove::<T>,
            name_key: name_key::<T>,
        }
    }
}
