//! What can come of a request to the register other than its answer.

use super::fault::{Issue, Issues};
use super::language::{Language, Text};
use crate::store::{StoreError, Timestamp};

/// A failed request. `api` makes a problem of it; its table there says with which status.
#[derive(Debug)]
pub enum Error {
    /// The input is wrong; all that is wrong with it.
    Invalid(Issues),
    /// The caller is known, but may not do this; says what is lacking.
    Forbidden(Text),
    /// There is no such thing, or the caller may not know of it.
    NotFound,
    /// The document has another address now.
    Moved {
        /// Its present slug.
        slug: String,
    },
    /// The document was deleted.
    Gone {
        /// When.
        at: Timestamp,
    },
    /// The request is right in itself, but not in the present state; says why.
    Conflict(Text),
    /// Another document has the slug or the identifier already.
    Taken {
        /// The slug, or `scheme:value`.
        what: String,
    },
    /// Other documents refer to the one that should go.
    InUse {
        /// Up to twenty of them that the caller may see.
        referrers: Vec<Referrer>,
    },
    /// Documents were changed after what should be undone.
    ChangedSince {
        /// All of them.
        documents: Vec<Referrer>,
    },
    /// The document is not the version that the caller expects.
    PreconditionFailed {
        /// The version that it has; none if it does not exist.
        version: Option<i64>,
    },
    /// The database cannot be asked now.
    Unavailable(String),
    /// The search index is not as far yet as it must be to answer.
    NotIndexed,
    /// The database has no room left.
    Full(String),
    /// What is done with personal data cannot be noted, so it is not done.
    Unrecorded(String),
    /// A defect. The text is for the log only.
    Internal(String),
}

/// A document that refers to another.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Referrer {
    /// The type of the document.
    #[serde(rename = "type")]
    #[schema(examples("region"))]
    pub type_: String,
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Its slug.
    #[schema(examples("noord-veluwe"))]
    pub slug: String,
    /// Its name.
    #[schema(examples("Noord Veluwe"))]
    pub name: String,
}

impl From<Issues> for Error {
    fn from(issues: Issues) -> Self {
        Self::Invalid(issues)
    }
}

impl From<Issue> for Error {
    fn from(issue: Issue) -> Self {
        Self::Invalid(Issues(vec![issue]))
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => Self::Unavailable(cause),
            StoreError::Full(cause) => Self::Full(cause),
            StoreError::Failed(cause) | StoreError::Refused(cause) => Self::Internal(cause),
        }
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("stored JSON: {error}"))
    }
}

/// The result of a request to the register.
pub type Result<T> = std::result::Result<T, Error>;

/// For the command line and the log; `api` has words for callers.
impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invalid(issues) => {
                let all = issues.0.iter().map(|issue| {
                    format!(
                        "{}: {}",
                        issue.location,
                        issue.fault.text(Language::English)
                    )
                });
                f.write_str(&all.collect::<Vec<_>>().join("; "))
            }
            Self::Forbidden(text) | Self::Conflict(text) => f.write_str(text.en),
            Self::NotFound => f.write_str("not found"),
            Self::Moved { slug } => write!(f, "it is now called '{slug}'"),
            Self::Gone { at } => write!(f, "it was deleted at {at}"),
            Self::Taken { what } => write!(f, "another document already has '{what}'"),
            Self::InUse { .. } => f.write_str("other documents refer to it"),
            Self::ChangedSince { .. } => f.write_str("documents were changed since"),
            Self::PreconditionFailed { .. } => f.write_str("it has another version"),
            Self::Unavailable(cause) => write!(f, "the database is unavailable: {cause}"),
            Self::NotIndexed => f.write_str("the search index is not as far yet"),
            Self::Full(cause) => write!(f, "the database has no room left: {cause}"),
            Self::Unrecorded(cause) => {
                write!(f, "the processing log cannot be written: {cause}")
            }
            Self::Internal(cause) => write!(f, "{cause}"),
        }
    }
}
