//! The index follows what is written: a document itself, and all that is found by it.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{after, assert_index_equal, newest, position, slugs};
use crate::builders::{COLLECTIONS, least, with};
use crate::given::{patch, put, read};
use crate::support::{Client, Server};

/// What a search finds once it has all that was written, as slugs in the order of the alphabet.
#[track_caller]
fn found(server: &Server, query: &str) -> Vec<String> {
    let mut found = slugs(&after(
        server,
        newest(server),
        &format!("/search?limit=100&{query}"),
    ));
    found.sort();
    found
}

both! {
    fn what_is_written_is_found_at_once_by_who_waits_for_it(server: &Server) {
        let key = server.admin_key();
        for collection in COLLECTIONS {
            let path = format!("/{collection}/bark");
            let search = format!("/search?type={collection}&q=zeilboot");
            let created = server.put(&path).key(key).json(&least(collection, "Zeilboot")).send().expect(201);
            assert_eq!(slugs(&after(server, position(&created), &search)), ["bark"]);
            let body = least(collection, "Vuurtoren");
            let changed = server.patch(&path).key(key).json(&body).send().expect(200);
            assert!(position(&changed) > position(&created), "{changed}");
            assert_eq!(slugs(&after(server, position(&changed), &search)), [""; 0]);
            assert_eq!(slugs(&after(server, position(&changed), "/search?q=vuurtoren")), ["bark"], "{collection}");
            // The lists, the suggestions and documents like one wait as well.
            assert_eq!(slugs(&after(server, position(&changed), &format!("/{collection}?q=vuurtoren"))), ["bark"]);
            let suggested = after(server, position(&changed), "/suggest?q=vuurt");
            assert_eq!(suggested["groups"][0]["items"][0]["slug"], "bark");
            let deleted = server.delete(&path).key(key).send().expect(204);
            assert_eq!(slugs(&after(server, position(&deleted), "/search?q=vuurtoren")), [""; 0]);
            let posted = server.post(&format!("/{collection}")).key(key).json(&least(collection, "Baken")).send().expect(201);
            assert_eq!(after(server, position(&posted), &format!("/{collection}?q=baken&count=true"))["total"], 1);
        }
        assert_index_equal(server);
    }

    fn what_is_written_is_found_soon_by_who_does_not_wait(server: &Server) {
        for nth in 0..5 {
            let name = format!("Zeilboot{}", "abcde".get(nth..=nth).unwrap_or_default().repeat(4));
            put(server, "/organisations/bark", &least("organisations", &name));
            let deadline = Instant::now() + Duration::from_secs(20);
            while slugs(&read(server, &format!("/search?q={name}"))) != ["bark"] {
                assert!(Instant::now() < deadline, "{name} is not found");
                thread::sleep(Duration::from_millis(20));
            }
        }
    }

    fn who_waits_for_what_does_not_come_is_told_to_come_back(server: &Server) {
        let last = newest(server);
        for path in ["/search?q=a&", "/suggest?q=ab&", "/organisations?q=a&", "/projects?q=a&count=true&"] {
            let path = format!("{path}after={}", last + 1_000_000);
            let began = Instant::now();
            let reply = server.get(&path).send();
            reply.problem(503, "unavailable");
            assert!(began.elapsed() >= Duration::from_millis(900), "it was waited for: {path}");
            assert!(began.elapsed() < Duration::from_secs(30), "but not for long: {path}");
            let seconds: u64 = reply.header("retry-after").expect("Retry-After").parse().expect("seconds");
            assert!((1..=60).contains(&seconds), "{reply}");
        }
        // Many who wait keep nobody else from being served.
        thread::scope(|scope| {
            for _ in 0..16 {
                let client: &Client = server;
                scope.spawn(move || client.get(&format!("/search?after={}", last + 1_000_000)).send().problem(503, "unavailable"));
            }
            read(server, "/search?q=a");
        });
    }

    fn what_refers_to_a_document_is_found_by_its_new_names(server: &Server) {
        put(server, "/organisations/bureau", &least("organisations", "Oudenaam"));
        put(server, "/themes/taal", &least("themes", "Oudlabel"));
        put(server, "/projects/klas", &with(least("projects", "Klas"), &json!({
            "participants": [{ "organisation": "bureau", "role": "lead" }], "themes": ["taal"],
        })));
        put(server, "/people/jan", &with(least("people", "Jansen"), &json!({
            "roles": [{ "organisation": "bureau", "title": "Lid", "kind": "member" }],
        })));
        put(server, "/regions/noord", &with(least("regions", "Noord"), &json!({
            "partners": [{ "organisation": "bureau", "role": "other" }],
        })));
        assert_eq!(found(server, "q=oudenaam"), ["bureau", "jan", "klas", "noord"]);
        assert_eq!(found(server, "q=oudlabel"), ["klas", "taal"]);
        patch(server, "/organisations/bureau", &json!({ "name": "Wervelwind" }));
        assert_eq!(found(server, "q=wervelwind"), ["bureau", "jan", "klas", "noord"]);
        assert_eq!(found(server, "q=oudenaam"), [""; 0]);
        patch(server, "/organisations/bureau", &json!({ "alternativeNames": ["Draaikolk"] }));
        assert_eq!(found(server, "q=draaikolk"), ["bureau", "jan", "klas", "noord"]);
        patch(server, "/organisations/bureau", &json!({ "alternativeNames": [] }));
        assert_eq!(found(server, "q=draaikolk"), [""; 0]);
        patch(server, "/themes/taal", &json!({ "label": "Voorlezen" }));
        assert_eq!((found(server, "q=voorlezen"), found(server, "q=oudlabel")), (vec!["klas".into(), "taal".into()], vec![]));
        patch(server, "/themes/taal", &json!({ "alternativeLabels": ["Boekenkast"] }));
        assert_eq!(found(server, "q=boekenkast"), ["klas", "taal"]);
        patch(server, "/regions/noord", &json!({ "name": "Windstreek" }));
        patch(server, "/projects/klas", &json!({ "regions": ["noord"] }));
        assert_eq!(found(server, "q=windstreek"), ["klas", "noord"]);
        patch(server, "/regions/noord", &json!({ "name": "Poolster" }));
        assert_eq!((found(server, "q=windstreek"), found(server, "q=poolster")), (vec![], vec!["klas".into(), "noord".into()]));
        assert_index_equal(server);
    }

    fn who_comes_into_a_region_or_leaves_it_brings_what_belongs_to_it(server: &Server) {
        for slug in ["stad", "partner"] {
            put(server, &format!("/organisations/{slug}"), &least("organisations", slug));
        }
        put(server, "/regions/noord", &least("regions", "Noord"));
        put(server, "/projects/klas", &with(least("projects", "Klas"), &json!({ "municipalities": ["stad"] })));
        put(server, "/people/jan", &with(least("people", "Jansen"), &json!({
            "roles": [{ "organisation": "partner", "title": "Lid", "kind": "member" }],
        })));
        assert_eq!(found(server, "region=noord"), [""; 0]);
        patch(server, "/regions/noord", &json!({ "municipalities": [{ "organisation": "stad" }] }));
        assert_eq!(found(server, "region=noord"), ["klas", "stad"]);
        let facets = after(server, newest(server), "/search?type=projects&facets=region");
        assert_eq!(facets["facets"]["region"], json!([{ "value": "noord", "name": "Noord", "count": 1 }]));
        patch(server, "/regions/noord", &json!({ "partners": [{ "organisation": "partner", "role": "other" }] }));
        assert_eq!(found(server, "region=noord"), ["jan", "klas", "partner", "stad"]);
        assert_index_equal(server);
        patch(server, "/regions/noord", &json!({ "municipalities": [] }));
        assert_eq!(found(server, "region=noord"), ["jan", "partner"]);
        put(server, "/regions/zuid", &with(least("regions", "Zuid"), &json!({
            "municipalities": [{ "organisation": "stad" }], "partners": [{ "organisation": "partner", "role": "other" }],
        })));
        assert_eq!(found(server, "region=zuid"), ["jan", "klas", "partner", "stad"]);
        let deleted = server.delete("/regions/zuid").key(server.admin_key()).send().expect(204);
        let facets = after(server, position(&deleted), "/search?facets=region");
        assert_eq!(facets["facets"]["region"], json!([{ "value": "noord", "name": "Noord", "count": 2 }]));
        // Who cannot be seen stands between the region and nothing.
        patch(server, "/organisations/partner", &json!({ "visibility": "restricted" }));
        assert_eq!(found(server, "region=noord"), [""; 0]);
        patch(server, "/organisations/partner", &json!({ "visibility": "public" }));
        assert_eq!(found(server, "region=noord"), ["jan", "partner"]);
        assert_index_equal(server);
    }

    fn what_is_about_a_theme_is_found_by_the_themes_above_it(server: &Server) {
        for slug in ["boven", "midden", "onder", "elders"] {
            put(server, &format!("/themes/{slug}"), &least("themes", slug));
        }
        put(server, "/projects/klas", &with(least("projects", "Klas"), &json!({ "themes": ["onder"] })));
        let of = |theme: &str| found(server, &format!("type=projects&theme={theme}"));
        assert_eq!((of("onder"), of("midden")), (vec!["klas".into()], vec![]));
        patch(server, "/themes/onder", &json!({ "broader": "midden" }));
        assert_eq!((of("midden"), of("boven")), (vec!["klas".to_owned()], vec![]));
        patch(server, "/themes/midden", &json!({ "broader": "boven" }));
        assert_eq!((of("midden"), of("boven")), (vec!["klas".to_owned()], vec!["klas".to_owned()]));
        assert_index_equal(server);
        // One that is hidden cuts the tree for those who cannot see it.
        patch(server, "/themes/midden", &json!({ "visibility": "restricted" }));
        assert_eq!((of("onder"), of("boven")), (vec!["klas".to_owned()], vec![]));
        patch(server, "/themes/midden", &json!({ "visibility": "public", "broader": "elders" }));
        assert_eq!((of("elders"), of("boven")), (vec!["klas".to_owned()], vec![]));
        assert_index_equal(server);
    }
}
