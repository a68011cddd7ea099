//! A register with generated projects and an index of them.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::{Value, json};

use super::fill::fill;
use super::texts::{Made, Texts};
use crate::bare::Bare;
use crate::http::{Ask, Connection};
use crate::process::{Workers, cpu_of_children};
use crate::reading::{self, Compared, Target};
use crate::report::{median, met, milliseconds, progress};
use crate::subject::Subject;
use crate::support::Backend;

/// How often a write is looked for.
const WRITES: usize = 60;
/// How long to wait for what another write is about.
const AFTER: Duration = Duration::from_mins(2);

/// The register, and a client of it.
pub(super) struct Indexed {
    pub(super) subject: Subject,
    count: usize,
    /// How many lines the change log has: one for each document at least.
    positions: u64,
}

/// How the index came to be.
pub(super) struct Built {
    pub(super) indexed: Indexed,
    pub(super) count: usize,
    pub(super) took: Duration,
    /// Of the program alone.
    pub(super) cpu: Duration,
    pub(super) bytes: u64,
}

/// A page far behind the first.
pub(super) struct Deep {
    pub(super) path: String,
    pub(super) behind: usize,
}

/// Fills a register and builds its index.
pub(super) fn built(
    backend: Backend,
    texts: &mut Texts,
    count: usize,
    also: &mut dyn FnMut(usize, &Made),
) -> Built {
    let mut subject = Subject::start(backend, &[]);
    subject.server.admin_key();
    subject.server.stop();
    fill(&subject.server.database_url, texts, count, also);
    progress("building the index");
    let (began, before) = (Instant::now(), cpu_of_children());
    let rebuilt = subject.server.schakel(&["index", "rebuild"]);
    let (took, cpu) = (began.elapsed(), cpu_of_children().saturating_sub(before));
    let said = String::from_utf8_lossy(&rebuilt.stderr);
    assert!(rebuilt.status.success(), "`index rebuild`: {said}");
    let bytes = size(&subject.server.folder().join("index"));
    subject.server.restart();
    let indexed = Indexed {
        subject,
        count,
        positions: count as u64,
    };
    indexed.wait();
    Built {
        indexed,
        count,
        took,
        cpu,
        bytes,
    }
}

/// How many bytes a folder holds.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => size(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}

impl Indexed {
    /// Waits until the index that was built is the one that is searched.
    fn wait(&self) {
        let began = Instant::now();
        loop {
            let reply = self.subject.server.get("/search?limit=1").send();
            let total = (reply.status == 200).then(|| reply.json()["total"].as_u64());
            let total = total.flatten().unwrap_or_default();
            if usize::try_from(total).is_ok_and(|total| total >= self.count) {
                return;
            }
            assert!(began.elapsed() < AFTER, "only {total} documents are found");
            sleep(Duration::from_millis(50));
        }
    }

    /// Whether anything is found.
    pub(super) fn finds(&self, words: &str) -> bool {
        let path = format!("/api/v1/search?q={words}&limit=1");
        let reply = self.subject.connect().get(&path);
        let body: Value = serde_json::from_slice(&reply.body).expect("JSON");
        body["total"].as_u64().is_some_and(|total| total > 0)
    }

    /// How many documents are found.
    pub(super) fn total(&self, path: &str) -> u64 {
        let reply = self.subject.connect().get(path);
        let body: Value = serde_json::from_slice(&reply.body).expect("JSON");
        let total = body["total"].as_u64().expect("a total");
        assert!(total > 0, "{path} finds nothing");
        let items = body["items"].as_array().map_or(0, Vec::len);
        assert_eq!(items as u64, total.min(20), "a full page of {path}");
        total
    }

    /// A row of the table: requests in turn, beside the bare handler; the same `again`, or searches
    /// that are each time asked in other words.
    pub(super) fn row(
        &self,
        what: &str,
        name: &str,
        paths: &[String],
        goal: Option<f64>,
        again: bool,
    ) -> Vec<String> {
        let mut connection = self.subject.connect();
        let ask = |path: &String| {
            if again || !path.contains("/search?") {
                Ask::again(&mut connection, path)
            } else {
                Ask::anew(&mut connection, path, self.positions)
            }
        };
        let asks: Vec<Ask> = paths.iter().map(ask).collect();
        for (path, ask) in paths.iter().zip(&asks) {
            found_something(path, ask.body());
        }
        let bare = Bare::start(&[asks[asks.len() / 2].body()]);
        let target = Target {
            address: &self.subject.address(),
            workers: &self.subject.workers(),
            asks: &asks,
        };
        let compared = beside(&bare, |bare| reading::compare(&target, bare));
        cells(what, name, &compared, goal)
    }

    /// A row of the table: requests that nobody made before, each once, beside the bare handler. It
    /// returns what the first of them is answered, which is not measured.
    pub(super) fn row_once(
        &self,
        what: &str,
        name: &str,
        paths: &[String],
        goal: Option<f64>,
    ) -> Vec<String> {
        let (address, workers) = (self.subject.address(), self.subject.workers());
        let (like, paths) = paths.split_first().expect("some paths");
        let like = self.subject.connect().get(like);
        let bare = Bare::start(&[&like.body]);
        let (compared, answers) = beside(&bare, |bare| {
            reading::compare_once(&address, &workers, paths, bare)
        });
        let mut connection = self.subject.connect();
        for (path, body) in answers {
            found_something(&path, &body);
            let again = connection.get(&path).body;
            assert!(
                again == body,
                "{path} is answered otherwise the second time"
            );
        }
        cells(what, name, &compared, goal)
    }

    /// The addresses of what is like some of the projects.
    pub(super) fn similar(&self) -> Vec<String> {
        let numbers = (0..self.count).step_by(self.count.div_ceil(10));
        numbers
            .map(|number| format!("/api/v1/projects/project-{number}/similar"))
            .collect()
    }

    /// Milliseconds of CPU of each path, asked in turn, at the median.
    pub(super) fn in_turn(&self, paths: &[String]) -> Vec<f64> {
        let rounds: Vec<Vec<f64>> = (0..30).map(|_| cpu_of_each(self, paths)).collect();
        let of = |nth: usize| median(rounds.iter().map(|round| round[nth]));
        (0..paths.len()).map(of).collect()
    }
}

/// Measures something beside the bare handler.
fn beside<T>(bare: &Bare, measure: impl FnOnce(&Target<'_>) -> T) -> T {
    let ask = Ask::again(&mut Connection::open(&bare.address), "/0");
    measure(&Target {
        address: &bare.address,
        workers: &Workers::only(bare.pid()),
        asks: &[ask],
    })
}

fn cells(what: &str, name: &str, compared: &Compared, goal: Option<f64>) -> Vec<String> {
    vec![
        what.to_owned(),
        name.to_owned(),
        format!("{:.3}", compared.cost.cpu),
        format!("{:.0}", compared.cpu_ratio),
        goal.map_or_else(|| "–".to_owned(), |goal| format!("{goal}")),
        goal.map_or_else(|| "–".to_owned(), |goal| met(compared.cpu_ratio <= goal)),
        format!("{:.2}", compared.cost.latency),
        format!("{:.2}", compared.cost.slow),
    ]
}

fn found_something(path: &str, body: &[u8]) {
    let body: Value = serde_json::from_slice(body).expect("JSON");
    let lists = ["items", "groups"].map(|list| body[list].as_array().map_or(0, Vec::len));
    assert!(lists.iter().any(|list| *list > 0), "{path} finds nothing");
}

/// Milliseconds of CPU of each of some requests, one after the other.
pub(super) fn cpu_of_each(indexed: &Indexed, paths: &[String]) -> Vec<f64> {
    let workers = indexed.subject.workers();
    let mut connection = indexed.subject.connect();
    // A new connection is not what is measured.
    connection.get(&paths[0]);
    let mut rng = Rng::new();
    let cost = |path: &String| {
        // Not a page that was asked for before.
        let anew = path.contains("/search?");
        let after = anew.then(|| format!("&after={}", rng.u64(1..=indexed.positions)));
        let path = format!("{path}{}", after.unwrap_or_default());
        let before = workers.cpu();
        connection.get(&path);
        milliseconds(workers.cpu().since(&before))
    };
    paths.iter().map(cost).collect()
}

/// The first page of a list of hits, and one in the middle of it.
pub(super) fn follow(indexed: &Indexed, path: &str, found: u64) -> (String, Deep) {
    const PAGE: usize = 100;
    const FAR: usize = 10_000;
    let mut connection = indexed.subject.connect();
    let middle = FAR.min(usize::try_from(found).unwrap_or(FAR) / 2);
    let (mut url, mut behind) = (format!("{path}&limit={PAGE}"), 0);
    while behind < middle {
        let body: Value = serde_json::from_slice(&connection.get(&url).body).expect("JSON");
        behind += body["items"].as_array().map_or(0, Vec::len);
        body["next"]
            .as_str()
            .expect("a next page")
            .clone_into(&mut url);
    }
    let deep = Deep {
        path: url.replace(&format!("limit={PAGE}"), "limit=20"),
        behind,
    };
    (format!("{path}&limit=20"), deep)
}

/// How many milliseconds pass until what was written is found.
pub(super) fn searchable(indexed: &Indexed) -> Vec<f64> {
    let server = &indexed.subject.server;
    let key = server.admin_key();
    let mut connection = indexed.subject.connect();
    let mut rng = Rng::with_seed(3);
    let mut waits = Vec::with_capacity(WRITES);
    for nth in 0..WRITES {
        // Not in step with the commits of the index.
        sleep(Duration::from_millis(rng.u64(0..150)));
        let word = format!("kenmerk{nth}");
        let body = json!({"name": format!("Proef {word}"), "kind": "pilot"});
        let number = rng.usize(..indexed.count);
        let written = if nth % 2 == 0 {
            server
                .post("/projects")
                .key(key)
                .json(&body)
                .send()
                .expect(201)
        } else {
            let path = format!("/projects/project-{number}");
            server.patch(&path).key(key).json(&body).send().expect(200)
        };
        let began = Instant::now();
        let position = written.header("schakel-position").expect("a position");
        let path = format!("/api/v1/search?q={word}&after={position}");
        let reply = connection.get_at_last(&path);
        waits.push(milliseconds(began.elapsed()));
        let body: Value = serde_json::from_slice(&reply.body).expect("JSON");
        assert!(
            body["items"][0]["name"]
                .as_str()
                .is_some_and(|name| name.ends_with(&word))
        );
    }
    waits
}
