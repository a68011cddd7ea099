//! Bodies that end too early or are wrongly framed, and bytes that are no request at all.

use super::Attack;
use crate::support::{Server, Then};

/// What is wrong and what is sent after the other headers. `SIZE` is the length of a body that
/// would be taken, `HEX` the same in hexadecimal, `MORE` one byte more; `BODY` is the body and
/// `HALF` its first half.
const FRAMES: [(&str, &str); 13] = [
    (
        "another encoding",
        "Transfer-Encoding: gzip, chunked\r\n\r\nHEX\r\nBODY\r\n0\r\n\r\n",
    ),
    ("an unknown encoding", "Transfer-Encoding: x\r\n\r\nBODY"),
    (
        "two encodings",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\nHEX\r\nBODY\r\n0\r\n\r\n",
    ),
    (
        "a length and chunks",
        "Content-Length: SIZE\r\nTransfer-Encoding: chunked\r\n\r\nHEX\r\nBODY\r\n0\r\n\r\n",
    ),
    (
        "two lengths",
        "Content-Length: SIZE\r\nContent-Length: MORE\r\n\r\nBODY ",
    ),
    (
        "two lengths in one",
        "Content-Length: SIZE, MORE\r\n\r\nBODY ",
    ),
    ("a negative length", "Content-Length: -1\r\n\r\nBODY"),
    ("a signed length", "Content-Length: +SIZE\r\n\r\nBODY"),
    (
        "a length that is no number",
        "Content-Length: SIZEx\r\n\r\nBODY",
    ),
    (
        "a length in hexadecimal",
        "Content-Length: 0xHEX\r\n\r\nBODY",
    ),
    (
        "a length of 2^64",
        "Content-Length: 18446744073709551616\r\n\r\nBODY",
    ),
    ("no length", "Content-Length: \r\n\r\nBODY"),
    (
        "a space before the colon",
        "Content-Length : SIZE\r\n\r\nBODY",
    ),
];

/// The same, for chunks that are wrong. The HTTP library drops such a connection, and whether the
/// answer of the service is faster cannot be foreseen.
const CHUNKS: [(&str, &str); 7] = [
    (
        "chunks of no size",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\nBODY\r\n0\r\n\r\n",
    ),
    (
        "a chunk of no size after the body",
        "Transfer-Encoding: chunked\r\n\r\nHEX\r\nBODY\r\nzz\r\n",
    ),
    (
        "an empty line for a size",
        "Transfer-Encoding: chunked\r\n\r\n\r\nBODY\r\n0\r\n\r\n",
    ),
    (
        "a chunk of a negative size",
        "Transfer-Encoding: chunked\r\n\r\n-5\r\nBODY\r\n0\r\n\r\n",
    ),
    (
        "a chunk of 2^64",
        "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\nBODY\r\n0\r\n\r\n",
    ),
    (
        "a chunk longer than it says",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nBODY\r\n0\r\n\r\n",
    ),
    ("no chunks", "Transfer-Encoding: chunked\r\n\r\nBODY"),
];

/// The same, for what is cut off: nothing more comes.
const CUT: [(&str, &str); 6] = [
    ("half of the body", "Content-Length: SIZE\r\n\r\nHALF"),
    ("all but the last byte", "Content-Length: MORE\r\n\r\nBODY"),
    ("nothing of the body", "Content-Length: SIZE\r\n\r\n"),
    (
        "half a chunk",
        "Transfer-Encoding: chunked\r\n\r\nHEX\r\nHALF",
    ),
    (
        "no last chunk",
        "Transfer-Encoding: chunked\r\n\r\nHEX\r\nBODY\r\n",
    ),
    (
        "no end after the last chunk",
        "Transfer-Encoding: chunked\r\n\r\nHEX\r\nBODY\r\n0\r\n",
    ),
];

/// What is no request.
const NO_REQUESTS: [(&str, &[u8]); 12] = [
    ("zeros", b"\0\0\0\0\r\n\r\n"),
    (
        "a handshake of TLS",
        b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n",
    ),
    ("no version", b"GET /api/v1/regions\r\n\r\n"),
    (
        "an unknown version",
        b"GET /api/v1/regions HTTP/9.9\r\nHost: x\r\n\r\n",
    ),
    ("no host", b"GET /api/v1/regions HTTP/1.1\r\n\r\n"),
    (
        "two hosts",
        b"GET /api/v1/regions HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    ),
    (
        "a bad method",
        b"G(T /api/v1/regions HTTP/1.1\r\nHost: x\r\n\r\n",
    ),
    (
        "bytes in the address",
        b"GET /api/v1/regions/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    ),
    (
        "a space in the address",
        b"GET /api/v1/regions/a b HTTP/1.1\r\nHost: x\r\n\r\n",
    ),
    (
        "a NUL in a header",
        b"GET /api/v1/regions HTTP/1.1\r\nHost: x\r\nX-A: \0\r\n\r\n",
    ),
    (
        "a header without a colon",
        b"GET /api/v1/regions HTTP/1.1\r\nHost: x\r\nX-A\r\n\r\n",
    ),
    (
        "a folded header",
        b"GET /api/v1/regions HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\n\r\n",
    ),
];

both! {
    with(["--demo"], [])
    fn a_body_that_is_framed_wrongly_is_refused(server: &Server) {
        let mut attack = Attack::on(server);
        attack.each(|attack, operation| {
            for (what, rest) in FRAMES {
                let rest = filled(rest, operation.least_body());
                attack.send(operation, what, rest.as_bytes(), Then::Wait, &[(400, "malformed-request")]);
            }
            let rest = filled("Content-Length: 9223372036854775808\r\n\r\nBODY", operation.least_body());
            attack.send(operation, "a length of 2^63", rest.as_bytes(), Then::Wait, &[(413, "too-large")]);
        });
        attack.assert_repelled();
    }

    with(["--demo"], [])
    fn chunks_that_are_wrong_are_refused_or_end_the_connection(server: &Server) {
        let mut attack = Attack::on(server);
        attack.each(|attack, operation| {
            for (what, rest) in CHUNKS {
                let rest = filled(rest, operation.least_body());
                attack.send_and_listen(operation, what, rest.as_bytes(), &[(400, "malformed-request")]);
            }
        });
        attack.assert_repelled();
    }

    with(["--demo"], [])
    fn a_body_that_is_cut_off_is_refused(server: &Server) {
        let mut attack = Attack::on(server);
        attack.each(|attack, operation| {
            for (what, rest) in CUT {
                let rest = filled(rest, operation.least_body());
                attack.send(operation, what, rest.as_bytes(), Then::Finish, &[(400, "malformed-request")]);
                let head = attack.head(operation, &operation.path());
                let head = format!("{head}Content-Type: application/json\r\n");
                // An operation without a body is ordinarily answered, and that changes nothing.
                attack.server.raw_and_hang_up([head, rest].concat().as_bytes());
            }
        });
        attack.assert_repelled();
    }

    fn a_body_that_nobody_reads_does_not_keep_the_connection(server: &Server) {
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        let body = format!("{}0\r\n\r\n", chunk.repeat(10 * 16));
        let head = "GET /api/v1/regions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert!(server.raw_ends(format!("{head}{body}").as_bytes()), "the rest of a body is waiting for ever");
    }

    with(["--demo"], [])
    fn what_is_no_request_is_refused_and_others_are_served_on(server: &Server) {
        let mut attack = Attack::on(server);
        for (what, bytes) in NO_REQUESTS {
            for then in [Then::Wait, Then::Finish] {
                let answer = server.raw(bytes, then);
                attack.expect(&format!("{what}, {then:?}"), answer, &[(400, "malformed-request")]);
            }
        }
        attack.assert_repelled();
    }
}

/// A frame around a body that would be taken; around any, where none is taken.
fn filled(frame: &str, body: Option<serde_json::Value>) -> String {
    let body = body
        .unwrap_or_else(|| serde_json::json!({ "name": "x" }))
        .to_string();
    frame
        .replace("SIZE", &body.len().to_string())
        .replace("MORE", &(body.len() + 1).to_string())
        .replace("HEX", &format!("{:x}", body.len()))
        .replace("HALF", &body[..body.len() / 2])
        .replace("BODY", &body)
}
