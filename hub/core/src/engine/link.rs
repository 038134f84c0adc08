//! One connection to one peer: hello, rosters, a session each way, pushes.

use super::{CloseReason, Context, LinkId, Notice, Output};
use crate::{
    id::{DeviceId, Hash},
    limits::{AUTHORS_MAX, BATCH_BYTES_MAX},
    replica::{Apart, Applied, BatchRead, Committed, Cursor, Delivery, Head, Heads, MARKS_MAX, Manner},
    vector::Vector,
    wire::{self, Ack, Batch, Hello, Last, Message, Push, RosterEntries, Tables, Want},
};
use serde_bytes::ByteBuf;
use std::collections::VecDeque;

/// The state of one connection.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) id: LinkId,
    pub(super) peer: DeviceId,
    phase: Phase,
    /// The roster that this side's hello named: whether the two agree is judged by the two hellos, alike on both sides.
    roster_said: (u64, Hash),
    /// The tables that this side's hello spoke of, and the hash that the peer's hello named.
    said: Tables,
    their_tables: Option<Hash>,
    /// The copied devices that the peer knows of, and where their changes end.
    their_closed: Heads,

    // Receiving.
    sessions_asked: u32,
    /// The session being received and the number of its next batch.
    receiving: Option<(u32, u32)>,
    ask_again: bool,
    inbox: VecDeque<Arrived>,
    applying: Option<Arrived>,
    /// Deliveries that changed the book.
    deliveries_applied: u64,
    asked_in_full: bool,
    /// Something came of which the other peers have not heard.
    news: bool,

    // Sending.
    sending: Option<Sending>,
    /// A batch is being read: one at a time, whatever the peer asks for meanwhile.
    reading: bool,
    /// The peer has been sent everything up to now: from here on it gets pushes.
    steady: bool,
    /// Heads that the peer has told or been told.
    told: Heads,
    /// What the peer has vouched for on this connection.
    vouched: Vector,
    /// A session that the peer asked for while the rosters were still being settled.
    early_want: Option<Want>,
    pushes_sent: u32,
    /// What the peer will hold when these are acknowledged, oldest first.
    in_flight: VecDeque<(Ack, Vector)>,

    // The check of rule 3.1/12.
    /// Last batches that this side sent and the peer may still name, oldest first.
    my_lasts: VecDeque<MyLast>,
    lasts_sent: u32,
    their_last: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The peer's hello has not come.
    Greeting,
    /// The rosters differ and entries are being exchanged.
    Rosters { theirs_came: bool },
    /// Nothing stands in the way of sessions.
    Agreed,
    /// A device was copied: nothing but that is spoken of until the connection ends.
    Apart,
}

/// A delivery in the order it came, with what to answer when it is durable.
#[derive(Debug)]
struct Arrived {
    ack: Ack,
    changes: Vec<Vec<u8>>,
    stubs: Vec<(DeviceId, Head)>,
    heads: Heads,
    manner: Manner,
    last: Option<Last>,
}

#[derive(Debug)]
struct Sending {
    session: u32,
    want: Vector,
    after: u64,
    number: u32,
    /// What the receiver holds, until it was compared.
    theirs: Option<Tables>,
}

/// A last batch that this side sent, and what had been committed here when it was read.
#[derive(Clone, Copy, Debug)]
struct MyLast {
    name: u32,
    commits: u64,
    deliveries_applied: u64,
}

/// What to tell the other peers about a delivery from this one.
pub(super) enum Forward {
    Push(Committed),
    Poke,
}

impl Link {
    pub(super) fn new(id: LinkId, peer: DeviceId) -> Self {
        Self {
            id,
            peer,
            phase: Phase::Greeting,
            roster_said: (0, Hash([0; 32])),
            said: Tables::default(),
            their_tables: None,
            their_closed: Heads::new(),
            sessions_asked: 0,
            receiving: None,
            ask_again: false,
            inbox: VecDeque::new(),
            applying: None,
            deliveries_applied: 0,
            asked_in_full: false,
            news: false,
            sending: None,
            reading: false,
            steady: false,
            told: Heads::new(),
            vouched: Vector::default(),
            early_want: None,
            pushes_sent: 0,
            in_flight: VecDeque::new(),
            my_lasts: VecDeque::new(),
            lasts_sent: 0,
            their_last: None,
        }
    }

    pub(super) fn is_agreed(&self) -> bool {
        self.phase == Phase::Agreed
    }

    pub(super) fn unacknowledged(&self) -> usize {
        self.in_flight.len()
    }

    /// Whether a delivery was handed out and has not been reported.
    pub(super) fn is_applying(&self) -> bool {
        self.applying.is_some()
    }

    /// Whether something came of which the other peers have not heard.
    pub(super) fn has_news(&self) -> bool {
        self.news
    }

    /// The newest change of a device that the peer has told of, or has been told.
    pub(super) fn told_of(&self, device: DeviceId) -> Option<u64> {
        self.told.get(&device).map(|head| head.seq)
    }

    /// From here on only copied devices are spoken of. What has come and was not handed out is dropped.
    pub(super) fn set_apart(&mut self) {
        self.phase = Phase::Apart;
        self.steady = false;
        self.sending = None;
        self.inbox.clear();
    }

    pub(super) fn greet(&mut self, cx: &mut Context<'_>) {
        self.said = Tables::of(cx.state);
        self.roster_said = cx.roster_named();
        let (epoch, roster) = self.roster_said;
        let (tables, closed) = (self.said.hash(), cx.state.closed());
        let hello = Hello { version: wire::VERSION, epoch, roster, tables, closed };
        cx.send(self.id, &Message::Hello(hello));
    }

    pub(super) fn message(&mut self, cx: &mut Context<'_>, message: Message) {
        match (self.phase, message) {
            (Phase::Greeting, Message::Hello(hello)) => self.hello(cx, &hello),
            (_, Message::Roster(RosterEntries { entries })) if self.phase != Phase::Greeting => {
                if let Phase::Rosters { theirs_came } = &mut self.phase {
                    *theirs_came = true;
                }
                let entries = entries.into_iter().map(ByteBuf::into_vec).collect();
                cx.outputs.push_back(Output::TakeRoster { link: self.id, entries });
            }
            (Phase::Agreed, Message::Want(want)) => self.want(cx, want),
            (Phase::Agreed, Message::Batch(batch)) => self.batch(cx, batch),
            (Phase::Agreed, Message::Push(push)) => self.pushed(cx, push),
            (Phase::Agreed, Message::Ack(ack)) => self.acknowledged(cx, &ack),
            (Phase::Agreed, Message::Poke) => self.ask(cx),
            // The peer has settled the rosters first.
            (Phase::Rosters { theirs_came: true }, Message::Want(want)) => self.early_want = Some(want),
            (Phase::Agreed | Phase::Apart, Message::AskBranch(ask)) => {
                cx.outputs.push_back(Output::Branch { link: self.id, device: ask.device, upto: ask.upto });
            }
            (Phase::Agreed | Phase::Apart, Message::Branch(branch)) if branch.points.len() <= MARKS_MAX => {
                cx.apart = Some(Apart::Branch(branch));
            }
            (_, Message::Refuse(_)) => cx.close = Some(CloseReason::RefusedByPeer),
            (_, Message::Unknown(_)) | (Phase::Apart, _) => {}
            _ => cx.close = Some(CloseReason::Hostile),
        }
    }

    fn hello(&mut self, cx: &mut Context<'_>, hello: &Hello) {
        if hello.version < wire::VERSION {
            cx.close = Some(CloseReason::Version);
            return;
        }
        self.their_tables = Some(hello.tables);
        if hello.closed.len() > AUTHORS_MAX {
            cx.close = Some(CloseReason::Hostile);
            return;
        }
        self.their_closed.clone_from(&hello.closed);
        let alike = self.roster_said == (hello.epoch, hello.roster);
        if !alike || self.roster_said != cx.roster_named() {
            self.send_roster(cx);
        }
        if alike {
            self.agree(cx);
        } else {
            self.phase = Phase::Rosters { theirs_came: false };
        }
    }

    fn send_roster(&self, cx: &mut Context<'_>) {
        let entries = cx.roster.entries.iter().cloned().map(ByteBuf::from).collect();
        cx.send(self.id, &Message::Roster(RosterEntries { entries }));
    }

    /// The roster was reported without having changed: if that answers the peer's entries, nothing stands in the way.
    pub(super) fn roster_known(&mut self, cx: &mut Context<'_>) {
        if self.phase == (Phase::Rosters { theirs_came: true }) {
            self.agree(cx);
        }
    }

    /// The roster changed: every peer must have the entries before anything made under them reaches it.
    pub(super) fn roster_changed(&mut self, cx: &mut Context<'_>) {
        if self.phase != Phase::Greeting {
            self.send_roster(cx);
        }
        self.roster_known(cx);
    }

    /// The rosters are alike. Where the peer knows of other copied devices, that comes next.
    fn agree(&mut self, cx: &mut Context<'_>) {
        let closed = cx.state.closed();
        if self.their_closed != closed {
            self.set_apart();
            let is_news = |(device, end): (&DeviceId, &Head)| {
                closed.get(device).is_none_or(|mine| end.seq < mine.seq || end.seq == mine.seq && end != mine)
            };
            // Who knows of less takes it in, and connects again.
            if self.their_closed.iter().any(is_news) {
                cx.apart = Some(Apart::Closed(self.their_closed.clone()));
            }
            return;
        }
        self.phase = Phase::Agreed;
        self.ask(cx);
        if let Some(want) = self.early_want.take() {
            self.want(cx, want);
        }
    }

    // ---- Receiving -------------------------------------------------------------------------------------------------

    /// Some time has passed: asks again. Where a copied device was spoken of and nothing came of it, another connection
    /// begins anew.
    pub(super) fn remind(&mut self, cx: &mut Context<'_>) {
        match self.phase {
            Phase::Apart => cx.close = Some(CloseReason::Copied),
            _ => self.ask(cx),
        }
    }

    /// Asks for a session, or for another one after the one that runs.
    pub(super) fn ask(&mut self, cx: &mut Context<'_>) {
        if self.phase != Phase::Agreed {
            return;
        }
        let unapplied = self.applying.iter().chain(&self.inbox).any(|arrived| arrived.last.is_some());
        if self.receiving.is_some() || unapplied {
            self.ask_again = true;
            return;
        }
        let tables = Tables::of(cx.state);
        let cursor = cx.state.cursors.get(&self.peer).copied();
        self.ask_from(cx, tables, cursor);
    }

    fn ask_from(&mut self, cx: &mut Context<'_>, tables: Tables, cursor: Option<Cursor>) {
        self.sessions_asked += 1;
        self.receiving = Some((self.sessions_asked, 0));
        let alike = self.sessions_asked == 1 && tables == self.said && self.their_tables == Some(self.said.hash());
        let tables = (!alike).then_some(tables);
        cx.send(self.id, &Message::Want(Want { session: self.sessions_asked, tables, cursor }));
    }

    fn batch(&mut self, cx: &mut Context<'_>, batch: Batch) {
        if self.receiving != Some((batch.session, batch.number)) {
            cx.close = Some(CloseReason::Hostile);
            return;
        }
        self.receiving = match batch.last {
            Some(_) => None,
            None => Some((batch.session, batch.number + 1)),
        };
        let upto = batch.last.as_ref().map(|last| last.upto.clone());
        self.arrived(
            cx,
            Arrived {
                ack: Ack { session: Some(batch.session), number: batch.number, gap: false },
                changes: batch.changes.into_iter().map(ByteBuf::into_vec).collect(),
                stubs: batch.stubs,
                heads: batch.heads,
                manner: Manner::Session { cursor: batch.cursor, upto },
                last: batch.last,
            },
        );
    }

    fn pushed(&mut self, cx: &mut Context<'_>, push: Push) {
        let mut upto = push.base.clone();
        upto.raise_all(&push.upto);
        self.arrived(
            cx,
            Arrived {
                ack: Ack { session: None, number: push.number, gap: false },
                changes: push.changes.into_iter().map(ByteBuf::into_vec).collect(),
                stubs: Vec::new(),
                heads: push.heads,
                manner: Manner::Push { base: push.base, upto },
                last: None,
            },
        );
    }

    fn arrived(&mut self, cx: &mut Context<'_>, arrived: Arrived) {
        if self.inbox.len() >= INBOX_MAX {
            cx.close = Some(CloseReason::Hostile);
            return;
        }
        self.inbox.push_back(arrived);
        self.apply_next(cx);
    }

    fn apply_next(&mut self, cx: &mut Context<'_>) {
        if self.applying.is_some() {
            return;
        }
        let Some(mut arrived) = self.inbox.pop_front() else { return };
        let is_push = matches!(arrived.manner, Manner::Push { .. });
        let changes = if is_push { arrived.changes.clone() } else { std::mem::take(&mut arrived.changes) };
        let stubs = std::mem::take(&mut arrived.stubs);
        let (heads, manner) = (arrived.heads.clone(), arrived.manner.clone());
        let delivery = Delivery { from: self.peer, changes, stubs, heads, manner };
        self.applying = Some(arrived);
        cx.outputs.push_back(Output::Apply { link: self.id, delivery });
        mutant!(AckBeforeCommit => self.applied(cx, &Applied::default()));
    }

    /// The oldest delivery is durable.
    pub(super) fn applied(&mut self, cx: &mut Context<'_>, applied: &Applied) -> Option<Forward> {
        let arrived = self.applying.take()?;
        self.deliveries_applied += u64::from(applied.news);
        self.told.extend(arrived.heads.iter().map(|(&device, &head)| (device, head)));
        cx.send(self.id, &Message::Ack(Ack { gap: applied.gap, ..arrived.ack }));
        let forward = match (&arrived.manner, &arrived.last) {
            (Manner::Session { .. }, last) => {
                self.news |= applied.is_news();
                last.as_ref().and_then(|last| {
                    self.session_received(cx, last);
                    std::mem::take(&mut self.news).then_some(Forward::Poke)
                })
            }
            (Manner::Push { .. }, _) if applied.gap => {
                self.news |= applied.is_news();
                self.ask(cx);
                None
            }
            (Manner::Push { upto, .. }, _) => {
                self.peer_holds(cx, &upto.clone());
                let push = Committed {
                    base: applied.base.clone(),
                    upto: applied.upto.clone(),
                    heads: cx.state.heads(),
                    changes: arrived.changes,
                    ..Committed::default()
                };
                if applied.news { Some(Forward::Push(push)) } else { applied.is_news().then_some(Forward::Poke) }
            }
        };
        self.apply_next(cx);
        forward
    }

    fn session_received(&mut self, cx: &mut Context<'_>, last: &Last) {
        self.their_last = Some(last.name);
        self.peer_holds(cx, &last.upto.clone());
        cx.notice(Notice::CaughtUp { peer: self.peer });
        if self.differs(cx, last) && !self.asked_in_full {
            self.asked_in_full = true;
            cx.notice(Notice::Differs { peer: self.peer });
            // The peer asks too, and finds out for itself.
            self.poke(cx);
            self.ask_from(cx, Tables::default(), None);
        } else if std::mem::take(&mut self.ask_again) {
            self.ask(cx);
        }
    }

    /// Rule 3.1/12: if nothing but this peer's batches was committed here since the last batch of ours that it names was
    /// read, the two hashes must be equal.
    fn differs(&mut self, cx: &Context<'_>, last: &Last) -> bool {
        let Some(yours) = last.yours else { return false };
        while self.my_lasts.pop_front_if(|mine| mine.name < yours).is_some() {}
        let Some(mine) = self.my_lasts.front().filter(|mine| mine.name == yours) else { return false };
        let only_theirs =
            cx.state.commits.wrapping_sub(mine.commits) == self.deliveries_applied - mine.deliveries_applied;
        only_theirs && cx.state.hash.to_hash() != last.hash
    }

    // ---- Sending ---------------------------------------------------------------------------------------------------

    fn want(&mut self, cx: &mut Context<'_>, want: Want) {
        let tables = match want.tables {
            Some(tables) => tables,
            None if self.their_tables == Some(self.said.hash()) => self.said.clone(),
            None => {
                cx.close = Some(CloseReason::Hostile);
                return;
            }
        };
        self.told = tables.heads.clone();
        self.steady = false;
        self.peer_holds(cx, &tables.vector);
        self.sending = Some(Sending {
            session: want.session,
            want: tables.vector.clone(),
            after: wire::resume(want.cursor, cx.state.store),
            number: 0,
            theirs: Some(tables),
        });
        self.read_next(cx);
    }

    fn read_next(&mut self, cx: &mut Context<'_>) {
        let Some(sending) = &mut self.sending else { return };
        if !self.reading && self.in_flight.len() < WINDOW_BATCHES {
            self.reading = true;
            let (session, want, after) = (sending.session, sending.want.clone(), sending.after);
            cx.outputs.push_back(Output::Read { link: self.id, session, want, after, theirs: sending.theirs.take() });
        }
    }

    pub(super) fn batch_read(&mut self, cx: &mut Context<'_>, session: u32, read: BatchRead) {
        self.reading = false;
        let Some(mut sending) = self.sending.take_if(|sending| sending.session == session) else {
            // The peer has asked for another session since.
            return self.read_next(cx);
        };
        let last = read.end.then(|| {
            self.lasts_sent += 1;
            self.my_lasts.push_back(MyLast {
                name: self.lasts_sent,
                commits: read.state.commits,
                deliveries_applied: self.deliveries_applied,
            });
            if self.my_lasts.len() > LASTS_MAX {
                self.my_lasts.pop_front();
            }
            Last {
                upto: read.state.vector().above(&sending.want),
                hash: read.state.hash.to_hash(),
                name: self.lasts_sent,
                yours: self.their_last,
            }
        });
        let ack = Ack { session: Some(session), number: sending.number, gap: false };
        let batch = Batch {
            session,
            number: sending.number,
            changes: read.changes.into_iter().map(ByteBuf::from).collect(),
            stubs: read.stubs,
            heads: wire::untold(&read.state.heads(), &mut self.told),
            cursor: Cursor { store: read.state.store, arrival: read.through },
            last,
        };
        cx.send(self.id, &Message::Batch(batch));
        let holds = if read.end { read.state.vector() } else { Vector::default() };
        self.in_flight.push_back((ack, holds));
        if read.end {
            self.steady = true;
        } else {
            sending.after = read.through;
            sending.number += 1;
            self.sending = Some(sending);
            self.read_next(cx);
        }
    }

    /// Sends changes as they happen, if the peer has everything before them.
    pub(super) fn push(&mut self, cx: &mut Context<'_>, committed: &Committed) {
        if !self.steady {
            // A session runs, or will: its walk finds these changes.
            return;
        }
        let bytes: usize = committed.changes.iter().map(Vec::len).sum();
        if bytes > BATCH_BYTES_MAX / 2 || self.in_flight.len() >= PUSHES_IN_FLIGHT_MAX {
            return self.poke(cx);
        }
        let push = Push {
            number: self.pushes_sent,
            base: committed.base.above(&self.vouched),
            upto: committed.upto.above(&committed.base),
            changes: committed.changes.iter().cloned().map(ByteBuf::from).collect(),
            heads: wire::untold(&cx.state.heads(), &mut self.told),
        };
        let ack = Ack { session: None, number: self.pushes_sent, gap: false };
        self.in_flight.push_back((ack, committed.upto.clone()));
        self.pushes_sent += 1;
        mutant!(PushUnsent => return);
        cx.send(self.id, &Message::Push(push));
    }

    /// Tells the peer to ask for a session.
    pub(super) fn poke(&mut self, cx: &mut Context<'_>) {
        if self.steady {
            self.steady = false;
            cx.send(self.id, &Message::Poke);
        }
    }

    fn acknowledged(&mut self, cx: &mut Context<'_>, ack: &Ack) {
        let Some((expected, holds)) = self.in_flight.pop_front() else {
            cx.close = Some(CloseReason::Hostile);
            return;
        };
        if (expected.session, expected.number) != (ack.session, ack.number) {
            cx.close = Some(CloseReason::Hostile);
            return;
        }
        if !ack.gap {
            self.peer_holds(cx, &holds);
        }
        self.read_next(cx);
    }

    fn peer_holds(&mut self, cx: &mut Context<'_>, vector: &Vector) {
        self.vouched.raise_all(vector);
        let holds = cx.holds.entry(self.peer).or_default();
        if !holds.covers(vector) {
            holds.raise_all(vector);
            let vector = holds.clone();
            cx.notice(Notice::PeerHolds { peer: self.peer, vector });
        }
    }
}

/// Batches of a session on their way at once.
const WINDOW_BATCHES: usize = 4;
/// Pushes on their way before the peer is asked to start a session instead.
const PUSHES_IN_FLIGHT_MAX: usize = 32;
/// Last batches remembered for a peer that asks, and is not asked, again and again.
const LASTS_MAX: usize = 8;
/// Deliveries that may wait to be applied; a healthy peer stays far below.
const INBOX_MAX: usize = 2 * (WINDOW_BATCHES + PUSHES_IN_FLIGHT_MAX);
