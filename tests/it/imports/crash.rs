//! `kill -9` in the middle of an import of all or nothing.

use std::{env, thread, time::Instant};

use serde_json::{Value, json};

use super::{position, project, raw};
use crate::support::{Client, Server};

const KILLS: u64 = 20;

/// How many documents an import has; `IMPORT_DOCUMENTS` says otherwise.
const DOCUMENTS: usize = 400;

/// Documents that refer to each other in a circle, and differ from round to round.
pub(crate) fn circle(documents: usize, round: u64) -> String {
    let line = |nth: usize| {
        let next = format!("k-{}", (nth + 1) % documents);
        let related = json!([{"project": next, "kind": "related"}]);
        let rest = json!({"related": related, "summary": format!("Ronde {round}.")});
        project(&format!("k-{nth}"), rest).to_string()
    };
    (0..documents).map(line).collect::<Vec<_>>().join("\n")
}

both! {
    fn after_a_kill_all_of_an_import_is_there_or_nothing(server: &mut Server) {
        let given = env::var("IMPORT_DOCUMENTS").ok();
        let documents = given.map_or(DOCUMENTS, |text| text.parse().expect("a number"));
        let key = server.admin_key().to_owned();
        let mut random = fastrand::Rng::with_seed(6);
        // One that is not killed tells how long it takes.
        let began = Instant::now();
        raw(server, "", circle(documents, 0).as_bytes()).key(&key).send().expect(200);
        let whole = began.elapsed();
        let mut landed = 0;
        for round in 1..=KILLS {
            let before = position(server);
            let (client, body, key) = (Client::clone(server), circle(documents, round), key.clone());
            let sending = thread::spawn(move || {
                let request = client.post("/imports").key(&key).header("content-type", "application/x-ndjson");
                request.bytes(body.as_bytes()).try_send().is_ok_and(|reply| reply.text().contains("\"applied\":true"))
            });
            thread::sleep(whole.mul_f64(random.f64() * 1.1));
            server.kill9();
            let acknowledged = sending.join().expect("the client does not panic");
            server.restart();
            let written = position(server) - before;
            assert!(written == 0 || written == i64::try_from(documents).unwrap(), "{written} of {documents}");
            assert!(written > 0 || !acknowledged, "what was acknowledged is lost");
            landed += u64::from(written > 0);
            let versions: Vec<Value> = [0, documents / 2, documents - 1].iter().map(|nth| {
                server.get(&format!("/projects/k-{nth}")).send().expect(200).json()["version"].clone()
            }).collect();
            assert_eq!(versions, vec![json!(1 + landed); 3]);
        }
        // And the register goes on.
        let body = project("erna", json!({})).to_string();
        raw(server, "", body.as_bytes()).key(&key).send().expect(200);
        server.get("/projects/erna").send().expect(200);
        assert!(landed < KILLS, "each import was done before the kill: the test proves nothing");
    }
}
