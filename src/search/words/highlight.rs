//! Shows where a text answers a query.
//!
//! The text comes from the database and goes through the same analysis as when it was indexed, so
//! every mark is exact. (tantivy's own snippets are not used: they panic on words that overlap and
//! cut inside characters.)
//!
//! To analyse a text costs far more than to mark what was found in it, so that is done once:
//! [`Texts`] can be kept, and knows for each stem where it stands.

#[cfg(test)]
mod tests;
mod window;

use std::collections::BTreeSet;
use std::mem::size_of;
use std::ops::Range;

use self::window::Segments;
use super::words;

/// Which words a query asked for, and how each may match.
#[derive(Clone, Debug, Default)]
pub struct Sought {
    whole: BTreeSet<String>,
    part: BTreeSet<String>,
    phrases: BTreeSet<(Vec<String>, u32)>,
}

impl Sought {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A stem that a whole word may have.
    pub fn whole(&mut self, stem: &str) {
        self.whole.insert(stem.to_owned());
    }

    /// A stem that a part of a compound may have, or several parts that follow each other.
    pub fn part(&mut self, stem: &str) {
        self.part.insert(stem.to_owned());
    }

    /// Stems that whole words may have that follow each other, with so many other words at most
    /// between two of them.
    pub fn phrase(&mut self, stems: Vec<String>, between: u32) {
        self.phrases.insert((stems, between));
    }
}

/// A stretch of the text that matched.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Match<'k> {
    at: Range<usize>,
    /// What matched, to count how many different things are in sight.
    key: &'k str,
}

/// Some texts, analysed: where each stem stands in them.
#[derive(Debug, Default)]
pub struct Texts {
    analysed: Vec<Analysed>,
    /// All stems, one behind the other, in order.
    letters: String,
    /// For each stem where it ends in `letters`, and where the last of its places is in `places`.
    ends: Vec<(u32, u32)>,
    places: Vec<Place>,
}

#[derive(Debug)]
struct Analysed {
    /// With one space instead of each run of white space.
    text: String,
    /// Whether nothing in it means something in HTML, as is mostly so.
    plain: bool,
    /// What may be cut off; nothing where all of it is shown.
    segments: Option<Segments>,
}

/// A word of a text, or a part of one. They sort by where they stand: a word before its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    text: u32,
    word: u32,
    /// Where the word stands among those of the text; a joined form stands where its first piece does.
    position: u32,
    part: bool,
    from: u32,
    to: u32,
}

/// What was found in one of the texts.
#[derive(Debug)]
pub struct FoundIn<'t> {
    /// Which of them.
    pub nth: usize,
    text: &'t Analysed,
    matches: Vec<Match<'t>>,
}

impl Texts {
    /// Analyses texts, each with the most characters of it that are shown (0: all of it).
    pub fn new<'a>(texts: impl IntoIterator<Item = (&'a str, usize)>) -> Self {
        let mut all = Self::default();
        let mut stems: Vec<(String, Place)> = Vec::new();
        for (text, length) in texts {
            let nth = number(all.analysed.len());
            let text = collapse(text);
            let words = words(&text);
            let longer = length > 0 && text.chars().nth(length).is_some();
            let segments = longer.then(|| Segments::of(&text, &words, length));
            for (at, word) in words.into_iter().enumerate() {
                let place = |part, from, to| Place {
                    text: nth,
                    word: number(at),
                    position: word.position,
                    part,
                    from: number(from),
                    to: number(to),
                };
                let parts = word.parts.into_iter();
                stems.extend(parts.map(|part| (part.stem, place(true, part.from, part.to))));
                stems.push((word.stem, place(false, word.from, word.to)));
            }
            all.analysed.push(Analysed {
                plain: !text.contains(SPECIAL),
                text,
                segments,
            });
        }
        stems.sort_unstable();
        for same in stems.chunk_by(|a, b| a.0 == b.0) {
            all.places.extend(same.iter().map(|(_, place)| *place));
            all.letters.push_str(&same[0].0);
            let ends = (number(all.letters.len()), number(all.places.len()));
            all.ends.push(ends);
        }
        all.letters.shrink_to_fit();
        all.ends.shrink_to_fit();
        all.places.shrink_to_fit();
        all
    }

    /// How much memory they take, in bytes.
    pub fn size(&self) -> usize {
        let of_text = |one: &Analysed| {
            let segments = one.segments.as_ref().map_or(0, Segments::size_in_memory);
            size_of::<Analysed>() + one.text.capacity() + segments
        };
        self.analysed.iter().map(of_text).sum::<usize>()
            + self.letters.capacity()
            + self.ends.capacity() * size_of::<(u32, u32)>()
            + self.places.capacity() * size_of::<Place>()
    }

    /// What was found in each text in which anything was, in order.
    pub fn find<'t>(&'t self, sought: &Sought) -> Vec<FoundIn<'t>> {
        let mut found: Vec<(Place, &str)> = Vec::new();
        for (stems, part) in [(&sought.whole, false), (&sought.part, true)] {
            for stem in stems {
                if let Some((stem, places)) = self.places(stem) {
                    let places = places.iter().filter(|place| place.part == part);
                    found.extend(places.map(|place| (*place, stem)));
                }
            }
        }
        for (stems, between) in &sought.phrases {
            self.find_phrase(stems, *between, &mut found);
        }
        found.sort_unstable();
        found.dedup();
        let texts = found.chunk_by(|(a, _), (b, _)| a.text == b.text);
        texts
            .filter_map(|found| {
                let nth = found[0].0.text as usize;
                let text = self.analysed.get(nth)?;
                let matches = matches(found);
                Some(FoundIn { nth, text, matches })
            })
            .collect()
    }

    /// Adds the words of a phrase, wherever all of them stand.
    fn find_phrase<'t>(
        &'t self,
        stems: &[String],
        between: u32,
        found: &mut Vec<(Place, &'t str)>,
    ) {
        let known: Option<Vec<_>> = stems.iter().map(|stem| self.places(stem)).collect();
        let Some(((first, starts), others)) = known.as_deref().and_then(<[_]>::split_first) else {
            return;
        };
        for start in starts.iter().filter(|place| !place.part) {
            let (mut run, mut last) = (vec![(*start, *first)], start);
            for (stem, places) in others {
                let before =
                    |place: &Place| (place.text, place.position) <= (last.text, last.position);
                let behind = places
                    .get(places.partition_point(before)..)
                    .unwrap_or_default();
                let near = behind.iter().take_while(|place| {
                    place.text == last.text && place.position - last.position <= between + 1
                });
                let Some(next) = near.into_iter().find(|place| !place.part) else {
                    break;
                };
                run.push((*next, *stem));
                last = next;
            }
            if run.len() == stems.len() {
                found.extend(run);
            }
        }
    }

    /// The first place at which a word with a stem stands, as it is written, in one of the texts that
    /// are wanted.
    pub fn spelling(&self, stem: &str, wanted: impl Fn(usize) -> bool) -> Option<&str> {
        let (_, places) = self.places(stem)?;
        let mut places = places.iter().filter(|place| !place.part);
        let place = places.find(|place| wanted(place.text as usize))?;
        let text = &self.analysed.get(place.text as usize)?.text;
        text.get(place.from as usize..place.to as usize)
    }

    /// A stem as it stands here, and its places.
    fn places(&self, stem: &str) -> Option<(&str, &[Place])> {
        let before = |nth: usize| nth.checked_sub(1).and_then(|nth| self.ends.get(nth));
        let text = |nth: usize| {
            let from = before(nth).map_or(0, |(end, _)| *end as usize);
            let to = self.ends.get(nth)?.0 as usize;
            self.letters.get(from..to)
        };
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if text(middle)? < stem {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let found = text(low).filter(|found| *found == stem)?;
        let from = before(low).map_or(0, |(_, end)| *end as usize);
        let to = self.ends.get(low)?.1 as usize;
        Some((found, self.places.get(from..to)?))
    }
}

impl FoundIn<'_> {
    /// The text with what matched between `<mark>` and `</mark>`.
    ///
    /// White space becomes one space, and `& < > " '` are escaped for HTML. Matches that touch or
    /// overlap are one mark. Of a compound only the part that matched is marked
    /// (`Jeugd<mark>hulp</mark>arrangementen`). Of a text that is longer than what is shown it is the
    /// stretch that holds the most different matches, from the beginning of a word to the end of one,
    /// with `…` where text was left out. Only a word that is longer than that is cut.
    pub fn html(&self) -> String {
        let Analysed {
            text,
            plain,
            segments,
        } = self.text;
        let shown = match segments {
            None => 0..text.len(),
            Some(segments) => segments.choose(text, &self.matches),
        };
        let put = if *plain { push } else { escape };
        render(text, &merge(&self.matches), shown, put)
    }
}

/// A place in a text as it is kept. Texts are far shorter than four gigabytes.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// One space instead of each run of white space, none around.
fn collapse(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for chunk in text.split_whitespace() {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(chunk);
    }
    collapsed.shrink_to_fit();
    collapsed
}

/// What was found in one text, in order.
fn matches<'k>(found: &[(Place, &'k str)]) -> Vec<Match<'k>> {
    let mut matches = Vec::with_capacity(found.len());
    // The word and the end of the part before.
    let mut before = None;
    for (place, key) in found {
        let (mut from, to) = (place.from as usize, place.to as usize);
        if place.part {
            // Linking letters between two parts that both matched are marked with them.
            if let Some((word, end)) = before
                && word == place.word
                && end < from
                && from - end <= 2
            {
                from = end;
            }
            before = Some((place.word, to));
        }
        matches.push(Match { at: from..to, key });
    }
    matches
}

/// One range instead of those that touch or overlap.
fn merge(matches: &[Match<'_>]) -> Vec<Range<usize>> {
    let mut stretches: Vec<&Range<usize>> = matches.iter().map(|found| &found.at).collect();
    stretches.sort_by_key(|at| at.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(matches.len());
    for at in stretches {
        match merged.last_mut() {
            Some(last) if at.start <= last.end => last.end = last.end.max(at.end),
            _ => merged.push(at.clone()),
        }
    }
    merged
}

/// Puts a text into HTML, part by part.
fn render(
    text: &str,
    marks: &[Range<usize>],
    shown: Range<usize>,
    put: fn(&str, &mut String),
) -> String {
    let mut html = String::with_capacity(shown.len() + 32);
    if shown.start > 0 {
        html.push('…');
    }
    let mut at = shown.start;
    for mark in marks {
        let (from, to) = (mark.start.max(shown.start), mark.end.min(shown.end));
        if from < to {
            put(text.get(at..from).unwrap_or_default(), &mut html);
            html.push_str("<mark>");
            put(text.get(from..to).unwrap_or_default(), &mut html);
            html.push_str("</mark>");
            at = to;
        }
    }
    put(text.get(at..shown.end).unwrap_or_default(), &mut html);
    if shown.end < text.len() {
        html.push('…');
    }
    html
}

/// What has a meaning in HTML.
const SPECIAL: [char; 5] = ['&', '<', '>', '"', '\''];

fn push(text: &str, html: &mut String) {
    html.push_str(text);
}

fn escape(mut text: &str, html: &mut String) {
    while let Some(at) = text.find(SPECIAL) {
        let (plain, rest) = text.split_at(at);
        html.push_str(plain);
        html.push_str(match rest.as_bytes().first() {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            Some(b'"') => "&quot;",
            _ => "&#39;",
        });
        text = rest.get(1..).unwrap_or_default();
    }
    html.push_str(text);
}

/// The same for one text.
#[cfg(test)]
pub(super) fn highlight(text: &str, sought: &Sought, length: usize) -> Option<String> {
    let texts = Texts::new([(text, length)]);
    texts.find(sought).first().map(FoundIn::html)
}
