//! A connection, with what the framework leaves undone.
//!
//! - A request that it cannot read (a broken first line, too many headers, headers that do not
//!   come) it answers with a bare status. Here the answer gets what every other has: a problem.
//! - A caller that does not read its answer would keep it in memory for ever. Here it is cut off.
//! - A caller that falls silent in the middle of a body would keep its connection for ever. Here it
//!   counts as gone.
//! - A connection that is closed while the caller still sends is reset, and the reset may overtake
//!   the answer that says why. Here the rest is read and dropped for a moment (the lingering close
//!   of RFC 9112, section 9.6).

use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use crate::api::outermost::unreadable;
use crate::app::App;

/// How long a caller may take to read the next part of its answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a caller may be silent. More than a request with a slow body may take.
const SILENCE: Duration = Duration::from_mins(1);

/// How long what a caller still sends is read after its answer.
const LINGER: Duration = Duration::from_secs(2);

/// A connection to a caller.
pub(super) struct Stream {
    socket: TcpStream,
    app: Data<App>,
    /// An answer of ours in place of a bare one, and how much of it was sent.
    own: Option<(Vec<u8>, usize)>,
    stalled: Option<Pin<Box<Sleep>>>,
    silence: Pin<Box<Sleep>>,
    closed: bool,
    lingering: Option<Pin<Box<Sleep>>>,
}

impl Stream {
    pub(super) fn new(socket: TcpStream, app: Data<App>) -> Self {
        Self {
            socket,
            app,
            own: None,
            stalled: None,
            silence: Box::pin(sleep(SILENCE)),
            closed: false,
            lingering: None,
        }
    }

    /// Writes to the socket, and fails when it has taken nothing for too long.
    fn write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(Error::from(ErrorKind::TimedOut)))
    }

    /// Sends what is left of an answer of ours.
    fn send_own(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        while let Some((bytes, sent)) = self.own.take() {
            if sent == bytes.len() {
                break;
            }
            match self.write(cx, &bytes[sent..]) {
                Poll::Ready(Ok(more)) => self.own = Some((bytes, sent + more)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    self.own = Some((bytes, sent));
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// The status of an answer that comes from the framework and not from the service, all of whose
/// answers say which version of the API they are of.
fn bare_status(bytes: &[u8]) -> Option<StatusCode> {
    let status = bytes.strip_prefix(b"HTTP/1.1 4")?.get(..2)?;
    let head = bytes.ends_with(b"\r\n\r\n") && bytes.len() < 300;
    let ours = b"api-version";
    if !head || bytes.windows(ours.len()).any(|part| part == ours) {
        return None;
    }
    StatusCode::from_bytes(&[b'4', status[0], status[1]]).ok()
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let read = Pin::new(&mut self.socket).poll_read(cx, buffer);
        if read.is_ready() {
            self.silence.as_mut().reset(Instant::now() + SILENCE);
            return read;
        }
        // As if the caller had said that nothing more will come.
        self.silence.as_mut().poll(cx).map(Ok)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        ready!(self.send_own(cx))?;
        match bare_status(bytes) {
            Some(status) => {
                self.own = Some((unreadable(&self.app, status), 0));
                Poll::Ready(Ok(bytes.len()))
            }
            None => self.write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.send_own(cx))?;
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        ready!(self.send_own(cx))?;
        if !self.closed {
            ready!(Pin::new(&mut self.socket).poll_shutdown(cx))?;
            self.closed = true;
        }
        let mut room = [0; 16 * 1024];
        loop {
            let mut buffer = ReadBuf::new(&mut room);
            let read = Pin::new(&mut self.socket).poll_read(cx, &mut buffer)?;
            let ended = read.is_ready() && buffer.filled().is_empty();
            // A caller that was not sending has nothing left to lose.
            let silent = read.is_pending() && self.lingering.is_none();
            if ended || silent {
                break;
            }
            let begin = || Box::pin(sleep(LINGER));
            let time = self.lingering.get_or_insert_with(begin);
            if time.as_mut().poll(cx).is_ready() {
                break;
            }
            ready!(read);
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::bare_status;

    #[test]
    fn only_a_bare_answer_of_the_framework_is_replaced() {
        let bare = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(bare_status(bare).map(|status| status.as_u16()), Some(431));
        for other in [
            &b"HTTP/1.1 404 Not Found\r\napi-version: 1.0.0\r\ncontent-length: 0\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}",
            b"HTTP/1.1 4",
            b"",
        ] {
            assert_eq!(bare_status(other), None);
        }
    }
}
