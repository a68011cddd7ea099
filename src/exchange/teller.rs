//! What an import tells, told to a person or a script.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::command::Output;
use super::line::{ImportLine, Listener};
use crate::cli::Failed;
use crate::register::{Error, Language, Text};

/// How many wrong places a terminal shows.
const SHOWN: usize = 50;

/// A teller that several hold.
pub(super) struct Shared(pub(super) Arc<Mutex<Teller>>);

impl Listener for Shared {
    fn hear(&mut self, line: &ImportLine) -> Result<(), Error> {
        let mut teller = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        teller.tell(&serde_json::to_value(line)?)
    }
}

/// Tells a person or a script what an import tells.
pub(super) struct Teller {
    output: Output,
    language: Language,
    bar: ProgressBar,
    wrong: Vec<String>,
    pub(super) summary: Option<Value>,
}

impl Teller {
    pub(super) fn new(output: Output, language: Language) -> Arc<Mutex<Self>> {
        // Only a terminal shows it; a file would be filled with its strokes.
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new_spinner()
        } else {
            ProgressBar::hidden()
        };
        Arc::new(Mutex::new(Self {
            output,
            language,
            bar,
            wrong: Vec::new(),
            summary: None,
        }))
    }

    pub(super) fn tell(&mut self, line: &Value) -> Result<(), Error> {
        if self.output == Output::Json {
            print(&format!("{line}\n"))?;
        }
        if let Some(progress) = line.get("progress") {
            self.show(progress);
        }
        if let Some(errors) = line["document"]["errors"].as_array()
            && self.output == Output::Table
        {
            let row = self.word("rij", "row");
            let told = errors
                .iter()
                .map(|error| told(error, &line["document"], row));
            self.wrong
                .extend(told.take(SHOWN.saturating_sub(self.wrong.len())));
        }
        if let Some(summary) = line.get("summary") {
            self.summary = Some(summary.clone());
        }
        Ok(())
    }

    fn word(&self, nl: &'static str, en: &'static str) -> &'static str {
        Text { nl, en }.get(self.language)
    }

    fn show(&self, progress: &Value) {
        let template = self.word(
            "{msg} {bar:30} {pos}/{len}, {per_sec}, nog {eta}",
            "{msg} {bar:30} {pos}/{len}, {per_sec}, {eta} left",
        );
        if let Some(of) = progress["of"].as_u64() {
            if let Ok(style) = ProgressStyle::with_template(template) {
                self.bar.set_style(style);
            }
            self.bar.set_length(of);
        }
        let phase = match progress["phase"].as_str().unwrap_or_default() {
            "reading" => self.word("lezen", "reading"),
            "waiting" => self.word("wachten", "waiting"),
            "locating" => self.word("opzoeken", "locating"),
            "writing" => self.word("inbrengen", "writing"),
            _ => self.word("nagaan", "checking"),
        };
        if self.bar.message() != phase {
            self.bar.reset();
            self.bar.set_message(phase.to_owned());
        }
        self.bar
            .set_position(progress["done"].as_u64().unwrap_or_default());
    }

    /// 0 when all was done, 1 when some failed, 2 when nothing was done.
    pub(super) fn code(&self) -> u8 {
        let Some(summary) = &self.summary else {
            return 2;
        };
        let count = |name: &str| summary[name].as_u64().unwrap_or_default();
        let failed = count("failed") > 0;
        let all_failed = failed && count("created") + count("changed") + count("unchanged") == 0;
        let planned = summary["planHash"].is_string();
        match summary["applied"].as_bool() {
            Some(true) if all_failed => 2,
            Some(true) => u8::from(failed),
            _ if planned => u8::from(failed),
            _ => 2,
        }
    }

    pub(super) fn end(&self) -> Result<(), Failed> {
        self.bar.finish_and_clear();
        let nothing = Value::Null;
        let summary = self.summary.as_ref().unwrap_or(&nothing);
        if self.output == Output::Table {
            let mut rows = self.wrong.clone();
            let counts = [
                ("created", "nieuw"),
                ("changed", "gewijzigd"),
                ("unchanged", "ongewijzigd"),
                ("failed", "fout"),
                ("warnings", "waarschuwing"),
            ];
            for (name, nl) in counts {
                let count = summary[name].as_u64().unwrap_or_default();
                rows.push(format!("{:<12} {count:>9}", self.word(nl, name)));
            }
            if let Some(error) = summary["error"]["detail"].as_str() {
                let row = self.word("rij", "row");
                let place = where_in_file(&summary["error"]["place"], row);
                rows.push(format!("{place}{error}"));
            }
            match summary["planHash"].as_str() {
                Some(hash) => rows.push(format!("plan         {hash}")),
                None if summary["applied"] != true => {
                    rows.push(
                        self.word("er is niets gedaan", "nothing was done")
                            .to_owned(),
                    );
                }
                None => {}
            }
            if let Some(changeset) = summary["changeset"].as_str() {
                rows.push(format!("changeset    {changeset}"));
            }
            let text = rows.join("\n") + "\n";
            print(&text)?;
        }
        Ok(())
    }
}

/// What is wrong, in a line that begins with its place.
fn told(error: &Value, document: &Value, row: &str) -> String {
    let place = where_in_file(&error["place"], row);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let value = error["place"]["value"]
        .as_str()
        .map(|value| format!(" ({value})"));
    let (location, detail) = (text(&error["location"]), text(&error["detail"]));
    let at = if place.is_empty() {
        format!("document {}: ", document["number"])
    } else {
        place
    };
    format!("{at}{location}{} {detail}", value.unwrap_or_default())
}

fn where_in_file(place: &Value, row: &str) -> String {
    let part = |name: &str, word: &str| match &place[name] {
        Value::Null => None,
        Value::String(text) => Some(format!("{word}{text}")),
        other => Some(format!("{word}{other}")),
    };
    let parts = [
        part("file", ""),
        part("sheet", ""),
        part("row", &format!("{row} ")),
        part("column", ""),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("{}: ", parts.join(", "))
    }
}

fn print(text: &str) -> Result<(), Error> {
    let mut out = std::io::stdout();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| Error::Internal(format!("standard output: {error}")))
}
