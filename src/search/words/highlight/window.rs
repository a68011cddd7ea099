//! Which stretch of a long text is shown.

use std::collections::HashMap;
use std::mem::size_of;
use std::ops::Range;

use super::super::Word;
use super::{Match, number};

/// A piece of the text that is shown whole or not at all, without the spaces around it.
struct Segment {
    from: usize,
    to: usize,
    /// Characters.
    length: usize,
    /// Characters between the segment before it and this: a space, or nothing.
    space: usize,
}

/// A piece of the text as it is kept.
#[derive(Debug)]
struct Kept {
    from: u32,
    to: u32,
    /// Characters up to its end.
    sum: u32,
    /// Its own.
    length: u32,
}

/// A text in pieces.
#[derive(Debug)]
pub(super) struct Segments {
    all: Vec<Kept>,
    /// The most characters that are shown.
    length: usize,
}

impl Segments {
    /// Of a text with these words, of which at most so many characters are shown.
    pub(super) fn of(text: &str, words: &[Word], length: usize) -> Self {
        let mut sum = 0;
        let keep = |segment: Segment| {
            sum += segment.space + segment.length;
            Kept {
                from: number(segment.from),
                to: number(segment.to),
                sum: number(sum),
                length: number(segment.length),
            }
        };
        let all = cut(text, words, length).into_iter().map(keep).collect();
        Self { all, length }
    }

    /// How much memory they take, in bytes.
    pub(super) fn size_in_memory(&self) -> usize {
        self.all.capacity() * size_of::<Kept>()
    }

    /// The stretch in which the most different matches are, with as much around them as fits.
    pub(super) fn choose(&self, text: &str, matches: &[Match<'_>]) -> Range<usize> {
        let (first, last) = best(self, matches);
        let (first, last) = widen(self, first, last);
        let from = self.all.get(first).map_or(0, |one| one.from as usize);
        let to = self.all.get(last).map_or(text.len(), |one| one.to as usize);
        from..to
    }

    /// Characters from one segment to another, both included.
    fn size(&self, first: usize, last: usize) -> usize {
        let before = |one: &Kept| one.sum - one.length;
        let before = self.all.get(first).map_or(0, before);
        let sum = self.all.get(last).map_or(0, |one| one.sum);
        sum.saturating_sub(before) as usize
    }

    /// Whether what stands from one segment to another can be shown.
    fn fits(&self, first: usize, last: usize) -> bool {
        self.size(first, last) <= self.length
    }
}

/// Cuts at spaces; what is longer than `length` without a space, between words; and a longer word
/// anywhere between characters.
fn cut(text: &str, words: &[Word], length: usize) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut words = words.iter().peekable();
    let mut from = 0;
    for chunk in text.split(' ') {
        let to = from + chunk.len();
        let mut space = usize::from(from > 0);
        let characters = chunk.chars().count();
        if characters <= length {
            segments.push(Segment {
                from,
                to,
                length: characters,
                space,
            });
        } else {
            while words.next_if(|word| word.to <= from).is_some() {}
            let mut bounds = vec![from];
            while let Some(word) = words.next_if(|word| word.to <= to) {
                // A joined form comes before its pieces, which begin before its end. It is not
                // parted either, unless it is too long.
                let size = || {
                    text.get(word.from..word.to)
                        .map_or(0, |text| text.chars().count())
                };
                let whole = !word.joined || size() <= length;
                if whole && bounds.last().is_some_and(|last| word.from >= *last) {
                    bounds.extend([word.from, word.to]);
                }
            }
            bounds.push(to);
            for pair in bounds.windows(2) {
                if let [start, end] = *pair {
                    chop(text, start..end, length, &mut space, &mut segments);
                }
            }
        }
        from = to + 1;
    }
    segments
}

/// Adds a stretch in pieces of at most `length` characters.
fn chop(
    text: &str,
    at: Range<usize>,
    length: usize,
    space: &mut usize,
    segments: &mut Vec<Segment>,
) {
    let mut from = at.start;
    while let Some(rest) = text.get(from..at.end).filter(|rest| !rest.is_empty()) {
        let to = rest
            .char_indices()
            .nth(length)
            .map_or(at.end, |(size, _)| from + size);
        let length = text.get(from..to).map_or(0, |piece| piece.chars().count());
        segments.push(Segment {
            from,
            to,
            length,
            space: std::mem::take(space),
        });
        from = to;
    }
}

/// The first and last segment of the best cluster of matches.
fn best(segments: &Segments, matches: &[Match<'_>]) -> (usize, usize) {
    // The matches by the segment in which they begin.
    let mut hits: Vec<(usize, &str)> = Vec::with_capacity(matches.len());
    for found in matches {
        let at = segments
            .all
            .partition_point(|segment| segment.to as usize <= found.at.start);
        hits.push((at, found.key));
    }
    hits.sort_unstable();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut tail = 0;
    let mut most = (0, 0);
    let mut best = (0, 0);
    for (head, (last, key)) in hits.iter().enumerate() {
        *counts.entry(key).or_default() += 1;
        while let Some((first, key)) = hits.get(tail)
            && !segments.fits(*first, *last)
            && tail < head
        {
            if let Some(count) = counts.get_mut(key) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(key);
                }
            }
            tail += 1;
        }
        // Different matches count first, then how many; of equals the earliest stays.
        let found = (counts.len(), head + 1 - tail);
        if found > most {
            most = found;
            best = (hits.get(tail).map_or(*last, |(first, _)| *first), *last);
        }
    }
    best
}

/// Adds segments on both sides as long as they fit, so that the cluster stands in the middle.
fn widen(segments: &Segments, first: usize, last: usize) -> (usize, usize) {
    let (mut first, mut last) = (first, last);
    let (mut before, mut after) = (0, 0);
    loop {
        let left = first > 0 && segments.fits(first - 1, last);
        let right = last + 1 < segments.all.len() && segments.fits(first, last + 1);
        if left && (before <= after || !right) {
            first -= 1;
            before += segments.all.get(first).map_or(0, |segment| segment.length);
        } else if right {
            last += 1;
            after += segments.all.get(last).map_or(0, |segment| segment.length);
        } else {
            return (first, last);
        }
    }
}
