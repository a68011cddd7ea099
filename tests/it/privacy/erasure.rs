//! Erasing a person: the stub, who may, what refers to it, and what can be done with it after.

use serde_json::{Value, json};

use super::{erase, path, person, slug_of_stub};
use crate::builders::{create, log, logged, patch, read};
use crate::given::{plain, put};
use crate::rights::Stage;
use crate::support::{Server, assert_feed_equals_reads, items, text};

/// A project in which a person takes part, and for whom another signed.
#[track_caller]
fn project(server: &Server, name: &str, person: &Value) -> Value {
    let id = text(person, "id");
    let body = json!({ "name": name, "kind": "project", "participants": [
        { "person": id, "role": "lead" },
        { "organisation": "bureau", "role": "signatory", "representedBy": id },
    ] });
    create(server, server.admin_key(), "/projects", &body)
}

both! {
    fn what_is_left_of_an_erased_person_says_nothing_and_keeps_references_whole(server: &Server) {
        let key = server.admin_key();
        plain(server, "bureau");
        let smit = person(server, "Smit", &json!({
            "summary": "Iemand.", "biography": "Meer.", "retainUntil": "2999-01-01", "verifiedOn": "2026-01-01",
            "identifiers": [{ "scheme": "own", "value": "7" }], "sources": [{ "title": "Bericht" }], "steward": "bureau",
            "contacts": [{ "kind": "email", "value": "smit@mens.example", "visibility": "public" }],
            "roles": [{ "organisation": "bureau", "title": "Lid", "kind": "member" }],
        }));
        patch(server, key, &path(&smit), &json!({ "slug": "rico" }));
        let project = project(server, "Samen", &smit);
        let place = format!("/projects/{}", text(&project, "id"));
        let lines = logged(server, key, || {
            let left = erase(server, &smit);
            let now = read(server, key, &path(&smit));
            assert_eq!(left, now);
            let slug = slug_of_stub(&smit);
            for (member, expected) in [
                ("id", smit["id"].clone()), ("slug", json!(slug)), ("displayName", json!("Gewiste persoon")),
                ("sortName", json!("Gewiste persoon")), ("isErased", json!(true)), ("visibility", json!("public")),
                ("publicationBasis", json!("none")), ("steward", smit["steward"].clone()), ("version", json!(3)),
                ("name", json!({ "given": null, "prefix": null, "family": "Gewiste persoon", "honorific": null })),
                ("createdAt", smit["createdAt"].clone()),
            ] {
                assert_eq!(now[member], expected, "{member}");
            }
            for empty in ["summary", "biography", "retainUntil", "verifiedOn"] {
                assert!(now[empty].is_null(), "{empty}");
            }
            for empty in ["identifiers", "sources", "contacts", "roles"] {
                assert_eq!(now[empty], json!([]), "{empty}");
            }
            let shown = json!({ "id": smit["id"], "slug": slug, "name": "Gewiste persoon" });
            let after = read(server, key, &place);
            assert_eq!(after["version"], 2);
            assert_eq!(after["participants"][0]["person"], shown);
            assert_eq!(after["participants"][1]["representedBy"], shown);
            let before = read(server, key, &format!("{place}/versions/1"));
            assert_eq!(before["participants"][0]["person"], shown, "a former version too");
        });
        let told: Vec<String> = lines.iter().map(|line| format!("{} {}", text(line, "op"), text(line, "type"))).collect();
        assert_eq!(told, ["erased person", "updated project"]);
        assert_eq!(lines[0]["changeset"], lines[1]["changeset"]);

        for version in 1..=3 {
            let then = read(server, key, &format!("{}/versions/{version}", path(&smit)));
            assert_eq!(then["version"], version);
            assert_eq!(then["displayName"], "Gewiste persoon");
            assert_eq!(then["roles"], json!([]));
        }
        for gone in ["/people/smit", "/people/rico", "/people/own:7"] {
            server.get(gone).key(key).send().problem(404, "not-found");
        }
        let anyone = server.get("/organisations/bureau/people").send().expect(200).json();
        assert_eq!(anyone["items"], json!([]));
        let slugs: Vec<Value> = log(server, key).iter().filter(|line| line["type"] == "person").map(|line| line["slug"].clone()).collect();
        assert_eq!(slugs, vec![json!(slug_of_stub(&smit)); 3]);
        assert_feed_equals_reads(server, key);
    }

    fn an_erased_person_does_not_change_any_more_but_can_be_deleted(server: &Server) {
        let key = server.admin_key();
        plain(server, "bureau");
        let smit = person(server, "Smit", &json!({}));
        let project = project(server, "Samen", &smit);
        let left = erase(server, &smit);
        let body = json!({ "name": { "family": "Smit" }, "publicationBasis": "function" });
        server.put(&path(&smit)).key(key).json(&body).send().problem(409, "conflict");
        server.patch(&path(&smit)).key(key).json(&json!({ "summary": "x" })).send().problem(409, "conflict");
        server.delete(&path(&smit)).key(key).send().problem(409, "in-use");
        let again = logged(server, key, || assert_eq!(erase(server, &smit), left, "nothing is left to erase"));
        assert_eq!(again, Vec::<Value>::new());
        server.delete(&format!("/projects/{}", text(&project, "id"))).key(key).send().expect(204);
        server.delete(&path(&smit)).key(key).send().expect(204);
        server.get(&path(&smit)).key(key).send().problem(410, "gone");
        assert_feed_equals_reads(server, key);
    }

    fn a_stub_survives_that_its_steward_is_merged_into_another(server: &Server) {
        let key = server.admin_key();
        plain(server, "oud");
        plain(server, "nieuw");
        let smit = person(server, "Smit", &json!({ "steward": "oud" }));
        erase(server, &smit);
        server.post("/organisations/oud/merge").key(key).json(&json!({ "into": "nieuw" })).send().expect(200);
        let left = server.get(&path(&smit)).send().expect(200).json();
        assert_eq!(left["steward"]["slug"], "nieuw");
        assert_eq!((&left["isErased"], &left["visibility"]), (&json!(true), &json!("public")));
    }

    fn only_who_may_change_a_person_may_erase_it_and_only_the_version_that_is_meant(server: &Server) {
        let stage = Stage::new(server);
        let open = person(server, "Open", &json!({}));
        let hidden = person(server, "Verborgen", &json!({ "visibility": "restricted" }));
        let ask = |key: &str, person: &Value| server.post(&format!("{}/erasure", path(person))).key(key).send();
        ask(stage.stranger(), &open).problem(403, "forbidden");
        ask(stage.stranger(), &hidden).problem(404, "not-found");
        server.post(&format!("{}/erasure", path(&open))).send().problem(401, "key-required");
        let key = server.admin_key();
        let other_version = server.post(&format!("{}/erasure", path(&open))).key(key).header("if-match", "\"7-x\"").send();
        assert_eq!(other_version.problem(412, "precondition-failed")["currentVersion"], 1);
        let tag = server.get(&path(&open)).key(key).send().expect(200);
        let tag = tag.header("etag").expect("a tag").to_owned();
        let done = server.post(&format!("{}/erasure", path(&open))).key(key).header("if-match", &tag).send();
        assert_eq!(done.expect(200).json()["isErased"], true);
        server.post("/people/niemand/erasure").key(key).send().problem(404, "not-found");
        let own = create(server, stage.own(), "/people", &json!({ "name": { "family": "Eigen" } }));
        let left = ask(stage.own(), &own).expect(200).json();
        assert_eq!((&left["isErased"], &left["visibility"]), (&json!(true), &json!("restricted")));
        server.get(&path(&own)).send().problem(404, "not-found");
    }

    fn an_answer_that_is_given_again_does_not_bring_a_person_back(server: &Server) {
        let key = server.admin_key();
        plain(server, "bureau");
        let body = json!({ "name": { "family": "Zwaluwstaart" }, "publicationBasis": "function" });
        let post = || server.post("/people").key(key).header("idempotency-key", "een").json(&body).send().expect(201);
        let smit = post().json();
        let participants = json!([{ "person": smit["id"], "role": "lead" }]);
        let project = json!({ "name": "Samen", "kind": "project", "participants": participants });
        let post_project = || server.post("/projects").key(key).header("idempotency-key", "twee").json(&project).send().expect(201);
        assert_eq!(post_project().json()["participants"][0]["person"]["name"], "Zwaluwstaart");
        erase(server, &smit);
        let again = post();
        assert_eq!(again.json()["displayName"], "Gewiste persoon");
        assert_eq!(again.json()["version"], 1);
        let location = again.header("location").expect("a place").to_owned();
        assert!(location.ends_with(&format!("/api/v1/people/{}", slug_of_stub(&smit))), "{location}");
        assert_eq!(server.get(&location).send().expect(200).json()["id"], smit["id"]);
        let again = post_project();
        assert_eq!(again.json()["participants"][0]["person"]["name"], "Gewiste persoon");
        assert!(again.header("location").is_some_and(|place| place.ends_with("/projects/samen")));
        assert_eq!(items(&read(server, key, "/people")).len(), 1, "no one came back");
    }

    fn what_a_deleted_person_said_is_gone_and_its_names_can_be_erased_after(server: &Server) {
        let key = server.admin_key();
        let stage = Stage::new(server);
        let body = json!({ "name": { "family": "Zwaluwstaart" }, "publicationBasis": "function", "biography": "Vogelaar" });
        let smit = server.post("/people").key(key).header("idempotency-key", "een").json(&body).send().expect(201).json();
        patch(server, key, &path(&smit), &json!({ "slug": "vogel", "identifiers": [{ "scheme": "own", "value": "vogel-7" }] }));
        server.delete(&path(&smit)).key(key).send().expect(204);
        let feed = read(server, key, "/changes?include=document");
        let documents: Vec<&Value> = items(&feed).iter().map(|line| &line["document"]).filter(|one| one["id"] == smit["id"]).collect();
        assert_eq!(documents.len(), 2);
        assert!(documents.iter().all(|one| one["displayName"] == "Gewiste persoon" && one["biography"].is_null()));
        let replay = server.post("/people").key(key).header("idempotency-key", "een").json(&body).send().expect(201);
        assert_eq!(replay.json()["displayName"], "Gewiste persoon");
        for place in [path(&smit), "/people/vogel".into(), "/people/own:vogel-7".into()] {
            server.get(&place).key(key).send().problem(410, "gone");
        }
        server.post("/people/vogel/erasure").key(stage.stranger()).send().problem(403, "forbidden");
        let lines = logged(server, key, || {
            let done = server.post("/people/vogel/erasure").key(key).send().expect(204);
            assert!(done.body.is_empty());
            let again = server.post(&format!("{}/erasure", path(&smit))).key(key).send().expect(204);
            assert!(again.body.is_empty(), "nothing new");
        });
        assert_eq!(lines.len(), 1);
        assert_eq!((&lines[0]["op"], &lines[0]["slug"]), (&json!("erased"), &json!(slug_of_stub(&smit))));
        for place in ["/people/vogel", "/people/zwaluwstaart", "/people/own:vogel-7"] {
            server.get(place).key(key).send().problem(404, "not-found");
        }
        server.get(&path(&smit)).key(key).send().problem(410, "gone");
        let told = read(server, key, "/changes?include=document").to_string().to_lowercase();
        assert!(!told.contains("zwaluw") && !told.contains("vogel"), "{told}");
        assert_feed_equals_reads(server, key);
    }

    fn an_editor_sees_the_same_stub_in_every_view(server: &Server) {
        plain(server, "bureau");
        let smit = person(server, "Smit", &json!({}));
        project(server, "Samen", &smit);
        put(server, "/regions/noord", &json!({ "name": "Noord", "kind": "other" }));
        erase(server, &smit);
        let list = server.get("/people").send().expect(200).json();
        assert_eq!(list["items"][0]["displayName"], "Gewiste persoon");
        let csv = server.get("/people?format=csv").send().expect(200).text();
        assert!(csv.contains("Gewiste persoon") && !csv.contains("Smit"), "{csv}");
        let team = server.get("/projects/samen/team").send().expect(200).json();
        assert_eq!(team["items"], json!([]));
    }
}
