//! Slugs: made of names, unique, and kept when they change.

use serde_json::{Value, json};

use crate::{
    builders::{create, organisation, organisation_path, patch, read, region, with},
    support::{Server, assert_feed_equals_reads, text},
};

both! {
    fn slugs_are_made_of_names_and_are_unique_in_their_collection(server: &Server) {
        let key = server.admin_key();
        let slug = |name: &str| {
            text(
                &create(server, key, "/organisations", &organisation(name)),
                "slug",
            )
        };
        assert_eq!(slug("Gemeente Súdwest-Fryslân"), "gemeente-sudwest-fryslan");
        assert_eq!(slug("St. ‘De Ülk’ & Zn. (PO)"), "st-de-ulk-zn-po");
        assert_eq!(
            [slug("Berseba"), slug("berseba!"), slug("Berseba")],
            ["berseba", "berseba-2", "berseba-3"]
        );
        let long = [
            slug(&"lange naam ".repeat(20)),
            slug(&"lange naam ".repeat(20)),
        ];
        assert!(long.iter().all(|slug| slug.len() <= 80), "{long:?}");
        assert_ne!(long[0], long[1]);
        for odd in ["???", "中文", "01890000-0000-7000-8000-000000000000"] {
            let slug = slug(odd);
            assert_eq!(
                read(server, key, &format!("/organisations/{slug}"))["name"],
                odd
            );
        }
        let region = create(server, key, "/regions", &region("Berseba"));
        assert_eq!(region["slug"], "berseba", "another collection");
    }

    fn a_slug_that_another_has_is_refused(server: &Server) {
        let key = server.admin_key();
        create(server, key, "/organisations", &organisation("One"));
        let two = create(server, key, "/organisations", &organisation("Two"));
        let taken = json!({ "slug": "one" });
        let path = organisation_path(&two);
        for request in [
            server
                .post("/organisations")
                .json(&with(organisation("Three"), &taken)),
            server
                .put("/organisations/own:3")
                .json(&with(organisation("Three"), &taken)),
            server.patch(&path).json(&taken),
        ] {
            let problem = request.key(key).send().problem(409, "taken");
            assert!(text(&problem, "detail").contains("'one'"), "{problem}");
        }
        assert_eq!(read(server, key, &path), two);
        let same = patch(server, key, &path, &json!({ "slug": "two" }));
        assert_eq!(same["version"], 1, "its own slug is not taken");
    }

    fn a_new_name_leaves_the_slug_as_it_is(server: &Server) {
        let key = server.admin_key();
        let made = create(server, key, "/organisations", &organisation("Before"));
        let path = organisation_path(&made);
        assert_eq!(
            patch(server, key, &path, &json!({ "name": "After" }))["slug"],
            "before"
        );
        // A document has a slug; to clear it would mean nothing.
        let cleared = server.patch(&path).key(key).json(&json!({ "slug": null })).send();
        cleared.problem(400, "invalid-input");
    }

    fn a_former_slug_leads_every_method_to_the_present_one(server: &Server) {
        let key = server.admin_key();
        let made = create(server, key, "/organisations", &organisation("First"));
        let path = organisation_path(&made);
        for slug in ["second", "third"] {
            patch(server, key, &path, &json!({ "slug": slug }));
        }
        for former in ["/organisations/first", "/organisations/second"] {
            for (request, rest) in [
                (server.get(former), ""),
                (server.head(former), ""),
                (server.get(&format!("{former}?fields=name")), "?fields=name"),
                (server.get(&format!("{former}/history")), "/history"),
                (server.get(&format!("{former}/versions/1")), "/versions/1"),
                (
                    server.get(&format!("{former}/regions?at=2015-06-01")),
                    "/regions?at=2015-06-01",
                ),
                (
                    server.patch(former).json(&json!({ "summary": "moved" })),
                    "",
                ),
                (server.put(former).json(&organisation("Moved")), ""),
                (server.delete(former), ""),
                (
                    server
                        .post(&format!("{former}/merge"))
                        .json(&json!({ "into": "third" })),
                    "/merge",
                ),
            ] {
                let reply = request.key(key).send().expect(308);
                let location = reply.header("location").expect("the present address");
                assert!(
                    location.ends_with(&format!("/api/v1/organisations/third{rest}")),
                    "{location}"
                );
            }
        }
        let unchanged = read(server, key, "/organisations/third");
        assert_eq!(
            (&unchanged["name"], &unchanged["version"]),
            (&json!("First"), &json!(3))
        );
        let moved = server
            .patch("/organisations/first")
            .key(key)
            .json(&json!({ "summary": "S" }))
            .send();
        let to = moved.header("location").unwrap().to_owned();
        assert_eq!(
            patch(server, key, &to, &json!({ "summary": "S" }))["version"],
            4
        );
        // As a reference a former slug still names the document.
        let child = json!({ "parents": [{ "organisation": "first", "kind": "part_of" }] });
        let child = create(
            server,
            key,
            "/organisations",
            &with(organisation("Child"), &child),
        );
        assert_eq!(child["parents"][0]["organisation"]["slug"], "third");
    }

    fn a_former_slug_stays_with_its_document(server: &Server) {
        let key = server.admin_key();
        let made = create(server, key, "/organisations", &organisation("First"));
        let path = organisation_path(&made);
        patch(server, key, &path, &json!({ "slug": "second" }));
        let taken = with(organisation("Other"), &json!({ "slug": "first" }));
        server
            .post("/organisations")
            .key(key)
            .json(&taken)
            .send()
            .problem(409, "taken");
        let other = create(server, key, "/organisations", &organisation("First"));
        assert_eq!(other["slug"], "first-2");
        patch(server, key, &path, &json!({ "slug": "first" }));
        let reply = server.get("/organisations/second").send().expect(308);
        assert!(
            reply
                .header("location")
                .is_some_and(|url| url.ends_with("/organisations/first"))
        );
        server.get("/organisations/first").send().expect(200);
        for slug in ["second", "first", "second"] {
            patch(server, key, &path, &json!({ "slug": slug }));
        }
        server.get("/organisations/first").send().expect(308);
        server.delete(&path).key(key).send().expect(204);
        server
            .get("/organisations/first")
            .send()
            .problem(410, "gone");
    }

    fn a_slug_that_cannot_be_one_is_refused(server: &Server) {
        let key = server.admin_key();
        let long = "a".repeat(81);
        let bad = [
            "",
            "Hoofdletter",
            "a--b",
            "-a",
            "a-",
            "a_b",
            "a b",
            "é",
            "a/b",
            &long,
            "01890000-0000-7000-8000-000000000000",
        ];
        for slug in bad {
            let body = with(organisation("X"), &json!({ "slug": slug }));
            let problem = server.post("/organisations").key(key).json(&body).send();
            let problem = problem.problem(400, "invalid-input");
            assert_eq!(
                crate::builders::faults(&problem),
                ["body /slug invalid_format"],
                "{slug}"
            );
        }
        let fits = with(organisation("X"), &json!({ "slug": "a".repeat(80) }));
        create(server, key, "/organisations", &fits);
    }

    fn the_slug_of_a_deleted_document_can_be_used_again(server: &Server) {
        let key = server.admin_key();
        let first = create(server, key, "/organisations", &organisation("Again"));
        server
            .delete("/organisations/again")
            .key(key)
            .send()
            .expect(204);
        let second = server
            .put("/organisations/again")
            .key(key)
            .json(&organisation("Again"));
        let second = second.send().expect(201).json();
        assert_ne!(second["id"], first["id"]);
        assert_eq!(read(server, key, "/organisations/again"), second);
        server
            .get(&organisation_path(&first))
            .send()
            .problem(410, "gone");
        patch(
            server,
            key,
            "/organisations/again",
            &json!({ "slug": "moved" }),
        );
        server.get("/organisations/again").send().expect(308);
        server
            .delete("/organisations/moved")
            .key(key)
            .send()
            .expect(204);
        let third: Value = create(server, key, "/organisations", &organisation("Again"));
        assert_eq!(
            (&third["slug"], &third["version"]),
            (&json!("again"), &json!(1))
        );
        assert_feed_equals_reads(server, key);
    }
}
