//! A hub in the middle tries everything (quality S2).

use super::*;
use crate::{
    identity::roster::Roster,
    person::tests::{NOW, Someone},
};

struct Case {
    ada: Someone,
    bo: Someone,
    keys: SealSecrets,
    pact: PactId,
    mailbox: [u8; 32],
}

impl Case {
    fn new() -> Self {
        let (ada, mut bo) = (Someone::new("Ada"), Someone::new("Bo"));
        let keys = SealSecrets::new(NOW, &mut bo.rng);
        Self { ada, bo, keys, pact: PactId([7; 16]), mailbox: [8; 32] }
    }

    fn context(&self) -> Context {
        Context {
            kind: EnvelopeKind::Publication,
            from: self.ada.person,
            device: self.ada.device(1),
            roster: (self.ada.roster.epoch(), self.ada.roster.hash()),
            to: self.bo.person,
            mailbox: self.mailbox,
            pact: self.pact,
            item: EntityId([9; 16]),
            number: 3,
        }
    }

    fn seal_key(&self) -> SealKey {
        self.keys.current(self.bo.person, self.bo.device(1), &self.bo.key(1)).unwrap()
    }

    fn sealed(&mut self, context: &Context, body: &[u8]) -> Vec<u8> {
        let (to, key) = (self.seal_key(), self.ada.key(1));
        seal(&to, context, body, &key, &mut self.ada.rng).unwrap()
    }

    fn open(&self, bytes: &[u8]) -> Result<(Context, Vec<u8>), Dropped> {
        self.open_as(bytes, self.bo.person, &self.mailbox, self.pact, &self.ada.roster)
    }

    fn open_as(
        &self,
        bytes: &[u8],
        me: PersonId,
        mailbox: &[u8; 32],
        pact: PactId,
        roster: &Roster,
    ) -> Result<(Context, Vec<u8>), Dropped> {
        open(bytes, &Delivered { me, mailbox, pact, roster }, &self.keys)
    }
}

#[test]
fn an_envelope_is_opened_by_whom_it_is_for_and_is_as_long_as_many_others() {
    let mut case = Case::new();
    let context = case.context();
    for (body, length) in
        [(0, 512), (100, 512), (600, 2 << 10), (20_000, 32 << 10), (100_000, 128 << 10), (200_000, 256 << 10)]
    {
        let body = vec![b'x'; body];
        let bytes = case.sealed(&context, &body);
        assert_eq!(bytes.len(), length);
        assert_eq!(case.open(&bytes), Ok((context, body)));
    }
    let (to, key) = (case.seal_key(), case.ada.key(1));
    assert_eq!(seal(&to, &context, &vec![0; BODY_BYTES_MAX + 1], &key, &mut case.ada.rng), None);
    let largest = case.sealed(&context, &vec![1; BODY_BYTES_MAX]);
    assert!(largest.len() <= ENVELOPE_BYTES_MAX && case.open(&largest).is_ok());
}

#[test]
fn no_flipped_bit_is_accepted() {
    let mut case = Case::new();
    let context = case.context();
    for body in [&b""[..], b"one", &[7; 100]] {
        let bytes = case.sealed(&context, body);
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            // X25519 ignores the top bit of a public key, HPKE's key schedule does not (RFC 9180 section 4.1).
            assert!(case.open(&changed).is_err(), "bit {bit}");
        }
        for cut in 0..bytes.len() {
            assert!(case.open(&bytes[..cut]).is_err());
        }
        assert!(case.open(&[bytes.as_slice(), &[0]].concat()).is_err());
    }
}

#[test]
fn nothing_that_an_envelope_names_may_be_another() {
    let mut case = Case::new();
    let good = case.context();
    let cy = Someone::new("Cy");
    let table: [(&str, Context, Dropped); 9] = [
        ("recipient", Context { to: cy.person, ..good }, Dropped::Context),
        ("mailbox within", Context { mailbox: [1; 32], ..good }, Dropped::Sealed),
        ("link", Context { pact: PactId([1; 16]), ..good }, Dropped::Context),
        ("sender", Context { from: cy.person, ..good }, Dropped::Context),
        ("device", Context { device: case.ada.device(2), ..good }, Dropped::Signature),
        ("unknown device", Context { device: DeviceId([0; 16]), ..good }, Dropped::Signature),
        ("epoch", Context { roster: (2, good.roster.1), ..good }, Dropped::Roster),
        ("roster", Context { roster: (1, Hash([0; 32])), ..good }, Dropped::Roster),
        ("own", Context { from: case.bo.person, to: case.ada.person, ..good }, Dropped::Context),
    ];
    for (what, context, dropped) in table {
        let bytes = case.sealed(&context, b"body");
        assert_eq!(case.open(&bytes), Err(dropped), "{what}");
    }
    let bytes = case.sealed(&good, b"body");
    let (bo, ada) = (case.bo.person, &case.ada.roster);
    assert_eq!(case.open_as(&bytes, cy.person, &case.mailbox, case.pact, ada), Err(Dropped::Context));
    assert_eq!(case.open_as(&bytes, bo, &[1; 32], case.pact, ada), Err(Dropped::Sealed));
    assert_eq!(case.open_as(&bytes, bo, &case.mailbox, PactId([1; 16]), ada), Err(Dropped::Context));
    assert_eq!(case.open_as(&bytes, bo, &case.mailbox, case.pact, &cy.roster), Err(Dropped::Context));
    let mut other_version = bytes.clone();
    other_version[0] = 2;
    assert_eq!(case.open(&other_version), Err(Dropped::Format));
}

#[test]
fn a_signature_over_another_body_number_or_kind_is_none() {
    let mut case = Case::new();
    let good = case.context();
    let (to, key) = (case.seal_key(), case.ada.key(1));
    let forged = |case: &mut Case, signed: &Context, says: &Context, hashed: &[u8], body: &[u8]| {
        let (signed, hash) = (msgpack::write(signed), blake3::hash(hashed));
        let signature = sign(&key, Domain::Envelope, &[&[VERSION], &signed, hash.as_bytes()]);
        let inside = msgpack::write(&Inside { signature, context: msgpack::write(says), body: body.to_vec() });
        let recipient = <X25519HkdfSha256 as hpke::Kem>::PublicKey::from_bytes(&to.public).unwrap();
        let head = head(to.number);
        let (encapped, sealed) = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256, _>(
            &OpModeS::Base,
            &recipient,
            &info(&says.mailbox),
            &padded(&inside),
            &head,
            &mut case.ada.rng,
        )
        .unwrap();
        [head.as_slice(), encapped.to_bytes().as_slice(), &sealed].concat()
    };
    let bytes = forged(&mut case, &good, &good, b"body", b"body");
    assert!(case.open(&bytes).is_ok(), "what is forged below is wrong in one thing only");
    for says in [
        Context { number: 4, ..good },
        Context { item: EntityId([1; 16]), ..good },
        Context { kind: EnvelopeKind::Route, ..good },
    ] {
        let bytes = forged(&mut case, &good, &says, b"body", b"body");
        assert_eq!(case.open(&bytes), Err(Dropped::Signature));
    }
    let bytes = forged(&mut case, &good, &good, b"body", b"other");
    assert_eq!(case.open(&bytes), Err(Dropped::Signature));
}

#[test]
fn a_removed_device_signs_for_nobody_and_an_older_roster_is_noticed() {
    let mut case = Case::new();
    let key = case.ada.key(2);
    let context = Context { device: case.ada.device(2), ..case.context() };
    let to = case.seal_key();
    let before = seal(&to, &context, b"body", &key, &mut case.bo.rng).unwrap();
    assert!(case.open(&before).is_ok());
    let old = case.context();
    let from_remaining = case.sealed(&old, b"body");
    case.ada.remove_device();
    assert_eq!(case.open(&before), Err(Dropped::Roster));
    assert_eq!(case.open(&from_remaining), Err(Dropped::Roster), "entries are exchanged before anything else counts");
    let pretended = Context { roster: (case.ada.roster.epoch(), case.ada.roster.hash()), ..context };
    let bytes = seal(&to, &pretended, b"body", &key, &mut case.bo.rng).unwrap();
    assert_eq!(case.open(&bytes), Err(Dropped::Signature));
}

#[test]
fn seal_keys_are_signed_by_a_device_of_the_roster_and_nobody_goes_back() {
    let mut case = Case::new();
    let first = case.seal_key();
    let read = |bytes: &[u8], known| SealKey::decode(bytes, &case.bo.roster, known);
    assert_eq!(read(&first.encode(), None), Ok(first.clone()));
    assert_eq!(SealKey::decode(&first.encode(), &case.ada.roster, None), Err(SealKeyError::Signature));
    let bytes = first.encode();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(read(&changed, None).is_err(), "byte {at}");
    }
    let mut keys = case.keys.clone();
    assert!(keys.turn(NOW + SEAL_KEY_MS, NOW, &mut case.bo.rng));
    let second = keys.current(case.bo.person, case.bo.device(1), &case.bo.key(1)).unwrap();
    let read = |bytes: &[u8], known| SealKey::decode(bytes, &case.bo.roster, known);
    assert_eq!(read(&second.encode(), Some(&first)), Ok(second.clone()));
    assert_eq!(read(&first.encode(), Some(&second)), Err(SealKeyError::Older));
}

#[test]
fn what_is_stolen_from_a_device_that_empties_its_mailbox_opens_nothing_older_than_37_days() {
    let mut case = Case::new();
    let context = case.context();
    let day = SEAL_KEY_MS / 7;
    let mut captured = Vec::new();
    for today in 0..120 {
        let now = NOW + today * day;
        case.keys.turn(now, now, &mut case.bo.rng);
        let bytes = case.sealed(&context, &[today as u8]);
        captured.push(bytes);
        let opens = |age: i64| usize::try_from(today - age).is_ok_and(|at| case.open(&captured[at]).is_ok());
        assert!(opens(0) && (today < 30 || opens(30)), "what is in the mailbox is read");
        assert!((37..=today).all(|age| !opens(age)), "day {today}");
    }
    // A mailbox that is not emptied keeps its keys.
    let mut keys = SealSecrets::new(NOW, &mut case.bo.rng);
    for today in 0..120 {
        keys.turn(NOW + today * day, NOW, &mut case.bo.rng);
    }
    assert!(keys.secret(1).is_some());
    let kept = SealSecrets::decode(&keys.encode()).unwrap();
    assert!(kept.secret(1).is_some() && !format!("{kept:?}").contains("secret:"));
}
