//! The API document: that it is what is committed and served, and that it keeps the rules of the
//! Dutch API Design Rules 2.2.1, whose own linter is in no package registry.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
    sync::LazyLock,
};

use serde_json::{Map, Value};

use crate::support::Server;

/// What `schakel openapi` prints.
static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&printed()).expect("`schakel openapi` prints JSON"));

fn printed() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_schakel"))
        .arg("openapi")
        .env_clear()
        .output()
        .expect("schakel runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("the document is UTF-8")
}

#[test]
fn the_committed_document_is_the_printed_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
    let committed = fs::read_to_string(path).expect("openapi/openapi.json");
    assert!(
        committed == printed(),
        "openapi/openapi.json is old: run `just openapi`"
    );
}

both! {
    fn the_served_documents_are_the_printed_one(server: &Server) {
        let json = server.get("/openapi.json").header("origin", "https://elsewhere.example").send();
        assert_eq!(json.header("access-control-allow-origin"), Some("*"));
        assert_eq!(json.header("content-type"), Some("application/json"));
        assert_eq!(json.expect(200).json(), *DOCUMENT);
        let yaml = server.get("/openapi.yaml").send();
        assert_eq!(yaml.header("access-control-allow-origin"), Some("*"));
        assert_eq!(yaml.header("content-type"), Some("application/yaml"));
        let yaml: Value = yaml_serde::from_str(&yaml.expect(200).text()).expect("YAML");
        assert_eq!(yaml, *DOCUMENT);
    }

    with([], [("PUBLIC_URL", "https://register.example.org/")])
    fn with_a_public_address_only_the_servers_differ(server: &Server) {
        let mut served = server.get("/openapi.json").send().expect(200).json();
        assert_eq!(served["servers"][0]["url"], "https://register.example.org/api/v1");
        served["servers"] = DOCUMENT["servers"].clone();
        assert_eq!(served, *DOCUMENT);
    }
}

#[test]
fn it_says_who_made_it_under_which_licence_and_where_it_is() {
    let info = &DOCUMENT["info"];
    assert!(text(&DOCUMENT["openapi"]).starts_with("3.1."));
    for member in ["title", "summary", "description"] {
        assert_ne!(text(&info[member]), "", "info.{member}");
    }
    let version: Vec<&str> = text(&info["version"]).split('.').collect();
    let number = |part: &&str| part.parse::<u32>().is_ok_and(|n| n.to_string() == **part);
    assert!(
        version.len() == 3 && version.iter().all(number),
        "not a SemVer: {version:?}"
    );
    assert_ne!(text(&info["contact"]["name"]), "");
    assert!(text(&info["contact"]["url"]).starts_with("https://"));
    assert!(text(&info["contact"]["email"]).contains('@'));
    assert_eq!(info["license"]["identifier"], "EUPL-1.2");
    let servers = list(&DOCUMENT["servers"]);
    assert!(!servers.is_empty());
    for server in servers {
        let url = text(&server["url"]);
        assert!(
            url.starts_with("https://") && url.ends_with(&format!("/v{}", version[0])),
            "{url}"
        );
    }
    assert_eq!(
        DOCUMENT["components"]["securitySchemes"]["key"]["scheme"],
        "bearer"
    );
}

#[test]
fn paths_are_kebab_case_without_extension_or_trailing_slash() {
    for (path, _) in object(&DOCUMENT["paths"]) {
        assert!(!path.ends_with('/'), "{path}");
        for segment in path.split('/').skip(1) {
            // The rule itself exempts the address of the document.
            let exempt = ["openapi.json", "openapi.yaml"].contains(&segment);
            let name = segment
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'));
            let right = match name {
                Some(name) => is_camel_case(name),
                None => is_kebab_case(segment),
            };
            assert!(right || exempt, "{segment} in {path}");
        }
    }
}

fn is_kebab_case(word: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    word.split('-').all(part)
}

fn is_camel_case(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_lowercase())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[test]
fn every_operation_is_described_and_has_an_id_of_its_own() {
    let tags: BTreeSet<&str> = list(&DOCUMENT["tags"])
        .iter()
        .map(|tag| text(&tag["name"]))
        .collect();
    let mut ids = BTreeSet::new();
    let mut used = BTreeSet::new();
    for Operation { name, json, .. } in operations() {
        let id = text(&json["operationId"]);
        assert!(is_camel_case(id) && ids.insert(id), "the id {id} of {name}");
        let verb = [
            "list", "find", "create", "replace", "update", "delete", "merge", "erase", "import",
            "revert",
        ];
        assert!(
            verb.iter().any(|verb| id.starts_with(verb)),
            "the verb of {id}"
        );
        for member in ["summary", "description"] {
            assert_ne!(text(&json[member]), "", "{member} of {name}");
        }
        let own: Vec<&str> = list(&json["tags"]).iter().map(text).collect();
        assert!(
            own.len() == 1 && tags.contains(own[0]),
            "the tag of {name}: {own:?}"
        );
        used.extend(own);
    }
    assert_eq!(used, tags, "tags without an operation");
    for tag in list(&DOCUMENT["tags"]) {
        assert_ne!(text(&tag["description"]), "", "{tag}");
    }
}

#[test]
fn every_parameter_is_described_and_has_limits() {
    let mut faults = BTreeSet::new();
    for Operation { name, path, json } in operations() {
        for parameter in parameters(json) {
            let (own, place) = (text(&parameter["name"]), text(&parameter["in"]));
            let mut fault =
                |what: &str| faults.insert(format!("{place} {own}: {what} (as in {name})"));
            if text(&parameter["description"]).is_empty() {
                fault("no description");
            }
            if place == "query" && !is_camel_case(own) {
                fault("not camelCase");
            }
            if place == "path"
                && (!path.contains(&format!("{{{own}}}")) || parameter["required"] != true)
            {
                fault("not in the path, or not required");
            }
            // A reader may send what it likes there: what is no tag of ours is no answer it has.
            let condition_of_a_read =
                own == "If-None-Match" && parameter["schema"]["enum"].is_null();
            if let Some(missing) = missing_limit(&parameter["schema"])
                && !condition_of_a_read
            {
                fault(&format!("no {missing}"));
            }
        }
        let given = path.matches('{').count();
        let documented = parameters(json)
            .filter(|parameter| parameter["in"] == "path")
            .count();
        assert_eq!(documented, given, "path parameters of {name}");
    }
    assert_none(&faults);
}

/// The limit that the schema of a parameter lacks. A format, an enumeration and a pattern without
/// repetition limit a text; 64 bits limit a number from above.
fn missing_limit(schema: &Value) -> Option<&'static str> {
    let has = |member: &str| !schema[member].is_null();
    match text(&schema["type"]) {
        "integer" if !has("minimum") => Some("minimum"),
        "integer" if !has("maximum") && schema["format"] != "int64" => Some("maximum"),
        "integer" | "boolean" => None,
        "string" if has("enum") || has("maxLength") => None,
        "string" if ["date", "date-time", "uuid"].contains(&text(&schema["format"])) => None,
        "string" if text(&schema["pattern"]).chars().any(|c| "*+".contains(c)) => Some("maxLength"),
        "string" if has("pattern") => None,
        "string" => Some("maxLength, enum, format or pattern"),
        _ => Some("simple type"),
    }
}

#[test]
fn lists_say_their_defaults_maxima_and_choices() {
    let mut lists = 0;
    let mut faults = BTreeSet::new();
    for Operation { name, json, .. } in operations() {
        let schema = |own: &str| {
            parameters(json)
                .find(|p| p["name"] == own)
                .map(|p| &p["schema"])
        };
        let Some(limit) = schema("limit") else {
            continue;
        };
        assert_eq!(
            (&limit["default"], &limit["maximum"]),
            (&20.into(), &100.into()),
            "{name}"
        );
        assert!(
            schema("cursor").is_some(),
            "{name} has a limit and no cursor"
        );
        lists += 1;
        for own in ["sort", "count", "bom"] {
            if schema(own).is_some_and(|schema| schema["default"].is_null()) {
                faults.insert(format!("{own}: no default (as in {name})"));
            }
        }
        // A caller must not have to guess which fields, views and orders there are.
        for own in ["sort", "fields", "include"] {
            if schema(own).is_some_and(|s| {
                ["pattern", "enum", "description"]
                    .iter()
                    .all(|m| s[*m].is_null())
            }) {
                faults.insert(format!(
                    "{own}: does not say what can be chosen (as in {name})"
                ));
            }
        }
        // Sent as it stands, a default must change nothing: without a cursor the history starts
        // at its newest line, and no position means that.
        if name.contains("/history") && schema("cursor").is_some_and(|s| !s["default"].is_null()) {
            faults.insert(format!(
                "cursor: a default that gives another answer than none ({name})"
            ));
        }
    }
    assert_eq!(
        lists, 12,
        "lists with pages: five collections, five histories, the changes, the search"
    );
    assert_none(&faults);
}

#[test]
fn every_success_has_the_version_header_and_input_can_be_refused() {
    for Operation { name, json, .. } in operations() {
        for (status, response) in object(&json["responses"]) {
            let response = resolved(response);
            assert_ne!(text(&response["description"]), "", "{status} of {name}");
            let headers = &response["headers"];
            assert!(
                !headers["API-Version"].is_null(),
                "API-Version of {status} of {name}"
            );
            let needed = match status.as_str() {
                "201" | "308" => Some("Location"),
                "304" => Some("ETag"),
                "503" => Some("Retry-After"),
                _ => None,
            };
            if let Some(needed) = needed {
                assert!(!headers[needed].is_null(), "{needed} of {status} of {name}");
            }
            if status.starts_with(['4', '5']) {
                let types: Vec<&String> = object(&response["content"])
                    .map(|(type_, _)| type_)
                    .collect();
                assert_eq!(types, ["application/problem+json"], "{status} of {name}");
            }
        }
        let has_input = parameters(json).count() > 0 || !json["requestBody"].is_null();
        let writes = !name.starts_with("GET");
        if has_input || writes {
            assert!(!json["responses"]["400"].is_null(), "no 400 in {name}");
        }
        assert!(json["responses"]["422"].is_null(), "{name} has a 422");
    }
    let problem = &DOCUMENT["components"]["schemas"]["Problem"];
    for member in ["type", "title", "status", "detail", "instance"] {
        assert!(!problem["properties"][member].is_null(), "no {member}");
        assert!(
            list(&problem["required"]).contains(&member.into()),
            "{member} is not required"
        );
    }
}

#[test]
fn a_304_can_be_asked_for() {
    let mut faults = BTreeSet::new();
    for Operation { name, json, .. } in operations() {
        let etag = object(&json["responses"]).any(|(status, response)| {
            status == "200" && name.starts_with("GET") && !response["headers"]["ETag"].is_null()
        });
        let header = parameters(json).any(|parameter| parameter["name"] == "If-None-Match");
        if etag && !header {
            faults.insert(format!("{name} has an ETag and no If-None-Match"));
        }
        if etag && json["responses"]["304"].is_null() {
            faults.insert(format!("{name} has an ETag and no 304"));
        }
    }
    assert_none(&faults);
}

#[test]
fn every_property_is_described_and_exemplified() {
    let mut faults = BTreeSet::new();
    for_each_schema(&mut |place, schema| {
        for (name, property) in object(&schema["properties"]) {
            let place = format!("{place}/properties/{name}");
            if text(&property["description"]).trim().is_empty() {
                faults.insert(format!("{place}: no description"));
            }
            if !shows_its_form(property) {
                faults.insert(format!("{place}: no example"));
            }
        }
    });
    assert_none(&faults);
}

/// Whether a reader can see what a value looks like.
fn shows_its_form(schema: &Value) -> bool {
    let has = |member: &str| !schema[member].is_null();
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect(),
        one => vec![text(one)],
    };
    ["examples", "enum", "const", "$ref", "format"]
        .iter()
        .any(|member| has(member))
        || types
            .iter()
            .any(|type_| ["array", "boolean", "object"].contains(type_))
        || ["oneOf", "anyOf", "allOf"]
            .iter()
            .any(|member| list(&schema[*member]).iter().any(shows_its_form))
}

#[test]
fn what_is_called_a_date_is_one() {
    for_each_schema(&mut |place, schema| {
        for (name, property) in object(&schema["properties"]) {
            let called_date = ["date", "datum"].contains(&name.as_str())
                || ["Date", "Datum"].iter().any(|word| name.contains(word));
            assert!(
                !called_date || property["format"] == "date",
                "{place}/properties/{name}"
            );
            let instant = property["format"] == "date-time";
            assert!(
                !instant || name == "at" || name.ends_with("At"),
                "{place}/properties/{name}"
            );
        }
        let format = text(&schema["format"]);
        assert!(
            !["time", "date-time-local", "partial-time"].contains(&format),
            "{place}: {format}"
        );
    });
}

#[test]
fn schemas_are_valid_and_references_lead_somewhere() {
    let mut faults = BTreeSet::new();
    walk("", &DOCUMENT, &mut |place, value| {
        if let Value::String(path) = &value["$ref"]
            && DOCUMENT.pointer(path.trim_start_matches('#')).is_none()
        {
            faults.insert(format!("{place}: {path} leads nowhere"));
        }
        for member in ["description", "summary", "title"] {
            // A property of that name is a schema, not a text.
            if !place.ends_with("/properties")
                && value.get(member).is_some_and(|text| !text.is_string())
            {
                faults.insert(format!("{place}/{member}: not a text"));
            }
        }
    });
    for_each_schema(&mut |place, schema| {
        let properties: BTreeSet<&String> = object(&schema["properties"])
            .map(|(name, _)| name)
            .collect();
        for name in list(&schema["required"]) {
            if !schema["properties"].is_null() && !properties.iter().any(|known| *known == name) {
                faults.insert(format!("{place}: requires {name}, which it does not have"));
            }
        }
    });
    assert_none(&faults);
}

#[test]
fn examples_are_plain_values_that_fit_their_schema() {
    // The official linter takes an example object with a member such as `postcode` for an operation.
    for_each_schema(&mut |place, schema| {
        for example in list(&schema["examples"])
            .iter()
            .chain(schema.get("default"))
        {
            let fits = match text(&schema["type"]) {
                "integer" => example.is_i64(),
                "number" => example.is_number(),
                "boolean" => example.is_boolean(),
                "array" => example.is_array(),
                _ => example.is_string(),
            };
            assert!(fits, "{place}: {example}");
            let allowed = &schema["enum"];
            assert!(
                allowed.is_null() || list(allowed).contains(example),
                "{place}: {example}"
            );
        }
    });
}

#[test]
fn no_text_names_the_framework_the_database_or_a_file() {
    let document = printed().to_lowercase();
    for name in [
        "actix",
        "diesel",
        "serde",
        "rust",
        "sqlite",
        "postgres",
        "schakel.db",
    ] {
        assert!(!document.contains(name), "the document says {name}");
    }
}

/// An operation of the document; its name is method and path.
struct Operation<'a> {
    name: String,
    path: &'a str,
    json: &'a Value,
}

fn operations() -> Vec<Operation<'static>> {
    let mut all = Vec::new();
    for (path, methods) in object(&DOCUMENT["paths"]) {
        for (method, json) in object(methods) {
            all.push(Operation {
                name: format!("{} {path}", method.to_uppercase()),
                path,
                json,
            });
        }
    }
    assert!(all.len() > 20, "the document has operations");
    all
}

fn parameters(operation: &Value) -> impl Iterator<Item = &Value> {
    list(&operation["parameters"]).iter()
}

fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(path) => DOCUMENT
            .pointer(path.trim_start_matches('#'))
            .expect("a reference"),
        None => value,
    }
}

/// Visits everything that is a schema, wherever it stands.
fn for_each_schema(visit: &mut dyn FnMut(&str, &Value)) {
    for (name, schema) in object(&DOCUMENT["components"]["schemas"]) {
        walk(&format!("/components/schemas/{name}"), schema, visit);
    }
    walk("/paths", &DOCUMENT["paths"], &mut |place, value| {
        if place.ends_with("/schema") {
            walk(place, value, visit);
        }
    });
}

fn walk(place: &str, value: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => {
            visit(place, value);
            for (name, value) in members {
                walk(&format!("{place}/{name}"), value, visit);
            }
        }
        Value::Array(items) => {
            for (nth, value) in items.iter().enumerate() {
                walk(&format!("{place}/{nth}"), value, visit);
            }
        }
        _ => {}
    }
}

#[track_caller]
fn assert_none(faults: &BTreeSet<String>) {
    // One line for each kind of fault with its place: a fault repeats in many operations.
    let mut kinds: BTreeMap<&str, &str> = BTreeMap::new();
    for fault in faults {
        kinds
            .entry(fault.split(" (as in").next().unwrap_or_default())
            .or_insert(fault);
    }
    let lines: Vec<&str> = kinds.into_values().collect();
    assert!(
        lines.is_empty(),
        "{} faults:\n{}",
        lines.len(),
        lines.join("\n")
    );
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
