//! Paths and methods: what does not exist, what may be asked instead, and who may ask.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use ureq::http::Method;

use crate::given::{patch, plain, read};
use crate::support::{Client, Reply, Server, a_changeset, operations, text};

/// The paths of the API document with real values in them, and the methods that each has.
fn documented_paths(server: &Server) -> BTreeMap<String, BTreeSet<String>> {
    let mut paths: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in operations(server) {
        let of_changeset = operation.template.starts_with("/changesets");
        let path = operation.path_with(|_| of_changeset.then(|| a_changeset(server)));
        let methods = paths.entry(path).or_default();
        methods.insert(operation.method.to_string());
    }
    paths
}

fn method(name: &str) -> Method {
    Method::from_bytes(name.as_bytes()).expect("a method")
}

/// The methods that `Allow` names.
fn allowed(reply: &Reply) -> BTreeSet<String> {
    let allow = reply.header("allow").unwrap_or_default();
    allow
        .split(',')
        .map(|name| name.trim().to_owned())
        .collect()
}

both! {
    with(["--demo"], [])
    fn a_path_that_does_not_exist_is_not_found(server: &Server) {
        for (path, _) in documented_paths(server) {
            for path in [format!("{path}/"), format!("{path}//"), format!("{path}/x/y"), format!("/{path}")] {
                server.get(&path).send().problem(404, "not-found");
            }
        }
        for path in [
            "", "/", "/Regions", "/regions.json", "/regions/noord-veluwe/", "/regions/noord-veluwe/team",
            "/regions/%zz", "/regions/%", "/regions/%ff", "/regions/%2e%2e", "/regions/..%2fkeys",
            "/regions/%00", "/regions/a%0d%0ab", "/organisations/cbs:GM9999", "/organisations/bsn:123456782",
            "/organisations/:", "/organisations/cbs:", "/organisations/NOORD", "/organisations/a%20b",
            "/organisations/a%2Fb", "/vocabularies/%ff", "/regions/noord-veluwe/versions/99",
        ] {
            server.get(path).send().problem(404, "not-found");
        }
        for path in ["/", "/api", "/api/", "/api/v2/regions", "/index.html", "/.env", "/health", "/health/live/"] {
            server.get(&server.outside(path)).send().problem(404, "not-found");
        }
        read(server, "/organisations/cbs%3AGM0230");
        read(server, "/organisations/tooi:https:%2F%2Fidentifier.overheid.nl%2Ftooi%2Fid%2Fgemeente%2Fgm0230");
    }

    with(["--demo"], [])
    fn a_method_that_does_not_exist_is_named_with_those_that_do(server: &Server) {
        for (path, mut methods) in documented_paths(server) {
            if methods.contains("GET") {
                methods.insert("HEAD".into());
            }
            methods.insert("OPTIONS".into());
            for name in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
                if methods.contains(name) {
                    continue;
                }
                let reply = server.request(method(name), &path).send();
                assert_eq!(reply.status, 405, "{reply}");
                assert_eq!(allowed(&reply), methods, "{reply}");
                if name != "HEAD" {
                    reply.problem(405, "method-not-allowed");
                }
            }
            let reply = server.options(&path).send();
            assert!(matches!(reply.status, 200 | 204) && reply.body.is_empty(), "{reply}");
            assert_eq!(allowed(&reply), methods, "{reply}");
        }
    }

    with(["--demo"], [])
    fn a_head_is_a_get_without_its_body(server: &Server) {
        let key = server.admin_key();
        let mut seen = 0;
        for (path, methods) in documented_paths(server) {
            if !methods.contains("GET") {
                continue;
            }
            let ask = |method| {
                let request = server.request(method, &path);
                if path.starts_with("/keys") || path.ends_with("/dossier") { request.key(key) } else { request }.send()
            };
            let (get, head, after) = (ask(Method::GET), ask(Method::HEAD), ask(Method::GET));
            assert_eq!((get.status, head.status), (200, 200), "{get}");
            assert!(!get.body.is_empty() && head.body.is_empty(), "{path}");
            let headers = |reply: &Reply| {
                let own = ["date", "x-request-id"];
                let all = reply.headers.iter().map(|(name, value)| (name.to_string(), value.clone()));
                all.filter(|(name, _)| !own.contains(&name.as_str())).collect::<BTreeSet<_>>()
            };
            // A list of keys tells when they were last used: just now.
            let same = [&get, &after].into_iter().find(|reply| headers(reply) == headers(&head));
            let same = same.unwrap_or_else(|| panic!("HEAD {path} has {:?}, not {:?}", head.headers, get.headers));
            // What is sent while it is made has a length only in the end.
            let length = same.body.len().to_string();
            let length = Some(length.as_str()).filter(|_| same.header("transfer-encoding").is_none());
            assert_eq!(head.header("content-length"), length, "{path}");
            seen += 1;
        }
        assert!(seen >= 16, "only {seen} paths with GET");
        for (path, status) in [("/nothing", 404), ("/organisations?limit=0", 400), ("/keys", 401)] {
            let reply = server.head(path).send().expect(status);
            assert!(reply.body.is_empty(), "{reply}");
        }
    }

    fn any_site_may_read(server: &Server) {
        plain(server, "a");
        for path in ["/organisations", "/organisations/a", "/openapi.json", "/nothing", "/organisations?limit=0"] {
            for call in [Client::get, Client::head, Client::options] {
                let reply = call(server, path).header("origin", "https://elders.example").send();
                assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{reply}");
            }
        }
        let written = server.post("/organisations").header("origin", "https://elders.example");
        let written = written.json(&json!({})).send();
        assert_eq!(written.header("access-control-allow-origin"), None, "{written}");
    }

    with([], [("PUBLIC_URL", "https://register.example/")])
    fn links_carry_the_public_address(server: &Server) {
        let made = server.post("/organisations").key(server.admin_key());
        let made = made.json(&json!({ "name": "A", "kind": "other" })).send().expect(201);
        let base = "https://register.example/api/v1";
        assert_eq!(made.header("location"), Some(format!("{base}/organisations/a").as_str()));
        plain(server, "b");
        let page = server.get("/organisations?limit=1").send().expect(200);
        let next = text(&page.json(), "next");
        assert!(next.starts_with(&format!("{base}/organisations?limit=1&cursor=")), "{next}");
        patch(server, "/organisations/b", &json!({ "slug": "c" }));
        let moved = server.get("/organisations/b?fields=name").send().expect(308);
        assert_eq!(moved.header("location"), Some(format!("{base}/organisations/c?fields=name").as_str()));
        let kind = server.get("/nothing").send().json()["type"].clone();
        assert_eq!(kind, "https://register.example/api/docs/problems#not-found");
        assert_eq!(read(server, "/openapi.json")["servers"][0]["url"], base);
    }
}
