//! Bodies that are wrong: every fault is named at once, in both languages, and nothing is stored.

use serde_json::{Value, json};

use crate::{
    builders::{create, faults, log, organisation, organisation_path, read, region, with},
    support::{Server, items, text},
};

both! {
    fn all_faults_of_a_body_are_told_at_once_in_both_languages(server: &Server) {
        let key = server.admin_key();
        let body = json!({
            "name": "",
            "kind": "gemeente",
            "sumary": "typo",
            "steward": "nobody",
            "parents": [{ "organisation": "cbs:GM9999", "kind": "part_of" }, { "organisation": "nobody" }],
            "contacts": [{ "kind": "email", "value": "x@example.org", "validUntill": "2030-01-01" }],
            "serviceArea": { "municipalities": ["nobody"], "postcodes": ["80"] },
            "founded": "vorig jaar",
            "a/b~c": 1,
        });
        let post = |language: &str| {
            let post = server
                .post("/organisations")
                .key(key)
                .header("accept-language", language);
            let reply = post.json(&body).send();
            assert_eq!(reply.header("content-language"), Some(&language[..2]));
            reply.problem(400, "invalid-input")
        };
        let (dutch, english) = (post("nl"), post("en-GB,en;q=0.9"));
        assert_eq!(
            faults(&dutch),
            [
                "body /a~1b~0c unknown_member",
                "body /contacts/0/validUntill unknown_member",
                "body /founded invalid_format",
                "body /kind unknown_value",
                "body /name empty",
                "body /parents/0/organisation unknown_reference",
                "body /parents/1/kind missing",
                "body /parents/1/organisation unknown_reference",
                "body /serviceArea/municipalities/0 unknown_reference",
                "body /serviceArea/postcodes/0 invalid_format",
                "body /steward unknown_reference",
                "body /sumary unknown_member",
            ]
        );
        assert_eq!(
            faults(&english),
            faults(&dutch),
            "codes and places never change"
        );
        let told = |problem: &Value, place: &str| -> String {
            let errors = problem["errors"].as_array().unwrap();
            text(
                errors
                    .iter()
                    .find(|error| error["location"] == place)
                    .unwrap(),
                "detail",
            )
        };
        assert_eq!(
            (text(&dutch, "title"), text(&english, "title")),
            ("Ongeldige invoer".into(), "Invalid input".into())
        );
        assert_eq!(told(&dutch, "/name"), "De tekst is leeg.");
        assert_eq!(told(&english, "/name"), "The text is empty.");
        assert!(
            told(&dutch, "/kind").contains("municipality, ministry"),
            "the allowed ones are listed"
        );
        assert!(
            told(&english, "/sumary").contains("summary"),
            "the possible names are listed"
        );
        for (nl, en) in dutch["errors"]
            .as_array()
            .unwrap()
            .iter()
            .zip(english["errors"].as_array().unwrap())
        {
            assert_ne!(nl["detail"], en["detail"], "not translated");
        }
        assert!(log(server, key).is_empty());
        assert!(items(&read(server, key, "/organisations")).is_empty());
    }

    fn a_problem_in_dutch_looks_like_this(server: &Server) {
        let reply = server.post("/organisations").key(server.admin_key())
            .header("x-request-id", "example")
            .json(&json!({ "name": "X", "kind": "school", "website": "example.org", "sectors": "po" }))
            .send();
        let mut problem = reply.problem(400, "invalid-input");
        problem["type"] = json!("…");
        // The same on both databases.
        insta::allow_duplicates! { insta::assert_json_snapshot!(problem, @r#"
        {
          "type": "…",
          "title": "Ongeldige invoer",
          "status": 400,
          "detail": "De invoer klopt niet; `errors` noemt elke fout met haar plaats.",
          "instance": "urn:request:example",
          "errors": [
            {
              "in": "body",
              "location": "/sectors",
              "code": "wrong_type",
              "detail": "Hier hoort een waarde van het type array."
            },
            {
              "in": "body",
              "location": "/website",
              "code": "invalid_format",
              "detail": "Ongeldige vorm. Verwacht: een volledig webadres dat met https:// of http:// begint."
            }
          ]
        }
        "#) }
    }

    fn a_fault_of_one_member_does_not_hide_those_of_its_neighbours(server: &Server) {
        let body = with(
            organisation("X"),
            &json!({
                "visibility": "secret",
                "contacts": [{ "kind": "email", "value": "no at sign", "label": 3 }],
                "identifiers": [
                    { "scheme": "kvk", "value": "1", "start": "never" },
                    { "scheme": "own", "value": "1" },
                    { "scheme": "own", "value": "1" },
                ],
                "parents": [{ "organisation": "nobody", "kind": "x", "start": "2015", "end": "2014" }],
                "founded": "2015", "dissolved": "2014",
                "id": "01890000-0000-7000-8000-000000000000",
            }),
        );
        let reply = server
            .post("/organisations")
            .key(server.admin_key())
            .json(&body)
            .send();
        assert_eq!(
            faults(&reply.problem(400, "invalid-input")),
            [
                "body /contacts/0/label wrong_type",
                "body /contacts/0/value invalid_format",
                "body /dissolved ends_before_start",
                "body /id read_only",
                "body /identifiers/0/start invalid_format",
                "body /identifiers/0/value invalid_format",
                "body /identifiers/2 duplicate",
                "body /parents/0/end ends_before_start",
                "body /parents/0/kind unknown_value",
                "body /parents/0/organisation unknown_reference",
                "body /visibility unknown_value",
            ]
        );
    }

    fn a_value_of_another_type_is_refused_wherever_it_stands(server: &Server) {
        let key = server.admin_key();
        let wrong = json!([
            ["name", 7], ["name", null], ["name", ["x"]], ["kind", true],
            ["sectors", "po"], ["sectors", { "0": "po" }],
            ["isPlaceholder", "yes"], ["isPlaceholder", 1], ["alternativeNames", [1]],
            ["contacts", { "kind": "email" }],
            ["contacts", ["x"]], ["addresses", [null]], ["serviceArea", []], ["founded", 2014],
            ["founded", { "edtf": 2014 }],
            ["verifiedOn", 20_260_101], ["steward", 7], ["steward", ["a"]], ["identifiers", "cbs:GM0230"],
            ["sources", [{ "title": 1 }]], ["slug", 1], ["visibility", false],
        ]);
        for case in wrong.as_array().unwrap() {
            let (member, value) = (case[0].as_str().unwrap(), &case[1]);
            let body = with(organisation("X"), &json!({ member: value }));
            let problem = server.post("/organisations").key(key).json(&body).send();
            let problem = problem.problem(400, "invalid-input");
            let codes: Vec<_> = problem["errors"]
                .as_array()
                .unwrap()
                .iter()
                .map(|error| &error["code"])
                .collect();
            assert_eq!(codes, ["wrong_type"], "{case}");
            let location = text(&problem["errors"][0], "location");
            assert!(
                location.starts_with(&format!("/{member}")),
                "{case}: {location}"
            );
        }
        assert!(log(server, key).is_empty());
    }

    fn text_that_a_database_or_a_screen_could_not_hold_is_refused(server: &Server) {
        let key = server.admin_key();
        let long = |length: usize| "é".repeat(length);
        let cases = [
            (json!({ "name": "a\u{0}b" }), "/name control_characters"),
            (json!({ "name": "a\nb" }), "/name control_characters"),
            (
                json!({ "description": "a\u{0}" }),
                "/description control_characters",
            ),
            (
                json!({ "summary": "\u{1b}[31m" }),
                "/summary control_characters",
            ),
            (
                json!({ "denomination": "\u{0}" }),
                "/denomination control_characters",
            ),
            (json!({ "steward": "a\u{0}" }), "/steward control_characters"),
            (
                json!({ "steward": "own:a\u{0}" }),
                "/steward control_characters",
            ),
            (json!({ "slug": "a\u{0}" }), "/slug invalid_format"),
            (json!({ "founded": "2014\u{0}" }), "/founded invalid_format"),
            (
                json!({ "founded": { "edtf": "2014", "text": "\u{0}" } }),
                "/founded/text control_characters",
            ),
            (json!({ "a\u{0}": 1 }), "/a\u{0} unknown_member"),
            (
                json!({ "identifiers": [{ "scheme": "own", "value": "a\u{0}" }] }),
                "/identifiers/0/value control_characters",
            ),
            (json!({ "name": long(301) }), "/name too_long"),
            (
                json!({ "description": long(50_001) }),
                "/description too_long",
            ),
            (
                json!({ "alternativeNames": ["ok", long(301)] }),
                "/alternativeNames/1 too_long",
            ),
            (
                json!({ "website": format!("https://x.example/{}", "a".repeat(2_000)) }),
                "/website too_long",
            ),
            (
                json!({ "identifiers": [{ "scheme": "own", "value": long(201) }] }),
                "/identifiers/0/value invalid_format",
            ),
            (json!({ "name": " \t " }), "/name empty"),
        ];
        for (members, fault) in cases {
            let body = with(organisation("X"), &members);
            let problem = server.post("/organisations").key(key).json(&body).send();
            assert_eq!(
                faults(&problem.problem(400, "invalid-input")),
                [format!("body {fault}")]
            );
        }
        assert!(log(server, key).is_empty());
        let fits = json!({
            "name": long(300),
            "description": long(50_000),
            "summary": "a\r\n\tb 👩‍👩‍👧 \u{202e}",
        });
        let made = create(
            server,
            key,
            "/organisations",
            &with(organisation("X"), &fits),
        );
        for member in ["name", "description", "summary"] {
            assert_eq!(
                read(server, key, &organisation_path(&made))[member],
                fits[member]
            );
        }
    }

    fn a_refused_write_leaves_the_document_and_the_log_as_they_were(server: &Server) {
        let key = server.admin_key();
        let made = create(server, key, "/organisations", &organisation("Kept"));
        let other = create(server, key, "/regions", &region("Region"));
        let path = organisation_path(&made);
        let before = log(server, key);
        for (members, status) in [
            (json!({ "summary": "new", "kind": "nothing" }), 400),
            (
                json!({ "summary": "new", "parents": [{ "organisation": other["id"], "kind": "part_of" }] }),
                400,
            ),
            (
                json!({ "name": "New", "slug": "kept", "steward": "none" }),
                400,
            ),
            (json!({ "name": "New", "bsn": "111222333" }), 400),
        ] {
            server
                .patch(&path)
                .key(key)
                .json(&members)
                .send()
                .expect(status);
            server
                .put(&path)
                .key(key)
                .json(&with(organisation("Kept"), &members))
                .send()
                .expect(status);
            server
                .put("/organisations/new")
                .key(key)
                .json(&with(organisation("N"), &members))
                .send()
                .expect(status);
        }
        assert_eq!(read(server, key, &path), made);
        assert_eq!(log(server, key), before);
        server
            .get("/organisations/new")
            .send()
            .problem(404, "not-found");
    }
}
