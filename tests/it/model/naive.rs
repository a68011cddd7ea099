//! What lists and counts should say, worked out over the bodies in the plainest way, from the words
//! of the API document.
//!
//! What the caller may not know of has been taken out before (`caller.rs`), so nothing here looks at
//! who asks.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    ask::Filters,
    register::{DATES, Document},
};

/// A day that lies behind all planned days but those of 2999.
const TODAY: &str = "2025-01-01";

/// The first and the last day that a date may be, as far as texts sort.
pub(super) fn bounds(date: &Value) -> (&'static str, &'static str) {
    let known = DATES.iter().find(|(edtf, ..)| date == edtf);
    let (_, first, last) = known.unwrap_or(&("", "", ""));
    let or = |day: &&'static str, else_: &'static str| if day.is_empty() { else_ } else { *day };
    (or(first, "0000"), or(last, "9999"))
}

/// Whether two rows may have been at the same time.
fn overlap(one: &Value, other: &Value) -> bool {
    bounds(&one["start"]).0 <= bounds(&other["end"]).1
        && bounds(&other["start"]).0 <= bounds(&one["end"]).1
}

fn list<'a>(body: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    body[name].as_array().into_iter().flatten()
}

fn named<'a>(seen: &'a [Document], slug: &Value) -> Option<&'a Document> {
    seen.iter().find(|one| *slug == one.slug)
}

/// Whether a filter is absent or one of its words is this one.
fn wants(filters: &Filters, name: &str, word: &Value) -> bool {
    let word = word.as_str().unwrap_or_default();
    let given = filters.get(name);
    given.is_none_or(|words| words.split(',').any(|one| one == word))
}

fn flag(filters: &Filters, name: &str, holds: bool) -> bool {
    let given = filters.get(name);
    given.is_none_or(|wanted| wanted == if holds { "true" } else { "false" })
}

/// The documents of a collection that filters leave.
pub(super) fn found<'a>(
    seen: &'a [Document],
    collection: &str,
    filters: &Filters,
) -> Vec<&'a Document> {
    let of_collection = seen.iter().filter(|one| one.collection == collection);
    of_collection
        .filter(|one| holds(seen, one, filters))
        .collect()
}

fn holds(seen: &[Document], one: &Document, filters: &Filters) -> bool {
    let body = &one.body;
    let has_code = |wanted: &String| {
        wanted.split(',').any(|code| {
            list(body, "identifiers")
                .any(|own| code == format!("own:{}", own["value"].as_str().unwrap_or_default()))
        })
    };
    let since = |since: &String| one.updated_at >= *since;
    let unverified = |day: &String| {
        body["verifiedOn"]
            .as_str()
            .is_none_or(|on| on < day.as_str())
    };
    let of_dimension = |name: &str| {
        let values = || values(seen, one, name, &Filters::new());
        filters
            .get(name)
            .is_none_or(|wanted| values().contains(wanted))
    };
    let (first, last) = match one.collection {
        "organisations" => ("founded", "dissolved"),
        _ => ("start", "end"),
    };
    let from = |day: &String| bounds(&body[last]).1 >= day.as_str();
    let until = |day: &String| bounds(&body[first]).0 <= day.as_str();
    let age = |years: &String| {
        let years: u64 = years.parse().unwrap_or_default();
        body["minimumAge"].as_u64().is_none_or(|low| low <= years)
            && body["maximumAge"].as_u64().is_none_or(|high| high >= years)
    };
    let own = match one.collection {
        "organisations" => organisation(body, filters),
        "themes" => filters
            .get("broader")
            .is_none_or(|top| above(seen, body).contains(top)),
        "regions" => region(body, filters),
        "people" => person(seen, body, filters),
        _ => project(seen, body, filters),
    };
    let regional = one.collection == "people" || of_dimension("region");
    own && regional
        && of_dimension("municipality")
        && of_dimension("theme")
        && wants(filters, "kind", &body["kind"])
        && wants(filters, "steward", &body["steward"])
        && filters.get("identifier").is_none_or(has_code)
        && filters.get("updatedSince").is_none_or(since)
        && filters.get("verifiedBefore").is_none_or(unverified)
        && filters.get("from").is_none_or(from)
        && filters.get("until").is_none_or(until)
        && filters.get("age").is_none_or(age)
}

fn organisation(body: &Value, filters: &Filters) -> bool {
    let sectors = filters
        .get("sector")
        .is_none_or(|_| list(body, "sectors").any(|sector| wants(filters, "sector", sector)));
    let parents = filters
        .get("organisation")
        .is_none_or(|parent| list(body, "parents").any(|row| row["organisation"] == *parent));
    sectors
        && parents
        && wants(filters, "denomination", &body["denomination"])
        && flag(filters, "isPlaceholder", body["isPlaceholder"] == true)
}

fn region(body: &Value, filters: &Filters) -> bool {
    let names = |name: &str| {
        list(body, name).any(|row| wants(filters, "organisation", &row["organisation"]))
    };
    let partner = |row: &Value| {
        wants(filters, "role", &row["role"]) && wants(filters, "organisation", &row["organisation"])
    };
    match (filters.get("organisation"), filters.get("role")) {
        (None, None) => true,
        (Some(_), None) => ["municipalities", "partners", "networks"]
            .into_iter()
            .any(names),
        (_, Some(_)) => list(body, "partners").any(partner),
    }
}

/// The themes above one, the nearest first.
fn above(seen: &[Document], body: &Value) -> Vec<String> {
    let Some(next) = named(seen, &body["broader"]) else {
        return Vec::new();
    };
    let mut all = vec![next.slug.clone()];
    all.extend(above(seen, &next.body));
    all
}

/// The roles of a person for which all filters on roles hold.
fn roles<'a>(seen: &[Document], body: &'a Value, filters: &Filters) -> Vec<&'a Value> {
    let holds = |role: &&Value| {
        let kind = named(seen, &role["organisation"]).map(|one| &one.body["kind"]);
        let regions = || regions_of_role(seen, role);
        wants(filters, "organisation", &role["organisation"])
            && wants(filters, "organisationKind", kind.unwrap_or(&Value::Null))
            && wants(filters, "project", &role["project"])
            && wants(filters, "role", &role["kind"])
            && wants(filters, "topic", &role["topic"])
            && wants(filters, "roleStatus", &role["status"])
            && flag(filters, "isContact", role["isContact"] == true)
            && filters
                .get("region")
                .is_none_or(|wanted| regions().contains(wanted))
    };
    list(body, "roles").filter(holds).collect()
}

/// The regions of a role: the one it names, and those in which its organisation was a partner then.
fn regions_of_role(seen: &[Document], role: &Value) -> Vec<String> {
    let has = |region: &&Document| {
        let partner = |row: &Value| {
            row["organisation"].is_string()
                && row["organisation"] == role["organisation"]
                && overlap(row, role)
        };
        role["region"] == region.slug || list(&region.body, "partners").any(partner)
    };
    let regions = seen.iter().filter(|one| one.collection == "regions");
    regions.filter(has).map(|one| one.slug.clone()).collect()
}

fn person(seen: &[Document], body: &Value, filters: &Filters) -> bool {
    let of_roles = [
        "region",
        "organisation",
        "organisationKind",
        "project",
        "role",
        "topic",
        "isContact",
        "roleStatus",
    ];
    let asked = of_roles.iter().any(|name| filters.contains_key(name));
    wants(filters, "publicationBasis", &body["publicationBasis"])
        && (!asked || !roles(seen, body, filters).is_empty())
}

/// The parties of a project for which all filters on them hold, as their organisations: who takes
/// part, who gives money (as `funder`), who gets it (in no role).
fn parties<'a>(seen: &[Document], body: &'a Value, filters: &Filters) -> Vec<&'a Value> {
    let funder = Value::from("funder");
    let mut rows: Vec<(Value, &Value)> = Vec::new();
    rows.extend(list(body, "participants").map(|row| (row["role"].clone(), &row["organisation"])));
    for row in list(body, "funding") {
        rows.extend(list(row, "funders").map(|one| (funder.clone(), one)));
        rows.push((Value::Null, &row["recipient"]));
    }
    let holds = |(role, organisation): &(Value, &Value)| {
        let kind = named(seen, organisation).map(|one| &one.body["kind"]);
        wants(filters, "role", role)
            && wants(filters, "organisation", organisation)
            && wants(filters, "organisationKind", kind.unwrap_or(&Value::Null))
    };
    rows.into_iter()
        .filter(holds)
        .map(|(_, organisation)| organisation)
        .collect()
}

fn status(body: &Value) -> Value {
    match &body["status"] {
        Value::Null => "unknown".into(),
        status => status.clone(),
    }
}

fn project(seen: &[Document], body: &Value, filters: &Filters) -> bool {
    let of_parties = ["organisation", "organisationKind", "role"];
    let asked = of_parties.iter().any(|name| filters.contains_key(name));
    let milestones =
        || list(body, "milestones").filter(|row| wants(filters, "hasMilestone", &row["kind"]));
    let late = |row: &Value| {
        row["status"] == "planned" && row["actual"].is_null() && bounds(&row["planned"]).1 < TODAY
    };
    wants(filters, "status", &status(body))
        && (!asked || !parties(seen, body, filters).is_empty())
        && (!filters.contains_key("hasMilestone") || milestones().count() > 0)
        && flag(filters, "overdue", milestones().any(late))
}

/// The values of a document in a dimension, each once.
pub(super) fn values(
    seen: &[Document],
    one: &Document,
    dimension: &str,
    filters: &Filters,
) -> Vec<String> {
    let body = &one.body;
    let words = |values: &mut dyn Iterator<Item = &Value>| -> Vec<String> {
        values
            .filter_map(|word| word.as_str().map(str::to_owned))
            .collect()
    };
    let kinds = |organisations: Vec<&Value>| -> Vec<String> {
        let found = organisations
            .into_iter()
            .filter_map(|slug| named(seen, slug));
        words(&mut found.map(|one| &one.body["kind"]))
    };
    let start = |member: &str| match bounds(&body[member]).0 {
        "0000" => Vec::new(),
        day => vec![day[..4].to_owned()],
    };
    let mut values = match (one.collection, dimension) {
        (collection, "type") => vec![collection.to_owned()],
        (_, "kind") | ("organisations", "organisationKind") => {
            words(&mut [&body["kind"]].into_iter())
        }
        ("projects", "status") => words(&mut [&status(body)].into_iter()),
        ("projects", "startYear") => start("start"),
        ("projects", "organisationKind") => kinds(parties(seen, body, filters)),
        ("projects", "region" | "municipality") => places(seen, body, dimension),
        ("projects", "theme") => {
            let named = list(body, "themes").filter_map(|slug| named(seen, slug));
            named
                .flat_map(|theme| {
                    let mut all = above(seen, &theme.body);
                    all.push(theme.slug.clone());
                    all
                })
                .collect()
        }
        ("organisations", "sector") => words(&mut list(body, "sectors")),
        ("organisations", "startYear") => start("founded"),
        ("organisations", "municipality") => {
            words(&mut list(&body["serviceArea"], "municipalities"))
        }
        ("organisations", "region") => {
            let has = |region: &&Document| {
                ["municipalities", "partners"]
                    .iter()
                    .any(|name| list(&region.body, name).any(|row| row["organisation"] == one.slug))
            };
            let regions = seen.iter().filter(|one| one.collection == "regions");
            regions
                .filter(has)
                .map(|region| region.slug.clone())
                .collect()
        }
        ("regions", "municipality") => {
            words(&mut list(body, "municipalities").map(|row| &row["organisation"]))
        }
        ("people", "region") => roles(seen, body, filters)
            .iter()
            .flat_map(|role| regions_of_role(seen, role))
            .collect(),
        ("people", "organisationKind") => kinds(
            roles(seen, body, filters)
                .iter()
                .map(|role| &role["organisation"])
                .collect(),
        ),
        _ => Vec::new(),
    };
    values.sort();
    values.dedup();
    values
}

/// The regions of a project, or its municipalities: those that it names, and those that follow from
/// the others by a membership at the time.
fn places(seen: &[Document], body: &Value, dimension: &str) -> Vec<String> {
    let mut all = Vec::new();
    let (own, other) = match dimension {
        "region" => ("regions", "municipalities"),
        _ => ("municipalities", "regions"),
    };
    all.extend(list(body, own).filter_map(|slug| slug.as_str().map(str::to_owned)));
    for region in seen.iter().filter(|one| one.collection == "regions") {
        for row in list(&region.body, "municipalities").filter(|row| overlap(row, body)) {
            let municipality = row["organisation"].as_str().unwrap_or_default();
            let (own, through) = match dimension {
                "region" => (region.slug.as_str(), municipality),
                _ => (municipality, region.slug.as_str()),
            };
            if list(body, other).any(|slug| slug == through) {
                all.push(own.to_owned());
            }
        }
    }
    all
}

/// Counts by their groups: a value for each dimension, or nothing.
pub(super) type Groups = BTreeMap<Vec<Option<String>>, u64>;

/// How many of some documents are in each group.
pub(super) fn groups(
    seen: &[Document],
    documents: &[&Document],
    dimensions: &[&str],
    filters: &Filters,
) -> Groups {
    let mut groups = Groups::new();
    for one in documents {
        let mut keys: Vec<Vec<Option<String>>> = vec![Vec::new()];
        for dimension in dimensions {
            let mut values: Vec<Option<String>> = values(seen, one, dimension, filters)
                .into_iter()
                .map(Some)
                .collect();
            if values.is_empty() {
                values.push(None);
            }
            let longer = |key: &Vec<Option<String>>| {
                values
                    .iter()
                    .map(|value| [key.clone(), vec![value.clone()]].concat())
                    .collect::<Vec<_>>()
            };
            keys = keys.iter().flat_map(longer).collect();
        }
        for key in keys {
            *groups.entry(key).or_default() += 1;
        }
    }
    groups
}
