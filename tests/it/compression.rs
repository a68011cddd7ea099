//! Answers that travel compressed: the same content, other tags.

use std::io::Read;

use serde_json::json;

use crate::support::{Reply, Server};

const CODINGS: [&str; 3] = ["gzip", "br", "zstd"];

/// The content of an answer, whatever its coding.
fn content(reply: &Reply) -> String {
    let mut text = String::new();
    let body = reply.body.as_slice();
    let read = match reply.header("content-encoding") {
        Some("gzip") => flate2::read::GzDecoder::new(body).read_to_string(&mut text),
        Some("br") => brotli::Decompressor::new(body, 4096).read_to_string(&mut text),
        Some("zstd") => zstd::Decoder::new(body)
            .expect("zstd")
            .read_to_string(&mut text),
        Some(other) => panic!("an unknown coding: {other}"),
        None => return reply.text(),
    };
    read.expect("a whole compressed body");
    text
}

fn etag(reply: &Reply) -> String {
    reply.header("etag").expect("an ETag").to_owned()
}

both! {
    with(["--demo"], [])
    fn an_answer_is_the_same_in_each_coding(server: &Server) {
        let paths = ["/regions/noord-veluwe", "/organisations?limit=50", "/organisations?format=csv",
            "/changes?limit=50&include=document", "/openapi.json", "/openapi.yaml"];
        for path in paths {
            let plain = server.get(path).send().expect(200);
            assert_eq!(plain.header("content-encoding"), None);
            let mut tags = vec![etag(&plain)];
            for coding in CODINGS {
                let packed = server.get(path).header("accept-encoding", coding).send().expect(200);
                assert_eq!(packed.header("content-encoding"), Some(coding), "{path}");
                assert!(packed.body.len() < plain.body.len(), "{path} in {coding} is no smaller");
                assert_eq!(content(&packed), plain.text(), "{path} in {coding}");
                assert_eq!(packed.header("content-type"), plain.header("content-type"));
                tags.push(etag(&packed));
            }
            for reply in [&plain, &server.get(path).header("accept-encoding", "br").send()] {
                let vary = reply.headers.get_all("vary").iter().count();
                assert_eq!(vary, 1, "Vary stands there once");
                assert!(reply.header("vary").unwrap_or_default().contains("Accept-Encoding"));
            }
            tags.sort();
            tags.dedup();
            assert_eq!(tags.len(), 4, "each coding of {path} has a strong tag of its own: {tags:?}");
        }
    }

    with(["--demo"], [])
    fn what_the_caller_has_in_that_coding_is_not_sent_again(server: &Server) {
        for path in ["/regions/noord-veluwe", "/organisations?limit=50", "/openapi.json"] {
            let plain = etag(&server.get(path).send().expect(200));
            for coding in CODINGS {
                let ask = |tags: &str| {
                    let request = server.get(path).header("accept-encoding", coding);
                    request.header("if-none-match", tags).send()
                };
                let packed = etag(&server.get(path).header("accept-encoding", coding).send().expect(200));
                let known = ask(&packed).expect(304);
                assert_eq!(etag(&known), packed, "a 304 names the tag that it would have sent");
                assert_eq!(known.header("content-encoding"), None);
                assert!(known.body.is_empty());
                ask(&format!("\"x\", W/{packed}")).expect(304);
                ask("*").expect(304);
                ask(&plain).expect(200);
                server.get(path).header("if-none-match", &packed).send().expect(200);
                let head = server.head(path).header("accept-encoding", coding).send().expect(200);
                assert_eq!(etag(&head), packed);
                assert!(head.body.is_empty());
            }
        }
    }

    with(["--demo"], [])
    fn a_tag_of_any_coding_will_do_for_writing(server: &Server) {
        for coding in CODINGS {
            let read = server.get("/organisations/zeeluwe").header("accept-encoding", coding).send().expect(200);
            let change = |tag: &str| {
                let request = server.patch("/organisations/zeeluwe").key(server.admin_key());
                let request = request.header("if-match", tag).header("accept-encoding", coding);
                request.json(&json!({"summary": format!("Gelezen als {coding}")})).send()
            };
            let written = change(&etag(&read)).expect(200);
            assert!(content(&written).contains("Gelezen als"));
            change(&etag(&written)).expect(200);
            assert_eq!(change(&etag(&read)).status, 412);
        }
    }

    fn a_caller_chooses(server: &Server) {
        for (accepted, coding) in [
            ("gzip;q=0.5, br;q=0.9", Some("br")),
            ("deflate, gzip;q=0.1", Some("gzip")),
            ("gzip, deflate, br, zstd", Some("br")),
            ("br;q=0, *", None),
            ("deflate", None),
            ("identity", None),
            ("identity;q=0, *;q=0", None),
            ("", None),
            ("gzip;q=2, \u{7f}", None),
        ] {
            let answer = server.get("/openapi.json").header("accept-encoding", accepted).try_send();
            // A header that no client may send is not sent.
            let Ok(answer) = answer else { continue };
            assert_eq!(answer.header("content-encoding"), coding, "{accepted}");
            assert!(content(&answer).starts_with('{'));
        }
    }

    fn problems_can_be_compressed_too(server: &Server) {
        let refused = server.get("/nowhere").header("accept-encoding", "gzip").send().expect(404);
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        assert!(content(&refused).contains("not-found"));
    }
}
