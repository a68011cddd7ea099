//! `kill -9` in the middle of an import of all or nothing.

use std::{thread, time::Duration};

use serde_json::{Value, json};

use super::{position, project, raw};
use crate::support::{Client, Server};

const KILLS: u64 = 20;
const DOCUMENTS: usize = 400;

both! {
    fn after_a_kill_all_of_an_import_is_there_or_nothing(server: &mut Server) {
        let key = server.admin_key().to_owned();
        let mut random = fastrand::Rng::with_seed(6);
        let mut landed = 0;
        for round in 0..KILLS {
            let refers = |nth: usize| json!({"related": [{"project": format!("k-{}", (nth + 1) % DOCUMENTS), "kind": "related"}], "summary": format!("Ronde {round}.")});
            let lines: Vec<String> = (0..DOCUMENTS).map(|nth| project(&format!("k-{nth}"), refers(nth)).to_string()).collect();
            let before = position(server);
            let (client, body, key) = (Client::clone(server), lines.join("\n"), key.clone());
            let sending = thread::spawn(move || {
                let request = client.post("/imports").key(&key).header("content-type", "application/x-ndjson");
                request.bytes(body.as_bytes()).try_send().is_ok_and(|reply| reply.text().contains("\"applied\":true"))
            });
            thread::sleep(Duration::from_millis(random.u64(10..1_500)));
            server.kill9();
            let acknowledged = sending.join().expect("the client does not panic");
            server.restart();
            let written = position(server) - before;
            assert!(written == 0 || written == i64::try_from(DOCUMENTS).unwrap(), "{written} of {DOCUMENTS}");
            assert!(written > 0 || !acknowledged, "what was acknowledged is lost");
            landed += u64::from(written > 0);
            let versions: Vec<Value> = ["k-0", "k-200", "k-399"].iter().map(|slug| {
                let reply = server.get(&format!("/projects/{slug}")).send();
                if reply.status == 404 { Value::Null } else { reply.json()["version"].clone() }
            }).collect();
            assert!(versions.iter().all(|version| *version == versions[0]), "{versions:?}");
        }
        // And the register goes on.
        let body = project("erna", json!({})).to_string();
        raw(server, "", body.as_bytes()).key(&key).send().expect(200);
        server.get("/projects/erna").send().expect(200);
        assert!(landed < KILLS, "each import was done before the kill: the test proves nothing");
    }
}
