//! The `schakel` program: parse the command line and run.

use std::process::ExitCode;

use clap::Parser;
use schakel::cli::{Cli, run};
use tikv_jemallocator::Jemalloc;

/// Asking for memory was a seventh of the time of a search with the allocator of glibc.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    run(Cli::parse())
}
