//! What it costs to rename an organisation that many documents name: each shows the name, so each
//! gets a new version, all in one transaction.

use std::time::{Duration, Instant};

use schakel::organisations::Organisation;
use schakel::people::Person;
use schakel::projects::Project;
use schakel::register::write::create;
use schakel::register::{Caller, Document, Error, Result};
use schakel::store::{Store, Write};
use serde_json::{Value, json};

use super::{BACKENDS, progress};
use crate::report::{Table, met};
use crate::subject::Subject;

/// How many documents name the organisation.
const NAMED_BY: [usize; 3] = [50, 500, 5_000];
/// How often each is renamed.
const TIMES: usize = 3;
/// How many documents a transaction of the preparation has.
const BATCH: usize = 1_000;

pub(crate) fn renaming() -> String {
    const GOAL: f64 = 1.5;
    let mut table = Table::new(&[
        "documents that name it",
        "",
        "seconds",
        "ms of CPU for each document",
        "ratio to the first row",
        "goal",
        "met",
    ]);
    for (backend, name) in BACKENDS {
        let mut subject = Subject::start(backend, &[]);
        subject.server.stop();
        for count in NAMED_BY {
            prepare(&subject.server.database_url, count);
        }
        subject.server.restart();
        let mut first = None;
        for count in NAMED_BY {
            progress(&format!("{name}: renaming what {count} documents name"));
            let (seconds, cpu) = rename(&subject, count);
            let ratio = cpu / *first.get_or_insert(cpu);
            table.row(vec![
                count.to_string(),
                name.to_owned(),
                format!("{seconds:.2}"),
                format!("{cpu:.3}"),
                format!("{ratio:.2}"),
                format!("{GOAL}"),
                met(ratio <= GOAL),
            ]);
        }
    }
    format!(
        "## Renaming what many documents name\n\n\
         An organisation gets another name. The documents that show it (projects, people, \
         organisations) each get a new version and a line in the change log, in the same \
         transaction; that they all did is checked. The median of {TIMES} times. The cost of each \
         should not grow with their number.\n\n{table}"
    )
}

/// The slug of the organisation that so many documents name.
fn slug(count: usize) -> String {
    format!("named-by-{count}")
}

/// Writes an organisation and the documents that name it.
fn prepare(database_url: &str, count: usize) {
    let url = database_url.parse().expect("the URL of a database");
    let store = Store::new(&url, 1);
    let slug = slug(count);
    let written = store.write_now("benchmark".into(), |write| {
        make::<Organisation>(write, json!({"name": slug, "slug": slug, "kind": "other"}))
    });
    written.unwrap_or_else(|error| panic!("{slug}: {error}"));
    for first in (0..count).step_by(BATCH) {
        let written = store.write_now("benchmark".into(), |write| {
            (first..count.min(first + BATCH)).try_for_each(|number| naming(write, &slug, number))
        });
        written.unwrap_or_else(|error| panic!("what names {slug}: {error}"));
    }
}

/// Writes a document that names an organisation: a project, a person or an organisation.
fn naming(write: &mut Write<'_>, slug: &str, number: usize) -> Result<()> {
    let name = format!("{slug} {number}");
    match number % 5 {
        0..=2 => make::<Project>(
            write,
            json!({
                "name": name, "kind": "project", "start": "2014-23",
                "participants": [{"organisation": slug, "role": "partner"}],
                "milestones": [{"kind": "evaluation", "title": "Evaluatie", "planned": "2015"}],
            }),
        ),
        3 => make::<Person>(
            write,
            json!({
                "name": {"family": name}, "publicationBasis": "function",
                "roles": [{"organisation": slug, "title": "Lid", "kind": "member"}],
            }),
        ),
        _ => make::<Organisation>(
            write,
            json!({
                "name": name, "kind": "school",
                "parents": [{"organisation": slug, "kind": "part_of"}],
            }),
        ),
    }
}

fn make<T: Document>(write: &mut Write<'_>, body: Value) -> Result<()> {
    let Value::Object(body) = body else {
        unreachable!("a document is an object");
    };
    create::<T>(write, &Caller::command_line(), body)?;
    Ok::<_, Error>(())
}

/// Renames an organisation. Gives the median seconds, and the milliseconds of CPU time for each
/// document that names it.
fn rename(subject: &Subject, count: usize) -> (f64, f64) {
    let (workers, key) = (subject.workers(), subject.server.admin_key());
    let path = format!("/organisations/{}", slug(count));
    let mut last = 0;
    let mut costs: Vec<(Duration, Duration)> = (0..TIMES)
        .map(|time| {
            let before = position(subject, last);
            let (cpu, began) = (workers.cpu(), Instant::now());
            let renamed = subject
                .server
                .patch(&path)
                .key(key)
                .json(&json!({"name": format!("Renamed {count} {time}")}))
                .send();
            let (took, used) = (began.elapsed(), workers.cpu().since(&cpu));
            renamed.expect(200);
            last = position(subject, before);
            let lines = last - before;
            assert_eq!(lines, count + 1, "a line for each document, and its own");
            (took, used)
        })
        .collect();
    costs.sort();
    let (took, used) = costs[TIMES / 2];
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let each = used.as_secs_f64() * 1_000.0 / count as f64;
    (took.as_secs_f64(), each)
}

/// The position of the change log, which is at least this far.
fn position(subject: &Subject, mut cursor: usize) -> usize {
    loop {
        let path = format!("/changes?limit=100&cursor={cursor}");
        let page = subject.server.get(&path).send().expect(200).json();
        let next = page["cursor"]
            .as_u64()
            .and_then(|seq| usize::try_from(seq).ok());
        cursor = next.expect("a position");
        if page["next"].is_null() {
            return cursor;
        }
    }
}
