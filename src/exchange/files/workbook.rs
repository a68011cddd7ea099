//! Workbooks (XLSX): the cells of each sheet as they are read, never a whole sheet.
//!
//! The reader borrows from the workbook, so it has a thread of its own that hands rows over and
//! waits for whoever takes them. If it fails in a way of its own, that ends the file and no more.
//! Formulas are not computed, macros and links to other files not looked at.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use calamine::{DataRef, Dimensions, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};

use super::super::given::{Place, Unreadable};
use super::piece::{COLUMNS, Cell, Content, Piece, Pieces, Row};
use super::{archive, unreadable};

/// How many rows wait to be taken.
const WAITING: usize = 16;

/// The most bytes of a row. A text may stand in very many cells and yet be in the file once, so its
/// size does not bound them either.
const ROW: usize = 4 << 20;

/// The most bytes of all texts.
const TEXTS: u64 = 2 << 30;

/// The most columns that cells reach down in, at a time.
const MERGED: usize = 200;

/// The rows that a sheet has in Excel.
const ROWS: u32 = 1 << 20;

/// The most sheets. Several may be one part of the file, so its size does not bound them.
const SHEETS: usize = 100;

/// The most cells of all sheets, empty ones included.
const CELLS: u64 = 50_000_000;

type Handed = Result<Piece, Unreadable>;

/// Opens a workbook.
///
/// # Errors
/// When it is none, or asks for more than fits.
pub(super) fn open(mut file: File) -> Result<Pieces, Unreadable> {
    archive::check(&mut file)?;
    let (sender, receiver) = sync_channel(WAITING);
    std::thread::Builder::new()
        .name("workbook".to_owned())
        .spawn(move || {
            let end = read(file, &sender);
            // Nobody is there to hear it when the other side has gone.
            let _ = sender.send(match end {
                Ok(()) | Err(Stop::Gone) => Ok(None),
                Err(Stop::Unreadable(why)) => Err(why),
            });
        })?;
    Ok(Box::new(Rows {
        receiver: Some(receiver),
    }))
}

/// What comes from the thread; `None` at the end.
struct Rows {
    receiver: Option<Receiver<Result<Option<Piece>, Unreadable>>>,
}

impl Iterator for Rows {
    type Item = Handed;

    fn next(&mut self) -> Option<Handed> {
        let next = match self.receiver.as_ref()?.recv() {
            Ok(Ok(Some(piece))) => return Some(Ok(piece)),
            Ok(Ok(None)) => None,
            Ok(Err(error)) => Some(Err(error)),
            // The thread broke off without an end.
            Err(_) => Some(Err(damaged(Place::default()))),
        };
        self.receiver = None;
        next
    }
}

/// Why reading stops.
enum Stop {
    /// Whoever took the rows has gone.
    Gone,
    Unreadable(Unreadable),
}

impl From<Unreadable> for Stop {
    fn from(why: Unreadable) -> Self {
        Self::Unreadable(why)
    }
}

type Sender = SyncSender<Result<Option<Piece>, Unreadable>>;

fn read(file: File, sender: &Sender) -> Result<(), Stop> {
    let mut book: Xlsx<_> =
        Xlsx::new(BufReader::new(file)).map_err(|_| damaged(Place::default()))?;
    let sheets = book.sheets_metadata().to_vec();
    if sheets.len() > SHEETS {
        return Err(too_many().into());
    }
    let (mut count, mut bytes) = (0, 0);
    for sheet in sheets {
        if sheet.typ != SheetType::WorkSheet || sheet.visible != SheetVisible::Visible {
            continue;
        }
        let place = Place {
            sheet: Some(sheet.name.clone()),
            ..Place::default()
        };
        let merges = book
            .merge_cells_by_sheet_name(&sheet.name)
            .map_err(|_| damaged(place.clone()))?;
        send(sender, Piece::Sheet(Some(sheet.name.clone())))?;
        let mut cells = book
            .worksheet_cells_reader(&sheet.name)
            .map_err(|_| damaged(place))?;
        let mut rows = Building::new(sheet.name, &merges);
        loop {
            let next = cells
                .next_cell_with_formula_metadata()
                .map_err(|_| damaged(rows.place()))?;
            let Some(cell) = next else { break };
            count += 1;
            if count > CELLS {
                return Err(too_many().into());
            }
            let content = content(cell.value, cell.formula.is_some());
            bytes += content.size() as u64;
            if bytes > TEXTS {
                return Err(too_long(rows.place()).into());
            }
            if let Some(row) = rows.put(cell.pos, content)? {
                send(sender, Piece::Row(row))?;
            }
        }
        if let Some(row) = rows.finished() {
            send(sender, Piece::Row(row))?;
        }
    }
    Ok(())
}

fn send(sender: &Sender, piece: Piece) -> Result<(), Stop> {
    sender.send(Ok(Some(piece))).map_err(|_| Stop::Gone)
}

/// The row that is being put together, and the cells that reach down into it.
struct Building {
    sheet: String,
    row: Row,
    at: u32,
    /// The bytes of the row.
    size: usize,
    /// Cells that reach down, by their first row and column: the last row.
    merges: HashMap<(u32, u32), u32>,
    /// Those that reach into this row, by column: the last row and what stands in them.
    reaching: HashMap<u32, (u32, Content)>,
}

impl Building {
    fn new(sheet: String, merges: &[Dimensions]) -> Self {
        let down = merges.iter().filter(|area| area.end.0 > area.start.0);
        Self {
            sheet,
            row: Row::default(),
            at: 0,
            size: 0,
            merges: down.map(|area| (area.start, area.end.0)).collect(),
            reaching: HashMap::new(),
        }
    }

    fn place(&self) -> Place {
        Place {
            sheet: Some(self.sheet.clone()),
            row: Some(u64::from(self.at) + 1),
            ..Place::default()
        }
    }

    /// Puts a cell in its place; gives the row before when it is the first of another.
    fn put(
        &mut self,
        (row, column): (u32, u32),
        content: Content,
    ) -> Result<Option<Row>, Unreadable> {
        if content == Content::Empty {
            return Ok(None);
        }
        if row < self.at || row >= ROWS {
            return Err(damaged(self.place()));
        }
        let mut before = None;
        if row > self.at {
            before = self.finished();
            (self.at, self.size) = (row, 0);
        }
        self.size += content.size();
        if self.size > ROW {
            return Err(too_long(self.place()));
        }
        if let Some(end) = self.merges.get(&(row, column))
            && self.reaching.len() < MERGED
        {
            self.reaching.insert(column, (*end, content.clone()));
        }
        let column = column as usize;
        if column >= COLUMNS {
            return Err(unreadable(
                self.place(),
                "Dit blad heeft meer dan 2.000 kolommen.",
                "This sheet has more than 2,000 columns.",
            ));
        }
        if self.row.cells.len() <= column {
            self.row.cells.resize(column + 1, Cell::default());
        }
        self.row.cells[column] = Cell {
            content,
            merged: false,
        };
        Ok(before)
    }

    /// The row as it is, with what reaches into it; nothing when it is empty.
    fn finished(&mut self) -> Option<Row> {
        let mut row = std::mem::take(&mut self.row);
        if row.is_blank() {
            return None;
        }
        row.number = u64::from(self.at) + 1;
        self.reaching.retain(|_, (end, _)| *end >= self.at);
        for (column, (_, content)) in &self.reaching {
            let column = *column as usize;
            if row.cells.len() <= column {
                row.cells.resize(column + 1, Cell::default());
            }
            if row.cells[column].content.is_blank() {
                row.cells[column] = Cell {
                    content: content.clone(),
                    merged: true,
                };
            }
        }
        Some(row)
    }
}

fn content(value: DataRef<'_>, is_formula: bool) -> Content {
    match value {
        DataRef::Empty if is_formula => Content::Formula,
        DataRef::Empty => Content::Empty,
        DataRef::String(text) => text_of(text),
        DataRef::SharedString(text) => text_of(text.to_owned()),
        #[expect(
            clippy::cast_precision_loss,
            reason = "cells of a workbook are floating numbers in the file already"
        )]
        DataRef::Int(number) => number_of(number as f64),
        DataRef::Float(number) => number_of(number),
        DataRef::Bool(yes) => Content::Bool(yes),
        DataRef::DateTime(instant) => date(instant),
        DataRef::DateTimeIso(text) => {
            let day = text.strip_suffix("T00:00:00").unwrap_or(&text);
            Content::Date(day.to_owned())
        }
        DataRef::DurationIso(text) => Content::Text(text),
        DataRef::Error(error) => Content::Error(error.to_string()),
    }
}

fn text_of(text: String) -> Content {
    if text.is_empty() {
        Content::Empty
    } else {
        Content::Text(text)
    }
}

/// What is too large for a number, or none, is no value.
fn number_of(number: f64) -> Content {
    if number.is_finite() {
        Content::Number(number)
    } else {
        Content::Error(number.to_string())
    }
}

fn date(instant: ExcelDateTime) -> Content {
    // Before its first day a serial is a time of day, or nothing.
    if !instant.is_datetime() || !(1.0..2_958_466.0).contains(&instant.as_f64()) {
        return number_of(instant.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = instant.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    Content::Date(match (hour, minute, second) {
        (0, 0, 0) => date,
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
    })
}

fn damaged(place: Place) -> Unreadable {
    unreadable(
        place,
        "Dit werkboek is beschadigd: het kan hier niet verder worden gelezen.",
        "This workbook is damaged: it cannot be read any further from here.",
    )
}

fn too_long(place: Place) -> Unreadable {
    unreadable(
        place,
        "Een rij is hier groter dan 4 MiB, of alle teksten zijn samen groter dan 2 GiB.",
        "A row is larger than 4 MiB here, or all texts together are larger than 2 GiB.",
    )
}

fn too_many() -> Unreadable {
    unreadable(
        Place::default(),
        "Dit werkboek heeft meer dan 100 bladen, of meer dan 50 miljoen cellen.",
        "This workbook has more than 100 sheets, or more than 50 million cells.",
    )
}
