//! How far the change log is, for those in this process who wait for it to move.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The last line of the change log that this process has written.
#[derive(Default)]
pub(super) struct Moved {
    position: Mutex<i64>,
    changed: Condvar,
}

impl Moved {
    /// The position. A thread that died while it held this has changed nothing by halves.
    pub(super) fn lock(&self) -> MutexGuard<'_, i64> {
        self.position.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells that the log has come this far.
    pub(super) fn to(&self, position: i64) {
        let mut known = self.lock();
        *known = position.max(*known);
        self.changed.notify_all();
    }

    /// Waits until it is beyond a position, but not for ever.
    pub(super) fn wait(&self, position: i64, patience: Duration) {
        let known = self.lock();
        // Whether it moved or the time is over makes no difference: the caller looks again.
        let _ = self
            .changed
            .wait_timeout_while(known, patience, |known| *known <= position);
    }
}
