//! What is found out once for a state of the index.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// How many answers are kept. Whoever asks for very many must not fill the memory.
const MOST: usize = 10_000;

/// Answers that are the same for everyone, as long as the state of the index is.
pub(super) struct Kept<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Kept<K, V> {
    /// What is kept of this, or is found now.
    ///
    /// # Errors
    /// As `find` does.
    pub(super) fn of<E>(&self, key: &K, find: impl FnOnce() -> Result<V, E>) -> Result<V, E> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = known().get(key) {
            return Ok(value.clone());
        }
        let value = find()?;
        let mut known = known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key.clone(), value.clone());
        Ok(value)
    }
}
