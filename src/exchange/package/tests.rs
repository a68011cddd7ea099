//! Tests of what a package says of its tables.

use super::descriptor::target;
use super::table::Tables;
use crate::exchange::flat::{Columns, Kind};

#[test]
fn every_reference_leads_to_a_table_but_those_to_one_of_two() {
    for columns in Columns::all() {
        for field in &columns.fields {
            if !matches!(field.kind, Kind::Reference) {
                continue;
            }
            let is_party = field.base.is_some();
            let told = target(field);
            assert_eq!(told.is_none(), is_party, "{}", field.dotted());
            let known = Columns::all().iter().map(|other| other.naming.plural);
            assert!(told.is_none_or(|told| known.clone().any(|one| one == told)));
        }
    }
}

#[test]
fn every_member_stands_in_exactly_one_table_of_its_collection() {
    let made = Tables::new(&std::env::temp_dir()).and_then(Tables::finish);
    let made = made.unwrap_or_default();
    assert!(made.len() > 30, "{}", made.len());
    for columns in Columns::all() {
        let of_it = || {
            made.iter()
                .filter(|(plan, _)| plan.naming.type_ == columns.naming.type_)
        };
        for field in &columns.fields {
            let tables = of_it().filter(|(plan, _)| {
                let mut own = plan.flat.columns().iter();
                own.any(|column| column.field.path == field.path && !column.is_extra)
            });
            let expected = if field.path == ["id"] {
                of_it().count()
            } else {
                1
            };
            assert_eq!(tables.count(), expected, "{}", field.dotted());
        }
        let mut names: Vec<String> = of_it().map(|(plan, _)| plan.name()).collect();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        let is_plain = |letter: char| letter.is_ascii_lowercase() || letter == '-';
        assert!(
            names.iter().all(|name| name.chars().all(is_plain)),
            "{names:?}"
        );
    }
}
