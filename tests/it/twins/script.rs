//! The life of a register. All registers write the same of what is public, in the same order.
//!
//! What anyone may notice of what is hidden is kept the same as well: a document that is public now
//! has as many versions in each register, and the last line of the change log, of each type, is a
//! public one. A public document that shows a hidden one gets a new version when that gets another
//! name; the register without it gives that document a version in another way (`touch`).

use serde_json::{Value, json};

use super::{initiatives, persons, register::Register, turns};

/// Writes it all.
pub(super) fn live(register: &mut Register<'_>) {
    let hidden = begin(register);
    areas(register, &hidden);
    initiatives::live(register, &hidden);
    persons::live(register, &hidden);
    endings(register, &hidden);
    turns::live(register, &hidden);
    register.patch("/organisations/elburg", &json!({ "summary": "The end." }));
    register.patch("/regions/noord", &json!({ "summary": "The end." }));
    // The last lines of these types are public ones too.
    register.patch("/people/jan", &json!({ "summary": "The end." }));
    register.patch("/projects/pact", &json!({ "planning": "The end." }));
    register.patch("/themes/zorg", &json!({ "definition": "The end." }));
}

/// The organisations. Gives the id of a hidden one to which others refer, or nothing.
fn begin(register: &mut Register<'_>) -> String {
    let keeper = json!({ "name": "Keeper", "kind": "association" });
    register.share("organisations", "keeper", &keeper);
    let elburg = json!({
        "name": "Gemeente Elburg", "kind": "municipality", "denomination": "openbaar", "sectors": ["po"],
        "identifiers": [{ "scheme": "cbs", "value": "GM0230" }], "founded": "1233~",
        "serviceArea": { "postcodes": ["8081", "8082"] },
        "contacts": register.contacts(json!([
            { "kind": "email", "value": "post@elburg.example", "isFunctional": true },
        ])),
    });
    register.share("organisations", "elburg", &elburg);
    let mut hidden = "nothing".to_owned();
    if register.has_secrets() {
        let village = json!({
            "kind": "municipality", "denomination": register.words("gezindte"), "sectors": ["po", "vo"],
            "steward": "elburg", "summary": register.words("samenvatting"), "isPlaceholder": true,
            "identifiers": [{ "scheme": "own", "value": register.words("code") }], "founded": "1990",
            "serviceArea": { "postcodes": ["8081", "9991"] }, "verifiedOn": "2020-02-02",
            "parents": [{ "organisation": "elburg", "kind": "part_of" }],
            "contacts": [{ "kind": "email", "value": register.mail("dorp"), "isFunctional": true }],
        });
        hidden = register.hide("organisations", "dorp", &village);
        let code = format!("own:{}", register.words("code"));
        register.note("organisations", &[&code]);
        // The name of a public document, so that it sorts beside that.
        let double = json!({ "name": "Zeeluwe", "kind": "school_partnership", "serviceArea": { "municipalities": ["elburg"] } });
        register.hide("organisations", "zeeluwe", &double);
    }
    let parent = json!({ "organisation": hidden, "kind": "part_of" });
    let zeeluwe = json!({
        "name": "Zeeluwe", "kind": "school_partnership", "website": "https://zeeluwe.example/",
        "serviceArea": { "municipalities": register.rows(json!(["elburg"]), &[json!(hidden)]) },
        "parents": register.rows(json!([]), std::slice::from_ref(&parent)),
    });
    register.share("organisations", "zeeluwe", &zeeluwe);
    let board = json!({
        "name": "Board", "kind": "school_board", "denomination": "reformatorisch", "sectors": ["po", "vo"],
        "parents": register.rows(json!([{ "organisation": "zeeluwe", "kind": "part_of" }]), &[parent]),
    });
    register.share("organisations", "board", &board);
    let steward = if register.has_secrets() {
        json!(hidden)
    } else {
        Value::Null
    };
    let putten = json!({ "name": "Putten", "kind": "municipality", "steward": steward, "verifiedOn": "2019-01-01" });
    register.share("organisations", "putten", &putten);
    let own = json!({
        "name": "Own", "kind": "other", "steward": "keeper", "visibility": "restricted",
        "parents": register.rows(json!([]), &[json!({ "organisation": hidden, "kind": "part_of" })]),
        "contacts": [{ "kind": "email", "value": "mens@own.example" }],
    });
    register.share("organisations", "own", &own);
    hidden
}

/// The regions, and a hidden organisation that gets another name while a public region shows it.
fn areas(register: &mut Register<'_>, hidden: &str) {
    let partner =
        |organisation: &str, role: &str| json!({ "organisation": organisation, "role": role });
    let mut partners = vec![
        partner("zeeluwe", "school_partnership"),
        partner("elburg", "other"),
    ];
    if register.has_secrets() {
        let stand_in = json!({ "kind": "school", "isPlaceholder": true });
        let id = register.hide("organisations", "plaatshouder", &stand_in);
        partners.insert(1, partner(&id, "network"));
    }
    let plan = json!({ "name": "Plan", "kind": "project_group", "visibility": "restricted", "summary": register.words("plan") });
    register.share("organisations", "plan", &plan);
    let noord = json!({
        "name": "Noord", "kind": "cooperation_region", "steward": "elburg",
        "municipalities": register.rows(
            json!([{ "organisation": "elburg", "localAccess": "cjg", "start": "2010" }]),
            &[json!({ "organisation": hidden, "localAccessNote": register.words("toegang") })],
        ),
        "partners": register.rows(json!(partners), &[partner(hidden, "steering_group")]),
        "networks": register.rows(
            json!([{ "organisation": "board", "status": "active" }, { "organisation": "plan", "status": "applied" }]),
            &[json!({ "organisation": hidden, "status": "active", "note": register.words("netwerk") })],
        ),
    });
    register.share("regions", "noord", &noord);
    if register.has_secrets() {
        let area = json!({
            "kind": "province", "municipalities": [{ "organisation": "elburg" }, { "organisation": hidden }],
            "partners": [partner("zeeluwe", "coordinator")],
            "contacts": [{ "kind": "url", "value": "https://x.example/", "visibility": "public" }],
        });
        register.hide("regions", "gebied", &area);
        // It becomes a known organisation, which then stands where the stand-in stood.
        let stand_in = register.words("plaatshouder");
        register.merge(&format!("/organisations/{stand_in}"), "board");
    } else {
        partners.insert(1, partner("board", "network"));
        register.patch("/regions/noord", &json!({ "partners": partners }));
    }
    let mut named = Vec::new();
    if register.has_secrets() {
        named.push(register.hide("organisations", "naam", &json!({ "kind": "welfare" })));
    }
    let rows: Vec<Value> = named.iter().map(|id| partner(id, "coordinator")).collect();
    let zuid = json!({
        "name": "Zuid", "kind": "youth_region", "steward": "keeper",
        "municipalities": [{ "organisation": "putten", "start": "2012", "end": "2014" }],
        "partners": register.rows(json!([partner("board", "other")]), &rows),
    });
    register.share("regions", "zuid", &zuid);
    for step in ["andere-naam", "nog-een-naam"] {
        if let Some(id) = named.first() {
            let slug = register.words(step);
            register.rename("organisations", id, &slug);
        } else {
            register.touch("/regions/zuid");
        }
    }
}

/// What is renamed, merged or deleted.
fn endings(register: &mut Register<'_>, hidden: &str) {
    let other = |name: &str| json!({ "name": name, "kind": "other", "identifiers": [{ "scheme": "own", "value": name }] });
    for label in ["oud", "gone", "double", "joined"] {
        register.share("organisations", label, &other(label));
    }
    register.patch(
        "/organisations/oud",
        &json!({ "slug": "nieuw", "name": "Nieuw" }),
    );
    register.delete("/organisations/gone");
    register.merge("/organisations/double", "elburg");
    if !register.has_secrets() {
        register.delete("/organisations/joined");
        return;
    }
    // To anyone it simply ended.
    register.merge("/organisations/joined", hidden);
    // Under the names of a public one that is gone.
    let body = json!({
        "name": register.words("opvolger"), "kind": "other", "visibility": "restricted",
        "identifiers": [{ "scheme": "own", "value": "gone" }],
    });
    let id = register.put("/organisations/gone", &body);
    let slug = register.words("opvolger");
    register.patch("/organisations/gone", &json!({ "slug": slug }));
    register.note("organisations", &[&id, &slug]);
    for what in ["weg", "op"] {
        register.hide(
            "organisations",
            what,
            &json!({ "kind": "ministry", "steward": hidden }),
        );
    }
    register.delete(&format!("/organisations/{}", register.words("weg")));
    register.merge(&format!("/organisations/{}", register.words("op")), hidden);
    register.hide("regions", "weg", &json!({ "kind": "rmc_region" }));
    register.delete(&format!("/regions/{}", register.words("weg")));
}
