//! A database of one test.

use tempfile::TempDir;

use super::{Store, StoreError};

/// An empty register on `SQLite`, and the folder that it is gone with.
///
/// # Errors
/// When no folder or database can be made.
pub(crate) fn scratch() -> Result<(TempDir, Store), StoreError> {
    let folder = tempfile::tempdir().map_err(|error| StoreError::Failed(error.to_string()))?;
    let url = format!("sqlite://{}", folder.path().join("schakel.db").display());
    let url = url
        .parse()
        .map_err(|_| StoreError::Failed("no address".into()))?;
    let store = Store::new(&url, 1);
    store.migrate()?;
    Ok((folder, store))
}
