//! Taking in what a peer sent: refused whole, or applied whole (rules 3.1/7, 8 and 10).

use super::{
    Author, Committed, Cursor, Head, Heads, Rows, copies, merge_change,
    purge::{purged_by, write_again},
};
use crate::{
    change::{self, Change, InvalidChange},
    id::{DeviceId, EntityId, Hash},
    limits::{AUTHORS_MAX, BATCH_CHANGES_MAX, BATCH_STUBS_MAX},
    vector::Vector,
};
use std::collections::BTreeMap;

/// A batch or a push, as it came.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Who sent it, proven by the channel.
    pub from: DeviceId,
    /// Encoded changes.
    pub changes: Vec<Vec<u8>>,
    /// Changes of which nothing lives at the sender, by their hashes.
    pub stubs: Vec<(DeviceId, Head)>,
    /// The heads the sender knows, less those that this replica had told it.
    pub heads: Heads,
    /// How it came, which decides about V.
    pub manner: Manner,
}

/// How changes come.
#[derive(Clone, Debug)]
pub enum Manner {
    /// A batch of a session: the cursor moves; only the last one carries `upto`.
    Session {
        /// How far the sender has been read when this batch is applied.
        cursor: Cursor,
        /// The sender's V, in the last batch.
        upto: Option<Vector>,
    },
    /// A push or a stored batch: V is raised only if this replica's covers `base`.
    Push {
        /// What the sender's V was before.
        base: Vector,
        /// What it is after.
        upto: Vector,
    },
}

/// What a delivery did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// The entities that changed.
    pub touched: Vec<EntityId>,
    /// Whether any register changed.
    pub news: bool,
    /// V before.
    pub base: Vector,
    /// V after.
    pub upto: Vector,
    /// A push that left a hole: ask for a session.
    pub gap: bool,
    /// Values written again because a purge had met a restore (rule 3.1/5).
    pub again: Option<Committed>,
}

impl Applied {
    /// Whether there is anything in it that other replicas may lack.
    pub fn is_news(&self) -> bool {
        self.news || self.upto != self.base
    }
}

/// Why a whole session is refused (rule 3.1/10). Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A change that is not one.
    #[error("the other device sent a change that cannot be read")]
    Change(#[from] InvalidChange),
    /// A change of another book.
    #[error("the other device sent a change of another book")]
    Book,
    /// A change by a device that was never a member.
    #[error("the other device sent a change by a device that is not one of yours")]
    Author,
    /// Something is claimed beyond the heads sent with it.
    #[error("the other device claims to have seen changes that it does not know")]
    BeyondHeads,
    /// The bytes are not those that the head names.
    #[error("a change does not match its hash")]
    HashMismatch,
    /// The same number of a device stands for two different changes, or a peer knows more of this device than this device
    /// itself: a data folder was copied or rolled back.
    #[error("two different changes of one device bear the same number: its data folder was copied or rolled back")]
    Forked(DeviceId),
    /// Too many changes or authors.
    #[error("the other device sent more than is allowed at once")]
    Limit,
}

/// Applies a delivery for device `me`. `may_write` says which devices were ever members (rule 3.1/11).
pub fn apply<R: Rows>(
    rows: &mut R,
    me: DeviceId,
    now: i64,
    delivery: Delivery,
    may_write: &dyn Fn(DeviceId) -> bool,
) -> Result<Result<Applied, Refusal>, R::Error> {
    let mut applied = Applied { base: rows.state().vector(), ..Applied::default() };
    if let Err(refusal) = learn_heads(rows, me, &delivery.heads, may_write)? {
        return Ok(Err(refusal));
    }
    if delivery.changes.len() > BATCH_CHANGES_MAX || delivery.stubs.len() > BATCH_STUBS_MAX {
        return Ok(Err(Refusal::Limit));
    }
    let mut stubs: BTreeMap<(DeviceId, u64), Hash> =
        delivery.stubs.iter().map(|(device, stub)| ((*device, stub.seq), stub.hash)).collect();
    let mut purges = Vec::new();
    for bytes in &delivery.changes {
        let change = match read_change(rows, bytes, &delivery.heads) {
            Ok(change) => change,
            Err(refusal) => return Ok(Err(refusal)),
        };
        // In the order of a device's numbers each follows what is held, and nothing need be looked up.
        let earlier = stubs.range((change.device, 0)..(change.device, change.seq));
        let earlier: BTreeMap<_, _> = earlier.map(|(&id, &hash)| (id, hash)).collect();
        for id in earlier.keys() {
            stubs.remove(id);
        }
        if let Err(refusal) = learn_stubs(rows, earlier)? {
            return Ok(Err(refusal));
        }
        if parts_here(rows, &change, &change::hash(bytes))? {
            return Ok(Err(Refusal::Forked(change.device)));
        }
        purges.extend(purged_by(&change));
        merge_change(rows, change, bytes, &mut applied.touched)?;
    }
    if let Err(refusal) = learn_stubs(rows, stubs)? {
        return Ok(Err(refusal));
    }
    applied.news = !applied.touched.is_empty();
    let raise = match delivery.manner {
        Manner::Session { cursor, upto } => {
            rows.state_mut().cursors.insert(delivery.from, cursor);
            upto
        }
        Manner::Push { base, upto } => {
            applied.gap = !rows.state().vector().covers(&base) && !mutant!(GapIgnored);
            (!applied.gap).then_some(upto)
        }
    };
    if let Some(upto) = raise {
        let authors = &mut rows.state_mut().authors;
        for (device, seq) in upto.iter() {
            match authors.get_mut(&device) {
                Some(author) if seq <= author.head.seq => author.vouched = author.vouched.max(seq),
                _ => return Ok(Err(Refusal::BeyondHeads)),
            }
        }
    }
    applied.touched.sort_unstable();
    applied.touched.dedup();
    if applied.news {
        rows.state_mut().commits += 1;
    }
    applied.upto = rows.state().vector();
    applied.again = write_again(rows, me, now, &applied.touched, &purges)?;
    Ok(Ok(applied))
}

fn learn_heads<R: Rows>(
    rows: &mut R,
    me: DeviceId,
    heads: &Heads,
    may_write: &dyn Fn(DeviceId) -> bool,
) -> Result<Result<(), Refusal>, R::Error> {
    for (&device, head) in heads {
        if !may_write(device) {
            return Ok(Err(Refusal::Author));
        }
        if device == me {
            if copies::beyond(rows.state(), me, head) || copies::contradicts(rows, me, head)? {
                return Ok(Err(Refusal::Forked(me)));
            }
            continue;
        }
        let author = rows.state_mut().authors.entry(device).or_default();
        if head.seq > author.head.seq && !author.closed {
            author.head = *head;
        }
    }
    Ok(if rows.state().authors.len() > AUTHORS_MAX { Err(Refusal::Limit) } else { Ok(()) })
}

fn learn_stubs<R: Rows>(rows: &mut R, stubs: BTreeMap<(DeviceId, u64), Hash>) -> Result<Result<(), Refusal>, R::Error> {
    for ((device, seq), hash) in stubs {
        let stub = Head { seq, hash };
        let author = rows.state().authors.get(&device).copied().unwrap_or_default();
        if seq == 0 || seq > author.head.seq {
            return Ok(Err(Refusal::BeyondHeads));
        }
        if seq <= author.held.seq && copies::contradicts(rows, device, &stub)? {
            return Ok(Err(Refusal::Forked(device)));
        }
        rows.state_mut().authors.entry(device).or_default().hold(stub);
        rows.insert_stub(device, seq, hash)?;
    }
    Ok(Ok(()))
}

/// Whether a change is of another chain than what is held of its device: it, or the one before it, is another one here.
fn parts_here<R: Rows>(rows: &mut R, change: &Change, name: &Hash) -> Result<bool, R::Error> {
    let held = rows.state().authors.get(&change.device).map(|author| author.held).unwrap_or_default();
    let before = Head { seq: change.seq - 1, hash: change.prev };
    if before.seq >= held.seq {
        // Nearly always: what is new follows what is held.
        return Ok(before.seq == held.seq && held.is_known() && held.hash != before.hash);
    }
    let itself = Head { seq: change.seq, hash: *name };
    Ok(copies::contradicts(rows, change.device, &itself)? || copies::contradicts(rows, change.device, &before)?)
}

fn read_change<R: Rows>(rows: &R, bytes: &[u8], told: &Heads) -> Result<Change, Refusal> {
    let change = Change::decode(bytes)?;
    let state = rows.state();
    if change.book != state.book {
        return Err(Refusal::Book);
    }
    let author = |device: DeviceId| state.authors.get(&device).copied().unwrap_or_default();
    if change.seq > author(change.device).head.seq {
        return Err(Refusal::BeyondHeads);
    }
    let named = told.get(&change.device).filter(|head| head.seq == change.seq);
    if named.is_some_and(|head| head.hash != change::hash(bytes)) {
        return Err(Refusal::HashMismatch);
    }
    // A copied device's numbers beyond its end are still named by who saw them.
    let is_beyond = |author: Author, seq: u64| seq > author.head.seq && !author.closed;
    let beyond = |seen: &Vector| seen.iter().any(|(device, seq)| is_beyond(author(device), seq));
    if change.writes.iter().any(|write| beyond(&write.seen)) {
        return Err(Refusal::BeyondHeads);
    }
    Ok(change)
}
