//! What a search finds, as JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::ask::{Found, Wish, search};
use super::facets::{FacetValue, Facets};
use super::hits::{SearchHit, people, shown, spelt};
use super::index::View;
use super::parameters::Asked;
use super::warm::Reader;
use super::{Search, explain, facets};
use crate::api::cursor;
use crate::privacy::processing::{Action, Span};
use crate::register::{Caller, Result};
use crate::store::Glance;

/// What was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SearchResults<'s> {
    /// How many documents were found.
    total: u64,
    /// Whether nothing has all words, so that any of them was enough.
    relaxed: bool,
    /// Words that stand nowhere, and those that were looked for instead.
    corrections: Vec<Correction>,
    /// The hits of this page.
    items: Vec<SearchHit<'s>>,
    /// The address of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    next: Option<String>,
    /// The counts that were asked for, by the name of the facet.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Vec<FacetValue>>>)]
    facets: Option<Facets>,
}

/// A word that stands nowhere.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Correction {
    /// As it was typed, without accents and capitals.
    #[schema(examples("jeughulp"))]
    word: String,
    /// What was looked for instead, the most likely first.
    instead: Vec<String>,
}

/// How long an answer usually is at most, in bytes.
const USUAL: usize = 32_000;

/// Who asks for what, of what, and what is known of it.
pub(super) struct Searching<'s> {
    pub(super) index: &'s Search,
    pub(super) view: &'s View,
    pub(super) caller: &'s Caller,
    pub(super) asked: &'s Asked,
    pub(super) secret: &'s [u8],
    /// The address of the page of a cursor.
    pub(super) address: &'s dyn Fn(&str) -> String,
    pub(super) warm: &'s Reader<'s>,
    pub(super) span: &'s Span,
}

/// What was found as JSON, the cursor of the next page, and the people whose data it shows.
type Results = (Vec<u8>, Option<String>, Vec<String>);

impl Searching<'_> {
    /// Searches, unless what there is was found before, and shows it.
    ///
    /// # Errors
    /// When a filter names a document that is not there, a cursor is of another search, or the database
    /// cannot be asked.
    pub(super) fn results(
        &self,
        db: &mut Glance<'_>,
        found: &mut Option<Found>,
    ) -> Result<Results> {
        let Self { caller, asked, .. } = *self;
        let name = asked.name()?;
        let found = match found {
            Some(found) => found,
            none => {
                let wish = wish(db, caller, asked, &name, self.secret)?;
                none.insert(search(self.index, self.view, caller, &wish)?)
            }
        };
        let facets = match asked.facets.as_slice() {
            [] => None,
            facets => Some(facets::shown(db, caller, facets, &found.facets, self.warm)?),
        };
        let span = (self.span, Action::List);
        let shown = shown(db, caller, &found.ids, self.warm, span)?;
        let spellings = spelt(&shown, &found.corrections);
        let mut items: Vec<SearchHit<'_>> =
            shown.iter().map(|one| one.hit(&found.sought)).collect();
        if asked.parameters.explain.as_ref().is_some_and(|flag| flag.0) {
            explain::explain(self.index, self.view, caller, found, &mut items)?;
        }
        let next = found.next.as_ref();
        let next = next
            .map(|next| cursor::seal(self.secret, &name, next))
            .transpose()?;
        let results = SearchResults {
            total: found.total,
            relaxed: found.relaxed,
            corrections: corrections(found, &spellings),
            items,
            next: next.as_deref().map(self.address),
            facets,
        };
        let mut body = Vec::with_capacity(USUAL);
        serde_json::to_writer(&mut body, &results)?;
        body.shrink_to_fit();
        Ok((body, next, people(&shown).map(str::to_owned).collect()))
    }
}

/// What a request wishes to find.
///
/// # Errors
/// When it names a document that is not there, or a cursor of another search.
pub(super) fn wish(
    db: &mut Glance<'_>,
    caller: &Caller,
    asked: &Asked,
    name: &str,
    secret: &[u8],
) -> Result<Wish> {
    let parameters = &asked.parameters;
    let after = parameters.cursor.as_ref();
    let chosen = asked.filters.choose(db, caller, &asked.wanted)?;
    Ok(Wish {
        q: parameters
            .q
            .as_ref()
            .map(|q| q.0.clone())
            .unwrap_or_default(),
        order: asked.order.clone(),
        after: after
            .map(|cursor| cursor::open(secret, name, &cursor.0))
            .transpose()?,
        limit: parameters.limit.as_ref().map_or(20, |limit| limit.0),
        chosen: chosen.chosen,
        list: false,
        among: chosen.among,
        facets: asked.facets.clone(),
    })
}

/// The words that were looked for instead, as the hits spell them.
fn corrections(found: &Found, spellings: &BTreeMap<String, String>) -> Vec<Correction> {
    let spelt = |stems: &[String]| {
        let known: Vec<String> = stems
            .iter()
            .filter_map(|stem| spellings.get(stem))
            .cloned()
            .collect();
        if known.is_empty() {
            stems.to_vec()
        } else {
            known
        }
    };
    let corrections = found.corrections.iter();
    corrections
        .map(|(word, stems)| Correction {
            word: word.clone(),
            instead: spelt(stems),
        })
        .collect()
}
