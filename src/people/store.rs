//! The rows of people. Private to the slice.

use std::collections::{BTreeMap, HashMap};

use diesel::prelude::*;

use super::{
    Person, PersonFilters, PersonName, PersonRole, PublicationBasis, RoleKind, RoleStatus,
};
use crate::regions::{self, Membership};
use crate::register::dimension::Dimension;
use crate::register::find::find_filtered;
use crate::register::heads::{self, stored_word};
use crate::register::period::date_columns;
use crate::register::read::{self, any_of, known};
use crate::register::refs::Target;
use crate::register::rows::{load_rows, replace_rows, save_row, spread};
use crate::register::{
    Caller, Day, Document, Enumeration, Error, HeadQuery, HeadRow, Line, Markdown, OrganisationRef,
    Organisations, ProjectRef, Projects, RegionRef, Regions, Result,
};
use crate::store::schema::{documents, people, person_roles};
use crate::store::{Among, AnyConnection, Backend};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = people, treat_none_as_null = true, treat_none_as_default_value = false)]
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

#[derive(Queryable, Selectable, Insertable)]
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

pub(super) fn save(person: &Person, db: &mut AnyConnection, id: &str) -> Result<()> {
    let name = person.name.clone();
    let row = PersonRow {
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
    };
    save_row!(db, people, id, row);
    let mut rows = Vec::with_capacity(person.roles.len());
    for (position, role) in (0..).zip(&person.roles) {
        rows.push(RoleRow {
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
        });
    }
    replace_rows!(db, person_roles, id, rows);
    Ok(())
}

type RoleQuery = person_roles::BoxedQuery<'static, Backend>;
type Condition = read::Condition<person_roles::table>;

/// The roles that a caller may know of: those that name nothing hidden.
fn readable_roles(caller: &Caller) -> RoleQuery {
    person_roles::table
        .filter(known(person_roles::organisation_id, caller).or_absent())
        .filter(known(person_roles::region_id, caller).or_absent())
        .filter(known(person_roles::project_id, caller).or_absent())
        .into_boxed()
}

pub(super) fn filter(
    mut query: HeadQuery,
    filters: &PersonFilters,
    db: &mut AnyConnection,
    caller: &Caller,
) -> Result<HeadQuery> {
    if let Some(bases) = &filters.publication_basis {
        let people = people::table
            .filter(people::publication_basis.eq_any(bases.words()))
            .select(people::id);
        query = query.filter(documents::id.eq_any(people));
    }
    let asked = [
        filters.region.is_some(),
        filters.organisation.is_some(),
        filters.organisation_kind.is_some(),
        filters.project.is_some(),
        filters.role.is_some(),
        filters.topic.is_some(),
        filters.is_contact.is_some(),
        filters.role_status.is_some(),
    ];
    if asked.contains(&true) {
        let roles = roles(filters, db, caller)?;
        query = query.filter(Among::new(
            documents::id,
            roles.select(person_roles::owner_id),
        ));
    }
    Ok(query)
}

/// The roles that filters ask for: all conditions are on one and the same row.
fn roles(filters: &PersonFilters, db: &mut AnyConnection, caller: &Caller) -> Result<RoleQuery> {
    let mut roles = readable_roles(caller);
    if let Some(given) = &filters.region {
        let id = find_filtered(db, caller, Regions::TYPE, "region", given)?;
        let partners = regions::partners_of(db, caller, std::slice::from_ref(&id))?;
        roles = roles.filter(in_region(&id, partners));
    }
    if let Some(given) = &filters.organisation {
        let id = find_filtered(db, caller, Organisations::TYPE, "organisation", given)?;
        roles = roles.filter(person_roles::organisation_id.eq(id));
    }
    if let Some(kinds) = &filters.organisation_kind {
        let of_kinds = known(person_roles::organisation_id, caller)
            .of_kinds(Organisations::TYPE, Some(&kinds.words()));
        roles = roles.filter(of_kinds);
    }
    if let Some(given) = &filters.project {
        let id = find_filtered(db, caller, Projects::TYPE, "project", given)?;
        roles = roles.filter(person_roles::project_id.eq(id));
    }
    if let Some(kinds) = &filters.role {
        roles = roles.filter(person_roles::kind.eq_any(kinds.words()));
    }
    if let Some(topics) = &filters.topic {
        roles = roles.filter(person_roles::topic.eq_any(topics.0.clone()));
    }
    if let Some(wanted) = &filters.is_contact {
        roles = roles.filter(person_roles::is_contact.eq(wanted.0));
    }
    if let Some(statuses) = &filters.role_status {
        roles = roles.filter(person_roles::status.eq_any(statuses.words()));
    }
    Ok(roles)
}

/// The condition that a role is in a region: it names it, or an organisation that may have been a
/// partner in it during the role. Partners with the same bounds share a condition.
fn in_region(region: &str, partners: Vec<Membership>) -> Condition {
    let mut groups: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for partner in partners {
        let bounds = (partner.earliest, partner.latest);
        groups.entry(bounds).or_default().push(partner.organisation);
    }
    let named = person_roles::region_id
        .assume_not_null()
        .eq(region.to_owned());
    let mut conditions: Vec<Condition> = vec![Box::new(named)];
    for ((earliest, latest), organisations) in groups {
        let organisation = person_roles::organisation_id.assume_not_null();
        let (first, last) = (person_roles::start_earliest, person_roles::end_latest);
        conditions.push(Box::new(
            organisation
                .eq_any(organisations)
                .and(last.is_null().or(last.assume_not_null().ge(earliest)))
                .and(first.is_null().or(first.assume_not_null().le(latest))),
        ));
    }
    any_of(conditions)
}

/// By what people are counted. Each agrees with the filter of that name: it counts the roles that
/// the other filters ask for.
pub(super) fn dimension(
    dimension: Dimension,
    filters: &PersonFilters,
    db: &mut AnyConnection,
    caller: &Caller,
) -> Result<Vec<(String, String)>> {
    type Role = (String, String, Option<String>, Option<String>);
    match dimension {
        Dimension::OrganisationKind => {
            let of: Vec<(String, String)> = roles(filters, db, caller)?
                .filter(person_roles::organisation_id.is_not_null())
                .select((
                    person_roles::owner_id,
                    person_roles::organisation_id.assume_not_null(),
                ))
                .load(db)?;
            let mut ids: Vec<String> = of.iter().map(|(_, id)| id.clone()).collect();
            ids.sort_unstable();
            ids.dedup();
            let mut kinds: HashMap<String, String> = HashMap::new();
            for ids in ids.chunks(1_000) {
                let heads = heads::load(db, ids)?.into_iter();
                kinds.extend(heads.map(|head| (head.id, head.kind)));
            }
            Ok(of
                .into_iter()
                .filter_map(|(person, id)| Some((person, kinds.get(&id)?.clone())))
                .collect())
        }
        Dimension::Region => {
            let mut pairs: Vec<(String, String)> = roles(filters, db, caller)?
                .filter(person_roles::region_id.is_not_null())
                .select((
                    person_roles::owner_id,
                    person_roles::region_id.assume_not_null(),
                ))
                .load(db)?;
            let roles: Vec<Role> = roles(filters, db, caller)?
                .filter(person_roles::organisation_id.is_not_null())
                .select((
                    person_roles::owner_id,
                    person_roles::organisation_id.assume_not_null(),
                    person_roles::start_earliest,
                    person_roles::end_latest,
                ))
                .load(db)?;
            let mut partners: HashMap<String, Vec<Membership>> = HashMap::new();
            for row in regions::partnerships(db, caller)? {
                partners
                    .entry(row.organisation.clone())
                    .or_default()
                    .push(row);
            }
            for (person, organisation, start, end) in roles {
                let of = partners.get(&organisation).into_iter().flatten();
                let during = of.filter(|row| row.overlaps(start.as_deref(), end.as_deref()));
                pairs.extend(during.map(|row| (person.clone(), row.region.clone())));
            }
            Ok(pairs)
        }
        _ => Ok(Vec::new()),
    }
}

/// The ids of the people with a role that names one of these organisations, regions or projects.
pub(super) fn naming(
    db: &mut AnyConnection,
    caller: &Caller,
    ids: &[String],
) -> Result<Vec<String>> {
    let ids = || ids.to_vec();
    Ok(readable_roles(caller)
        .filter(
            person_roles::organisation_id
                .eq_any(ids())
                .or(person_roles::region_id.eq_any(ids()))
                .or(person_roles::project_id.eq_any(ids())),
        )
        .select(person_roles::owner_id)
        .distinct()
        .load(db)?)
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
