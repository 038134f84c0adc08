//! One connection to a device of another person.

use super::{
    CloseReason, Context, Output,
    message::{Ack, Have, Hello, ITEMS_MAX, Judged, Live, Message, PACTS_MAX, Roster, Secret, VERSION},
};
use crate::{
    id::{DeviceId, EntityId, Hash, PersonId},
    person::{LinkSecret, PactId},
    share::{Order, Publication, card_item},
};
use serde_bytes::ByteBuf;
use std::collections::{BTreeMap, BTreeSet};

/// What is said and heard on one connection.
#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) person: PersonId,
    peer: DeviceId,
    /// The hello that was sent last.
    said: Option<Hello>,
    /// The one that came last.
    heard: Option<Hello>,
    /// Roster entries that were sent, by what they were known as: nothing is sent twice.
    entries_sent: BTreeSet<(PersonId, (u64, Option<Hash>))>,
    hellos: u32,
    /// Messages that came, cards and their acknowledgements apart.
    heard_count: u32,
    /// What was said that I hold.
    have_said: bool,
    /// What they hold of mine; `None` until they said.
    have: Option<BTreeMap<EntityId, Order>>,
    sending: Sending,
    /// A publication of theirs is being stored: which.
    taking: Option<Ack>,
    /// One that waits until others of theirs are answered.
    queued: Option<Box<Publication>>,
    /// What they were told of what became of theirs.
    judged_said: BTreeMap<EntityId, (Order, bool)>,
    /// How often.
    judged_count: u32,
    /// What was said that I hold was said while they were blocked.
    have_said_blocked: bool,
    /// They want to hear when all is told.
    asked: bool,
    /// I want to: not yet said, or said.
    asking: bool,
    secret_said: Option<(PactId, [u8; 8])>,
}

/// Where the sending of a publication stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sending {
    Idle,
    /// It is being read.
    Reading,
    /// It was sent and is not acknowledged.
    Sent(Ack),
}

impl Conversation {
    pub(super) fn new(person: PersonId, peer: DeviceId) -> Self {
        Self {
            person,
            peer,
            said: None,
            heard: None,
            entries_sent: BTreeSet::new(),
            hellos: 0,
            heard_count: 0,
            have_said: false,
            have: None,
            sending: Sending::Idle,
            taking: None,
            queued: None,
            judged_said: BTreeMap::new(),
            judged_count: 0,
            have_said_blocked: false,
            asked: false,
            asking: false,
            secret_said: None,
        }
    }

    /// Whether both sides agree on rosters and link, and cards may travel.
    pub(super) fn is_open(&self) -> bool {
        self.have_said
    }

    pub(super) fn ask(&mut self) {
        self.asking = true;
        self.have_said = false;
    }

    /// Says whatever there is to say as things stand.
    pub(super) fn speak(&mut self, context: &mut Context<'_>) -> Result<(), CloseReason> {
        let hello = self.hello(context);
        let is_news = self.said.as_ref() != Some(&hello);
        if is_news {
            self.hellos += 1;
            if self.hellos > HELLOS_MAX {
                return Err(CloseReason::Hostile);
            }
            self.send(&Message::Hello(hello.clone()), context);
            self.said = Some(hello);
        }
        let Some(heard) = self.heard.clone() else { return Ok(()) };
        let (mine, theirs) = (context.mine.summary, context.theirs.roster.summary);
        if heard.yours != mine {
            self.send_entries(context.me, mine, &context.mine.entries, context);
        }
        if heard.mine != theirs {
            self.send_entries(self.person, theirs, &context.theirs.roster.entries, context);
        }
        let listed = context.theirs.roster.devices.contains(&self.peer);
        if !listed && !mutant!(RevokedServed) {
            return Err(CloseReason::Foreign);
        }
        let common = context.theirs.live.iter().rev().find(|pact| heard.live(**pact).is_some()).copied();
        if common.is_none() && self.is_hopeless(&heard, context) {
            return Err(CloseReason::NotLinked);
        }
        let agreed = heard.yours == mine && heard.mine == theirs || mutant!(RosterUnheard);
        let Some(pact) = common.filter(|_| agreed) else { return Ok(()) };
        self.open(pact, &heard, context);
        Ok(())
    }

    /// Whether nothing that is on its way can make the two linked: what they ended is known here, and the reverse.
    fn is_hopeless(&self, heard: &Hello, context: &Context<'_>) -> bool {
        heard.live.is_empty()
            || heard.live.iter().all(|live| context.theirs.ended.contains(&live.pact))
            || context.theirs.live.is_empty()
            || context.theirs.live.iter().all(|pact| heard.ended.contains(pact))
    }

    /// Both know the same, and are linked.
    fn open(&mut self, pact: PactId, heard: &Hello, context: &mut Context<'_>) {
        if let Some(secret) = context.theirs.secrets.get(&pact)
            && heard.live(pact).is_some_and(|l| l.number < secret.number || is_beside(l, secret))
            && self.secret_said != Some((pact, secret.check()))
        {
            self.secret_said = Some((pact, secret.check()));
            self.send(&Message::Secret(Secret { pact, secret: secret.clone() }), context);
        }
        self.hand_out(context);
        // What was dropped in a block is asked for when it is over.
        let unblocked =
            core::mem::replace(&mut self.have_said_blocked, context.theirs.blocked) && !context.theirs.blocked;
        if !self.have_said || unblocked {
            self.have_said = true;
            let items = context.theirs.received.iter().map(|(item, order)| (*item, *order)).take(ITEMS_MAX).collect();
            self.send(&Message::Have(Have { items, ask: self.asking }), context);
        }
        self.tell_judgements(context);
        let Some(have) = &self.have else { return };
        if self.sending != Sending::Idle {
            return;
        }
        let lacked = |(item, order): &(&EntityId, &Order)| have.get(item).is_none_or(|held| held < order);
        if let Some((item, _)) = context.theirs.sent.iter().take(ITEMS_MAX).find(lacked) {
            self.sending = Sending::Reading;
            context.outputs.push_back(Output::Read { id: context.id, person: self.person, item: *item });
        } else if self.asked {
            self.asked = false;
            self.send(&Message::Told, context);
        }
    }

    /// Says what became of what they sent, if they are to know.
    fn tell_judgements(&mut self, context: &mut Context<'_>) {
        if !context.telling || context.theirs.blocked || self.judged_count >= JUDGED_MAX {
            return;
        }
        let all = context.theirs.judged.iter().take(ITEMS_MAX);
        let news = all.filter(|(item, judged)| self.judged_said.get(item) != Some(judged));
        let items: Vec<_> = news.map(|(item, (order, accepted))| (*item, *order, *accepted)).collect();
        if items.is_empty() {
            return;
        }
        self.judged_count += 1;
        self.judged_said.extend(items.iter().map(|(item, order, accepted)| (*item, (*order, *accepted))));
        self.send(&Message::Judged(Judged { items }), context);
    }

    pub(super) fn frame(&mut self, bytes: &[u8], context: &mut Context<'_>) -> Result<(), CloseReason> {
        let message = Message::decode(bytes).map_err(|_| CloseReason::Hostile)?;
        if !matches!(message, Message::Publication(_) | Message::Ack(_)) {
            self.heard_count += 1;
            if self.heard_count > MESSAGES_MAX {
                return Err(CloseReason::Hostile);
            }
        }
        match message {
            Message::Hello(hello) => self.hear(hello, context),
            Message::Unknown(_) => Ok(()),
            _ if self.heard.is_none() => Err(CloseReason::Hostile),
            Message::Roster(roster) => {
                if roster.person != self.person && roster.person != context.me {
                    return Err(CloseReason::Hostile);
                }
                let entries = roster.entries.into_iter().map(ByteBuf::into_vec).collect();
                context.outputs.push_back(Output::TakeRoster { from: self.person, person: roster.person, entries });
                Ok(())
            }
            Message::Have(have) => {
                self.asked |= have.ask;
                for (item, order) in &have.items {
                    let known = context.theirs.sent.get(item);
                    if known == Some(order) {
                        // It may have gone by another path, or its acknowledgement was lost.
                        let arrived = Output::Delivered { person: self.person, item: *item, order: *order };
                        context.outputs.push_back(arrived);
                    } else if (known.is_some() || *item == card_item(context.me))
                        && known.is_none_or(|known| known < order)
                        && order.number <= NUMBER_MAX
                    {
                        let ahead = Output::Ahead { person: self.person, item: *item, order: *order };
                        context.outputs.push_back(ahead);
                    }
                }
                self.have = Some(have.items.into_iter().collect());
                Ok(())
            }
            Message::Publication(bytes) => self.publication(&bytes, context),
            Message::Ack(ack) => self.acknowledged(ack, context),
            Message::Told => {
                if std::mem::take(&mut self.asking) {
                    context.outputs.push_back(Output::Answered { person: self.person, peer: self.peer });
                }
                Ok(())
            }
            Message::Judged(judged) => {
                for (item, order, accepted) in judged.items {
                    // Only of what they have, and of the newest alone.
                    if context.theirs.sent.get(&item) == Some(&order) {
                        context.outputs.push_back(Output::Judged { person: self.person, item, order, accepted });
                    }
                }
                Ok(())
            }
            Message::Secret(Secret { pact, secret }) => {
                let known = context.theirs.secrets.get(&pact);
                let step = known.map_or(0, |known| known.number).saturating_add(SECRET_STEP_MAX);
                let is_newer = known.is_none_or(|known| *known < secret) && secret.number <= step;
                if context.theirs.live.contains(&pact) && is_newer {
                    context.outputs.push_back(Output::KeepSecret { person: self.person, pact, secret });
                }
                Ok(())
            }
        }
    }

    fn hear(&mut self, hello: Hello, context: &mut Context<'_>) -> Result<(), CloseReason> {
        if hello.version != VERSION {
            return Err(CloseReason::Version);
        }
        let listed = context.theirs.roster.devices.contains(&self.peer);
        let over: Vec<PactId> = hello.ended.iter().filter(|pact| context.theirs.live.contains(pact)).copied().collect();
        if !over.is_empty() && listed {
            context.outputs.push_back(Output::End { person: self.person, pacts: over });
        }
        let moved = self.heard.as_ref().is_none_or(|heard| heard.addresses != hello.addresses);
        if moved && listed && !hello.addresses.is_empty() {
            let addresses = hello.addresses.clone();
            context.outputs.push_back(Output::Listens { person: self.person, peer: self.peer, addresses });
        }
        self.heard = Some(hello);
        Ok(())
    }

    /// A publication of theirs. Before this side has agreed nobody sends one: they cannot have heard that it has.
    fn publication(&mut self, bytes: &[u8], context: &mut Context<'_>) -> Result<(), CloseReason> {
        let publication = Publication::decode(bytes).map_err(|_| CloseReason::Hostile)?;
        let meant = publication.from == self.person && publication.to == context.me;
        if !meant || !self.have_said || self.taking.is_some() || publication.order.number > NUMBER_MAX {
            return Err(CloseReason::Hostile);
        }
        let is_known = context.theirs.received.contains_key(&publication.item);
        let too_many = context.theirs.received.len() >= ITEMS_MAX && !is_known;
        let too_much = context.theirs.kept_bytes.saturating_add(bytes.len()) > KEPT_BYTES_MAX;
        if too_many || too_much && !context.theirs.blocked {
            return Err(CloseReason::Hostile);
        }
        if !context.theirs.roster.devices.contains(&self.peer) && !mutant!(RevokedServed) {
            return Err(CloseReason::Foreign);
        }
        self.taking = Some(Ack { item: publication.item, order: publication.order });
        self.queued = Some(Box::new(publication));
        self.hand_out(context);
        Ok(())
    }

    /// Hands out what they sent, unless it is one item more of a person of whom many wait for an answer. They wait, too:
    /// what is not acknowledged stays with them.
    fn hand_out(&mut self, context: &mut Context<'_>) {
        let theirs = context.theirs;
        let fits = |publication: &mut Box<Publication>| {
            let is_more = !theirs.received.contains_key(&publication.item);
            theirs.blocked || !is_more || theirs.asks.len() < PENDING_ITEMS_MAX
        };
        if let Some(publication) = self.queued.take_if(fits) {
            context.outputs.push_back(Output::Take { id: context.id, person: self.person, publication });
        }
    }

    pub(super) fn taken(&mut self, context: &mut Context<'_>) -> Result<(), CloseReason> {
        if let Some(ack) = self.taking.take() {
            self.send(&Message::Ack(ack), context);
        }
        Ok(())
    }

    pub(super) fn read(
        &mut self,
        publication: Option<Publication>,
        context: &mut Context<'_>,
    ) -> Result<(), CloseReason> {
        if self.sending != Sending::Reading {
            return Ok(());
        }
        self.sending = Sending::Idle;
        // What was true when it was asked for may not be any more: it is read again if it still is.
        let Some(publication) = publication.filter(|_| self.may_send(context)) else { return Ok(()) };
        let ack = Ack { item: publication.item, order: publication.order };
        self.sending = Sending::Sent(ack);
        self.send(&Message::Publication(ByteBuf::from(publication.encode())), context);
        Ok(())
    }

    /// Whether cards may travel as things stand now.
    fn may_send(&self, context: &Context<'_>) -> bool {
        let Some(heard) = &self.heard else { return false };
        let listed = context.theirs.roster.devices.contains(&self.peer) || mutant!(RevokedServed);
        let agreed = heard.yours == context.mine.summary && heard.mine == context.theirs.roster.summary;
        let linked = context.theirs.live.iter().any(|pact| heard.live(*pact).is_some());
        listed && linked && (agreed || mutant!(RosterUnheard))
    }

    fn acknowledged(&mut self, ack: Ack, context: &mut Context<'_>) -> Result<(), CloseReason> {
        if self.sending != Sending::Sent(ack) {
            return Err(CloseReason::Hostile);
        }
        self.sending = Sending::Idle;
        if let Some(have) = &mut self.have {
            have.insert(ack.item, ack.order);
        }
        let Ack { item, order } = ack;
        context.outputs.push_back(Output::Delivered { person: self.person, item, order });
        Ok(())
    }

    fn hello(&self, context: &Context<'_>) -> Hello {
        let newest = |pacts: &BTreeSet<PactId>| pacts.iter().rev().take(PACTS_MAX).copied().collect::<Vec<_>>();
        let live = newest(&context.theirs.live).into_iter().filter_map(|pact| {
            let secret = context.theirs.secrets.get(&pact)?;
            Some(Live { pact, number: secret.number, check: secret.check() })
        });
        Hello {
            version: VERSION,
            live: live.collect(),
            ended: newest(&context.theirs.ended),
            mine: context.mine.summary,
            yours: context.theirs.roster.summary,
            addresses: context.addresses.to_vec(),
        }
    }

    fn send_entries(
        &mut self,
        person: PersonId,
        summary: (u64, Option<Hash>),
        entries: &[Vec<u8>],
        context: &mut Context<'_>,
    ) {
        if entries.is_empty() || !self.entries_sent.insert((person, summary)) {
            return;
        }
        let entries = entries.iter().map(|entry| ByteBuf::from(entry.clone())).collect();
        self.send(&Message::Roster(Roster { person, entries }), context);
    }

    fn send(&self, message: &Message, context: &mut Context<'_>) {
        context.outputs.push_back(Output::Send { id: context.id, bytes: message.encode() });
    }
}

/// Whether two drew a new L at once: each says its own, and the greater stays.
fn is_beside(live: Live, secret: &LinkSecret) -> bool {
    live.number == secret.number && live.check != secret.check()
}

/// Most hellos of one side on one connection: what changes more often waits for the next one.
const HELLOS_MAX: u32 = 1024;
/// Most messages that are read on one connection, cards and their acknowledgements apart.
const MESSAGES_MAX: u32 = 4096;
/// By how much the other side may be ahead in renewing L: whoever said more could never be followed again.
const SECRET_STEP_MAX: u32 = 1024;
/// Most items of one person that wait for an answer: further ones are taken once some of these are answered.
const PENDING_ITEMS_MAX: usize = 64;
/// Most bytes that are kept of what one person sends, the newest of each item.
const KEPT_BYTES_MAX: usize = 16 << 20;
/// How often they are told what became of theirs on one connection, at most.
const JUDGED_MAX: u32 = 1024;
/// Greatest number of a publication that is believed.
const NUMBER_MAX: u64 = 1 << 52;
