//! What `malformed/bodies.rs` leaves open of bodies: what a problem says of them, and where exactly
//! the limits lie.

use crate::{
    builders::{create, faults, log, organisation},
    support::{Server, text},
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

    fn what_is_not_json_is_told_with_its_place(server: &Server) {
        let key = server.admin_key();
        for (body, place) in [
            ("{\"name\": \"x\",}", "regel 1, kolom 14"),
            ("{\n  \"name\": x\n}", "regel 2, kolom 11"),
        ] {
            let post = server
                .post("/organisations")
                .key(key)
                .header("content-type", JSON);
            let reply = post.bytes(body.as_bytes()).send();
            let problem = reply.problem(400, "malformed-json");
            let told = text(&problem, "detail");
            assert!(told.contains(place), "{told}");
        }
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

    fn a_patch_has_two_media_types_and_other_bodies_one(server: &Server) {
        let key = server.admin_key();
        create(server, key, "/organisations", &organisation("X"));
        let patch_type = "application/merge-patch+json";
        for media in [patch_type, JSON, "Application/JSON; charset=\"UTF-8\""] {
            let patch = server
                .patch("/organisations/x")
                .key(key)
                .header("content-type", media);
            patch.bytes(b"{}").send().expect(200);
        }
        for media in [JSON, "application/json;charset=utf-8"] {
            let put = server
                .put("/organisations/x")
                .key(key)
                .header("content-type", media);
            let body = organisation("X").to_string();
            put.bytes(body.as_bytes()).send().expect(200);
        }
        assert_eq!(log(server, key).len(), 1);
    }
}
