//! Bodies that are no JSON object, too large, or of another kind.

use super::Attack;
use crate::support::{Operation, Reply, Server, Then, object};

const MEBIBYTE: usize = 1024 * 1024;

/// What is wrong, the body, and the type of the problem. `NAME` stands for a member of the body.
const BODIES: [(&str, &[u8], &str); 33] = [
    ("nothing", b"", "malformed-json"),
    ("blanks", b" \r\n\t", "malformed-json"),
    ("half an object", b"{\"NAME\": \"x\"", "malformed-json"),
    ("half a text", b"{\"NAME\": \"x", "malformed-json"),
    ("half an escape", b"{\"NAME\": \"\\u00", "malformed-json"),
    ("two objects", b"{}{}", "malformed-json"),
    ("an object and more", b"{} x", "malformed-json"),
    (
        "a comma at the end",
        b"{\"NAME\": \"x\",}",
        "malformed-json",
    ),
    ("single quotes", b"{'NAME': 'x'}", "malformed-json"),
    ("a comment", b"{\"NAME\": \"x\" /* x */}", "malformed-json"),
    ("no JSON at all", b"NAME=x&kind=other", "malformed-json"),
    ("a list", b"[]", "invalid-input"),
    ("a list of objects", b"[{\"NAME\": \"x\"}]", "invalid-input"),
    ("null", b"null", "invalid-input"),
    ("a number", b"7", "invalid-input"),
    ("a text", b"\"x\"", "invalid-input"),
    (
        "bytes that are no UTF-8",
        b"{\"NAME\": \"\xc3\x28\"}",
        "malformed-json",
    ),
    (
        "bytes that are no UTF-8, alone",
        b"\xff\xfe\xfd",
        "malformed-json",
    ),
    ("UTF-16", b"{\0\"\0x\0\"\0:\x001\0}\0", "malformed-json"),
    ("Latin-1", b"{\"NAME\": \"caf\xe9\"}", "malformed-json"),
    (
        "an overlong slash",
        b"{\"NAME\": \"\xc0\xaf\"}",
        "malformed-json",
    ),
    (
        "a NUL byte in a text",
        b"{\"NAME\": \"a\0b\"}",
        "malformed-json",
    ),
    (
        "a NUL byte after the object",
        b"{\"NAME\": \"x\"}\0",
        "malformed-json",
    ),
    (
        "a NUL character",
        br#"{"NAME": "a\u0000b"}"#,
        "invalid-input",
    ),
    (
        "a NUL character as a name",
        br#"{"\u0000": 1}"#,
        "invalid-input",
    ),
    (
        "a lone high surrogate",
        br#"{"NAME": "\ud800"}"#,
        "malformed-json",
    ),
    (
        "a lone low surrogate",
        br#"{"NAME": "\udc00"}"#,
        "malformed-json",
    ),
    (
        "surrogates in the wrong order",
        br#"{"NAME": "\udc00\ud800"}"#,
        "malformed-json",
    ),
    (
        "a lone surrogate in a name",
        br#"{"\ud800": 1}"#,
        "malformed-json",
    ),
    (
        "a surrogate in bytes",
        b"{\"NAME\": \"\xed\xa0\x80\"}",
        "malformed-json",
    ),
    ("1e400", b"{\"NAME\": 1e400}", "malformed-json"),
    ("-1e400", b"{\"NAME\": -1e400}", "malformed-json"),
    ("no number", b"{\"NAME\": NaN}", "malformed-json"),
];

/// Media types in which nothing takes its body; an empty one is left out.
const MEDIA_TYPES: [&str; 9] = [
    "",
    "text/plain",
    "text/json",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json; charset=iso-8859-1",
    "application/jsonp",
    "json",
];

both! {
    with(["--demo"], [])
    fn a_body_that_is_no_json_object_is_refused(server: &Server) {
        let mut attack = Attack::on(server);
        attack.each(|attack, operation| {
            let name = member(operation);
            for (what, body, kind) in BODIES {
                let body = replaced(body, b"NAME", name.as_bytes());
                attack.send_body(operation, what, &body, &[(400, kind)]);
            }
        });
        attack.assert_repelled();
    }

    with(["--demo"], [])
    fn ten_thousand_levels_and_ten_mebibytes_are_refused(server: &Server) {
        const LEVELS: usize = 10_000;
        let mut attack = Attack::on(server);
        attack.each(|attack, operation| {
            let name = member(operation);
            let lists = ["[".repeat(LEVELS), "]".repeat(LEVELS)].concat();
            let objects = ["{\"x\":".repeat(LEVELS), "1".to_owned(), "}".repeat(LEVELS)].concat();
            for (what, body) in [
                ("10,000 lists in each other", lists.clone()),
                ("10,000 lists that do not end", "[".repeat(LEVELS)),
                ("10,000 objects in each other", objects.clone()),
                ("10,000 lists in a member", format!("{{\"{name}\": {lists}}}")),
                ("10,000 objects in a member", format!("{{\"{name}\": {objects}}}")),
            ] {
                attack.send_body(operation, what, body.as_bytes(), &[(400, "malformed-json")]);
            }
            let text = "x".repeat(10 * MEBIBYTE);
            let large = format!("{{\"{name}\": \"{text}\"}}");
            attack.send_body(operation, "10 MiB", large.as_bytes(), &[(413, "too-large")]);
            let mut chunked = b"Transfer-Encoding: chunked\r\n\r\n".to_vec();
            for chunk in large.as_bytes().chunks(MEBIBYTE / 16) {
                chunked.extend(format!("{:x}\r\n", chunk.len()).bytes());
                chunked.extend(chunk);
                chunked.extend(b"\r\n");
            }
            chunked.extend(b"0\r\n\r\n");
            attack.send(operation, "10 MiB in chunks", &chunked, Then::Wait, &[(413, "too-large")]);
        });
        attack.assert_repelled();
    }

    with(["--demo"], [])
    fn a_body_of_another_media_type_is_refused(server: &Server) {
        let mut attack = Attack::on(server);
        attack.each(|attack, operation| {
            let Some(body) = operation.least_body() else {
                return;
            };
            let takes = operation.media_types();
            let wrong = MEDIA_TYPES.into_iter().chain(["application/merge-patch+json", "application/json"]);
            let expected = [(415, "unsupported-media-type")];
            for media in wrong.filter(|media| !takes.contains(media)) {
                let request = attack.request(operation, &operation.path());
                let request = if media.is_empty() { request } else { request.header("content-type", media) };
                let answer = request.bytes(body.to_string().as_bytes()).send();
                attack.expect(&format!("{}: '{media}'", operation.name()), Ok(answer), &expected);
            }
            for coding in ["gzip", "br", "x"] {
                let request = attack.request(operation, &operation.path()).header("content-encoding", coding);
                let answer = request.json(&body).send();
                attack.expect(&format!("{}: {coding}", operation.name()), Ok(answer), &expected);
            }
        });
        attack.assert_repelled();
    }
}

impl Attack<'_> {
    /// Sends a body. An operation that takes none is not to be harmed by it.
    fn send_body(
        &mut self,
        operation: &Operation,
        what: &str,
        body: &[u8],
        expected: &[(u16, &str)],
    ) {
        let length = format!("Content-Length: {}\r\n\r\n", body.len());
        let sent = [length.as_bytes(), body].concat();
        self.send(operation, what, &sent, Then::Wait, expected);
    }

    /// Sends the rest of a request, from the headers that are the test's own.
    pub(super) fn send(
        &mut self,
        operation: &Operation,
        what: &str,
        rest: &[u8],
        then: Then,
        expected: &[(u16, &str)],
    ) {
        let answer = self.answer(operation, rest, then);
        self.judge_sent(operation, what, answer, expected);
    }

    /// The same, where the end of the connection will do for an answer.
    pub(super) fn send_and_listen(
        &mut self,
        operation: &Operation,
        what: &str,
        rest: &[u8],
        expected: &[(u16, &str)],
    ) {
        let answer = self.answer(operation, rest, Then::Wait);
        let ended = ["was closed", "reset by peer"];
        match answer {
            Err(lacking) if ended.iter().any(|end| lacking.contains(end)) => {}
            answer => self.judge_sent(operation, what, answer, expected),
        }
    }

    fn judge_sent(
        &mut self,
        operation: &Operation,
        what: &str,
        answer: Result<Reply, String>,
        expected: &[(u16, &str)],
    ) {
        let what = format!("{}: {what}", operation.name());
        // What is wrong in a file is told of its documents, in the lines of an ordinary answer.
        if operation.media_types().is_empty() || operation.takes_a_file() {
            self.expect_no_harm(&what, answer, operation);
        } else {
            self.expect(&what, answer, expected);
        }
    }

    fn answer(&self, operation: &Operation, rest: &[u8], then: Then) -> Result<Reply, String> {
        let takes = operation.media_types();
        let media = takes.first().copied().unwrap_or("application/json");
        let head = self.head(operation, &operation.path());
        let head = format!("{head}Content-Type: {media}\r\n");
        self.server.raw(&[head.as_bytes(), rest].concat(), then)
    }
}

/// The name of a member that the body of an operation has, or any name if it has none.
fn member(operation: &Operation) -> String {
    let body = operation.least_body();
    let name = body.as_ref().and_then(|body| object(body).next());
    name.map_or_else(|| "name".to_owned(), |(name, _)| name.clone())
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    match bytes.windows(from.len()).position(|part| part == from) {
        Some(at) => [&bytes[..at], to, &bytes[at + from.len()..]].concat(),
        None => bytes.to_vec(),
    }
}
