//! The vocabularies of projects.

use crate::register::vocabulary::vocabulary;

vocabulary! {
    /// What kind of initiative it is.
    pub enum ProjectKind in "project-kinds" {
        Project = "project", "Project", "Project";
        Pilot = "pilot", "Proef", "Pilot";
        Programme = "programme", "Programma", "Programme";
        Declaration = "declaration", "Verklaring", "Declaration";
        Agenda = "agenda", "Agenda", "Agenda";
        Arrangement = "arrangement", "Arrangement", "Arrangement";
    }
}

vocabulary! {
    /// How far a project, or a part of it, is.
    pub enum ProjectStatus in "project-statuses" {
        Announced = "announced", "Aangekondigd", "Announced";
        Planned = "planned", "Gepland", "Planned";
        Active = "active", "Loopt", "Active";
        Paused = "paused", "Gepauzeerd", "Paused";
        Completed = "completed", "Afgerond", "Completed";
        Stopped = "stopped", "Gestopt", "Stopped";
        Unknown = "unknown", "Onbekend", "Unknown";
    }
}

vocabulary! {
    /// What a participant is to a project.
    pub enum ParticipantRole in "participant-roles" {
        Initiator = "initiator", "Initiatiefnemer", "Initiator";
        Lead = "lead", "Trekker", "Lead";
        Partner = "partner", "Partner", "Partner";
        Signatory = "signatory", "Ondertekenaar", "Signatory";
        Endorser = "endorser", "Onderschrijver", "Endorser";
        Funder = "funder", "Financier", "Funder";
        Executor = "executor", "Uitvoerder", "Executor";
        Evaluator = "evaluator", "Evaluator", "Evaluator";
        IntendedPartner = "intended_partner", "Beoogd partner", "Intended partner";
        Other = "other", "Anders", "Other";
    }
}

vocabulary! {
    /// How certain it is that a participant takes part.
    pub enum ParticipantStatus in "participant-statuses" {
        Intended = "intended", "Beoogd", "Intended";
        Confirmed = "confirmed", "Bevestigd", "Confirmed";
        Withdrawn = "withdrawn", "Teruggetrokken", "Withdrawn";
    }
}

vocabulary! {
    /// What one project is to another.
    pub enum RelatedKind in "related-kinds" {
        PartOf = "part_of", "Onderdeel van", "Part of";
        SuccessorOf = "successor_of", "Opvolger van", "Successor of";
        Implements = "implements", "Uitwerking van", "Implements";
        Related = "related", "Verwant", "Related";
    }
}

vocabulary! {
    /// What kind of point it is.
    pub enum FocusPointKind in "focus-point-kinds" {
        FocusPoint = "focus_point", "Speerpunt", "Focus point";
        ProgrammeLine = "programme_line", "Programmalijn", "Programme line";
        Goal = "goal", "Doel", "Goal";
        Reason = "reason", "Aanleiding", "Reason";
        Question = "question", "Vraag", "Question";
        SuccessCriterion = "success_criterion", "Succescriterium", "Success criterion";
        ScopeTopic = "scope_topic", "Onderwerp", "Topic in scope";
    }
}

vocabulary! {
    /// What kind of moment it is.
    pub enum MilestoneKind in "milestone-kinds" {
        Start = "start", "Start", "Start";
        Delivery = "delivery", "Oplevering", "Delivery";
        Signing = "signing", "Ondertekening", "Signing";
        Kickoff = "kickoff", "Startbijeenkomst", "Kick-off";
        Evaluation = "evaluation", "Evaluatie", "Evaluation";
        Legal = "legal", "Wettelijke datum", "Legal date";
        Other = "other", "Anders", "Other";
    }
}

vocabulary! {
    /// How far a milestone is.
    pub enum MilestoneStatus in "milestone-statuses" {
        Planned = "planned", "Gepland", "Planned";
        Done = "done", "Gehaald", "Done";
        Missed = "missed", "Niet gehaald", "Missed";
        Cancelled = "cancelled", "Vervallen", "Cancelled";
    }
}

vocabulary! {
    /// How money is given.
    pub enum FundingInstrument in "funding-instruments" {
        Subsidy = "subsidy", "Subsidie", "Subsidy";
        OwnBudget = "own_budget", "Eigen middelen", "Own budget";
        Other = "other", "Anders", "Other";
    }
}
