//! The `schakel` program: parse the command line and run.

use std::process::ExitCode;

use clap::Parser;
use schakel::cli::{Cli, run};

fn main() -> ExitCode {
    run(Cli::parse())
}
