//! Turns at the connections of a database: on threads that may block, first come, first served.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::StoreError;

/// What is done in a turn.
type Work = Box<dyn FnOnce() + Send>;

/// What waits for its turn: nothing once it has begun, or nobody waits for it any more.
type Waiting = Arc<Mutex<Option<Work>>>;

/// Turns of which a number can run at once. A thread that ends one goes on with the next that waits:
/// to put it to sleep and wake it again costs up to a tenth of a request.
#[derive(Clone)]
pub(super) struct Turns(Arc<Mutex<Queue>>);

struct Queue {
    waiting: VecDeque<Waiting>,
    /// How many threads there may be, and are.
    most: usize,
    running: usize,
}

impl Turns {
    /// So many at once.
    pub(super) fn new(most: usize) -> Self {
        Self(Arc::new(Mutex::new(Queue {
            waiting: VecDeque::new(),
            most,
            running: 0,
        })))
    }

    /// How many more could begin at once.
    pub(super) fn free(&self) -> usize {
        let queue = lock(&self.0);
        queue.most - queue.running
    }

    /// Runs `work` when it is its turn. Who no longer waits for one that has not begun gives it up.
    ///
    /// # Errors
    /// When it cannot begin in time, or panics.
    pub(super) async fn take<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (done, mut answer) = oneshot::channel();
        let work: Work = Box::new(move || {
            // Whoever waits is told that it failed when this end goes without a word.
            if let Ok(value) = catch_unwind(AssertUnwindSafe(work)) {
                let _ = done.send(value);
            }
        });
        let waiting = Awaited(Arc::new(Mutex::new(Some(work))));
        self.queue(Arc::clone(&waiting.0));
        let answer = match tokio::time::timeout(patience, &mut answer).await {
            Ok(answer) => answer,
            Err(_) if lock(&waiting.0).take().is_some() => {
                let why = "too many requests are waiting";
                return Err(StoreError::Unavailable(why.into()));
            }
            Err(_) => answer.await,
        };
        answer.map_err(|_| StoreError::Failed("the work for a request broke off".into()))
    }

    fn queue(&self, waiting: Waiting) {
        let mut queue = lock(&self.0);
        queue.waiting.push_back(waiting);
        if queue.running < queue.most {
            queue.running += 1;
            drop(queue);
            let thread = Thread(Some(self.clone()));
            tokio::task::spawn_blocking(move || thread.run());
        }
    }
}

/// What somebody waits for.
struct Awaited(Waiting);

impl Drop for Awaited {
    fn drop(&mut self) {
        lock(&self.0).take();
    }
}

/// A thread that counts as running, until it has nothing more to do or cannot be had.
struct Thread(Option<Turns>);

impl Thread {
    /// Runs what waits until nothing does.
    fn run(mut self) {
        while let Some(waiting) = self.next() {
            let work = lock(&waiting).take();
            if let Some(work) = work {
                work();
            }
        }
    }

    fn next(&mut self) -> Option<Waiting> {
        let mut queue = lock(&self.0.as_ref()?.0);
        let next = queue.waiting.pop_front();
        if next.is_none() {
            // At once: whoever comes from here on must have a thread of his own.
            queue.running -= 1;
            drop(queue);
            self.0 = None;
        }
        next
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        if let Some(turns) = &self.0 {
            lock(&turns.0).running -= 1;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use tokio::runtime::Builder;
    use tokio::task::{JoinHandle, yield_now};

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    fn run(test: impl Future<Output = ()>) {
        let runtime = Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else {
            unreachable!("a runtime can be made")
        };
        runtime.block_on(test);
    }

    /// Work that has begun, and ends when the other end goes.
    async fn gate(turns: &Turns) -> (mpsc::Sender<()>, JoinHandle<()>) {
        let (begun, has_begun) = oneshot::channel();
        let (open, opened) = mpsc::channel::<()>();
        let turns = turns.clone();
        let ended = tokio::spawn(async move {
            let work = move || {
                let _ = (begun.send(()), opened.recv());
            };
            assert!(turns.take(LONG, work).await.is_ok());
        });
        assert!(has_begun.await.is_ok());
        (open, ended)
    }

    #[test]
    fn no_more_run_at_once_than_may_and_all_run() {
        const MOST: usize = 3;
        run(async {
            let turns = Turns::new(MOST);
            let (running, top) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let all = (0..2_000).map(|nth| {
                let (turns, running, top) = (turns.clone(), Arc::clone(&running), Arc::clone(&top));
                tokio::spawn(async move {
                    let work = move || {
                        let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                        top.fetch_max(now, Ordering::SeqCst);
                        std::thread::yield_now();
                        running.fetch_sub(1, Ordering::SeqCst);
                        nth
                    };
                    assert_eq!(turns.take(LONG, work).await.ok(), Some(nth));
                })
            });
            for one in all.collect::<Vec<_>>() {
                assert!(one.await.is_ok());
            }
            assert!((1..=MOST).contains(&top.load(Ordering::SeqCst)));
            until(|| turns.free() == MOST).await;
        });
    }

    #[test]
    fn who_comes_first_has_the_first_turn_and_a_panic_is_for_one_alone() {
        run(async {
            let turns = Turns::new(1);
            let (open, ended) = gate(&turns).await;
            assert_eq!(turns.free(), 0);
            let (order, came) = mpsc::channel();
            let mut all = Vec::new();
            for nth in 0..20 {
                let (waiting, order) = (turns.clone(), order.clone());
                all.push(tokio::spawn(async move {
                    let work = move || {
                        assert!(nth != 7, "the eighth breaks");
                        let _ = order.send(nth);
                    };
                    waiting.take(LONG, work).await.is_ok()
                }));
                until(|| lock(&turns.0).waiting.len() > nth).await;
            }
            drop((open, order));
            assert!(ended.await.is_ok());
            for (nth, one) in all.into_iter().enumerate() {
                assert_eq!(one.await.ok(), Some(nth != 7));
            }
            let order: Vec<usize> = came.iter().collect();
            assert_eq!(order, (0..20).filter(|nth| *nth != 7).collect::<Vec<_>>());
            until(|| turns.free() == 1).await;
        });
    }

    #[test]
    fn what_nobody_waits_for_any_more_does_not_begin() {
        run(async {
            let turns = Turns::new(1);
            let (open, ended) = gate(&turns).await;
            let ran = Arc::new(AtomicUsize::new(0));
            let work = || {
                let ran = Arc::clone(&ran);
                move || ran.fetch_add(1, Ordering::SeqCst)
            };
            let late = turns.take(Duration::from_millis(20), work()).await;
            assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
            let (waiting, gone) = (turns.clone(), work());
            let gone = tokio::spawn(async move { waiting.take(LONG, gone).await.is_ok() });
            until(|| lock(&turns.0).waiting.len() == 2).await;
            gone.abort();
            assert!(gone.await.is_err());
            drop(open);
            assert!(ended.await.is_ok());
            // What has begun is waited for, however long it takes.
            let patience = Duration::from_secs(1);
            let work = move || {
                std::thread::sleep(patience + patience / 5);
                ran.load(Ordering::SeqCst)
            };
            let done = turns.take(patience, work).await;
            assert!(matches!(done, Ok(0)), "{done:?}");
            until(|| turns.free() == 1).await;
        });
    }

    /// Waits for what is not told when it comes.
    async fn until(is_so: impl Fn() -> bool) {
        while !is_so() {
            yield_now().await;
        }
    }
}
