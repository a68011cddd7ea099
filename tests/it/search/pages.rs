//! Hits in order and page by page, tags that say whether anything changed, and what is refused.

use std::collections::BTreeSet;

use serde_json::json;

use super::{after, position};
use crate::builders::least;
use crate::given::{crawl, each, faults, put, read, set};
use crate::support::{Client, Reply, Server, items, text};

/// What can be asked of the documents of [`fill`], with how many are found.
const ASKED: [(&str, usize); 5] = [
    ("", 28),
    ("q=jeugdhulp", 28),
    ("q=jeugdhulp&type=organisations,themes", 14),
    ("q=jeugdhulp%20school", 16),
    ("q=zeilboot%20thuis%20vuurtoren", 12),
];

const SORTS: [&str; 5] = ["relevance", "name", "-name", "updatedAt", "-updatedAt"];

/// Makes documents of four collections, many of which have the same name and fit equally well, and
/// gives the position of the last.
#[track_caller]
fn fill(server: &Server) -> i64 {
    let key = server.admin_key();
    let mut last = 0;
    for nth in 0..7 {
        for collection in ["organisations", "projects", "people", "themes"] {
            let place = ["school", "thuis"][nth % 2];
            let name = format!("{} Jeugdhulp", ["Élan", "Elan", "edam"][nth % 3]);
            let mut body = least(collection, &name);
            let member = if collection == "themes" {
                "definition"
            } else {
                "summary"
            };
            body[member] = format!("Jeugdhulp: {place}.").into();
            let request = server.put(&format!("/{collection}/n{nth}")).key(key);
            last = position(&request.json(&body).send().expect(201));
        }
    }
    last
}

/// The strong entity tag of an answer.
#[track_caller]
fn etag(reply: &Reply) -> String {
    let tag = reply.header("etag").unwrap_or_default();
    assert!(tag.starts_with('"') && tag.len() > 2, "no tag: {reply}");
    tag.to_owned()
}

/// Asks until the tag of the answer is another one: without `after`, the index may lag a little.
#[track_caller]
fn changed(client: &Client, path: &str, tag: &str) -> Reply {
    for _ in 0..300 {
        let reply = client.get(path).header("if-none-match", tag).send();
        if reply.status == 200 {
            return reply;
        }
        assert_eq!(reply.status, 304, "{reply}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("{path} stays as it was");
}

both! {
    fn pages_of_three_make_up_the_whole_in_every_order(server: &Server) {
        let filled = fill(server);
        after(server, filled, "/search");
        for (asked, count) in ASKED {
            for sort in SORTS {
                let path = format!("/search?{asked}&sort={sort}");
                let whole = read(server, &format!("{path}&limit=100"));
                let ids = each(&whole, "id");
                let distinct: BTreeSet<&String> = ids.iter().collect();
                assert_eq!((ids.len(), distinct.len(), &whole["total"]), (count, count, &json!(count)), "{path}");
                assert!(whole.get("next").is_none(), "{path}");
                assert_eq!(crawl(server, &format!("{path}&limit=3"), "id"), ids, "{path}");
                let page = read(server, &format!("{path}&limit=3"));
                assert_eq!(page["total"], whole["total"], "the total is of all pages: {path}");
            }
        }
        for (sort, reverse) in [("name", "-name"), ("updatedAt", "-updatedAt")] {
            let mut turned = each(&read(server, &format!("/search?limit=100&sort={reverse}")), "id");
            turned.reverse();
            assert_eq!(each(&read(server, &format!("/search?limit=100&sort={sort}")), "id"), turned);
        }
        let by_name = each(&read(server, "/search?limit=100&sort=name"), "name");
        let plain = |name: &String| name.to_lowercase().replace('é', "e");
        assert!(by_name.windows(2).all(|pair| plain(&pair[0]) <= plain(&pair[1])), "{by_name:?}");
        assert_eq!(each(&read(server, "/search?limit=100"), "name"), by_name, "the order without words");
        let best = each(&read(server, "/search?limit=100&q=jeugdhulp%20school&sort=relevance"), "id");
        assert_eq!(each(&read(server, "/search?limit=100&q=jeugdhulp%20school"), "id"), best, "and with words");
    }

    fn a_crawl_goes_on_in_its_order_while_documents_come_and_go(server: &Server) {
        let filled = fill(server);
        let before = each(&after(server, filled, "/search?limit=100&sort=name"), "id");
        let first = read(server, "/search?limit=10&sort=name");
        put(server, "/organisations/aaa", &json!({ "name": "Aaa", "kind": "other" }));
        let request = server.delete(&format!("/{}/{}", text(&items(&first)[0], "type"), before[0]));
        let gone = position(&request.key(server.admin_key()).send().expect(204));
        let after_it = after(server, gone, "/search?limit=100&sort=name");
        assert_eq!((items(&after_it)[0]["slug"].clone(), items(&after_it).len()), (json!("aaa"), 28));
        let rest = crawl(server, first["next"].as_str().expect("a next page"), "id");
        assert_eq!(rest, before[10..], "nothing is skipped or repeated");
    }

    fn a_crawl_by_relevance_goes_on_in_its_order_whatever_is_written(server: &Server) {
        let key = server.admin_key();
        let write = |slug: &str, name: &str, words: &str, status: u16| {
            let body = json!({ "name": name, "kind": "project", "motivation": words });
            position(&server.put(&format!("/projects/{slug}")).key(key).json(&body).send().expect(status))
        };
        let mut last = 0;
        for nth in 0..24 {
            let words = ["jeugdhulp ".repeat(nth % 5 + 1), "school ".repeat(nth % 7 + 1), "verder ".repeat(nth)].concat();
            last = write(&format!("n{nth}"), ["Jeugdhulp", "School", "Plan"][nth % 3], &words, 201);
        }
        let mut written = 0;
        for path in [
            "/search?q=jeugdhulp", "/projects?q=jeugdhulp", "/search?q=jeugdhulp%20school", "/projects?q=school%20jeugdhulp",
            "/search?q=jeughulp", "/search?q=jeugdhulp%20school%20vuurtoren",
        ] {
            let before = each(&after(server, last, &format!("{path}&limit=100")), "id");
            assert!(before.len() >= 15, "{path}: {before:?}");
            let (mut seen, mut next) = (Vec::new(), format!("{path}&limit=4"));
            let mut changed = BTreeSet::new();
            loop {
                let page = read(server, &next);
                seen.extend(each(&page, "id"));
                let Some(url) = page["next"].as_str() else { break };
                url.clone_into(&mut next);
                written += 1;
                // What does not match, what matches, and what becomes of the hit that the cursor names.
                for nth in 0..3 {
                    write(&format!("other-{written}-{nth}"), "Plan", "Heel iets anders.", 201);
                }
                last = write(&format!("new-{written}"), "Plan", "School. Jeugdhulp. Jeugdhulp.", 201);
                let named = seen.last().expect("a hit");
                if written % 5 == 1 {
                    let request = server.delete(&format!("/projects/{named}")).key(key);
                    last = position(&request.send().expect(204));
                } else if written % 5 == 3 {
                    last = write(named, "Jeugdhulp school", "Jeugdhulp, jeugdhulp, school en jeugdhulp.", 200);
                    changed.insert(named.clone());
                }
                after(server, last, "/search?limit=1");
            }
            let unchanged = |ids: Vec<String>| -> Vec<String> {
                ids.into_iter().filter(|id| !changed.contains(id)).collect()
            };
            let mut seen = unchanged(seen);
            let distinct: BTreeSet<&String> = seen.iter().collect();
            assert_eq!(distinct.len(), seen.len(), "repeated: {path}");
            seen.retain(|id| before.contains(id));
            assert_eq!(seen, unchanged(before), "{path}");
            // A word of the query that nothing had makes another order, but none in a crawl.
            last = write(&format!("word-{written}"), "Plan", "Vuurtoren, school en jeugdhulp.", 201);
            last = last.max(position(&server.delete(&format!("/projects/word-{written}")).key(key).send().expect(204)));
        }
    }

    fn a_cursor_leads_on_in_its_own_search_alone(server: &Server) {
        let filled = fill(server);
        let page = after(server, filled, "/search?q=jeugdhulp&limit=3");
        let next = text(&page, "next");
        let cursor = next.split(['?', '&']).find_map(|part| part.strip_prefix("cursor=")).expect("a cursor").to_owned();
        read(server, &format!("/search?q=jeugdhulp&limit=5&cursor={cursor}"));
        for other in [
            "/search?q=school", "/search?q=jeugdhulp%20school", "/search", "/search?q=jeugdhulp&type=projects",
            "/search?q=jeugdhulp&sort=name", "/search?q=jeugdhulp&kind=other", "/search?q=jeugdhulp&role=funder",
            "/search?q=jeugdhulp&theme=n1", "/search?q=jeugdhulp&organisation=n1", "/search?q=jeugdhulp&from=2020-01-01",
            "/projects?q=jeugdhulp", "/organisations",
        ] {
            let mark = if other.contains('?') { '&' } else { '?' };
            let problem = server.get(&format!("{other}{mark}cursor={cursor}")).send().problem(400, "invalid-input");
            assert!(faults(&problem).iter().all(|(place, _)| place == "cursor"), "{other}: {problem}");
        }
        let list = text(&after(server, filled, "/projects?q=jeugdhulp&limit=3"), "next");
        let cursor = list.split(['?', '&']).find_map(|part| part.strip_prefix("cursor=")).expect("a cursor").to_owned();
        for other in ["/projects", "/projects?q=thuis", "/projects?q=jeugdhulp&sort=name", "/themes?q=jeugdhulp", "/search?q=jeugdhulp"] {
            let mark = if other.contains('?') { '&' } else { '?' };
            server.get(&format!("{other}{mark}cursor={cursor}")).send().problem(400, "invalid-input");
        }
        assert_eq!(items(&read(server, &list)).len(), 3);
    }

    fn an_answer_has_a_tag_and_is_not_sent_twice_until_something_changes(server: &Server) {
        let filled = fill(server);
        for path in ["/search?q=jeugdhulp&limit=3", "/search?facets=type,kind", "/suggest?q=el", "/projects/n1/similar", "/projects?q=school"] {
            let mark = if path.contains('?') { '&' } else { '?' };
            after(server, filled, path);
            let first = server.get(path).send().expect(200);
            let tag = etag(&first);
            assert_eq!((etag(&server.get(path).send()), server.get(path).send().body), (tag.clone(), first.body), "{path}");
            let known = server.get(path).header("if-none-match", &tag).send().expect(304);
            assert!(known.body.is_empty() && etag(&known) == tag, "{known}");
            let other = server.get(&format!("{path}{mark}after=1")).send().expect(200);
            assert_ne!(etag(&other), tag, "another request: {path}");
        }
        let path = "/search?q=jeugdhulp&limit=3";
        let reply = server.get(path).send().expect(200);
        let next = text(&reply.json(), "next");
        let link = reply.header("link").unwrap_or_default();
        assert!(link.contains("rel=\"next\"") && link.contains(&next), "{link}");
        put(server, "/organisations/new", &json!({ "name": "Jeugdhulp", "kind": "other" }));
        // The register changed before the index has: an answer in between must not keep the tag that the
        // next one would be known by.
        let mut tag = etag(&reply);
        loop {
            let reply = changed(server, path, &tag);
            if items(&reply.json())[0]["slug"] == "new" {
                break;
            }
            tag = etag(&reply);
        }
    }

    fn what_a_search_does_not_take_is_refused_with_its_place(server: &Server) {
        for (query, place, code) in [
            ("foo=1", "foo", "unknown_member"),
            ("q=a&Q=b", "Q", "unknown_member"),
            ("type=nonsense", "type", "unknown_value"),
            ("type=projects,nonsense", "type", "unknown_value"),
            ("sort=kind", "sort", "unknown_value"),
            ("sort=-relevance", "sort", "unknown_value"),
            ("sort=name,updatedAt", "sort", "unknown_value"),
            ("facets=type,nonsense", "facets", "unknown_value"),
            ("kind=nonsense", "kind", "unknown_value"),
            ("status=nonsense", "status", "unknown_value"),
            ("type=themes&kind=school", "kind", "unknown_value"),
            ("type=themes&sector=po", "sector", "contradiction"),
            ("type=people&theme=n1", "theme", "contradiction"),
            ("limit=0", "limit", "out_of_range"),
            ("limit=101", "limit", "out_of_range"),
            ("explain=maybe", "explain", "unknown_value"),
        ] {
            let problem = server.get(&format!("/search?{query}")).send().problem(400, "invalid-input");
            assert_eq!(faults(&problem), set([(place, code)]), "{query}: {problem}");
        }
        for query in ["region=nowhere", "organisation=nobody", "theme=nothing", "municipality=nowhere", "role=nonsense", "sector=nonsense",
            "from=yesterday", "cursor=x", "after=x", "after=-1", "after=99999999999999999999"] {
            server.get(&format!("/search?{query}")).send().problem(400, "invalid-input");
        }
        for query in ["?q=el&foo=1", "?q=el&type=nonsense", "?q=el&limit=3"] {
            server.get(&format!("/suggest{query}")).send().problem(400, "invalid-input");
        }
        let problem = server.get("/search?sort=x&facets=y&type=z").send().problem(400, "invalid-input");
        let all = set([("sort", "unknown_value"), ("facets", "unknown_value"), ("type", "unknown_value")]);
        assert_eq!(faults(&problem), all, "all at once");
        server.get("/search").header("accept", "image/png").send().problem(406, "not-acceptable");
        server.get("/suggest?q=el").header("accept", "text/csv").send().problem(406, "not-acceptable");
    }
}
