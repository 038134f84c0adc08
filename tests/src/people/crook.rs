//! A device with a valid key whose every word a story chooses: one that was cracked, or one that is years newer.
//!
//! It was let in like any other device; from then on it says over the product's transport what it is told to say.

use super::{Device, PATIENCE, device::text, raw::RawDial};
use kith_core::{
    change::{self, Change, Write},
    id::{BookId, DeviceId, EntityId, Hash, PersonId},
    identity::{
        SigningKey, public_key,
        roster::{DeviceCard, Roster},
    },
    lan::{self, PAIRING_NAME},
    pairing::{Binding, Guest, GuestStep, PairingSecret, Welcome},
    path::Path,
    replica::{Head, Heads},
    vector::Vector,
    wire::{self, Ack, Batch, Hello, Message, Push, RosterEntries, Tables, Want},
};
use kith_hub::transport::{
    ALPN, CloseCode, Closed, ConnId, DialRequest, Expect, TlsKey, Transport, TransportEvent, TransportOptions,
};
use rand_core::{OsRng, RngCore};
use serde_bytes::ByteBuf;
use std::{
    net::SocketAddr,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::{runtime::Runtime, sync::mpsc, time::timeout};

/// The device, and its connection if it has one.
pub struct Crook {
    runtime: Runtime,
    transport: Transport,
    events: mpsc::Receiver<TransportEvent>,
    seed: [u8; 32],
    id: DeviceId,
    welcome: Welcome,
    roster: Roster,
    conn: Option<ConnId>,
    sessions: u32,
    pushes: u32,
}

/// What it hears.
#[derive(Debug)]
pub enum Heard {
    /// A message.
    Message(Message),
    /// The other side hung up.
    HungUp(Closed),
}

impl Crook {
    /// Has it let in by a running device, by code and name.
    pub fn let_in(name: &str, by: &Device) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("threads are there");
        let mut seed = [0; 32];
        OsRng.fill_bytes(&mut seed);
        let key = TlsKey::from_seed(&seed).expect("a seed is a key");
        let id = DeviceId::random(&mut OsRng);
        let sign = public_key(&SigningKey::from_bytes(&SIGNING_SEED));
        let card = DeviceCard { id, sign, tls: key.public(), name: name.to_owned(), platform: "linux".to_owned() };
        let (sender, mut events) = mpsc::channel(64);
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let transport = {
            let _within = runtime.enter();
            Transport::start(TransportOptions::new(listen, key.clone()), sender).expect("a free port")
        };
        let code: PairingSecret = text(&by.call(&["pair", "show"])["code"]).parse().expect("a code");
        let pairing = pair(&transport, &mut events, card, by.address(), &code, || {
            by.call(&["pair", "approve", &text(&by.asked_by(name)["id"])]);
        });
        let (welcome, roster) = runtime.block_on(async { timeout(PATIENCE, pairing).await.expect("it is let in") });
        transport.set_trusted(roster.devices().into_iter().map(|card| card.tls).collect());
        Self { runtime, transport, events, seed, id, welcome, roster, conn: None, sessions: 0, pushes: 0 }
    }

    /// Its id.
    pub fn id(&self) -> DeviceId {
        self.id
    }

    /// The book that it shares.
    pub fn book(&self) -> BookId {
        self.welcome.book
    }

    /// Whose device it is.
    pub fn person(&self) -> PersonId {
        self.welcome.person
    }

    /// How a raw QUIC connection in its name is dialled.
    pub fn raw(&self, to: SocketAddr) -> RawDial {
        RawDial::new(to, self.seed, &self.server_name())
    }

    /// The runtime for raw connections.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    // ---- Talking ---------------------------------------------------------------------------------------------------

    /// Connects to a hub and returns the hello that it says. Says nothing itself.
    pub fn connect(&mut self, to: SocketAddr) -> Hello {
        self.hang_up();
        (self.sessions, self.pushes) = (0, 0);
        let expect = Expect::OneOf(self.roster.devices().into_iter().map(|card| card.tls).collect());
        let request = DialRequest { address: to, server_name: self.server_name(), expect };
        // A hub that has not noticed the end of an older connection may take the new one for its twin.
        for _ in 0..DIALS_MAX {
            {
                let _within = self.runtime.enter();
                self.transport.dial(request.clone());
            }
            let Some(conn) = self.established() else { continue };
            self.conn = Some(conn);
            match self.hear() {
                Heard::Message(Message::Hello(hello)) => return hello,
                Heard::HungUp(_) => {}
                other => panic!("a hello comes first, not {other:?}"),
            }
        }
        panic!("the hub at {to} cannot be reached");
    }

    /// Connects, says hello, and settles the rosters: from here on anything may be said.
    pub fn greet(&mut self, to: SocketAddr) {
        let theirs = self.connect(to);
        let ours = self.hello();
        self.say(&Message::Hello(ours.clone()));
        if (theirs.epoch, theirs.roster) == (ours.epoch, ours.roster) {
            return;
        }
        loop {
            match self.hear() {
                Heard::Message(Message::Roster(RosterEntries { entries })) => {
                    for entry in entries {
                        self.roster.insert(&entry).expect("an honest device's roster is good");
                    }
                    break;
                }
                Heard::Message(_) => {}
                Heard::HungUp(why) => panic!("hung up over the roster: {why}"),
            }
        }
        let entries = self.roster.entries().map(|entry| ByteBuf::from(entry.to_vec())).collect();
        self.say(&Message::Roster(RosterEntries { entries }));
    }

    /// Its own hello, as if it held nothing.
    pub fn hello(&self) -> Hello {
        let tables = Tables::default().hash();
        Hello {
            version: wire::VERSION,
            epoch: self.roster.epoch(),
            roster: self.roster.hash(),
            tables,
            closed: Heads::new(),
        }
    }

    /// Says something.
    pub fn say(&mut self, message: &Message) {
        self.say_bytes(message.encode());
    }

    /// Says bytes that need not be a message.
    pub fn say_bytes(&mut self, bytes: Vec<u8>) {
        let conn = self.conn.expect("it is connected");
        let _within = self.runtime.enter();
        // A hub that has hung up meanwhile is heard to have done so.
        let _gone = self.transport.send(conn, bytes);
    }

    /// Signs an entry that removes a device, and says it.
    pub fn remove(&mut self, device: DeviceId) {
        let keep = std::collections::BTreeSet::from([self.id]);
        let entry = self.roster.sign_remove(&SigningKey::from_bytes(&SIGNING_SEED), self.id, device, &keep);
        let entry = entry.expect("it is a member");
        self.say(&Message::Roster(RosterEntries { entries: vec![ByteBuf::from(entry)] }));
    }

    /// The entries of its roster.
    pub fn roster_entries(&self) -> Vec<Vec<u8>> {
        self.roster.entries().map(<[u8]>::to_vec).collect()
    }

    /// Says changes, as they happen.
    pub fn push(&mut self, changes: &[&[u8]], heads: Heads, upto: Vector) {
        let changes = changes.iter().map(|bytes| ByteBuf::from(bytes.to_vec())).collect();
        let push = Push { number: self.pushes, base: Vector::default(), upto, changes, heads };
        self.pushes += 1;
        self.say(&Message::Push(push));
    }

    /// Pushes its changes 1 to the number of the last, honestly, and waits until they are durable there.
    pub fn push_own(&mut self, changes: &[Vec<u8>]) {
        let last = changes.last().expect("something to push");
        let seq = Change::decode(last).expect("a change").seq;
        let heads = Heads::from([(self.id, Head { seq, hash: change::hash(last) })]);
        let changes: Vec<&[u8]> = changes.iter().map(Vec::as_slice).collect();
        self.push(&changes, heads, [(self.id, seq)].into_iter().collect());
        loop {
            match self.hear() {
                Heard::Message(Message::Ack(Ack { session: None, gap, .. })) => return assert!(!gap),
                Heard::Message(_) => {}
                Heard::HungUp(why) => panic!("an honest push was refused: {why}"),
            }
        }
    }

    /// Asks for everything and returns the changes that come, in their bytes.
    pub fn fetch(&mut self) -> Vec<Vec<u8>> {
        self.try_fetch().unwrap_or_else(|why| panic!("an honest question was refused: {why}"))
    }

    /// The same, or why the hub hung up before it answered.
    pub fn try_fetch(&mut self) -> Result<Vec<Vec<u8>>, Closed> {
        self.sessions += 1;
        let session = self.sessions;
        self.say(&Message::Want(Want { session, tables: Some(Tables::default()), cursor: None }));
        let mut changes = Vec::new();
        loop {
            match self.hear() {
                Heard::Message(Message::Batch(batch)) if batch.session == session => {
                    changes.extend(batch.changes.into_iter().map(ByteBuf::into_vec));
                    if batch.last.is_some() {
                        return Ok(changes);
                    }
                }
                Heard::Message(_) => {}
                Heard::HungUp(why) => return Err(why),
            }
        }
    }

    /// The next thing heard; what must be acknowledged is.
    pub fn hear(&mut self) -> Heard {
        loop {
            let event = self.runtime.block_on(async { timeout(PATIENCE, self.events.recv()).await });
            let event = event.expect("the hub says something").expect("the transport runs");
            match event {
                TransportEvent::Frame { conn, bytes } if Some(conn) == self.conn => {
                    let message = Message::decode(&bytes).expect("an honest hub says messages");
                    self.acknowledge(&message);
                    return Heard::Message(message);
                }
                TransportEvent::Closed { conn, why } if Some(conn) == self.conn => {
                    self.conn = None;
                    return Heard::HungUp(why);
                }
                _ => {}
            }
        }
    }

    /// Waits until the hub hangs up, and returns why.
    pub fn hung_up_on(&mut self) -> Closed {
        loop {
            if let Heard::HungUp(why) = self.hear() {
                return why;
            }
        }
    }

    /// Waits until the hub speaks of a copied device.
    pub fn told(&mut self) -> Message {
        loop {
            match self.hear() {
                Heard::Message(message @ (Message::AskBranch(_) | Message::Branch(_))) => return message,
                Heard::Message(_) => {}
                Heard::HungUp(why) => panic!("hung up on: {why}"),
            }
        }
    }

    /// Hangs up.
    pub fn hang_up(&mut self) {
        if let Some(conn) = self.conn {
            let within = self.runtime.enter();
            self.transport.close(conn, CloseCode::Done);
            drop(within);
            self.hung_up_on();
        }
    }

    /// A change of its own that writes these registers.
    pub fn change(&self, seq: u64, prev: Hash, writes: &[(EntityId, Path, &[u8])]) -> Change {
        let write = |(entity, path, value): &(EntityId, Path, &[u8])| Write {
            entity: *entity,
            path: path.clone(),
            value: Some(value.to_vec()),
            seen: Vector::default(),
        };
        let writes = writes.iter().map(write).collect();
        Change { book: self.book(), device: self.id, seq, prev, clock: now_ms(), import: None, writes }
    }

    fn acknowledge(&mut self, message: &Message) {
        let ack = match message {
            Message::Batch(Batch { session, number, .. }) => {
                Ack { session: Some(*session), number: *number, gap: false }
            }
            Message::Push(Push { number, .. }) => Ack { session: None, number: *number, gap: false },
            _ => return,
        };
        self.say(&Message::Ack(ack));
    }

    fn established(&mut self) -> Option<ConnId> {
        loop {
            let event = self.runtime.block_on(async { timeout(PATIENCE, self.events.recv()).await });
            match event.expect("an outcome of the dial").expect("the transport runs") {
                TransportEvent::Connected { conn, dialled: Some(_), .. } => return Some(conn),
                TransportEvent::DialFailed { .. } => return None,
                _ => {}
            }
        }
    }

    fn server_name(&self) -> String {
        lan::server_name(&self.welcome.lan_secret, lan::day(now_ms()), "")
    }
}

/// Goes through pairing by the book.
async fn pair(
    transport: &Transport,
    events: &mut mpsc::Receiver<TransportEvent>,
    card: DeviceCard,
    address: SocketAddr,
    code: &PairingSecret,
    approve: impl FnOnce() + Send,
) -> (Welcome, Roster) {
    transport.dial(DialRequest { address, server_name: PAIRING_NAME.to_owned(), expect: Expect::Any });
    let Some(TransportEvent::Connected { conn, peer, .. }) = events.recv().await else { panic!("no connection") };
    let exporter = transport.exporter(conn).expect("the connection stands");
    let binding = Binding { guest_tls: transport.public_key(), host_tls: peer, alpn: ALPN.to_vec(), exporter };
    let (mut guest, hello) = Guest::start(code, binding, card, &mut OsRng);
    transport.send(conn, hello).expect("the connection stands");
    let mut approve = Some(approve);
    loop {
        let bytes = match events.recv().await {
            Some(TransportEvent::Frame { bytes, .. }) => bytes,
            other => panic!("pairing was cut off: {other:?}"),
        };
        match guest.handle(&bytes).expect("an honest host lets it in") {
            GuestStep::Send(bytes) => transport.send(conn, bytes).expect("the connection stands"),
            GuestStep::Show { send, .. } => {
                transport.send(conn, send).expect("the connection stands");
                let approve = approve.take().expect("a guest is let in once");
                tokio::task::block_in_place(approve);
            }
            GuestStep::Joined { welcome, roster } => return (*welcome, *roster),
        }
    }
}

/// Adds a key that this version does not know to a MessagePack map that begins at `at`.
pub fn with_unknown_key(mut bytes: Vec<u8>, at: usize) -> Vec<u8> {
    assert!((0x80..0x8f).contains(&bytes[at]), "a map of fewer than 15 keys begins here");
    bytes[at] += 1;
    bytes.extend_from_slice(b"\xa2zz\xb3from another decade");
    bytes
}

/// Bytes without any sense, the same on every run.
pub fn noise() -> impl FnMut(usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move |length| {
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        };
        (0..length).map(|_| next()).collect()
    }
}

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    i64::try_from(since.as_millis()).expect("it is before the year 292 million")
}

/// The secret half of its roster key.
const SIGNING_SEED: [u8; 32] = [7; 32];
/// Dials before it is given up.
const DIALS_MAX: u32 = 50;
