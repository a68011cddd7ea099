//! Every field comes back as it was sent, and what cannot be is refused at its place.

use serde_json::{Value, json};

use super::{least, make};
use crate::{
    builders::{date, faults, merge, patch, read, shown, with},
    given::{each, plain, put},
    support::{Server, assert_feed_equals_reads, items, text},
};

/// What the projects of these tests refer to.
fn fill(server: &Server) {
    for slug in ["elburg", "ocw", "vws", "school"] {
        plain(server, slug);
    }
    put(
        server,
        "/regions/ijsselland",
        &json!({ "name": "IJsselland", "kind": "other" }),
    );
    put(server, "/themes/jeugd", &json!({ "label": "Jeugd" }));
    let person = json!({ "name": { "family": "Smit" }, "publicationBasis": "function" });
    put(server, "/people/smit", &person);
}

/// The faults of a project with these members.
#[track_caller]
fn refused(server: &Server, members: &Value) -> Vec<String> {
    let body = with(least("X"), members);
    let reply = server
        .post("/projects")
        .key(server.admin_key())
        .json(&body)
        .send();
    faults(&reply.problem(400, "invalid-input"))
}

fn whole() -> Value {
    json!({
        "name": "Samen aan de slag", "slug": "samen", "alternativeNames": ["SadS", "De verklaring"],
        "kind": "declaration", "status": "announced", "summary": "Kort.",
        "objective": { "text": "Elk kind telt.", "isQuote": true },
        "motivation": "Waarom.", "ambition": "Meer.", "approach": "Ontwikkeltafels.", "results": "Veel.",
        "planning": "Eind 2020.", "targetGroup": "Jongeren.", "minimumAge": 0, "maximumAge": 23,
        "start": "2013~", "end": { "edtf": "2020-10/2020-12", "text": "eind 2020", "inferred": "uit het bericht" },
        "regions": ["ijsselland"], "municipalities": ["elburg"], "themes": ["jeugd"],
        "website": "https://samen.example/",
        "contacts": [{ "kind": "email", "value": "post@samen.example", "isFunctional": true }],
        "related": [{ "project": "eerder", "kind": "successor_of" }, { "project": "eerder", "kind": "part_of" }],
        "participants": [
            {
                "organisation": "elburg", "role": "signatory", "roleDescription": "namens allen", "status": "intended",
                "signed": "2019-12-12", "representedBy": "smit", "start": "2013", "end": "2014",
            },
            { "person": "smit", "role": "lead" },
            { "partyClass": "kinderopvang, welzijnswerk en verenigingen", "role": "intended_partner" },
        ],
        "focusPoints": [
            { "kind": "programme_line", "title": "Taal", "description": "Meer taal.", "period": "2020", "status": "planned" },
            { "kind": "question", "title": "Werkt het?" },
        ],
        "milestones": [
            {
                "kind": "kickoff", "title": "Aftrap", "planned": "2020-01", "actual": "2020-02-03", "condition": "Geld.",
                "status": "done", "focusPoint": "Taal",
            },
            { "kind": "evaluation", "title": "Evaluatie" },
        ],
        "funding": [
            {
                "funders": ["ocw", "vws"], "recipient": { "type": "region", "id": "ijsselland" }, "instrument": "subsidy",
                "amount": { "amount": "150000.5", "currency": "EUR" }, "period": "2013/2014", "note": "Samen.",
            },
            { "funders": ["elburg"], "recipient": "school", "instrument": "own_budget" },
            { "funders": ["elburg"], "instrument": "other" },
        ],
        "identifiers": [{ "scheme": "own", "value": "7" }], "sources": [{ "title": "Bericht" }],
        "verifiedOn": "2026-01-01",
    })
}

both! {
    fn every_field_of_a_project_comes_back_as_it_was_sent(server: &Server) {
        fill(server);
        let key = server.admin_key();
        make(server, "Eerder", &json!({}));
        let body = whole();
        let reply = server.post("/projects").key(key).json(&body).send().expect(201);
        let made = reply.json();
        for member in [
            "name", "slug", "alternativeNames", "kind", "status", "summary", "objective", "motivation", "ambition",
            "approach", "results", "planning", "targetGroup", "minimumAge", "maximumAge", "website", "verifiedOn",
        ] {
            assert_eq!(made[member], body[member], "{member}");
        }
        let end = date("2020-10/2020-12", "eind 2020", "2020-10-01", "2020-12-31");
        assert_eq!(made["end"], with(end, &json!({ "inferred": "uit het bericht" })));
        assert_eq!(made["start"]["latest"], "2013-12-31");
        let [elburg, ocw, vws, school] = ["elburg", "ocw", "vws", "school"]
            .map(|slug| shown(&read(server, key, &format!("/organisations/{slug}"))));
        let region = shown(&read(server, key, "/regions/ijsselland"));
        let smit = read(server, key, "/people/smit");
        let smit = json!({ "id": smit["id"], "slug": "smit", "name": "Smit" });
        let eerder = shown(&read(server, key, "/projects/eerder"));
        assert_eq!(made["regions"], json!([region]));
        assert_eq!(made["municipalities"], json!([elburg]));
        assert_eq!(made["themes"][0]["name"], "Jeugd");
        assert_eq!(made["contacts"][0]["value"], "post@samen.example");
        assert_eq!(made["related"], json!([{ "project": eerder, "kind": "successor_of" }, { "project": eerder, "kind": "part_of" }]));
        let first = json!({
            "organisation": elburg, "person": null, "partyClass": null, "role": "signatory",
            "roleDescription": "namens allen", "status": "intended",
            "signed": date("2019-12-12", &text(&made["participants"][0]["signed"], "text"), "2019-12-12", "2019-12-12"),
            "representedBy": smit, "start": date("2013", "2013", "2013-01-01", "2013-12-31"),
            "end": date("2014", "2014", "2014-01-01", "2014-12-31"),
        });
        assert_eq!(made["participants"][0], first);
        assert_eq!(made["participants"][1]["person"], smit);
        assert_eq!(made["participants"][2], json!({
            "organisation": null, "person": null, "partyClass": "kinderopvang, welzijnswerk en verenigingen",
            "role": "intended_partner", "roleDescription": null, "status": "confirmed", "signed": null,
            "representedBy": null, "start": null, "end": null,
        }));
        let point = &made["focusPoints"][0];
        assert_eq!(point["period"], date("2020", "2020", "2020-01-01", "2020-12-31"));
        for member in ["kind", "title", "description", "status"] {
            assert_eq!(point[member], body["focusPoints"][0][member], "{member}");
        }
        assert_eq!(made["focusPoints"][1], json!({ "kind": "question", "title": "Werkt het?", "description": null, "period": null, "status": null }));
        let milestone = &made["milestones"][0];
        for member in ["kind", "title", "condition", "status", "focusPoint"] {
            assert_eq!(milestone[member], body["milestones"][0][member], "{member}");
        }
        assert_eq!((&milestone["planned"]["latest"], &milestone["actual"]["earliest"]), (&json!("2020-01-31"), &json!("2020-02-03")));
        assert_eq!(made["milestones"][1], json!({
            "kind": "evaluation", "title": "Evaluatie", "planned": null, "actual": null, "condition": null,
            "status": "planned", "focusPoint": null,
        }));
        let grant = &made["funding"][0];
        assert_eq!(grant["funders"], json!([ocw, vws]));
        assert_eq!(grant["recipient"], with(region, &json!({ "type": "region" })));
        assert_eq!(grant["amount"], json!({ "amount": "150000.50", "currency": "EUR" }));
        assert_eq!((&grant["instrument"], &grant["note"]), (&json!("subsidy"), &json!("Samen.")));
        assert_eq!(grant["period"]["latest"], "2014-12-31");
        assert_eq!(made["funding"][1]["recipient"], with(school, &json!({ "type": "organisation" })));
        let bare = json!({ "funders": [elburg], "recipient": null, "instrument": "other", "amount": null, "period": null, "note": null });
        assert_eq!(made["funding"][2], bare);

        let again = server.put("/projects/samen").key(key).json(&made).send().expect(200).json();
        assert_eq!(again, made, "what was read can be sent again");
        assert_eq!(read(server, key, "/projects/samen/versions/1"), made);
        let changed = patch(server, key, "/projects/samen", &json!({ "status": "active" }));
        let expected = with(made, &json!({ "status": "active", "version": 2, "updatedAt": changed["updatedAt"] }));
        assert_eq!(changed, expected, "a patch leaves the rest");
        assert_feed_equals_reads(server, key);
    }

    fn what_is_not_given_has_its_default_and_a_replacement_takes_all_else_away(server: &Server) {
        fill(server);
        let key = server.admin_key();
        make(server, "Eerder", &json!({}));
        let bare = read(server, key, "/projects/eerder");
        assert_eq!((&bare["status"], &bare["visibility"]), (&json!("unknown"), &json!("public")));
        for list in [
            "alternativeNames", "regions", "municipalities", "themes", "contacts", "related", "participants",
            "focusPoints", "milestones", "funding", "identifiers", "sources",
        ] {
            assert_eq!(bare[list], json!([]), "{list}");
        }
        for member in [
            "summary", "objective", "motivation", "ambition", "approach", "results", "planning", "targetGroup",
            "minimumAge", "maximumAge", "start", "end", "website", "steward",
        ] {
            assert!(bare[member].is_null(), "{member}");
        }
        put(server, "/projects/samen", &whole());
        let emptied = put(server, "/projects/samen", &least("Eerder"));
        let own = ["id", "slug", "version", "createdAt", "updatedAt"];
        for (name, value) in bare.as_object().expect("members") {
            if !own.contains(&name.as_str()) {
                assert_eq!(&emptied[name], value, "{name}");
            }
        }
        put(server, "/projects/samen", &whole());
        let nulls = json!({ "status": null, "objective": null, "participants": null, "start": null, "maximumAge": null });
        let cleared = patch(server, key, "/projects/samen", &nulls);
        assert_eq!((&cleared["status"], &cleared["participants"]), (&json!("unknown"), &json!([])));
        assert!(cleared["objective"].is_null() && cleared["start"].is_null() && cleared["maximumAge"].is_null());
        let quote = patch(server, key, "/projects/samen", &json!({ "objective": { "text": "Zo." } }));
        assert_eq!(quote["objective"], json!({ "text": "Zo.", "isQuote": false }));
        assert_feed_equals_reads(server, key);
    }

    fn a_participant_is_exactly_one_of_three(server: &Server) {
        fill(server);
        let row = |members: Value| json!({ "participants": [with(json!({ "role": "lead" }), &members)] });
        let contradiction = ["body /participants/0 contradiction"];
        assert_eq!(refused(server, &row(json!({}))), contradiction);
        assert_eq!(refused(server, &row(json!({ "organisation": null, "person": null, "partyClass": null }))), contradiction);
        assert_eq!(refused(server, &row(json!({ "organisation": "elburg", "person": "smit" }))), contradiction);
        assert_eq!(refused(server, &row(json!({ "organisation": "elburg", "partyClass": "scholen" }))), contradiction);
        assert_eq!(refused(server, &row(json!({ "person": "smit", "partyClass": "scholen" }))), contradiction);
        assert_eq!(refused(server, &row(json!({ "organisation": "elburg", "person": "smit", "partyClass": "x" }))), contradiction);
        assert_eq!(refused(server, &row(json!({ "partyClass": " " }))), ["body /participants/0/partyClass empty"]);
        let made = make(server, "Goed", &row(json!({ "partyClass": "scholen", "person": null, "organisation": null })));
        assert_eq!(made["participants"][0]["partyClass"], "scholen");
        let wrong = json!({ "participants": [{ "organisation": "elburg", "representedBy": "nergens" }, { "role": "baas", "status": "soms" }] });
        assert_eq!(refused(server, &wrong), [
            "body /participants/0/representedBy unknown_reference",
            "body /participants/0/role missing",
            "body /participants/1 contradiction",
            "body /participants/1/role unknown_value",
            "body /participants/1/status unknown_value",
        ]);
        let body = with(least("X"), &row(json!({})));
        let reply = server.post("/projects").key(server.admin_key()).header("accept-language", "en").json(&body).send();
        assert!(reply.text().contains("Give exactly one of organisation, person and partyClass."), "{reply}");
    }

    fn a_milestone_names_a_focus_point_of_the_same_project_by_its_title(server: &Server) {
        fill(server);
        let body = |point: &str| json!({
            "focusPoints": [{ "kind": "goal", "title": "Taal" }, { "kind": "goal", "title": "Taal" }],
            "milestones": [{ "kind": "other", "title": "Eerst" }, { "kind": "start", "title": "Begin", "focusPoint": point }],
        });
        assert_eq!(refused(server, &body("taal")), ["body /milestones/1/focusPoint contradiction"]);
        assert_eq!(refused(server, &body("Begin")), ["body /milestones/1/focusPoint contradiction"]);
        let made = make(server, "Goed", &body(" Taal "));
        assert_eq!(made["milestones"][1]["focusPoint"], "Taal");
        let path = "/projects/goed";
        let gone = server.patch(path).key(server.admin_key()).json(&json!({ "focusPoints": [] })).send();
        assert_eq!(faults(&gone.problem(400, "invalid-input")), ["body /milestones/1/focusPoint contradiction"]);
        let both = json!({ "focusPoints": [], "milestones": [] });
        assert_eq!(patch(server, server.admin_key(), path, &both)["milestones"], json!([]));
        let wrong = json!({
            "focusPoints": [{ "title": "x", "kind": "punt", "status": "done" }, {}],
            "milestones": [{ "kind": "feest", "title": "", "status": "klaar", "planned": "ooit" }],
        });
        assert_eq!(refused(server, &wrong), [
            "body /focusPoints/0/kind unknown_value",
            "body /focusPoints/0/status unknown_value",
            "body /focusPoints/1/kind missing",
            "body /focusPoints/1/title missing",
            "body /milestones/0/kind unknown_value",
            "body /milestones/0/planned invalid_format",
            "body /milestones/0/status unknown_value",
            "body /milestones/0/title empty",
        ]);
    }

    fn ages_are_whole_years_in_order(server: &Server) {
        for (low, high, expected) in [
            (json!(-1), json!(121), &["body /maximumAge out_of_range", "body /minimumAge out_of_range"][..]),
            (json!(12), json!(11), &["body /maximumAge contradiction"]),
            (json!("12"), json!(1.5), &["body /maximumAge wrong_type", "body /minimumAge wrong_type"]),
            (json!(12), json!(1_000_000_000_000_i64), &["body /maximumAge out_of_range"]),
        ] {
            let told = refused(server, &json!({ "minimumAge": low, "maximumAge": high }));
            assert_eq!(told, expected, "{low} {high}");
        }
        for (low, high) in [(json!(0), json!(120)), (json!(4), json!(4)), (json!(120), json!(null)), (json!(null), json!(0))] {
            let made = make(server, "Goed", &json!({ "minimumAge": low, "maximumAge": high }));
            assert_eq!((&made["minimumAge"], &made["maximumAge"]), (&low, &high));
        }
    }

    fn money_is_a_decimal_text_and_goes_from_organisations_to_one_party(server: &Server) {
        fill(server);
        let row = |members: Value| json!({ "funding": [with(json!({ "funders": ["ocw"], "instrument": "subsidy" }), &members)] });
        let amount = |amount: Value| row(json!({ "amount": { "amount": amount } }));
        for wrong in ["1,5", "1.234", "-1", "+1", "1e3", "", ".5", "5.", "1 000", "1234567890123456", "٣"] {
            assert_eq!(refused(server, &amount(json!(wrong))), ["body /funding/0/amount/amount invalid_format"], "{wrong}");
        }
        assert_eq!(refused(server, &amount(json!(5))), ["body /funding/0/amount/amount wrong_type"]);
        for (given, told) in [("007.5", "7.50"), ("0", "0.00"), ("123456789012345.99", "123456789012345.99")] {
            let made = make(server, "Goed", &amount(json!(given)));
            assert_eq!(made["funding"][0]["amount"], json!({ "amount": told, "currency": "EUR" }));
        }
        for (members, expected) in [
            (json!({ "amount": { "amount": "1", "currency": "eur" } }), "/amount/currency invalid_format"),
            (json!({ "amount": {} }), "/amount/amount missing"),
            (json!({ "instrument": "gift" }), "/instrument unknown_value"),
            (json!({ "funders": [] }), "/funders contradiction"),
            (json!({ "funders": null }), "/funders wrong_type"),
            (json!({ "funders": ["ocw", "nergens"] }), "/funders/1 unknown_reference"),
            (json!({ "recipient": "nergens" }), "/recipient unknown_reference"),
            (json!({ "recipient": "ijsselland" }), "/recipient unknown_reference"),
            (json!({ "recipient": { "type": "region", "id": "elburg" } }), "/recipient unknown_reference"),
            (json!({ "recipient": { "type": "person", "id": "smit" } }), "/recipient/type unknown_value"),
            (json!({ "recipient": { "type": "region" } }), "/recipient/id missing"),
        ] {
            assert_eq!(refused(server, &row(members)), [format!("body /funding/0{expected}")]);
        }
        assert_eq!(refused(server, &json!({ "funding": [{ "instrument": "other" }] })), ["body /funding/0/funders missing"]);
        let made = make(server, "Ook goed", &row(json!({ "recipient": { "type": "organisation", "id": "school" } })));
        assert_eq!(made["funding"][0]["recipient"]["slug"], "school");
        let other = patch(server, server.admin_key(), "/projects/ook-goed", &row(json!({ "recipient": { "type": "region", "id": "ijsselland" } })));
        assert_eq!(other["funding"][0]["recipient"]["type"], "region");
        assert_feed_equals_reads(server, server.admin_key());
    }

    fn all_else_that_is_wrong_is_told_at_its_place(server: &Server) {
        let dead = json!({
            "regions": ["nergens"], "municipalities": ["nergens"], "themes": ["nergens", "nergens"],
            "related": [{ "project": "nergens", "kind": "related" }],
            "participants": [
                { "organisation": "nergens", "role": "lead" }, { "person": "nergens", "role": "lead" },
                { "partyClass": "scholen", "role": "lead", "representedBy": "nergens", "start": "2015", "end": "2014" },
            ],
            "funding": [{ "funders": ["nergens"], "recipient": "nergens", "instrument": "other" }],
            "start": "2015-02", "end": "2015-01", "steward": "nergens",
        });
        assert_eq!(refused(server, &dead), [
            "body /end ends_before_start",
            "body /funding/0/funders/0 unknown_reference",
            "body /funding/0/recipient unknown_reference",
            "body /municipalities/0 unknown_reference",
            "body /participants/0/organisation unknown_reference",
            "body /participants/1/person unknown_reference",
            "body /participants/2/end ends_before_start",
            "body /participants/2/representedBy unknown_reference",
            "body /regions/0 unknown_reference",
            "body /related/0/project unknown_reference",
            "body /steward unknown_reference",
            "body /themes/0 unknown_reference",
            "body /themes/1 unknown_reference",
        ]);
        let wrong = json!({
            "kind": "plan", "status": "klaar", "objective": { "isQuote": "ja" }, "website": "geen adres",
            "related": [{ "kind": "broer" }], "participants": {}, "summary": "", "color": "rood",
        });
        assert_eq!(refused(server, &wrong), [
            "body /color unknown_member",
            "body /kind unknown_value",
            "body /objective/isQuote wrong_type",
            "body /objective/text missing",
            "body /participants wrong_type",
            "body /related/0/kind unknown_value",
            "body /related/0/project missing",
            "body /status unknown_value",
            "body /summary empty",
            "body /website invalid_format",
        ]);
        let empty = server.post("/projects").key(server.admin_key()).json(&json!({})).send();
        assert_eq!(faults(&empty.problem(400, "invalid-input")), ["body /kind missing", "body /name missing"]);
        assert_eq!(items(&read(server, server.admin_key(), "/changes")).len(), 0, "nothing was written");
    }

    fn a_project_is_never_a_part_of_itself_nor_related_to_itself(server: &Server) {
        let key = server.admin_key();
        let related = |kind: &str, to: &[&str]| {
            let rows = to.iter().map(|to| json!({ "project": to, "kind": kind }));
            json!({ "related": rows.collect::<Value>() })
        };
        make(server, "a", &json!({}));
        make(server, "b", &related("part_of", &["a"]));
        make(server, "c", &related("part_of", &["b"]));
        make(server, "d", &related("related", &["c"]));
        let change = |slug: &str, body: &Value| server.patch(&format!("/projects/{slug}")).key(key).json(body).send();
        for kind in ["part_of", "successor_of", "implements", "related"] {
            let reply = change("a", &related(kind, &["d", "a"]));
            assert_eq!(faults(&reply.problem(400, "invalid-input")), ["body /related/1/project cycle"], "{kind}");
        }
        let reply = change("a", &related("part_of", &["d", "c", "b"]));
        assert_eq!(faults(&reply.problem(400, "invalid-input")), ["body /related/1/project cycle", "body /related/2/project cycle"]);
        change("a", &related("successor_of", &["c", "b"])).expect(200);
        change("d", &related("part_of", &["a", "b", "c"])).expect(200);
        let twice = change("d", &related("part_of", &["a", "a"])).expect(200).json();
        assert_eq!(twice["related"].as_array().map(Vec::len), Some(2));
        server.delete("/projects/a").key(key).send().problem(409, "in-use");
        let itself = server.put("/projects/nieuw").key(key).json(&with(least("Nieuw"), &related("related", &["nieuw"]))).send();
        assert_eq!(faults(&itself.problem(400, "invalid-input")), ["body /related/0/project unknown_reference"]);
        assert_feed_equals_reads(server, key);
    }

    fn merging_a_stand_in_moves_it_in_every_row_and_filter(server: &Server) {
        fill(server);
        let key = server.admin_key();
        let stand_in = plain(server, "stand-in");
        let row = |organisation: &str| json!({ "organisation": organisation, "role": "signatory", "signed": "2019-12-12" });
        let grant = |funders: &[&str], recipient: &str| json!({ "funders": funders, "recipient": recipient, "instrument": "subsidy" });
        make(server, "Deelt", &json!({ "participants": [row("stand-in"), row("school"), { "organisation": "stand-in", "role": "lead", "representedBy": "smit" }] }));
        make(server, "Geeft", &json!({ "funding": [grant(&["stand-in", "ocw"], "elburg"), grant(&["school", "stand-in"], "elburg")] }));
        make(server, "Krijgt", &json!({ "funding": [grant(&["ocw"], "stand-in"), grant(&["ocw"], "school")] }));
        make(server, "Ligt", &json!({ "municipalities": ["school", "stand-in", "elburg"], "steward": "stand-in" }));
        let before = make(server, "Los", &json!({}));
        merge(server, &stand_in, "school", 200);
        let project = |slug: &str| read(server, key, &format!("/projects/{slug}"));
        let slugs = |of: &Value| each(&json!({ "items": of }), "slug");
        let shared = project("deelt");
        let rows = shared["participants"].as_array().expect("rows");
        assert_eq!(rows.len(), 2, "two that became the same are one");
        assert!(rows.iter().all(|row| row["organisation"]["slug"] == "school"), "{shared}");
        assert_eq!(rows[1]["representedBy"]["slug"], "smit");
        let gives = project("geeft");
        assert_eq!(slugs(&gives["funding"][0]["funders"]), ["school", "ocw"]);
        assert_eq!(slugs(&gives["funding"][1]["funders"]), ["school"]);
        let gets = project("krijgt");
        assert_eq!(gets["funding"].as_array().map(Vec::len), Some(1));
        assert_eq!(gets["funding"][0]["recipient"]["slug"], "school");
        let lies = project("ligt");
        assert_eq!((slugs(&lies["municipalities"]), &lies["steward"]["slug"]), (vec!["school".to_owned(), "elburg".into()], &json!("school")));
        assert_eq!(project("los"), before, "the others are as they were");
        for (query, expected) in [
            ("organisation=school", &["deelt", "geeft", "krijgt"][..]),
            ("organisation=stand-in", &["deelt", "geeft", "krijgt"]),
            ("municipality=school", &["ligt"]),
            ("organisation=school&role=funder", &["geeft"]),
        ] {
            assert_eq!(each(&read(server, key, &format!("/projects?{query}")), "slug"), expected, "{query}");
        }
        assert_feed_equals_reads(server, key);
    }
}
