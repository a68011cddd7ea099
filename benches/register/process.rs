//! What a process costs, as Linux tells it in `/proc`.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::time::Duration;

/// The processes that do the work of one database: the program, and `PostgreSQL`'s for it.
pub(crate) struct Workers {
    program: u32,
    database: Option<String>,
}

impl Workers {
    /// The program alone.
    pub(crate) fn only(program: u32) -> Self {
        Self {
            program,
            database: None,
        }
    }

    /// With the processes of a `PostgreSQL` on this machine whose title names the database.
    pub(crate) fn with_postgres(program: u32, database: &str) -> Self {
        Self {
            program,
            database: Some(database.to_owned()),
        }
    }

    /// The CPU time they have used so far.
    pub(crate) fn cpu(&self) -> Cpu {
        let mut threads = HashMap::new();
        for pid in self.pids() {
            let tasks = fs::read_dir(format!("/proc/{pid}/task"));
            for task in tasks.into_iter().flatten().flatten() {
                let used = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
                let nanos = used.split(' ').next().and_then(|first| first.parse().ok());
                threads.insert((pid, task.file_name()), nanos.unwrap_or(0));
            }
        }
        Cpu(threads)
    }

    /// Connections come and go, so the processes behind them are looked up each time.
    fn pids(&self) -> Vec<u32> {
        let mut pids = vec![self.program];
        let Some(database) = &self.database else {
            return pids;
        };
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let title = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let title = String::from_utf8_lossy(&title);
            if title.starts_with("postgres: ") && title.split(' ').any(|word| word == database) {
                pids.extend(entry.file_name().to_string_lossy().parse::<u32>());
            }
        }
        pids
    }
}

/// CPU time by thread, in nanoseconds.
pub(crate) struct Cpu(HashMap<(u32, OsString), u64>);

impl Cpu {
    /// What was used since. A thread that ended in between is not counted.
    pub(crate) fn since(&self, earlier: &Self) -> Duration {
        let used = self.0.iter().map(|(thread, now)| {
            let before = earlier.0.get(thread).copied().unwrap_or(0);
            now.saturating_sub(before)
        });
        Duration::from_nanos(used.sum())
    }
}

/// The memory of a process: resident, and its proportional share of what is shared with others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// In bytes.
    pub(crate) resident: u64,
    /// In bytes.
    pub(crate) proportional: u64,
    /// What of it is not a part of a file that can be read again: in bytes.
    pub(crate) anonymous: u64,
}

pub(crate) fn memory(pid: u32) -> Memory {
    let kilobytes = |file: &str, name: &str| {
        let text = fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        number.unwrap_or_else(|| panic!("no {name} in /proc: this benchmark needs Linux")) * 1024
    };
    Memory {
        resident: kilobytes("status", "VmRSS:"),
        proportional: kilobytes("smaps_rollup", "Pss:"),
        anonymous: kilobytes("status", "RssAnon:"),
    }
}

/// The most memory that a process has had so far, in bytes.
pub(crate) fn highest_memory(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    number.expect("VmHWM in /proc: this benchmark needs Linux") * 1024
}

/// The CPU time of all processes that this one started, which have ended.
pub(crate) fn cpu_of_children() -> Duration {
    // Linux counts in hundredths of a second here, whatever its own clock.
    const TICKS: u64 = 100;
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in brackets, may hold anything.
    let figures = text.rsplit(')').next().unwrap_or_default();
    let ended = figures.split_whitespace().skip(13).take(2);
    let ticks: u64 = ended.flat_map(str::parse::<u64>).sum();
    Duration::from_millis(ticks * 1_000 / TICKS)
}
