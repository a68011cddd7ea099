//! What is kept of the documents that an import wrote, until they are told and logged.

use serde::{Deserialize, Serialize};

use super::line::ImportPhase;
use super::run::Import;
use crate::collections::{ALL, Collection};
use crate::register::brought::Brought;
use crate::register::save::Headline;
use crate::register::unnamed::Unnamed;
use crate::register::write::Outcome;
use crate::register::{Access, HeadRow, Referrer, Result, heads};
use crate::store::Write;

/// What was written of a document.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
pub(super) struct Done {
    pub(super) outcome: Outcome,
    /// Who could read it before; nothing when it is new.
    pub(super) before: Option<Access>,
    /// Whether others show something of it that is no longer so.
    pub(super) renamed: bool,
    /// Whether it must be checked against the others.
    pub(super) needs_check: bool,
    /// What it was, where it is called otherwise now.
    pub(super) was_called: Option<Box<Referrer>>,
    /// Whether it has another name than before, so that others may have that too.
    pub(super) has_other_name: bool,
    /// Whether it is at other addresses than before.
    pub(super) moved: bool,
    /// The place of its head, as [`Told`], among the notes.
    head: usize,
    /// The place of what it was, among the notes.
    pub(super) was: Option<usize>,
    /// The place of its text, among the notes.
    pub(super) text: Option<usize>,
}

/// What is told and logged of the head of a document.
#[derive(Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) head: Headline,
    pub(super) name_key: String,
    /// Its text, which is kept beside it.
    #[serde(skip)]
    pub(super) text: Option<Unnamed>,
}

/// What was written of each document of the file; nothing of those that are wrong.
pub(super) type AllDone = Vec<Option<Done>>;

/// Keeps of what was written what is needed later.
pub(super) fn note(import: &mut Import, brought: Brought) -> Result<Done> {
    let mut row = brought.row;
    let before = brought.before.as_ref();
    let has_other_name = before.is_none_or(|before| before.name_key != row.name_key);
    let called = before.filter(|before| has_other_name || before.slug != row.slug);
    let was_called = called.map(|before| Box::new(heads::referrer(before)));
    let told = Told {
        name_key: std::mem::take(&mut row.name_key),
        head: row.into(),
        text: None,
    };
    import.notes.push(&told)?;
    let head = import.notes.len() - 1;
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
        was_called,
        has_other_name,
        moved: brought.moved,
        before: brought.before.map(|head| head.access()),
        head,
        was,
        text,
    })
}

/// Takes documents of one part: their places in the file, in order.
pub(super) type Visit<'v> = dyn FnMut(&mut Import, &mut Write<'_>, &[usize]) -> Result<()> + 'v;

/// Visits what was written or was there, a part at a time; those that are wanted.
pub(super) fn each_part(
    import: &mut Import,
    write: &mut Write<'_>,
    done: &AllDone,
    wanted: fn(&Done) -> bool,
    visit: &mut Visit<'_>,
) -> Result<()> {
    for mut part in import.parts() {
        import.tell_progress(ImportPhase::Checking, part[0], Some(done.len()))?;
        let wanted = |nth: usize| done[nth].as_ref().is_some_and(wanted);
        part.retain(|nth| wanted(*nth));
        visit(import, write, &part)?;
    }
    Ok(())
}

/// What was kept of the heads of such documents, in their order; with their texts, where those are
/// wanted.
pub(super) fn told(
    import: &mut Import,
    done: &AllDone,
    nths: &[usize],
    with_texts: bool,
) -> Result<Vec<Told>> {
    // They were kept by collection, and are read as they lie.
    let mut order: Vec<(usize, &Done)> = nths
        .iter()
        .enumerate()
        .filter_map(|(at, nth)| Some((at, done[*nth].as_ref()?)))
        .collect();
    order.sort_unstable_by_key(|(_, done)| done.head);
    let mut all: Vec<(usize, Told)> = Vec::with_capacity(order.len());
    for (at, done) in order {
        let mut told: Told = import.notes.get(done.head)?;
        if let Some(text) = done.text.filter(|_| with_texts) {
            told.text = Some(Unnamed::from_text(import.notes.text(text)?));
        }
        all.push((at, told));
    }
    all.sort_unstable_by_key(|(at, _)| *at);
    Ok(all.into_iter().map(|(_, told)| told).collect())
}

/// The heads that documents of the file have now, with their places.
pub(super) fn rows_of(
    import: &Import,
    write: &mut Write<'_>,
    nths: &[usize],
) -> Result<(Vec<usize>, Vec<HeadRow>)> {
    let id = |nth: &usize| import.entries[*nth].id.unwrap_or_default().to_string();
    let ids: Vec<String> = nths.iter().map(id).collect();
    let heads = heads::by_id(write.connection(), &ids)?;
    // Several rows of a list may name the same document.
    let rows = nths.iter().zip(&ids);
    Ok(rows
        .filter_map(|(nth, id)| Some((*nth, heads.get(id)?.clone())))
        .unzip())
}

/// The documents of each collection among these: their places among them, in order.
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
