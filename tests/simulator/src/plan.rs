//! What kind of run a seed gives: drawn once at the start, so that runs differ in kind and not only in detail.

use super::dice::Dice;

/// The settings of one run.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) devices: usize,
    /// Until when people act and faults happen.
    pub(super) span_ms: u64,
    pub(super) acts: u64,
    pub(super) faults: u64,
    pub(super) latency_ms_max: u64,
    pub(super) storage_ms_max: u64,
    /// How long a side may take to notice that a connection is gone.
    pub(super) notice_ms_max: u64,
    pub(super) redial_ms_max: u64,
    pub(super) batch_changes_max: usize,
    /// Connections of a hundred that break after a few frames.
    pub(super) short_percent: u64,
    /// Dials of a hundred that open a second connection beside a good one.
    pub(super) double_percent: u64,
    /// Pairs of a hundred that do not meet before the end.
    pub(super) strangers_percent: u64,
    /// Transactions of a thousand that fail.
    pub(super) failing_permille: u64,
    pub(super) contacts_max: usize,
    pub(super) joins: u64,
    pub(super) losses: u64,
    /// Devices taken off the roster though they go on, some of which come back.
    pub(super) retirements: u64,
    /// Devices that somebody takes over.
    pub(super) thefts: u64,
    /// Devices that are off for 400 days.
    pub(super) absences: u64,
    /// Pushes of a hundred that are stored as well, to be fetched late, often or never.
    pub(super) stored_percent: u64,
    pub(super) weights: Weights,
}

/// How often people do what, relative to each other.
#[derive(Debug)]
pub(super) struct Weights {
    pub(super) edit: u64,
    pub(super) trash: u64,
    pub(super) purge: u64,
    pub(super) burst: u64,
}

impl Plan {
    pub(super) fn draw(dice: &mut Dice) -> Self {
        let devices = pick(dice, &[2, 2, 3, 3, 4, 5, 6]) as usize;
        Self {
            devices,
            span_ms: dice.between(2, 60) * 1000,
            acts: dice.between(5, 90),
            faults: dice.between(0, 30),
            latency_ms_max: pick(dice, &[2, 30, 300, 3000]),
            storage_ms_max: pick(dice, &[1, 10, 100, 1000]),
            notice_ms_max: pick(dice, &[50, 1000, 15_000]),
            redial_ms_max: pick(dice, &[200, 2000, 20_000]),
            batch_changes_max: pick(dice, &[1, 1, 2, 3, 500]) as usize,
            short_percent: pick(dice, &[0, 20, 60]),
            double_percent: pick(dice, &[0, 0, 10]),
            strangers_percent: pick(dice, &[0, 0, 40]),
            failing_permille: pick(dice, &[0, 0, 0, 10]),
            contacts_max: dice.between(1, 8) as usize,
            joins: dice.below(2),
            losses: if devices > 2 { dice.below(2) } else { 0 },
            retirements: if devices > 2 { pick(dice, &[0, 0, 1]) } else { 0 },
            thefts: if (3..6).contains(&devices) { pick(dice, &[0, 0, 0, 1]) } else { 0 },
            absences: pick(dice, &[0, 0, 1]),
            stored_percent: pick(dice, &[0, 0, 30]),
            weights: Weights {
                edit: dice.between(2, 10),
                trash: dice.below(6),
                purge: dice.below(4),
                burst: dice.below(4),
            },
        }
    }
}

impl Plan {
    /// Leaves out what the oracle of copied folders does not know: devices that are lost, stolen or taken off the roster,
    /// and stored pushes.
    pub(super) fn without_strife(&mut self) {
        (self.losses, self.retirements, self.thefts, self.stored_percent) = (0, 0, 0, 0);
    }
}

fn pick(dice: &mut Dice, among: &[u64]) -> u64 {
    dice.pick(among).copied().unwrap_or(1)
}
