//! The list in memory: which contacts there are, in which order, under which letters.
//!
//! It is some 24 bytes a contact. With it any page is a slice, letters need no counting, and hits are ranked by walking
//! it once, so that none of these costs more far down the list or with many hits.

use super::StoreError;
use rusqlite::{Connection, OptionalExtension};

/// The contacts of one shelf by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Listed {
    slots: Vec<Slot>,
    letters: Vec<String>,
}

/// One contact in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// What the name begins with, see [`kith_core::contact::Summary::starts`].
    pub(super) starts: [u64; 2],
    /// Its row in `contacts`.
    pub(super) row: u32,
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
            listed.slots.push(Slot { starts, row: row.get(0)?, letter });
        }
        Ok(listed)
    }

    /// The contacts in order.
    pub(super) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The letters of some of the contacts, in order, each with the place of its first contact among them.
    pub(super) fn letters<'a>(&self, slots: impl Iterator<Item = &'a Slot>) -> Vec<(String, u32)> {
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
        let old = self.slots.iter().position(|slot| slot.row == row);
        let Some(place) = place else {
            if let Some(old) = old {
                self.slots.remove(old);
            }
            return Ok(());
        };
        let slot = Slot { starts: place.starts, row, letter: self.letter(&place.letter) };
        let new = self.find(connection, row, &place.sort, old)?;
        match old {
            None => self.slots.insert(new, slot),
            Some(old) => {
                if new > old {
                    self.slots[old..=new].rotate_left(1);
                } else {
                    self.slots[new..=old].rotate_right(1);
                }
                self.slots[new] = slot;
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

/// Letters that are told apart; a book with more of them shows the rest under the last one.
const LETTERS_MAX: usize = 10_000;
