//! What people do: edit their card, send it, invite, accept, part, block, lose devices.

use super::{
    PeopleFinding,
    device::Device,
    oracle::{FRIENDS, OPEN, SECRET},
    world::{GROUP, World, contact_of},
};
use kith_core::{
    book,
    entity::Entity,
    id::{EntityId, Hash, PersonId, PropertyId},
    path::Path,
    person::{self, Ended, Introduction, IssuedInvitation, LinkRefusal, Manner, PendingAcceptance, consider},
    share::{self, Content, Publication, Viewer},
    vcard::{Property, Version},
};
use std::collections::BTreeSet;

impl World {
    pub(super) fn do_something(&mut self) -> Result<(), PeopleFinding> {
        let at = self.dice.index(self.devices.len());
        match self.dice.below(100) {
            0..=4 => {
                self.set_policy(at);
                Ok(())
            }
            5..=12 => self.answer(at),
            13..=17 => self.take_back(at),
            18..=33 => {
                let property = *self.dice.pick(&[OPEN, FRIENDS, SECRET]).unwrap_or(&OPEN);
                self.edit(at, property);
                Ok(())
            }
            34..=53 => self.send(at),
            54..=66 => self.invite(at),
            67..=84 => self.go_on_linking(at),
            85..=89 => self.end(at),
            90..=93 => self.block(at),
            94..=97 => self.revoke(at),
            _ => self.crash(at),
        }
    }

    /// A value that was never there before.
    pub(super) fn edit(&mut self, at: usize, property: PropertyId) {
        self.next_value += 1;
        let device = &mut self.devices[at];
        let item = share::card_item(device.person);
        let text = format!("X-VALUE:{} of {:?} by {}", self.next_value, property, device.id);
        let value = Property::from_text(Version::V40, 0, text).expect("a property").encode();
        device.write([book::set_mine(item, property, Some(value)), book::set_state(item, book::ALIVE)]);
        self.tally.count("edits");
    }

    /// Sends the card as it is to everybody, to some, or to one.
    fn send(&mut self, at: usize) -> Result<(), PeopleFinding> {
        if self.devices[at].removed {
            return Ok(());
        }
        let share = *self.dice.pick(&[100, 50, 20]).unwrap_or(&100);
        for to in self.persons.clone() {
            if self.dice.chance(share) {
                self.send_to(at, to)?;
            }
        }
        self.work(at)
    }

    fn send_to(&mut self, at: usize, to: PersonId) -> Result<(), PeopleFinding> {
        let device = &self.devices[at];
        if !device.link(to).is_some_and(|link| link.is_open()) {
            return Ok(());
        }
        let content = cut_for(device, to);
        let item = share::card_item(device.person);
        let roster = (device.roster.epoch(), device.roster.hash());
        let draft = Publication::draft((device.person, device.id), to, item, roster, Some(content), 0);
        if let Some((edit, publication)) = share::publish(&device.link_entity(to), draft) {
            self.devices[at].write([edit]);
            self.tally.count("publications");
            self.oracle.published(&publication, false)?;
        }
        if self.dice.chance(50) {
            self.post(at, to);
        }
        Ok(())
    }

    /// Merges what own devices sent at once.
    pub(super) fn settle(&mut self, at: usize, to: PersonId) -> Result<(), PeopleFinding> {
        let device = &self.devices[at];
        if device.removed {
            return Ok(());
        }
        let (item, link) = (share::card_item(device.person), device.link_entity(to));
        if let Some((edit, merged)) = share::settle(&link, item, &cut_for(device, to), device.id, 0) {
            self.devices[at].write([edit]);
            self.tally.count("publications merged");
            self.oracle.published(&merged, true)?;
        }
        Ok(())
    }

    /// Invites somebody, who accepts: nothing of it is said yet. Sometimes a second one gets hold of the invitation.
    fn invite(&mut self, at: usize) -> Result<(), PeopleFinding> {
        if self.devices[at].removed {
            return Ok(());
        }
        let manner = if self.dice.chance(30) { Manner::Shown } else { Manner::Sent };
        let issued = IssuedInvitation::new(manner, 0, &mut self.rng);
        let device = &mut self.devices[at];
        let inviter = device.person;
        // Nobody dials here: any name of the key will do.
        let key = Hash(device.tls.0);
        let invitation = issued.text(inviter, key, device.roster.epoch(), Vec::new(), "somebody");
        device.issued.push(issued);
        for _ in 0..self.dice.between(1, 2) {
            let accepter = self.dice.index(self.devices.len());
            let device = &mut self.devices[accepter];
            let (link, me) = (device.link(inviter), (device.person, device.id, &device.key));
            if let Ok(pending) = PendingAcceptance::new(&invitation, me, link.as_ref(), 0, &mut self.rng) {
                device.pending.push((inviter, pending));
                self.tally.count("invitations accepted");
            }
        }
        Ok(())
    }

    /// An acceptance reaches the inviter; the answer reaches the accepter, or is lost.
    fn go_on_linking(&mut self, at: usize) -> Result<(), PeopleFinding> {
        let pending = self.devices[at].pending.clone();
        let Some((inviter, pending)) = self.dice.pick(&pending).cloned() else { return Ok(()) };
        let lost = self.dice.chance(30);
        self.link_once(at, inviter, &pending, lost)
    }

    /// One try.
    pub(super) fn link_once(
        &mut self,
        at: usize,
        inviter: PersonId,
        pending: &PendingAcceptance,
        answer_lost: bool,
    ) -> Result<(), PeopleFinding> {
        let message = pending.message(introduction(&self.devices[at]));
        let (tls, accepter) = (self.devices[at].tls, self.devices[at].person);
        let mut answer = LinkRefusal::Spent.encode();
        for host in self.of(inviter) {
            let device = &mut self.devices[host];
            let found = device.issued.iter().position(|issued| pending.dial().1 == issued.server_name());
            let Some(nth) = found.filter(|_| !device.removed) else { continue };
            let mut issued = device.issued[nth].clone();
            let me = (device.person, device.id, &device.key);
            let considered =
                consider(&mut issued, &message, &tls, me, |person| device.link(person), introduction(device), 0);
            match considered {
                Ok(accepted) => {
                    let invitation = issued.hash();
                    self.makers.insert(accepted.pact, [host, at]);
                    device.issued[nth] = issued;
                    let attached = person::attach(accepter, contact_of(accepter));
                    device.write(accepted.edits.into_iter().chain([attached]));
                    self.oracle.linked(invitation, accepter)?;
                    answer = accepted.answer;
                    self.work(host)?;
                }
                Err(refusal) => answer = refusal.encode(),
            }
        }
        if answer_lost {
            self.tally.count("answers lost");
            return Ok(());
        }
        let concluded = pending.conclude(&answer);
        let device = &mut self.devices[at];
        device.pending.retain(|(_, kept)| kept != pending);
        if let Ok(accepted) = concluded {
            let attached = person::attach(inviter, contact_of(inviter));
            device.write(accepted.edits.into_iter().chain([attached]));
            self.tally.count("links made");
        } else {
            self.tally.count("links refused");
        }
        self.work(at)
    }

    fn end(&mut self, at: usize) -> Result<(), PeopleFinding> {
        let other = *self.dice.pick(&self.persons).unwrap_or(&self.persons[0]);
        let device = &mut self.devices[at];
        if let Some(link) = device.link(other).filter(|link| link.is_live() && !device.removed) {
            device.write(person::end(&link, link.live.keys().copied(), Ended { by_me: true, at_ms: 0 }));
            self.tally.count("links ended");
        }
        self.work(at)
    }

    fn block(&mut self, at: usize) -> Result<(), PeopleFinding> {
        let other = *self.dice.pick(&self.persons).unwrap_or(&self.persons[0]);
        let on = self.dice.chance(50);
        let device = &mut self.devices[at];
        if device.link(other).is_some() && !device.removed {
            device.write([person::set_blocked(other, on)]);
            self.tally.count("blocks");
        }
        self.work(at)
    }

    /// A device is lost and removed; whoever has it goes on using it.
    fn revoke(&mut self, at: usize) -> Result<(), PeopleFinding> {
        let own = self.honest(self.devices[at].person);
        let Some(lost) = self.dice.pick(&own).copied().filter(|lost| *lost != at && own.contains(&at)) else {
            return Ok(());
        };
        let gone = self.devices[lost].id;
        let device = &mut self.devices[at];
        let Ok(entry) = device.roster.sign_remove(&device.key, device.id, gone, &BTreeSet::new()) else {
            return Ok(());
        };
        device.take_roster(std::slice::from_ref(&entry));
        self.devices[lost].removed = true;
        // What only the lost device knew of links that were half made is gone with it.
        self.oracle.removals.insert(gone, entry);
        self.tally.count("devices removed");
        self.work(at)
    }

    /// The machine starts again: what is durable stays, connections do not.
    fn crash(&mut self, at: usize) -> Result<(), PeopleFinding> {
        let of_it = self.lines.iter().filter(|(_, line)| line.ends.contains(&at));
        let ids: Vec<_> = of_it.map(|(id, _)| *id).collect();
        self.tally.count("crashes");
        ids.into_iter().try_for_each(|id| self.cut(id))
    }
}

/// The card of a device's person as somebody may see it.
pub(super) fn cut_for(device: &Device, to: PersonId) -> Content {
    let contact = device.link(to).and_then(|link| link.contact);
    let entity = contact.map(|contact| device.entity(contact)).unwrap_or_default();
    let groups: BTreeSet<EntityId> = [GROUP].into_iter().filter(|group| is_in(&entity, *group)).collect();
    let viewer = Viewer { contact, groups: &groups, tags: &BTreeSet::new() };
    share::cut(&device.entity(share::card_item(device.person)), &viewer)
}

fn is_in(contact: &Entity, group: EntityId) -> bool {
    contact.register(&Path::in_group(group)).is_some_and(|register| register.value().is_some())
}

fn introduction(device: &Device) -> Introduction {
    Introduction::of(&device.roster, "somebody", Vec::new())
}
