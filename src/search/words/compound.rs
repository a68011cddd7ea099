//! Takes compounds apart: jeugdhulparrangementen into jeugd, hulp and arrangementen.
//!
//! Only by a list of our own, `compound-stems.txt`. A full list of Dutch words splits almost half of
//! all words and ruins names (achter+hoek, harder+wijk, heer+veen). A word is split only when words
//! of the list fill it entirely, with at most a linking s, en, n or e behind each but the last; of
//! several ways the one with the fewest parts is taken. The last part may be any form of a listed
//! word: it is compared by its stem.

mod list;

use list::STEMS;

use super::stem::stem;

#[cfg(test)]
pub(super) use list::{LIST, listed};

/// Shorter pieces of a word are no words: they would be found everywhere.
const SHORTEST: usize = 3;
/// What may stand between two parts.
const LINKS: [&str; 5] = ["", "s", "en", "n", "e"];

/// One part of a compound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// Where it stands in the folded word, in bytes, without the linking letters behind it.
    pub from: usize,
    pub to: usize,
    /// The stem that it has when it stands alone.
    pub stem: String,
    /// Whether it may be the last part of a compound.
    ends: bool,
}

/// The best way found so far to come to a place in the word.
#[derive(Clone, Copy)]
struct Way {
    parts: usize,
    links: usize,
    /// Letters that its last part has beyond its stem.
    ending: usize,
    /// The last part, and where it ends without its linking letters.
    from: usize,
    to: usize,
}

/// The parts of a folded word, two or more; none when it is no compound.
///
/// Costs the length of the word times that of the longest listed word.
pub(super) fn parts(word: &str) -> Vec<Span> {
    let stems = &*STEMS;
    if word.len() < 2 * SHORTEST || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Vec::new();
    }
    let alone = stem(word, false);
    if stems.is_last(word, &alone) || stems.whole.contains(word) {
        return Vec::new();
    }
    let mut ways: Vec<Option<Way>> = vec![None; word.len() + 1];
    let mut best: Option<(Way, String)> = None;
    for from in 0..=word.len() - SHORTEST {
        let (parts, links) = match ways.get(from) {
            Some(Some(way)) => (way.parts, way.links),
            _ if from == 0 => (0, 0),
            _ => continue,
        };
        let Some(rest) = word.get(from..) else {
            continue;
        };
        for length in stems.begins(rest.as_bytes()) {
            let to = from + length;
            for link in LINKS {
                let next = to + link.len();
                let (Some(behind), Some(place)) = (rest.get(length..), ways.get_mut(next)) else {
                    continue;
                };
                let way = Way {
                    parts: parts + 1,
                    links: links + link.len(),
                    ending: 0,
                    from,
                    to,
                };
                if behind.starts_with(link) && place.is_none_or(|other| better(way, other)) {
                    *place = Some(way);
                }
            }
        }
        let fewest = best.as_ref().is_none_or(|(other, _)| parts < other.parts);
        if from > 0 && fewest {
            let stem = stem(rest, false);
            let way = Way {
                parts: parts + 1,
                links,
                ending: rest.len().abs_diff(stem.len()),
                from,
                to: word.len(),
            };
            let is_better = best.as_ref().is_none_or(|(other, _)| better(way, *other));
            if is_better && stems.is_last(rest, &stem) {
                best = Some((way, stem));
            }
        }
    }
    best.map_or_else(Vec::new, |(way, stem)| trace(word, &ways, way, stem))
}

/// Fewer parts are better, then fewer linking letters, then a last part that is written as it is
/// listed (ziekte+huiselijk, not ziek+tehuiselijk), then a longer one.
fn better(way: Way, other: Way) -> bool {
    let rank = |way: Way| (way.parts, way.links, way.ending, way.from);
    rank(way) < rank(other)
}

/// Goes back from the last part to the first.
fn trace(word: &str, ways: &[Option<Way>], last: Way, stem_of_last: String) -> Vec<Span> {
    let mut spans = vec![Span {
        from: last.from,
        to: last.to,
        stem: stem_of_last,
        ends: true,
    }];
    let mut at = last.from;
    while at > 0
        && let Some(Some(way)) = ways.get(at)
    {
        let part = word.get(way.from..way.to).unwrap_or_default();
        let stem = stem(part, false);
        spans.push(Span {
            from: way.from,
            to: way.to,
            ends: STEMS.is_last(part, &stem),
            stem,
        });
        at = way.from;
    }
    spans.reverse();
    spans
}

/// Whether a run of parts would be taken apart in the same way if it were a word of its own: only
/// then somebody who types it can mean this.
pub(super) fn stands_alone(word: &str, spans: &[Span]) -> bool {
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else {
        return false;
    };
    let run = word.get(first.from..last.to).unwrap_or_default();
    spans.len() == 1 || (last.ends && !STEMS.whole.contains(run))
}

/// The stem of a run of parts that follow each other: as written, without the linking letters, and
/// the last part by its stem.
///
/// Taken so, a compound and its plural have one stem also when Porter's rules would see another
/// ending in the whole than in the last part (teamleden, teamlid), and it makes no difference
/// whether somebody knows which letters link (samenwerkingverband, samenwerkingsverband).
pub(super) fn run(word: &str, spans: &[Span]) -> String {
    let Some((last, others)) = spans.split_last() else {
        return String::new();
    };
    let mut stem = String::with_capacity(word.len());
    for span in others {
        stem.push_str(word.get(span.from..span.to).unwrap_or_default());
    }
    stem.push_str(&last.stem);
    stem
}

#[cfg(test)]
mod tests {
    use super::{parts, run};

    /// The parts with a `+` between.
    fn split(word: &str) -> String {
        let parts = parts(word);
        let shown: Vec<&str> = parts.iter().map(|span| &word[span.from..span.to]).collect();
        shown.join("+")
    }

    #[test]
    fn compounds_of_the_field_are_split() {
        // Its stem is that of plaatsing: all that follows looks like endings.
        assert_eq!(split("plaatsinggelijkheid"), "plaatsing+gelijkheid");
        assert_eq!(split("jeugdhulparrangementen"), "jeugd+hulp+arrangementen");
        assert_eq!(
            split("onderwijszorgarrangement"),
            "onderwijs+zorg+arrangement"
        );
        assert_eq!(split("samenwerkingsverband"), "samenwerking+verband");
        assert_eq!(split("samenwerkingverbanden"), "samenwerking+verbanden");
        assert_eq!(split("leerlingenzorg"), "leerling+zorg");
        assert_eq!(split("noordveluwe"), "noord+veluwe");
        assert_eq!(split("kinderopvang"), "kinder+opvang");
        assert_eq!(
            split("schoolmaatschappelijkwerker"),
            "school+maatschappelijk+werker"
        );
    }

    #[test]
    fn the_last_part_may_be_any_form() {
        assert_eq!(split("gemeenteraadsleden"), "gemeente+raad+leden");
        assert_eq!(split("gezinscoaches"), "gezin+coaches");
    }

    #[test]
    fn names_and_simple_words_stay_whole() {
        for word in [
            "achterhoek",
            "harderwijk",
            "heerenveen",
            "zeewolde",
            "nunspeet",
            "veluwe",
            "ermelo",
            "leiderdorp",
            "noordwijk",
            "westland",
            "winterswijk",
            "rechtstreeks",
            "leeftijd",
            "zeeland",
            "flevoland",
            "gelderland",
            "waterland",
            "lelystad",
            "zaanstad",
            "gemeente",
            "samenwerking",
            "samenwerken",
            "begeleiding",
            "school",
            "verband",
            "kinderen",
            "",
            "a",
            "gm0230",
            "学校",
        ] {
            assert_eq!(split(word), "", "{word}");
        }
    }

    #[test]
    fn a_part_has_the_stem_that_it_has_alone() {
        let stems =
            |word| -> Vec<String> { parts(word).into_iter().map(|span| span.stem).collect() };
        assert_eq!(stems("kinderopvang"), ["kind", "opvang"]);
        assert_eq!(stems("scholenbestuur"), stems("schoolbesturen"));
    }

    #[test]
    fn a_run_has_the_stem_that_it_has_alone() {
        let word = "jeugdhulparrangementen";
        let spans = parts(word);
        assert_eq!(run(word, &spans), "jeugdhulparrangement");
        assert_eq!(
            run(word, &spans[..2]),
            run("jeugdhulp", &parts("jeugdhulp"))
        );
    }

    #[test]
    fn linking_letters_make_no_other_word() {
        let whole = |word| run(word, &parts(word));
        assert_eq!(
            whole("samenwerkingverband"),
            whole("samenwerkingsverbanden")
        );
        assert_eq!(whole("leerlingzorg"), whole("leerlingenzorg"));
    }
}
