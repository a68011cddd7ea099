//! How else what was typed is spelled: words that were typed apart and stand as one (`zwarte
//! waterland`, Zwartewaterland), and one word that stands apart (`denhaag`, Den Haag).
//!
//! Compounds of the list (`words/compound-stems.txt`) meet their parts without this. What is here is for
//! all other words, names above all. It goes by what stands in the register, so nothing is taken
//! apart or together that somebody did not write so.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::Eyes;
use super::ask::collect;
use super::collect::Wanted as Hits;
use super::fields::{POSITIONED, SEARCHED};
use super::index::View;
use super::kept::Kept;
use super::query::{Maker, stands};
use super::statistics::Statistics;
use super::words::joined::Joined;
use super::words::query::{Query as Asked, Wanted, What};

/// Another spelling of one clause, or of several that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    /// The clauses in whose place it stands.
    pub(super) clauses: Range<usize>,
    /// One word, or words next to each other.
    pub(super) words: Vec<Wanted>,
}

/// Shorter pieces at the beginning and the end of a word are mostly endings.
const SHORTEST: usize = 3;

/// A word is taken apart into so many pieces at most (Alphen aan den Rijn), of about so many letters.
const PIECES: usize = 5;
const WIDEST: usize = 24;

/// A shorter word is none of two, and a longer one is no Dutch.
const FEWEST: usize = 4;
const LONGEST: usize = 60;

/// In how many ways one word is taken apart at most, and a beginning of it.
const WAYS: usize = 8;
const ABREAST: usize = 3;

/// With what names begin that are written apart (Den Haag, Het Palet, Ten Cate).
const BEFORE_NAMES: [&str; 8] = ["de", "den", "der", "een", "het", "ten", "ter", "van"];

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
        let ways = if *maker.eyes == Eyes::Public {
            view.apart.of(word, || apart(maker, view, word))?
        } else {
            apart(maker, view, word)?
        };
        spellings.extend(ways.into_iter().map(|words| Spelling {
            clauses: nth..nth + 1,
            words,
        }));
    }
    Ok(spellings)
}

/// How words are spelled apart in a state of the index, as everyone sees it: what costs most of a
/// search for one word.
pub(super) type Apart = Kept<Wanted, Vec<Vec<Wanted>>>;

/// A word as words that stand next to each other somewhere.
fn apart(maker: &Maker<'_>, view: &View, word: &Wanted) -> tantivy::Result<Vec<Vec<Wanted>>> {
    let mut ways = Vec::new();
    for words in splits(maker.statistics, word) {
        let all = Hits::all(maker.eyes.clone());
        if collect(view, maker.statistics, &maker.spelled(&words), &all)?.total > 0 {
            ways.push(words);
        }
    }
    Ok(ways)
}

/// What was typed apart, where it stands as one word.
fn joined(asked: &Asked, statistics: &Statistics<'_>) -> Vec<Spelling> {
    let joined = asked.joined.iter();
    let anywhere = |word: &Wanted| {
        let mut fields = SEARCHED.iter();
        fields.any(|field| stands(statistics, field.of, &word.stem))
    };
    // With a word that says nothing another is one only where that makes no sense alone: `voor komende`
    // is not voorkomende.
    let makes_sense = |one: &Joined| {
        let clauses = asked.clauses.get(one.clauses.clone()).unwrap_or_default();
        clauses.len() == one.count
            || clauses.iter().any(|clause| match &clause.what {
                What::Word(word) => !anywhere(word),
                What::Phrase(_) => false,
            })
    };
    let known =
        joined.filter(|one| !one.word.is_stop_word() && anywhere(&one.word) && makes_sense(one));
    let known: Vec<&Joined> = known.collect();
    // What is a part of a longer word was not meant as one of its own.
    let is_longest = |one: &&&Joined| {
        let Range { start, end } = one.clauses;
        let longer = |other: &&Joined| {
            let other = &other.clauses;
            other.len() > end - start && other.start <= start && end <= other.end
        };
        !known.iter().any(longer)
    };
    let longest = known.iter().filter(is_longest);
    longest
        .map(|one| Spelling {
            clauses: one.clauses.clone(),
            words: vec![one.word.clone()],
        })
        .collect()
}

/// A word as several that stand somewhere, though not necessarily next to each other.
///
/// Asks of each stretch of it at most once whether that stands, and only of those that begin where
/// others end.
pub(super) fn splits(statistics: &Statistics<'_>, word: &Wanted) -> Vec<Vec<Wanted>> {
    let text = word.folded.as_str();
    let is_name = word.parts.is_empty() && word.pieces.is_empty();
    let length = text.chars().count();
    if !is_name || !(FEWEST..=LONGEST).contains(&length) {
        return Vec::new();
    }
    let places: Vec<usize> = text
        .char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .collect();
    let last = places.len() - 1;
    let stands = |stem: &str| {
        let mut fields = SEARCHED.iter().take(POSITIONED);
        fields.any(|field| stands(statistics, field.of, stem))
    };
    // Words that say nothing are a beginning only of what makes no sense as one word, unless names
    // begin so.
    let makes_no_sense = !stands(&word.stem);
    let mut known: HashMap<(usize, usize), Option<Wanted>> = HashMap::new();
    let mut piece = |from: usize, to: usize| {
        let ask = || {
            let piece = Wanted::of(text.get(*places.get(from)?..*places.get(to)?)?)?;
            let says = (from > 0 && to < last)
                || makes_no_sense
                || (from == 0 && BEFORE_NAMES.contains(&piece.folded.as_str()))
                || (to - from >= SHORTEST && !piece.is_stop_word());
            (says && stands(&piece.stem)).then_some(piece)
        };
        known.entry((from, to)).or_insert_with(ask).clone()
    };
    let mut ways = Vec::new();
    // For each place to which some pieces come, those pieces; one more of them each time.
    let mut begun: BTreeMap<usize, Vec<Vec<Wanted>>> = BTreeMap::from([(0, vec![Vec::new()])]);
    for _ in 0..PIECES {
        let mut further: BTreeMap<usize, Vec<Vec<Wanted>>> = BTreeMap::new();
        for (from, before) in &begun {
            for to in (from + 2..=last).take(WIDEST) {
                if *from == 0 && to == last {
                    continue;
                }
                let Some(piece) = piece(*from, to) else {
                    continue;
                };
                let here = before.iter().map(|pieces| {
                    let mut way = pieces.clone();
                    way.push(piece.clone());
                    way
                });
                if to < last {
                    let there = further.entry(to).or_default();
                    there.extend(here);
                    there.truncate(ABREAST);
                } else {
                    ways.extend(here);
                }
            }
        }
        begun = further;
    }
    ways.truncate(WAYS);
    ways
}
