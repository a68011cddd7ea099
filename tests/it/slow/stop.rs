//! A stop among slow callers: what is under way may end, and nobody can hold it up for ever.

use std::{
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use super::{
    LARGE, PATIENCE, address,
    clients::{Slow, go_on},
    many_large,
};
use crate::support::Server;

const REST: &[u8] = br#"{"name": "Under way", "kind": "other"}"#;

both! {
    fn a_stop_lets_a_request_end_and_waits_for_no_slow_caller(server: &mut Server) {
        many_large(server);
        let (address, key) = (address(server), server.admin_key().to_owned());
        let under_way = Slow::unfinished(&address, &key, REST.len());
        let mut clients = vec![under_way];
        for _ in 0..20 {
            clients.push(Slow::idle(&address));
            clients.push(Slow::headers(&address));
            clients.push(Slow::body(&address, &key, false));
            clients.push(Slow::reader(&address, LARGE));
        }
        // So that the server has met all of them.
        server.get("/regions").send().expect(200);
        thread::scope(|scope| {
            // It fails unless the server ends with 0, in the time that the harness gives it.
            let stopping = scope.spawn(|| server.stop());
            let deadline = Instant::now() + PATIENCE;
            while TcpStream::connect(&address).is_ok() {
                assert!(Instant::now() < deadline, "it goes on taking connections");
                thread::sleep(Duration::from_millis(10));
            }
            clients[0].send(REST);
            let answered = |all: &[Slow]| all[0].received().contains("\r\n\r\n{");
            assert!(go_on(&mut clients, PATIENCE, answered), "{:?}", clients[0].received());
            let answer = clients[0].received();
            assert!(answer.starts_with("HTTP/1.1 201 "), "{answer:?}");
            go_on(&mut clients, PATIENCE, |_| stopping.is_finished());
        });
        server.restart();
        server.get("/organisations/under-way").send().expect(200);
    }
}
