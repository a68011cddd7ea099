//! What each type of problem and each code of a fault means, from the same tables as the code.

use actix_web::HttpResponse;
use maud::html;

use super::page;
use crate::api::problem::KINDS;
use crate::api::query::{NoParameters, Query};
use crate::register::{Fault, Language};

/// The page to which the `type` of a problem points.
pub(super) async fn show(_: Query<NoParameters>) -> HttpResponse {
    let body = html! {
        header {
            h1 { "Foutmeldingen" }
            p {
                "Elke fout is een " a href="https://www.rfc-editor.org/rfc/rfc9457" { "problem details-antwoord (RFC 9457)" }
                "; `type` verwijst naar een kopje op deze pagina. De teksten zijn Nederlands, of Engels met "
                code { "Accept-Language: en" } ". Codes veranderen nooit. "
                a href="../docs" { "Naar de documentatie" }
            }
            p.en lang="en" { "Every error is a problem details answer; `type` points to a heading on this page. Codes never change." }
        }
        main {
            h2 { "Soorten problemen" }
            @for kind in KINDS {
                section id=(kind.slug) {
                    h3 { code { (kind.status) " " (kind.slug) } " " (kind.title.nl) }
                    p { (kind.detail.nl) }
                    p.en lang="en" { b { (kind.title.en) } ". " (kind.detail.en) }
                }
            }
            h2 id="codes" { "Codes van fouten in de invoer" }
            table {
                thead { tr { th scope="col" { "Code" } th scope="col" { "Nederlands" } th scope="col" { "English" } } }
                tbody {
                    @for fault in Fault::examples() {
                        tr {
                            th scope="row" { code { (fault.code()) } }
                            td { (fault.text(Language::Dutch)) }
                            td lang="en" { (fault.text(Language::English)) }
                        }
                    }
                }
            }
        }
    };
    page("Schakel: wat elke foutmelding betekent", "assets", &body)
}
