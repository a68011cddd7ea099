//! Readers and writers that go on through a fault, repeat what was refused, and know exactly what
//! must be there in the end.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread::{self, Scope, ScopedJoinHandle},
    time::{Duration, Instant},
};

use crate::{
    crash::{assert_nothing_lost_or_halved, content},
    support::{Client, Reply, Request, Server, text},
};

/// How long a fault or a recovery may take to show: far above what is normal.
const PATIENCE: Duration = Duration::from_mins(2);

const WRITERS: usize = 3;
const READERS: usize = 3;

/// A refusal that a fault excuses: its status and its type of problem.
pub(super) type Refusal = (u16, &'static str);

/// Three writers and three readers, each in a thread.
pub(super) struct Traffic<'t> {
    client: &'t Client,
    key: &'t str,
    refusals: &'t [Refusal],
    stop: AtomicBool,
    writers: [Count; WRITERS],
    readers: [Count; READERS],
}

/// What one thread has seen.
#[derive(Default)]
struct Count {
    served: AtomicUsize,
    refused: AtomicUsize,
}

/// Ends all threads when one of them or the test fails, or the scope would wait for ever.
struct Stop<'t>(&'t AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Traffic<'_> {
    /// Runs the traffic while `faults` makes things go wrong and right again; then checks that what
    /// was acknowledged is there, whole and once, and nothing else.
    ///
    /// A reply that is neither served nor one of these refusals fails the test, and so does a
    /// request without an answer.
    pub(super) fn run(server: &Server, refusals: &[Refusal], faults: impl FnOnce(&Traffic<'_>)) {
        let key = server.admin_key().to_owned();
        let traffic = Traffic {
            client: server,
            key: &key,
            refusals,
            stop: AtomicBool::new(false),
            writers: Default::default(),
            readers: Default::default(),
        };
        let acknowledged = thread::scope(|scope| {
            let stop = Stop(&traffic.stop);
            let writers = traffic.start(scope);
            faults(&traffic);
            drop(stop);
            let written = writers.into_iter().map(|writer| writer.join().unwrap());
            written.flatten().collect::<BTreeMap<_, _>>()
        });
        let found = assert_nothing_lost_or_halved(server, &key, &acknowledged);
        let versions = found
            .iter()
            .map(|(id, document)| (id.clone(), document["version"].as_i64().unwrap()));
        // Each refused write was repeated until it was served, so nothing is in doubt.
        assert_eq!(versions.collect::<BTreeMap<_, _>>(), acknowledged);
    }

    fn start<'scope>(
        &'scope self,
        scope: &'scope Scope<'scope, '_>,
    ) -> Vec<ScopedJoinHandle<'scope, BTreeMap<String, i64>>> {
        for (number, count) in self.readers.iter().enumerate() {
            scope.spawn(move || self.read(number, count));
        }
        let writers = self.writers.iter().enumerate();
        writers
            .map(|(number, count)| scope.spawn(move || self.write(number, count)))
            .collect()
    }

    /// Waits until every writer was refused some more.
    pub(super) fn wait_until_writers_are_refused(&self) {
        self.wait(
            "refused",
            2,
            self.writers.iter().map(|count| &count.refused),
        );
    }

    /// Waits until every reader and writer was refused.
    pub(super) fn wait_until_all_are_refused(&self) {
        let all = self.writers.iter().chain(&self.readers);
        self.wait("refused", 1, all.map(|count| &count.refused));
    }

    /// Waits until every reader was served some more.
    pub(super) fn wait_until_readers_are_served(&self) {
        self.wait("served", 5, self.readers.iter().map(|count| &count.served));
    }

    /// Waits until every reader and writer was served some more.
    pub(super) fn wait_until_all_are_served(&self) {
        let all = self.writers.iter().chain(&self.readers);
        self.wait("served", 5, all.map(|count| &count.served));
    }

    /// Whether a reader was ever refused.
    pub(super) fn was_a_reader_refused(&self) -> bool {
        let mut readers = self.readers.iter();
        readers.any(|count| count.refused.load(Ordering::Relaxed) > 0)
    }

    #[track_caller]
    fn wait<'c>(&self, what: &str, more: usize, counts: impl Iterator<Item = &'c AtomicUsize>) {
        let now = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        let goals: Vec<_> = counts.map(|count| (count, now(count) + more)).collect();
        let deadline = Instant::now() + PATIENCE;
        while goals.iter().any(|(count, goal)| now(count) < *goal) {
            let ended = self.stop.load(Ordering::Relaxed);
            assert!(!ended, "a reader or a writer failed");
            assert!(Instant::now() < deadline, "not all were {what}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Creates documents and patches each some times; gives the last version of each.
    fn write(&self, number: usize, count: &Count) -> BTreeMap<String, i64> {
        let _stop = Stop(&self.stop);
        let mut written = BTreeMap::new();
        for nth in 0.. {
            let name = format!("Writer {number} document {nth}");
            let mut url = "/organisations".to_owned();
            for version in 1..=4 {
                if self.stop.load(Ordering::Relaxed) {
                    return written;
                }
                let body = content(&name, version);
                // What a caller does who wants to be sure: a create has a key of its own, so that
                // repeating it makes no second document; repeating a patch changes nothing.
                let (status, reply) = match version {
                    1 => (
                        201,
                        self.served(count, || {
                            let key = format!("{number}-{nth}");
                            self.client
                                .post(&url)
                                .header("idempotency-key", &key)
                                .json(&body)
                        }),
                    ),
                    _ => (
                        200,
                        self.served(count, || self.client.patch(&url).json(&body)),
                    ),
                };
                let document = reply.expect(status).json();
                assert_eq!(
                    document["version"], version,
                    "the only writer of {document}"
                );
                let id = text(&document, "id");
                url = format!("/organisations/{id}");
                written.insert(id, version);
            }
        }
        written
    }

    fn read(&self, number: usize, count: &Count) {
        let _stop = Stop(&self.stop);
        let paths = ["/organisations?limit=20", "/changes?limit=20", "/regions"];
        while !self.stop.load(Ordering::Relaxed) {
            let get = || self.client.get(paths[number % paths.len()]);
            self.served(count, get).expect(200);
        }
    }

    /// Repeats a request until it is not refused. Each refusal is a problem that says when to come
    /// back, if coming back helps.
    fn served<'r>(&self, count: &Count, request: impl Fn() -> Request<'r>) -> Reply {
        loop {
            let reply = request().key(self.key).send();
            let refusal = self
                .refusals
                .iter()
                .find(|(status, _)| *status == reply.status);
            let Some((status, kind)) = refusal else {
                count.served.fetch_add(1, Ordering::Relaxed);
                return reply;
            };
            reply.problem(*status, kind);
            let after = reply
                .header("retry-after")
                .and_then(|after| after.parse::<u32>().ok());
            assert!(
                *status != 503 || after.is_some_and(|after| after > 0),
                "no Retry-After: {reply}"
            );
            count.refused.fetch_add(1, Ordering::Relaxed);
            // The test wants many attempts; a caller should wait as long as it was told.
            thread::sleep(Duration::from_millis(20));
        }
    }
}
