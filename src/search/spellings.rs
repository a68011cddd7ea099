//! How else what was typed is spelled: words that were typed apart and stand as one (`zwarte
//! waterland`, Zwartewaterland), and one word that stands apart (`denhaag`, Den Haag).
//!
//! Compounds of the list (`words/compound-stems.txt`) meet their parts without this. What is here is for
//! all other words, names above all. It goes by what stands in the register, so nothing is taken
//! apart or together that somebody did not write so.

use std::ops::Range;

use super::ask::collect;
use super::collect::Wanted as Hits;
use super::fields::{POSITIONED, SEARCHED};
use super::index::View;
use super::query::{Maker, stands};
use super::statistics::Statistics;
use super::words::near::is_comparable;
use super::words::query::{Query as Asked, Wanted, What};

/// Another spelling of one clause, or of several that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    /// The clauses in whose place it stands.
    pub(super) clauses: Range<usize>,
    /// One word, or words next to each other.
    pub(super) words: Vec<Wanted>,
}

/// Shorter pieces of a word are mostly endings.
const SHORTEST: usize = 3;

/// A longer word is not taken apart: it is no Dutch.
const LONGEST: usize = 60;

/// In how many ways one word is taken apart at most.
const WAYS: usize = 3;

/// How else what was typed is spelled somewhere.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn spellings(maker: &Maker<'_>, view: &View) -> tantivy::Result<Vec<Spelling>> {
    let mut spellings = joined(maker.asked, maker.statistics);
    for (nth, clause) in maker.asked.clauses.iter().enumerate() {
        let (What::Word(word), false) = (&clause.what, clause.not) else {
            continue;
        };
        for words in splits(maker.statistics, word) {
            let all = Hits::all(maker.eyes.clone());
            let found = collect(view, maker.statistics, &maker.spelled(&words), &all)?;
            if found.total > 0 {
                let clauses = nth..nth + 1;
                spellings.push(Spelling { clauses, words });
            }
        }
    }
    Ok(spellings)
}

/// What was typed apart, where it stands as one word.
fn joined(asked: &Asked, statistics: &Statistics<'_>) -> Vec<Spelling> {
    let joined = asked.joined.iter();
    let known = joined.filter(|one| {
        let mut fields = SEARCHED.iter();
        fields.any(|field| stands(statistics, field.of, &one.word.stem))
    });
    known
        .map(|one| Spelling {
            clauses: one.clauses.clone(),
            words: vec![one.word.clone()],
        })
        .collect()
}

/// A word as two or three that stand somewhere, though not necessarily next to each other.
///
/// Asks whether a word stands once for each letter, and as often again for each beginning that does.
pub(super) fn splits(statistics: &Statistics<'_>, word: &Wanted) -> Vec<Vec<Wanted>> {
    let is_name = word.parts.is_empty() && word.pieces.is_empty();
    if !is_name || !is_comparable(&word.folded) || word.folded.chars().nth(LONGEST).is_some() {
        return Vec::new();
    }
    let known = |text: &str| {
        let word = Wanted::of(text).filter(|word| word.folded == text && !word.is_stop_word())?;
        let mut fields = SEARCHED.iter().take(POSITIONED);
        let stands = fields.any(|field| stands(statistics, field.of, &word.stem));
        stands.then_some(word)
    };
    let in_two = |text: &str| -> Vec<[String; 2]> {
        let places = text.char_indices().map(|(at, _)| at);
        let count = text.chars().count();
        let places = places
            .take((count + 1).saturating_sub(SHORTEST))
            .skip(SHORTEST);
        let halves = places.map(|at| text.split_at(at));
        halves
            .map(|(one, other)| [one.to_owned(), other.to_owned()])
            .collect()
    };
    let (mut pairs, mut triples) = (Vec::new(), Vec::new());
    for [one, rest] in in_two(&word.folded) {
        let Some(one) = known(&one) else { continue };
        pairs.extend(known(&rest).map(|rest| vec![one.clone(), rest]));
        for [two, three] in in_two(&rest) {
            let both = known(&two).and_then(|two| Some([two, known(&three)?]));
            triples.extend(both.map(|[two, three]| vec![one.clone(), two, three]));
        }
    }
    let mut ways = pairs;
    ways.extend(triples);
    ways.truncate(WAYS);
    ways
}
