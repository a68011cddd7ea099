//! Spellings that meet: apart, joined and with a hyphen, also of names that no list has; and typos, the
//! fewer the better.

use serde_json::json;

use super::asking::{ask, fill, found};
use super::{after_as, encoded, position, slugs};
use crate::support::Server;

both! {
    fn names_meet_in_each_spelling_whichever_was_typed(server: &Server) {
        let filled = fill(server, &[
            ("joined", "Plan voor Zwartewaterland", "Vissen."),
            ("apart", "Plan voor het Zwarte Waterland", "Varen."),
            ("hyphen", "Plan voor Zwarte-Waterland", "Zwemmen."),
            ("turned", "Waterland is zwarte aarde", "Ploegen."),
            ("three", "Naar Etten Leur Zuid", "Fietsen."),
            ("one", "Naar Ettenleurzuid", "Wandelen."),
            ("stop", "Uitvalwegen en uitval", "Rijden."),
            ("river", "Alphen aan den Rijn", "Drijven."),
            ("hill", "Bergen op Zoom", "Klimmen. Naarwandelen."),
        ]);
        let spellings = ["apart", "hyphen", "joined"];
        for (q, wanted) in [
            ("zwartewaterland", &spellings[..]),
            ("zwarte-waterland", &["apart", "hyphen", "joined", "turned"]),
            ("zwarte waterland", &["apart", "hyphen", "joined", "turned"]),
            ("ZWARTE Waterland vissen", &["joined"]),
            ("vissen zwarte waterland plan", &["joined"]),
            ("zwartewaterland varen", &["apart"]),
            ("etten leur zuid", &["one", "three"]),
            ("ettenleurzuid", &["one", "three"]),
            ("ettenleur zuid", &["one", "three"]),
            // A word that says nothing may begin one that does.
            ("uit val", &["stop"]),
            ("alphenaandenrijn", &["river"]),
            ("bergenopzoom", &["hill"]),
            ("opzoom", &["hill"]),
            ("alphen -alphenaandenrijn", &[]),
            // Neither is what only looks so.
            ("a an", &[]),
            ("naar wandelen", &["one"]),
            ("leuretten", &[]),
            ("plan -zwartewaterland", &[]),
            ("waterland -zwartewaterland", &["turned"]),
            ("waterland -zwarte-waterland", &["turned"]),
            // What is denied, or stands in a phrase, is no part of a word.
            ("plan -zwarte waterland", &["joined"]),
            ("\"zwarte waterland\"", &["apart", "hyphen"]),
            ("\"zwartewaterland\" plan", &spellings),
        ] {
            assert_eq!(found(server, filled, q), wanted, "{q}");
        }
    }

    fn a_spelling_that_stands_is_no_typo_and_is_marked_whole(server: &Server) {
        let filled = fill(server, &[
            ("joined", "Heerenveen", "Schaatsen."),
            ("near", "Heeresveld", "Lopen."),
            ("apart", "Den Haag", "Zwemmen. Den en haag."),
            ("long", "Zuiderzeelaan", "Hier stond Zuiderzee."),
        ]);
        // Nor does it matter who asked for it with a hyphen before.
        assert_eq!(slugs(&ask(server, filled, "den-haag")), ["apart"]);
        for (q, slug, html) in [
            ("zuider zee laan", "long", "<mark>Zuiderzeelaan</mark>"),
            ("heeren veen", "joined", "<mark>Heerenveen</mark>"),
            ("denhaag", "apart", "<mark>Den</mark> <mark>Haag</mark>"),
        ] {
            let page = ask(server, filled, q);
            assert_eq!(slugs(&page), [slug], "{page}");
            assert_eq!((&page["relaxed"], &page["corrections"]), (&json!(false), &json!([])), "{page}");
            assert_eq!(page["items"][0]["highlights"], json!([{ "member": "name", "html": html }]));
            assert_eq!(page["items"][0]["matchedIn"], json!(["name"]));
        }
    }

    fn a_document_with_the_name_that_was_typed_comes_first(server: &Server) {
        let much = "Raalte, Raalte en nog eens Raalte. Olst, Wijhe, Olst en Wijhe.";
        let filled = fill(server, &[
            ("school", "Raalte College Raalte, Raalte", much),
            ("town", "Gemeente Raalte", "Zonder meer."),
            ("river", "Plan Olst Wijhe Olst Wijhe", much),
            ("two", "Gemeente Olst-Wijhe", "Zonder meer."),
            ("region", "Regio Olst Wijhe", "Zonder meer."),
        ]);
        for (q, first) in [
            ("raalte", "town"),
            ("Gemeente Raalte", "town"),
            ("raalte -nergens", "town"),
            ("regio olst wijhe", "region"),
            ("gemeente olst wijhe", "two"),
            ("\"gemeente olst wijhe\"", "two"),
        ] {
            let page = ask(server, filled, q);
            assert_eq!(slugs(&page).first().map(String::as_str), Some(first), "{q}: {page}");
        }
        for q in ["olst wijhe", "olst-wijhe", "\"olst wijhe\""] {
            let mut best = slugs(&ask(server, filled, q));
            best.truncate(2);
            best.sort();
            assert_eq!(best, ["region", "two"], "{q}");
        }
    }

    fn names_with_words_that_say_nothing_are_found_first_and_joined(server: &Server) {
        let filled = fill(server, &[
            ("town", "Gemeente Berg", "Berg, Berg en nog eens Berg."),
            ("person", "Zorgpraktijk Vanessa van der Berg", "Zonder meer."),
            ("bilt", "Plan voor De Bilt", "Zwemmen."),
            ("counter", "Eén loket", "Balie."),
            ("both", "Eenloket", "Tafel."),
            ("rijen", "Gilze en Rijen", "Gilz een keer."),
            ("square", "Plein 16", "Spelen."),
            ("school", "Voor school en na school", "Leren."),
        ]);
        assert_eq!(slugs(&ask(server, filled, "van der berg")).first().map(String::as_str), Some("person"));
        for (q, wanted) in [
            ("vanderberg", &["person"][..]),
            ("debilt", &["bilt"]),
            ("eenloket", &["both", "counter"]),
            ("gilzeenrijen", &["rijen"]),
            ("plein16", &["square"]),
        ] {
            assert_eq!(found(server, filled, q), wanted, "{q}");
        }
    }

    fn the_word_itself_stands_above_its_parts_and_an_exact_hit_above_a_typo(server: &Server) {
        let filled = fill(server, &[
            ("parts", "Feest voor wie kan zwemmen: zwem!", "Zwemmen is feest."),
            ("whole", "Over iets anders", "Een lange tekst die van alles vertelt, ook van een zwemfeest in het voorjaar."),
            ("typo", "Zeilmakerin", "Naaien."),
            ("exact", "Zonder naam", "Hier staat zeilmakerij in een zin met nog wat woorden erbij."),
            ("other", "Appeltaart", "Bakken."),
        ]);
        assert_eq!(slugs(&ask(server, filled, "zwemfeest")), ["whole", "parts"]);
        let page = ask(server, filled, "zeilmakerij appeltaart");
        assert_eq!(page["relaxed"], true, "{page}");
        assert_eq!(slugs(&page).last().map(String::as_str), Some("typo"), "{page}");
    }

    fn no_spelling_leads_to_what_is_hidden(server: &Server) {
        let shown = fill(server, &[("shown", "Heeren en veen", "Den en haag.")]);
        let questions = ["heeren veen", "denhaag", "heeren veen turf", "denhaag -heerenveen"];
        let before = questions.map(|q| ask(server, shown, q));
        fill(server, &[("joined", "Heerenveen", "Turf."), ("apart", "Den Haag", "Duin.")]);
        for slug in ["joined", "apart"] {
            let hide = server.patch(&format!("/projects/{slug}")).key(server.admin_key());
            let hidden = position(&hide.json(&json!({ "visibility": "restricted" })).send().expect(200));
            if slug == "apart" {
                assert_eq!(questions.map(|q| ask(server, hidden, q)), before);
                for (q, slug) in [("heeren veen turf", "joined"), ("denhaag duin", "apart")] {
                    let path = format!("/search?q={}", encoded(q));
                    let seen = after_as(server, Some(server.admin_key()), hidden, &path);
                    assert_eq!(slugs(&seen), [slug], "{seen}");
                }
            }
        }
    }

    fn fewer_typos_come_first_whatever_else_a_document_has(server: &Server) {
        let filled = fill(server, &[
            ("two", "Verzuimplekje", "Verzuimplekje, verzuimplekje en verzuimplekje."),
            ("one", "Plan", &format!("{} Ook het verzuimplein hoort erbij.", "Veel andere woorden. ".repeat(40))),
        ]);
        let page = ask(server, filled, "verzuimplekn");
        assert_eq!(slugs(&page), ["one", "two"], "{page}");
        assert_eq!(page["corrections"][0]["instead"][0], "verzuimplein", "{page}");
    }
}
