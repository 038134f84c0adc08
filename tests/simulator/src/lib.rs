//! The simulator: whole replicas on a network that loses connections, on machines that crash, judged by an oracle.
//!
//! What runs is the product: its engine, its replica functions over [`kith_core::replica::MemoryRows`], its messages as
//! encoded. What is made up is everything around them: time, the network, the storage's delays, the people. All chance
//! comes from one seed, so a seed replays a run exactly.
//!
//! In reading order: [`run`] plays one seed; `plan` draws what kind of run it is; `world` is the loop of events; `device`
//! is one machine, `disk` its storage and `roster` its roster; `network` carries frames; `person` is what people do; `fate`
//! and `members` are what befalls their devices, `copies` what befalls their folders; `heal` is the quiet end. `history`
//! and `oracle` know every change ever made, `trust` every roster entry, and they say what is wrong when `judge` asks.
//! `play` is many seeds on all cores.
//!
//! `people` is a world of its own: several persons, their links, and what of their cards reaches whom.
//!
//! Frames are neither lost, doubled nor put into another order while a connection lasts: QUIC's streams see to that. What
//! can be is made here: connections break and overlap, and pushes also travel as stored batches, late, often or never.

mod copies;
mod device;
mod dice;
mod disk;
mod fate;
mod heal;
mod history;
mod judge;
mod members;
mod network;
mod oracle;
mod people;
mod person;
mod plan;
mod play;
mod roster;
mod simple;
mod storage;
mod tally;
mod trust;
mod world;

pub use kith_core::mutant::Mutant;
pub use oracle::{Finding, What};
pub use people::{PeopleFinding, PeopleOutcome, Wrong, run as run_people};
pub use play::{Caught, Played, hunt, hunt_people, play, play_people, threads};
pub use tally::Tally;

use kith_core::{id::Hash, mutant};
use std::panic::{self, AssertUnwindSafe};

/// How a run is played.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// By which rule sessions are sent.
    pub rule: Rule,
    /// What is broken on purpose.
    pub fault: Option<Fault>,
    /// What devices keep their books in.
    pub storage: Storage,
    /// Whether folders are copied and rolled back.
    pub copies: Copies,
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

/// What is broken on purpose, to see whether the oracle notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// One line of the product.
    Product(Mutant),
    /// The simulated storage: transactions are reported before they are durable, and a crash takes the newest one back.
    ReportedEarly,
}

impl Fault {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Mutant::ALL.into_iter().map(Self::Product).chain([Self::ReportedEarly])
    }

    /// Its name.
    pub fn name(self) -> String {
        match self {
            Self::Product(mutant) => format!("{mutant:?}"),
            Self::ReportedEarly => "ReportedEarly".to_owned(),
        }
    }
}

/// What devices keep their books in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// Ordered maps; for every 20th seed the product's file as well.
    #[default]
    Mixed,
    /// Ordered maps.
    Maps,
    /// The product's file beside ordered maps.
    File,
}

/// Whether folders are copied, brought back from an earlier day, and used on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Copies {
    /// For every fourth seed. There an oracle judges that goes by values, for two changes bear one number.
    #[default]
    Mixed,
    /// For every seed.
    Always,
    /// For none.
    Never,
}

impl Options {
    /// Whether folders are copied in this run. The simpler rules know nothing of copies.
    fn has_copies(&self, seed: u64) -> bool {
        self.rule == Rule::Product
            && match self.copies {
                Copies::Mixed => seed % 4 == 2,
                Copies::Always => true,
                Copies::Never => false,
            }
    }

    /// Whether devices keep the product's file in this run. Only the product's own rule reads batches from it, and only
    /// it survives crashes as it should.
    fn has_file(&self, seed: u64) -> bool {
        let can = self.rule == Rule::Product && self.fault != Some(Fault::ReportedEarly) && !self.has_copies(seed);
        can && match self.storage {
            Storage::Mixed => seed % 20 == 19,
            Storage::Maps => false,
            Storage::File => true,
        }
    }
}

/// How a run went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The first thing that was wrong.
    pub finding: Option<Finding>,
    /// What happened, counted.
    pub tally: Tally,
    /// The hash of the book that all members hold in the end.
    pub hash: Option<Hash>,
}

/// Plays one seed to its end, or to the first finding.
pub fn run(seed: u64, options: Options) -> Outcome {
    let mutant = match options.fault {
        Some(Fault::Product(mutant)) => Some(mutant),
        Some(Fault::ReportedEarly) | None => None,
    };
    mutant::choose(mutant);
    // Nothing of the world is looked at after a panic.
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
        let mut world = world::World::new(seed, options);
        world.play();
        if world.finding.is_none() {
            world.heal();
        }
        Outcome { finding: world.finding, tally: world.tally, hash: world.hash }
    }));
    mutant::choose(None);
    outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        let finding = Finding::new(What::Panicked, text.unwrap_or("without a word").to_owned());
        Outcome { finding: Some(finding), tally: Tally::default(), hash: None }
    })
}

/// The command that replays a seed.
pub fn replay_line(seed: u64, options: Options) -> String {
    let rule = match options.rule {
        Rule::Product => "",
        Rule::Simple => " --rule simple",
        Rule::SimpleChecked => " --rule simple-checked",
    };
    let storage = match options.storage {
        Storage::Mixed => "",
        Storage::Maps => " --storage maps",
        Storage::File => " --storage file",
    };
    let copies = match options.copies {
        Copies::Mixed => "",
        Copies::Always => " --copies always",
        Copies::Never => " --copies never",
    };
    let fault = options.fault.map(|fault| format!(" --mutant {}", fault.name())).unwrap_or_default();
    format!("cargo xtask sim --seeds 1 --first {seed}{rule}{storage}{copies}{fault}")
}
