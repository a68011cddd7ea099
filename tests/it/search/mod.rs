//! Search, asked over HTTP: what is found and in which order, what is suggested, and that the index
//! is in step with the register whatever happens to it.

mod asking;
mod crash;
mod facets;
mod following;
mod gone;
mod keeping;
mod lists;
mod marks;
mod pages;
mod relevance;
mod similar;
mod spelling;
mod suggesting;
mod warm;

use serde_json::Value;

use crate::support::{Client, Reply, Server, items, text};

/// A text as it stands in a query.
fn encoded(text: &str) -> String {
    use std::fmt::Write;
    let mut all = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            all.push(char::from(byte));
        } else {
            write!(all, "%{byte:02X}").expect("a String takes all");
        }
    }
    all
}

/// The position of the change log that a write told.
#[track_caller]
fn position(reply: &Reply) -> i64 {
    let position = reply.header("schakel-position").unwrap_or_default();
    match position.parse() {
        Ok(position) => position,
        Err(error) => panic!("no Schakel-Position ({error}): {reply}"),
    }
}

/// What anyone gets for a search, once the index has a position of the change log.
///
/// A search waits a second for that; a slow machine may need some of those.
#[track_caller]
pub(crate) fn after(client: &Client, position: i64, path: &str) -> Value {
    after_as(client, None, position, path)
}

/// The same for the holder of a key.
#[track_caller]
fn after_as(client: &Client, key: Option<&str>, position: i64, path: &str) -> Value {
    let mark = if path.contains('?') { '&' } else { '?' };
    let path = format!("{path}{mark}after={position}");
    for _ in 0..30 {
        let request = client.get(&path);
        let reply = match key {
            Some(key) => request.key(key).send(),
            None => request.send(),
        };
        if reply.status != 503 {
            return reply.expect(200).json();
        }
    }
    panic!("the index does not come to {position}");
}

/// The last position of the change log.
#[track_caller]
pub(crate) fn newest(server: &Server) -> i64 {
    let mut last = 0;
    loop {
        let cursor = match last {
            0 => String::new(),
            seen => format!("&cursor={seen}"),
        };
        let page = server.get(&format!("/changes?limit=100{cursor}"));
        let page = page.key(server.admin_key()).send().expect(200).json();
        match items(&page).last() {
            Some(line) => last = line["seq"].as_i64().expect("a number"),
            None => return last,
        }
    }
}

/// Checks, once the index has all that was written, that it is what one built from nothing would be.
#[track_caller]
fn assert_index_equal(server: &Server) {
    after(server, newest(server), "/search?limit=1");
    let output = server.schakel(&["index", "check"]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && told.contains(" 0 missing, 0 too many, 0 different"),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The slugs of what was found, in order.
#[track_caller]
fn slugs(page: &Value) -> Vec<String> {
    items(page).iter().map(|hit| text(hit, "slug")).collect()
}
