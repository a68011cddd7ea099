//! What is restricted, deleted, merged or erased is gone from all that search tells, from the
//! position of that write on.

use serde_json::{Value, json};

use super::{after_as, assert_index_equal, newest, position};
use crate::builders::{COLLECTIONS, least, with};
use crate::given::{patch, put, read};
use crate::support::{Reply, Server, text};

/// A word that only the document has that goes.
const WORD: &str = "wervelwind";

/// The id of no document.
const NOBODY: &str = "no id";

/// All that search tells of, for the word and without words.
fn asks() -> Vec<String> {
    let mut asks = vec![
        "/search?limit=100&facets=type,region,theme,kind,status,year".to_owned(),
        format!("/suggest?q={WORD}"),
        "/suggest?q=wervelwnid".to_owned(),
        "/suggest?q=we".to_owned(),
    ];
    for q in [
        WORD,
        "wervelwnid",
        "%22wervelwind%20aan%20zee%22",
        "wervelwind%20buur",
        "wervel",
        "anker",
    ] {
        asks.push(format!(
            "/search?q={q}&facets=type,region,theme,kind,status,year"
        ));
    }
    for collection in COLLECTIONS {
        asks.push(format!("/{collection}?q={WORD}"));
        asks.push(format!("/{collection}?q=anker"));
        asks.push(format!("/{collection}/buur/similar"));
    }
    asks
}

/// The answers that tell of a document, by its word or its id.
#[track_caller]
fn telling(server: &Server, key: Option<&str>, position: i64, id: &str) -> Vec<String> {
    let tells = |ask: &String| {
        let answer = after_as(server, key, position, ask);
        let told = answer.to_string().to_lowercase();
        told.contains(WORD) || told.contains(id)
    };
    asks().into_iter().filter(tells).collect()
}

/// A document of each collection that is called by the word, and one beside it, which refers to the
/// organisation, the theme, the region and the person of those.
#[track_caller]
fn fill(server: &Server) -> Vec<Value> {
    let mut made = Vec::new();
    for collection in COLLECTIONS {
        let more = match collection {
            "themes" => json!({ "definition": "Anker." }),
            _ => json!({ "summary": "Anker." }),
        };
        let body = with(least(collection, "Wervelwind aan zee"), &more);
        made.push(put(server, &format!("/{collection}/wind"), &body));
        put(
            server,
            &format!("/{collection}/buur"),
            &with(least(collection, "Buur"), &more),
        );
    }
    made
}

/// Makes the neighbours refer to what may go.
#[track_caller]
fn refer(server: &Server) {
    patch(
        server,
        "/projects/buur",
        &json!({
            "themes": ["wind"], "regions": ["wind"],
            "participants": [{ "organisation": "wind", "role": "lead" }, { "person": "wind", "role": "other" }],
        }),
    );
    patch(
        server,
        "/regions/buur",
        &json!({ "partners": [{ "organisation": "wind", "role": "other" }] }),
    );
    patch(
        server,
        "/people/buur",
        &json!({ "roles": [{ "organisation": "wind", "title": "Lid", "kind": "member" }] }),
    );
}

/// Does something to a document of each collection, and checks that nobody is told of it any more.
#[track_caller]
fn goes(server: &Server, keys: &[Option<&str>], act: impl Fn(&str) -> Reply) {
    let documents = fill(server);
    for (collection, document) in COLLECTIONS.into_iter().zip(&documents) {
        let id = text(document, "id");
        let before = telling(server, None, newest(server), &id);
        assert!(before.len() > 5, "it is told of before: {before:?}");
        let reply = act(&format!("/{collection}/wind"));
        assert!((200..300).contains(&reply.status), "{reply}");
        let gone = position(&reply);
        for key in keys {
            for ask in asks() {
                let told = after_as(server, *key, gone, &ask).to_string();
                assert!(!told.contains(&id), "{ask} tells of it: {told}");
            }
        }
    }
    // All of them are gone now, so the word is.
    for key in keys {
        assert_eq!(
            telling(server, *key, newest(server), NOBODY),
            Vec::<String>::new()
        );
    }
    assert_index_equal(server);
}

both! {
    fn what_becomes_restricted_is_gone_for_everyone_who_may_not_see_it(server: &Server) {
        let admin = server.admin_key();
        put(server, "/organisations/ander", &least("organisations", "Ander"));
        let editor = server.key("editor", Some("ander"));
        goes(server, &[None, Some(&editor)], |path| {
            server.patch(path).key(admin).json(&json!({ "visibility": "restricted" })).send()
        });
        let seen = telling(server, Some(admin), newest(server), NOBODY);
        assert!(seen.len() > 10, "those who may see it find it: {seen:?}");
    }

    fn what_is_deleted_is_gone_for_all(server: &Server) {
        let admin = server.admin_key();
        goes(server, &[None, Some(admin)], |path| server.delete(path).key(admin).send());
    }

    fn what_is_hidden_is_gone_from_what_refers_to_it(server: &Server) {
        let admin = server.admin_key();
        fill(server);
        refer(server);
        let before = telling(server, None, newest(server), NOBODY);
        assert!(before.len() > 10, "{before:?}");
        let neighbours = after_as(server, None, newest(server), "/search?q=wervelwind&limit=100");
        assert_eq!(neighbours["total"], 8, "five and the three that refer to them: {neighbours}");
        for collection in COLLECTIONS {
            patch(server, &format!("/{collection}/wind"), &json!({ "visibility": "restricted" }));
        }
        let last = newest(server);
        assert_eq!(telling(server, None, last, NOBODY), Vec::<String>::new());
        let page = after_as(server, None, last, "/search?facets=region,theme&limit=100");
        assert_eq!((&page["total"], &page["facets"]), (&json!(5), &json!({ "region": [], "theme": [] })));
        for collection in COLLECTIONS {
            patch(server, &format!("/{collection}/wind"), &json!({ "visibility": "public" }));
        }
        let again = after_as(server, None, newest(server), "/search?q=wervelwind&limit=100");
        assert_eq!(again["total"], 8, "{again}");
        assert_eq!(after_as(server, Some(admin), newest(server), "/search?q=wervelwind")["total"], 8);
        assert_index_equal(server);
    }

    fn what_was_merged_is_found_as_what_it_went_into(server: &Server) {
        let admin = server.admin_key();
        let documents = fill(server);
        for (collection, document) in COLLECTIONS.into_iter().zip(&documents) {
            if collection != "organisations" {
                server.delete(&format!("/{collection}/wind")).key(admin).send().expect(204);
                continue;
            }
            put(server, "/organisations/storm", &least("organisations", "Storm"));
            patch(server, "/projects/buur", &json!({ "participants": [{ "organisation": "wind", "role": "lead" }] }));
            assert_eq!(after_as(server, None, newest(server), "/search?type=projects&q=wervelwind%20buur")["total"], 1, "{document}");
            let request = server.post("/organisations/wind/merge").key(admin);
            let merged = request.json(&json!({ "into": "storm" })).send().expect(200);
            let found = after_as(server, None, position(&merged), "/search?type=projects&q=storm");
            assert_eq!(found["items"][0]["slug"], "buur", "{found}");
            assert_eq!(after_as(server, None, position(&merged), "/projects?q=storm&count=true")["total"], 1);
        }
        for key in [None, Some(admin)] {
            for document in &documents {
                assert_eq!(telling(server, key, newest(server), &text(document, "id")), Vec::<String>::new());
            }
        }
        assert_index_equal(server);
    }

    fn who_was_erased_is_found_by_nothing(server: &Server) {
        let admin = server.admin_key();
        let body = with(least("people", "Wervelwind"), &json!({
            "summary": "Wervelwind aan zee.", "contacts": [{ "kind": "email", "value": "wervelwind@zee.example", "visibility": "public" }],
        }));
        put(server, "/people/wind", &body);
        for collection in COLLECTIONS {
            put(server, &format!("/{collection}/buur"), &least(collection, "Buur"));
        }
        put(server, "/projects/buur", &with(least("projects", "Buur"), &json!({ "participants": [{ "person": "wind", "role": "other" }] })));
        for nth in 0..4 {
            patch(server, "/people/wind", &json!({ "biography": format!("Wervelwind {nth} anker.") }));
        }
        for key in [None, Some(admin)] {
            let before = telling(server, key, newest(server), NOBODY);
            assert!(before.len() > 5, "{before:?}");
        }
        let erased = server.post("/people/wind/erasure").key(admin).send().expect(200);
        for key in [None, Some(admin)] {
            assert_eq!(telling(server, key, position(&erased), NOBODY), Vec::<String>::new());
        }
        assert_eq!(read(server, "/search?type=projects&q=buur")["total"], 1, "the others are still there");
        assert_index_equal(server);
    }
}
