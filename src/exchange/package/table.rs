//! The tables of a package: which there are, and their rows.

use std::path::Path;

use serde_json::{Map, Value};

use super::{Gathered, Gathering};
use crate::exchange::flat::{ColumnNames, Columns, Flat, FlatCell};
use crate::exchange::table::csv_rows;
use crate::register::{Error, Language, Naming, Result};

/// What a table holds.
pub(super) struct Plan {
    /// Of which collection it is.
    pub(super) naming: Naming,
    /// The list whose items are its rows; none for the documents themselves.
    pub(super) list: Option<&'static [String]>,
    /// Its columns.
    pub(super) flat: Flat,
}

impl Plan {
    /// The tables of a collection: the documents first.
    fn of(columns: &'static Columns) -> Vec<Self> {
        let flat = || Flat::new(columns, ColumnNames::Paths, Language::Dutch);
        let naming = columns.naming;
        let mut plans = vec![Self {
            naming,
            list: None,
            flat: flat().own(),
        }];
        plans.extend(flat().lists().into_iter().map(|list| Self {
            naming,
            list: Some(list),
            flat: flat().of_list(list),
        }));
        plans
    }

    /// Its name: small letters, numbers and hyphens.
    pub(super) fn name(&self) -> String {
        let mut name = self.naming.plural.to_owned();
        for part in self.list.unwrap_or_default() {
            name.push('-');
            for letter in part.chars() {
                if letter.is_ascii_uppercase() {
                    name.push('-');
                }
                name.push(letter.to_ascii_lowercase());
            }
        }
        name
    }

    /// Where it lies in the package.
    pub(super) fn path(&self) -> String {
        format!("data/{}.csv", self.name())
    }
}

/// Tables in the making.
pub(super) struct Tables(Vec<(Plan, Gathering, u64)>);

impl Tables {
    /// Empty ones, for all collections.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub(super) fn new(scratch: &Path) -> Result<Self> {
        let plans = Columns::all().iter().flat_map(Plan::of);
        let begun = plans.map(|plan| {
            let mut file = Gathering::new(scratch)?;
            let headers = plan.flat.headers().map(str::to_owned).collect();
            csv_rows([headers], &mut file)?;
            Ok::<_, Error>((plan, file, 0))
        });
        Ok(Self(begun.collect::<Result<_>>()?))
    }

    /// Adds the rows of a document.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn add(&mut self, type_: &str, document: &Map<String, Value>) -> Result<()> {
        for (plan, file, count) in &mut self.0 {
            if plan.naming.type_ != type_ {
                continue;
            }
            let rows = plan.flat.rows(document);
            *count += rows.len() as u64;
            let texts = rows.into_iter();
            let texts = texts.map(|row| row.into_iter().map(FlatCell::into_text).collect());
            csv_rows(texts, file)?;
        }
        Ok(())
    }

    /// Ends them.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn finish(self) -> Result<Vec<(Plan, Gathered)>> {
        let ended = self.0.into_iter();
        ended
            .map(|(plan, file, count)| Ok((plan, file.finish(count)?)))
            .collect()
    }
}
