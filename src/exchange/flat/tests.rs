//! Tests of the flat form: what headers and rows mean. That documents come back from rows is in
//! `round_trip`, and `documented` holds the page about it to the program.

mod documented;
mod round_trip;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::columns::{Columns, Field};
use super::header::{Headers, Target};
use super::labels::{folded, label};
use super::write::{ColumnNames, Flat, FlatCell};
use crate::exchange::files::Options;
use crate::exchange::files::tests::read;
use crate::exchange::given::Given;
use crate::organisations::Organisation;
use crate::people::Person;
use crate::projects::Project;
use crate::register::{Document, Fault, Language};

fn of<T: Document>() -> Options {
    Options {
        format: None,
        collection: Some(T::NAMING),
    }
}

/// The documents of a text without a fault in the file.
fn rows<T: Document>(text: &str) -> Vec<Given> {
    let (all, end) = read(text.as_bytes(), &of::<T>());
    assert_eq!(end, None, "{text}");
    all
}

fn bodies(all: &[Given]) -> Vec<Value> {
    for given in all {
        assert_eq!(given.issues, [], "{:?}", given.places);
    }
    all.iter().map(|given| json!(given.body)).collect()
}

#[test]
fn every_column_has_a_dutch_label_of_its_own() {
    for columns in Columns::all() {
        let mut seen = BTreeSet::new();
        for field in &columns.fields {
            let label = label(&field.path);
            assert!(
                label.is_some(),
                "{}: {}",
                columns.naming.plural,
                field.dotted()
            );
            let label = folded(&label.unwrap_or_default());
            assert!(
                seen.insert(label.clone()),
                "{}: {label} twice",
                columns.naming.plural
            );
        }
    }
}

#[test]
fn what_a_document_needs_is_known() {
    let needed = |columns: &Columns| -> Vec<String> {
        let fields = columns.fields.iter().filter(|field| field.needed);
        fields.map(Field::dotted).collect()
    };
    let found: Vec<_> = Columns::all().iter().map(needed).collect();
    assert_eq!(
        found,
        [
            vec!["name", "kind"],
            vec!["name", "kind"],
            vec!["name.family"],
            vec!["name", "kind"],
            vec!["label"],
        ]
    );
}

#[test]
fn every_header_is_found_in_both_languages() {
    for columns in Columns::all() {
        let headers = Headers::of(columns);
        for (nth, field) in columns.fields.iter().enumerate() {
            let is_key = field.path == ["id"];
            let expected = if field.read_only && !is_key {
                Target::Ignored
            } else {
                Target::Field {
                    field: nth,
                    group: 0,
                }
            };
            for header in [field.dotted(), field.label(), field.label().to_uppercase()] {
                assert_eq!(
                    headers.find(&header),
                    Some(expected.clone()),
                    "{}: {header}",
                    columns.naming.plural
                );
            }
        }
        for naming in [ColumnNames::Paths, ColumnNames::Dutch] {
            let flat = Flat::new(columns, naming, Language::Dutch);
            for header in flat.headers() {
                assert!(headers.find(header).is_some(), "{header}");
            }
        }
    }
}

#[test]
fn no_member_is_deeper_than_a_row_can_tell() {
    for columns in Columns::all() {
        for field in &columns.fields {
            let nested = field.inner > 0 && field.inner < field.path.len();
            assert!(
                !nested || field.inner == field.path.len() - 1,
                "{}",
                field.dotted()
            );
            assert!(!nested || !field.is_own(), "{}", field.dotted());
        }
    }
}

#[test]
fn rows_below_each_other_are_joined_into_lists() {
    let text = "Naam;Soort;Startdatum;Deelnemer: organisatie;Deelnemer: rol;contacts.email;Thema's\n\
        Samen;Proef;31-12-2024;gemeente-elburg;Trekker;a@example.nl;jeugdhulp; \n\
        Samen;;;gemeente-putten;partner;a@example.nl;vve\n\
        ;;;gemeente-ermelo;partner;;\n\
        Ander;Project;najaar 2014;;;;\n";
    let text = text.replace("jeugdhulp; ", "\"jeugdhulp; onderwijs\"");
    let all = rows::<Project>(&text);
    assert_eq!(
        bodies(&all),
        [
            json!({
                "name": "Samen", "kind": "pilot", "start": "2024-12-31",
                "themes": ["jeugdhulp", "onderwijs", "vve"],
                "contacts": [{"kind": "email", "value": "a@example.nl"}],
                "participants": [
                    {"organisation": "gemeente-elburg", "role": "lead"},
                    {"organisation": "gemeente-putten", "role": "partner"},
                    {"organisation": "gemeente-ermelo", "role": "partner"},
                ],
            }),
            json!({"name": "Ander", "kind": "project", "start": "2014-23"}),
        ]
    );
    assert_eq!(all[1].place.row, Some(5));
    let place = all[0].place_of("/participants/1/role");
    assert_eq!(
        (place.row, place.value.as_deref()),
        (Some(3), Some("partner"))
    );
    assert_eq!(place.column.as_deref(), Some("Deelnemer: rol"));
}

#[test]
fn groups_with_numbers_and_short_columns_add_items() {
    let text = "slug,name,kind,participants.1.organisation,participants.1.role,Deelnemer 2: organisatie,participants.2.role,identifiers.kvk,Code: eigen,contacts.email,contacts.phone,contacts.isFunctional,funding.amount,funding.instrument,funding.funders\n\
        a,A,pilot,x,lead,y,partner,12345678,Z-1,a@b.nl; c@d.nl,0525 000000,ja,\"€ 1.500,50\",subsidie,f; g\n";
    let all = rows::<Project>(text);
    assert_eq!(
        bodies(&all),
        [json!({
            "slug": "a", "name": "A", "kind": "pilot",
            "participants": [{"organisation": "x", "role": "lead"}, {"organisation": "y", "role": "partner"}],
            "identifiers": [{"scheme": "kvk", "value": "12345678"}, {"scheme": "eigen", "value": "Z-1"}],
            "contacts": [
                {"isFunctional": true, "kind": "email", "value": "a@b.nl"},
                {"isFunctional": true, "kind": "email", "value": "c@d.nl"},
                {"isFunctional": true, "kind": "phone", "value": "0525 000000"},
            ],
            "funding": [{"amount": {"amount": "1500.50"}, "instrument": "subsidy", "funders": ["f", "g"]}],
        })]
    );
}

#[test]
fn lists_inside_lists_stand_in_one_cell_each() {
    let text = "name.family;roles.title;roles.kind;roles.region;roles.contacts.kind;roles.contacts.value;roles.contacts.label;roles.contacts.phone\n\
        As;Coördinator;Coördinator;ijsselland;\"email; url\";\"a@b.nl; https://b.nl/\";\"; site\";\"06 00000000\"\n";
    let all = rows::<Person>(text);
    assert_eq!(
        bodies(&all),
        [json!({
            "name": {"family": "As"},
            "roles": [{
                "title": "Coördinator", "kind": "coordinator", "region": "ijsselland",
                "contacts": [
                    {"kind": "email", "value": "a@b.nl"},
                    {"kind": "url", "value": "https://b.nl/", "label": "site"},
                    {"kind": "phone", "value": "06 00000000"},
                ],
            }],
        })]
    );
}

#[test]
fn a_cell_can_empty_a_member_and_an_empty_one_says_nothing() {
    let text = "slug;summary;contacts.email;alternativeNames;start;start.text;description\na;(leeg);(leeg);(empty);2014;begin 2014;'(leeg)\n";
    let text = text.replace("description", "approach");
    let all = rows::<Project>(&text);
    assert_eq!(
        bodies(&all),
        [json!({
            "slug": "a", "summary": null, "contacts": [], "alternativeNames": [],
            "start": {"edtf": "2014", "text": "begin 2014"}, "approach": "(leeg)",
        })]
    );
}

#[test]
fn a_wrong_cell_is_told_with_its_row_column_and_value() {
    let text = "Naam;Soort;Begin;Leeftijd vanaf;Doel is citaat\nA;rommel;31-31-2024;twaalf;misschien\nB;pilot;2014;4;ja\n";
    let all = rows::<Project>(text);
    let seen: Vec<_> = all[0]
        .issues
        .iter()
        .map(|issue| {
            let place = all[0].place_of(&issue.location);
            (
                issue.location.as_str(),
                place.row,
                place.value.clone().unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("/kind", Some(2), "rommel".to_owned()),
            ("/start", Some(2), "31-31-2024".to_owned()),
            ("/minimumAge", Some(2), "twaalf".to_owned()),
            ("/objective/isQuote", Some(2), "misschien".to_owned()),
        ]
    );
    assert_eq!(all[1].issues, []);
}

#[test]
fn each_item_of_a_list_is_told_by_its_own_cell() {
    let text = "Naam;Soort;E-mail;Telefoon;Code: cbs;Code: kvk;contacts.isFunctional;Andere namen\n\
        A;other;a@b.nl;abc;GM9997;123;ja;B\n\
        A;other;a@b.nl;def;;;ja;C\n";
    let all = rows::<Organisation>(text);
    let place = |at: &str| {
        let place = all[0].place_of(at);
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        (place.row, text(&place.column), text(&place.value))
    };
    let expected = |row: u64, column: &str, value: &str| (Some(row), column.into(), value.into());
    assert_eq!(place("/contacts/0/value"), expected(2, "E-mail", "a@b.nl"));
    assert_eq!(place("/contacts/1/value"), expected(2, "Telefoon", "abc"));
    assert_eq!(place("/contacts/2"), expected(3, "Telefoon", "def"));
    let functional = expected(3, "contacts.isFunctional", "ja");
    assert_eq!(place("/contacts/2/isFunctional"), functional);
    let code = expected(2, "Code: kvk", "123");
    assert_eq!(place("/identifiers/1/value"), code);
    assert_eq!(
        place("/alternativeNames/1"),
        expected(3, "Andere namen", "C")
    );

    let inner = "name.family;roles.title;roles.kind;roles.contacts.kind;roles.contacts.value;roles.contacts.phone\n\
        As;Baas;coordinator;email;a;12\n";
    let all = rows::<Person>(inner);
    let column = |at: &str| all[0].place_of(at).column.as_deref();
    assert_eq!(
        column("/roles/0/contacts/0/value"),
        Some("roles.contacts.value")
    );
    assert_eq!(
        column("/roles/0/contacts/1/value"),
        Some("roles.contacts.phone")
    );
}

#[test]
fn wrong_cells_of_rows_below_each_other_are_told_each_by_its_row() {
    let all = rows::<Project>("naam;soort;deelnemer: rol\nA;pilot;x\nA;pilot;y\n");
    let told: Vec<_> = all[0]
        .issues
        .iter()
        .map(|issue| {
            let place = all[0].place_of(&issue.location);
            (place.row, place.value.as_deref())
        })
        .collect();
    assert_eq!(told, [(Some(2), Some("x")), (Some(3), Some("y"))]);
}

#[test]
fn equal_items_of_exports_are_kept_and_those_that_are_repeated_by_hand_are_not() {
    let given = |text: &str| bodies(&rows::<Project>(text)).remove(0);
    let equal = json!([{"title": "CBS"}, {"title": "CBS"}]);
    let id = "01890000-0000-7000-8000-000000000001";
    let exported =
        format!("id;naam;sources.title;contacts.email\n{id};A;CBS;a\n{id};A;;b\n{id};A;CBS;\n");
    let read = given(&exported);
    assert_eq!(read["sources"], equal);
    assert_eq!(read["contacts"][1]["value"], "b");
    let other = format!("id;naam;sources.title;Andere namen\n{id};A;CBS;B\n{id};A;CBS;C\n");
    assert_eq!(given(&other)["sources"], json!([{"title": "CBS"}]));
    let by_hand = "naam;sources.title\nA;CBS\nA;CBS\n";
    assert_eq!(given(by_hand)["sources"], json!([{"title": "CBS"}]));
}

#[test]
fn an_object_whose_value_is_cleared_is_cleared() {
    let text = "slug;Doel;Doel is citaat;Begin;start.text\na;(leeg);;(leeg);(leeg)\nb;(leeg);nee;;\nc;(leeg);ja;;\n";
    assert_eq!(
        bodies(&rows::<Project>(text)),
        [
            json!({"slug": "a", "objective": null, "start": null}),
            json!({"slug": "b", "objective": null}),
            json!({"slug": "c", "objective": {"text": null, "isQuote": true}}),
        ]
    );
    let text = "slug;Voornaam;Achternaam\na;(leeg);\nb;;(leeg)\n";
    let given = bodies(&rows::<Person>(text));
    assert_eq!(given[0]["name"], json!({"given": null}));
    assert_eq!(
        given[1]["name"],
        json!({"family": null}),
        "its cell is told"
    );
}

#[test]
fn an_unknown_header_is_told_with_the_nearest_known_one() {
    let all = rows::<Project>("Naam;Samenvating;#eigen;Soort;naam\nA;x;y;pilot;\n");
    assert_eq!(all[0].place.column.as_deref(), Some("Samenvating"));
    let allowed = vec!["Samenvatting".to_owned()];
    assert_eq!(all[0].issues[0].fault, Fault::Unknown { allowed });
    assert_eq!(all[1].issues[0].fault, Fault::Duplicate);
    assert_eq!(json!(all[2].body), json!({"name": "A", "kind": "pilot"}));
}

#[test]
fn rows_of_one_document_that_stand_apart_or_differ_are_told() {
    let all = rows::<Organisation>("slug;naam;soort\na;A;other\nb;B;other\na;A;other\n");
    assert_eq!(all[2].issues[0].fault, Fault::Apart { row: 2 });
    let all = rows::<Organisation>("slug;naam;soort\na;A;other\na;A;school\n");
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].issues[0].fault, Fault::Differs { row: 2 });
    assert_eq!(all[0].place_of_issue(0).row, Some(3));
    let all = rows::<Organisation>("slug;naam;soort\na;A;x\na;A;school\na;A;x\na;A;y\n");
    let places = (0..all[0].issues.len()).map(|nth| all[0].place_of_issue(nth));
    let places: Vec<_> = places
        .map(|place| (place.row, place.value.as_deref()))
        .collect();
    let expected = [(2, "x"), (4, "x"), (5, "y")];
    assert_eq!(
        places,
        expected.map(|(row, value)| (Some(row), Some(value)))
    );
    let all = rows::<Organisation>("naam;soort;identifiers.brin\nA;school;00AA\nA;school;00AB\n");
    assert_eq!(bodies(&all).len(), 2, "two schools with one name");
}

#[test]
fn the_header_may_stand_lower_and_tells_the_collection() {
    let text = "Onze projecten\n\n;gemaakt op;1-1-2024\nNaam;Soort;Mijlpaal: titel;Mijlpaal: soort\n#voorbeeld;pilot;x;start\nA;pilot;Klaar;Oplevering\n";
    let (all, end) = read(text.as_bytes(), &Options::default());
    assert_eq!(end, None);
    assert_eq!(all.len(), 1);
    assert_eq!(
        all[0].collection.map(|naming| naming.plural),
        Some("projects")
    );
    assert_eq!(all[0].place.row, Some(6));
    let (all, end) = read(b"Naam;Soort\nA;other\n", &Options::default());
    assert!(
        all.is_empty() && end.is_some(),
        "three collections have these"
    );
}

#[test]
fn a_value_without_a_header_is_told() {
    let all = rows::<Organisation>("naam;;soort\nA;x;other\nB;y;other\n");
    assert_eq!(all[0].issues.len(), 1);
    assert_eq!(all[0].place_of("").value.as_deref(), Some("x"));
    assert_eq!(all[1].issues, [], "once for each column");
}

#[test]
fn a_local_name_and_references_to_it_are_kept() {
    let all = rows::<Organisation>(
        "@naam;naam;soort;parents.organisation;parents.kind\nkind;A;school;@bestuur;part_of\n@bestuur;B;school_board;;\n",
    );
    assert_eq!(
        bodies(&all),
        [
            json!({"@name": "kind", "name": "A", "kind": "school", "parents": [{"organisation": "@bestuur", "kind": "part_of"}]}),
            json!({"@name": "bestuur", "name": "B", "kind": "school_board"}),
        ]
    );
}

#[test]
fn a_document_with_endless_rows_is_bounded() {
    let mut text = "slug;naam;soort;alternativeNames\n".to_owned();
    for nth in 0..6_000 {
        text.extend([format!("a;A;other;{nth}\n")]);
    }
    let all = rows::<Organisation>(&text);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].issues.len(), 1);
    assert!(matches!(all[0].issues[0].fault, Fault::TooMany { .. }));
}

#[test]
fn rows_repeat_what_is_short_and_hold_each_item_once() {
    let document = json!({
        "id": "x", "slug": "samen", "name": "Samen", "kind": "pilot", "summary": "Een proef.",
        "alternativeNames": ["A; B", "C"],
        "start": {"edtf": "2014-23", "text": "najaar 2014"},
        "steward": {"id": "y", "slug": "gemeente-elburg", "name": "Gemeente Elburg"},
        "participants": [
            {"organisation": {"id": "y", "slug": "gemeente-elburg", "name": "Gemeente Elburg"}, "role": "lead"},
            {"partyClass": "=scholen", "role": "partner"},
        ],
    });
    let Value::Object(document) = document else {
        unreachable!()
    };
    let columns = Columns::of_type("project").unwrap_or(&Columns::all()[0]);
    let members = [
        "slug",
        "kind",
        "summary",
        "alternativeNames",
        "start",
        "steward",
        "participants",
    ];
    let flat =
        Flat::new(columns, ColumnNames::Paths, Language::Dutch).only(&members.map(str::to_owned));
    let headers: Vec<String> = flat.headers().map(str::to_owned).collect();
    let rows = flat.rows(&document);
    let shown: Vec<BTreeSet<(String, String)>> = rows
        .into_iter()
        .map(|row| {
            let texts = row.into_iter().map(FlatCell::into_text);
            let cells = headers.iter().cloned().zip(texts);
            cells.filter(|(_, text)| !text.is_empty()).collect()
        })
        .collect();
    let both = [("slug", "samen"), ("kind", "pilot"), ("kindLabel", "Proef")];
    let dates = [("start", "2014-23"), ("startText", "najaar 2014")];
    let steward = [
        ("steward", "gemeente-elburg"),
        ("stewardName", "Gemeente Elburg"),
    ];
    let first = [
        ("participants.organisation", "gemeente-elburg"),
        ("participants.organisationName", "Gemeente Elburg"),
        ("participants.role", "lead"),
        ("participants.roleLabel", "Trekker"),
    ];
    let second = [
        ("participants.partyClass", "'=scholen"),
        ("participants.role", "partner"),
        ("participants.roleLabel", "Partner"),
    ];
    let once = [("alternativeNames", "A\\; B; C"), ("summary", "Een proef.")];
    let expected = |parts: &[&[(&str, &str)]]| -> BTreeSet<(String, String)> {
        let cells = parts.iter().flat_map(|part| part.iter());
        cells
            .map(|(header, text)| ((*header).to_owned(), (*text).to_owned()))
            .collect()
    };
    assert_eq!(shown.len(), 2);
    assert_eq!(
        shown[0],
        expected(&[&both, &dates, &steward, &once, &first])
    );
    assert_eq!(shown[1], expected(&[&both, &dates, &steward, &second]));
}
