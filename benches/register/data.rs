//! Organisations that do not exist, the same ones on every machine, in the proportions of a
//! register that covers the country.

use fastrand::Rng;
use serde_json::{Value, json};

/// Change it, or anything below, and results are no longer comparable with older ones.
const SEED: u64 = 2014;

/// An organisation to be written, and what the lists will be checked against.
pub(crate) struct Generated {
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) sectors: Vec<&'static str>,
    pub(crate) is_placeholder: bool,
    pub(crate) founded: Option<u32>,
    pub(crate) is_verified: bool,
    pub(crate) steward: Option<String>,
    parent: Option<(String, &'static str)>,
    rng: u64,
}

/// The kinds, of a thousand organisations. The first ones are named by those after them.
const KINDS: [(&str, usize); 12] = [
    ("municipality", 4),
    ("school_board", 16),
    ("school_partnership", 2),
    ("school", 560),
    ("youth_care_provider", 90),
    ("childcare", 170),
    ("welfare", 50),
    ("association", 40),
    ("network", 8),
    ("steering_group", 10),
    ("working_group", 25),
    ("other", 25),
];

const TOWNS: [&str; 32] = [
    "Appelscha",
    "Baarn",
    "Borculo",
    "Cuijk",
    "Delden",
    "Dokkum",
    "Elst",
    "Epe",
    "Franeker",
    "Gennep",
    "Goirle",
    "Grou",
    "Heino",
    "Hoorn",
    "IJlst",
    "Joure",
    "Kampen",
    "Leek",
    "Lochem",
    "Mill",
    "Norg",
    "Ommen",
    "Putten",
    "Raalte",
    "Sneek",
    "Tholen",
    "Uden",
    "Vaals",
    "Wijhe",
    "Workum",
    "Zelhem",
    "Zoelen",
];
const FIRST: [&str; 16] = [
    "De", "Het", "Jonge", "Nieuwe", "Groene", "Witte", "Oude", "Kleine", "Grote", "Blauwe", "Open",
    "Brede", "Eerste", "Vrije", "Hoge", "Zonnige",
];
const SECOND: [&str; 24] = [
    "Regenboog",
    "Springplank",
    "Wegwijzer",
    "Ark",
    "Vlinder",
    "Klimop",
    "Bron",
    "Brug",
    "Haven",
    "Horizon",
    "Kompas",
    "Linde",
    "Eik",
    "Molen",
    "Parel",
    "Ruimte",
    "Sleutel",
    "Ster",
    "Tuimelaar",
    "Uitkijk",
    "Vlieger",
    "Wilg",
    "Zandkorrel",
    "Zwaluw",
];
const DENOMINATIONS: [&str; 5] = [
    "openbaar",
    "protestants-christelijk",
    "rooms-katholiek",
    "reformatorisch",
    "algemeen bijzonder",
];

/// So many organisations, those that others name before them.
pub(crate) fn organisations(count: usize) -> Vec<Generated> {
    let mut rng = Rng::with_seed(SEED);
    let mut made: Vec<Generated> = Vec::with_capacity(count);
    // Where each kind begins and ends, for picking one of it.
    let mut first_of = Vec::new();
    let mut before = 0;
    for (kind, thousandths) in KINDS {
        first_of.push(made.len());
        before += thousandths;
        while made.len() < count * before / 1000 {
            let above = match kind {
                "school" => Some((1, "part_of")),
                "steering_group" | "working_group" => Some((0, "established_by")),
                _ => None,
            };
            let mut one = |of: usize| {
                let range = first_of[of]..first_of.get(of + 1).copied().unwrap_or(made.len());
                (!range.is_empty()).then(|| made[rng.usize(range)].slug.clone())
            };
            let parent = above.and_then(|(of, how)| Some((one(of)?, how)));
            let steward = one(0).filter(|_| kind != "municipality");
            made.push(Generated::new(&mut rng, made.len(), kind, parent, steward));
        }
    }
    made
}

impl Generated {
    fn new(
        rng: &mut Rng,
        number: usize,
        kind: &'static str,
        parent: Option<(String, &'static str)>,
        steward: Option<String>,
    ) -> Self {
        let sectors: &[&str] = match (kind, rng.u32(..100)) {
            ("school", 0..75) => &["po"],
            ("school", 75..92) => &["vo"],
            ("school", 92..96) => &["so", "vso"],
            ("school", _) => &["mbo"],
            ("school_board" | "school_partnership", 0..60) => &["po", "so"],
            ("school_board" | "school_partnership", _) => &["vo", "vso"],
            ("childcare", 0..50) => &["vve"],
            _ => &[],
        };
        let (first, second) = (pick(rng, &FIRST), pick(rng, &SECOND));
        let town = pick(rng, &TOWNS);
        let name = match kind {
            "municipality" => format!("Gemeente {town} {number}"),
            "school" => format!("{first} {second} {town}"),
            "school_board" => format!("Stichting {second} {town} e.o."),
            "youth_care_provider" => format!("{second} Jeugdhulp {town}"),
            "childcare" => format!("Kinderopvang {first} {second}"),
            _ => format!("{town} {first} {second} {}", kind.replace('_', " ")),
        };
        Self {
            slug: format!("{}-{number}", kind.replace('_', "-")),
            name,
            kind,
            sectors: sectors.to_vec(),
            is_placeholder: rng.u32(..100) < 2,
            founded: (rng.u32(..100) < 60).then(|| rng.u32(1850..2026)),
            is_verified: rng.u32(..100) < 40,
            steward: steward.filter(|_| rng.u32(..100) < 10),
            parent,
            rng: rng.u64(..),
        }
    }

    /// The document as a caller would send it.
    pub(crate) fn body(&self, number: usize) -> Value {
        let mut rng = Rng::with_seed(self.rng);
        let town = pick(&mut rng, &TOWNS);
        let mut body = json!({
            "slug": self.slug,
            "name": self.name,
            "kind": self.kind,
            "sectors": self.sectors,
            "isPlaceholder": self.is_placeholder,
            "identifiers": [self.identifier(number)],
            "summary": format!("{} werkt in {town} en omgeving voor kinderen en jongeren.", self.name),
            "website": format!("https://www.{}.example/", self.slug),
            "addresses": [],
            "contacts": [],
            "parents": [],
            "serviceArea": {"postcodes": []},
            "sources": [{
                "title": "Landelijke lijst van instellingen",
                "publisher": "Voorbeeldregister",
                "retrievedOn": "2026-01-31",
            }],
            "steward": self.steward,
            "verifiedOn": self.is_verified.then_some("2026-02-01"),
            "founded": self.founded.map(|year| json!({"edtf": year.to_string()})),
        });
        if !self.sectors.is_empty() {
            body["denomination"] = json!(pick(&mut rng, &DENOMINATIONS));
        }
        if let Some((slug, kind)) = &self.parent {
            body["parents"] =
                json!([{"organisation": slug, "kind": kind, "start": {"edtf": "2015"}}]);
        }
        let postcode = || format!("{} {}", 1000 + number % 9000, "AB");
        if rng.u32(..100) < 70 {
            body["addresses"] = json!([{
                "kind": "visiting",
                "street": "Schoolstraat",
                "houseNumber": rng.u32(1..200).to_string(),
                "postcode": postcode(),
                "city": town,
                "latitude": 52.0 + f64::from(rng.u32(..10_000)) / 10_000.0,
                "longitude": 5.0 + f64::from(rng.u32(..10_000)) / 10_000.0,
            }]);
        }
        if rng.u32(..100) < 50 {
            body["contacts"] = json!([
                {"kind": "email", "value": format!("info@{}.example", self.slug), "isFunctional": true},
                {"kind": "email", "value": format!("a.b@{}.example", self.slug), "label": "directie"},
            ]);
        }
        if matches!(
            self.kind,
            "municipality" | "youth_care_provider" | "welfare"
        ) {
            let first = rng.u32(1000..9990);
            let postcodes: Vec<_> = (first..first + 6).map(|area| area.to_string()).collect();
            body["serviceArea"]["postcodes"] = json!(postcodes);
        }
        body
    }

    fn identifier(&self, number: usize) -> Value {
        let letter = |value: usize| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value % 26]);
        if self.kind == "school" {
            let (first, second) = (letter(number / 100), letter(number / 2600));
            let (number, location) = (number / 67_600, number % 100);
            json!({"scheme": "brin", "value": format!("{number:02}{first}{second}{location:02}")})
        } else {
            json!({"scheme": "kvk", "value": format!("{:08}", 90_000_000 - number)})
        }
    }
}

fn pick<'a>(rng: &mut Rng, words: &[&'a str]) -> &'a str {
    words[rng.usize(..words.len())]
}
