//! All that the register keeps of one person, for that person's right to see it (AVG, article 15).

use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::changes::Operation;
use crate::collections;
use crate::people::Person;
use crate::register::heads;
use crate::register::projection::project_with_all_contacts;
use crate::register::read::load_records;
use crate::register::write::may_write;
use crate::register::{Access, Caller, Enumeration, Error, HeadRow, Result};
use crate::store::schema::changes;
use crate::store::{AnyConnection, Timestamp};

/// All that the register keeps of one person.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dossier {
    /// The person, with every contact: restricted ones and those that have lapsed too.
    #[schema(value_type = Person)]
    pub person: Map<String, Value>,
    /// The versions that there were, the newest first.
    pub versions: Vec<DossierVersion>,
    /// The documents that refer to the person, by type and name.
    pub references: Vec<DossierReference>,
}

/// A version of a person, and the change that made it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DossierVersion {
    /// The position of the change in the log.
    #[schema(minimum = 1)]
    pub seq: i64,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What happened.
    pub op: Operation,
    /// The name of the key that made the change; only for holders of a key that reads everything.
    #[schema(examples("import sociaal domein"))]
    pub actor: Option<String>,
    /// The number of the version.
    #[schema(minimum = 1)]
    pub version: i64,
    /// The person as it was then.
    #[schema(value_type = Person)]
    pub document: Map<String, Value>,
}

/// A document that refers to a person.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DossierReference {
    /// The type of the document.
    #[serde(rename = "type")]
    #[schema(examples("project"))]
    pub type_: String,
    /// Its id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Its slug.
    #[schema(examples("samen-aan-de-slag"))]
    pub slug: String,
    /// Its name.
    #[schema(examples("Samen aan de slag"))]
    pub name: String,
    /// Where in it the person stands, as JSON pointers.
    pub places: Vec<String>,
}

/// Puts the dossier together.
///
/// # Errors
/// [`Error::Forbidden`] when the caller may not change the person.
pub fn dossier(db: &mut AnyConnection, caller: &Caller, head: &HeadRow) -> Result<Dossier> {
    may_write(caller, head)?;
    let access = head.access();
    let records = load_records::<Person>(db, std::slice::from_ref(head))?;
    let record = records.first().ok_or(Error::NotFound)?.to_json()?;
    let lines: Vec<(i64, Timestamp, String, String, i64, Option<String>)> = changes::table
        .filter(changes::document_id.eq(&head.id))
        .filter(changes::snapshot.is_not_null())
        .order(changes::seq.desc())
        .select((
            changes::seq,
            changes::at,
            changes::op,
            changes::actor,
            changes::version,
            changes::snapshot,
        ))
        .load(db)?;
    let mut documents = vec![(access.clone(), record)];
    for (.., snapshot) in &lines {
        let snapshot = snapshot.as_deref().unwrap_or_default();
        documents.push((access.clone(), serde_json::from_str(snapshot)?));
    }
    project_with_all_contacts(db, caller, &mut documents)?;
    let mut documents = documents.into_iter().map(|(_, document)| document);
    let person = documents.next().ok_or(Error::NotFound)?;
    let versions = lines
        .into_iter()
        .zip(documents)
        .map(|((seq, at, op, actor, version, _), document)| {
            let op = Operation::parse(&op)
                .map_err(|_| Error::Internal(format!("stored operation '{op}'")))?;
            Ok(DossierVersion {
                seq,
                at,
                op,
                actor: caller.reads_all().then_some(actor),
                version,
                document,
            })
        })
        .collect::<Result<_>>()?;
    Ok(Dossier {
        person,
        versions,
        references: references(db, caller, &head.id)?,
    })
}

/// Who refers to the person, as far as the caller may know, and where the caller sees it.
fn references(db: &mut AnyConnection, caller: &Caller, id: &str) -> Result<Vec<DossierReference>> {
    let mut heads = heads::referrers(db, id)?;
    heads.retain(|head| caller.may_know(&head.id, &head.access()));
    let mut all = Vec::with_capacity(heads.len());
    for head in heads {
        let snapshots = collections::by_type(&head.type_)?.snapshots;
        let mut documents: Vec<(Access, Map<String, Value>)> =
            snapshots(db, std::slice::from_ref(&head))?
                .into_iter()
                .map(|document| (head.access(), document))
                .collect();
        project_with_all_contacts(db, caller, &mut documents)?;
        let mut places = Vec::new();
        for (_, document) in documents {
            find_places(&Value::Object(document), id, "", &mut places);
        }
        if places.is_empty() {
            continue;
        }
        all.push(DossierReference {
            type_: head.type_,
            id: head.id,
            slug: head.slug,
            name: head.name,
            places,
        });
    }
    Ok(all)
}

fn find_places(value: &Value, id: &str, at: &str, places: &mut Vec<String>) {
    match value {
        Value::Object(members) if members.get("id").is_some_and(|of| of == id) => {
            places.push(at.to_owned());
        }
        Value::Object(members) => {
            for (name, value) in members {
                find_places(value, id, &format!("{at}/{name}"), places);
            }
        }
        Value::Array(items) => {
            for (nth, item) in items.iter().enumerate() {
                find_places(item, id, &format!("{at}/{nth}"), places);
            }
        }
        _ => {}
    }
}
