//! Search: an index that follows the change log, and what is asked of it.
//!
//! Nothing calls the index when a document changes. A thread of each node (`follow`) reads the log,
//! loads what changed and what depends on it (`entry`), and writes both to an index of its own
//! (`index`, in a `folder` or in memory). A search reads words (`words`), makes a query of them
//! (`query`), goes through what matches once (`collect`, in an `order` and by `values`), and shows
//! the documents from the database (`hits`), so that nothing is shown that the caller may not see
//! by now.

mod ask;
mod collect;
mod columns;
mod entry;
mod explain;
mod exports;
mod facets;
mod fields;
mod filters;
mod folder;
mod follow;
mod gather;
mod hits;
mod index;
mod kept;
mod order;
mod parameters;
mod passages;
mod query;
mod rebuild;
mod results;
pub mod routes;
mod similar;
mod slab;
mod sought;
mod spellings;
mod statistics;
mod suggest;
mod terms;
mod tree;
mod values;
mod warm;
pub mod words;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::watch;

pub use ask::{Found, Order, Wish, search};
pub(crate) use entry::values;
pub(crate) use filters::select;
pub use index::View;
pub use rebuild::{Compared, check, rebuild};

use crate::register::{Caller, Error, Result};
use crate::store::Store;
use columns::{Cupboard, Room};
use entry::Layer;
use fields::Fields;
use index::Writable;
use warm::Warm;

/// Where the index is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a folder, which holds nothing else.
    Folder(PathBuf),
    /// In memory: built anew at each start.
    Memory,
}

/// The search index of this node, as its readers see it.
#[derive(Clone)]
pub struct Search(Arc<Inner>);

struct Inner {
    fields: Fields,
    view: RwLock<Option<Arc<View>>>,
    applied: watch::Sender<i64>,
    warm: Warm,
    cupboard: Mutex<Cupboard>,
}

impl Search {
    /// Starts to follow the change log, on a thread of its own. So many bytes of memory may be taken
    /// to keep what was read for one search and will do for the next.
    ///
    /// # Errors
    /// When no thread can be made.
    pub fn start(store: Store, place: Place, cache: usize) -> Result<Self> {
        let (_, fields) = Fields::new();
        // One half for what was read, the other for columns of the index, as far as these take it.
        let room = Room::new(cache / 2);
        let search = Self(Arc::new(Inner {
            fields,
            view: RwLock::new(None),
            applied: watch::Sender::new(-1),
            warm: Warm::new(cache - cache / 2, room.clone()),
            cupboard: Mutex::new(Cupboard::new(room)),
        }));
        let shared = search.clone();
        std::thread::Builder::new()
            .name("search".into())
            .spawn(move || follow::run(&store, &place, &shared))
            .map_err(|error| Error::Internal(format!("a thread for the index: {error}")))?;
        Ok(search)
    }

    /// The present state of the index.
    ///
    /// # Errors
    /// [`Error::NotIndexed`] while it is built for the first time.
    pub fn view(&self) -> Result<Arc<View>> {
        let view = self.0.view.read().unwrap_or_else(PoisonError::into_inner);
        view.clone().ok_or(Error::NotIndexed)
    }

    /// The state of the index once it has a line of the change log.
    ///
    /// # Errors
    /// [`Error::NotIndexed`] when it does not come to that in time.
    pub async fn view_after(&self, position: i64, patience: Duration) -> Result<Arc<View>> {
        let mut applied = self.0.applied.subscribe();
        let reached = applied.wait_for(|applied| *applied >= position);
        match tokio::time::timeout(patience, reached).await {
            Ok(Ok(_)) => self.view(),
            _ => Err(Error::NotIndexed),
        }
    }

    /// Shows the present state of an index from now on.
    fn show(&self, index: &Writable) {
        let mut cupboard = self
            .0
            .cupboard
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let view = index.view(&mut cupboard);
        drop(cupboard);
        let position = view.position;
        *self.0.view.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(view));
        self.0.applied.send_replace(position);
    }

    /// The last line of the change log that can be found; -1 before the index is built.
    pub fn position(&self) -> i64 {
        *self.0.applied.borrow()
    }
}

/// Whose eyes a search has.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Eyes {
    /// Those of everyone.
    Public,
    /// Those of an editor of an organisation.
    Steward(String),
    /// Those from which nothing is hidden.
    All,
}

impl Eyes {
    fn of(caller: &Caller) -> Self {
        match caller.steward() {
            _ if caller.reads_all() => Self::All,
            Some(steward) => Self::Steward(steward.to_owned()),
            None => Self::Public,
        }
    }

    /// The layers that are looked at, the widest first: a document is seen in the first that it has.
    fn layers(&self) -> &'static [Layer] {
        match self {
            Self::Public => &[Layer::Public],
            Self::Steward(_) => &[Layer::Steward, Layer::Public],
            Self::All => &[Layer::All, Layer::Public],
        }
    }
}
