//! How the place of a hit came about, for administrators.

use serde_json::{Value, json};
use tantivy::collector::DocSetCollector;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, Searcher, Term};

use super::ask::Found;
use super::fields::{Fields, SEARCHED, Searched};
use super::hits::SearchHit;
use super::index::View;
use super::statistics::Statistics;
use super::{Eyes, Search};
use crate::register::{Caller, Result};

/// Adds to each hit its score, and for each word that was looked for where it stands in the
/// document, how often, and in how many documents it stands there.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn explain(
    search: &Search,
    view: &View,
    caller: &Caller,
    found: &Found,
    hits: &mut [SearchHit<'_>],
) -> Result<()> {
    let (fields, eyes, searcher) = (&search.0.fields, Eyes::of(caller), &view.searcher);
    let statistics = Statistics::new(view, fields, &eyes)?;
    for hit in hits {
        let place = found.ids.iter().position(|id| id == hit.id);
        let score = place.and_then(|place| found.scores.get(place));
        let itself = TermQuery::new(fields.id_term(hit.id), IndexRecordOption::Basic);
        let mut words: Vec<Value> = Vec::new();
        for address in searcher.search(&itself, &DocSetCollector)? {
            for stem in &found.stems {
                words.extend(of_word(
                    searcher,
                    fields,
                    &eyes,
                    &statistics,
                    address,
                    stem,
                )?);
            }
        }
        hit.explanation = Some(json!({"score": score, "words": words}));
    }
    Ok(())
}

fn of_word(
    searcher: &Searcher,
    fields: &Fields,
    eyes: &Eyes,
    statistics: &Statistics<'_>,
    address: DocAddress,
    stem: &str,
) -> tantivy::Result<Vec<Value>> {
    let mut places = Vec::new();
    for Searched { name, of, .. } in &SEARCHED {
        let mut frequency = 0;
        for layer in eyes.layers() {
            let term = Term::from_field_text(of(fields.of(*layer)), stem);
            frequency = count(searcher, address, &term)?.max(frequency);
        }
        if frequency > 0 {
            let documents = statistics.frequency(*of, stem)?;
            places.push(json!({
                "word": stem, "in": name, "frequency": frequency, "documents": documents,
            }));
        }
    }
    Ok(places)
}

/// How often a term stands in a document.
fn count(searcher: &Searcher, address: DocAddress, term: &Term) -> tantivy::Result<u32> {
    let segment = searcher.segment_reader(address.segment_ord);
    let index = segment.inverted_index(term.field())?;
    let Some(mut postings) = index.read_postings(term, IndexRecordOption::WithFreqs)? else {
        return Ok(0);
    };
    // Seeking back is not possible, and not needed: what begins behind it has it not.
    let here = postings.doc() <= address.doc_id && postings.seek(address.doc_id) == address.doc_id;
    Ok(if here {
        tantivy::postings::Postings::term_freq(&postings)
    } else {
        0
    })
}
