//! The whole register as lines, in the form in which an import takes it back.

use std::io::Write;
use std::ops::ControlFlow;

use diesel::prelude::*;
use serde_json::{Map, Value};

use crate::changes;
use crate::collections::{ALL, Collection};
use crate::privacy::processing::{Action, Span};
use crate::register::read::readable;
use crate::register::{Caller, HeadRow, Result};
use crate::store::AnyConnection;
use crate::store::schema::documents;

/// How many documents are read at once.
const TOGETHER: i64 = 200;

/// What was exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// How many documents.
    pub documents: u64,
    /// The position of the change log at which they were so.
    pub position: i64,
}

/// Writes every document that a caller may see, a JSON object a line with its `type`, by collection
/// and id. Within one transaction it is the register of one moment.
///
/// # Errors
/// When the database cannot be asked or the lines cannot be written.
pub fn lines(
    db: &mut AnyConnection,
    caller: &Caller,
    span: &Span,
    out: &mut dyn Write,
) -> Result<Exported> {
    let position = changes::position(db)?;
    let documents = each(db, caller, span, &mut |collection, document| {
        line(collection, document, out)?;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(Exported {
        documents,
        position,
    })
}

/// Writes a document as a line.
///
/// # Errors
/// When it cannot be written.
pub fn line(
    collection: &Collection,
    mut document: Map<String, Value>,
    out: &mut dyn Write,
) -> Result<()> {
    document.shift_insert(0, "type".into(), collection.naming.plural.into());
    serde_json::to_writer(&mut *out, &document)?;
    out.write_all(b"\n").map_err(crate::api::spool::failed)
}

/// Shows every document that a caller may see, by collection and id, until `take` has enough; and
/// counts them.
///
/// # Errors
/// When the database cannot be asked, and those of `take`.
pub fn each(
    db: &mut AnyConnection,
    caller: &Caller,
    span: &Span,
    take: &mut dyn FnMut(&'static Collection, Map<String, Value>) -> Result<ControlFlow<()>>,
) -> Result<u64> {
    let mut count = 0;
    for collection in &ALL {
        let mut last = String::new();
        loop {
            let all = documents::table
                .filter(documents::type_.eq(collection.naming.type_))
                .into_boxed();
            let heads: Vec<HeadRow> = readable(all, caller)
                .filter(documents::id.gt(last.clone()))
                .order(documents::id)
                .limit(TOGETHER)
                .select(HeadRow::as_select())
                .load(db)?;
            let Some(end) = heads.last() else { break };
            last.clone_from(&end.id);
            if collection.personal {
                span.note(Action::Export, heads.iter().map(|head| head.id.as_str()))?;
            }
            for document in (collection.show)(db, caller, &heads)? {
                if take(collection, document)?.is_break() {
                    return Ok(count);
                }
                count += 1;
            }
        }
    }
    Ok(count)
}
