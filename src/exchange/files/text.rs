//! Text in the encodings that spreadsheets write: UTF-8, UTF-16 with a mark, Windows-1252.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Result, Seek};

use encoding_rs::{CoderResult, Decoder, DecoderResult, Encoding, UTF_8, WINDOWS_1252};

/// A text as UTF-8, without its byte order mark.
pub(super) struct Decoded<R> {
    input: R,
    decoder: Decoder,
    over: bool,
}

/// Finds out the encoding of a file and goes back to its beginning. Without a mark a text is UTF-8
/// if all of it can be, and else what older spreadsheets write. One that is UTF-8 but for a few
/// letters has none.
///
/// # Errors
/// When it cannot be read.
pub(super) fn encoding_of(file: &mut File) -> Result<Option<&'static Encoding>> {
    let mut start = [0; 3];
    let count = read_some(file, &mut start)?;
    file.rewind()?;
    if let Some((marked, _)) = Encoding::for_bom(&start[..count]) {
        return Ok(Some(marked));
    }
    let (letters, wrong) = letters(BufReader::with_capacity(1 << 16, &mut *file))?;
    file.rewind()?;
    Ok(match wrong {
        0 => Some(UTF_8),
        // By chance hardly two letters of Windows-1252 are one of UTF-8.
        wrong if letters > wrong => None,
        _ => Some(WINDOWS_1252),
    })
}

fn read_some(file: &mut File, room: &mut [u8]) -> Result<usize> {
    let mut count = 0;
    while count < room.len() {
        match file.read(&mut room[count..])? {
            0 => break,
            read => count += read,
        }
    }
    Ok(count)
}

/// How many letters beyond ASCII a text has in UTF-8, and how many that are none.
fn letters(mut input: impl BufRead) -> Result<(usize, usize)> {
    /// So many that are none need no more.
    const ENOUGH: usize = 10_000;
    let mut decoder = UTF_8.new_decoder_without_bom_handling();
    let mut text = vec![0; 1 << 17];
    let (mut letters, mut wrong) = (0, 0);
    loop {
        let bytes = input.fill_buf()?;
        let last = bytes.is_empty();
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(bytes, &mut text, last);
        input.consume(read);
        letters += text[..written].iter().filter(|byte| **byte >= 0xc0).count();
        match result {
            DecoderResult::Malformed(..) => wrong += 1,
            DecoderResult::InputEmpty if last => return Ok((letters, wrong)),
            _ => {}
        }
        if wrong > ENOUGH && wrong > letters {
            return Ok((letters, wrong));
        }
    }
}

impl<R: BufRead> Decoded<R> {
    /// A text in an encoding. What cannot be read in it becomes U+FFFD.
    pub(super) fn new(input: R, encoding: &'static Encoding) -> Self {
        Self {
            input,
            decoder: encoding.new_decoder_with_bom_removal(),
            over: false,
        }
    }
}

impl<R: BufRead> Read for Decoded<R> {
    fn read(&mut self, room: &mut [u8]) -> Result<usize> {
        // A decoder may need four bytes for one letter, and says nothing into less.
        if room.len() < 16 {
            return Err(std::io::ErrorKind::InvalidInput.into());
        }
        while !self.over {
            let bytes = self.input.fill_buf()?;
            let last = bytes.is_empty();
            let (result, read, written, _) = self.decoder.decode_to_utf8(bytes, room, last);
            self.input.consume(read);
            self.over = last && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}
