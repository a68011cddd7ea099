//! Sixteen writers at once: no update is lost, and the change feed tells the whole truth in order.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Barrier,
    thread,
};

use serde_json::{Value, json};

use crate::{
    builders::{COLLECTIONS, least},
    support::{Client, Server, assert_feed_equals_reads, items, text},
};

const WRITERS: usize = 16;
/// The rounds of each writer; in each it makes every kind of write once, and in five it has written
/// to each collection.
const ROUNDS: usize = 10;
/// Few documents that all share, so that the writers do meet.
const SHARED: usize = 4;

both! {
    fn sixteen_writers_lose_no_update_and_the_feed_is_whole(server: &Server) {
        let key = server.admin_key();
        let client: &Client = server;
        let counters = create_each("organisations", SHARED, client, key, |n| {
            json!({ "name": format!("Counter {n}"), "kind": "other", "summary": "0" })
        });
        let partners = create_each("organisations", WRITERS, client, key, |n| {
            json!({ "name": format!("Partner {n}"), "kind": "other" })
        });
        let regions = create_each("regions", SHARED, client, key, |n| {
            let own = partners.iter().skip(n).step_by(SHARED);
            let partners: Vec<Value> = own
                .map(|id| json!({ "organisation": id, "role": "other" }))
                .collect();
            json!({ "name": format!("Region {n}"), "kind": "other", "partners": partners })
        });
        let projects = create_each("projects", SHARED, client, key, |n| {
            let own = partners.iter().skip(n).step_by(SHARED);
            let participants: Vec<Value> = own
                .map(|id| json!({ "organisation": id, "role": "partner" }))
                .collect();
            let regions = [&regions[n]];
            json!({ "name": format!("Project {n}"), "kind": "project", "regions": regions, "participants": participants })
        });

        let start = Barrier::new(WRITERS);
        let writers: Vec<Writer> = thread::scope(|scope| {
            let started: Vec<_> = (0..WRITERS)
                .map(|number| {
                    let (start, counters) = (&start, &counters);
                    let (regions, projects) = (&regions, &projects);
                    let partner = &partners[number];
                    scope.spawn(move || {
                        let mut writer = Writer::new(client, key, number);
                        start.wait();
                        for round in 0..ROUNDS {
                            // Not all at the same document at the same time, but all at each.
                            let shared = (number + round) % SHARED;
                            writer.create_and_delete(round);
                            writer.increment(&counters[shared]);
                            writer.describe(&counters[shared], round);
                            writer.rename_partner(partner, round);
                            // One of them each round: two of every collection would be slow.
                            if round % 2 == 0 {
                                writer.summarise("regions", &regions[shared], round);
                            } else {
                                writer.summarise("projects", &projects[shared], round);
                            }
                            writer.increment(&counters[(shared + 1) % SHARED]);
                        }
                        writer
                    })
                })
                .collect();
            started.into_iter().map(|writer| writer.join().unwrap()).collect()
        });

        for writer in &writers {
            let (number, made) = (writer.number, writer.acknowledged.len());
            assert!(made >= 7 * ROUNDS, "writer {number} made only {made} writes");
        }
        let conflicts: usize = writers.iter().map(|writer| writer.conflicts).sum();
        assert!(conflicts > 0, "the writers never met: this run proves nothing");

        let increments: Vec<&String> = writers.iter().flat_map(|w| &w.increments).collect();
        assert_eq!(increments.len(), WRITERS * ROUNDS * 2);
        for id in &counters {
            let expected = increments.iter().filter(|counter| **counter == id).count();
            let counter = client.get(&format!("/organisations/{id}")).key(key).send().expect(200);
            assert_eq!(text(&counter.json(), "summary"), expected.to_string(), "{id}");
        }

        let feed = assert_feed_equals_reads(client, key);
        let mut seen = BTreeSet::new();
        for (id, version) in writers.iter().flat_map(|writer| &writer.acknowledged) {
            assert!(seen.insert((id, version)), "two writes made version {version} of {id}");
            assert!(feed.versions[id].contains(version), "the feed lacks {version} of {id}");
        }
        for (collection, deleted) in writers.iter().flat_map(|writer| &writer.deleted) {
            assert!(!feed.documents.contains_key(deleted), "{deleted} is still there");
            client.get(&format!("/{collection}/{deleted}")).key(key).send().expect(410);
        }
        assert_partners_are_shown(&feed.documents, &regions, "partners");
        assert_partners_are_shown(&feed.documents, &projects, "participants");
    }

    fn sixteen_upserts_of_one_identifier_make_one_document(server: &Server) {
        let key = server.admin_key();
        let start = Barrier::new(WRITERS);
        let replies: Vec<(u16, Value)> = thread::scope(|scope| {
            let started: Vec<_> = (0..WRITERS)
                .map(|_| {
                    scope.spawn(|| {
                        let body = json!({
                            "name": "One",
                            "kind": "other",
                            "identifiers": [{ "scheme": "upsert-test", "value": "one" }],
                        });
                        start.wait();
                        let put = server.put("/organisations/upsert-test:one").key(key);
                        let reply = put.json(&body).send();
                        (reply.status, reply.json())
                    })
                })
                .collect();
            started.into_iter().map(|put| put.join().unwrap()).collect()
        });
        let with = |wanted: u16| replies.iter().filter(|(status, _)| *status == wanted).count();
        assert_eq!((with(201), with(200)), (1, WRITERS - 1), "{replies:?}");
        for (_, document) in &replies {
            assert_eq!(document, &replies[0].1, "all are the same version of the same document");
        }
        let list = server.get("/organisations").key(key).send().expect(200).json();
        assert_eq!(items(&list).len(), 1);
    }
}

/// One of the threads that write, and what the server acknowledged to it.
struct Writer<'a> {
    client: &'a Client,
    key: &'a str,
    number: usize,
    /// Id and version of each accepted write but the deletions.
    acknowledged: Vec<(String, i64)>,
    /// The counter of each accepted increment.
    increments: Vec<String>,
    /// With their collections.
    deleted: Vec<(&'static str, String)>,
    /// How often another was first.
    conflicts: usize,
}

impl<'a> Writer<'a> {
    fn new(client: &'a Client, key: &'a str, number: usize) -> Self {
        Self {
            client,
            key,
            number,
            acknowledged: Vec::new(),
            increments: Vec::new(),
            deleted: Vec::new(),
            conflicts: 0,
        }
    }

    /// Creates two documents and deletes one of them, each round in another collection.
    fn create_and_delete(&mut self, round: usize) {
        let collection = COLLECTIONS[(self.number + round) % COLLECTIONS.len()];
        for fate in ["kept", "deleted"] {
            let name = format!("Document {} {round} {fate}", self.number);
            let body = least(collection, &name);
            let document = create(collection, &body, self.client, self.key);
            let id = self.acknowledge(&document);
            if fate == "deleted" {
                let url = format!("/{collection}/{id}");
                self.client.delete(&url).key(self.key).send().expect(204);
                self.deleted.push((collection, id));
            }
        }
    }

    /// Reads a number and writes the next one, only if nobody wrote in between.
    fn increment(&mut self, id: &str) {
        let url = format!("/organisations/{id}");
        loop {
            let read = self.client.get(&url).key(self.key).send().expect(200);
            let etag = read.header("etag").expect("a document has an ETag");
            let before = read.json();
            let number: u32 = text(&before, "summary").parse().expect("a number");
            let reply = self
                .client
                .patch(&url)
                .key(self.key)
                .header("if-match", etag)
                .json(&json!({ "summary": (number + 1).to_string() }))
                .send();
            if reply.status == 412 {
                self.conflicts += 1;
                continue;
            }
            let after = reply.expect(200).json();
            let version = before["version"].as_i64().expect("a version");
            assert_eq!(
                after["version"],
                version + 1,
                "If-Match let a write in between"
            );
            let counter = self.acknowledge(&after);
            self.increments.push(counter);
            return;
        }
    }

    /// Writes beside the number, without If-Match: this may not undo an increment.
    fn describe(&mut self, counter: &str, round: usize) {
        let text = format!("By {} in round {round}", self.number);
        self.patch("organisations", counter, &json!({ "description": text }));
    }

    /// Renames what a region and a project show, so that they get a new version in the same
    /// transaction.
    fn rename_partner(&mut self, partner: &str, round: usize) {
        let name = format!("Partner {} in round {round}", self.number);
        self.patch("organisations", partner, &json!({ "name": name }));
    }

    fn summarise(&mut self, collection: &str, id: &str, round: usize) {
        let text = format!("By {} in round {round}", self.number);
        self.patch(collection, id, &json!({ "summary": text }));
    }

    fn patch(&mut self, collection: &str, id: &str, body: &Value) {
        let request = self.client.patch(&format!("/{collection}/{id}"));
        let reply = request.key(self.key).json(body).send().expect(200);
        self.acknowledge(&reply.json());
    }

    fn acknowledge(&mut self, document: &Value) -> String {
        let id = text(document, "id");
        let version = document["version"].as_i64().expect("a version");
        self.acknowledged.push((id.clone(), version));
        id
    }
}

fn create(collection: &str, body: &Value, client: &Client, key: &str) -> Value {
    let request = client.post(&format!("/{collection}")).key(key);
    request.json(body).send().expect(201).json()
}

/// Creates `count` documents and gives their ids.
fn create_each(
    collection: &str,
    count: usize,
    client: &Client,
    key: &str,
    body: impl Fn(usize) -> Value,
) -> Vec<String> {
    (0..count)
        .map(|n| text(&create(collection, &body(n), client, key), "id"))
        .collect()
}

/// Each of these documents shows its partners by the names that they have in the end.
fn assert_partners_are_shown(documents: &BTreeMap<String, Value>, ids: &[String], rows: &str) {
    for id in ids {
        let partners = documents[id][rows].as_array().expect("rows");
        assert_eq!(partners.len(), WRITERS / SHARED);
        for partner in partners {
            let shown = &partner["organisation"];
            assert_eq!(shown["name"], documents[&text(shown, "id")]["name"]);
        }
    }
}
