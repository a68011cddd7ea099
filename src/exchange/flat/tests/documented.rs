//! The tables of `docs/flat-files.md` are those of the program.

use crate::exchange::flat::columns::{Columns, Kind};

/// The tables of columns in the documentation.
fn documented() -> String {
    let mut text = String::new();
    for columns in Columns::all() {
        let title = columns.naming.plural;
        text.extend([format!(
            "\n### `{title}`\n\n| Header | Path | Holds |\n|---|---|---|\n"
        )]);
        for field in columns
            .fields
            .iter()
            .filter(|field| !field.read_only || field.path == ["id"])
        {
            let holds = match field.kind {
                Kind::Line => "text".to_owned(),
                Kind::Markdown => "text with Markdown".to_owned(),
                Kind::Link => "the address of a page".to_owned(),
                Kind::Word(words) => format!(
                    "a word: {}",
                    words
                        .terms
                        .iter()
                        .map(|term| format!("`{}`", term.code))
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
                Kind::YesNo => "yes or no".to_owned(),
                Kind::Whole => "a whole number".to_owned(),
                Kind::Number => "a number".to_owned(),
                Kind::Amount => "an amount".to_owned(),
                Kind::Day => "a day".to_owned(),
                Kind::Date => "a date as far as it is known".to_owned(),
                Kind::Reference => "another document".to_owned(),
            };
            let several = if field.inner > 0 { "; several" } else { "" };
            let required = if field.required { "*" } else { "" };
            text.extend([format!(
                "| {} | `{}`{required} | {holds}{several} |\n",
                field.label(),
                field.dotted()
            )]);
        }
    }
    text
}

#[test]
fn the_documented_columns_are_those_of_the_program() {
    const MARK: &str = "<!-- columns -->\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/flat-files.md");
    let page = std::fs::read_to_string(path).unwrap_or_default();
    let Some((before, _)) = page.split_once(MARK) else {
        unreachable!("docs/flat-files.md has no place for the columns")
    };
    let expected = format!("{before}{MARK}{}", documented());
    if std::env::var_os("WRITE_DOCS").is_some() {
        assert!(std::fs::write(path, &expected).is_ok());
    }
    let page = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        page == expected,
        "docs/flat-files.md is old: WRITE_DOCS=1 cargo test --lib documented_columns"
    );
}
