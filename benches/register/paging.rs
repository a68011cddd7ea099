//! What a page costs at the start, in the middle and at the end of a list.
//!
//! Each list is first followed from `next` to `next` to its end, and must hold exactly the
//! organisations that it should, in order. Then its first, its middle and its last full page are asked
//! for in turn.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::time::Instant;

use schakel::register::locator::sort_key;
use serde::Deserialize;

use crate::data::Generated;
use crate::http::{Ask, Connection};
use crate::process::Workers;
use crate::report::{median, milliseconds};

/// The sizes of pages: the default and the maximum.
pub(crate) const LIMITS: [usize; 2] = [20, 100];
const ROUNDS: usize = 7;
const REPEATS: u32 = 12;

/// A list, and which organisations it holds.
pub(crate) struct List {
    pub(crate) query: &'static str,
    holds: fn(&Generated) -> bool,
}

const fn list(query: &'static str, holds: fn(&Generated) -> bool) -> List {
    List { query, holds }
}

/// Every order, and filters that leave many.
pub(crate) const LISTS: [List; 16] = [
    list("", |_| true),
    list("sort=-name", |_| true),
    list("sort=kind", |_| true),
    list("sort=-kind", |_| true),
    list("sort=kind,name", |_| true),
    list("sort=-kind,name", |_| true),
    list("sort=createdAt", |_| true),
    list("sort=-createdAt", |_| true),
    list("sort=updatedAt", |_| true),
    list("sort=-updatedAt", |_| true),
    list("kind=school", |it| it.kind == "school"),
    list("kind=school,childcare&sort=-updatedAt", |it| {
        matches!(it.kind, "school" | "childcare")
    }),
    list("sector=po", |it| it.sectors.contains(&"po")),
    list("isPlaceholder=false&sort=-name", |it| !it.is_placeholder),
    list("from=1990-01-01&until=2020-01-01", |it| {
        it.founded.is_none_or(|year| year <= 2020)
    }),
    list("verifiedBefore=2026-02-01", |it| !it.is_verified),
];

#[derive(Deserialize)]
struct Page {
    items: Vec<Item>,
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    slug: String,
    name: String,
    kind: String,
    created_at: String,
    updated_at: String,
}

/// A list that was followed to its end.
pub(crate) struct Crawl {
    pub(crate) documents: usize,
    /// The addresses of its full pages of the largest size.
    pub(crate) pages: Vec<String>,
}

/// Follows a list to its end.
pub(crate) fn crawl(connection: &mut Connection, list: &List, expected: &[Generated]) -> Crawl {
    let largest = LIMITS[1];
    let mut next = Some(address(list.query, largest));
    let mut crawl = Crawl {
        documents: 0,
        pages: Vec::new(),
    };
    let mut missing: HashSet<&str> = expected
        .iter()
        .filter(|organisation| (list.holds)(organisation))
        .map(|organisation| organisation.slug.as_str())
        .collect();
    let mut before: Option<Item> = None;
    while let Some(url) = next {
        let page = page(connection, &url);
        if page.items.len() == largest {
            crawl.pages.push(url);
        }
        for item in page.items {
            let wanted = missing.remove(item.slug.as_str());
            assert!(wanted, "{} twice or wrongly in {:?}", item.slug, list.query);
            let sorted = before.is_none_or(|before| order(list.query, &before, &item).is_le());
            assert!(sorted, "{} is not in order in {:?}", item.slug, list.query);
            before = Some(item);
            crawl.documents += 1;
        }
        next = page.next;
    }
    assert!(missing.is_empty(), "{:?} lacks {missing:?}", list.query);
    crawl
}

impl Crawl {
    /// The addresses of the first full page of a size, of one in the middle, and of the last.
    pub(crate) fn places(&self, connection: &mut Connection, limit: usize) -> [String; 3] {
        let sized = |nth: usize| {
            let largest = format!("limit={}", LIMITS[1]);
            self.pages[nth].replace(&largest, &format!("limit={limit}"))
        };
        // A cursor is good for pages of any size.
        let mut last = sized(self.pages.len() - 1);
        let mut seen = page(connection, &last);
        while let Some(next) = seen.next {
            seen = page(connection, &next);
            if seen.items.len() < limit {
                break;
            }
            last = next;
        }
        [sized(0), sized(self.pages.len() / 2), last]
    }
}

/// What some pages cost.
pub(crate) struct Cost {
    /// Milliseconds of CPU of each.
    pub(crate) cpu: Vec<f64>,
    /// The dearest of the others over the first, in CPU.
    pub(crate) ratio: f64,
    /// The slowest of the others over the first, in time.
    pub(crate) ratio_of_time: f64,
}

/// Asks for pages in turn. Ratios are taken within a round, so that a machine which is busy for a
/// while does not distort them.
pub(crate) fn compare(connection: &mut Connection, workers: &Workers, urls: &[String]) -> Cost {
    let asks: Vec<Ask> = urls.iter().map(|url| Ask::again(connection, url)).collect();
    // CPU and time, by round and page.
    let mut rounds: Vec<Vec<[f64; 2]>> = Vec::new();
    for _ in 0..ROUNDS {
        let spent = asks.iter().map(|ask| {
            let (used, began) = (workers.cpu(), Instant::now());
            for _ in 0..REPEATS {
                connection.ask(ask);
            }
            let time = began.elapsed();
            [workers.cpu().since(&used), time].map(|spent| milliseconds(spent / REPEATS))
        });
        rounds.push(spent.collect());
    }
    let ratio = |which: usize| {
        let of = |nth: usize| {
            rounds
                .iter()
                .map(move |round| round[nth][which] / round[0][which])
        };
        (1..urls.len())
            .map(|nth| median(of(nth)))
            .fold(0.0, f64::max)
    };
    Cost {
        cpu: (0..urls.len())
            .map(|nth| median(rounds.iter().map(|round| round[nth][0])))
            .collect(),
        ratio: ratio(0),
        ratio_of_time: ratio(1),
    }
}

/// The address of a list.
pub(crate) fn address(query: &str, limit: usize) -> String {
    let query = [query, &format!("limit={limit}")].join("&");
    format!("/api/v1/organisations?{}", query.trim_start_matches('&'))
}

fn page(connection: &mut Connection, url: &str) -> Page {
    serde_json::from_slice(&connection.get(url).body).expect("a page")
}

/// How two neighbours stand in the order that a query asks for.
fn order(query: &str, one: &Item, other: &Item) -> Ordering {
    let sort = query.split('&').find_map(|part| part.strip_prefix("sort="));
    sort.unwrap_or("name")
        .split(',')
        .fold(Ordering::Equal, |so_far, field| {
            let (field, descending) = field
                .strip_prefix('-')
                .map_or((field, false), |field| (field, true));
            let key = |item: &Item| match field {
                "name" => sort_key(&item.name),
                "kind" => item.kind.clone(),
                "createdAt" => item.created_at.clone(),
                _ => item.updated_at.clone(),
            };
            let step = key(one).cmp(&key(other));
            so_far.then(if descending { step.reverse() } else { step })
        })
}
