//! The parameters that every list has, and how faults in them are told. Filters are in `filters`,
//! order and paging in `paging`.

use std::collections::BTreeSet;

use serde_json::json;

use crate::builders::least;
use crate::filters::fill;
use crate::given::{each, faults, plain, put, read, set};
use crate::support::{Server, items, text};

both! {
    fn a_total_comes_only_when_asked_and_counts_beyond_the_page(server: &Server) {
        fill(server);
        for path in ["/organisations", "/organisations?count=false"] {
            assert!(read(server, path).get("total").is_none(), "{path}");
        }
        let page = read(server, "/organisations?count=true&limit=2");
        assert_eq!((items(&page).len(), &page["total"]), (2, &json!(5)));
        let second = read(server, page["next"].as_str().expect("a next page"));
        assert_eq!((items(&second).len(), &second["total"]), (2, &json!(5)));
    }

    fn a_wrong_value_is_refused_and_the_right_ones_are_named(server: &Server) {
        for (query, name, code) in [
            ("kind=gemeente", "kind", "unknown_value"),
            ("kind=school,", "kind", "unknown_value"),
            ("kind=", "kind", "unknown_value"),
            ("sector=PO", "sector", "unknown_value"),
            ("isPlaceholder=yes", "isPlaceholder", "unknown_value"),
            ("count=1", "count", "unknown_value"),
            ("bom=", "bom", "unknown_value"),
            ("sort=summary", "sort", "unknown_value"),
            ("sort=name,-name", "sort", "duplicate"),
            ("sort=", "sort", "empty"),
            ("fields=name,nope", "fields", "unknown_value"),
            ("fields=name,", "fields", "empty"),
            ("include=organisations", "include", "unknown_value"),
            ("from=2014", "from", "invalid_format"),
            ("until=2014-02-30", "until", "invalid_format"),
            ("verifiedBefore=gisteren", "verifiedBefore", "invalid_format"),
            ("updatedSince=2014-01-01", "updatedSince", "invalid_format"),
            ("updatedSince=2014-01-01T00:00:00", "updatedSince", "invalid_format"),
            ("identifier=elburg", "identifier", "invalid_format"),
            ("identifier=cbs:1", "identifier", "invalid_format"),
            ("steward=", "steward", "empty"),
        ] {
            let reply = server.get(&format!("/organisations?{query}")).send();
            let problem = reply.problem(400, "invalid-input");
            assert_eq!(faults(&problem), set([(name, code)]), "{reply}");
        }
        let reply = server.get("/organisations?sector=x").send().expect(400);
        for sector in ["po", "vo", "so", "vso", "mbo", "vve"] {
            assert!(reply.text().contains(sector), "{sector} is not named: {reply}");
        }
    }

    fn limits_outside_one_to_a_hundred_are_refused(server: &Server) {
        let lists = ["/organisations", "/people", "/projects", "/regions", "/themes", "/changes"];
        for path in lists {
            for limit in ["0", "101", "x", "-1", "1.5", "", "%2B5", "1e1", "99999999999999999999"] {
                let reply = server.get(&format!("{path}?limit={limit}")).send();
                let problem = reply.problem(400, "invalid-input");
                assert_eq!(faults(&problem), set([("limit", "out_of_range")]), "{reply}");
            }
            for limit in ["1", "100"] {
                server.get(&format!("{path}?limit={limit}")).send().expect(200);
            }
        }
    }

    fn unknown_parameters_are_refused_everywhere(server: &Server) {
        fill(server);
        for (collection, slug) in [("themes", "zorg"), ("projects", "plan"), ("people", "mens")] {
            put(server, &format!("/{collection}/{slug}"), &least(collection, slug));
        }
        let lists = [
            "/organisations", "/regions", "/organisations/elburg", "/regions/noord",
            "/regions/noord/history", "/regions/noord/versions/1", "/regions/noord/organisations",
            "/organisations/elburg/regions", "/changes", "/vocabularies", "/vocabularies/sectors",
            "/openapi.json", "/openapi.yaml", "/postcodes/8081", "/people", "/projects", "/themes",
            "/projects/plan", "/projects/plan/history", "/projects/plan/versions/1", "/projects/plan/team",
            "/people/mens", "/themes/zorg", "/regions/noord/projects", "/regions/noord/people",
            "/organisations/elburg/people", "/stats?type=projects", "/stats/timeline", "/search", "/suggest", "/projects/plan/similar",
        ];
        for path in lists {
            let and = if path.contains('?') { '&' } else { '?' };
            let reply = server.get(&format!("{path}{and}Limit=1&Q=x")).send();
            let problem = reply.problem(400, "invalid-input");
            let expected = set([("Limit", "unknown_member"), ("Q", "unknown_member")]);
            assert_eq!(faults(&problem), expected, "{reply}");
        }
    }

    // What takes a look at the database (references, the place of a cursor) is told after that.
    fn all_faults_of_a_query_are_told_at_once(server: &Server) {
        let reply = server
            .get("/organisations?nope=1&limit=0&kind=x&sort=x&fields=x&include=x&count=x&from=x\
                  &updatedSince=x&identifier=x&steward=nobody&region=nobody&cursor=x")
            .send();
        let problem = reply.problem(400, "invalid-input");
        let told: BTreeSet<String> = faults(&problem).into_iter().map(|(at, _)| at).collect();
        let expected = [
            "nope", "limit", "kind", "sort", "fields", "include", "count", "from", "updatedSince",
            "identifier",
        ];
        let untold: Vec<_> = expected.iter().filter(|name| !told.contains(**name)).collect();
        assert!(untold.is_empty(), "not told: {untold:?}, in {reply}");
    }

    fn a_repeated_parameter_is_refused_beside_the_other_faults(server: &Server) {
        for path in ["/organisations?sort=name&sort=kind", "/organisations?kind=school&kind=school"] {
            let problem = server.get(path).send().problem(400, "invalid-input");
            assert!(faults(&problem).iter().all(|(_, code)| code == "duplicate"), "{problem}");
        }
        let reply = server.get("/organisations?sort=name&sort=kind&limit=0&nope=1").send();
        let problem = reply.problem(400, "invalid-input");
        let expected =
            set([("sort", "duplicate"), ("limit", "out_of_range"), ("nope", "unknown_member")]);
        assert_eq!(faults(&problem), expected, "{reply}");
    }

    fn fields_leave_only_what_is_named(server: &Server) {
        fill(server);
        for path in ["/organisations/school?fields=slug,name,parents", "/organisations/own:z?fields=name"] {
            let document = read(server, path);
            let names: BTreeSet<_> = document.as_object().expect("an object").keys().collect();
            let asked: BTreeSet<_> = path.split('=').next_back().unwrap_or_default().split(',').collect();
            assert_eq!(names.iter().map(|s| s.as_str()).collect::<BTreeSet<_>>(), asked, "{document}");
        }
        let page = read(server, "/organisations?fields=name,kind&sort=-name");
        assert_eq!(items(&page)[0], json!({ "name": "zeeluwe", "kind": "school_partnership" }));
        assert_eq!(items(&page).len(), 5);
        for path in ["/organisations/school?fields=partners", "/regions?fields=sectors"] {
            let problem = server.get(path).send().problem(400, "invalid-input");
            assert_eq!(faults(&problem), set([("fields", "unknown_value")]));
        }
    }

    fn include_adds_the_view_to_one_document_and_to_each_of_a_list(server: &Server) {
        fill(server);
        plain(server, "alone");
        for (collection, view, slugs) in [
            ("regions", "organisations", &["noord", "oost", "west"][..]),
            ("organisations", "regions", &["alone", "berseba", "elburg", "putten", "school", "zeeluwe"]),
        ] {
            let page = read(server, &format!("/{collection}?include={view}&fields=slug"));
            assert_eq!(each(&page, "slug"), slugs);
            for item in items(&page) {
                let path = format!("/{collection}/{}", text(item, "slug"));
                let shown = read(server, &format!("{path}/{view}"));
                assert_eq!(item[view], shown["items"], "{path}");
                let one = read(server, &format!("{path}?include={view}"));
                assert_eq!(one[view], shown["items"], "{path}");
                let members = item.as_object().map(serde_json::Map::len);
                assert_eq!(members, Some(2), "fields and views, nothing else: {item}");
            }
            let reply = server.get(&format!("/{collection}?include={view},{collection}")).send();
            let problem = reply.problem(400, "invalid-input");
            assert_eq!(faults(&problem), set([("include", "unknown_value")]));
        }
        assert!(read(server, "/regions/noord").get("organisations").is_none());
    }
}
