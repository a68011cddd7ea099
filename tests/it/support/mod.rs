//! What every test stands on: a database, a server on it, a client, and the change feed.
//!
//! A test module writes its tests inside [`both!`] and takes all it needs from here.

mod client;
mod cluster;
mod faults;
mod feed;
mod operations;
mod private_cluster;
mod raw;
mod server;

pub(crate) use client::{Client, Reply, Request};
pub(crate) use cluster::Database;
pub(crate) use faults::Faults;
pub(crate) use feed::{Documents, assert_feed_equals_reads, items, text};
pub(crate) use operations::{Operation, a_changeset, object, operations};
pub(crate) use private_cluster::PrivateCluster;
pub(crate) use raw::Then;
pub(crate) use server::{Backend, Server, program};

/// Makes two tests of each function, `name::sqlite` and `name::postgres`, with a fresh server.
///
/// The function takes `&Server`, or `&mut Server` when it stops or kills it. Before `fn` may stand
/// `with(arguments, environment)`, for what `schakel serve` is to be given more:
///
/// ```ignore
/// both! {
///     fn a_region_is_found_by_its_slug(server: &Server) { … }
///
///     with(["--demo"], [("PUBLIC_URL", "https://example.org")])
///     fn the_demo_has_three_regions(server: &Server) { … }
/// }
/// ```
macro_rules! both {
    () => {};
    ($(#[$meta:meta])* fn $name:ident($server:ident: $kind:ty) $body:block $($rest:tt)*) => {
        both! { $(#[$meta])* with([], []) fn $name($server: $kind) $body $($rest)* }
    };
    (
        $(#[$meta:meta])* with($args:expr, $env:expr)
        fn $name:ident($server:ident: $kind:ty) $body:block $($rest:tt)*
    ) => {
        $(#[$meta])*
        fn $name($server: $kind) $body

        mod $name {
            use crate::support::{Backend, Server};

            #[test]
            fn sqlite() {
                super::$name(&mut Server::start_with(Backend::Sqlite, &$args, &$env));
            }

            #[test]
            fn postgres() {
                super::$name(&mut Server::start_with(Backend::Postgres, &$args, &$env));
            }
        }

        both! { $($rest)* }
    };
}
