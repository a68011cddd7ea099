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

/// How many are read at once, at least: few, because what is read next may lie elsewhere.
const READ: u64 = 32 * 1024;

/// Records in a file that has no name and goes with the process. Eight bytes of memory for each.
pub(super) struct Pile {
    file: File,
    /// Where each record ends.
    ends: Vec<u64>,
    /// What is not written yet.
    buffer: Vec<u8>,
    written: u64,
    /// What was read last, and where it stands: most are read one after the other.
    read: Vec<u8>,
    read_at: u64,
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
            read: Vec::new(),
            read_at: 0,
        })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Some records, in parts of so many and so many bytes at most; of one, if that is larger.
    pub(super) fn parts(
        &self,
        of: impl IntoIterator<Item = usize>,
        records: usize,
        bytes: u64,
    ) -> Vec<Vec<usize>> {
        let mut parts: Vec<Vec<usize>> = Vec::new();
        let mut filled = 0;
        for nth in of {
            let length = self.ends[nth] - self.start(nth);
            match parts.last_mut() {
                Some(part) if part.len() < records && filled + length <= bytes => {
                    part.push(nth);
                    filled += length;
                }
                _ => {
                    parts.push(vec![nth]);
                    filled = length;
                }
            }
        }
        parts
    }

    /// Where a record begins.
    fn start(&self, nth: usize) -> u64 {
        nth.checked_sub(1).map_or(0, |before| self.ends[before])
    }

    /// Lays a record on top. Gives it as it is kept.
    ///
    /// # Errors
    /// When there is no room.
    pub(super) fn push(&mut self, record: &impl Serialize) -> Result<&[u8]> {
        if self.buffer.len() >= BUFFER {
            self.flush()?;
        }
        let start = self.buffer.len();
        serde_json::to_writer(&mut self.buffer, record)?;
        self.end();
        Ok(&self.buffer[start..])
    }

    /// Lays a text on top, as it is.
    ///
    /// # Errors
    /// As for [`Pile::push`].
    pub(super) fn push_text(&mut self, text: &str) -> Result<()> {
        if self.buffer.len() >= BUFFER {
            self.flush()?;
        }
        self.buffer.extend_from_slice(text.as_bytes());
        self.end();
        Ok(())
    }

    fn end(&mut self) {
        self.ends.push(self.written + self.buffer.len() as u64);
    }

    /// Reads a record.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn get<T: DeserializeOwned>(&mut self, nth: usize) -> Result<T> {
        Ok(serde_json::from_slice(self.bytes(nth)?)?)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// As for [`Pile::get`].
    pub(super) fn text(&mut self, nth: usize) -> Result<String> {
        String::from_utf8(self.bytes(nth)?.to_vec())
            .map_err(|error| failed(std::io::Error::other(error)))
    }

    fn bytes(&mut self, nth: usize) -> Result<&[u8]> {
        let start = self.start(nth);
        let end = self.ends[nth];
        if start < self.read_at || end > self.read_at + self.read.len() as u64 {
            self.flush()?;
            let length = (end - start).max(READ).min(self.written - start);
            self.read
                .resize(usize::try_from(length).unwrap_or(usize::MAX), 0);
            self.read_at = start;
            self.file.seek(SeekFrom::Start(start)).map_err(failed)?;
            self.file.read_exact(&mut self.read).map_err(failed)?;
        }
        let place = |at: u64| usize::try_from(at - self.read_at).unwrap_or(usize::MAX);
        Ok(&self.read[place(start)..place(end)])
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
    fn parts_have_all_records_in_order_and_none_is_too_large_but_of_one() {
        let Ok(mut pile) = Pile::new(&std::env::temp_dir()) else {
            unreachable!("a temporary file can be made")
        };
        assert!(pile.parts([], 3, 50).is_empty());
        // With its quotes, each takes two bytes more.
        for length in [8, 8, 8, 8, 98, 18, 18, 8] {
            assert!(pile.push(&"a".repeat(length)).is_ok());
        }
        let parts = [vec![0, 1, 2], vec![3], vec![4], vec![5, 6, 7]];
        assert_eq!(pile.parts(0..8, 3, 50), parts);
        assert_eq!(pile.parts([0, 4, 6], 3, 50), [[0], [4], [6]]);
        assert_eq!(pile.parts([1, 7], 3, 50), [[1, 7]]);
        assert_eq!(pile.parts(0..8, 100, 1_000).len(), 1);
    }

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
