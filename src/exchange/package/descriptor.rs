//! `datapackage.json`: what is in a package (Data Package 2.0), and what the columns hold (Table
//! Schema).

use serde_json::{Map, Value, json};

use super::table::Plan;
use super::{About, Contents, DOCUMENTS, Gathered};
use crate::exchange::flat::write::Column;
use crate::exchange::flat::{Field, Kind};

/// The form of the descriptor.
const PROFILE: &str = "https://datapackage.org/profiles/2.0/datapackage.json";

/// The form of a table in it.
const TABLE: &str = "https://datapackage.org/profiles/2.0/dataresource.json";

/// The descriptor of a package.
pub(super) fn of(contents: &Contents, about: &About) -> Map<String, Value> {
    let tables = contents.tables.iter();
    let resources: Vec<Value> = tables
        .map(|(plan, gathered)| resource(plan, gathered))
        .collect();
    let documents = &contents.documents;
    let mut descriptor = Map::new();
    let mut add = |name: &str, value: Value| descriptor.insert(name.to_owned(), value);
    add("$schema", PROFILE.into());
    add("name", "schakel-register".into());
    add("title", "Register Schakel".into());
    add(
        "description",
        "Wie in de Nederlandse regio's samenwerkt aan onderwijs en jeugdhulp. / Who works together on education and youth care in the Dutch regions.".into(),
    );
    add("homepage", about.url.clone().into());
    add("version", contents.position.to_string().into());
    if let Some(changed) = &contents.changed {
        add("created", changed.as_str().into());
    }
    add("licenses", json!([{ "name": about.licence }]));
    add("schakel:position", contents.position.into());
    add("schakel:public", about.is_public.into());
    // Not a resource: programs would take lines that are not alike for a table.
    add(
        "schakel:documents",
        json!({
            "description": "Elk document zoals de API het geeft, één per regel; `schakel import` leest het terug. / Each document as the API gives it, one a line; `schakel import` takes it back.",
            "path": DOCUMENTS,
            "mediatype": "application/x-ndjson",
            "encoding": "utf-8",
            "bytes": documents.bytes,
            "hash": format!("sha256:{}", documents.hash),
            "count": documents.rows,
        }),
    );
    add("resources", resources.into());
    descriptor
}

fn resource(plan: &Plan, gathered: &Gathered) -> Value {
    json!({
        "$schema": TABLE,
        "name": plan.name(),
        "title": title(plan),
        "type": "table",
        "path": plan.path(),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": { "delimiter": ",", "lineTerminator": "\r\n", "doubleQuote": true },
        "bytes": gathered.bytes,
        "hash": format!("sha256:{}", gathered.hash),
        "schakel:count": gathered.rows,
        "schema": schema(plan),
    })
}

/// What a table is about: the collection, and the path of the list.
fn title(plan: &Plan) -> String {
    match plan.list {
        None => plan.naming.plural.to_owned(),
        Some(list) => format!("{}: {}", plan.naming.plural, list.join(".")),
    }
}

fn schema(plan: &Plan) -> Value {
    let columns = plan.flat.columns();
    let fields: Vec<Value> = columns.iter().map(|column| field(plan, column)).collect();
    let mut keys: Vec<Value> = columns.iter().filter_map(foreign_key).collect();
    let mut schema = json!({ "fields": fields, "missingValues": [""] });
    if plan.list.is_none() {
        schema["primaryKey"] = json!(["id"]);
    } else {
        let reference = json!({ "resource": plan.naming.plural, "fields": ["id"] });
        keys.insert(0, json!({ "fields": ["id"], "reference": reference }));
    }
    if !keys.is_empty() {
        schema["foreignKeys"] = keys.into();
    }
    schema
}

fn field(plan: &Plan, column: &Column) -> Value {
    let Field {
        kind,
        inner,
        description,
        ..
    } = column.field;
    let is_several = *inner > 0 && plan.list.is_none_or(|list| list.len() != *inner);
    let (type_, format) = if column.is_extra || is_several {
        ("string", None)
    } else {
        match kind {
            Kind::YesNo => ("boolean", None),
            Kind::Whole => ("integer", None),
            Kind::Number | Kind::Amount => ("number", None),
            Kind::Day => ("date", None),
            Kind::Link => ("string", Some("uri")),
            Kind::Line | Kind::Markdown | Kind::Word(_) | Kind::Date | Kind::Reference => {
                ("string", None)
            }
        }
    };
    let mut title = column.field.label();
    if column.is_extra {
        title.push_str(" (ter informatie)");
    }
    let mut said = json!({ "name": column.header, "type": type_, "title": title });
    let mut text = description.clone();
    if is_several {
        text.push_str(" Several values have `; ` between them.");
    }
    if !text.is_empty() {
        said["description"] = text.into();
    }
    if let Some(format) = format {
        said["format"] = format.into();
    }
    let is_key = column.field.path == ["id"];
    if is_key && plan.list.is_none() {
        said["constraints"] = json!({ "required": true, "unique": true });
    } else if is_key {
        said["constraints"] = json!({ "required": true });
    } else if let (Kind::Word(words), false, false) = (kind, column.is_extra, is_several) {
        let codes: Vec<&str> = words.terms.iter().map(|term| term.code).collect();
        said["constraints"] = json!({ "enum": codes });
    }
    said
}

/// Where the ids of a column lead.
fn foreign_key(column: &Column) -> Option<Value> {
    let field = column.field;
    let own = field.inner == 0 || field.inner == field.path.len() && field.is_own();
    if column.is_extra || !own || !matches!(field.kind, Kind::Reference) {
        return None;
    }
    let reference = json!({ "resource": target(field)?, "fields": ["id"] });
    Some(json!({ "fields": [column.header], "reference": reference }))
}

/// The collection of the documents that a column names; none where it may be one of several.
pub(super) fn target(field: &Field) -> Option<&'static str> {
    match field.path.last()?.as_str() {
        "organisation" | "municipalities" | "steward" | "funders" => Some("organisations"),
        "region" | "regions" => Some("regions"),
        "project" => Some("projects"),
        "person" | "representedBy" => Some("people"),
        "themes" | "broader" => Some("themes"),
        _ => None,
    }
}
