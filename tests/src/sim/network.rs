//! Connections as QUIC gives them: each direction is ordered and reliable until the connection breaks; then whatever is
//! on its way is lost, and each side notices in its own time.

use kith_core::engine::LinkId;
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
