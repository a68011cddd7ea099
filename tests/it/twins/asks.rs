//! What is asked: every operation of the API document, with every parameter, and names of all that
//! is there, was there, is hidden, and never was.

use serde_json::{Value, json};
use ureq::http::Method;

use super::{
    stats,
    values::{SOUGHT, is_shape, object, parameters, strings, values},
};
use crate::support::text;

/// A request, with placeholders for what has another id in each register.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
    /// Whether `HEAD` and conditional requests go with it.
    pub(super) thorough: bool,
    /// The operation of the API document to which it belongs.
    pub(super) operation: String,
}

impl Ask {
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            headers: Vec::new(),
            body: None,
            thorough: false,
            operation: String::new(),
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// What can be asked for.
pub(super) struct Words {
    /// Ids, slugs and codes under which documents are, were, are hidden, or never were, with their
    /// collections.
    pub(super) names: Vec<(&'static str, String)>,
    /// The ids of documents that are not public in the end, in each register.
    pub(super) ended: Vec<(&'static str, String)>,
    /// Those of documents that are public in the end.
    pub(super) public: Vec<(&'static str, String)>,
    pub(super) positions: Vec<String>,
    pub(super) changesets: Vec<String>,
    pub(super) instants: Vec<String>,
}

impl Words {
    /// The names of a collection, and one that is another collection's.
    pub(super) fn names_in(&self, collection: &str) -> Vec<String> {
        let (own, others): (Vec<_>, Vec<_>) =
            self.names.iter().partition(|(of, _)| *of == collection);
        let all = own.into_iter().chain(others.into_iter().take(1));
        all.map(|(_, name)| name.clone()).collect()
    }
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
const POSTCODES: [&str; 5] = ["8081", "8082", "9991", "1000", "0999"];

/// Every request that is compared.
pub(super) fn all(document: &Value, words: &Words) -> Vec<Ask> {
    let mut asks = Vec::new();
    for (path, operations) in object(&document["paths"]) {
        for name in METHODS {
            let method = Method::from_bytes(name.to_uppercase().as_bytes()).unwrap();
            let operation = &operations[name];
            let first = asks.len();
            if operation.is_null() {
                // Of any operation of the path, for the parameters that stand in it.
                let any = object(operations).next().unwrap().1;
                let seats = seats(path, any, words);
                asks.extend(seats.iter().take(2).map(|seat| Ask {
                    method: method.clone(),
                    ..Ask::get(seat)
                }));
            } else if operation["operationId"] == "listStats" {
                stats::all(document, operation, words, &mut asks);
            } else if operation["operationId"] == "listSearchResults" {
                reads(path, operation, words, &mut asks);
                searches(words, &mut asks);
            } else if name == "get" {
                reads(path, operation, words, &mut asks);
            } else {
                writes(path, &method, words, &mut asks);
            }
            for ask in &mut asks[first..] {
                ask.operation = operation["operationId"].as_str().unwrap_or_default().into();
            }
        }
    }
    for path in [
        "",
        "/",
        "/nothing",
        "/organisations/",
        "/organisations/elburg/nothing",
    ] {
        asks.push(Ask::get(path));
    }
    asks
}

/// The addresses of an operation: with the names of what is public, or any other value that its
/// parameters in the path take.
fn seats(path: &str, operation: &Value, words: &Words) -> Vec<String> {
    let mut seats = vec![path.to_owned()];
    for parameter in parameters(operation, "path") {
        let name = text(parameter, "name");
        let collection = path.split('/').nth(1).unwrap();
        let values: Vec<String> = match name.as_str() {
            "id" if collection == "keys" => vec!["0123456789abcdef".into()],
            "id" if collection == "changesets" => words.changesets.clone(),
            "id" => words
                .public
                .iter()
                .filter(|(of, _)| *of == collection)
                .map(|(_, name)| name.clone())
                .collect(),
            "version" => ["1", "2", "3", "4", "9"].map(str::to_owned).into(),
            "pc4" => POSTCODES.map(str::to_owned).into(),
            _ => strings(&parameter["schema"]["enum"]),
        };
        assert!(!values.is_empty(), "give {name} of {path} some values here");
        let put = |seat: &String| {
            let values = values.iter();
            values
                .map(|value| seat.replace(&format!("{{{name}}}"), value))
                .collect::<Vec<_>>()
        };
        seats = seats.iter().flat_map(put).collect();
    }
    seats
}

fn reads(path: &str, operation: &Value, words: &Words, asks: &mut Vec<Ask>) {
    let thorough = |path: String| Ask {
        thorough: true,
        ..Ask::get(path)
    };
    let seats = seats(path, operation, words);
    asks.extend(seats.iter().cloned().map(thorough));
    if path.contains("{id}") {
        let at = |name: &String| path.replace("{id}", name).replace("{version}", "1");
        let of = path.split('/').nth(1).unwrap();
        let ended = words
            .ended
            .iter()
            .filter(|(collection, _)| *collection == of);
        asks.extend(words.names_in(of).iter().map(at).map(Ask::get));
        asks.extend(ended.map(|(_, name)| Ask::get(at(name))));
    }
    // What can be sorted is a list.
    let list = parameters(operation, "query").any(|parameter| parameter["name"] == "sort");
    for seat in seats.iter().take(2) {
        // Who lacks both the right and a good query may be told of either.
        if operation["security"].is_null() {
            asks.push(Ask::get(format!("{seat}?nonsense=1")));
        }
        asks.push(Ask::get(seat).with("accept", "image/png"));
        asks.push(Ask::get(seat).with("accept", "text/csv, application/json;q=0.5"));
        asks.push(Ask::get(seat).with("accept-language", "en"));
        asks.push(Ask::get(seat).with("authorization", "Bearer schakel_0123456789abcdef_x"));
        for parameter in parameters(operation, "query") {
            let name = text(parameter, "name");
            asks.push(Ask::get(format!("{seat}?{name}=%20")));
            for value in values(parameter, words) {
                let query = format!("{seat}?{name}={value}");
                if !list {
                    asks.push(Ask::get(query));
                } else if is_shape(&name) {
                    asks.push(Ask::get(&query));
                    if name == "limit" || name == "bom" {
                        let tables = ["csv", "ndjson"];
                        asks.extend(tables.map(|form| Ask::get(format!("{query}&format={form}"))));
                    }
                } else {
                    asks.push(Ask::get(format!("{query}&limit=15&count=true")));
                }
            }
        }
        if list {
            // Page by page to the end.
            for sort in [
                "-name",
                "kind,-createdAt",
                "-createdAt,name",
                "-updatedAt,name",
            ] {
                asks.push(Ask::get(format!("{seat}?limit=3&count=true&sort={sort}")));
                asks.push(
                    Ask::get(format!("{seat}?format=csv&sort={sort}"))
                        .with("accept-language", "en"),
                );
            }
        }
    }
}

/// Searches with everything that is counted, page by page; and with each filter.
fn searches(words: &Words, asks: &mut Vec<Ask>) {
    let facets = "facets=type,region,theme,kind,status,year";
    asks.push(Ask::get(format!("/search?limit=5&{facets}")));
    for q in SOUGHT {
        for sort in ["relevance", "-updatedAt", "name"] {
            let query = format!("q={q}&sort={sort}&limit=3&{facets}");
            asks.push(Ask::get(format!("/search?{query}")));
        }
    }
    for (filter, collection) in [
        ("region", "regions"),
        ("theme", "themes"),
        ("organisation", "organisations"),
        ("municipality", "organisations"),
    ] {
        for name in words.names_in(collection) {
            asks.push(Ask::get(format!(
                "/search?{filter}={name}&{facets}&limit=100"
            )));
            asks.push(Ask::get(format!(
                "/search?q=elburg&{filter}={name}&{facets}"
            )));
        }
    }
}

/// Writes that are refused, whoever asks: with a body that is no document, or the wrong version.
fn writes(path: &str, method: &Method, words: &Words, asks: &mut Vec<Ask>) {
    let of = path.split('/').nth(1).unwrap();
    let names = if path.contains("{id}") {
        words.names_in(of)
    } else {
        // A body may name what is in any collection.
        words.names.iter().map(|(_, name)| name.clone()).collect()
    };
    for name in &names {
        let row = json!([{ "organisation": name, "region": name, "project": name }]);
        let either = json!([{ "organisation": name }, name]);
        let party = json!({ "type": "region", "id": name });
        // Any of these may be the name of what is hidden. What an operation does not take is a fault.
        let body = if path.contains("{id}") {
            json!({ "into": name, "steward": name, "nonsense": 1 })
        } else {
            json!({
                "steward": name, "parents": row, "municipalities": either, "partners": row,
                "networks": row, "serviceArea": { "municipalities": [name] }, "broader": name,
                "regions": [name], "themes": [name], "related": row, "roles": row, "nonsense": 1,
                "participants": [{ "organisation": name }, { "person": name }, { "partyClass": "x", "representedBy": name }],
                "funding": [{ "funders": [name], "recipient": name }, { "recipient": party }],
            })
        };
        let key = path.starts_with("/keys");
        let id = if key { "0123456789abcdef" } else { name };
        let mut ask = Ask {
            method: method.clone(),
            ..Ask::get(path.replace("{id}", id))
        };
        if *method == Method::DELETE {
            ask = ask.with("if-match", "\"99-x\"");
        } else {
            ask.body = Some(body);
        }
        asks.push(ask);
    }
}
