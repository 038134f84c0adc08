//! The sync engine: what this device says to its peers, and when (rules 3.1/6 to 12).
//!
//! A pure state machine. The caller feeds [`Engine::handle`] and then drains [`Engine::poll`] until it is empty; nothing
//! is ever called back. Storage is part of the caller: the engine asks for a transaction by [`Output::Read`] or
//! [`Output::Apply`] and hears of its end by [`Input::Read`] or [`Input::Applied`]. Two things must hold for it to be
//! right: transactions end in the order in which they are reported, commits made here included; and a transaction is
//! reported only after it is durable.

mod link;

use crate::{
    id::{DeviceId, Hash},
    replica::{self, Apart, Applied, BatchRead, BookState, Branch, Committed, Delivery, Parted, Refusal},
    vector::Vector,
    wire::{AskBranch, Message, Tables},
};
use link::Link;
use std::collections::{BTreeMap, VecDeque};

/// Names one connection; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkId(pub u64);

/// The roster, as far as the engine needs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RosterView {
    /// Epoch and hash of the sorted entries, as each hello names them (rule 4.1/3).
    pub summary: (u64, Option<Hash>),
    /// The signed entries.
    pub entries: Vec<Vec<u8>>,
    /// The devices in the roster.
    pub devices: Vec<DeviceId>,
}

/// What happens to the engine.
#[derive(Clone, Debug)]
pub enum Input {
    /// A connection to a device whose key was proven in the handshake.
    Connected {
        /// The connection.
        link: LinkId,
        /// The device.
        peer: DeviceId,
    },
    /// A frame arrived.
    Frame {
        /// On which connection.
        link: LinkId,
        /// One encoded message.
        bytes: Vec<u8>,
    },
    /// A connection is gone.
    Closed {
        /// Which.
        link: LinkId,
    },
    /// Changes were made on this device and are durable.
    Committed {
        /// The changes.
        committed: Committed,
        /// The book after them.
        state: BookState,
    },
    /// A batch that was asked for by [`Output::Read`].
    Read {
        /// For which connection.
        link: LinkId,
        /// For which session.
        session: u32,
        /// The batch.
        read: BatchRead,
    },
    /// A delivery that was handed out by [`Output::Apply`] is durable, or was refused and changed nothing.
    Applied {
        /// From which connection.
        link: LinkId,
        /// What it did.
        result: Result<Applied, Refusal>,
        /// The book after it.
        state: BookState,
    },
    /// A chain that was asked for by [`Output::Branch`].
    Branch {
        /// For which connection.
        link: LinkId,
        /// The chain.
        branch: Branch,
    },
    /// What [`Output::Part`] asked for is durable; no result if the storage failed.
    Parted {
        /// What it did.
        result: Option<Parted>,
        /// The book after it.
        state: BookState,
    },
    /// The storage failed while working for this connection.
    StorageFailed {
        /// Which.
        link: LinkId,
    },
    /// The roster changed, here or by entries that a peer sent.
    Roster(RosterView),
    /// It is time to ask every peer again whether there is news.
    AskAgain,
}

/// What the engine wants done.
#[derive(Clone, Debug)]
pub enum Output {
    /// Send one frame.
    Send {
        /// On which connection.
        link: LinkId,
        /// One encoded message.
        bytes: Vec<u8>,
    },
    /// Read a batch in one transaction and report it by [`Input::Read`].
    Read {
        /// For which connection.
        link: LinkId,
        /// For which session.
        session: u32,
        /// The receiver's V.
        want: Vector,
        /// The arrival number to start after.
        after: u64,
        /// Before anything is sent: what the receiver holds, to be compared in the same transaction
        /// ([`crate::replica::forks`]).
        theirs: Option<Tables>,
    },
    /// Read what is held of a device's chain, from number `upto` down ([`crate::replica::branch`]), and report it by
    /// [`Input::Branch`].
    Branch {
        /// For which connection.
        link: LinkId,
        /// Which device.
        device: DeviceId,
        /// The greatest number that is of use.
        upto: u64,
    },
    /// Part with a copied device's changes in one transaction ([`crate::replica::part`]) and report it by
    /// [`Input::Parted`].
    Part {
        /// With what.
        apart: Apart,
    },
    /// Apply a delivery in one transaction and report it by [`Input::Applied`].
    Apply {
        /// For which connection.
        link: LinkId,
        /// What came.
        delivery: Delivery,
    },
    /// A peer's roster entries: verify them, keep them, and report by [`Input::Roster`], even if they say nothing new. A
    /// delivery that is handed out after them may name a device that only they know: they must be kept before it is
    /// applied.
    TakeRoster {
        /// From which connection.
        link: LinkId,
        /// The entries, as they were signed.
        entries: Vec<Vec<u8>>,
    },
    /// Close a connection; the engine has forgotten it.
    Close {
        /// Which.
        link: LinkId,
        /// Why.
        reason: CloseReason,
    },
    /// Something a person may want to know.
    Notice(Notice),
}

/// Why the engine closes a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The device is not in the roster.
    Foreign,
    /// A frame or message that no healthy hub sends.
    Hostile,
    /// The peer speaks no version that this one knows.
    Version,
    /// A delivery was refused.
    Refused(Refusal),
    /// The peer said that it refuses.
    RefusedByPeer,
    /// This side could not read or write its storage.
    Storage,
    /// A device was copied, which had to be settled first: connect again.
    Copied,
}

impl CloseReason {
    /// A word for the peer and for logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Foreign => "foreign",
            Self::Hostile => "hostile",
            Self::Version => "version",
            Self::Refused(_) => "refused",
            Self::RefusedByPeer => "refused-by-peer",
            Self::Storage => "storage",
            Self::Copied => "copied",
        }
    }
}

/// Something a person may want to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A peer is known to hold this now.
    PeerHolds {
        /// Which.
        peer: DeviceId,
        /// Its V, as far as it is known.
        vector: Vector,
    },
    /// A whole session from this peer has been applied.
    CaughtUp {
        /// Which.
        peer: DeviceId,
    },
    /// Contacts changed because of a peer.
    Changed {
        /// Which peer brought it.
        peer: DeviceId,
        /// What it did.
        applied: Applied,
    },
    /// Values were written again because a purge had met a restore.
    WrittenAgain {
        /// The changes made.
        committed: Committed,
    },
    /// A peer holds another chain of a device's changes than this one: the folder of that device was copied or rolled back.
    Forked {
        /// Who holds it.
        peer: DeviceId,
        /// Whose changes.
        device: DeviceId,
    },
    /// This device, or another one, was copied: what had to be parted with is settled here.
    Parted {
        /// What it did.
        parted: Parted,
    },
    /// The two books differ where they must not (rule 3.1/12); a full session has been started.
    Differs {
        /// From which peer.
        peer: DeviceId,
    },
}

/// The engine of one book on one device.
///
/// Methods are of three kinds: `handle` takes an input, `poll` gives the next output, the rest only look.
#[derive(Debug)]
pub struct Engine {
    state: BookState,
    roster: RosterView,
    links: BTreeMap<LinkId, Link>,
    /// Connections that are gone while a delivery from them is being applied, and the peers that sent it.
    orphans: BTreeMap<LinkId, DeviceId>,
    holds: BTreeMap<DeviceId, Vector>,
    outputs: VecDeque<Output>,
    /// Something that has to be parted with is under way: nothing else counts until it is done.
    parting: bool,
}

impl Engine {
    /// An engine without connections. `holds` is what peers were known to hold when last seen.
    pub fn new(state: BookState, roster: RosterView, holds: BTreeMap<DeviceId, Vector>) -> Self {
        let (links, orphans, outputs) = Default::default();
        Self { state, roster, links, orphans, holds, outputs, parting: false }
    }

    /// The next thing to do, `None` when all is done for now.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The book as of the last transaction reported.
    pub fn state(&self) -> &BookState {
        &self.state
    }

    /// What a peer is known to hold.
    pub fn holds(&self, peer: DeviceId) -> Option<&Vector> {
        self.holds.get(&peer)
    }

    /// Whether a peer is connected and its roster agrees with ours.
    pub fn is_connected(&self, peer: DeviceId) -> bool {
        self.links.values().any(|link| link.peer == peer && link.is_agreed())
    }

    /// Batches and pushes sent and not yet acknowledged.
    pub fn unacknowledged(&self) -> usize {
        self.links.values().map(Link::unacknowledged).sum()
    }

    /// Takes an input. Inputs that no longer mean anything, e.g. for a closed connection, are ignored.
    pub fn handle(&mut self, input: Input) {
        match input {
            Input::Connected { link, peer } => self.connected(link, peer),
            Input::Frame { link, bytes } => self.frame(link, &bytes),
            Input::Closed { link } => {
                self.forget(link);
            }
            Input::Committed { committed, state } => {
                self.state = state;
                self.spread(&committed, None);
            }
            Input::Read { link, read, .. } if !read.forks.is_empty() => {
                read.forks.into_iter().for_each(|device| self.forked(link, device));
            }
            Input::Read { link, session, read } => self.with_link(link, |link, cx| link.batch_read(cx, session, read)),
            Input::Branch { link, branch } => {
                self.with_link(link, |link, cx| cx.send(link.id, &Message::Branch(branch)))
            }
            Input::Parted { result, state } => self.parted(result, state),
            Input::Applied { link, result, state } => self.applied(link, result, state),
            Input::StorageFailed { link } => {
                self.close(link, CloseReason::Storage);
                self.orphans.remove(&link);
            }
            Input::Roster(roster) => self.roster_changed(roster),
            Input::AskAgain => self.for_each_link(Link::remind),
        }
    }

    fn connected(&mut self, id: LinkId, peer: DeviceId) {
        if !self.roster.devices.contains(&peer) {
            self.outputs.push_back(Output::Close { link: id, reason: CloseReason::Foreign });
            return;
        }
        if self.parting {
            self.outputs.push_back(Output::Close { link: id, reason: CloseReason::Copied });
            return;
        }
        self.links.insert(id, Link::new(id, peer));
        self.with_link(id, Link::greet);
    }

    fn frame(&mut self, id: LinkId, bytes: &[u8]) {
        match Message::decode(bytes) {
            Ok(message) => self.with_link(id, |link, cx| link.message(cx, message)),
            Err(_) => self.close(id, CloseReason::Hostile),
        }
    }

    fn applied(&mut self, id: LinkId, result: Result<Applied, Refusal>, state: BookState) {
        let orphan = self.orphans.remove(&id);
        let applied = match result {
            Ok(applied) => applied,
            Err(Refusal::Forked(device)) => return self.forked(id, device),
            Err(refusal) => return self.close(id, CloseReason::Refused(refusal)),
        };
        self.state = state;
        let mut forward = (orphan.is_some() && applied.is_news()).then_some(link::Forward::Poke);
        let peer = orphan.or_else(|| self.links.get(&id).map(|link| link.peer));
        self.with_link(id, |link, cx| forward = link.applied(cx, &applied));
        if let Some(peer) = peer.filter(|_| applied.news) {
            self.outputs.push_back(Output::Notice(Notice::Changed { peer, applied: applied.clone() }));
        }
        match forward {
            Some(link::Forward::Push(committed)) => self.spread(&committed, Some(id)),
            Some(link::Forward::Poke) => self.poke_all_but(id),
            None => {}
        }
        if let Some(again) = applied.again {
            self.spread(&again, None);
            self.outputs.push_back(Output::Notice(Notice::WrittenAgain { committed: again }));
        }
    }

    /// This peer holds another chain of a device (rule 3.1/9). Whoever is copied finds out where the chains part; of its own
    /// numbers a peer is told, of others' it is asked.
    fn forked(&mut self, id: LinkId, device: DeviceId) {
        let held = self.state.authors.get(&device).map_or(0, |author| author.held.seq);
        self.with_link(id, |link, cx| {
            link.set_apart();
            cx.notice(Notice::Forked { peer: link.peer, device });
            if link.peer == device {
                let upto = link.told_of(device).unwrap_or(u64::MAX);
                cx.outputs.push_back(Output::Branch { link: link.id, device, upto });
            } else {
                cx.send(link.id, &Message::AskBranch(AskBranch { device, upto: held }));
            }
        });
    }

    fn part(&mut self, apart: Apart) {
        if self.parting {
            return;
        }
        self.parting = true;
        self.links.values_mut().for_each(Link::set_apart);
        self.outputs.push_back(Output::Part { apart });
    }

    /// Everybody is met anew: what was under way was said under what no longer holds.
    fn parted(&mut self, result: Option<Parted>, state: BookState) {
        self.parting = false;
        self.state = state;
        if let Some(parted) = result.filter(Parted::is_news) {
            self.holds.values_mut().for_each(|holds| replica::lower(holds, &parted.lowered));
            self.outputs.push_back(Output::Notice(Notice::Parted { parted }));
        }
        let all: Vec<_> = self.links.keys().copied().collect();
        all.into_iter().for_each(|id| self.close(id, CloseReason::Copied));
    }

    fn spread(&mut self, committed: &Committed, except: Option<LinkId>) {
        if committed.changes.is_empty() {
            return;
        }
        self.for_each_link(|link, cx| {
            if Some(link.id) != except {
                link.push(cx, committed)
            }
        });
    }

    fn poke_all_but(&mut self, id: LinkId) {
        self.for_each_link(|link, cx| {
            if link.id != id {
                link.poke(cx)
            }
        });
    }

    fn roster_changed(&mut self, roster: RosterView) {
        if self.roster == roster {
            return self.for_each_link(|link, cx| link.roster_known(cx));
        }
        self.roster = roster;
        let devices = &self.roster.devices;
        let gone: Vec<_> =
            self.links.values().filter(|link| !devices.contains(&link.peer)).map(|link| link.id).collect();
        gone.into_iter().for_each(|id| self.close(id, CloseReason::Foreign));
        self.for_each_link(|link, cx| link.roster_changed(cx));
    }

    fn close(&mut self, id: LinkId, reason: CloseReason) {
        if !self.forget(id) {
            return;
        }
        let refuse = crate::wire::Refuse { reason: reason.code().to_owned() };
        self.outputs.push_back(Output::Send { link: id, bytes: Message::Refuse(refuse).encode() });
        self.outputs.push_back(Output::Close { link: id, reason });
    }

    /// Forgets a connection; the other peers hear now of what it brought. Returns whether there was one.
    fn forget(&mut self, id: LinkId) -> bool {
        let Some(link) = self.links.remove(&id) else { return false };
        if link.is_applying() {
            self.orphans.insert(id, link.peer);
        }
        if link.has_news() {
            self.poke_all_but(id);
        }
        true
    }

    fn for_each_link(&mut self, mut act: impl FnMut(&mut Link, &mut Context<'_>)) {
        let ids: Vec<_> = self.links.keys().copied().collect();
        ids.into_iter().for_each(|id| self.with_link(id, &mut act));
    }

    fn with_link(&mut self, id: LinkId, act: impl FnOnce(&mut Link, &mut Context<'_>)) {
        let Some(link) = self.links.get_mut(&id) else { return };
        let mut context = Context {
            state: &self.state,
            roster: &self.roster,
            holds: &mut self.holds,
            outputs: &mut self.outputs,
            close: None,
            apart: None,
        };
        act(link, &mut context);
        let Context { close, apart, .. } = context;
        if let Some(reason) = close {
            self.close(id, reason);
        }
        if let Some(apart) = apart {
            self.part(apart);
        }
    }
}

/// What a link may look at and do while it handles something.
struct Context<'a> {
    state: &'a BookState,
    roster: &'a RosterView,
    holds: &'a mut BTreeMap<DeviceId, Vector>,
    outputs: &'a mut VecDeque<Output>,
    close: Option<CloseReason>,
    /// Something to part with before anything else counts.
    apart: Option<Apart>,
}

impl Context<'_> {
    fn send(&mut self, link: LinkId, message: &Message) {
        self.outputs.push_back(Output::Send { link, bytes: message.encode() });
    }

    /// The roster as a hello names it.
    fn roster_named(&self) -> (u64, Hash) {
        let (epoch, hash) = self.roster.summary;
        (epoch, hash.unwrap_or(Hash([0; 32])))
    }

    fn notice(&mut self, notice: Notice) {
        self.outputs.push_back(Output::Notice(notice));
    }
}

#[cfg(test)]
mod tests;
