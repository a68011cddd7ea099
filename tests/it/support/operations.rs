//! The operations of the API document that the running server gives, ready to be asked.
//!
//! A test that walks them covers a new endpoint the day it is added. Values come from the document
//! too: a path is filled in with the examples of its parameters, which name things of the demo data
//! (`contract.rs` holds them to that), and a body is made of the examples of its schema.

use std::{cell::OnceCell, sync::Arc};

use serde_json::{Map, Value, json};
use ureq::http::Method;

use super::{client::Client, feed::text};

/// One operation, with all that the document says of it.
pub(crate) struct Operation {
    pub(crate) method: Method,
    /// The path, with its parameters in braces.
    pub(crate) template: String,
    json: Value,
    components: Arc<Value>,
    whole_body: OnceCell<Option<Value>>,
}

/// All operations, in the order of the document.
#[track_caller]
pub(crate) fn operations(client: &Client) -> Vec<Operation> {
    let document = client.get("/openapi.json").send().expect(200).json();
    let components = Arc::new(document["components"].clone());
    let mut all = Vec::new();
    for (path, methods) in object(&document["paths"]) {
        for (method, json) in object(methods) {
            all.push(Operation {
                method: Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method"),
                template: path.clone(),
                json: json.clone(),
                components: Arc::clone(&components),
                whole_body: OnceCell::new(),
            });
        }
    }
    assert!(all.len() > 20, "the document has operations");
    all
}

/// The first changeset of the demo data: its id is another each time, so no example can name it.
#[track_caller]
pub(crate) fn a_changeset(client: &Client) -> String {
    let feed = client.get("/changes?limit=1").send().expect(200).json();
    text(&feed["items"][0], "changeset")
}

impl Operation {
    /// Method and path, such as `GET /regions/{id}`.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    /// The path with the examples of its parameters.
    pub(crate) fn path(&self) -> String {
        self.path_with(|_| None)
    }

    /// The path with a value of the test's for some parameters, and examples for the others.
    pub(crate) fn path_with(&self, value: impl Fn(&str) -> Option<String>) -> String {
        let fill = |path: String, parameter: &Value| {
            let name = text(parameter, "name");
            let value = value(&name).unwrap_or_else(|| self.example_of(parameter));
            path.replace(&format!("{{{name}}}"), &value)
        };
        let path = self.parameters("path").fold(self.template.clone(), fill);
        assert!(
            !path.contains('{'),
            "{}: no value for all of {path}",
            self.name()
        );
        path
    }

    fn example_of(&self, parameter: &Value) -> String {
        let schema = self.resolved(&parameter["schema"]);
        let examples = [&schema["examples"][0], &schema["enum"][0]];
        let example = examples.into_iter().find(|example| !example.is_null());
        let Some(example) = example else {
            panic!("{}: no example of {parameter}", self.name())
        };
        let text = example.as_str().map(str::to_owned);
        text.unwrap_or_else(|| example.to_string())
    }

    /// Its parameters in `path`, `query` or `header`.
    pub(crate) fn parameters(&self, place: &str) -> impl Iterator<Item = &Value> {
        let all = self.json["parameters"].as_array().into_iter().flatten();
        all.filter(move |parameter| parameter["in"] == place)
    }

    /// Whether it answers only those who have a key.
    pub(crate) fn needs_key(&self) -> bool {
        !self.json["security"].is_null()
    }

    /// The media types in which it takes a body; empty when it takes none.
    pub(crate) fn media_types(&self) -> Vec<&str> {
        let contents = object(&self.json["requestBody"]["content"]);
        contents.map(|(media, _)| media.as_str()).collect()
    }

    /// Whether its body is a file of documents rather than one document.
    pub(crate) fn takes_a_file(&self) -> bool {
        self.media_types().contains(&"text/csv")
    }

    /// The schema of its body, with references resolved at the top; nothing for a file.
    pub(crate) fn body_schema(&self) -> Option<&Value> {
        if self.takes_a_file() {
            return None;
        }
        let (_, content) = object(&self.json["requestBody"]["content"]).next()?;
        Some(self.resolved(&content["schema"]))
    }

    /// The least body that it takes. A patch may be empty; it gets a name, to be of consequence.
    pub(crate) fn least_body(&self) -> Option<Value> {
        let schema = self.body_schema()?;
        let whole = self.whole_body()?;
        let required: Vec<&Value> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .collect();
        let kept = |name: &str| match required.len() {
            0 => name == "name",
            _ => required.iter().any(|required| *required == name),
        };
        let members = object(whole).filter(|(name, _)| kept(name));
        Some(
            members
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    }

    /// A body with every member that a caller may give, and one item in each list.
    pub(crate) fn whole_body(&self) -> Option<&Value> {
        let made = self.whole_body.get_or_init(|| {
            let schema = self.body_schema()?;
            let body = self.example(schema);
            assert!(
                self.validator(schema).is_valid(&body),
                "{}: the examples of its schema do not fit it: {body}",
                self.name()
            );
            Some(body)
        });
        made.as_ref()
    }

    /// What tells whether a value fits a schema of the document.
    pub(crate) fn validator(&self, schema: &Value) -> jsonschema::Validator {
        // References in the schema begin at the root of the document.
        let rooted = json!({ "allOf": [schema], "components": *self.components });
        let options = jsonschema::options().should_validate_formats(true);
        let built = options.build(&rooted);
        built.unwrap_or_else(|error| panic!("a schema of {}: {error}", self.name()))
    }

    /// The schema itself when this is a reference to one.
    pub(crate) fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let Some(reference) = schema["$ref"].as_str() else {
            return schema;
        };
        let found = self
            .components
            .pointer(reference.trim_start_matches("#/components"));
        found.unwrap_or_else(|| panic!("{reference} leads nowhere"))
    }

    fn example(&self, schema: &Value) -> Value {
        let given = [
            &schema["examples"][0],
            &schema["enum"][0],
            &schema["default"],
        ];
        if let Some(given) = given.into_iter().find(|given| !given.is_null()) {
            return given.clone();
        }
        if schema["$ref"].is_string() {
            return self.example(self.resolved(schema));
        }
        let mut choices = schema["oneOf"].as_array().into_iter().flatten();
        if let Some(choice) = choices.find(|choice| choice["type"] != "null") {
            return self.example(choice);
        }
        match schema["type"].as_str() {
            Some("object") => {
                let given = object(&schema["properties"]).filter(|(_, of)| of["readOnly"] != true);
                let members = given.map(|(name, of)| (name.clone(), self.example(of)));
                Value::Object(members.collect())
            }
            Some("array") => json!([self.example(&schema["items"])]),
            Some("integer" | "number") => json!(schema["minimum"].as_i64().unwrap_or(1)),
            Some("boolean") => json!(false),
            _ => json!("Voorbeeld"),
        }
    }
}

/// The members of an object.
pub(crate) fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
