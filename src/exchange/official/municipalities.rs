//! Municipalities and their youth regions, as Statistics Netherlands lists them.
//!
//! Columns `Gemeentecode`, `Gemeentenaam` and, where the list has regions, `Jeugdregiocode` and
//! `Jeugdregionaam`. A municipality is found by its code (`cbs:GM0230`), a region by its own
//! (`cbs:JZ01`).

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

use super::super::files::piece::Row;
use super::super::given::{Given, Place};
use super::{Found, Header, Official, municipality_names, place};
use crate::organisations::Organisation;
use crate::regions::Region;
use crate::register::{Document, Fault, Issue, Text, scheme};

const CODE: Text = Text {
    nl: "een gemeentecode, zoals GM0230 of 230",
    en: "a code of a municipality, such as GM0230 or 230",
};

const REGION_CODE: Text = Text {
    nl: "de code van een jeugdregio, zoals JZ05 of 5",
    en: "the code of a youth region, such as JZ05 or 5",
};

/// The most regions; there are some forty.
const REGIONS: usize = 2_000;

/// This reader, if these are its headers.
pub(super) fn of_header(header: &Header) -> Option<Box<dyn Official>> {
    let code = header.find(&[
        "Gemeentecode",
        "GemeentecodeGM",
        "Gemeentecode (GM)",
        "GM-code",
    ])?;
    let name = header.find(&["Gemeentenaam", "Gemeente"])?;
    let region = header.find(&[
        "Jeugdregiocode",
        "Jeugdregio code",
        "Code jeugdregio",
        "Jeugdzorgregiocode",
        "Code (jeugdregio)",
    ]);
    let region_name = header.find(&[
        "Jeugdregionaam",
        "Jeugdregio naam",
        "Naam jeugdregio",
        "Jeugdzorgregionaam",
        "Jeugdregio",
    ]);
    Some(Box::new(Municipalities {
        sheet: header.sheet.clone(),
        code,
        name,
        region: region.zip(region_name),
        regions: BTreeMap::new(),
    }))
}

const UNREAD: Text = Text {
    nl: "De code van een gemeente in deze rij is niet te lezen; zonder haar zou deze regio een gemeente verliezen.",
    en: "The code of a municipality in this row cannot be read; without it this region would lose a municipality.",
};

struct Municipalities {
    sheet: Option<String>,
    code: Found,
    name: Found,
    region: Option<(Found, Found)>,
    /// By code.
    regions: BTreeMap<String, Members>,
}

struct Members {
    place: Place,
    name: String,
    codes: Vec<String>,
    /// Where the code of one stands that cannot be read.
    unread: Option<Place>,
}

impl Municipalities {
    /// The region of a row, if it has one.
    fn members(&mut self, row: &Row, ready: &mut VecDeque<Given>) -> Option<&mut Members> {
        let (region, name) = self.region.as_ref()?;
        let (text, name) = (region.text(row), name.text(row));
        if text.is_empty() {
            return None;
        }
        let place = region.place(row, self.sheet.as_ref());
        let code = region_code(&text).filter(|_| self.regions.len() < REGIONS);
        let Some(code) = code else {
            ready.push_back(wrong(place, REGION_CODE));
            return None;
        };
        Some(self.regions.entry(code).or_insert_with(|| Members {
            place,
            name,
            codes: Vec::new(),
            unread: None,
        }))
    }
}

impl Official for Municipalities {
    fn take(&mut self, row: &Row, ready: &mut VecDeque<Given>) {
        let sheet = self.sheet.as_ref();
        let Some(code) = municipality_code(&self.code.text(row)) else {
            let place = self.code.place(row, sheet);
            ready.push_back(wrong(place.clone(), CODE));
            if let Some(members) = self.members(row, ready) {
                members.unread.get_or_insert(place);
            }
            return;
        };
        let (full, bare) = municipality_names(&self.name.text(row));
        let mut body = Map::new();
        body.insert("kind".into(), "municipality".into());
        let mut given = Given::new(place(row, sheet), body);
        let identifiers = json!([{"scheme": "cbs", "value": code}]);
        given.only_if_new.insert("identifiers".into(), identifiers);
        given.collection = Some(Organisation::NAMING);
        given
            .places
            .insert("/identifiers".into(), self.code.place(row, sheet));
        given
            .places
            .insert("/name".into(), self.name.place(row, sheet));
        if bare.is_empty() {
            given.issues.push(Issue::body("/name", Fault::Missing));
        }
        given.only_if_new.insert("name".into(), full.into());
        given
            .only_if_new
            .insert("alternativeNames".into(), json!([bare]));
        ready.push_back(given);
        if let Some(members) = self.members(row, ready) {
            members.codes.push(code);
        }
    }

    fn finish(&mut self, ready: &mut VecDeque<Given>) {
        for (code, members) in std::mem::take(&mut self.regions) {
            let rows: Vec<Value> = members
                .codes
                .iter()
                .map(|code| json!({"organisation": format!("cbs:{code}")}))
                .collect();
            let mut body = Map::new();
            body.insert("kind".into(), "youth_region".into());
            let identifiers = json!([{"scheme": "cbs", "value": code}]);
            body.insert("municipalities".into(), rows.into());
            let mut given = Given::new(members.place, body);
            given.collection = Some(Region::NAMING);
            given.only_if_new.insert("identifiers".into(), identifiers);
            given.only_if_new.insert("name".into(), members.name.into());
            given.is_legible = true;
            if let Some(place) = members.unread {
                let fault = Fault::Contradiction { why: UNREAD };
                given.wrong_at(Issue::body("/municipalities", fault), place);
            }
            ready.push_back(given);
        }
    }
}

fn wrong(place: Place, expected: Text) -> Given {
    let mut given = Given::new(place, Map::new());
    given
        .issues
        .push(Issue::body("", Fault::InvalidFormat { expected }));
    given
}

/// `GM0230` of `GM0230`, `0230` or `230`.
pub(super) fn municipality_code(text: &str) -> Option<String> {
    let upper = text.to_uppercase();
    let digits = upper.strip_prefix("GM").unwrap_or(&upper);
    let whole = (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    whole.then(|| format!("GM{digits:0>4}"))
}

/// `JZ05` of `JZ05`, `05` or `5`.
fn region_code(text: &str) -> Option<String> {
    let upper = text.to_uppercase();
    let digits = upper.strip_prefix("JZ").unwrap_or(&upper);
    let (_, code) = scheme::canonical("cbs", &format!("JZ{digits:0>2}")).ok()?;
    Some(code)
}
