//! Texts that are longer than a cell of a workbook: they go on in the row below.
//!
//! A cell that is not the end of its text ends in `⟦vervolg 2 / continued⟧`, and the cell below it
//! begins so; the next ones are 3, 4 and so on. A text that itself begins or ends so is taken apart
//! as well, so that any text comes back.

use super::write::FlatCell;
use crate::exchange::files::piece::{Cell, Content, Row};

/// How a mark begins and ends.
const OPEN: &str = "⟦vervolg ";
const CLOSE: &str = " / continued⟧";

/// The units of UTF-16 that a mark takes at most.
const MARK: usize = 30;

/// The most bytes of a row with what goes on below it.
const BYTES: usize = 4 << 20;

/// The most rows that belong together so.
const ROWS: usize = 500;

/// What stands before a part of a text, and behind the one before it.
fn mark(part: usize) -> String {
    format!("{OPEN}{part}{CLOSE}")
}

/// The part of a text that begins here.
fn beginning(text: &str) -> Option<(usize, &str)> {
    let (number, rest) = text.strip_prefix(OPEN)?.split_once(CLOSE)?;
    Some((number.parse().ok()?, rest))
}

/// What stands before the part that is said to follow.
fn ending(text: &str) -> Option<(&str, usize)> {
    let (rest, number) = text.strip_suffix(CLOSE)?.rsplit_once(OPEN)?;
    Some((rest, number.parse().ok()?))
}

/// A row as the rows that hold it, with at most so many units of UTF-16 to a cell. Those behind the
/// first repeat its first cell.
pub fn parts(mut row: Vec<FlatCell>, most: usize) -> Vec<Vec<FlatCell>> {
    let mut behind: Vec<Vec<FlatCell>> = Vec::new();
    let count = row.len();
    for (at, cell) in row.iter_mut().enumerate() {
        let FlatCell::Text(text) = cell else {
            continue;
        };
        let pieces = pieces(text, most);
        let Some((last, others)) = pieces.split_last().filter(|(_, others)| !others.is_empty())
        else {
            continue;
        };
        let mut all = others.iter().chain([last]).zip(1..).map(|(piece, part)| {
            let begin = if part > 1 { mark(part) } else { String::new() };
            let end = if part < pieces.len() {
                mark(part + 1)
            } else {
                String::new()
            };
            FlatCell::Text(format!("{begin}{piece}{end}"))
        });
        let first = all.next().unwrap_or(FlatCell::Empty);
        for (nth, piece) in all.enumerate() {
            if behind.len() <= nth {
                behind.push(vec![FlatCell::Empty; count]);
            }
            behind[nth][at] = piece;
        }
        *cell = first;
    }
    let is_whole = |rows: &[Vec<FlatCell>]| rows.iter().all(|row| row[0] == FlatCell::Empty);
    if !behind.is_empty() && is_whole(&behind) {
        for other in &mut behind {
            other[0] = row[0].clone();
        }
    }
    std::iter::once(row).chain(behind).collect()
}

/// A text in pieces that fit between two marks; one, where it fits as it is.
fn pieces(text: &str, most: usize) -> Vec<&str> {
    let units = |text: &str| text.encode_utf16().count();
    let (begins, ends) = (text.starts_with(OPEN), text.ends_with(CLOSE));
    // A unit takes a byte at least, so most texts are not counted.
    if !begins && !ends && (text.len() <= most || units(text) <= most) {
        return vec![text];
    }
    let most = most - 2 * MARK;
    let mut pieces = Vec::new();
    if begins {
        pieces.push("");
    }
    let (mut from, mut count) = (0, 0);
    for (at, letter) in text.char_indices() {
        if count + letter.len_utf16() > most {
            pieces.push(&text[from..at]);
            (from, count) = (at, 0);
        }
        count += letter.len_utf16();
    }
    pieces.push(&text[from..]);
    if ends {
        pieces.push("");
    }
    pieces
}

/// Puts the rows of a sheet together in which texts go on.
#[derive(Default)]
pub(super) struct Continued {
    /// The row whose texts are not whole yet, and what else stands in those below it.
    held: Vec<Row>,
    /// The columns of those texts, and which part of each comes next.
    open: Vec<(usize, usize)>,
    /// Whether cells hold so much that no text goes on: those of CSV.
    never: bool,
}

impl Continued {
    /// For the rows of a workbook, or of a text.
    pub(super) fn of(is_workbook: bool) -> Self {
        Self {
            never: !is_workbook,
            ..Self::default()
        }
    }

    /// Takes a row; gives those that are whole.
    pub(super) fn take(&mut self, row: Row) -> Vec<Row> {
        if self.never {
            return vec![row];
        }
        let goes_on = |(at, part): &(usize, usize)| rest(&row, *at, *part).is_some();
        if self.open.iter().any(goes_on) {
            self.go_on(row);
            let size = |row: &Row| row.cells.iter().map(|cell| cell.content.size()).sum();
            let bytes: usize = self.held.first().map_or(0, size);
            if self.open.is_empty() || bytes > BYTES || self.held.len() > ROWS {
                return self.finish();
            }
            return Vec::new();
        }
        let mut whole = self.finish();
        whole.extend(self.begin(row));
        whole
    }

    /// The rows that no other follows. A text that is not whole is told when it is read.
    pub(super) fn finish(&mut self) -> Vec<Row> {
        for (at, _) in std::mem::take(&mut self.open) {
            make_part(&mut self.held[0].cells[at].content);
        }
        std::mem::take(&mut self.held)
    }

    fn begin(&mut self, mut row: Row) -> Option<Row> {
        for (at, cell) in row.cells.iter_mut().enumerate() {
            let Content::Text(text) = &mut cell.content else {
                continue;
            };
            match ending(text) {
                Some((first, 2)) if beginning(first).is_none() => {
                    *text = first.to_owned();
                    self.open.push((at, 2));
                }
                _ if is_part(text) => make_part(&mut cell.content),
                _ => {}
            }
        }
        if self.open.is_empty() {
            return Some(row);
        }
        self.held.push(row);
        None
    }

    fn go_on(&mut self, mut row: Row) {
        let mut open = Vec::new();
        for (at, part) in std::mem::take(&mut self.open) {
            let whole = &mut self.held[0].cells[at].content;
            let Some((piece, more)) = rest(&row, at, part) else {
                make_part(whole);
                continue;
            };
            if let Content::Text(whole) = whole {
                whole.push_str(piece);
            }
            row.cells[at].content = Content::Empty;
            if more {
                open.push((at, part + 1));
            }
        }
        self.open = open;
        for cell in &mut row.cells {
            if matches!(&cell.content, Content::Text(text) if is_part(text)) {
                make_part(&mut cell.content);
            }
        }
        let says_more = |(at, cell): (usize, &Cell)| {
            !cell.content.is_blank() && cell.content != self.held[0].cell(at).content
        };
        if row.cells.iter().enumerate().any(says_more) {
            self.held.push(row);
        }
    }
}

/// What of a text goes on in a cell, if this is the part that comes next; and whether more does.
fn rest(row: &Row, at: usize, part: usize) -> Option<(&str, bool)> {
    let Content::Text(text) = &row.cell(at).content else {
        return None;
    };
    let (_, text) = beginning(text).filter(|(number, _)| *number == part)?;
    Some(match ending(text) {
        Some((piece, next)) if next == part + 1 => (piece, true),
        _ => (text, false),
    })
}

/// Whether a text that stands by itself is a part of another.
fn is_part(text: &str) -> bool {
    beginning(text).is_some() || ending(text).is_some()
}

/// Says of a text that it is a part of one.
fn make_part(content: &mut Content) {
    if let Content::Text(text) = content {
        *content = Content::Part(std::mem::take(text));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MOST: usize = 100;

    fn rows_of(cells: &[FlatCell], number: u64) -> Vec<Row> {
        let cell = |cell: FlatCell| Cell {
            content: match cell {
                FlatCell::Empty => Content::Empty,
                other => Content::Text(other.into_text()),
            },
            merged: false,
        };
        let rows = parts(cells.to_vec(), MOST).into_iter().zip(number..);
        rows.map(|(cells, number)| Row {
            number,
            cells: cells.into_iter().map(cell).collect(),
        })
        .collect()
    }

    fn whole(rows: Vec<Row>) -> Vec<Vec<Content>> {
        let mut continued = Continued::default();
        let mut all: Vec<Row> = rows
            .into_iter()
            .flat_map(|row| continued.take(row))
            .collect();
        all.extend(continued.finish());
        let contents = |row: Row| row.cells.into_iter().map(|cell| cell.content).collect();
        all.into_iter().map(contents).collect()
    }

    fn text(text: &str) -> FlatCell {
        FlatCell::of_text(text)
    }

    #[test]
    fn a_part_without_its_rest_is_no_text() {
        let long = "a".repeat(200);
        let rows = rows_of(&[text("id"), text(&long)], 2);
        assert!(rows.len() > 2, "{rows:?}");
        for missing in 0..rows.len() {
            let mut some = rows.clone();
            some.remove(missing);
            let is_part = |row: &Vec<Content>| matches!(row[1], Content::Part(_));
            assert!(whole(some).iter().any(is_part), "without {missing}");
        }
        let mut turned = rows;
        turned.reverse();
        assert!(
            whole(turned)
                .iter()
                .all(|row| !matches!(&row[1], Content::Text(_)))
        );
    }

    #[test]
    fn what_else_stands_beside_the_rest_of_a_text_is_not_lost() {
        let long = "a".repeat(200);
        let mut rows = rows_of(&[text("id"), text(&long), text("")], 2);
        rows[1].cells[2].content = Content::Text("more".into());
        let all = whole(rows);
        assert_eq!(all[0][1], Content::Text(long));
        assert_eq!(all[1][2], Content::Text("more".into()));
    }

    #[test]
    fn parts_without_end_are_not_gathered_without_end() {
        let cell = |text: String| Cell {
            content: Content::Text(text),
            merged: false,
        };
        let mut continued = Continued::default();
        let piece = "a".repeat(30_000);
        for number in 1..1_000 {
            let begin = if number == 1 {
                String::new()
            } else {
                mark(number)
            };
            let cells = vec![cell(format!("{begin}{piece}{}", mark(number + 1)))];
            let number = number as u64;
            continued.take(Row { number, cells });
            let held = continued.held.iter().flat_map(|row| &row.cells);
            let bytes: usize = held.map(|cell| cell.content.size()).sum();
            assert!(bytes <= BYTES + 40_000, "{bytes}");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(texts in prop::collection::vec(
            prop::collection::vec(prop_oneof![(2..5_usize).prop_map(mark), Just(OPEN.to_owned()), Just(CLOSE.to_owned()), "[aé😀⟦]{0,150}"], 1..5),
            1..6,
        )) {
            let cells: Vec<FlatCell> = texts.iter().map(|parts| FlatCell::Text(parts.concat())).collect();
            let rows = rows_of(&cells, 2);
            for row in &rows {
                for cell in &row.cells {
                    let units = cell.content.text().encode_utf16().count();
                    prop_assert!(units <= MOST);
                }
            }
            let expected: Vec<Content> = texts.iter().map(|parts| Content::Text(parts.concat())).collect();
            prop_assert_eq!(whole(rows), [expected]);
        }
    }
}
