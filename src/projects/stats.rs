//! By what projects are counted. Each agrees with the filter of that name.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::filter::{Party, ProjectFilters, shown_funding};
use crate::regions::{Membership, memberships};
use crate::register::dimension::{Dimension, years};
use crate::register::read::known;
use crate::register::refs::Target;
use crate::register::rows::load_of;
use crate::register::{Caller, Organisations, Result};
use crate::store::AnyConnection;
use crate::store::schema::{
    documents, project_funders, project_funding, project_municipalities, project_participants,
    project_regions, project_themes, projects,
};

type Pairs = Vec<(String, String)>;

pub(super) fn dimension(
    dimension: Dimension,
    filters: &ProjectFilters,
    of: Option<&[String]>,
    db: &mut AnyConnection,
    caller: &Caller,
) -> Result<Pairs> {
    Ok(match dimension {
        Dimension::Status => {
            let query = projects::table.select((projects::id, projects::status));
            load_of!(db, query, projects::id, of)
        }
        Dimension::StartYear => {
            let query = projects::table
                .filter(projects::start_earliest.is_not_null())
                .select((projects::id, projects::start_earliest));
            years(load_of!(db, query, projects::id, of))
        }
        Dimension::Region => by_region(db, caller, None, of)?,
        Dimension::Municipality => by_municipality(db, caller, of)?,
        Dimension::Theme => by_theme(db, caller, of)?,
        Dimension::OrganisationKind => by_organisation_kind(filters, db, caller)?,
        _ => Vec::new(),
    })
}

/// A project, what it names, and when it runs.
type Named = (String, String, Option<String>, Option<String>);

/// The projects that name a known place of a table: one of these, where they are given; and only
/// these projects, where those are.
macro_rules! naming {
    ($table:ident.$place:ident, $db:expr, $caller:expr, $among:expr, $of:expr) => {{
        let query = $table::table
            .inner_join(projects::table.on(projects::id.eq($table::owner_id)))
            .filter(known($table::$place, $caller))
            .select((
                $table::owner_id,
                $table::$place,
                projects::start_earliest,
                projects::end_latest,
            ));
        let rows: Vec<Named> = match $among {
            Some(ids) => load_of!(
                $db,
                query.filter($table::$place.eq_any(ids)),
                $table::owner_id,
                $of
            ),
            None => load_of!($db, query, $table::owner_id, $of),
        };
        rows
    }};
}

/// What is named, and what follows from it by memberships at the time: from a municipality its
/// regions, from a region its municipalities.
fn with_memberships(
    direct: Vec<Named>,
    through: &[Named],
    memberships: &HashMap<String, Vec<(String, Membership)>>,
) -> Pairs {
    let mut pairs: Pairs = direct.into_iter().map(|row| (row.0, row.1)).collect();
    for named in through {
        for (other, membership) in memberships.get(&named.1).into_iter().flatten() {
            if membership.overlaps(named.2.as_deref(), named.3.as_deref()) {
                pairs.push((named.0.clone(), other.clone()));
            }
        }
    }
    pairs
}

/// The regions of projects; of these regions and of these projects only, where they are given.
pub(super) fn by_region(
    db: &mut AnyConnection,
    caller: &Caller,
    regions: Option<&[String]>,
    of: Option<&[String]>,
) -> Result<Pairs> {
    let mut of_municipality: HashMap<String, Vec<(String, Membership)>> = HashMap::new();
    for row in memberships(db, caller, regions, None)? {
        let entry = (row.region.clone(), row.clone());
        of_municipality
            .entry(row.organisation)
            .or_default()
            .push(entry);
    }
    let members: Option<Vec<&String>> = regions.map(|_| of_municipality.keys().collect());
    let direct = naming!(project_regions.region_id, db, caller, regions, of);
    let through = naming!(
        project_municipalities.municipality_id,
        db,
        caller,
        members,
        of
    );
    Ok(with_memberships(direct, &through, &of_municipality))
}

fn by_municipality(
    db: &mut AnyConnection,
    caller: &Caller,
    of: Option<&[String]>,
) -> Result<Pairs> {
    let mut of_region: HashMap<String, Vec<(String, Membership)>> = HashMap::new();
    for row in memberships(db, caller, None, None)? {
        let entry = (row.organisation.clone(), row.clone());
        of_region.entry(row.region).or_default().push(entry);
    }
    let all: Option<&[String]> = None;
    let direct = naming!(project_municipalities.municipality_id, db, caller, all, of);
    let through = naming!(project_regions.region_id, db, caller, all, of);
    Ok(with_memberships(direct, &through, &of_region))
}

/// The themes of projects and all above them, as far as the caller can follow.
fn by_theme(db: &mut AnyConnection, caller: &Caller, of: Option<&[String]>) -> Result<Pairs> {
    let broader: HashMap<String, Option<String>> =
        crate::themes::pairs(db, caller)?.into_iter().collect();
    let query = project_themes::table.select((project_themes::owner_id, project_themes::theme_id));
    let rows: Pairs = load_of!(db, query, project_themes::owner_id, of);
    let mut pairs = Vec::with_capacity(rows.len());
    for (project, theme) in rows {
        let mut next = Some(&theme);
        // The tree has no cycles, so this ends.
        while let Some((theme, above)) = next.and_then(|theme| broader.get_key_value(theme)) {
            pairs.push((project.clone(), theme.clone()));
            next = above.as_ref();
        }
    }
    Ok(pairs)
}

/// The kinds of the organisations in the rows that the other filters ask for.
fn by_organisation_kind(
    filters: &ProjectFilters,
    db: &mut AnyConnection,
    caller: &Caller,
) -> Result<Pairs> {
    let asked = Party::of(filters, db, caller)?;
    let of_head = documents::id.nullable();
    let mut pairs: Pairs = project_participants::table
        .inner_join(documents::table.on(of_head.eq(project_participants::organisation_id)))
        .filter(asked.named_by(project_participants::organisation_id))
        .filter(project_participants::role.eq_any(asked.roles.clone()))
        .select((project_participants::owner_id, documents::kind))
        .load(db)?;
    let shown: HashSet<(String, i32)> = project_funding::table
        .filter(shown_funding(caller))
        .select((project_funding::owner_id, project_funding::position))
        .load(db)?
        .into_iter()
        .collect();
    let mut rows: Vec<(String, i32, String)> = Vec::new();
    if asked.with_funders() {
        rows.extend(
            project_funders::table
                .inner_join(documents::table.on(documents::id.eq(project_funders::organisation_id)))
                .filter(asked.named_by(project_funders::organisation_id))
                .select((
                    project_funders::owner_id,
                    project_funders::funding,
                    documents::kind,
                ))
                .load::<(String, i32, String)>(db)?,
        );
    }
    if asked.with_recipients {
        rows.extend(
            project_funding::table
                .inner_join(documents::table.on(of_head.eq(project_funding::recipient_id)))
                .filter(documents::type_.eq(Organisations::TYPE))
                .filter(asked.named_by(project_funding::recipient_id))
                .select((
                    project_funding::owner_id,
                    project_funding::position,
                    documents::kind,
                ))
                .load::<(String, i32, String)>(db)?,
        );
    }
    let rows = rows.into_iter();
    pairs.extend(rows.filter_map(|(project, position, kind)| {
        let row = (project, position);
        shown.contains(&row).then_some((row.0, kind))
    }));
    Ok(pairs)
}
