//! A running register, as the benchmark sees it.

use std::time::{Duration, Instant};

use crate::http::Connection;
use crate::process::Workers;
use crate::support::{Backend, Server};

/// A register on one of the two databases.
pub(crate) struct Subject {
    pub(crate) server: Server,
}

impl Subject {
    pub(crate) fn start(backend: Backend, args: &[&str]) -> Self {
        let server = Server::start_with(backend, args, &[("RUST_LOG", "warn")]);
        Self { server }
    }

    /// `HOST:PORT`.
    pub(crate) fn address(&self) -> String {
        self.server.outside("").replace("http://", "")
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(&self.address())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.server.pid().expect("the register runs")
    }

    /// Those that do the work: the program, and `PostgreSQL`'s processes for it.
    pub(crate) fn workers(&self) -> Workers {
        let url = self.server.database_url.as_str();
        let path = url.split('?').next().unwrap_or_default();
        let database = path.rsplit('/').next().unwrap_or_default();
        match self.server.backend {
            Backend::Sqlite => Workers::only(self.pid()),
            Backend::Postgres => Workers::with_postgres(self.pid(), database),
        }
    }

    /// Starts the program anew and says how long it took until a path was answered.
    pub(crate) fn first_answer(&mut self, path: &str) -> Duration {
        self.server.stop();
        let began = Instant::now();
        self.server.restart();
        self.connect().get(path);
        began.elapsed()
    }
}
