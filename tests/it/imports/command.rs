//! `schakel import`.

use std::{fs, process::Output};

use serde_json::{Value, json};

use super::{lines, position, project};
use crate::support::Server;

fn write(server: &Server, name: &str, documents: &[Value]) -> String {
    let path = server.folder().join(name);
    let text: Vec<String> = documents.iter().map(Value::to_string).collect();
    fs::write(&path, text.join("\n")).expect("a file can be written");
    path.display().to_string()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

both! {
    fn it_ends_with_0_1_or_2_as_all_some_or_nothing_was_done(server: &Server) {
        let good = write(server, "goed.ndjson", &[project("goed", json!({}))]);
        let wrong = write(server, "fout.ndjson", &[project("ook-goed", json!({})), project("fout", json!({"kind": "?"}))]);
        let run = |args: &[&str]| {
            let output = server.schakel(&[&["import"], args].concat());
            (output.status.code(), text(&output))
        };
        let (code, told) = run(&[&wrong]);
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains("rij 2: /kind") && told.contains("Onbekende waarde") && told.contains("er is niets gedaan"), "{told}");
        let (code, told) = run(&[&wrong, "--language", "en", "--mode", "partial"]);
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains("row 2: /kind") && told.contains("Unknown value") && told.contains("created"), "{told}");
        server.get("/projects/ook-goed").send().expect(200);
        let (code, told) = run(&[&good, "--dry-run"]);
        assert_eq!(code, Some(0), "{told}");
        server.get("/projects/goed").send().problem(404, "not-found");
        let plan = told.lines().find_map(|line| line.strip_prefix("plan")).unwrap().trim().to_owned();
        let (code, told) = run(&[&good, "--plan", &plan, "--note", "Met plan"]);
        assert_eq!(code, Some(0), "{told}");
        server.get("/projects/goed").send().expect(200);
        let (code, _) = run(&[&good, "--plan", &plan]);
        assert_eq!(code, Some(2));
        assert_eq!(run(&["nergens.ndjson"]).0, Some(2));
        let missing = server.schakel(&["import", "nergens.ndjson"]);
        assert!(String::from_utf8_lossy(&missing.stderr).contains("nergens.ndjson"));
        let before = position(server);
        assert_eq!(run(&[&good]).0, Some(0));
        assert_eq!(position(server), before);
    }

    fn scripts_get_the_lines_of_the_service_and_files_may_refer_to_each_other(server: &Server) {
        let one = write(server, "een.ndjson", &[project("een", json!({"related": [{"project": "twee", "kind": "related"}]}))]);
        let two = write(server, "twee.ndjson", &[project("twee", json!({})), project("drie", json!({"kind": "?"}))]);
        let output = server.schakel(&["import", "--output", "json", "--mode", "partial", &one, &two]);
        let done = lines(&text(&output));
        assert_eq!(done.statuses(), ["created", "created", "failed"]);
        assert_eq!(done.documents[2]["errors"][0]["place"], json!({"file": two, "row": 2}));
        assert_eq!(server.get("/projects/een").send().expect(200).json()["related"][0]["project"]["slug"], "twee");
    }

    fn of_several_files_some_may_be_done(server: &Server) {
        let good = write(server, "goed.ndjson", &[project("goed", json!({}))]);
        let wrong = write(server, "fout.ndjson", &[project("fout", json!({"kind": "?"}))]);
        let base = server.outside("");
        let run = |files: &[&str]| {
            let args = [&["import", "--server", &base], files].concat();
            let output = server.schakel_with(&args, &[("SCHAKEL_KEY", server.admin_key())]);
            (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
        };
        assert_eq!(run(&[&good, "nergens.ndjson"]).0, Some(2));
        server.get("/projects/goed").send().problem(404, "not-found");
        let (code, told) = run(&[&wrong, &good]);
        assert!(code == Some(2) && told.contains("not sent") && told.contains("goed.ndjson"), "{code:?} {told}");
        assert_eq!(run(&[&good, &wrong]).0, Some(1));
        server.get("/projects/goed").send().expect(200);
        assert_eq!(server.schakel(&["import", "--mode", "partial", &wrong]).status.code(), Some(2));
    }

    fn it_goes_through_a_running_service_with_a_key(server: &Server) {
        let path = write(server, "een.ndjson", &[project("een", json!({}))]);
        let base = server.outside("");
        let refused = server.schakel(&["import", "--server", &base, &path]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&refused.stderr).contains("SCHAKEL_KEY"));
        let run = |key: &str| {
            let args = ["import", "--server", &base, "--output", "json", &path];
            server.schakel_with(&args, &[("SCHAKEL_KEY", key)])
        };
        let refused = run("schakel_x_y");
        assert_eq!(refused.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&refused.stderr).contains("401"));
        let done = run(server.admin_key());
        assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(lines(&text(&done)).statuses(), ["created"]);
        server.get("/projects/een").send().expect(200);
    }
}
