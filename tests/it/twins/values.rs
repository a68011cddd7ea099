//! The parameters of the API document, and the values with which they are tried.

use serde_json::{Map, Value};

use super::asks::Words;

/// Whether a parameter says how a list looks, rather than what is in it.
pub(super) fn is_shape(name: &str) -> bool {
    [
        "fields", "include", "format", "bom", "limit", "cursor", "count",
    ]
    .contains(&name)
}

/// What is searched for: words of what is public, of what is hidden and was, parts of them, and
/// words that are a typo away from one.
pub(super) const SOUGHT: [&str; 16] = [
    "elburg",
    "gemeente+elburg",
    "zeeluwe",
    "zeelwue",
    "plan",
    "%22gemeente+elburg%22",
    "po+-elburg",
    "geheim",
    "gehiem",
    "geheim-samenvatting",
    "geheimdorp",
    "jan",
    "ge",
    "dorp+elburg+geheim",
    "end",
    "zorg",
];

/// The values that a parameter is tried with, from its schema.
pub(super) fn values(parameter: &Value, words: &Words) -> Vec<String> {
    let schema = &parameter["schema"];
    let is = |member: &str, value: &str| schema[member] == value;
    let own = match parameter["name"].as_str().unwrap_or_default() {
        "q" => &SOUGHT[..],
        "kind" if schema["pattern"].is_null() => &["municipality,pilot", "school_board", "geheim"],
        "status" if schema["pattern"].is_null() => &["active", "planned,unknown"],
        "role" if schema["pattern"].is_null() => &["funder", "owner,coordinator"],
        "sector" if schema["pattern"].is_null() => &["po", "po,vo"],
        // What is further on is waited for, which takes a second each time.
        "after" => &["0", "1"],
        _ => &[],
    };
    if !own.is_empty() {
        own.iter().map(|value| (*value).to_owned()).collect()
    } else if !schema["enum"].is_null() {
        strings(&schema["enum"])
    } else if is("type", "boolean") {
        vec!["true".into(), "false".into()]
    } else if is("type", "integer") && parameter["name"] == "cursor" {
        let more = ["0", "9223372036854775807"].map(str::to_owned);
        words
            .positions
            .iter()
            .step_by(4)
            .cloned()
            .chain(more)
            .collect()
    } else if is("type", "integer") {
        ["0", "1", "2", "100"].map(str::to_owned).into()
    } else if is("format", "date") {
        ["0001-01-01", "2013-01-01", "2020-01-01", "2999-12-31"]
            .map(str::to_owned)
            .into()
    } else if is("format", "date-time") {
        words.instants.iter().step_by(4).cloned().collect()
    } else if let Some(pattern) = schema["pattern"]
        .as_str()
        .and_then(|p| p.strip_prefix("^("))
    {
        let (list, _) = pattern.split_once(')').unwrap();
        let words = list.split('|').map(|word| word.replace("-?", ""));
        let all = words.clone().collect::<Vec<_>>().join(",");
        words.chain([all]).collect()
    } else if let Some(collection) = collection(parameter["name"].as_str().unwrap_or_default()) {
        words.names_in(collection)
    } else if parameter["name"] == "identifier" {
        let mut names = words.names.iter().map(|(_, name)| name.clone());
        let other: Vec<String> = names.by_ref().take(2).collect();
        let codes = names.filter(|name| name.contains(':'));
        codes.chain(other).collect()
    } else {
        [
            "openbaar",
            "reformatorisch",
            "openbaar,reformatorisch",
            "missing",
        ]
        .map(str::to_owned)
        .into()
    }
}

/// The collection of which a parameter takes a document.
fn collection(name: &str) -> Option<&'static str> {
    Some(match name {
        "organisation" | "municipality" | "steward" => "organisations",
        "region" => "regions",
        "project" => "projects",
        "theme" | "broader" => "themes",
        _ => return None,
    })
}

pub(super) fn parameters<'v>(
    operation: &'v Value,
    place: &'v str,
) -> impl Iterator<Item = &'v Value> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    all.filter(move |parameter| parameter["in"] == place)
}

pub(super) fn strings(list: &Value) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

pub(super) fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
