//! What was typed, as a query to the index.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tantivy::Term;
use tantivy::query::PhraseQuery;
use tantivy::schema::Field;

use super::Eyes;
use super::entry::Layer;
use super::fields::{Fields, LayerFields, POSITIONED, SEARCHED, Searched};
use super::spellings::{Spelling, splits};
use super::statistics::Statistics;
use super::tree::Tree;
use super::words::query::{Clause, Query as Asked, Wanted, What};
use super::words::synonyms::Synonym;
use super::words::words;

/// What a document adds whose name is all that was typed, but for a word that says what it names;
/// and what it adds besides where it is that too.
const BARE_NAME: f32 = STEP;
const WHOLE_NAME: f32 = STEP / 2.0;

/// What counts for less than the word itself: its pieces, another spelling of it, all of its parts,
/// a synonym, a word that is one typo away or two.
const PIECES: f32 = 0.8;
const SPELLING: f32 = 0.8;
const ALL_PARTS: f32 = 0.3;
const SYNONYM: f32 = 0.4;
const RELATED: f32 = 0.2;
const TYPO: f32 = 0.3;
const TYPOS: f32 = 0.1;

/// What the word itself adds where less would do as well, its parts somewhere in the text for example:
/// more than those ever do.
const ITSELF: f32 = 100.0;

/// What two words that stand next to each other as they were typed add.
const ADJACENT: f32 = 3.0;

/// More than any sum of words: what has the name, more of the words asked for, or has them without
/// typos, comes first whatever else it has.
const STEP: f32 = 1_000.0;

/// A word that is a typo or more away from one that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Near {
    pub(super) stem: String,
    pub(super) typos: u8,
}

/// The words near a word, by its stem.
pub(super) type Nearby = HashMap<String, Vec<Near>>;

/// No word that is looked for is more typos away.
const FURTHEST: u8 = 2;

/// How far a document may be from what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Fit {
    /// It has all words.
    Exact,
    /// It has all words, or ones that are a typo away; those with all words come first, and then
    /// those that are one typo away at most.
    Near,
    /// It has any of the words; those with more of them come first.
    Relaxed,
}

/// Makes queries.
pub(super) struct Maker<'a> {
    pub(super) fields: &'a Fields,
    pub(super) eyes: &'a Eyes,
    pub(super) asked: &'a Asked,
    pub(super) nearby: &'a Nearby,
    /// What will do in place of it.
    pub(super) synonyms: &'a [Synonym],
    /// How else it is spelled.
    pub(super) spellings: &'a [Spelling],
    /// How often words stand somewhere: what stands nowhere is not looked for.
    pub(super) statistics: &'a Statistics<'a>,
}

impl Maker<'_> {
    /// The query. Each document is looked at in one layer only.
    pub(super) fn query(&self, fit: Fit) -> Tree {
        self.of_layers(&|layer| self.in_layer(layer, fit))
    }

    /// What has a word, or words next to each other.
    pub(super) fn spelled(&self, words: &[Wanted]) -> Tree {
        self.of_layers(&|layer| self.words(layer).phrase(words, 1.0))
    }

    fn of_layers(&self, query: &dyn Fn(&LayerFields) -> Tree) -> Tree {
        let query = |layer: &LayerFields| Ok::<_, Infallible>(query(layer));
        match in_layers(self.fields, self.eyes, &query) {
            Ok(query) => query,
            Err(never) => match never {},
        }
    }

    fn in_layer(&self, layer: &LayerFields, fit: Fit) -> Tree {
        let asked = self.words(layer);
        let (not, wanted): (Vec<&Clause>, Vec<&Clause>) =
            self.asked.clauses.iter().partition(|clause| clause.not);
        if wanted.is_empty() {
            return here(layer).without(asked.denied(&not));
        }
        let each = |typos: u8| {
            let clauses = self.asked.clauses.iter().enumerate();
            let wanted = clauses.filter(|(_, clause)| !clause.not);
            wanted.map(move |(nth, clause)| (nth, &clause.what, typos))
        };
        let clause = |(nth, what, typos)| asked.clause(nth, what, typos);
        let all = |typos: u8| {
            let mut more = asked.adjacent(&wanted);
            more.extend(self.named(layer));
            let pairs = self.asked.joined.iter().filter(|one| one.count == 2);
            more.extend(pairs.map(|one| asked.anywhere(&one.word.stem).times(ADJACENT)));
            let runs = self.asked.runs.iter();
            more.extend(runs.map(|words| asked.phrase(words, ADJACENT)));
            Tree::all(each(typos).map(clause)).with(more)
        };
        let query = match fit {
            Fit::Exact => all(0),
            Fit::Near => {
                let nearer = (0..FURTHEST).map(|typos| all(typos).fixed(STEP));
                all(FURTHEST).with(nearer.collect())
            }
            Fit::Relaxed => {
                let any = each(FURTHEST).map(clause);
                // Two words with typos are more than one without, and one is less.
                let counted = each(FURTHEST).map(|one| clause(one).fixed(0.6 * STEP));
                let exactly = each(0).map(|one| clause(one).fixed(0.4 * STEP));
                Tree::any(any.chain(counted).chain(exactly))
            }
        };
        query.without(asked.denied(&not))
    }

    /// What has the name that was typed.
    fn named(&self, layer: &LayerFields) -> Vec<Tree> {
        let name = &self.asked.name;
        let bare = stands(self.statistics, |layer| layer.bare, &name.bare);
        let whole = bare && stands(self.statistics, |layer| layer.whole, &name.whole);
        let bare =
            bare.then(|| Tree::Term(Term::from_field_text(layer.bare, &name.bare), BARE_NAME));
        let whole =
            whole.then(|| Tree::Term(Term::from_field_text(layer.whole, &name.whole), WHOLE_NAME));
        bare.into_iter().chain(whole).collect()
    }

    fn words<'w>(&'w self, layer: &'w LayerFields) -> Words<'w> {
        Words {
            layer,
            nearby: self.nearby,
            synonyms: self.synonyms,
            spellings: self.spellings,
            statistics: self.statistics,
        }
    }
}

/// Shows each word of a clause, and the pieces of those, to `visit`.
pub(super) fn each_wanted<'w>(what: &'w What, visit: &mut dyn FnMut(&'w Wanted)) {
    fn one<'w>(wanted: &'w Wanted, visit: &mut dyn FnMut(&'w Wanted)) {
        visit(wanted);
        wanted.pieces.iter().for_each(|piece| one(piece, visit));
    }
    match what {
        What::Word(wanted) => one(wanted, visit),
        What::Phrase(words) => words.iter().for_each(|word| one(word, visit)),
    }
}

/// A query over the layers that somebody sees: of each of them, something that only a document has
/// that has this layer.
///
/// # Errors
/// As `query` does.
pub(super) fn in_layers<E>(
    fields: &Fields,
    eyes: &Eyes,
    query: &dyn Fn(&LayerFields) -> Result<Tree, E>,
) -> Result<Tree, E> {
    let mut guards = Vec::new();
    for layer in eyes
        .layers()
        .iter()
        .filter(|layer| **layer != Layer::Public)
    {
        guards.push(here(fields.of(*layer)));
        if let Eyes::Steward(steward) = eyes {
            let term = Term::from_field_text(fields.steward, steward);
            guards.push(Tree::Term(term, 0.0));
        }
    }
    let public = query(fields.of(Layer::Public))?;
    if guards.is_empty() {
        return Ok(public);
    }
    // What is seen in the wider layer is not looked at in the narrower one.
    let narrow = public.without(vec![Tree::all(guards.clone())]);
    for layer in eyes
        .layers()
        .iter()
        .filter(|layer| **layer != Layer::Public)
    {
        guards.push(query(fields.of(*layer))?);
    }
    Ok(Tree::any([narrow, Tree::all(guards)]))
}

struct Words<'w> {
    layer: &'w LayerFields,
    nearby: &'w Nearby,
    synonyms: &'w [Synonym],
    spellings: &'w [Spelling],
    statistics: &'w Statistics<'w>,
}

impl Words<'_> {
    fn clause(&self, nth: usize, what: &What, typos: u8) -> Tree {
        let (mut itself, mut less) = match what {
            What::Word(wanted) => (self.itself(wanted, typos), self.less(wanted, typos)),
            What::Phrase(words) => (vec![self.phrase(words, 1.0)], Vec::new()),
        };
        // What stands in place of several words is a way for each of them.
        for one in self
            .synonyms
            .iter()
            .filter(|one| one.clauses.contains(&nth))
        {
            let all = Tree::all(one.words.iter().map(|word| self.word(word, 0)));
            if one.same {
                itself.push(all.times(SYNONYM));
            } else {
                less.push(all.times(RELATED));
            }
        }
        let spellings = self.spellings.iter();
        let spellings = spellings.filter(|one| one.clauses.contains(&nth));
        itself.extend(spellings.map(|one| self.phrase(&one.words, SPELLING)));
        let itself = Tree::any(itself);
        if less.is_empty() {
            return itself;
        }
        Tree::any([itself.raised(ITSELF)].into_iter().chain(less))
    }

    /// A word, or one that so many typos at most are between.
    fn word(&self, wanted: &Wanted, typos: u8) -> Tree {
        let ways = self.itself(wanted, typos).into_iter();
        Tree::any(ways.chain(self.less(wanted, typos)))
    }

    /// A word, joined or in the pieces in which it was typed.
    fn itself(&self, wanted: &Wanted, typos: u8) -> Vec<Tree> {
        let mut ways = vec![self.anywhere(&wanted.stem)];
        if !wanted.pieces.is_empty() {
            let pieces = wanted.pieces.iter().map(|piece| self.word(piece, typos));
            ways.push(Tree::all(pieces).times(PIECES));
        }
        ways
    }

    /// What will do in place of a word: all of its parts, wherever they stand, or one that so many typos
    /// at most are between.
    fn less(&self, wanted: &Wanted, typos: u8) -> Vec<Tree> {
        let mut ways = Vec::new();
        if !wanted.parts.is_empty() {
            let parts = wanted.parts.iter().map(|part| self.anywhere(part));
            ways.push(Tree::all(parts).times(ALL_PARTS));
        }
        let near = self.nearby.get(&wanted.stem).into_iter().flatten();
        for other in near.filter(|other| other.typos <= typos) {
            let weight = if other.typos > 1 { TYPOS } else { TYPO };
            ways.push(self.anywhere(&other.stem).times(weight));
        }
        ways
    }

    fn anywhere(&self, stem: &str) -> Tree {
        let term = |one: &Searched| {
            let term = Term::from_field_text((one.of)(self.layer), stem);
            Tree::Word(term, one.weight)
        };
        let stands = |one: &&Searched| stands(self.statistics, one.of, stem);
        Tree::any(SEARCHED.iter().filter(stands).map(term))
    }

    /// A word, or words next to each other in one of the fields.
    fn phrase(&self, words: &[Wanted], weight: f32) -> Tree {
        let in_field = |one: &Searched| {
            let field = (one.of)(self.layer);
            let terms = words
                .iter()
                .map(|word| Term::from_field_text(field, &word.stem))
                .collect();
            Tree::Query(Arc::new(PhraseQuery::new(terms)), weight * one.weight)
        };
        match words {
            [] => Tree::nothing(),
            [one] => self.word(one, 0).times(weight),
            _ => Tree::any(SEARCHED.iter().take(POSITIONED).map(in_field)),
        }
    }

    /// Each two words that were typed one after the other, as a phrase.
    fn adjacent(&self, wanted: &[&Clause]) -> Vec<Tree> {
        let pairs = wanted.windows(2).filter_map(|pair| match pair {
            [
                Clause {
                    what: What::Word(first),
                    ..
                },
                Clause {
                    what: What::Word(second),
                    ..
                },
            ] => Some((first, second)),
            _ => None,
        });
        pairs
            .map(|(first, second)| self.phrase(&[first.clone(), second.clone()], ADJACENT))
            .collect()
    }

    /// What has one of the words that were denied, the words themselves, not compounds with them, in
    /// each way in which they are spelled: as one word, with a hyphen, or apart; or one of the phrases.
    fn denied(&self, not: &[&Clause]) -> Vec<Tree> {
        let LayerFields {
            name, text, near, ..
        } = *self.layer;
        let each = not.iter().map(|clause| match &clause.what {
            What::Word(word) => {
                let joined = [name, text, near]
                    .map(|field| Tree::Term(Term::from_field_text(field, &word.stem), 0.0));
                let mut apart = apart(word);
                apart.extend(splits(self.statistics, word));
                let apart = apart.iter().map(|words| self.phrase(words, 1.0));
                Tree::any(joined.into_iter().chain(apart))
            }
            What::Phrase(words) => self.phrase(words, 1.0),
        });
        each.collect()
    }
}

/// A word as two words or more next to each other: a hyphenated one as its pieces, a compound as its
/// parts, of which neighbours may be one word.
fn apart(word: &Wanted) -> Vec<Vec<Wanted>> {
    let stem = |stem: &str| Wanted {
        stem: stem.to_owned(),
        ..Wanted::default()
    };
    let together = |parts: &[String]| words(&parts.concat()).into_iter().next();
    let one = |parts: &[String]| together(parts).map(|word| stem(&word.stem));
    let pieces = word.pieces.iter().map(|piece| stem(&piece.stem)).collect();
    let parts: Vec<Wanted> = word.parts.iter().map(|part| stem(part)).collect();
    let mut ways = vec![pieces, parts.clone()];
    if parts.len() > 2 {
        for nth in 1..parts.len() {
            let (before, behind) = word.parts.split_at(nth);
            ways.push([before, behind].into_iter().filter_map(one).collect());
        }
    }
    ways.retain(|way| way.len() > 1);
    ways
}

/// Whether a word stands in a field of any document that somebody sees. What cannot be counted is
/// looked for, and fails then.
pub(super) fn stands(
    statistics: &Statistics<'_>,
    field: fn(&LayerFields) -> Field,
    word: &str,
) -> bool {
    statistics
        .frequency(field, word)
        .map_or(true, |count| count > 0)
}

/// All documents that have a layer, alike.
fn here(layer: &LayerFields) -> Tree {
    Tree::Term(Term::from_field_u64(layer.here, 1), 0.0)
}
