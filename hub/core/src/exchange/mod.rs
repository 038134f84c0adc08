//! What devices of two linked persons exchange over a pinned connection (rules 4.1/3, 4.1/4, 4.1/6).
//!
//! ```text
//! both:  Hello    rosters as each side knows them, pacts that count, pacts that were ended
//!        Roster   where the two know different entries of either roster; then Hello again
//!  -- nothing below before both know the same of both rosters, and have a pact in common --
//!        Have     what I hold of yours
//!        Publication, one at a time, each after the Ack of the one before
//! ```
//!
//! A pure state machine like [`crate::engine`]: the caller feeds [`Exchange::handle`] and drains [`Exchange::poll`].
//! What it knows of a person it is told as a whole by [`Input::Person`], after every commit that changed something;
//! it never sees a card. What leaves is read from the register `sent` by [`Output::Read`] and sent as it is: asking,
//! reconnecting and a new device all get that version.
//!
//! A blocked person's devices are answered as ever: they get the version that they were sent last, and what they send
//! is handed out and acknowledged as any, and kept by its number only. So a block looks like a person who has no news.
//!
//! Whoever sends much waits: a publication is acknowledged only when it is taken, which the caller may put off, and no
//! further item is handed out while many of this person's wait for an answer.

mod conversation;
pub mod message;
mod pace;
#[cfg(test)]
mod tests;

use crate::{
    id::{DeviceId, EntityId, Hash, PersonId},
    person::{LinkSecret, PactId},
    share::{Order, Publication, Verdict},
};
pub use pace::Pace;

use conversation::Conversation;
use core::net::SocketAddr;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Names one connection; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConversationId(pub u64);

/// A roster, as far as the exchange needs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RosterView {
    /// Epoch and hash of the sorted entries.
    pub summary: (u64, Option<Hash>),
    /// The signed entries.
    pub entries: Vec<Vec<u8>>,
    /// The devices in the roster.
    pub devices: BTreeSet<DeviceId>,
}

impl From<&crate::identity::roster::Roster> for RosterView {
    fn from(roster: &crate::identity::roster::Roster) -> Self {
        let summary = if roster.epoch() == 0 { (0, None) } else { (roster.epoch(), Some(roster.hash())) };
        Self {
            summary,
            entries: roster.entries().map(<[u8]>::to_vec).collect(),
            devices: roster.devices().into_iter().map(|card| card.id).collect(),
        }
    }
}

/// What this device's book knows of another person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonView {
    /// Their roster.
    pub roster: RosterView,
    /// The pacts that count.
    pub live: BTreeSet<PactId>,
    /// Those that were ended.
    pub ended: BTreeSet<PactId>,
    /// L of each live pact.
    pub secrets: BTreeMap<PactId, LinkSecret>,
    /// What they send is dropped.
    pub blocked: bool,
    /// By item of theirs that waits for an answer: which publication, and until when somebody put it off.
    pub asks: BTreeMap<EntityId, (Order, Option<i64>)>,
    /// How many bytes of theirs are kept.
    pub kept_bytes: usize,
    /// By item, what became of the newest publication of theirs: whether all of it was accepted. Not before it is settled.
    pub judged: BTreeMap<EntityId, (Order, bool)>,
    /// By item, the newest publication for them.
    pub sent: BTreeMap<EntityId, Order>,
    /// By item, the newest publication of theirs: of a blocked person the newest that came.
    pub received: BTreeMap<EntityId, Order>,
}

impl PersonView {
    /// Gathers it from a link's entity; empty if it is none.
    pub fn of(link: &crate::entity::Entity) -> Self {
        let Some(known) = crate::person::Link::of(link) else { return Self::default() };
        let sent = crate::share::Sent::of(link);
        let all = crate::share::Received::of(link);
        let verdicts: BTreeMap<EntityId, Verdict> = all.iter().map(|(item, one)| (*item, one.verdict())).collect();
        let mut received: BTreeMap<EntityId, Order> =
            all.iter().map(|(item, received)| (*item, received.newest.order)).collect();
        let settled = verdicts.iter().filter(|(_, verdict)| **verdict != Verdict::Open && !known.blocked);
        let judged = settled.map(|(item, verdict)| (*item, (received[item], *verdict == Verdict::Accepted))).collect();
        let open = all.iter().filter(|(item, _)| verdicts[item] == Verdict::Open);
        let asks = open.map(|(item, one)| (*item, (one.newest.order, one.later_ms))).collect();
        if known.blocked {
            for (item, order) in crate::share::swallowed(link) {
                let newest = received.entry(item).or_insert(order);
                *newest = order.max(*newest);
            }
        }
        Self {
            roster: RosterView::from(&known.roster()),
            live: known.live.keys().copied().collect(),
            ended: known.ended.keys().copied().collect(),
            secrets: known.live.keys().filter_map(|pact| Some((*pact, known.secret(*pact)?))).collect(),
            blocked: known.blocked,
            sent: sent.into_iter().map(|(item, sent)| (item, sent.newest.order)).collect(),
            asks,
            kept_bytes: crate::share::received_bytes(link),
            judged,
            received,
        }
    }
}

/// What happens to the exchange.
#[derive(Clone, Debug)]
pub enum Input {
    /// A connection to a device whose key was proven in the handshake, and is or was in this person's roster.
    Connected {
        /// The connection.
        id: ConversationId,
        /// Whose device it is.
        person: PersonId,
        /// The device.
        peer: DeviceId,
    },
    /// A frame arrived.
    Frame {
        /// On which connection.
        id: ConversationId,
        /// One encoded message.
        bytes: Vec<u8>,
    },
    /// A connection is gone.
    Closed {
        /// Which.
        id: ConversationId,
    },
    /// My own roster changed, or a peer's entries of it were looked at.
    Me(RosterView),
    /// What is known of a person changed, or what a peer brought of them is durable.
    Person(PersonId, Box<PersonView>),
    /// What [`Output::Read`] asked for; `None` if there is none any more.
    Read {
        /// For which connection.
        id: ConversationId,
        /// The newest publication of the item for that person.
        publication: Option<Box<Publication>>,
    },
    /// A publication that was handed out by [`Output::Take`] is durable, or was not newer than what is.
    Taken {
        /// From which connection.
        id: ConversationId,
    },
    /// Somebody wants to know a person's news now.
    Ask(PersonId),
    /// Where this device listens.
    Listening(Vec<SocketAddr>),
    /// Whether those who send hear what became of it.
    Telling(bool),
}

/// What the exchange wants done.
#[derive(Clone, Debug)]
pub enum Output {
    /// Send one frame.
    Send {
        /// On which connection.
        id: ConversationId,
        /// One encoded message.
        bytes: Vec<u8>,
    },
    /// Close a connection once what was sent on it has left; the exchange has forgotten it.
    Close {
        /// Which.
        id: ConversationId,
        /// Why.
        reason: CloseReason,
    },
    /// Read the newest publication of an item for a person, and report it by [`Input::Read`].
    Read {
        /// For which connection.
        id: ConversationId,
        /// For whom.
        person: PersonId,
        /// Of what.
        item: EntityId,
    },
    /// Keep a publication if it is newer ([`crate::share::receive`]), then report [`Input::Person`] and [`Input::Taken`].
    Take {
        /// From which connection.
        id: ConversationId,
        /// From whom.
        person: PersonId,
        /// What.
        publication: Box<Publication>,
    },
    /// Verify and keep entries of my roster or of a person's, then report [`Input::Me`] or [`Input::Person`], even if
    /// they say nothing new.
    TakeRoster {
        /// Who told it.
        from: PersonId,
        /// Whose roster it is.
        person: PersonId,
        /// The entries, as they were signed.
        entries: Vec<Vec<u8>>,
    },
    /// The other person ended these pacts: write it, then report [`Input::Person`].
    End {
        /// Who.
        person: PersonId,
        /// Which.
        pacts: Vec<PactId>,
    },
    /// Keep a newer L, then report [`Input::Person`].
    KeepSecret {
        /// With whom.
        person: PersonId,
        /// Of which pact.
        pact: PactId,
        /// L.
        secret: LinkSecret,
    },
    /// A publication arrived there and is durable ([`crate::share::acknowledge`]).
    Delivered {
        /// At whom.
        person: PersonId,
        /// Of what.
        item: EntityId,
        /// Which.
        order: Order,
    },
    /// They say what became of a publication ([`crate::share::judged`]).
    Judged {
        /// Who.
        person: PersonId,
        /// Of what.
        item: EntityId,
        /// Which.
        order: Order,
        /// All of it was accepted.
        accepted: bool,
    },
    /// They hold a newer publication of mine than this book knows ([`crate::share::raise_floor`]).
    Ahead {
        /// Who.
        person: PersonId,
        /// Of what.
        item: EntityId,
        /// Which.
        order: Order,
    },
    /// A device of theirs listens there ([`crate::person::keep_addresses`]).
    Listens {
        /// Who.
        person: PersonId,
        /// Which.
        peer: DeviceId,
        /// Where.
        addresses: Vec<SocketAddr>,
    },
    /// A device of theirs has told all its news.
    Answered {
        /// Who.
        person: PersonId,
        /// Which.
        peer: DeviceId,
    },
}

/// Why the exchange closes a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The device is not in that person's roster.
    Foreign,
    /// The two are not linked, or not any more.
    NotLinked,
    /// A message that no healthy hub sends.
    Hostile,
    /// The peer speaks no version that this one knows.
    Version,
}

impl CloseReason {
    /// A word for the peer and for logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Foreign => "foreign",
            Self::NotLinked => "not-linked",
            Self::Hostile => "hostile",
            Self::Version => "version",
        }
    }
}

/// The exchange with all linked persons on one device.
///
/// Methods are of three kinds: `handle` takes an input, `poll` gives the next output, the rest only look.
#[derive(Debug)]
pub struct Exchange {
    me: PersonId,
    roster: RosterView,
    addresses: Vec<SocketAddr>,
    telling: bool,
    persons: BTreeMap<PersonId, PersonView>,
    conversations: BTreeMap<ConversationId, Conversation>,
    outputs: VecDeque<Output>,
}

impl Exchange {
    /// An exchange without connections.
    pub fn new(me: PersonId, roster: RosterView) -> Self {
        Self {
            me,
            roster,
            addresses: Vec::new(),
            telling: false,
            persons: BTreeMap::new(),
            conversations: BTreeMap::new(),
            outputs: VecDeque::new(),
        }
    }

    /// The next thing to do, `None` when all is done for now.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Whether a device of this person is connected and agrees on rosters and link.
    pub fn is_open(&self, person: PersonId) -> bool {
        self.conversations.values().any(|conversation| conversation.person == person && conversation.is_open())
    }

    /// Takes an input. Inputs that no longer mean anything, e.g. for a closed connection, are ignored.
    pub fn handle(&mut self, input: Input) {
        match input {
            Input::Connected { id, person, peer } => {
                self.conversations.insert(id, Conversation::new(person, peer));
                self.converse(id, |_, _| Ok(()));
            }
            Input::Frame { id, bytes } => {
                self.converse(id, |conversation, context| conversation.frame(&bytes, context))
            }
            Input::Closed { id } => {
                self.conversations.remove(&id);
            }
            Input::Me(roster) => {
                self.roster = roster;
                self.converse_all(|_| true);
            }
            Input::Person(person, view) => {
                self.persons.insert(person, *view);
                self.converse_all(|conversation| conversation.person == person);
            }
            Input::Read { id, publication } => {
                self.converse(id, |conversation, context| conversation.read(publication.map(|boxed| *boxed), context));
            }
            Input::Taken { id } => self.converse(id, Conversation::taken),
            Input::Ask(person) => {
                for conversation in self.conversations.values_mut().filter(|c| c.person == person) {
                    conversation.ask();
                }
                self.converse_all(|conversation| conversation.person == person);
            }
            Input::Listening(addresses) => {
                self.addresses = addresses;
                self.converse_all(|_| true);
            }
            Input::Telling(on) => {
                if core::mem::replace(&mut self.telling, on) != on {
                    self.converse_all(|_| true);
                }
            }
        }
    }

    fn converse_all(&mut self, which: impl Fn(&Conversation) -> bool) {
        let ids: Vec<_> = self.conversations.iter().filter(|(_, c)| which(c)).map(|(id, _)| *id).collect();
        for id in ids {
            self.converse(id, |_, _| Ok(()));
        }
    }

    /// Lets a conversation take something in, then say whatever there is to say now.
    fn converse(
        &mut self,
        id: ConversationId,
        take: impl FnOnce(&mut Conversation, &mut Context<'_>) -> Result<(), CloseReason>,
    ) {
        let Some(conversation) = self.conversations.get_mut(&id) else { return };
        let unknown = PersonView::default();
        let mut context = Context {
            id,
            me: self.me,
            mine: &self.roster,
            addresses: &self.addresses,
            telling: self.telling,
            theirs: self.persons.get(&conversation.person).unwrap_or(&unknown),
            outputs: &mut self.outputs,
        };
        let result = take(conversation, &mut context).and_then(|()| conversation.speak(&mut context));
        if let Err(reason) = result {
            self.conversations.remove(&id);
            self.outputs.push_back(Output::Close { id, reason });
        }
    }
}

/// What a conversation looks at, and where it puts what it wants done.
struct Context<'a> {
    id: ConversationId,
    me: PersonId,
    mine: &'a RosterView,
    addresses: &'a [SocketAddr],
    telling: bool,
    theirs: &'a PersonView,
    outputs: &'a mut VecDeque<Output>,
}
