//! People are erased the day after the last one on which they may be kept.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{path, person};
use crate::builders::{log, patch, read};
use crate::support::{Server, text};

/// Runs `schakel people expire`: what it prints, and what it says beside.
#[track_caller]
fn expire(server: &Server, more: &[&str]) -> (String, String) {
    let output = server.schakel(&[&["people", "expire"], more].concat());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    (text(&output.stdout), text(&output.stderr))
}

fn is_erased(server: &Server, person: &Value) -> bool {
    read(server, server.admin_key(), &path(person))["isErased"] == true
}

/// People whose time ended long ago, ended lately, and has not ended.
fn fill(server: &Server) -> [Value; 3] {
    let until = |name: &str, day: &str| person(server, name, &json!({ "retainUntil": day }));
    person(server, "Altijd", &json!({}));
    [
        until("Lang", "2001-01-01"),
        until("Kort", "2020-02-29"),
        until("Later", "2999-12-31"),
    ]
}

both! {
    fn the_command_tells_first_and_erases_then(server: &Server) {
        let [long, short, later] = fill(server);
        let (printed, said) = expire(server, &["--dry-run"]);
        let expected = format!("{} 2001-01-01\n{} 2020-02-29\n", text(&long, "id"), text(&short, "id"));
        assert_eq!(printed, expected, "ids and days, and no names");
        assert!(said.contains("2 people would be erased"), "{said}");
        assert!(!is_erased(server, &long), "not yet");

        let (printed, said) = expire(server, &[]);
        assert_eq!(printed, "");
        assert!(said.contains("2 people were erased"), "{said}");
        assert!(is_erased(server, &long) && is_erased(server, &short) && !is_erased(server, &later));
        let lines = log(server, server.admin_key());
        let erased: Vec<&Value> = lines.iter().filter(|line| line["op"] == "erased").collect();
        assert_eq!(erased.len(), 2);
        assert!(erased.iter().all(|line| line["actor"] == "retention"), "{erased:?}");
        let (_, said) = expire(server, &[]);
        assert!(said.contains("0 people were erased"), "{said}");
    }

    fn the_service_erases_by_itself_when_it_starts(server: &mut Server) {
        let [long, short, later] = fill(server);
        server.restart();
        let patience = Instant::now() + Duration::from_mins(1);
        while !(is_erased(server, &long) && is_erased(server, &short)) {
            assert!(Instant::now() < patience, "not erased:\n{}", server.log());
            thread::sleep(Duration::from_millis(20));
        }
        assert!(!is_erased(server, &later));
        let told = server.log();
        assert!(!told.contains("Lang") && !told.contains("Kort"), "{told}");
    }

    fn today_is_still_within_the_time(server: &Server) {
        let today = chrono::Utc::now().date_naive();
        let day = |days: i64| (today + chrono::Duration::days(days)).to_string();
        let yesterday = person(server, "Gisteren", &json!({ "retainUntil": day(-2) }));
        // Tomorrow rather than today: the test may run around midnight.
        let tomorrow = person(server, "Morgen", &json!({ "retainUntil": day(1) }));
        let more = person(server, "Langer", &json!({ "retainUntil": "2001-01-01" }));
        patch(server, server.admin_key(), &path(&more), &json!({ "retainUntil": null }));
        let (printed, _) = expire(server, &["--dry-run"]);
        assert_eq!(printed, format!("{} {}\n", text(&yesterday, "id"), day(-2)));
        expire(server, &[]);
        assert!(is_erased(server, &yesterday) && !is_erased(server, &tomorrow) && !is_erased(server, &more));
    }

    fn several_nodes_may_look_at_once(server: &Server) {
        for nth in 0..30 {
            person(server, &format!("P{nth}"), &json!({ "retainUntil": "2001-01-01" }));
        }
        let counts: Vec<u32> = thread::scope(|scope| {
            let runs: Vec<_> = (0..3).map(|_| scope.spawn(|| expire(server, &[]).1)).collect();
            let said = runs.into_iter().map(|run| run.join().expect("no panic"));
            said.map(|said| said.split(' ').next().and_then(|n| n.parse().ok()).expect("a number")).collect()
        });
        assert_eq!(counts.iter().sum::<u32>(), 30, "each was erased once: {counts:?}");
        let lines = read(server, server.admin_key(), "/changes?limit=100");
        let erased = lines["items"].as_array().expect("items").iter().filter(|line| line["op"] == "erased").count();
        assert_eq!(erased, 30);
    }
}
