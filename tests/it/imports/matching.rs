//! Which document of the register a document of a file is.

use serde_json::{Value, json};

use super::{import, position, project};
use crate::support::{Server, items};

fn named(name: &str, rest: Value) -> Value {
    let mut organisation = json!({"type": "organisations", "name": name, "kind": "welfare"});
    if let Value::Object(rest) = rest {
        for (name, value) in rest {
            organisation[name] = value;
        }
    }
    organisation
}

fn with(mut document: Value, name: &str, value: Value) -> Value {
    document[name] = value;
    document
}

/// The slugs of the documents that the first warning names.
fn items_of(done: &super::Imported, nth: usize) -> Vec<&Value> {
    let documents = done.documents[nth]["warnings"][0]["documents"].as_array();
    documents
        .into_iter()
        .flatten()
        .map(|one| &one["slug"])
        .collect()
}

both! {
    fn a_document_is_found_by_id_identifier_or_slug(server: &Server) {
        let kvk = json!({"identifiers": [{"scheme": "kvk", "value": "12345678"}]});
        import(server, "", &[named("Stichting", kvk)]).assert_applied();
        let found = server.get("/organisations/kvk:12345678").send().expect(200).json();
        let keys = [
            json!({"id": found["id"]}),
            json!({"slug": "stichting"}),
            json!({"identifiers": [{"scheme": "kvk", "value": " 12345678 "}]}),
        ];
        for (nth, mut key) in keys.into_iter().enumerate() {
            key["summary"] = json!(format!("Keer {nth}."));
            key["type"] = json!("organisations");
            let done = import(server, "", &[key]).assert_applied();
            assert_eq!(done.statuses(), ["changed"]);
            assert_eq!(done.documents[0]["id"], found["id"]);
        }
        let now = server.get("/organisations/stichting").send().expect(200).json();
        assert_eq!((&now["summary"], &now["version"]), (&json!("Keer 2."), &json!(4)));
        assert_eq!(now["identifiers"][0]["value"], "12345678");
    }

    fn a_row_with_one_code_leaves_codes_of_other_schemes_as_they_are(server: &Server) {
        let codes = json!([{"scheme": "kvk", "value": "12345678"}, {"scheme": "eigen", "value": "a"}]);
        import(server, "", &[named("Stichting", json!({"identifiers": codes}))]).assert_applied();
        let row = json!({"type": "organisations", "identifiers": [{"scheme": "kvk", "value": "12345678"}], "summary": "Nu."});
        import(server, "", std::slice::from_ref(&row)).assert_applied();
        let now = server.get("/organisations/eigen:a").send().expect(200).json();
        assert_eq!((now["summary"].as_str(), now["identifiers"].as_array().map(Vec::len)), (Some("Nu."), Some(2)));
        let mut other = row;
        other["identifiers"][0] = json!({"scheme": "eigen", "value": "b"});
        other["slug"] = json!("stichting");
        import(server, "", &[other]).assert_applied();
        server.get("/organisations/eigen:b").send().expect(200);
        server.get("/organisations/eigen:a").send().problem(404, "not-found");
    }

    fn keys_of_two_documents_in_one_row_are_refused(server: &Server) {
        import(server, "", &[project("een", json!({})), project("twee", json!({"identifiers": [{"scheme": "eigen", "value": "2"}]}))]).assert_applied();
        let both = project("een", json!({"identifiers": [{"scheme": "eigen", "value": "2"}], "summary": "?"}));
        let done = import(server, "", &[both]);
        assert_eq!(done.errors(), [(1, String::new(), "ambiguous".to_owned())]);
    }

    fn an_id_is_one_of_the_register_or_none(server: &Server) {
        let project = |id: Value| json!({"type": "projects", "id": id, "name": "Een", "kind": "pilot"});
        for (id, code) in [(json!("17"), "invalid_format"), (json!("abc-1"), "invalid_format"), (json!(17), "wrong_type")] {
            let done = import(server, "", &[project(id)]);
            assert_eq!(done.errors(), [(1, "/id".to_owned(), code.to_owned())]);
        }
        let nothing = |name: &str, value: Value| {
            let mut one = project(Value::Null);
            one[name] = value;
            one
        };
        for one in [project(Value::Null), project(json!("")), nothing("identifiers", Value::Null), nothing("summary", Value::Null)] {
            for _ in 0..2 {
                import(server, "", std::slice::from_ref(&one)).assert_applied();
            }
        }
        let found = server.get("/projects").send().expect(200).json();
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    }

    fn one_document_stands_once_in_a_file(server: &Server) {
        let done = import(server, "", &[project("een", json!({})), project("een", json!({"summary": "nog eens"}))]);
        assert_eq!(done.errors(), [(2, String::new(), "duplicate".to_owned())]);
        let detail = done.documents[1]["errors"][0]["detail"].as_str().unwrap_or_default();
        assert!(detail.starts_with("'een' staat ook in rij 1."), "{detail}");
        import(server, "", &[project("een", json!({"identifiers": [{"scheme": "eigen", "value": "1"}]}))]).assert_applied();
        // By two of its names.
        let other = json!({"type": "projects", "identifiers": [{"scheme": "eigen", "value": "1"}], "summary": "?"});
        let done = import(server, "", &[json!({"type": "projects", "slug": "een"}), other]);
        assert_eq!(done.errors(), [(2, String::new(), "duplicate".to_owned())]);
    }

    fn a_document_without_a_key_is_made_once_and_never_changed_by_its_name(server: &Server) {
        let rows = [named("De Brug", json!({})), named("De Kade", json!({}))];
        import(server, "", &rows).assert_applied();
        let before = position(server);
        let again = import(server, "", &rows).assert_applied();
        assert_eq!(again.statuses(), ["unchanged"; 2]);
        assert_eq!(position(server), before);
        let other = named("de brug", json!({"summary": "Een andere."}));
        let done = import(server, "", std::slice::from_ref(&other));
        assert_eq!(done.errors(), [(1, String::new(), "conflict".to_owned())]);
        // With a slug of its own it is another, and that is pointed out.
        let mut own = other;
        own["slug"] = json!("de-brug-elburg");
        let done = import(server, "", &[own]).assert_applied();
        assert_eq!(done.statuses(), ["created"]);
        let warning = &done.documents[0]["warnings"][0];
        assert_eq!((&warning["code"], &warning["documents"][0]["slug"]), (&json!("same_name"), &json!("de-brug")));
        assert_eq!(done.summary["warnings"], 1);
    }

    fn a_slug_that_a_document_of_the_file_takes_is_not_given_to_another(server: &Server) {
        // Those without a slug are given one that no other has by then.
        let slug = json!({"slug": "de-brug"});
        let rows = [named("De Brug", slug.clone()), named("De Brug", json!({})), named("De Brug", json!({}))];
        let done = import(server, "", &rows).assert_applied();
        let slugs: Vec<&Value> = done.documents.iter().map(|one| &one["slug"]).collect();
        assert_eq!(slugs, ["de-brug", "de-brug-2", "de-brug-3"]);
        // What the file calls another is made for none, wherever that stands; and again nothing changes.
        let slug = json!({"slug": "de-kade", "identifiers": [{"scheme": "eigen", "value": "k"}]});
        let rows = [named("De Kade", json!({})), named("De Kade", slug)];
        let done = import(server, "mode=partial", &rows).assert_applied();
        let slugs: Vec<&Value> = done.documents.iter().map(|one| &one["slug"]).collect();
        assert_eq!(slugs, ["de-kade-2", "de-kade"]);
        let done = import(server, "mode=partial", &rows).assert_applied();
        assert_eq!(done.statuses(), ["unchanged", "unchanged"]);
        // Nor one that another had before, or that went with another.
        import(server, "", &[json!({"type": "organisations", "slug": "de-kade", "summary": "Nu."})]).assert_applied();
        let kade = server.get("/organisations/de-kade").send().expect(200).json();
        let moved = json!({"type": "organisations", "id": kade["id"], "slug": "de-wal"});
        import(server, "", &[moved]).assert_applied();
        let done = import(server, "", &[named("De Kade", json!({"slug": "de-kade"}))]);
        assert_eq!(done.errors(), [(1, String::new(), "moved".to_owned())]);
        let done = import(server, "", &[named("De Kade", json!({"summary": "Een andere."}))]);
        assert_eq!(done.errors(), [(1, String::new(), "conflict".to_owned())]);
    }

    fn an_id_of_another_collection_is_told_and_harms_nothing_else(server: &Server) {
        let theme = json!({"type": "themes", "slug": "weg", "label": "Weg"});
        import(server, "", &[project("een", json!({})), theme]).assert_applied();
        let ids = ["/projects/een", "/themes/weg"].map(|place| server.get(place).send().expect(200).json()["id"].clone());
        server.delete("/themes/weg").key(server.admin_key()).send().expect(204);
        for query in ["", "dryRun=true", "mode=partial"] {
            let rows = [named("De Brug", json!({"id": ids[0]})), named("De Kade", json!({"id": ids[1]})), named("De Sluis", json!({}))];
            let done = import(server, query, &rows);
            let wrong = |nth| (nth, "/id".to_owned(), "contradiction".to_owned());
            assert_eq!(done.errors(), [wrong(1), wrong(2)], "{query}: {}", done.summary);
        }
        assert_eq!(items(&server.get("/organisations").send().expect(200).json()).len(), 1);
        let id = json!("01890000-0000-7000-8000-00000000000a");
        let rows = [named("De Haven", json!({"id": id})), json!({"type": "themes", "id": id, "label": "Haven"})];
        let done = import(server, "mode=partial", &rows);
        assert_eq!(done.errors(), [(2, String::new(), "duplicate".to_owned())]);
    }

    fn a_document_that_the_file_names_is_not_also_one_that_only_its_name_tells(server: &Server) {
        // The first makes two of one name; the second finds both.
        let rows = [named("De Brug", json!({"slug": "brug"})), named("De Brug", json!({})), json!({"type": "themes", "label": "Zelfde"}), json!({"type": "themes", "label": "Zelfde"}), json!({"type": "themes", "slug": "zelfde", "label": "Zelfde"})];
        import(server, "", &rows).assert_applied();
        let before = position(server);
        for query in ["", "dryRun=true"] {
            let again = import(server, query, &rows);
            assert_eq!(again.errors(), []);
            assert_eq!(again.statuses(), ["unchanged"; 5]);
        }
        assert_eq!(position(server), before);
        import(server, "", &[named("De Kade", json!({"slug": "kade"}))]).assert_applied();
        let mut rows = vec![named("de  kade", json!({})), json!({"type": "organisations", "slug": "kade", "summary": "Nu."})];
        for (query, wrong) in [("", 1), ("dryRun=true", 1), ("", 2), ("dryRun=true", 2)] {
            if query.is_empty() && wrong == 2 {
                rows.reverse();
            }
            let done = import(server, query, &rows);
            assert_eq!(done.errors(), [(wrong, String::new(), "duplicate".to_owned())]);
        }
        assert!(server.get("/organisations/kade").send().expect(200).json()["summary"].is_null());
    }

    fn an_organisation_at_the_address_of_another_is_pointed_out(server: &Server) {
        let at = |postcode: &str, number: &str| json!({"addresses": [{"kind": "visiting", "postcode": postcode, "houseNumber": number}]});
        import(server, "", &[named("Een", at("8081 AB", "12a"))]).assert_applied();
        let rows = [named("Twee", at("8081ab", "12-A")), named("Drie", at("8081 AB", "13"))];
        let done = import(server, "", &rows).assert_applied();
        let warning = &done.documents[0]["warnings"][0];
        assert_eq!((&warning["code"], &warning["documents"][0]["slug"]), (&json!("same_address"), &json!("een")));
        assert!(done.documents[1].get("warnings").is_none());
        // Also when it comes there later; and once.
        let moves = json!({"type": "organisations", "slug": "drie", "addresses": [{"kind": "visiting", "postcode": "8081 AB", "houseNumber": "12a"}]});
        let done = import(server, "", std::slice::from_ref(&moves)).assert_applied();
        let slugs: Vec<&Value> = items_of(&done, 0);
        assert_eq!((slugs, &done.documents[0]["warnings"][0]["code"]), (vec![&json!("een"), &json!("twee")], &json!("same_address")));
        let other = with(moves, "summary", json!("Kort."));
        let done = import(server, "", &[other]).assert_applied();
        assert_eq!((done.statuses(), &done.summary["warnings"]), (vec!["changed"], &json!(0)));
    }

    fn who_comes_to_be_called_alike_or_otherwise_is_pointed_out(server: &Server) {
        let of = |slug: &str, name: &str, rest: Value| named(name, with(rest, "slug", json!(slug)));
        let code = json!({"identifiers": [{"scheme": "kvk", "value": "87654321"}]});
        let mut rows: Vec<Value> = (0..6).map(|nth| of(&format!("zelfde-{nth}"), "Zelfde", json!({}))).collect();
        rows.push(of("een", "Een", code.clone()));
        import(server, "", &rows).assert_applied();
        // Another name, which others have: five are named, and that there are more.
        let done = import(server, "", &[of("een", "ZELFDE", json!({}))]).assert_applied();
        let warning = &done.documents[0]["warnings"][0];
        assert_eq!((&warning["code"], items_of(&done, 0).len()), (&json!("same_name"), 5));
        assert!(warning["detail"].as_str().unwrap_or_default().contains("er zijn er meer"), "{warning}");
        // Only a code says that it is this one.
        for (name, slug) in [("Ander", json!("ander")), ("Nog een ander", Value::Null)] {
            let mut row = named(name, code.clone());
            if slug.is_string() {
                row["slug"] = slug;
            }
            for query in ["dryRun=true", ""] {
                let done = import(server, query, std::slice::from_ref(&row));
                let warnings = &done.documents[0]["warnings"];
                assert_eq!((done.statuses()[0], &warnings[0]["code"], warnings.as_array().map(Vec::len)), ("changed", &json!("same_code"), Some(1)), "{name}");
            }
            let again = import(server, "", &[row]).assert_applied();
            assert_eq!((again.statuses(), &again.summary["warnings"]), (vec!["unchanged"], &json!(0)));
        }
        // Who gives the slug or id too knows which one it is.
        let done = import(server, "", &[of("ander", "Weer anders", code)]).assert_applied();
        assert_eq!((done.statuses(), &done.summary["warnings"]), (vec!["changed"], &json!(0)));
    }

    fn a_document_that_went_into_another_is_not_written_over_that(server: &Server) {
        import(server, "", &[named("Oud", json!({})), named("Nieuw", json!({"summary": "Blijft."}))]).assert_applied();
        let merge = server.post("/organisations/oud/merge").key(server.admin_key());
        merge.json(&json!({"into": "nieuw"})).send().expect(200);
        let done = import(server, "", &[named("Oud", json!({"slug": "oud"}))]);
        assert_eq!(done.errors(), [(1, String::new(), "moved".to_owned())]);
        assert_eq!(server.get("/organisations/nieuw").send().expect(200).json()["summary"], "Blijft.");
    }

    with(["--demo"], [])
    fn what_is_hidden_from_an_editor_is_neither_found_nor_pointed_out(server: &Server) {
        let hidden = named("Verborgen", json!({"slug": "verborgen", "visibility": "restricted", "steward": "gemeente-nunspeet"}));
        import(server, "", &[hidden]).assert_applied();
        let editor = server.key("editor", Some("gemeente-elburg"));
        let send = |document: Value| super::told(&super::request(server, "", &[document]).key(&editor).send());
        let done = send(named("Verborgen", json!({}))).assert_applied();
        assert_eq!(done.statuses(), ["created"]);
        assert!(done.documents[0].get("warnings").is_none());
        let done = send(named("Anders", json!({"slug": "verborgen"})));
        assert_eq!(done.errors(), [(1, String::new(), "taken".to_owned())]);
        // Nor does it take the place of what he may see.
        let street = json!([{"kind": "visiting", "postcode": "8081 AB", "houseNumber": "7"}]);
        let alike = |slug: String, visibility: &str| named("Gelijk", json!({"slug": slug, "visibility": visibility, "addresses": street}));
        let hidden = (0..25).map(|nth| alike(format!("a-{nth}"), "restricted"));
        let shown = (0..2).map(|nth| alike(format!("b-{nth}"), "public"));
        import(server, "", &hidden.chain(shown).collect::<Vec<_>>()).assert_applied();
        let done = send(with(alike("c".into(), "public"), "steward", json!("gemeente-elburg"))).assert_applied();
        let warnings = &done.documents[0]["warnings"];
        assert_eq!((&warnings[0]["code"], &warnings[1]["code"]), (&json!("same_name"), &json!("same_address")), "{warnings}");
        for nth in 0..2 {
            let slugs = warnings[nth]["documents"].as_array().into_iter().flatten().map(|one| &one["slug"]);
            assert_eq!(slugs.collect::<Vec<_>>(), ["b-0", "b-1"]);
        }
        let all = server.get("/organisations?limit=100").key(server.admin_key()).send().expect(200).json();
        assert!(items(&all).iter().any(|one| one["slug"] == "verborgen" && one["version"] == 1));
    }
}
