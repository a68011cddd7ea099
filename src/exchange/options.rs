//! How an import goes, and the hash of what it does.

use sha2::{Digest, Sha256};

use crate::register::Language;
use crate::register::vocabulary::vocabulary;

vocabulary! {
    /// Whether one wrong document keeps out the others.
    #[derive(Default)]
    pub enum Mode in "import-modes" {
        #[default]
        Atomic = "atomic", "Alles of niets", "All or nothing";
        Partial = "partial", "Elk document apart", "Each document on its own";
    }
}

vocabulary! {
    /// What it means that a document does not have a member.
    #[derive(Default)]
    pub enum OnMissing in "import-on-missing" {
        #[default]
        Keep = "keep", "Blijft zoals het is", "Stays as it is";
        Clear = "clear", "Wordt leeg", "Becomes empty";
    }
}

/// How an import goes.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether one wrong document keeps out the others.
    pub mode: Mode,
    /// What an absent member means.
    pub on_missing: OnMissing,
    /// Only tell what would be done.
    pub dry_run: bool,
    /// The plan that must still hold.
    pub plan: Option<String>,
    /// What it is for, in the words of whoever brings it in.
    pub note: Option<String>,
    /// The language of what is told.
    pub language: Language,
}

/// The hash of what an import does, where that is a plan or must be one that was made.
pub(super) struct Plan(Option<Sha256>);

impl Plan {
    pub(super) fn new(options: &Options) -> Self {
        let wanted = options.dry_run || options.plan.is_some();
        let way = format!("{:?} {:?}", options.mode, options.on_missing);
        Self(wanted.then(|| Sha256::new_with_prefix(way)))
    }

    /// Adds something that must be the same when the plan is carried out.
    pub(super) fn add(&mut self, what: impl AsRef<[u8]>) {
        if let Some(hash) = &mut self.0 {
            hash.update(what);
        }
    }

    pub(super) fn hash(&self) -> Option<String> {
        let hash = self.0.clone()?;
        Some(base16ct::lower::encode_string(&hash.finalize()))
    }
}
