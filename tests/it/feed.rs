//! The change feed, history and versions: in order, and to each caller as if only what that caller
//! may read had ever been there.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::given::{delete, each, faults, patch, plain, put, read, set};
use crate::support::{Client, Server, items, text};

/// Someone who follows the feed, with or without a key, and keeps what it tells.
struct Follower<'a> {
    client: &'a Client,
    key: Option<String>,
    cursor: i64,
    documents: BTreeMap<String, Value>,
}

impl<'a> Follower<'a> {
    fn new(client: &'a Client, key: Option<&str>) -> Self {
        let key = key.map(str::to_owned);
        Self {
            client,
            key,
            cursor: 0,
            documents: BTreeMap::new(),
        }
    }

    #[track_caller]
    fn read(&self, path: &str) -> Value {
        let request = self.client.get(path);
        let request = match &self.key {
            Some(key) => request.key(key),
            None => request,
        };
        request.send().expect(200).json()
    }

    /// Reads on to the end of the feed and gives the lines that are new.
    #[track_caller]
    fn follow(&mut self) -> Vec<Value> {
        let mut lines = Vec::new();
        loop {
            let path = format!("/changes?include=document&limit=3&cursor={}", self.cursor);
            let page = self.read(&path);
            for change in items(&page) {
                self.apply(change);
            }
            lines.extend(items(&page).to_vec());
            let cursor = page["cursor"].as_i64().expect("a cursor");
            assert!(cursor >= self.cursor, "the cursor went back: {page}");
            let at_the_end = page.get("next").is_none();
            self.cursor = cursor;
            if at_the_end {
                return lines;
            }
        }
    }

    #[track_caller]
    fn apply(&mut self, change: &Value) {
        let id = text(change, "id");
        match text(change, "op").as_str() {
            "created" | "updated" => {
                assert_eq!(change["document"]["version"], change["version"], "{change}");
                let earlier = self.documents.insert(id, change["document"].clone());
                assert_eq!(earlier.is_some(), change["op"] == "updated", "{change}");
            }
            // One who comes late is told of an end without a beginning.
            _ => drop(self.documents.remove(&id)),
        }
    }

    /// Checks that what was followed is what the collections give to the same caller.
    #[track_caller]
    fn assert_equals_reads(&self) {
        let mut read = BTreeMap::new();
        for collection in ["organisations", "regions"] {
            let page = self.read(&format!("/{collection}?limit=100"));
            read.extend(
                items(&page)
                    .iter()
                    .map(|document| (text(document, "id"), document.clone())),
            );
        }
        assert_eq!(
            self.documents, read,
            "followed (left) and read, with key {:?}",
            self.key
        );
    }
}

/// Operations and slugs of lines.
fn told(lines: &[Value]) -> Vec<(String, Option<String>)> {
    let slug = |line: &Value| line["slug"].as_str().map(str::to_owned);
    lines
        .iter()
        .map(|line| (text(line, "op"), slug(line)))
        .collect()
}

fn restrict(server: &Server, path: &str) {
    patch(server, path, &json!({ "visibility": "restricted" }));
}

fn publish(server: &Server, path: &str) {
    patch(server, path, &json!({ "visibility": "public" }));
}

/// One region of Noord with these partners.
fn noord(server: &Server, partners: &[&str]) -> Value {
    let rows: Vec<_> = partners
        .iter()
        .map(|slug| json!({ "organisation": slug, "role": "other" }))
        .collect();
    put(
        server,
        "/regions/noord",
        &json!({ "name": "Noord", "kind": "other", "partners": rows }),
    )
}

both! {
    fn the_feed_tells_every_write_in_order(server: &Server) {
        let key = server.admin_key();
        let a = plain(server, "a");
        let region = noord(server, &["a"]);
        let renamed = patch(server, "/organisations/a", &json!({ "name": "A" }));
        patch(server, "/organisations/a", &json!({ "name": "A" }));
        put(server, "/regions/noord", &json!({ "name": "Noord", "kind": "other" }));
        delete(server, "/organisations/a");
        let page = server.get("/changes").key(key).send().expect(200).json();
        let lines = items(&page);
        let (a, region) = (&a["id"], &region["id"]);
        let expected = [
            (1, "created", "organisation", a, 1),
            (2, "created", "region", region, 1),
            (3, "updated", "organisation", a, 2),
            (4, "updated", "region", region, 2),
            (5, "updated", "region", region, 3),
            (6, "deleted", "organisation", a, 2),
        ];
        assert_eq!((lines.len(), &page["cursor"]), (expected.len(), &json!(6)), "{page}");
        for (line, (seq, op, kind, id, version)) in lines.iter().zip(expected) {
            let shown = [&line["seq"], &line["op"], &line["type"], &line["id"], &line["version"]];
            let expected = json!([seq, op, kind, id, version]);
            assert_eq!(json!(shown), expected, "{line}");
            assert!(line.get("document").is_none(), "not asked for: {line}");
            assert!(text(line, "actor").starts_with("test-"), "{line}");
            assert!(text(line, "at").ends_with('Z'), "{line}");
        }
        assert_eq!(lines[2]["at"], renamed["updatedAt"]);
        let changeset = |nth: usize| &lines[nth]["changeset"];
        assert_eq!(changeset(2), changeset(3), "the name and who shows it change together");
        assert_ne!(changeset(3), changeset(4));
        let anonymous = read(server, "/changes");
        assert!(items(&anonymous).iter().all(|line| line.get("actor").is_none()), "{anonymous}");
    }

    fn a_follower_goes_on_from_the_cursor(server: &Server) {
        for nth in 0..25 {
            plain(server, &format!("o{nth}"));
        }
        let first = read(server, "/changes");
        assert_eq!((items(&first).len(), &first["cursor"]), (20, &json!(20)));
        let second = read(server, &text(&first, "next"));
        assert_eq!((items(&second).len(), &second["cursor"]), (5, &json!(25)));
        assert!(second.get("next").is_none(), "the end: {second}");
        for cursor in ["25", "26", "9223372036854775807"] {
            let page = read(server, &format!("/changes?cursor={cursor}"));
            assert!(items(&page).is_empty() && page.get("next").is_none(), "{page}");
            assert_eq!(page["cursor"].to_string(), cursor, "a cursor never goes back");
        }
        plain(server, "later");
        assert_eq!(each(&read(server, "/changes?cursor=25"), "slug"), ["later"]);
        let all = read(server, "/changes?limit=100&cursor=0");
        assert_eq!(all["items"], read(server, "/changes?limit=100")["items"]);
        let reply = server.get("/changes?limit=2").send().expect(200);
        let link = reply.header("link").expect("a Link header").to_owned();
        assert!(link.contains(&format!("<{}>; rel=\"next\"", text(&reply.json(), "next"))), "{link}");
        for cursor in ["-1", "x", "1.0", "", "9223372036854775808"] {
            let reply = server.get(&format!("/changes?cursor={cursor}")).send();
            let problem = reply.problem(400, "invalid-input");
            assert_eq!(faults(&problem), set([("cursor", "out_of_range")]), "{reply}");
        }
    }

    fn the_feed_can_be_of_one_type_and_with_documents(server: &Server) {
        plain(server, "a");
        noord(server, &["a"]);
        plain(server, "b");
        let slugs = |path: &str| each(&read(server, path), "slug");
        assert_eq!(slugs("/changes?type=organisation"), ["a", "b"]);
        assert_eq!(slugs("/changes?type=region"), ["noord"]);
        assert_eq!(slugs("/changes?type=region,organisation"), ["a", "noord", "b"]);
        let page = read(server, "/changes?type=region");
        assert_eq!(page["cursor"], 3, "the rest need not be looked at again: {page}");
        let first = read(server, "/changes?type=organisation&limit=1");
        assert_eq!(each(&read(server, &text(&first, "next")), "slug"), ["b"]);
        for line in items(&read(server, "/changes?include=document")) {
            let path = format!("/{}s/{}", text(line, "type"), text(line, "slug"));
            assert_eq!(line["document"], read(server, &path), "{path}");
        }
        for (query, name) in [("type=article", "type"), ("type=regions", "type"), ("include=team", "include")] {
            let problem = server.get(&format!("/changes?{query}")).send().problem(400, "invalid-input");
            assert_eq!(faults(&problem), set([(name, "unknown_value")]));
        }
    }

    fn a_document_that_is_hidden_later_ends_and_begins_again_when_it_is_public(server: &Server) {
        put(server, "/organisations/secret", &json!({
            "name": "Secret", "kind": "other", "visibility": "restricted",
        }));
        let mut anyone = Follower::new(server, None);
        assert!(anyone.follow().is_empty(), "never public, never told");
        patch(server, "/organisations/secret", &json!({ "summary": "Still secret." }));
        assert!(anyone.follow().is_empty());
        let a = plain(server, "a");
        let word = |op: &str, slug: Option<&str>| (op.to_owned(), slug.map(str::to_owned));
        assert_eq!(told(&anyone.follow()), [word("created", Some("a"))]);
        restrict(server, "/organisations/a");
        let lines = anyone.follow();
        assert_eq!(told(&lines), [word("deleted", None)]);
        assert_eq!(lines[0]["id"], a["id"]);
        assert!(lines[0].get("version").is_none() && lines[0].get("document").is_none());
        patch(server, "/organisations/a", &json!({ "name": "Hidden name" }));
        assert!(anyone.follow().is_empty(), "what happens in secret stays so");
        publish(server, "/organisations/a");
        let lines = anyone.follow();
        assert_eq!(told(&lines), [word("created", Some("a"))]);
        assert_eq!(lines[0]["document"]["name"], "Hidden name");
        delete(server, "/organisations/secret");
        assert!(anyone.follow().is_empty(), "its end is not told either");
        publish(server, "/organisations/a");
        patch(server, "/organisations/a", &json!({ "summary": "x" }));
        assert_eq!(told(&anyone.follow()), [word("updated", Some("a"))]);
        let all = server.get("/changes?limit=100").send().expect(200).text();
        assert!(!all.to_lowercase().contains("secret"), "{all}");
    }

    fn what_was_told_of_a_hidden_document_is_no_longer_told(server: &Server) {
        plain(server, "gone-private");
        plain(server, "stays");
        noord(server, &["gone-private", "stays"]);
        restrict(server, "/organisations/gone-private");
        for path in [
            "/changes?include=document&limit=100", "/regions/noord/history",
            "/regions/noord/versions/1", "/regions/noord/versions/2", "/regions/noord",
        ] {
            let reply = server.get(path).send().expect(200);
            assert!(!reply.text().contains("gone-private"), "{reply}");
            let known = server.get(path).key(&server.key("reader", None)).send().expect(200);
            let tells = path.contains("versions") || path.contains("include");
            assert!(!tells || known.text().contains("gone-private"), "a reader sees it: {known}");
        }
        let first = read(server, "/regions/noord/versions/1");
        assert_eq!(first["partners"].as_array().map(Vec::len), Some(1), "the row went: {first}");
        for path in ["", "/history", "/versions/1", "/versions/2", "/regions"] {
            let reply = server.get(&format!("/organisations/gone-private{path}")).send();
            reply.problem(404, "not-found");
        }
    }

    fn history_and_versions_tell_what_the_caller_may_know(server: &Server) {
        let key = server.admin_key();
        plain(server, "a");
        restrict(server, "/organisations/a");
        patch(server, "/organisations/a", &json!({ "summary": "In secret." }));
        publish(server, "/organisations/a");
        let ops = |key: Option<&str>| {
            let path = "/organisations/a/history";
            let request = server.get(path);
            let request = if let Some(key) = key { request.key(key) } else { request };
            told(&request.send().expect(200).json()["items"].as_array().cloned().unwrap_or_default())
                .into_iter()
                .map(|(op, _)| op)
                .collect::<Vec<_>>()
        };
        assert_eq!(ops(Some(key)), ["updated", "updated", "updated", "created"]);
        assert_eq!(ops(None), ["created", "deleted", "created"]);
        for (version, status) in [(1, 200), (2, 404), (3, 404), (4, 200), (5, 404)] {
            let path = format!("/organisations/a/versions/{version}");
            assert_eq!(server.get(&path).send().status, status, "{path}");
            let reply = server.get(&path).key(key).send();
            assert_eq!(reply.status, if version < 5 { 200 } else { 404 }, "{path}");
            if reply.status == 200 {
                assert_eq!(reply.json()["version"], version);
            }
        }
        for version in ["0", "-1", "x", "1.0", "%2B1", "9223372036854775808"] {
            let reply = server.get(&format!("/organisations/a/versions/{version}")).send();
            assert!(matches!(reply.status, 400 | 404), "{reply}");
        }
        let page = server.get("/organisations/a/history?limit=3").key(key).send().expect(200).json();
        let rest = server.get(&text(&page, "next")).key(key).send().expect(200).json();
        assert_eq!((items(&page).len(), items(&rest).len()), (3, 1));
        assert!(rest.get("next").is_none() && rest["items"][0]["op"] == "created", "{rest}");
    }

    fn a_merge_is_told_with_where_it_went_and_only_to_those_who_may_know(server: &Server) {
        let key = server.admin_key();
        for slug in ["double", "real", "stand-in"] {
            plain(server, slug);
        }
        noord(server, &["double"]);
        let hidden = put(server, "/organisations/hidden", &json!({
            "name": "Hidden", "kind": "other", "visibility": "restricted",
        }));
        let mut anyone = Follower::new(server, None);
        let mut admin = Follower::new(server, Some(key));
        anyone.follow();
        admin.follow();
        let merge = |from: &str, into: &str| {
            let request = server.post(&format!("/organisations/{from}/merge")).key(key);
            request.json(&json!({ "into": into })).send().expect(200).json()
        };
        let real = merge("double", "real");
        let lines = anyone.follow();
        let merged = lines.iter().find(|line| line["op"] == "merged").expect("a merged line");
        assert_eq!(merged["into"], real["id"], "{merged}");
        assert!(merged.get("document").is_none(), "{merged}");
        let together = lines.iter().all(|line| line["changeset"] == merged["changeset"]);
        assert!(together, "one changeset: {lines:?}");
        assert!(lines.iter().any(|l| l["type"] == "region" && l["op"] == "updated"), "{lines:?}");
        anyone.assert_equals_reads();
        // Into one that is hidden: to anyone else the document simply ended.
        merge("stand-in", "hidden");
        let lines = anyone.follow();
        assert!(!json!(lines).to_string().contains(&text(&hidden, "id")), "{lines:?}");
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(lines[0]["op"], "deleted", "{lines:?}");
        let lines = admin.follow();
        assert!(lines.iter().any(|line| line["into"] == hidden["id"]), "{lines:?}");
        admin.assert_equals_reads();
    }

    fn whoever_follows_or_replays_has_what_the_lists_give(server: &Server) {
        for slug in ["a", "b", "c"] {
            plain(server, slug);
        }
        let (reader, editor) = (server.key("reader", None), server.key("editor", Some("a")));
        let keys = [None, Some(reader.as_str()), Some(&editor), Some(server.admin_key())];
        let mut followers: Vec<_> = keys.iter().map(|key| Follower::new(server, *key)).collect();
        let contacts = json!([
            { "kind": "email", "value": "post@a.example", "isFunctional": true },
            { "kind": "email", "value": "mens@a.example" },
        ]);
        let steps: [&dyn Fn(); 16] = [
            &|| drop(noord(server, &["a", "b", "c"])),
            &|| drop(patch(server, "/organisations/b", &json!({ "steward": "a" }))),
            &|| restrict(server, "/organisations/b"),
            &|| drop(patch(server, "/organisations/a", &json!({ "contacts": contacts }))),
            &|| restrict(server, "/organisations/c"),
            &|| drop(patch(server, "/organisations/b", &json!({ "name": "B", "slug": "bb" }))),
            &|| drop(patch(server, "/organisations/c", &json!({ "steward": "a" }))),
            &|| restrict(server, "/regions/noord"),
            &|| publish(server, "/organisations/bb"),
            &|| publish(server, "/regions/noord"),
            &|| drop(patch(server, "/organisations/c", &json!({ "steward": null }))),
            &|| drop(patch(server, "/organisations/bb", &json!({ "steward": "c" }))),
            &|| publish(server, "/organisations/c"),
            &|| drop(noord(server, &["c"])),
            &|| delete(server, "/organisations/bb"),
            &|| drop(plain(server, "bb")),
        ];
        for step in steps {
            step();
            for follower in &mut followers {
                follower.follow();
                follower.assert_equals_reads();
            }
            for key in keys {
                let mut late = Follower::new(server, key);
                late.follow();
                late.assert_equals_reads();
            }
        }
    }
}
