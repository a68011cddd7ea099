//! Counting documents.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, Route};
use deserr::Deserr;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::openapi::Ref;
use utoipa::openapi::path::ParameterIn;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{OneOfBuilder, RefOr};
use utoipa::{IntoParams, ToSchema};

use super::count::Counted;
use super::groups::{Labels, items, table as table_of};
use super::timeline;
use crate::api::auth::Anyone;
use crate::api::collection::as_rows;
use crate::api::endpoint::{Content, Endpoint, one_or_more};
use crate::api::negotiate::{Format, FormatParameter, language};
use crate::api::problem::Problem;
use crate::api::query;
use crate::api::respond::{self, ListTag, not_modified};
use crate::api::spool::failed as spooling;
use crate::app::App;
use crate::changes;
use crate::collections;
use crate::exchange::flat::FlatCell;
use crate::exchange::table::{self, Style};
use crate::register::dimension::Dimension;
use crate::register::filter::{Flag, ListOf, Words};
use crate::register::{Enumeration, Error, Fault, Issue, Issues, Result, Text};

/// The dimensions, with commas between.
type Dimensions = ListOf<Dimension>;

/// More than this makes more groups than anyone can read.
const DIMENSIONS: usize = 3;

/// The most groups that an answer has.
const GROUPS: usize = 10_000;

/// The parameters of counts; all others are filters of the collection.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct StatsParameters {
    /// By what to count, up to three, with commas between; without it all are one group.
    #[deserr(default)]
    #[param(inline)]
    group_by: Option<Dimensions>,
    /// The collections whose documents to count, with commas between; all of them without. With one
    /// of them its filters can be used, as in its list.
    #[deserr(default, rename = "type")]
    #[param(inline, rename = "type")]
    type_: Option<Words>,
    /// The form of the answer, in place of the `Accept` header.
    #[deserr(default)]
    #[param(inline)]
    format: Option<FormatParameter>,
    /// Whether CSV begins with a byte order mark, as spreadsheets like it.
    #[deserr(default)]
    #[param(inline)]
    bom: Option<Flag>,
}

/// Counts of documents.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Stats {
    /// How many documents the filters leave. Groups may overlap, so it is not their sum.
    total: u64,
    /// By what they were counted.
    group_by: Vec<Dimension>,
    /// The groups: the value of each dimension, `null` for documents that have none, and the
    /// `count` of documents.
    #[schema(value_type = Vec<StatsItem>)]
    items: Vec<Map<String, Value>>,
}

/// The route table.
pub fn endpoints() -> Vec<Endpoint> {
    let stats = Endpoint::new(Method::GET, "/stats", "listStats", "stats", |r: Route| r.to(list_stats))
        .about(
            "Count documents",
            "How many documents there are, in groups: distinct documents, as far as you may know of them. The count of a group is the `total` of the list with the same filters and the filter of the group. A document with several values counts in several groups. Every filter of the list of the collection can be used.",
        )
        .query::<StatsParameters>();
    let stats = all_filters(stats)
        .tuned(|name, schema| match name {
            "type" => schema["pattern"] = one_or_more(&collections::plurals()).into(),
            "groupBy" => schema["pattern"] = one_or_more(&words()).into(),
            _ => {}
        })
        .answers(
            200,
            "The counts.",
            Content::Table("Stats".into()),
            &["ETag"],
        )
        .answers(
            304,
            "The caller has this already.",
            Content::Empty,
            &["ETag"],
        )
        .schema::<Stats>();
    vec![stats, timeline::endpoint()]
}

fn words() -> Vec<String> {
    let terms = Dimension::VOCABULARY.terms;
    terms.iter().map(|term| term.code.to_owned()).collect()
}

/// Documents the filters of all collections. Which words one takes depends on the collection.
fn all_filters(mut endpoint: Endpoint) -> Endpoint {
    let mut users: BTreeMap<String, (Vec<&str>, Vec<utoipa::openapi::path::Parameter>)> =
        BTreeMap::new();
    for one in &collections::ALL {
        for parameter in (one.filters)() {
            let user = users.entry(parameter.name.clone()).or_default();
            user.0.push(one.naming.plural);
            user.1.push(parameter);
        }
    }
    for (name, (collections, parameters)) in users {
        let Some(mut parameter) = parameters.first().cloned() else {
            continue;
        };
        if parameters
            .iter()
            .any(|other| other.schema != parameter.schema)
        {
            let text = ObjectBuilder::new()
                .schema_type(Type::String)
                .min_length(Some(1))
                .max_length(Some(4_000));
            parameter.schema = Some(text.into());
        }
        let of = collections.join(", ");
        parameter.description = Some(format!("As in the list of: {of}."));
        parameter.parameter_in = ParameterIn::Query;
        parameter.name = name;
        endpoint.parameters.push(parameter);
    }
    endpoint
}

/// A group. Its members are those of `groupBy`, so it has no type of its own.
struct StatsItem;

impl utoipa::PartialSchema for StatsItem {
    fn schema() -> RefOr<Schema> {
        let mut schema = ObjectBuilder::new().description(Some(
            "A group: a value for each dimension of `groupBy`, and how many documents have it.",
        ));
        for term in Dimension::VOCABULARY.terms {
            let about = format!("{}; `null` for documents that have none.", term.label.en);
            let example = match Dimension::parse(term.code) {
                Ok(Dimension::Type) => "projects",
                Ok(Dimension::Status) => "active",
                Ok(Dimension::Sector) => "po",
                Ok(Dimension::OrganisationKind) => "municipality",
                Ok(Dimension::StartYear) => "2014",
                _ => "pilot",
            };
            schema = if Dimension::parse(term.code).is_ok_and(Dimension::refers) {
                let value = OneOfBuilder::new()
                    .item(ObjectBuilder::new().schema_type(Type::Null))
                    .item(Ref::from_schema_name("Ref"))
                    .description(Some(about));
                schema.property(term.code, value)
            } else {
                let value = ObjectBuilder::new()
                    .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
                    .examples([json!(example)])
                    .description(Some(about));
                schema.property(term.code, value)
            };
        }
        let count = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(0))
            .examples([json!(3)])
            .description(Some("How many documents."));
        schema.property("count", count).required("count").into()
    }
}

impl ToSchema for StatsItem {}

async fn list_stats(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
) -> std::result::Result<HttpResponse, Problem> {
    let (values, mut issues) = query::read(&request)?;
    let own = ["groupBy", "type", "format", "bom"];
    let (own, filters): (Map<_, _>, Map<_, _>) = values
        .into_iter()
        .partition(|(name, _)| own.contains(&name.as_str()));
    let parameters = query::parse::<StatsParameters>(own);
    if !issues.0.is_empty() || parameters.is_err() {
        issues.0.extend(parameters.err().unwrap_or_default().0);
        return Err(issues.into());
    }
    let parameters = parameters?;
    let format = Format::of(&request, parameters.format.as_ref(), &Format::LISTS)?;
    let wanted = collections::named(parameters.type_.as_ref())?;
    if wanted.len() != 1 && !filters.is_empty() {
        let why = Text {
            nl: "Filters horen bij één collectie; geef die met type, zoals type=projects.",
            en: "Filters belong to one collection; name it with type, such as type=projects.",
        };
        let faults = filters
            .keys()
            .map(|name| Issue::query(name, Fault::Contradiction { why }));
        return Err(Issues(faults.collect()).into());
    }
    let dimensions = dimensions(parameters.group_by.as_ref())?;
    let language = language(request.headers());
    let tag = ListTag::new(
        &request,
        &caller,
        &format!("{} {}", format.content_type(), language.tag()),
    );
    let eyes = caller.clone();
    let (etag, stats) = app
        .store
        .read(move |db| {
            let (etag, known) = tag.at(changes::position(db)?);
            if known {
                return Ok((etag, None));
            }
            let mut counted = Counted::default();
            for one in &wanted {
                let more = (one.count)(db, &eyes, filters.clone(), &dimensions)?;
                counted.total += more.total;
                for (key, count) in more.groups {
                    *counted.groups.entry(key).or_default() += count;
                }
                if counted.groups.len() > GROUPS {
                    return Err(Issue::query("groupBy", Fault::TooMany { maximum: GROUPS }).into());
                }
            }
            let items = items(db, &dimensions, counted.groups)?;
            let labels = Labels::new(&wanted, language);
            Ok::<_, Error>((etag, Some((counted.total, dimensions, items, labels))))
        })
        .await?;
    let Some((total, group_by, items, labels)) = stats else {
        return Ok(not_modified(&caller, &etag));
    };
    let bom = parameters.bom.as_ref().is_some_and(|flag| flag.0);
    match format {
        Format::Json => Ok(respond::json(
            &caller,
            &etag,
            &Stats {
                total,
                group_by,
                items,
            },
        )?),
        Format::Csv | Format::Xlsx => {
            let table = table_of(&group_by, &items, &labels);
            let file = grid(&app, format, "stats", bom, table)?;
            Ok(as_rows(&caller, &etag, format, language, "stats").body(file))
        }
        Format::Ndjson => {
            Ok(as_rows(&caller, &etag, format, language, "stats").body(lines(&items)?))
        }
    }
}

fn dimensions(given: Option<&Dimensions>) -> std::result::Result<Vec<Dimension>, Issue> {
    let given: Vec<Dimension> = given.map(|list| list.values().to_vec()).unwrap_or_default();
    for (nth, one) in given.iter().enumerate() {
        if given[..nth].contains(one) {
            return Err(Issue::query("groupBy", Fault::Duplicate));
        }
    }
    if given.len() > DIMENSIONS {
        let maximum = DIMENSIONS;
        return Err(Issue::query("groupBy", Fault::TooMany { maximum }));
    }
    Ok(given)
}

pub(super) fn lines(items: &[impl Serialize]) -> Result<Bytes> {
    let mut lines = Vec::new();
    for item in items {
        serde_json::to_writer(&mut lines, item)?;
        lines.push(b'\n');
    }
    Ok(lines.into())
}

/// A table as a file.
pub(super) fn grid(
    app: &App,
    format: Format,
    name: &str,
    bom: bool,
    (headers, rows): (Vec<String>, Vec<Vec<FlatCell>>),
) -> Result<Vec<u8>> {
    let scratch = &app.config.scratch().map_err(spooling)?;
    let style = Style { name, bom, scratch };
    table::grid(format, &style, headers, rows)
}
