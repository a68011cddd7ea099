//! What is a project's own: its fields and rules, its filters, what others show of it, and what of
//! it is hidden.

mod fields;
mod filters;
mod hidden;
mod views;

use serde_json::{Value, json};

use crate::{
    builders::{create, with},
    support::Server,
};

/// The least that a project has.
fn least(name: &str) -> Value {
    json!({ "name": name, "kind": "project" })
}

/// Makes a project with more than the least, as an administrator.
#[track_caller]
fn make(server: &Server, name: &str, more: &Value) -> Value {
    let body = with(least(name), more);
    create(server, server.admin_key(), "/projects", &body)
}
