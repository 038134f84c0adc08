//! Import: files to cards to changes, in steps small enough that the hub stays awake and a window sees progress.

use super::{
    committer::{Committer, Proposal},
    transfer::{Parsed, Tally, plan_cards, read_files},
    work::counted,
};
use crate::{
    api::{Answer, Code, Error, Event, Import, ImportLook, Imported},
    store::StoreError,
};
use kith_core::{id::EntityId, vcard::ParsedCard};
use rand_core::OsRng;
use std::sync::Arc;
use tokio::sync::broadcast;

/// Carries out `import`.
pub(crate) async fn import(
    request: Import,
    committer: Committer,
    events: broadcast::Sender<Event>,
) -> Result<Answer, Error> {
    let dry_run = request.dry_run;
    let parsed = tokio::task::spawn_blocking(move || read_files(&request)).await;
    let Parsed { cards, failed } =
        parsed.map_err(|_| Error::new(Code::Internal, "reading the files was cut off"))??;
    let mut imported = Imported { failed, ..Imported::default() };
    let cards: Arc<Vec<(String, ParsedCard)>> = Arc::new(cards);
    let import = EntityId::random(&mut OsRng);
    let total = cards.len();
    let mut done = 0;
    while done < total {
        let tally = step(&committer, Arc::clone(&cards), done, import, dry_run).await?;
        done += tally.taken;
        imported.added += tally.added;
        imported.updated += tally.updated;
        imported.unchanged += tally.unchanged;
        imported.failed.extend(tally.failed);
        let progress = Event::Progress { work: "import".to_owned(), done: done as u32, total: total as u32 };
        // Nobody may be listening.
        let _unheard = events.send(progress);
    }
    Ok(Answer::Import(imported))
}

/// Carries out `import.look`.
pub(crate) async fn look(_request: ImportLook) -> Result<Answer, Error> {
    Err(Error::unbuilt())
}

async fn step(
    committer: &Committer,
    cards: Arc<Vec<(String, ParsedCard)>>,
    from: usize,
    import: EntityId,
    dry_run: bool,
) -> Result<Tally, Error> {
    let total = cards.len();
    let plan = move |rows: &mut crate::store::Writing<'_>| {
        let until = (from + STEP_CARDS).min(total);
        let (drafts, tally) = plan_cards(&cards[from..until], import, rows)?;
        Ok::<_, StoreError>((drafts, tally))
    };
    if dry_run {
        // Planned inside a transaction that is then undone.
        let planned = committer.store.write_and_wait(move |rows| Ok(Err::<(), _>(plan(rows)?.1))).await;
        return match planned {
            Ok(Err(tally)) => Ok(tally),
            Ok(Ok(())) => Ok(Tally::default()),
            Err(error) => Err(super::committer::storage_error(&error)),
        };
    }
    let what = format!("imported {}", counted(total, "contact"));
    committer
        .commit(move |rows| {
            let (drafts, answer) = plan(rows)?;
            Ok(Ok(Proposal { drafts, answer, what, import: Some(import), groups: false }))
        })
        .await
}

/// Cards committed in one transaction.
const STEP_CARDS: usize = 500;
