//! Who is too slow is told so, and loses the connection.

use std::time::Instant;

use serde_json::Value;

use super::{
    LARGE, LIVE, PATIENCE, address,
    clients::{Slow, go_on},
    many_large,
};
use crate::{
    builders::organisation,
    support::{Reply, Request, Server},
};

both! {
    fn headers_that_do_not_end_are_cut_off(server: &Server) {
        let address = address(server);
        let mut clients: Vec<_> = (0..20).map(|_| Slow::headers(&address)).collect();
        let ended = go_on(&mut clients, PATIENCE, |all| all.iter().all(Slow::is_ended));
        assert!(ended, "some connections are still open");
        for client in &clients {
            assert_told(&client.received());
        }
    }

    fn connections_on_which_nothing_comes_are_cut_off(server: &Server) {
        let address = address(server);
        let mut clients: Vec<_> = (0..20).map(|_| Slow::idle(&address)).collect();
        // Half of them have been of use before.
        for client in &mut clients[..10] {
            client.send(LIVE);
        }
        let ended = go_on(&mut clients, PATIENCE, |all| all.iter().all(Slow::is_ended));
        assert!(ended, "some connections are still open");
    }

    fn bodies_that_do_not_end_are_cut_off(server: &Server) {
        let (address, key) = (address(server), server.admin_key());
        let mut clients: Vec<_> = (0..20).map(|nth| Slow::body(&address, key, nth % 2 == 0)).collect();
        let told = |client: &Slow| client.received().contains("\r\n\r\n{");
        let all_told = go_on(&mut clients, PATIENCE, |all| all.iter().all(told));
        assert!(all_told, "no answer, or one without a problem: {:?}", clients[0].received());
        for client in &clients {
            assert_told(&client.received());
        }
        let ended = go_on(&mut clients, PATIENCE, |all| all.iter().all(Slow::is_ended));
        assert!(ended, "some connections are still open");
    }

    fn readers_that_read_nothing_are_cut_off(server: &Server) {
        many_large(server);
        let address = address(server);
        let mut clients: Vec<_> = (0..20).map(|_| Slow::reader(&address, LARGE)).collect();
        let ended = go_on(&mut clients, PATIENCE, |all| all.iter().all(Slow::is_ended));
        assert!(ended, "some connections are still open");
    }

    with([], [("DATABASE_CONNECTIONS", "1")])
    fn readers_that_read_nothing_hold_no_connection_to_the_database(server: &Server) {
        many_large(server);
        let (address, key) = (address(server), server.admin_key());
        let _clients: Vec<_> = (0..10).map(|_| Slow::reader(&address, LARGE)).collect();
        // Until the buffers of the system are full they do get answers, and all stand in one queue.
        // Each on a connection of its own: an idle one may end just when it is used again.
        let alone = |request: Request| request.header("connection", "close").send();
        until_served(|| alone(server.get("/organisations?limit=100")));
        for nth in 0..20 {
            until_served(|| alone(server.get("/organisations?limit=2")));
            let body = organisation(&format!("Beside {nth}"));
            until_served(|| alone(server.post("/organisations").key(key).json(&body)));
        }
    }
}

/// Repeats a request for as long as the server is too busy.
#[track_caller]
fn until_served(request: impl Fn() -> Reply) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let reply = request();
        if matches!(reply.status, 200 | 201) {
            return;
        }
        reply.problem(503, "unavailable");
        assert!(
            Instant::now() < deadline,
            "readers hold the connection: {reply}"
        );
    }
}

/// Checks that an answer is a 408 with a problem that says what happened.
#[track_caller]
fn assert_told(answer: &str) {
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer:?}");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert!(
        head.to_ascii_lowercase()
            .contains("content-type: application/problem+json"),
        "{head}"
    );
    let problem: Value = serde_json::from_str(body).expect("a problem");
    assert_eq!(problem["status"], 408, "{problem}");
    let kind = problem["type"].as_str().unwrap_or_default();
    assert!(kind.ends_with("#timed-out"), "{problem}");
}
