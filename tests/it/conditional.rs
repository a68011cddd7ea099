//! Entity tags, answers that need not be sent again, and who may keep an answer.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::given::{delete, patch, plain, put};
use crate::search;
use crate::support::{Client, Reply, Server};

/// Answers that depend on more than one document: any write may change them.
const LISTS: [&str; 17] = [
    "/organisations",
    "/organisations?limit=1&sort=-name&count=true",
    "/organisations?kind=other&fields=name",
    "/organisations?format=csv",
    "/organisations?format=ndjson",
    "/organisations?format=xlsx",
    "/stats?format=xlsx",
    "/search?q=elburg&format=csv",
    "/exports/register",
    "/regions",
    "/changes",
    "/changes?include=document&type=region",
    "/regions/noord/organisations",
    "/regions/noord/organisations?at=2015-06-01",
    "/organisations/elburg/regions",
    "/postcodes/8081",
    "/organisations/elburg/history",
];

/// Answers that stay as they are while their own document does, or for as long as the program.
const OTHERS: [&str; 12] = [
    "/organisations/elburg",
    "/organisations/elburg?fields=name",
    "/organisations/own:e",
    "/regions/noord",
    "/organisations/elburg/versions/1",
    "/vocabularies",
    "/vocabularies/sectors",
    "/imports/templates/people",
    "/imports/templates/people?format=csv",
    "/openapi.json",
    "/openapi.yaml",
    "/regions/noord?fields=name,municipalities",
];

fn fill(server: &Server) {
    put(
        server,
        "/organisations/elburg",
        &json!({
            "name": "Elburg", "kind": "municipality", "serviceArea": { "postcodes": ["8081"] },
            "identifiers": [{ "scheme": "own", "value": "e" }],
            "contacts": [{ "kind": "phone", "value": "0525 688 688" }],
        }),
    );
    put(
        server,
        "/regions/noord",
        &json!({
            "name": "Noord", "kind": "other", "municipalities": [{ "organisation": "elburg" }],
        }),
    );
    plain(server, "other");
}

fn all() -> impl Iterator<Item = &'static str> {
    LISTS.into_iter().chain(OTHERS)
}

/// The strong entity tag of an answer.
#[track_caller]
fn etag(reply: &Reply) -> String {
    let tag = reply.header("etag").unwrap_or_default();
    let strong = tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"');
    assert!(strong, "no strong ETag {tag:?}: {reply}");
    tag.to_owned()
}

#[track_caller]
fn tags(client: &Client, paths: &[&'static str]) -> BTreeMap<&'static str, String> {
    // What is searched follows the change log, on a busy machine some seconds later.
    let newest = client.get("/organisations?limit=1").send().expect(200);
    let position = newest.header("schakel-position").unwrap_or_default();
    search::after(
        client,
        position.parse().expect("a number"),
        "/search?limit=1",
    );
    let tag = |path: &&'static str| (*path, etag(&client.get(path).send().expect(200)));
    paths.iter().map(tag).collect()
}

both! {
    fn every_read_has_a_strong_tag_and_is_not_sent_twice(server: &Server) {
        fill(server);
        for path in all() {
            let first = server.get(path).send().expect(200);
            let tag = etag(&first);
            let again = server.get(path).send().expect(200);
            assert_eq!((etag(&again), &again.body), (tag.clone(), &first.body), "{path}");
            let known = [
                tag.clone(),
                format!("\"x\", {tag}"),
                format!("{tag},\"y\""),
                format!("W/{tag}"),
                "*".to_owned(),
            ];
            for known in &known {
                for method in [Client::get, Client::head] {
                    let reply = method(server, path).header("if-none-match", known).send();
                    assert_eq!(reply.status, 304, "{known} of {path}");
                    assert!(reply.body.is_empty(), "a body with 304: {reply}");
                    for name in ["etag", "cache-control", "vary"] {
                        assert_eq!(reply.header(name), first.header(name), "{name} of {path}");
                    }
                }
            }
            for other in ["\"x\"", "\"1\"", "W/\"x\", \"y\"", tag.trim_matches('"')] {
                let reply = server.get(path).header("if-none-match", other).send().expect(200);
                assert_eq!(reply.body, first.body, "{path}");
            }
        }
    }

    fn a_tag_is_of_one_representation_alone(server: &Server) {
        fill(server);
        let get = |path: &str, accept: &str, language: &str, key: Option<&str>| {
            let request = server.get(path).header("accept", accept).header("accept-language", language);
            match key {
                Some(key) => request.key(key),
                None => request,
            }
            .send()
            .expect(200)
        };
        let (reader, admin) = (server.key("reader", None), server.admin_key());
        let mut bodies: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
        for path in all() {
            for accept in ["*/*", "text/csv, application/json;q=0.5", "application/x-ndjson, */*;q=0.1"] {
                for language in ["nl", "en"] {
                    for key in [None, Some(reader.as_str()), Some(admin)] {
                        if accept == "*/*" || !path.starts_with("/organisations?") {
                            let reply = get(path, "*/*", language, key);
                            let place = path.split('?').next().unwrap_or_default();
                            bodies.entry(format!("{place} {}", etag(&reply))).or_default().insert(reply.body);
                        } else {
                            let reply = get(path, accept, language, key);
                            bodies.entry(etag(&reply)).or_default().insert(reply.body);
                        }
                    }
                }
            }
        }
        for (tag, bodies) in bodies {
            assert_eq!(bodies.len(), 1, "several representations have the tag {tag}");
        }
    }

    fn the_tag_of_a_list_changes_exactly_when_something_was_written(server: &Server) {
        fill(server);
        let key = server.admin_key();
        let before = tags(server, &LISTS);
        // Nothing of this is an accepted write that changes something.
        let unchanged = json!({ "name": "other" });
        server.patch("/organisations/other").key(key).json(&unchanged).send().expect(200);
        let same = json!({ "name": "other", "kind": "other" });
        server.put("/organisations/other").key(key).json(&same).send().expect(200);
        server.patch("/organisations/other").json(&unchanged).send().expect(401);
        server.post("/regions").key(key).json(&json!({ "name": "" })).send().expect(400);
        server.delete("/organisations/elburg").key(key).send().expect(409);
        let stale = server.patch("/organisations/other").key(key).header("if-match", "\"9\"");
        stale.json(&json!({ "name": "x" })).send().expect(412);
        server.key("reader", None);
        server.get("/organisations?limit=0").send().expect(400);
        assert_eq!(tags(server, &LISTS), before);

        let steps: [&dyn Fn(); 5] = [
            &|| drop(put(server, "/regions/new", &json!({ "name": "New", "kind": "other" }))),
            &|| drop(patch(server, "/organisations/other", &json!({ "summary": "New." }))),
            &|| drop(patch(server, "/organisations/elburg", &json!({ "name": "Gemeente Elburg" }))),
            &|| delete(server, "/regions/new"),
            &|| drop(put(server, "/organisations/hidden", &json!({
                "name": "Hidden", "kind": "other", "visibility": "restricted",
            }))),
        ];
        let mut before = before;
        for (nth, step) in steps.iter().enumerate() {
            step();
            let after = tags(server, &LISTS);
            for path in LISTS {
                assert_ne!(before[path], after[path], "{path} after step {nth}");
                let request = server.get(path).header("if-none-match", &before[path]);
                request.send().expect(200);
            }
            before = after;
        }
    }

    fn the_tag_of_a_document_changes_with_the_document_alone(server: &Server) {
        fill(server);
        let before = tags(server, &OTHERS);
        patch(server, "/organisations/other", &json!({ "summary": "New." }));
        assert_eq!(tags(server, &OTHERS), before, "another document was written");
        patch(server, "/organisations/elburg", &json!({ "summary": "New." }));
        let after = tags(server, &OTHERS);
        for path in OTHERS {
            let is_its_own = path.starts_with("/organisations/") && !path.contains("versions");
            // With `fields=name` the bytes may be the same; the version that `If-Match` wants is not.
            assert_eq!(before[path] != after[path], is_its_own, "{path}");
        }
        patch(server, "/organisations/elburg", &json!({ "name": "Gemeente Elburg" }));
        let renamed = tags(server, &OTHERS);
        assert_ne!(after["/regions/noord"], renamed["/regions/noord"], "it shows the name");
    }

    fn a_tag_that_was_read_in_any_form_is_good_for_if_match(server: &Server) {
        fill(server);
        let key = server.admin_key();
        for (nth, path) in ["", "?fields=name", "?include=regions"].into_iter().enumerate() {
            let path = format!("/organisations/elburg{path}");
            let tag = etag(&server.get(&path).send().expect(200));
            let write = || {
                let request = server.patch("/organisations/elburg").key(key).header("if-match", &tag);
                request.json(&json!({ "summary": format!("{nth}") })).send()
            };
            write().expect(200);
            write().problem(412, "precondition-failed");
        }
    }

    fn answers_without_a_key_may_be_kept_and_those_with_one_may_not(server: &Server) {
        fill(server);
        let reader = server.key("reader", None);
        for path in all() {
            let open = path.starts_with("/openapi");
            let anonymous = server.get(path).send().expect(200);
            let known = server.get(path).key(&reader).send().expect(200);
            let control = |reply: &Reply| reply.header("cache-control").map(str::to_owned);
            let public = Some("public, max-age=0, must-revalidate".to_owned());
            assert_eq!(control(&anonymous), public, "{path}");
            if !open {
                assert_eq!(control(&known), Some("private, no-store".to_owned()), "{path}");
            }
            for reply in [&anonymous, &known] {
                let vary = reply.header("vary").unwrap_or_default().to_ascii_lowercase();
                for name in ["accept", "authorization", "accept-language"] {
                    let there = vary.split(',').any(|word| word.trim() == name);
                    assert!(there, "{path} varies by {name} too: {vary:?}");
                }
            }
            let tag = etag(&known);
            let again = server.get(path).key(&reader).header("if-none-match", &tag).send();
            again.expect(304);
        }
        let written = server.patch("/organisations/other").key(server.admin_key());
        let written = written.json(&json!({ "summary": "x" })).send().expect(200);
        assert_eq!(written.header("cache-control"), Some("private, no-store"));
    }

    fn no_failure_becomes_a_304(server: &Server) {
        fill(server);
        for (path, status) in [
            ("/organisations/nobody", 404),
            ("/postcodes/9999", 404),
            ("/postcodes/12", 400),
            ("/organisations/elburg/versions/9", 404),
            ("/organisations/nobody/regions", 404),
            ("/organisations?limit=0", 400),
            ("/organisations?region=nobody", 400),
            ("/changes?type=nothing", 400),
            ("/organisations?format=xml", 406),
            ("/vocabularies/nothing", 404),
        ] {
            let reply = server.get(path).header("if-none-match", "*").send();
            assert_eq!(reply.status, status, "{reply}");
            assert!(reply.header("etag").is_none(), "a problem has no tag: {reply}");
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{reply}");
        }
    }
}
