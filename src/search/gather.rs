//! Goes through one file of the index for what a tree means, a stretch of documents at a time.
//!
//! Every word has its place in each stretch filled before the next word does, so that nothing has to
//! be kept in order between words, and the scores of a stretch stay in the nearest memory. The
//! queries of the index itself go from document to document instead, which costs several times as
//! much when all that is found has to be counted.

use std::sync::LazyLock;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::BlockSegmentPostings;
use tantivy::query::{Bm25StatisticsProvider, EnableScoring, Query, Scorer};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Score, Searcher, SegmentReader, TERMINATED, Term};

use super::fields::SEARCHED;
use super::slab::Slab;
use super::statistics::Statistics;
use super::tree::Tree;

/// The constants of BM25, as usual.
const K1: Score = 1.2;
const B: Score = 0.75;

/// What the length of a text takes off, by the byte that the index knows lengths by, for each of the
/// fields in which words are looked for.
static LENGTHS: LazyLock<[[Score; 256]; SEARCHED.len()]> = LazyLock::new(|| {
    SEARCHED.each_ref().map(|one| {
        let mut table = [0.0; 256];
        for (id, place) in (0..=u8::MAX).zip(&mut table) {
            let length = as_score(FieldNormReader::id_to_fieldnorm(id));
            *place = K1 * (1.0 - B + B * length / as_score(one.average));
        }
        table
    })
});

#[expect(
    clippy::cast_precision_loss,
    reason = "a ratio of numbers of words or documents need not be exact"
)]
fn as_score(count: u32) -> Score {
    count as Score
}

/// How rare a word is that so many of all documents have. No index has as many as a number can be.
fn rarity(with: u64, all: u64) -> Score {
    let count = |count| as_score(u32::try_from(count).unwrap_or(u32::MAX));
    let ratio = (count(all.saturating_sub(with)) + 0.5) / (count(with) + 0.5);
    (1.0 + ratio).ln()
}

/// What is looked through.
pub(super) struct Source<'s> {
    pub(super) searcher: &'s Searcher,
    pub(super) statistics: &'s Statistics<'s>,
    /// Whether scores are wanted.
    pub(super) scored: bool,
}

/// Shows all stretches of a file in which there is something that a tree means, with their first
/// documents. Removed documents are among them.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn each_stretch(
    source: &Source<'_>,
    segment: &SegmentReader,
    tree: &Tree,
    mut visit: impl FnMut(DocId, &Slab),
) -> tantivy::Result<()> {
    let mut cursor = Cursor::open(source, segment, tree)?;
    let (mut slab, mut spare) = (Slab::new(), Vec::new());
    let mut start = 0;
    loop {
        let next = cursor.next();
        if next >= TERMINATED {
            return Ok(());
        }
        start = Slab::start(next).max(start);
        cursor.fill(start, &mut slab, &mut spare);
        if !slab.is_empty() {
            visit(start, &slab);
            slab.clear();
        }
        start += Slab::width();
    }
}

/// A place in what a file has of a tree.
enum Cursor {
    Word(Box<Word>),
    Any(Vec<Self>),
    /// The one that is in the fewest documents first.
    All(Vec<Self>),
    With(Box<Self>, Vec<Self>),
    Without(Box<Self>, Vec<Self>),
    Fixed(Box<Self>, Score),
    Raised(Box<Self>, Score),
    Query(Box<dyn Scorer>),
}

/// A place among the documents that have a word.
struct Word {
    /// The present block of them, and the place in it.
    block: BlockSegmentPostings,
    at: usize,
    adds: Adds,
}

/// What a document with the word gets.
enum Adds {
    /// Nothing that anyone wants to know.
    Nothing,
    Fixed(Score),
    Weighed {
        weight: Score,
        lengths: FieldNormReader,
        table: &'static [Score; 256],
    },
}

impl Cursor {
    fn open(source: &Source<'_>, segment: &SegmentReader, tree: &Tree) -> tantivy::Result<Self> {
        let open = |tree: &Tree| Self::open(source, segment, tree);
        // What no document here has is left out.
        let all = |trees: &[Tree]| -> tantivy::Result<Vec<Self>> {
            let mut cursors = Vec::with_capacity(trees.len());
            for tree in trees {
                let cursor = open(tree)?;
                if cursor.next() < TERMINATED {
                    cursors.push(cursor);
                }
            }
            Ok(cursors)
        };
        Ok(match tree {
            Tree::Word(term, weight) => Word::weighed(source, segment, term, *weight)?,
            Tree::Term(term, score) => Word::fixed(source, segment, term, *score)?,
            Tree::Any(trees) => Self::Any(all(trees)?),
            Tree::All(trees) => {
                let mut cursors = all(trees)?;
                if cursors.len() < trees.len() {
                    return Ok(Self::Any(Vec::new()));
                }
                cursors.sort_by_cached_key(Self::count);
                Self::All(cursors)
            }
            Tree::With(tree, others) => {
                let others = if source.scored {
                    all(others)?
                } else {
                    Vec::new()
                };
                with_others(open(tree)?, others, Self::With)
            }
            Tree::Without(tree, others) => with_others(open(tree)?, all(others)?, Self::Without),
            Tree::Fixed(tree, score) => Self::Fixed(Box::new(open(tree)?), *score),
            Tree::Raised(tree, score) => Self::Raised(Box::new(open(tree)?), *score),
            Tree::Query(query, weight) => Self::Query(scorer(source, segment, &**query, *weight)?),
        })
    }

    /// About how many documents it has, at most.
    fn count(&self) -> u64 {
        match self {
            Self::Word(word) => u64::from(word.block.doc_freq()),
            Self::Any(cursors) => cursors.iter().map(Self::count).sum(),
            Self::All(cursors) => cursors.first().map_or(0, Self::count),
            Self::With(first, _)
            | Self::Without(first, _)
            | Self::Fixed(first, _)
            | Self::Raised(first, _) => first.count(),
            Self::Query(scorer) => scorer.cost(),
        }
    }

    /// A document before which there is none that was not shown yet.
    fn next(&self) -> DocId {
        match self {
            Self::Word(word) => word.next(),
            Self::Any(cursors) => cursors.iter().map(Self::next).min().unwrap_or(TERMINATED),
            Self::All(cursors) => cursors.iter().map(Self::next).max().unwrap_or(TERMINATED),
            Self::With(first, _)
            | Self::Without(first, _)
            | Self::Fixed(first, _)
            | Self::Raised(first, _) => first.next(),
            Self::Query(scorer) => scorer.doc(),
        }
    }

    /// Adds what a stretch has of it. `spare` holds empty stretches.
    fn fill(&mut self, start: DocId, slab: &mut Slab, spare: &mut Vec<Box<Slab>>) {
        match self {
            Self::Word(word) => word.fill(start, slab),
            Self::Any(cursors) => {
                for cursor in cursors {
                    cursor.fill(start, slab, spare);
                }
            }
            Self::Query(scorer) => fill_from(&mut **scorer, start, slab),
            // These choose, so they must not see what the others have put here.
            Self::All(_)
            | Self::With(..)
            | Self::Without(..)
            | Self::Fixed(..)
            | Self::Raised(..) => {
                let mut own = spare.pop().unwrap_or_else(Slab::new);
                self.fill_own(start, &mut own, spare);
                slab.unite(&mut own);
                spare.push(own);
            }
        }
    }

    /// The same for an empty stretch.
    fn fill_own(&mut self, start: DocId, slab: &mut Slab, spare: &mut Vec<Box<Slab>>) {
        let (first, others, combine): (&mut Self, &mut [Self], fn(&mut Slab, &mut Slab)) =
            match self {
                Self::All(cursors) => match cursors.as_mut_slice() {
                    [] => return,
                    [first, others @ ..] => (first, others, Slab::intersect),
                },
                Self::With(first, others) => (first, others, Slab::enrich),
                Self::Without(first, others) => (first, others, Slab::subtract),
                Self::Fixed(cursor, score) => {
                    cursor.fill_own(start, slab, spare);
                    return slab.each_score(|own| *own = *score);
                }
                Self::Raised(cursor, score) => {
                    cursor.fill_own(start, slab, spare);
                    return slab.each_score(|own| *own += *score);
                }
                Self::Word(_) | Self::Any(_) | Self::Query(_) => {
                    return self.fill(start, slab, spare);
                }
            };
        first.fill_own(start, slab, spare);
        let mut other = spare.pop().unwrap_or_else(Slab::new);
        for cursor in others {
            if slab.is_empty() {
                break;
            }
            cursor.fill_own(start, &mut other, spare);
            combine(slab, &mut other);
        }
        spare.push(other);
    }
}

fn with_others(
    first: Cursor,
    others: Vec<Cursor>,
    make: fn(Box<Cursor>, Vec<Cursor>) -> Cursor,
) -> Cursor {
    if others.is_empty() {
        return first;
    }
    make(Box::new(first), others)
}

impl Word {
    fn weighed(
        source: &Source<'_>,
        segment: &SegmentReader,
        term: &Term,
        weight: Score,
    ) -> tantivy::Result<Cursor> {
        let statistics = source.statistics;
        let nth = statistics.role(term.field()).filter(|_| source.scored);
        let (Some(nth), Some(lengths)) =
            (nth, segment.fieldnorms_readers().get_field(term.field())?)
        else {
            return Self::fixed(source, segment, term, 0.0);
        };
        let Some(table) = LENGTHS.get(nth) else {
            return Self::fixed(source, segment, term, 0.0);
        };
        let rarity = rarity(statistics.doc_freq(term)?, statistics.among());
        let adds = Adds::Weighed {
            weight: rarity * (1.0 + K1) * weight,
            lengths,
            table,
        };
        Self::open(segment, term, IndexRecordOption::WithFreqs, adds)
    }

    fn fixed(
        source: &Source<'_>,
        segment: &SegmentReader,
        term: &Term,
        score: Score,
    ) -> tantivy::Result<Cursor> {
        let adds = if source.scored && score != 0.0 {
            Adds::Fixed(score)
        } else {
            Adds::Nothing
        };
        Self::open(segment, term, IndexRecordOption::Basic, adds)
    }

    fn open(
        segment: &SegmentReader,
        term: &Term,
        option: IndexRecordOption,
        adds: Adds,
    ) -> tantivy::Result<Cursor> {
        let index = segment.inverted_index(term.field())?;
        let Some(block) = index.read_block_postings(term, option)? else {
            return Ok(Cursor::Any(Vec::new()));
        };
        let at = 0;
        Ok(Cursor::Word(Box::new(Self { block, at, adds })))
    }

    fn next(&self) -> DocId {
        self.block
            .docs()
            .get(self.at)
            .copied()
            .unwrap_or(TERMINATED)
    }

    fn fill(&mut self, start: DocId, slab: &mut Slab) {
        let end = start + Slab::width();
        if self.next() < start {
            self.at = self.block.seek(start);
        }
        loop {
            let docs = self.block.docs().get(self.at..).unwrap_or_default();
            let Some(last) = docs.last() else { return };
            let here = if *last < end {
                docs.len()
            } else {
                docs.partition_point(|doc| *doc < end)
            };
            let rest = here < docs.len();
            let docs = docs.get(..here).unwrap_or_default();
            match &self.adds {
                Adds::Nothing => docs.iter().for_each(|doc| slab.mean(*doc)),
                Adds::Fixed(score) => docs.iter().for_each(|doc| slab.add(*doc, *score)),
                Adds::Weighed {
                    weight,
                    lengths,
                    table,
                } => {
                    let times = self.block.freqs().get(self.at..).unwrap_or_default();
                    for (doc, times) in docs.iter().zip(times) {
                        let times = as_score(*times);
                        let length = table[usize::from(lengths.fieldnorm_id(*doc))];
                        slab.add(*doc, weight * (times / (times + length)));
                    }
                }
            }
            if rest {
                self.at += here;
                return;
            }
            self.block.advance();
            self.at = 0;
        }
    }
}

fn fill_from(scorer: &mut dyn Scorer, start: DocId, slab: &mut Slab) {
    let end = start + Slab::width();
    let mut doc = scorer.doc();
    if doc < start {
        doc = scorer.seek(start);
    }
    while doc < end {
        slab.add(doc, scorer.score());
        doc = scorer.advance();
    }
}

fn scorer(
    source: &Source<'_>,
    segment: &SegmentReader,
    query: &dyn Query,
    weight: Score,
) -> tantivy::Result<Box<dyn Scorer>> {
    let scoring = if source.scored {
        EnableScoring::enabled_from_statistics_provider(source.statistics, source.searcher)
    } else {
        EnableScoring::disabled_from_searcher(source.searcher)
    };
    query.weight(scoring)?.scorer(segment, weight)
}

#[cfg(test)]
mod tests;
