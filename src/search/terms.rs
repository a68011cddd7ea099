//! Words of the index that are a typo away from one that was asked for.

use std::collections::BTreeMap;

use tantivy::Searcher;
use tantivy::schema::Field;

use super::Eyes;
use super::fields::{Fields, SEARCHED, Searched};
use super::statistics::Statistics;
use super::words::near::{distance, typos};

/// How many words take the place of one.
const MOST: usize = 6;

/// The words that are written much like one, the nearest and most frequent first. The first letter
/// must be right, which people seldom get wrong and which keeps this fast.
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
) -> tantivy::Result<Vec<String>> {
    let most = typos(folded);
    let Some(first) = stem
        .chars()
        .next()
        .filter(|first| most > 0 && first.is_alphabetic())
    else {
        return Ok(Vec::new());
    };
    let mut found: BTreeMap<String, u8> = BTreeMap::new();
    for layer in eyes.layers() {
        for Searched { of, .. } in &SEARCHED {
            for segment in searcher.segment_readers() {
                each_beginning(
                    segment,
                    of(fields.of(*layer)),
                    &first.to_string(),
                    &mut |term| {
                        if let Some(typos) = distance(stem, term, most).filter(|typos| *typos > 0) {
                            found.insert(term.to_owned(), typos);
                        }
                    },
                )?;
            }
        }
    }
    let mut near = Vec::new();
    for (term, typos) in found {
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
    Ok(near.into_iter().take(MOST).map(|(.., term)| term).collect())
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
