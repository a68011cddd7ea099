//! Headers: which column of a table is which member.

use std::collections::BTreeMap;

use super::columns::{Columns, Field, Kind};
use super::labels::{ALIASES, folded};
use crate::register::{ContactKind, Enumeration};

/// The schema of the items whose short columns are `contacts.email`, `contacts.phone` and so on.
const CONTACT: &str = "ContactInput";
/// The schema of the items whose short columns are `identifiers.cbs` and so on.
const CODE: &str = "IdentifierInput";

/// What a column of a table is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A member; of the so-manieth group of its list, where the header has a number.
    Field {
        /// The place of the field among the columns of the collection.
        field: usize,
        /// The number in the header, or 0.
        group: u32,
    },
    /// The value of an item of a list of which the header says the rest.
    Short {
        /// The names that lead to the list.
        list: Vec<String>,
        /// The member that the header gives, and its value.
        given: (&'static str, String),
        /// The number in the header, or 0.
        group: u32,
    },
    /// A name by which other documents of the file refer to this one.
    LocalName,
    /// What is shown for readers, or only set by the register; and columns of one's own.
    Ignored,
}

/// The headers of a collection, as they are looked for.
pub struct Headers {
    columns: &'static Columns,
    /// By the header in small letters.
    exact: BTreeMap<String, Target>,
    /// By the folded header.
    folded: BTreeMap<String, Target>,
}

impl Headers {
    /// The headers of a collection.
    pub fn of(columns: &'static Columns) -> Self {
        let mut headers = Self {
            columns,
            exact: BTreeMap::new(),
            folded: BTreeMap::new(),
        };
        for (nth, field) in columns.fields.iter().enumerate() {
            headers.add_field(nth, field);
        }
        for field in &columns.fields {
            headers.add_short(field);
            for header in extras(field) {
                headers.add(&header, &Target::Ignored);
            }
        }
        for (alias, header) in ALIASES {
            if let Some(target) = headers.exact.get(*header).cloned() {
                headers.add(alias, &target);
            }
        }
        headers
    }

    /// The first meaning of a header stays.
    fn add(&mut self, header: &str, target: &Target) {
        let small = header.to_lowercase();
        self.exact.entry(small).or_insert_with(|| target.clone());
        let folded = folded(header);
        self.folded.entry(folded).or_insert_with(|| target.clone());
    }

    fn add_field(&mut self, nth: usize, field: &Field) {
        let is_key = field.path.len() == 1 && field.path[0] == "id";
        let target = if field.read_only && !is_key {
            Target::Ignored
        } else {
            let (field, group) = (nth, 0);
            Target::Field { field, group }
        };
        self.add(&field.dotted(), &target);
        self.add(&field.label(), &target);
        // `funding.amount` for `funding.amount.amount`.
        if let [.., above, last] = field.path.as_slice()
            && above == last
        {
            let short = &field.path[..field.path.len() - 1];
            self.add(&short.join("."), &target);
        }
    }

    fn add_short(&mut self, field: &Field) {
        let is_value = field.path.last().is_some_and(|name| name == "value");
        if field.schema != CONTACT || !is_value {
            return;
        }
        let list = &field.path[..field.path.len() - 1];
        let label = super::labels::label(list).unwrap_or_default();
        for term in ContactKind::VOCABULARY.terms {
            let target = Target::Short {
                list: list.to_vec(),
                given: ("kind", term.code.to_owned()),
                group: 0,
            };
            self.add(&format!("{}.{}", list.join("."), term.code), &target);
            self.add(
                &format!("{label}: {}", term.label.nl.to_lowercase()),
                &target,
            );
        }
    }

    /// What a header stands for; nothing when it is unknown.
    pub fn find(&self, header: &str) -> Option<Target> {
        let header = header.trim();
        if let Some(name) = header.strip_prefix('@') {
            return ["name", "naam"]
                .contains(&name.to_lowercase().as_str())
                .then_some(Target::LocalName);
        }
        if header.starts_with('#') {
            return Some(Target::Ignored);
        }
        if let Some(found) = self.exact.get(&header.to_lowercase()) {
            return Some(found.clone());
        }
        if let Some(found) = self.folded.get(&folded(header)) {
            return Some(found.clone());
        }
        self.code(header, 0).or_else(|| self.numbered(header))
    }

    /// `identifiers.kvk`, or `Code: kvk`.
    fn code(&self, header: &str, group: u32) -> Option<Target> {
        let (list, scheme) = header.rsplit_once(['.', ':', ' '])?;
        let list = folded(list);
        let scheme = scheme.trim().to_lowercase();
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let known = self
            .columns
            .fields
            .iter()
            .find(|field| field.schema == CODE)?;
        let path = &known.path[..known.list];
        let label = super::labels::label(path).unwrap_or_default();
        let named = list == folded(&path.join(".")) || list == folded(&label);
        (named && is_scheme).then(|| Target::Short {
            list: path.to_vec(),
            given: ("scheme", scheme),
            group,
        })
    }

    /// `participants.2.organisation`, or `Deelnemer 2: organisatie`.
    fn numbered(&self, header: &str) -> Option<Target> {
        let is_number = |part: &str| {
            !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let parts: Vec<&str> = header
            .split(['.', ':', ' ', '_'])
            .filter(|part| !part.is_empty())
            .collect();
        let at = parts
            .iter()
            .position(|part| is_number(part))
            .filter(|at| *at > 0)?;
        let number: u32 = parts[at].parse().ok().filter(|number| *number > 0)?;
        let rest: Vec<&str> = parts
            .iter()
            .enumerate()
            .filter(|(nth, _)| *nth != at)
            .map(|(_, part)| *part)
            .collect();
        let rest = rest.join(".");
        let found = self.folded.get(&folded(&rest)).cloned();
        match found.or_else(|| self.code(&rest, number))? {
            Target::Field { field, .. } if !self.columns.fields[field].is_own() => {
                Some(Target::Field {
                    field,
                    group: number,
                })
            }
            Target::Short { list, given, .. } => Some(Target::Short {
                list,
                given,
                group: number,
            }),
            Target::Ignored => Some(Target::Ignored),
            Target::Field { .. } | Target::LocalName => None,
        }
    }

    /// The known header that is most like an unknown one.
    pub fn nearest(&self, header: &str) -> Option<String> {
        /// As like as a word with a letter or two that are wrong.
        const ALIKE: f64 = 0.6;
        let wanted = folded(header);
        let fields = self.columns.fields.iter().filter(|field| !field.read_only);
        let names = fields.flat_map(|field| [field.label(), field.dotted()]);
        let rated = names.map(|name| {
            (
                strsim::normalized_damerau_levenshtein(&folded(&name), &wanted),
                name,
            )
        });
        let best = rated.max_by(|(one, _), (other, _)| one.total_cmp(other));
        best.filter(|(alike, _)| *alike >= ALIKE)
            .map(|(_, name)| name)
    }
}

/// The columns beside a field that are only for readers: names of documents, labels of words, dates
/// in words.
pub(super) fn extra(field: &Field) -> Option<String> {
    let dotted = field.dotted();
    match field.kind {
        Kind::Reference => Some(format!("{dotted}Name")),
        Kind::Word(_) => Some(format!("{dotted}Label")),
        Kind::Date => Some(format!("{dotted}Text")),
        _ => None,
    }
}

fn extras(field: &Field) -> impl Iterator<Item = String> {
    let dutch = extra(field).map(|_| format!("{} (ter informatie)", field.label()));
    extra(field).into_iter().chain(dutch)
}
