//! What the columns are called in Dutch, and how headers are compared.

/// The Dutch names of members, by the names that lead to them; the longest that fits counts. A test
/// checks that each column of each collection has one of its own.
const LABELS: &[(&str, &str)] = &[
    ("actual", "werkelijk"),
    ("addresses", "adres"),
    ("alternativeLabels", "andere termen"),
    ("alternativeNames", "andere namen"),
    ("ambition", "ambitie"),
    ("amount.amount", "bedrag"),
    ("amount.currency", "valuta"),
    ("approach", "aanpak"),
    ("area", "gebied"),
    ("biography", "biografie"),
    ("broader", "ruimer thema"),
    ("city", "plaats"),
    ("condition", "voorwaarde"),
    ("contacts", "contact"),
    ("contacts.label", "contact: waarvoor"),
    ("contacts.value", "contact: adres of nummer"),
    ("createdAt", "gemaakt op"),
    ("definition", "definitie"),
    ("denomination", "richting"),
    ("description", "beschrijving"),
    ("displayName", "volledige naam"),
    ("dissolved", "opgeheven"),
    ("durationText", "duur in woorden"),
    ("end", "einde"),
    ("exactMatch", "zelfde begrip elders"),
    ("focusPoint", "speerpunt"),
    ("focusPoints", "speerpunt"),
    ("founded", "opgericht"),
    ("funders", "financiers"),
    ("funding", "financiering"),
    ("houseNumber", "huisnummer"),
    ("id", "id"),
    ("identifiers", "code"),
    ("identifiers.scheme", "code: schema"),
    ("inferred", "afgeleid omdat"),
    ("instrument", "vorm"),
    ("isContact", "aanspreekpunt"),
    ("isErased", "gewist"),
    ("isFunctional", "functioneel"),
    ("isPlaceholder", "plaatshouder"),
    ("kind", "soort"),
    ("label", "term"),
    ("latitude", "breedtegraad"),
    ("localAccess", "toegang tot jeugdhulp"),
    ("localAccessNote", "toelichting op de toegang"),
    ("longitude", "lengtegraad"),
    ("maximumAge", "leeftijd tot"),
    ("milestones", "mijlpaal"),
    ("minimumAge", "leeftijd vanaf"),
    ("motivation", "aanleiding"),
    ("municipalities", "gemeenten"),
    ("municipalities.organisation", "gemeente"),
    ("name", "naam"),
    ("name.family", "achternaam"),
    ("name.given", "voornaam"),
    ("name.honorific", "aanspreektitel"),
    ("name.prefix", "tussenvoegsel"),
    ("networks", "netwerk"),
    ("note", "toelichting"),
    ("objective.isQuote", "doel is citaat"),
    ("objective.text", "doel"),
    ("organisation", "organisatie"),
    ("parents", "valt onder"),
    ("participants", "deelnemer"),
    ("partners", "partner"),
    ("partyClass", "groep van partijen"),
    ("period", "periode"),
    ("person", "persoon"),
    ("planned", "gepland"),
    ("planning", "planning"),
    ("postcode", "postcode"),
    ("postcodes", "postcodes"),
    ("project", "project"),
    ("publicationBasis", "grond voor publicatie"),
    ("publisher", "uitgever"),
    ("quote", "citaat"),
    ("recipient", "ontvanger"),
    ("recipient.type", "soort ontvanger"),
    ("region", "regio"),
    ("regions", "regio's"),
    ("related", "verwant project"),
    ("related.project", "verwant project"),
    ("representedBy", "vertegenwoordigd door"),
    ("results", "resultaten"),
    ("retainUntil", "bewaren tot en met"),
    ("retrievedOn", "geraadpleegd op"),
    ("role", "rol"),
    ("roleDescription", "rol in eigen woorden"),
    ("roles", "rol"),
    ("sectors", "onderwijssectoren"),
    ("serviceArea", "werkgebied"),
    ("signed", "ondertekend"),
    ("slug", "slug"),
    ("sortName", "sorteernaam"),
    ("sources", "bron"),
    ("start", "begin"),
    ("status", "status"),
    ("steward", "bronhouder"),
    ("street", "straat"),
    ("summary", "samenvatting"),
    ("targetGroup", "doelgroep"),
    ("text", "in woorden"),
    ("themes", "thema's"),
    ("title", "titel"),
    ("topic", "onderwerp"),
    ("updatedAt", "gewijzigd op"),
    ("url", "webadres"),
    ("validUntil", "geldig tot en met"),
    ("value", "waarde"),
    ("verifiedOn", "gecontroleerd op"),
    ("version", "versie"),
    ("visibility", "zichtbaarheid"),
    ("website", "website"),
];

/// Other headers that people give to columns.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("aanvang", "start"),
    ("begindatum", "start"),
    ("einddatum", "end"),
    ("e-mail", "contacts.email"),
    ("e-mailadres", "contacts.email"),
    ("email", "contacts.email"),
    ("omschrijving", "description"),
    ("plaatsnaam", "addresses.city"),
    ("postcode", "addresses.postcode"),
    ("startdatum", "start"),
    ("straat", "addresses.street"),
    ("huisnummer", "addresses.houseNumber"),
    ("plaats", "addresses.city"),
    ("telefoon", "contacts.phone"),
    ("telefoonnummer", "contacts.phone"),
    ("type", "kind"),
];

/// The Dutch header of a column: the names on the way to it, with colons between.
pub fn label(path: &[String]) -> Option<String> {
    let mut words: Vec<&str> = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (length, word) = (1..=rest.len()).rev().find_map(|length| {
            let dotted = rest[..length].join(".");
            let found = LABELS.iter().find(|(name, _)| *name == dotted);
            found.map(|(_, word)| (length, *word))
        })?;
        words.push(word);
        rest = &rest[length..];
    }
    let label = words.join(": ");
    let mut letters = label.chars();
    let first = letters.next()?;
    Some(first.to_uppercase().chain(letters).collect())
}

/// A header as it is compared: its letters and digits, without accents and capitals.
pub fn folded(header: &str) -> String {
    deunicode::deunicode(header)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}
