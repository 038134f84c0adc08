//! The secret of the local network through its changes: it is made new whenever a device is removed.
//!
//! A device that was off meanwhile still shows the tag of the secret that it has. As long as one lacks the new secret,
//! former ones are recognised and dialled by, but never announced. A removed device is answered by name for some weeks
//! longer, so that it hears that it was removed.

use super::{LAN_SECRET_BYTES, Tag, expected_names, introduction, is_ours, server_name};
use crate::{id::DeviceId, vector::Vector};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The secret in use, and former ones as far as they still are.
#[derive(Clone, PartialEq, Eq)]
pub struct LanSecrets {
    current: [u8; LAN_SECRET_BYTES],
    former: Vec<FormerSecret>,
}

/// A secret that was replaced.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerSecret {
    #[serde(rename = "s", with = "serde_bytes")]
    secret: [u8; LAN_SECRET_BYTES],
    /// When this device learned of the new one, in milliseconds since 1970.
    #[serde(rename = "t")]
    learned_ms: i64,
    /// The change that brought the new one: whoever holds it needs this one no more.
    #[serde(rename = "c")]
    change: (DeviceId, u64),
    /// Whether a device of this person may still lack the new one.
    #[serde(rename = "m")]
    missed: bool,
}

impl std::fmt::Debug for FormerSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FormerSecret({:?})", self.change)
    }
}

impl std::fmt::Debug for LanSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LanSecrets({} former)", self.former.len())
    }
}

impl LanSecrets {
    /// The secret in use, and the former ones as they were kept.
    pub fn new(current: [u8; LAN_SECRET_BYTES], former: Vec<FormerSecret>) -> Self {
        Self { current, former }
    }

    /// The secret that is announced and handed to new devices.
    pub fn current(&self) -> &[u8; LAN_SECRET_BYTES] {
        &self.current
    }

    /// Former secrets, to be kept on disk.
    pub fn former(&self) -> &[FormerSecret] {
        &self.former
    }

    /// Takes the secret that the book holds, and the change that brought it. Returns whether it is another one.
    pub fn learn(&mut self, secret: [u8; LAN_SECRET_BYTES], change: (DeviceId, u64), now_ms: i64) -> bool {
        if secret == self.current {
            return false;
        }
        let old = std::mem::replace(&mut self.current, secret);
        self.former.retain(|former| former.secret != secret);
        self.keep_former(old, change, now_ms);
        true
    }

    /// Takes a secret that another device wrote at the same time and that is not the one in use: that device may have
    /// it still. Returns whether it is news.
    pub fn learn_beside(&mut self, secret: [u8; LAN_SECRET_BYTES], change: (DeviceId, u64), now_ms: i64) -> bool {
        let known = secret == self.current || self.former.iter().any(|former| former.secret == secret);
        if !known {
            self.keep_former(secret, change, now_ms);
        }
        !known
    }

    fn keep_former(&mut self, secret: [u8; LAN_SECRET_BYTES], change: (DeviceId, u64), now_ms: i64) {
        self.former.push(FormerSecret { secret, learned_ms: now_ms, change, missed: true });
        let surplus = self.former.len().saturating_sub(FORMER_MAX);
        self.former.drain(..surplus);
    }

    /// Lets go of former secrets that nobody needs any more. `held` is what each other device is known to hold. Returns
    /// whether anything changed.
    pub fn settle(&mut self, held: &[Vector], now_ms: i64) -> bool {
        let before = self.former.clone();
        for former in &mut self.former {
            let (device, seq) = former.change;
            former.missed = held.iter().any(|vector| vector.at(device) < seq);
        }
        self.former.retain(|former| former.missed || now_ms < former.learned_ms.saturating_add(ANSWERED_MS));
        self.former != before
    }

    /// The names that this device answers to.
    pub fn expected_names(&self, today: i64, instance: &str) -> BTreeSet<String> {
        let all = std::iter::once(&self.current).chain(self.former.iter().map(|former| &former.secret));
        all.flat_map(|secret| expected_names(secret, today, instance)).collect()
    }

    /// Whether one of the tags heard from an instance is a device's of this person.
    pub fn is_ours(&self, today: i64, instance: &str, tags: &[Tag]) -> bool {
        self.in_use().any(|secret| is_ours(secret, today, instance, tags))
    }

    /// The names to dial an instance by, the likeliest first.
    pub fn server_names(&self, today: i64, instance: &str) -> Vec<String> {
        self.in_use().map(|secret| server_name(secret, today, instance)).collect()
    }

    /// What proves on a connection with this exporter that its holder knows a secret of this person, the one in use first.
    pub fn introductions(&self, exporter: &[u8; 32]) -> Vec<[u8; 32]> {
        let all = std::iter::once(&self.current).chain(self.former.iter().rev().map(|former| &former.secret));
        all.map(|secret| introduction(secret, exporter)).collect()
    }

    /// The secrets that a device of this person may have.
    fn in_use(&self) -> impl Iterator<Item = &[u8; LAN_SECRET_BYTES]> {
        let missed = self.former.iter().rev().filter(|former| former.missed);
        std::iter::once(&self.current).chain(missed.map(|former| &former.secret))
    }
}

/// Former secrets that are kept, the newest.
const FORMER_MAX: usize = 4;
/// How long a removed device is answered, in milliseconds: 30 days.
const ANSWERED_MS: i64 = 30 * 24 * 3600 * 1000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lan::tag;

    const OLD: [u8; 32] = [1; 32];
    const NEW: [u8; 32] = [2; 32];
    const DAY: i64 = 20_000;
    const REVOKER: DeviceId = DeviceId([7; 16]);

    fn replaced() -> LanSecrets {
        let mut secrets = LanSecrets::new(OLD, Vec::new());
        assert!(secrets.learn(NEW, (REVOKER, 5), 0));
        assert!(!secrets.learn(NEW, (REVOKER, 5), 0), "it is known already");
        secrets
    }

    fn holding(seq: u64) -> Vector {
        [(REVOKER, seq)].into_iter().collect()
    }

    #[test]
    fn a_removed_devices_tag_is_unknown_once_every_other_device_has_the_new_secret() {
        let mut secrets = replaced();
        let theirs = [tag(&OLD, DAY, "theirs")];
        assert!(secrets.is_ours(DAY, "theirs", &theirs), "a device that was off must be found by the tag that it has");
        assert_eq!(secrets.server_names(DAY, "theirs").len(), 2);
        assert!(!secrets.settle(&[holding(5), holding(4)], 1));
        assert!(secrets.is_ours(DAY, "theirs", &theirs));
        assert!(secrets.settle(&[holding(5), holding(9)], 1));
        assert!(!secrets.is_ours(DAY, "theirs", &theirs));
        assert_eq!(secrets.server_names(DAY, "theirs"), [server_name(&NEW, DAY, "theirs")]);
    }

    #[test]
    fn a_removed_device_is_answered_for_thirty_days_and_no_longer() {
        let mut secrets = replaced();
        let dials = server_name(&OLD, DAY, "");
        assert!(secrets.expected_names(DAY, "mine").contains(&dials));
        secrets.settle(&[], ANSWERED_MS - 1);
        assert!(secrets.expected_names(DAY, "mine").contains(&dials));
        assert!(secrets.settle(&[], ANSWERED_MS));
        assert!(!secrets.expected_names(DAY, "mine").contains(&dials));
        assert!(secrets.expected_names(DAY, "mine").contains(&server_name(&NEW, DAY, "")));
        assert!(secrets.former().is_empty());
    }

    #[test]
    fn a_secret_that_was_written_at_the_same_time_is_answered_too() {
        let mut secrets = replaced();
        let beside = [9; 32];
        assert!(secrets.learn_beside(beside, (REVOKER, 5), 0) && !secrets.learn_beside(beside, (REVOKER, 5), 0));
        assert_eq!(secrets.current(), &NEW);
        assert!(secrets.expected_names(DAY, "mine").contains(&server_name(&beside, DAY, "")));
        assert!(!secrets.learn_beside(NEW, (REVOKER, 5), 0), "it is in use");
    }

    #[test]
    fn only_a_few_former_secrets_are_kept_and_no_debug_output_shows_one() {
        let mut secrets = replaced();
        for n in 3..20 {
            secrets.learn([n; 32], (REVOKER, u64::from(n)), 0);
        }
        assert_eq!(secrets.former().len(), FORMER_MAX);
        assert!(!format!("{secrets:?} {:?}", secrets.former()).contains("19, 19"));
    }
}
