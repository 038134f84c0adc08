//! A device's storage: ordered maps, and for some seeds the product's SQLite file as well, which must do the same.
//!
//! Everything runs on both, and the engine hears what the file said. Batches are the exception: arrival numbers are a
//! store's own, so that a batch is read from the file alone.

use kith_core::{
    change::InvalidChange,
    id::{BookId, DeviceId, EntityId, StoreId},
    replica::{
        self, Applied, BatchRead, BookState, Committed, Delivery, Draft, MemoryRows, Refusal, Rows, StoredChange,
    },
    vector::Vector,
};
use kith_hub::Door;
use std::{collections::BTreeSet, fmt::Debug, path::Path};
use tempfile::TempDir;

/// What survives a crash of a device, as far as the book goes.
#[derive(Debug)]
pub(super) struct Disk {
    pub(super) rows: MemoryRows,
    file: Option<File>,
}

/// The file did otherwise than the maps, or failed.
#[derive(Debug)]
pub(super) struct Unlike(pub(super) String);

#[derive(Debug)]
struct File {
    door: Door,
    folder: TempDir,
}

impl Disk {
    /// An empty book, with a file if `with_file`.
    pub(super) fn new(book: BookId, store: StoreId, with_file: bool) -> Result<Self, Unlike> {
        let file = with_file.then(|| {
            let folder = folder()?;
            let door = Door::create(folder.path(), book, store).map_err(failed)?;
            Ok(File { door, folder })
        });
        Ok(Self { rows: MemoryRows::new(BookState::new(book, store)), file: file.transpose()? })
    }

    /// A disk in maps alone, with what was on another one.
    pub(super) fn of(rows: MemoryRows) -> Self {
        Self { rows, file: None }
    }

    pub(super) fn commit(
        &mut self,
        me: DeviceId,
        now: i64,
        drafts: Vec<Draft>,
    ) -> Result<Result<Committed, InvalidChange>, Unlike> {
        let filed = self.file.as_ref().map(|file| file.door.commit(me, now, drafts.clone())).transpose();
        let Ok(result) = replica::commit(&mut self.rows, me, now, drafts);
        if let Some(filed) = filed.map_err(failed)? {
            alike("a commit", &filed, &result.clone().map(|committed| (committed, self.rows.state().clone())))?;
        }
        Ok(result)
    }

    /// Takes in a delivery. One that is refused leaves the maps broken, and ends the run.
    pub(super) fn apply(
        &mut self,
        me: DeviceId,
        now: i64,
        delivery: Delivery,
        writers: BTreeSet<DeviceId>,
    ) -> Result<Result<Applied, Refusal>, Unlike> {
        let filed = self.file.as_ref().map(|file| file.door.apply(me, now, delivery.clone(), writers.clone()));
        let Ok(result) = replica::apply(&mut self.rows, me, now, delivery, &|device| writers.contains(&device));
        if let Some(filed) = filed.transpose().map_err(failed)? {
            alike("a delivery", &filed, &result.clone().map(|applied| (applied, self.rows.state().clone())))?;
        }
        Ok(result)
    }

    pub(super) fn read_batch(&mut self, want: &Vector, after: u64, changes_max: usize) -> Result<BatchRead, Unlike> {
        if let Some(file) = &self.file {
            return file.door.read_batch(want.clone(), after, changes_max).map_err(failed);
        }
        let Ok(read) = replica::read_batch_up_to(&mut self.rows, want, after, changes_max);
        Ok(read)
    }

    /// Starts again from what is on disk, maybe as another life of the store.
    pub(super) fn reopen(&mut self, renumbered: Option<StoreId>) -> Result<(), Unlike> {
        let state = self.rows.state_mut();
        state.commits = 0;
        state.store = renumbered.unwrap_or(state.store);
        let Some(file) = self.file.take() else { return Ok(()) };
        let folder = folder()?;
        let (door, state) =
            Door::open_as_left(file.folder.path(), folder.path(), self.rows.state().store).map_err(failed)?;
        file.door.close();
        self.file = Some(File { door, folder });
        alike("the state after a crash", &state, self.rows.state())?;
        self.compare()
    }

    /// Compares everything that the file holds with the maps.
    pub(super) fn compare(&mut self) -> Result<(), Unlike> {
        let Some(file) = &self.file else { return Ok(()) };
        let filled = self.rows.entities().iter().filter(|(_, entity)| !entity.is_empty());
        let (ids, entities): (Vec<EntityId>, Vec<_>) = filled.map(|(id, entity)| (*id, entity.clone())).unzip();
        let (filed_changes, filed_entities) = file.door.content(ids).map_err(failed)?;
        let Ok(changes) = self.rows.changes_after(0, usize::MAX);
        let bare = |changes: Vec<StoredChange>| {
            changes.into_iter().map(|change| (change.device, change.seq, change.bytes)).collect::<Vec<_>>()
        };
        alike("what is stored to be handed on", &bare(filed_changes), &bare(changes))?;
        alike("contacts", &filed_entities, &entities)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            file.door.close();
        }
    }
}

fn alike<T: PartialEq + Debug>(what: &str, filed: &T, mapped: &T) -> Result<(), Unlike> {
    if filed == mapped { Ok(()) } else { Err(Unlike(format!("{what}: {filed:?} in the file, {mapped:?} in memory"))) }
}

fn failed(error: impl std::fmt::Display) -> Unlike {
    Unlike(error.to_string())
}

/// In memory where the system has a place for that: every transaction is made durable.
fn folder() -> Result<TempDir, Unlike> {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    folder.map_err(failed)
}
