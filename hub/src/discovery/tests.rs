//! Discovery over real multicast on a private port, and what it makes of hostile announcements.

use super::*;
use mdns_sd::ResolvedService;
use std::net::UdpSocket;

/// Far longer than anything here takes; a test that gets there hangs.
const HANGS: Duration = Duration::from_secs(60);

const TAG: Tag = [1, 2, 3, 4, 5, 6, 7, 0xff];

fn service(name: &str, ips: &[&str], txt: &[(&str, String)]) -> ResolvedService {
    ServiceInfo::new(SERVICE, name, &format!("{name}.local."), &ips.join(",")[..], 4000, txt)
        .unwrap()
        .as_resolved_service()
}

fn events(heard: &mut Heard) -> Vec<DiscoveryEvent> {
    std::iter::from_fn(|| heard.next_event()).collect()
}

fn resolved(instance: &str, addresses: &[&str], tags: &[Tag], pairing: bool) -> DiscoveryEvent {
    let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
    DiscoveryEvent::Resolved { instance: instance.into(), addresses, tags: tags.into(), pairing }
}

#[test]
fn what_is_announced_is_tags_and_whether_pairing_is_open_and_nothing_else() {
    assert_eq!(txt(&[], false), [("v", "1".to_owned())]);
    let expected =
        [("v", "1"), ("t", "01020304050607ff,01020304050607ff"), ("p", "1")].map(|(key, text)| (key, text.to_owned()));
    assert_eq!(txt(&[TAG, TAG], true), expected);
    let full = txt(&[TAG; 99], true);
    assert_eq!(full.iter().map(|(key, _)| *key).collect::<Vec<_>>(), ["v", "t", "t1", "t2", "p"]);
    assert!(full.iter().all(|(key, text)| key.len() + text.len() < 255));
}

#[test]
fn as_many_tags_as_may_be_are_heard_again() {
    let tags: Vec<Tag> = (0..TAGS_MAX as u8).map(|n| [n; 8]).collect();
    let mut heard = Heard::new("me".into());
    heard.resolved(&service("bob", &["10.0.0.2"], &txt(&tags, true)));
    assert_eq!(events(&mut heard), [resolved("bob", &["10.0.0.2:4000"], &tags, true)]);
}

#[test]
fn addresses_come_best_first_and_few() {
    let mut heard = Heard::new("me".into());
    let ips = ["127.0.0.1", "fe80::1", "::1", "2001:db8::1", "169.254.3.4", "192.168.1.2"];
    heard.resolved(&service("bob", &ips, &txt(&[], false)));
    let best_first = [
        "192.168.1.2:4000",
        "[2001:db8::1]:4000",
        "[fe80::1]:4000",
        "169.254.3.4:4000",
        "[::1]:4000",
        "127.0.0.1:4000",
    ];
    assert_eq!(events(&mut heard), [resolved("bob", &best_first, &[], false)]);
    let many: Vec<String> = (1..100).map(|n| format!("10.0.0.{n}")).collect();
    heard.resolved(&service("bob", &many.iter().map(String::as_str).collect::<Vec<_>>(), &txt(&[], false)));
    let DiscoveryEvent::Resolved { addresses, .. } = heard.next_event().unwrap() else { panic!("resolved") };
    assert_eq!(addresses.len(), ADDRESSES_MAX);
}

#[test]
fn strange_announcements_are_passed_over() {
    let mut heard = Heard::new("me".into());
    let good = txt(&[TAG], false);
    heard.resolved(&service("me", &["10.0.0.2"], &good));
    heard.resolved(&service("ME", &["10.0.0.2"], &good));
    heard.resolved(&service("a b", &["10.0.0.2"], &good));
    heard.resolved(&service("<script>", &["10.0.0.2"], &good));
    heard.resolved(&service(&"x".repeat(64), &["10.0.0.2"], &good));
    heard.resolved(&service("newer", &["10.0.0.2"], &[("v", "2".to_owned())]));
    heard.resolved(&service("silent", &["10.0.0.2"], &[]));
    heard.removed("never-heard._kith._udp.local.");
    heard.removed("other._http._tcp.local.");
    assert!(!heard.has_news());
    let odd = "01020304050607ff,zz,,0102,01020304050607ff00,é1020304050607f".to_owned();
    heard.resolved(&service("odd", &["10.0.0.2"], &[("v", "1".to_owned()), ("t", odd)]));
    assert_eq!(events(&mut heard), [resolved("odd", &["10.0.0.2:4000"], &[TAG], false)]);
}

#[test]
fn of_one_instance_only_the_latest_is_told() {
    let mut heard = Heard::new("me".into());
    for pairing in [true, false] {
        heard.resolved(&service("bob", &["10.0.0.2"], &txt(&[], pairing)));
    }
    heard.resolved(&service("carol", &["10.0.0.3"], &txt(&[], false)));
    heard.removed("carol._kith._udp.local.");
    let gone = DiscoveryEvent::Removed { instance: "carol".into() };
    assert_eq!(events(&mut heard), [resolved("bob", &["10.0.0.2:4000"], &[], false), gone]);
    assert!(!heard.has_news());
}

#[test]
fn a_flood_of_forged_instances_is_bounded_and_does_not_keep_newcomers_out() {
    let mut heard = Heard::new("me".into());
    for n in 0..60_000 {
        heard.resolved(&service(&format!("forged-{n}"), &["10.0.0.2"], &txt(&[], false)));
        if n % 3 == 0 {
            heard.removed(&format!("forged-{n}.{SERVICE}"));
        }
    }
    heard.resolved(&service("bob", &["10.0.0.3"], &txt(&[TAG], false)));
    let told = events(&mut heard);
    assert!(told.len() <= INSTANCES_MAX * 2, "{} events", told.len());
    assert!(told.contains(&resolved("bob", &["10.0.0.3:4000"], &[TAG], false)));
}

/// Discovery on a port of its own, which tests of this process share.
fn start(instance: &str, port: u16, tags: &[Tag]) -> (Discovery, mpsc::Receiver<DiscoveryEvent>) {
    let (sink, events) = mpsc::channel(1);
    let options = DiscoveryOptions { instance: instance.into(), port, tags: tags.into(), pairing: false };
    (Discovery::start_on(options, sink, Some(private_port())).unwrap(), events)
}

/// A UDP port that was free a moment ago, the same for the whole process.
fn private_port() -> u16 {
    static PORT: std::sync::OnceLock<u16> = std::sync::OnceLock::new();
    *PORT.get_or_init(|| UdpSocket::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port())
}

async fn hear(events: &mut mpsc::Receiver<DiscoveryEvent>, wanted: impl Fn(&DiscoveryEvent) -> bool) -> DiscoveryEvent {
    let next = async {
        loop {
            let event = events.recv().await.expect("discovery runs");
            if wanted(&event) {
                return event;
            }
        }
    };
    timeout(HANGS, next).await.expect("it is heard")
}

fn is_from(event: &DiscoveryEvent, name: &str) -> bool {
    matches!(event, DiscoveryEvent::Resolved { instance, .. } if instance == name)
}

fn says(event: &DiscoveryEvent, name: &str, said: &[Tag], open: bool) -> bool {
    matches!(event, DiscoveryEvent::Resolved { instance, tags, pairing, .. }
        if instance == name && tags == said && *pairing == open)
}

#[tokio::test]
async fn two_devices_find_each_other_hear_changes_and_goodbyes() {
    let (alice, mut alice_hears) = start("alice-1", 4001, &[TAG]);
    let (bob, mut bob_hears) = start("bob-1", 4002, &[]);
    let DiscoveryEvent::Resolved { addresses, tags, pairing, .. } =
        hear(&mut bob_hears, |event| is_from(event, "alice-1")).await
    else {
        panic!("resolved")
    };
    assert_eq!((tags, pairing), (vec![TAG], false));
    assert!(!addresses.is_empty() && addresses.iter().all(|address| address.port() == 4001));
    let scoped = |address: &SocketAddr| match address {
        SocketAddr::V6(v6) => v6.ip().is_unicast_link_local() == (v6.scope_id() != 0),
        SocketAddr::V4(_) => true,
    };
    assert!(addresses.iter().all(scoped), "{addresses:?}");
    hear(&mut alice_hears, |event| is_from(event, "bob-1")).await;

    alice.update(&[[9; 8]], true).unwrap();
    hear(&mut bob_hears, |event| says(event, "alice-1", &[[9; 8]], true)).await;
    alice.update(&[], false).unwrap();
    hear(&mut bob_hears, |event| says(event, "alice-1", &[], false)).await;

    alice.stop().await;
    hear(&mut bob_hears, |event| matches!(event, DiscoveryEvent::Removed { instance } if instance == "alice-1")).await;
    drop(bob);
}

#[tokio::test]
async fn a_device_never_hears_itself() {
    let (_alice, mut alice_hears) = start("alice-2", 4003, &[]);
    let (_bob, mut bob_hears) = start("bob-2", 4004, &[]);
    let (a, b) = tokio::join!(
        hear(&mut alice_hears, |event| is_from(event, "alice-2") || is_from(event, "bob-2")),
        hear(&mut bob_hears, |event| is_from(event, "alice-2") || is_from(event, "bob-2")),
    );
    assert!(is_from(&a, "bob-2") && is_from(&b, "alice-2"));
}

#[tokio::test]
async fn a_name_that_is_not_fit_for_dns_is_refused() {
    for instance in ["", "a.b", "Mara's laptop", &"x".repeat(64)] {
        let options = DiscoveryOptions { instance: instance.into(), port: 1, tags: vec![], pairing: false };
        let result = Discovery::start_on(options, mpsc::channel(1).0, Some(private_port()));
        assert!(matches!(result, Err(Error::Instance(_))));
    }
}
