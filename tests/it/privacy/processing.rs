//! The processing log: a line for each person and action, under a pseudonym, before the answer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value, json};

use super::{erase, path, person};
use crate::builders::{patch, read};
use crate::given::{plain, put};
use crate::search;
use crate::support::{Server, text};

const FILE: &str = "processing.jsonl";

/// The lines that `act` adds.
#[track_caller]
fn noted(server: &Server, act: impl FnOnce()) -> Vec<Value> {
    let all = || fs::read_to_string(server.folder().join(FILE)).unwrap_or_default();
    let before = all().len();
    act();
    let lines = all().split_off(before);
    assert!(lines.is_empty() || lines.ends_with('\n'), "{lines}");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// The names of lines.
fn names(lines: &[Value]) -> Vec<String> {
    lines.iter().map(|line| text(line, "name")).collect()
}

fn subject(line: &Value) -> String {
    text(&line["attributes"], "dpl.core.data_subject_id")
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

both! {
    with([], [("PROCESSING_LOG", "processing.jsonl")])
    fn who_is_found_is_noted_each_time_also_where_nothing_is_read_anew(server: &Server) {
        person(server, "Zwaluwstaart", &json!({ "visibility": "public" }));
        let position = server.get("/changes?limit=100").send().expect(200).json()["items"][0]["seq"].clone();
        server.get(&format!("/search?after={position}")).send().expect(200);
        for ask in ["/search?q=zwaluwstaart", "/search?q=zwaluwstaart&facets=type", "/suggest?q=zwalu"] {
            for time in 0..3 {
                let lines = noted(server, || drop(server.get(ask).send().expect(200)));
                assert_eq!(names(&lines), ["list"], "{ask}, time {time}");
            }
        }
    }

    with([], [("PROCESSING_LOG", "processing.jsonl"), ("PROCESSING_ACTIVITIES", "https://avg.example/activities/")])
    fn each_thing_that_is_done_with_a_person_is_one_line(server: &Server) {
        let key = server.admin_key();
        let area = json!({ "postcodes": ["8081"] });
        put(server, "/organisations/bureau", &json!({ "name": "Bureau", "kind": "other", "serviceArea": area }));
        put(server, "/regions/noord", &json!({
            "name": "Noord", "kind": "other", "partners": [{ "organisation": "bureau", "role": "other" }],
        }));
        let role = json!({ "organisation": "bureau", "title": "Lid", "kind": "member", "isContact": true });
        let mut smit = Value::Null;
        let lines = noted(server, || smit = person(server, "Zwaluwstaart", &json!({ "roles": [role, role] })));
        assert_eq!(names(&lines), ["create"]);
        let line = &lines[0];
        let members: Vec<&String> = line.as_object().expect("an object").keys().collect();
        assert_eq!(members, ["trace_id", "span_id", "name", "start_time", "end_time", "status", "attributes"]);
        assert!(is_hex(&text(line, "trace_id"), 32) && is_hex(&text(line, "span_id"), 16), "{line}");
        assert_eq!(line["status"], "Ok");
        let (start, end) = (line["start_time"].as_i64(), line["end_time"].as_i64());
        assert!(start.is_some_and(|start| start > 1_700_000_000_000) && start <= end, "{line}");
        assert_eq!(line["attributes"]["dpl.core.processing_activity_id"], "https://avg.example/activities/create");
        assert!(is_hex(&subject(line), 64), "{line}");
        assert!(!text(&line["attributes"], "dpl.core.data_subject_id_type").is_empty());
        let one = subject(line);

        let get = |path: &str| server.get(path).key(key).send().expect(200).text();
        let place = path(&smit);
        search::after(server, search::newest(server), "/search");
        let asks: [(&str, &[&str]); 20] = [
            ("/people/zwaluwstaart", &["read"]),
            ("/people?fields=slug", &["list"]),
            ("/people?format=csv", &["export"]),
            ("/people?format=ndjson", &["export"]),
            ("/people?format=csv&limit=10", &["list"]),
            ("/people?format=xlsx", &["export"]),
            ("/search?q=zwaluwstaart", &["list"]),
            ("/search?q=zwaluwstaart&format=csv", &["export"]),
            ("/search?q=zwaluwstaart&format=xlsx&limit=3", &["list"]),
            ("/exports/register", &["export"]),
            ("/organisations/bureau/people", &["view"]),
            ("/regions/noord/people", &["view"]),
            ("/organisations/bureau?include=people", &["view"]),
            ("/regions?include=people", &["view"]),
            ("/postcodes/8081", &["view"]),
            ("/changes?include=document", &["export"]),
            ("/changes", &[]),
            ("/organisations", &[]),
            ("/regions/noord", &[]),
            ("/people?role=chair", &[]),
        ];
        for (ask, expected) in asks {
            let lines = noted(server, || drop(get(ask)));
            assert_eq!(names(&lines), expected, "{ask}");
            assert!(lines.iter().all(|line| subject(line) == one), "{ask}");
        }
        for (ask, expected) in [("history", "history"), ("versions/1", "version"), ("dossier", "dossier")] {
            assert_eq!(names(&noted(server, || drop(get(&format!("{place}/{ask}"))))), [expected]);
        }
        let lines = noted(server, || drop(patch(server, key, &place, &json!({ "summary": "x" }))));
        assert_eq!(names(&lines), ["change"]);
        let lines = noted(server, || drop(patch(server, key, &place, &json!({ "summary": "x" }))));
        assert_eq!(names(&lines), ["read"], "nothing changed, but it was shown");
        assert_eq!(names(&noted(server, || drop(erase(server, &smit)))), ["erase"]);
        let lines = noted(server, || drop(server.delete(&place).key(key).send().expect(204)));
        assert_eq!(names(&lines), ["delete"]);
        assert_eq!(subject(&lines[0]), one, "the same person throughout");
        let lines = noted(server, || {
            server.get(&place).key(key).send().problem(410, "gone");
            server.get("/people/niemand").send().problem(404, "not-found");
        });
        assert_eq!(lines, Vec::<Value>::new());
    }

    with([], [("PROCESSING_LOG", "processing.jsonl")])
    fn a_list_is_one_line_for_each_person_and_none_tells_who(server: &Server) {
        let key = server.admin_key();
        let people: Vec<Value> = ["Zwaluwstaart", "Kolibrie", "IJsvogel"].iter().map(|name| person(server, name, &json!({}))).collect();
        let lines = noted(server, || drop(read(server, key, "/people")));
        assert_eq!(names(&lines), ["list"; 3]);
        let subjects: BTreeSet<String> = lines.iter().map(subject).collect();
        let spans: BTreeSet<String> = lines.iter().map(|line| text(line, "span_id")).collect();
        let traces: BTreeSet<String> = lines.iter().map(|line| text(line, "trace_id")).collect();
        assert_eq!((subjects.len(), spans.len(), traces.len()), (3, 3, 1));
        let activity = text(&lines[0]["attributes"], "dpl.core.processing_activity_id");
        let base = activity.strip_suffix("/processing-activities/list");
        assert!(base.is_some_and(|base| base.starts_with("http://127.0.0.1:")), "{activity}");
        let all = fs::read_to_string(server.folder().join(FILE)).expect("the log").to_lowercase();
        for secret in ["zwaluw", "kolibrie", "ijsvogel", "test-", "command"] {
            assert!(!all.contains(secret), "{secret}");
        }
        for person in &people {
            assert!(!all.contains(&text(person, "id")), "an id in the clear");
        }
    }

    with([], [("PROCESSING_LOG", "processing.jsonl")])
    fn the_trace_of_the_caller_is_followed_when_it_is_valid(server: &Server) {
        person(server, "Smit", &json!({}));
        let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        let ask = |header: &str| {
            let lines = noted(server, || drop(server.get("/people/smit").header("traceparent", header).send().expect(200)));
            assert_eq!(lines.len(), 1);
            lines[0].clone()
        };
        let line = ask(&format!("00-{trace}-{parent}-01"));
        assert_eq!((&line["trace_id"], &line["parent_span_id"]), (&json!(trace), &json!(parent)));
        assert_ne!(line["span_id"], parent);
        for wrong in [format!("00-{trace}-{parent}"), "x".into(), format!("00-{}-{parent}-01", "0".repeat(32))] {
            let line = ask(&wrong);
            assert_ne!(line["trace_id"], trace, "{wrong}");
            assert!(line["parent_span_id"].is_null(), "{wrong}");
        }
    }

    with([], [("PROCESSING_LOG", "folder/processing.jsonl")])
    fn what_cannot_be_noted_is_not_done_and_not_told(server: &Server) {
        server.expect_errors();
        let key = server.admin_key();
        let folder = server.folder().join("folder");
        plain(server, "bureau");
        let body = json!({ "name": { "family": "Zwaluwstaart" }, "publicationBasis": "function" });
        let refused = server.post("/people").key(key).json(&body).send();
        refused.problem(503, "unavailable");
        fs::create_dir(&folder).expect("a folder");
        let people = server.get("/people?count=true").send().expect(200).json();
        assert_eq!(people["total"], 0, "nothing was stored");
        let made = server.post("/people").key(key).json(&body).send().expect(201).json();
        fs::rename(&folder, server.folder().join("away")).expect("it is moved");
        let place = path(&made);
        let asks = [
            server.get(&place).key(key).send(),
            server.get("/people").send(),
            server.get("/people?format=csv").send(),
            server.get(&format!("{place}/history")).send(),
            server.get(&format!("{place}/dossier")).key(key).send(),
            server.get("/changes?include=document").send(),
            server.patch(&place).key(key).json(&json!({ "summary": "x" })).send(),
            server.post(&format!("{place}/erasure")).key(key).send(),
            server.delete(&place).key(key).send(),
        ];
        for reply in asks {
            reply.problem(503, "unavailable");
            assert!(!reply.text().contains("waluw"), "{reply}");
        }
        server.get("/organisations/bureau").send().expect(200);
        fs::create_dir(&folder).expect("a folder");
        let now = read(server, key, &place);
        assert_eq!((&now["version"], &now["isErased"]), (&json!(1), &json!(false)), "nothing was changed");
    }

    fn nothing_is_noted_unless_it_is_asked_for(server: &Server) {
        person(server, "Smit", &json!({}));
        server.get("/people").send().expect(200);
        assert!(!server.folder().join(FILE).exists());
    }

    with([], [("PROCESSING_LOG", "-")])
    fn the_log_can_go_to_standard_output(server: &Server) {
        person(server, "Smit", &json!({ "retainUntil": "2001-01-01" }));
        let output = server.schakel(&["people", "expire"]);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let line: BTreeMap<String, Value> = serde_json::from_str(&printed).expect("one line of JSON");
        assert_eq!((&line["name"], &line["status"]), (&json!("expire"), &json!("Ok")));
    }
}
