//! The plausible simpler rule that rules.md warns of, put into the product's messages: what its check must notice.

use kith_core::{
    id::DeviceId,
    replica::{BatchRead, Cursor, Delivery, Manner, MemoryRows, Rows},
    vector::Vector,
    wire::Message,
};
use std::collections::BTreeMap;

/// The batches sent by the simpler rule, under the number that stands in for an arrival: how far each reached, and its
/// `upto`.
#[derive(Debug, Default)]
pub(super) struct Simple(Vec<((DeviceId, u64), Vector)>);

impl Simple {
    /// One batch in the order of (device, sequence), V moving along.
    pub(super) fn read(&mut self, rows: &mut MemoryRows, want: &Vector, after: u64, max: usize) -> BatchRead {
        let state = rows.state().clone();
        let from = after.checked_sub(1).and_then(|nth| self.0.get(nth as usize)).map(|(reached, _)| *reached);
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
        self.0.push((reached, upto));
        let (stubs, forks) = Default::default();
        BatchRead { changes, stubs, forks, through: self.0.len() as u64, end, state }
    }

    /// A delivery as its receiver takes it: every batch raises V, and the next session begins anew.
    pub(super) fn delivery(&self, mut delivery: Delivery) -> Delivery {
        if let Manner::Session { cursor, upto } = &mut delivery.manner {
            let batch = cursor.arrival.checked_sub(1).and_then(|nth| self.0.get(nth as usize));
            upto.get_or_insert_with(|| batch.map(|(_, upto)| upto.clone()).unwrap_or_default());
            *cursor = Cursor { arrival: 0, ..*cursor };
        }
        delivery
    }
}

/// What a sender in the order of (device, sequence) has passed.
fn passed(vector: &Vector, (device, seq): (DeviceId, u64)) -> Vector {
    let at = |(d, n): (DeviceId, u64)| if d < device { Some((d, n)) } else { (d == device).then_some((d, n.min(seq))) };
    vector.iter().filter_map(at).collect()
}

/// A frame without the check that would notice and mend what the rule breaks.
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
