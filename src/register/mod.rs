//! What all documents have in common, whatever their collection. Knows no HTTP.
//!
//! In reading order: the values ([`text`], [`number`], [`money`], [`day`], [`partial_date`],
//! [`period`], [`scheme`], [`identifier`], [`contact`], [`vocabulary`], [`filter`],
//! [`dimension`]), references ([`refs`], [`locator`]), who may do what ([`caller`]), what can be
//! wrong ([`fault`], [`error`]); then the [`document`] itself with the [`rows`] of its lists, the
//! table of [`heads`] with ways to [`find`] one, and the operations: [`read`] and [`page`],
//! [`mod@write`] with [`save`], [`bring`] for many at once with what is [`brought`], [`merge`], [`mod@erase`] with `traces`, and [`projection`] between
//! what is stored and what a caller sees.

pub mod above;
pub(crate) mod ahead;
pub mod bring;
pub mod brought;
pub mod caller;
pub mod contact;
pub mod day;
pub mod difference;
pub mod dimension;
pub mod document;
mod draft;
pub mod erase;
pub mod error;
pub mod fault;
pub mod filter;
pub mod find;
mod given;
pub mod heads;
pub mod identifier;
mod kept;
pub mod language;
pub mod locator;
pub mod merge;
pub mod money;
mod names;
pub mod number;
pub mod page;
pub mod partial_date;
mod partly;
pub mod period;
pub mod projection;
#[cfg(test)]
mod properties;
pub mod read;
pub mod refs;
pub mod revert;
pub mod rows;
pub mod save;
pub mod scheme;
pub mod text;
pub mod traces;
pub mod unnamed;
pub mod vocabulary;
pub mod write;

pub use caller::{Access, Caller, KeyHolder, Role, Visibility};
pub use contact::{Address, AddressKind, Contact, ContactKind, PersonalContact, PostcodeArea};
pub use day::Day;
pub use document::{Document, Naming, Record};
pub use error::{Error, Referrer, Result};
pub use fault::{Fault, Issue, Issues};
pub use heads::{HeadQuery, HeadRow};
pub use identifier::{Identifier, Source};
pub use language::{Language, Text};
pub use locator::Locator;
pub use money::Money;
pub use partial_date::PartialDate;
pub use refs::{
    Link, OrganisationRef, Organisations, PartyRef, People, PersonRef, ProjectRef, Projects,
    RegionRef, Regions, ThemeRef, Themes,
};
pub use text::{Line, Markdown, WebAddress};
pub use vocabulary::{Enumeration, Term, Vocabulary};
