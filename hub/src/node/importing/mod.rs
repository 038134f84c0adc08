//! Import: files to cards to changes. A thread reads and takes apart ahead of the writer, in chunks; each chunk is
//! committed in one transaction, so that the hub stays awake, memory stays bounded and a window sees progress. Between two
//! chunks it can be stopped; what came in until then is whole, and one thing to take back.

mod files;
mod groups;
mod look;
mod plan;
mod reading;

pub(crate) use look::look;

use super::committer::{Committer, Proposal, storage_error};
use crate::{
    api::{Answer, Code, Error, Event, Import, Imported},
    store::Writing,
};
use kith_core::id::EntityId;
use plan::{Memory, Tally};
use rand_core::OsRng;
use reading::Chunk;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{broadcast, mpsc, watch};

/// Carries out `import`, until somebody calls `stop`.
pub(crate) async fn import(
    request: Import,
    committer: Committer,
    events: broadcast::Sender<Event>,
    stop: watch::Receiver<()>,
) -> Result<Answer, Error> {
    let dry_run = request.dry_run;
    let sources = blocking(move || files::open(&request.files)).await??;
    let what = match &sources[..] {
        [source] => format!("imported {}", source.name),
        sources => format!("imported {} files", sources.len()),
    };
    let mut work = Work {
        committer,
        import: EntityId::random(&mut OsRng),
        what,
        memory: dry_run.then(Arc::default),
        imported: Imported::default(),
    };
    let (sender, mut chunks) = mpsc::channel(CHUNKS_AHEAD);
    let reader = tokio::task::spawn_blocking(move || reading::read(&sources, &sender));
    let (mut done, mut total) = (0, 0);
    while let Some(chunk) = chunks.recv().await {
        done += chunk.cards.len() as u32;
        total = chunk.total.max(done);
        // On an error the channel closes, and the reader stops at its next chunk.
        work.step(chunk).await?;
        // Nobody may be listening.
        let _unheard = events.send(Event::Progress { work: "import".to_owned(), done, total });
        // An error says that the loop has ended, which is told elsewhere.
        if stop.has_changed().unwrap_or(false) {
            work.imported.stopped = true;
            break;
        }
    }
    drop(chunks);
    let read = reader.await.map_err(|_| Error::new(Code::Internal, "reading the files was cut off"))??;
    work.imported.files = read.files;
    if work.imported.stopped {
        return Ok(Answer::Import(work.imported));
    }
    for group in read.groups.chunks(GROUPS_AT_ONCE) {
        work.group_step(group.to_vec()).await?;
    }
    if total > 0 {
        let _unheard = events.send(Event::Progress { work: "import".to_owned(), done: total, total });
    }
    Ok(Answer::Import(work.imported))
}

/// An import on its way.
struct Work {
    committer: Committer,
    import: EntityId,
    what: String,
    /// In a dry run: what the files said before, as nothing of it is in the book.
    memory: Option<Arc<Mutex<Memory>>>,
    imported: Imported,
}

impl Work {
    async fn step(&mut self, chunk: Chunk) -> Result<(), Error> {
        let Chunk { cards, failed, notes, .. } = chunk;
        self.imported.failed.extend(failed);
        note(&mut self.imported.notes, notes);
        if cards.is_empty() {
            return Ok(());
        }
        let import = self.import;
        let tally = self.carry_out(move |rows, memory| plan::plan_cards(cards, import, rows, memory)).await?;
        let imported = &mut self.imported;
        imported.added += tally.added;
        imported.updated += tally.updated;
        imported.unchanged += tally.unchanged;
        imported.failed.extend(tally.failed);
        note(&mut imported.notes, tally.notes);
        if self.memory.is_some() {
            let room = ROWS_MAX.saturating_sub(imported.rows.len());
            imported.rows.extend(tally.rows.into_iter().take(room));
        }
        Ok(())
    }

    async fn group_step(&mut self, cards: Vec<groups::GroupCard>) -> Result<(), Error> {
        let import = self.import;
        let tally = self.carry_out(move |rows, _| groups::plan_groups(&cards, import, rows)).await?;
        note(&mut self.imported.notes, tally.notes);
        Ok(())
    }

    /// Plans inside the writer's transaction; in a dry run that is then undone.
    async fn carry_out(
        &self,
        plan: impl FnOnce(&mut Writing<'_>, Option<&mut Memory>) -> Result<plan::Planned, crate::store::StoreError>
        + Send
        + 'static,
    ) -> Result<Tally, Error> {
        let Some(memory) = self.memory.clone() else {
            let (what, import) = (self.what.clone(), Some(self.import));
            return self
                .committer
                .commit(move |rows| {
                    let (drafts, answer) = plan(rows, None)?;
                    let groups = answer.groups;
                    Ok(Ok(Proposal { drafts, answer, what, import, groups }))
                })
                .await;
        };
        let planned = self.committer.store.write_and_wait(move |rows| {
            let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(Err::<(), _>(plan(rows, Some(&mut *memory))?.1))
        });
        match planned.await {
            Ok(Err(tally)) => Ok(tally),
            Ok(Ok(())) => Ok(Tally::default()),
            Err(error) => Err(storage_error(&error)),
        }
    }
}

fn note(notes: &mut Vec<crate::api::ImportFailure>, more: Vec<crate::api::ImportFailure>) {
    let room = NOTES_MAX.saturating_sub(notes.len());
    notes.extend(more.into_iter().take(room));
}

/// Runs something that blocks, beside the event loop.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Error::new(Code::Internal, "reading the files was cut off"))
}

/// Chunks read before they are committed.
const CHUNKS_AHEAD: usize = 2;
/// Rows that a dry run lists.
const ROWS_MAX: usize = 1_000;
/// Notes that are listed.
const NOTES_MAX: usize = 1_000;
/// Group cards of one transaction; each may have thousands of members.
const GROUPS_AT_ONCE: usize = 8;
