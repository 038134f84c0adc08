//! The list in memory: which contacts there are, in which order, under which letters.
//!
//! It is some 35 bytes a contact. With it any page is a slice, letters and hits need no counting one by one, and hits are
//! put into order by their places if they are few, else by walking the list until enough are found, so that none of these
//! costs more far down the list or with many hits.

use super::{StoreError, row_set::RowSet};
use rusqlite::{Connection, OptionalExtension};
use std::ops::Range;

/// The contacts of one shelf by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Listed {
    slots: Vec<Slot>,
    /// The place of each row in `slots`, or [`NOWHERE`].
    places: Vec<u32>,
    /// The rows of all slots.
    rows: RowSet,
    /// What names begin with, see [`kith_core::contact::Summary::starts`], and the row of each; sorted.
    starts: Vec<(u64, u32)>,
    letters: Vec<String>,
}

/// One contact in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot {
    /// Its row in `contacts`.
    row: u32,
    /// Its letter's number in the list.
    letter: u16,
}

/// Where a contact that was just written belongs.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) starts: [u64; 2],
    pub(super) letter: String,
    pub(super) sort: Vec<u8>,
}

impl Listed {
    /// Reads a shelf.
    pub(super) fn load(connection: &Connection, shelf: i64) -> Result<Self, StoreError> {
        let mut statement = connection.prepare_cached(
            "SELECT entity, letter, start, other_start FROM contacts WHERE shelf = ?1 ORDER BY sort, entity",
        )?;
        let mut rows = statement.query([shelf])?;
        let mut listed = Self::default();
        while let Some(row) = rows.next()? {
            let letter = row.get_ref(1)?.as_str().map_err(|_| StoreError::Damaged("a letter"))?;
            let letter = listed.letter(letter);
            let starts = [row.get::<_, i64>(2)?.cast_unsigned(), row.get::<_, i64>(3)?.cast_unsigned()];
            let row = row.get(0)?;
            listed.slots.push(Slot { row, letter });
            listed.rows.insert(row);
            listed.starts.extend(starts_of(starts, row));
        }
        listed.starts.sort_unstable();
        listed.number(0..listed.slots.len());
        Ok(listed)
    }

    /// The rows of all contacts.
    pub(super) fn rows(&self) -> &RowSet {
        &self.rows
    }

    /// Those of a set in order; looks no further than the last of them.
    pub(super) fn in_order<'a>(&'a self, set: &'a RowSet) -> Box<dyn Iterator<Item = u32> + 'a> {
        let count = set.len();
        if count.saturating_mul(FEW_AMONG) <= self.slots.len() {
            let mut places: Vec<usize> = set.rows().filter_map(|row| self.place(row)).collect();
            places.sort_unstable();
            return Box::new(places.into_iter().map(|place| self.slots[place].row));
        }
        let slots = self.slots.iter().map(|slot| slot.row);
        Box::new(slots.filter(|row| set.contains(*row)).take(count))
    }

    fn place(&self, row: u32) -> Option<usize> {
        self.places.get(row as usize).filter(|place| **place != NOWHERE).map(|place| *place as usize)
    }

    /// Notes the places of these slots, which moved.
    fn number(&mut self, moved: Range<usize>) {
        for (slot, place) in self.slots[moved.clone()].iter().zip(moved) {
            let row = slot.row as usize;
            if row >= self.places.len() {
                self.places.resize(row + 1, NOWHERE);
            }
            self.places[row] = place as u32;
        }
    }

    /// The rows of those whose name, or its reading, begins with what [`kith_core::contact::start_key`] made `start` of.
    pub(super) fn beginning_with(&self, start: u64) -> RowSet {
        if start == 0 {
            return RowSet::default();
        }
        let open = u64::MAX.checked_shl(start.trailing_zeros() & !7).unwrap_or(0);
        let first = self.starts.partition_point(|(key, _)| *key < start);
        let keys = self.starts[first..].iter().take_while(|(key, _)| key & open == start);
        keys.map(|(_, row)| *row).collect()
    }

    /// The letters of some of the contacts, in order, each with the place of its first contact among them.
    pub(super) fn letters(&self, set: &RowSet) -> Vec<(String, u32)> {
        let slots = self.slots.iter().filter(|slot| set.contains(slot.row));
        let mut seen = vec![false; self.letters.len()];
        let mut found = Vec::new();
        let mut before = None;
        for (slot, place) in slots.zip(0..) {
            if before == Some(slot.letter) {
                continue;
            }
            before = Some(slot.letter);
            let number = usize::from(slot.letter);
            if !std::mem::replace(&mut seen[number], true) {
                found.push((self.letters[number].clone(), place));
            }
        }
        found
    }

    /// Puts a contact into its place, or takes it out.
    pub(super) fn put(&mut self, connection: &Connection, row: u32, place: Option<&Place>) -> Result<(), StoreError> {
        let old = self.place(row);
        self.rows.set(row, place.is_some());
        if old.is_some() {
            self.starts.retain(|(_, other)| *other != row);
        }
        let Some(place) = place else {
            if let Some(old) = old {
                self.slots.remove(old);
                self.places[row as usize] = NOWHERE;
                self.number(old..self.slots.len());
            }
            return Ok(());
        };
        for start in starts_of(place.starts, row) {
            self.starts.insert(self.starts.partition_point(|other| *other < start), start);
        }
        let slot = Slot { row, letter: self.letter(&place.letter) };
        let new = self.find(connection, row, &place.sort, old)?;
        match old {
            None => {
                self.slots.insert(new, slot);
                self.number(new..self.slots.len());
            }
            Some(old) => {
                if new > old {
                    self.slots[old..=new].rotate_left(1);
                } else {
                    self.slots[new..=old].rotate_right(1);
                }
                self.slots[new] = slot;
                self.number(old.min(new)..old.max(new) + 1);
            }
        }
        Ok(())
    }

    /// The place of a sort key among the contacts but the one at `without`, by asking for the keys of a few of them.
    fn find(
        &self,
        connection: &Connection,
        row: u32,
        sort: &[u8],
        without: Option<usize>,
    ) -> Result<usize, StoreError> {
        let mut statement = connection.prepare_cached("SELECT sort FROM contacts WHERE entity = ?1")?;
        let (mut low, mut high) = (0, self.slots.len() - usize::from(without.is_some()));
        while low < high {
            let middle = low.midpoint(high);
            let at = middle + usize::from(without.is_some_and(|without| middle >= without));
            let other = self.slots[at].row;
            let key: Option<Vec<u8>> = statement.query_row([other], |row| row.get(0)).optional()?;
            let key = key.ok_or(StoreError::Damaged("the list"))?;
            if (&key[..], other) < (sort, row) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    fn letter(&mut self, letter: &str) -> u16 {
        let known = self.letters.iter().rposition(|known| known == letter);
        let number = known.unwrap_or_else(|| {
            if self.letters.len() < LETTERS_MAX {
                self.letters.push(letter.to_owned());
            }
            self.letters.len() - 1
        });
        number as u16
    }
}

/// What a name begins with, as far as it begins with anything, once.
fn starts_of([start, other]: [u64; 2], row: u32) -> impl Iterator<Item = (u64, u32)> {
    let other = if other == start { 0 } else { other };
    [start, other].into_iter().filter(|start| *start != 0).map(move |start| (start, row))
}

/// Letters that are told apart; a book with more of them shows the rest under the last one.
const LETTERS_MAX: usize = 10_000;
/// The place of a row that is not in the list.
const NOWHERE: u32 = u32::MAX;
/// One hit among so many contacts or more: sorting the hits by their places is quicker than walking the list.
const FEW_AMONG: usize = 8;
