//! Bringing documents in from files: over HTTP and from the command line.

mod command;
mod crash;
mod exports;
mod hostile;
mod matching;
mod plans;
mod reverting;
mod tables;
mod together;
mod whole;
mod wrong;

pub(crate) use crash::circle;
use serde_json::{Value, json};

use crate::given::position;
use crate::support::{Reply, Request, Server};

/// What came of an import.
pub(crate) struct Imported {
    documents: Vec<Value>,
    /// What the last line says.
    pub(crate) summary: Value,
}

/// Sends documents, one a line.
pub(crate) fn request<'s>(server: &'s Server, query: &str, documents: &[Value]) -> Request<'s> {
    let lines: Vec<String> = documents.iter().map(Value::to_string).collect();
    raw(server, query, lines.join("\n").as_bytes())
}

/// Sends bytes as NDJSON.
pub(crate) fn raw<'s>(server: &'s Server, query: &str, bytes: &[u8]) -> Request<'s> {
    let request = server.post(&format!("/imports?{query}"));
    request
        .header("content-type", "application/x-ndjson")
        .bytes(bytes)
}

/// Imports as an administrator.
#[track_caller]
pub(crate) fn import(server: &Server, query: &str, documents: &[Value]) -> Imported {
    told(
        &request(server, query, documents)
            .key(server.admin_key())
            .send(),
    )
}

/// What an import told.
#[track_caller]
pub(crate) fn told(reply: &Reply) -> Imported {
    assert_eq!(reply.status, 200, "{reply}");
    assert_eq!(reply.header("content-type"), Some("application/x-ndjson"));
    lines(&reply.text())
}

/// The same from the lines themselves.
#[track_caller]
pub(crate) fn lines(text: &str) -> Imported {
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    let summary = lines.last().expect("there are lines")["summary"].clone();
    assert!(summary.is_object(), "the last line is the summary: {text}");
    let documents = lines.iter().map(|line| &line["document"]);
    let mut documents: Vec<Value> = documents.filter(|one| one.is_object()).cloned().collect();
    documents.sort_by_key(|one| one["number"].as_u64());
    Imported { documents, summary }
}

impl Imported {
    /// What came of each document, in the order of the file.
    pub(crate) fn statuses(&self) -> Vec<&str> {
        let statuses = self.documents.iter().map(|one| one["status"].as_str());
        statuses.map(Option::unwrap_or_default).collect()
    }

    /// Each thing that is wrong: the number of the document, where, and what.
    pub(crate) fn errors(&self) -> Vec<(u64, String, String)> {
        let mut errors = Vec::new();
        for document in &self.documents {
            for error in document["errors"].as_array().into_iter().flatten() {
                let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
                let number = document["number"].as_u64().unwrap_or_default();
                errors.push((number, text("location"), text("code")));
            }
        }
        errors
    }

    #[track_caller]
    pub(crate) fn assert_applied(self) -> Self {
        assert_eq!(
            self.summary["applied"], true,
            "{} {:?}",
            self.summary, self.documents
        );
        assert_eq!(
            self.summary["failed"], 0,
            "{} {:?}",
            self.summary, self.documents
        );
        self
    }
}

/// A project with a slug.
pub(crate) fn project(slug: &str, rest: Value) -> Value {
    let mut project = json!({"type": "projects", "slug": slug, "name": slug, "kind": "pilot"});
    if let Value::Object(rest) = rest {
        for (name, value) in rest {
            project[name] = value;
        }
    }
    project
}
