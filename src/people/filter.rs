//! The filters of the list of people, as conditions on their roles, and which roles name what.

use deserr::Deserr;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::IntoParams;

use super::{PublicationBasis, RoleKind, RoleStatus};
use crate::organisations::OrganisationKind;
use crate::regions::{Membership, by_period, partnerships};
use crate::register::filter::{Flag, ListOf, RefText, Words};
use crate::register::find::find_filtered;
use crate::register::read::{self, any_of, known};
use crate::register::refs::Target;
use crate::register::{Caller, HeadQuery, Issues, Organisations, Projects, Regions, Result};
use crate::store::schema::{documents, people, person_roles};
use crate::store::{Among, AnyConnection, Backend};

/// Publication bases, with commas between.
type PublicationBases = ListOf<PublicationBasis>;
/// Kinds of roles, with commas between.
pub(super) type RoleKinds = ListOf<RoleKind>;
/// States of roles, with commas between.
pub(super) type RoleStatuses = ListOf<RoleStatus>;
/// Kinds of organisations, with commas between.
type OrganisationKinds = ListOf<OrganisationKind>;

/// The filters of the list of people. What is asked of a role must hold for one and the same role.
#[derive(Clone, Debug, Serialize, Deserr, IntoParams)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct PersonFilters {
    /// People with a role in this region, or in an organisation that may be a partner in it during
    /// the role: a slug, UUID or `scheme:value`.
    #[deserr(default)]
    #[param(inline)]
    pub region: Option<RefText>,
    /// People with a role in this organisation, now or before.
    #[deserr(default)]
    #[param(inline)]
    pub organisation: Option<RefText>,
    /// People with a role in an organisation of one of these kinds.
    #[deserr(default)]
    #[param(inline)]
    pub organisation_kind: Option<OrganisationKinds>,
    /// People with a role in this project.
    #[deserr(default)]
    #[param(inline)]
    pub project: Option<RefText>,
    /// People with a role of one of these kinds.
    #[deserr(default)]
    #[param(inline)]
    pub role: Option<RoleKinds>,
    /// People with a role about one of these topics, as written.
    #[deserr(default)]
    #[param(inline)]
    pub topic: Option<Words>,
    /// People with a role in which they are the one to turn to, or one in which they are not.
    #[deserr(default)]
    #[param(inline)]
    pub is_contact: Option<Flag>,
    /// People with a role in one of these states.
    #[deserr(default)]
    #[param(inline)]
    pub role_status: Option<RoleStatuses>,
    /// People who may be named in public on one of these bases.
    #[deserr(default)]
    #[param(inline)]
    pub publication_basis: Option<PublicationBases>,
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
pub(super) fn roles(
    filters: &PersonFilters,
    db: &mut AnyConnection,
    caller: &Caller,
) -> Result<RoleQuery> {
    let mut roles = readable_roles(caller);
    if let Some(given) = &filters.region {
        let id = find_filtered(db, caller, Regions::TYPE, "region", given)?;
        let partners = partnerships(db, caller, Some(std::slice::from_ref(&id)))?;
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
/// partner in it during the role.
fn in_region(region: &str, partners: Vec<Membership>) -> Condition {
    let named = person_roles::region_id
        .assume_not_null()
        .eq(region.to_owned());
    let mut conditions: Vec<Condition> = vec![Box::new(named)];
    for ((earliest, latest), organisations) in by_period(partners, |row| row.organisation) {
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
