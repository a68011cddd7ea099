//! Regions: areas in which municipalities, schools and youth care work together.
//!
//! (Popolo: Area; schema.org: `AdministrativeArea`.) A municipality may be in several regions, a
//! region may cross provinces, and each membership has its own period.

pub mod routes;
mod store;
mod views;

use std::borrow::Cow;
use std::collections::HashMap;

use deserr::Deserr;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::register::dimension::Dimension;
use crate::register::filter::{ListOf, RefText};
use crate::register::period::dated;
use crate::register::refs::Target;
use crate::register::vocabulary::vocabulary;
use crate::register::{
    Caller, Contact, ContactKind, Document, Enumeration, HeadQuery, HeadRow, Issues, Line, Link,
    Markdown, Naming, OrganisationRef, PartialDate, Regions, Result, Visibility, Vocabulary,
    WebAddress,
};
use crate::store::{AnyConnection, Write};

pub use store::{Membership, by_period, memberships, participations, partnerships};
pub use views::{
    OrganisationRegion, ParticipationRole, RegionOrganisation, containing, of_organisations,
    organisation_ids,
};

vocabulary! {
    /// What kind of region it is.
    pub enum RegionKind in "region-kinds" {
        CooperationRegion = "cooperation_region", "Samenwerkingsregio", "Cooperation region";
        YouthRegion = "youth_region", "Jeugdregio", "Youth region";
        RmcRegion = "rmc_region", "RMC-regio", "RMC region (early school leaving)";
        LabourMarketRegion = "labour_market_region", "Arbeidsmarktregio", "Labour market region";
        Province = "province", "Provincie", "Province";
        Other = "other", "Anders", "Other";
    }
}

vocabulary! {
    /// How a municipality gives its residents access to youth care.
    pub enum LocalAccess in "local-accesses" {
        Cjg = "cjg", "Centrum voor Jeugd en Gezin", "Centre for Youth and Family";
        OwnAccess = "own_access", "Op eigen wijze georganiseerd", "Organised in its own way";
        Unknown = "unknown", "Onbekend", "Unknown";
    }
}

vocabulary! {
    /// What an organisation is to a region.
    pub enum PartnerRole in "partner-roles" {
        SchoolPartnership = "school_partnership", "Samenwerkingsverband passend onderwijs", "School partnership";
        Coordinator = "coordinator", "Coördinator", "Coordinator";
        SteeringGroup = "steering_group", "Stuurgroep", "Steering group";
        Network = "network", "Netwerk", "Network";
        Other = "other", "Anders", "Other";
    }
}

vocabulary! {
    /// How far a region is with a network.
    pub enum NetworkStatus in "network-statuses" {
        Applied = "applied", "Aangemeld", "Applied";
        Rejected = "rejected", "Afgewezen", "Rejected";
        Active = "active", "Aangesloten", "Active";
        Ended = "ended", "Beëindigd", "Ended";
    }
}

/// A region: an area in which organisations work together for the young people who live there.
#[derive(Clone, Debug, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct Region {
    /// The name of the region.
    #[schema(examples("Noord Veluwe"))]
    pub name: Line,
    /// Other names under which it is known.
    #[serde(default)]
    #[deserr(default)]
    pub alternative_names: Vec<Line>,
    /// What kind of region it is.
    pub kind: RegionKind,
    /// What it is, in one or two sentences.
    #[deserr(default)]
    pub summary: Option<Markdown>,
    /// What there is to tell about it.
    #[deserr(default)]
    pub description: Option<Markdown>,
    /// Its own pages.
    #[deserr(default)]
    pub website: Option<WebAddress>,
    /// How to reach it.
    #[serde(default)]
    #[deserr(default)]
    pub contacts: Vec<Contact>,
    /// The municipalities that are or were in it.
    #[serde(default)]
    #[deserr(default)]
    pub municipalities: Vec<RegionMunicipality>,
    /// The other organisations that work together in it.
    #[serde(default)]
    #[deserr(default)]
    pub partners: Vec<RegionPartner>,
    /// The networks to which it belongs or asked to belong; one may appear more than once.
    #[serde(default)]
    #[deserr(default)]
    pub networks: Vec<RegionNetwork>,
}

/// A municipality in a region.
#[derive(Clone, Debug, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct RegionMunicipality {
    /// The municipality.
    pub organisation: OrganisationRef,
    /// Since when it is in the region.
    #[deserr(default)]
    pub start: Option<PartialDate>,
    /// Until when it was in the region.
    #[deserr(default)]
    pub end: Option<PartialDate>,
    /// How its residents get to youth care.
    #[deserr(default)]
    pub local_access: Option<LocalAccess>,
    /// What there is to say about that.
    #[deserr(default)]
    pub local_access_note: Option<Markdown>,
}

/// An organisation that works together in a region.
#[derive(Clone, Debug, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct RegionPartner {
    /// The organisation.
    pub organisation: OrganisationRef,
    /// What it is to the region.
    pub role: PartnerRole,
    /// The role in the region's own words.
    #[deserr(default)]
    pub role_description: Option<Line>,
    /// Since when.
    #[deserr(default)]
    pub start: Option<PartialDate>,
    /// Until when.
    #[deserr(default)]
    pub end: Option<PartialDate>,
}

/// One episode of a region with a network.
#[derive(Clone, Debug, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct RegionNetwork {
    /// The network.
    pub organisation: OrganisationRef,
    /// How far the region was with it.
    pub status: NetworkStatus,
    /// Since when.
    #[deserr(default)]
    pub start: Option<PartialDate>,
    /// Until when.
    #[deserr(default)]
    pub end: Option<PartialDate>,
    /// What there is to say about it.
    #[deserr(default)]
    pub note: Option<Markdown>,
}

dated!(RegionMunicipality, RegionPartner, RegionNetwork);

/// Kinds, with commas between.
type RegionKinds = ListOf<RegionKind>;
/// Roles, with commas between.
type PartnerRoles = ListOf<PartnerRole>;

/// The filters of the list of regions.
#[derive(Clone, Debug, Serialize, Deserr, IntoParams)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct RegionFilters {
    /// Regions of one of these kinds.
    #[deserr(default)]
    #[param(inline)]
    pub kind: Option<RegionKinds>,
    /// Regions with this municipality, now or before: a slug, UUID or `scheme:value`.
    #[deserr(default)]
    #[param(inline)]
    pub municipality: Option<RefText>,
    /// Regions with this organisation as municipality, partner or network, now or before.
    #[deserr(default)]
    #[param(inline)]
    pub organisation: Option<RefText>,
    /// Regions in which an organisation has one of these roles. With `organisation`: that
    /// organisation.
    #[deserr(default)]
    #[param(inline)]
    pub role: Option<PartnerRoles>,
}

impl Document for Region {
    const NAMING: Naming = Naming {
        type_: Regions::TYPE,
        plural: "regions",
        singular_id: "Region",
        plural_id: "Regions",
        example: "noord-veluwe",
        description: "An area in which municipalities, schools and youth care work together.",
    };

    type Filters = RegionFilters;

    fn needed() -> Map<String, Value> {
        Map::from_iter([
            ("name".into(), "?".into()),
            ("kind".into(), RegionKind::Other.as_str().into()),
        ])
    }

    fn name(&self) -> Cow<'_, str> {
        (&*self.name).into()
    }

    fn kind(&self) -> &'static str {
        self.kind.as_str()
    }

    fn links(&mut self, visit: &mut dyn FnMut(&mut Link)) {
        let municipalities = self
            .municipalities
            .iter_mut()
            .map(|row| &mut row.organisation);
        let partners = self.partners.iter_mut().map(|row| &mut row.organisation);
        let networks = self.networks.iter_mut().map(|row| &mut row.organisation);
        for reference in municipalities.chain(partners).chain(networks) {
            visit(reference.link());
        }
    }

    fn load(db: &mut AnyConnection, heads: &[HeadRow]) -> Result<HashMap<String, Self>> {
        store::load(db, heads)
    }

    fn other_names(db: &mut AnyConnection, ids: &[String]) -> Result<Vec<(String, Vec<String>)>> {
        store::other_names(db, ids)
    }

    fn save(&self, write: &mut Write<'_>, id: &str, before: Option<&Self>) -> Result<()> {
        store::save(self, before, write, id)
    }

    fn filter(
        query: HeadQuery,
        filters: &RegionFilters,
        db: &mut AnyConnection,
        caller: &Caller,
    ) -> Result<HeadQuery> {
        store::filter(query, filters, db, caller)
    }

    const DIMENSIONS: &'static [Dimension] = &[Dimension::Municipality];

    fn dimension(
        _dimension: Dimension,
        _filters: &RegionFilters,
        _of: Option<&[String]>,
        db: &mut AnyConnection,
        caller: &Caller,
    ) -> Result<Vec<(String, String)>> {
        let rows = memberships(db, caller, None, None)?;
        Ok(rows
            .into_iter()
            .map(|row| (row.region, row.organisation))
            .collect())
    }

    const INCLUDES: &'static [(&'static str, &'static str, &'static str)] = &[
        (
            "organisations",
            "RegionOrganisation",
            "the municipalities and partners of today, with role and dates",
        ),
        (
            "projects",
            "RegionProject",
            "those that name it, or a municipality that was in it while they ran, by name",
        ),
        (
            "people",
            "PersonInRole",
            "who has a role in it or in one of its partners, those to turn to first",
        ),
    ];

    fn include(
        view: &str,
        db: &mut AnyConnection,
        ids: &[String],
        caller: &Caller,
    ) -> Result<HashMap<String, Value>> {
        match view {
            "people" => crate::people::of_regions(db, ids, caller),
            "projects" => crate::projects::of_regions(db, ids, caller),
            _ => views::organisations_of(db, ids, caller, crate::register::Day::today()),
        }
    }

    fn vocabularies() -> Vec<Vocabulary> {
        vec![
            RegionKind::VOCABULARY,
            LocalAccess::VOCABULARY,
            PartnerRole::VOCABULARY,
            NetworkStatus::VOCABULARY,
            views::VOCABULARY,
            ContactKind::VOCABULARY,
            Visibility::VOCABULARY,
        ]
    }
}
