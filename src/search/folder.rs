//! Where the index lies: a folder for each time that it was built from nothing, and a file that
//! names the present one. A new one is built beside it and then named, so that nobody waits.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tantivy::directory::INDEX_WRITER_LOCK;
use uuid::Uuid;

use crate::register::{Error, Result};

/// The file that names the present folder.
const CURRENT: &str = "current";

/// The folder that holds the folders.
#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder, made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(super) fn new(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).map_err(disk)?;
        Ok(Self(path.to_owned()))
    }

    /// The name of the present index; none before the first is built.
    pub(super) fn current(&self) -> Option<String> {
        let name = fs::read_to_string(self.0.join(CURRENT)).ok()?;
        let name = name.trim();
        // Whatever else stands there must not lead out of the folder.
        Uuid::parse_str(name).ok().map(|_| name.to_owned())
    }

    /// Where an index lies.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A new, empty folder.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(super) fn begin(&self) -> Result<String> {
        let name = Uuid::now_v7().to_string();
        fs::create_dir_all(self.path(&name)).map_err(disk)?;
        Ok(name)
    }

    /// Makes a folder the present one: in one step, so that a crash leaves the one or the other.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub(super) fn choose(&self, name: &str) -> Result<()> {
        let new = self.0.join(format!("{CURRENT}.{name}"));
        let chosen = || {
            fs::write(&new, name)?;
            File::open(&new)?.sync_all()?;
            fs::rename(&new, self.0.join(CURRENT))?;
            File::open(&self.0)?.sync_all()
        };
        chosen().map_err(disk)
    }

    /// Removes what is not the present index and nobody is at work on.
    pub(super) fn tidy(&self) {
        let current = self.current();
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let ours = Uuid::parse_str(&name).is_ok();
            if ours && current.as_ref() != Some(&name) && !is_locked(&entry.path()) {
                remove(&entry.path());
            }
        }
    }

    /// Removes an index that is no longer used.
    pub(super) fn remove(&self, name: &str) {
        remove(&self.path(name));
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` gives")]
fn disk(error: std::io::Error) -> Error {
    Error::Internal(format!("the folder of the search index: {error}"))
}

/// Whether another process writes to an index.
fn is_locked(path: &Path) -> bool {
    File::open(path.join(&INDEX_WRITER_LOCK.filepath)).is_ok_and(|file| file.try_lock().is_err())
}

/// It only takes room; the next start tries again.
fn remove(path: &Path) {
    if let Err(error) = fs::remove_dir_all(path) {
        log::warn!("an old search index could not be removed: {error}");
    }
}
