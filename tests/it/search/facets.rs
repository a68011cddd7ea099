//! What is counted, and what the filters leave: the same as the lists of the collections say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{after, newest};
use crate::given::{each, read};
use crate::support::{Client, Server, items, object, text};

/// The facets whose values are those of a filter of the same name.
const FACETS: [&str; 6] = ["type", "region", "theme", "kind", "status", "year"];

/// Questions, by words and filters.
const ASKED: [&str; 18] = [
    "",
    "q=jeugdhulp",
    "q=onderwijs%20gemeente",
    "type=projects,organisations",
    "region=noord-veluwe",
    "q=jeugdhulp&theme=onderwijs",
    "q=samenwerking&type=projects&status=active&region=noord-veluwe",
    "kind=school,municipality&sector=vo",
    "q=jeughulp%20vuurtoren&from=2013-01-01",
    // What the chosen value has too little of, others have.
    "q=zwolle%20wethouder&type=projects",
    "q=heerenveen%20taalklas&kind=school",
    "q=taalklas%20zeilboot&type=organisations",
    "q=thuiszitters&region=ijsselland",
    "q=thuiszitters&type=people,projects&theme=onderwijs",
    "type=projects&from=2013-01-01",
    "q=subsidie%20kampen&type=regions&municipality=gemeente-kampen",
    "year=2013,2019",
    "q=onderwijs&kind=pilot,school",
];

const COLLECTIONS: [&str; 5] = ["organisations", "people", "projects", "regions", "themes"];

/// The query without one of its filters, and with another value for it.
fn with(query: &str, filter: &str, value: &str) -> String {
    let others = query.split('&');
    let others = others.filter(|part| part.split('=').next() != Some(filter) && !part.is_empty());
    let mut parts: Vec<String> = others.map(str::to_owned).collect();
    parts.push(format!("{filter}={value}"));
    parts.join("&")
}

/// The counts of a facet by their values.
#[track_caller]
fn counts(page: &Value, facet: &str) -> BTreeMap<String, u64> {
    let values = page["facets"][facet].as_array().expect("a facet");
    let all = values
        .iter()
        .map(|one| (text(one, "value"), one["count"].as_u64().expect("a number")));
    let all: BTreeMap<String, u64> = all.collect();
    assert_eq!(all.len(), values.len(), "a value twice: {page}");
    let numbers: Vec<u64> = values
        .iter()
        .filter_map(|one| one["count"].as_u64())
        .collect();
    assert!(
        numbers.windows(2).all(|pair| pair[0] >= pair[1]),
        "the highest first: {page}"
    );
    all
}

/// The filters of a list, as the API document tells them.
fn filters(client: &Client, collection: &str) -> BTreeSet<String> {
    let api = read(client, "/openapi.json");
    let parameters = &api["paths"][format!("/{collection}")]["get"]["parameters"];
    let parameters = parameters.as_array().expect("parameters");
    parameters
        .iter()
        .filter_map(|one| one["name"].as_str().map(str::to_owned))
        .collect()
}

/// Values for the filters that search has, of the demo data.
fn values(client: &Client) -> BTreeMap<&'static str, Vec<String>> {
    let slugs = |path: &str| each(&read(client, path), "slug");
    let words = |vocabularies: &[&str]| {
        let mut words = BTreeSet::new();
        for vocabulary in vocabularies {
            let terms = read(client, &format!("/vocabularies/{vocabulary}"));
            words.extend(
                terms["terms"]
                    .as_array()
                    .expect("terms")
                    .iter()
                    .map(|term| text(term, "code")),
            );
        }
        words.into_iter().collect()
    };
    let fixed = |values: &[&str]| values.iter().map(ToString::to_string).collect();
    // Each third organisation, so that no collection is left out and the test does not take for ever.
    let organisations = slugs("/organisations?limit=100");
    let organisations: Vec<String> = organisations.into_iter().step_by(3).collect();
    let days = [
        "2012-12-31",
        "2013-06-01",
        "2019-12-12",
        "2021-01-01",
        "2999-01-01",
    ];
    BTreeMap::from([
        ("region", slugs("/regions")),
        ("theme", slugs("/themes?limit=100")),
        (
            "municipality",
            slugs("/organisations?kind=municipality&limit=7"),
        ),
        ("organisation", organisations),
        (
            "kind",
            words(&["organisation-kinds", "region-kinds", "project-kinds"]),
        ),
        ("status", words(&["project-statuses"])),
        ("sector", words(&["sectors"])),
        (
            "role",
            words(&["participant-roles", "partner-roles", "role-kinds"]),
        ),
        ("from", fixed(&days)),
        ("until", fixed(&days)),
    ])
}

both! {
    with(["--demo"], [])
    fn each_count_of_a_facet_is_the_total_of_the_search_with_that_filter(server: &Server) {
        let filled = newest(server);
        after(server, filled, "/search");
        let mut checked = 0;
        for asked in ASKED {
            let all = read(server, &format!("/search?{asked}&facets={}&limit=1", FACETS.join(",")));
            let names: Vec<&String> = object(&all["facets"]).map(|(name, _)| name).collect();
            assert_eq!(names.len(), 6, "{all}");
            for facet in FACETS {
                let counts = counts(&all, facet);
                for (value, count) in &counts {
                    let path = format!("/search?limit=1&{}", with(asked, facet, value));
                    let total = read(server, &path)["total"].clone();
                    assert_eq!(total, *count, "{facet}={value} of {asked:?}: {path}");
                    checked += 1;
                }
                // Alone it is what it is beside others.
                let alone = read(server, &format!("/search?{asked}&facets={facet}&limit=1"));
                assert_eq!(alone["facets"][facet], all["facets"][facet], "{facet} of {asked:?}");
            }
        }
        assert!(checked > 100, "{checked}");
        let years = counts(&read(server, "/search?facets=year&limit=1"), "year");
        assert_eq!(years.into_iter().collect::<Vec<_>>(), [("2013".to_owned(), 1), ("2019".to_owned(), 1)]);
    }

    with(["--demo"], [])
    fn where_a_filter_leaves_nothing_any_word_is_enough(server: &Server) {
        let filled = newest(server);
        after(server, filled, "/search");
        let asked = "q=zwolle%20wethouder&type=organisations&facets=type,region&limit=1";
        let first = read(server, &format!("/search?{asked}"));
        assert_eq!(first["relaxed"], true, "{first}");
        assert!(first["total"].as_u64() > Some(1), "{first}");
        // Others have all words, and are counted by that.
        assert_eq!(counts(&first, "type").get("people"), Some(&1), "{first}");
        let next = text(&first, "next");
        let (_, next) = next.split_once("/api/v1").expect("an address");
        let next = read(server, next);
        assert_eq!((&next["facets"], &next["total"]), (&first["facets"], &first["total"]), "as on the first page");
    }

    with(["--demo"], [])
    fn every_filter_leaves_what_the_lists_leave(server: &Server) {
        let filled = newest(server);
        after(server, filled, "/search");
        let values = values(server);
        let (mut asked, mut found) = (0, 0);
        let mut wrong = Vec::new();
        for collection in COLLECTIONS {
            let filters = filters(server, collection);
            for (filter, values) in values.iter().filter(|(filter, _)| filters.contains(**filter)) {
                for value in values {
                    let list = server.get(&format!("/{collection}?{filter}={value}&limit=100&count=true")).send();
                    let hits = server.get(&format!("/search?type={collection}&{filter}={value}&limit=100")).send();
                    if list.status == 400 {
                        assert_eq!(hits.status, 400, "{hits}");
                        continue;
                    }
                    let (list, hits) = (list.expect(200).json(), hits.expect(200).json());
                    let ids = |page: &Value| each(page, "id").into_iter().collect::<BTreeSet<_>>();
                    if list["total"] != hits["total"] || ids(&list) != ids(&hits) {
                        wrong.push(format!("{collection} {filter}={value}: {} {}", list["total"], hits["total"]));
                    }
                    asked += 1;
                    found += items(&list).len();
                }
            }
        }
        assert_eq!(wrong, Vec::<String>::new(), "the list, the search");
        assert!(asked > 100 && found > 100, "{asked} {found}");
    }
}
