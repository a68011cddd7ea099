//! The processing log: what was done with the data of whom, when; a JSON line for each person and
//! action, as the standard Logboek Dataverwerkingen 1.0.0 has it.
//!
//! The person stands in it under a pseudonym: a keyed hash of the id, so that the log of one person
//! can be found by whoever has the secret, and nobody can be found by the log alone. Who asked does
//! not stand in it (section 2.3.4 of the standard); that is in the change log and the log of the
//! service, under the same trace where a caller sends one.
//!
//! A line is written before the answer goes. If it cannot be written, nothing is told and nothing
//! is changed.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::config::Config;
use crate::register::{Error, Result};
use crate::store::Timestamp;

/// Where the processing log goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sink {
    /// Nowhere.
    #[default]
    Off,
    /// Standard output.
    Stdout,
    /// The end of a file. It is opened for each entry, so that it can be moved away meanwhile.
    File(PathBuf),
}

/// What is done with the data of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// One person is read.
    Read,
    /// A person is in a page of a list.
    List,
    /// A person is in a whole list, or in the change feed with its documents.
    Export,
    /// A person is shown with a region, an organisation or a project.
    View,
    /// What happened to a person is read.
    History,
    /// A former version of a person is read.
    Version,
    /// A person is entered.
    Create,
    /// A person is changed.
    Change,
    /// A person is deleted.
    Delete,
    /// A person is erased.
    Erase,
    /// The dossier of a person is given.
    Dossier,
    /// A person is erased because the time has ended.
    Expire,
}

impl Action {
    /// The word for it, and the last part of the id of the processing activity.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::List => "list",
            Self::Export => "export",
            Self::View => "view",
            Self::History => "history",
            Self::Version => "version",
            Self::Create => "create",
            Self::Change => "change",
            Self::Delete => "delete",
            Self::Erase => "erase",
            Self::Dossier => "dossier",
            Self::Expire => "expire",
        }
    }
}

/// The processing log of this process.
#[derive(Clone, Debug)]
pub struct ProcessingLog {
    sink: Sink,
    secret: Vec<u8>,
}

impl ProcessingLog {
    /// A log with the secret of the pseudonyms, which is the same on all nodes.
    pub fn new(sink: Sink, secret: Vec<u8>) -> Self {
        Self { sink, secret }
    }
}

/// What one request does, under one trace. Does nothing when there is no log.
#[derive(Clone, Debug, Default)]
pub struct Span(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    log: ProcessingLog,
    activities: String,
    trace: String,
    parent: Option<String>,
    began: i64,
    noted: Mutex<Vec<(Action, String)>>,
}

/// The span of a request that begins now; `traceparent` is what the caller sent (W3C Trace
/// Context). What is not valid there begins a trace of its own.
pub fn span(log: &ProcessingLog, config: &Config, traceparent: Option<&str>) -> Span {
    if log.sink == Sink::Off {
        return Span::default();
    }
    let (trace, parent) = match traceparent.and_then(parse) {
        Some((trace, parent)) => (trace, Some(parent)),
        None => (random::<16>(), None),
    };
    Span(Some(Arc::new(Inner {
        log: log.clone(),
        activities: config.activities(),
        trace,
        parent,
        began: millis(),
        noted: Mutex::default(),
    })))
}

impl Span {
    /// Notes an action for each of these people, and sees the lines written.
    ///
    /// # Errors
    /// [`Error::Unrecorded`] when they cannot be.
    pub fn note<'a>(&self, action: Action, ids: impl IntoIterator<Item = &'a str>) -> Result<()> {
        let Some(inner) = &self.0 else { return Ok(()) };
        let mut ids: Vec<&str> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let noted: Vec<(Action, String)> =
            ids.into_iter().map(|id| (action, id.to_owned())).collect();
        inner.append(&noted, "Ok")?;
        inner
            .noted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(noted);
        Ok(())
    }

    /// Notes whom the rows of a view show.
    ///
    /// # Errors
    /// As for [`Span::note`].
    pub fn note_rows<'a>(&self, rows: impl IntoIterator<Item = &'a Value>) -> Result<()> {
        if self.0.is_none() {
            return Ok(());
        }
        let rows = rows.into_iter().filter_map(Value::as_array).flatten();
        self.note(
            Action::View,
            rows.filter_map(|row| row["person"]["id"].as_str()),
        )
    }

    /// Notes that what was noted did not come to pass after all: the change was not kept.
    pub fn failed(&self) {
        let Some(inner) = &self.0 else { return };
        let noted =
            std::mem::take(&mut *inner.noted.lock().unwrap_or_else(PoisonError::into_inner));
        if let Err(error) = inner.append(&noted, "Error") {
            log::error!("{error}");
        }
    }
}

impl Inner {
    fn append(&self, noted: &[(Action, String)], status: &str) -> Result<()> {
        if noted.is_empty() {
            return Ok(());
        }
        let lines: String = noted
            .iter()
            .map(|(action, id)| self.line(*action, id, status))
            .collect();
        let written = match &self.log.sink {
            Sink::Off => Ok(()),
            Sink::Stdout => {
                let mut out = std::io::stdout().lock();
                out.write_all(lines.as_bytes()).and_then(|()| out.flush())
            }
            // One write at the end of the file: lines of several nodes and threads do not mix.
            Sink::File(path) => OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)
                .and_then(|mut file| file.write_all(lines.as_bytes()).and_then(|()| file.flush())),
        };
        written.map_err(|error| Error::Unrecorded(error.to_string()))
    }

    fn line(&self, action: Action, id: &str, status: &str) -> String {
        let mut line = json!({
            "trace_id": self.trace,
            "span_id": random::<8>(),
            "name": action.word(),
            "start_time": self.began,
            "end_time": millis().max(self.began),
            "status": status,
            "attributes": {
                "dpl.core.processing_activity_id": format!("{}/{}", self.activities, action.word()),
                "dpl.core.data_subject_id": pseudonym(&self.log.secret, id),
                "dpl.core.data_subject_id_type": "schakel-person-hmac-sha256",
            },
        });
        if let Some(parent) = &self.parent {
            line["parent_span_id"] = parent.clone().into();
        }
        format!("{line}\n")
    }
}

/// The id of a person as it stands in the log: HMAC-SHA256 of the UUID, in hexadecimal.
fn pseudonym(secret: &[u8], id: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return String::new();
    };
    mac.update(id.as_bytes());
    base16ct::lower::encode_string(&mac.finalize().into_bytes())
}

/// The trace and the span of a `traceparent` header: `00-<32 hex>-<16 hex>-<2 hex>`.
fn parse(header: &str) -> Option<(String, String)> {
    let hex = |text: &str, length: usize| {
        let digits = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        text.len() == length && text.bytes().all(digits)
    };
    let mut parts = header.trim().split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let known = version != "00" || parts.next().is_none();
    let valid = hex(version, 2) && version != "ff" && hex(trace, 32) && hex(parent, 16);
    let zero = |text: &str| text.bytes().all(|b| b == b'0');
    (known && valid && hex(flags, 2) && !zero(trace) && !zero(parent))
        .then(|| (trace.to_owned(), parent.to_owned()))
}

/// Random digits for an id. Were there no chance left in the system, ids would only be less
/// telling; a request should not fail for that.
fn random<const BYTES: usize>() -> String {
    let mut bytes = [0_u8; BYTES];
    if getrandom::fill(&mut bytes).is_err() || bytes.iter().all(|byte| *byte == 0) {
        let unique = uuid::Uuid::now_v7();
        bytes.copy_from_slice(&unique.as_bytes()[16 - BYTES..]);
    }
    base16ct::lower::encode_string(&bytes)
}

fn millis() -> i64 {
    Timestamp::now().micros() / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_valid_traceparent_is_followed() {
        let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        let good = Some((trace.to_owned(), parent.to_owned()));
        for (header, expected) in [
            (format!("00-{trace}-{parent}-01"), good.clone()),
            (format!(" 00-{trace}-{parent}-00 "), good.clone()),
            (format!("cc-{trace}-{parent}-01-later"), good),
            (format!("00-{trace}-{parent}-01-later"), None),
            (format!("ff-{trace}-{parent}-01"), None),
            (format!("00-{}-{parent}-01", trace.to_uppercase()), None),
            (format!("00-{}-{parent}-01", "0".repeat(32)), None),
            (format!("00-{trace}-{}-01", "0".repeat(16)), None),
            (format!("00-{trace}-{parent}"), None),
            (String::new(), None),
        ] {
            assert_eq!(parse(&header), expected, "{header}");
        }
    }

    #[test]
    fn what_did_not_come_to_pass_is_told_under_the_same_trace() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("log.jsonl");
        let log = ProcessingLog::new(Sink::File(file.clone()), b"secret".to_vec());
        let Ok(config) = crate::config::Settings::default().resolve() else {
            return Err(std::io::ErrorKind::InvalidInput.into());
        };
        let span = span(&log, &config, None);
        let noted = span.note(Action::Change, ["a", "b", "a"]);
        assert!(noted.is_ok(), "{noted:?}");
        span.failed();
        span.failed();
        let text = std::fs::read_to_string(&file)?;
        let lines: Vec<Value> = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let told: Vec<&str> = lines
            .iter()
            .filter_map(|line| line["status"].as_str())
            .collect();
        assert_eq!(
            told,
            ["Ok", "Ok", "Error", "Error"],
            "each person once, and each end once"
        );
        assert!(
            lines
                .iter()
                .all(|line| line["trace_id"] == lines[0]["trace_id"])
        );
        let subject = |nth: usize| lines[nth]["attributes"]["dpl.core.data_subject_id"].clone();
        assert_eq!((subject(0), subject(1)), (subject(2), subject(3)));
        assert_ne!(subject(0), subject(1));
        Ok(())
    }

    #[test]
    fn a_pseudonym_is_the_same_only_for_the_same_person_and_secret() {
        let one = pseudonym(b"secret", "0193a1f2-7c00-7000-8000-000000000000");
        assert_eq!(one.len(), 64);
        assert_eq!(
            one,
            pseudonym(b"secret", "0193a1f2-7c00-7000-8000-000000000000")
        );
        assert_ne!(
            one,
            pseudonym(b"secret", "0193a1f2-7c00-7000-8000-000000000001")
        );
        assert_ne!(
            one,
            pseudonym(b"other", "0193a1f2-7c00-7000-8000-000000000000")
        );
    }
}
