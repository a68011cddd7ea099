//! Random questions: filters of a list in any combination, and what to count by.

use std::collections::BTreeMap;

use super::{
    dice::Dice,
    register::{
        BASES, COUNTS, DENOMINATIONS, Document, MILESTONE_KINDS, ORGANISATION_KINDS,
        PARTICIPANT_ROLES, PARTNER_ROLES, PROJECT_KINDS, REGION_KINDS, ROLE_KINDS, ROLE_STATUSES,
        SECTORS, STATUSES, TOPICS, slug,
    },
};

/// Filters by their names.
pub(super) type Filters = BTreeMap<&'static str, String>;

/// What a filter takes.
enum Takes {
    Words(&'static [&'static str]),
    Flag,
    Day,
    Age,
    Code,
    Instant,
    /// A document of a collection.
    One(&'static str),
}

use Takes::{Age, Code, Day, Flag, Instant, One, Words};

/// The filters that every list has.
const COMMON: [(&str, Takes); 4] = [
    ("identifier", Code),
    ("steward", One("organisations")),
    ("updatedSince", Instant),
    ("verifiedBefore", Day),
];

/// The filters of a collection's own.
const fn own(collection: &str) -> &'static [(&'static str, Takes)] {
    match collection.as_bytes() {
        b"organisations" => &[
            ("kind", Words(&ORGANISATION_KINDS)),
            ("sector", Words(&SECTORS)),
            ("denomination", Words(&DENOMINATIONS)),
            ("isPlaceholder", Flag),
            ("region", One("regions")),
            ("municipality", One("organisations")),
            ("organisation", One("organisations")),
            ("from", Day),
            ("until", Day),
        ],
        b"themes" => &[("broader", One("themes"))],
        b"regions" => &[
            ("kind", Words(&REGION_KINDS)),
            ("municipality", One("organisations")),
            ("organisation", One("organisations")),
            ("role", Words(&PARTNER_ROLES)),
        ],
        b"people" => &[
            ("region", One("regions")),
            ("organisation", One("organisations")),
            ("organisationKind", Words(&ORGANISATION_KINDS)),
            ("project", One("projects")),
            ("role", Words(&ROLE_KINDS)),
            ("topic", Words(&TOPICS)),
            ("isContact", Flag),
            ("roleStatus", Words(&ROLE_STATUSES)),
            ("publicationBasis", Words(&BASES)),
        ],
        _ => &[
            ("kind", Words(&PROJECT_KINDS)),
            ("status", Words(&STATUSES)),
            ("region", One("regions")),
            ("municipality", One("organisations")),
            ("organisation", One("organisations")),
            ("organisationKind", Words(&ORGANISATION_KINDS)),
            ("role", Words(&PARTICIPANT_ROLES)),
            ("theme", One("themes")),
            ("age", Age),
            ("from", Day),
            ("until", Day),
            ("hasMilestone", Words(&MILESTONE_KINDS)),
            ("overdue", Flag),
        ],
    }
}

/// Days at the edges of the dates of the register, and beside them.
const DAYS: [&str; 12] = [
    "2011-12-31",
    "2012-01-01",
    "2012-12-31",
    "2013-01-01",
    "2014-08-31",
    "2014-09-01",
    "2014-11-30",
    "2014-12-01",
    "2014-12-31",
    "2015-01-01",
    "2020-01-01",
    "2022-06-15",
];

const FLAGS: [&str; 2] = ["true", "false"];

/// By what can be counted.
const DIMENSIONS: [&str; 9] = [
    "type",
    "kind",
    "status",
    "region",
    "municipality",
    "theme",
    "sector",
    "organisationKind",
    "startYear",
];

/// One question.
pub(super) struct Ask {
    /// The collection; for a count, all of them when there is none.
    pub(super) collection: Option<&'static str>,
    pub(super) filters: Filters,
    /// By what to count.
    pub(super) dimensions: Vec<&'static str>,
    /// How many documents a page has.
    pub(super) limit: usize,
    /// Whether a filter names what the caller cannot know of.
    pub(super) names_nothing: bool,
}

impl Ask {
    /// A question of someone who sees these documents.
    pub(super) fn random(dice: &mut Dice, seen: &[Document]) -> Self {
        let collections = [
            "projects",
            "projects",
            "projects",
            "people",
            "people",
            "organisations",
            "regions",
            "themes",
        ];
        let collection = (!dice.chance(8)).then(|| dice.pick(&collections));
        let mut ask = Self {
            collection,
            filters: Filters::new(),
            dimensions: dice.different(3, &DIMENSIONS),
            limit: dice.pick(&[2, 5, 100]),
            names_nothing: false,
        };
        if let Some(collection) = collection {
            // Few filters leave enough documents to be wrong about; many are for their combination.
            let count = dice.pick(&[0, 1, 1, 1, 2, 2, 2, 3, 5]);
            for _ in 0..count {
                ask.filter(dice, collection, seen);
            }
        }
        ask
    }

    /// Every word of every filter on its own, counted by one dimension after the other.
    pub(super) fn of_each_word() -> Vec<Self> {
        let mut asks = Vec::new();
        let mut dimensions = DIMENSIONS.iter().cycle();
        for (collection, _) in COUNTS {
            for (name, takes) in own(collection) {
                let words = match takes {
                    Words(words) => words,
                    Flag => &FLAGS[..],
                    _ => continue,
                };
                asks.extend(words.iter().map(|word| Self {
                    collection: Some(collection),
                    filters: Filters::from([(*name, (*word).to_owned())]),
                    dimensions: dimensions.by_ref().take(1).copied().collect(),
                    limit: 100,
                    names_nothing: false,
                }));
            }
        }
        asks
    }

    fn filter(&mut self, dice: &mut Dice, collection: &str, seen: &[Document]) {
        let own = own(collection);
        let (name, takes) = if dice.chance(12) {
            &COMMON[dice.below(COMMON.len())]
        } else {
            &own[dice.below(own.len())]
        };
        if self.filters.contains_key(name) {
            return;
        }
        let value = match takes {
            Words(words) => {
                let mut some = dice.different(2, words);
                some.push(dice.pick(words));
                some.join(",")
            }
            Flag => dice.pick(&FLAGS).to_owned(),
            Day => dice.pick(&DAYS).to_owned(),
            Age => dice.below(25).to_string(),
            Code => format!("own:{},own:{}", dice.below(12), dice.below(12)),
            Instant => {
                let instants: Vec<String> = seen.iter().map(|one| one.updated_at.clone()).collect();
                dice.pick(&instants)
            }
            One(collection) => self.reference(dice, collection, seen),
        };
        self.filters.insert(name, value);
    }

    /// Mostly one that the caller sees; now and then any, which must then be refused if it is
    /// hidden or not there at all.
    fn reference(&mut self, dice: &mut Dice, collection: &str, seen: &[Document]) -> String {
        let of_collection = seen.iter().filter(|one| one.collection == collection);
        let known: Vec<String> = of_collection.map(|one| one.slug.clone()).collect();
        if dice.chance(88) && !known.is_empty() {
            return dice.pick(&known);
        }
        let counts = COUNTS.iter().filter(|(name, _)| *name == collection);
        let count: usize = counts.map(|(_, count)| count).sum();
        let any = slug(collection, dice.below(count + 1));
        self.names_nothing |= !known.contains(&any);
        any
    }

    /// The filters as they stand in an address, each with `&` in front.
    pub(super) fn query(&self) -> String {
        let parts = self
            .filters
            .iter()
            .map(|(name, value)| format!("&{name}={value}"));
        parts.collect()
    }
}
