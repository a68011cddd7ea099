//! Completion while somebody types: documents whose names begin like it.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use tantivy::query::TermSetQuery;
use tantivy::schema::Field;
use tantivy::{Searcher, Term};
use utoipa::ToSchema;

use super::ask::collect;
use super::collect::Wanted;
use super::fields::Fields;
use super::index::View;
use super::order::Key;
use super::query::in_layers;
use super::statistics::Statistics;
use super::terms::each_beginning;
use super::tree::Tree;
use super::values::Facet;
use super::words::folded;
use super::words::names::beginning as compact;
use super::words::near::{distance, typos};
use super::{Eyes, Search};
use crate::register::page::{SortField, SortKey};
use crate::register::{Caller, Result};

/// How many suggestions there are at most.
pub(super) const MOST: usize = 10;

/// With fewer letters than this, half of the register would begin so.
const FEWEST: usize = 2;

/// How many words a beginning stands for. Those that come later in the alphabet are found with the
/// next letter.
const WORDS: usize = 2_000;

/// How many letters must be right: of a word, and of words without spaces, of which there are far more.
const FIRST: usize = 1;
const RIGHT: usize = 2;

/// No name has more words.
const MANY: usize = 12;

/// How many words that begin the same are compared.
const COMPARED: usize = 20_000;

/// A document whose name begins like what was typed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Suggestion {
    /// The id of the document.
    #[schema(format = "uuid")]
    pub(super) id: String,
    /// Its slug.
    #[schema(examples("noord-veluwe"))]
    pub(super) slug: String,
    /// Its name.
    #[schema(examples("Noord Veluwe"))]
    pub(super) name: String,
    /// The name that was found, when that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("Regio Noord Veluwe"))]
    pub(super) alternative: Option<String>,
}

/// The suggestions of one collection.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct SuggestionGroup {
    /// The collection, as in addresses.
    #[serde(rename = "type")]
    #[schema(examples("regions"))]
    pub(super) type_: String,
    /// Its suggestions, the best first.
    pub(super) items: Vec<Suggestion>,
}

/// How a name may begin like what was typed, the best first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The name as a whole, or without a word before it that says what it names.
    Whole,
    /// One of its words, and it has the other words that were typed; or what follows from one of its
    /// words on, however that is spelled.
    Word,
    /// The same with a typo.
    Typo,
}

/// The ids of documents to suggest, the best first.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn suggest(
    search: &Search,
    view: &View,
    caller: &Caller,
    typed: &str,
    collections: Option<Vec<String>>,
) -> Result<Vec<String>> {
    let typed = folded(typed);
    if typed.chars().count() < FEWEST {
        return Ok(Vec::new());
    }
    let (fields, eyes) = (&search.0.fields, Eyes::of(caller));
    let statistics = Statistics::new(view, fields, &eyes)?;
    let wanted = Wanted {
        eyes: eyes.clone(),
        order: vec![Key::Field(SortKey {
            field: SortField::Name,
            descending: false,
        })],
        after: None,
        limit: MOST,
        chosen: collections
            .into_iter()
            .map(|words| (Facet::Type, words))
            .collect(),
        among: None,
        facets: Vec::new(),
    };
    let mut ids: Vec<String> = Vec::new();
    for way in [Way::Whole, Way::Word, Way::Typo] {
        if ids.len() >= MOST {
            break;
        }
        let beyond = ids.is_empty();
        if way == Way::Typo && !bears_typos(&typed, beyond) {
            break;
        }
        let query = query(&view.searcher, fields, &eyes, way, &typed, beyond)?;
        let found = collect(view, &statistics, &query, &wanted)?;
        for id in found.ids {
            if !ids.contains(&id) && ids.len() < MOST {
                ids.push(id);
            }
        }
    }
    Ok(ids)
}

/// Whether anything that was typed is long enough for a typo; without, nothing else would be found.
fn bears_typos(typed: &str, beyond: bool) -> bool {
    let mut words = typed.split_whitespace();
    words.any(|word| typos(word) > 0) || (beyond && typos(&compact(typed)) > 0)
}

fn query(
    searcher: &Searcher,
    fields: &Fields,
    eyes: &Eyes,
    way: Way,
    typed: &str,
    beyond: bool,
) -> tantivy::Result<Tree> {
    let joined = compact(typed);
    in_layers(fields, eyes, &|layer| match way {
        Way::Whole => {
            let names = [layer.whole, layer.bare];
            let names = names.map(|names| beginning(searcher, names, &joined, 0, FIRST));
            Ok(Tree::any(
                names.into_iter().collect::<tantivy::Result<Vec<_>>>()?,
            ))
        }
        Way::Word | Way::Typo => {
            let most = |word| {
                if way == Way::Typo {
                    typos(word).min(1)
                } else {
                    0
                }
            };
            let mut parts = Vec::new();
            let words: Vec<&str> = typed.split_whitespace().take(MANY).collect();
            for (nth, word) in words.iter().enumerate() {
                let last = nth + 1 == words.len();
                parts.push(if last {
                    beginning(searcher, layer.word, word, most(word), FIRST)?
                } else {
                    like(searcher, layer.word, word, most(word))?
                });
            }
            // As many typos as in the last word, of which there may be little yet; where nothing begins
            // so, anywhere.
            let last = if beyond {
                Some(&*joined)
            } else {
                words.last().copied()
            };
            let most = last.map_or(0, most);
            let joined = beginning(searcher, layer.ends, &joined, most, RIGHT)?;
            Ok(Tree::any([Tree::all(parts), joined]))
        }
    })
}

/// What has a word that begins like this, with so many typos at most, none in the first letters.
fn beginning(
    searcher: &Searcher,
    field: Field,
    typed: &str,
    most: u8,
    right: usize,
) -> tantivy::Result<Tree> {
    let length = typed.chars().count();
    terms(searcher, field, typed, most, right, |term| {
        most == 0 || {
            // A letter may be missing or too many, so a beginning of three lengths may be meant.
            let cut = |length: usize| -> String { term.chars().take(length).collect() };
            let lengths = [length, length + 1, length.saturating_sub(1)];
            lengths
                .into_iter()
                .any(|length| distance(typed, &cut(length), most).is_some())
        }
    })
}

/// What has a word, with so many typos at most.
fn like(searcher: &Searcher, field: Field, typed: &str, most: u8) -> tantivy::Result<Tree> {
    terms(searcher, field, typed, most, FIRST, |term| {
        distance(typed, term, most).is_some()
    })
}

/// What has one of the terms that are fit, of those that begin the same: with the whole, or with
/// the first letters where there may be typos.
fn terms(
    searcher: &Searcher,
    field: Field,
    typed: &str,
    most: u8,
    right: usize,
    fits: impl Fn(&str) -> bool,
) -> tantivy::Result<Tree> {
    let first: String = typed.chars().take(right).collect();
    let start = if most == 0 { typed } else { &first };
    let mut found = BTreeSet::new();
    for segment in searcher.segment_readers() {
        let (mut taken, mut compared) = (0, 0);
        each_beginning(segment, field, start, &mut |term| {
            compared += 1;
            if taken < WORDS && compared <= COMPARED && fits(term) {
                taken += 1;
                found.insert(Term::from_field_text(field, term));
            }
        })?;
    }
    let found = TermSetQuery::new(found.into_iter().take(WORDS));
    Ok(Tree::Query(Arc::new(found), 1.0))
}
