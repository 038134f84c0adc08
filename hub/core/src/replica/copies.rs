//! Copied and rolled-back devices: two chains of changes under one device's numbers (rule 3.1/9).
//!
//! A data folder that was copied, or restored from yesterday, goes on to number its changes as the device it was. Hashes
//! tell: the same number stands for two changes. Every replica keeps the hash of each change that it holds or passed on
//! the way, so two replicas that meet compare what they hold of each device before anything else ([`forks`]), and find
//! the last change that both chains have in common ([`Branch`]).
//!
//! Who finds that its own numbers are used by somebody else leaves them ([`part`]): it goes back to the common change,
//! writes what only it holds again under a new id, and takes the other chain as that of the old one. Where both chains
//! have spread, nobody can tell any more which of the two somebody had seen who names a number beyond the common change.
//! Then the device is *closed* there, for ever and for everybody: each replica writes what lives of its own chain again,
//! under a stand-in's id, with what the writer had seen up to the common change. Values that both chains brought then
//! stand side by side; equal ones count once.
//!
//! A stand-in is an id of its own, because one device's writes see each other (rule 3.1/3) and a replica may have written
//! beside the value it now writes again. Its id follows from who writes and for whom, so that everybody can tell.

use super::{BookState, Committed, Head, Heads, Rows, StoredChange, merge_change};
use crate::{
    change::{self, Change},
    id::{DeviceId, EntityId, Hash},
    path::Path,
    vector::Vector,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a replica holds of one device's chain: closer together the newer they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    /// Whose changes.
    #[serde(rename = "d")]
    pub device: DeviceId,
    /// Some of them, the newest first.
    #[serde(rename = "p")]
    pub points: Vec<Head>,
}

/// What a replica has to part with.
#[derive(Clone, Debug, PartialEq)]
pub enum Apart {
    /// A peer's chain of a device: this replica may hold another one.
    Branch(Branch),
    /// Devices that a peer knows to be closed.
    Closed(Heads),
}

/// What parting did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parted {
    /// This device's numbers are used by somebody else, or closed: it goes on under the new id.
    pub left: bool,
    /// Devices of which less is held now, and how much.
    pub lowered: Heads,
    /// What was written again.
    pub committed: Committed,
}

impl Parted {
    /// Whether it did anything.
    pub fn is_news(&self) -> bool {
        self.left || !self.lowered.is_empty()
    }
}

/// The devices of which a peer holds another chain than this replica. `theirs` is what it holds of each, `heads` what it
/// has heard of; of this device itself, hearsay is enough.
pub fn forks<R: Rows>(rows: &mut R, me: DeviceId, heads: &Heads, theirs: &Heads) -> Result<Vec<DeviceId>, R::Error> {
    let mut forks = Vec::new();
    for (&device, head) in heads {
        let held = theirs.get(&device).unwrap_or(head);
        let unlike = contradicts(rows, device, held)?;
        if unlike || device == me && (beyond(rows.state(), me, head) || contradicts(rows, me, head)?) {
            forks.push(device);
        }
    }
    Ok(forks)
}

/// Whether this replica holds another change under that number.
pub(super) fn contradicts<R: Rows>(rows: &mut R, device: DeviceId, point: &Head) -> Result<bool, R::Error> {
    let unlike = point.is_known() && rows.hash_of(device, point.seq)?.is_some_and(|hash| hash != point.hash);
    Ok(unlike && !mutant!(CopyNotNoticed))
}

/// Whether somebody knows more of this device than it does itself.
pub(super) fn beyond(state: &BookState, me: DeviceId, head: &Head) -> bool {
    head.seq > state.authors.get(&me).map_or(0, |author| author.head.seq)
}

/// This replica's chain of a device, from number `upto` down.
pub fn branch<R: Rows>(rows: &mut R, device: DeviceId, upto: u64) -> Result<Branch, R::Error> {
    let author = rows.state().authors.get(&device).copied().unwrap_or_default();
    let mut points: BTreeMap<u64, Hash> = BTreeMap::new();
    for top in [author.head, author.held].into_iter().filter(Head::is_known) {
        points.insert(top.seq, top.hash);
    }
    let top = upto.min(author.held.seq);
    let mut seq = top;
    while seq > 0 && points.len() < MARKS_MAX {
        if let Some(hash) = rows.hash_of(device, seq)? {
            points.insert(seq, hash);
        }
        seq = seq.saturating_sub(1 + (top - seq) / MARKS_DENSE);
    }
    Ok(Branch { device, points: points.into_iter().rev().map(|(seq, hash)| Head { seq, hash }).collect() })
}

/// Parts with what differs, in one transaction. `me` goes on as `fresh` if it turns out that it must.
pub fn part<R: Rows>(rows: &mut R, me: DeviceId, fresh: DeviceId, apart: &Apart) -> Result<Parted, R::Error> {
    let mut parted = Parted::default();
    parted.committed.base = rows.state().vector();
    match apart {
        Apart::Branch(branch) => {
            if let Some(common) = common(rows, me, branch)? {
                parted.left |= is_stand_in_of(rows.state(), me, branch.device);
                let spread = branch.device != me || is_named_by_others(rows, me, common.seq)?;
                leave(rows, me, fresh, branch.device, common, spread, &mut parted)?;
            }
        }
        Apart::Closed(closed) => {
            // This device first: what it writes for others it writes as who it is then.
            let (mine, others): (Vec<_>, Vec<_>) = closed.iter().partition(|(device, _)| **device == me);
            for (&device, &end) in mine.into_iter().chain(others) {
                let author = rows.state().authors.get(&device).copied().unwrap_or_default();
                let known = author.closed && author.head.seq <= end.seq;
                if known && (author.head == end || author.head.seq < end.seq) {
                    continue;
                }
                parted.left |= is_stand_in_of(rows.state(), me, device);
                // The end lies on a third chain: nothing is known to be common.
                let unlike = contradicts(rows, device, &end)? || known;
                let end = if unlike { Head::default() } else { end };
                leave(rows, me, fresh, device, end, true, &mut parted)?;
            }
        }
    }
    parted.committed.touched.sort_unstable();
    parted.committed.touched.dedup();
    if parted.is_news() {
        let state = rows.state_mut();
        state.commits += 1;
        // What peers had and this replica would not take may be taken now.
        state.cursors.clear();
    }
    parted.committed.upto = rows.state().vector();
    Ok(parted)
}

/// The newest change that this replica's chain and a peer's have in common; `None` if they do not contradict each other.
/// A peer's newest point may be hearsay, of another chain than it holds: only what lies before all that is unlike counts.
fn common<R: Rows>(rows: &mut R, me: DeviceId, branch: &Branch) -> Result<Option<Head>, R::Error> {
    let mut alike: BTreeMap<u64, Head> = BTreeMap::new();
    let mut unlike: Option<u64> = None;
    for point in branch.points.iter().filter(|point| point.is_known()) {
        let parts = match rows.hash_of(branch.device, point.seq)? {
            Some(hash) if hash == point.hash => {
                alike.insert(point.seq, *point);
                false
            }
            Some(_) => true,
            None => branch.device == me && beyond(rows.state(), me, point),
        };
        if parts {
            unlike = Some(unlike.map_or(point.seq, |seq| seq.min(point.seq)));
        }
    }
    Ok(unlike.map(|seq| alike.range(..seq).next_back().map(|(_, head)| *head).unwrap_or_default()))
}

/// Whether any other device's change names a number of this one after `after`: then those have spread.
fn is_named_by_others<R: Rows>(rows: &mut R, me: DeviceId, after: u64) -> Result<bool, R::Error> {
    let mut arrival = 0;
    loop {
        let page = rows.changes_after(arrival, PAGE_CHANGES)?;
        let Some(last) = page.last() else { return Ok(false) };
        arrival = last.arrival;
        let foreign = page.iter().filter(|stored| stored.whole && stored.device != me);
        let mut changes = foreign.filter_map(|stored| Change::decode(&stored.bytes).ok());
        if changes.any(|change| change.writes.iter().any(|write| write.seen.at(me) > after)) {
            return Ok(true);
        }
    }
}

/// Goes back to the `end` of a device's chain, and writes again what lived beyond it.
fn leave<R: Rows>(
    rows: &mut R,
    me: DeviceId,
    fresh: DeviceId,
    device: DeviceId,
    end: Head,
    close: bool,
    parted: &mut Parted,
) -> Result<(), R::Error> {
    parted.left |= device == me;
    let writer = if device == me {
        fresh
    } else {
        let by = if parted.left { fresh } else { me };
        let unused = (0..STAND_INS_MAX).map(|nth| stand_in(by, device, nth));
        let mut unused = unused.filter(|id| !rows.state().authors.contains_key(id));
        unused.next().unwrap_or_else(|| stand_in(by, device, STAND_INS_MAX - 1))
    };
    let stored = rows.take_changes(device, end.seq)?;
    let lived = forget(rows, device, end.seq)?;
    let author = rows.state_mut().authors.entry(device).or_default();
    author.vouched = author.vouched.min(end.seq);
    if author.held.seq > end.seq {
        author.held = end;
    }
    if device == me || close {
        author.head = end;
    }
    author.closed |= close;
    parted.lowered.insert(device, end);
    for stored in stored {
        write_again(rows, &stored, end.seq, writer, &lived, parted)?;
    }
    Ok(())
}

type Place = (EntityId, Path, u64);

/// Takes what a device wrote after number `after` out of all registers; returns where what lived of it was.
fn forget<R: Rows>(rows: &mut R, device: DeviceId, after: u64) -> Result<BTreeSet<Place>, R::Error> {
    let mut lived = BTreeSet::new();
    let mut hash = rows.state().hash;
    for id in rows.entities_naming(device, after)? {
        for (path, register) in rows.entity_mut(id)?.registers_mut() {
            for sibling in register.forget(device, after) {
                hash.remove(id, path, &sibling);
                lived.insert((id, path.clone(), sibling.seq));
            }
        }
    }
    rows.state_mut().hash = hash;
    Ok(lived)
}

/// Makes a new change of what lived of an old one: the same values and clock, and what the old one had seen, except of
/// its own chain beyond its end.
fn write_again<R: Rows>(
    rows: &mut R,
    stored: &StoredChange,
    end: u64,
    writer: DeviceId,
    lived: &BTreeSet<Place>,
    parted: &mut Parted,
) -> Result<(), R::Error> {
    let Ok(mut change) = Change::decode(&stored.bytes) else { return Ok(()) };
    let old = (change.device, change.seq);
    change.writes.retain(|write| lived.contains(&(write.entity, write.path.clone(), old.1)));
    if change.writes.is_empty() {
        return Ok(());
    }
    for write in &mut change.writes {
        write.seen.lower(old.0, end);
    }
    let before = rows.state().authors.get(&writer).map(|author| author.head).unwrap_or_default();
    (change.device, change.seq, change.prev) = (writer, before.seq + 1, before.hash);
    let bytes = change.encode();
    let head = Head { seq: change.seq, hash: change::hash(&bytes) };
    let touched = &mut parted.committed.touched;
    merge_change(rows, change, &bytes, touched)?;
    rows.rename_change(old, (writer, head.seq))?;
    let author = rows.state_mut().authors.entry(writer).or_default();
    author.head = head;
    author.vouched = head.seq;
    parted.committed.heads.insert(writer, head);
    parted.committed.changes.push(bytes);
    Ok(())
}

/// The ids under which any of these devices may have written again what closed ones wrote, and for whom.
pub fn stand_ins(devices: &BTreeSet<DeviceId>, closed: &Heads) -> BTreeMap<DeviceId, DeviceId> {
    // Closed devices are few, and nearly always there are none.
    let pairs = closed.keys().flat_map(|&of| devices.iter().map(move |&by| (by, of)));
    pairs.flat_map(|(by, of)| (0..STAND_INS_MAX).map(move |nth| (stand_in(by, of, nth), of))).collect()
}

/// Whether a device wrote again under this id. If somebody else did so too, the device itself was copied.
fn is_stand_in_of(state: &BookState, by: DeviceId, id: DeviceId) -> bool {
    stand_ins(&BTreeSet::from([by]), &state.closed()).contains_key(&id)
}

fn stand_in(by: DeviceId, of: DeviceId, nth: u8) -> DeviceId {
    let mut hasher = blake3::Hasher::new_derive_key("kith 2026 stand-in");
    hasher.update(&by.0);
    hasher.update(&of.0);
    hasher.update(&[nth]);
    let mut id = [0; 16];
    id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    DeviceId(id)
}

/// Lowers what a peer was known to hold by what does not count any more.
pub(crate) fn lower(vector: &mut Vector, ends: &Heads) {
    ends.iter().for_each(|(device, end)| vector.lower(*device, end.seq));
}

/// Most points of a branch.
pub const MARKS_MAX: usize = 4096;
/// So many of the newest points follow each other without a gap; further back, gaps grow by one in each so many.
const MARKS_DENSE: u64 = 256;
/// How often one device may write again for another one under a new id.
const STAND_INS_MAX: u8 = 8;
/// Changes read from storage at a time.
const PAGE_CHANGES: usize = 512;

#[cfg(test)]
mod tests;
