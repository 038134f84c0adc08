//! What other devices send and what the disk holds: messages, changes, entities, roster entries, pairing.

use crate::seeds::{binding, device_card, person};
use kith_core::{
    change::Change,
    entity::Entity,
    identity::roster::Roster,
    pairing::{Guest, Host, PairingCode, PairingLink, PairingSecret},
    wire::Message,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::sync::LazyLock;

/// A message that was read says the same after it was written.
pub(crate) fn message(bytes: &[u8]) {
    let Ok(message) = Message::decode(bytes) else { return };
    if !matches!(message, Message::Unknown(_)) {
        assert_eq!(Message::decode(&message.encode()).as_ref(), Ok(&message));
    }
}

/// A change that was read says the same after it was written.
pub(crate) fn change(bytes: &[u8]) {
    let Ok(change) = Change::decode(bytes) else { return };
    let again = Change::decode(&change.encode()).expect("own bytes");
    assert_eq!(again.encode(), change.encode());
}

/// An entity that was read says the same after it was written.
pub(crate) fn entity(bytes: &[u8]) {
    let Ok(entity) = Entity::decode(bytes) else { return };
    assert_eq!(Entity::decode(&entity.encode()).expect("own bytes"), entity);
}

/// An entry of any kind in a roster of one device: nobody gets in or out by it, but for whoever that device signed for.
pub(crate) fn roster(bytes: &[u8]) {
    static SIGNED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| crate::seeds("roster"));
    static BEFORE: LazyLock<Roster> = LazyLock::new(|| {
        let mut roster = Roster::new(person());
        roster.insert(&SIGNED[0]).expect("its own entry");
        roster
    });
    let mut roster = BEFORE.clone();
    let taken = roster.insert(bytes);
    if !SIGNED.iter().any(|entry| entry == bytes) {
        assert_eq!(roster.devices(), BEFORE.devices(), "{taken:?}");
    }
}

/// Messages to a host and to a guest, and a link that was scanned.
pub(crate) fn pairing(bytes: &[u8]) {
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let now = 1_800_000_000_000;
    let mut host = Host::open(now, &mut rng);
    if let Ok((mut exchange, _)) = host.accept(binding(), bytes, now, &mut rng) {
        let _ = exchange.handle(&mut host, bytes, now);
    }
    let code = PairingCode::generate(&mut rng);
    let (mut guest, _) = Guest::start(&PairingSecret::Code(code), binding(), device_card(1), &mut rng);
    let _ = guest.handle(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = PairingCode::parse(text);
    if let Ok(link) = text.parse::<PairingLink>() {
        assert_eq!(link.to_string().parse(), Ok(link));
    }
}
