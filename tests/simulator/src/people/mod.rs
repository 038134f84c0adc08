//! The simulator of persons: links, rosters, publications and envelopes, on a network that loses connections, through a
//! relay that withholds and repeats, with thieves and with people who change their minds (rules 4.1).
//!
//! What runs is the product: its acceptances, its exchange, its cuts and envelopes, over replicas in memory. Made up are
//! time, network, relay and people. One seed replays a run exactly.
//!
//! In reading order: [`run`] plays one seed; `world` is the loop of what happens; `device` is one machine with its book;
//! `deeds` are what people do; `relay` is who stores envelopes; `heal` is the quiet end; `oracle` knows every publication that was ever meant for
//! somebody, and says what is wrong; `consent` knows what people said about what came, and says what may be shown.
//!
//! The promises: nothing leaves to somebody outside audience or visibility; nobody ever holds a version that was not sent
//! to them; all own devices agree in the end; a removed device reads nothing new from whoever knows the entry; an ended
//! link stays ended on both sides; an invitation links one person; nothing is shown before somebody, or a policy, said yes
//! to it, and no answer is lost.

mod consent;
mod deeds;
mod device;
mod heal;
mod oracle;
mod relay;
mod world;

use super::tally::Tally;
use kith_core::mutant::{self, Mutant};
use std::{
    fmt,
    panic::{self, AssertUnwindSafe},
};

/// Something that must not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// Somebody holds, or was given, what they may not see.
    Exposed,
    /// Somebody holds a version that was never sent to them.
    Unsent,
    /// Two unlike publications bear one number.
    NumberTwice,
    /// A person's device forgot a newer version for an older one.
    Backwards,
    /// A removed device was given a card by one that knew.
    RemovedServed,
    /// A card was sent over a link that the sender knew to be over.
    EndedServed,
    /// A card was sent before both knew the same rosters.
    RosterFirst,
    /// An invitation linked two persons.
    InvitationTwice,
    /// The own devices of a person differ in the end.
    OwnDiffer,
    /// The two sides of a link differ in the end.
    SidesDiffer,
    /// What was sent did not arrive in the end.
    Lost,
    /// A device shows what nobody said yes to, or somebody said no to.
    Unasked,
    /// An answer has no effect, or something waits and nobody is asked.
    AnswerLost,
    /// An honest device took another for hostile.
    HostileClose,
    /// The world does not come to rest.
    NotQuiet,
    /// A panic.
    Panicked,
}

/// What was found, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleFinding {
    /// What.
    pub wrong: Wrong,
    /// Where and how.
    pub detail: String,
}

impl fmt::Display for PeopleFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.wrong, self.detail)
    }
}

/// How a run went.
#[derive(Clone, Debug)]
pub struct PeopleOutcome {
    /// The first thing that was wrong.
    pub finding: Option<PeopleFinding>,
    /// What happened, counted.
    pub tally: Tally,
}

/// Plays one seed to its end, or to the first finding.
pub fn run(seed: u64, fault: Option<Mutant>) -> PeopleOutcome {
    mutant::choose(fault);
    // Nothing of the world is looked at after a panic.
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
        let mut world = world::World::new(seed);
        let finding = world.play().and_then(|()| world.heal()).err();
        PeopleOutcome { finding, tally: world.tally }
    }));
    mutant::choose(None);
    outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        let detail = text.unwrap_or("without a word").to_owned();
        PeopleOutcome { finding: Some(PeopleFinding { wrong: Wrong::Panicked, detail }), tally: Tally::default() }
    })
}
