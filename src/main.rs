//! The `schakel` program: parse the command line, start the log, run.

use std::process::ExitCode;

use clap::Parser;
use schakel::cli::{Cli, run};

fn main() -> ExitCode {
    let cli = Cli::parse();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info")).init();
    run(cli)
}
