//! The operations that every collection has, once for all of them: their table.

mod handlers;
mod lists;
mod views;

use handlers::{HistoryParameters, create, delete, find_one, history, replace, update, version};
pub(crate) use handlers::{answer_of_write, span_of};
pub(crate) use lists::as_rows;
use lists::list;
pub(crate) use views::show_view;

use actix_web::Route;
use actix_web::http::Method;

use super::endpoint::{Content, Endpoint, JSON, MERGE_PATCH, Rights, items_of, one_or_more};
use super::list::{ListParameters, ShapeParameters};
use super::schemas::members;
use super::{idempotency, respond};
use crate::changes;
use crate::exchange::flat::ColumnNames;
use crate::register::Document;
use crate::register::Enumeration as _;
use crate::register::scheme;
use serde_json::{Value, json};
/// The operations of a collection: list, create, find, replace, update, delete, history, versions.
pub fn endpoints<T: Document>() -> Vec<Endpoint> {
    let naming = T::NAMING;
    let (one, many, tag) = (naming.singular_id, naming.plural_id, naming.plural);
    let (list_path, path) = (format!("/{tag}"), format!("/{tag}/{{id}}"));
    let input = format!("{one}Input");
    let document = || Content::Json(one.to_owned());
    let includes: Vec<String> = T::INCLUDES
        .iter()
        .map(|(name, _, what)| format!("`{name}`: {what}"))
        .collect();
    let views = if includes.is_empty() {
        "There are no views to add.".to_owned()
    } else {
        format!("Views that `include` can add: {}.", includes.join("; "))
    };
    let if_match = "Only if the document still has this `ETag`; else 412.";
    let mut endpoints = vec![
        Endpoint::new(Method::GET, &list_path, format!("list{many}"), tag, |r: Route| r.to(list::<T>))
            .about(format!("List {tag}"), format!("{} Sorted by name unless asked otherwise. {views}", naming.description))
            .query::<T::Filters>()
            .query::<ListParameters>()
        .tuned(tune::<T>)
            .answers(200, "A page of the list, or all of it as CSV, NDJSON or a workbook.", Content::Table(format!("{one}List")), &["ETag", "Link", "Schakel-Position"])
            .answers(304, "The caller has this page already.", Content::Empty, &["ETag"])
            .problems(&[406])
            .schema::<T>(),
        Endpoint::new(Method::POST, &list_path, format!("create{one}"), tag, |r: Route| r.to(create::<T>))
            .about(format!("Create one of the {tag}"), "The slug is made of the name unless given. An editor's document belongs to the editor's organisation.")
            .only(Rights::Writers)
            .header(idempotency::HEADER, "A key of the caller's choice: the same key and body get the first answer again for 24 hours.", idempotency::schema())
            .takes(&input, JSON)
            .answers(201, "The new document.", document(), &["ETag", "Location", "Schakel-Position"])
            .problems(&[409]),
        Endpoint::new(Method::GET, &path, format!("find{one}"), tag, |r: Route| r.to(find_one::<T>))
            .about(format!("Read one of the {tag}"), views)
            .document(naming.example)
            .query::<ShapeParameters>()
        .tuned(tune::<T>)
            .answers(200, "The document.", Content::Json(format!("{one}View")), &["ETag"])
            .answers(304, "The caller has this version already.", Content::Empty, &["ETag"])
            .answers(308, "The document has another address now.", Content::Empty, &["Location"])
            .problems(&[404, 410]),
        Endpoint::new(Method::PUT, &path, format!("replace{one}"), tag, |r: Route| r.to(replace::<T>))
            .about(
                format!("Create or replace one of the {tag}"),
                "By `scheme:value` or slug it creates what is not there yet, so that a script can send the same again and again. What is not named becomes empty, except `slug`, `visibility` and `steward`. A body that changes nothing makes no new version.",
            )
            .only(Rights::Writers)
            .document(naming.example)
            .header("If-Match", if_match, respond::if_match())
            .header("If-None-Match", "`*`: only if there is no such document yet; else 412.", respond::if_none())
            .takes(&input, JSON)
            .answers(200, "The document as it is now.", document(), &["ETag", "Schakel-Position"])
            .answers(201, "The new document.", document(), &["ETag", "Location", "Schakel-Position"])
            .answers(308, "The document has another address now.", Content::Empty, &["Location"])
            .problems(&[404, 409, 410, 412]),
        Endpoint::new(Method::PATCH, &path, format!("update{one}"), tag, |r: Route| r.to(update::<T>))
            .about(
                format!("Change one of the {tag}"),
                "A JSON merge patch (RFC 7396): what is not named stays, `null` clears, a list is replaced only when it is named.",
            )
            .only(Rights::Writers)
            .document(naming.example)
            .header("If-Match", if_match, respond::if_match())
            .takes(format!("{one}Patch"), MERGE_PATCH)
            .answers(200, "The document as it is now.", document(), &["ETag", "Schakel-Position"])
            .answers(308, "The document has another address now.", Content::Empty, &["Location"])
            .problems(&[404, 409, 410, 412]),
        Endpoint::new(Method::DELETE, &path, format!("delete{one}"), tag, |r: Route| r.to(delete::<T>))
            .about(format!("Delete one of the {tag}"), "Refused with 409 while other documents refer to it. Its address then answers 410.")
            .only(Rights::Writers)
            .document(naming.example)
            .header("If-Match", if_match, respond::if_match())
            .answers(204, "The document is gone.", Content::Empty, &["Schakel-Position"])
            .answers(308, "The document has another address now.", Content::Empty, &["Location"])
            .problems(&[404, 409, 410, 412]),
        Endpoint::new(Method::GET, format!("{path}/history"), format!("list{one}History"), tag, |r: Route| r.to(history::<T>))
            .about("List what happened to a document", "The lines of the change log for this document, the newest first.")
            .document(naming.example)
            .query::<HistoryParameters>()
            .answers(200, "The lines.", items_of("Change"), &["ETag", "Link"])
            .answers(304, "The caller has these lines already.", Content::Empty, &["ETag"])
            .answers(308, "The document has another address now.", Content::Empty, &["Location"])
            .problems(&[404, 410])
            .schema::<changes::Change>(),
        Endpoint::new(Method::GET, format!("{path}/versions/{{version}}"), format!("find{one}Version"), tag, |r: Route| r.to(version::<T>))
            .about("Read a version of a document", "The document as it was at that version.")
            .document(naming.example)
            .path_parameter("version", "The number of the version, from 1.", super::path::version_schema())
            .answers(200, "The document at that version.", document(), &["ETag"])
            .answers(304, "The caller has this already.", Content::Empty, &["ETag"])
            .answers(308, "The document has another address now.", Content::Empty, &["Location"])
            .problems(&[404, 410]),
    ];
    if T::INCLUDES.is_empty() {
        for endpoint in &mut endpoints {
            endpoint.parameters.retain(|one| one.name != "include");
        }
    }
    endpoints
}

/// Says which words the parameters of this collection take, and what holds without them.
fn tune<T: Document>(name: &str, schema: &mut Value) {
    let words = |words: Vec<String>| json!(one_or_more(&words));
    match name {
        "sort" => {
            let fields = T::SORTS.iter().map(|field| format!("-?{}", field.word()));
            schema["pattern"] = words(fields.collect());
            schema["default"] = "name".into();
        }
        "fields" => schema["pattern"] = words(members::<T>()),
        "include" => {
            let views = T::INCLUDES.iter().map(|(name, ..)| (*name).to_owned());
            schema["pattern"] = words(views.collect());
        }
        "identifier" => schema["pattern"] = format!("^{0}(,{0})*$", scheme::PATTERN).into(),
        "count" | "bom" => schema["default"] = false.into(),
        "columnNames" => schema["default"] = ColumnNames::Paths.as_str().into(),
        _ => {}
    }
}
