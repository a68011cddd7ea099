//! Property tests: what was written as rows, in a text or a workbook, is read as it was.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::exchange::files::Options;
use crate::exchange::files::tests::read;
use crate::exchange::flat::columns::{Columns, Field, Kind};
use crate::exchange::flat::sheet::{Formats, put};
use crate::exchange::flat::write::{ColumnNames, Flat, FlatCell};
use crate::register::Language;
use crate::register::partial_date::PartialDate;

/// A value of a kind as it is shown.
fn shown(kind: Kind) -> BoxedStrategy<Value> {
    let text = r"['=+@-]{0,2}[a-zA-Zé;\\,. ]{0,12}[a-zé;\\]";
    match kind {
        Kind::Line => text.prop_map(|text: String| json!(text.trim())).boxed(),
        Kind::Markdown => r"[ '=+@-]{0,2}[a-zé;,\n ]{0,30}[a-z]\n?".prop_map(|text: String| json!(text)).boxed(),
        Kind::Link => "https://[a-z]{1,8}\\.nl/[a-z;]{0,5}".prop_map(|text: String| json!(text)).boxed(),
        Kind::Word(words) => (0..words.terms.len()).prop_map(move |nth| json!(words.terms[nth].code)).boxed(),
        Kind::YesNo => any::<bool>().prop_map(|yes| json!(yes)).boxed(),
        Kind::Whole => (0..120_i64).prop_map(|number| json!(number)).boxed(),
        Kind::Number => (-90.0..90.0_f64).prop_map(|number| json!(number)).boxed(),
        Kind::Amount => (0..10_000_000_000_u64).prop_map(|cents| json!(format!("{}.{:02}", cents / 100, cents % 100))).boxed(),
        Kind::Day => (1..9999_i32, 1..=365_u32)
            .prop_filter_map("no day", |(year, day)| chrono::NaiveDate::from_yo_opt(year, day))
            .prop_map(|day| json!(day.to_string()))
            .boxed(),
        Kind::Date => (
            prop::sample::select(vec!["2014", "2014-23", "2013~", "2015/..", "1850-01-02", "2024-12-31", "201X", "2024-12"]),
            prop::option::of("eind [a-z]{1,9}"),
            prop::option::of("omdat [a-z]{1,9}"),
        )
            .prop_map(|(edtf, text, inferred)| {
                let date = PartialDate::parse(edtf).map(|date| date.with_words(text, inferred));
                json!(date.unwrap_or_else(|error| unreachable!("{error}")))
            })
            .boxed(),
        Kind::Reference => "[a-z]{1,12}(-[a-z]{1,9})?"
            .prop_map(|slug: String| json!({"id": format!("id-{slug}"), "slug": slug, "name": format!("De {slug}")}))
            .boxed(),
    }
}

/// Values with the names that lead to them.
type Members = Vec<(Vec<String>, Value)>;

/// Objects with the members of these fields, each there or not, at least one.
fn objects(fields: &[&'static Field], depth: usize) -> BoxedStrategy<Map<String, Value>> {
    let mut parts: Vec<BoxedStrategy<Members>> = Vec::new();
    for field in fields {
        let path = field.path[depth..].to_vec();
        // The words of a date and the type of a party come with it.
        let part_of_value = fields.iter().any(|other| {
            other.base.is_some()
                && field.path.len() == other.path.len() + 1
                && field.path.starts_with(&other.path)
        });
        if part_of_value || field.read_only {
            continue;
        }
        if field.inner > 0 && field.inner < field.path.len() {
            // All members of one nested list together.
            let list = field.path[..field.inner].to_vec();
            let members: Vec<_> = fields
                .iter()
                .copied()
                .filter(|other| other.inner == field.inner && other.path.starts_with(&list))
                .collect();
            if members[0].path == field.path {
                let inner = field.inner;
                let items = prop::collection::vec(
                    objects(
                        &members.into_iter().map(flattened).collect::<Vec<_>>(),
                        inner,
                    ),
                    0..3,
                );
                let path = field.path[depth..inner].to_vec();
                parts.push(
                    items
                        .prop_map(move |items| {
                            one(&path, items.into_iter().map(Value::Object).collect())
                        })
                        .boxed(),
                );
            }
        } else if field.inner > 0 {
            let values = prop::collection::vec(shown(field.kind), 0..3);
            parts.push(
                values
                    .prop_map(move |values| one(&path, Value::Array(values)))
                    .boxed(),
            );
        } else {
            let is_party = field.base == Some("id");
            let value = prop::option::of((shown(field.kind), any::<bool>()));
            parts.push(
                value
                    .prop_map(move |value| match value {
                        Some((mut value, region)) => {
                            if is_party {
                                value["type"] =
                                    json!(if region { "region" } else { "organisation" });
                            }
                            one(&path, value)
                        }
                        None => Vec::new(),
                    })
                    .boxed(),
            );
        }
    }
    parts
        .prop_map(|parts| {
            let mut object = Map::new();
            for (path, value) in parts.into_iter().flatten() {
                insert(&mut object, &path, value);
            }
            object
        })
        .prop_filter("nothing in it", |object| {
            object.values().any(|value| !value.is_array())
        })
        .boxed()
}

/// The field of a nested list as if the list stood alone.
fn flattened(field: &'static Field) -> &'static Field {
    Box::leak(Box::new(Field {
        inner: 0,
        ..field.clone()
    }))
}

fn one(path: &[String], value: Value) -> Members {
    vec![(path.to_vec(), value)]
}

fn insert(object: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [name] => {
            object.insert(name.clone(), value);
        }
        [name, rest @ ..] => {
            let inner = object.entry(name.clone()).or_insert_with(|| json!({}));
            if let Some(inner) = inner.as_object_mut() {
                insert(inner, rest, value);
            }
        }
    }
}

/// Documents of a collection as they are shown.
fn documents(columns: &'static Columns) -> BoxedStrategy<Map<String, Value>> {
    let own: Vec<_> = columns
        .fields
        .iter()
        .filter(|field| field.is_own())
        .collect();
    let mut lists: Vec<Vec<String>> = Vec::new();
    for field in columns.fields.iter().filter(|field| !field.is_own()) {
        let list = field.path[..field.list].to_vec();
        if !lists.contains(&list) {
            lists.push(list);
        }
    }
    let lists: Vec<_> = lists
        .into_iter()
        .map(|list| {
            let fields: Vec<_> = columns
                .fields
                .iter()
                .filter(|field| !field.is_own() && field.path.starts_with(&list))
                .collect();
            let items = prop::collection::vec(objects(&fields, list.len()), 0..4);
            (items, 1..3_usize).prop_map(move |(items, copies)| (list.clone(), items, copies))
        })
        .collect();
    (objects(&own, 0), lists)
        .prop_map(|(mut document, lists)| {
            for (list, items, copies) in lists {
                let items = items.into_iter().map(Value::Object);
                // Some of them twice.
                let items = items.flat_map(|item| std::iter::repeat_n(item, copies));
                insert(&mut document, &list, items.collect());
            }
            document
        })
        .boxed()
}

/// What is shown, as it is given in rows: references by slug, dates by their expression, nothing
/// where there is nothing.
fn given(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(given).collect(),
        Value::Object(members)
            if members.contains_key("slug")
                && members.contains_key("name")
                && members.contains_key("id")
                && members.len() <= 4 =>
        {
            match members.get("type") {
                Some(type_) => json!({"id": members["slug"], "type": type_}),
                None => members["slug"].clone(),
            }
        }
        Value::Object(members) if members.contains_key("edtf") => {
            let date = PartialDate::parse(members["edtf"].as_str().unwrap_or_default());
            let own = date.is_ok_and(|date| members["text"] != date.text());
            let mut kept = Map::new();
            for (name, value) in members {
                if name == "edtf" || name == "inferred" || (name == "text" && own) {
                    kept.insert(name.clone(), value.clone());
                }
            }
            if kept.len() == 1 {
                members["edtf"].clone()
            } else {
                Value::Object(kept)
            }
        }
        Value::Object(members) => {
            let mut kept = Map::new();
            for (name, value) in members {
                let value = given(value);
                let empty = value == json!([]) || value == json!({}) || value.is_null();
                if !empty {
                    kept.insert(name.clone(), value);
                }
            }
            Value::Object(kept)
        }
        other => other.clone(),
    }
}

/// Documents with ids, as a list of the register has them.
fn many(columns: &'static Columns) -> impl Strategy<Value = Vec<Map<String, Value>>> {
    prop::collection::vec(documents(columns), 1..4).prop_map(|all| {
        (1..)
            .zip(all)
            .map(|(nth, mut document)| {
                document.insert("id".into(), json!(format!("0190-{nth}")));
                document.insert("version".into(), json!(3));
                document
            })
            .collect()
    })
}

fn as_csv(columns: &'static Columns, naming: ColumnNames, all: &[Map<String, Value>]) -> Vec<u8> {
    let flat = Flat::new(columns, naming, Language::Dutch);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header: Vec<String> = flat.headers().map(str::to_owned).collect();
    assert!(writer.write_record(header).is_ok());
    for row in all.iter().flat_map(|document| flat.rows(document)) {
        let texts = row.into_iter().map(FlatCell::into_text);
        assert!(writer.write_record(texts).is_ok());
    }
    writer.into_inner().unwrap_or_default()
}

fn as_workbook(columns: &'static Columns, all: &[Map<String, Value>]) -> Vec<u8> {
    let flat = Flat::new(columns, ColumnNames::Paths, Language::Dutch);
    let formats = Formats::default();
    let mut book = rust_xlsxwriter::Workbook::new();
    let Ok(sheet) = book.add_worksheet_with_constant_memory() else {
        return Vec::new();
    };
    assert!(sheet.set_name(columns.naming.plural).is_ok());
    assert!(sheet.write_row(0, 0, flat.headers()).is_ok());
    let rows = all.iter().flat_map(|document| flat.rows(document));
    for (nth, row) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            let written = put(sheet, nth, column, cell, &formats);
            assert!(written.is_ok(), "{written:?}");
        }
    }
    book.save_to_buffer().unwrap_or_default()
}

/// What is read is what was written.
fn comes_back(
    columns: &'static Columns,
    all: &[Map<String, Value>],
    bytes: &[u8],
) -> Result<(), TestCaseError> {
    let options = Options {
        format: None,
        collection: Some(columns.naming),
    };
    let (read, end) = read(bytes, &options);
    prop_assert_eq!(end, None);
    prop_assert_eq!(read.len(), all.len());
    for (given_back, document) in read.iter().zip(all) {
        prop_assert_eq!(&given_back.issues, &[]);
        let mut expected = given(&json!(document));
        if let Some(expected) = expected.as_object_mut() {
            expected.shift_remove("version");
        }
        prop_assert_eq!(json!(given_back.body), expected);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn documents_come_back_from_a_text(
        (nth, all) in (0..Columns::all().len()).prop_flat_map(|nth| (Just(nth), many(&Columns::all()[nth]))),
        dutch: bool,
    ) {
        let columns = &Columns::all()[nth];
        let naming = if dutch { ColumnNames::Dutch } else { ColumnNames::Paths };
        comes_back(columns, &all, &as_csv(columns, naming, &all))?;
    }

    #[test]
    fn documents_come_back_from_a_workbook(
        (nth, all) in (0..Columns::all().len()).prop_flat_map(|nth| (Just(nth), many(&Columns::all()[nth]))),
    ) {
        let columns = &Columns::all()[nth];
        comes_back(columns, &all, &as_workbook(columns, &all))?;
    }
}
