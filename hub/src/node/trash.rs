//! The end of the trash: contacts that have lain in it for 30 days are purged (rules section 5).

use super::{
    committer::Proposal,
    event_loop::Node,
    held::{self, Cause, Waits},
    taking_back::drafts,
    work::counted,
};
use crate::{api::Event, clock::now_ms, store};
use kith_core::{
    account,
    limits::TRASH_MS,
    replica::{Rows, purge},
};

impl Node {
    /// Purges what has been in the trash long enough, while nothing is unsettled. A purge of many contacts at once waits
    /// for a person.
    pub(super) fn purge_old(&self) {
        let Some(member) = self.member.as_ref().filter(|member| member.engine.state().is_settled()) else { return };
        let (store, committer, events) = (member.store.clone(), self.committer(member), self.events.clone());
        tokio::spawn(async move {
            let limit = now_ms() - TRASH_MS;
            let Ok(ids) = store.read(move |rows| store::trashed_before(rows, limit)).await else { return };
            if ids.is_empty() {
                return;
            }
            let purged = committer.commit(move |rows| {
                let (contacts, trashed, _) = store::counts(rows.connection())?;
                let settled = rows.state().is_settled();
                let (mut edits, mut concerned) = (Vec::new(), Vec::new());
                for id in ids.into_iter().filter(|_| settled) {
                    let entity = rows.entity(id)?;
                    // What a source still has stays in the trash, or the next reading would bring it back.
                    let fresh = if account::is_known(entity) { Vec::new() } else { purge(id, entity) };
                    if !fresh.is_empty() {
                        concerned.push(id);
                        edits.extend(fresh);
                    }
                }
                let mut waits = None;
                if held::is_many_for_purge(concerned.len(), (contacts + trashed) as usize) {
                    let count = counted(concerned.len(), "contact");
                    let what = format!("{count} have been in the trash for 30 days and would be deleted for good");
                    waits = Some(held::hold(Cause::Purge, &what, &concerned, rows)?);
                    edits.clear();
                }
                let drafts = drafts(edits);
                Ok(Ok(Proposal { drafts, answer: waits, what: String::new(), import: None, groups: false }))
            });
            match purged.await {
                Ok(None) => {}
                Ok(Some(waits)) => {
                    tracing::debug!(?waits, "the trash is not emptied without a yes");
                    if matches!(waits, Waits::Fresh(_)) {
                        // Nobody may be listening.
                        let _unheard = events.send(Event::HeldChanged);
                    }
                }
                Err(error) => tracing::warn!(%error, "the trash was not emptied"),
            }
        });
    }
}
