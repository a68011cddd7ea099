//! `schakel backup` and `schakel restore`.

use std::{
    fs,
    path::Path,
    process::Output,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use serde_json::json;

use crate::{
    given::position,
    imports::{import, project},
    support::{Backend, Server, assert_feed_equals_reads},
};

fn run(server: &Server, args: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = server.schakel(args);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code(), text(stdout), text(stderr))
}

fn path(server: &Server, name: &str) -> String {
    server.folder().join(name).display().to_string()
}

both! {
    with(["--demo"], [])
    fn a_backup_of_one_moment_is_taken_while_others_write_and_put_back(server: &mut Server) {
        let file = path(server, "kopie");
        let (enough, key) = (AtomicBool::new(false), server.admin_key().to_owned());
        let (code, told, error) = thread::scope(|scope| {
            let writing = scope.spawn(|| {
                for nth in 0.. {
                    import(server, "", &[project(&format!("p-{nth}"), json!({}))]).assert_applied();
                    if enough.load(Ordering::Relaxed) {
                        break;
                    }
                }
            });
            let done = run(server, &["backup", &file]);
            enough.store(true, Ordering::Relaxed);
            writing.join().expect("nobody who writes is held up");
            done
        });
        assert_eq!(code, Some(0), "{error}");
        assert!(told.contains("documents, position"), "{told}");
        let taken: i64 = told.split("position ").nth(1).unwrap().split(':').next().unwrap().parse().unwrap();
        assert!(!Path::new(&format!("{file}.part")).exists());
        // What came later goes when it is put back.
        import(server, "", &[project("later", json!({}))]).assert_applied();
        let now = position(server);
        assert!(now > taken || server.backend() == Backend::Postgres);
        if server.backend() == Backend::Sqlite {
            let (code, _, error) = run(server, &["restore", "--force", &file]);
            assert_eq!(code, Some(1));
            assert!(error.contains("stop the service"), "{error}");
            assert_eq!(position(server), now);
        }
        server.stop();
        let (code, _, error) = run(server, &["restore", &file]);
        assert_eq!(code, Some(1));
        assert!(error.contains("not empty") && error.contains("--force"), "{error}");
        let (code, told, error) = run(server, &["restore", "--force", &file]);
        assert_eq!(code, Some(0), "{error}");
        assert!(told.contains("documents, position"), "{told}");
        server.restart();
        server.get("/projects/later").send().problem(404, "not-found");
        server.get("/projects/p-0").key(&key).send();
        assert_feed_equals_reads(server, &key);
        import(server, "", &[project("erna", json!({}))]).assert_applied();
        let found = server.get("/search?q=onderwijs").send().expect(200).json();
        assert!(found["total"].as_u64() > Some(0), "the index follows what was put back");
    }

    fn a_file_is_not_replaced_unless_that_is_said(server: &Server) {
        let file = path(server, "kopie");
        fs::write(&file, "iets anders").expect("a file can be written");
        let (code, _, error) = run(server, &["backup", &file]);
        assert_eq!(code, Some(1));
        assert!(error.contains("--force"), "{error}");
        assert_eq!(fs::read_to_string(&file).expect("it is there"), "iets anders");
        assert_eq!(run(server, &["backup", "--force", &file]).0, Some(0));
        assert_ne!(fs::read(&file).expect("it is there"), b"iets anders");
        let (code, _, error) = run(server, &["backup", &path(server, "nergens/kopie")]);
        assert_eq!(code, Some(1), "{error}");
    }

    with(["--demo"], [])
    fn what_is_no_whole_backup_is_refused_and_nothing_is_lost(server: &mut Server) {
        let file = path(server, "kopie");
        assert_eq!(run(server, &["backup", &file]).0, Some(0));
        let whole = fs::read(&file).expect("the backup");
        let before = position(server);
        server.stop();
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle..middle + 8_000].fill(0x55);
        let wrong: [(&str, &[u8]); 4] = [
            ("leeg", b""), ("tekst", b"dit is geen kopie"), ("afgebroken", &whole[..whole.len() / 2]), ("beschadigd", &damaged),
        ];
        for (name, bytes) in wrong {
            let file = path(server, name);
            fs::write(&file, bytes).expect("a file can be written");
            let (code, told, error) = run(server, &["restore", "--force", &file]);
            assert_eq!(code, Some(1), "{name}: {told} {error}");
        }
        assert_eq!(run(server, &["restore", "--force", &path(server, "nergens")]).0, Some(1));
        server.restart();
        assert_eq!(position(server), before);
        server.get("/regions/noord-veluwe").send().expect(200);
    }
}

#[test]
fn a_missing_program_is_named_with_its_remedy() {
    let server = Server::start_with(Backend::Postgres, &[], &[]);
    let file = path(&server, "kopie");
    let output = server.schakel_with(&["backup", &file], &[("PATH", "/nergens")]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        error.contains("pg_dump") && error.contains("postgresql-client"),
        "{error}"
    );
    assert!(!Path::new(&file).exists());
}
