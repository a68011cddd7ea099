//! The program as a service manager and an administrator meet it: start, stop, exit codes.

use crate::support::{Backend, Server};

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
