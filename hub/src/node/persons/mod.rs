//! Other persons: links to them, what they are sent, what they send.
//!
//! The core decides ([`kith_core::exchange`], [`kith_core::share`]); here is what it needs of a hub. [`People`] is the
//! loop's state; connections to other persons' devices go over the same transport as own devices', told apart by the key
//! that was proven in the handshake. Everything that is written goes through the one committer, and what a transaction
//! did to links comes back with its report ([`known::Touched`]).

mod accepting;
pub(crate) mod answering;
mod asked;
pub(crate) mod audience;
mod conversing;
pub(crate) mod dialling;
pub(crate) mod finding;
pub(crate) mod giving;
pub(crate) mod household;
pub(crate) mod inbox;
pub(crate) mod interactions;
mod inviting;
pub(crate) mod items;
pub(crate) mod known;
pub(crate) mod ledger;
pub(crate) mod links;
pub(crate) mod me;
mod notice_words;
mod notices;
pub(crate) mod placing;
pub(crate) mod policies;
pub(crate) mod receiving;
pub(crate) mod safety;
pub(crate) mod sending;
mod upkeep;

pub(super) use conversing::renewed;

use super::{
    dialler::{Dialler, Target},
    event_loop::{Happening, Node, Reply, answer},
};
use crate::{
    api::{Answer, Error, Event},
    clock::now_ms,
    store::{self, Acceptance, StoreError},
    transport::{ConnId, DialId},
};
use kith_core::{
    book,
    entity::Entity,
    exchange::{ConversationId, Exchange, Input, Pace, RosterView},
    id::{DeviceId, PersonId, PublicKey},
    identity::roster::Roster,
    lan::{self, FormerSecret, LanSecrets, Tag},
    person::{IssuedInvitation, PactId},
    share,
};
use known::{Known, Touched};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// What happens that concerns other persons.
#[derive(Debug)]
pub(crate) enum PeopleHappening {
    /// Something that the exchange waits for.
    Converse(Vec<Input>),
    /// An acceptance is durable: their device may be dialled.
    Accepting { acceptance: Box<Acceptance>, reply: Option<Reply> },
    /// An acceptance was answered, and what came of it is durable.
    Concluded { pact: PactId, outcome: Box<Result<Answer, Error>> },
    /// An acceptance of a guest was looked at: what to say.
    Considered { conn: ConnId, message: Vec<u8> },
    /// The invitations changed on disk; whoever asked for it is answered when the loop answers to their names.
    Invitations { open: Vec<IssuedInvitation>, asked: Option<Box<(Reply, Answer)>> },
    /// When updates for a standing audience leave next, in milliseconds since 1970.
    StandingDue(Option<i64>),
}

/// The loop's state of other persons.
#[derive(Debug)]
pub(crate) struct People {
    pub(super) exchange: Exchange,
    known: BTreeMap<PersonId, Known>,
    /// By what the persons' devices are recognised and dialled.
    secrets: BTreeMap<PersonId, LanSecrets>,
    /// Connections to their devices.
    lines: BTreeMap<ConnId, Line>,
    dialler: Dialler,
    dials: BTreeMap<DialId, Target>,
    /// mDNS instances that are a person's device.
    instances: BTreeMap<String, PersonId>,
    invitations: Vec<IssuedInvitation>,
    /// Connections that came by an invitation's name.
    guests: BTreeMap<ConnId, PublicKey>,
    accepting: BTreeMap<PactId, accepting::Accepting>,
    asks: Vec<conversing::Asking>,
    /// When updates for a standing audience leave next.
    standing_due: Option<Instant>,
    /// When presence, dates and standing audiences are looked at anyway.
    look_again: Instant,
    notices: notices::Notices,
    /// How fast what they send is taken in.
    paces: BTreeMap<PersonId, Pace>,
    /// What paces are counted from.
    began: Instant,
}

/// A connection to another person's device.
#[derive(Debug)]
struct Line {
    person: PersonId,
    device: DeviceId,
    since: Instant,
    exporter: [u8; 32],
    /// Dropped with the line: what waits for its turn is let go.
    over: watch::Sender<()>,
}

impl People {
    /// Gathers what the book says.
    pub(super) fn load(rows: &store::Reader, me: PersonId) -> Result<Self, StoreError> {
        let mut people = Self {
            exchange: Exchange::new(me, RosterView::default()),
            known: BTreeMap::new(),
            secrets: BTreeMap::new(),
            lines: BTreeMap::new(),
            dialler: Dialler::of_many(),
            dials: BTreeMap::new(),
            instances: BTreeMap::new(),
            invitations: store::invitations(rows)?,
            guests: BTreeMap::new(),
            accepting: BTreeMap::new(),
            asks: Vec::new(),
            standing_due: None,
            look_again: Instant::now(),
            notices: notices::Notices::load(rows)?,
            paces: BTreeMap::new(),
            began: Instant::now(),
        };
        let settings = store::entity(rows, book::SETTINGS)?.unwrap_or_default();
        people.exchange.handle(Input::Telling(share::is_telling(&settings)));
        let former: BTreeMap<PersonId, Vec<u8>> = store::former_secrets(rows)?.into_iter().collect();
        for (_, entity) in store::links(rows)? {
            let Some(known) = Known::of(&entity) else { continue };
            // Former secrets only help to be found.
            let former = former.get(&known.person).and_then(|bytes| rmp_serde::from_slice(bytes).ok());
            if let Some(secret) = known.secret {
                people.secrets.insert(known.person, LanSecrets::new(secret, former.unwrap_or_default()));
            }
            people.learn(known);
        }
        for acceptance in store::acceptances(rows)? {
            people.accepting.insert(acceptance.pending.pact(), accepting::Accepting::again(acceptance));
        }
        people.mind_old();
        Ok(people)
    }

    /// Takes what a link says now. Returns former secrets that are to be kept, if they changed.
    fn learn(&mut self, known: Known) -> Option<Vec<FormerSecret>> {
        let (person, now) = (known.person, Instant::now());
        let mut former = None;
        match (known.secret, self.secrets.get_mut(&person)) {
            (Some(secret), Some(secrets)) => {
                // By which change does not matter: former ones are let go of by time.
                let changed = secrets.learn(secret, (DeviceId([0; 16]), 0), now_ms());
                former = changed.then(|| secrets.former().to_vec());
            }
            (Some(secret), None) => drop(self.secrets.insert(person, LanSecrets::new(secret, Vec::new()))),
            (None, _) => {}
        }
        for (&device, addresses) in known.addresses.iter().filter(|(device, _)| known.keys.contains_key(device)) {
            let target = Target::Remembered(device);
            let wanted = known.is_dialled() && !addresses.is_empty();
            match (wanted, self.dialler.addresses(&target) == *addresses) {
                (true, false) => self.dialler.learn(target, addresses.clone(), now),
                (true, true) if known.waiting => self.dialler.hurry_one(device, now),
                (true, true) => {}
                (false, _) => self.dialler.forget(&target),
            }
        }
        let gone: Vec<DeviceId> = self
            .known
            .get(&person)
            .map(|before| before.keys.keys().filter(|device| !known.keys.contains_key(device)).copied().collect())
            .unwrap_or_default();
        gone.into_iter().for_each(|device| self.dialler.forget(&Target::Remembered(device)));
        self.exchange.handle(Input::Person(person, Box::new(known.view.clone())));
        self.known.insert(person, known);
        former
    }

    /// Whose device proved this key.
    pub(super) fn by_tls(&self, key: &PublicKey) -> Option<(PersonId, DeviceId)> {
        self.known.iter().find_map(|(person, known)| {
            let found = known.is_heard().then(|| known.keys.iter().find(|(_, known)| *known == key))?;
            found.map(|(device, _)| (*person, *device))
        })
    }

    /// The keys of all devices that may connect.
    pub(super) fn keys(&self) -> impl Iterator<Item = PublicKey> {
        self.known.values().filter(|known| known.is_heard()).flat_map(|known| known.keys.values().copied())
    }

    /// The names that this device answers to for their sake.
    pub(super) fn expected_names(&self, today: i64, instance: &str) -> BTreeSet<String> {
        let heard = self.secrets.iter().filter(|(person, _)| self.known.get(person).is_some_and(Known::is_heard));
        heard.flat_map(|(_, secrets)| secrets.expected_names(today, instance)).collect()
    }

    /// The names of invitations that are open, or whose answer may have been lost.
    pub(super) fn invitation_names(&self) -> BTreeSet<String> {
        self.invitations.iter().map(IssuedInvitation::server_name).collect()
    }

    /// The tags by which persons who share my home recognise this device.
    pub(super) fn tags(&self, today: i64, instance: &str) -> Vec<Tag> {
        let household = self.known.values().filter(|known| known.household && known.is_dialled());
        let secrets = household.filter_map(|known| self.secrets.get(&known.person));
        secrets.take(HOUSEHOLD_TAGS_MAX).map(|secrets| lan::tag(secrets.current(), today, instance)).collect()
    }

    /// The person whose device shows one of these tags, if they share my home.
    fn household_by_tags(&self, today: i64, instance: &str, tags: &[Tag]) -> Option<PersonId> {
        let household = self.known.values().filter(|known| known.household && known.is_dialled());
        let mut persons = household.map(|known| known.person);
        persons.find(|person| self.secrets.get(person).is_some_and(|s| s.is_ours(today, instance, tags)))
    }

    /// Takes note of a device that is heard, if it is one of a person who shares my home.
    pub(super) fn heard(&mut self, today: i64, instance: &str, addresses: &[SocketAddr], tags: &[Tag]) -> bool {
        let Some(person) = self.household_by_tags(today, instance, tags) else { return false };
        if !addresses.is_empty() {
            self.instances.insert(instance.to_owned(), person);
            self.dialler.learn(Target::Instance(instance.to_owned()), addresses.to_vec(), Instant::now());
        }
        true
    }

    /// It is not heard any more.
    pub(super) fn unheard(&mut self, target: &Target) {
        if let Target::Instance(instance) = target {
            self.instances.remove(instance);
        }
        self.dialler.forget(target);
    }

    /// Where others may be, as this hub was told.
    pub(super) fn peers(&mut self, peers: &[SocketAddr]) {
        for &address in peers {
            self.dialler.learn(Target::Given(address), vec![address], Instant::now());
        }
    }

    /// This computer woke or moved: everybody is dialled at once, and hears where it is now.
    pub(super) fn moved(&mut self, addresses: Vec<SocketAddr>, now: Instant) {
        self.dialler.hurry(now);
        self.listening(addresses);
    }

    /// Whether a device of theirs is connected and both agree.
    pub(super) fn is_open(&self, person: PersonId) -> bool {
        self.exchange.is_open(person)
    }

    fn is_connected(&self, device: DeviceId) -> bool {
        self.lines.values().any(|line| line.device == device)
    }

    fn person_of(&self, device: DeviceId) -> Option<PersonId> {
        self.known.values().find(|known| known.keys.contains_key(&device)).map(|known| known.person)
    }

    /// Takes my roster as it is.
    pub(super) fn set_roster(&mut self, roster: &Roster) {
        self.exchange.handle(Input::Me(RosterView::from(roster)));
    }

    /// Says where this device listens.
    pub(super) fn listening(&mut self, addresses: Vec<SocketAddr>) {
        self.exchange.handle(Input::Listening(addresses));
    }
}

impl Known {
    /// Whether their devices are let in: linked, or they may not have heard that they are not any more. A blocked
    /// person's are, too: a block is not told.
    fn is_heard(&self) -> bool {
        !self.view.live.is_empty() || self.ended_ms.is_some_and(|ended| now_ms() < ended.saturating_add(TOLD_MS))
    }

    /// Whether their devices are dialled.
    fn is_dialled(&self) -> bool {
        self.is_heard() && !self.view.blocked
    }
}

impl Node {
    pub(super) fn people_happened(&mut self, happening: PeopleHappening) {
        match happening {
            PeopleHappening::Converse(inputs) => {
                if let Some(member) = &mut self.member {
                    inputs.into_iter().for_each(|input| member.people.exchange.handle(input));
                }
            }
            PeopleHappening::Accepting { acceptance, reply } => self.accepting(*acceptance, reply),
            PeopleHappening::Concluded { pact, outcome } => self.concluded(pact, *outcome),
            PeopleHappening::Considered { conn, message } => self.considered(conn, message),
            PeopleHappening::Invitations { open, asked } => {
                if let Some(member) = &mut self.member {
                    member.people.invitations = open;
                }
                self.trust_roster();
                self.tell(Event::PeopleChanged);
                if let Some((reply, done)) = asked.map(|asked| *asked) {
                    answer(reply, Ok(done));
                }
            }
            PeopleHappening::StandingDue(at_ms) => {
                if let Some(member) = &mut self.member {
                    let left = at_ms.map(|at| Duration::from_millis(u64::try_from(at - now_ms()).unwrap_or(0)));
                    member.people.standing_due = left.map(|left| Instant::now() + left);
                }
            }
        }
    }

    /// A transaction touched what concerns other persons. `here`: it was made on this device.
    pub(super) fn people_touched(&mut self, touched: Touched, here: bool) {
        if touched.is_empty() {
            return;
        }
        let metered = self.is_metered();
        let Some(member) = &mut self.member else { return };
        let (mut trust, mut asks) = (false, touched.settings);
        let mut unsettled = Vec::new();
        if touched.settings && !metered {
            // A policy may let go what waited.
            let asking = member.people.known.values().filter(|known| !known.asks.is_empty());
            unsettled.extend(asking.map(|known| known.person));
        }
        for known in touched.known {
            let person = known.person;
            let before = member.people.known.get(&person);
            trust |= before.is_none_or(|before| {
                before.keys != known.keys
                    || before.is_heard() != known.is_heard()
                    || before.household != known.household
                    || before.secret != known.secret
            });
            asks |= before.map(|before| (&before.asks, before.muted)) != Some((&known.asks, known.muted));
            if known.unsettled || !here || !known.asks.is_empty() && !metered {
                unsettled.push(person);
            }
            if let Some(former) = member.people.learn(known) {
                // Encoding plain data into memory cannot fail.
                let former = rmp_serde::to_vec_named(&former).unwrap_or_default();
                member.store.write(
                    move |rows| Ok(Ok::<_, StoreError>(rows.keep_former_secrets(person, Some(&former))?)),
                    |_| {},
                );
            }
        }
        if trust {
            self.trust_roster();
        }
        if !unsettled.is_empty() {
            self.keep_up(unsettled);
        }
        if here && !touched.shared.is_empty() {
            self.send_standing();
        }
        self.tell(Event::PeopleChanged);
        if asks || !here {
            self.tell(Event::InboxChanged);
        }
        if asks {
            self.notices_changed();
        }
        self.dial_people();
    }

    /// Settings changed: whether senders are told what became of theirs may have, and when it is quiet.
    pub(super) fn learn_people_settings(&mut self, settings: Option<&Entity>) {
        let Some(member) = &mut self.member else { return };
        let telling = settings.is_some_and(share::is_telling);
        member.people.exchange.handle(Input::Telling(telling));
        let quiet = settings.map(kith_core::settings::Settings::of).unwrap_or_default().quiet_hours();
        self.learn_notices(quiet);
    }

    /// Tells the loop something, later.
    pub(super) fn people_later(&self) -> impl Fn(PeopleHappening) + Send + use<> {
        let happenings = self.happenings.clone();
        move |happening| {
            // If the loop has ended, nobody is left to be told.
            let _ended = happenings.send(Happening::People(happening));
        }
    }
}

/// The conversation that a connection is.
fn conversation(conn: ConnId) -> ConversationId {
    ConversationId(conn.0)
}

/// How long the devices of a person whose link I ended are let in to hear of it, in milliseconds.
const TOLD_MS: i64 = 30 * 24 * 3600 * 1000;
/// Tags of persons of the household that are announced, at most: the record has to fit a packet.
const HOUSEHOLD_TAGS_MAX: usize = 30;
