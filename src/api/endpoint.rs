//! One table for routing and documentation.
//!
//! An [`Endpoint`] is an operation with its handler. From the same list the server makes its
//! routes and the API document its operations, so that neither can have what the other lacks.

use actix_web::http::Method;
use actix_web::{Route, guard, web};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr, Required};
use utoipa::{IntoParams, ToSchema};

use super::handlers;
use crate::register::filter::listed;

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// Everyone; with a key one sees more.
    Anyone,
    /// Editors and administrators.
    Writers,
    /// Administrators.
    Administrators,
}

/// What an answer holds.
#[derive(Clone)]
pub enum Content {
    /// Nothing.
    Empty,
    /// A schema of the components, as JSON.
    Json(String),
    /// A list of a schema, as JSON; and as CSV, NDJSON and a workbook.
    Table(String),
    /// A schema of the components, a JSON object a line.
    Lines(String),
    /// A schema given in place, as JSON.
    Inline(Box<RefOr<Schema>>),
    /// Text of another media type.
    Other(&'static str),
    /// A file of one of these media types.
    File(&'static [&'static str]),
}

/// One way in which an operation succeeds.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// What it means.
    pub description: &'static str,
    /// What it holds.
    pub content: Content,
    /// The headers that it has beside those of every answer.
    pub headers: &'static [&'static str],
}

type Schemas = Vec<(String, RefOr<Schema>)>;

/// An operation: where it is, what it takes and gives, and what answers it.
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path below the base, with parameters in braces.
    pub path: String,
    /// The operation id: verb and noun in camelCase.
    pub id: String,
    /// The group in the documentation.
    pub tag: &'static str,
    /// What it does, in a few words.
    pub summary: String,
    /// What a caller should know of it.
    pub description: String,
    /// Who may call it.
    pub rights: Rights,
    /// Parameters in path, query and headers.
    pub parameters: Vec<Parameter>,
    /// What changes the schemas of the parameters.
    pub tune: Option<fn(&str, &mut serde_json::Value)>,
    /// The schema of the body and the media types in which it is taken.
    pub body: Option<(String, &'static [&'static str])>,
    /// The media types of the files that it takes.
    pub files: &'static [&'static str],
    /// How it succeeds.
    pub answers: Vec<Answer>,
    /// The statuses of the problems that are its own.
    pub problems: Vec<u16>,
    /// The schemas that it needs.
    pub schemas: Schemas,
    route: Box<dyn Fn(Route) -> Route + Send + Sync>,
}

/// The media type of most bodies.
pub const JSON: &[&str] = &["application/json"];
/// The media types of a patch.
pub const MERGE_PATCH: &[&str] = &["application/merge-patch+json", "application/json"];

impl Endpoint {
    /// An operation that everyone may call and that is answered by `route`.
    pub fn new(
        method: Method,
        path: impl Into<String>,
        id: impl Into<String>,
        tag: &'static str,
        route: impl Fn(Route) -> Route + Send + Sync + 'static,
    ) -> Self {
        Self {
            method,
            path: path.into(),
            id: id.into(),
            tag,
            summary: String::new(),
            description: String::new(),
            rights: Rights::Anyone,
            parameters: Vec::new(),
            tune: None,
            body: None,
            files: &[],
            answers: Vec::new(),
            problems: Vec::new(),
            schemas: Vec::new(),
            route: Box::new(route),
        }
    }

    /// What it does, and what a caller should know of it.
    #[must_use]
    pub fn about(mut self, summary: impl Into<String>, description: impl Into<String>) -> Self {
        self.summary = summary.into();
        self.description = description.into();
        self
    }

    /// Who may call it.
    #[must_use]
    pub fn only(mut self, rights: Rights) -> Self {
        self.rights = rights;
        self
    }

    /// A parameter in the path.
    #[must_use]
    pub fn path_parameter(
        mut self,
        name: &str,
        description: &str,
        schema: impl Into<RefOr<Schema>>,
    ) -> Self {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(description))
            .schema(Some(schema))
            .build();
        self.parameters.push(parameter);
        self
    }

    /// The `{id}` of a document: a UUID, a slug or `scheme:value`.
    #[must_use]
    pub fn document(self, example: &str) -> Self {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(250))
            .examples([serde_json::json!(example)]);
        self.path_parameter(
            "id",
            "The document: its UUID, its slug, or `scheme:value`.",
            schema,
        )
    }

    /// A header that a caller may send.
    #[must_use]
    pub fn header(mut self, name: &str, description: &str, schema: ObjectBuilder) -> Self {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(description))
            .schema(Some(schema.schema_type(Type::String)))
            .build();
        self.parameters.push(parameter);
        self
    }

    /// The parameters of a query.
    #[must_use]
    pub fn query<P: IntoParams>(mut self) -> Self {
        self.parameters
            .extend(P::into_params(|| Some(ParameterIn::Query)));
        self
    }

    /// Changes the schemas of the parameters so far, by name, when the document is made.
    #[must_use]
    pub fn tuned(mut self, tune: fn(&str, &mut serde_json::Value)) -> Self {
        self.tune = Some(tune);
        self
    }

    /// The schema of the body.
    #[must_use]
    pub fn takes(mut self, schema: impl Into<String>, types: &'static [&'static str]) -> Self {
        self.body = Some((schema.into(), types));
        self
    }

    /// The media types of the files that it takes.
    #[must_use]
    pub fn takes_file(mut self, types: &'static [&'static str]) -> Self {
        self.files = types;
        self
    }

    /// A way in which it succeeds.
    #[must_use]
    pub fn answers(
        mut self,
        status: u16,
        description: &'static str,
        content: Content,
        headers: &'static [&'static str],
    ) -> Self {
        self.answers.push(Answer {
            status,
            description,
            content,
            headers,
        });
        self
    }

    /// Problems that are its own.
    #[must_use]
    pub fn problems(mut self, statuses: &[u16]) -> Self {
        self.problems.extend(statuses);
        self
    }

    /// A schema that it needs.
    #[must_use]
    pub fn schema<T: ToSchema>(mut self) -> Self {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
        self
    }
}

/// The pattern of one or more of these words, with commas between: as many as a parameter takes.
pub fn one_or_more(words: &[String]) -> String {
    listed(&words.join("|"))
}

/// A list answer whose items have this schema: `{ "items": [...] }`.
pub fn items_of(schema: &str) -> Content {
    let items = utoipa::openapi::schema::ArrayBuilder::new()
        .description(Some("What was asked for, in order."))
        .items(Ref::from_schema_name(schema));
    let object = ObjectBuilder::new()
        .property("items", items)
        .required("items");
    Content::Inline(Box::new(object.into()))
}

/// Makes the routes of all endpoints.
///
/// Endpoints of one path become one resource, so that a method which none of them has is a 405
/// that names those that are there, and not a 404. Where there is GET there is HEAD.
pub fn register(config: &mut web::ServiceConfig, endpoints: &[Endpoint]) {
    let mut paths: Vec<&str> = endpoints
        .iter()
        .map(|endpoint| endpoint.path.as_str())
        .collect();
    paths.dedup();
    // A path without parameters is told by comparing it, the others one by one by an expression: these
    // come last, so that nobody pays for them who asks for something else.
    paths.sort_by_key(|path| path.contains('{'));
    for path in paths {
        let mut resource = web::resource(path.to_owned());
        let mut methods = vec![Method::OPTIONS];
        for endpoint in endpoints.iter().filter(|endpoint| endpoint.path == path) {
            let method = endpoint.method.clone();
            let route = if method == Method::GET {
                methods.push(Method::HEAD);
                web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
            } else {
                web::method(method.clone())
            };
            methods.push(method);
            resource = resource.route((endpoint.route)(route));
        }
        methods.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        let names: Vec<_> = methods.iter().map(Method::as_str).collect();
        config.service(handlers::with_fallback(resource, names.join(", ")));
    }
}
