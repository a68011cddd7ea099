//! What was read from the register for one answer and will do for the next: documents as everyone
//! sees them, with their texts analysed, and the names of those that facets count by.
//!
//! Nothing here is told to be out of date. Each entry says when it was read and of which documents
//! it was made, and is used only where the change log says that none of them changed since
//! (`store::Recent`), in the snapshot of whoever asks. So it cannot be older than what the database
//! would give, whoever has written. What is read with a key is never kept.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use actix_web::web::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::columns::Room;
use super::hits::Shown;
use crate::register::{Caller, Day};
use crate::store::{Id, Moment, Recent};

/// About how much memory an entry takes beside what is in it.
const BESIDE: usize = 200;

/// About how much memory a document takes, to make the table of the right size.
const USUAL: usize = 4_000;

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A document as a hit.
    Hit(Id),
    /// The slug and the name of a document.
    Head(Id),
    /// A page of hits.
    Page(u64),
}

/// What is kept.
#[derive(Clone)]
pub(super) enum Value {
    Hit(Arc<Shown>),
    /// Nothing when nobody may know of it.
    Head(Option<Arc<Head>>),
    Page(Arc<Page>),
}

/// The slug and the name of a document.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) slug: String,
    pub(super) name: String,
}

/// A page of hits as it was sent.
#[derive(Debug)]
pub(super) struct Page {
    /// All that it is an answer to.
    pub(super) asked: String,
    /// The JSON.
    pub(super) body: Bytes,
    /// The cursor of the next page.
    pub(super) next: Option<String>,
    /// The people whose data it shows.
    pub(super) people: Vec<String>,
}

/// What is kept, and what it depends on.
#[derive(Clone)]
struct Entry {
    value: Value,
    /// The documents that it was made of, those that were left out of it too.
    depends: Arc<[Id]>,
    moment: Moment,
    /// Contacts lapse and periods end at midnight, without a line in the log.
    day: Day,
    /// About how many bytes it takes.
    weight: u64,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Entry> for Weight {
    fn weight(&self, _: &Key, entry: &Entry) -> u64 {
        entry.weight
    }
}

impl Value {
    fn size(&self) -> usize {
        match self {
            Self::Hit(shown) => shown.size(),
            Self::Head(Some(head)) => head.slug.capacity() + head.name.capacity(),
            Self::Head(None) => 0,
            Self::Page(page) => {
                let people = page.people.iter().map(String::capacity);
                let next = page.next.as_ref().map_or(0, String::capacity);
                page.asked.capacity() + page.body.len() + next + people.sum::<usize>()
            }
        }
    }
}

/// What is kept in this process.
pub(super) struct Warm {
    /// Nothing when nothing is to be kept.
    cache: Option<Cache<Key, Entry, Weight>>,
    /// How many bytes it has in any case, the room that it has besides, as long as columns of the
    /// index do not take that, and how much that was of late.
    bytes: usize,
    room: Room,
    besides: AtomicUsize,
    /// What was read before this line is not kept any more.
    from: AtomicI64,
    /// Makes keys of what pages are answers to.
    hasher: RandomState,
}

impl Warm {
    /// Keeps as much as fits into so many bytes, and into what is left of a room.
    pub(super) fn new(bytes: usize, room: Room) -> Self {
        let besides = room.left();
        let capacity = bytes + besides;
        let cache = || Cache::with_weighter(capacity / USUAL, number(capacity), Weight);
        Self {
            cache: (capacity > 0).then(cache),
            bytes,
            room,
            besides: AtomicUsize::new(besides),
            from: AtomicI64::new(0),
            hasher: RandomState::new(),
        }
    }

    /// Leaves to the columns what they have taken.
    fn make_room(&self, cache: &Cache<Key, Entry, Weight>) {
        let besides = self.room.left();
        if self.besides.swap(besides, Ordering::Relaxed) != besides {
            cache.set_capacity(number(self.bytes + besides));
        }
    }

    /// Forgets everything, because somebody was erased: the words would stay in memory, though
    /// nobody could see them, and so would those that somebody reads just now.
    pub(super) fn forget(&self, position: i64) {
        self.from.fetch_max(position, Ordering::Relaxed);
        if let Some(cache) = &self.cache {
            cache.clear();
        }
    }

    /// For a reader at a moment of a day.
    pub(super) fn reader<'w>(
        &'w self,
        recent: &'w Recent,
        caller: &Caller,
        moment: Option<Moment>,
        today: Day,
    ) -> Reader<'w> {
        // Whoever has a key may see more, or less tomorrow.
        let cache = self.cache.as_ref().filter(|_| caller.0.is_none());
        Reader {
            warm: self,
            open: cache.zip(moment),
            recent,
            today,
        }
    }
}

/// What one reader may use of it.
pub(super) struct Reader<'w> {
    warm: &'w Warm,
    open: Option<(&'w Cache<Key, Entry, Weight>, Moment)>,
    recent: &'w Recent,
    today: Day,
}

impl Reader<'_> {
    /// What is kept of each of these, where it still holds.
    pub(super) fn get(&self, keys: impl Iterator<Item = Key>) -> Vec<Option<Value>> {
        let Some((cache, now)) = &self.open else {
            return keys.map(|_| None).collect();
        };
        let entries: Vec<Option<Entry>> = keys.map(|key| cache.get(&key)).collect();
        let look = self.recent.look();
        let holds = |entry: &Entry| {
            entry.day == self.today && look.same(entry.moment, *now, &entry.depends)
        };
        let entries = entries.into_iter();
        entries
            .map(|entry| Some(entry.filter(holds)?.value))
            .collect()
    }

    /// Keeps what was read now, if this reader may.
    pub(super) fn put(&self, key: Key, value: Value, depends: Arc<[Id]>) {
        let Some((cache, moment)) = &self.open else {
            return;
        };
        if moment.position >= self.warm.from.load(Ordering::Relaxed) {
            let size = value.size() + size_of_val(&*depends) + BESIDE;
            let entry = Entry {
                weight: number(size),
                value,
                depends,
                moment: *moment,
                day: self.today,
            };
            self.warm.make_room(cache);
            cache.insert(key, entry);
        }
    }

    /// The page that was the answer to this.
    pub(super) fn page(&self, asked: &str) -> Option<Arc<Page>> {
        match self.get([self.page_key(asked)].into_iter()).pop()?? {
            Value::Page(page) if page.asked == asked => Some(page),
            _ => None,
        }
    }

    /// Keeps a page. It names the state of the register, so it depends on no document besides.
    pub(super) fn put_page(&self, page: Arc<Page>) {
        let key = self.page_key(&page.asked);
        self.put(key, Value::Page(page), [].into());
    }

    fn page_key(&self, asked: &str) -> Key {
        Key::Page(self.warm.hasher.hash_one(asked))
    }
}

fn number(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(nth: u32, bytes: usize) -> Arc<Page> {
        Arc::new(Page {
            asked: nth.to_string(),
            body: vec![b'x'; bytes].into(),
            next: None,
            people: Vec::new(),
        })
    }

    /// A moment as the log tells it.
    fn moment(recent: &Recent) -> Moment {
        recent.moment_for_tests(7)
    }

    #[test]
    fn what_is_kept_is_bounded_by_its_bytes() {
        const ROOM: usize = 1_000_000;
        let room = Room::new(ROOM / 2);
        let warm = Warm::new(ROOM / 2, room.clone());
        let recent = Recent::default();
        let now = Some(moment(&recent));
        let reader = warm.reader(&recent, &Caller::default(), now, Day::today());
        for nth in 0..2_000 {
            reader.put_page(page(nth, 10_000));
        }
        let taken = warm.cache.as_ref().map_or(0, Cache::weight);
        assert!(taken <= ROOM as u64 && taken > ROOM as u64 / 4, "{taken}");
        let kept = (0..2_000).filter(|nth| reader.page(&nth.to_string()).is_some());
        assert!((10..=100).contains(&kept.count()));
        // Columns of the index come first.
        assert!(room.take(ROOM / 2));
        reader.put_page(page(2_000, 10_000));
        let taken = warm.cache.as_ref().map_or(0, Cache::weight);
        assert!(
            taken <= ROOM as u64 / 2 && taken > ROOM as u64 / 8,
            "{taken}"
        );
        warm.forget(8);
        assert_eq!(warm.cache.as_ref().map_or(1, Cache::weight), 0);
        // Who reads an older state may not bring it back.
        reader.put_page(page(1, 10));
        assert!(reader.page("1").is_none());
    }

    #[test]
    fn nothing_is_kept_for_who_has_a_key_nor_from_another_day() {
        let warm = Warm::new(1_000_000, Room::new(0));
        let recent = Recent::default();
        let now = Some(moment(&recent));
        let today = Day::today();
        let key = warm.reader(&recent, &Caller::command_line(), now, today);
        key.put_page(page(1, 10));
        let anyone = warm.reader(&recent, &Caller::default(), now, today);
        assert!(anyone.page("1").is_none());
        anyone.put_page(page(1, 10));
        assert!(anyone.page("1").is_some());
        assert!(key.page("1").is_none());
        let late = warm.reader(&recent, &Caller::default(), None, today);
        assert!(late.page("1").is_none());
        if let Ok(other) = Day::parse("2020-02-02") {
            let other = warm.reader(&recent, &Caller::default(), now, other);
            assert!(other.page("1").is_none());
        }
        assert!(Warm::new(0, Room::new(0)).cache.is_none());
    }
}
