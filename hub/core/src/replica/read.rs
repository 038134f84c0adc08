//! Handing changes on, by the order in which they arrived here (rule 3.1/7).

use super::{BookState, Head, Rows};
use crate::{
    id::DeviceId,
    limits::{BATCH_BYTES_MAX, BATCH_CHANGES_MAX, STUB_BYTES},
    vector::Vector,
};

/// One batch, read in one transaction with the state that goes with it.
#[derive(Clone, Debug)]
pub struct BatchRead {
    /// Encoded changes.
    pub changes: Vec<Vec<u8>>,
    /// Changes of which nothing lives, by their hashes.
    pub stubs: Vec<(DeviceId, Head)>,
    /// Devices of which the receiver holds another chain ([`super::forks`]): then nothing of the batch may be sent.
    pub forks: Vec<DeviceId>,
    /// The arrival number that was read through.
    pub through: u64,
    /// Nothing is left: the batch is the last one.
    pub end: bool,
    /// The book as this transaction saw it.
    pub state: BookState,
}

/// Reads the changes after arrival number `after` that a receiver with vector `want` lacks.
pub fn read_batch<R: Rows>(rows: &mut R, want: &Vector, after: u64) -> Result<BatchRead, R::Error> {
    read_batch_up_to(rows, want, after, BATCH_CHANGES_MAX)
}

/// The same with a smaller batch, at least one change: a sender may always send less at a time.
pub fn read_batch_up_to<R: Rows>(
    rows: &mut R,
    want: &Vector,
    after: u64,
    changes_max: usize,
) -> Result<BatchRead, R::Error> {
    let state = rows.state().clone();
    let has_all = state.authors.iter().all(|(device, author)| author.held.seq <= want.at(*device));
    let (changes, stubs, forks) = Default::default();
    let mut batch = BatchRead { changes, stubs, forks, through: after, end: has_all, state };
    if has_all {
        // The receiver lacks nothing: there is no need to look.
        batch.through = after.max(rows.newest_arrival()?);
        return Ok(batch);
    }
    let mut bytes = 0;
    loop {
        let page = rows.changes_after(batch.through, PAGE_CHANGES)?;
        let full = page.len() == PAGE_CHANGES;
        for stored in page {
            let withheld = mutant!(UnvouchedWithheld) && stored.seq > batch.state.vector().at(stored.device);
            if stored.seq > want.at(stored.device) && !withheld {
                let size = if stored.whole { stored.bytes.len() } else { STUB_BYTES };
                let fits = bytes + size <= BATCH_BYTES_MAX && batch.changes.len() < changes_max;
                if !fits && bytes > 0 {
                    mutant!(CursorAhead => batch.through = stored.arrival);
                    return Ok(batch);
                }
                bytes += size;
                if stored.whole {
                    batch.changes.push(stored.bytes);
                } else {
                    batch.stubs.push((stored.device, Head { seq: stored.seq, hash: stored.hash() }));
                }
            }
            batch.through = stored.arrival;
        }
        if !full {
            batch.end = true;
            return Ok(batch);
        }
    }
}

/// Changes read from storage at a time.
const PAGE_CHANGES: usize = 512;
