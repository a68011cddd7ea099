//! `kill -9` in a stream of writes: what was acknowledged is there afterwards, and nothing is half
//! there.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{Client, Documents, Server, assert_feed_equals_reads, text};

pub(crate) const WRITERS: usize = 4;
/// What each of them writes; organisations twice, so that writers of one collection meet as well.
pub(crate) const KINDS: [Kind; WRITERS] = [
    ("organisations", content),
    ("projects", project),
    ("people", person),
    ("organisations", content),
];
const KILLS: usize = 4;

/// A collection, and what a document of a name holds in a version.
pub(crate) type Kind = (&'static str, fn(&str, i64) -> Value);

both! {
    fn after_a_kill_each_acknowledged_write_is_there_and_none_is_half_there(server: &mut Server) {
        let key = server.admin_key().to_owned();
        let mut acknowledged = BTreeMap::new();
        for round in 0..KILLS {
            let client = Client::clone(server);
            let (key, done) = (&key, &AtomicUsize::new(0));
            // Another moment in the stream each time.
            let enough = 60 + 17 * round;
            thread::scope(|scope| {
                let writers: Vec<_> = (0..WRITERS)
                    .map(|number| {
                        let (client, name) = (&client, format!("Crash {round} {number}"));
                        let kind = KINDS[number];
                        scope.spawn(move || write_until_killed(client, key, kind, &name, done))
                    })
                    .collect();
                while done.load(Ordering::Relaxed) < enough
                    && !writers.iter().any(thread::ScopedJoinHandle::is_finished)
                {
                    thread::sleep(Duration::from_micros(200));
                }
                server.kill9();
                for writer in writers {
                    acknowledged.extend(writer.join().unwrap());
                }
            });
            let done = done.load(Ordering::Relaxed);
            assert!(done >= enough, "the server ended before the kill, after {done} writes");
            server.restart();
            assert_nothing_lost_or_halved(server, key, &acknowledged);
        }
    }
}

/// Creates documents and patches each some times; gives the last acknowledged version of each.
///
/// It ends with the first request that gets no whole answer. A refusal fails the test.
pub(crate) fn write_until_killed(
    client: &Client,
    key: &str,
    (collection, content): Kind,
    name: &str,
    done: &AtomicUsize,
) -> BTreeMap<String, i64> {
    let mut acknowledged = BTreeMap::new();
    for number in 0.. {
        let name = format!("{name} {number}");
        let mut url = format!("/{collection}");
        for version in 1..=4 {
            let (request, status) = match version {
                1 => (client.post(&url), 201),
                _ => (client.patch(&url), 200),
            };
            let Ok(reply) = request.key(key).json(&content(&name, version)).try_send() else {
                return acknowledged;
            };
            let document = reply.expect(status).json();
            assert_eq!(
                document["version"], version,
                "the only writer of {document}"
            );
            let id = text(&document, "id");
            url = format!("/{collection}/{id}");
            acknowledged.insert(id, version);
            done.fetch_add(1, Ordering::Relaxed);
        }
    }
    acknowledged
}

/// An organisation whose every child list tells the version, by content and where it can by length.
///
/// A document that mixes two of these is half written.
pub(crate) fn content(name: &str, version: i64) -> Value {
    let each = |make: &dyn Fn(i64) -> Value| (0..=version).map(make).collect::<Vec<_>>();
    let address = |kind: &str| json!({ "kind": kind, "street": format!("Straat {version}"), "city": "Zwolle" });
    json!({
        "name": name,
        "kind": "other",
        "summary": version.to_string(),
        "alternativeNames": each(&|n| format!("{name}, version {version}, {n}").into()),
        "identifiers": each(&|n| {
            let value = format!("{name}.{version}.{n}").replace(' ', "-");
            json!({ "scheme": "crash-test", "value": value })
        }),
        "addresses": [address("visiting"), address("postal")],
        "contacts": each(&|n| {
            json!({ "kind": "email", "value": format!("v{version}-{n}@example.org") })
        }),
        "serviceArea": { "postcodes": each(&|n| format!("80{version}{n}").into()) },
        "sources": each(&|n| json!({ "title": format!("Source {n} of version {version}") })),
    })
}

/// A project whose every child list tells the version.
fn project(name: &str, version: i64) -> Value {
    let each = |make: &dyn Fn(i64) -> Value| (0..=version).map(make).collect::<Vec<_>>();
    let text = |n: i64| format!("{n} of version {version}");
    json!({
        "name": name, "kind": "pilot", "summary": version.to_string(),
        "alternativeNames": each(&|n| format!("{name}, {}", text(n)).into()),
        "participants": each(&|n| json!({ "partyClass": text(n), "role": "partner" })),
        "focusPoints": each(&|n| json!({ "kind": "goal", "title": text(n) })),
        "milestones": each(&|n| json!({ "kind": "start", "title": text(n), "focusPoint": text(n) })),
        "sources": each(&|n| json!({ "title": text(n) })),
    })
}

/// A person whose every child list tells the version.
fn person(name: &str, version: i64) -> Value {
    let each = |make: &dyn Fn(i64) -> Value| (0..=version).map(make).collect::<Vec<_>>();
    let text = |n: i64| format!("{n} of version {version}");
    let reach =
        |n: i64| json!([{ "kind": "email", "value": format!("v{version}-{n}@example.org") }]);
    json!({
        "name": { "family": name }, "summary": version.to_string(),
        "contacts": each(&|n| reach(n)[0].clone()),
        "roles": each(&|n| json!({ "title": text(n), "kind": "member", "area": text(n), "contacts": reach(n) })),
        "sources": each(&|n| json!({ "title": text(n) })),
    })
}

/// Checks the register against what it acknowledged, the last version of each document, and gives
/// the documents that it has.
pub(crate) fn assert_nothing_lost_or_halved(
    client: &Client,
    key: &str,
    acknowledged: &BTreeMap<String, i64>,
) -> Documents {
    let feed = assert_feed_equals_reads(client, key);
    for (id, version) in acknowledged {
        let found = feed.documents.get(id).map(|found| &found["version"]);
        let found = found.and_then(Value::as_i64);
        // One more may be there: a write that was committed and whose answer the kill cut off.
        assert!(
            found == Some(*version) || found == Some(version + 1),
            "version {version} of {id} was acknowledged, there is {found:?}"
        );
    }
    for (id, document) in &feed.documents {
        let version = document["version"].as_i64().expect("a version");
        assert_eq!(feed.versions[id].len(), usize::try_from(version).unwrap());
        let content = if document["participants"].is_array() {
            project(&text(document, "name"), version)
        } else if document["roles"].is_array() {
            person(&text(&document["name"], "family"), version)
        } else {
            content(&text(document, "name"), version)
        };
        assert!(holds(document, &content), "half of {content} in {document}");
    }
    feed.documents
}

/// Whether a document has all that was given. The server may add members, not rows.
fn holds(document: &Value, given: &Value) -> bool {
    match (document, given) {
        (Value::Object(document), Value::Object(given)) => given
            .iter()
            .all(|(name, given)| document.get(name).is_some_and(|has| holds(has, given))),
        (Value::Array(document), Value::Array(given)) => {
            document.len() == given.len()
                && document
                    .iter()
                    .zip(given)
                    .all(|(has, given)| holds(has, given))
        }
        _ => document == given,
    }
}
