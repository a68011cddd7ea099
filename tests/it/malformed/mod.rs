//! Requests that are wrong, sent to every operation of the API document: each gets a problem with
//! the right status, none gets a 5xx or is left waiting, and nothing is stored.
//!
//! The tables say what is sent and what is to come of it; the operations, their bodies and their
//! parameters come from the document of the running server.

mod addresses;
mod bodies;
mod framing;
mod headers;
mod members;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::given::position;
use crate::support::{Operation, Reply, Request, Server, items, operations};

/// What a wrong request may get: statuses, each with the type of its problem.
type Expected<'a> = &'a [(u16, &'a str)];

/// A server that is asked wrong things, and what it did that it should not.
struct Attack<'a> {
    server: &'a Server,
    operations: Vec<Operation>,
    /// What each operation answers to a request that is not wrong, but for having an empty object
    /// as its body, which changes nothing anywhere.
    ordinary: BTreeMap<String, u16>,
    before: BTreeMap<String, Value>,
    wrong: BTreeSet<String>,
}

impl<'a> Attack<'a> {
    fn on(server: &'a Server) -> Self {
        let operations = operations(server);
        let mut attack = Self {
            server,
            ordinary: BTreeMap::new(),
            before: stored(server, &operations),
            operations,
            wrong: BTreeSet::new(),
        };
        attack.each(|attack, operation| {
            let request = attack.request(operation, &operation.path());
            let request = match operation.media_types().first() {
                Some(media) => request.header("content-type", media).bytes(b"{}"),
                None => request,
            };
            let status = request.send().status;
            attack.ordinary.insert(operation.name(), status);
        });
        attack
    }

    /// Tries something with each operation.
    fn each(&mut self, mut attempt: impl FnMut(&mut Self, &Operation)) {
        let operations = std::mem::take(&mut self.operations);
        for operation in &operations {
            attempt(self, operation);
        }
        self.operations = operations;
    }

    /// A request to an operation, as an administrator. One that would change something without a
    /// body has a condition that does not hold, so that its ordinary answer changes nothing.
    fn request(&self, operation: &Operation, path: &str) -> Request<'a> {
        let request = self.server.request(operation.method.clone(), path);
        let request = request.key(self.server.admin_key());
        match condition(operation) {
            Some((name, value)) => request.header(name, value),
            None => request,
        }
    }

    /// The same as bytes, up to the headers that the test adds.
    fn head(&self, operation: &Operation, path: &str) -> String {
        let condition = condition(operation).map(|(name, value)| format!("{name}: {value}\r\n"));
        format!(
            "{} /api/v1{path} HTTP/1.1\r\nHost: register.example\r\nAuthorization: Bearer {}\r\n{}",
            operation.method,
            self.server.admin_key(),
            condition.unwrap_or_default()
        )
    }

    /// Notes an answer that is none of these problems.
    fn expect(&mut self, what: &str, answer: Result<Reply, String>, expected: Expected) {
        self.judge(what, answer, |reply| {
            let (kind, _) = reply.as_problem()?;
            if expected.contains(&(reply.status, kind.as_str())) {
                Ok(())
            } else {
                Err("another problem")
            }
        });
    }

    /// Notes an answer that is neither the ordinary one nor a problem that blames the caller.
    fn expect_no_harm(&mut self, what: &str, answer: Result<Reply, String>, operation: &Operation) {
        let ordinary = self.ordinary[&operation.name()];
        self.judge(what, answer, |reply| match reply.status {
            status if status == ordinary => Ok(()),
            400..500 => reply.as_problem().map(drop),
            _ => Err("neither the ordinary answer nor a refusal"),
        });
    }

    fn judge(
        &mut self,
        what: &str,
        answer: Result<Reply, String>,
        verdict: impl FnOnce(&Reply) -> Result<(), &'static str>,
    ) {
        let told = match answer {
            Ok(reply) => verdict(&reply).err().map(|fault| {
                let text: String = reply.text().chars().take(300).collect();
                format!("{fault}: {} {text}", reply.status)
            }),
            Err(lacking) => Some(lacking),
        };
        self.wrong
            .extend(told.map(|told| format!("{what} -> {told}")));
    }

    /// Fails if anything was stored, or any answer was not as expected.
    #[track_caller]
    fn assert_repelled(mut self) {
        self.server.get("/regions").send().expect(200);
        let after = stored(self.server, &self.operations);
        for (what, before) in &self.before {
            if after.get(what) != Some(before) {
                self.wrong
                    .insert(format!("something was stored: {what} is another"));
            }
        }
        let lines: Vec<&str> = self.wrong.iter().map(String::as_str).collect();
        assert!(
            lines.is_empty(),
            "{} wrong answers:\n{}",
            lines.len(),
            lines.join("\n")
        );
    }
}

/// A header that keeps an operation without a body from changing anything.
fn condition(operation: &Operation) -> Option<(&'static str, &'static str)> {
    let has = operation
        .parameters("header")
        .any(|header| header["name"] == "If-Match");
    (has && operation.media_types().is_empty()).then_some(("If-Match", "\"999999999\""))
}

/// All that the register shows an administrator of what it holds: the position of the change log,
/// and each list to its end.
fn stored(server: &Server, operations: &[Operation]) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::from([("the change log".to_owned(), Value::from(position(server)))]);
    let lists = operations
        .iter()
        .filter(|operation| operation.method == "GET" && operation.parameters("path").count() == 0);
    for list in lists {
        let pages = list
            .parameters("query")
            .any(|parameter| parameter["name"] == "limit");
        let mut next = Some(format!(
            "{}{}",
            list.path(),
            if pages { "?limit=100" } else { "" }
        ));
        let mut seen = Vec::new();
        while let Some(path) = next {
            let reply = server.get(&path).key(server.admin_key()).send().expect(200);
            let Ok(mut page) = serde_json::from_slice::<Value>(&reply.body) else {
                break;
            };
            next = page["next"].as_str().map(str::to_owned);
            // A list of keys tells when they were last used: just now.
            for item in page["items"].as_array_mut().into_iter().flatten() {
                item.as_object_mut().map(|item| item.remove("lastUsedAt"));
            }
            seen.push(page);
        }
        all.insert(list.name(), seen.into());
    }
    assert!(!items(&all["GET /keys"][0]).is_empty(), "lists are seen");
    all
}
