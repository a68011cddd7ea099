//! Undoing an import.

use serde_json::{Value, json};

use super::{import, position, project};
use crate::support::{Reply, Server, items};

fn revert(server: &Server, changeset: &Value) -> Reply {
    let path = format!("/changesets/{}/revert", changeset.as_str().unwrap());
    server.post(&path).key(server.admin_key()).send()
}

both! {
    fn an_import_is_undone_as_one(server: &Server) {
        let first = [
            project("blijft", json!({"summary": "Was.", "related": [{"project": "naam", "kind": "related"}]})),
            project("naam", json!({})), project("toont", json!({"related": [{"project": "naam", "kind": "related"}]})),
        ];
        import(server, "", &first).assert_applied();
        let read = |slug: &str| server.get(&format!("/projects/{slug}")).send().expect(200).json();
        let before: Vec<Value> = ["blijft", "naam", "toont"].map(read).into();
        let second = [
            project("blijft", json!({"summary": "Wordt.", "related": [{"project": "nieuw", "kind": "related"}]})),
            project("nieuw", json!({"related": [{"project": "ook-nieuw", "kind": "related"}]})),
            project("ook-nieuw", json!({"related": [{"project": "nieuw", "kind": "related"}]})),
            project("naam", json!({"name": "Heet anders"})),
        ];
        let done = import(server, "", &second).assert_applied();
        assert_eq!(read("toont")["related"][0]["project"]["name"], "Heet anders");
        let undone = revert(server, &done.summary["changeset"]).expect(200);
        assert!(undone.header("schakel-position").is_some());
        assert_ne!(undone.json()["id"], done.summary["changeset"]);
        for was in &before {
            let mut now = read(was["slug"].as_str().unwrap());
            assert_eq!(now["version"], 3);
            for name in ["version", "updatedAt"] {
                now[name] = was[name].clone();
            }
            assert_eq!(now, *was);
        }
        for slug in ["nieuw", "ook-nieuw"] {
            server.get(&format!("/projects/{slug}")).send().problem(410, "gone");
        }
        // Undoing that brings it all back.
        revert(server, &undone.json()["id"]).expect(200);
        assert_eq!(read("nieuw")["related"][0]["project"]["slug"], "ook-nieuw");
        assert_eq!(read("blijft")["summary"], "Wordt.");
        assert_eq!(read("toont")["related"][0]["project"]["name"], "Heet anders");
        let all = server.get("/changes?limit=100&include=document").send().expect(200).json();
        assert!(items(&all).last().unwrap()["document"]["slug"].is_string());
    }

    fn what_was_changed_since_is_not_undone_and_named(server: &Server) {
        let done = import(server, "", &[project("een", json!({})), project("twee", json!({}))]).assert_applied();
        import(server, "", &[project("twee", json!({"summary": "Later."}))]).assert_applied();
        let before = position(server);
        let problem = revert(server, &done.summary["changeset"]).problem(409, "changed-since");
        assert_eq!(problem["documents"].as_array().map(Vec::len), Some(1));
        assert_eq!(problem["documents"][0]["slug"], "twee");
        assert_eq!(position(server), before);
        server.get("/projects/een").send().expect(200);
        server.delete("/projects/een").key(server.admin_key()).send().expect(204);
        let problem = revert(server, &done.summary["changeset"]).problem(409, "changed-since");
        let names: Vec<&Value> = problem["documents"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["een", "twee"], "what is deleted by now is named as well");
        // All of them are named, however many.
        let mut many: Vec<Value> = (0..40).map(|nth| project(&format!("veel-{nth}"), json!({}))).collect();
        let done = import(server, "", &many).assert_applied();
        for one in &mut many {
            one["summary"] = json!("Later.");
        }
        import(server, "", &many).assert_applied();
        let problem = revert(server, &done.summary["changeset"]).problem(409, "changed-since");
        assert_eq!(problem["documents"].as_array().map(Vec::len), Some(40));
    }

    fn what_others_refer_to_by_now_stays(server: &Server) {
        let done = import(server, "", &[project("een", json!({}))]).assert_applied();
        import(server, "", &[project("later", json!({"related": [{"project": "een", "kind": "related"}]}))]).assert_applied();
        let problem = revert(server, &done.summary["changeset"]).problem(409, "in-use");
        assert_eq!(problem["referrers"][0]["slug"], "later");
    }

    fn a_name_that_changed_since_does_not_stand_in_the_way(server: &Server) {
        import(server, "", &[project("naam", json!({}))]).assert_applied();
        let done = import(server, "", &[project("toont", json!({"related": [{"project": "naam", "kind": "related"}]}))]).assert_applied();
        import(server, "", &[project("naam", json!({"name": "Anders"}))]).assert_applied();
        revert(server, &done.summary["changeset"]).expect(200);
        server.get("/projects/toont").send().problem(410, "gone");
    }

    with(["--demo"], [])
    fn an_editor_undoes_what_is_its_own_alone(server: &Server) {
        let done = import(server, "", &[project("een", json!({"steward": "gemeente-nunspeet"}))]).assert_applied();
        let path = format!("/changesets/{}/revert", done.summary["changeset"].as_str().unwrap());
        let other = server.key("editor", Some("gemeente-elburg"));
        server.post(&path).key(&other).send().problem(403, "forbidden");
        server.post(&path).send().problem(401, "key-required");
        let own = server.key("editor", Some("gemeente-nunspeet"));
        server.post(&path).key(&own).send().expect(200);
        server.get("/projects/een").send().problem(410, "gone");
        let hidden = import(server, "", &[project("twee", json!({"steward": "gemeente-nunspeet", "visibility": "restricted"}))]).assert_applied();
        let path = format!("/changesets/{}", hidden.summary["changeset"].as_str().unwrap());
        server.get(&path).send().problem(404, "not-found");
        server.post(&format!("{path}/revert")).key(&other).send().problem(404, "not-found");
    }

    fn what_made_a_person_is_not_undone_after_an_erasure(server: &Server) {
        let people = ["jan", "piet"].map(|slug| json!({"type": "people", "slug": slug, "name": {"family": slug}}));
        let done = import(server, "", &people).assert_applied();
        server.post("/people/jan/erasure").key(server.admin_key()).send().expect(200);
        let problem = revert(server, &done.summary["changeset"]).problem(409, "changed-since");
        assert_eq!(problem["documents"].as_array().map(Vec::len), Some(1), "{problem}");
        server.get("/people/piet").key(server.admin_key()).send().expect(200);
    }

    fn merging_and_deleting_people_cannot_be_undone(server: &Server) {
        let person = json!({"type": "people", "slug": "jan", "name": {"family": "Jansen"}});
        import(server, "", &[person]).assert_applied();
        server.delete("/people/jan").key(server.admin_key()).send().expect(204);
        let feed = server.get("/changes?limit=100").key(server.admin_key()).send().expect(200).json();
        let last = items(&feed).last().unwrap()["changeset"].clone();
        revert(server, &last).problem(409, "conflict");
    }
}
