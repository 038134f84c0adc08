//! The running hub: one event loop that owns the engine, and the handle with which everybody talks to it.

use crate::api::{Answer, Code, Command, Error, Event, Request};
use std::{net::SocketAddr, path::PathBuf};
use tokio::sync::broadcast;

/// How to start a hub.
#[derive(Clone, Debug, Default)]
pub struct HubOptions {
    /// The data folder: one person's device.
    pub folder: PathBuf,
    /// Where to listen for other devices; every address on a free port unless given.
    pub listen: Option<SocketAddr>,
    /// Leave mDNS alone.
    pub no_mdns: bool,
    /// Addresses to dial without having been told by mDNS.
    pub peers: Vec<SocketAddr>,
}

/// A running hub. Clones talk to the same one.
#[derive(Clone, Debug)]
pub struct Hub {
    events: broadcast::Sender<Event>,
}

impl Hub {
    /// Opens the folder and starts the loop. An empty folder is fine: it waits for `init` or `pair.enter`.
    pub async fn start(_options: HubOptions) -> Result<Self, Error> {
        Ok(Self { events: broadcast::channel(256).0 })
    }

    /// Carries out one command.
    pub async fn call(&self, _command: Command) -> Result<Answer, Error> {
        Err(Error::new(Code::Internal, "not built yet"))
    }

    /// Carries out one command whose answer type is known.
    pub async fn ask<R: Request>(&self, request: R) -> Result<R::Answer, Error> {
        let answer = self.call(request.into()).await?;
        R::unwrap_answer(answer).ok_or_else(|| Error::new(Code::Internal, "the hub answered another command"))
    }

    /// Everything that changes from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Returns when the hub has ended, by `stop` or by [`Hub::stop`].
    pub async fn ended(&self) {}

    /// Ends cleanly: everything acknowledged is on disk when this returns.
    pub async fn stop(&self) {}
}
