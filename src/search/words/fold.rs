//! What a character is to search: a letter, something between letters, or nothing.
//!
//! Letters are folded to what people type when they do not look for the right key: lower case,
//! without accents. Latin, Greek and Cyrillic go through a table of transliterations; every other
//! script is kept as it is, because its marks are not decoration.

use deunicode::deunicode_char;

/// What a character does to the word that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Belongs to a word.
    Letter,
    /// A word of its own: scripts that put no spaces between words.
    Ideograph,
    /// Not seen: combining accents, soft hyphens, marks of direction.
    Nothing,
    /// Left out between letters (auto's), ends a word elsewhere.
    Apostrophe,
    /// Ties two words together.
    Hyphen,
    /// Ties single letters together (v.s.o.).
    Dot,
    /// `&`, which people read as "en".
    And,
    /// Ends a word.
    Other,
}

/// What `c` is.
pub(super) fn kind(c: char) -> Kind {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => Kind::Letter,
        '-' | '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}' => Kind::Hyphen,
        '.' => Kind::Dot,
        '&' | '\u{ff06}' => Kind::And,
        // U+02BC counts as a letter in Unicode, but is how some keyboards write the apostrophe.
        '\'' | '`' | '´' | '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' | '\u{2bc}'
        | '\u{ff07}' => Kind::Apostrophe,
        _ if c.is_ascii() => Kind::Other,
        _ if is_nothing(c) => Kind::Nothing,
        _ if is_ideograph(c) => Kind::Ideograph,
        _ if c.is_alphanumeric() => Kind::Letter,
        _ => Kind::Other,
    }
}

/// Puts the folded form of a letter behind `folded`: one or more characters, never none.
pub(super) fn fold(c: char, folded: &mut String) {
    if c.is_ascii() {
        folded.push(c.to_ascii_lowercase());
        return;
    }
    let c = unaccented(c);
    let length = folded.len();
    if is_transliterated(c) {
        let plain = deunicode_char(c).unwrap_or_default();
        folded.extend(
            plain
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .map(|c| c.to_ascii_lowercase()),
        );
    }
    if folded.len() == length {
        // İ becomes an i and a dot above it: the dot goes, as it does in a text that is decomposed.
        folded.extend(c.to_lowercase().filter(|c| !is_nothing(*c)));
    }
    if folded.len() == length {
        folded.push(c);
    }
}

/// The base of accented letters that the table reads as something else than their base. Decomposed,
/// their accent is not seen, and both spellings must give the same.
fn unaccented(c: char) -> char {
    match c {
        'Ѐ' | 'Ё' | 'ѐ' | 'ё' | 'Ӗ' | 'ӗ' => 'е',
        'Ѓ' | 'ѓ' => 'г',
        'Ї' | 'ї' => 'і',
        'Ќ' | 'ќ' => 'к',
        'Ѝ' | 'ѝ' | 'Й' | 'й' | 'Ӣ' | 'ӣ' | 'Ӥ' | 'ӥ' => 'и',
        'Ў' | 'ў' | 'Ӯ' | 'ӯ' | 'Ӱ' | 'ӱ' | 'Ӳ' | 'ӳ' => 'у',
        'Ӛ' | 'ӛ' => 'ә',
        '\u{2126}' => 'ω',
        '\u{212b}' => 'å',
        'آ' | 'أ' | 'إ' => 'ا',
        'ؤ' => 'و',
        'ئ' => 'ي',
        _ => c,
    }
}

/// Scripts whose letters are written with Latin ones, and Latin letters in another dress
/// (ligatures, full width, mathematical), which come out of documents and from social media.
fn is_transliterated(c: char) -> bool {
    matches!(c,
        '\u{aa}' | '\u{ba}'
        | '\u{c0}'..='\u{24f}'
        | '\u{370}'..='\u{52f}'
        | '\u{1e00}'..='\u{1fff}'
        | '\u{fb00}'..='\u{fb06}'
        | '\u{ff10}'..='\u{ff5a}'
        | '\u{1d400}'..='\u{1d7ff}')
}

fn is_ideograph(c: char) -> bool {
    matches!(c,
        '\u{3041}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
        && c.is_alphanumeric()
}

/// Marks that come on top of a letter and characters that are not shown.
fn is_nothing(c: char) -> bool {
    matches!(c,
        '\u{ad}'                                // soft hyphen
        | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' // accents
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' // Hebrew points
        | '\u{61c}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' // Arabic points and stretching
        | '\u{94d}' | '\u{9cd}' | '\u{a4d}' | '\u{acd}' | '\u{b4d}' | '\u{bcd}' | '\u{c4d}'
        | '\u{ccd}' | '\u{d4d}' | '\u{dca}'     // Indic signs for "no vowel"
        | '\u{e47}'..='\u{e4e}'                 // Thai tones
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' // accents
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' // no width
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' // accents
        | '\u{e0100}'..='\u{e01ef}') // variants
}

#[cfg(test)]
mod tests {
    use super::{Kind, fold, kind};

    fn folded(text: &str) -> String {
        let mut folded = String::new();
        for c in text.chars().filter(|c| kind(*c) == Kind::Letter) {
            fold(c, &mut folded);
        }
        folded
    }

    #[test]
    fn accents_ligatures_and_case_go() {
        assert_eq!(folded("ÉÈÊËéèêëÇçÑñÅåØøŁłÐðİı"), "eeeeeeeeccnnaaoollddii");
        assert_eq!(folded("ĲĳßẞÆæŒœﬁﬂ"), "ijijssssaeaeoeoefifl");
        assert_eq!(folded("Ｚｏｒｇ１２ 𝗝𝗲𝘂𝗴𝗱"), "zorg12jeugd");
        assert_eq!(folded("Ёлка Чайковский"), folded("Елка Чаиковскии"));
        assert_eq!(folded("Ἀθήνα"), folded("Αθηνα"));
        assert_eq!(folded("أحمد"), folded("احمد"));
    }

    #[test]
    fn other_scripts_stay() {
        assert_eq!(folded("שלום"), "שלום");
        assert_eq!(folded("हिन्दी"), "हिनदी");
        assert_eq!(kind('學'), Kind::Ideograph);
        assert_eq!(kind('🙂'), Kind::Other);
    }

    #[test]
    fn every_letter_leaves_something() {
        for c in ('\0'..=char::MAX).filter(|c| kind(*c) == Kind::Letter) {
            let mut folded = String::new();
            fold(c, &mut folded);
            assert!(!folded.is_empty(), "{c:?}");
            assert!(folded.chars().count() <= 8, "{c:?} gives {folded:?}");
        }
    }
}
