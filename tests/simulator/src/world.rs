//! The loop of events: who acts, what arrives, what fails, in the order of virtual time.

use super::{
    Fault, Options, Rule,
    copies::{self, Written},
    device::{Device, Job},
    dice::Dice,
    members::StoredPush,
    network::{Network, Parcel},
    oracle::{Finding, Oracle, What},
    plan::Plan,
    roster::Secret,
    simple::Simple,
    tally::Tally,
    trust::Trust,
};
use kith_core::{
    engine::{CloseReason, Input, LinkId, Notice, Output},
    id::{BookId, DeviceId, Hash},
    replica::Rows,
    vector::Vector,
};
use rand_core::RngCore;
use std::collections::BTreeMap;

/// Everything that a run is made of.
pub(super) struct World {
    pub(super) dice: Dice,
    pub(super) plan: Plan,
    pub(super) rule: Rule,
    pub(super) fault: Option<Fault>,
    /// Folders are copied and rolled back.
    pub(super) copying: bool,
    pub(super) written: Written,
    /// Whether books are kept in the product's file as well.
    pub(super) with_file: bool,
    verbose: bool,
    pub(super) now_ms: u64,
    /// Days that pass while nothing else happens, so that the trash comes of age.
    pub(super) calendar_ms: i64,
    events: BTreeMap<(u64, u64), Event>,
    events_scheduled: u64,
    pub(super) devices: Vec<Device>,
    pub(super) network: Network,
    /// Which half of a divided network each device is in.
    pub(super) halves: BTreeMap<usize, bool>,
    pub(super) oracle: Oracle,
    /// What V of each device has been checked for.
    pub(super) checked: BTreeMap<usize, Vector>,
    pub(super) judgements: u64,
    pub(super) looks: u64,
    pub(super) simple: Simple,
    /// The recovery code.
    pub(super) secret: Secret,
    pub(super) trust: Trust,
    /// Pushes that lie stored somewhere.
    pub(super) stored: Vec<StoredPush>,
    pub(super) word: u64,
    pub(super) book: BookId,
    /// Nothing fails any more.
    pub(super) healing: bool,
    pub(super) tally: Tally,
    pub(super) finding: Option<Finding>,
    /// The hash of the book that all hold in the end.
    pub(super) hash: Option<Hash>,
}

/// Something that is going to happen.
#[derive(Debug)]
pub(super) enum Event {
    /// The oldest parcel on its way to this side arrives.
    Arrive { link: LinkId, side: usize },
    /// This side notices that the connection is gone.
    Unplugged { link: LinkId, side: usize },
    /// The oldest storage operation ends.
    Stored { device: usize, boot: u64 },
    /// The engine hears of the oldest operation that ended.
    Reported { device: usize, boot: u64 },
    /// Somebody does something.
    Act,
    /// Something fails.
    Fault,
    /// Two devices try to connect.
    Dial { ends: [usize; 2] },
    /// A device starts.
    Boot { device: usize },
    /// A new device is added to the roster.
    Join,
    /// A device is lost for good.
    Lose,
    /// A device is taken off the roster, and goes on.
    Retire,
    /// Somebody else uses a device from now on.
    Steal,
    /// What a thief does with the roster.
    Meddle { device: usize },
    /// The person removes a device that somebody else has.
    Disown { device: usize },
    /// The recovery code opens an epoch.
    OpenEpoch,
    /// A device is off for 400 days.
    Rest,
    /// A year passes, and more.
    YearsPass,
    /// Somebody fetches a push that lies stored.
    Fetch,
    /// The network is whole again.
    Mend,
    /// A folder is copied or rolled back.
    Copies(copies::Event),
}

impl World {
    pub(super) fn new(seed: u64, options: Options) -> Self {
        let mut dice = Dice::new(seed);
        let plan = Plan::draw(&mut dice);
        let book = BookId::random(dice.rng());
        let mut code = [0; 32];
        dice.rng().fill_bytes(&mut code);
        let mut world = Self {
            dice,
            plan,
            rule: options.rule,
            fault: options.fault,
            copying: options.has_copies(seed),
            written: Written::default(),
            with_file: options.has_file(seed),
            verbose: options.verbose,
            now_ms: 0,
            calendar_ms: 0,
            events: BTreeMap::new(),
            events_scheduled: 0,
            devices: Vec::new(),
            network: Network::default(),
            halves: BTreeMap::new(),
            oracle: Oracle::default(),
            checked: BTreeMap::new(),
            judgements: 0,
            looks: 0,
            simple: Simple::default(),
            secret: Secret::new(code),
            trust: Trust::default(),
            stored: Vec::new(),
            word: 0,
            book,
            healing: false,
            tally: Tally::default(),
            finding: None,
            hash: None,
        };
        world.trace(|world| format!("{:?}", world.plan));
        if world.copying {
            world.plan.without_strife();
        }
        world.populate();
        if world.copying {
            world.plan_copies();
        }
        world
    }

    fn populate(&mut self) {
        let ids: Vec<DeviceId> = (0..self.plan.devices).map(|_| DeviceId::random(self.dice.rng())).collect();
        self.found_person(&ids);
        let times: [(u64, fn() -> Event); 7] = [
            (self.plan.acts, || Event::Act),
            (self.plan.faults, || Event::Fault),
            (self.plan.joins, || Event::Join),
            (self.plan.losses, || Event::Lose),
            (self.plan.retirements, || Event::Retire),
            (self.plan.thefts, || Event::Steal),
            (self.plan.absences, || Event::Rest),
        ];
        for (count, event) in times {
            for _ in 0..count {
                let delay = self.dice.below(self.plan.span_ms);
                self.schedule(delay, event());
            }
        }
    }

    pub(super) fn schedule(&mut self, delay_ms: u64, event: Event) {
        self.events_scheduled += 1;
        self.events.insert((self.now_ms + delay_ms, self.events_scheduled), event);
    }

    /// People act and things fail, until the plan's time is over.
    pub(super) fn play(&mut self) {
        while self.finding.is_none() && self.step(self.plan.span_ms) {}
    }

    /// Plays what happens next, if that is not after `until_ms`.
    pub(super) fn step(&mut self, until_ms: u64) -> bool {
        let Some(next) = self.events.first_entry().filter(|next| next.key().0 <= until_ms) else { return false };
        self.now_ms = next.key().0;
        let event = next.remove();
        self.tally.count("events");
        match event {
            Event::Arrive { link, side } => self.arrive(link, side),
            Event::Unplugged { link, side } => self.unplugged(link, side),
            Event::Stored { device, boot } if self.devices[device].boot == boot => self.stored(device),
            Event::Reported { device, boot } if self.devices[device].boot == boot => self.reported(device),
            Event::Stored { .. } | Event::Reported { .. } => {}
            Event::Act => self.somebody_acts(),
            Event::Fault => self.fail(),
            Event::Dial { ends } => self.dial_at_will(ends),
            Event::Boot { device } => self.boot(device),
            Event::Join => self.join(),
            Event::Lose => self.lose(),
            Event::Retire => self.retire(),
            Event::Steal => self.steal(),
            Event::Meddle { device } => self.meddle(device),
            Event::Disown { device } => self.disown(device),
            Event::OpenEpoch => self.open_epoch_somewhere(),
            Event::Rest => self.rest_for_long(),
            Event::YearsPass => self.calendar_ms += ABSENCE_MS,
            Event::Fetch => self.fetch(),
            Event::Mend => self.halves.clear(),
            Event::Copies(event) => self.copies(event),
        }
        true
    }

    /// A device's own clock, in milliseconds since 1970.
    pub(super) fn clock_ms(&self, device: usize) -> i64 {
        EPOCH_MS + self.calendar_ms + self.now_ms as i64 + self.devices[device].skew_ms
    }

    pub(super) fn index_of(&self, id: DeviceId) -> Option<usize> {
        self.devices.iter().position(|device| device.id == id)
    }

    fn reported(&mut self, device: usize) {
        let Some(report) = self.devices[device].reports.pop_front() else { return };
        let machine = &mut self.devices[device];
        if let Input::Committed { state, .. } | Input::Applied { state, .. } = &report {
            machine.shown.raise_all(&state.vector());
        }
        machine.lowered.iter().for_each(|(id, end)| machine.shown.lower(*id, *end));
        if let Input::Parted { result: Some(parted), .. } = &report {
            machine.lowered.drain(..parted.lowered.len());
        }
        if let Input::Roster(view) = &report {
            self.devices[device].engine_roster = view.clone();
        }
        self.handle(device, report);
        self.look(device);
    }

    /// Hands an input to a device's engine, and does all that it wants done.
    pub(super) fn handle(&mut self, device: usize, input: Input) {
        let Some(engine) = self.devices[device].engine() else { return };
        engine.handle(input);
        let outputs: Vec<Output> = std::iter::from_fn(|| engine.poll()).collect();
        for output in outputs {
            match output {
                Output::Send { link, bytes } => self.send(device, link, bytes),
                Output::Read { link, session, want, after, theirs } => {
                    self.enqueue(device, Job::Read { link, session, want, after, theirs });
                }
                Output::Branch { link, device: of, upto } => self.enqueue(device, Job::Branch { link, of, upto }),
                Output::Part { apart } => self.enqueue(device, Job::Part { apart }),
                Output::Apply { link, delivery } => self.enqueue(device, Job::Apply { link, delivery }),
                Output::TakeRoster { entries, .. } => self.enqueue(device, Job::TakeRoster { entries }),
                Output::Close { link, reason } => self.close(device, link, reason),
                Output::Notice(notice) => self.notice(device, notice),
            }
        }
    }

    fn notice(&mut self, device: usize, notice: Notice) {
        match notice {
            Notice::PeerHolds { peer, vector } => {
                let Some(other) = self.index_of(peer) else { return };
                let holds = self.devices[other].disk.rows.state().vector().covers(&vector) || self.copying;
                if !holds && self.rule == Rule::Product {
                    self.found(What::DishonestHolds, format!("device {device} of {other}: {vector:?}"));
                }
                self.devices[device].holds.insert(peer, vector);
            }
            Notice::Differs { .. } if self.rule == Rule::SimpleChecked => self.tally.count("differences noticed"),
            Notice::Differs { peer } => self.found(What::Differs, format!("device {device} from {peer:?}")),
            Notice::CaughtUp { .. } => self.tally.count("sessions ended"),
            Notice::Forked { .. } => self.tally.count("forks told"),
            Notice::Parted { parted } => {
                for vector in self.devices[device].holds.values_mut() {
                    parted.lowered.iter().for_each(|(id, end)| vector.lower(*id, end.seq));
                }
            }
            Notice::Changed { .. } | Notice::WrittenAgain { .. } => {}
        }
    }

    fn close(&mut self, device: usize, link: LinkId, reason: CloseReason) {
        let Some(connection) = self.network.connection(link) else { return };
        let Some(side) = connection.side_of(device) else { return };
        let other = connection.ends[1 - side];
        let excused = match reason {
            CloseReason::Foreign => {
                let devices = &self.devices[device].engine_roster.devices;
                !devices.contains(&self.devices[other].id)
            }
            CloseReason::Storage | CloseReason::Copied => true,
            CloseReason::RefusedByPeer => connection.excused,
            CloseReason::Hostile | CloseReason::Version | CloseReason::Refused(_) => false,
        };
        connection.open[side] = false;
        connection.excused |= excused;
        if !excused {
            self.found(What::HostileClose, format!("device {device} closed to {other}: {reason:?}"));
        }
        self.tally.count("connections closed");
        self.post(link, 1 - side, Parcel::Closed);
    }

    /// Whether nothing is going to happen.
    pub(super) fn is_at_rest(&self) -> bool {
        self.events.is_empty()
    }

    pub(super) fn trace(&self, line: impl FnOnce(&Self) -> String) {
        if self.verbose {
            println!("{:>8} {}", self.now_ms, line(self));
        }
    }
}

const EPOCH_MS: i64 = 1_800_000_000_000;
/// How long a device is off that is off for long.
const ABSENCE_MS: i64 = 400 * 24 * 3600 * 1000;
