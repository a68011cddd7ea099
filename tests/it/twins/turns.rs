//! The second half of the script: what turns from public to restricted or back, contacts that do so,
//! and more that is hidden than fits into one part of the log.

use serde_json::{Value, json};

use super::register::{Register, Secret};
use crate::builders::{least, with};

/// Goes on where the script is. `hidden` is an organisation that others refer to.
pub(super) fn live(register: &mut Register<'_>, hidden: &str) {
    changes_of_mind(register, hidden);
    back_and_forth(register);
    contacts(register);
    if register.secret == Secret::Other {
        more(register);
    }
}

/// What becomes restricted, or public, or both.
fn changes_of_mind(register: &mut Register<'_>, hidden: &str) {
    let public = |name: &str| json!({ "name": name, "kind": "other", "summary": "Shown once." });
    for (collection, label) in [
        ("organisations", "withdrawn"),
        ("organisations", "partner"),
        ("regions", "drawn"),
    ] {
        register.share(collection, label, &public(label));
    }
    let shown = json!({ "networks": [{ "organisation": "partner", "status": "active" }] });
    register.patch("/regions/zuid", &shown);
    for (collection, label) in [
        ("organisations", "withdrawn"),
        ("organisations", "partner"),
        ("regions", "drawn"),
    ] {
        register.restrict(&format!("/{collection}/{label}"));
        if register.has_secrets() {
            let summary = json!({ "summary": register.words("later") });
            register.patch(&format!("/{collection}/{label}"), &summary);
        }
    }
    if register.has_secrets() {
        let slug = register.words("nieuwe-naam");
        register.rename("organisations", "withdrawn", &slug);
    }
    // From here on they are public in the end, so they have as many versions everywhere.
    for (collection, label) in [
        ("organisations", "dossier"),
        ("regions", "map"),
        ("organisations", "paused"),
    ] {
        let visibility = if label == "paused" {
            "public"
        } else {
            "restricted"
        };
        let name = if label == "paused" {
            "Paused".to_owned()
        } else {
            register.words(label)
        };
        let body = json!({ "name": name, "kind": "other", "visibility": visibility });
        register.share(collection, label, &body);
        let path = format!("/{collection}/{label}");
        if label == "paused" {
            let summary = register.words("besluit");
            register.patch(
                &path,
                &json!({ "visibility": "restricted", "summary": summary }),
            );
        }
        let contacts = register.contacts(json!([{ "kind": "email", "value": "post@open.example", "label": register.words("etiket") }]));
        register.patch(&path, &json!({
            "name": register.words("tussenin"), "description": register.words("tekst"), "contacts": contacts,
            "steward": if register.has_secrets() { json!(hidden) } else { Value::Null },
        }));
        let open = json!({ "kind": "email", "value": "post@open.example", "visibility": "public" });
        register.patch(&path, &json!({
            "name": label, "description": null, "summary": null, "contacts": [open], "steward": null, "visibility": "public",
        }));
    }
    let path = "/organisations/plan";
    register.patch(
        path,
        &json!({ "summary": null, "description": register.words("tekst") }),
    );
    register.patch(
        path,
        &json!({ "description": null, "visibility": "public" }),
    );
}

/// What is restricted under a new slug, becomes public and is restricted again: the ends that are
/// told of it tell neither the slug nor how many versions there were.
fn back_and_forth(register: &mut Register<'_>) {
    for (collection, label) in [("projects", "wankel"), ("people", "weifelaar")] {
        let id = register.share(collection, label, &least(collection, label));
        let path = format!("/{collection}/{id}");
        let slug = register.words("onder-een-andere-slug");
        register.patch(&path, &json!({ "visibility": "restricted", "slug": slug }));
        if register.has_secrets() {
            register.note(collection, &[&slug]);
            register.patch(&path, &json!({ "summary": register.words("tijdelijk") }));
        }
        let open = json!({ "visibility": "public", "slug": label, "summary": null });
        register.patch(&path, &open);
        register.restrict(&path);
    }
}

/// Contacts that come, change and go in former versions.
fn contacts(register: &mut Register<'_>) {
    let open = json!({ "kind": "phone", "value": "0525 000001", "isFunctional": true });
    let last = json!({ "kind": "email", "value": "last@elburg.example", "visibility": "public" });
    // One is public at first and restricted since, so that former versions hide it too; another is
    // restricted at first, under another label.
    let first = json!({ "kind": "email", "value": register.mail("eerst"), "visibility": "public" });
    let label = json!({ "visibility": "restricted", "label": register.words("label") });
    let steps = [
        (
            json!([open]),
            [first.clone(), with(last.clone(), &label)].to_vec(),
        ),
        (json!([open, last]), [with(first.clone(), &label)].to_vec()),
        (json!([last]), [with(first, &label)].to_vec()),
    ];
    for (nth, (shown, hidden)) in steps.into_iter().enumerate() {
        let mut contacts = register.contacts(shown);
        if let Some(list) = contacts.as_array_mut().filter(|_| register.has_secrets()) {
            list.splice(0..0, hidden);
        }
        let body = json!({ "contacts": contacts, "summary": format!("Step {nth}.") });
        register.patch("/organisations/elburg", &body);
    }
}

/// More documents and more lines than one part of the log, which holds a hundred.
fn more(register: &mut Register<'_>) {
    let above = register.hide(
        "organisations",
        "koepel",
        &json!({ "kind": "school_board" }),
    );
    for nth in 0..12 {
        let parents = json!([{ "organisation": above, "kind": "part_of" }, { "organisation": "zeeluwe", "kind": "part_of" }]);
        let body = json!({ "kind": "school", "sectors": ["so"], "parents": parents });
        register.hide("organisations", &format!("school-{nth}"), &body);
    }
    // Each of them shows the name.
    for nth in 0..10 {
        let name = json!({ "name": format!("{} {nth}", register.words("koepel")) });
        register.patch(&format!("/organisations/{above}"), &name);
    }
}
