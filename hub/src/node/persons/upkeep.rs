//! What is done without anybody asking: publications that own devices made at once are merged, what waited for an
//! unmetered network is taken, dates that have come are followed, interactions that are too old are dropped.

use super::{audience::viewer_of, placing, receiving};
use crate::{
    clock::now_ms,
    node::{committer::Proposal, event_loop::Node, work::Outcome},
    store::{self, Writing},
};
use kith_core::{
    book::SETTINGS,
    id::{DeviceId, PersonId},
    interaction::{Interaction, KEPT_MS},
    person::{self, Link},
    replica::{Draft, Edit, Rows},
    share::{self, Sent},
};

impl Node {
    /// Looks after links: what was published at once is merged, and their contacts show what holds now.
    pub(super) fn keep_up(&self, persons: Vec<PersonId>) {
        let Some(member) = &self.member else { return };
        let (committer, metered) = (self.committer(member), self.is_metered());
        tokio::spawn(async move {
            let me = committer.me;
            for person in persons {
                if let Err(error) = committer.commit(move |rows| look_after(rows, me, person, metered)).await {
                    tracing::warn!(%error, "a link was not looked after");
                }
            }
        });
    }

    /// The same for all links, and old interactions.
    pub(super) fn look_after_people(&self) {
        let Some(member) = &self.member else { return };
        self.keep_up(member.people.known.keys().copied().collect());
        let committer = self.committer(member);
        tokio::spawn(async move {
            if let Err(error) = committer.commit(drop_old).await {
                tracing::warn!(%error, "old interactions were not dropped");
            }
        });
    }
}

fn look_after(rows: &mut Writing<'_>, me: DeviceId, person: PersonId, metered: bool) -> Outcome<Proposal<()>> {
    let now = now_ms();
    let mut entity = rows.entity(person::id(person))?.clone();
    let mut edits: Vec<Edit> = Vec::new();
    if !metered {
        // What waited for an unmetered network goes.
        edits.extend(share::take_deferred(&entity, rows.entity(SETTINGS)?));
        entity = placing::after(&entity, &edits, me, now);
    }
    let open = Link::of(&entity).filter(Link::is_open);
    if let Some(link) = &open {
        let beside = Sent::of(&entity).into_iter().filter(|(_, sent)| !sent.beside.is_empty());
        for (item, _) in beside {
            let viewer = viewer_of(rows, link.contact)?;
            let today = share::cut(rows.entity(item)?, &viewer.viewer());
            edits.extend(share::settle(&entity, item, &today, me, now).map(|(edit, _)| edit));
        }
        edits.extend(receiving::show(rows, &entity, me, now)?);
    }
    Ok(Ok(proposal(placing::drafts(edits))))
}

/// Interactions are kept for two years.
fn drop_old(rows: &mut Writing<'_>) -> Outcome<Proposal<()>> {
    let old = store::interactions_before(rows.connection(), now_ms().saturating_sub(KEPT_MS), DROPPED_AT_ONCE)?;
    let mut edits = Vec::new();
    for id in old {
        edits.extend(Interaction::of(rows.entity(id)?).map(|one| one.drop()));
    }
    let drafts = if edits.is_empty() { Vec::new() } else { vec![Draft { edits, import: None }] };
    Ok(Ok(proposal(drafts)))
}

fn proposal(drafts: Vec<Draft>) -> Proposal<()> {
    Proposal { drafts, answer: (), what: String::new(), import: None, groups: false }
}

/// Interactions dropped in one change.
const DROPPED_AT_ONCE: usize = 1000;
