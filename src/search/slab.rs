//! A stretch of documents: which of them are meant, and the score of each.

use tantivy::{DocId, Score};

/// How many documents a stretch has: the scores of so many stay in the nearest memory.
pub(super) const WIDTH: usize = 4_096;

/// How many documents a number tells of.
const BITS: usize = 64;

/// A stretch. The score of a document that is not meant is nothing.
#[derive(Clone, Debug)]
pub(super) struct Slab {
    meant: [u64; WIDTH / BITS],
    scores: [Score; WIDTH],
}

impl Slab {
    /// A stretch without any document.
    pub(super) fn new() -> Box<Self> {
        Box::new(Self {
            meant: [0; WIDTH / BITS],
            scores: [0.0; WIDTH],
        })
    }

    /// The first document of the stretch that a document is in.
    pub(super) fn start(doc: DocId) -> DocId {
        doc - doc % Self::width()
    }

    /// How far the next stretch is.
    #[expect(clippy::cast_possible_truncation, reason = "it is a few thousand")]
    pub(super) fn width() -> DocId {
        WIDTH as DocId
    }

    pub(super) fn is_empty(&self) -> bool {
        self.meant.iter().all(|meant| *meant == 0)
    }

    /// Means a document and adds to its score. Documents of other stretches are taken for that at the
    /// same place of this one.
    #[inline]
    pub(super) fn add(&mut self, doc: DocId, score: Score) {
        let at = doc as usize % WIDTH;
        self.meant[at / BITS] |= 1 << (at % BITS);
        self.scores[at] += score;
    }

    /// Means a document, without a score.
    #[inline]
    pub(super) fn mean(&mut self, doc: DocId) {
        let at = doc as usize % WIDTH;
        self.meant[at / BITS] |= 1 << (at % BITS);
    }

    /// Shows the documents that are meant, by their numbers in the index, with their scores.
    #[inline]
    pub(super) fn each(&self, start: DocId, mut visit: impl FnMut(DocId, Score)) {
        let mut first = start;
        for (meant, scores) in self.meant.iter().zip(self.scores.chunks_exact(BITS)) {
            each_bit(*meant, |bit| {
                if let Some(score) = scores.get(bit as usize) {
                    visit(first + bit, *score);
                }
            });
            first += u64::BITS;
        }
    }

    /// Takes in what another one has, which is empty then.
    pub(super) fn unite(&mut self, other: &mut Self) {
        for (nth, meant) in other.meant.iter_mut().enumerate() {
            if *meant == 0 {
                continue;
            }
            self.meant[nth] |= *meant;
            *meant = 0;
            let own = &mut self.scores[nth * BITS..(nth + 1) * BITS];
            let theirs = &mut other.scores[nth * BITS..(nth + 1) * BITS];
            for (own, theirs) in own.iter_mut().zip(theirs) {
                *own += std::mem::take(theirs);
            }
        }
    }

    /// Keeps what another one has too, which is empty then; both scores count.
    pub(super) fn intersect(&mut self, other: &mut Self) {
        self.combine(other, |own, theirs| (own & theirs, theirs));
    }

    /// Adds the scores that another one has for the same documents; it is empty then.
    pub(super) fn enrich(&mut self, other: &mut Self) {
        self.combine(other, |own, theirs| (own, theirs));
    }

    /// Takes out what another one has, which is empty then.
    pub(super) fn subtract(&mut self, other: &mut Self) {
        self.combine(other, |own, theirs| (own & !theirs, 0));
    }

    /// `kept` says of the documents of both which are kept, and of which of them the other's scores
    /// count.
    fn combine(&mut self, other: &mut Self, kept: impl Fn(u64, u64) -> (u64, u64)) {
        let bits = self.meant.iter_mut().zip(&mut other.meant);
        let scores = self.scores.chunks_exact_mut(BITS);
        let scores = scores.zip(other.scores.chunks_exact_mut(BITS));
        for ((own, theirs), (own_scores, their_scores)) in bits.zip(scores) {
            if (*own | *theirs) == 0 {
                continue;
            }
            let (keep, adding) = kept(*own, *theirs);
            each_bit(keep & adding, |bit| {
                let at = bit as usize;
                if let (Some(own), Some(more)) = (own_scores.get_mut(at), their_scores.get(at)) {
                    *own += more;
                }
            });
            each_bit(*own & !keep, |bit| {
                if let Some(score) = own_scores.get_mut(bit as usize) {
                    *score = 0.0;
                }
            });
            if *theirs != 0 {
                their_scores.fill(0.0);
            }
            (*own, *theirs) = (keep, 0);
        }
    }

    /// Shows the score of every document that is meant.
    pub(super) fn each_score(&mut self, change: impl Fn(&mut Score)) {
        for (meant, scores) in self.meant.iter().zip(self.scores.chunks_exact_mut(BITS)) {
            each_bit(*meant, |bit| {
                if let Some(own) = scores.get_mut(bit as usize) {
                    change(own);
                }
            });
        }
    }

    /// Means nothing any more.
    pub(super) fn clear(&mut self) {
        for (meant, scores) in self
            .meant
            .iter_mut()
            .zip(self.scores.chunks_exact_mut(BITS))
        {
            if *meant != 0 {
                *meant = 0;
                scores.fill(0.0);
            }
        }
    }
}

/// The numbers of the bits that are set.
#[inline]
fn each_bit(mut bits: u64, mut visit: impl FnMut(u32)) {
    while bits != 0 {
        visit(bits.trailing_zeros());
        bits &= bits - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::Slab;
    use tantivy::{DocId, Score};

    fn slab(documents: &[(DocId, Score)]) -> Box<Slab> {
        let mut slab = Slab::new();
        for (doc, score) in documents {
            slab.add(*doc, *score);
        }
        slab
    }

    fn shown(slab: &Slab) -> Vec<(DocId, Score)> {
        let mut shown = Vec::new();
        slab.each(0, |doc, score| shown.push((doc, score)));
        shown
    }

    fn is_clean(slab: &Slab) -> bool {
        slab.is_empty() && slab.scores.iter().all(|score| score.to_bits() == 0)
    }

    #[test]
    fn stretches_are_put_together_in_each_way() {
        let one = slab(&[(1, 1.0), (64, 2.0), (65, 4.0), (4_095, 8.0)]);
        let other = slab(&[(2, 16.0), (64, 32.0), (4_095, 64.0)]);
        let together = |combine: fn(&mut Slab, &mut Slab)| {
            let (mut one, mut other) = (one.clone(), other.clone());
            combine(&mut one, &mut other);
            assert!(is_clean(&other));
            let shown = shown(&one);
            one.clear();
            assert!(is_clean(&one));
            shown
        };
        assert_eq!(
            together(Slab::unite),
            [(1, 1.0), (2, 16.0), (64, 34.0), (65, 4.0), (4_095, 72.0)]
        );
        assert_eq!(together(Slab::intersect), [(64, 34.0), (4_095, 72.0)]);
        assert_eq!(
            together(Slab::enrich),
            [(1, 1.0), (64, 34.0), (65, 4.0), (4_095, 72.0)]
        );
        assert_eq!(together(Slab::subtract), [(1, 1.0), (65, 4.0)]);
    }

    #[test]
    fn documents_are_told_by_their_numbers_in_the_index() {
        let start = Slab::start(10_000);
        assert_eq!(start, 8_192);
        let mut slab = Slab::new();
        slab.mean(8_200);
        slab.add(10_000, 3.0);
        slab.add(10_000, 0.5);
        let mut shown = Vec::new();
        slab.each(start, |doc, score| shown.push((doc, score)));
        assert_eq!(shown, [(8_200, 0.0), (10_000, 3.5)]);
        slab.each_score(|score| *score = 7.0);
        shown.clear();
        slab.each(start, |doc, score| shown.push((doc, score)));
        assert_eq!(shown, [(8_200, 7.0), (10_000, 7.0)]);
    }
}
