//! What the tests on reading begin with, in few words: documents, lists, and the faults of a
//! problem.

use std::{collections::BTreeSet, thread};

use serde_json::{Value, json};

use crate::support::{Client, Server, items, text};

/// How far the change log is.
#[track_caller]
pub(crate) fn position(server: &Server) -> i64 {
    let figures = server
        .get(&server.outside("/metrics"))
        .send()
        .expect(200)
        .text();
    let mut lines = figures.lines();
    let figure = lines.find_map(|line| line.strip_prefix("schakel_changes_position "));
    figure.expect("the position").parse().expect("a number")
}

/// Makes or replaces a document by its path, as an administrator, and gives it as it is then.
#[track_caller]
pub(crate) fn put(server: &Server, path: &str, body: &Value) -> Value {
    let reply = server.put(path).key(server.admin_key()).json(body).send();
    assert!(matches!(reply.status, 200 | 201), "not written: {reply}");
    reply.json()
}

/// Changes a document, as an administrator, and gives it as it is then.
#[track_caller]
pub(crate) fn patch(server: &Server, path: &str, body: &Value) -> Value {
    let request = server.patch(path).key(server.admin_key()).json(body);
    request.send().expect(200).json()
}

#[track_caller]
pub(crate) fn delete(server: &Server, path: &str) {
    let key = server.admin_key();
    server.delete(path).key(key).send().expect(204);
}

/// Makes an organisation without anything special, with the slug as its name.
#[track_caller]
pub(crate) fn plain(server: &Server, slug: &str) -> Value {
    let body = json!({ "name": slug, "kind": "other" });
    put(server, &format!("/organisations/{slug}"), &body)
}

/// Makes many organisations from several threads at once.
pub(crate) fn many(server: &Server, count: usize, body: impl Fn(usize) -> Value + Sync) {
    const THREADS: usize = 8;
    let (client, key): (&Client, &str) = (server, server.admin_key());
    let body = &body;
    thread::scope(|scope| {
        for first in 0..THREADS {
            scope.spawn(move || {
                for nth in (first..count).step_by(THREADS) {
                    let request = client.post("/organisations").key(key);
                    request.json(&body(nth)).send().expect(201);
                }
            });
        }
    });
}

/// What anyone reads.
#[track_caller]
pub(crate) fn read(client: &Client, path: &str) -> Value {
    client.get(path).send().expect(200).json()
}

/// A member of each item of a page.
#[track_caller]
pub(crate) fn each(page: &Value, member: &str) -> Vec<String> {
    items(page).iter().map(|item| text(item, member)).collect()
}

/// A member of each document of a list, over all its pages, which hold what `limit` says and are
/// full but for the last.
#[track_caller]
pub(crate) fn crawl(client: &Client, path: &str, member: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut next = Some(path.to_owned());
    let mut size = None;
    while let Some(url) = next {
        let page = read(client, &url);
        let part = each(&page, member);
        next = page["next"].as_str().map(str::to_owned);
        let full = *size.get_or_insert(part.len());
        assert!(
            part.len() == full || next.is_none(),
            "a page is not full: {url}"
        );
        assert!(
            !part.is_empty() || all.is_empty(),
            "an empty page at the end: {url}"
        );
        all.extend(part);
    }
    all
}

/// The faults of a problem: where, and which.
#[track_caller]
pub(crate) fn faults(problem: &Value) -> BTreeSet<(String, String)> {
    let errors = problem["errors"].as_array().expect("errors");
    errors
        .iter()
        .map(|error| (text(error, "location"), text(error, "code")))
        .collect()
}

/// The same, written down in a test.
pub(crate) fn set<const N: usize>(faults: [(&str, &str); N]) -> BTreeSet<(String, String)> {
    faults.map(|(at, code)| (at.into(), code.into())).into()
}
