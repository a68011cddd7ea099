//! Writing the documents of an import, one after the other, with references to what will be there.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::given::Match;
use super::line::{ImportPhase, Refusal};
use super::locate::{Finder, Located, Sought};
use super::names::FileNames;
use super::run::{Entry, Import, Kept, Label, Mode, OnMissing};
use crate::collections::{ALL, Collection};
use crate::register::bring::{Bringing, Brought, Target};
use crate::register::write::Outcome;
use crate::register::{Access, Error, HeadRow, Issues, Result, heads};
use crate::store::Write;

/// What was written of a document.
#[derive(Clone)]
pub(super) struct Done {
    pub(super) outcome: Outcome,
    /// Who could read it before; nothing when it is new.
    pub(super) before: Option<Access>,
    /// Whether others show something of it that is no longer so.
    pub(super) renamed: bool,
    /// Whether it must be checked against the others.
    needs_check: bool,
    /// The place of what it was, among the notes.
    pub(super) was: Option<usize>,
    /// The place of its text, among the notes.
    pub(super) text: Option<usize>,
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
    for part in import.parts() {
        import.tell_progress(ImportPhase::Locating, part.start, Some(all))?;
        let (mut here, mut sought) = (Vec::new(), Vec::new());
        for nth in part {
            if import.entries[nth].failed {
                continue;
            }
            let Label { keys, found_by, .. } = import.labels.get(nth)?;
            let mut given = None;
            if keys.is_empty() || found_by == Match::Name {
                given = Some(import.given(nth)?);
            }
            here.push(nth);
            sought.push(Sought {
                collection: &ALL[import.entries[nth].collection],
                keys,
                given,
            });
        }
        let located = finder.locate(write.connection(), &sought)?;
        for (nth, located) in here.into_iter().zip(located) {
            take_located(import, &mut met, nth, located)?;
        }
    }
    Ok(())
}

/// Notes which document of the register a document of the file is.
fn take_located(
    import: &mut Import,
    met: &mut HashMap<Uuid, usize>,
    nth: usize,
    located: Located,
) -> Result<()> {
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
    // Neither changes while documents are written; what becomes wrong counts from the next round on.
    let (keys, entries) = (std::mem::take(&mut import.keys), import.entries.clone());
    let all_or_nothing = import.options.mode == Mode::Atomic;
    let mut names = FileNames::new(&keys, &entries, all_or_nothing);
    let mut done: AllDone = vec![None; entries.len()];
    let mut ended = Ok(());
    for part in import.parts() {
        ended = write_part(import, write, &mut names, &entries, part, &mut done);
        if ended.is_err() {
            break;
        }
    }
    import.keys = keys;
    ended.map(|()| done)
}

/// Writes some documents, collection by collection, and tells what is wrong with them in their order.
fn write_part(
    import: &mut Import,
    write: &mut Write<'_>,
    names: &mut FileNames<'_>,
    entries: &[Entry],
    part: Range<usize>,
    done: &mut AllDone,
) -> Result<()> {
    import.tell_progress(ImportPhase::Writing, part.start, Some(entries.len()))?;
    names.begin_part();
    let (caller, options) = (import.caller.clone(), import.options.clone());
    let mut bringing = Bringing {
        caller: &caller,
        names,
        keep: options.on_missing == OnMissing::Keep,
        compare: options.dry_run || options.plan.is_some(),
        logged: !options.dry_run,
    };
    let id = |nth: usize| entries[nth].id.unwrap_or_default().to_string();
    let there: Vec<String> = part
        .clone()
        .filter(|nth| entries[*nth].is_there && !entries[*nth].failed)
        .map(id)
        .collect();
    let there = heads::by_id(write.connection(), &there)?;
    let mut brought = write.gather(|write| {
        let mut brought = Vec::new();
        for (place, collection) in ALL.iter().enumerate() {
            let (mut items, mut nths) = (Vec::new(), Vec::new());
            for nth in part.clone() {
                let entry = &entries[nth];
                if entry.failed || entry.collection != place {
                    continue;
                }
                let kept: Kept = import.pile.get(nth)?;
                let mut body = kept.body;
                let target = match there.get(&id(nth)) {
                    Some(head) if entry.by_name => Target::Same(head),
                    Some(head) => Target::Existing(head),
                    None => {
                        for (name, value) in kept.only_if_new {
                            body.entry(name).or_insert(value);
                        }
                        Target::New(id(nth))
                    }
                };
                nths.push(nth);
                items.push((target, body));
            }
            if !items.is_empty() {
                let bring = collection.import.bring;
                brought.extend(nths.into_iter().zip(bring(write, &mut bringing, items)?));
            }
        }
        Ok::<_, Error>(brought)
    })?;
    brought.sort_by_key(|(nth, _)| *nth);
    for (nth, one) in brought {
        let one = match one {
            Err(Error::Conflict(_) | Error::Forbidden(_)) if entries[nth].by_name => {
                let kept: Kept = import.pile.get(nth)?;
                let head = there.get(&id(nth)).ok_or(Error::NotFound)?;
                same_as_one(
                    write,
                    &mut bringing,
                    entries[nth].collection,
                    head,
                    &kept.body,
                )
            }
            other => other,
        };
        match one {
            Ok(brought) => done[nth] = Some(note(import, brought)?),
            Err(error) => import.refuse(nth, &Refusal::of(error)?)?,
        }
    }
    Ok(())
}

/// A document that only its name tells is the one of that name that is just as it.
fn same_as_one(
    write: &mut Write<'_>,
    bringing: &mut Bringing<'_>,
    collection: usize,
    head: &HeadRow,
    body: &Map<String, Value>,
) -> Result<Brought> {
    let caller = bringing.caller.clone();
    let same = Finder::new(&caller).same_name(write.connection(), &head.type_, &head.name_key)?;
    let mut last = Error::NotFound;
    for head in &same {
        let items = vec![(Target::Same(head), body.clone())];
        for one in (ALL[collection].import.bring)(write, bringing, items)? {
            match one {
                Err(error @ (Error::Conflict(_) | Error::Forbidden(_))) => last = error,
                other => return other,
            }
        }
    }
    Err(last)
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
    let text = match brought.text {
        Some(text) => {
            import.notes.push_text(&text.into_text())?;
            Some(import.notes.len() - 1)
        }
        None => None,
    };
    Ok(Done {
        outcome: brought.outcome,
        renamed: brought.renamed,
        needs_check: brought.needs_check,
        before: brought.before.map(|head| head.access()),
        was,
        text,
    })
}

/// Takes documents of one part: their places in the file, in order, and their heads.
pub(super) type Visit<'v> =
    dyn FnMut(&mut Import, &mut Write<'_>, &[usize], &[HeadRow]) -> Result<()> + 'v;

/// The heads of what was written or was there, a part at a time, with their places among the documents
/// of the file; of those that are wanted.
pub(super) fn each_part(
    import: &mut Import,
    write: &mut Write<'_>,
    done: &AllDone,
    wanted: fn(&Done) -> bool,
    visit: &mut Visit<'_>,
) -> Result<()> {
    for part in import.parts() {
        import.tell_progress(ImportPhase::Checking, part.start, Some(done.len()))?;
        let here = part
            .filter(|nth| done[*nth].as_ref().is_some_and(wanted) && !import.entries[*nth].failed);
        let ids = here.filter_map(|nth| Some((nth, import.entries[nth].id?.to_string())));
        let (here, ids): (Vec<usize>, Vec<String>) = ids.unzip();
        let heads = heads::by_id(write.connection(), &ids)?;
        // Several rows of a list may name the same document.
        let rows = here.into_iter().zip(&ids);
        let (nths, rows): (Vec<usize>, Vec<HeadRow>) = rows
            .filter_map(|(nth, id)| Some((nth, heads.get(id)?.clone())))
            .unzip();
        visit(import, write, &nths, &rows)?;
    }
    Ok(())
}

/// The documents of each collection among these, by their places, in order.
pub(super) fn by_collection(
    import: &Import,
    nths: &[usize],
) -> Vec<(&'static Collection, Vec<usize>)> {
    let of = |(place, collection)| {
        let mine = |at: &usize| import.entries[nths[*at]].collection == place;
        (collection, (0..nths.len()).filter(mine).collect::<Vec<_>>())
    };
    let all = ALL.iter().enumerate().map(of);
    all.filter(|(_, mine)| !mine.is_empty()).collect()
}

/// Checks what was written against all that is there now.
fn check_all(import: &mut Import, write: &mut Write<'_>, done: &AllDone) -> Result<()> {
    let wanted = |one: &Done| one.outcome != Outcome::Unchanged && one.needs_check;
    each_part(
        import,
        write,
        done,
        wanted,
        &mut |import, write, nths, rows| {
            for (collection, mine) in by_collection(import, nths) {
                let rows: Vec<HeadRow> = mine.iter().map(|at| rows[*at].clone()).collect();
                let wrong: Vec<(usize, Issues)> =
                    (collection.import.check)(write.connection(), &rows)?;
                for (place, issues) in wrong {
                    import.refuse(nths[mine[place]], &Refusal::Faults(issues.0))?;
                }
            }
            Ok(())
        },
    )
}
