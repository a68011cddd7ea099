//! What is a theme's own: the tree, which never closes to a ring and is cut where a caller cannot
//! follow it.

use serde_json::{Value, json};

use crate::{
    builders::{create, faults, log, patch, read, with},
    given::{each, put},
    rights::Stage,
    support::{Server, assert_feed_equals_reads, items},
};

/// Makes or replaces a theme as an administrator.
#[track_caller]
fn theme(server: &Server, slug: &str, broader: Option<&str>) -> Value {
    let body = json!({ "label": slug, "broader": broader });
    put(server, &format!("/themes/{slug}"), &body)
}

/// Asks for another broader theme, and gives the faults; none when it was taken.
fn move_below(server: &Server, slug: &str, broader: &str) -> Vec<String> {
    let key = server.admin_key();
    let body = json!({ "broader": broader });
    let reply = server
        .patch(&format!("/themes/{slug}"))
        .key(key)
        .json(&body)
        .send();
    match reply.status {
        200 => Vec::new(),
        _ => faults(&reply.problem(400, "invalid-input")),
    }
}

/// The slugs that a list gives a caller.
#[track_caller]
fn found(server: &Server, key: Option<&str>, path: &str) -> Vec<String> {
    let request = server.get(path);
    let request = match key {
        Some(key) => request.key(key),
        None => request,
    };
    each(&request.send().expect(200).json(), "slug")
}

/// `jeugd` above `onderwijs` and `zorg`; `passend` and `mbo` below `onderwijs`; `thuis` below
/// `passend`; `los` on its own.
fn fill(server: &Server) {
    for (slug, broader) in [
        ("jeugd", None),
        ("onderwijs", Some("jeugd")),
        ("zorg", Some("jeugd")),
        ("passend", Some("onderwijs")),
        ("mbo", Some("onderwijs")),
        ("thuis", Some("passend")),
        ("los", None),
    ] {
        theme(server, slug, broader);
    }
}

both! {
    fn every_field_of_a_theme_comes_back_as_it_was_sent(server: &Server) {
        let key = server.admin_key();
        let above = create(server, key, "/themes", &json!({ "label": "Jeugd" }));
        assert_eq!(above["slug"], "jeugd");
        assert_eq!((&above["broader"], &above["definition"]), (&Value::Null, &Value::Null));
        assert_eq!((&above["alternativeLabels"], &above["exactMatch"]), (&json!([]), &json!([])));
        let body = json!({
            "label": "Passend onderwijs", "alternativeLabels": ["PaO", "zorgplicht"],
            "definition": "Een plek voor elk kind.", "broader": "jeugd",
            "exactMatch": ["https://begrippen.example/passend", "https://lijst.example/7"],
            "identifiers": [{ "scheme": "own", "value": "7" }], "verifiedOn": "2026-01-01",
        });
        let made = create(server, key, "/themes", &body);
        assert_eq!(made["slug"], "passend-onderwijs");
        for member in ["label", "alternativeLabels", "definition", "exactMatch", "verifiedOn"] {
            assert_eq!(made[member], body[member], "{member}");
        }
        let name = json!({ "id": above["id"], "slug": "jeugd", "name": "Jeugd" });
        assert_eq!(made["broader"], name);
        let again = server.put("/themes/passend-onderwijs").key(key).json(&made).send().expect(200).json();
        assert_eq!(again, made, "what was read can be sent again");
        let renamed = patch(server, key, "/themes/jeugd", &json!({ "label": "Jongeren" }));
        let below = read(server, key, "/themes/passend-onderwijs");
        assert_eq!(below["broader"]["name"], "Jongeren", "as it is called now");
        assert_eq!((&renamed["version"], &below["version"]), (&json!(2), &json!(2)));
        server.delete("/themes/jeugd").key(key).send().problem(409, "in-use");
        let least = json!({ "label": "Passend onderwijs" });
        let emptied = server.put("/themes/passend-onderwijs").key(key).json(&least).send().expect(200).json();
        assert_eq!((&emptied["broader"], &emptied["exactMatch"]), (&Value::Null, &json!([])));
        server.delete("/themes/jeugd").key(key).send().expect(204);
        assert_feed_equals_reads(server, key);
    }

    fn all_that_is_wrong_with_a_theme_is_told_at_once(server: &Server) {
        let body = json!({
            "label": " ", "alternativeLabels": ["x", ""], "broader": "nergens", "exactMatch": ["geen adres"],
            "kind": "other",
        });
        let refused = server.post("/themes").key(server.admin_key()).json(&body).send();
        let expected = [
            "body /alternativeLabels/1 empty",
            "body /broader unknown_reference",
            "body /exactMatch/0 invalid_format",
            "body /kind unknown_member",
            "body /label empty",
        ];
        assert_eq!(faults(&refused.problem(400, "invalid-input")), expected);
        let empty = server.post("/themes").key(server.admin_key()).json(&json!({})).send();
        assert_eq!(faults(&empty.problem(400, "invalid-input")), ["body /label missing"]);
    }

    fn a_theme_is_never_below_itself(server: &Server) {
        fill(server);
        let lines = log(server, server.admin_key()).len();
        for (slug, broader) in [
            ("los", "los"), ("jeugd", "jeugd"), ("jeugd", "zorg"), ("jeugd", "thuis"), ("onderwijs", "thuis"),
            ("passend", "thuis"),
        ] {
            assert_eq!(move_below(server, slug, broader), ["body /broader cycle"], "{slug} below {broader}");
        }
        assert_eq!(log(server, server.admin_key()).len(), lines, "nothing was written");
        assert!(move_below(server, "passend", "zorg").is_empty(), "a branch may move");
        assert!(move_below(server, "onderwijs", "thuis").is_empty(), "that is no ring any more");
        assert_eq!(move_below(server, "zorg", "mbo"), ["body /broader cycle"]);
    }

    fn a_very_long_chain_is_followed_to_its_end(server: &Server) {
        let names: Vec<String> = (0..120).map(|nth| format!("t{nth:03}")).collect();
        for (nth, name) in names.iter().enumerate() {
            let above = nth.checked_sub(1).map(|above| names[above].as_str());
            theme(server, name, above);
        }
        assert_eq!(move_below(server, "t000", "t119"), ["body /broader cycle"]);
        let page = read(server, server.admin_key(), "/themes?broader=t000&count=true&limit=1");
        assert_eq!(page["total"], 119);
    }

    fn a_filter_takes_all_below_and_a_view_what_is_directly_below(server: &Server) {
        fill(server);
        for (broader, below) in [
            ("jeugd", &["mbo", "onderwijs", "passend", "thuis", "zorg"][..]),
            ("onderwijs", &["mbo", "passend", "thuis"]),
            ("passend", &["thuis"]),
            ("thuis", &[]),
            ("los", &[]),
        ] {
            let path = format!("/themes?broader={broader}&count=true");
            assert_eq!(found(server, None, &path), below, "{broader}");
            let page = server.get(&path).send().expect(200).json();
            assert_eq!(page["total"], below.len(), "{broader}");
        }
        let wrong = server.get("/themes?broader=nergens").send();
        assert_eq!(faults(&wrong.problem(400, "invalid-input")), ["query broader unknown_reference"]);
        let page = server.get("/themes?include=narrower").send().expect(200).json();
        let slugs = |of: &Value| each(&json!({ "items": of }), "slug");
        for (nth, (slug, narrower)) in [
            ("jeugd", &["onderwijs", "zorg"][..]), ("los", &[]), ("mbo", &[]),
            ("onderwijs", &["mbo", "passend"]), ("passend", &["thuis"]), ("thuis", &[]), ("zorg", &[]),
        ].into_iter().enumerate() {
            let item = &items(&page)[nth];
            assert_eq!((&item["slug"], slugs(&item["narrower"])), (&json!(slug), narrower.iter().map(|s| (*s).to_owned()).collect()));
        }
        let one = server.get("/themes/passend?include=narrower&fields=label").send().expect(200).json();
        let below = server.get("/themes/thuis").send().expect(200).json();
        let reference = json!({ "id": below["id"], "slug": "thuis", "name": "thuis" });
        assert_eq!(one, json!({ "label": "passend", "narrower": [reference] }));
        assert!(server.get("/themes/passend").send().expect(200).json().get("narrower").is_none());
    }

    fn a_hidden_theme_cuts_the_tree_for_those_who_cannot_see_it(server: &Server) {
        let stage = Stage::new(server);
        let admin = server.admin_key();
        fill(server);
        let hide = json!({ "visibility": "restricted", "steward": "keeper" });
        patch(server, admin, "/themes/passend", &hide);
        let project = |slug: &str, theme: &str| {
            let body = json!({ "name": slug, "kind": "project", "themes": [theme] });
            put(server, &format!("/projects/{slug}"), &body);
        };
        project("over-thuis", "thuis");
        project("over-passend", "passend");
        project("over-mbo", "mbo");
        for (key, knows) in [
            (None, false), (Some(stage.stranger()), false), (Some(stage.own()), true), (Some(admin), true),
        ] {
            let pick = |with: &[&str], without: &[&str]| -> Vec<String> {
                let chosen = if knows { with } else { without };
                chosen.iter().map(|slug| (*slug).to_owned()).collect()
            };
            let ask = |path: &str| found(server, key, path);
            assert_eq!(ask("/themes?broader=jeugd"), pick(&["mbo", "onderwijs", "passend", "thuis", "zorg"], &["mbo", "onderwijs", "zorg"]));
            assert_eq!(ask("/projects?theme=jeugd"), pick(&["over-mbo", "over-passend", "over-thuis"], &["over-mbo"]));
            assert_eq!(ask("/projects?theme=thuis"), ["over-thuis"]);
            let request = |path: &str| {
                let request = server.get(path);
                match key {
                    Some(key) => request.key(key),
                    None => request,
                }.send()
            };
            let thuis = request("/themes/thuis").expect(200).json();
            assert_eq!(thuis["broader"].is_null(), !knows, "{thuis}");
            let above = request("/themes/onderwijs?include=narrower").expect(200).json();
            assert_eq!(each(&json!({ "items": above["narrower"] }), "slug"), pick(&["mbo", "passend"], &["mbo"]));
            let status = if knows { 200 } else { 400 };
            request("/themes?broader=passend").expect(status);
            request("/projects?theme=passend").expect(status);
            let of = request("/projects/over-passend").expect(200).json();
            assert_eq!(items(&json!({ "items": of["themes"] })).len(), usize::from(knows));
        }
        // What hangs below it is a theme like any other.
        let mine = create(server, stage.stranger(), "/themes", &json!({ "label": "Mijn", "broader": "thuis" }));
        assert_eq!(mine["broader"]["slug"], "thuis");
    }

    fn a_theme_below_one_that_its_editor_cannot_see_stays_there(server: &Server) {
        let stage = Stage::new(server);
        let admin = server.admin_key();
        theme(server, "boven", None);
        patch(server, admin, "/themes/boven", &json!({ "visibility": "restricted" }));
        let body = json!({ "label": "Onder", "broader": "boven", "steward": "keeper" });
        put(server, "/themes/onder", &body);
        let seen = read(server, stage.own(), "/themes/onder");
        assert!(seen["broader"].is_null());
        patch(server, stage.own(), "/themes/onder", &json!({ "definition": "Nieuw." }));
        assert_eq!(read(server, admin, "/themes/onder")["broader"]["slug"], "boven");
        let body = with(read(server, stage.own(), "/themes/onder"), &json!({ "definition": "Anders." }));
        let put = server.put("/themes/onder").key(stage.own()).json(&body).send().expect(200).json();
        assert!(put["broader"].is_null());
        assert_eq!(read(server, admin, "/themes/onder")["broader"]["slug"], "boven");
        theme(server, "elders", None);
        let moved = patch(server, stage.own(), "/themes/onder", &json!({ "broader": "elders" }));
        assert_eq!(moved["broader"]["slug"], "elders", "another one may be chosen");
        let free = json!({ "broader": null });
        assert!(patch(server, stage.own(), "/themes/onder", &free)["broader"].is_null());
    }
}
