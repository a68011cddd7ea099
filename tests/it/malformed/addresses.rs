//! Addresses that are too long or wrongly encoded, and parameters that are wrong.

use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::Attack;
use crate::support::{Operation, Request, Server, Then, text};

/// Encodings that mean no text.
const NO_TEXTS: [&str; 9] = [
    "%",
    "%zz",
    "%2",
    "a%",
    "%%",
    "%ff",
    "%c3%28",
    "%ed%a0%80",
    "%c0%af",
];

/// Values for a parameter; most are wrong for most.
const VALUES: [&str; 19] = [
    "",
    " ",
    "x",
    "X y",
    "-1",
    "0",
    "101",
    "1.5",
    "1e400",
    "9223372036854775808",
    "99999999999999999999999999",
    "true",
    "TRUE",
    "null",
    "[]",
    "{\"a\":1}",
    "2026-02-30",
    "a,,b",
    "\u{0}",
];

both! {
    with(["--demo"], [])
    fn a_path_that_is_encoded_wrongly_names_nothing(server: &Server) {
        let mut attack = Attack::on(server);
        attack.each(|attack, operation| {
            let mut paths: Vec<String> = Vec::new();
            for wrong in NO_TEXTS.into_iter().chain(["%00", "a%00b", "%0d%0aX-A:%20b", "%2e%2e", "%252e"]) {
                paths.push(format!("{}{wrong}", operation.path()));
                for parameter in operation.parameters("path") {
                    let wrong = |name: &str| (parameter["name"] == name).then(|| wrong.to_owned());
                    paths.push(operation.path_with(wrong));
                }
            }
            for path in paths {
                let request = attack.request(operation, &path);
                let request = operation.least_body().iter().fold(request, Request::json);
                let what = format!("{} at {path}", operation.method);
                // A parameter that is to be a number or a postcode says so.
                attack.expect(&what, Ok(request.send()), &[(404, "not-found"), (400, "invalid-input")]);
            }
        });
        attack.assert_repelled();
    }

    with(["--demo"], [])
    fn a_query_that_is_encoded_wrongly_is_refused(server: &Server) {
        let mut attack = Attack::on(server);
        attack.each(|attack, operation| {
            let known: Vec<String> = operation.parameters("query").map(|known| text(known, "name")).collect();
            for wrong in NO_TEXTS {
                let as_value = known.iter().map(|name| format!("{name}={wrong}"));
                let unknown = [wrong.to_owned(), format!("{wrong}=1"), format!("x={wrong}")];
                for query in unknown.into_iter().chain(as_value) {
                    attack.ask(operation, &query, &[(400, "malformed-request")]);
                }
            }
            for query in ["x=1", "%00=%00", "=", "=x", "limit[]=1", "a;b", "__proto__=1"] {
                attack.ask(operation, query, &[(400, "invalid-input")]);
            }
        });
        attack.assert_repelled();
    }

    with(["--demo"], [])
    fn a_query_that_is_too_long_is_refused(server: &Server) {
        let mut attack = Attack::on(server);
        attack.each(|attack, operation| {
            let known = operation.parameters("query").map(|known| text(known, "name")).take(1);
            for name in known.chain(["x".to_owned()]) {
                let many = (0..50_000 / (name.len() + 7)).map(|nth| format!("{name}{nth}=1"));
                let many = many.collect::<Vec<_>>().join("&");
                attack.ask(operation, &format!("{name}={}", "x".repeat(50_000)), &[(400, "invalid-input")]);
                attack.ask(operation, &many, &[(400, "invalid-input")]);
                for (length, expected) in [
                    (100_000, [(400, "malformed-request"), (414, "address-too-long")]),
                    (200_000, [(431, "headers-too-large"), (414, "address-too-long")]),
                ] {
                    let path = format!("{}?{name}={}", operation.path(), "x".repeat(length));
                    let request = format!("{}Content-Length: 2\r\n\r\n{{}}", attack.head(operation, &path));
                    let answer = server.raw(request.as_bytes(), Then::Wait);
                    let what = format!("{}?{name}= and {length} bytes", operation.name());
                    attack.expect(&what, answer, &expected);
                }
            }
        });
        attack.assert_repelled();
    }

    with(["--demo"], [])
    fn each_parameter_is_refused_when_it_is_wrong_or_there_twice(server: &Server) {
        let mut attack = Attack::on(server);
        attack.each(|attack, operation| {
            for parameter in operation.parameters("query") {
                let name = text(parameter, "name");
                let validator = operation.validator(&parameter["schema"]);
                let mut refused = 0;
                let long = "x".repeat(4_001);
                for value in VALUES.into_iter().chain([long.as_str()]) {
                    let encoded: String = byte_serialize(value.as_bytes()).collect();
                    let query = format!("{name}={encoded}");
                    if validator.is_valid(&typed(operation, &parameter["schema"], value)) {
                        let answer = attack.request(operation, &format!("{}?{query}", operation.path())).send();
                        let what = format!("{}?{query}", operation.name());
                        // A position that the register has not reached is waited for, and then told.
                        if name == "after" && answer.status == 503 {
                            attack.expect(&what, Ok(answer), &[(503, "unavailable")]);
                        } else {
                            attack.expect_no_harm(&what, Ok(answer), operation);
                        }
                    } else {
                        refused += 1;
                        attack.ask_fault(operation, &query, &name, "");
                    }
                }
                assert!(refused > 0, "{}: no value is wrong for {name}", operation.name());
                attack.ask_fault(operation, &format!("{name}=1&{name}=1"), &name, "duplicate");
            }
        });
        attack.assert_repelled();
    }
}

impl Attack<'_> {
    /// Asks with a query and, where one is taken, a body that would be taken.
    fn ask(&mut self, operation: &Operation, query: &str, expected: super::Expected) {
        let request = self.request(operation, &format!("{}?{query}", operation.path()));
        let body = operation.least_body();
        let request = body.iter().fold(request, Request::json);
        let short: String = query.chars().take(60).collect();
        self.expect(
            &format!("{}?{short}", operation.name()),
            Ok(request.send()),
            expected,
        );
    }

    /// Asks with a query, and expects a fault of this parameter; with a code, unless that is empty.
    /// A form that an answer does not have is a matter of its own.
    fn ask_fault(&mut self, operation: &Operation, query: &str, name: &str, code: &str) {
        let reply = self
            .request(operation, &format!("{}?{query}", operation.path()))
            .send();
        let short: String = query.chars().take(60).collect();
        self.judge(
            &format!("{}?{short}", operation.name()),
            Ok(reply),
            |reply| {
                let (kind, problem) = reply.as_problem()?;
                let mut faults = problem["errors"].as_array().into_iter().flatten();
                let told = faults.any(|fault| {
                    fault["in"] == "query"
                        && fault["location"] == name
                        && (code.is_empty() || fault["code"] == code)
                });
                let form = name == "format" && code.is_empty() && kind == "not-acceptable";
                if reply.status == 400 && told || form {
                    Ok(())
                } else {
                    Err("not the fault")
                }
            },
        );
    }
}

/// A value as its schema sees it: all is text in an address.
fn typed(operation: &Operation, schema: &Value, text: &str) -> Value {
    match operation.resolved(schema)["type"].as_str() {
        Some("integer" | "number" | "boolean") => {
            serde_json::from_str(text).unwrap_or_else(|_| text.into())
        }
        _ => text.into(),
    }
}
