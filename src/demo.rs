//! The demo data: five texts from the field as documents.
//!
//! They go in through the same domain functions as any write, so they obey the same rules, and
//! each names its sources. Loading them again changes nothing.

use serde_json::{Map, Value};

use crate::changes;
use crate::organisations::Organisation;
use crate::people::Person;
use crate::projects::Project;
use crate::regions::Region;
use crate::register::write::{Outcome, Precondition, replace};
use crate::register::{Caller, Document, Error, Locator};
use crate::store::{Store, Write};
use crate::themes::Theme;

const ORGANISATIONS: &str = include_str!("../demo/organisations.ndjson");
const REGIONS: &str = include_str!("../demo/regions.ndjson");
const THEMES: &str = include_str!("../demo/themes.ndjson");
const PEOPLE: &str = include_str!("../demo/people.ndjson");
const PROJECTS: &str = include_str!("../demo/projects.ndjson");

/// How many documents were made or changed.
pub type Written = usize;

/// Brings the demo documents into the register, in one transaction.
///
/// # Errors
/// When the database cannot be written, or a line is refused; the line is named.
pub fn load(store: &Store) -> Result<Written, LoadError> {
    store.write_now("demo".into(), |write| {
        // In the order in which they refer to each other.
        Ok(load_lines::<Theme>(write, THEMES)?
            + load_lines::<Organisation>(write, ORGANISATIONS)?
            + load_lines::<Region>(write, REGIONS)?
            + load_lines::<Project>(write, PROJECTS)?
            + load_lines::<Person>(write, PEOPLE)?)
    })
}

/// The same, if the register is empty. One that was ever written to is left alone.
///
/// # Errors
/// As for [`load`].
pub fn load_if_empty(store: &Store) -> Result<Option<Written>, LoadError> {
    let position = store.housekeeping_now(changes::position)?;
    if position == 0 {
        load(store).map(Some)
    } else {
        Ok(None)
    }
}

/// A line that the register did not take, or the register's own failure.
#[derive(Debug)]
pub struct LoadError {
    line: Option<String>,
    /// Why.
    pub error: Error,
}

impl<E: Into<Error>> From<E> for LoadError {
    fn from(error: E) -> Self {
        Self {
            line: None,
            error: error.into(),
        }
    }
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(line) = &self.line {
            write!(f, "{line}: ")?;
        }
        write!(f, "{}", self.error)
    }
}

fn load_lines<T: Document>(write: &mut Write<'_>, lines: &str) -> Result<Written, LoadError> {
    let mut written = 0;
    for (number, line) in lines.lines().enumerate() {
        let place = || Some(format!("demo {} line {}", T::NAMING.plural, number + 1));
        let at = |error: Error| LoadError {
            line: place(),
            error,
        };
        let body: Map<String, Value> =
            serde_json::from_str(line).map_err(|error| at(error.into()))?;
        let slug = body.get("slug").and_then(Value::as_str).unwrap_or_default();
        let locator = Locator::Slug(slug.to_owned());
        let caller = Caller::command_line();
        let (_, outcome) =
            replace::<T>(write, &caller, &locator, body, &Precondition::default()).map_err(at)?;
        written += usize::from(outcome != Outcome::Unchanged);
    }
    Ok(written)
}
