//! Strangers, and devices that were cracked: they get nothing, change nothing, and the hub goes on.

use super::each;
use kith_core::{
    book,
    change::{self, Change},
    id::{BookId, DeviceId, EntityId, Hash},
    limits::{BATCH_CHANGES_MAX, FRAME_BYTES_MAX},
    path::Path,
    replica::{Cursor, Head, Heads},
    vcard::Property,
    vector::Vector,
    wire::{Ack, Batch, Last, Message, RosterEntries, Tables, Want},
};
use kith_hub::transport::{CloseCode, Closed};
use kith_tests::people::{
    Device, cards,
    crook::{Crook, noise},
    in_step, pair,
    raw::RawDial,
    section, wait_until,
};
use quinn::{ConnectionError, VarInt};
use serde_bytes::ByteBuf;
use serde_json::Value;
use std::{collections::BTreeMap, net::UdpSocket};

const TREASURE: EntityId = EntityId([0x99; 16]);

#[test]
fn a_strangers_hub_that_dials_gets_nothing_and_is_told_nothing() {
    let mut mara = Device::first("Laptop", "Mara");
    mara.call(&["import", &mara.write("old.vcf", cards::many(0, 50))]);
    mara.start();
    let mut otto = Device::first("Computer", "Otto");
    otto.start();
    let mut phone = Device::new("Otto's phone");
    pair(&otto, &mut phone);
    in_step(&[&otto, &phone]);
    phone.stop();
    otto.stop();

    let before = mara.call(&["status"]);
    otto.start_near(&[&mara]);
    wait_until("Otto's hub was turned away", || otto.log().contains("does not answer to that name").then_some(()));
    assert_eq!(otto.call(&["status"])["book"]["contacts"], 0);
    assert_eq!(otto.call(&["status"])["peers"][0]["path"], "none");
    assert_eq!(mara.call(&["status"]), before);
    assert!(!otto.log().contains("Laptop") && !otto.log().contains("Mara"), "{}", otto.told());
    mara.stop();
}

#[test]
fn noise_on_the_socket_does_nothing() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.call_with(&["contacts", "add"], &cards::one(1));
    let address = laptop.start();
    let before = laptop.call(&["status"]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut bytes = noise();
    for n in 0..5_000_usize {
        let length = n % 1_400;
        // The socket's buffer may be full; so it is when somebody floods it.
        let _dropped = socket.send_to(&bytes(length), address);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        for (name, alpn) in [
            ("localhost", "kith/1"),
            ("k0123456789abcdef0123456789abcdef", "kith/1"),
            ("kith-pair", "kith/1"),
            ("kith-pair", "h3"),
        ] {
            let mut dial = RawDial::new(address, [3; 32], name);
            dial.alpn = alpn.as_bytes().to_vec();
            let refused = dial.connect().await.err();
            assert!(matches!(refused, Some(ConnectionError::ConnectionClosed(_))), "{name} {alpn}: {refused:?}");
        }
    });
    assert_eq!(laptop.call(&["status"]), before);
    let mut desk = Device::new("Desk");
    pair(&laptop, &mut desk);
    assert_eq!(in_step(&[&laptop, &desk])["contacts"], 1, "an honest device still comes in");
    laptop.stop();
}

#[test]
fn frames_that_no_healthy_hub_sends_end_the_connection() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.start();
    let crook = Crook::let_in("Cracked phone", &laptop);
    let before = laptop.call(&["status"])["book"].clone();
    let raw = crook.raw(laptop.address());
    let too_long = (FRAME_BYTES_MAX as u32 + 1).to_be_bytes();
    let frames: [(&str, Vec<u8>); 6] = [
        ("a frame that is too long", [&[1, 0], too_long.as_slice()].concat()),
        ("a frame that says it has 4 GiB", vec![1, 0, 0xff, 0xff, 0xff, 0xff]),
        ("a frame of another version", vec![9, 0, 0, 0, 0, 1, 0]),
        ("a frame of an unknown kind", vec![1, 7, 0, 0, 0, 1, 0]),
        ("a second greeting", vec![1, 0, 0, 0, 0, 0]),
        ("what claims to be compressed", vec![1, 1, 0, 0, 0, 4, 1, 2, 3, 4]),
    ];
    for (what, frame) in frames {
        let why = crook.runtime().block_on(async {
            let (_endpoint, connection) = raw.connect().await.expect("its key is good");
            let (mut send, _recv) = connection.open_bi().await.expect("a stream");
            send.write_all(&[1, 0, 0, 0, 0, 0]).await.expect("a greeting");
            // The hub may have hung up before all of it is written.
            let _cut = send.write_all(&frame).await;
            connection.closed().await
        });
        let hostile = VarInt::from_u32(1);
        assert!(
            matches!(&why, ConnectionError::ApplicationClosed(close) if close.error_code == hostile),
            "{what}: {why}"
        );
        println!("{what}: {why}");
    }
    assert_eq!(laptop.call(&["status"])["book"], before);
    laptop.stop();
}

/// What a cracked device does, after it has said hello or instead of it, and what the laptop says of it.
struct Crime {
    what: &'static str,
    told: &'static str,
    commit: fn(&mut Crook, &Device),
}

pub(crate) fn treasure(crook: &Crook) -> Change {
    let name = Property::new(0, "FN", &BTreeMap::new(), None, "Rich Uncle").unwrap().encode();
    let path = Path::mine(book::single_property(TREASURE, "FN"));
    crook.change(1, Hash([0; 32]), &[(TREASURE, path, &name), (TREASURE, Path::state(), book::ALIVE)])
}

pub(crate) fn head_of(change: &Change) -> Head {
    Head { seq: change.seq, hash: change::hash(&change.encode()) }
}

/// Pushes one change with its true head.
fn push_change(crook: &mut Crook, change: &Change) {
    let heads = Heads::from([(change.device, head_of(change))]);
    crook.push(&[&change.encode()], heads, [(change.device, change.seq)].into_iter().collect());
}

const NOT_HEALTHY: &str = "no healthy device sends";

const CRIMES: &[Crime] = &[
    Crime {
        what: "says something before its hello",
        told: NOT_HEALTHY,
        commit: |crook, laptop| {
            crook.connect(laptop.address());
            crook.say(&Message::Poke);
        },
    },
    Crime {
        what: "says garbage",
        told: NOT_HEALTHY,
        commit: |crook, laptop| {
            crook.connect(laptop.address());
            crook.say_bytes([&[1], [0xdf, 0xff, 0xff, 0xff, 0xff].as_slice()].concat());
        },
    },
    Crime {
        what: "says hello in an old version",
        told: "cannot talk to",
        commit: |crook, laptop| {
            crook.connect(laptop.address());
            let mut hello = crook.hello();
            hello.version = 0;
            crook.say(&Message::Hello(hello));
        },
    },
    Crime {
        what: "says hello twice",
        told: NOT_HEALTHY,
        commit: |crook, laptop| {
            crook.greet(laptop.address());
            crook.say(&Message::Hello(crook.hello()));
        },
    },
    Crime {
        what: "sends a roster entry that nobody signed",
        told: "roster entry that is not taken",
        commit: |crook, laptop| {
            crook.greet(laptop.address());
            crook.say(&Message::Roster(RosterEntries { entries: vec![ByteBuf::from(vec![7; 200])] }));
        },
    },
    Crime {
        what: "sends bytes that are no change",
        told: "cannot be read",
        commit: |crook, laptop| {
            crook.greet(laptop.address());
            crook.push(&[b"\xc1\xc1\xc1"], Heads::new(), Vector::default());
        },
    },
    Crime {
        what: "sends a change of another book",
        told: "another book",
        commit: |crook, laptop| {
            crook.greet(laptop.address());
            let mut change = treasure(crook);
            change.book = BookId([1; 16]);
            push_change(crook, &change);
        },
    },
    Crime {
        what: "sends a change in the name of a device that never was",
        told: "not one of yours",
        commit: |crook, laptop| {
            crook.greet(laptop.address());
            let mut change = treasure(crook);
            change.device = DeviceId([0xee; 16]);
            push_change(crook, &change);
        },
    },
    Crime {
        what: "sends a change that its head does not name",
        told: "does not match its hash",
        commit: |crook, laptop| {
            crook.greet(laptop.address());
            let change = treasure(crook);
            let heads = Heads::from([(crook.id(), Head { seq: 1, hash: Hash([4; 32]) })]);
            crook.push(&[&change.encode()], heads, [(crook.id(), 1)].into_iter().collect());
        },
    },
    Crime {
        what: "sends a change without any head",
        told: "does not know",
        commit: |crook, laptop| {
            crook.greet(laptop.address());
            let change = treasure(crook);
            crook.push(&[&change.encode()], Heads::new(), Vector::default());
        },
    },
    Crime {
        what: "claims changes beyond its head",
        told: "does not know",
        commit: |crook, laptop| {
            crook.greet(laptop.address());
            let change = treasure(crook);
            let heads = Heads::from([(crook.id(), head_of(&change))]);
            crook.push(&[&change.encode()], heads, [(crook.id(), 99)].into_iter().collect());
        },
    },
    Crime {
        what: "claims to have seen what nobody wrote",
        told: "does not know",
        commit: |crook, laptop| {
            crook.greet(laptop.address());
            let mut change = treasure(crook);
            change.writes[0]
                .seen
                .raise(laptop.call(&["status"])["device"]["id"].as_str().unwrap().parse().unwrap(), 1 << 40);
            push_change(crook, &change);
        },
    },
    Crime {
        what: "sends more changes than a batch may hold",
        told: "more than is allowed",
        commit: |crook, laptop| {
            crook.greet(laptop.address());
            let change = treasure(crook).encode();
            let many = vec![change.as_slice(); BATCH_CHANGES_MAX + 1];
            crook.push(&many, Heads::new(), Vector::default());
        },
    },
    Crime {
        what: "answers a session that nobody asked for",
        told: NOT_HEALTHY,
        commit: |crook, laptop| {
            crook.greet(laptop.address());
            let last = Last { upto: Vector::default(), hash: Hash([0; 32]), name: 1, yours: None };
            let cursor = Cursor { store: kith_core::id::StoreId([1; 16]), arrival: 1 };
            let batch = Batch {
                session: 77,
                number: 0,
                changes: Vec::new(),
                stubs: Vec::new(),
                heads: Heads::new(),
                cursor,
                last: Some(last),
            };
            crook.say(&Message::Batch(batch));
        },
    },
    Crime {
        what: "acknowledges what it was never sent",
        told: NOT_HEALTHY,
        commit: |crook, laptop| {
            crook.greet(laptop.address());
            crook.say(&Message::Ack(Ack { session: None, number: 5, gap: false }));
        },
    },
    Crime {
        what: "asks from tables that were never said",
        told: NOT_HEALTHY,
        commit: |crook, laptop| {
            crook.greet(laptop.address());
            crook.say(&Message::Want(Want { session: 1, tables: None, cursor: None }));
        },
    },
];

#[test]
fn whatever_a_cracked_device_says_is_refused_whole_and_the_others_go_on() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 30))]);
    laptop.start();
    let mut desk = Device::new("Desk");
    pair(&laptop, &mut desk);
    in_step(&[&laptop, &desk]);
    let mut crook = Crook::let_in("Cracked phone", &laptop);
    let id = laptop.find("n00001@example.org");

    for (number, crime) in CRIMES.iter().enumerate() {
        let before = in_step(&[&laptop, &desk]);
        let told_before = laptop.log().matches(crime.told).count();
        (crime.commit)(&mut crook, &laptop);
        let why = crook.hung_up_on();
        println!("it {}: {why}", crime.what);
        assert_eq!(why, Closed::There(CloseCode::Hostile), "it {}", crime.what);
        assert_eq!(laptop.call(&["status"])["book"], before, "it {}: something changed", crime.what);
        wait_until(format!("it {}: the log says so", crime.what), || {
            (laptop.log().matches(crime.told).count() > told_before).then_some(())
        });
        desk.call(&["contacts", "set", &id, &format!("NOTE=after crime {number}")]);
        in_step(&[&laptop, &desk]);
    }
    assert_eq!(each(&laptop.call(&["devices", "list"])["devices"], "name").len(), 3);

    section("It behaves for once, then sends another change under the same number");
    let honest = treasure(&crook);
    crook.greet(laptop.address());
    crook.push_own(&[honest.encode()]);
    in_step(&[&laptop, &desk]);
    assert_eq!(laptop.call(&["status"])["book"]["contacts"], 31);
    let mut forked = honest;
    forked.clock += 1;
    push_change(&mut crook, &forked);
    assert!(
        matches!(crook.told(), Message::Branch(branch) if branch.device == crook.id()),
        "it is shown what is known"
    );
    wait_until("the log says so", || laptop.log().contains("the same number").then_some(()));

    section("It speaks in the laptop's own name");
    let laptop_id = laptop.call(&["status"])["device"]["id"].as_str().unwrap().parse().unwrap();
    let before = laptop.call(&["status"])["book"].clone();
    crook.greet(laptop.address());
    let mut change = treasure(&crook);
    (change.device, change.seq) = (laptop_id, 1_000_000);
    push_change(&mut crook, &change);
    assert!(matches!(crook.told(), Message::AskBranch(ask) if ask.device == laptop_id), "it is asked what it knows");
    assert_eq!(laptop.call(&["status"])["book"], before, "nothing of it is taken");
    in_step(&[&laptop, &desk]);
    laptop.stop();
    desk.stop();
}

#[test]
fn a_question_from_a_known_device_costs_only_its_answer() {
    let mut laptop = Device::first("Laptop", "Mara");
    laptop.call(&["import", &laptop.write("old.vcf", cards::many(0, 30))]);
    laptop.start();
    let mut crook = Crook::let_in("Phone", &laptop);
    crook.greet(laptop.address());
    let all = crook.fetch();
    assert_eq!(crook.fetch(), all, "the same question, the same answer");
    let mut by_author = BTreeMap::new();
    for bytes in &all {
        *by_author.entry(Change::decode(bytes).unwrap().device.to_string()).or_insert(0) += 1;
    }
    let laptop_id = laptop.call(&["status"])["device"]["id"].clone();
    assert_eq!(by_author.keys().map(|id| Value::from(id.as_str())).collect::<Vec<_>>(), [laptop_id]);
    assert_eq!(Tables::default().hash(), crook.hello().tables);
    laptop.stop();
}
