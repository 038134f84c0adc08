//! The simulator: whole replicas on a network that loses connections, on machines that crash, judged by an oracle.
//!
//! What runs is the product: its engine, its replica functions over [`kith_core::replica::MemoryRows`], its messages as
//! encoded. What is made up is everything around them: time, the network, the storage's delays, the people. All chance
//! comes from one seed, so a seed replays a run exactly.
//!
//! In reading order: [`run`] plays one seed; `plan` draws what kind of run it is; `world` is the loop of events; `device`
//! is one machine and its storage; `network` carries frames; `person` is what people do; `oracle` knows every change
//! ever made and says what is wrong; `judge` asks it; `fate` is what befalls them;
//! `copies` is about folders that are copied or rolled back; `heal` is the quiet end; `altered` breaks the product on purpose.
//!
//! Absent on purpose: the trust rules' signatures. A roster here is a set of unsigned entries.

mod altered;
mod copies;
mod device;
mod dice;
mod fate;
mod heal;
mod judge;
mod network;
mod oracle;
mod person;
mod plan;
mod roster;
mod storage;
mod tally;
mod world;

pub use oracle::{Finding, What};
pub use tally::Tally;

/// How a run is played.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// By which rule sessions are sent.
    pub rule: Rule,
    /// What is broken on purpose.
    pub mutant: Option<Mutant>,
    /// Folders are copied and rolled back.
    pub copies: bool,
    /// Print every event.
    pub verbose: bool,
}

/// By which rule sessions are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rule {
    /// The product's.
    #[default]
    Product,
    /// The plausible simpler one that rules.md warns of: batches in the order of (device, sequence), superseded changes
    /// left out, V moving with every batch. Judged by convergence alone.
    Simple,
    /// The simpler one, with the check of rule 3.1/12 left in: it notices what the rule breaks, and mends it.
    SimpleChecked,
}

/// A fault planted around the product, to see whether the oracle notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// Transactions are reported before they are durable: a crash takes the newest one back.
    ReportedEarly,
    /// A push is lost on the way, though the connection goes on.
    PushDropped,
    /// A push is lost on the way and acknowledged all the same.
    PushAcknowledgedUnread,
    /// A push raises V across a gap.
    GapIgnored,
    /// Two changes of one device bear the same number.
    NumberReused,
    /// Removals are not taken in.
    RemovalsSkipped,
    /// Of concurrent values the one with the older clock is not taken in.
    OlderClockSkipped,
    /// Every batch of a session raises V, not only the last.
    VectorRaisedByEveryBatch,
    /// Nobody compares what two replicas hold of a device.
    CopyNotNoticed,
    /// The first batch of a session moves the cursor to the sender's end.
    CursorAhead,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::ReportedEarly,
        Self::PushDropped,
        Self::PushAcknowledgedUnread,
        Self::GapIgnored,
        Self::NumberReused,
        Self::RemovalsSkipped,
        Self::OlderClockSkipped,
        Self::VectorRaisedByEveryBatch,
        Self::CursorAhead,
    ];
}

/// How a run went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The first thing that was wrong.
    pub finding: Option<Finding>,
    /// What happened, counted.
    pub tally: Tally,
}

/// Plays one seed to its end, or to the first finding.
pub fn run(seed: u64, options: Options) -> Outcome {
    let mut world = world::World::new(seed, options);
    world.play();
    if world.finding.is_none() {
        world.heal();
    }
    Outcome { finding: world.finding, tally: world.tally }
}

/// The command that replays a seed with copied folders.
pub fn replay_copies_line(seed: u64) -> String {
    format!("cargo xtask sim --copies --seeds 1 --first {seed}")
}

/// The command that replays a seed.
pub fn replay_line(seed: u64, rule: Rule) -> String {
    match rule {
        Rule::Product => format!("cargo xtask sim --seeds 1 --first {seed}"),
        Rule::Simple => format!("cargo xtask sim --seeds 1 --first {seed} --rule simple"),
        Rule::SimpleChecked => format!("cargo xtask sim --seeds 1 --first {seed} --rule simple-checked"),
    }
}
