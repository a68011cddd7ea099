//! Projects that do not exist, the same ones on every machine, in Dutch-like words: a few stand in
//! almost every text, one in about 45 % of them, and most in a handful.

use std::collections::HashSet;

use fastrand::Rng;

/// Change it, or anything below, and results are no longer comparable with older ones.
const SEED: u64 = 2015;

/// The words that compounds are made of, as the program knows them.
const STEMS: &str = include_str!("../../../../src/search/words/compound-stems.txt");

/// How many words there are that tell something.
const WORDS: usize = 40_000;

/// The words are drawn by Zipf's law, the first so many left out: the one in front then stands in
/// about 45 % of the texts.
const OFFSET: f64 = 11.0;

/// Of a hundred words of a text, so many say nothing.
const SMALL_WORDS: u32 = 35;
const SMALL: [&str; 16] = [
    "de", "van", "het", "een", "en", "in", "voor", "met", "op", "die", "zijn", "aan", "bij", "om",
    "te", "door",
];

/// Of a hundred words, so many are plurals.
const PLURALS: u32 = 15;

/// What facets count, beside regions and themes.
const KINDS: [&str; 6] = [
    "project",
    "pilot",
    "programme",
    "declaration",
    "agenda",
    "arrangement",
];
const STATUSES: [&str; 4] = ["planned", "active", "completed", "unknown"];

/// How many documents of other collections the projects name.
pub(super) const REGIONS: usize = 40;
pub(super) const THEMES: usize = 60;
pub(super) const ORGANISATIONS: usize = 300;

/// A project to be written.
pub(super) struct Made {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    pub(super) year: u32,
    pub(super) region: usize,
    pub(super) themes: Vec<usize>,
    pub(super) organisations: [usize; 2],
    /// The words in it that tell something, by their places in the vocabulary.
    words: HashSet<usize>,
}

/// The vocabulary, and what was made of it so far.
pub(super) struct Texts {
    words: Vec<String>,
    /// How much of all words one and those in front of it are.
    shares: Vec<f64>,
    /// In how many projects a word stands.
    counts: Vec<u32>,
    rng: Rng,
}

impl Texts {
    /// The vocabulary: words and compounds of two of them.
    pub(super) fn new() -> Self {
        let mut rng = Rng::with_seed(SEED);
        let mut stems: Vec<&str> = STEMS
            .lines()
            .map(|line| line.trim_matches('-'))
            .filter(|line| line.len() > 2 && line.bytes().all(|byte| byte.is_ascii_lowercase()))
            .collect();
        rng.shuffle(&mut stems);
        let mut seen: HashSet<String> = HashSet::new();
        let mut words: Vec<String> = Vec::with_capacity(WORDS);
        let mut simple = stems.iter();
        while words.len() < WORDS {
            // Two words for each compound, as long as there are words.
            let stem = simple.next().filter(|_| words.len() % 3 != 2);
            let next = if let Some(stem) = stem {
                (*stem).to_owned()
            } else {
                // What everything is about would be a part of half of the compounds.
                let mut one = || stems[rng.usize(1..stems.len())];
                format!("{}{}", one(), one())
            };
            if seen.insert(next.clone()) {
                words.push(next);
            }
        }
        let mut sum = 0.0;
        let mut place = OFFSET;
        let mut shares: Vec<f64> = words
            .iter()
            .map(|_| {
                place += 1.0;
                sum += 1.0 / place;
                sum
            })
            .collect();
        for share in &mut shares {
            *share /= sum;
        }
        Self {
            counts: vec![0; words.len()],
            words,
            shares,
            rng,
        }
    }

    /// A word by its place; the first is the most frequent one.
    pub(super) fn word(&self, place: usize) -> &str {
        &self.words[place]
    }

    /// In how many of the projects so far a word stands.
    pub(super) fn count(&self, place: usize) -> u32 {
        self.counts[place]
    }

    /// The words that stand in the fewest projects, but do.
    pub(super) fn rare(&self, how_many: usize) -> Vec<&str> {
        let places = (0..self.words.len()).rev();
        let there = places.filter(|place| self.counts[*place] > 0);
        there.take(how_many).map(|place| self.word(place)).collect()
    }

    /// The place of a word, drawn by how often it is used.
    pub(super) fn draw(&mut self) -> usize {
        let at = self.rng.f64();
        let place = self.shares.partition_point(|share| *share < at);
        place.min(self.words.len() - 1)
    }

    /// The next project.
    pub(super) fn project(&mut self) -> Made {
        let mut words = HashSet::new();
        let mut name = String::new();
        for _ in 0..self.rng.usize(3..=6) {
            self.add_word(&mut name, &mut words);
        }
        capital(&mut name, 0);
        let mut text = String::new();
        let (mut begin, mut left) = (0, self.rng.usize(6..16));
        for _ in 0..self.rng.usize(60..=120) {
            if self.rng.u32(..100) < SMALL_WORDS {
                push(&mut text, SMALL[self.rng.usize(..SMALL.len())]);
            } else {
                self.add_word(&mut text, &mut words);
            }
            left -= 1;
            if left == 0 {
                text.push('.');
                capital(&mut text, begin);
                (begin, left) = (text.len() + 1, self.rng.usize(6..16));
            }
        }
        for word in &words {
            self.counts[*word] += 1;
        }
        let rng = &mut self.rng;
        Made {
            name,
            text,
            kind: KINDS[rng.usize(..KINDS.len())],
            status: STATUSES[rng.usize(..STATUSES.len())],
            year: rng.u32(2005..2026),
            region: rng.usize(..REGIONS),
            themes: (0..rng.usize(1..4))
                .map(|nth| (rng.usize(..THEMES / 3)) * 3 + nth)
                .collect(),
            organisations: [
                rng.usize(..ORGANISATIONS / 2),
                rng.usize(ORGANISATIONS / 2..ORGANISATIONS),
            ],
            words,
        }
    }

    fn add_word(&mut self, text: &mut String, words: &mut HashSet<usize>) {
        let place = self.draw();
        push(text, &self.words[place]);
        if self.rng.u32(..100) < PLURALS {
            text.push_str("en");
        } else {
            words.insert(place);
        }
    }
}

impl Made {
    /// Whether a word stands in it as it is.
    pub(super) fn has(&self, place: usize) -> bool {
        self.words.contains(&place)
    }
}

fn push(text: &mut String, word: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(word);
}

fn capital(text: &mut str, at: usize) {
    if let Some(letter) = text.get_mut(at..=at) {
        letter.make_ascii_uppercase();
    }
}
