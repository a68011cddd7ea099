//! What holds for every text, tried on texts that nobody would write.

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, prop_assume};
use proptest::{prop_oneof, proptest};

use super::compound::{LIST, listed};
use super::highlight::{Sought, highlight};
use super::query::{MOST, Query, RUN, Wanted, What, parse};
use super::synonyms::synonyms;
use super::{Word, folded, stem_of, words};

/// Words of which compounds are made.
fn listed_word() -> impl Strategy<Value = String> {
    let words: Vec<&'static str> = listed(LIST).collect();
    prop::sample::select(words).prop_map(str::to_owned)
}

/// Words of the list with something between: nothing, linking letters, hyphens, spaces, noise.
fn compound() -> impl Strategy<Value = String> {
    let between = prop::sample::select(vec![
        "", "", "s", "en", "-", "-", " ", " - ", "\u{ad}", "\u{2011}", "'", ".", "&", "- en ", "/",
    ]);
    vec((listed_word(), between), 1..6).prop_map(|pieces| {
        let all = pieces
            .iter()
            .flat_map(|(word, between)| [word.as_str(), between]);
        all.collect()
    })
}

/// Anything, with much of what the code looks at.
fn text() -> impl Strategy<Value = String> {
    const SPECIAL: &str = " | |\n|-|-|\"|“|'|’|.|&|<|>|\u{301}|\u{ad}|\u{200b}|\u{2011}|ß|ĳ|İ|É|\
        e\u{308}|ﬁ|学|校|한|שָ|🙂|👩\u{200d}👧|\u{202e}|a|s|de|Jeugd|ZORG|2013|\0|\u{a0}";
    let special = prop::sample::select(SPECIAL.split('|').collect::<Vec<_>>());
    let one = prop_oneof![
        4 => special.prop_map(str::to_owned),
        3 => compound(),
        2 => any::<String>(),
        1 => any::<char>().prop_map(String::from),
        1 => ("[a-zé]", 55_usize..130).prop_map(|(letter, times)| letter.repeat(times)),
    ];
    prop_oneof![3 => vec(one, 0..24).prop_map(|all| all.concat()), 1 => any::<String>()]
}

/// What might be sought in a text: some of its own words and parts, and others.
fn sought(text: &str, picks: &[usize]) -> Sought {
    let words = words(text);
    let mut sought = Sought::new();
    for pick in picks {
        let Some(word) = words.get(pick % words.len().max(1)) else {
            continue;
        };
        match (
            pick / 7 % 3,
            word.parts.get(pick / 3 % word.parts.len().max(1)),
        ) {
            (0, Some(part)) => sought.part(&part.stem),
            _ => sought.whole(&word.stem),
        }
    }
    sought.whole("jeugd");
    sought
}

/// The text behind the marks and escapes; fails when marks do not pair.
fn unmarked(html: &str) -> Option<String> {
    let mut plain = String::new();
    let mut rest = html;
    let mut open = false;
    while let Some(at) = rest.find(['<', '&']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = [
            ("<mark>", ""),
            ("</mark>", ""),
            ("&amp;", "&"),
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
        ];
        let (code, meant) = known.into_iter().find(|(code, _)| rest.starts_with(code))?;
        if meant.is_empty() {
            open = !open;
            if open != (code == "<mark>") || rest.starts_with("<mark></mark>") {
                return None;
            }
        }
        plain.push_str(meant);
        rest = &rest[code.len()..];
    }
    plain.push_str(rest);
    (!open && !plain.contains(['\n', '\t'])).then_some(plain)
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What must be true of each word of a text.
fn is_sound(word: &Word, text: &str) -> bool {
    let kept = |folded: &str| (1..=100).contains(&folded.chars().count());
    let within = |from: usize, to: usize| from < to && text.get(from..to).is_some();
    kept(&word.folded)
        && kept(&word.stem)
        && !word.folded.contains(char::is_whitespace)
        && within(word.from, word.to)
        && word.parts.iter().all(|part| {
            !part.stem.is_empty()
                && within(part.from, part.to)
                && word.from <= part.from
                && part.to <= word.to
        })
}

fn is_bounded(query: &Query) -> bool {
    let (denied, wanted): (Vec<_>, Vec<_>) = query.clauses.iter().partition(|clause| clause.not);
    denied.len() <= MOST
        && wanted.len() <= MOST
        && query.joined.len() <= 5 * MOST
        && query.runs.len() <= RUN
        && query.runs.iter().all(|run| (2..=RUN).contains(&run.len()))
        && query.clauses.iter().all(|clause| match &clause.what {
            What::Word(word) => !word.stem.is_empty() && word.pieces.len() <= MOST,
            What::Phrase(words) => {
                (2..=MOST).contains(&words.len())
                    && words.iter().all(|word: &Wanted| word.pieces.is_empty())
            }
        })
}

proptest! {
    #[test]
    fn every_word_stands_where_it_says(text in text()) {
        let words = words(&text);
        for word in &words {
            prop_assert!(is_sound(word, &text), "{word:?}");
        }
        for two in words.windows(2) {
            // Positions never go down, and words overlap only when one is a joined form.
            prop_assert!(two[0].position <= two[1].position);
            prop_assert!(two[0].joined || two[0].to <= two[1].from);
            prop_assert!(two[0].joined || two[0].position < two[1].position);
        }
        let pieces: Vec<&str> = words.iter().filter(|word| !word.joined).map(|word| &*word.folded).collect();
        prop_assert_eq!(folded(&text), pieces.join(" "));
    }

    /// A word that is found by how it is written leads to where it stands.
    #[test]
    fn a_part_that_is_folded_has_the_letters_of_its_word(text in text()) {
        for word in &words(&text) {
            for part in &word.parts {
                let folded = part.folded(word, &text);
                prop_assert!(!folded.is_empty() && word.folded.contains(&*folded), "{word:?} {folded}");
            }
        }
    }

    #[test]
    fn a_folded_word_has_its_stem(text in "[a-z]{1,70}") {
        let word = words(&text).remove(0);
        prop_assert_eq!(stem_of(&word.folded), word.stem);
    }

    #[test]
    fn words_do_not_depend_on_what_comes_after(text in text(), more in text()) {
        let alone = words(&text);
        let both = words(&format!("{text} {more}"));
        prop_assert_eq!(both.get(..alone.len()), Some(alone.as_slice()));
    }

    #[test]
    fn a_highlight_says_what_the_text_says(text in text(), picks in vec(any::<usize>(), 0..6)) {
        if let Some(html) = highlight(&text, &sought(&text, &picks), 0) {
            prop_assert!(html.contains("<mark>"));
            prop_assert_eq!(unmarked(&html), Some(collapsed(&text)), "{}", html);
        }
    }

    #[test]
    fn a_window_cuts_no_word_that_fits(
        text in text(), picks in vec(any::<usize>(), 0..6), length in 1_usize..80,
    ) {
        let whole = collapsed(&text);
        prop_assume!(!whole.contains('…'));
        if let Some(html) = highlight(&text, &sought(&text, &picks), length) {
            prop_assert!(html.contains("<mark>"), "{}", html);
            let Some(shown) = unmarked(&html) else {
                return Err(proptest::test_runner::TestCaseError::fail(html));
            };
            let before = shown.starts_with('…');
            let shown = shown.trim_matches('…');
            prop_assert!(shown.chars().count() <= length, "{}", shown);
            let fits = |word: &Word| whole[word.from..word.to].chars().count() <= length;
            let words = words(&whole);
            // The stretch may occur more than once: one place at which nothing is cut will do.
            let clean = whole.match_indices(shown).any(|(from, _)| {
                let to = from + shown.len();
                (from > 0) == before && words.iter().filter(|word| fits(word)).all(|word| {
                    let cut = |at: usize| word.from < at && at < word.to;
                    !cut(from) && !cut(to)
                })
            });
            prop_assert!(clean, "{}", html);
        }
    }

    #[test]
    fn every_query_is_read(text in text()) {
        let query = parse(&text);
        prop_assert!(is_bounded(&query), "{:?}", query);
        // Nothing remains only of what has no words, or of stop words that were denied.
        let has_words = !text.contains('-') && !words(&text).is_empty();
        prop_assert!(!query.clauses.is_empty() || !has_words);
        for synonym in synonyms(&query) {
            prop_assert!(query.clauses.get(synonym.clauses.clone()).is_some_and(|all| !all.is_empty()));
            prop_assert!(!synonym.words.is_empty());
        }
    }

    #[test]
    fn joined_hyphenated_and_spaced_spellings_meet(pieces in vec(listed_word(), 2..5)) {
        let joined = words(&pieces.concat());
        let hyphenated = words(&pieces.join("-"));
        let spaced = words(&pieces.join(" "));
        prop_assert_eq!(joined.len(), 1);
        prop_assert_eq!(hyphenated.len(), pieces.len() + 1);
        prop_assert_eq!(spaced.len(), pieces.len());
        // The hyphenated spelling has the joined one as its first word, the spaced as its others.
        prop_assert_eq!(&joined[0].stem, &hyphenated[0].stem);
        for (with, without) in hyphenated[1..].iter().zip(&spaced) {
            prop_assert_eq!(&with.stem, &without.stem);
            prop_assert_eq!(with.position, without.position);
        }
    }

    #[test]
    fn a_run_of_parts_meets_the_same_word_alone(text in compound()) {
        let bare = |from, to| text[from..to].replace(|c: char| !c.is_alphanumeric(), "");
        for word in words(&text) {
            for part in &word.parts {
                let run = bare(part.from, part.to);
                let alone = words(&run);
                prop_assert_eq!(alone.len(), 1);
                // Alone, a run may also be a form of one listed word (vroeg+scholing of
                // vroegschool) or have better parts; then nobody can tell which is meant.
                let inner = word.parts.iter().filter(|other| {
                    other.single && part.from <= other.from && other.to <= part.to
                });
                let inner: Vec<String> = inner.map(|part| bare(part.from, part.to)).collect();
                let parts = alone[0].parts.iter().filter(|part| part.single);
                let parts: Vec<&str> = parts.map(|part| &run[part.from..part.to]).collect();
                if part.single || inner == parts {
                    prop_assert_eq!(&alone[0].stem, &part.stem, "{:?}", part);
                }
                prop_assert!(!part.single || parts.is_empty());
            }
        }
    }

    #[test]
    fn case_and_composition_make_no_difference(text in "[a-zà-öø-ÿ '’-]{0,40}") {
        let upper: String = text.to_uppercase();
        prop_assert_eq!(folded(&text), folded(&upper));
        let bare = |text: &str| -> Vec<String> { words(text).into_iter().map(|word| word.stem).collect() };
        let decomposed = text.replace('é', "e\u{301}").replace('ö', "o\u{308}").replace('ç', "c\u{327}");
        prop_assert_eq!(bare(&text), bare(&decomposed));
    }
}

#[test]
fn a_highlight_that_is_wrong_is_seen() {
    assert_eq!(unmarked("<mark>a</mark>&lt;"), Some("a<".to_owned()));
    for html in [
        "<mark>a",
        "a</mark>",
        "<b>",
        "&",
        "<mark></mark>",
        "<mark><mark>a</mark></mark>",
    ] {
        assert_eq!(unmarked(html), None, "{html}");
    }
}
