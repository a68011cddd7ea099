use super::{FoundIn, Sought, Texts, highlight};

/// Words are sought whole and as a part.
fn sought(words: &str) -> Sought {
    let mut sought = Sought::new();
    for word in words.split(' ') {
        sought.whole(word);
        sought.part(word);
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
}

#[test]
fn a_phrase_is_marked_only_where_it_stands() {
    let text = "Zorg voor de jeugd, zorg en jeugd. Jeugdzorg, Zorg-jeugd, jeugd zorg";
    let phrase = |between| {
        let mut sought = Sought::new();
        sought.phrase(vec!["zorg".to_owned(), "jeugd".to_owned()], between);
        highlight(text, &sought, 0).unwrap_or_default()
    };
    let hyphen = "<mark>Zorg</mark>-<mark>jeugd</mark>, jeugd zorg";
    assert_eq!(
        phrase(0),
        format!("Zorg voor de jeugd, zorg en jeugd. Jeugdzorg, {hyphen}")
    );
    assert_eq!(
        phrase(1),
        format!("Zorg voor de jeugd, <mark>zorg</mark> en <mark>jeugd</mark>. Jeugdzorg, {hyphen}")
    );
    let texts = Texts::new([("zorg", 0), ("jeugd", 0)]);
    let mut sought = Sought::new();
    sought.phrase(vec!["zorg".to_owned(), "jeugd".to_owned()], 9);
    assert!(texts.find(&sought).is_empty());
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
fn several_texts_are_searched_at_once_and_told_apart() {
    let texts = Texts::new([
        ("Jeugdhulp", 0),
        ("niets", 0),
        ("de Hulpen hier, hulp daar", 8),
    ]);
    let found = texts.find(&sought("hulp"));
    let shown: Vec<(usize, String)> = found.iter().map(|one| (one.nth, one.html())).collect();
    assert_eq!(
        shown,
        [
            (0, "Jeugd<mark>hulp</mark>".to_owned()),
            (2, "…<mark>Hulpen</mark>…".to_owned()),
        ]
    );
    assert_eq!(texts.spelling("hulp", |_| true), Some("Hulpen"));
    assert_eq!(texts.spelling("hulp", |nth| nth < 2), None);
    assert_eq!(texts.spelling("jeugd", |_| true), None);
    assert!(
        texts
            .find(&sought("hul jeug z"))
            .iter()
            .map(FoundIn::html)
            .next()
            .is_none()
    );
    assert!(texts.size() > 40);
}

#[test]
fn the_window_stands_around_the_most_different_matches() {
    let text = "zorg zorg en dan een hele tijd niets, tot er weer zorg voor jeugd is, en verder";
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
