//! What a crowd of slow callers costs the others: the time of ordinary requests without it and with
//! it, and the memory of the server.
//!
//! What must hold on every machine is in `tests/it/slow`; the ratio is measured here, because a
//! busy machine would make a test of it fail.

use std::{
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

#[path = "../../tests/it/slow/clients.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod clients;

use clients::{Slow, go_on};

const IDLE: usize = 2_000;

/// How many slow callers there are of each of the four sorts: headers, bodies, and readers of two
/// large answers that are no work to make, because it is slowness that is measured here.
const SLOW: usize = 50;

/// How many requests are measured, one after the other.
const REQUESTS: usize = 2_000;

/// What is asked, in turn.
const PATHS: [&str; 3] = [
    "/api/v1/regions/noord-veluwe",
    "/api/v1/organisations?limit=20",
    "/api/v1/organisations?sector=po,vo&limit=20",
];

/// What was measured.
pub(crate) struct Measured {
    /// The middle of the times.
    pub(crate) median: Duration,
    /// What one in a hundred requests exceeds.
    pub(crate) p99: Duration,
    /// What the server had in memory at most, in kB.
    pub(crate) memory: u64,
}

/// Measures the server at `address` (`HOST:PORT`), whose process is `pid`, first alone and then
/// with the crowd. It has the demo data and no rate limits; `key` may write.
pub(crate) fn measure(address: &str, pid: u32, key: &str) -> (Measured, Measured) {
    rlimit::increase_nofile_limit(16_384).expect("the limit of open files is known");
    ask(address, pid);
    let alone = ask(address, pid);
    let over = AtomicBool::new(false);
    let crowded = thread::scope(|scope| {
        let mut crowd: Vec<Sort> = (0..IDLE + 4 * SLOW).map(Sort::of).collect();
        let mut open: Vec<Slow> = crowd.iter().map(|sort| sort.open(address, key)).collect();
        let over = &over;
        scope.spawn(move || {
            while !over.load(Ordering::Relaxed) {
                go_on(&mut open, Duration::from_secs(1), |_| {
                    over.load(Ordering::Relaxed)
                });
                // The server cuts them off in time; others come in their place.
                for (client, sort) in open.iter_mut().zip(&mut crowd) {
                    if client.is_ended() {
                        *client = sort.open(address, key);
                    }
                }
            }
        });
        // Until the buffers of the system are full, the readers do get answers.
        thread::sleep(Duration::from_secs(5));
        let crowded = ask(address, pid);
        over.store(true, Ordering::Relaxed);
        crowded
    });
    (alone, crowded)
}

/// What [`measure`] found, as a table in Markdown.
pub(crate) fn table(alone: &Measured, crowded: &Measured) -> String {
    let row = |name: &str, measured: &Measured| {
        let Measured {
            median,
            p99,
            memory,
        } = measured;
        format!("| {name} | {median:.2?} | {p99:.2?} | {memory} |")
    };
    let ratio = |with: Duration, without: Duration| with.as_secs_f64() / without.as_secs_f64();
    let crowd = format!("{IDLE} idle connections and {} slow callers", 4 * SLOW);
    [
        format!("| {crowd} | median | 99 % | memory in kB |"),
        "|---|---|---|---|".to_owned(),
        row("without", alone),
        row("with", crowded),
        format!(
            "| ratio | {:.2} | {:.2} | |",
            ratio(crowded.median, alone.median),
            ratio(crowded.p99, alone.p99)
        ),
    ]
    .join("\n")
}

/// What a member of the crowd does.
#[derive(Clone, Copy)]
enum Sort {
    Idle,
    Headers,
    Body,
    Json,
    Yaml,
}

impl Sort {
    fn of(number: usize) -> Self {
        match number / SLOW {
            0 => Self::Headers,
            1 => Self::Body,
            2 => Self::Json,
            3 => Self::Yaml,
            _ => Self::Idle,
        }
    }

    fn open(self, address: &str, key: &str) -> Slow {
        match self {
            Self::Idle => Slow::idle(address),
            Self::Headers => Slow::headers(address),
            Self::Body => Slow::body(address, key, false),
            Self::Json => Slow::reader(address, "/api/v1/openapi.json"),
            Self::Yaml => Slow::reader(address, "/api/v1/openapi.yaml"),
        }
    }
}

/// Asks one request after the other.
fn ask(address: &str, pid: u32) -> Measured {
    let agent = ureq::agent();
    let mut times = Vec::with_capacity(REQUESTS);
    let mut most = 0;
    for nth in 0..REQUESTS {
        let url = format!("http://{address}{}", PATHS[nth % PATHS.len()]);
        let began = Instant::now();
        let mut reply = agent.get(&url).call().expect("a whole answer");
        reply.body_mut().read_to_vec().expect("a whole answer");
        times.push(began.elapsed());
        if nth % 100 == 0 {
            most = most.max(memory(pid));
        }
    }
    times.sort_unstable();
    Measured {
        median: times[REQUESTS / 2],
        p99: times[REQUESTS * 99 / 100],
        memory: most,
    }
}

/// What a process has in memory, in kB.
fn memory(pid: u32) -> u64 {
    let output = Command::new("ps")
        .args(["-o", "rss=", "-p", &pid.to_string()])
        .output();
    let text = String::from_utf8(output.expect("ps runs").stdout).expect("a number");
    text.trim().parse().expect("a number")
}
