//! Keys that do not work: expired, revoked, unknown, or wrong in one place. All get the same
//! answer, because which it is tells only someone who should not know.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Client, Reply, Request, Server, operations};

both! {
    with(["--demo"], [])
    fn a_key_that_does_not_work_gets_the_same_answer_from_every_operation(server: &Server) {
        let keys = [("expired", expired(server)), ("revoked", revoked(server)), ("mangled", mangled(server))];
        for operation in operations(server) {
            let ask = |key: &str| {
                let request = server.request(operation.method.clone(), &operation.path()).key(key);
                let body = operation.least_body();
                body.iter().fold(request, Request::json).send()
            };
            let unknown = told(&ask(&unknown()));
            // The document of the API is for anyone, whatever key the caller has.
            let open = operation.template.starts_with("/openapi.");
            assert_eq!(unknown.0, if open { 200 } else { 401 }, "{}", operation.name());
            for (what, key) in &keys {
                assert_eq!(told(&ask(key)), unknown, "{} with a key that is {what}", operation.name());
            }
        }
    }

    fn a_key_that_is_wrong_in_any_place_is_as_good_as_unknown(server: &Server) {
        let key = server.admin_key();
        let mut wrong = vec![unknown(), expired(server), revoked(server)];
        for (at, old) in key.char_indices() {
            let upper = old.to_ascii_uppercase();
            let others = ['0', 'f', 'g', '_', ' ', upper].into_iter().filter(|new| *new != old);
            for new in others {
                // A space at the end is none of the key.
                if at + 1 < key.len() || new != ' ' {
                    wrong.push(format!("{}{new}{}", &key[..at], &key[at + 1..]));
                }
            }
            wrong.push(key[..at].to_owned());
            wrong.push(key[at + 1..].to_owned());
            wrong.push(format!("{}{old}{old}{}", &key[..at], &key[at + 1..]));
        }
        for (before, after) in [("", "0"), ("0", ""), ("", "_"), ("", key), ("", ","), ("\"", "\""), ("", " x")] {
            wrong.push(format!("{before}{key}{after}"));
        }
        wrong.push(key.to_uppercase());
        wrong.push(key.chars().rev().collect());
        let first = told(&ask(server, &wrong[0]));
        for key in &wrong {
            let reply = ask(server, key);
            reply.problem(401, "key-required");
            assert_eq!(told(&reply), first, "{key:?}");
        }
        ask(server, key).expect(200);
        let log = server.log();
        let secret = key.rsplit('_').next().unwrap_or_default();
        assert!(!log.contains(secret), "keys never stand in a log");
    }

    fn a_key_stops_working_when_it_is_revoked_and_not_before(server: &Server) {
        let made = make(server, &json!({ "name": "k", "role": "admin" }));
        let [key, id] = ["key", "id"].map(|member| made[member].as_str().unwrap_or_default().to_owned());
        let other = make(server, &json!({ "name": "k", "role": "admin", "expiresOn": "2999-12-31" }));
        let other = other["key"].as_str().unwrap_or_default().to_owned();
        ask(server, &key).expect(200);
        server.delete(&format!("/keys/{id}")).key(&key).send().expect(204);
        ask(server, &key).problem(401, "key-required");
        server.delete(&format!("/keys/{id}")).key(&key).send().problem(401, "key-required");
        ask(server, &other).expect(200);
    }
}

/// What only an administrator may see.
fn ask(client: &Client, key: &str) -> Reply {
    client.get("/keys").key(key).send()
}

/// All that an answer tells, but for what is of the one request, or depends on whether the rest of
/// it had come when it was refused.
fn told(reply: &Reply) -> (u16, BTreeMap<String, String>, Value) {
    let own = ["connection", "date", "x-request-id"];
    let headers = reply
        .headers
        .iter()
        .filter(|(name, _)| !own.contains(&name.as_str()));
    let headers = headers
        .map(|(name, value)| (name.to_string(), format!("{value:?}")))
        .collect();
    let mut body: Value =
        serde_json::from_slice(&reply.body).unwrap_or_else(|_| reply.text().into());
    body.as_object_mut()
        .map(|members| members.remove("instance"));
    (reply.status, headers, body)
}

/// Makes a key as an administrator.
#[track_caller]
fn make(server: &Server, body: &Value) -> Value {
    let request = server.post("/keys").key(server.admin_key()).json(body);
    request.send().expect(201).json()
}

/// A key whose last day was long ago.
fn expired(server: &Server) -> String {
    let args = [
        "keys",
        "create",
        "--name",
        "old",
        "--role",
        "admin",
        "--expires",
        "2020-01-01",
    ];
    let output = server.schakel(&args);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn revoked(server: &Server) -> String {
    let key = server.key("admin", None);
    let id = key.split('_').nth(1).unwrap_or_default();
    assert!(server.schakel(&["keys", "revoke", id]).status.success());
    key
}

/// A key of the right form that nobody ever had.
fn unknown() -> String {
    format!("schakel_{}_{}", "1".repeat(16), "1".repeat(64))
}

/// The administrator's key with another last character.
fn mangled(server: &Server) -> String {
    let mut key = server.admin_key().to_owned();
    let last = if key.pop() == Some('0') { '1' } else { '0' };
    key.push(last);
    key
}
