//! Plans: what an import would do, and doing exactly that.

use serde_json::{Value, json};

use super::{import, position, project, request, told};
use crate::support::Server;

both! {
    fn a_dry_run_tells_what_would_change_and_does_nothing(server: &Server) {
        import(server, "", &[project("oud", json!({"summary": "Was."})), project("zelfde", json!({}))]).assert_applied();
        let before = position(server);
        let documents = [
            project("oud", json!({"summary": "Wordt.", "related": [{"project": "nieuw", "kind": "related"}]})),
            project("zelfde", json!({})),
            project("nieuw", json!({})),
            project("fout", json!({"kind": "?"})),
        ];
        let plan = import(server, "dryRun=true", &documents);
        assert_eq!(plan.statuses(), ["changed", "unchanged", "created", "failed"]);
        assert_eq!(plan.summary["applied"], false);
        assert_eq!(plan.summary["planHash"].as_str().map(str::len), Some(64));
        let changes = plan.documents[0]["changes"].as_array().unwrap();
        assert_eq!(changes[0], json!({"member": "summary", "before": "Was.", "after": "Wordt."}));
        assert_eq!((&changes[1]["member"], &changes[1]["before"]), (&json!("related"), &json!([])));
        assert_eq!(changes[1]["after"][0]["project"]["name"], "nieuw");
        assert_eq!(changes.len(), 2);
        assert!(plan.documents[2].get("id").is_none(), "nothing was made: {}", plan.documents[2]);
        assert_eq!(position(server), before);
        assert_eq!(server.get("/projects/oud").send().expect(200).json()["version"], 1);
    }

    fn a_plan_is_done_as_long_as_it_holds(server: &Server) {
        import(server, "", &[project("een", json!({"summary": "Was."})), project("ander", json!({}))]).assert_applied();
        let documents = [project("een", json!({"summary": "Wordt."})), project("twee", json!({}))];
        let hash = |documents: &[Value], query: &str| {
            let plan = import(server, &format!("dryRun=true{query}"), documents);
            plan.summary["planHash"].as_str().unwrap().to_owned()
        };
        let plan = hash(&documents, "");
        assert_eq!(plan, hash(&documents, ""), "a plan is the same when it is made again");
        assert_ne!(plan, hash(&documents, "&onMissing=clear"));
        assert_ne!(plan, hash(&documents[..1], ""));
        let apply = |plan: &str| request(server, &format!("plan={plan}"), &documents).key(server.admin_key()).send();
        // What does not matter to it may change meanwhile.
        import(server, "", &[project("ander", json!({"summary": "?"})), project("een", json!({"results": "?"}))]).assert_applied();
        let before = position(server);
        apply("0000").problem(409, "conflict");
        assert_eq!(position(server), before);
        assert_eq!(told(&apply(&plan)).assert_applied().statuses(), ["changed", "created"]);
        // It was done; now it would do nothing.
        apply(&plan).problem(409, "conflict");
    }

    fn a_plan_does_not_hold_when_what_it_changes_was_changed(server: &Server) {
        import(server, "", &[project("een", json!({"summary": "Was."}))]).assert_applied();
        let documents = [project("een", json!({"summary": "Wordt."}))];
        let plan = import(server, "dryRun=true", &documents).summary["planHash"].clone();
        import(server, "", &[project("een", json!({"summary": "Is intussen anders."}))]).assert_applied();
        let query = format!("plan={}", plan.as_str().unwrap());
        request(server, &query, &documents).key(server.admin_key()).send().problem(409, "conflict");
        assert_eq!(server.get("/projects/een").send().expect(200).json()["summary"], "Is intussen anders.");
    }

    with(["--demo"], [])
    fn a_plan_shows_an_editor_nothing_that_is_hidden(server: &Server) {
        let hidden = json!({"type": "organisations", "slug": "geheim", "name": "Geheime partij", "kind": "other", "visibility": "restricted", "steward": "gemeente-nunspeet"});
        let partners = json!([{"organisation": "geheim", "role": "partner"}, {"organisation": "zeeluwe", "role": "partner"}]);
        let own = project("eigen", json!({"steward": "gemeente-elburg", "participants": partners}));
        import(server, "", &[hidden, own]).assert_applied();
        let editor = server.key("editor", Some("gemeente-elburg"));
        let change = project("eigen", json!({"participants": [{"organisation": "zeeluwe", "role": "lead"}]}));
        let reply = request(server, "dryRun=true", &[change]).key(&editor).send();
        let plan = told(&reply);
        assert_eq!(plan.statuses(), ["changed"]);
        assert_eq!(plan.documents[0]["changes"][0]["before"].as_array().map(Vec::len), Some(1));
        assert!(!reply.text().to_lowercase().contains("geheim"), "{reply}");
    }
}
