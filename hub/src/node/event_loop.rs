//! The event loop: the one place where a hub's state changes.

use super::{
    HubOptions, accounts, backup,
    care::Care,
    committer::{Committer, storage_error},
    copies::PartedHere,
    doctor, join,
    member::{Member, view},
    network::{Network, NetworkEvent},
    pairing::Pairing,
    persons::{PeopleHappening, known::Touched},
};
use crate::{
    api::{self, Answer, Code, Command, Done, Error, Event},
    clock::now_ms,
    folder::Folder,
    metered::{self, Verdict},
    store::{self, StoreError},
};
use kith_core::{
    book,
    engine::{CloseReason, Input, LinkId, Notice, Output},
    entity::Entity,
    id::EntityId,
    replica::{self, Applied, BatchRead, BookState, Branch, Committed, Refusal, Rows},
};
use std::time::Duration;
use tokio::{
    sync::{broadcast, mpsc, oneshot, watch},
    time::Instant,
};

/// Where an answer goes.
pub(crate) type Reply = oneshot::Sender<Result<Answer, Error>>;

/// Everything that can happen to a hub.
#[derive(Debug)]
pub(crate) enum Happening {
    /// Somebody asks for something.
    Asked { command: Command, reply: Reply },
    /// A transaction has ended.
    Stored(Box<Stored>),
    /// Another device let this one in, or did not.
    Joined { outcome: Result<Box<join::Joined>, Error>, reply: Reply },
    /// A restored device showed the list that the recovery code opened.
    Introduced { entries: Vec<Vec<u8>> },
    /// Settings or my card changed and were read again.
    Learned { settings: Option<Entity>, card: Option<Entity> },
    /// The address book's file was looked through and is sound.
    Checked,
    /// Damage was met in it.
    Damaged,
    /// A last backup was made, or none is wanted: everything here is to be erased.
    Erasing { backup: Option<api::Generation>, reply: Reply },
    /// The network was tried, for the doctor.
    Examined { examined: Box<doctor::Examined>, reply: Reply },
    /// The system says something else of the network.
    Metered(Verdict),
    /// Something that concerns other persons.
    People(PeopleHappening),
    /// Persons are to be asked for news.
    Asking { persons: Vec<(kith_core::id::PersonId, String)>, reply: Reply },
    /// The hub is to end.
    End,
}

/// A transaction that has ended.
pub(crate) enum Stored {
    /// Changes made here are durable.
    Committed { committed: Committed, state: BookState, groups: bool, people: Touched },
    /// A batch was read for a peer.
    Read { link: LinkId, session: u32, outcome: Result<BatchRead, StoreError> },
    /// A chain was read for a peer.
    Branch { link: LinkId, outcome: Result<Branch, StoreError> },
    /// A copied device's changes were parted with.
    Parted { outcome: Result<Box<PartedHere>, StoreError> },
    /// A delivery was applied, refused, or could not be stored.
    Applied { link: LinkId, outcome: Result<(Result<Applied, Refusal>, BookState), StoreError>, people: Touched },
}

impl std::fmt::Debug for Stored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Committed { .. } => "Committed",
            Self::Read { .. } => "Read",
            Self::Branch { .. } => "Branch",
            Self::Parted { .. } => "Parted",
            Self::Applied { .. } => "Applied",
        })
    }
}

/// The hub itself.
pub(crate) struct Node {
    pub(super) folder: Folder,
    pub(super) options: HubOptions,
    pub(super) happenings: mpsc::UnboundedSender<Happening>,
    pub(super) events: broadcast::Sender<Event>,
    pub(super) member: Option<Member>,
    pub(super) network: Option<Network>,
    /// A network that was left and is to be closed.
    pub(super) leaving: Option<Network>,
    pub(super) pairing: Option<Pairing>,
    /// Dropped or sent to, it stops this device from joining.
    pub(super) joining: Option<oneshot::Sender<()>>,
    /// Imports that are under way watch it, and stop when it is sent to.
    pub(super) importing: watch::Sender<()>,
    ask_again: Instant,
    /// What the accounts' sources looked like.
    pub(super) sources_seen: accounts::Seen,
    look_again: Instant,
    pub(super) care: Care,
    pub(super) backups_busy: backup::Busy,
    /// When somebody with an unknown key was last asked who that is.
    pub(super) asked_who: Option<Instant>,
    /// Whether traffic costs, as the system says.
    pub(super) metered: Verdict,
}

impl Node {
    /// Opens what the folder holds; the network too, unless it is to stay offline.
    pub(super) async fn open(
        folder: Folder,
        options: HubOptions,
        happenings: mpsc::UnboundedSender<Happening>,
        events: broadcast::Sender<Event>,
    ) -> Result<Self, Error> {
        folder.finish_erasing()?;
        let keys = folder.keys()?;
        let ask_again = Instant::now() + ASK_AGAIN;
        let mut node = Self {
            folder,
            options,
            happenings,
            events,
            member: None,
            network: None,
            leaving: None,
            pairing: None,
            joining: None,
            importing: watch::Sender::new(()),
            ask_again,
            sources_seen: accounts::Seen::default(),
            look_again: Instant::now() + LOOK_AGAIN,
            care: Care::default(),
            backups_busy: backup::Busy::default(),
            asked_who: None,
            metered: Verdict::Unknown,
        };
        if !node.options.offline {
            let happenings = node.happenings.clone();
            metered::watch(move |verdict| happenings.send(Happening::Metered(verdict)).is_ok());
        }
        backup::Scratch::clear(node.folder.path());
        if let Some(keys) = keys {
            node.move_in(keys).await?;
            if !node.options.offline {
                node.purge_old();
                node.check_accounts();
                node.check_watched();
                node.back_up_if_due();
            }
        }
        Ok(node)
    }

    /// Handles one happening after the other until the end. Hands the folder back, still locked.
    pub(super) async fn run(mut self, mut queue: mpsc::UnboundedReceiver<Happening>) -> Folder {
        let mut ending = None;
        while ending.is_none() {
            let wake = self.next_wake();
            // The loop's own queue first: what is durable is told before more comes in.
            tokio::select! {
                biased;
                happening = queue.recv() => match happening {
                    None | Some(Happening::End) => ending = Some(None),
                    Some(Happening::Asked { command: Command::Stop(_), reply }) => ending = Some(Some(reply)),
                    Some(happening) => self.happened(happening).await,
                },
                event = next_event(&mut self.network) => self.network_event(event),
                () = tokio::time::sleep_until(wake) => {}
            }
            // However much comes in, what is due is done.
            if Instant::now() >= wake {
                self.woken();
            }
            self.drain();
        }
        self.end().await;
        if let Some(Some(reply)) = ending {
            answer(reply, Ok(Answer::Stop(Done {})));
        }
        self.folder
    }

    /// Ends what goes on, and closes the book.
    pub(super) async fn end(&mut self) {
        self.keep_peers();
        if let Some(network) = self.network.take() {
            network.close().await;
        }
        if let Some(member) = self.member.take() {
            let store = member.store;
            // The writer finishes its queue first; that may block.
            let _closed = tokio::task::spawn_blocking(move || store.close()).await;
        }
    }

    async fn happened(&mut self, happening: Happening) {
        match happening {
            Happening::Asked { command, reply } => {
                self.care.is_asked();
                self.asked(command, reply).await;
            }
            Happening::Stored(stored) => self.stored(*stored),
            Happening::Joined { outcome, reply } => self.joined(outcome, reply).await,
            Happening::Introduced { entries } => self.introduced(&entries),
            Happening::Learned { settings, card } => self.learned(settings.as_ref(), card.as_ref()),
            Happening::Checked => self.checked(),
            Happening::Damaged => self.damaged().await,
            Happening::Erasing { backup, reply } => self.erase(backup, reply).await,
            Happening::Examined { examined, reply } => self.examined(*examined, reply),
            Happening::Metered(verdict) => self.network_is(verdict),
            Happening::People(happening) => self.people_happened(happening),
            Happening::Asking { persons, reply } => self.asking(persons, reply),
            Happening::End => {}
        }
        self.renew_network().await;
    }

    fn stored(&mut self, stored: Stored) {
        let Some(member) = &mut self.member else { return };
        match stored {
            Stored::Committed { committed, state, groups, people } => {
                let touched = committed.touched.clone();
                member.engine.handle(Input::Committed { committed, state });
                self.contacts_changed(&touched, None);
                self.people_touched(people, true);
                if groups {
                    self.tell(Event::GroupsChanged);
                }
            }
            Stored::Read { link, session, outcome } => member.engine.handle(match outcome {
                Ok(read) => Input::Read { link, session, read },
                Err(_) => Input::StorageFailed { link },
            }),
            Stored::Branch { link, outcome } => member.engine.handle(match outcome {
                Ok(branch) => Input::Branch { link, branch },
                Err(_) => Input::StorageFailed { link },
            }),
            Stored::Parted { outcome } => self.parted(outcome),
            Stored::Applied { link, outcome, people } => match outcome {
                Ok((result, state)) => {
                    member.engine.handle(Input::Applied { link, result, state });
                    self.people_touched(people, false);
                }
                Err(error) => {
                    member.engine.handle(Input::StorageFailed { link });
                    let error = storage_error(&error);
                    self.tell(Event::Trouble { code: error.code, message: error.message });
                }
            },
        }
    }

    /// Does everything that the engine wants done.
    pub(super) fn drain(&mut self) {
        while let Some(output) = self.member.as_mut().and_then(|member| member.engine.poll()) {
            if let Some(output) = self.held_back(output) {
                self.do_output(output);
            }
        }
        self.converse();
    }

    pub(super) fn do_output(&mut self, output: Output) {
        match output {
            Output::Send { link, bytes } => {
                if let Some(network) = &self.network {
                    network.send(link, bytes);
                }
            }
            Output::Read { link, session, want, after, theirs } => {
                let (Some(member), happenings) = (&self.member, self.happenings.clone()) else { return };
                let me = member.me();
                member.store.write(
                    move |rows| {
                        let mut read = replica::read_batch(rows, &want, after)?;
                        if let Some(theirs) = theirs {
                            read.forks = replica::forks(rows, me, &theirs.heads, &theirs.held)?;
                        }
                        Ok(Ok::<_, StoreError>(read))
                    },
                    move |outcome| {
                        report(&happenings, Stored::Read { link, session, outcome: outcome.and_then(|o| o) })
                    },
                );
            }
            Output::Branch { link, device, upto } => self.read_branch(link, device, upto),
            Output::Part { apart } => self.part(apart),
            Output::Apply { link, delivery } => self.apply(link, delivery),
            Output::TakeRoster { link, entries } => self.take_roster(link, &entries),
            Output::Close { link, reason } => self.close_link(link, reason),
            Output::Notice(notice) => self.noticed(notice),
        }
    }

    fn apply(&self, link: LinkId, delivery: replica::Delivery) {
        let Some(member) = &self.member else { return };
        let (me, writers, happenings) = (member.me(), member.writers.clone(), self.happenings.clone());
        let own = member.scene.me();
        member.store.write(
            move |rows| {
                let now = now_ms();
                rows.set_now(now);
                match replica::apply(rows, me, now, delivery, &|device| writers.contains(&device))? {
                    Ok(applied) => {
                        let people = Touched::look(rows, &applied.touched, own)?;
                        Ok(Ok((applied, rows.state().clone(), people)))
                    }
                    Err(refusal) => Ok(Err(refusal)),
                }
            },
            {
                let state = member.engine.state().clone();
                move |outcome| {
                    let mut people = Touched::default();
                    let outcome = outcome.map(|outcome| match outcome {
                        Ok((applied, state, touched)) => {
                            people = touched;
                            (Ok(applied), state)
                        }
                        Err(refusal) => (Err(refusal), state),
                    });
                    report(&happenings, Stored::Applied { link, outcome, people });
                }
            },
        );
    }

    fn noticed(&mut self, notice: Notice) {
        match notice {
            Notice::Changed { peer, applied } => {
                let device = self.member.as_ref().map(|member| member.scene.names.device(peer));
                self.contacts_changed(&applied.touched, device);
            }
            Notice::WrittenAgain { committed } => self.contacts_changed(&committed.touched, None),
            Notice::Forked { peer, device } => self.forked(peer, device),
            // It was told when it was durable.
            Notice::Parted { .. } => {}
            Notice::CaughtUp { .. } => self.tell(Event::DevicesChanged),
            Notice::PeerHolds { peer, vector } => {
                if let Some(member) = &mut self.member {
                    let row = member.peers.entry(peer).or_default();
                    row.vector = vector;
                    row.last_seen = now_ms();
                    member.peers_unkept.insert(peer);
                }
                self.settle_lan();
                self.tell(Event::DevicesChanged);
            }
            Notice::Differs { peer } => {
                let name = self.member.as_ref().map(|member| member.scene.names.device(peer)).unwrap_or_default();
                let message =
                    format!("The book on {name} differed from this one where it should not. It is compared anew.");
                self.tell(Event::Trouble { code: Code::Internal, message });
            }
        }
    }

    fn learned(&mut self, settings: Option<&Entity>, card: Option<&Entity>) {
        let Some(member) = &mut self.member else { return };
        member.learn_name(card);
        let renewed = member.learn_settings(settings);
        self.learn_people_settings(settings);
        if renewed {
            self.trust_roster();
        }
    }

    /// Reads again what the loop itself knows of the book, if that is among what changed.
    fn learn_again(&self, touched: &[EntityId]) {
        let Some(member) = &self.member else { return };
        let me = member.scene.me();
        if !touched.contains(&book::SETTINGS) && !touched.contains(&me) {
            return;
        }
        let (store, happenings) = (member.store.clone(), self.happenings.clone());
        tokio::spawn(async move {
            let read = store.read(move |rows| Ok((store::entity(rows, book::SETTINGS)?, store::entity(rows, me)?)));
            if let Ok((settings, card)) = read.await {
                // If the loop has ended, it need not know.
                let _ended = happenings.send(Happening::Learned { settings, card });
            }
        });
    }

    pub(super) fn contacts_changed(&self, touched: &[EntityId], device: Option<String>) {
        if touched.is_empty() {
            return;
        }
        self.learn_again(touched);
        if touched.contains(&book::SETTINGS) {
            self.tell(Event::SettingsChanged);
        }
        let named = touched.len() <= api::EVENT_IDS_MAX;
        let ids = if named { touched.iter().map(EntityId::to_string).collect() } else { Vec::new() };
        self.tell(Event::ContactsChanged { ids, device });
        // A group that arrives from another device cannot be told from a contact without looking.
        if touched.len() > 1 || touched.first() != Some(&book::SETTINGS) {
            self.tell(Event::GroupsChanged);
        }
    }

    fn woken(&mut self) {
        if Instant::now() >= self.ask_again {
            self.ask_again = Instant::now() + ASK_AGAIN;
            if let Some(member) = &mut self.member {
                member.engine.handle(Input::AskAgain);
            }
            self.keep_peers();
            self.purge_old();
            self.settle_lan();
            self.look_through_daily();
        }
        if Instant::now() >= self.look_again {
            self.look_again = Instant::now() + LOOK_AGAIN;
            self.check_accounts();
            self.check_watched();
            self.back_up_if_due();
        }
        self.people_woken();
        self.pairing_expired();
        self.look_around();
        self.dial_due();
    }

    fn next_wake(&self) -> Instant {
        let due =
            [Some(self.ask_again), Some(self.look_again), self.dial_next(), self.pairing_next(), self.people_next()];
        due.into_iter().flatten().min().unwrap_or(self.ask_again)
    }

    /// Keeps what was last known of other devices. It is a hint for the next start, not worth a disk write each time.
    pub(super) fn keep_peers(&mut self) {
        let Some(member) = &mut self.member else { return };
        let unkept = std::mem::take(&mut member.peers_unkept).into_iter();
        let rows: Vec<_> = unkept.filter_map(|peer| Some((peer, member.peers.get(&peer)?.clone()))).collect();
        if rows.is_empty() {
            return;
        }
        let keep = move |writing: &mut store::Writing<'_>| {
            rows.iter().try_for_each(|(peer, row)| writing.keep_peer(*peer, row)).map(Ok::<(), StoreError>)
        };
        member.store.write(keep, |_| {});
    }

    /// Reads the accounts whose sources changed, beside the loop.
    fn check_accounts(&self) {
        if let Some(member) = &self.member {
            tokio::spawn(self.sources(member).check());
        }
    }

    /// Reads the watched folders of call logs and mail that changed, beside the loop.
    fn check_watched(&self) {
        if let Some(member) = &self.member {
            let (committer, events) = (self.committer(member), self.events.clone());
            tokio::spawn(super::persons::interactions::check(member.scene.me(), committer, events));
        }
    }

    pub(super) fn sources(&self, member: &Member) -> accounts::Sources {
        let (committer, events) = (self.committer(member), self.events.clone());
        accounts::Sources { committer, events, seen: self.sources_seen.clone() }
    }

    pub(super) fn committer(&self, member: &Member) -> Committer {
        let (store, happenings) = (member.store.clone(), self.happenings.clone());
        Committer { me: member.me(), own: member.scene.me(), store, happenings }
    }

    /// Tells every window.
    pub(super) fn tell(&self, event: Event) {
        if let Event::Trouble { code, message } = &event {
            tracing::warn!(?code, "{message}");
        }
        // Nobody may be listening.
        let _unheard = self.events.send(event);
    }

    fn take_roster(&mut self, link: LinkId, entries: &[Vec<u8>]) {
        let Some(member) = &mut self.member else { return };
        let mut roster = member.roster.clone();
        for entry in entries {
            if let Err(error) = roster.insert(entry) {
                tracing::warn!(%error, "a peer sent a roster entry that is not taken");
                return self.close_link(link, CloseReason::Hostile);
            }
        }
        self.keep_roster(roster);
    }

    /// Takes a roster that grew. Its entries are queued for the disk before anything that is made under them.
    pub(super) fn keep_roster(&mut self, roster: kith_core::identity::roster::Roster) {
        self.tell_removed(&roster);
        let Some(member) = &mut self.member else { return };
        let was_member = member.roster.device(member.me()).is_some();
        if roster != member.roster {
            let entries = roster.history();
            member.store.write(move |rows| Ok(Ok::<_, StoreError>(rows.keep_roster(&entries)?)), |_| {});
            member.set_roster(roster);
            self.look_through(true);
        }
        let Some(member) = &mut self.member else { return };
        member.engine.handle(Input::Roster(view(&member.roster)));
        member.people.set_roster(&member.roster);
        self.trust_roster();
        self.settle_removals(was_member);
        self.return_to_network();
        self.tell(Event::DevicesChanged);
    }
}

async fn next_event(network: &mut Option<Network>) -> NetworkEvent {
    match network {
        Some(network) => network.next().await,
        None => std::future::pending().await,
    }
}

pub(super) fn answer(reply: Reply, outcome: Result<Answer, Error>) {
    // Whoever asked may have gone.
    let _gone = reply.send(outcome);
}

fn report(happenings: &mpsc::UnboundedSender<Happening>, stored: Stored) {
    // If the loop has ended, nobody is left to be told.
    let _ended = happenings.send(Happening::Stored(Box::new(stored)));
}

/// How often peers are asked without a reason, and the trash is looked through.
const ASK_AGAIN: Duration = Duration::from_secs(600);
/// How often the sources of accounts are looked at, and whether a backup is due.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
