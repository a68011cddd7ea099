//! What an export gives is taken back as it is.

use serde_json::Value;

use super::{import, position, told};
use crate::support::Server;

const COLLECTIONS: [&str; 5] = ["themes", "organisations", "regions", "projects", "people"];

/// Everything, as an administrator sees it: the lines of each collection.
fn everything(server: &Server) -> Vec<String> {
    COLLECTIONS
        .iter()
        .flat_map(|collection| {
            let list = server.get(&format!("/{collection}?format=ndjson&sort=name"));
            let text = list.key(server.admin_key()).send().expect(200).text();
            text.lines()
                .map(|line| format!("{collection} {line}"))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The lines as an import takes them.
fn documents(lines: &[String]) -> Vec<Value> {
    let document = |line: &String| {
        let (collection, line) = line.split_once(' ').unwrap();
        let mut document: Value = serde_json::from_str(line).unwrap();
        document["type"] = collection.into();
        document
    };
    lines.iter().map(document).collect()
}

both! {
    with(["--demo"], [])
    fn an_export_imported_into_an_empty_register_gives_the_same_export(server: &Server) {
        let all = everything(server);
        assert!(all.len() > 50);
        let documents = documents(&all);
        // Into itself it changes nothing.
        let before = position(server);
        let same = import(server, "onMissing=clear", &documents).assert_applied();
        assert_eq!(same.summary["unchanged"], documents.len());
        assert_eq!(position(server), before);
        let empty = Server::start_with(server.backend(), &[], &[]);
        let done = import(&empty, "", &documents).assert_applied();
        assert_eq!(done.summary["created"], documents.len());
        assert_eq!(everything(&empty), all);
    }

    with(["--demo"], [])
    fn what_is_left_of_an_erased_person_goes_with_an_export(server: &Server) {
        let key = server.admin_key();
        server.post("/people/rico-smit/erasure").key(key).send().expect(200);
        let all = everything(server);
        let before = position(server);
        for (format, type_) in [("csv", "text/csv"), ("ndjson", "application/x-ndjson")] {
            let file = server.get(&format!("/people?format={format}")).key(key).send().expect(200).body;
            for query in ["type=people", "type=people&onMissing=clear"] {
                let same = server.post(&format!("/imports?{query}")).header("content-type", type_).key(key).bytes(&file).send();
                let same = told(&same).assert_applied();
                assert_eq!(same.summary["changed"], 0, "{format} {query}");
            }
        }
        assert_eq!(position(server), before);
        let stub = |line: &&String| line.contains("\"isErased\":true");
        let line = all.iter().find(stub).expect("the stub").trim_start_matches("people ");
        let mut stub: Value = serde_json::from_str(line).expect("JSON");
        stub["type"] = "people".into();
        stub["summary"] = "Wethouder.".into();
        assert_eq!(import(server, "", std::slice::from_ref(&stub)).errors(), [(1, String::new(), "conflict".to_owned())]);
        let empty = Server::start_with(server.backend(), &[], &[]);
        assert_eq!(import(&empty, "", &[stub]).errors(), [(1, String::new(), "conflict".to_owned())], "nothing hides behind it");
        let documents = documents(&all);
        import(&empty, "", &documents).assert_applied();
        assert_eq!(everything(&empty), all);
    }

    with(["--demo"], [])
    fn the_command_writes_what_it_takes_back(server: &Server) {
        let file = |name: &str| server.folder().join(name).display().to_string();
        let (all, public) = (file("alles.ndjson"), file("openbaar.ndjson"));
        assert!(server.schakel(&["export", &all]).status.success());
        let again = server.schakel(&["export", &all]);
        assert_eq!(again.status.code(), Some(1), "a file is not replaced");
        let before = position(server);
        let same = server.schakel(&["import", &all]);
        assert_eq!(same.status.code(), Some(0), "{}", String::from_utf8_lossy(&same.stdout));
        assert_eq!(position(server), before);
        let empty = Server::start_with(server.backend(), &[], &[]);
        assert!(empty.schakel(&["import", &all]).status.success());
        let copy = empty.schakel(&["export"]);
        assert!(String::from_utf8_lossy(&copy.stderr).contains("documents, position"));
        assert_eq!(String::from_utf8_lossy(&copy.stdout), std::fs::read_to_string(&all).expect("it is there"));
        let hidden = super::project("verborgen", serde_json::json!({"visibility": "restricted"}));
        import(server, "", &[hidden]).assert_applied();
        assert!(server.schakel(&["export", "--public", &public]).status.success());
        let public = std::fs::read_to_string(&public).expect("it is there");
        assert!(!public.contains("verborgen") && !public.contains("\"restricted\""));
    }

    fn an_export_is_of_one_moment_and_says_of_which(server: &Server) {
        const MANY: usize = 450;
        let all = |round: usize| -> Vec<Value> {
            let text = serde_json::json!({"summary": format!("Ronde {round}.")});
            (0..MANY).map(|nth| super::project(&format!("p-{nth}"), text.clone())).collect()
        };
        import(server, "", &all(0)).assert_applied();
        let key = server.admin_key();
        std::thread::scope(|scope| {
            let writing = scope.spawn(|| {
                for round in 1..6 {
                    import(server, "", &all(round)).assert_applied();
                }
            });
            while !writing.is_finished() {
                for format in ["ndjson", "csv"] {
                    let path = format!("/projects?format={format}&fields=summary");
                    let reply = server.get(&path).key(key).send().expect(200);
                    let position: usize = reply.header("schakel-position").expect("a position").parse().expect("a number");
                    let round = format!("Ronde {}.", position / MANY - 1);
                    let text = reply.text();
                    let rows: Vec<&str> = text.lines().filter(|line| line.contains("Ronde")).collect();
                    assert_eq!(rows.len(), MANY, "{format} at {position}");
                    let of_another = rows.iter().find(|row| !row.contains(&round));
                    assert_eq!(of_another, None, "{format} at {position}");
                }
            }
        });
    }
}
