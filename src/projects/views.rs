//! What follows from the projects for others: the projects of a region.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::stats::by_region;
use super::{Project, ProjectKind, ProjectStatus};
use crate::register::read::load_records;
use crate::register::{Caller, PartialDate, ProjectRef, Result, heads};
use crate::store::AnyConnection;

/// A project that belongs to a region.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegionProject {
    /// The project.
    pub project: ProjectRef,
    /// What kind of initiative it is.
    pub kind: ProjectKind,
    /// How far it is.
    pub status: ProjectStatus,
    /// When it began or is to begin.
    pub start: Option<PartialDate>,
    /// When it ended or is to end.
    pub end: Option<PartialDate>,
}

/// The projects of several regions, by name, by the id of the region.
///
/// # Errors
/// When the database cannot be asked.
pub fn of_regions(
    db: &mut AnyConnection,
    ids: &[String],
    caller: &Caller,
) -> Result<HashMap<String, Value>> {
    let mut regions: HashMap<String, BTreeSet<String>> = HashMap::new();
    for (project, region) in by_region(db, caller, Some(ids), None)? {
        regions.entry(project).or_default().insert(region);
    }
    let projects: Vec<String> = regions.keys().cloned().collect();
    let mut rows = heads::load(db, &projects)?;
    rows.retain(|row| caller.may_know(&row.id, &row.access()));
    rows.sort_by(|a, b| (&a.name_key, &a.id).cmp(&(&b.name_key, &b.id)));
    let mut lists: HashMap<String, Vec<Value>> =
        ids.iter().map(|id| (id.clone(), Vec::new())).collect();
    for record in load_records::<Project>(db, &rows)? {
        let row = serde_json::to_value(RegionProject {
            project: ProjectRef::shown(&record),
            kind: record.content.kind,
            status: record.content.status,
            start: record.content.start,
            end: record.content.end,
        })?;
        for region in regions.remove(&record.head.id).unwrap_or_default() {
            lists.entry(region).or_default().push(row.clone());
        }
    }
    Ok(lists
        .into_iter()
        .map(|(id, rows)| (id, Value::Array(rows)))
        .collect())
}
