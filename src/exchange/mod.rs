//! Bringing documents in from files, and taking them out.
//!
//! An import reads a file to its end first ([`given`]), so that nobody waits for a slow caller, and
//! lays its documents on a pile outside memory with an index of what they are called.
//! Then, as the only writer, it finds out which of them the register has (`locate`), brings them in
//! one by one with references to what will be there (`apply`), checks and logs them (`finish`), and
//! tells what came of each ([`mod@line`]) on a spool that the caller reads at leisure.
//!
//! [`files`] reads any file and gives [`given::Documents`]; [`flat`] is the form in which tables
//! hold documents, both ways; [`official`] knows the files of others; [`template`] makes an empty
//! table to fill in. [`table`] writes what is exported, in any form, and
//! [`package`] the whole register at once.

mod apply;
pub mod command;
mod entry;
pub mod export;
pub mod files;
mod finish;
pub mod flat;
pub mod given;
mod keys;
pub mod line;
mod locate;
mod look;
mod names;
mod notes;
pub mod official;
pub mod options;
pub mod package;
mod pile;
pub mod routes;
pub mod run;
pub mod table;
mod teller;
pub mod template;
