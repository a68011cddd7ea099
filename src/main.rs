//! The `schakel` program: parse the command line, start the log, run.

use std::process::ExitCode;

use clap::Parser;
use schakel::cli::{Cli, run};

/// What is logged unless `RUST_LOG` says otherwise. The framework's own lines say nothing that an
/// operator can act on, and any stranger can cause them.
const LOG: &str = "info,actix_server=warn,actix_http=off";

fn main() -> ExitCode {
    let cli = Cli::parse();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(LOG)).init();
    run(cli)
}
