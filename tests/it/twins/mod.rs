//! Twin registers: they differ only in what is restricted, and nobody who may not see that can tell
//! them apart.
//!
//! Three registers live the same life (`script`). In one of them something is restricted, in the
//! second something else and more of it, in the third nothing. Then the same is asked of each
//! (`asks`), and the answers are compared byte by byte, headers included (`answers`, which says what
//! is not compared, and why).
//!
//! What may be noticed, and is therefore kept equal by the script: how many versions a public
//! document has, although some come of a hidden document that it shows; and which public documents
//! changed in one write, although a hidden one may have been the reason.

mod answers;
mod asks;
mod edges;
mod initiatives;
mod persons;
mod register;
mod script;
mod stats;
mod turns;
mod values;

use std::{collections::BTreeSet, thread, time::UNIX_EPOCH};

use self::{
    answers::Asked,
    asks::{Ask, Words},
    register::{MARK, Register, Secret},
};
use crate::support::Server;

/// The names under which public documents are, or were, found, by their collection.
const NAMES: [(&str, &[&str]); 5] = [
    (
        "organisations",
        &[
            "elburg",
            "cbs:GM0230",
            "own",
            "oud",
            "nieuw",
            "gone",
            "own:gone",
            "double",
            "own:double",
            "joined",
            "own:joined",
            "withdrawn",
            "plan",
        ],
    ),
    ("people", &["jan", "stille", "getrouwd", "own:vertrokken"]),
    (
        "projects",
        &["pact", "stil", "binnen", "voorbij", "gestaakt"],
    ),
    ("regions", &["noord", "zuid", "drawn"]),
    ("themes", &["zorg", "thuis", "voetbal", "oudthema", "schuw"]),
];

/// The ids of documents that are not public in the end.
const ENDED: [(&str, &[&str]); 5] = [
    (
        "organisations",
        &[
            "<gone>",
            "<double>",
            "<joined>",
            "<withdrawn>",
            "<partner>",
            "<own>",
        ],
    ),
    (
        "people",
        &["<eigenmens>", "<vertrokken>", "<schuwer>", "<weifelaar>"],
    ),
    (
        "projects",
        &["<eigenplan>", "<voorbij>", "<gestaakt>", "<wankel>"],
    ),
    ("regions", &["<drawn>"]),
    ("themes", &["<eigenthema>", "<oudthema>", "<schuw>"]),
];

/// Those of documents that are public in the end.
const PUBLIC: [(&str, &[&str]); 5] = [
    (
        "organisations",
        &[
            "<elburg>",
            "<zeeluwe>",
            "<board>",
            "<putten>",
            "<plan>",
            "<paused>",
            "<dossier>",
        ],
    ),
    (
        "people",
        &["<jan>", "<stille>", "<weerzien>", "<kennismaking>"],
    ),
    (
        "projects",
        &[
            "<pact>",
            "<stil>",
            "<still>",
            "<binnen>",
            "<buiten>",
            "<heropend>",
            "<geopend>",
        ],
    ),
    ("regions", &["<noord>", "<zuid>", "<map>"]),
    ("themes", &["<zorg>", "<thuis>", "<bal>", "<terug>"]),
];

/// Operations that tell nothing of documents to anyone who may read all of them.
const CONSTANT: [&str; 6] = [
    "listVocabularies",
    "findVocabulary",
    "listKeys",
    "findOpenapiJson",
    "findOpenapiYaml",
    "findImportTemplate",
];

/// Operations that tell of documents by numbers alone.
const NUMBERS: [&str; 2] = ["listTimeline", "findChangeset"];

both! {
    with([], [("PUBLIC_URL", "https://twin.example"), ("RUST_LOG", "warn")])
    fn nothing_restricted_can_be_observed_without_a_key(server: &Server) {
        compare(server, |_| None);
    }

    with([], [("PUBLIC_URL", "https://twin.example"), ("RUST_LOG", "warn")])
    fn nothing_restricted_can_be_observed_by_an_editor_of_another_organisation(server: &Server) {
        compare(server, |register| Some(register.server.key("editor", Some("keeper"))));
    }
}

/// Lets three registers live, and compares what a caller is answered by them.
fn compare(server: &Server, caller: fn(&Register<'_>) -> Option<String>) {
    let day = today();
    let settings = [("PUBLIC_URL", "https://twin.example"), ("RUST_LOG", "warn")];
    let others = [(); 2].map(|()| Server::start_with(server.backend, &[], &settings));
    let mut registers = [
        Register::new(server, Secret::One),
        Register::new(&others[0], Secret::Other),
        Register::new(&others[1], Secret::Nothing),
    ];
    thread::scope(|scope| {
        for register in &mut registers {
            scope.spawn(|| script::live(register));
        }
    });
    let asked = registers
        .each_ref()
        .map(|register| Asked::new(register, caller(register)));
    for asked in &asked {
        asked.wait_for_the_index();
    }
    for kind in ["seq", "at", "set"] {
        let [one, other, nothing] = asked.each_ref().map(|asked| asked.placeholders(kind));
        assert_eq!(one, other, "the log tells of more or fewer writes");
        assert_eq!(one, nothing, "the log tells of more or fewer writes");
    }
    let asks = asks(&registers, &asked[0]);
    assert!(asks.len() > 1_000, "only {} requests", asks.len());
    let answers = asked.each_ref().map(|asked| {
        let asks = &asks;
        move || {
            asks.iter()
                .map(|ask| asked.answer(ask))
                .collect::<Vec<String>>()
        }
    });
    let [one, other, nothing] = thread::scope(|scope| {
        answers
            .map(|answers| scope.spawn(answers))
            .map(|thread| thread.join().expect("answers"))
    });
    let mut differences = Vec::new();
    for (nth, ask) in asks.iter().enumerate() {
        for (twin, answers) in [(Secret::Other, &other), (Secret::Nothing, &nothing)] {
            if one[nth] != answers[nth] {
                differences.push((ask, &one[nth], twin, &answers[nth]));
            }
        }
    }
    // Around midnight the intervals of the timeline differ by chance.
    differences.retain(|(ask, ..)| day == today() || !NUMBERS.contains(&ask.operation.as_str()));
    if let Some((ask, one, twin, answer)) = differences.first() {
        let all: Vec<_> = differences
            .iter()
            .map(|(ask, ..)| format!("{} {}", ask.method, ask.path))
            .collect();
        let all = all.join("\n");
        panic!("the answers differ:\n{all}\n\n{ask:?}\n--- One\n{one}\n--- {twin:?}\n{answer}");
    }
    assert_within_reach(&asked[0], &registers[0], &asks);
}

/// The days since 1970, in UTC.
fn today() -> u64 {
    let now = UNIX_EPOCH.elapsed().expect("a clock that is right");
    now.as_secs() / 86_400
}

/// Everything that is asked of the registers.
fn asks(registers: &[Register<'_>], asked: &Asked<'_>) -> Vec<Ask> {
    let missing = [
        "missing",
        "own:missing",
        "01890000-0000-7000-8000-000000000000",
    ];
    let mut names = pairs(&NAMES);
    for (collection, _) in NAMES {
        names.extend(missing.map(|name| (collection, name.to_owned())));
    }
    names.extend(registers[0].hidden.iter().cloned());
    let words = Words {
        names,
        ended: pairs(&ENDED),
        public: pairs(&PUBLIC),
        positions: asked.placeholders("seq"),
        changesets: asked.placeholders("set"),
        instants: asked.placeholders("at"),
    };
    asks::all(&asked.document(), &words)
}

fn pairs(lists: &[(&'static str, &[&str])]) -> Vec<(&'static str, String)> {
    let each = |(of, names): &(&'static str, &[&str])| {
        let names = names.iter().map(|name| (*of, (*name).to_owned()));
        names.collect::<Vec<_>>()
    };
    lists.iter().flat_map(each).collect()
}

/// Checks that the test could fail: whoever may read everything is told of what is restricted by
/// each operation, when it asks the same.
fn assert_within_reach(asked: &Asked<'_>, register: &Register<'_>, asks: &[Ask]) {
    let admin = Asked::new(register, Some(register.server.admin_key().to_owned()));
    let mut silent: BTreeSet<&str> = BTreeSet::new();
    let mut telling: BTreeSet<&str> = CONSTANT.into();
    for ask in asks
        .iter()
        .filter(|ask| ask.method == "GET" && !ask.operation.is_empty())
    {
        let operation = ask.operation.as_str();
        let tells = || {
            if NUMBERS.contains(&operation) {
                admin.raw(ask) != asked.raw(ask)
            } else {
                !ask.path.contains(MARK) && admin.raw(ask).contains(MARK)
            }
        };
        if !telling.contains(operation) && tells() {
            telling.insert(operation);
        }
        silent.insert(operation);
    }
    let silent: Vec<_> = silent.difference(&telling).collect();
    assert!(silent.is_empty(), "let the script reach these: {silent:?}");
}
