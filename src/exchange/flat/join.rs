//! Rows that belong to one document, put together.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value, json};

use super::columns::Columns;
use super::header::Target;
use super::item::{Cells, Column, Leaf, Said, UNREAD, Wrong, pointer, set, stand_in};
use super::keys::Keys;
use crate::exchange::files::piece::Row;
use crate::exchange::given::{Given, Place};
use crate::register::{Fault, Issue, Text};

/// The most rows of one document.
const ROWS: usize = 5_000;
/// The most bytes of its cells.
const BYTES: usize = 4 << 20;
/// The most documents that are remembered, to find rows that stand apart. One that comes later
/// than that is still found by whoever stores them.
const REMEMBERED: usize = 1_000_000;

const NO_HEADER: Text = Text {
    nl: "Boven deze cel staat geen kop, dus onduidelijk is wat de waarde betekent. Geef de kolom een kop, of een kop die met # begint om haar over te slaan.",
    en: "There is no header above this cell, so what it means is unclear. Give the column a header, or one that begins with # to pass it over.",
};

const TOO_LARGE: Text = Text {
    nl: "De rijen van dit document zijn samen groter dan 4 MiB.",
    en: "The rows of this document are larger than 4 MiB together.",
};

/// Makes documents of the rows of a table.
pub(super) struct Joiner {
    columns: &'static Columns,
    sheet: Option<String>,
    table: Vec<Column>,
    layout: Layout,
    /// Columns without a header, until something is found in one.
    nameless: Vec<usize>,
    seen: HashMap<u64, u64>,
    current: Option<Joined>,
}

/// Which columns of a table belong together.
#[derive(Default)]
struct Layout {
    /// Those of the document itself.
    own: Vec<usize>,
    /// Those of an item of a list: the names that lead to the list, and the columns.
    items: Vec<(Vec<String>, Vec<usize>)>,
}

impl Layout {
    fn of(columns: &Columns, table: &[Column]) -> Self {
        let mut layout = Self::default();
        let mut groups: BTreeMap<(Vec<String>, u32), Vec<usize>> = BTreeMap::new();
        for (nth, column) in table.iter().enumerate() {
            match &column.target {
                Target::Field { field, group } if !columns.fields[*field].is_own() => {
                    let field = &columns.fields[*field];
                    let key = (field.path[..field.list].to_vec(), *group);
                    groups.entry(key).or_default().push(nth);
                }
                Target::Short { list, group, .. } => {
                    let key = (list[..1].to_vec(), *group);
                    groups.entry(key).or_default().push(nth);
                }
                Target::Field { .. } | Target::LocalName => layout.own.push(nth),
                Target::Ignored => {}
            }
        }
        let groups = groups.into_iter();
        layout.items = groups.map(|((list, _), nth)| (list, nth)).collect();
        layout
    }
}

/// A document of which more rows may come.
struct Joined {
    given: Given,
    keys: Keys,
    rows: usize,
    bytes: usize,
    /// The own values, by pointer: what the first row said that had one, and which that was.
    own: BTreeMap<String, (u64, Value)>,
}

impl Joiner {
    pub(super) fn new(
        columns: &'static Columns,
        sheet: Option<String>,
        table: Vec<Column>,
        nameless: Vec<usize>,
    ) -> Self {
        let layout = Layout::of(columns, &table);
        Self {
            columns,
            sheet,
            table,
            layout,
            nameless,
            seen: HashMap::new(),
            current: None,
        }
    }

    /// Takes a row; gives the document before when the row begins another.
    pub(super) fn push(&mut self, row: &Row) -> Option<Given> {
        let sheet = self.sheet.clone();
        let cells = Cells {
            columns: self.columns,
            sheet: sheet.as_deref(),
            row,
        };
        let keys = Keys::of(&cells, &self.table);
        let goes_on = self
            .current
            .as_ref()
            .is_some_and(|current| current.keys.are_of_one_document_with(&keys));
        let before = if goes_on { None } else { self.finish() };
        if !goes_on {
            self.current = Some(self.begin(row, &keys));
        }
        let nameless = self.nameless_in(row);
        let current = self.current.as_mut()?;
        current.rows += 1;
        current.bytes += row
            .cells
            .iter()
            .map(|cell| cell.content.size())
            .sum::<usize>();
        if current.rows > ROWS || current.bytes > BYTES {
            let fault = if current.rows > ROWS {
                Fault::TooMany { maximum: ROWS }
            } else {
                Fault::Contradiction { why: TOO_LARGE }
            };
            let issue = Issue::body("", fault);
            if !current.given.issues.contains(&issue) {
                current.given.issues.push(issue);
                current.given.is_legible = false;
            }
            return before;
        }
        let has_id = keys.have_id();
        current.keys.add(keys);
        if let Some(place) = nameless {
            let fault = Fault::Contradiction { why: NO_HEADER };
            current.given.issues.push(Issue::body("", fault));
            current.given.places.insert(String::new(), place);
        }
        current.add(&cells, &self.table, &self.layout, has_id);
        before
    }

    /// The document of which no more rows come.
    pub(super) fn finish(&mut self) -> Option<Given> {
        let mut given = self.current.take()?.given;
        clear_objects(&mut given.body, self.columns);
        Some(given)
    }

    fn begin(&mut self, row: &Row, keys: &Keys) -> Joined {
        let place = Place {
            sheet: self.sheet.clone(),
            row: Some(row.number),
            ..Place::default()
        };
        let mut given = Given::new(place, Map::new());
        given.collection = Some(self.columns.naming);
        given.is_legible = true;
        if let Some(key) = keys.best() {
            let mut hasher = DefaultHasher::new();
            key.hash(&mut hasher);
            let hash = hasher.finish();
            if let Some(first) = self.seen.get(&hash) {
                let fault = Fault::Apart { row: *first };
                given.issues.push(Issue::body("", fault));
            } else if self.seen.len() < REMEMBERED {
                self.seen.insert(hash, row.number);
            }
        }
        Joined {
            given,
            keys: Keys::default(),
            rows: 0,
            bytes: 0,
            own: BTreeMap::new(),
        }
    }

    /// The place of a value without a header; told once for each column.
    fn nameless_in(&mut self, row: &Row) -> Option<Place> {
        let filled = |column: &usize| !row.cell(*column).content.is_blank();
        let at = self.nameless.iter().position(filled)?;
        let column = self.nameless.swap_remove(at);
        Some(Place {
            file: None,
            sheet: self.sheet.clone(),
            row: Some(row.number),
            column: None,
            value: Some(super::cut(&row.cell(column).content.text())),
        })
    }
}

impl Joined {
    fn add(&mut self, cells: &Cells<'_>, table: &[Column], layout: &Layout, has_id: bool) {
        let filled = |columns: &[usize]| -> Vec<&Column> {
            let columns = columns.iter().map(|nth| &table[*nth]);
            columns
                .filter(|column| !cells.content(column).is_blank())
                .collect()
        };
        let is_new = self.add_own(cells, cells.read(&filled(&layout.own), 0));
        self.place_blank(cells, table, &layout.own, "");
        let items = layout.items.iter();
        let items = items.map(|(list, columns)| (list, columns, filled(columns)));
        let items: Vec<_> = items.filter(|(.., filled)| !filled.is_empty()).collect();
        // Exports write an item that equals another so: what else would such a row be for?
        let is_alone = has_id && !is_new && items.len() == 1;
        for (list, columns, filled) in items {
            let count = list_at(&self.given.body, list).map_or(0, Vec::len);
            self.add_items(cells, list, &filled, is_alone);
            // Of what short columns make, the cells of others lack nothing.
            let is_short = |column: &&Column| matches!(column.target, Target::Short { .. });
            let all = count..list_at(&self.given.body, list).map_or(0, Vec::len);
            let has_short = filled.iter().any(is_short);
            for nth in all {
                let at = format!("{}/{nth}", pointer(list));
                if !has_short {
                    self.place_blank(cells, table, columns, &at);
                }
                if self.given.place.row != Some(cells.row.number) {
                    let places = &mut self.given.places;
                    places.entry(at).or_insert_with(|| cells.place_of_row());
                }
            }
        }
    }

    /// Notes where the empty cells stand of what an object cannot be without, in case it is lacking.
    fn place_blank(&mut self, cells: &Cells<'_>, table: &[Column], columns: &[usize], at: &str) {
        for column in columns.iter().map(|nth| &table[*nth]) {
            let Target::Field { field, .. } = &column.target else {
                continue;
            };
            let field = &cells.columns.fields[*field];
            let is_whole = field.inner == 0 || field.inner == field.path.len();
            if field.required && is_whole && cells.content(column).is_blank() {
                let at = format!("{at}{}", pointer(&field.path[field.list..]));
                let places = &mut self.given.places;
                places.entry(at).or_insert_with(|| cells.place(column));
            }
        }
    }

    /// The members of the document itself: what several rows say must be the same, but the values
    /// of a list may be spread over them. Says whether any of it is new.
    fn add_own(&mut self, cells: &Cells<'_>, said: Said) -> bool {
        let given = &mut self.given;
        let mut is_new = false;
        for leaf in said.leaves {
            let Leaf {
                path,
                is_list,
                value,
                place,
                ..
            } = leaf;
            let at = pointer(&path);
            match self.own.get_mut(&at) {
                None => {
                    is_new = true;
                    self.own
                        .insert(at.clone(), (cells.row.number, value.clone()));
                    given.places.insert(at, place);
                    set(&mut given.body, cells.columns, &[], &path, value);
                }
                Some((_, before)) if *before == value => {}
                Some((_, Value::Array(before))) if is_list => {
                    for one in value.as_array().into_iter().flatten() {
                        if !before.contains(one) {
                            is_new = true;
                            let one_at = format!("{at}/{}", before.len());
                            given.places.insert(one_at, place.clone());
                            before.push(one.clone());
                        }
                    }
                    let all = Value::Array(before.clone());
                    set(&mut given.body, cells.columns, &[], &path, all);
                }
                Some((row, _)) => {
                    let fault = Fault::Differs { row: *row };
                    given.wrong_at(Issue::body(at, fault), place);
                }
            }
        }
        stand_in(&mut given.body, cells.columns, &[], &said.wrong);
        for wrong in said.wrong {
            let issue = Issue::body(wrong.at, wrong.fault);
            if !wrong.merged || !given.issues.contains(&issue) {
                given.wrong_at(issue, wrong.place);
            }
        }
        is_new
    }

    /// An item of a list, or several where columns are short; one that is there already is not
    /// added again, unless it stands alone.
    fn add_items(
        &mut self,
        cells: &Cells<'_>,
        list: &[String],
        columns: &[&Column],
        is_alone: bool,
    ) {
        // What only reaches down from a row above is a part of that row's item.
        let merged = |column: &&Column| cells.row.cell(column.at).merged;
        if columns.iter().all(merged) {
            return;
        }
        let is_short = |column: &&&Column| matches!(&column.target, Target::Short { list: of, .. } if of.as_slice() == list);
        let (short, plain): (Vec<&Column>, Vec<&Column>) =
            columns.iter().partition(|column| is_short(column));
        let mut short = cells.read(&short, 0);
        let cleared_by_short = short
            .leaves
            .iter()
            .any(|leaf| leaf.value == Value::Array(Vec::new()));
        let plain = cells.read(&plain, list.len());
        let cleared = plain.leaves.iter().any(|leaf| leaf.value.is_null()) || cleared_by_short;
        let at = pointer(list);
        let count = list_at(&self.given.body, list).map_or(0, Vec::len);
        let mut places = BTreeMap::new();
        let mut issues = Vec::new();
        let item_at = format!("{at}/{count}");
        let item = plain.object(cells.columns, list, &item_at, &mut places, &mut issues);
        // One that is wrong is there as well: those of the next rows are not in its place.
        let is_wrong = !issues.is_empty();
        let shared = !item.contains_key("value");
        // With short columns beside it, it is a part of what those give.
        let alone = !shared || (short_values(&short) == 0 && short.wrong.is_empty());
        let own = (alone && (is_wrong || !item.is_empty())).then(|| Value::Object(item.clone()));
        let short_items: Vec<(Value, Place)> = short
            .leaves
            .iter()
            .filter_map(|leaf| Some((leaf.value.as_array()?, &leaf.items)))
            .flat_map(|(values, places)| values.iter().zip(places))
            .map(|(value, place)| {
                let mut whole = if shared { item.clone() } else { Map::new() };
                whole.extend(value.as_object().cloned().unwrap_or_default());
                (Value::Object(whole), place.clone())
            })
            .collect();
        let given = &mut self.given;
        if (own.is_some() || !short_items.is_empty() || cleared)
            && let Some(items) = list_of(&mut given.body, list)
        {
            if let Some(own) = own.filter(|own| is_wrong || is_alone || !items.contains(own)) {
                items.push(own);
                given.places.extend(places.clone());
            }
            for (item, place) in short_items {
                if items.contains(&item) {
                    continue;
                }
                let this_at = format!("{at}/{}", items.len());
                if shared {
                    let below = |(at, place): (&String, &Place)| {
                        let below = at.strip_prefix(&item_at)?;
                        Some((format!("{this_at}{below}"), place.clone()))
                    };
                    given.places.extend(places.iter().filter_map(below));
                }
                given.places.insert(this_at, place);
                items.push(item);
            }
        }
        for (issue, place) in issues {
            self.given.wrong_at(issue, place);
        }
        for Wrong { fault, place, .. } in short.wrong.drain(..) {
            let Some(items) = list_of(&mut self.given.body, list) else {
                return;
            };
            let at = format!("{at}/{}/value", items.len());
            // What its header says of it is said.
            let header = place.column.as_deref();
            let given = columns.iter().find_map(|column| match &column.target {
                Target::Short { given, .. } if header == Some(column.header.as_str()) => {
                    Some(given)
                }
                _ => None,
            });
            let mut whole = if shared { item.clone() } else { Map::new() };
            whole.extend(given.map(|(name, word)| ((*name).to_owned(), word.as_str().into())));
            whole.insert("value".to_owned(), UNREAD);
            items.push(whole.into());
            self.given.wrong_at(Issue::body(at, fault), place);
        }
    }
}

/// An object whose value was cleared is cleared as a whole: an objective without its text is none.
fn clear_objects(body: &mut Map<String, Value>, columns: &Columns) {
    for field in columns.fields.iter().filter(|field| field.is_own()) {
        let (name, value) = match (field.path.as_slice(), field.base) {
            ([name], Some(base)) => (name, base),
            ([name, value], None) if field.required && !field.needed => (name, value.as_str()),
            _ => continue,
        };
        let Some(Value::Object(members)) = body.get(name) else {
            continue;
        };
        let says_nothing = |value: &Value| value.is_null() || *value == Value::Bool(false);
        if members.get(value).is_some_and(Value::is_null) && members.values().all(says_nothing) {
            body.insert(name.clone(), Value::Null);
        }
    }
}

fn short_values(short: &Said) -> usize {
    let lists = short.leaves.iter().filter_map(|leaf| leaf.value.as_array());
    lists.map(Vec::len).sum()
}

fn list_at<'a>(body: &'a Map<String, Value>, list: &[String]) -> Option<&'a Vec<Value>> {
    let (first, rest) = list.split_first()?;
    let value = body.get(first)?;
    let found = rest.iter().fold(value, |value, name| &value[name.as_str()]);
    found.as_array()
}

/// The list to which names lead; made when it is not there.
fn list_of<'a>(body: &'a mut Map<String, Value>, list: &[String]) -> Option<&'a mut Vec<Value>> {
    let (first, rest) = list.split_first()?;
    let start = if rest.is_empty() {
        json!([])
    } else {
        json!({})
    };
    let value = body.entry(first.clone()).or_insert(start);
    if rest.is_empty() {
        value.as_array_mut()
    } else {
        list_of(value.as_object_mut()?, rest)
    }
}
