//! Counts for dashboards: groups, forms and faults. That every count is right under every filter is
//! what `model/` proves; how counts go over time is at the end.

use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection, sql_query};
use serde_json::{Value, json};

use crate::{
    builders::{faults, patch},
    given::{delete, put, read},
    support::{Backend, Reply, Server, items, text},
};

/// Three projects that anyone sees in two regions, and one that is hidden.
fn fill(server: &Server) {
    let organisation = |slug: &str, kind: &str, name: &str| {
        let body = json!({ "name": name, "kind": kind });
        put(server, &format!("/organisations/{slug}"), &body);
    };
    organisation("elburg", "municipality", "Gemeente Elburg");
    organisation("ocw", "ministry", "=OCW");
    put(server, "/themes/jeugd", &json!({ "label": "Jeugd" }));
    put(
        server,
        "/themes/thuis",
        &json!({ "label": "Thuis", "broader": "jeugd" }),
    );
    let members = json!([{ "organisation": "elburg", "start": "2012", "end": "2012" }]);
    put(
        server,
        "/regions/noord",
        &json!({ "name": "Noord", "kind": "other", "municipalities": members }),
    );
    put(
        server,
        "/regions/zuid",
        &json!({ "name": "Zuid", "kind": "other" }),
    );
    let project = |slug: &str, body: Value| put(server, &format!("/projects/{slug}"), &body);
    project(
        "a",
        json!({
            "name": "A", "kind": "project", "status": "active", "regions": ["noord", "zuid", "noord"],
            "start": "2014-23", "themes": ["thuis"],
            "funding": [{ "funders": ["ocw"], "recipient": "elburg", "instrument": "subsidy" }],
        }),
    );
    project(
        "b",
        json!({
            "name": "B", "kind": "pilot", "status": "active", "municipalities": ["elburg"], "start": "2011/..",
            "themes": ["jeugd", "thuis"], "participants": [{ "organisation": "ocw", "role": "lead" }],
        }),
    );
    project(
        "c",
        json!({ "name": "C", "kind": "pilot", "status": "completed" }),
    );
    project(
        "d",
        json!({
            "name": "D", "kind": "agenda", "status": "paused", "regions": ["noord"], "visibility": "restricted",
        }),
    );
}

/// The groups of a count as `value value count`, a document as its slug, nothing as `-`.
#[track_caller]
fn told(page: &Value) -> Vec<String> {
    let words = |item: &Value| {
        let members = item.as_object().expect("a group").values();
        let word = |value: &Value| match value {
            Value::Null => "-".to_owned(),
            Value::String(word) => word.clone(),
            Value::Number(count) => count.to_string(),
            reference => text(reference, "slug"),
        };
        members.map(word).collect::<Vec<_>>().join(" ")
    };
    items(page).iter().map(words).collect()
}

/// The faults of a count that is refused.
#[track_caller]
fn refused(server: &Server, query: &str) -> Vec<String> {
    let reply = server.get(&format!("/stats{query}")).send();
    faults(&reply.problem(400, "invalid-input"))
}

#[track_caller]
fn told_as<'a>(reply: &'a Reply, media: &str) -> &'a [u8] {
    assert_eq!(reply.header("content-type"), Some(media), "{reply}");
    &reply.body
}

/// Changes when things happened, as no caller can.
fn happened(server: &Server, seq: usize, day: &str) {
    let midnight = format!("{day}T00:00:00Z");
    let instant: chrono::DateTime<chrono::Utc> = midnight.parse().expect("a day");
    let update = format!(
        "UPDATE changes SET at = {} WHERE seq = {seq}",
        instant.timestamp_micros()
    );
    let url = &server.database_url;
    let changed = match server.backend {
        Backend::Sqlite => {
            let path = url.trim_start_matches("sqlite://");
            let mut db = SqliteConnection::establish(path).expect("the database");
            sql_query("PRAGMA busy_timeout = 30000")
                .execute(&mut db)
                .expect("patience");
            sql_query(update).execute(&mut db)
        }
        Backend::Postgres => {
            let mut db = PgConnection::establish(url).expect("the database");
            sql_query(update).execute(&mut db)
        }
    };
    assert_eq!(changed, Ok(1), "one line of the log");
}

both! {
    fn documents_are_counted_by_each_dimension(server: &Server) {
        fill(server);
        for (query, total, groups) in [
            ("?type=projects", 3, &["3"][..]),
            ("?type=projects&groupBy=type", 3, &["projects 3"]),
            ("?type=projects&groupBy=kind", 3, &["pilot 2", "project 1"]),
            ("?type=projects&groupBy=status", 3, &["active 2", "completed 1"]),
            // B by its municipality, which was in the region in 2012; A in both.
            ("?type=projects&groupBy=region", 3, &["noord 2", "zuid 1", "- 1"]),
            ("?type=projects&groupBy=municipality", 3, &["elburg 1", "- 2"]),
            ("?type=projects&groupBy=theme", 3, &["jeugd 2", "thuis 2", "- 1"]),
            ("?type=projects&groupBy=organisationKind", 3, &["ministry 2", "municipality 1", "- 1"]),
            ("?type=projects&groupBy=startYear", 3, &["2011 1", "2014 1", "- 1"]),
            ("?type=projects&groupBy=sector", 3, &["- 3"]),
            ("?type=projects&groupBy=kind,status", 3, &["pilot active 1", "pilot completed 1", "project active 1"]),
            ("?type=projects&groupBy=region,theme", 3, &["noord jeugd 2", "noord thuis 2", "zuid jeugd 1", "zuid thuis 1", "- - 1"]),
            ("?type=projects&groupBy=region&theme=jeugd", 2, &["noord 2", "zuid 1"]),
            ("?type=projects&groupBy=organisationKind&role=funder", 1, &["ministry 1"]),
            ("?type=projects&role=funder&organisationKind=ministry&groupBy=region", 1, &["noord 1", "zuid 1"]),
            ("?type=projects&kind=agenda&groupBy=kind", 0, &[]),
            ("?type=projects&kind=agenda", 0, &[]),
            ("?groupBy=type", 9, &["organisations 2", "projects 3", "regions 2", "themes 2"]),
            ("?groupBy=type,kind&type=projects,themes", 5, &["projects pilot 2", "projects project 1", "themes - 2"]),
            ("?type=projects,projects", 3, &["3"]),
            ("", 9, &["9"]),
        ] {
            let page = read(server, &format!("/stats{query}"));
            assert_eq!((&page["total"], told(&page)), (&json!(total), groups.iter().map(|g| (*g).to_owned()).collect()), "{query}");
        }
        let all = server.get("/stats?type=projects&groupBy=kind").key(server.admin_key()).send().expect(200).json();
        assert_eq!((&all["total"], told(&all)), (&json!(4), vec!["agenda 1".to_owned(), "pilot 2".into(), "project 1".into()]));
        let page = read(server, "/stats?type=projects&groupBy=region,kind");
        let noord = read(server, "/regions/noord");
        let reference = json!({ "id": noord["id"], "slug": "noord", "name": "Noord" });
        assert_eq!(page["items"][0], json!({ "region": reference, "kind": "pilot", "count": 1 }));
        assert_eq!(page["groupBy"], json!(["region", "kind"]));
    }

    fn a_count_is_the_total_of_the_list_with_the_same_filters(server: &Server) {
        fill(server);
        for (list, groups, member) in [
            ("type=projects", "region", "region"), ("type=projects", "theme", "theme"),
            ("type=projects", "municipality", "municipality"), ("type=projects&role=lead", "organisationKind", "organisationKind"),
            ("type=organisations", "region", "region"), ("type=regions", "municipality", "municipality"),
        ] {
            let page = read(server, &format!("/stats?{list}&groupBy={groups}"));
            let mut compared = 0;
            for item in items(&page).iter().filter(|item| !item[groups].is_null()) {
                let value = item[groups]["slug"].as_str().or(item[groups].as_str()).expect("a value");
                let query = list.trim_start_matches("type=").replacen('&', "?", 1);
                let join = if query.contains('?') { '&' } else { '?' };
                let all = read(server, &format!("/{query}{join}{member}={value}&count=true"));
                assert_eq!(item["count"], all["total"], "{list} {value}");
                compared += 1;
            }
            assert!(compared > 0, "{list} {groups}");
        }
    }

    fn counts_come_as_csv_with_labels_and_as_lines(server: &Server) {
        fill(server);
        let get = |query: &str, language: &str| {
            server.get(&format!("/stats?{query}")).header("accept-language", language).send().expect(200)
        };
        for (query, language, expected) in [
            ("type=projects&groupBy=region", "nl", "region,regionName,count\r\nnoord,Noord,2\r\nzuid,Zuid,1\r\n,,1\r\n"),
            ("type=projects&groupBy=kind,status", "nl", "kind,kindLabel,status,statusLabel,count\r\npilot,Proef,active,Loopt,1\r\npilot,Proef,completed,Afgerond,1\r\nproject,Project,active,Loopt,1\r\n"),
            ("type=projects&groupBy=kind", "en", "kind,kindLabel,count\r\npilot,Pilot,2\r\nproject,Project,1\r\n"),
            ("type=projects&groupBy=organisationKind", "nl", "organisationKind,organisationKindLabel,count\r\nministry,Ministerie,2\r\nmunicipality,Gemeente,1\r\n,,1\r\n"),
            ("type=organisations&groupBy=kind,type", "nl", "kind,kindLabel,type,count\r\nministry,Ministerie,organisations,1\r\nmunicipality,Gemeente,organisations,1\r\n"),
            ("type=projects&groupBy=startYear", "nl", "startYear,count\r\n2011,1\r\n2014,1\r\n,1\r\n"),
            ("type=projects", "nl", "count\r\n3\r\n"),
            ("type=projects&kind=agenda&groupBy=kind", "nl", "kind,kindLabel,count\r\n"),
        ] {
            let reply = get(&format!("{query}&format=csv"), language);
            let body = told_as(&reply, "text/csv; charset=utf-8");
            assert_eq!(String::from_utf8_lossy(body), expected, "{query}");
            assert_eq!(reply.header("content-language"), Some(language));
            let marked = get(&format!("{query}&format=csv&bom=true"), language);
            assert_eq!(marked.text(), format!("\u{feff}{expected}"));
        }
        let accepted = server.get("/stats?type=projects").header("accept", "text/csv").send().expect(200);
        assert_eq!(accepted.text(), "count\r\n3\r\n");
        let reply = get("type=projects&groupBy=kind&format=ndjson", "nl");
        let body = String::from_utf8_lossy(told_as(&reply, "application/x-ndjson"));
        assert_eq!(body, "{\"kind\":\"pilot\",\"count\":2}\n{\"kind\":\"project\",\"count\":1}\n");
        put(server, "/regions/zuid", &json!({ "name": "=1+1", "kind": "other" }));
        let escaped = get("type=projects&groupBy=region&format=csv", "nl").text();
        assert!(escaped.contains("zuid,'=1+1,1"), "{escaped}");
    }

    fn a_count_that_is_known_already_is_not_sent_again(server: &Server) {
        fill(server);
        for path in ["/stats?type=projects&groupBy=kind", "/stats", "/stats/timeline", "/stats/timeline?interval=year&format=csv"] {
            let ask = |tag: &str, key: Option<&str>| {
                let request = server.get(path).header("if-none-match", tag);
                match key {
                    Some(key) => request.key(key),
                    None => request,
                }.send()
            };
            let tag = ask("\"x\"", None).expect(200).header("etag").expect("a tag").to_owned();
            assert!(!tag.starts_with("W/"), "{path}: {tag}");
            let known = ask(&tag, None).expect(304);
            assert_eq!((known.header("etag"), known.body.len()), (Some(tag.as_str()), 0), "{path}");
            assert!(known.header("cache-control").is_some_and(|how| how.starts_with("public")));
            let other = ask(&tag, Some(server.admin_key())).expect(200);
            assert_eq!(other.header("cache-control"), Some("private, no-store"), "{path}");
            patch(server, server.admin_key(), "/themes/jeugd", &json!({ "definition": path }));
            ask(&tag, None).expect(200);
        }
        let tag = |path: &str| server.get(path).send().expect(200).header("etag").map(str::to_owned);
        assert_ne!(tag("/stats?groupBy=kind"), tag("/stats?groupBy=type"));
        assert_ne!(tag("/stats?type=projects"), tag("/stats?type=projects&format=csv"));
    }

    fn what_cannot_be_counted_is_refused_by_its_place(server: &Server) {
        fill(server);
        for (query, expected) in [
            ("?groupBy=kleur", &["query groupBy unknown_value"][..]),
            ("?groupBy=", &["query groupBy unknown_value"]),
            ("?groupBy=kind,kind", &["query groupBy duplicate"]),
            ("?groupBy=kind,status,region,theme", &["query groupBy too_many"]),
            ("?type=planten", &["query type unknown_value"]),
            ("?type=project", &["query type unknown_value"]),
            ("?kind=pilot", &["query kind contradiction"]),
            ("?type=projects,people&kind=pilot&status=active", &["query kind contradiction", "query status contradiction"]),
            ("?type=projects&sector=po", &["query sector unknown_member"]),
            ("?type=projects&limit=5&sort=name", &["query limit unknown_member", "query sort unknown_member"]),
            ("?type=projects&cursor=x&count=true", &["query count unknown_member", "query cursor unknown_member"]),
            ("?type=projects&region=nergens", &["query region unknown_reference"]),
            ("?type=projects&kind=baas&age=200", &["query age out_of_range", "query kind unknown_value"]),
            ("?type=projects&identifier=x&steward=", &["query identifier invalid_format", "query steward empty"]),
            ("?type=projects&type=regions", &["query type duplicate"]),
            ("?groupBy=kind&bom=ja", &["query bom unknown_value"]),
            ("/timeline?interval=eeuw&type=planten&from=gisteren&kind=x", &["query from invalid_format", "query interval unknown_value", "query kind unknown_member"]),
            ("/timeline?type=planten", &["query type unknown_value"]),
        ] {
            assert_eq!(refused(server, query), expected, "{query}");
        }
        let xml = server.get("/stats").header("accept", "text/html").send();
        xml.problem(406, "not-acceptable");
        server.post("/stats").send().problem(405, "method-not-allowed");
    }

    fn the_timeline_has_every_interval_from_the_first_change_to_today(server: &Server) {
        // 1 elburg, 2 putten, 3 noord; then changed, hidden, shown again and deleted.
        let admin = server.admin_key();
        for slug in ["elburg", "putten"] {
            put(server, &format!("/organisations/{slug}"), &json!({ "name": slug, "kind": "municipality" }));
        }
        put(server, "/regions/noord", &json!({ "name": "Noord", "kind": "other" }));
        patch(server, admin, "/organisations/elburg", &json!({ "summary": "Nieuw." }));
        patch(server, admin, "/organisations/putten", &json!({ "visibility": "restricted" }));
        patch(server, admin, "/organisations/putten", &json!({ "summary": "Stil." }));
        patch(server, admin, "/organisations/putten", &json!({ "visibility": "public" }));
        delete(server, "/organisations/elburg");
        for (seq, day) in [
            "2023-12-31", "2024-01-01", "2024-01-07", "2024-02-29", "2024-02-29", "2024-04-01", "2024-04-01", "2024-04-30",
        ].iter().enumerate() {
            happened(server, seq + 1, day);
        }
        let line = |item: &Value| format!(
            "{} {} {} +{} ~{} -{} ={}", text(item, "period"), text(item, "start"), text(item, "end"),
            item["created"], item["updated"], item["deleted"], item["total"],
        );
        let ask = |query: &str, key: Option<&str>| {
            let request = server.get(&format!("/stats/timeline{query}"));
            let reply = match key {
                Some(key) => request.key(key),
                None => request,
            }.send().expect(200).json();
            items(&reply).iter().map(line).collect::<Vec<String>>()
        };
        let months = ask("?until=2024-05-31", None);
        assert_eq!(months, [
            "2023-12 2023-12-01 2023-12-31 +1 ~0 -0 =1",
            "2024-01 2024-01-01 2024-01-31 +2 ~0 -0 =3",
            "2024-02 2024-02-01 2024-02-29 +0 ~1 -1 =2",
            "2024-03 2024-03-01 2024-03-31 +0 ~0 -0 =2",
            "2024-04 2024-04-01 2024-04-30 +1 ~0 -1 =2",
            "2024-05 2024-05-01 2024-05-31 +0 ~0 -0 =2",
        ]);
        assert_eq!(ask("?interval=month&until=2024-05-31", None), months);
        assert_eq!(ask("?interval=year&until=2024-01-01", Some(admin)), [
            "2023 2023-01-01 2023-12-31 +1 ~0 -0 =1",
            "2024 2024-01-01 2024-12-31 +2 ~4 -1 =2",
        ]);
        assert_eq!(ask("?interval=week&until=2024-01-08", None), [
            "2023-W52 2023-12-25 2023-12-31 +1 ~0 -0 =1",
            "2024-W01 2024-01-01 2024-01-07 +2 ~0 -0 =3",
            "2024-W02 2024-01-08 2024-01-14 +0 ~0 -0 =3",
        ]);
        assert_eq!(ask("?interval=day&from=2024-02-28&until=2024-03-01", None), [
            "2024-02-28 2024-02-28 2024-02-28 +0 ~0 -0 =3",
            "2024-02-29 2024-02-29 2024-02-29 +0 ~1 -1 =2",
            "2024-03-01 2024-03-01 2024-03-01 +0 ~0 -0 =2",
        ]);
        assert_eq!(ask("?type=regions&from=2024-01-01&until=2024-02-15", None), [
            "2024-01 2024-01-01 2024-01-31 +1 ~0 -0 =1",
            "2024-02 2024-02-01 2024-02-29 +0 ~0 -0 =1",
        ]);
        assert_eq!(ask("?type=regions,organisations&until=2024-05-31", None), months);
        assert!(ask("?type=projects", None).is_empty());
        assert!(ask("?until=2023-11-30", None).is_empty());
        assert!(ask("?from=2999-01-01", None).is_empty());
        let csv = server.get("/stats/timeline?format=csv&bom=true&interval=year&until=2024-12-31").send().expect(200);
        let expected = "\u{feff}period,start,end,created,updated,deleted,erased,total\r\n\
            2023,2023-01-01,2023-12-31,1,0,0,0,1\r\n2024,2024-01-01,2024-12-31,3,1,2,0,2\r\n";
        assert_eq!(String::from_utf8_lossy(told_as(&csv, "text/csv; charset=utf-8")), expected);
        let lines = server.get("/stats/timeline?format=ndjson&interval=year&until=2023-12-31").send().expect(200);
        let line: Value = serde_json::from_slice(told_as(&lines, "application/x-ndjson")).expect("one line");
        assert_eq!((&line["period"], &line["erased"]), (&json!("2023"), &json!(0)));
    }

    fn the_timeline_ends_today_with_the_totals_of_the_lists(server: &Server) {
        assert_eq!(read(server, "/stats/timeline")["items"], json!([]), "nothing happened yet");
        fill(server);
        happened(server, 1, "2024-01-15");
        let today = text(&read(server, "/projects/c"), "updatedAt");
        for interval in ["day", "week", "month", "year"] {
            for key in [None, Some(server.admin_key())] {
                let get = |path: &str| {
                    let request = server.get(path);
                    match key {
                        Some(key) => request.key(key),
                        None => request,
                    }.send().expect(200).json()
                };
                let mut all = 0;
                for collection in ["organisations", "people", "projects", "regions", "themes"] {
                    let total = get(&format!("/{collection}?count=true"))["total"].as_u64().expect("a total");
                    let page = get(&format!("/stats/timeline?interval={interval}&type={collection}"));
                    let last = items(&page).last().map_or(0, |item| item["total"].as_u64().expect("a total"));
                    assert_eq!(last, total, "{collection} by {interval}");
                    all += total;
                }
                let page = get(&format!("/stats/timeline?interval={interval}"));
                let last = items(&page).last().expect("an interval");
                assert_eq!(last["total"], all, "{interval}");
                assert!(text(last, "start").as_str() <= &today[..10] && text(last, "end").as_str() >= &today[..10], "{last}");
                let starts = items(&page).windows(2).all(|two| two[0]["end"].as_str() < two[1]["start"].as_str());
                assert!(starts && items(&page)[0]["start"].as_str() <= Some("2024-01-15"), "{interval}");
            }
        }
    }
}
