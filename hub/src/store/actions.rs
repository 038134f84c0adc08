//! What a person did on this device, newest last, so that it can be taken back.

use super::{
    StoreError, sums,
    writing::{Writing, fixed},
};
use kith_core::{
    change::Change,
    id::{DeviceId, EntityId},
    path::Path,
    replica::Writes,
};
use rusqlite::{OptionalExtension, params};
use std::collections::BTreeMap;

/// What an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActionKind {
    /// Whatever a person did.
    Plain = 0,
    /// An import, which can be taken back on its own.
    Import = 1,
    /// Taking back another action. It is not taken back itself, but done again.
    Undo = 2,
    /// Doing again what was taken back; it is taken back like any other.
    Redo = 3,
}

/// Which actions are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    Imports,
    /// Those whose transactions share this.
    OfGroup(EntityId),
    /// Those that took something back, as long as nothing else was done since.
    Undone,
}

/// An action that was not taken back, or one that took another back.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    pub(crate) number: i64,
    /// In words; what takes an action back is called like the action.
    pub(crate) what: String,
    /// Its transactions that are left to take back.
    pub(crate) steps: u32,
    /// What its transactions share; those that take it back or do it again share it, too.
    pub(crate) group: Option<EntityId>,
}

impl Writing<'_> {
    /// Remembers a transaction of an action: the numbers of its changes. Those of one long action share `group`.
    pub(crate) fn keep_action(
        &mut self,
        kind: ActionKind,
        what: &str,
        (first, last): (u64, u64),
        group: Option<EntityId>,
    ) -> Result<(), StoreError> {
        let group = group.map(|group| group.0);
        let grown: Option<i64> = self
            .connection()
            .prepare_cached(
                "UPDATE actions SET last_seq = ?2 WHERE import = ?1 AND kind = ?3 AND undone = 0 RETURNING action",
            )?
            .query_row(params![group, last, kind as i64], |row| row.get(0))
            .optional()?;
        let action = match grown {
            Some(action) => action,
            None => {
                self.connection()
                    .prepare_cached(
                        "INSERT INTO actions (what, first_seq, last_seq, import, kind) VALUES (?1, ?2, ?3, ?4, ?5)",
                    )?
                    .execute(params![what, first, last, group, kind as i64])?;
                self.connection().last_insert_rowid()
            }
        };
        self.connection()
            .prepare_cached("INSERT INTO action_steps (action, first_seq, last_seq) VALUES (?1, ?2, ?3)")?
            .execute(params![action, first, last])?;
        for table in ["action_steps", "actions"] {
            self.connection()
                .prepare_cached(&format!("DELETE FROM {table} WHERE action <= (SELECT max(action) FROM actions) - ?1"))?
                .execute([ACTIONS_KEPT])?;
        }
        Ok(())
    }

    /// The newest action that was not taken back: of all, of imports, or of those that share a group. Of those that took
    /// something back: the newest that was not done again.
    pub(crate) fn last_action(&mut self, which: Which) -> Result<Option<Action>, StoreError> {
        let among = match which {
            Which::All => "kind <> 2 AND ?1 IS NULL",
            // An import that was done again is an import still.
            Which::Imports => {
                "(kind = 1 OR kind = 3 AND import IN (SELECT import FROM actions WHERE kind = 1)) AND ?1 IS NULL"
            }
            Which::OfGroup(_) => "kind <> 2 AND import = ?1",
            // Whoever does something else goes on from there.
            Which::Undone => {
                "kind = 2 AND action > ifnull((SELECT max(action) FROM actions WHERE kind < 2), 0) AND ?1 IS NULL"
            }
        };
        let sql = format!(
            "SELECT action, what, (SELECT count(*) FROM action_steps s WHERE s.action = a.action), import FROM actions a
             WHERE undone = 0 AND {among} ORDER BY action DESC LIMIT 1"
        );
        let group = if let Which::OfGroup(group) = which { Some(group.0) } else { None };
        let found = self.connection().prepare_cached(&sql)?.query_row(params![group], |row| {
            let group: Option<[u8; 16]> = row.get(3)?;
            Ok(Action { number: row.get(0)?, what: row.get(1)?, steps: row.get(2)?, group: group.map(EntityId) })
        });
        Ok(found.optional()?)
    }

    /// Takes the newest transaction that is left off an action; after the last one the action counts as taken back.
    pub(crate) fn take_step(&mut self, action: i64) -> Result<Option<(u64, u64)>, StoreError> {
        let step = self
            .connection()
            .prepare_cached(
                "DELETE FROM action_steps WHERE action = ?1 AND first_seq =
                     (SELECT max(first_seq) FROM action_steps WHERE action = ?1)
                 RETURNING first_seq, last_seq",
            )?
            .query_row([action], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        self.connection()
            .prepare_cached(
                "UPDATE actions SET undone = 1 WHERE action = ?1
                     AND NOT EXISTS (SELECT 1 FROM action_steps WHERE action = ?1)",
            )?
            .execute([action])?;
        Ok(step)
    }

    /// The numbers of this device's changes that only took back others or did them again, as ranges.
    pub(crate) fn undos(&mut self) -> Result<Vec<(u64, u64)>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT s.first_seq, s.last_seq FROM action_steps s JOIN actions a ON a.action = s.action WHERE a.kind >= 2",
        )?;
        let ranges = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(ranges.collect::<Result<_, _>>()?)
    }

    /// What this device's changes in a range of numbers wrote, by number: from the changes as far as they are kept, else
    /// from what the history says of them.
    pub(crate) fn own_writes(
        &mut self,
        me: DeviceId,
        (first, last): (u64, u64),
    ) -> Result<BTreeMap<u64, Writes>, StoreError> {
        let author = self.author(me)?;
        let mut writes: BTreeMap<u64, Writes> = BTreeMap::new();
        let connection = self.connection();
        let mut kept = connection.prepare_cached(
            "SELECT seq, bytes, sum FROM changes WHERE author = ?1 AND seq BETWEEN ?2 AND ?3 AND living > 0",
        )?;
        let mut rows = kept.query(params![author, first, last])?;
        while let Some(row) = rows.next()? {
            let (seq, bytes): (u64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            sums::matches(row.get(2)?, sums::of_change(me, seq, &bytes), "a change")?;
            let change = Change::decode(&bytes).map_err(|_| StoreError::Damaged("a change"))?;
            let written = change.writes.into_iter().map(|write| ((write.entity, write.path), write.value));
            writes.insert(seq, written.collect());
        }
        let mut gone = connection.prepare_cached(&format!(
            "SELECT e.id, h.sum, {} WHERE h.author = ?1 AND h.seq BETWEEN ?2 AND ?3",
            sums::REPLACED
        ))?;
        let mut rows = gone.query(params![author, first, last])?;
        while let Some(row) = rows.next()? {
            let id = EntityId(fixed(row, 0)?);
            let (path, replaced) = sums::replaced(row, 2)?;
            sums::matches(row.get(1)?, sums::of_replaced(id, &path, &replaced), "a value in the history")?;
            let path = Path::from_bytes(&path).ok_or(StoreError::Damaged("a path"))?;
            writes.entry(replaced.sibling.seq).or_default().insert((id, path), replaced.sibling.value);
        }
        Ok(writes)
    }
}

/// Actions that can be taken back, one after the other.
const ACTIONS_KEPT: i64 = 1000;
