//! This computer's network: its addresses, which of them are tunnels, and which way a packet would leave.

use super::ADDRESSES_MAX;
use if_addrs::{IfAddr, IfOperStatus};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// One address of an interface that is up. Loopback is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// What the system calls it.
    pub name: String,
    /// The address.
    pub ip: IpAddr,
    /// How many leading bits its neighbours share.
    pub prefix: u8,
    /// It leads through a tunnel, as a VPN's does.
    pub tunnel: bool,
}

impl Interface {
    /// Says whether an address is a neighbour here.
    pub fn is_near(&self, ip: IpAddr) -> bool {
        match (self.ip, ip) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_bits()).leading_zeros() >= u32::from(self.prefix)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (own.to_bits() ^ other.to_bits()).leading_zeros() >= u32::from(self.prefix)
            }
            _ => false,
        }
    }
}

/// The addresses of the interfaces that are up, a bounded number of them; none if the system does not tell.
pub fn interfaces() -> Vec<Interface> {
    let all = if_addrs::get_if_addrs().unwrap_or_default().into_iter();
    let up = all.filter(|interface| !interface.is_loopback() && !is_down(&interface.oper_status));
    up.map(|interface| Interface {
        tunnel: interface.is_p2p() || is_tunnel(&interface.name),
        ip: interface.ip(),
        prefix: match &interface.addr {
            IfAddr::V4(v4) => v4.prefixlen,
            IfAddr::V6(v6) => v6.prefixlen,
        },
        name: interface.name,
    })
    .take(INTERFACES_MAX)
    .collect()
}

/// This computer's addresses that another device could dial, best first: no loopback, no link-local ones, whose scope
/// means nothing elsewhere.
pub fn own_addresses() -> Vec<IpAddr> {
    let mut addresses: Vec<IpAddr> =
        interfaces().into_iter().map(|interface| interface.ip).filter(|ip| !is_link_local(ip)).collect();
    addresses.sort_by_key(IpAddr::is_ipv6);
    addresses.truncate(ADDRESSES_MAX);
    addresses
}

/// The own address from which a packet to there would leave; `None` if there is no way. Nothing is sent.
pub fn way_to(ip: IpAddr) -> Option<IpAddr> {
    let own: IpAddr = match ip {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind(SocketAddr::new(own, 0)).ok()?;
    socket.connect(SocketAddr::new(ip, DISCARD_PORT)).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

/// Whether the computer at an address on the same wire answers to its address, as far as the system knows; `None` if it
/// does not tell, or was not asked to find out.
pub fn answers_on_the_wire(ip: IpAddr) -> Option<bool> {
    let IpAddr::V4(ip) = ip else { return None };
    neighbour(&neighbours()?, ip)
}

/// Says whether an address only counts on its own link.
pub fn is_link_local(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

/// Windows knows more states than up, and its tunnels often do not say; elsewhere whatever runs says so.
fn is_down(status: &IfOperStatus) -> bool {
    match status {
        IfOperStatus::Up => false,
        IfOperStatus::Down | IfOperStatus::NotPresent | IfOperStatus::LowerLayerDown => true,
        _ => cfg!(unix),
    }
}

fn is_tunnel(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TUNNELS.iter().any(|prefix| name.starts_with(prefix))
}

/// The kernel's table of neighbours.
#[cfg(target_os = "linux")]
fn neighbours() -> Option<String> {
    std::fs::read_to_string("/proc/net/arp").ok()
}

/// Elsewhere only other programs can read it.
#[cfg(not(target_os = "linux"))]
fn neighbours() -> Option<String> {
    None
}

/// One line per neighbour: address, type, flags, hardware address, mask, device. The flag 2 says that it answered.
fn neighbour(table: &str, ip: Ipv4Addr) -> Option<bool> {
    let line = table.lines().skip(1).map(str::split_whitespace).find_map(|mut words| {
        let there: Ipv4Addr = words.next()?.parse().ok()?;
        (there == ip).then_some(words)
    });
    let flags = line?.nth(1)?.strip_prefix("0x")?;
    u32::from_str_radix(flags, 16).ok().map(|flags| flags & ANSWERED != 0)
}

/// Most addresses of this computer that are looked at.
pub(super) const INTERFACES_MAX: usize = 64;
/// RFC 863: nobody listens there, and nothing is sent there.
const DISCARD_PORT: u16 = 9;
/// `ATF_COM` of Linux.
const ANSWERED: u32 = 2;
/// How the interfaces of tunnels are called where the system does not say what they are.
const TUNNELS: [&str; 9] = ["tun", "tap", "utun", "wg", "ppp", "ipsec", "nordlynx", "proton", "tailscale"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_the_leading_bits() {
        let wire = |ip: &str, prefix| Interface { name: "eth0".into(), ip: ip.parse().unwrap(), prefix, tunnel: false };
        for (own, prefix, other, near) in [
            ("192.168.1.5", 24, "192.168.1.77", true),
            ("192.168.1.5", 24, "192.168.2.77", false),
            ("10.0.0.1", 0, "8.8.8.8", true),
            ("10.0.0.1", 32, "10.0.0.1", true),
            ("fe80::1", 64, "fe80::ff:2", true),
            ("fe80::1", 64, "192.168.1.5", false),
        ] {
            assert_eq!(wire(own, prefix).is_near(other.parse().unwrap()), near, "{own}/{prefix} {other}");
        }
    }

    #[test]
    fn the_table_of_neighbours_says_who_answered_and_who_was_asked_in_vain() {
        let table = "IP address       HW type     Flags       HW address            Mask     Device\n\
                     192.168.1.20     0x1         0x2         52:54:00:12:34:56     *        eth0\n\
                     192.168.1.21     0x1         0x0         00:00:00:00:00:00     *        eth0\n\
                     garbage\n192.168.1.22     0x1\n";
        let say = |last| neighbour(table, Ipv4Addr::new(192, 168, 1, last));
        assert_eq!([say(20), say(21), say(22), say(23)], [Some(true), Some(false), None, None]);
    }

    #[test]
    fn tunnels_are_known_by_their_names_and_wires_are_not() {
        assert!(["tun0", "utun3", "wg-home", "ppp0", "Tailscale"].into_iter().all(is_tunnel));
        assert!(!["eth0", "wlan0", "enp3s0", "en0", "br0", "docker0", "Ethernet"].into_iter().any(is_tunnel));
    }

    #[test]
    fn a_packet_to_this_computer_leaves_from_this_computer() {
        assert_eq!(way_to(Ipv4Addr::LOCALHOST.into()), Some(Ipv4Addr::LOCALHOST.into()));
    }
}
