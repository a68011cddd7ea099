//! The template as a workbook.

use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, Format, FormatAlign, Formula, Workbook, Worksheet,
    XlsxError,
};

use super::{allowed, example, examples, fields, header, word};
use crate::exchange::flat::ColumnNames;
use crate::exchange::flat::columns::{Columns, Field, Kind};
use crate::exchange::table::properties;

/// The last row that has drop-down lists.
const ROWS: u32 = 9_999;

/// How wide columns are, in characters.
const WIDTH: f64 = 22.0;

/// Writes the workbook.
///
/// # Errors
/// When it cannot be written, which is a defect.
pub(super) fn write(columns: &'static Columns, naming: ColumnNames) -> Result<Vec<u8>, XlsxError> {
    let words = match naming {
        ColumnNames::Dutch => ["Uitleg", "Lijsten"],
        ColumnNames::Paths => ["Explanation", "Lists"],
    };
    let mut book = Workbook::new();
    book.set_properties(&properties()?);
    let bold = Format::new().set_bold();

    let sheet = book.add_worksheet();
    sheet.set_name(columns.naming.plural)?;
    sheet.set_freeze_panes(1, 0)?;
    // A code keeps its zeros in front, and `12-2024` does not become a day.
    let text = Format::new().set_num_format("@");
    let shown = Format::new().set_italic();
    let mut lists: Vec<Vec<&'static str>> = Vec::new();
    let all = fields(columns).zip(examples(columns, naming));
    for (at, (field, example)) in (0..).zip(all) {
        sheet.set_column_width(at, WIDTH)?;
        let mut shown = shown.clone();
        if matches!(
            field.kind,
            Kind::Line | Kind::Date | Kind::Reference | Kind::Link
        ) {
            sheet.set_column_format(at, &text)?;
            shown = shown.set_num_format("@");
        }
        sheet.write_string_with_format(1, at, example, &shown)?;
        sheet.write_with_format(0, at, header(field, naming), &bold)?;
        if let Some(list) = list_of(field, naming) {
            let nth = lists.iter().position(|one| *one == list);
            let nth = nth.unwrap_or_else(|| {
                lists.push(list.clone());
                lists.len() - 1
            });
            let validation = drop_down(words[1], nth, list.len(), naming)?;
            sheet.add_data_validation(1, at, ROWS, at, &validation)?;
        }
    }

    explain(
        book.add_worksheet().set_name(words[0])?,
        columns,
        naming,
        &bold,
    )?;

    let sheet = book.add_worksheet();
    sheet.set_name(words[1])?;
    for (at, list) in (0..).zip(&lists) {
        for (row, word) in (0..).zip(list) {
            sheet.write(row, at, *word)?;
        }
    }
    book.save_to_buffer()
}

/// The words that can be chosen in a column with one value.
fn list_of(field: &Field, naming: ColumnNames) -> Option<Vec<&'static str>> {
    match field.kind {
        _ if field.inner > 0 => None,
        Kind::Word(words) => Some(words.terms.iter().map(|term| word(term, naming)).collect()),
        Kind::YesNo => Some(match naming {
            ColumnNames::Dutch => vec!["ja", "nee"],
            ColumnNames::Paths => vec!["true", "false"],
        }),
        _ => None,
    }
}

fn drop_down(
    sheet: &str,
    nth: usize,
    count: usize,
    naming: ColumnNames,
) -> Result<DataValidation, XlsxError> {
    let column = rust_xlsxwriter::utility::column_number_to_name(u16::try_from(nth).unwrap_or(0));
    let range = Formula::new(format!("={sheet}!${column}$1:${column}${count}"));
    let message = match naming {
        ColumnNames::Dutch => "Kies een waarde uit de lijst.",
        ColumnNames::Paths => "Choose a value from the list.",
    };
    DataValidation::new()
        .allow_list_formula(range)
        .set_error_style(DataValidationErrorStyle::Warning)
        .set_error_message(message)
}

/// What each column means, with an example.
fn explain(
    sheet: &mut Worksheet,
    columns: &'static Columns,
    naming: ColumnNames,
    bold: &Format,
) -> Result<(), XlsxError> {
    let heads = match naming {
        ColumnNames::Dutch => [
            "Kolom",
            "Pad",
            "Wat (in het Engels)",
            "Verplicht",
            "Toegestaan",
            "Voorbeeld",
        ],
        ColumnNames::Paths => ["Column", "Dutch", "What", "Required", "Allowed", "Example"],
    };
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet.set_freeze_panes(1, 0)?;
    for (at, (head, width)) in
        (0..).zip(heads.into_iter().zip([34.0, 30.0, 60.0, 10.0, 60.0, 30.0]))
    {
        sheet.set_column_width(at, width)?;
        sheet.write_with_format(0, at, head, bold)?;
    }
    for (row, field) in (1..).zip(fields(columns)) {
        let other = match naming {
            ColumnNames::Dutch => field.dotted(),
            ColumnNames::Paths => field.label(),
        };
        let required = match (field.needed, field.required, naming) {
            (true, _, ColumnNames::Dutch) => "ja",
            (true, _, ColumnNames::Paths) => "yes",
            (false, true, ColumnNames::Dutch) => "bij de rest",
            (false, true, ColumnNames::Paths) => "with the rest",
            (false, false, _) => "",
        };
        let texts = [
            header(field, naming),
            other,
            field.description.replace('\n', " "),
            required.to_owned(),
            allowed(field, naming),
            example(field, naming),
        ];
        for (at, text) in (0..).zip(texts) {
            sheet.write_string_with_format(row, at, text, &wrapped)?;
        }
    }
    Ok(())
}
