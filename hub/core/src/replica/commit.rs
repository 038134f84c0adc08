//! Making a change on this device.

use super::{BookState, Head, Heads, Rows, merge_change};
use crate::{
    change::{self, Change, InvalidChange, Write},
    id::{DeviceId, EntityId},
    limits::{AUTHORS_MAX, CHANGE_BYTES_MAX, CHANGE_WRITES_MAX},
    path::Path,
    vector::Vector,
};
use std::collections::BTreeMap;

/// One register's new value; `None` removes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// Whose register.
    pub entity: EntityId,
    /// Which one.
    pub path: Path,
    /// The encoded value.
    pub value: Option<Vec<u8>>,
}

/// What one save wants to write.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// At most one per register; a later edit of the same register wins.
    pub edits: Vec<Edit>,
    /// What the import is, if this is part of one.
    pub import: Option<EntityId>,
}

/// Changes made here in one transaction, as they are pushed to peers (rule 3.1/8).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Committed {
    /// V before.
    pub base: Vector,
    /// V after.
    pub upto: Vector,
    /// The heads that moved.
    pub heads: Heads,
    /// The changes, encoded.
    pub changes: Vec<Vec<u8>>,
    /// The entities concerned.
    pub touched: Vec<EntityId>,
    /// First and last number of these changes under this device.
    pub seqs: Option<(u64, u64)>,
}

/// Makes one change of each draft that is not empty, all in the caller's transaction.
pub fn commit<R: Rows>(
    rows: &mut R,
    me: DeviceId,
    now: i64,
    drafts: Vec<Draft>,
) -> Result<Result<Committed, InvalidChange>, R::Error> {
    let mut committed = Committed { base: rows.state().vector(), ..Committed::default() };
    for draft in drafts {
        let edits: BTreeMap<_, _> =
            draft.edits.into_iter().map(|edit| ((edit.entity, edit.path), edit.value)).collect();
        if edits.is_empty() {
            continue;
        }
        if edits.len() > CHANGE_WRITES_MAX {
            return Ok(Err(InvalidChange::Limit));
        }
        let change = number(rows, me, now, draft.import, edits)?;
        let bytes = change.encode();
        if bytes.len() > CHANGE_BYTES_MAX {
            return Ok(Err(InvalidChange::Limit));
        }
        let head = Head { seq: change.seq, hash: change::hash(&bytes) };
        committed.seqs = Some((committed.seqs.map_or(head.seq, |(first, _)| first), head.seq));
        merge_change(rows, change, &bytes, &mut committed.touched)?;
        let author = rows.state_mut().authors.entry(me).or_default();
        author.head = head;
        // A replica that was built anew may lack changes of its own, which others will bring (rule 3.1/6).
        if author.vouched + 1 == head.seq {
            author.vouched = head.seq;
        }
        committed.changes.push(bytes);
        committed.heads = [(me, head)].into();
    }
    committed.upto = rows.state().vector();
    if !committed.changes.is_empty() {
        rows.state_mut().commits += 1;
    }
    Ok(Ok(committed))
}

fn number<R: Rows>(
    rows: &mut R,
    me: DeviceId,
    now: i64,
    import: Option<EntityId>,
    edits: BTreeMap<(EntityId, Path), Option<Vec<u8>>>,
) -> Result<Change, R::Error> {
    let mut writes = Vec::with_capacity(edits.len());
    for ((entity, path), value) in edits {
        let seen = rows.entity(entity)?.register(&path).map(|register| register.seen().clone()).unwrap_or_default();
        let seen = if mutant!(SeenFromVector) { rows.state().vector() } else { seen };
        writes.push(Write { entity, path, value, seen });
    }
    let BookState { book, ref authors, .. } = *rows.state();
    debug_assert!(authors.len() <= AUTHORS_MAX);
    let before = authors.get(&me).map(|author| author.head).unwrap_or_default();
    let before = if mutant!(NumberReused) && before.seq == 3 { Head { seq: 2, ..before } } else { before };
    Ok(Change { book, device: me, seq: before.seq + 1, prev: before.hash, clock: now, import, writes })
}
