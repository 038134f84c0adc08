//! The quiet end of a run: nothing fails any more, whoever is left meets, and then all must be well.

use super::{
    Rule,
    device::Job,
    disk::Unlike,
    oracle::{self, Finding, What},
    world::World,
};
use kith_core::{engine::Input, replica::Rows};

impl World {
    /// Heals the world, lets it come to rest, and judges what the person has left.
    pub(super) fn heal(&mut self) {
        self.healing = true;
        self.halves.clear();
        let standing = self.standing(|device| !device.is_lost());
        standing.iter().for_each(|device| self.boot(*device));
        if self.copying {
            return self.heal_copies();
        }
        self.rest();
        if self.devices.iter().any(|device| device.stolen) || self.dice.chance(30) {
            self.open_epoch_somewhere();
            self.rest();
        }
        for _ in 0..CODES_MAX {
            self.open_epoch_where_none_comes();
            self.rest();
        }
        let honest = self.standing(|device| !device.is_lost() && !device.stolen);
        let members = self.trust.members(&honest);
        let members: Vec<usize> =
            honest.into_iter().filter(|device| members.contains(&self.devices[*device].id)).collect();
        let strangers = self.standing(|device| !device.is_lost()).len() - members.len();
        self.tally.add("devices that are not on the roster in the end", strangers as u64);
        let friends = self.draw_friends(&members);
        for (round, name) in ROUNDS.iter().enumerate() {
            self.meet(&friends);
            if self.finding.is_some() {
                return;
            }
            if self.are_equal(&members) {
                self.tally.count(name);
                break;
            }
            if round + 1 == ROUNDS.len() {
                let diverged = members.windows(2).any(|pair| self.have_diverged(pair[0], pair[1]));
                let what = if diverged { What::Diverged } else { What::NotConverged };
                return self.found(what, self.differences(&members));
            }
            members.iter().for_each(|device| self.handle(*device, Input::AskAgain));
        }
        if let Err(finding) = self.judge_end(&members) {
            self.report(finding);
        }
    }

    /// The same where folders were copied: those that had to take a new id are let in, and everybody meets everybody, until
    /// all hold the same; then each of them acts once more.
    fn heal_copies(&mut self) {
        for acts in [false, true] {
            for round in 0..=COPY_ROUNDS_MAX {
                let survivors: Vec<usize> =
                    (0..self.devices.len()).filter(|nth| !self.devices[*nth].is_lost()).collect();
                survivors.iter().for_each(|device| self.boot(*device));
                self.introduce(&survivors);
                if acts && round == 0 {
                    survivors.iter().for_each(|device| self.enqueue(*device, Job::Act));
                }
                self.rest();
                if self.finding.is_some() {
                    return;
                }
                let waits = survivors.iter().any(|device| self.devices[*device].waits);
                if round > 0 && !waits && self.are_equal(&survivors) {
                    if let Err(finding) = self.judge_copies(&survivors, acts) {
                        return self.report(finding);
                    }
                    break;
                }
                if round == COPY_ROUNDS_MAX {
                    return self.found(What::NotConverged, self.differences(&survivors));
                }
                for (nth, &one) in survivors.iter().enumerate() {
                    for &other in &survivors[..nth] {
                        let [a, b] = [&self.devices[one], &self.devices[other]];
                        let may = !a.waits && !b.waits && a.id != b.id && a.is_up() && b.is_up();
                        if may && !(self.network.is_open(one, other) && self.network.is_open(other, one)) {
                            self.dial([one, other]);
                        }
                    }
                    self.handle(one, Input::AskAgain);
                }
            }
        }
    }

    /// Who is connected with whom in the end: somehow everybody with everybody; each directly with each if a newcomer
    /// might else stand between two that do not both know it.
    fn draw_friends(&mut self, members: &[usize]) -> Vec<[usize; 2]> {
        let alike = self.have_one_roster(members);
        let mut friends = Vec::new();
        for nth in 1..members.len() {
            let certain = self.dice.index(nth);
            for other in 0..nth {
                if !alike || other == certain || self.dice.chance(40) {
                    friends.push([members[other], members[nth]]);
                }
            }
        }
        friends
    }

    fn have_one_roster(&self, members: &[usize]) -> bool {
        let summary = |device: usize| self.devices[device].roster.view().summary;
        members.windows(2).all(|pair| summary(pair[0]) == summary(pair[1]))
    }

    /// Connects all friends and lets the world come to rest. Who is not in the other's roster yet tries again.
    fn meet(&mut self, friends: &[[usize; 2]]) {
        for _ in 0..DIALS_MAX {
            self.rest();
            let apart = |pair: &&[usize; 2]| {
                let [one, other] = **pair;
                !self.network.is_open(one, other) || !self.network.is_open(other, one)
            };
            let apart: Vec<[usize; 2]> = friends.iter().filter(apart).copied().collect();
            if apart.is_empty() || self.finding.is_some() {
                return;
            }
            apart.into_iter().for_each(|ends| self.dial(ends));
        }
        self.found(What::NotQuiet, "devices cannot stay connected".to_owned());
    }

    fn rest(&mut self) {
        let until_ms = self.now_ms + REST_MS_MAX;
        for _ in 0..REST_EVENTS_MAX {
            if self.finding.is_some() || !self.step(until_ms) {
                break;
            }
        }
        if self.finding.is_none() && !self.is_at_rest() {
            self.found(What::NotQuiet, "something still goes on".to_owned());
        }
    }

    fn are_equal(&self, members: &[usize]) -> bool {
        let same = if self.copying { oracle::is_alike } else { oracle::is_same };
        members.windows(2).all(|pair| {
            let (one, other) = (&self.devices[pair[0]].disk.rows, &self.devices[pair[1]].disk.rows);
            one.state().vector() == other.state().vector() && same(one, other)
        })
    }

    fn differences(&self, members: &[usize]) -> String {
        let each = members.iter().map(|device| {
            let state = self.devices[*device].disk.rows.state();
            format!(
                "device {device} at {}, hash {}, {}",
                state.version(),
                state.hash.to_hash(),
                if state.is_settled() { "settled" } else { "unsettled" }
            )
        });
        each.collect::<Vec<_>>().join("; ")
    }

    fn judge_end(&mut self, members: &[usize]) -> Result<(), Finding> {
        for device in members {
            let rows = &mut self.devices[*device].disk.rows;
            self.oracle.check_siblings(members, rows)?;
            if self.rule != Rule::Product {
                continue;
            }
            self.oracle.check_honest(rows, &Default::default())?;
            self.oracle.check_content(rows)?;
            self.oracle.check_contacts(members, rows)?;
            self.oracle.check_purges(members, rows)?;
            if !rows.state().is_settled() {
                self.tally.count("replicas left unsettled");
            }
        }
        if !self.have_one_roster(members) {
            return Err(Finding::new(What::RostersDiffer, "though all have met".to_owned()));
        }
        for device in members {
            if let Err(Unlike(how)) = self.devices[*device].disk.compare() {
                return Err(Finding::new(What::StoreDiffers, format!("device {device}: {how}")));
            }
            let left = self.devices[*device].engine().map_or(0, |engine| engine.unacknowledged());
            if left > 0 {
                return Err(Finding::new(What::NotQuiet, format!("device {device} waits for {left} acknowledgements")));
            }
        }
        self.tally.count("converged");
        self.hash = members.first().map(|device| self.devices[*device].disk.rows.state().hash.to_hash());
        members.iter().for_each(|device| self.count_doubts(*device));
        Ok(())
    }

    /// Counts the connected peers that a device does not know to hold all that it holds itself.
    fn count_doubts(&mut self, device: usize) {
        let ids: Vec<_> = self.devices.iter().map(|device| device.id).collect();
        let vector = self.devices[device].disk.rows.state().vector();
        let Some(engine) = self.devices[device].engine() else { return };
        let connected = ids.into_iter().filter(|peer| engine.is_connected(*peer));
        let doubts = connected.filter(|peer| !engine.holds(*peer).is_some_and(|holds| holds.covers(&vector)));
        let doubts = doubts.count() as u64;
        self.tally.add("peers not known to be up to date", doubts);
    }
}

/// Rounds of meeting after which copied folders must have settled.
const COPY_ROUNDS_MAX: usize = 24;
/// Rounds of asking everybody again, at the end of which all must be equal (quality R7).
const ROUNDS: [&str; 4] =
    ["equal without a round", "equal after one round", "equal after two rounds", "equal after three rounds"];
const DIALS_MAX: usize = 8;
/// How often the code is typed at one device before everybody it names must have heard of it.
const CODES_MAX: usize = 2;
/// Virtual time for coming to rest.
const REST_MS_MAX: u64 = 3_600_000;
const REST_EVENTS_MAX: usize = 100_000;
