//! Two thousand connections and two hundred slow callers at once.

use std::process::Command;

use super::{
    LARGE, LIVE, PATIENCE, address,
    clients::{Slow, go_on},
    many_large, open_all,
};
use crate::support::{Backend, Server};

const IDLE: usize = 2_000;

/// How many send their request, or read their answer, too slowly.
const SLOW: usize = 200;

/// What the server may use in memory, in kB: twice what it was seen to use.
const MEMORY: u64 = 256_000;

/// Systems give a program 1,024 open files unless it asks for more, as the server must.
#[test]
fn two_thousand_idle_connections_leave_requests_answered() {
    allow_many_files();
    let server = Server::start_after("ulimit -Sn 1024", Backend::Sqlite, &[]);
    let address = address(&server);
    let mut idle = open_all(&address, IDLE, |_| Slow::idle(&address));
    for _ in 0..50 {
        let request = server.get("/regions").header("connection", "close");
        request.send().expect(200);
    }
    // They are connections to the server, not merely to the queue of the system before it.
    for client in &mut idle {
        client.send(LIVE);
    }
    let all = go_on(&mut idle, PATIENCE, |all| all.iter().all(Slow::is_answered));
    assert!(all, "some connections are not answered");
    for client in &idle {
        let answer = client.received();
        // On a machine that needs more than ten seconds for this, the time for headers is over.
        let expected = ["HTTP/1.1 200 ", "HTTP/1.1 408 "]
            .iter()
            .any(|line| answer.starts_with(line));
        assert!(expected, "{answer:?}");
    }
}

both! {
    fn a_crowd_of_slow_callers_leaves_requests_answered_and_memory_bounded(server: &Server) {
        allow_many_files();
        many_large(server);
        let (address, key) = (address(server), server.admin_key());
        let slow = |nth: usize| match nth % 4 {
            0 => Slow::headers(&address),
            1 => Slow::body(&address, key, false),
            // Lists are work, and here it is slowness that is tested.
            2 if nth.is_multiple_of(5) => Slow::reader(&address, LARGE),
            _ => Slow::reader(&address, "/api/v1/openapi.json"),
        };
        let mut crowd = open_all(&address, SLOW, slow);
        crowd.extend(open_all(&address, IDLE, |_| Slow::idle(&address)));
        // Each time on a new connection, as an ordinary caller comes.
        let ask = || server.get("/organisations?limit=2").header("connection", "close").send();
        // At first the readers do get answers, until the buffers of the system are full.
        go_on(&mut crowd, PATIENCE, |_| ask().status == 200);
        let (mut asked, mut most) = (0, 0);
        go_on(&mut crowd, PATIENCE / 3, |all| {
            ask().expect(200);
            most = most.max(memory(server.pid().expect("it runs")));
            asked += 1;
            all.iter().all(Slow::is_ended)
        });
        assert!(asked > 10, "the crowd was gone at once: this run proves nothing");
        assert!(most < MEMORY, "the server used {most} kB");
    }
}

/// Lets this process open the files that the crowd takes, beside those of the other tests.
fn allow_many_files() {
    let limit = rlimit::increase_nofile_limit(16_384).expect("the limit of open files is known");
    assert!(
        limit >= 8_192,
        "this test opens thousands of connections; allow more open files: \
         `ulimit -Hn` says {limit}, 8192 will do"
    );
}

/// What a process has in memory, in kB.
fn memory(pid: u32) -> u64 {
    let output = Command::new("ps")
        .args(["-o", "rss=", "-p", &pid.to_string()])
        .output();
    let text = String::from_utf8(output.expect("ps runs").stdout).expect("a number");
    text.trim().parse().expect("a number")
}
