//! The quiet end: everybody who is left meets everybody, and then all must agree.

use super::{
    PeopleFinding, Wrong,
    oracle::{is_over, wrong},
    world::World,
};
use kith_core::{
    id::PersonId,
    person::Link,
    replica::Rows,
    share::{self, Received, Sent},
};

impl World {
    pub(super) fn heal(&mut self) -> Result<(), PeopleFinding> {
        for round in 0.. {
            if round == ROUNDS_MAX {
                return wrong(Wrong::NotQuiet, format!("after {round} rounds"));
            }
            let before = self.hashes();
            self.hang_all_up()?;
            self.finish_linking()?;
            self.meet_all_own()?;
            self.meet_all_others()?;
            if round > 1 && before == self.hashes() {
                break;
            }
        }
        for person in self.persons.clone() {
            self.own_agree(person)?;
            for other in self.persons.clone().into_iter().filter(|other| *other != person) {
                self.sides_agree(person, other)?;
            }
        }
        self.tally.count("worlds at rest");
        Ok(())
    }

    fn hashes(&self) -> Vec<Vec<u8>> {
        let honest = self.devices.iter().filter(|device| !device.removed);
        honest.map(|device| device.rows.state().hash.to_hash().0.to_vec()).collect()
    }

    fn hang_all_up(&mut self) -> Result<(), PeopleFinding> {
        let ids: Vec<_> = self.lines.keys().copied().collect();
        ids.into_iter().try_for_each(|id| self.cut(id))
    }

    fn finish_linking(&mut self) -> Result<(), PeopleFinding> {
        for at in 0..self.devices.len() {
            if self.devices[at].removed {
                continue;
            }
            for (inviter, pending) in self.devices[at].pending.clone() {
                self.link_once(at, inviter, &pending, false)?;
            }
        }
        Ok(())
    }

    fn meet_all_own(&mut self) -> Result<(), PeopleFinding> {
        for person in self.persons.clone() {
            let own = self.honest(person);
            for _ in 0..2 {
                for (&one, &other) in own.iter().flat_map(|one| own.iter().map(move |other| (one, other))) {
                    if one != other {
                        self.sync(one, other);
                        self.after_sync(one)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn meet_all_others(&mut self) -> Result<(), PeopleFinding> {
        for one in 0..self.devices.len() {
            for other in one + 1..self.devices.len() {
                // Thieves too: they must get nothing.
                self.connect_these(one, other)?;
            }
        }
        for _ in 0..FRAMES_MAX {
            let mut moved = false;
            for id in self.lines.keys().copied().collect::<Vec<_>>() {
                for end in [0, 1] {
                    moved |= self.carry_on(id, end)?;
                }
            }
            if !moved {
                return Ok(());
            }
        }
        wrong(Wrong::NotQuiet, "frames go to and fro".to_owned())
    }

    fn own_agree(&self, person: PersonId) -> Result<(), PeopleFinding> {
        let own = self.honest(person);
        let state = |at: usize| (self.devices[at].rows.state().hash.to_hash(), self.devices[at].roster.hash());
        match own.iter().find(|at| state(**at) != state(own[0])) {
            Some(at) => wrong(Wrong::OwnDiffer, format!("{:?}", self.devices[*at].id)),
            None => Ok(()),
        }
    }

    /// Whether a removed device had a hand in each pact of a link.
    fn are_lost(&self, link: &Link) -> bool {
        let removed = |pact| self.makers.get(pact).into_iter().flatten().any(|at| self.devices[*at].removed);
        link.live.keys().all(removed)
    }

    /// Live on both sides or on neither; then the same L, the same rosters, and what was sent has arrived.
    fn sides_agree(&self, one: PersonId, other: PersonId) -> Result<(), PeopleFinding> {
        let (Some(&mine), Some(&theirs)) = (self.honest(one).first(), self.honest(other).first()) else {
            return Ok(());
        };
        let (mine, theirs) = (&self.devices[mine], &self.devices[theirs]);
        let (Some(a), Some(b)) = (mine.link(other), theirs.link(one)) else { return Ok(()) };
        let differ = |what: &str| wrong(Wrong::SidesDiffer, format!("{what} of {one:?} and {other:?}"));
        let over = (is_over(&mine.link_entity(other)), is_over(&theirs.link_entity(one)));
        if over.0 != over.1 || a.is_live() != b.is_live() {
            // Made by a device that was removed before any other heard of it: it knows, and nobody else.
            let (known, unknown) = if a.is_live() { (&a, &b) } else { (&b, &a) };
            let told = known.live.keys().any(|pact| unknown.ended.contains_key(pact));
            return if self.are_lost(known) && !told { Ok(()) } else { differ(&format!("life: {a:?}, {b:?},")) };
        }
        if over.0 {
            return Ok(());
        }
        let common = a.live.keys().rev().find(|pact| b.live.contains_key(pact));
        if common.is_none() && self.are_lost(&a) && self.are_lost(&b) {
            return Ok(());
        }
        if common.is_none_or(|pact| a.secret(*pact) != b.secret(*pact)) {
            return differ("secrets");
        }
        if a.roster().hash() != theirs.roster.hash() {
            return differ("rosters");
        }
        let item = share::card_item(one);
        let sent = Sent::of_item(&mine.link_entity(other), item);
        let held = Received::of_item(&theirs.link_entity(one), item);
        if let Some(sent) = sent.filter(|_| !b.blocked) {
            let order = held.as_ref().map(|held| held.newest.order);
            // A lost device sent something that nobody else of its person knows: the next send goes above it.
            let by_lost = |device| self.devices.iter().any(|known| known.id == device && known.removed);
            if order.is_some_and(|order| order > sent.newest.order && by_lost(order.device)) && !sent.is_waiting() {
                return Ok(());
            }
            if order != Some(sent.newest.order) {
                return wrong(Wrong::Lost, format!("{:?} has {order:?}, was sent {:?}", other, sent.newest.order));
            }
            if sent.is_waiting() {
                return wrong(Wrong::Lost, format!("{:?} is not known to have arrived", sent.newest.order));
            }
        }
        Ok(())
    }
}

const ROUNDS_MAX: usize = 12;
const FRAMES_MAX: usize = 2_000;
