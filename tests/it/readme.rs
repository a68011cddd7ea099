//! The README is true: its examples run as they stand there and give what stands there, its table
//! of settings is that of the program, and its links lead somewhere.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use crate::support::Server;

/// Where the README says that the service listens.
const ADDRESS: &str = "http://127.0.0.1:8080";
/// How the README starts the program: from the folder of the source.
const PROGRAM: &str = "cargo run --release --";
/// Printed between two blocks, to tell their outputs apart.
const MARK: &str = "--- next block ---";

both! {
    with(["--demo"], [])
    fn the_examples_give_what_the_readme_shows(server: &Server) {
        let examples = examples();
        let shown: Vec<&Example> = examples.iter().filter(|e| e.answer.is_some()).collect();
        assert_eq!(shown.len(), 13, "the examples that show an answer");
        // One shell for all of them, like the reader's: a later block uses the key of an earlier one.
        let between = format!("
printf '\n%s\n' '{MARK}'
");
        let blocks: Vec<&str> = examples.iter().map(|e| e.commands.as_str()).collect();
        let script = format!("{}{between}", blocks.join(&between));
        let output = bash(&script, server);
        let answers: Vec<&str> = output.split(MARK).collect();
        assert_eq!(answers.len(), examples.len() + 1, "a block ended the shell:\n{output}");
        for (example, given) in examples.iter().zip(answers) {
            let Some(answer) = &example.answer else { continue };
            let given = given.replace(server.outside("").as_str(), ADDRESS);
            assert_eq!(
                comparable(&parse(&given)),
                comparable(&parse(answer)),
                "the README (right) shows another answer of\n{}",
                example.commands
            );
        }
    }
}

#[test]
fn the_table_of_settings_is_that_of_the_program() {
    let readme = readme();
    let help = help();
    let mut settings = 0;
    for entry in help.split("\n      --").skip(1) {
        let Some((_, rest)) = entry.split_once("[env: ") else {
            continue;
        };
        let name = rest.split(['=', ']']).next().unwrap_or_default();
        let flag = entry.split_whitespace().next().unwrap_or_default();
        let row = readme
            .lines()
            .find(|line| line.starts_with('|') && line.contains(&format!("`{name}`")));
        let Some(row) = row else {
            panic!("no row for {name}")
        };
        for cell in [format!("`--{flag}`"), format!("`{}`", name.to_lowercase())] {
            assert!(row.contains(&cell), "the row of {name} lacks {cell}");
        }
        let (_, default) = entry.split_once("[default: ").expect("a default");
        let default = default.split(']').next().expect("its end").replace('`', "");
        let default = default.split_whitespace().collect::<Vec<_>>().join(" ");
        let cells: Vec<String> = row
            .split('|')
            .map(|cell| cell.trim().replace('`', ""))
            .collect();
        assert!(
            cells.contains(&default),
            "the row of {name} has another default than {default}"
        );
        settings += 1;
    }
    assert_eq!(
        settings,
        readme.lines().filter(|line| is_setting(line)).count(),
        "rows of no setting"
    );
}

/// A row of the table whose setting also has a name in the settings file; `RUST_LOG` has none.
fn is_setting(line: &str) -> bool {
    line.starts_with("| `--") && !line.starts_with("| `--config`")
}

#[test]
fn links_to_files_and_headings_lead_somewhere() {
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = read(name);
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { name } else { file };
            assert!(root().join(target).exists(), "{name} links to {link}");
            assert!(
                heading.is_empty()
                    || read(target)
                        .lines()
                        .filter_map(anchor)
                        .any(|a| a == heading),
                "{name} links to {link}, and there is no such heading"
            );
        }
    }
}

/// The anchor of a heading: small letters, hyphens for spaces, no punctuation.
fn anchor(line: &str) -> Option<String> {
    let title = line
        .strip_prefix('#')?
        .trim_start_matches('#')
        .trim()
        .to_lowercase();
    let kept = |c: &char| c.is_alphanumeric() || *c == ' ' || *c == '-' || *c == '_';
    Some(
        title
            .chars()
            .filter(kept)
            .collect::<String>()
            .replace(' ', "-"),
    )
}

/// A block of commands, and the JSON block right after it.
struct Example {
    commands: String,
    answer: Option<String>,
}

/// All blocks below the heading "Five examples".
fn examples() -> Vec<Example> {
    let readme = readme();
    let (_, section) = readme
        .split_once("\n## Five questions\n")
        .expect("the section");
    // The questions, and the examples behind them.
    let section = section.split("\n## Settings").next().unwrap_or_default();
    let mut examples: Vec<Example> = Vec::new();
    for block in section.split("\n```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').expect("a block has lines");
        match language {
            "sh" => examples.push(Example {
                commands: text.to_owned(),
                answer: None,
            }),
            "json" => {
                let last = examples
                    .last_mut()
                    .expect("commands come before their answer");
                assert!(last.answer.is_none(), "two answers of one block");
                last.answer = Some(text.to_owned());
            }
            other => panic!("a block of {other:?} among the examples"),
        }
    }
    examples
}

/// Runs commands as they stand there, but for the address and how the program is started.
fn bash(script: &str, server: &Server) -> String {
    assert!(script.contains(ADDRESS) && script.contains(PROGRAM));
    let script = script
        .replace(ADDRESS, &server.outside(""))
        .replace(PROGRAM, env!("CARGO_BIN_EXE_schakel"));
    let output = Command::new("bash")
        // Files that an example writes go with the server.
        .current_dir(server.folder())
        .args(["-c", &script])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("DATABASE_URL", &server.database_url)
        .output()
        .expect("bash runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the commands failed: {errors}");
    String::from_utf8(output.stdout).expect("the answers are UTF-8")
}

#[track_caller]
fn parse(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => panic!("no JSON ({error}): {text}"),
    }
}

/// The same JSON without what differs from run to run: ids and instants.
fn comparable(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(without_ids(text)),
        Value::Array(items) => items.iter().map(comparable).collect(),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, v)| (name.clone(), comparable(v)))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn without_ids(text: &str) -> String {
    const ID: &str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    const INSTANT: &str = "dddd-dd-ddTdd:dd:dd.ddddddZ";
    for (shape, stands_for) in [(ID, "(id)"), (INSTANT, "(instant)")] {
        let at = (0..text.len()).find(|at| text.get(*at..).is_some_and(|rest| begins(rest, shape)));
        if let Some(at) = at {
            return format!("{}{stands_for}{}", &text[..at], &text[at + shape.len()..]);
        }
    }
    text.to_owned()
}

/// Whether a text begins with a shape, in which `x` is a hexadecimal and `d` a decimal digit.
fn begins(text: &str, shape: &str) -> bool {
    text.len() >= shape.len()
        && shape
            .bytes()
            .zip(text.bytes())
            .all(|(shape, byte)| match shape {
                b'x' => byte.is_ascii_hexdigit(),
                b'd' => byte.is_ascii_digit(),
                other => other == byte,
            })
}

fn help() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_schakel"))
        .args(["serve", "--help"])
        .env_clear()
        .output()
        .expect("schakel runs");
    String::from_utf8(output.stdout).expect("help is UTF-8")
}

fn readme() -> String {
    read("README.md")
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).expect("a file of the project")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
