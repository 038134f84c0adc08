//! The engine by itself: what it says to a peer, word by word, and when it hangs up.

use super::*;
use crate::{
    book,
    change::{self, Change},
    id::{BookId, EntityId, StoreId},
    path::Path,
    replica::{self, Cursor, Draft, Edit, Head, Heads, MemoryRows, Rows},
    wire::{Ack, Batch, Hello, Last, Push, Refuse, RosterEntries, Tables, Want},
};
use serde_bytes::ByteBuf;

const LINK: LinkId = LinkId(1);
const OTHER_LINK: LinkId = LinkId(2);

fn device(nth: u8) -> DeviceId {
    DeviceId([nth; 16])
}

fn view(devices: &[u8]) -> RosterView {
    let entries: Vec<Vec<u8>> = devices.iter().map(|nth| vec![*nth]).collect();
    let hash = change::hash(&entries.concat());
    RosterView { summary: (1, Some(hash)), entries, devices: devices.iter().map(|nth| device(*nth)).collect() }
}

/// An engine with its storage, whose transactions take no time.
struct Host {
    id: DeviceId,
    rows: MemoryRows,
    devices: Vec<u8>,
    engine: Engine,
}

impl Host {
    fn new(nth: u8, devices: &[u8]) -> Self {
        let rows = MemoryRows::new(BookState::new(BookId([9; 16]), StoreId([nth; 16])));
        let engine = Engine::new(rows.state().clone(), view(devices), BTreeMap::new());
        Self { id: device(nth), rows, devices: devices.to_vec(), engine }
    }

    /// Does what the engine wants done with the storage, and returns the rest.
    fn handle(&mut self, input: Input) -> Vec<Output> {
        self.engine.handle(input);
        let mut rest = Vec::new();
        while let Some(output) = self.engine.poll() {
            match output {
                Output::Read { link, session, want, after, theirs } => {
                    let Ok(mut read) = replica::read_batch(&mut self.rows, &want, after);
                    if let Some(Tables { heads, held, .. }) = theirs {
                        let Ok(forks) = replica::forks(&mut self.rows, self.id, &heads, &held);
                        read.forks = forks;
                    }
                    self.engine.handle(Input::Read { link, session, read });
                }
                Output::Branch { link, device, upto } => {
                    let Ok(branch) = replica::branch(&mut self.rows, device, upto);
                    self.engine.handle(Input::Branch { link, branch });
                }
                Output::Part { apart } => {
                    let fresh = DeviceId([self.id.0[0] + 100; 16]);
                    let Ok(parted) = replica::part(&mut self.rows, self.id, fresh, &apart);
                    self.id = if parted.left { fresh } else { self.id };
                    let state = self.rows.state().clone();
                    self.engine.handle(Input::Parted { result: Some(parted), state });
                }
                Output::Apply { link, delivery } => {
                    let input = self.apply(link, delivery);
                    self.engine.handle(input);
                }
                Output::TakeRoster { entries, .. } => {
                    self.devices.extend(entries.iter().map(|entry| entry[0]));
                    self.devices.sort_unstable();
                    self.devices.dedup();
                    self.engine.handle(Input::Roster(view(&self.devices)));
                }
                other => rest.push(other),
            }
        }
        rest
    }

    fn apply(&mut self, link: LinkId, delivery: Delivery) -> Input {
        let mut rows = self.rows.clone();
        let Ok(result) = replica::apply(&mut rows, self.id, 0, delivery, &|_| true);
        if result.is_ok() {
            self.rows = rows;
        }
        Input::Applied { link, result, state: self.rows.state().clone() }
    }

    fn hear(&mut self, message: &Message) -> Vec<Output> {
        self.handle(Input::Frame { link: LINK, bytes: message.encode() })
    }

    fn connect(&mut self, peer: u8) -> Vec<Output> {
        self.handle(Input::Connected { link: LINK, peer: device(peer) })
    }

    fn write(&mut self, contact: u8, value: &[u8]) -> Vec<Output> {
        let edit = Edit { entity: EntityId([contact; 16]), path: Path::state(), value: Some(value.to_vec()) };
        let Ok(Ok(committed)) =
            replica::commit(&mut self.rows, self.id, 0, vec![Draft { edits: vec![edit], import: None }])
        else {
            panic!("a small change is refused");
        };
        self.handle(Input::Committed { committed, state: self.rows.state().clone() })
    }

    /// Connected to device 2, which has an equal roster and was sent an empty session.
    fn in_agreement() -> Self {
        let mut host = Self::new(1, &[1, 2, 3]);
        host.connect(2);
        host.hear(&hello(&[1, 2, 3]));
        host
    }

    /// Both sessions are over, and both sides push from here on.
    fn steady() -> Self {
        let mut host = Self::in_agreement();
        host.hear(&Message::Want(Want { session: 1, tables: Some(Tables::default()), cursor: None }));
        host.hear(&ack(Some(1), 0));
        host.hear(&last_batch(1, 0, &host.rows.state().hash.to_hash(), None));
        host
    }
}

fn hello(devices: &[u8]) -> Message {
    let (epoch, roster) = view(devices).summary;
    let (tables, closed) = (Hash([7; 32]), Heads::new());
    let roster = roster.unwrap_or(Hash([0; 32]));
    Message::Hello(Hello { version: crate::wire::VERSION, epoch, roster, tables, closed })
}

fn ack(session: Option<u32>, number: u32) -> Message {
    Message::Ack(Ack { session, number, gap: false })
}

fn last_batch(session: u32, number: u32, hash: &Hash, yours: Option<u32>) -> Message {
    let last = Some(Last { upto: Vector::default(), hash: *hash, name: session, yours });
    let heads = Heads::new();
    Message::Batch(Batch { session, number, changes: vec![], stubs: vec![], heads, cursor: cursor(), last })
}

fn cursor() -> Cursor {
    Cursor { store: StoreId([2; 16]), arrival: 0 }
}

/// A push of device 2's change `seq`, by a sender that held all of that device's changes before it.
fn push(number: u32, seq: u64) -> Message {
    let change = Change {
        book: BookId([9; 16]),
        device: device(2),
        seq,
        prev: Hash([0; 32]),
        clock: 0,
        import: None,
        writes: vec![change::Write {
            entity: EntityId([seq as u8; 16]),
            path: Path::state(),
            value: Some(book::ALIVE.to_vec()),
            seen: Vector::default(),
        }],
    };
    let bytes = change.encode();
    Message::Push(Push {
        number,
        base: [(device(2), seq - 1)].into_iter().collect(),
        upto: [(device(2), seq)].into_iter().collect(),
        heads: [(device(2), Head { seq, hash: change::hash(&bytes) })].into(),
        changes: vec![ByteBuf::from(bytes)],
    })
}

fn said(outputs: &[Output]) -> Vec<Message> {
    let frames = outputs.iter().filter_map(|output| match output {
        Output::Send { bytes, .. } => Message::decode(bytes).ok(),
        _ => None,
    });
    frames.collect()
}

fn closed(outputs: &[Output]) -> Option<CloseReason> {
    outputs.iter().find_map(|output| match output {
        Output::Close { reason, .. } => Some(*reason),
        _ => None,
    })
}

/// Carries frames between two hosts until neither has more to say; returns how many bytes that took.
fn talk(one: &mut Host, other: &mut Host, from_one: Vec<Output>, from_other: Vec<Output>) -> usize {
    let mut bytes_carried = 0;
    let mut waiting = [VecDeque::from(from_one), VecDeque::from(from_other)];
    while let Some(side) = waiting.iter().position(|queue| !queue.is_empty()) {
        let Some(output) = waiting[side].pop_front() else { continue };
        match output {
            Output::Send { link, bytes } => {
                bytes_carried += bytes.len();
                let receiver = if side == 0 { &mut *other } else { &mut *one };
                let answers = receiver.handle(Input::Frame { link, bytes });
                waiting[1 - side].extend(answers);
            }
            Output::Close { reason, .. } => panic!("closed: {reason:?}"),
            _ => {}
        }
    }
    bytes_carried
}

fn meet(one: &mut Host, other: &mut Host) -> usize {
    let (peer_of_one, peer_of_other) = (other.id, one.id);
    let from_one = one.handle(Input::Connected { link: LINK, peer: peer_of_one });
    let from_other = other.handle(Input::Connected { link: LINK, peer: peer_of_other });
    talk(one, other, from_one, from_other)
}

fn part(one: &mut Host, other: &mut Host) {
    one.handle(Input::Closed { link: LINK });
    other.handle(Input::Closed { link: LINK });
}

#[test]
fn a_reconnect_with_nothing_to_say_costs_less_than_a_kilobyte_with_ten_authors() {
    let everybody: Vec<u8> = (1..=10).collect();
    let mut hub = Host::new(1, &everybody);
    hub.write(1, book::ALIVE);
    for nth in 3..=10 {
        let mut visitor = Host::new(nth, &everybody);
        visitor.write(nth, book::ALIVE);
        meet(&mut hub, &mut visitor);
        part(&mut hub, &mut visitor);
    }
    let mut peer = Host::new(2, &everybody);
    peer.write(2, book::ALIVE);
    meet(&mut hub, &mut peer);
    part(&mut hub, &mut peer);
    assert_eq!(hub.rows.state().vector().len(), 10);
    assert_eq!(hub.rows.state().vector(), peer.rows.state().vector());

    let bytes = meet(&mut hub, &mut peer);
    println!("{bytes} bytes");
    assert!(bytes < 1000, "{bytes} bytes");
}

#[test]
fn edits_on_both_sides_arrive_by_session_and_then_by_push() {
    let (mut one, mut other) = (Host::new(1, &[1, 2]), Host::new(2, &[1, 2]));
    one.write(1, book::ALIVE);
    other.write(2, book::ALIVE);
    meet(&mut one, &mut other);
    assert_eq!(one.rows.state().hash, other.rows.state().hash);
    let pushed = one.write(3, book::ALIVE);
    assert!(matches!(said(&pushed)[..], [Message::Push(_)]));
    talk(&mut one, &mut other, pushed, vec![]);
    assert_eq!(one.rows.state().hash, other.rows.state().hash);
    assert_eq!(one.engine.holds(device(2)), Some(&one.rows.state().vector()));
    assert_eq!(one.engine.unacknowledged(), 0);
}

#[test]
fn a_push_with_a_gap_is_applied_and_leads_to_a_session() {
    let mut host = Host::steady();
    let outputs = host.hear(&push(0, 2));
    let Some(Message::Ack(Ack { session: None, number: 0, gap: true })) = said(&outputs).first().cloned() else {
        panic!("{outputs:?}");
    };
    assert!(matches!(said(&outputs).last(), Some(Message::Want(want)) if want.session == 2));
    assert!(host.rows.entities().contains_key(&EntityId([2; 16])));
    assert_eq!(host.rows.state().vector().at(device(2)), 0);
    assert!(!host.rows.state().is_settled());
}

#[test]
fn a_message_of_an_unknown_kind_is_skipped_in_every_phase() {
    let mut greeting = Host::new(1, &[1, 2]);
    greeting.connect(2);
    let mut rosters = Host::new(1, &[1, 2]);
    rosters.connect(2);
    rosters.hear(&hello(&[1, 2, 3]));
    for mut host in [greeting, rosters, Host::in_agreement(), Host::steady()] {
        assert!(host.handle(Input::Frame { link: LINK, bytes: vec![200, 1, 2, 3] }).is_empty());
    }
}

#[test]
fn what_no_healthy_peer_says_closes_the_connection_in_every_phase() {
    let want = |tables| Message::Want(Want { session: 9, tables, cursor: None });
    let greet = hello(&[1, 2, 3]);
    let empty = Message::Roster(RosterEntries { entries: vec![] });
    let batch = last_batch(7, 0, &Hash([0; 32]), None);
    let any = [want(None), batch.clone(), ack(None, 0), push(0, 1), Message::Poke];

    let greeting = || {
        let mut host = Host::new(1, &[1, 2, 3]);
        host.connect(2);
        host
    };
    let rosters = || {
        let mut host = Host::new(1, &[1, 2]);
        host.connect(2);
        host.hear(&hello(&[1, 2, 3]));
        host
    };
    for message in any.iter().chain([&empty]) {
        assert_eq!(closed(&greeting().hear(message)), Some(CloseReason::Hostile), "greeting: {message:?}");
    }
    for message in any.iter().chain([&greet]) {
        assert_eq!(closed(&rosters().hear(message)), Some(CloseReason::Hostile), "rosters: {message:?}");
    }
    let skipping = last_batch(1, 1, &Hash([0; 32]), None);
    for message in [greet, want(None), batch, skipping, ack(None, 0)] {
        let outputs = Host::in_agreement().hear(&message);
        assert_eq!(closed(&outputs), Some(CloseReason::Hostile), "agreed: {message:?}");
        let refuse = Message::Refuse(Refuse { reason: "hostile".to_owned() });
        assert_eq!(said(&outputs).last(), Some(&refuse), "agreed: {message:?}");
    }
    for mut host in [greeting(), rosters(), Host::in_agreement(), Host::steady()] {
        let outputs = host.handle(Input::Frame { link: LINK, bytes: vec![4, 0xc1] });
        assert_eq!(closed(&outputs), Some(CloseReason::Hostile));
        assert!(host.connect(2).iter().any(|output| matches!(output, Output::Send { .. })), "it may come back");
    }
}

#[test]
fn an_acknowledgement_of_something_else_closes_the_connection() {
    let mut host = Host::steady();
    host.write(1, book::ALIVE);
    assert_eq!(host.engine.unacknowledged(), 1);
    assert_eq!(closed(&host.hear(&ack(None, 1))), Some(CloseReason::Hostile));
}

#[test]
fn a_refused_delivery_closes_the_connection_and_changes_nothing() {
    let mut host = Host::steady();
    let Message::Push(mut beyond) = push(0, 1) else { panic!("not a push") };
    beyond.heads.clear();
    let outputs = host.hear(&Message::Push(beyond));
    assert_eq!(closed(&outputs), Some(CloseReason::Refused(Refusal::BeyondHeads)));
    assert!(host.rows.entities().is_empty());
    assert_eq!(host.engine.state(), host.rows.state());
}

#[test]
fn a_peer_that_refuses_or_speaks_an_older_version_is_let_go() {
    let refuse = Message::Refuse(Refuse { reason: "storage".to_owned() });
    assert_eq!(closed(&Host::in_agreement().hear(&refuse)), Some(CloseReason::RefusedByPeer));
    let mut host = Host::new(1, &[1, 2, 3]);
    host.connect(2);
    let Message::Hello(mut older) = hello(&[1, 2, 3]) else { panic!("not a hello") };
    older.version = 0;
    assert_eq!(closed(&host.hear(&Message::Hello(older))), Some(CloseReason::Version));
}

#[test]
fn a_device_that_is_not_in_the_roster_is_foreign_before_and_after() {
    let mut host = Host::new(1, &[1, 2]);
    let outputs = host.connect(3);
    assert_eq!(closed(&outputs), Some(CloseReason::Foreign));
    assert!(said(&outputs).is_empty());

    let mut host = Host::steady();
    assert_eq!(closed(&host.handle(Input::Roster(view(&[1, 3])))), Some(CloseReason::Foreign));
    assert!(!host.engine.is_connected(device(2)));
}

#[test]
fn rosters_that_differ_are_exchanged_before_anything_else() {
    let mut host = Host::new(1, &[1, 2]);
    assert!(matches!(said(&host.connect(2))[..], [Message::Hello(_)]));
    assert!(matches!(said(&host.hear(&hello(&[2, 1, 3])))[..], [Message::Roster(_)]));
    assert!(!host.engine.is_connected(device(2)));
    assert!(said(&host.write(1, book::ALIVE)).is_empty(), "nothing is pushed meanwhile");
    let theirs = Message::Roster(RosterEntries { entries: vec![ByteBuf::from([3])] });
    let answers = said(&host.hear(&theirs));
    assert!(matches!(answers[..], [Message::Roster(_), Message::Want(_)]), "{answers:?}");
    assert!(host.engine.is_connected(device(2)));
    assert_eq!(host.devices, [1, 2, 3]);
}

#[test]
fn rosters_that_change_on_both_sides_while_they_meet_are_exchanged_all_the_same() {
    let (mut one, mut other) = (Host::new(1, &[1, 2]), Host::new(2, &[1, 2]));
    let mut from_one = one.connect(2);
    let mut from_other = other.connect(1);
    one.devices.push(3);
    from_one.extend(one.handle(Input::Roster(view(&[1, 2, 3]))));
    other.devices.push(4);
    from_other.extend(other.handle(Input::Roster(view(&[1, 2, 4]))));
    talk(&mut one, &mut other, from_one, from_other);
    assert_eq!(one.devices, [1, 2, 3, 4]);
    assert_eq!(other.devices, [1, 2, 3, 4]);
    assert!(one.engine.is_connected(device(2)) && other.engine.is_connected(device(1)));
}

#[test]
fn what_a_lost_connection_still_brought_is_told_to_the_others() {
    let mut host = Host::steady();
    // Device 3 is connected as well, and was sent everything.
    host.handle(Input::Connected { link: OTHER_LINK, peer: device(3) });
    let want = Message::Want(Want { session: 1, tables: Some(Tables::default()), cursor: None });
    for message in [hello(&[1, 2, 3]), want, ack(Some(1), 0)] {
        host.handle(Input::Frame { link: OTHER_LINK, bytes: message.encode() });
    }
    // The push is being applied when its connection goes.
    host.engine.handle(Input::Frame { link: LINK, bytes: push(0, 1).encode() });
    let Some(Output::Apply { link, delivery }) = host.engine.poll() else { panic!("nothing to apply") };
    host.handle(Input::Closed { link: LINK });
    let applied = host.apply(link, delivery);
    let outputs = host.handle(applied);
    assert_eq!(said(&outputs), [Message::Poke]);
    let is_change =
        |output: &Output| matches!(output, Output::Notice(Notice::Changed { peer, .. }) if *peer == device(2));
    assert!(outputs.iter().any(is_change));
}

#[test]
fn books_that_differ_where_they_must_not_are_noticed_and_compared_in_full() {
    let mut host = Host::steady();
    assert!(said(&host.hear(&Message::Poke)).iter().any(|message| matches!(message, Message::Want(_))));
    let outputs = host.hear(&last_batch(2, 0, &Hash([5; 32]), Some(1)));
    assert!(outputs.iter().any(|output| matches!(output, Output::Notice(Notice::Differs { .. }))));
    let answers = said(&outputs);
    let in_full = Want { session: 3, tables: Some(Tables::default()), cursor: None };
    assert_eq!(answers, [ack(Some(2), 0), Message::Poke, Message::Want(in_full)]);
    // Once is enough on one connection.
    let outputs = host.hear(&last_batch(3, 0, &Hash([5; 32]), Some(1)));
    assert_eq!(said(&outputs), [ack(Some(3), 0)]);
}

#[test]
fn a_want_while_a_batch_is_being_read_waits_for_its_turn() {
    let mut host = Host::in_agreement();
    let want = |session| Message::Want(Want { session, tables: Some(Tables::default()), cursor: None });
    for session in 1..=100 {
        host.engine.handle(Input::Frame { link: LINK, bytes: want(session).encode() });
    }
    let mut reads = 0;
    while let Some(output) = host.engine.poll() {
        reads += usize::from(matches!(output, Output::Read { .. }));
    }
    assert_eq!(reads, 1);
    let Ok(read) = replica::read_batch(&mut host.rows, &Vector::default(), 0);
    let outputs = host.handle(Input::Read { link: LINK, session: 1, read });
    assert!(matches!(said(&outputs)[..], [Message::Batch(Batch { session: 100, .. })]));
}
