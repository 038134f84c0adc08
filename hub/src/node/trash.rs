//! The end of the trash: contacts that have lain in it for 30 days are purged (rules section 5).

use super::{committer::Proposal, event_loop::Node};
use crate::{clock::now_ms, store};
use kith_core::{
    limits::TRASH_MS,
    replica::{Draft, Rows, purge},
};

impl Node {
    /// Purges what has been in the trash long enough, while nothing is unsettled. A purge of many contacts at once is left
    /// undone: it would need a person's yes.
    pub(super) fn purge_old(&self) {
        let Some(member) = self.member.as_ref().filter(|member| member.engine.state().is_settled()) else { return };
        let (store, committer) = (member.store.clone(), self.committer(member));
        tokio::spawn(async move {
            let limit = now_ms() - TRASH_MS;
            let read = store.read(move |rows| Ok((store::trashed_before(rows, limit)?, store::counts(rows)?)));
            let Ok((ids, (contacts, trashed, _))) = read.await else { return };
            let many = ids.len() > PURGE_MAX || ids.len() as u32 * 5 > contacts + trashed;
            if ids.is_empty() || many {
                return;
            }
            let purged = committer.commit(move |rows| {
                let mut drafts = Vec::new();
                for id in ids {
                    let settled = rows.state().is_settled();
                    let edits = if settled { purge(id, rows.entity(id)?) } else { Vec::new() };
                    drafts.push(Draft { edits, import: None });
                }
                Ok(Ok(Proposal { drafts, answer: (), what: String::new(), import: None, groups: false }))
            });
            if let Err(error) = purged.await {
                tracing::warn!(%error, "the trash was not emptied");
            }
        });
    }
}

/// More contacts than this, or more than a fifth of the book, are not purged without a person.
const PURGE_MAX: usize = 50;
