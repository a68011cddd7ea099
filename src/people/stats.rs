//! By what people are counted. Each agrees with the filter of that name.

use std::collections::HashMap;

use diesel::prelude::*;

use super::filter::{PersonFilters, roles};
use crate::regions::{self, Membership};
use crate::register::dimension::Dimension;
use crate::register::rows::load_of;
use crate::register::{Caller, Result, heads};
use crate::store::AnyConnection;
use crate::store::schema::person_roles;

/// By what people are counted. Each agrees with the filter of that name: it counts the roles that
/// the other filters ask for.
pub(super) fn dimension(
    dimension: Dimension,
    filters: &PersonFilters,
    of: Option<&[String]>,
    db: &mut AnyConnection,
    caller: &Caller,
) -> Result<Vec<(String, String)>> {
    type Role = (String, String, Option<String>, Option<String>);
    match dimension {
        Dimension::OrganisationKind => {
            let query = roles(filters, db, caller)?
                .filter(person_roles::organisation_id.is_not_null())
                .select((
                    person_roles::owner_id,
                    person_roles::organisation_id.assume_not_null(),
                ));
            let named: Vec<(String, String)> = load_of!(db, query, person_roles::owner_id, of);
            let mut ids: Vec<String> = named.iter().map(|(_, id)| id.clone()).collect();
            ids.sort_unstable();
            ids.dedup();
            let mut kinds: HashMap<String, String> = HashMap::new();
            for ids in ids.chunks(1_000) {
                let heads = heads::load(db, ids)?.into_iter();
                kinds.extend(heads.map(|head| (head.id, head.kind)));
            }
            Ok(named
                .into_iter()
                .filter_map(|(person, id)| Some((person, kinds.get(&id)?.clone())))
                .collect())
        }
        Dimension::Region => {
            let query = roles(filters, db, caller)?
                .filter(person_roles::region_id.is_not_null())
                .select((
                    person_roles::owner_id,
                    person_roles::region_id.assume_not_null(),
                ));
            let mut pairs: Vec<(String, String)> = load_of!(db, query, person_roles::owner_id, of);
            let query = roles(filters, db, caller)?
                .filter(person_roles::organisation_id.is_not_null())
                .select((
                    person_roles::owner_id,
                    person_roles::organisation_id.assume_not_null(),
                    person_roles::start_earliest,
                    person_roles::end_latest,
                ));
            let roles: Vec<Role> = load_of!(db, query, person_roles::owner_id, of);
            let mut partners: HashMap<String, Vec<Membership>> = HashMap::new();
            for row in regions::partnerships(db, caller, None)? {
                partners
                    .entry(row.organisation.clone())
                    .or_default()
                    .push(row);
            }
            for (person, organisation, start, end) in roles {
                let of = partners.get(&organisation).into_iter().flatten();
                let during = of.filter(|row| row.overlaps(start.as_deref(), end.as_deref()));
                pairs.extend(during.map(|row| (person.clone(), row.region.clone())));
            }
            Ok(pairs)
        }
        _ => Ok(Vec::new()),
    }
}
