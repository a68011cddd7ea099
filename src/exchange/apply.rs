//! Writing the documents of an import, one after the other, with references to what will be there.

use std::collections::HashMap;

use uuid::Uuid;

use super::entry::{Entry, Label};
use super::given::Match;
use super::line::{ImportPhase, Refusal};
use super::locate::{Finder, Located, Sought};
use super::look::{Look, placed};
use super::names::FileNames;
use super::notes::{AllDone, Done, by_collection, each_part, note, rows_of};
use super::options::{Mode, OnMissing};
use super::run::Import;
use crate::collections::ALL;
use crate::register::brought::{Bringing, Came, Target};
use crate::register::write::{Outcome, may_write};
use crate::register::{Error, HeadRow, Result, heads};
use crate::store::Write;

/// Finds out which documents there are already.
///
/// # Errors
/// When the register fails, or nobody listens any more.
pub(super) fn locate_all(import: &mut Import, write: &mut Write<'_>) -> Result<()> {
    let caller = import.caller.clone();
    let mut finder = Finder::new(&caller);
    let mut met = Met::default();
    let all = import.entries.len();
    for part in import.parts() {
        import.tell_progress(ImportPhase::Locating, part[0], Some(all))?;
        let (mut here, mut sought) = (Vec::new(), Vec::new());
        for nth in part {
            if import.entries[nth].failed || import.entries[nth].is_unknown {
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
                is_misnamed: import.entries[nth].is_misnamed,
            });
        }
        let located = finder.locate(write.connection(), &sought)?;
        for (nth, located) in here.into_iter().zip(located) {
            take_located(import, &mut met, nth, located)?;
        }
    }
    tell_same_names(import, met)?;
    // In the order in which they are written, so that each comes behind all others in the indexes.
    let written = import.parts_by_collection().into_iter().flatten();
    for nth in written.chain(0..all) {
        let entry = &mut import.entries[nth];
        if !entry.is_there {
            entry.id.get_or_insert_with(Uuid::now_v7);
        }
    }
    Ok(())
}

/// The documents of the register that were met, or will be.
#[derive(Default)]
struct Met {
    /// Those that the file names, with the document of the file.
    named: HashMap<Uuid, usize>,
    /// The documents of the file that only their name tells, with those that have the name.
    same_name: Vec<(usize, Vec<Uuid>)>,
}

/// What is said of a document that the file names is said once: one that only its name tells is
/// another of that name.
fn tell_same_names(import: &mut Import, met: Met) -> Result<()> {
    for (nth, ids) in met.same_name {
        let other = ids.iter().find(|id| !met.named.contains_key(id));
        match (other, ids.first()) {
            (None, Some(id)) => refuse_twice(import, nth, met.named[id])?,
            _ => import.entries[nth].id = other.copied(),
        }
    }
    Ok(())
}

fn refuse_twice(import: &mut Import, nth: usize, other: usize) -> Result<()> {
    let (nl, en) = import.place_in_words(other)?;
    let twice = Refusal::because(
        "duplicate",
        format!(
            "Dit is hetzelfde document als dat in {nl}. Voeg ze samen, of breng ze na elkaar in."
        ),
        format!(
            "This is the same document as that in {en}. Put them together, or bring them in one after the other."
        ),
    );
    set_apart(import, nth, &[twice])
}

/// Notes that it is not certain which document one is.
fn set_apart(import: &mut Import, nth: usize, why: &[Refusal]) -> Result<()> {
    let entry = &mut import.entries[nth];
    entry.is_unknown = true;
    // What refers to it refers to what it will be.
    entry.is_there &= entry.id.is_some();
    import.note_wrong(nth, why)
}

/// Notes which document of the register a document of the file is.
fn take_located(import: &mut Import, met: &mut Met, nth: usize, located: Located) -> Result<()> {
    let entry = &mut import.entries[nth];
    match located {
        Located::Refused(refusals) => return set_apart(import, nth, &refusals),
        Located::New { id, is_free } => {
            entry.id = id;
            entry.is_free = is_free;
        }
        Located::There(head) => {
            entry.is_there = true;
            entry.id = Uuid::try_parse(&head.id).ok();
        }
        Located::SameName(heads) => {
            entry.is_there = true;
            entry.by_name = true;
            let ids = heads
                .iter()
                .filter_map(|head| Uuid::try_parse(&head.id).ok());
            met.same_name.push((nth, ids.collect()));
        }
    }
    match entry.id.and_then(|id| met.named.insert(id, nth)) {
        Some(other) => refuse_twice(import, nth, other),
        None => Ok(()),
    }
}

/// Writes all that is right, and finds out all that is wrong with the others. In an import of each
/// on its own, what refers to something wrong is wrong too: so it goes through them again without
/// those, until nothing new is wrong.
///
/// # Errors
/// As for [`locate_all`].
pub(super) fn apply(import: &mut Import, write: &mut Write<'_>) -> Result<AllDone> {
    if import.options.mode == Mode::Atomic {
        return write_all(import, write);
    }
    loop {
        let failed = import.summary.failed;
        // What was written beside what is wrong is not kept.
        let round = write.attempt(|write| {
            let done = write_all(import, write)?;
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

/// Writes documents, collection by collection, so that most references lead to what is written
/// already. Then they are checked against each other. What became wrong is not among what it gives.
///
/// # Errors
/// As for [`locate_all`].
pub(super) fn write_all(import: &mut Import, write: &mut Write<'_>) -> Result<AllDone> {
    let failed = import.summary.failed;
    // Neither changes while documents are written; what becomes wrong counts from the next round on.
    let (keys, entries) = (std::mem::take(&mut import.keys), import.entries.clone());
    let all_or_nothing = import.options.mode == Mode::Atomic || import.is_cut_short();
    let mut names = FileNames::new(&keys, &entries, all_or_nothing);
    let mut done: AllDone = vec![None; entries.len()];
    let (mut ended, mut tried) = (Ok(()), 0);
    for part in import.parts_by_collection() {
        let phase = ImportPhase::Writing;
        ended = import
            .tell_progress(phase, tried, Some(entries.len()))
            .and_then(|()| write_part(import, write, &mut names, &entries, &part, &mut done));
        if ended.is_err() {
            break;
        }
        tried += part.len();
    }
    import.keys = keys;
    ended?;
    // Each on its own is right in a cycle with something wrong, if that is left out.
    let all = all_or_nothing || import.summary.failed == failed;
    check_all(import, write, &done, all)?;
    for (done, entry) in done.iter_mut().zip(&import.entries) {
        if entry.failed {
            *done = None;
        }
    }
    Ok(done)
}

/// Writes some documents of one collection, and notes what is wrong with them.
fn write_part(
    import: &mut Import,
    write: &mut Write<'_>,
    names: &mut FileNames<'_>,
    entries: &[Entry],
    part: &[usize],
    done: &mut AllDone,
) -> Result<()> {
    names.begin_part();
    let id = |nth: usize| entries[nth].id.unwrap_or_default().to_string();
    let right = part.iter().copied().filter(|nth| !entries[*nth].failed);
    let first = |nth: usize| Look::at(nth, entries[nth].is_misnamed);
    let mut looks: Vec<Look> = right.map(first).collect();
    let Some(first) = looks.first() else {
        return Ok(());
    };
    let collection = &ALL[entries[first.nth].collection];
    let there = looks.iter().map(|look| look.nth);
    let there = there.filter(|nth| entries[*nth].is_there && !entries[*nth].is_unknown);
    let there: Vec<String> = there.map(id).collect();
    let there = heads::by_id(write.connection(), &there)?;
    let (caller, options) = (import.caller.clone(), import.options.clone());
    while !looks.is_empty() {
        let mut items = Vec::with_capacity(looks.len());
        for look in &looks {
            let (nth, entry) = (look.nth, &entries[look.nth]);
            let target = match there.get(&id(nth)) {
                _ if entry.is_unknown => Target::Unknown,
                Some(head) if entry.by_name && !look.as_found => Target::Same(head),
                Some(head) => {
                    names.note(nth, head);
                    Target::Existing(head)
                }
                // No other document was given its slug meanwhile: see `Names::is_kept`.
                None => Target::New(id(nth), entry.is_free),
            };
            items.push(look.item(import.pile.get(nth)?, target));
        }
        let mut bringing = Bringing {
            caller: &caller,
            names: &mut *names,
            keep: options.on_missing == OnMissing::Keep,
            compare: options.dry_run || options.plan.is_some(),
            logged: !options.dry_run,
        };
        let bring = collection.import.bring;
        let came = write.gather(|write| bring(write, &mut bringing, items))?;
        let mut again = Vec::new();
        for (mut look, mut came) in looks.into_iter().zip(came) {
            let (nth, head) = (look.nth, there.get(&id(look.nth)));
            let by_name = entries[nth].by_name && !look.as_found;
            if let Some(head) = head.filter(|_| by_name && is_another(&came)) {
                came = same_as_one(import, write, &mut bringing, head, &look)?;
            }
            let may_write = head.is_none_or(|head| may_write(&caller, head).is_ok());
            let is_over = entries[nth].is_unknown || !may_write;
            let is_brought = came.brought.is_some();
            if let Some(brought) = came.brought {
                done[nth] = Some(note(import, brought)?);
            }
            if look.note(came.wrong, is_brought) && !is_over {
                again.push(look);
            } else if !look.wrong.is_empty() {
                let wrong = std::mem::take(&mut look.wrong).into_iter();
                let wrong: Result<Vec<Refusal>> = wrong.map(Refusal::of).collect();
                import.refuse(nth, &wrong?)?;
                let taken_out = look.into_items_taken_out();
                if is_brought && !taken_out.is_empty() {
                    import.taken_out.insert(nth, taken_out);
                }
            }
        }
        looks = again;
    }
    Ok(())
}

/// Whether a document that only its name tells is not the one to which it was brought.
fn is_another(came: &Came) -> bool {
    let another = |error: &Error| matches!(error, Error::Conflict(_) | Error::Forbidden(_));
    came.wrong.iter().any(another)
}

/// A document that only its name tells is the one of that name that is just as it.
fn same_as_one(
    import: &mut Import,
    write: &mut Write<'_>,
    bringing: &mut Bringing<'_>,
    head: &HeadRow,
    look: &Look,
) -> Result<Came> {
    let caller = bringing.caller.clone();
    let same = Finder::new(&caller).same_name(write.connection(), &head.type_, &head.name_key)?;
    let bring = ALL[import.entries[look.nth].collection].import.bring;
    let mut last = Came::default();
    for head in &same {
        let item = look.item(import.pile.get(look.nth)?, Target::Same(head));
        for came in bring(write, bringing, vec![item])? {
            if !is_another(&came) {
                return Ok(came);
            }
            last = came;
        }
    }
    Ok(last)
}

/// Checks what was written against all that is there now: all, or what is wrong already.
fn check_all(import: &mut Import, write: &mut Write<'_>, done: &AllDone, all: bool) -> Result<()> {
    let caller = import.caller.clone();
    let wanted = |one: &Done| one.outcome != Outcome::Unchanged && one.needs_check;
    each_part(import, write, done, wanted, &mut |import, write, nths| {
        for (collection, mine) in by_collection(import, nths) {
            let mine = mine.into_iter().map(|at| nths[at]);
            let mine: Vec<usize> = mine
                .filter(|nth| all || import.entries[*nth].failed)
                .collect();
            let (mine, rows) = rows_of(import, write, &mine)?;
            let check = collection.import.check;
            for (place, mut issues) in check(write.connection(), &caller, &rows)? {
                let nth = mine[place];
                if let Some(taken_out) = import.taken_out.get(&nth) {
                    for issue in &mut issues.0 {
                        issue.location = placed(taken_out, &issue.location);
                    }
                }
                import.refuse(nth, &[Refusal::Faults(issues.0)])?;
            }
        }
        Ok(())
    })
}
