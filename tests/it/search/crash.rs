//! `kill -9` and a full disk while the index is written: afterwards it is what one built from
//! nothing is, document by document and in what it finds.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{fs, thread};

use serde_json::{Value, json};

use super::keeping::{built, current, folder, indexes, until};
use super::{after, after_as, assert_index_equal, encoded, newest};
use crate::builders::{create, least, with};
use crate::crash::{KINDS, WRITERS, write_until_killed};
use crate::given::{put, read};
use crate::support::{Backend, Client, Database, Faults, Server, items, text};

const KILLS: usize = 20;

/// How far two sums of the same numbers may be apart that were added up in another order.
const ROUNDING: f64 = 0.005;

/// What an administrator finds: how many, and the scores of the first hundred by their ids.
type Found = (u64, BTreeMap<String, f64>);

/// A hundred questions about what the writers write, of each form.
fn questions() -> Vec<String> {
    let mut all = Vec::new();
    for nth in 0..20 {
        all.push(format!("crash {nth}"));
        all.push(format!("\"crash {nth} {}\"", nth % WRITERS));
        all.push(format!("crsah source {nth}"));
        all.push(format!("versoin {} straat {nth} -zwolle", nth % 5));
        all.push(format!("\"{} of version\" crash {}", nth % 4, 19 - nth));
    }
    all
}

#[track_caller]
fn ask(server: &Server) -> Vec<Found> {
    let (key, last) = (server.admin_key(), newest(server));
    let ask = |question: &String| {
        let path = format!("/search?limit=100&explain=true&q={}", encoded(question));
        let page = after_as(server, Some(key), last, &path);
        let hits = items(&page).iter().map(|hit| {
            let score = hit["explanation"]["score"].as_f64().expect("a score");
            (text(hit, "id"), score)
        });
        (page["total"].as_u64().expect("a total"), hits.collect())
    };
    questions().iter().map(ask).collect()
}

/// Whether two answers are the same. Of more than a hundred hits with the same score, any may be
/// among the first hundred.
fn are_alike((total, one): &Found, (others, other): &Found) -> bool {
    let near = |a: &f64, b: &f64| (a - b).abs() < ROUNDING;
    let sorted = |found: &BTreeMap<String, f64>| {
        let mut scores: Vec<f64> = found.values().copied().collect();
        scores.sort_by(f64::total_cmp);
        scores
    };
    total == others
        && one.len() == other.len()
        && sorted(one)
            .iter()
            .zip(&sorted(other))
            .all(|(a, b)| near(a, b))
        && (*total > 100
            || one
                .iter()
                .all(|(id, a)| other.get(id).is_some_and(|b| near(a, b))))
}

/// Checks that the index equals one built from nothing, and that it finds the same with the same
/// scores.
#[track_caller]
fn assert_as_built_anew(server: &Server) {
    let told = |summary: &str| {
        let body = with(
            least("organisations", "Zeilboot"),
            &json!({ "summary": summary }),
        );
        put(server, "/organisations/told", &body);
    };
    told("Mast.");
    assert_index_equal(server);
    let present = ask(server);
    assert_eq!(present.len(), 100);
    let telling = present.iter().filter(|(total, _)| *total > 0).count();
    assert!(telling > 50, "only {telling} questions find anything");
    let output = server.schakel(&["index", "rebuild"]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let folder = folder(server);
    until("the new index is taken over", || {
        indexes(&folder).into_iter().collect::<Vec<_>>() == [current(&folder)]
    });
    // The new one is shown a moment after the old one is gone. What is written to it then leaves as
    // many documents with the words of the questions as there were, so that scores stay.
    told("Roer.");
    after(server, newest(server), "/search");
    for ((question, present), anew) in questions().iter().zip(&present).zip(&ask(server)) {
        assert!(
            are_alike(present, anew),
            "{question}: {present:?}, built anew {anew:?}"
        );
    }
}

/// Makes people and erases them, so that files of the index are rewritten all the time.
fn erase_until_killed(client: &Client, key: &str, name: &str) {
    for nth in 0.. {
        let name = format!("{name} {nth}");
        let Ok(made) = client
            .post("/people")
            .key(key)
            .json(&least("people", &name))
            .try_send()
        else {
            return;
        };
        let id = text(&made.expect(201).json(), "id");
        let erasure = client.post(&format!("/people/{id}/erasure")).key(key);
        let Ok(erased) = erasure.try_send() else {
            return;
        };
        erased.expect(200);
        thread::sleep(Duration::from_millis(50));
    }
}

both! {
    fn after_twenty_kills_the_index_is_what_one_built_from_nothing_is(server: &mut Server) {
        let key = server.admin_key().to_owned();
        after(server, newest(server), "/search");
        let done = &AtomicUsize::new(0);
        for round in 0..KILLS {
            let client = Client::clone(server);
            let key = &key;
            thread::scope(|scope| {
                for (number, kind) in KINDS.into_iter().enumerate() {
                    let (client, name) = (&client, format!("Crash {round} {number}"));
                    scope.spawn(move || write_until_killed(client, key, kind, &name, done));
                }
                let client = &client;
                scope.spawn(move || erase_until_killed(client, key, &format!("Crash {round} gone")));
                // Another moment in the stream each time: of its writes, and between two of them.
                let enough = done.load(Ordering::Relaxed) + fastrand::usize(3..30);
                let deadline = Instant::now() + Duration::from_secs(20);
                while done.load(Ordering::Relaxed) < enough && Instant::now() < deadline {
                    thread::sleep(Duration::from_micros(200));
                }
                thread::sleep(Duration::from_millis(fastrand::u64(0..100)));
                server.kill9();
            });
            server.restart();
        }
        let done = done.load(Ordering::Relaxed);
        assert!(done > 3 * KILLS, "only {done} writes were acknowledged");
        assert_as_built_anew(server);
        // Else this would be a test of building.
        let built = built(server);
        assert!(built <= 2, "the index was built anew {built} times:\n{}", server.log());
    }
}

/// Whether a file of a folder, or of one in it, holds a word.
fn holds(folder: &Path, word: &str) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths = entries.map(|entry| entry.path());
    paths.any(|path| {
        // What is gone by now holds nothing.
        let bytes = fs::read(&path).unwrap_or_default();
        let mut parts = bytes.windows(word.len());
        parts.any(|part| part == word.as_bytes()) || path.is_dir() && holds(&path, word)
    })
}

/// Fills the disk of the index and goes on to write where that is possible; then frees it.
#[track_caller]
fn fill_and_free(server: &Server, faults: &Faults) {
    // An operator must know of a full disk.
    server.expect_errors();
    let key = server.admin_key();
    let (mut written, mut refused) = (0, 0);
    for round in 0..6 {
        let person = least("people", "Zwaluwstaart");
        let person = create(server, key, "/people", &person);
        let place = format!("/people/{}", text(&person, "id"));
        let erase = || server.post(&format!("{place}/erasure")).key(key).send();
        after(server, newest(server), "/search");
        let index = folder(server);
        assert!(holds(&index, "zwaluwstaart"), "the word stands in a file");
        for nth in 0..12 {
            let name = format!("Crash {round} {nth} of version {nth}, source {round}");
            let body = with(
                least("organisations", &name),
                &json!({ "summary": "Zeilboot." }),
            );
            let path = format!("/organisations/o{round}-{nth}");
            let reply = server.put(&path).key(key).json(&body).send();
            match reply.status {
                201 => written += 1,
                503 | 507 => refused += 1,
                _ => panic!("{reply}"),
            }
            if nth == 5 {
                faults.fill_disk();
                let erased = erase();
                assert!(matches!(erased.status, 200 | 503 | 507), "{erased}");
            }
        }
        for query in ["q=zeilboot", "q=crash&facets=type", ""] {
            let page = read(server, &format!("/search?{query}"));
            assert!(round == 0 || page["total"].as_u64() >= Some(6), "{page}");
        }
        read(server, "/suggest?q=cra");
        // The follower tries again and again meanwhile.
        thread::sleep(Duration::from_millis(1_500));
        read(server, "/search?q=zeilboot");
        faults.free_disk();
        if server.get(&place).key(key).send().expect(200).json()["isErased"] != true {
            erase().expect(200);
        }
        after(server, newest(server), "/search?limit=1");
        until("the words of who was erased are gone", || {
            !holds(&index, "zwaluwstaart")
        });
    }
    assert!(written >= 36, "{written} written, {refused} refused");
    let last = newest(server);
    let page = after(server, last, "/search?q=zeilboot&limit=1");
    let there: Value = read(server, "/organisations?count=true&limit=1")["total"].clone();
    assert_eq!(page["total"], there, "{written} written, {refused} refused");
    assert_as_built_anew(server);
}

fn start(backend: Backend, url: &str, faults: &Faults) -> Server {
    let environment = faults.environment();
    let environment = environment
        .each_ref()
        .map(|(name, value)| (&**name, &**value));
    Server::start_on(backend, url, &environment)
}

#[test]
fn on_a_full_disk_searches_go_on_and_the_index_is_whole_when_there_is_room_with_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let faults = Faults::new(folder.path());
    let url = format!("sqlite://{}", folder.path().join("schakel.db").display());
    fill_and_free(&start(Backend::Sqlite, &url, &faults), &faults);
}

/// The database has room, so that all is written and the index alone falls behind.
#[test]
fn on_a_full_disk_searches_go_on_and_the_index_is_whole_when_there_is_room_with_postgresql() {
    let folder = tempfile::tempdir().expect("a folder");
    let faults = Faults::new(folder.path());
    let database = Database::create();
    fill_and_free(&start(Backend::Postgres, &database.url, &faults), &faults);
}
