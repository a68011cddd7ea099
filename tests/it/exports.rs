//! What is taken out: tables that are taken back, all that a search finds, and the register as a
//! data package.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _, Xlsx};
use serde_json::{Value, json};

use crate::given::{crawl, put, read};
use crate::imports::{import, project, told};
use crate::search::{after, newest};
use crate::support::{Reply, Server, items, text};

const COLLECTIONS: [&str; 5] = ["organisations", "regions", "projects", "people", "themes"];

/// What an administrator gets.
#[track_caller]
fn with_key(server: &Server, path: &str) -> Reply {
    server.get(path).key(server.admin_key()).send().expect(200)
}

/// The files of a zip.
#[track_caller]
fn unpacked(reply: &Reply) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(&reply.body)).expect("a zip");
    let mut files = BTreeMap::new();
    for nth in 0..zip.len() {
        let mut file = zip.by_index(nth).expect("a file");
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("its bytes");
        files.insert(file.name().expect("a name").into_owned(), bytes);
    }
    files
}

/// The first sheet of a workbook, by rows.
#[track_caller]
fn sheet(reply: &Reply) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(&reply.body)).expect("a workbook");
    let name = book.sheet_names().first().expect("a sheet").clone();
    let range = book.worksheet_range(&name).expect("its cells");
    range.rows().map(<[Data]>::to_vec).collect()
}

/// The cells of a CSV, by the names of the columns.
#[track_caller]
fn table(bytes: &[u8]) -> (Vec<String>, Vec<BTreeMap<String, String>>) {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().expect("a header");
    let header = header.iter().map(str::to_owned).collect();
    let rows = reader.deserialize().map(|row| row.expect("a row"));
    (header, rows.collect())
}

both! {
    with(["--demo"], [])
    fn what_a_table_exports_is_taken_back_and_changes_nothing(server: &Server) {
        // A text that no cell of a workbook holds, and one that looks like a formula.
        put(server, "/organisations/lang", &json!({
            "name": "=Lang", "kind": "other", "description": "a".repeat(40_000), "visibility": "restricted",
        }));
        let before = newest(server);
        for collection in COLLECTIONS {
            let count = crawl_all(server, collection);
            for (format, media) in [("csv", "text/csv"), ("xlsx", XLSX)] {
                for headers in ["paths", "dutch"] {
                    let path = format!("/{collection}?format={format}&columnNames={headers}");
                    let exported = with_key(server, &path);
                    let request = server.post(&format!("/imports?type={collection}"));
                    let request = request.header("content-type", media).key(server.admin_key());
                    let same = told(&request.bytes(&exported.body).send()).assert_applied();
                    assert_eq!(same.summary["unchanged"], count, "{path}");
                    assert_eq!(newest(server), before, "{path}");
                }
            }
        }
    }

    with(["--demo"], [])
    fn a_workbook_has_typed_cells_a_filter_links_and_a_header_that_stays(server: &Server) {
        put(server, "/organisations/lang", &json!({
            "name": "=Lang", "kind": "other", "description": "a".repeat(40_000), "verifiedOn": "2024-02-29",
            "website": "https://www.example.nl/lang",
            "addresses": [{ "kind": "visiting", "city": "Elburg", "latitude": 52.5, "longitude": 5.25 }],
        }));
        let reply = server.get("/organisations?format=xlsx").send().expect(200);
        assert_eq!(reply.header("content-type"), Some(XLSX));
        assert_eq!(reply.header("content-disposition"), Some("attachment; filename=\"organisations.xlsx\""));
        let rows = sheet(&reply);
        let column = |name: &str| rows[0].iter().position(|cell| *cell == name).expect("the column");
        let row = rows.iter().find(|row| row[column("slug")] == "lang").expect("its row");
        let day = &row[column("verifiedOn")];
        // 29 February 2024, in days since the end of 1899.
        assert!(matches!(day, Data::DateTime(day) if (day.as_f64() - 45_351.0).abs() < 0.5), "{day:?}");
        assert_eq!(row[column("addresses.latitude")], Data::Float(52.5));
        assert_eq!(row[column("isPlaceholder")], Data::Bool(false));
        assert_eq!(row[column("version")], Data::Float(1.0));
        assert_eq!(row[column("name")], Data::String("=Lang".into()), "a text, whatever it looks like");
        let mut parts = rows.iter().filter_map(|row| match &row[column("description")] {
            Data::String(text) if text.contains("⟦vervolg 2 / continued⟧") => Some(text.matches('a').count()),
            _ => None,
        });
        let first = parts.next().expect("the first part");
        assert!(parts.next().is_some_and(|second| first + second == 40_000), "it goes on in the next row");
        let files = unpacked(&reply);
        let sheet = String::from_utf8_lossy(&files["xl/worksheets/sheet1.xml"]).into_owned();
        for part in ["<pane ySplit=\"1\"", "state=\"frozen\"", "<autoFilter ref=\"A1:", "<hyperlink "] {
            assert!(sheet.contains(part), "{part}");
        }
        let links = String::from_utf8_lossy(&files["xl/worksheets/_rels/sheet1.xml.rels"]).into_owned();
        assert!(links.contains("https://www.example.nl/lang"), "{links}");
        let again = server.get("/organisations?format=xlsx").send().expect(200);
        assert_eq!(reply.body, again.body, "the same tag is the same file");
        let some = self::sheet(&server.get("/organisations?format=xlsx&limit=3&fields=name,kind").send().expect(200));
        assert_eq!(some.len(), 4);
        assert_eq!(some[0][..3], [Data::String("name".into()), Data::String("kind".into()), Data::String("kindLabel".into())]);
    }

    fn all_that_a_search_finds_can_be_had_as_rows(server: &Server) {
        const MANY: usize = 1_030;
        let all: Vec<Value> = (0..MANY)
            .map(|nth| project(&format!("p-{nth}"), json!({ "summary": format!("Jeugdhulp {}.", nth % 5) })))
            .collect();
        import(server, "", &all).assert_applied();
        let hidden = project("verborgen", json!({ "summary": "Jeugdhulp.", "visibility": "restricted" }));
        import(server, "", &[hidden]).assert_applied();
        after(server, newest(server), "/search");
        let expected = crawl(server, "/search?q=jeugdhulp&sort=name&limit=100", "id");
        assert_eq!(expected.len(), MANY);
        let path = |format: &str| format!("/search?q=jeugdhulp&sort=name&format={format}");
        let csv = server.get(&path("csv")).send().expect(200);
        assert_eq!(csv.header("schakel-position"), Some((newest(server)).to_string().as_str()));
        let (header, rows) = table(&csv.body);
        assert_eq!(header, ["type", "id", "slug", "name", "summary", "matchedIn"]);
        let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str()).collect();
        assert!(ids == expected, "the CSV has other hits, or another order");
        assert_eq!((rows[0]["type"].as_str(), rows[0]["matchedIn"].as_str()), ("projects", "summary"));
        let lines = server.get(&path("ndjson")).send().expect(200).text();
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("a hit")).collect();
        assert_eq!(lines.len(), MANY);
        let page = read(server, "/search?q=jeugdhulp&sort=name&limit=100");
        assert_eq!(lines[..100], items(&page)[..]);
        let cells = sheet(&server.get(&path("xlsx")).send().expect(200));
        let ids: Vec<String> = cells[1..].iter().map(|row| row[1].to_string()).collect();
        assert!(ids == expected, "the workbook has other hits, or another order");
        // Someone with the right finds one more.
        assert_eq!(table(&with_key(server, &path("csv")).body).1.len(), MANY + 1);
        // With a limit it is a page like any other.
        let first = server.get(&format!("{}&limit=30", path("csv"))).send().expect(200);
        assert_eq!(table(&first.body).1.len(), 30);
        let link = first.header("link").expect("a Link header");
        let next = link.split('<').find(|part| part.contains("rel=\"next\"")).expect("a next page");
        let next = next.split('>').next().unwrap_or_default();
        let second = table(&server.get(next).send().expect(200).body).1;
        assert_eq!(second[0]["id"], expected[30]);
        for parameter in ["facets=type", "explain=true"] {
            let request = server.get(&format!("{}&{parameter}", path("csv"))).key(server.admin_key());
            request.send().problem(400, "invalid-input");
        }
    }

    with(["--demo"], [])
    fn the_register_comes_as_a_package_that_holds_together(server: &Server) {
        put(server, "/organisations/verborgen", &json!({ "name": "Verborgen", "kind": "other", "visibility": "restricted" }));
        put(server, "/projects/plan", &json!({
            "name": "Plan", "kind": "pilot", "participants": [
                { "organisation": "verborgen", "role": "partner" }, { "organisation": "gemeente-elburg", "role": "lead" },
            ],
        }));
        let public = server.get("/exports/register").send().expect(200);
        assert_eq!(public.header("content-type"), Some("application/zip"));
        assert_eq!(public.header("schakel-position"), Some(newest(server).to_string().as_str()));
        let text = |files: &BTreeMap<String, Vec<u8>>, name: &str| String::from_utf8(files[name].clone()).expect("UTF-8");
        let files = unpacked(&public);
        for (name, bytes) in &files {
            let told = String::from_utf8_lossy(bytes).to_lowercase();
            assert!(!told.contains("verborgen"), "{name} tells of what is hidden");
        }
        assert_whole(&files);
        let readme = text(&files, "README.md");
        for part in ["CC0-1.0", &format!("positie {}", newest(server)), "| `data/projects.csv` | 6 |"] {
            assert!(readme.contains(part), "{part}: {readme}");
        }
        let package: Value = serde_json::from_slice(&files["datapackage.json"]).expect("JSON");
        assert_eq!((&package["schakel:public"], &package["licenses"][0]["name"]), (&json!(true), &json!("CC0-1.0")));
        for collection in COLLECTIONS {
            let rows = table(&files[&format!("data/{collection}.csv")]).1;
            let ids: BTreeSet<String> = rows.iter().map(|row| row["id"].clone()).collect();
            let listed: BTreeSet<String> = crawl(server, &format!("/{collection}?limit=100"), "id").into_iter().collect();
            assert_eq!(ids, listed, "{collection}");
        }
        let files = unpacked(&with_key(server, "/exports/register"));
        assert_whole(&files);
        assert!(text(&files, "data/organisations.csv").contains("Verborgen"));
        assert!(text(&files, "data/projects-participants.csv").contains("Verborgen"));
        let package: Value = serde_json::from_slice(&files["datapackage.json"]).expect("JSON");
        assert_eq!(package["schakel:public"], false);
        // Its lines are an export that another register takes, and gives again.
        let exported = server.schakel(&["export"]).stdout;
        assert_eq!(text(&files, "documents.ndjson"), String::from_utf8(exported).expect("UTF-8"));
        let empty = Server::start_with(server.backend(), &[], &[]);
        let lines = empty.post("/imports").header("content-type", "application/x-ndjson");
        told(&lines.key(empty.admin_key()).bytes(&files["documents.ndjson"]).send()).assert_applied();
        let again = unpacked(&with_key(&empty, "/exports/register"));
        for (name, bytes) in files.iter().filter(|(name, _)| name.starts_with('d') && *name != "datapackage.json") {
            assert!(again[name] == *bytes, "{name} is another");
        }
        // The same from the command line.
        let file = server.folder().join("register.zip");
        let file = file.display().to_string();
        let output = server.schakel(&["export", &file, "--format", "package", "--public"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let bytes = std::fs::read(&file).expect("the file");
        assert!(zip::ZipArchive::new(Cursor::new(bytes)).is_ok_and(|zip| zip.len() == files.len()));
    }
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// How many documents an administrator sees in a collection.
fn crawl_all(server: &Server, collection: &str) -> usize {
    let lines = with_key(server, &format!("/{collection}?format=ndjson&fields=id"));
    lines.text().lines().count()
}

/// Checks that a package holds what it says: each table with its columns and rows, keys that are
/// unique, references that lead somewhere.
#[track_caller]
fn assert_whole(files: &BTreeMap<String, Vec<u8>>) {
    let package: Value = serde_json::from_slice(&files["datapackage.json"]).expect("JSON");
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut tables = Vec::new();
    for resource in package["resources"].as_array().expect("tables") {
        let (name, bytes) = (text(resource, "name"), &files[&text(resource, "path")]);
        assert_eq!(resource["bytes"], bytes.len(), "{name}");
        let (header, rows) = table(bytes);
        let fields = resource["schema"]["fields"].as_array().expect("fields");
        let fields: Vec<String> = fields.iter().map(|field| text(field, "name")).collect();
        assert_eq!(header, fields, "{name}");
        assert_eq!(resource["schakel:count"], rows.len(), "{name}");
        if resource["schema"]["primaryKey"] == json!(["id"]) {
            let own: BTreeSet<String> = rows.iter().map(|row| row["id"].clone()).collect();
            assert_eq!(own.len(), rows.len(), "{name}");
            ids.insert(name.clone(), own);
        }
        tables.push((name, resource, rows));
    }
    assert_eq!(ids.len(), COLLECTIONS.len());
    // The texts about it, and the documents as they are, are no tables.
    assert_eq!(files.len(), tables.len() + 3);
    let mut followed = 0;
    for (name, resource, rows) in &tables {
        for key in resource["schema"]["foreignKeys"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let to = text(&key["reference"], "resource");
            let from = key["fields"][0].as_str().expect("a column");
            for row in rows.iter().filter(|row| !row[from].is_empty()) {
                assert!(
                    ids[&to].contains(&row[from]),
                    "{name}: {from} leads nowhere: {row:?}"
                );
                followed += 1;
            }
        }
    }
    assert!(followed > 100, "only {followed} references");
}
