//! The part of the script with themes and projects: hidden ones between, above and below public
//! ones, and public ones whose rows name what is hidden.

use serde_json::{Value, json};

use super::register::{Register, Secret};
use crate::builders::with;

/// Writes the themes and the projects. `hidden` is an organisation, as in the script.
pub(super) fn live(register: &mut Register<'_>, hidden: &str) {
    themes(register);
    let project = hidden_project(register);
    pact(register, hidden, &project);
    by_hidden_rows_alone(register, hidden);
    own(register, hidden);
    endings(register, hidden);
    changes_of_mind(register, hidden);
}

/// A public theme above a hidden one above a public one, and a hidden one without anything below.
fn themes(register: &mut Register<'_>) {
    let zorg = json!({ "label": "Zorg", "definition": "Alles.", "alternativeLabels": ["Hulp"] });
    register.share("themes", "zorg", &zorg);
    let mut above = Value::Null;
    if register.has_secrets() {
        let tussen = json!({
            "broader": "zorg", "definition": register.words("betekenis"), "steward": "elburg",
            "alternativeLabels": [register.words("ook-wel")], "verifiedOn": "2020-02-02",
            "identifiers": [{ "scheme": "own", "value": register.words("thema") }],
        });
        above = json!(register.hide("themes", "tussen", &tussen));
        let code = format!("own:{}", register.words("thema"));
        register.note("themes", &[&code]);
        // The label of a public one, so that it sorts beside that.
        register.hide(
            "themes",
            "spel",
            &json!({ "label": "Spel", "broader": "zorg" }),
        );
    }
    let thuis =
        json!({ "label": "Thuis", "broader": above, "exactMatch": ["https://thema.example/1"] });
    register.share("themes", "thuis", &thuis);
    register.share(
        "themes",
        "spel",
        &json!({ "label": "Spel", "broader": "zorg" }),
    );
    register.share(
        "themes",
        "bal",
        &json!({ "label": "Bal", "broader": "spel" }),
    );
}

/// A hidden project that each filter and each dimension would find. Gives its slug.
fn hidden_project(register: &mut Register<'_>) -> String {
    let slug = register.words("project");
    if register.has_secrets() {
        let body = json!({
            "kind": "pilot", "status": "active", "summary": register.words("samenvatting"),
            "objective": { "text": register.words("doel"), "isQuote": true }, "minimumAge": 4, "maximumAge": 12,
            "start": "2013", "end": "2015", "steward": "elburg", "verifiedOn": "2020-02-02",
            "identifiers": [{ "scheme": "own", "value": register.words("project") }],
            "regions": ["noord"], "municipalities": ["elburg"], "themes": ["spel", "thuis"],
            "contacts": [{ "kind": "email", "value": register.mail("project"), "isFunctional": true }],
            "participants": [{ "organisation": "elburg", "role": "lead" }, { "partyClass": "verenigingen", "role": "partner" }],
            "focusPoints": [{ "kind": "goal", "title": register.words("punt") }],
            "milestones": [{ "kind": "evaluation", "title": register.words("moment"), "planned": "2014-23" }],
            "funding": [{ "funders": ["zeeluwe"], "recipient": "elburg", "instrument": "subsidy", "note": register.words("geld") }],
        });
        register.hide("projects", "project", &body);
        let code = format!("own:{slug}");
        register.note("projects", &[&code]);
    }
    slug
}

/// A public project that names hidden documents beside public ones; one of them is renamed while
/// it shows it, another becomes restricted.
fn pact(register: &mut Register<'_>, hidden: &str, project: &str) {
    let other = json!({ "name": "Gestaakt", "kind": "project", "themes": ["bal"] });
    register.share("projects", "gestaakt", &other);
    let area = register.words("gebied");
    let mut signs =
        json!({ "organisation": "zeeluwe", "role": "signatory", "signed": "2019-12-12" });
    let mut named = Vec::new();
    if register.has_secrets() {
        let mens = register.hide(
            "people",
            "tekenaar",
            &json!({ "publicationBasis": "function" }),
        );
        // Who signed for it is not told, that it signed is.
        signs["representedBy"] = json!(mens);
        named = vec![mens];
    }
    let unseen: Vec<Value> = named
        .iter()
        .map(|person| json!({ "person": person, "role": "evaluator" }))
        .chain([json!({ "organisation": hidden, "role": "executor", "roleDescription": register.words("rol") })])
        .collect();
    let body = json!({
        "name": "Pact", "kind": "declaration", "status": "active", "start": "2012", "end": "2014",
        "minimumAge": 2, "maximumAge": 23, "summary": "Samen.",
        "regions": register.rows(json!(["noord"]), &[json!(area)]),
        "municipalities": register.rows(json!(["elburg"]), &[json!(hidden)]),
        "themes": register.rows(json!(["spel", "thuis"]), &[json!(register.words("tussen"))]),
        "related": register.rows(json!([{ "project": "gestaakt", "kind": "part_of" }]), &[json!({ "project": project, "kind": "implements" })]),
        "participants": register.rows(json!([{ "organisation": "elburg", "role": "lead" }, signs]), &unseen),
        "focusPoints": [{ "kind": "goal", "title": "Thuis leren" }],
        "milestones": [{ "kind": "signing", "title": "Tekenen", "planned": "2012", "focusPoint": "Thuis leren" }],
        "funding": register.rows(
            json!([{ "funders": ["zeeluwe"], "recipient": "elburg", "instrument": "subsidy" }]),
            // What a hidden organisation gives with others would be told as theirs alone.
            &[json!({ "funders": ["zeeluwe", hidden], "recipient": "elburg", "instrument": "subsidy" }), json!({ "funders": ["elburg"], "recipient": { "type": "region", "id": area }, "instrument": "other", "note": register.words("geld") })],
        ),
    });
    register.share("projects", "pact", &body);
    for step in ["andere-tekenaar", "nog-een-tekenaar"] {
        if let Some(id) = named.first() {
            let slug = register.words(step);
            register.rename("people", id, &slug);
        } else {
            register.touch("/projects/pact");
        }
    }
    register.restrict("/projects/gestaakt");
    if register.has_secrets() {
        let later = register.words("gestaakt-later");
        register.rename("projects", "gestaakt", &later);
    } else {
        register.touch("/projects/pact");
    }
    contacts(register);
}

/// Contacts of a public project, restricted and public ones that turn.
fn contacts(register: &Register<'_>) {
    let open =
        json!({ "kind": "email", "value": register.mail("ooit-open"), "visibility": "public" });
    let steps = [
        vec![open.clone()],
        vec![with(open, &json!({ "visibility": "restricted" }))],
    ];
    for (nth, hidden) in steps.into_iter().enumerate() {
        let shown =
            json!([{ "kind": "url", "value": "https://pact.example/", "isFunctional": true }]);
        let mut contacts = register.contacts(shown);
        if let Some(list) = contacts.as_array_mut().filter(|_| register.has_secrets()) {
            list.extend(hidden);
        }
        let body = json!({ "contacts": contacts, "ambition": format!("Step {nth}.") });
        register.patch("/projects/pact", &body);
    }
}

/// Public projects that only by hidden rows belong to something, so that whatever is found or
/// counted by one of these rows tells of it.
fn by_hidden_rows_alone(register: &mut Register<'_>, hidden: &str) {
    let area = register.words("gebied");
    let person = register.words("nog-een-tekenaar");
    let give = |funders: Value, recipient: Value| json!({ "funders": funders, "recipient": recipient, "instrument": "own_budget", "note": register.words("geld") });
    let funding = [
        // The giver is public, who gets it is not; and the other way about.
        give(json!(["putten"]), json!(hidden)),
        give(
            json!(["board"]),
            json!({ "type": "region", "id": area.clone() }),
        ),
        give(json!([hidden]), json!("zeeluwe")),
        give(json!([hidden, hidden]), Value::Null),
    ];
    let participants = [
        json!({ "organisation": hidden, "role": "initiator" }),
        json!({ "person": person, "role": "evaluator" }),
    ];
    for (label, regions, municipalities, themes) in [
        ("stil", vec![area], vec![], register.words("tussen")),
        (
            "still",
            vec![],
            vec![hidden.to_owned()],
            register.words("spel"),
        ),
    ] {
        let rows = |names: Vec<String>| {
            let names: Vec<Value> = names.into_iter().map(Value::from).collect();
            register.rows(json!([]), &names)
        };
        let body = json!({
            "name": label, "kind": "project", "summary": "Niets te zien.",
            "regions": rows(regions), "municipalities": rows(municipalities), "themes": rows(vec![themes]),
            "participants": register.rows(json!([]), &participants),
            "funding": register.rows(json!([]), &funding),
        });
        register.share("projects", label, &body);
    }
    // What hangs below a hidden theme is not known to hang there.
    register.share(
        "projects",
        "binnen",
        &json!({ "name": "Binnen", "kind": "agenda", "themes": ["thuis"], "start": "2013-05", "end": "2013-06",
            "municipalities": ["elburg", "putten"], "participants": [{ "partyClass": "ouders", "role": "endorser" }],
            "funding": [{ "funders": ["keeper"], "recipient": { "type": "region", "id": "zuid" }, "instrument": "other" }] }),
    );
    register.share(
        "projects",
        "buiten",
        &json!({ "name": "Buiten", "kind": "programme", "regions": ["noord"], "start": "2011/..", "status": "planned" }),
    );
}

/// What an editor looks after names what is hidden from that editor too.
fn own(register: &mut Register<'_>, hidden: &str) {
    let person = register.words("nog-een-tekenaar");
    let unseen = [
        json!({ "organisation": hidden, "role": "lead" }),
        json!({ "person": person, "role": "other" }),
    ];
    let body = json!({
        "name": "Eigenplan", "kind": "pilot", "steward": "keeper", "visibility": "restricted",
        "regions": register.rows(json!(["zuid"]), &[json!(register.words("gebied"))]),
        "municipalities": register.rows(json!(["putten"]), &[json!(hidden)]),
        "themes": register.rows(json!([]), &[json!(register.words("tussen"))]),
        "participants": register.rows(json!([{ "organisation": "keeper", "role": "lead" }]), &unseen),
        "contacts": [{ "kind": "email", "value": "mens@eigen.example" }],
    });
    register.share("projects", "eigenplan", &body);
    let body = json!({ "label": "Eigenthema", "steward": "keeper", "visibility": "restricted",
        "broader": if register.has_secrets() { json!(register.words("tussen")) } else { Value::Null } });
    register.share("themes", "eigenthema", &body);
}

/// What is renamed and deleted.
fn endings(register: &mut Register<'_>, hidden: &str) {
    let project = json!({ "name": "Voorbij", "kind": "project", "themes": ["zorg"] });
    register.share("projects", "voorbij", &project);
    register.share("themes", "oudthema", &json!({ "label": "Oud thema" }));
    register.patch(
        "/projects/voorbij",
        &json!({ "slug": "voorgoed", "name": "Voorgoed" }),
    );
    register.patch(
        "/themes/bal",
        &json!({ "slug": "voetbal", "label": "Voetbal" }),
    );
    register.delete("/projects/voorgoed");
    register.delete("/themes/oudthema");
    if register.has_secrets() {
        let body = json!({ "kind": "pilot", "steward": hidden, "regions": ["noord"] });
        register.hide("projects", "weg", &body);
        register.delete(&format!("/projects/{}", register.words("weg")));
        register.hide("themes", "weg", &json!({ "broader": "zorg" }));
        register.delete(&format!("/themes/{}", register.words("weg")));
    }
    if register.secret == Secret::Other {
        for nth in 0..8 {
            let body = json!({ "kind": "pilot", "status": "active", "regions": ["noord"], "themes": ["bal"] });
            register.hide("projects", &format!("nog-een-{nth}"), &body);
        }
    }
}

/// What becomes restricted or public, or both.
fn changes_of_mind(register: &mut Register<'_>, hidden: &str) {
    register.share("themes", "schuw", &json!({ "label": "Schuw" }));
    register.patch("/themes/voetbal", &json!({ "broader": "schuw" }));
    register.restrict("/themes/schuw");
    if register.has_secrets() {
        let definition = json!({ "definition": register.words("later") });
        register.patch("/themes/schuw", &definition);
    }
    let tentative = json!({ "label": register.words("thema-nog-dicht"), "visibility": "restricted", "definition": register.words("tekst") });
    register.share("themes", "terug", &tentative);
    let shown = json!({ "label": "Terug", "definition": null, "visibility": "public" });
    register.patch("/themes/terug", &shown);
    for (label, visibility) in [("heropend", "public"), ("geopend", "restricted")] {
        let name = match visibility {
            "public" => label.to_owned(),
            _ => register.words(label),
        };
        let body = json!({ "name": name, "kind": "project", "visibility": visibility, "regions": ["noord"] });
        register.share("projects", label, &body);
        let path = format!("/projects/{label}");
        if visibility == "public" {
            register.restrict(&path);
        }
        let contacts = register.contacts(json!([]));
        register.patch(&path, &json!({
            "name": register.words("tussenin"), "motivation": register.words("tekst"), "contacts": contacts,
            "participants": register.rows(json!([]), &[json!({ "organisation": hidden, "role": "lead" })]),
            "themes": register.rows(json!([]), &[json!(register.words("tussen"))]),
        }));
        register.patch(&path, &json!({
            "name": label, "motivation": null, "contacts": [], "participants": [], "themes": [], "visibility": "public",
        }));
    }
}
