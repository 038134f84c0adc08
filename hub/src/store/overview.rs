//! What the store keeps in memory of a large book, so that it answers at once: the list, and the rows of what very many
//! contacts have in common.
//!
//! The index of words takes some 400 ns a hit, and more before the first one. That is nothing for a name, and too much
//! for a single letter, a domain or a country code that most contacts have. The rows of such [`Broad`] words are
//! remembered, and kept true by the writer with each commit; [`super::warm`] looks for them before anybody asks. A book
//! of fewer contacts than [`BROAD_MIN`] has none.
//!
//! Everything here can be forgotten and made anew from the tables. What a reader has made of an older state than the
//! newest is used once and not kept.

use super::{
    StoreError,
    listed::{Listed, Place},
    row_set::RowSet,
};
use kith_core::{contact::Wanted, id::EntityId};
use rusqlite::Connection;
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

/// Shared by the writer and the readers.
#[derive(Default)]
pub(super) struct Overview {
    state: Mutex<State>,
    /// Called when everything was derived anew.
    rederived: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl fmt::Debug for Overview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.state.fmt(f)
    }
}

#[derive(Debug, Default)]
struct State {
    /// How often contacts have changed.
    generation: u64,
    listed: Option<Arc<Listed>>,
    broad: BTreeMap<Broad, Remembered>,
    /// How often everything was forgotten.
    forgotten: u64,
    /// After which forgetting what is broad was looked for.
    warmed: Option<u64>,
}

/// What many contacts may have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Broad {
    /// A word.
    Word(Wanted),
    /// A group or a tag.
    Group(EntityId),
}

#[derive(Debug)]
struct Remembered {
    rows: Arc<RowSet>,
    /// How many they were when they were remembered.
    count: usize,
}

/// What a transaction did to contacts.
#[derive(Debug, Default)]
pub(super) enum Changes {
    /// Nothing.
    #[default]
    None,
    /// So little that it is made up for.
    Few(Vec<Changed>),
    /// So much that everything is made anew when it is needed.
    Many,
}

/// A contact that was written.
#[derive(Clone, Debug)]
pub(super) struct Changed {
    pub(super) row: u32,
    /// Where it is listed; `None` if it is not, or not any more.
    pub(super) place: Option<Place>,
    /// Its words, as the index has them.
    pub(super) words: String,
    /// The groups and tags it is in.
    pub(super) groups: Vec<EntityId>,
}

impl Changes {
    /// Adds a contact; what was said of it before does not count.
    pub(super) fn push(&mut self, changed: impl FnOnce() -> Changed) {
        match self {
            Self::None => *self = Self::Few(vec![changed()]),
            Self::Few(few) if few.len() < FEW => {
                let changed = changed();
                few.retain(|before| before.row != changed.row);
                few.push(changed);
            }
            Self::Few(_) => *self = Self::Many,
            Self::Many => {}
        }
    }
}

impl Overview {
    /// The state is whole even if a holder panicked: each part is replaced at once.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has `then` called whenever everything was derived anew; only the first caller has.
    pub(super) fn on_rederived(&self, then: Box<dyn Fn() + Send + Sync>) {
        // One who is told already stays the one.
        let _first = self.rederived.set(then);
    }

    /// Everything was derived anew.
    pub(super) fn tell_rederived(&self) {
        if let Some(then) = self.rederived.get() {
            then();
        }
    }

    /// A number that grows with each change. Taken before a snapshot is, it says whether that is the newest one.
    pub(super) fn generation(&self) -> u64 {
        self.state().generation
    }

    /// Takes over what was just committed. `connection` sees it.
    pub(super) fn publish(&self, connection: &Connection, changes: &Changes) {
        let mut state = self.state();
        match changes {
            Changes::None => return,
            Changes::Few(few) => {
                if let Err(error) = state.make_up_for(connection, few) {
                    tracing::warn!(%error, "the list is read anew");
                    state.forget();
                }
            }
            Changes::Many => state.forget(),
        }
        state.generation += 1;
    }

    /// The list, read from a snapshot taken at `generation` if it is not in memory.
    pub(super) fn listed(&self, connection: &Connection, generation: u64) -> Result<Arc<Listed>, StoreError> {
        if let Some(listed) = &self.state().listed {
            return Ok(Arc::clone(listed));
        }
        let listed = Arc::new(Listed::load(connection, 0)?);
        let mut state = self.state();
        if state.generation == generation {
            state.listed = Some(Arc::clone(&listed));
        }
        Ok(listed)
    }

    /// The rows of something broad, if they are remembered.
    pub(super) fn recall(&self, broad: &Broad) -> Option<Arc<RowSet>> {
        self.state().broad.get(broad).map(|known| Arc::clone(&known.rows))
    }

    /// Remembers `count` rows of something broad, unless they are not those of the newest state. Where it becomes too
    /// much, the least broad is forgotten.
    pub(super) fn remember(&self, generation: u64, broad: Broad, rows: Arc<RowSet>, count: usize) {
        let mut state = self.state();
        if state.generation != generation {
            return;
        }
        if state.broad.len() >= BROAD_MAX {
            let least = state.broad.iter().min_by_key(|(_, known)| known.count);
            let Some(least) = least.filter(|(_, known)| known.count < count).map(|(least, _)| least.clone()) else {
                return;
            };
            state.broad.remove(&least);
        }
        // A beginning and its longer ones often have the same contacts.
        let alike = state.broad.values().find(|known| known.count == count && known.rows == rows);
        let rows = alike.map_or(rows, |known| Arc::clone(&known.rows));
        state.broad.insert(broad, Remembered { rows, count });
    }
}

impl Overview {
    /// Says once whether it is time to look for what is broad; if so, until when [`Overview::is_warming`] holds.
    pub(super) fn begin_warming(&self) -> Option<u64> {
        let mut state = self.state();
        let is_large = state.listed.as_ref().is_some_and(|listed| listed.rows().len() >= BROAD_MIN);
        let is_due = is_large && state.warmed != Some(state.forgotten);
        is_due.then(|| {
            state.warmed = Some(state.forgotten);
            state.forgotten
        })
    }

    /// Whether what was found since warming began still counts.
    pub(super) fn is_warming(&self, begun: u64) -> bool {
        self.state().forgotten == begun
    }
}

impl State {
    fn forget(&mut self) {
        self.forgotten += 1;
        self.listed = None;
        self.broad.clear();
    }

    fn make_up_for(&mut self, connection: &Connection, few: &[Changed]) -> Result<(), StoreError> {
        if let Some(listed) = &mut self.listed {
            // The keys of those that were not written yet are not where they will be.
            let listed = Arc::make_mut(listed);
            if few.len() > 1 {
                few.iter().try_for_each(|changed| listed.put(connection, changed.row, None))?;
            }
            few.iter().try_for_each(|changed| listed.put(connection, changed.row, changed.place.as_ref()))?;
        }
        for changed in few {
            let words: Vec<&str> = changed.words.split(' ').collect();
            for (broad, known) in &mut self.broad {
                let has = match broad {
                    Broad::Group(group) => changed.groups.contains(group),
                    Broad::Word(wanted) => wanted.is_among(&words),
                };
                if known.rows.contains(changed.row) != has {
                    Arc::make_mut(&mut known.rows).set(changed.row, has);
                }
            }
        }
        Ok(())
    }
}

/// Hits from which on something is broad.
pub(super) const BROAD_MIN: usize = 500;
/// Broad words and groups that are remembered: at 100,000 contacts some 12 KiB each, or nothing for one that has the same
/// contacts as another.
const BROAD_MAX: usize = 4_096;
/// Contacts of one transaction that are made up for one by one.
const FEW: usize = 64;
