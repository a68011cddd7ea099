//! The form and the language of an answer, as the caller likes them best.

use actix_web::HttpRequest;
use actix_web::http::header;
use deserr::Deserr;

use super::problem::{NOT_ACCEPTABLE, Problem};
use crate::exchange::files::XLSX_MEDIA_TYPE;
use crate::register::{Issues, Language};

/// The value of `format`, kept as given: an unknown one is a 406 like an unknown media type.
#[derive(Clone, Debug)]
pub struct FormatParameter(pub String);

impl Deserr<Issues> for FormatParameter {
    fn deserialize_from_value<V: deserr::IntoValue>(
        value: deserr::Value<V>,
        at: deserr::ValuePointerRef<'_>,
    ) -> Result<Self, Issues> {
        String::deserialize_from_value(value, at).map(Self)
    }
}

impl utoipa::PartialSchema for FormatParameter {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(Format::ALL.map(|(_, word, _)| word)))
            .default(Some(serde_json::json!("json")))
            .into()
    }
}

impl utoipa::ToSchema for FormatParameter {}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object.
    Json,
    /// Comma-separated values (RFC 4180).
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// A workbook.
    Xlsx,
}

impl Format {
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Json, "json", "application/json"),
        (Self::Csv, "csv", "text/csv"),
        (Self::Ndjson, "ndjson", "application/x-ndjson"),
        (Self::Xlsx, "xlsx", XLSX_MEDIA_TYPE),
    ];

    /// All of them: what a list can be had in.
    pub const LISTS: [Self; 4] = [Self::Json, Self::Csv, Self::Ndjson, Self::Xlsx];

    /// The form that a request asks for, of those that there are.
    ///
    /// # Errors
    /// 406 when it asks for none of them.
    pub fn of(
        request: &HttpRequest,
        parameter: Option<&FormatParameter>,
        possible: &[Self],
    ) -> Result<Self, Problem> {
        let rows = Self::ALL
            .into_iter()
            .filter(|(format, ..)| possible.contains(format));
        choose(request, parameter, &rows.collect::<Vec<_>>())
    }

    /// The media type with its parameters.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
            Self::Xlsx => XLSX_MEDIA_TYPE,
        }
    }

    /// Whether words in it have labels, in a language.
    pub fn has_labels(self) -> bool {
        matches!(self, Self::Csv | Self::Xlsx)
    }

    /// The name under which it is saved, where it is a file.
    pub fn disposition(self, name: &str) -> Option<String> {
        (self == Self::Xlsx).then(|| format!("attachment; filename=\"{name}.xlsx\""))
    }
}

/// The form that a request asks for, of those that there are: each with its word and media type.
///
/// # Errors
/// 406 when it asks for none of them.
pub fn choose<T: Copy>(
    request: &HttpRequest,
    parameter: Option<&FormatParameter>,
    possible: &[(T, &str, &str)],
) -> Result<T, Problem> {
    let found = match parameter {
        Some(FormatParameter(word)) => possible.iter().find(|(_, name, _)| name == word),
        None => accepted(request, possible.iter().map(|row| (row, row.2)).collect()),
    };
    found.map(|(form, ..)| *form).ok_or_else(|| {
        let names: Vec<_> = possible
            .iter()
            .map(|(_, name, media)| format!("{name} ({media})"))
            .collect();
        let names = names.join(", ");
        Problem::with_detail(
            &NOT_ACCEPTABLE,
            format!("Het antwoord bestaat niet in de gevraagde vorm. Mogelijk zijn: {names}."),
            format!("The answer does not exist in the requested form. Possible are: {names}."),
        )
    })
}

/// The choice that the `Accept` header likes best; the first one when it has no preference.
pub fn accepted<T: Copy>(request: &HttpRequest, choices: Vec<(T, &str)>) -> Option<T> {
    let lines: Vec<&str> = request
        .headers()
        .get_all(header::ACCEPT)
        .filter_map(|line| line.to_str().ok())
        .collect();
    if lines.is_empty() {
        return choices.first().map(|(choice, _)| *choice);
    }
    let ranges: Vec<(String, f32)> = lines
        .iter()
        .flat_map(|line| line.split(','))
        .map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next().unwrap_or_default().to_ascii_lowercase();
            let quality = parts
                .find_map(|p| p.strip_prefix("q=")?.parse().ok())
                .unwrap_or(1.0);
            (media, quality)
        })
        .collect();
    let quality = |media: &str| {
        let group = format!("{}/*", media.split('/').next().unwrap_or_default());
        // The most specific range decides (RFC 9110, section 12.5.1).
        [media, group.as_str(), "*/*"]
            .iter()
            .find_map(|wanted| ranges.iter().find(|(range, _)| range == wanted))
            .map_or(0.0, |(_, quality)| *quality)
    };
    let mut best: Option<(T, f32)> = None;
    for (choice, media) in choices {
        let quality = quality(media);
        if quality > best.map_or(0.0, |(_, most)| most) {
            best = Some((choice, quality));
        }
    }
    best.map(|(choice, _)| choice)
}

/// The language that the caller reads best of the two that there are.
pub fn language(headers: &header::HeaderMap) -> Language {
    let line = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|line| line.to_str().ok());
    let (mut dutch, mut english) = (0.0_f32, 0.0_f32);
    for range in line.unwrap_or_default().split(',') {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts
            .find_map(|p| p.strip_prefix("q=")?.parse().ok())
            .unwrap_or(1.0_f32);
        match tag.split('-').next().unwrap_or_default() {
            "nl" => dutch = dutch.max(quality),
            "en" => english = english.max(quality),
            _ => {}
        }
    }
    if english > dutch {
        Language::English
    } else {
        Language::Dutch
    }
}
