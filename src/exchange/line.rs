//! What an import tells, a line at a time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::given::{Given, Place};
use crate::api::problem::{INTERNAL, Problem};
use crate::register::difference::Difference;
use crate::register::{Error, Fault, Issue, Language, Referrer, Text};

/// A line: it has one of these.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportLine {
    /// What came of a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<ImportedDocument>,
    /// How far it is; several times while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<ImportProgress>,
    /// What came of it all; in the last line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<ImportSummary>,
}

/// What came of a document.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportedDocument {
    /// Which document of the file it is; the first is 1.
    #[schema(minimum = 1, examples(3))]
    pub number: usize,
    /// Where it begins.
    pub place: Place,
    /// The collection, as in addresses.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(examples("projects"))]
    pub type_: Option<&'static str>,
    /// What came of it.
    pub status: ImportStatus,
    /// The id; absent when it failed or would only be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    pub id: Option<String>,
    /// The slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("onderwijs-jeugdhulparrangementen"))]
    pub slug: Option<String>,
    /// The version that it has after the import.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub version: Option<i64>,
    /// What changes, member by member; in a plan.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub changes: Vec<Difference>,
    /// What should be looked at, but keeps nothing from being imported.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub warnings: Vec<ImportWarning>,
    /// All that is wrong with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<ImportError>,
}

/// What came of a document, or would come of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ImportStatus {
    /// It is new.
    Created,
    /// It has a new version.
    Changed,
    /// It was so already.
    Unchanged,
    /// It is wrong.
    #[default]
    Failed,
}

/// Something that should be looked at.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportWarning {
    /// What it is, for programs: `same_name`, `same_address`, `same_code`, `left_out`.
    #[schema(examples("same_name"))]
    pub code: &'static str,
    /// Where it stands in the file, where that is less than the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What it is, for people.
    #[schema(examples("Er is al een document met deze naam."))]
    pub detail: String,
    /// The documents that it is about.
    pub documents: Vec<Referrer>,
}

/// Something that is wrong with a document.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportError {
    /// Where it stands in the file.
    pub place: Place,
    /// Where it stands in the document: a JSON pointer (RFC 6901); empty for the whole.
    #[schema(examples("/participants/0/role"))]
    pub location: String,
    /// What is wrong, for programs. Codes never change.
    #[schema(examples("unknown_value"))]
    pub code: String,
    /// What is wrong, for people.
    #[schema(examples("Dit veld is verplicht."))]
    pub detail: String,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ImportProgress {
    /// What it does.
    pub phase: ImportPhase,
    /// How many documents that is done for.
    #[schema(examples(1200))]
    pub done: usize,
    /// Of how many; absent while the file is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples(5000))]
    pub of: Option<usize>,
}

/// What an import does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ImportPhase {
    /// It reads the file.
    Reading,
    /// It waits for its turn to write.
    Waiting,
    /// It finds out which documents there are already.
    Locating,
    /// It brings them in.
    Writing,
    /// It checks them against each other, and logs them.
    Checking,
}

/// What came of an import.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportSummary {
    /// Whether what the lines say was done. Of a plan, and of an import of which all or nothing must
    /// be done and a document failed, nothing was.
    pub applied: bool,
    /// How many documents are new.
    #[schema(examples(12))]
    pub created: usize,
    /// How many have a new version.
    #[schema(examples(3))]
    pub changed: usize,
    /// How many were so already.
    #[schema(examples(40))]
    pub unchanged: usize,
    /// How many are wrong.
    #[schema(examples(0))]
    pub failed: usize,
    /// How many have a warning.
    #[schema(examples(1))]
    pub warnings: usize,
    /// What was done, as one; absent when nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    pub changeset: Option<String>,
    /// The position of the change log after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// What names this plan; in a plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("a4a6cc38ffb9f5c1a1c685c480b5aa09b08916f835c41e37f6e3ca575e27c316"))]
    pub plan_hash: Option<String>,
    /// Why it ended before its time; the lines before stand for nothing then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ImportError>,
}

/// Why a document is not taken: faults at its members, or one reason for the whole.
#[derive(Clone, Debug)]
pub(super) enum Refusal {
    Faults(Vec<Issue>),
    Whole {
        code: &'static str,
        why: (String, String),
    },
}

impl Refusal {
    /// Why, where that is for the document; else it is the register that failed.
    pub(super) fn of(error: Error) -> Result<Self, Error> {
        match error {
            Error::Invalid(issues) => Ok(Self::Faults(issues.0)),
            Error::Forbidden(_)
            | Error::NotFound
            | Error::Moved { .. }
            | Error::Gone { .. }
            | Error::Conflict(_)
            | Error::Taken { .. }
            | Error::InUse { .. }
            | Error::ChangedSince { .. }
            | Error::PreconditionFailed { .. } => {
                let problem = Problem::from(error);
                let table = || {
                    let text = problem.kind.detail;
                    (text.nl.to_owned(), text.en.to_owned())
                };
                Ok(Self::Whole {
                    code: problem.kind.slug,
                    why: problem.detail.clone().unwrap_or_else(table),
                })
            }
            other => Err(other),
        }
    }

    pub(super) fn because(
        code: &'static str,
        nl: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self::Whole {
            code,
            why: (nl.into(), en.into()),
        }
    }

    /// As it is told.
    pub(super) fn told(&self, given: &Given, language: Language) -> Vec<ImportError> {
        match self {
            Self::Faults(issues) => issues
                .iter()
                .map(|issue| {
                    ImportError::at(given.place_of(&issue.location), issue, given, language)
                })
                .collect(),
            Self::Whole {
                code,
                why: (nl, en),
            } => vec![ImportError {
                place: given.place.clone(),
                location: String::new(),
                code: (*code).to_owned(),
                detail: match language {
                    Language::Dutch => nl.clone(),
                    Language::English => en.clone(),
                },
            }],
        }
    }
}

impl ImportError {
    /// What is known to be wrong with a document since it was read.
    pub(super) fn known(given: &Given, language: Language) -> Vec<Self> {
        let known = given.issues.iter().enumerate();
        let known =
            known.map(|(nth, issue)| Self::at(given.place_of_issue(nth), issue, given, language));
        known.collect()
    }

    fn at(place: &Place, issue: &Issue, given: &Given, language: Language) -> Self {
        Self {
            place: Place {
                file: given.place.file.clone(),
                ..place.clone()
            },
            location: issue.location.clone(),
            code: issue.fault.code().to_owned(),
            detail: issue.fault.text(language),
        }
    }

    /// Whether it is the same mistake as one that is known: what stands where something is wrong already,
    /// or is lacking in it. Of a document as a whole several things may be wrong.
    pub(super) fn is_told_by(&self, known: &Self) -> bool {
        if known.location.is_empty() {
            return self.location.is_empty()
                && (&self.code, &self.detail) == (&known.code, &known.detail);
        }
        let rest = self.location.strip_prefix(&known.location);
        rest.is_some_and(|rest| {
            let is_lacking = rest.starts_with('/') && self.code == Fault::Missing.code();
            rest.is_empty() || is_lacking
        })
    }

    /// Why an import did not come to its end.
    pub(super) fn of(error: Error, language: Language) -> Self {
        let problem = Problem::from(error);
        let table = if problem.kind.slug == INTERNAL.slug {
            NO_FAULT_OF_THE_FILE
        } else {
            problem.kind.detail
        };
        let (nl, en) = problem
            .detail
            .unwrap_or_else(|| (table.nl.to_owned(), table.en.to_owned()));
        Self {
            place: Place::default(),
            location: String::new(),
            code: problem.kind.slug.to_owned(),
            detail: match language {
                Language::Dutch => nl,
                Language::English => en,
            },
        }
    }

    /// One that is about the file, or the register, rather than a document.
    pub(super) fn whole(place: Place, code: &str, why: Text, language: Language) -> Self {
        Self {
            place,
            location: String::new(),
            code: code.to_owned(),
            detail: why.get(language).to_owned(),
        }
    }
}

const NO_FAULT_OF_THE_FILE: Text = Text {
    nl: "Er ging iets mis in het register, niet in dit bestand. Wat er misging staat in het logboek van de dienst.",
    en: "Something went wrong in the register, not in this file. What it was stands in the log of the service.",
};

/// Who hears what an import tells.
pub trait Listener {
    /// A line.
    ///
    /// # Errors
    /// When it cannot be told.
    fn hear(&mut self, line: &ImportLine) -> Result<(), Error>;

    /// Whether nobody listens any more: what is not done yet is then not done.
    fn is_left(&self) -> bool {
        false
    }
}
