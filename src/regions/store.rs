//! The rows of regions. Private to the slice.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;

use super::{
    LocalAccess, NetworkStatus, PartnerRole, Region, RegionFilters, RegionKind, RegionMunicipality,
    RegionNetwork, RegionPartner,
};
use crate::register::find::find_filtered;
use crate::register::heads::{stored_word, stored_word_or_none};
use crate::register::period::date_columns;
use crate::register::read::known;
use crate::register::refs::Target;
use crate::register::rows::{load_rows, replace_rows, save_row, spread, text_lists};
use crate::register::{
    Caller, Enumeration, HeadQuery, HeadRow, Line, Markdown, OrganisationRef, Organisations,
    Result, WebAddress,
};
use crate::store::schema::{
    documents, region_municipalities, region_networks, region_partners, regions,
};
use crate::store::{AnyConnection, Write};

#[derive(PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = regions, treat_none_as_default_value = false)]
struct RegionRow {
    id: String,
    alternative_names: String,
    summary: Option<String>,
    description: Option<String>,
    website: Option<String>,
    contacts: String,
}

date_columns!(MunicipalityDates in region_municipalities: start, end);

#[derive(PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = region_municipalities, treat_none_as_default_value = false)]
struct MunicipalityRow {
    owner_id: String,
    position: i32,
    organisation_id: String,
    #[diesel(embed)]
    dates: MunicipalityDates,
    local_access: Option<String>,
    local_access_note: Option<String>,
}

date_columns!(PartnerDates in region_partners: start, end);

#[derive(PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = region_partners, treat_none_as_default_value = false)]
struct PartnerRow {
    owner_id: String,
    position: i32,
    organisation_id: String,
    role: String,
    role_description: Option<String>,
    #[diesel(embed)]
    dates: PartnerDates,
}

date_columns!(NetworkDates in region_networks: start, end);

#[derive(PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = region_networks, treat_none_as_default_value = false)]
struct NetworkRow {
    owner_id: String,
    position: i32,
    organisation_id: String,
    status: String,
    #[diesel(embed)]
    dates: NetworkDates,
    note: Option<String>,
}

/// The other names of regions, by id.
pub(super) fn other_names(
    db: &mut AnyConnection,
    ids: &[String],
) -> Result<Vec<(String, Vec<String>)>> {
    let rows = regions::table
        .filter(regions::id.eq_any(ids))
        .select((regions::id, regions::alternative_names))
        .load(db)?;
    text_lists(rows)
}

pub(super) fn load(db: &mut AnyConnection, heads: &[HeadRow]) -> Result<HashMap<String, Region>> {
    let ids: Vec<&String> = heads.iter().map(|head| &head.id).collect();
    let rows: Vec<RegionRow> = regions::table
        .filter(regions::id.eq_any(&ids))
        .select(RegionRow::as_select())
        .load(db)?;
    let mut rows: HashMap<String, RegionRow> =
        rows.into_iter().map(|row| (row.id.clone(), row)).collect();
    let mut loaded = HashMap::with_capacity(rows.len());
    for head in heads {
        let Some(row) = rows.remove(&head.id) else {
            continue;
        };
        let region = Region {
            name: Line::stored(head.name.clone()),
            alternative_names: serde_json::from_str(&row.alternative_names)?,
            kind: stored_word::<RegionKind>(&head.kind)?,
            summary: row.summary.map(Markdown::stored),
            description: row.description.map(Markdown::stored),
            website: row.website.map(WebAddress::stored),
            contacts: serde_json::from_str(&row.contacts)?,
            municipalities: Vec::new(),
            partners: Vec::new(),
            networks: Vec::new(),
        };
        loaded.insert(row.id, region);
    }
    load_lists(db, &ids, &mut loaded)?;
    Ok(loaded)
}

fn load_lists(
    db: &mut AnyConnection,
    ids: &[&String],
    loaded: &mut HashMap<String, Region>,
) -> Result<()> {
    let rows = load_rows!(db, region_municipalities, MunicipalityRow, ids);
    let rows = rows.into_iter().map(|row| (row.owner_id.clone(), row));
    spread(loaded, rows, |region, mut row| {
        region.municipalities.push(RegionMunicipality {
            organisation: OrganisationRef::to(row.organisation_id),
            start: row.dates.first()?,
            end: row.dates.second()?,
            local_access: stored_word_or_none::<LocalAccess>(row.local_access.as_deref())?,
            local_access_note: row.local_access_note.map(Markdown::stored),
        });
        Ok(())
    })?;
    let rows = load_rows!(db, region_partners, PartnerRow, ids);
    let rows = rows.into_iter().map(|row| (row.owner_id.clone(), row));
    spread(loaded, rows, |region, mut row| {
        region.partners.push(RegionPartner {
            organisation: OrganisationRef::to(row.organisation_id),
            role: stored_word::<PartnerRole>(&row.role)?,
            role_description: row.role_description.map(Line::stored),
            start: row.dates.first()?,
            end: row.dates.second()?,
        });
        Ok(())
    })?;
    let rows = load_rows!(db, region_networks, NetworkRow, ids);
    let rows = rows.into_iter().map(|row| (row.owner_id.clone(), row));
    spread(loaded, rows, |region, mut row| {
        region.networks.push(RegionNetwork {
            organisation: OrganisationRef::to(row.organisation_id),
            status: stored_word::<NetworkStatus>(&row.status)?,
            start: row.dates.first()?,
            end: row.dates.second()?,
            note: row.note.map(Markdown::stored),
        });
        Ok(())
    })
}

pub(super) fn save(
    region: &Region,
    before: Option<&Region>,
    write: &mut Write<'_>,
    id: &str,
) -> Result<()> {
    let row = |region: &Region| -> Result<RegionRow> {
        Ok(RegionRow {
            id: id.to_owned(),
            alternative_names: serde_json::to_string(&region.alternative_names)?,
            summary: region.summary.clone().map(String::from),
            description: region.description.clone().map(String::from),
            website: region.website.clone().map(String::from),
            contacts: serde_json::to_string(&region.contacts)?,
        })
    };
    save_row!(write, regions, row(region)?, before.map(row).transpose()?);
    let municipalities = |region: &Region| -> Vec<MunicipalityRow> {
        let rows = (0..).zip(&region.municipalities);
        rows.map(|(position, row)| MunicipalityRow {
            owner_id: id.to_owned(),
            position,
            organisation_id: row.organisation.id().to_owned(),
            dates: MunicipalityDates::new(row.start.as_ref(), row.end.as_ref()),
            local_access: row.local_access.map(|word| word.as_str().to_owned()),
            local_access_note: row.local_access_note.clone().map(String::from),
        })
        .collect()
    };
    replace_rows!(
        write,
        region_municipalities,
        id,
        municipalities(region),
        before.map(municipalities)
    );
    let partners = |region: &Region| -> Vec<PartnerRow> {
        let rows = (0..).zip(&region.partners);
        rows.map(|(position, row)| PartnerRow {
            owner_id: id.to_owned(),
            position,
            organisation_id: row.organisation.id().to_owned(),
            role: row.role.as_str().to_owned(),
            role_description: row.role_description.clone().map(String::from),
            dates: PartnerDates::new(row.start.as_ref(), row.end.as_ref()),
        })
        .collect()
    };
    replace_rows!(
        write,
        region_partners,
        id,
        partners(region),
        before.map(partners)
    );
    let networks = |region: &Region| -> Vec<NetworkRow> {
        let rows = (0..).zip(&region.networks);
        rows.map(|(position, row)| NetworkRow {
            owner_id: id.to_owned(),
            position,
            organisation_id: row.organisation.id().to_owned(),
            status: row.status.as_str().to_owned(),
            dates: NetworkDates::new(row.start.as_ref(), row.end.as_ref()),
            note: row.note.clone().map(String::from),
        })
        .collect()
    };
    replace_rows!(
        write,
        region_networks,
        id,
        networks(region),
        before.map(networks)
    );
    Ok(())
}

pub(super) fn filter(
    mut query: HeadQuery,
    filters: &RegionFilters,
    db: &mut AnyConnection,
    caller: &Caller,
) -> Result<HeadQuery> {
    let type_ = Organisations::TYPE;
    if let Some(kinds) = &filters.kind {
        query = query.filter(documents::kind.eq_any(kinds.words()));
    }
    if let Some(given) = &filters.municipality {
        let id = find_filtered(db, caller, type_, "municipality", given)?;
        query = query.filter(documents::id.eq_any(with_municipality(&id)));
    }
    let organisation = match &filters.organisation {
        Some(given) => Some(find_filtered(db, caller, type_, "organisation", given)?),
        None => None,
    };
    match (organisation, &filters.role) {
        (Some(id), None) => {
            query = query.filter(
                documents::id
                    .eq_any(with_municipality(&id))
                    .or(documents::id.eq_any(with_partner(&id)))
                    .or(documents::id.eq_any(with_network(&id))),
            );
        }
        (Some(id), Some(roles)) => {
            let partners = with_partner(&id).filter(region_partners::role.eq_any(roles.words()));
            query = query.filter(documents::id.eq_any(partners));
        }
        (None, Some(roles)) => {
            // A row that names a hidden organisation must not be noticed through its role.
            let partners = region_partners::table
                .filter(region_partners::role.eq_any(roles.words()))
                .filter(known(region_partners::organisation_id, caller))
                .select(region_partners::owner_id);
            query = query.filter(documents::id.eq_any(partners));
        }
        (None, None) => {}
    }
    Ok(query)
}

/// The ids of the regions that name an organisation as municipality.
#[diesel::dsl::auto_type(no_type_alias)]
fn with_municipality(id: &str) -> _ {
    let id: String = id.to_owned();
    region_municipalities::table
        .filter(region_municipalities::organisation_id.eq(id))
        .select(region_municipalities::owner_id)
}

/// The ids of the regions that name an organisation as partner.
#[diesel::dsl::auto_type(no_type_alias)]
fn with_partner(id: &str) -> _ {
    let id: String = id.to_owned();
    region_partners::table
        .filter(region_partners::organisation_id.eq(id))
        .select(region_partners::owner_id)
}

/// The ids of the regions that name an organisation as network.
#[diesel::dsl::auto_type(no_type_alias)]
fn with_network(id: &str) -> _ {
    let id: String = id.to_owned();
    region_networks::table
        .filter(region_networks::organisation_id.eq(id))
        .select(region_networks::owner_id)
}

/// The ids of the regions that name one of the organisations as municipality or partner.
pub(super) fn naming(db: &mut AnyConnection, organisations: &[String]) -> Result<Vec<String>> {
    let mut ids: Vec<String> = region_municipalities::table
        .filter(region_municipalities::organisation_id.eq_any(organisations))
        .select(region_municipalities::owner_id)
        .load(db)?;
    ids.extend(
        region_partners::table
            .filter(region_partners::organisation_id.eq_any(organisations))
            .select(region_partners::owner_id)
            .load::<String>(db)?,
    );
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// The ids of the municipalities and partners of a region, now or before.
pub(super) fn organisations_in(db: &mut AnyConnection, region: &str) -> Result<Vec<String>> {
    let mut ids: Vec<String> = region_municipalities::table
        .filter(region_municipalities::owner_id.eq(region))
        .select(region_municipalities::organisation_id)
        .load(db)?;
    ids.extend(
        region_partners::table
            .filter(region_partners::owner_id.eq(region))
            .select(region_partners::organisation_id)
            .load::<String>(db)?,
    );
    Ok(ids)
}

/// When an organisation took part in a region.
#[derive(Clone, Debug)]
pub struct Membership {
    /// The id of the region.
    pub region: String,
    /// The id of the organisation.
    pub organisation: String,
    /// The first day on which it may have begun; `0000-01-01` without a bound.
    pub earliest: String,
    /// The last day on which it may have ended; `9999-12-31` without a bound.
    pub latest: String,
}

impl Membership {
    /// Whether it overlaps with a period, given its first possible day and its last. Uncertain
    /// ends count as far as they can reach.
    pub fn overlaps(&self, start: Option<&str>, end: Option<&str>) -> bool {
        end.is_none_or(|end| end >= self.earliest.as_str())
            && start.is_none_or(|start| start <= self.latest.as_str())
    }
}

/// The members of each period: most memberships have the same, so one condition serves them all.
/// The bounds are the first possible day and the last.
pub fn by_period(
    memberships: Vec<Membership>,
    member: fn(Membership) -> String,
) -> BTreeMap<(String, String), Vec<String>> {
    let mut periods: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for row in memberships {
        let period = (row.earliest.clone(), row.latest.clone());
        periods.entry(period).or_default().push(member(row));
    }
    periods
}

/// The memberships in a table of which a caller may know: neither side is hidden. A macro,
/// because municipalities and partners are tables of their own.
macro_rules! known_memberships {
    ($table:ident, $db:expr, $caller:expr, $regions:expr, $organisation:expr) => {{
        let query = $table::table
            .filter(known($table::owner_id, $caller))
            .filter(known($table::organisation_id, $caller).exactly($organisation))
            .select((
                $table::owner_id,
                $table::organisation_id,
                $table::start_earliest,
                $table::end_latest,
            ));
        let rows: Vec<(String, String, Option<String>, Option<String>)> = match $regions {
            Some(ids) => query.filter($table::owner_id.eq_any(ids)).load($db)?,
            None => query.load($db)?,
        };
        let rows = rows.into_iter();
        Ok(rows
            .map(|(region, organisation, earliest, latest)| Membership {
                region,
                organisation,
                earliest: earliest.unwrap_or_else(|| "0000-01-01".into()),
                latest: latest.unwrap_or_else(|| "9999-12-31".into()),
            })
            .collect())
    }};
}

/// Which municipalities were in which regions, as far as the caller may know: in these regions
/// and of this municipality, where they are given.
///
/// # Errors
/// When the database cannot be asked.
pub fn memberships(
    db: &mut AnyConnection,
    caller: &Caller,
    regions: Option<&[String]>,
    municipality: Option<&str>,
) -> Result<Vec<Membership>> {
    known_memberships!(region_municipalities, db, caller, regions, municipality)
}

/// Which organisations were partners in which regions, as far as the caller may know: in these
/// regions, where they are given.
///
/// # Errors
/// When the database cannot be asked.
pub fn partnerships(
    db: &mut AnyConnection,
    caller: &Caller,
    regions: Option<&[String]>,
) -> Result<Vec<Membership>> {
    known_memberships!(region_partners, db, caller, regions, None)
}

/// Which organisations take or took part in which regions, as municipality or partner, as pairs
/// of the organisation and the region.
///
/// # Errors
/// When the database cannot be asked.
pub fn participations(db: &mut AnyConnection, caller: &Caller) -> Result<Vec<(String, String)>> {
    let mut rows = memberships(db, caller, None, None)?;
    rows.extend(partnerships(db, caller, None)?);
    Ok(rows
        .into_iter()
        .map(|row| (row.organisation, row.region))
        .collect())
}
