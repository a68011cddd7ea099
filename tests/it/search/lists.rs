//! Words on the lists of collections: the same documents as a search finds, in the form and order
//! that lists have.

use serde_json::{Value, json};

use super::{after, position, slugs};
use crate::given::{crawl, each, faults, read, set};
use crate::support::{Server, items};

/// Makes projects, some of which are about a word, and gives the position of the last.
#[track_caller]
fn fill(server: &Server) -> i64 {
    let mut last = 0;
    for (nth, slug) in ["a", "b", "c", "d", "e", "f", "g"].into_iter().enumerate() {
        let about = if nth % 3 == 2 {
            "Taalklas"
        } else {
            "Jeugdhulp"
        };
        let (kind, status) = (
            ["pilot", "project"][nth % 2],
            ["active", "planned"][nth / 4],
        );
        let body = json!({
            "name": format!("Plan {slug}"), "kind": kind,
            "status": status,
            // The later, the more often the word stands there.
            "summary": format!("{about}.{}", " Jeugdhulp!".repeat(if nth % 3 == 2 { 0 } else { nth })),
        });
        let request = server.put(&format!("/projects/{slug}"));
        last = position(
            &request
                .key(server.admin_key())
                .json(&body)
                .send()
                .expect(201),
        );
    }
    last
}

both! {
    fn words_go_with_all_that_a_list_takes(server: &Server) {
        let filled = fill(server);
        let found = slugs(&after(server, filled, "/projects?q=jeugdhulp"));
        let mut sorted = found.clone();
        sorted.sort();
        assert_eq!(sorted, ["a", "b", "d", "e", "g"]);
        let hits = read(server, "/search?type=projects&q=jeugdhulp");
        assert_eq!(slugs(&hits), found, "in the order of a search");

        for (query, wanted) in [
            ("q=jeugdhulp&sort=name", &["a", "b", "d", "e", "g"][..]),
            ("q=jeugdhulp&sort=-name", &["g", "e", "d", "b", "a"]),
            ("q=jeugdhulp&sort=-createdAt", &["g", "e", "d", "b", "a"]),
            ("q=jeugdhulp&sort=kind,-name", &["g", "e", "a", "d", "b"]),
            ("q=jeugdhulp&kind=pilot&sort=name", &["a", "e", "g"]),
            ("q=jeugdhulp&kind=pilot&status=planned&sort=name", &["e", "g"]),
            ("q=jeugdhulp%20-plan&sort=name", &[]),
            ("q=jeughulp&sort=name", &["a", "b", "d", "e", "g"]),
            ("q=taalklas%20vuurtoren&sort=name", &["c", "f"]),
            ("q=&sort=-name", &["g", "f", "e", "d", "c", "b", "a"]),
            ("q=%20-", &["a", "b", "c", "d", "e", "f", "g"]),
        ] {
            let page = read(server, &format!("/projects?{query}&count=true"));
            assert_eq!((slugs(&page), &page["total"]), (wanted.iter().map(ToString::to_string).collect(), &json!(wanted.len())), "{query}");
            for limit in [1, 2] {
                assert_eq!(crawl(server, &format!("/projects?{query}&limit={limit}"), "slug"), wanted, "{query} by {limit}");
            }
        }
        let counted = read(server, "/projects?q=jeugdhulp&limit=2&count=true");
        assert_eq!((items(&counted).len(), &counted["total"]), (2, &json!(5)));
        assert!(read(server, "/projects?q=jeugdhulp&limit=2").get("total").is_none_or(Value::is_null));
        assert_eq!(crawl(server, "/projects?q=jeugdhulp&limit=2", "slug"), found, "page by page in the same order");
    }

    fn words_go_with_fields_and_other_formats(server: &Server) {
        let filled = fill(server);
        let page = after(server, filled, "/projects?q=jeugdhulp&sort=name&fields=name,slug");
        assert_eq!(items(&page)[0], json!({ "name": "Plan a", "slug": "a" }));
        let whole = read(server, "/projects?q=jeugdhulp&sort=name");
        assert_eq!(items(&whole)[0], read(server, "/projects/a"), "documents as lists show them");

        let table = server.get("/projects?q=jeugdhulp&sort=name&format=csv&fields=slug,kind").send().expect(200);
        let rows: Vec<String> = table.text().lines().map(|line| line.trim_start_matches('\u{feff}').to_owned()).collect();
        assert_eq!(rows.len(), 6, "{table}");
        assert!(rows[1].contains('a') && rows[5].contains('g'), "{table}");
        let lines = server.get("/projects?q=jeugdhulp&sort=-name&format=ndjson").send().expect(200).text();
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let told: Vec<&str> = lines.iter().filter_map(|line| line["slug"].as_str()).collect();
        assert_eq!(told, ["g", "e", "d", "b", "a"]);
        let found = slugs(&read(server, "/projects?q=jeugdhulp"));
        let lines = server.get("/projects?q=jeugdhulp&format=ndjson&limit=2").send().expect(200).text();
        let told: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        let told: Vec<&str> = told.iter().filter_map(|line| line["slug"].as_str()).collect();
        assert!(found.iter().map(String::as_str).take(told.len()).eq(told.iter().copied()) && told.len() >= 2, "{told:?}");
    }

    fn every_collection_can_be_asked_for_words(server: &Server) {
        let key = server.admin_key();
        let mut last = 0;
        for collection in crate::builders::COLLECTIONS {
            for name in ["Zeilboot", "Vuurtoren"] {
                let slug = name.to_lowercase();
                let body = crate::builders::least(collection, name);
                let request = server.put(&format!("/{collection}/{slug}")).key(key).json(&body);
                last = position(&request.send().expect(201));
            }
        }
        for collection in crate::builders::COLLECTIONS {
            let page = after(server, last, &format!("/{collection}?q=zeilboot&count=true"));
            assert_eq!((slugs(&page), &page["total"]), (vec!["zeilboot".to_owned()], &json!(1)), "{collection}");
            let problem = server.get(&format!("/{collection}?q=zeilboot&sort=relevance&foo=1")).send().problem(400, "invalid-input");
            assert!(faults(&problem).contains(&("foo".into(), "unknown_member".into())), "{problem}");
            assert_eq!(each(&read(server, &format!("/search?type={collection}&q=vuurtoren")), "type"), [collection]);
        }
        let problem = server.get("/projects?q=a&kind=nonsense").send().problem(400, "invalid-input");
        assert_eq!(faults(&problem), set([("kind", "unknown_value")]));
    }
}
