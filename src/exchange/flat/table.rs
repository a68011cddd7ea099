//! Tables: where the header is, whose documents its rows are, and who reads them.

use std::collections::{HashSet, VecDeque};

use serde_json::Map;

use super::columns::Columns;
use super::continued::Continued;
use super::header::{Headers, Target};
use super::item::Column;
use super::join::Joiner;
use super::labels::folded;
use crate::exchange::files::piece::{Content, Piece, Pieces, Row};
use crate::exchange::files::unreadable;
use crate::exchange::given::{Documents, Given, Place, Unreadable};
use crate::exchange::official::{self, Official};
use crate::register::{Fault, Issue, Naming, Text};

/// In how many rows a header is looked for.
const FIRST: usize = 50;

/// Sheets that explain others, by their folded names.
const EXPLAINING: [&str; 8] = [
    "uitleg",
    "toelichting",
    "explanation",
    "explanations",
    "lijsten",
    "keuzelijsten",
    "lists",
    "leesmij",
];

/// With what a row begins that only shows how to fill in the others.
const EXAMPLES: [&str; 2] = ["#voorbeeld", "#example"];

const HITS: Text = Text {
    nl: "Dit zijn de treffers van een zoekopdracht, met van elk document maar een deel. Exporteer een lijst met dezelfde zoekwoorden (zoals /projects?q=…) en breng die in.",
    en: "These are the hits of a search, with only a part of each document. Export a list with the same words (such as /projects?q=…), and import that.",
};

const NO_HEADER: Text = Text {
    nl: "Hier is geen rij met koppen gevonden die bij één soort documenten hoort. Zeg welk soort het is (bijvoorbeeld projects), of begin met een leeg sjabloon. Geef een blad dat niet gelezen moet worden een naam die met # begint.",
    en: "No row of headers was found here that belongs to one type of documents. Say which type it is (projects, for example), or begin with an empty template. Give a sheet that is not to be read a name that begins with #.",
};

/// The documents of tables.
pub fn documents(pieces: Pieces, collection: Option<Naming>) -> Documents {
    Box::new(Tables {
        pieces,
        collection,
        sheet: None,
        state: State::Skipping,
        ready: VecDeque::new(),
        any: false,
        unknown: None,
        broken: None,
        over: false,
    })
}

struct Tables {
    pieces: Pieces,
    /// The collection that the caller says.
    collection: Option<Naming>,
    sheet: Option<String>,
    state: State,
    /// Documents that are finished.
    ready: VecDeque<Given>,
    /// Whether there was a table.
    any: bool,
    /// The first sheet that is no table, and why not.
    unknown: Option<(Place, Text)>,
    /// Why the file cannot be read any further.
    broken: Option<Unreadable>,
    over: bool,
}

enum State {
    /// A sheet that is not for reading.
    Skipping,
    /// The header has not been found yet.
    Looking(Vec<Row>),
    Reading(Box<(Joiner, Continued)>),
    Official(Box<dyn Official>),
}

impl Iterator for Tables {
    type Item = Result<Given, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(given) = self.ready.pop_front() {
                return Some(Ok(given));
            }
            if self.over {
                return self.broken.take().map(Err);
            }
            match self.pieces.next() {
                Some(Ok(Piece::Sheet(name))) => {
                    self.end_sheet();
                    self.begin_sheet(name);
                }
                Some(Ok(Piece::Row(row))) => self.take(row),
                Some(Err(error)) => {
                    (self.over, self.broken) = (true, Some(error));
                    // What was read is told all the same; of a sheet without a header there is none.
                    if self.sheet.is_none() || !matches!(self.state, State::Looking(_)) {
                        self.end_sheet();
                    }
                }
                None => {
                    self.over = true;
                    self.end_sheet();
                    if !self.any {
                        let unknown = self.unknown.take();
                        let (place, why) = unknown.unwrap_or((Place::default(), NO_HEADER));
                        return Some(Err(unreadable(place, why.nl, why.en)));
                    }
                }
            }
        }
    }
}

impl Tables {
    fn begin_sheet(&mut self, name: Option<String>) {
        let for_people = name.as_deref().is_some_and(|name| {
            name.starts_with('#') || EXPLAINING.contains(&folded(name).as_str())
        });
        self.sheet = name;
        self.state = if for_people {
            State::Skipping
        } else {
            State::Looking(Vec::new())
        };
    }

    fn take(&mut self, row: Row) {
        match &mut self.state {
            State::Skipping => {}
            State::Looking(rows) => {
                rows.push(row);
                if rows.len() >= FIRST {
                    self.decide();
                }
            }
            State::Reading(_) | State::Official(_) => self.read(row),
        }
    }

    fn read(&mut self, row: Row) {
        match &mut self.state {
            State::Reading(reading) if !is_example(&row) => {
                let (joiner, continued) = &mut **reading;
                for row in continued.take(row) {
                    self.ready.extend(joiner.push(&row));
                }
            }
            State::Official(reader) => {
                let before = self.ready.len();
                reader.take(&row, &mut self.ready);
                mark_official(&mut self.ready, before);
            }
            State::Reading(_) | State::Skipping | State::Looking(_) => {}
        }
    }

    fn end_sheet(&mut self) {
        if matches!(self.state, State::Looking(_)) {
            self.decide();
        }
        match std::mem::replace(&mut self.state, State::Skipping) {
            State::Reading(reading) => {
                let (mut joiner, mut continued) = *reading;
                for row in continued.finish() {
                    self.ready.extend(joiner.push(&row));
                }
                self.ready.extend(joiner.finish());
            }
            State::Official(mut reader) => {
                let before = self.ready.len();
                reader.finish(&mut self.ready);
                mark_official(&mut self.ready, before);
            }
            State::Skipping | State::Looking(_) => {}
        }
    }

    /// Finds the header among the first rows, and reads those behind it.
    fn decide(&mut self) {
        let State::Looking(rows) = std::mem::replace(&mut self.state, State::Skipping) else {
            return;
        };
        if rows.is_empty() && self.sheet.is_some() {
            // An empty sheet, as every new workbook has.
            return;
        }
        let official = rows
            .iter()
            .enumerate()
            .find_map(|(nth, row)| Some((nth, official::of_header(row, self.sheet.as_deref())?)));
        let header = if let Some((nth, reader)) = official {
            self.state = State::Official(reader);
            Some(nth)
        } else if rows.iter().any(are_hits) {
            None
        } else {
            self.header(&rows)
        };
        let Some(header) = header else {
            self.unknown_sheet(&rows);
            return;
        };
        self.any = true;
        for row in rows.into_iter().skip(header + 1) {
            self.read(row);
        }
    }

    /// Finds the row that has most headers of a collection, and begins to read it.
    fn header(&mut self, rows: &[Row]) -> Option<usize> {
        let named = self.sheet.as_deref().and_then(of_sheet);
        let said = named.or(self.collection);
        let mut best: Option<(usize, usize, Headers, &'static Columns)> = None;
        let mut equal = false;
        for columns in Columns::all() {
            if said.is_some_and(|said| said.type_ != columns.naming.type_) {
                continue;
            }
            let headers = Headers::of(columns);
            let counts = rows.iter().map(|row| known(row, &headers));
            let counted = counts.enumerate().rev().max_by_key(|(_, count)| *count);
            let Some((nth, count)) = counted.filter(|(_, count)| *count > 0) else {
                continue;
            };
            equal = best.as_ref().is_some_and(|(most, ..)| *most == count)
                || (equal && best.as_ref().is_some_and(|(most, ..)| *most > count));
            if best.as_ref().is_none_or(|(most, ..)| count > *most) {
                best = Some((count, nth, headers, columns));
            }
        }
        let (_, nth, headers, columns) = best.filter(|_| !equal)?;
        self.begin_table(&rows[nth], &headers, columns);
        Some(nth)
    }

    fn begin_table(&mut self, row: &Row, headers: &Headers, columns: &'static Columns) {
        let mut table: Vec<Column> = Vec::new();
        let mut targets: HashSet<String> = HashSet::new();
        let mut nameless = Vec::new();
        for (at, cell) in row.cells.iter().enumerate() {
            let header = cell.content.text().trim().to_owned();
            if header.is_empty() {
                nameless.push(at);
                continue;
            }
            let Some(target) = headers.find(&header) else {
                let allowed = headers.nearest(&header).into_iter().collect();
                self.wrong_header(row, &header, columns, Fault::Unknown { allowed });
                continue;
            };
            let is_new = target == Target::Ignored || targets.insert(format!("{target:?}"));
            if is_new {
                table.push(Column { at, header, target });
            } else {
                self.wrong_header(row, &header, columns, Fault::Duplicate);
            }
        }
        // Columns behind the last header may hold something too.
        nameless.extend(row.cells.len()..row.cells.len() + 20);
        let joiner = Joiner::new(columns, self.sheet.clone(), table, nameless);
        let continued = Continued::of(self.sheet.is_some());
        self.state = State::Reading(Box::new((joiner, continued)));
    }

    fn wrong_header(&mut self, row: &Row, header: &str, columns: &Columns, fault: Fault) {
        let place = Place {
            file: None,
            sheet: self.sheet.clone(),
            row: Some(row.number),
            column: Some(super::cut(header)),
            value: None,
        };
        let mut given = Given::new(place, Map::new());
        given.collection = Some(columns.naming);
        given.issues.push(Issue::body("", fault));
        self.ready.push_back(given);
    }

    /// A sheet in which nothing is known: that is told, for it may hold what someone relies on.
    fn unknown_sheet(&mut self, rows: &[Row]) {
        let place = Place {
            sheet: self.sheet.clone(),
            row: rows.first().map(|row| row.number),
            ..Place::default()
        };
        let why = if rows.iter().any(are_hits) {
            HITS
        } else {
            NO_HEADER
        };
        if self.unknown.is_none() {
            self.unknown = Some((place.clone(), why));
        }
        if self.sheet.is_some() {
            let mut given = Given::new(place, Map::new());
            let fault = Fault::Contradiction { why };
            given.issues.push(Issue::body("", fault));
            self.ready.push_back(given);
        }
    }
}

/// Whether a row is the header of a table of what a search found.
fn are_hits(row: &Row) -> bool {
    row.cells
        .iter()
        .any(|cell| cell.content.text() == "matchedIn")
}

fn mark_official(ready: &mut VecDeque<Given>, from: usize) {
    for given in ready.range_mut(from..) {
        given.is_official = true;
    }
}

/// How many cells of a row are headers of a collection.
fn known(row: &Row, headers: &Headers) -> usize {
    let known = |content: &Content| match content {
        Content::Text(text) if !text.starts_with('#') => headers.find(text).is_some(),
        _ => false,
    };
    row.cells.iter().filter(|cell| known(&cell.content)).count()
}

/// The collection after which a sheet is called: by its word in addresses, its type, or in Dutch.
fn of_sheet(name: &str) -> Option<Naming> {
    const DUTCH: [(&str, &str); 10] = [
        ("regios", "region"),
        ("regio", "region"),
        ("organisaties", "organisation"),
        ("organisatie", "organisation"),
        ("personen", "person"),
        ("mensen", "person"),
        ("projecten", "project"),
        ("project", "project"),
        ("themas", "theme"),
        ("thema", "theme"),
    ];
    let folded = folded(name);
    // A long table goes on on a next sheet.
    let folded = folded.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let dutch = DUTCH.iter().find(|(word, _)| *word == folded);
    let type_ = dutch.map(|(_, type_)| *type_);
    let mut namings = Columns::all().iter().map(|columns| columns.naming);
    namings.find(|naming| {
        Some(naming.type_) == type_ || naming.plural == folded || naming.type_ == folded
    })
}

/// Whether a row only shows how to fill in the others.
fn is_example(row: &Row) -> bool {
    let first = row.cells.iter().find(|cell| !cell.content.is_blank());
    first.is_some_and(|cell| {
        let text = cell.content.text().trim().to_lowercase();
        EXAMPLES.iter().any(|example| text.starts_with(example))
    })
}
