//! Merging one organisation into another: nothing that pointed at it is lost.

use serde_json::{Value, json};

use crate::{
    builders::{
        create, logged, make, merge, one_changeset, organisation, organisation_path, patch, read,
        region, region_path, shown, with,
    },
    support::{Server, assert_feed_equals_reads, text},
};

both! {
    fn merging_moves_references_in_one_changeset(server: &Server) {
        let key = server.admin_key();
        let source = make(server, "Stand-in", &json!({ "isPlaceholder": true }));
        let target = make(server, "Real", &json!({ "summary": "stays" }));
        let part_of = json!({ "organisation": "stand-in", "kind": "part_of", "start": "2015" });
        let child = json!({ "parents": [part_of], "steward": "stand-in" });
        let child = make(server, "Child", &child);
        let serving = json!({ "serviceArea": { "municipalities": ["stand-in"] } });
        let serving = make(server, "Serving", &serving);
        let episode = |status: &str| json!({ "organisation": "stand-in", "status": status });
        let lists = json!({
            "partners": [{ "organisation": "stand-in", "role": "coordinator", "start": "2014" }],
            "networks": [episode("rejected"), episode("active")],
        });
        let area = create(server, key, "/regions", &with(region("Area"), &lists));

        let mut answer = Value::Null;
        let lines = logged(server, key, || answer = merge(server, &source, "real", 200));
        let told = one_changeset(&lines);
        let expected = [
            "merged stand-in 1",
            "updated area 2",
            "updated child 2",
            "updated serving 2",
        ];
        assert_eq!(told, expected);
        let merged = lines.iter().find(|line| line["op"] == "merged").unwrap();
        assert_eq!(
            (&merged["id"], &merged["into"]),
            (&source["id"], &target["id"])
        );

        assert_eq!(answer, target, "the one that stays is as it was");
        let real = shown(&target);
        let child = read(server, key, &organisation_path(&child));
        assert_eq!(child["parents"][0]["organisation"], real);
        assert_eq!(child["parents"][0]["start"]["edtf"], "2015");
        assert_eq!(child["steward"], real);
        let serving = read(server, key, &organisation_path(&serving));
        assert_eq!(serving["serviceArea"]["municipalities"], json!([real]));
        let area = read(server, key, &region_path(&area));
        assert_eq!(area["partners"][0]["start"]["edtf"], "2014");
        for (number, status) in ["rejected", "active"].iter().enumerate() {
            let row = &area["networks"][number];
            assert_eq!(
                (&row["organisation"], &row["status"]),
                (&real, &json!(status))
            );
        }
        assert_feed_equals_reads(server, key);
    }

    fn all_names_and_codes_of_a_merged_organisation_lead_to_the_other(server: &Server) {
        let key = server.admin_key();
        let code = |value: &str| json!({ "scheme": "own", "value": value, "start": "2014-23" });
        let codes = json!({ "identifiers": [code("1"), code("2")] });
        let source = make(server, "Stand-in", &codes);
        let target = make(server, "Real", &json!({ "identifiers": [code("3")] }));
        let renamed = json!({ "slug": "stand-in-school" });
        patch(server, key, &organisation_path(&source), &renamed);
        let merged = merge(server, &source, "real", 200);
        let date = &target["identifiers"][0]["start"];
        let moved = ["3", "1", "2"]
            .map(|value| json!({ "scheme": "own", "value": value, "start": date, "end": null }));
        assert_eq!(merged["identifiers"], json!(moved));
        assert_eq!(merged["version"], 2);
        for name in [&text(&source, "id"), "stand-in", "stand-in-school"] {
            let path = format!("/organisations/{name}");
            let reply = server.get(&path).send().expect(308);
            let to = reply.header("location").unwrap();
            assert!(to.ends_with("/organisations/real"), "{name} leads to {to}");
        }
        assert_eq!(read(server, key, "/organisations/own:2"), merged);
        assert_feed_equals_reads(server, key);
    }

    fn rows_that_become_the_same_by_a_merge_are_kept_once(server: &Server) {
        let key = server.admin_key();
        let source = make(server, "Double", &json!({}));
        make(server, "Real", &json!({}));
        let row = |name: &str, role: &str| json!({ "organisation": name, "role": role });
        let rows = [
            row("real", "network"),
            row("double", "network"),
            row("double", "coordinator"),
        ];
        let area = with(region("Area"), &json!({ "partners": rows }));
        let area = create(server, key, "/regions", &area);
        let serving = json!({ "serviceArea": { "municipalities": ["double", "real"] } });
        let serving = make(server, "Serving", &serving);
        merge(server, &source, "real", 200);
        let area = read(server, key, &region_path(&area));
        let roles: Vec<_> = area["partners"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| &row["role"])
            .collect();
        assert_eq!(roles, ["network", "coordinator"]);
        let serving = read(server, key, &organisation_path(&serving));
        assert_eq!(
            serving["serviceArea"]["municipalities"]
                .as_array()
                .map(Vec::len),
            Some(1)
        );
    }

    fn a_merge_leaves_alone_what_does_not_name_the_merged_one(server: &Server) {
        let key = server.admin_key();
        let source = make(server, "Source", &json!({}));
        for name in ["Target", "Network"] {
            make(server, name, &json!({}));
        }
        let episode = json!({ "organisation": "network", "status": "applied" });
        let body = json!({
            "partners": [{ "organisation": "source", "role": "other" }],
            "networks": [episode, episode],
            "alternativeNames": ["Same", "Same"],
            "summary": source["id"],
        });
        let before = create(server, key, "/regions", &with(region("Area"), &body));
        merge(server, &source, "target", 200);
        let after = read(server, key, &region_path(&before));
        assert_eq!(after["partners"][0]["organisation"]["slug"], "target");
        for member in ["networks", "alternativeNames", "summary"] {
            assert_eq!(after[member], before[member], "{member}");
        }
    }

    fn a_merged_organisation_leads_to_where_its_successor_is_now(server: &Server) {
        let key = server.admin_key();
        let [a, b, c] = ["A", "B", "C"].map(|name| make(server, name, &json!({})));
        merge(server, &a, "b", 200);
        merge(server, &b, "c", 200);
        patch(
            server,
            key,
            &organisation_path(&c),
            &json!({ "slug": "see" }),
        );
        for name in ["a", "b", "c"] {
            for request in [
                server.get(&format!("/organisations/{name}")),
                server
                    .put(&format!("/organisations/{name}"))
                    .key(key)
                    .json(&organisation("X")),
                server
                    .patch(&format!("/organisations/{name}"))
                    .key(key)
                    .json(&json!({})),
            ] {
                let reply = request.send().expect(308);
                let to = reply.header("location").unwrap();
                assert!(to.ends_with("/organisations/see"), "{name} leads to {to}");
            }
        }
        merge(server, &a, "see", 308);
        server
            .delete("/organisations/see")
            .key(key)
            .send()
            .expect(204);
        for document in [&a, &b, &c] {
            server
                .get(&organisation_path(document))
                .send()
                .problem(410, "gone");
        }
        assert_feed_equals_reads(server, key);
    }

    fn the_slug_of_a_merged_organisation_keeps_leading_to_its_successor(server: &Server) {
        let source = make(server, "Stand-in", &json!({}));
        make(server, "Real", &json!({}));
        merge(server, &source, "real", 200);
        let namesake = make(server, "Stand-in", &json!({}));
        assert_eq!(namesake["slug"], "stand-in-2");
        server.get("/organisations/stand-in").send().expect(308);
    }
}
