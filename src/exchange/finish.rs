//! Telling what an import does to each document, and logging what it did.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::entry::Label;
use super::line::{ImportStatus, ImportWarning, ImportedDocument};
use super::notes::{AllDone, Done, Told, Visit, by_collection, each_part, rows_of, told};
use super::run::Import;
use crate::changes::keep_note;
use crate::collections::{ALL, Collection};
use crate::organisations::{Organisation, address_keys};
use crate::privacy::processing::Action;
use crate::register::bring::bump_others;
use crate::register::difference::differences;
use crate::register::projection::project;
use crate::register::read::readable;
use crate::register::save::log_written;
use crate::register::write::Outcome;
use crate::register::{Document, Error, HeadRow, Locator, Referrer, Result, Text, heads};
use crate::store::Write;
use crate::store::schema::documents;

/// How many documents a warning names.
const NAMED: usize = 5;

/// Tells what came of each document, or would come of it. Logs it too, part by part, where there is a
/// list for the ids of those of which others show something that is another now.
///
/// # Errors
/// When the register fails, or nobody listens any more.
pub(super) fn tell_all(
    import: &mut Import,
    write: &mut Write<'_>,
    all: &AllDone,
    mut renamed: Option<&mut Vec<String>>,
) -> Result<()> {
    let visit: &mut Visit<'_> = &mut |import, write, nths| {
        let heads = told(import, all, nths, renamed.is_some())?;
        tell_part(import, write, all, (nths, &heads))?;
        match &mut renamed {
            Some(renamed) => log_part(import, write, all, (nths, heads), renamed),
            None => Ok(()),
        }
    };
    each_part(import, write, all, |_| true, visit)
}

/// Logs what was written, after it was told.
///
/// # Errors
/// When the register fails, or nobody listens any more.
pub(super) fn log_all(
    import: &mut Import,
    write: &mut Write<'_>,
    all: &AllDone,
    renamed: &mut Vec<String>,
) -> Result<()> {
    let visit: &mut Visit<'_> = &mut |import, write, nths| {
        let heads = told(import, all, nths, true)?;
        log_part(import, write, all, (nths, heads), renamed)
    };
    let wanted = |done: &Done| done.outcome != Outcome::Unchanged;
    each_part(import, write, all, wanted, visit)
}

fn tell_part(
    import: &mut Import,
    write: &mut Write<'_>,
    all: &AllDone,
    (nths, heads): (&[usize], &[Told]),
) -> Result<()> {
    let tells_changes = import.options.dry_run || import.options.plan.is_some();
    let mut after: HashMap<usize, Map<String, Value>> = HashMap::new();
    let mut has_own_name = vec![false; nths.len()];
    for (collection, mine) in by_collection(import, nths) {
        if tells_changes {
            // Several rows that only their name tells may be one document; that does not change.
            let changes = |nth: &usize| {
                let done = all[*nth].as_ref();
                done.is_some_and(|done| done.outcome != Outcome::Unchanged)
            };
            let mine = mine.iter().map(|at| nths[*at]).filter(changes);
            let (mine, rows) = rows_of(import, write, &mine.collect::<Vec<_>>())?;
            let documents = (collection.snapshots)(write.connection(), &rows)?;
            let mut documents: Vec<_> = rows.iter().map(HeadRow::access).zip(documents).collect();
            let caller = import.caller.clone();
            project(write.connection(), &caller, &mut documents)?;
            if collection.personal {
                import
                    .span
                    .note(Action::Read, rows.iter().map(|row| row.id.as_str()))?;
            }
            let documents = documents.into_iter().map(|(_, document)| document);
            after.extend(mine.into_iter().zip(documents));
        }
        let has_other_name = |at: &&usize| {
            let done = all[nths[**at]].as_ref();
            done.is_some_and(|done| done.has_other_name)
        };
        let named: Vec<&str> = mine
            .iter()
            .filter(has_other_name)
            .map(|at| heads[*at].name_key.as_str())
            .collect();
        if let Some(known) = namesakes(write, collection.naming.type_, &named)? {
            for at in mine {
                has_own_name[at] = !known.contains(&heads[at].name_key);
            }
        }
    }
    for ((nth, head), has_own_name) in nths.iter().zip(heads).zip(has_own_name) {
        if let Some(done) = &all[*nth] {
            import.tell_wrong(*nth)?;
            let after = after.remove(nth);
            tell_one(import, write, *nth, (head, has_own_name), done, after)?;
        }
    }
    Ok(())
}

/// The names of these documents, of one type, that several documents of the register have; nothing
/// where those are too many to tell.
fn namesakes(
    write: &mut Write<'_>,
    type_: &str,
    names: &[&str],
) -> Result<Option<HashSet<String>>> {
    if names.is_empty() {
        return Ok(None);
    }
    let most = 2 * names.len() + 1;
    let names: Vec<String> = documents::table
        .filter(documents::type_.eq(type_))
        .filter(documents::name_key.eq_any(names))
        .select(documents::name_key)
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .load(write.connection())?;
    if names.len() == most {
        return Ok(None);
    }
    let mut once = HashSet::new();
    let several = names
        .into_iter()
        .filter_map(|name| once.replace(name))
        .collect();
    Ok(Some(several))
}

fn tell_one(
    import: &mut Import,
    write: &mut Write<'_>,
    nth: usize,
    (told, has_own_name): (&Told, bool),
    done: &Done,
    after: Option<Map<String, Value>>,
) -> Result<()> {
    let status = match done.outcome {
        Outcome::Created => ImportStatus::Created,
        Outcome::Updated => ImportStatus::Changed,
        Outcome::Unchanged => ImportStatus::Unchanged,
    };
    let count = match status {
        ImportStatus::Created => &mut import.summary.created,
        ImportStatus::Changed => &mut import.summary.changed,
        _ => &mut import.summary.unchanged,
    };
    *count += 1;
    let (head, collection) = (&told.head, &ALL[import.entries[nth].collection]);
    let label: Label = import.labels.get(nth)?;
    let was: Option<Map<String, Value>> = done.was.map(|was| import.notes.get(was)).transpose()?;
    let changes = match after {
        Some(after) if status != ImportStatus::Unchanged => differences(was.as_ref(), after),
        _ => Vec::new(),
    };
    let is_new = status == ImportStatus::Created;
    import.plan.add(format!(
        "{nth} {status:?} {}\n",
        if is_new { "" } else { &head.id }
    ));
    for change in changes.iter().filter(|_| !is_new) {
        let before = change
            .before
            .as_ref()
            .map(Value::to_string)
            .unwrap_or_default();
        import.plan.add(format!("{} {before}\n", change.member));
    }
    let may_be = MayBe {
        has_others_name: done.has_other_name && !has_own_name,
        moved: done.moved,
    };
    let mut warnings = doubles(import, write, collection, told, &may_be)?;
    let is_called = |key: &Locator| match (key, &done.was_called) {
        (Locator::Slug(slug), Some(was)) => *slug == was.slug,
        (key, _) => matches!(key, Locator::Id(_)),
    };
    if let Some(was) = done.was_called.as_deref()
        && !label.keys.iter().any(is_called)
    {
        let same = vec![was.clone()];
        warnings.extend(warning(import, "same_code", SAME_CODE, same));
    }
    let left_out = label.left_out.into_iter().map(|place| ImportWarning {
        code: "left_out",
        detail: LEFT_OUT.get(import.options.language).to_owned(),
        place: Some(place),
        documents: Vec::new(),
    });
    warnings.extend(left_out);
    import.summary.warnings += usize::from(!warnings.is_empty());
    let planned = import.options.dry_run || import.is_lost();
    import.tell(ImportedDocument {
        number: nth + 1,
        place: label.place,
        type_: Some(collection.naming.plural),
        status,
        id: (!(is_new && planned)).then(|| head.id.clone()),
        slug: Some(head.slug.clone()),
        version: (!planned).then_some(head.version),
        changes: if import.options.dry_run {
            changes
        } else {
            Vec::new()
        },
        warnings,
        errors: Vec::new(),
    })
}

/// In what a document may be the same as others.
struct MayBe {
    has_others_name: bool,
    moved: bool,
}

/// What may be the same as a document that is new, or called otherwise or elsewhere now; and why.
fn doubles(
    import: &mut Import,
    write: &mut Write<'_>,
    collection: &Collection,
    Told { head, name_key, .. }: &Told,
    may_be: &MayBe,
) -> Result<Vec<ImportWarning>> {
    let (id, type_) = (&head.id, collection.naming.type_);
    let mut warnings = Vec::new();
    if may_be.has_others_name {
        let same = documents::table
            .filter(
                documents::type_
                    .eq(type_)
                    .and(documents::name_key.eq(name_key.clone())),
            )
            .filter(documents::id.ne(id.clone()))
            .order(documents::id)
            .limit(i64::try_from(NAMED + 1).unwrap_or(i64::MAX))
            .into_boxed();
        let same: Vec<HeadRow> = readable(same, &import.caller)
            .select(HeadRow::as_select())
            .load(write.connection())?;
        let same = heads::shown_referrers(&same, &import.caller);
        warnings.extend(warning(import, "same_name", SAME_NAME, same));
    }
    if may_be.moved && type_ == Organisation::NAMING.type_ {
        if import.addresses.is_none() {
            let mut keys = address_keys(write.connection())?;
            if !import.caller.reads_all() {
                let ids: Vec<String> = keys.iter().map(|(id, _)| id.clone()).collect();
                let access = heads::access_now(write.connection(), &ids)?;
                let known = |id: &str| {
                    let access = access.get(id);
                    access.is_some_and(|access| import.caller.may_know(id, access))
                };
                keys.retain(|(id, _)| known(id));
            }
            import.addresses = Some(Addresses::of(keys));
        }
        let others = import.addresses.as_ref().map(|all| all.others_at(id));
        if let Some(others) = others.filter(|others| !others.is_empty()) {
            let same = heads::load(write.connection(), &others)?;
            let same = heads::shown_referrers(&same, &import.caller);
            warnings.extend(warning(import, "same_address", SAME_ADDRESS, same));
        }
    }
    Ok(warnings)
}

const SAME_NAME: Text = Text {
    nl: "Er is al een document met deze naam. Is het hetzelfde, voeg ze dan samen.",
    en: "There is a document with this name already. If it is the same, merge them.",
};

const SAME_ADDRESS: Text = Text {
    nl: "Er is al een organisatie op deze postcode en dit huisnummer. Is het dezelfde, voeg ze dan samen.",
    en: "There is an organisation at this postcode and number already. If it is the same, merge them.",
};

const LEFT_OUT: Text = Text {
    nl: "Dit is niet te lezen als wat hier hoort te staan (een adres van een pagina, een gemeentenummer); het is niet overgenomen. Geef het zelf als het klopt.",
    en: "This cannot be read as what belongs here (the address of a page, the number of a municipality); it was not taken over. Give it yourself if it is right.",
};

const SAME_CODE: Text = Text {
    nl: "Dit document is gevonden aan een code, en heette tot nu toe anders. Is het een ander, verbeter dan de code.",
    en: "This document was found by a code, and was called otherwise so far. If it is another one, correct the code.",
};

const MORE: Text = Text {
    nl: " Dit zijn er vijf van; er zijn er meer.",
    en: " These are five of them; there are more.",
};

fn warning(
    import: &Import,
    code: &'static str,
    why: Text,
    mut documents: Vec<Referrer>,
) -> Option<ImportWarning> {
    if documents.is_empty() {
        return None;
    }
    let language = import.options.language;
    let mut detail = why.get(language).to_owned();
    if documents.len() > NAMED {
        documents.truncate(NAMED);
        detail.push_str(MORE.get(language));
    }
    Some(ImportWarning {
        code,
        detail,
        place: None,
        documents,
    })
}

/// Who is where: by the addresses of all organisations, as they are when the import is told.
#[derive(Default)]
pub(super) struct Addresses {
    by_key: HashMap<String, Vec<String>>,
    by_id: HashMap<String, Vec<String>>,
}

impl Addresses {
    fn of(mut keys: Vec<(String, String)>) -> Self {
        keys.sort_unstable();
        keys.dedup();
        let mut all = Self::default();
        for (id, key) in keys {
            all.by_key.entry(key.clone()).or_default().push(id.clone());
            all.by_id.entry(id).or_default().push(key);
        }
        all
    }

    /// The others at the addresses of an organisation; no more than a warning has to know of.
    fn others_at(&self, id: &str) -> Vec<String> {
        let keys = self.by_id.get(id).into_iter().flatten();
        let there = keys.filter_map(|key| self.by_key.get(key));
        let there = there.flat_map(|ids| ids.iter().filter(|other| *other != id).take(NAMED + 1));
        let mut others: Vec<String> = there.cloned().collect();
        others.sort_unstable();
        others.dedup();
        others.truncate(NAMED + 1);
        others
    }
}

/// Logs what was written of some documents: those that are not as they were.
fn log_part(
    import: &mut Import,
    write: &mut Write<'_>,
    all: &AllDone,
    (nths, heads): (&[usize], Vec<Told>),
    renamed: &mut Vec<String>,
) -> Result<()> {
    let (mut versions, mut texts) = (Vec::new(), Vec::new());
    for (nth, Told { head, text, .. }) in nths.iter().zip(heads) {
        let written = all[*nth].as_ref();
        let Some(done) = written.filter(|done| done.outcome != Outcome::Unchanged) else {
            continue;
        };
        texts.push(text.ok_or_else(|| {
            Error::Internal(format!("the text of document {} was not kept", head.id))
        })?);
        if done.renamed {
            renamed.push(head.id.clone());
        }
        let collection = &ALL[import.entries[*nth].collection];
        if collection.personal {
            let action = match done.outcome {
                Outcome::Created => Action::Create,
                _ => Action::Change,
            };
            import.span.note(action, [head.id.as_str()])?;
        }
        versions.push((collection.naming.type_, head, done.before.clone()));
    }
    log_written(write, versions, &texts)
}

/// Gives a new version to those that show a name which is another now, and says where all of it stands in
/// the change log.
///
/// # Errors
/// When the register fails.
pub(super) fn close(import: &mut Import, write: &mut Write<'_>, renamed: &[String]) -> Result<()> {
    // What was brought in itself shows the names as they are now.
    bump_others(write, renamed)?;
    if let Some(position) = write.logged() {
        import.summary.changeset = Some(write.changeset().to_owned());
        import.summary.position = Some(position);
        if let Some(note) = &import.options.note {
            keep_note(write, note)?;
        }
    }
    Ok(())
}
