//! School boards and schools, as DUO lists them.
//!
//! Boards: columns `BEVOEGD GEZAG NUMMER` and `BEVOEGD GEZAG NAAM`; schools: `BRIN NUMMER` and
//! `VESTIGINGSNAAM` or `INSTELLINGSNAAM`. Both with `STRAATNAAM`, `HUISNUMMER-TOEVOEGING`, `POSTCODE`,
//! `PLAATSNAAM`, `GEMEENTENUMMER`, `DENOMINATIE`, `TELEFOONNUMMER` and `INTERNETADRES`, where those are
//! there. A board is found by its number (`bevoegd-gezag:40123`), a school by its code (`brin:00AP` or
//! `brin:00AP00`). The municipality in which a school stands is the one that it serves; of a board it
//! only says where its office is.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

use super::super::files::piece::Row;
use super::super::given::Given;
use super::municipalities::municipality_code;
use super::{Found, Header, Official, place};
use crate::organisations::Organisation;
use crate::register::{Document, Fault, Issue, Text, WebAddress, scheme};

/// The scheme of the numbers of school boards.
const BOARD: &str = "bevoegd-gezag";

const NUMBER: Text = Text {
    nl: "het nummer van een bevoegd gezag, zoals 40123",
    en: "the number of a school board, such as 40123",
};

const BRIN: Text = Text {
    nl: "een BRIN, zoals 00AP of 00AP00",
    en: "a BRIN, such as 00AP or 00AP00",
};

/// This reader, if these are its headers.
pub(super) fn of_header(header: &Header) -> Option<Box<dyn Official>> {
    let board = header.find(&["BEVOEGD GEZAG NUMMER", "BEVOEGDGEZAGNUMMER", "BG NUMMER"]);
    let brin = header.find(&["BRIN NUMMER", "BRINNUMMER", "BRIN", "INSTELLINGSCODE"]);
    let name = match brin {
        Some(_) => header.find(&[
            "VESTIGINGSNAAM",
            "INSTELLINGSNAAM VESTIGING",
            "INSTELLINGSNAAM",
        ])?,
        None => header.find(&[
            "BEVOEGD GEZAG NAAM",
            "BEVOEGDGEZAGNAAM",
            "NAAM BEVOEGD GEZAG",
        ])?,
    };
    let (key, board) = match (brin, board) {
        (Some(brin), board) => (Key::School(brin), board),
        (None, Some(board)) => (Key::Board(board), None),
        (None, None) => return None,
    };
    let sector = if header.find(&["SOORT PRIMAIR ONDERWIJS"]).is_some() {
        Some("po")
    } else {
        header.find(&["ONDERWIJSSTRUCTUUR"]).map(|_| "vo")
    };
    Some(Box::new(Schools {
        sheet: header.sheet.clone(),
        key,
        name,
        board,
        location: header.find(&["VESTIGINGSNUMMER", "VESTIGINGSCODE"]),
        street: header.find(&["STRAATNAAM"]),
        house_number: header.find(&["HUISNUMMER-TOEVOEGING", "HUISNUMMER"]),
        postcode: header.find(&["POSTCODE"]),
        city: header.find(&["PLAATSNAAM"]),
        municipality: header.find(&["GEMEENTENUMMER", "GEMEENTECODE"]),
        denomination: header.find(&["DENOMINATIE"]),
        phone: header.find(&["TELEFOONNUMMER"]),
        website: header.find(&["INTERNETADRES"]),
        sector,
    }))
}

enum Key {
    Board(Found),
    School(Found),
}

struct Schools {
    sheet: Option<String>,
    key: Key,
    name: Found,
    board: Option<Found>,
    location: Option<Found>,
    street: Option<Found>,
    house_number: Option<Found>,
    postcode: Option<Found>,
    city: Option<Found>,
    municipality: Option<Found>,
    denomination: Option<Found>,
    phone: Option<Found>,
    website: Option<Found>,
    sector: Option<&'static str>,
}

impl Official for Schools {
    fn take(&mut self, row: &Row, ready: &mut VecDeque<Given>) {
        let sheet = self.sheet.as_ref();
        let (kind, column) = match &self.key {
            Key::Board(column) => ("school_board", column),
            Key::School(column) => ("school", column),
        };
        let mut given = Given::new(place(row, sheet), Map::new());
        given.collection = Some(Organisation::NAMING);
        given.is_legible = true;
        given.body.insert("kind".into(), kind.into());
        let key_place = column.place(row, sheet);
        given.places.insert("/identifiers".into(), key_place);
        match self.code(row) {
            Ok((scheme, value)) => {
                let code = json!([{"scheme": scheme, "value": value}]);
                given.only_if_new.insert("identifiers".into(), code);
            }
            Err(expected) => {
                let fault = Fault::InvalidFormat { expected };
                given.issues.push(Issue::body("/identifiers", fault));
            }
        }
        self.put(&mut given, row, "name", Some(&self.name));
        if !given.body.contains_key("name") {
            given.issues.push(Issue::body("/name", Fault::Missing));
        }
        self.put(&mut given, row, "denomination", self.denomination.as_ref());
        self.address(&mut given, row);
        self.contacts(&mut given, row);
        if let Some(board) = self.board.as_ref().map(|column| (column, column.text(row)))
            && !board.1.is_empty()
        {
            let parent =
                json!([{"organisation": format!("{BOARD}:{}", board.1), "kind": "part_of"}]);
            given.body.insert("parents".into(), parent);
            let place = board.0.place(row, sheet);
            given.places.insert("/parents/0/organisation".into(), place);
        }
        if let Key::School(_) = self.key {
            self.municipality(&mut given, row);
        }
        if let Some(sector) = self.sector {
            given.only_if_new.insert("sectors".into(), json!([sector]));
        }
        ready.push_back(given);
    }

    fn finish(&mut self, _ready: &mut VecDeque<Given>) {}
}

impl Schools {
    /// The code by which a row's document is found.
    fn code(&self, row: &Row) -> Result<(&'static str, String), Text> {
        match &self.key {
            Key::Board(column) => {
                let number = column.text(row);
                let whole = (1..=8).contains(&number.len())
                    && number.bytes().all(|byte| byte.is_ascii_digit());
                whole.then_some((BOARD, number)).ok_or(NUMBER)
            }
            Key::School(column) => {
                let brin = column.text(row);
                let location = self.location.as_ref().map(|column| column.text(row));
                let code = match location {
                    Some(location) if location.len() > 4 => location,
                    Some(location) => format!("{brin}{location}"),
                    None => brin,
                };
                let (_, code) = scheme::canonical("brin", &code).map_err(|_| BRIN)?;
                Ok(("brin", code))
            }
        }
    }

    fn put(&self, given: &mut Given, row: &Row, member: &str, column: Option<&Found>) {
        let Some(column) = column else { return };
        let text = column.text(row);
        if !text.is_empty() {
            given.body.insert(member.to_owned(), text.into());
            let place = column.place(row, self.sheet.as_ref());
            given.places.insert(format!("/{member}"), place);
        }
    }

    fn address(&self, given: &mut Given, row: &Row) {
        let members = [
            ("street", &self.street),
            ("houseNumber", &self.house_number),
            ("postcode", &self.postcode),
            ("city", &self.city),
        ];
        let mut address = Map::new();
        let mut places = BTreeMap::new();
        for (member, column) in members {
            let Some(column) = column else { continue };
            let text = column.text(row);
            if !text.is_empty() {
                address.insert(member.to_owned(), text.into());
                let place = column.place(row, self.sheet.as_ref());
                places.insert(format!("/addresses/0/{member}"), place);
            }
        }
        if !address.is_empty() {
            address.insert("kind".into(), "visiting".into());
            let addresses = Value::Array(vec![address.into()]);
            given.body.insert("addresses".into(), addresses);
            given.places.append(&mut places);
        }
    }

    /// Where it stands. The register may know more of whom it is there for.
    fn municipality(&self, given: &mut Given, row: &Row) {
        let Some(column) = &self.municipality else {
            return;
        };
        let text = column.text(row);
        if text.is_empty() {
            return;
        }
        let place = column.place(row, self.sheet.as_ref());
        if let Some(code) = municipality_code(&text) {
            let area = json!({"municipalities": [format!("cbs:{code}")]});
            given.only_if_new.insert("serviceArea".into(), area);
            let at = "/serviceArea/municipalities/0".to_owned();
            given.places.insert(at, place);
        } else {
            given.left_out.push(place);
        }
    }

    /// How to reach it. What the register has already stays, for the lists know less of it.
    fn contacts(&self, given: &mut Given, row: &Row) {
        if let Some(phone) = self.phone.as_ref().map(|column| column.text(row))
            && !phone.is_empty()
        {
            let contact = json!([{"kind": "phone", "value": phone, "isFunctional": true}]);
            given.only_if_new.insert("contacts".into(), contact);
            if let Some(column) = &self.phone {
                let place = column.place(row, self.sheet.as_ref());
                given.places.insert("/contacts/0/value".into(), place);
            }
        }
        let Some(column) = &self.website else { return };
        let text = column.text(row);
        if text.is_empty() {
            return;
        }
        let address = if text.contains("://") {
            text
        } else {
            format!("https://{text}")
        };
        let place = column.place(row, self.sheet.as_ref());
        // The lists are careless with these; a school is not refused for it.
        if has_host(&address) && WebAddress::parse(&address).is_ok() {
            given.body.insert("website".into(), address.into());
            given.places.insert("/website".into(), place);
        } else {
            given.left_out.push(place);
        }
    }
}

/// Whether an address leads to a host with a name of parts, the last of which is no single letter:
/// `n.v.t.` and `geen` are none.
fn has_host(address: &str) -> bool {
    let url = url::Url::parse(address).ok();
    let host = url.as_ref().and_then(url::Url::host_str);
    host.is_some_and(|host| {
        let parts: Vec<&str> = host.split('.').collect();
        let is_named = parts.len() > 1 && parts.iter().all(|part| !part.is_empty());
        is_named && parts.last().is_some_and(|part| part.len() > 1)
    })
}
