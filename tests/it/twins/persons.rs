//! The part of the script with people: hidden ones in public organisations, regions and projects,
//! and public ones with roles and contacts that are hidden.

use serde_json::{Value, json};

use super::register::{Register, Secret};
use crate::builders::with;

/// Writes the people. `hidden` is an organisation, as in the script.
pub(super) fn live(register: &mut Register<'_>, hidden: &str) {
    hidden_people(register, hidden);
    jan(register, hidden);
    by_hidden_rows_alone(register, hidden);
    contacts(register, hidden);
    endings(register, hidden);
    changes_of_mind(register, hidden);
}

fn role(title: &str, kind: &str, members: &Value) -> Value {
    with(json!({ "title": title, "kind": kind }), members)
}

/// People whom each filter, each view and each dimension would find.
fn hidden_people(register: &mut Register<'_>, hidden: &str) {
    if !register.has_secrets() {
        return;
    }
    let title = register.words("functie");
    let reach = json!([{ "kind": "phone", "value": "0525 000009", "label": register.words("telefoon"), "visibility": "public" }]);
    let body = json!({
        "publicationBasis": "consent", "summary": register.words("samenvatting"), "steward": "elburg",
        "retainUntil": "2998-01-01", "verifiedOn": "2020-02-02",
        "identifiers": [{ "scheme": "own", "value": register.words("mens") }],
        "contacts": [{ "kind": "email", "value": register.mail("mens"), "visibility": "public" }],
        "roles": [
            role(&title, "alderman", &json!({ "organisation": "elburg", "isContact": true, "contacts": reach })),
            role(&title, "chair", &json!({ "region": "noord", "topic": "openbaar" })),
            role(&title, "lead", &json!({ "project": "pact", "organisation": "zeeluwe", "status": "ended", "end": "2014" })),
        ],
    });
    register.hide("people", "mens", &body);
    let code = format!("own:{}", register.words("mens"));
    register.note("people", &[&code]);
    // The name of a public one, so that it sorts beside that; and one without a basis.
    let name = json!({ "given": "Jan", "prefix": "de", "family": "Vries" });
    let roles = json!([role(
        &title,
        "contact",
        &json!({ "organisation": "board", "region": "zuid" })
    )]);
    register.hide("people", "jan", &json!({ "name": name, "roles": roles }));
    register.hide(
        "people",
        "bij",
        &json!({ "roles": [role(&title, "member", &json!({ "organisation": hidden }))] }),
    );
}

/// Roles that name what is hidden, alone or beside what is public, each of another kind or about
/// another topic than those that are shown.
fn unseen(register: &Register<'_>, hidden: &str) -> Vec<Value> {
    let area = register.words("gebied");
    let project = register.words("project");
    // A hidden partner of a public region.
    let partner = register.words("nog-een-naam");
    let title = register.words("rol");
    let reach = json!([{ "kind": "email", "value": register.mail("rol"), "visibility": "public" }]);
    [
        (
            "chair",
            json!({ "organisation": hidden, "contacts": reach }),
        ),
        (
            "practitioner",
            json!({ "organisation": partner, "isContact": true }),
        ),
        ("alderman", json!({ "region": area })),
        ("policy_officer", json!({ "project": project })),
        (
            "member",
            json!({ "organisation": "putten", "region": area, "status": "intended" }),
        ),
        (
            "member",
            json!({ "organisation": "zeeluwe", "project": project, "topic": "reformatorisch" }),
        ),
        (
            "member",
            json!({ "region": "zuid", "organisation": hidden }),
        ),
        ("member", json!({ "region": "noord", "project": project })),
        ("member", json!({ "project": "binnen", "region": area })),
        (
            "member",
            json!({ "project": "pact", "organisation": hidden }),
        ),
        (
            "member",
            json!({ "organisation": "board", "start": "2001", "end": "2002", "project": project }),
        ),
    ]
    .into_iter()
    .map(|(kind, members)| role(&title, kind, &members))
    .collect()
}

/// A public person who is shown in some places, and has hidden roles beside.
fn jan(register: &mut Register<'_>, hidden: &str) {
    let open = json!([{ "kind": "email", "value": "jan@elburg.example", "visibility": "public" }]);
    let roles = json!([
        role(
            "Contactpersoon",
            "contact",
            &json!({
                "organisation": "elburg", "isContact": true, "topic": "openbaar", "contacts": register.contacts(open.clone()),
            })
        ),
        role(
            "Trekker",
            "lead",
            &json!({ "project": "pact", "organisation": "elburg", "start": "2012", "end": "2013", "status": "ended" })
        ),
        role(
            "Coördinator",
            "coordinator",
            &json!({ "region": "noord", "contacts": register.contacts(json!([])) })
        ),
        role("Medewerker", "other", &json!({ "organisation": "zeeluwe" })),
    ]);
    let body = json!({
        "name": { "given": "Jan", "prefix": "de", "family": "Vries" }, "publicationBasis": "public_office",
        "contacts": register.contacts(open), "roles": register.rows(roles, &unseen(register, hidden)),
    });
    register.share("people", "jan", &body);
}

/// A job that is shown.
fn before() -> Value {
    let members = json!({ "area": "Flevoland", "status": "ended" });
    role("Jeugdbeschermer", "other", &members)
}

/// A public person of whom only a job without an employer is shown; and one who belongs to an
/// editor.
fn by_hidden_rows_alone(register: &mut Register<'_>, hidden: &str) {
    let roles = register.rows(json!([before()]), &unseen(register, hidden));
    let stille =
        json!({ "name": { "family": "Stille" }, "publicationBasis": "function", "roles": roles });
    register.share("people", "stille", &stille);
    let keeps = role(
        "Houder",
        "coordinator",
        &json!({ "organisation": "keeper" }),
    );
    let body = json!({
        "name": { "family": "Eigen" }, "steward": "keeper", "contacts": [{ "kind": "email", "value": "mens@eigen.example" }],
        "roles": register.rows(json!([keeps]), &unseen(register, hidden)),
    });
    register.share("people", "eigenmens", &body);
    // Someone who takes part in a project as a person.
    let person = json!({ "person": "stille", "role": "intended_partner" });
    let signs = json!({ "organisation": "board", "role": "endorser", "representedBy": "stille" });
    register.patch(
        "/projects/buiten",
        &json!({ "participants": [person, signs] }),
    );
}

/// Contacts of a public person and of a public role, that come, change and go in former versions.
fn contacts(register: &Register<'_>, hidden: &str) {
    let open = json!({ "kind": "phone", "value": "0525 000002", "visibility": "public" });
    let first =
        json!({ "kind": "email", "value": register.mail("eerst-open"), "visibility": "public" });
    let shut = json!({ "visibility": "restricted", "label": register.words("etiket") });
    let steps = [
        vec![first.clone()],
        vec![with(first, &shut), with(open.clone(), &shut)],
        vec![],
    ];
    for (nth, closed) in steps.into_iter().enumerate() {
        let shown = if nth == 0 { json!([]) } else { json!([open]) };
        let mut contacts = register.contacts(shown);
        if let Some(list) = contacts.as_array_mut().filter(|_| register.has_secrets()) {
            list.splice(0..0, closed);
        }
        let works = role(
            "Hulp",
            "other",
            &json!({ "organisation": "keeper", "contacts": contacts }),
        );
        let roles = register.rows(json!([before(), works]), &unseen(register, hidden));
        let body =
            json!({ "contacts": contacts, "roles": roles, "summary": format!("Step {nth}.") });
        register.patch("/people/stille", &body);
    }
    let roles = register.rows(json!([before()]), &unseen(register, hidden));
    register.patch(
        "/people/stille",
        &json!({ "roles": roles, "summary": null }),
    );
}

/// What is renamed and deleted.
fn endings(register: &mut Register<'_>, hidden: &str) {
    for label in ["verhuisd", "vertrokken"] {
        let roles = json!([role(
            "Lid",
            "member",
            &json!({ "organisation": "board", "region": "zuid" })
        )]);
        let body = json!({ "name": { "family": label }, "publicationBasis": "consent", "roles": roles,
            "identifiers": [{ "scheme": "own", "value": label }] });
        register.share("people", label, &body);
    }
    let name = json!({ "slug": "getrouwd", "name": { "given": "Ans", "family": "Getrouwd" } });
    register.patch("/people/verhuisd", &name);
    register.delete("/people/vertrokken");
    if !register.has_secrets() {
        return;
    }
    // Under the names of a public one that is gone.
    let slug = register.words("opgevolgd");
    let body = json!({ "name": { "family": slug }, "identifiers": [{ "scheme": "own", "value": "vertrokken" }] });
    let id = register.put("/people/vertrokken", &body);
    register.rename("people", &id, &slug);
    register.note("people", &[&id]);
    let body = json!({ "steward": hidden, "roles": [role("Lid", "member", &json!({ "region": "noord" }))] });
    register.hide("people", "weg", &body);
    register.delete(&format!("/people/{}", register.words("weg")));
    if register.secret == Secret::Other {
        for nth in 0..8 {
            let title = register.words("lid");
            let body = json!({ "roles": [role(&title, "member", &json!({ "organisation": "elburg", "project": "pact" }))] });
            register.hide("people", &format!("nog-een-{nth}"), &body);
        }
    }
}

/// Who becomes restricted or public, or both.
fn changes_of_mind(register: &mut Register<'_>, hidden: &str) {
    let shown = json!([role(
        "Lid",
        "member",
        &json!({ "organisation": "elburg", "project": "pact" })
    )]);
    let body =
        json!({ "name": { "family": "Schuwer" }, "publicationBasis": "consent", "roles": shown });
    register.share("people", "schuwer", &body);
    let person = json!([{ "person": "schuwer", "role": "other" }]);
    register.patch("/projects/binnen", &json!({ "participants": person }));
    // Without a basis no one is public.
    register.patch("/people/schuwer", &json!({ "publicationBasis": "none" }));
    if register.has_secrets() {
        let summary = json!({ "summary": register.words("later") });
        register.patch("/people/schuwer", &summary);
        let slug = register.words("ondergedoken");
        register.rename("people", "schuwer", &slug);
    } else {
        register.touch("/projects/binnen");
    }
    for (label, visibility) in [("weerzien", "public"), ("kennismaking", "restricted")] {
        let name = match visibility {
            "public" => label.to_owned(),
            _ => register.words(label),
        };
        let body = json!({ "name": { "family": name }, "publicationBasis": "function", "visibility": visibility, "roles": shown });
        register.share("people", label, &body);
        let path = format!("/people/{label}");
        if visibility == "public" {
            register.restrict(&path);
        }
        let contacts = register.contacts(json!([]));
        register.patch(&path, &json!({
            "name": { "family": register.words("tussenin") }, "biography": register.words("tekst"), "contacts": contacts,
            "roles": register.rows(json!([]), &unseen(register, hidden)),
        }));
        register.patch(&path, &json!({
            "name": { "family": label }, "biography": null, "contacts": [], "roles": shown, "visibility": "public",
        }));
    }
}
