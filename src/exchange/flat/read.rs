//! From a cell to a value.

use serde_json::{Number, Value};

use super::columns::Kind;
use super::labels::folded;
use super::{dates, escape};
use crate::exchange::files::piece::Content;
use crate::register::{Fault, Text, Vocabulary};

/// What a cell gives.
#[derive(Debug, PartialEq)]
pub(super) enum Meant {
    /// It is empty: nothing is said.
    Nothing,
    /// There is to be nothing.
    Clear,
    /// A value.
    Value(Value),
}

/// The value of a cell.
///
/// # Errors
/// When what stands there is no value of that kind.
pub(super) fn value(kind: Kind, content: &Content) -> Result<Meant, Fault> {
    match content {
        content if content.is_blank() => return Ok(Meant::Nothing),
        Content::Text(text) if escape::is_clear(text) => return Ok(Meant::Clear),
        Content::Formula => return Err(wrong(NO_RESULT)),
        Content::Part(_) => return Err(wrong(PART)),
        Content::Error(_) => return Err(wrong(ERROR)),
        _ => {}
    }
    if let Content::Text(text) = content {
        return of_text(kind, escape::unescape(text)).map(Meant::Value);
    }
    let value = match (kind, content) {
        (Kind::YesNo, Content::Bool(yes)) => Value::Bool(*yes),
        (Kind::Date, Content::Number(number)) => dates::of_number(*number)?.into(),
        (Kind::Day, Content::Number(number)) => {
            let date = dates::of_number(*number)?;
            dates::day(&date)?.into()
        }
        (Kind::Number, Content::Number(number)) => Number::from_f64(*number)
            .map(Value::Number)
            .ok_or(wrong(NUMBER))?,
        (Kind::Amount, Content::Number(number)) => amount_of(*number)?,
        (kind, content) => of_text(kind, &content.text())?,
    };
    Ok(Meant::Value(value))
}

/// One of several values of a cell that is none of its kind.
#[derive(Debug, PartialEq)]
pub(super) struct Unreadable {
    pub(super) text: String,
    pub(super) fault: Fault,
}

/// One of several values of a cell, where there is one.
type OneOf = Result<Option<Value>, Unreadable>;

/// The values of a cell that holds several, with `;` between. Where several columns make the items
/// together, an empty one is a place without a value.
///
/// # Errors
/// When the cell holds none at all. `None` says that there are to be none.
pub(super) fn values(kind: Kind, content: &Content) -> Result<Option<Vec<OneOf>>, Fault> {
    match content {
        content if content.is_blank() => return Ok(Some(Vec::new())),
        Content::Text(text) if escape::is_clear(text) => return Ok(None),
        Content::Formula => return Err(wrong(NO_RESULT)),
        Content::Part(_) => return Err(wrong(PART)),
        Content::Error(_) => return Err(wrong(ERROR)),
        _ => {}
    }
    let text = content.text();
    let values = escape::split(escape::unescape(&text));
    let read = |text: &String| match text.trim() {
        "" => Ok(None),
        text => of_text(kind, text).map(Some).map_err(|fault| Unreadable {
            text: text.to_owned(),
            fault,
        }),
    };
    Ok(Some(values.iter().map(read).collect()))
}

fn of_text(kind: Kind, text: &str) -> Result<Value, Fault> {
    let trimmed = text.trim();
    Ok(match kind {
        Kind::Markdown => text.into(),
        Kind::Line | Kind::Link | Kind::Reference => trimmed.into(),
        Kind::Word(words) => word(words, trimmed)?.into(),
        Kind::YesNo => yes_no(trimmed)?.into(),
        Kind::Whole => trimmed.parse::<i64>().map_err(|_| wrong(WHOLE))?.into(),
        Kind::Number => {
            let number = decimal(trimmed).and_then(|text| text.parse().ok());
            let number = number.and_then(Number::from_f64).ok_or(wrong(NUMBER))?;
            Value::Number(number)
        }
        Kind::Amount => amount(trimmed)?.into(),
        Kind::Day => dates::day(trimmed)?.into(),
        Kind::Date => dates::date(trimmed)?.into(),
    })
}

/// The code of a word that is given as its code or as a label.
fn word(words: Vocabulary, text: &str) -> Result<&'static str, Fault> {
    let wanted = folded(text);
    let by = |name: fn(&crate::register::Term) -> &'static str| {
        words.terms.iter().find(|term| folded(name(term)) == wanted)
    };
    by(|term| term.code)
        .or_else(|| by(|term| term.label.nl))
        .or_else(|| by(|term| term.label.en))
        .map(|term| term.code)
        .ok_or_else(|| Fault::UnknownValue {
            allowed: words
                .terms
                .iter()
                .map(|term| format!("{} ({})", term.code, term.label.nl))
                .collect(),
        })
}

fn yes_no(text: &str) -> Result<bool, Fault> {
    match text.to_lowercase().as_str() {
        "ja" | "j" | "yes" | "y" | "true" | "waar" | "1" | "x" => Ok(true),
        "nee" | "n" | "no" | "false" | "onwaar" | "0" => Ok(false),
        _ => Err(wrong(YES_NO)),
    }
}

/// Digits with a point, from digits with a comma or a point and points between the thousands.
fn decimal(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let text = match text.split_once(',') {
        // Points before a comma stand between thousands.
        Some((whole, part)) => {
            let is_thousands = whole.split('.').skip(1).all(|group| group.len() == 3);
            is_thousands.then(|| format!("{}.{part}", whole.replace('.', "")))?
        }
        None => text,
    };
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let fits = !digits.is_empty()
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.matches('.').count() <= 1;
    fits.then_some(text)
}

/// An amount: `150000`, `150.000`, `€ 1.234,56`, `1234.5`.
fn amount(text: &str) -> Result<String, Fault> {
    let text = text.trim_start_matches('€').trim();
    // Amounts have at most two decimals, so three digits behind a point are thousands.
    let thousands = !text.contains(',')
        && text.split('.').count() > 1
        && text.split('.').skip(1).all(|part| part.len() == 3);
    let text = if thousands {
        text.replace('.', "")
    } else {
        text.to_owned()
    };
    decimal(&text).ok_or(wrong(AMOUNT))
}

fn amount_of(number: f64) -> Result<Value, Fault> {
    let cents = number * 100.0;
    // The number of cents is what the cell shows; what is far from one is no amount.
    if !(0.0..1e15).contains(&cents) || (cents - cents.round()).abs() > 1e-3 {
        return Err(wrong(AMOUNT));
    }
    Ok(format!("{:.2}", cents.round() / 100.0).into())
}

fn wrong(expected: Text) -> Fault {
    Fault::InvalidFormat { expected }
}

const NO_RESULT: Text = Text {
    nl: "een waarde; deze cel heeft een formule waarvan de uitkomst niet is bewaard. Open het bestand in een rekenprogramma en bewaar het",
    en: "a value; this cell has a formula whose result was not stored. Open the file in a spreadsheet program and save it",
};

const ERROR: Text = Text {
    nl: "een waarde; wat in deze cel staat of wordt berekend is een fout of een onmogelijk getal",
    en: "a value; what stands in this cell or is computed there is an error or an impossible number",
};

const PART: Text = Text {
    nl: "een hele tekst; deze is langer dan een cel en gaat verder in de cel eronder. Zet de rijen van dit document weer onder elkaar, in de oude volgorde",
    en: "a whole text; this one is longer than a cell and goes on in the cell below. Put the rows of this document below each other again, in their old order",
};

const YES_NO: Text = Text {
    nl: "ja of nee",
    en: "yes or no",
};

const WHOLE: Text = Text {
    nl: "een geheel getal",
    en: "a whole number",
};

const NUMBER: Text = Text {
    nl: "een getal, zoals 52,3676",
    en: "a number, such as 52.3676",
};

const AMOUNT: Text = Text {
    nl: "een bedrag, zoals 150.000,00",
    en: "an amount, such as 150000.00",
};

#[cfg(test)]
mod tests {
    use super::*;

    fn amount_is(given: &str, expected: &str) {
        assert_eq!(amount(given), Ok(expected.to_owned()), "{given}");
    }

    #[test]
    fn amounts_are_read_with_dutch_and_english_points() {
        amount_is("150000", "150000");
        amount_is("150.000", "150000");
        amount_is("€ 1.234.567,89", "1234567.89");
        amount_is("1234.5", "1234.5");
        for wrong in ["veel", "", "1.23,45", "1.2.3,4", "1,234.56"] {
            assert!(amount(wrong).is_err(), "{wrong}");
        }
        assert_eq!(amount_of(1234.56), Ok("1234.56".into()));
        assert!(amount_of(0.001).is_err() && amount_of(-1.0).is_err());
    }

    #[test]
    fn numbers_have_a_decimal_comma_or_point() {
        assert_eq!(decimal("52,37").as_deref(), Some("52.37"));
        assert_eq!(decimal("52.370").as_deref(), Some("52.370"));
        assert_eq!(decimal("-1.234,5").as_deref(), Some("-1234.5"));
        assert_eq!(decimal("1e400"), None);
    }

    #[test]
    fn yes_and_no_are_known_in_many_words() {
        for word in ["ja", "JA", "true", "1", "x", "X"] {
            assert_eq!(yes_no(word), Ok(true), "{word}");
        }
        for word in ["nee", "false", "0"] {
            assert_eq!(yes_no(word), Ok(false), "{word}");
        }
        assert!(yes_no("misschien").is_err());
    }
}
