//! The API document (`OpenAPI` 3.1), made of the endpoints and the types.

use actix_web::http::Method;
use serde_json::{Map, Value, json};

use super::endpoint::{Answer, Content, Endpoint, Rights};
use super::problem::{KINDS, ProblemBody};
use super::schemas::{self, Components};
use super::{API_VERSION, BASE};
use crate::collections;
use crate::exchange::files::XLSX_MEDIA_TYPE;
use utoipa::{PartialSchema, ToSchema};

/// Where the document says that the service is, when nothing else was configured.
pub const DEFAULT_PUBLIC_URL: &str = "https://schakel.example";

/// Where the team that makes Schakel can be reached.
pub const CONTACT: &str = "register@schakel.example";

const PREFIX: &str = "#/components/schemas/";

/// The headers of answers, with what they mean and an example.
const HEADERS: [(&str, &str, &str); 9] = [
    ("API-Version", "The version of this API.", API_VERSION),
    (
        "X-Request-Id",
        "The id of the request, for reports: the caller's own, or one that was made.",
        "0193a1f2-7c00-7000-8000-000000000000",
    ),
    (
        "ETag",
        "The entity tag, for `If-None-Match` and `If-Match`.",
        "\"3-8d2f1c0a9b7e6d5c4b3a\"",
    ),
    (
        "Location",
        "The address of the document.",
        "https://schakel.example/api/v1/organisations/gemeente-elburg",
    ),
    (
        "Link",
        "The addresses of the first and the next page (RFC 8288).",
        "<https://schakel.example/api/v1/regions?limit=20>; rel=\"first\"",
    ),
    (
        "Schakel-Position",
        "How far the change log is: with this write, for `after` of a search, which waits for it; or in this list.",
        "4211",
    ),
    ("Retry-After", "After how many seconds to try again.", "5"),
    (
        "RateLimit",
        "How many more requests are let in (`r`), and in how many seconds all are again (`t`).",
        "\"minute\";r=5999;t=1",
    ),
    (
        "RateLimit-Policy",
        "How many requests (`q`) may be sent in how many seconds (`w`).",
        "\"minute\";q=6000;w=60",
    ),
];

/// The groups of operations beside the collections.
const TAGS: [(&str, &str); 8] = [
    (
        "search",
        "Find documents by their words, and complete what is typed.",
    ),
    (
        "changes",
        "What changed, in order, to follow and to copy the register.",
    ),
    ("imports", "Bring documents in from files, and undo that."),
    ("exports", "The whole register at once."),
    ("stats", "Counts for dashboards."),
    ("lookups", "Words for menus, and who works for a postcode."),
    (
        "keys",
        "Keys for writing and for reading what is restricted.",
    ),
    ("document", "This document."),
];

/// The document as JSON, for a service at this address.
pub fn document(endpoints: &[Endpoint], public_url: &str) -> Value {
    let mut paths = Map::new();
    for endpoint in endpoints {
        let path = paths.entry(&endpoint.path).or_insert_with(|| json!({}));
        path[endpoint.method.as_str().to_lowercase()] = operation(endpoint);
    }
    let used = Value::Object(paths.clone()).to_string();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Schakel",
            "version": API_VERSION,
            "summary": "The open register of regional cooperation for young people in the Netherlands.",
            "description": DESCRIPTION,
            "contact": {
                "name": "Team Schakel",
                "url": "https://github.com/schakel-register/schakel/issues",
                "email": CONTACT,
            },
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": format!("{public_url}{BASE}"), "description": "The register."}],
        "tags": tags(),
        "security": [{}, {"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {
                "type": "http", "scheme": "bearer", "bearerFormat": "schakel_<id>_<secret>",
                "description": "A key, made by an administrator. Public data needs none.",
            }},
            "headers": headers(),
            "responses": problems(&used),
            "links": links(),
            "schemas": components(endpoints),
        },
    })
}

const DESCRIPTION: &str = "\
Who works with whom in a region, on what, since when, with what result and whom to call.

Reading public data needs no key. Documents are named by UUID, slug or `scheme:value` (`cbs:GM0230`). \
Lists have cursors (`next`), filters of one parameter are joined by OR and different parameters by \
AND, and unknown parameters and members are refused. Errors are problem details (RFC 9457) in Dutch, \
or in English with `Accept-Language: en`; their codes never change. Follow what changes with \
`GET /changes`.";

fn headers() -> Map<String, Value> {
    HEADERS
        .iter()
        .map(|(name, description, example)| {
            let type_ = if ["Retry-After", "Schakel-Position"].contains(name) {
                "integer"
            } else {
                "string"
            };
            let example = example
                .parse::<i64>()
                .map_or_else(|_| json!(example), |number| json!(number));
            let schema = json!({"type": type_, "examples": [example]});
            (
                (*name).to_owned(),
                json!({"description": description, "schema": schema}),
            )
        })
        .collect()
}

fn header_refs(names: &[&str]) -> Value {
    let refs = ["API-Version", "X-Request-Id"]
        .iter()
        .chain(names)
        .map(|name| {
            (
                (*name).to_owned(),
                json!({"$ref": format!("#/components/headers/{name}")}),
            )
        });
    Value::Object(refs.collect())
}

fn tags() -> Vec<Value> {
    let of_collections = collections::ALL
        .iter()
        .map(|one| (one.naming.plural, one.naming.description));
    of_collections
        .chain(TAGS)
        .map(|(name, description)| json!({"name": name, "description": description}))
        .collect()
}

/// One response for each status that a problem of these operations can have.
fn problems(used: &str) -> Map<String, Value> {
    let mut responses = Map::new();
    for kind in KINDS
        .iter()
        .filter(|kind| used.contains(&format!("/Problem{}\"", kind.status)))
    {
        let meanings: Vec<&str> = KINDS
            .iter()
            .filter(|other| other.status == kind.status)
            .map(|other| other.title.en)
            .collect();
        let own: &[&str] = match kind.status {
            429 => &["Retry-After", "RateLimit", "RateLimit-Policy"],
            503 => &["Retry-After"],
            _ => &[],
        };
        let response = json!({
            "description": format!("{}.", meanings.join("; ")),
            "headers": header_refs(own),
            "content": {"application/problem+json": {"schema": {"$ref": format!("{PREFIX}Problem")}}},
        });
        responses.insert(format!("Problem{}", kind.status), response);
    }
    responses
}

fn operation(endpoint: &Endpoint) -> Value {
    let mut operation = json!({
        "operationId": endpoint.id,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": endpoint.description,
        "responses": responses(endpoint),
    });
    let mut parameters: Vec<Value> = endpoint
        .parameters
        .iter()
        .map(|one| parameter(one, endpoint.tune))
        .collect();
    if endpoint.answers.iter().any(|answer| answer.status == 304) {
        parameters.push(json!({
            "name": "If-None-Match", "in": "header", "required": false,
            "description": "The `ETag` of an answer that the caller has; 304 when it still holds.",
            "schema": {"type": "string"},
        }));
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some((schema, types)) = &endpoint.body {
        let content: Map<String, Value> = types
            .iter()
            .map(|type_| {
                (
                    (*type_).to_owned(),
                    json!({"schema": {"$ref": format!("{PREFIX}{schema}")}}),
                )
            })
            .collect();
        operation["requestBody"] = json!({"required": true, "content": content});
    }
    if !endpoint.files.is_empty() {
        let schemas = endpoint.files.iter().map(|type_| {
            let schema = match *type_ {
                // What is no such array is told of in an ordinary answer, as what is wrong in it is.
                "application/json" => json!({"description": "An array of documents."}),
                "application/x-ndjson" => {
                    json!({"type": "string", "description": "A document a line."})
                }
                _ => json!({"type": "string", "format": "binary"}),
            };
            ((*type_).to_owned(), json!({"schema": schema}))
        });
        let content: Map<String, Value> = schemas.collect();
        operation["requestBody"] = json!({"required": true, "content": content});
    }
    if endpoint.rights != Rights::Anyone {
        operation["security"] = json!([{"key": []}]);
    }
    operation
}

/// A parameter. One that may be left out is not one that may be null, as the derive has it.
fn parameter(
    parameter: &utoipa::openapi::path::Parameter,
    tune: Option<fn(&str, &mut Value)>,
) -> Value {
    let name = parameter.name.clone();
    let mut parameter = serde_json::to_value(parameter).unwrap_or_default();
    schemas::never_null(&mut parameter["schema"]);
    if let Some(tune) = tune {
        tune(&name, &mut parameter["schema"]);
    }
    parameter
}

fn responses(endpoint: &Endpoint) -> Value {
    let mut responses = Map::new();
    for answer in &endpoint.answers {
        let mut response = response(answer);
        if let Some(links) = next_steps(endpoint)
            && response["content"]["application/json"].is_object()
        {
            response["links"] = links;
        }
        responses.insert(answer.status.to_string(), response);
    }
    // 400 everywhere: an unknown parameter is refused even where there are none.
    let mut statuses = vec![400, 401, 429, 500, 503];
    if endpoint.rights != Rights::Anyone {
        statuses.push(403);
    }
    if endpoint.method != Method::GET {
        statuses.push(507);
    } else if !["keys", "document"].contains(&endpoint.tag) {
        statuses.push(406);
    }
    if endpoint.body.is_some() || !endpoint.files.is_empty() {
        statuses.extend([413, 415]);
    }
    statuses.extend(&endpoint.problems);
    statuses.sort_unstable();
    statuses.dedup();
    for status in statuses {
        let reference = format!("#/components/responses/Problem{status}");
        responses.insert(status.to_string(), json!({"$ref": reference}));
    }
    Value::Object(responses)
}

/// What can be done with a document that was just written: the verb of the operation, whether it
/// can be bound to this version, and what it does.
const NEXT: [(&str, &str, bool, &str); 5] = [
    ("find", "", false, "Read it."),
    ("update", "", true, "Change it, unless someone else did."),
    (
        "replace",
        "",
        true,
        "Replace it, unless someone else changed it.",
    ),
    ("delete", "", true, "Delete it, unless someone changed it."),
    ("list", "History", false, "What happened to it."),
];

/// For tools that follow links from one operation to the next.
fn links() -> Map<String, Value> {
    let mut links = Map::new();
    for one in collections::ALL.iter().map(|one| one.naming.singular_id) {
        for (verb, part, bound, description) in NEXT {
            let id = format!("{verb}{one}{part}");
            let mut parameters = json!({"id": "$response.body#/id"});
            if bound {
                parameters["header.If-Match"] = "$response.header.ETag".into();
            }
            let link = json!({
                "operationId": id, "parameters": parameters, "description": description,
            });
            links.insert(id, link);
        }
    }
    links
}

/// The links of an operation that writes a document.
fn next_steps(endpoint: &Endpoint) -> Option<Value> {
    let one = collections::ALL.iter().find(|one| {
        let writes = |verb| endpoint.id == format!("{verb}{}", one.naming.singular_id);
        ["create", "replace", "update"].into_iter().any(writes)
    })?;
    let links = NEXT.iter().map(|(verb, part, ..)| {
        let id = format!("{verb}{}{part}", one.naming.singular_id);
        let reference = json!({"$ref": format!("#/components/links/{id}")});
        (id, reference)
    });
    Some(Value::Object(links.collect()))
}

fn response(answer: &Answer) -> Value {
    let mut response = json!({
        "description": answer.description,
        "headers": header_refs(answer.headers),
    });
    let json_of = |schema: Value| json!({"application/json": {"schema": schema}});
    match &answer.content {
        Content::Empty if answer.status == 308 => {
            let problem = json!({"schema": {"$ref": format!("{PREFIX}Problem")}});
            response["content"] = json!({"application/problem+json": problem});
        }
        Content::Empty => {}
        Content::Json(name) => {
            response["content"] = json_of(json!({"$ref": format!("{PREFIX}{name}")}));
        }
        Content::Table(name) => {
            response["content"] = json_of(json!({"$ref": format!("{PREFIX}{name}")}));
            for (type_, format, what) in [
                ("text/csv", None, "Rows below a header row (RFC 4180)."),
                ("application/x-ndjson", None, "An item a line."),
                (
                    XLSX_MEDIA_TYPE,
                    Some("binary"),
                    "The same rows as a workbook.",
                ),
            ] {
                let mut schema = json!({"type": "string", "description": what});
                if let Some(format) = format {
                    schema["format"] = format.into();
                }
                response["content"][type_] = json!({"schema": schema});
            }
        }
        Content::Lines(name) => {
            let schema = json!({"$ref": format!("{PREFIX}{name}")});
            response["content"] = json!({"application/x-ndjson": {"schema": schema}});
        }
        Content::Inline(schema) => {
            response["content"] = json_of(serde_json::to_value(schema).unwrap_or_default());
        }
        Content::Other(type_) => {
            // What the schema describes is the data that YAML stands for.
            response["content"] = json!({(*type_): {"schema": {"type": "object"}}});
        }
        Content::File(types) => {
            let binary = json!({"schema": {"type": "string", "format": "binary"}});
            let types = types
                .iter()
                .map(|type_| ((*type_).to_owned(), binary.clone()));
            response["content"] = Value::Object(types.collect());
        }
    }
    response
}

fn components(endpoints: &[Endpoint]) -> Components {
    let mut components = Components::new();
    for collection in &collections::ALL {
        (collection.add_schemas)(&mut components);
    }
    for (name, schema) in endpoints.iter().flat_map(|endpoint| &endpoint.schemas) {
        if name.ends_with("Input") {
            schemas::add_request(&mut components, name, schema);
        } else {
            schemas::add_answer(&mut components, name, schema);
        }
    }
    let mut parts = Vec::new();
    ProblemBody::schemas(&mut parts);
    parts.push((ProblemBody::name().into_owned(), ProblemBody::schema()));
    for (name, schema) in &parts {
        schemas::add_answer(&mut components, name, schema);
    }
    components
}
