//! Organisations: municipalities, schools and their boards and partnerships, youth-care
//! providers, ministries, networks and groups.
//!
//! (Popolo: Organization; W3C org: `FormalOrganization`; schema.org: Organization.)

pub mod routes;
mod store;

use std::borrow::Cow;
use std::collections::HashMap;

use deserr::Deserr;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::register::above::Upward;
use crate::register::dimension::Dimension;
use crate::register::filter::{Flag, ListOf, RefText, Words};
use crate::register::period::dated;
use crate::register::refs::Target;
use crate::register::vocabulary::vocabulary;
use crate::register::{
    Address, AddressKind, Caller, Contact, ContactKind, Day, Document, Enumeration, HeadQuery,
    HeadRow, Issues, Line, Link, Markdown, Naming, OrganisationRef, Organisations, PartialDate,
    PostcodeArea, Result, Visibility, Vocabulary, WebAddress,
};
use crate::store::{AnyConnection, Write};

pub use store::{address_keys, ids_serving_municipalities, ids_serving_postcode};

vocabulary! {
    /// What kind of organisation it is.
    pub enum OrganisationKind in "organisation-kinds" {
        Municipality = "municipality", "Gemeente", "Municipality";
        Ministry = "ministry", "Ministerie", "Ministry";
        SchoolBoard = "school_board", "Schoolbestuur", "School board";
        School = "school", "School", "School";
        SchoolPartnership = "school_partnership", "Samenwerkingsverband passend onderwijs", "School partnership";
        YouthCareProvider = "youth_care_provider", "Jeugdhulpaanbieder", "Youth-care provider";
        YouthFamilyCentre = "youth_family_centre", "Centrum voor Jeugd en Gezin", "Centre for Youth and Family";
        Childcare = "childcare", "Kinderopvang", "Childcare";
        Welfare = "welfare", "Welzijnsorganisatie", "Welfare organisation";
        Association = "association", "Vereniging", "Association";
        Network = "network", "Netwerk", "Network";
        SteeringGroup = "steering_group", "Stuurgroep", "Steering group";
        WorkingGroup = "working_group", "Werkgroep", "Working group";
        ProjectGroup = "project_group", "Projectgroep", "Project group";
        RegionalBody = "regional_body", "Regionaal orgaan", "Regional body";
        Other = "other", "Anders", "Other";
    }
}

vocabulary! {
    /// A sector of education.
    pub enum Sector in "sectors" {
        Po = "po", "Primair onderwijs", "Primary education";
        Vo = "vo", "Voortgezet onderwijs", "Secondary education";
        So = "so", "Speciaal onderwijs", "Special education";
        Vso = "vso", "Voortgezet speciaal onderwijs", "Secondary special education";
        Mbo = "mbo", "Middelbaar beroepsonderwijs", "Vocational education";
        Vve = "vve", "Voor- en vroegschoolse educatie", "Early childhood education";
    }
}

vocabulary! {
    /// How an organisation belongs to another.
    pub enum ParentKind in "parent-kinds" {
        PartOf = "part_of", "Onderdeel van", "Part of";
        EstablishedBy = "established_by", "Ingesteld door", "Established by";
    }
}

/// An organisation that works for young people, or a group of organisations that do so together.
#[derive(Clone, Debug, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct Organisation {
    /// The name of the organisation.
    #[schema(examples("Gemeente Elburg"))]
    pub name: Line,
    /// Other names under which it is known, abbreviations included.
    #[serde(default)]
    #[deserr(default)]
    pub alternative_names: Vec<Line>,
    /// What kind of organisation it is.
    pub kind: OrganisationKind,
    /// The sectors of education in which it works.
    #[serde(default)]
    #[deserr(default)]
    pub sectors: Vec<Sector>,
    /// The denomination of its education, in its own words.
    #[deserr(default)]
    #[schema(examples("reformatorisch"))]
    pub denomination: Option<Line>,
    /// Whether it stands in for an organisation that is not known by name yet. It can later be
    /// merged into the real one.
    #[serde(default)]
    #[deserr(default)]
    pub is_placeholder: bool,
    /// What it is, in one or two sentences.
    #[deserr(default)]
    pub summary: Option<Markdown>,
    /// What there is to tell about it.
    #[deserr(default)]
    pub description: Option<Markdown>,
    /// Its own pages.
    #[deserr(default)]
    pub website: Option<WebAddress>,
    /// Where it can be visited or written to.
    #[serde(default)]
    #[deserr(default)]
    pub addresses: Vec<Address>,
    /// How to reach it.
    #[serde(default)]
    #[deserr(default)]
    pub contacts: Vec<Contact>,
    /// When it was founded.
    #[deserr(default)]
    pub founded: Option<PartialDate>,
    /// When it ceased to exist.
    #[deserr(default)]
    pub dissolved: Option<PartialDate>,
    /// The organisations to which it belongs.
    #[serde(default)]
    #[deserr(default)]
    pub parents: Vec<OrganisationParent>,
    /// For whom it works.
    #[serde(default)]
    #[deserr(default)]
    pub service_area: ServiceArea,
}

/// An organisation to which another belongs.
#[derive(Clone, Debug, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct OrganisationParent {
    /// The organisation above.
    pub organisation: OrganisationRef,
    /// How the one belongs to the other.
    pub kind: ParentKind,
    /// Since when.
    #[deserr(default)]
    pub start: Option<PartialDate>,
    /// Until when.
    #[deserr(default)]
    pub end: Option<PartialDate>,
}

dated!(OrganisationParent);

/// The area for which an organisation works.
#[derive(Clone, Debug, Default, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct ServiceArea {
    /// Upward municipalities.
    #[serde(default)]
    #[deserr(default)]
    pub municipalities: Vec<OrganisationRef>,
    /// The four digits of postcodes.
    #[serde(default)]
    #[deserr(default)]
    pub postcodes: Vec<PostcodeArea>,
}

/// Kinds, with commas between.
type OrganisationKinds = ListOf<OrganisationKind>;
/// Sectors, with commas between.
type Sectors = ListOf<Sector>;

/// The filters of the list of organisations.
#[derive(Clone, Debug, Serialize, Deserr, IntoParams)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct OrganisationFilters {
    /// Organisations of one of these kinds.
    #[deserr(default)]
    #[param(inline)]
    pub kind: Option<OrganisationKinds>,
    /// Organisations that work in one of these sectors.
    #[deserr(default)]
    #[param(inline)]
    pub sector: Option<Sectors>,
    /// Organisations with one of these denominations, as written.
    #[deserr(default)]
    #[param(inline)]
    pub denomination: Option<Words>,
    /// Only stand-ins, or none.
    #[deserr(default)]
    #[param(inline)]
    pub is_placeholder: Option<Flag>,
    /// Municipalities and partners of this region, now or before: a slug, UUID or `scheme:value`.
    #[deserr(default)]
    #[param(inline)]
    pub region: Option<RefText>,
    /// Organisations that work for this municipality.
    #[deserr(default)]
    #[param(inline)]
    pub municipality: Option<RefText>,
    /// Organisations that belong, or belonged, directly to this one.
    #[deserr(default)]
    #[param(inline)]
    pub organisation: Option<RefText>,
    /// Organisations that may still have existed on this day.
    #[deserr(default)]
    #[param(inline)]
    pub from: Option<Day>,
    /// Organisations that may have existed on this day already.
    #[deserr(default)]
    #[param(inline)]
    pub until: Option<Day>,
}

impl Document for Organisation {
    const NAMING: Naming = Naming {
        type_: Organisations::TYPE,
        plural: "organisations",
        singular_id: "Organisation",
        plural_id: "Organisations",
        example: "gemeente-elburg",
        description: "A municipality, school, partnership, provider, ministry, network or group.",
    };

    type Filters = OrganisationFilters;

    fn needed() -> Map<String, Value> {
        Map::from_iter([
            ("name".into(), "?".into()),
            ("kind".into(), OrganisationKind::Other.as_str().into()),
        ])
    }

    fn name(&self) -> Cow<'_, str> {
        (&*self.name).into()
    }

    fn kind(&self) -> &'static str {
        self.kind.as_str()
    }

    fn links(&mut self, visit: &mut dyn FnMut(&mut Link)) {
        let parents = self.parents.iter_mut().map(|row| &mut row.organisation);
        for reference in parents.chain(&mut self.service_area.municipalities) {
            visit(reference.link());
        }
    }

    /// An organisation must not belong to itself.
    fn upwards(&self) -> Vec<Upward> {
        let parents = self.parents.iter().enumerate().map(|(nth, row)| Upward {
            place: format!("/parents/{nth}/organisation"),
            id: row.organisation.id().to_owned(),
            has_it: true,
        });
        parents.collect()
    }

    fn needed_upwards() -> Option<(&'static str, &'static str, &'static str)> {
        Some(("parents", "kind", ParentKind::PartOf.as_str()))
    }

    fn above(db: &mut AnyConnection, ids: &[String]) -> Result<Vec<(String, String)>> {
        store::parents_of(db, ids)
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
        filters: &OrganisationFilters,
        db: &mut AnyConnection,
        caller: &Caller,
    ) -> Result<HeadQuery> {
        store::filter(query, filters, db, caller)
    }

    const DIMENSIONS: &'static [Dimension] = &[
        Dimension::Sector,
        Dimension::Region,
        Dimension::Municipality,
        Dimension::OrganisationKind,
        Dimension::StartYear,
    ];

    fn dimension(
        dimension: Dimension,
        _filters: &OrganisationFilters,
        of: Option<&[String]>,
        db: &mut AnyConnection,
        caller: &Caller,
    ) -> Result<Vec<(String, String)>> {
        match dimension {
            Dimension::Region => crate::regions::participations(db, caller),
            other => store::dimension(other, of, db, caller),
        }
    }

    const INCLUDES: &'static [(&'static str, &'static str, &'static str)] = &[
        (
            "regions",
            "OrganisationRegion",
            "the regions in which it takes part today, with role and dates",
        ),
        (
            "people",
            "PersonInRole",
            "who has a role in it, those to turn to first",
        ),
    ];

    fn include(
        view: &str,
        db: &mut AnyConnection,
        ids: &[String],
        caller: &Caller,
    ) -> Result<HashMap<String, Value>> {
        match view {
            "people" => crate::people::of_organisations(db, ids, caller),
            _ => crate::regions::of_organisations(db, ids, caller, Day::today()),
        }
    }

    fn vocabularies() -> Vec<Vocabulary> {
        vec![
            OrganisationKind::VOCABULARY,
            Sector::VOCABULARY,
            ParentKind::VOCABULARY,
            AddressKind::VOCABULARY,
            ContactKind::VOCABULARY,
            Visibility::VOCABULARY,
        ]
    }
}
