//! One machine: what survives a crash, what does not, and the queue of its storage.

use super::{
    disk::Disk,
    roster::{Move, Roster},
};
use kith_core::{
    engine::{Engine, Input, LinkId, RosterView},
    id::{DeviceId, EntityId},
    replica::{Apart, Delivery, MemoryRows},
    vector::Vector,
    wire::Tables,
};
use std::collections::{BTreeMap, VecDeque};

/// One device, its disk first.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) id: DeviceId,
    pub(super) disk: Disk,
    pub(super) roster: Roster,
    /// Since when, by its own clock, it has held a contact in the trash.
    pub(super) trashed_since: BTreeMap<EntityId, i64>,
    /// What its peers were known to hold when it last heard of them.
    pub(super) holds: BTreeMap<DeviceId, Vector>,
    /// The disk before the newest transaction; only for [`super::Fault::ReportedEarly`].
    pub(super) before: Option<MemoryRows>,

    /// It had to take a new id, and nobody has let it in under that one yet.
    pub(super) waits: bool,

    /// Somebody else has it, or made it: the person wants it off the roster.
    pub(super) stolen: bool,
    /// How far its clock is off.
    pub(super) skew_ms: i64,
    /// What its person was shown: never more than what a crash leaves.
    pub(super) shown: Vector,
    /// What transactions that it has not heard of yet took from that: what it hears before is older.
    pub(super) lowered: Vec<(DeviceId, u64)>,
    pub(super) life: Life,
    /// Counts starts, so that what was meant for an earlier one is ignored.
    pub(super) boot: u64,
    /// Storage operations that wait, oldest first. The first one is being done.
    pub(super) queue: VecDeque<Job>,
    /// Ends of operations of which the engine has not heard, oldest first.
    pub(super) reports: VecDeque<Input>,
    pub(super) reported_at_ms: u64,
    /// The roster by which its engine judges.
    pub(super) engine_roster: RosterView,
}

/// Whether a device runs.
#[derive(Debug)]
pub(super) enum Life {
    Up(Box<Engine>),
    Down,
    /// For good.
    Lost,
}

/// One storage operation, done whole or not at all.
#[derive(Debug)]
pub(super) enum Job {
    Read {
        link: LinkId,
        session: u32,
        want: Vector,
        after: u64,
        theirs: Option<Tables>,
    },
    /// Looks up a chain for a peer.
    Branch {
        link: LinkId,
        of: DeviceId,
        upto: u64,
    },
    /// Parts with a copied device's changes.
    Part {
        apart: Apart,
    },
    Apply {
        link: LinkId,
        delivery: Delivery,
    },
    /// Entries that a peer sent.
    TakeRoster {
        entries: Vec<Vec<u8>>,
    },
    /// An entry made here.
    MakeRoster(Move),
    /// A push that was stored somewhere, and comes by another way than a connection.
    TakeStored {
        delivery: Delivery,
    },
    /// Something its person does.
    Act,
}

impl Device {
    pub(super) fn new(id: DeviceId, disk: Disk, roster: Roster, skew_ms: i64) -> Self {
        Self {
            id,
            disk,
            roster,
            trashed_since: BTreeMap::new(),
            holds: BTreeMap::new(),
            before: None,
            waits: false,
            stolen: false,
            skew_ms,
            shown: Vector::default(),
            lowered: Vec::new(),
            life: Life::Down,
            boot: 0,
            queue: VecDeque::new(),
            reports: VecDeque::new(),
            reported_at_ms: 0,
            engine_roster: RosterView::default(),
        }
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.life, Life::Up(_))
    }

    pub(super) fn is_lost(&self) -> bool {
        matches!(self.life, Life::Lost)
    }

    pub(super) fn engine(&mut self) -> Option<&mut Engine> {
        match &mut self.life {
            Life::Up(engine) => Some(engine),
            Life::Down | Life::Lost => None,
        }
    }

    /// Forgets what was not on disk.
    pub(super) fn stop(&mut self, life: Life) {
        self.life = life;
        self.boot += 1;
        self.queue.clear();
        self.reports.clear();
        self.lowered.clear();
        if let Some(before) = self.before.take() {
            self.disk.rows = before;
        }
    }
}
