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

mod answers;
mod backup;
mod bad_bodies;
mod bad_input;
mod browsers;
mod builders;
mod compression;
mod concurrency;
mod conditional;
mod contract;
mod crash;
mod deleting;
mod demo;
mod exports;
mod facts;
mod faults;
mod feed;
mod filters;
mod formats;
mod given;
mod hardening;
mod hidden;
mod http;
mod idempotency;
mod identifiers;
mod imports;
mod keys;
mod lifecycle;
mod limits;
mod lists;
mod malformed;
mod merging;
mod merging_limits;
mod model;
mod openapi;
mod operating;
mod organisations;
mod paging;
mod people;
mod permissions;
mod preconditions;
mod privacy;
mod projects;
mod readme;
mod refused_keys;
mod regions;
mod rights;
mod search;
mod slow;
mod slugs;
mod stats;
mod structure;
mod tables;
mod templates;
mod themes;
mod twins;
mod views;
mod writing;
