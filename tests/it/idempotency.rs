//! `Idempotency-Key`: a POST that is sent again is done once.

use std::{sync::Barrier, thread};

use serde_json::json;

use crate::{
    builders::{create, faults, log, organisation, organisation_path, patch, read, region, with},
    support::{Server, assert_feed_equals_reads, items},
};

both! {
    fn the_same_request_gets_the_first_answer_again(server: &Server) {
        let key = server.admin_key();
        let post = || {
            let post = server
                .post("/organisations")
                .key(key)
                .header("idempotency-key", "order-1");
            post.json(&organisation("Once")).send()
        };
        let first = post().expect(201);
        patch(
            server,
            key,
            "/organisations/once",
            &json!({ "slug": "twice", "summary": "later" }),
        );
        let again = post().expect(201);
        assert_eq!(again.text(), first.text());
        for header in ["location", "etag", "content-type", "cache-control"] {
            assert!(first.header(header).is_some(), "no {header}");
            assert_eq!(again.header(header), first.header(header), "{header}");
        }
        assert_eq!(log(server, key).len(), 2);
        // Without the header, and with another, it is another request.
        create(server, key, "/organisations", &organisation("Once"));
        let other = server
            .post("/organisations")
            .key(key)
            .header("idempotency-key", "order-2");
        assert_ne!(
            other.json(&organisation("Once")).send().expect(201).text(),
            first.text()
        );
    }

    fn the_same_key_with_another_request_is_a_conflict(server: &Server) {
        let key = server.admin_key();
        let post = |path: &str, body: &serde_json::Value| {
            let post = server.post(path).key(key).header("idempotency-key", "k");
            post.json(body).send()
        };
        post("/organisations", &organisation("One")).expect(201);
        post("/organisations", &organisation("Two")).problem(409, "idempotency-key-reused");
        post("/regions", &region("One")).problem(409, "idempotency-key-reused");
        let merge = json!({ "into": "one" });
        post("/organisations/one/merge", &merge).problem(409, "idempotency-key-reused");
        assert_eq!(log(server, key).len(), 1);
    }

    fn each_holder_of_a_key_has_its_own(server: &Server) {
        let one = server.admin_key();
        let two = server.key("admin", None);
        let post = |key: &str| {
            let post = server
                .post("/organisations")
                .key(key)
                .header("idempotency-key", "k");
            post.json(&organisation("Each")).send()
        };
        let replies =
            [post(one), post(&two), post(one), post(&two)].map(|reply| reply.expect(201).json());
        assert_ne!(replies[0]["id"], replies[1]["id"]);
        assert_eq!((&replies[0], &replies[1]), (&replies[2], &replies[3]));
        let anonymous = server.post("/organisations").header("idempotency-key", "k");
        anonymous
            .json(&organisation("Each"))
            .send()
            .problem(401, "key-required");
    }

    fn a_refusal_is_not_kept(server: &Server) {
        let key = server.admin_key();
        let post = |body| {
            let post = server
                .post("/organisations")
                .key(key)
                .header("idempotency-key", "k");
            post.json(&body).send()
        };
        post(json!({ "name": "No kind" })).problem(400, "invalid-input");
        create(server, key, "/organisations", &organisation("Taken"));
        let taken = with(organisation("X"), &json!({ "slug": "taken" }));
        post(taken.clone()).problem(409, "taken");
        server
            .delete("/organisations/taken")
            .key(key)
            .send()
            .expect(204);
        post(taken).expect(201);
    }

    fn the_answer_outlives_a_restart(server: &mut Server) {
        let key = server.admin_key().to_owned();
        let post = |server: &Server| {
            let post = server
                .post("/organisations")
                .key(&key)
                .header("idempotency-key", "k");
            post.json(&organisation("Kept")).send().expect(201).json()
        };
        let first = post(server);
        server.restart();
        assert_eq!(post(server), first);
        server.kill9();
        server.restart();
        assert_eq!(post(server), first);
        let other = server
            .post("/organisations")
            .key(&key)
            .header("idempotency-key", "k");
        other
            .json(&organisation("Other"))
            .send()
            .problem(409, "idempotency-key-reused");
        assert_eq!(items(&read(server, &key, "/organisations")).len(), 1);
    }

    fn sixteen_at_once_make_one_document(server: &Server) {
        let key = server.admin_key();
        let start = Barrier::new(16);
        let replies: Vec<_> = thread::scope(|scope| {
            let started: Vec<_> = (0..16)
                .map(|_| {
                    scope.spawn(|| {
                        let post = server.post("/organisations").key(key);
                        let post = post
                            .header("idempotency-key", "k")
                            .json(&organisation("One"));
                        start.wait();
                        post.send()
                    })
                })
                .collect();
            started
                .into_iter()
                .map(|post| post.join().unwrap())
                .collect()
        });
        for reply in replies {
            let made = reply.expect(201).json();
            assert_eq!(made["slug"], "one");
        }
        assert_eq!(items(&read(server, key, "/organisations")).len(), 1);
        assert_feed_equals_reads(server, key);
    }

    fn a_merge_is_repeatable_too(server: &Server) {
        let key = server.admin_key();
        let source = create(server, key, "/organisations", &organisation("Source"));
        create(server, key, "/organisations", &organisation("Target"));
        let path = format!("{}/merge", organisation_path(&source));
        let merge = || {
            let merge = server.post(&path).key(key).header("idempotency-key", "k");
            merge.json(&json!({ "into": "target" })).send().expect(200)
        };
        let first = merge();
        assert_eq!(merge().text(), first.text());
        assert_eq!(
            log(server, key)
                .iter()
                .filter(|line| line["op"] == "merged")
                .count(),
            1
        );
    }

    fn a_key_that_is_no_key_is_refused(server: &Server) {
        let key = server.admin_key();
        for bad in ["", "with space", &"k".repeat(256), "é"] {
            let post = server
                .post("/organisations")
                .key(key)
                .header("idempotency-key", bad);
            let problem = post
                .json(&organisation("X"))
                .send()
                .problem(400, "invalid-input");
            assert_eq!(
                faults(&problem),
                ["header Idempotency-Key invalid_format"],
                "{bad:?}"
            );
        }
        let twice = server
            .post("/organisations")
            .key(key)
            .header("idempotency-key", "a");
        let twice = twice
            .header("idempotency-key", "b")
            .json(&organisation("X"))
            .send();
        assert_eq!(
            faults(&twice.problem(400, "invalid-input")),
            ["header Idempotency-Key invalid_format"]
        );
        assert!(log(server, key).is_empty());
        let longest = server
            .post("/organisations")
            .key(key)
            .header("idempotency-key", &"k".repeat(255));
        longest.json(&organisation("X")).send().expect(201);
    }

    fn it_is_refused_where_the_answer_holds_a_secret(server: &Server) {
        let key = server.admin_key();
        let post = server.post("/keys").key(key).header("idempotency-key", "k");
        let problem = post.json(&json!({ "name": "x", "role": "reader" })).send();
        let problem = problem.problem(400, "invalid-input");
        assert_eq!(faults(&problem), ["header Idempotency-Key contradiction"]);
        assert_eq!(
            items(&read(server, key, "/keys")).len(),
            1,
            "only the administrator's own"
        );
    }
}
