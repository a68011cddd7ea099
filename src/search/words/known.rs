//! The stems and parts of words that were met before. The same few thousand words make up most of
//! all texts, and to take a word apart costs far more than to find it here.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use super::compound::{self, Span};
use super::stem;

/// How many words are kept: a few megabytes. When there are more, it begins anew; the frequent ones
/// are soon back.
const KEPT: usize = 20_000;

type Known = HashMap<String, [Option<(String, Vec<Span>)>; 2]>;

static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// The stem of a folded word, and its parts where it is a compound. `plural` says whether an
/// apostrophe stood before its last s.
pub(super) fn stem_and_parts(folded: &str, plural: bool) -> (String, Vec<Span>) {
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let nth = usize::from(plural);
    if let Some(Some(found)) = known().get(folded).and_then(|both| both.get(nth)) {
        return found.clone();
    }
    let found = analyse(folded, plural);
    let mut known = known();
    if known.len() >= KEPT {
        known.clear();
    }
    let both = known.entry(folded.to_owned()).or_default();
    if let Some(place) = both.get_mut(nth) {
        *place = Some(found.clone());
    }
    found
}

fn analyse(folded: &str, plural: bool) -> (String, Vec<Span>) {
    let spans = compound::parts(folded);
    let stem = if spans.is_empty() {
        stem::stem(folded, plural)
    } else {
        compound::run(folded, &spans)
    };
    (stem, spans)
}

#[cfg(test)]
mod tests {
    use super::{KEPT, analyse, stem_and_parts};

    #[test]
    fn a_word_is_the_same_each_time_and_after_very_many_others() {
        let words = ["jeugdhulparrangementen", "autos", "kinderen", "de"];
        for round in 0..3 {
            for word in words {
                for plural in [false, true] {
                    let expected = analyse(word, plural);
                    assert_eq!(stem_and_parts(word, plural), expected, "{word} {plural}");
                }
            }
            for number in 0..KEPT {
                stem_and_parts(&format!("x{round}y{number}"), false);
            }
        }
    }
}
