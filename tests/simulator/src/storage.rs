//! Transactions: what one storage operation does, and what the engine will hear of it.

use super::{
    Fault, Rule,
    device::Job,
    disk::Unlike,
    history::{ChangeId, Place},
    oracle::What,
    person::Person,
    world::{Event, World},
};
use kith_core::{
    book,
    change::{Change, InvalidChange},
    engine::{Input, LinkId},
    id::EntityId,
    limits::{CHANGE_BYTES_MAX, TRASH_MS},
    register::Register,
    replica::{self, Applied, Draft, Manner, MemoryRows, Rows},
};
use std::collections::BTreeMap;

impl World {
    /// Queues a storage operation of a device.
    pub(super) fn enqueue(&mut self, device: usize, job: Job) {
        self.devices[device].queue.push_back(job);
        if self.devices[device].queue.len() == 1 {
            self.start_storage(device);
        }
    }

    fn start_storage(&mut self, device: usize) {
        let boot = self.devices[device].boot;
        let delay = self.dice.below(self.plan.storage_ms_max + 1);
        self.schedule(delay, Event::Stored { device, boot });
    }

    /// The oldest operation ends: what it did is durable, and the engine will hear of it after a while.
    pub(super) fn stored(&mut self, device: usize) {
        let Some(job) = self.devices[device].queue.pop_front() else { return };
        if !self.devices[device].queue.is_empty() {
            self.start_storage(device);
        }
        if self.fault == Some(Fault::ReportedEarly) {
            self.devices[device].before = Some(self.devices[device].disk.rows.clone());
        }
        let fails = self.dice.below(1000) < self.plan.failing_permille && !self.healing;
        let report = match &job {
            Job::Read { link, .. } | Job::Apply { link, .. } if fails => {
                self.tally.count("storage failures");
                Some(Input::StorageFailed { link: *link })
            }
            Job::Act | Job::TakeStored { .. } if fails => None,
            _ => self.perform(device, job),
        };
        if let Some(report) = report {
            let delay = self.dice.below(self.plan.storage_ms_max + 1);
            let at = (self.now_ms + delay).max(self.devices[device].reported_at_ms);
            self.devices[device].reported_at_ms = at;
            self.devices[device].reports.push_back(report);
            let boot = self.devices[device].boot;
            self.schedule(at - self.now_ms, Event::Reported { device, boot });
        }
        self.judge(device);
    }

    fn perform(&mut self, device: usize, job: Job) -> Option<Input> {
        match job {
            Job::Branch { link, of, upto } => {
                let Ok(branch) = replica::branch(&mut self.devices[device].disk.rows, of, upto);
                Some(Input::Branch { link, branch })
            }
            Job::Part { apart } => Some(self.part(device, &apart)),
            Job::Read { link, session, want, after, theirs } => {
                let (me, max) = (self.devices[device].id, self.plan.batch_changes_max);
                let disk = &mut self.devices[device].disk;
                let read = match self.rule {
                    Rule::Product => disk.read_batch(&want, after, max),
                    Rule::Simple | Rule::SimpleChecked => Ok(self.simple.read(&mut disk.rows, &want, after, max)),
                };
                let mut read = self.alike(device, read)?;
                if let Some(theirs) = theirs {
                    let rows = &mut self.devices[device].disk.rows;
                    let Ok(forks) = replica::forks(rows, me, &theirs.heads, &theirs.held);
                    self.tally.add("forks noticed", forks.len() as u64);
                    read.forks = forks;
                }
                self.tally.count("batches read");
                Some(Input::Read { link, session, read })
            }
            Job::Apply { link, delivery } => {
                let delivery = if self.rule == Rule::Product { delivery } else { self.simple.delivery(delivery) };
                self.apply(device, link, delivery)
            }
            Job::TakeStored { delivery } => {
                self.tally.count("stored pushes taken");
                self.apply(device, STORED, delivery)
            }
            Job::TakeRoster { entries } => self.take_roster(device, &entries),
            Job::MakeRoster(said) => self.make_roster(device, said),
            Job::Act => self.act(device),
        }
    }

    /// Takes what the disk answers; the world ends where the file and the maps differ.
    pub(super) fn alike<T>(&mut self, device: usize, answer: Result<T, Unlike>) -> Option<T> {
        answer.map_err(|Unlike(how)| self.found(What::StoreDiffers, format!("device {device}: {how}"))).ok()
    }

    fn apply(&mut self, device: usize, link: LinkId, delivery: replica::Delivery) -> Option<Input> {
        let clock = self.clock_ms(device);
        let changes = delivery.changes.clone();
        let is_push = matches!(delivery.manner, Manner::Push { .. });
        let writers = self.writers(device);
        let machine = &mut self.devices[device];
        // What is refused leaves the maps broken.
        let before = self.copying.then(|| machine.disk.rows.clone());
        let answer = machine.disk.apply(machine.id, clock, delivery, writers);
        let result = self.alike(device, answer)?;
        if let (Err(replica::Refusal::Forked(_)), Some(before)) = (&result, before) {
            self.devices[device].disk.rows = before;
        }
        match &result {
            Ok(applied) => {
                self.tally.count(if is_push { "pushes applied" } else { "batches applied" });
                if applied.gap {
                    self.tally.count("gaps");
                }
                self.arrived(device, &changes, applied, clock);
            }
            Err(replica::Refusal::Forked(_)) if self.copying => self.tally.count("forks noticed in a delivery"),
            Err(refusal) => self.found(What::Refused, format!("device {device}: {refusal}")),
        }
        Some(Input::Applied { link, result, state: self.devices[device].disk.rows.state().clone() })
    }

    fn arrived(&mut self, device: usize, changes: &[Vec<u8>], applied: &Applied, clock: i64) {
        let taken = changes.iter().filter_map(|bytes| Change::decode(bytes).ok()).map(|c| (c.device, c.seq));
        let taken: Vec<ChangeId> = taken.collect();
        // Newcomers that a removed device adds are of its own camp, and trust it.
        let roster = &self.devices[device].roster;
        let of_the_past = taken.iter().filter(|change| !roster.knows(change.0)).count();
        self.tally.add("changes taken of devices that the epoch does not know", of_the_past as u64);
        let outlawed = |change: &ChangeId| self.trust.is_outlawed(*change) && !roster.holds(change.0);
        if let Some(outlawed) = taken.into_iter().find(outlawed) {
            self.found(What::TakenFromRemoved, format!("{outlawed:?} by device {device}"));
        }
        self.trace(|_| format!("device {device} takes in {}", changes.iter().map(|b| name(b)).collect::<String>()));
        if !self.copying {
            self.oracle.arrived(device, changes);
        }
        self.keep_trash(device, &applied.touched, clock);
        let Some(again) = &applied.again else { return };
        self.tally.count("values written again after a purge");
        if self.copying {
            let after = self.devices[device].disk.rows.clone();
            self.made_beside_copies(device, &after, &again.changes);
        } else {
            let held = self.oracle.due(device, &again.changes);
            self.made(device, &again.changes, false, &held);
        }
        self.keep_trash(device, &again.touched, clock);
    }

    fn act(&mut self, device: usize) -> Option<Input> {
        let clock = self.clock_ms(device);
        let (name, drafts) = if self.dice.below(12) < self.plan.weights.purge {
            ("purges", self.purge(device, clock))
        } else {
            let rows = &mut self.devices[device].disk.rows;
            Person { dice: &mut self.dice, plan: &self.plan, rows, word: &mut self.word }.act()
        };
        if drafts.is_empty() {
            return None;
        }
        self.tally.count(name);
        let held = held(&self.devices[device].disk.rows, &drafts);
        let too_large = drafts.iter().any(|draft| bytes(draft) > CHANGE_BYTES_MAX);
        // What is refused leaves the maps broken.
        let before = (self.copying || too_large).then(|| self.devices[device].disk.rows.clone());
        let machine = &mut self.devices[device];
        let answer = machine.disk.commit(machine.id, clock, drafts);
        let committed = match (self.alike(device, answer)?, before.as_ref()) {
            (Ok(committed), _) => committed,
            // Two photos do not fit one change: the person is told so, and nothing has changed.
            (Err(InvalidChange::Limit), Some(before)) if too_large => {
                self.devices[device].disk.rows = before.clone();
                self.tally.count("changes too large to be made");
                return None;
            }
            (Err(invalid), _) => {
                self.found(What::Refused, format!("device {device} could not commit: {invalid}"));
                return None;
            }
        };
        match before.filter(|_| self.copying) {
            Some(before) => self.made_beside_copies(device, &before, &committed.changes),
            None => self.made(device, &committed.changes, name == "purges", &held),
        }
        self.keep_trash(device, &committed.touched, clock);
        let state = self.devices[device].disk.rows.state().clone();
        if self.dice.chance(self.plan.stored_percent) {
            self.store_push(device, &committed, state.heads());
        }
        Some(Input::Committed { committed, state })
    }

    /// What may be purged here and now (rules section 5).
    fn purge(&mut self, device: usize, clock: i64) -> Vec<Draft> {
        let machine = &self.devices[device];
        if !machine.disk.rows.state().is_settled() {
            return Vec::new();
        }
        let due = machine.trashed_since.iter().filter(|(_, since)| clock - **since >= TRASH_MS);
        let purged =
            due.filter_map(|(id, _)| machine.disk.rows.entities().get(id).map(|entity| replica::purge(*id, entity)));
        purged.filter(|edits| !edits.is_empty()).map(|edits| Draft { edits, import: None }).collect()
    }

    fn keep_trash(&mut self, device: usize, touched: &[EntityId], clock: i64) {
        let machine = &mut self.devices[device];
        for id in touched {
            if machine.disk.rows.entities().get(id).is_some_and(book::is_trashed) {
                machine.trashed_since.entry(*id).or_insert(clock);
            } else {
                machine.trashed_since.remove(id);
            }
        }
    }

    /// The same where numbers say nothing.
    fn made_beside_copies(&mut self, device: usize, before: &MemoryRows, changes: &[Vec<u8>]) {
        self.tally.add("changes", changes.len() as u64);
        self.trace(|_| changes.iter().map(|bytes| describe(device, bytes)).collect::<Vec<_>>().join("; "));
        self.written.made(device, before, changes);
    }

    fn made(&mut self, device: usize, changes: &[Vec<u8>], is_purge: bool, held: &BTreeMap<Place, Vec<ChangeId>>) {
        self.tally.add("changes", changes.len() as u64);
        self.trace(|_| changes.iter().map(|bytes| describe(device, bytes)).collect::<Vec<_>>().join("; "));
        if let Err(finding) = self.oracle.made(device, changes, is_purge, held) {
            self.report(finding);
        }
        self.outlaw(device, changes);
    }
}

/// What stands where these drafts will write.
fn held(rows: &MemoryRows, drafts: &[Draft]) -> BTreeMap<Place, Vec<ChangeId>> {
    let places = drafts.iter().flat_map(|draft| &draft.edits).map(|edit| (edit.entity, edit.path.clone()));
    let standing = |(entity, path): &Place| {
        let register = rows.entities().get(entity).and_then(|entity| entity.register(path));
        let siblings = register.map(Register::siblings).unwrap_or_default();
        siblings.iter().map(|sibling| (sibling.device, sibling.seq)).collect()
    };
    places.map(|place| (place.clone(), standing(&place))).collect()
}

/// How long the values of a change are: the change itself is longer.
fn bytes(draft: &Draft) -> usize {
    draft.edits.iter().filter_map(|edit| edit.value.as_ref()).map(Vec::len).sum()
}

fn describe(device: usize, change: &[u8]) -> String {
    let Ok(change) = Change::decode(change) else { return "garbage".to_owned() };
    let mut line = format!("device {device} makes {:?}.{}:", change.device, change.seq);
    for write in &change.writes {
        let value =
            write.value.as_deref().map(|value| String::from_utf8_lossy(&value[..value.len().min(20)]).into_owned());
        line.push_str(&format!(" {:?} {:?} = {value:?} seeing {:?},", write.entity, write.path, write.seen));
    }
    line
}

fn name(change: &[u8]) -> String {
    Change::decode(change).map(|change| format!("{:?}.{} ", change.device, change.seq)).unwrap_or_default()
}

/// The connection of what came by none.
const STORED: LinkId = LinkId(u64::MAX);
