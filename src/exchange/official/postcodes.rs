//! Which postcodes lie in which municipality and school partnerships: the annex of the Regeling
//! regio-indeling samenwerkingsverbanden passend onderwijs PO en VO.
//!
//! Columns `PC4`, `gemeente`, `PO SWV` and `VO SWV`. Municipalities are found by their names, because
//! nothing else names them; partnerships by their numbers, and keep the names that they have.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, json};

use super::super::files::piece::Row;
use super::super::given::{Given, Match, Place};
use super::{Found, Header, Official, municipality_names, place};
use crate::organisations::Organisation;
use crate::register::locator::sort_key;
use crate::register::{Document, Fault, Issue, PostcodeArea, Text};

/// The most rows; there are some four thousand postcodes.
const ROWS: usize = 100_000;

const NUMBER: Text = Text {
    nl: "het nummer van een samenwerkingsverband, zoals PO2509 of 2509",
    en: "the number of a school partnership, such as PO2509 or 2509",
};

const POSTCODE: Text = Text {
    nl: "een postcode van vier cijfers",
    en: "a postcode of four digits",
};

const NO_NAME: Text = Text {
    nl: "de naam van een gemeente",
    en: "the name of a municipality",
};

const UNREAD: Text = Text {
    nl: "Een postcode in deze rij is niet te lezen; zonder haar zou dit gebied te klein worden.",
    en: "A postcode in this row cannot be read; without it this area would become too small.",
};

/// This reader, if these are its headers.
pub(super) fn of_header(header: &Header) -> Option<Box<dyn Official>> {
    let postcode = header.find(&["PC4", "postcode", "postcode4", "viercijferige postcode"])?;
    let municipality = header.find(&["gemeente", "gemeentenaam"])?;
    let primary = header.find(&["PO SWV", "SWV PO", "POSWV", "swv po nummer"])?;
    let secondary = header.find(&["VO SWV", "SWV VO", "VOSWV", "swv vo nummer"])?;
    Some(Box::new(Postcodes {
        sheet: header.sheet.clone(),
        postcode,
        municipality,
        partnerships: [("PO", primary), ("VO", secondary)],
        municipalities: BTreeMap::new(),
        numbers: BTreeMap::new(),
        rows: 0,
    }))
}

struct Postcodes {
    sheet: Option<String>,
    postcode: Found,
    municipality: Found,
    partnerships: [(&'static str, Found); 2],
    /// By name, however that is spelled.
    municipalities: BTreeMap<String, Area>,
    /// By number.
    numbers: BTreeMap<String, Area>,
    rows: usize,
}

/// The postcodes of a document.
struct Area {
    /// What it is called where it is met first.
    name: String,
    place: Place,
    postcodes: Vec<String>,
    /// Where a postcode of it stands that cannot be read.
    unread: Option<Place>,
}

impl Official for Postcodes {
    fn take(&mut self, row: &Row, ready: &mut VecDeque<Given>) {
        self.rows += 1;
        if self.rows > ROWS {
            if self.rows == ROWS + 1 {
                let fault = Fault::TooMany { maximum: ROWS };
                ready.push_back(wrong(place(row, self.sheet.as_ref()), fault));
            }
            return;
        }
        let sheet = self.sheet.as_ref();
        let postcode = PostcodeArea::parse(&self.postcode.text(row));
        let postcode = postcode.map_err(|_| self.postcode.place(row, sheet));
        if postcode.is_err() {
            ready.push_back(self.refused(row, &self.postcode, POSTCODE));
        }
        let name = self.municipality.text(row);
        if name.is_empty() {
            ready.push_back(self.refused(row, &self.municipality, NO_NAME));
        } else {
            let (_, name) = municipality_names(&name);
            let place = self.municipality.place(row, sheet);
            add(
                &mut self.municipalities,
                sort_key(&name),
                name,
                place,
                &postcode,
            );
        }
        for (sector, column) in &self.partnerships {
            let text = column.text(row);
            // Some postcodes lie in none.
            if text.is_empty() || text == "-" {
                continue;
            }
            match number(sector, &text) {
                Some(number) => {
                    let place = column.place(row, sheet);
                    add(&mut self.numbers, number.clone(), number, place, &postcode);
                }
                None => ready.push_back(self.refused(row, column, NUMBER)),
            }
        }
    }

    fn finish(&mut self, ready: &mut VecDeque<Given>) {
        for area in std::mem::take(&mut self.municipalities).into_values() {
            let (full, bare) = municipality_names(&area.name);
            let mut given = organisation(area, "municipality");
            given.found_by = Match::Name;
            given.only_if_new.insert("name".into(), full.into());
            given
                .only_if_new
                .insert("alternativeNames".into(), json!([bare]));
            ready.push_back(given);
        }
        for area in std::mem::take(&mut self.numbers).into_values() {
            let number = area.name.clone();
            let sector = if number.starts_with("PO") { "po" } else { "vo" };
            let mut given = organisation(area, "school_partnership");
            let code = json!([{"scheme": "swv", "value": number}]);
            given.only_if_new.insert("identifiers".into(), code);
            let name = format!("Samenwerkingsverband passend onderwijs {number}");
            given.only_if_new.insert("name".into(), name.into());
            given.only_if_new.insert("sectors".into(), json!([sector]));
            ready.push_back(given);
        }
    }
}

impl Postcodes {
    fn refused(&self, row: &Row, column: &Found, expected: Text) -> Given {
        let place = column.place(row, self.sheet.as_ref());
        wrong(place, Fault::InvalidFormat { expected })
    }
}

fn wrong(place: Place, fault: Fault) -> Given {
    let mut given = Given::new(place, Map::new());
    given.collection = Some(Organisation::NAMING);
    given.issues.push(Issue::body("", fault));
    given
}

fn add(
    areas: &mut BTreeMap<String, Area>,
    key: String,
    name: String,
    place: Place,
    postcode: &Result<PostcodeArea, Place>,
) {
    let area = areas.entry(key).or_insert_with(|| Area {
        name,
        place,
        postcodes: Vec::new(),
        unread: None,
    });
    match postcode {
        // A postcode may stand in several rows, where it lies in two municipalities.
        Ok(postcode) => {
            if !area.postcodes.iter().any(|one| one == postcode.as_str()) {
                area.postcodes.push(postcode.as_str().to_owned());
            }
        }
        Err(place) => {
            area.unread.get_or_insert_with(|| place.clone());
        }
    }
}

fn organisation(mut area: Area, kind: &str) -> Given {
    area.postcodes.sort();
    let mut body = Map::new();
    body.insert("kind".into(), kind.into());
    body.insert("serviceArea".into(), json!({"postcodes": area.postcodes}));
    let mut given = Given::new(area.place, body);
    given.collection = Some(Organisation::NAMING);
    given.is_legible = true;
    if let Some(place) = area.unread {
        let fault = Fault::Contradiction { why: UNREAD };
        given.wrong_at(Issue::body("/serviceArea/postcodes", fault), place);
    }
    given
}

/// `PO2509` of `PO2509`, `PO-25-09`, `2509` or `25-09`.
fn number(sector: &str, text: &str) -> Option<String> {
    let text = text.to_uppercase();
    let rest = text.strip_prefix(sector).unwrap_or(&text);
    let digits: String = rest.chars().filter(|c| !"- .".contains(*c)).collect();
    let whole = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    whole.then(|| format!("{sector}{digits}"))
}
