//! What follows from the regions: which organisations take part in one, and in which regions an
//! organisation takes part. Regions own the fact; organisations only show it.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{LocalAccess, PartnerRole, Region, store};
use crate::register::period::{Dated, dated};
use crate::register::read::load_records;
use crate::register::vocabulary::vocabulary;
use crate::register::{
    Caller, Day, Enumeration, HeadRow, Line, OrganisationRef, PartialDate, Record, RegionRef,
    Result, heads,
};
use crate::store::AnyConnection;

vocabulary! {
    /// How an organisation takes part in a region: as municipality, or in one of the partners'
    /// roles.
    pub enum ParticipationRole in "participation-roles" {
        Municipality = "municipality", "Gemeente", "Municipality";
        SchoolPartnership = "school_partnership", "Samenwerkingsverband passend onderwijs", "School partnership";
        Coordinator = "coordinator", "Coördinator", "Coordinator";
        SteeringGroup = "steering_group", "Stuurgroep", "Steering group";
        Network = "network", "Netwerk", "Network";
        Other = "other", "Anders", "Other";
    }
}

impl From<PartnerRole> for ParticipationRole {
    fn from(role: PartnerRole) -> Self {
        match role {
            PartnerRole::SchoolPartnership => Self::SchoolPartnership,
            PartnerRole::Coordinator => Self::Coordinator,
            PartnerRole::SteeringGroup => Self::SteeringGroup,
            PartnerRole::Network => Self::Network,
            PartnerRole::Other => Self::Other,
        }
    }
}

/// An organisation in a region, on the day that was asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegionOrganisation {
    /// The organisation.
    pub organisation: OrganisationRef,
    /// How it takes part.
    pub role: ParticipationRole,
    /// The role in the region's own words.
    pub role_description: Option<Line>,
    /// For a municipality: how its residents get to youth care.
    pub local_access: Option<LocalAccess>,
    /// Since when.
    pub start: Option<PartialDate>,
    /// Until when.
    pub end: Option<PartialDate>,
}

/// A region in which an organisation takes part, on the day that was asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganisationRegion {
    /// The region.
    pub region: RegionRef,
    /// How the organisation takes part.
    pub role: ParticipationRole,
    /// The role in the region's own words.
    pub role_description: Option<Line>,
    /// Since when.
    pub start: Option<PartialDate>,
    /// Until when.
    pub end: Option<PartialDate>,
}

dated!(RegionOrganisation);

/// Who takes part in a region on a day, as far as the caller may know: municipalities first, each
/// group in the order of the region.
fn participants(region: &Region, caller: &Caller, day: Day) -> Vec<RegionOrganisation> {
    let municipalities = region.municipalities.iter().map(|row| RegionOrganisation {
        organisation: row.organisation.clone(),
        role: ParticipationRole::Municipality,
        role_description: None,
        local_access: row.local_access,
        start: row.start.clone(),
        end: row.end.clone(),
    });
    let partners = region.partners.iter().map(|row| RegionOrganisation {
        organisation: row.organisation.clone(),
        role: row.role.into(),
        role_description: row.role_description.clone(),
        local_access: None,
        start: row.start.clone(),
        end: row.end.clone(),
    });
    municipalities
        .chain(partners)
        .filter(|row| row.organisation.may_be_read(caller))
        .filter(|row| row.may_include(day))
        .collect()
}

fn readable_regions(
    db: &mut AnyConnection,
    ids: &[String],
    caller: &Caller,
) -> Result<Vec<Record<Region>>> {
    let mut rows: Vec<HeadRow> = heads::load(db, ids)?;
    rows.retain(|row| caller.may_know(&row.id, &row.access()));
    rows.sort_by(|a, b| (&a.name_key, &a.id).cmp(&(&b.name_key, &b.id)));
    load_records(db, &rows)
}

/// The organisations of several regions on a day, by the id of the region.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn organisations_of(
    db: &mut AnyConnection,
    ids: &[String],
    caller: &Caller,
    day: Day,
) -> Result<HashMap<String, Value>> {
    readable_regions(db, ids, caller)?
        .into_iter()
        .map(|region| {
            let rows = participants(&region.content, caller, day);
            Ok((region.head.id, serde_json::to_value(rows)?))
        })
        .collect()
}

/// The regions of several organisations on a day, by the id of the organisation.
///
/// # Errors
/// When the database cannot be asked.
pub fn of_organisations(
    db: &mut AnyConnection,
    ids: &[String],
    caller: &Caller,
    day: Day,
) -> Result<HashMap<String, Value>> {
    let mut all: HashMap<String, Vec<OrganisationRegion>> =
        ids.iter().map(|id| (id.clone(), Vec::new())).collect();
    let regions = store::naming(db, ids)?;
    for region in readable_regions(db, &regions, caller)? {
        for row in participants(&region.content, caller, day) {
            let Some(list) = all.get_mut(row.organisation.id()) else {
                continue;
            };
            list.push(OrganisationRegion {
                region: RegionRef::shown(&region),
                role: row.role,
                role_description: row.role_description,
                start: row.start,
                end: row.end,
            });
        }
    }
    all.into_iter()
        .map(|(id, rows)| Ok((id, serde_json::to_value(rows)?)))
        .collect()
}

/// The regions in which one of these organisations is a municipality today, by name.
///
/// # Errors
/// When the database cannot be asked.
pub fn containing(
    db: &mut AnyConnection,
    municipalities: &[String],
    caller: &Caller,
) -> Result<Vec<HeadRow>> {
    let ids = store::naming(db, municipalities)?;
    let today = Day::today();
    let now_in: Vec<String> = readable_regions(db, &ids, caller)?
        .into_iter()
        .filter(|region| {
            participants(&region.content, caller, today)
                .iter()
                .any(|row| {
                    row.role == ParticipationRole::Municipality
                        && municipalities.iter().any(|id| id == row.organisation.id())
                })
        })
        .map(|region| region.head.id)
        .collect();
    let mut rows = heads::load(db, &now_in)?;
    rows.sort_by(|a, b| (&a.name_key, &a.id).cmp(&(&b.name_key, &b.id)));
    Ok(rows)
}

/// The ids of the municipalities and partners of a region, now or before.
///
/// # Errors
/// When the database cannot be asked.
pub fn organisation_ids(db: &mut AnyConnection, region: &str) -> Result<Vec<String>> {
    store::organisations_in(db, region)
}

/// The vocabulary of the views.
pub(super) const VOCABULARY: crate::register::Vocabulary = ParticipationRole::VOCABULARY;
