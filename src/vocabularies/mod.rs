//! Each enumeration with its labels in Dutch and English, for menus.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, Route};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::auth::Anyone;
use crate::api::endpoint::{Content, Endpoint, items_of};
use crate::api::negotiate::Format;
use crate::api::path::segment;
use crate::api::problem::Problem;
use crate::api::query::{NoParameters, Query};
use crate::api::respond::{fingerprint, is_known, json, not_modified};
use crate::changes::Operation;
use crate::collections;
use crate::register::{Caller, Enumeration, Error, Role, Vocabulary};

/// An enumeration.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Vocabulary)]
pub struct VocabularyView {
    /// Its name in the address.
    #[schema(examples("region-kinds"))]
    name: &'static str,
    /// Its words, in the order for a menu.
    terms: Vec<TermView>,
}

/// A word of an enumeration.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Term)]
pub struct TermView {
    /// The word in documents and filters.
    #[schema(examples("province"))]
    code: &'static str,
    /// What people read.
    label: LabelView,
}

/// A label in two languages.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Label)]
pub struct LabelView {
    /// Dutch.
    #[schema(examples("Provincie"))]
    nl: &'static str,
    /// English.
    #[schema(examples("Province"))]
    en: &'static str,
}

/// The route table.
pub fn endpoints() -> Vec<Endpoint> {
    let about = "The words of documents and filters, with labels in Dutch and English.";
    vec![
        Endpoint::new(
            Method::GET,
            "/vocabularies",
            "listVocabularies",
            "lookups",
            |r: Route| r.to(list_vocabularies),
        )
        .about("List the vocabularies", about)
        .answers(
            200,
            "All vocabularies, by name.",
            items_of("Vocabulary"),
            &["ETag"],
        )
        .answers(
            304,
            "The caller has this already.",
            Content::Empty,
            &["ETag"],
        )
        .schema::<VocabularyView>(),
        Endpoint::new(
            Method::GET,
            "/vocabularies/{name}",
            "findVocabulary",
            "lookups",
            |r: Route| r.to(find_vocabulary),
        )
        .about("Read a vocabulary", about)
        .path_parameter(
            "name",
            "The name of the vocabulary.",
            utoipa::openapi::schema::ObjectBuilder::new()
                .schema_type(utoipa::openapi::schema::Type::String)
                .enum_values(Some(all().iter().map(|vocabulary| vocabulary.name))),
        )
        .answers(
            200,
            "The vocabulary.",
            Content::Json("Vocabulary".into()),
            &["ETag"],
        )
        .answers(
            304,
            "The caller has this already.",
            Content::Empty,
            &["ETag"],
        )
        .problems(&[404]),
    ]
}

/// All vocabularies, by name.
pub fn all() -> Vec<Vocabulary> {
    let mut all: Vec<Vocabulary> = collections::ALL
        .iter()
        .flat_map(|collection| (collection.vocabularies)())
        .chain([Operation::VOCABULARY, Role::VOCABULARY])
        .collect();
    all.sort_by_key(|vocabulary| vocabulary.name);
    all.dedup_by_key(|vocabulary| vocabulary.name);
    all
}

fn view(vocabulary: &Vocabulary) -> VocabularyView {
    let term = |term: &crate::register::Term| TermView {
        code: term.code,
        label: LabelView {
            nl: term.label.nl,
            en: term.label.en,
        },
    };
    VocabularyView {
        name: vocabulary.name,
        terms: vocabulary.terms.iter().map(term).collect(),
    }
}

async fn list_vocabularies(
    Anyone(caller): Anyone,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let views: Vec<_> = all().iter().map(view).collect();
    show(&request, &caller, &serde_json::json!({ "items": views }))
}

async fn find_vocabulary(
    Anyone(caller): Anyone,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let name = segment(&request, "name")?;
    let found = all().into_iter().find(|vocabulary| vocabulary.name == name);
    show(&request, &caller, &view(&found.ok_or(Error::NotFound)?))
}

/// The words only change with the program, so the answer itself is its tag.
fn show(
    request: &HttpRequest,
    caller: &Caller,
    value: &impl Serialize,
) -> Result<HttpResponse, Problem> {
    Format::of(request, None, &[Format::Json])?;
    let text = serde_json::to_string(value).map_err(Error::from)?;
    let etag = format!("\"{}\"", fingerprint(&[&text]));
    if is_known(request, &etag) {
        return Ok(not_modified(caller, &etag));
    }
    Ok(json(caller, &etag, value)?)
}
