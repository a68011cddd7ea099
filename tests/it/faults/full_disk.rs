//! The disk is full while requests run: writing is refused, reading goes on, and nothing is broken
//! when there is room again.

use std::{thread, time::Instant};

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::Text,
};

use super::traffic::{Refusal, Traffic};
use crate::given::position;
use crate::imports::{circle, raw};
use crate::support::{Backend, Faults, PrivateCluster, Server};

/// Which of the two it is, the databases do not always tell.
const REFUSALS: [Refusal; 2] = [(507, "storage-full"), (503, "unavailable")];

/// Runs a test on a disk of its own, and looks at the file that it leaves.
fn on_sqlite(test: fn(&Server, &Faults)) {
    let folder = tempfile::tempdir().expect("a folder");
    let faults = Faults::new(folder.path());
    let path = folder.path().join("schakel.db").display().to_string();
    let environment = faults.environment();
    let environment = environment
        .each_ref()
        .map(|(name, value)| (&**name, &**value));
    let server = Server::start_on(Backend::Sqlite, &format!("sqlite://{path}"), &environment);
    test(&server, &faults);
    drop(server);
    assert_sound(&path);
}

fn on_postgresql(test: fn(&Server, &Faults)) {
    let cluster = PrivateCluster::start();
    let server = Server::start_on(Backend::Postgres, &cluster.url, &[]);
    test(&server, &cluster.faults);
}

#[test]
fn on_a_full_disk_sqlite_refuses_writes_and_goes_on_reading() {
    on_sqlite(fill_and_free);
}

#[test]
fn on_a_full_disk_postgresql_refuses_writes_and_goes_on_reading() {
    on_postgresql(fill_and_free);
}

#[test]
fn an_import_into_a_full_sqlite_disk_is_taken_back_as_a_whole() {
    on_sqlite(import_and_fill);
}

#[test]
fn an_import_into_a_full_postgresql_disk_is_taken_back_as_a_whole() {
    on_postgresql(import_and_fill);
}

/// Fills the disk at random moments of imports.
fn import_and_fill(server: &Server, faults: &Faults) {
    const DOCUMENTS: usize = 300;
    server.expect_errors();
    let send = |round: u64| {
        let body = circle(DOCUMENTS, round);
        let request = raw(server, "", body.as_bytes()).key(server.admin_key());
        // What cannot be written down cannot be answered either: the connection may end.
        request
            .try_send()
            .is_ok_and(|reply| reply.status == 200 && reply.text().contains("\"applied\":true"))
    };
    let began = Instant::now();
    assert!(send(0), "there is room");
    let whole = began.elapsed();
    let mut random = fastrand::Rng::with_seed(7);
    let mut refused = 0;
    for round in 1..=6 {
        let before = position(server);
        let applied = thread::scope(|scope| {
            let sending = scope.spawn(|| send(round));
            thread::sleep(whole.mul_f64(random.f64()));
            faults.fill_disk();
            let applied = sending.join().expect("the client does not panic");
            faults.free_disk();
            applied
        });
        let written = position(server) - before;
        assert!(written == 0 || written == 300, "{written} of {DOCUMENTS}");
        assert!(written > 0 || !applied, "what was acknowledged is lost");
        refused += u32::from(written == 0);
        // What was not done can be done again, as if nothing had been.
        assert!(send(round + 100), "there is room again");
    }
    assert!(
        refused > 0,
        "each import was done before the disk was full: the test proves nothing"
    );
}

fn fill_and_free(server: &Server, faults: &Faults) {
    // An operator must know of a full disk.
    server.expect_errors();
    // Its first use is noted in the database, which is not possible then; it must work all the same.
    let unused = server.key("reader", None);
    Traffic::run(server, &REFUSALS, |traffic| {
        for _ in 0..2 {
            traffic.wait_until_all_are_served();
            faults.fill_disk();
            traffic.wait_until_writers_are_refused();
            traffic.wait_until_readers_are_served();
            server.get("/organisations").key(&unused).send().expect(200);
            server
                .get(&server.outside("/health/live"))
                .send()
                .expect(200);
            server
                .get(&server.outside("/health/ready"))
                .send()
                .expect(200);
            faults.free_disk();
        }
        traffic.wait_until_all_are_served();
        assert!(!traffic.was_a_reader_refused(), "reading takes no room");
    });
    assert!(server.log().contains("no room left"), "{}", server.log());
}

/// Asks `SQLite` whether each page and each index of the file is what it should be.
fn assert_sound(path: &str) {
    #[derive(QueryableByName)]
    struct Finding {
        #[diesel(sql_type = Text)]
        integrity_check: String,
    }
    let mut file = SqliteConnection::establish(path).expect("the database");
    let findings: Vec<Finding> = sql_query("PRAGMA integrity_check").load(&mut file).unwrap();
    let findings: Vec<_> = findings
        .into_iter()
        .map(|found| found.integrity_check)
        .collect();
    assert_eq!(findings, ["ok"]);
}
