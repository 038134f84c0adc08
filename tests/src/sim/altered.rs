//! The product, broken on purpose around its edges: what the oracle must notice.

use super::{Mutant, Rule, device::Device};
use kith_core::{
    change::Change,
    id::DeviceId,
    replica::{BatchRead, Cursor, Delivery, Head, Manner, MemoryRows, Rows},
    vector::Vector,
    wire::{Ack, Message},
};
use std::collections::BTreeMap;

/// What a broken sender would have put into its batches, kept beside the wire under (sender, cursor).
#[derive(Debug, Default)]
pub(super) struct Smuggled {
    upto: BTreeMap<(DeviceId, u64), Vector>,
    /// The sender's end at the time of a batch.
    end: BTreeMap<(DeviceId, u64), u64>,
    /// For the simpler rule, under the number that stands in for an arrival: how far that batch reached, and its `upto`.
    simple: Vec<((DeviceId, u64), Vector)>,
}

impl Smuggled {
    pub(super) fn remember(&mut self, sender: DeviceId, read: &BatchRead) {
        self.upto.insert((sender, read.through), read.state.vector());
    }

    pub(super) fn remember_end(&mut self, sender: DeviceId, read: &BatchRead, end: u64) {
        self.end.insert((sender, read.through), end);
    }

    /// One batch by the plausible simpler rule: in the order of (device, sequence), V moving along.
    pub(super) fn read_simply(&mut self, rows: &mut MemoryRows, want: &Vector, after: u64, max: usize) -> BatchRead {
        let state = rows.state().clone();
        let from = after.checked_sub(1).and_then(|nth| self.simple.get(nth as usize)).map(|(reached, _)| *reached);
        let Ok(stored) = rows.changes_after(0, usize::MAX);
        let missing = stored.into_iter().filter(|change| change.whole && change.seq > want.at(change.device));
        let ordered: BTreeMap<_, _> = missing.map(|change| ((change.device, change.seq), change.bytes)).collect();
        let mut left = ordered.into_iter().filter(|(id, _)| from.is_none_or(|from| *id > from)).peekable();
        let mut changes = Vec::new();
        let mut reached = from.unwrap_or((DeviceId([0; 16]), 0));
        while let Some((id, bytes)) = left.next_if(|_| changes.len() < max) {
            reached = id;
            changes.push(bytes);
        }
        let end = left.peek().is_none();
        let upto = if end { state.vector() } else { passed(&state.vector(), reached) };
        self.simple.push((reached, upto));
        let (stubs, forks) = Default::default();
        BatchRead { changes, stubs, forks, through: self.simple.len() as u64, end, state }
    }
}

/// What a sender in the order of (device, sequence) has passed.
fn passed(vector: &Vector, (device, seq): (DeviceId, u64)) -> Vector {
    let at = |(d, n): (DeviceId, u64)| if d < device { Some((d, n)) } else { (d == device).then_some((d, n.min(seq))) };
    vector.iter().filter_map(at).collect()
}

/// A delivery as a broken receiver would take it.
pub(super) fn delivery(
    rule: Rule,
    mutant: Option<Mutant>,
    smuggled: &Smuggled,
    rows: &mut MemoryRows,
    mut delivery: Delivery,
) -> Delivery {
    let from = delivery.from;
    match (&mut delivery.manner, rule, mutant) {
        (Manner::Session { cursor, upto }, Rule::Simple | Rule::SimpleChecked, _) => {
            let batch = cursor.arrival.checked_sub(1).and_then(|nth| smuggled.simple.get(nth as usize));
            upto.get_or_insert_with(|| batch.map(|(_, upto)| upto.clone()).unwrap_or_default());
            *cursor = Cursor { arrival: 0, ..*cursor };
        }
        (Manner::Session { cursor, upto }, _, Some(Mutant::VectorRaisedByEveryBatch)) if upto.is_none() => {
            *upto = smuggled.upto.get(&(from, cursor.arrival)).cloned();
        }
        (Manner::Session { cursor, .. }, _, Some(Mutant::CursorAhead)) => {
            cursor.arrival = smuggled.end.get(&(from, cursor.arrival)).copied().unwrap_or(cursor.arrival);
        }
        (Manner::Push { base, .. }, _, Some(Mutant::GapIgnored)) => *base = Vector::default(),
        _ => {}
    }
    match mutant {
        Some(Mutant::RemovalsSkipped) => delivery.changes.retain(|bytes| {
            Change::decode(bytes).is_ok_and(|change| change.writes.iter().all(|write| write.value.is_some()))
        }),
        Some(Mutant::OlderClockSkipped) => {
            delivery.changes.retain(|bytes| Change::decode(bytes).is_ok_and(|change| is_newest(rows, &change)));
        }
        _ => {}
    }
    delivery
}

fn is_newest(rows: &MemoryRows, change: &Change) -> bool {
    change.writes.iter().all(|write| {
        let register = rows.entities().get(&write.entity).and_then(|entity| entity.register(&write.path));
        register.and_then(|register| register.shown()).is_none_or(|shown| shown.clock <= change.clock)
    })
}

/// Makes a device forget its newest number.
pub(super) fn take_number_back(device: &mut Device) {
    let id = device.id;
    if let Some(author) = device.rows.state_mut().authors.get_mut(&id).filter(|author| author.head.seq > 1) {
        author.head = Head { seq: author.head.seq - 1, ..author.head };
    }
}

/// What a broken network answers in place of a push's receiver; `None` if the message is not a push.
pub(super) fn forged_ack(bytes: &[u8]) -> Option<Vec<u8>> {
    match Message::decode(bytes) {
        Ok(Message::Push(push)) => Some(Message::Ack(Ack { session: None, number: push.number, gap: false }).encode()),
        _ => None,
    }
}

/// A frame as it goes out by the simpler rule: without the check that would notice and mend what the rule breaks.
pub(super) fn unchecked(bytes: Vec<u8>) -> Vec<u8> {
    match Message::decode(&bytes) {
        Ok(Message::Batch(mut batch)) => {
            if let Some(last) = &mut batch.last {
                last.yours = None;
            }
            Message::Batch(batch).encode()
        }
        _ => bytes,
    }
}
