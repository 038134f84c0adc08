//! Attacks by table: keys that are only shown, bytes that were flipped or sent again, ids that are only said, guesses, and
//! silence. Nothing is taken, nothing changes.

use super::{
    each,
    hostile::{head_of, treasure},
};
use kith_core::{
    id::{DeviceId, Hash, StoreId},
    identity::{SigningKey, roster::Roster},
    replica::{Cursor, Heads},
    vector::Vector,
    wire::{Ack, Batch, Last, Message, Push, RosterEntries},
};
use kith_hub::transport::{CloseCode, Closed, PAIRING_CONNECTIONS_MAX};
use kith_tests::people::{Device, cards, crook::Crook, guesser, is_long, pair, raw::RawDial, section};
use quinn::ConnectionError;
use serde_bytes::ByteBuf;
use serde_json::Value;
use std::time::{Duration, Instant};

/// The book, and whose devices there are.
fn state(laptop: &Device) -> (Value, String, String) {
    let devices = laptop.call(&["devices", "list"])["devices"].clone();
    (laptop.call(&["status"])["book"].clone(), each(&devices, "id").concat(), each(&devices, "name").concat())
}

#[test]
fn a_key_that_is_only_shown_opens_nothing_and_nobody_is_let_in_on_an_old_ticket() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.start();
    let crook = Crook::let_in("Phone", &laptop);
    let before = laptop.call(&["status"]);
    let good = crook.raw(laptop.address());
    let mut impostor = good.clone();
    impostor.signing_seed = [9; 32];
    let mut stranger = good.clone();
    (stranger.seed, stranger.signing_seed) = ([9; 32], [9; 32]);
    crook.runtime().block_on(async {
        for (what, dial) in [("a known key with another's signature", &impostor), ("a key of a stranger", &stranger)] {
            // A client is done with the handshake before the server has judged its key.
            let why = match dial.connect().await {
                Ok((_endpoint, connection)) => connection.closed().await,
                Err(error) => error,
            };
            println!("{what}: {why}");
            assert!(matches!(why, ConnectionError::ConnectionClosed(_)), "{what}: {why}");
        }
        assert!(!good.resumes().await.expect("its key is good"), "no data before the handshake is done");
    });
    let log = laptop.log();
    assert!(log.contains("handshake refused"), "{log}");
    assert_eq!(laptop.call(&["status"])["book"], before["book"]);
    laptop.stop();
}

#[test]
fn a_change_or_a_roster_entry_with_any_bit_flipped_is_refused_and_a_thousand_replays_change_nothing() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.start();
    let mut crook = Crook::let_in("Cracked phone", &laptop);
    let honest = treasure(&crook);
    let (bytes, head) = (honest.encode(), head_of(&honest));
    let before = state(&laptop);

    section("Every byte of a change with a bit flipped");
    let step = if is_long() { 1 } else { 5 };
    for at in (0..bytes.len()).step_by(step) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        crook.greet(laptop.address());
        crook.push(&[&flipped], Heads::from([(crook.id(), head)]), [(crook.id(), 1)].into_iter().collect());
        assert_eq!(crook.try_fetch(), Err(Closed::There(CloseCode::Hostile)), "byte {at} of {}", bytes.len());
    }
    assert_eq!(state(&laptop), before);

    section("Every byte of the entry that let it in, with a bit flipped");
    let entries = crook.roster_entries();
    let (step, mut refused) = (if is_long() { 1 } else { 13 }, 0);
    for (at, entry) in entries.iter().flat_map(|entry| (0..entry.len()).step_by(step).map(move |at| (at, entry))) {
        let mut flipped = entry.clone();
        flipped[at] ^= 1 << (at % 8);
        crook.greet(laptop.address());
        crook.say(&Message::Roster(RosterEntries { entries: vec![ByteBuf::from(flipped)] }));
        // An entry of an epoch that is over, by what its bytes say, counts for nothing and is passed over.
        let outcome = crook.try_fetch();
        assert!(outcome.is_ok() || outcome == Err(Closed::There(CloseCode::Hostile)), "byte {at}: {outcome:?}");
        refused += u32::from(outcome.is_err());
    }
    println!("{refused} flipped entries ended the connection");
    assert!(refused > 0);
    assert_eq!(state(&laptop), before);

    section("The same, unchanged, a thousand times");
    crook.greet(laptop.address());
    crook.push_own(std::slice::from_ref(&bytes));
    let after = state(&laptop);
    assert_eq!(after.0["contacts"], 1);
    for _ in 0..1_000 {
        let entries = entries.iter().map(|entry| ByteBuf::from(entry.clone())).collect();
        crook.say(&Message::Roster(RosterEntries { entries }));
        crook.push_own(std::slice::from_ref(&bytes));
    }
    crook.fetch();
    assert_eq!(state(&laptop), after);
    laptop.stop();
}

#[test]
fn an_id_that_is_only_said_counts_for_nothing_in_any_state_of_a_connection() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 5))]);
    laptop.start();
    let mut crook = Crook::let_in("Cracked phone", &laptop);
    let laptop_id: DeviceId = laptop.call(&["status"])["device"]["id"].as_str().unwrap().parse().unwrap();
    let in_the_name_of = |device: DeviceId, seq: u64| {
        let mut change = treasure(&crook);
        (change.device, change.seq) = (device, seq);
        (change.encode(), Heads::from([(device, head_of(&change))]), [(device, seq)].into_iter().collect::<Vector>())
    };
    let foreign_root = SigningKey::from_bytes(&[66; 32]);
    let foreign = Roster::sign_epoch(&foreign_root, 9, &[]).unwrap();
    let mut messages: Vec<(String, Message)> = vec![
        ("an epoch of another person".into(), Message::Roster(RosterEntries { entries: vec![ByteBuf::from(foreign)] })),
        ("an answer that nobody asked for".into(), Message::Ack(Ack { session: Some(9), number: 9, gap: false })),
    ];
    let (bytes, heads, upto) = in_the_name_of(laptop_id, 1 << 30);
    let changes = vec![ByteBuf::from(bytes)];
    let cursor = Cursor { store: StoreId([1; 16]), arrival: 1 };
    let last = Last { upto: upto.clone(), hash: Hash([0; 32]), name: 1, yours: None };
    let batch = Batch {
        session: 1,
        number: 0,
        changes: changes.clone(),
        stubs: Vec::new(),
        heads: heads.clone(),
        cursor,
        last: Some(last),
    };
    let push = Push { number: 0, base: Vector::default(), upto, changes, heads };
    messages.push(("a batch in the name of the laptop".into(), Message::Batch(batch)));
    messages.push(("a push in the name of the laptop".into(), Message::Push(push)));
    let before = state(&laptop);
    for (what, message) in &messages {
        for greeted in [false, true] {
            if greeted {
                crook.greet(laptop.address());
            } else {
                crook.connect(laptop.address());
            }
            crook.say(message);
            if greeted && matches!(message, Message::Batch(_) | Message::Push(_)) {
                // A member may have met a copy of the laptop: it is asked what it knows, and nothing of it is taken.
                assert!(matches!(crook.told(), Message::AskBranch(ask) if ask.device == laptop_id), "{what}");
            } else {
                let why = crook.hung_up_on();
                println!("{what}, {}: {why}", if greeted { "after its hello" } else { "before its hello" });
                assert_eq!(why, Closed::There(CloseCode::Hostile), "{what}");
            }
            assert_eq!(state(&laptop), before, "{what}");
        }
    }

    section("The same over a connection that only pairs");
    laptop.call(&["pair", "show"]);
    let mut dial = crook.raw(laptop.address());
    dial.server_name = "kith-pair".to_owned();
    for (what, message) in &messages {
        let payload = message.encode();
        let frame = [&[1, 0], (payload.len() as u32).to_be_bytes().as_slice(), &payload].concat();
        let why = crook.runtime().block_on(async {
            let (_endpoint, connection) = dial.connect().await.expect("pairing is open");
            let (mut send, _recv) = connection.open_bi().await.expect("a stream");
            send.write_all(&[&[1, 0, 0, 0, 0, 0], frame.as_slice()].concat()).await.expect("a greeting");
            connection.closed().await
        });
        println!("{what}, pairing: {why}");
        assert!(matches!(why, ConnectionError::ApplicationClosed(_)), "{what}: {why}");
    }
    assert_eq!(state(&laptop), before);
    assert_eq!(laptop.call(&["pair", "pending"])["pending"], Value::Array(Vec::new()));
    laptop.stop();
}

#[test]
fn whoever_connects_to_pair_and_says_nothing_makes_room_for_the_next() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.start();
    let mut desk = Device::new("Desk");
    laptop.call(&["pair", "show"]);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let dial = RawDial::new(laptop.address(), [3; 32], "kith-pair");
    let silent: Vec<_> = runtime.block_on(async {
        let mut silent = Vec::new();
        while silent.len() < PAIRING_CONNECTIONS_MAX {
            let (endpoint, connection) = dial.connect().await.expect("pairing is open");
            let (mut send, recv) = connection.open_bi().await.expect("a stream");
            send.write_all(&[1, 0, 0, 0, 0, 0]).await.expect("a greeting");
            silent.push((endpoint, connection, send, recv));
        }
        silent
    });
    let start = Instant::now();
    for (_, connection, ..) in &silent {
        let why = runtime.block_on(connection.closed());
        assert!(matches!(why, ConnectionError::ApplicationClosed(_)), "{why}");
    }
    println!("silent guests were turned away after {:.1} s", start.elapsed().as_secs_f32());
    assert!(start.elapsed() < Duration::from_secs(30));
    pair(&laptop, &mut desk);
    laptop.stop();
}

#[test]
fn a_code_stands_three_guesses_however_many_come() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 5))]);
    laptop.start();
    let code = laptop.call(&["pair", "show"])["code"].as_str().unwrap().to_owned();
    let before = laptop.call(&["devices", "list"]);
    let guesses = if is_long() { 10_000 } else { 300 };
    let (start, mut answered) = (Instant::now(), 0);
    for guess in 0..guesses {
        answered += u32::from(guesser::guesses(laptop.address(), guess, &code));
    }
    println!("{guesses} guesses in {:.1} s, {answered} of them answered", start.elapsed().as_secs_f32());
    assert_eq!(answered, 3);
    assert_eq!(laptop.call(&["devices", "list"]), before);
    laptop.stop();
}
