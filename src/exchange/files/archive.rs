//! Looking through a workbook before it is opened.
//!
//! A workbook is a zip of XML. What it unpacks to, and how much memory its numbers ask for, is the
//! choice of who made it; so each part is unpacked once without keeping it, counted and looked
//! through, and only a harmless one is then read.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use zip::ZipArchive;

use super::super::given::{Place, Unreadable};
use super::unreadable;
use crate::exchange::package::DOCUMENTS;

/// The most bytes that shared texts unpack to.
const TEXTS: u64 = 64 << 20;
/// The most bytes that a sheet unpacks to.
const SHEET: u64 = 200 << 20;
/// The most bytes that any other part of XML unpacks to.
const PART: u64 = 8 << 20;
/// The most bytes that something else does: pictures, which nobody looks at.
const OTHER: u64 = 64 << 20;
/// The most bytes that all of it does.
const ALL: u64 = 700 << 20;
/// The most bytes that a table of contents takes.
const CONTENTS: u64 = 4 << 20;
/// The most bytes between two tags. A cell of a spreadsheet has at most 32,767 characters.
const RUN: usize = 1 << 20;
/// The most digits of the number of texts, for which a reader makes room beforehand.
const DIGITS: usize = 7;
/// The most texts that are shared; each costs more than its bytes.
const SHARED: usize = 3_000_000;
/// The most cells that reach over others.
const MERGED: usize = 200_000;

/// Looks through a workbook and goes back to its beginning.
///
/// # Errors
/// When it is no workbook, or unpacks to more than fits.
pub(super) fn check(file: &mut File) -> Result<(), Unreadable> {
    let left = Rc::new(Cell::new(CONTENTS));
    let reader = Budget {
        file: &mut *file,
        left: Rc::clone(&left),
    };
    let mut archive = ZipArchive::new(reader).map_err(|_| damaged())?;
    // From here on it is told by what it unpacks to.
    left.set(u64::MAX);
    let names: Vec<Vec<u8>> = archive.file_names_raw().map(<[u8]>::to_vec).collect();
    if names.iter().any(|name| name == DOCUMENTS.as_bytes()) {
        return Err(package());
    }
    let mut all = ALL;
    for (nth, name) in names.iter().enumerate() {
        let part = archive.by_index(nth).map_err(|_| damaged())?;
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        all -= look_through(part, &name, all)?;
    }
    drop(archive);
    file.rewind()?;
    Ok(())
}

/// A file of which only so much may be read.
struct Budget<'f> {
    file: &'f mut File,
    left: Rc<Cell<u64>>,
}

impl Read for Budget<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(room)?;
        let left = self.left.get().checked_sub(read as u64);
        self.left.set(left.ok_or(io::ErrorKind::InvalidData)?);
        Ok(read)
    }
}

impl Seek for Budget<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Unpacks a part without keeping it, and says how many bytes it has.
fn look_through(mut part: impl Read, name: &str, all: u64) -> Result<u64, Unreadable> {
    let mut look = Look::default();
    let mut bytes = vec![0; 1 << 16];
    let mut total = 0;
    loop {
        let read = part.read(&mut bytes).map_err(|_| damaged())?;
        if read == 0 {
            break;
        }
        if total == 0 {
            look.is_xml = is_xml(name, &bytes[..read]);
        }
        total += read as u64;
        let most = match look.is_xml {
            true if name.contains("sharedstrings") => TEXTS,
            true if name.contains("worksheets/") => SHEET,
            true => PART,
            false => OTHER,
        };
        if total > most.min(all) || !look.at(&bytes[..read]) {
            return Err(too_large());
        }
    }
    Ok(total)
}

/// Whether a part is XML: by its name, or because it begins like that, whatever its name.
fn is_xml(name: &str, start: &[u8]) -> bool {
    let named = [".xml", ".rels", ".vml"]
        .iter()
        .any(|end| name.ends_with(end));
    let text = start.strip_prefix(super::BOM).unwrap_or(start);
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    named
        || first == Some(&b'<')
        || start.starts_with(b"\xff\xfe")
        || start.starts_with(b"\xfe\xff")
}

/// What was seen of a part so far.
#[derive(Default)]
struct Look {
    is_xml: bool,
    /// Bytes since the last tag began.
    run: usize,
    texts: usize,
    merged: usize,
    /// The end of what was looked at, in case a word goes on.
    tail: Vec<u8>,
}

impl Look {
    /// Looks at more bytes; says whether they are harmless.
    fn at(&mut self, bytes: &[u8]) -> bool {
        /// What is kept for a word that goes on in the next bytes.
        const ROOM: usize = 64;
        if !self.is_xml {
            return true;
        }
        for byte in bytes {
            match byte {
                // XML in an encoding in which nothing below would be found.
                0 => return false,
                b'<' => self.run = 0,
                _ => self.run += 1,
            }
            if self.run > RUN {
                return false;
            }
        }
        let seen = self.tail.len();
        self.tail.extend_from_slice(bytes);
        let counted = &self.tail[seen.saturating_sub(MERGED_CELL.len() - 1)..];
        self.merged += places(counted, MERGED_CELL).count();
        self.texts += counted.windows(4).filter(|word| is_text(word)).count();
        let small = |at: usize| is_small(&self.tail[at + COUNT.len()..]);
        let harmless = places(&self.tail, COUNT).all(small);
        self.tail.drain(..self.tail.len().saturating_sub(ROOM));
        harmless && self.texts <= SHARED && self.merged <= MERGED
    }
}

/// The attribute that says how many texts there are.
const COUNT: &[u8] = b"uniqueCount";
/// The element of a cell that reaches over others.
const MERGED_CELL: &[u8] = b"mergeCell";

fn places<'a>(bytes: &'a [u8], word: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let windows = bytes.windows(word.len()).enumerate();
    windows.filter_map(move |(at, here)| (here == word).then_some(at))
}

/// Whether an element begins here that is a shared text, whatever its prefix.
fn is_text(word: &[u8]) -> bool {
    matches!(word, [b'<' | b':', b's', b'i', end] if matches!(end, b'>' | b'/') || end.is_ascii_whitespace())
}

/// Whether what follows the name of an attribute is a small number, or no value at all. More white
/// space than any program writes would hide the number from here.
fn is_small(rest: &[u8]) -> bool {
    const SPACES: usize = 8;
    let equals = rest.trim_ascii_start();
    let Some(value) = equals.strip_prefix(b"=") else {
        return rest.len() - equals.len() <= SPACES;
    };
    let number = value.trim_ascii_start();
    let digits = number
        .iter()
        .skip(1)
        .take_while(|byte| byte.is_ascii_digit());
    let spaces = (rest.len() - equals.len()).max(value.len() - number.len());
    spaces <= SPACES && digits.count() <= DIGITS
}

fn too_large() -> Unreadable {
    unreadable(
        Place::default(),
        "Dit werkboek wordt uitgepakt groter dan past (200 MB per blad), of is niet door een rekenprogramma gemaakt.",
        "Unpacked this workbook is larger than fits (200 MB a sheet), or no spreadsheet program made it.",
    )
}

fn package() -> Unreadable {
    unreadable(
        Place::default(),
        "Dit is een pakket van het register (zip). Pak documents.ndjson eruit, en breng dat in.",
        "This is a package of the register (zip). Unpack documents.ndjson from it, and import that.",
    )
}

fn damaged() -> Unreadable {
    unreadable(
        Place::default(),
        "Dit bestand is geen werkboek (.xlsx), of het is beschadigd.",
        "This file is not a workbook (.xlsx), or it is damaged.",
    )
}
