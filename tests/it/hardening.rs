//! What someone found who tried to break the service, so that it stays mended.

use serde_json::{Value, json};

use crate::{
    builders::{create, organisation, organisation_path, patch, read, region, region_path, with},
    support::{Server, items, text},
};

/// The places and codes of the faults in a problem.
fn faults(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().expect("errors");
    errors
        .iter()
        .map(|error| format!("{} {}", text(error, "location"), text(error, "code")))
        .collect()
}

both! {
    fn a_merge_gives_each_document_one_new_version(server: &Server) {
        let key = server.admin_key();
        create(server, key, "/organisations", &organisation("Source"));
        create(server, key, "/organisations", &organisation("Target"));
        let looked_after = with(organisation("Own"), &json!({ "steward": "source" }));
        create(server, key, "/organisations", &looked_after);
        let partners = ["source", "own"].map(|slug| json!({ "organisation": slug, "role": "other" }));
        let region = create(server, key, "/regions", &with(region("R"), &json!({ "partners": partners })));
        let merge = server.post("/organisations/source/merge").key(key);
        merge.json(&json!({ "into": "target" })).send().expect(200);

        let path = region_path(&region);
        let lines = read(server, key, &format!("{path}/history"));
        let mut versions: Vec<_> = items(&lines).iter().map(|line| line["version"].clone()).collect();
        let last = versions[0].clone();
        versions.dedup();
        assert_eq!(versions.len(), items(&lines).len(), "{lines}");
        assert_eq!(read(server, key, &format!("{path}/versions/{last}")), read(server, key, &path));
    }

    fn a_list_a_body_and_a_problem_have_their_bounds(server: &Server) {
        let key = server.admin_key();
        let post = |body: &Value| server.post("/organisations").key(key).json(body).send();
        let sources = |count: usize| json!({ "sources": vec![json!({ "title": "x" }); count] });
        post(&with(organisation("Most"), &sources(1_000))).expect(201);
        let problem = post(&with(organisation("More"), &sources(1_001))).problem(400, "invalid-input");
        assert_eq!(faults(&problem), ["/sources too_many"]);

        let dead = vec![json!({ "organisation": "nothing", "kind": "part_of" }); 300];
        let problem = post(&with(organisation("Dead"), &json!({ "parents": dead }))).problem(400, "invalid-input");
        assert_eq!(faults(&problem).len(), 100);
        assert!(text(&problem, "detail").contains("300"), "{problem}");

        let wide: serde_json::Map<_, _> = (0..5_000).map(|nth| (nth.to_string(), Value::Null)).collect();
        let problem = post(&Value::Object(wide)).problem(400, "invalid-input");
        assert_eq!(faults(&problem), [" too_many"]);
    }

    fn a_hidden_document_does_not_hide_that_a_public_one_is_gone(server: &Server) {
        let key = server.admin_key();
        let restricted = json!({ "visibility": "restricted" });
        create(server, key, "/organisations", &organisation("Merged"));
        create(server, key, "/organisations", &with(organisation("Hidden"), &restricted));
        let merge = server.post("/organisations/merged/merge").key(key);
        merge.json(&json!({ "into": "hidden" })).send().expect(200);
        server.get("/organisations/merged").send().problem(410, "gone");

        create(server, key, "/organisations", &organisation("Again"));
        server.delete("/organisations/again").key(key).send().expect(204);
        create(server, key, "/organisations", &with(organisation("Again"), &restricted));
        server.get("/organisations/again").send().problem(410, "gone");
        server.get("/organisations/again").key(key).send().expect(200);
    }

    fn a_contact_that_became_restricted_is_not_told_from_former_versions(server: &Server) {
        let key = server.admin_key();
        let contact = |visibility| json!({ "contacts": [
            { "kind": "email", "value": "iemand@voorbeeld.example", "visibility": visibility },
        ] });
        let document = create(server, key, "/organisations", &with(organisation("A"), &contact("public")));
        let path = organisation_path(&document);
        let asked = [path.clone(), format!("{path}/versions/1"), "/changes?include=document".to_owned()];
        let told = || asked.iter().filter(|path| server.get(path).send().expect(200).text().contains("iemand@")).count();
        assert_eq!(told(), 3);
        patch(server, key, &path, &contact("restricted"));
        assert_eq!(told(), 0);
        assert!(read(server, key, &asked[1]).to_string().contains("iemand@"));
    }

    fn a_mistyped_member_in_a_patch_is_refused_also_when_it_is_null(server: &Server) {
        let key = server.admin_key();
        let path = organisation_path(&create(server, key, "/organisations", &organisation("A")));
        let change = |body: Value| server.patch(&path).key(key).json(&body).send();
        for (body, place) in [
            (json!({ "sumary": null }), "/sumary unknown_member"),
            (json!({ "serviceArea": { "postcode": null } }), "/serviceArea/postcode unknown_member"),
        ] {
            assert_eq!(faults(&change(body).problem(400, "invalid-input")), [place]);
        }
        change(json!({ "summary": null, "founded": null, "serviceArea": { "postcodes": null } })).expect(200);
        change(json!({ "founded": { "edtf": "2014", "inferred": null } })).expect(200);
        change(json!({ "founded": { "inferred": null, "text": null } })).expect(200);
    }

    fn two_keys_in_one_request_are_none(server: &Server) {
        let key = format!("Bearer {}", server.admin_key());
        let twice = server.get("/regions").header("authorization", &key).header("authorization", &key);
        twice.send().problem(401, "key-required");
    }
}

/// A service that may not migrate says what to do about a database that needs it.
#[test]
fn without_migrating_an_old_schema_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_schakel"))
        .args(["serve", "--no-migrate"])
        .env("DATA_DIR", folder.path())
        .env("LISTEN_ADDR", "127.0.0.1:0")
        .output()
        .expect("schakel runs");
    assert_eq!(output.status.code(), Some(1));
    let reason = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(reason.contains("schakel migrate"), "{reason}");
}
