//! Undoing what was done as one changeset.

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::bring::bump_others;
use super::brought::{Bringing, Item, Target};
use super::caller::Caller;
use super::error::{Error, Referrer, Result};
use super::find::{Names, Registered};
use super::given::as_given;
use super::heads::{self, HeadRow};
use super::language::Text;
use super::refs::Shown;
use super::save::log_versions;
use super::traces::Traces;
use super::write::{Outcome, Precondition};
use crate::collections::{Collection, by_type};
use crate::privacy::processing::Action;
use crate::store::schema::{changes, tombstone_aliases, tombstones};
use crate::store::{AnyConnection, Write};

/// What a changeset did to one document.
struct Step {
    type_: String,
    id: String,
    /// The last line of the document in the changeset.
    seq: i64,
    version: i64,
    gone: bool,
    /// The document before the changeset, as it would be given; nothing when it was new.
    before: Option<Map<String, Value>>,
    /// When it was made.
    created_at: Value,
}

/// What came of undoing a changeset.
#[derive(Default)]
pub struct Reverted {
    /// What may be left to clear of people who went.
    pub traces: Vec<Traces>,
    /// The people that were changed, and how.
    pub people: Vec<(Action, String)>,
}

/// Undoes a changeset: what it made goes, what it changed becomes what it was, what it deleted comes
/// back.
///
/// # Errors
/// [`Error::NotFound`] when there is no such changeset that the caller can see;
/// [`Error::ChangedSince`] when something in it was changed by a later one; [`Error::Conflict`] when
/// it cannot be undone; and as for writing each document.
pub fn revert(write: &mut Write<'_>, caller: &Caller, changeset: &str) -> Result<Reverted> {
    let steps = steps(write.connection(), changeset)?;
    let ids: Vec<String> = steps.iter().map(|step| step.id.clone()).collect();
    let access = heads::access_now(write.connection(), &ids)?;
    let known = |step: &&Step| {
        access
            .get(&step.id)
            .is_some_and(|access| caller.may_know(&step.id, access))
    };
    if steps.is_empty() || !steps.iter().any(|step| known(&step)) {
        return Err(Error::NotFound);
    }
    if steps.iter().any(|step| {
        !access
            .get(&step.id)
            .is_some_and(|access| caller.may_write(access))
    }) {
        return Err(Error::Forbidden(NOT_ALL_ITS_OWN));
    }
    let present: HashMap<String, HeadRow> =
        in_parts(&ids, |ids| heads::load(write.connection(), ids))?
            .into_iter()
            .map(|head| (head.id.clone(), head))
            .collect();
    refuse_changed(write.connection(), &steps, &present)?;
    write.defer()?;
    let mut names = Returning {
        types: steps
            .iter()
            .filter(|step| step.gone)
            .map(|step| (step.id.clone(), step.type_.clone()))
            .collect(),
    };
    let mut renamed = Vec::new();
    let mut written: Vec<(&Step, Option<HeadRow>)> = Vec::new();
    for step in &steps {
        let Some(before) = &step.before else { continue };
        let bring = by_type(&step.type_)?.import.bring;
        let mut bringing = Bringing {
            caller,
            names: &mut names,
            keep: false,
            compare: false,
            logged: false,
        };
        let mut body = before.clone();
        let head = present.get(&step.id);
        let target = if let Some(head) = head {
            Target::Existing(head)
        } else {
            unbury(write.connection(), &step.id)?;
            body.insert("version".into(), (step.version + 1).into());
            body.insert("createdAt".into(), step.created_at.clone());
            Target::New(step.id.clone(), false)
        };
        let brought = bring(write, &mut bringing, vec![Item::new(target, body)])?.pop();
        let brought = brought.ok_or(Error::NotFound)?.well()?;
        if brought.outcome != Outcome::Unchanged {
            if brought
                .before
                .as_ref()
                .is_some_and(|before| before.shown() != brought.row.shown())
            {
                renamed.push(step.id.clone());
            }
            written.push((step, brought.before));
        }
    }
    check_and_log(write, caller, &written)?;
    bump_others(write, &renamed)?;
    let mut reverted = Reverted::default();
    for (step, before) in &written {
        let action = before.as_ref().map_or(Action::Create, |_| Action::Change);
        reverted.add(step, action)?;
    }
    remove_all(write, caller, &steps, &present, &mut reverted)?;
    Ok(reverted)
}

impl Reverted {
    fn add(&mut self, step: &Step, action: Action) -> Result<()> {
        if by_type(&step.type_)?.personal {
            self.people.push((action, step.id.clone()));
        }
        Ok(())
    }
}

/// What was made goes, once nothing refers to it any more. Documents that refer to each other go
/// together.
fn remove_all(
    write: &mut Write<'_>,
    caller: &Caller,
    steps: &[Step],
    present: &HashMap<String, HeadRow>,
    reverted: &mut Reverted,
) -> Result<()> {
    let made: Vec<&Step> = steps
        .iter()
        .filter(|step| step.before.is_none() && !step.gone)
        .collect();
    let ids: Vec<String> = made.iter().map(|step| step.id.clone()).collect();
    let others = heads::outside_referrers(write.connection(), &ids)?;
    if !others.is_empty() {
        return Err(Error::InUse {
            referrers: heads::shown_referrers(&others, caller),
        });
    }
    heads::forget_references(write.connection(), &ids)?;
    for step in &made {
        let Some(head) = present.get(&step.id) else {
            continue;
        };
        let remove = by_type(&step.type_)?.import.remove;
        let left = remove(write, caller, head, &Precondition::default())?;
        reverted.traces.extend(left);
        reverted.add(step, Action::Delete)?;
    }
    Ok(())
}

/// What a changeset did, a step for each document, as far as it is to be undone: documents that only
/// show a name that was changed follow by themselves.
fn steps(db: &mut AnyConnection, changeset: &str) -> Result<Vec<Step>> {
    type Line = (i64, String, String, String, i64, Option<String>);
    let lines: Vec<Line> = changes::table
        .filter(changes::changeset.eq(changeset))
        .order(changes::seq.asc())
        .select((
            changes::seq,
            changes::op,
            changes::type_,
            changes::document_id,
            changes::version,
            changes::snapshot,
        ))
        .load(db)?;
    let mut steps: Vec<Step> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (seq, op, type_, id, version, snapshot) in lines {
        if op == "merged" || op == "erased" || (op == "deleted" && by_type(&type_)?.personal) {
            return Err(Error::Conflict(NOT_TO_BE_UNDONE));
        }
        let gone = op == "deleted";
        if let Some(place) = places.get(&id) {
            let step = &mut steps[*place];
            (step.seq, step.version, step.gone) = (seq, version, gone);
            continue;
        }
        let before = if op == "created" {
            None
        } else {
            snapshot_before(db, &id, seq)?
        };
        let created_at = before.as_ref().map(|before| before["createdAt"].clone());
        let before = before.map(as_given);
        if let (Some(before), Some(snapshot)) = (&before, snapshot) {
            let after: Map<String, Value> = serde_json::from_str(&snapshot)?;
            if *before == as_given(after) {
                continue;
            }
        }
        places.insert(id.clone(), steps.len());
        steps.push(Step {
            type_,
            id,
            seq,
            version,
            gone,
            before,
            created_at: created_at.unwrap_or_default(),
        });
    }
    // Made and deleted in the same changeset: there is nothing to undo.
    steps.retain(|step| step.before.is_some() || !step.gone);
    Ok(steps)
}

fn snapshot_before(
    db: &mut AnyConnection,
    id: &str,
    seq: i64,
) -> Result<Option<Map<String, Value>>> {
    let text: Option<Option<String>> = changes::table
        .filter(changes::document_id.eq(id).and(changes::seq.lt(seq)))
        .filter(changes::snapshot.is_not_null())
        .order(changes::seq.desc())
        .select(changes::snapshot)
        .first(db)
        .optional()?;
    let text = text.flatten();
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// Refuses when a later change has made other content of a document.
fn refuse_changed(
    db: &mut AnyConnection,
    steps: &[Step],
    present: &HashMap<String, HeadRow>,
) -> Result<()> {
    let mut changed = Vec::new();
    for step in steps {
        let head = present.get(&step.id);
        let same = match head {
            None => step.gone,
            Some(_) if step.gone => false,
            // It may have a new version because something that it names has another name.
            Some(head) if head.version != step.version => {
                let now = (by_type(&step.type_)?.snapshots)(db, std::slice::from_ref(head))?.pop();
                let then = snapshot_at(db, &step.id, step.seq)?;
                // Of an erased person no version says any more what was there.
                now.map(as_given) == then.map(as_given) && !was_erased(db, step)?
            }
            Some(_) => true,
        };
        if !same {
            changed.push(match head {
                Some(head) => heads::referrer(head),
                None => gone(db, step)?,
            });
        }
    }
    if changed.is_empty() {
        Ok(())
    } else {
        Err(Error::ChangedSince { documents: changed })
    }
}

/// Whether it is a person who was erased since.
fn was_erased(db: &mut AnyConnection, step: &Step) -> Result<bool> {
    let erasures: i64 = changes::table
        .filter(
            changes::document_id
                .eq(&step.id)
                .and(changes::seq.gt(step.seq)),
        )
        .filter(changes::op.eq("erased"))
        .count()
        .get_result(db)?;
    Ok(erasures > 0)
}

/// A document that is not there any more, as it was last called.
fn gone(db: &mut AnyConnection, step: &Step) -> Result<Referrer> {
    let last = snapshot_before(db, &step.id, i64::MAX)?.unwrap_or_default();
    let text = |name: &str| last.get(name).and_then(Value::as_str).unwrap_or_default();
    Ok(Referrer {
        type_: step.type_.clone(),
        id: step.id.clone(),
        slug: text("slug").to_owned(),
        name: text("name").to_owned(),
    })
}

fn snapshot_at(db: &mut AnyConnection, id: &str, seq: i64) -> Result<Option<Map<String, Value>>> {
    snapshot_before(db, id, seq + 1)
}

fn check_and_log(
    write: &mut Write<'_>,
    caller: &Caller,
    written: &[(&Step, Option<HeadRow>)],
) -> Result<()> {
    for part in written.chunk_by(|(a, _), (b, _)| a.type_ == b.type_) {
        for part in part.chunks(200) {
            let collection: &Collection = by_type(&part[0].0.type_)?;
            let ids: Vec<String> = part.iter().map(|(step, _)| step.id.clone()).collect();
            let mut rows = heads::load(write.connection(), &ids)?;
            rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
            if let Some((_, issues)) =
                (collection.import.check)(write.connection(), caller, &rows)?.pop()
            {
                return Err(issues.into());
            }
            let before: Vec<_> = part
                .iter()
                .map(|(_, before)| before.as_ref().map(HeadRow::access))
                .collect();
            log_versions(write, &rows, &before)?;
        }
    }
    Ok(())
}

/// Makes the id and the names of a deleted document free for its return.
fn unbury(db: &mut AnyConnection, id: &str) -> Result<()> {
    diesel::delete(tombstone_aliases::table.filter(tombstone_aliases::tombstone_id.eq(id)))
        .execute(db)?;
    diesel::delete(tombstones::table.find(id)).execute(db)?;
    Ok(())
}

/// What references name while deleted documents return.
struct Returning {
    types: HashMap<String, String>,
}

impl Names for Returning {
    fn named(
        &mut self,
        db: &mut AnyConnection,
        caller: &Caller,
        type_: &'static str,
        given: &str,
    ) -> Result<Option<Shown>> {
        let found = Registered.named(db, caller, type_, given)?;
        if found.is_some() || self.types.get(given).is_none_or(|known| known != type_) {
            return Ok(found);
        }
        Ok(Some(Shown::awaited(given.to_owned(), type_)))
    }
}

fn in_parts<T>(ids: &[String], mut ask: impl FnMut(&[String]) -> Result<Vec<T>>) -> Result<Vec<T>> {
    let mut all = Vec::with_capacity(ids.len());
    for ids in ids.chunks(500) {
        all.extend(ask(ids)?);
    }
    Ok(all)
}

const NOT_ALL_ITS_OWN: Text = Text {
    nl: "Deze wijziging raakt documenten die deze sleutel niet mag wijzigen.",
    en: "This changeset touches documents that this key may not change.",
};

const NOT_TO_BE_UNDONE: Text = Text {
    nl: "Samenvoegen, wissen en het verwijderen van personen kan niet ongedaan worden gemaakt.",
    en: "Merging, erasing and the deletion of people cannot be undone.",
};
