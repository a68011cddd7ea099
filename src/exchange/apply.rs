//! Writing the documents of an import, one after the other, with references to what will be there.

use std::collections::HashMap;

use uuid::Uuid;

use super::entry::{Entry, Kept, Label};
use super::given::Match;
use super::line::{ImportPhase, Refusal};
use super::locate::{Finder, Located, Sought};
use super::names::FileNames;
use super::notes::{AllDone, Done, by_collection, each_part, note, rows_of};
use super::options::{Mode, OnMissing};
use super::run::Import;
use crate::collections::{ALL, Collection};
use crate::register::bring::{Bringing, Brought, Item, Target};
use crate::register::write::Outcome;
use crate::register::{Error, Fault, HeadRow, Issue, Issues, Result, heads};
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
    tell_same_names(import, met)?;
    // In the order in which they are written, so that each comes behind all others in the indexes.
    for nth in import.parts_by_collection().into_iter().flatten() {
        let entry = &mut import.entries[nth];
        if !entry.is_there && !entry.failed {
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
    let refusal = Refusal::because(
        "duplicate",
        format!(
            "Dit is hetzelfde document als dat in {nl}. Voeg ze samen, of breng ze na elkaar in."
        ),
        format!(
            "This is the same document as that in {en}. Put them together, or bring them in one after the other."
        ),
    );
    import.refuse(nth, &refusal)
}

/// Notes which document of the register a document of the file is.
fn take_located(import: &mut Import, met: &mut Met, nth: usize, located: Located) -> Result<()> {
    let entry = &mut import.entries[nth];
    let refusal = match located {
        Located::Refused(refusal) => Some(refusal),
        Located::New { id, is_free } => {
            entry.id = id;
            entry.is_free = is_free;
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
            let ids = heads
                .iter()
                .filter_map(|head| Uuid::try_parse(&head.id).ok());
            met.same_name.push((nth, ids.collect()));
            None
        }
    };
    let other = entry.id.and_then(|id| met.named.insert(id, nth));
    match (refusal, other) {
        (Some(refusal), _) => import.refuse(nth, &refusal),
        (None, Some(other)) => refuse_twice(import, nth, other),
        (None, None) => Ok(()),
    }
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

/// Tells all that is wrong with the documents of which something could not be read.
///
/// # Errors
/// As for [`locate_all`].
pub(super) fn judge_misread(import: &mut Import, write: &mut Write<'_>) -> Result<()> {
    // Those that are wrong are not written.
    if import.entries.iter().any(|entry| entry.is_misread) {
        write_those(import, write, true)?;
    }
    Ok(())
}

/// Writes all that were read well.
fn write_all(import: &mut Import, write: &mut Write<'_>) -> Result<AllDone> {
    write_those(import, write, false)
}

/// Writes documents, collection by collection, so that most references lead to what is written
/// already.
fn write_those(import: &mut Import, write: &mut Write<'_>, misread: bool) -> Result<AllDone> {
    // Neither changes while documents are written; what becomes wrong counts from the next round on.
    let (keys, entries) = (std::mem::take(&mut import.keys), import.entries.clone());
    // What a misread document refers to may be mended with it.
    let all_or_nothing = misread || import.options.mode == Mode::Atomic;
    let mut names = FileNames::new(&keys, &entries, all_or_nothing);
    let mut done: AllDone = vec![None; entries.len()];
    let (mut ended, mut tried) = (Ok(()), 0);
    for mut part in import.parts_by_collection() {
        let phase = ImportPhase::Writing;
        part.retain(|nth| entries[*nth].is_misread == misread);
        ended = import
            .tell_progress(phase, tried, Some(entries.len()))
            .and_then(|()| write_part(import, write, &mut names, &entries, &part, &mut done));
        if ended.is_err() {
            break;
        }
        tried += part.len();
    }
    import.keys = keys;
    ended.map(|()| done)
}

/// Writes some documents of one collection, and tells what is wrong with them.
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
    let nths: Vec<usize> = right.collect();
    let Some(first) = nths.first() else {
        return Ok(());
    };
    let there = nths.iter().filter(|nth| entries[**nth].is_there);
    let there: Vec<String> = there.map(|nth| id(*nth)).collect();
    let there = heads::by_id(write.connection(), &there)?;
    let collection = &ALL[entries[*first].collection];
    let mut items = Vec::with_capacity(nths.len());
    for nth in &nths {
        let kept: Kept = import.pile.get(*nth)?;
        let issues = known_issues(&kept);
        let mut body = kept.body;
        let target = match there.get(&id(*nth)) {
            Some(head) if entries[*nth].by_name => Target::Same(head),
            Some(head) => {
                names.note(*nth, head);
                Target::Existing(head)
            }
            None => {
                for (name, value) in kept.only_if_new {
                    body.entry(name).or_insert(value);
                }
                // No other document was given its slug meanwhile: see `Names::is_kept`.
                Target::New(id(*nth), entries[*nth].is_free)
            }
        };
        items.push(Item {
            target,
            body,
            issues,
        });
    }
    let (caller, options) = (import.caller.clone(), import.options.clone());
    let mut bringing = Bringing {
        caller: &caller,
        names,
        keep: options.on_missing == OnMissing::Keep,
        compare: options.dry_run || options.plan.is_some(),
        logged: !options.dry_run,
    };
    let bring = collection.import.bring;
    let brought = write.gather(|write| bring(write, &mut bringing, items))?;
    for (nth, one) in nths.into_iter().zip(brought) {
        let one = match one {
            Err(Error::Conflict(_) | Error::Forbidden(_)) if entries[nth].by_name => {
                let kept: Kept = import.pile.get(nth)?;
                let head = there.get(&id(nth)).ok_or(Error::NotFound)?;
                same_as_one(write, &mut bringing, collection, head, &kept)
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

/// What is wrong with a document since it was read: where that is, is all that counts, because it
/// was told in other words.
fn known_issues(kept: &Kept) -> Issues {
    let known = kept.wrong.iter();
    let known = known.map(|error| Issue::body(error.location.clone(), Fault::Missing));
    Issues(known.collect())
}

/// A document that only its name tells is the one of that name that is just as it.
fn same_as_one(
    write: &mut Write<'_>,
    bringing: &mut Bringing<'_>,
    collection: &Collection,
    head: &HeadRow,
    kept: &Kept,
) -> Result<Brought> {
    let caller = bringing.caller.clone();
    let same = Finder::new(&caller).same_name(write.connection(), &head.type_, &head.name_key)?;
    let mut last = Error::NotFound;
    for head in &same {
        let items = vec![Item {
            target: Target::Same(head),
            body: kept.body.clone(),
            issues: known_issues(kept),
        }];
        for one in (collection.import.bring)(write, bringing, items)? {
            match one {
                Err(error @ (Error::Conflict(_) | Error::Forbidden(_))) => last = error,
                other => return other,
            }
        }
    }
    Err(last)
}

/// Checks what was written against all that is there now.
fn check_all(import: &mut Import, write: &mut Write<'_>, done: &AllDone) -> Result<()> {
    let wanted = |one: &Done| one.outcome != Outcome::Unchanged && one.needs_check;
    each_part(import, write, done, wanted, &mut |import, write, nths| {
        for (collection, mine) in by_collection(import, nths) {
            let mine: Vec<usize> = mine.into_iter().map(|at| nths[at]).collect();
            let (mine, rows) = rows_of(import, write, &mine)?;
            let wrong: Vec<(usize, Issues)> = (collection.import.check)(write.connection(), &rows)?;
            for (place, issues) in wrong {
                import.refuse(mine[place], &Refusal::Faults(issues.0))?;
            }
        }
        Ok(())
    })
}
