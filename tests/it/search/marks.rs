//! What is marked in what was found, and in which members it is said to stand: what was looked for
//! together only where it stands together.

use serde_json::{Value, json};

use super::asking::{ask, fill};
use crate::support::Server;

/// The members of the only hit, with what of them is shown.
#[track_caller]
fn shown(page: &Value) -> Value {
    assert_eq!(page["total"], 1, "{page}");
    let hit = &page["items"][0];
    let html = hit["highlights"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["html"].clone());
    json!([hit["matchedIn"], html.collect::<Vec<_>>()])
}

both! {
    fn a_phrase_is_marked_where_it_stands_as_one(server: &Server) {
        let filled = fill(server, &[
            ("a", "Onderwijs hier, passend", "Passend onderwijs, en onderwijs. Passend, onderwijs of passende onderwijsplekken."),
        ]);
        let text = "<mark>Passend</mark> <mark>onderwijs</mark>, en onderwijs. <mark>Passend</mark>, <mark>onderwijs</mark> of passende onderwijsplekken.";
        assert_eq!(shown(&ask(server, filled, "\"passend onderwijs\"")), json!([["motivation"], [text]]));
        let both = shown(&ask(server, filled, "\"passend onderwijs\" hier"));
        assert_eq!(both, json!([["name", "motivation"], ["Onderwijs <mark>hier</mark>, passend", text]]));
    }

    fn an_abbreviation_is_marked_where_it_or_all_that_it_means_stands(server: &Server) {
        let filled = fill(server, &[
            ("a", "Speciaal plan", "Een school voor voortgezet en speciaal onderwijs."),
            ("b", "Speciaal geval", "Het onderwijs wordt voortgezet."),
        ]);
        let page = ask(server, filled, "vso school");
        let text = "Een <mark>school</mark> voor <mark>voortgezet</mark> en <mark>speciaal</mark> <mark>onderwijs</mark>.";
        assert_eq!(shown(&page), json!([["motivation"], [text]]));
        // Where they stand apart everywhere, each is what was found.
        let page = ask(server, filled, "vso -school");
        let texts = ["<mark>Speciaal</mark> geval", "Het <mark>onderwijs</mark> wordt <mark>voortgezet</mark>."];
        assert_eq!(shown(&page), json!([["name", "motivation"], texts]));
    }

    fn a_hyphenated_word_is_marked_where_its_pieces_stand_together(server: &Server) {
        let filled = fill(server, &[("a", "Ergens in het noorden", "Noord-Veluwe, noord veluwe, veluwe, noord.")]);
        let text = "<mark>Noord</mark>-<mark>Veluwe</mark>, <mark>noord</mark> <mark>veluwe</mark>, veluwe, noord.";
        let found = shown(&ask(server, filled, "noord-veluwe"));
        let joined = json!([["motivation"], [text.replace("</mark>-<mark>", "-")]]);
        assert_eq!(found, joined);
    }
}
