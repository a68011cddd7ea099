//! The package over HTTP.

use actix_web::http::{Method, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Route};
use tokio::sync::oneshot;

use super::{About, gather, pack};
use crate::api::auth::Anyone;
use crate::api::collection::span_of;
use crate::api::endpoint::{Content, Endpoint};
use crate::api::negotiate::accepted;
use crate::api::problem::{NOT_ACCEPTABLE, Problem};
use crate::api::query::{NoParameters, Query};
use crate::api::respond::{ListTag, POSITION, caching, not_modified};
use crate::api::spool::{begun, failed as spooling, spool};
use crate::app::App;
use crate::changes;
use crate::register::{Caller, Error};

/// The media type of a zip.
const ZIP: &str = "application/zip";

/// The route table.
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new(
            Method::GET,
            "/exports/register",
            "findRegisterExport",
            "exports",
            |r: Route| r.to(find_register),
        )
        .about(
            "Get the whole register as a data package",
            "A zip with `datapackage.json` (Data Package 2.0), a CSV for each collection and for each of its lists with its schema, all documents as lines of JSON, and a README with licence, position and counts; of one moment. Everyone gets what is public, an administrator all of it.",
        )
        .answers(
            200,
            "The package.",
            Content::File(&[ZIP]),
            &["ETag", "Schakel-Position"],
        )
        .answers(304, "The caller has this already.", Content::Empty, &["ETag"])
        .problems(&[406]),
    ]
}

/// What a package says of itself.
fn about(app: &App, caller: &Caller) -> About {
    About {
        url: app.config.public_url.clone(),
        licence: app.config.data_licence.clone(),
        is_public: caller.0.is_none(),
    }
}

async fn find_register(
    app: Data<App>,
    Anyone(caller): Anyone,
    request: HttpRequest,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    accepted(&request, vec![((), ZIP)]).ok_or_else(|| {
        Problem::with_detail(
            &NOT_ACCEPTABLE,
            format!("Het pakket bestaat alleen als {ZIP}."),
            format!("The package exists as {ZIP} only."),
        )
    })?;
    let tag = ListTag::new(&request, &caller, ZIP);
    let folder = app.config.scratch().map_err(spooling)?;
    let (writer, reader) = spool(&folder).map_err(spooling)?;
    let (eyes, span, store) = (caller.clone(), span_of(&app, &request), app.store.clone());
    let about = about(&app, &caller);
    let only_head = request.method() == Method::HEAD;
    let (begin, beginning) = oneshot::channel();
    let work = async move {
        let gathered = store
            .read(move |db| {
                let position = changes::position(db)?;
                let (etag, known) = tag.at(position);
                let _ = begin.send((etag, known, position));
                if known || only_head {
                    return writer.finish().map_err(spooling).map(|()| None);
                }
                let contents = gather(db, &eyes, &span, &folder, &|| writer.is_left())?;
                Ok::<_, Error>(contents.map(|contents| (contents, writer)))
            })
            .await?;
        let Some((contents, mut writer)) = gathered else {
            return Ok(());
        };
        // The database is free again while it is packed.
        actix_web::web::block(move || {
            pack(contents, &about, &mut writer)?;
            writer.finish().map_err(spooling)
        })
        .await
        .map_err(|error| Error::Internal(error.to_string()))?
    };
    let (etag, known, position) = begun(work, beginning).await?;
    if known {
        return Ok(not_modified(&caller, &etag));
    }
    let mut response = HttpResponse::Ok();
    for (name, value) in caching(&caller) {
        response.insert_header((name, value));
    }
    Ok(response
        .insert_header((header::ETAG, etag))
        .insert_header((POSITION, position))
        .insert_header((
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"register.zip\"",
        ))
        .content_type(ZIP)
        .streaming(reader.stream()))
}
