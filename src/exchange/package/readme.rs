//! The page that explains a package to people.

use std::fmt::Write as _;

use super::{About, Contents, DOCUMENTS};

/// The page, in Dutch and in English.
pub(super) fn of(contents: &Contents, about: &About) -> String {
    let mut counts = String::new();
    for (plan, gathered) in &contents.tables {
        // Writing to a text cannot fail.
        let _ = writeln!(counts, "| `{}` | {} |", plan.path(), gathered.rows);
    }
    let _ = writeln!(counts, "| `{DOCUMENTS}` | {} |", contents.documents.rows);
    let changed = contents.changed.as_deref().unwrap_or("-");
    let About { url, licence, .. } = about;
    let position = contents.position;
    let (what, what_english) = if about.is_public {
        (
            "alles wat iedereen mag lezen",
            "everything that everyone may read",
        )
    } else {
        (
            "alles wat de houder van de gebruikte sleutel mag lezen, ook wat niet openbaar is: deel dit bestand niet verder dan dat mag",
            "everything that the holder of the key may read, also what is not public: do not pass it on further than that allows",
        )
    };
    // typos:off
    format!(
        "# Register Schakel

Dit pakket bevat {what}.

- Herkomst: {url}
- Stand: positie {position} van het wijzigingenlogboek, laatste wijziging {changed}
- Licentie van de gegevens: {licence}

`datapackage.json` beschrijft elke tabel en elke kolom (https://datapackage.org/). Elke collectie heeft een tabel met één
rij per document, en een tabel voor elk van haar lijsten, met in `id` het document waar de rij bij hoort. Verwijzingen
naar andere documenten zijn hun `id`. Kolommen op `Name`, `Label` en `Text` zijn er voor lezers. Datums zijn zo precies als
ze bekend zijn (EDTF: `2024-12`, `2014-23`). Waarden in één cel hebben `; ` ertussen, met een backslash voor een puntkomma
die bij de waarde hoort. Tekst die een rekenblad voor een formule zou houden, heeft een apostrof ervoor: die hoort niet
bij de waarde. `{DOCUMENTS}` heeft elk document zoals de API het geeft; `schakel import` leest het terug.

# The Schakel register

This package holds {what_english}.

- From: {url}
- State: position {position} of the change log, last change {changed}
- Licence of the data: {licence}

`datapackage.json` describes each table and each column. Each collection has a table with a row a document, and a table
for each of its lists, with the document of a row in `id`. References to other documents are their `id`. Columns that end
with `Name`, `Label` and `Text` are for readers. Dates are as precise as they are known (EDTF). Values in one cell have
`; ` between them, with a backslash in front of a semicolon that belongs to a value. Text that a spreadsheet would take
for a formula has an apostrophe in front, which is not part of the value. `{DOCUMENTS}` has each document as the API
gives it; `schakel import` takes it back.

| Bestand / File | Rijen / Rows |
|---|--:|
{counts}"
    )
    // typos:on
}
