//! The integration tests: they start the real binary, talk HTTP to it, and know nothing of its
//! insides. Each test has a server and a database of its own and runs on `SQLite` and on
//! `PostgreSQL` (see the macro `both!`).
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "in a test a panic is the report of a failure"
)]

#[macro_use]
mod support;

mod concurrency;
mod crash;
mod lifecycle;
