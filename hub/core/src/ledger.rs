//! The ledger: who has which version of what, and by which path it went (features U5).
//!
//! It is computed from the registers of the links, so that every own device shows the same. What a receiver made of it
//! is there only if they let me know. States that a relay would add come with it.

use crate::{entity::Entity, id::EntityId, person::Link, share::Sent};

/// Where one version stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits until a device of theirs is seen.
    Waiting,
    /// A device of theirs has it on disk.
    Delivered,
    /// They let me know that they accepted it.
    Accepted,
    /// They let me know that they did not, or not all of it.
    Refused,
}

impl State {
    /// The word by which people and scripts know it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Of what.
    pub item: EntityId,
    /// The number of the newest publication for this person.
    pub version: u64,
    /// When it was made, in milliseconds since 1970.
    pub made_ms: i64,
    /// Where it stands.
    pub state: State,
    /// By which path it went, and when it arrived; `None` while it waits.
    pub delivered: Option<(String, i64)>,
}

/// Returns the lines of one link, by item. What is sent to a person whom one blocked looks like any other.
pub fn entries(link: &Entity) -> Vec<Entry> {
    let sent = Sent::of(link).into_iter();
    sent.map(|(item, sent)| {
        let waiting = sent.is_waiting();
        let delivered = sent.delivery.filter(|_| !waiting).map(|delivery| (delivery.path, delivery.at_ms));
        Entry {
            item,
            version: sent.newest.order.number,
            made_ms: sent.newest.made_ms,
            state: match sent.judgement {
                _ if waiting => State::Waiting,
                None => State::Delivered,
                Some(judgement) if judgement.accepted => State::Accepted,
                Some(_) => State::Refused,
            },
            delivered,
        }
    })
    .collect()
}

/// How many versions wait at this link: the outbox. Nothing waits at one that is over.
pub fn outbox(link: &Entity) -> usize {
    if !Link::of(link).is_some_and(|link| link.is_open()) {
        return 0;
    }
    Sent::of(link).values().filter(|sent| sent.is_waiting()).count()
}
