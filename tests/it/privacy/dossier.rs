//! The dossier: all that is kept of one person, for whoever may change the person.

use serde_json::{Value, json};

use super::{erase, path, person};
use crate::builders::{create, patch, read, with};
use crate::given::{each, plain, put};
use crate::rights::Stage;
use crate::support::{Server, items, text};

#[track_caller]
fn dossier(server: &Server, person: &Value) -> Value {
    read(
        server,
        server.admin_key(),
        &format!("{}/dossier", path(person)),
    )
}

both! {
    fn a_dossier_has_every_contact_every_version_and_every_place(server: &Server) {
        let key = server.admin_key();
        plain(server, "bureau");
        let contact = |value: &str, more: &Value| with(json!({ "kind": "email", "value": value }), more);
        let lapsed = json!({ "validUntil": "2001-01-01" });
        let contacts = json!([
            contact("open@mens.example", &json!({ "visibility": "public" })),
            contact("dicht@mens.example", &json!({})),
            contact("oud@mens.example", &lapsed),
        ]);
        let smit = person(server, "Smit", &json!({
            "contacts": contacts, "roles": [{ "organisation": "bureau", "title": "Lid", "kind": "member", "contacts": contacts }],
        }));
        let body = json!({ "name": "Samen", "kind": "project", "participants": [
            { "organisation": "bureau", "role": "signatory", "representedBy": "smit" },
            { "person": "smit", "role": "lead" },
        ] });
        create(server, key, "/projects", &body);
        patch(server, key, &path(&smit), &json!({ "summary": "Nieuw." }));
        let told = dossier(server, &smit);
        let all = ["open@mens.example", "dicht@mens.example", "oud@mens.example"];
        let values = |contacts: &Value| each(&json!({ "items": contacts }), "value");
        assert_eq!(values(&told["person"]["contacts"]), all);
        assert_eq!(values(&told["person"]["roles"][0]["contacts"]), all);
        assert_eq!(told["person"]["summary"], "Nieuw.");
        let versions = told["versions"].as_array().expect("versions");
        let lines: Vec<Value> = versions.iter().map(|line| json!([line["version"], line["op"], line["document"]["summary"]])).collect();
        assert_eq!(lines, [json!([2, "updated", "Nieuw."]), json!([1, "created", null])]);
        for line in versions {
            assert_eq!(values(&line["document"]["contacts"]), all);
            assert!(text(line, "actor").starts_with("test-"), "{line}");
            assert!(text(line, "at").ends_with('Z'), "{line}");
        }
        let expected = json!([{
            "type": "project", "id": told["references"][0]["id"], "slug": "samen", "name": "Samen",
            "places": ["/participants/0/representedBy", "/participants/1/person"],
        }]);
        assert_eq!(told["references"], expected);
        let reply = server.get(&format!("{}/dossier", path(&smit))).key(key).send().expect(200);
        assert_eq!(reply.header("cache-control"), Some("private, no-store"));
        assert_eq!(reply.header("etag"), None);

        let left = erase(server, &smit);
        let told = dossier(server, &smit);
        assert_eq!(told["person"], left);
        let erased = told["versions"].as_array().expect("versions").iter().all(|line| line["document"]["isErased"] == true);
        assert!(erased, "{told}");
    }

    fn an_editor_is_told_only_what_it_may_know(server: &Server) {
        let stage = Stage::new(server);
        let key = server.admin_key();
        put(server, "/organisations/geheim", &json!({ "name": "Geheim", "kind": "other", "visibility": "restricted" }));
        let own = create(server, stage.own(), "/people", &json!({
            "name": { "family": "Eigen" }, "contacts": [{ "kind": "email", "value": "eigen@mens.example" }],
            "roles": [{ "area": "Hier", "title": "Lid", "kind": "member" }],
        }));
        let id = text(&own, "id");
        let roles = json!([
            { "organisation": "geheim", "title": "Stil", "kind": "member" },
            { "area": "Hier", "title": "Lid", "kind": "member" },
        ]);
        patch(server, key, &path(&own), &json!({ "roles": roles }));
        for (name, visibility) in [("Open", "public"), ("Dicht", "restricted")] {
            let participants = json!([
                { "organisation": "geheim", "role": "lead" },
                { "person": id, "role": "lead" },
                { "organisation": "geheim", "role": "partner", "representedBy": id },
            ]);
            let body = json!({ "name": name, "kind": "project", "visibility": visibility, "participants": participants });
            create(server, key, "/projects", &body);
        }
        let ask = |key: &str| server.get(&format!("{}/dossier", path(&own))).key(key).send();
        let all = ask(key).expect(200).json();
        assert_eq!(all["references"].as_array().map(Vec::len), Some(2));
        let reply = ask(stage.own()).expect(200);
        let told = reply.json();
        assert_eq!(each(&json!({ "items": told["references"] }), "slug"), ["open"]);
        assert_eq!(told["references"][0]["places"], json!(["/participants/0/person"]), "as the editor sees it");
        assert_eq!(told["person"]["contacts"][0]["value"], "eigen@mens.example");
        assert_eq!(told["person"]["roles"].as_array().map(Vec::len), Some(1));
        let text = reply.text();
        assert!(!text.contains("Geheim") && !text.contains("Stil") && !text.contains("Dicht"), "{text}");
        ask(stage.stranger()).problem(404, "not-found");
        server.get("/people/niemand/dossier").key(key).send().problem(404, "not-found");
        let open = person(server, "Open", &json!({}));
        server.get(&format!("{}/dossier", path(&open))).key(stage.stranger()).send().problem(403, "forbidden");
        server.delete(&path(&open)).key(key).send().expect(204);
        server.get(&format!("{}/dossier", path(&open))).key(key).send().problem(410, "gone");
        assert_eq!(items(&read(server, key, "/people")).len(), 1);
    }
}
