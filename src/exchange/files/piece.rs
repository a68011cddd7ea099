//! Tables as they come out of a file: sheets, rows, cells.

use super::super::given::Unreadable;

/// The most columns that a table has. Every member of a project with ten numbered groups of each
/// list stays well below it.
pub const COLUMNS: usize = 2_000;

/// A part of a table, in the order of the file.
#[derive(Debug, PartialEq)]
pub enum Piece {
    /// Another sheet begins; a text has one without a name.
    Sheet(Option<String>),
    /// A row of it.
    Row(Row),
}

/// A row that is not empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Its number in the sheet or text; the first is 1. A cell with line breaks counts once.
    pub number: u64,
    /// Its cells from the first column on.
    pub cells: Vec<Cell>,
}

impl Row {
    /// The cell of a column; one that is not there is empty.
    pub fn cell(&self, column: usize) -> &Cell {
        const EMPTY: &Cell = &Cell {
            content: Content::Empty,
            merged: false,
        };
        self.cells.get(column).unwrap_or(EMPTY)
    }

    /// Whether nothing stands in it.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.content.is_blank())
    }
}

/// A cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// What stands in it.
    pub content: Content,
    /// Whether that stands above, in a cell that reaches down to here.
    pub merged: bool,
}

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Content {
    /// Nothing.
    #[default]
    Empty,
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// A day, as `YYYY-MM-DD`; with a time of day behind it when that is not midnight.
    Date(String),
    /// Yes or no.
    Bool(bool),
    /// A formula whose result the file does not have.
    Formula,
    /// A text of which a part stands in another cell, which is not where it should be.
    Part(String),
    /// A result that is an error, such as `#N/A`; or a number that is none.
    Error(String),
}

impl Content {
    /// Whether it is empty or white space.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// How many bytes it holds, more or less.
    pub fn size(&self) -> usize {
        match self {
            Self::Text(text) | Self::Date(text) | Self::Part(text) | Self::Error(text) => {
                text.len()
            }
            _ => 8,
        }
    }

    /// It as a person reads it.
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Date(text) | Self::Part(text) | Self::Error(text) => {
                text.clone()
            }
            Self::Number(number) => number.to_string(),
            Self::Bool(yes) => if *yes { "ja" } else { "nee" }.to_owned(),
            Self::Formula => "=".to_owned(),
        }
    }
}

/// The pieces of a file, one after the other.
pub type Pieces = Box<dyn Iterator<Item = Result<Piece, Unreadable>> + Send>;
