//! A search: first for what was typed, then, where that finds too little, for what was meant.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::collect::{self, Collected, Wanted};
use super::fields::{Fields, SEARCHED};
use super::index::View;
use super::order::Key;
use super::query::{Fit, Maker, Nearby, each_wanted};
use super::spellings::{Spelling, spellings};
use super::statistics::{Figures, Statistics};
use super::terms::near;
use super::tree::Tree;
use super::values::{Counts, Facet, put_over};
use super::words::highlight::Sought;
use super::words::query::{self as words, Query as Asked, What};
use super::words::synonyms::{Synonym, synonyms};
use super::{Eyes, Search};
use crate::register::page::Position;
use crate::register::{Caller, Result};

pub use super::order::Key as Order;

/// With fewer hits than this, words that are a typo away are looked for as well.
const TOO_FEW: u64 = 3;

/// What is looked for, and how it is wanted.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// What was typed; nothing to have all that the filters leave.
    pub q: String,
    /// The order.
    pub order: Vec<Order>,
    /// The last hit of the page before.
    pub after: Option<Position>,
    /// How many hits a page has.
    pub limit: usize,
    /// The values of which a hit must have one.
    pub(super) chosen: BTreeMap<Facet, Vec<String>>,
    /// Whether it is a list of a collection, which has no facets.
    pub(super) list: bool,
    /// The documents among which it must be.
    pub(super) among: Option<Arc<HashSet<(u64, u64)>>>,
    /// What to count.
    pub(super) facets: Vec<Facet>,
}

impl Wish {
    /// A page of what is found, in an order.
    pub fn new(q: &str, order: &[Order], after: Option<&Position>, limit: usize) -> Self {
        Self {
            q: q.to_owned(),
            order: order.to_vec(),
            after: after.cloned(),
            limit,
            ..Self::default()
        }
    }

    /// Only documents of a collection, by its path segment, and among these, where they are given.
    #[must_use]
    pub fn within(mut self, collection: &str, ids: Option<Vec<String>>) -> Self {
        self.list = true;
        self.chosen.insert(Facet::Type, vec![collection.to_owned()]);
        let numbers = |ids: Vec<String>| ids.iter().map(|id| super::fields::halves(id)).collect();
        self.among = ids.map(|ids| Arc::new(numbers(ids)));
        self
    }
}

/// What was found.
pub struct Found {
    /// The ids of the page, in order.
    pub ids: Vec<String>,
    /// Where the next page begins.
    pub next: Option<Position>,
    /// How many documents were found.
    pub total: u64,
    pub(super) facets: BTreeMap<Facet, Counts>,
    /// Whether any of the words was enough, because nothing has all of them.
    pub(super) relaxed: bool,
    /// Words for which others were looked for as well.
    pub(super) corrections: Vec<(String, Vec<String>)>,
    pub(super) sought: [Sought; 2],
    /// The score of each hit, where that decides the order.
    pub(super) scores: Vec<f64>,
    /// The words that were looked for, as they are compared.
    pub(super) stems: BTreeSet<String>,
}

/// How a crawl by relevance began, which its cursors carry behind the score: the later pages are
/// looked for and weighed in the same way, so that what did not change keeps its score and place
/// whatever is written meanwhile.
#[derive(Serialize, Deserialize)]
struct Begun(Fit, Figures);

impl Begun {
    /// What a cursor says of it. One that was made before cursors did says nothing.
    fn of(wish: &Wish) -> Option<Self> {
        let Position(values, _) = wish.after.as_ref().filter(|_| is_scored(wish))?;
        Self::deserialize(values.get(1)?).ok()
    }
}

/// Whether the order is that of the scores.
fn is_scored(wish: &Wish) -> bool {
    wish.order == [Key::Relevance]
}

/// Searches.
///
/// # Errors
/// When the index cannot be read.
pub fn search(search: &Search, view: &View, caller: &Caller, wish: &Wish) -> Result<Found> {
    let eyes = Eyes::of(caller);
    let asked = words::parse(&wish.q);
    let synonyms = synonyms(&asked);
    let (fit, figures) = Begun::of(wish)
        .map(|Begun(fit, figures)| (fit, figures))
        .unzip();
    let statistics = Statistics::new(view, &search.0.fields, &eyes)?;
    let mut asking = Asking {
        fields: &search.0.fields,
        view,
        statistics: statistics.weighing_by(figures),
        fit,
        eyes: &eyes,
        asked: &asked,
        synonyms: &synonyms,
        spellings: Vec::new(),
        wish,
    };
    asking.spellings = spellings(&asking.maker(&Nearby::new()), view)?;
    Ok(asking.answer()?)
}

struct Asking<'a> {
    fields: &'a Fields,
    view: &'a View,
    statistics: Statistics<'a>,
    /// How far a document may be from what was typed, on a later page.
    fit: Option<Fit>,
    eyes: &'a Eyes,
    asked: &'a Asked,
    /// What will do in place of it.
    synonyms: &'a [Synonym],
    /// How else it is spelled somewhere.
    spellings: Vec<Spelling>,
    wish: &'a Wish,
}

impl Asking<'_> {
    fn answer(&self) -> tantivy::Result<Found> {
        let (fit, nearby, mut found) = self.found()?;
        if let Some(Position(values, _)) = found.next.as_mut().filter(|_| is_scored(self.wish)) {
            let begun = serde_json::to_value(Begun(fit, self.statistics.figures()?));
            values.extend(begun.ok());
        }
        let maker = self.maker(&nearby);
        Ok(Found {
            ids: found.ids,
            next: found.next,
            total: found.total,
            facets: found.facets,
            relaxed: fit == Fit::Relaxed,
            corrections: self.corrections(&nearby)?,
            sought: maker.sought(),
            scores: found.scores,
            stems: maker.stems(),
        })
    }

    /// What is found, how far it is from what was typed, and the words near those.
    fn found(&self) -> tantivy::Result<(Fit, Nearby, Collected)> {
        let counts_others = !self.wish.facets.is_empty() && !self.wish.chosen.is_empty();
        if let Some(fit) = self.fit.filter(|_| !counts_others) {
            let nearby = match fit {
                Fit::Exact => Nearby::new(),
                Fit::Near | Fit::Relaxed => self.nearby()?,
            };
            let found = self.collect(fit, &nearby)?;
            return Ok((fit, nearby, found));
        }
        let wanted = self
            .asked
            .clauses
            .iter()
            .filter(|clause| !clause.not)
            .count();
        let mut nearby = Nearby::new();
        let mut fit = Fit::Exact;
        let mut found = self.collect(fit, &nearby)?;
        if wanted == 0 {
            return Ok((fit, nearby, found));
        }
        // A later page goes as far as the first one did.
        let goes_on = |fit: Fit, here: bool| self.fit.map_or(here, |end| end > fit);
        let whatever = self.total(fit, &nearby, &found)? < TOO_FEW || self.has_unknown()?;
        if goes_on(fit, whatever || found.total == 0) {
            nearby = self.nearby()?;
            if !nearby.is_empty() {
                fit = Fit::Near;
                found = self.further(fit, &nearby, whatever, found)?;
            }
            if goes_on(Fit::Near, wanted > 1 && found.total == 0) {
                let whatever = self.total(fit, &nearby, &found)? == 0;
                fit = Fit::Relaxed;
                found = self.further(fit, &nearby, whatever, found)?;
            }
        }
        Ok((fit, nearby, found))
    }

    /// What is found further away. Unless that is looked for whatever values of facets are chosen,
    /// whoever chooses one that has nearer hits finds those alone: so those are counted.
    fn further(
        &self,
        fit: Fit,
        nearby: &Nearby,
        whatever: bool,
        nearer: Collected,
    ) -> tantivy::Result<Collected> {
        let mut found = self.collect(fit, nearby)?;
        if !whatever {
            for (facet, counts) in nearer.facets {
                put_over(found.facets.entry(facet).or_default(), counts);
            }
        }
        Ok(found)
    }

    /// How much is found whatever values of facets are chosen, at least as far as it matters. Where
    /// something is found, this decides how far a hit may be: whoever chooses another value then finds
    /// what was counted for it.
    fn total(&self, fit: Fit, nearby: &Nearby, found: &Collected) -> tantivy::Result<u64> {
        if self.wish.list || self.wish.chosen.is_empty() || found.total >= TOO_FEW {
            return Ok(found.total);
        }
        let wanted = Wanted {
            among: self.wish.among.clone(),
            ..Wanted::all(self.eyes.clone())
        };
        let query = self.maker(nearby).query(fit);
        Ok(collect(self.view, &self.statistics, &query, &wanted)?.total)
    }

    /// Whether a word stands nowhere, though the parts of it may.
    fn has_unknown(&self) -> tantivy::Result<bool> {
        for word in self.wanted() {
            if self.frequency(word)? == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The words that should be found and are not spelled in another way, and the pieces of those.
    /// A phrase is wanted as it is.
    fn wanted(&self) -> Vec<&words::Wanted> {
        let mut words = Vec::new();
        for (nth, clause) in self.asked.clauses.iter().enumerate() {
            let mut spellings = self.spellings.iter();
            let is_spelled = spellings.any(|one| one.clauses.contains(&nth));
            if let (What::Word(_), false, false) = (&clause.what, clause.not, is_spelled) {
                each_wanted(&clause.what, &mut |word| words.push(word));
            }
        }
        words
    }

    /// In how many places a word stands.
    fn frequency(&self, word: &words::Wanted) -> tantivy::Result<u64> {
        let mut frequency = 0;
        for one in &SEARCHED {
            frequency += self.statistics.frequency(one.of, &word.stem)?;
        }
        Ok(frequency)
    }

    fn maker<'m>(&'m self, nearby: &'m Nearby) -> Maker<'m> {
        Maker {
            fields: self.fields,
            eyes: self.eyes,
            asked: self.asked,
            nearby,
            synonyms: self.synonyms,
            spellings: &self.spellings,
            statistics: &self.statistics,
        }
    }

    fn collect(&self, fit: Fit, nearby: &Nearby) -> tantivy::Result<Collected> {
        let wanted = Wanted {
            eyes: self.eyes.clone(),
            order: self.wish.order.clone(),
            after: self.wish.after.clone(),
            limit: self.wish.limit,
            chosen: self.wish.chosen.clone(),
            among: self.wish.among.clone(),
            facets: self.wish.facets.clone(),
        };
        collect(
            self.view,
            &self.statistics,
            &self.maker(nearby).query(fit),
            &wanted,
        )
    }

    /// The words near those that were typed. Where some of these stand nowhere, it is those that
    /// nothing was found by: the others are what was meant.
    fn nearby(&self) -> tantivy::Result<Nearby> {
        let mut nearby = Nearby::new();
        let some_unknown = self.has_unknown()?;
        for word in self.wanted() {
            if some_unknown && self.frequency(word)? > 0 {
                continue;
            }
            let (folded, stem) = (&word.folded, &word.stem);
            let (searcher, fields) = (&self.view.searcher, self.fields);
            let others = near(searcher, fields, self.eyes, &self.statistics, folded, stem)?;
            if !others.is_empty() {
                nearby.insert(stem.clone(), others);
            }
        }
        Ok(nearby)
    }

    /// What to say of the words that nothing has as they were typed.
    fn corrections(&self, nearby: &Nearby) -> tantivy::Result<Vec<(String, Vec<String>)>> {
        let mut corrections = Vec::new();
        for word in self.wanted() {
            let Some(others) = nearby.get(&word.stem) else {
                continue;
            };
            if self.frequency(word)? == 0 {
                let others = others.iter().map(|near| near.stem.clone());
                corrections.push((word.folded.clone(), others.collect()));
            }
        }
        Ok(corrections)
    }
}

/// Goes through what a query matches. Somebody who can see no document at all finds nothing.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn collect(
    view: &View,
    statistics: &Statistics<'_>,
    tree: &Tree,
    wanted: &Wanted,
) -> tantivy::Result<Collected> {
    if statistics.documents() == 0 {
        return Ok(Collected::default());
    }
    collect::collect(&view.searcher, &view.columns, statistics, tree, wanted)
}

impl Order {
    /// By how well it fits what was typed; where nothing was, by name.
    pub fn by_default(q: &str) -> Vec<Self> {
        use crate::register::page::{SortField, SortKey};
        if words::parse(q).clauses.iter().any(|clause| !clause.not) {
            return vec![Key::Relevance];
        }
        vec![Key::Field(SortKey {
            field: SortField::Name,
            descending: false,
        })]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Begun, Figures, Order, Position, Wish};
    use crate::search::query::Fit;

    fn begun(values: Vec<Value>, order: Order) -> Option<(Fit, Figures)> {
        let after = Position(values, "id".into());
        let begun = Begun::of(&Wish::new("school", &[order], Some(&after), 5));
        begun.map(|Begun(fit, figures)| (fit, figures))
    }

    #[test]
    fn how_a_crawl_began_is_read_from_cursors_that_say_it() -> serde_json::Result<()> {
        let figures = json!({ "documents": 3, "words": { "4294967295": [0, 1, 2, 3, 1] } });
        let first = (Fit::Near, serde_json::from_value(figures)?);
        let told = serde_json::to_value(&first)?;
        let read = begun(vec![1.into(), told.clone()], Order::Relevance);
        assert_eq!(read.as_ref(), Some(&first));
        for others in [
            vec![],
            vec![1.into()],
            vec![1.into(), 2.into()],
            vec![1.into(), json!(["Near", {}])],
            vec![told],
        ] {
            assert_eq!(begun(others.clone(), Order::Relevance), None, "{others:?}");
        }
        Ok(())
    }
}
