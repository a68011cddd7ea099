//! From the body of a request to a document that may be saved: read, references resolved, checked.

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::above::Above;
use super::ahead::Free;
use super::caller::{Access, Caller, Visibility};
use super::document::{Document, Head, Record, read_draft};
use super::error::{Error, Result};
use super::fault::{Fault, Issue, Issues};
use super::find::{self, Names, Registered};
use super::kept::keep_hidden;
use super::language::Text;
use super::locator::{slug_of, sort_key};
use super::names;
use super::projection::{project, shows_all};
use super::save::Current;
use super::vocabulary::Enumeration;
use crate::store::schema::documents;
use crate::store::{AnyConnection, Write};

/// Puts back what the caller could not see in the lists that the body replaces. Gives the body as it
/// was, where that changed it.
pub(super) fn keep_hidden_items(
    db: &mut AnyConnection,
    caller: &Caller,
    access: Access,
    whole: &Map<String, Value>,
    body: &mut Map<String, Value>,
) -> Result<Option<Map<String, Value>>> {
    if shows_all(db, caller, &access, whole)? {
        return Ok(None);
    }
    let mut seen = [(access, whole.clone())];
    project(db, caller, &mut seen)?;
    let [(_, seen)] = seen;
    let given = body.clone();
    keep_hidden(whole, &seen, body);
    Ok((*body != given).then_some(given))
}

/// Finds `null` where a document always has a value. Taken for "not given", it would make a
/// restricted document public.
pub(super) fn find_nulls(body: &Map<String, Value>, issues: &mut Issues) {
    for name in ["slug", "visibility"] {
        if body.get(name).is_some_and(Value::is_null) {
            let expected = "string".into();
            issues.0.push(Issue::body(
                format!("/{name}"),
                Fault::WrongType { expected },
            ));
        }
    }
}

/// How a body becomes a document.
pub(crate) struct Manner<'m> {
    /// Who writes.
    pub(crate) caller: &'m Caller,
    /// What its references name.
    pub(crate) names: &'m mut dyn Names,
    /// Names that its documents may take without asking.
    pub(crate) free: &'m mut Free,
    /// Whether it is checked against the other documents. An import does so once all are in.
    pub(crate) checked: bool,
}

impl<'m> Manner<'m> {
    /// That of a request which writes one document.
    pub(super) fn of_one(
        caller: &'m Caller,
        names: &'m mut Registered,
        free: &'m mut Free,
    ) -> Self {
        Self {
            caller,
            names,
            free,
            checked: true,
        }
    }
}

/// Reads a body to a record with resolved references, or says all that is wrong with it.
pub(super) fn draft_record<T: Document>(
    write: &mut Write<'_>,
    manner: &mut Manner<'_>,
    body: Map<String, Value>,
    current: Option<&Current<T>>,
    stub: Option<&T>,
    id: &str,
    mut issues: Issues,
) -> Result<Record<T>> {
    find_nulls(&body, &mut issues);
    let kept = current.map_or(&[][..], |current| &current.targets);
    let is_public = body.get("visibility").and_then(Value::as_str) == Some("public");
    let lacks_basis = is_public && stub.is_none() && !T::body_may_be_public(&body, &issues);
    let (draft, noted) = read_draft::<T>(body);
    let targets = find::resolve(
        write.connection(),
        manner.caller,
        manner.names,
        &noted,
        kept,
        &mut issues,
    )?;
    let current = current.map(|current| &current.record);
    let draft = match draft {
        Ok(mut draft) => {
            if let Some(before) = current.map(|current| &current.content).or(stub) {
                draft.content.keep(before);
            }
            draft
        }
        Err(more) => {
            issues.0.extend(more.0);
            if lacks_basis {
                issues.0.push(no_basis());
            }
            issues.0.sort_by(|a, b| a.location.cmp(&b.location));
            return Err(Error::Invalid(issues));
        }
    };
    let now = write.now();
    let mut record = Record {
        head: Head {
            id: id.to_owned(),
            slug: draft.head.slug.map(|slug| slug.0).unwrap_or_default(),
            identifiers: draft.head.identifiers,
            sources: draft.head.sources,
            visibility: draft
                .head
                .visibility
                .unwrap_or_else(|| visibility_unasked(&draft.content, current)),
            steward: draft.head.steward,
            verified_on: draft.head.verified_on,
            version: 0,
            created_at: now,
            updated_at: now,
        },
        content: draft.content,
    };
    record.links(&mut |link| {
        if let Some(target) = targets.get(&(link.type_, link.given.clone())) {
            link.target = target.clone();
        }
    });
    let is_public = record.head.visibility == Visibility::Public;
    if is_public && lacks_basis && !record.content.may_be_public() {
        issues.0.push(no_basis());
    }
    if manner.checked && issues.0.is_empty() {
        let db = write.connection();
        Above::default().find_cycles(db, &record.content, id, &mut issues)?;
    }
    issues.none_or_fail()?;
    Ok(record)
}

fn no_basis() -> Issue {
    let why = Text {
        nl: "Dit document mag niet openbaar zijn zonder grondslag voor publicatie (publicationBasis).",
        en: "This document cannot be public without a basis for publication (publicationBasis).",
    };
    Issue::body("/visibility", Fault::Contradiction { why })
}

/// Who may read a document when the caller does not say: who could before, or else everyone, as
/// far as that is allowed. It never makes a restricted document public.
fn visibility_unasked<T: Document>(content: &T, current: Option<&Record<T>>) -> Visibility {
    let before = current.map_or(Visibility::Public, |record| record.head.visibility);
    if content.may_be_public() {
        before
    } else {
        Visibility::Restricted
    }
}

/// A slug for a new document that does not tell one, made of its name.
pub(super) fn free_slug<T: Document>(
    db: &mut AnyConnection,
    manner: &mut Manner<'_>,
    content: &T,
) -> Result<String> {
    let (type_, name) = (T::NAMING.type_, content.name());
    let mut is_free = |db: &mut AnyConnection, slug: &str| -> Result<bool> {
        let is_kept = manner.names.is_kept(type_, slug);
        Ok(!is_kept && !names::slug_is_taken(db, manner.free, type_, slug, "")?)
    };
    let first = slug_of(&name, 1);
    if is_free(db, &first)? {
        return Ok(first);
    }
    // Where many have this name, their number is a better guess than 2. Only those that everyone
    // can count: the slug may be public, and would tell how many hidden ones there are.
    let same: i64 = documents::table
        .filter(
            documents::type_
                .eq(type_)
                .and(documents::name_key.eq(sort_key(&content.sort_name())))
                .and(documents::visibility.eq(Visibility::Public.as_str())),
        )
        .count()
        .get_result(db)?;
    let mut number = usize::try_from(same).unwrap_or(0).max(1) + 1;
    loop {
        let slug = slug_of(&name, number);
        if is_free(db, &slug)? {
            return Ok(slug);
        }
        number += 1;
    }
}
