//! What befalls devices and the network between them: cuts, crashes, divisions, losses, newcomers, and time.

use super::{
    Fault,
    device::{Device, Job, Life},
    disk::Disk,
    network::Parcel,
    oracle::What,
    roster::{Move, Roster},
    world::{Event, World},
};
use kith_core::{
    engine::{Engine, Input, LinkId},
    id::{DeviceId, StoreId},
    replica::Rows,
};

impl World {
    /// Puts a new device with an empty book into the world; it starts at once.
    pub(super) fn add_device(&mut self, id: DeviceId, roster: &Roster) {
        let store = StoreId::random(self.dice.rng());
        let skew_ms = self.draw_skew();
        let device = self.devices.len();
        let disk = Disk::new(self.book, store, self.with_file);
        let Some(disk) = self.alike(device, disk) else { return };
        let mut entries = roster.view().entries;
        self.dice.shuffle(&mut entries);
        let mut roster = Roster::new(&self.secret);
        if let Err(error) = roster.take(&entries) {
            self.found(What::WrongRoster, format!("a newcomer refuses its roster: {error}"));
        }
        self.trust.given(device, &entries);
        if let Err(finding) = self.trust.check(device, &roster.devices()) {
            self.report(finding);
        }
        self.devices.push(Device::new(id, disk, roster, skew_ms));
        self.schedule(0, Event::Boot { device });
        for other in 0..device {
            // The first two always meet; of the others some never do, before the end.
            if device == 1 || !self.dice.chance(self.plan.strangers_percent) {
                self.redial_later([other, device]);
            }
        }
    }

    /// How far a clock is off: not at all, up to two days, or ten years.
    fn draw_skew(&mut self) -> i64 {
        match self.dice.below(10) {
            0 => TEN_YEARS_MS,
            1..4 => 0,
            _ => self.dice.below(4 * DAY_MS) as i64 - 2 * DAY_MS as i64,
        }
    }

    pub(super) fn redial_later(&mut self, ends: [usize; 2]) {
        let delay = self.dice.below(self.plan.redial_ms_max);
        self.schedule(delay, Event::Dial { ends });
    }

    /// Two devices try to connect, if they are not, and will try again later.
    pub(super) fn dial_at_will(&mut self, [one, other]: [usize; 2]) {
        let ends = if self.dice.chance(50) { [one, other] } else { [other, one] };
        if self.healing || ends.iter().any(|end| self.devices[*end].is_lost()) {
            return;
        }
        self.redial_later(ends);
        let up = ends.iter().all(|end| self.devices[*end].is_up() && !self.devices[*end].waits)
            && self.devices[one].id != self.devices[other].id;
        let divided = self.halves.get(&one) != self.halves.get(&other);
        let beside = self.network.open_between(one, other) < 2 && self.dice.chance(self.plan.double_percent);
        let wanted = beside || !self.network.is_open(ends[0], ends[1]);
        if up && !divided && wanted {
            self.dial(ends);
        }
    }

    pub(super) fn dial(&mut self, [from, to]: [usize; 2]) {
        let short = !self.healing && self.dice.chance(self.plan.short_percent);
        let frames_left = short.then(|| self.dice.between(1, 24));
        let link = self.network.dial(from, to, frames_left);
        self.tally.count("connections");
        self.trace(|_| format!("device {from} dials {to}: link {}", link.0));
        self.post(link, 1, Parcel::Opened);
        let peer = self.devices[to].id;
        self.handle(from, Input::Connected { link, peer });
    }

    pub(super) fn somebody_acts(&mut self) {
        let up: Vec<usize> = self.standing(Device::is_up);
        if let Some(&device) = self.dice.pick(&up) {
            self.enqueue(device, Job::Act);
        }
    }

    /// One of the things that go wrong, or merely happen.
    pub(super) fn fail(&mut self) {
        let up = self.standing(Device::is_up);
        match self.dice.below(12) {
            0..4 => {
                let whole: Vec<LinkId> = self.network.iter().filter(|(_, c)| !c.broken).map(|(link, _)| link).collect();
                if let Some(&link) = self.dice.pick(&whole) {
                    self.cut(link);
                }
            }
            4..7 => {
                if let Some(&device) = self.dice.pick(&up) {
                    self.crash(device, Life::Down);
                    let delay = self.dice.between(1, 10_000);
                    self.schedule(delay, Event::Boot { device });
                }
            }
            7 => self.divide(),
            8..10 => {
                self.calendar_ms += 31 * DAY_MS as i64;
                self.tally.count("months");
            }
            10 => {
                if let Some(&device) = self.dice.pick(&up) {
                    self.handle(device, Input::AskAgain);
                }
            }
            _ => {
                if let Some(&device) = self.dice.pick(&up) {
                    self.tally.count("storms");
                    (0..STORM_ACTS).for_each(|_| self.enqueue(device, Job::Act));
                }
            }
        }
    }

    /// The devices of which something holds.
    pub(super) fn standing(&self, which: impl Fn(&Device) -> bool) -> Vec<usize> {
        (0..self.devices.len()).filter(|device| which(&self.devices[*device])).collect()
    }

    fn divide(&mut self) {
        self.halves = (0..self.devices.len()).map(|device| (device, self.dice.chance(50))).collect();
        let links: Vec<(LinkId, [usize; 2])> = self.network.iter().map(|(link, c)| (link, c.ends)).collect();
        for (link, [one, other]) in links {
            if self.halves.get(&one) != self.halves.get(&other) {
                self.cut(link);
            }
        }
        self.tally.count("divisions");
        let delay = self.dice.between(500, 20_000);
        self.schedule(delay, Event::Mend);
    }

    pub(super) fn crash(&mut self, device: usize, life: Life) {
        self.tally.count("crashes");
        self.trace(|_| format!("device {device} crashes"));
        self.devices[device].stop(life);
        if self.fault == Some(Fault::ReportedEarly) {
            self.check_anew(device);
        }
        self.hang_up(device);
    }

    /// All of a device's connections are gone, and it knows.
    pub(super) fn hang_up(&mut self, device: usize) {
        let own = self.network.iter().filter(|(_, c)| c.ends.contains(&device));
        let links: Vec<LinkId> = own.map(|(link, _)| link).collect();
        for link in links {
            self.cut(link);
            if let Some(connection) = self.network.connection(link)
                && let Some(side) = connection.side_of(device)
            {
                connection.open[side] = false;
            }
        }
    }

    /// A device starts from its disk.
    pub(super) fn boot(&mut self, device: usize) {
        if self.devices[device].is_up() || self.devices[device].is_lost() {
            return;
        }
        let renumbers = self.dice.chance(10) || self.is_store_renewed(device);
        let store = StoreId::random(self.dice.rng());
        if self.dice.chance(5) {
            self.devices[device].skew_ms = self.draw_skew();
        }
        let reopened = self.devices[device].disk.reopen(renumbers.then_some(store));
        if self.alike(device, reopened).is_none() {
            return;
        }
        let machine = &mut self.devices[device];
        let state = machine.disk.rows.state().clone();
        let backwards = !state.vector().covers(&machine.shown);
        machine.engine_roster = machine.roster.view();
        let engine = Engine::new(state, machine.engine_roster.clone(), machine.holds.clone());
        machine.life = Life::Up(Box::new(engine));
        machine.reported_at_ms = self.now_ms;
        if backwards {
            self.found(What::Backwards, format!("device {device} showed more before it crashed"));
        }
        self.look_closely(device);
    }

    /// A device is off for more than a year, while the others go on.
    pub(super) fn rest_for_long(&mut self) {
        let up = self.standing(Device::is_up);
        let Some(&device) = self.dice.pick(&up) else { return };
        self.tally.count("absences of 400 days");
        self.crash(device, Life::Down);
        let years = self.dice.between(1_000, 8_000);
        self.schedule(years, Event::YearsPass);
        let back = self.dice.between(years + 1_000, 25_000);
        self.schedule(back, Event::Boot { device });
    }

    /// A device is lost for good, unless it is the only one that knows a newcomer; it may be removed from the roster.
    pub(super) fn lose(&mut self) {
        let Some((lost, by)) = self.draw_gone() else { return };
        self.crash(lost, Life::Lost);
        self.tally.count("devices lost for good");
        if self.dice.chance(50) {
            let (id, keeps) = (self.devices[lost].id, self.dice.chance(70));
            self.enqueue(by, Job::MakeRoster(Move::Remove(id, keeps)));
        }
    }
}

const DAY_MS: u64 = 24 * 3600 * 1000;
const TEN_YEARS_MS: i64 = 3650 * DAY_MS as i64;
/// More than pushes may be on their way at once.
const STORM_ACTS: usize = 48;
