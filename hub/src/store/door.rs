//! A door to the store for the simulator: the writer with its thread, its transactions and its file, one piece of work at
//! a time and waited for, and nothing of it but what a replica does.

use super::{FILE, Store, StoreError, Writing};
use kith_core::{
    change::InvalidChange,
    entity::Entity,
    id::{BookId, DeviceId, EntityId, StoreId},
    replica::{self, Applied, BatchRead, BookState, Committed, Delivery, Draft, Refusal, Rows, StoredChange},
    vector::Vector,
};
use std::{collections::BTreeSet, convert::Infallible, fs, path::Path, sync::mpsc};

/// The storage failed.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Broken(#[from] StoreError);

/// An open store.
#[derive(Debug)]
pub struct Door {
    store: Store,
}

impl Door {
    /// Makes the file of an empty book in a folder that holds none.
    pub fn create(folder: &Path, book: BookId, store: StoreId) -> Result<Self, Broken> {
        Ok(Self { store: Store::create(folder, book, store)?.0 })
    }

    /// Opens what another folder held at this moment, as a machine would find it that lost its power now: the file and
    /// its log are copied as they are, though a writer has them open. Another `store` than before begins another life of
    /// it. Says what the file holds.
    pub fn open_as_left(left: &Path, folder: &Path, store: StoreId) -> Result<(Self, BookState), Broken> {
        for file in [FILE.to_owned(), format!("{FILE}-wal")] {
            fs::copy(left.join(&file), folder.join(&file)).map_err(StoreError::Create)?;
        }
        let (store, state) = Store::open(folder, store)?;
        Ok((Self { store }, state))
    }

    /// Makes changes of drafts ([`replica::commit`]).
    pub fn commit(
        &self,
        me: DeviceId,
        now: i64,
        drafts: Vec<Draft>,
    ) -> Result<Result<(Committed, BookState), InvalidChange>, Broken> {
        self.transact(move |rows| {
            rows.set_now(now);
            Ok(replica::commit(rows, me, now, drafts)?.map(|committed| (committed, rows.state().clone())))
        })
    }

    /// Takes in a delivery ([`replica::apply`]).
    pub fn apply(
        &self,
        me: DeviceId,
        now: i64,
        delivery: Delivery,
        writers: BTreeSet<DeviceId>,
    ) -> Result<Result<(Applied, BookState), Refusal>, Broken> {
        self.transact(move |rows| {
            rows.set_now(now);
            let applied = replica::apply(rows, me, now, delivery, &|device| writers.contains(&device))?;
            Ok(applied.map(|applied| (applied, rows.state().clone())))
        })
    }

    /// Reads a batch for a peer ([`replica::read_batch_up_to`]).
    pub fn read_batch(&self, want: Vector, after: u64, changes_max: usize) -> Result<BatchRead, Broken> {
        self.look(move |rows| replica::read_batch_up_to(rows, &want, after, changes_max))
    }

    /// Every change that is stored, and the registers of these entities.
    pub fn content(&self, ids: Vec<EntityId>) -> Result<(Vec<StoredChange>, Vec<Entity>), Broken> {
        self.look(move |rows| {
            let changes = rows.changes_after(0, i64::MAX as usize)?;
            let entities = ids.into_iter().map(|id| rows.entity(id).cloned()).collect::<Result<_, _>>()?;
            Ok((changes, entities))
        })
    }

    /// Closes the file.
    pub fn close(&self) {
        self.store.close();
    }

    fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Writing<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Broken> {
        let Ok(looked) = self.transact(move |rows| look(rows).map(Ok::<_, Infallible>))?;
        Ok(looked)
    }

    fn transact<T: Send + 'static, E: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writing<'_>) -> Result<Result<T, E>, StoreError> + Send + 'static,
    ) -> Result<Result<T, E>, Broken> {
        let (tell, heard) = mpsc::channel();
        self.store.write(work, move |outcome| drop(tell.send(outcome)));
        Ok(heard.recv().unwrap_or(Err(StoreError::Closed))?)
    }
}
