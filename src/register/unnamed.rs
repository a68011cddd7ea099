//! The text of a document that was written before it is known what the documents are called to which it
//! refers: an import writes them in any order, and logs them once all are in.

use std::collections::HashMap;

use super::document::{Document, Record};
use super::error::Result;
use super::heads;
use super::refs::Shown;
use crate::store::AnyConnection;

/// Stands where a slug or a name will be.
const HOLE: &str = "\0";

/// How a reference ends in which both are holes. No text in a document can look so: its quotes are
/// escaped.
const HOLES: &str = r#"","slug":"\u0000","name":"\u0000"}"#;

/// How long an id is, which stands in front of that.
const ID: usize = 36;

/// The text of a document but for the slugs and names in its references.
#[derive(Clone, Debug)]
pub struct Unnamed(String);

impl Unnamed {
    /// That of a document, whose references do not tell a name any more then.
    ///
    /// # Errors
    /// As for [`Record::to_text`].
    pub(super) fn of<T: Document>(record: &mut Record<T>) -> Result<Self> {
        record.links(&mut |link| {
            HOLE.clone_into(&mut link.target.slug);
            HOLE.clone_into(&mut link.target.name);
        });
        Ok(Self(record.to_text()?))
    }

    /// The text, to keep it until the names are known.
    pub fn into_text(self) -> String {
        self.0
    }

    /// The same from a text that was kept.
    pub fn from_text(text: String) -> Self {
        Self(text)
    }

    /// The ids of the documents to which it refers, with the places behind them.
    fn holes(&self) -> impl Iterator<Item = (usize, &str)> {
        let ends = self.0.match_indices(HOLES);
        ends.filter_map(|(end, _)| Some((end, self.0.get(end.checked_sub(ID)?..end)?)))
    }

    fn named(&self, names: &HashMap<String, Shown>) -> Result<String> {
        let mut text = String::with_capacity(self.0.len() + self.0.len() / 2);
        let (mut done, nobody) = (0, Shown::default());
        for (end, id) in self.holes() {
            let Shown { slug, name, .. } = names.get(id).unwrap_or(&nobody);
            text.push_str(&self.0[done..end]);
            text.push_str(r#"","slug":"#);
            text.push_str(&serde_json::to_string(slug)?);
            text.push_str(r#","name":"#);
            text.push_str(&serde_json::to_string(name)?);
            text.push('}');
            done = end + HOLES.len();
        }
        text.push_str(&self.0[done..]);
        Ok(text)
    }
}

/// The texts of documents with the slugs and names that those to which they refer have now.
///
/// # Errors
/// When the database cannot be asked.
pub(super) fn named(db: &mut AnyConnection, texts: &[Unnamed]) -> Result<Vec<String>> {
    let ids = texts.iter().flat_map(Unnamed::holes);
    let names = heads::shown_by_id(db, ids.map(|(_, id)| id.to_owned()).collect())?;
    texts.iter().map(|text| text.named(&names)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::{Value, json};

    use super::{HOLE, Unnamed};
    use crate::register::refs::Shown;

    #[test]
    fn only_references_get_names() {
        const ID: &str = "01a2014e-cb0d-7412-b28b-f37f4704e5bf";
        let look_alike = format!(r#"{{"id":"{ID}","slug":"\u0000","name":"\u0000"}} \0"#);
        let document = |slug: &str, name: &str| {
            json!({
                "name": look_alike, "lead": {"id": ID, "slug": slug, "name": name},
                "parties": [{"type": "region", "id": ID, "slug": slug, "name": name}, {"id": ID}],
                "end": "\0",
            })
        };
        let unnamed = Unnamed::from_text(document(HOLE, HOLE).to_string());
        let ids: Vec<&str> = unnamed.holes().map(|(_, id)| id).collect();
        assert_eq!(ids, [ID, ID]);
        let name = "Één \"loket\"\\";
        let shown = Shown {
            slug: "een-loket".into(),
            name: name.into(),
            ..Shown::default()
        };
        let named = unnamed.named(&HashMap::from([(ID.to_owned(), shown)]));
        let named: Option<Value> = named.ok().and_then(|text| serde_json::from_str(&text).ok());
        assert_eq!(named, Some(document("een-loket", name)));
    }
}
