//! Tests of the ready readers, on small files of the form of the published ones.

use serde_json::{Value, json};

use crate::exchange::files::Options;
use crate::exchange::files::tests::read;
use crate::exchange::given::{Given, Match};

fn documents(text: &str) -> Vec<Given> {
    let (all, end) = read(text.as_bytes(), &Options::default());
    assert_eq!(end, None);
    all
}

/// Collection, members, and members of a new document.
fn told(given: &Given) -> (&'static str, Value, Value) {
    let plural = given.collection.map_or("", |naming| naming.plural);
    (plural, json!(given.body), json!(given.only_if_new))
}

#[test]
fn postcodes_give_municipalities_by_name_and_partnerships_by_number() {
    let all = documents(include_str!("../../../tests/it/files/postcodes-swv.csv"));
    assert!(all.iter().all(|given| given.issues.is_empty()));
    let names: Vec<_> = all.iter().map(Given::names).collect();
    assert_eq!(names[0], ["Gemeente Elburg", "Elburg"]);
    assert_eq!(all.len(), 4 + 6);
    assert!(all[..4].iter().all(|given| given.found_by == Match::Name));
    assert!(all[4..].iter().all(|given| given.found_by == Match::Key));
    assert_eq!(
        told(&all[1]),
        (
            "organisations",
            json!({"kind": "municipality", "serviceArea": {"postcodes": ["8071", "8072"]}}),
            json!({"name": "Gemeente Nunspeet", "alternativeNames": ["Nunspeet"]}),
        )
    );
    assert_eq!(
        told(&all[5]),
        (
            "organisations",
            json!({"kind": "school_partnership", "serviceArea": {"postcodes": ["8071", "8072", "8081", "8082"]}}),
            json!({
                "identifiers": [{"scheme": "swv", "value": "PO2509"}],
                "name": "Samenwerkingsverband passend onderwijs PO2509",
                "sectors": ["po"],
            }),
        )
    );
    assert_eq!(all[5].place.row, Some(2));
}

#[test]
fn a_wrong_row_of_postcodes_is_told_and_the_others_count() {
    let all = documents(
        "PC4;Gemeente;PO SWV;VO SWV\n12;A;PO2509;VO2509\n8081;;PO2509;-\n8082;B;PO25;VO2510\n",
    );
    let wrong: Vec<_> = all
        .iter()
        .filter(|given| !given.issues.is_empty())
        .map(|given| {
            (
                given.place.row,
                given.place.column.clone().unwrap_or_default(),
            )
        })
        .collect();
    // What would miss the postcode of the second row is wrong too.
    let expected = [
        (2, "PC4"),
        (3, "Gemeente"),
        (4, "PO SWV"),
        (2, "Gemeente"),
        (2, "PO SWV"),
        (2, "VO SWV"),
    ];
    assert_eq!(
        wrong,
        expected.map(|(row, column)| (Some(row), column.to_owned()))
    );
    let whole = all.iter().filter(|given| given.issues.is_empty());
    assert_eq!(whole.count(), 2, "a municipality and a partnership");
    let all = documents(
        "Gemeentecode;Gemeentenaam;Jeugdregiocode;Jeugdregio\nGM9997;A;JZ98;R\nx;B;JZ98;R\nGM9999;C;JZ97;S\n",
    );
    let region = |given: &&Given| told(given).0 == "regions";
    let regions: Vec<_> = all
        .iter()
        .filter(region)
        .map(|given| given.issues.len())
        .collect();
    assert_eq!(regions, [0, 1], "a region would miss a municipality");
}

#[test]
fn four_thousand_rows_make_each_document_once() {
    let mut text = "PC4;gemeente;PO SWV;VO SWV\n".to_owned();
    for nth in 0..4_046 {
        let (town, po, vo) = (nth % 393, 2_001 + nth % 77, 2_001 + nth % 75);
        text.extend([format!("{};Gemeente {town};PO{po};VO{vo}\n", 1_000 + nth)]);
    }
    let all = documents(&text);
    assert_eq!(all.len(), 393 + 77 + 75);
    let postcodes = |given: &Given| {
        let list = given.body["serviceArea"]["postcodes"]
            .as_array()
            .map(Vec::len);
        list.unwrap_or_default()
    };
    assert_eq!(all[..393].iter().map(postcodes).sum::<usize>(), 4_046);
    assert_eq!(all[393..].iter().map(postcodes).sum::<usize>(), 2 * 4_046);
}

#[test]
fn municipalities_come_with_their_youth_regions() {
    let all = documents(include_str!(
        "../../../tests/it/files/cbs-municipalities.csv"
    ));
    assert!(all.iter().all(|given| given.issues.is_empty()));
    assert_eq!(all.len(), 5);
    assert_eq!(
        told(&all[0]),
        (
            "organisations",
            json!({"kind": "municipality"}),
            json!({
                "identifiers": [{"scheme": "cbs", "value": "GM0230"}],
                "name": "Gemeente Elburg", "alternativeNames": ["Elburg"],
            }),
        )
    );
    assert_eq!(
        told(&all[3]),
        (
            "regions",
            json!({
                "kind": "youth_region",
                "municipalities": [{"organisation": "cbs:GM0230"}, {"organisation": "cbs:GM0302"}],
            }),
            json!({
                "identifiers": [{"scheme": "cbs", "value": "JZ98"}],
                "name": "Voorbeeldregio Noord",
            }),
        )
    );
}

#[test]
fn boards_and_schools_come_with_address_and_board() {
    let all = documents(include_str!("../../../tests/it/files/duo-boards.csv"));
    assert!(all.iter().all(|given| given.issues.is_empty()));
    assert_eq!(
        told(&all[0]),
        (
            "organisations",
            json!({
                "kind": "school_board", "name": "Stichting Voorbeeldscholen Noord",
                "denomination": "Openbaar", "website": "https://www.voorbeeldscholen.example",
                "addresses": [{
                    "kind": "visiting", "street": "Dorpsstraat", "houseNumber": "1",
                    "postcode": "8081 AA", "city": "ELBURG",
                }],
            }),
            json!({
                "identifiers": [{"scheme": "bevoegd-gezag", "value": "99901"}],
                "contacts": [{"kind": "phone", "value": "0525000000", "isFunctional": true}],
            }),
        )
    );
    let all = documents(include_str!("../../../tests/it/files/duo-schools.csv"));
    assert!(all.iter().all(|given| given.issues.is_empty()));
    assert_eq!(all.len(), 3);
    assert_eq!(
        all[2].only_if_new["identifiers"],
        json!([{"scheme": "brin", "value": "99XB01"}])
    );
    assert_eq!(
        all[2].body["parents"],
        json!([{"organisation": "bevoegd-gezag:99902", "kind": "part_of"}])
    );
    assert_eq!(
        all[2].only_if_new["serviceArea"],
        json!({"municipalities": ["cbs:GM0302"]})
    );
    assert!(!all[1].body.contains_key("website"), "it is no address");
    let left_out = all.iter().map(|given| given.left_out.len());
    assert_eq!(left_out.collect::<Vec<_>>(), [0, 1, 0]);
    assert_eq!(all[1].left_out[0].column.as_deref(), Some("INTERNETADRES"));
    assert_eq!(all[2].place_of("/addresses/0/city").row, Some(4));
}

#[test]
fn what_is_no_municipality_or_address_of_a_page_is_left_out() {
    for address in [
        "geen",
        "n.v.t.",
        "n.v.t",
        ".",
        "x.",
        "www..nl",
        "http://x?a.b",
    ] {
        let table = format!(
            "BRIN NUMMER;VESTIGINGSNAAM;GEMEENTENUMMER;INTERNETADRES\n99XA;A;Elburg;{address}\n99XB;B;;b.example\n"
        );
        let all = documents(&table);
        assert!(all.iter().all(|given| given.issues.is_empty()));
        let left_out = all[0].left_out.iter();
        let columns: Vec<_> = left_out.map(|place| place.column.as_deref()).collect();
        assert_eq!(
            columns,
            [Some("INTERNETADRES"), Some("GEMEENTENUMMER")],
            "{address}"
        );
        assert!(all[0].only_if_new.get("serviceArea").is_none());
        assert_eq!(all[0].body.get("website"), None);
        assert!(all[1].left_out.is_empty() && all[1].only_if_new.get("serviceArea").is_none());
        assert_eq!(all[1].body["website"], "https://b.example");
    }
}

#[test]
fn a_school_without_a_code_is_told() {
    let all = documents("BRIN NUMMER;VESTIGINGSNAAM\nxx;A\n99XA;\n");
    let places: Vec<_> = all
        .iter()
        .map(|given| given.issues[0].location.clone())
        .collect();
    assert_eq!(places, ["/identifiers", "/name"]);
}

#[test]
fn the_headers_that_are_known_are_those_that_are_documented() {
    let sources = [
        include_str!("boards.rs"),
        include_str!("municipalities.rs"),
        include_str!("postcodes.rs"),
    ];
    let docs = include_str!("../../../docs/flat-files.md");
    let known = sources
        .iter()
        .flat_map(|source| source.split("find(&[").skip(1));
    let known = known.filter_map(|rest| rest.split_once(']'));
    let known: Vec<&str> = known
        .flat_map(|(names, _)| names.split('"').skip(1).step_by(2))
        .collect();
    assert!(known.len() > 30, "{known:?}");
    for name in &known {
        assert!(
            docs.contains(&format!("`{name}`")),
            "{name} is not documented"
        );
    }
    let others = docs.split("| Column | Also |").nth(1).unwrap_or_default();
    let others = others.split("\n\n").next().unwrap_or_default();
    for name in others.split('`').skip(1).step_by(2) {
        assert!(known.contains(&name), "{name} is documented, but not known");
    }
}
