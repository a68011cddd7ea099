//! The clock was two days ahead and is set back: what was written meanwhile stays, in its place, and
//! nothing that is written then is told to be older.

use serde_json::{Value, json};

use crate::{
    builders::{create, log, organisation, organisation_path, patch, read},
    given::{each, many},
    support::{Backend, Database, Faults, Reply, Server, assert_feed_equals_reads, items, text},
};

const TWO_DAYS: u32 = 2 * 24 * 60 * 60;

#[test]
fn a_clock_that_is_set_back_disturbs_nothing_on_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("schakel.db");
    set_back(Backend::Sqlite, &format!("sqlite://{}", path.display()));
}

#[test]
fn a_clock_that_is_set_back_disturbs_nothing_on_postgresql() {
    set_back(Backend::Postgres, &Database::create().url);
}

/// The clock jumps under the running server, as when a time service sets it.
fn set_back(backend: Backend, url: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let faults = Faults::new(folder.path());
    let environment = faults.environment();
    let environment = environment
        .each_ref()
        .map(|(name, value)| (&**name, &**value));
    let mut server = Server::start_on(backend, url, &environment);
    let key = server.admin_key().to_owned();
    let early = create(&server, &key, "/organisations", &organisation("Early"));

    faults.set_clock_ahead(TWO_DAYS);
    let ahead = write_ahead(&server, &early);
    assert!(
        ahead.updated[..10] > text(&early, "updatedAt")[..10],
        "the clock is not ahead"
    );

    faults.set_clock_right();
    assert_undisturbed(&server, &early, &ahead);
    // What the process remembered is gone now; what the database holds is still of the future.
    server.restart();
    create(&server, &key, "/organisations", &organisation("Later"));
    assert_in_order(&server);
}

/// What was done while the clock was ahead.
struct Ahead {
    /// A key that was made then.
    key: String,
    /// A key that was made and revoked then.
    revoked: String,
    /// When the early document was changed, by that clock.
    updated: String,
    /// The answer to a create that can be repeated.
    once: Value,
    /// The first page of a list of all, by age.
    page: Value,
    /// How long the log was.
    lines: usize,
}

fn write_ahead(server: &Server, early: &Value) -> Ahead {
    let key = server.key("admin", None);
    let revoked = server.key("admin", None);
    let id = revoked.split('_').nth(1).expect("the public part of a key");
    assert!(server.schakel(&["keys", "revoke", id]).status.success());
    many(server, 5, |nth| organisation(&format!("Ahead {nth}")));
    let path = organisation_path(early);
    let updated = patch(server, &key, &path, &json!({ "summary": "changed ahead" }));
    Ahead {
        revoked,
        updated: text(&updated, "updatedAt"),
        once: create_once(server).expect(201).json(),
        page: read(server, &key, "/organisations?sort=createdAt&limit=3"),
        lines: log(server, &key).len(),
        key,
    }
}

fn create_once(server: &Server) -> Reply {
    let post = server.post("/organisations").key(server.admin_key());
    let post = post.header("idempotency-key", "once");
    post.json(&organisation("Once")).send()
}

fn assert_undisturbed(server: &Server, early: &Value, ahead: &Ahead) {
    let key = &ahead.key;
    server.get("/keys").key(key).send().expect(200);
    server
        .get("/keys")
        .key(&ahead.revoked)
        .send()
        .problem(401, "key-required");
    assert_eq!(create_once(server).expect(201).json(), ahead.once);

    let path = organisation_path(early);
    let changed = patch(
        server,
        key,
        &path,
        &json!({ "summary": "changed afterwards" }),
    );
    assert_eq!(changed["version"], 3);
    assert!(text(&changed, "updatedAt") >= ahead.updated, "{changed}");
    let late = create(server, key, "/organisations", &organisation("Late"));
    assert!(text(&late, "createdAt") >= ahead.updated, "{late}");
    assert_in_order(server);

    // A crawler that began then ends now, and sees each document that was there once.
    let mut found = each(&ahead.page, "id");
    let mut next = ahead.page["next"].as_str().map(str::to_owned);
    while let Some(url) = next {
        let page = read(server, key, &url);
        found.extend(each(&page, "id"));
        next = page["next"].as_str().map(str::to_owned);
    }
    let mut all = each(&read(server, key, "/organisations?limit=100"), "id");
    found.retain(|id| *id != text(&late, "id"));
    all.retain(|id| *id != text(&late, "id"));
    found.sort();
    all.sort();
    assert_eq!(found, all);

    // A follower of the log sees what came since, and only that.
    let since = read(server, key, &format!("/changes?cursor={}", ahead.lines));
    assert_eq!(each(&since, "slug"), ["early", "late"]);

    server
        .delete(&organisation_path(&late))
        .key(key)
        .send()
        .expect(204);
    let gone = server
        .get(&organisation_path(&late))
        .send()
        .problem(410, "gone");
    assert!(
        text(&gone, "deletedAt") >= text(&late, "createdAt"),
        "{gone}"
    );
}

/// No document is younger than its last change, and the log does not go back in time.
fn assert_in_order(server: &Server) {
    let feed = assert_feed_equals_reads(server, server.admin_key());
    for document in feed.documents.values() {
        assert!(
            text(document, "createdAt") <= text(document, "updatedAt"),
            "{document}"
        );
    }
    let times = each(&json!({ "items": log(server, server.admin_key()) }), "at");
    assert!(times.is_sorted(), "{times:?}");
    let page = read(
        server,
        server.admin_key(),
        "/organisations?sort=updatedAt&limit=100",
    );
    assert!(each(&page, "updatedAt").is_sorted(), "{page}");
    assert!(!items(&page).is_empty());
}
