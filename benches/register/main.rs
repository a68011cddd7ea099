//! The benchmark: `just bench`.
//!
//! It starts the real program on generated data, on both databases, measures, checks that what is
//! served is right, prints tables with goals, and writes them to `bench/RESULTS.md`. It never
//! fails because something is slow; it fails when an answer is wrong.
//!
//! `cargo bench --bench register -- 5000` tries it with less data and writes no page, and
//! `cargo bench --bench register -- renaming` measures that section alone. So does
//! `cargo bench --bench register -- search`, with as many projects as the numbers behind it say,
//! and puts its section into the page; `-- import` does so for imports.
//!
//! The measure is CPU time, of the program and of `PostgreSQL`'s processes for it: it hardly moves
//! when the machine is busy. What is compared is measured in turn, and the ratio taken in each turn.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is the report of a wrong answer"
)]

mod bare;
mod data;
mod http;
mod load;
mod paging;
mod process;
mod reading;
mod report;
mod sections;
mod slow_and_many;
mod start;
mod subject;
#[expect(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the tests use more of it"
)]
#[path = "../../tests/it/support/mod.rs"]
mod support;

use std::env;
use std::io::{Write, stdout};
use std::time::Instant;

use tikv_jemallocator::Jemalloc;

use crate::report::{commit, machine, section, with_section};

/// The same as the program has, for the bare handler.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// How many organisations are generated, unless said otherwise.
const ORGANISATIONS: usize = 100_000;
/// The page of results.
const PAGE: &str = "bench/RESULTS.md";
/// The section that is measured on its own: it takes long.
const SEARCH: &str = "## Search";
/// Another one.
const IMPORT: &str = "## Importing";
/// With fewer, some lists would have no second page.
const AT_LEAST: usize = 5_000;

fn main() -> std::io::Result<()> {
    // Cargo adds `--bench`.
    let args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if args.first().is_some_and(|arg| arg == bare::ROLE) {
        return bare::serve();
    }
    if args.first().is_some_and(|arg| arg == "renaming") {
        return writeln!(stdout(), "{}", sections::renaming());
    }
    if args.first().is_some_and(|arg| arg == "search") {
        return search(&args[1..]);
    }
    if args.first().is_some_and(|arg| arg == "import") {
        return import(args.get(1).and_then(|arg| arg.parse().ok()));
    }
    let wanted = args.first().and_then(|arg| arg.parse().ok());
    let count = wanted.unwrap_or(ORGANISATIONS).max(AT_LEAST);
    let began = Instant::now();
    let body = sections::all(count);
    let page = format!(
        "# Results of the benchmark\n\n\
         Written by `just bench`, in {} seconds. Commit {}, {}, on {}.\n\n{body}",
        began.elapsed().as_secs(),
        commit(),
        chrono::Utc::now().format("%Y-%m-%d"),
        machine(),
    );
    writeln!(stdout(), "{page}")?;
    if count == ORGANISATIONS {
        std::fs::create_dir_all("bench")?;
        let former = std::fs::read_to_string(PAGE).unwrap_or_default();
        let page = with_section(&page, &section(&former, IMPORT));
        std::fs::write(PAGE, with_section(&page, &section(&former, SEARCH)))?;
    }
    Ok(())
}

/// Measures importing alone, with so many documents.
fn import(documents: Option<usize>) -> std::io::Result<()> {
    let documents = documents.unwrap_or(sections::DOCUMENTS);
    let (title, body) = (format!("{IMPORT}\n"), sections::importing(documents));
    let about = format!(
        "{title}\nMeasured on its own (`cargo bench --bench register -- import {documents}`) on {}, commit \
         {}, on {}.\n",
        chrono::Utc::now().format("%Y-%m-%d"),
        commit(),
        machine(),
    );
    let body = body.replacen(&title, &about, 1);
    writeln!(stdout(), "{body}")?;
    let page = std::fs::read_to_string(PAGE).unwrap_or_default();
    std::fs::write(PAGE, with_section(&page, &body))
}

/// Measures search alone, with each of the numbers of projects that are given.
fn search(numbers: &[String]) -> std::io::Result<()> {
    let given: Vec<usize> = numbers.iter().flat_map(|number| number.parse()).collect();
    let sizes = if given.is_empty() {
        &sections::SIZES[..]
    } else {
        &given
    };
    let (title, body) = (format!("{SEARCH}\n"), sections::search(sizes));
    let about = format!(
        "{title}\nMeasured on its own (`cargo bench --bench register -- search {}`) on {}, commit \
         {}, on {}.\n",
        numbers.join(" "),
        chrono::Utc::now().format("%Y-%m-%d"),
        commit(),
        machine(),
    );
    let body = body.replacen(&title, &about, 1);
    writeln!(stdout(), "{body}")?;
    let page = std::fs::read_to_string(PAGE).unwrap_or_default();
    std::fs::write(PAGE, with_section(&page, &body))
}
