//! Shows where a text answers a query.
//!
//! The text comes from the database and goes through the same analysis as when it was indexed, so
//! every mark is exact. (tantivy's own snippets are not used: they panic on words that overlap and
//! cut inside characters.)

mod window;

use std::collections::HashSet;
use std::ops::Range;

use super::{Word, words};

/// Which words a query asked for, and how each may match.
#[derive(Clone, Debug, Default)]
pub struct Sought {
    whole: HashSet<String>,
    part: HashSet<String>,
    prefix: Vec<String>,
}

impl Sought {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A stem that a whole word may have.
    pub fn whole(&mut self, stem: &str) {
        self.whole.insert(stem.to_owned());
    }

    /// A stem that a part of a compound may have, or several parts that follow each other.
    pub fn part(&mut self, stem: &str) {
        self.part.insert(stem.to_owned());
    }

    /// What a word may begin with, folded. The whole word is marked.
    pub fn prefix(&mut self, folded: &str) {
        if !folded.is_empty() && !self.prefix.iter().any(|other| other == folded) {
            self.prefix.push(folded.to_owned());
        }
    }
}

/// A stretch of the text that matched.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Match {
    at: Range<usize>,
    /// What matched, to count how many different things are in sight.
    key: String,
}

/// The text with what matched between `<mark>` and `</mark>`; `None` when nothing did.
///
/// White space becomes one space, and `& < > " '` are escaped for HTML. Matches that touch or
/// overlap are one mark. Of a compound only the part that matched is marked
/// (`Jeugd<mark>hulp</mark>arrangementen`). `length` is the most characters of text shown, without
/// marks and escapes (0: all of it): the stretch that holds the most different matches, from the
/// beginning of a word to the end of one, with `…` where text was left out. Only a word that is
/// longer than `length` is cut.
pub fn highlight(text: &str, sought: &Sought, length: usize) -> Option<String> {
    let collapsed = collapse(text);
    let words = words(&collapsed);
    let matches = matches(&words, sought);
    if matches.is_empty() {
        return None;
    }
    let shown = match length {
        0 => 0..collapsed.len(),
        _ => window::choose(&collapsed, &words, &matches, length),
    };
    Some(render(&collapsed, &merge(matches), shown))
}

/// One space instead of each run of white space, none around.
fn collapse(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for chunk in text.split_whitespace() {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(chunk);
    }
    collapsed
}

/// All that matched, in the order of the words.
fn matches(words: &[Word], sought: &Sought) -> Vec<Match> {
    let mut matches = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let first_piece = words.get(at + 1).filter(|_| word.joined);
        if let Some(key) = whole(word, first_piece, sought) {
            matches.push(Match {
                at: word.from..word.to,
                key,
            });
        }
        let mut end = None;
        for part in word
            .parts
            .iter()
            .filter(|part| sought.part.contains(&part.stem))
        {
            // Linking letters between two parts that both matched are marked with them.
            let from = match end {
                Some(end) if end < part.from && part.from - end <= 2 => end,
                _ => part.from,
            };
            end = Some(part.to);
            matches.push(Match {
                at: from..part.to,
                key: part.stem.clone(),
            });
        }
    }
    matches
}

/// What makes the whole word a match.
fn whole(word: &Word, first_piece: Option<&Word>, sought: &Sought) -> Option<String> {
    if sought.whole.contains(&word.stem) {
        return Some(word.stem.clone());
    }
    let prefix = sought.prefix.iter().find(|prefix| {
        // The beginning of a joined form is that of its first piece, which is marked on its own.
        let in_first = first_piece.is_some_and(|piece| prefix.len() <= piece.folded.len());
        !in_first && word.folded.starts_with(prefix.as_str())
    });
    prefix.cloned()
}

/// One range instead of those that touch or overlap.
fn merge(mut matches: Vec<Match>) -> Vec<Range<usize>> {
    matches.sort_by_key(|found| found.at.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(matches.len());
    for found in matches {
        match merged.last_mut() {
            Some(last) if found.at.start <= last.end => last.end = last.end.max(found.at.end),
            _ => merged.push(found.at),
        }
    }
    merged
}

fn render(text: &str, marks: &[Range<usize>], shown: Range<usize>) -> String {
    let mut html = String::with_capacity(shown.len() + 32);
    if shown.start > 0 {
        html.push('…');
    }
    let mut at = shown.start;
    for mark in marks {
        let (from, to) = (mark.start.max(shown.start), mark.end.min(shown.end));
        if from < to {
            escape(text.get(at..from).unwrap_or_default(), &mut html);
            html.push_str("<mark>");
            escape(text.get(from..to).unwrap_or_default(), &mut html);
            html.push_str("</mark>");
            at = to;
        }
    }
    escape(text.get(at..shown.end).unwrap_or_default(), &mut html);
    if shown.end < text.len() {
        html.push('…');
    }
    html
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Sought, highlight};

    /// Words are sought whole and as a part, those with a `*` as a beginning.
    fn sought(words: &str) -> Sought {
        let mut sought = Sought::new();
        for word in words.split(' ') {
            if let Some(prefix) = word.strip_suffix('*') {
                sought.prefix(prefix);
            } else {
                sought.whole(word);
                sought.part(word);
            }
        }
        sought
    }

    fn show(text: &str, words: &str, length: usize) -> String {
        highlight(text, &sought(words), length).unwrap_or_default()
    }

    #[test]
    fn only_the_part_that_matched_is_marked() {
        assert_eq!(
            show("Jeugdhulparrangementen", "hulp", 0),
            "Jeugd<mark>hulp</mark>arrangementen"
        );
        assert_eq!(
            show("Jeugdhulparrangementen", "jeugdhulparrangement", 0),
            "<mark>Jeugdhulparrangementen</mark>"
        );
        assert_eq!(
            show("onderwijs-zorgarrangement", "zorg", 0),
            "onderwijs-<mark>zorg</mark>arrangement"
        );
    }

    #[test]
    fn parts_that_touch_are_one_mark_with_their_linking_letters() {
        assert_eq!(
            show("het Samenwerkingsverband", "samenwerk verband", 0),
            "het <mark>Samenwerkingsverband</mark>"
        );
    }

    #[test]
    fn hyphenated_words_are_marked_whole_or_in_pieces() {
        assert_eq!(
            show("Noord-Veluwe", "noordveluw", 0),
            "<mark>Noord-Veluwe</mark>"
        );
        assert_eq!(
            show("Noord-Veluwe", "noord", 0),
            "<mark>Noord</mark>-Veluwe"
        );
        assert_eq!(show("Noord-Veluwe", "noo*", 0), "<mark>Noord</mark>-Veluwe");
        assert_eq!(
            show("Noord-Veluwe", "noordv*", 0),
            "<mark>Noord-Veluwe</mark>"
        );
    }

    #[test]
    fn text_is_escaped_and_white_space_collapsed() {
        assert_eq!(
            show(" <b>\n zorg\u{a0}&  'hulp' \"", "zorg", 0),
            "&lt;b&gt; <mark>zorg</mark> &amp; &#39;hulp&#39; &quot;"
        );
    }

    #[test]
    fn accents_are_marked_whole() {
        assert_eq!(
            show("Zoe\u{308} en Zoë", "zoe", 0),
            "<mark>Zoe\u{308}</mark> en <mark>Zoë</mark>"
        );
    }

    #[test]
    fn nothing_found_is_nothing_shown() {
        assert_eq!(highlight("zorg", &sought("hulp"), 0), None);
        assert_eq!(highlight("", &Sought::new(), 10), None);
    }

    #[test]
    fn the_window_stands_around_the_most_different_matches() {
        let text =
            "zorg zorg en dan een hele tijd niets, tot er weer zorg voor jeugd is, en verder";
        assert_eq!(
            show(text, "zorg jeugd", 30),
            "…er weer <mark>zorg</mark> voor <mark>jeugd</mark> is, en…"
        );
        assert_eq!(show(text, "niet", 9), "…<mark>niets</mark>,…");
        assert_eq!(show("zorg voor", "zorg", 9), "<mark>zorg</mark> voor");
        assert_eq!(show("zorg voor", "zorg", 8), "<mark>zorg</mark>…");
    }

    #[test]
    fn only_a_word_that_is_too_long_is_cut() {
        assert_eq!(
            show("een onderwijs/zorgplan", "onderwijs", 12),
            "…<mark>onderwijs</mark>/…"
        );
        assert_eq!(show("samenwerking", "samenwerk", 5), "<mark>samen</mark>…");
        assert_eq!(show("学校学", "校", 1), "…<mark>校</mark>…");
    }
}
