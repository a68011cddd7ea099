//! Who sends a request. Permission is the type of a handler's argument, so it cannot be forgotten.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;

use super::problem::{FORBIDDEN, KEY_REQUIRED, Problem};
use crate::app::App;
use crate::keys;
use crate::register::{Caller, Error, Role};

/// Whoever it is; a key that does not work is refused all the same, lest its holder take the
/// public part for everything.
pub struct Anyone(pub Caller);

/// An editor or administrator.
pub struct Writer(pub Caller);

/// An administrator.
pub struct Administrator(pub Caller);

impl FromRequest for Anyone {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let caller = caller(request);
        Box::pin(async move { caller.await.map(Self) })
    }
}

impl FromRequest for Writer {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let caller = caller(request);
        Box::pin(async move {
            let caller = caller.await?;
            match caller.0.as_ref().map(|key| key.role) {
                Some(Role::Admin | Role::Editor) => Ok(Self(caller)),
                Some(Role::Reader) => Err(Problem::with_detail(
                    &FORBIDDEN,
                    "Met deze sleutel kan alleen worden gelezen.",
                    "This key can only read.",
                )),
                None => Err(Problem::new(&KEY_REQUIRED)),
            }
        })
    }
}

impl FromRequest for Administrator {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let caller = caller(request);
        Box::pin(async move {
            let caller = caller.await?;
            match &caller.0 {
                Some(_) if caller.is_admin() => Ok(Self(caller)),
                Some(_) => Err(Problem::with_detail(
                    &FORBIDDEN,
                    "Dit kan alleen een beheerder.",
                    "Only an administrator can do this.",
                )),
                None => Err(Problem::new(&KEY_REQUIRED)),
            }
        })
    }
}

fn caller(request: &HttpRequest) -> impl Future<Output = Result<Caller, Problem>> + use<> {
    let app = request.app_data::<web::Data<App>>().cloned();
    let headers: Vec<_> = request
        .headers()
        .get_all(header::AUTHORIZATION)
        .cloned()
        .collect();
    async move {
        // Of two, a proxy in front may have checked the other.
        let header = match headers.as_slice() {
            [] => return Ok(Caller::default()),
            [header] => header,
            _ => return Err(refused()),
        };
        let app = app.ok_or_else(|| Error::Internal("no application".into()))?;
        let text = header.to_str().unwrap_or_default();
        let key = match text.split_once(' ') {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim().to_owned(),
            _ => return Err(refused()),
        };
        let found = app
            .store
            .read(move |db| keys::authenticate(db, &key))
            .await?;
        let Some((holder, stale)) = found else {
            return Err(refused());
        };
        if stale {
            let id = holder.id.clone();
            // Beside the request: a read need not wait for the writer, nor fail with it.
            actix_web::rt::spawn(async move {
                if let Err(error) = app
                    .store
                    .housekeeping(move |db| keys::note_use(db, &id))
                    .await
                {
                    log::warn!("the last use of a key could not be noted: {error}");
                }
            });
        }
        Ok(Caller(Some(holder)))
    }
}

/// The same for a key that is malformed, unknown, expired or revoked: which it is tells only
/// someone who should not know.
fn refused() -> Problem {
    Problem::with_detail(
        &KEY_REQUIRED,
        "Deze sleutel is niet geldig: onbekend, verlopen of ingetrokken.",
        "This key is not valid: unknown, expired or revoked.",
    )
}
