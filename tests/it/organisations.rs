//! What is an organisation's own: its fields, identifiers, contacts, addresses and parents, and
//! what a new name does to the documents that show it.

use serde_json::{Value, json};

use crate::{
    builders::{
        create, date, faults, logged, one_changeset, organisation, organisation_path, patch, read,
        region, region_path, shown, with,
    },
    support::{Client, Server, assert_feed_equals_reads},
};

both! {
    fn every_field_of_an_organisation_comes_back_as_it_was_sent(server: &Server) {
        let key = server.admin_key();
        let parent = create(server, key, "/organisations", &organisation("Parent"));
        let body = everything();
        let made = create(server, key, "/organisations", &body);
        assert_eq!(made, with(expected(&parent), &register_members(&made)));
        let path = organisation_path(&made);
        assert_eq!(read(server, key, &path), made);
        assert_eq!(read(server, key, &format!("{path}/versions/1")), made);
        let again = server
            .put(&path)
            .key(key)
            .json(&body)
            .send()
            .expect(200)
            .json();
        assert_eq!(again, made, "the same again changes nothing");
        let emptied = server
            .put(&path)
            .key(key)
            .json(&organisation("Leeg"))
            .send()
            .expect(200)
            .json();
        for (member, value) in emptied.as_object().expect("an object") {
            let kept = [
                "id",
                "slug",
                "name",
                "kind",
                "visibility",
                "steward",
                "isPlaceholder",
                "version",
                "createdAt",
                "updatedAt",
            ];
            let empty = value.is_null() || value == &json!([]) || member == "serviceArea";
            assert!(
                empty || kept.contains(&member.as_str()),
                "{member} is left: {value}"
            );
        }
        assert_eq!(emptied["isPlaceholder"], false);
        assert_eq!(
            emptied["serviceArea"],
            json!({ "municipalities": [], "postcodes": [] })
        );
        assert_feed_equals_reads(server, key);
    }

    fn contacts_are_stored_in_one_form_and_shown_by_their_defaults(server: &Server) {
        let key = server.admin_key();
        let rows = [
            json!({ "kind": "email", "value": " jeugd@elburg.example ", "isFunctional": true }),
            json!({ "kind": "email", "value": "someone@elburg.example" }),
            json!({ "kind": "phone", "value": "(0525) 00-00 00", "visibility": "public" }),
            json!({
                "kind": "phone", "value": "+49 30 0000000",
                "isFunctional": true, "visibility": "restricted",
            }),
            json!({ "kind": "url", "value": "https://elburg.example/Jeugd?a=b", "label": "Loket" }),
            json!({ "kind": "address", "value": "Postbus 1, Elburg", "validUntil": "2999-12-31" }),
            json!({ "kind": "other", "value": "Balie", "validUntil": "2001-01-01", "isFunctional": true }),
        ];
        let body = with(organisation("Elburg"), &json!({ "contacts": rows }));
        let made = create(server, key, "/organisations", &body);
        let part = |member: &str| -> Vec<Value> {
            let contacts = made["contacts"].as_array().unwrap().iter();
            contacts.map(|contact| contact[member].clone()).collect()
        };
        assert_eq!(
            part("value"),
            [
                "jeugd@elburg.example",
                "someone@elburg.example",
                "+31525000000",
                "+49300000000",
                "https://elburg.example/Jeugd?a=b",
                "Postbus 1, Elburg",
            ],
            "the last has lapsed"
        );
        assert_eq!(
            part("visibility"),
            [
                "public",
                "restricted",
                "public",
                "restricted",
                "restricted",
                "restricted",
            ]
        );
        assert_eq!(
            made["contacts"][4],
            json!({
                "kind": "url", "value": "https://elburg.example/Jeugd?a=b", "label": "Loket",
                "isFunctional": false, "visibility": "restricted", "validUntil": null,
            })
        );
        let public = server
            .get(&organisation_path(&made))
            .send()
            .expect(200)
            .json();
        assert_eq!(public["contacts"].as_array().map(Vec::len), Some(2));
    }

    fn each_fault_of_a_contact_or_address_is_named(server: &Server) {
        let key = server.admin_key();
        let body = with(
            organisation("Faulty"),
            &json!({
                "contacts": [
                    { "kind": "email", "value": "no at sign" },
                    { "kind": "phone", "value": "112" },
                    { "kind": "phone", "value": "call us" },
                    { "kind": "url", "value": "elburg.example" },
                    { "kind": "fax", "value": "1" },
                    { "kind": "other" },
                    { "kind": "other", "value": "x", "validUntil": "2026-02-30" },
                    { "kind": "email", "value": "A. Person <person@elburg.example>" },
                ],
                "addresses": [
                    { "kind": "visiting", "postcode": "0123 AB", "latitude": 90.5, "longitude": -181 },
                    { "kind": "home", "postcode": "8081 SS", "latitude": "52", "zip": "x" },
                    { "city": " " },
                ],
                "website": "ftp://elburg.example/",
                "serviceArea": { "postcodes": ["808", "0123", 8081] },
            }),
        );
        let reply = server.post("/organisations").key(key).json(&body).send();
        assert_eq!(
            faults(&reply.problem(400, "invalid-input")),
            [
                "body /addresses/0/latitude out_of_range",
                "body /addresses/0/longitude out_of_range",
                "body /addresses/0/postcode invalid_format",
                "body /addresses/1/kind unknown_value",
                "body /addresses/1/latitude wrong_type",
                "body /addresses/1/postcode invalid_format",
                "body /addresses/1/zip unknown_member",
                "body /addresses/2/city empty",
                "body /addresses/2/kind missing",
                "body /contacts/0/value invalid_format",
                "body /contacts/1/value invalid_format",
                "body /contacts/2/value invalid_format",
                "body /contacts/3/value invalid_format",
                "body /contacts/4/kind unknown_value",
                "body /contacts/5/value missing",
                "body /contacts/6/validUntil invalid_format",
                "body /contacts/7/value invalid_format",
                "body /serviceArea/postcodes/0 invalid_format",
                "body /serviceArea/postcodes/1 invalid_format",
                "body /serviceArea/postcodes/2 wrong_type",
                "body /website invalid_format",
            ]
        );
    }

    fn an_organisation_cannot_belong_to_itself(server: &Server) {
        let key = server.admin_key();
        let under = |parent: &str, kind: &str| json!({ "parents": [{ "organisation": parent, "kind": kind }] });
        create(server, key, "/organisations", &organisation("Top"));
        create(
            server,
            key,
            "/organisations",
            &with(organisation("Middle"), &under("top", "part_of")),
        );
        create(
            server,
            key,
            "/organisations",
            &with(organisation("Low"), &under("middle", "established_by")),
        );
        for parent in ["top", "middle", "low"] {
            let request = server
                .patch("/organisations/top")
                .key(key)
                .json(&under(parent, "part_of"));
            let problem = request.send().problem(400, "invalid-input");
            assert_eq!(faults(&problem), ["body /parents/0/organisation cycle"]);
        }
        assert_eq!(read(server, key, "/organisations/top")["version"], 1);
        // Two ways up to the same top are no cycle.
        let two = json!({ "parents": [
            { "organisation": "middle", "kind": "part_of" }, { "organisation": "top", "kind": "part_of" },
        ] });
        patch(server, key, "/organisations/low", &two);
        patch(
            server,
            key,
            "/organisations/middle",
            &json!({ "parents": [] }),
        );
        patch(
            server,
            key,
            "/organisations/top",
            &under("middle", "part_of"),
        );
    }

    fn a_new_name_or_slug_gives_a_version_to_all_that_show_it(server: &Server) {
        let key = server.admin_key();
        let named = create(server, key, "/organisations", &organisation("Old"));
        let row = json!({ "organisation": "old", "kind": "part_of", "role": "other", "status": "active" });
        let only = |members: &[&str]| -> Value {
            members
                .iter()
                .map(|name| ((*name).to_owned(), row[*name].clone()))
                .collect()
        };
        let post =
            |path: &str, body: Value, more: Value| create(server, key, path, &with(body, &more));
        post(
            "/organisations",
            organisation("Child"),
            json!({ "parents": [only(&["organisation", "kind"])] }),
        );
        post(
            "/organisations",
            organisation("Serving"),
            json!({ "serviceArea": { "municipalities": ["old"] } }),
        );
        post(
            "/organisations",
            organisation("Kept"),
            json!({ "steward": "old" }),
        );
        post(
            "/organisations",
            organisation("Grandchild"),
            json!({ "parents": [{ "organisation": "child", "kind": "part_of" }] }),
        );
        let made = post(
            "/regions",
            region("All roles"),
            json!({
                "municipalities": [only(&["organisation"])],
                "partners": [only(&["organisation", "role"])],
                "networks": [only(&["organisation", "status"])],
            }),
        );
        let path = organisation_path(&named);
        let unseen = logged(server, key, || {
            patch(
                server,
                key,
                &path,
                &json!({ "summary": "nobody shows this" }),
            );
        });
        assert_eq!(one_changeset(&unseen), ["updated old 2"]);
        let etag = |client: &Client| {
            client
                .get(&region_path(&made))
                .send()
                .header("etag")
                .map(str::to_owned)
        };
        let before = etag(server);
        let renamed = logged(server, key, || {
            patch(server, key, &path, &json!({ "name": "New" }));
        });
        assert_eq!(
            one_changeset(&renamed),
            [
                "updated all-roles 2",
                "updated child 2",
                "updated kept 2",
                "updated old 3",
                "updated serving 2"
            ]
        );
        assert_ne!(etag(server), before);
        let moved = logged(server, key, || {
            patch(server, key, &path, &json!({ "slug": "new" }));
        });
        assert_eq!(moved.len(), 5);
        let region = read(server, key, &region_path(&made));
        let reference = shown(&read(server, key, &path));
        assert_eq!(reference["name"], "New");
        for list in ["municipalities", "partners", "networks"] {
            assert_eq!(region[list][0]["organisation"], reference, "{list}");
        }
        assert_eq!(region["updatedAt"], moved[0]["at"]);
        assert_feed_equals_reads(server, key);
    }
}

/// An organisation with every member that a caller can set, in forms other than the stored ones.
fn everything() -> Value {
    json!({
        "slug": "alles", "name": "  Alles ", "alternativeNames": ["Álles", "All"],
        "kind": "school_board", "sectors": ["vo", "po"], "denomination": "reformatorisch",
        "isPlaceholder": true, "summary": "Kort", "description": "# Lang\n\n*met* <b>opmaak</b>\n",
        "website": "https://alles.example/",
        "addresses": [{ "kind": "visiting", "street": "Dorpsstraat", "houseNumber": "12a",
            "postcode": "8081ab", "city": "Elburg", "latitude": 52.447_912_3, "longitude": 5 }],
        "contacts": [{ "kind": "email", "value": "post@alles.example", "label": "Post",
            "isFunctional": true, "visibility": "public", "validUntil": "2999-12-31" }],
        "founded": "1999~",
        "dissolved": { "edtf": "2020-12", "text": "eind 2020", "inferred": "jaarverslag" },
        "parents": [{ "organisation": "parent", "kind": "established_by",
            "start": "2014-23", "end": "2015/.." }],
        "serviceArea": { "municipalities": ["parent"], "postcodes": ["8081", "8082"] },
        "identifiers": [{ "scheme": "swv", "value": "po-25-09", "start": "2014", "end": "2999" }],
        "sources": [{ "url": "https://bron.example/a", "title": "Bron", "publisher": "Uitgever",
            "retrievedOn": "2026-01-02", "quote": "> woorden", "note": "let op" }],
        "visibility": "restricted", "steward": "parent", "verifiedOn": "2026-03-04",
    })
}

/// How the register shows it, but for what the register itself sets.
fn expected(parent: &Value) -> Value {
    with(
        everything(),
        &json!({
            "name": "Alles",
            "addresses": [{ "kind": "visiting", "street": "Dorpsstraat", "houseNumber": "12a",
                "postcode": "8081 AB", "city": "Elburg", "latitude": 52.447_912_3, "longitude": 5.0 }],
            "founded": date("1999~", "rond 1999", "1999-01-01", "1999-12-31"),
            "dissolved": { "edtf": "2020-12", "text": "eind 2020", "earliest": "2020-12-01",
                "latest": "2020-12-31", "inferred": "jaarverslag" },
            "parents": [{
                "organisation": shown(parent), "kind": "established_by",
                "start": date("2014-23", "najaar 2014", "2014-09-01", "2014-11-30"),
                "end": { "edtf": "2015/..", "text": "sinds 2015", "earliest": "2015-01-01" },
            }],
            "serviceArea": { "municipalities": [shown(parent)], "postcodes": ["8081", "8082"] },
            "identifiers": [{ "scheme": "swv", "value": "PO2509",
                "start": date("2014", "2014", "2014-01-01", "2014-12-31"),
                "end": date("2999", "2999", "2999-01-01", "2999-12-31") }],
            "steward": shown(parent),
        }),
    )
}

/// The members that only the register sets, as a document has them.
fn register_members(document: &Value) -> Value {
    let names = ["id", "version", "createdAt", "updatedAt"];
    names
        .iter()
        .map(|name| ((*name).to_owned(), document[*name].clone()))
        .collect()
}
