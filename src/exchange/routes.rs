//! Imports over HTTP.

use std::fs::File;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Route};
use deserr::Deserr;
use tokio::task::spawn_blocking;
use utoipa::{IntoParams, ToSchema as _};

use super::files::{self, FileFormat, XLSX_MEDIA_TYPE};
use super::line::{ImportError, ImportLine, ImportSummary, Listener};
use super::options::{Mode, OnMissing, Options};
use super::run::Import;
use crate::api::auth::Writer;
use crate::api::body::Body;
use crate::api::collection::span_of;
use crate::api::endpoint::{Content, Endpoint, Rights};
use crate::api::negotiate::{Format, language};
use crate::api::problem::{Problem, UNSUPPORTED_MEDIA_TYPE};
use crate::api::query::Query;
use crate::api::respond::caching;
use crate::api::spool::{Writer as Spool, failed, spool};
use crate::app::App;
use crate::collections;
use crate::register::filter::{Flag, QueryText, Words};
use crate::register::{Error, Fault, Issue, Issues, Naming, Result};

/// How long an import waits for its turn to write.
const PATIENCE: Duration = Duration::from_mins(10);

/// The media types of the files that are taken. The last says nothing; the file itself does then.
const TAKEN: &[&str] = &[
    "application/json",
    "application/x-ndjson",
    "text/csv",
    XLSX_MEDIA_TYPE,
    "application/octet-stream",
];

/// The parameters of an import.
#[derive(Clone, Debug, Deserr, IntoParams)]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct ImportParameters {
    /// The collection of the documents that do not say theirs, as in addresses: `projects`.
    #[deserr(default, rename = "type")]
    #[param(inline, rename = "type")]
    type_: Option<Words>,
    /// `atomic`: all documents or none. `partial`: each on its own, but for those that refer to one
    /// that is wrong.
    #[deserr(default)]
    #[param(inline)]
    mode: Option<Mode>,
    /// What it means that a document does not have a member: `keep` leaves it as it is, as in a merge
    /// patch; `clear` makes it empty, as in a PUT.
    #[deserr(default)]
    #[param(inline)]
    on_missing: Option<OnMissing>,
    /// Only says what would be done, member by member, and gives a `planHash`.
    #[deserr(default)]
    #[param(inline)]
    dry_run: Option<Flag>,
    /// The `planHash` of a dry run with the same body: does exactly that, or answers 409.
    #[deserr(default)]
    #[param(inline)]
    plan: Option<QueryText>,
    /// What the import is for; it is kept with its changeset.
    #[deserr(default)]
    #[param(inline)]
    note: Option<QueryText>,
}

/// The route table.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::POST, "/imports", "importDocuments", "imports", |r: Route| r.to(import))
            .about(
                "Import documents",
                "Makes or changes many documents at once: of any type, in any order, also when they refer to each other. A document is found by its id, its identifiers or its slug; one without any is new, unless there is one of that name which is just like it. References name documents of the same file, or of the register, by slug, id or `scheme:value`, or documents of the file by the `@name` that those have as a member. A second run of the same file changes nothing. The answer comes while it runs: a line for each document, lines that tell how far it is, and a summary as the last line; whether anything was done stands in `summary.applied`. When the caller hangs up before the end, nothing is done.",
            )
            .only(Rights::Writers)
            .query::<ImportParameters>()
            .tuned(|name, schema| if name == "type" {
                schema["enum"] = serde_json::json!(collections::plurals());
            })
            .takes_file(TAKEN)
            .answers(200, "What comes of it, a line at a time.", Content::Lines(ImportLine::name().into()), &[])
            .problems(&[406, 409])
            .schema::<ImportLine>(),
    ]
}

/// A listener that writes lines of JSON.
struct Lines(Option<Spool>);

impl Listener for Lines {
    fn hear(&mut self, line: &ImportLine) -> Result<()> {
        let Some(spool) = &mut self.0 else {
            return Ok(());
        };
        let last = line.summary.is_some();
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        spool.write_all(&text).map_err(failed)?;
        if line.document.is_none() {
            spool.flush().map_err(failed)?;
        }
        if last && let Some(spool) = self.0.take() {
            spool.finish().map_err(failed)?;
        }
        Ok(())
    }

    fn is_left(&self) -> bool {
        self.0.as_ref().is_some_and(Spool::is_left)
    }
}

async fn import(
    app: Data<App>,
    Writer(caller): Writer,
    request: HttpRequest,
    Query(parameters): Query<ImportParameters>,
    upload: Body,
) -> std::result::Result<HttpResponse, Problem> {
    Format::of(&request, None, &[Format::Ndjson, Format::Json])?;
    let collection = collection(parameters.type_.as_ref())?;
    let format = format_of(&upload)?;
    let options = Options {
        mode: parameters.mode.unwrap_or_default(),
        on_missing: parameters.on_missing.unwrap_or_default(),
        dry_run: parameters.dry_run.is_some_and(|flag| flag.0),
        plan: parameters.plan.map(|plan| plan.0),
        note: parameters.note.map(|note| note.0),
        language: language(request.headers()),
    };
    let bound = options.plan.is_some();
    let span = span_of(&app, &request);
    let folder = app.config.scratch().map_err(failed)?;
    let file = upload.receive(&folder).await?;
    let (writer, reader) = spool(&folder).map_err(failed)?;
    let lines = Box::new(Lines(Some(writer)));
    let import = Import::new(caller.clone(), options, span, &folder, lines)?;
    let running = actix_web::rt::spawn(run(app.clone(), import, file, format, collection));
    if bound {
        // Only now it is known whether the plan holds.
        running
            .await
            .map_err(|error| Error::Internal(error.to_string()))??;
    }
    let mut response = HttpResponse::Ok();
    for (name, value) in caching(&caller) {
        response.insert_header((name, value));
    }
    Ok(response
        .content_type(Format::Ndjson.content_type())
        .streaming(reader.stream()))
}

/// The collection that a parameter names.
fn collection(given: Option<&Words>) -> Result<Option<Naming>> {
    let Some(words) = given else { return Ok(None) };
    match collections::named(Some(words))?.as_slice() {
        [one] => Ok(Some(one.naming)),
        _ => Err(Issue::query("type", Fault::TooMany { maximum: 1 }).into()),
    }
}

fn format_of(upload: &Body) -> std::result::Result<Option<FileFormat>, Problem> {
    let text = upload.content_type().unwrap_or_default();
    match FileFormat::of_media_type(text) {
        Some(format) => Ok(Some(format)),
        None if text.starts_with("application/octet-stream") => Ok(None),
        None => {
            let taken = TAKEN.join(", ");
            Err(Problem::with_detail(
                &UNSUPPORTED_MEDIA_TYPE,
                format!("Stuur een bestand met een van deze Content-Types: {taken}."),
                format!("Send a file with one of these Content-Types: {taken}."),
            ))
        }
    }
}

/// Runs an import to its last line. Fails only when its plan does not hold: that is then told by the
/// status.
async fn run(
    app: Data<App>,
    mut import: Import,
    file: File,
    format: Option<FileFormat>,
    collection: Option<Naming>,
) -> Result<()> {
    let (language, caller) = (import.language(), import.caller().clone());
    let read = spawn_blocking(move || {
        let options = files::Options { format, collection };
        let read = import.read(files::open(file, &options), collection);
        let read = read.and_then(|whole| import.tell_waiting().map(|()| whole));
        (import, read)
    });
    let Ok((import, read)) = read.await else {
        return Err(Error::Internal("an import stopped".into()));
    };
    let span = import.span().clone();
    let import = Arc::new(Mutex::new(import));
    let done = match read {
        Ok(_) => {
            let running = Arc::clone(&import);
            let done = app
                .store
                .write_after(PATIENCE, caller.actor(), move |write| {
                    let mut import = running.lock().unwrap_or_else(PoisonError::into_inner);
                    import.carry_out(write)
                });
            done.await.inspect_err(|_| span.failed())
        }
        Err(error) => Err(error),
    };
    let conflict = matches!(done, Err(Error::Conflict(_)));
    let done = match done {
        Err(error) if conflict => return Err(error),
        other => other.map_err(|error| ImportError::of(error, language)),
    };
    let ended = spawn_blocking(move || {
        let mut import = import.lock().unwrap_or_else(PoisonError::into_inner);
        import.end(done)
    });
    let ended: std::result::Result<Result<ImportSummary>, _> = ended.await;
    ended
        .map_err(|error| Error::Internal(error.to_string()))?
        .map(drop)
}
