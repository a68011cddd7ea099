//! The filters of the list, each on its own and those that hold for one and the same row; the order
//! by start, and the columns of the CSV.

use serde_json::{Value, json};

use super::{least, make};
use crate::{
    builders::{faults, with},
    given::{crawl, each, put, read, set},
    support::{Server, items, text},
};

const ALL: &[&str] = &[
    "door-naam",
    "in-de-tijd",
    "onzeker",
    "te-laat",
    "te-vroeg",
    "zonder",
];

/// Each filter, and what it leaves of [`fill`].
const CASES: &[(&str, &[&str])] = &[
    ("", ALL),
    // Hattem was in Noord from the autumn of 2014 through 2016, and in Zuid until about 2012.
    ("region=noord", &["door-naam", "in-de-tijd", "onzeker"]),
    ("region=zuid", &["onzeker"]),
    // For one day, the last of one of the projects.
    ("region=oost", &["onzeker", "te-vroeg"]),
    ("region=leeg", &[]),
    (
        "municipality=hattem",
        &["door-naam", "in-de-tijd", "onzeker", "te-laat", "te-vroeg"],
    ),
    (
        "municipality=cbs:GM0244",
        &["door-naam", "in-de-tijd", "onzeker", "te-laat", "te-vroeg"],
    ),
    ("municipality=kampen", &["door-naam", "onzeker"]),
    ("municipality=los", &["te-vroeg"]),
    ("municipality=ocw", &[]),
    ("organisation=ocw", &["door-naam", "in-de-tijd", "te-laat"]),
    ("organisation=kampus", &["in-de-tijd", "te-vroeg"]),
    ("organisation=hattem", &["door-naam", "in-de-tijd"]),
    ("organisation=los", &[]),
    (
        "organisationKind=ministry",
        &["door-naam", "in-de-tijd", "te-laat"],
    ),
    ("organisationKind=school", &["in-de-tijd", "te-vroeg"]),
    (
        "organisationKind=municipality",
        &["door-naam", "in-de-tijd"],
    ),
    (
        "organisationKind=school,ministry",
        &["door-naam", "in-de-tijd", "te-laat", "te-vroeg"],
    ),
    ("organisationKind=network", &[]),
    ("role=lead", &["door-naam"]),
    ("role=signatory", &["door-naam"]),
    ("role=initiator", &["te-vroeg"]),
    ("role=executor", &["in-de-tijd"]),
    ("role=endorser", &[]),
    ("role=funder", &["in-de-tijd", "te-laat", "te-vroeg"]),
    (
        "role=funder,lead",
        &["door-naam", "in-de-tijd", "te-laat", "te-vroeg"],
    ),
    ("organisation=ocw&role=lead", &["door-naam"]),
    ("organisation=ocw&role=partner", &[]),
    (
        "organisation=ocw&role=partner,funder",
        &["in-de-tijd", "te-laat"],
    ),
    ("organisation=ocw&role=executor", &[]),
    ("organisation=hattem&role=lead", &[]),
    ("organisation=hattem&role=funder", &["in-de-tijd"]),
    ("organisation=kampus&role=funder", &["te-vroeg"]),
    ("organisation=kampus&role=executor", &["in-de-tijd"]),
    (
        "organisation=ocw&organisationKind=ministry",
        &["door-naam", "in-de-tijd", "te-laat"],
    ),
    ("organisation=ocw&organisationKind=school", &[]),
    ("organisationKind=ministry&role=partner", &[]),
    ("organisationKind=municipality&role=partner", &["door-naam"]),
    (
        "organisationKind=ministry&role=funder",
        &["in-de-tijd", "te-laat"],
    ),
    ("organisationKind=school&role=signatory", &[]),
    (
        "organisationKind=ministry&role=funder&region=noord",
        &["in-de-tijd"],
    ),
    ("theme=jeugd", &["door-naam", "in-de-tijd"]),
    ("theme=onderwijs", &["door-naam", "in-de-tijd"]),
    ("theme=thuis", &["in-de-tijd"]),
    ("theme=zorg", &["te-laat"]),
    ("kind=pilot", &["in-de-tijd", "te-laat"]),
    ("kind=agenda,programme", &["onzeker", "te-vroeg"]),
    ("kind=declaration", &[]),
    ("status=active", &["door-naam", "in-de-tijd"]),
    (
        "status=unknown,announced",
        &["onzeker", "te-vroeg", "zonder"],
    ),
    ("age=0", &["onzeker", "te-laat", "te-vroeg", "zonder"]),
    ("age=3", &["onzeker", "te-laat", "te-vroeg", "zonder"]),
    (
        "age=4",
        &["door-naam", "onzeker", "te-laat", "te-vroeg", "zonder"],
    ),
    (
        "age=12",
        &["door-naam", "in-de-tijd", "onzeker", "te-vroeg", "zonder"],
    ),
    ("age=13", &["in-de-tijd", "onzeker", "te-vroeg", "zonder"]),
    ("from=2014-08-31", ALL),
    (
        "from=2014-09-01",
        &["door-naam", "in-de-tijd", "onzeker", "te-laat", "zonder"],
    ),
    (
        "from=2014-12-31",
        &["door-naam", "in-de-tijd", "onzeker", "te-laat", "zonder"],
    ),
    (
        "from=2015-01-01",
        &["in-de-tijd", "onzeker", "te-laat", "zonder"],
    ),
    ("until=2009-12-31", &["zonder"]),
    ("until=2010-01-01", &["onzeker", "zonder"]),
    (
        "until=2016-12-30",
        &["door-naam", "onzeker", "te-vroeg", "zonder"],
    ),
    (
        "until=2016-12-31",
        &["door-naam", "in-de-tijd", "onzeker", "te-vroeg", "zonder"],
    ),
    (
        "from=2014-01-01&until=2014-12-31",
        &["door-naam", "onzeker", "te-vroeg", "zonder"],
    ),
    (
        "municipality=hattem&from=2014-01-01&until=2014-12-31",
        &["door-naam", "onzeker", "te-vroeg"],
    ),
    (
        "hasMilestone=evaluation",
        &["door-naam", "in-de-tijd", "onzeker", "te-laat", "te-vroeg"],
    ),
    ("hasMilestone=kickoff,legal", &["in-de-tijd", "te-laat"]),
    ("hasMilestone=signing", &[]),
    ("overdue=true", &["in-de-tijd", "te-laat"]),
    (
        "overdue=false",
        &["door-naam", "onzeker", "te-vroeg", "zonder"],
    ),
    ("hasMilestone=evaluation&overdue=true", &["in-de-tijd"]),
    (
        "hasMilestone=evaluation&overdue=false",
        &["door-naam", "onzeker", "te-laat", "te-vroeg"],
    ),
    ("hasMilestone=legal&overdue=true", &[]),
    (
        "kind=pilot&hasMilestone=evaluation&overdue=true",
        &["in-de-tijd"],
    ),
    ("identifier=own:7,own:8", &["door-naam"]),
    ("steward=los", &["te-laat"]),
    (
        "verifiedBefore=2024-01-01",
        &["in-de-tijd", "onzeker", "te-laat", "te-vroeg", "zonder"],
    ),
];

/// What the projects refer to.
fn places(server: &Server) {
    for (slug, kind, code) in [
        ("hattem", "municipality", "GM0244"),
        ("kampen", "municipality", "GM0166"),
        ("los", "municipality", "GM0001"),
        ("ocw", "ministry", "GM0002"),
        ("kampus", "school", "GM0003"),
    ] {
        let code = json!([{ "scheme": "cbs", "value": code }]);
        put(
            server,
            &format!("/organisations/{slug}"),
            &json!({ "name": slug, "kind": kind, "identifiers": code }),
        );
    }
    let region = |slug: &str, members: Value| {
        put(
            server,
            &format!("/regions/{slug}"),
            &json!({ "name": slug, "kind": "other", "municipalities": members }),
        );
    };
    region(
        "noord",
        json!([
            { "organisation": "hattem", "start": "2014-23", "end": "2016" }, { "organisation": "kampen" },
            { "organisation": "kampen", "start": "2000" },
        ]),
    );
    region(
        "zuid",
        json!([{ "organisation": "hattem", "end": "2012~" }]),
    );
    region(
        "oost",
        json!([{ "organisation": "hattem", "start": "2014-08-31", "end": "2014-08-31" }]),
    );
    region("leeg", json!([]));
    for (slug, broader) in [
        ("jeugd", None),
        ("onderwijs", Some("jeugd")),
        ("thuis", Some("onderwijs")),
        ("zorg", None),
    ] {
        put(
            server,
            &format!("/themes/{slug}"),
            &json!({ "label": slug, "broader": broader }),
        );
    }
    let smit = json!({ "name": { "family": "Smit" }, "publicationBasis": "function" });
    put(server, "/people/smit", &smit);
}

/// Six projects, each of which differs from the others in what some filter asks.
pub(super) fn fill(server: &Server) {
    places(server);
    let evaluation = |planned: &str, more: &Value| {
        with(
            json!({ "kind": "evaluation", "title": "Evaluatie", "planned": planned }),
            more,
        )
    };
    make(
        server,
        "door-naam",
        &json!({
            "status": "active", "regions": ["noord", "noord"], "start": "2014", "end": "2014", "themes": ["onderwijs", "jeugd"],
            "minimumAge": 4, "maximumAge": 12, "identifiers": [{ "scheme": "own", "value": "7" }], "verifiedOn": "2024-01-01",
            "participants": [
                { "organisation": "ocw", "role": "lead" }, { "organisation": "ocw", "role": "lead" },
                { "organisation": "hattem", "role": "partner" }, { "partyClass": "scholen", "role": "signatory" },
            ],
            "milestones": [evaluation("2015", &json!({ "actual": "2015-06" }))],
        }),
    );
    make(
        server,
        "in-de-tijd",
        &json!({
            "kind": "pilot", "status": "active", "municipalities": ["hattem"], "start": "2016-12-31", "themes": ["thuis"],
            "minimumAge": 12,
            "funding": [{ "funders": ["ocw", "hattem"], "recipient": "kampus", "instrument": "subsidy" }],
            "participants": [{ "organisation": "kampus", "role": "executor" }],
            "milestones": [evaluation("2014-23", &json!({})), { "kind": "legal", "title": "Wet", "planned": "2999" }],
        }),
    );
    make(
        server,
        "te-laat",
        &json!({
            "kind": "pilot", "status": "completed", "municipalities": ["hattem"], "start": "2017", "themes": ["zorg"],
            "maximumAge": 4, "participants": [{ "organisation": "ocw", "role": "funder" }], "steward": "los",
            "milestones": [evaluation("2999-01-01", &json!({})), { "kind": "kickoff", "title": "Aftrap", "planned": "2014" }],
        }),
    );
    make(
        server,
        "te-vroeg",
        &json!({
            "kind": "agenda", "municipalities": ["hattem", "los"], "start": "2013", "end": "2014-08-31",
            "participants": [{ "person": "smit", "role": "initiator" }],
            "funding": [{ "funders": ["kampus"], "recipient": { "type": "region", "id": "zuid" }, "instrument": "subsidy" }],
            "milestones": [evaluation("2014", &json!({ "status": "done" }))],
        }),
    );
    make(
        server,
        "onzeker",
        &json!({
            "kind": "programme", "status": "announced", "municipalities": ["hattem", "kampen", "hattem"], "start": "2010/..",
            "milestones": [evaluation("2014/..", &json!({}))],
        }),
    );
    make(server, "zonder", &json!({ "kind": "arrangement" }));
}

/// The slugs that a filter leaves, after a check that every way to count them agrees.
#[track_caller]
fn left(server: &Server, filter: &str) -> Vec<String> {
    let page = read(server, &format!("/projects?count=true&{filter}"));
    let slugs = each(&page, "slug");
    assert_eq!(page["total"], slugs.len(), "the total of {filter}: {page}");
    let one_by_one = crawl(server, &format!("/projects?limit=1&{filter}"), "slug");
    assert_eq!(slugs, one_by_one, "{filter} page by page");
    slugs
}

both! {
    fn each_filter_leaves_what_it_says_without_doubles(server: &Server) {
        fill(server);
        for (filter, expected) in CASES {
            assert_eq!(left(server, filter), *expected, "{filter}");
            let counted = read(server, &format!("/stats?type=projects&{filter}"));
            assert_eq!(counted["total"], expected.len(), "the count of {filter}");
        }
    }

    fn a_filter_on_what_nobody_knows_is_refused(server: &Server) {
        fill(server);
        for name in ["region", "municipality", "organisation", "theme", "steward"] {
            for value in ["nergens", "cbs:GM9999", "0193a1f2-7c00-7000-8000-000000000000"] {
                let problem = server.get(&format!("/projects?{name}={value}")).send().problem(400, "invalid-input");
                assert_eq!(crate::given::faults(&problem), set([(name, "unknown_reference")]));
            }
        }
        let wrong = server.get("/projects?age=121&overdue=ja&hasMilestone=feest&role=baas&from=ooit&kind=&status=klaar").send();
        assert_eq!(faults(&wrong.problem(400, "invalid-input")), [
            "query age out_of_range", "query from invalid_format", "query hasMilestone unknown_value",
            "query kind unknown_value", "query overdue unknown_value", "query role unknown_value",
            "query status unknown_value",
        ]);
    }

    fn a_milestone_is_overdue_the_day_after_its_last_day(server: &Server) {
        let day = |document: &Value| text(document, "updatedAt")[..10].to_owned();
        let first = day(&make(server, "Eerst", &json!({})));
        let today: chrono::NaiveDate = first.parse().expect("a day");
        let yesterday = today.pred_opt().expect("a day before").to_string();
        for (slug, planned) in [("gisteren", yesterday.as_str()), ("vandaag", first.as_str())] {
            make(server, slug, &json!({ "milestones": [{ "kind": "other", "title": "Moment", "planned": planned }] }));
        }
        let late = left(server, "overdue=true");
        // At midnight the day of the project is another than that of the question.
        if day(&make(server, "Later", &json!({}))) == first {
            assert_eq!(late, ["gisteren"]);
        }
    }

    fn a_region_may_have_very_many_memberships(server: &Server) {
        put(server, "/organisations/hattem", &json!({ "name": "hattem", "kind": "municipality" }));
        let year = |nth: usize| format!("{:04}", 1000 + nth);
        let rows = (0..1000).map(|nth| json!({ "organisation": "hattem", "start": year(nth), "end": year(nth) }));
        put(server, "/regions/noord", &json!({ "name": "noord", "kind": "other", "municipalities": rows.collect::<Value>() }));
        for (name, start) in [("binnen", "1999"), ("buiten", "2000")] {
            make(server, name, &json!({ "municipalities": ["hattem"], "start": start }));
            make(server, &format!("{name}-ook"), &json!({ "regions": ["noord"], "start": start }));
        }
        assert_eq!(left(server, "region=noord"), ["binnen", "binnen-ook", "buiten-ook"]);
        assert_eq!(left(server, "municipality=hattem"), ["binnen", "binnen-ook", "buiten"]);
    }

    fn projects_sort_by_the_first_day_of_their_start_then_the_last(server: &Server) {
        fill(server);
        make(server, "maand", &json!({ "start": "2014-01" }));
        make(server, "ooit", &json!({ "start": "../2013" }));
        let order = ["onzeker", "te-vroeg", "maand", "door-naam", "in-de-tijd", "te-laat", "ooit", "zonder"];
        for limit in [1, 3, 100] {
            assert_eq!(crawl(server, &format!("/projects?sort=start&limit={limit}"), "slug"), order);
            let mut back = order;
            back.reverse();
            assert_eq!(crawl(server, &format!("/projects?sort=-start&limit={limit}"), "slug"), back);
            let by_kind = crawl(server, &format!("/projects?sort=-kind,start&limit={limit}"), "slug");
            assert_eq!(by_kind[..3], ["maand", "door-naam", "ooit"], "projects first, backwards");
        }
        let wrong = server.get("/regions?sort=start").send();
        assert_eq!(faults(&wrong.problem(400, "invalid-input")), ["query sort unknown_value"]);
    }

    fn a_csv_of_projects_has_a_column_for_each_member(server: &Server) {
        fill(server);
        let reply = server.get("/projects?format=csv&kind=pilot&sort=start").send().expect(200);
        let mut reader = csv::Reader::from_reader(reply.body.as_slice());
        let rows: Vec<std::collections::BTreeMap<String, String>> =
            reader.deserialize().map(|row| row.expect("a row")).collect();
        assert_eq!(rows.iter().filter(|row| row["slug"] == "in-de-tijd").count(), 2);
        for (column, cell) in [
            ("slug", "in-de-tijd"), ("kindLabel", "Proef"), ("status", "active"), ("statusLabel", "Loopt"),
            ("minimumAge", "12"), ("maximumAge", ""), ("start", "2016-12-31"), ("end", ""), ("objective.text", ""),
            ("municipalities", "hattem"), ("themes", "thuis"), ("participants.organisation", "kampus"),
            ("participants.role", "executor"), ("milestones.kind", "evaluation"), ("milestones.planned", "2014-23"),
            ("funding.funders", "ocw; hattem"), ("funding.recipient", "kampus"), ("funding.instrument", "subsidy"),
        ] {
            assert_eq!(rows[0][column], cell, "{column}");
        }
        // Its second milestone is a row more.
        for (column, cell) in [
            ("slug", "in-de-tijd"), ("minimumAge", "12"), ("municipalities", ""), ("participants.organisation", ""),
            ("milestones.kind", "legal"), ("milestones.planned", "2999"),
        ] {
            assert_eq!(rows[1][column], cell, "{column} of the second row");
        }
        let quote = put(server, "/projects/zonder", &with(least("Zonder"), &json!({ "objective": { "text": "=1", "isQuote": true } })));
        assert_eq!(quote["objective"]["text"], "=1");
        let reply = server.get("/projects?format=csv&fields=name,objective&kind=project&sort=-name&limit=1").send().expect(200);
        assert_eq!(reply.text(), "name,objective.text,objective.isQuote\r\nZonder,'=1,true\r\n");
        let lines = server.get("/projects?format=ndjson").send().expect(200).text();
        let all = read(server, "/projects?limit=100");
        let parsed: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("a document")).collect();
        assert_eq!(parsed, items(&all));
    }
}
