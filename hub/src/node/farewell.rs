//! What a removed device hears: that it was removed, in signed entries, and nothing else. What it says is heard only as
//! far as it may end a duel: roster entries, which prove themselves.

use super::{event_loop::Node, network::Network};
use crate::transport::{CloseCode, ConnId};
use kith_core::{
    id::{DeviceId, Hash},
    identity::roster::Roster,
    replica::Heads,
    wire::{self, Hello, Message, RosterEntries},
};
use serde_bytes::ByteBuf;
use std::time::Duration;

impl Node {
    /// A removed device has connected: tells it, and hears it out.
    pub(super) fn removed_connected(&mut self, conn: ConnId, device: DeviceId) {
        let (Some(member), Some(network)) = (&self.member, &mut self.network) else { return };
        if network.farewells.values().filter(|&&other| other == device).count() >= FAREWELLS_MAX {
            return network.transport.close(conn, CloseCode::Busy);
        }
        tracing::debug!(?device, "a removed device is told");
        let roster = &member.roster;
        let (tables, closed) = (Hash([0; 32]), Heads::new());
        let hello = Hello { version: wire::VERSION, epoch: roster.epoch(), roster: roster.hash(), tables, closed };
        let told = Message::Roster(told(roster));
        for message in [Message::Hello(hello), told] {
            // If it has gone already, it need not be told.
            let _gone = network.transport.send(conn, message.encode());
        }
        network.farewells.insert(conn, device);
        let transport = network.transport.clone();
        tokio::spawn(async move {
            tokio::time::sleep(HEARD_OUT).await;
            transport.close(conn, CloseCode::Foreign);
        });
    }

    /// A removed device says something.
    pub(super) fn removed_says(&mut self, conn: ConnId, bytes: &[u8]) {
        let code = match Message::decode(bytes) {
            Ok(Message::Hello(_) | Message::Unknown(_)) => return,
            Ok(Message::Roster(RosterEntries { entries })) => self.hear_entries(&entries),
            // It wants the book, or has something for it.
            Ok(_) => CloseCode::Foreign,
            Err(_) => CloseCode::Hostile,
        };
        if let Some(network) = &mut self.network {
            network.farewells.remove(&conn);
            network.transport.close(conn, code);
        }
    }

    fn hear_entries(&mut self, entries: &[ByteBuf]) -> CloseCode {
        let Some(member) = &self.member else { return CloseCode::Done };
        let mut roster = member.roster.clone();
        // Who was a member is nothing to be heard from it: a thief could name many.
        for entry in entries.iter().filter(|entry| !member.roster.is_past(entry)) {
            if let Err(error) = roster.insert(entry) {
                tracing::warn!(%error, "a removed device sent a roster entry that is not taken");
                return CloseCode::Hostile;
            }
        }
        self.keep_roster(roster);
        CloseCode::Foreign
    }

    /// Tells those connected devices that a roster has no more, while they still listen.
    pub(super) fn tell_removed(&self, roster: &Roster) {
        let Some(network) = &self.network else { return };
        for (conn, device) in network.connections() {
            if roster.device(device).is_none() {
                let _gone = network.transport.send(conn, Message::Roster(told(roster)).encode());
            }
        }
    }

    /// This device was removed: every connection ends. The next one, which comes soon, is a farewell on both sides, and
    /// carries what this device has to say.
    pub(super) fn hang_up(&mut self) {
        let Some(network) = &self.network else { return };
        network.connections().for_each(|(conn, _)| network.transport.close(conn, CloseCode::Done));
    }
}

impl Network {
    /// Whether a connection is a removed device's.
    pub(super) fn is_farewell(&self, conn: ConnId) -> bool {
        self.farewells.contains_key(&conn)
    }
}

fn told(roster: &Roster) -> RosterEntries {
    RosterEntries { entries: roster.told_to_removed().into_iter().map(ByteBuf::from).collect() }
}

/// Connections of one removed device at once.
const FAREWELLS_MAX: usize = 4;
/// How long a removed device may take to say what it has to say.
const HEARD_OUT: Duration = Duration::from_secs(5);
