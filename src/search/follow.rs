//! The thread that keeps the index in step with the change log.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use tantivy::collector::DocSetCollector;
use tantivy::query::TermSetQuery;
use tantivy::{Searcher, TantivyError, Term};

use super::entry::{self, Entry};
use super::fields::{Fields, id_of, numbers_of};
use super::folder::Folder;
use super::index::{Mark, Writable};
use super::{Place, Search};
use crate::changes::Operation;
use crate::collections::by_type;
use crate::regions;
use crate::register::{Caller, Enumeration, Error, Result};
use crate::store::schema::{changes, documents};
use crate::store::{AnyConnection, Store};

/// How often to look whether another process has written to the register, or built the index anew.
const GLANCE: Duration = Duration::from_millis(100);

/// The least time between two commits, each of which waits for the disk.
const REST: Duration = Duration::from_millis(50);

/// How long to wait after something went wrong.
const RECOVERY: Duration = Duration::from_secs(1);

/// How often an index that another process has open is tried again.
const TRIES: usize = 20;

/// How many lines of the log are read at once.
const LINES: i64 = 2_000;

/// How many documents are put into a new index between two commits.
const PART: usize = 50_000;

/// Follows the log for as long as the process lives.
pub(super) fn run(store: &Store, place: &Place, search: &Search) {
    let mut follower = Follower {
        store,
        search,
        home: Home::of(place),
        rewritten: false,
    };
    let mut index: Option<Writable> = None;
    loop {
        let done = match &mut index {
            Some(present) if !follower.was_replaced() => follower.step(present),
            stale => {
                // Two cannot be open for writing at once.
                *stale = None;
                follower.open().map(|opened| *stale = Some(opened))
            }
        };
        if let Err(error) = done {
            log::warn!("the search index stands still, trying again: {error}");
            // What was put and not committed is gone when the index is opened again.
            index = index.filter(|index| !index.is_torn());
            std::thread::sleep(RECOVERY);
        }
    }
}

/// Where the index of this process is.
enum Home {
    Memory,
    Folder {
        folder: Folder,
        /// The one that this process writes to.
        name: Option<String>,
    },
}

impl Home {
    fn of(place: &Place) -> Self {
        let Place::Folder(path) = place else {
            return Self::Memory;
        };
        match Folder::new(path) {
            Ok(folder) => Self::Folder { folder, name: None },
            Err(error) => {
                log::warn!("the search index is kept in memory: its folder fails: {error}");
                Self::Memory
            }
        }
    }
}

struct Follower<'a> {
    store: &'a Store,
    search: &'a Search,
    home: Home,
    /// Whether all parts were written anew since something was erased.
    rewritten: bool,
}

/// What happened in the register since a position.
#[derive(Default)]
struct News {
    ids: BTreeSet<String>,
    position: i64,
    changeset: String,
    erased: bool,
    more: bool,
}

impl Follower<'_> {
    /// Opens the index, or builds it.
    fn open(&mut self) -> Result<Writable> {
        self.rewritten = false;
        let register = register(self.store)?;
        if let Some(index) = self.open_present(&register)? {
            self.search.show(&index);
            return Ok(index);
        }
        let (path, name) = match &self.home {
            Home::Memory => (None, None),
            Home::Folder { folder, .. } => {
                folder.tidy();
                let name = folder.begin()?;
                (Some(folder.path(&name)), Some(name))
            }
        };
        let mut index = Writable::create(path.as_deref())?;
        let documents = build(self.store, &mut index, &register, &mut |_, _| {})?;
        log::info!("the search index was built: {documents} documents");
        if let (Home::Folder { folder, name: own }, Some(name)) = (&mut self.home, name) {
            folder.choose(&name)?;
            *own = Some(name);
            folder.tidy();
        }
        self.search.show(&index);
        Ok(index)
    }

    /// The index that is there already, if it can be used.
    fn open_present(&mut self, register: &str) -> Result<Option<Writable>> {
        let Home::Folder { folder, name } = &mut self.home else {
            return Ok(None);
        };
        let Some(current) = folder.current() else {
            return Ok(None);
        };
        let mut opened = Writable::open(&folder.path(&current), register);
        // Whoever has built it may need a moment to let it go.
        for _ in 0..TRIES {
            if !matches!(opened, Err(TantivyError::LockFailure(..))) {
                break;
            }
            std::thread::sleep(GLANCE);
            opened = Writable::open(&folder.path(&current), register);
        }
        let index = match opened {
            Ok(Some(index)) => index,
            Ok(None) => {
                log::info!(
                    "the search index is not of this register and version: it is built anew"
                );
                return Ok(None);
            }
            Err(TantivyError::LockFailure(..)) => {
                log::warn!(
                    "another process keeps the search index in this folder: this one keeps its own in memory"
                );
                self.home = Home::Memory;
                return Ok(None);
            }
            Err(error) => {
                log::warn!("the search index cannot be used and is built anew: {error}");
                return Ok(None);
            }
        };
        // A register that was put back to an earlier state has other lines from there on.
        let mark = index.mark.clone();
        let same = self.store.read_now(move |db| {
            let position = mark.as_ref().map_or(0, |mark| mark.position);
            let line = changeset_at(db, position)?;
            Ok::<_, Error>(mark.is_some_and(|mark| mark.changeset == line))
        })?;
        if !same {
            log::warn!("the register is not the one that was indexed: the index is built anew");
            return Ok(None);
        }
        *name = Some(current);
        folder.tidy();
        Ok(Some(index))
    }

    /// Takes in what is new, or waits for it.
    fn step(&mut self, index: &mut Writable) -> Result<()> {
        let began = Instant::now();
        let position = index.position();
        let (fields, searcher) = (index.fields.clone(), index.searcher());
        let (news, ids) = self.store.read_now(move |db| {
            let news = news(db, position)?;
            let ids = with_dependents(db, &fields, &searcher, &news.ids)?;
            Ok::<_, Error>((news, ids))
        })?;
        if news.erased {
            self.search.0.warm.forget(news.position);
        }
        if news.position > position {
            // A little at a time: half of the register may depend on a theme.
            for ids in ids.chunks(entry::CHUNK) {
                let entries = self.store.read_now(|db| entry::load(db, ids))?;
                index.put(ids, &entries)?;
            }
            let mark = index.mark.clone();
            index.commit(
                mark.map(|mark| mark.at(news.position, news.changeset.clone(), news.erased)),
            )?;
            self.search.show(index);
            self.rewritten &= !news.erased;
        }
        if index.is_untidy() {
            if !self.rewritten {
                index.rewrite()?;
                self.search.show(index);
                self.rewritten = true;
            }
            index.tidy()?;
        }
        if !news.more {
            std::thread::sleep(REST.saturating_sub(began.elapsed()));
            self.store.wait_beyond(news.position, GLANCE);
        }
        Ok(())
    }

    /// Whether another index was built and chosen.
    fn was_replaced(&self) -> bool {
        match &self.home {
            Home::Folder { folder, name } => folder
                .current()
                .is_some_and(|current| name.as_ref() != Some(&current)),
            Home::Memory => false,
        }
    }
}

/// What tells this register from others: it goes with the database wherever that goes.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn register(store: &Store) -> Result<String> {
    let secret = store.housekeeping_now(|db| crate::keys::shared_secret(db, "register"))?;
    Ok(crate::api::respond::fingerprint(&[
        &base16ct::lower::encode_string(&secret),
    ]))
}

/// The changeset of a line; nothing where there is none.
fn changeset_at(db: &mut AnyConnection, position: i64) -> Result<String> {
    let line: Option<String> = changes::table
        .filter(changes::seq.eq(position))
        .select(changes::changeset)
        .first(db)
        .optional()?;
    Ok(line.unwrap_or_default())
}

fn news(db: &mut AnyConnection, position: i64) -> Result<News> {
    let lines: Vec<(i64, String, String, String, String)> = changes::table
        .filter(changes::seq.gt(position))
        .order(changes::seq.asc())
        .limit(LINES)
        .select((
            changes::seq,
            changes::document_id,
            changes::op,
            changes::changeset,
            changes::type_,
        ))
        .load(db)?;
    let mut news = News {
        position,
        more: i64::try_from(lines.len()).is_ok_and(|count| count == LINES),
        ..News::default()
    };
    for (seq, id, op, changeset, type_) in lines {
        news.position = seq;
        news.changeset = changeset;
        let kept = [Operation::Created.as_str(), Operation::Updated.as_str()];
        news.erased |= !kept.contains(&op.as_str()) && by_type(&type_)?.personal;
        news.ids.insert(id);
    }
    Ok(news)
}

/// The documents, those that regions among them name, and those in the index that depend on any of
/// these: that show their names, or are found by the regions and themes that follow from them.
fn with_dependents(
    db: &mut AnyConnection,
    fields: &Fields,
    searcher: &Searcher,
    ids: &BTreeSet<String>,
) -> Result<Vec<String>> {
    let mut sources = ids.clone();
    // What comes into a region is found by it from then on, and so are the projects of a municipality
    // that does; none of them knows of the region yet.
    let all = Caller::command_line();
    let ids: Vec<String> = ids.iter().cloned().collect();
    let mut rows = regions::memberships(db, &all, Some(&ids), None)?;
    rows.extend(regions::partnerships(db, &all, Some(&ids))?);
    sources.extend(rows.into_iter().map(|row| row.organisation));
    let terms = sources
        .iter()
        .map(|id| Term::from_field_text(fields.depends, id));
    let dependents = searcher.search(&TermSetQuery::new(terms), &DocSetCollector)?;
    let mut wanted = sources;
    for address in dependents {
        let numbers = numbers_of(searcher, address)?;
        wanted.extend(numbers.map(|(high, low)| id_of(high, low)));
    }
    Ok(wanted.into_iter().collect())
}

/// Fills an empty index with all documents. Those that change meanwhile are taken in when the log
/// is followed from where it was at the beginning. `progress` gets how many are done, and of how
/// many.
///
/// # Errors
/// When the database cannot be asked or the index not be written.
pub(super) fn build(
    store: &Store,
    index: &mut Writable,
    register: &str,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64> {
    let (position, changeset, total) = store.read_now(|db| {
        let position = crate::changes::position(db)?;
        let total: i64 = documents::table.count().get_result(db)?;
        Ok::<_, Error>((position, changeset_at(db, position)?, total))
    })?;
    let total = u64::try_from(total).unwrap_or_default();
    let (mut last, mut done, mut waiting) = (String::new(), 0, 0);
    loop {
        let after = last.clone();
        let (ids, entries): (Vec<String>, Vec<Entry>) = store.read_now(move |db| {
            let ids: Vec<String> = documents::table
                .filter(documents::id.gt(after))
                .order(documents::id.asc())
                .limit(i64::try_from(entry::CHUNK).unwrap_or(i64::MAX))
                .select(documents::id)
                .load(db)?;
            let entries = entry::load(db, &ids)?;
            Ok::<_, Error>((ids, entries))
        })?;
        let Some(id) = ids.last() else { break };
        last.clone_from(id);
        // A new index holds none of them yet, so nothing has to be taken out.
        index.put(&[], &entries)?;
        done += u64::try_from(entries.len()).unwrap_or_default();
        waiting += entries.len();
        if waiting >= PART {
            index.commit(None)?;
            waiting = 0;
        }
        progress(done, total);
    }
    index.commit(Some(Mark::new(register, position, changeset)))?;
    index.unite()?;
    Ok(done)
}
