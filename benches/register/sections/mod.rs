//! The sections of the page of results: what is measured, and against which goal.

mod importing;
mod lists;
mod renaming;
mod search;
mod under_load;

pub(crate) use importing::{DOCUMENTS, importing};
pub(crate) use renaming::renaming;
pub(crate) use search::{SIZES, search};

use std::thread::{self, ScopedJoinHandle};

use crate::data::{Generated, organisations};
use crate::load::{Loading, load};
use crate::paging::{self, Crawl, LISTS};
use crate::process::memory;
use crate::report::{Table, met, progress};
use crate::slow_and_many;
use crate::start::{FIRST, at_rest, starts};
use crate::subject::Subject;
use crate::support::Backend;

const BACKENDS: [(Backend, &str); 2] = [
    (Backend::Sqlite, "SQLite"),
    (Backend::Postgres, "PostgreSQL"),
];

/// A register with the generated organisations, and its lists as they were followed.
struct Loaded {
    name: &'static str,
    subject: Subject,
    crawls: Vec<Crawl>,
}

/// Measures everything.
pub(crate) fn all(count: usize) -> String {
    let (demo, crowd, renaming) = (demo(), crowd(), renaming());
    let generated = organisations(count);
    // Nothing is measured here but how long loading takes, so both may work at once.
    let (loaded, took): (Vec<Loaded>, Vec<Loading>) = thread::scope(|scope| {
        let generated = &generated;
        let prepared =
            BACKENDS.map(|backend| scope.spawn(move || Loaded::prepare(backend, generated)));
        let prepared = prepared.into_iter().map(ScopedJoinHandle::join);
        prepared
            .map(|end| end.expect("every list is right"))
            .unzip()
    });
    let paging = lists::paging(&loaded);
    let counting = lists::counting(&loaded);
    let reading = under_load::reading(&loaded, &generated);
    let mut table = Table::new(&[
        "",
        "seconds of loading",
        "last tenth over first",
        "MB at rest after all below",
    ]);
    for (Loaded { name, subject, .. }, took) in loaded.iter().zip(took) {
        table.row(vec![
            (*name).to_owned(),
            format!("{:.0}", took.all().as_secs_f64()),
            format!("{:.2}", took.growth()),
            megabytes(memory(subject.pid()).resident),
        ]);
    }
    format!(
        "{demo}\n{crowd}\n{renaming}\n## With {count} organisations\n\n\
         Generated, the same ones each time, and written through the same functions as any write, \
         a thousand in a transaction, on both databases at once. PostgreSQL does not wait for the \
         disk in this benchmark.\n\n{table}\n{paging}\n{counting}\n{reading}"
    )
}

impl Loaded {
    /// Loads the organisations, and follows all lists to their ends.
    fn prepare(
        (backend, name): (Backend, &'static str),
        generated: &[Generated],
    ) -> (Self, Loading) {
        let mut subject = Subject::start(backend, &[]);
        subject.server.stop();
        progress(&format!(
            "{name}: loading {} organisations",
            generated.len()
        ));
        let took = load(&subject.server.database_url, generated);
        subject.server.restart();
        progress(&format!(
            "{name}: following {} lists to their ends",
            LISTS.len()
        ));
        let mut connection = subject.connect();
        let crawls = LISTS
            .iter()
            .map(|list| paging::crawl(&mut connection, list, generated))
            .collect();
        progress(&format!("{name}: loaded and followed"));
        let loaded = Self {
            name,
            subject,
            crawls,
        };
        (loaded, took)
    }
}

/// Start and memory with the demo data.
fn demo() -> String {
    const START: f64 = 200.0;
    const MEMORY: u64 = 60_000_000;
    let mut table = Table::new(&["with the demo data", "", "median", "slowest", "goal", "met"]);
    let mut rests = Table::new(&[
        "memory at rest, MB",
        "",
        "resident",
        "proportional",
        "goal",
        "met",
    ]);
    for (backend, name) in BACKENDS {
        progress(&format!("{name}: starting often with the demo data"));
        let mut subject = Subject::start(backend, &["--demo"]);
        for path in FIRST {
            let start = starts(&mut subject, path);
            table.row(vec![
                format!("start to the first answer of `{path}`, ms"),
                name.to_owned(),
                format!("{:.0}", start.median),
                format!("{:.0}", start.slowest),
                format!("{START:.0}"),
                met(start.median < START),
            ]);
        }
        for (what, memory) in ["after the start", "after 1,000 requests"]
            .iter()
            .zip(at_rest(&mut subject))
        {
            rests.row(vec![
                (*what).to_owned(),
                name.to_owned(),
                megabytes(memory.resident),
                megabytes(memory.proportional),
                "60".to_owned(),
                met(memory.resident < MEMORY),
            ]);
        }
    }
    format!(
        "## Start and memory\n\n\
         The program was started 20 times for each row; the files were in the page cache. The \
         requests were of all sorts, one after the other. Memory is that of the program alone.\n\n\
         {table}\n{rests}"
    )
}

/// Ordinary requests beside idle and slow callers, with the demo data.
fn crowd() -> String {
    let mut tables = String::new();
    for (backend, name) in BACKENDS {
        progress(&format!("{name}: among idle and slow callers"));
        let subject = Subject::start(backend, &["--demo"]);
        let address = subject.server.outside("").replace("http://", "");
        let key = subject.server.admin_key();
        let (alone, crowded) = slow_and_many::measure(&address, subject.pid(), key);
        let table = slow_and_many::table(&alone, &crowded);
        tables.extend(["\n", name, ":\n\n", &table, "\n"]);
    }
    format!(
        "## Among slow callers\n\n\
         The time of ordinary requests, one after the other, without others and beside callers that \
         send or read a byte a second. The goal is a ratio of the medians below 2.\n{tables}"
    )
}

fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}
