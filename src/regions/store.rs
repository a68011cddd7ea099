//! The rows of regions. Private to the slice.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{
    LocalAccess, NetworkStatus, PartnerRole, Region, RegionFilters, RegionKind, RegionMunicipality,
    RegionNetwork, RegionPartner,
};
use crate::register::find::find_filtered;
use crate::register::heads::{access_now, stored_word};
use crate::register::period::date_columns;
use crate::register::refs::Target;
use crate::register::{
    Caller, Enumeration, HeadQuery, HeadRow, Line, Markdown, OrganisationRef, Organisations,
    Result, WebAddress,
};
use crate::store::AnyConnection;
use crate::store::schema::{
    documents, region_municipalities, region_networks, region_partners, regions,
};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = regions, treat_none_as_null = true, treat_none_as_default_value = false)]
struct RegionRow {
    id: String,
    alternative_names: String,
    summary: Option<String>,
    description: Option<String>,
    website: Option<String>,
    contacts: String,
}

date_columns!(MunicipalityDates in region_municipalities: start, end);

#[derive(Queryable, Selectable, Insertable)]
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

#[derive(Queryable, Selectable, Insertable)]
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

#[derive(Queryable, Selectable, Insertable)]
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
    load_municipalities(db, &ids, &mut loaded)?;
    load_partners(db, &ids, &mut loaded)?;
    load_networks(db, &ids, &mut loaded)?;
    Ok(loaded)
}

fn load_municipalities(
    db: &mut AnyConnection,
    ids: &[&String],
    loaded: &mut HashMap<String, Region>,
) -> Result<()> {
    let rows: Vec<MunicipalityRow> = region_municipalities::table
        .filter(region_municipalities::owner_id.eq_any(ids))
        .order((
            region_municipalities::owner_id,
            region_municipalities::position,
        ))
        .select(MunicipalityRow::as_select())
        .load(db)?;
    for mut row in rows {
        let Some(region) = loaded.get_mut(&row.owner_id) else {
            continue;
        };
        region.municipalities.push(RegionMunicipality {
            organisation: OrganisationRef::to(row.organisation_id),
            start: row.dates.first()?,
            end: row.dates.second()?,
            local_access: row
                .local_access
                .as_deref()
                .map(stored_word::<LocalAccess>)
                .transpose()?,
            local_access_note: row.local_access_note.map(Markdown::stored),
        });
    }
    Ok(())
}

fn load_partners(
    db: &mut AnyConnection,
    ids: &[&String],
    loaded: &mut HashMap<String, Region>,
) -> Result<()> {
    let rows: Vec<PartnerRow> = region_partners::table
        .filter(region_partners::owner_id.eq_any(ids))
        .order((region_partners::owner_id, region_partners::position))
        .select(PartnerRow::as_select())
        .load(db)?;
    for mut row in rows {
        let Some(region) = loaded.get_mut(&row.owner_id) else {
            continue;
        };
        region.partners.push(RegionPartner {
            organisation: OrganisationRef::to(row.organisation_id),
            role: stored_word::<PartnerRole>(&row.role)?,
            role_description: row.role_description.map(Line::stored),
            start: row.dates.first()?,
            end: row.dates.second()?,
        });
    }
    Ok(())
}

fn load_networks(
    db: &mut AnyConnection,
    ids: &[&String],
    loaded: &mut HashMap<String, Region>,
) -> Result<()> {
    let rows: Vec<NetworkRow> = region_networks::table
        .filter(region_networks::owner_id.eq_any(ids))
        .order((region_networks::owner_id, region_networks::position))
        .select(NetworkRow::as_select())
        .load(db)?;
    for mut row in rows {
        let Some(region) = loaded.get_mut(&row.owner_id) else {
            continue;
        };
        region.networks.push(RegionNetwork {
            organisation: OrganisationRef::to(row.organisation_id),
            status: stored_word::<NetworkStatus>(&row.status)?,
            start: row.dates.first()?,
            end: row.dates.second()?,
            note: row.note.map(Markdown::stored),
        });
    }
    Ok(())
}

pub(super) fn save(region: &Region, db: &mut AnyConnection, id: &str) -> Result<()> {
    let row = RegionRow {
        id: id.to_owned(),
        alternative_names: serde_json::to_string(&region.alternative_names)?,
        summary: region.summary.clone().map(String::from),
        description: region.description.clone().map(String::from),
        website: region.website.clone().map(String::from),
        contacts: serde_json::to_string(&region.contacts)?,
    };
    // Updated rather than replaced: other documents' rows may have this one as foreign key.
    let known: i64 = regions::table
        .filter(regions::id.eq(id))
        .count()
        .get_result(db)?;
    if known == 0 {
        diesel::insert_into(regions::table)
            .values(row)
            .execute(db)?;
    } else {
        diesel::update(regions::table.find(id))
            .set(row)
            .execute(db)?;
    }
    save_lists(region, db, id)
}

fn save_lists(region: &Region, db: &mut AnyConnection, id: &str) -> Result<()> {
    diesel::delete(region_municipalities::table.filter(region_municipalities::owner_id.eq(id)))
        .execute(db)?;
    for (position, row) in (0..).zip(&region.municipalities) {
        diesel::insert_into(region_municipalities::table)
            .values(MunicipalityRow {
                owner_id: id.to_owned(),
                position,
                organisation_id: row.organisation.id().to_owned(),
                dates: MunicipalityDates::new(row.start.as_ref(), row.end.as_ref()),
                local_access: row.local_access.map(|word| word.as_str().to_owned()),
                local_access_note: row.local_access_note.clone().map(String::from),
            })
            .execute(db)?;
    }
    diesel::delete(region_partners::table.filter(region_partners::owner_id.eq(id))).execute(db)?;
    for (position, row) in (0..).zip(&region.partners) {
        diesel::insert_into(region_partners::table)
            .values(PartnerRow {
                owner_id: id.to_owned(),
                position,
                organisation_id: row.organisation.id().to_owned(),
                role: row.role.as_str().to_owned(),
                role_description: row.role_description.clone().map(String::from),
                dates: PartnerDates::new(row.start.as_ref(), row.end.as_ref()),
            })
            .execute(db)?;
    }
    diesel::delete(region_networks::table.filter(region_networks::owner_id.eq(id))).execute(db)?;
    for (position, row) in (0..).zip(&region.networks) {
        diesel::insert_into(region_networks::table)
            .values(NetworkRow {
                owner_id: id.to_owned(),
                position,
                organisation_id: row.organisation.id().to_owned(),
                status: row.status.as_str().to_owned(),
                dates: NetworkDates::new(row.start.as_ref(), row.end.as_ref()),
                note: row.note.clone().map(String::from),
            })
            .execute(db)?;
    }
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
            query = query.filter(documents::id.eq_any(with_role(db, &roles.words(), caller)?));
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

/// The ids of the regions with a partner in one of these roles. A row that names a hidden
/// organisation must not be noticed through its role, so each is looked at.
fn with_role(db: &mut AnyConnection, roles: &[&str], caller: &Caller) -> Result<Vec<String>> {
    let rows: Vec<(String, String)> = region_partners::table
        .filter(region_partners::role.eq_any(roles))
        .select((region_partners::owner_id, region_partners::organisation_id))
        .load(db)?;
    let organisations: Vec<String> = rows.iter().map(|(_, id)| id.clone()).collect();
    let access = access_now(db, &organisations)?;
    let seen = |id: &String| {
        access
            .get(id)
            .is_some_and(|access| caller.may_know(id, access))
    };
    Ok(rows
        .into_iter()
        .filter(|(_, id)| seen(id))
        .map(|(region, _)| region)
        .collect())
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
