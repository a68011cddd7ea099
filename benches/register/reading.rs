//! What reading costs under load, against the bare handler that returns the same bytes.

use std::thread;
use std::time::{Duration, Instant};

use crate::http::{Ask, Connection};
use crate::process::Workers;
use crate::report::{median, milliseconds, percentile};

const CONNECTIONS: usize = 8;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(500);

/// Requests that are made in turn, and where.
pub(crate) struct Target<'a> {
    pub(crate) address: &'a str,
    pub(crate) workers: &'a Workers,
    pub(crate) asks: &'a [Ask],
}

/// What a request to a target costs: medians over the rounds.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    /// Milliseconds of CPU.
    pub(crate) cpu: f64,
    /// Requests a second.
    pub(crate) rate: f64,
    /// Milliseconds until the answer, at the median.
    pub(crate) latency: f64,
    /// And of the slowest hundredth.
    pub(crate) slow: f64,
}

/// A target beside the bare handler, measured in turn.
pub(crate) struct Compared {
    pub(crate) cost: Cost,
    /// CPU of the target over that of the bare handler, within a round.
    pub(crate) cpu_ratio: f64,
    /// Requests a second of the target over those of the bare handler, within a round.
    pub(crate) rate_ratio: f64,
}

pub(crate) fn compare(target: &Target<'_>, bare: &Target<'_>) -> Compared {
    let rounds: Vec<[Cost; 2]> = (0..ROUNDS).map(|_| [drive(target), drive(bare)]).collect();
    compared(&rounds)
}

/// The medians over the rounds.
fn compared(rounds: &[[Cost; 2]]) -> Compared {
    let over_rounds = |figure: fn(&[Cost; 2]) -> f64| median(rounds.iter().map(figure));
    Compared {
        cost: Cost {
            cpu: over_rounds(|[target, _]| target.cpu),
            rate: over_rounds(|[target, _]| target.rate),
            latency: over_rounds(|[target, _]| target.latency),
            slow: over_rounds(|[target, _]| target.slow),
        },
        cpu_ratio: over_rounds(|[target, bare]| target.cpu / bare.cpu),
        rate_ratio: over_rounds(|[target, bare]| target.rate / bare.rate),
    }
}

/// Requests that are each made once, a part of them in each round, beside the bare handler; and what
/// they were answered.
pub(crate) fn compare_once(
    address: &str,
    workers: &Workers,
    paths: &[String],
    bare: &Target<'_>,
) -> (Compared, Vec<(String, Vec<u8>)>) {
    let mut answers = Vec::new();
    let parts = paths.chunks(paths.len().div_ceil(ROUNDS).max(1));
    let rounds: Vec<[Cost; 2]> = parts
        .map(|paths| {
            // A new connection is not what is measured.
            let shares = paths.chunks(paths.len().div_ceil(CONNECTIONS));
            let shares: Vec<_> = shares.map(|paths| (connected(address), paths)).collect();
            let (used, began) = (workers.cpu(), Instant::now());
            let all = thread::scope(|scope| {
                let clients: Vec<_> = shares
                    .into_iter()
                    .map(|(connection, paths)| scope.spawn(move || once(connection, paths)))
                    .collect();
                let ended = clients.into_iter().map(thread::ScopedJoinHandle::join);
                ended
                    .flat_map(|end| end.expect("every request is answered"))
                    .collect::<Vec<_>>()
            });
            let (time, cpu) = (began.elapsed(), workers.cpu().since(&used));
            let cost = cost(all.iter().map(|(latency, _)| *latency), time, cpu);
            answers.extend(all.into_iter().map(|(_, answer)| answer));
            [cost, drive(bare)]
        })
        .collect();
    (compared(&rounds), answers)
}

/// A connection that was used already.
fn connected(address: &str) -> Connection {
    let mut connection = Connection::open(address);
    connection.get("/health/live");
    connection
}

/// Gets each of some paths.
fn once(mut connection: Connection, paths: &[String]) -> Vec<(Duration, (String, Vec<u8>))> {
    let get = |path: &String| {
        let began = Instant::now();
        let body = connection.get(path).body;
        (began.elapsed(), (path.clone(), body))
    };
    paths.iter().map(get).collect()
}

/// One round: as many requests as come through.
fn drive(target: &Target<'_>) -> Cost {
    let (used, began) = (target.workers.cpu(), Instant::now());
    let latencies: Vec<Duration> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CONNECTIONS)
            .map(|nth| scope.spawn(move || client(target, nth, began + ROUND)))
            .collect();
        let ended = clients.into_iter().map(thread::ScopedJoinHandle::join);
        ended
            .flat_map(|end| end.expect("every answer is right"))
            .collect()
    });
    let (time, cpu) = (began.elapsed(), target.workers.cpu().since(&used));
    cost(latencies.into_iter(), time, cpu)
}

/// What requests cost on average, together in such a time.
fn cost(latencies: impl Iterator<Item = Duration>, time: Duration, cpu: Duration) -> Cost {
    let latencies: Vec<f64> = latencies.map(milliseconds).collect();
    let requests = u32::try_from(latencies.len()).unwrap_or(u32::MAX).max(1);
    Cost {
        cpu: milliseconds(cpu) / f64::from(requests),
        rate: f64::from(requests) / time.as_secs_f64(),
        latency: median(latencies.iter().copied()),
        slow: percentile(latencies.into_iter(), 99),
    }
}

/// One client, from a place of its own in the requests.
fn client(target: &Target<'_>, nth: usize, until: Instant) -> Vec<Duration> {
    let mut connection = Connection::open(target.address);
    let mut latencies = Vec::new();
    let start = target.asks.len() * nth / CONNECTIONS;
    for ask in target.asks.iter().cycle().skip(start) {
        let began = Instant::now();
        if began >= until {
            break;
        }
        connection.ask(ask);
        latencies.push(began.elapsed());
    }
    latencies
}
