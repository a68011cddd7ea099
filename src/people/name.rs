//! The names of people, as Dutch lists have them.

use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;

use crate::register::{Issues, Line};

/// The parts of a person's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct PersonName {
    /// The given name or initials.
    #[deserr(default)]
    #[schema(examples("Filip"))]
    pub given: Option<Line>,
    /// The prefix of the family name (tussenvoegsel).
    #[deserr(default)]
    #[schema(examples("van"))]
    pub prefix: Option<Line>,
    /// The family name without its prefix.
    #[schema(examples("As"))]
    pub family: Line,
    /// A title that stands in front of the name.
    #[deserr(default)]
    #[schema(examples("drs."))]
    pub honorific: Option<Line>,
}

impl PersonName {
    /// The name without the title: `Filip van As`.
    pub(super) fn plain(&self) -> String {
        let parts = [
            self.given.as_deref(),
            self.prefix.as_deref(),
            Some(&self.family),
        ];
        words(&parts)
    }

    /// The name as it is read: `drs. Filip van As`.
    pub(super) fn display(&self) -> String {
        words(&[self.honorific.as_deref(), Some(&self.plain())])
    }

    /// The name as it is sorted: `As, Filip van`.
    pub(super) fn sort(&self) -> String {
        let rest = words(&[self.given.as_deref(), self.prefix.as_deref()]);
        if rest.is_empty() {
            self.family.to_string()
        } else {
            format!("{}, {rest}", &*self.family)
        }
    }
}

fn words(parts: &[Option<&str>]) -> String {
    let parts: Vec<&str> = parts.iter().flatten().copied().collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(parts: [Option<&str>; 4]) -> Option<PersonName> {
        let line = |part: Option<&str>| part.and_then(|text| Line::parse(text).ok());
        Some(PersonName {
            honorific: line(parts[0]),
            given: line(parts[1]),
            prefix: line(parts[2]),
            family: line(parts[3])?,
        })
    }

    #[test]
    fn names_are_read_and_sorted_as_dutch_lists_have_them() {
        for (parts, plain, display, sort) in [
            (
                [None, Some("Filip"), Some("van"), Some("As")],
                "Filip van As",
                "Filip van As",
                "As, Filip van",
            ),
            (
                [Some("drs."), Some("J."), Some("'t"), Some("Hooft")],
                "J. 't Hooft",
                "drs. J. 't Hooft",
                "Hooft, J. 't",
            ),
            (
                [None, None, Some("de"), Some("Vries")],
                "de Vries",
                "de Vries",
                "Vries, de",
            ),
            (
                [Some("dr."), None, None, Some("Smit")],
                "Smit",
                "dr. Smit",
                "Smit",
            ),
        ] {
            let told = name(parts).map(|name| [name.plain(), name.display(), name.sort()]);
            assert_eq!(told, Some([plain, display, sort].map(str::to_owned)));
        }
    }
}
