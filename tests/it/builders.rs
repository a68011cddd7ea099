//! Small documents for tests, and the few requests that nearly every test of writing makes.

use serde_json::{Value, json};

use crate::support::{Client, Server, items, text};

/// The least that an organisation has.
pub(crate) fn organisation(name: &str) -> Value {
    json!({ "name": name, "kind": "other" })
}

/// The least that a region has.
pub(crate) fn region(name: &str) -> Value {
    json!({ "name": name, "kind": "other" })
}

/// The collections, in the order in which their documents can refer to each other.
pub(crate) const COLLECTIONS: [&str; 5] =
    ["themes", "organisations", "regions", "projects", "people"];

/// The least that a public document of a collection has.
pub(crate) fn least(collection: &str, name: &str) -> Value {
    match collection {
        "themes" => json!({ "label": name }),
        "projects" => json!({ "name": name, "kind": "project" }),
        "people" => json!({ "name": { "family": name }, "publicationBasis": "function" }),
        _ => json!({ "name": name, "kind": "other" }),
    }
}

/// A body with more members, or with other values for those it has.
#[track_caller]
pub(crate) fn with(mut body: Value, members: &Value) -> Value {
    let more = members.as_object().expect("members");
    let object = body.as_object_mut().expect("an object");
    object.extend(more.clone());
    body
}

/// Makes a document and gives it as the register shows it.
#[track_caller]
pub(crate) fn create(client: &Client, key: &str, path: &str, body: &Value) -> Value {
    let post = client.post(path).key(key).json(body);
    post.send().expect(201).json()
}

/// Reads what is there.
#[track_caller]
pub(crate) fn read(client: &Client, key: &str, path: &str) -> Value {
    client.get(path).key(key).send().expect(200).json()
}

/// Patches a document and gives it as it is then.
#[track_caller]
pub(crate) fn patch(client: &Client, key: &str, path: &str, body: &Value) -> Value {
    let request = client.patch(path).key(key).json(body);
    request.send().expect(200).json()
}

/// The path of an organisation, by its id.
#[track_caller]
pub(crate) fn organisation_path(document: &Value) -> String {
    format!("/organisations/{}", text(document, "id"))
}

/// The path of a region, by its id.
#[track_caller]
pub(crate) fn region_path(document: &Value) -> String {
    format!("/regions/{}", text(document, "id"))
}

/// What other documents show of this one.
pub(crate) fn shown(document: &Value) -> Value {
    json!({ "id": document["id"], "slug": document["slug"], "name": document["name"] })
}

/// A date as the register shows it.
pub(crate) fn date(edtf: &str, text: &str, earliest: &str, latest: &str) -> Value {
    json!({ "edtf": edtf, "text": text, "earliest": earliest, "latest": latest })
}

/// The faults of a problem as `place location code`, sorted.
#[track_caller]
pub(crate) fn faults(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().expect("errors");
    let mut faults: Vec<String> = errors
        .iter()
        .map(|error| {
            assert!(!text(error, "detail").is_empty(), "no words: {error}");
            let part = |member| text(error, member);
            format!("{} {} {}", part("in"), part("location"), part("code"))
        })
        .collect();
    faults.sort();
    faults
}

/// All lines of the change log. For the short logs of tests.
#[track_caller]
pub(crate) fn log(client: &Client, key: &str) -> Vec<Value> {
    let page = read(client, key, "/changes?limit=100");
    assert!(page["next"].is_null(), "more lines than one page shows");
    items(&page).to_vec()
}

/// The lines that `act` adds to the change log.
#[track_caller]
pub(crate) fn logged(client: &Client, key: &str, act: impl FnOnce()) -> Vec<Value> {
    let before = log(client, key).len();
    act();
    log(client, key).split_off(before)
}

/// Checks that lines are of one changeset, and gives them as `op slug version`, sorted.
#[track_caller]
pub(crate) fn one_changeset(lines: &[Value]) -> Vec<String> {
    let mut told = Vec::new();
    for line in lines {
        let same = line["changeset"] == lines[0]["changeset"];
        assert!(same, "two changesets: {lines:?}");
        let (op, slug) = (text(line, "op"), text(line, "slug"));
        told.push(format!("{op} {slug} {}", line["version"]));
    }
    told.sort();
    told
}

/// Makes an organisation with more than the least members, as an administrator.
#[track_caller]
pub(crate) fn make(server: &Server, name: &str, members: &Value) -> Value {
    let body = with(organisation(name), members);
    create(server, server.admin_key(), "/organisations", &body)
}

/// Asks for a merge as an administrator, expects a status, and gives what came.
#[track_caller]
pub(crate) fn merge(server: &Server, source: &Value, into: &str, status: u16) -> Value {
    let client: &Client = server;
    let request = client.post(&format!("{}/merge", organisation_path(source)));
    let request = request
        .key(server.admin_key())
        .json(&json!({ "into": into }));
    request.send().expect(status).json()
}
