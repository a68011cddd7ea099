//! Bringing in many documents that may name each other, in any order.
//!
//! They come in parts. What a write of one document asks the database (what stands there, whether a
//! name is taken) is asked for all documents of a part together, and holds until one of them changes
//! it.
//!
//! All of them are written first, with references to what will be there in the end; then each is
//! checked against the others, and then logged. The database is told to look at references when
//! the transaction ends ([`Write::defer`]).

use std::collections::{HashMap, HashSet};

use chrono::DateTime;
use diesel::prelude::*;
use serde_json::{Map, Value};

use super::above::Above;
use super::ahead::Free;
use super::brought::{Bringing, Brought, Came, Item, Target};
use super::caller::Caller;
use super::document::{Document, READ_ONLY, Record};
use super::draft::Manner;
use super::error::{Error, Result};
use super::fault::{Fault, Issue, Issues};
use super::heads::{self, HeadRow};
use super::kept::place_as_seen;
use super::language::Text;
use super::locator::{Locator, slug_of};
use super::partly::{emptied, fill, fill_items, name_key, refill, wrong_alone};
use super::projection::project;
use super::read::load_records;
use super::save::{Current, bump};
use super::scheme::canonical;
use super::traces::Traces;
use super::unnamed::Unnamed;
use super::write::{
    Origin, Outcome, Precondition, change, keep_head, make, may_write, patched, redraft, remove,
};
use crate::store::schema::changes;
use crate::store::{AnyConnection, Timestamp, Write};

/// How many documents are asked for at once.
const TOGETHER: usize = 200;

/// Why a document of which only the name is known is not brought in.
const SAME_NAME: Text = Text {
    nl: "Er is al een document met deze naam, dat er anders uitziet. Geef de slug, id of code van dat document om het te wijzigen, of een eigen slug om een nieuw te maken.",
    en: "There is a document with this name already, and it differs. Give the slug, id or code of that document to change it, or a slug of its own to make a new one.",
};

const NO_STUB: Text = Text {
    nl: "Van een gewiste persoon (isErased) staat er niets meer in het register; dit document zegt meer. Laat isErased weg als de persoon er wel in hoort.",
    en: "Nothing is left in the register of an erased person (isErased); this document says more. Leave isErased out if the person does belong in it.",
};

/// Brings in some documents of one collection, one after the other; a few hundred. Gives what came of
/// each.
///
/// # Errors
/// When the database cannot be asked.
pub fn bring<T: Document>(
    write: &mut Write<'_>,
    bringing: &mut Bringing<'_>,
    items: Vec<Item<'_>>,
) -> Result<Vec<Came>> {
    let mut current = current::<T>(write.connection(), &items)?;
    let mut free = free::<T>(write.connection(), &items)?;
    let mut all = Vec::with_capacity(items.len());
    for mut item in items {
        let manner = &mut Manner {
            caller: bringing.caller,
            names: &mut *bringing.names,
            free: &mut free,
            checked: false,
        };
        let (head, only_same) = match item.target {
            Target::Unknown => {
                let wrong = wrong_alone::<T>(write, manner, item.body)?;
                all.push(Came {
                    brought: None,
                    wrong,
                });
                continue;
            }
            Target::New(id, _) => {
                if !item.taken_out.is_empty() {
                    fill(&mut item.body, &item.taken_out, &T::needed());
                    fill_items::<T>(&mut item.body);
                }
                let (body, issues) = (item.body, item.issues);
                let came = bring_new::<T>(write, manner, id, body, issues, bringing.logged);
                let came = came.unwrap_or_else(Came::from);
                if let Some(brought) = &came.brought {
                    bringing.names.made(T::NAMING.type_, &brought.row);
                }
                all.push(came);
                continue;
            }
            Target::Existing(head) => (head, false),
            Target::Same(head) => (head, true),
        };
        if let Err(forbidden) = may_write(bringing.caller, head) {
            // Whether it is the same would tell what is hidden in it.
            let another = Error::Conflict(SAME_NAME);
            let mut came = Came::from(if only_same { another } else { forbidden });
            came.wrong
                .extend(wrong_alone::<T>(write, manner, item.body)?);
            all.push(came);
            continue;
        }
        let Some(one) = current.remove(&head.id) else {
            all.push(Error::NotFound.into());
            continue;
        };
        let how = How {
            keep: bringing.keep,
            compare: bringing.compare,
            logged: bringing.logged,
            only_same,
        };
        let brought = bring_to(write, manner, head, &one, item, &how);
        if only_same {
            // Others may be the same as this one too.
            current.insert(head.id.clone(), one);
        }
        if let Ok(brought) = &brought
            && brought.renamed
        {
            bringing.names.forget();
            let shown = brought.row.shown();
            current
                .values_mut()
                .try_for_each(|one| one.rename(&shown))?;
        }
        all.push(brought.into());
    }
    Ok(all)
}

/// The documents that are there, by id.
fn current<T: Document>(
    db: &mut AnyConnection,
    items: &[Item<'_>],
) -> Result<HashMap<String, Current<T>>> {
    let mut heads: Vec<HeadRow> = items
        .iter()
        .filter_map(|item| match &item.target {
            Target::Existing(head) | Target::Same(head) => Some((*head).clone()),
            Target::New(..) | Target::Unknown => None,
        })
        .collect();
    heads.sort_by(|a, b| a.id.cmp(&b.id));
    heads.dedup_by(|a, b| a.id == b.id);
    if heads.is_empty() {
        return Ok(HashMap::new());
    }
    let records = load_records(db, &heads)?;
    let current = records
        .into_iter()
        .map(|record| Ok((record.head.id.clone(), Current::new(record)?)));
    current.collect()
}

/// The names that new documents will ask for and nothing has.
fn free<T: Document>(db: &mut AnyConnection, items: &[Item<'_>]) -> Result<Free> {
    let (mut asked, mut known) = (HashSet::new(), HashSet::new());
    for Item { target, body, .. } in items {
        let Target::New(_, is_free) = target else {
            continue;
        };
        let names = if *is_free { &mut known } else { &mut asked };
        let text = |name| body.get(name).and_then(Value::as_str);
        if let Some(slug) = text("slug") {
            names.insert(Locator::Slug(slug.to_owned()));
        }
        let codes = body.get("identifiers").and_then(Value::as_array);
        for code in codes.into_iter().flatten() {
            let part = |name: &str| code[name].as_str().unwrap_or_default();
            if let Ok((scheme, value)) = canonical(part("scheme"), part("value")) {
                names.insert(Locator::Identifier { scheme, value });
            }
        }
        if let (None, Some(name)) = (text("slug"), text("name").or(text("label"))) {
            asked.insert(Locator::Slug(slug_of(name, 1)));
        }
    }
    Free::among(db, T::NAMING.type_, asked, known)
}

fn bring_new<T: Document>(
    write: &mut Write<'_>,
    manner: &mut Manner<'_>,
    id: String,
    mut body: Map<String, Value>,
    mut issues: Issues,
    logged: bool,
) -> Result<Came> {
    let mut origin = Origin::new(write.now());
    origin.id = id;
    restore(&mut body, &mut origin, manner.caller, &mut issues);
    origin.is_stub = manner.caller.is_admin() && body.get(T::IS_STUB) == Some(&Value::Bool(true));
    let stub = T::STUB.filter(|_| origin.is_stub).map(|stub| stub());
    let mut derived = Vec::new();
    for name in T::DERIVED {
        derived.extend(body.shift_remove(*name).map(|value| (*name, value)));
    }
    leave_out_nulls(&mut body);
    let (row, mut made) = make::<T>(write, manner, body, origin, issues)?;
    let mut wrong = Vec::new();
    if !derived.is_empty() {
        let json = made.to_json()?;
        derived.retain(|(name, value)| json[*name] != *value);
        let issues = derived.iter();
        let issues = issues.map(|(name, _)| Issue::body(format!("/{name}"), Fault::ReadOnly));
        let issues = Issues(issues.collect()).none_or_fail();
        wrong.extend(issues.err().map(Error::Invalid));
    }
    if let Some(mut stub) = stub {
        stub.complete();
        // It says nothing of anybody, and cannot be made to: it never changes.
        if serde_json::to_value(&made.content)? != serde_json::to_value(&stub)? {
            wrong.push(Error::Conflict(NO_STUB));
        }
    }
    let brought = Brought {
        row,
        outcome: Outcome::Created,
        before: None,
        renamed: false,
        moved: true,
        needs_check: !made.content.upwards().is_empty(),
        was: None,
        text: logged.then(|| Unnamed::of(&mut made)).transpose()?,
    };
    Ok(Came {
        brought: Some(brought),
        wrong,
    })
}

/// What has no value is given by leaving it out; a document that was read shows it as null.
fn leave_out_nulls(body: &mut Map<String, Value>) {
    body.retain(|name, value| !value.is_null() || ["slug", "visibility"].contains(&name.as_str()));
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

/// How a document that is there is brought to what a body says.
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
struct How {
    keep: bool,
    compare: bool,
    logged: bool,
    /// Only if it is so already.
    only_same: bool,
}

fn bring_to<T: Document>(
    write: &mut Write<'_>,
    manner: &mut Manner<'_>,
    head: &HeadRow,
    current: &Current<T>,
    item: Item<'_>,
    how: &How,
) -> Result<Brought> {
    let (mut body, mut issues) = (item.body, item.issues);
    if !item.taken_out.is_empty() {
        let way = (how.keep, how.only_same);
        refill::<T>(&mut body, &item.taken_out, &current.json, way);
        fill_items::<T>(&mut body);
    }
    if how.keep {
        keep_identifiers(&mut body, &current.record)?;
        body = patched(current, body, &mut issues)?;
    } else {
        keep_head(&mut body, current);
        leave_out_nulls(&mut body);
    }
    let drafted = redraft(write, manner, head, current, body, issues);
    let record = match (drafted, current.record.content.frozen()) {
        (Err(Error::Invalid(_)), Some(why)) => return Err(Error::Conflict(why)),
        // What does not change any more may be told as it is.
        (Ok(record), Some(why)) if record.to_text()? != current.record.to_text()? => {
            return Err(Error::Conflict(why));
        }
        (drafted, _) => drafted?,
    };
    if how.only_same && record.to_text()? != current.record.to_text()? {
        return Err(Error::Conflict(SAME_NAME));
    }
    let other_codes = record.head.identifiers != current.record.head.identifiers;
    let needs_check = !record.content.upwards().is_empty();
    let (row, record) = change(write, manner, head, current, record)?.unzip();
    let moved = match (&record, current.json.get("addresses")) {
        (Some(record), Some(before)) => record.to_json()?["addresses"] != *before,
        _ => false,
    };
    let renamed = row.as_ref().is_some_and(|row| row.shown() != head.shown());
    let mut was = None;
    if how.compare && row.is_some() {
        let mut documents = [(head.access(), current.json.clone())];
        project(write.connection(), manner.caller, &mut documents)?;
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
        moved,
        needs_check,
        was,
        text: record
            .filter(|_| how.logged)
            .map(|mut record| Unnamed::of(&mut record))
            .transpose()?,
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

/// Checks documents against all others, once they are all in. What is wrong is told with the place
/// of the document among these, and at places as the caller sees the document.
///
/// # Errors
/// When the database cannot be asked.
pub fn check<T: Document>(
    db: &mut AnyConnection,
    caller: &Caller,
    heads: &[HeadRow],
) -> Result<Vec<(usize, Issues)>> {
    let mut above = Above::default();
    let ids: Vec<String> = heads.iter().map(|head| head.id.clone()).collect();
    above.load::<T>(db, &ids)?;
    let mut wrong = Vec::new();
    for (nth, record) in load_records::<T>(db, heads)?.iter().enumerate() {
        let mut issues = Issues::default();
        above.find_cycles(db, &record.content, &record.head.id, &mut issues)?;
        if issues.0.is_empty() {
            continue;
        }
        let whole = record.to_json()?;
        let mut seen = [(record.access(), whole.clone())];
        project(db, caller, &mut seen)?;
        for issue in &mut issues.0 {
            issue.location = place_as_seen(&whole, &seen[0].1, &issue.location);
        }
        wrong.push((nth, issues));
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

/// See [`bring`].
type Bring = fn(&mut Write<'_>, &mut Bringing<'_>, Vec<Item<'_>>) -> Result<Vec<Came>>;
type Check = fn(&mut AnyConnection, &Caller, &[HeadRow]) -> Result<Vec<(usize, Issues)>>;

/// What can be done with a document of a type that is not known at compile time, in an import.
#[derive(Clone, Copy)]
pub struct Import {
    /// See [`bring`].
    pub bring: Bring,
    /// See [`check`].
    pub check: Check,
    /// Takes one out, as [`super::write::delete`] does.
    pub remove: fn(&mut Write<'_>, &Caller, &HeadRow, &Precondition) -> Result<Option<Traces>>,
    /// What a body says to be nothing that no document can be without.
    pub emptied: fn(&Map<String, Value>) -> Vec<Issue>,
    /// The name by which a document sorts, as far as its body tells; nothing when the name is too wrong
    /// for that.
    pub name_key: fn(&Map<String, Value>) -> Option<String>,
}

impl Import {
    /// For one collection.
    pub const fn of<T: Document>() -> Self {
        Self {
            bring: bring::<T>,
            check: check::<T>,
            remove: remove::<T>,
            emptied: emptied::<T>,
            name_key: name_key::<T>,
        }
    }
}
