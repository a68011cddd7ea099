//! Counts for dashboards: how many documents there are, by what they are and where they belong,
//! and how that went over time.
//!
//! A count is that of distinct documents, as far as the caller may know: the count of a group is
//! the `total` of the list with the filter of that group. Groups may overlap (a project in two
//! regions counts in both), so their sum is not the total.

mod count;
mod groups;
pub mod routes;
pub mod timeline;

pub use count::{Counted, count};
