//! Several nodes start at once on an empty database: one makes the schema, all serve.

use std::{path::Path, sync::Barrier, thread};

use crate::{
    builders::{create, organisation},
    given::crawl,
    support::{Backend, Client, Database, Server, assert_feed_equals_reads, text},
};

/// One more than the issue of two, because they then meet in more ways.
const NODES: usize = 3;

/// A meeting is a matter of luck, so it is tried some times.
const ROUNDS: usize = 5;

#[test]
fn nodes_that_start_at_once_on_an_empty_sqlite_file_all_serve() {
    for _ in 0..ROUNDS {
        let folder = tempfile::tempdir().expect("a folder");
        let path: &Path = &folder.path().join("schakel.db");
        start_and_use(Backend::Sqlite, &format!("sqlite://{}", path.display()));
    }
}

#[test]
fn nodes_that_start_at_once_on_an_empty_postgresql_database_all_serve() {
    for _ in 0..ROUNDS {
        let database = Database::empty();
        start_and_use(Backend::Postgres, &database.url);
    }
}

fn start_and_use(backend: Backend, url: &str) {
    let together = Barrier::new(NODES);
    let nodes: Vec<Server> = thread::scope(|scope| {
        let starting: Vec<_> = (0..NODES)
            .map(|_| {
                scope.spawn(|| {
                    together.wait();
                    Server::start_on(backend, url, &[])
                })
            })
            .collect();
        starting
            .into_iter()
            .map(|node| node.join().unwrap())
            .collect()
    });
    let key = nodes[0].admin_key();
    // All write at once into the one log of changes.
    thread::scope(|scope| {
        for (number, node) in nodes.iter().enumerate() {
            scope.spawn(move || {
                for nth in 0..10 {
                    let client: &Client = node;
                    let body = organisation(&format!("Node {number} document {nth}"));
                    create(client, key, "/organisations", &body);
                }
            });
        }
    });
    for node in &nodes {
        let feed = assert_feed_equals_reads(node, key);
        assert_eq!(feed.documents.len(), NODES * 10);
    }
    assert_cursors_lead_on_elsewhere(&nodes);
}

/// The secret that makes cursors is the database's: a page of one node leads to the next of another.
fn assert_cursors_lead_on_elsewhere(nodes: &[Server]) {
    let whole = crawl(&nodes[0], "/organisations?limit=7", "id");
    let (mut found, mut next) = (Vec::new(), Some("/organisations?limit=7".to_owned()));
    for node in nodes.iter().cycle() {
        let Some(url) = next else { break };
        let page = node.get(&url).send().expect(200).json();
        let items = page["items"].as_array().expect("items");
        found.extend(items.iter().map(|item| text(item, "id")));
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(found, whole);
}
