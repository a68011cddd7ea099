//! Slow callers and many of them: they cost the others nothing, and none of them can stay.
//!
//! How much slower the others get is measured by `just bench`; here is what must hold on every
//! machine, however slow.

pub(crate) mod clients;
mod crowd;
mod cut_off;
mod stop;

use std::time::Duration;

use clients::{Slow, go_on};

use serde_json::json;

use crate::{
    builders::{organisation, with},
    given::many,
    support::Server,
};

/// How long something may take that the server ends after half a minute at most.
const PATIENCE: Duration = Duration::from_mins(2);

/// The list of what [`many_large`] makes, as one large answer.
const LARGE: &str = "/api/v1/organisations?limit=100";

/// A request that costs nothing.
const LIVE: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: slow.example\r\n\r\n";

/// Where the server listens, as `HOST:PORT`.
fn address(server: &Server) -> String {
    let url = server.outside("");
    url.trim_start_matches("http://").to_owned()
}

/// Opens many connections, no faster than the server takes them: what waits before it is the
/// system's, and may be lost.
fn open_all(address: &str, count: usize, open: impl Fn(usize) -> Slow) -> Vec<Slow> {
    let mut all = Vec::with_capacity(count);
    for nth in 0..count {
        all.push(open(nth));
        if nth.is_multiple_of(64) {
            let mut last = [Slow::idle(address)];
            last[0].send(LIVE);
            // Connections are taken in their order, so those before it were taken too.
            assert!(go_on(&mut last, PATIENCE, |last| last[0].is_answered()));
        }
    }
    all
}

/// Fills the register with a hundred documents that are a megabyte together.
fn many_large(server: &Server) {
    let long = json!({ "description": "Een lang verhaal. ".repeat(550) });
    many(server, 100, |nth| {
        with(organisation(&format!("Large {nth}")), &long)
    });
}
