//! What is kept of answers is not shown once anything that it was made of has changed: from the
//! answer to the write on, whoever has written, and also where the index does not know of it yet.

use serde_json::{Value, json};

use super::{after, newest, position};
use crate::builders::{COLLECTIONS, least, with};
use crate::given::{patch, put, read};
use crate::support::{Client, Reply, Server, text};

/// A word for each collection, by which its document is called.
const WORDS: [&str; 5] = [
    "wervelwind",
    "draaikolk",
    "poolster",
    "vuurtoren",
    "zeilboot",
];

/// All that anyone may be told of a document with a word, and of those that name it.
fn asks(word: &str) -> Vec<String> {
    let start = word.get(..5).unwrap_or(word);
    vec![
        format!("/search?q={word}"),
        "/search?q=anker&facets=type,region,theme,kind,status,year&limit=50".to_owned(),
        "/search?q=buur&facets=region,theme&limit=50".to_owned(),
        "/search?limit=50&facets=region,theme".to_owned(),
        format!("/suggest?q={start}"),
        "/suggest?q=buur".to_owned(),
    ]
}

/// The answers that tell of a word.
#[track_caller]
fn telling(reader: &Client, word: &str, position: Option<i64>) -> Vec<String> {
    let tells = |ask: &String| {
        let answer = match position {
            Some(position) => after(reader, position, ask),
            None => read(reader, ask),
        };
        answer.to_string().to_lowercase().contains(word)
    };
    asks(word).into_iter().filter(tells).collect()
}

/// A document of each collection that is called by its word, and one beside it.
#[track_caller]
fn fill(writer: &Server) {
    for (collection, word) in COLLECTIONS.into_iter().zip(WORDS) {
        let more = match collection {
            "themes" => json!({ "definition": "Anker." }),
            _ => json!({ "summary": "Anker." }),
        };
        let name = format!("{word} aan zee");
        for (slug, name) in [("wind", name.as_str()), ("buur", "Buur")] {
            let body = with(least(collection, name), &more);
            put(writer, &format!("/{collection}/{slug}"), &body);
        }
    }
}

/// Makes the neighbours refer to the others.
#[track_caller]
fn refer(writer: &Server) {
    let participants = json!([
        { "organisation": "wind", "role": "lead" }, { "person": "wind", "role": "other" },
    ]);
    let body = json!({ "themes": ["wind"], "regions": ["wind"], "participants": participants });
    patch(writer, "/projects/buur", &body);
    let body = json!({ "partners": [{ "organisation": "wind", "role": "other" }] });
    patch(writer, "/regions/buur", &body);
}

/// Has everything that tells of a word shown, so that it is kept.
#[track_caller]
fn warm(writer: &Server, reader: &Server, word: &str) {
    after(reader, newest(writer), "/search?limit=1");
    let before = telling(reader, word, None);
    assert!(before.len() >= 3, "it is told of {word} before: {before:?}");
    assert_eq!(telling(reader, word, None), before, "and told again");
}

/// Changes the document of each of these collections, and checks that nobody is told of it any more.
#[track_caller]
fn goes(writer: &Server, reader: &Server, collections: &[&str], act: impl Fn(&str) -> Reply) {
    for (collection, word) in COLLECTIONS.into_iter().zip(WORDS) {
        if !collections.contains(&collection) {
            continue;
        }
        warm(writer, reader, word);
        let reply = act(collection);
        assert!((200..300).contains(&reply.status), "{reply}");
        let none = Vec::<String>::new();
        assert_eq!(telling(reader, word, None), none, "at once");
        let position = Some(position(&reply));
        assert_eq!(telling(reader, word, position), none, "when it is indexed");
    }
}

/// All that can happen to what was shown.
fn all_that_can_happen(writer: &Server, reader: &Server) {
    let key = writer.admin_key();
    fill(writer);
    refer(writer);
    let change = |collection: &str, body: &Value| {
        let path = format!("/{collection}/wind");
        writer.patch(&path).key(key).json(body).send()
    };
    goes(writer, reader, &COLLECTIONS, |collection| {
        change(collection, &json!({ "visibility": "restricted" }))
    });
    for (collection, word) in COLLECTIONS.into_iter().zip(WORDS) {
        patch(
            writer,
            &format!("/{collection}/wind"),
            &json!({ "visibility": "public" }),
        );
        let shown = telling(reader, word, Some(newest(writer)));
        assert!(shown.len() >= 3, "{word} is shown again: {shown:?}");
    }
    goes(writer, reader, &COLLECTIONS, |collection| {
        change(collection, &least(collection, "Anders"))
    });

    // Another name of a document is a text of those that name it.
    for (collection, others) in [
        ("organisations", "alternativeNames"),
        ("themes", "alternativeLabels"),
    ] {
        let word = "nevenstroom";
        change(collection, &json!({ others: [word] }));
        after(reader, newest(writer), "/search?limit=1");
        let shown = read(reader, "/search?q=nevenstroom&type=projects");
        assert!(
            shown.to_string().contains("<mark>nevenstroom</mark>"),
            "{shown}"
        );
        change(collection, &json!({ others: [] }));
        assert_eq!(telling(reader, word, None), Vec::<String>::new());
    }

    fill(writer);
    // Nobody's name must stay in what refers to it either.
    goes(writer, reader, &["people"], |_| {
        writer.post("/people/wind/erasure").key(key).send()
    });
    goes(writer, reader, &["organisations"], |_| {
        let merge = writer.post("/organisations/wind/merge").key(key);
        merge.json(&json!({ "into": "buur" })).send()
    });
}

both! {
    fn what_was_kept_is_not_shown_once_it_changed(server: &Server) {
        all_that_can_happen(server, server);
    }

    fn what_another_process_has_changed_is_not_shown_either(server: &Server) {
        let other = Server::start_on(server.backend, &server.database_url, &[("SEARCH_INDEX", "memory")]);
        all_that_can_happen(&other, server);
    }

    with([], [("CACHE_BYTES", "0")])
    fn nothing_need_be_kept(server: &Server) {
        all_that_can_happen(server, server);
    }

    with([], [("CACHE_BYTES", "20000")])
    fn little_can_be_kept(server: &Server) {
        all_that_can_happen(server, server);
    }

    fn what_is_deleted_is_not_shown_from_memory(server: &Server) {
        let key = server.admin_key();
        fill(server);
        goes(server, server, &COLLECTIONS, |collection| {
            server.delete(&format!("/{collection}/wind")).key(key).send()
        });
    }

    fn what_is_shown_to_who_has_a_key_is_not_kept_for_others(server: &Server) {
        let key = server.admin_key();
        fill(server);
        refer(server);
        for (collection, word) in COLLECTIONS.into_iter().zip(WORDS) {
            let path = format!("/{collection}/wind");
            patch(server, &path, &json!({ "visibility": "restricted" }));
            after(server, newest(server), "/search?limit=1");
            for ask in asks(word) {
                for _ in 0..2 {
                    let whole = server.get(&ask).key(key).send().expect(200);
                    let public = server.get(&ask).send().expect(200);
                    assert!(!public.text().to_lowercase().contains(word), "{ask}: {public}");
                    assert_ne!(whole.header("etag"), public.header("etag"), "{ask}");
                }
            }
            let seen = server.get(&format!("/search?q={word}")).key(key).send().expect(200).json();
            assert!(text(&seen["items"][0], "name").contains(word), "{seen}");
        }
    }

    fn the_same_is_answered_the_same_from_memory(server: &Server) {
        fill(server);
        refer(server);
        after(server, newest(server), "/search?limit=1");
        for word in WORDS {
            for ask in asks(word) {
                let first = server.get(&ask).send().expect(200);
                let again = server.get(&ask).send().expect(200);
                for name in ["etag", "link", "content-type", "cache-control", "vary"] {
                    assert_eq!(first.header(name), again.header(name), "{name} of {ask}");
                }
                assert_eq!(first.text(), again.text(), "{ask}");
                // Another page, of which the documents are known.
                let mark = if ask.contains('?') { '&' } else { '?' };
                let other = server.get(&format!("{ask}{mark}after=1")).send().expect(200);
                let plain = |reply: &Reply| reply.text().replace("&after=1", "");
                assert_eq!(plain(&other), plain(&first), "{ask}");
            }
        }
        let page = server.get("/search?q=anker&limit=2").send().expect(200);
        let next = page.json()["next"].as_str().expect("a next page").to_owned();
        let again = server.get("/search?q=anker&limit=2").send().expect(200);
        assert_eq!(again.json()["next"], next.as_str());
        assert!(again.header("link").is_some_and(|link| link.contains(&next)), "{again}");
    }
}
