//! Who belongs to the person: newcomers, devices taken off the roster, a thief, and the recovery code that ends it all.

use super::{
    device::{Device, Job},
    oracle::What,
    roster::{Move, Roster},
    world::{Event, World},
};
use kith_core::{
    change::Change,
    engine::Input,
    id::DeviceId,
    identity::roster::RosterError,
    replica::{self, Committed, Delivery, Heads, Manner, Rows},
};
use std::collections::BTreeSet;

impl World {
    /// The first devices: some named by the code, the others added one by the other.
    pub(super) fn found_person(&mut self, ids: &[DeviceId]) {
        let mut roster = Roster::new(&self.secret);
        let founders = self.dice.between(1, ids.len() as u64) as usize;
        let epoch = Move::Epoch(ids[..founders].to_vec());
        let mut moves = vec![(ids[0], epoch)];
        for (nth, id) in ids.iter().enumerate().skip(founders) {
            moves.push((ids[self.dice.index(nth)], Move::Add(*id)));
        }
        for (by, said) in moves {
            if let Err(error) = self.say(&mut roster, by, &said) {
                self.found(What::WrongRoster, format!("the first devices cannot be named: {error}"));
            }
        }
        ids.iter().for_each(|id| self.add_device(*id, &roster));
    }

    /// Makes an entry and takes it into a roster.
    pub(super) fn say(&mut self, roster: &mut Roster, by: DeviceId, said: &Move) -> Result<Vec<u8>, RosterError> {
        let entry = roster.sign(&self.secret, by, said)?;
        let (epoch, keeps) = match said {
            Move::Add(_) => (roster.epoch(), BTreeSet::new()),
            Move::Remove(device, keeps) => (roster.epoch(), roster.kept(*device, *keeps)),
            Move::Epoch(_) => (roster.epoch() + 1, BTreeSet::new()),
        };
        self.trust.made(&entry, epoch, by, said.clone(), keeps);
        roster.take(std::slice::from_ref(&entry))?;
        Ok(entry)
    }

    /// A device makes a roster entry, if it still may.
    pub(super) fn make_roster(&mut self, device: usize, said: Move) -> Option<Input> {
        let (by, mut roster) = (self.devices[device].id, self.devices[device].roster.clone());
        let removed: BTreeSet<DeviceId> = roster.removed();
        let entry = self.say(&mut roster, by, &said).ok()?;
        self.trace(|_| format!("device {device} says {said:?}"));
        self.devices[device].roster = roster.clone();
        self.trust.given(device, &[entry]);
        match said {
            Move::Add(id) => {
                self.tally.count("devices that joined late");
                self.add_device(id, &roster);
                let stolen = self.devices[device].stolen;
                self.devices.iter_mut().filter(|newcomer| newcomer.id == id).for_each(|n| n.stolen = stolen);
            }
            Move::Remove(..) => self.tally.count("devices removed"),
            Move::Epoch(ids) => {
                self.tally.count("epochs opened by the code");
                self.tally.add("devices that came back", ids.iter().filter(|id| removed.contains(*id)).count() as u64);
                self.trust.pardon();
            }
        }
        Some(self.roster_changed(device))
    }

    /// A device takes entries that a peer sent.
    pub(super) fn take_roster(&mut self, device: usize, entries: &[Vec<u8>]) -> Option<Input> {
        if let Err(error) = self.devices[device].roster.take(entries) {
            self.found(What::WrongRoster, format!("device {device} refuses honest entries: {error}"));
            return None;
        }
        self.trust.given(device, entries);
        Some(self.roster_changed(device))
    }

    fn roster_changed(&mut self, device: usize) -> Input {
        let roster = &self.devices[device].roster;
        let view = roster.view();
        if let Err(finding) = self.trust.check(device, &roster.devices()) {
            self.report(finding);
        }
        Input::Roster(view)
    }

    /// A newcomer is added to the roster by a device that runs.
    pub(super) fn join(&mut self) {
        let up = self.standing(|device| device.is_up() && !device.stolen);
        let id = DeviceId::random(self.dice.rng());
        if let Some(&sponsor) = self.dice.pick(&up) {
            self.enqueue(sponsor, Job::MakeRoster(Move::Add(id)));
        }
    }

    /// A device is taken off the roster by another one, and knows nothing of it. It may come back.
    pub(super) fn retire(&mut self) {
        let Some((gone, by)) = self.draw_gone() else { return };
        let (id, keeps) = (self.devices[gone].id, self.dice.chance(70));
        self.enqueue(by, Job::MakeRoster(Move::Remove(id, keeps)));
        if self.dice.chance(60) {
            let delay = self.dice.between(1_000, 30_000);
            self.schedule(delay, Event::OpenEpoch);
        }
    }

    /// Somebody else has a device now. The person finds out and removes it; later the code is fetched, or at the end.
    pub(super) fn steal(&mut self) {
        let Some((stolen, _)) = self.draw_gone() else { return };
        self.tally.count("devices stolen");
        self.devices[stolen].stolen = true;
        for _ in 0..self.dice.between(1, 4) {
            let delay = self.dice.below(10_000);
            self.schedule(delay, Event::Meddle { device: stolen });
        }
        let delay = self.dice.below(15_000);
        self.schedule(delay, Event::Disown { device: stolen });
        if self.dice.chance(50) {
            let delay = self.dice.between(5_000, 30_000);
            self.schedule(delay, Event::OpenEpoch);
        }
    }

    /// The thief adds a device, or removes one of the person's.
    pub(super) fn meddle(&mut self, device: usize) {
        if self.healing || !self.devices[device].is_up() {
            return;
        }
        let honest = self.standing(|device| !device.stolen);
        let said = match self.dice.below(3) {
            0 => self.dice.pick(&honest).map(|&victim| Move::Remove(self.devices[victim].id, false)),
            _ if self.devices.len() < DEVICES_MAX => Some(Move::Add(DeviceId::random(self.dice.rng()))),
            _ => None,
        };
        said.into_iter().for_each(|said| self.enqueue(device, Job::MakeRoster(said)));
    }

    /// The person removes a device that somebody else has.
    pub(super) fn disown(&mut self, device: usize) {
        let id = self.devices[device].id;
        let up = self.standing(|device| device.is_up() && !device.stolen);
        if let Some(&by) = self.dice.pick(&up) {
            self.enqueue(by, Job::MakeRoster(Move::Remove(id, false)));
        }
    }

    /// The recovery code names all devices that the person has in hand.
    pub(super) fn open_epoch_somewhere(&mut self) {
        let up = self.standing(|device| device.is_up() && !device.stolen);
        let honest = self.standing(|device| !device.is_lost() && !device.stolen);
        let ids = honest.into_iter().map(|device| self.devices[device].id).collect();
        if let Some(&at) = self.dice.pick(&up) {
            self.enqueue(at, Job::MakeRoster(Move::Epoch(ids)));
        }
    }

    /// The same at each device that does not trust all of them, and none of those that hold a newer epoch than it does: it
    /// refuses who could bring it one. Only where the code was fetched at all.
    pub(super) fn open_epoch_where_none_comes(&mut self) {
        let honest = self.standing(|device| !device.is_lost() && !device.stolen);
        let ids: Vec<DeviceId> = honest.iter().map(|device| self.devices[*device].id).collect();
        let epoch = |device: &usize| self.devices[*device].roster.epoch();
        let stuck = |device: &usize| {
            let holds = |other: &usize| self.devices[*device].roster.holds(self.devices[*other].id);
            !honest.iter().all(holds) && !honest.iter().any(|other| epoch(other) > epoch(device) && holds(other))
        };
        let stuck: Vec<usize> = match honest.iter().any(|device| epoch(device) > FIRST_EPOCH) {
            true => honest.iter().copied().filter(stuck).collect(),
            false => Vec::new(),
        };
        for device in stuck {
            self.tally.count("codes typed where the new epoch did not come");
            self.enqueue(device, Job::MakeRoster(Move::Epoch(ids.clone())));
        }
    }

    /// A device that may go, so that the others all know each other by somebody, and one of them that runs.
    pub(super) fn draw_gone(&mut self) -> Option<(usize, usize)> {
        let standing = self.standing(|device| !device.is_lost() && !device.stolen);
        let gone = *self.dice.pick(&standing)?;
        let members = self.trust.members(&standing);
        let is_member = |device: &usize| members.contains(&self.devices[*device].id);
        let left: Vec<usize> = standing.into_iter().filter(|device| *device != gone && is_member(device)).collect();
        let is_known = |device: &usize| {
            let id = self.devices[*device].id;
            left.iter().any(|other| other != device && self.devices[*other].roster.holds(id))
        };
        if left.len() < 2 || !left.iter().all(is_known) {
            return None;
        }
        let up: Vec<usize> = left.into_iter().filter(|device| self.devices[*device].is_up()).collect();
        self.dice.pick(&up).map(|&by| (gone, by))
    }

    /// Whose changes a device takes: those of devices that were ever members, as the hub does (rule 3.1/11).
    pub(super) fn writers(&self, device: usize) -> BTreeSet<DeviceId> {
        let Device { roster, disk, .. } = &self.devices[device];
        let state = disk.rows.state();
        let mut writers: BTreeSet<DeviceId> = roster.ever().into_iter().chain(state.authors.keys().copied()).collect();
        writers.extend(replica::stand_ins(&writers, &state.closed()).into_keys());
        writers
    }

    /// Notes what a device makes that nobody else trusts any more.
    pub(super) fn outlaw(&mut self, device: usize, changes: &[Vec<u8>]) {
        let id = self.devices[device].id;
        let others = || self.devices.iter().filter(|other| other.id != id && !other.is_lost());
        let trusts =
            |other: &Device| other.roster.holds(id) || other.is_up() && other.engine_roster.devices.contains(&id);
        if others().count() > 0 && !others().any(trusts) {
            self.tally.add("changes by devices that nobody trusts", changes.len() as u64);
            for change in changes.iter().filter_map(|bytes| Change::decode(bytes).ok()) {
                self.trust.outlaw((change.device, change.seq));
            }
        }
    }

    /// A push is stored somewhere as well: it will be fetched late, more than once, by anybody, or never.
    pub(super) fn store_push(&mut self, device: usize, committed: &Committed, heads: Heads) {
        let manner = Manner::Push { base: committed.base.clone(), upto: committed.upto.clone() };
        let from = self.devices[device].id;
        let delivery = Delivery { from, changes: committed.changes.clone(), stubs: Vec::new(), heads, manner };
        let roster = self.devices[device].roster.view().entries;
        self.stored.push(StoredPush { delivery, roster });
        for _ in 0..self.dice.below(4) {
            let delay = self.dice.below(20_000);
            self.schedule(delay, Event::Fetch);
        }
    }

    /// Somebody fetches one of the stored pushes, and takes it if it is by a device that it trusts. The sender's roster
    /// comes first, as on a connection (rule 4.1/3): only by it may the receiver know who wrote.
    pub(super) fn fetch(&mut self) {
        let up = self.standing(Device::is_up);
        let (Some(push), Some(&device)) = (self.dice.pick(&self.stored).cloned(), self.dice.pick(&up)) else {
            return;
        };
        let StoredPush { delivery, roster } = push;
        let machine = &self.devices[device];
        if !self.healing && machine.id != delivery.from && machine.engine_roster.devices.contains(&delivery.from) {
            self.enqueue(device, Job::TakeRoster { entries: roster });
            self.enqueue(device, Job::TakeStored { delivery });
        }
    }
}

/// A push that lies stored somewhere, with the roster of the device that sent it.
#[derive(Clone, Debug)]
pub(super) struct StoredPush {
    delivery: Delivery,
    roster: Vec<Vec<u8>>,
}

/// Devices of one world, those of a thief among them.
const DEVICES_MAX: usize = 9;
/// The epoch that a person begins with.
const FIRST_EPOCH: u64 = 1;
