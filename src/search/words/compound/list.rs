//! The list of words that compounds are made of, in the forms in which it is asked.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::super::stem::{lines, stem};

/// The words that compounds are made of. `word-` stands only before others, `-word` only at the
/// end, and `!word` is never split.
pub(in super::super) const LIST: &str = include_str!("../compound-stems.txt");

const LETTERS: usize = 26;
/// As much as the rules may take from a simple word (gemeentelijke).
const LONGEST_ENDING: usize = 6;

/// The list as it is asked.
pub(super) struct Stems {
    /// A tree by letters of the words that others may follow; 0 is no branch.
    branches: Vec<[u16; LETTERS]>,
    /// The nodes of the tree at which a word ends.
    ends: Vec<bool>,
    /// Stems of the words that may come last.
    last: HashSet<String>,
    /// The words that are left whole, as written.
    pub whole: HashSet<String>,
}

pub(super) static STEMS: LazyLock<Stems> = LazyLock::new(|| Stems::read(LIST));

/// What the list says of a word.
enum Entry<'a> {
    Whole(&'a str),
    Part {
        word: &'a str,
        first: bool,
        last: bool,
    },
}

fn entry(line: &str) -> Entry<'_> {
    if let Some(word) = line.strip_prefix('!') {
        return Entry::Whole(word);
    }
    let (last, word) = line
        .strip_suffix('-')
        .map_or((true, line), |word| (false, word));
    let (first, word) = word
        .strip_prefix('-')
        .map_or((true, word), |word| (false, word));
    Entry::Part { word, first, last }
}

impl Stems {
    fn read(list: &str) -> Self {
        let mut stems = Self {
            branches: vec![[0; LETTERS]],
            ends: vec![false],
            last: HashSet::new(),
            whole: HashSet::new(),
        };
        for line in lines(list) {
            match entry(line) {
                Entry::Whole(word) => {
                    stems.whole.insert(word.to_owned());
                }
                Entry::Part { word, first, last } => {
                    if first {
                        stems.plant(word);
                    }
                    if last {
                        stems.last.insert(stem(word, false));
                    }
                }
            }
        }
        stems
    }

    fn plant(&mut self, word: &str) {
        let mut node = 0;
        for byte in word.bytes() {
            let (Some(letter), Ok(next)) = (letter(byte), u16::try_from(self.branches.len()))
            else {
                return;
            };
            let Some(branch) = self
                .branches
                .get_mut(node)
                .and_then(|all| all.get_mut(letter))
            else {
                return;
            };
            if *branch == 0 {
                *branch = next;
                self.branches.push([0; LETTERS]);
                self.ends.push(false);
                node = usize::from(next);
            } else {
                node = usize::from(*branch);
            }
        }
        if let Some(end) = self.ends.get_mut(node) {
            *end = true;
        }
    }

    /// Whether a word with this stem is a form of one that may come last. What is much longer than
    /// its stem is no form but a compound, of which the last part looks like endings.
    pub(super) fn is_last(&self, word: &str, stem: &str) -> bool {
        word.len() <= stem.len() + LONGEST_ENDING && self.last.contains(stem)
    }

    /// The lengths of all listed words with which `text` begins.
    pub(super) fn begins<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let mut node = 0;
        let nodes = text.iter().map_while(move |byte| {
            node = usize::from(*self.branches.get(node)?.get(letter(*byte)?)?);
            (node != 0).then_some(node)
        });
        nodes
            .enumerate()
            .filter(|(_, node)| self.ends.get(*node) == Some(&true))
            .map(|(at, _)| at + 1)
    }
}

fn letter(byte: u8) -> Option<usize> {
    byte.is_ascii_lowercase().then(|| usize::from(byte - b'a'))
}

/// The words of a list that others may follow.
#[cfg(test)]
pub(in super::super) fn listed(list: &str) -> impl Iterator<Item = &str> {
    lines(list).filter_map(|line| match entry(line) {
        Entry::Part {
            word, first: true, ..
        } => Some(word),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::SHORTEST;
    use super::{Entry, LIST, entry, lines};

    #[test]
    fn the_list_is_in_order_and_holds_no_word_twice() {
        let mut seen = std::collections::HashSet::new();
        for group in LIST.split("\n#") {
            let words: Vec<&str> = group
                .lines()
                .skip(1)
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
                .collect();
            assert!(
                words.is_sorted(),
                "{:?}",
                words.windows(2).find(|two| two[0] > two[1])
            );
        }
        for line in lines(LIST) {
            let (Entry::Whole(word) | Entry::Part { word, .. }) = entry(line);
            assert!(seen.insert(word), "{word} twice");
            assert!(word.len() >= SHORTEST, "{word}");
            assert!(word.bytes().all(|byte| byte.is_ascii_lowercase()), "{word}");
        }
    }
}
