//! What a search takes: its parameters, read and checked.

use deserr::Deserr;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use super::ask::Order;
use super::filters::Filters;
use super::values::Facet;
use crate::api::endpoint::one_or_more;
use crate::api::list::CursorText;
use crate::api::negotiate::FormatParameter;
use crate::api::respond::fingerprint;
use crate::collections::{self, Collection};
use crate::register::filter::{Flag, Limit, QueryText, RefText, Sequence, Words};
use crate::register::page::{SortField, SortKey};
use crate::register::{Day, Fault, Issue, Issues, Result};

/// The fields by which hits can be sorted, beside relevance.
const SORTS: [SortField; 2] = [SortField::Name, SortField::UpdatedAt];

/// The parameters of a search.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct SearchParameters {
    /// What to look for: words, `"words side by side"`, `-not`. All words are wanted; where nothing
    /// has all of them, any will do, and the answer says so. What is no such form is taken
    /// literally. The first 32 count, and of those with `-` the first 32. Without it, all documents
    /// that the filters leave.
    #[deserr(default)]
    #[param(inline)]
    pub(super) q: Option<QueryText>,
    /// Only documents of these collections, with commas between.
    #[deserr(default, rename = "type")]
    #[param(inline, rename = "type")]
    pub(super) type_: Option<Words>,
    /// Documents of this region, as in the lists: a slug, UUID or `scheme:value`.
    #[deserr(default)]
    #[param(inline)]
    pub(super) region: Option<RefText>,
    /// Documents of this municipality, as in the lists.
    #[deserr(default)]
    #[param(inline)]
    pub(super) municipality: Option<RefText>,
    /// Documents that name this organisation, as in the lists.
    #[deserr(default)]
    #[param(inline)]
    pub(super) organisation: Option<RefText>,
    /// Documents about this theme or a narrower one.
    #[deserr(default)]
    #[param(inline)]
    pub(super) theme: Option<RefText>,
    /// Documents of one of these kinds.
    #[deserr(default)]
    #[param(inline)]
    pub(super) kind: Option<Words>,
    /// Documents with one of these statuses.
    #[deserr(default)]
    #[param(inline)]
    pub(super) status: Option<Words>,
    /// Documents that began in one of these years, as far as that is known.
    #[deserr(default)]
    #[param(inline)]
    pub(super) year: Option<Words>,
    /// Documents of one of these sectors.
    #[deserr(default)]
    #[param(inline)]
    pub(super) sector: Option<Words>,
    /// Documents in which somebody has one of these roles.
    #[deserr(default)]
    #[param(inline)]
    pub(super) role: Option<Words>,
    /// Documents that may still have run on this day.
    #[deserr(default)]
    #[param(inline)]
    pub(super) from: Option<Day>,
    /// Documents that may have begun on this day already.
    #[deserr(default)]
    #[param(inline)]
    pub(super) until: Option<Day>,
    /// The order: `relevance`, `name` or `updatedAt`, with `-` in front of the last two for from
    /// high to low.
    #[deserr(default)]
    #[param(inline)]
    pub(super) sort: Option<Words>,
    /// How many hits a page has at most.
    #[deserr(default)]
    #[param(inline)]
    pub(super) limit: Option<Limit>,
    /// Where the page begins: the `cursor` in the `next` of the page before it.
    #[deserr(default)]
    #[param(inline)]
    pub(super) cursor: Option<CursorText>,
    /// What to count, with commas between; each is counted without its own filter.
    #[deserr(default)]
    #[param(inline)]
    pub(super) facets: Option<Words>,
    /// The `Schakel-Position` of a write that must be found; waits for it, at most a second.
    #[deserr(default)]
    #[param(inline)]
    pub(super) after: Option<Sequence>,
    /// Whether to tell how the place of each hit came about; for administrators.
    #[deserr(default)]
    #[param(inline)]
    pub(super) explain: Option<Flag>,
    /// The form of the answer, in place of the `Accept` header. CSV, NDJSON and workbooks give all
    /// hits, unless `limit` asks for a page, and take no `facets` and no `explain`.
    #[deserr(default)]
    #[param(inline)]
    pub(super) format: Option<FormatParameter>,
    /// Whether CSV begins with a byte order mark, as spreadsheets like it.
    #[deserr(default)]
    #[param(inline)]
    pub(super) bom: Option<Flag>,
}

/// Says which words the parameters take.
pub(super) fn tune(name: &str, schema: &mut Value) {
    match name {
        "type" => schema["pattern"] = one_or_more(&collections::plurals()).into(),
        "facets" => schema["pattern"] = one_or_more(&facet_words()).into(),
        "sort" => {
            schema["pattern"] = "^(relevance|-?name|-?updatedAt)$".into();
            schema["default"] = "relevance".into();
        }
        "year" => schema["pattern"] = one_or_more(&["[0-9]{4}".to_owned()]).into(),
        "explain" | "bom" => schema["default"] = false.into(),
        _ => {}
    }
}

fn facet_words() -> Vec<String> {
    Facet::EACH
        .iter()
        .map(|facet| facet.word().to_owned())
        .collect()
}

/// A search, read and checked as far as that takes no database.
pub(super) struct Asked {
    pub(super) parameters: SearchParameters,
    pub(super) wanted: Vec<&'static Collection>,
    pub(super) filters: Filters,
    pub(super) order: Vec<Order>,
    pub(super) facets: Vec<Facet>,
}

impl Asked {
    pub(super) fn new(parameters: SearchParameters) -> std::result::Result<Self, Issues> {
        let mut issues = Issues::default();
        let wanted = collections::named(parameters.type_.as_ref()).unwrap_or_else(|issue| {
            issues.0.push(issue);
            Vec::new()
        });
        let filters = filters(&parameters);
        if issues.0.is_empty() {
            issues
                .0
                .extend(filters.check(&wanted).err().unwrap_or_default().0);
        }
        let q = parameters.q.as_ref().map_or("", |q| q.0.as_str());
        let order = match &parameters.sort {
            None => Order::by_default(q),
            Some(words) => order(words, q).unwrap_or_else(|issue| {
                issues.0.push(issue);
                Vec::new()
            }),
        };
        let mut facets = Vec::new();
        for word in parameters.facets.iter().flat_map(|words| words.iter()) {
            let known = Facet::EACH.iter().find(|facet| facet.word() == word);
            let Some(facet) = known else {
                let allowed = facet_words();
                let fault = Fault::UnknownValue { allowed };
                issues.0.push(Issue::query("facets", fault));
                break;
            };
            facets.push(*facet);
        }
        issues.none_or_fail()?;
        Ok(Self {
            parameters,
            wanted,
            filters,
            order,
            facets,
        })
    }

    /// What binds a cursor to this search.
    pub(super) fn name(&self) -> Result<String> {
        let one = &self.parameters;
        let asked = format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            one.q,
            self.filters.types,
            one.kind,
            one.status,
            one.year,
            one.region,
            one.theme,
            self.order
        );
        let others = serde_json::to_string(&self.filters.others)?;
        Ok(fingerprint(&["search", &asked, &others]))
    }
}

fn filters(parameters: &SearchParameters) -> Filters {
    let mut others = Map::new();
    let mut add = |name: &str, value: Option<String>| {
        others.extend(value.map(|value| (name.to_owned(), value.into())));
    };
    let reference = |given: &Option<RefText>| given.as_ref().map(|text| text.0.clone());
    let words = |given: &Option<Words>| given.as_ref().map(|words| words.join(","));
    add("municipality", reference(&parameters.municipality));
    add("organisation", reference(&parameters.organisation));
    add("sector", words(&parameters.sector));
    add("role", words(&parameters.role));
    add("from", parameters.from.map(|day| day.to_string()));
    add("until", parameters.until.map(|day| day.to_string()));
    Filters {
        types: parameters.type_.clone(),
        kind: parameters.kind.clone(),
        status: parameters.status.clone(),
        year: parameters.year.clone(),
        region: parameters.region.clone(),
        theme: parameters.theme.clone(),
        others,
    }
}

fn order(words: &Words, q: &str) -> std::result::Result<Vec<Order>, Issue> {
    let unknown = || {
        let fields = SORTS.map(SortField::word);
        let both = fields
            .iter()
            .flat_map(|word| [(*word).to_owned(), format!("-{word}")]);
        let allowed = ["relevance".to_owned()].into_iter().chain(both).collect();
        Issue::query("sort", Fault::UnknownValue { allowed })
    };
    let [word] = words.as_slice() else {
        return Err(unknown());
    };
    if word == "relevance" {
        return Ok(Order::by_default(q));
    }
    let name = word.strip_prefix('-').unwrap_or(word);
    let field = SORTS.into_iter().find(|field| field.word() == name);
    let field = field.ok_or_else(unknown)?;
    let descending = name != word;
    Ok(vec![Order::Field(SortKey { field, descending })])
}
