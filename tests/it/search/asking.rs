//! What can be typed: words, phrases, what must be absent, typos, and whatever else comes out of a
//! keyboard.

use serde_json::{Value, json};

use super::{after, after_as, encoded, position, slugs};
use crate::builders::least;
use crate::given::{faults, set};
use crate::support::{Client, Server, items, text};

/// Makes projects of slugs, names and texts, and gives the position of the last.
#[track_caller]
pub(super) fn fill(server: &Server, projects: &[(&str, &str, &str)]) -> i64 {
    let mut last = 0;
    for (slug, name, motivation) in projects {
        let body = json!({ "name": name, "kind": "project", "motivation": motivation });
        let request = server.put(&format!("/projects/{slug}"));
        last = position(
            &request
                .key(server.admin_key())
                .json(&body)
                .send()
                .expect(201),
        );
    }
    last
}

/// What anyone gets for words.
#[track_caller]
pub(super) fn ask(client: &Client, filled: i64, q: &str) -> Value {
    after(
        client,
        filled,
        &format!("/search?limit=100&q={}", encoded(q)),
    )
}

/// The same, as slugs in the order of the alphabet.
#[track_caller]
pub(super) fn found(client: &Client, filled: i64, q: &str) -> Vec<String> {
    let mut found = slugs(&ask(client, filled, q));
    found.sort();
    found
}

/// Texts that a search must take as they are.
const ODD: &[&str] = &[
    "\0",
    "jeugd\0hulp",
    "\u{1}\u{7f}\u{85}",
    "\t\r\n",
    " ",
    "\u{a0}\u{2003}\u{feff}",
    "\"",
    "\"\"",
    "\"\"\"",
    "\"\"\"\"\"\"",
    "\"jeugdhulp",
    "jeugdhulp\"",
    "\"jeugdhulp op\" \"",
    "“school„ «x»",
    "-",
    "--",
    "---school",
    "-\"",
    "-\"\"",
    "-\"op school",
    "- school",
    "-school",
    "-school -jeugdhulp",
    "school -school",
    "AND OR NOT",
    "school AND NOT jeugdhulp",
    "OR",
    "NOT",
    "+school",
    "+",
    "||",
    "&&",
    "!school",
    "*",
    "school*",
    "*school",
    "?",
    "sch?ol",
    "~",
    "school~2",
    "^",
    "school^9999999999",
    ":",
    "a:b",
    "name:school",
    "name:",
    ":school",
    "public_text:school",
    "[",
    "]",
    "[a TO z]",
    "{a TO *}",
    "(",
    ")",
    "(((",
    "()",
    "(school",
    "/",
    "/.*/",
    "/(a+)+$/",
    "\\",
    "\\\\",
    "\\\"",
    "\\u0000",
    "\\x",
    "%",
    "%00",
    "_",
    "'",
    "''",
    "' OR 1=1 --",
    "'; DROP TABLE documents; --",
    "<",
    "<b>school</b>",
    "<mark>",
    "</mark>",
    "<script>alert(1)</script>",
    "&amp;",
    "&lt;mark&gt;",
    "😀",
    "👩‍👩‍👧‍👦",
    "school😀jeugdhulp",
    "🇳🇱",
    "e\u{301}\u{301}\u{301}",
    "\u{301}",
    "ﬁets",
    "ß",
    "İstanbul",
    "ǅ",
    "שלום",
    "مدرسة -مدرسة",
    "\u{202e}loohcs\u{202c}",
    "学校",
    "学校 支援",
    "학교",
    "ไทย",
    "\u{fffd}",
    "\u{10ffff}",
    "\u{e000}",
    "1",
    "12-12-2019",
    "0,5 %",
    "€ 5.000,-",
    "a",
    "a b c d e f g h i j k l m n o p q",
];

/// A hundred of them, some of the greatest length.
fn odd_texts() -> Vec<String> {
    let mut all: Vec<String> = ODD.iter().map(ToString::to_string).collect();
    // As long as it may be, of each kind of letter that is treated in its own way.
    for part in [
        "-",
        "\"",
        "a",
        "é",
        "school-",
        "jeugdhulp",
        "x ",
        "-x ",
        "\"a\" ",
        "😀",
        "学",
        "e\u{301}",
        "a.",
        "'",
    ] {
        all.push(part.chars().cycle().take(512).collect());
    }
    all
}

/// The text of HTML in which `mark` is the only element; fails when there is another, or anything
/// that is not escaped.
#[track_caller]
fn unmarked(html: &str) -> String {
    let plain = html.replace("<mark>", "").replace("</mark>", "");
    assert_eq!(
        html.matches("<mark>").count(),
        html.matches("</mark>").count(),
        "{html}"
    );
    assert!(!plain.contains(['<', '>']), "not escaped: {html}");
    for part in plain.split('&').skip(1) {
        let known = ["amp;", "lt;", "gt;", "quot;", "#39;", "#x27;"];
        assert!(
            known.iter().any(|entity| part.starts_with(entity)),
            "not escaped: {html}"
        );
    }
    plain
}

both! {
    fn words_are_all_wanted_phrases_in_order_and_what_is_denied_is_absent(server: &Server) {
        let filled = fill(server, &[
            ("op", "Jeugdhulp op school", "Begeleiding in de klas."),
            ("en", "Een school met jeugdhulp", "Begeleiding na de les."),
            ("thuis", "Jeugdhulp thuis", "Begeleiding aan de keukentafel."),
            ("boek", "Het schoolboek", "Lezen."),
        ]);
        for (q, wanted) in [
            ("jeugdhulp", &["en", "op", "thuis"][..]),
            ("JEUGDHULP", &["en", "op", "thuis"]),
            ("jeugdhulp begeleiding", &["en", "op", "thuis"]),
            ("jeugdhulp klas", &["op"]),
            ("klas jeugdhulp", &["op"]),
            ("\"jeugdhulp op school\"", &["op"]),
            ("“jeugdhulp op school”", &["op"]),
            ("\"school op jeugdhulp\"", &[]),
            ("\"jeugdhulp thuis\" begeleiding", &["thuis"]),
            ("jeugdhulp -thuis", &["en", "op"]),
            ("jeugdhulp -\"op school\"", &["en", "thuis"]),
            ("-jeugdhulp", &["boek"]),
            // What is denied is the word, not the compounds that have it in them.
            ("-school", &["boek", "thuis"]),
            // A quote that does not end is no quote.
            ("\"jeugdhulp klas", &["op"]),
        ] {
            assert_eq!(found(server, filled, q), wanted, "{q}");
        }
    }

    fn what_is_denied_is_absent_in_each_way_in_which_it_is_spelled(server: &Server) {
        let filled = fill(server, &[
            ("apart", "Plan in Noord Veluwe", "Onderwijs zorg arrangement."),
            ("hyphen", "Plan in Noord-Veluwe", "Onderwijs-zorgarrangement."),
            ("joined", "Plan in Noordveluwe", "Onderwijszorgarrangementen."),
            ("half", "Plan in het noorden", "Onderwijszorg-arrangement."),
            ("other", "Plan in noord, niet op de Veluwe", "Onderwijs zorgarrangement."),
            ("typo", "Plan in Noordveluve", "Een arrangement voor zorg en onderwijs."),
        ]);
        for (q, wanted) in [
            ("plan -noord-veluwe", &["half", "other", "typo"][..]),
            ("plan -noordveluwe", &["half", "other", "typo"]),
            ("plan -\"noord veluwe\"", &["half", "joined", "other", "typo"]),
            ("-noord-veluwe", &["half", "other", "typo"]),
            ("plan -onderwijszorgarrangement", &["typo"]),
            ("plan -onderwijs-zorg-arrangement", &["typo"]),
            ("plan -onderwijs-zorgarrangementen", &["typo"]),
        ] {
            assert_eq!(found(server, filled, q), wanted, "{q}");
        }
    }

    fn words_that_nothing_has_together_are_relaxed_and_the_answer_says_so(server: &Server) {
        let filled = fill(server, &[
            ("three", "Zeilboot", "Met een zwemvest en een kompas."),
            ("two", "Zwemvest", "Met een kompas."),
            ("one", "Kompas", "Zonder meer."),
            ("none", "Landkaart", "Alleen papier."),
        ]);
        let strict = ask(server, filled, "zeilboot kompas");
        assert_eq!((&strict["relaxed"], slugs(&strict)), (&json!(false), vec!["three".to_owned()]));
        let relaxed = ask(server, filled, "zeilboot zwemvest kompas vuurtoren");
        assert_eq!((&relaxed["relaxed"], &relaxed["total"]), (&json!(true), &json!(3)), "{relaxed}");
        assert_eq!(slugs(&relaxed), ["three", "two", "one"], "more of the words come first");
        let denied = ask(server, filled, "zwemvest vuurtoren -zeilboot");
        assert_eq!((&denied["relaxed"], slugs(&denied)), (&json!(true), vec!["two".to_owned()]));
        let alone = ask(server, filled, "vuurtoren");
        assert_eq!((&alone["relaxed"], &alone["total"]), (&json!(false), &json!(0)), "{alone}");
        let stop_words = ask(server, filled, "de zeilboot van het");
        assert_eq!((&stop_words["relaxed"], slugs(&stop_words)), (&json!(false), vec!["three".to_owned()]));
    }

    fn a_typo_is_corrected_and_never_stands_above_an_exact_hit(server: &Server) {
        let filled = fill(server, &[
            ("deep", "Plan", &format!("{} Ook de verzuimkaart hoort erbij.", "Veel andere woorden. ".repeat(40))),
            ("near", "Verzuimkaars", "Verzuimkaars, verzuimkaars en verzuimkaars."),
            ("far", "Wandelkaart", "Een kaart."),
            ("short", "Vlek", "Kort."),
        ]);
        let exact = ask(server, filled, "verzuimkaart");
        let order = slugs(&exact);
        assert_eq!(order.first().map(String::as_str), Some("deep"), "{exact}");
        assert!(order.contains(&"near".to_owned()), "what is near follows: {exact}");
        assert_eq!((&exact["corrections"], &exact["relaxed"]), (&json!([]), &json!(false)), "the word exists");

        for (typed, letter) in [
            ("verzuimkart", "left out"),
            ("verzuimkaaart", "too many"),
            ("verzuimkaarf", "another"),
            ("verzuimkaatr", "swapped"),
            ("verziumkaarf", "two of them"),
        ] {
            let page = ask(server, filled, typed);
            assert!(slugs(&page).contains(&"deep".to_owned()), "{letter}: {page}");
            let correction = &page["corrections"][0];
            assert_eq!(correction["word"], typed, "{page}");
            let instead: Vec<&str> = correction["instead"].as_array().expect("words").iter().filter_map(Value::as_str).collect();
            assert!(instead.contains(&"verzuimkaart"), "{page}");
            let marked = page["items"].to_string();
            assert!(marked.contains("<mark>verzuimkaart</mark>"), "what was meant is marked: {page}");
        }
        for (typed, why) in [("vlak", "too short for a typo"), ("erzuimkaart", "another first letter"), ("verzkaart", "three letters off")] {
            let page = ask(server, filled, typed);
            assert_eq!((&page["total"], &page["corrections"]), (&json!(0), &json!([])), "{why}: {page}");
        }
    }

    fn a_typo_is_one_in_the_word_as_it_is_written_whatever_its_stem_is(server: &Server) {
        let filled = fill(server, &[
            ("endings", "Bruggen", "Avonturen van vlinders, kalveren en zwemmers; herinneringen, muziekinstrumenten."),
            ("names", "Ommerkanaal", "De gezellige molens."),
            ("stems", "Takken", "De bonnen en de hekken, om het even."),
            ("part", "Schooltuinarrangementen", "Zaaien."),
        ]);
        for (typed, meant, slug) in [
            ("vlindres", "vlinders", "endings"),
            ("vlindrs", "vlinders", "endings"),
            ("kalvren", "kalveren", "endings"),
            ("avontuern", "avonturen", "endings"),
            ("zwemmesr", "zwemmers", "endings"),
            ("herinneringne", "herinneringen", "endings"),
            ("herineringne", "herinneringen", "endings"),
            ("muziekinstrumnetne", "muziekinstrumenten", "endings"),
            ("gezelige", "gezellige", "names"),
            ("molesn", "molens", "names"),
            ("ommerkanal", "ommerkanaal", "names"),
            ("arrangementne", "arrangementen", "part"),
        ] {
            let page = ask(server, filled, typed);
            assert_eq!(slugs(&page), [slug], "{typed}: {page}");
            let marked = page["items"].to_string().to_lowercase();
            assert!(marked.contains(&format!("<mark>{meant}</mark>")) || slug == "part", "{typed}: {page}");
        }
        // Their stems are a letter apart, the words are not.
        for typed in ["bomen", "tassen", "heggen", "ommen"] {
            let page = ask(server, filled, typed);
            assert_eq!((&page["total"], &page["corrections"]), (&json!(0), &json!([])), "{typed}: {page}");
        }
    }

    fn a_word_that_exists_stays_as_it_is_beside_one_that_does_not(server: &Server) {
        let filled = fill(server, &[
            ("meant", "Plan", "Er zijn ook molens en vlinders."),
            ("other", "Modens", "Modens en vlinders, modens en vlinders."),
        ]);
        let page = ask(server, filled, "molens vlindres");
        assert_eq!(slugs(&page), ["meant"], "{page}");
        assert_eq!(page["corrections"].as_array().map(Vec::len), Some(1), "{page}");
        assert_eq!(page["corrections"][0]["word"], "vlindres", "{page}");
    }

    fn no_typo_leads_to_a_word_that_is_hidden(server: &Server) {
        fill(server, &[("hidden", "Vuurtorens", "Zonder meer."), ("shown", "Landkaarten", "Zonder meer.")]);
        let hide = server.patch("/projects/hidden").key(server.admin_key());
        let filled = position(&hide.json(&json!({ "visibility": "restricted" })).send().expect(200));
        let page = ask(server, filled, "vuurtoresn");
        assert_eq!((&page["total"], &page["corrections"]), (&json!(0), &json!([])), "{page}");
        let seen = after_as(server, Some(server.admin_key()), filled, "/search?q=vuurtoresn");
        assert_eq!(slugs(&seen), ["hidden"], "{seen}");
    }

    fn without_words_all_is_found_by_name_and_words_have_a_greatest_length(server: &Server) {
        let filled = fill(server, &[("b", "Bé", "x"), ("a", "Aa", "x"), ("c", "Ce", "x")]);
        for path in ["/search", "/search?q=", "/search?q=%20", "/search?q=-", "/search?q=%22%22"] {
            let page = after(server, filled, path);
            assert_eq!((slugs(&page), &page["total"]), (vec!["a".into(), "b".into(), "c".into()], &json!(3)), "{path}");
        }
        for letter in ["a", "é", "😀"] {
            for path in ["/search", "/suggest", "/projects", "/organisations", "/regions", "/people", "/themes"] {
                let ask = |count: usize| server.get(&format!("{path}?q={}", encoded(&letter.repeat(count)))).send();
                ask(512).expect(200);
                let problem = ask(513).problem(400, "invalid-input");
                assert_eq!(faults(&problem), set([("q", "too_long")]), "{path} {letter}");
            }
        }
    }

    fn whatever_is_typed_is_answered(server: &Server) {
        let filled = fill(server, &[
            ("school", "School & <b>jeugdhulp</b>", "Jeugdhulp op school, \"zeker\" 's middags. 学校 学校. E\u{301}\u{301}. 😀 İ ß ﬁets."),
        ]);
        let texts = odd_texts();
        assert!(texts.len() > 100, "{}", texts.len());
        for text in &texts {
            let q = encoded(text);
            for path in ["/search?facets=type,year&q=", "/projects?count=true&q=", "/suggest?q="] {
                let path = format!("{path}{q}");
                let reply = server.get(&path).send();
                assert_eq!(reply.status, 200, "{text:?}: {reply}");
                let page = reply.json();
                for hit in page["items"].as_array().into_iter().flatten() {
                    for highlight in hit["highlights"].as_array().into_iter().flatten() {
                        unmarked(highlight["html"].as_str().expect("HTML"));
                    }
                }
            }
        }
        // What these found is not by chance nothing.
        let hit = ask(server, filled, "jeugdhulp")["items"][0].clone();
        assert_eq!(hit["highlights"][0]["html"], "School &amp; &lt;b&gt;<mark>jeugdhulp</mark>&lt;/b&gt;");
        assert_eq!(hit["matchedIn"], json!(["name", "motivation"]));
        assert_eq!(found(server, filled, "学校"), ["school"]);
    }

    fn how_a_place_came_about_is_told_to_administrators_alone(server: &Server) {
        let filled = fill(server, &[
            ("a", "Jeugdhulp", "Op school."),
            ("b", "School", "Met jeugdhulp en nog iets."),
            ("c", "Hulp voor de jeugd", "Jeugdhulparrangement."),
        ]);
        let admin = server.admin_key();
        let organisation = least("organisations", "Bureau");
        server.put("/organisations/bureau").key(admin).json(&organisation).send().expect(201);
        for q in ["jeugdhulp", "jeugdhulp school", "\"met jeugdhulp\"", "jeughulp", "jeugdhulp -nergens", "hulp zeilboot"] {
            let path = format!("/search?q={}", encoded(q));
            let page = after_as(server, Some(admin), filled, &format!("{path}&explain=true"));
            let scores: Vec<f64> = items(&page).iter().map(|hit| hit["explanation"]["score"].as_f64().expect("a score")).collect();
            assert!(!scores.is_empty(), "{q}: {page}");
            assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]), "{q}: {scores:?}");
            let plain = after_as(server, Some(admin), filled, &path);
            assert_eq!(slugs(&plain), slugs(&page), "{q}");
            assert!(items(&plain).iter().all(|hit| hit.get("explanation").is_none()), "{plain}");
        }
        let path = "/search?q=jeugdhulp&explain=true";
        server.get(path).send().problem(403, "forbidden");
        for (role, steward) in [("reader", None), ("editor", Some("bureau"))] {
            let key = server.key(role, steward);
            server.get(path).key(&key).send().problem(403, "forbidden");
            server.get("/search?q=jeugdhulp&explain=false").key(&key).send().expect(200);
        }
    }

    fn a_hit_tells_what_it_is_and_where_the_words_stand(server: &Server) {
        let filled = fill(server, &[("a", "Onderwijszorgarrangementen", "Zorg.")]);
        let page = ask(server, filled, "arrangement");
        let hit = &page["items"][0];
        assert_eq!(hit["highlights"][0], json!({ "member": "name", "html": "Onderwijszorg<mark>arrangementen</mark>" }));
        let members = ["type", "slug", "name", "summary"].map(|member| hit[member].clone());
        assert_eq!(members, [json!("projects"), json!("a"), json!("Onderwijszorgarrangementen"), Value::Null]);
        server.get(&format!("/projects/{}", text(hit, "id"))).send().expect(200);
    }
}
