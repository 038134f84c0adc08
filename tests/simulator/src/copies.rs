//! Folders that are copied or brought back from an earlier day, and go on being edited (rule 3.1/9, quality R5).
//!
//! Change numbers say nothing here: two changes bear one. So this part has an oracle of its own, which goes by values.
//! Every value that a person wrote is another one; at the end each of them stands somewhere in its register, or somebody
//! had it before them and wrote over it.

use super::{
    device::Device,
    disk::Disk,
    history::Place,
    oracle::{self, Finding, What},
    roster::Move,
    world::{self, World},
};
use kith_core::{
    change::{self, Change},
    engine::Input,
    id::{DeviceId, Hash},
    replica::{self, Apart, MemoryRows, Rows},
    vector::Vector,
};
use std::collections::{BTreeMap, BTreeSet};

/// Something that befalls a folder.
#[derive(Debug)]
pub(super) enum Event {
    /// A backup is made.
    Save,
    /// Somebody copies a folder, and both go on.
    Copy,
    /// A folder is brought back to a backup, and goes on.
    RollBack,
    /// Somebody lets a device in again that had to take a new id.
    Approve { device: usize },
}

/// What people wrote, and what they had before them when they did.
#[derive(Debug, Default)]
pub(super) struct Written {
    values: BTreeMap<Place, BTreeSet<Vec<u8>>>,
    replaced: BTreeMap<Place, BTreeSet<Vec<u8>>>,
    backups: BTreeMap<usize, Vec<Backup>>,
    store_renewed: BTreeSet<usize>,
    /// Who made which changes under which id since everybody had met.
    acted: BTreeMap<DeviceId, BTreeMap<usize, BTreeSet<Hash>>>,
}

/// A folder as it was. The roster is not part of it: a device that knows nobody any more has to be paired anew.
#[derive(Clone, Debug)]
struct Backup {
    id: DeviceId,
    waits: bool,
    rows: MemoryRows,
    holds: BTreeMap<DeviceId, Vector>,
}

impl Written {
    /// A device made changes over what it held before.
    pub(super) fn made(&mut self, device: usize, before: &MemoryRows, changes: &[Vec<u8>]) {
        // A device's later changes see its earlier ones, those of the same transaction too.
        let mut earlier: BTreeMap<Place, Vec<u8>> = BTreeMap::new();
        for (name, change) in
            changes.iter().filter_map(|bytes| Some((change::hash(bytes), Change::decode(bytes).ok()?)))
        {
            self.acted.entry(change.device).or_default().entry(device).or_default().insert(name);
            for write in change.writes {
                let register = before.entities().get(&write.entity).and_then(|entity| entity.register(&write.path));
                let place = (write.entity, write.path);
                let seen = register.iter().flat_map(|register| register.siblings());
                let seen = seen.filter_map(|sibling| sibling.value.clone());
                let replaced = self.replaced.entry(place.clone()).or_default();
                replaced.extend(seen);
                replaced.extend(earlier.remove(&place));
                if let Some(value) = write.value {
                    earlier.insert(place.clone(), value.clone());
                    self.values.entry(place).or_default().insert(value);
                }
            }
        }
    }

    /// Every value stands, or somebody wrote over it.
    fn check(&self, rows: &MemoryRows) -> Result<(), Finding> {
        for (place, values) in &self.values {
            let register = rows.entities().get(&place.0).and_then(|entity| entity.register(&place.1));
            let stands = |value: &Vec<u8>| {
                register.is_some_and(|r| r.siblings().iter().any(|sibling| sibling.value.as_ref() == Some(value)))
            };
            let replaced = |value: &Vec<u8>| self.replaced.get(place).is_some_and(|seen| seen.contains(value));
            if let Some(lost) = values.iter().find(|value| !stands(value) && !replaced(value)) {
                let detail = format!("{:?} of {place:?}", String::from_utf8_lossy(&lost[..lost.len().min(40)]));
                return Err(Finding::new(What::Lost, detail));
            }
        }
        Ok(())
    }
}

impl World {
    /// Copies and backups of this run.
    pub(super) fn plan_copies(&mut self) {
        for (most, event) in [(6, (|| Event::Save) as fn() -> Event), (2, || Event::Copy), (2, || Event::RollBack)] {
            for _ in 0..self.dice.between(1, most) {
                let delay = self.dice.below(self.plan.span_ms);
                self.schedule(delay, world::Event::Copies(event()));
            }
        }
    }

    pub(super) fn copies(&mut self, event: Event) {
        let standing: Vec<usize> = (0..self.devices.len()).filter(|nth| !self.devices[*nth].is_lost()).collect();
        let device = self.dice.pick(&standing).copied().unwrap_or(0);
        match event {
            Event::Save => {
                let Device { id, waits, disk, holds, .. } = &self.devices[device];
                let backup = Backup { id: *id, waits: *waits, rows: disk.rows.clone(), holds: holds.clone() };
                self.written.backups.entry(device).or_default().push(backup);
            }
            Event::Copy if self.devices.len() < DEVICES_MAX => self.copy(device),
            Event::Copy => {}
            Event::RollBack => self.roll_back(device),
            Event::Approve { device } => self.approve(device),
        }
    }

    fn copy(&mut self, of: usize) {
        let original = &self.devices[of];
        let disk = Disk::of(original.disk.rows.clone());
        let mut device = Device::new(original.id, disk, original.roster.clone(), original.skew_ms);
        device.trashed_since = original.trashed_since.clone();
        device.holds = original.holds.clone();
        device.waits = original.waits;
        let waits = device.waits;
        let copy = self.devices.len();
        let entries = device.roster.view().entries;
        self.devices.push(device);
        self.trust.given(copy, &entries);
        self.tally.count("folders copied");
        self.trace(|_| format!("device {copy} is a copy of {of}"));
        self.written.store_renewed.insert(copy);
        self.schedule(0, world::Event::Boot { device: copy });
        (0..copy).for_each(|other| self.redial_later([other, copy]));
        if waits {
            self.ask_for_approval(copy);
        }
    }

    fn roll_back(&mut self, device: usize) {
        let backups = self.written.backups.get(&device).cloned().unwrap_or_default();
        let Some(Backup { id, waits, rows, holds: known }) = self.dice.pick(&backups).cloned() else { return };
        self.crash(device, super::device::Life::Down);
        self.tally.count("folders rolled back");
        self.trace(|_| format!("device {device} is rolled back"));
        // What nobody else has goes with the folder.
        let only_here = |world: &Self, place: &Place, value: &[u8]| {
            let others = world.devices.iter().enumerate().filter(|(nth, _)| *nth != device);
            !others.map(|(_, other)| &other.disk.rows).any(|rows| holds(rows, place, value))
                && !holds(&rows, place, value)
        };
        let mut values = std::mem::take(&mut self.written.values);
        for (place, values) in &mut values {
            values.retain(|value| !only_here(self, place, value));
        }
        self.written.values = values;
        let machine = &mut self.devices[device];
        (machine.disk.rows, machine.holds, machine.id, machine.waits) = (rows, known, id, waits);
        machine.shown = Vector::default();
        machine.lowered.clear();
        machine.trashed_since.clear();
        self.written.store_renewed.insert(device);
        let delay = self.dice.between(1, 5_000);
        self.schedule(delay, world::Event::Boot { device });
        if waits {
            self.ask_for_approval(device);
        }
    }

    /// Whether a device's numbers of arrival can repeat since it last ran. A hub takes a new store id at each start; here
    /// that is enough.
    pub(super) fn is_store_renewed(&mut self, device: usize) -> bool {
        self.written.store_renewed.remove(&device)
    }

    /// One transaction that parts with a copied device's changes.
    pub(super) fn part(&mut self, device: usize, apart: &Apart) -> Input {
        let fresh = DeviceId::random(self.dice.rng());
        let machine = &mut self.devices[device];
        let Ok(parted) = replica::part(&mut machine.disk.rows, machine.id, fresh, apart);
        // Now, lest it crash before it hears of it; and again with whatever it hears first, which is older.
        parted.lowered.iter().for_each(|(id, end)| machine.shown.lower(*id, end.seq));
        machine.lowered.extend(parted.lowered.iter().map(|(id, end)| (*id, end.seq)));
        self.trace(|_| format!("device {device} parts with {apart:?}: {parted:?}"));
        self.tally.add("devices parted with", parted.lowered.len() as u64);
        self.tally.add("changes written again for a copy", parted.committed.changes.len() as u64);
        if !self.devices[device].disk.rows.state().closed().is_empty() {
            self.tally.count("devices closed");
        }
        if parted.left {
            self.tally.count("ids left");
            let machine = &mut self.devices[device];
            (machine.id, machine.waits) = (fresh, true);
            self.hang_up(device);
            self.ask_for_approval(device);
        }
        let state = self.devices[device].disk.rows.state().clone();
        Input::Parted { result: Some(parted), state }
    }

    fn ask_for_approval(&mut self, device: usize) {
        let delay = self.dice.between(1, 10_000);
        self.schedule(delay, world::Event::Copies(Event::Approve { device }));
    }

    /// Another device says yes; if there is none, the recovery code does.
    fn approve(&mut self, device: usize) {
        let id = self.devices[device].id;
        let sponsors: Vec<usize> = (0..self.devices.len())
            .filter(|nth| *nth != device && !self.devices[*nth].is_lost() && !self.devices[*nth].waits)
            .collect();
        let sponsor = self.dice.pick(&sponsors).copied();
        if sponsor.is_some_and(|sponsor| !self.devices[sponsor].is_up()) || !self.devices[device].is_up() {
            return self.ask_for_approval(device);
        }
        let (sponsor, said) = match sponsor {
            Some(sponsor) => (sponsor, Move::Add(id)),
            None => {
                let ids: BTreeSet<DeviceId> = self.devices.iter().map(|device| device.id).collect();
                (device, Move::Epoch(ids.into_iter().collect()))
            }
        };
        let (by, mut roster) = (self.devices[sponsor].id, self.devices[sponsor].roster.clone());
        if let Err(error) = self.say(&mut roster, by, &said) {
            return self.found(What::WrongRoster, format!("device {sponsor} cannot let {device} in again: {error}"));
        }
        self.devices[device].waits = false;
        self.tally.count("devices let in again");
        self.trace(|_| format!("device {sponsor} lets {device} in again"));
        let entries = roster.view().entries;
        [sponsor, device].into_iter().for_each(|nth| self.learn_roster(nth, &entries));
    }

    /// People pair what does not know each other: a folder may have been away while others took new ids.
    pub(super) fn introduce(&mut self, survivors: &[usize]) {
        let rosters: Vec<_> = survivors.iter().flat_map(|nth| self.devices[*nth].roster.view().entries).collect();
        survivors.iter().for_each(|device| self.learn_roster(*device, &rosters));
    }

    /// A device takes entries, and its engine hears of it if that is news.
    fn learn_roster(&mut self, device: usize, entries: &[Vec<u8>]) {
        let report = self.take_roster(device, entries);
        let view = self.devices[device].roster.view();
        if let Some(report) = report.filter(|_| view != self.devices[device].engine_roster) {
            self.devices[device].engine_roster = view;
            self.handle(device, report);
        }
    }

    /// At the end: everybody is in, bears a name of their own, and holds what everybody else holds.
    pub(super) fn judge_copies(&mut self, survivors: &[usize], at_last: bool) -> Result<(), Finding> {
        // A copy that did nothing cannot be told from its original, nor one that did the very same in the same moment.
        let acted = std::mem::take(&mut self.written.acted);
        for (nth, &one) in survivors.iter().enumerate() {
            let id = self.devices[one].id;
            let both = |other: &&usize| {
                let by = acted.get(&id).filter(|_| self.devices[**other].id == id);
                by.is_some_and(|by| by.contains_key(&one) && by.contains_key(*other) && by[&one] != by[*other])
            };
            if at_last && survivors[..nth].iter().any(|other| both(&other)) {
                return Err(Finding::new(What::NumberTwice, format!("two folders go on as {id:?}")));
            }
        }
        for pair in survivors.windows(2) {
            if !oracle::is_alike(&self.devices[pair[0]].disk.rows, &self.devices[pair[1]].disk.rows) {
                return Err(Finding::new(What::Diverged, format!("devices {} and {}", pair[0], pair[1])));
            }
        }
        for device in survivors {
            let rows = &self.devices[*device].disk.rows;
            self.written.check(rows)?;
            oracle::check_hash(rows)?;
        }
        if at_last {
            self.tally.count("converged");
            self.hash = survivors.first().map(|device| self.devices[*device].disk.rows.state().hash.to_hash());
        }
        Ok(())
    }
}

/// Whether a value stands in a replica.
fn holds(rows: &MemoryRows, place: &Place, value: &[u8]) -> bool {
    let register = rows.entities().get(&place.0).and_then(|entity| entity.register(&place.1));
    register.is_some_and(|r| r.siblings().iter().any(|sibling| sibling.value.as_deref() == Some(value)))
}

/// Folders at most, copies among them.
const DEVICES_MAX: usize = 8;
