//! Completion while somebody types.

use serde_json::{Value, json};

use super::{after, after_as, encoded, newest};
use crate::builders::{least, with};
use crate::given::{delete, patch, put};
use crate::support::{Client, Server, items, text};

/// Documents of each collection, with other names.
#[track_caller]
fn fill(server: &Server) -> i64 {
    let documents = [
        (
            "organisations",
            "elburg",
            "Gemeente Elburg",
            json!({ "alternativeNames": ["Het bestuur van de vesting"] }),
        ),
        ("organisations", "ermelo", "Gemeente Ermelo", json!({})),
        ("organisations", "etten", "Etten-Leur", json!({})),
        (
            "regions",
            "noord",
            "Noord Veluwe",
            json!({ "alternativeNames": ["Noordelijke rand"] }),
        ),
        (
            "themes",
            "thuiszitters",
            "Thuiszitters",
            json!({ "alternativeLabels": ["Schoolverzuim"] }),
        ),
        (
            "projects",
            "pilot",
            "Pilot met thuiszitters",
            json!({ "summary": "Over de zeilboot." }),
        ),
        (
            "people",
            "zoe",
            "Zwaluwstaart",
            json!({ "name": { "given": "Zoë", "prefix": "van", "family": "Zwaluwstaart" } }),
        ),
    ];
    for (collection, slug, name, more) in documents {
        put(
            server,
            &format!("/{collection}/{slug}"),
            &with(least(collection, name), &more),
        );
    }
    newest(server)
}

/// The suggestions as `type/slug`, in order.
#[track_caller]
fn told(page: &Value) -> Vec<String> {
    let groups = page["groups"].as_array().expect("groups");
    let all = groups.iter().flat_map(|group| {
        items(group)
            .iter()
            .map(|item| format!("{}/{}", text(group, "type"), text(item, "slug")))
    });
    all.collect()
}

#[track_caller]
fn suggested(client: &Client, filled: i64, typed: &str) -> Vec<String> {
    told(&after(
        client,
        filled,
        &format!("/suggest?q={}", encoded(typed)),
    ))
}

both! {
    fn names_are_completed_from_two_letters_by_any_of_their_words(server: &Server) {
        let filled = fill(server);
        for (typed, wanted) in [
            ("", &[][..]),
            ("e", &[]),
            (" e ", &[]),
            ("el", &["organisations/elburg"]),
            ("ÉL", &["organisations/elburg"]),
            ("elburg", &["organisations/elburg"]),
            ("gemeente el", &["organisations/elburg"]),
            ("elburg gem", &["organisations/elburg"]),
            ("ge", &["organisations/elburg", "organisations/ermelo"]),
            ("gemeente zw", &[]),
            ("noord-v", &["regions/noord"]),
            ("veluw", &["regions/noord"]),
            ("zoe", &["people/zoe"]),
            ("zwalu", &["people/zoe"]),
            ("van zwaluw", &["people/zoe"]),
            // A name that begins so comes before one with a word that does, in groups.
            ("thuisz", &["themes/thuiszitters", "projects/pilot"]),
            // Names alone, not texts.
            ("zeilboot", &[]),
            ("lburg", &[]),
            // Joined, apart or with a hyphen.
            ("noordveluwe", &["regions/noord"]),
            ("noordv", &["regions/noord"]),
            ("regio-noordvel", &[]),
            ("thuis zit", &["themes/thuiszitters", "projects/pilot"]),
            ("thuis-zitters", &["themes/thuiszitters", "projects/pilot"]),
            ("gemeente el burg", &["organisations/elburg"]),
            ("el b", &["organisations/elburg"]),
            ("pilotmetthuis", &["projects/pilot"]),
        ] {
            assert_eq!(suggested(server, filled, typed), wanted, "{typed:?}");
        }
    }

    fn other_names_and_labels_lead_to_what_they_name_and_are_told(server: &Server) {
        let filled = fill(server);
        for (typed, place, other) in [
            ("vesting", "organisations/elburg", json!("Het bestuur van de vesting")),
            ("noordelijke r", "regions/noord", json!("Noordelijke rand")),
            ("schoolver", "themes/thuiszitters", json!("Schoolverzuim")),
            ("noord", "regions/noord", Value::Null),
            ("thuiszitters", "themes/thuiszitters", Value::Null),
            ("noordelijkera", "regions/noord", json!("Noordelijke rand")),
            ("noordveluwe", "regions/noord", Value::Null),
        ] {
            let page = after(server, filled, &format!("/suggest?q={}", encoded(typed)));
            assert_eq!(told(&page).first().map(String::as_str), Some(place), "{typed}: {page}");
            let first = &page["groups"][0]["items"][0];
            assert_eq!(first["alternative"], other, "{typed}: {page}");
            assert!(["id", "name"].iter().all(|member| !text(first, member).is_empty()), "{page}");
        }
    }

    fn one_typo_makes_no_difference_from_five_letters_on(server: &Server) {
        let filled = fill(server);
        for (typed, wanted) in [
            ("elbrug", &["organisations/elburg"][..]),
            ("ellburg", &["organisations/elburg"]),
            ("eblu", &[]),
            ("erbulg", &[]),
            ("thiusz", &["projects/pilot", "themes/thuiszitters"]),
            ("schoolverzium", &["themes/thuiszitters"]),
            ("gemeetne elb", &["organisations/elburg"]),
            ("zwaluwstart", &["people/zoe"]),
            ("noordvleuwe", &["regions/noord"]),
            ("thuis ziters", &["projects/pilot", "themes/thuiszitters"]),
            ("eten-leur", &["organisations/etten"]),
            ("etten lur", &["organisations/etten"]),
            ("noord vleu", &["regions/noord"]),
        ] {
            let mut found = suggested(server, filled, typed);
            found.sort();
            assert_eq!(found, wanted, "{typed:?}");
        }
    }

    fn at_most_ten_are_told_of_the_collections_that_are_asked_for(server: &Server) {
        for nth in 10..24 {
            for collection in ["organisations", "themes"] {
                let body = least(collection, &format!("Zeilboot {nth}"));
                put(server, &format!("/{collection}/z{nth}"), &body);
            }
        }
        let body = least("regions", "Grote zeilboot");
        put(server, "/regions/groot", &body);
        let filled = newest(server);
        let all = suggested(server, filled, "zei");
        assert_eq!(all.len(), 10);
        assert!(!all.contains(&"regions/groot".to_owned()), "those that begin so come first: {all:?}");
        let of = |types: &str| told(&after(server, filled, &format!("/suggest?q=zei&type={types}")));
        assert_eq!(of("regions"), ["regions/groot"]);
        let themes = of("themes");
        assert_eq!(themes.len(), 10);
        assert!(themes.iter().all(|one| one.starts_with("themes/")), "{themes:?}");
        assert_eq!(of("themes,regions").len(), 10);
        assert_eq!(of("projects"), Vec::<String>::new());
        let page = after(server, filled, "/suggest?q=zei");
        let types: Vec<String> = page["groups"].as_array().expect("groups").iter().map(|group| text(group, "type")).collect();
        assert_eq!(types.len(), 2, "each collection is one group: {page}");
    }

    fn a_name_that_is_hidden_is_never_suggested(server: &Server) {
        let admin = server.admin_key();
        put(server, "/organisations/bureau", &least("organisations", "Bureau"));
        let hidden = json!({ "visibility": "restricted", "steward": "bureau" });
        for collection in crate::builders::COLLECTIONS {
            put(server, &format!("/{collection}/stil"), &with(least(collection, "Verborgen vuurtoren"), &hidden));
        }
        let reader = server.key("reader", None);
        let editor = server.key("editor", Some("bureau"));
        let hidden = newest(server);
        for typed in ["ve", "verborg", "vuurtoren", "vuurtroen", "verborgen vuur"] {
            let path = format!("/suggest?q={}", encoded(typed));
            assert_eq!(suggested(server, hidden, typed), Vec::<String>::new(), "{typed}");
            for key in [admin, &editor] {
                assert_eq!(told(&after_as(server, Some(key), hidden, &path)).len(), 5, "{typed}");
            }
            let seen = told(&after_as(server, Some(&reader), hidden, &path));
            let may = server.get("/regions/stil").key(&reader).send().status == 200;
            assert_eq!(seen.len(), if may { 5 } else { 0 }, "as much as may be read: {typed}");
        }
        patch(server, "/regions/stil", &json!({ "visibility": "public" }));
        assert_eq!(suggested(server, newest(server), "vuurt"), ["regions/stil"]);
        patch(server, "/regions/stil", &json!({ "visibility": "restricted" }));
        assert_eq!(suggested(server, newest(server), "vuurt"), Vec::<String>::new());
        patch(server, "/themes/stil", &json!({ "visibility": "public" }));
        assert_eq!(suggested(server, newest(server), "vuurt"), ["themes/stil"]);
        delete(server, "/themes/stil");
        assert_eq!(suggested(server, newest(server), "vuurt"), Vec::<String>::new());
    }
}
