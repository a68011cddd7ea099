//! The invariants of ARCHITECTURE.md that can be read from the source: who may know what.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The folders of the slices that own tables, with how the names of those tables begin.
const SLICES: [(&str, &str); 5] = [
    ("organisations", "organisation"),
    ("people", "person"),
    ("projects", "project"),
    ("regions", "region"),
    ("themes", "theme"),
];

#[test]
fn the_store_and_the_register_know_no_http() {
    for file in sources("store").iter().chain(&sources("register")) {
        for word in ["actix", "actix_web", "http", "HttpRequest", "HttpResponse"] {
            assert!(!file.says(word), "{} says {word}", file.name);
        }
        assert!(
            !file.code.contains("crate::api"),
            "{} uses the API",
            file.name
        );
    }
}

#[test]
fn the_store_knows_nothing_above_it() {
    for file in sources("store") {
        for path in file.code.split("crate::").skip(1) {
            // The two migration crates and the like are no modules of ours.
            let module = path
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next();
            assert_eq!(module, Some("store"), "{} uses another module", file.name);
        }
    }
}

#[test]
fn only_the_store_opens_transactions_and_speaks_sql() {
    let words = [
        "transaction",
        "begin_transaction",
        "begin_transaction_sql",
        "build_transaction",
        "immediate_transaction",
        "exclusive_transaction",
        "commit_transaction",
        "sql_query",
        "batch_execute",
        "establish",
        "SqliteConnection",
        "PgConnection",
    ];
    for file in all_sources()
        .iter()
        .filter(|file| !file.name.starts_with("store/"))
    {
        for word in words {
            assert!(!file.says(word), "{} says {word}", file.name);
        }
    }
    let inside: String = sources("store")
        .iter()
        .map(|file| file.code.as_str())
        .collect();
    assert!(
        inside.contains("begin_transaction_sql"),
        "the words are still those of the store"
    );
}

#[test]
fn only_a_slice_mentions_its_own_tables() {
    let tables = tables();
    let mut seen = BTreeSet::new();
    for file in all_sources() {
        if file.name == "store/schema.rs" {
            continue;
        }
        for table in schema_imports(&file) {
            assert!(
                tables.contains(&table),
                "{} imports {table}, which is no table",
                file.name
            );
            let owner = SLICES.iter().find(|(plural, singular)| {
                table == *plural || table.starts_with(&format!("{singular}_"))
            });
            if let Some((slice, _)) = owner {
                let own = format!("{slice}/");
                assert!(
                    file.name.starts_with(&own),
                    "{} reads {table} of {slice}",
                    file.name
                );
            }
            seen.insert(table);
        }
    }
    let unused: Vec<_> = tables.difference(&seen).collect();
    assert!(unused.is_empty(), "no one imports {unused:?}");
}

#[test]
fn the_api_mentions_no_slice_but_in_its_list_of_endpoints() {
    // `mod.rs` has the list of endpoints.
    for file in sources("api")
        .iter()
        .filter(|file| file.name != "api/mod.rs")
    {
        for word in ["regions", "organisations", "Region", "Organisation"] {
            assert!(!file.says(word), "{} says {word}", file.name);
        }
    }
}

#[test]
fn the_register_mentions_a_slice_only_as_a_type_of_reference() {
    for file in sources("register") {
        for word in ["crate::regions", "crate::organisations"] {
            assert!(!file.code.contains(word), "{} uses {word}", file.name);
        }
    }
}

/// Whoever writes knows nothing of the search index, which follows the change log.
#[test]
fn only_what_reads_asks_the_search_index() {
    let readers = [
        "api/collection/lists.rs",
        "api/health.rs",
        "api/list.rs",
        "api/metrics.rs",
        "api/mod.rs",
        "app.rs",
        "cli.rs",
        "collections.rs",
        "config.rs",
        "server/mod.rs",
    ];
    let mut asking = Vec::new();
    for file in all_sources() {
        let inside = file.name.starts_with("search/");
        if !inside && (file.code.contains("search::") || file.code.contains(".search")) {
            asking.push(file.name);
        }
    }
    asking.sort();
    assert_eq!(asking, readers);
}

#[test]
fn routes_are_made_in_one_place() {
    // What is not in the table of endpoints would be in no document.
    let places = ["api/endpoint.rs", "api/handlers.rs", "api/mod.rs"];
    for file in all_sources()
        .iter()
        .filter(|file| !places.contains(&file.name.as_str()))
    {
        for call in [
            "web::resource(",
            "web::scope(",
            ".service(",
            ".default_service(",
        ] {
            assert!(!file.code.contains(call), "{} calls {call}", file.name);
        }
    }
}

#[test]
fn every_module_opens_with_what_it_is_for() {
    for file in all_sources() {
        // The table of contents of the tests of a module needs no other.
        assert!(
            file.text.starts_with("//! "),
            "{} opens without //!",
            file.name
        );
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| -> BTreeSet<PathBuf> {
        let folder = root().join("migrations").join(database);
        files(&folder)
            .iter()
            .filter_map(|file| file.strip_prefix(&folder).ok())
            .map(Path::to_path_buf)
            .collect()
    };
    let (sqlite, postgres) = (names("sqlite"), names("postgres"));
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, postgres);
}

#[test]
fn the_line_counts_of_the_architecture_are_real() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the page");
    let mut counted = 0;
    for row in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let name = cells[1].split('`').nth(1).unwrap_or_default();
        let Some(place) = name
            .strip_prefix("src/")
            .filter(|place| place.ends_with('/'))
        else {
            continue;
        };
        let lines = lines_below(place);
        let told: usize = cells[2].parse().unwrap_or_default();
        // A few lines more or less do not make the table untrue; a doubled slice does.
        assert!(
            lines.abs_diff(told) * 5 <= lines,
            "{place} has {lines} lines, not {told}"
        );
        counted += 1;
    }
    assert_eq!(counted, 10, "rows of the two tables");
}

fn lines_below(place: &str) -> usize {
    let path = root().join("src").join(place);
    let paths = if path.is_dir() {
        files(&path)
    } else {
        vec![path]
    };
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap_or_default().lines().count();
    paths.iter().map(read).sum()
}

/// The names of the tables, as `store/schema.rs` gives them.
fn tables() -> BTreeSet<String> {
    let schema = fs::read_to_string(root().join("src/store/schema.rs")).expect("the schema");
    let tables: BTreeSet<String> = schema
        .split("diesel::table! {")
        .skip(1)
        .filter_map(|table| table.split('(').next())
        .map(|name| name.trim().to_owned())
        .collect();
    assert!(tables.len() > 10, "the tables are found: {tables:?}");
    tables
}

/// What a file takes from `store::schema`. A module of that name elsewhere is another one, and a
/// file that imports the module itself could hide what it takes.
fn schema_imports(file: &Source) -> Vec<String> {
    let hidden = [
        "store::schema;",
        "store::schema as",
        "store::schema::*",
        "store::*",
    ];
    for import in hidden {
        assert!(
            !file.code.contains(import),
            "{} imports {import}",
            file.name
        );
    }
    let mut names = Vec::new();
    for rest in file.code.split("store::schema::").skip(1) {
        let list = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default(),
            None => rest.split(|c: char| !is_word(c)).next().unwrap_or_default(),
        };
        names.extend(
            list.split(',')
                .map(|name| name.trim().to_owned())
                .filter(|n| !n.is_empty()),
        );
    }
    for list in file
        .code
        .split("store::{")
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
    {
        assert!(
            !list.contains("schema"),
            "{} imports the schema as a whole",
            file.name
        );
    }
    names
}

/// A file of `src/`.
struct Source {
    /// Its path below `src/`.
    name: String,
    text: String,
    /// The text without comments, and with all strings empty.
    code: String,
}

impl Source {
    /// Whether a word stands in the code.
    fn says(&self, word: &str) -> bool {
        self.code
            .split(|c: char| !is_word(c))
            .any(|found| found == word)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn all_sources() -> Vec<Source> {
    sources("")
}

fn sources(folder: &str) -> Vec<Source> {
    let src = root().join("src");
    let tests = modules_of_tests();
    let found: Vec<Source> = files(&src.join(folder))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .filter(|path| {
            !path
                .file_stem()
                .is_some_and(|name| tests.contains(&*name.to_string_lossy()))
        })
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a source file");
            let name = path
                .strip_prefix(&src)
                .expect("below src")
                .display()
                .to_string();
            Source {
                name,
                code: code_of(&text),
                text,
            }
        })
        .collect();
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

/// The modules that are only there for tests: they may use whatever they test.
fn modules_of_tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for path in files(&root().join("src")) {
        let text = fs::read_to_string(path).expect("a source file");
        for rest in text.split("#[cfg(test)]\nmod ").skip(1) {
            // `mod name;` is a file, `mod name {` is not.
            let end = rest.find([';', '{']).unwrap_or_default();
            if rest[end..].starts_with(';') {
                names.insert(rest[..end].to_owned());
            }
        }
    }
    names
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the project") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A text without its comments, and with nothing in its strings.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let skipped = match next {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' => string_length(rest),
            'r' if is_raw_string(rest) && !code.ends_with(is_word) => raw_string_length(rest),
            '\'' => char_length(rest),
            _ => 0,
        };
        if skipped == 0 {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        } else {
            if next != '/' {
                code.push_str("\"\"");
            }
            rest = &rest[skipped..];
        }
    }
    code
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn is_raw_string(text: &str) -> bool {
    text[1..].trim_start_matches('#').starts_with('"')
}

fn raw_string_length(text: &str) -> usize {
    let hashes = text[1..].len() - text[1..].trim_start_matches('#').len();
    let end = format!("\"{}", "#".repeat(hashes));
    let start = 2 + hashes;
    text[start..]
        .find(&end)
        .map_or(text.len(), |at| start + at + end.len())
}

/// The length of a character in quotes; 0 for a lifetime.
fn char_length(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some(_)) => text[3..].find('\'').map_or(0, |at| at + 4),
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 0,
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn code_is_told_from_comments_and_strings() {
    let text =
        "let a = \"x // y\\\" z\"; // http\nlet b = '\"'; fn f<'a>() {} r#\"diesel\"# '\\'' end";
    let code = code_of(text);
    assert_eq!(
        code,
        "let a = \"\"; \nlet b = \"\"; fn f<'a>() {} \"\" \"\" end"
    );
}
