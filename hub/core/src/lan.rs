//! What a device shows on the local network so that only its own people recognise it (rules section 5, mDNS).
//!
//! A tag and a server name change each UTC day and with each instance name; without the secret they look random. They
//! are hints: only keys proven in the handshake mean anything.

mod secrets;

pub use secrets::{FormerSecret, LanSecrets};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::{collections::BTreeSet, ops::RangeInclusive};

/// Length of the secret that own devices share, in bytes.
pub const LAN_SECRET_BYTES: usize = 32;
/// Length of a tag, in bytes.
pub const TAG_BYTES: usize = 8;
/// How many days another device's clock may be off.
pub const CLOCK_DAYS: i64 = 2;
/// How many days off a clock is looked for, to tell a person that it is.
pub const CLOCK_DAYS_MAX: i64 = 800;
/// The server name by which a new device asks for the one-time pairing key. No [`server_name`] is like it.
pub const PAIRING_NAME: &str = "kith-pair";

/// A tag as announced over mDNS.
pub type Tag = [u8; TAG_BYTES];

/// The UTC day, counted from 1970, of a time in milliseconds since then.
pub fn day(now_ms: i64) -> i64 {
    now_ms.div_euclid(24 * 3600 * 1000)
}

/// The tag that a device shows under an instance name on a day.
pub fn tag(secret: &[u8; LAN_SECRET_BYTES], day: i64, instance: &str) -> Tag {
    let mut tag = Tag::default();
    tag.copy_from_slice(&code(secret, day, instance, "")[..TAG_BYTES]);
    tag
}

/// The server name to dial an instance by, one DNS label. Whoever has only an address dials the empty instance name.
pub fn server_name(secret: &[u8; LAN_SECRET_BYTES], day: i64, instance: &str) -> String {
    let mut name = String::from("k");
    for byte in &code(secret, day, instance, "dial")[..16] {
        name.push_str(&format!("{byte:02x}"));
    }
    name
}

/// What proves to the other end of a connection that this one knows the secret: good for that connection alone, as the
/// exporter is (RFC 8446 section 7.5).
pub fn introduction(secret: &[u8; LAN_SECRET_BYTES], exporter: &[u8; 32]) -> [u8; 32] {
    let exporter: String = exporter.iter().map(|byte| format!("{byte:02x}")).collect();
    code(secret, 0, &exporter, "introduction")
}

/// Whether a proof is the one that was to be, without telling by the time it takes how much of it is right.
pub fn is_same(proof: &[u8; 32], other: &[u8]) -> bool {
    other.len() == proof.len() && proof.iter().zip(other).fold(0, |unlike, (a, b)| unlike | (a ^ b)) == 0
}

/// Says whether one of the tags heard from an instance is of this secret.
pub fn is_ours(secret: &[u8; LAN_SECRET_BYTES], today: i64, instance: &str, tags: &[Tag]) -> bool {
    days(today).any(|day| tags.contains(&tag(secret, day, instance)))
}

/// By how many days the clock of whoever shows one of these tags is ahead, if it is one of ours after all whose clock is
/// off by more than [`CLOCK_DAYS`]. Looks at most [`CLOCK_DAYS_MAX`] days around, the nearest first.
pub fn days_ahead(secret: &[u8; LAN_SECRET_BYTES], today: i64, instance: &str, tags: &[Tag]) -> Option<i64> {
    let mut around = (CLOCK_DAYS + 1..=CLOCK_DAYS_MAX).flat_map(|days| [days, -days]);
    around.find(|days| tags.contains(&tag(secret, today.saturating_add(*days), instance)))
}

/// The server names that a device answers to: its instance name's and the empty one's, on every day that a clock may
/// show.
pub fn expected_names(secret: &[u8; LAN_SECRET_BYTES], today: i64, instance: &str) -> BTreeSet<String> {
    days(today).flat_map(|day| [server_name(secret, day, instance), server_name(secret, day, "")]).collect()
}

fn days(today: i64) -> RangeInclusive<i64> {
    today.saturating_sub(CLOCK_DAYS)..=today.saturating_add(CLOCK_DAYS)
}

/// HMAC-SHA256 over the day, the length and text of the instance name, and the purpose.
fn code(secret: &[u8; LAN_SECRET_BYTES], day: i64, instance: &str, purpose: &str) -> [u8; 32] {
    // HMAC pads its key with zeros to the hash's block length (RFC 2104 section 2); this type wants it padded.
    let mut key = [0; 64];
    key[..LAN_SECRET_BYTES].copy_from_slice(secret);
    let mut mac = Hmac::<Sha256>::new(&key.into());
    mac.update(&day.to_be_bytes());
    mac.update(&(instance.len() as u64).to_be_bytes());
    mac.update(instance.as_bytes());
    mac.update(purpose.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [u8; 32] = [5; 32];

    #[test]
    fn a_proof_is_good_for_one_connection_and_one_secret() {
        let proof = introduction(&SECRET, &[1; 32]);
        assert!(is_same(&proof, &introduction(&SECRET, &[1; 32])));
        for other in [introduction(&SECRET, &[2; 32]), introduction(&[6; 32], &[1; 32])] {
            assert!(!is_same(&proof, &other));
        }
        assert!(!is_same(&proof, &proof[..31]) && !is_same(&proof, b""));
    }

    #[test]
    fn a_tag_is_recognised_two_days_around_and_no_further() {
        let tags = [[0; 8], tag(&SECRET, 20_000, "mara")];
        for today in 19_998..=20_002 {
            assert!(is_ours(&SECRET, today, "mara", &tags));
        }
        for (secret, today, instance) in
            [(SECRET, 19_997, "mara"), (SECRET, 20_003, "mara"), (SECRET, 20_000, "x"), ([6; 32], 20_000, "mara")]
        {
            assert!(!is_ours(&secret, today, instance, &tags));
        }
        assert!(!is_ours(&SECRET, 20_000, "mara", &[]));
        assert!(!is_ours(&SECRET, i64::MAX, "mara", &tags) && !is_ours(&SECRET, i64::MIN, "mara", &tags));
    }

    #[test]
    fn a_clock_that_is_far_off_can_be_told() {
        for ahead in [-800, -40, -3, 3, 365] {
            let tags = [[0; 8], tag(&SECRET, 20_000 + ahead, "mara")];
            assert!(!is_ours(&SECRET, 20_000, "mara", &tags));
            assert_eq!(days_ahead(&SECRET, 20_000, "mara", &tags), Some(ahead));
            assert_eq!(days_ahead(&SECRET, 20_000, "joe", &tags), None);
            assert_eq!(days_ahead(&[6; 32], 20_000, "mara", &tags), None);
        }
        assert_eq!(days_ahead(&SECRET, 20_000, "mara", &[tag(&SECRET, 20_801, "mara")]), None);
        assert_eq!(days_ahead(&SECRET, i64::MAX, "mara", &[]), None);
    }

    #[test]
    fn a_server_name_is_a_dns_label_and_tells_nothing_of_the_tag() {
        let name = server_name(&SECRET, 20_000, "mara");
        assert_eq!(name.len(), 33);
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
        let shown: String = tag(&SECRET, 20_000, "mara").iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!name.contains(&shown));
        assert_ne!(name, server_name(&SECRET, 20_001, "mara"));
    }

    #[test]
    fn a_device_answers_to_its_instance_and_to_a_bare_address() {
        let names = expected_names(&SECRET, 20_000, "mara");
        assert_eq!(names.len(), 10);
        assert!(
            names.contains(&server_name(&SECRET, 19_998, "mara")) && names.contains(&server_name(&SECRET, 20_002, ""))
        );
        assert!(!names.contains(PAIRING_NAME) && !names.contains(&server_name(&SECRET, 20_000, "joe")));
    }

    #[test]
    fn a_day_starts_at_midnight_before_1970_too() {
        assert_eq!((day(0), day(86_399_999), day(86_400_000), day(-1)), (0, 0, 1, -1));
    }
}
