//! NDJSON: a document a line.

use std::io::{BufRead, Result};

use super::super::given::{Given, Unreadable};
use super::{BOM, json, row};
use crate::register::Naming;

/// The documents of a text, one a line; empty lines are passed over.
pub(super) fn documents<R: BufRead>(
    input: R,
    collection: Option<Naming>,
) -> impl Iterator<Item = std::result::Result<Given, Unreadable>> {
    let mut lines = Lines {
        input,
        number: 0,
        line: Vec::new(),
    };
    std::iter::from_fn(move || {
        loop {
            let whole = match lines.next() {
                Ok(Some(whole)) => whole,
                Ok(None) => return None,
                Err(error) => return Some(Err(error.into())),
            };
            let place = row(lines.number);
            if !whole {
                return Some(Ok(json::too_long(place)));
            }
            let mut line = lines.line.as_slice();
            if lines.number == 1 {
                line = line.strip_prefix(BOM).unwrap_or(line);
            }
            let line = line.trim_ascii();
            if !line.is_empty() {
                return Some(Ok(json::given(line, place, collection)));
            }
        }
    })
    // After a failure of the disk there is nothing more to read.
    .scan(false, |failed, item| {
        let over = *failed;
        *failed = item.is_err();
        (!over).then_some(item)
    })
}

struct Lines<R> {
    input: R,
    number: u64,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Reads the next line. Of one that is too long it keeps the beginning, and says `false`.
    fn next(&mut self) -> Result<Option<bool>> {
        self.line.clear();
        let (mut any, mut whole) = (false, true);
        loop {
            let bytes = match self.input.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if bytes.is_empty() {
                break;
            }
            any = true;
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let part = &bytes[..end.unwrap_or(bytes.len())];
            let room = json::MAXIMUM - self.line.len();
            whole &= part.len() <= room;
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            let used = part.len() + usize::from(end.is_some());
            self.input.consume(used);
            if end.is_some() {
                break;
            }
        }
        self.number += u64::from(any);
        Ok(any.then_some(whole))
    }
}
