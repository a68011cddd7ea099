//! What pages of other origins may do from a browser (CORS).

use serde_json::json;

use crate::given::plain;
use crate::support::{Reply, Server};

const PAGE: &str = "https://www.gemeente.example";
const DESK: &str = "https://beheer.example";

/// The browser's question before a request that is not simple.
fn ask(server: &Server, path: &str, origin: &str, method: &str, headers: &str) -> Reply {
    server
        .options(path)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", headers)
        .send()
}

fn words(reply: &Reply, header: &str) -> Vec<String> {
    let value = reply.header(header).unwrap_or_default().to_lowercase();
    value
        .split(',')
        .map(|word| word.trim().to_owned())
        .collect()
}

both! {
    with(["--demo"], [("CORS_ORIGINS", "https://beheer.example")])
    fn every_page_may_read(server: &Server) {
        for path in ["/regions", "/openapi.json", "/regions/nowhere", "/nowhere"] {
            for request in [server.get(path), server.get(path).header("origin", PAGE)] {
                let answer = request.send();
                assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
                let exposed = words(&answer, "access-control-expose-headers");
                for header in ["etag", "link", "location", "ratelimit", "retry-after", "x-request-id"] {
                    assert!(exposed.iter().any(|one| one == header), "{header} of {path}");
                }
            }
        }
        let asked = ask(server, "/regions", PAGE, "GET", "authorization, if-none-match").expect(204);
        assert_eq!(asked.header("access-control-allow-origin"), Some("*"));
        assert!(words(&asked, "access-control-allow-methods").contains(&"get".to_owned()));
        for header in ["authorization", "if-none-match", "accept-language", "x-request-id"] {
            assert!(words(&asked, "access-control-allow-headers").contains(&header.to_owned()));
        }
        assert!(asked.header("access-control-max-age").is_some());
    }

    with([], [("CORS_ORIGINS", "https://other.example, https://beheer.example")])
    fn a_configured_page_may_write(server: &Server) {
        plain(server, "een");
        for (path, method) in [("/organisations", "POST"), ("/organisations/een", "PATCH"), ("/organisations/een", "DELETE")] {
            let asked = ask(server, path, DESK, method, "authorization, content-type, if-match").expect(204);
            assert_eq!(asked.header("access-control-allow-origin"), Some(DESK));
            assert!(words(&asked, "access-control-allow-methods").contains(&method.to_lowercase()));
            assert!(words(&asked, "access-control-allow-headers").contains(&"if-match".to_owned()));
            assert!(words(&asked, "vary").contains(&"origin".to_owned()));
        }
        let body = json!({"summary": "Nieuw"});
        let request = server.patch("/organisations/een").key(server.admin_key()).header("origin", DESK);
        let written = request.json(&body).send().expect(200);
        assert_eq!(written.header("access-control-allow-origin"), Some(DESK));
        assert!(words(&written, "access-control-expose-headers").contains(&"etag".to_owned()));
        assert!(words(&written, "vary").contains(&"origin".to_owned()));
        // A page must be able to read why it was refused.
        let refused = server.patch("/organisations/een").header("origin", DESK).json(&body).send();
        assert_eq!(refused.header("access-control-allow-origin"), Some(DESK));
    }

    with([], [("CORS_ORIGINS", "https://beheer.example")])
    fn no_other_page_may_write(server: &Server) {
        plain(server, "een");
        for origin in [PAGE, "null", "https://beheer.example.evil.example", "http://beheer.example", "https://beheer.example:8443"] {
            let asked = ask(server, "/organisations/een", origin, "PATCH", "authorization");
            assert_eq!(asked.header("access-control-allow-origin"), None, "{origin}");
            let sent = server.patch("/organisations/een").header("origin", origin).json(&json!({})).send();
            assert_eq!(sent.header("access-control-allow-origin"), None, "{origin}");
        }
    }

    fn no_page_may_write_unless_configured(server: &Server) {
        let asked = ask(server, "/organisations", DESK, "POST", "authorization");
        assert_eq!(asked.header("access-control-allow-origin"), None);
    }

    fn no_page_gets_cookies_or_credentials(server: &Server) {
        for answer in [server.get("/regions").header("origin", PAGE).send(), ask(server, "/regions", PAGE, "GET", "accept")] {
            assert_eq!(answer.header("access-control-allow-credentials"), None);
            assert_eq!(answer.header("set-cookie"), None);
        }
    }
}
