//! The demo data: what the source texts say, and nothing else. The facts one by one are in
//! `facts.tsv`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::given::{crawl, delete, each, patch, plain, position, read};
use crate::support::{Server, assert_feed_equals_reads, items, text};

/// The municipalities that the texts name, with the codes of Statistics Netherlands.
const MUNICIPALITIES: [(&str, &str); 20] = [
    ("Oldebroek", "GM0269"),
    ("Elburg", "GM0230"),
    ("Nunspeet", "GM0302"),
    ("Harderwijk", "GM0243"),
    ("Ermelo", "GM0233"),
    ("Putten", "GM0273"),
    ("Zeewolde", "GM0050"),
    ("Heerenveen", "GM0074"),
    ("Kampen", "GM0166"),
    ("Steenwijkerland", "GM1708"),
    ("Staphorst", "GM0180"),
    ("Zwartewaterland", "GM1896"),
    ("Dalfsen", "GM0148"),
    ("Ommen", "GM0175"),
    ("Hardenberg", "GM0160"),
    ("Olst-Wijhe", "GM1773"),
    ("Raalte", "GM0177"),
    ("Deventer", "GM0150"),
    ("Hattem", "GM0244"),
    ("Zwolle", "GM0193"),
];

const COLLECTIONS: [&str; 5] = ["themes", "organisations", "regions", "projects", "people"];

/// All documents of all collections by their path.
fn everything(server: &Server) -> BTreeMap<String, Value> {
    let of = |collection: &'static str| {
        let documents = all(server, collection).into_iter();
        documents.map(move |(slug, document)| (format!("/{collection}/{slug}"), document))
    };
    COLLECTIONS.into_iter().flat_map(of).collect()
}

/// The contacts of a document and of its roles.
fn contacts(document: &Value) -> Vec<&Value> {
    let roles = document["roles"].as_array().into_iter().flatten();
    let owners = std::iter::once(document).chain(roles);
    owners
        .filter_map(|owner| owner["contacts"].as_array())
        .flatten()
        .collect()
}

/// All documents of a collection by their slug.
fn all(server: &Server, collection: &str) -> BTreeMap<String, Value> {
    let slugs = crawl(server, &format!("/{collection}?limit=100"), "slug");
    let find = |slug: String| (slug.clone(), read(server, &format!("/{collection}/{slug}")));
    slugs.into_iter().map(find).collect()
}

/// The rows of a list in a document that point to an organisation, by its slug.
#[track_caller]
fn rows<'d>(document: &'d Value, list: &str) -> Vec<(String, &'d Value)> {
    let rows = document[list].as_array().expect("a list");
    rows.iter()
        .map(|row| (text(&row["organisation"], "slug"), row))
        .collect()
}

fn slugs(rows: &[(String, &Value)]) -> Vec<String> {
    rows.iter().map(|(slug, _)| slug.clone()).collect()
}

fn codes(document: &Value, scheme: &str) -> Vec<String> {
    let identifiers = document["identifiers"].as_array().expect("identifiers");
    let of_scheme = identifiers
        .iter()
        .filter(|identifier| identifier["scheme"] == scheme);
    of_scheme
        .map(|identifier| text(identifier, "value"))
        .collect()
}

both! {
    with(["--demo"], [])
    fn noord_veluwe_has_seven_municipalities_and_how_each_gives_access(server: &Server) {
        let region = read(server, "/regions/noord-veluwe");
        assert_eq!((&region["name"], &region["kind"]), (&json!("Noord Veluwe"), &json!("cooperation_region")));
        let access: BTreeMap<_, _> = rows(&region, "municipalities")
            .into_iter()
            .map(|(slug, row)| (slug, text(row, "localAccess")))
            .collect();
        let expected = [
            ("gemeente-elburg", "cjg"),
            ("gemeente-ermelo", "cjg"),
            ("gemeente-harderwijk", "cjg"),
            ("gemeente-nunspeet", "cjg"),
            ("gemeente-oldebroek", "cjg"),
            ("gemeente-putten", "own_access"),
            ("gemeente-zeewolde", "own_access"),
        ];
        assert_eq!(access, expected.map(|(slug, access)| (slug.into(), access.into())).into());
        assert_eq!(region["municipalities"].as_array().map(Vec::len), Some(7));
    }

    with(["--demo"], [])
    fn noord_veluwe_has_three_partnerships_a_steering_group_and_a_working_group(server: &Server) {
        let region = read(server, "/regions/noord-veluwe");
        let partners = rows(&region, "partners");
        let with_role = |role: &str| {
            let found = partners.iter().filter(|(_, row)| row["role"] == role);
            found.map(|(slug, _)| slug.clone()).collect::<Vec<_>>()
        };
        let mut partnerships = with_role("school_partnership");
        partnerships.sort();
        assert_eq!(partnerships, ["berseba", "stichting-leerlingenzorg-noord-veluwe", "zeeluwe"]);
        for (slug, sectors, denomination, code) in [
            ("zeeluwe", json!(["po"]), Value::Null, &["PO2509"][..]),
            ("stichting-leerlingenzorg-noord-veluwe", json!(["vo"]), Value::Null, &["VO2509"]),
            // The text gives it no sector and no number, so it has none here.
            ("berseba", json!([]), json!("reformatorisch"), &[]),
        ] {
            let partnership = read(server, &format!("/organisations/{slug}"));
            assert_eq!(partnership["kind"], "school_partnership");
            assert_eq!(partnership["sectors"], sectors, "{slug}");
            assert_eq!(partnership["denomination"], denomination, "{slug}");
            assert_eq!(codes(&partnership, "swv"), code, "{slug}");
        }
        let [steering] = with_role("steering_group").try_into().expect("one steering group");
        let group = read(server, &format!("/organisations/{steering}"));
        assert_eq!(group["kind"], "steering_group");
        let working = partners.iter().map(|(slug, _)| read(server, &format!("/organisations/{slug}")));
        assert_eq!(working.filter(|partner| partner["kind"] == "working_group").count(), 1);
    }

    with(["--demo"], [])
    fn noord_veluwe_was_refused_once_and_admitted_later(server: &Server) {
        let region = read(server, "/regions/noord-veluwe");
        let networks = rows(&region, "networks");
        assert_eq!(slugs(&networks), ["met-andere-ogen", "met-andere-ogen"]);
        let [(_, refused), (_, admitted)] = networks.as_slice() else { panic!("{region}") };
        assert_eq!((&refused["status"], &refused["start"]), (&json!("rejected"), &Value::Null));
        assert_eq!(admitted["status"], "active");
        assert_eq!(admitted["start"]["edtf"], "2021-09-29");
        assert_eq!(admitted["start"]["earliest"], "2021-09-29");
        let network = read(server, "/organisations/met-andere-ogen");
        assert_eq!((&network["name"], &network["kind"]), (&json!("Met Andere Ogen"), &json!("network")));
    }

    with(["--demo"], [])
    fn achterhoek_names_who_runs_its_social_domain_and_invents_no_municipality(server: &Server) {
        let region = read(server, "/regions/achterhoek");
        assert_eq!(region["municipalities"], json!([]));
        let partners = rows(&region, "partners");
        let runs: Vec<_> = partners.iter().filter(|(_, row)| row["role"] == "coordinator").collect();
        assert_eq!(runs.len(), 1, "{region}");
        let body = read(server, &format!("/organisations/{}", runs[0].0));
        assert_eq!(body["name"], "Sociaal Domein Achterhoek");
    }

    with(["--demo"], [])
    fn ijsselland_has_twelve_municipalities_and_heerenveen_stands_alone(server: &Server) {
        let region = read(server, "/regions/ijsselland");
        let expected = [
            "kampen", "steenwijkerland", "staphorst", "zwartewaterland", "dalfsen", "ommen",
            "hardenberg", "olst-wijhe", "raalte", "deventer", "hattem", "zwolle",
        ];
        let mut found = slugs(&rows(&region, "municipalities"));
        found.sort();
        let mut expected = expected.map(|name| format!("gemeente-{name}"));
        expected.sort();
        assert_eq!(found, expected);
        let heerenveen = read(server, "/organisations/gemeente-heerenveen/regions");
        assert!(items(&heerenveen).is_empty(), "{heerenveen}");
        assert_eq!(each(&read(server, "/regions"), "slug"), ["achterhoek", "ijsselland", "noord-veluwe"]);
    }

    with(["--demo"], [])
    fn every_municipality_has_its_name_and_code(server: &Server) {
        for (name, code) in MUNICIPALITIES {
            let found = read(server, &format!("/organisations/cbs:{code}"));
            assert_eq!(found["name"], format!("Gemeente {name}"));
            assert_eq!(found["kind"], "municipality");
            assert_eq!(codes(&found, "cbs"), [code]);
        }
        let page = read(server, "/organisations?kind=municipality&count=true");
        assert_eq!(page["total"], MUNICIPALITIES.len(), "and no others");
    }

    with(["--demo"], [])
    fn schools_ministries_and_stand_ins_are_there(server: &Server) {
        for (slug, city) in [
            ("almere-college-kampen", "Kampen"),
            ("carmel-college-raalte", "Raalte"),
            ("thorbecke-scholengemeenschap-zwolle", "Zwolle"),
            ("meander-college-zwolle", "Zwolle"),
        ] {
            let school = read(server, &format!("/organisations/{slug}"));
            assert_eq!((&school["kind"], &school["sectors"]), (&json!("school"), &json!(["vo"])));
            assert_eq!(school["addresses"][0]["city"], city, "{slug}");
            assert_eq!(school["isPlaceholder"], false);
        }
        let names = |filter: &str| each(&read(server, &format!("/organisations?{filter}")), "name");
        let ministries = names("kind=ministry");
        assert_eq!(ministries.len(), 2);
        for subject in ["Volksgezondheid, Welzijn en Sport", "Onderwijs, Cultuur en Wetenschap"] {
            assert!(ministries.iter().any(|name| name.ends_with(subject)), "{ministries:?}");
        }
        let placeholders = read(server, "/organisations?isPlaceholder=true");
        let kinds = each(&placeholders, "kind");
        assert!(kinds.iter().any(|kind| kind == "school"), "the unnamed special school");
        assert!(kinds.iter().any(|kind| kind == "school_board"), "\"de onderwijsbesturen\"");
    }

    with(["--demo"], [])
    fn every_document_is_public_has_sources_and_only_made_up_contacts(server: &Server) {
        for (path, document) in everything(server) {
            assert_eq!(document["visibility"], "public", "{path}");
            let sources = document["sources"].as_array().expect("sources");
            assert!(!sources.is_empty(), "{path} has no source");
            assert!(sources.iter().all(|source| !text(source, "title").is_empty()), "{path}");
            let whole = server.get(&path).key(server.admin_key()).send().expect(200).json();
            for contact in contacts(&whole) {
                let value = text(contact, "value");
                let made_up = value.ends_with(".example") || value == "+31600000000";
                assert!(made_up, "{path}: {contact}");
                let person = path.starts_with("/people/");
                assert!(person || contact["isFunctional"] == true, "{path}: {contact}");
            }
        }
        let key = server.admin_key();
        let feed = assert_feed_equals_reads(server, key);
        assert!(feed.versions.values().all(|versions| versions == &[1]), "each is written once");
    }

    with(["--demo"], [])
    fn a_postcode_leads_to_the_municipality_the_region_and_the_partnerships(server: &Server) {
        let found = read(server, "/postcodes/8081");
        let slugs = |group: &str| {
            let rows = found[group].as_array().expect("a group");
            rows.iter().map(|row| text(row, "slug")).collect::<Vec<_>>()
        };
        assert_eq!(slugs("municipalities"), ["gemeente-elburg"]);
        assert_eq!(slugs("regions"), ["noord-veluwe"]);
        let partnerships = ["berseba", "stichting-leerlingenzorg-noord-veluwe", "zeeluwe"];
        assert_eq!(slugs("schoolPartnerships"), partnerships);
    }

    with(["--demo"], [])
    fn loading_it_again_changes_nothing(server: &Server) {
        let (before, documents) = (position(server), everything(server));
        for _ in 0..2 {
            let output = server.schakel(&["demo"]);
            assert_eq!(output.status.code(), Some(0), "{output:?}");
            assert_eq!(position(server), before, "something was written");
        }
        assert_eq!(everything(server), documents);
    }

    with(["--demo"], [])
    fn a_register_that_was_used_is_left_alone(server: &mut Server) {
        patch(server, "/regions/achterhoek", &json!({ "summary": "Onze woorden." }));
        delete(server, "/people/jelle-zoetendal");
        plain(server, "own");
        let (before, documents) = (position(server), everything(server));
        server.restart();
        assert_eq!(position(server), before);
        assert_eq!(everything(server), documents);
    }

    fn the_demo_can_be_loaded_into_a_register_that_has_documents_of_its_own(server: &Server) {
        assert_eq!(position(server), 0, "without --demo the register begins empty");
        plain(server, "own");
        let output = server.schakel(&["demo"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        // Of organisations one more than the demo has.
        for (collection, count) in COLLECTIONS.into_iter().zip([15, 39, 3, 5, 3]) {
            assert_eq!(all(server, collection).len(), count, "{collection}");
        }
        assert!(all(server, "organisations").contains_key("own"));
        assert_feed_equals_reads(server, server.admin_key());
    }
}
