//! The parts of projects: the rows of their lists.

use deserr::Deserr;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    FocusPointKind, FundingInstrument, MilestoneKind, MilestoneStatus, ParticipantRole,
    ParticipantStatus, ProjectStatus, RelatedKind,
};
use crate::register::{
    Issues, Line, Markdown, Money, OrganisationRef, PartialDate, PartyRef, PersonRef, ProjectRef,
};

/// What a project is to reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct Objective {
    /// The objective.
    pub text: Markdown,
    /// Whether these are the words of those who take part.
    #[serde(default)]
    #[deserr(default)]
    pub is_quote: bool,
}

/// Another project to which one relates.
#[derive(Clone, Debug, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct ProjectRelated {
    /// The other project.
    pub project: ProjectRef,
    /// What this one is to the other.
    pub kind: RelatedKind,
}

/// Someone who takes part in a project: an organisation, a person, or parties that are only named
/// as a class. Exactly one of the three.
#[derive(Clone, Debug, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct ProjectParticipant {
    /// The organisation.
    #[deserr(default)]
    pub organisation: Option<OrganisationRef>,
    /// The person.
    #[deserr(default)]
    pub person: Option<PersonRef>,
    /// Parties that are only named as a class.
    #[deserr(default)]
    #[schema(examples("kinderopvang, welzijnswerk en verenigingen"))]
    pub party_class: Option<Line>,
    /// What it is to the project.
    pub role: ParticipantRole,
    /// The role in the project's own words.
    #[deserr(default)]
    pub role_description: Option<Line>,
    /// How certain it is; confirmed unless given.
    #[serde(default = "confirmed")]
    #[deserr(default = confirmed())]
    pub status: ParticipantStatus,
    /// When it signed.
    #[deserr(default)]
    pub signed: Option<PartialDate>,
    /// Who acted for it.
    #[deserr(default)]
    pub represented_by: Option<PersonRef>,
    /// Since when it takes part.
    #[deserr(default)]
    pub start: Option<PartialDate>,
    /// Until when.
    #[deserr(default)]
    pub end: Option<PartialDate>,
}

fn confirmed() -> ParticipantStatus {
    ParticipantStatus::Confirmed
}

/// A point on which a project works, or a question that it is to answer.
#[derive(Clone, Debug, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct ProjectFocusPoint {
    /// What kind of point it is.
    pub kind: FocusPointKind,
    /// The point in one line.
    pub title: Line,
    /// What there is to tell about it.
    #[deserr(default)]
    pub description: Option<Markdown>,
    /// When it is worked on.
    #[deserr(default)]
    pub period: Option<PartialDate>,
    /// How far it is.
    #[deserr(default)]
    pub status: Option<ProjectStatus>,
}

/// Something that is to happen in a project, or did.
#[derive(Clone, Debug, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct ProjectMilestone {
    /// What kind of moment it is.
    pub kind: MilestoneKind,
    /// What happens, in one line.
    pub title: Line,
    /// When it is to happen.
    #[deserr(default)]
    pub planned: Option<PartialDate>,
    /// When it happened.
    #[deserr(default)]
    pub actual: Option<PartialDate>,
    /// On what it depends.
    #[deserr(default)]
    pub condition: Option<Markdown>,
    /// How far it is; planned unless given.
    #[serde(default = "not_yet")]
    #[deserr(default = not_yet())]
    pub status: MilestoneStatus,
    /// The title of the focus point of this project to which it belongs.
    #[deserr(default)]
    pub focus_point: Option<Line>,
}

fn not_yet() -> MilestoneStatus {
    MilestoneStatus::Planned
}

/// Money for a project.
#[derive(Clone, Debug, Serialize, Deserr, ToSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Issues, rename_all = camelCase, deny_unknown_fields)]
pub struct ProjectFunding {
    /// Who gives it, together. At least one.
    #[schema(min_items = 1)]
    pub funders: Vec<OrganisationRef>,
    /// Who gets it: an organisation or a region.
    #[deserr(default)]
    pub recipient: Option<PartyRef>,
    /// How it is given.
    pub instrument: FundingInstrument,
    /// How much, where that is known.
    #[deserr(default)]
    pub amount: Option<Money>,
    /// For which time.
    #[deserr(default)]
    pub period: Option<PartialDate>,
    /// What else there is to tell.
    #[deserr(default)]
    pub note: Option<Markdown>,
}
