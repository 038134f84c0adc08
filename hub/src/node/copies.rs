//! This folder, or another device's, was copied or rolled back (rule 3.1/9): parting with what is not held alike, going on
//! under a new id, and being let in again.
//!
//! A folder that finds its numbers used by somebody else keeps a copy of its file, takes a new id and new keys, and
//! speaks to nobody until another device lets it in by pairing, or the recovery code opens an epoch with it. Meanwhile it
//! can be edited like any other.

use super::{
    committer::storage_error,
    event_loop::{Happening, Node, Reply, Stored, answer},
    join,
    member::{join_addresses, new_keys, roster_error, split_addresses},
    work::Scene,
};
use crate::{
    api::{Answer, Code, CopiedDevice, Copies, DeviceJoined, Error, Event, Named},
    clock::{now_ms, rfc3339},
    keys::Kept,
    store::{self, CopyRow, StoreError},
};
use kith_core::{
    engine::{Input, LinkId},
    id::{DeviceId, EntityId},
    replica::{self, Apart, BookState, Parted, Rows},
    vector::Vector,
};
use rand_core::OsRng;
use std::{net::SocketAddr, time::Duration};

/// What parting did, and under which id this device goes on.
pub(crate) struct PartedHere {
    pub(crate) parted: Parted,
    pub(crate) fresh: DeviceId,
    pub(crate) state: BookState,
}

impl Node {
    /// A peer holds other changes of a device than this one.
    pub(super) fn forked(&self, peer: DeviceId, device: DeviceId) {
        let Some(member) = &self.member else { return };
        let name = |id| member.scene.names.device(id);
        let message = format!(
            "{} has other changes of {} than this device, under the same number: a data folder was copied or rolled back. \
             It is settled before anything else.",
            name(peer),
            name(device),
        );
        self.tell(Event::Trouble { code: Code::Copied, message });
    }

    /// Looks up a chain for a peer.
    pub(super) fn read_branch(&self, link: LinkId, device: DeviceId, upto: u64) {
        let (Some(member), happenings) = (&self.member, self.happenings.clone()) else { return };
        member.store.write(
            move |rows| Ok(Ok::<_, StoreError>(replica::branch(rows, device, upto)?)),
            move |outcome| {
                let outcome = outcome.and_then(|outcome| outcome);
                // If the loop has ended, nobody is left to be told.
                let _ended = happenings.send(Happening::Stored(Box::new(Stored::Branch { link, outcome })));
            },
        );
    }

    /// Parts with a copied device's changes. Where they are this device's, its file as it was is kept beside.
    pub(super) fn part(&self, apart: Apart) {
        let (Some(member), happenings) = (&self.member, self.happenings.clone()) else { return };
        let (store, me) = (member.store.clone(), member.me());
        let mine = match &apart {
            Apart::Branch(branch) => branch.device == me,
            Apart::Closed(closed) => closed.contains_key(&me),
        };
        let beside = mine.then(|| self.folder.path().join(format!("before-copy-{}.db", now_ms())));
        tokio::spawn(async move {
            if let Some(beside) = beside
                && let Err(error) = store.snapshot(beside).await
            {
                tracing::warn!(%error, "the file as it was could not be kept");
            }
            let work = move |rows: &mut store::Writing<'_>| {
                let now = now_ms();
                rows.set_now(now);
                let (me, fresh) = (rows.device(me)?, DeviceId::random(&mut OsRng));
                let parted = replica::part(rows, me, fresh, &apart)?;
                if parted.left {
                    rows.keep_device(fresh)?;
                }
                let mut ends = parted.lowered.clone();
                if parted.left {
                    ends.entry(me).or_default();
                }
                for (&device, end) in &ends {
                    let (left, contacts) = (device == me, parted.committed.touched.clone());
                    rows.keep_copy(&CopyRow { at: now, device, left, contacts }, end.seq)?;
                }
                Ok(Ok::<_, StoreError>(PartedHere { parted, fresh, state: rows.state().clone() }))
            };
            store.write(work, move |outcome| {
                let outcome = outcome.and_then(|outcome| outcome).map(Box::new);
                // If the loop has ended, nobody is left to be told.
                let _ended = happenings.send(Happening::Stored(Box::new(Stored::Parted { outcome })));
            });
        });
    }

    /// It is settled: goes on, under a new id if it must.
    pub(super) fn parted(&mut self, outcome: Result<Box<PartedHere>, StoreError>) {
        let Some(member) = &mut self.member else { return };
        let PartedHere { parted, fresh, state } = match outcome {
            Ok(here) => *here,
            Err(error) => {
                let state = member.engine.state().clone();
                member.engine.handle(Input::Parted { result: None, state });
                let error = storage_error(&error);
                return self.tell(Event::Trouble { code: error.code, message: error.message });
            }
        };
        for (device, row) in &mut member.peers {
            parted.lowered.iter().for_each(|(of, end)| row.vector.lower(*of, end.seq));
            member.peers_unkept.insert(*device);
        }
        let names: Vec<String> = parted.lowered.keys().map(|device| member.scene.names.device(*device)).collect();
        let (left, touched) = (parted.left, parted.committed.touched.clone());
        member.engine.handle(Input::Parted { result: Some(parted), state });
        if left {
            self.go_on_as(fresh);
        } else if let Some(member) = &mut self.member {
            member.set_roster(member.roster.clone());
        }
        if !names.is_empty() {
            let message = told(&names.join(", "), left, &touched);
            self.tell(Event::Trouble { code: Code::Copied, message });
            self.tell(Event::DevicesChanged);
        }
        self.contacts_changed(&touched, None);
    }

    /// Takes new keys under a new id and leaves the network.
    fn go_on_as(&mut self, fresh: DeviceId) {
        let Some(member) = &mut self.member else { return };
        let mut keys = new_keys(member.keys.person);
        keys.device = fresh;
        member.was = Some(member.me());
        // If the keys cannot be written now, the next start makes others for the id that is in the book's file.
        let kept = self.folder.keep_keys(&keys);
        member.keys = keys;
        // What others were heard to hold, they were heard to as by another device.
        for (&device, row) in &mut member.peers {
            row.vector = Vector::default();
            member.peers_unkept.insert(device);
        }
        member.set_roster(member.roster.clone());
        self.pairing = None;
        if let Some(network) = self.network.take() {
            // Others find it where it was, once it is back.
            self.options.listen = network.local_addr().or(self.options.listen);
            self.leaving = Some(network);
        }
        if let Err(error) = kept {
            self.tell(Event::Trouble { code: error.code, message: error.message });
        }
    }

    /// Closes the network that was left, frames first, and opens it anew under the keys of today.
    pub(super) async fn renew_network(&mut self) {
        let Some(network) = self.leaving.take() else { return };
        network.close().await;
        for _ in 0..REOPEN_TRIES {
            match self.go_online() {
                Ok(()) => return,
                // The address is not free yet.
                Err(error) => tracing::debug!(%error, "not online yet"),
            }
            tokio::time::sleep(REOPEN_PAUSE).await;
        }
        self.options.listen = self.options.listen.map(|listen| SocketAddr::new(listen.ip(), 0));
        if let Err(error) = self.go_online() {
            self.tell(Event::Trouble { code: error.code, message: error.message });
        }
    }

    /// Another device let this one in again: its book stays.
    pub(super) fn let_in_again(&mut self, joined: join::Joined, reply: Reply) {
        if let Err(error) = self.take_roster_of(joined) {
            return answer(reply, Err(error));
        }
        let Some(member) = &self.member else { return answer(reply, Err(not_waiting())) };
        let kept = self.folder.kept();
        let joined = DeviceJoined {
            device_id: member.me().to_string(),
            person_id: member.keys.person.to_string(),
            keys: kept.word().to_owned(),
            keys_sealed: kept == Kept::Sealed,
        };
        // The writer works in order: the roster is on disk when this is answered.
        member.store.write(
            |_| Ok(Ok::<(), StoreError>(())),
            move |stored| {
                let stored = stored.and_then(|stored| stored).map_err(|error| storage_error(&error));
                answer(reply, stored.map(|()| Answer::PairEnter(joined)));
            },
        );
    }

    fn take_roster_of(&mut self, joined: join::Joined) -> Result<(), Error> {
        let Some(member) = &mut self.member else { return Err(not_waiting()) };
        let founding = joined.founding;
        if founding.keys.person != member.keys.person || founding.book != member.engine.state().book {
            let message = "That device belongs to another address book. Show the code on a device of your own.";
            return Err(Error::new(Code::ForeignDevice, message));
        }
        let mut roster = member.roster.clone();
        for entry in &founding.roster {
            roster.insert(entry).map_err(|error| roster_error(&error))?;
        }
        if let Some((device, addresses)) = founding.host {
            let row = member.peers.entry(device).or_default();
            let known = split_addresses(&row.addresses).into_iter().filter(|known| !addresses.contains(known));
            row.addresses = join_addresses(&addresses.iter().copied().chain(known).collect::<Vec<_>>());
            member.peers_unkept.insert(device);
        }
        // The book brings it as well, with the change that it came by.
        member.learn_lan(founding.lan_secret);
        self.keep_roster(roster);
        self.keep_peers();
        self.dial_everybody();
        Ok(())
    }

    /// Speaks to others again as soon as the roster names this device.
    pub(super) fn return_to_network(&mut self) {
        let let_in = self.member.as_ref().is_some_and(|member| !member.waits());
        if let Some(network) = self.network.take_if(|network| network.mute && let_in) {
            self.leaving = Some(network);
        }
    }
}

/// `devices.copies`: what was settled because a folder had been copied or rolled back, newest first.
pub(super) fn list(scene: &Scene, rows: &store::Reader) -> Result<Answer, StoreError> {
    let mut copies = Vec::new();
    for copy in store::copies(rows)? {
        let mut contacts = Vec::new();
        for id in copy.contacts {
            let name = store::listed_name(rows, id)?;
            contacts.push(Named { id: id.to_string(), name });
        }
        let device = Named { id: copy.device.to_string(), name: scene.names.device(copy.device) };
        copies.push(CopiedDevice { time: rfc3339(copy.at), device, this: copy.left, contacts });
    }
    Ok(Answer::DevicesCopies(Copies { copies }))
}

/// What a person reads where a device waits to be let in.
pub(super) fn waiting() -> String {
    "This folder was copied, rolled back or lost something, so it goes on as a new device and exchanges nothing until it \
     is let in: show a pairing code on another device and enter it here, or use the recovery code."
        .to_owned()
}

fn not_waiting() -> Error {
    Error::new(Code::AlreadySetUp, "This device need not be let in.")
}

fn told(names: &str, left: bool, touched: &[EntityId]) -> String {
    let contacts = match touched.len() {
        0 => "Nothing had to be written again.".to_owned(),
        count => format!("{} written again; where both copies changed something, both values stand.", counted(count)),
    };
    if left {
        format!("{} {contacts}", waiting())
    } else {
        format!("The data folder of {names} was copied or rolled back. {contacts}")
    }
}

fn counted(count: usize) -> String {
    if count == 1 { "1 entry was".to_owned() } else { format!("{count} entries were") }
}

/// How often an address that was just left is tried again, and how long between.
const REOPEN_TRIES: usize = 40;
const REOPEN_PAUSE: Duration = Duration::from_millis(50);
