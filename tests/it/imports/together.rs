//! Several imports at once, and callers who hang up.

use std::{io::Write as _, net::TcpStream, thread, time::Duration};

use serde_json::{Value, json};

use super::{import, position, project};
use crate::support::{Client, Server, items};

const CLIENTS: usize = 8;

both! {
    fn imports_of_the_same_documents_at_once_end_as_if_one_came_after_the_other(server: &Server) {
        // Each has the middle ones in common with the others, in another order.
        let file = |client: usize| -> Vec<Value> {
            let mut slugs: Vec<String> = (0..12).map(|nth| format!("samen-{nth}")).collect();
            slugs.rotate_left(client);
            slugs.push(format!("eigen-{client}"));
            let refers = |to: usize| json!([{"project": format!("eigen-{to}"), "kind": "related"}]);
            slugs.iter().map(|slug| project(slug, json!({"summary": format!("Van {client}."), "related": if slug.starts_with("samen") { refers(client) } else { json!([]) }}))).collect()
        };
        let key = server.admin_key();
        thread::scope(|scope| {
            for client in 0..CLIENTS {
                scope.spawn(move || {
                    for _ in 0..2 {
                        import(server, "", &file(client)).assert_applied();
                    }
                });
            }
        });
        let all = server.get("/projects?limit=100").key(key).send().expect(200).json();
        assert_eq!(items(&all).len(), 12 + CLIENTS);
        let shared: Vec<&Value> = items(&all).iter().filter(|one| one["slug"].as_str().unwrap().starts_with("samen")).collect();
        for one in &shared {
            assert_eq!(one["summary"], shared[0]["summary"], "the last one wrote all of them");
        }
        let summary = shared[0]["summary"].as_str().unwrap();
        let last = summary.trim_start_matches("Van ").trim_end_matches('.');
        assert!(shared.iter().all(|one| one["related"][0]["project"]["slug"] == format!("eigen-{last}")));
    }

    fn a_caller_who_hangs_up_leaves_nothing_behind(server: &Server) {
        let before = position(server);
        let documents: Vec<String> = (0..3_000).map(|nth| project(&format!("p-{nth}"), json!({})).to_string()).collect();
        let body = documents.join("\n");
        let head = format!(
            "POST /api/v1/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/x-ndjson\r\nContent-Length: {}\r\n\r\n",
            server.admin_key(), body.len()
        );
        let connect = || TcpStream::connect(Client::clone(server).address()).expect("a connection");
        // In the middle of the file.
        let mut socket = connect();
        socket.write_all(head.as_bytes()).and_then(|()| socket.write_all(&body.as_bytes()[..body.len() / 2])).expect("half is sent");
        drop(socket);
        // After it, while it is imported.
        let mut socket = connect();
        socket.write_all(head.as_bytes()).and_then(|()| socket.write_all(body.as_bytes())).expect("all is sent");
        drop(socket);
        // The next writer waits for its turn behind it.
        thread::sleep(Duration::from_secs(1));
        import(server, "", &[project("erna", json!({}))]).assert_applied();
        assert_eq!(position(server), before + 1);
    }
}
