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
    switch: String,
    port: String,
    address: Option<Ipv4Addr>,
}

/// The two switches, which nothing connects.
#[derive(Clone, Copy, Debug)]
pub enum Switch {
    /// Where every host is plugged in at first: 10.71.0.0/24.
    A,
    /// Another network.
    B,
}

impl Switch {
    fn bridge(self) -> &'static str {
        match self {
            Self::A => "br0",
            Self::B => "br1",
        }
    }
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
        for bridge in [Switch::A, Switch::B].map(Switch::bridge) {
            must(&["-n", &lan.switch, "link", "add", bridge, "type", "bridge"]);
            must(&["-n", &lan.switch, "link", "set", bridge, "up"]);
        }
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
        let host = Host { namespace, switch: self.switch.clone(), port, address };
        self.hosts.push(host.clone());
        host.cable("eth0", &host.port, Switch::A);
        host.ip(&["link", "set", "lo", "up"]);
        if let Some(address) = address {
            host.ip(&["addr", "add", &format!("{address}/24"), "dev", "eth0"]);
        }
        host.ip(&["link", "set", "eth0", "up"]);
        // A system believes that a neighbour is there for up to 45 s after it answered; these ask sooner.
        for (what, value) in [("base_reachable_time_ms", "1000"), ("delay_first_probe_time", "1")] {
            let file = format!("/proc/sys/net/ipv4/neigh/eth0/{what}");
            must(&["netns", "exec", &host.namespace, "sh", "-c", &format!("echo {value} > {file}")]);
        }
        host
    }

    /// Lets the switches pass multicast on, or swallow it as some access points do.
    pub fn pass_multicast(&self, pass: bool) {
        self.hosts.iter().for_each(|host| host.port_flags(&["mcast_flood", on(pass)]));
    }

    /// Keeps hosts from reaching each other one to one and from asking for each other's addresses, while multicast still
    /// passes: client isolation as access points do it.
    pub fn isolate(&self, isolated: bool) {
        for host in &self.hosts {
            host.port_flags(&["flood", on(!isolated), "bcast_flood", on(!isolated), "learning", on(!isolated)]);
        }
        must(&["-n", &self.switch, "link", "set", "br0", "type", "bridge", "fdb_flush"]);
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

    /// Pulls its cable and plugs it into another switch, with the address that it is given there.
    pub fn move_to(&mut self, switch: Switch, address: Ipv4Addr) {
        must(&["-n", &self.switch, "link", "set", &self.port, "down"]);
        must(&["-n", &self.switch, "link", "set", &self.port, "master", switch.bridge()]);
        self.lease(address);
        must(&["-n", &self.switch, "link", "set", &self.port, "up"]);
    }

    /// Replaces its IPv4 address, as a new lease of DHCP does.
    pub fn lease(&mut self, address: Ipv4Addr) {
        self.ip(&["-4", "addr", "flush", "dev", "eth0"]);
        self.ip(&["addr", "add", &format!("{address}/24"), "dev", "eth0"]);
        self.address = Some(address);
    }

    /// Gives it a second interface.
    pub fn second_cable(&self, switch: Switch, address: Ipv4Addr) {
        self.cable("eth1", &format!("{}b", self.port), switch);
        self.ip(&["addr", "add", &format!("{address}/24"), "dev", "eth1"]);
        self.ip(&["link", "set", "eth1", "up"]);
    }

    /// Has a firewall drop what comes in for a UDP port, or no longer.
    pub fn block_udp(&self, port: u16, block: bool) {
        let (port, what) = (port.to_string(), if block { "add" } else { "del" });
        if block {
            // What is for this host itself is looked up first of all; the firewall goes before it.
            self.ip(&["rule", "add", "pref", "100", "lookup", "local"]);
            self.ip(&["rule", "del", "pref", "0"]);
        }
        self.ip(&["rule", what, "pref", "50", "iif", "eth0", "ipproto", "udp", "dport", &port, "blackhole"]);
        if !block {
            self.ip(&["rule", "add", "pref", "0", "lookup", "local"]);
            self.ip(&["rule", "del", "pref", "100"]);
        }
    }

    /// Lets nobody on it hear multicast, as a firewall of its own might.
    pub fn refuse_multicast(&self) {
        let setting = "/proc/sys/net/ipv4/igmp_max_memberships";
        let wrote = self.command(Path::new("sh")).args(["-c", &format!("echo 0 > {setting}")]).status();
        assert!(wrote.is_ok_and(|status| status.success()), "{setting} cannot be written");
    }

    /// Gives it no IPv6 addresses, as on most networks at home that are older.
    pub fn ipv4_only(&self) {
        let setting = "/proc/sys/net/ipv6/conf/all/disable_ipv6";
        let wrote = self.command(Path::new("sh")).args(["-c", &format!("echo 1 > {setting}")]).status();
        assert!(wrote.is_ok_and(|status| status.success()), "{setting} cannot be written");
    }

    /// Turns on a VPN that takes what is for `there`, as one does that shuts the local network off.
    pub fn vpn_for(&self, there: Ipv4Addr) {
        self.ip(&["link", "add", "wg0", "type", "veth", "peer", "name", "wg0far"]);
        self.ip(&["addr", "add", "10.200.0.2/32", "dev", "wg0"]);
        self.ip(&["link", "set", "wg0far", "up"]);
        self.ip(&["link", "set", "wg0", "up"]);
        self.ip(&["route", "add", &format!("{there}/32"), "dev", "wg0", "src", "10.200.0.2"]);
    }

    /// Turns the VPN off.
    pub fn vpn_off(&self) {
        self.ip(&["link", "del", "wg0"]);
    }

    fn cable(&self, interface: &str, port: &str, switch: Switch) {
        let (host, switches) = (self.namespace.as_str(), self.switch.as_str());
        must(&["link", "add", interface, "netns", host, "type", "veth", "peer", "name", port, "netns", switches]);
        must(&["-n", switches, "link", "set", port, "master", switch.bridge(), "up"]);
    }

    fn port_flags(&self, flags: &[&str]) {
        let done = run("bridge", &[&["-n", &self.switch, "link", "set", "dev", &self.port], flags].concat());
        done.unwrap_or_else(|why| panic!("bridge {}: {why}", flags.join(" ")));
    }

    fn ip(&self, words: &[&str]) {
        must(&[&["-n", &self.namespace], words].concat());
    }

    /// A program that will run on this host.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace]).arg(program);
        command
    }
}

fn on(yes: bool) -> &'static str {
    if yes { "on" } else { "off" }
}

fn ip(words: &[&str]) -> Result<(), String> {
    run("ip", words)
}

fn run(program: &str, words: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(words).output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()) }
}

fn must(words: &[&str]) {
    ip(words).unwrap_or_else(|why| panic!("ip {}: {why}", words.join(" ")));
}
