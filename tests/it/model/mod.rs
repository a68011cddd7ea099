//! The proof that filters and counts are right: random registers, random questions, and for each
//! the answer that a naive model gives over the same bodies.
//!
//! The model is written from the words of the API document and knows nothing of the program. What
//! one caller may not know of is taken out of its register first, so a filter or count that notices
//! something hidden gives another answer than the model.
//!
//! `MODEL_SEED` begins with another register, `MODEL_REGISTERS` and `MODEL_ASKS` make more of them
//! and ask more.

mod ask;
mod caller;
mod dice;
mod naive;
mod register;

use std::{collections::BTreeSet, env};

use serde_json::Value;

use self::{
    ask::Ask,
    caller::Caller,
    dice::Dice,
    naive::{Groups, found, groups},
    register::{Document, random, slug},
};
use crate::support::{Reply, Server, items, text};

both! {
    fn lists_and_counts_are_what_a_naive_model_says(server: &Server) {
        let number = setting("MODEL_SEED", 1);
        let (mut some, mut none, mut refused) = (0, 0, 0);
        for register in 0..setting("MODEL_REGISTERS", 3) {
            let number = number.wrapping_add(register);
            let server = Server::start(server.backend);
            let mut dice = Dice::new(number);
            let documents = fill(&server, &mut dice);
            let callers = callers(&server);
            let seen = callers.map(|caller| (caller.sees(&documents), caller));
            for (documents, caller) in &seen {
                check_views(&server, caller, documents, number);
                for ask in Ask::of_each_word() {
                    check(&server, caller, documents, &ask, number);
                }
            }
            for _ in 0..setting("MODEL_ASKS", 150) {
                let (documents, caller) = &seen[dice.below(seen.len())];
                let ask = Ask::random(&mut dice, documents);
                match check(&server, caller, documents, &ask, number) {
                    None => refused += 1,
                    Some(0) => none += 1,
                    Some(_) => some += 1,
                }
            }
        }
        // A proof about empty lists would be none.
        assert!(some > none && refused > 0, "{some} lists with something, {none} without, {refused} refused");
    }
}

fn setting(name: &str, else_: u64) -> u64 {
    let given = env::var(name).ok();
    given.map_or(else_, |text| text.parse().expect("a number"))
}

/// Makes a random register, and gives its documents as they were last sent.
fn fill(server: &Server, dice: &mut Dice) -> Vec<Document> {
    let mut made: Vec<Document> = Vec::new();
    for mut document in random(dice) {
        let path = format!("/{}/{}", document.collection, document.slug);
        let put = server
            .put(&path)
            .key(server.admin_key())
            .json(&document.body);
        let reply = put.send();
        assert!(
            matches!(reply.status, 200 | 201),
            "{}: {reply}",
            document.body
        );
        document.updated_at = text(&reply.json(), "updatedAt");
        made.retain(|other| other.slug != document.slug);
        made.push(document);
    }
    made
}

fn callers(server: &Server) -> [Caller; 5] {
    let [first, second] = [slug("organisations", 0), slug("organisations", 1)];
    let caller = |name, role: &str, steward: Option<&str>, slug| Caller {
        name,
        key: Some(server.key(role, steward)),
        reads_all: steward.is_none(),
        steward: slug,
    };
    [
        Caller {
            name: "nobody",
            key: None,
            reads_all: false,
            steward: "",
        },
        caller("an editor", "editor", Some(&first), "organisations-0"),
        caller("another editor", "editor", Some(&second), "organisations-1"),
        caller("a reader", "reader", None, ""),
        caller("an administrator", "admin", None, ""),
    ]
}

fn get(server: &Server, caller: &Caller, path: &str) -> Reply {
    let request = server.get(path);
    match &caller.key {
        Some(key) => request.key(key).send(),
        None => request.send(),
    }
}

/// The slugs of a list over all its pages, after a check that every page tells the same total.
fn list(server: &Server, caller: &Caller, path: &str) -> (Vec<String>, Value) {
    let (mut slugs, mut next) = (Vec::new(), Some(path.to_owned()));
    let mut total = Value::Null;
    while let Some(url) = next {
        let page = get(server, caller, &url).expect(200).json();
        slugs.extend(items(&page).iter().map(|item| text(item, "slug")));
        assert!(
            total.is_null() || total == page["total"],
            "{url}: another total"
        );
        total = page["total"].clone();
        next = page["next"].as_str().map(str::to_owned);
    }
    (slugs, total)
}

/// Asks one question as list and as count. Gives how many documents it left; nothing if it was
/// refused, as it should.
fn check(
    server: &Server,
    caller: &Caller,
    seen: &[Document],
    ask: &Ask,
    number: u64,
) -> Option<usize> {
    let query = ask.query();
    let by = match ask.dimensions.as_slice() {
        [] => String::new(),
        dimensions => format!("&groupBy={}", dimensions.join(",")),
    };
    let of_type = ask
        .collection
        .map(|name| format!("&type={name}"))
        .unwrap_or_default();
    let stats = format!(
        "/stats?{}",
        format!("{by}{of_type}{query}").trim_start_matches('&')
    );
    let about = |path: &str| {
        format!(
            "{path} as {} in the register of MODEL_SEED={number}",
            caller.name
        )
    };
    let lists = ask.collection.map(|name| {
        (
            name,
            format!("/{name}?limit={}&count=true{query}", ask.limit),
        )
    });
    if ask.names_nothing {
        for path in lists.iter().map(|(_, path)| path).chain([&stats]) {
            let reply = get(server, caller, path);
            assert_eq!(reply.status, 400, "{}: {reply}", about(path));
        }
        return None;
    }
    let mut expected: Vec<&Document> = Vec::new();
    for collection in register::COUNTS.map(|(name, _)| name) {
        if ask.collection.is_none_or(|name| name == collection) {
            expected.extend(found(seen, collection, &ask.filters));
        }
    }
    if let Some((_, path)) = lists {
        let (slugs, total) = list(server, caller, &path);
        let distinct: BTreeSet<&str> = slugs.iter().map(String::as_str).collect();
        let wanted: BTreeSet<&str> = expected.iter().map(|one| one.slug.as_str()).collect();
        assert_eq!(
            distinct,
            wanted,
            "the list (left) is not the model's: {}",
            about(&path)
        );
        assert_eq!(
            slugs.len(),
            distinct.len(),
            "something twice: {}",
            about(&path)
        );
        assert_eq!(total, expected.len(), "the total: {}", about(&path));
    }
    let counts = get(server, caller, &stats).expect(200).json();
    assert_eq!(
        counts["total"],
        expected.len(),
        "the total: {}",
        about(&stats)
    );
    let wanted = match ask.dimensions.as_slice() {
        [] if expected.is_empty() => Groups::new(),
        dimensions => groups(seen, &expected, dimensions, &ask.filters),
    };
    let told = told(&counts, &ask.dimensions);
    assert_eq!(
        told,
        wanted,
        "the counts (left) are not the model's: {}",
        about(&stats)
    );
    Some(expected.len())
}

/// The groups of an answer.
fn told(counts: &Value, dimensions: &[&str]) -> Groups {
    let mut groups = Groups::new();
    for item in items(counts) {
        let value = |name: &&str| {
            let value = &item[*name];
            let slug = value["slug"].as_str();
            slug.or(value.as_str()).map(str::to_owned)
        };
        let key = dimensions.iter().map(value).collect();
        let count = item["count"].as_u64().expect("a count");
        assert!(
            groups.insert(key, count).is_none(),
            "a group twice: {counts}"
        );
    }
    groups
}

/// The views of a region name the same projects and people as the filter.
fn check_views(server: &Server, caller: &Caller, seen: &[Document], number: u64) {
    for region in seen.iter().filter(|one| one.collection == "regions") {
        for (collection, member) in [("projects", "project"), ("people", "person")] {
            let filters = [("region", region.slug.clone())].into();
            let wanted = found(seen, collection, &filters);
            let wanted: BTreeSet<&str> = wanted.iter().map(|one| one.slug.as_str()).collect();
            let path = format!("/regions/{}/{collection}", region.slug);
            let page = get(server, caller, &path).expect(200).json();
            let shown: BTreeSet<String> = items(&page)
                .iter()
                .map(|row| text(&row[member], "slug"))
                .collect();
            let shown: BTreeSet<&str> = shown.iter().map(String::as_str).collect();
            assert_eq!(
                shown, wanted,
                "{path} (left) as {} in the register of MODEL_SEED={number}",
                caller.name
            );
        }
    }
}
