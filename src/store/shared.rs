//! A question that many ask at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Puts a question once for all who ask it at the same time: who asks while it is being answered waits
/// for the next answer, which one of those who wait fetches for all of them. So nobody gets an answer
/// that was begun before he came.
pub(super) struct Shared<T> {
    state: Mutex<State<T>>,
    ended: Condvar,
}

/// How often a question was put when somebody came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Came(u64);

struct State<T> {
    /// How often it was put.
    begun: u64,
    is_running: bool,
    /// The last answer, and to which time of putting it that is.
    answer: Option<(u64, T)>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                begun: 0,
                is_running: false,
                answer: None,
            }),
            ended: Condvar::new(),
        }
    }
}

impl<T: Clone> Shared<T> {
    /// Comes to ask, perhaps later.
    pub(super) fn come(&self) -> Came {
        Came(self.lock().begun)
    }

    /// The answer, from `put` or from what somebody else put since the asker came.
    ///
    /// # Errors
    /// As `put` does. A failure is only for the one who put it: the others put it themselves.
    pub(super) fn ask<E>(&self, came: Came, put: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let mut state = self.lock();
        loop {
            if let Some((_, answer)) = state.answer.as_ref().filter(|(nth, _)| *nth > came.0) {
                return Ok(answer.clone());
            }
            if !state.is_running {
                break;
            }
            state = self
                .ended
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.is_running = true;
        state.begun += 1;
        let mut running = Running {
            shared: self,
            nth: state.begun,
            answer: None,
        };
        drop(state);
        let answer = put()?;
        running.answer = Some(answer.clone());
        Ok(answer)
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the next one go on, however this one ends.
struct Running<'s, T: Clone> {
    shared: &'s Shared<T>,
    nth: u64,
    answer: Option<T>,
}

impl<T: Clone> Drop for Running<'_, T> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.is_running = false;
        if let Some(answer) = self.answer.take() {
            state.answer = Some((self.nth, answer));
        }
        drop(state);
        self.shared.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;
    use std::time::Duration;

    use super::Shared;

    #[test]
    fn nobody_gets_an_answer_that_is_older_than_his_question() {
        const ASKERS: u64 = 8;
        const TIMES: u64 = 300;
        let (shared, clock, put) = (Shared::default(), AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for _ in 0..ASKERS {
                scope.spawn(|| {
                    for _ in 0..TIMES {
                        let asked = clock.fetch_add(1, Ordering::SeqCst);
                        let came = shared.come();
                        thread::yield_now();
                        let answered = shared.ask(came, || {
                            put.fetch_add(1, Ordering::SeqCst);
                            let now = clock.load(Ordering::SeqCst);
                            thread::sleep(Duration::from_micros(200));
                            Ok::<_, Infallible>(now)
                        });
                        assert!(answered.is_ok_and(|now| now > asked));
                    }
                });
            }
        });
        let put = put.into_inner();
        assert!(put < ASKERS * TIMES / 2, "put {put} times");
    }

    #[test]
    fn what_was_answered_since_somebody_came_will_do() {
        let shared = Shared::default();
        let ask = |came, answer| shared.ask(came, || Ok::<u8, Infallible>(answer));
        let came = shared.come();
        assert_eq!(ask(shared.come(), 1), Ok(1));
        assert_eq!(ask(came, 2), Ok(1));
        assert_eq!(ask(shared.come(), 3), Ok(3));
    }

    #[test]
    fn a_failure_is_only_for_the_one_who_met_it() {
        let shared = Shared::default();
        assert_eq!(shared.ask(shared.come(), || Err::<u8, _>("no")), Err("no"));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            shared.ask(shared.come(), || -> Result<u8, &str> {
                unreachable!("this one breaks")
            })
        }));
        assert!(panicked.is_err());
        thread::scope(|scope| {
            let first = scope.spawn(|| {
                shared.ask(shared.come(), || {
                    thread::sleep(Duration::from_millis(20));
                    Err("no")
                })
            });
            thread::sleep(Duration::from_millis(5));
            assert_eq!(shared.ask(shared.come(), || Ok::<u8, &str>(1)), Ok(1));
            assert!(first.join().is_ok_and(|first| first == Err("no")));
        });
    }
}
