//! Empty tables to fill in, over HTTP and from the command line.

use std::process::Command;

use crate::support::Server;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

both! {
    fn a_template_comes_as_a_workbook_or_as_csv(server: &Server) {
        let path = "/imports/templates/projects";
        let book = server.get(path).send().expect(200);
        assert_eq!(book.header("content-type"), Some(XLSX));
        assert_eq!(book.header("content-disposition"), Some("attachment; filename=\"projects.xlsx\""));
        assert!(book.body.starts_with(b"PK"));
        let csv = server.get(&format!("{path}?format=csv")).send().expect(200);
        assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
        let lines = csv.text();
        assert!(lines.starts_with("\u{feff}Id;Slug;Naam;Andere namen;Soort;"), "{lines}");
        assert!(lines.contains("\r\n#voorbeeld;"), "{lines}");
        let paths = server.get(&format!("{path}?format=csv&columnNames=paths")).send().expect(200);
        assert!(paths.text().starts_with("\u{feff}id;slug;name;alternativeNames;kind;"));
        let accepted = server.get(path).header("accept", "text/csv").send().expect(200);
        assert_eq!(accepted.text(), lines);
    }
}

both! {
    fn a_template_that_the_caller_has_is_not_sent_again(server: &Server) {
        let path = "/imports/templates/themes";
        let tag = |path: &str| {
            let reply = server.get(path).send().expect(200);
            reply.header("etag").map(str::to_owned).expect("a tag")
        };
        let first = tag(path);
        server.get(path).header("if-none-match", &first).send().expect(304);
        let others = ["format=csv", "columnNames=paths"].map(|query| tag(&format!("{path}?{query}")));
        assert!(!others.contains(&first) && others[0] != others[1]);
    }
}

both! {
    fn what_is_no_template_is_refused(server: &Server) {
        server.get("/imports/templates/cats").send().expect(404);
        server.get("/imports/templates/projects?format=json").send().expect(406);
        server.get("/imports/templates/projects").header("accept", "image/png").send().expect(406);
        let reply = server.get("/imports/templates/projects?columnNames=latin").send().expect(400);
        assert_eq!(reply.json()["errors"][0]["location"], "columnNames");
    }
}

#[test]
fn the_command_writes_the_template_that_the_service_gives() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("people.csv");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_schakel"));
        command
            .current_dir(folder.path())
            .arg("template")
            .args(arguments);
        command.output().expect("the program")
    };
    let shown = run(&["people", "--format", "csv"]);
    assert!(shown.status.success());
    let written = run(&["people", "--format", "csv", "--output", "people.csv"]);
    assert!(written.status.success() && written.stdout.is_empty());
    assert_eq!(std::fs::read(&file).expect("the file"), shown.stdout);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("Voornaam;Tussenvoegsel;Achternaam"));
    let book = run(&["people"]);
    assert!(book.stdout.starts_with(b"PK"));
    let unknown = run(&["cats"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("one of: regions, organisations"));
}
