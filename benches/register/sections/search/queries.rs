//! What is asked of the search: words and the paths that they make.

use super::texts::Texts;

/// All that can be counted.
const FACETS: &str = "&facets=type,region,theme,kind,status,year";

/// The words of each sort of search.
pub(super) struct Words {
    /// Words that stand in some of the texts: the usual ones.
    pub(super) usual: Vec<String>,
    /// Others that are as usual as those, many of them.
    pub(super) fresh: Vec<String>,
    /// The one that stands in about 45 % of them.
    pub(super) common: Vec<String>,
    /// Ones that stand in a handful.
    pub(super) rare: Vec<String>,
    /// Three at a time.
    pub(super) three: Vec<String>,
    /// With a letter missing, so that they stand nowhere.
    pub(super) typos: Vec<String>,
    /// The beginnings of words.
    pub(super) beginnings: Vec<String>,
    /// Drawn by how often they are used in the texts.
    pub(super) drawn: Vec<String>,
}

impl Words {
    pub(super) fn new(texts: &mut Texts) -> Self {
        let some = |places: &[usize]| -> Vec<String> {
            let words = places.iter().map(|place| texts.word(*place).to_owned());
            words.collect()
        };
        let places = [10, 20, 30, 50, 75, 100, 150, 200, 300, 400, 600, 800, 1_000];
        let usual = some(&places);
        // Each the next that is a fiftieth further on, or just the next.
        let further = |place: &usize| Some(place + (place / 50).max(1));
        let fresh = std::iter::successors(Some(10), further).take_while(|place| *place <= 1_000);
        let fresh: Vec<usize> = fresh.filter(|place| !places.contains(place)).collect();
        let threes = [[1, 4, 9], [2, 6, 12], [3, 7, 15], [5, 8, 20], [4, 10, 11]];
        let long = (20..).map(|place| texts.word(place));
        let typos = long.filter(|word| word.len() >= 12).take(8).map(|word| {
            let (start, rest) = word.split_at(5);
            format!("{start}{}", &rest[1..])
        });
        let beginnings = (3..40).step_by(3).map(|place| {
            let word = texts.word(place);
            word[..word.len().min(4)].to_owned()
        });
        Self {
            fresh: some(&fresh),
            common: some(&[0]),
            rare: texts.rare(10).into_iter().map(str::to_owned).collect(),
            three: threes.iter().map(|one| some(one).join(" ")).collect(),
            typos: typos.collect(),
            beginnings: beginnings.collect(),
            usual,
            drawn: (0..200)
                .map(|_| texts.draw())
                .collect::<Vec<_>>()
                .into_iter()
                .map(|place| texts.word(place).to_owned())
                .collect(),
        }
    }
}

/// The addresses of a search for each of some words.
pub(super) fn searches(words: &[String], facets: bool) -> Vec<String> {
    let facets = if facets { FACETS } else { "" };
    with(words, "/search", facets)
}

/// The addresses of completions of what was typed.
pub(super) fn completions(typed: &[String]) -> Vec<String> {
    with(typed, "/suggest", "")
}

/// The addresses of a path with each of some words.
pub(super) fn with(words: &[String], path: &str, more: &str) -> Vec<String> {
    let words = words.iter().map(|words| words.replace(' ', "+"));
    words
        .map(|words| format!("/api/v1{path}?q={words}{more}"))
        .collect()
}
