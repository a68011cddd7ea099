//! Records outside memory: written one after the other, read in any order.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write as _};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::spool::failed;
use crate::register::Result;

/// How many bytes are written at once.
const BUFFER: usize = 256 * 1024;

/// Records in a file that has no name and goes with the process. Eight bytes of memory for each.
pub(super) struct Pile {
    file: File,
    /// Where each record ends.
    ends: Vec<u64>,
    /// What is not written yet.
    buffer: Vec<u8>,
    written: u64,
}

impl Pile {
    /// An empty one, in a folder.
    ///
    /// # Errors
    /// When no file can be made there.
    pub(super) fn new(folder: &Path) -> Result<Self> {
        Ok(Self {
            file: tempfile::tempfile_in(folder).map_err(failed)?,
            ends: Vec::new(),
            buffer: Vec::new(),
            written: 0,
        })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Lays a record on top.
    ///
    /// # Errors
    /// When there is no room.
    pub(super) fn push(&mut self, record: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.buffer, record)?;
        self.ends.push(self.written + self.buffer.len() as u64);
        if self.buffer.len() >= BUFFER {
            self.flush()?;
        }
        Ok(())
    }

    /// Reads a record.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn get<T: DeserializeOwned>(&mut self, nth: usize) -> Result<T> {
        self.flush()?;
        let start = nth.checked_sub(1).map_or(0, |before| self.ends[before]);
        let length = usize::try_from(self.ends[nth] - start).unwrap_or(usize::MAX);
        let mut record = vec![0; length];
        self.file.seek(SeekFrom::Start(start)).map_err(failed)?;
        self.file.read_exact(&mut record).map_err(failed)?;
        Ok(serde_json::from_slice(&record)?)
    }

    fn flush(&mut self) -> Result<()> {
        if !self.buffer.is_empty() {
            self.file
                .seek(SeekFrom::Start(self.written))
                .map_err(failed)?;
            self.file.write_all(&self.buffer).map_err(failed)?;
            self.written += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Pile;

    #[test]
    fn records_are_read_as_they_were_laid_in_any_order_and_while_more_come() {
        let folder = std::env::temp_dir();
        let Ok(mut pile) = Pile::new(&folder) else {
            unreachable!("a temporary file can be made")
        };
        let text = |nth: usize| format!("{nth} {}", "é\n".repeat(nth % 7_000));
        for nth in 0..300 {
            assert!(pile.push(&text(nth)).is_ok());
            let middle: String = pile.get(nth / 2).unwrap_or_default();
            assert_eq!(middle, text(nth / 2));
        }
        for nth in (0..300).rev() {
            assert_eq!(pile.get::<String>(nth).unwrap_or_default(), text(nth));
        }
        assert_eq!(pile.len(), 300);
    }
}
