//! Filters of lists: each alone, all together, and none that doubles or miscounts a row.

use serde_json::json;

use crate::given::{crawl, each, faults, patch, put, read, set};
use crate::support::{Server, text};

/// Each filter of organisations alone, and what it leaves of [`fill`].
const ORGANISATIONS: [(&str, &[&str]); 29] = [
    ("kind=municipality", &["elburg", "putten"]),
    ("kind=school,municipality", &["elburg", "putten", "school"]),
    ("kind=ministry", &[]),
    ("sector=po", &["berseba", "school", "zeeluwe"]),
    ("sector=vo", &["berseba", "school"]),
    ("sector=po,vo,so", &["berseba", "school", "zeeluwe"]),
    ("sector=mbo", &[]),
    ("denomination=reformatorisch", &["berseba"]),
    (
        "denomination=reformatorisch,rooms-katholiek",
        &["berseba", "school"],
    ),
    ("denomination=geen", &[]),
    ("isPlaceholder=true", &["school"]),
    (
        "isPlaceholder=false",
        &["berseba", "elburg", "putten", "zeeluwe"],
    ),
    ("region=noord", &["berseba", "elburg", "putten", "zeeluwe"]),
    ("region=oost", &["berseba", "elburg"]),
    ("region=west", &[]),
    ("municipality=cbs:GM0230", &["berseba", "zeeluwe"]),
    ("municipality=putten", &["berseba"]),
    ("municipality=zeeluwe", &[]),
    ("organisation=berseba", &["school"]),
    ("organisation=elburg", &[]),
    // Zeeluwe ended somewhere in 2020, Berseba began in the autumn of 2014.
    (
        "from=2020-12-31",
        &["berseba", "elburg", "putten", "school", "zeeluwe"],
    ),
    (
        "from=2021-01-01",
        &["berseba", "elburg", "putten", "school"],
    ),
    (
        "until=2014-09-01",
        &["berseba", "elburg", "putten", "school", "zeeluwe"],
    ),
    (
        "until=2014-08-31",
        &["elburg", "putten", "school", "zeeluwe"],
    ),
    ("identifier=cbs:GM0230", &["elburg"]),
    (
        "identifier=cbs:GM0230,swv:PO-25-09,own:x%20y,cbs:GM0001",
        &["elburg", "zeeluwe"],
    ),
    ("steward=elburg", &["school", "zeeluwe"]),
    (
        "verifiedBefore=2024-06-01",
        &["berseba", "elburg", "putten", "school"],
    ),
    (
        "verifiedBefore=2024-06-02",
        &["berseba", "elburg", "putten", "school", "zeeluwe"],
    ),
];

/// Each filter of regions alone.
const REGIONS: [(&str, &[&str]); 20] = [
    ("kind=youth_region", &["oost"]),
    ("kind=youth_region,province", &["oost", "west"]),
    ("kind=other", &[]),
    ("municipality=elburg", &["noord", "oost"]),
    ("municipality=cbs:GM0273", &["noord"]),
    ("municipality=berseba", &[]),
    ("organisation=elburg", &["noord", "oost"]),
    ("organisation=berseba", &["noord", "oost"]),
    ("organisation=zeeluwe", &["noord", "oost"]),
    ("organisation=school", &[]),
    ("role=school_partnership", &["noord"]),
    ("role=school_partnership,coordinator", &["noord"]),
    ("role=network,coordinator", &["noord", "oost"]),
    ("role=steering_group", &[]),
    ("identifier=own:n,own:o", &["noord", "oost"]),
    ("steward=elburg", &["oost"]),
    ("steward=putten", &[]),
    ("verifiedBefore=2024-01-01", &["oost", "west"]),
    ("verifiedBefore=2024-01-02", &["noord", "oost", "west"]),
    (
        "updatedSince=2001-01-01T00:00:00%2B01:00",
        &["noord", "oost", "west"],
    ),
];

/// Five organisations and three regions with as many double rows as there can be: a municipality
/// in two periods, a partner in two roles, a network in two episodes, a parent in two ways.
pub(crate) fn fill(server: &Server) {
    let organisation = |slug: &str, body| put(server, &format!("/organisations/{slug}"), &body);
    let region = |slug: &str, body| put(server, &format!("/regions/{slug}"), &body);
    organisation(
        "elburg",
        json!({
            "name": "elburg", "kind": "municipality",
            "identifiers": [{ "scheme": "cbs", "value": "GM0230" }],
        }),
    );
    organisation(
        "putten",
        json!({
            "name": "putten", "kind": "municipality",
            "identifiers": [{ "scheme": "cbs", "value": "GM0273" }],
        }),
    );
    organisation(
        "berseba",
        json!({
            "name": "berseba", "kind": "school_partnership", "sectors": ["po", "vo"],
            "denomination": "reformatorisch", "founded": "2014-23", "verifiedOn": "2020-01-01",
            "serviceArea": { "municipalities": ["elburg", "putten"] },
        }),
    );
    organisation(
        "zeeluwe",
        json!({
            "name": "zeeluwe", "kind": "school_partnership", "sectors": ["po"], "steward": "elburg",
            "identifiers": [{ "scheme": "swv", "value": "PO2509" }, { "scheme": "own", "value": "z" }],
            "founded": "1998", "dissolved": "2020~", "verifiedOn": "2024-06-01",
            "serviceArea": { "municipalities": ["elburg"] },
        }),
    );
    organisation(
        "school",
        json!({
            "name": "school", "kind": "school", "sectors": ["po", "vo", "so"], "isPlaceholder": true,
            "denomination": "rooms-katholiek", "steward": "elburg",
            "parents": [
                { "organisation": "berseba", "kind": "part_of" },
                { "organisation": "berseba", "kind": "established_by" },
            ],
        }),
    );
    region(
        "noord",
        json!({
            "name": "noord", "kind": "cooperation_region", "verifiedOn": "2024-01-01",
            "identifiers": [{ "scheme": "own", "value": "n" }, { "scheme": "own2", "value": "n" }],
            "municipalities": [
                { "organisation": "elburg", "start": "2010", "end": "2012" },
                { "organisation": "elburg", "start": "2015" },
                { "organisation": "putten" },
            ],
            "partners": [
                { "organisation": "berseba", "role": "school_partnership" },
                { "organisation": "berseba", "role": "coordinator" },
                { "organisation": "zeeluwe", "role": "other" },
            ],
        }),
    );
    region(
        "oost",
        json!({
            "name": "oost", "kind": "youth_region", "steward": "elburg",
            "identifiers": [{ "scheme": "own", "value": "o" }],
            "municipalities": [{ "organisation": "elburg" }],
            "partners": [{ "organisation": "berseba", "role": "network" }],
            "networks": [
                { "organisation": "zeeluwe", "status": "rejected" },
                { "organisation": "zeeluwe", "status": "active" },
            ],
        }),
    );
    region("west", json!({ "name": "west", "kind": "province" }));
}

/// The slugs that a list gives with a filter, after a check that every way to count them agrees.
#[track_caller]
fn left(server: &Server, collection: &str, filter: &str) -> Vec<String> {
    let page = read(server, &format!("/{collection}?count=true&{filter}"));
    let slugs = each(&page, "slug");
    assert_eq!(page["total"], slugs.len(), "the total of {filter}: {page}");
    let one_by_one = crawl(server, &format!("/{collection}?limit=1&{filter}"), "slug");
    assert_eq!(slugs, one_by_one, "{filter} page by page");
    slugs
}

both! {
    fn each_filter_leaves_what_it_says_without_doubles(server: &Server) {
        fill(server);
        for (collection, cases) in [("organisations", &ORGANISATIONS[..]), ("regions", &REGIONS)] {
            for (filter, expected) in cases {
                assert_eq!(left(server, collection, filter), *expected, "{collection}?{filter}");
            }
        }
    }

    fn filters_together_leave_what_each_of_them_leaves(server: &Server) {
        fill(server);
        for (collection, cases) in [("organisations", &ORGANISATIONS[..]), ("regions", &REGIONS)] {
            let pairs = cases.iter().enumerate().flat_map(|(nth, one)| {
                cases[nth + 1..].iter().map(move |other| (one, other))
            });
            for ((one, some), (other, more)) in pairs {
                let name = |filter: &str| filter.split('=').next().map(str::to_owned);
                let names = [name(one), name(other)];
                // `role` with `organisation` means that organisation in that role: see below.
                let special = ["role", "organisation"].map(|n| Some(n.to_owned()));
                if names[0] == names[1] || special.iter().all(|name| names.contains(name)) {
                    continue;
                }
                let both: Vec<_> = some.iter().filter(|slug| more.contains(slug)).collect();
                let filter = format!("{one}&{other}");
                let page = read(server, &format!("/{collection}?count=true&{filter}"));
                assert_eq!(each(&page, "slug"), both.iter().map(|s| **s).collect::<Vec<_>>(), "{filter}");
                assert_eq!(page["total"], both.len(), "{filter}");
            }
        }
    }

    fn a_role_with_an_organisation_is_the_role_of_that_organisation(server: &Server) {
        fill(server);
        for (filter, expected) in [
            ("organisation=berseba&role=coordinator", &["noord"][..]),
            ("organisation=berseba&role=school_partnership,coordinator", &["noord"]),
            ("organisation=berseba&role=coordinator,network", &["noord", "oost"]),
            ("organisation=zeeluwe&role=coordinator", &[]),
            ("organisation=berseba&role=coordinator,network&municipality=putten", &["noord"]),
        ] {
            assert_eq!(left(server, "regions", filter), expected, "{filter}");
        }
    }

    fn updated_since_is_true_to_the_microsecond(server: &Server) {
        fill(server);
        let changed = patch(server, "/organisations/putten", &json!({ "summary": "New." }));
        let at = text(&changed, "updatedAt");
        assert_eq!(left(server, "organisations", &format!("updatedSince={at}")), ["putten"]);
        let later = format!("{}{}Z", &at[..at.len() - 2], "9");
        let after = if later == at { Vec::new() } else {
            left(server, "organisations", &format!("updatedSince={later}"))
        };
        assert!(after.is_empty(), "{at} is before {later}");
    }

    fn a_filter_on_what_nobody_knows_is_refused(server: &Server) {
        fill(server);
        put(server, "/organisations/hidden", &json!({
            "name": "hidden", "kind": "other", "visibility": "restricted",
        }));
        for filter in [
            "organisations?region", "organisations?municipality", "organisations?organisation",
            "organisations?steward", "regions?municipality", "regions?organisation", "regions?steward",
        ] {
            for value in ["nobody", "hidden", "cbs:GM9999", "0193a1f2-7c00-7000-8000-000000000000"] {
                let reply = server.get(&format!("/{filter}={value}")).send();
                let problem = reply.problem(400, "invalid-input");
                let name = filter.split('?').next_back().unwrap_or_default();
                assert_eq!(faults(&problem), set([(name, "unknown_reference")]), "{reply}");
            }
        }
    }

    fn a_filter_takes_a_hundred_values_and_says_so_when_there_are_more(server: &Server) {
        fill(server);
        let codes = |count: usize| vec!["a:1"; count].join(",");
        let filter = format!("identifier={},cbs:GM0230", codes(99));
        assert_eq!(each(&read(server, &format!("/organisations?{filter}")), "slug"), ["elburg"]);
        let filter = format!("denomination={},reformatorisch", codes(99));
        assert_eq!(each(&read(server, &format!("/organisations?{filter}")), "slug"), ["berseba"]);
        for (count, code) in [(101, "too_many"), (10_000, "too_long")] {
            for name in ["identifier", "denomination", "fields", "sort"] {
                let reply = server.get(&format!("/organisations?{name}={}", codes(count))).send();
                let told = reply.problem(400, "invalid-input")["errors"].to_string();
                assert!(told.contains(code), "{told}");
            }
        }
    }

    // No text in the register has a NUL, and one of the databases cannot even be asked for one.
    fn a_filter_with_a_nul_is_no_failure(server: &Server) {
        for query in ["denomination=%00", "denomination=a%00b,reformatorisch"] {
            let reply = server.get(&format!("/organisations?{query}")).send();
            assert!(matches!(reply.status, 200 | 400), "{reply}");
        }
        for query in ["identifier=own:%00", "steward=%00", "cursor=%00", "sort=%00", "fields=%00"] {
            let reply = server.get(&format!("/organisations?{query}")).send();
            reply.problem(400, "invalid-input");
        }
        for path in ["/organisations/%00", "/organisations/own:%00", "/regions/a%00b/history"] {
            server.get(path).send().problem(404, "not-found");
        }
    }
}
