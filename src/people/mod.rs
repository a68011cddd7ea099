//! People: who has which role in the cooperation, and how to reach them in it.
//!
//! (Popolo: Person and Membership; schema.org: Person and `EmployeeRole`.) They are personal data:
//! without a basis for publication a person is restricted, and contacts are restricted unless
//! they were made public. What the law asks beside that is in [`crate::privacy`].

mod filter;
mod name;
pub mod routes;
mod stats;
mod store;
mod views;

use std::borrow::Cow;
use std::collections::HashMap;

use deserr::Deserr;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::register::dimension::Dimension;
use crate::register::fault::items;
use crate::register::page::SortField;
use crate::register::period::dated;
use crate::register::refs::Target;
use crate::register::vocabulary::vocabulary;
use crate::register::{
    Caller, ContactKind, Day, Document, Enumeration, Fault, HeadQuery, HeadRow, Issue, Issues,
    Line, Link, Markdown, Naming, OrganisationRef, PartialDate, People, PersonalContact,
    ProjectRef, RegionRef, Result, Text, Visibility, Vocabulary,
};
use crate::store::{AnyConnection, Write};

pub use filter::PersonFilters;
pub use name::PersonName;
pub use store::{Expired, expired, is_expired};
pub use views::{PersonInRole, of_organisations, of_projects, of_regions};

vocabulary! {
    /// Why a person may be named in public.
    pub enum PublicationBasis in "publication-bases" {
        PublicOffice = "public_office", "Openbaar ambt", "Public office";
        Function = "function", "Functie in de samenwerking", "Function in the cooperation";
        Consent = "consent", "Toestemming", "Consent";
        None = "none", "Geen", "None";
    }
}

vocabulary! {
    /// What kind of role a person has.
    pub enum RoleKind in "role-kinds" {
        Chair = "chair", "Voorzitter", "Chair";
        Member = "member", "Lid", "Member";
        Coordinator = "coordinator", "Coördinator", "Coordinator";
        Contact = "contact", "Contactpersoon", "Contact person";
        Lead = "lead", "Trekker", "Lead";
        Alderman = "alderman", "Wethouder", "Alderman";
        PolicyOfficer = "policy_officer", "Beleidsmedewerker", "Policy officer";
        Practitioner = "practitioner", "Uitvoerend professional", "Practitioner";
        Other = "other", "Anders", "Other";
    }
}

vocabulary! {
    /// Whether a person has a role now.
    pub enum RoleStatus in "role-statuses" {
        Active = "active", "Actief", "Active";
        Ended = "ended", "Beëindigd", "Ended";
        Intended = "intended", "Beoogd", "Intended";
    }
}

/// A person with a role in the cooperation for young people.
#[derive(Clone, Debug, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct Person {
    /// The parts of the name.
    pub name: PersonName,
    /// The name as it is read, with the title in front.
    #[serde(default)]
    #[deserr(skip)]
    #[schema(read_only, examples("Filip van As"))]
    pub display_name: String,
    /// The name as it is sorted: the prefix behind the given name, where Dutch lists have it.
    #[serde(default)]
    #[deserr(skip)]
    #[schema(read_only, examples("As, Filip van"))]
    pub sort_name: String,
    /// Who it is, in one or two sentences.
    #[deserr(default)]
    pub summary: Option<Markdown>,
    /// What there is to tell about the person.
    #[deserr(default)]
    pub biography: Option<Markdown>,
    /// How to reach the person, whatever the role. Restricted unless made public.
    #[serde(default)]
    #[deserr(default)]
    pub contacts: Vec<PersonalContact>,
    /// Why the person may be named in public. With `none` the person is restricted.
    #[serde(default)]
    #[deserr(default = PublicationBasis::None)]
    pub publication_basis: PublicationBasis,
    /// The last day on which the person may be in the register; after it, the person is erased.
    #[deserr(default)]
    pub retain_until: Option<Day>,
    /// What the person does or did, and for whom.
    #[serde(default)]
    #[deserr(default)]
    pub roles: Vec<PersonRole>,
    /// Whether all that was known of the person has been erased.
    #[serde(default)]
    #[deserr(skip)]
    #[schema(read_only)]
    pub is_erased: bool,
}

/// A role of a person: in an organisation, a region, a project or an area; now or before.
#[derive(Clone, Debug, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct PersonRole {
    /// The organisation for which the person works. A role names at least one of organisation,
    /// region, project and area.
    #[deserr(default)]
    pub organisation: Option<OrganisationRef>,
    /// The region in which the person works.
    #[deserr(default)]
    pub region: Option<RegionRef>,
    /// The project in which the person works.
    #[deserr(default)]
    pub project: Option<ProjectRef>,
    /// What the role is called.
    #[schema(examples("Regionaal coördinator"))]
    pub title: Line,
    /// What kind of role it is.
    pub kind: RoleKind,
    /// What the role is about.
    #[deserr(default)]
    #[schema(examples("Passend onderwijs"))]
    pub topic: Option<Line>,
    /// Whether this is the person to turn to.
    #[serde(default)]
    #[deserr(default)]
    pub is_contact: bool,
    /// Whether the person has the role now; active unless said otherwise.
    #[serde(default)]
    #[deserr(default = RoleStatus::Active)]
    pub status: RoleStatus,
    /// Since when.
    #[deserr(default)]
    pub start: Option<PartialDate>,
    /// Until when.
    #[deserr(default)]
    pub end: Option<PartialDate>,
    /// How long, in the source's own words.
    #[deserr(default)]
    #[schema(examples("tien jaar"))]
    pub duration_text: Option<Line>,
    /// Where, in words, when it is no region of the register.
    #[deserr(default)]
    #[schema(examples("Flevoland"))]
    pub area: Option<Line>,
    /// How to reach the person in this role. Restricted unless made public.
    #[serde(default)]
    #[deserr(default)]
    pub contacts: Vec<PersonalContact>,
}

dated!(PersonRole);

const NO_PLACE: Text = Text {
    nl: "Een rol noemt minstens een organisatie, regio, project of gebied: vul organisation, region, project of area in.",
    en: "A role names at least an organisation, region, project or area: give organisation, region, project or area.",
};

impl Document for Person {
    const NAMING: Naming = Naming {
        type_: People::TYPE,
        plural: "people",
        singular_id: "Person",
        plural_id: "People",
        example: "filip-van-as",
        description: "A person with a role in the cooperation for young people.",
    };

    type Filters = PersonFilters;

    const SORTS: &'static [SortField] =
        &[SortField::Name, SortField::CreatedAt, SortField::UpdatedAt];

    const DERIVED: &'static [&'static str] = &["displayName", "sortName", "isErased"];

    fn needed() -> Map<String, Value> {
        Map::from_iter([("name".into(), json!({"family": "?"}))])
    }

    /// Without the title: that would stand in the slug for ever.
    fn name(&self) -> Cow<'_, str> {
        self.name.plain().into()
    }

    fn sort_name(&self) -> Cow<'_, str> {
        self.name.sort().into()
    }

    fn kind(&self) -> &'static str {
        ""
    }

    /// What is left of an erased person is nobody's.
    fn may_be_public(&self) -> bool {
        self.is_erased || self.publication_basis != PublicationBasis::None
    }

    fn body_may_be_public(body: &Map<String, Value>, known: &Issues) -> bool {
        known
            .members()
            .iter()
            .any(|name| name == "publicationBasis")
            || match body.get("publicationBasis") {
                None | Some(Value::Null) => false,
                Some(basis) => *basis != PublicationBasis::None.as_str(),
            }
    }

    fn is_wrong_alone(body: &Map<String, Value>, place: &str) -> bool {
        place != "/visibility" || body.contains_key("publicationBasis")
    }

    fn frozen(&self) -> Option<Text> {
        self.is_erased.then_some(Text {
            nl: "Deze persoon is gewist; wat ervan over is, verandert niet meer.",
            en: "This person was erased; what is left does not change any more.",
        })
    }

    fn complete(&mut self) {
        self.display_name = self.name.display();
        self.sort_name = self.name.sort();
    }

    const STUB: Option<fn() -> Self> = Some(|| Self {
        name: PersonName {
            given: None,
            prefix: None,
            family: Line::stored("Gewiste persoon".into()),
            honorific: None,
        },
        display_name: String::new(),
        sort_name: String::new(),
        summary: None,
        biography: None,
        contacts: Vec::new(),
        publication_basis: PublicationBasis::None,
        retain_until: None,
        roles: Vec::new(),
        is_erased: true,
    });

    fn keep(&mut self, before: &Self) {
        self.is_erased = before.is_erased;
    }

    fn links(&mut self, visit: &mut dyn FnMut(&mut Link)) {
        for role in &mut self.roles {
            if let Some(organisation) = &mut role.organisation {
                visit(organisation.link());
            }
            if let Some(region) = &mut role.region {
                visit(region.link());
            }
            if let Some(project) = &mut role.project {
                visit(project.link());
            }
        }
    }

    /// A role that hangs in the air says nothing: nobody could find it.
    fn find_faults(body: &Value, issues: &mut Issues) {
        let places = ["organisation", "region", "project", "area"];
        for (place, role) in items(body, "roles").filter(|(_, role)| role.is_object()) {
            if places.iter().all(|name| role[*name].is_null()) {
                let fault = Fault::Contradiction { why: NO_PLACE };
                issues.0.push(Issue::body(place, fault));
            }
        }
    }

    fn load(db: &mut AnyConnection, heads: &[HeadRow]) -> Result<HashMap<String, Self>> {
        store::load(db, heads)
    }

    fn save(&self, write: &mut Write<'_>, id: &str, before: Option<&Self>) -> Result<()> {
        store::save(self, before, write, id)
    }

    fn filter(
        query: HeadQuery,
        filters: &PersonFilters,
        db: &mut AnyConnection,
        caller: &Caller,
    ) -> Result<HeadQuery> {
        filter::filter(query, filters, db, caller)
    }

    const DIMENSIONS: &'static [Dimension] = &[Dimension::Region, Dimension::OrganisationKind];

    fn dimension(
        dimension: Dimension,
        filters: &PersonFilters,
        of: Option<&[String]>,
        db: &mut AnyConnection,
        caller: &Caller,
    ) -> Result<Vec<(String, String)>> {
        stats::dimension(dimension, filters, of, db, caller)
    }

    const INCLUDES: &'static [(&'static str, &'static str, &'static str)] = &[];

    fn include(
        _view: &str,
        _db: &mut AnyConnection,
        _ids: &[String],
        _caller: &Caller,
    ) -> Result<HashMap<String, Value>> {
        Ok(HashMap::new())
    }

    fn vocabularies() -> Vec<Vocabulary> {
        vec![
            PublicationBasis::VOCABULARY,
            RoleKind::VOCABULARY,
            RoleStatus::VOCABULARY,
            ContactKind::VOCABULARY,
            Visibility::VOCABULARY,
        ]
    }
}
