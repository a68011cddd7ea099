//! The rows of themes. Private to the slice, but for the questions of the last part.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use serde_json::{Value, json};

use super::{Theme, ThemeFilters};
use crate::register::find::find_filtered;
use crate::register::read::{known, readable};
use crate::register::refs::Target;
use crate::register::rows::{save_row, text_lists};
use crate::register::{
    Caller, HeadQuery, HeadRow, Line, Markdown, Result, ThemeRef, Themes, heads,
};
use crate::store::schema::{documents, themes};
use crate::store::{AnyConnection, Write};

#[derive(PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = themes, treat_none_as_default_value = false)]
struct ThemeRow {
    id: String,
    alternative_labels: String,
    definition: Option<String>,
    broader_id: Option<String>,
    exact_match: String,
}

/// The other names of themes, by id.
pub(super) fn other_names(
    db: &mut AnyConnection,
    ids: &[String],
) -> Result<Vec<(String, Vec<String>)>> {
    let rows = themes::table
        .filter(themes::id.eq_any(ids))
        .select((themes::id, themes::alternative_labels))
        .load(db)?;
    text_lists(rows)
}

pub(super) fn load(db: &mut AnyConnection, heads: &[HeadRow]) -> Result<HashMap<String, Theme>> {
    let names: HashMap<&String, &String> =
        heads.iter().map(|head| (&head.id, &head.name)).collect();
    let ids: Vec<&String> = names.keys().copied().collect();
    let rows: Vec<ThemeRow> = themes::table
        .filter(themes::id.eq_any(ids))
        .select(ThemeRow::as_select())
        .load(db)?;
    rows.into_iter()
        .map(|row| {
            let label = names.get(&row.id).map(|name| (*name).clone());
            let theme = Theme {
                label: Line::stored(label.unwrap_or_default()),
                alternative_labels: serde_json::from_str(&row.alternative_labels)?,
                definition: row.definition.map(Markdown::stored),
                broader: row.broader_id.map(ThemeRef::to),
                exact_match: serde_json::from_str(&row.exact_match)?,
            };
            Ok((row.id, theme))
        })
        .collect()
}

pub(super) fn save(
    theme: &Theme,
    before: Option<&Theme>,
    write: &mut Write<'_>,
    id: &str,
) -> Result<()> {
    let row = |theme: &Theme| -> Result<ThemeRow> {
        Ok(ThemeRow {
            id: id.to_owned(),
            alternative_labels: serde_json::to_string(&theme.alternative_labels)?,
            definition: theme.definition.clone().map(String::from),
            broader_id: theme.broader.as_ref().map(|theme| theme.id().to_owned()),
            exact_match: serde_json::to_string(&theme.exact_match)?,
        })
    };
    save_row!(write, themes, row(theme)?, before.map(row).transpose()?);
    Ok(())
}

pub(super) fn filter(
    mut query: HeadQuery,
    filters: &ThemeFilters,
    db: &mut AnyConnection,
    caller: &Caller,
) -> Result<HeadQuery> {
    if let Some(given) = &filters.broader {
        let id = find_filtered(db, caller, Themes::TYPE, "broader", given)?;
        let mut below = with_narrower(db, caller, &id)?;
        below.retain(|other| *other != id);
        query = query.filter(documents::id.eq_any(below));
    }
    Ok(query)
}

/// The themes directly above several, each behind the one below it.
pub(super) fn broader_of(db: &mut AnyConnection, ids: &[String]) -> Result<Vec<(String, String)>> {
    Ok(themes::table
        .filter(themes::id.eq_any(ids))
        .filter(themes::broader_id.is_not_null())
        .select((themes::id, themes::broader_id.assume_not_null()))
        .load(db)?)
}

/// The themes directly below several, by the id of the one above.
pub(super) fn narrower(
    db: &mut AnyConnection,
    ids: &[String],
    caller: &Caller,
) -> Result<HashMap<String, Value>> {
    let rows: Vec<(String, Option<String>)> = themes::table
        .filter(themes::broader_id.eq_any(ids))
        .select((themes::id, themes::broader_id))
        .load(db)?;
    let below: Vec<String> = rows.iter().map(|(id, _)| id.clone()).collect();
    let mut heads = heads::load(db, &below)?;
    heads.retain(|head| caller.may_know(&head.id, &head.access()));
    heads.sort_by(|a, b| (&a.name_key, &a.id).cmp(&(&b.name_key, &b.id)));
    let above: HashMap<String, Option<String>> = rows.into_iter().collect();
    let mut lists: HashMap<String, Vec<Value>> =
        ids.iter().map(|id| (id.clone(), Vec::new())).collect();
    for head in heads {
        let Some(Some(broader)) = above.get(&head.id) else {
            continue;
        };
        lists
            .entry(broader.clone())
            .or_default()
            .push(json!({"id": head.id, "slug": head.slug, "name": head.name}));
    }
    Ok(lists
        .into_iter()
        .map(|(id, list)| (id, Value::Array(list)))
        .collect())
}

/// A theme and all below it that the caller can follow: what hangs below a hidden theme is not
/// known to hang there.
///
/// # Errors
/// When the database cannot be asked.
pub fn with_narrower(db: &mut AnyConnection, caller: &Caller, id: &str) -> Result<Vec<String>> {
    let mut all = vec![id.to_owned()];
    let mut seen: HashSet<String> = all.iter().cloned().collect();
    let mut level = all.clone();
    while !level.is_empty() {
        let below: Vec<String> = themes::table
            .filter(themes::broader_id.eq_any(&level))
            .filter(known(themes::id, caller))
            .select(themes::id)
            .load(db)?;
        level = below
            .into_iter()
            .filter(|id| seen.insert(id.clone()))
            .collect();
        all.extend(level.iter().cloned());
    }
    Ok(all)
}

/// Each theme that the caller may know of, with the one above it.
///
/// # Errors
/// When the database cannot be asked.
pub fn pairs(db: &mut AnyConnection, caller: &Caller) -> Result<Vec<(String, Option<String>)>> {
    let heads = documents::table
        .filter(documents::type_.eq(Themes::TYPE))
        .into_boxed();
    let ids: Vec<String> = readable(heads, caller).select(documents::id).load(db)?;
    Ok(themes::table
        .filter(themes::id.eq_any(ids))
        .select((themes::id, themes::broader_id))
        .load(db)?)
}
