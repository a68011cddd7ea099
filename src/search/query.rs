//! What was typed, as a query to the index.

use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur, PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::Eyes;
use super::entry::Layer;
use super::fields::{Fields, LayerFields, POSITIONED, SEARCHED, Searched};
use super::statistics::Statistics;
use super::words::highlight::Sought;
use super::words::query::{Clause, Query as Asked, Wanted, What};
use super::words::synonyms::Synonym;
use super::words::words;

/// What a document adds whose name is all that was typed.
const WHOLE_NAME: f32 = 10.0;

/// What counts for less than the word itself: its pieces, all of its parts, a synonym, a word that
/// is a typo away.
const PIECES: f32 = 0.8;
const ALL_PARTS: f32 = 0.3;
const SYNONYM: f32 = 0.4;
const RELATED: f32 = 0.2;
const TYPO: f32 = 0.3;

/// What two words that stand next to each other as they were typed add.
const ADJACENT: f32 = 3.0;

/// More than any sum of words: what has more of the words asked for, or has them without typos,
/// comes first whatever else it has.
const STEP: f32 = 1_000.0;

/// The words near a word, by its stem.
pub(super) type Nearby = HashMap<String, Vec<String>>;

/// How far a document may be from what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// It has all words.
    Exact,
    /// It has all words, or ones that are a typo away; those with all words come first.
    Near,
    /// It has any of the words; those with more of them come first.
    Relaxed,
}

/// Makes queries.
pub(super) struct Maker<'a> {
    pub(super) fields: &'a Fields,
    pub(super) eyes: &'a Eyes,
    pub(super) asked: &'a Asked,
    /// What was typed, folded.
    pub(super) typed: &'a str,
    pub(super) nearby: &'a Nearby,
    /// What will do in place of it.
    pub(super) synonyms: &'a [Synonym],
    /// How often words stand somewhere: what stands nowhere is not looked for.
    pub(super) statistics: &'a Statistics<'a>,
}

type Any = Box<dyn Query>;

impl Maker<'_> {
    /// The query. Each document is looked at in one layer only.
    pub(super) fn query(&self, fit: Fit) -> Any {
        let in_layer = |layer: &LayerFields| Ok::<_, Infallible>(self.in_layer(layer, fit));
        match in_layers(self.fields, self.eyes, &in_layer) {
            Ok(query) => query,
            Err(never) => match never {},
        }
    }

    fn in_layer(&self, layer: &LayerFields, fit: Fit) -> Any {
        let asked = self.words(layer);
        let (not, wanted): (Vec<&Clause>, Vec<&Clause>) =
            self.asked.clauses.iter().partition(|clause| clause.not);
        if wanted.is_empty() {
            return excluding(here(layer), &not, &asked);
        }
        let each = |near: bool| -> Vec<Any> {
            let clauses = self.asked.clauses.iter().enumerate();
            clauses
                .filter(|(_, clause)| !clause.not)
                .map(|(nth, clause)| asked.clause(nth, &clause.what, near))
                .collect()
        };
        let exact = |parts: Vec<Any>| {
            let mut all: Vec<(Occur, Any)> =
                parts.into_iter().map(|part| (Occur::Must, part)).collect();
            let beside = asked.adjacent(&wanted).into_iter();
            all.extend(beside.map(|pair| (Occur::Should, pair)));
            if stands(self.statistics, |layer| layer.whole, self.typed) {
                let name = Term::from_field_text(layer.whole, self.typed);
                let name = Box::new(TermQuery::new(name, IndexRecordOption::Basic));
                let name = ConstScoreQuery::new(name, WHOLE_NAME);
                all.push((Occur::Should, Box::new(name)));
            }
            boolean(all)
        };
        let query = match fit {
            Fit::Exact => exact(each(false)),
            Fit::Near => boolean(vec![
                (Occur::Must, exact(each(true))),
                (Occur::Should, step(exact(each(false)))),
            ]),
            Fit::Relaxed => {
                let any = each(true).into_iter().map(|part| (Occur::Should, part));
                let counted = each(true)
                    .into_iter()
                    .map(|part| (Occur::Should, step(part)));
                boolean(any.chain(counted).collect())
            }
        };
        excluding(query, &not, &asked)
    }

    /// What has a phrase that was denied; nothing when none was. tantivy's own exclusion asks a phrase
    /// for documents before the one that it has come to, which phrases do not bear.
    pub(super) fn denied(&self) -> Option<Any> {
        let phrases = |clause: &Clause| match &clause.what {
            What::Phrase(words) if clause.not => Some(words.clone()),
            _ => None,
        };
        let phrases: Vec<Vec<Wanted>> = self.asked.clauses.iter().filter_map(phrases).collect();
        if phrases.is_empty() {
            return None;
        }
        let in_layer = |layer: &LayerFields| {
            let words = self.words(layer);
            let each = phrases.iter().map(|phrase| words.phrase(phrase, 1.0));
            Ok::<_, Infallible>(either(each.collect()))
        };
        match in_layers(self.fields, self.eyes, &in_layer) {
            Ok(query) => Some(query),
            Err(never) => match never {},
        }
    }

    fn words<'w>(&'w self, layer: &'w LayerFields) -> Words<'w> {
        Words {
            layer,
            nearby: self.nearby,
            synonyms: self.synonyms,
            statistics: self.statistics,
        }
    }

    /// What to mark in the texts of what was found: the words themselves, and, for a document that
    /// has none of those, also the parts by which a compound was found.
    pub(super) fn sought(&self) -> [Sought; 2] {
        [self.sought_with(false), self.sought_with(true)]
    }

    /// All words that are looked for, as they are compared.
    pub(super) fn stems(&self) -> BTreeSet<String> {
        let mut stems = BTreeSet::new();
        let mut add = |wanted: &Wanted| {
            let near = self.nearby.get(&wanted.stem).into_iter().flatten();
            stems.extend(wanted.parts.iter().chain(near).cloned());
            stems.insert(wanted.stem.clone());
        };
        for clause in self.asked.clauses.iter().filter(|clause| !clause.not) {
            each_wanted(&clause.what, &mut add);
        }
        for synonym in self.synonyms {
            synonym.words.iter().for_each(&mut add);
        }
        stems
    }

    fn sought_with(&self, parts: bool) -> Sought {
        let mut sought = Sought::new();
        let mut add = |wanted: &Wanted| {
            sought.whole(&wanted.stem);
            sought.part(&wanted.stem);
            for part in wanted.parts.iter().filter(|_| parts) {
                sought.whole(part);
                sought.part(part);
            }
            for near in self.nearby.get(&wanted.stem).into_iter().flatten() {
                sought.whole(near);
                sought.part(near);
            }
        };
        for clause in self.asked.clauses.iter().filter(|clause| !clause.not) {
            each_wanted(&clause.what, &mut add);
        }
        for synonym in self.synonyms {
            synonym.words.iter().for_each(&mut add);
        }
        sought
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
    query: &dyn Fn(&LayerFields) -> Result<Any, E>,
) -> Result<Any, E> {
    let mut guards = Vec::new();
    for layer in eyes
        .layers()
        .iter()
        .filter(|layer| **layer != Layer::Public)
    {
        guards.push(here(fields.of(*layer)));
        if let Eyes::Steward(steward) = eyes {
            let term = Term::from_field_text(fields.steward, steward);
            guards.push(silent(Box::new(TermQuery::new(
                term,
                IndexRecordOption::Basic,
            ))));
        }
    }
    let public = query(fields.of(Layer::Public))?;
    if guards.is_empty() {
        return Ok(public);
    }
    // What is seen in the wider layer is not looked at in the narrower one.
    let mut narrow = vec![(Occur::Must, public)];
    let copies = guards.iter().map(|guard| guard.box_clone()).collect();
    narrow.push((Occur::MustNot, every(copies)));
    for layer in eyes
        .layers()
        .iter()
        .filter(|layer| **layer != Layer::Public)
    {
        guards.push(query(fields.of(*layer))?);
    }
    Ok(either(vec![boolean(narrow), every(guards)]))
}

struct Words<'w> {
    layer: &'w LayerFields,
    nearby: &'w Nearby,
    synonyms: &'w [Synonym],
    statistics: &'w Statistics<'w>,
}

impl Words<'_> {
    fn clause(&self, nth: usize, what: &What, near: bool) -> Any {
        let mut ways = vec![match what {
            What::Word(wanted) => self.word(wanted, near),
            What::Phrase(words) => self.phrase(words, 1.0),
        }];
        // What stands in place of several words is a way for each of them.
        for synonym in self
            .synonyms
            .iter()
            .filter(|one| one.clauses.contains(&nth))
        {
            let each = synonym.words.iter().map(|word| self.word(word, false));
            let weight = if synonym.same { SYNONYM } else { RELATED };
            ways.push(boosted(every(each.collect()), weight));
        }
        either(ways)
    }

    fn word(&self, wanted: &Wanted, near: bool) -> Any {
        let mut ways = self.anywhere(&wanted.stem);
        if !wanted.parts.is_empty() {
            let parts = wanted.parts.iter().map(|part| either(self.anywhere(part)));
            ways.push(boosted(every(parts.collect()), ALL_PARTS));
        }
        if !wanted.pieces.is_empty() {
            let pieces = wanted.pieces.iter().map(|piece| self.word(piece, near));
            ways.push(boosted(every(pieces.collect()), PIECES));
        }
        if near {
            for other in self.nearby.get(&wanted.stem).into_iter().flatten() {
                ways.push(boosted(either(self.anywhere(other)), TYPO));
            }
        }
        either(ways)
    }

    fn anywhere(&self, stem: &str) -> Vec<Any> {
        let term = |one: &Searched| -> Any {
            let term = Term::from_field_text((one.of)(self.layer), stem);
            let term = TermQuery::new(term, IndexRecordOption::WithFreqs);
            boosted(Box::new(term), one.weight)
        };
        let stands = |one: &&Searched| stands(self.statistics, one.of, stem);
        SEARCHED.iter().filter(stands).map(term).collect()
    }

    /// Words next to each other, in one of the fields.
    fn phrase(&self, words: &[Wanted], weight: f32) -> Any {
        let in_field = |one: &Searched| -> Any {
            let field = (one.of)(self.layer);
            let terms = words
                .iter()
                .map(|word| Term::from_field_text(field, &word.stem))
                .collect();
            boosted(Box::new(PhraseQuery::new(terms)), weight * one.weight)
        };
        match words {
            [] => Box::new(EmptyQuery),
            [one] => self.word(one, false),
            _ => either(SEARCHED.iter().take(POSITIONED).map(in_field).collect()),
        }
    }

    /// Each two words that were typed one after the other, as a phrase and as one word.
    fn adjacent(&self, wanted: &[&Clause]) -> Vec<Any> {
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
        let ways = pairs.flat_map(|(first, second)| {
            let joined = words(&format!("{}{}", first.folded, second.folded));
            let joined = joined.first().map(|word| self.anywhere(&word.stem));
            let joined = joined.map(|ways| boosted(either(ways), ADJACENT));
            let apart = self.phrase(&[first.clone(), second.clone()], ADJACENT);
            [Some(apart), joined].into_iter().flatten()
        });
        ways.collect()
    }
}

/// Whether a word stands in a field of any document that somebody sees. What cannot be counted is
/// looked for, and fails then.
fn stands(statistics: &Statistics<'_>, field: fn(&LayerFields) -> Field, word: &str) -> bool {
    statistics
        .frequency(field, word)
        .map_or(true, |count| count > 0)
}

/// Without what has one of these words: the words themselves, not compounds with them. Phrases are
/// left to [`Maker::denied`].
fn excluding(query: Any, not: &[&Clause], words: &Words<'_>) -> Any {
    let layer = words.layer;
    let mut all = vec![(Occur::Must, query)];
    for clause in not {
        let What::Word(word) = &clause.what else {
            continue;
        };
        let fields = [layer.name, layer.text, layer.near];
        let unwanted = fields.into_iter().map(|field| -> Any {
            let term = Term::from_field_text(field, &word.stem);
            Box::new(TermQuery::new(term, IndexRecordOption::Basic))
        });
        all.push((Occur::MustNot, either(unwanted.collect())));
    }
    boolean(all)
}

/// All documents that have a layer, alike.
fn here(layer: &LayerFields) -> Any {
    let term = Term::from_field_u64(layer.here, 1);
    silent(Box::new(TermQuery::new(term, IndexRecordOption::Basic)))
}

/// What chooses and does not count.
pub(super) fn silent(query: Any) -> Any {
    Box::new(ConstScoreQuery::new(query, 0.0))
}

fn step(query: Any) -> Any {
    Box::new(ConstScoreQuery::new(query, STEP))
}

fn boosted(query: Any, weight: f32) -> Any {
    Box::new(BoostQuery::new(query, weight))
}

pub(super) fn either(mut ways: Vec<Any>) -> Any {
    match (ways.pop(), ways.is_empty()) {
        (Some(only), true) => only,
        (None, _) => Box::new(EmptyQuery),
        (Some(last), false) => {
            ways.push(last);
            boolean(ways.into_iter().map(|way| (Occur::Should, way)).collect())
        }
    }
}

pub(super) fn every(parts: Vec<Any>) -> Any {
    boolean(parts.into_iter().map(|part| (Occur::Must, part)).collect())
}

pub(super) fn boolean(mut parts: Vec<(Occur, Any)>) -> Any {
    match (parts.pop(), parts.is_empty()) {
        // One alone needs nothing around it.
        (Some((Occur::Must, only)), true) => only,
        (last, _) => {
            parts.extend(last);
            Box::new(BooleanQuery::new(parts))
        }
    }
}
