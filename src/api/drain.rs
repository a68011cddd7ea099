//! Bodies that nobody reads.
//!
//! A body in chunks has no length that the HTTP layer could skip, and one that a handler leaves
//! unread would block the connection for ever. So the rest is read and dropped when the answer is
//! there. One that stops coming ends with its connection (see `server::stream`).

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::HttpMessage;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt};

/// The body of a request, as far as the handler has not read it.
pub(super) struct Rest(Option<Rc<RefCell<Payload>>>);

impl Rest {
    /// Keeps hold of the body of a request beside its handler.
    pub(super) fn of(request: &mut ServiceRequest) -> Self {
        if !request.headers().contains_key(header::TRANSFER_ENCODING) {
            return Self(None);
        }
        let payload = Rc::new(RefCell::new(request.take_payload()));
        request.set_payload(Payload::Stream {
            payload: Box::pin(Shared(payload.clone())),
        });
        Self(Some(payload))
    }

    /// Reads it to its end, beside what else there is to do.
    pub(super) fn read(self) {
        if let Some(payload) = self.0 {
            let mut payload = Shared(payload);
            actix_web::rt::spawn(async move { while let Some(Ok(_)) = payload.next().await {} });
        }
    }
}

struct Shared(Rc<RefCell<Payload>>);

impl Stream for Shared {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.borrow_mut().poll_next_unpin(cx)
    }
}
