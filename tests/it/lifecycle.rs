//! The program as a service manager and an administrator meet it: start, stop, exit codes.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};

use crate::support::{Backend, Server};

/// Does something to the database behind the server's back.
fn run_sql(server: &Server, sql: &str) {
    let url = &server.database_url;
    match server.backend {
        Backend::Sqlite => {
            let path = url.strip_prefix("sqlite://").unwrap();
            let mut db = SqliteConnection::establish(path).unwrap();
            // The server may be writing: what it does after its start has no end that a test sees.
            db.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
            db.batch_execute(sql).unwrap();
        }
        Backend::Postgres => PgConnection::establish(url)
            .unwrap()
            .batch_execute(sql)
            .unwrap(),
    }
}

both! {
    fn a_server_answers_stops_when_asked_and_starts_again(server: &mut Server) {
        let scheme = match server.backend {
            Backend::Sqlite => "sqlite://",
            Backend::Postgres => "postgres://",
        };
        assert!(server.database_url.starts_with(scheme));
        let key = server.admin_key().to_owned();
        for _ in 0..2 {
            server.get(&server.outside("/health/live")).send().expect(200);
            server.get(&server.outside("/health/ready")).send().expect(200);
            // A key is a row in the database: it opens the same doors after the restart.
            server.get("/keys").key(&key).send().expect(200);
            server.restart();
        }
    }

    with(["--demo"], [])
    fn a_failure_inside_tells_the_caller_its_id_and_the_log_its_cause_once(server: &Server) {
        server.expect_errors();
        run_sql(server, "DROP TABLE region_networks");
        let reply = server.get("/regions/noord-veluwe").header("x-request-id", "abc-1").send();
        let problem = reply.problem(500, "internal");
        assert_eq!(problem["instance"], "urn:request:abc-1");
        assert!(!reply.text().contains("region_networks"), "{reply}");
        // The log is read as it comes, a little after the answer.
        let noted = || server.log().matches("region_networks").count();
        for _ in 0..100 {
            if noted() > 0 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        assert_eq!(noted(), 1, "{}", server.log());
        // What does not need the table goes on.
        server.get("/organisations/berseba").send().expect(200);
    }

    fn a_database_of_a_newer_version_is_refused_with_a_reason(server: &Server) {
        run_sql(
            server,
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')",
        );
        let output = server.schakel(&["migrate"]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let reason = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(reason.contains("newer version"), "{reason}");
    }

    fn migrating_a_migrated_database_succeeds(server: &Server) {
        let output = server.schakel(&["migrate"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }

    fn wrong_usage_ends_with_two_and_a_reason(server: &Server) {
        for args in [&["keys", "create"][..], &["no-such-command"]] {
            let output = server.schakel(args);
            assert_eq!(output.status.code(), Some(2), "{args:?}: {output:?}");
            assert!(!output.stderr.is_empty(), "{args:?} gives no reason");
        }
    }

    fn a_failure_ends_with_one_and_a_reason(server: &Server) {
        let args = ["keys", "create", "--name", "x", "--role", "editor", "--steward", "nobody"];
        let output = server.schakel(&args);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stdout.is_empty(), "no key is made: {output:?}");
        assert!(!output.stderr.is_empty(), "it gives no reason");
    }
}

#[test]
fn two_servers_share_nothing() {
    let (one, other) = (
        Server::start(Backend::Sqlite),
        Server::start(Backend::Sqlite),
    );
    assert_ne!(one.database_url, other.database_url);
    other.get("/keys").key(other.admin_key()).send().expect(200);
    other.get("/keys").key(one.admin_key()).send().expect(401);
}
