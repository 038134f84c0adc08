//! Audiences: the rule that says who gets an update, and whom it means right now, with the reason (features U1, U2).
//!
//! The union of everyone, groups, tags, chosen contacts and closeness, minus exceptions, minus who is blocked. A rule is
//! kept as it was said; whom it means is computed anew each time, from facts that the caller gathers in one reading.

use crate::{
    id::EntityId,
    interaction::{Counts, Kind},
    msgpack,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// Who gets an update.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// Everyone linked.
    #[serde(rename = "e", default)]
    pub everyone: bool,
    /// Those in one of these groups.
    #[serde(rename = "g", default)]
    pub groups: BTreeSet<EntityId>,
    /// Those who bear one of these tags.
    #[serde(rename = "t", default)]
    pub tags: BTreeSet<EntityId>,
    /// These.
    #[serde(rename = "c", default)]
    pub contacts: BTreeSet<EntityId>,
    /// Those with whom there was much to do.
    #[serde(rename = "n", default)]
    pub closeness: Option<Closeness>,
    /// Never these.
    #[serde(rename = "x", default)]
    pub except: BTreeSet<EntityId>,
}

/// At or above some number of interactions within a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closeness {
    /// How many at least; 0 counts as 1.
    #[serde(rename = "m")]
    pub min: u32,
    /// How many days back.
    #[serde(rename = "w")]
    pub window_days: u32,
    /// Which kinds count.
    #[serde(rename = "k")]
    pub kinds: BTreeSet<Kind>,
}

impl Closeness {
    /// Calls, messages and mails of the last [`WINDOW_DAYS`] days.
    pub fn at_least(min: u32) -> Self {
        Self { min, window_days: WINDOW_DAYS, kinds: Kind::ALL.into() }
    }

    /// When the window begins, in milliseconds since 1970.
    pub fn since_ms(&self, now_ms: i64) -> i64 {
        now_ms.saturating_sub(i64::from(self.window_days.min(WINDOW_DAYS_MAX)).saturating_mul(DAY_MS))
    }
}

impl Audience {
    /// As it is kept.
    pub fn encode(&self) -> Vec<u8> {
        msgpack::write(self)
    }

    /// Reads a kept one; `None` if a newer version said what this one does not understand.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        msgpack::read(bytes).ok()
    }
}

/// What is known of a contact, as far as an audience asks.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Which.
    pub contact: EntityId,
    /// There is a link that is neither over nor blocked, or another way to reach them.
    pub reachable: bool,
    /// They are blocked: no rule means them.
    pub blocked: bool,
    /// The groups that it is in.
    pub groups: BTreeSet<EntityId>,
    /// The tags that it bears.
    pub tags: BTreeSet<EntityId>,
    /// Interactions since [`Closeness::since_ms`].
    pub counts: Counts,
}

/// Why somebody is in an audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is for everyone linked.
    Everyone,
    /// Chosen by hand.
    Chosen,
    /// In this group.
    Group(EntityId),
    /// Bears this tag.
    Tag(EntityId),
    /// So many interactions.
    Close {
        /// Of each kind that counts.
        counts: Counts,
        /// Since when, in milliseconds since 1970.
        since_ms: i64,
    },
}

impl Reason {
    /// The reason in words; `name` knows what groups and tags are called.
    pub fn words(&self, name: impl Fn(EntityId) -> String) -> String {
        match self {
            Self::Everyone => "everyone linked".to_owned(),
            Self::Chosen => "chosen by hand".to_owned(),
            Self::Group(id) => format!("in the group {}", name(*id)),
            Self::Tag(id) => format!("tagged {}", name(*id)),
            Self::Close { counts, since_ms } => format!("{counts} since {}", Day::of(*since_ms)),
        }
    }
}

/// Whom an audience means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipients {
    /// They get it, each with all the reasons why.
    pub recipients: Vec<(EntityId, Vec<Reason>)>,
    /// They would, and cannot be reached.
    pub unreachable: Vec<EntityId>,
}

/// Returns whom an audience means right now.
pub fn recipients(audience: &Audience, facts: &[Facts], now_ms: i64) -> Recipients {
    let mut found = Recipients::default();
    for fact in facts {
        let left_out = fact.blocked || audience.except.contains(&fact.contact);
        let why = reasons(audience, fact, now_ms);
        match (left_out || why.is_empty(), fact.reachable) {
            (true, _) => {}
            (false, true) => found.recipients.push((fact.contact, why)),
            // Everyone linked: nobody misses those who are not.
            (false, false) if why == [Reason::Everyone] => {}
            (false, false) => found.unreachable.push(fact.contact),
        }
    }
    found
}

/// Returns whom all of several audiences mean: own devices may have kept different ones at once, and nobody is sent what
/// one of them did not mean.
pub fn recipients_of_all(audiences: &[Audience], facts: &[Facts], now_ms: i64) -> Recipients {
    let mut all = audiences.iter().map(|audience| recipients(audience, facts, now_ms));
    let Some(mut found) = all.next() else { return Recipients::default() };
    for other in all {
        let meant: BTreeSet<EntityId> = other.recipients.iter().map(|(contact, _)| *contact).collect();
        found.recipients.retain(|(contact, _)| meant.contains(contact));
        found.unreachable.retain(|contact| other.unreachable.contains(contact));
    }
    found
}

fn reasons(audience: &Audience, fact: &Facts, now_ms: i64) -> Vec<Reason> {
    let mut why = Vec::new();
    if audience.contacts.contains(&fact.contact) {
        why.push(Reason::Chosen);
    }
    why.extend(audience.groups.intersection(&fact.groups).map(|id| Reason::Group(*id)));
    why.extend(audience.tags.intersection(&fact.tags).map(|id| Reason::Tag(*id)));
    if let Some(closeness) = &audience.closeness {
        let counts = fact.counts.only(&closeness.kinds);
        if counts.total() >= closeness.min.max(1) {
            why.push(Reason::Close { counts, since_ms: closeness.since_ms(now_ms) });
        }
    }
    if audience.everyone {
        why.push(Reason::Everyone);
    }
    why
}

/// A day of the Gregorian calendar, in UTC.
struct Day(i64, u32, u32);

impl Day {
    /// Counts eras of 400 years from 1 March 0000: a leap day is the last of its year.
    fn of(time_ms: i64) -> Self {
        let days = time_ms.div_euclid(DAY_MS) + 719_468;
        let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        Self(year + era * 400 + i64::from(month <= 2), month as u32, day as u32)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0, self.1, self.2)
    }
}

/// How far back closeness looks unless told otherwise, in days.
pub const WINDOW_DAYS: u32 = 180;
/// How far back it may look: interactions are kept for 24 months.
pub const WINDOW_DAYS_MAX: u32 = 731;
const DAY_MS: i64 = 24 * 3600 * 1000;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_219_200_000; // 2026-11-21

    fn fact(n: u8, calls: u32, mails: u32) -> Facts {
        Facts {
            contact: EntityId([n; 16]),
            reachable: true,
            blocked: false,
            groups: BTreeSet::new(),
            tags: BTreeSet::new(),
            counts: Counts { calls, messages: 0, mails },
        }
    }

    fn ids(found: &Recipients) -> Vec<u8> {
        found.recipients.iter().map(|(contact, _)| contact.0[0]).collect()
    }

    #[test]
    fn the_union_of_all_that_was_said_gets_it_minus_exceptions_and_the_blocked() {
        let group = EntityId([100; 16]);
        let mut facts: Vec<Facts> = (1..=5).map(|n| fact(n, 0, 0)).collect();
        facts[0].groups.insert(group);
        facts[1].tags.insert(group);
        facts[3].groups.insert(group);
        facts[4].groups.insert(group);
        facts[4].blocked = true;
        let audience = Audience {
            groups: [group].into(),
            tags: [group].into(),
            contacts: [EntityId([3; 16]), EntityId([1; 16])].into(),
            except: [EntityId([4; 16])].into(),
            ..Audience::default()
        };
        let found = recipients(&audience, &facts, NOW);
        assert_eq!(ids(&found), [1, 2, 3]);
        assert_eq!(found.recipients[0].1, [Reason::Chosen, Reason::Group(group)]);
        assert_eq!(recipients(&Audience::default(), &facts, NOW), Recipients::default());
        assert_eq!(Audience::decode(&audience.encode()), Some(audience));
    }

    #[test]
    fn closeness_counts_the_chosen_kinds_at_or_above_the_threshold() {
        let facts = [fact(1, 14, 3), fact(2, 2, 0), fact(3, 1, 20), fact(4, 3, 0)];
        let close = |min, kinds: &[Kind]| Audience {
            closeness: Some(Closeness { kinds: kinds.iter().copied().collect(), ..Closeness::at_least(min) }),
            ..Audience::default()
        };
        assert_eq!(ids(&recipients(&close(3, &Kind::ALL), &facts, NOW)), [1, 3, 4]);
        assert_eq!(ids(&recipients(&close(3, &[Kind::Call]), &facts, NOW)), [1, 4]);
        assert_eq!(ids(&recipients(&close(0, &[Kind::Message]), &facts, NOW)), [] as [u8; 0], "none is not many");
        let found = recipients(&close(17, &Kind::ALL), &facts, NOW);
        let why = found.recipients[0].1[0].words(|_| String::new());
        assert_eq!(why, "14 calls, 3 mails since 2026-05-25");
    }

    #[test]
    fn who_was_meant_and_cannot_be_reached_is_named_and_everyone_means_the_linked() {
        let mut facts = [fact(1, 9, 0), fact(2, 0, 0)];
        facts.iter_mut().for_each(|fact| fact.reachable = false);
        let everyone = Audience { everyone: true, ..Audience::default() };
        assert_eq!(recipients(&everyone, &facts, NOW), Recipients::default());
        let both = Audience { closeness: Some(Closeness::at_least(5)), ..everyone };
        assert_eq!(recipients(&both, &facts, NOW).unreachable, [EntityId([1; 16])]);
    }

    #[test]
    fn of_two_audiences_kept_at_once_only_those_count_whom_both_mean() {
        let facts: Vec<Facts> = (1..=3).map(|n| fact(n, 0, 0)).collect();
        let only =
            |ids: &[u8]| Audience { contacts: ids.iter().map(|n| EntityId([*n; 16])).collect(), ..Audience::default() };
        assert_eq!(ids(&recipients_of_all(&[only(&[1, 2]), only(&[2, 3])], &facts, NOW)), [2]);
        assert_eq!(ids(&recipients_of_all(&[], &facts, NOW)), [] as [u8; 0]);
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for (time_ms, day) in
            [(0, "1970-01-01"), (951_782_400_000, "2000-02-29"), (-1, "1969-12-31"), (NOW, "2026-11-21")]
        {
            assert_eq!(Day::of(time_ms).to_string(), day);
        }
    }
}
