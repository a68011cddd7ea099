//! The fields of the index, and a document in them.

use std::collections::BTreeSet;

use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, Schema, SchemaBuilder, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{DocAddress, Searcher, TantivyDocument, TantivyError, Term};

use super::entry::{Entry, Layer, Seen};
use super::passages::Weight;
use super::words;
use super::words::names::{Name, ends};
use super::words::near::is_comparable;

/// Goes up when the fields or what stands in them change, or when earlier versions may have left an
/// index wrong: it is then built anew, as it is when the analysis of words changes.
const LAYOUT: u32 = 4;

/// What an index must have been built with to be of use.
pub(super) fn version() -> String {
    format!("{LAYOUT}.{}", words::VERSION)
}

/// The fields of a layer. Each layer has its own, so that how often a word occurs in what is
/// hidden cannot be felt in what is not.
#[derive(Clone, Copy, Debug)]
pub(super) struct LayerFields {
    /// Says whether the document has this layer.
    pub(super) here: Field,
    /// The words of its names.
    pub(super) name: Field,
    /// The words of its texts.
    pub(super) text: Field,
    /// The words of the names of what it refers to.
    pub(super) near: Field,
    /// The parts of compounds in its names.
    pub(super) name_parts: Field,
    /// The parts of compounds elsewhere.
    pub(super) parts: Field,
    /// All its words, and the parts of its compounds, as they are written: where those are found that
    /// are a typo away.
    pub(super) written: Field,
    /// The words of its names as they are written.
    pub(super) word: Field,
    /// Its names as a whole, without spaces.
    pub(super) whole: Field,
    /// The same without a word before it that says what it names.
    pub(super) bare: Field,
    /// Its names from each of their words on, without spaces.
    pub(super) ends: Field,
    /// The ids of the documents to which it refers.
    pub(super) references: Field,
    /// The ids of its regions.
    pub(super) region: Field,
    /// The ids of its themes.
    pub(super) theme: Field,
}

/// A field in which words are looked for, in whichever layer.
pub(super) struct Searched {
    /// What it is called, for administrators.
    pub(super) name: &'static str,
    /// The field of a layer.
    pub(super) of: fn(&LayerFields) -> Field,
    /// What a word counts for there.
    pub(super) weight: f32,
    /// How many words it is taken to have on average: a fixed number, so that a score depends on
    /// its document and on how rare the words are, and on nothing else.
    pub(super) average: u32,
}

/// The fields in which words are looked for. A word in a name says most about a document, a part of
/// a compound in a text least.
pub(super) const SEARCHED: [Searched; 5] = [
    Searched {
        name: "name",
        of: |layer| layer.name,
        weight: 4.0,
        average: 5,
    },
    Searched {
        name: "text",
        of: |layer| layer.text,
        weight: 1.0,
        average: 150,
    },
    Searched {
        name: "near",
        of: |layer| layer.near,
        weight: 0.6,
        average: 25,
    },
    Searched {
        name: "nameParts",
        of: |layer| layer.name_parts,
        weight: 1.5,
        average: 5,
    },
    Searched {
        name: "parts",
        of: |layer| layer.parts,
        weight: 0.3,
        average: 40,
    },
];

/// Those of them that know the places of words: names, texts, and names of others.
pub(super) const POSITIONED: usize = 3;

/// The fields of the index.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    /// The id, to find it by.
    pub(super) id: Field,
    /// The id as two numbers, to sort and compare by.
    pub(super) high: Field,
    pub(super) low: Field,
    /// The ids of what it depends on.
    pub(super) depends: Field,
    /// The path segment of its collection.
    pub(super) type_: Field,
    pub(super) kind: Field,
    pub(super) status: Field,
    pub(super) year: Field,
    pub(super) steward: Field,
    pub(super) name_key: Field,
    pub(super) start_key: Field,
    pub(super) created_at: Field,
    pub(super) updated_at: Field,
    pub(super) fingerprint: Field,
    layers: [LayerFields; 3],
}

/// The prefix of the names of a layer's fields.
fn prefix(layer: Layer) -> &'static str {
    match layer {
        Layer::Public => "public",
        Layer::Steward => "steward",
        Layer::All => "all",
    }
}

/// Words with their positions, cut up by us.
fn positioned() -> TextOptions {
    indexed(IndexRecordOption::WithFreqsAndPositions, true)
}

/// Words whose places do not matter.
fn counted() -> TextOptions {
    indexed(IndexRecordOption::WithFreqs, true)
}

/// Exact values.
fn exact() -> TextOptions {
    indexed(IndexRecordOption::Basic, false)
}

fn indexed(record: IndexRecordOption, lengths: bool) -> TextOptions {
    let indexing = TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_index_option(record)
        .set_fieldnorms(lengths);
    TextOptions::default().set_indexing_options(indexing)
}

/// Values to sort and count by.
fn column() -> TextOptions {
    TextOptions::default().set_fast("raw")
}

impl Fields {
    /// The fields and their schema.
    pub(super) fn new() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let number = || NumericOptions::default().set_fast();
        let fields = Self {
            id: schema.add_text_field("id", exact()),
            high: schema.add_u64_field("high", number()),
            low: schema.add_u64_field("low", number()),
            depends: schema.add_text_field("depends", exact()),
            type_: schema.add_text_field("type", exact().set_fast("raw")),
            kind: schema.add_text_field("kind", column()),
            status: schema.add_text_field("status", column()),
            year: schema.add_text_field("year", column()),
            steward: schema.add_text_field("steward", exact().set_fast("raw")),
            name_key: schema.add_text_field("nameKey", column()),
            start_key: schema.add_text_field("startKey", column()),
            created_at: schema.add_i64_field("createdAt", number()),
            updated_at: schema.add_i64_field("updatedAt", number()),
            fingerprint: schema.add_u64_field("fingerprint", number()),
            layers: Layer::EACH.map(|layer| LayerFields::new(&mut schema, layer)),
        };
        (schema.build(), fields)
    }

    /// The fields of a layer.
    pub(super) fn of(&self, layer: Layer) -> &LayerFields {
        let [public, steward, all] = &self.layers;
        match layer {
            Layer::Public => public,
            Layer::Steward => steward,
            Layer::All => all,
        }
    }

    /// The term by which a document is found.
    pub(super) fn id_term(&self, id: &str) -> Term {
        Term::from_field_text(self.id, id)
    }

    /// A document for the index.
    pub(super) fn document(&self, entry: &Entry, type_: &str) -> TantivyDocument {
        let head = &entry.head;
        let mut document = TantivyDocument::new();
        let (high, low) = halves(&head.id);
        document.add_text(self.id, &head.id);
        document.add_u64(self.high, high);
        document.add_u64(self.low, low);
        document.add_text(self.type_, type_);
        if !head.kind.is_empty() {
            document.add_text(self.kind, &head.kind);
        }
        if let Some(steward) = &head.steward_id {
            document.add_text(self.steward, steward);
        }
        document.add_text(self.name_key, &head.name_key);
        document.add_text(self.start_key, &head.start_key);
        document.add_i64(self.created_at, head.created_at.micros());
        document.add_i64(self.updated_at, head.updated_at.micros());
        document.add_u64(self.fingerprint, entry.fingerprint());
        let mut add = |field, values: &mut dyn Iterator<Item = &String>| {
            for value in values {
                document.add_text(field, value);
            }
        };
        add(self.status, &mut entry.status.iter());
        add(self.year, &mut entry.years.iter());
        add(self.depends, &mut entry.depends.iter());
        for (layer, seen) in &entry.layers {
            let fields = self.of(*layer);
            add(fields.references, &mut seen.references.iter());
            add(fields.region, &mut seen.regions.iter());
            add(fields.theme, &mut seen.themes.iter());
        }
        for (layer, seen) in &entry.layers {
            self.of(*layer).add_words(&mut document, seen);
        }
        document
    }
}

impl LayerFields {
    fn new(schema: &mut SchemaBuilder, layer: Layer) -> Self {
        let name = |field: &str| format!("{}_{field}", prefix(layer));
        Self {
            here: schema.add_u64_field(
                &name("here"),
                NumericOptions::default().set_fast().set_indexed(),
            ),
            name: schema.add_text_field(&name("name"), positioned()),
            text: schema.add_text_field(&name("text"), positioned()),
            near: schema.add_text_field(&name("near"), positioned()),
            name_parts: schema.add_text_field(&name("nameParts"), counted()),
            parts: schema.add_text_field(&name("parts"), counted()),
            written: schema.add_text_field(&name("written"), exact()),
            word: schema.add_text_field(&name("word"), exact()),
            whole: schema.add_text_field(&name("whole"), exact()),
            bare: schema.add_text_field(&name("bare"), exact()),
            ends: schema.add_text_field(&name("ends"), exact()),
            references: schema.add_text_field(&name("references"), exact()),
            region: schema.add_text_field(&name("region"), column()),
            theme: schema.add_text_field(&name("theme"), column()),
        }
    }

    /// The name of a field, for its column.
    pub(super) fn column(layer: Layer, field: &str) -> String {
        format!("{}_{field}", prefix(layer))
    }

    fn add_words(&self, document: &mut TantivyDocument, seen: &Seen) {
        document.add_u64(self.here, 1);
        let (mut of_names, mut of_others) = (Vec::new(), Vec::new());
        let mut written: BTreeSet<String> = BTreeSet::new();
        for passage in &seen.passages {
            let words = words::words(&passage.text);
            let parts = match passage.weight {
                Weight::Name => &mut of_names,
                Weight::Text | Weight::Near => &mut of_others,
            };
            let field = match passage.weight {
                Weight::Name => self.name,
                Weight::Text => self.text,
                Weight::Near => self.near,
            };
            if passage.weight == Weight::Name {
                for word in words.iter().filter(|word| !word.joined) {
                    document.add_text(self.word, &word.folded);
                }
                let Name { whole, bare } = Name::of(&passage.text);
                document.add_text(self.whole, whole);
                document.add_text(self.bare, bare);
                for end in ends(&passage.text) {
                    document.add_text(self.ends, end);
                }
            }
            let mut tokens = Vec::with_capacity(words.len());
            for word in words {
                for part in &word.parts {
                    let folded = part.folded(&word, &passage.text);
                    if is_comparable(&folded) && !written.contains(&*folded) {
                        written.insert(folded.into_owned());
                    }
                }
                for part in word.parts {
                    let position = parts.len();
                    parts.push(token(part.stem, position));
                }
                tokens.push(token(word.stem, word.position as usize));
                if is_comparable(&word.folded) {
                    written.insert(word.folded);
                }
            }
            document.add_pre_tokenized_text(field, cut(tokens));
        }
        let written = written.into_iter().enumerate();
        let written = written.map(|(nth, word)| token(word, nth)).collect();
        let others = [
            (self.name_parts, of_names),
            (self.parts, of_others),
            (self.written, written),
        ];
        for (field, parts) in others {
            if !parts.is_empty() {
                document.add_pre_tokenized_text(field, cut(parts));
            }
        }
    }
}

/// Highlighting goes by the text itself, so the index needs no places in it.
fn token(text: String, position: usize) -> Token {
    Token {
        offset_from: 0,
        offset_to: 0,
        position,
        text,
        position_length: 1,
    }
}

fn cut(tokens: Vec<Token>) -> PreTokenizedString {
    PreTokenizedString {
        text: String::new(),
        tokens,
    }
}

/// A UUID as two numbers, that sort as its text does.
pub(super) fn halves(id: &str) -> (u64, u64) {
    id.parse::<uuid::Uuid>().unwrap_or_default().as_u64_pair()
}

/// The UUID of two numbers, as the register writes it.
pub(super) fn id_of(high: u64, low: u64) -> String {
    uuid::Uuid::from_u64_pair(high, low).to_string()
}

/// The id of a document in an index, as two numbers; nothing for one that has none, which would be a
/// defect.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn numbers_of(
    searcher: &Searcher,
    address: DocAddress,
) -> tantivy::Result<Option<(u64, u64)>> {
    let columns = searcher.segment_reader(address.segment_ord).fast_fields();
    let half = |name| Ok::<_, TantivyError>(columns.u64(name)?.first(address.doc_id));
    Ok(half("high")?.zip(half("low")?))
}
