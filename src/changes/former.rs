//! Documents as they were.

use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::{ChangeRow, Operation};
use crate::collections;
use crate::register::heads::{self, access_now};
use crate::register::projection::project;
use crate::register::{Caller, Error, HeadRow, Result};
use crate::store::AnyConnection;
use crate::store::schema::changes;

/// A document as it was at one of its versions.
///
/// # Errors
/// [`Error::NotFound`] when it never had that version, or the caller may not see it.
pub fn version(
    db: &mut AnyConnection,
    caller: &Caller,
    head: &HeadRow,
    version: i64,
) -> Result<Map<String, Value>> {
    let row: Option<ChangeRow> = changes::table
        .filter(
            changes::document_id
                .eq(&head.id)
                .and(changes::version.eq(version)),
        )
        .filter(changes::snapshot.is_not_null())
        .select(ChangeRow::as_select())
        .first(db)
        .optional()?;
    let row = row.ok_or(Error::NotFound)?;
    let seq = row.seq;
    row.shown(caller, Some(&head.access()), None)?
        .filter(|change| change.op != Operation::Deleted)
        .ok_or(Error::NotFound)?;
    snapshots(db, caller, &[seq])?
        .remove(&seq)
        .ok_or(Error::NotFound)
}

/// The documents as they were after the changes at these positions, as the caller may see them
/// now: a contact that was public once and is no longer is not told from a former version.
pub(super) fn snapshots(
    db: &mut AnyConnection,
    caller: &Caller,
    seqs: &[i64],
) -> Result<HashMap<i64, Map<String, Value>>> {
    let rows: Vec<(i64, String, Option<String>)> = changes::table
        .filter(changes::seq.eq_any(seqs))
        .select((changes::seq, changes::document_id, changes::snapshot))
        .load(db)?;
    let mut ids: Vec<String> = rows.iter().map(|(_, id, _)| id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let now = access_now(db, &ids)?;
    let contacts = if caller.reads_all() {
        HashMap::new()
    } else {
        contacts_now(db, caller, &ids)?
    };
    let mut positions = Vec::with_capacity(rows.len());
    let mut documents = Vec::with_capacity(rows.len());
    for (seq, id, snapshot) in rows {
        let (Some(snapshot), Some(access)) = (snapshot, now.get(&id)) else {
            continue;
        };
        let mut document: Map<String, Value> = serde_json::from_str(&snapshot)?;
        if !caller.reads_all() {
            keep_contacts(&mut document, contacts.get(&id).map_or(&[], Vec::as_slice));
        }
        positions.push(seq);
        documents.push((access.clone(), document));
    }
    project(db, caller, &mut documents)?;
    Ok(positions
        .into_iter()
        .zip(documents.into_iter().map(|(_, document)| document))
        .collect())
}

/// The contacts of documents that the caller sees at present, by the id of the document.
fn contacts_now(
    db: &mut AnyConnection,
    caller: &Caller,
    ids: &[String],
) -> Result<HashMap<String, Vec<Value>>> {
    let mut shown = HashMap::new();
    let mut heads = heads::load(db, ids)?;
    heads.sort_by(|a, b| a.type_.cmp(&b.type_));
    for heads in heads.chunk_by(|a, b| a.type_ == b.type_) {
        let documents = (collections::by_type(&heads[0].type_)?.snapshots)(db, heads)?;
        let access = heads.iter().map(HeadRow::access);
        let mut documents: Vec<_> = access.zip(documents).collect();
        project(db, caller, &mut documents)?;
        for (head, (_, document)) in heads.iter().zip(&mut documents) {
            let mut contacts = Vec::new();
            each_contacts(document, &mut |list| contacts.append(list));
            shown.insert(head.id.clone(), contacts);
        }
    }
    Ok(shown)
}

/// Leaves only the contacts of a former version that are among these.
fn keep_contacts(document: &mut Map<String, Value>, present: &[Value]) {
    let same = |a: &Value, b: &Value| a["kind"] == b["kind"] && a["value"] == b["value"];
    each_contacts(document, &mut |list| {
        list.retain(|contact| present.iter().any(|other| same(contact, other)));
    });
}

/// Shows each list of contacts in a document to `visit`: its own, and those of its rows.
fn each_contacts(members: &mut Map<String, Value>, visit: &mut dyn FnMut(&mut Vec<Value>)) {
    for (name, value) in members {
        match value {
            Value::Array(list) if name == "contacts" => visit(list),
            Value::Array(items) => {
                for item in items.iter_mut().filter_map(Value::as_object_mut) {
                    each_contacts(item, visit);
                }
            }
            Value::Object(members) => each_contacts(members, visit),
            _ => {}
        }
    }
}
