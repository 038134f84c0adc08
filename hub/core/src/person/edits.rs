//! What is written to a link, by which act.

use super::{Ended, Link, LinkSecret, PactId, SignedPact, Verified, id, paths};
use crate::{
    book::{PRESENT, text_value},
    id::{DeviceId, EntityId, PersonId},
    identity::roster::Roster,
    msgpack,
    pairing::{LINK_ADDRESSES_MAX, bounded_addresses},
    path::Path,
    replica::Edit,
};
use core::net::SocketAddr;

/// Makes the link: what stands under earlier pacts stays, so that linking again resumes it.
pub fn establish(
    person: PersonId,
    pact: &SignedPact,
    roster: &Roster,
    name: &str,
    verified: Verified,
    (device, addresses): (DeviceId, Vec<SocketAddr>),
) -> Vec<Edit> {
    let entity = id(person);
    let mut edits = vec![
        edit(entity, paths::person(), Some(msgpack::write(&person))),
        edit(entity, paths::of_key("pact", pact.id().0), Some(pact.encode())),
        edit(entity, paths::name(), Some(text_value(name))),
    ];
    if verified != Verified::No {
        edits.push(verify(person, verified));
    }
    edits.extend(keep_roster(roster));
    edits.push(keep_addresses(person, device, addresses));
    edits
}

/// Ends every pact that this device knows; none if the link is over already.
pub fn end(link: &Link, pacts: impl IntoIterator<Item = PactId>, ended: Ended) -> Vec<Edit> {
    let news = pacts.into_iter().filter(|pact| !link.ended.contains_key(pact));
    let value = msgpack::write(&ended);
    news.map(|pact| edit(id(link.person), paths::of_key("ended", pact.0), Some(value.clone()))).collect()
}

/// Says which contact the person is.
pub fn attach(person: PersonId, contact: EntityId) -> Edit {
    edit(id(person), paths::contact(), Some(msgpack::write(&contact)))
}

/// The same, said by me: a person did, by hand or when they made the invitation for that contact.
pub fn place(person: PersonId, contact: EntityId) -> Vec<Edit> {
    vec![attach(person, contact), edit(id(person), paths::placed(), flag(true))]
}

/// Keeps how the person introduced themselves.
pub fn rename(person: PersonId, name: &str) -> Edit {
    edit(id(person), paths::name(), Some(text_value(name)))
}

/// Says how sure I am that the link is to this person.
pub fn verify(person: PersonId, verified: Verified) -> Edit {
    let value = (verified != Verified::No).then(|| text_value(verified.word()));
    edit(id(person), paths::verified(), value)
}

/// Says whether we share a home.
pub fn set_household(person: PersonId, on: bool) -> Edit {
    edit(id(person), paths::household(), flag(on))
}

/// Stops everything between us, or lets it go on.
pub fn set_blocked(person: PersonId, on: bool) -> Edit {
    edit(id(person), paths::blocked(), flag(on))
}

/// Hides what they do, or shows it.
pub fn set_muted(person: PersonId, on: bool) -> Edit {
    edit(id(person), paths::muted(), flag(on))
}

/// Keeps a new L.
pub fn renew_secret(person: PersonId, pact: PactId, secret: &LinkSecret) -> Edit {
    edit(id(person), paths::of_key("secret", pact.0), Some(msgpack::write(secret)))
}

/// Keeps the entries of the other person's roster; nobody forgets entries, so each has a register of its own.
pub fn keep_roster(roster: &Roster) -> Vec<Edit> {
    let entity = id(roster.person());
    let key = |entry: &[u8]| crate::id::derived("kith 2026 roster entry", &[entry]);
    roster.entries().map(|entry| edit(entity, paths::of_key("entry", key(entry)), Some(entry.to_vec()))).collect()
}

/// Keeps where one of their devices listens.
pub fn keep_addresses(person: PersonId, device: DeviceId, addresses: Vec<SocketAddr>) -> Edit {
    let addresses = bounded_addresses(addresses, LINK_ADDRESSES_MAX);
    edit(id(person), paths::of_key("address", device.0), Some(msgpack::write(&addresses)))
}

fn edit(entity: EntityId, path: Path, value: Option<Vec<u8>>) -> Edit {
    Edit { entity, path, value }
}

fn flag(on: bool) -> Option<Vec<u8>> {
    on.then(|| PRESENT.to_vec())
}
