//! Figures to tables, and tables to the page of results.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::io::{Write, stderr};
use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// A table of the results.
pub(crate) struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(columns: &[&str]) -> Self {
        Self {
            columns: columns.iter().map(ToString::to_string).collect(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.columns.len(), "a cell in each column");
        self.rows.push(cells);
    }
}

/// Markdown. Numbers stand to the right.
impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "| {} |", self.columns.join(" | "))?;
        let is_number = |column: usize| {
            let mut cells = self
                .rows
                .iter()
                .map(|row| row[column].trim_start_matches('<'));
            cells.all(|cell| cell == "–" || cell.starts_with(|c: char| c.is_ascii_digit()))
        };
        for column in 0..self.columns.len() {
            write!(f, "|{}", if is_number(column) { "--:" } else { "---" })?;
        }
        writeln!(f, "|")?;
        for row in &self.rows {
            writeln!(f, "| {} |", row.join(" | "))?;
        }
        Ok(())
    }
}

/// Whether a goal is met.
pub(crate) fn met(is_met: bool) -> String {
    if is_met { "yes" } else { "**no**" }.to_owned()
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// The value in the middle.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    percentile(values, 50)
}

/// The value that so many in a hundred do not exceed.
pub(crate) fn percentile(values: impl Iterator<Item = f64>, hundredths: usize) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    let nth = values.len().saturating_sub(1) * hundredths / 100;
    values.get(nth).copied().unwrap_or(f64::NAN)
}

/// The machine, without anything that names it.
pub(crate) fn machine() -> String {
    let after = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.map_or_else(String::new, |rest| {
            rest.trim_start_matches([' ', '\t', ':']).to_owned()
        })
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = after("/proc/cpuinfo", "model name");
    let memory = after("/proc/meminfo", "MemTotal");
    let memory: u64 = memory.trim_end_matches(" kB").parse().unwrap_or(0);
    let system = output("uname", &["-sr"]);
    // The release alone: what follows it names the build.
    let system = system.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
    format!(
        "{cores} cores of {model}, {} GB of memory, {system}",
        memory.div_ceil(1_000_000)
    )
}

/// The commit that was built, and whether there was more than that.
pub(crate) fn commit() -> String {
    let commit = output("git", &["rev-parse", "--short", "HEAD"]);
    // The page of results itself does not count.
    let changes = output("git", &["status", "--porcelain", "--", ".", ":!bench"]);
    let more = if changes.is_empty() {
        ""
    } else {
        " with changes"
    };
    format!("{commit}{more}")
}

fn output(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

/// The section of a page with a heading, up to the next one of its level; nothing when there is none.
pub(crate) fn section(page: &str, heading: &str) -> String {
    let Some(start) = page.find(&format!("{heading}\n")) else {
        return String::new();
    };
    let rest = &page[start..];
    let end = rest[heading.len()..].find("\n## ");
    let end = end.map_or(rest.len(), |end| heading.len() + end + 1);
    rest[..end].to_owned()
}

/// A page with a section in the place of the one with the same heading, or at its end.
pub(crate) fn with_section(page: &str, new: &str) -> String {
    let new = new.trim_end();
    let heading = new.lines().next().unwrap_or_default();
    if heading.is_empty() {
        return page.to_owned();
    }
    let former = section(page, heading);
    if former.is_empty() {
        return format!("{}\n\n{new}\n", page.trim_end());
    }
    let behind = if page.ends_with(&former) {
        "\n"
    } else {
        "\n\n"
    };
    page.replacen(&former, &format!("{new}{behind}"), 1)
}

/// Says what is being done, to whoever waits.
pub(crate) fn progress(what: &str) {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    // Nothing is lost when nobody listens.
    let _ = writeln!(stderr(), "{:4} s  {what}", BEGAN.elapsed().as_secs());
}
