//! Codes of other registers: their forms, their faults, and that each belongs to one document.

use serde_json::json;

use crate::{
    builders::{create, faults, log, organisation, organisation_path, patch, read, region, with},
    support::Server,
};

both! {
    fn identifiers_of_known_schemes_are_stored_in_one_form(server: &Server) {
        let key = server.admin_key();
        let known = [
            ("cbs", "gm0230", "GM0230"),
            ("cbs", "PV25", "PV25"),
            ("oin", "00000001123456782000", "00000001123456782000"),
            ("kvk", " 12345678 ", "12345678"),
            ("rsin", "123456782", "123456782"),
            ("brin", "07nu00", "07NU00"),
            ("swv", "po-25-09", "PO2509"),
            ("agb", "01234567", "01234567"),
            (
                "tooi",
                "https://identifier.overheid.nl/tooi/id/gemeente/GM0230",
                "https://identifier.overheid.nl/tooi/id/gemeente/gm0230",
            ),
            ("own-key-2", "Eigen sleutel 1", "Eigen sleutel 1"),
        ];
        let given = known.map(|(scheme, value, _)| json!({ "scheme": scheme, "value": value }));
        let body = with(organisation("Known"), &json!({ "identifiers": given }));
        let made = create(server, key, "/organisations", &body);
        for (row, (scheme, _, stored)) in made["identifiers"].as_array().unwrap().iter().zip(known)
        {
            assert_eq!(
                (&row["scheme"], &row["value"]),
                (&json!(scheme), &json!(stored))
            );
            let code = stored.replace('/', "%2F").replace(' ', "%20");
            let found = read(server, key, &format!("/organisations/{scheme}:{code}"));
            assert_eq!(found["id"], made["id"], "{scheme}");
        }
    }

    fn each_faulty_identifier_is_named(server: &Server) {
        let key = server.admin_key();
        let faulty = [
            ("cbs", "GM23", "value invalid_format"),
            ("oin", "00000001123456781000", "value checksum_failed"),
            ("kvk", "1234567", "value invalid_format"),
            ("rsin", "123456781", "value checksum_failed"),
            ("rsin", "000000000", "value invalid_format"),
            ("brin", "0AB1", "value invalid_format"),
            ("swv", "SO2509", "value invalid_format"),
            ("agb", "1234567X", "value invalid_format"),
            ("tooi", "https://example.org/gm0230", "value invalid_format"),
            ("own", "two  spaces", "value invalid_format"),
            ("own", " ", "value empty"),
            ("KVK", "12345678", "scheme invalid_format"),
            ("9-lives", "1", "scheme invalid_format"),
            ("bsn", "111222333", "scheme citizen_service_number"),
            (" BSN", "1", "scheme citizen_service_number"),
        ];
        let given = faulty.map(|(scheme, value, _)| json!({ "scheme": scheme, "value": value }));
        let body = with(organisation("Faulty"), &json!({ "identifiers": given }));
        let problem = server.post("/organisations").key(key).json(&body).send();
        let problem = problem.problem(400, "invalid-input");
        let mut expected: Vec<String> = (0..)
            .zip(faulty)
            .map(|(n, (_, _, fault))| format!("body /identifiers/{n}/{fault}"))
            .collect();
        expected.sort();
        assert_eq!(faults(&problem), expected);
        assert!(
            !problem.to_string().contains("111222333"),
            "a private number is not echoed"
        );
    }

    fn an_identifier_belongs_to_one_document_of_a_collection(server: &Server) {
        let key = server.admin_key();
        let code = |value: &str| json!({ "identifiers": [{ "scheme": "cbs", "value": value }] });
        let first = create(
            server,
            key,
            "/organisations",
            &with(organisation("One"), &code("GM0230")),
        );
        let same = with(organisation("Two"), &code("gm0230"));
        server
            .post("/organisations")
            .key(key)
            .json(&same)
            .send()
            .problem(409, "taken");
        server
            .put("/organisations/own:2")
            .key(key)
            .json(&same)
            .send()
            .problem(409, "taken");
        create(
            server,
            key,
            "/regions",
            &with(region("Other collection"), &code("GM0230")),
        );
        let pair = json!({ "scheme": "own", "value": "1" });
        let twice = with(
            organisation("Twice"),
            &json!({ "identifiers": [pair, pair] }),
        );
        let problem = server.post("/organisations").key(key).json(&twice).send();
        assert_eq!(
            faults(&problem.problem(400, "invalid-input")),
            ["body /identifiers/1 duplicate"]
        );
        assert_eq!(log(server, key).len(), 2, "nothing of the refused is left");
        patch(
            server,
            key,
            &organisation_path(&first),
            &json!({ "identifiers": null }),
        );
        create(server, key, "/organisations", &same);
        server
            .put("/organisations/cbs:GM0230")
            .key(key)
            .json(&organisation("Two"))
            .send()
            .expect(200);
    }
}
