//! Periods with uncertain ends, as members of documents and as columns of tables.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use serde_json::Value as Json;

use super::day::Day;
use super::error::{Error, Result};
use super::fault::{Fault, Issue, Issues, read_string};
use super::language::Text;
use super::partial_date::{InvalidEdtf, PartialDate};
use super::text::Line;

/// The members that begin and end a period.
const PAIRS: [(&str, &str); 2] = [("start", "end"), ("founded", "dissolved")];

/// Finds every period in a body that ends on a day that lies wholly before its start.
///
/// It looks at the body rather than at the types, so that a fault elsewhere in the same row does
/// not hide this one. What is not a date is left to the reader of dates.
pub fn find_disorder(value: &Json, at: &str, issues: &mut Issues) {
    let inside = |value: &Json| value.is_object() || value.is_array();
    match value {
        Json::Array(items) => {
            for (nth, item) in items.iter().enumerate().filter(|(_, item)| inside(item)) {
                find_disorder(item, &format!("{at}/{nth}"), issues);
            }
        }
        Json::Object(members) => {
            for (first, last) in PAIRS {
                let (Some(first), Some(end)) = (members.get(first), members.get(last)) else {
                    continue;
                };
                let begins = given_date(first).and_then(|date| date.earliest());
                let ends = given_date(end).and_then(|date| date.latest());
                if let (Some(begins), Some(ends)) = (begins, ends)
                    && ends < begins
                {
                    issues
                        .0
                        .push(Issue::body(format!("{at}/{last}"), Fault::EndsBeforeStart));
                }
            }
            for (name, member) in members.iter().filter(|(_, member)| inside(member)) {
                find_disorder(member, &format!("{at}/{name}"), issues);
            }
        }
        _ => {}
    }
}

fn given_date(value: &Json) -> Option<PartialDate> {
    PartialDate::parse(value.as_str().or_else(|| value["edtf"].as_str())?).ok()
}

/// A row with a period of its own.
pub trait Dated {
    /// When it begins and ends, as far as that is known.
    fn period(&self) -> (Option<&PartialDate>, Option<&PartialDate>);

    /// Whether its period may include a day.
    fn may_include(&self, day: Day) -> bool {
        let (start, end) = self.period();
        may_include(start, end, day)
    }
}

/// Declares types with members `start` and `end` as [`Dated`].
macro_rules! dated {
    ($($type:ty),+) => {$(
        impl $crate::register::period::Dated for $type {
            fn period(
                &self,
            ) -> (Option<&$crate::register::PartialDate>, Option<&$crate::register::PartialDate>) {
                (self.start.as_ref(), self.end.as_ref())
            }
        }
    )+};
}
pub(crate) use dated;

/// Whether a period may include a day: uncertain ends count as far as they can reach.
fn may_include(start: Option<&PartialDate>, end: Option<&PartialDate>, day: Day) -> bool {
    let day = day.to_string();
    let begun = start
        .and_then(PartialDate::earliest)
        .is_none_or(|d| d.to_string() <= day);
    let going_on = end
        .and_then(PartialDate::latest)
        .is_none_or(|d| d.to_string() >= day);
    begun && going_on
}

#[derive(Deserr)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
struct PartialDateFields {
    /// Read beside the others, so that it is told together with what is wrong with those.
    #[deserr(rename = "edtf")]
    _edtf: String,
    #[deserr(default)]
    text: Option<Line>,
    #[deserr(default)]
    inferred: Option<Line>,
    /// The bounds follow from the expression; they are taken back so that a document that was
    /// read can be sent again.
    #[deserr(default, rename = "earliest")]
    _earliest: Option<Day>,
    #[deserr(default, rename = "latest")]
    _latest: Option<Day>,
}

impl Deserr<Issues> for PartialDate {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> std::result::Result<Self, Issues> {
        if !matches!(value, Value::Map(_)) {
            return read_string(value, at, |edtf| Self::parse(edtf).map_err(Fault::from));
        }
        let json: serde_json::Value = value.into();
        let date = json["edtf"].as_str().map(Self::parse).transpose();
        let date = date.map_err(|error| Issues::at(at.push_key("edtf"), error.into()));
        let fields = PartialDateFields::deserialize_from_value(json.into_value(), at);
        let (date, fields) = match (date, fields) {
            (Ok(Some(date)), Ok(fields)) => (date, fields),
            (Err(issues), Ok(_)) | (Ok(_), Err(issues)) => return Err(issues),
            (Err(of_date), Err(mut issues)) => {
                issues.0.extend(of_date.0);
                return Err(issues);
            }
            (Ok(None), Ok(_)) => return Err(Issues::at(at.push_key("edtf"), Fault::Missing)),
        };
        Ok(date.with_words(
            fields.text.map(String::from),
            fields.inferred.map(String::from),
        ))
    }
}

impl From<InvalidEdtf> for Fault {
    fn from(error: InvalidEdtf) -> Self {
        let (nl, en) = match error {
            InvalidEdtf::NotEdtf => (
                "een datum in EDTF, zoals 2012-09-27, 2014-23 (najaar 2014), 2020 of 2015/..",
                "a date in EDTF, such as 2012-09-27, 2014-23 (autumn 2014), 2020 or 2015/..",
            ),
            InvalidEdtf::NoSuchDay => (
                "een dag die in de kalender bestaat",
                "a day that exists in the calendar",
            ),
            InvalidEdtf::EndsBeforeStart => return Self::EndsBeforeStart,
            InvalidEdtf::HasTime => ("een dag zonder tijdstip", "a day without a time of day"),
        };
        Self::InvalidFormat {
            expected: Text { nl, en },
        }
    }
}

impl utoipa::PartialSchema for PartialDate {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::Ref::from_schema_name("PartialDate").into()
    }
}

impl utoipa::ToSchema for PartialDate {
    fn name() -> std::borrow::Cow<'static, str> {
        "PartialDate".into()
    }
}

/// The five columns of a partial date: `_edtf`, `_text`, `_inferred`, `_earliest`, `_latest`.
pub type DateColumns = (
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

/// A date as it is stored.
pub fn to_columns(date: Option<&PartialDate>) -> DateColumns {
    let Some(date) = date else {
        return DateColumns::default();
    };
    (
        Some(date.edtf().to_owned()),
        date.own_text().map(str::to_owned),
        date.inferred().map(str::to_owned),
        date.earliest().map(|day| day.to_string()),
        date.latest().map(|day| day.to_string()),
    )
}

/// A date from the three columns that hold what was given.
///
/// # Errors
/// When the stored expression is damaged.
pub fn from_columns(
    edtf: Option<String>,
    text: Option<String>,
    inferred: Option<String>,
) -> Result<Option<PartialDate>> {
    edtf.map(|edtf| {
        PartialDate::parse(&edtf)
            .map(|date| date.with_words(text, inferred))
            .map_err(|_| Error::Internal(format!("stored date '{edtf}'")))
    })
    .transpose()
}

/// Makes a struct of the columns of one or two partial dates, to embed in the row of a table:
/// `date_columns!(Period in region_partners: start, end)`, with the table's module in scope.
macro_rules! date_columns {
    ($name:ident in $table:ident: start, end) => {
        $crate::register::period::date_columns!(@row $name in $table:
            start_edtf start_text start_inferred start_earliest start_latest,
            end_edtf end_text end_inferred end_earliest end_latest);
    };
    ($name:ident in $table:ident: founded, dissolved) => {
        $crate::register::period::date_columns!(@row $name in $table:
            founded_edtf founded_text founded_inferred founded_earliest founded_latest,
            dissolved_edtf dissolved_text dissolved_inferred dissolved_earliest dissolved_latest);
    };
    ($name:ident in $table:ident: planned, actual) => {
        $crate::register::period::date_columns!(@row $name in $table:
            planned_edtf planned_text planned_inferred planned_earliest planned_latest,
            actual_edtf actual_text actual_inferred actual_earliest actual_latest);
    };
    ($name:ident in $table:ident: signed) => {
        $crate::register::period::date_columns!(@row $name in $table:
            signed_edtf signed_text signed_inferred signed_earliest signed_latest);
    };
    ($name:ident in $table:ident: period) => {
        $crate::register::period::date_columns!(@row $name in $table:
            period_edtf period_text period_inferred period_earliest period_latest);
    };
    (@row $name:ident in $table:ident:
        $e:ident $t:ident $i:ident $a:ident $z:ident) => {
        #[derive(
            PartialEq, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset,
        )]
        #[diesel(table_name = $table, treat_none_as_null = true, treat_none_as_default_value = false)]
        struct $name {
            $e: Option<String>, $t: Option<String>, $i: Option<String>,
            $a: Option<String>, $z: Option<String>,
        }

        impl $name {
            fn new(date: Option<&$crate::register::PartialDate>) -> Self {
                let ($e, $t, $i, $a, $z) = $crate::register::period::to_columns(date);
                Self { $e, $t, $i, $a, $z }
            }

            fn date(self) -> $crate::register::Result<Option<$crate::register::PartialDate>> {
                $crate::register::period::from_columns(self.$e, self.$t, self.$i)
            }
        }
    };
    (@row $name:ident in $table:ident:
        $e1:ident $t1:ident $i1:ident $a1:ident $z1:ident,
        $e2:ident $t2:ident $i2:ident $a2:ident $z2:ident) => {
        #[derive(
            PartialEq, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset,
        )]
        #[diesel(table_name = $table, treat_none_as_null = true, treat_none_as_default_value = false)]
        struct $name {
            $e1: Option<String>, $t1: Option<String>, $i1: Option<String>,
            $a1: Option<String>, $z1: Option<String>,
            $e2: Option<String>, $t2: Option<String>, $i2: Option<String>,
            $a2: Option<String>, $z2: Option<String>,
        }

        impl $name {
            fn new(
                first: Option<&$crate::register::PartialDate>,
                second: Option<&$crate::register::PartialDate>,
            ) -> Self {
                let ($e1, $t1, $i1, $a1, $z1) = $crate::register::period::to_columns(first);
                let ($e2, $t2, $i2, $a2, $z2) = $crate::register::period::to_columns(second);
                Self { $e1, $t1, $i1, $a1, $z1, $e2, $t2, $i2, $a2, $z2 }
            }

            fn first(&mut self) -> $crate::register::Result<Option<$crate::register::PartialDate>> {
                $crate::register::period::from_columns(
                    self.$e1.take(), self.$t1.take(), self.$i1.take())
            }

            fn second(&mut self) -> $crate::register::Result<Option<$crate::register::PartialDate>> {
                $crate::register::period::from_columns(
                    self.$e2.take(), self.$t2.take(), self.$i2.take())
            }
        }
    };
}
pub(crate) use date_columns;
