//! The words of a text as search compares them: the half of search that knows Dutch and nothing
//! of indexes, databases or HTTP.
//!
//! [`words`] is for what is indexed, [`query::parse`] for what somebody typed, [`highlight`] for
//! what is shown. All three go through the same analysis, which is why a compound meets its parts
//! and a plural its singular.

mod compound;
mod cut;
mod fold;
pub mod highlight;
pub mod joined;
mod known;
pub mod names;
pub mod near;
#[cfg(test)]
mod properties;
pub mod query;
mod stem;
pub mod synonyms;

use std::borrow::Cow;

use compound::Span;
use cut::{Group, LONGEST, Raw};

/// Changes whenever [`words`] gives something else for some text: the index is then built anew.
///
/// Written by hand; a test fails when it is forgotten.
pub const VERSION: u32 = 3;

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As written, in lower case and without accents; at most 100 characters.
    pub folded: String,
    /// What is compared.
    pub stem: String,
    /// Place in the text, for phrases. A joined form has the position of its first piece.
    pub position: u32,
    /// Where it begins in the text, in bytes.
    pub from: usize,
    /// Where it ends in the text, in bytes.
    pub to: usize,
    /// Whether this is the joined form of hyphenated pieces, which are words of their own too:
    /// onderwijs-zorgarrangement is also onderwijszorgarrangement.
    pub joined: bool,
    /// Every run of compound parts that could be a word, except the whole; empty when it is no
    /// compound. A joined form
    /// has only the runs that go across a hyphen: its pieces have the others.
    pub parts: Vec<Part>,
}

/// One part of a compound, or several that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The stem that it has as a word of its own.
    pub stem: String,
    /// Where it begins in the text, in bytes.
    pub from: usize,
    /// Where it ends in the text, in bytes, without linking letters.
    pub to: usize,
    /// One part, not a run of several.
    pub single: bool,
}

impl Part {
    /// How it is written in a word of a text, in lower case and without accents.
    pub fn folded<'w>(&self, word: &'w Word, text: &str) -> Cow<'w, str> {
        let whole = text.get(word.from..word.to).unwrap_or_default();
        // Most words are written with nothing but letters that stay one letter each.
        if whole.is_ascii()
            && whole.len() == word.folded.len()
            && let Some(within) = self.from.checked_sub(word.from)
            && let Some(part) = word.folded.get(within..self.to - word.from)
        {
            return Cow::Borrowed(part);
        }
        let part = text.get(self.from..self.to).unwrap_or_default();
        Cow::Owned(folded(part).replace(' ', ""))
    }
}

/// The stem of a word that is in lower case and without accents already.
pub fn stem_of(folded: &str) -> String {
    if folded.chars().count() > LONGEST {
        return folded.to_owned();
    }
    known::stem_and_parts(folded, false).0
}

/// The words of a text, in order; a joined form comes before its pieces.
///
/// Costs time in proportion to the length of the text. Words of more than 60 letters are neither
/// split nor stemmed, and of these 100 characters are kept.
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::with_capacity(text.len() / 6);
    let mut position = 0;
    for group in cut::groups(text) {
        add(group, &mut position, &mut words);
    }
    words
}

/// A text for comparing beginnings of names: folded words with one space between.
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for piece in cut::groups(text).flat_map(|group| group.pieces) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(&piece.folded);
    }
    folded
}

fn add(group: Group, position: &mut u32, words: &mut Vec<Word>) {
    if let Some(joined) = group.joined {
        let mut word = analyse(joined, *position).0;
        word.joined = true;
        word.parts.retain(|part| {
            let within = |piece: &Raw| piece.from <= part.from && part.to <= piece.to;
            !group.pieces.iter().any(within)
        });
        words.push(word);
    }
    for piece in group.pieces {
        words.push(analyse(piece, *position).0);
        *position = position.saturating_add(1);
    }
}

/// A word as it was read, with its stem and parts, and the parts once more one by one.
fn analyse(raw: Raw, position: u32) -> (Word, Vec<Span>) {
    let Raw {
        folded,
        places,
        from,
        to,
        letters,
        plural,
    } = raw;
    let (stem, spans) = if letters > LONGEST {
        (folded.clone(), Vec::new())
    } else {
        known::stem_and_parts(&folded, plural)
    };
    let mut parts = Vec::new();
    for first in 0..spans.len() {
        for last in first..spans.len() {
            let whole = first == 0 && last + 1 == spans.len();
            if let Some(run) = spans.get(first..=last)
                && !whole
                && compound::stands_alone(&folded, run)
                && let Some((from, to)) = place(run, &places)
            {
                let stem = compound::run(&folded, run);
                parts.push(Part {
                    stem,
                    from,
                    to,
                    single: first == last,
                });
            }
        }
    }
    (
        Word {
            folded,
            stem,
            position,
            from,
            to,
            joined: false,
            parts,
        },
        spans,
    )
}

/// Where a run of parts stands in the text.
fn place(run: &[Span], places: &[(usize, usize)]) -> Option<(usize, usize)> {
    let from = places.get(run.first()?.from)?.0;
    let to = places.get(run.last()?.to.checked_sub(1)?)?.1;
    Some((from, to))
}

#[cfg(test)]
mod tests {
    use super::{VERSION, compound, folded, stem, words};

    /// What belongs to [`VERSION`]: when the second number is another, both must change.
    const OF_VERSION: (u32, u64) = (3, 18_402_462_306_972_925_769);

    /// Fowler-Noll-Vo: the same everywhere and always, unlike the hasher of the standard library.
    fn hash(text: &str, hash: u64) -> u64 {
        let add = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        text.bytes().fold(hash, add)
    }

    #[test]
    fn another_analysis_has_another_version() {
        let sentences = "Onderwijs-zorgarrangementen van het samenwerkingsverband Noord-Veluwe (V.S.O.), \
            29 september 2021: Renée’s foto's & ideeën over één loket. Kinderen, leden en steden; \
            gezinnen, huizen, brieven, subsidies, categorieën, kansen, plaatsen, sociale wijkteams. \
            Jeugdhulpaanbieders, leerplichtambtenaren, gemeenteraadsleden en schoolmaatschappelijk werk. \
            info@noord-veluwe.example GM0230 00AB 2013–2014 学校 שלום Ёлка groß ĳs";
        let analysis = format!("{:?}", words(sentences));
        let lists = hash(compound::LIST, hash(stem::IRREGULAR, 0xcbf2_9ce4_8422_2325));
        assert_eq!((VERSION, hash(&analysis, lists)), OF_VERSION);
    }

    /// The words between spaces as `folded`, or `folded/stem` when these differ.
    fn shown(text: &str) -> String {
        let shown = words(text).into_iter().map(|word| {
            let sign = if word.joined { "=" } else { "" };
            let stem = Some(word.stem).filter(|stem| *stem != word.folded);
            format!(
                "{sign}{}{}",
                word.folded,
                stem.map_or(String::new(), |stem| format!("/{stem}"))
            )
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_have_their_stems() {
        assert_eq!(
            shown("De Jeugdhulparrangementen, één gezin en gezinnen"),
            "de jeugdhulparrangementen/jeugdhulparrangement een gezin en gezinnen/gezin"
        );
        assert_eq!(shown("auto's regio’s"), "autos/auto regios/regio");
        assert_eq!(shown(""), "");
    }

    #[test]
    fn a_joined_form_comes_before_its_pieces_and_stands_where_they_begin() {
        let text = "een Onderwijs-Zorgarrangement";
        assert_eq!(
            shown(text),
            "een =onderwijszorgarrangement onderwijs zorgarrangement"
        );
        let words = words(text);
        let places: Vec<_> = words
            .iter()
            .map(|word| (word.position, &text[word.from..word.to]))
            .collect();
        assert_eq!(
            places,
            [
                (0, "een"),
                (1, "Onderwijs-Zorgarrangement"),
                (1, "Onderwijs"),
                (2, "Zorgarrangement")
            ]
        );
    }

    #[test]
    fn parts_are_all_runs_but_the_whole() {
        let text = "«Jeugdhülparrangementen»";
        let word = words(text).remove(0);
        let parts: Vec<_> = word
            .parts
            .iter()
            .map(|part| (&*part.stem, &text[part.from..part.to], part.single))
            .collect();
        assert_eq!(
            parts,
            [
                ("jeugd", "Jeugd", true),
                ("jeugdhulp", "Jeugdhülp", false),
                ("hulp", "hülp", true),
                ("hulparrangement", "hülparrangementen", false),
                ("arrangement", "arrangementen", true),
            ]
        );
    }

    #[test]
    fn parts_are_shown_as_they_are_written() {
        for (text, expected) in [
            ("Zorgarrangementen", "zorg arrangementen"),
            ("«Z\u{f3}rgarrangementen»", "zorg arrangementen"),
            ("jeugd-zorgarrangement", "jeugdzorg"),
        ] {
            let word = words(text).remove(0);
            let parts: Vec<_> = word
                .parts
                .iter()
                .map(|part| part.folded(&word, text))
                .collect();
            assert_eq!(parts.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_joined_form_leaves_the_parts_of_its_pieces_to_them() {
        let joined = words("jeugd-zorgarrangement").remove(0);
        let stems: Vec<&str> = joined.parts.iter().map(|part| &*part.stem).collect();
        assert_eq!(stems, ["jeugdzorg"]);
    }

    #[test]
    fn very_long_words_are_kept_but_not_analysed() {
        let text = "schoolzorg".repeat(7);
        let word = words(&text).remove(0);
        assert_eq!((word.stem, word.parts.len(), word.to), (text, 0, 70));
        let text = "é".repeat(5000);
        let word = words(&text).remove(0);
        assert_eq!((word.folded, word.to), ("e".repeat(100), 10_000));
    }

    #[test]
    fn names_are_folded_for_their_beginning() {
        assert_eq!(
            folded(" Jan-Willem  't Hoen (Zoë)"),
            "jan willem t hoen zoe"
        );
        assert_eq!(folded("Jeugd & Gezin"), "jeugd en gezin");
        assert_eq!(folded("?!"), "");
    }
}
