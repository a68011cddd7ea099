//! `PostgreSQL` stops and starts while requests run.

use super::traffic::{Refusal, Traffic};
use crate::support::{Backend, PrivateCluster, Server};

const REFUSALS: [Refusal; 1] = [(503, "unavailable")];

#[test]
fn while_postgresql_is_away_requests_are_refused_and_then_served_again() {
    let mut cluster = PrivateCluster::start();
    let server = Server::start_on(Backend::Postgres, &cluster.url, &[]);
    let health = |path: &str| server.get(&server.outside(path)).send();
    Traffic::run(&server, &REFUSALS, |traffic| {
        let stops = [
            PrivateCluster::stop_fast,
            PrivateCluster::stop_immediately,
            PrivateCluster::stop_immediately,
        ];
        for stop in stops {
            traffic.wait_until_all_are_served();
            stop(&mut cluster);
            traffic.wait_until_all_are_refused();
            health("/health/live").expect(200);
            let reply = health("/health/ready");
            reply.problem(503, "unavailable");
            assert!(reply.header("retry-after").is_some(), "{reply}");
            cluster.start_again();
        }
        traffic.wait_until_all_are_served();
        health("/health/ready").expect(200);
    });
}

/// A service manager starts it again; until then its reason stands in the log.
#[test]
fn a_start_without_postgresql_ends_with_one_and_a_reason() {
    let mut cluster = PrivateCluster::start();
    let server = Server::start_on(Backend::Postgres, &cluster.url, &[]);
    cluster.stop_fast();
    let output = server.schakel(&["serve"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let reason = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(reason.contains("database is unavailable"), "{reason}");
}
