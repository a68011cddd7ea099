//! What is looked for, as a tree.

use std::sync::Arc;

use tantivy::query::Query;
use tantivy::{Score, Term};

/// Which documents are looked for, and what each part adds to the score of those that have it.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    /// Those that have a word, weighed by how often they have it and how rare it is; so many times.
    Word(Term, Score),
    /// Those that have a term; it adds this much.
    Term(Term, Score),
    /// Those that are in any of these; what each adds is added up.
    Any(Vec<Self>),
    /// Those that are in all of these; what each adds is added up.
    All(Vec<Self>),
    /// Those of the first; the others only add to the score.
    With(Box<Self>, Vec<Self>),
    /// Those of the first that are in none of the others.
    Without(Box<Self>, Vec<Self>),
    /// The same documents; instead of what the parts add, this much.
    Fixed(Box<Self>, Score),
    /// The same documents; besides what the parts add, this much.
    Raised(Box<Self>, Score),
    /// What the index has a query of its own for, so many times.
    Query(Arc<dyn Query>, Score),
}

impl Tree {
    /// No document.
    pub(super) fn nothing() -> Self {
        Self::Any(Vec::new())
    }

    /// What is in any of these. One alone needs nothing around it, and what is in any of several is
    /// in any of all.
    pub(super) fn any(trees: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Vec::new();
        for tree in trees {
            match tree {
                Self::Any(more) => all.extend(more),
                other => all.push(other),
            }
        }
        alone(all).unwrap_or_else(Self::Any)
    }

    /// What is in all of these.
    pub(super) fn all(trees: impl IntoIterator<Item = Self>) -> Self {
        alone(trees.into_iter().collect()).unwrap_or_else(Self::All)
    }

    /// The same, with the others adding to the score.
    pub(super) fn with(self, others: Vec<Self>) -> Self {
        if others.is_empty() {
            return self;
        }
        Self::With(Box::new(self), others)
    }

    /// The same without the others.
    pub(super) fn without(self, others: Vec<Self>) -> Self {
        if others.is_empty() {
            return self;
        }
        Self::Without(Box::new(self), others)
    }

    /// The same documents, each with this much.
    pub(super) fn fixed(self, score: Score) -> Self {
        match self {
            Self::Term(term, _) => Self::Term(term, score),
            other => Self::Fixed(Box::new(other), score),
        }
    }

    /// The same documents, each with this much more.
    pub(super) fn raised(self, score: Score) -> Self {
        Self::Raised(Box::new(self), score)
    }

    /// All that it adds, so many times.
    pub(super) fn times(self, by: Score) -> Self {
        let each = |trees: Vec<Self>| trees.into_iter().map(|tree| tree.times(by)).collect();
        match self {
            Self::Word(term, weight) => Self::Word(term, weight * by),
            Self::Term(term, score) => Self::Term(term, score * by),
            Self::Any(trees) => Self::Any(each(trees)),
            Self::All(trees) => Self::All(each(trees)),
            Self::With(tree, others) => Self::With(Box::new(tree.times(by)), each(others)),
            Self::Without(tree, others) => Self::Without(Box::new(tree.times(by)), others),
            Self::Fixed(tree, score) => Self::Fixed(tree, score * by),
            Self::Raised(tree, score) => Self::Raised(Box::new(tree.times(by)), score * by),
            Self::Query(query, weight) => Self::Query(query, weight * by),
        }
    }
}

/// The only one of some, or all of them.
fn alone(mut trees: Vec<Tree>) -> Result<Tree, Vec<Tree>> {
    if trees.len() == 1
        && let Some(only) = trees.pop()
    {
        return Ok(only);
    }
    Err(trees)
}
