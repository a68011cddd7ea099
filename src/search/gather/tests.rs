//! What is gathered is what the queries of the index itself find, with the same scores.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastrand::Rng;
use tantivy::collector::TopDocs;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur, PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, Index, Score, TantivyDocument, Term, doc};

use super::super::Eyes;
use super::super::columns::{Cupboard, Room};
use super::super::entry::Layer;
use super::super::fields::Fields;
use super::super::index::View;
use super::super::spellings::Apart;
use super::super::statistics::{Counted, Statistics};
use super::{Source, Tree, each_stretch};

/// Many stretches in one file, and words of one block, of many, and none.
const DOCUMENTS: usize = 12_000;
const WORDS: usize = 12;

fn word(nth: usize) -> String {
    format!("woord{nth}")
}

/// Documents with words in their names, texts and parts, some of which are gone again.
fn view(fields: &Fields) -> tantivy::Result<View> {
    let (schema, _) = Fields::new();
    let public = fields.of(Layer::Public);
    let index = Index::create_in_ram(schema);
    let mut writer = index.writer_with_num_threads(1, 30_000_000)?;
    let mut rng = Rng::with_seed(11);
    for nth in 0..DOCUMENTS {
        let mut document: TantivyDocument =
            doc!(fields.id => nth.to_string(), public.here => 1_u64);
        for field in [public.name, public.text, public.parts] {
            for _ in 0..rng.usize(0..9) {
                // One stands in most of them, the last one in a few.
                let rare = rng
                    .usize(0..WORDS)
                    .min(rng.usize(0..WORDS))
                    .min(rng.usize(0..WORDS));
                document.add_text(field, word(rare));
            }
        }
        writer.add_document(document)?;
        if nth == DOCUMENTS / 3 {
            writer.commit()?;
        }
    }
    for _ in 0..DOCUMENTS / 20 {
        let id = rng.usize(0..DOCUMENTS).to_string();
        writer.delete_term(fields.id_term(&id));
    }
    writer.commit()?;
    let searcher = index.reader()?.searcher();
    Ok(View {
        columns: Cupboard::new(Room::new(0)).of(&searcher),
        searcher,
        position: 0,
        counted: Counted::default(),
        apart: Apart::default(),
    })
}

/// Some tree.
fn tree(rng: &mut Rng, fields: &[Field], depth: usize) -> Tree {
    let term = |rng: &mut Rng| {
        // One word stands nowhere.
        Term::from_field_text(
            fields[rng.usize(..fields.len())],
            &word(rng.usize(0..=WORDS)),
        )
    };
    let some = |rng: &mut Rng, from: usize| -> Vec<Tree> {
        let count = rng.usize(from..4);
        (0..count).map(|_| tree(rng, fields, depth - 1)).collect()
    };
    match rng.usize(0..if depth == 0 { 3 } else { 9 }) {
        0 => Tree::Term(term(rng), rng.f32()),
        1 | 2 => Tree::Word(term(rng), 0.1 + rng.f32()),
        3 => Tree::any(some(rng, 0)),
        4 | 5 => Tree::all(some(rng, 1)),
        6 => tree(rng, fields, depth - 1).with(some(rng, 0)),
        7 => tree(rng, fields, depth - 1).without(some(rng, 0)),
        _ if rng.bool() => tree(rng, fields, depth - 1).fixed(3.0),
        _ => {
            let field = fields[rng.usize(..2)];
            let words = [rng.usize(0..4), rng.usize(0..4)];
            let terms = words.map(|nth| Term::from_field_text(field, &word(nth)));
            Tree::Query(Arc::new(PhraseQuery::new(terms.into())), 2.0)
        }
    }
}

/// The same as a query of the index.
fn query(tree: &Tree) -> Box<dyn Query> {
    let one = |term: &Term, option| Box::new(TermQuery::new(term.clone(), option));
    let boolean = |first: Option<&Tree>, occur: Occur, others: &[Tree]| -> Box<dyn Query> {
        let first = first.into_iter().map(|tree| (Occur::Must, query(tree)));
        let others = others.iter().map(|tree| (occur, query(tree)));
        Box::new(BooleanQuery::new(first.chain(others).collect()))
    };
    match tree {
        Tree::Word(term, weight) => Box::new(BoostQuery::new(
            one(term, IndexRecordOption::WithFreqs),
            *weight,
        )),
        Tree::Term(term, score) => Box::new(ConstScoreQuery::new(
            one(term, IndexRecordOption::Basic),
            *score,
        )),
        Tree::Any(trees) if trees.is_empty() => Box::new(EmptyQuery),
        Tree::Any(trees) => boolean(None, Occur::Should, trees),
        Tree::All(trees) => boolean(None, Occur::Must, trees),
        Tree::With(tree, others) => boolean(Some(tree), Occur::Should, others),
        Tree::Without(tree, others) => boolean(Some(tree), Occur::MustNot, others),
        Tree::Fixed(tree, score) => Box::new(ConstScoreQuery::new(query(tree), *score)),
        Tree::Raised(tree, score) => {
            let fixed = Tree::Fixed(tree.clone(), *score);
            boolean(Some(tree), Occur::Should, &[fixed])
        }
        Tree::Query(query, weight) => Box::new(BoostQuery::new(query.box_clone(), *weight)),
    }
}

/// Whether a phrase is denied, which the queries of the index do not bear.
fn denies_a_phrase(tree: &Tree) -> bool {
    let has = |trees: &[Tree]| {
        trees
            .iter()
            .any(|tree| format!("{tree:?}").contains("Phrase"))
    };
    match tree {
        Tree::Without(tree, others) => has(others) || denies_a_phrase(tree),
        Tree::Any(trees) | Tree::All(trees) => trees.iter().any(denies_a_phrase),
        Tree::With(tree, others) => denies_a_phrase(tree) || others.iter().any(denies_a_phrase),
        Tree::Fixed(tree, _) | Tree::Raised(tree, _) => denies_a_phrase(tree),
        Tree::Word(..) | Tree::Term(..) | Tree::Query(..) => false,
    }
}

type Scores = BTreeMap<(u32, DocId), Score>;

#[test]
fn what_is_gathered_is_what_the_queries_of_the_index_find() -> tantivy::Result<()> {
    let (_, fields) = Fields::new();
    let view = view(&fields)?;
    let public = fields.of(Layer::Public);
    let searched = [public.name, public.text, public.parts];
    let eyes = Eyes::Public;
    let mut rng = Rng::with_seed(5);
    let (mut compared, mut found) = (0, 0);
    while compared < 150 {
        let tree = tree(&mut rng, &searched, 3);
        if denies_a_phrase(&tree) {
            continue;
        }
        compared += 1;
        let statistics = Statistics::new(&view, &fields, &eyes)?;
        for scored in [true, false] {
            let source = Source {
                searcher: &view.searcher,
                statistics: &statistics,
                scored,
            };
            let mut ours = Scores::new();
            for (nth, segment) in (0..).zip(view.searcher.segment_readers()) {
                each_stretch(&source, segment, &tree, |start, slab| {
                    slab.each(start, |doc, score| {
                        let alive = segment.alive_bitset();
                        if alive.is_none_or(|alive| alive.is_alive(doc)) {
                            assert!(ours.insert((nth, doc), score).is_none(), "twice");
                        }
                    });
                })?;
            }
            let best = TopDocs::with_limit(DOCUMENTS).order_by_score();
            let theirs = view.searcher.search_with_statistics_provider(
                &*query(&tree),
                &best,
                &statistics,
            )?;
            let theirs: Scores = theirs
                .into_iter()
                .map(|(score, at)| ((at.segment_ord, at.doc_id), score))
                .collect();
            assert!(ours.keys().eq(theirs.keys()), "{tree:?}");
            found += ours.len();
            for (at, score) in ours.iter().filter(|_| scored) {
                let other = theirs[at];
                assert!(
                    (score - other).abs() <= 1e-4 * other.max(1.0),
                    "{score} {other} {tree:?}"
                );
            }
        }
    }
    assert!(found > DOCUMENTS);
    Ok(())
}
