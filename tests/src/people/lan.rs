//! A pretended local network: hosts as network namespaces on one bridge, none of which the real network sees (Linux, root).

use super::skip;
use std::{
    net::Ipv4Addr,
    path::Path,
    process::{Command, id},
    sync::atomic::{AtomicU32, Ordering},
};

/// A switch with its hosts. All of it goes when it is dropped.
#[derive(Debug)]
pub struct Lan {
    switch: String,
    hosts: Vec<Host>,
}

/// One host on the network, without a route to anywhere.
#[derive(Clone, Debug)]
pub struct Host {
    namespace: String,
    address: Option<Ipv4Addr>,
}

impl Lan {
    /// A switch without hosts. `None`, after the skip is announced, where namespaces cannot be made.
    pub fn new(story: &str) -> Option<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let switch = format!("kith{}x{}", id(), MADE.fetch_add(1, Ordering::Relaxed));
        if let Err(why) = ip(&["netns", "add", &switch]) {
            skip(&format!("{story}: it needs network namespaces, that is Linux, root and iproute2 ({why})"));
            return None;
        }
        let lan = Self { switch, hosts: Vec::new() };
        must(&["-n", &lan.switch, "link", "add", "br0", "type", "bridge"]);
        must(&["-n", &lan.switch, "link", "set", "br0", "up"]);
        Some(lan)
    }

    /// One more host with an IPv4 address.
    pub fn host(&mut self) -> Host {
        let number = self.hosts.len() as u8 + 1;
        self.plug_in(Some(Ipv4Addr::new(10, 71, 0, number)))
    }

    /// One more host that has nothing but the IPv6 address that every link gives itself.
    pub fn host_without_addresses(&mut self) -> Host {
        self.plug_in(None)
    }

    fn plug_in(&mut self, address: Option<Ipv4Addr>) -> Host {
        let number = self.hosts.len() + 1;
        let namespace = format!("{}h{number}", self.switch);
        let port = format!("port{number}");
        must(&["netns", "add", &namespace]);
        let host = Host { namespace, address };
        self.hosts.push(host.clone());
        let (host_ns, switch) = (host.namespace.as_str(), self.switch.as_str());
        must(&["link", "add", "eth0", "netns", host_ns, "type", "veth", "peer", "name", &port, "netns", switch]);
        must(&["-n", switch, "link", "set", &port, "master", "br0", "up"]);
        must(&["-n", host_ns, "link", "set", "lo", "up"]);
        if let Some(address) = address {
            must(&["-n", host_ns, "addr", "add", &format!("{address}/24"), "dev", "eth0"]);
        }
        must(&["-n", host_ns, "link", "set", "eth0", "up"]);
        host
    }
}

impl Drop for Lan {
    fn drop(&mut self) {
        for host in &self.hosts {
            // Removing a namespace removes its links; one that is gone needs nothing.
            let _gone = ip(&["netns", "del", &host.namespace]);
        }
        let _gone = ip(&["netns", "del", &self.switch]);
    }
}

impl Host {
    /// Its IPv4 address.
    pub fn address(&self) -> Ipv4Addr {
        self.address.expect("this host has an IPv4 address")
    }

    /// Cuts its cable.
    pub fn cut(&self) {
        must(&["-n", &self.namespace, "link", "set", "eth0", "down"]);
    }

    /// Plugs its cable in again.
    pub fn mend(&self) {
        must(&["-n", &self.namespace, "link", "set", "eth0", "up"]);
    }

    /// A program that will run on this host.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace]).arg(program);
        command
    }
}

fn ip(words: &[&str]) -> Result<(), String> {
    let output = Command::new("ip").args(words).output().map_err(|error| format!("ip: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()) }
}

fn must(words: &[&str]) {
    ip(words).unwrap_or_else(|why| panic!("ip {}: {why}", words.join(" ")));
}
