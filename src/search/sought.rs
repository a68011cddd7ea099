//! What to mark in the texts of what was found.

use std::collections::BTreeSet;

use super::query::{Maker, each_wanted};
use super::words::highlight::Sought;
use super::words::query::{Wanted, What};

impl Maker<'_> {
    /// What to mark: the words themselves, with those that are looked for together only where they
    /// stand together; and, for a document that has none of those, each of the words and the parts
    /// by which a compound was found.
    pub(super) fn sought(&self) -> [Sought; 2] {
        [self.sought_with(false), self.sought_with(true)]
    }

    fn sought_with(&self, loose: bool) -> Sought {
        let mut sought = Sought::new();
        for clause in self.asked.clauses.iter().filter(|clause| !clause.not) {
            match &clause.what {
                What::Word(wanted) => self.seek(wanted, loose, &mut sought),
                What::Phrase(words) => sought.phrase(stems(words), 0),
            }
        }
        for spelling in self.spellings {
            self.seek_together(&spelling.words, 0, loose, &mut sought);
        }
        for synonym in self.synonyms {
            self.seek_together(&synonym.words, BETWEEN, loose, &mut sought);
        }
        sought
    }

    fn seek(&self, wanted: &Wanted, loose: bool, sought: &mut Sought) {
        let mut anywhere = |stem: &str| {
            sought.whole(stem);
            sought.part(stem);
        };
        anywhere(&wanted.stem);
        if loose {
            wanted.parts.iter().for_each(|part| anywhere(part));
        }
        for near in self.nearby.get(&wanted.stem).into_iter().flatten() {
            anywhere(&near.stem);
        }
        self.seek_together(&wanted.pieces, BETWEEN, loose, sought);
    }

    fn seek_together(&self, words: &[Wanted], between: u32, loose: bool, sought: &mut Sought) {
        match words {
            [one] => self.seek(one, loose, sought),
            _ if loose && between > 0 => {
                for word in words {
                    self.seek(word, loose, sought);
                }
            }
            [] => {}
            _ => sought.phrase(stems(words), between),
        }
    }

    /// All words that are looked for, as they are compared.
    pub(super) fn stems(&self) -> BTreeSet<String> {
        let mut stems = BTreeSet::new();
        let mut add = |wanted: &Wanted| {
            let near = self.nearby.get(&wanted.stem).into_iter().flatten();
            stems.extend(near.map(|near| near.stem.clone()));
            stems.extend(wanted.parts.iter().cloned());
            stems.insert(wanted.stem.clone());
        };
        for clause in self.asked.clauses.iter().filter(|clause| !clause.not) {
            each_wanted(&clause.what, &mut add);
        }
        let synonyms = self.synonyms.iter().map(|one| &one.words);
        let spellings = self.spellings.iter().map(|one| &one.words);
        synonyms.chain(spellings).flatten().for_each(&mut add);
        stems
    }
}

/// So many words may stand between two that are looked for together, but need not be next to each
/// other: `van de`, of which a query has nothing.
const BETWEEN: u32 = 2;

fn stems(words: &[Wanted]) -> Vec<String> {
    words.iter().map(|word| word.stem.clone()).collect()
}
