//! Handing changes on, by the order in which they arrived here (rule 3.1/7).

use super::{BookState, Rows};
use crate::{
    limits::{BATCH_BYTES_MAX, BATCH_CHANGES_MAX},
    vector::Vector,
};

/// One batch, read in one transaction with the state that goes with it.
#[derive(Clone, Debug)]
pub struct BatchRead {
    /// Encoded changes.
    pub changes: Vec<Vec<u8>>,
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
    let mut batch = BatchRead { changes: Vec::new(), through: after, end: false, state: rows.state().clone() };
    let mut bytes = 0;
    loop {
        let page = rows.changes_after(batch.through, PAGE_CHANGES)?;
        let full = page.len() == PAGE_CHANGES;
        for stored in page {
            let withheld = mutant!(UnvouchedWithheld) && stored.seq > batch.state.vector().at(stored.device);
            if stored.seq > want.at(stored.device) && !withheld {
                let fits = bytes + stored.bytes.len() <= BATCH_BYTES_MAX && batch.changes.len() < changes_max;
                if !fits && !batch.changes.is_empty() {
                    mutant!(CursorAhead => batch.through = stored.arrival);
                    return Ok(batch);
                }
                bytes += stored.bytes.len();
                batch.changes.push(stored.bytes);
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
