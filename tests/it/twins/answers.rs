//! What a caller is answered, in a form in which the answers of two registers can be compared.
//!
//! Two registers that had the same life still differ in some values, which are replaced by what
//! they stand for. Nothing else is changed, so an id, an instant or a number that the caller should
//! not meet stays as it is and makes a difference:
//!
//! - the id of a document that all registers have: by its label;
//! - an instant: by its place among those of the lines and documents that the caller sees;
//! - a position of the change log: by the number of the line among those that the caller sees (it
//!   may tell that something was written); the last position, where the log was read to: by `end`;
//! - a changeset: by its place among those of these lines;
//! - the hash in an entity tag, and the cursor of a list: by its length. They hold or are made of ids.
//!
//! The length that `Content-Length` tells must be that of the body, and becomes that of the compared
//! one. `Date` is the clock's. The id of the request is sent along, and the public address is a
//! setting, so these are the same. `Connection` tells whether the body had come in when it was
//! refused unread, which is chance, and so is how often an import tells of its progress.

use std::collections::HashMap;
use std::fmt::Write;
use std::io::{Cursor, Read};

use serde_json::Value;
use ureq::http::Method;

use super::{asks::Ask, register::Register};
use crate::support::{Reply, items, text};

/// Ids and instants are at least as long as this.
const SHORTEST: usize = 20;

/// A register as one caller asks it.
pub(super) struct Asked<'a> {
    register: &'a Register<'a>,
    key: Option<String>,
    /// What is replaced, and by what: ids and instants.
    names: HashMap<String, String>,
    positions: HashMap<String, String>,
}

impl<'a> Asked<'a> {
    /// Reads what the caller sees of the log.
    pub(super) fn new(register: &'a Register<'a>, key: Option<String>) -> Self {
        let shared = register.shared.iter();
        let names = shared
            .flat_map(|(label, id)| {
                // What is left of a deleted person is called by the end of its id.
                let left = format!("gewiste-persoon-{}", &id[id.len() - 12..]);
                [
                    (id.clone(), format!("<{label}>")),
                    (left, format!("<left of {label}>")),
                ]
            })
            .collect();
        let mut asked = Self {
            register,
            key,
            names,
            positions: HashMap::new(),
        };
        let (mut lines, mut next) = (
            Vec::new(),
            Some("/changes?limit=100&include=document".to_owned()),
        );
        while let Some(url) = next {
            let page = asked.send(&Ask::get(url)).expect(200).json();
            lines.extend_from_slice(items(&page));
            next = page["next"].as_str().map(str::to_owned);
            asked
                .positions
                .insert(page["cursor"].to_string(), "<end>".into());
        }
        let (mut instants, mut changesets) = (Vec::new(), Vec::new());
        for (nth, line) in lines.iter().enumerate() {
            asked
                .positions
                .insert(line["seq"].to_string(), format!("<seq-{nth}>"));
            instants.push(text(line, "at"));
            instants.extend(line["document"]["createdAt"].as_str().map(str::to_owned));
            let changeset = text(line, "changeset");
            if !changesets.contains(&changeset) {
                changesets.push(changeset);
            }
        }
        instants.sort_unstable();
        instants.dedup();
        for (kind, values) in [("at", instants), ("set", changesets)] {
            let places = values.into_iter().enumerate();
            asked
                .names
                .extend(places.map(|(nth, value)| (value, format!("<{kind}-{nth}>"))));
        }
        asked
    }

    /// Waits until all that was written can be found: a write that changes nothing says how far
    /// that is.
    pub(super) fn wait_for_the_index(&self) {
        let server = self.register.server;
        let nothing = server
            .patch("/organisations/elburg")
            .key(server.admin_key());
        let reply = nothing.json(&serde_json::json!({})).send().expect(200);
        let position = reply.header("schakel-position").expect("a position");
        for _ in 0..60 {
            // Each of these waits for a second.
            let found = server.get(&format!("/search?after={position}")).send();
            if found.status == 200 {
                return;
            }
        }
        panic!("the index does not come to {position}");
    }

    /// The placeholders of the instants and positions that the caller sees.
    pub(super) fn placeholders(&self, kind: &str) -> Vec<String> {
        let all = self.names.values().chain(self.positions.values());
        let mut all: Vec<String> = all
            .filter(|name| name.starts_with(&format!("<{kind}-")))
            .cloned()
            .collect();
        all.sort_unstable();
        all
    }

    /// Asks as this caller, with what the placeholders stand for here.
    fn send(&self, ask: &Ask) -> Reply {
        let mut path = ask.path.clone();
        if path.contains('<') {
            for (value, name) in self.names.iter().chain(&self.positions) {
                path = path.replace(name, value);
            }
        }
        let request = self.register.server.request(ask.method.clone(), &path);
        let mut request = request.header("x-request-id", "twin");
        if let Some(key) = &self.key {
            request = request.key(key);
        }
        for (name, value) in &ask.headers {
            request = request.header(name, value);
        }
        match &ask.body {
            Some(body) => request.json(body).send(),
            None => request.send(),
        }
    }

    /// All that comes of a request, as it is compared: the answer, that to `HEAD`, that when the
    /// caller has it already, and the pages behind it.
    pub(super) fn answer(&self, ask: &Ask) -> String {
        let mut reply = self.send(ask);
        let mut told = self.told(&reply, &reply);
        if ask.method != Method::GET {
            return told;
        }
        if ask.thorough {
            let mut others = vec![Ask {
                method: Method::HEAD,
                ..ask.clone()
            }];
            let known = reply.header("etag").into_iter();
            others.extend(known.map(|tag| ask.clone().with("if-none-match", tag)));
            for other in others {
                told += &self.told(&self.send(&other), &reply);
            }
        }
        while let Some(next) = next_of(&reply) {
            reply = self.send(&Ask {
                path: next,
                ..ask.clone()
            });
            told += &self.told(&reply, &reply);
        }
        told
    }

    /// The API document.
    pub(super) fn document(&self) -> Value {
        self.send(&Ask::get("/openapi.json")).expect(200).json()
    }

    /// What the register said, word by word.
    pub(super) fn raw(&self, ask: &Ask) -> String {
        said(&self.send(ask))
    }

    /// An answer as it is compared. `whole` is the answer with a body to which this one belongs.
    fn told(&self, reply: &Reply, whole: &Reply) -> String {
        let body = self.named(&said(reply));
        let mut headers = Vec::new();
        for (name, value) in &reply.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            let value = match name.as_str() {
                "date" => "…".to_owned(),
                "connection" => continue,
                "etag" => tag(&value),
                // It may tell that something was written, never what.
                "schakel-position" => "end".to_owned(),
                "content-length" if *value == whole.body.len().to_string() => {
                    let of_this = !reply.body.is_empty();
                    let whole = || self.named(&said(whole)).len();
                    if of_this { body.len() } else { whole() }.to_string()
                }
                _ => self.named(&value),
            };
            headers.push(format!("{name}: {value}\n"));
        }
        headers.sort_unstable();
        format!("{}\n{}\n{body}\n", reply.status, headers.concat())
    }

    /// A text with placeholders for what differs between registers.
    fn named(&self, text: &str) -> String {
        let mut named = String::with_capacity(text.len());
        // Most of a text stands between quotes and is too short to be a name: this saves most of
        // the time of the whole test.
        for part in text.split_inclusive('"') {
            if part.len() <= SHORTEST {
                named += part;
            } else {
                self.name_words(part, &mut named);
            }
        }
        let text = self.placed(&named, "\"seq\":");
        let text = self.placed(&text, "\"cursor\":");
        self.placed(&text, "cursor=")
    }

    fn name_words(&self, text: &str, named: &mut String) {
        let mut rest = text;
        while !rest.is_empty() {
            let within = |c: char| c.is_ascii_alphanumeric() || "-:.".contains(c);
            let end = rest.find(|c| !within(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            let name = (word.len() >= SHORTEST).then(|| self.names.get(word));
            *named += name.flatten().map_or(word, String::as_str);
            let end = after.find(within).unwrap_or(after.len());
            *named += &after[..end];
            rest = &after[end..];
        }
    }

    /// The same for the positions and cursors behind a mark.
    fn placed(&self, text: &str, mark: &str) -> String {
        let mut parts = text.split(mark);
        let mut placed = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
            let (value, rest) = part.split_at(end.unwrap_or(part.len()));
            let number = value.bytes().all(|byte| byte.is_ascii_digit());
            placed += mark;
            match self.positions.get(value) {
                Some(name) => placed += name,
                None if number => placed += value,
                None => write!(placed, "<{} characters>", value.len()).unwrap(),
            }
            placed += rest;
        }
        placed
    }
}

/// What an answer says in words: workbooks and packages are unpacked. What a package tells of its
/// position and of the hashes of its files is replaced, as in headers.
fn said(reply: &Reply) -> String {
    if !reply.body.starts_with(b"PK") {
        let text = reply.text();
        let lines = text.split_inclusive('\n');
        return lines
            .filter(|line| !line.starts_with("{\"progress\":"))
            .collect();
    }
    let mut zip = zip::ZipArchive::new(Cursor::new(&reply.body)).expect("a zip");
    let mut text = String::new();
    for nth in 0..zip.len() {
        let mut file = zip.by_index(nth).expect("a file");
        writeln!(text, "--- {}", file.name().expect("a name")).unwrap();
        file.read_to_string(&mut text).expect("a text");
    }
    let position = reply.header("schakel-position").unwrap_or_default();
    for before in [
        "\"schakel:position\": ",
        "\"version\": \"",
        "positie ",
        "position ",
    ] {
        for after in [",", "\"", " "] {
            text = text.replace(
                &format!("{before}{position}{after}"),
                &format!("{before}end{after}"),
            );
        }
    }
    let mut parts = text.split("sha256:");
    let mut said = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let hash = part.bytes().take_while(u8::is_ascii_hexdigit).count();
        write!(said, "<{hash} digits>{}", &part[hash..]).unwrap();
    }
    said
}

/// An entity tag without its hash: the version of a document stays.
fn tag(tag: &str) -> String {
    let (version, hash) = tag.split_once('-').unwrap_or(("", tag));
    format!("{version} and {} characters", hash.len())
}

/// The address of the next page.
fn next_of(reply: &Reply) -> Option<String> {
    let page: Value = serde_json::from_slice(&reply.body).ok()?;
    page["next"].as_str().map(str::to_owned)
}
