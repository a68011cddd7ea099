//! What follows from the projects for others: the projects of a region.

use std::collections::HashMap;

use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Project, ProjectKind, ProjectStatus, filter};
use crate::register::heads::HeadRow;
use crate::register::read::{load_records, readable};
use crate::register::refs::Target;
use crate::register::{Caller, HeadQuery, PartialDate, ProjectRef, Projects, Result};
use crate::store::AnyConnection;
use crate::store::schema::documents;

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
    ids.iter()
        .map(|id| {
            let projects: HeadQuery = documents::table
                .filter(documents::type_.eq(Projects::TYPE))
                .into_boxed();
            let heads: Vec<HeadRow> = readable(projects, caller)
                .filter(filter::in_region(db, caller, id)?)
                .order((documents::name_key, documents::id))
                .select(HeadRow::as_select())
                .load(db)?;
            let rows: Vec<RegionProject> = load_records::<Project>(db, &heads)?
                .into_iter()
                .map(|record| RegionProject {
                    project: ProjectRef::shown(&record),
                    kind: record.content.kind,
                    status: record.content.status,
                    start: record.content.start,
                    end: record.content.end,
                })
                .collect();
            Ok((id.clone(), serde_json::to_value(rows)?))
        })
        .collect()
}
