//! All that is wrong with a document is told at once, in the order of the file.

use serde_json::{Value, json};

use super::{Imported, import, position, project, raw, request, told};
use crate::builders::merge;
use crate::given::{delete, put};
use crate::support::Server;

fn of(number: u64, place: &str, code: &str) -> (u64, String, String) {
    (number, place.to_owned(), code.to_owned())
}

/// A document with more members, or others.
fn with(mut document: Value, rest: &Value) -> Value {
    for (name, value) in rest.as_object().into_iter().flatten() {
        document[name] = value.clone();
    }
    document
}

fn theme(slug: &str, rest: &Value) -> Value {
    with(json!({"type": "themes", "slug": slug, "label": slug}), rest)
}

fn organisation(name: &str, rest: &Value) -> Value {
    with(
        json!({"type": "organisations", "@name": name, "name": name, "kind": "welfare"}),
        rest,
    )
}

fn part_of(name: &str, rest: &Value) -> Value {
    with(json!({"organisation": name, "kind": "part_of"}), rest)
}

/// What came of the documents, in the order in which it was told.
fn in_order(server: &Server, query: &str, body: &[u8]) -> (Vec<u64>, Imported) {
    let reply = raw(server, query, body).key(server.admin_key()).send();
    let lines = reply.text();
    let lines = lines
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let numbers = lines.filter_map(|line| line["document"]["number"].as_u64());
    (numbers.collect(), told(&reply))
}

both! {
    fn a_cycle_is_told_beside_what_is_wrong_elsewhere(server: &Server) {
        let documents = [
            theme("a", &json!({"broader": "b"})), theme("b", &json!({"broader": "a"})),
            theme("los", &json!({"definition": 3})), theme("goed", &json!({"broader": "los"})),
        ];
        let done = import(server, "", &documents);
        let expected = [of(1, "/broader", "cycle"), of(2, "/broader", "cycle"), of(3, "/definition", "wrong_type")];
        assert_eq!(done.errors(), expected);
        assert_eq!(done.statuses(), ["failed", "failed", "failed", "created"]);
        let done = import(server, "mode=partial", &documents);
        let mut expected = expected.to_vec();
        expected.push(of(4, "/broader", "unknown_reference"));
        assert_eq!(done.errors(), expected);
        assert_eq!((&done.summary["failed"], &done.summary["created"]), (&json!(4), &json!(0)));
    }

    fn a_document_that_cannot_be_read_is_a_part_of_a_cycle_still(server: &Server) {
        let documents = [
            theme("a", &json!({"broader": "@b"})), theme("b", &json!({"@name": "b", "broader": "a", "label": 3})),
            organisation("x", &json!({"name": null, "parents": [part_of("@y", &json!({}))]})),
            organisation("y", &json!({"parents": [part_of("@z", &json!({"start": "geen dag"})), part_of("@x", &json!({}))]})),
            organisation("z", &json!({"kind": "geen-soort"})),
            project("p", json!({"minimumAge": -1, "related": [{"project": "q", "kind": "part_of"}]})),
            project("q", json!({"name": "", "related": [{"project": "p", "kind": "part_of"}]})),
        ];
        let expected = [
            of(1, "/broader", "cycle"), of(2, "/label", "wrong_type"), of(2, "/broader", "cycle"),
            of(3, "/name", "missing"), of(3, "/parents/0/organisation", "cycle"),
            of(4, "/parents/0/start", "invalid_format"), of(4, "/parents/1/organisation", "cycle"),
            of(5, "/kind", "unknown_value"),
            of(6, "/minimumAge", "out_of_range"), of(6, "/related/0/project", "cycle"),
            of(7, "/name", "empty"), of(7, "/related/0/project", "cycle"),
        ];
        let before = position(server);
        for mode in ["", "dryRun=true"] {
            let done = import(server, mode, &documents);
            assert_eq!(done.errors(), expected, "{mode}");
            assert_eq!(done.summary["failed"], 7, "{mode}");
        }
        // Each on its own, what is right refers to what will not be there.
        let mut alone = expected;
        alone[0].2 = "unknown_reference".into();
        assert_eq!(import(server, "mode=partial", &documents).errors(), alone);
        assert_eq!(position(server), before);
        // What each says beside its fault is no cycle by itself.
        let mut mended = documents;
        for (nth, place, value) in [(1, "label", json!("B")), (0, "broader", Value::Null), (2, "name", json!("x")),
            (2, "parents", json!([])), (4, "kind", json!("welfare")), (5, "minimumAge", json!(1)),
            (5, "related", json!([])), (6, "name", json!("q"))] {
            mended[nth][place] = value;
        }
        mended[3]["parents"][0]["start"] = json!("2024");
        import(server, "", &mended).assert_applied();
    }

    fn a_cycle_is_told_at_its_place_whatever_else_is_wrong_in_the_list(server: &Server) {
        let parents = |before: Value| json!([before, part_of("@y", &json!({})), part_of("dood", &json!({})), part_of("@y", &json!({}))]);
        for before in [json!(3), json!({}), part_of("nergens", &json!({})), part_of("x", &json!({"kind": "geen"}))] {
            let documents = [
                organisation("x", &json!({"sectors": ["geen"], "parents": parents(before.clone())})),
                organisation("y", &json!({"contacts": [3], "parents": [part_of("@x", &json!({"start": "geen"}))]})),
            ];
            let done = import(server, "", &documents);
            let cycles: Vec<(u64, String)> = done.errors().into_iter()
                .filter(|(.., code)| code == "cycle").map(|(number, place, _)| (number, place)).collect();
            let at = |number, nth| (number, format!("/parents/{nth}/organisation"));
            assert_eq!(cycles, [at(1, 1), at(1, 3), at(2, 0)], "{before}");
            for other in [of(1, "/parents/2/organisation", "unknown_reference"), of(1, "/sectors/0", "unknown_value"), of(2, "/contacts/0", "wrong_type"), of(2, "/parents/0/start", "invalid_format")] {
                assert!(done.errors().contains(&other), "{before} {other:?} {:?}", done.errors());
            }
        }
        // Also with another document of the name, which it may be or not.
        put(server, "/themes/k", &json!({"label": "K", "definition": "Er al."}));
        let documents = [
            json!({"type": "themes", "label": "K", "@name": "k", "broader": "@l"}),
            theme("l", &json!({"@name": "l", "broader": "@k"})),
        ];
        let expected = [of(1, "", "conflict"), of(1, "/broader", "cycle"), of(2, "/broader", "cycle")];
        assert_eq!(import(server, "", &documents).errors(), expected);
    }

    fn a_cycle_is_told_beside_what_its_item_lacks(server: &Server) {
        let lacking = |name: &str| json!({"parents": [{"organisation": name}]});
        let of_kind = |kind: Value| json!({"parents": [part_of("@z", &json!({})), part_of("@x", &json!({"kind": kind}))]});
        for kind in [json!("geen"), json!(3), Value::Null] {
            let documents = [
                organisation("x", &lacking("@y")), organisation("y", &of_kind(kind.clone())), organisation("z", &json!({})),
            ];
            let done = import(server, "", &documents);
            let cycles: Vec<_> = done.errors().into_iter().filter(|(.., code)| code == "cycle").collect();
            assert_eq!(cycles, [of(1, "/parents/0/organisation", "cycle"), of(2, "/parents/1/organisation", "cycle")], "{kind}");
            assert_eq!((done.errors().len(), done.statuses()), (4, vec!["failed", "failed", "created"]), "{kind}");
        }
        // A relation of projects makes one only if it is of that kind; to itself none is.
        let documents = [
            project("p", json!({"related": [{"project": "p"}, {"project": "q"}]})),
            project("q", json!({"related": [{"project": "p", "kind": "part_of"}]})),
        ];
        let expected = [of(1, "/related/0/kind", "missing"), of(1, "/related/1/kind", "missing"), of(1, "/related/0/project", "cycle")];
        assert_eq!(import(server, "", &documents).errors(), expected);
    }

    fn a_cycle_is_told_beside_a_date_that_cannot_be_read(server: &Server) {
        for (place, start) in [("/start", json!("geen")), ("/start/edtf", json!({"edtf": "geen", "text": "ooit"})),
            ("/start/edtf", json!({"text": "ooit"})), ("/start/text", json!({"edtf": "2024", "text": 3}))] {
            let document = organisation("x", &json!({"slug": "x", "parents": [part_of("x", &json!({"start": start}))]}));
            let errors = import(server, "", &[document]).errors();
            assert_eq!(errors[0].1, format!("/parents/0{place}"), "{start}");
            assert_eq!(errors[1..], [of(1, "/parents/0/organisation", "cycle")], "{start}");
        }
    }

    fn what_is_wrong_with_a_part_is_told_whatever_else_is_wrong_in_it(server: &Server) {
        let errors = |document: Value| import(server, "", &[document]).errors();
        let role = |rest: Value| json!({"type": "people", "name": {"family": "P"}, "roles": [rest]});
        for (place, code, rest) in [("title", "wrong_type", json!({"title": 3, "kind": "lead"})), ("zz", "unknown_member", json!({"title": "A", "kind": "lead", "zz": 1})),
            ("kind", "missing", json!({"title": "A"}))] {
            assert_eq!(errors(role(rest)), [of(1, "/roles/0", "contradiction"), of(1, &format!("/roles/0/{place}"), code)]);
        }
        assert_eq!(errors(role(json!({"title": 3, "kind": "lead", "area": "Zuid"}))), [of(1, "/roles/0/title", "wrong_type")]);
        let recipient = json!({"funding": [{"funders": [], "instrument": "subsidy", "recipient": {"type": "geen", "id": 3}}]});
        let told = errors(project("p", recipient));
        assert!(["/id", "/type"].iter().all(|end| told.iter().any(|(_, at, _)| *at == format!("/funding/0/recipient{end}"))), "{told:?}");
        // What says that there is no name lacks one, whichever document it is.
        let nameless = json!({"type": "organisations", "slug": "Geen Slug", "name": null, "kind": null});
        assert_eq!(errors(nameless), [of(1, "/name", "missing"), of(1, "/kind", "missing"), of(1, "/slug", "invalid_format")]);
        for (code, value) in [("wrong_type", json!({"value": 3})), ("empty", json!({"value": ""})), ("missing", json!({}))] {
            let document = theme("t", &json!({"identifiers": [with(value, &json!({"scheme": "geen schema"}))]}));
            let mut told = errors(document);
            told.sort();
            assert_eq!(told, [of(1, "/identifiers/0/scheme", "invalid_format"), of(1, "/identifiers/0/value", code)]);
        }
        for (place, code, rest) in [("text", "too_long", json!({"text": "x".repeat(400)})), ("inferred", "wrong_type", json!({"inferred": 3}))] {
            let mut told = errors(project("p", json!({"start": with(rest, &json!({"edtf": "geen"}))})));
            told.sort();
            assert_eq!(told, [of(1, "/start/edtf", "invalid_format"), of(1, &format!("/start/{place}"), code)]);
        }
    }

    fn what_is_right_is_not_told_as_wrong(server: &Server) {
        import(server, "", &[
            theme("onder", &json!({"broader": "boven"})), theme("boven", &json!({})),
            json!({"type": "organisations", "name": "Naamgenoot", "kind": "welfare"}),
            project("bestaat", json!({"focusPoints": [{"kind": "goal", "title": "A"}], "milestones": [{"kind": "start", "title": "M", "focusPoint": "A"}]})),
        ]).assert_applied();
        // What it will be instead is not what it was.
        for broader in [json!("dood"), json!(3)] {
            let documents = [theme("onder", &json!({"broader": broader})), theme("boven", &json!({"broader": "onder"}))];
            for query in ["", "onMissing=clear"] {
                let done = import(server, query, &documents);
                assert_eq!(done.errors().iter().map(|(number, place, _)| (*number, place.as_str())).collect::<Vec<_>>(), [(1, "/broader")], "{query}");
            }
            // Each on its own, it stays what it was.
            let done = import(server, "mode=partial", &documents);
            assert_eq!(done.errors()[1], of(2, "/broader", "cycle"), "{broader}");
        }
        // Each on its own, a right one may refer to one that stays as it is.
        let documents = [theme("boven", &json!({"label": 3, "broader": "onder2"})), theme("onder2", &json!({"broader": "boven"}))];
        let done = import(server, "mode=partial&dryRun=true", &documents);
        assert_eq!(done.statuses(), ["failed", "created"]);
        // A name that is wrong is not none: another of that name is not meant.
        for names in [json!({"slug": "Fout Slug"}), json!({"id": "fout"}), json!({"slug": 3}), json!({"slug": null}),
            json!({"identifiers": [{"scheme": "cbs", "value": "fout"}]}), json!({"identifiers": "x"})] {
            let named = with(json!({"type": "organisations", "name": "Naamgenoot", "summary": "Anders."}), &names);
            let done = import(server, "", &[named]);
            let errors = done.errors();
            assert!(errors.len() == 1 && !errors[0].1.is_empty(), "{names} {errors:?}");
        }
        // Points that cannot be read are not lacking.
        for points in [json!([{"kind": "goal"}]), json!([{"kind": "goal", "title": 3}]), json!(["A"]), json!("A")] {
            for slug in ["nieuw", "bestaat"] {
                let document = project(slug, json!({"focusPoints": points, "milestones": [{"kind": "start", "title": "M", "focusPoint": "A"}]}));
                let errors = import(server, "", &[document]).errors();
                assert!(errors.iter().all(|(_, place, _)| place.starts_with("/focusPoints")), "{points} {errors:?}");
            }
        }
        let errors = import(server, "", &[json!({"type": "projects", "slug": "bestaat", "focusPoints": 3})]).errors();
        assert_eq!(errors, [of(1, "/focusPoints", "wrong_type")]);
        // Others may refer to one with a member twice, and all that is wrong with it is told.
        let twice = r#"{"type": "themes", "@name": "a", "label": "x", "label": "y", "definition": 3, "geen": 1}"#;
        let lines = format!("{twice}
{}", theme("b", &json!({"broader": "@a"})));
        let done = told(&raw(server, "", lines.as_bytes()).key(server.admin_key()).send());
        assert_eq!(done.errors(), [of(1, "/label", "duplicate"), of(1, "/definition", "wrong_type"), of(1, "/geen", "unknown_member")]);
        // Who is called alike in the file alone is certain.
        let documents = [project("een", json!({"@name": "n"})), json!({"type": "projects", "@name": "n", "slug": "twee"})];
        let expected = [of(2, "", "duplicate"), of(2, "/kind", "missing"), of(2, "/name", "missing")];
        assert_eq!(import(server, "", &documents).errors(), expected);
        // One may refer to what does not say yet of which type it is, unless each stands on its own.
        let lead = |names: [&str; 3]| project("drie", json!({"participants": names.map(|name| json!({"organisation": name, "role": "lead"}))}));
        let documents = [json!({"type": "geen", "@name": "x"}), json!({"@name": "y", "slug": "y-slug"}), lead(["@x", "y-slug", "@z"])];
        let mut expected = vec![of(1, "/type", "unknown_value"), of(2, "/type", "missing"), of(3, "/participants/2/organisation", "unknown_reference")];
        assert_eq!(import(server, "", &documents).errors(), expected);
        expected.splice(2..2, [0, 1].map(|nth| of(3, &format!("/participants/{nth}/organisation"), "unknown_reference")));
        assert_eq!(import(server, "mode=partial", &documents).errors(), expected);
    }

    fn what_follows_from_more_than_one_member_is_told_too(server: &Server) {
        let person = |rest: Value| with(json!({"type": "people", "name": {"family": "Jansen"}, "summary": 3}), &rest);
        let errors = |document: Value| import(server, "", &[document]).errors();
        let fault = of(1, "/summary", "wrong_type");
        assert_eq!(errors(person(json!({"visibility": "public"}))), [fault.clone(), of(1, "/visibility", "contradiction")]);
        assert_eq!(errors(person(json!({"visibility": "public", "publicationBasis": "function"}))), std::slice::from_ref(&fault));
        assert_eq!(errors(person(json!({"visibility": "public", "publicationBasis": 3}))), [of(1, "/publicationBasis", "wrong_type"), fault.clone()]);
        assert_eq!(errors(person(json!({"displayName": "Anders"}))), [fault.clone(), of(1, "/displayName", "read_only")]);
        assert_eq!(errors(person(json!({"displayName": "Jansen"}))), [fault]);
        let body = json!({"name": {"family": "Jansen"}, "visibility": "public", "summary": 3});
        let problem = server.post("/people").key(server.admin_key()).json(&body).send().expect(400).json();
        assert_eq!(problem["errors"].as_array().map(Vec::len), Some(2), "{problem}");
    }

    fn of_a_file_that_is_damaged_all_that_is_wrong_up_to_there_is_told(server: &Server) {
        let before = position(server);
        let bad = theme("a", &json!({"label": 3, "broader": "later"}));
        let good = theme("b", &json!({}));
        let send = |kind: &str, query: &str, text: String| {
            let request = server.post(&format!("/imports?{query}")).header("content-type", kind).key(server.admin_key());
            told(&request.bytes(text.as_bytes()).send())
        };
        for mode in ["atomic", "partial"] {
            let done = send("application/json", &format!("mode={mode}"), format!("[{good}, {bad} x"));
            assert_eq!((done.errors(), &done.summary["failed"]), (vec![of(2, "/label", "wrong_type")], &json!(1)));
            assert_eq!((&done.summary["error"]["code"], &done.summary["applied"]), (&json!("unreadable_file"), &json!(false)));
            let text = "slug;Term;verifiedOn\na;;2020-01-01\nb;B;fout\nc;\"C;\n".to_owned();
            let done = send("text/csv", &format!("mode={mode}&type=themes"), text);
            assert_eq!(done.errors(), [of(1, "/label", "missing"), of(2, "/verifiedOn", "invalid_format")]);
            assert_eq!(done.summary["error"]["code"], "unreadable_file");
        }
        let documents = [theme("x", &json!({"broader": "y"})), theme("y", &json!({"broader": "x"})), bad];
        let text = documents.map(|one| one.to_string()).join(", ");
        for mode in ["atomic", "partial"] {
            let done = send("application/json", &format!("mode={mode}"), format!("[{text} x"));
            assert_eq!(done.errors(), [of(1, "/broader", "cycle"), of(2, "/broader", "cycle"), of(3, "/label", "wrong_type")]);
        }
        assert_eq!(position(server), before);
        server.get("/themes/b").send().problem(404, "not-found");
        let text = "slug;name.family;visibility;publicationBasis\na;A;public;fout\n".to_owned();
        assert_eq!(send("text/csv", "type=people", text).errors(), [of(1, "/publicationBasis", "unknown_value")]);
        // A cell under no header says nothing of which document it is.
        let text = "slug;Term;Ruimer thema\na;A;b;meer\nb;B;a\n".to_owned();
        let expected = [of(1, "", "contradiction"), of(1, "/broader", "cycle"), of(2, "/broader", "cycle")];
        assert_eq!(send("text/csv", "type=themes", text).errors(), expected);
    }

    fn another_document_of_the_name_is_told_beside_what_is_wrong(server: &Server) {
        let known = json!({"type": "organisations", "name": "Stichting", "kind": "welfare", "summary": "Kort."});
        import(server, "", std::slice::from_ref(&known)).assert_applied();
        let mut other = known.clone();
        other["summary"] = json!(3);
        // It may be the same, once that is mended.
        for query in ["", "onMissing=clear"] {
            assert_eq!(import(server, query, std::slice::from_ref(&other)).errors(), [of(1, "/summary", "wrong_type")]);
        }
        for list in [json!({"sectors": ["geen"]}), json!({"contacts": [{"kind": "geen", "value": "a"}]}), json!({"parents": [part_of("dood", &json!({}))]})] {
            let errors = import(server, "", &[with(known.clone(), &list)]).errors();
            assert!(errors.iter().all(|(_, place, _)| !place.is_empty()), "{errors:?}");
        }
        other["kind"] = json!("school");
        let expected = [of(1, "/summary", "wrong_type"), of(1, "", "conflict")];
        for query in ["", "mode=partial", "onMissing=clear"] {
            assert_eq!(import(server, query, std::slice::from_ref(&other)).errors(), expected, "{query}");
        }
        let mut third = other.clone();
        (third["summary"], other["summary"]) = (json!("Derde."), json!("Anders."));
        let documents = [other.clone(), third];
        assert_eq!(import(server, "", &documents).errors(), [of(1, "", "conflict"), of(2, "", "conflict")]);
        other["summary"] = json!(3);
        // Who refers to it by a name of the file refers to none that is certain.
        let refers = organisation("verwijst", &json!({"parents": [part_of("@x", &json!({}))]}));
        let documents = [with(other.clone(), &json!({"@name": "x", "summary": "Anders."})), refers.clone()];
        assert_eq!(import(server, "mode=partial&dryRun=true", &documents).errors(), [of(1, "", "conflict"), of(2, "/parents/0/organisation", "unknown_reference")]);
        let twice = json!({"type": "organisations", "slug": "stichting", "summary": "Kort."});
        let documents = [twice, with(known.clone(), &json!({"@name": "x", "kind": "school"})), refers];
        assert_eq!(import(server, "", &documents).errors(), [of(2, "", "duplicate")]);
        // Of those that have the name, the one that is just as it counts.
        let mut second = known.clone();
        (second["slug"], second["kind"]) = (json!("tweede"), json!("school"));
        import(server, "", &[second]).assert_applied();
        assert_eq!(import(server, "", &[other]).errors(), [of(1, "/summary", "wrong_type")]);
        assert_eq!(import(server, "", &[known]).assert_applied().statuses(), ["unchanged"]);
    }

    fn what_is_wrong_is_told_of_a_document_that_is_not_certain(server: &Server) {
        import(server, "", &[
            project("een", json!({"minimumAge": 4, "maximumAge": 12})),
            project("twee", json!({"identifiers": [{"scheme": "eigen", "value": "2"}]})),
        ]).assert_applied();
        let old = put(server, "/organisations/oud", &json!({"name": "Oud", "kind": "welfare"}));
        put(server, "/organisations/nieuw", &json!({"name": "Nieuw", "kind": "welfare"}));
        merge(server, &old, "nieuw", 200);
        let gone = put(server, "/projects/weg", &json!({"name": "Weg", "kind": "pilot"}));
        let gone = gone["id"].as_str().unwrap_or_default();
        delete(server, &format!("/projects/{gone}"));
        let documents = [
            json!({"type": "projects", "slug": "een", "identifiers": [{"scheme": "eigen", "value": "2"}], "start": "geen"}),
            json!({"type": "organisations", "slug": "oud", "visibility": "iedereen"}),
            json!({"type": "projects", "id": gone, "summary": 3, "steward": "nergens"}),
            json!({"type": "projects", "slug": "twee", "summary": "Eerst."}),
            json!({"type": "projects", "slug": "twee", "name": null, "kind": "geen-soort", "contacts": [{"value": "a@example.nl"}], "minimumAge": 9, "maximumAge": 1,
                "milestones": [{"kind": "start", "title": "M", "focusPoint": "Z"}]}),
        ];
        let expected = [
            of(1, "", "ambiguous"), of(1, "/start", "invalid_format"),
            of(2, "", "moved"), of(2, "/visibility", "unknown_value"),
            of(3, "", "gone"), of(3, "/steward", "unknown_reference"), of(3, "/summary", "wrong_type"),
            of(5, "/name", "missing"), of(5, "", "duplicate"), of(5, "/contacts/0/kind", "missing"), of(5, "/kind", "unknown_value"), of(5, "/maximumAge", "contradiction"),
        ];
        for query in ["", "mode=partial&dryRun=true"] {
            assert_eq!(import(server, query, &documents).errors(), expected, "{query}");
        }
        server.get("/projects/een").send().expect(200);
    }

    fn what_came_of_the_documents_is_told_in_the_order_of_the_file(server: &Server) {
        let lines = [
            project("b", json!({})).to_string(), "geen JSON".to_owned(), theme("a", &json!({"label": ""})).to_string(),
            json!({"type": "organisations", "name": "Stichting", "kind": "welfare"}).to_string(),
            json!({"type": "nergens"}).to_string(), project("b", json!({})).to_string(), theme("z", &json!({})).to_string(),
            project("c", json!({"kind": 3})).to_string(),
        ];
        for query in ["", "mode=partial", "dryRun=true"] {
            let (order, done) = in_order(server, query, lines.join("\n").as_bytes());
            assert_eq!(order, [1, 2, 3, 4, 5, 6, 7, 8], "{query}");
            assert_eq!(done.summary["failed"], 5, "{query}");
        }
    }

    with(["--demo"], [])
    fn what_an_editor_may_not_do_is_told_beside_what_is_wrong(server: &Server) {
        let editor = server.key("editor", Some("gemeente-elburg"));
        let contacts = server.get("/organisations/gemeente-nunspeet").key(server.admin_key()).send().expect(200).json();
        let documents = [
            json!({"type": "organisations", "slug": "gemeente-nunspeet", "name": "", "kind": "geen-soort", "website": "geen adres"}),
            project("eigen", json!({"steward": "gemeente-nunspeet", "minimumAge": -1})),
            project("goed", json!({"steward": "gemeente-nunspeet"})),
            // What stands there already is not told: this is what it says of its contacts.
            json!({"type": "organisations", "slug": "gemeente-nunspeet", "contacts": contacts["contacts"], "summary": 3}),
        ];
        let send = |query, documents: &[Value]| told(&request(server, query, documents).key(&editor).send());
        let forbidden = |number| of(number, "", "forbidden");
        for query in ["", "mode=partial"] {
            let expected = [
                forbidden(1), of(1, "/kind", "unknown_value"), of(1, "/name", "empty"), of(1, "/website", "invalid_format"),
                of(2, "/minimumAge", "out_of_range"), forbidden(2), forbidden(3),
            ];
            assert_eq!(send(query, &documents[..3]).errors(), expected, "{query}");
            assert_eq!(send(query, &documents[3..]).errors(), [forbidden(1), of(1, "/summary", "wrong_type")], "{query}");
        }
        // Whichever document it is, he may not give it away.
        let steward = |slug: &str, steward: &str| project(slug, json!({"@name": "n", "steward": steward}));
        let documents = [steward("zijn", "gemeente-elburg"), steward("zijn", "gemeente-nunspeet"), steward("zijn", "gemeente-elburg"),
            with(steward("ander", "gemeente-nunspeet"), &json!({"summary": 3}))];
        let expected = [
            of(2, "", "duplicate"), forbidden(2), of(3, "", "duplicate"),
            of(4, "", "duplicate"), of(4, "/summary", "wrong_type"), forbidden(4),
        ];
        assert_eq!(send("", &documents).errors(), expected);
        // Codes that others have, whom he cannot see, hide nothing else, nor each other.
        let code = |value: &str| json!({"scheme": "hz", "value": value});
        for value in ["H1", "H2"] {
            put(server, &format!("/themes/verborgen-{}", value.to_lowercase()), &json!({"label": value, "visibility": "restricted", "identifiers": [code(value)]}));
        }
        let taken = theme("bezet", &json!({"broader": "bezet", "identifiers": [code("H1"), code("vrij"), code("H2")]}));
        assert_eq!(send("", &[taken]).errors(), [of(1, "", "taken"), of(1, "", "taken"), of(1, "/broader", "cycle")]);
        // Nothing tells how much stands before it that he cannot see.
        put(server, "/organisations/verborgen", &json!({"name": "Verborgen", "kind": "welfare", "visibility": "restricted"}));
        let parents = json!([part_of("verborgen", &json!({})), part_of("gemeente-hattem", &json!({}))]);
        put(server, "/organisations/eigen", &json!({"name": "Eigen", "kind": "welfare", "steward": "gemeente-elburg", "parents": parents}));
        let cycle = json!({"type": "organisations", "slug": "eigen", "parents": [part_of("gemeente-hattem", &json!({})), part_of("eigen", &json!({}))]});
        assert_eq!(send("", std::slice::from_ref(&cycle)).errors(), [of(1, "/parents/1/organisation", "cycle")]);
        assert_eq!(import(server, "", &[cycle]).errors(), [of(1, "/parents/1/organisation", "cycle")]);
        // Nor whether what he does not see of another of the name is as he says.
        let alike = json!({"type": "organisations", "name": "Gemeente Nunspeet", "kind": "municipality"});
        assert_eq!(send("", &[alike]).errors(), [of(1, "", "conflict")]);
    }
}
