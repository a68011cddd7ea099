//! The rows of projects. Private to the slice.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{
    FundingInstrument, MilestoneKind, MilestoneStatus, Objective, ParticipantRole,
    ParticipantStatus, Project, ProjectFunding, ProjectKind, ProjectMilestone, ProjectParticipant,
    ProjectRelated, ProjectStatus, RelatedKind,
};
use crate::register::heads::stored_word;
use crate::register::money::{Amount, Currency};
use crate::register::number::Age;
use crate::register::period::date_columns;
use crate::register::rows::{from_json, load_rows, replace_rows, save_row, spread, text_lists};
use crate::register::{
    Enumeration, HeadRow, Line, Markdown, Money, OrganisationRef, PartyRef, PersonRef, ProjectRef,
    RegionRef, Result, ThemeRef, WebAddress,
};
use crate::store::schema::{
    project_funders, project_funding, project_milestones, project_municipalities,
    project_participants, project_regions, project_related, project_themes, projects,
};
use crate::store::{AnyConnection, Write};

date_columns!(Period in projects: start, end);

#[derive(PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = projects, treat_none_as_default_value = false)]
struct ProjectRow {
    id: String,
    alternative_names: String,
    status: String,
    summary: Option<String>,
    objective_text: Option<String>,
    objective_is_quote: bool,
    motivation: Option<String>,
    ambition: Option<String>,
    approach: Option<String>,
    results: Option<String>,
    planning: Option<String>,
    target_group: Option<String>,
    minimum_age: Option<i32>,
    maximum_age: Option<i32>,
    #[diesel(embed)]
    period: Period,
    website: Option<String>,
    contacts: String,
    focus_points: String,
}

#[derive(PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = project_related, treat_none_as_default_value = false)]
struct RelatedRow {
    owner_id: String,
    position: i32,
    project_id: String,
    kind: String,
}

date_columns!(SignedOn in project_participants: signed);
date_columns!(ParticipantDates in project_participants: start, end);

#[derive(PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = project_participants, treat_none_as_default_value = false)]
struct ParticipantRow {
    owner_id: String,
    position: i32,
    organisation_id: Option<String>,
    person_id: Option<String>,
    party_class: Option<String>,
    role: String,
    role_description: Option<String>,
    status: String,
    #[diesel(embed)]
    signed: SignedOn,
    represented_by_id: Option<String>,
    #[diesel(embed)]
    dates: ParticipantDates,
}

date_columns!(MilestoneDates in project_milestones: planned, actual);

#[derive(PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = project_milestones, treat_none_as_default_value = false)]
struct MilestoneRow {
    owner_id: String,
    position: i32,
    kind: String,
    title: String,
    #[diesel(embed)]
    dates: MilestoneDates,
    condition: Option<String>,
    status: String,
    focus_point: Option<String>,
}

date_columns!(FundingPeriod in project_funding: period);

#[derive(PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = project_funding, treat_none_as_default_value = false)]
struct FundingRow {
    owner_id: String,
    position: i32,
    recipient_id: Option<String>,
    instrument: String,
    amount: Option<String>,
    currency: Option<String>,
    #[diesel(embed)]
    period: FundingPeriod,
    note: Option<String>,
}

#[derive(PartialEq, Queryable, Selectable, Insertable)]
#[diesel(table_name = project_funders, treat_none_as_default_value = false)]
struct FunderRow {
    owner_id: String,
    position: i32,
    funding: i32,
    organisation_id: String,
}

/// The other names of projects, by id.
pub(super) fn other_names(
    db: &mut AnyConnection,
    ids: &[String],
) -> Result<Vec<(String, Vec<String>)>> {
    let rows = projects::table
        .filter(projects::id.eq_any(ids))
        .select((projects::id, projects::alternative_names))
        .load(db)?;
    text_lists(rows)
}

pub(super) fn load(db: &mut AnyConnection, heads: &[HeadRow]) -> Result<HashMap<String, Project>> {
    let ids: Vec<&String> = heads.iter().map(|head| &head.id).collect();
    let rows: Vec<ProjectRow> = projects::table
        .filter(projects::id.eq_any(&ids))
        .select(ProjectRow::as_select())
        .load(db)?;
    let mut rows: HashMap<String, ProjectRow> =
        rows.into_iter().map(|row| (row.id.clone(), row)).collect();
    let mut loaded = HashMap::with_capacity(rows.len());
    for head in heads {
        if let Some(row) = rows.remove(&head.id) {
            loaded.insert(head.id.clone(), project(head, row)?);
        }
    }
    load_references(db, &ids, &mut loaded)?;
    load_lists(db, &ids, &mut loaded)?;
    load_funding(db, &ids, &mut loaded)?;
    Ok(loaded)
}

fn project(head: &HeadRow, mut row: ProjectRow) -> Result<Project> {
    let is_quote = row.objective_is_quote;
    Ok(Project {
        name: Line::stored(head.name.clone()),
        alternative_names: serde_json::from_str(&row.alternative_names)?,
        kind: stored_word::<ProjectKind>(&head.kind)?,
        status: stored_word::<ProjectStatus>(&row.status)?,
        summary: row.summary.map(Markdown::stored),
        objective: row.objective_text.map(|text| Objective {
            text: Markdown::stored(text),
            is_quote,
        }),
        motivation: row.motivation.map(Markdown::stored),
        ambition: row.ambition.map(Markdown::stored),
        approach: row.approach.map(Markdown::stored),
        results: row.results.map(Markdown::stored),
        planning: row.planning.map(Markdown::stored),
        target_group: row.target_group.map(Markdown::stored),
        minimum_age: row.minimum_age.map(Age::stored),
        maximum_age: row.maximum_age.map(Age::stored),
        start: row.period.first()?,
        end: row.period.second()?,
        regions: Vec::new(),
        municipalities: Vec::new(),
        themes: Vec::new(),
        website: row.website.map(WebAddress::stored),
        contacts: serde_json::from_str(&row.contacts)?,
        related: Vec::new(),
        participants: Vec::new(),
        focus_points: from_json(&row.focus_points)?,
        milestones: Vec::new(),
        funding: Vec::new(),
    })
}

fn load_references(
    db: &mut AnyConnection,
    ids: &[&String],
    loaded: &mut HashMap<String, Project>,
) -> Result<()> {
    let regions = load_rows!(db, project_regions.region_id, ids);
    spread(loaded, regions, |project, id| {
        project.regions.push(RegionRef::to(id));
        Ok(())
    })?;
    let municipalities = load_rows!(db, project_municipalities.municipality_id, ids);
    spread(loaded, municipalities, |project, id| {
        project.municipalities.push(OrganisationRef::to(id));
        Ok(())
    })?;
    let themes = load_rows!(db, project_themes.theme_id, ids);
    spread(loaded, themes, |project, id| {
        project.themes.push(ThemeRef::to(id));
        Ok(())
    })?;
    let related = load_rows!(db, project_related, RelatedRow, ids);
    let related = related.into_iter().map(|row| (row.owner_id.clone(), row));
    spread(loaded, related, |project, row| {
        project.related.push(ProjectRelated {
            project: ProjectRef::to(row.project_id),
            kind: stored_word::<RelatedKind>(&row.kind)?,
        });
        Ok(())
    })
}

fn load_lists(
    db: &mut AnyConnection,
    ids: &[&String],
    loaded: &mut HashMap<String, Project>,
) -> Result<()> {
    let rows = load_rows!(db, project_participants, ParticipantRow, ids);
    let rows = rows.into_iter().map(|row| (row.owner_id.clone(), row));
    spread(loaded, rows, |project, mut row| {
        project.participants.push(ProjectParticipant {
            organisation: row.organisation_id.map(OrganisationRef::to),
            person: row.person_id.map(PersonRef::to),
            party_class: row.party_class.map(Line::stored),
            role: stored_word::<ParticipantRole>(&row.role)?,
            role_description: row.role_description.map(Line::stored),
            status: stored_word::<ParticipantStatus>(&row.status)?,
            signed: row.signed.date()?,
            represented_by: row.represented_by_id.map(PersonRef::to),
            start: row.dates.first()?,
            end: row.dates.second()?,
        });
        Ok(())
    })?;
    let rows = load_rows!(db, project_milestones, MilestoneRow, ids);
    let rows = rows.into_iter().map(|row| (row.owner_id.clone(), row));
    spread(loaded, rows, |project, mut row| {
        project.milestones.push(ProjectMilestone {
            kind: stored_word::<MilestoneKind>(&row.kind)?,
            title: Line::stored(row.title),
            planned: row.dates.first()?,
            actual: row.dates.second()?,
            condition: row.condition.map(Markdown::stored),
            status: stored_word::<MilestoneStatus>(&row.status)?,
            focus_point: row.focus_point.map(Line::stored),
        });
        Ok(())
    })
}

fn load_funding(
    db: &mut AnyConnection,
    ids: &[&String],
    loaded: &mut HashMap<String, Project>,
) -> Result<()> {
    let rows = load_rows!(db, project_funding, FundingRow, ids);
    let rows = rows.into_iter().map(|row| (row.owner_id.clone(), row));
    spread(loaded, rows, |project, row| {
        let currency = row.currency.unwrap_or_default();
        project.funding.push(ProjectFunding {
            funders: Vec::new(),
            recipient: row.recipient_id.map(PartyRef::to),
            instrument: stored_word::<FundingInstrument>(&row.instrument)?,
            amount: row.amount.map(|amount| Money {
                amount: Amount::stored(amount),
                currency: Currency::stored(currency),
            }),
            period: row.period.date()?,
            note: row.note.map(Markdown::stored),
        });
        Ok(())
    })?;
    let funders = load_rows!(db, project_funders, FunderRow, ids);
    let funders = funders.into_iter().map(|row| (row.owner_id.clone(), row));
    spread(loaded, funders, |project, row| {
        let nth = usize::try_from(row.funding).unwrap_or(usize::MAX);
        if let Some(funding) = project.funding.get_mut(nth) {
            funding
                .funders
                .push(OrganisationRef::to(row.organisation_id));
        }
        Ok(())
    })
}

pub(super) fn save(
    project: &Project,
    before: Option<&Project>,
    write: &mut Write<'_>,
    id: &str,
) -> Result<()> {
    let row = |project| project_row(project, id);
    save_row!(write, projects, row(project)?, before.map(row).transpose()?);
    save_references(project, before, write, id)?;
    save_lists(project, before, write, id)?;
    save_funding(project, before, write, id)
}

fn project_row(project: &Project, id: &str) -> Result<ProjectRow> {
    let text = |text: &Option<Markdown>| text.clone().map(String::from);
    let objective = project.objective.as_ref();
    Ok(ProjectRow {
        id: id.to_owned(),
        alternative_names: serde_json::to_string(&project.alternative_names)?,
        status: project.status.as_str().to_owned(),
        summary: text(&project.summary),
        objective_text: objective.map(|objective| objective.text.to_string()),
        objective_is_quote: objective.is_some_and(|objective| objective.is_quote),
        motivation: text(&project.motivation),
        ambition: text(&project.ambition),
        approach: text(&project.approach),
        results: text(&project.results),
        planning: text(&project.planning),
        target_group: text(&project.target_group),
        minimum_age: project.minimum_age.map(Age::years),
        maximum_age: project.maximum_age.map(Age::years),
        period: Period::new(project.start.as_ref(), project.end.as_ref()),
        website: project.website.clone().map(String::from),
        contacts: serde_json::to_string(&project.contacts)?,
        focus_points: serde_json::to_string(&project.focus_points)?,
    })
}

fn save_references(
    project: &Project,
    before: Option<&Project>,
    write: &mut Write<'_>,
    id: &str,
) -> Result<()> {
    let regions = |project: &Project| {
        let regions = project.regions.iter();
        regions.map(|region| region.id().to_owned()).collect()
    };
    let (now, then) = (regions(project), before.map(regions));
    replace_rows!(write, project_regions.region_id, id, now, then);
    let municipalities = |project: &Project| {
        let municipalities = project.municipalities.iter();
        municipalities.map(|one| one.id().to_owned()).collect()
    };
    let (now, then) = (municipalities(project), before.map(municipalities));
    replace_rows!(write, project_municipalities.municipality_id, id, now, then);
    let themes = |project: &Project| {
        let themes = project.themes.iter();
        themes.map(|theme| theme.id().to_owned()).collect()
    };
    replace_rows!(
        write,
        project_themes.theme_id,
        id,
        themes(project),
        before.map(themes)
    );
    let related = |project: &Project| -> Vec<RelatedRow> {
        let rows = (0..).zip(&project.related);
        rows.map(|(position, row)| RelatedRow {
            owner_id: id.to_owned(),
            position,
            project_id: row.project.id().to_owned(),
            kind: row.kind.as_str().to_owned(),
        })
        .collect()
    };
    replace_rows!(
        write,
        project_related,
        id,
        related(project),
        before.map(related)
    );
    Ok(())
}

fn save_lists(
    project: &Project,
    before: Option<&Project>,
    write: &mut Write<'_>,
    id: &str,
) -> Result<()> {
    let participants = |project: &Project| -> Vec<ParticipantRow> {
        let rows = (0..).zip(&project.participants);
        rows.map(|(position, row)| ParticipantRow {
            owner_id: id.to_owned(),
            position,
            organisation_id: row.organisation.as_ref().map(|to| to.id().to_owned()),
            person_id: row.person.as_ref().map(|to| to.id().to_owned()),
            party_class: row.party_class.clone().map(String::from),
            role: row.role.as_str().to_owned(),
            role_description: row.role_description.clone().map(String::from),
            status: row.status.as_str().to_owned(),
            signed: SignedOn::new(row.signed.as_ref()),
            represented_by_id: row.represented_by.as_ref().map(|to| to.id().to_owned()),
            dates: ParticipantDates::new(row.start.as_ref(), row.end.as_ref()),
        })
        .collect()
    };
    let (now, then) = (participants(project), before.map(participants));
    replace_rows!(write, project_participants, id, now, then);
    let milestones = |project: &Project| -> Vec<MilestoneRow> {
        let rows = (0..).zip(&project.milestones);
        rows.map(|(position, row)| MilestoneRow {
            owner_id: id.to_owned(),
            position,
            kind: row.kind.as_str().to_owned(),
            title: row.title.to_string(),
            dates: MilestoneDates::new(row.planned.as_ref(), row.actual.as_ref()),
            condition: row.condition.clone().map(String::from),
            status: row.status.as_str().to_owned(),
            focus_point: row.focus_point.clone().map(String::from),
        })
        .collect()
    };
    let (now, then) = (milestones(project), before.map(milestones));
    replace_rows!(write, project_milestones, id, now, then);
    Ok(())
}

fn save_funding(
    project: &Project,
    before: Option<&Project>,
    write: &mut Write<'_>,
    id: &str,
) -> Result<()> {
    let funding = |project: &Project| -> Vec<FundingRow> {
        let rows = (0..).zip(&project.funding);
        rows.map(|(position, row)| FundingRow {
            owner_id: id.to_owned(),
            position,
            recipient_id: row.recipient.as_ref().map(|to| to.id().to_owned()),
            instrument: row.instrument.as_str().to_owned(),
            amount: row
                .amount
                .as_ref()
                .map(|money| money.amount.as_str().into()),
            currency: row
                .amount
                .as_ref()
                .map(|money| money.currency.as_str().into()),
            period: FundingPeriod::new(row.period.as_ref()),
            note: row.note.clone().map(String::from),
        })
        .collect()
    };
    let (now, then) = (funding(project), before.map(funding));
    replace_rows!(write, project_funding, id, now, then);
    let funders = |project: &Project| -> Vec<FunderRow> {
        let all = (0..)
            .zip(&project.funding)
            .flat_map(|(funding, row)| row.funders.iter().map(move |funder| (funding, funder)));
        let rows = (0..).zip(all);
        rows.map(|(position, (funding, funder))| FunderRow {
            owner_id: id.to_owned(),
            position,
            funding,
            organisation_id: funder.id().to_owned(),
        })
        .collect()
    };
    let (now, then) = (funders(project), before.map(funders));
    replace_rows!(write, project_funders, id, now, then);
    Ok(())
}

/// The projects of which several are directly parts, each behind the part.
pub(super) fn wholes_of(db: &mut AnyConnection, ids: &[String]) -> Result<Vec<(String, String)>> {
    Ok(project_related::table
        .filter(project_related::owner_id.eq_any(ids))
        .filter(project_related::kind.eq(RelatedKind::PartOf.as_str()))
        .select((project_related::owner_id, project_related::project_id))
        .load(db)?)
}
