//! Schakel: the open register of who works with whom, in Dutch regions, so that a child gets help
//! at school and at home as one.
//!
//! Data flows one way: `routes` → the domain functions of a slice → [`store`]; whatever reacts to
//! a write follows the change log. The modules in reading order:

// What all documents have in common, and what the database holds.
pub mod register;
pub mod store;

// The collections: one slice each, and the list of them.
pub mod collections;
pub mod organisations;
pub mod people;
pub mod projects;
pub mod regions;
pub mod themes;

// What is derived from them.
pub mod changes;
pub mod exchange;
pub mod postcodes;
pub mod privacy;
pub mod search;
pub mod stats;
pub mod vocabularies;

// Who may do what.
pub mod keys;

// The outside: HTTP, the service around it, and the command line.
pub mod api;
pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod logging;
pub mod server;
pub mod web;
