//! By what documents are counted.

use super::vocabulary::vocabulary;

vocabulary! {
    /// By what documents are counted. A document with several values counts for each of them.
    pub enum Dimension in "dimensions" {
        Type = "type", "Soort document", "Type of document";
        Kind = "kind", "Soort", "Kind";
        Status = "status", "Status", "Status";
        Region = "region", "Regio", "Region";
        Municipality = "municipality", "Gemeente", "Municipality";
        Theme = "theme", "Thema", "Theme";
        Sector = "sector", "Sector", "Sector";
        OrganisationKind = "organisationKind", "Soort organisatie", "Kind of organisation";
        StartYear = "startYear", "Beginjaar", "Year of start";
    }
}

impl Dimension {
    /// Whether its values are documents rather than words.
    pub fn refers(self) -> bool {
        matches!(self, Self::Region | Self::Municipality | Self::Theme)
    }
}

/// The years of days (`YYYY-MM-DD`), for documents by id.
pub fn years(days: Vec<(String, Option<String>)>) -> Vec<(String, String)> {
    let year = |day: String| day.split('-').next().unwrap_or_default().to_owned();
    days.into_iter()
        .filter_map(|(id, day)| Some((id, year(day?))))
        .collect()
}
