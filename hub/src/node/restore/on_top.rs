//! A book in use gets back what it lacks, as new changes on top that every device takes and one undo takes back. Nothing
//! is rolled back: versions only grow.

use super::differences::{self, Difference, Wanted, What};
use crate::{
    api::{Code, Error, Event, Restore, Restored},
    node::{
        backup::{Backups, Scratch, Source, cut_off, open_checked},
        committer::{Proposal, storage_error},
        contacts::contact_or_me,
        held::{self, Cause, Waits},
        taking_back::drafts,
        work::counted,
    },
    store::{ActionKind, Copy, StoreError, Writing},
};
use kith_core::{
    book,
    id::EntityId,
    replica::{Edit, Rows},
};
use rand_core::OsRng;
use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The opened copy, for the writer's thread and for readers.
type Shared = Arc<Mutex<Copy>>;

impl Backups {
    /// `restore` on a folder in use.
    pub(in crate::node) async fn restore(self, request: Restore) -> Result<Restored, Error> {
        if request.property.is_some() && request.contact.is_none() {
            return Err(Error::new(Code::BadRequest, "Say of which contact: `--contact ID --property NAME`."));
        }
        let Some(typed) = &request.recovery_code else {
            let message = "A backup opens only with the recovery code: say `--recovery-code` and type it.";
            return Err(Error::new(Code::BadRequest, message));
        };
        let _alone = self.busy.lock().await;
        let code = self.code(typed)?;
        self.know(&code).await?;
        let folder = self.plan().await?.folder;
        let file = Source::find(request.from.as_deref(), folder.as_deref().map(Path::new))?.file;
        let data = self.data.clone();
        let opened = tokio::task::spawn_blocking(move || {
            let scratch = Scratch::new(&data)?;
            let (opened, copy, _) = open_checked(&code, &file, scratch.path())?;
            Ok((scratch, opened.manifest.time, copy))
        });
        let (_scratch, time, copy) = opened.await.unwrap_or_else(|_| Err(cut_off()))?;
        let mut wanted = Wanted { contact: None, property: request.property, exact: request.exact };
        if let Some(prefix) = &request.contact {
            let found = contact_or_me(prefix, &self.scene, &copy);
            wanted.contact = Some(found.unwrap_or_else(|error| Err(storage_error(&error)))?);
        }
        let copy = Arc::new(Mutex::new(copy));
        let (found, mut restored) = self.compare(&wanted, &copy).await?;
        restored.time = time;
        if !request.preview {
            self.apply(&wanted, copy, found, &mut restored).await?;
        }
        Ok(restored)
    }

    async fn compare(&self, wanted: &Wanted, copy: &Shared) -> Result<(Vec<Difference>, Restored), Error> {
        let (wanted, copy) = (wanted.clone(), Arc::clone(copy));
        let looked = self.committer.store.read(move |rows| {
            let copy = lock(&copy);
            let found = wanted.all(&copy, rows)?;
            let mut restored = Restored::default();
            for difference in found.iter().filter(|difference| difference.contact) {
                *restored.count(difference.what) += 1;
                if restored.contacts.len() < CONTACTS_TOLD {
                    restored.contacts.push(wanted.describe(*difference, &copy, rows)?);
                }
            }
            Ok((found, restored))
        });
        looked.await.map_err(|error| storage_error(&error))
    }

    /// Writes what differs, in steps that leave the hub awake. They are one action. What is to go into the trash goes
    /// last, and waits for a second yes if it is much.
    async fn apply(
        &self,
        wanted: &Wanted,
        copy: Shared,
        found: Vec<Difference>,
        restored: &mut Restored,
    ) -> Result<(), Error> {
        let run = EntityId::random(&mut OsRng);
        let (gone, back): (Vec<_>, Vec<_>) = found
            .into_iter()
            .filter(|difference| difference.what != What::Newer)
            .partition(|difference| difference.what == What::Removed);
        let count = back.iter().chain(&gone).filter(|difference| difference.contact).count();
        let what = format!("brought {} back from a backup", counted(count, "contact"));
        (restored.added, restored.changed, restored.removed) = (0, 0, 0);
        let (back, mut from) = (Arc::new(back), 0);
        while from < back.len() {
            let until = (from + STEP_ENTITIES).min(back.len());
            let (all, copy, wanted, what) = (Arc::clone(&back), Arc::clone(&copy), wanted.clone(), what.clone());
            let step = self.committer.commit_as(ActionKind::Plain, move |rows| {
                let (edits, done) = bring_back(&wanted, &lock(&copy), &all[from..until], rows)?;
                Ok(Ok(Proposal { drafts: drafts(edits), answer: done, what, import: Some(run), groups: true }))
            });
            let done = step.await?;
            restored.added += done.added;
            restored.changed += done.changed;
            from = until;
            self.progress("restore", from, back.len());
        }
        if gone.is_empty() {
            return Ok(());
        }
        let removed = self.committer.commit_as(ActionKind::Plain, move |rows| {
            let (edits, held) = remove(&gone, rows)?;
            let count = if held.is_some() { 0 } else { gone.iter().filter(|gone| gone.contact).count() };
            let answer = (count as u32, held);
            Ok(Ok(Proposal { drafts: drafts(edits), answer, what, import: Some(run), groups: true }))
        });
        let (count, held) = removed.await?;
        restored.removed = count;
        if let Some(Waits::Fresh(_)) = held {
            self.tell(Event::HeldChanged);
        }
        restored.held = held.and_then(Waits::id).map(|held| held.to_string());
        Ok(())
    }
}

/// What brings some entities back, as they stand now: somebody may have written since they were looked at.
fn bring_back(
    wanted: &Wanted,
    copy: &Copy,
    differing: &[Difference],
    rows: &mut Writing<'_>,
) -> Result<(Vec<Edit>, Restored), StoreError> {
    let (mut edits, mut done) = (Vec::new(), Restored::default());
    for difference in differing {
        let then = differences::entity(copy, difference.id)?;
        let now = rows.entity(difference.id)?;
        if let Some(fresh) = wanted.difference(difference.id, &then, now) {
            edits.extend(wanted.edits(difference.id, &then, now));
            *done.count(fresh.what) += u32::from(fresh.contact);
        }
    }
    Ok((edits, done))
}

/// What puts what came since into the trash; many contacts wait for a second yes.
fn remove(gone: &[Difference], rows: &mut Writing<'_>) -> Result<(Vec<Edit>, Option<Waits>), StoreError> {
    let (contacts, others): (Vec<&Difference>, Vec<_>) = gone.iter().partition(|difference| difference.contact);
    let contacts: Vec<EntityId> = contacts.into_iter().map(|difference| difference.id).collect();
    let mut edits: Vec<Edit> =
        others.into_iter().map(|difference| book::set_state(difference.id, book::TRASHED)).collect();
    if held::is_many_for_trash(contacts.len(), rows.connection())? {
        let what = format!("{} came after the backup and would go into the trash", counted(contacts.len(), "contact"));
        return Ok((edits, Some(held::hold(Cause::Trash, &what, &contacts, rows)?)));
    }
    edits.extend(contacts.into_iter().map(|id| book::set_state(id, book::TRASHED)));
    Ok((edits, None))
}

impl Restored {
    /// Where a kind of difference is counted.
    fn count(&mut self, what: What) -> &mut u32 {
        match what {
            What::Added => &mut self.added,
            What::Changed => &mut self.changed,
            What::Removed => &mut self.removed,
            What::Newer => &mut self.newer,
        }
    }
}

/// A copy is only read, so whoever panicked with it left it whole.
fn lock(copy: &Shared) -> MutexGuard<'_, Copy> {
    copy.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Entities brought back in one transaction.
const STEP_ENTITIES: usize = 500;
/// Contacts that are told one by one.
const CONTACTS_TOLD: usize = 200;
