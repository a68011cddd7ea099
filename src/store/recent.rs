//! What changed of late, for whoever keeps something that was read from the register.
//!
//! It follows the change log inside the transactions of those who read, so that nobody waits for it
//! and every answer knows all that its own snapshot does: also what another process has written. What
//! was read in one transaction is the same in another when no document that it was made of changed
//! in between.

use std::collections::{HashMap, VecDeque};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use diesel::prelude::*;

use super::schema::changes;
use super::{AnyConnection, direct};

/// How many lines of the log are remembered: a few megabytes. What was read before those counts as
/// changed.
const KEPT: usize = 50_000;

/// How many new lines are read at once. When there are more, it begins anew.
const LINES: i64 = 2_000;

/// A document, by the number that its id is.
pub type Id = u128;

/// The number that an id is.
pub fn id_number(id: &str) -> Id {
    id.parse::<uuid::Uuid>().unwrap_or_default().as_u128()
}

/// At which state of the register something was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The last line of the change log.
    pub position: i64,
    /// Goes up when the log is not the one that was followed: the register was put back to an
    /// earlier state, and numbers mean something else.
    era: u64,
}

/// The newest lines of the change log.
#[derive(Default)]
pub struct Recent(RwLock<Known>);

/// What is known of them.
#[derive(Default)]
struct Known {
    era: u64,
    /// The last line, and the changeset that it has.
    last: i64,
    changeset: String,
    /// Of what happened up to here nothing is known.
    floor: i64,
    /// The last line of each document that has one.
    changed: HashMap<Id, i64>,
    lines: VecDeque<(i64, Id)>,
}

impl Recent {
    /// The state of the register in this transaction: how far the change log is, and a moment to
    /// keep things by; that is absent in a snapshot that was made before what is known by now.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub fn catch_up(&self, db: &mut AnyConnection) -> QueryResult<(i64, Option<Moment>)> {
        let (era, last, begun) = {
            let known = &self.look().0;
            (known.era, known.last, !known.changeset.is_empty())
        };
        let from = if begun { last } else { i64::MAX - LINES };
        // Not `limit`: SQLite then prepares the query anew each time. The log has no gaps.
        let lines = changes::table
            .filter(changes::seq.between(from, from + LINES))
            .order(changes::seq.asc())
            .select((changes::seq, changes::document_id, changes::changeset));
        let lines: Vec<(i64, String, String)> = direct!(db, c => lines.load(c))?;
        let whole = begun && lines.last().is_some_and(|(seq, ..)| *seq < from + LINES);
        if let Some((seq, ..)) = lines.last().filter(|_| whole) {
            // Nearly always there is nothing new, and nobody has to wait for this.
            let is_known = |known: &Known| known.era == era && known.knows(&lines);
            if is_known(&self.look().0) {
                return Ok((
                    *seq,
                    Some(Moment {
                        position: *seq,
                        era,
                    }),
                ));
            }
            let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if known.era == era && known.take(&lines) {
                return Ok((
                    *seq,
                    Some(Moment {
                        position: *seq,
                        era,
                    }),
                ));
            }
        }
        let newest: Option<(i64, String)> = changes::table
            .order(changes::seq.desc())
            .select((changes::seq, changes::changeset))
            .first(db)
            .optional()?;
        let (position, changeset) = newest.unwrap_or_default();
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Without any line it is an older snapshot, or a register that was put back: that shows when
        // there is a line at this place again. Or somebody else has begun anew meanwhile.
        if known.era != era || (begun && lines.is_empty()) {
            return Ok((position, None));
        }
        known.begin(position, changeset);
        let era = known.era;
        Ok((position, Some(Moment { position, era })))
    }

    /// A moment at a position, from which on it is followed.
    #[cfg(test)]
    pub(crate) fn moment_for_tests(&self, position: i64) -> Moment {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.begin(position, "a".into());
        let era = known.era;
        Moment { position, era }
    }

    /// What is known now, to ask several things of it.
    pub fn look(&self) -> Look<'_> {
        Look(self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What is known of the newest lines.
pub struct Look<'r>(RwLockReadGuard<'r, Known>);

impl Look<'_> {
    /// Whether what was read of these documents at one moment is the same at another.
    pub fn same(&self, then: Moment, now: Moment, documents: &[Id]) -> bool {
        let known = &self.0;
        let first = then.position.min(now.position);
        let unchanged = |id| {
            known
                .changed
                .get(id)
                .is_none_or(|changed| *changed <= first)
        };
        then.era == known.era
            && now.era == known.era
            && first >= known.floor
            && (first == known.last || documents.iter().all(unchanged))
    }
}

impl Known {
    /// Whether lines hold nothing new, and are of the log that is followed.
    fn knows(&self, lines: &[(i64, String, String)]) -> bool {
        lines.iter().all(|(seq, _, changeset)| {
            *seq <= self.last && self.changeset_of(*seq).is_none_or(|own| own == changeset)
        })
    }

    /// The changeset of a line, if it is the last one.
    fn changeset_of(&self, seq: i64) -> Option<&String> {
        (seq == self.last).then_some(&self.changeset)
    }

    /// Takes lines in that follow each other; says whether they are of the log that is followed.
    fn take(&mut self, lines: &[(i64, String, String)]) -> bool {
        for (seq, id, changeset) in lines {
            if self.changeset_of(*seq).is_some_and(|own| own != changeset) {
                return false;
            }
            // Somebody else may have taken some of them in meanwhile.
            if *seq <= self.last {
                continue;
            }
            let id = id_number(id);
            self.last = *seq;
            self.changeset.clone_from(changeset);
            self.changed.insert(id, *seq);
            self.lines.push_back((*seq, id));
        }
        while self.lines.len() > KEPT {
            if let Some((seq, id)) = self.lines.pop_front() {
                self.floor = seq;
                if self.changed.get(&id) == Some(&seq) {
                    self.changed.remove(&id);
                }
            }
        }
        true
    }

    /// Begins at a line, knowing nothing of what was before.
    fn begin(&mut self, position: i64, changeset: String) {
        *self = Self {
            era: self.era + 1,
            last: position,
            changeset,
            floor: position,
            ..Self::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(from: i64, ids: &[u128], changeset: &str) -> Vec<(i64, String, String)> {
        let line = |(seq, id): (i64, &u128)| {
            let id = uuid::Uuid::from_u128(*id).to_string();
            (seq, id, changeset.to_owned())
        };
        (from..).zip(ids).map(line).collect()
    }

    fn look(known: Known) -> Recent {
        Recent(RwLock::new(known))
    }

    #[test]
    fn what_was_read_is_good_until_a_document_of_it_changes() {
        let mut known = Known::default();
        known.begin(10, "a".into());
        assert!(known.take(&lines(11, &[1, 2], "b")));
        let at = |position| known_moment(position);
        let recent = look(known);
        let look = recent.look();
        assert!(look.same(at(10), at(12), &[3]));
        assert!(look.same(at(11), at(12), &[1]));
        assert!(!look.same(at(10), at(12), &[3, 1]));
        // A reader with an older snapshot must not see what is newer either.
        assert!(!look.same(at(12), at(10), &[2]));
        assert!(look.same(at(12), at(11), &[1]));
        assert!(
            !look.same(at(9), at(12), &[3]),
            "nothing is known of line 10"
        );
    }

    fn known_moment(position: i64) -> Moment {
        Moment { position, era: 1 }
    }

    #[test]
    fn only_so_many_lines_are_remembered() {
        let mut known = Known::default();
        known.begin(0, "a".into());
        let ids: Vec<u128> = (0..KEPT as u128 + 5).map(|nth| nth % 7).collect();
        assert!(known.take(&lines(1, &ids, "b")));
        assert_eq!((known.lines.len(), known.floor), (KEPT, 5));
        assert_eq!(known.changed.len(), 7);
        let recent = look(known);
        let look = recent.look();
        let newest = known_moment(i64::try_from(ids.len()).unwrap_or_default());
        assert!(!look.same(known_moment(4), newest, &[99]));
        assert!(look.same(known_moment(5), newest, &[99]));
    }

    #[test]
    fn another_log_ends_all_that_was_known() {
        let mut known = Known::default();
        known.begin(10, "a".into());
        assert!(known.take(&lines(11, &[1], "b")));
        assert!(!known.take(&lines(11, &[2, 3], "c")));
        known.begin(12, "c".into());
        let (before, now) = (
            known_moment(12),
            Moment {
                position: 12,
                era: 2,
            },
        );
        let recent = look(known);
        assert!(!recent.look().same(before, now, &[]));
        assert!(recent.look().same(now, now, &[]));
    }
}
