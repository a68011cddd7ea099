//! Names as a whole, for comparing: alike whether they are written joined, with hyphens or apart.

use super::cut;

/// Words that say what something is that has a name: `zwolle` names Gemeente Zwolle.
const KINDS: [&str; 6] = [
    "basisschool",
    "gemeente",
    "provincie",
    "regio",
    "stichting",
    "vereniging",
];

/// With how many words of a name its ends begin at most, and how many characters those have.
const ENDS: usize = 12;
const LONGEST: usize = 64;

/// A name, folded and without spaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// All of it.
    pub whole: String,
    /// The same without a word before it that says what it names. Never empty where `whole` is not.
    pub bare: String,
}

impl Name {
    /// The name that a text is.
    pub fn of(text: &str) -> Self {
        let mut words = cut::groups(text).flat_map(|group| group.pieces);
        let first = words.next().map(|word| word.folded).unwrap_or_default();
        let rest: String = words.map(|word| word.folded).collect();
        let whole = format!("{first}{rest}");
        let bare = if KINDS.contains(&first.as_str()) && !rest.is_empty() {
            rest
        } else {
            whole.clone()
        };
        Self { whole, bare }
    }
}

/// A name from each of its first words on, as its ends are compared with the [`beginning`] of one.
pub fn ends(text: &str) -> Vec<String> {
    let pieces = cut::groups(text).flat_map(|group| group.pieces);
    let words: Vec<String> = pieces.map(|word| word.folded).collect();
    let all = (0..words.len().min(ENDS)).map(|nth| words.iter().skip(nth));
    all.map(|words| words.flat_map(|word| word.chars()).take(LONGEST).collect())
        .collect()
}

/// What was typed of a name, to find the ends of names that begin so.
pub fn beginning(text: &str) -> String {
    ends(text).into_iter().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Name, beginning, ends};

    #[test]
    fn a_name_is_alike_in_each_spelling_and_without_what_it_names() {
        let both = |text| {
            let Name { whole, bare } = Name::of(text);
            (whole, bare)
        };
        let same = |name: &str| (name.to_owned(), name.to_owned());
        for text in ["Olst-Wijhe", "olst wijhe", "OlstWijhe"] {
            assert_eq!(both(text), same("olstwijhe"));
        }
        assert_eq!(
            both("Gemeente Olst-Wijhe"),
            ("gemeenteolstwijhe".into(), "olstwijhe".into())
        );
        assert_eq!(both("Jeugd & Gezin"), same("jeugdengezin"));
        assert_eq!(both("Gemeente"), same("gemeente"));
        assert_eq!(both(" ?"), same(""));
    }

    #[test]
    fn a_name_is_begun_at_each_of_its_words() {
        assert_eq!(
            ends("Regio Noord-Veluwe"),
            ["regionoordveluwe", "noordveluwe", "veluwe"]
        );
        assert_eq!(beginning("Zwarte W"), "zwartew");
        assert_eq!(beginning(" - "), "");
        let long = ends(&"abcdefgh ".repeat(50));
        assert_eq!((long.len(), long[0].len()), (12, 64));
    }
}
