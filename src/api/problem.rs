//! Problem details (RFC 9457): the one table of what can go wrong, and how it is said.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::register::fault::Place;
use crate::register::{Error, Issue, Issues, Language, Referrer, Text};
use crate::store::Timestamp;

/// A row of the table: a type of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The last part of the `type` URL.
    pub slug: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What it is called.
    pub title: Text,
    /// What happened and what to do, when nothing more exact is known.
    pub detail: Text,
}

macro_rules! kinds {
    ($($name:ident = $status:literal $slug:literal, $title_nl:literal / $title_en:literal, $nl:literal / $en:literal;)+) => {
        $(
            #[doc = $title_en]
            pub static $name: Kind = Kind {
                slug: $slug,
                status: $status,
                title: Text { nl: $title_nl, en: $title_en },
                detail: Text { nl: $nl, en: $en },
            };
        )+

        /// The whole table, in the order of the statuses.
        pub static KINDS: &[&Kind] = &[$(&$name),+];
    };
}

kinds! {
    MOVED = 308 "moved", "Verplaatst" / "Moved",
        "Dit document heeft een ander adres; zie de header Location." / "This document has another address; see the Location header.";
    INVALID_INPUT = 400 "invalid-input", "Ongeldige invoer" / "Invalid input",
        "De invoer klopt niet; `errors` noemt elke fout met haar plaats." / "The input is not right; `errors` names each fault with its place.";
    MALFORMED_REQUEST = 400 "malformed-request", "Onleesbaar verzoek" / "Malformed request",
        "Het verzoek is niet te lezen." / "The request cannot be read.";
    MALFORMED_JSON = 400 "malformed-json", "Geen geldige JSON" / "Not valid JSON",
        "De inhoud is geen geldige JSON." / "The body is not valid JSON.";
    KEY_REQUIRED = 401 "key-required", "Sleutel nodig" / "Key required",
        "Hiervoor is een geldige sleutel nodig: Authorization: Bearer schakel_…" / "This takes a valid key: Authorization: Bearer schakel_…";
    FORBIDDEN = 403 "forbidden", "Niet toegestaan" / "Not allowed",
        "Deze sleutel mag dit niet." / "This key may not do this.";
    NOT_FOUND = 404 "not-found", "Niet gevonden" / "Not found",
        "Op dit adres is niets; controleer het pad." / "There is nothing at this address; check the path.";
    METHOD_NOT_ALLOWED = 405 "method-not-allowed", "Methode niet mogelijk" / "Method not allowed",
        "Deze methode kan hier niet; de header Allow noemt wat wel kan." / "This method is not possible here; the Allow header names those that are.";
    NOT_ACCEPTABLE = 406 "not-acceptable", "Geen passende vorm" / "Not acceptable",
        "Het antwoord bestaat niet in een van de gevraagde vormen." / "The answer does not exist in any of the requested forms.";
    TIMED_OUT = 408 "timed-out", "Te traag" / "Timed out",
        "Het verzoek kwam te langzaam binnen; stuur het opnieuw." / "The request came in too slowly; send it again.";
    CONFLICT = 409 "conflict", "Strijdig" / "Conflict",
        "Dit kan niet in de huidige toestand." / "This is not possible in the present state.";
    TAKEN = 409 "taken", "Al in gebruik" / "Already taken",
        "Een ander document heeft deze slug of code al." / "Another document already has this slug or code.";
    IN_USE = 409 "in-use", "Nog in gebruik" / "Still in use",
        "Andere documenten verwijzen hiernaar; `referrers` noemt er hooguit twintig." / "Other documents refer to this; `referrers` names up to twenty of them.";
    CHANGED_SINCE = 409 "changed-since", "Later gewijzigd" / "Changed since",
        "Sindsdien zijn documenten gewijzigd; `documents` noemt ze. Maak die wijzigingen eerst ongedaan." / "Documents were changed since; `documents` names them. Undo those changes first.";
    KEY_REUSED = 409 "idempotency-key-reused", "Idempotency-Key hergebruikt" / "Idempotency-Key reused",
        "Deze Idempotency-Key hoorde bij een ander verzoek; kies een nieuwe." / "This Idempotency-Key belonged to another request; choose a new one.";
    GONE = 410 "gone", "Verwijderd" / "Gone",
        "Dit document is verwijderd." / "This document was deleted.";
    PRECONDITION_FAILED = 412 "precondition-failed", "Intussen gewijzigd" / "Changed in the meantime",
        "Het document heeft niet de versie uit If-Match; lees het opnieuw." / "The document does not have the version of If-Match; read it again.";
    TOO_LARGE = 413 "too-large", "Te groot" / "Too large",
        "De inhoud is groter dan 2 MiB." / "The body is larger than 2 MiB.";
    ADDRESS_TOO_LONG = 414 "address-too-long", "Adres te lang" / "Address too long",
        "Het adres met zijn parameters is te lang." / "The address with its parameters is too long.";
    UNSUPPORTED_MEDIA_TYPE = 415 "unsupported-media-type", "Verkeerde soort inhoud" / "Unsupported media type",
        "De inhoud moet JSON zijn, met Content-Type: application/json." / "The body must be JSON, with Content-Type: application/json.";
    TOO_MANY_REQUESTS = 429 "too-many-requests", "Te veel verzoeken" / "Too many requests",
        "Er kwamen te veel verzoeken in korte tijd; wacht het aantal seconden uit Retry-After." / "Too many requests came in a short time; wait for the number of seconds in Retry-After.";
    HEADERS_TOO_LARGE = 431 "headers-too-large", "Headers te groot" / "Headers too large",
        "De headers zijn samen te groot." / "The headers are too large together.";
    INTERNAL = 500 "internal", "Interne fout" / "Internal error",
        "Er ging iets mis in het register. Noem bij een melding de waarde van `instance`." / "Something went wrong in the register. Give the value of `instance` when you report it.";
    UNAVAILABLE = 503 "unavailable", "Even niet bereikbaar" / "Temporarily unavailable",
        "Het register is even niet bereikbaar; probeer het zo weer." / "The register is temporarily unavailable; try again shortly.";
    STORAGE_FULL = 507 "storage-full", "Opslag vol" / "Storage full",
        "Er is geen ruimte meer om dit op te slaan; er is niets gewijzigd." / "There is no room left to store this; nothing was changed.";
}

/// How many faults one problem tells at most.
const TOLD: usize = 100;

/// A failed request, ready to be told in either language.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Which row of the table.
    pub kind: &'static Kind,
    /// More exact words than the table's, in Dutch and English.
    pub detail: Option<(String, String)>,
    /// Each fault of the input.
    pub issues: Vec<Issue>,
    /// What else there is to tell; boxed, because few problems have it.
    pub facts: Box<Facts>,
}

/// What some problems tell beside their words.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Who still refers to the document.
    pub referrers: Option<Vec<Referrer>>,
    /// What was changed since.
    pub documents: Option<Vec<Referrer>>,
    /// The version that the document has.
    pub current_version: Option<i64>,
    /// When the document was deleted.
    pub deleted_at: Option<Timestamp>,
    /// The `Location` of a redirect.
    pub location: Option<String>,
}

/// The JSON of a problem.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// The address of the page that explains this type of problem.
    #[serde(rename = "type")]
    #[schema(
        format = "uri",
        examples("https://schakel.example/api/docs/problems#not-found")
    )]
    pub type_: String,
    /// What the type is called.
    #[schema(examples("Niet gevonden"))]
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 300, maximum = 599, examples(404))]
    pub status: u16,
    /// What happened, and what to do.
    #[schema(examples("Op dit adres is niets; controleer het pad."))]
    pub detail: String,
    /// The id of the request, as a URN.
    #[schema(examples("urn:request:0193a1f2-7c00-7000-8000-000000000000"))]
    pub instance: String,
    /// Each fault of the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<ProblemError>,
    /// Up to twenty documents that refer to this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrers: Option<Vec<Referrer>>,
    /// The documents that were changed since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents: Option<Vec<Referrer>>,
    /// The version that the document has now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, examples(3))]
    pub current_version: Option<i64>,
    /// When the document was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deleted_at: Option<Timestamp>,
}

/// One fault of the input.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemError {
    /// Which part of the request.
    #[serde(rename = "in")]
    pub place: Place,
    /// Where: a JSON pointer (RFC 6901) into the body, or the name of a parameter or header.
    #[schema(examples("/partners/0/role"))]
    pub location: String,
    /// What is wrong, for programs. Codes never change.
    #[schema(examples("unknown_value"))]
    pub code: &'static str,
    /// What is wrong, for people.
    #[schema(examples("Dit veld is verplicht."))]
    pub detail: String,
}

impl Problem {
    /// A problem with the words of the table.
    pub fn new(kind: &'static Kind) -> Self {
        Self {
            kind,
            detail: None,
            issues: Vec::new(),
            facts: Box::default(),
        }
    }

    /// Tells the first faults; a body that is wrong all over must not have an answer larger than
    /// itself.
    fn of_issues(issues: Issues) -> Self {
        let (all, mut issues) = (issues.0.len(), issues.0);
        if all <= TOLD {
            return Self {
                issues,
                ..Self::new(&INVALID_INPUT)
            };
        }
        issues.truncate(TOLD);
        let problem = Self::with_detail(
            &INVALID_INPUT,
            format!("De invoer klopt niet; `errors` noemt de eerste {TOLD} van {all} fouten."),
            format!("The input is not right; `errors` names the first {TOLD} of {all} faults."),
        );
        Self { issues, ..problem }
    }

    fn with_facts(kind: &'static Kind, facts: Facts) -> Self {
        Self {
            facts: Box::new(facts),
            ..Self::new(kind)
        }
    }

    /// A problem with words of its own.
    pub fn with_detail(kind: &'static Kind, nl: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            detail: Some((nl.into(), en.into())),
            ..Self::new(kind)
        }
    }

    /// The problem that a bare status of the HTTP layer stands for.
    pub fn of_status(status: StatusCode) -> Self {
        let kind = KINDS.iter().find(|kind| kind.status == status.as_u16());
        Self::new(match kind {
            // Faults of the input are found by our own layers; this one is of the HTTP layer.
            Some(kind) if kind.status != 400 => kind,
            _ if status.is_client_error() => &MALFORMED_REQUEST,
            _ => &INTERNAL,
        })
    }

    /// The JSON, in one language.
    pub fn body(&self, language: Language, docs: &str, request_id: &str) -> ProblemBody {
        let own = self.detail.as_ref().map(|(nl, en)| match language {
            Language::Dutch => nl.clone(),
            Language::English => en.clone(),
        });
        ProblemBody {
            type_: format!("{docs}/problems#{}", self.kind.slug),
            title: self.kind.title.get(language).to_owned(),
            status: self.kind.status,
            detail: own.unwrap_or_else(|| self.kind.detail.get(language).to_owned()),
            instance: format!("urn:request:{request_id}"),
            errors: self
                .issues
                .iter()
                .map(|issue| ProblemError {
                    place: issue.place,
                    location: issue.location.clone(),
                    code: issue.fault.code(),
                    detail: issue.fault.text(language),
                })
                .collect(),
            referrers: self.facts.referrers.clone(),
            documents: self.facts.documents.clone(),
            current_version: self.facts.current_version,
            deleted_at: self.facts.deleted_at,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(issues) => Self::of_issues(issues),
            Error::Forbidden(text) => Self::with_detail(&FORBIDDEN, text.nl, text.en),
            Error::NotFound => Self::new(&NOT_FOUND),
            Error::Moved { slug } => Self::with_facts(
                &MOVED,
                Facts {
                    location: Some(slug),
                    ..Facts::default()
                },
            ),
            Error::Gone { at } => Self::with_facts(
                &GONE,
                Facts {
                    deleted_at: Some(at),
                    ..Facts::default()
                },
            ),
            Error::Conflict(text) => Self::with_detail(&CONFLICT, text.nl, text.en),
            Error::Taken { what } => Self::with_detail(
                &TAKEN,
                format!("Een ander document heeft '{what}' al; kies een andere."),
                format!("Another document already has '{what}'; choose another."),
            ),
            Error::InUse { referrers } => {
                let facts = Facts {
                    referrers: Some(referrers),
                    ..Facts::default()
                };
                Self::with_facts(&IN_USE, facts)
            }
            Error::ChangedSince { documents } => {
                let facts = Facts {
                    documents: Some(documents),
                    ..Facts::default()
                };
                Self::with_facts(&CHANGED_SINCE, facts)
            }
            Error::PreconditionFailed { version } => {
                let facts = Facts {
                    current_version: version,
                    ..Facts::default()
                };
                Self::with_facts(&PRECONDITION_FAILED, facts)
            }
            Error::Unavailable(cause) => {
                log::warn!("the database is unavailable: {cause}");
                Self::new(&UNAVAILABLE)
            }
            Error::NotIndexed => Self::with_detail(
                &UNAVAILABLE,
                "De zoekindex is nog niet zo ver; probeer het over enkele seconden opnieuw.",
                "The search index is not that far yet; try again in a few seconds.",
            ),
            Error::Full(cause) => {
                log::error!("the database has no room left: {cause}");
                Self::new(&STORAGE_FULL)
            }
            Error::Unrecorded(cause) => {
                log::error!("the processing log cannot be written: {cause}");
                Self::new(&UNAVAILABLE)
            }
            Error::Internal(cause) => {
                log::error!("a request failed: {cause}");
                Self::new(&INTERNAL)
            }
        }
    }
}

impl From<Issues> for Problem {
    fn from(issues: Issues) -> Self {
        Error::Invalid(issues).into()
    }
}

impl From<Issue> for Problem {
    fn from(issue: Issue) -> Self {
        Error::from(issue).into()
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.title.en)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The problem travels with the response; the outermost layer, which knows the language and
    /// the id of the request, writes it out.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(self.clone());
        let headers = response.headers_mut();
        if let Some(Ok(location)) = self.facts.location.as_deref().map(HeaderValue::from_str) {
            headers.insert(header::LOCATION, location);
        }
        match self.kind.status {
            401 => {
                let challenge = HeaderValue::from_static("Bearer realm=\"schakel\"");
                headers.insert(header::WWW_AUTHENTICATE, challenge);
            }
            503 => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            _ => {}
        }
        response
    }
}
