//! The way of every change made here: planned and numbered inside the writer's transaction, told to the loop when it is
//! durable, and only then answered.

use super::{
    event_loop::{Happening, Stored},
    persons::known::Touched,
    work::Outcome,
};
use crate::{
    api::{Code, Error},
    clock::now_ms,
    store::{ActionKind, Store, StoreError, Writing},
};
use kith_core::{
    id::{DeviceId, EntityId},
    replica::{self, Draft, Rows},
};
use tokio::sync::{mpsc, oneshot};

/// Commits changes under this device's name. Clones share the store and the loop.
#[derive(Clone, Debug)]
pub(crate) struct Committer {
    pub(crate) me: DeviceId,
    /// My card.
    pub(crate) own: EntityId,
    pub(crate) store: Store,
    pub(crate) happenings: mpsc::UnboundedSender<Happening>,
}

/// What is to be committed, and how it is remembered.
pub(crate) struct Proposal<T> {
    pub(crate) drafts: Vec<Draft>,
    /// Handed back when it is durable.
    pub(crate) answer: T,
    /// In words, for undo; empty if it is not to be taken back.
    pub(crate) what: String,
    /// What it is a part of, if that takes several transactions.
    pub(crate) import: Option<EntityId>,
    /// Groups or tags are concerned.
    pub(crate) groups: bool,
}

impl Committer {
    /// Plans and commits; hands the plan's answer back when it is durable and the loop has been told. What is part of
    /// something longer is part of an import.
    pub(crate) async fn commit<T: Send + 'static>(
        &self,
        plan: impl FnOnce(&mut Writing<'_>) -> Outcome<Proposal<T>> + Send + 'static,
    ) -> Result<T, Error> {
        self.commit_as(ActionKind::Import, plan).await
    }

    /// The same for something longer that is no import. `kind` is what it is if it is longer.
    pub(crate) async fn commit_as<T: Send + 'static>(
        &self,
        kind: ActionKind,
        plan: impl FnOnce(&mut Writing<'_>) -> Outcome<Proposal<T>> + Send + 'static,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let (me, own, happenings) = (self.me, self.own, self.happenings.clone());
        self.store.write(
            move |rows| {
                let now = now_ms();
                rows.set_now(now);
                let proposal = match plan(rows)? {
                    Ok(proposal) => proposal,
                    Err(error) => return Ok(Err(error)),
                };
                let Proposal { drafts, answer, what, import, groups } = proposal;
                // The folder may have gone on as another device since this was asked.
                let me = rows.device(me)?;
                let committed = match replica::commit(rows, me, now, drafts)? {
                    Ok(committed) => committed,
                    Err(error) => {
                        return Ok(Err(Error::new(Code::TooLarge, format!("That is too much at once: {error}."))));
                    }
                };
                if let (Some(seqs), false) = (committed.seqs, what.is_empty()) {
                    let alone = kind == ActionKind::Import && import.is_none();
                    let kind = if alone { ActionKind::Plain } else { kind };
                    rows.keep_action(kind, &what, seqs, import)?;
                }
                let people = Touched::look(rows, &committed.touched, own)?;
                let stored = Stored::Committed { committed, state: rows.state().clone(), groups, people };
                Ok(Ok((stored, answer)))
            },
            move |outcome| {
                let outcome = match outcome {
                    Ok(Ok((stored, answer))) => {
                        // If the loop has ended, nobody is left to be told.
                        let _ended = happenings.send(Happening::Stored(Box::new(stored)));
                        Ok(answer)
                    }
                    Ok(Err(error)) => Err(error),
                    Err(error) => Err(storage_error(&error)),
                };
                let _nobody_waits = reply.send(outcome);
            },
        );
        answer.await.unwrap_or_else(|_| Err(storage_error(&StoreError::Closed)))
    }
}

/// What a person is told when the storage fails.
pub(crate) fn storage_error(error: &StoreError) -> Error {
    if error.is_disk_trouble() {
        let message = "The disk is full or cannot be written, so nothing was changed. Make room and try again.";
        return Error::new(Code::StorageFailed, message);
    }
    match error {
        StoreError::Closed => Error::new(Code::NotRunning, "the hub is ending"),
        StoreError::Newer => Error::new(
            Code::StorageUnreadable,
            "This address book was written by a newer version of Kith. Update Kith on this device.",
        ),
        other if other.is_damage() => {
            Error::new(Code::StorageUnreadable, format!("{other}. Kith builds it anew: try again in a moment."))
        }
        other => {
            Error::new(Code::StorageUnreadable, format!("{other}. Keep the folder, and restore from another device."))
        }
    }
}
