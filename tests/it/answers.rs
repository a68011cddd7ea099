//! What every answer has, whatever gave it: headers, the form of a problem, its language, and
//! nothing of what is inside.

use std::collections::BTreeSet;

use serde_json::json;
use ureq::http::Method;

use crate::given::{delete, patch, plain, put, read};
use crate::support::{Reply, Server, text};

/// What no text that leaves the service may name.
const INSIDES: &str = "actix diesel sqlite postgres libpq serde deserr tokio rust .rs panicked \
    unwrap backtrace select src/ constraint";

/// One request for every kind of answer there is: method and path, whose key, one more header, the
/// body; then the status that answers it and, for a problem, its type.
const REQUESTS: &str = r#"
GET /organisations | | | | 200
GET /organisations?format=csv | | | | 200
GET /openapi.json | | | | 200
GET ../../health/live | | | | 200
GET /keys | admin | | | 200
POST /organisations | admin | | {"name":"N","kind":"other"} | 201
OPTIONS /organisations | | | | 204
DELETE /organisations/n | admin | | | 204
GET /organisations/a | | if-none-match: * | | 304
GET /organisations/b | | | | 308 moved
GET /organisations?limit=x | | | | 400 invalid-input
GET /organisations?denomination=%ff | | | | 400 malformed-request
GET /organisations?%zz | | | | 400 malformed-request
GET /postcodes/x | | | | 400 invalid-input
POST /organisations | admin | | {"nope":1} | 400 invalid-input
POST /organisations | admin | | [] | 400 invalid-input
POST /organisations | admin | | { | 400 malformed-json
POST /organisations | admin | | {"name":"\ud800"} | 400 malformed-json
POST /organisations | admin | | {"kind":1e999} | 400 malformed-json
POST /organisations | admin | content-type: application/json | nothing | 400 malformed-json
PATCH /organisations/a | admin | if-match: x | {} | 400 invalid-input
POST /organisations | | | {} | 401 key-required
GET /organisations | schakel_x_y | | | 401 key-required
GET /regions | | authorization: Basic eDp5 | | 401 key-required
GET /keys | | | | 401 key-required
POST /organisations | reader | | {} | 403 forbidden
GET /keys | reader | | | 403 forbidden
GET /organisations/nobody | | | | 404 not-found
GET /organisations/%ff | | | | 404 not-found
GET /nothing | | | | 404 not-found
GET ../../nothing | | | | 404 not-found
GET ../../ | | | | 404 not-found
PUT /organisations | admin | | {} | 405 method-not-allowed
POST ../../health/live | | | {} | 405 method-not-allowed
GET /organisations?format=xml | | | | 406 not-acceptable
GET /organisations | | accept: image/png | | 406 not-acceptable
POST /organisations | admin | | {"name":"A","kind":"other","slug":"a"} | 409 taken
DELETE /organisations/a | admin | | | 409 in-use
POST /organisations/a/merge | admin | | {"into":"a"} | 400 invalid-input
GET /organisations/gone | | | | 410 gone
PUT /organisations/a | admin | if-match: "9" | {} | 412 precondition-failed
PUT /organisations/a | admin | if-none-match: * | {} | 412 precondition-failed
POST /organisations | admin | content-type: text/plain | {} | 415 unsupported-media-type
PATCH /regions/r | admin | content-type: application/xml | {} | 415 unsupported-media-type
POST /organisations | admin | | more than 2 MiB | 413 too-large
"#;

/// Asks for all of it.
fn every_kind_of_answer(server: &Server) -> Vec<(Reply, u16, &'static str)> {
    let reader = server.key("reader", None);
    for slug in ["a", "b", "gone"] {
        plain(server, slug);
    }
    put(
        server,
        "/regions/r",
        &json!({
            "name": "R", "kind": "other", "partners": [{ "organisation": "a", "role": "other" }],
        }),
    );
    patch(server, "/organisations/b", &json!({ "slug": "c" }));
    delete(server, "/organisations/gone");
    let lines = REQUESTS.lines().filter(|line| !line.is_empty());
    lines.map(|line| ask(server, &reader, line)).collect()
}

fn ask(server: &Server, reader: &str, line: &'static str) -> (Reply, u16, &'static str) {
    let columns: Vec<&str> = line.split('|').map(str::trim).collect();
    let &[target, who, header, body, answer] = columns.as_slice() else {
        panic!("not five columns: {line}");
    };
    let (method, path) = target.split_once(' ').expect("method and path");
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let outside = path.strip_prefix("../..").map(|path| server.outside(path));
    let mut request = server.request(method, outside.as_deref().unwrap_or(path));
    request = match who {
        "" => request,
        "admin" => request.key(server.admin_key()),
        "reader" => request.key(reader),
        key => request.key(key),
    };
    if let Some((name, value)) = header.split_once(": ") {
        request = request.header(name, value);
    }
    if !body.is_empty() && !header.starts_with("content-type") {
        request = request.header("content-type", "application/json");
    }
    let large = vec![b' '; 2 * 1024 * 1024 + 1];
    request = match body {
        "" => request,
        "nothing" => request.bytes(b""),
        "more than 2 MiB" => request.bytes(&large),
        body => request.bytes(body.as_bytes()),
    };
    let (status, kind) = answer.split_once(' ').unwrap_or((answer, ""));
    (request.send(), status.parse().expect("a status"), kind)
}

both! {
    fn every_kind_of_answer_has_the_headers_and_every_failure_is_a_problem(server: &Server) {
        for (reply, status, kind) in every_kind_of_answer(server) {
            assert_eq!(reply.status, status, "{reply}");
            for (name, value) in [
                ("api-version", "1.0.0"),
                ("content-security-policy", "frame-ancestors 'none'"),
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "no-referrer"),
            ] {
                assert_eq!(reply.header(name), Some(value), "{name}: {reply}");
                assert_eq!(reply.headers.get_all(name).iter().count(), 1, "{name}: {reply}");
            }
            let transport = reply.header("strict-transport-security").unwrap_or_default();
            assert!(transport.starts_with("max-age="), "{reply}");
            assert!(reply.header("x-request-id").is_some_and(|id| id.len() >= 16), "{reply}");
            assert!(reply.header("server").is_none(), "{reply}");
            assert!(reply.header("cache-control").is_some(), "{reply}");
            if !kind.is_empty() {
                let problem = reply.problem(status, kind);
                let request = reply.header("x-request-id").unwrap_or_default();
                assert_eq!(text(&problem, "instance"), format!("urn:request:{request}"));
                assert_eq!(reply.header("content-language"), Some("nl"), "{reply}");
                let kept = reply.header("cache-control").unwrap_or_default();
                assert!(kept.contains("no-store"), "{kept}: {reply}");
            }
            let expected = match status {
                401 => Some("www-authenticate"),
                405 => Some("allow"),
                201 | 308 => Some("location"),
                _ => None,
            };
            assert!(expected.is_none_or(|name| reply.header(name).is_some()), "{expected:?}: {reply}");
        }
    }

    fn no_text_names_what_is_inside(server: &Server) {
        for (reply, status, kind) in every_kind_of_answer(server) {
            let mut told = reply.headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect::<Vec<_>>();
            if !kind.is_empty() {
                told.push(reply.text());
            }
            let told = told.join("\n").to_lowercase();
            let named = INSIDES.split_whitespace().find(|word| told.contains(word));
            assert!(named.is_none(), "{named:?} in {status}: {told}");
        }
        let contract = read(server, "/openapi.json").to_string().to_lowercase();
        let named = INSIDES.split_whitespace().take(9).find(|word| contract.contains(word));
        assert!(named.is_none(), "the API document names {named:?}");
    }

    fn problems_are_dutch_unless_the_caller_reads_english_better(server: &Server) {
        for (language, english) in [
            (None, false), (Some("nl"), false), (Some("en"), true), (Some("en-GB, en;q=0.9"), true),
            (Some("nl;q=0.5, en"), true), (Some("en;q=0.5, nl"), false), (Some("de"), false),
            (Some("de, en;q=0.3"), true), (Some("*"), false), (Some("en;q=0"), false), (Some(""), false),
        ] {
            for (path, dutch_title, english_title) in [
                ("/nothing", "Niet gevonden", "Not found"),
                ("/organisations?limit=0", "Ongeldige invoer", "Invalid input"),
                ("/organisations?format=x", "Geen passende vorm", "Not acceptable"),
            ] {
                let request = server.get(path);
                let request = match language {
                    Some(language) => request.header("accept-language", language),
                    None => request,
                };
                let reply = request.send();
                let title = if english { english_title } else { dutch_title };
                assert_eq!(reply.json()["title"], title, "{language:?}: {reply}");
                let tag = if english { "en" } else { "nl" };
                assert_eq!(reply.header("content-language"), Some(tag), "{language:?}");
                let code = reply.json()["errors"][0]["code"].clone();
                assert!(code.is_null() || code == "out_of_range", "codes never change: {reply}");
            }
        }
    }

    fn a_request_id_is_the_callers_own_if_it_is_harmless(server: &Server) {
        for id in ["a", "trace-1_2.3", "0193a1f2-7c00-7000-8000-000000000000"] {
            let reply = server.get("/nothing").header("x-request-id", id).send();
            assert_eq!(reply.header("x-request-id"), Some(id));
            assert_eq!(reply.json()["instance"], format!("urn:request:{id}"));
        }
        let long = "x".repeat(300);
        let mut made = BTreeSet::new();
        for id in ["", "a b", "<script>", "a\"b", "a;b", "a/b", &long] {
            let reply = server.get("/nothing").header("x-request-id", id).send();
            let own = reply.header("x-request-id").unwrap_or_default().to_owned();
            assert!(!own.is_empty() && own != id, "{id:?} is taken over");
            assert!(made.insert(own), "each request has an id of its own");
        }
    }
}
