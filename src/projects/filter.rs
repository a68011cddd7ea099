//! The filters of the list of projects, as conditions on their rows.

use deserr::Deserr;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::IntoParams;

use super::{MilestoneKind, MilestoneStatus, ParticipantRole, ProjectKind, ProjectStatus};
use crate::organisations::OrganisationKind;
use crate::regions::{by_period, memberships};
use crate::register::filter::{AgeText, Flag, ListOf, RefText};
use crate::register::find::find_filtered;
use crate::register::read::{Condition, Predicate, any_of, known};
use crate::register::refs::{Regions, Target, Themes};
use crate::register::{Caller, Day, Enumeration, HeadQuery, Issues, Organisations, Result};
use crate::store::schema::{
    documents, project_funders, project_funding, project_milestones, project_municipalities,
    project_participants, project_regions, project_themes, projects,
};
use crate::store::{Among, AnyConnection, Known};

/// Kinds, with commas between.
type ProjectKinds = ListOf<ProjectKind>;
/// Statuses, with commas between.
type ProjectStatuses = ListOf<ProjectStatus>;
/// Roles, with commas between.
type ParticipantRoles = ListOf<ParticipantRole>;
/// Kinds of milestones, with commas between.
type MilestoneKinds = ListOf<MilestoneKind>;
/// Kinds of organisations, with commas between.
type OrganisationKinds = ListOf<OrganisationKind>;

/// The filters of the list of projects.
#[derive(Clone, Debug, Serialize, Deserr, IntoParams)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ProjectFilters {
    /// Projects of one of these kinds.
    #[deserr(default)]
    #[param(inline)]
    pub kind: Option<ProjectKinds>,
    /// Projects with one of these statuses.
    #[deserr(default)]
    #[param(inline)]
    pub status: Option<ProjectStatuses>,
    /// Projects that name this region, or a municipality that was in it while they ran: a slug,
    /// UUID or `scheme:value`.
    #[deserr(default)]
    #[param(inline)]
    pub region: Option<RefText>,
    /// Projects that name this municipality, or a region in which it was while they ran.
    #[deserr(default)]
    #[param(inline)]
    pub municipality: Option<RefText>,
    /// Projects in which this organisation takes part, or gives or gets money.
    #[deserr(default)]
    #[param(inline)]
    pub organisation: Option<RefText>,
    /// Projects in which organisations of one of these kinds take part, or give or get money.
    #[deserr(default)]
    #[param(inline)]
    pub organisation_kind: Option<OrganisationKinds>,
    /// Projects with a participant in one of these roles; `funder` is also who gives money. With
    /// `organisation` or `organisationKind`, that organisation in that role.
    #[deserr(default)]
    #[param(inline)]
    pub role: Option<ParticipantRoles>,
    /// Projects about this theme or a narrower one.
    #[deserr(default)]
    #[param(inline)]
    pub theme: Option<RefText>,
    /// Projects for young people of this age. A bound that is not known excludes no one.
    #[deserr(default)]
    #[param(inline)]
    pub age: Option<AgeText>,
    /// Projects that may still have run on this day.
    #[deserr(default)]
    #[param(inline)]
    pub from: Option<Day>,
    /// Projects that may have begun on this day already.
    #[deserr(default)]
    #[param(inline)]
    pub until: Option<Day>,
    /// Projects with a milestone of one of these kinds.
    #[deserr(default)]
    #[param(inline)]
    pub has_milestone: Option<MilestoneKinds>,
    /// Projects with a milestone that is still planned though its last day has passed, or those
    /// without. With `hasMilestone`, a milestone of those kinds.
    #[deserr(default)]
    #[param(inline)]
    pub overdue: Option<Flag>,
}

pub(super) fn filter(
    mut query: HeadQuery,
    filters: &ProjectFilters,
    db: &mut AnyConnection,
    caller: &Caller,
) -> Result<HeadQuery> {
    if let Some(kinds) = &filters.kind {
        query = query.filter(documents::kind.eq_any(kinds.words()));
    }
    if let Some(statuses) = &filters.status {
        let with = projects::table
            .filter(projects::status.eq_any(statuses.words()))
            .select(projects::id);
        query = query.filter(documents::id.eq_any(with));
    }
    if let Some(given) = &filters.region {
        let id = find_filtered(db, caller, Regions::TYPE, "region", given)?;
        query = query.filter(in_region(db, caller, id)?);
    }
    if let Some(given) = &filters.municipality {
        let id = find_filtered(db, caller, Organisations::TYPE, "municipality", given)?;
        query = query.filter(in_municipality(db, caller, id)?);
    }
    if let Some(given) = &filters.theme {
        let id = find_filtered(db, caller, Themes::TYPE, "theme", given)?;
        let ids = crate::themes::with_narrower(db, caller, &id)?;
        let about = project_themes::table
            .filter(project_themes::theme_id.eq_any(ids))
            .select(project_themes::owner_id);
        query = query.filter(documents::id.eq_any(about));
    }
    if let Some(age) = &filters.age {
        let years = age.years();
        let too_old = projects::maximum_age.lt(years);
        let too_young = projects::minimum_age.gt(years);
        query = query.filter(not(
            documents::id.eq_any(projects::table.filter(too_old).select(projects::id))
        ));
        query = query.filter(not(
            documents::id.eq_any(projects::table.filter(too_young).select(projects::id))
        ));
    }
    // Overlap with an uncertain period: its ends count as far as they can reach.
    if let Some(day) = filters.from {
        let ended = projects::end_latest.lt(day.to_string());
        query = query.filter(not(
            documents::id.eq_any(projects::table.filter(ended).select(projects::id))
        ));
    }
    if let Some(day) = filters.until {
        let not_begun = projects::start_earliest.gt(day.to_string());
        query = query.filter(not(
            documents::id.eq_any(projects::table.filter(not_begun).select(projects::id))
        ));
    }
    query = by_milestone(query, filters);
    by_party(query, filters, db, caller)
}

fn by_milestone(mut query: HeadQuery, filters: &ProjectFilters) -> HeadQuery {
    let kinds = match &filters.has_milestone {
        Some(kinds) => kinds.words(),
        None => words::<MilestoneKind>(),
    };
    if filters.has_milestone.is_some() {
        let with = project_milestones::table
            .filter(project_milestones::kind.eq_any(kinds.clone()))
            .select(project_milestones::owner_id);
        query = query.filter(documents::id.eq_any(with));
    }
    let Some(wanted) = &filters.overdue else {
        return query;
    };
    let late = project_milestones::table
        .filter(project_milestones::kind.eq_any(kinds))
        .filter(project_milestones::status.eq(MilestoneStatus::Planned.as_str()))
        .filter(project_milestones::planned_latest.lt(Day::today().to_string()))
        .filter(project_milestones::actual_edtf.is_null())
        .select(project_milestones::owner_id);
    if wanted.0 {
        query.filter(documents::id.eq_any(late))
    } else {
        query.filter(not(documents::id.eq_any(late)))
    }
}

fn words<T: Enumeration>() -> Vec<&'static str> {
    let terms = T::VOCABULARY.terms;
    terms.iter().map(|term| term.code).collect()
}

/// Which parties filters ask for. The conditions hold for one and the same row, and a row that
/// names a hidden document, which is not shown, counts for nothing.
pub(super) struct Party<'a> {
    caller: &'a Caller,
    organisation: Option<String>,
    kinds: Option<Vec<&'static str>>,
    pub(super) roles: Vec<&'static str>,
    /// Whether who gets money counts: that is none of the roles.
    pub(super) with_recipients: bool,
}

impl<'a> Party<'a> {
    pub(super) fn of(
        filters: &ProjectFilters,
        db: &mut AnyConnection,
        caller: &'a Caller,
    ) -> Result<Self> {
        let type_ = Organisations::TYPE;
        let organisation = match &filters.organisation {
            Some(given) => Some(find_filtered(db, caller, type_, "organisation", given)?),
            None => None,
        };
        let roles = filters.role.as_ref();
        Ok(Self {
            caller,
            organisation,
            kinds: filters.organisation_kind.as_ref().map(ListOf::words),
            roles: roles.map_or_else(words::<ParticipantRole>, ListOf::words),
            with_recipients: roles.is_none(),
        })
    }

    /// The condition that a column names an organisation that is asked for.
    pub(super) fn named_by<C>(&self, column: C) -> Known<C> {
        known(column, self.caller)
            .of_kinds(Organisations::TYPE, self.kinds.as_deref())
            .exactly(self.organisation.as_deref())
    }

    pub(super) fn with_funders(&self) -> bool {
        self.roles.contains(&ParticipantRole::Funder.as_str())
    }
}

fn by_party(
    query: HeadQuery,
    filters: &ProjectFilters,
    db: &mut AnyConnection,
    caller: &Caller,
) -> Result<HeadQuery> {
    let by_organisation = filters.organisation.is_some() || filters.organisation_kind.is_some();
    if !by_organisation && filters.role.is_none() {
        return Ok(query);
    }
    let asked = Party::of(filters, db, caller)?;
    let mut party = asked.named_by(project_participants::organisation_id);
    if !by_organisation {
        party = party.or_absent();
    }
    let participants = project_participants::table
        .filter(party)
        .filter(known(project_participants::person_id, caller).or_absent())
        .filter(project_participants::role.eq_any(asked.roles.clone()))
        .select(project_participants::owner_id);
    let mut found: Vec<Predicate> = vec![Box::new(documents::id.eq_any(participants))];
    if asked.with_funders() {
        let of_row = project_funders::table
            .filter(project_funders::owner_id.eq(project_funding::owner_id))
            .filter(project_funders::funding.eq(project_funding::position))
            .filter(asked.named_by(project_funders::organisation_id));
        let funders = project_funding::table
            .filter(exists(of_row))
            .filter(shown_funding(caller))
            .select(project_funding::owner_id)
            .into_boxed();
        found.push(Box::new(Among::new(documents::id, funders)));
    }
    if asked.with_recipients {
        let recipients = project_funding::table
            .filter(asked.named_by(project_funding::recipient_id))
            .filter(shown_funding(caller))
            .select(project_funding::owner_id)
            .into_boxed();
        found.push(Box::new(Among::new(documents::id, recipients)));
    }
    Ok(query.filter(any_of(found)))
}

/// The condition that a caller is shown a row of funding: neither the recipient nor any of the
/// funders is hidden.
pub(super) fn shown_funding(caller: &Caller) -> Condition<project_funding::table> {
    let hidden_funder = project_funders::table
        .filter(project_funders::owner_id.eq(project_funding::owner_id))
        .filter(project_funders::funding.eq(project_funding::position))
        .filter(not(known(project_funders::organisation_id, caller)));
    Box::new(
        known(project_funding::recipient_id, caller)
            .or_absent()
            .and(not(exists(hidden_funder))),
    )
}

/// The condition that a project belongs to a place: it names the place itself, or one of the other
/// kind that is bound to it by a membership while the project runs. A macro, because regions and
/// municipalities are tables of their own.
macro_rules! belongs {
    ($place:expr, $direct:ident.$itself:ident, $through:ident.$other:ident, $memberships:expr) => {{
        let naming = $direct::table
            .filter($direct::$itself.eq($place))
            .select($direct::owner_id);
        let mut found: Vec<Predicate> = vec![Box::new(documents::id.eq_any(naming))];
        for ((earliest, latest), others) in $memberships {
            let (start, end) = (projects::start_earliest, projects::end_latest);
            let naming = $through::table
                .inner_join(projects::table.on(projects::id.eq($through::owner_id)))
                .filter($through::$other.eq_any(others))
                .filter(end.is_null().or(end.ge(earliest)))
                .filter(start.is_null().or(start.le(latest)))
                .select($through::owner_id);
            found.push(Box::new(documents::id.eq_any(naming)));
        }
        any_of(found)
    }};
}

/// The projects that belong to a region that the caller may know of.
fn in_region(db: &mut AnyConnection, caller: &Caller, id: String) -> Result<Predicate> {
    let rows = memberships(db, caller, Some(std::slice::from_ref(&id)), None)?;
    let members = by_period(rows, |row| row.organisation);
    Ok(belongs!(
        id,
        project_regions.region_id,
        project_municipalities.municipality_id,
        members
    ))
}

/// The projects that belong to a municipality that the caller may know of.
fn in_municipality(db: &mut AnyConnection, caller: &Caller, id: String) -> Result<Predicate> {
    let rows = memberships(db, caller, None, Some(&id))?;
    let regions = by_period(rows, |row| row.region);
    Ok(belongs!(
        id,
        project_municipalities.municipality_id,
        project_regions.region_id,
        regions
    ))
}
