//! The rows of people. Private to the slice.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{Person, PersonName, PersonRole, PublicationBasis, RoleKind, RoleStatus};
use crate::register::heads::stored_word;
use crate::register::period::date_columns;
use crate::register::rows::{load_rows, replace_rows, save_row, spread};
use crate::register::{
    Day, Document, Enumeration, Error, HeadRow, Line, Markdown, OrganisationRef, ProjectRef,
    RegionRef, Result,
};
use crate::store::schema::{people, person_roles};
use crate::store::{AnyConnection, Write};

#[derive(PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = people, treat_none_as_default_value = false)]
struct PersonRow {
    id: String,
    given: Option<String>,
    prefix: Option<String>,
    family: String,
    honorific: Option<String>,
    summary: Option<String>,
    biography: Option<String>,
    contacts: String,
    publication_basis: String,
    retain_until: Option<String>,
    is_erased: bool,
}

date_columns!(RoleDates in person_roles: start, end);

#[derive(PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = person_roles, treat_none_as_default_value = false)]
struct RoleRow {
    owner_id: String,
    position: i32,
    organisation_id: Option<String>,
    region_id: Option<String>,
    project_id: Option<String>,
    title: String,
    kind: String,
    topic: Option<String>,
    is_contact: bool,
    status: String,
    #[diesel(embed)]
    dates: RoleDates,
    duration_text: Option<String>,
    area: Option<String>,
    contacts: String,
}

pub(super) fn load(db: &mut AnyConnection, heads: &[HeadRow]) -> Result<HashMap<String, Person>> {
    let ids: Vec<&String> = heads.iter().map(|head| &head.id).collect();
    let rows: Vec<PersonRow> = people::table
        .filter(people::id.eq_any(&ids))
        .select(PersonRow::as_select())
        .load(db)?;
    let mut loaded = HashMap::with_capacity(rows.len());
    for row in rows {
        let until = row.retain_until.as_deref().map(Day::parse).transpose();
        let mut person = Person {
            name: PersonName {
                given: row.given.map(Line::stored),
                prefix: row.prefix.map(Line::stored),
                family: Line::stored(row.family),
                honorific: row.honorific.map(Line::stored),
            },
            display_name: String::new(),
            sort_name: String::new(),
            summary: row.summary.map(Markdown::stored),
            biography: row.biography.map(Markdown::stored),
            contacts: serde_json::from_str(&row.contacts)?,
            publication_basis: stored_word::<PublicationBasis>(&row.publication_basis)?,
            retain_until: until.map_err(|_| Error::Internal("a stored day is damaged".into()))?,
            roles: Vec::new(),
            is_erased: row.is_erased,
        };
        person.complete();
        loaded.insert(row.id, person);
    }
    let rows = load_rows!(db, person_roles, RoleRow, &ids);
    let rows = rows.into_iter().map(|row| (row.owner_id.clone(), row));
    spread(&mut loaded, rows, |person, mut row| {
        person.roles.push(PersonRole {
            organisation: row.organisation_id.map(OrganisationRef::to),
            region: row.region_id.map(RegionRef::to),
            project: row.project_id.map(ProjectRef::to),
            title: Line::stored(row.title),
            kind: stored_word::<RoleKind>(&row.kind)?,
            topic: row.topic.map(Line::stored),
            is_contact: row.is_contact,
            status: stored_word::<RoleStatus>(&row.status)?,
            start: row.dates.first()?,
            end: row.dates.second()?,
            duration_text: row.duration_text.map(Line::stored),
            area: row.area.map(Line::stored),
            contacts: serde_json::from_str(&row.contacts)?,
        });
        Ok(())
    })?;
    Ok(loaded)
}

pub(super) fn save(
    person: &Person,
    before: Option<&Person>,
    write: &mut Write<'_>,
    id: &str,
) -> Result<()> {
    let row = |person: &Person| -> Result<PersonRow> {
        let name = person.name.clone();
        Ok(PersonRow {
            id: id.to_owned(),
            given: name.given.map(String::from),
            prefix: name.prefix.map(String::from),
            family: name.family.into(),
            honorific: name.honorific.map(String::from),
            summary: person.summary.clone().map(String::from),
            biography: person.biography.clone().map(String::from),
            contacts: serde_json::to_string(&person.contacts)?,
            publication_basis: person.publication_basis.as_str().to_owned(),
            retain_until: person.retain_until.map(|day| day.to_string()),
            is_erased: person.is_erased,
        })
    };
    save_row!(write, people, row(person)?, before.map(row).transpose()?);
    let roles = |person: &Person| -> Result<Vec<RoleRow>> {
        let roles = (0..).zip(&person.roles);
        roles.map(|(nth, role)| role_row(id, nth, role)).collect()
    };
    let before = before.map(roles).transpose()?;
    replace_rows!(write, person_roles, id, roles(person)?, before);
    Ok(())
}

fn role_row(id: &str, position: i32, role: &PersonRole) -> Result<RoleRow> {
    Ok(RoleRow {
        owner_id: id.to_owned(),
        position,
        organisation_id: role.organisation.as_ref().map(|r| r.id().to_owned()),
        region_id: role.region.as_ref().map(|r| r.id().to_owned()),
        project_id: role.project.as_ref().map(|r| r.id().to_owned()),
        title: role.title.to_string(),
        kind: role.kind.as_str().to_owned(),
        topic: role.topic.clone().map(String::from),
        is_contact: role.is_contact,
        status: role.status.as_str().to_owned(),
        dates: RoleDates::new(role.start.as_ref(), role.end.as_ref()),
        duration_text: role.duration_text.clone().map(String::from),
        area: role.area.clone().map(String::from),
        contacts: serde_json::to_string(&role.contacts)?,
    })
}

/// A person whose time has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// The id.
    pub id: String,
    /// The last day on which the person might be kept.
    pub retain_until: String,
}

/// People whose time has ended before a day, in order, behind one of them.
///
/// # Errors
/// When the database cannot be asked.
pub fn expired(
    db: &mut AnyConnection,
    today: Day,
    after: Option<&Expired>,
    limit: i64,
) -> Result<Vec<Expired>> {
    let mut query = people::table
        .filter(people::retain_until.lt(today.to_string()))
        .filter(people::is_erased.eq(false))
        .order((people::retain_until, people::id))
        .select((people::id, people::retain_until.assume_not_null()))
        .limit(limit)
        .into_boxed();
    if let Some(last) = after {
        let same = people::retain_until.eq(last.retain_until.clone());
        let behind = same.and(people::id.gt(last.id.clone()));
        query = query.filter(
            people::retain_until
                .gt(last.retain_until.clone())
                .or(behind),
        );
    }
    let rows: Vec<(String, String)> = query.load(db)?;
    Ok(rows
        .into_iter()
        .map(|(id, retain_until)| Expired { id, retain_until })
        .collect())
}

/// Whether the time of a person has ended before a day, and the person is not erased yet.
///
/// # Errors
/// When the database cannot be asked.
pub fn is_expired(db: &mut AnyConnection, id: &str, today: Day) -> Result<bool> {
    let found: i64 = people::table
        .find(id)
        .filter(people::retain_until.lt(today.to_string()))
        .filter(people::is_erased.eq(false))
        .count()
        .get_result(db)?;
    Ok(found > 0)
}
