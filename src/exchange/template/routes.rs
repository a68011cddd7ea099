//! The templates over HTTP.

use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, Route};
use deserr::Deserr;
use utoipa::IntoParams;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::{TemplateFormat, template};
use crate::api::auth::Anyone;
use crate::api::endpoint::{Content, Endpoint};
use crate::api::negotiate::{FormatParameter, choose};
use crate::api::path::segment;
use crate::api::problem::Problem;
use crate::api::query::Query;
use crate::api::respond::{caching, fingerprint, is_known, not_modified};
use crate::collections;
use crate::exchange::files::XLSX_MEDIA_TYPE;
use crate::exchange::flat::ColumnNames;
use crate::exchange::flat::columns::Columns;
use crate::register::{Enumeration, Error, Issues};

/// The parameters of a template.
#[derive(Deserr, IntoParams)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
struct TemplateParameters {
    /// What the columns are called: in Dutch, or by the paths of the members. Both can be read.
    #[deserr(default)]
    #[param(inline)]
    column_names: Option<ColumnNames>,
    /// The form of the answer, in place of `Accept`.
    #[deserr(default)]
    #[param(inline)]
    format: Option<FormatParameter>,
}

/// The route table.
pub fn endpoints() -> Vec<Endpoint> {
    let types = collections::plurals();
    vec![
        Endpoint::new(
            Method::GET,
            "/imports/templates/{type}",
            "findImportTemplate",
            "imports",
            |r: Route| r.to(find_template),
        )
        .about(
            "Get an empty table to fill in",
            "A workbook with a column for each member, an explanation, an example and lists of the allowed words; or the same as CSV. Imported as it is, it changes nothing.",
        )
        .path_parameter(
            "type",
            "The collection of the documents.",
            ObjectBuilder::new()
                .schema_type(Type::String)
                .enum_values(Some(types)),
        )
        .query::<TemplateParameters>()
        .tuned(|name, schema| match name {
            "format" => {
                schema["enum"] = serde_json::json!(["xlsx", "csv"]);
                schema["default"] = "xlsx".into();
            }
            "columnNames" => schema["default"] = ColumnNames::Dutch.as_str().into(),
            _ => {}
        })
        .answers(
            200,
            "The table.",
            Content::File(&[XLSX_MEDIA_TYPE, "text/csv"]),
            &["ETag"],
        )
        .answers(304, "The caller has this already.", Content::Empty, &["ETag"])
        .problems(&[404, 406]),
    ]
}

async fn find_template(
    Anyone(caller): Anyone,
    request: HttpRequest,
    Query(parameters): Query<TemplateParameters>,
) -> Result<HttpResponse, Problem> {
    let plural = segment(&request, "type")?;
    let mut all = Columns::all().iter();
    let columns = all.find(|columns| columns.naming.plural == plural);
    let columns = columns.ok_or(Error::NotFound)?;
    let possible = [
        (TemplateFormat::Xlsx, "xlsx", XLSX_MEDIA_TYPE),
        (TemplateFormat::Csv, "csv", "text/csv"),
    ];
    let form = choose(&request, parameters.format.as_ref(), &possible)?;
    let naming = parameters.column_names.unwrap_or(ColumnNames::Dutch);
    let (extension, media_type) = match form {
        TemplateFormat::Xlsx => ("xlsx", XLSX_MEDIA_TYPE),
        TemplateFormat::Csv => ("csv", "text/csv; charset=utf-8"),
    };
    // What it holds changes with the program only; the text stands for the workbook too.
    let text = template(columns, TemplateFormat::Csv, naming)?;
    let text = String::from_utf8_lossy(&text);
    let etag = format!(
        "\"{}\"",
        fingerprint(&[&text, extension, env!("CARGO_PKG_VERSION")])
    );
    if is_known(&request, &etag) {
        return Ok(not_modified(&caller, &etag));
    }
    // Packing a workbook takes some milliseconds.
    let bytes = actix_web::web::block(move || template(columns, form, naming))
        .await
        .map_err(|error| Error::Internal(error.to_string()))??;
    let mut response = HttpResponse::Ok();
    for (name, value) in caching(&caller) {
        response.insert_header((name, value));
    }
    let name = format!("attachment; filename=\"{plural}.{extension}\"");
    Ok(response
        .insert_header((header::ETAG, etag))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .content_type(media_type)
        .body(bytes))
}
