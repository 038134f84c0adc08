//! Pairing by its promises: who gets in, what a guess costs, what leaves the host and when.

use super::*;
use crate::{
    id::{BookId, DeviceId, PersonId, PublicKey},
    identity::{
        SigningKey, person_id, public_key,
        roster::{DeviceCard, Roster},
    },
};
use proptest::prelude::*;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

const NOW: i64 = 1_800_000_000_000;

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn card(n: u8) -> DeviceCard {
    let name = format!("device {n}");
    DeviceCard {
        id: DeviceId([n; 16]),
        sign: public_key(&key(n)),
        tls: PublicKey([n; 32]),
        name,
        platform: "linux".into(),
    }
}

fn binding() -> Binding {
    let (guest_tls, host_tls) = (PublicKey([2; 32]), PublicKey([77; 32]));
    Binding { guest_tls, host_tls, alpn: b"kith/1".to_vec(), exporter: [5; 32] }
}

fn person() -> PersonId {
    person_id(&public_key(&key(200)))
}

/// What device 1 hands over when it adds device 2.
fn welcome() -> Welcome {
    let mut roster = Roster::new(person());
    roster.insert(&Roster::sign_epoch(&key(200), 1, &[card(1)]).unwrap()).unwrap();
    let add = roster.sign_add(&key(1), DeviceId([1; 16]), &card(2)).unwrap();
    roster.insert(&add).unwrap();
    Welcome {
        person: person(),
        person_name: "Mara".into(),
        book: BookId([3; 16]),
        roster: roster.entries().map(|entry| entry.to_vec().into()).collect(),
        lan_secret: [9; 32],
        addresses: vec!["192.168.1.2:4000".parse().unwrap()],
    }
}

fn typed(host: &Host) -> PairingSecret {
    PairingSecret::Code(host.code().clone())
}

fn scanned(host: &Host) -> PairingSecret {
    PairingSecret::Link(host.link(&PublicKey([77; 32]), vec![]).to_string().parse().unwrap())
}

fn wrong(host: &Host) -> PairingSecret {
    let last = if host.code().digits().ends_with('1') { "2" } else { "1" };
    PairingSecret::Code(PairingCode::parse(&format!("{}{last}", &host.code().digits()[..7])).unwrap())
}

/// Runs an exchange up to the guest's confirmation being judged.
fn guess(
    host: &mut Host,
    secret: &PairingSecret,
    guest_end: Binding,
    host_end: Binding,
    now: i64,
) -> Result<Asked, PairingError> {
    let (mut guest, hello) = Guest::start(secret, guest_end, card(2), &mut rng(7));
    let (mut exchange, reply) = host.accept(host_end, &hello, now, &mut rng(8))?;
    let GuestStep::Send(confirm) = guest.handle(&reply)? else { panic!("the guest confirms after the reply") };
    let HostStep::Proven(confirm) = exchange.handle(host, &confirm, now)? else { panic!("the host confirms") };
    let GuestStep::Show { send, words } = guest.handle(&confirm)? else { panic!("the guest sends its card") };
    let HostStep::Ask { card, words: shown } = exchange.handle(host, &send, now)? else { panic!("the host asks") };
    assert_eq!(words, shown);
    Ok(Asked { guest, exchange, card, words })
}

struct Asked {
    guest: Guest,
    exchange: HostExchange,
    card: DeviceCard,
    words: Words,
}

fn guess_well(host: &mut Host) -> Asked {
    let secret = typed(host);
    guess(host, &secret, binding(), binding(), NOW).unwrap_or_else(|error| panic!("{error}"))
}

fn outcome(result: Result<Asked, PairingError>) -> Result<(), PairingError> {
    result.map(|_| ())
}

const WRONG: Result<(), PairingError> = Err(PairingError::Refused(Refusal::WrongCode));
const EXPIRED: Result<(), PairingError> = Err(PairingError::Refused(Refusal::Expired));

#[test]
fn a_device_joins_by_digits_and_by_link() {
    for pick in [typed, scanned] {
        let mut host = Host::open(NOW, &mut rng(1));
        let secret = pick(&host);
        let mut asked = guess(&mut host, &secret, binding(), binding(), NOW).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(asked.card, card(2));
        assert_eq!(asked.words.to_string().split(' ').count(), 3);
        let bytes = asked.exchange.approve(welcome(), NOW).unwrap();
        let GuestStep::Joined { welcome: got, roster } = asked.guest.handle(&bytes).unwrap() else { panic!("joined") };
        assert_eq!(*got, welcome());
        assert_eq!(roster.devices().len(), 2);
        assert!(!host.is_open(NOW));
    }
}

#[test]
fn three_wrong_guesses_kill_the_code_and_the_right_one_comes_too_late() {
    let mut host = Host::open(NOW, &mut rng(1));
    let (bad, good) = (wrong(&host), typed(&host));
    for left in (0..PAIRING_TRIES).rev() {
        assert_eq!(outcome(guess(&mut host, &bad, binding(), binding(), NOW)), WRONG);
        assert_eq!(host.tries_left(), left);
    }
    assert!(!host.is_open(NOW));
    assert_eq!(outcome(guess(&mut host, &good, binding(), binding(), NOW)), EXPIRED);
}

#[test]
fn ten_thousand_online_tries_are_answered_three_times() {
    let mut host = Host::open(NOW, &mut rng(1));
    let (_, hello) = Guest::start(&wrong(&host), binding(), card(2), &mut rng(7));
    let answered = (0..10_000).filter(|_| host.accept(binding(), &hello, NOW, &mut rng(8)).is_ok()).count();
    assert_eq!(answered, 3);
}

#[test]
fn a_guess_is_spent_when_the_host_answers_even_if_the_guest_leaves() {
    let mut host = Host::open(NOW, &mut rng(1));
    let (_, hello) = Guest::start(&typed(&host), binding(), card(2), &mut rng(7));
    assert!(host.accept(binding(), &hello, NOW, &mut rng(8)).is_ok());
    assert_eq!(host.tries_left(), 2);
}

#[test]
fn the_third_guess_may_still_be_the_right_one() {
    let mut host = Host::open(NOW, &mut rng(1));
    let (bad, good) = (wrong(&host), typed(&host));
    for _ in 0..2 {
        assert_eq!(outcome(guess(&mut host, &bad, binding(), binding(), NOW)), WRONG);
    }
    assert_eq!(outcome(guess(&mut host, &good, binding(), binding(), NOW)), Ok(()));
}

#[test]
fn a_code_dies_after_ten_minutes_and_with_its_first_success() {
    let mut host = Host::open(NOW, &mut rng(1));
    let good = typed(&host);
    assert_eq!(host.left_ms(NOW), PAIRING_MS);
    assert_eq!(outcome(guess(&mut host, &good, binding(), binding(), NOW + PAIRING_MS)), EXPIRED);
    assert_eq!(host.left_ms(NOW + PAIRING_MS), 0);

    let (mut guest, hello) = Guest::start(&good, binding(), card(2), &mut rng(7));
    let (mut slow, reply) = host.accept(binding(), &hello, NOW, &mut rng(8)).unwrap_or_else(|error| panic!("{error}"));
    let GuestStep::Send(confirm) = guest.handle(&reply).unwrap() else { panic!("the guest confirms") };
    assert_eq!(outcome(guess(&mut host, &good, binding(), binding(), NOW)), Ok(()));
    assert_eq!(slow.handle(&mut host, &confirm, NOW).map(|_| ()), EXPIRED);
    assert_eq!(outcome(guess(&mut host, &good, binding(), binding(), NOW)), EXPIRED);
}

#[test]
fn whoever_sits_between_the_two_fails_the_confirmation() {
    let swapped = |change: fn(&mut Binding)| {
        let (mut host, mut other) = (Host::open(NOW, &mut rng(1)), binding());
        change(&mut other);
        let good = typed(&host);
        outcome(guess(&mut host, &good, binding(), other, NOW))
    };
    assert_eq!(swapped(|_| {}), Ok(()));
    assert_eq!(swapped(|b| b.guest_tls.0[0] ^= 1), WRONG);
    assert_eq!(swapped(|b| b.host_tls.0[0] ^= 1), WRONG);
    assert_eq!(swapped(|b| b.exporter[31] ^= 1), WRONG);
    assert_eq!(swapped(|b| b.alpn.push(b'2')), WRONG);
}

#[test]
fn a_host_that_does_not_know_the_code_is_found_out_by_the_guest() {
    let (mut host, mut other) = (Host::open(NOW, &mut rng(1)), Host::open(NOW, &mut rng(2)));
    let (mut guest, hello) = Guest::start(&typed(&host), binding(), card(2), &mut rng(7));
    let (_, reply) = other.accept(binding(), &hello, NOW, &mut rng(8)).unwrap_or_else(|error| panic!("{error}"));
    let GuestStep::Send(mine) = guest.handle(&reply).unwrap() else { panic!("the guest confirms") };
    assert_eq!(guest.handle(&mine), Err(Refusal::WrongCode.into()), "its own proof thrown back is none");

    let (_, hello) = Guest::start(&typed(&host), binding(), card(2), &mut rng(7));
    assert!(host.accept(binding(), &hello, NOW, &mut rng(8)).is_ok());
}

#[test]
fn digits_and_the_secret_of_a_link_do_not_stand_for_each_other() {
    let mut host = Host::open(NOW, &mut rng(1));
    let (_, hello) = Guest::start(&typed(&host), binding(), card(2), &mut rng(7));
    let link = message::Message::decode(&hello).unwrap();
    let message::Message::Hello { version, spake, .. } = link else { panic!("a hello") };
    let crossed = message::Message::Hello { version, link: true, spake }.encode();
    let (mut guest, _) = Guest::start(&typed(&host), binding(), card(2), &mut rng(7));
    let (mut exchange, reply) =
        host.accept(binding(), &crossed, NOW, &mut rng(8)).unwrap_or_else(|error| panic!("{error}"));
    let GuestStep::Send(confirm) = guest.handle(&reply).unwrap() else { panic!("the guest confirms") };
    assert_eq!(exchange.handle(&mut host, &confirm, NOW), Err(Refusal::WrongCode.into()));
}

#[test]
fn a_replayed_transcript_opens_nothing() {
    let mut host = Host::open(NOW, &mut rng(1));
    let (mut guest, hello) = Guest::start(&typed(&host), binding(), card(2), &mut rng(7));
    let (_, reply) = host.accept(binding(), &hello, NOW, &mut rng(8)).unwrap_or_else(|error| panic!("{error}"));
    let GuestStep::Send(confirm) = guest.handle(&reply).unwrap() else { panic!("the guest confirms") };
    let (mut again, _) = host.accept(binding(), &hello, NOW, &mut rng(9)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again.handle(&mut host, &confirm, NOW), Err(Refusal::WrongCode.into()));
}

#[test]
fn nothing_of_the_book_leaves_before_a_yes_and_nothing_after_a_no() {
    let mut host = Host::open(NOW, &mut rng(1));
    let (mut guest, hello) = Guest::start(&typed(&host), binding(), card(2), &mut rng(7));
    let (mut exchange, reply) =
        host.accept(binding(), &hello, NOW, &mut rng(8)).unwrap_or_else(|error| panic!("{error}"));
    let GuestStep::Send(confirm) = guest.handle(&reply).unwrap() else { panic!("the guest confirms") };
    let HostStep::Proven(proof) = exchange.handle(&mut host, &confirm, NOW).unwrap() else { panic!("proven") };
    let GuestStep::Show { send, .. } = guest.handle(&proof).unwrap() else { panic!("the guest sends its card") };
    assert!(matches!(exchange.handle(&mut host, &send, NOW), Ok(HostStep::Ask { .. })));
    // Until here the host had no welcome to send at all; what it did send has room for no more than proofs.
    assert!(reply.len() + proof.len() < 100);
    assert_eq!(guest.handle(&exchange.refuse()), Err(Refusal::Refused.into()));
}

#[test]
fn a_yes_that_nobody_asked_for_or_that_comes_too_late_sends_nothing() {
    let mut host = Host::open(NOW, &mut rng(1));
    let (_, hello) = Guest::start(&typed(&host), binding(), card(2), &mut rng(7));
    let (early, _) = host.accept(binding(), &hello, NOW, &mut rng(8)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(early.approve(welcome(), NOW), Err(Refusal::Expired.into()));
    let late = guess_well(&mut host).exchange;
    assert_eq!(late.approve(welcome(), NOW + APPROVAL_MS), Err(Refusal::Expired.into()));
}

#[test]
fn a_card_must_name_the_key_that_the_handshake_proved() {
    let mut host = Host::open(NOW, &mut rng(1));
    let (mut guest, hello) = Guest::start(&typed(&host), binding(), card(4), &mut rng(7));
    let (mut exchange, reply) =
        host.accept(binding(), &hello, NOW, &mut rng(8)).unwrap_or_else(|error| panic!("{error}"));
    let GuestStep::Send(confirm) = guest.handle(&reply).unwrap() else { panic!("the guest confirms") };
    let HostStep::Proven(proof) = exchange.handle(&mut host, &confirm, NOW).unwrap() else { panic!("proven") };
    let GuestStep::Show { send, .. } = guest.handle(&proof).unwrap() else { panic!("the guest sends its card") };
    assert_eq!(exchange.handle(&mut host, &send, NOW), Err(PairingError::Hostile));
}

#[test]
fn a_welcome_must_hold_this_device_with_its_own_keys() {
    let spoil: [fn(&mut Welcome); 4] = [
        |welcome| welcome.roster.truncate(1),
        |welcome| welcome.roster[1][70] ^= 1,
        |welcome| welcome.person.0[0] ^= 1,
        |welcome| welcome.roster.resize(257, Default::default()),
    ];
    for change in spoil {
        let mut asked = guess_well(&mut Host::open(NOW, &mut rng(1)));
        let mut bad = welcome();
        change(&mut bad);
        let bytes = asked.exchange.approve(bad, NOW).unwrap();
        assert_eq!(asked.guest.handle(&bytes), Err(PairingError::Hostile));
    }
}

#[test]
fn a_message_out_of_turn_ends_the_pairing() {
    let mut asked = guess_well(&mut Host::open(NOW, &mut rng(1)));
    let hello =
        Guest::start(&PairingSecret::Code(PairingCode::parse("12345678").unwrap()), binding(), card(2), &mut rng(3)).1;
    let mut host = Host::open(NOW, &mut rng(2));
    assert_eq!(asked.exchange.handle(&mut host, &hello, NOW), Err(PairingError::Hostile));
    assert_eq!(asked.guest.handle(&hello), Err(PairingError::Hostile));
    let bytes = message::Message::Welcome(Box::new(welcome())).encode();
    assert_eq!(asked.guest.handle(&bytes), Err(PairingError::Hostile), "nothing is expected after an error");
    assert_eq!(asked.exchange.approve(welcome(), NOW), Err(Refusal::Expired.into()));
}

#[test]
fn another_version_is_told_so_and_costs_no_guess() {
    #[derive(serde::Serialize)]
    struct Hello {
        h: Body,
    }
    #[derive(serde::Serialize)]
    struct Body {
        v: u32,
        new: bool,
    }
    let hello = rmp_serde::to_vec_named(&Hello { h: Body { v: 2, new: true } }).unwrap();
    let mut host = Host::open(NOW, &mut rng(1));
    let refused = host.accept(binding(), &hello, NOW, &mut rng(8)).map(|_| ());
    assert_eq!(refused, Err(Refusal::Version.into()));
    assert_eq!(host.tries_left(), 3);
    for reason in [Refusal::WrongCode, Refusal::Expired, Refusal::Refused, Refusal::Version] {
        let mut guest = Guest::start(&typed(&host), binding(), card(2), &mut rng(7)).0;
        assert_eq!(guest.handle(&reason.encode()), Err(reason.into()));
    }
}

#[test]
fn digits_are_read_as_people_type_them() {
    let code = PairingCode::generate(&mut rng(4));
    assert_eq!(code.to_string().len(), 9);
    for text in [code.to_string(), code.digits().replace("", "-"), format!("\t{} ", code.digits())] {
        assert_eq!(PairingCode::parse(&text), Ok(code.clone()));
        assert_eq!(text.parse(), Ok(PairingSecret::Code(code.clone())));
    }
    for text in ["", "1234567", "123456789", "1234567a", "１２３４５６７８", &"1".repeat(5000)] {
        assert_eq!(PairingCode::parse(text), Err(InvalidPairingCode::Digits));
    }
    assert_eq!(format!("{code:?}"), "PairingCode(…)");
}

#[test]
fn a_link_carries_what_the_new_device_needs_and_its_secret_after_the_hash_sign() {
    let host = Host::open(NOW, &mut rng(1));
    let addresses: Vec<_> =
        ["10.0.0.2:40000", "[2001:db8::1]:40000", "[fe80::1]:40000", "0.0.0.0:1"].map(|a| a.parse().unwrap()).into();
    let link = host.link(&PublicKey([77; 32]), addresses.clone());
    let text = link.to_string();
    let read: PairingLink = text.parse().unwrap();
    assert_eq!(read.addresses, addresses[..2]);
    assert_eq!((read.key, read.expires_s), (link.key, (NOW + PAIRING_MS) / 1000));
    assert_eq!(read.secret, link.secret);
    let secret: String = link.secret.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(text.ends_with(&format!("#{secret}")) && !format!("{link:?}").contains(&secret));
    let many = PairingLink { addresses: (1..60).map(|n| ([10, 0, 0, n], 9).into()).collect(), ..link };
    assert_eq!(many.to_string().parse::<PairingLink>().unwrap().addresses.len(), LINK_ADDRESSES_MAX);
}

#[test]
fn a_broken_link_is_refused() {
    let good = Host::open(NOW, &mut rng(1)).link(&PublicKey([77; 32]), vec![([10, 0, 0, 1], 9).into()]).to_string();
    assert!(good.parse::<PairingLink>().is_ok());
    assert!(good.replace("?k=", "?x=new&k=").parse::<PairingLink>().is_ok());
    for bad in [
        good.replace("kith://pair?", "kith://link?"),
        good.replace("k=", "q="),
        good.replace("e=", "e=x"),
        good.replace("a=10", "a=300"),
        good.replace('#', "&s="),
        good[..good.len() - 2].to_owned(),
        format!("{good}{}", "a".repeat(4096)),
    ] {
        assert_eq!(bad.parse::<PairingSecret>(), Err(InvalidPairingCode::Link), "{bad}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_message_and_no_text_panics(bytes: Vec<u8>, text in "(kith://pair\\?)?[ka=&#0-9a-f:.\\[\\]-]{0,90}") {
        let mut host = Host::open(NOW, &mut rng(1));
        let _ = host.accept(binding(), &bytes, NOW, &mut rng(2)).map(|_| ());
        let mut asked = guess_well(&mut Host::open(NOW, &mut rng(1)));
        prop_assert!(asked.guest.handle(&bytes).is_err());
        prop_assert!(asked.exchange.handle(&mut host, &bytes, NOW).is_err());
        let _ = text.parse::<PairingSecret>();
    }
}

#[test]
fn every_message_of_every_release_is_read_as_it_was_meant() {
    use message::Message;
    let meant = [
        ("hello", Message::Hello { version: PAIRING_VERSION, link: true, spake: vec![1; 33] }),
        ("reply", Message::Reply { spake: vec![2; 33] }),
        ("confirm", Message::Confirm { mac: [3; 32] }),
        ("card", Message::Card { card: message::encode_card(&card(2)), mac: [4; 32] }),
        ("welcome", Message::Welcome(Box::new(welcome()))),
    ];
    let fixtures = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures"));
    // Written once, by the program of that release; a file that is there is left alone.
    if let Some(release) = std::env::var_os("KITH_WRITE_FIXTURE") {
        let folder = fixtures.join(release).join("pairing");
        std::fs::create_dir_all(&folder).unwrap();
        for (name, message) in &meant {
            let file = folder.join(format!("{name}.bin"));
            if !file.exists() {
                std::fs::write(file, message.encode()).unwrap();
            }
        }
    }
    let mut read = 0;
    for release in std::fs::read_dir(fixtures).unwrap() {
        let folder = release.unwrap().path().join("pairing");
        for (name, message) in meant.iter().filter(|_| folder.is_dir()) {
            let bytes = std::fs::read(folder.join(format!("{name}.bin"))).unwrap();
            assert_eq!(Message::decode(&bytes).as_ref(), Ok(message), "{name} in {}", folder.display());
            read += 1;
        }
    }
    assert!(read > 0);
    assert_eq!(message::decode_card(&message::encode_card(&card(2))), Ok(card(2)));
}
