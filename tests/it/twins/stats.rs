//! What is asked of the counts: every dimension and some together, of every collection, with the
//! filters of its list.

use serde_json::Value;

use super::{
    asks::{Ask, Words},
    values::{is_shape, parameters, strings, values},
};

/// Filters that every collection has. That they hold is seen in the lists.
const COMMON: [&str; 5] = [
    "identifier",
    "steward",
    "updatedSince",
    "verifiedBefore",
    "sort",
];

/// The requests for `listStats`. `document` is the API document.
pub(super) fn all(document: &Value, operation: &Value, words: &Words, asks: &mut Vec<Ask>) {
    let of = |name: &str| {
        let mut found = parameters(operation, "query");
        found
            .find(|parameter| parameter["name"] == name)
            .expect("a parameter of the counts")
    };
    let types = strings(&of("type")["schema"]["enum"]);
    let mut dimensions = values(of("groupBy"), words);
    // The last are all of them together: more than are taken.
    asks.push(Ask::get(format!(
        "/stats?groupBy={}",
        dimensions.pop().unwrap_or_default()
    )));
    let thorough = |path: String| Ask {
        thorough: true,
        ..Ask::get(path)
    };
    asks.push(thorough("/stats".into()));
    for nth in 0..dimensions.len() {
        let by = |step: usize| dimensions[(nth + step) % dimensions.len()].as_str();
        for (group, form) in [
            (by(0).to_owned(), "json"),
            ([by(0), by(2)].join(","), "csv"),
            ([by(0), by(3), by(4)].join(","), "ndjson"),
        ] {
            let query = format!("groupBy={group}&format={form}");
            asks.push(Ask::get(format!("/stats?{query}")));
            let of = |type_| Ask::get(format!("/stats?type={type_}&{query}"));
            asks.extend(
                types
                    .iter()
                    .map(|type_| of(type_).with("accept-language", "en")),
            );
        }
    }
    for type_ in &types {
        asks.push(thorough(format!("/stats?type={type_}")));
        let list = &document["paths"][format!("/{type_}")]["get"];
        let own = parameters(list, "query").filter(|parameter| {
            let name = parameter["name"].as_str().unwrap_or_default();
            !is_shape(name) && !COMMON.contains(&name)
        });
        for parameter in own {
            let name = parameter["name"].as_str().unwrap_or_default();
            // How a filter finds is the same as in the list; here is seen that it counts so.
            for value in values(parameter, words).iter().step_by(4) {
                asks.push(Ask::get(format!(
                    "/stats?type={type_}&groupBy=region&{name}={value}"
                )));
            }
        }
    }
}
