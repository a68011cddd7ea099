//! What the law (AVG) asks of a register of people: erasing a person wherever the register keeps
//! something ([`erasure`]), telling all that is kept ([`dossier`]), ending it in time ([`expiry`]),
//! and noting what is done with it ([`processing`]).
//!
//! Who sees what of a person is no part of this: that holds for all documents, in
//! [`crate::register`].

pub mod dossier;
pub mod erasure;
pub mod expiry;
pub mod processing;
pub mod routes;
