//! Knows every publication that was ever meant for somebody, and what each may see; judges without the product's word.

use super::{PeopleFinding, Wrong, device::Device};
use kith_core::{
    entity::Entity,
    id::{DeviceId, Hash, PersonId, PropertyId},
    path::Path,
    share::{Content, Order, Publication},
};
use std::collections::{BTreeMap, BTreeSet};

/// The property that everyone linked may see.
pub(super) const OPEN: PropertyId = PropertyId([1; 16]);
/// The one that only friends may see.
pub(super) const FRIENDS: PropertyId = PropertyId([2; 16]);
/// The one that nobody may see.
pub(super) const SECRET: PropertyId = PropertyId([3; 16]);

/// Everything that was meant.
#[derive(Debug, Default)]
pub(super) struct Oracle {
    /// By publisher and recipient: what was published.
    published: BTreeMap<(PersonId, PersonId), BTreeMap<Order, Option<Content>>>,
    /// By publisher: who may see what friends may.
    pub(super) friends: BTreeSet<(PersonId, PersonId)>,
    /// By device: the newest that it held, by publisher.
    held: BTreeMap<(DeviceId, PersonId), Order>,
    /// By removed device: the entry that removed it.
    pub(super) removals: BTreeMap<DeviceId, Vec<u8>>,
    /// Who was linked by an invitation.
    invited: BTreeMap<Hash, BTreeSet<PersonId>>,
}

type Judged = Result<(), PeopleFinding>;

impl Oracle {
    /// Somebody meant this for somebody. `was_sent` are values that one of these two sent the other before.
    pub(super) fn published(&mut self, publication: &Publication, is_merge: bool) -> Judged {
        let pair = (publication.from, publication.to);
        self.may_see(publication)?;
        let all = self.published.entry(pair).or_default();
        if is_merge {
            // A merge may say nothing that was not sent to this person before.
            let known: BTreeSet<String> = all.values().flatten().flat_map(values).collect();
            if let Some(value) = publication.content.iter().flat_map(values).find(|value| !known.contains(value)) {
                return wrong(Wrong::Unsent, format!("a merge says {value}, which was never sent to them"));
            }
        }
        match all.insert(publication.order, publication.content.clone()) {
            Some(before) if before != publication.content => {
                wrong(Wrong::NumberTwice, format!("{:?} says two things", publication.order))
            }
            _ => Ok(()),
        }
    }

    fn may_see(&self, publication: &Publication) -> Judged {
        let friend = self.friends.contains(&(publication.from, publication.to));
        for shared in publication.content.iter().flat_map(|content| &content.properties) {
            if shared.id == SECRET || shared.id == FRIENDS && !friend {
                let detail = format!("{:?} shows {:?} to {:?}", publication.from, shared.property, publication.to);
                return wrong(Wrong::Exposed, detail);
            }
        }
        Ok(())
    }

    /// A device holds this now.
    pub(super) fn holds(&mut self, device: DeviceId, publication: &Publication) -> Judged {
        self.may_see(publication)?;
        let pair = (publication.from, publication.to);
        let meant = self.published.get(&pair).and_then(|all| all.get(&publication.order));
        if meant != Some(&publication.content) {
            return wrong(Wrong::Unsent, format!("{device:?} holds {:?}, which was not sent", publication.order));
        }
        let held = self.held.entry((device, publication.from)).or_insert(publication.order);
        if *held > publication.order {
            return wrong(Wrong::Backwards, format!("{device:?} went from {held:?} to {:?}", publication.order));
        }
        *held = publication.order;
        Ok(())
    }

    /// A device hands a card to another person's device.
    pub(super) fn hands(&self, device: &Device, peer: &Device) -> Judged {
        let entity = device.link_entity(peer.person);
        let knows = self.removals.get(&peer.id).is_some_and(|entry| has_value(&entity, entry));
        if knows {
            return wrong(Wrong::RemovedServed, format!("{:?} serves {:?}", device.id, peer.id));
        }
        if is_over(&entity) {
            return wrong(Wrong::EndedServed, format!("{:?} serves {:?}", device.id, peer.person));
        }
        Ok(())
    }

    /// An invitation linked somebody.
    pub(super) fn linked(&mut self, invitation: Hash, who: PersonId) -> Judged {
        let all = self.invited.entry(invitation).or_default();
        all.insert(who);
        if all.len() > 1 {
            return wrong(Wrong::InvitationTwice, format!("{all:?}"));
        }
        Ok(())
    }
}

pub(super) fn wrong(wrong: Wrong, detail: String) -> Judged {
    Err(PeopleFinding { wrong, detail })
}

fn values(content: &Content) -> Vec<String> {
    content.properties.iter().filter_map(|shared| Some(shared.property.as_ref()?.as_str().to_owned())).collect()
}

fn has_value(entity: &Entity, value: &[u8]) -> bool {
    entity.registers().any(|(_, register)| register.siblings().iter().any(|s| s.value.as_deref() == Some(value)))
}

/// Whether every pact of a link has been ended: by the registers' names alone.
pub(super) fn is_over(link: &Entity) -> bool {
    let of = |word: &str| -> BTreeSet<Vec<u8>> {
        let prefix = [&[4], b"link".as_slice(), &[word.len() as u8], word.as_bytes()].concat();
        let paths = link.registers().map(|(path, _)| Path::as_bytes(path).to_vec());
        paths.filter_map(|path| path.strip_prefix(prefix.as_slice()).map(<[u8]>::to_vec)).collect()
    };
    of("pact").is_subset(&of("ended"))
}
