//! How the register grew: the change log in intervals of the calendar.

use std::collections::{BTreeMap, HashSet};

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Route};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate};
use deserr::Deserr;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::routes::{grid, lines};
use crate::api::auth::Anyone;
use crate::api::collection::as_rows;
use crate::api::endpoint::{Content, Endpoint, one_or_more};
use crate::api::negotiate::{Format, FormatParameter, language};
use crate::api::problem::Problem;
use crate::api::query::Query;
use crate::api::respond::{self, ListTag, not_modified};
use crate::app::App;
use crate::changes::{self, Change, Operation};
use crate::collections;
use crate::exchange::flat::FlatCell;
use crate::register::filter::{Flag, Words};
use crate::register::vocabulary::vocabulary;
use crate::register::{Caller, Day, Error, Issues, Result};
use crate::store::{AnyConnection, Timestamp};

vocabulary! {
    /// An interval of the calendar, in UTC.
    pub enum Interval in "intervals" {
        Day = "day", "Dag", "Day";
        /// From Monday, as in ISO 8601.
        Week = "week", "Week", "Week";
        Month = "month", "Maand", "Month";
        Year = "year", "Jaar", "Year";
    }
}

/// What happened in an interval, as far as the caller may know.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimelineItem {
    /// The interval: `2026-11-22`, `2026-W47`, `2026-11` or `2026`.
    #[schema(examples("2026-11"))]
    pub period: String,
    /// Its first day.
    #[schema(format = Date, examples("2026-11-01"))]
    pub start: String,
    /// Its last day.
    #[schema(format = Date, examples("2026-11-30"))]
    pub end: String,
    /// Documents that were made, or became visible to the caller.
    pub created: u64,
    /// New versions of documents.
    pub updated: u64,
    /// Documents that were deleted or merged, or became hidden from the caller.
    pub deleted: u64,
    /// People who were made anonymous.
    pub erased: u64,
    /// How many documents there were at its end.
    #[schema(minimum = 0)]
    pub total: i64,
}

impl Interval {
    /// The first day of the interval of a day.
    fn start(self, day: NaiveDate) -> NaiveDate {
        let first = match self {
            Self::Day => Some(day),
            Self::Week => {
                day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into()))
            }
            Self::Month => day.with_day(1),
            Self::Year => day.with_ordinal(1),
        };
        first.unwrap_or(day)
    }

    /// The first day of the next interval.
    fn next(self, start: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Day => start.checked_add_days(Days::new(1)),
            Self::Week => start.checked_add_days(Days::new(7)),
            Self::Month => start.checked_add_months(Months::new(1)),
            Self::Year => start.checked_add_months(Months::new(12)),
        }
    }

    fn name(self, start: NaiveDate) -> String {
        let form = match self {
            Self::Day => "%Y-%m-%d",
            Self::Week => "%G-W%V",
            Self::Month => "%Y-%m",
            Self::Year => "%Y",
        };
        start.format(form).to_string()
    }
}

fn day_of(at: Timestamp) -> NaiveDate {
    DateTime::from_timestamp_micros(at.micros())
        .map(|instant| instant.date_naive())
        .unwrap_or_default()
}

/// The intervals from the first change to today, those without changes too; only those that
/// overlap with the days `from` and `until`, where they are given.
///
/// # Errors
/// When the database cannot be asked.
pub fn timeline(
    db: &mut AnyConnection,
    caller: &Caller,
    interval: Interval,
    types: Option<&[String]>,
    from: Option<Day>,
    until: Option<Day>,
) -> Result<Vec<TimelineItem>> {
    let mut items: BTreeMap<NaiveDate, TimelineItem> = BTreeMap::new();
    // Of what is hidden by now the log only tells the end, so it is not counted before either.
    let mut counted: HashSet<String> = HashSet::new();
    changes::each(db, caller, types, &mut |change: &Change| {
        let start = interval.start(day_of(change.at));
        let item = items.entry(start).or_default();
        match change.op {
            Operation::Created => {
                item.created += 1;
                item.total += 1;
                counted.insert(change.id.clone());
            }
            Operation::Updated => item.updated += 1,
            Operation::Erased => item.erased += 1,
            Operation::Deleted | Operation::Merged => {
                item.deleted += 1;
                item.total -= i64::from(counted.remove(&change.id));
            }
        }
    })?;
    let Some(mut start) = items.keys().next().copied() else {
        return Ok(Vec::new());
    };
    let last = items.keys().next_back().copied().unwrap_or(start);
    let last = last.max(interval.start(day_of(Timestamp::now())));
    let (mut all, mut total) = (Vec::new(), 0);
    while start <= last
        && let Some(next) = interval.next(start)
    {
        let mut item = items.remove(&start).unwrap_or_default();
        total += item.total;
        item.total = total;
        item.period = interval.name(start);
        item.start = start.to_string();
        item.end = next.pred_opt().unwrap_or(start).to_string();
        let ends_before = from.is_some_and(|day| item.end < day.to_string());
        let starts_after = until.is_some_and(|day| item.start > day.to_string());
        if !ends_before && !starts_after {
            all.push(item);
        }
        start = next;
    }
    Ok(all)
}

/// The parameters of the timeline.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct TimelineParameters {
    /// How long an interval is; a month unless given.
    #[deserr(default)]
    #[param(inline)]
    interval: Option<Interval>,
    /// Only documents of these collections, with commas between.
    #[deserr(default, rename = "type")]
    #[param(inline, rename = "type")]
    type_: Option<Words>,
    /// Intervals that end on or after this day.
    #[deserr(default)]
    #[param(inline)]
    from: Option<Day>,
    /// Intervals that begin on or before this day.
    #[deserr(default)]
    #[param(inline)]
    until: Option<Day>,
    /// The form of the answer, in place of the `Accept` header.
    #[deserr(default)]
    #[param(inline)]
    format: Option<FormatParameter>,
    /// Whether CSV begins with a byte order mark, as spreadsheets like it.
    #[deserr(default)]
    #[param(inline)]
    bom: Option<Flag>,
}

/// What happened in each interval.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Timeline {
    /// The intervals, the oldest first.
    items: Vec<TimelineItem>,
}

/// The operation.
pub(super) fn endpoint() -> Endpoint {
    Endpoint::new(Method::GET, "/stats/timeline", "listTimeline", "stats", |r: Route| r.to(list_timeline))
        .about(
            "Count changes over time",
            "What happened to the documents in each interval, and how many there were at its end, from the change log and as far as you may know of them.",
        )
        .query::<TimelineParameters>()
        .tuned(|name, schema| match name {
            "type" => schema["pattern"] = one_or_more(&collections::plurals()).into(),
            "interval" => schema["default"] = "month".into(),
            _ => {}
        })
        .answers(200, "The intervals, the oldest first.", Content::Table("Timeline".into()), &["ETag"])
        .answers(304, "The caller has this already.", Content::Empty, &["ETag"])
        .schema::<Timeline>()
}

async fn list_timeline(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    Query(parameters): Query<TimelineParameters>,
) -> std::result::Result<HttpResponse, Problem> {
    let format = Format::of(&request, parameters.format.as_ref(), &Format::LISTS)?;
    let types: Vec<String> = collections::named(parameters.type_.as_ref())?
        .into_iter()
        .map(|one| one.naming.type_.to_owned())
        .collect();
    let interval = parameters.interval.unwrap_or(Interval::Month);
    let tag = ListTag::new(&request, &caller, format.content_type());
    let eyes = caller.clone();
    let some = parameters.type_.is_some();
    let (from, until) = (parameters.from, parameters.until);
    let (etag, items) = app
        .store
        .read(move |db| {
            let (etag, known) = tag.at(changes::position(db)?);
            if known {
                return Ok((etag, None));
            }
            let types = some.then_some(types.as_slice());
            let items = timeline(db, &eyes, interval, types, from, until)?;
            Ok::<_, Error>((etag, Some(items)))
        })
        .await?;
    let Some(items) = items else {
        return Ok(not_modified(&caller, &etag));
    };
    let bom = parameters.bom.as_ref().is_some_and(|flag| flag.0);
    let language = language(request.headers());
    match format {
        Format::Json => Ok(respond::json(&caller, &etag, &Timeline { items })?),
        Format::Csv | Format::Xlsx => {
            let names = [
                "period", "start", "end", "created", "updated", "deleted", "erased", "total",
            ];
            let row = |item: &TimelineItem| {
                let texts = [&item.period, &item.start, &item.end];
                let texts = texts.map(|text| FlatCell::of_text(text));
                let counts = [item.created, item.updated, item.deleted, item.erased];
                let counts = counts
                    .map(Value::from)
                    .into_iter()
                    .chain([item.total.into()]);
                let counts = counts.map(|count| FlatCell::of_number(&count));
                texts.into_iter().chain(counts).collect()
            };
            let rows = items.iter().map(row).collect();
            let table = (names.map(str::to_owned).to_vec(), rows);
            let file = grid(&app, format, "timeline", bom, table)?;
            Ok(as_rows(&caller, &etag, format, language, "timeline").body(file))
        }
        Format::Ndjson => {
            Ok(as_rows(&caller, &etag, format, language, "timeline").body(lines(&items)?))
        }
    }
}
