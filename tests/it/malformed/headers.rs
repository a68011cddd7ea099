//! Too many headers, and headers that are too long.

use super::Attack;
use crate::support::{Server, Then};

/// Headers that an operation may read without naming them as its own.
const COMMON: [&str; 9] = [
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Cookie",
    "If-None-Match",
    "Origin",
    "Range",
    "X-Request-Id",
    "X-Unknown",
];

const TOO_LARGE: [(u16, &str); 1] = [(431, "headers-too-large")];

both! {
    with(["--demo"], [])
    fn a_thousand_headers_are_too_many(server: &Server) {
        let many: Vec<String> = (0..1_000).map(|nth| format!("X-Header-{nth}: x\r\n")).collect();
        let many = many.concat();
        let mut attack = Attack::on(server);
        attack.each(|attack, operation| {
            let head = attack.head(operation, &operation.path());
            let request = format!("{head}{many}Content-Length: 2\r\n\r\n{{}}");
            let answer = server.raw(request.as_bytes(), Then::Wait);
            attack.expect(&operation.name(), answer, &TOO_LARGE);
        });
        attack.assert_repelled();
    }

    with(["--demo"], [])
    fn a_long_header_is_refused_or_does_no_harm(server: &Server) {
        let mut attack = Attack::on(server);
        attack.each(|attack, operation| {
            let own: Vec<&str> = operation.parameters("header").filter_map(|own| own["name"].as_str()).collect();
            let takes = operation.media_types();
            let media = takes.first().copied().unwrap_or("application/json");
            let head = attack.head(operation, &operation.path());
            let with = |name: &str, value: &str| {
                let request =
                    format!("{head}Content-Type: {media}\r\nContent-Length: 2\r\n{name}: {value}\r\n\r\n{{}}");
                server.raw(request.as_bytes(), Then::Wait)
            };
            for name in COMMON.into_iter().chain(own) {
                let what = format!("{}: 100 kB of {name}", operation.name());
                attack.expect_no_harm(&what, with(name, &"\"x\", ".repeat(20_000)), operation);
            }
            let what = format!("{}: 200 kB", operation.name());
            attack.expect(&what, with("X-Unknown", &"x".repeat(200_000)), &TOO_LARGE);
        });
        attack.assert_repelled();
    }
}
