//! The schemas of documents in the API document, made of the types.
//!
//! A document is given in one form and shown in another: references go in as text and come out
//! with a name, dates go in as an expression and come out with their bounds, and what may be left
//! out is always there in an answer. Both schemas are made of the one type, so neither can be
//! forgotten: `Region` and `RegionInput`, `RegionPartner` and `RegionPartnerInput`, and so on.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, schema::Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::register::document::HeadInput;
use crate::register::text::VISIBLE;
use crate::register::{Document, Enumeration, Role};

/// The components of the API document, by name.
pub type Components = BTreeMap<String, Value>;

const PREFIX: &str = "#/components/schemas/";

/// The members of a collection's documents, in order.
pub fn members<T: Document>() -> Vec<String> {
    members_of_type::<T>()
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

/// The members with the name of their schema, where that is a component.
pub fn members_of_type<T: Document>() -> Vec<(String, String)> {
    let shown = shown::<T>();
    let none = Map::new();
    let properties = shown["properties"].as_object().unwrap_or(&none);
    properties
        .iter()
        .map(|(name, schema)| (name.clone(), component_of(schema)))
        .collect()
}

/// The component to which a property refers, by way of `null` or not.
fn component_of(schema: &Value) -> String {
    let direct = schema["$ref"].as_str();
    let nullable = || {
        schema["oneOf"]
            .as_array()?
            .iter()
            .find_map(|one| one["$ref"].as_str())
    };
    direct
        .or_else(nullable)
        .and_then(|path| path.strip_prefix(PREFIX))
        .unwrap_or_default()
        .to_owned()
}

/// Adds the schemas of a collection: as shown, as given, as patched, and the list.
pub fn add_document<T: Document>(components: &mut Components) {
    let name = T::NAMING.singular_id;
    let mut parts: Vec<(String, RefOr<Schema>)> = Vec::new();
    T::schemas(&mut parts);
    HeadInput::schemas(&mut parts);
    for (part, schema) in parts {
        add_part(components, &part, to_json(&schema));
    }
    components.insert(name.to_owned(), as_shown(shown::<T>()));
    let given = as_given(shown::<T>());
    components.insert(format!("{name}Input"), given.clone());
    components.insert(format!("{name}Patch"), as_patch(given));
    let mut list = json!({
        "type": "object",
        "required": ["items"],
        "properties": {
            "items": {
                "type": "array",
                "description": "The documents of this page; only the asked `fields`, and the asked views.",
                "items": {"$ref": format!("{PREFIX}{name}View")},
            },
            "next": {
                "type": "string", "format": "uri",
                "description": "The address of the next page; absent on the last one.",
                "examples": [format!("https://schakel.example/api/v1/{}?cursor=5Qa4zeZFX7R", T::NAMING.plural)],
            },
            "total": {
                "type": "integer", "format": "int64", "minimum": 0,
                "description": "How many documents the filters leave; only with `count=true`.",
                "examples": [42],
            },
        },
    });
    list["description"] = format!("A page of {}.", T::NAMING.plural).into();
    components.insert(format!("{name}List"), list);
    components.insert(format!("{name}View"), as_view::<T>());
    add_shared(components);
}

/// Answers that leave out what they have not, rather than show `null`.
const SPARSE: [&str; 15] = [
    "Change",
    "FacetValue",
    "Problem",
    "SearchHit",
    "SearchResults",
    "SimilarDocument",
    "Suggestion",
    "Changeset",
    "Difference",
    "FilePlace",
    "ImportError",
    "ImportLine",
    "ImportProgress",
    "ImportSummary",
    "ImportedDocument",
];

/// Answers whose members depend on what was asked.
const LOOSE: [&str; 1] = ["StatsItem"];

/// Adds a schema that only answers have.
pub fn add_answer(components: &mut Components, name: &str, schema: &RefOr<Schema>) {
    if components.contains_key(name) {
        return;
    }
    let mut schema = to_json(schema);
    if SPARSE.contains(&name) {
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (_, property) in properties.into_iter().flatten() {
            never_null(property);
        }
    } else if schema["properties"].is_object() && !LOOSE.contains(&name) {
        schema = as_shown(schema);
    }
    components.insert(name.to_owned(), schema);
}

/// Takes `null` from what a schema allows.
pub fn never_null(schema: &mut Value) {
    if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|type_| type_ != "null");
        if let [one] = types.as_slice() {
            schema["type"] = one.clone();
        }
    }
    let mut branches = schema["oneOf"].as_array().cloned().unwrap_or_default();
    let count = branches.len();
    branches.retain(|one| one["type"] != "null");
    if branches.len() < count
        && let [one] = branches.as_slice()
        && let (Some(object), Some(one)) = (schema.as_object_mut(), one.as_object())
    {
        object.remove("oneOf");
        object.extend(one.clone());
    }
}

/// Adds a schema that only requests have.
pub fn add_request(components: &mut Components, name: &str, schema: &RefOr<Schema>) {
    components.insert(name.to_owned(), as_given(to_json(schema)));
}

/// A part of documents: an object has two forms, a word or number one.
fn add_part(components: &mut Components, name: &str, schema: Value) {
    if matches!(name, "Ref" | "PartyRef" | "PartialDate") {
        return;
    }
    if schema["properties"].is_object() {
        components.insert(format!("{name}Input"), as_given(schema.clone()));
        components.insert(name.to_owned(), as_shown(schema));
    } else {
        components.insert(name.to_owned(), schema);
    }
}

/// The schema of a whole document, before it is told apart how it is given and shown.
fn shown<T: Document>() -> Value {
    let head = to_json(&HeadInput::schema());
    let content = to_json(&T::schema());
    let mut properties = Map::new();
    properties.insert(
        "id".into(),
        read_only(json!({
            "type": "string", "format": "uuid",
            "description": "The UUID (version 7). Never reused, never changed.",
        })),
    );
    let mut take = |from: &Value, name: &str| {
        if let Some(schema) = from["properties"].get(name) {
            properties.insert(name.to_owned(), schema.clone());
        }
    };
    take(&head, "slug");
    for name in content["properties"]
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
    {
        take(&content, name);
    }
    for name in [
        "identifiers",
        "sources",
        "visibility",
        "steward",
        "verifiedOn",
    ] {
        take(&head, name);
    }
    properties.insert(
        "version".into(),
        read_only(json!({
            "type": "integer", "format": "int64", "minimum": 1, "examples": [3],
            "description": "Goes up by one with each write that changes something.",
        })),
    );
    for (name, description) in [
        ("createdAt", "When it was made."),
        ("updatedAt", "When it was last changed."),
    ] {
        properties.insert(
            name.into(),
            read_only(json!({
                "type": "string", "format": "date-time", "description": description,
                "examples": ["2026-01-31T09:00:00.000000Z"],
            })),
        );
    }
    for (name, component) in [("slug", "Slug"), ("visibility", "Visibility")] {
        // Always there in an answer, though a caller need not give them.
        if let Some(property) = properties.get_mut(name) {
            let description = property["description"].clone();
            *property = json!({"$ref": format!("{PREFIX}{component}"), "description": description});
        }
    }
    json!({
        "type": "object",
        "description": content["description"],
        "required": content["required"],
        "properties": properties,
    })
}

fn read_only(mut schema: Value) -> Value {
    schema["readOnly"] = true.into();
    schema
}

/// A document as a read gives it: whole, or only the asked `fields`, and with the asked views. So
/// nothing in it is always there.
fn as_view<T: Document>() -> Value {
    let mut schema = as_shown(shown::<T>());
    schema["description"] = format!(
        "{} Without `fields` every member of `{}` is there; views only with `include`.",
        schema["description"].as_str().unwrap_or_default(),
        T::NAMING.singular_id,
    )
    .into();
    for (name, item, what) in T::INCLUDES {
        schema["properties"][*name] = json!({
            "type": "array",
            "description": format!("Only with `include={name}`: {what}."),
            "items": {"$ref": format!("{PREFIX}{item}")},
        });
    }
    if let Some(object) = schema.as_object_mut() {
        object.remove("required");
    }
    schema
}

/// Every member is there in an answer.
fn as_shown(mut schema: Value) -> Value {
    let names: Vec<Value> = schema["properties"]
        .as_object()
        .map(|properties| properties.keys().cloned().map(Value::String).collect())
        .unwrap_or_default();
    schema["required"] = names.into();
    schema
}

/// References and dates in the form in which they are given, and nothing that is not known.
fn as_given(mut schema: Value) -> Value {
    rename_refs(&mut schema);
    schema["additionalProperties"] = false.into();
    if schema["required"].is_null()
        && let Some(object) = schema.as_object_mut()
    {
        object.remove("required");
    }
    schema
}

/// A merge patch: nothing is required, and `null` clears.
fn as_patch(mut schema: Value) -> Value {
    if let Some(object) = schema.as_object_mut() {
        let required = object.remove("required").unwrap_or_default();
        let kept: Vec<String> = serde_json::from_value(required).unwrap_or_default();
        let properties = object.get_mut("properties").and_then(Value::as_object_mut);
        for (name, property) in properties.into_iter().flatten() {
            let nullable = property["oneOf"].is_array() || property["type"].is_array();
            let read_only = property["readOnly"] == true;
            // These a document always has, and nothing follows from clearing them.
            let fixed = ["slug", "visibility"].contains(&name.as_str());
            if !kept.contains(name) && !nullable && !read_only && !fixed {
                let description = property["description"].take();
                if let Some(inner) = property.as_object_mut() {
                    inner.remove("description");
                }
                *property = json!({"oneOf": [{"type": "null"}, property.clone()]});
                if !description.is_null() {
                    property["description"] = description;
                }
            }
        }
        object.insert("description".into(), "A JSON merge patch (RFC 7396) of the document: what is not named stays, `null` clears.".into());
    }
    schema
}

/// Points every reference to an object's schema at the form in which it is given.
fn rename_refs(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(path)) = members.get_mut("$ref")
                && let Some(name) = path.strip_prefix(PREFIX)
                && !is_word(name)
            {
                *path = format!("{PREFIX}{name}Input");
            }
            if members.get("type").and_then(Value::as_str) == Some("array") {
                members.insert("maxItems".into(), super::body::ITEMS.into());
            }
            members.values_mut().for_each(rename_refs);
        }
        Value::Array(items) => items.iter_mut().for_each(rename_refs),
        _ => {}
    }
}

/// Whether a schema is a word or number, given and shown in one form: an enumeration, or one of
/// the value types.
fn is_word(name: &str) -> bool {
    const VALUES: [&str; 12] = [
        "Age",
        "Amount",
        "Currency",
        "Day",
        "Degrees90",
        "Degrees180",
        "Line",
        "Markdown",
        "Postcode",
        "PostcodeArea",
        "Slug",
        "WebAddress",
    ];
    VALUES.contains(&name)
        || name == Role::VOCABULARY.schema
        || crate::collections::ALL
            .iter()
            .flat_map(|collection| (collection.vocabularies)())
            .any(|vocabulary| vocabulary.schema == name)
}

fn add_shared(components: &mut Components) {
    components.insert("Ref".into(), json!({
        "type": "object",
        "description": "A reference to another document, as it is shown.",
        "required": ["id", "slug", "name"],
        "properties": {
            "id": {"type": "string", "format": "uuid", "description": "The document's id."},
            "slug": {"$ref": format!("{PREFIX}Slug"), "description": "The document's slug."},
            "name": {"type": "string", "description": "The document's name.", "examples": ["Gemeente Elburg"]},
        },
    }));
    components.insert("RefInput".into(), json!({
        "description": "A reference to another document: its slug, its UUID or `scheme:value`; or the form in which references are shown, of which the `id` counts.",
        "oneOf": [
            {"type": "string", "format": "reference", "pattern": VISIBLE, "minLength": 1, "maxLength": 250, "examples": ["cbs:GM0230"]},
            {
                "type": "object",
                "required": ["id"],
                "title": "ShownRefInput",
                "properties": {"id": {"type": "string", "format": "reference", "pattern": VISIBLE, "minLength": 1, "maxLength": 250, "description": "The document's id.", "examples": ["cbs:GM0230"]}},
            },
        ],
    }));
    components.insert("PartyRef".into(), json!({
        "type": "object",
        "description": "A reference to an organisation or a region, as it is shown.",
        "required": ["type", "id", "slug", "name"],
        "properties": {
            "type": {"type": "string", "enum": ["organisation", "region"], "description": "The type of the document."},
            "id": {"type": "string", "format": "uuid", "description": "The document's id."},
            "slug": {"$ref": format!("{PREFIX}Slug"), "description": "The document's slug."},
            "name": {"type": "string", "description": "The document's name.", "examples": ["Regio IJsselland"]},
        },
    }));
    components.insert("PartyRefInput".into(), json!({
        "description": "A reference to an organisation: its slug, its UUID or `scheme:value`; or an object that says of which type the document is.",
        "oneOf": [
            {"type": "string", "format": "reference", "pattern": VISIBLE, "minLength": 1, "maxLength": 250, "examples": ["cbs:GM0230"]},
            {
                "type": "object",
                "required": ["id"],
                "title": "TypedRefInput",
                "properties": {
                    "type": {"type": "string", "enum": ["organisation", "region"], "description": "The type of the document; an organisation unless given."},
                    "id": {"type": "string", "format": "reference", "pattern": VISIBLE, "minLength": 1, "maxLength": 250, "description": "What names the document.", "examples": ["ijsselland"]},
                },
            },
        ],
    }));
    let edtf = json!({
        "type": "string", "format": "edtf", "minLength": 1, "maxLength": 64,
        "description": "The expression: EDTF, level 1 of ISO 8601-2. Seasons are meteorological: 21 is March to May, 24 is December to February of the next year.",
        "examples": ["2014-23"],
    });
    let inferred = json!({
        "type": "string", "pattern": VISIBLE, "minLength": 1, "maxLength": 300,
        "description": "Why the date is what it is, when the source does not say it outright.",
        "examples": ["Het jaar volgt uit de weekdag."],
    });
    let bound = |description: &str, example: &str| {
        json!({
            "type": "string", "format": "date", "description": description, "examples": [example],
        })
    };
    components.insert("PartialDate".into(), json!({
        "type": "object",
        "description": "A date as far as it is known.",
        "required": ["edtf", "text"],
        "properties": {
            "edtf": edtf,
            "text": {"type": "string", "description": "The date in words: the source's own, or Dutch.", "examples": ["najaar 2014"]},
            "earliest": bound("The first day that it can be; absent when there is no such bound.", "2014-09-01"),
            "latest": bound("The last day that it can be; absent when there is no such bound.", "2014-11-30"),
            "inferred": inferred,
        },
    }));
    components.insert("PartialDateInput".into(), json!({
        "description": "A date as far as it is known: an EDTF expression, or an object with it.",
        "oneOf": [
            edtf,
            {
                "type": "object",
                "title": "PartialDateParts",
                "required": ["edtf"],
                "additionalProperties": false,
                "properties": {
                    "edtf": edtf,
                    "text": {"type": ["string", "null"], "pattern": VISIBLE, "minLength": 1, "maxLength": 300, "description": "The source's own words.", "examples": ["eind 2020"]},
                    "inferred": {"type": ["string", "null"], "pattern": VISIBLE, "minLength": 1, "maxLength": 300, "description": inferred["description"], "examples": inferred["examples"]},
                    "earliest": {"type": ["string", "null"], "format": "date", "description": "Follows from the expression; taken back, not read."},
                    "latest": {"type": ["string", "null"], "format": "date", "description": "Follows from the expression; taken back, not read."},
                },
            },
        ],
    }));
}

fn to_json(schema: &RefOr<Schema>) -> Value {
    // A schema of utoipa is plain data; it always has a JSON form.
    let mut schema = serde_json::to_value(schema).unwrap_or_default();
    hoist(&mut schema);
    schema
}

/// Moves the description of a property that may be null from the branch of its reference, where
/// no tool shows it, to the property.
fn hoist(schema: &mut Value) {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, property) in properties.into_iter().flatten() {
        let branches = property.get_mut("oneOf").and_then(Value::as_array_mut);
        let branches = branches.into_iter().flatten();
        let described = branches.filter_map(|one| one.as_object_mut()?.remove("description"));
        if let Some(description) = described.last() {
            property["description"] = description;
        }
    }
}
