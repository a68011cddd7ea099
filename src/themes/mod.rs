//! Themes: a tree of concepts by which projects are found.
//!
//! (SKOS: Concept.) A filter on a theme includes the narrower ones.

pub mod routes;
mod store;

use std::borrow::Cow;
use std::collections::HashMap;

use deserr::Deserr;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::register::above::Upward;
use crate::register::filter::RefText;
use crate::register::page::SortField;
use crate::register::refs::Target;
use crate::register::{
    Caller, Document, Enumeration, HeadQuery, HeadRow, Issues, Line, Link, Markdown, Naming,
    Result, ThemeRef, Themes, Visibility, Vocabulary, WebAddress,
};
use crate::store::{AnyConnection, Write};

pub use store::{pairs, with_narrower};

/// A theme: something that projects are about.
#[derive(Clone, Debug, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct Theme {
    /// The preferred term.
    #[schema(examples("Passend onderwijs"))]
    pub label: Line,
    /// Other terms for the same, abbreviations included.
    #[serde(default)]
    #[deserr(default)]
    pub alternative_labels: Vec<Line>,
    /// What it means.
    #[deserr(default)]
    pub definition: Option<Markdown>,
    /// The theme of which it is a part.
    #[deserr(default)]
    pub broader: Option<ThemeRef>,
    /// The same concept in other vocabularies.
    #[serde(default)]
    #[deserr(default)]
    pub exact_match: Vec<WebAddress>,
}

/// The filters of the list of themes.
#[derive(Clone, Debug, Serialize, Deserr, IntoParams)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ThemeFilters {
    /// Themes below this one, directly or by way of others: a slug, UUID or `scheme:value`.
    #[deserr(default)]
    #[param(inline)]
    pub broader: Option<RefText>,
}

impl Document for Theme {
    const NAMING: Naming = Naming {
        type_: Themes::TYPE,
        plural: "themes",
        singular_id: "Theme",
        plural_id: "Themes",
        example: "passend-onderwijs",
        description: "Something that projects are about, in a tree from broad to narrow.",
    };

    type Filters = ThemeFilters;

    const SORTS: &'static [SortField] =
        &[SortField::Name, SortField::CreatedAt, SortField::UpdatedAt];

    fn needed() -> Map<String, Value> {
        Map::from_iter([("label".into(), "?".into())])
    }

    fn name(&self) -> Cow<'_, str> {
        (&*self.label).into()
    }

    fn kind(&self) -> &'static str {
        ""
    }

    fn links(&mut self, visit: &mut dyn FnMut(&mut Link)) {
        if let Some(broader) = &mut self.broader {
            visit(broader.link());
        }
    }

    /// A theme must not be a part of itself.
    fn upwards(&self) -> Vec<Upward> {
        let broader = self.broader.iter().map(|broader| Upward {
            place: "/broader".into(),
            id: broader.id().to_owned(),
            has_it: true,
        });
        broader.collect()
    }

    fn above(db: &mut AnyConnection, ids: &[String]) -> Result<Vec<(String, String)>> {
        store::broader_of(db, ids)
    }

    fn load(db: &mut AnyConnection, heads: &[HeadRow]) -> Result<HashMap<String, Self>> {
        store::load(db, heads)
    }

    fn other_names(db: &mut AnyConnection, ids: &[String]) -> Result<Vec<(String, Vec<String>)>> {
        store::other_names(db, ids)
    }

    fn save(&self, write: &mut Write<'_>, id: &str, before: Option<&Self>) -> Result<()> {
        store::save(self, before, write, id)
    }

    fn filter(
        query: HeadQuery,
        filters: &ThemeFilters,
        db: &mut AnyConnection,
        caller: &Caller,
    ) -> Result<HeadQuery> {
        store::filter(query, filters, db, caller)
    }

    const INCLUDES: &'static [(&'static str, &'static str, &'static str)] =
        &[("narrower", "Ref", "the themes directly below it, by name")];

    fn include(
        _view: &str,
        db: &mut AnyConnection,
        ids: &[String],
        caller: &Caller,
    ) -> Result<HashMap<String, Value>> {
        store::narrower(db, ids, caller)
    }

    fn vocabularies() -> Vec<Vocabulary> {
        vec![Visibility::VOCABULARY]
    }
}
