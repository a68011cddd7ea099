//! What all lists take: paging, order, fields, views, form.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use deserr::Deserr;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use super::negotiate::FormatParameter;
use super::problem::Problem;
use super::query;
use crate::exchange::flat::ColumnNames;
use crate::privacy::processing::Span;
use crate::register::filter::{Flag, Instant, Limit, QueryText, RefText, Sequence, Words};
use crate::register::page::{SortField, SortKey};
use crate::register::read::{CommonFilters, Selection};
use crate::register::{Caller, Day, Document, Fault, Issue, Issues, Locator, Result, Text};
use crate::search::Order;
use crate::store::AnyConnection;

/// The parameters of every list.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ListParameters {
    /// Only documents in which this is found, as in `/search`; the best come first unless `sort`
    /// says otherwise.
    #[deserr(default)]
    #[param(inline)]
    pub q: Option<QueryText>,
    /// With `q`: the `Schakel-Position` of a write that must be found; waits for it, at most a
    /// second.
    #[deserr(default)]
    #[param(inline)]
    pub after: Option<Sequence>,
    /// How many documents a page has at most.
    #[deserr(default)]
    #[param(inline)]
    pub limit: Option<Limit>,
    /// Where the page begins: the `cursor` in the `next` of the page before it.
    #[deserr(default)]
    #[param(inline)]
    pub cursor: Option<CursorText>,
    /// The order: fields with commas between, `-` in front for from high to low.
    #[deserr(default)]
    #[param(inline)]
    pub sort: Option<Words>,
    /// Whether to count all documents that the filters leave, as `total`.
    #[deserr(default)]
    #[param(inline)]
    pub count: Option<Flag>,
    /// Only these members of the documents, with commas between.
    #[deserr(default)]
    #[param(inline)]
    pub fields: Option<Words>,
    /// Views to add to each document, with commas between.
    #[deserr(default)]
    #[param(inline)]
    pub include: Option<Words>,
    /// The form of the answer, in place of the `Accept` header. CSV, NDJSON and workbooks give all
    /// documents that the filters leave, unless `limit` asks for a page.
    #[deserr(default)]
    #[param(inline)]
    pub format: Option<FormatParameter>,
    /// What the columns of CSV and workbooks are called: by the paths of the members, or in Dutch.
    /// Both can be imported.
    #[deserr(default)]
    #[param(inline)]
    pub column_names: Option<ColumnNames>,
    /// Whether CSV begins with a byte order mark, as spreadsheets like it.
    #[deserr(default)]
    #[param(inline)]
    pub bom: Option<Flag>,
    /// Documents with one of these codes, as `scheme:value`, with commas between.
    #[deserr(default)]
    #[param(inline)]
    pub identifier: Option<Words>,
    /// Documents that this organisation looks after: a slug, UUID or `scheme:value`.
    #[deserr(default)]
    #[param(inline)]
    pub steward: Option<RefText>,
    /// Documents that changed at or after this instant.
    #[deserr(default)]
    #[param(inline)]
    pub updated_since: Option<Instant>,
    /// Documents that were not confirmed on or after this day.
    #[deserr(default)]
    #[param(inline)]
    pub verified_before: Option<Day>,
}

/// The parameters of one document.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ShapeParameters {
    /// Only these members of the document, with commas between.
    #[deserr(default)]
    #[param(inline)]
    pub fields: Option<Words>,
    /// Views to add to the document, with commas between.
    #[deserr(default)]
    #[param(inline)]
    pub include: Option<Words>,
}

/// The most characters that a cursor of ours has, with room to spare.
const CURSOR_LENGTH: usize = 4_000;

/// The text of a cursor.
#[derive(Clone, Debug)]
pub struct CursorText(pub String);

impl Deserr<Issues> for CursorText {
    fn deserialize_from_value<V: deserr::IntoValue>(
        value: deserr::Value<V>,
        at: deserr::ValuePointerRef<'_>,
    ) -> std::result::Result<Self, Issues> {
        let text = String::deserialize_from_value(value, at)?;
        match text.chars().count() {
            0..=CURSOR_LENGTH => Ok(Self(text)),
            _ => Err(Issues::at(
                at,
                Fault::TooLong {
                    maximum: CURSOR_LENGTH,
                },
            )),
        }
    }
}

impl utoipa::PartialSchema for CursorText {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .min_length(Some(1))
            .max_length(Some(CURSOR_LENGTH))
            .into()
    }
}

impl utoipa::ToSchema for CursorText {}

/// The query of a list: the filters of its collection, and what all lists take.
pub struct ListQuery<T: Document> {
    /// The filters.
    pub filters: T::Filters,
    /// What all lists take.
    pub parameters: ListParameters,
}

impl<T: Document> FromRequest for ListQuery<T> {
    type Error = Problem;
    type Future = Ready<std::result::Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(query::read(request).and_then(|(values, issues)| Self::parse(values, issues)))
    }
}

impl<T: Document> ListQuery<T> {
    /// All faults that can be found without asking the database are told at once.
    fn parse(values: Map<String, Value>, mut issues: Issues) -> std::result::Result<Self, Problem> {
        issues.0.extend(faults_of_words::<T>(&values));
        let common: Vec<String> = ListParameters::into_params(|| None)
            .into_iter()
            .map(|parameter| parameter.name)
            .collect();
        let (parameters, filters): (Map<_, _>, Map<_, _>) = values
            .into_iter()
            .partition(|(name, _)| common.contains(name));
        match (query::parse(filters), query::parse(parameters)) {
            (Ok(filters), Ok(parameters)) if issues.0.is_empty() => Ok(Self {
                filters,
                parameters,
            }),
            (filters, parameters) => {
                let mut of_filters = filters.err().unwrap_or_default();
                for issue in &mut of_filters.0 {
                    if let Fault::Unknown { allowed } = &mut issue.fault {
                        allowed.extend(common.iter().cloned());
                    }
                }
                issues.0.extend(of_filters.0);
                issues.0.extend(parameters.err().unwrap_or_default().0);
                Err(issues.into())
            }
        }
    }
}

/// The faults of parameters whose words depend on the collection.
pub fn faults_of_words<T: Document>(values: &Map<String, Value>) -> Vec<Issue> {
    let words = |name: &str| {
        let value = values.get(name).cloned()?;
        deserr::deserialize::<Words, _, Issues>(value).ok()
    };
    let shape = ShapeParameters {
        fields: words("fields"),
        include: words("include"),
    };
    let mut issues = shape.check::<T>().err().unwrap_or_default().0;
    let sort = words("sort").filter(|words| !(values.contains_key("q") && by_relevance(words)));
    issues.extend(sort.and_then(|words| sort_keys::<T>(&words).err()));
    let form = Text {
        nl: "schema:waarde, zoals cbs:GM0230",
        en: "scheme:value, such as cbs:GM0230",
    };
    let is_code = |text: &String| matches!(Locator::parse(text), Some(Locator::Identifier { .. }));
    if words("identifier").is_some_and(|words| !words.iter().all(is_code)) {
        issues.push(Issue::query(
            "identifier",
            Fault::InvalidFormat { expected: form },
        ));
    }
    issues
}

/// The filters that every collection has.
const COMMON: [&str; 4] = ["identifier", "steward", "updatedSince", "verifiedBefore"];

/// Reads the filters of a collection, as in its list, without order.
///
/// # Errors
/// All that is wrong with them.
pub fn selection<T: Document>(values: Map<String, Value>) -> Result<Selection<T::Filters>> {
    let mut issues = Issues(faults_of_words::<T>(&values));
    let (common, own): (Map<_, _>, Map<_, _>) = values
        .into_iter()
        .partition(|(name, _)| COMMON.contains(&name.as_str()));
    match (
        query::parse::<T::Filters>(own),
        query::parse::<ListParameters>(common),
    ) {
        (Ok(filters), Ok(parameters)) if issues.0.is_empty() => Ok(Selection {
            filters,
            common: parameters.filters(),
            sort: Vec::new(),
        }),
        (own, common) => {
            let mut of_own = own.err().unwrap_or_default();
            for issue in &mut of_own.0 {
                if let Fault::Unknown { allowed } = &mut issue.fault {
                    allowed.extend(COMMON.map(str::to_owned));
                }
            }
            issues.0.extend(of_own.0);
            issues.0.extend(common.err().unwrap_or_default().0);
            Err(issues.into())
        }
    }
}

/// Whether the best should come first.
fn by_relevance(words: &Words) -> bool {
    words.0 == ["relevance"]
}

/// The order that words ask for.
fn sort_keys<T: Document>(words: &Words) -> std::result::Result<Vec<SortKey>, Issue> {
    let mut keys: Vec<SortKey> = Vec::new();
    for word in words.iter() {
        let (name, descending) = word
            .strip_prefix('-')
            .map_or((word.as_str(), false), |name| (name, true));
        let Some(field) = T::SORTS.iter().find(|known| known.word() == name) else {
            let allowed = T::SORTS
                .iter()
                .map(|field| field.word().to_owned())
                .collect();
            return Err(Issue::query("sort", Fault::UnknownValue { allowed }));
        };
        if keys.iter().any(|key| key.field == *field) {
            return Err(Issue::query("sort", Fault::Duplicate));
        }
        keys.push(SortKey {
            field: *field,
            descending,
        });
    }
    Ok(keys)
}

impl ListParameters {
    /// The order that is asked for; by name when none is.
    ///
    /// # Errors
    /// A fault at `sort` when it names what a list cannot be sorted by.
    pub fn sort<T: Document>(&self) -> std::result::Result<Vec<SortKey>, Issue> {
        let by_name = || {
            Ok(vec![SortKey {
                field: SortField::Name,
                descending: false,
            }])
        };
        match &self.sort {
            Some(words) if !(self.q.is_some() && by_relevance(words)) => sort_keys::<T>(words),
            _ => by_name(),
        }
    }

    /// What is searched for, and in which order; nothing when nothing is.
    ///
    /// # Errors
    /// A fault at `sort` when it names what a list cannot be sorted by.
    pub fn search<T: Document>(&self) -> std::result::Result<Option<(String, Vec<Order>)>, Issue> {
        let Some(q) = &self.q else { return Ok(None) };
        let order = match &self.sort {
            Some(words) if !by_relevance(words) => {
                let keys = self.sort::<T>()?.into_iter();
                keys.map(Order::Field).collect()
            }
            _ => Order::by_default(q),
        };
        Ok(Some((q.0.clone(), order)))
    }

    /// The filters that every list has.
    pub fn filters(&self) -> CommonFilters {
        CommonFilters {
            identifier: self
                .identifier
                .as_ref()
                .map(|words| words.0.clone())
                .unwrap_or_default(),
            steward: self.steward.as_ref().map(|text| text.0.clone()),
            updated_since: self.updated_since.as_ref().map(|instant| instant.0),
            verified_before: self.verified_before,
        }
    }

    /// How the documents should look.
    pub fn shape(&self) -> ShapeParameters {
        ShapeParameters {
            fields: self.fields.clone(),
            include: self.include.clone(),
        }
    }
}

impl ShapeParameters {
    /// Checks the names.
    ///
    /// # Errors
    /// Faults at `fields` and `include` for what documents of this collection do not have.
    pub fn check<T: Document>(&self) -> std::result::Result<(), Issues> {
        let mut issues = Issues::default();
        if let Some(fields) = &self.fields {
            let known = super::schemas::members::<T>();
            if !fields.iter().all(|field| known.contains(field)) {
                issues.0.push(Issue::query(
                    "fields",
                    Fault::UnknownValue { allowed: known },
                ));
            }
        }
        if let Some(views) = &self.include {
            let known: Vec<String> = T::INCLUDES
                .iter()
                .map(|(name, ..)| (*name).to_owned())
                .collect();
            if !views.iter().all(|view| known.contains(view)) {
                issues.0.push(Issue::query(
                    "include",
                    Fault::UnknownValue { allowed: known },
                ));
            }
        }
        issues.none_or_fail()
    }

    /// Gives documents the asked shape: only these fields, and these views.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub fn apply<T: Document>(
        &self,
        db: &mut AnyConnection,
        caller: &Caller,
        documents: &mut [Map<String, Value>],
    ) -> Result<()> {
        let id_of = |document: &Map<String, Value>| {
            document
                .get("id")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let ids: Vec<String> = documents.iter().map(id_of).collect();
        if let Some(fields) = &self.fields {
            for document in documents.iter_mut() {
                document.retain(|name, _| fields.contains(name));
            }
        }
        for view in self.include.iter().flat_map(|views| views.iter()) {
            let mut rows = T::include(view, db, &ids, caller)?;
            for (document, id) in documents.iter_mut().zip(&ids) {
                let rows = rows.remove(id).unwrap_or_else(|| Value::Array(Vec::new()));
                document.insert(view.clone(), rows);
            }
        }
        Ok(())
    }

    /// Notes whom the views of documents show.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn note_views(&self, span: &Span, documents: &[Map<String, Value>]) -> Result<()> {
        let views = || self.include.iter().flat_map(|views| views.iter());
        let rows = documents
            .iter()
            .flat_map(|document| views().filter_map(|view| document.get(view)));
        span.note_rows(rows)
    }
}
