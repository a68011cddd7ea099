//! What those who run the service rely on: its log, its health, its settings, its contact.

use serde_json::Value;

use crate::given::plain;
use crate::support::{Server, program};

/// The lines that the server logged for a request.
fn lines(server: &Server, request: &str) -> Vec<Value> {
    // The line is written after the answer was sent.
    for _ in 0..500 {
        let log = server.log();
        let found: Vec<Value> = log
            .lines()
            .map(|line| serde_json::from_str(line).expect("a line of JSON"))
            .filter(|line: &Value| line["request"] == request)
            .collect();
        if found.iter().any(|line| line["message"] == "answered") {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("no line for {request} in:\n{}", server.log());
}

both! {
    with([], [("LOG_FORMAT", "json")])
    fn each_request_makes_one_line_that_programs_can_read(server: &Server) {
        plain(server, "een");
        let path = "/organisations/een?fields=name&secret=hunter2";
        server.get(path).header("x-request-id", "one-request").send().expect(400);
        let lines = lines(server, "one-request");
        let [line] = lines.as_slice() else { panic!("one line, not {lines:?}") };
        assert_eq!(line["level"], "info");
        assert_eq!(line["method"], "GET");
        assert_eq!(line["route"], "/api/v1/organisations/{id}");
        assert_eq!(line["status"], 400);
        assert!(line["micros"].is_u64());
        assert!(line["at"].as_str().is_some_and(|at| at.ends_with('Z')));
        assert!(!server.log().contains("hunter2"), "an address may hold anything");
    }

    with([], [("LOG_FORMAT", "json")])
    fn a_key_that_fails_is_logged_without_the_key(server: &Server) {
        let key = server.key("reader", None);
        let id = key.split('_').nth(1).expect("an id").to_owned();
        let ended = server.key("reader", None);
        let ended_id = ended.split('_').nth(1).expect("an id").to_owned();
        server.delete(&format!("/keys/{ended_id}")).key(server.admin_key()).send().expect(204);
        let other = format!("{}{}", &key[..key.len() - 1], if key.ends_with('0') { '1' } else { '0' });
        let unknown = format!("schakel_{}_{}", "0".repeat(16), "a".repeat(64));
        for (request, key, reason, named) in [
            ("malformed", "hunter2", "malformed", "-"),
            ("unknown", unknown.as_str(), "unknown", "-"),
            ("other", other.as_str(), "unknown", id.as_str()),
            ("ended", ended.as_str(), "revoked", ended_id.as_str()),
        ] {
            server.get("/regions").key(key).header("x-request-id", request).send().problem(401, "key-required");
            let lines = lines(server, request);
            let warning = lines.iter().find(|line| line["level"] == "warn").expect("a warning");
            assert_eq!(warning["message"], "a key was refused");
            assert_eq!(warning["reason"], reason);
            assert_eq!(warning["key"], named);
            assert_eq!(warning["network"], "127.0.0.0/24");
            let secret = key.rsplit('_').next().expect("a secret");
            assert!(!server.log().contains(secret), "{secret} is in the log");
        }
    }

    fn a_weakness_can_be_told_to_someone(server: &Server) {
        let answer = server.get(&server.outside("/.well-known/security.txt")).send().expect(200);
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        let text = answer.text();
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).map(str::to_owned);
        assert!(field("Contact:").is_some_and(|contact| contact.starts_with("mailto:")), "{text}");
        assert!(field("Canonical:").is_some_and(|url| url.ends_with("/.well-known/security.txt")));
        let expires = field("Expires:").expect("an end");
        let expires = chrono::DateTime::parse_from_rfc3339(&expires).expect("RFC 3339");
        let days = (expires.to_utc() - chrono::Utc::now()).num_days();
        assert!((1..365).contains(&days), "RFC 9116 advises less than a year, not {days} days");
    }

    with([], [("SECURITY_CONTACT", "https://www.gemeente.example/lek"), ("PUBLIC_URL", "https://register.example")])
    fn the_contact_is_configured(server: &Server) {
        let text = server.get(&server.outside("/.well-known/security.txt")).send().expect(200).text();
        assert!(text.starts_with("Contact: https://www.gemeente.example/lek\n"), "{text}");
        assert!(text.contains("Canonical: https://register.example/.well-known/security.txt\n"), "{text}");
    }

    fn the_program_can_ask_whether_the_service_is_ready(server: &Server) {
        let address = server.outside("").replace("http://", "");
        let check = |address: &str| {
            let mut check = program(&server.database_url, std::path::Path::new("."));
            check.env("LISTEN_ADDR", address).arg("healthcheck").output().expect("it runs")
        };
        let port = address.rsplit(':').next().expect("a port");
        for address in [address.clone(), format!("0.0.0.0:{port}")] {
            let ready = check(&address);
            assert!(ready.status.success(), "{}", String::from_utf8_lossy(&ready.stderr));
        }
        // Port 9 is set aside for a service that nobody runs.
        for (address, told) in [("127.0.0.1:9", "127.0.0.1:9/health/ready"), ("127.0.0.1:0", "LISTEN_ADDR")] {
            let down = check(address);
            assert_eq!(down.status.code(), Some(1));
            let told_of = String::from_utf8_lossy(&down.stderr).into_owned();
            assert!(told_of.contains(told), "{told_of}");
        }
    }
}

#[test]
fn a_wrong_setting_is_refused_with_a_sentence_that_names_it() {
    let folder = tempfile::TempDir::new().expect("a folder");
    for (name, value) in [
        ("RATE_LIMIT", "many"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("CORS_ORIGINS", "beheer.example"),
        ("SECURITY_CONTACT", "security@beheer.example"),
        ("LOG_FORMAT", "xml"),
        ("LISTEN_ADDR", "8080"),
        ("PUBLIC_URL", "register.example"),
        ("DATABASE_CONNECTIONS", "0"),
        ("DATABASE_URL", ""),
        ("DATA_DIR", ""),
    ] {
        let mut serve = program("sqlite://x.db", folder.path());
        let ended = serve.env(name, value).arg("serve").output();
        let ended = ended.expect("it runs");
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(1), "{name}: {told}");
        assert!(
            told.contains(name) && told.lines().count() == 1,
            "{name}: {told}"
        );
    }
    let left = std::fs::read_dir(folder.path()).expect("the folder");
    assert_eq!(left.count(), 0, "nothing is made with a wrong setting");
}
