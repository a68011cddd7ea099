//! The operations on keys, for administrators.

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Route};
use serde_json::Value;

use super::{Key, KeyInput, NewKey, create, list, read_input, revoke};
use crate::api::auth::Administrator;
use crate::api::body::Body;
use crate::api::endpoint::{Content, Endpoint, JSON, Rights, items_of};
use crate::api::idempotency;
use crate::api::path::segment;
use crate::api::problem::Problem;
use crate::api::query::{NoParameters, Query};
use crate::app::App;
use crate::register::{Fault, Issue, Text};

/// The route table.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(Method::GET, "/keys", "listKeys", "keys", |r: Route| r.to(list_keys))
            .about("List the keys", "All keys, the newest first, revoked and expired ones included. Secrets are never shown.")
            .only(Rights::Administrators)
            .answers(200, "The keys.", items_of("Key"), &[])
            .schema::<Key>(),
        Endpoint::new(Method::POST, "/keys", "createKey", "keys", |r: Route| r.to(create_key))
            .about("Create a key", "The answer shows the secret, this once. `Idempotency-Key` is refused here: the secret is not kept, so it could not be shown again.")
            .only(Rights::Administrators)
            .takes("KeyInput", JSON)
            .answers(201, "The new key.", Content::Json("NewKey".into()), &["Location"])
            .schema::<KeyInput>()
            .schema::<NewKey>(),
        Endpoint::new(Method::DELETE, "/keys/{id}", "deleteKey", "keys", |r: Route| r.to(delete_key))
            .about("Revoke a key", "It stops working at once, and stays in the list.")
            .only(Rights::Administrators)
            .path_parameter("id", "The public part of the key.", key_id_schema())
            .answers(204, "The key is revoked.", Content::Empty, &[])
            .problems(&[404]),
    ]
}

fn key_id_schema() -> utoipa::openapi::schema::ObjectBuilder {
    utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .pattern(Some("^[0-9a-f]{16}$"))
        .examples([serde_json::json!("5f3a09c2b1d84e67")])
}

async fn list_keys(
    app: Data<App>,
    _: Administrator,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let keys = app.store.read(list).await?;
    Ok(private().json(serde_json::json!({ "items": keys })))
}

async fn create_key(
    app: Data<App>,
    _: Administrator,
    request: HttpRequest,
    _: Query<NoParameters>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    if request.headers().contains_key(idempotency::HEADER) {
        let why = Text {
            nl: "Een sleutel kan niet opnieuw worden getoond; laat deze header hier weg.",
            en: "A key cannot be shown again; leave this header out here.",
        };
        return Err(Issue::header(idempotency::HEADER, Fault::Contradiction { why }).into());
    }
    let (input, noted) = read_input(Value::Object(body.object().await?));
    let key = app
        .store
        .housekeeping(move |db| create(db, input, &noted))
        .await?;
    let location = format!("{}/api/v1/keys/{}", app.config.public_url, key.details.id);
    Ok(HttpResponse::Created()
        .insert_header(("location", location))
        .insert_header(("cache-control", "private, no-store"))
        .json(key))
}

async fn delete_key(
    app: Data<App>,
    _: Administrator,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let id = segment(&request, "id")?;
    app.store.housekeeping(move |db| revoke(db, &id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn private() -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header(("cache-control", "private, no-store"));
    response
}
