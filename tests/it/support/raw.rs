//! Requests that no HTTP library would send, byte by byte.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    thread,
    time::Duration,
};

use ureq::http::{HeaderMap, HeaderName, HeaderValue};

use super::client::{Client, Reply};

/// How long an answer may take. Far above what is normal: only a hang takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the caller does when its bytes are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It waits for the answer.
    Wait,
    /// It says that nothing more will come, and waits for the answer.
    Finish,
}

impl Client {
    /// Sends bytes on a connection of their own. An error means that no whole answer came.
    pub(crate) fn raw(&self, request: &[u8], then: Then) -> Result<Reply, String> {
        let socket = self.connect();
        thread::scope(|scope| {
            // Beside the reading: a server that answers early may stop reading what comes after.
            scope.spawn(|| {
                (&socket).write_all(request).ok();
                if then == Then::Finish {
                    socket.shutdown(Shutdown::Write).ok();
                }
            });
            let reply = read(&socket, request);
            socket.shutdown(Shutdown::Both).ok();
            reply
        })
    }

    /// Sends bytes while it reads what comes. Whether the server took them all or ended the
    /// connection, rather than leave it open and full.
    pub(crate) fn raw_ends(&self, request: &[u8]) -> bool {
        let socket = self.connect();
        thread::scope(|scope| {
            scope.spawn(|| io::copy(&mut &socket, &mut io::sink()).ok());
            let sent = (&socket).write_all(request);
            socket.shutdown(Shutdown::Both).ok();
            let stuck = [ErrorKind::WouldBlock, ErrorKind::TimedOut];
            !sent.is_err_and(|error| stuck.contains(&error.kind()))
        })
    }

    /// Sends bytes, and hangs up without waiting for an answer.
    pub(crate) fn raw_and_hang_up(&self, request: &[u8]) {
        self.connect().write_all(request).ok();
    }

    fn connect(&self) -> TcpStream {
        let address = self.base.trim_start_matches("http://");
        let socket = TcpStream::connect(address).expect("a connection");
        let limits = [
            socket.set_read_timeout(Some(PATIENCE)),
            socket.set_write_timeout(Some(PATIENCE)),
        ];
        assert!(limits.iter().all(Result::is_ok), "the time is bounded");
        socket
    }
}

/// Reads until the answer is whole.
fn read(mut socket: &TcpStream, request: &[u8]) -> Result<Reply, String> {
    let (mut answer, mut part) = (Vec::new(), [0; 16 * 1024]);
    let ended = loop {
        match socket.read(&mut part) {
            Ok(0) => break "the connection was closed".to_owned(),
            Ok(count) => answer.extend_from_slice(&part[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => break error.to_string(),
        }
        if let Some(reply) = whole(&answer, request) {
            return Ok(reply);
        }
    };
    let got = String::from_utf8_lossy(&answer);
    Err(format!("no whole answer but '{got}': {ended}"))
}

/// The answer, if all of it has come.
fn whole(answer: &[u8], request: &[u8]) -> Option<Reply> {
    let head = answer.windows(4).position(|part| part == b"\r\n\r\n")?;
    let text = String::from_utf8_lossy(&answer[..head]);
    let mut lines = text.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_str(value.trim()).ok()?);
    }
    let body = &answer[head + 4..];
    let length = match headers.get("content-length") {
        Some(length) => length.to_str().ok()?.parse().ok()?,
        None if matches!(status, 204 | 304) => 0,
        // A stream: its last chunk is empty.
        None if body.ends_with(b"0\r\n\r\n") => body.len(),
        None => return None,
    };
    (body.len() >= length).then(|| Reply {
        request: String::from_utf8_lossy(&request[..request.len().min(200)]).into_owned(),
        status,
        headers,
        body: body[..length].to_vec(),
    })
}
