//! Dialling the devices of linked persons: where they were reached before, where they are heard at home, and at the
//! addresses that this hub was told.

use crate::{
    node::{dialler::Target, event_loop::Node},
    transport::{DialError, DialId, DialRequest, Expect},
};
use kith_core::id::{DeviceId, PersonId};
use std::time::{Duration, Instant};

impl Node {
    /// Dials whoever is due.
    pub(in crate::node) fn dial_people(&mut self) {
        self.dial_inviters();
        let (Some(member), Some(network)) = (&mut self.member, &self.network) else { return };
        if member.removed().is_some() {
            return;
        }
        let people = &mut member.people;
        let now = Instant::now();
        let connected: Vec<DeviceId> = people.lines.values().map(|line| line.device).collect();
        let persons: Vec<PersonId> =
            people.known.values().filter(|known| known.is_dialled()).map(|known| known.person).collect();
        if persons.is_empty() {
            return;
        }
        let under_way = people.dials.len();
        for attempt in people.dialler.due(now, |device| connected.contains(&device)) {
            if people.dials.len() >= under_way.saturating_add(DIALS_AT_ONCE) {
                // Taken up again when its turn comes.
                attempt.addresses.iter().for_each(|_| people.dialler.ended(&attempt.target, None));
                continue;
            }
            let (person, instance) = match &attempt.target {
                Target::Remembered(device) => (people.person_of(*device), ""),
                Target::Instance(instance) => (people.instances.get(instance).copied(), instance.as_str()),
                // Whoever may be there: one after the other.
                Target::Given(_) | Target::Scanned => (persons.get(attempt.number % persons.len()).copied(), ""),
            };
            let found = person.and_then(|person| Some((people.known.get(&person)?, people.secrets.get(&person)?)));
            let Some((known, secrets)) = found else {
                attempt.addresses.iter().for_each(|_| people.dialler.ended(&attempt.target, None));
                continue;
            };
            let names = secrets.server_names(network.day, instance);
            let turn = if matches!(attempt.target, Target::Given(_)) {
                attempt.number / persons.len()
            } else {
                attempt.number
            };
            let server_name = names.get(turn % names.len().max(1)).cloned().unwrap_or_default();
            let keys = match attempt.device {
                Some(device) => known.keys.get(&device).copied().into_iter().collect(),
                None => known.keys.values().copied().collect(),
            };
            let expect = Expect::OneOf(keys);
            for address in attempt.addresses {
                let request = DialRequest { address, server_name: server_name.clone(), expect: expect.clone() };
                people.dials.insert(network.transport.dial(request), attempt.target.clone());
            }
        }
    }

    /// A dial came to nothing; returns whether it was to another person.
    pub(in crate::node) fn person_missed(&mut self, dial: DialId, why: DialError) -> bool {
        if self.inviter_missed(dial) {
            return true;
        }
        let Some(member) = &mut self.member else { return false };
        let people = &mut member.people;
        let Some(target) = people.dials.remove(&dial) else { return false };
        people.dialler.ended(&target, None);
        if why == DialError::UnknownName {
            // Another secret, or at a given address another person, may be the one.
            let several = match &target {
                Target::Given(_) => people.known.len(),
                _ => FORMER_NAMES,
            };
            people.dialler.another_name(&target, several, Instant::now());
        }
        true
    }

    /// When somebody is to be dialled next.
    pub(in crate::node) fn people_next(&self) -> Option<tokio::time::Instant> {
        let (member, network) = (self.member.as_ref()?, self.network.as_ref());
        let people = &member.people;
        let dial = network.and_then(|_| {
            let wanted = people.known.values().any(super::Known::is_dialled);
            people.dialler.next(|device| people.is_connected(device)).filter(|_| wanted)
        });
        let again = network.map(|_| people.look_again);
        let notices = people.notices.next(Instant::now());
        let all = [dial, self.inviters_next(), self.asks_next(), people.standing_due, again, notices];
        all.into_iter().flatten().min().map(tokio::time::Instant::from_std)
    }

    /// Does what is due.
    pub(in crate::node) fn people_woken(&mut self) {
        let now = Instant::now();
        let (Some(member), Some(_)) = (&mut self.member, &self.network) else { return };
        let due = member.people.standing_due.is_some_and(|due| due <= now);
        let again = member.people.look_again <= now;
        if again {
            member.people.look_again = now + LOOK_AGAIN;
        }
        if due || again {
            member.people.standing_due = None;
            self.send_standing();
        }
        if again {
            self.look_after_people();
        }
        self.answer_asks();
        self.notices_woken();
        self.dial_people();
    }
}

/// Dials that are begun at once, at most.
const DIALS_AT_ONCE: usize = 32;
/// Names that a person's device may answer to while a new secret has not reached it.
const FORMER_NAMES: usize = 2;
/// How often presence, dates and standing audiences are looked at without a reason.
const LOOK_AGAIN: Duration = Duration::from_secs(600);
