//! The filters of a search: those that lists have, over several collections at once.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::fields::halves;
use super::values::Facet;
use crate::api::list::selection;
use crate::collections::{ALL, Collection};
use crate::register::filter::{RefText, Words};
use crate::register::find::find_filtered;
use crate::register::read::ids;
use crate::register::refs::{Regions, Target, Themes};
use crate::register::{Caller, Document, Error, Fault, Issue, Issues, Result, Text};
use crate::store::{AnyConnection, Glance};

/// The filters that the index knows itself, because it counts by them too.
#[derive(Clone, Debug, Default)]
pub(super) struct Filters {
    pub(super) types: Option<Words>,
    pub(super) kind: Option<Words>,
    pub(super) status: Option<Words>,
    pub(super) year: Option<Words>,
    pub(super) region: Option<RefText>,
    pub(super) theme: Option<RefText>,
    /// Those that only the database knows, as they were given.
    pub(super) others: Map<String, Value>,
}

/// What the filters leave.
pub(super) struct Chosen {
    pub(super) chosen: BTreeMap<Facet, Vec<String>>,
    pub(super) among: Option<Arc<HashSet<(u64, u64)>>>,
}

impl Filters {
    /// Checks what can be checked without the database.
    ///
    /// # Errors
    /// All that is wrong with the words.
    pub(super) fn check(&self, wanted: &[&'static Collection]) -> std::result::Result<(), Issues> {
        let mut issues = Issues::default();
        for (name, given) in [("kind", &self.kind), ("status", &self.status)] {
            let Some(given) = given else { continue };
            let allowed = words(wanted.iter().copied(), name);
            // Beside a word that these types can be, others do no harm: the facet `type` counts those.
            let all = words(&ALL, name);
            let is_known = given.iter().all(|word| all.contains(word));
            if !is_known || !given.iter().any(|word| allowed.contains(word)) {
                issues
                    .0
                    .push(Issue::query(name, Fault::UnknownValue { allowed }));
            }
        }
        let is_year =
            |word: &String| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
        if !self.year.iter().all(|years| years.iter().all(is_year)) {
            let expected = Text {
                nl: "jaren van vier cijfers, met komma's ertussen",
                en: "years of four digits, with commas between",
            };
            issues
                .0
                .push(Issue::query("year", Fault::InvalidFormat { expected }));
        }
        let given = ["region", "theme"]
            .into_iter()
            .zip([&self.region, &self.theme]);
        let given = given
            .filter(|(_, given)| given.is_some())
            .map(|(name, _)| name);
        for name in given.chain(self.others.keys().map(String::as_str)) {
            if !wanted.iter().any(|one| has_filter(one, name)) {
                let why = Text {
                    nl: "Geen van de gevraagde soorten documenten heeft dit filter.",
                    en: "None of the types of documents that are asked for has this filter.",
                };
                issues
                    .0
                    .push(Issue::query(name, Fault::Contradiction { why }));
            }
        }
        issues.none_or_fail()
    }

    /// Asks the database for what the index needs.
    ///
    /// # Errors
    /// When a filter names what the caller cannot see, or has a value that no collection takes.
    pub(super) fn choose(
        &self,
        db: &mut Glance<'_>,
        caller: &Caller,
        wanted: &[&'static Collection],
    ) -> Result<Chosen> {
        let mut chosen = BTreeMap::new();
        if self.types.is_some() {
            let types = wanted.iter().map(|one| one.naming.plural.to_owned());
            chosen.insert(Facet::Type, types.collect());
        }
        let words = [
            (Facet::Kind, &self.kind),
            (Facet::Status, &self.status),
            (Facet::Year, &self.year),
        ];
        for (facet, words) in words {
            if let Some(words) = words {
                chosen.insert(facet, words.0.clone());
            }
        }
        let references = [
            (Facet::Region, Regions::TYPE, &self.region),
            (Facet::Theme, Themes::TYPE, &self.theme),
        ];
        for (facet, type_, given) in references {
            if let Some(given) = given {
                let id = find_filtered(db.more()?, caller, type_, facet.word(), given)?;
                chosen.insert(facet, vec![id]);
            }
        }
        let among = if self.others.is_empty() {
            None
        } else {
            Some(Arc::new(self.among(db.more()?, caller, wanted)?))
        };
        Ok(Chosen { chosen, among })
    }

    /// The documents of all collections that have all of the filters, also where only some were asked
    /// for, as the others are counted. A word that one of them does not take may be one that another
    /// takes.
    fn among(
        &self,
        db: &mut AnyConnection,
        caller: &Caller,
        wanted: &[&'static Collection],
    ) -> Result<HashSet<(u64, u64)>> {
        let mut among = HashSet::new();
        let (mut refused, mut taken) = (None, false);
        for one in &ALL {
            if !self.others.keys().all(|name| has_filter(one, name)) {
                continue;
            }
            let is_wanted = wanted
                .iter()
                .any(|wanted| wanted.naming.plural == one.naming.plural);
            match (one.select)(db, caller, self.others.clone()) {
                Ok(ids) => {
                    taken |= is_wanted;
                    among.extend(ids.iter().map(|id| halves(id)));
                }
                Err(Error::Invalid(_)) if !is_wanted => {}
                Err(error @ Error::Invalid(_)) => refused = Some(error),
                Err(error) => return Err(error),
            }
        }
        match refused {
            Some(error) if !taken => Err(error),
            _ => Ok(among),
        }
    }
}

/// The ids of the documents of a collection that filters leave and a caller may know of.
///
/// # Errors
/// All that is wrong with the filters; when the database cannot be asked.
pub(crate) fn select<T: Document>(
    db: &mut AnyConnection,
    caller: &Caller,
    filters: Map<String, Value>,
) -> Result<Vec<String>> {
    ids::<T>(db, caller, &selection::<T>(filters)?)
}

fn has_filter(collection: &Collection, name: &str) -> bool {
    let filters = (collection.filters)();
    filters.iter().any(|parameter| parameter.name == name)
}

/// The words that the kind or the status of a document of these collections can be.
fn words<'c>(collections: impl IntoIterator<Item = &'c Collection>, name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for one in collections {
        let ending = if name == "kind" { "Kind" } else { "Status" };
        let schema = format!("{}{ending}", one.naming.singular_id);
        for vocabulary in (one.vocabularies)() {
            if vocabulary.schema == schema {
                words.extend(vocabulary.terms.iter().map(|term| term.code.to_owned()));
            }
        }
    }
    words
}
