//! Bodies that cannot be read as what they say they are: not JSON, too large, of another kind.

use crate::{
    builders::{create, faults, log, organisation},
    support::Server,
};

const JSON: &str = "application/json";
const MEBIBYTE: usize = 1024 * 1024;

both! {
    fn a_member_that_stands_there_twice_is_refused(server: &Server) {
        let key = server.admin_key();
        let body = br#"{
            "name": "A", "kind": "other",
            "serviceArea": {"postcodes": [], "postcodes": []},
            "name": "A"
        }"#;
        let post = server
            .post("/organisations")
            .key(key)
            .header("content-type", JSON);
        let problem = post.bytes(body).send().problem(400, "invalid-input");
        assert_eq!(
            faults(&problem),
            [
                "body /name duplicate",
                "body /serviceArea/postcodes duplicate"
            ]
        );
        assert!(log(server, key).is_empty());
    }

    fn what_is_not_json_is_refused_with_its_place(server: &Server) {
        let key = server.admin_key();
        let nested = [b"[".repeat(10_000), b"{\"a\":".repeat(10_000)];
        let open = [&b"{\"name\": "[..], &nested[0]].concat();
        let bodies: [&[u8]; 13] = [
            b"",
            b" ",
            b"{",
            b"{\"name\": \"x\"",
            b"{}{}",
            b"{\"name\": \"x\",}",
            b"{'name': 'x'}",
            b"\xff\xfe",
            b"{\"name\": \"\xc3\x28\"}",
            br#"{"name": "\ud800"}"#,
            b"{\"name\": \"a\x00b\"}",
            b"{\"latitude\": 1e400}",
            b"name=x&kind=other",
        ];
        for body in bodies
            .into_iter()
            .chain([nested[0].as_slice(), &nested[1], &open])
        {
            for request in [
                server.post("/organisations"),
                server.put("/organisations/x"),
            ] {
                let reply = request
                    .key(key)
                    .header("content-type", JSON)
                    .bytes(body)
                    .send();
                let problem = reply.problem(400, "malformed-json");
                let told = problem.to_string();
                assert!(
                    !told.contains("serde") && !told.contains("recursion"),
                    "{told}"
                );
            }
        }
        assert!(log(server, key).is_empty());
    }

    fn a_body_of_two_mebibytes_is_the_largest(server: &Server) {
        let key = server.admin_key();
        let padded = |length: usize| {
            let mut body = organisation("Large").to_string().into_bytes();
            body.resize(length, b' ');
            body
        };
        let post = |length| {
            let post = server
                .post("/organisations")
                .key(key)
                .header("content-type", JSON);
            post.bytes(&padded(length)).send()
        };
        post(2 * MEBIBYTE + 1).problem(413, "too-large");
        assert!(log(server, key).is_empty());
        post(2 * MEBIBYTE).expect(201);
    }

    fn another_kind_of_content_is_refused_with_415(server: &Server) {
        let key = server.admin_key();
        create(server, key, "/organisations", &organisation("X"));
        let body = br#"{"name": "X", "kind": "other"}"#;
        let wrong = [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("application/xml"),
            Some("application/json; charset=iso-8859-1"),
            Some("json"),
            Some("application/jsonp"),
            Some(""),
        ];
        for media in wrong {
            for request in [
                server.post("/organisations"),
                server.put("/organisations/x"),
                server.patch("/organisations/x"),
                server.post("/organisations/x/merge"),
                server.post("/keys"),
            ] {
                let request = media.iter().fold(request, |request, media| {
                    request.header("content-type", media)
                });
                let reply = request.key(key).bytes(body).send();
                reply.problem(415, "unsupported-media-type");
            }
        }
        let patch_type = "application/merge-patch+json";
        for request in [
            server.post("/organisations"),
            server.put("/organisations/x"),
        ] {
            let reply = request
                .key(key)
                .header("content-type", patch_type)
                .bytes(body)
                .send();
            reply.problem(415, "unsupported-media-type");
        }
        for media in [patch_type, JSON, "Application/JSON; charset=\"UTF-8\""] {
            let patch = server
                .patch("/organisations/x")
                .key(key)
                .header("content-type", media);
            patch.bytes(b"{}").send().expect(200);
        }
        assert_eq!(log(server, key).len(), 1);
    }
}
