//! How soon the program answers, and what memory it takes.

use serde_json::Value;

use crate::http::Connection;
use crate::process::{Memory, memory};
use crate::report::{median, milliseconds};
use crate::subject::Subject;

const STARTS: usize = 20;
const REQUESTS: usize = 1_000;

/// What must be answered at first.
pub(crate) const FIRST: [&str; 2] = ["/api/v1/regions", "/health/ready"];

/// Milliseconds from the start of the process until a path was answered.
pub(crate) struct Start {
    pub(crate) median: f64,
    pub(crate) slowest: f64,
}

/// Starts the program many times.
pub(crate) fn starts(subject: &mut Subject, path: &str) -> Start {
    let times: Vec<f64> = (0..STARTS)
        .map(|_| milliseconds(subject.first_answer(path)))
        .collect();
    Start {
        median: median(times.iter().copied()),
        slowest: times.iter().copied().fold(0.0, f64::max),
    }
}

/// Memory after a start, and after many requests of all sorts.
pub(crate) fn at_rest(subject: &mut Subject) -> [Memory; 2] {
    subject.first_answer(FIRST[1]);
    let fresh = memory(subject.pid());
    let mut connection = subject.connect();
    let paths = sorts(&mut connection);
    for path in paths.iter().cycle().take(REQUESTS) {
        connection.get(path);
    }
    [fresh, memory(subject.pid())]
}

/// One of each sort of request, and all organisations.
fn sorts(connection: &mut Connection) -> Vec<String> {
    let mut paths: Vec<String> = [
        "/api/v1/regions",
        "/api/v1/regions?format=csv&limit=100",
        "/api/v1/organisations?limit=100&count=true",
        "/api/v1/organisations?sort=-updatedAt&include=regions",
        "/api/v1/changes?limit=100&include=document",
        "/api/v1/openapi.json",
        "/health/ready",
        "/metrics",
    ]
    .map(str::to_owned)
    .to_vec();
    let page = connection.get("/api/v1/organisations?limit=100").body;
    let page: Value = serde_json::from_slice(&page).expect("a page");
    let items = page["items"].as_array().expect("items");
    let slugs = items.iter().filter_map(|item| item["slug"].as_str());
    paths.extend(slugs.map(|slug| format!("/api/v1/organisations/{slug}")));
    paths
}
