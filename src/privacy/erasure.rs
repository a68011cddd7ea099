//! Erasing people: in the register, in the answers that wait to be replayed, and in the files of
//! the database.

use std::time::Duration;

use actix_web::web::Data;

use crate::api::idempotency;
use crate::app::App;
use crate::people::Person;
use crate::register::erase::{Erased, erase};
use crate::register::write::Precondition;
use crate::register::{Caller, Locator, Result};
use crate::store::Write;

/// How long an answer waits for the files to be clean. After that it goes on without the caller.
const PATIENCE: Duration = Duration::from_secs(5);

/// Erases a person wherever the register keeps something.
///
/// # Errors
/// As for [`erase`].
pub fn erase_person(
    write: &mut Write<'_>,
    caller: &Caller,
    locator: &Locator,
    precondition: &Precondition,
) -> Result<Erased> {
    let erased = erase::<Person>(write, caller, locator, precondition)?;
    if let Erased::Stub(_, Some(traces)) | Erased::Remains(traces) = &erased {
        idempotency::forget(write.connection(), traces)?;
    }
    Ok(erased)
}

/// Takes what was erased or deleted out of the files of the database.
pub async fn scrub(app: &Data<App>) {
    let store = app.store.clone();
    let scrubbing = actix_web::rt::spawn(async move {
        if let Err(error) = store.scrub().await {
            log::warn!("what was erased is still in the files of the database: {error}");
        }
    });
    // Whoever asked gets an answer in time; the work goes on.
    let _ = tokio::time::timeout(PATIENCE, scrubbing).await;
}
