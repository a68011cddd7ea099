//! Files that are wrong or hostile: a clear error, bounded time and memory, nothing stored.

use serde_json::json;

use super::{position, project, raw, told};
use crate::support::Server;

both! {
    fn a_line_that_is_wrong_is_told_by_its_number_and_the_others_are_read(server: &Server) {
        let before = position(server);
        let long = format!("{{\"type\":\"projects\",\"name\":\"{}\"}}", "x".repeat(5_000_000));
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        let good = project("goed", json!({})).to_string();
        let lines: [(&[u8], &str); 9] = [
            (good.as_bytes(), ""),
            (b"geen json", "invalid_format"),
            (b"{\"type\":\"projects\",\"name\":\"\xff\"}", "invalid_format"),
            (b"{\"type\":\"projects\",\"name\":\"a\\u0000b\",\"kind\":\"pilot\"}", "control_characters"),
            (b"{\"type\":\"draken\",\"name\":\"x\"}", "unknown_value"),
            (b"{\"name\":\"zonder soort\"}", "missing"),
            (b"{\"type\":\"projects\",\"name\":\"a\",\"name\":\"b\"}", "duplicate"),
            (deep.as_bytes(), "invalid_format"),
            (long.as_bytes(), "contradiction"),
        ];
        let body = lines.map(|(line, _)| line).join(&b"\n\n"[..]);
        let reply = raw(server, "", &body).key(server.admin_key()).send();
        let done = told(&reply);
        assert_eq!(done.documents.len(), lines.len());
        for ((document, (_, code)), number) in done.documents.iter().zip(lines).zip(1_u64..) {
            if code.is_empty() {
                assert_eq!(document["status"], "created");
                continue;
            }
            assert_eq!(document["errors"][0]["code"], code, "{document}");
            assert_eq!(document["errors"][0]["place"]["row"], number * 2 - 1, "{document}");
        }
        assert!(reply.body.len() < 100_000, "an error is not as long as the file");
        assert_eq!(position(server), before);
    }

    fn what_is_no_file_of_documents_is_refused(server: &Server) {
        let key = server.admin_key();
        let send = |media: &str, body: &[u8]| server.post("/imports").key(key).header("content-type", media).bytes(body).send();
        send("image/png", b"x").problem(415, "unsupported-media-type");
        send("application/xml", b"<x/>").problem(415, "unsupported-media-type");
        let encoded = server.post("/imports").key(key).header("content-type", "application/json").header("content-encoding", "gzip");
        encoded.bytes(b"x").send().problem(415, "unsupported-media-type");
        let unreadable = told(&send("application/json", b"{\"type\": \"projects\""));
        assert_eq!(unreadable.summary["applied"], false);
        for query in ["mode=half", "onMissing=x", "dryRun=ja", "type=draken", "type=projects,people", "unknown=1"] {
            raw(server, query, b"{}").key(key).send().problem(400, "invalid-input");
        }
        let empty = told(&send("application/x-ndjson", b""));
        assert_eq!((&empty.summary["created"], &empty.summary["applied"]), (&json!(0), &json!(true)));
    }

    fn a_json_array_is_read_like_lines(server: &Server) {
        let body = json!([{"name": "Een", "kind": "pilot"}, {"name": "Twee", "kind": "pilot", "type": "projects"}]);
        let request = server.post("/imports?type=projects").key(server.admin_key());
        let done = told(&request.json(&body).send()).assert_applied();
        assert_eq!(done.statuses(), ["created", "created"]);
    }
}
