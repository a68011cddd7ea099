//! What stands in front of a text so that a spreadsheet takes it for one, and what separates the
//! values of a cell.

/// What empties a member: in Dutch, in English.
pub(super) const CLEAR: [&str; 2] = ["(leeg)", "(empty)"];

/// A spreadsheet takes a cell that begins so for a formula, and a formula can fetch and send.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether a text needs an apostrophe in front, or has one for that.
fn is_special(text: &str, formulas: bool) -> bool {
    let rest = text.trim_start_matches('\'');
    let marked = rest.len() < text.len();
    let special = rest.starts_with(FORMULA) || is_clear(rest);
    special && (formulas || marked || !rest.starts_with(FORMULA) || is_clear(rest))
}

/// Whether a cell says that there is nothing.
pub(super) fn is_clear(text: &str) -> bool {
    CLEAR
        .iter()
        .any(|clear| text.trim().eq_ignore_ascii_case(clear))
}

/// A text as it stands in a cell of CSV: with an apostrophe in front where it would be taken for
/// something else, a formula above all.
pub fn escape(text: String) -> String {
    if is_special(&text, true) {
        format!("'{text}")
    } else {
        text
    }
}

/// The same for a cell that is a text by its type, where nothing is taken for a formula.
pub(super) fn escape_typed(text: String) -> String {
    if is_special(&text, false) {
        format!("'{text}")
    } else {
        text
    }
}

/// The text that was meant: takes back the apostrophe.
pub(super) fn unescape(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_special(text, true) => rest,
        _ => text,
    }
}

/// The values of a cell, as they stand between `;`. A `;` that belongs to a value has a backslash
/// in front, and so has a backslash before one.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let last = values.len() - 1;
        match letter {
            '\\' if matches!(letters.peek(), Some(';' | '\\')) => {
                values[last].extend(letters.next());
            }
            ';' => values.push(String::new()),
            _ => values[last].push(letter),
        }
    }
    values
}

/// Values as they stand in one cell.
pub(super) fn join(values: &[String]) -> String {
    let escaped: Vec<String> = values
        .iter()
        .map(|value| value.replace('\\', "\\\\").replace(';', "\\;"))
        .collect();
    escaped.join("; ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cell_cannot_be_a_formula() {
        for text in ["=1+1", "+31 6", "-x", "@a", "\tx"] {
            assert!(escape(text.to_owned()).starts_with('\''), "{text}");
        }
        assert_eq!(escape("Elburg".into()), "Elburg");
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_a_cell(marks in "'{0,3}[\t=+@(-]?", text in "(\\(leeg\\)|leeg\\))?.*") {
            let text = format!("{marks}{text}");
            let escaped = escape(text.clone());
            prop_assert_eq!(unescape(&escaped), &text);
            let typed = escape_typed(text.clone());
            prop_assert!(!is_clear(&typed));
            prop_assert_eq!(unescape(&typed), &text);
        }

        #[test]
        fn values_come_back_from_one_cell(values in prop::collection::vec("[a-z;\\\\ ]{0,4}[a-z;\\\\]", 1..5)) {
            let values: Vec<String> = values.iter().map(|value| value.trim().to_owned()).collect();
            let again: Vec<String> = split(&join(&values)).iter().map(|value| value.trim().to_owned()).collect();
            prop_assert_eq!(again, values);
        }
    }
}
