//! Every fact of the five source texts is in the demo register and can be asked for.
//!
//! The table is `facts.tsv`, one fact a line: the number of the text, the fact in words, who asks
//! (`anyone`, or a `reader` who may see what is restricted), the address below `/api/v1`, where in
//! the answer the fact stands, and what stands there, as JSON. A `~` before the JSON means that a
//! text has these words in it, or a list this element. Lines that begin with `#` are remarks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::Server;

const TABLE: &str = include_str!("facts.tsv");
/// The numbers of the source texts.
const TEXTS: [&str; 5] = ["000", "001", "002", "003", "004"];
/// How many facts there are at least; fewer means that some got lost.
const FEWEST: usize = 120;

/// A line of the table.
struct Fact {
    line: usize,
    text: &'static str,
    words: &'static str,
    caller: Caller,
    path: &'static str,
    place: &'static str,
    json: &'static str,
    expected: Expected,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Caller {
    Anyone,
    Reader,
}

enum Expected {
    /// Just this.
    Is(Value),
    /// A text or list with this in it.
    Has(Value),
}

impl Fact {
    fn read(line: usize, text: &'static str) -> Result<Self, String> {
        let cells: Vec<&'static str> = text.split('\t').collect();
        let [text, words, caller, path, place, expected] = cells[..] else {
            return Err(format!("line {line}: {} cells instead of 6", cells.len()));
        };
        let caller = match caller {
            "anyone" => Caller::Anyone,
            "reader" => Caller::Reader,
            other => return Err(format!("line {line}: no caller is called {other:?}")),
        };
        if !TEXTS.contains(&text) || words.trim().is_empty() {
            return Err(format!("line {line}: no text {text:?}, or no words"));
        }
        if !path.starts_with('/') || !place.starts_with('/') {
            return Err(format!("line {line}: an address and a place begin with /"));
        }
        let (has, json) = match expected.strip_prefix('~') {
            Some(json) => (true, json),
            None => (false, expected),
        };
        let value: Value = serde_json::from_str(json)
            .map_err(|error| format!("line {line}: {json} is no JSON: {error}"))?;
        let expected = if has {
            Expected::Has(value)
        } else {
            Expected::Is(value)
        };
        Ok(Self {
            line,
            text,
            words,
            caller,
            path,
            place,
            json,
            expected,
        })
    }

    /// What is wrong, if the answer does not say this.
    fn fault(&self, answer: &Result<Value, String>) -> Option<String> {
        let found = match answer {
            Ok(answer) => follow(answer, &steps(self.place)),
            Err(problem) => Err(problem.clone()),
        };
        let told = match (found, &self.expected) {
            (Ok(found), Expected::Is(expected)) if found == *expected => return None,
            (Ok(found), Expected::Has(part)) if has(&found, part) => return None,
            (Ok(found), Expected::Is(expected)) => format!("{found} instead of {expected}"),
            (Ok(found), Expected::Has(part)) => format!("{found} without {part}"),
            (Err(lacking), _) => lacking,
        };
        let (line, text, words) = (self.line, self.text, self.words);
        let (path, place) = (self.path, self.place);
        Some(format!(
            "line {line}, text {text}: {words}\n    {path} {place}\n    {told}"
        ))
    }
}

/// All facts, or what is wrong with the table.
fn facts(table: &'static str) -> Result<Vec<Fact>, Vec<String>> {
    let (mut facts, mut faults) = (Vec::new(), Vec::new());
    for (nth, line) in table.lines().enumerate() {
        if line.starts_with('#') {
            continue;
        }
        match Fact::read(nth + 1, line) {
            Ok(fact) => facts.push(fact),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() {
        Ok(facts)
    } else {
        Err(faults)
    }
}

/// A place as its steps. As in a JSON pointer, `~1` in a step stands for `/` and `~0` for `~`.
fn steps(place: &str) -> Vec<String> {
    let unescaped = |step: &str| step.replace("~1", "/").replace("~0", "~");
    place.split('/').skip(1).map(unescaped).collect()
}

/// What stands at a place, or why nothing does.
///
/// A step is that of a JSON pointer (RFC 6901), or one of three more: `[member=value]` is the one
/// row of a list of which this holds, where `.` leads into objects and several brackets hold at
/// once; `*` goes on in every row and makes a list; `#` is the number of rows.
fn follow(value: &Value, steps: &[String]) -> Result<Value, String> {
    let Some((step, rest)) = steps.split_first() else {
        return Ok(value.clone());
    };
    let missing = || format!("no {step:?} in {value}");
    if let Value::Array(rows) = value {
        if step == "#" {
            return follow(&json!(rows.len()), rest);
        }
        if step == "*" {
            return rows.iter().map(|row| follow(row, rest)).collect();
        }
        if let Some(conditions) = step.strip_prefix('[') {
            let conditions = conditions.trim_end_matches(']');
            let holds = |row: &&Value| conditions.split("][").all(|one| agrees(row, one));
            let found: Vec<&Value> = rows.iter().filter(holds).collect();
            let [row] = found[..] else {
                return Err(format!("{} rows {step} in {value}", found.len()));
            };
            return follow(row, rest);
        }
        let nth: usize = step.parse().map_err(|_| missing())?;
        return follow(rows.get(nth).ok_or_else(missing)?, rest);
    }
    follow(value.get(step).ok_or_else(missing)?, rest)
}

/// Whether `member.member=value` holds of a row; what is no text is compared as JSON.
fn agrees(row: &Value, condition: &str) -> bool {
    let Some((member, wanted)) = condition.split_once('=') else {
        return false;
    };
    let found = member
        .split('.')
        .try_fold(row, |value, name| value.get(name));
    match found {
        Some(Value::String(text)) => text == wanted,
        Some(other) => serde_json::from_str(wanted).is_ok_and(|wanted: Value| wanted == *other),
        None => false,
    }
}

fn has(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::String(text), Value::String(words)) => text.contains(words.as_str()),
        (Value::Array(rows), part) => rows.contains(part),
        _ => false,
    }
}

/// What all facts that the register does not tell lack. Each address is asked once.
fn faults(server: &Server, facts: &[Fact]) -> Vec<String> {
    let reader = server.key("reader", None);
    let asked: BTreeSet<_> = facts.iter().map(|fact| (fact.caller, fact.path)).collect();
    let answers: BTreeMap<_, _> = asked
        .into_iter()
        .map(|(caller, path)| {
            let request = server.get(path);
            let reply = match caller {
                Caller::Anyone => request.send(),
                Caller::Reader => request.key(&reader).send(),
            };
            let answer = match reply.status {
                200 => Ok(reply.json()),
                status => Err(format!("status {status}: {}", reply.text())),
            };
            ((caller, path), answer)
        })
        .collect();
    facts
        .iter()
        .filter_map(|fact| fact.fault(answers.get(&(fact.caller, fact.path))?))
        .collect()
}

both! {
    with(["--demo"], [])
    fn the_register_tells_every_fact_of_the_five_texts(server: &Server) {
        let facts = facts(TABLE).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
        let faults = faults(server, &facts);
        let (count, all) = (faults.len(), facts.len());
        assert!(faults.is_empty(), "{count} of {all} facts are not told:\n{}", faults.join("\n"));
    }

    with(["--demo"], [])
    fn a_fact_that_the_register_does_not_tell_is_found(server: &Server) {
        const WRONG: &str = concat!(
            "000\tanother name\tanyone\t/regions/noord-veluwe\t/name\t\"Zuid Veluwe\"\n",
            "000\tthe name\tanyone\t/regions/noord-veluwe\t/name\t\"Noord Veluwe\"\n",
            "001\ta member that is not there\tanyone\t/regions/noord-veluwe\t/nickname\tnull\n",
            "002\ta region that is not there\tanyone\t/regions/atlantis\t/name\t\"Atlantis\"\n",
            "003\tone row of three\tanyone\t/regions/noord-veluwe\t/partners/[role=school_partnership]/role\t\"\"\n",
            "004\twords that are not there\tanyone\t/regions/noord-veluwe\t/name\t~\"Zuid\"\n",
        );
        let facts = facts(WRONG).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
        let lines: Vec<String> = faults(server, &facts)
            .iter()
            .filter_map(|fault| fault.split(',').next().map(str::to_owned))
            .collect();
        assert_eq!(lines, ["line 1", "line 3", "line 4", "line 5", "line 6"]);
    }
}

#[test]
fn the_table_has_facts_of_all_texts_and_none_twice() {
    let facts = facts(TABLE).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    assert!(facts.len() >= FEWEST, "only {} facts", facts.len());
    for text in TEXTS {
        let count = facts.iter().filter(|fact| fact.text == text).count();
        assert!(count >= 20, "only {count} facts of text {text}");
    }
    let mut seen = BTreeSet::new();
    for fact in &facts {
        let (line, words) = (fact.line, fact.words);
        let new = seen.insert((fact.caller, fact.path, fact.place, fact.json));
        assert!(new, "line {line} asks what another asks: {words}");
    }
}

#[test]
fn the_table_asks_every_collection_and_every_view() {
    let facts = facts(TABLE).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    let asked = |part: &str| facts.iter().any(|fact| fact.path.contains(part));
    for collection in ["themes", "regions", "organisations", "projects", "people"] {
        for part in [format!("/{collection}/"), format!("/{collection}?")] {
            assert!(asked(&part), "no fact is asked at an address with {part}");
        }
    }
    for view in ["/regions", "/projects", "/people", "/team"] {
        let asked = facts.iter().any(|fact| fact.path.ends_with(view));
        assert!(asked, "no fact is asked of the view {view}");
    }
    for part in [
        "/postcodes/",
        "/stats?",
        "include=people",
        "include=team",
        "include=narrower",
    ] {
        assert!(asked(part), "no fact is asked at an address with {part}");
    }
}

#[test]
fn a_malformed_line_of_the_table_is_refused() {
    for line in [
        "",
        "000\ttoo few\tanyone\t/regions\t/items",
        "000\ttoo many\tanyone\t/regions\t/items\t[]\t",
        "005\tno such text\tanyone\t/regions\t/items\t[]",
        "000\t \tanyone\t/regions\t/items\t[]",
        "000\tno such caller\tadmin\t/regions\t/items\t[]",
        "000\tno path\tanyone\tregions\t/items\t[]",
        "000\tno place\tanyone\t/regions\titems\t[]",
        "000\tno JSON\tanyone\t/regions\t/items\tnone",
    ] {
        assert!(Fact::read(1, line).is_err(), "taken: {line:?}");
    }
}
