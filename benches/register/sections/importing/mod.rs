//! What it costs to bring many documents in: the first time, again, and changed.

mod bare;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::bare::{ROWS, bare};
use super::{BACKENDS, progress};
use crate::process::highest_memory;
use crate::report::{Table, met};
use crate::subject::Subject;

/// How many documents there are, unless said otherwise.
pub(crate) const DOCUMENTS: usize = 100_000;

/// The least documents for a second of CPU time.
const GOAL: f64 = 5_000.0;
/// The least part of the speed of the same rows as bare statements.
const RATIO: f64 = 0.5;
/// The most memory.
const MEGABYTES: f64 = 200.0;

pub(crate) fn importing(documents: usize) -> String {
    let mut table = Table::new(&[
        "",
        "",
        "seconds",
        "ms of CPU for each document",
        "documents for a second of CPU",
        "goal",
        "met",
        "MB of memory at most",
        "goal",
        "met",
    ]);
    let mut beside = Table::new(&[
        "",
        "ms of CPU for each document, bare",
        "through the register",
        "bare over that",
        "goal",
        "met",
    ]);
    for (backend, name) in BACKENDS {
        let mut subject = Subject::start(backend, &[]);
        let folder = subject.server.folder().to_owned();
        let rounds = [
            ("new", "", false),
            ("the same again", "", false),
            ("each changed", "Anders.", false),
            ("a plan of other changes", "Weer anders.", true),
        ];
        for (what, summary, dry_run) in rounds {
            progress(&format!("{name}: importing {documents} documents, {what}"));
            // Each begins in a program that has done nothing yet.
            await_index(&subject);
            subject.server.restart();
            let file = folder.join("documents.ndjson");
            generate(&file, documents, summary);
            let (took, cpu) = import(&subject, &file, dry_run, what, documents);
            let each = cpu.as_secs_f64() * 1_000.0 / count(documents);
            let rate = count(documents) / cpu.as_secs_f64();
            let memory = count(
                usize::try_from(highest_memory(subject.pid()) / 1_000_000).unwrap_or(usize::MAX),
            );
            table.row(vec![
                what.to_owned(),
                name.to_owned(),
                format!("{:.1}", took.as_secs_f64()),
                format!("{each:.3}"),
                format!("{rate:.0}"),
                format!("{GOAL:.0}"),
                met(rate >= GOAL),
                format!("{memory:.0}"),
                format!("{MEGABYTES:.0}"),
                met(memory <= MEGABYTES),
            ]);
            if what == "new" {
                await_index(&subject);
                progress(&format!("{name}: the same rows without a register"));
                let bare = bare(&subject, backend).as_secs_f64() * 1_000.0 / count(documents);
                let ratio = bare / each;
                beside.row(vec![
                    name.to_owned(),
                    format!("{bare:.3}"),
                    format!("{each:.3}"),
                    format!("{ratio:.2}"),
                    format!("{RATIO:.1}"),
                    met(ratio >= RATIO),
                ]);
            }
        }
    }
    format!(
        "## Importing\n\n\
         {documents} documents in one import of all or nothing over HTTP, with its answer read to \
         the end: one organisation, two people and seven projects of each ten, which refer to each \
         other by slug. What came of each is checked. PostgreSQL's processes are counted, and do not wait \
         for the disk here.\n\n{table}\n\
         The rows of the first import, in all tables, the change log among them, were then put \
         into an empty register of the same kind by the database's driver: statements of {ROWS} rows \
         each, in one transaction, without reading, checking or comparing anything.\n\n{beside}"
    )
}

/// Waits until the search index is as far as the change log: it follows in the same process.
fn await_index(subject: &Subject) {
    loop {
        let figures = subject.server.get(&subject.server.outside("/metrics"));
        let figures = figures.send().expect(200).text();
        let figure = |name: &str| {
            let mut lines = figures.lines();
            lines.find_map(|line| line.strip_prefix(name)?.trim().parse::<i64>().ok())
        };
        if figure("schakel_search_position ") >= figure("schakel_changes_position ") {
            return;
        }
        thread::sleep(Duration::from_millis(500));
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Writes the file, the same each time but for a text.
fn generate(file: &Path, documents: usize, summary: &str) {
    let file = fs::File::create(file).expect("a file can be written");
    let mut file = std::io::BufWriter::new(file);
    for number in 0..documents {
        let document = document(number, documents, summary);
        writeln!(file, "{document}").expect("the disk has room");
    }
    file.flush().expect("the disk has room");
}

fn document(number: usize, documents: usize, summary: &str) -> Value {
    // Some of these come later in the file.
    let organisation =
        |nth: usize| format!("organisatie-{}", (number + nth * 37) % documents / 10 * 10);
    let summary = format!(
        "Samen werken aan onderwijs en zorg in buurt {}. {summary}",
        number % 977
    );
    match number % 10 {
        0 => json!({
            "type": "organisations", "slug": format!("organisatie-{number}"), "name": format!("Organisatie {number}"),
            "kind": "school", "summary": summary, "sectors": ["po"],
            "identifiers": [{"scheme": "eigen", "value": number.to_string()}],
            "addresses": [{"kind": "visiting", "postcode": "8081 AB", "houseNumber": number.to_string(), "city": "Elburg"}],
        }),
        1 | 2 => json!({
            "type": "people", "slug": format!("persoon-{number}"), "name": {"given": "Jo", "family": format!("Jansen {number}")},
            "publicationBasis": "function", "summary": summary,
            "roles": [{"organisation": organisation(1), "title": "Lid", "kind": "member", "start": "2020"}],
        }),
        _ => json!({
            "type": "projects", "slug": format!("project-{number}"), "name": format!("Project {number}"), "kind": "project",
            "status": "active", "start": "2014-23", "summary": summary,
            "participants": [{"organisation": organisation(1), "role": "lead"}, {"organisation": organisation(2), "role": "partner"}],
            "milestones": [{"kind": "evaluation", "title": "Evaluatie", "planned": "2015"}],
        }),
    }
}

/// Imports through the running program; gives how long that took, and its CPU time.
fn import(
    subject: &Subject,
    file: &Path,
    dry_run: bool,
    what: &str,
    documents: usize,
) -> (Duration, Duration) {
    let (server, workers) = (&subject.server, subject.workers());
    let url = format!("{}/api/v1/imports?dryRun={dry_run}", server.outside(""));
    let (cpu, began) = (workers.cpu(), Instant::now());
    let output = Command::new("curl")
        .args(["-sS", "-H", "Content-Type: application/x-ndjson", "-T"])
        .arg(file)
        .args([
            "-X",
            "POST",
            "-H",
            &format!("Authorization: Bearer {}", server.admin_key()),
            &url,
        ])
        .output()
        .expect("curl is installed");
    let took = began.elapsed();
    let cpu = workers.cpu().since(&cpu);
    let text = String::from_utf8_lossy(&output.stdout);
    let last: Value = text
        .lines()
        .last()
        .and_then(|line| serde_json::from_str(line).ok())
        .unwrap_or_default();
    let summary = &last["summary"];
    let member = match what {
        "new" => "created",
        "the same again" => "unchanged",
        _ => "changed",
    };
    assert_eq!(summary[member], documents, "{what}: {last}");
    assert_eq!(summary["applied"], !dry_run, "{what}: {last}");
    (took, cpu)
}
