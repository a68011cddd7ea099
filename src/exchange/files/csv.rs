//! CSV: rows of text with separators.
//!
//! Read by a parser of our own: those that there are take unbalanced quotes for text, hold a row of
//! any length in memory and pass over empty rows, so that no mistake could be told by its row.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};

use super::piece::{COLUMNS, Cell, Content, Piece, Pieces, Row};
use super::text::{Decoded, encoding_of};
use super::{json, row, unreadable};
use crate::exchange::given::{Place, Unreadable};

/// The separators that are looked for.
const SEPARATORS: [u8; 3] = *b";,\t";

/// How much of a file is looked at to find its separator.
const SAMPLE: u64 = 256 * 1024;

/// Opens a text of rows: finds out its encoding and its separator.
///
/// # Errors
/// When it cannot be read.
pub(super) fn open(mut file: File) -> Result<Pieces, Unreadable> {
    let encoding = encoding_of(&mut file)?.ok_or_else(mixed)?;
    let mut sample = Vec::new();
    let text = Decoded::new(BufReader::new(&mut file), encoding);
    BufReader::new(text).take(SAMPLE).read_to_end(&mut sample)?;
    file.rewind()?;
    let separator = separator_of(&sample);
    let text = BufReader::with_capacity(1 << 16, Decoded::new(BufReader::new(file), encoding));
    Ok(pieces(text, separator))
}

fn mixed() -> Unreadable {
    unreadable(
        Place::default(),
        "Dit bestand is UTF-8, maar enkele letters niet. Bewaar het opnieuw als CSV UTF-8, en kijk of de letters met accenten kloppen.",
        "This file is UTF-8, but a few letters are not. Save it again as CSV UTF-8, and look whether the letters with accents are right.",
    )
}

/// The pieces of a text in UTF-8.
pub(super) fn pieces(text: impl BufRead + Send + 'static, separator: u8) -> Pieces {
    let mut rows = Rows::new(text, separator);
    let mut over = false;
    let rows = std::iter::from_fn(move || {
        if over {
            return None;
        }
        let next = rows.next();
        over = !matches!(next, Some(Ok(_)));
        next
    });
    let rows = rows.filter(|row| !row.as_ref().is_ok_and(Row::is_blank));
    Box::new(std::iter::once(Ok(Piece::Sheet(None))).chain(rows.map(|row| row.map(Piece::Row))))
}

/// The separator of a text: what Excel's first line says (`sep=;`), or else the one that cuts most
/// rows into the same number of cells.
fn separator_of(sample: &[u8]) -> u8 {
    if let Some(said) = said(sample) {
        return said;
    }
    let weight = |separator: u8| {
        let mut counts = std::collections::HashMap::new();
        let mut rows = Rows::new(sample, separator);
        let rows = std::iter::from_fn(move || rows.next()?.ok());
        for row in rows.take(50).filter(|row| row.cells.len() > 1) {
            *counts.entry(row.cells.len()).or_insert(0) += 1;
        }
        counts
            .into_iter()
            .map(|(cells, rows)| (cells - 1) * rows)
            .max()
            .unwrap_or(0)
    };
    let weights = SEPARATORS.map(|separator| (weight(separator), separator));
    let best = weights.into_iter().rev().max_by_key(|(weight, _)| *weight);
    best.map_or(SEPARATORS[0], |(_, separator)| separator)
}

fn said(text: &[u8]) -> Option<u8> {
    match text.strip_prefix(b"sep=")? {
        [separator, b'\r' | b'\n', ..] => Some(*separator),
        _ => None,
    }
}

/// The rows of a text.
struct Rows<R> {
    input: R,
    separator: u8,
    number: u64,
}

/// Where in a cell the parser is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before its first letter.
    Start,
    /// In a cell without quotes.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote, which ends the cell unless another follows.
    Quote,
}

impl<R: BufRead> Rows<R> {
    fn new(input: R, separator: u8) -> Self {
        Self {
            input,
            separator,
            number: 0,
        }
    }

    /// The next row, an empty one included.
    fn next(&mut self) -> Option<Result<Row, Unreadable>> {
        self.number += 1;
        let mut row = Building::new(self.number);
        let mut state = State::Start;
        let mut any = false;
        loop {
            let bytes = match self.input.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) => return Some(Err(error.into())),
            };
            if bytes.is_empty() {
                return match state {
                    _ if !any => None,
                    State::Quoted => Some(Err(unbalanced(self.number))),
                    _ => Some(row.finished(state)),
                };
            }
            any = true;
            for (nth, byte) in bytes.iter().copied().enumerate() {
                state = match (state, byte) {
                    (State::Start | State::Plain | State::Quote, b'\n') => {
                        self.input.consume(nth + 1);
                        if row.is_hint() {
                            return self.next();
                        }
                        return Some(row.finished(state));
                    }
                    (State::Start, b'"') => State::Quoted,
                    // Behind it, the first half of a line break, or white space before one.
                    (State::Quoted, b'"') | (State::Quote, b'\r' | b' ') => State::Quote,
                    (State::Quote, b'"') => row.push(b'"', State::Quoted),
                    (State::Start | State::Plain | State::Quote, byte)
                        if byte == self.separator =>
                    {
                        row.end_cell();
                        State::Start
                    }
                    (State::Quote, _) => return Some(Err(unbalanced(self.number))),
                    (State::Quoted, byte) => row.push(byte, State::Quoted),
                    (State::Start | State::Plain, byte) => row.push(byte, State::Plain),
                };
                if let Some(fault) = row.fault() {
                    return Some(Err(fault));
                }
            }
            let used = bytes.len();
            self.input.consume(used);
        }
    }
}

fn unbalanced(number: u64) -> Unreadable {
    unreadable(
        row(number),
        "In deze rij klopt een aanhalingsteken niet: een cel die met \" begint, eindigt met \", en een \" daarbinnen staat er dubbel.",
        "A quotation mark in this row is wrong: a cell that begins with \" ends with \", and a \" inside stands there twice.",
    )
}

/// A row that is being read.
struct Building {
    number: u64,
    cells: Vec<Cell>,
    cell: Vec<u8>,
    bytes: usize,
    beyond: bool,
}

impl Building {
    fn new(number: u64) -> Self {
        Self {
            number,
            cells: Vec::new(),
            cell: Vec::new(),
            bytes: 0,
            beyond: false,
        }
    }

    fn push(&mut self, byte: u8, state: State) -> State {
        self.bytes += 1;
        self.cell.push(byte);
        state
    }

    fn end_cell(&mut self) {
        self.bytes += 1;
        let text = String::from_utf8_lossy(&self.cell).into_owned();
        self.cell.clear();
        if self.cells.len() < COLUMNS {
            let content = if text.is_empty() {
                Content::Empty
            } else {
                Content::Text(text)
            };
            self.cells.push(Cell {
                content,
                merged: false,
            });
        } else {
            self.beyond |= !text.trim().is_empty();
        }
    }

    /// What ends the file here: a row that is too long, or too wide.
    fn fault(&self) -> Option<Unreadable> {
        let place = row(self.number);
        if self.bytes > json::MAXIMUM {
            return Some(unreadable(
                place,
                "Deze rij is groter dan 2 MiB.",
                "This row is larger than 2 MiB.",
            ));
        }
        self.beyond.then(|| {
            unreadable(
                place,
                "Deze rij heeft meer dan 2.000 kolommen.",
                "This row has more than 2,000 columns.",
            )
        })
    }

    /// Whether this is the line by which Excel tells the separator, which is no row of the table.
    fn is_hint(&self) -> bool {
        let rest = self.cell.strip_suffix(b"\r").unwrap_or(&self.cell);
        let said = Content::Text("sep=".to_owned());
        self.number == 1
            && rest.is_empty()
            && self.cells.len() == 1
            && self.cells[0].content == said
    }

    fn finished(mut self, state: State) -> Result<Row, Unreadable> {
        if state == State::Plain && self.cell.last() == Some(&b'\r') {
            self.cell.pop();
        }
        self.end_cell();
        let place = row(self.number);
        let nul = |cell: &Cell| matches!(&cell.content, Content::Text(text) if text.contains('\0'));
        if self.cells.iter().any(nul) {
            return Err(unreadable(
                place,
                "Hier staan NUL-tekens: dit is geen tekstbestand.",
                "There are NUL characters here: this is not a text file.",
            ));
        }
        match self.fault() {
            Some(fault) => Err(fault),
            None => Ok(Row {
                number: self.number,
                cells: self.cells,
            }),
        }
    }
}
