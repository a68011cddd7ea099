//! What one thread writes and another reads at leisure: a slow reader never holds up the writer, who
//! may be the only one of the register, and takes no memory.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use actix_web::web::Bytes;
use futures_util::Stream;
use futures_util::stream::try_unfold;
use tokio::sync::{oneshot, watch};

use crate::register::{Error, Result};

/// How much is read at once.
const PART: usize = 64 * 1024;

#[derive(Clone, Copy, Default)]
struct State {
    written: u64,
    whole: bool,
}

/// The end that is written to.
pub struct Writer {
    file: File,
    buffer: Vec<u8>,
    written: u64,
    state: watch::Sender<State>,
}

/// The end that is read from.
pub struct Reader {
    file: File,
    read: u64,
    state: watch::Receiver<State>,
}

/// Both ends of a file that has no name and goes with them.
///
/// # Errors
/// When no file can be made in that folder.
pub fn spool(folder: &Path) -> std::io::Result<(Writer, Reader)> {
    let named = tempfile::NamedTempFile::new_in(folder)?;
    let (file, other) = (named.reopen()?, named.reopen()?);
    let (sender, receiver) = watch::channel(State::default());
    let writer = Writer {
        file,
        buffer: Vec::new(),
        written: 0,
        state: sender,
    };
    let reader = Reader {
        file: other,
        read: 0,
        state: receiver,
    };
    Ok((writer, reader))
}

impl Writer {
    /// Whether nobody reads any more.
    pub fn is_left(&self) -> bool {
        self.state.is_closed()
    }

    /// Ends it: without this the reader knows that something is lacking.
    ///
    /// # Errors
    /// When the rest cannot be written.
    pub fn finish(mut self) -> std::io::Result<()> {
        self.flush()?;
        self.state.send_modify(|state| state.whole = true);
        Ok(())
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PART {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        let written = self.written;
        self.state.send_modify(|state| state.written = written);
        Ok(())
    }
}

impl Reader {
    /// What is written, as it comes.
    pub fn stream(self) -> impl Stream<Item = std::io::Result<Bytes>> {
        try_unfold(self, |mut reader| async move {
            loop {
                let state = *reader.state.borrow_and_update();
                if state.written > reader.read {
                    let (reader, part) =
                        tokio::task::spawn_blocking(move || reader.part(state.written))
                            .await
                            .map_err(std::io::Error::other)??;
                    return Ok(Some((part, reader)));
                }
                if state.whole {
                    return Ok(None);
                }
                if reader.state.changed().await.is_err() {
                    return Err(std::io::Error::other("the writer stopped before the end"));
                }
            }
        })
    }

    fn part(mut self, written: u64) -> std::io::Result<(Self, Bytes)> {
        let length = usize::try_from(written - self.read)
            .unwrap_or(PART)
            .min(PART);
        let mut part = vec![0; length];
        self.file.seek(SeekFrom::Start(self.read))?;
        self.file.read_exact(&mut part)?;
        self.read += length as u64;
        Ok((self, part.into()))
    }
}

/// Lets work run that writes to a spool, and waits for what it tells when it begins. What goes wrong
/// before that is its answer; what does after that is logged, and the caller's answer breaks off.
///
/// # Errors
/// That with which the work ends before it begins.
pub async fn begun<T>(
    work: impl Future<Output = Result<()>> + 'static,
    beginning: oneshot::Receiver<T>,
) -> Result<T> {
    let running = actix_web::rt::spawn(work);
    let gone = |error: tokio::task::JoinError| Error::Internal(error.to_string());
    let Ok(told) = beginning.await else {
        let ended = running.await.map_err(gone)?;
        return Err(ended.err().unwrap_or(Error::NotFound));
    };
    actix_web::rt::spawn(async move {
        if let Err(error) = running.await.map_err(gone).flatten() {
            log::error!("an export stopped: {error}");
        }
    });
    Ok(told)
}

/// What it means for the caller that a temporary file fails.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` takes")]
pub fn failed(error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::StorageFull {
        Error::Full(format!("a temporary file: {error}"))
    } else {
        Error::Internal(format!("a temporary file: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use futures_util::{StreamExt as _, TryStreamExt as _};

    use super::spool;

    #[actix_web::test]
    async fn all_that_is_written_is_read_in_order() {
        let Ok((mut writer, reader)) = spool(&std::env::temp_dir()) else {
            unreachable!("a temporary file can be made")
        };
        let written: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        let expected = written.clone();
        let writing = std::thread::spawn(move || {
            let parts = written.chunks(10_007);
            parts.for_each(|part| assert!(writer.write_all(part).is_ok()));
            writer.finish()
        });
        let parts: Result<Vec<_>, _> = reader.stream().try_collect().await;
        assert_eq!(parts.unwrap_or_default().concat(), expected);
        assert!(writing.join().is_ok_and(|ended| ended.is_ok()));
    }

    #[actix_web::test]
    async fn both_ends_notice_when_the_other_is_gone() {
        let Ok((mut writer, reader)) = spool(&std::env::temp_dir()) else {
            unreachable!("a temporary file can be made")
        };
        assert!(writer.write_all(b"x").and_then(|()| writer.flush()).is_ok());
        assert!(!writer.is_left());
        drop(writer);
        let parts: Vec<_> = reader.stream().collect().await;
        assert!(parts[0].as_ref().is_ok_and(|part| part.as_ref() == b"x"));
        assert!(parts[1].is_err() && parts.len() == 2);
        let Ok((writer, reader)) = spool(&std::env::temp_dir()) else {
            unreachable!("a temporary file can be made")
        };
        drop(reader);
        assert!(writer.is_left());
    }
}
