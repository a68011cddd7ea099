//! An import from its file to its last line.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use super::entry::{Entry, Kept, Label, check_id};
use super::given::{Documents, Given, Unreadable};
use super::keys::{Key, Keys, UNTYPED, keys_of, says_a_key};
use super::line::{
    ImportError, ImportLine, ImportPhase, ImportProgress, ImportStatus, ImportSummary,
    ImportedDocument, Listener, Refusal,
};
use super::options::{Mode, OnMissing, Options, Plan};
use super::pile::Pile;
use super::{apply, finish};
use crate::api::spool::failed;
use crate::collections::ALL;
use crate::privacy::processing::Span;
use crate::register::{Caller, Document, Error, Fault, Issue, Language, Naming, Result, Text};
use crate::store::Write;
use crate::themes::Theme;

/// How often it is told how far an import is.
const PACE: Duration = Duration::from_secs(1);

/// How many documents are worked on together: enough to share the questions to the database, few
/// enough to bound the memory.
const TOGETHER: usize = 1_500;

/// How many bytes of them at most.
const BYTES: u64 = 4_000_000;

/// The member that names a document for the references of the same file.
const LOCAL: &str = "@name";

/// An import: a file that was read, and what is told of it.
pub struct Import {
    pub(super) caller: Caller,
    pub(super) options: Options,
    pub(super) span: Span,
    pub(super) entries: Vec<Entry>,
    pub(super) keys: Keys,
    pub(super) pile: Pile,
    pub(super) labels: Pile,
    /// What is told of each document, until it is certain; see `notes`.
    pub(super) notes: Pile,
    /// What was found to be wrong with documents since they were read: places among the notes.
    wrong: HashMap<usize, Vec<usize>>,
    /// The items that were taken out of lists of documents that are wrong, to find out what more is.
    pub(super) taken_out: HashMap<usize, Vec<String>>,
    /// Of how many documents it was told that they are wrong, if they are.
    told_wrong: usize,
    listener: Box<dyn Listener + Send>,
    pub(super) summary: ImportSummary,
    /// Who is where, once that was needed.
    pub(super) addresses: Option<finish::Addresses>,
    pub(super) plan: Plan,
    told: Instant,
}

impl Import {
    /// An import of no document yet. What does not fit into memory goes to files in a folder.
    ///
    /// # Errors
    /// When no file can be made there.
    pub fn new(
        caller: Caller,
        options: Options,
        span: Span,
        folder: &Path,
        listener: Box<dyn Listener + Send>,
    ) -> Result<Self> {
        Ok(Self {
            plan: Plan::new(&options),
            caller,
            options,
            span,
            entries: Vec::new(),
            keys: Keys::default(),
            pile: Pile::new(folder)?,
            labels: Pile::new(folder)?,
            notes: Pile::new(folder)?,
            wrong: HashMap::new(),
            taken_out: HashMap::new(),
            told_wrong: 0,
            listener,
            summary: ImportSummary::default(),
            addresses: None,
            told: Instant::now(),
        })
    }

    /// Reads the documents of a file. Those without a collection of their own belong to `collection`.
    /// Says whether the file could be read to its end.
    ///
    /// # Errors
    /// When there is no room, or nobody listens any more.
    pub fn read(
        &mut self,
        documents: std::result::Result<Documents, Unreadable>,
        collection: Option<Naming>,
    ) -> Result<bool> {
        let documents = match documents {
            Ok(documents) => documents,
            Err(unreadable) => Box::new(std::iter::once(Err(unreadable))),
        };
        for given in documents {
            match given {
                Ok(given) if given.is_official && self.options.on_missing == OnMissing::Clear => {
                    let language = self.options.language;
                    let place = given.place;
                    self.summary.error = Some(ImportError::whole(
                        place,
                        "contradiction",
                        NO_CLEARING,
                        language,
                    ));
                    return Ok(false);
                }
                Ok(given) => self.take(given, collection)?,
                Err(Unreadable::Failed(error)) => return Err(failed(error)),
                Err(Unreadable::File { place, why }) => {
                    let error =
                        ImportError::whole(*place, "unreadable_file", why, self.options.language);
                    self.summary.error = Some(error);
                    return Ok(false);
                }
            }
            self.tell_progress(ImportPhase::Reading, self.entries.len(), None)?;
        }
        Ok(true)
    }

    fn take(&mut self, mut given: Given, collection: Option<Naming>) -> Result<()> {
        let nth = self.entries.len();
        let collection = given.collection.or(collection);
        let place = ALL
            .iter()
            .position(|one| collection.is_some_and(|naming| naming.type_ == one.naming.type_));
        let mut entry = Entry {
            collection: place.unwrap_or(ALL.len()),
            ..Entry::default()
        };
        let is_legible = given.is_legible || given.issues.is_empty();
        let local = given.body.shift_remove(LOCAL);
        if place.is_none() && given.issues.is_empty() {
            given.issues.push(Issue::body("/type", Fault::Missing));
        }
        let known = |place: &str| given.issues.iter().any(|issue| issue.location == place);
        let of_id = if known("/id") {
            None
        } else {
            check_id(&mut given.body)
        };
        let emptied = place
            .into_iter()
            .flat_map(|place| (ALL[place].import.emptied)(&given.body));
        let emptied: Vec<Issue> = emptied.filter(|issue| !known(&issue.location)).collect();
        given.issues.extend(of_id);
        given.issues.extend(emptied);
        let names = keys_of(&given);
        let mut keys: Vec<Key> = names.iter().cloned().map(Key::Known).collect();
        match local
            .as_ref()
            .map(|local| local.as_str().map(|text| text.trim_start_matches('@')))
        {
            None => {}
            Some(Some(name)) if !name.is_empty() => keys.push(Key::Local(name.to_owned())),
            Some(_) => given.issues.push(Issue::body(
                format!("/{LOCAL}"),
                Fault::WrongType {
                    expected: "string".into(),
                },
            )),
        }
        let is_judged = place.is_some() && is_legible;
        let mut wrong = ImportError::known(&given, self.options.language);
        // Rows that stand apart are of a document that the file names before.
        let is_apart = |issue: &Issue| matches!(issue.fault, Fault::Apart { .. });
        let is_apart = given.issues.iter().any(is_apart);
        let is_told = is_apart || !is_judged && wrong.iter().any(|error| error.location.is_empty());
        let twice = |issue: &Issue| {
            let names = ["/id", "/slug", "/identifiers"];
            issue.fault == Fault::Duplicate && names.contains(&issue.location.as_str())
        };
        entry.is_unknown = is_apart || given.issues.iter().any(twice);
        entry.is_misnamed = names.is_empty() && says_a_key(&given);
        let type_ = place.map_or(UNTYPED, |place| ALL[place].naming.type_);
        let index = u32::try_from(nth).unwrap_or(u32::MAX);
        let mut told = None;
        for key in &keys {
            let other = self.keys.insert(type_, key, index);
            let other = other.filter(|other| told.replace(*other) != Some(*other));
            if let Some(other) = other.filter(|_| !is_told && type_ != UNTYPED) {
                let (nl, en) = self.place_in_words(other as usize)?;
                let twice = Refusal::because(
                    "duplicate",
                    format!(
                        "'{key}' staat ook in {nl}. Geef elk document een eigen naam, of voeg ze samen."
                    ),
                    format!(
                        "'{key}' stands in {en} too. Give each document a name of its own, or put them together."
                    ),
                );
                wrong.extend(twice.told(&given, self.options.language));
                entry.is_unknown |= matches!(key, Key::Known(_));
            }
        }
        entry.is_misread = !wrong.is_empty();
        entry.failed = !wrong.is_empty() && !is_judged;
        self.summary.failed += usize::from(entry.failed);
        self.entries.push(entry);
        // What a new document becomes follows from what is kept of it.
        let label = self.labels.push(&Label {
            place: given.place,
            found_by: given.found_by,
            keys: names,
            left_out: given.left_out,
        })?;
        self.plan.add(label);
        let kept = self.pile.push(&Kept {
            places: given.places,
            body: given.body,
            only_if_new: given.only_if_new,
            wrong,
        })?;
        self.plan.add(kept);
        Ok(())
    }

    /// A document as it was given, and what is wrong with it since it was read.
    fn kept(&mut self, nth: usize) -> Result<(Given, Vec<ImportError>)> {
        let Label {
            place, found_by, ..
        } = self.labels.get(nth)?;
        let Kept {
            places,
            body,
            only_if_new,
            wrong,
        } = self.pile.get(nth)?;
        let given = Given {
            places,
            only_if_new,
            found_by,
            ..Given::new(place, body)
        };
        Ok((given, wrong))
    }

    /// A document as it was given.
    pub(super) fn given(&mut self, nth: usize) -> Result<Given> {
        self.kept(nth).map(|(given, _)| given)
    }

    /// Where a document stands, in Dutch and English.
    pub(super) fn place_in_words(&mut self, nth: usize) -> Result<(String, String)> {
        let Label { place, .. } = self.labels.get(nth)?;
        Ok(place.in_words(nth + 1))
    }

    /// All that is known to be wrong with a document.
    fn errors(&mut self, nth: usize) -> Result<(Given, Vec<ImportError>)> {
        let (given, mut errors) = self.kept(nth)?;
        for note in self.wrong.get(&nth).into_iter().flatten() {
            errors.extend(self.notes.get::<Vec<ImportError>>(*note)?);
        }
        Ok((given, errors))
    }

    /// Notes what is wrong with a document, to be told when all is known, but for what is told already.
    pub(super) fn note_wrong(&mut self, nth: usize, refusals: &[Refusal]) -> Result<()> {
        let (given, errors) = self.errors(nth)?;
        let told = refusals.iter();
        let mut more: Vec<ImportError> = told
            .flat_map(|refusal| refusal.told(&given, self.options.language))
            .collect();
        more.retain(|error| !errors.iter().any(|known| error.is_told_by(known)));
        if self.is_cut_short() {
            // It may stand in what was not read.
            let there = Fault::UnknownReference { to: "" };
            more.retain(|error| error.code != there.code());
        }
        if !more.is_empty() {
            self.notes.push(&more)?;
            let note = self.notes.len() - 1;
            self.wrong.entry(nth).or_default().push(note);
        }
        Ok(())
    }

    /// Notes that a document is wrong, and with what.
    pub(super) fn refuse(&mut self, nth: usize, refusals: &[Refusal]) -> Result<()> {
        self.note_wrong(nth, refusals)?;
        let is_known = self.entries[nth].is_misread || self.wrong.contains_key(&nth);
        let is_wrong = is_known || !self.is_cut_short();
        let failed = std::mem::replace(&mut self.entries[nth].failed, is_wrong);
        self.summary.failed += usize::from(is_wrong && !failed);
        Ok(())
    }

    /// Tells all that is wrong with the documents before one, where that was not told.
    pub(super) fn tell_wrong(&mut self, before: usize) -> Result<()> {
        let first = std::mem::replace(&mut self.told_wrong, before);
        for nth in first..before {
            if !self.entries[nth].failed {
                continue;
            }
            let (given, errors) = self.errors(nth)?;
            for error in &errors {
                self.plan
                    .add(format!("{nth} {} {}\n", error.location, error.code));
            }
            let collection = ALL.get(self.entries[nth].collection);
            self.tell(ImportedDocument {
                number: nth + 1,
                place: given.place,
                type_: collection.map(|collection| collection.naming.plural),
                status: ImportStatus::Failed,
                errors,
                ..ImportedDocument::default()
            })?;
        }
        Ok(())
    }

    /// Tells what came of a document.
    pub(super) fn tell(&mut self, document: ImportedDocument) -> Result<()> {
        self.listener.hear(&ImportLine {
            document: Some(document),
            ..ImportLine::default()
        })
    }

    /// Tells how far it is, now and then; and stops when nobody listens any more.
    pub(super) fn tell_progress(
        &mut self,
        phase: ImportPhase,
        done: usize,
        of: Option<usize>,
    ) -> Result<()> {
        if self.listener.is_left() {
            return Err(Error::Unavailable(
                "the caller of an import has gone".into(),
            ));
        }
        if self.told.elapsed() < PACE {
            return Ok(());
        }
        self.told = Instant::now();
        let progress = Some(ImportProgress { phase, done, of });
        self.listener.hear(&ImportLine {
            progress,
            ..ImportLine::default()
        })
    }

    /// Tells that it waits for its turn.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn tell_waiting(&mut self) -> Result<()> {
        let progress = Some(ImportProgress {
            phase: ImportPhase::Waiting,
            done: 0,
            of: Some(self.entries.len()),
        });
        self.listener.hear(&ImportLine {
            progress,
            ..ImportLine::default()
        })
    }

    /// The documents in parts that are worked on together, in the order of the file.
    pub(super) fn parts(&self) -> Vec<Vec<usize>> {
        self.pile.parts(0..self.entries.len(), TOGETHER, BYTES)
    }

    /// The same, but each part of one collection, and what others refer to before those.
    pub(super) fn parts_by_collection(&self) -> Vec<Vec<usize>> {
        // That is the order of all collections, but for the themes, to which all others refer.
        let mut places: Vec<usize> = (0..ALL.len()).collect();
        places.sort_by_key(|place| ALL[*place].naming.type_ != Theme::NAMING.type_);
        let parts = places.into_iter().flat_map(|place| {
            let mine = |nth: &usize| self.entries[*nth].collection == place;
            let mine = (0..self.entries.len()).filter(mine);
            self.pile.parts(mine, TOGETHER, BYTES)
        });
        parts.collect()
    }

    /// Whether the file could not be read to its end. Then nothing is done.
    pub(super) fn is_cut_short(&self) -> bool {
        self.summary.error.is_some()
    }

    /// Whether nothing is to be done, because all or nothing must be and something is wrong.
    pub(super) fn is_lost(&self) -> bool {
        self.options.mode == Mode::Atomic && self.summary.failed > 0
    }

    /// Brings the documents in, as the only writer. What it logged is kept when the transaction is. Of a
    /// file that could not be read to its end, it only tells what is wrong up to there.
    ///
    /// # Errors
    /// When the register fails, nobody listens any more, or the plan does not hold.
    pub fn carry_out(&mut self, write: &mut Write<'_>) -> Result<()> {
        write.defer()?;
        apply::locate_all(self, write)?;
        if self.is_cut_short() {
            apply::write_all(self, write)?;
            return self.tell_wrong(self.entries.len());
        }
        let brought = apply::apply(self, write)?;
        let is_done = !self.options.dry_run && !self.is_lost();
        let bound = self.options.plan.is_some();
        let mut renamed = Vec::new();
        // What is bound to a plan is not logged before it is known that the plan holds.
        let at_once = (is_done && !bound).then_some(&mut renamed);
        finish::tell_all(self, write, &brought, at_once)?;
        self.tell_wrong(self.entries.len())?;
        let hash = self.plan.hash();
        if bound && self.options.plan != hash {
            return Err(Error::Conflict(OTHER_PLAN));
        }
        if self.options.dry_run {
            self.summary.plan_hash = hash;
        }
        if is_done {
            if bound {
                finish::log_all(self, write, &brought, &mut renamed)?;
            }
            finish::close(self, write, &renamed)?;
        }
        Ok(())
    }

    /// Ends it: after the transaction was kept, or was not.
    ///
    /// # Errors
    /// When it cannot be told.
    pub fn end(&mut self, done: std::result::Result<(), ImportError>) -> Result<ImportSummary> {
        match done {
            Ok(()) => {
                self.summary.applied =
                    !self.options.dry_run && !self.is_lost() && self.summary.error.is_none();
            }
            Err(error) => {
                self.summary.error.get_or_insert(error);
            }
        }
        if !self.summary.applied {
            self.summary.changeset = None;
            self.summary.position = None;
        }
        let summary = Some(self.summary.clone());
        self.listener.hear(&ImportLine {
            summary,
            ..ImportLine::default()
        })?;
        Ok(self.summary.clone())
    }

    /// Who brings the documents.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Where it is noted whose data it brings.
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// The language in which it tells.
    pub fn language(&self) -> Language {
        self.options.language
    }
}

const NO_CLEARING: Text = Text {
    nl: "Dit is een lijst van anderen, die van elk document maar een deel weet: met onMissing=clear zou zij de rest wissen. Gebruik onMissing=keep.",
    en: "This is a list of others, which knows only a part of each document: with onMissing=clear it would erase the rest. Use onMissing=keep.",
};

const OTHER_PLAN: Text = Text {
    nl: "Het register is intussen zo gewijzigd dat dit plan niet meer geldt; maak een nieuw plan (dryRun=true).",
    en: "The register has changed meanwhile so that this plan does not hold any more; make a new plan (dryRun=true).",
};
