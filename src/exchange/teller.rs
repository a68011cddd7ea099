//! What an import tells, told to a person or a script.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::command::Output;
use super::line::{ImportLine, Listener};
use crate::cli::Failed;
use crate::register::{Error, Language, Text};

/// How many places with mistakes a terminal shows, and how many with something to look at.
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
    /// What it is at, since when, and how much was done by then.
    phase: (&'static str, Instant, u64),
    wrong: Vec<String>,
    /// What should be looked at.
    doubtful: Vec<String>,
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
            phase: ("", Instant::now(), 0),
            wrong: Vec::new(),
            doubtful: Vec::new(),
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
        if self.output == Output::Table {
            let row = self.word("rij", "row");
            let document = &line["document"];
            let lists = [
                (&document["errors"], &mut self.wrong),
                (&document["warnings"], &mut self.doubtful),
            ];
            for (list, shown) in lists {
                let told = list.as_array().into_iter().flatten();
                let told = told.map(|one| told_in_a_line(one, document, row));
                shown.extend(told.take(SHOWN.saturating_sub(shown.len())));
            }
        }
        if let Some(summary) = line.get("summary") {
            self.summary = Some(summary.clone());
        }
        Ok(())
    }

    fn word(&self, nl: &'static str, en: &'static str) -> &'static str {
        Text { nl, en }.get(self.language)
    }

    fn show(&mut self, progress: &Value) {
        let (done, of) = (progress["done"].as_u64(), progress["of"].as_u64());
        let done = done.unwrap_or_default();
        let phase = match progress["phase"].as_str().unwrap_or_default() {
            "reading" => self.word("lezen", "reading"),
            "waiting" => self.word("wachten", "waiting"),
            "locating" => self.word("opzoeken", "locating"),
            "writing" => self.word("inbrengen", "writing"),
            _ => self.word("nagaan", "checking"),
        };
        if self.phase.0 != phase {
            self.phase = (phase, Instant::now(), done);
        }
        let (_, begun, before) = self.phase;
        let pace = Pace::of(done - before.min(done), begun.elapsed());
        let pace = pace.map(
            |pace| match of.and_then(|of| pace.left(of - done.min(of))) {
                Some(left) => format!(", {}/s, {}", pace.0, self.left(left)),
                None => format!(", {}/s", pace.0),
            },
        );
        let template = match of {
            Some(_) => "{msg} {bar:30} {pos}/{len}{prefix}",
            None => "{spinner} {msg} {pos}{prefix}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_length(of.unwrap_or(done));
        self.bar.set_message(phase);
        self.bar.set_prefix(pace.unwrap_or_default());
        self.bar.set_position(done);
    }

    fn left(&self, seconds: u64) -> String {
        let time = format!("{}:{:02}", seconds / 60, seconds % 60);
        match self.language {
            Language::Dutch => format!("nog {time}"),
            Language::English => format!("{time} left"),
        }
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
            let mut rows = [&*self.wrong, &*self.doubtful].concat();
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

/// How many documents a second.
#[derive(Debug, PartialEq, Eq)]
struct Pace(u64);

impl Pace {
    /// Of what was done in a time, once that is enough to tell.
    fn of(done: u64, time: Duration) -> Option<Self> {
        let millis = u64::try_from(time.as_millis()).ok()?;
        (millis >= 500 && done > 0).then(|| Self((done * 1_000 / millis).max(1)))
    }

    /// The seconds that the rest takes; nothing where nothing is left.
    fn left(&self, rest: u64) -> Option<u64> {
        (rest > 0).then(|| rest.div_ceil(self.0))
    }
}

/// What is wrong or should be looked at, in a line that begins with its place.
fn told_in_a_line(one: &Value, document: &Value, row: &str) -> String {
    let place = match &one["place"] {
        Value::Null => &document["place"],
        place => place,
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let at = match where_in_file(place, row) {
        at if at.is_empty() => format!("document {}: ", document["number"]),
        at => at,
    };
    let parts = [
        text(&one["location"]),
        place["value"]
            .as_str()
            .map(|value| format!("({value})"))
            .unwrap_or_default(),
        text(&one["detail"]),
    ];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    let others = one["documents"].as_array().into_iter().flatten();
    let others: Vec<String> = others.map(|other| text(&other["slug"])).collect();
    let mut line = at + &parts.collect::<Vec<_>>().join(" ");
    if !others.is_empty() {
        line = format!("{line} ({})", others.join(", "));
    }
    // What stands in a file does not steer the terminal.
    line.replace(char::is_control, " ")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_told_once_there_is_one() {
        assert_eq!(Pace::of(30_000, Duration::from_micros(60)), None);
        assert_eq!(Pace::of(0, Duration::from_secs(3)), None);
        assert_eq!(Pace::of(30_000, Duration::from_secs(3)), Some(Pace(10_000)));
        assert_eq!(Pace::of(1, Duration::from_secs(3)), Some(Pace(1)));
        assert_eq!(Pace(10_000).left(35_000), Some(4));
        assert_eq!(Pace(10_000).left(0), None);
    }
}
