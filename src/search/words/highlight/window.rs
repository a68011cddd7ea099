//! Which stretch of a long text is shown.

use std::collections::HashMap;
use std::ops::Range;

use super::super::Word;
use super::Match;

/// A piece of the text that is shown whole or not at all, without the spaces around it.
struct Segment {
    from: usize,
    to: usize,
    /// Characters.
    length: usize,
    /// Characters between the segment before it and this: a space, or nothing.
    space: usize,
}

/// A text in segments, with how many characters there are up to each.
struct Segments {
    all: Vec<Segment>,
    sums: Vec<usize>,
}

impl Segments {
    fn new(all: Vec<Segment>) -> Self {
        let mut sums = Vec::with_capacity(all.len() + 1);
        let mut sum = 0;
        sums.push(sum);
        for segment in &all {
            sum += segment.space + segment.length;
            sums.push(sum);
        }
        Self { all, sums }
    }

    /// Characters from one segment to another, both included.
    fn size(&self, first: usize, last: usize) -> usize {
        let sum = |at: usize| self.sums.get(at).copied().unwrap_or_default();
        let space = self.all.get(first).map_or(0, |segment| segment.space);
        sum(last + 1).saturating_sub(sum(first) + space)
    }
}

/// The stretch of at most `length` characters in which the most different matches are, with as
/// much around them as fits.
pub(super) fn choose(text: &str, words: &[Word], matches: &[Match], length: usize) -> Range<usize> {
    let segments = Segments::new(cut(text, words, length));
    let (first, last) = best(&segments, matches, length);
    let (first, last) = widen(&segments, first, last, length);
    let from = segments.all.get(first).map_or(0, |segment| segment.from);
    let to = segments
        .all
        .get(last)
        .map_or(text.len(), |segment| segment.to);
    from..to
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
fn best(segments: &Segments, matches: &[Match], length: usize) -> (usize, usize) {
    // The matches by the segment in which they begin.
    let mut hits: Vec<(usize, &str)> = Vec::with_capacity(matches.len());
    for found in matches {
        let at = segments
            .all
            .partition_point(|segment| segment.to <= found.at.start);
        hits.push((at, found.key.as_str()));
    }
    hits.sort_unstable();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut tail = 0;
    let mut most = (0, 0);
    let mut best = (0, 0);
    for (head, (last, key)) in hits.iter().enumerate() {
        *counts.entry(key).or_default() += 1;
        while let Some((first, key)) = hits.get(tail)
            && segments.size(*first, *last) > length
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
fn widen(segments: &Segments, first: usize, last: usize, length: usize) -> (usize, usize) {
    let (mut first, mut last) = (first, last);
    let (mut before, mut after) = (0, 0);
    loop {
        let left = first > 0 && segments.size(first - 1, last) <= length;
        let right = last + 1 < segments.all.len() && segments.size(first, last + 1) <= length;
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
