//! The lists: what pages of each cost, and what counting adds.

use super::Loaded;
use crate::paging::{self, LIMITS, LISTS};
use crate::report::{Table, met, progress};

/// Pages of each list.
pub(super) fn paging(loaded: &[Loaded]) -> String {
    const GOAL: f64 = 1.5;
    let mut table = Table::new(&[
        "list",
        "documents",
        "page of",
        "",
        "first, ms of CPU",
        "middle",
        "last",
        "ratio",
        "ratio in time",
        "goal",
        "met",
    ]);
    for (nth, list) in LISTS.iter().enumerate() {
        for limit in LIMITS {
            for Loaded {
                name,
                subject,
                crawls,
            } in loaded
            {
                progress(&format!("{name}: pages of {:?} by {limit}", list.query));
                let mut connection = subject.connect();
                let places = crawls[nth].places(&mut connection, limit);
                let cost = paging::compare(&mut connection, &subject.workers(), &places);
                table.row(vec![
                    shown(list.query),
                    crawls[nth].documents.to_string(),
                    limit.to_string(),
                    (*name).to_owned(),
                    format!("{:.2}", cost.cpu[0]),
                    format!("{:.2}", cost.cpu[1]),
                    format!("{:.2}", cost.cpu[2]),
                    format!("{:.2}", cost.ratio),
                    format!("{:.2}", cost.ratio_of_time),
                    format!("{GOAL}"),
                    met(cost.ratio <= GOAL),
                ]);
            }
        }
    }
    format!(
        "### The last page, the middle and the first\n\n\
         Each list was followed by `next` to its end and held exactly what it should, in order. \
         Then its first, its middle and its last full page were asked for in turn. The ratio is \
         that of the dearer of the two to the first.\n\n{table}"
    )
}

/// What `count=true` adds.
pub(super) fn counting(loaded: &[Loaded]) -> String {
    let mut table = Table::new(&[
        "list",
        "",
        "page of 20, ms of CPU",
        "with `count=true`, ms of CPU",
    ]);
    for list in LISTS.iter().filter(|list| !list.query.contains("sort=")) {
        for Loaded { name, subject, .. } in loaded {
            let mut connection = subject.connect();
            let plain = paging::address(list.query, LIMITS[0]);
            let counted = format!("{plain}&count=true");
            let cost = paging::compare(&mut connection, &subject.workers(), &[plain, counted]);
            table.row(vec![
                shown(list.query),
                (*name).to_owned(),
                format!("{:.2}", cost.cpu[0]),
                format!("{:.2}", cost.cpu[1]),
            ]);
        }
    }
    format!("### Counting\n\n{table}")
}

fn shown(query: &str) -> String {
    if query.is_empty() {
        "as it comes (by name)".to_owned()
    } else {
        format!("`{query}`")
    }
}
