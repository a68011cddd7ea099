//! Words that were typed apart, as they would be as one word: `zwarte waterland`, which stands as
//! Zwartewaterland, and is no word of the list by which compounds are taken apart.

use std::ops::Range;

use super::cut::LONGEST;
use super::query::{Clause, Wanted, What};

/// So many words that were typed apart may be one.
const JOINED: usize = 3;

/// Two or three words that were typed one after the other, as one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The clauses of these words; there is none for a stop word.
    pub clauses: Range<usize>,
    /// How many words they are, stop words too.
    pub count: usize,
    /// The one word.
    pub word: Wanted,
}

/// What can be one word with what was typed beside it.
pub(super) fn typed_word(clause: &Clause) -> Option<String> {
    match &clause.what {
        What::Word(word) if !clause.not => Some(word.folded.clone()),
        What::Word(_) | What::Phrase(_) => None,
    }
}

/// Each two and three words that follow each other as one word: at most so many that each clause
/// that was kept, by its place among those that were read, is in two pairs and three times three.
pub(super) fn joined(typed: &[Option<String>], places: &[usize]) -> Vec<Joined> {
    let mut all: Vec<Joined> = Vec::new();
    for from in 0..typed.len() {
        for to in from + 2..=from + JOINED {
            let Some(Some(run)) = typed.get(from..to).map(one_word) else {
                break;
            };
            let place = |at| places.partition_point(|place| *place < at);
            let clauses = place(from)..place(to);
            if clauses.is_empty() || run.chars().count() > LONGEST {
                continue;
            }
            if let Some(word) = Wanted::of(&run)
                && all.iter().all(|other| other.word.folded != word.folded)
            {
                let count = to - from;
                all.push(Joined {
                    clauses,
                    count,
                    word,
                });
            }
        }
    }
    all
}

fn one_word(run: &[Option<String>]) -> Option<String> {
    run.iter().map(Option::as_deref).collect()
}

#[cfg(test)]
mod tests {
    use crate::search::words::query::{MOST, parse};

    /// The words that were typed apart as one, with the clauses in whose place they are.
    fn read_joined(text: &str) -> String {
        let joined = parse(text).joined.into_iter();
        let shown = joined.map(|one| format!("{:?} {}", one.clauses, one.word.folded));
        shown.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn words_that_follow_each_other_may_be_one() {
        assert_eq!(
            read_joined("samen werkings verband"),
            "0..2 samenwerkings|0..3 samenwerkingsverband|1..3 werkingsverband"
        );
        assert_eq!(read_joined("Zwarte Waterland"), "0..2 zwartewaterland");
        // A stop word has no clause, but may begin a word.
        assert_eq!(
            read_joined("uit val op school"),
            "0..1 uitval|0..1 uitvalop|0..1 valop|0..2 valopschool|1..2 opschool"
        );
        assert_eq!(read_joined("van de"), "0..2 vande");
        for apart in [
            "zwarte -waterland",
            "\"zwarte x\" waterland",
            "waterland",
            "",
        ] {
            assert_eq!(read_joined(apart), "", "{apart}");
        }
        assert!(parse(&"a b c d e f g h i ".repeat(28)).joined.len() <= 5 * MOST);
        assert!(
            parse(&"abcdefghijklmnopqrstuvwxyz ".repeat(19))
                .joined
                .len()
                <= 5
        );
    }
}
