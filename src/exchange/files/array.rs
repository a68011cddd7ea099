//! JSON: an array of documents, or one.
//!
//! The items are told apart by their brackets alone and each is then read by itself, so that memory
//! is bounded by one document and a mistake in one does not end the file.

use std::io::{BufRead, Result};

use super::super::given::{Given, Unreadable};
use super::{BOM, json, row, unreadable};
use crate::register::Naming;

/// The documents of a JSON array, or the one that stands alone.
pub(super) fn documents<R: BufRead>(
    input: R,
    collection: Option<Naming>,
) -> impl Iterator<Item = std::result::Result<Given, Unreadable>> {
    let mut array = Array {
        input,
        line: 1,
        state: State::Start,
        item: Vec::new(),
    };
    std::iter::from_fn(move || {
        let next = array.next(collection);
        if next.as_ref().is_none_or(std::result::Result::is_err) {
            array.state = State::Over;
        }
        next
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    /// Behind `[`.
    First,
    /// Behind an item of the array.
    Behind,
    /// Behind the document that stands alone, or behind `]`.
    End,
    Over,
}

struct Array<R> {
    input: R,
    line: u64,
    state: State,
    item: Vec<u8>,
}

impl<R: BufRead> Array<R> {
    fn next(
        &mut self,
        collection: Option<Naming>,
    ) -> Option<std::result::Result<Given, Unreadable>> {
        match self.item() {
            Ok(Some((line, whole))) => Some(Ok(if whole {
                json::given(&self.item, row(line), collection)
            } else {
                json::too_long(row(line))
            })),
            Ok(None) => None,
            Err(Some(error)) => Some(Err(error.into())),
            Err(None) => Some(Err(unreadable(
                row(self.line),
                "Dit is geen JSON-array van documenten: hier hoort een komma, een document of het einde.",
                "This is no JSON array of documents: a comma, a document or the end is expected here.",
            ))),
        }
    }

    /// Reads the next item, and says at which line it begins and whether it fits. The error without
    /// a cause is that of the form.
    fn item(&mut self) -> std::result::Result<Option<(u64, bool)>, Option<std::io::Error>> {
        if self.state == State::Over {
            return Ok(None);
        }
        if self.state == State::Start {
            for byte in BOM {
                if self.peek()? == Some(*byte) {
                    self.take();
                }
            }
        }
        loop {
            let next = self.visible()?;
            match (self.state, next) {
                (State::Start, Some(b'[')) => {
                    self.take();
                    self.state = State::First;
                }
                (State::First | State::Behind, Some(b']')) => {
                    self.take();
                    self.state = State::End;
                }
                (State::Behind, Some(b',')) => {
                    self.take();
                    if matches!(self.visible()?, None | Some(b']' | b',')) {
                        return Err(None);
                    }
                    return self.value().map(Some);
                }
                (State::First, Some(byte)) if byte != b',' => {
                    self.state = State::Behind;
                    return self.value().map(Some);
                }
                (State::Start, Some(b'{')) => {
                    self.state = State::End;
                    return self.value().map(Some);
                }
                (State::End, None) => return Ok(None),
                _ => return Err(None),
            }
        }
    }

    /// Reads one value to the end of its brackets.
    fn value(&mut self) -> std::result::Result<(u64, bool), Option<std::io::Error>> {
        self.item.clear();
        let begin = self.line;
        let (mut depth, mut in_text, mut escaped) = (0_u64, false, false);
        let (mut any, mut whole) = (false, true);
        loop {
            let bytes = match self.input.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Some(error)),
            };
            if bytes.is_empty() {
                let ended = depth == 0 && !in_text;
                return if ended { Ok((begin, whole)) } else { Err(None) };
            }
            let mut used = 0;
            let mut ended = false;
            for byte in bytes.iter().copied() {
                if !in_text && depth == 0 && any && b",]} \t\r\n".contains(&byte) {
                    ended = true;
                    break;
                }
                used += 1;
                any = true;
                self.line += u64::from(byte == b'\n');
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' if in_text => escaped = true,
                    b'"' => in_text = !in_text,
                    b'{' | b'[' if !in_text => depth += 1,
                    b'}' | b']' if !in_text => {
                        depth = depth.saturating_sub(1);
                        if depth == 0 {
                            ended = true;
                            break;
                        }
                    }
                    _ => {}
                }
            }
            let room = json::MAXIMUM - self.item.len();
            whole &= used <= room;
            self.item.extend_from_slice(&bytes[..used.min(room)]);
            self.input.consume(used);
            if ended {
                return Ok((begin, whole));
            }
        }
    }

    /// The next byte that is not white space, left where it is.
    fn visible(&mut self) -> Result<Option<u8>> {
        while let Some(byte) = self.peek()? {
            if !b" \t\r\n".contains(&byte) {
                return Ok(Some(byte));
            }
            self.take();
        }
        Ok(None)
    }

    fn peek(&mut self) -> Result<Option<u8>> {
        loop {
            match self.input.fill_buf() {
                Ok(bytes) => return Ok(bytes.first().copied()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Goes past the byte that was looked at.
    fn take(&mut self) {
        if let Ok(Some(b'\n')) = self.peek() {
            self.line += 1;
        }
        self.input.consume(1);
    }
}
