//! What is derived from the documents: who takes part in a region on a day, who works for a
//! postcode, and the words of the vocabularies.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::given::{each, faults, patch, plain, put, read, set};
use crate::support::{Server, items, text};

type Days = &'static [&'static str];

/// Memberships with all kinds of ends, and for each the days just inside and just outside.
/// An uncertain end counts as far as it can reach.
const PERIODS: [(Option<&str>, Option<&str>, Days, Days); 14] = [
    (None, None, &["0001-01-01", "2015-06-01", "9999-12-31"], &[]),
    (
        Some("2015-06-01"),
        None,
        &["2015-06-01", "9999-12-31"],
        &["2015-05-31"],
    ),
    (
        None,
        Some("2015-06-01"),
        &["0001-01-01", "2015-06-01"],
        &["2015-06-02"],
    ),
    (
        Some("2015-06-01"),
        Some("2015-06-01"),
        &["2015-06-01"],
        &["2015-05-31", "2015-06-02"],
    ),
    (
        Some("2014"),
        Some("2015"),
        &["2014-01-01", "2015-12-31"],
        &["2013-12-31", "2016-01-01"],
    ),
    (
        Some("2014-23"),
        None,
        &["2014-09-01", "2014-11-30"],
        &["2014-08-31"],
    ),
    (None, Some("2014-24"), &["2015-02-28"], &["2015-03-01"]),
    (
        Some("2016-02"),
        Some("2016-02"),
        &["2016-02-01", "2016-02-29"],
        &["2016-01-31", "2016-03-01"],
    ),
    (
        Some("2013~"),
        None,
        &["2013-01-01", "2013-12-31"],
        &["2012-12-31"],
    ),
    (
        Some("2013?"),
        Some("2014%"),
        &["2013-01-01", "2014-12-31"],
        &["2012-12-31", "2015-01-01"],
    ),
    (Some("201X"), None, &["2010-01-01"], &["2009-12-31"]),
    (
        Some("2015/.."),
        None,
        &["2015-01-01", "9999-12-31"],
        &["2014-12-31"],
    ),
    (
        Some("../2015"),
        Some("2016"),
        &["0001-01-01", "2016-12-31"],
        &["2017-01-01"],
    ),
    (
        Some("2010/2012"),
        Some("2014/2016"),
        &["2010-01-01", "2016-12-31"],
        &["2009-12-31", "2017-01-01"],
    ),
];

/// The slugs of those a row of a view points to.
fn slugs(page: &Value, member: &str) -> Vec<String> {
    items(page)
        .iter()
        .map(|row| text(&row[member], "slug"))
        .collect()
}

/// Elburg and a partner in two regions, with dates, beside what is hidden.
fn fill(server: &Server) {
    for slug in ["elburg", "putten", "berseba", "network"] {
        plain(server, slug);
    }
    put(
        server,
        "/organisations/hidden",
        &json!({
            "name": "Hidden", "kind": "other", "visibility": "restricted",
        }),
    );
    put(
        server,
        "/regions/noord",
        &json!({
            "name": "Noord", "kind": "other",
            "municipalities": [
                { "organisation": "putten", "localAccess": "own_access", "localAccessNote": "Eigen." },
                { "organisation": "elburg", "start": "2010", "localAccess": "cjg" },
                { "organisation": "hidden" },
            ],
            "partners": [
                { "organisation": "berseba", "role": "school_partnership", "roleDescription": "PO" },
                { "organisation": "berseba", "role": "coordinator", "end": "2012" },
                { "organisation": "hidden", "role": "other" },
            ],
            "networks": [{ "organisation": "network", "status": "active" }],
        }),
    );
    put(
        server,
        "/regions/achter",
        &json!({
            "name": "achter", "kind": "other",
            "partners": [{ "organisation": "elburg", "role": "other", "end": "2014" }],
        }),
    );
    put(
        server,
        "/regions/geheim",
        &json!({
            "name": "Geheim", "kind": "other", "visibility": "restricted",
            "municipalities": [{ "organisation": "elburg" }],
        }),
    );
}

both! {
    fn a_membership_counts_as_far_as_its_dates_can_reach(server: &Server) {
        for (nth, (start, end, inside, outside)) in PERIODS.into_iter().enumerate() {
            let slug = format!("o{nth}");
            plain(server, &slug);
            put(server, &format!("/regions/r{nth}"), &json!({
                "name": slug, "kind": "other",
                "municipalities": [{ "organisation": slug, "start": start, "end": end }],
                "partners": [{ "organisation": slug, "role": "other", "start": start, "end": end }],
            }));
            let days = inside.iter().map(|day| (day, true));
            for (day, there) in days.chain(outside.iter().map(|day| (day, false))) {
                let rows = |path: String| items(&read(server, &format!("{path}?at={day}"))).len();
                let expected = if there { 2 } else { 0 };
                let case = format!("{start:?} to {end:?} on {day}");
                assert_eq!(rows(format!("/regions/r{nth}/organisations")), expected, "{case}");
                assert_eq!(rows(format!("/organisations/{slug}/regions")), expected, "{case}");
            }
        }
    }

    fn a_region_shows_its_municipalities_and_partners_with_role_and_dates(server: &Server) {
        fill(server);
        let page = read(server, "/regions/noord/organisations?at=2012-12-31");
        assert_eq!(slugs(&page, "organisation"), ["putten", "elburg", "berseba", "berseba"]);
        let roles = ["municipality", "municipality", "school_partnership", "coordinator"];
        assert_eq!(each(&page, "role"), roles);
        let [putten, elburg, berseba, coordinator] = items(&page) else { panic!("{page}") };
        assert_eq!(putten["localAccess"], "own_access");
        assert_eq!((&putten["start"], &putten["end"]), (&Value::Null, &Value::Null));
        assert_eq!(elburg["start"], read(server, "/regions/noord")["municipalities"][1]["start"]);
        assert_eq!((&berseba["roleDescription"], &berseba["localAccess"]), (&json!("PO"), &Value::Null));
        assert_eq!(coordinator["end"]["edtf"], "2012");
        let elburg = read(server, "/organisations/elburg");
        let shown = ["id", "slug", "name"].map(|member| (member.to_owned(), elburg[member].clone()));
        assert_eq!(items(&page)[1]["organisation"], Value::Object(shown.into_iter().collect()));
        let later = read(server, "/regions/noord/organisations?at=2013-01-01");
        assert_eq!(slugs(&later, "organisation"), ["putten", "elburg", "berseba"]);
        let today = read(server, "/regions/noord/organisations");
        assert_eq!(today["items"], later["items"], "without a day it is today");
    }

    fn an_organisation_shows_its_regions_by_name(server: &Server) {
        fill(server);
        let path = "/organisations/elburg/regions";
        let page = read(server, &format!("{path}?at=2012-01-01"));
        assert_eq!(slugs(&page, "region"), ["achter", "noord"]);
        assert_eq!(each(&page, "role"), ["other", "municipality"]);
        let keys: BTreeSet<_> = items(&page)[0]["region"].as_object().expect("a ref").keys().collect();
        assert_eq!(keys.into_iter().collect::<Vec<_>>(), ["id", "name", "slug"]);
        assert_eq!(slugs(&read(server, path), "region"), ["noord"]);
        assert_eq!(slugs(&read(server, &format!("{path}?at=2009-12-31")), "region"), ["achter"]);
        let reader = server.get(path).key(&server.key("reader", None)).send().expect(200).json();
        assert_eq!(slugs(&reader, "region"), ["geheim", "noord"]);
        assert!(items(&read(server, "/organisations/network/regions")).is_empty());
    }

    fn the_views_hide_what_is_hidden(server: &Server) {
        fill(server);
        let path = "/regions/noord/organisations";
        let text = server.get(path).send().expect(200).text();
        assert!(!text.contains("hidden") && !text.contains("Hidden"), "{text}");
        let known = server.get(path).key(server.admin_key()).send().expect(200).json();
        let hidden = slugs(&known, "organisation").into_iter().filter(|slug| slug == "hidden");
        assert_eq!(hidden.count(), 2, "{known}");
        for path in ["/regions/geheim/organisations", "/organisations/hidden/regions"] {
            server.get(path).send().problem(404, "not-found");
        }
        let included = read(server, "/organisations/elburg?include=regions");
        assert_eq!(included["regions"], read(server, "/organisations/elburg/regions")["items"]);
    }

    fn a_view_follows_the_address_of_its_document(server: &Server) {
        fill(server);
        patch(server, "/regions/noord", &json!({ "slug": "noord-veluwe" }));
        let reply = server.get("/regions/noord/organisations?at=2012-01-01").send();
        reply.problem(308, "moved");
        let location = reply.header("location").expect("a Location").to_owned();
        assert!(location.ends_with("/api/v1/regions/noord-veluwe/organisations?at=2012-01-01"), "{location}");
        server.get(&location).send().expect(200);
        server.delete("/regions/noord-veluwe").key(server.admin_key()).send().expect(204);
        server.get("/regions/noord-veluwe/organisations").send().problem(410, "gone");
        for day in ["2015", "2015-02-29", "2015-6-1", "20150601", "today", "", "2015-06-01T00:00:00Z"] {
            let reply = server.get(&format!("/regions/achter/organisations?at={day}")).send();
            let problem = reply.problem(400, "invalid-input");
            assert_eq!(faults(&problem), set([("at", "invalid_format")]), "{reply}");
        }
    }

    fn a_postcode_tells_who_works_there_and_how_to_reach_them(server: &Server) {
        put(server, "/organisations/elburg", &json!({
            "name": "Elburg", "kind": "municipality", "website": "https://elburg.example/",
            "serviceArea": { "postcodes": ["8081", "8082"] },
            "contacts": [
                { "kind": "email", "value": "jeugd@elburg.example", "isFunctional": true },
                { "kind": "email", "value": "mens@elburg.example" },
                { "kind": "email", "value": "oud@elburg.example", "isFunctional": true,
                  "validUntil": "2020-01-01" },
            ],
        }));
        for (slug, kind, area) in [
            ("zeeluwe", "school_partnership", json!({ "municipalities": ["elburg"] })),
            ("berseba", "school_partnership", json!({ "municipalities": ["elburg"], "postcodes": ["8081"] })),
            ("provider", "youth_care_provider", json!({ "postcodes": ["8081", "3881"] })),
            ("elsewhere", "youth_care_provider", json!({ "postcodes": ["3881"] })),
        ] {
            let body = json!({ "name": slug, "kind": kind, "serviceArea": area });
            put(server, &format!("/organisations/{slug}"), &body);
        }
        put(server, "/organisations/hidden", &json!({
            "name": "hidden", "kind": "welfare", "visibility": "restricted",
            "serviceArea": { "postcodes": ["8081", "9999"], "municipalities": ["elburg"] },
        }));
        for (slug, end) in [("noord", Value::Null), ("former", json!("2014")), ("secret", Value::Null)] {
            let visibility = if slug == "secret" { "restricted" } else { "public" };
            put(server, &format!("/regions/{slug}"), &json!({
                "name": slug, "kind": "other", "visibility": visibility,
                "municipalities": [{ "organisation": "elburg", "end": end }],
            }));
        }
        let found = read(server, "/postcodes/8081");
        let names = |found: &Value, group: &str| {
            let rows = found[group].as_array().expect("a group");
            rows.iter().map(|row| text(row, "slug")).collect::<Vec<_>>()
        };
        assert_eq!(found["postcode"], "8081");
        assert_eq!(names(&found, "municipalities"), ["elburg"]);
        assert_eq!(names(&found, "regions"), ["noord"]);
        assert_eq!(names(&found, "schoolPartnerships"), ["berseba", "zeeluwe"]);
        assert_eq!(names(&found, "organisations"), ["provider"]);
        let elburg = &found["municipalities"][0];
        assert_eq!(elburg["website"], "https://elburg.example/");
        assert_eq!(elburg["contacts"].as_array().map(Vec::len), Some(1), "{elburg}");
        assert_eq!(elburg["contacts"][0]["value"], "jeugd@elburg.example");
        let other = read(server, "/postcodes/3881");
        assert_eq!(names(&other, "organisations"), ["elsewhere", "provider"]);
        assert_eq!(names(&other, "municipalities"), [""; 0]);
        let key = server.admin_key();
        let whole = server.get("/postcodes/8081").key(key).send().expect(200).json();
        assert_eq!(names(&whole, "organisations"), ["hidden", "provider"]);
        assert_eq!(names(&whole, "regions"), ["noord", "secret"]);
        assert_eq!(whole["municipalities"][0]["contacts"].as_array().map(Vec::len), Some(2));
        for unknown in ["9999", "1000"] {
            server.get(&format!("/postcodes/{unknown}")).send().problem(404, "not-found");
        }
        for wrong in ["0123", "81", "80811", "8081AB", "8081%20AB", "x", "%2B808"] {
            let problem = server.get(&format!("/postcodes/{wrong}")).send().problem(400, "invalid-input");
            assert_eq!(faults(&problem), set([("pc4", "invalid_format")]), "{problem}");
            assert_eq!(problem["errors"][0]["in"], "path");
        }
    }

    fn the_vocabularies_label_each_word_in_two_languages(server: &Server) {
        let page = read(server, "/vocabularies");
        let names = each(&page, "name");
        let sorted: BTreeSet<_> = names.iter().cloned().collect();
        assert_eq!(names, sorted.into_iter().collect::<Vec<_>>(), "each once, by name");
        for name in [
            "region-kinds", "organisation-kinds", "sectors", "partner-roles", "network-statuses",
            "local-accesses", "parent-kinds", "contact-kinds", "address-kinds", "visibilities",
            "change-operations", "key-roles",
        ] {
            assert!(names.iter().any(|known| known == name), "{name} is missing: {names:?}");
        }
        for vocabulary in items(&page) {
            let name = text(vocabulary, "name");
            assert_eq!(&read(server, &format!("/vocabularies/{name}")), vocabulary);
            let terms = vocabulary["terms"].as_array().expect("terms");
            let codes: BTreeSet<_> = terms.iter().map(|term| text(term, "code")).collect();
            assert!(!terms.is_empty() && codes.len() == terms.len(), "{vocabulary}");
            for term in terms {
                assert!(!text(&term["label"], "nl").is_empty(), "{term}");
                assert!(!text(&term["label"], "en").is_empty(), "{term}");
            }
        }
        let codes = |name: &str| {
            let vocabulary = read(server, &format!("/vocabularies/{name}"));
            let terms = vocabulary["terms"].as_array().cloned().unwrap_or_default();
            terms.iter().map(|term| text(term, "code")).collect::<Vec<_>>()
        };
        assert_eq!(codes("sectors"), ["po", "vo", "so", "vso", "mbo", "vve"]);
        // Each word of a menu is one that the filter takes.
        for (list, parameter, name) in [
            ("organisations", "kind", "organisation-kinds"),
            ("organisations", "sector", "sectors"),
            ("regions", "kind", "region-kinds"),
            ("regions", "role", "partner-roles"),
        ] {
            let words = codes(name).join(",");
            read(server, &format!("/{list}?{parameter}={words}"));
        }
        for unknown in ["region_kinds", "RegionKinds", "x"] {
            let reply = server.get(&format!("/vocabularies/{unknown}")).send();
            reply.problem(404, "not-found");
        }
    }
}
