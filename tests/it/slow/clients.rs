//! Clients that are slow on purpose, on plain sockets: no HTTP library sends a byte at a time.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

/// How long one byte takes. Slow enough that no request ends by itself in the time of a test.
const TICK: Duration = Duration::from_millis(100);

/// How many requests a client sends that reads no answer: so many that the buffers of the system
/// do not hold the answers, and the server has to wait.
const PIPELINED: usize = 64;

/// A connection that nobody is in a hurry with.
pub(crate) struct Slow {
    stream: TcpStream,
    /// What goes byte by byte, over and over.
    drip: &'static [u8],
    sent: usize,
    /// Whether it reads what it gets.
    reads: bool,
    received: Vec<u8>,
    ended: bool,
}

impl Slow {
    /// A connection on which nothing happens. `address` is `HOST:PORT`.
    pub(crate) fn idle(address: &str) -> Self {
        Self::open(address, b"", b"", true)
    }

    /// Sends the headers of a request byte by byte.
    pub(crate) fn headers(address: &str) -> Self {
        let start = b"GET /api/v1/regions HTTP/1.1\r\nHost: slow.example\r\nX-Slow: ";
        Self::open(address, start, b"x", true)
    }

    /// Sends the headers of a create, and its body byte by byte, of a stated length or in chunks.
    pub(crate) fn body(address: &str, key: &str, chunked: bool) -> Self {
        let (length, drip): (_, &[u8]) = if chunked {
            ("Transfer-Encoding: chunked", b"1\r\n \r\n")
        } else {
            ("Content-Length: 100000", b" ")
        };
        Self::open(address, create(key, length).as_bytes(), drip, true)
    }

    /// Sends the headers of a create, and leaves the body to [`Slow::send`].
    pub(crate) fn unfinished(address: &str, key: &str, length: usize) -> Self {
        let length = format!("Content-Length: {length}");
        Self::open(address, create(key, &length).as_bytes(), b"", true)
    }

    /// Asks for the same large answer many times and reads nothing.
    pub(crate) fn reader(address: &str, path: &str) -> Self {
        let request = format!("GET {path} HTTP/1.1\r\nHost: slow.example\r\n\r\n");
        // Empty lines before a request are allowed; one that is refused tells that it is over.
        Self::open(
            address,
            request.repeat(PIPELINED).as_bytes(),
            b"\r\n",
            false,
        )
    }

    fn open(address: &str, start: &[u8], drip: &'static [u8], reads: bool) -> Self {
        let mut stream = TcpStream::connect(address).expect("the server accepts connections");
        stream.write_all(start).expect("a few kilobytes are taken");
        stream.set_nonblocking(true).expect("a socket");
        stream.set_nodelay(true).expect("a socket");
        Self {
            stream,
            drip,
            sent: 0,
            reads,
            received: Vec::new(),
            ended: false,
        }
    }

    /// Sends bytes at once, whatever the client is like.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        // The server may have given up; then what it said counts.
        let _ = self.stream.write_all(bytes);
    }

    /// What came, as text.
    pub(crate) fn received(&self) -> String {
        String::from_utf8_lossy(&self.received).into_owned()
    }

    /// Whether an answer began, or the server has ended the connection.
    pub(crate) fn is_answered(&self) -> bool {
        self.ended || self.received().contains("\r\n\r\n")
    }

    /// Whether the server has ended the connection.
    pub(crate) fn is_ended(&self) -> bool {
        self.ended
    }

    /// Sends the next byte, and reads what is there if the client reads.
    fn tick(&mut self) {
        if self.ended {
            return;
        }
        if let Some(byte) = self.drip.get(self.sent % self.drip.len().max(1)) {
            self.sent += 1;
            // An error shows below, behind what the server said before.
            let written = self.stream.write(&[*byte]);
            self.ended =
                !self.reads && written.is_err_and(|error| error.kind() != ErrorKind::WouldBlock);
        }
        while self.reads && !self.ended {
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes) {
                Ok(0) => self.ended = true,
                Ok(count) => self.received.extend(&bytes[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => self.ended = true,
            }
        }
    }
}

/// The head of a request that creates an organisation.
fn create(key: &str, length: &str) -> String {
    format!(
        "POST /api/v1/organisations HTTP/1.1\r\nHost: slow.example\r\n\
         Authorization: Bearer {key}\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
    )
}

/// Lets all clients go on slowly until enough was seen; false when it took longer than `patience`.
pub(crate) fn go_on(
    clients: &mut [Slow],
    patience: Duration,
    mut enough: impl FnMut(&[Slow]) -> bool,
) -> bool {
    let deadline = Instant::now() + patience;
    while !enough(clients) {
        if Instant::now() > deadline {
            return false;
        }
        for client in &mut *clients {
            client.tick();
        }
        thread::sleep(TICK);
    }
    true
}
