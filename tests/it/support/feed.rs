//! The change feed as a follower sees it, and the test of its promise: replaying it from the start
//! gives exactly what reading gives.

use std::collections::BTreeMap;

use serde_json::Value;

use super::client::Client;

/// Every collection whose changes the feed tells.
const COLLECTIONS: [&str; 5] = ["organisations", "people", "projects", "regions", "themes"];

/// Documents by their id.
pub(crate) type Documents = BTreeMap<String, Value>;

/// What is left after following the feed from the start.
#[derive(Default)]
pub(crate) struct Feed {
    /// The documents that exist, as their last line showed them.
    pub(crate) documents: Documents,
    /// The versions that were told of each document, deleted ones too, in the order of the feed.
    pub(crate) versions: BTreeMap<String, Vec<i64>>,
}

/// Follows the feed from the start, checks that it has neither gap nor disorder and that a version
/// is told once, and compares it with what crawling the collections gives.
///
/// Nothing may be written meanwhile.
#[track_caller]
pub(crate) fn assert_feed_equals_reads(client: &Client, key: &str) -> Feed {
    let feed = replay(client, key);
    for (id, versions) in &feed.versions {
        let counted: Vec<i64> = (1..).take(versions.len()).collect();
        assert_eq!(versions, &counted, "the feed's versions of {id}");
    }
    let mut read = Documents::new();
    for collection in COLLECTIONS {
        read.extend(crawl(client, key, collection));
    }
    let (told, found): (Vec<_>, Vec<_>) = (feed.documents.keys().collect(), read.keys().collect());
    assert_eq!(told, found, "the feed (left) and the lists have other ids");
    for (id, document) in &read {
        assert_eq!(&feed.documents[id], document, "the feed (left) on {id}");
    }
    feed
}

/// All documents of a collection, page by page as the `next` links lead.
#[track_caller]
pub(crate) fn crawl(client: &Client, key: &str, collection: &str) -> Documents {
    let mut documents = Documents::new();
    let mut next = Some(format!("/{collection}?limit=100"));
    while let Some(url) = next {
        let page = client.get(&url).key(key).send().expect(200).json();
        for document in items(&page) {
            let earlier = documents.insert(text(document, "id"), document.clone());
            assert!(earlier.is_none(), "{collection} repeats {document}");
        }
        next = page["next"].as_str().map(str::to_owned);
    }
    documents
}

/// Applies the feed to an empty map, the way a follower does.
#[track_caller]
fn replay(client: &Client, key: &str) -> Feed {
    let mut feed = Feed::default();
    let mut position = 0;
    loop {
        // Position 0 is before the first line; a follower that has seen nothing sends none.
        let cursor = match position {
            0 => String::new(),
            seen => format!("&cursor={seen}"),
        };
        let url = format!("/changes?limit=100&include=document{cursor}");
        let page = client.get(&url).key(key).send().expect(200).json();
        for change in items(&page) {
            position += 1;
            assert_eq!(change["seq"], position, "a gap or disorder: {change}");
            feed.apply(change);
        }
        if items(&page).is_empty() {
            return feed;
        }
        assert_eq!(page["cursor"], position, "the position last seen");
    }
}

impl Feed {
    #[track_caller]
    fn apply(&mut self, change: &Value) {
        let id = text(change, "id");
        let op = text(change, "op");
        let existed = match op.as_str() {
            // Of a person who is erased a stub is left, unless the person was deleted before.
            "erased" if change["document"].is_null() => {
                assert!(!self.documents.contains_key(&id), "no stub: {change}");
                return;
            }
            "created" | "updated" | "erased" => {
                let document = change["document"].clone();
                assert_eq!(document["id"], change["id"], "no such document: {change}");
                assert_eq!(document["version"], change["version"], "{change}");
                let version = change["version"].as_i64().unwrap_or_default();
                self.versions.entry(id.clone()).or_default().push(version);
                self.documents.insert(id, document).is_some()
            }
            "deleted" | "merged" => self.documents.remove(&id).is_some(),
            _ => panic!("an unknown op: {change}"),
        };
        assert_eq!(existed, op != "created", "not after its past: {change}");
    }
}

/// The items of a page.
#[track_caller]
pub(crate) fn items(page: &Value) -> &[Value] {
    match page["items"].as_array() {
        Some(items) => items,
        None => panic!("no items: {page}"),
    }
}

/// A member that is a text.
#[track_caller]
pub(crate) fn text(value: &Value, member: &str) -> String {
    match value[member].as_str() {
        Some(text) => text.to_owned(),
        None => panic!("no text {member:?}: {value}"),
    }
}
