//! A random register: documents of every collection with all that filters and counts look at, some
//! of them hidden, some with a steward.

use serde_json::{Value, json};

use super::dice::Dice;
use crate::builders::with;

/// A document as it is sent, and what the register told of it.
#[derive(Clone)]
pub(super) struct Document {
    pub(super) collection: &'static str,
    pub(super) slug: String,
    pub(super) body: Value,
    pub(super) updated_at: String,
}

/// Dates with the first day and the last that they may be; empty where there is no bound. Many
/// bounds are the same, because at the edge is where a comparison goes wrong.
pub(super) const DATES: [(&str, &str, &str); 13] = [
    ("2012", "2012-01-01", "2012-12-31"),
    ("2012-01-01", "2012-01-01", "2012-01-01"),
    ("2012-12-31", "2012-12-31", "2012-12-31"),
    ("2012~", "2012-01-01", "2012-12-31"),
    ("2012/2014", "2012-01-01", "2014-12-31"),
    ("2014-23", "2014-09-01", "2014-11-30"),
    ("2014-09-01", "2014-09-01", "2014-09-01"),
    ("2014-11", "2014-11-01", "2014-11-30"),
    ("2014-12-31", "2014-12-31", "2014-12-31"),
    ("2016?", "2016-01-01", "2016-12-31"),
    ("2014/..", "2014-01-01", ""),
    ("../2012", "", "2012-12-31"),
    ("2999", "2999-01-01", "2999-12-31"),
];

pub(super) const ORGANISATION_KINDS: [&str; 4] =
    ["municipality", "ministry", "school_partnership", "other"];
pub(super) const REGION_KINDS: [&str; 3] = ["cooperation_region", "youth_region", "other"];
pub(super) const PARTNER_ROLES: [&str; 3] = ["school_partnership", "coordinator", "other"];
pub(super) const PROJECT_KINDS: [&str; 3] = ["project", "pilot", "agenda"];
pub(super) const STATUSES: [&str; 3] = ["active", "completed", "unknown"];
pub(super) const PARTICIPANT_ROLES: [&str; 4] = ["lead", "partner", "funder", "signatory"];
pub(super) const MILESTONE_KINDS: [&str; 3] = ["start", "evaluation", "legal"];
pub(super) const BASES: [&str; 3] = ["public_office", "consent", "none"];
pub(super) const ROLE_KINDS: [&str; 3] = ["chair", "member", "alderman"];
pub(super) const ROLE_STATUSES: [&str; 3] = ["active", "ended", "intended"];
pub(super) const TOPICS: [&str; 3] = ["Jeugd", "jeugd", "Onderwijs"];
pub(super) const SECTORS: [&str; 3] = ["po", "vo", "so"];
pub(super) const DENOMINATIONS: [&str; 2] = ["katholiek", "reformatorisch"];

/// How many documents of each collection there are.
pub(super) const COUNTS: [(&str, usize); 5] = [
    ("organisations", 13),
    ("themes", 7),
    ("regions", 6),
    ("people", 8),
    ("projects", 12),
];

/// The name of a document in addresses: `organisations-3`.
pub(super) fn slug(collection: &str, nth: usize) -> String {
    format!("{collection}-{nth}")
}

/// The slugs of a collection, up to one.
fn slugs(collection: &str, end: usize) -> Vec<String> {
    (0..end).map(|nth| slug(collection, nth)).collect()
}

fn all(collection: &str) -> Vec<String> {
    let counts = COUNTS.iter().filter(|(name, _)| *name == collection);
    slugs(collection, counts.map(|(_, count)| count).sum())
}

fn date(dice: &mut Dice) -> Value {
    if dice.chance(50) {
        json!(dice.pick(&DATES).0)
    } else {
        Value::Null
    }
}

/// Two dates, the second not wholly before the first.
fn period(dice: &mut Dice, first: &str, last: &str) -> Value {
    let (start, end) = (date(dice), date(dice));
    let begins = super::naive::bounds(&start).0;
    let ends = super::naive::bounds(&end).1;
    if ends < begins {
        json!({ first: start })
    } else {
        json!({ first: start, last: end })
    }
}

/// Rows that each name one of several documents, and have a period.
fn rows(dice: &mut Dice, most: usize, of: &[String], more: impl Fn(&mut Dice) -> Value) -> Value {
    let named = dice.some(most, of);
    let row = |organisation: String| {
        let row = with(json!({ "organisation": organisation }), &more(dice));
        with(row, &period(dice, "start", "end"))
    };
    named.into_iter().map(row).collect()
}

/// Who may see it, and whose it is: of the first two organisations, the first has an editor.
fn head(dice: &mut Dice, collection: &'static str, nth: usize, body: &Value) -> Document {
    let slug = slug(collection, nth);
    let mut more = json!({
        "slug": slug, "visibility": if dice.chance(30) { "restricted" } else { "public" },
        "identifiers": [{ "scheme": "own", "value": format!("{nth}") }],
    });
    if dice.chance(50) {
        more["verifiedOn"] = json!(dice.pick(&["2020-01-01", "2022-06-15"]));
    }
    if dice.chance(40) && (collection != "organisations" || nth > 1) {
        more["steward"] = json!(dice.pick(&slugs("organisations", 2)));
    }
    Document {
        collection,
        slug,
        body: with(more, body),
        updated_at: String::new(),
    }
}

/// All documents, in an order in which they can be made. People come a second time with their
/// roles, because people and projects name each other.
pub(super) fn random(dice: &mut Dice) -> Vec<Document> {
    let mut documents = Vec::new();
    for (collection, count) in COUNTS {
        for nth in 0..count {
            let body = match collection {
                "organisations" => organisation(dice, nth),
                "themes" => theme(dice, nth),
                "regions" => region(dice, nth),
                "people" => person(dice, nth),
                _ => project(dice, nth),
            };
            documents.push(head(dice, collection, nth, &body));
        }
    }
    let mut people = Vec::new();
    for person in documents
        .iter_mut()
        .filter(|one| one.collection == "people")
    {
        if person.body["publicationBasis"] == "none" {
            person.body["visibility"] = json!("restricted");
        }
        let mut again = person.clone();
        again.body["roles"] = roles(dice);
        people.push(again);
    }
    documents.extend(people);
    documents
}

fn organisation(dice: &mut Dice, nth: usize) -> Value {
    let before = slugs("organisations", nth);
    let parents = rows(dice, 2, &before, |_| json!({ "kind": "part_of" }));
    let mut body = json!({
        "name": format!("Organisatie {nth}"), "kind": dice.pick(&ORGANISATION_KINDS),
        "sectors": dice.different(2, &SECTORS), "isPlaceholder": dice.chance(30), "parents": parents,
        "serviceArea": { "municipalities": dice.different(2, &before) },
    });
    if dice.chance(40) {
        body["denomination"] = json!(dice.pick(&DENOMINATIONS));
    }
    with(body, &period(dice, "founded", "dissolved"))
}

fn theme(dice: &mut Dice, nth: usize) -> Value {
    let broader = (nth > 0 && dice.chance(75)).then(|| slug("themes", dice.below(nth)));
    json!({ "label": format!("Thema {nth}"), "broader": broader })
}

fn region(dice: &mut Dice, nth: usize) -> Value {
    let organisations = all("organisations");
    json!({
        "name": format!("Regio {nth}"), "kind": dice.pick(&REGION_KINDS),
        "municipalities": rows(dice, 4, &organisations, |_| json!({})),
        "partners": rows(dice, 4, &organisations, |dice| json!({ "role": dice.pick(&PARTNER_ROLES) })),
        "networks": rows(dice, 2, &organisations, |_| json!({ "status": "active" })),
    })
}

fn person(dice: &mut Dice, nth: usize) -> Value {
    json!({ "name": { "family": format!("Mens {nth}") }, "publicationBasis": dice.pick(&BASES) })
}

fn roles(dice: &mut Dice) -> Value {
    let role = |dice: &mut Dice| {
        let mut role = json!({
            "title": "Lid", "kind": dice.pick(&ROLE_KINDS), "isContact": dice.chance(50),
            "status": dice.pick(&ROLE_STATUSES), "area": "Hier",
        });
        for (member, collection, percent) in [
            ("organisation", "organisations", 70),
            ("region", "regions", 30),
            ("project", "projects", 30),
        ] {
            if dice.chance(percent) {
                role[member] = json!(dice.pick(&all(collection)));
            }
        }
        if dice.chance(60) {
            role["topic"] = json!(dice.pick(&TOPICS));
        }
        with(role, &period(dice, "start", "end"))
    };
    (0..dice.below(4)).map(|_| role(dice)).collect()
}

fn project(dice: &mut Dice, nth: usize) -> Value {
    let organisations = all("organisations");
    let participants: Value = (0..dice.below(4)).map(|_| participant(dice)).collect();
    let funding: Value = (0..dice.below(3)).map(|_| grant(dice)).collect();
    let milestones: Value = (0..dice.below(3)).map(|_| milestone(dice)).collect();
    let mut body = json!({
        "name": format!("Project {nth}"), "kind": dice.pick(&PROJECT_KINDS),
        "regions": dice.some(2, &all("regions")), "municipalities": dice.some(3, &organisations),
        "themes": dice.some(3, &all("themes")), "participants": participants, "funding": funding,
        "milestones": milestones,
    });
    if dice.chance(80) {
        body["status"] = json!(dice.pick(&STATUSES));
    }
    if dice.chance(50) {
        body["minimumAge"] = json!(dice.below(12));
    }
    if dice.chance(50) {
        body["maximumAge"] = json!(12 + dice.below(12));
    }
    with(body, &period(dice, "start", "end"))
}

fn participant(dice: &mut Dice) -> Value {
    let mut row = json!({ "role": dice.pick(&PARTICIPANT_ROLES) });
    match dice.below(6) {
        0 | 1 => row["person"] = json!(dice.pick(&all("people"))),
        2 => row["partyClass"] = json!("verenigingen"),
        _ => row["organisation"] = json!(dice.pick(&all("organisations"))),
    }
    if dice.chance(30) {
        row["representedBy"] = json!(dice.pick(&all("people")));
    }
    row
}

fn grant(dice: &mut Dice) -> Value {
    let mut funders = dice.different(2, &all("organisations"));
    funders.push(dice.pick(&all("organisations")));
    funders.dedup();
    let recipient = match dice.below(4) {
        0 => json!({ "type": "region", "id": dice.pick(&all("regions")) }),
        1 => Value::Null,
        _ => json!(dice.pick(&all("organisations"))),
    };
    json!({ "funders": funders, "recipient": recipient, "instrument": "subsidy" })
}

fn milestone(dice: &mut Dice) -> Value {
    json!({
        "kind": dice.pick(&MILESTONE_KINDS), "title": "Moment", "planned": date(dice),
        "actual": if dice.chance(30) { date(dice) } else { Value::Null },
        "status": dice.pick(&["planned", "planned", "done"]),
    })
}
