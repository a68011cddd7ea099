//! Writing the documents of an import, one after the other, with references to what will be there.

use std::collections::HashMap;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::line::{ImportPhase, Refusal};
use super::locate::{Finder, Located};
use super::names::FileNames;
use super::run::{Import, Kept, Mode, OnMissing};
use crate::collections::ALL;
use crate::register::bring::{Bringing, Brought, Target};
use crate::register::find::find_live;
use crate::register::write::Outcome;
use crate::register::{Access, Error, HeadRow, Issues, Locator, Result, heads};
use crate::store::Write;

/// How many documents are checked at once.
pub(super) const TOGETHER: usize = 200;

/// What was written of a document.
#[derive(Clone)]
pub(super) struct Done {
    pub(super) outcome: Outcome,
    /// Who could read it before; nothing when it is new.
    pub(super) before: Option<Access>,
    /// Whether others show something of it that is no longer so.
    pub(super) renamed: bool,
    /// The place of what it was, among the notes.
    pub(super) was: Option<usize>,
}

/// What was written of each document of the file; nothing of those that are wrong.
pub(super) type AllDone = Vec<Option<Done>>;

/// Finds out which documents there are already.
///
/// # Errors
/// When the register fails, or nobody listens any more.
pub(super) fn locate_all(import: &mut Import, write: &mut Write<'_>) -> Result<()> {
    let caller = import.caller.clone();
    let mut finder = Finder::new(&caller);
    let mut met: HashMap<Uuid, usize> = HashMap::new();
    let all = import.entries.len();
    for nth in 0..all {
        import.tell_progress(ImportPhase::Locating, nth, Some(all))?;
        if import.entries[nth].failed {
            continue;
        }
        let kept: Kept = import.pile.get(nth)?;
        let collection = &ALL[import.entries[nth].collection];
        let located = finder.locate(write.connection(), collection, &kept.with_members())?;
        let entry = &mut import.entries[nth];
        let refusal = match located {
            Located::Refused(refusal) => Some(refusal),
            Located::New(id) => {
                entry.id = Some(id);
                None
            }
            Located::There(head) => {
                entry.is_there = true;
                entry.id = Uuid::try_parse(&head.id).ok();
                None
            }
            Located::SameName(heads) => {
                entry.is_there = true;
                entry.by_name = true;
                entry.id = heads
                    .first()
                    .and_then(|head| Uuid::try_parse(&head.id).ok());
                None
            }
        };
        let twice = match (entry.id, entry.by_name) {
            (Some(id), false) => met.insert(id, nth),
            _ => None,
        };
        if let Some(refusal) = refusal {
            import.refuse(nth, &refusal)?;
        } else if let Some(other) = twice {
            let other = other + 1;
            let refusal = Refusal::because(
                "duplicate",
                format!("Dit is hetzelfde document als document {other} van dit bestand."),
                format!("This is the same document as document {other} of this file."),
            );
            import.refuse(nth, &refusal)?;
        }
    }
    Ok(())
}

/// Writes all that is right. In an import of each on its own, what refers to something wrong is
/// wrong too: so it goes through them again without those, until nothing new is wrong.
///
/// # Errors
/// As for [`locate_all`].
pub(super) fn apply(import: &mut Import, write: &mut Write<'_>) -> Result<AllDone> {
    loop {
        let failed = import.summary.failed;
        if import.options.mode == Mode::Atomic {
            let done = write_all(import, write)?;
            if !import.is_lost() {
                check_all(import, write, &done)?;
            }
            return Ok(done);
        }
        // What is wrong was told; what was written beside it is not kept.
        let round = write.attempt(|write| {
            let done = write_all(import, write)?;
            if import.summary.failed == failed {
                check_all(import, write, &done)?;
            }
            if import.summary.failed == failed {
                Ok(done)
            } else {
                Err(Round::Again)
            }
        });
        match round {
            Ok(done) => return Ok(done),
            Err(Round::Again) => {}
            Err(Round::Failed(error)) => return Err(error),
        }
    }
}

/// Why a round was not kept.
enum Round {
    Again,
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Round {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

fn write_all(import: &mut Import, write: &mut Write<'_>) -> Result<AllDone> {
    let all = import.entries.len();
    let (caller, options) = (import.caller.clone(), import.options.clone());
    // Neither changes while documents are written; what becomes wrong counts from the next round on.
    let (keys, entries) = (std::mem::take(&mut import.keys), import.entries.clone());
    let mut names = FileNames::new(&keys, &entries, options.mode == Mode::Atomic);
    let mut done: AllDone = vec![None; all];
    let mut ended = Ok(());
    for nth in 0..all {
        ended = import.tell_progress(ImportPhase::Writing, nth, Some(all));
        if ended.is_err() {
            break;
        }
        let entry = &entries[nth];
        if entry.failed {
            continue;
        }
        let mut bringing = Bringing {
            caller: &caller,
            names: &mut names,
            keep: options.on_missing == OnMissing::Keep,
            compare: options.dry_run || options.plan.is_some(),
        };
        let one = import.pile.get::<Kept>(nth).and_then(|kept| {
            write_one(
                write,
                &mut bringing,
                entry.collection,
                entry.id,
                entry.is_there,
                entry.by_name,
                kept,
            )
        });
        ended = match one {
            Ok(brought) => {
                if brought.renamed {
                    names.forget();
                }
                note(import, brought).map(|one| done[nth] = Some(one))
            }
            Err(error) => Refusal::of(error).and_then(|refusal| import.refuse(nth, &refusal)),
        };
        if ended.is_err() {
            break;
        }
    }
    import.keys = keys;
    ended.map(|()| done)
}

fn write_one(
    write: &mut Write<'_>,
    bringing: &mut Bringing<'_>,
    collection: usize,
    id: Option<Uuid>,
    is_there: bool,
    by_name: bool,
    kept: Kept,
) -> Result<Brought> {
    let collection = &ALL[collection];
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    let bring = collection.import.bring;
    let mut body = kept.body;
    if !is_there {
        for (name, value) in kept.only_if_new {
            body.entry(name).or_insert(value);
        }
        return bring(write, bringing, &Target::New(id), body);
    }
    let type_ = collection.naming.type_;
    let head = find_live(write.connection(), bringing.caller, type_, &Locator::Id(id))?;
    if !by_name {
        return bring(write, bringing, &Target::Existing(&head), body);
    }
    same_as_one(write, bringing, &head, &body, bring)
}

type Bring =
    fn(&mut Write<'_>, &mut Bringing<'_>, &Target<'_>, Map<String, Value>) -> Result<Brought>;

/// A document that only its name tells is the one of that name that is just as it.
fn same_as_one(
    write: &mut Write<'_>,
    bringing: &mut Bringing<'_>,
    head: &HeadRow,
    body: &Map<String, Value>,
    bring: Bring,
) -> Result<Brought> {
    let caller = bringing.caller.clone();
    let same = Finder::new(&caller).same_name(write.connection(), &head.type_, &head.name_key)?;
    let mut last = None;
    for head in &same {
        match bring(write, bringing, &Target::Same(head), body.clone()) {
            Err(error @ (Error::Conflict(_) | Error::Forbidden(_))) => last = Some(error),
            other => return other,
        }
    }
    Err(last.unwrap_or(Error::NotFound))
}

/// Keeps of what was written what is needed later.
fn note(import: &mut Import, brought: Brought) -> Result<Done> {
    let was = match brought.was {
        Some(was) => {
            import.notes.push(&was)?;
            Some(import.notes.len() - 1)
        }
        None => None,
    };
    Ok(Done {
        outcome: brought.outcome,
        renamed: brought.renamed,
        before: brought.before.map(|head| head.access()),
        was,
    })
}

/// Takes some documents of one collection: their places in the file, and their heads.
type Visit<'v> = dyn FnMut(&mut Import, &mut Write<'_>, &[usize], &[HeadRow]) -> Result<()> + 'v;

/// The heads of what was written or was there, `TOGETHER` at a time and one collection at a time, with
/// their places among the documents of the file.
pub(super) fn each_part(
    import: &mut Import,
    write: &mut Write<'_>,
    done: &AllDone,
    visit: &mut Visit<'_>,
) -> Result<()> {
    let all = done.len();
    for first in (0..all).step_by(TOGETHER) {
        import.tell_progress(ImportPhase::Checking, first, Some(all))?;
        let here: Vec<usize> = (first..all.min(first + TOGETHER))
            .filter(|nth| done[*nth].is_some() && !import.entries[*nth].failed)
            .collect();
        let ids: Vec<String> = here
            .iter()
            .filter_map(|nth| import.entries[*nth].id.map(|id| id.to_string()))
            .collect();
        let heads = heads::load(write.connection(), &ids)?;
        let heads: HashMap<&str, &HeadRow> =
            heads.iter().map(|head| (head.id.as_str(), head)).collect();
        for (place, _) in ALL.iter().enumerate() {
            let mine = here
                .iter()
                .zip(&ids)
                .filter(|(nth, _)| import.entries[**nth].collection == place);
            let (nths, rows): (Vec<usize>, Vec<HeadRow>) = mine
                .filter_map(|(nth, id)| Some((*nth, (*heads.get(id.as_str())?).clone())))
                .unzip();
            if !rows.is_empty() {
                visit(import, write, &nths, &rows)?;
            }
        }
    }
    Ok(())
}

/// Checks what was written against all that is there now.
fn check_all(import: &mut Import, write: &mut Write<'_>, done: &AllDone) -> Result<()> {
    each_part(import, write, done, &mut |import, write, nths, rows| {
        let collection = &ALL[import.entries[nths[0]].collection];
        let changed = |nth: &usize| {
            done[*nth]
                .as_ref()
                .is_some_and(|one| one.outcome != Outcome::Unchanged)
        };
        let (nths, rows): (Vec<usize>, Vec<HeadRow>) = nths
            .iter()
            .zip(rows)
            .filter(|(nth, _)| changed(nth))
            .map(|(nth, row)| (*nth, row.clone()))
            .unzip();
        let wrong: Vec<(usize, Issues)> = (collection.import.check)(write.connection(), &rows)?;
        for (place, issues) in wrong {
            import.refuse(nths[place], &Refusal::Faults(issues.0))?;
        }
        Ok(())
    })
}
