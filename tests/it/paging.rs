//! Lists in order and page by page: an order that is total, and pages that neither skip nor repeat
//! a document that stays.

use std::{cmp::Ordering, collections::BTreeMap};

use serde_json::{Value, json};

use crate::given::{crawl, delete, each, faults, many, plain, put, read, set};
use crate::support::{Server, items, text};

/// Names, and how they sort: `É` with `E`, capitals with small letters.
const NAMES: [(&str, &str); 14] = [
    ("Zwolle", "zwolle"),
    ("élan", "elan"),
    ("Elan", "elan"),
    ("ELAN", "elan"),
    ("Élan", "elan"),
    ("école", "ecole"),
    ("Edam", "edam"),
    ("Ångström", "angstrom"),
    ("Súdwest-Fryslân", "sudwest-fryslan"),
    ("Sudwest", "sudwest"),
    ("zürich", "zurich"),
    ("Ægir", "aegir"),
    ("2 Gemeenten", "2 gemeenten"),
    ("Elan zuid", "elan zuid"),
];

const SORTS: [&str; 12] = [
    "name",
    "-name",
    "kind",
    "-kind",
    "createdAt",
    "-createdAt",
    "updatedAt",
    "-updatedAt",
    "kind,-name",
    "-kind,name",
    "-name,kind,-createdAt",
    "-updatedAt,name",
];

const KINDS: [&str; 3] = ["school", "other", "childcare"];

/// Makes organisations of all the names; the summary says how the name is to sort.
fn fill(server: &Server) {
    for (nth, (name, key)) in NAMES.iter().enumerate() {
        let kind = KINDS[nth % KINDS.len()];
        put(
            server,
            &format!("/organisations/n{nth}"),
            &json!({
                "name": name, "kind": kind, "summary": key,
            }),
        );
    }
    // So that the order of changes is not that of creation.
    for nth in [5, 2, 9] {
        put(
            server,
            &format!("/organisations/n{nth}"),
            &json!({
                "name": NAMES[nth].0, "kind": "network", "summary": NAMES[nth].1,
            }),
        );
    }
}

/// How two documents stand to each other in an order; at last the id decides, in the direction of
/// the last key.
fn compare(sort: &str, a: &Value, b: &Value) -> Ordering {
    for key in sort.split(',') {
        let (field, descending) = key.strip_prefix('-').map_or((key, false), |k| (k, true));
        // An instant without trailing zeros does not compare as text with one that has them.
        let value = |document: &Value| match field {
            "name" => text(document, "summary"),
            "kind" => text(document, "kind"),
            other => format!("{:0<27}", text(document, other).trim_end_matches('Z')),
        };
        let order = value(a).cmp(&value(b));
        let order = if descending { order.reverse() } else { order };
        if order.is_ne() {
            return order;
        }
    }
    let order = text(a, "id").cmp(&text(b, "id"));
    let last = sort.rsplit(',').next().unwrap_or_default();
    if last.starts_with('-') {
        order.reverse()
    } else {
        order
    }
}

both! {
    fn every_order_is_total_with_ties_accents_and_mixed_directions(server: &Server) {
        fill(server);
        for sort in SORTS {
            let page = read(server, &format!("/organisations?limit=100&sort={sort}"));
            assert_eq!(items(&page).len(), NAMES.len(), "{sort}");
            for pair in items(&page).windows(2) {
                let order = compare(sort, &pair[0], &pair[1]);
                assert_eq!(order, Ordering::Less, "{sort}: {} {}", pair[0], pair[1]);
            }
            for limit in [1, 3, 13, 14] {
                let ids = crawl(server, &format!("/organisations?limit={limit}&sort={sort}"), "id");
                assert_eq!(ids, each(&page, "id"), "{sort} by {limit}");
            }
        }
        let by_name = read(server, "/organisations?sort=name&limit=100");
        assert_eq!(read(server, "/organisations?limit=100")["items"], by_name["items"]);
        assert_eq!(items(&read(server, "/organisations")).len(), NAMES.len(), "20 by default");
    }

    fn a_crawl_neither_skips_nor_repeats_what_stays_while_others_come_and_go(server: &Server) {
        // Few names and kinds, so that pages end in the middle of ties.
        many(server, 120, |nth| json!({
            "name": format!("Naam {}", nth % 5), "slug": format!("n{nth}"),
            "kind": KINDS[nth % KINDS.len()],
        }));
        let stays = crawl(server, "/organisations?limit=100", "id");
        assert_eq!(stays.len(), 120);
        for sort in SORTS {
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            let mut passing: Vec<String> = Vec::new();
            let mut next = Some(format!("/organisations?limit=7&sort={sort}"));
            while let Some(url) = next {
                let page = read(server, &url);
                for id in each(&page, "id") {
                    *seen.entry(id).or_default() += 1;
                }
                for name in ["Aap", "Naam 2", "Zus"] {
                    let body = json!({ "name": name, "kind": "other" });
                    let request = server.post("/organisations").key(server.admin_key());
                    passing.push(text(&request.json(&body).send().expect(201).json(), "id"));
                }
                // One that was seen or not: whichever its place in this order is.
                let gone = passing.remove(passing.len() / 2);
                delete(server, &format!("/organisations/{gone}"));
                next = page["next"].as_str().map(str::to_owned);
            }
            for id in &stays {
                assert_eq!(seen.get(id), Some(&1), "{sort}: {id} was skipped or repeated");
            }
            let twice: Vec<_> = seen.iter().filter(|(_, times)| **times > 1).collect();
            assert!(twice.is_empty(), "{sort} repeats {twice:?}");
            for id in passing {
                delete(server, &format!("/organisations/{id}"));
            }
        }
    }

    fn the_place_in_a_list_survives_the_document_that_marked_it(server: &Server) {
        for slug in ["a", "b", "c", "d"] {
            plain(server, slug);
        }
        let page = read(server, "/organisations?limit=2");
        let next = page["next"].as_str().expect("a next page");
        delete(server, "/organisations/b");
        assert_eq!(each(&read(server, next), "slug"), ["c", "d"]);
    }

    fn a_list_links_to_its_first_and_next_page_with_all_that_was_asked(server: &Server) {
        for slug in ["a", "b", "c"] {
            plain(server, slug);
        }
        let first = "/organisations?kind=other&limit=2&fields=slug&count=true";
        let reply = server.get(first).send().expect(200);
        let page = reply.json();
        let link = reply.header("link").expect("a Link header").to_owned();
        let next = text(&page, "next");
        assert!(link.contains(&format!("<{next}>; rel=\"next\"")), "{link}");
        assert!(next.starts_with("http") && next.contains("fields=slug"), "{next}");
        let reply = server.get(&next).send().expect(200);
        let page = reply.json();
        assert_eq!(page, json!({ "items": [{ "slug": "c" }], "total": 3 }), "and no next");
        let link = reply.header("link").expect("a Link header");
        assert!(!link.contains("rel=\"next\""), "{link}");
        let back = link.trim_start_matches('<').split('>').next().unwrap_or_default();
        assert!(link.ends_with("rel=\"first\"") && back.ends_with(first), "{link}");
    }

    fn a_cursor_that_was_tampered_with_or_is_another_lists_is_refused(server: &Server) {
        for slug in ["a", "b", "c"] {
            plain(server, slug);
            put(server, &format!("/regions/{slug}"), &json!({ "name": slug, "kind": "other" }));
        }
        let cursor_of = |path: &str| {
            let next = text(&read(server, path), "next");
            next.split("cursor=").nth(1).expect("a cursor").to_owned()
        };
        let refuse = |path: &str, cursor: &str| {
            let reply = server.get(&format!("{path}cursor={cursor}")).send();
            let problem = reply.problem(400, "invalid-input");
            assert_eq!(faults(&problem), set([("cursor", "invalid_format")]), "{reply}");
        };
        let cursor = cursor_of("/organisations?limit=1");
        for nth in 0..cursor.len() {
            let here = cursor.as_bytes()[nth];
            for other in [b'A', b'Q', b'g', b'_'].into_iter().filter(|byte| *byte != here) {
                let mut bytes = cursor.clone().into_bytes();
                bytes[nth] = other;
                refuse("/organisations?", &String::from_utf8_lossy(&bytes));
            }
            refuse("/organisations?", &cursor[..nth]);
        }
        for wrong in [format!("{cursor}A"), format!("{cursor}="), format!("%20{cursor}"), "1".into()] {
            refuse("/organisations?", &wrong);
        }
        refuse("/regions?", &cursor);
        for asked in ["kind=other", "sort=-name", "sort=name,kind", "identifier=own:1", "steward=a",
            "updatedSince=2001-01-01T00:00:00Z", "verifiedBefore=2030-01-01", "organisation=a"] {
            refuse(&format!("/organisations?{asked}&"), &cursor);
        }
        let filtered = cursor_of("/organisations?kind=other,school&limit=1");
        for asked in ["", "kind=other&", "kind=other,school&isPlaceholder=false&"] {
            refuse(&format!("/organisations?{asked}"), &filtered);
        }
        // How a page looks and how long it is may change on the way.
        for asked in ["limit=2", "fields=slug", "include=regions", "count=true", "sort=name"] {
            let page = read(server, &format!("/organisations?{asked}&cursor={cursor}"));
            assert_eq!(page["items"][0]["slug"], "b", "{asked}");
        }
    }

    fn a_cursor_holds_after_a_restart(server: &mut Server) {
        for slug in ["a", "b"] {
            plain(server, slug);
        }
        let next = text(&read(server, "/organisations?limit=1"), "next");
        server.restart();
        assert_eq!(each(&read(server, &next), "slug"), ["b"]);
    }
}
