//! Who sends a request. Permission is the type of a handler's argument, so it cannot be forgotten.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use super::problem::{FORBIDDEN, KEY_REQUIRED, Problem};
use crate::app::App;
use crate::keys::{self, Checked, Refusal};
use crate::register::{Caller, Error, Role};

/// Whoever it is; a key that does not work is refused all the same, lest its holder take the
/// public part for everything.
pub struct Anyone(pub Caller);

/// An editor or administrator.
pub struct Writer(pub Caller);

/// An administrator.
pub struct Administrator(pub Caller);

/// Who asks, as far as the key of the request tells. It is found out once, before the handler.
pub enum Asking {
    /// Someone without a key.
    Anyone,
    /// The holder of a key that works.
    Holder(Caller),
    /// Someone with a key that does not work.
    Refused {
        /// Why not, for the log.
        reason: Refusal,
        /// The public part of the key, when the register has such a key.
        key: Option<String>,
    },
    /// Nobody knows: the keys could not be asked.
    Unknown(Problem),
}

impl FromRequest for Anyone {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(caller(request).map(Self))
    }
}

impl FromRequest for Writer {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(
            caller(request).and_then(|caller| match caller.0.as_ref().map(|key| key.role) {
                Some(Role::Admin | Role::Editor) => Ok(Self(caller)),
                Some(Role::Reader) => Err(Problem::with_detail(
                    &FORBIDDEN,
                    "Met deze sleutel kan alleen worden gelezen.",
                    "This key can only read.",
                )),
                None => Err(Problem::new(&KEY_REQUIRED)),
            }),
        )
    }
}

impl FromRequest for Administrator {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(caller(request).and_then(|caller| match &caller.0 {
            Some(_) if caller.is_admin() => Ok(Self(caller)),
            Some(_) => Err(Problem::with_detail(
                &FORBIDDEN,
                "Dit kan alleen een beheerder.",
                "Only an administrator can do this.",
            )),
            None => Err(Problem::new(&KEY_REQUIRED)),
        }))
    }
}

/// What was found out of the one who asks.
fn caller(request: &HttpRequest) -> Result<Caller, Problem> {
    match request.extensions().get::<Asking>() {
        Some(Asking::Anyone) => Ok(Caller::default()),
        Some(Asking::Holder(caller)) => Ok(caller.clone()),
        // The same for a key that is malformed, unknown, expired or revoked: which it is tells
        // only someone who should not know.
        Some(Asking::Refused { .. }) => Err(Problem::with_detail(
            &KEY_REQUIRED,
            "Deze sleutel is niet geldig: onbekend, verlopen of ingetrokken.",
            "This key is not valid: unknown, expired or revoked.",
        )),
        Some(Asking::Unknown(problem)) => Err(problem.clone()),
        None => Err(Error::Internal("nobody asked who asks".into()).into()),
    }
}

/// Finds out who sends these headers.
pub async fn asking(app: &web::Data<App>, headers: &HeaderMap) -> Asking {
    let malformed = Asking::Refused {
        reason: Refusal::Malformed,
        key: None,
    };
    let mut lines = headers.get_all(header::AUTHORIZATION);
    // Of two, a proxy in front may have checked the other.
    let header = match (lines.next(), lines.next()) {
        (None, _) => return Asking::Anyone,
        (Some(header), None) => header,
        _ => return malformed,
    };
    let text = header.to_str().unwrap_or_default();
    let key = match text.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim().to_owned(),
        _ => return malformed,
    };
    let checked = app.store.read(move |db| keys::authenticate(db, &key)).await;
    match checked {
        Ok(Checked::Works { holder, stale }) => {
            if stale {
                note_use(app.clone(), holder.id.clone());
            }
            Asking::Holder(Caller(Some(holder)))
        }
        Ok(Checked::Refused { reason, key }) => Asking::Refused { reason, key },
        Err(error) => Asking::Unknown(error.into()),
    }
}

/// Notes that a key is used, beside the request: a read need not wait for the writer, nor fail
/// with it.
fn note_use(app: web::Data<App>, id: String) {
    actix_web::rt::spawn(async move {
        let noted = app.store.housekeeping(move |db| keys::note_use(db, &id));
        if let Err(error) = noted.await {
            log::warn!("the last use of a key could not be noted: {error}");
        }
    });
}
