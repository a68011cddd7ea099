//! What is brought in of many documents at once, and what came of each; see [`super::bring`].

use serde_json::{Map, Value};

use super::caller::Caller;
use super::error::{Error, Result};
use super::fault::Issues;
use super::find::Names;
use super::heads::HeadRow;
use super::unnamed::Unnamed;
use super::write::Outcome;

/// How documents are brought in.
pub struct Bringing<'b> {
    /// Who brings them.
    pub caller: &'b Caller,
    /// What their references name.
    pub(crate) names: &'b mut dyn Names,
    /// Whether a member that is absent stays as it is, as in a merge patch; else it becomes empty.
    pub keep: bool,
    /// Whether to tell what changes, member by member.
    pub compare: bool,
    /// Whether to give the texts of what is written, for the change log.
    pub logged: bool,
}

/// What a document is brought to.
#[derive(Clone)]
pub enum Target<'t> {
    /// One that is there.
    Existing(&'t HeadRow),
    /// One that is there, if it is so already; else it is not the one that is meant.
    Same(&'t HeadRow),
    /// A new one, with this id. And whether its slug and codes are known to be free, if it tells them.
    New(String, bool),
    /// None, because it is not certain which: only what it says is looked at.
    Unknown,
}

/// A document as it is brought.
pub struct Item<'t> {
    /// To what.
    pub target: Target<'t>,
    /// What it says.
    pub body: Map<String, Value>,
    /// What is known to be wrong with it. If anything is, it is not brought in, and all that is
    /// wrong is told.
    pub issues: Issues,
    /// The members out of which something was taken because it is wrong. Without a value, they get one
    /// that is right; such a document must not be kept.
    pub taken_out: Vec<String>,
}

impl<'t> Item<'t> {
    /// One of which nothing is known to be wrong.
    pub fn new(target: Target<'t>, body: Map<String, Value>) -> Self {
        Self {
            target,
            body,
            issues: Issues::default(),
            taken_out: Vec::new(),
        }
    }
}

/// What came of a document.
#[derive(Default)]
pub struct Came {
    /// The document, where it was brought in.
    pub brought: Option<Brought>,
    /// All that is wrong with it. Then nothing of it may be kept.
    pub wrong: Vec<Error>,
}

impl Came {
    /// The document, or the first that is wrong with it.
    ///
    /// # Errors
    /// What is wrong.
    pub fn well(self) -> Result<Brought> {
        match self.wrong.into_iter().next() {
            Some(error) => Err(error),
            None => self.brought.ok_or(Error::NotFound),
        }
    }
}

impl From<Result<Brought>> for Came {
    fn from(result: Result<Brought>) -> Self {
        match result {
            Ok(brought) => Self {
                brought: Some(brought),
                wrong: Vec::new(),
            },
            Err(error) => error.into(),
        }
    }
}

impl From<Error> for Came {
    fn from(error: Error) -> Self {
        Self {
            brought: None,
            wrong: vec![error],
        }
    }
}

/// A document that was brought in, and not logged yet.
pub struct Brought {
    /// Its head.
    pub row: HeadRow,
    /// What came of it.
    pub outcome: Outcome,
    /// The head that it had.
    pub before: Option<HeadRow>,
    /// Whether it is called otherwise than before, or others may see it who could not.
    pub renamed: bool,
    /// Whether it is at other addresses than before.
    pub moved: bool,
    /// Whether it must be checked against the others, once they are all in.
    pub needs_check: bool,
    /// The document as it was, as the caller sees it, where it changes and that is wanted.
    pub was: Option<Map<String, Value>>,
    /// The document as it is, where it changes and that is wanted.
    pub text: Option<Unnamed>,
}
