//! The running hub: one event loop that owns everything, and the handle with which everybody talks to it.
//!
//! A command, a frame, a finished transaction, a device seen on the network: each is a [`Happening`] in one queue, and
//! the loop in [`event_loop`] handles them one after the other. Nothing else changes the hub's state.

mod accounts;
mod asked;
mod backup;
mod card;
mod care;
mod committer;
mod contacts;
mod copies;
mod devices;
mod diagnosis;
mod dialler;
mod dialling;
mod doctor;
mod duplicates;
mod edits;
mod erasing;
mod event_loop;
mod farewell;
mod groups;
mod held;
mod importing;
mod introduction;
mod join;
mod member;
mod network;
mod pairing;
mod people;
mod persons;
mod qr;
mod recovery;
mod restore;
mod scan;
mod settings;
mod source;
mod status;
mod surroundings;
mod taking_back;
mod transfer;
mod trash;
mod work;

#[cfg(feature = "fuzz")]
pub use held::fuzz_held;

use crate::{
    api::{Answer, Code, Command, Error, Event, Request},
    control,
    folder::Folder,
    keys::KeyOptions,
};
use event_loop::{Happening, Node};
use std::{
    net::SocketAddr,
    path::PathBuf,
    time::{Duration, Instant},
};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// How to start a hub.
#[derive(Clone, Debug, Default)]
pub struct HubOptions {
    /// The data folder: one person's device.
    pub folder: PathBuf,
    /// Where the device's keys are wanted.
    pub keys: KeyOptions,
    /// Where to listen for other devices; every address on a free port unless given.
    pub listen: Option<SocketAddr>,
    /// Leave mDNS alone.
    pub no_mdns: bool,
    /// Addresses to dial without having been told by mDNS.
    pub peers: Vec<SocketAddr>,
    /// Neither listen nor dial nor take commands from other processes: for one command on a folder.
    pub offline: bool,
}

/// A running hub. Clones talk to the same one.
#[derive(Clone, Debug)]
pub struct Hub {
    happenings: mpsc::UnboundedSender<Happening>,
    events: broadcast::Sender<Event>,
    ended: watch::Receiver<bool>,
}

impl Hub {
    /// Opens the folder and starts the loop. An empty folder is fine: it waits for `init` or `pair.enter`.
    pub async fn start(options: HubOptions) -> Result<Self, Error> {
        let folder = open_folder(&options).await?;
        let (happenings, queue) = mpsc::unbounded_channel();
        let (events, _) = broadcast::channel(EVENTS_KEPT);
        let (ended_sender, ended) = watch::channel(false);
        let hub = Self { happenings, events, ended };
        let path = options.folder.clone();
        let offline = options.offline;
        let node = Node::open(folder, options, hub.happenings.clone(), hub.events.clone()).await?;
        let control = if offline {
            None
        } else {
            let served = control::serve(&path, hub.clone());
            Some(served.map_err(|error| {
                Error::new(Code::FileUnavailable, format!("the control socket cannot be opened: {error}"))
            })?)
        };
        tokio::spawn(async move {
            // The folder stays locked until the socket is gone: the next hub on it binds its own.
            let folder = node.run(queue).await;
            if let Some(control) = control {
                control.end().await;
            }
            drop(folder);
            ended_sender.send_replace(true);
        });
        Ok(hub)
    }

    /// Carries out one command.
    pub async fn call(&self, command: Command) -> Result<Answer, Error> {
        let (reply, answer) = oneshot::channel();
        let gone = || Error::new(Code::NotRunning, "the hub has ended");
        self.happenings.send(Happening::Asked { command, reply }).map_err(|_| gone())?;
        answer.await.unwrap_or_else(|_| Err(gone()))
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
    pub async fn ended(&self) {
        // An error means that the loop is gone, which is an end as well.
        let mut ended = self.ended.clone();
        let _ended = ended.wait_for(|ended| *ended).await;
    }

    /// Ends cleanly: everything acknowledged is on disk when this returns.
    pub async fn stop(&self) {
        if self.happenings.send(Happening::End).is_ok() {
            self.ended().await;
        }
    }
}

/// Opens the folder for this process alone. Another one that has it is waited for as long as it takes no commands: it
/// carries out a single one, or is a hub that starts or ends.
async fn open_folder(options: &HubOptions) -> Result<Folder, Error> {
    let until = Instant::now() + PATIENCE;
    loop {
        let (path, keys) = (options.folder.clone(), options.keys.clone());
        let opened = tokio::task::spawn_blocking(move || Folder::open(&path, keys))
            .await
            .map_err(|_| Error::new(Code::Internal, "opening the folder was cut off"))?;
        let waits = |error: &Error| error.code == Code::InUse && Instant::now() < until;
        match opened {
            Err(error) if waits(&error) && !control::is_served(&options.folder).await => {
                tokio::time::sleep(TRY_AGAIN).await;
            }
            opened => return opened,
        }
    }
}

/// How long another process that has the folder is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
const TRY_AGAIN: Duration = Duration::from_millis(10);
/// Events that a slow listener may be behind before it misses some.
const EVENTS_KEPT: usize = 1024;
