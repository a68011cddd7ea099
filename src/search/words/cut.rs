//! Cuts a text into words and remembers where each letter of them stood.

use std::iter::Peekable;
use std::str::CharIndices;

use super::fold::{Kind, fold, kind};

/// Longer words are neither split nor stemmed: they are no Dutch.
pub(super) const LONGEST: usize = 60;
/// Of a longer word no more than so many characters are kept.
const KEPT: usize = 100;
/// Words of more pieces than this are not joined: they are file names and addresses.
const PIECES: usize = 6;

/// A word as it was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Raw {
    pub folded: String,
    /// Where in the text the character stood from which each byte of `folded` came.
    pub places: Vec<(usize, usize)>,
    pub from: usize,
    pub to: usize,
    /// How many characters it would have if nothing were cut off.
    pub letters: usize,
    /// An apostrophe stood before the last letter.
    pub plural: bool,
}

impl Raw {
    fn push(&mut self, at: usize, c: char) {
        let end = at + c.len_utf8();
        if self.letters == 0 {
            self.from = at;
        }
        self.to = end;
        self.plural = false;
        let length = self.folded.len();
        if self.letters < KEPT {
            fold(c, &mut self.folded);
        }
        // A word can only grow past the limit by a letter that folds to several.
        if let Some((cut, _)) = self.folded.char_indices().nth(KEPT) {
            self.folded.truncate(cut);
        }
        self.places.resize(self.folded.len(), (at, end));
        let grown = self
            .folded
            .get(length..)
            .map_or(1, |new| new.chars().count());
        self.letters += grown.max(1);
    }

    /// Takes a mark that is not seen into the word.
    fn mark(&mut self, end: usize) {
        self.to = end;
        if let Some(place) = self.places.last_mut() {
            place.1 = end;
        }
    }

    /// Several words written as one.
    fn join(pieces: &[Self]) -> Self {
        let mut joined = Self::default();
        for piece in pieces {
            joined.folded.push_str(&piece.folded);
            joined.places.extend_from_slice(&piece.places);
            joined.letters += piece.letters;
        }
        joined.from = pieces.first().map_or(0, |first| first.from);
        joined.to = pieces.last().map_or(0, |last| last.to);
        joined.plural = pieces.last().is_some_and(|last| last.plural);
        if let Some((cut, _)) = joined.folded.char_indices().nth(KEPT) {
            joined.folded.truncate(cut);
            joined.places.truncate(cut);
        }
        joined
    }
}

/// One word, or several that hyphens tie together.
#[derive(Debug)]
pub(super) struct Group {
    /// Never empty.
    pub pieces: Vec<Raw>,
    /// The pieces as one word, when there are several (but not too many).
    pub joined: Option<Raw>,
}

impl Group {
    fn of(pieces: Vec<Raw>) -> Self {
        let joined = (2..=PIECES)
            .contains(&pieces.len())
            .then(|| Raw::join(&pieces));
        Self { pieces, joined }
    }
}

/// The words of a text, one group after the other.
pub(super) struct Groups<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
}

pub(super) fn groups(text: &str) -> Groups<'_> {
    Groups {
        text,
        rest: text.char_indices().peekable(),
    }
}

impl Groups<'_> {
    /// What comes at `at`, past all that is not seen.
    fn kinds_from(&self, at: usize) -> impl Iterator<Item = Kind> {
        // Bounded, so that a long run of unseen marks is not read again and again.
        let rest = self.text.get(at..).unwrap_or_default().chars().take(8);
        rest.map(kind).filter(|kind| *kind != Kind::Nothing)
    }

    fn letter_follows(&self, at: usize) -> bool {
        self.kinds_from(at).next() == Some(Kind::Letter)
    }

    /// Whether one letter follows and then something else.
    fn lone_letter_follows(&self, at: usize) -> bool {
        let mut kinds = self.kinds_from(at);
        kinds.next() == Some(Kind::Letter) && kinds.next() != Some(Kind::Letter)
    }

    /// The letter that comes next, past all that is not seen.
    fn skip_unseen(&mut self) -> Option<(usize, char)> {
        while let Some((_, c)) = self.rest.peek()
            && kind(*c) == Kind::Nothing
        {
            self.rest.next();
        }
        self.rest.peek().copied()
    }

    /// A word of its own, of one character.
    fn alone(at: usize, c: char, folded: &str) -> Group {
        let place = (at, at + c.len_utf8());
        Group::of(vec![Raw {
            places: vec![place; folded.len()],
            folded: folded.to_owned(),
            from: place.0,
            to: place.1,
            letters: 1,
            plural: false,
        }])
    }
}

impl Iterator for Groups<'_> {
    type Item = Group;

    fn next(&mut self) -> Option<Group> {
        let mut done: Vec<Raw> = Vec::new();
        let mut word = Raw::default();
        let mut by_dots = false;
        while let Some((at, c)) = self.rest.peek().copied() {
            let end = at + c.len_utf8();
            let reading = word.letters > 0;
            match kind(c) {
                Kind::Letter => word.push(at, c),
                Kind::Nothing if reading => word.mark(end),
                Kind::Apostrophe if reading && self.letter_follows(end) => {
                    self.rest.next();
                    if let Some((at, c)) = self.skip_unseen() {
                        word.push(at, c);
                        word.plural = true;
                    }
                }
                Kind::Hyphen if reading && !by_dots && self.letter_follows(end) => {
                    done.push(std::mem::take(&mut word));
                }
                Kind::Dot
                    if word.letters == 1
                        && (by_dots || done.is_empty())
                        && self.lone_letter_follows(end) =>
                {
                    by_dots = true;
                    done.push(std::mem::take(&mut word));
                }
                _ if reading => {
                    done.push(word);
                    return Some(Group::of(done));
                }
                Kind::Ideograph => {
                    self.rest.next();
                    return Some(Self::alone(at, c, c.encode_utf8(&mut [0; 4])));
                }
                Kind::And => {
                    self.rest.next();
                    return Some(Self::alone(at, c, "en"));
                }
                _ => {}
            }
            self.rest.next();
        }
        if word.letters > 0 {
            done.push(word);
        }
        (!done.is_empty()).then(|| Group::of(done))
    }
}

#[cfg(test)]
mod tests {
    use super::groups;

    /// Pieces with a space between, what is joined behind a `=`, groups with a bar between.
    fn cut(text: &str) -> String {
        let groups = groups(text).map(|group| {
            let pieces: Vec<&str> = group.pieces.iter().map(|piece| &*piece.folded).collect();
            let joined = group.joined.map(|joined| format!("={}", joined.folded));
            pieces.join(" ") + &joined.unwrap_or_default()
        });
        groups.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn hyphens_tie_words_together() {
        assert_eq!(cut("Jan-Willem"), "jan willem=janwillem");
        assert_eq!(cut("onderwijs - zorg"), "onderwijs|zorg");
        assert_eq!(cut("voor- en na"), "voor|en|na");
        assert_eq!(cut("2013\u{2013}2014"), "2013 2014=20132014");
        assert_eq!(cut("-a--b-"), "a|b");
        assert_eq!(cut("a-b-c-d-e-f"), "a b c d e f=abcdef");
        assert_eq!(cut("a-b-c-d-e-f-g"), "a b c d e f g");
    }

    #[test]
    fn apostrophes_between_letters_go() {
        assert_eq!(cut("auto's ’t Hoen zo'n"), "autos|t|hoen|zon");
        assert_eq!(cut("'samen aan de slag!'"), "samen|aan|de|slag");
    }

    #[test]
    fn dots_tie_single_letters_together() {
        assert_eq!(cut("v.s.o. en J.W. Bos"), "v s o=vso|en|j w=jw|bos");
        assert_eq!(cut("einde.Begin a.bc"), "einde|begin|a|bc");
    }

    #[test]
    fn addresses_and_codes_are_words() {
        assert_eq!(
            cut("info@noord-veluwe.example"),
            "info|noord veluwe=noordveluwe|example"
        );
        assert_eq!(cut("GM0230, 00AB"), "gm0230|00ab");
        assert_eq!(cut("onderwijs_zorg/jeugd"), "onderwijs|zorg|jeugd");
    }

    #[test]
    fn an_ampersand_reads_as_en() {
        assert_eq!(cut("Jeugd & Gezin, R&D"), "jeugd|en|gezin|r|en|d");
    }

    #[test]
    fn what_is_not_seen_does_not_part_a_word() {
        assert_eq!(
            cut("samen\u{ad}werking e\u{301}e\u{301}n \u{301}"),
            "samenwerking|een"
        );
        assert_eq!(cut("a\u{200b}'\u{200b}s a-\u{ad}b"), "as|a b=ab");
    }

    #[test]
    fn scripts_without_spaces_give_a_word_per_character() {
        assert_eq!(cut("ab学校c 🙂 שלום"), "ab|学|校|c|שלום");
    }

    #[test]
    fn places_are_those_of_the_characters() {
        let text = "«Zoe\u{308}-groß»";
        let joined = groups(text)
            .find_map(|group| group.joined)
            .unwrap_or_default();
        let shown: Vec<&str> = joined
            .places
            .iter()
            .map(|(from, to)| &text[*from..*to])
            .collect();
        assert_eq!(shown, ["Z", "o", "e\u{308}", "g", "r", "o", "ß", "ß"]);
        assert_eq!(&text[joined.from..joined.to], "Zoe\u{308}-groß");
    }

    #[test]
    fn a_long_word_is_kept_in_part_but_stands_for_all_of_it() {
        let text = "ß".repeat(500);
        let word = groups(&text).next().map(|mut group| group.pieces.remove(0));
        let word = word.unwrap_or_default();
        assert_eq!(
            (word.folded.len(), word.places.len(), word.to),
            (100, 100, 1000)
        );
    }
}
