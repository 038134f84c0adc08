//! The loop of events: who acts, what arrives, what fails, in the order of virtual time.

use super::{
    Mutant, Options, Rule,
    altered::{self, Smuggled},
    device::{Device, Job},
    dice::Dice,
    network::{Network, Parcel},
    oracle::{self, Finding, Oracle, What},
    plan::Plan,
    roster::Roster,
    tally::Tally,
};
use kith_core::{
    engine::{CloseReason, Input, LinkId, Notice, Output},
    id::{BookId, DeviceId},
    limits::FRAME_BYTES_MAX,
    replica::Rows,
    vector::Vector,
    wire::Message,
};
use std::collections::BTreeMap;

/// Everything that a run is made of.
pub(super) struct World {
    pub(super) dice: Dice,
    pub(super) plan: Plan,
    pub(super) rule: Rule,
    pub(super) mutant: Option<Mutant>,
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
    checked: BTreeMap<usize, Vector>,
    judgements: u64,
    pub(super) smuggled: Smuggled,
    pub(super) word: u64,
    pub(super) book: BookId,
    /// Nothing fails any more.
    pub(super) healing: bool,
    pub(super) tally: Tally,
    pub(super) finding: Option<Finding>,
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
    /// The network is whole again.
    Mend,
}

impl World {
    pub(super) fn new(seed: u64, options: Options) -> Self {
        let mut dice = Dice::new(seed);
        let plan = Plan::draw(&mut dice);
        let book = BookId::random(dice.rng());
        let mut world = Self {
            dice,
            plan,
            rule: options.rule,
            mutant: options.mutant,
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
            smuggled: Smuggled::default(),
            word: 0,
            book,
            healing: false,
            tally: Tally::default(),
            finding: None,
        };
        world.trace(|world| format!("{:?}", world.plan));
        world.populate();
        world
    }

    fn populate(&mut self) {
        let ids: Vec<DeviceId> = (0..self.plan.devices).map(|_| DeviceId::random(self.dice.rng())).collect();
        let mut roster = Roster::default();
        ids.iter().for_each(|id| roster.add(*id));
        ids.iter().for_each(|id| self.add_device(*id, roster.clone()));
        let times: [(u64, fn() -> Event); 4] = [
            (self.plan.acts, || Event::Act),
            (self.plan.faults, || Event::Fault),
            (self.plan.joins, || Event::Join),
            (self.plan.losses, || Event::Lose),
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
            Event::Mend => self.halves.clear(),
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
        if let Input::Committed { state, .. } | Input::Applied { state, .. } = &report {
            self.devices[device].shown.raise_all(&state.vector());
        }
        if let Input::Roster(view) = &report {
            self.devices[device].engine_roster = view.clone();
        }
        self.handle(device, report);
    }

    // ---- The engine ------------------------------------------------------------------------------------------------

    /// Hands an input to a device's engine, and does all that it wants done.
    pub(super) fn handle(&mut self, device: usize, input: Input) {
        let Some(engine) = self.devices[device].engine() else { return };
        engine.handle(input);
        let outputs: Vec<Output> = std::iter::from_fn(|| engine.poll()).collect();
        for output in outputs {
            match output {
                Output::Send { link, bytes } => self.send(device, link, bytes),
                Output::Read { link, session, want, after } => {
                    self.enqueue(device, Job::Read { link, session, want, after });
                }
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
                if !self.devices[other].rows.state().vector().covers(&vector) && self.rule == Rule::Product {
                    self.found(What::DishonestHolds, format!("device {device} of {other}: {vector:?}"));
                }
                self.devices[device].holds.insert(peer, vector);
            }
            Notice::Differs { .. } if self.rule == Rule::SimpleChecked => self.tally.count("differences noticed"),
            Notice::Differs { peer } => self.found(What::Differs, format!("device {device} from {peer:?}")),
            Notice::CaughtUp { .. } => self.tally.count("sessions ended"),
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
            CloseReason::Storage => true,
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

    // ---- The network -----------------------------------------------------------------------------------------------

    fn send(&mut self, device: usize, link: LinkId, bytes: Vec<u8>) {
        let Some(side) = self.network.connection(link).and_then(|connection| connection.side_of(device)) else {
            return;
        };
        if bytes.len() > FRAME_BYTES_MAX {
            self.found(What::FrameTooLong, format!("{} bytes by device {device}", bytes.len()));
        }
        self.tally.count("frames");
        self.trace(|_| format!("device {device} -> link {}: {}", link.0, describe(&bytes)));
        if matches!(self.mutant, Some(Mutant::PushDropped | Mutant::PushAcknowledgedUnread)) && self.dice.chance(10) {
            if let Some(ack) = altered::forged_ack(&bytes) {
                if self.mutant == Some(Mutant::PushAcknowledgedUnread) {
                    self.post(link, side, Parcel::Frame(ack));
                }
                return;
            }
        }
        let bytes = if self.rule == Rule::Simple { altered::unchecked(bytes) } else { bytes };
        self.post(link, 1 - side, Parcel::Frame(bytes));
    }

    pub(super) fn post(&mut self, link: LinkId, side: usize, parcel: Parcel) {
        let latency = self.dice.below(self.plan.latency_ms_max + 1);
        let now = self.now_ms;
        let Some(connection) = self.network.connection(link) else { return };
        if let Some(at) = connection.send(side, parcel, now, latency) {
            self.schedule(at - now, Event::Arrive { link, side });
        }
    }

    fn arrive(&mut self, link: LinkId, side: usize) {
        let Some(connection) = self.network.connection(link) else { return };
        let (device, other) = (connection.ends[side], connection.ends[1 - side]);
        match connection.arrive(side) {
            None => {}
            Some(Parcel::Opened) if self.devices[device].is_up() => {
                connection.open[side] = true;
                let peer = self.devices[other].id;
                self.handle(device, Input::Connected { link, peer });
            }
            Some(Parcel::Opened) => self.cut(link),
            Some(_) if !connection.open[side] => {}
            Some(Parcel::Closed) => {
                connection.open[side] = false;
                self.handle(device, Input::Closed { link });
            }
            Some(Parcel::Frame(bytes)) => {
                let left = connection.frames_left.as_mut().map(|left| {
                    *left = left.saturating_sub(1);
                    *left
                });
                self.handle(device, Input::Frame { link, bytes });
                if left == Some(0) && !self.healing {
                    self.cut(link);
                }
            }
        }
    }

    /// Breaks a connection: what is on its way is lost, and both sides will notice.
    pub(super) fn cut(&mut self, link: LinkId) {
        let Some(connection) = self.network.connection(link) else { return };
        if connection.broken {
            return;
        }
        connection.cut();
        self.tally.count("cuts");
        self.trace(|_| format!("link {} is cut", link.0));
        for side in 0..2 {
            let delay = self.dice.below(self.plan.notice_ms_max + 1);
            self.schedule(delay, Event::Unplugged { link, side });
        }
    }

    fn unplugged(&mut self, link: LinkId, side: usize) {
        let Some(connection) = self.network.connection(link).filter(|connection| connection.open[side]) else { return };
        connection.open[side] = false;
        let device = connection.ends[side];
        self.trace(|_| format!("device {device} notices that link {} is gone", link.0));
        self.handle(device, Input::Closed { link });
    }

    /// Whether nothing is going to happen.
    pub(super) fn is_at_rest(&self) -> bool {
        self.events.is_empty()
    }

    // ---- The oracle ------------------------------------------------------------------------------------------------

    /// What must hold of a replica after each of its transactions.
    pub(super) fn judge(&mut self, device: usize) {
        self.judgements += 1;
        if self.rule != Rule::Product || self.finding.is_some() {
            return;
        }
        let known = self.checked.remove(&device).unwrap_or_default();
        let machine = &mut self.devices[device];
        let vector = machine.rows.state().vector();
        let honest = if vector == known { Ok(()) } else { self.oracle.check_honest(&machine.rows, &known) };
        let whole = self.judgements % CONTENT_CHECK_EVERY == 0;
        let content = if whole { self.oracle.check_content(&mut machine.rows) } else { Ok(()) };
        self.checked.insert(device, vector);
        if let Err(finding) = honest.and(content) {
            return self.report(Finding { detail: format!("device {device}: {}", finding.detail), ..finding });
        }
        for other in 0..self.devices.len() {
            if other != device && self.have_diverged(device, other) {
                return self.found(What::Diverged, format!("devices {device} and {other}"));
            }
        }
    }

    /// Whether rule 3.1/12 is broken between two replicas.
    pub(super) fn have_diverged(&self, one: usize, other: usize) -> bool {
        let (one, other) = (&self.devices[one].rows, &self.devices[other].rows);
        let settled = one.state().is_settled() && other.state().is_settled();
        settled && one.state().vector() == other.state().vector() && !oracle::is_same(one, other)
    }

    /// V of a device went back: it has to be checked anew.
    pub(super) fn check_anew(&mut self, device: usize) {
        self.checked.remove(&device);
    }

    pub(super) fn found(&mut self, what: What, detail: String) {
        self.report(Finding::new(what, detail));
    }

    /// Keeps the first finding.
    pub(super) fn report(&mut self, finding: Finding) {
        let at_ms = self.now_ms;
        self.trace(|_| format!("FOUND {:?}: {}", finding.what, finding.detail));
        self.finding.get_or_insert(Finding { at_ms, ..finding });
    }

    pub(super) fn trace(&self, line: impl FnOnce(&Self) -> String) {
        if self.verbose {
            println!("{:>8} {}", self.now_ms, line(self));
        }
    }
}

fn describe(bytes: &[u8]) -> String {
    match Message::decode(bytes) {
        Ok(Message::Batch(batch)) => format!(
            "batch {}/{} of {} changes, through {}, {:?}",
            batch.session,
            batch.number,
            batch.changes.len(),
            batch.cursor.arrival,
            batch.last.map(|last| last.upto)
        ),
        Ok(Message::Push(push)) => {
            format!("push {} of {} changes, {:?} to {:?}", push.number, push.changes.len(), push.base, push.upto)
        }
        Ok(other) => format!("{other:?}"),
        Err(invalid) => invalid.to_string(),
    }
}

const EPOCH_MS: i64 = 1_800_000_000_000;
/// Looking at a whole book takes longer than the transaction that it follows.
const CONTENT_CHECK_EVERY: u64 = 4;
