//! An import from its file to its last line.

use std::path::Path;
use std::time::{Duration, Instant};

use super::entry::{Entry, Kept, Label, check_id};
use super::given::{Documents, Given, Place, Unreadable};
use super::keys::{Key, Keys, keys_of};
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
                    self.tell_misread()?;
                    return Ok(false);
                }
                Ok(given) => self.take(given, collection)?,
                Err(Unreadable::Failed(error)) => return Err(failed(error)),
                Err(Unreadable::File { place, why }) => {
                    let error =
                        ImportError::whole(*place, "unreadable_file", why, self.options.language);
                    self.summary.error = Some(error);
                    self.tell_misread()?;
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
        let mut entry = Entry::default();
        let is_legible = given.is_legible || given.issues.is_empty();
        let local = given.body.shift_remove(LOCAL);
        match place {
            Some(place) => entry.collection = place,
            None if given.issues.is_empty() => {
                given.issues.push(Issue::body("/type", Fault::Missing));
            }
            None => {}
        }
        given.issues.extend(check_id(&mut given.body));
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
        let is_told = wrong.iter().any(|error| error.location.is_empty());
        if let Some(place) = place {
            let type_ = ALL[place].naming.type_;
            let index = u32::try_from(nth).unwrap_or(u32::MAX);
            let mut told = None;
            for key in &keys {
                let other = self.keys.insert(type_, key, index);
                let other = other.filter(|other| told.replace(*other) != Some(*other));
                if let Some(other) = other.filter(|_| !is_told) {
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
                }
            }
        }
        entry.is_misread = !wrong.is_empty() && is_judged;
        entry.failed = !wrong.is_empty() && !is_judged;
        let is_told = entry.failed;
        self.entries.push(entry);
        if is_told {
            self.tell_refused(nth, place, given.place.clone(), wrong.clone())?;
        }
        // What a new document becomes follows from what is kept of it.
        let label = self.labels.push(&Label {
            place: given.place,
            found_by: given.found_by,
            keys: names,
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

    /// Tells that a document is wrong. What stands where something is known to be wrong since it
    /// was read is the same mistake.
    pub(super) fn refuse(&mut self, nth: usize, refusal: &Refusal) -> Result<()> {
        let (given, mut errors) = self.kept(nth)?;
        let mut more = refusal.told(&given, self.options.language);
        more.retain(|error| errors.iter().all(|known| known.location != error.location));
        errors.extend(more);
        self.entries[nth].failed = true;
        let collection = self.entries[nth].collection;
        self.tell_refused(nth, Some(collection), given.place, errors)
    }

    /// Tells what is wrong with documents since they were read, where that is all that can be told.
    fn tell_misread(&mut self) -> Result<()> {
        let misread = |nth: &usize| self.entries[*nth].is_misread;
        let misread: Vec<usize> = (0..self.entries.len()).filter(misread).collect();
        let nothing_more = Refusal::Faults(Vec::new());
        misread
            .into_iter()
            .try_for_each(|nth| self.refuse(nth, &nothing_more))
    }

    fn tell_refused(
        &mut self,
        nth: usize,
        collection: Option<usize>,
        place: Place,
        errors: Vec<ImportError>,
    ) -> Result<()> {
        self.summary.failed += 1;
        for error in &errors {
            self.plan
                .add(format!("{nth} {} {}\n", error.location, error.code));
        }
        self.tell(ImportedDocument {
            number: nth + 1,
            place,
            type_: collection.map(|place| ALL[place].naming.plural),
            status: ImportStatus::Failed,
            errors,
            ..ImportedDocument::default()
        })
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

    /// Whether nothing is to be done, because all or nothing must be and something is wrong.
    pub(super) fn is_lost(&self) -> bool {
        self.options.mode == Mode::Atomic && self.summary.failed > 0
    }

    /// Brings the documents in, as the only writer. What it logged is kept when the transaction is.
    ///
    /// # Errors
    /// When the register fails, nobody listens any more, or the plan does not hold.
    pub fn carry_out(&mut self, write: &mut Write<'_>) -> Result<()> {
        write.defer()?;
        apply::locate_all(self, write)?;
        apply::judge_misread(self, write)?;
        let brought = apply::apply(self, write)?;
        let is_done = !self.options.dry_run && !self.is_lost();
        let bound = self.options.plan.is_some();
        let mut renamed = Vec::new();
        // What is bound to a plan is not logged before it is known that the plan holds.
        let at_once = (is_done && !bound).then_some(&mut renamed);
        finish::tell_all(self, write, &brought, at_once)?;
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
            Err(error) => self.summary.error = Some(error),
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
