//! Who is near: announces this device over mDNS and listens for others (design section 4). Only this module knows mDNS.
//!
//! Everything heard is a hint by whoever cares to send a packet: it is bounded, forgotten when it ages, and never
//! lowers or raises trust. What is announced is a random instance and host name, tags that only own people recognise
//! ([`kith_core::lan`]), and whether pairing is open; no names, no ids that outlive a start.
//!
//! The environment variable [`PORT_VARIABLE`] moves mDNS to another UDP port, so that tests neither hear nor disturb
//! the real network.

mod heard;
mod interfaces;
mod probe;
#[cfg(test)]
mod tests;

#[cfg(feature = "fuzz")]
pub use heard::fuzz_announcement;
pub use interfaces::{Interface, answers_on_the_wire, interfaces, is_link_local, own_addresses, way_to};
pub use probe::{Multicast, multicast};

use heard::{Heard, txt};
use kith_core::lan::Tag;
use mdns_sd::{DaemonEvent, Receiver, ServiceDaemon, ServiceEvent, ServiceInfo};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    sync::{Notify, mpsc},
    time::{Instant, sleep_until, timeout},
};

/// The service under which every Kith is found.
pub const SERVICE: &str = "_kith._udp.local.";
/// Names the UDP port to use instead of 5353.
pub const PORT_VARIABLE: &str = "KITH_MDNS_PORT";
/// Most instances that are kept; the one not heard for longest goes first.
pub const INSTANCES_MAX: usize = 200;
/// Most addresses of one instance.
pub const ADDRESSES_MAX: usize = 16;
/// Most tags that are announced or listened to: own devices and 30 households.
pub const TAGS_MAX: usize = 31;
/// How often the system is asked for new and lost addresses, in seconds, while they change. The node looks as well, and
/// says so ([`Discovery::ask_again`]); in between a computer at rest is left at rest.
const IP_CHECK_S: u32 = 1;
const IP_CHECK_AT_REST_S: u32 = 15;
/// When to ask the network again after an address appeared: at first a new one often cannot be used yet.
const ASK_AGAIN: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(10)];
/// After so long without one announcement, multicast does not work here.
const ANNOUNCE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an instance may take to say that it is still there.
const CONFIRM_TIMEOUT: Duration = Duration::from_millis(1500);
/// How long a goodbye may take.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// What to announce.
#[derive(Clone, Debug)]
pub struct DiscoveryOptions {
    /// A random name for this start: letters, digits and dashes, at most 63 bytes. It is the host name too.
    pub instance: String,
    /// Where the transport listens.
    pub port: u16,
    /// The tags of today, at most [`TAGS_MAX`].
    pub tags: Vec<Tag>,
    /// Whether pairing is open.
    pub pairing: bool,
}

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiscoveryEvent {
    /// An instance is there, or says something new, or says the same again.
    Resolved {
        /// Its name.
        instance: String,
        /// Where it listens, best first, at most [`ADDRESSES_MAX`]; link-local IPv6 with its scope.
        addresses: Vec<SocketAddr>,
        /// Its tags, at most [`TAGS_MAX`].
        tags: Vec<Tag>,
        /// Whether it says that pairing is open.
        pairing: bool,
    },
    /// An instance said goodbye, or was not heard for about two minutes. Liveness is the transport's business.
    Removed {
        /// Its name.
        instance: String,
    },
    /// No announcement could be sent on any interface: multicast does not work here. It may still begin to.
    Mute,
}

/// Discovery cannot work. The node goes on without it: by given and remembered addresses.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The mDNS service cannot run on this system, or has ended.
    #[error("devices on the local network cannot be looked for: {0}")]
    Unavailable(#[from] mdns_sd::Error),
    /// [`PORT_VARIABLE`] holds no port.
    #[error("{PORT_VARIABLE} holds {0:?}, which is not a port")]
    Port(String),
    /// The instance name is not fit for DNS.
    #[error("{0:?} is not fit as an instance name")]
    Instance(String),
}

/// Announces and listens until it is stopped or dropped; either says goodbye.
pub struct Discovery {
    daemon: ServiceDaemon,
    instance: String,
    port: u16,
    ask: Arc<Notify>,
}

impl Discovery {
    /// Announces and listens. Must be called within a tokio runtime; what is heard goes to `sink`.
    pub fn start(options: DiscoveryOptions, sink: mpsc::Sender<DiscoveryEvent>) -> Result<Self, Error> {
        Self::start_on(options, sink, mdns_port()?)
    }

    /// Only listens: for a device that has nothing to announce yet.
    pub fn listen(sink: mpsc::Sender<DiscoveryEvent>) -> Result<Self, Error> {
        Self::open(String::new(), 0, sink, mdns_port()?)
    }

    fn start_on(
        options: DiscoveryOptions,
        sink: mpsc::Sender<DiscoveryEvent>,
        mdns_port: Option<u16>,
    ) -> Result<Self, Error> {
        let DiscoveryOptions { instance, port, tags, pairing } = options;
        if !heard::is_instance(&instance) {
            return Err(Error::Instance(instance));
        }
        let discovery = Self::open(instance, port, sink, mdns_port)?;
        discovery.update(&tags, pairing)?;
        Ok(discovery)
    }

    fn open(
        instance: String,
        port: u16,
        sink: mpsc::Sender<DiscoveryEvent>,
        mdns_port: Option<u16>,
    ) -> Result<Self, Error> {
        let daemon = match mdns_port {
            Some(port) => ServiceDaemon::new_with_port(port)?,
            None => ServiceDaemon::new()?,
        };
        let announces = !instance.is_empty();
        let ask = Arc::new(Notify::new());
        let discovery = Self { daemon, instance, port, ask: ask.clone() };
        discovery.daemon.set_ip_check_interval(if announces { IP_CHECK_AT_REST_S } else { IP_CHECK_S })?;
        let monitor = discovery.daemon.monitor()?;
        let browse = discovery.daemon.browse(SERVICE)?;
        let listener = Listener {
            daemon: discovery.daemon.clone(),
            heard: Heard::new(discovery.instance.clone()),
            sink,
            subscribed: true,
            ask_again: Vec::new(),
            ask,
            announces,
            mute_at: announces.then(|| Instant::now() + ANNOUNCE_TIMEOUT),
        };
        tokio::spawn(listener.run(browse, monitor));
        Ok(discovery)
    }

    /// Announces other tags, or that pairing opened or closed.
    pub fn update(&self, tags: &[Tag], pairing: bool) -> Result<(), Error> {
        let host = format!("{}.local.", self.instance);
        let txt = txt(tags, pairing);
        let info = ServiceInfo::new(SERVICE, &self.instance, &host, "", self.port, &txt[..])?;
        let mut info = info.enable_addr_auto();
        // The name is random: nobody else has it, and asking for it would cost most of a second.
        info.set_requires_probe(false);
        Ok(self.daemon.register(info)?)
    }

    /// Asks the network again who is there, and watches the own addresses closely for a while: after a sleep, or on another
    /// network.
    pub fn ask_again(&self) {
        self.ask.notify_one();
    }

    /// Asks an instance to say that it is still there (RFC 6762 section 10.4). If it does not, it is told as removed.
    pub fn confirm(&self, instance: &str) {
        // Where the daemon has ended or has too much to do, the instance is forgotten in time.
        let _ = self.daemon.verify(format!("{instance}.{SERVICE}"), CONFIRM_TIMEOUT);
    }

    /// Says goodbye and ends.
    pub async fn stop(self) {
        if let Ok(ended) = self.daemon.shutdown() {
            // Whoever does not hear the goodbye finds out by itself.
            let _ = timeout(STOP_TIMEOUT, ended.recv_async()).await;
        }
    }
}

impl Drop for Discovery {
    fn drop(&mut self) {
        // It may have been stopped before.
        let _ = self.daemon.shutdown();
    }
}

/// The port that the environment asks for.
fn mdns_port() -> Result<Option<u16>, Error> {
    match std::env::var(PORT_VARIABLE) {
        Ok(text) => text.parse().ok().filter(|&port| port != 0).map(Some).ok_or(Error::Port(text)),
        Err(_) => Ok(None),
    }
}

/// Takes what the daemon hears and hands it on as fast as the node takes it.
struct Listener {
    daemon: ServiceDaemon,
    heard: Heard,
    sink: mpsc::Sender<DiscoveryEvent>,
    /// Whether the daemon still hands over what it hears: it drops a listener that falls behind.
    subscribed: bool,
    /// When to browse again.
    ask_again: Vec<Instant>,
    /// Rung when to browse again at once.
    ask: Arc<Notify>,
    /// Whether anything is announced; who only listens does so for a short while, and closely.
    announces: bool,
    /// When to say that nothing was announced; `None` once something was, or it was said.
    mute_at: Option<Instant>,
}

impl Listener {
    async fn run(mut self, mut browse: Receiver<ServiceEvent>, monitor: Receiver<DaemonEvent>) {
        let sink = self.sink.clone();
        loop {
            tokio::select! {
                event = browse.recv_async(), if self.subscribed => match event {
                    Ok(event) => self.take(event),
                    Err(_) => {
                        self.subscribed = false;
                        self.ask_again.push(Instant::now() + ASK_AGAIN[0]);
                    }
                },
                event = monitor.recv_async() => match event {
                    Ok(event) => self.watch(&event),
                    Err(_) => return,
                },
                permit = sink.reserve(), if self.heard.has_news() => match permit {
                    Ok(permit) => {
                        if let Some(event) = self.heard.next_event() {
                            permit.send(event);
                        }
                    }
                    Err(_) => return,
                },
                () = until(self.ask_again.iter().min()) => {
                    self.ask_again.retain(|at| *at > Instant::now());
                    match self.daemon.browse(SERVICE) {
                        Ok(receiver) => {
                            browse = receiver;
                            self.subscribed = true;
                        }
                        Err(mdns_sd::Error::Again) => self.ask_again.push(Instant::now() + ASK_AGAIN[0]),
                        Err(_) => return,
                    }
                    if self.ask_again.is_empty() && self.announces {
                        self.watch_addresses(IP_CHECK_AT_REST_S);
                    }
                },
                () = self.ask.notified() => self.hurry(),
                () = until(self.mute_at.as_ref()) => {
                    self.mute_at = None;
                    self.heard.mute();
                },
            }
        }
    }

    fn hurry(&mut self) {
        self.watch_addresses(IP_CHECK_S);
        let now = Instant::now();
        self.ask_again = std::iter::once(now).chain(ASK_AGAIN.map(|wait| now + wait)).collect();
    }

    fn watch_addresses(&self, every_s: u32) {
        // A daemon that has too much to do keeps the pace that it has; one that has ended is noticed elsewhere.
        let _ = self.daemon.set_ip_check_interval(every_s);
    }

    fn take(&mut self, event: ServiceEvent) {
        match event {
            ServiceEvent::ServiceResolved(service) => self.heard.resolved(&service),
            ServiceEvent::ServiceRemoved(_, name) => self.heard.removed(&name),
            _ => {}
        }
    }

    fn watch(&mut self, event: &DaemonEvent) {
        match event {
            DaemonEvent::Announce(..) => self.mute_at = None,
            DaemonEvent::IpAdd(ip) => {
                tracing::debug!(%ip, "a local address appeared");
                self.heard.forget_interfaces();
                self.ask_again = ASK_AGAIN.map(|wait| Instant::now() + wait).to_vec();
            }
            DaemonEvent::IpDel(_) => self.heard.forget_interfaces(),
            _ => {}
        }
    }
}

/// Waits until then; for ever if there is no such time.
async fn until(at: Option<&Instant>) {
    match at {
        Some(at) => sleep_until(*at).await,
        None => std::future::pending().await,
    }
}
