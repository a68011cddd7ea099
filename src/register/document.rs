//! The document: the unit of reading, writing, versioning and logging.
//!
//! A slice implements [`Document`] for the fields that are its own; the head, which all documents
//! have, and every operation on them exist once, generic over this trait.

use std::borrow::Cow;
use std::collections::HashMap;

use deserr::Deserr;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::above::Upward;
use super::caller::{Access, Caller, Visibility};
use super::day::Day;
use super::dimension::Dimension;
use super::error::{Error, Result};
use super::fault::{Fault, Issue, Issues};
use super::heads::{HeadQuery, HeadRow};
use super::identifier::{Identifier, Source, duplicates};
use super::language::Text;
use super::locator::is_slug;
use super::page::SortField;
use super::partial_date::PartialDate;
use super::period::find_disorder;
use super::refs::{Link, Noted, OrganisationRef, noted};
use super::vocabulary::Vocabulary;
use crate::store::{AnyConnection, Timestamp, Write};

/// What a collection is called, for addresses, texts and the API document.
#[derive(Clone, Copy, Debug)]
pub struct Naming {
    /// The type of one document, as in the change log: `region`.
    pub type_: &'static str,
    /// The path segment of the collection: `regions`.
    pub plural: &'static str,
    /// The name of one document in operation ids and schemas: `Region`.
    pub singular_id: &'static str,
    /// The name of the collection in operation ids: `Regions`.
    pub plural_id: &'static str,
    /// The slug of a document, for examples.
    pub example: &'static str,
    /// What a document of this collection is, in one sentence.
    pub description: &'static str,
}

/// The fields and rules of one collection's documents.
///
/// Required of the implementing type itself: reading ([`Deserr`]), writing ([`Serialize`], with
/// camelCase members) and its schema ([`ToSchema`]).
pub trait Document: Clone + Serialize + Deserr<Issues> + ToSchema + Send + Sync + 'static {
    /// What the collection is called.
    const NAMING: Naming;

    /// The filters of its list, beside those that all lists have.
    type Filters: Deserr<Issues> + Serialize + utoipa::IntoParams + Send + Sync + 'static;

    /// What its list can be sorted by.
    const SORTS: &'static [SortField] = &[
        SortField::Name,
        SortField::Kind,
        SortField::CreatedAt,
        SortField::UpdatedAt,
    ];

    /// The members that follow from the others. They may stand in a body, so that a document that
    /// was read can be sent again, but they must then be what they are.
    const DERIVED: &'static [&'static str] = &[];

    /// The members that no document can be without, with some value: it stands in for one that
    /// cannot be read, while it is found out what else is wrong. Such a document is never kept.
    fn needed() -> Map<String, Value>;

    /// The name under which the document is shown.
    fn name(&self) -> Cow<'_, str>;

    /// The name by which it is sorted.
    fn sort_name(&self) -> Cow<'_, str> {
        self.name()
    }

    /// The word of its kind; empty in collections without kinds.
    fn kind(&self) -> &'static str;

    /// When it begins, where that is something to sort by.
    fn start(&self) -> Option<&PartialDate> {
        None
    }

    /// Whether everyone may read it. What may not is restricted unless the caller asks otherwise,
    /// and then refused.
    fn may_be_public(&self) -> bool {
        true
    }

    /// Whether what a body says may be public, as far as that can be read of it, and but for what is
    /// known to be wrong.
    fn body_may_be_public(_body: &Map<String, Value>, _known: &Issues) -> bool {
        true
    }

    /// Whether what is wrong at a place of a body is so whatever the members are that the body does
    /// not say.
    fn is_wrong_alone(_body: &Map<String, Value>, _place: &str) -> bool {
        true
    }

    /// Whether it may still be changed; says why not.
    fn frozen(&self) -> Option<Text> {
        None
    }

    /// Fills in the members that follow from the others.
    fn complete(&mut self) {}

    /// What is left of a document when all that is known of the person has been erased. Only
    /// collections of people have it; what is done with their documents is noted in the processing
    /// log.
    const STUB: Option<fn() -> Self> = None;

    /// The member that says that a document is such a stub.
    const IS_STUB: &'static str = "isErased";

    /// Takes over from the version before what no caller sets and nothing else tells.
    fn keep(&mut self, _before: &Self) {}

    /// Shows each reference of the document to `visit`.
    fn links(&mut self, visit: &mut dyn FnMut(&mut Link));

    /// Finds what is wrong between the members of a body, by its places, whatever else is wrong.
    fn find_faults(_body: &Value, _issues: &mut Issues) {}

    /// The documents of its collection that it must not be itself.
    fn upwards(&self) -> Vec<Upward> {
        Vec::new()
    }

    /// What the items of a list that lead [upwards](Self::upwards) must have beside that: the list, the
    /// member, and a value under which they lead nowhere that they would not under another. It stands
    /// in for one that cannot be read, as in [`needed`](Self::needed).
    fn needed_upwards() -> Option<(&'static str, &'static str, &'static str)> {
        None
    }

    /// Of which documents these are directly parts, as pairs of the part and the whole.
    ///
    /// # Errors
    /// When the database cannot be asked.
    fn above(_db: &mut AnyConnection, _ids: &[String]) -> Result<Vec<(String, String)>> {
        Ok(Vec::new())
    }

    /// Reads the own fields of documents, by id. Name and kind stand in the heads; references hold
    /// only their ids yet. A document that is missing in the result is damaged.
    ///
    /// # Errors
    /// When the database cannot be asked or holds what no document can have.
    fn load(db: &mut AnyConnection, heads: &[HeadRow]) -> Result<HashMap<String, Self>>;

    /// The other names of documents, by id; one that has none may be left out. Cheaper than to load
    /// them whole, for whoever reads documents that refer to these.
    ///
    /// # Errors
    /// When the database cannot be asked.
    fn other_names(_db: &mut AnyConnection, _ids: &[String]) -> Result<Vec<(String, Vec<String>)>> {
        Ok(Vec::new())
    }

    /// Writes the own fields of a document in place of what was there: `before`, nothing when it is
    /// new. What did not change need not be written.
    ///
    /// # Errors
    /// When the database cannot be asked.
    fn save(&self, write: &mut Write<'_>, id: &str, before: Option<&Self>) -> Result<()>;

    /// Narrows a list.
    ///
    /// # Errors
    /// When a filter names what the caller cannot see.
    fn filter(
        query: HeadQuery,
        filters: &Self::Filters,
        db: &mut AnyConnection,
        caller: &Caller,
    ) -> Result<HeadQuery>;

    /// By what its documents can be counted, beside their type and kind.
    const DIMENSIONS: &'static [Dimension] = &[];

    /// The values of its documents in one of those, as pairs of an id and a word or the id of a
    /// document. Nothing in it tells of what the caller may not know. Where filters ask for
    /// something of one row, only the values of such rows count, as they would in the list. Of
    /// these documents only, where they are given; it may then give others too.
    ///
    /// # Errors
    /// When the database cannot be asked.
    fn dimension(
        _dimension: Dimension,
        _filters: &Self::Filters,
        _of: Option<&[String]>,
        _db: &mut AnyConnection,
        _caller: &Caller,
    ) -> Result<Vec<(String, String)>> {
        Ok(Vec::new())
    }

    /// The views that `include` can add: name, schema of an item, what they are.
    const INCLUDES: &'static [(&'static str, &'static str, &'static str)];

    /// A view for each of several documents.
    ///
    /// # Errors
    /// When the database cannot be asked.
    fn include(
        view: &str,
        db: &mut AnyConnection,
        ids: &[String],
        caller: &Caller,
    ) -> Result<HashMap<String, Value>>;

    /// The enumerations that its fields use.
    fn vocabularies() -> Vec<Vocabulary>;
}

/// What every document has, whatever its collection.
#[derive(Clone, Debug)]
pub struct Head {
    /// UUID version 7; never reused, never changed.
    pub id: String,
    /// Unique in the collection.
    pub slug: String,
    /// Codes of other registers.
    pub identifiers: Vec<Identifier>,
    /// Where the facts come from.
    pub sources: Vec<Source>,
    /// Who may read it.
    pub visibility: Visibility,
    /// The organisation that looks after it.
    pub steward: Option<OrganisationRef>,
    /// When a person last confirmed it.
    pub verified_on: Option<Day>,
    /// Goes up by one with each write that changes something.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A whole document: its head and the fields of its collection.
#[derive(Clone, Debug)]
pub struct Record<T> {
    /// What every document has.
    pub head: Head,
    /// What this collection adds.
    pub content: T,
}

/// The members that only the register sets. They may stand in a body, so that a document that was
/// read can be sent again, but they must then be what they are.
pub const READ_ONLY: [&str; 4] = ["id", "version", "createdAt", "updatedAt"];

/// The members of the head that a caller sets.
pub(super) const HEAD_MEMBERS: [&str; 6] = [
    "slug",
    "identifiers",
    "sources",
    "visibility",
    "steward",
    "verifiedOn",
];

/// The head as a caller gives it.
#[derive(Clone, Debug, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct HeadInput {
    /// The name in addresses: small letters, digits and hyphens. Made of the name of a new
    /// document unless it is given; it stays when the name changes. A former slug keeps working.
    #[deserr(default)]
    pub slug: Option<Slug>,
    /// Codes under which other registers know it.
    #[serde(default)]
    #[deserr(default)]
    pub identifiers: Vec<Identifier>,
    /// Where the facts come from.
    #[serde(default)]
    #[deserr(default)]
    pub sources: Vec<Source>,
    /// Who may read it; public unless said otherwise.
    #[deserr(default)]
    pub visibility: Option<Visibility>,
    /// The organisation that looks after it and may change it (bronhouder).
    #[deserr(default)]
    pub steward: Option<OrganisationRef>,
    /// When a person last confirmed the content.
    #[deserr(default)]
    pub verified_on: Option<Day>,
}

/// A slug that a caller chose.
#[derive(Clone, Debug, PartialEq, Eq, ToSchema, Serialize)]
#[schema(value_type = String, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", max_length = 80, examples("gemeente-elburg"))]
pub struct Slug(pub String);

impl Deserr<Issues> for Slug {
    fn deserialize_from_value<V: deserr::IntoValue>(
        value: deserr::Value<V>,
        at: deserr::ValuePointerRef<'_>,
    ) -> std::result::Result<Self, Issues> {
        super::fault::read_string(value, at, |text| {
            if is_slug(text) {
                return Ok(Self(text.to_owned()));
            }
            Err(Fault::InvalidFormat {
                expected: Text {
                    nl: "hooguit 80 kleine letters en cijfers met enkele streepjes ertussen, geen UUID",
                    en: "at most 80 small letters and digits with single hyphens between, not a UUID",
                },
            })
        })
    }
}

/// A document as a caller gives it, read but not yet resolved.
#[derive(Debug)]
pub struct Draft<T> {
    /// The head.
    pub head: HeadInput,
    /// The fields of the collection.
    pub content: T,
}

/// Reads a body. Gives the draft, or all that is wrong with it, and the references that it met.
pub fn read_draft<T: Document>(
    body: Map<String, Value>,
) -> (std::result::Result<Draft<T>, Issues>, Vec<Noted>) {
    let body = Value::Object(body);
    let mut issues = Issues::default();
    find_disorder(&body, "", &mut issues);
    T::find_faults(&body, &mut issues);
    issues.0.extend(
        duplicates(&body["identifiers"])
            .into_iter()
            .map(|nth| Issue::body(format!("/identifiers/{nth}"), Fault::Duplicate)),
    );
    let Value::Object(mut content) = body else {
        return (Err(issues), Vec::new());
    };
    let head: Map<_, _> = HEAD_MEMBERS
        .iter()
        .filter_map(|name| content.shift_remove_entry(*name))
        .collect();
    noted(|| {
        let head = deserr::deserialize::<HeadInput, _, Issues>(Value::Object(head));
        let content = deserr::deserialize::<T, _, Issues>(Value::Object(content));
        match (head, content) {
            (Ok(head), Ok(mut content)) if issues.0.is_empty() => {
                content.complete();
                Ok(Draft { head, content })
            }
            (head, content) => {
                issues.0.extend(head.err().unwrap_or_default().0);
                issues.0.extend(content.err().unwrap_or_default().0);
                for issue in &mut issues.0 {
                    if let Fault::Unknown { allowed } = &mut issue.fault
                        && issue.location.matches('/').count() == 1
                    {
                        allowed.extend(HEAD_MEMBERS.map(str::to_owned));
                    }
                }
                Err(issues)
            }
        }
    })
}

impl<T: Document> Record<T> {
    /// Who may read and write it.
    pub fn access(&self) -> Access {
        Access {
            visibility: self.head.visibility,
            steward: self
                .head
                .steward
                .as_ref()
                .map(|steward| steward.id().to_owned()),
        }
    }

    /// Shows each reference, the steward included, to `visit`.
    pub fn links(&mut self, visit: &mut dyn FnMut(&mut Link)) {
        if let Some(steward) = &mut self.head.steward {
            visit(steward.link());
        }
        self.content.links(visit);
    }

    /// The document as JSON, with everything that is in it. What a caller may see of it is
    /// decided by [`super::projection`].
    ///
    /// # Errors
    /// Never, unless a field cannot be written as JSON, which is a defect.
    pub fn to_json(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self.whole())? {
            Value::Object(json) => Ok(json),
            _ => Err(Error::Internal("a document is not an object".into())),
        }
    }

    /// The same as text, without a tree in between. Documents that are the same have the same text.
    ///
    /// # Errors
    /// As for [`Record::to_json`].
    pub fn to_text(&self) -> Result<String> {
        Ok(serde_json::to_string(&self.whole())?)
    }

    fn whole(&self) -> Whole<'_, T> {
        let head = &self.head;
        Whole {
            id: &head.id,
            slug: &head.slug,
            content: &self.content,
            identifiers: &head.identifiers,
            sources: &head.sources,
            visibility: head.visibility,
            steward: &head.steward,
            verified_on: head.verified_on,
            version: head.version,
            created_at: head.created_at.to_string(),
            updated_at: head.updated_at.to_string(),
        }
    }
}

/// A document as it is shown, member by member.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Whole<'r, T> {
    id: &'r str,
    slug: &'r str,
    #[serde(flatten)]
    content: &'r T,
    identifiers: &'r [Identifier],
    sources: &'r [Source],
    visibility: Visibility,
    steward: &'r Option<OrganisationRef>,
    verified_on: Option<Day>,
    version: i64,
    created_at: String,
    updated_at: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::themes::Theme;

    #[test]
    fn the_text_of_a_document_is_its_json() {
        let body = json!({
            "slug": "zorg", "label": "Zorg \"en\" onderwijs", "alternativeLabels": ["Ondersteuning"],
            "identifiers": [{"scheme": "eigen", "value": "1"}], "visibility": "restricted",
            "steward": "een", "verifiedOn": "2026-01-31"
        });
        let Value::Object(body) = body else {
            unreachable!()
        };
        let Ok(draft) = read_draft::<Theme>(body).0 else {
            unreachable!("the body is right")
        };
        let record = Record {
            head: Head {
                id: "1".into(),
                slug: draft.head.slug.map(|slug| slug.0).unwrap_or_default(),
                identifiers: draft.head.identifiers,
                sources: draft.head.sources,
                visibility: draft.head.visibility.unwrap_or(Visibility::Public),
                steward: draft.head.steward,
                verified_on: draft.head.verified_on,
                version: 3,
                created_at: Timestamp::EPOCH,
                updated_at: Timestamp::EPOCH,
            },
            content: draft.content,
        };
        let (Ok(json), Ok(text)) = (record.to_json(), record.to_text()) else {
            unreachable!("it can be written as JSON")
        };
        assert_eq!(Value::Object(json.clone()).to_string(), text);
        let names: Vec<&String> = json.keys().collect();
        let ends = ["id", "slug", "version", "createdAt", "updatedAt"];
        let (first, last) = (names.iter().take(2), names.iter().rev().take(3).rev());
        assert!(first.chain(last).eq(ends.iter()), "{names:?}");
    }
}
