//! Words that will do in place of others: abbreviations of the field and what they stand for, and
//! words that are used for each other.
//!
//! They come from a list, `synonyms.txt`, and are for finding more, not for finding first: a
//! synonym is to weigh less than the word itself.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::query::{Clause, Query, Wanted, What, parse};
use super::stem::lines;

/// One line for each group of terms, with ` = ` between terms that mean the same and ` ~ ` between
/// terms that are merely related.
pub(super) const LIST: &str = include_str!("synonyms.txt");

/// No term of the list has more words than this.
const LONGEST: usize = 6;
/// More synonyms are not given for one run of clauses.
const MOST: usize = 8;

/// What will do in place of one clause, or of several that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synonym {
    /// The clauses in whose place it stands: mostly one, more when these spell a term together
    /// (`voortgezet speciaal onderwijs`, for which `vso` will do).
    pub clauses: Range<usize>,
    /// The words that will do: all of them, in this order, but not necessarily side by side.
    pub words: Vec<Wanted>,
    /// Whether it means the same. Otherwise it is related, and says less.
    pub same: bool,
}

/// A term of the list.
struct Term {
    group: usize,
    same: bool,
    key: Vec<String>,
    words: Vec<Wanted>,
}

/// The list, and where in it a term is: the same term may be in several groups.
struct Terms {
    all: Vec<Term>,
    by_key: HashMap<Vec<String>, Vec<usize>>,
}

static TERMS: LazyLock<Terms> = LazyLock::new(|| Terms::read(LIST));

impl Terms {
    fn read(list: &str) -> Self {
        let mut terms = Self {
            all: Vec::new(),
            by_key: HashMap::new(),
        };
        for (group, line) in lines(list).enumerate() {
            let same = line.contains(" = ");
            for text in line.split(if same { " = " } else { " ~ " }) {
                let words: Vec<Wanted> = words(&parse(text).clauses).cloned().collect();
                let key = key(words.iter());
                terms
                    .by_key
                    .entry(key.clone())
                    .or_default()
                    .push(terms.all.len());
                terms.all.push(Term {
                    group,
                    same,
                    key,
                    words,
                });
            }
        }
        terms
    }

    /// The other terms of the groups in which `key` is, those that mean the same first.
    fn others(&self, key: &[String]) -> Vec<&Term> {
        let mut others = Vec::new();
        for term in self
            .by_key
            .get(key)
            .into_iter()
            .flatten()
            .filter_map(|at| self.all.get(*at))
        {
            let group = self.all.iter().filter(|other| other.group == term.group);
            others.extend(group.filter(|other| other.key != key));
        }
        others.sort_by_key(|term| !term.same);
        others
    }
}

/// What is compared of a term: the stems of its words, of a compound those of its parts, so that
/// it makes no difference whether it is written as one word.
fn key<'a>(words: impl Iterator<Item = &'a Wanted>) -> Vec<String> {
    let mut key = Vec::new();
    for word in words {
        if word.parts.is_empty() && word.pieces.is_empty() {
            key.push(word.stem.clone());
        } else if word.parts.is_empty() {
            key.extend(self::key(word.pieces.iter()));
        } else {
            key.extend(word.parts.iter().cloned());
        }
    }
    key
}

/// The words of clauses; a phrase counts as its words.
fn words(clauses: &[Clause]) -> impl Iterator<Item = &Wanted> {
    clauses.iter().flat_map(|clause| match &clause.what {
        What::Word(word) => std::slice::from_ref(word),
        What::Phrase(words) => words.as_slice(),
    })
}

/// What else will do for the clauses of a query, in either direction: the words for an
/// abbreviation, and the abbreviation for the words.
///
/// Clauses with `not` have no synonyms: what is not wanted is only what was said. Words within
/// others count too: for `vso-school` will do voortgezet, speciaal, onderwijs and school, and for
/// `jeugdbeschermer` jeugdbescherming.
pub fn synonyms(query: &Query) -> Vec<Synonym> {
    let terms = &*TERMS;
    let mut found = Vec::new();
    for (from, clause) in query.clauses.iter().enumerate() {
        let clauses = query.clauses.get(from..).unwrap_or_default();
        let wanted = clauses.iter().take_while(|clause| !clause.not).count();
        for length in 1..=wanted.min(LONGEST) {
            let run = clauses.get(..length).unwrap_or_default();
            let others = terms.others(&key(words(run)));
            found.extend(others.into_iter().take(MOST).map(|term| Synonym {
                clauses: from..from + length,
                words: term.words.clone(),
                same: term.same,
            }));
        }
        if let What::Word(word) = &clause.what
            && !clause.not
        {
            let mut within = of_joined(word, terms);
            within.extend(of_pieces(word, terms));
            within.extend(of_last_part(word, terms));
            found.extend(within.into_iter().take(MOST).map(|(words, same)| Synonym {
                clauses: from..from + 1,
                words,
                same,
            }));
        }
    }
    found
}

/// A word in pieces that together are a term (v.s.o.), which by its pieces would not be found.
fn of_joined(word: &Wanted, terms: &Terms) -> Vec<(Vec<Wanted>, bool)> {
    if word.pieces.is_empty() || !word.parts.is_empty() {
        return Vec::new();
    }
    let others = terms.others(std::slice::from_ref(&word.stem));
    let replaced = others.into_iter();
    replaced
        .map(|term| (term.words.clone(), term.same))
        .collect()
}

/// A hyphenated word with one piece replaced.
fn of_pieces(word: &Wanted, terms: &Terms) -> Vec<(Vec<Wanted>, bool)> {
    let mut found = Vec::new();
    for (at, piece) in word.pieces.iter().enumerate() {
        for term in terms.others(&key(std::iter::once(piece))) {
            let mut words = word.pieces.clone();
            words.splice(at..=at, term.words.iter().cloned());
            found.push((words, term.same));
        }
    }
    found
}

/// A compound with its last part replaced by another word.
fn of_last_part(word: &Wanted, terms: &Terms) -> Vec<(Vec<Wanted>, bool)> {
    let Some((last, parts)) = word.parts.split_last() else {
        return Vec::new();
    };
    let Some(head) = word.stem.strip_suffix(last.as_str()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for term in terms.others(std::slice::from_ref(last)) {
        if let [other] = term.words.as_slice()
            && other.pieces.is_empty()
        {
            let own = std::slice::from_ref(&other.stem);
            let end = if other.parts.is_empty() {
                own
            } else {
                other.parts.as_slice()
            };
            let compound = Wanted {
                folded: format!("{head}{}", other.folded),
                stem: format!("{head}{}", other.stem),
                parts: parts.iter().chain(end).cloned().collect(),
                pieces: Vec::new(),
            };
            found.push((vec![compound], term.same));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{LIST, LONGEST, TERMS, lines, parse, synonyms};

    /// The clauses that are replaced, and by what.
    fn other(text: &str) -> Vec<String> {
        let query = parse(text);
        let shown = synonyms(&query).into_iter().map(|synonym| {
            let words: Vec<&str> = synonym.words.iter().map(|word| &*word.folded).collect();
            let sign = if synonym.same { '=' } else { '~' };
            format!("{:?}{sign}{}", synonym.clauses, words.join(" "))
        });
        shown.collect()
    }

    fn has(text: &str, synonym: &str) {
        let all = other(text);
        assert!(
            all.iter().any(|one| one == synonym),
            "{text}: {synonym} not in {all:?}"
        );
    }

    #[test]
    fn an_abbreviation_stands_for_its_words() {
        has("vso", "0..1=voortgezet speciaal onderwijs");
        has("V.S.O.", "0..1=voortgezet speciaal onderwijs");
        has("OZA's twente", "0..1=onderwijszorgarrangement");
    }

    #[test]
    fn words_stand_for_their_abbreviation_however_written() {
        has("twente voortgezet speciaal onderwijs", "1..4=vso");
        has("\"voortgezet speciaal onderwijs\"", "0..1=vso");
        has("onderwijszorgarrangementen", "0..1=oza");
        has("onderwijs-zorg arrangement", "0..2=oza");
        has("onderwijs zorg arrangement", "0..3=oza");
        has("centrum voor jeugd en gezin", "0..3=cjg");
    }

    #[test]
    fn related_words_stand_for_each_other() {
        has("subsidies", "0..1~bekostiging");
        has("bekostiging", "0..1~subsidie");
    }

    #[test]
    fn words_within_words_count_too() {
        has("vso-school", "0..1=voortgezet speciaal onderwijs school");
        has("jeugdbeschermer", "0..1~jeugdbescherming");
    }

    #[test]
    fn what_is_not_wanted_has_no_synonyms() {
        assert_eq!(other("-vso"), Vec::<String>::new());
        assert_eq!(
            other("twente voortgezet -speciaal onderwijs"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn the_list_is_sound() {
        for line in lines(LIST) {
            assert!(line.contains(" = ") != line.contains(" ~ "), "{line}");
        }
        for term in &TERMS.all {
            assert!(!term.words.is_empty() && term.words.len() <= LONGEST);
            let twice = TERMS
                .all
                .iter()
                .filter(|other| other.group == term.group && other.key == term.key);
            assert_eq!(twice.count(), 1, "{:?} twice in a line", term.key);
        }
    }
}
