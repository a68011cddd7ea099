//! Says an expression in Dutch, for dates whose source has no words of its own.
//!
//! The words are for people: they name every doubt that the expression has, but they are not
//! meant to be read back.

use chrono::Datelike;

use super::expression::{Date, End, Expression, Qualified, Qualifier, Season};

const MONTHS: [&str; 12] = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
];

/// The expression in lower-case Dutch words: "rond 2013", "sinds 2015".
pub(super) fn dutch(expression: &Expression) -> String {
    let (start, end) = match expression {
        Expression::Single(single) => return qualified(single),
        Expression::Interval(start, end) => (start, end),
    };
    match (start, end) {
        (End::Known(from), End::Known(to)) => {
            format!("{} tot en met {}", qualified(from), after_preposition(to))
        }
        (End::Known(from), End::Open) => format!("sinds {}", after_preposition(from)),
        (End::Known(from), End::Unknown) => {
            format!("vanaf {}, einde onbekend", after_preposition(from))
        }
        (End::Open, End::Known(to)) => format!("tot en met {}", after_preposition(to)),
        (End::Unknown, End::Known(to)) => {
            format!("tot en met {}, begin onbekend", after_preposition(to))
        }
        (End::Open, End::Open) => "zonder begin en einde".to_owned(),
        (End::Open, End::Unknown) => "zonder begin, einde onbekend".to_owned(),
        (End::Unknown, End::Open) => "begin onbekend, zonder einde".to_owned(),
        (End::Unknown, End::Unknown) => "begin en einde onbekend".to_owned(),
    }
}

fn qualified(qualified: &Qualified) -> String {
    match qualified.qualifier {
        None => date(qualified.date),
        Some(Qualifier::Uncertain) => format!("{} (onzeker)", date(qualified.date)),
        Some(Qualifier::Approximate) => format!("rond {}", article(qualified.date)),
        Some(Qualifier::UncertainAndApproximate) => {
            format!("rond {} (onzeker)", article(qualified.date))
        }
    }
}

fn after_preposition(known: &Qualified) -> String {
    match known.qualifier {
        None => article(known.date),
        Some(Qualifier::Uncertain) => format!("{} (onzeker)", article(known.date)),
        Some(Qualifier::Approximate | Qualifier::UncertainAndApproximate) => qualified(known),
    }
}

/// "sinds de jaren 2010", but "jaren 2010" on its own.
fn article(partial: Date) -> String {
    match partial {
        Date::YearOfDecade(_) | Date::YearOfCentury(_) => format!("de {}", date(partial)),
        _ => date(partial),
    }
}

fn date(date: Date) -> String {
    match date {
        // "21e eeuw" would be off by a year: it began in 2001.
        Date::YearOfCentury(first) => format!("jaren {first}-{}", first + 99),
        Date::YearOfDecade(first) => format!("jaren {first}"),
        Date::Year(number) => year(number),
        Date::Season(number, Season::Spring) => format!("voorjaar {}", year(number)),
        Date::Season(number, Season::Summer) => format!("zomer {}", year(number)),
        Date::Season(number, Season::Autumn) => format!("najaar {}", year(number)),
        // With both years, as "winter 2014" could be either of two.
        Date::Season(number, Season::Winter) => {
            format!("winter {}-{}", year(number), year(number + 1))
        }
        Date::Month(number, in_year) => format!("{} {}", month(in_year), year(number)),
        Date::MonthOfYear(number) => format!("een maand in {}", year(number)),
        Date::Day(day) => {
            let (number, in_year) = (day.day(), month(day.month()));
            format!("{number} {in_year} {}", year(day.year()))
        }
        Date::DayOfMonth(number, in_year) => {
            format!("een dag in {} {}", month(in_year), year(number))
        }
        Date::DayOfYear(number) => format!("een dag in {}", year(number)),
    }
}

/// The year zero of EDTF is the year 1 before Christ, so all before it shift by one.
fn year(year: impl Into<i64>) -> String {
    let year = year.into();
    if year > 0 {
        year.to_string()
    } else {
        format!("{} v.Chr.", 1 - year)
    }
}

fn month(number: u32) -> &'static str {
    let index = number.saturating_sub(1) as usize;
    MONTHS.get(index).copied().unwrap_or_default()
}
