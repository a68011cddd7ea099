//! The disk is full while requests run: writing is refused, reading goes on, and nothing is broken
//! when there is room again.

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::Text,
};

use super::traffic::{Refusal, Traffic};
use crate::support::{Backend, Faults, PrivateCluster, Server};

/// Which of the two it is, the databases do not always tell.
const REFUSALS: [Refusal; 2] = [(507, "storage-full"), (503, "unavailable")];

#[test]
fn on_a_full_disk_sqlite_refuses_writes_and_goes_on_reading() {
    let folder = tempfile::tempdir().expect("a folder");
    let faults = Faults::new(folder.path());
    let path = folder.path().join("schakel.db").display().to_string();
    let environment = faults.environment();
    let environment = environment
        .each_ref()
        .map(|(name, value)| (&**name, &**value));
    let server = Server::start_on(Backend::Sqlite, &format!("sqlite://{path}"), &environment);
    fill_and_free(&server, &faults);
    drop(server);
    assert_sound(&path);
}

#[test]
fn on_a_full_disk_postgresql_refuses_writes_and_goes_on_reading() {
    let cluster = PrivateCluster::start();
    let server = Server::start_on(Backend::Postgres, &cluster.url, &[]);
    fill_and_free(&server, &cluster.faults);
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
