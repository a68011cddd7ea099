//! The index outlives restarts, is built anew when it cannot be used, and can be built anew beside
//! a service that goes on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{fs, thread};

use serde_json::json;

use super::{after, assert_index_equal, newest, slugs};
use crate::builders::{COLLECTIONS, least};
use crate::given::{patch, put, read};
use crate::support::{Backend, Client, Server};

/// What the log says when an index is built from nothing.
const BUILT: &str = "the search index was built";

/// How often the index was built since the first start.
pub(super) fn built(server: &Server) -> usize {
    server.log().matches(BUILT).count()
}

pub(super) fn folder(server: &Server) -> PathBuf {
    server.folder().join("index")
}

/// The folder of the index in use.
#[track_caller]
pub(super) fn current(folder: &Path) -> PathBuf {
    folder.join(
        fs::read_to_string(folder.join("current"))
            .expect("its name")
            .trim(),
    )
}

/// The names of the folders of indexes.
#[track_caller]
pub(super) fn indexes(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect()
}

/// Documents of each collection, changed some times, so that there are several files.
#[track_caller]
fn fill(server: &Server) {
    for round in 0..3 {
        for collection in COLLECTIONS {
            for nth in 0..3 {
                let body = least(collection, &format!("Zeilboot {nth} van {round}"));
                put(server, &format!("/{collection}/z{nth}"), &body);
            }
        }
        after(server, newest(server), "/search");
    }
}

/// Waits until something holds.
#[track_caller]
pub(super) fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !holds() {
        assert!(
            Instant::now() < deadline,
            "it does not come to this: {what}"
        );
        thread::sleep(Duration::from_millis(50));
    }
}

/// Checks that all documents of [`fill`] are found, and that the index is right in all the rest.
#[track_caller]
fn assert_whole(server: &Server) {
    let page = after(server, newest(server), "/search?q=zeilboot&limit=100");
    assert_eq!(page["total"], 15, "{page}");
    assert_index_equal(server);
}

/// A file of a kind that the index is made of; others may lie beside it for a while.
#[track_caller]
fn file_in_use(index: &Path, kind: &str) -> PathBuf {
    let meta = index.join("meta.json");
    if kind == "json" {
        return meta;
    }
    let parts = fs::read_to_string(meta).expect("a file").replace('-', "");
    let files = fs::read_dir(index).expect("a folder");
    let mut files = files.map(|entry| entry.expect("an entry").path());
    let in_use = |file: &PathBuf| {
        let part = file.file_stem().and_then(|name| name.to_str());
        file.extension().is_some_and(|ending| ending == kind)
            && part.is_some_and(|part| parts.contains(part))
    };
    files.find(in_use).expect("a file of each kind")
}

/// Turns all bytes in the middle of a file over.
#[track_caller]
fn damage(file: &Path) {
    let mut bytes = fs::read(file).expect("a file");
    let (from, to) = (bytes.len() / 3, bytes.len() / 3 * 2 + 1);
    for byte in &mut bytes[from..to] {
        *byte = !*byte;
    }
    fs::write(file, bytes).expect("it can be written");
}

both! {
    fn after_a_restart_the_index_goes_on_from_where_it_was(server: &mut Server) {
        fill(server);
        let one = indexes(&folder(server));
        let (backend, url) = (server.backend, server.database_url.clone());
        server.stop();
        // Another node writes meanwhile.
        let other = Server::start_on(backend, &url, &[]);
        put(&other, "/organisations/nieuw", &least("organisations", "Vuurtoren"));
        put(&other, "/organisations/z0", &least("organisations", "Zeilboot met mast"));
        drop(other);
        server.restart();
        assert_eq!(slugs(&after(server, newest(server), "/search?q=vuurtoren")), ["nieuw"]);
        assert_eq!(slugs(&read(server, "/search?q=mast")), ["z0"]);
        assert_whole(server);
        assert_eq!((built(server), indexes(&folder(server))), (1, one), "it is the index of before");
    }

    fn an_index_that_is_damaged_is_built_anew_at_the_start(server: &mut Server) {
        // An operator must know of a disk that loses data.
        server.expect_errors();
        fill(server);
        let mut times = built(server);
        let mut seen = BTreeSet::new();
        for kind in ["term", "idx", "pos", "fast", "fieldnorm", "store", "json"] {
            server.stop();
            damage(&file_in_use(&current(&folder(server)), kind));
            server.restart();
            assert_whole(server);
            times += 1;
            assert_eq!(built(server), times, "{kind}: {}", server.log());
            assert!(seen.insert(current(&folder(server))), "{kind}");
            assert_eq!(indexes(&folder(server)), BTreeSet::from([current(&folder(server))]), "the damaged one is gone: {kind}");
            // What is new is taken in, and the next start finds it right.
            put(server, "/organisations/nieuw", &least("organisations", &format!("Vuurtoren {kind}")));
            assert_whole(server);
            server.restart();
            assert_whole(server);
            assert_eq!(built(server), times, "{kind}");
        }
    }

    fn an_index_that_is_not_there_or_of_something_else_is_built_anew(server: &mut Server) {
        type Act = fn(&Path);
        fn of_another_version(folder: &Path) {
            let file = current(folder).join("meta.json");
            let text = fs::read_to_string(&file).expect("a file");
            let marked = text.replacen("\\\"version\\\":\\\"", "\\\"version\\\":\\\"another-", 1);
            assert_ne!(text, marked, "the mark has a version: {text}");
            fs::write(file, marked).expect("a file");
        }
        let ways: [(&str, Act); 7] = [
            ("all is gone", |folder| fs::remove_dir_all(folder).expect("it goes")),
            ("the index is gone", |folder| fs::remove_dir_all(current(folder)).expect("it goes")),
            ("it is empty", |folder| {
                for file in fs::read_dir(current(folder)).expect("a folder") {
                    fs::remove_file(file.expect("an entry").path()).expect("it goes");
                }
            }),
            ("its name is gone", |folder| fs::remove_file(folder.join("current")).expect("it goes")),
            ("its name is none", |folder| fs::write(folder.join("current"), "../..").expect("a file")),
            ("its name is empty", |folder| fs::write(folder.join("current"), "").expect("a file")),
            ("it is of another version", of_another_version),
        ];
        fill(server);
        for (nth, (what, act)) in ways.into_iter().enumerate() {
            server.stop();
            act(&folder(server));
            server.restart();
            assert_whole(server);
            assert_eq!(built(server), nth + 2, "{what}: {}", server.log());
            assert_eq!(indexes(&folder(server)).len(), 1, "{what}");
        }
        assert!(server.folder().exists());
    }

    fn the_index_of_another_register_is_not_taken_for_its_own(server: &mut Server) {
        fill(server);
        let mut other = Server::start(server.backend);
        // As many lines in the log, about other things.
        for nth in 0..newest(server) {
            put(&other, &format!("/organisations/v{nth}"), &least("organisations", "Vuurtoren"));
        }
        after(&other, newest(&other), "/search?q=vuurtoren");
        other.stop();
        server.stop();
        let (from, to) = (current(&folder(&other)), current(&folder(server)));
        fs::remove_dir_all(&to).expect("it goes");
        fs::create_dir(&to).expect("a folder");
        for file in fs::read_dir(from).expect("a folder") {
            let file = file.expect("an entry");
            fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
        }
        server.restart();
        assert_whole(server);
        assert_eq!(read(server, "/search?q=vuurtoren")["total"], 0);
        assert_eq!(built(server), 2, "{}", server.log());
    }

    fn a_rebuild_beside_the_service_is_taken_over_while_all_searches_are_answered(server: &mut Server) {
        fill(server);
        let folder = folder(server);
        let stop = AtomicBool::new(false);
        let answered = AtomicUsize::new(0);
        thread::scope(|scope| {
            let client: &Client = server;
            let (stop, answered) = (&stop, &answered);
            for _ in 0..2 {
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let page = read(client, "/search?q=zeilboot&limit=100");
                        assert_eq!(page["total"], 15, "{page}");
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            for round in 0..3 {
                let before = current(&folder);
                let output = server.schakel(&["index", "rebuild"]);
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                let told = String::from_utf8_lossy(&output.stdout).into_owned();
                assert_eq!(told, format!("{} documents were indexed\n", 15 + round));
                let new = current(&folder);
                assert_ne!(new, before);
                until("the old one is gone", || indexes(&folder) == BTreeSet::from([new.clone()]));
                // The service writes to the new one.
                put(server, &format!("/organisations/v{round}"), &least("organisations", "Vuurtoren"));
                assert_eq!(after(server, newest(server), "/search?q=vuurtoren")["total"], round + 1);
                assert_index_equal(server);
            }
            stop.store(true, Ordering::Relaxed);
        });
        assert!(answered.load(Ordering::Relaxed) > 10, "searches were asked meanwhile");
        assert_eq!(built(server), 1, "the service built none itself");
        server.restart();
        assert_whole(server);
        assert_eq!(built(server), 1);
    }

    fn two_services_on_one_folder_both_search(server: &mut Server) {
        fill(server);
        let place = folder(server).display().to_string();
        let second = Server::start_on(server.backend, &server.database_url, &[("SEARCH_INDEX", &place)]);
        assert_eq!(after(&second, newest(server), "/search?q=zeilboot")["total"], 15);
        assert!(second.log().contains("keeps its own in memory"), "{}", second.log());
        put(server, "/organisations/nieuw", &least("organisations", "Vuurtoren"));
        put(&second, "/organisations/nog-een", &least("organisations", "Vuurtoren"));
        for node in [&*server, &second] {
            let client: &Client = node;
            let mut found = slugs(&after(client, newest(server), "/search?q=vuurtoren"));
            found.sort();
            assert_eq!(found, ["nieuw", "nog-een"]);
        }
        assert_whole(server);
        // What the first keeps is not disturbed by the second, nor by its end.
        drop(second);
        patch(server, "/organisations/nieuw", &json!({ "name": "Baken" }));
        assert_eq!(slugs(&after(server, newest(server), "/search?q=baken")), ["nieuw"]);
        server.restart();
        assert_whole(server);
        assert_eq!(built(server), 1);
    }

    with([], [("SEARCH_INDEX", "memory")])
    fn an_index_in_memory_leaves_no_file_and_is_there_after_a_restart(server: &mut Server) {
        fill(server);
        assert_eq!(after(server, newest(server), "/search?q=zeilboot")["total"], 15);
        server.restart();
        assert_eq!(after(server, newest(server), "/search?q=zeilboot")["total"], 15);
        assert!(!folder(server).exists());
        for command in ["check", "rebuild"] {
            let output = server.schakel(&["index", command]);
            assert!(!output.status.success(), "there is nothing to {command}");
        }
    }
}

/// Copies the file of the database while no server runs.
#[track_caller]
fn copy_database(from: &Path, to: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let name = |path: &Path| PathBuf::from(format!("{}{ending}", path.display()));
        let _ = fs::remove_file(name(to));
        if name(from).exists() {
            fs::copy(name(from), name(to)).expect("a copy");
        }
    }
}

#[test]
fn a_database_that_is_put_back_to_an_earlier_state_is_indexed_anew() {
    let server = &mut Server::start(Backend::Sqlite);
    fill(server);
    let (file, copy) = (
        server.folder().join("schakel.db"),
        server.folder().join("copy.db"),
    );
    server.stop();
    copy_database(&file, &copy);
    for round in 0..2 {
        server.restart();
        for nth in 0..3 {
            let body = least("organisations", "Vuurtoren");
            put(server, &format!("/organisations/v{nth}"), &body);
        }
        let found = after(server, newest(server), "/search?q=vuurtoren");
        assert_eq!(found["total"], 3);
        let before = built(server);
        server.stop();
        copy_database(&copy, &file);
        if round == 1 {
            // The log has grown by as much since, with other things in it.
            let other = Server::start_on(Backend::Sqlite, &server.database_url, &[]);
            for nth in 0..4 {
                let body = least("organisations", "Baken");
                put(&other, &format!("/organisations/b{nth}"), &body);
            }
        }
        server.restart();
        assert_whole(server);
        assert_eq!(read(server, "/search?q=vuurtoren")["total"], 0);
        assert_eq!(read(server, "/search?q=baken")["total"], round * 4);
        assert_eq!(built(server), before + 1, "{}", server.log());
    }
}
