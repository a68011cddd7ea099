//! `schakel import`: the same import as over HTTP, from files, on a terminal or in a script.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Args, ValueEnum};
use serde_json::Value;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

use super::files::{self, FileFormat};
use super::given::{Given, Unreadable};
use super::line::ImportError;
use super::options::{Mode, OnMissing, Options};
use super::run::Import;
use super::teller::{Shared, Teller};
use crate::cli::Failed;
use crate::collections;
use crate::privacy::processing::Span;
use crate::register::{Caller, Enumeration, Language, Naming};
use crate::store::Store;

/// The environment variable of the key for `--server`: a command line can be seen by others.
const KEY: &str = "SCHAKEL_KEY";

/// What `schakel import` takes.
#[derive(Args, Debug)]
pub struct ImportCommand {
    /// The files: NDJSON, JSON, CSV or XLSX; `-` is standard input. Without `--server` they are one
    /// import, and their documents may refer to each other.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The collection of documents that do not say theirs: projects, people, …
    #[arg(long = "type", value_parser = parse_collection)]
    type_: Option<Naming>,
    /// The form of the files: ndjson, json, csv or xlsx; found out when it is not given.
    #[arg(long, value_enum)]
    format: Option<Form>,
    /// All or nothing, or each document on its own.
    #[arg(long, default_value = "atomic", value_parser = parse::<Mode>)]
    mode: Mode,
    /// What an absent member means: it stays as it is, or becomes empty.
    #[arg(long, default_value = "keep", value_parser = parse::<OnMissing>)]
    on_missing: OnMissing,
    /// Only tell what would be done, and give the hash of that plan.
    #[arg(long)]
    dry_run: bool,
    /// The hash of the plan that must still hold.
    #[arg(long)]
    plan: Option<String>,
    /// What the import is for; it is kept with its changeset.
    #[arg(long)]
    note: Option<String>,
    /// Import through a running service, such as <https://register.example>, with the key in
    /// `SCHAKEL_KEY`; each file is an import of its own then.
    #[arg(long)]
    server: Option<String>,
    /// A table for people, or JSON a line for scripts.
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
    /// The language of the table, and of what is wrong.
    #[arg(long, value_enum, default_value = "nl")]
    language: Tongue,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Ndjson,
    Json,
    Csv,
    Xlsx,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    Table,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Tongue {
    Nl,
    En,
}

fn parse<T: Enumeration>(word: &str) -> Result<T, String> {
    T::parse(word).map_err(|fault| fault.text(Language::English))
}

fn parse_collection(word: &str) -> Result<Naming, String> {
    let words = crate::register::filter::Words(vec![word.to_owned()]);
    match collections::named(Some(&words)) {
        Ok(found) => found.first().map(|one| one.naming).ok_or_else(String::new),
        Err(issue) => Err(issue.fault.text(Language::English)),
    }
}

impl Form {
    fn format(self) -> FileFormat {
        match self {
            Self::Ndjson => FileFormat::Ndjson,
            Self::Json => FileFormat::Json,
            Self::Csv => FileFormat::Csv,
            Self::Xlsx => FileFormat::Xlsx,
        }
    }
}

impl ImportCommand {
    fn language(&self) -> Language {
        match self.language {
            Tongue::Nl => Language::Dutch,
            Tongue::En => Language::English,
        }
    }

    /// Whether it goes through a running service, and needs no database of its own.
    pub fn is_remote(&self) -> bool {
        self.server.is_some()
    }

    /// Imports into the database.
    ///
    /// # Errors
    /// When a file cannot be opened, or what came of it not be told.
    pub(crate) fn run(self, store: &Store, span: &Span, folder: &Path) -> Result<ExitCode, Failed> {
        let teller = Teller::new(self.output, self.language());
        let options = Options {
            mode: self.mode,
            on_missing: self.on_missing,
            dry_run: self.dry_run,
            plan: self.plan.clone(),
            note: self.note.clone(),
            language: self.language(),
        };
        let caller = Caller::command_line();
        let listener = Box::new(Shared(Arc::clone(&teller)));
        let mut import = Import::new(caller.clone(), options, span.clone(), folder, listener)?;
        let mut whole = Ok(true);
        for path in &self.files {
            let options = files::Options {
                format: self.format_of(path),
                collection: self.type_,
            };
            let name = (self.files.len() > 1).then(|| path.display().to_string());
            let documents = files::open(opened(path, folder)?, &options);
            let documents = documents.map(|documents| named(documents, name));
            whole = import.read(documents, self.type_);
            if !matches!(whole, Ok(true)) {
                break;
            }
        }
        let done = match whole {
            Ok(_) => store
                .write_now(caller.actor(), |write| import.carry_out(write))
                .inspect_err(|_| span.failed()),
            Err(error) => Err(error),
        };
        let language = self.language();
        import.end(done.map_err(|error| ImportError::of(error, language)))?;
        let teller = teller.lock().unwrap_or_else(PoisonError::into_inner);
        teller.end()?;
        Ok(ExitCode::from(teller.code()))
    }

    /// Imports through a running service.
    ///
    /// # Errors
    /// As for [`Self::run`], and when the service refuses it.
    pub(crate) fn run_remotely(self, folder: &Path) -> Result<ExitCode, Failed> {
        let teller = Teller::new(self.output, self.language());
        // A file that is not there is known before another is sent.
        for path in self.files.iter().filter(|path| *path != Path::new("-")) {
            File::open(path).map_err(|error| Failed(format!("{}: {error}", path.display())))?;
        }
        let mut codes = Vec::new();
        for path in &self.files {
            self.send(path, folder, &teller)?;
            let told = teller.lock().unwrap_or_else(PoisonError::into_inner);
            told.end()?;
            codes.push(told.code());
            if told.code() != 0 {
                break;
            }
        }
        for path in &self.files[codes.len()..] {
            log::warn!("not sent: {}", path.display());
        }
        Ok(ExitCode::from(worst(&codes)))
    }

    fn send(&self, path: &Path, folder: &Path, teller: &Mutex<Teller>) -> Result<(), Failed> {
        let key =
            std::env::var(KEY).map_err(|_| format!("{KEY} must hold a key that may write"))?;
        let base = self.server.as_deref().unwrap_or_default();
        let mut url = url::Url::parse(&format!("{}/api/v1/imports", base.trim_end_matches('/')))?;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("mode", self.mode.as_str());
            query.append_pair("onMissing", self.on_missing.as_str());
            query.append_pair("dryRun", if self.dry_run { "true" } else { "false" });
            let given = [
                ("type", self.type_.map(|naming| naming.plural.to_owned())),
                ("plan", self.plan.clone()),
                ("note", self.note.clone()),
            ];
            for (name, value) in given {
                if let Some(value) = value {
                    query.append_pair(name, &value);
                }
            }
        }
        let media = self
            .format_of(path)
            .map_or("application/octet-stream", FileFormat::media_type);
        // The certificates that this machine trusts, not a list of our own.
        let tls = TlsConfig::builder()
            .provider(TlsProvider::NativeTls)
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .tls_config(tls)
            .build()
            .new_agent();
        let answer = agent
            .post(url.as_str())
            .header("Authorization", format!("Bearer {key}"))
            .header("Content-Type", media)
            .header("Accept-Language", self.language().tag())
            .header(
                "Accept",
                "application/x-ndjson, application/problem+json;q=0.5",
            )
            .send(opened(path, folder)?)?;
        let status = answer.status().as_u16();
        let mut reader = BufReader::new(answer.into_body().into_reader());
        if status != 200 {
            let problem: Value = serde_json::from_reader(reader)?;
            let detail = problem["detail"].as_str().unwrap_or_default();
            let mut detail = format!("{}: {status} {detail}", path.display());
            if let Some(errors) = problem.get("errors") {
                detail = format!("{detail} {errors}");
            }
            return Err(detail.into());
        }
        let mut line = String::new();
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                break;
            }
            let line: Value = serde_json::from_str(&line)?;
            let mut teller = teller.lock().unwrap_or_else(PoisonError::into_inner);
            teller.tell(&line)?;
        }
        let teller = teller.lock().unwrap_or_else(PoisonError::into_inner);
        if teller.summary.is_none() {
            return Err("the service stopped before the end".into());
        }
        Ok(())
    }

    fn format_of(&self, path: &Path) -> Option<FileFormat> {
        let by_name = || path.to_str().and_then(FileFormat::of_name);
        self.format.map(Form::format).or_else(by_name)
    }
}

/// The code of several files together: that nothing was done is only so if that holds for each.
fn worst(codes: &[u8]) -> u8 {
    match codes.iter().max() {
        Some(2) if codes.iter().any(|code| *code < 2) => 1,
        worst => worst.copied().unwrap_or_default(),
    }
}

/// A file at its beginning. Standard input is laid in one first: it cannot be read twice.
fn opened(path: &Path, folder: &Path) -> Result<File, Failed> {
    let failed = |error: std::io::Error| Failed(format!("{}: {error}", path.display()));
    if path != Path::new("-") {
        return File::open(path).map_err(failed);
    }
    let mut file = tempfile::tempfile_in(folder).map_err(failed)?;
    std::io::copy(&mut std::io::stdin().lock(), &mut file).map_err(failed)?;
    file.rewind().map_err(failed)?;
    Ok(file)
}

/// The documents with the name of their file, where there are several.
fn named(documents: super::given::Documents, name: Option<String>) -> super::given::Documents {
    let with_name = move |given: Result<Given, Unreadable>| match given {
        Ok(mut given) => {
            given.place.file.clone_from(&name);
            Ok(given)
        }
        Err(Unreadable::File { mut place, why }) => {
            place.file.clone_from(&name);
            Err(Unreadable::File { place, why })
        }
        failed => failed,
    };
    Box::new(documents.map(with_name))
}
