//! The columns of a collection, from the schemas of its documents as they are given: a new member
//! has its column the day it is added.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::labels;
use crate::api::schemas::Components;
use crate::collections::{self, Collection};
use crate::register::{Naming, Term, Text, Vocabulary};

/// What a cell of a column holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A line of text, or a code.
    Line,
    /// Text of any length, kept to the letter.
    Markdown,
    /// The address of a page.
    Link,
    /// A word of a vocabulary.
    Word(Vocabulary),
    /// Yes or no.
    YesNo,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// An amount of money.
    Amount,
    /// A day.
    Day,
    /// A date as far as it is known.
    Date,
    /// Another document.
    Reference,
}

/// A column: one member of the documents, or of the items of one of their lists.
#[derive(Clone, Debug)]
pub struct Field {
    /// The names that lead to it.
    pub path: Vec<String>,
    /// How many of those lead to the list whose items have rows of their own; none for a member of
    /// the document itself.
    pub list: usize,
    /// How many lead to the list whose values stand in one cell; none for a single value. If that is
    /// fewer than all, the values of several columns make the items together.
    pub inner: usize,
    /// The name of the value in the object that stands here when more is known than the value.
    pub base: Option<&'static str>,
    /// What its cells hold.
    pub kind: Kind,
    /// Whether what it is a part of cannot be without it.
    pub required: bool,
    /// Whether no document can be without it.
    pub needed: bool,
    /// Whether only the register sets it.
    pub read_only: bool,
    /// Whether it is a contact or a code: the list that it is in has short columns.
    pub schema: String,
    /// What it is, from the schema.
    pub description: String,
    /// An example, from the schema.
    pub example: Option<Value>,
}

impl Field {
    /// The path with dots: the English header.
    pub fn dotted(&self) -> String {
        self.path.join(".")
    }

    /// The Dutch header.
    pub fn label(&self) -> String {
        labels::label(&self.path).unwrap_or_else(|| self.dotted())
    }

    /// Whether it is a member of the document itself.
    pub fn is_own(&self) -> bool {
        self.list == 0
    }
}

/// The columns of a collection.
#[derive(Debug)]
pub struct Columns {
    /// The collection.
    pub naming: Naming,
    /// Its columns, in the order of the members.
    pub fields: Vec<Field>,
}

static ALL: LazyLock<Vec<Columns>> =
    LazyLock::new(|| collections::ALL.iter().map(Columns::of).collect());

impl Columns {
    /// The columns of all collections.
    pub fn all() -> &'static [Self] {
        &ALL
    }

    /// The columns of one.
    pub fn of_type(type_: &str) -> Option<&'static Self> {
        ALL.iter().find(|columns| columns.naming.type_ == type_)
    }

    fn of(collection: &Collection) -> Self {
        let mut components = Components::new();
        (collection.add_schemas)(&mut components);
        let mut walk = Walk {
            components,
            vocabularies: (collection.vocabularies)(),
            fields: Vec::new(),
        };
        let naming = collection.naming;
        let schema = walk.component(&format!("{}Input", naming.singular_id));
        let start = Branch {
            needed: true,
            ..Branch::default()
        };
        walk.members(&schema, &start);
        Self {
            naming,
            fields: walk.fields,
        }
    }
}

/// The two types that take part in projects as parties.
pub(super) const PARTIES: Vocabulary = Vocabulary {
    name: "party-types",
    schema: "PartyType",
    terms: &[
        Term {
            code: "organisation",
            label: Text {
                nl: "Organisatie",
                en: "Organisation",
            },
        },
        Term {
            code: "region",
            label: Text {
                nl: "Regio",
                en: "Region",
            },
        },
    ],
};

/// Where the walk through a schema is.
#[derive(Clone, Default)]
struct Branch {
    path: Vec<String>,
    list: usize,
    inner: usize,
    required: bool,
    needed: bool,
    read_only: bool,
    /// The schema of the innermost list.
    schema: String,
    description: String,
}

struct Walk {
    components: Components,
    vocabularies: Vec<Vocabulary>,
    fields: Vec<Field>,
}

impl Walk {
    fn component(&self, name: &str) -> Value {
        self.components.get(name).cloned().unwrap_or_default()
    }

    fn members(&mut self, schema: &Value, at: &Branch) {
        let none = Map::new();
        let required = schema["required"].as_array();
        for (name, member) in schema["properties"].as_object().unwrap_or(&none) {
            let mut branch = at.clone();
            branch.path.push(name.clone());
            branch.required = required.is_some_and(|names| names.iter().any(|one| one == name));
            branch.needed &= branch.required;
            branch.read_only |= member["readOnly"] == true;
            branch.description = text_of(member);
            self.member(member, branch);
        }
    }

    fn member(&mut self, schema: &Value, mut at: Branch) {
        let (name, schema) = self.resolved(schema);
        if at.description.is_empty() {
            at.description = text_of(&schema);
        }
        let depth = at.path.len();
        if schema["type"] == "array" {
            let (item_name, item) = self.resolved(&schema["items"]);
            let rows = item["properties"].is_object();
            at.needed = false;
            if at.list == 0 && rows {
                at.list = depth;
            } else {
                at.inner = depth;
            }
            if rows {
                at.schema = item_name;
                return self.members(&item, &at);
            }
            let kind = self.kind(&item_name, &item);
            return self.add(&at, kind, &item, None);
        }
        match name.as_str() {
            "PartialDateInput" => self.date(&at, &schema),
            "PartyRefInput" => {
                self.add(&at, Kind::Reference, &schema, Some("id"));
                let type_ = below(
                    &at,
                    "type",
                    "The type of the document; an organisation unless given.",
                );
                self.add(&type_, Kind::Word(PARTIES), &Value::Null, None);
            }
            _ if schema["properties"].is_object() && name != "RefInput" => {
                self.members(&schema, &at);
            }
            _ => {
                let kind = self.kind(&name, &schema);
                self.add(&at, kind, &schema, None);
            }
        }
    }

    fn date(&mut self, at: &Branch, schema: &Value) {
        self.add(at, Kind::Date, schema, Some("edtf"));
        let parts = &schema["oneOf"][1]["properties"];
        for name in ["text", "inferred"] {
            let branch = below(at, name, &text_of(&parts[name]));
            self.add(&branch, Kind::Line, &parts[name], None);
        }
    }

    /// A schema without references and without `null`, and the name of the component.
    fn resolved(&self, schema: &Value) -> (String, Value) {
        let mut schema = schema.clone();
        crate::api::schemas::never_null(&mut schema);
        let name = schema["$ref"]
            .as_str()
            .and_then(|path| path.rsplit('/').next());
        match name {
            Some(name) => (name.to_owned(), self.component(name)),
            None => (String::new(), schema),
        }
    }

    fn kind(&self, name: &str, schema: &Value) -> Kind {
        if let Some(words) = self.vocabularies.iter().find(|words| words.schema == name) {
            return Kind::Word(*words);
        }
        match (name, schema["type"].as_str()) {
            ("Markdown", _) => Kind::Markdown,
            ("WebAddress", _) => Kind::Link,
            ("Amount", _) => Kind::Amount,
            ("Day", _) => Kind::Day,
            ("RefInput", _) => Kind::Reference,
            (_, Some("boolean")) => Kind::YesNo,
            (_, Some("integer")) => Kind::Whole,
            (_, Some("number")) => Kind::Number,
            _ => Kind::Line,
        }
    }

    fn add(&mut self, at: &Branch, kind: Kind, schema: &Value, base: Option<&'static str>) {
        let at = at.clone();
        self.fields.push(Field {
            path: at.path,
            list: at.list,
            inner: at.inner,
            base,
            kind,
            required: at.required,
            needed: at.needed,
            read_only: at.read_only,
            schema: at.schema,
            description: at.description,
            example: schema["examples"].get(0).cloned(),
        });
    }
}

fn below(at: &Branch, name: &str, description: &str) -> Branch {
    let mut branch = at.clone();
    branch.path.push(name.to_owned());
    branch.required = false;
    branch.needed = false;
    description.clone_into(&mut branch.description);
    branch
}

fn text_of(schema: &Value) -> String {
    schema["description"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
