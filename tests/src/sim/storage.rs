//! Transactions: what one storage operation does, and what the engine will hear of it.

use super::{
    Mutant, Rule, altered,
    device::Job,
    oracle::What,
    person::Person,
    world::{Event, World},
};
use kith_core::{
    book,
    change::Change,
    engine::{Input, LinkId},
    id::{BookId, EntityId, StoreId},
    limits::TRASH_MS,
    replica::{self, BookState, Draft, MemoryRows, Rows},
};

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
        if self.mutant == Some(Mutant::ReportedEarly) {
            self.devices[device].before = Some(self.devices[device].rows.clone());
        }
        let fails = self.dice.below(1000) < self.plan.failing_permille && !self.healing;
        let report = match &job {
            Job::Read { link, .. } | Job::Apply { link, .. } if fails => {
                self.tally.count("storage failures");
                Some(Input::StorageFailed { link: *link })
            }
            Job::Act if fails => None,
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
                let Ok(branch) = replica::branch(&mut self.devices[device].rows, of, upto);
                Some(Input::Branch { link, branch })
            }
            Job::Part { apart } => Some(self.part(device, &apart)),
            Job::Read { link, session, want, after, theirs } => {
                let me = self.devices[device].id;
                let rows = &mut self.devices[device].rows;
                let mut read = match self.rule {
                    Rule::Product => {
                        let Ok(read) = replica::read_batch_up_to(rows, &want, after, self.plan.batch_changes_max);
                        read
                    }
                    Rule::Simple | Rule::SimpleChecked => {
                        self.smuggled.read_simply(rows, &want, after, self.plan.batch_changes_max)
                    }
                };
                if let Some(theirs) = theirs.filter(|_| self.mutant != Some(Mutant::CopyNotNoticed)) {
                    let rows = &mut self.devices[device].rows;
                    let Ok(forks) = replica::forks(rows, me, &theirs.heads, &theirs.held);
                    self.tally.add("forks noticed", forks.len() as u64);
                    read.forks = forks;
                }
                self.remember(device, &read);
                self.tally.count("batches read");
                Some(Input::Read { link, session, read })
            }
            Job::Apply { link, delivery } => Some(self.apply(device, link, delivery)),
            Job::TakeRoster { entries } => {
                self.devices[device].roster.take(entries);
                Some(Input::Roster(self.devices[device].roster.view()))
            }
            Job::Roster { add, remove } => {
                let roster = &mut self.devices[device].roster;
                add.into_iter().for_each(|id| roster.add(id));
                remove.into_iter().for_each(|id| roster.remove(id));
                let roster = roster.clone();
                let view = roster.view();
                if let Some(id) = add {
                    self.tally.count("devices that joined late");
                    self.add_device(id, roster);
                }
                Some(Input::Roster(view))
            }
            Job::Act => self.act(device),
        }
    }

    fn remember(&mut self, device: usize, read: &replica::BatchRead) {
        let machine = &mut self.devices[device];
        if self.mutant == Some(Mutant::CursorAhead) {
            let Ok(all) = machine.rows.changes_after(0, usize::MAX);
            self.smuggled.remember_end(machine.id, read, all.last().map_or(0, |change| change.arrival));
        }
        self.smuggled.remember(machine.id, read);
    }

    fn apply(&mut self, device: usize, link: LinkId, delivery: replica::Delivery) -> Input {
        let clock = self.clock_ms(device);
        let machine = &mut self.devices[device];
        let delivery = altered::delivery(self.rule, self.mutant, &self.smuggled, &mut machine.rows, delivery);
        let changes = delivery.changes.clone();
        let is_push = matches!(delivery.manner, replica::Manner::Push { .. });
        let mut rows = machine.rows.clone();
        let roster = &machine.roster;
        let closed = rows.state().closed();
        let others = if closed.is_empty() { Vec::new() } else { roster.view().devices };
        let stand_ins = replica::stand_ins(&others.into_iter().collect(), &closed);
        let may_write = |id| roster.knows(id) || stand_ins.contains_key(&id);
        let Ok(result) = replica::apply(&mut rows, machine.id, clock, delivery, &may_write);
        match &result {
            Ok(applied) => {
                machine.rows = rows;
                self.tally.count(if is_push { "pushes applied" } else { "batches applied" });
                if applied.gap {
                    self.tally.count("gaps");
                }
                self.oracle.arrived(device, &changes);
                self.trace(|_| {
                    format!("device {device} takes in {}", changes.iter().map(|b| name(b)).collect::<String>())
                });
                let touched = applied.touched.clone();
                self.keep_trash(device, &touched, clock);
                if let Some(again) = &applied.again {
                    self.tally.count("values written again after a purge");
                    let before = self.devices[device].rows.clone();
                    self.made(device, &before, &again.changes.clone(), false);
                    self.keep_trash(device, &again.touched.clone(), clock);
                }
            }
            Err(replica::Refusal::Forked(_)) if self.copying => self.tally.count("forks noticed in a delivery"),
            Err(refusal) => self.found(What::Refused, format!("device {device}: {refusal}")),
        }
        Input::Applied { link, result, state: self.devices[device].rows.state().clone() }
    }

    fn act(&mut self, device: usize) -> Option<Input> {
        let clock = self.clock_ms(device);
        let (name, drafts) = if self.dice.below(12) < self.plan.weights.purge {
            ("purges", self.purge(device, clock))
        } else {
            let rows = &mut self.devices[device].rows;
            Person { dice: &mut self.dice, plan: &self.plan, rows, word: &mut self.word }.act()
        };
        if drafts.is_empty() {
            return None;
        }
        self.tally.count(name);
        if self.mutant == Some(Mutant::NumberReused) && self.dice.chance(5) {
            altered::take_number_back(&mut self.devices[device]);
        }
        let machine = &mut self.devices[device];
        let before = if self.copying { machine.rows.clone() } else { empty() };
        let Ok(result) = replica::commit(&mut machine.rows, machine.id, clock, drafts);
        let committed = match result {
            Ok(committed) => committed,
            Err(invalid) => {
                self.found(What::Refused, format!("device {device} could not commit: {invalid}"));
                return None;
            }
        };
        self.made(device, &before, &committed.changes, name == "purges");
        self.keep_trash(device, &committed.touched, clock);
        Some(Input::Committed { committed, state: self.devices[device].rows.state().clone() })
    }

    /// What may be purged here and now (rules section 5).
    fn purge(&mut self, device: usize, clock: i64) -> Vec<Draft> {
        let machine = &self.devices[device];
        if !machine.rows.state().is_settled() {
            return Vec::new();
        }
        let due = machine.trashed_since.iter().filter(|(_, since)| clock - **since >= TRASH_MS);
        let purged =
            due.filter_map(|(id, _)| machine.rows.entities().get(id).map(|entity| replica::purge(*id, entity)));
        purged.filter(|edits| !edits.is_empty()).map(|edits| Draft { edits, import: None }).collect()
    }

    fn keep_trash(&mut self, device: usize, touched: &[EntityId], clock: i64) {
        let machine = &mut self.devices[device];
        for id in touched {
            if machine.rows.entities().get(id).is_some_and(book::is_trashed) {
                machine.trashed_since.entry(*id).or_insert(clock);
            } else {
                machine.trashed_since.remove(id);
            }
        }
    }

    fn made(&mut self, device: usize, before: &MemoryRows, changes: &[Vec<u8>], is_purge: bool) {
        self.tally.add("changes", changes.len() as u64);
        self.trace(|_| changes.iter().map(|bytes| describe(device, bytes)).collect::<Vec<_>>().join("; "));
        if self.copying {
            return self.written.made(device, before, changes);
        }
        if let Err(finding) = self.oracle.made(device, changes, is_purge) {
            self.report(finding);
        }
    }
}

/// Stands in where nobody looks at what was before.
fn empty() -> MemoryRows {
    MemoryRows::new(BookState::new(BookId([0; 16]), StoreId([0; 16])))
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
