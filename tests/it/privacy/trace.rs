//! An erased person is nowhere any more: not in the files or tables of the database, nor in
//! anything that is made of them, the search index among it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use serde_json::{Value, json};

use super::{erase, path, slug_of_stub};
use crate::builders::{create, patch, read};
use crate::given::{plain, put};
use crate::search;
use crate::support::{Backend, Client, Reply, Server, items, text};

/// What would betray the person, in small letters: names, slugs, codes, addresses and numbers in
/// each of their spellings.
const SIGNS: [&str; 8] = [
    "zwaluwstaart",
    "xanthippe",
    "vogelaarster",
    "zeldzaam.mens",
    "207654321",
    "020 765 43 21",
    "kwikstaart",
    "roodborst",
];

/// The signs that stand in bytes.
fn signs_in(bytes: &[u8]) -> Vec<&'static str> {
    let bytes = bytes.to_ascii_lowercase();
    let there = |sign: &&str| {
        bytes
            .windows(sign.len())
            .any(|part| part == sign.as_bytes())
    };
    SIGNS.into_iter().filter(there).collect()
}

/// The files of a folder that hold signs, with those. The service puts files in the place of others meanwhile: when one
/// is gone before it was read, all are read again, as its signs may stand in another by then.
fn signs_in_folder(folder: &Path) -> Vec<String> {
    loop {
        match read_signs(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && folder.exists() => {}
            found => return found.expect("the files can be read"),
        }
    }
}

fn read_signs(folder: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.path();
        if file.is_dir() {
            found.extend(read_signs(&file)?);
            continue;
        }
        let signs = signs_in(&fs::read(&file)?);
        if !signs.is_empty() {
            found.push(format!("{}: {signs:?}", file.display()));
        }
    }
    Ok(found)
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The tables that hold signs in any column, the statistics of the planner among them.
fn signs_in_tables(url: &str) -> Vec<String> {
    let mut db = PgConnection::establish(url).expect("the database");
    let all = "SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'
        UNION ALL SELECT 'pg_stats'";
    let tables: Vec<Name> = sql_query(all).load(&mut db).expect("the tables");
    assert!(tables.len() > 20, "only {} tables", tables.len());
    let mut found = Vec::new();
    for table in tables.iter().map(|row| &row.name) {
        for sign in SIGNS {
            let ask = format!(
                "SELECT count(*) AS count FROM {table} WHERE {table}::text ILIKE '%{sign}%'"
            );
            let rows: Count = sql_query(ask).get_result(&mut db).expect("a count");
            if rows.count > 0 {
                found.push(format!("{table}: {sign}"));
            }
        }
    }
    found
}

/// Where signs stand in what the database keeps, and in a backup that is made now.
fn signs_in_database(server: &Server) -> Vec<String> {
    match server.backend {
        Backend::Sqlite => {
            let mut found = signs_in_folder(server.folder());
            let copy = tempfile::tempdir().expect("a folder");
            let file = server.database_url.trim_start_matches("sqlite://");
            let mut db = SqliteConnection::establish(file).expect("the database");
            let backup = format!("VACUUM INTO '{}'", copy.path().join("backup.db").display());
            sql_query(backup).execute(&mut db).expect("a backup");
            found.extend(signs_in_folder(copy.path()));
            found
        }
        Backend::Postgres => {
            let mut found = signs_in_folder(server.folder());
            found.extend(signs_in_tables(&server.database_url));
            // Where the programs of PostgreSQL are not in the path there is no backup to look at.
            if let Ok(dump) = Command::new("pg_dump").arg(&server.database_url).output() {
                assert!(
                    dump.status.success(),
                    "{}",
                    String::from_utf8_lossy(&dump.stderr)
                );
                found.extend(
                    signs_in(&dump.stdout)
                        .iter()
                        .map(|sign| format!("the dump: {sign}")),
                );
            }
            found
        }
    }
}

/// Runs a statement beside the service.
fn execute(server: &Server, statement: &str) {
    match server.backend {
        Backend::Sqlite => {
            let file = server.database_url.trim_start_matches("sqlite://");
            let mut db = SqliteConnection::establish(file).expect("the database");
            sql_query("PRAGMA busy_timeout = 5000")
                .execute(&mut db)
                .expect("patience");
            sql_query(statement).execute(&mut db).expect("it is run");
        }
        Backend::Postgres => {
            let mut db = PgConnection::establish(&server.database_url).expect("the database");
            sql_query(statement).execute(&mut db).expect("it is run");
        }
    }
}

/// Every answer in which a person may be, as an administrator gets it.
fn answers(server: &Server, person: &Value) -> Vec<Reply> {
    let key = server.admin_key();
    let mut asks: Vec<String> = Vec::new();
    for collection in ["people", "projects", "organisations", "regions", "themes"] {
        for form in ["json", "csv", "ndjson"] {
            asks.push(format!("/{collection}?format={form}"));
        }
    }
    for place in ["", "/history", "/dossier", "/versions/1", "/versions/2"] {
        asks.push(format!("{}{place}", path(person)));
    }
    for view in [
        "/changes?limit=100&include=document",
        "/organisations/bureau/people",
        "/regions/noord/people",
        "/projects/samen/team",
        "/projects/samen/versions/1",
        "/projects/samen/history",
        "/projects?include=team",
        "/regions?include=people",
        "/organisations?include=people",
        "/organisations/bureau/versions/1",
    ] {
        asks.push(view.to_owned());
    }
    asks.iter()
        .map(|ask| server.get(ask).key(key).send().expect(200))
        .collect()
}

both! {
    with([], [("PROCESSING_LOG", "processing.jsonl")])
    fn nothing_is_left_of_an_erased_person_anywhere(server: &mut Server) {
        let key = server.admin_key().to_owned();
        plain(server, "bureau");
        put(server, "/regions/noord", &json!({
            "name": "Noord", "kind": "other", "partners": [{ "organisation": "bureau", "role": "other" }],
        }));
        let contacts = json!([
            { "kind": "email", "value": "zeldzaam.mens@spoor.example", "visibility": "public" },
            { "kind": "phone", "value": "020 765 43 21", "label": "Xanthippe thuis" },
        ]);
        let role = json!({
            "organisation": "bureau", "region": "noord", "title": "Vogelaarster", "kind": "member", "topic": "Vogelaarster",
            "area": "Kwikstaart", "durationText": "Kwikstaart", "isContact": true, "contacts": contacts,
        });
        let body = json!({
            "name": { "given": "Xanthippe", "prefix": "van", "family": "Zwaluwstaart", "honorific": "dr." },
            "summary": "Vogelaarster.", "biography": "Xanthippe Zwaluwstaart. ".repeat(400), "publicationBasis": "consent",
            "identifiers": [{ "scheme": "own", "value": "kwikstaart-7" }], "contacts": contacts, "roles": [role, role],
            "sources": [{ "title": "Zwaluwstaart", "quote": "Bel Xanthippe op 020 765 43 21." }],
        });
        let post = |server: &Server, path: &str, body: &Value| {
            let request = server.post(path).key(&key).header("idempotency-key", path);
            request.json(body).send().expect(201).json()
        };
        let bird = post(server, "/people", &body);
        let place = path(&bird);
        // Many versions beside many others: the pages of the database are split and filled again.
        for nth in 0..30 {
            let text = "Zwaluwstaart en de vogelaarster. ".repeat(nth * 13 % 200 + 1);
            patch(server, &key, &place, &json!({ "biography": text, "slug": format!("zwaluwstaart-{nth}") }));
            let other = json!({ "name": { "family": format!("Ander {nth}") }, "biography": "Iets. ".repeat(nth * 17 % 300 + 1) });
            create(server, &key, "/people", &other);
        }
        let participants = json!([
            { "person": bird["id"], "role": "lead" },
            { "organisation": "bureau", "role": "signatory", "representedBy": bird["id"] },
        ]);
        post(server, "/projects", &json!({ "name": "Samen", "kind": "project", "participants": participants }));
        for nth in 0..10 {
            patch(server, &key, "/projects/samen", &json!({ "summary": format!("Versie {nth}") }));
        }
        patch(server, &key, &place, &json!({ "name": { "family": "Roodborst-Zwaluwstaart" }, "slug": "roodborst" }));
        // A double that went into this one. It is deleted, and its tombstone made what a merge leaves.
        let double = json!({ "name": { "family": "Roodborst" }, "identifiers": [{ "scheme": "own", "value": "roodborst-8" }] });
        let double = create(server, &key, "/people", &double);
        server.delete(&path(&double)).key(&key).send().expect(204);
        let (from, into) = (text(&double, "id"), text(&bird, "id"));
        execute(server, &format!("UPDATE tombstones SET into_id = '{into}' WHERE id = '{from}'"));
        server.get("/people/roodborst-2").key(&key).send().problem(308, "moved");

        if server.backend == Backend::Postgres {
            execute(server, "ANALYZE");
            let seen = signs_in_tables(&server.database_url);
            assert!(seen.iter().any(|found| found.starts_with("pg_stats")), "the planner has samples: {seen:?}");
        }
        let before = answers(server, &bird);
        assert!(before.iter().filter(|reply| !signs_in(&reply.body).is_empty()).count() > 15, "the signs are seen where they are");
        assert!(!signs_in_database(server).is_empty(), "the signs are found where they are");
        let index = server.folder().join("index");
        assert!(!signs_in_folder(&index).is_empty(), "and so they are in the files of the search index");

        let reply = server.post(&format!("{place}/erasure")).key(&key).send().expect(200);
        assert_eq!(signs_in(&reply.body), Vec::<&str>::new(), "{reply}");
        // Cleaning the files may take longer than the answer waits.
        let patience = Instant::now() + Duration::from_mins(1);
        let mut left = signs_in_database(server);
        while !left.is_empty() && Instant::now() < patience {
            thread::sleep(Duration::from_millis(200));
            left = signs_in_database(server);
        }
        assert_eq!(left, Vec::<String>::new());
        for reply in answers(server, &bird) {
            assert_eq!(signs_in(&reply.body), Vec::<&str>::new(), "{reply}");
        }
        for (path, body) in [
            ("/people", body),
            ("/projects", json!({ "name": "Samen", "kind": "project", "participants": participants })),
        ] {
            let again = server.post(path).key(&key).header("idempotency-key", path).json(&body).send().expect(201);
            assert_eq!(signs_in(&again.body), Vec::<&str>::new(), "{again}");
            assert!(again.header("location").is_some_and(|place| signs_in(place.as_bytes()).is_empty()), "{again}");
        }
        for name in ["roodborst", "zwaluwstaart-3", "xanthippe-van-zwaluwstaart", "roodborst-2", "own:kwikstaart-7", "own:roodborst-8"] {
            server.get(&format!("/people/{name}")).key(&key).send().problem(404, "not-found");
        }
        let merged = server.get(&path(&double)).key(&key).send();
        merged.problem(308, "moved");
        assert!(merged.header("location").is_some_and(|place| place.ends_with(&slug_of_stub(&bird))), "{merged}");
        assert_eq!(read(server, &key, &place)["isErased"], true);
        assert!(items(&read(server, &key, "/people?limit=100")).len() > 30, "the others are still there");

        server.stop();
        assert_eq!(signs_in(server.log().as_bytes()), Vec::<&str>::new(), "the log of the service");
        assert_eq!(signs_in_folder(server.folder()), Vec::<String>::new(), "after the service stopped");
        let log = fs::read_to_string(server.folder().join("processing.jsonl")).expect("the processing log");
        assert!(log.contains("\"erase\"") && !log.contains(&into), "{log}");
    }

    fn nothing_is_left_after_the_retention_command_or_a_deletion(server: &Server) {
        let key = server.admin_key();
        for (name, until) in [("Zwaluwstaart", "2001-01-01"), ("Kwikstaart", "2999-01-01")] {
            let text = format!("{name} is vogelaarster. ").repeat(300);
            let body = json!({ "name": { "family": name, "given": "Xanthippe" }, "retainUntil": until, "biography": text });
            create(server, key, "/people", &body);
        }
        let output = server.schakel(&["people", "expire"]);
        assert!(output.status.success());
        let left = |sign: &str| signs_in_database(server).iter().any(|found| found.contains(sign));
        // The search index follows a moment later.
        let patience = Instant::now() + Duration::from_mins(1);
        while left("zwaluwstaart") {
            assert!(Instant::now() < patience, "{:?}", signs_in_database(server));
            thread::sleep(Duration::from_millis(200));
        }
        assert!(left("kwikstaart"));
        server.delete("/people/xanthippe-kwikstaart").key(key).send().expect(204);
        let patience = Instant::now() + Duration::from_mins(1);
        while left("vogelaarster") {
            assert!(Instant::now() < patience, "{:?}", signs_in_database(server));
            thread::sleep(Duration::from_millis(200));
        }
        assert!(left("kwikstaart"), "the address still tells that it was deleted");
        server.post("/people/xanthippe-kwikstaart/erasure").key(key).send().expect(204);
        let patience = Instant::now() + Duration::from_mins(1);
        while !signs_in_database(server).is_empty() {
            assert!(Instant::now() < patience, "{:?}", signs_in_database(server));
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn a_kill_right_after_an_erasure_only_delays_the_cleaning_of_the_search_index(server: &mut Server) {
        let key = server.admin_key().to_owned();
        let index = server.folder().join("index");
        for round in 0..10 {
            let person = super::person(server, "Zwaluwstaart", &json!({ "biography": "Vogelaarster. ".repeat(20) }));
            for nth in 0..4 {
                patch(server, &key, &path(&person), &json!({ "summary": format!("Kwikstaart {nth}") }));
                super::person(server, &format!("Ander {round} {nth}"), &json!({}));
            }
            search::after(server, search::newest(server), "/search");
            assert!(!signs_in_folder(&index).is_empty(), "the signs are found where they are");
            // At another moment each time: before it is done, while the index follows, and after that.
            let client = Client::clone(server);
            thread::scope(|scope| {
                let erasure = client.post(&format!("{}/erasure", path(&person))).key(&key);
                scope.spawn(move || erasure.try_send().map(|reply| reply.expect(200)).is_ok());
                thread::sleep(Duration::from_millis(20 + 15 * round));
                server.kill9();
            });
            server.restart();
            if read(server, &key, &path(&person))["isErased"] != true {
                erase(server, &person);
            }
            let patience = Instant::now() + Duration::from_mins(1);
            while !signs_in_folder(&index).is_empty() {
                assert!(Instant::now() < patience, "{:?}", signs_in_folder(&index));
                thread::sleep(Duration::from_millis(100));
            }
        }
    }

    fn a_reader_that_holds_the_log_of_the_database_only_delays_the_cleaning(server: &Server) {
        let person = super::person(server, "Zwaluwstaart", &json!({ "biography": "Vogelaarster. ".repeat(1000) }));
        if server.backend == Backend::Postgres {
            erase(server, &person);
            return;
        }
        let file = server.database_url.trim_start_matches("sqlite://");
        let mut reader = SqliteConnection::establish(file).expect("the database");
        sql_query("BEGIN").execute(&mut reader).expect("a transaction");
        let _: Count = sql_query("SELECT count(*) AS count FROM people").get_result(&mut reader).expect("a snapshot");
        let began = Instant::now();
        erase(server, &person);
        assert!(began.elapsed() < Duration::from_secs(30), "the answer does not wait for readers for ever");
        sql_query("COMMIT").execute(&mut reader).expect("the end");
        let patience = Instant::now() + Duration::from_mins(1);
        while !signs_in_folder(server.folder()).is_empty() {
            assert!(Instant::now() < patience, "{:?}", signs_in_folder(server.folder()));
            thread::sleep(Duration::from_millis(200));
        }
    }
}
