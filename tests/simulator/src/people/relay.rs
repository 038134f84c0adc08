//! The relay: it has every envelope that was ever sealed, and gives out what it likes, to whom it likes.

use super::{PeopleFinding, Wrong, oracle::wrong, world::World};
use kith_core::{
    envelope::{self, Context, Delivered, EnvelopeKind},
    id::PersonId,
    person,
    share::{self, Publication, Sent},
};

/// An envelope, for whom it is, and over whose link it came.
pub(super) struct Stored {
    to: usize,
    from: PersonId,
    bytes: Vec<u8>,
}

impl World {
    /// Seals the newest publication for every device that is known of somebody; the relay has it from then on.
    pub(super) fn post(&mut self, at: usize, to: PersonId) {
        let device = &self.devices[at];
        let item = share::card_item(device.person);
        let (Some(link), Some(sent)) = (device.link(to), Sent::of_item(&device.link_entity(to), item)) else { return };
        let (Some(pact), true) = (link.pact(), link.is_open()) else { return };
        let listed: Vec<usize> = self.of(to);
        for peer in listed.into_iter().filter(|peer| link.roster().device(self.devices[*peer].id).is_some()) {
            let Some(key) = self.devices[peer].seal_key() else { continue };
            let context = Context {
                kind: EnvelopeKind::Publication,
                from: device.person,
                device: device.id,
                roster: (device.roster.epoch(), device.roster.hash()),
                to,
                mailbox: self.devices[peer].tls.0,
                pact,
                item,
                number: sent.newest.order.number,
            };
            let body = sent.newest.encode();
            let sealed = envelope::seal(&key, &context, &body, &device.key, &mut self.rng);
            self.stored.extend(sealed.map(|bytes| Stored { to: peer, from: device.person, bytes }));
            self.tally.count("envelopes sealed");
        }
    }

    /// The relay gives something out: to the device that it is for, or to another; now, later, and once more.
    pub(super) fn give_out(&mut self) -> Result<(), PeopleFinding> {
        if self.stored.is_empty() {
            return Ok(());
        }
        let nth = self.dice.index(self.stored.len());
        let astray = self.dice.chance(20);
        let Stored { to, from, bytes } = &self.stored[nth];
        let (to, from, bytes) = (*to, *from, bytes.clone());
        let at = if astray { self.dice.index(self.devices.len()) } else { to };
        let device = &self.devices[at];
        let Some(link) = device.link(from).filter(person::Link::is_open) else { return Ok(()) };
        let (Some(pact), roster) = (link.pact(), link.roster()) else { return Ok(()) };
        let delivered = Delivered { me: device.person, mailbox: &device.tls.0, pact, roster: &roster };
        match envelope::open(&bytes, &delivered, &device.seal) {
            Ok((context, body)) => {
                self.tally.count("envelopes opened");
                let Ok(publication) = Publication::decode(&body) else {
                    return wrong(Wrong::Unsent, "an envelope holds no publication".to_owned());
                };
                if context.number == publication.order.number && publication.from == from {
                    self.take(at, from, &publication)?;
                }
                self.work(at)
            }
            Err(_) => {
                self.tally.count("envelopes dropped");
                Ok(())
            }
        }
    }
}
