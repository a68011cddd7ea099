//! Reading under load, against the bare handler.

use super::Loaded;
use crate::bare::Bare;
use crate::data::Generated;
use crate::http::{Ask, Connection};
use crate::paging::LISTS;
use crate::process::Workers;
use crate::reading::{self, Target};
use crate::report::{Table, met, progress};

/// A list that the documents of a page are scattered in.
const FILTERED: &str = "kind=school,childcare&sort=-updatedAt";

/// Reading under load, against the bare handler.
pub(super) fn reading(loaded: &[Loaded], generated: &[Generated]) -> String {
    let mut table = Table::new(&[
        "request",
        "",
        "ms of CPU",
        "times the bare handler",
        "goal",
        "met",
        "requests a second, of the bare handler's",
        "ms at the median",
        "ms of the slowest hundredth",
    ]);
    for Loaded {
        name,
        subject,
        crawls,
    } in loaded
    {
        let mut connection = subject.connect();
        let every = generated.len() / 1_000;
        let documents: Vec<String> = generated
            .iter()
            .step_by(every)
            .map(|one| format!("/api/v1/organisations/{}", one.slug))
            .collect();
        let (nth, _) = LISTS
            .iter()
            .enumerate()
            .find(|(_, list)| list.query == FILTERED)
            .expect("the list");
        let pages: Vec<String> = crawls[nth]
            .pages
            .iter()
            .map(|url| url.replace("limit=100", "limit=20"))
            .collect();
        let mut again = |paths: &[String]| -> Vec<Ask> {
            paths
                .iter()
                .map(|path| Ask::again(&mut connection, path))
                .collect()
        };
        let (some_documents, some_pages) = (again(&documents), again(&pages));
        let mut unchanged = |path: &String| vec![Ask::unchanged(&mut connection, path)];
        let (document_304, page_304) = (unchanged(&documents[0]), unchanged(&pages[0]));
        let bare = Bare::start(&[some_documents[0].body(), some_pages[0].body()]);
        let rows = [
            ("one document, the same again", &some_documents[..1], 0, 2.0),
            ("one document, 1,000 in turn", &some_documents[..], 0, 15.0),
            ("one document, not modified", &document_304[..], 0, 2.0),
            (
                "page of 20, filtered and sorted, the same again",
                &some_pages[..1],
                1,
                3.0,
            ),
            (
                "page of 20, filtered and sorted, all pages in turn",
                &some_pages[..],
                1,
                20.0,
            ),
            ("page of 20, not modified", &page_304[..], 1, 2.0),
        ];
        for (what, asks, which, goal) in rows {
            progress(&format!("{name}: {what}"));
            let target = Target {
                address: &subject.address(),
                workers: &subject.workers(),
                asks,
            };
            let bare_ask = Ask::again(&mut Connection::open(&bare.address), &format!("/{which}"));
            let bare = Target {
                address: &bare.address,
                workers: &Workers::only(bare.pid()),
                asks: &[bare_ask],
            };
            let compared = reading::compare(&target, &bare);
            table.row(vec![
                what.to_owned(),
                (*name).to_owned(),
                format!("{:.3}", compared.cost.cpu),
                format!("{:.1}", compared.cpu_ratio),
                format!("{goal}"),
                met(compared.cpu_ratio <= goal),
                format!("{:.0}, {:.2}", compared.cost.rate, compared.rate_ratio),
                format!("{:.2}", compared.cost.latency),
                format!("{:.2}", compared.cost.slow),
            ]);
        }
    }
    format!("### Reading under load\n\n{table}")
}
