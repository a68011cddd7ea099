//! Text in the encodings that spreadsheets write: UTF-8, UTF-16 with a mark, Windows-1252.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Result, Seek};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, WINDOWS_1252};

/// A text as UTF-8, without its byte order mark.
pub(super) struct Decoded<R> {
    input: R,
    decoder: Decoder,
    over: bool,
}

/// Finds out the encoding of a file and goes back to its beginning. Without a mark a text is UTF-8
/// if all of it can be, and else what older spreadsheets write.
///
/// # Errors
/// When it cannot be read.
pub(super) fn encoding_of(file: &mut File) -> Result<&'static Encoding> {
    let mut start = [0; 3];
    let count = read_some(file, &mut start)?;
    file.rewind()?;
    if let Some((marked, _)) = Encoding::for_bom(&start[..count]) {
        return Ok(marked);
    }
    let valid = is_utf8(BufReader::with_capacity(1 << 16, &mut *file))?;
    file.rewind()?;
    Ok(if valid { UTF_8 } else { WINDOWS_1252 })
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

fn is_utf8(mut input: impl BufRead) -> Result<bool> {
    let mut decoder = UTF_8.new_decoder_without_bom_handling();
    let mut text = vec![0; 1 << 17];
    loop {
        let bytes = input.fill_buf()?;
        let last = bytes.is_empty();
        let (result, read, _) = decoder.decode_to_utf8_without_replacement(bytes, &mut text, last);
        input.consume(read);
        match result {
            encoding_rs::DecoderResult::Malformed(..) => return Ok(false),
            encoding_rs::DecoderResult::InputEmpty if last => return Ok(true),
            _ => {}
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
