//! CSV, NDJSON and workbooks, and how a caller chooses a form.

use serde_json::{Value, json};

use crate::given::{crawl, each, many, put, read};
use crate::support::{Reply, Server, items, text};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const KINDS: [&str; 3] = ["school", "other", "childcare"];

/// The rows of a CSV, each as its cells by the names of the columns.
#[track_caller]
fn rows(reply: &Reply) -> Vec<Value> {
    assert_eq!(
        reply.header("content-type"),
        Some("text/csv; charset=utf-8"),
        "{reply}"
    );
    let mut reader = csv::Reader::from_reader(reply.body.as_slice());
    let read: Result<Vec<Value>, _> = reader
        .deserialize::<std::collections::BTreeMap<String, String>>()
        .map(|row| row.map(|row| json!(row)))
        .collect();
    read.expect("every row has every column")
}

/// The cells of a column.
fn each_of<'r>(rows: &'r [Value], column: &str) -> Vec<&'r str> {
    rows.iter()
        .map(|row| row[column].as_str().expect("a cell"))
        .collect()
}

/// The first line of a CSV.
#[track_caller]
fn columns(server: &Server, path: &str) -> String {
    let body = server.get(path).send().expect(200).text();
    body.split("\r\n").next().unwrap_or_default().to_owned()
}

#[track_caller]
fn lines(reply: &Reply) -> Vec<Value> {
    assert_eq!(
        reply.header("content-type"),
        Some("application/x-ndjson"),
        "{reply}"
    );
    let text = reply.text();
    assert!(
        text.is_empty() || text.ends_with('\n'),
        "the last line is not ended"
    );
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a document a line"))
        .collect()
}

/// One organisation with something in every kind of cell.
fn fill(server: &Server) {
    put(
        server,
        "/organisations/elburg",
        &json!({ "name": "Gemeente Elburg", "kind": "municipality" }),
    );
    put(
        server,
        "/organisations/zeeluwe",
        &json!({
            "name": "Zeeluwe, \"PO\"", "kind": "school_partnership", "sectors": ["po", "so"],
            "alternativeNames": ["Een", "Twee"], "description": "Eerste regel.\n=SUM(A1)\r\nDerde, regel.",
            "founded": "2014-23", "dissolved": "2020~", "steward": "elburg", "verifiedOn": "2024-01-31",
            "identifiers": [{ "scheme": "swv", "value": "PO2509" }],
            "serviceArea": { "municipalities": ["elburg"], "postcodes": ["8081", "8082"] },
            "parents": [{ "organisation": "elburg", "kind": "established_by" }],
            "contacts": [
                { "kind": "email", "value": "post@zeeluwe.example", "isFunctional": true },
                { "kind": "email", "value": "een.mens@zeeluwe.example" },
            ],
        }),
    );
    put(
        server,
        "/regions/noord",
        &json!({
            "name": "Noord", "kind": "cooperation_region",
            "municipalities": [{ "organisation": "elburg", "localAccess": "cjg" }],
        }),
    );
}

both! {
    fn the_columns_are_the_same_whatever_the_documents_hold(server: &Server) {
        let collections = ["/organisations", "/regions"];
        let before = collections.map(|collection| columns(server, &format!("{collection}?format=csv")));
        fill(server);
        for (collection, before) in collections.iter().zip(&before) {
            for member in ["id", "slug", "name", "kindLabel", "contacts.value", "sources.title", "version", "updatedAt"] {
                assert!(before.split(',').any(|column| column == member), "{collection} lacks {member}: {before}");
            }
            for query in ["", "&kind=other", "&limit=1", "&sort=-kind"] {
                assert_eq!(columns(server, &format!("{collection}?format=csv{query}")), *before);
            }
        }
        let path = "/organisations?format=csv&fields=steward,name,founded,kind,serviceArea";
        let expected = "name,kind,kindLabel,founded,foundedText,founded.text,founded.inferred,\
            serviceArea.municipalities,serviceArea.municipalitiesName,serviceArea.postcodes,\
            steward,stewardName";
        assert_eq!(columns(server, path), expected);
        let path = "/organisations?format=csv&fields=name,kind,founded&columnNames=dutch";
        let expected = "Naam,Soort,Soort (ter informatie),Opgericht,Opgericht (ter informatie),\
            Opgericht: in woorden,Opgericht: afgeleid omdat";
        assert_eq!(columns(server, path), expected);
    }

    fn a_csv_tells_all_of_a_document_in_words(server: &Server) {
        fill(server);
        let reply = server.get("/organisations?format=csv").send().expect(200);
        assert!(reply.text().ends_with("\r\n") && !reply.text().starts_with('\u{feff}'), "{reply}");
        let all = rows(&reply);
        assert_eq!(all.len(), 2);
        let document = read(server, "/organisations/zeeluwe");
        let row = &all[1];
        for (column, expected) in [
            ("name", "Zeeluwe, \"PO\""),
            ("slug", "zeeluwe"),
            ("alternativeNames", "Een; Twee"),
            ("description", "Eerste regel.\n=SUM(A1)\r\nDerde, regel."),
            ("founded", "2014-23"),
            ("foundedText", &text(&document["founded"], "text")),
            ("dissolved", "2020~"),
            ("sectors", "po; so"),
            ("kind", "school_partnership"),
            ("isPlaceholder", "false"),
            ("steward", "elburg"),
            ("stewardName", "Gemeente Elburg"),
            ("verifiedOn", "2024-01-31"),
            ("serviceArea.municipalities", "elburg"),
            ("serviceArea.municipalitiesName", "Gemeente Elburg"),
            ("parents.organisation", "elburg"),
            ("parents.kindLabel", "Ingesteld door"),
            ("identifiers.scheme", "swv"),
            ("identifiers.value", "PO2509"),
            ("contacts.value", "post@zeeluwe.example"),
            ("serviceArea.postcodes", "8081; 8082"),
            ("visibility", "public"),
            ("denomination", ""),
            ("version", "1"),
            ("createdAt", &text(&document, "createdAt")),
        ] {
            assert_eq!(row[column], expected, "{column}");
        }
        // A contact more is a row more, which repeats what is short.
        let with_key = server.get("/organisations?format=csv").key(server.admin_key()).send();
        let all = rows(&with_key);
        assert_eq!(each_of(&all, "slug"), ["elburg", "zeeluwe", "zeeluwe"]);
        let contacts = ["", "post@zeeluwe.example", "een.mens@zeeluwe.example"];
        assert_eq!(each_of(&all, "contacts.value"), contacts);
        assert_eq!(each_of(&all, "description")[2], "", "a long text stands there once");
        let region = &rows(&server.get("/regions?format=csv").send())[0];
        assert_eq!((&region["slug"], &region["networks.organisation"]), (&json!("noord"), &json!("")));
        assert_eq!(region["municipalities.organisationName"], "Gemeente Elburg");
    }

    fn projects_people_and_themes_are_told_in_words_too(server: &Server) {
        fill(server);
        put(server, "/themes/zorg", &json!({ "label": "Zorg" }));
        put(server, "/themes/thuis", &json!({ "label": "Thuis", "broader": "zorg", "alternativeLabels": ["+huis"] }));
        put(server, "/people/an", &json!({
            "name": { "given": "An", "prefix": "de", "family": "Groot", "honorific": "dr." }, "publicationBasis": "consent",
            "roles": [{ "organisation": "elburg", "title": "Wethouder", "kind": "alderman", "start": "2014-23",
                "contacts": [{ "kind": "email", "value": "an@elburg.example", "visibility": "public" }] }],
        }));
        put(server, "/projects/plan", &json!({
            "name": "=Plan", "kind": "pilot", "objective": { "text": "-Samen", "isQuote": true }, "start": "2013~",
            "themes": ["thuis", "zorg"], "participants": [{ "partyClass": "scholen", "role": "partner" }],
            "funding": [{ "funders": ["elburg", "zeeluwe"], "instrument": "subsidy", "amount": { "amount": "10.00", "currency": "EUR" } }],
        }));
        for (collection, slug, cells) in [
            ("projects", "plan", vec![
                ("name", "'=Plan"), ("kindLabel", "Proef"), ("status", "unknown"), ("objective.text", "'-Samen"),
                ("objective.isQuote", "true"), ("themes", "thuis; zorg"), ("start", "2013~"), ("endText", ""),
                ("participants.partyClass", "scholen"), ("participants.role", "partner"), ("participants.statusLabel", "Bevestigd"),
                ("funding.funders", "elburg; zeeluwe"), ("funding.amount.amount", "10.00"), ("funding.amount.currency", "EUR"),
            ]),
            ("people", "an", vec![
                ("name.family", "Groot"), ("displayName", "dr. An de Groot"), ("sortName", "Groot, An de"),
                ("publicationBasisLabel", "Toestemming"), ("isErased", "false"),
                ("roles.organisation", "elburg"), ("roles.title", "Wethouder"), ("roles.start", "2014-23"),
                ("roles.contacts.value", "an@elburg.example"),
            ]),
            ("themes", "thuis", vec![
                ("label", "Thuis"), ("alternativeLabels", "'+huis"), ("broader", "zorg"), ("broaderName", "Zorg"),
            ]),
        ] {
            let path = format!("/{collection}?format=csv");
            let all = rows(&server.get(&path).send().expect(200));
            let row = all.iter().find(|row| row["slug"] == slug).expect("a row for each document");
            for (column, expected) in cells {
                assert_eq!(row[column], expected, "{column} of {collection}");
            }
            let told = lines(&server.get(&format!("/{collection}?format=ndjson")).send().expect(200));
            assert_eq!(told, items(&read(server, &format!("/{collection}"))), "{collection}");
        }
    }

    fn labels_are_dutch_unless_the_caller_reads_english_better(server: &Server) {
        fill(server);
        for (language, expected) in [
            ("nl", "Samenwerkingsverband passend onderwijs"),
            ("en", "School partnership"),
            ("de, en-GB;q=0.8, nl;q=0.2", "School partnership"),
            ("en;q=0.5, nl", "Samenwerkingsverband passend onderwijs"),
            ("de", "Samenwerkingsverband passend onderwijs"),
        ] {
            let request = server.get("/organisations?format=csv&kind=school_partnership");
            let reply = request.header("accept-language", language).send().expect(200);
            assert_eq!(rows(&reply)[0]["kindLabel"], expected, "{language}");
            assert_eq!(rows(&reply)[0]["kind"], "school_partnership", "codes never change");
        }
        let reply = server.get("/organisations?format=csv&limit=1").send();
        assert_eq!(rows(&reply)[0]["visibilityLabel"], "Openbaar");
    }

    fn a_byte_order_mark_comes_only_when_asked(server: &Server) {
        fill(server);
        for (query, marked) in [("bom=true", true), ("bom=false", false), ("limit=1", false)] {
            let reply = server.get(&format!("/organisations?format=csv&{query}")).send().expect(200);
            assert_eq!(reply.body.starts_with("\u{feff}id,".as_bytes()), marked, "{query}");
            assert_eq!(reply.text().matches('\u{feff}').count(), usize::from(marked), "{query}");
        }
        for format in ["json", "ndjson"] {
            let reply = server.get(&format!("/organisations?format={format}&bom=true")).send();
            assert!(!reply.expect(200).text().contains('\u{feff}'), "{format}");
        }
    }

    fn a_cell_cannot_become_a_formula(server: &Server) {
        let names = ["=1+1", "+31 525", "-zes", "@SUM(A1)", "=cmd|'/c calc'!A0", "a=1", "Plus +"];
        for name in names {
            let body = json!({
                "name": name, "kind": "other", "summary": "\t=1", "description": "\r\n=1",
                "alternativeNames": [name], "denomination": name,
                "sources": [{ "title": name }],
            });
            server.post("/organisations").key(server.admin_key()).json(&body).send().expect(201);
        }
        let reply = server.get("/organisations?format=csv").send().expect(200);
        assert_eq!(rows(&reply).len(), names.len());
        for row in rows(&reply) {
            for (column, cell) in row.as_object().expect("cells") {
                let cell = cell.as_str().unwrap_or_default();
                let begin = cell.trim_start_matches('"').chars().next();
                let formula = begin.is_some_and(|c| "=+-@\t\r".contains(c));
                assert!(!formula, "{column} could be taken for a formula: {cell:?}");
            }
            let name = text(&row, "name");
            let given = name.strip_prefix('\'').unwrap_or(&name);
            assert!(names.contains(&given), "the rest of the cell is as it was: {name}");
        }
        // Other forms have no formulas, so nothing is changed there.
        for document in lines(&server.get("/organisations?format=ndjson").send()) {
            assert!(names.contains(&text(&document, "name").as_str()), "{document}");
        }
    }

    fn ndjson_is_the_list_a_document_a_line(server: &Server) {
        assert!(lines(&server.get("/regions?format=ndjson").send()).is_empty());
        fill(server);
        for query in ["sort=-name", "fields=name,slug&include=regions", "kind=municipality"] {
            let list = read(server, &format!("/organisations?{query}"));
            let reply = server.get(&format!("/organisations?{query}&format=ndjson")).send();
            assert_eq!(lines(&reply), items(&list), "{query}");
        }
    }

    fn an_export_of_a_thousand_documents_and_more_is_whole_and_in_order(server: &Server) {
        const COUNT: usize = 1_050;
        many(server, COUNT, |nth| json!({
            "name": format!("Naam {}", nth % 7), "slug": format!("n{nth}"),
            "kind": KINDS[nth % KINDS.len()],
            "sectors": if nth % 2 == 0 { json!(["po", "vo"]) } else { json!(["vo"]) },
        }));
        for query in ["sort=name", "sort=-kind,name", "sort=-updatedAt", "sector=po,vo&kind=school"] {
            let expected = crawl(server, &format!("/organisations?limit=100&{query}"), "id");
            assert_eq!(expected.len(), if query.contains("sector") { COUNT / 3 } else { COUNT });
            let reply = server.get(&format!("/organisations?format=csv&{query}")).send().expect(200);
            let ids: Vec<_> = rows(&reply).iter().map(|row| text(row, "id")).collect();
            assert!(ids == expected, "the CSV of {query} has other rows, or another order");
            assert_eq!(reply.text().matches("createdAt").count(), 1, "one header row");
            let path = format!("/organisations?format=ndjson&fields=id&{query}");
            let reply = server.get(&path).send().expect(200);
            let ids: Vec<_> = lines(&reply).iter().map(|line| text(line, "id")).collect();
            assert!(ids == expected, "the NDJSON of {query} has other lines, or another order");
        }
        // With a limit it is a page like any other.
        let reply = server.get("/organisations?format=csv&limit=100").send().expect(200);
        assert_eq!(rows(&reply).len(), 100);
        let link = reply.header("link").expect("a Link header");
        let next = link.trim_start_matches('<').split('>').next().unwrap_or_default();
        let second = rows(&server.get(next).send().expect(200));
        let list = crawl(server, "/organisations?limit=100", "id");
        assert_eq!(second.iter().map(|row| text(row, "id")).collect::<Vec<_>>(), list[100..200]);
        // Asking for the head of an export leaves the connection usable.
        for path in ["/organisations?format=csv", "/organisations?format=ndjson", "/organisations?format=xlsx"] {
            assert!(server.head(path).send().expect(200).body.is_empty());
            assert_eq!(each(&read(server, "/organisations?limit=1"), "id"), list[..1]);
        }
    }

    fn the_form_is_what_the_accept_header_likes_best(server: &Server) {
        fill(server);
        let (json, csv) = ("application/json", "text/csv; charset=utf-8");
        for (accept, expected) in [
            ("*/*", Some(json)),
            ("application/json", Some(json)),
            ("APPLICATION/JSON", Some(json)),
            ("application/json; charset=utf-8", Some(json)),
            ("application/*", Some(json)),
            ("text/csv", Some(csv)),
            ("text/*", Some(csv)),
            ("application/x-ndjson", Some("application/x-ndjson")),
            (XLSX, Some(XLSX)),
            ("text/csv;q=0.5, application/json;q=0.4", Some(csv)),
            ("text/csv;q=0.4, application/json;q=0.5", Some(json)),
            ("text/csv ; q=0.9 , */* ; q=0.1", Some(csv)),
            ("application/json;q=0, */*;q=0.1", Some(csv)),
            ("text/html, application/xhtml+xml, */*;q=0.8", Some(json)),
            ("application/*;q=0.2, application/x-ndjson;q=0.1, text/csv;q=0.15", Some(json)),
            ("text/html", None),
            ("image/png, text/plain;q=0.5", None),
            ("application/json;q=0", None),
            ("*/*;q=0", None),
            ("application/vnd.ms-excel", None),
        ] {
            let reply = server.get("/organisations").header("accept", accept).send();
            let Some(expected) = expected else {
                reply.problem(406, "not-acceptable");
                continue;
            };
            assert_eq!(reply.header("content-type"), Some(expected), "{accept}: {reply}");
            let vary = reply.header("vary").unwrap_or_default().to_ascii_lowercase();
            assert!(vary.split(',').any(|name| name.trim() == "accept"), "{vary}");
        }
    }

    fn the_format_parameter_goes_before_the_header(server: &Server) {
        fill(server);
        for (format, accept, expected) in [
            ("csv", "application/json", "text/csv; charset=utf-8"),
            ("ndjson", "text/html", "application/x-ndjson"),
            ("json", "text/csv", "application/json"),
            ("xlsx", "text/csv", XLSX),
        ] {
            let request = server.get(&format!("/regions?format={format}"));
            let reply = request.header("accept", accept).send().expect(200);
            assert_eq!(reply.header("content-type"), Some(expected));
        }
        for format in ["xml", "CSV", "text/csv", ""] {
            let reply = server.get(&format!("/regions?format={format}")).send();
            let problem = reply.problem(406, "not-acceptable");
            let detail = text(&problem, "detail");
            for possible in ["json", "csv", "ndjson", "xlsx"] {
                assert!(detail.contains(possible), "{possible} is not named: {detail}");
            }
        }
    }

    fn what_exists_only_as_json_is_given_only_as_json(server: &Server) {
        fill(server);
        for path in [
            "/organisations/elburg", "/regions/noord/organisations", "/organisations/elburg/regions",
            "/organisations/elburg/history", "/organisations/elburg/versions/1", "/changes",
            "/postcodes/8081", "/vocabularies", "/vocabularies/sectors",
        ] {
            let get = |accept: &str| server.get(path).header("accept", accept).send();
            get("text/csv").problem(406, "not-acceptable");
            let reply = get("text/csv, application/json;q=0.1").expect(200);
            assert_eq!(reply.header("content-type"), Some("application/json"), "{path}");
        }
    }

    fn a_head_says_what_a_get_would_give(server: &Server) {
        fill(server);
        for query in ["", "?format=csv", "?format=csv&bom=true", "?format=ndjson", "?format=xlsx", "?limit=1"] {
            let path = format!("/organisations{query}");
            let (get, head) = (server.get(&path).send(), server.head(&path).send());
            assert_eq!((get.status, head.status), (200, 200));
            assert!(head.body.is_empty(), "{path}");
            for name in ["content-type", "content-length", "etag", "link", "cache-control", "vary"] {
                assert_eq!(get.header(name), head.header(name), "{name} of {path}");
            }
        }
        for (query, status) in [("?format=xml", 406), ("?limit=0", 400)] {
            let reply = server.head(&format!("/organisations{query}")).send().expect(status);
            assert!(reply.body.is_empty());
        }
    }
}
