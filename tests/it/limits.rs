//! How much one caller may ask, and who counts as one caller.

use ureq::http::HeaderMap;

use crate::support::{Client, Reply, Server};

/// What `RateLimit` says is left.
fn left(reply: &Reply) -> i64 {
    let header = reply.header("ratelimit").expect("RateLimit");
    let left = header
        .strip_prefix("\"minute\";r=")
        .expect("an item with r");
    let number = left.split(';').next().expect("a number");
    number.parse().expect("a number")
}

/// Asks until the limit is reached, and gives the refusal.
fn exhaust(client: &Client, headers: &[(&str, &str)]) -> Reply {
    for _ in 0..50 {
        let request = client.get("/regions");
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        let reply = request.send();
        if reply.status != 200 {
            return reply;
        }
    }
    panic!("no limit was reached");
}

both! {
    with([], [("RATE_LIMIT", "6")])
    fn who_asks_too_much_is_told_when_to_come_back(server: &Server) {
        let first = server.get("/regions").send().expect(200);
        assert_eq!(left(&first), 5);
        assert_eq!(first.header("ratelimit-policy"), Some("\"minute\";q=6;w=60"));

        let refused = exhaust(server, &[]);
        refused.problem(429, "too-many-requests");
        assert_eq!(left(&refused), 0);
        let wait: u64 = refused.header("retry-after").expect("Retry-After").parse().expect("seconds");
        assert!((1..=10).contains(&wait), "a sixth of a minute at most, not {wait}");
        // Whatever is asked, and however: it is the same caller.
        server.get("/vocabularies").send().problem(429, "too-many-requests");
        server.post("/regions").send().problem(429, "too-many-requests");
        server.get("/nowhere").send().problem(429, "too-many-requests");
        server.get("/regions").key("schakel_0_0").send().problem(429, "too-many-requests");
    }

    with([], [("RATE_LIMIT", "6")])
    fn each_key_has_a_limit_of_its_own(server: &Server) {
        exhaust(server, &[]).problem(429, "too-many-requests");
        let reader = server.key("reader", None);
        let answer = server.get("/regions").key(server.admin_key()).send().expect(200);
        assert_eq!(left(&answer), 5);
        let bearer = format!("Bearer {}", server.admin_key());
        exhaust(server, &[("authorization", &bearer)]).problem(429, "too-many-requests");
        assert_eq!(left(&server.get("/regions").key(&reader).send().expect(200)), 5);
    }

    with([], [("RATE_LIMIT", "2")])
    fn those_who_look_after_the_service_are_not_counted(server: &Server) {
        for _ in 0..9 {
            for path in ["/health/live", "/health/ready", "/metrics"] {
                let answer = server.get(&server.outside(path)).send().expect(200);
                assert_eq!(answer.header("ratelimit"), None);
            }
        }
        server.get("/regions").send().expect(200);
    }

    with([], [("RATE_LIMIT", "4"), ("TRUSTED_PROXIES", "127.0.0.0/8, 10.0.0.0/8")])
    fn behind_a_proxy_the_caller_is_who_the_proxy_says(server: &Server) {
        let from = |address| [("x-forwarded-for", address)];
        exhaust(server, &from("198.51.100.7")).problem(429, "too-many-requests");
        // What a caller makes up stands before what the proxy has added.
        exhaust(server, &from("203.0.113.9, 198.51.100.7, 10.0.0.9")).problem(429, "too-many-requests");
        let other = server.get("/regions").header("x-forwarded-for", "198.51.100.8").send();
        assert_eq!(left(&other.expect(200)), 3);
    }

    with([], [("RATE_LIMIT", "4")])
    fn nobody_else_is_believed(server: &Server) {
        exhaust(server, &[("x-forwarded-for", "198.51.100.7")]).problem(429, "too-many-requests");
        server.get("/regions").header("x-forwarded-for", "198.51.100.8").send().problem(429, "too-many-requests");
    }

    fn without_a_limit_nothing_is_said_of_one(server: &Server) {
        let answer = server.get("/regions").send().expect(200);
        let names: Vec<_> = HeaderMap::keys(&answer.headers).map(ToString::to_string).collect();
        assert!(!names.iter().any(|name| name.starts_with("ratelimit")), "{names:?}");
    }
}
