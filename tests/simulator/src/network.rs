//! Connections as QUIC gives them: each direction is ordered and reliable until the connection breaks; then whatever is
//! on its way is lost, and each side notices in its own time.

use super::{
    Rule,
    oracle::What,
    simple,
    world::{Event, World},
};
use kith_core::{
    engine::{Input, LinkId},
    limits::FRAME_BYTES_MAX,
    wire::Message,
};
use std::collections::VecDeque;

/// All connections ever made; a [`LinkId`] is an index.
#[derive(Debug, Default)]
pub(super) struct Network {
    connections: Vec<Connection>,
}

/// One connection between two devices, which are named by their index. Side 0 dialled.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) ends: [usize; 2],
    /// Whether the side's engine takes it for open.
    pub(super) open: [bool; 2],
    pub(super) broken: bool,
    /// Breaks when so many more frames have arrived.
    pub(super) frames_left: Option<u64>,
    /// One side closed it for a reason that honest devices may have.
    pub(super) excused: bool,
    streams: [VecDeque<Parcel>; 2],
    due_ms: [u64; 2],
}

/// What travels to one side.
#[derive(Clone, Debug)]
pub(super) enum Parcel {
    /// The handshake is done: the accepting side learns of the connection.
    Opened,
    /// One frame.
    Frame(Vec<u8>),
    /// The other side closed.
    Closed,
}

impl Network {
    /// Opens a connection at the dialling side; the other hears of it by [`Parcel::Opened`].
    pub(super) fn dial(&mut self, from: usize, to: usize, frames_left: Option<u64>) -> LinkId {
        self.connections.push(Connection {
            ends: [from, to],
            open: [true, false],
            broken: false,
            frames_left,
            excused: false,
            streams: [VecDeque::new(), VecDeque::new()],
            due_ms: [0, 0],
        });
        LinkId(self.connections.len() as u64 - 1)
    }

    pub(super) fn connection(&mut self, link: LinkId) -> Option<&mut Connection> {
        usize::try_from(link.0).ok().and_then(|nth| self.connections.get_mut(nth))
    }

    /// Every connection that may still carry something or be noticed, with its name.
    pub(super) fn iter(&self) -> impl Iterator<Item = (LinkId, &Connection)> {
        self.connections.iter().enumerate().map(|(nth, connection)| (LinkId(nth as u64), connection))
    }

    /// Whether `from` takes itself for connected to `to`.
    pub(super) fn is_open(&self, from: usize, to: usize) -> bool {
        self.connections.iter().any(|connection| {
            connection.side_of(from).is_some_and(|side| connection.open[side] && connection.ends[1 - side] == to)
        })
    }

    /// How many connections either of two devices takes for open.
    pub(super) fn open_between(&self, one: usize, other: usize) -> usize {
        let between = self.connections.iter().filter(|c| c.ends == [one, other] || c.ends == [other, one]);
        between.filter(|connection| connection.open.contains(&true)).count()
    }
}

impl Connection {
    /// Which side a device is, if it is one.
    pub(super) fn side_of(&self, device: usize) -> Option<usize> {
        self.ends.iter().position(|end| *end == device)
    }

    /// Puts a parcel on its way to `side`; returns when it will arrive, `None` if it never will.
    pub(super) fn send(&mut self, side: usize, parcel: Parcel, now_ms: u64, latency_ms: u64) -> Option<u64> {
        if self.broken {
            return None;
        }
        self.due_ms[side] = self.due_ms[side].max(now_ms + latency_ms);
        self.streams[side].push_back(parcel);
        Some(self.due_ms[side])
    }

    /// The oldest parcel on its way to `side`.
    pub(super) fn arrive(&mut self, side: usize) -> Option<Parcel> {
        self.streams[side].pop_front()
    }

    /// Loses everything on its way, and all that will be sent.
    pub(super) fn cut(&mut self) {
        self.broken = true;
        self.streams.iter_mut().for_each(VecDeque::clear);
    }
}

impl World {
    /// Sends a frame of a device's engine.
    pub(super) fn send(&mut self, device: usize, link: LinkId, bytes: Vec<u8>) {
        let Some(side) = self.network.connection(link).and_then(|connection| connection.side_of(device)) else {
            return;
        };
        if bytes.len() > FRAME_BYTES_MAX {
            self.found(What::FrameTooLong, format!("{} bytes by device {device}", bytes.len()));
        }
        self.tally.count("frames");
        self.trace(|_| format!("device {device} -> link {}: {}", link.0, describe(&bytes)));
        let bytes = if self.rule == Rule::Simple { simple::unchecked(bytes) } else { bytes };
        self.post(link, 1 - side, Parcel::Frame(bytes));
    }

    pub(super) fn post(&mut self, link: LinkId, side: usize, parcel: Parcel) {
        let latency = self.dice.below(self.plan.latency_ms_max + 1);
        let now = self.now_ms;
        let Some(connection) = self.network.connection(link) else { return };
        if let Some(at) = connection.send(side, parcel, now, latency) {
            self.schedule(at - now, Event::Arrive { link, side });
        }
    }

    /// The oldest parcel on its way arrives.
    pub(super) fn arrive(&mut self, link: LinkId, side: usize) {
        let Some(connection) = self.network.connection(link) else { return };
        let (device, other) = (connection.ends[side], connection.ends[1 - side]);
        match connection.arrive(side) {
            None => {}
            Some(Parcel::Opened) if self.devices[device].is_up() => {
                connection.open[side] = true;
                let peer = self.devices[other].id;
                self.handle(device, Input::Connected { link, peer });
            }
            Some(Parcel::Opened) => self.cut(link),
            Some(_) if !connection.open[side] => {}
            Some(Parcel::Closed) => {
                connection.open[side] = false;
                self.handle(device, Input::Closed { link });
            }
            Some(Parcel::Frame(bytes)) => {
                let left = connection.frames_left.as_mut().map(|left| {
                    *left = left.saturating_sub(1);
                    *left
                });
                self.handle(device, Input::Frame { link, bytes });
                if left == Some(0) && !self.healing {
                    self.cut(link);
                }
            }
        }
    }

    /// Breaks a connection: what is on its way is lost, and both sides will notice.
    pub(super) fn cut(&mut self, link: LinkId) {
        let Some(connection) = self.network.connection(link) else { return };
        if connection.broken {
            return;
        }
        connection.cut();
        self.tally.count("cuts");
        self.trace(|_| format!("link {} is cut", link.0));
        for side in 0..2 {
            let delay = self.dice.below(self.plan.notice_ms_max + 1);
            self.schedule(delay, Event::Unplugged { link, side });
        }
    }

    /// A side notices that the connection is gone.
    pub(super) fn unplugged(&mut self, link: LinkId, side: usize) {
        let Some(connection) = self.network.connection(link).filter(|connection| connection.open[side]) else { return };
        connection.open[side] = false;
        let device = connection.ends[side];
        self.trace(|_| format!("device {device} notices that link {} is gone", link.0));
        self.handle(device, Input::Closed { link });
    }
}

fn describe(bytes: &[u8]) -> String {
    match Message::decode(bytes) {
        Ok(Message::Batch(batch)) => format!(
            "batch {}/{} of {} changes, through {}, {:?}",
            batch.session,
            batch.number,
            batch.changes.len(),
            batch.cursor.arrival,
            batch.last.map(|last| last.upto)
        ),
        Ok(Message::Push(push)) => {
            format!("push {} of {} changes, {:?} to {:?}", push.number, push.changes.len(), push.base, push.upto)
        }
        Ok(other) => format!("{other:?}"),
        Err(invalid) => invalid.to_string(),
    }
}
