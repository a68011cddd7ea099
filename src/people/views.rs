//! What follows from the roles of people: who works in a region, for an organisation, on a
//! project. People own the fact; the others only show it.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::filter::{RoleKinds, RoleStatuses};
use super::{Person, RoleKind, RoleStatus, filter};
use crate::regions::{Membership, partnerships};
use crate::register::read::show;
use crate::register::{
    Caller, HeadRow, Line, OrganisationRef, PartialDate, PersonRef, PersonalContact, ProjectRef,
    RegionRef, Result, heads,
};
use crate::store::AnyConnection;

/// A person in a role.
///
/// The views make it of documents as the caller sees them, so nothing here is read from a row; the
/// type says what there is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonInRole {
    /// The person.
    pub person: PersonRef,
    /// What the role is called.
    #[schema(examples("Regionaal coördinator"))]
    pub title: Line,
    /// What kind of role it is.
    pub kind: RoleKind,
    /// What the role is about.
    pub topic: Option<Line>,
    /// The organisation for which the person works.
    pub organisation: Option<OrganisationRef>,
    /// The region in which the person works.
    pub region: Option<RegionRef>,
    /// The project in which the person works.
    pub project: Option<ProjectRef>,
    /// Where, in words.
    pub area: Option<Line>,
    /// Whether this is the person to turn to.
    pub is_contact: bool,
    /// Whether the person has the role now.
    pub status: RoleStatus,
    /// Since when.
    pub start: Option<PartialDate>,
    /// Until when.
    pub end: Option<PartialDate>,
    /// How long, in the source's own words.
    pub duration_text: Option<Line>,
    /// How to reach the person: first in this role, then whatever the role, as far as the caller
    /// may see.
    pub contacts: Vec<PersonalContact>,
}

/// The members of a role, in the order in which a row shows them.
const MEMBERS: [&str; 12] = [
    "title",
    "kind",
    "topic",
    "organisation",
    "region",
    "project",
    "area",
    "isContact",
    "status",
    "start",
    "end",
    "durationText",
];

/// Which roles a view shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) kinds: Option<RoleKinds>,
    pub(super) statuses: Option<RoleStatuses>,
}

impl Wanted {
    fn takes(&self, role: &Map<String, Value>) -> bool {
        let within = |name: &str, words: Option<Vec<&'static str>>| {
            let word = role.get(name).and_then(Value::as_str).unwrap_or_default();
            words.is_none_or(|words| words.contains(&word))
        };
        within("kind", self.kinds.as_ref().map(RoleKinds::words))
            && within("status", self.statuses.as_ref().map(RoleStatuses::words))
    }
}

/// A view: rows by the id of the document that shows them.
pub(super) type View =
    fn(&mut AnyConnection, &[String], &Caller, &Wanted) -> Result<HashMap<String, Value>>;

/// The people of several regions: with a role in the region itself, or in an organisation that may
/// have been a partner in it during the role.
///
/// # Errors
/// When the database cannot be asked.
pub fn of_regions(
    db: &mut AnyConnection,
    ids: &[String],
    caller: &Caller,
) -> Result<HashMap<String, Value>> {
    in_regions(db, ids, caller, &Wanted::default())
}

/// The people with a role in several organisations.
///
/// # Errors
/// When the database cannot be asked.
pub fn of_organisations(
    db: &mut AnyConnection,
    ids: &[String],
    caller: &Caller,
) -> Result<HashMap<String, Value>> {
    in_organisations(db, ids, caller, &Wanted::default())
}

/// The people with a role in several projects: their teams.
///
/// # Errors
/// When the database cannot be asked.
pub fn of_projects(
    db: &mut AnyConnection,
    ids: &[String],
    caller: &Caller,
) -> Result<HashMap<String, Value>> {
    in_projects(db, ids, caller, &Wanted::default())
}

pub(super) fn in_regions(
    db: &mut AnyConnection,
    ids: &[String],
    caller: &Caller,
    wanted: &Wanted,
) -> Result<HashMap<String, Value>> {
    let partners = partnerships(db, caller, Some(ids))?;
    let mut named: Vec<String> = partners
        .iter()
        .map(|one| one.organisation.clone())
        .collect();
    named.extend_from_slice(ids);
    rows(db, &named, ids, caller, wanted, |role, region| {
        names(role, "region", region)
            || partners
                .iter()
                .any(|one| one.region == region && is_during(role, one))
    })
}

pub(super) fn in_organisations(
    db: &mut AnyConnection,
    ids: &[String],
    caller: &Caller,
    wanted: &Wanted,
) -> Result<HashMap<String, Value>> {
    rows(db, ids, ids, caller, wanted, |role, id| {
        names(role, "organisation", id)
    })
}

pub(super) fn in_projects(
    db: &mut AnyConnection,
    ids: &[String],
    caller: &Caller,
    wanted: &Wanted,
) -> Result<HashMap<String, Value>> {
    rows(db, ids, ids, caller, wanted, |role, id| {
        names(role, "project", id)
    })
}

fn names(role: &Map<String, Value>, member: &str, id: &str) -> bool {
    role.get(member).is_some_and(|shown| shown["id"] == id)
}

/// Whether a role names a partner and may have been had while it was one.
fn is_during(role: &Map<String, Value>, partner: &Membership) -> bool {
    let bound = |date: &str, end: &str| role.get(date).and_then(|date| date[end].as_str());
    names(role, "organisation", &partner.organisation)
        && partner.overlaps(bound("start", "earliest"), bound("end", "latest"))
}

/// The rows of several owners: those whom to turn to first, then by name, then in the order of the
/// person. `named` are the documents that roles must name to count at all.
fn rows(
    db: &mut AnyConnection,
    named: &[String],
    owners: &[String],
    caller: &Caller,
    wanted: &Wanted,
    belongs: impl Fn(&Map<String, Value>, &str) -> bool,
) -> Result<HashMap<String, Value>> {
    let ids = filter::naming(db, caller, named)?;
    let mut heads: Vec<HeadRow> = heads::load(db, &ids)?;
    heads.retain(|head| caller.may_know(&head.id, &head.access()));
    heads.sort_by(|a, b| (&a.name_key, &a.id).cmp(&(&b.name_key, &b.id)));
    let mut lists: HashMap<String, Vec<Value>> =
        owners.iter().map(|id| (id.clone(), Vec::new())).collect();
    for (head, person) in heads.iter().zip(show::<Person>(db, caller, &heads)?) {
        let roles = person
            .get("roles")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for role in roles
            .filter_map(Value::as_object)
            .filter(|role| wanted.takes(role))
        {
            for owner in owners.iter().filter(|owner| belongs(role, owner)) {
                lists
                    .entry(owner.clone())
                    .or_default()
                    .push(row(head, &person, role));
            }
        }
    }
    Ok(lists
        .into_iter()
        .map(|(owner, mut rows)| {
            // Stable: within each of the two parts the order by name stays.
            rows.sort_by_key(|row| row["isContact"] != true);
            (owner, Value::Array(rows))
        })
        .collect())
}

fn row(head: &HeadRow, person: &Map<String, Value>, role: &Map<String, Value>) -> Value {
    let shown = serde_json::json!({"id": head.id, "slug": head.slug, "name": head.name});
    let mut row = Map::new();
    row.insert("person".into(), shown);
    for name in MEMBERS {
        row.insert(name.into(), role.get(name).cloned().unwrap_or_default());
    }
    let contacts = [role, person]
        .into_iter()
        .filter_map(|from| from.get("contacts")?.as_array());
    row.insert("contacts".into(), contacts.flatten().cloned().collect());
    Value::Object(row)
}
