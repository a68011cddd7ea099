//! Taking in a file, of any size that fits on the disk, in bounded memory.

use std::fs::File;
use std::future::{Ready, ready};
use std::io::{Seek, Write as _};
use std::path::Path;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;

use super::problem::{
    INTERNAL, MALFORMED_REQUEST, Problem, STORAGE_FULL, TIMED_OUT, TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
};

/// The most bytes that a file has.
const MAXIMUM: u64 = 2 * 1024 * 1024 * 1024;

/// How long a caller may send nothing.
const PATIENCE: Duration = Duration::from_secs(30);

/// How much is written at once.
const PART: usize = 256 * 1024;

/// A file that was not read yet. It is read by the handler, after the caller's rights are known.
pub struct Upload {
    content_type: Option<String>,
    announced: Option<u64>,
    encoded: bool,
    payload: Payload,
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let text = |name| {
            let value = request.headers().get(name);
            value.and_then(|value| value.to_str().ok())
        };
        ready(Ok(Self {
            content_type: text(header::CONTENT_TYPE).map(str::to_owned),
            announced: text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
            encoded: text(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity"),
            payload: payload.take(),
        }))
    }
}

impl Upload {
    /// What the caller says it is.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Lays it in a file of a folder that has no name there, and gives that at its beginning.
    ///
    /// # Errors
    /// 415 when it is compressed, 413, 408, 507, and 400 when it ends too early.
    pub async fn receive(mut self, folder: &Path) -> Result<File, Problem> {
        if self.encoded {
            return Err(Problem::with_detail(
                &UNSUPPORTED_MEDIA_TYPE,
                "De inhoud mag niet gecomprimeerd zijn; laat Content-Encoding weg.",
                "The body must not be compressed; leave out Content-Encoding.",
            ));
        }
        if self.announced.is_some_and(|length| length > MAXIMUM) {
            return Err(too_large());
        }
        let mut file = tempfile::tempfile_in(folder).map_err(|error| failed(&error))?;
        let mut received = 0;
        let mut part = Vec::with_capacity(PART);
        loop {
            let chunk = tokio::time::timeout(PATIENCE, self.payload.next()).await;
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
