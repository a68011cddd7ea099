//! Taking in a file, of any size that fits on the disk, in bounded memory.

use std::fs::File;
use std::io::{Seek, Write as _};
use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;

use super::body::Body;
use super::problem::{INTERNAL, MALFORMED_REQUEST, Problem, STORAGE_FULL, TIMED_OUT, TOO_LARGE};

/// The most bytes that a file has.
const MAXIMUM: u64 = 2 * 1024 * 1024 * 1024;

/// How long a caller may send nothing.
const PATIENCE: Duration = Duration::from_secs(30);

/// How much is written at once.
const PART: usize = 256 * 1024;

impl Body {
    /// Lays it in a file of a folder that has no name there, and gives that at its beginning.
    ///
    /// # Errors
    /// 415 when it is compressed, 413, 408, 507, and 400 when it ends too early.
    pub async fn receive(self, folder: &Path) -> Result<File, Problem> {
        let mut payload = self.payload(MAXIMUM, too_large)?;
        let mut file = tempfile::tempfile_in(folder).map_err(|error| failed(&error))?;
        let mut received = 0;
        let mut part = Vec::with_capacity(PART);
        loop {
            let chunk = tokio::time::timeout(PATIENCE, payload.next()).await;
            let chunk = chunk.map_err(|_| Problem::new(&TIMED_OUT))?;
            let over = chunk.is_none();
            if let Some(chunk) = chunk {
                let chunk = chunk.map_err(|_| Problem::new(&MALFORMED_REQUEST))?;
                received += chunk.len() as u64;
                if received > MAXIMUM {
                    return Err(too_large());
                }
                part.extend_from_slice(&chunk);
            }
            if over || part.len() >= PART {
                (file, part) = write(file, part).await?;
            }
            if over {
                file.rewind().map_err(|error| failed(&error))?;
                return Ok(file);
            }
        }
    }
}

/// Writes on a thread that may block, because a disk may.
async fn write(mut file: File, mut part: Vec<u8>) -> Result<(File, Vec<u8>), Problem> {
    let written = tokio::task::spawn_blocking(move || {
        file.write_all(&part)?;
        part.clear();
        Ok::<_, std::io::Error>((file, part))
    });
    let written = written.await.map_err(std::io::Error::other);
    written.flatten().map_err(|error| failed(&error))
}

fn failed(error: &std::io::Error) -> Problem {
    log::error!("a file that is sent cannot be kept: {error}");
    Problem::new(if error.kind() == std::io::ErrorKind::StorageFull {
        &STORAGE_FULL
    } else {
        &INTERNAL
    })
}

fn too_large() -> Problem {
    Problem::with_detail(
        &TOO_LARGE,
        "Het bestand is groter dan 2 GiB; splits het.",
        "The file is larger than 2 GiB; split it.",
    )
}
