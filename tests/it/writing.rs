//! Creating, replacing, patching and deleting: what every collection does the same.

use serde_json::{Value, json};

use crate::{
    builders::{create, faults, log, organisation, organisation_path, patch, with},
    support::{Server, assert_feed_equals_reads, text},
};

both! {
    fn a_new_document_is_answered_with_its_address_and_its_tag(server: &Server) {
        let key = server.admin_key();
        let body = organisation("Gemeente Elburg");
        let reply = server
            .post("/organisations")
            .key(key)
            .json(&body)
            .send()
            .expect(201);
        let location = reply.header("location").expect("an address");
        assert!(
            location.ends_with("/api/v1/organisations/gemeente-elburg"),
            "{location}"
        );
        let found = server.get(location).key(key).send().expect(200);
        assert_eq!(found.header("etag"), reply.header("etag"));
        assert!(
            reply.header("etag").is_some_and(|tag| tag.starts_with('"')),
            "a strong tag"
        );
        let document = reply.json();
        assert_eq!(found.json(), document);
        assert_eq!(text(&document, "id").as_bytes()[14], b'7', "UUID version 7");
        assert_eq!(document["version"], 1);
        assert_eq!(document["createdAt"], document["updatedAt"]);
        assert_eq!(
            (&document["visibility"], &document["steward"]),
            (&json!("public"), &Value::Null)
        );
    }

    fn an_upsert_by_slug_creates_changes_nothing_and_replaces(server: &Server) {
        let key = server.admin_key();
        let put = |body: &Value| {
            server
                .put("/organisations/de-school")
                .key(key)
                .json(body)
                .send()
        };
        let body = with(
            organisation("School"),
            &json!({ "summary": "Een", "sectors": ["po"] }),
        );
        let first = put(&body).expect(201);
        assert_eq!(first.json()["slug"], "de-school");
        assert!(
            first
                .header("location")
                .is_some_and(|url| url.ends_with("/de-school"))
        );
        let second = put(&body).expect(200);
        assert_eq!(second.header("etag"), first.header("etag"));
        assert_eq!(second.json(), first.json());
        let third = put(&organisation("School")).expect(200).json();
        assert_eq!(
            (&third["version"], &third["id"]),
            (&json!(2), &first.json()["id"])
        );
        assert_eq!(
            (&third["summary"], &third["sectors"]),
            (&Value::Null, &json!([]))
        );
        assert_eq!(log(server, key).len(), 2);
    }

    fn an_upsert_by_identifier_finds_the_same_document_again(server: &Server) {
        let key = server.admin_key();
        let put = |path: &str, body: &Value| server.put(path).key(key).json(body).send();
        let body = organisation("Gemeente Elburg");
        let first = put("/organisations/cbs:gm0230", &body).expect(201).json();
        assert_eq!(first["identifiers"][0]["value"], "GM0230");
        assert_eq!(
            put("/organisations/cbs:GM0230", &body).expect(200).json(),
            first
        );
        let more = json!({ "identifiers": [{ "scheme": "own", "value": "7" }] });
        let second = put("/organisations/cbs:GM0230", &with(body.clone(), &more))
            .expect(200)
            .json();
        assert_eq!(
            (&second["id"], &second["version"]),
            (&first["id"], &json!(2))
        );
        assert_eq!(second["identifiers"].as_array().map(Vec::len), Some(2));
        // A slash and a space in a client's own key.
        let third = put("/organisations/own:a%2Fb%20c", &organisation("Other"))
            .expect(201)
            .json();
        assert_eq!(third["identifiers"][0]["value"], "a/b c");
        put("/organisations/own:a%2Fb%20c", &organisation("Other")).expect(200);
        put("/organisations/kvk:123", &body).problem(404, "not-found");
        put("/organisations/bsn:111222333", &body).problem(404, "not-found");
        assert_feed_equals_reads(server, key);
    }

    fn a_replacement_by_id_never_creates(server: &Server) {
        let key = server.admin_key();
        let unknown = "/organisations/01890000-0000-7000-8000-000000000000";
        server
            .put(unknown)
            .key(key)
            .json(&organisation("X"))
            .send()
            .problem(404, "not-found");
        let made = create(server, key, "/organisations", &organisation("X"));
        let path = organisation_path(&made);
        let put = server
            .put(&path)
            .key(key)
            .json(&organisation("Y"))
            .send()
            .expect(200)
            .json();
        assert_eq!(
            (&put["name"], &put["slug"], &put["version"]),
            (&json!("Y"), &json!("x"), &json!(2))
        );
    }

    fn a_replacement_keeps_slug_visibility_and_steward_unless_they_are_named(server: &Server) {
        let key = server.admin_key();
        create(server, key, "/organisations", &organisation("Keeper"));
        let kept = json!({ "slug": "own-slug", "visibility": "restricted", "steward": "keeper" });
        let made = create(
            server,
            key,
            "/organisations",
            &with(organisation("Kept"), &kept),
        );
        let path = organisation_path(&made);
        let put = |body: &Value| {
            server
                .put(&path)
                .key(key)
                .json(body)
                .send()
                .expect(200)
                .json()
        };
        let without = put(&with(organisation("Kept"), &json!({ "summary": "New" })));
        for member in ["slug", "visibility", "steward"] {
            assert_eq!(without[member], made[member], "{member}");
        }
        let named = json!({ "slug": "other", "visibility": "public", "steward": null });
        let named = put(&with(organisation("Kept"), &named));
        assert_eq!(
            (&named["slug"], &named["visibility"]),
            (&json!("other"), &json!("public"))
        );
        assert!(named["steward"].is_null());
    }

    fn a_patch_changes_what_it_names_and_nothing_else(server: &Server) {
        let key = server.admin_key();
        create(
            server,
            key,
            "/organisations",
            &with(organisation("M"), &json!({ "kind": "municipality" })),
        );
        let body = with(
            organisation("Patched"),
            &json!({
                "summary": "Kort",
                "alternativeNames": ["A", "B"],
                "serviceArea": { "municipalities": ["m"], "postcodes": ["8081"] },
                "contacts": [{ "kind": "phone", "value": "0525 000000", "isFunctional": true }],
            }),
        );
        let made = create(server, key, "/organisations", &body);
        let path = organisation_path(&made);
        let lists = json!({ "alternativeNames": ["C"], "serviceArea": { "postcodes": [] } });
        let one = patch(server, key, &path, &lists);
        assert_eq!(
            one["alternativeNames"],
            json!(["C"]),
            "a list is replaced as a whole"
        );
        assert_eq!(one["serviceArea"]["postcodes"], json!([]));
        assert_eq!(
            one["serviceArea"]["municipalities"],
            made["serviceArea"]["municipalities"]
        );
        for member in ["name", "summary", "contacts", "slug", "createdAt"] {
            assert_eq!(one[member], made[member], "{member}");
        }
        let two = patch(
            server,
            key,
            &path,
            &json!({ "serviceArea": null, "summary": null, "contacts": null }),
        );
        assert_eq!(
            two["serviceArea"],
            json!({ "municipalities": [], "postcodes": [] })
        );
        assert_eq!(
            (&two["summary"], &two["contacts"]),
            (&Value::Null, &json!([]))
        );
        assert_eq!(two["version"], 3);
        let refused = server
            .patch(&path)
            .key(key)
            .json(&json!({ "name": null, "kind": null }))
            .send();
        let refused = refused.problem(400, "invalid-input");
        assert_eq!(
            faults(&refused),
            ["body /kind missing", "body /name missing"]
        );
    }

    fn a_patch_of_a_date_does_not_leave_what_was_derived_from_the_old_one(server: &Server) {
        let key = server.admin_key();
        let founded = |founded: Value| json!({ "founded": founded });
        let body = with(organisation("Dated"), &founded(json!("2014-23")));
        let made = create(server, key, "/organisations", &body);
        assert_eq!(
            made["founded"],
            json!({
                "edtf": "2014-23", "text": "najaar 2014", "earliest": "2014-09-01", "latest": "2014-11-30",
            })
        );
        let path = organisation_path(&made);
        let set = |date: Value| patch(server, key, &path, &founded(date))["founded"].clone();
        assert_eq!(
            set(json!({ "edtf": "2015" })),
            json!({
                "edtf": "2015", "text": "2015", "earliest": "2015-01-01", "latest": "2015-12-31",
            })
        );
        let own = set(json!({ "text": "ergens in 2015", "inferred": "uit de datum van de brief" }));
        assert_eq!(
            (&own["edtf"], &own["text"]),
            (&json!("2015"), &json!("ergens in 2015"))
        );
        let without = set(json!({ "inferred": null }));
        assert_eq!(
            without["text"], "ergens in 2015",
            "words of the source stay"
        );
        assert!(without["inferred"].is_null());
        assert_eq!(set(json!("2015/.."))["latest"], Value::Null);
        assert!(set(Value::Null).is_null());
    }

    fn a_write_that_changes_nothing_makes_no_version(server: &Server) {
        let key = server.admin_key();
        create(server, key, "/organisations", &organisation("Parent"));
        let made = create(
            server,
            key,
            "/organisations",
            &with(
                organisation("Same"),
                &json!({
                    "contacts": [{ "kind": "phone", "value": "0525-000000" }],
                    "addresses": [{
                        "kind": "visiting", "postcode": "8081ab", "latitude": 52, "longitude": 5.1,
                    }],
                    "parents": [{ "organisation": "parent", "kind": "part_of", "start": "2014-23" }],
                    "identifiers": [{ "scheme": "swv", "value": "po-25-09", "start": "2014" }],
                    "founded": { "edtf": "2013~", "text": "rond de start", "inferred": "uit het verslag" },
                    "sources": [{ "title": "Verslag", "retrievedOn": "2026-01-02" }],
                }),
            ),
        );
        let path = organisation_path(&made);
        let etag = server
            .get(&path)
            .key(key)
            .send()
            .expect(200)
            .header("etag")
            .map(str::to_owned);
        let lines = log(server, key).len();
        let patches = [
            json!({}),
            json!({ "summary": null }),
            json!({ "name": " Same " }),
            made.clone(),
        ];
        for body in &patches {
            let reply = server.patch(&path).key(key).json(body).send().expect(200);
            assert_eq!(reply.json(), made, "{body}");
            assert_eq!(reply.header("etag"), etag.as_deref());
        }
        let reply = server.put(&path).key(key).json(&made).send().expect(200);
        assert_eq!(reply.json(), made, "what was read can be sent again");
        assert_eq!(log(server, key).len(), lines);
    }
}
