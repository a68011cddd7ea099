//! The rights of people: being erased wherever the register keeps something, knowing what it keeps,
//! being kept no longer than was agreed, and the log of what is done with their data.

mod dossier;
mod erasure;
mod expiry;
mod processing;
mod trace;

use serde_json::{Value, json};

use crate::builders::{create, with};
use crate::support::{Server, text};

/// A public person with more members.
#[track_caller]
fn person(server: &Server, family: &str, members: &Value) -> Value {
    let body = json!({ "name": { "family": family }, "publicationBasis": "function" });
    create(server, server.admin_key(), "/people", &with(body, members))
}

/// The path of a person, by its id.
#[track_caller]
fn path(person: &Value) -> String {
    format!("/people/{}", text(person, "id"))
}

/// Erases a person as an administrator and gives what is left.
#[track_caller]
fn erase(server: &Server, person: &Value) -> Value {
    let request = server.post(&format!("{}/erasure", path(person)));
    request.key(server.admin_key()).send().expect(200).json()
}

/// The slug of what is left of a person.
#[track_caller]
fn slug_of_stub(person: &Value) -> String {
    let id = text(person, "id");
    format!("gewiste-persoon-{}", &id[id.len() - 12..])
}
