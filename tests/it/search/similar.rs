//! Documents like one: who else does this?

use serde_json::{Value, json};

use super::{after, after_as, newest, slugs};
use crate::builders::{COLLECTIONS, least, with};
use crate::given::{delete, faults, patch, put, set};
use crate::support::{Server, items, text};

/// Projects that have a theme, a partner or words in common with the one called `one`.
#[track_caller]
fn fill(server: &Server) -> i64 {
    for slug in ["taal", "sport"] {
        put(server, &format!("/themes/{slug}"), &least("themes", slug));
    }
    for slug in ["bibliotheek", "zwembad", "bureau"] {
        put(
            server,
            &format!("/organisations/{slug}"),
            &least("organisations", slug),
        );
    }
    let lead = |slug: &str| json!([{ "organisation": slug, "role": "lead" }]);
    let (words, others) = (
        "Voorlezen aan kleuters in de wijk.",
        "Een gebouw wordt geschilderd.",
    );
    for (slug, members) in [
        (
            "one",
            json!({ "themes": ["taal"], "participants": lead("bibliotheek"), "summary": words }),
        ),
        (
            "theme-and-partner",
            json!({ "themes": ["taal"], "participants": lead("bibliotheek"), "summary": others }),
        ),
        (
            "theme",
            json!({ "themes": ["taal"], "participants": lead("zwembad"), "summary": others }),
        ),
        (
            "words",
            json!({ "themes": ["sport"], "summary": "Voorlezen in de klas." }),
        ),
        (
            "nothing",
            json!({ "themes": ["sport"], "participants": lead("zwembad"), "summary": "Zwemles." }),
        ),
    ] {
        let members = with(members, &json!({ "steward": "bureau" }));
        put(
            server,
            &format!("/projects/{slug}"),
            &with(least("projects", slug), &members),
        );
    }
    newest(server)
}

/// What they have in common, by slug.
#[track_caller]
fn shared(page: &Value, slug: &str) -> Vec<String> {
    let hit = items(page)
        .iter()
        .find(|hit| hit["slug"] == slug)
        .expect("it is like it");
    let mut shared: Vec<String> = hit["shared"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|one| text(one, "slug"))
        .collect();
    shared.sort();
    shared
}

both! {
    fn those_that_share_most_come_first_and_never_the_document_itself(server: &Server) {
        let filled = fill(server);
        let page = after(server, filled, "/projects/one/similar");
        assert_eq!(slugs(&page), ["theme-and-partner", "theme", "words"], "{page}");
        assert_eq!(shared(&page, "theme-and-partner"), ["bibliotheek", "taal"]);
        assert_eq!(shared(&page, "theme"), ["taal"]);
        assert_eq!(shared(&page, "words"), Vec::<String>::new());
        for slug in ["theme", "nothing", "words", "theme-and-partner"] {
            let others = slugs(&after(server, filled, &format!("/projects/{slug}/similar")));
            assert!(!others.is_empty() && !others.iter().any(|other| other == slug), "{slug}: {others:?}");
        }
        // It follows what is written.
        patch(server, "/projects/nothing", &json!({ "themes": ["taal"], "participants": [{ "organisation": "bibliotheek", "role": "lead" }] }));
        let page = after(server, newest(server), "/projects/one/similar");
        assert_eq!(shared(&page, "nothing"), ["bibliotheek", "taal"]);
        patch(server, "/projects/theme-and-partner", &json!({ "themes": [], "participants": [] }));
        let page = after(server, newest(server), "/projects/one/similar");
        assert!(!slugs(&page).contains(&"theme-and-partner".to_owned()), "who looks after both is nothing in common: {page}");
    }

    fn a_theme_says_more_than_words_and_a_few_words_say_nothing(server: &Server) {
        put(server, "/themes/taal", &least("themes", "taal"));
        let words = "Voorlezen aan kleuters in de wijk, met liedjes, prentenboeken, poppenkast en knutselwerk.";
        for (slug, members) in [
            ("one", json!({ "themes": ["taal"], "summary": words })),
            ("theme", json!({ "themes": ["taal"], "summary": "Een gebouw wordt geschilderd." })),
            ("words", json!({ "summary": words, "motivation": words })),
            ("part", json!({ "summary": "Prentenboeken, liedjes en poppenkast voor volwassenen." })),
            ("few", json!({ "summary": "In de wijk komt een zwembad, voor wie dan ook met anderen in de rij wil staan." })),
        ] {
            put(server, &format!("/projects/{slug}"), &with(least("projects", slug), &members));
        }
        let page = after(server, newest(server), "/projects/one/similar");
        assert_eq!(slugs(&page), ["theme", "words", "part"], "{page}");
    }

    fn every_collection_tells_of_its_own_kind_alone(server: &Server) {
        for collection in COLLECTIONS {
            // A word that everything has tells nothing, so there are others.
            for (slug, name) in [("een", "Zeilboot"), ("twee", "Zeilboot"), ("drie", "Duinpad"), ("vier", "Helm")] {
                put(server, &format!("/{collection}/{slug}"), &least(collection, name));
            }
        }
        let filled = newest(server);
        for collection in COLLECTIONS {
            let page = after(server, filled, &format!("/{collection}/een/similar"));
            let twin = server.get(&format!("/{collection}/twee")).send().expect(200).json();
            assert_eq!((slugs(&page), &items(&page)[0]["id"]), (vec!["twee".to_owned()], &twin["id"]), "{collection}");
        }
    }

    fn nothing_hidden_is_like_anything_nor_makes_anything_alike(server: &Server) {
        let filled = fill(server);
        let admin = server.admin_key();
        patch(server, "/projects/theme-and-partner", &json!({ "visibility": "restricted" }));
        let hidden = newest(server);
        assert!(hidden > filled);
        let path = "/projects/one/similar";
        assert_eq!(slugs(&after(server, hidden, path)), ["theme", "words"]);
        assert_eq!(slugs(&after_as(server, Some(admin), hidden, path)), ["theme-and-partner", "theme", "words"]);
        server.get("/projects/theme-and-partner/similar").send().problem(404, "not-found");
        let own = after_as(server, Some(admin), hidden, "/projects/theme-and-partner/similar");
        assert!(slugs(&own).contains(&"one".to_owned()), "{own}");
        // A theme that is hidden makes nothing alike.
        patch(server, "/themes/taal", &json!({ "visibility": "restricted" }));
        let hidden = newest(server);
        let page = after(server, hidden, path);
        assert_eq!(slugs(&page), ["words"], "{page}");
        assert!(!page.to_string().contains("taal"), "{page}");
        let seen = after_as(server, Some(admin), hidden, path);
        assert_eq!(shared(&seen, "theme"), ["taal"]);
        delete(server, "/projects/words");
        assert_eq!(items(&after(server, newest(server), path)), &[] as &[Value]);
    }

    fn what_is_not_there_is_told_as_elsewhere(server: &Server) {
        fill(server);
        server.get("/projects/nowhere/similar").send().problem(404, "not-found");
        patch(server, "/projects/theme", &json!({ "slug": "renamed" }));
        let moved = server.get("/projects/theme/similar").send();
        moved.problem(308, "moved");
        assert!(moved.header("location").is_some_and(|place| place.ends_with("/projects/renamed/similar")), "{moved}");
        delete(server, "/projects/words");
        server.get("/projects/words/similar").send().problem(410, "gone");
        let problem = server.get("/projects/one/similar?q=a").send().problem(400, "invalid-input");
        assert_eq!(faults(&problem), set([("q", "unknown_member")]));
    }
}
