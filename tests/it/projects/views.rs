//! What others show of projects, and what projects show of people.

use serde_json::{Value, json};

use super::{filters::fill, make};
use crate::{
    builders::{patch, shown},
    given::{each, put, read},
    support::{Server, items, text},
};

/// A person with roles, whom anyone may see.
fn person(server: &Server, family: &str, roles: &Value) {
    let body =
        json!({ "name": { "family": family }, "publicationBasis": "function", "roles": roles });
    put(server, &format!("/people/{}", family.to_lowercase()), &body);
}

both! {
    fn a_region_shows_its_projects_as_the_filter_finds_them(server: &Server) {
        fill(server);
        for region in ["noord", "zuid", "oost", "leeg"] {
            let view = read(server, &format!("/regions/{region}/projects"));
            let list = read(server, &format!("/projects?region={region}&limit=100"));
            assert_eq!(items(&view).len(), items(&list).len(), "{region}");
            for (row, project) in items(&view).iter().zip(items(&list)) {
                let expected = json!({
                    "project": shown(project), "kind": project["kind"], "status": project["status"],
                    "start": project["start"], "end": project["end"],
                });
                assert_eq!(row, &expected, "{region}");
            }
            let one = read(server, &format!("/regions/{region}?include=projects&fields=name"));
            assert_eq!(one, json!({ "name": region, "projects": view["items"] }));
        }
        let list = read(server, "/regions?include=projects,people,organisations&sort=-name");
        let counts: Vec<_> = items(&list).iter().map(|region| region["projects"].as_array().map(Vec::len)).collect();
        assert_eq!(counts, [Some(1), Some(2), Some(3), Some(0)], "zuid, oost, noord, leeg");

        let reply = server.get("/regions/noord/projects").send().expect(200);
        let tag = reply.header("etag").expect("a tag").to_owned();
        let ask = |tag: &str| server.get("/regions/noord/projects").header("if-none-match", tag).send();
        ask(&tag).expect(304);
        patch(server, server.admin_key(), "/projects/door-naam", &json!({ "status": "paused" }));
        assert_eq!(ask(&tag).expect(200).json()["items"][0]["status"], "paused");
        patch(server, server.admin_key(), "/regions/noord", &json!({ "slug": "noordoost" }));
        let moved = server.get("/regions/noord/projects").send().expect(308);
        assert!(moved.header("location").is_some_and(|to| to.ends_with("/regions/noordoost/projects")), "{moved}");
        server.get("/regions/nergens/projects").send().problem(404, "not-found");
        server.get("/regions/noordoost/projects?kind=pilot").send().problem(400, "invalid-input");
    }

    fn a_project_shows_its_team_with_a_row_for_each_role(server: &Server) {
        fill(server);
        let role = |title: &str, kind: &str, contact: bool| json!({
            "project": "door-naam", "organisation": "ocw", "title": title, "kind": kind, "isContact": contact,
            "topic": "Onderwerp", "status": if contact { "active" } else { "ended" },
            "contacts": [
                { "kind": "email", "value": "open@team.example", "visibility": "public" },
                { "kind": "email", "value": "dicht@team.example" },
            ],
        });
        person(server, "Berg", &json!([role("Trekker", "lead", false), role("Contact", "contact", true)]));
        person(server, "Aalst", &json!([role("Lid", "member", false), { "project": "zonder", "title": "Elders", "kind": "lead" }]));
        person(server, "Cramer", &json!([{ "organisation": "ocw", "title": "Niet in het project", "kind": "lead" }]));
        let rows = |page: &Value| -> Vec<String> {
            items(page).iter().map(|row| format!("{} {}", text(&row["person"], "slug"), text(row, "title"))).collect()
        };
        let team = read(server, "/projects/door-naam/team");
        assert_eq!(rows(&team), ["berg Contact", "aalst Lid", "berg Trekker"]);
        assert_eq!(rows(&read(server, "/projects/door-naam/team?role=lead,contact")), ["berg Contact", "berg Trekker"]);
        assert_eq!(rows(&read(server, "/projects/door-naam/team?status=ended&role=member")), ["aalst Lid"]);
        let first = &items(&team)[0];
        assert_eq!((&first["organisation"]["slug"], &first["topic"]), (&json!("ocw"), &json!("Onderwerp")));
        assert_eq!(each(&json!({ "items": first["contacts"] }), "value"), ["open@team.example"]);
        let admin = server.get("/projects/door-naam/team").key(server.admin_key()).send().expect(200).json();
        assert_eq!(each(&json!({ "items": items(&admin)[0]["contacts"] }), "value"), ["open@team.example", "dicht@team.example"]);
        let one = read(server, "/projects/door-naam?include=team&fields=slug");
        assert_eq!(one, json!({ "slug": "door-naam", "team": team["items"] }));
        let list = read(server, "/projects?include=team&kind=arrangement,project");
        let teams: Vec<Vec<String>> = items(&list).iter().map(|project| rows(&json!({ "items": project["team"] }))).collect();
        assert_eq!(teams, [vec!["berg Contact", "aalst Lid", "berg Trekker"], vec!["aalst Elders"]]);
        assert_eq!(read(server, "/projects/te-laat/team")["items"], json!([]));
        for filter in ["project=door-naam", "project=door-naam&role=lead", "organisation=ocw&project=door-naam&isContact=true"] {
            let found = each(&read(server, &format!("/people?{filter}")), "slug");
            assert!(found.contains(&"berg".to_owned()) && !found.contains(&"cramer".to_owned()), "{filter}: {found:?}");
        }
    }

    fn a_renamed_project_and_what_it_names_are_shown_by_their_new_names(server: &Server) {
        fill(server);
        let key = server.admin_key();
        make(server, "groot", &json!({ "related": [{ "project": "zonder", "kind": "implements" }] }));
        person(server, "Berg", &json!([{ "project": "zonder", "title": "Lid", "kind": "member" }]));
        patch(server, key, "/projects/zonder", &json!({ "name": "Met", "slug": "met" }));
        for (path, at, version) in [("/projects/groot", "/related/0/project", 2), ("/people/berg", "/roles/0/project", 2)] {
            let document = read(server, path);
            let shown = document.pointer(at).expect("a reference");
            assert_eq!((&shown["name"], &shown["slug"]), (&json!("Met"), &json!("met")), "{path}");
            assert_eq!(document["version"], version, "{path}");
        }
        put(server, "/people/smit", &json!({ "name": { "given": "Rico", "family": "Smit" }, "publicationBasis": "function" }));
        let row = &read(server, "/projects/te-vroeg")["participants"];
        assert_eq!(row, &json!([{
            "organisation": null, "person": row[0]["person"], "partyClass": null, "role": "initiator",
            "roleDescription": null, "status": "confirmed", "signed": null, "representedBy": null, "start": null, "end": null,
        }]));
        assert_eq!(row[0]["person"]["name"], "Rico Smit");
        put(server, "/themes/zorg", &json!({ "label": "Jeugdzorg" }));
        assert_eq!(read(server, "/projects/te-laat")["themes"][0]["name"], "Jeugdzorg");
        put(server, "/regions/zuid", &json!({ "name": "Zuiden", "kind": "other" }));
        assert_eq!(read(server, "/projects/te-vroeg")["funding"][0]["recipient"]["name"], "Zuiden");
    }
}
