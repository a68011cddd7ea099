//! The operations on themes: those that every collection has.

use super::Theme;
use crate::api::collection;
use crate::api::endpoint::Endpoint;

/// The route table.
pub fn endpoints() -> Vec<Endpoint> {
    collection::endpoints::<Theme>()
}
