//! References from one document to another.
//!
//! A caller gives a slug, a UUID or `scheme:value`; the register shows `{id, slug, name}`. In
//! between, a [`Ref`] goes through three states: *given* (as read), *resolved* (an id that
//! exists and that the caller may see), *shown* (with slug and name).
//!
//! While a body is read, each reference in it is noted with its place ([`noted`]), so that dead
//! references are reported together with all other faults, even when the rest of the body is
//! too wrong to make a document of it.

use std::cell::RefCell;
use std::marker::PhantomData;

use deserr::{Deserr, IntoValue, Map, Value, ValuePointerRef};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::caller::{Access, Caller, Visibility};
use super::fault::{Fault, Issues, pointer, read_string};

/// A collection that can be referred to.
pub trait Target {
    /// The type of its documents, such as `organisation`.
    const TYPE: &'static str;
}

/// References to organisations.
#[derive(Clone, Copy, Debug)]
pub enum Organisations {}

impl Target for Organisations {
    const TYPE: &'static str = "organisation";
}

/// References to regions.
#[derive(Clone, Copy, Debug)]
pub enum Regions {}

impl Target for Regions {
    const TYPE: &'static str = "region";
}

/// References to projects.
#[derive(Clone, Copy, Debug)]
pub enum Projects {}

impl Target for Projects {
    const TYPE: &'static str = "project";
}

/// References to people.
#[derive(Clone, Copy, Debug)]
pub enum People {}

impl Target for People {
    const TYPE: &'static str = "person";
}

/// References to themes.
#[derive(Clone, Copy, Debug)]
pub enum Themes {}

impl Target for Themes {
    const TYPE: &'static str = "theme";
}

/// A reference to a document of one collection.
#[derive(Clone, Debug)]
pub struct Ref<T>(Link, PhantomData<fn() -> T>);

/// A reference to an organisation.
pub type OrganisationRef = Ref<Organisations>;

/// A reference to a region.
pub type RegionRef = Ref<Regions>;

/// A reference to a project.
pub type ProjectRef = Ref<Projects>;

/// A reference to a person.
pub type PersonRef = Ref<People>;

/// A reference to a theme.
pub type ThemeRef = Ref<Themes>;

/// A reference to an organisation or a region: `{type, id}`, or what names an organisation.
#[derive(Clone, Debug)]
pub struct PartyRef(Link);

/// A reference without the compile-time knowledge of its collection.
#[derive(Clone, Debug)]
pub struct Link {
    /// The type of the document that is referred to.
    pub type_: &'static str,
    /// What the caller wrote, until it is resolved.
    pub given: String,
    /// The document that is referred to, once known.
    pub target: Shown,
}

/// What a reference shows of its document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The id.
    pub id: String,
    /// The type, such as `organisation`.
    pub type_: String,
    /// The slug.
    pub slug: String,
    /// The name.
    pub name: String,
    /// Who may read the document.
    pub access: Option<Access>,
}

impl Shown {
    /// A document that will be there when the transaction ends. It is the writer's own, so its name
    /// is of no matter yet.
    pub(crate) fn awaited(id: String, type_: &str) -> Self {
        Self {
            id,
            type_: type_.to_owned(),
            access: Some(Access {
                visibility: Visibility::Public,
                steward: None,
            }),
            ..Self::default()
        }
    }
}

impl<T: Target> Ref<T> {
    /// A stored reference, of which only the id is known yet.
    pub fn to(id: String) -> Self {
        let target = Shown {
            id,
            ..Shown::default()
        };
        Self(
            Link {
                type_: T::TYPE,
                given: String::new(),
                target,
            },
            PhantomData,
        )
    }

    /// The id of the document; empty until it is resolved.
    pub fn id(&self) -> &str {
        &self.0.target.id
    }

    /// A reference to a document that is at hand.
    pub fn shown<D: super::document::Document>(record: &super::document::Record<D>) -> Self {
        let mut reference = Self::to(record.head.id.clone());
        D::NAMING.type_.clone_into(&mut reference.0.target.type_);
        reference.0.target.slug.clone_from(&record.head.slug);
        reference.0.target.name = record.content.name().into_owned();
        reference.0.target.access = Some(record.access());
        reference
    }

    /// Whether a caller may know of the document. `false` as long as nothing is known of it.
    pub fn may_be_read(&self, caller: &Caller) -> bool {
        self.0
            .target
            .access
            .as_ref()
            .is_some_and(|access| caller.may_know(self.id(), access))
    }

    /// The reference for whoever resolves it.
    pub fn link(&mut self) -> &mut Link {
        &mut self.0
    }
}

impl<T> PartialEq for Ref<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.target.id == other.0.target.id
    }
}

impl<T> Serialize for Ref<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = serializer.serialize_struct("Ref", 3)?;
        shown.serialize_field("id", &self.0.target.id)?;
        shown.serialize_field("slug", &self.0.target.slug)?;
        shown.serialize_field("name", &self.0.target.name)?;
        shown.end()
    }
}

impl PartyRef {
    /// A stored reference, of which only the id is known yet.
    pub fn to(id: String) -> Self {
        let target = Shown {
            id,
            ..Shown::default()
        };
        Self(Link {
            type_: Organisations::TYPE,
            given: String::new(),
            target,
        })
    }

    /// The id of the document; empty until it is resolved.
    pub fn id(&self) -> &str {
        &self.0.target.id
    }

    /// The reference for whoever resolves it.
    pub fn link(&mut self) -> &mut Link {
        &mut self.0
    }
}

impl Serialize for PartyRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = serializer.serialize_struct("PartyRef", 4)?;
        shown.serialize_field("type", &self.0.target.type_)?;
        shown.serialize_field("id", &self.0.target.id)?;
        shown.serialize_field("slug", &self.0.target.slug)?;
        shown.serialize_field("name", &self.0.target.name)?;
        shown.end()
    }
}

impl Deserr<Issues> for PartyRef {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> Result<Self, Issues> {
        let (type_, given) = match value {
            Value::Map(mut map) => {
                let type_ = match map.remove("type").map(IntoValue::into_value) {
                    Some(value) => read_string(value, at.push_key("type"), party),
                    None => Ok(Organisations::TYPE),
                };
                let given = match map.remove("id").map(IntoValue::into_value) {
                    Some(value) => read_string(value, at.push_key("id"), line),
                    None => Err(Issues::at(at.push_key("id"), Fault::Missing)),
                };
                match (type_, given) {
                    (Ok(type_), Ok(given)) => (type_, given),
                    (type_, given) => {
                        let mut issues = type_.err().unwrap_or_default();
                        issues.0.extend(given.err().unwrap_or_default().0);
                        return Err(issues);
                    }
                }
            }
            value => (Organisations::TYPE, read_string(value, at, line)?),
        };
        note(at, type_, &given);
        let target = Shown::default();
        Ok(Self(Link {
            type_,
            given,
            target,
        }))
    }
}

fn party(word: &str) -> Result<&'static str, Fault> {
    let known = [Organisations::TYPE, Regions::TYPE];
    known
        .into_iter()
        .find(|known| *known == word)
        .ok_or_else(|| Fault::UnknownValue {
            allowed: known.map(str::to_owned).to_vec(),
        })
}

/// A reference that was met while a body was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The JSON pointer of its place.
    pub location: String,
    /// The type of document that it should name.
    pub type_: &'static str,
    /// What it says.
    pub given: String,
}

thread_local! {
    static NOTED: RefCell<Vec<Noted>> = const { RefCell::new(Vec::new()) };
}

/// Runs `read` and gives, beside its result, the references that it met.
pub fn noted<T>(read: impl FnOnce() -> T) -> (T, Vec<Noted>) {
    NOTED.take();
    let result = read();
    (result, NOTED.take())
}

impl<T: Target> Deserr<Issues> for Ref<T> {
    fn deserialize_from_value<V: IntoValue>(
        value: Value<V>,
        at: ValuePointerRef<'_>,
    ) -> Result<Self, Issues> {
        let given = match value {
            // The form in which references are shown is taken back, so that a document that was
            // read can be sent again.
            Value::Map(mut map) => match map.remove("id").map(IntoValue::into_value) {
                Some(value) => read_string(value, at.push_key("id"), line)?,
                None => return Err(Issues::at(at.push_key("id"), Fault::Missing)),
            },
            value => read_string(value, at, line)?,
        };
        note(at, T::TYPE, &given);
        let target = Shown::default();
        Ok(Self(
            Link {
                type_: T::TYPE,
                given,
                target,
            },
            PhantomData,
        ))
    }
}

fn note(at: ValuePointerRef<'_>, type_: &'static str, given: &str) {
    NOTED.with_borrow_mut(|noted| {
        noted.push(Noted {
            location: pointer(at),
            type_,
            given: given.to_owned(),
        });
    });
}

fn line(text: &str) -> Result<String, Fault> {
    match text.trim() {
        "" => Err(Fault::Empty),
        text if text.contains(char::is_control) => Err(Fault::ControlCharacters),
        text if text.chars().count() > 250 => Err(Fault::TooLong { maximum: 250 }),
        text => Ok(text.to_owned()),
    }
}

impl<T> utoipa::PartialSchema for Ref<T> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::Ref::from_schema_name("Ref").into()
    }
}

impl<T> utoipa::ToSchema for Ref<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Ref".into()
    }
}

impl utoipa::PartialSchema for PartyRef {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::Ref::from_schema_name("PartyRef").into()
    }
}

impl utoipa::ToSchema for PartyRef {
    fn name() -> std::borrow::Cow<'static, str> {
        "PartyRef".into()
    }
}
