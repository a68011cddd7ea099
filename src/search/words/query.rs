//! Reads what somebody typed into the search box.
//!
//! Words, `"a phrase"` and `-not`. There is no wrong query: what cannot be read so is taken
//! literally. Every clause is wanted; it is for the caller to ask for less when nothing is found.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::analyse;
use super::cut::{self, Group, Raw};
use super::fold::{Kind, kind};
use super::joined::{Joined, joined, typed_word};
use super::names::Name;
use super::stem::lines;

/// Words that are left out of a query unless nothing else remains.
pub(super) const STOP_WORDS: &str = include_str!("stop-words.txt");

static STOP: LazyLock<HashSet<&str>> = LazyLock::new(|| lines(STOP_WORDS).collect());

/// More clauses that are wanted, or denied, and more words in a phrase, are not read: a query costs
/// time for each of them.
pub const MOST: usize = 32;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// All wanted, in order; empty when there is nothing to look for. May hold nothing but clauses
    /// with `not`.
    pub clauses: Vec<Clause>,
    /// Words that were typed apart, as they would be as one word.
    pub joined: Vec<Joined>,
    /// Words that were typed one after the other, with those among them that say nothing: `van der
    /// Berg`. Only runs that have such a word.
    pub runs: Vec<Vec<Wanted>>,
    /// All that is wanted as one name.
    pub name: Name,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Whether what it says must be absent.
    pub not: bool,
    /// What it asks for.
    pub what: What,
}

/// What one condition asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A word, anywhere.
    Word(Wanted),
    /// Two words or more, in this order, next to each other. None of them has `pieces`: those of a
    /// hyphenated word stand in the phrase one by one, as they do in the positions of a text.
    Phrase(Vec<Wanted>),
}

/// A word that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// As typed, in lower case and without accents; joined when it was hyphenated.
    pub folded: String,
    /// What is compared.
    pub stem: String,
    /// The stems of its compound parts, all of which will do in place of the whole. Empty when it
    /// is no compound.
    pub parts: Vec<String>,
    /// The pieces of a hyphenated word, each as a word of its own: together they will do in place
    /// of the joined form. Empty otherwise.
    pub pieces: Vec<Wanted>,
}

impl Wanted {
    /// A word, or the first of some.
    pub fn of(text: &str) -> Option<Self> {
        let piece = cut::groups(text).flat_map(|group| group.pieces).next();
        piece.map(Self::word)
    }

    fn word(raw: Raw) -> Self {
        let (word, spans) = analyse(raw, 0);
        Self {
            folded: word.folded,
            stem: word.stem,
            parts: spans.into_iter().map(|span| span.stem).collect(),
            pieces: Vec::new(),
        }
    }

    /// Whether it says nothing about what somebody looks for.
    pub fn is_stop_word(&self) -> bool {
        self.pieces.is_empty() && is_stop_word(&self.folded)
    }
}

/// Whether a folded word says nothing about what somebody looks for.
pub fn is_stop_word(folded: &str) -> bool {
    STOP.contains(folded)
}

/// Reads a query. Never fails.
pub fn parse(text: &str) -> Query {
    let mut clauses = Vec::new();
    let mut name = String::new();
    let mut rest = text.trim_start();
    // Clauses are dropped after this (stop words, doubles), so more are read than are kept.
    while !rest.is_empty() && clauses.len() < 16 * MOST {
        let (not, what) = negation(rest);
        if let Some((inside, behind)) = quoted(what) {
            name.push_str(if not { "" } else { inside });
            let pieces = cut::groups(inside).flat_map(|group| group.pieces);
            clauses.extend(phrase(pieces).map(|what| Clause { not, what }));
            rest = behind.trim_start();
        } else {
            let end = what.find(char::is_whitespace).unwrap_or(what.len());
            let (chunk, behind) = what.split_at(end);
            name.push_str(if not { "" } else { chunk });
            clauses.extend(
                read_chunk(chunk)
                    .into_iter()
                    .map(|what| Clause { not, what }),
            );
            rest = behind.trim_start();
        }
        name.push(' ');
    }
    let typed: Vec<Option<String>> = clauses.iter().map(typed_word).collect();
    let mut clauses: Vec<(usize, Clause)> = clauses.into_iter().enumerate().collect();
    drop_stop_words(&mut clauses);
    drop_doubles(&mut clauses);
    // What must be absent is never left out for what is wanted.
    let (mut wanted, mut denied) = (MOST, MOST);
    clauses.retain(|(_, clause)| {
        let left = if clause.not { &mut denied } else { &mut wanted };
        let is_kept = *left > 0;
        *left = left.saturating_sub(1);
        is_kept
    });
    let (places, clauses): (Vec<usize>, Vec<Clause>) = clauses.into_iter().unzip();
    Query {
        joined: joined(&typed, &places),
        runs: runs(&typed),
        clauses,
        name: Name::of(&name),
    }
}

/// More words are no run, and more runs are not read: no name has as many.
pub const RUN: usize = 8;

/// See [`Query::runs`].
fn runs(typed: &[Option<String>]) -> Vec<Vec<Wanted>> {
    let runs = typed.split(Option::is_none);
    let runs = runs.filter(|run| (2..=RUN).contains(&run.len()));
    let read = |run: &[Option<String>]| -> Option<Vec<Wanted>> {
        let words = run.iter().flatten().map(|word| Wanted::of(word));
        let words: Vec<Wanted> = words.collect::<Option<_>>()?;
        words.iter().any(Wanted::is_stop_word).then_some(words)
    };
    runs.filter_map(read).take(RUN).collect()
}

/// Whether a `-` that denies begins the text, and what comes behind it.
fn negation(text: &str) -> (bool, &str) {
    let denied = text.strip_prefix('-').filter(|rest| {
        let next = rest.chars().next();
        next.is_some_and(|c| matches!(kind(c), Kind::Letter | Kind::Ideograph) || is_quote(c))
    });
    denied.map_or((false, text), |rest| (true, rest))
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '＂')
}

/// What stands between quotes at the beginning of the text, and what comes behind them. Any quote
/// closes any other, as keyboards and word processors mix them; an unclosed one is no quote.
fn quoted(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(is_quote)?.split_once(is_quote)
}

/// The clause for words that follow each other: none, a word, or a phrase.
fn phrase(pieces: impl Iterator<Item = Raw>) -> Option<What> {
    let mut words: Vec<Wanted> = pieces.take(MOST).map(Wanted::word).collect();
    if words.len() > 1 {
        return Some(What::Phrase(words));
    }
    words.pop().map(What::Word)
}

/// The clauses of what was typed without a space between.
///
/// What only a dot, an `@` or the like keeps apart (an address) is a phrase, and so are
/// the characters of a script that has no spaces; a slash or a comma stands between words.
fn read_chunk(chunk: &str) -> Vec<What> {
    let mut runs: Vec<Vec<Group>> = Vec::new();
    let mut end = 0;
    for group in cut::groups(chunk).take(MOST) {
        let from = group.pieces.first().map_or(0, |piece| piece.from);
        let between = chunk.get(end..from).unwrap_or_default();
        end = group.pieces.last().map_or(end, |piece| piece.to);
        match runs.last_mut() {
            Some(run) if matches!(between, "" | "." | "@" | "_") => run.push(group),
            _ => runs.push(vec![group]),
        }
    }
    runs.into_iter().filter_map(read_run).collect()
}

fn read_run(mut run: Vec<Group>) -> Option<What> {
    if run.len() > 1 {
        return phrase(run.into_iter().flat_map(|group| group.pieces));
    }
    let group = run.pop()?;
    let Some(joined) = group.joined else {
        return phrase(group.pieces.into_iter());
    };
    let mut word = Wanted::word(joined);
    word.pieces = group.pieces.into_iter().map(Wanted::word).collect();
    Some(What::Word(word))
}

/// Leaves stop words out, unless no other word is asked for.
fn drop_stop_words(clauses: &mut Vec<(usize, Clause)>) {
    let says_nothing = |clause: &Clause| match &clause.what {
        What::Word(word) => word.is_stop_word(),
        What::Phrase(_) => false,
    };
    let something = clauses
        .iter()
        .any(|(_, clause)| !clause.not && !says_nothing(clause));
    clauses.retain(|(_, clause)| !says_nothing(clause) || (!something && !clause.not));
}

/// Leaves out what was asked for before.
fn drop_doubles(clauses: &mut Vec<(usize, Clause)>) {
    let mut seen = HashSet::new();
    clauses.retain(|(_, clause)| {
        let stems: Vec<String> = match &clause.what {
            What::Word(word) => vec![word.stem.clone()],
            What::Phrase(words) => words.iter().map(|word| word.stem.clone()).collect(),
        };
        seen.insert((clause.not, stems))
    });
}

#[cfg(test)]
mod tests {
    use super::{MOST, Wanted, What, parse};

    fn show_word(word: &Wanted) -> String {
        let pieces: Vec<&str> = word.pieces.iter().map(|piece| &*piece.folded).collect();
        let pieces = if pieces.is_empty() {
            String::new()
        } else {
            format!("({})", pieces.join(" "))
        };
        word.folded.clone() + &pieces
    }

    /// The clauses with a bar between, a phrase between quotes.
    fn read(text: &str) -> String {
        let clauses = parse(text).clauses.into_iter().map(|clause| {
            let what = match clause.what {
                What::Word(word) => show_word(&word),
                What::Phrase(words) => {
                    format!(
                        "\"{}\"",
                        words.iter().map(show_word).collect::<Vec<_>>().join(" ")
                    )
                }
            };
            if clause.not { format!("-{what}") } else { what }
        });
        clauses.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn words_phrases_and_negations_are_read() {
        assert_eq!(read("Jeugd hulp"), "jeugd|hulp");
        assert_eq!(
            read("\"passend onderwijs\" -vso"),
            "\"passend onderwijs\"|-vso"
        );
        assert_eq!(
            read("-\"passend onderwijs\" zorg"),
            "-\"passend onderwijs\"|zorg"
        );
        assert_eq!(read("“één loket” „samen«"), "\"een loket\"|samen");
        assert_eq!(read("\"zorg\""), "zorg");
        assert_eq!(
            read("\"onderwijs-zorg arrangement\""),
            "\"onderwijs zorg arrangement\""
        );
    }

    #[test]
    fn what_cannot_be_read_is_taken_literally() {
        assert_eq!(read("\"noord veluwe"), "noord|veluwe");
        assert_eq!(read("onderwijs - zorg"), "onderwijs|zorg");
        assert_eq!(read("--zorg -"), "zorg");
        assert_eq!(read("title:zorg AND (jeugd OR *)"), "title|zorg|jeugd");
        assert_eq!(read("\"\" \" -\"\" ' \\ ~2 zorg^3"), "2|zorg|3");
        assert_eq!(read("zorg\"plan\""), "zorg|plan");
        assert_eq!(read(""), "");
        assert_eq!(read(" \t🙂 !?"), "");
    }

    #[test]
    fn hyphenated_words_keep_their_pieces() {
        assert_eq!(read("noord-veluwe"), "noordveluwe(noord veluwe)");
        assert_eq!(read("2013-2014"), "20132014(2013 2014)");
        assert_eq!(read("-noord-veluwe"), "-noordveluwe(noord veluwe)");
    }

    #[test]
    fn addresses_are_phrases() {
        assert_eq!(
            read("info@noord-veluwe.example"),
            "\"info noord veluwe example\""
        );
        assert_eq!(read("ouders/verzorgers"), "ouders|verzorgers");
        assert_eq!(read("学校"), "\"学 校\"");
        assert_eq!(read("r&d"), "\"r en d\"");
    }

    #[test]
    fn stop_words_go_unless_nothing_else_is_left() {
        assert_eq!(read("zorg van de jeugd"), "zorg|jeugd");
        assert_eq!(read("jeugd & gezin"), "jeugd|gezin");
        assert_eq!(read("van der"), "van|der");
        assert_eq!(read("de -school -het"), "de|-school");
        assert_eq!(read("\"de school\""), "\"de school\"");
    }

    #[test]
    fn each_word_is_asked_for_once() {
        assert_eq!(read("school scholen School -school"), "school|-school");
    }

    #[test]
    fn what_is_denied_counts_however_much_is_wanted() {
        let mut many: Vec<String> = (0..100).map(|nth| format!("woord{nth}")).collect();
        many.push("-nee".to_owned());
        let clauses = parse(&many.join(" ")).clauses;
        assert_eq!(clauses.len(), MOST + 1);
        assert!(clauses.iter().any(|clause| clause.not));
    }

    #[test]
    fn names_are_known_with_the_words_that_say_nothing() {
        let runs = |text| -> Vec<String> {
            let words = |run: &Vec<Wanted>| -> Vec<String> {
                run.iter().map(|word| word.folded.clone()).collect()
            };
            parse(text)
                .runs
                .iter()
                .map(|run| words(run).join(" "))
                .collect()
        };
        assert_eq!(runs("van der Berg"), ["van der berg"]);
        assert_eq!(runs("jan -piet van 't Hof"), ["van t hof"]);
        assert!(runs("onderwijs jeugdhulp").is_empty() && runs("van").is_empty());
    }

    #[test]
    fn what_is_wanted_is_one_name() {
        let name = |text| parse(text).name.whole;
        assert_eq!(
            name("Olst-Wijhe -Raalte \"de Deventer\""),
            "olstwijhededeventer"
        );
        assert_eq!(name("Jeugd & Gezin"), "jeugdengezin");
        assert_eq!(name("-raalte"), "");
    }

    #[test]
    fn compounds_have_their_parts() {
        let words = parse("jeugdhulp-arrangementen")
            .clauses
            .into_iter()
            .map(|clause| match clause.what {
                What::Word(word) => word,
                What::Phrase(_) => Wanted::default(),
            });
        let word = words.collect::<Vec<_>>().remove(0);
        assert_eq!(word.stem, "jeugdhulparrangement");
        assert_eq!(word.parts, ["jeugd", "hulp", "arrangement"]);
        assert_eq!(word.pieces[0].parts, ["jeugd", "hulp"]);
    }
}
