//! A lean HTTP client: one connection that is kept, one request at a time.
//!
//! The load generator shares the machine with what it measures, so it must cost little. It reads
//! only what a register sends: a body with its length.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A connection to one server.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    line: String,
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// A request, and the answer that must come: every answer under load is compared.
#[derive(Clone)]
pub(crate) struct Ask {
    request: Vec<u8>,
    status: u16,
    body: Vec<u8>,
    anew: Option<Anew>,
}

/// Makes a search one that nobody asked before, though the same is found: it may be as old as each of
/// these positions of the change log in turn.
#[derive(Clone)]
struct Anew {
    path: String,
    positions: u64,
}

/// How many searches were made anew.
static TURN: AtomicU64 = AtomicU64::new(1);

impl Connection {
    /// `address` is `HOST:PORT`.
    pub(crate) fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server takes connections");
        stream.set_nodelay(true).expect("a socket option");
        stream
            .set_read_timeout(Some(Duration::from_mins(1)))
            .expect("a socket option");
        Self {
            stream: BufReader::with_capacity(64 * 1024, stream),
            line: String::new(),
        }
    }

    /// Gets what must be there. A path is from the root; of a whole URL only path and query count.
    pub(crate) fn get(&mut self, path: &str) -> Reply {
        let reply = self.send(&request(path, None));
        assert_eq!(reply.status, 200, "{path}: {}", text(&reply.body));
        reply
    }

    /// Gets what will be there: on a busy machine that may take longer than the register waits.
    pub(crate) fn get_at_last(&mut self, path: &str) -> Reply {
        loop {
            let reply = self.send(&request(path, None));
            if reply.status != 503 {
                assert_eq!(reply.status, 200, "{path}: {}", text(&reply.body));
                return reply;
            }
        }
    }

    /// Asks, and checks that the answer is the one it was before, byte for byte.
    pub(crate) fn ask(&mut self, ask: &Ask) {
        let reply = match &ask.anew {
            None => self.send(&ask.request),
            Some(Anew { path, positions }) => {
                let turn = TURN.fetch_add(1, Ordering::Relaxed) % positions + 1;
                let mut reply = self.send(&request(&format!("{path}{AFTER}{turn}"), None));
                reply.body = without_after(&reply.body);
                reply
            }
        };
        assert!(
            reply.status == ask.status && reply.body == ask.body,
            "{} answers {} otherwise than before: {}",
            text(&ask.request),
            reply.status,
            text(&reply.body)
        );
    }

    fn send(&mut self, request: &[u8]) -> Reply {
        self.stream.get_mut().write_all(request).expect("sent");
        let status = self.header_line();
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let mut reply = Reply {
            status: status.expect("a status"),
            etag: None,
            body: Vec::new(),
        };
        let mut length = 0;
        while let Some((name, value)) = self.header_line().split_once(':') {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().expect("a length");
            } else if name.eq_ignore_ascii_case("etag") {
                reply.etag = Some(value.trim().to_owned());
            }
        }
        reply.body.resize(length, 0);
        self.stream.read_exact(&mut reply.body).expect("a body");
        reply
    }

    fn header_line(&mut self) -> &str {
        self.line.clear();
        self.stream.read_line(&mut self.line).expect("a line");
        assert!(!self.line.is_empty(), "the server hung up");
        self.line.trim_end()
    }
}

impl Ask {
    /// Gets a path once, and then expects the same again.
    pub(crate) fn again(connection: &mut Connection, path: &str) -> Self {
        let reply = connection.get(path);
        Self {
            request: request(path, None),
            status: reply.status,
            body: reply.body,
            anew: None,
        }
    }

    /// Gets a search once, and then expects the same of others that find the same; the change log has
    /// so many positions.
    pub(crate) fn anew(connection: &mut Connection, path: &str, positions: u64) -> Self {
        let path = path.to_owned();
        Self {
            anew: Some(Anew {
                path: path.clone(),
                positions,
            }),
            ..Self::again(connection, &path)
        }
    }

    /// Gets a path once, and then asks whether it changed, which it did not.
    pub(crate) fn unchanged(connection: &mut Connection, path: &str) -> Self {
        let etag = connection.get(path).etag.expect("an entity tag");
        Self {
            request: request(path, Some(&etag)),
            status: 304,
            body: Vec::new(),
            anew: None,
        }
    }

    /// The bytes of the answer.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }
}

/// The parameter that makes a search another one.
const AFTER: &str = "&after=";

/// An answer without that parameter, which stands in the address of the next page.
fn without_after(body: &[u8]) -> Vec<u8> {
    let found = body
        .windows(AFTER.len())
        .rposition(|part| part == AFTER.as_bytes());
    let Some(at) = found else {
        return body.to_vec();
    };
    let (before, behind) = body.split_at(at);
    let behind = &behind[AFTER.len()..];
    let digits = behind.iter().take_while(|byte| byte.is_ascii_digit());
    [before, &behind[digits.count()..]].concat()
}

fn request(path: &str, known: Option<&str>) -> Vec<u8> {
    let path = path.split_once("://").map_or(path, |(_, rest)| {
        rest.find('/').map_or("/", |start| &rest[start..])
    });
    let condition = known.map_or_else(String::new, |tag| format!("If-None-Match: {tag}\r\n"));
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{condition}\r\n").into_bytes()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(500).collect()
}
