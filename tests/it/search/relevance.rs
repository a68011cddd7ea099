//! Whether search finds what is meant: forty queries on thirty texts, with what must be found, what
//! may stand first, and what must not be found.
//!
//! The texts are the five sources and short made-up ones about the same things.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json};

use super::{after, encoded, position, slugs};
use crate::given::put;
use crate::support::{Server, text};

const CORPUS: &str = include_str!("relevance-corpus.jsonl");
const JUDGEMENTS: &str = include_str!("judgements.tsv");

/// A row of the judgements.
struct Judgement {
    number: String,
    query: String,
    must: Vec<String>,
    first: Vec<String>,
    must_not: Vec<String>,
}

impl Judgement {
    #[track_caller]
    fn new(row: &str) -> Self {
        let columns: Vec<&str> = row.split('\t').collect();
        let [number, query, _, must, first, must_not] = columns[..] else {
            panic!("not six columns: {row}");
        };
        let slugs = |column: &str| {
            let ids = column.split(',').filter(|id| !matches!(*id, "" | "-"));
            ids.map(slug).collect()
        };
        Self {
            number: number.to_owned(),
            query: query.to_owned(),
            must: slugs(must),
            first: slugs(first),
            must_not: slugs(must_not),
        }
    }

    /// What is wrong with what was found, in words; nothing when it is right.
    fn faults(&self, found: &[String]) -> String {
        let mut faults = String::new();
        let missing: Vec<_> = self.must.iter().filter(|id| !found.contains(id)).collect();
        let unwanted: Vec<_> = self
            .must_not
            .iter()
            .filter(|id| found.contains(id))
            .collect();
        let best = found.first();
        let right = self.first.is_empty() || best.is_some_and(|best| self.first.contains(best));
        for (said, wrong) in [
            (format!(" misses {missing:?}"), !missing.is_empty()),
            (format!(" has {unwanted:?}"), !unwanted.is_empty()),
            (format!(" begins {best:?}, not {:?}", self.first), !right),
        ] {
            if wrong {
                faults.push_str(&said);
            }
        }
        faults
    }
}

/// The slug of the project that is made of a text.
fn slug(id: &str) -> String {
    format!("text-{}", id.to_lowercase())
}

/// Makes a project of each text, with the region that it is of; gives the position of the last.
#[track_caller]
fn fill(server: &Server) -> i64 {
    let mut regions = BTreeSet::new();
    let mut last = 0;
    for line in CORPUS.lines() {
        let source: Value = serde_json::from_str(line).expect("JSON");
        let (name, body) = (text(&source, "region"), text(&source, "body"));
        let region = name.to_lowercase().replace('â', "a").replace(' ', "-");
        if regions.insert(region.clone()) {
            let body = json!({ "name": name, "kind": "cooperation_region" });
            put(server, &format!("/regions/{region}"), &body);
        }
        let project = json!({
            "name": text(&source, "title"),
            "kind": "project",
            "summary": body.lines().next().unwrap_or_default(),
            "motivation": body,
            "regions": [region],
        });
        let path = format!("/projects/{}", slug(&text(&source, "id")));
        let request = server.put(&path).key(server.admin_key()).json(&project);
        last = position(&request.send().expect(201));
    }
    last
}

both! {
    fn every_query_finds_what_is_meant_and_the_best_of_it_first(server: &Server) {
        let filled = fill(server);
        let judgements: Vec<Judgement> = JUDGEMENTS.lines().skip(1).map(Judgement::new).collect();
        assert_eq!((CORPUS.lines().count(), judgements.len()), (30, 40));
        let mut faults = String::new();
        for judgement in &judgements {
            let q = encoded(&judgement.query);
            let lists = [
                format!("/projects?limit=100&q={q}"),
                format!("/search?limit=100&type=projects&q={q}"),
            ];
            for list in lists {
                let found = slugs(&after(server, filled, &list));
                let wrong = judgement.faults(&found);
                if !wrong.is_empty() {
                    writeln!(faults, "{} {list}{wrong}", judgement.number).expect("it takes all");
                }
            }
        }
        assert!(faults.is_empty(), "not as judged:\n{faults}");
    }
}
