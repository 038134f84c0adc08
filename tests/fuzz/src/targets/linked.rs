//! What other persons send, what a relay gives out, and the logs that are imported.

use crate::seeds::{LINKED_AT_MS, device_card, linked, person};
use kith_core::{
    envelope::{SealKey, open, proven},
    exchange::message::Message,
    identity::roster::Roster,
    interaction::{CallLog, Mailbox, headers},
    person::{Introduction, Invitation, PendingAcceptance, consider},
    share::{Publication, effective},
};

/// An invitation that somebody pasted.
pub(crate) fn invitation(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(invitation) = text.parse::<Invitation>() {
        assert_eq!(invitation.to_string().parse(), Ok(invitation));
    }
}

/// An acceptance at the inviter's device, an answer at the accepter's. Only the one that was signed makes a link.
pub(crate) fn acceptance(bytes: &[u8]) {
    let linked = linked();
    let mut issued = linked.issued.clone();
    let me = (person(), linked.inviter.id, &linked.inviter_key);
    let introduction = Introduction::of(&linked.roster, "Ada", Vec::new());
    let tls = &linked.accepter.tls;
    if let Ok(accepted) = consider(&mut issued, bytes, tls, me, |_| None, introduction, LINKED_AT_MS) {
        assert_eq!(accepted.pact, linked.pending.pact());
    }
    if let Ok(accepted) = linked.pending.conclude(bytes) {
        assert_eq!(accepted.person, person());
    }
    if let Some(pending) = PendingAcceptance::decode(bytes) {
        let _ = pending.conclude(bytes);
    }
}

/// A publication; what is read comes back the same.
pub(crate) fn publication(bytes: &[u8]) {
    let Ok(publication) = Publication::decode(bytes) else { return };
    for shared in publication.content.iter().flat_map(|content| &content.properties) {
        let standing = effective(shared, publication.made_ms);
        assert!(standing.former.len() <= shared.former.len());
    }
    assert_eq!(Publication::decode(&publication.encode()), Ok(publication));
}

/// A message between devices of two persons.
pub(crate) fn exchange(bytes: &[u8]) {
    if let Ok(message) = Message::decode(bytes)
        && !matches!(message, Message::Unknown(_))
    {
        assert_eq!(Message::decode(&message.encode()), Ok(message));
    }
}

/// An envelope, what was inside one, and a key to seal to. Only what was sealed and signed is opened.
pub(crate) fn envelope(bytes: &[u8]) {
    let linked = linked();
    let delivered = linked.delivered();
    if open(bytes, &delivered, &linked.seal).is_ok() {
        assert!(crate::seeds("envelope").iter().any(|seed| seed == bytes), "a forged envelope was opened");
    }
    if let Ok(said) = proven(bytes, &delivered) {
        let signed = crate::seeds("envelope").iter().find_map(|seed| open(seed, &delivered, &linked.seal).ok());
        assert_eq!(Some(said), signed, "what nobody signed was taken");
    }
    if let Ok(key) = SealKey::decode(bytes, &linked.roster, None) {
        assert_eq!(key.device, device_card(1).id);
    }
    let _ = Roster::new(person()).insert(bytes);
}

/// A call log, whole and in pieces.
pub(crate) fn calls(bytes: &[u8]) {
    let mut whole = CallLog::new(Some("DE"));
    let found = whole.push(bytes);
    let mut cut = CallLog::new(Some("DE"));
    let pieces: Vec<_> = bytes.chunks(7).flat_map(|piece| cut.push(piece)).collect();
    assert_eq!((found, whole.unreadable()), (pieces, cut.unreadable()));
}

/// A mailbox, whole and in pieces, and a mail of its own.
pub(crate) fn mailbox(bytes: &[u8]) {
    let mine = || ["me@a.example".to_owned()].into();
    let read = |piece: usize| {
        let mut reader = Mailbox::new(mine());
        let mut found: Vec<_> = bytes.chunks(piece).flat_map(|piece| reader.push(piece)).collect();
        found.extend(reader.finish());
        found
    };
    assert_eq!(read(bytes.len().max(1)), read(7));
    let _ = headers(bytes, &mine());
}
