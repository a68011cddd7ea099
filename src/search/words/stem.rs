//! The stem of a word: what two forms of one word have in common.
//!
//! Porter's rules for Dutch, by way of Snowball, mended where they part what belongs together:
//! plurals that change the word itself (a list), plurals in -s after a vowel (subsidies) and in -n
//! (ideeën), a doubled last consonant (gezinnen), a doubled vowel after another (sociaal), and a
//! last v or z that is written f or s at the end (brieven, huizen).
//!
//! Snowball's newer algorithm for Dutch (Kraaij-Pohlmann) is not used: it takes `ge` away at the
//! front and inside, which makes "meen" of gemeente and one stem of begeleiding and beleid.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use frostem::{Algorithm, Stemmer};

/// Plurals that change the word, and words that only look like a form of another.
pub(super) const IRREGULAR: &str = include_str!("irregular.txt");

static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::new(Algorithm::DutchPorter));

/// From a form to the word whose stem it has.
static BASE: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| pairs().collect());

/// The same for the ends of longer words.
static BASE_OF_END: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let ends =
        pairs().filter_map(|(form, base)| form.strip_prefix('-').zip(base.strip_prefix('-')));
    ends.collect()
});

fn pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    lines(IRREGULAR).filter_map(|line| line.split_once(' '))
}

/// The lines of a list that say something.
pub(super) fn lines(list: &str) -> impl Iterator<Item = &str> {
    list.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty())
}

/// The stem of a folded word. `plural` says that an apostrophe stood before the last s.
///
/// What is not made of the letters a to z is no Dutch word and stays as it is.
pub(super) fn stem(folded: &str, plural: bool) -> String {
    if !folded.bytes().all(|b| b.is_ascii_lowercase()) {
        return folded.to_owned();
    }
    let word = singular(folded, plural);
    let base = BASE.get(word).copied();
    match base.unwrap_or(word) {
        base if BASE.get(base) == Some(&base) => base.to_owned(),
        base => {
            let regular = regular(base);
            let stem = mend(STEMMER.stem(&regular).into_owned());
            // Ommen is not om, nor is Emmen em.
            match regular.get(..3) {
                Some(start) if stem.len() < 3 && regular.len() > 3 => start.to_owned(),
                _ => stem,
            }
        }
    }
}

/// A long word with a regular form of its last part.
fn regular(word: &str) -> Cow<'_, str> {
    let base = BASE_OF_END.iter().find_map(|(form, base)| {
        let head = word.strip_suffix(form)?;
        Some(Cow::Owned(format!("{head}{base}")))
    });
    base.unwrap_or(Cow::Borrowed(word))
}

/// Takes the s of a plural away where Porter leaves it: after a vowel.
fn singular(folded: &str, plural: bool) -> &str {
    /// Ends of plurals. Not every vowel and s: klas, huis, cursus and advies are no plurals.
    const PLURALS: [&str; 25] = [
        "ios", "eos", "tos", "gos", "eaus", "mas", "das", "ties", "sies", "dies", "gies", "nies",
        "ries", "fies", "cies", "ges", "ches", "ures", "ules", "yses", "oses", "ases", "jes",
        "icos", "ys",
    ];
    const NO_PLURALS: [&str; 3] = ["advies", "precies", "verlies"];
    // ideeën and categorieën, folded.
    if folded.ends_with("eeen") || folded.ends_with("ieen") {
        return folded.strip_suffix("en").unwrap_or(folded);
    }
    let Some(word) = folded.strip_suffix('s').filter(|word| word.len() >= 3) else {
        return folded;
    };
    if plural {
        return word;
    }
    let looks_so = PLURALS.iter().any(|end| folded.ends_with(end))
        || (folded.ends_with("tes") && folded.len() > 5)
        || (folded.ends_with("des") && folded.len() > 5);
    let is_not = BASE.contains_key(folded) || NO_PLURALS.iter().any(|end| folded.ends_with(end));
    if looks_so && !is_not { word } else { folded }
}

/// One consonant at the end instead of two, one vowel after a vowel (sociaal, sociale), and f and
/// s instead of v and z.
fn mend(mut stem: String) -> String {
    if let [.., b'a' | b'e' | b'i' | b'o' | b'u', before, vowel, last] = stem.as_bytes()
        && before == vowel
        && b"aeou".contains(vowel)
        && !b"aeiouy".contains(last)
    {
        stem.remove(stem.len() - 2);
    }
    while let Some(shorter) = without_double(&stem) {
        stem.truncate(shorter);
    }
    if stem.len() >= 3 {
        let hard = match stem.as_bytes().last() {
            Some(b'v') => 'f',
            Some(b'z') => 's',
            _ => return stem,
        };
        stem.pop();
        stem.push(hard);
    }
    stem
}

/// Where the stem ends without the second of two equal consonants.
fn without_double(stem: &str) -> Option<usize> {
    match stem.as_bytes() {
        [.., _, before, last] if before == last && !b"aeiouy".contains(last) => {
            Some(stem.len() - 1)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{BASE, IRREGULAR, lines, stem};

    /// Whether all forms have one stem.
    fn meet(forms: &str) {
        let stems: Vec<String> = forms.split(' ').map(|form| stem(form, false)).collect();
        assert!(
            stems.windows(2).all(|two| two[0] == two[1]),
            "{forms}: {stems:?}"
        );
    }

    fn part(one: &str, other: &str) {
        assert_ne!(stem(one, false), stem(other, false), "{one} and {other}");
    }

    #[test]
    fn forms_of_one_word_meet() {
        for forms in [
            "arrangement arrangementen",
            "gemeente gemeenten gemeentes gemeentelijk gemeentelijke",
            "school scholen schools schoolse",
            "gezin gezinnen",
            "kind kinderen kinders",
            "lid leden",
            "stad steden",
            "regio regios",
            "regionaal regionale",
            "lokaal lokale lokalen",
            "middelbaar middelbare",
            "sociaal sociale",
            "individueel individuele",
            "idee ideeen",
            "categorie categorieen",
            "samenwerking samenwerken samenwerkingen",
            "organisatie organisaties",
            "advies adviezen",
            "huis huizen",
            "brief brieven",
            "bedrijf bedrijven",
            "coach coaches",
            "stage stages",
            "niveau niveaus",
            "klas klassen",
            "proces processen",
            "mogelijkheid mogelijkheden",
            "leerling leerlingen",
            "leraar leraren",
            "overeenkomst overeenkomsten",
            "uur uren",
            "centrum centra",
            "schema schemas",
            "hobby hobbys",
            "plaats plaatsen",
            "werkplaats werkplaatsen",
            "kans kansen",
            "mens mensen",
            "jeugdarts jeugdartsen",
            "divers diverse",
            "inclusief inclusieve",
            "buurtkind buurtkinderen",
        ] {
            meet(forms);
        }
    }

    #[test]
    fn an_apostrophe_before_s_is_a_plural() {
        assert_eq!(stem("mamas", true), stem("mama", false));
        assert_eq!(stem("paraplus", true), stem("paraplu", false));
    }

    #[test]
    fn different_words_stay_apart() {
        part("begeleiding", "beleid");
        part("begeleider", "beleid");
        part("gemeente", "gemeenschap");
        part("arrangement", "gemeente");
        part("gezin", "zin");
        part("leiden", "leiding");
        part("kans", "kan");
        part("nieuws", "nieuw");
        part("middelbaar", "middelen");
        part("ouderen", "ouders");
        part("lid", "leed");
        part("ommen", "om");
        part("etten", "et");
        part("innen", "in");
    }

    #[test]
    fn what_is_no_dutch_word_stays_as_it_is() {
        for word in ["", "a", "gm0230", "00ab", "学", "2013", "שלום"] {
            assert_eq!(stem(word, false), word);
        }
    }

    #[test]
    fn the_irregular_list_holds_pairs_once_each() {
        assert_eq!(lines(IRREGULAR).count(), BASE.len());
        for (form, base) in BASE.iter() {
            assert!(
                form == base || BASE.get(base).is_none_or(|again| again == base),
                "{form}"
            );
        }
    }
}
