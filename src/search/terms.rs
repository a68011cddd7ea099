//! Words of the index that are a typo away from one that was asked for.

use std::collections::BTreeMap;

use tantivy::Searcher;
use tantivy::schema::Field;

use super::Eyes;
use super::fields::{Fields, SEARCHED, Searched};
use super::query::Near;
use super::statistics::Statistics;
use super::words::near::{distance, typos};
use super::words::stem_of;

/// How many words take the place of one.
const MOST: usize = 6;

/// The stems of the words that are written much like one, the nearest and most frequent first. What
/// is compared is the words as they are written: stems say little about what was typed, as a typo in
/// an ending leaves the ending on, and the stems of words that are far apart may be near. The first
/// letter must be right, which people seldom get wrong and which keeps this fast.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn near(
    searcher: &Searcher,
    fields: &Fields,
    eyes: &Eyes,
    statistics: &Statistics<'_>,
    folded: &str,
    stem: &str,
) -> tantivy::Result<Vec<Near>> {
    let most = typos(folded);
    let Some(first) = folded
        .chars()
        .next()
        .filter(|first| most > 0 && first.is_alphabetic())
    else {
        return Ok(Vec::new());
    };
    let mut found: BTreeMap<String, u8> = BTreeMap::new();
    for layer in eyes.layers() {
        let written = fields.of(*layer).written;
        for segment in searcher.segment_readers() {
            each_beginning(segment, written, &first.to_string(), &mut |word| {
                if let Some(typos) = distance(folded, word, most) {
                    found.insert(word.to_owned(), typos);
                }
            })?;
        }
    }
    let mut stems: BTreeMap<String, u8> = BTreeMap::new();
    for (word, typos) in found {
        let other = stem_of(&word);
        // Other forms of the word itself are found as they are.
        if other != stem {
            let least = stems.entry(other).or_insert(typos);
            *least = typos.min(*least);
        }
    }
    let mut near = Vec::new();
    for (term, typos) in stems {
        let mut frequency = 0;
        for Searched { of, .. } in &SEARCHED {
            frequency += statistics.frequency(*of, &term)?;
        }
        // The dictionaries still hold words of what is gone, and of what others look after.
        if frequency > 0 {
            near.push((typos, std::cmp::Reverse(frequency), term));
        }
    }
    near.sort();
    let near = near.into_iter().take(MOST);
    Ok(near.map(|(typos, _, stem)| Near { stem, typos }).collect())
}

/// Shows the terms of a field that begin with something to `visit`, in order.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn each_beginning(
    segment: &tantivy::SegmentReader,
    field: Field,
    beginning: &str,
    visit: &mut dyn FnMut(&str),
) -> tantivy::Result<()> {
    let index = segment.inverted_index(field)?;
    let mut terms = index.terms().range().ge(beginning).into_stream()?;
    while terms.advance() {
        let Ok(term) = std::str::from_utf8(terms.key()) else {
            continue;
        };
        if !term.starts_with(beginning) {
            break;
        }
        visit(term);
    }
    Ok(())
}
