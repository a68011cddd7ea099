//! Tables brought in: made by hand, by a template, by others.

use serde_json::{Value, json};

use super::{Imported, position, told};
use crate::support::Server;

const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

#[track_caller]
fn send(server: &Server, query: &str, media: &str, bytes: &[u8]) -> Imported {
    let request = server
        .post(&format!("/imports?{query}"))
        .key(server.admin_key());
    told(&request.header("content-type", media).bytes(bytes).send())
}

both! {
    with(["--demo"], [])
    fn rows_with_dutch_headers_become_documents(server: &Server) {
        let table = "\u{feff}Slug;Naam;Soort;Startdatum;Deelnemer: organisatie;Deelnemer: rol\r\n\
            leesproef;Leesproef;Pilot;31-12-2024;zeeluwe;Trekker\r\n\
            leesproef;Leesproef;Pilot;;gemeente-elburg;Partner\r\n\
            rekenproef;Rekenproef;project;najaar 2023;;\r\n";
        let done = send(server, "type=projects", CSV, table.as_bytes());
        assert_eq!(done.statuses(), ["created", "created"], "{:?}", done.documents);
        let made = server.get("/projects/leesproef").send().expect(200).json();
        assert_eq!((&made["kind"], &made["start"]["edtf"]), (&json!("pilot"), &json!("2024-12-31")));
        let partners: Vec<&Value> = made["participants"].as_array().unwrap().iter().map(|one| &one["organisation"]["slug"]).collect();
        assert_eq!(partners, ["zeeluwe", "gemeente-elburg"]);
        let before = position(server);
        let again = send(server, "type=projects", CSV, table.as_bytes()).assert_applied();
        assert_eq!(again.statuses(), ["unchanged", "unchanged"]);
        assert_eq!(position(server), before);
    }

    fn a_wrong_cell_is_told_by_row_column_and_value(server: &Server) {
        let table = "naam;soort;startdatum\nEen;pilot;31-31-2024\nTwee;onzin;2024\n";
        let done = send(server, "type=projects", CSV, table.as_bytes());
        assert_eq!(done.summary["applied"], false);
        let place = |nth: usize| done.documents[nth]["errors"][0]["place"].clone();
        assert_eq!(place(0), json!({"row": 2, "column": "startdatum", "value": "31-31-2024"}));
        assert_eq!(place(1), json!({"row": 3, "column": "soort", "value": "onzin"}));
        let unbalanced = send(server, "type=projects", CSV, b"naam;soort\n\"Een;pilot\n");
        assert_eq!((&unbalanced.summary["applied"], &unbalanced.summary["created"]), (&json!(false), &json!(0)));
        assert!(unbalanced.summary["error"]["place"]["row"].is_u64(), "{}", unbalanced.summary);
        let unknown = send(server, "type=projects", CSV, b"naam;soort;kleur\nEen;pilot;rood\n");
        assert_eq!(unknown.summary["applied"], false);
        assert!(unknown.documents.iter().any(|one| one["errors"][0]["place"]["column"] == "kleur"), "{:?}", unknown.documents);
    }

    fn the_cell_that_is_told_is_that_of_the_item_which_is_wrong(server: &Server) {
        let table = "Naam;Soort;E-mail;Telefoon\nA;welfare;a@b.nl;abc\n";
        let done = send(server, "type=organisations", CSV, table.as_bytes());
        let place = &done.documents[0]["errors"][0]["place"];
        assert_eq!(*place, json!({"row": 2, "column": "Telefoon", "value": "abc"}), "{:?}", done.documents);
        let table = "Naam;Soort;Code: cbs;Code: kvk\nA;municipality;GM9997;123\n";
        let done = send(server, "type=organisations", CSV, table.as_bytes());
        let place = &done.documents[0]["errors"][0]["place"];
        assert_eq!(*place, json!({"row": 2, "column": "Code: kvk", "value": "123"}), "{:?}", done.documents);
    }

    fn all_that_is_wrong_with_a_row_is_told_at_once(server: &Server) {
        let table = "Slug;Naam;Soort;Startdatum;Deelnemer: organisatie;Deelnemer: rol;E-mail;minimumAge\n\
            een;Een;pilot;31-31-2024;nergens;;ook geen;x\n\
            een;Twee;onzin;2024;;;;\n\
            drie;;pilot;;;;;\n\
            vier;Vier;onzin;;;;;\n";
        for mode in ["atomic", "partial"] {
            let done = send(server, &format!("type=projects&mode={mode}"), CSV, table.as_bytes());
            let expected = [
                (1, "/start", "invalid_format"), (1, "/minimumAge", "invalid_format"), (1, "/name", "rows_differ"),
                (1, "/kind", "unknown_value"), (1, "/contacts/0/value", "invalid_format"),
                (1, "/participants/0/organisation", "unknown_reference"), (1, "/participants/0/role", "missing"),
                (2, "/name", "missing"), (3, "/kind", "unknown_value"),
            ];
            let mut expected: Vec<_> = expected.map(|(nth, at, code)| (nth, at.to_owned(), code.to_owned())).into();
            let mut errors = done.errors();
            expected.sort();
            errors.sort();
            assert_eq!(errors, expected, "{mode}: {:?}", done.documents);
            assert_eq!((&done.summary["failed"], &done.summary["created"]), (&json!(3), &json!(0)), "{mode}");
        }
        // What is there needs no name again; what is damaged further on is told beside what was read.
        super::import(server, "", &[super::project("een", json!({}))]).assert_applied();
        let done = send(server, "type=projects", CSV, b"Slug;Soort;Startdatum;Steward\neen;onzin;x;nergens\n");
        let errors = done.errors();
        let at: Vec<&str> = errors.iter().map(|(_, at, _)| at.as_str()).collect();
        assert_eq!(at, ["/kind", "/start", "/steward"], "{:?}", done.documents);
        let done = send(server, "type=projects", CSV, b"Slug;Soort\neen;onzin\ntwee;pilot\ndrie;\"x\n");
        assert_eq!(done.summary["error"]["code"], "unreadable_file", "{}", done.summary);
        let expected = [(1, "/kind", "unknown_value"), (2, "/name", "missing")];
        assert_eq!(done.errors(), expected.map(|(nth, at, code)| (nth, at.to_owned(), code.to_owned())));
    }

    fn what_lacks_beside_a_cell_that_cannot_be_read_is_told_with_it(server: &Server) {
        let of = |number: u64, at: &str, code: &str| (number, at.to_owned(), code.to_owned());
        let table = "slug;naam;soort;objective.text;objective.isQuote;funding.instrument;funding.amount.amount;funding.amount.currency;start;start.text\n\
            een;Een;pilot;;misschien;;;;geen dag;in de herfst\n\
            twee;Twee;pilot;Doel;misschien;subsidie;veel;;;in de herfst\n";
        let expected = [
            of(1, "/start", "invalid_format"), of(1, "/objective/isQuote", "invalid_format"), of(1, "/objective/text", "missing"),
            of(2, "/objective/isQuote", "invalid_format"), of(2, "/funding/0/amount/amount", "invalid_format"),
            of(2, "/funding/0/funders", "missing"), of(2, "/start/edtf", "missing"),
        ];
        let sorted = |mut errors: Vec<(u64, String, String)>| {
            errors.sort();
            errors
        };
        let expected = sorted(expected.into());
        assert_eq!(sorted(send(server, "type=projects", CSV, table.as_bytes()).errors()), expected);
        // Nor is it lacking where it cannot be read, whatever else is said of it.
        let table = "slug;naam;soort;Code: kvk;identifiers.value;identifiers.start\na;A;pilot;;12;fout\nb;B;pilot;12;;2024\n";
        let errors = send(server, "type=projects", CSV, table.as_bytes()).errors();
        assert_eq!(errors, [of(1, "/identifiers/0/start", "invalid_format"), of(1, "/identifiers/0/scheme", "missing"), of(2, "/identifiers/0/value", "invalid_format")]);
        // In whatever order the columns stand, a date keeps the words of its source.
        for (slug, table) in [("c", "slug;naam;soort;start;start.text\nc;C;pilot;2014;in 2014\n"), ("d", "slug;naam;soort;start.text;start\nd;D;pilot;in 2014;2014\n")] {
            send(server, "type=projects", CSV, table.as_bytes()).assert_applied();
            let start = server.get(&format!("/projects/{slug}")).send().expect(200).json()["start"].clone();
            assert_eq!((&start["edtf"], &start["text"]), (&json!("2014"), &json!("in 2014")), "{slug}");
        }
    }

    fn a_code_stands_before_its_scheme_or_behind_it(server: &Server) {
        let rows = [
            "name;kind;identifiers.value;identifiers.scheme\nSchool A;school;1;fz\n;;2;fy\n",
            "name;kind;identifiers.value;identifiers.scheme\nSchool B;school;1;fx\nSchool C;school;2;fx\nSchool D;school;1;fw\n",
            "name;kind;identifiers.value;identifiers.scheme\nSchool E;school;1;fv\nSchool E;school;2;fv\n",
        ];
        let codes = rows.map(|table| send(server, "type=organisations", CSV, table.as_bytes()).assert_applied().documents.len());
        assert_eq!(codes, [1, 3, 2]);
        let school = server.get("/organisations/fy:2").send().expect(200).json();
        assert_eq!((&school["name"], &school["identifiers"][0]["scheme"]), (&json!("School A"), &json!("fz")));
    }

    fn rows_that_stand_apart_are_looked_at_too(server: &Server) {
        let of = |number: u64, at: &str, code: &str| (number, at.to_owned(), code.to_owned());
        let table = "slug;name;kind;related.project;related.kind;contacts.email;start;end\n\
            qx;X;pilot;;;;;\nqy;Y;pilot;;;;;\nqx;;;nergens;part_of;zz;2020;1950\n";
        let mut errors = send(server, "type=projects", CSV, table.as_bytes()).errors();
        errors.sort();
        let expected = [of(3, "", "rows_apart"), of(3, "/contacts/0/value", "invalid_format"), of(3, "/end", "ends_before_start"), of(3, "/related/0/project", "unknown_reference")];
        assert_eq!(errors, expected);
        // Below each other, what they say differently is told.
        let id = "01890000-0000-7000-8000-00000000000a";
        let table = format!("id;slug;name;kind\n{id};a;A;pilot\n{id};b;A;pilot\n");
        assert_eq!(send(server, "type=projects", CSV, table.as_bytes()).errors(), [of(1, "/slug", "rows_differ")]);
    }

    fn each_value_of_a_cell_and_each_row_of_an_item_is_told(server: &Server) {
        let table = "name;kind;sectors\nA;school;\"zz; po\"\nB;school;\"po; zz; yy\"\n";
        let done = send(server, "type=organisations", CSV, table.as_bytes());
        let told: Vec<(&str, &str)> = done.documents.iter().flat_map(|one| one["errors"].as_array().into_iter().flatten())
            .map(|error| (error["location"].as_str().unwrap_or_default(), error["place"]["value"].as_str().unwrap_or_default())).collect();
        assert_eq!(told, [("/sectors/0", "zz"), ("/sectors/1", "zz"), ("/sectors/2", "yy")]);
        let table = "name.family;roles.area;roles.title;roles.kind;roles.contacts.kind;roles.contacts.value;roles.contacts.visibility\n\
            Q;Zuid;T;lead;\"zzz; email\";\"a@b.nl; x\";yyy\nQ;;T;lead;;;\n";
        let done = send(server, "type=people", CSV, table.as_bytes());
        let mut told: Vec<_> = done.documents[0]["errors"].as_array().into_iter().flatten()
            .map(|error| (error["location"].as_str().unwrap_or_default(), error["place"]["row"].as_u64(), error["place"]["column"].as_str())).collect();
        told.sort_unstable();
        assert_eq!(told, [
            ("/roles/0/contacts/0/kind", Some(2), Some("roles.contacts.kind")), ("/roles/0/contacts/0/visibility", Some(2), Some("roles.contacts.visibility")),
            ("/roles/0/contacts/1/value", Some(2), Some("roles.contacts.value")), ("/roles/1", Some(3), None),
        ]);
    }

    fn nothing_else_is_told_beside_a_cell_that_cannot_be_read(server: &Server) {
        let workbook = |name: &str, headers: &[&str], cells: &[&str]| {
            let mut book = rust_xlsxwriter::Workbook::new();
            let sheet = book.add_worksheet().set_name(name).expect("a name");
            for (column, (header, cell)) in (0..).zip(headers.iter().zip(cells)) {
                sheet.write_string(0, column, *header).expect("a cell");
                match *cell {
                    "?" => sheet.write_formula(1, column, rust_xlsxwriter::Formula::new("=NA()").set_result("#N/A")).expect("a cell"),
                    text => sheet.write_string(1, column, text).expect("a cell"),
                };
            }
            book.save_to_buffer().expect("a workbook")
        };
        let cases: [(&str, &[&str], &[&str], &str); 5] = [
            ("projects", &["slug", "name", "kind", "participants.organisation", "participants.role"], &["a", "A", "pilot", "?", "lead"], "/participants/0/organisation"),
            ("people", &["name.family", "roles.title", "roles.kind", "roles.region"], &["A", "T", "lead", "?"], "/roles/0/region"),
            ("projects", &["slug", "name", "kind", "contacts.email", "contacts.label"], &["a", "A", "pilot", "?", "Balie"], "/contacts/0/value"),
            ("projects", &["slug", "name", "kind", "start", "start.text"], &["a", "A", "pilot", "?", "ooit"], "/start"),
            ("projects", &["slug", "name", "kind"], &["?", "A", "pilot"], "/slug"),
        ];
        for (sheet, headers, cells, place) in cases {
            let done = send(server, "", XLSX, &workbook(sheet, headers, cells));
            assert_eq!(done.errors(), [(1, place.to_owned(), "invalid_format".to_owned())], "{headers:?}");
        }
        let table = "slug;name;kind;funding.funders;funding.instrument;funding.recipient;funding.recipient.type\nqx;X;pilot;;subsidie;nergens;regiooo\n";
        let mut errors = send(server, "type=projects", CSV, table.as_bytes()).errors();
        errors.sort();
        assert_eq!(errors.iter().map(|(_, at, _)| at.as_str()).collect::<Vec<_>>(), ["/funding/0/funders", "/funding/0/recipient/type"]);
    }

    fn an_empty_cell_of_what_must_be_there_is_told_with_its_column(server: &Server) {
        let table = "slug;Naam;soort;Deelnemer: organisatie;Deelnemer: rol\nbestaat;Bestaat;pilot;;\nnieuw;;pilot;cbs:GM9999;\n";
        let done = send(server, "type=projects", CSV, table.as_bytes());
        let place = |column: &str| json!({"row": 3, "column": column});
        let told = |nth: usize| {
            let error = &done.documents[1]["errors"][nth];
            (error["location"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default(), &error["place"])
        };
        assert_eq!(told(0), ("/name", "missing", &place("Naam")), "{:?}", done.documents);
        assert_eq!(told(2), ("/participants/0/role", "missing", &place("Deelnemer: rol")), "{:?}", done.documents);
        assert_eq!(done.errors().len(), 3);
        // What a short column makes lacks nothing of the others.
        let done = send(server, "type=projects", CSV, b"slug;name;kind;contacts.phone;contacts.value\na1;N;pilot;xyz;\n");
        assert_eq!(done.documents[0]["errors"][0]["place"], json!({"row": 2, "column": "contacts.phone", "value": "xyz"}), "{:?}", done.documents);
    }

    fn exports_that_are_no_tables_of_documents_are_told_from_others(server: &Server) {
        super::import(server, "", &[super::project("a", json!({}))]).assert_applied();
        for format in ["csv", "xlsx"] {
            let hits = server.get(&format!("/search?q=a&format={format}")).send().expect(200).body;
            let done = send(server, "", if format == "csv" { CSV } else { XLSX }, &hits);
            let told = [&done.summary["error"]["detail"], &done.documents.first().cloned().unwrap_or_default()["errors"][0]["detail"]];
            assert!(told.iter().any(|one| one.as_str().unwrap_or_default().contains("treffers van een zoekopdracht")), "{format}: {told:?}");
        }
        let package = server.get("/exports/register").send().expect(200).body;
        let done = send(server, "", "application/octet-stream", &package);
        assert!(done.summary["error"]["detail"].as_str().unwrap_or_default().contains("documents.ndjson"), "{}", done.summary);
    }

    fn a_list_of_others_clears_nothing(server: &Server) {
        let boards = "BEVOEGD GEZAG NUMMER;BEVOEGD GEZAG NAAM;TELEFOONNUMMER\n40555;Stichting A;bel maar\n";
        let done = send(server, "", CSV, boards.as_bytes());
        assert_eq!(done.documents[0]["errors"][0]["place"], json!({"row": 2, "column": "TELEFOONNUMMER", "value": "bel maar"}));
        let boards = boards.replace("bel maar", "0301234567");
        send(server, "", CSV, boards.as_bytes()).assert_applied();
        let before = position(server);
        let refused = send(server, "onMissing=clear", CSV, boards.as_bytes());
        assert_eq!(refused.summary["error"]["code"], "contradiction", "{}", refused.summary);
        let again = send(server, "", CSV, boards.as_bytes()).assert_applied();
        assert_eq!(again.statuses(), ["unchanged"]);
        assert_eq!(position(server), before);
    }

    fn a_letter_that_is_not_utf_8_makes_no_other_of_it(server: &Server) {
        let table = "naam;soort\nCafé één;pilot\n";
        send(server, "type=projects", CSV, table.as_bytes()).assert_applied();
        let mixed = [table.as_bytes(), b"Caf\xe9 twee;pilot\n"].concat();
        let refused = send(server, "type=projects", CSV, &mixed);
        assert_eq!(refused.summary["error"]["code"], "unreadable_file", "{}", refused.summary);
        send(server, "type=projects", CSV, b"naam;soort\nCaf\xe9 \xe9\xe9n;pilot\n").assert_applied();
        let found = server.get("/projects").send().expect(200).json();
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    }

    fn a_text_that_is_longer_than_a_cell_comes_back_from_a_workbook(server: &Server) {
        let long = |letter: &str| format!("={}", letter.repeat(40_000));
        let rest = json!({
            "motivation": long("é"),
            "focusPoints": [{"kind": "goal", "title": "a", "description": long("a")}, {"kind": "goal", "title": "b"}, {"kind": "goal", "title": "c", "description": long("b")}],
        });
        super::import(server, "", &[super::project("a", rest), super::project("b", json!({}))]).assert_applied();
        let before = position(server);
        let key = server.admin_key();
        let whole = |server: &Server| server.get("/projects?format=ndjson&fields=slug,motivation,focusPoints").key(server.admin_key()).send().expect(200).text();
        let table = server.get("/projects?format=xlsx").key(key).send().expect(200).body;
        for missing in ["keep", "clear"] {
            let done = send(server, &format!("type=projects&onMissing={missing}"), XLSX, &table).assert_applied();
            assert_eq!(done.statuses(), ["unchanged", "unchanged"], "{missing}");
        }
        assert_eq!(position(server), before);
        let empty = Server::start_with(server.backend(), &[], &[]);
        send(&empty, "type=projects", XLSX, &table).assert_applied();
        assert!(whole(&empty) == whole(server), "the texts are others");
    }

    fn an_objective_can_be_cleared(server: &Server) {
        let rest = json!({"objective": {"text": "Minder wachten."}});
        super::import(server, "", &[super::project("a", rest)]).assert_applied();
        send(server, "type=projects", CSV, b"slug;Doel;Doel is citaat\na;(leeg);nee\n").assert_applied();
        let project = server.get("/projects/a").send().expect(200).json();
        assert_eq!(project["objective"], Value::Null);
    }

    fn equal_items_of_a_list_come_back_from_an_export(server: &Server) {
        let twice = json!([{"title": "CBS"}, {"title": "DUO"}, {"title": "CBS"}]);
        let contact = json!([{"kind": "email", "value": "a@example.nl"}]);
        let rest = json!({"sources": twice, "contacts": contact});
        super::import(server, "", &[super::project("a", rest)]).assert_applied();
        let before = position(server);
        for (media, format) in [(CSV, "csv"), (XLSX, "xlsx")] {
            for names in ["paths", "dutch"] {
                let list = server.get(&format!("/projects?format={format}&columnNames={names}"));
                let table = list.key(server.admin_key()).send().expect(200).body;
                let done = send(server, "type=projects", media, &table).assert_applied();
                assert_eq!(done.statuses(), ["unchanged"], "{format} {names}");
            }
        }
        assert_eq!(position(server), before);
    }

    fn a_workbook_is_read_with_its_types(server: &Server) {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet().set_name("projects").expect("a name");
        let day = rust_xlsxwriter::Format::new().set_num_format("dd-mm-yyyy");
        for (column, header) in (0..).zip(["Naam", "Soort", "Startdatum", "minimumAge"]) {
            sheet.write_string(0, column, header).expect("a cell");
        }
        sheet.write_string(1, 0, "Uit een werkblad").expect("a cell");
        sheet.write_string(1, 1, "pilot").expect("a cell");
        sheet.write_number_with_format(1, 2, 45_657.0, &day).expect("a cell");
        sheet.write_number(1, 3, 4.0).expect("a cell");
        let bytes = book.save_to_buffer().expect("a workbook");
        send(server, "", XLSX, &bytes).assert_applied();
        let made = server.get("/projects/uit-een-werkblad").send().expect(200).json();
        assert_eq!((&made["start"]["edtf"], &made["minimumAge"]), (&json!("2024-12-31"), &json!(4)));
        // What a bomb says of itself is not believed, and what is no workbook is said to be none.
        for bytes in [&b"PK\x03\x04rubbish"[..], &bytes[..bytes.len() / 2], b"\xd0\xcf\x11\xe0"] {
            let done = send(server, "type=projects", XLSX, bytes);
            assert_eq!(done.summary["error"]["code"], "unreadable_file", "{}", done.summary);
        }
    }

    fn an_empty_template_changes_nothing(server: &Server) {
        for (media, format) in [(CSV, "csv"), (XLSX, "xlsx")] {
            for collection in ["projects", "people", "organisations", "regions", "themes"] {
                let path = format!("/imports/templates/{collection}?format={format}");
                let template = server.get(&path).send().expect(200);
                let done = send(server, &format!("type={collection}"), media, &template.body);
                assert_eq!((done.documents.len(), &done.summary["failed"]), (0, &json!(0)), "{path}: {:?}", done.documents);
            }
        }
        assert_eq!(position(server), 0);
    }

    with(["--demo"], [])
    fn the_areas_of_school_partnerships_tell_who_works_for_a_postcode(server: &Server) {
        let table = include_bytes!("../files/postcodes-swv.csv");
        send(server, "", CSV, table).assert_applied();
        let found = server.get("/postcodes/8071").send().expect(200).json();
        let names = |member: &str| -> Vec<String> {
            found[member].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names("municipalities").len(), 1, "{found}");
        assert!(names("municipalities")[0].contains("Nunspeet"));
        assert!(names("regions").contains(&"Noord Veluwe".to_owned()), "{found}");
        for partnership in ["Zeeluwe", "Stichting Leerlingenzorg Noord Veluwe"] {
            assert!(names("schoolPartnerships").contains(&partnership.to_owned()), "{found}");
        }
        let before = position(server);
        let again = send(server, "", CSV, table).assert_applied();
        assert!(again.statuses().iter().all(|status| *status == "unchanged"), "{:?}", again.documents);
        assert_eq!(position(server), before);
    }

    fn a_municipality_is_one_however_its_name_is_spelled(server: &Server) {
        let table = "PC4;gemeente;PO SWV;VO SWV\n8071;Nunspeet;PO2509;VO2509\n8072;nunspeet;PO2509;VO2509\n8075;Gemeente  NUNSPEET;PO2509;VO2509\n";
        send(server, "", CSV, table.as_bytes()).assert_applied();
        let found = server.get("/organisations?kind=municipality").send().expect(200).json();
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
        assert_eq!(found["items"][0]["name"], "Gemeente Nunspeet");
        let before = position(server);
        send(server, "", CSV, table.as_bytes()).assert_applied();
        assert_eq!(position(server), before);
    }

    with(["--demo"], [])
    fn lists_of_municipalities_and_schools_are_read_as_they_are_published(server: &Server) {
        let municipalities = include_bytes!("../files/cbs-municipalities.csv");
        send(server, "", CSV, municipalities).assert_applied();
        let region = server.get("/regions/cbs:JZ98").send().expect(200).json();
        assert_eq!(region["municipalities"].as_array().map(Vec::len), Some(2));
        for table in [&include_bytes!("../files/duo-boards.csv")[..], include_bytes!("../files/duo-schools.csv")] {
            send(server, "", CSV, table).assert_applied();
        }
        let school = server.get("/organisations/brin:99XA00").send().expect(200).json();
        assert_eq!(school["kind"], "school");
        assert_eq!(school["serviceArea"]["municipalities"][0]["slug"], "gemeente-elburg");
        let before = position(server);
        for table in [&municipalities[..], include_bytes!("../files/duo-boards.csv"), include_bytes!("../files/duo-schools.csv")] {
            send(server, "", CSV, table).assert_applied();
        }
        assert_eq!(position(server), before);
        // What is not taken over is told each time.
        let done = send(server, "dryRun=true", CSV, include_bytes!("../files/duo-schools.csv"));
        assert_eq!((done.statuses()[1], &done.summary["warnings"]), ("unchanged", &json!(1)));
        let warning = &done.documents[1]["warnings"][0];
        let place = json!({"row": 3, "column": "INTERNETADRES", "value": "geen adres"});
        assert_eq!((&warning["code"], &warning["place"]), (&json!("left_out"), &place));
    }
}
