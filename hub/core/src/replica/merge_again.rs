//! Merging changes that were merged before, when a replica is built anew of what is left of it.

use super::{Rows, merge_change};
use crate::change::{Change, InvalidChange};

/// Merges changes that this replica once held, in any order. Nothing is checked against heads, and nothing is promised
/// by it: the caller sets V and heads.
pub fn merge_again<R: Rows>(rows: &mut R, changes: &[Vec<u8>]) -> Result<Result<(), InvalidChange>, R::Error> {
    let mut touched = Vec::new();
    for bytes in changes {
        match Change::decode(bytes) {
            Ok(change) => merge_change(rows, change, bytes, &mut touched)?,
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(()))
}
