//! What is a region's own: its municipalities, partners and networks, each with its period.

use serde_json::{Value, json};

use crate::{
    builders::{create, date, faults, organisation, patch, read, region, region_path, shown, with},
    support::{Server, assert_feed_equals_reads},
};

both! {
    fn every_field_of_a_region_comes_back_as_it_was_sent(server: &Server) {
        let key = server.admin_key();
        let elburg = municipality(server, "Elburg");
        let body = json!({
            "slug": "noord", "name": "Noord Veluwe", "alternativeNames": ["NV"],
            "kind": "youth_region", "summary": "Kort", "description": "Lang\n\n- een\n- twee",
            "website": "http://nv.example",
            "contacts": [{ "kind": "email", "value": "regio@nv.example", "label": "Regio",
                "isFunctional": true, "visibility": "public", "validUntil": "2999-12-31" }],
            "municipalities": [{ "organisation": "cbs:GM0230", "start": "2015", "end": "2020-12",
                "localAccess": "own_access", "localAccessNote": "*eigen* loket" }],
            "partners": [{ "organisation": "elburg", "role": "school_partnership",
                "roleDescription": "samen", "start": "2014-23", "end": "2016" }],
            "networks": [{ "organisation": elburg["id"], "status": "ended", "start": "2013~",
                "end": "2014", "note": "ooit" }],
            "identifiers": [{ "scheme": "cbs", "value": "JZ01", "start": "2015", "end": "2020" }],
            "sources": [{ "url": "https://bron.example", "title": "Bron", "publisher": "U",
                "retrievedOn": "2026-01-02", "quote": "q", "note": "n" }],
            "visibility": "restricted", "steward": "elburg", "verifiedOn": "2026-03-04",
        });
        let made = create(server, key, "/regions", &body);
        let year = |year: &str| {
            date(
                year,
                year,
                &format!("{year}-01-01"),
                &format!("{year}-12-31"),
            )
        };
        let expected = with(
            body.clone(),
            &json!({
                "municipalities": [{
                    "organisation": shown(&elburg),
                    "localAccess": "own_access", "localAccessNote": "*eigen* loket",
                    "start": year("2015"),
                    "end": date("2020-12", "december 2020", "2020-12-01", "2020-12-31"),
                }],
                "partners": [{
                    "organisation": shown(&elburg), "role": "school_partnership", "roleDescription": "samen",
                    "start": date("2014-23", "najaar 2014", "2014-09-01", "2014-11-30"), "end": year("2016"),
                }],
                "networks": [{
                    "organisation": shown(&elburg), "status": "ended", "note": "ooit",
                    "start": date("2013~", "rond 2013", "2013-01-01", "2013-12-31"), "end": year("2014"),
                }],
                "identifiers": [{ "scheme": "cbs", "value": "JZ01",
                    "start": year("2015"), "end": year("2020") }],
                "steward": shown(&elburg),
                "id": made["id"], "version": 1,
                "createdAt": made["createdAt"], "updatedAt": made["updatedAt"],
            }),
        );
        assert_eq!(made, expected);
        let path = region_path(&made);
        assert_eq!(read(server, key, &path), made);
        for again in [&body, &made] {
            let put = server
                .put(&path)
                .key(key)
                .json(again)
                .send()
                .expect(200)
                .json();
            assert_eq!(put, made, "the same again changes nothing");
        }
        let emptied = server
            .put(&path)
            .key(key)
            .json(&region("Leeg"))
            .send()
            .expect(200)
            .json();
        for member in [
            "alternativeNames",
            "contacts",
            "municipalities",
            "partners",
            "networks",
            "identifiers",
            "sources",
        ] {
            assert_eq!(emptied[member], json!([]), "{member}");
        }
        for member in ["summary", "description", "website", "verifiedOn"] {
            assert!(emptied[member].is_null(), "{member}");
        }
        assert_feed_equals_reads(server, key);
    }

    fn rows_keep_their_order_and_may_be_without_dates(server: &Server) {
        let key = server.admin_key();
        let names = ["Zwolle", "Almere", "Meppel"];
        for name in names {
            municipality_named(server, name);
        }
        let rows = names.map(|name| json!({ "organisation": name.to_lowercase() }));
        let made = create(
            server,
            key,
            "/regions",
            &with(region("R"), &json!({ "municipalities": rows })),
        );
        let shown = |document: &Value| -> Vec<String> {
            let rows = document["municipalities"].as_array().unwrap().iter();
            rows.map(|row| row["organisation"]["name"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(shown(&made), names);
        assert_eq!(made["municipalities"][0]["localAccess"], Value::Null);
        assert_eq!(made["municipalities"][0]["start"], Value::Null);
        let turned: Vec<Value> = made["municipalities"]
            .as_array()
            .unwrap()
            .iter()
            .rev()
            .cloned()
            .collect();
        let turned = patch(
            server,
            key,
            &region_path(&made),
            &json!({ "municipalities": turned }),
        );
        assert_eq!(shown(&turned), ["Meppel", "Almere", "Zwolle"]);
        assert_eq!(turned["version"], 2, "the order is content");
    }

    fn local_access_differs_by_municipality(server: &Server) {
        let key = server.admin_key();
        for name in ["Elburg", "Putten", "Ermelo"] {
            municipality_named(server, name);
        }
        let rows = json!([
            { "organisation": "elburg", "localAccess": "cjg" },
            {
                "organisation": "putten",
                "localAccess": "own_access", "localAccessNote": "Anders georganiseerd",
            },
            { "organisation": "ermelo", "localAccess": "unknown" },
        ]);
        let made = create(
            server,
            key,
            "/regions",
            &with(region("NV"), &json!({ "municipalities": rows })),
        );
        let view = read(
            server,
            key,
            &format!("{}/organisations", region_path(&made)),
        );
        for (number, access) in ["cjg", "own_access", "unknown"].iter().enumerate() {
            assert_eq!(made["municipalities"][number]["localAccess"], *access);
            assert_eq!(view["items"][number]["localAccess"], *access);
        }
        let bad = json!({ "municipalities": [
            { "organisation": "elburg", "localAccess": "CJG" }, { "localAccess": "cjg" },
        ] });
        let reply = server.patch(&region_path(&made)).key(key).json(&bad).send();
        assert_eq!(
            faults(&reply.problem(400, "invalid-input")),
            [
                "body /municipalities/0/localAccess unknown_value",
                "body /municipalities/1/organisation missing",
            ]
        );
    }

    fn one_network_can_refuse_a_region_and_admit_it_later(server: &Server) {
        let key = server.admin_key();
        municipality_named(server, "Netwerk");
        let episodes = json!([
            { "organisation": "netwerk", "status": "rejected", "note": "bij de oprichting" },
            { "organisation": "netwerk", "status": "active", "start": "2021-09-29" },
        ]);
        let made = create(
            server,
            key,
            "/regions",
            &with(region("NV"), &json!({ "networks": episodes })),
        );
        let rows = made["networks"].as_array().unwrap();
        let told: Vec<_> = rows
            .iter()
            .map(|row| (&row["status"], &row["start"]["edtf"]))
            .collect();
        assert_eq!(
            told,
            [
                (&json!("rejected"), &Value::Null),
                (&json!("active"), &json!("2021-09-29"))
            ]
        );
        assert_eq!(rows[0]["organisation"], rows[1]["organisation"]);
        // Even two equal episodes are two: the register does not know better than its source.
        let twice = json!({ "networks": [episodes[0], episodes[0]] });
        let twice = patch(server, key, &region_path(&made), &twice);
        assert_eq!(twice["networks"].as_array().map(Vec::len), Some(2));
    }

    fn a_municipality_can_return_and_be_in_several_regions(server: &Server) {
        let key = server.admin_key();
        let elburg = municipality(server, "Elburg");
        let member = |start: &str, end: Value| json!({ "organisation": "elburg", "start": start, "end": end });
        let rows = [member("2010", json!("2012")), member("2015", Value::Null)];
        let one = create(
            server,
            key,
            "/regions",
            &with(region("One"), &json!({ "municipalities": rows })),
        );
        assert_eq!(one["municipalities"].as_array().map(Vec::len), Some(2));
        create(
            server,
            key,
            "/regions",
            &with(
                region("Two"),
                &json!({ "municipalities": [member("2014", Value::Null)] }),
            ),
        );
        let on = |day: &str| -> Vec<String> {
            let path = format!(
                "/organisations/{}/regions?at={day}",
                elburg["slug"].as_str().unwrap()
            );
            let view = read(server, key, &path);
            let rows = view["items"].as_array().unwrap().iter();
            rows.map(|row| row["region"]["name"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(on("2012-12-31"), ["One"]);
        assert!(on("2013-06-01").is_empty());
        assert_eq!(on("2014-01-01"), ["Two"]);
        assert_eq!(on("2016-01-01"), ["One", "Two"]);
    }

    fn a_period_that_ends_before_it_begins_is_refused(server: &Server) {
        let key = server.admin_key();
        municipality_named(server, "Elburg");
        let row = |more: Value| {
            with(
                json!({ "organisation": "elburg", "start": "2015-05", "end": "2014" }),
                &more,
            )
        };
        let body = with(
            region("R"),
            &json!({
                "municipalities": [
                    row(json!({})), row(json!({ "end": "2015" })), row(json!({ "start": "2015/2014" })),
                ],
                "partners": [row(json!({ "role": "other" }))],
                "networks": [
                    row(json!({ "status": "active" })),
                    row(json!({ "status": "active", "end": "2015-13" })),
                ],
                "identifiers": [{ "scheme": "own", "value": "1", "start": "2015", "end": "2014" }],
            }),
        );
        let reply = server.post("/regions").key(key).json(&body).send();
        assert_eq!(
            faults(&reply.problem(400, "invalid-input")),
            [
                "body /identifiers/0/end ends_before_start",
                "body /municipalities/0/end ends_before_start",
                "body /municipalities/2/start ends_before_start",
                "body /networks/0/end ends_before_start",
                "body /networks/1/end invalid_format",
                "body /partners/0/end ends_before_start",
            ]
        );
    }
}

fn municipality_named(server: &Server, name: &str) -> Value {
    let body = with(organisation(name), &json!({ "kind": "municipality" }));
    create(server, server.admin_key(), "/organisations", &body)
}

/// A municipality with the code of Elburg.
fn municipality(server: &Server, name: &str) -> Value {
    let code = json!({ "identifiers": [{ "scheme": "cbs", "value": "GM0230" }] });
    create(
        server,
        server.admin_key(),
        "/organisations",
        &with(organisation(name), &code),
    )
}
