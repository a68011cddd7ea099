//! The cells of one row that belong together, as an object: a document's own members, or an item of
//! one of its lists.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::columns::{Columns, Field, Kind};
use super::cut;
use super::header::Target;
use super::read::{self, Meant, Unreadable};
use crate::exchange::files::piece::{Content, Row};
use crate::exchange::given::Place;
use crate::register::{Fault, Issue};

/// A column of a table that means something.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Its number, from 0.
    pub(super) at: usize,
    /// Its header, as it stands there.
    pub(super) header: String,
    /// What it is.
    pub(super) target: Target,
}

/// A value and where it stood, below the object that is made.
pub(super) struct Leaf {
    /// The names that lead to it.
    pub(super) path: Vec<String>,
    /// Whether it is a list whose values stand in one cell.
    pub(super) is_list: bool,
    /// The value; `null` where there is to be none.
    pub(super) value: Value,
    /// Its place.
    pub(super) place: Place,
    /// The places of its items, where several columns make them.
    pub(super) items: Vec<Place>,
}

/// What the cells of one object say.
#[derive(Default)]
pub(super) struct Said {
    /// The values.
    pub(super) leaves: Vec<Leaf>,
    /// What is wrong.
    pub(super) wrong: Vec<Wrong>,
}

/// A cell that is wrong.
pub(super) struct Wrong {
    /// Its pointer below the object.
    pub(super) at: String,
    /// What is wrong with it.
    pub(super) fault: Fault,
    /// Its place.
    pub(super) place: Place,
    /// Whether it only reaches down from a row above.
    pub(super) merged: bool,
}

/// The reader of one row.
pub(super) struct Cells<'a> {
    pub(super) columns: &'static Columns,
    pub(super) sheet: Option<&'a str>,
    pub(super) row: &'a Row,
}

impl Cells<'_> {
    /// The place of the row.
    pub(super) fn place_of_row(&self) -> Place {
        Place {
            sheet: self.sheet.map(str::to_owned),
            row: Some(self.row.number),
            ..Place::default()
        }
    }

    /// The place of a cell.
    pub(super) fn place(&self, column: &Column) -> Place {
        let content = &self.row.cell(column.at).content;
        Place {
            column: Some(column.header.clone()),
            value: (!content.is_blank()).then(|| cut(&content.text())),
            ..self.place_of_row()
        }
    }

    pub(super) fn content(&self, column: &Column) -> &Content {
        &self.row.cell(column.at).content
    }

    /// Reads the cells of an object that stands so many names deep.
    pub(super) fn read(&self, columns: &[&Column], depth: usize) -> Said {
        let mut said = Said::default();
        let mut nested: BTreeMap<Vec<String>, Vec<&Column>> = BTreeMap::new();
        for column in columns {
            match &column.target {
                Target::Field { field, .. } => {
                    let field = &self.columns.fields[*field];
                    if field.inner > 0 && field.inner < field.path.len() {
                        let list = field.path[..field.inner].to_vec();
                        nested.entry(list).or_default().push(column);
                    } else {
                        self.read_field(column, field, depth, &mut said);
                    }
                }
                Target::Short { list, .. } => nested.entry(list.clone()).or_default().push(column),
                Target::LocalName => self.read_local_name(column, &mut said),
                Target::Ignored => {}
            }
        }
        for (list, columns) in nested {
            self.read_nested(&list, &columns, depth, &mut said);
        }
        said
    }

    fn wrong(&self, at: String, fault: Fault, column: &Column) -> Wrong {
        Wrong {
            at,
            fault,
            place: self.place(column),
            merged: self.row.cell(column.at).merged,
        }
    }

    /// One of several values of a cell.
    fn wrong_value(&self, at: String, fault: Fault, column: &Column, text: &str) -> Wrong {
        let mut wrong = self.wrong(at, fault, column);
        wrong.place.value = Some(cut(text));
        wrong
    }

    fn read_local_name(&self, column: &Column, said: &mut Said) {
        let text = self.content(column).text();
        let name = text.trim().trim_start_matches(['\'', '@']);
        if !name.is_empty() {
            said.leaves.push(Leaf {
                path: vec!["@name".to_owned()],
                is_list: false,
                value: name.into(),
                place: self.place(column),
                items: Vec::new(),
            });
        }
    }

    fn read_field(&self, column: &Column, field: &Field, depth: usize, said: &mut Said) {
        let path = field.path[depth..].to_vec();
        let is_list = field.inner > 0;
        let content = self.content(column);
        let value = if is_list {
            read::values(field.kind, content).map(|values| match values {
                None => Some(json!([])),
                Some(values) if values.iter().all(|value| matches!(value, Ok(None))) => None,
                Some(values) => {
                    let values = values.into_iter().filter_map(Result::transpose);
                    let mut all = Vec::new();
                    for value in values {
                        all.push(value.unwrap_or_else(|Unreadable { text, fault }| {
                            let at = format!("{}/{}", pointer(&path), all.len());
                            said.wrong.push(self.wrong_value(at, fault, column, &text));
                            UNREAD
                        }));
                    }
                    Some(all.into())
                }
            })
        } else {
            read::value(field.kind, content).map(|meant| match meant {
                Meant::Nothing => None,
                Meant::Clear => Some(Value::Null),
                Meant::Value(value) => Some(value),
            })
        };
        match value {
            Ok(None) => {}
            Ok(Some(value)) => said.leaves.push(Leaf {
                path,
                is_list,
                value,
                place: self.place(column),
                items: Vec::new(),
            }),
            Err(fault) => {
                said.wrong.push(self.wrong(pointer(&path), fault, column));
            }
        }
    }

    /// A list whose items are made by the values of several cells, the first of each, the second of
    /// each and so on; and by short columns.
    fn read_nested(&self, list: &[String], columns: &[&Column], depth: usize, said: &mut Said) {
        let path = list[depth..].to_vec();
        let at = pointer(&path);
        let mut items: Vec<(Map<String, Value>, Place)> = Vec::new();
        let mut short: Vec<(Map<String, Value>, Place)> = Vec::new();
        let mut unread = Vec::new();
        let mut place = None;
        let mut cleared = false;
        for column in columns {
            let (kind, member, given) = match &column.target {
                Target::Field { field, .. } => {
                    let field = &self.columns.fields[*field];
                    (field.kind, field.path[field.inner].clone(), None)
                }
                Target::Short { given, .. } => (Kind::Line, "value".to_owned(), Some(given)),
                Target::LocalName | Target::Ignored => continue,
            };
            let values = match read::values(kind, self.content(column)) {
                Ok(Some(values)) => values,
                Ok(None) => {
                    cleared = true;
                    place.get_or_insert_with(|| self.place(column));
                    continue;
                }
                Err(fault) => {
                    said.wrong.push(self.wrong(at.clone(), fault, column));
                    continue;
                }
            };
            for (nth, value) in values.into_iter().enumerate() {
                let value = match value {
                    Ok(Some(value)) => value,
                    Ok(None) => continue,
                    Err(wrong) => {
                        unread.push((nth, member.clone(), wrong, *column));
                        UNREAD
                    }
                };
                place.get_or_insert_with(|| self.place(column));
                if let Some((name, word)) = given {
                    let mut item = Map::new();
                    item.insert((*name).to_owned(), word.as_str().into());
                    item.insert(member.clone(), value);
                    short.push((item, self.place(column)));
                    continue;
                }
                if items.len() <= nth {
                    items.resize_with(nth + 1, || (Map::new(), Place::default()));
                }
                let (item, of_item) = &mut items[nth];
                // What is wrong with an item is most often its value.
                if item.is_empty() || member == "value" {
                    *of_item = self.place(column);
                }
                item.insert(member.clone(), value);
            }
        }
        for (nth, member, Unreadable { text, fault }, column) in unread {
            let before = items.iter().take(nth);
            let nth = before.filter(|(item, _)| !item.is_empty()).count();
            let at = format!("{at}/{nth}/{member}");
            said.wrong.push(self.wrong_value(at, fault, column, &text));
        }
        items.retain(|(item, _)| !item.is_empty());
        items.extend(short);
        if let Some(place) = place
            && (cleared || !items.is_empty())
        {
            let (values, items): (Vec<_>, Vec<_>) = items
                .into_iter()
                .map(|(item, place)| (Value::Object(item), place))
                .unzip();
            said.leaves.push(Leaf {
                path,
                is_list: true,
                value: values.into(),
                place,
                items,
            });
        }
    }
}

impl Said {
    /// The object, with the places of its members and what is wrong with them, below a pointer.
    pub(super) fn object(
        self,
        columns: &Columns,
        above: &[String],
        at: &str,
        places: &mut BTreeMap<String, Place>,
        issues: &mut Vec<(Issue, Place)>,
    ) -> Map<String, Value> {
        let mut object = Map::new();
        for leaf in self.leaves {
            let at = format!("{at}{}", pointer(&leaf.path));
            for (nth, place) in leaf.items.into_iter().enumerate() {
                places.insert(format!("{at}/{nth}"), place);
            }
            places.insert(at, leaf.place);
            if !leaf.value.is_null() {
                set(&mut object, columns, above, &leaf.path, leaf.value);
            }
        }
        stand_in(&mut object, columns, above, &self.wrong);
        for wrong in self.wrong {
            let issue = Issue::body(format!("{at}{}", wrong.at), wrong.fault);
            issues.push((issue, wrong.place));
        }
        object
    }
}

/// Puts a value in its place. What stands on the way as a plain value becomes an object with it: a
/// date with the words of its source, a party with its type.
pub(super) fn set(
    object: &mut Map<String, Value>,
    columns: &Columns,
    above: &[String],
    path: &[String],
    value: Value,
) {
    let Some((name, rest)) = path.split_first() else {
        return;
    };
    let here = || [above, std::slice::from_ref(name)].concat();
    let base = || {
        let here = here();
        let field = columns.fields.iter().find(|field| field.path == here);
        field.and_then(|field| field.base)
    };
    if rest.is_empty() {
        // More may be known of it already.
        if let Some(Value::Object(inner)) = object.get_mut(name)
            && let Some(base) = base()
        {
            inner.insert(base.to_owned(), value);
        } else {
            object.insert(name.clone(), value);
        }
        return;
    }
    let inner = object.entry(name.clone()).or_insert_with(|| json!({}));
    if *inner == UNREAD {
        *inner = json!({});
    } else if !inner.is_object() {
        let plain = inner.take();
        *inner = json!({ base().unwrap_or("value"): plain });
    }
    if let Some(inner) = inner.as_object_mut() {
        set(inner, columns, &here(), rest, value);
    }
}

/// What stands in for a single value that cannot be read, so that it is there and yet none: its place
/// is known to be wrong.
pub(super) const UNREAD: Value = Value::Array(Vec::new());

/// Puts something that is no value where cells stand that cannot be read, so that what is lacking
/// beside them is told, and they are not told to be lacking.
pub(super) fn stand_in(
    object: &mut Map<String, Value>,
    columns: &Columns,
    above: &[String],
    wrong: &[Wrong],
) {
    for one in wrong {
        let path: Vec<String> = one.at.split('/').skip(1).map(str::to_owned).collect();
        let Some((first, rest)) = path.split_first() else {
            continue;
        };
        // Values of a list have it already.
        let is_of_list = rest.iter().any(|name| name.parse::<usize>().is_ok());
        let there = object.get(first);
        let there = rest.iter().fold(there, |value, name| value?.get(name));
        if there.is_none() && !is_of_list {
            set(object, columns, above, &path, UNREAD);
        }
    }
}

/// The JSON pointer of names.
pub(super) fn pointer(path: &[String]) -> String {
    path.iter().flat_map(|name| ["/", name]).collect()
}
