//! The service does what its API document says: every operation of the document is there
//! (`http.rs` tests that no other is), every answer that the tests provoke is one that is
//! documented, and fits its schema.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use ureq::http::Method;

use crate::builders::least;
use crate::support::{Client, Reply, Request, Server, a_changeset, object, operations, text};

both! {
    with(["--demo"], [])
    fn each_documented_operation_answers_its_own_examples(server: &Server) {
        let contract = Contract::of(server);
        for operation in operations(server) {
            let of_changeset = operation.template.starts_with("/changesets");
            let example = operation.path_with(|_| of_changeset.then(|| a_changeset(server)));
            let method = operation.method.as_str();
            let reply = contract.ask(method, &example, |request| request);
            let expected = if operation.needs_key() { 401 } else { 200 };
            contract.note_unless(reply.status == expected, || {
                format!("{method} {example} (the documented example) -> {}", reply.status)
            });
        }
        contract.assert_kept();
    }

    with(["--demo"], [])
    fn reading_gives_what_is_documented(server: &Server) {
        let contract = Contract::of(server);
        for path in [
            "/regions", "/regions?limit=1", "/regions?count=true&sort=-updatedAt,name",
            "/regions?format=csv", "/regions?format=ndjson&limit=1", "/organisations?limit=100",
            "/organisations?kind=school,municipality&region=noord-veluwe&identifier=cbs:GM0230",
            "/regions/noord-veluwe", "/organisations/cbs:GM0230", "/organisations/zeeluwe",
            "/regions/noord-veluwe/history", "/regions/noord-veluwe/versions/1",
            "/organisations/zeeluwe/history?limit=1", "/organisations/zeeluwe/versions/1",
            "/regions/noord-veluwe/organisations?at=2022-01-01",
            "/organisations/gemeente-elburg/regions", "/changes", "/changes?include=document",
            "/changes?type=region&limit=1&cursor=3", "/vocabularies", "/vocabularies/sectors",
            "/postcodes/8081", "/openapi.json", "/openapi.yaml",
            "/themes", "/themes?broader=passend-onderwijs&include=narrower", "/themes/passend-onderwijs",
            "/themes/passend-onderwijs/history", "/themes/passend-onderwijs/versions/1", "/themes?format=csv",
            "/projects?limit=100&include=team", "/projects?format=csv", "/projects?format=ndjson",
            "/projects?region=noord-veluwe&municipality=cbs:GM0230&theme=passend-onderwijs&kind=agenda,pilot",
            "/projects?organisationKind=ministry&role=funder&age=12&from=2014-01-01&until=2030-01-01",
            "/projects?hasMilestone=evaluation&overdue=true", "/projects/samen-aan-de-slag?include=team",
            "/projects/samen-aan-de-slag/team?role=lead&status=active", "/projects/samen-aan-de-slag/team",
            "/projects/samen-aan-de-slag/history", "/projects/samen-aan-de-slag/versions/1",
            "/regions/noord-veluwe/projects", "/regions/noord-veluwe/people?role=coordinator",
            "/regions?include=projects,people", "/organisations?limit=100&include=people",
            "/organisations/zeeluwe/people", "/people", "/people?region=noord-veluwe&role=chair,coordinator",
            "/people?organisationKind=municipality&isContact=false&roleStatus=active", "/people?format=csv",
            "/stats", "/stats?groupBy=type,kind", "/stats?type=projects&groupBy=region,status,theme",
            "/stats?type=projects&groupBy=municipality,organisationKind,startYear&theme=passend-onderwijs",
            "/stats?type=people&groupBy=region&format=csv", "/stats?groupBy=sector&format=ndjson",
            "/stats/timeline", "/stats/timeline?interval=day&type=people,projects", "/stats/timeline?format=csv",
            "/projects?format=xlsx&columnNames=dutch", "/stats?type=projects&groupBy=kind&format=xlsx", "/exports/register",
            "/search?q=jeugdhulp&format=csv&bom=true", "/search?format=ndjson&type=people&limit=2", "/search?format=xlsx",
        ] {
            let reply = contract.ask("GET", path, |request| request).expect(200);
            contract.ask("HEAD", path, |request| request).expect(200);
            if let Some(etag) = reply.header("etag") {
                contract.ask("GET", path, |request| request.header("if-none-match", etag)).expect(304);
            }
        }
        contract.assert_kept();
    }

    with(["--demo"], [])
    fn lists_of_chosen_fields_and_views_are_documented(server: &Server) {
        let contract = Contract::of(server);
        for path in [
            "/regions?fields=name,partners", "/regions/noord-veluwe?fields=name",
            "/regions?include=organisations", "/organisations/gemeente-elburg?include=regions",
        ] {
            contract.ask("GET", path, |request| request).expect(200);
        }
        let view = &contract.document["components"]["schemas"]["RegionView"]["properties"]["organisations"];
        contract.note_unless(!view.is_null(), || "the view `organisations` of a region".into());
        contract.assert_kept();
    }

    fn writing_gives_what_is_documented(server: &Server) {
        let (contract, key) = (Contract::of(server), server.admin_key());
        let write = |method: &str, path: &str, body: &Value| {
            contract.ask(method, path, |request| request.key(key).json(body))
        };
        let elburg = json!({
            "name": "Gemeente Elburg", "kind": "municipality", "founded": "1233~",
            "addresses": [{ "kind": "visiting", "city": "Elburg", "postcode": "8081 AB" }],
            "contacts": [{ "kind": "email", "value": "jeugd@elburg.example", "isFunctional": true }],
            "identifiers": [{ "scheme": "cbs", "value": "GM0230", "start": "1995" }],
            "sources": [{ "title": "A source", "url": "https://source.example/", "retrievedOn": "2026-01-31" }],
            "serviceArea": { "postcodes": ["8081"] }, "verifiedOn": "2026-01-31",
        });
        write("POST", "/organisations", &elburg).expect(201);
        let region = json!({
            "name": "Noord Veluwe", "kind": "cooperation_region", "steward": "cbs:GM0230",
            "municipalities": [{ "organisation": "cbs:GM0230", "localAccess": "cjg", "start": "2015/.." }],
        });
        write("PUT", "/regions/noord-veluwe", &region).expect(201);
        write("PUT", "/regions/noord-veluwe", &region).expect(200);
        write("PATCH", "/regions/noord-veluwe", &json!({ "summary": "A region." })).expect(200);
        write("PATCH", "/regions/noord-veluwe", &json!({ "slug": "veluwe" })).expect(200);
        write("PATCH", "/regions/noord-veluwe", &json!({ "summary": null })).expect(308);
        contract.ask("GET", "/regions/noord-veluwe", |request| request).expect(308);
        for path in ["/regions/veluwe", "/regions/veluwe/history", "/organisations/cbs:GM0230"] {
            contract.ask("GET", path, |request| request.key(key)).expect(200);
        }
        let placeholder = json!({ "name": "A stand-in", "kind": "other", "isPlaceholder": true });
        write("POST", "/organisations", &placeholder).expect(201);
        write("POST", "/organisations/a-stand-in/merge", &json!({ "into": "gemeente-elburg" })).expect(200);
        contract.ask("GET", "/organisations/a-stand-in", |request| request).expect(308);
        contract.ask("DELETE", "/organisations/gemeente-elburg", |request| request.key(key)).expect(409);
        contract.ask("DELETE", "/regions/veluwe", |request| request.key(key)).expect(204);
        contract.ask("GET", "/regions/veluwe", |request| request).expect(410);
        contract.ask("GET", "/changes?include=document", |request| request.key(key)).expect(200);
        contract.ask("GET", "/changes?limit=100", |request| request).expect(200);
        contract.assert_kept();
    }

    fn a_project_with_everything_is_as_documented(server: &Server) {
        let (contract, key) = (Contract::of(server), server.admin_key());
        let write = |path: &str, body: &Value| {
            let reply = contract.ask("PUT", path, |request| request.key(key).json(body)).expect(201);
            contract.check_body("PUT", path, body);
            reply
        };
        for name in ["Gemeente", "Ministerie"] {
            write(&format!("/organisations/{}", name.to_lowercase()), &least("organisations", name));
        }
        write("/regions/noord", &json!({ "name": "Noord", "kind": "other", "municipalities": [{ "organisation": "gemeente" }] }));
        write("/themes/zorg", &json!({ "label": "Zorg", "alternativeLabels": ["Hulp"], "exactMatch": ["https://thema.example/1"] }));
        write("/themes/thuis", &json!({ "label": "Thuis", "broader": "zorg", "definition": "Niet op school." }));
        write("/people/an", &json!({
            "name": { "given": "An", "prefix": "de", "family": "Groot", "honorific": "dr." },
            "publicationBasis": "consent", "retainUntil": "2999-12-31", "biography": "Meer.",
            "contacts": [{ "kind": "phone", "value": "0525 000000", "visibility": "public" }],
        }));
        write("/projects/ander", &least("projects", "Ander"));
        write("/projects/plan", &json!({
            "name": "Plan", "alternativeNames": ["Het plan"], "kind": "pilot", "status": "active",
            "objective": { "text": "Samen.", "isQuote": true }, "minimumAge": 0, "maximumAge": 23,
            "start": { "edtf": "2013", "text": "begin 2013" }, "end": "2014-23", "regions": ["noord"],
            "municipalities": ["gemeente"], "themes": ["thuis"], "website": "https://plan.example/",
            "contacts": [{ "kind": "email", "value": "post@plan.example", "isFunctional": true }],
            "related": [{ "project": "ander", "kind": "part_of" }],
            "participants": [
                { "organisation": "gemeente", "role": "signatory", "signed": "2013-12-12", "representedBy": "an" },
                { "person": "an", "role": "evaluator", "roleDescription": "Kijkt mee." },
                { "partyClass": "verenigingen", "role": "intended_partner", "status": "intended" },
            ],
            "focusPoints": [{ "kind": "question", "title": "Werkt het?", "period": "2013/..", "status": "planned" }],
            "milestones": [{ "kind": "evaluation", "title": "Evaluatie", "planned": "2014-23", "condition": "Als het lukt.", "focusPoint": "Werkt het?" }],
            "funding": [
                { "funders": ["ministerie"], "recipient": "gemeente", "instrument": "subsidy", "amount": { "amount": "150000.00", "currency": "EUR" } },
                { "funders": ["ministerie"], "recipient": { "type": "region", "id": "noord" }, "instrument": "other", "period": "2013/2014" },
            ],
        }));
        let reach = json!([{ "kind": "email", "value": "an@plan.example", "visibility": "public" }]);
        let roles = json!([{
            "organisation": "gemeente", "region": "noord", "project": "plan", "title": "Trekker", "kind": "lead",
            "topic": "Jeugd", "isContact": true, "start": "2013~", "durationText": "een jaar", "area": "Noord", "contacts": reach,
        }]);
        let patch = |path: &str, body: &Value| contract.ask("PATCH", path, |request| request.key(key).json(body));
        patch("/people/an", &json!({ "roles": roles })).expect(200);
        patch("/themes/thuis", &json!({ "broader": null })).expect(200);
        for path in [
            "/projects/plan?include=team", "/projects/plan/team", "/regions/noord/projects", "/regions/noord/people",
            "/organisations/gemeente/people", "/people/an/versions/2", "/changes?include=document&limit=100",
            "/stats?type=projects&groupBy=region,theme,organisationKind", "/stats/timeline?interval=week",
            "/projects?format=csv", "/people?format=csv",
        ] {
            contract.ask("GET", path, |request| request).expect(200);
        }
        let read = contract.ask("GET", "/projects/plan", |request| request).json();
        contract.check_body("PUT", "/projects/plan", &read);
        contract.assert_kept();
    }

    with(["--demo"], [])
    fn keys_are_given_as_documented(server: &Server) {
        let (contract, key) = (Contract::of(server), server.admin_key());
        let body = json!({ "name": "a-system", "role": "editor", "steward": "cbs:GM0230", "expiresOn": "2099-12-31" });
        let made = contract.ask("POST", "/keys", |request| request.key(key).json(&body)).expect(201);
        contract.ask("GET", "/keys", |request| request.key(key)).expect(200);
        let path = format!("/keys/{}", text(&made.json(), "id"));
        contract.ask("DELETE", &path, |request| request.key(key)).expect(204);
        contract.ask("GET", "/keys", |request| request.key(key)).expect(200);
        contract.assert_kept();
    }

    with(["--demo"], [])
    fn problems_are_those_that_are_documented(server: &Server) {
        let (contract, key) = (Contract::of(server), server.admin_key());
        let reader = server.key("reader", None);
        let get = |path: &str, status: u16| contract.ask("GET", path, |r| r).expect(status);
        get("/regions?limit=1000", 400);
        get("/regions?nonsense=1", 400);
        get("/vocabularies?nonsense=1", 400);
        get("/keys", 401);
        get("/regions/nowhere", 404);
        get("/postcodes/9999", 404);
        get("/postcodes/0999", 400);
        get("/vocabularies/nothing", 404);
        get("/regions?format=xml", 406);
        contract.ask("GET", "/regions", |r| r.header("authorization", "Bearer x")).expect(401);
        contract.ask("GET", "/vocabularies", |r| r.header("accept", "image/png")).expect(406);
        contract.ask("GET", "/keys", |r| r.key(&reader)).expect(403);
        let post = |body: &[u8], type_: &str| {
            contract.ask("POST", "/regions", |r| r.key(key).header("content-type", type_).bytes(body))
        };
        post(b"{", "application/json").expect(400);
        post(b"{}", "application/json").expect(400);
        post(b"{}", "text/plain").expect(415);
        post(&vec![b' '; 3 << 20], "application/json").expect(413);
        let taken = json!({ "name": "Another", "kind": "other", "slug": "noord-veluwe" });
        contract.ask("POST", "/regions", |r| r.key(key).json(&taken)).expect(409);
        let body = json!({ "summary": "x" });
        contract
            .ask("PATCH", "/regions/noord-veluwe", |r| r.key(key).header("if-match", "\"9-x\"").json(&body))
            .expect(412);
        contract.ask("DELETE", "/organisations/zeeluwe", |r| r.key(key)).expect(409);
        contract.ask("DELETE", "/organisations/zeeluwe", |r| r.key(&reader)).expect(403);
        contract.assert_kept();
    }

    with(["--demo"], [])
    fn a_document_that_was_read_can_be_sent_again_and_is_documented_so(server: &Server) {
        let (contract, key) = (Contract::of(server), server.admin_key());
        for (collection, slug) in [
            ("regions", "noord-veluwe"), ("organisations", "zeeluwe"), ("themes", "passend-onderwijs"),
            ("projects", "samen-aan-de-slag"), ("people", "filip-van-as"),
        ] {
            let path = format!("/{collection}/{slug}");
            let document = server.get(&path).key(key).send().expect(200).json();
            for method in ["PUT", "PATCH"] {
                let reply = contract.ask(method, &path, |r| r.key(key).json(&document)).expect(200);
                assert_eq!(reply.json(), document, "nothing changes");
                contract.check_body(method, &path, &document);
            }
        }
        contract.assert_kept();
    }
}

/// The API document of a server, and what does not keep to it.
struct Contract<'a> {
    server: &'a Client,
    document: Value,
    broken: std::cell::RefCell<BTreeSet<String>>,
}

impl<'a> Contract<'a> {
    fn of(server: &'a Client) -> Self {
        let document = server.get("/openapi.json").send().expect(200).json();
        Self {
            server,
            document,
            broken: std::cell::RefCell::default(),
        }
    }

    /// Sends a request, and notes what of the answer is not documented.
    fn ask(
        &self,
        method: &str,
        path: &str,
        more: impl FnOnce(Request<'a>) -> Request<'a>,
    ) -> Reply {
        let name = Method::from_bytes(method.as_bytes()).expect("a method");
        let reply = more(self.server.request(name, path)).send();
        let template = self.template(path);
        let about = format!("{method} {template} -> {}", reply.status);
        let documented = if method == "HEAD" {
            "get"
        } else {
            &method.to_lowercase()
        };
        let operation = &self.document["paths"][template][documented];
        let response = self.resolved(&operation["responses"][reply.status.to_string()]);
        if response.is_null() {
            self.note(format!("{about}: not documented"));
            return reply;
        }
        let media = reply
            .header("content-type")
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default();
        for (header, _) in object(&response["headers"]) {
            // An export that gives all has no other pages.
            let may_lack = header == "Link" && media != "application/json";
            let there = may_lack || reply.header(header).is_some();
            self.note_unless(there, || format!("{about}: no header {header}"));
        }
        if method == "HEAD" {
            return reply;
        }
        let schema = &response["content"][media]["schema"];
        if schema.is_null() {
            let what = || format!("{about}: a body of type '{media}' is not documented");
            self.note_unless(reply.body.is_empty(), what);
        } else if media.ends_with("json") && media != "application/x-ndjson" {
            self.validate(&about, schema, &reply.json());
        }
        reply
    }

    /// Notes what of a body that the service accepts is not documented.
    fn check_body(&self, method: &str, path: &str, body: &Value) {
        let template = self.template(path);
        let operation = &self.document["paths"][template][method.to_lowercase()];
        let contents = object(&operation["requestBody"]["content"]);
        for (media, content) in contents {
            self.validate(
                &format!("body of {method} {template} as {media}"),
                &content["schema"],
                body,
            );
        }
    }

    fn validate(&self, about: &str, schema: &Value, value: &Value) {
        // References in the schema begin at the root of the document.
        let rooted = json!({ "allOf": [schema], "components": self.document["components"] });
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&rooted)
            .unwrap_or_else(|error| panic!("the schema of {about}: {error}"));
        for error in validator.iter_errors(value) {
            let place = error.instance_path().to_string();
            // Of a list one item says it all.
            let place: Vec<&str> = place
                .split('/')
                .map(|part| {
                    if part.parse::<u32>().is_ok() {
                        "*"
                    } else {
                        part
                    }
                })
                .collect();
            let what: String = error.to_string().chars().rev().take(120).collect();
            let what: String = what.chars().rev().collect();
            self.note(format!("{about}: at '{}': …{what}", place.join("/")));
        }
    }

    /// The path of the document to which an address belongs.
    fn template(&self, path: &str) -> &str {
        let path = path.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |template: &str| {
            let own: Vec<&str> = template.split('/').collect();
            own.len() == parts.len()
                && own
                    .iter()
                    .zip(&parts)
                    .all(|(a, b)| a == b || a.starts_with('{'))
        };
        let mut found = object(&self.document["paths"])
            .map(|(path, _)| path.as_str())
            .filter(|p| fits(p));
        found.next().unwrap_or_else(|| panic!("no path for {path}"))
    }

    fn resolved<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value["$ref"].as_str() {
            Some(path) => self
                .document
                .pointer(path.trim_start_matches('#'))
                .expect("a reference"),
            None => value,
        }
    }

    fn note(&self, what: String) {
        self.broken.borrow_mut().insert(what);
    }

    fn note_unless(&self, kept: bool, what: impl FnOnce() -> String) {
        if !kept {
            self.note(what());
        }
    }

    #[track_caller]
    fn assert_kept(&self) {
        let broken = self.broken.borrow();
        let lines: Vec<&str> = broken.iter().map(String::as_str).collect();
        assert!(
            lines.is_empty(),
            "{} breaches of the API document:\n{}",
            lines.len(),
            lines.join("\n")
        );
    }
}
