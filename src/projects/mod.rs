//! Projects: every initiative in which organisations work together, from a pilot to an agenda.
//!
//! (schema.org: Project; HSDS: program.) A project belongs to a region when it names it, or names
//! a municipality that was in the region while the project ran; and to a municipality when it
//! names it, or names a region in which that municipality was.

mod filter;
mod parts;
pub mod routes;
mod stats;
mod store;
mod views;
mod words;

use std::borrow::Cow;
use std::collections::HashMap;

use deserr::Deserr;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::register::above::Upward;
use crate::register::dimension::Dimension;
use crate::register::fault::items;
use crate::register::number::Age;
use crate::register::page::SortField;
use crate::register::refs::Target;
use crate::register::{
    Caller, Contact, ContactKind, Document, Enumeration, Fault, HeadQuery, HeadRow, Issue, Issues,
    Line, Link, Markdown, Naming, OrganisationRef, PartialDate, Projects, RegionRef, Result, Text,
    ThemeRef, Visibility, Vocabulary, WebAddress,
};
use crate::store::{AnyConnection, Write};

pub use filter::ProjectFilters;
pub use parts::{
    Objective, ProjectFocusPoint, ProjectFunding, ProjectMilestone, ProjectParticipant,
    ProjectRelated,
};
pub use views::{RegionProject, of_regions};
pub use words::{
    FocusPointKind, FundingInstrument, MilestoneKind, MilestoneStatus, ParticipantRole,
    ParticipantStatus, ProjectKind, ProjectStatus, RelatedKind,
};

/// An initiative in which organisations work together for young people.
#[derive(Clone, Debug, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct Project {
    /// The name of the project.
    #[schema(examples("Onderwijs-Jeugdhulparrangementen"))]
    pub name: Line,
    /// Other names under which it is known.
    #[serde(default)]
    #[deserr(default)]
    pub alternative_names: Vec<Line>,
    /// What kind of initiative it is.
    pub kind: ProjectKind,
    /// How far it is; unknown unless given.
    #[serde(default = "unknown")]
    #[deserr(default = unknown())]
    pub status: ProjectStatus,
    /// What it is, in one or two sentences.
    #[deserr(default)]
    pub summary: Option<Markdown>,
    /// What it is to reach.
    #[deserr(default)]
    pub objective: Option<Objective>,
    /// Why it was begun.
    #[deserr(default)]
    pub motivation: Option<Markdown>,
    /// What those who take part hope for beyond its objective.
    #[deserr(default)]
    pub ambition: Option<Markdown>,
    /// How the work is done.
    #[deserr(default)]
    pub approach: Option<Markdown>,
    /// What it gives, or gave.
    #[deserr(default)]
    pub results: Option<Markdown>,
    /// When what should be ready.
    #[deserr(default)]
    pub planning: Option<Markdown>,
    /// For whom it is.
    #[deserr(default)]
    pub target_group: Option<Markdown>,
    /// The age from which it is meant.
    #[deserr(default)]
    pub minimum_age: Option<Age>,
    /// The age to which it is meant, as the source says it: "tot 23 jaar" is 23.
    #[deserr(default)]
    pub maximum_age: Option<Age>,
    /// When it began or is to begin.
    #[deserr(default)]
    pub start: Option<PartialDate>,
    /// When it ended or is to end.
    #[deserr(default)]
    pub end: Option<PartialDate>,
    /// The regions for which it is.
    #[serde(default)]
    #[deserr(default)]
    pub regions: Vec<RegionRef>,
    /// The municipalities for which it is.
    #[serde(default)]
    #[deserr(default)]
    pub municipalities: Vec<OrganisationRef>,
    /// What it is about.
    #[serde(default)]
    #[deserr(default)]
    pub themes: Vec<ThemeRef>,
    /// Its own pages.
    #[deserr(default)]
    pub website: Option<WebAddress>,
    /// How to reach it.
    #[serde(default)]
    #[deserr(default)]
    pub contacts: Vec<Contact>,
    /// What it is to other projects.
    #[serde(default)]
    #[deserr(default)]
    pub related: Vec<ProjectRelated>,
    /// Who takes part.
    #[serde(default)]
    #[deserr(default)]
    pub participants: Vec<ProjectParticipant>,
    /// Its focus points, programme lines, goals, reasons and questions, in order.
    #[serde(default)]
    #[deserr(default)]
    pub focus_points: Vec<ProjectFocusPoint>,
    /// What is to happen, and what happened.
    #[serde(default)]
    #[deserr(default)]
    pub milestones: Vec<ProjectMilestone>,
    /// Who pays. One grant is one row, however many give it.
    #[serde(default)]
    #[deserr(default)]
    pub funding: Vec<ProjectFunding>,
}

fn unknown() -> ProjectStatus {
    ProjectStatus::Unknown
}

const ONE_OF: Text = Text {
    nl: "Geef precies één van organisation, person en partyClass.",
    en: "Give exactly one of organisation, person and partyClass.",
};

const NO_FUNDER: Text = Text {
    nl: "Geef minstens één financier.",
    en: "Give at least one funder.",
};

const NO_SUCH_POINT: Text = Text {
    nl: "Geef de titel van een van de focusPoints van dit project.",
    en: "Give the title of one of the focusPoints of this project.",
};

const AGES: Text = Text {
    nl: "De hoogste leeftijd ligt onder de laagste.",
    en: "The highest age is below the lowest.",
};

impl Document for Project {
    const NAMING: Naming = Naming {
        type_: Projects::TYPE,
        plural: "projects",
        singular_id: "Project",
        plural_id: "Projects",
        example: "samen-aan-de-slag",
        description: "A project, pilot, programme, declaration, agenda or arrangement.",
    };

    type Filters = ProjectFilters;

    const SORTS: &'static [SortField] = &[
        SortField::Name,
        SortField::Kind,
        SortField::Start,
        SortField::CreatedAt,
        SortField::UpdatedAt,
    ];

    fn needed() -> Map<String, Value> {
        Map::from_iter([
            ("name".into(), "?".into()),
            ("kind".into(), ProjectKind::Project.as_str().into()),
        ])
    }

    fn name(&self) -> Cow<'_, str> {
        (&*self.name).into()
    }

    fn kind(&self) -> &'static str {
        self.kind.as_str()
    }

    fn start(&self) -> Option<&PartialDate> {
        self.start.as_ref()
    }

    fn links(&mut self, visit: &mut dyn FnMut(&mut Link)) {
        for reference in &mut self.regions {
            visit(reference.link());
        }
        for reference in &mut self.municipalities {
            visit(reference.link());
        }
        for reference in &mut self.themes {
            visit(reference.link());
        }
        for row in &mut self.related {
            visit(row.project.link());
        }
        for row in &mut self.participants {
            if let Some(organisation) = &mut row.organisation {
                visit(organisation.link());
            }
            for person in row.person.iter_mut().chain(&mut row.represented_by) {
                visit(person.link());
            }
        }
        for row in &mut self.funding {
            for funder in &mut row.funders {
                visit(funder.link());
            }
            if let Some(recipient) = &mut row.recipient {
                visit(recipient.link());
            }
        }
    }

    fn find_faults(body: &Value, issues: &mut Issues) {
        let mut refuse = |place: String, why| {
            let fault = Fault::Contradiction { why };
            issues.0.push(Issue::body(place, fault));
        };
        if let (Some(low), Some(high)) = (body["minimumAge"].as_i64(), body["maximumAge"].as_i64())
            && high < low
        {
            refuse("/maximumAge".into(), AGES);
        }
        for (place, row) in items(body, "participants").filter(|(_, row)| row.is_object()) {
            let named = ["organisation", "person", "partyClass"]
                .into_iter()
                .filter(|name| !row[*name].is_null());
            if named.count() != 1 {
                refuse(place, ONE_OF);
            }
        }
        for (place, row) in items(body, "funding") {
            if row["funders"].as_array().is_some_and(Vec::is_empty) {
                refuse(format!("{place}/funders"), NO_FUNDER);
            }
        }
        let line = |value: &Value| Line::parse(value.as_str()?).ok();
        let titles: Option<Vec<Line>> = match &body["focusPoints"] {
            Value::Null => Some(Vec::new()),
            Value::Array(points) => points.iter().map(|point| line(&point["title"])).collect(),
            _ => None,
        };
        // Nothing is said of a point as long as another cannot be read: it may be the one.
        let titles = titles.as_ref();
        for (place, row) in items(body, "milestones") {
            if let (Some(titles), Some(title)) = (titles, line(&row["focusPoint"]))
                && !titles.contains(&title)
            {
                refuse(format!("{place}/focusPoint"), NO_SUCH_POINT);
            }
        }
    }

    fn is_wrong_alone(body: &Map<String, Value>, place: &str) -> bool {
        !(place.starts_with("/milestones/") && place.ends_with("/focusPoint"))
            || body.contains_key("focusPoints")
    }

    /// A project must not be a part of itself, nor related to itself.
    fn upwards(&self) -> Vec<Upward> {
        let related = self.related.iter().enumerate().map(|(nth, row)| Upward {
            place: format!("/related/{nth}/project"),
            id: row.project.id().to_owned(),
            has_it: row.kind == RelatedKind::PartOf,
        });
        related.collect()
    }

    fn needed_upwards() -> Option<(&'static str, &'static str, &'static str)> {
        Some(("related", "kind", RelatedKind::Related.as_str()))
    }

    fn above(db: &mut AnyConnection, ids: &[String]) -> Result<Vec<(String, String)>> {
        store::wholes_of(db, ids)
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
        filters: &ProjectFilters,
        db: &mut AnyConnection,
        caller: &Caller,
    ) -> Result<HeadQuery> {
        filter::filter(query, filters, db, caller)
    }

    const DIMENSIONS: &'static [Dimension] = &[
        Dimension::Status,
        Dimension::Region,
        Dimension::Municipality,
        Dimension::Theme,
        Dimension::OrganisationKind,
        Dimension::StartYear,
    ];

    fn dimension(
        dimension: Dimension,
        filters: &ProjectFilters,
        of: Option<&[String]>,
        db: &mut AnyConnection,
        caller: &Caller,
    ) -> Result<Vec<(String, String)>> {
        stats::dimension(dimension, filters, of, db, caller)
    }

    const INCLUDES: &'static [(&'static str, &'static str, &'static str)] = &[(
        "team",
        "PersonInRole",
        "the people whose roles name the project, those to turn to first",
    )];

    fn include(
        _view: &str,
        db: &mut AnyConnection,
        ids: &[String],
        caller: &Caller,
    ) -> Result<HashMap<String, Value>> {
        crate::people::of_projects(db, ids, caller)
    }

    fn vocabularies() -> Vec<Vocabulary> {
        vec![
            ProjectKind::VOCABULARY,
            ProjectStatus::VOCABULARY,
            ParticipantRole::VOCABULARY,
            ParticipantStatus::VOCABULARY,
            RelatedKind::VOCABULARY,
            FocusPointKind::VOCABULARY,
            MilestoneKind::VOCABULARY,
            MilestoneStatus::VOCABULARY,
            FundingInstrument::VOCABULARY,
            ContactKind::VOCABULARY,
            Visibility::VOCABULARY,
        ]
    }
}
