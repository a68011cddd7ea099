//! The rows of organisations. Private to the slice, but for the two questions of the last part.

use std::collections::HashMap;

use diesel::dsl::not;
use diesel::prelude::*;

use super::{
    Organisation, OrganisationFilters, OrganisationKind, OrganisationParent, ParentKind, Sector,
    ServiceArea,
};
use crate::register::dimension::{Dimension, years};
use crate::register::find::find_filtered;
use crate::register::heads::stored_word;
use crate::register::period::date_columns;
use crate::register::read::known;
use crate::register::refs::{Regions, Target};
use crate::register::rows::{load_of, load_rows, replace_rows, save_row, spread, text_lists};
use crate::register::{
    Caller, Enumeration, HeadQuery, HeadRow, Line, Markdown, OrganisationRef, Organisations,
    PostcodeArea, Result, WebAddress,
};
use crate::store::schema::{
    documents, organisation_parents, organisation_sectors, organisation_service_municipalities,
    organisation_service_postcodes, organisations,
};
use crate::store::{AnyConnection, Write};

date_columns!(LifeSpan in organisations: founded, dissolved);

#[derive(PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = organisations, treat_none_as_default_value = false)]
struct OrganisationRow {
    id: String,
    alternative_names: String,
    denomination: Option<String>,
    is_placeholder: bool,
    summary: Option<String>,
    description: Option<String>,
    website: Option<String>,
    addresses: String,
    contacts: String,
    #[diesel(embed)]
    life_span: LifeSpan,
}

date_columns!(ParentDates in organisation_parents: start, end);

#[derive(PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = organisation_parents, treat_none_as_default_value = false)]
struct ParentRow {
    owner_id: String,
    position: i32,
    organisation_id: String,
    kind: String,
    #[diesel(embed)]
    dates: ParentDates,
}

/// The other names of organisations, by id.
pub(super) fn other_names(
    db: &mut AnyConnection,
    ids: &[String],
) -> Result<Vec<(String, Vec<String>)>> {
    let rows = organisations::table
        .filter(organisations::id.eq_any(ids))
        .select((organisations::id, organisations::alternative_names))
        .load(db)?;
    text_lists(rows)
}

pub(super) fn load(
    db: &mut AnyConnection,
    heads: &[HeadRow],
) -> Result<HashMap<String, Organisation>> {
    let ids: Vec<&String> = heads.iter().map(|head| &head.id).collect();
    let rows: Vec<OrganisationRow> = organisations::table
        .filter(organisations::id.eq_any(&ids))
        .select(OrganisationRow::as_select())
        .load(db)?;
    let mut rows: HashMap<String, OrganisationRow> =
        rows.into_iter().map(|row| (row.id.clone(), row)).collect();
    let mut loaded = HashMap::with_capacity(rows.len());
    for head in heads {
        let Some(mut row) = rows.remove(&head.id) else {
            continue;
        };
        let organisation = Organisation {
            name: Line::stored(head.name.clone()),
            alternative_names: serde_json::from_str(&row.alternative_names)?,
            kind: stored_word::<OrganisationKind>(&head.kind)?,
            sectors: Vec::new(),
            denomination: row.denomination.map(Line::stored),
            is_placeholder: row.is_placeholder,
            summary: row.summary.map(Markdown::stored),
            description: row.description.map(Markdown::stored),
            website: row.website.map(WebAddress::stored),
            addresses: serde_json::from_str(&row.addresses)?,
            contacts: serde_json::from_str(&row.contacts)?,
            founded: row.life_span.first()?,
            dissolved: row.life_span.second()?,
            parents: Vec::new(),
            service_area: ServiceArea::default(),
        };
        loaded.insert(row.id, organisation);
    }
    load_lists(db, &ids, &mut loaded)?;
    Ok(loaded)
}

fn load_lists(
    db: &mut AnyConnection,
    ids: &[&String],
    loaded: &mut HashMap<String, Organisation>,
) -> Result<()> {
    let sectors = load_rows!(db, organisation_sectors.sector, ids);
    spread(loaded, sectors, |organisation, word| {
        organisation.sectors.push(stored_word::<Sector>(&word)?);
        Ok(())
    })?;
    let parents = load_rows!(db, organisation_parents, ParentRow, ids);
    let parents = parents.into_iter().map(|row| (row.owner_id.clone(), row));
    spread(loaded, parents, |organisation, mut row| {
        organisation.parents.push(OrganisationParent {
            organisation: OrganisationRef::to(row.organisation_id),
            kind: stored_word::<ParentKind>(&row.kind)?,
            start: row.dates.first()?,
            end: row.dates.second()?,
        });
        Ok(())
    })?;
    let municipalities = load_rows!(db, organisation_service_municipalities.organisation_id, ids);
    spread(loaded, municipalities, |organisation, id| {
        let area = &mut organisation.service_area;
        area.municipalities.push(OrganisationRef::to(id));
        Ok(())
    })?;
    let postcodes = load_rows!(db, organisation_service_postcodes.postcode, ids);
    spread(loaded, postcodes, |organisation, digits| {
        let area = &mut organisation.service_area;
        area.postcodes.push(PostcodeArea::stored(digits));
        Ok(())
    })
}

pub(super) fn save(
    organisation: &Organisation,
    before: Option<&Organisation>,
    write: &mut Write<'_>,
    id: &str,
) -> Result<()> {
    let row = |organisation: &Organisation| -> Result<OrganisationRow> {
        let (founded, dissolved) = (
            organisation.founded.as_ref(),
            organisation.dissolved.as_ref(),
        );
        Ok(OrganisationRow {
            id: id.to_owned(),
            alternative_names: serde_json::to_string(&organisation.alternative_names)?,
            denomination: organisation.denomination.clone().map(String::from),
            is_placeholder: organisation.is_placeholder,
            summary: organisation.summary.clone().map(String::from),
            description: organisation.description.clone().map(String::from),
            website: organisation.website.clone().map(String::from),
            addresses: serde_json::to_string(&organisation.addresses)?,
            contacts: serde_json::to_string(&organisation.contacts)?,
            life_span: LifeSpan::new(founded, dissolved),
        })
    };
    save_row!(
        write,
        organisations,
        row(organisation)?,
        before.map(row).transpose()?
    );
    let sectors = |organisation: &Organisation| {
        let sectors = organisation.sectors.iter();
        sectors.map(|sector| sector.as_str().to_owned()).collect()
    };
    replace_rows!(
        write,
        organisation_sectors.sector,
        id,
        sectors(organisation),
        before.map(sectors)
    );
    let parents = |organisation: &Organisation| -> Vec<ParentRow> {
        let rows = (0..).zip(&organisation.parents);
        rows.map(|(position, row)| ParentRow {
            owner_id: id.to_owned(),
            position,
            organisation_id: row.organisation.id().to_owned(),
            kind: row.kind.as_str().to_owned(),
            dates: ParentDates::new(row.start.as_ref(), row.end.as_ref()),
        })
        .collect()
    };
    replace_rows!(
        write,
        organisation_parents,
        id,
        parents(organisation),
        before.map(parents)
    );
    let municipalities = |organisation: &Organisation| {
        let municipalities = organisation.service_area.municipalities.iter();
        municipalities.map(|one| one.id().to_owned()).collect()
    };
    replace_rows!(
        write,
        organisation_service_municipalities.organisation_id,
        id,
        municipalities(organisation),
        before.map(municipalities)
    );
    let postcodes = |organisation: &Organisation| {
        let postcodes = organisation.service_area.postcodes.iter();
        postcodes.map(|area| area.as_str().to_owned()).collect()
    };
    replace_rows!(
        write,
        organisation_service_postcodes.postcode,
        id,
        postcodes(organisation),
        before.map(postcodes)
    );
    Ok(())
}

pub(super) fn filter(
    mut query: HeadQuery,
    filters: &OrganisationFilters,
    db: &mut AnyConnection,
    caller: &Caller,
) -> Result<HeadQuery> {
    if let Some(kinds) = &filters.kind {
        query = query.filter(documents::kind.eq_any(kinds.words()));
    }
    if let Some(sectors) = &filters.sector {
        query = query.filter(
            documents::id.eq_any(
                organisation_sectors::table
                    .filter(organisation_sectors::sector.eq_any(sectors.words()))
                    .select(organisation_sectors::owner_id),
            ),
        );
    }
    if let Some(denominations) = &filters.denomination {
        query = query.filter(
            documents::id.eq_any(
                organisations::table
                    .filter(organisations::denomination.eq_any(denominations.0.clone()))
                    .select(organisations::id),
            ),
        );
    }
    if let Some(wanted) = &filters.is_placeholder {
        query = query.filter(
            documents::id.eq_any(
                organisations::table
                    .filter(organisations::is_placeholder.eq(wanted.0))
                    .select(organisations::id),
            ),
        );
    }
    if let Some(given) = &filters.region {
        let id = find_filtered(db, caller, Regions::TYPE, "region", given)?;
        query = query.filter(documents::id.eq_any(crate::regions::organisation_ids(db, &id)?));
    }
    if let Some(given) = &filters.municipality {
        let id = find_filtered(db, caller, Organisations::TYPE, "municipality", given)?;
        query = query.filter(documents::id.eq_any(serving_municipalities(vec![id])));
    }
    if let Some(given) = &filters.organisation {
        let id = find_filtered(db, caller, Organisations::TYPE, "organisation", given)?;
        query = query.filter(
            documents::id.eq_any(
                organisation_parents::table
                    .filter(organisation_parents::organisation_id.eq(id))
                    .select(organisation_parents::owner_id),
            ),
        );
    }
    // Overlap with an uncertain period: its ends count as far as they can reach. (`ne_all` would be
    // the same, but PostgreSQL then compares each document with each that is left out.)
    if let Some(day) = filters.from {
        let ended = organisations::dissolved_latest.lt(day.to_string());
        query = query.filter(not(
            documents::id.eq_any(organisations::table.filter(ended).select(organisations::id))
        ));
    }
    if let Some(day) = filters.until {
        let not_begun = organisations::founded_earliest.gt(day.to_string());
        query = query.filter(not(documents::id.eq_any(
            organisations::table
                .filter(not_begun)
                .select(organisations::id),
        )));
    }
    Ok(query)
}

/// The values of organisations in a dimension of their own.
pub(super) fn dimension(
    dimension: Dimension,
    of: Option<&[String]>,
    db: &mut AnyConnection,
    caller: &Caller,
) -> Result<Vec<(String, String)>> {
    Ok(match dimension {
        Dimension::Sector => load_of!(
            db,
            organisation_sectors::table
                .select((organisation_sectors::owner_id, organisation_sectors::sector)),
            organisation_sectors::owner_id,
            of
        ),
        Dimension::Municipality => {
            use organisation_service_municipalities::{organisation_id, owner_id, table};
            let query = table
                .filter(known(organisation_id, caller))
                .select((owner_id, organisation_id));
            load_of!(db, query, owner_id, of)
        }
        Dimension::OrganisationKind => load_of!(
            db,
            documents::table
                .filter(documents::type_.eq(Organisations::TYPE))
                .select((documents::id, documents::kind)),
            documents::id,
            of
        ),
        Dimension::StartYear => {
            let query = organisations::table
                .filter(organisations::founded_earliest.is_not_null())
                .select((organisations::id, organisations::founded_earliest));
            years(load_of!(db, query, organisations::id, of))
        }
        _ => Vec::new(),
    })
}

/// The organisations directly above several, each behind the one below it.
pub(super) fn parents_of(db: &mut AnyConnection, ids: &[String]) -> Result<Vec<(String, String)>> {
    let rows = organisation_parents::table.filter(organisation_parents::owner_id.eq_any(ids));
    let pairs = (
        organisation_parents::owner_id,
        organisation_parents::organisation_id,
    );
    Ok(rows.select(pairs).load(db)?)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn serving_municipalities(ids: Vec<String>) -> _ {
    organisation_service_municipalities::table
        .filter(organisation_service_municipalities::organisation_id.eq_any(ids))
        .select(organisation_service_municipalities::owner_id)
}

/// The organisations that work for a postcode area of four digits by name.
///
/// # Errors
/// When the database cannot be asked.
pub fn ids_serving_postcode(
    db: &mut AnyConnection,
    postcode: &PostcodeArea,
) -> Result<Vec<String>> {
    Ok(organisation_service_postcodes::table
        .filter(organisation_service_postcodes::postcode.eq(postcode.as_str()))
        .select(organisation_service_postcodes::owner_id)
        .load(db)?)
}

/// The organisations that work for the whole of one of these municipalities.
///
/// # Errors
/// When the database cannot be asked.
pub fn ids_serving_municipalities(
    db: &mut AnyConnection,
    municipalities: Vec<String>,
) -> Result<Vec<String>> {
    Ok(serving_municipalities(municipalities).load(db)?)
}

/// What tells that two addresses are one: the postcode and the number with its additions, of each
/// organisation that has both.
///
/// # Errors
/// When the database cannot be asked.
pub fn address_keys(db: &mut AnyConnection) -> Result<Vec<(String, String)>> {
    let rows: Vec<(String, String)> = organisations::table
        .filter(organisations::addresses.ne("[]"))
        .select((organisations::id, organisations::addresses))
        .load(db)?;
    let mut keys = Vec::new();
    for (id, addresses) in rows {
        let addresses: Vec<serde_json::Value> = serde_json::from_str(&addresses)?;
        for address in &addresses {
            let part = |name: &str| address[name].as_str().unwrap_or_default();
            let (postcode, number) = (part("postcode"), part("houseNumber"));
            if !postcode.is_empty() && !number.is_empty() {
                let key = format!("{postcode}{number}")
                    .to_uppercase()
                    .replace([' ', '-'], "");
                keys.push((id.clone(), key));
            }
        }
    }
    Ok(keys)
}
