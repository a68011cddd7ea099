//! Search: what it costs beside the bare handler and beside what the databases bring along, how
//! fast the index is built, and how soon a write is found.

mod fill;
mod peers;
mod queries;
mod register;
mod texts;

use std::time::Instant;

use self::peers::{Answered, FACETS, Fts5, Peer, Postgres, Rows, cost};
use self::queries::{Words, searches};
use self::register::{Built, Indexed, built, cpu_of_each, follow, searchable};
use self::texts::Texts;
use super::{BACKENDS, megabytes, progress};
use crate::process::memory;
use crate::report::{Table, median, met, percentile};

/// How many projects there are, unless said otherwise.
pub(crate) const SIZES: [usize; 2] = [20_000, 1_000_000];

/// From so many on, one database is enough: the index is the same.
const MANY: usize = 100_000;

/// The goal for a search among very many, in milliseconds of CPU at the median.
const GOAL_OF_MANY: f64 = 20.0;

/// The section, for each of these sizes.
pub(crate) fn search(sizes: &[usize]) -> String {
    let parts: Vec<String> = sizes.iter().map(|count| of_size(*count)).collect();
    format!(
        "## Search\n\n\
         Projects of Dutch-like words, drawn by Zipf's law: names of 3 to 6 words, texts of 60 to \
         120, one word in about 45 % of them. Each names a region, one to three themes and two \
         organisations. They were put straight into the tables, and the index was then built by \
         `schakel index rebuild`. Every answer is compared with the first one to the same request, \
         and finds at least each project that has the word as it was asked for. Where nothing else \
         is said, no page of a search is asked for twice (`after` names another position each time), \
         but the documents on it are in memory from a page before; the first rows are of words that \
         are asked for once each.\n\n{}",
        parts.join("\n")
    )
}

fn of_size(count: usize) -> String {
    let backends = if count < MANY {
        &BACKENDS[..]
    } else {
        &BACKENDS[..1]
    };
    let mut tables = Tables::new();
    let mut peers = None;
    for (backend, name) in backends {
        progress(&format!("{name}: {count} projects"));
        // The texts are the same each time; the peers need them once.
        let mut texts = Texts::new();
        let mut made = peers.is_none().then(|| (Postgres::new(), Fts5::new()));
        let mut rows = Rows::default();
        let mut of_word = [0; 2];
        let built = built(*backend, &mut texts, count, &mut |number, project| {
            for (place, count) in of_word.iter_mut().enumerate() {
                *count += u32::from(project.has(place));
            }
            if let Some((postgres, fts5)) = &mut made {
                rows.add(number, project);
                rows.send(&mut [postgres, fts5], false);
            }
        });
        assert_eq!(
            of_word,
            [texts.count(0), texts.count(1)],
            "what was counted"
        );
        if let Some((postgres, fts5)) = &mut made {
            rows.send(&mut [postgres, fts5], true);
        }
        let words = Words::new(&mut texts);
        tables.measure(name, &built, &words, texts.count(0));
        if let Some((mut postgres, mut fts5)) = made {
            peers = Some(beside(
                count,
                &built.indexed,
                &words,
                &mut postgres,
                &mut fts5,
            ));
        }
        progress(&format!("{name}: writing and finding it"));
        tables.write(name, &built, &words);
    }
    tables.page(count, &peers.unwrap_or_default())
}

/// The tables of one size.
struct Tables {
    building: Table,
    reading: Table,
    writing: Table,
    memory: Table,
}

impl Tables {
    fn new() -> Self {
        Self {
            building: Table::new(&[
                "building the index",
                "seconds",
                "documents a second",
                "ms of CPU for each",
                "MB on disk",
                "bytes for each document",
            ]),
            reading: Table::new(&[
                "request",
                "",
                "ms of CPU",
                "times the bare handler",
                "goal",
                "met",
                "ms at the median",
                "ms of the slowest hundredth",
            ]),
            writing: Table::new(&[
                "until a write is found, ms",
                "median",
                "99 %",
                "goal (median)",
                "met",
                "one word with facets afterwards, ms of CPU",
                "the common word afterwards",
            ]),
            memory: Table::new(&[
                "memory, MB",
                "resident",
                "of it not of files",
                "and after all below",
                "of it not of files ",
            ]),
        }
    }

    /// All that only reads.
    fn measure(&mut self, name: &'static str, built: &Built, words: &Words, common: u32) {
        let Built { indexed, count, .. } = built;
        #[expect(clippy::cast_precision_loss, reason = "some million bytes")]
        let (bytes, documents) = (built.bytes as f64, *count as f64);
        self.building.row(vec![
            name.to_owned(),
            format!("{:.0}", built.took.as_secs_f64()),
            format!("{:.0}", documents / built.took.as_secs_f64()),
            format!("{:.2}", built.cpu.as_secs_f64() * 1_000.0 / documents),
            format!("{:.0}", bytes / 1e6),
            format!("{:.0}", bytes / documents),
        ]);
        let pid = indexed.subject.pid();
        let before = memory(pid);
        let found = indexed.total(&searches(&words.common, false)[0]);
        assert!(
            found >= u64::from(common) && found * 10 > *count as u64 * 4,
            "{found} projects have the word of {common}"
        );
        let facets = |words| searches(words, true);
        let plain = |words| searches(words, false);
        let goal = (*count <= SIZES[0]).then_some(30.0);
        let tried = words.typos.iter().cloned();
        let typos: Vec<String> = tried.filter(|typo| indexed.finds(typo)).collect();
        let typo = format!("a typo ({} of {} found)", typos.len(), words.typos.len());
        let typo_with_facets = format!("{typo}, with facets");
        progress(&format!("{name}: words that nobody asked for before"));
        // The first time for the documents, too; then the same words again, in a page that is new.
        let (first, second) = (plain(&words.fresh), facets(&words.fresh));
        let what = "one word, 20 hits: a page not seen before, nor its documents";
        self.reading.row(indexed.row_once(what, name, &first, None));
        let what = "one word, 20 hits with facets: a page not seen before, its documents warm";
        self.reading
            .row(indexed.row_once(what, name, &second, goal));
        let rows = [
            ("one word, 20 hits with facets", facets(&words.usual), goal),
            ("one word, 20 hits", plain(&words.usual), None),
            ("a rare word, with facets", facets(&words.rare), goal),
            ("the common word, with facets", facets(&words.common), None),
            ("the common word", plain(&words.common), None),
            ("three words, with facets", facets(&words.three), None),
            ("three words", plain(&words.three), None),
            (&typo_with_facets, facets(&typos), None),
            (&typo, plain(&typos), None),
            (
                "completion of four letters",
                queries::completions(&words.beginnings),
                None,
            ),
            ("documents like one", indexed.similar(), None),
        ];
        for (what, paths, goal) in rows {
            progress(&format!("{name}: {what}"));
            self.reading
                .row(indexed.row(what, name, &paths, goal, false));
        }
        let what = "one word, 20 hits with facets, the same pages again";
        let again = indexed.row(what, name, &facets(&words.usual), None, true);
        self.reading.row(again);
        let (first, deep) = follow(indexed, &plain(&words.common)[0], found);
        let at = format!("the common word by cursor, behind {} hits", deep.behind);
        let costs = indexed.in_turn(&[first, deep.path]);
        let ratio = costs[1] / costs[0];
        self.reading.row(vec![
            at,
            name.to_owned(),
            format!("{:.2}", costs[1]),
            format!("(of its first page: {ratio:.2})"),
            "1.5 of that".to_owned(),
            met(ratio <= 1.5),
            "–".to_owned(),
            "–".to_owned(),
        ]);
        let drawn = cpu_of_each(indexed, &facets(&words.drawn));
        let middle = median(drawn.iter().copied());
        self.reading.row(vec![
            format!(
                "{} words as they are used, with facets, the median",
                drawn.len()
            ),
            name.to_owned(),
            format!("{middle:.2}"),
            format!("(99 %: {:.1} ms)", percentile(drawn.into_iter(), 99)),
            format!("{GOAL_OF_MANY} ms"),
            met(middle < GOAL_OF_MANY),
            "–".to_owned(),
            "–".to_owned(),
        ]);
        let after = memory(pid);
        self.memory.row(vec![
            name.to_owned(),
            megabytes(before.resident),
            megabytes(before.anonymous),
            megabytes(after.resident),
            megabytes(after.anonymous),
        ]);
    }

    /// What writes do.
    fn write(&mut self, name: &'static str, built: &Built, words: &Words) {
        const GOAL: f64 = 300.0;
        let waits = searchable(&built.indexed);
        let middle = median(waits.iter().copied());
        let again = |words| {
            let costs = cpu_of_each(&built.indexed, &searches(words, true));
            format!("{:.2}", median(costs.into_iter()))
        };
        self.writing.row(vec![
            name.to_owned(),
            format!("{middle:.0}"),
            format!("{:.0}", percentile(waits.into_iter(), 99)),
            format!("{GOAL:.0}"),
            met(middle < GOAL),
            again(&words.usual),
            again(&words.common),
        ]);
    }

    fn page(&self, count: usize, peers: &str) -> String {
        let Self {
            building,
            reading,
            writing,
            memory,
        } = self;
        format!(
            "### With {count} projects\n\n{building}\n{memory}\n{reading}\n{peers}\n\
             A project was made or changed, again and again; the time is from the answer to the \
             write to that of a search which waits for it. Segments of the index then have holes, \
             and the same searches are measured once more.\n\n{writing}"
        )
    }
}

/// The same searches, asked of what the databases bring along.
fn beside(
    count: usize,
    indexed: &Indexed,
    words: &Words,
    postgres: &mut Postgres,
    fts5: &mut Fts5,
) -> String {
    let mut table = Table::new(&[
        "ms of CPU, 20 best and exact count",
        "found here",
        "Schakel",
        "found by PostgreSQL",
        "PostgreSQL",
        "found by FTS5",
        "FTS5",
    ]);
    progress("PostgreSQL and FTS5: making their indexes");
    let (in_postgres, in_fts5) = (postgres.index(), fts5.index());
    let rows: [(&str, &[String], bool); 6] = [
        ("a rare word", &words.rare, false),
        ("one word", &words.usual, false),
        ("one word, four facets", &words.usual, true),
        ("the common word", &words.common, false),
        ("the common word, four facets", &words.common, true),
        ("three words", &words.three, false),
    ];
    for (what, queries, facets) in rows {
        progress(&format!("PostgreSQL and FTS5: {what}"));
        let ours = ours(indexed, queries, facets);
        let (postgres, fts5) = (cost(postgres, queries, facets), cost(fts5, queries, facets));
        let mut cells = vec![what.to_owned()];
        for Answered { total, cpu } in [ours, postgres, fts5] {
            cells.extend([total.to_string(), format!("{cpu:.2}")]);
        }
        table.row(cells);
    }
    let megabytes = |bytes: i64| bytes / 1_000_000;
    let rate = |took: std::time::Duration| {
        #[expect(clippy::cast_precision_loss, reason = "a million")]
        let documents = count as f64;
        format!("{:.0}", documents / took.as_secs_f64())
    };
    format!(
        "Beside what the databases bring along, with the same names and texts, one query after the \
         other, on average. Schakel's figure is a whole request, with HTTP, highlights and the \
         documents from SQLite; theirs is id and name of the hits and the number of all, of the \
         database process alone. PostgreSQL: `tsvector` in Dutch, GIN, `ts_rank`, one process, {} \
         documents a second to index, {} MB. FTS5: `unicode61`, `bm25`, without Dutch (it finds \
         words only as they are written), {} documents a second, {} MB.\n\n{table}",
        rate(in_postgres),
        megabytes(postgres.size()),
        rate(in_fts5),
        megabytes(fts5.size()),
    )
}

fn mean(costs: &[f64]) -> f64 {
    let count = u32::try_from(costs.len()).unwrap_or(u32::MAX);
    costs.iter().sum::<f64>() / f64::from(count)
}

/// The same of ours.
fn ours(indexed: &Indexed, queries: &[String], facets: bool) -> Answered {
    let more = if facets {
        format!("&facets={}", FACETS.join(","))
    } else {
        String::new()
    };
    let paths = queries::with(queries, "/search", &more);
    let totals = paths.iter().map(|path| indexed.total(path));
    let total = totals.sum::<u64>() / queries.len() as u64;
    let began = Instant::now();
    let mut costs = Vec::new();
    while costs.is_empty() || (costs.len() < 200 && began.elapsed().as_millis() < 1_500) {
        costs.extend(cpu_of_each(indexed, &paths));
    }
    Answered {
        total: i64::try_from(total).unwrap_or(i64::MAX),
        cpu: mean(&costs),
    }
}
