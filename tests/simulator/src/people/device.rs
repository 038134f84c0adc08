//! One machine: its book, its keys, its exchange, and what it keeps for itself.

use kith_core::{
    entity::Entity,
    envelope::{SealKey, SealSecrets},
    exchange::{Exchange, Input, PersonView, RosterView},
    id::{BookId, DeviceId, EntityId, PersonId, PublicKey, StoreId},
    identity::{SigningKey, public_key, roster::DeviceCard, roster::Roster},
    person::{self, IssuedInvitation, Link, PendingAcceptance},
    replica::{self, BookState, Cursor, Delivery, Draft, Edit, Manner, MemoryRows, Rows},
};
use rand_core::RngCore;
use std::collections::BTreeSet;

/// A device of a person.
pub(super) struct Device {
    pub(super) person: PersonId,
    pub(super) id: DeviceId,
    pub(super) key: SigningKey,
    pub(super) tls: PublicKey,
    /// Its own person's roster, as it knows it.
    pub(super) roster: Roster,
    pub(super) rows: MemoryRows,
    pub(super) exchange: Exchange,
    pub(super) issued: Vec<IssuedInvitation>,
    pub(super) pending: Vec<(PersonId, PendingAcceptance)>,
    pub(super) seal: SealSecrets,
    /// In a thief's hands, or thrown away: it was removed, whether or not it knows.
    pub(super) removed: bool,
    /// What was said about others' updates, as far as it knows.
    pub(super) deeds: BTreeSet<usize>,
    clock: i64,
}

impl Device {
    pub(super) fn new(person: PersonId, roster: Roster, card: &DeviceCard, key: SigningKey, rng: &mut Rng) -> Self {
        let book = BookId(first(&person.0));
        let rows = MemoryRows::new(BookState::new(book, StoreId(card.id.0)));
        let exchange = Exchange::new(person, RosterView::from(&roster));
        let seal = SealSecrets::new(0, rng);
        Self {
            person,
            id: card.id,
            key,
            tls: card.tls,
            roster,
            rows,
            exchange,
            issued: Vec::new(),
            pending: Vec::new(),
            seal,
            removed: false,
            deeds: BTreeSet::new(),
            clock: 0,
        }
    }

    pub(super) fn entity(&self, id: EntityId) -> Entity {
        self.rows.entities().get(&id).cloned().unwrap_or_default()
    }

    pub(super) fn link_entity(&self, other: PersonId) -> Entity {
        self.entity(person::id(other))
    }

    pub(super) fn link(&self, other: PersonId) -> Option<Link> {
        Link::of(&self.link_entity(other))
    }

    /// One save; the exchange hears of it after it is durable.
    pub(super) fn write(&mut self, edits: impl IntoIterator<Item = Edit>) {
        self.clock += 1;
        let draft = Draft { edits: edits.into_iter().collect(), import: None };
        let Ok(done) = replica::commit(&mut self.rows, self.id, self.clock, vec![draft]);
        let committed = done.expect("what the simulator writes fits a change");
        self.tell(&committed.touched);
    }

    fn tell(&mut self, touched: &[EntityId]) {
        for id in touched {
            let entity = self.entity(*id);
            if let Some(link) = Link::of(&entity) {
                self.exchange.handle(Input::Person(link.person, Box::new(PersonView::of(&entity))));
            }
        }
    }

    /// Takes entries of its own roster. Returns whether they say something new.
    pub(super) fn take_roster(&mut self, entries: &[Vec<u8>]) -> bool {
        let before = self.roster.hash();
        for entry in entries {
            // Entries that this device refuses are the other's mistake.
            let _ = self.roster.insert(entry);
        }
        self.exchange.handle(Input::Me(RosterView::from(&self.roster)));
        self.roster.hash() != before
    }

    /// Takes in all that another own device holds: a session that always gets through.
    pub(super) fn sync_from(&mut self, other: &mut Self) {
        let entries: Vec<Vec<u8>> = other.roster.entries().map(<[u8]>::to_vec).collect();
        self.take_roster(&entries);
        let want = self.rows.state().vector();
        let mut after = 0;
        loop {
            let Ok(read) = replica::read_batch(&mut other.rows, &want, after);
            after = read.through;
            let cursor = Cursor { store: read.state.store, arrival: read.through };
            let upto = read.end.then(|| read.state.vector());
            let manner = Manner::Session { cursor, upto };
            let (changes, stubs, heads) = (read.changes, read.stubs, read.state.heads());
            let delivery = Delivery { from: other.id, changes, stubs, heads, manner };
            let Ok(applied) = replica::apply(&mut self.rows, self.id, self.clock, delivery, &|device| {
                self.roster.ever().contains(&device)
            });
            let applied = applied.expect("own devices send what can be taken");
            self.tell(&applied.touched);
            if read.end {
                return;
            }
        }
    }

    pub(super) fn seal_key(&self) -> Option<SealKey> {
        self.seal.current(self.person, self.id, &self.key)
    }
}

/// A device's card and its key.
pub(super) fn card(number: u8, rng: &mut impl RngCore) -> (DeviceCard, SigningKey) {
    let mut secret = [0; 32];
    rng.fill_bytes(&mut secret);
    let key = SigningKey::from_bytes(&secret);
    let tls = PublicKey::random(rng);
    let card = DeviceCard {
        id: DeviceId::random(rng),
        sign: public_key(&key),
        tls,
        name: format!("device {number}"),
        platform: String::new(),
    };
    (card, key)
}

pub(super) type Rng = rand_chacha::ChaCha8Rng;

fn first(bytes: &[u8; 32]) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&bytes[..16]);
    id
}
