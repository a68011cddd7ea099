//! The end of the time for which people may be kept: the day after `retainUntil` they are erased.

use std::time::Duration;

use actix_web::web::Data;

use super::erasure::{erase_person, scrub};
use super::processing::{Action, Span, span};
use crate::app::App;
use crate::people::{self, Expired};
use crate::register::write::Precondition;
use crate::register::{Caller, Day, Error, Locator, Result};
use crate::store::{Store, Write};

/// How often the server looks.
const DAILY: Duration = Duration::from_hours(24);

/// How soon it looks again when it could not.
const AGAIN: Duration = Duration::from_mins(10);

/// Who erases, for the change log.
const ACTOR: &str = "retention";

/// How many people are looked up at once.
const TOGETHER: i64 = 100;

/// Erases whose time has ended, at the start and then every day. Several nodes may do so at once:
/// each looks again in the transaction that erases.
pub async fn daily(app: Data<App>) {
    loop {
        if let Err(error) = app.store.scrub_leftovers().await {
            log::warn!("what was erased may still be in the files of the database: {error}");
        }
        let done = expire(&app).await;
        let next = if done.is_ok() { DAILY } else { AGAIN };
        match done {
            Ok(0) => {}
            Ok(count) => {
                log::info!("{count} people were erased: their time had ended");
                scrub(&app).await;
            }
            Err(error @ Error::Unavailable(_)) => {
                log::warn!("people whose time has ended are not erased yet: {error}");
            }
            Err(error) => log::error!("people whose time has ended are not erased: {error}"),
        }
        tokio::time::sleep(next).await;
    }
}

async fn expire(app: &Data<App>) -> Result<usize> {
    let mut count = 0;
    loop {
        let due = app
            .store
            .read(|db| people::expired(db, Day::today(), None, TOGETHER))
            .await?;
        if due.is_empty() {
            return Ok(count);
        }
        for person in due {
            let span = span(&app.processing, &app.config, None);
            let noting = span.clone();
            let erased = app
                .store
                .write(ACTOR.into(), move |write| {
                    erase_one(write, &person, &noting)
                })
                .await
                .inspect_err(|_| span.failed())?;
            count += usize::from(erased);
        }
    }
}

/// Erases whose time has ended, or only tells `print` of them. Gives how many there are.
///
/// # Errors
/// When the database cannot be asked, or `print` fails.
pub fn expire_now<E: From<Error>>(
    store: &Store,
    dry_run: bool,
    span: impl Fn() -> Span,
    mut print: impl FnMut(&Expired) -> std::result::Result<(), E>,
) -> std::result::Result<usize, E> {
    let mut count = 0;
    let mut last = None;
    loop {
        let after = last.take();
        let due = store
            .housekeeping_now(|db| people::expired(db, Day::today(), after.as_ref(), TOGETHER))?;
        if due.is_empty() {
            break;
        }
        last = due.last().cloned();
        for person in due {
            if dry_run {
                print(&person)?;
                count += 1;
            } else {
                let erased =
                    store.write_now(ACTOR.into(), |write| erase_one(write, &person, &span()));
                count += usize::from(erased?);
            }
        }
    }
    if !dry_run {
        store.scrub_now().map_err(Error::from)?;
    }
    Ok(count)
}

/// Says whether there was something to erase: another node may have been first, or someone gave
/// the person more time.
fn erase_one(write: &mut Write<'_>, person: &Expired, span: &Span) -> Result<bool> {
    if !people::is_expired(write.connection(), &person.id, Day::today())? {
        return Ok(false);
    }
    let locator = Locator::Id(person.id.clone());
    erase_person(
        write,
        &Caller::command_line(),
        &locator,
        &Precondition::default(),
    )?;
    span.note(Action::Expire, [person.id.as_str()])?;
    Ok(true)
}
