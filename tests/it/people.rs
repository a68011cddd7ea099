//! What is a person's own: the name and how it sorts, who may see what, roles, the filters on
//! them, and the views that other collections have of them.

use serde_json::{Value, json};

use crate::{
    builders::{create, faults, log, patch, read, with},
    given::{each, plain, put},
    rights::Stage,
    support::{Client, Server, assert_feed_equals_reads, items, text},
};

/// The least that a person has.
fn person(family: &str) -> Value {
    json!({ "name": { "family": family } })
}

/// A public person with these roles.
fn with_roles(family: &str, roles: &Value) -> Value {
    with(
        person(family),
        &json!({ "publicationBasis": "function", "roles": roles }),
    )
}

#[track_caller]
fn make(server: &Server, body: &Value) -> Value {
    create(server, server.admin_key(), "/people", body)
}

fn path(document: &Value) -> String {
    format!("/people/{}", text(document, "id"))
}

/// The slugs that a list gives anyone.
#[track_caller]
fn found(client: &Client, query: &str) -> Vec<String> {
    each(
        &client
            .get(&format!("/people?{query}"))
            .send()
            .expect(200)
            .json(),
        "slug",
    )
}

/// The rows of a view as `slug title`.
#[track_caller]
fn rows(page: &Value) -> Vec<String> {
    let row = |row: &Value| format!("{} {}", text(&row["person"], "slug"), text(row, "title"));
    items(page).iter().map(row).collect()
}

both! {
    fn every_field_of_a_person_comes_back_as_it_was_sent(server: &Server) {
        let key = server.admin_key();
        plain(server, "bureau");
        put(server, "/regions/noord", &json!({ "name": "Noord", "kind": "other" }));
        let contact = json!({ "kind": "phone", "value": "0525 000000", "label": "Kantoor", "isFunctional": true });
        let body = json!({
            "name": { "given": "Filip", "prefix": "van", "family": "As", "honorific": "drs." },
            "summary": "Wethouder.", "biography": "Meer.", "publicationBasis": "public_office",
            "retainUntil": "2999-12-31", "verifiedOn": "2026-01-01",
            "identifiers": [{ "scheme": "own", "value": "7" }], "sources": [{ "title": "Bericht" }],
            "contacts": [contact],
            "roles": [
                {
                    "organisation": "bureau", "region": "noord", "title": "Wethouder", "kind": "alderman",
                    "topic": "Jeugd", "isContact": true, "status": "ended", "start": "2013~", "end": "2014-23",
                    "durationText": "ruim een jaar", "area": "Noord", "contacts": [contact],
                },
                { "area": "Flevoland", "title": "Jeugdbeschermer", "kind": "practitioner" },
            ],
        });
        let made = make(server, &body);
        assert_eq!(made["slug"], "filip-van-as", "without the title");
        assert_eq!(made["displayName"], "drs. Filip van As");
        assert_eq!(made["sortName"], "As, Filip van");
        assert_eq!(made["isErased"], false);
        for member in ["name", "summary", "biography", "publicationBasis", "retainUntil", "verifiedOn"] {
            assert_eq!(made[member], body[member], "{member}");
        }
        let shown = json!({
            "kind": "phone", "value": "+31525000000", "label": "Kantoor", "isFunctional": true,
            "visibility": "restricted", "validUntil": null,
        });
        assert_eq!(made["contacts"], json!([shown]));
        let (first, second) = (&made["roles"][0], &made["roles"][1]);
        assert_eq!(first["organisation"]["slug"], "bureau");
        assert_eq!(first["region"]["slug"], "noord");
        assert_eq!(first["contacts"], json!([shown]));
        assert_eq!(first["start"]["earliest"], "2013-01-01");
        assert_eq!(first["end"]["latest"], "2014-11-30");
        for member in ["title", "kind", "topic", "isContact", "status", "durationText", "area"] {
            assert_eq!(first[member], body["roles"][0][member], "{member}");
        }
        assert_eq!(second, &json!({
            "organisation": null, "region": null, "project": null, "title": "Jeugdbeschermer",
            "kind": "practitioner", "topic": null, "isContact": false, "status": "active",
            "start": null, "end": null, "durationText": null, "area": "Flevoland", "contacts": [],
        }));
        let again = server.put(&path(&made)).key(key).json(&made).send().expect(200).json();
        assert_eq!(again, made, "what was read can be sent again");
        assert_eq!(read(server, key, &format!("{}/versions/1", path(&made))), made);
        let emptied = server.put(&path(&made)).key(key).json(&person("As")).send().expect(200).json();
        assert_eq!(emptied["visibility"], "restricted", "without a basis");
        assert_eq!((&emptied["roles"], &emptied["contacts"]), (&json!([]), &json!([])));
        assert_eq!(emptied["displayName"], "As");
        assert_feed_equals_reads(server, key);
    }

    fn people_sort_by_their_family_name_without_its_prefix(server: &Server) {
        for (given, prefix, family) in [
            ("Bo", Some("van"), "Zanten"), ("Jan", Some("'t"), "Hooft"), ("An", Some("de"), "Vries"),
            ("Ed", None, "Éding"), ("Al", Some("de"), "vries"), ("Ko", None, "Aarts"),
        ] {
            let name = json!({ "given": given, "prefix": prefix, "family": family });
            make(server, &json!({ "name": name, "publicationBasis": "consent" }));
        }
        let names = ["Aarts, Ko", "Éding, Ed", "Hooft, Jan 't", "vries, Al de", "Vries, An de", "Zanten, Bo van"];
        assert_eq!(each(&read(server, server.admin_key(), "/people"), "sortName"), names);
        let slugs = ["ko-aarts", "ed-eding", "jan-t-hooft", "al-de-vries", "an-de-vries", "bo-van-zanten"];
        assert_eq!(found(server, "sort=name"), slugs);
    }

    fn what_follows_from_the_name_may_be_sent_back_but_not_be_set(server: &Server) {
        let key = server.admin_key();
        let made = make(server, &person("Smit"));
        let mut body = made.clone();
        body["name"]["given"] = json!("Rico");
        let changed = server.put(&path(&made)).key(key).json(&body).send().expect(200).json();
        assert_eq!(changed["displayName"], "Rico Smit");
        for (member, value) in [("displayName", json!("X")), ("sortName", json!("X")), ("isErased", json!(true))] {
            let wrong = server.patch(&path(&made)).key(key).json(&json!({ member: value })).send();
            assert_eq!(faults(&wrong.problem(400, "invalid-input")), [format!("body /{member} read_only")]);
        }
    }

    fn a_person_is_public_only_with_a_basis_and_never_without_being_asked_again(server: &Server) {
        let key = server.admin_key();
        let unasked = |basis: &str| {
            let body = with(person("X"), &json!({ "publicationBasis": basis }));
            make(server, &body)["visibility"].clone()
        };
        assert_eq!(unasked("none"), "restricted");
        for basis in ["public_office", "function", "consent"] {
            assert_eq!(unasked(basis), "public");
        }
        let none = make(server, &person("Geen"));
        assert_eq!(none["publicationBasis"], "none");
        assert_eq!(none["visibility"], "restricted");
        let asked = json!({ "visibility": "public" });
        let refused = "body /visibility contradiction";
        let post = server.post("/people").key(key).json(&with(person("X"), &asked)).send();
        assert_eq!(faults(&post.problem(400, "invalid-input")), [refused]);
        let change = server.patch(&path(&none)).key(key).json(&asked).send();
        assert_eq!(faults(&change.problem(400, "invalid-input")), [refused]);
        let put = server.put(&path(&none)).key(key).json(&with(person("X"), &asked)).send();
        assert_eq!(faults(&put.problem(400, "invalid-input")), [refused]);

        let based = patch(server, key, &path(&none), &json!({ "publicationBasis": "consent" }));
        assert_eq!(based["visibility"], "restricted", "no one asked for public");
        let body = with(person("Geen"), &json!({ "publicationBasis": "consent" }));
        let put = server.put(&path(&none)).key(key).json(&body).send().expect(200).json();
        assert_eq!(put["visibility"], "restricted", "no one asked for public");
        assert_eq!(patch(server, key, &path(&none), &asked)["visibility"], "public");
        let withdrawn = patch(server, key, &path(&none), &json!({ "publicationBasis": "none" }));
        assert_eq!(withdrawn["visibility"], "restricted");
        let both = json!({ "publicationBasis": "function", "visibility": "public" });
        assert_eq!(patch(server, key, &path(&none), &both)["visibility"], "public");
        let cleared = patch(server, key, &path(&none), &json!({ "publicationBasis": null }));
        assert_eq!((&cleared["publicationBasis"], &cleared["visibility"]), (&json!("none"), &json!("restricted")));
        server.get(&path(&none)).send().problem(404, "not-found");
    }

    fn contacts_of_a_person_are_restricted_unless_made_public_in_every_version(server: &Server) {
        let key = server.admin_key();
        plain(server, "bureau");
        let contact = |value: &str, more: &Value| with(json!({ "kind": "email", "value": value }), more);
        let contacts = |visibility: &str| json!([
            contact("eigen@mens.example", &json!({ "isFunctional": true })),
            contact("open@mens.example", &json!({ "visibility": visibility })),
            contact("oud@mens.example", &json!({ "visibility": "public", "validUntil": "2001-01-01" })),
        ]);
        let body = |visibility: &str| {
            let role = json!({ "organisation": "bureau", "title": "Lid", "kind": "member", "contacts": contacts(visibility) });
            let body = with_roles("Smit", &json!([role]));
            with(body, &json!({ "slug": "smit", "contacts": contacts(visibility) }))
        };
        let made = make(server, &body("public"));
        assert_eq!(made["contacts"][0]["visibility"], "restricted", "functional or not");
        assert_eq!(made["roles"][0]["contacts"][0]["visibility"], "restricted");
        let values = |contacts: &Value| each(&json!({ "items": contacts }), "value");
        let anyone = server.get("/people/smit").send().expect(200).json();
        assert_eq!(values(&anyone["contacts"]), ["open@mens.example"]);
        assert_eq!(values(&anyone["roles"][0]["contacts"]), ["open@mens.example"]);
        let view = |key: Option<&str>| {
            let request = server.get("/organisations/bureau/people");
            let request = match key {
                Some(key) => request.key(key),
                None => request,
            };
            values(&request.send().expect(200).json()["items"][0]["contacts"])
        };
        assert_eq!(view(None), ["open@mens.example"; 2], "those of the role, then the person's");
        assert_eq!(view(Some(key)), ["eigen@mens.example", "open@mens.example", "eigen@mens.example", "open@mens.example"]);

        server.put("/people/smit").key(key).json(&body("restricted")).send().expect(200);
        for place in ["/people/smit", "/people/smit/versions/1"] {
            let now = server.get(place).send().expect(200).json();
            assert_eq!(now["contacts"], json!([]), "{place}");
            assert_eq!(now["roles"][0]["contacts"], json!([]), "{place}");
        }
        let feed = server.get("/changes?include=document").send().expect(200).text();
        assert!(!feed.contains("@mens.example"), "{feed}");
    }

    fn a_role_names_what_it_is_for(server: &Server) {
        let key = server.admin_key();
        let body = with_roles("Smit", &json!([
            { "area": "Flevoland", "title": "Lid", "kind": "member" },
            { "title": "Lid", "kind": "member" },
            { "organisation": "nergens", "title": "", "kind": "baas", "start": "2015", "end": "2014" },
            { "region": "nergens", "project": "nergens", "title": "Lid", "kind": "member", "status": "soms" },
        ]));
        let refused = server.post("/people").key(key).header("accept-language", "en").json(&body).send();
        let problem = refused.problem(400, "invalid-input");
        let expected = [
            "body /roles/1 contradiction",
            "body /roles/2/end ends_before_start",
            "body /roles/2/kind unknown_value",
            "body /roles/2/organisation unknown_reference",
            "body /roles/2/title empty",
            "body /roles/3/project unknown_reference",
            "body /roles/3/region unknown_reference",
            "body /roles/3/status unknown_value",
        ];
        assert_eq!(faults(&problem), expected);
        let words = problem.to_string();
        assert!(words.contains("give organisation, region, project or area"), "{words}");
    }

    fn filters_on_roles_hold_for_one_and_the_same_role(server: &Server) {
        plain(server, "bureau");
        put(server, "/organisations/groep", &json!({ "name": "Groep", "kind": "steering_group" }));
        put(server, "/regions/noord", &json!({ "name": "Noord", "kind": "other" }));
        let chair = json!({ "organisation": "groep", "title": "Voorzitter", "kind": "chair", "topic": "Jeugd", "isContact": true });
        let member = json!({ "organisation": "bureau", "region": "noord", "title": "Lid", "kind": "member", "topic": "jeugd", "status": "ended" });
        make(server, &with_roles("Een", &json!([chair])));
        make(server, &with_roles("Twee", &json!([member])));
        make(server, &with_roles("Drie", &json!([chair, member])));
        make(server, &with(person("Vier"), &json!({ "publicationBasis": "consent" })));
        for (query, expected) in [
            ("", &["drie", "een", "twee", "vier"][..]),
            ("role=chair", &["drie", "een"]),
            ("role=chair,member", &["drie", "een", "twee"]),
            ("organisation=groep", &["drie", "een"]),
            ("organisationKind=steering_group", &["drie", "een"]),
            ("organisationKind=other,ministry", &["drie", "twee"]),
            ("topic=Jeugd", &["drie", "een"]),
            ("topic=jeugd", &["drie", "twee"]),
            ("isContact=true", &["drie", "een"]),
            ("isContact=false", &["drie", "twee"]),
            ("roleStatus=ended", &["drie", "twee"]),
            ("region=noord", &["drie", "twee"]),
            ("publicationBasis=consent", &["vier"]),
            ("publicationBasis=function&role=chair", &["drie", "een"]),
            ("role=chair&organisation=bureau", &[]),
            ("role=chair&region=noord", &[]),
            ("role=chair&roleStatus=ended", &[]),
            ("role=member&isContact=true", &[]),
            ("topic=jeugd&organisationKind=steering_group", &[]),
            ("role=chair&organisationKind=steering_group&isContact=true&topic=Jeugd", &["drie", "een"]),
        ] {
            assert_eq!(found(server, query), expected, "{query}");
            let page = read(server, server.admin_key(), &format!("/people?count=true&{query}"));
            assert_eq!(page["total"], expected.len(), "{query}");
        }
        for parameter in ["region", "organisation", "project"] {
            let wrong = server.get(&format!("/people?{parameter}=nergens")).send();
            assert_eq!(faults(&wrong.problem(400, "invalid-input")), [format!("query {parameter} unknown_reference")]);
        }
    }

    fn a_region_has_the_people_of_its_partners_of_that_time(server: &Server) {
        for slug in ["altijd", "tot-2014", "vanaf-2014", "vroeger", "gemeente"] {
            plain(server, slug);
        }
        let partner = |organisation: &str, start: Option<&str>, end: Option<&str>| json!({
            "organisation": organisation, "role": "other", "start": start, "end": end,
        });
        put(server, "/regions/noord", &json!({
            "name": "Noord", "kind": "other",
            "municipalities": [{ "organisation": "gemeente" }],
            "partners": [
                partner("altijd", None, None),
                partner("tot-2014", None, Some("2014")),
                partner("vanaf-2014", Some("2014-23"), None),
                partner("vroeger", Some("2010"), Some("2011")),
                partner("vroeger", Some("2016"), Some("2017")),
            ],
        }));
        put(server, "/regions/zuid", &json!({ "name": "Zuid", "kind": "other" }));
        let mut expected = Vec::new();
        for (name, organisation, start, end, inside) in [
            ("a1", "altijd", None, None, true),
            ("a2", "altijd", Some("1900"), Some("1901"), true),
            ("b1", "tot-2014", Some("2014-12-31"), None, true),
            ("b2", "tot-2014", Some("2015-01-01"), None, false),
            ("b3", "tot-2014", None, None, true),
            ("c1", "vanaf-2014", None, Some("2014-09-01"), true),
            ("c2", "vanaf-2014", None, Some("2014-08-31"), false),
            ("d1", "vroeger", Some("2012"), Some("2015"), false),
            ("d2", "vroeger", Some("2011-12-31"), Some("2015"), true),
            ("d3", "vroeger", Some("2012"), Some("2016-01"), true),
            ("e1", "gemeente", None, None, false),
        ] {
            let role = json!({ "organisation": organisation, "title": "Lid", "kind": "member", "start": start, "end": end });
            make(server, &with_roles(name, &json!([role])));
            expected.extend(inside.then_some(name));
        }
        make(server, &with_roles("r", &json!([{ "region": "noord", "title": "Lid", "kind": "member" }])));
        expected.push("r");
        assert_eq!(found(server, "region=noord&limit=100"), expected);
        let view = server.get("/regions/noord/people").send().expect(200).json();
        let told: Vec<String> = expected.iter().map(|slug| format!("{slug} Lid")).collect();
        assert_eq!(rows(&view), told);
        assert!(found(server, "region=zuid").is_empty());
        assert_eq!(server.get("/regions/zuid/people").send().expect(200).json()["items"], json!([]));
        let list = server.get("/regions?include=people").send().expect(200).json();
        assert_eq!(list["items"][0]["people"], view["items"]);
        assert_eq!(list["items"][1]["people"], json!([]));
    }

    fn a_region_may_have_very_many_partners(server: &Server) {
        let role = |nth: usize| json!({
            "organisation": "bureau", "role": "other",
            "start": format!("{:04}", 1000 + nth), "end": format!("{:04}", 1000 + nth),
        });
        plain(server, "bureau");
        let partners: Vec<Value> = (0..1000).map(role).collect();
        put(server, "/regions/noord", &json!({ "name": "Noord", "kind": "other", "partners": partners }));
        let during = json!([{ "organisation": "bureau", "title": "Lid", "kind": "member", "start": "1999", "end": "1999" }]);
        make(server, &with_roles("binnen", &during));
        let after = json!([{ "organisation": "bureau", "title": "Lid", "kind": "member", "start": "2000" }]);
        make(server, &with_roles("buiten", &after));
        assert_eq!(found(server, "region=noord"), ["binnen"]);
    }

    fn a_view_has_a_row_for_each_role_those_to_turn_to_first(server: &Server) {
        plain(server, "bureau");
        let role = |title: &str, kind: &str, contact: bool, status: &str| json!({
            "organisation": "bureau", "title": title, "kind": kind, "isContact": contact, "status": status,
        });
        make(server, &with_roles("B", &json!([
            role("later", "chair", false, "active"), role("eerder", "member", false, "ended"),
            { "area": "Elders", "title": "niet hier", "kind": "other" },
        ])));
        make(server, &with_roles("C", &json!([role("aanspreekpunt", "contact", true, "active")])));
        make(server, &with_roles("A", &json!([role("lid", "member", false, "intended"), role("bel mij", "contact", true, "active")])));
        let view = |query: &str| {
            let page = server.get(&format!("/organisations/bureau/people{query}")).send().expect(200).json();
            rows(&page)
        };
        assert_eq!(view(""), ["a bel mij", "c aanspreekpunt", "a lid", "b later", "b eerder"]);
        assert_eq!(view("?role=chair,contact"), ["a bel mij", "c aanspreekpunt", "b later"]);
        assert_eq!(view("?status=ended,intended"), ["a lid", "b eerder"]);
        assert_eq!(view("?role=member&status=ended"), ["b eerder"]);
        let wrong = server.get("/organisations/bureau/people?role=baas").send();
        assert_eq!(faults(&wrong.problem(400, "invalid-input")), ["query role unknown_value"]);
        let with_view = server.get("/organisations/bureau?include=people").send().expect(200).json();
        let first = &with_view["people"][0];
        assert_eq!(first["person"]["name"], "A");
        let members: Vec<&String> = first.as_object().expect("a row").keys().collect();
        let expected = [
            "person", "title", "kind", "topic", "organisation", "region", "project", "area", "isContact",
            "status", "start", "end", "durationText", "contacts",
        ];
        assert_eq!(members, expected);
        let reply = server.get("/organisations/bureau/people").send().expect(200);
        let tag = reply.header("etag").expect("a tag").to_owned();
        server.get("/organisations/bureau/people").header("if-none-match", &tag).send().expect(304);
        server.get("/organisations/nergens/people").send().problem(404, "not-found");
        server.get("/projects/nergens/team").send().problem(404, "not-found");
    }

    fn what_is_hidden_is_noticed_by_no_filter_and_in_no_view(server: &Server) {
        let stage = Stage::new(server);
        let key = server.admin_key();
        plain(server, "bureau");
        put(server, "/regions/noord", &json!({ "name": "Noord", "kind": "other" }));
        put(server, "/regions/open", &json!({
            "name": "Open", "kind": "other", "partners": [{ "organisation": "bureau", "role": "other" }],
        }));
        put(server, "/organisations/geheim", &json!({ "name": "Geheim", "kind": "ministry", "visibility": "restricted" }));
        put(server, "/regions/stil", &json!({ "name": "Stil", "kind": "other", "visibility": "restricted" }));
        let role = |more: &Value| with(json!({ "title": "Lid", "kind": "chair", "topic": "Stilte", "isContact": true, "status": "intended" }), more);
        let quiet = with_roles("Zichtbaar", &json!([
            role(&json!({ "organisation": "geheim", "region": "noord" })),
            role(&json!({ "organisation": "bureau", "region": "stil" })),
        ]));
        make(server, &quiet);
        let hidden = with_roles("Verborgen", &json!([role(&json!({ "organisation": "bureau", "region": "noord" }))]));
        make(server, &with(hidden, &json!({ "visibility": "restricted" })));
        for caller in [None, Some(stage.stranger())] {
            let ask = |path: &str| {
                let request = server.get(path);
                let request = match caller {
                    Some(key) => request.key(key),
                    None => request,
                };
                items(&request.send().expect(200).json()).to_vec()
            };
            for query in [
                "role=chair", "topic=Stilte", "isContact=true", "roleStatus=intended", "organisation=bureau",
                "region=noord", "region=open", "organisationKind=ministry,other",
            ] {
                assert_eq!(ask(&format!("/people?{query}")), Vec::<Value>::new(), "{query}");
                assert!(!items(&read(server, key, &format!("/people?{query}"))).is_empty(), "{query}");
            }
            for view in ["/organisations/bureau/people", "/regions/noord/people", "/regions/open/people"] {
                assert_eq!(ask(view), Vec::<Value>::new(), "{view}");
                assert!(!items(&read(server, key, view)).is_empty(), "{view}");
            }
        }
        let anyone = server.get("/people/zichtbaar").send().expect(200).json();
        assert_eq!(anyone["roles"], json!([]), "rows that name what is hidden are not there");
        assert!(!log(server, key).is_empty());
        assert_feed_equals_reads(server, key);
    }
}
