//! Notifications, as far as the hub decides them: `notify.*`. All that waits is one notice; what is in it was shown or was
//! not; quiet hours keep fresh ones back; reminders and the end of quiet hours are due times of the loop.
//!
//! "Asking twice" of the rules: the device that somebody uses tells at once, the others half a minute later, and an answer
//! that arrives takes the notice away everywhere, as nothing waits any more.

use super::{
    People,
    inbox::{self, Waiting},
    known::Open,
    notice_words,
};
use crate::{
    api::{Answer, Code, Done, Error, Event, InboxUpdate, NoticeDue, Notify, NotifyDue, NotifySet, NotifyShown},
    clock::{local_minute, now_ms},
    metered::Verdict,
    node::{
        committer::{Proposal, storage_error},
        event_loop::{Node, Reply, answer},
        settings,
        work::Outcome,
    },
    store::{self, Connection, Reader, StoreError},
};
use kith_core::{
    book::SETTINGS,
    id::{EntityId, PersonId},
    person::{self, Link},
    quiet::QuietHours,
    replica::Draft,
    settings::{Setting, Settings},
    share::{Order, Received},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// What a person says of this device's network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Said {
    /// The system knows.
    #[default]
    Auto,
    Yes,
    No,
}

impl Said {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "auto" => Self::Auto,
            "yes" => Self::Yes,
            "no" => Self::No,
            _ => return None,
        })
    }

    fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Yes => "yes",
            Self::No => "no",
        }
    }
}

/// What the loop keeps for notices.
#[derive(Debug, Default)]
pub(super) struct Notices {
    said: Said,
    quiet: Option<QuietHours>,
    /// When updates that wait were first seen here, while this hub runs.
    seen: BTreeMap<(PersonId, EntityId, Order), Instant>,
    /// When what is to be shown changes by itself, in milliseconds since 1970.
    due_ms: Option<i64>,
}

impl Notices {
    pub(super) fn load(rows: &Reader) -> Result<Self, StoreError> {
        let said = store::meta(rows, META_METERED)?.and_then(|word| Said::of(std::str::from_utf8(&word).ok()?));
        let quiet = settings::read(rows)?.quiet_hours();
        Ok(Self { said: said.unwrap_or_default(), quiet, ..Self::default() })
    }

    /// Whether what wants an unmetered network waits on this device.
    pub(super) fn waits(&self, network: Verdict) -> bool {
        match self.said {
            Said::Yes => true,
            Said::No => false,
            Said::Auto => network == Verdict::Metered,
        }
    }

    /// Takes note of what waits now, as seen since then if it was not known.
    fn mind(&mut self, asks: &BTreeSet<(PersonId, Open)>, since: Instant) {
        let now = Instant::now();
        let key = |(person, open): &(PersonId, Open)| (*person, open.item, open.order);
        let keys: BTreeSet<_> = asks.iter().map(key).collect();
        self.seen.retain(|key, _| keys.contains(key));
        for key in keys {
            self.seen.entry(key).or_insert(since);
        }
        let wall = now_ms();
        let reminders = asks.iter().filter_map(|(_, open)| open.later_ms).filter(|until| *until > wall);
        let patience = |seen: &Instant| PATIENCE.checked_sub(now.saturating_duration_since(*seen));
        let young =
            self.seen.values().filter_map(patience).map(|left| wall.saturating_add(left.as_millis() as i64 + 1));
        // Nothing waits for the end of quiet hours if nothing waits.
        let left = self.quiet.and_then(|quiet| quiet.left(local_minute(wall))).filter(|_| !asks.is_empty());
        let morning = left.map(|minutes| next_minute(wall, minutes));
        self.due_ms = reminders.chain(young.filter(|at| *at > wall)).chain(morning).min();
    }

    /// When what is to be shown changes by itself.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        self.due_ms.map(|due| now + Duration::from_millis(u64::try_from(due - now_ms()).unwrap_or(0)))
    }

    fn is_quiet(&self) -> bool {
        self.quiet.is_some_and(|quiet| quiet.left(local_minute(now_ms())).is_some())
    }
}

impl People {
    /// Takes note of what waited before this hub ran: no other device has to be waited for.
    pub(super) fn mind_old(&mut self) {
        let (asks, now) = (self.asks(), Instant::now());
        self.notices.mind(&asks, now.checked_sub(PATIENCE).unwrap_or(now));
    }

    /// What of others' waits for an answer and may be told.
    fn asks(&self) -> BTreeSet<(PersonId, Open)> {
        let heard = self.known.values().filter(|known| !known.muted);
        heard.flat_map(|known| known.asks.iter().map(|open| (known.person, *open))).collect()
    }
}

impl Node {
    /// Takes note of what waits, without telling anybody.
    fn mind_notices(&mut self) {
        let Some(member) = &mut self.member else { return };
        let asks = member.people.asks();
        member.people.notices.mind(&asks, Instant::now());
    }

    /// What is to be shown may be something else now.
    pub(super) fn notices_changed(&mut self) {
        self.mind_notices();
        self.tell(Event::NoticeChanged);
    }

    /// Tells it if something that was put off, or kept back, is due.
    pub(super) fn notices_woken(&mut self) {
        let due = self.member.as_ref().and_then(|member| member.people.notices.due_ms);
        if due.is_some_and(|due| due <= now_ms()) {
            self.tell(Event::InboxChanged);
            self.notices_changed();
        }
    }

    /// Settings changed: quiet hours may have, and who is told what.
    pub(in crate::node) fn learn_notices(&mut self, quiet: Option<QuietHours>) {
        let Some(member) = &mut self.member else { return };
        if std::mem::replace(&mut member.people.notices.quiet, quiet) != quiet {
            self.notices_changed();
        }
    }

    /// The system says something else of the network.
    pub(in crate::node) fn network_is(&mut self, verdict: Verdict) {
        let waited = self.is_metered();
        self.metered = verdict;
        self.tell(Event::SettingsChanged);
        self.met_network(waited);
    }

    /// Whether what wants an unmetered network waits here.
    pub(in crate::node) fn is_metered(&self) -> bool {
        self.member.as_ref().is_some_and(|member| member.people.notices.waits(self.metered))
    }

    /// What waited for an unmetered network goes, if this is one now.
    fn met_network(&mut self, waited: bool) {
        let Some(member) = &self.member else { return };
        if waited && !self.is_metered() {
            let asking = member.people.known.values().filter(|known| !known.asks.is_empty());
            self.keep_up(asking.map(|known| known.person).collect());
        }
    }

    fn notify(&self, settings: &Settings) -> Notify {
        let notices = self.member.as_ref().map(|member| &member.people.notices);
        let hours = settings.quiet_hours();
        Notify {
            quiet: settings.quiet.clone(),
            quiet_now: hours.is_some_and(|hours| hours.left(local_minute(now_ms())).is_some()),
            metered: notices.map_or(Said::Auto, |notices| notices.said).word().to_owned(),
            network: self.metered.word().to_owned(),
            waits: self.is_metered(),
        }
    }

    /// `notify.show`.
    pub(super) fn notify_show(&self, reply: Reply) {
        let Some(member) = &self.member else { return };
        let (store, rest) = (member.store.clone(), self.notify(&Settings::default()));
        tokio::spawn(async move {
            let read = store.read(|rows| settings::read(rows)).await;
            let shown = read.map(|settings| Answer::NotifyShow(with_quiet(rest, settings.quiet)));
            answer(reply, shown.map_err(|error| storage_error(&error)));
        });
    }

    /// `notify.set`.
    pub(super) fn notify_set(&mut self, request: &NotifySet, reply: Reply) {
        let said = match request.metered.as_deref().map(Said::of) {
            None => None,
            Some(Some(said)) => Some(said),
            Some(None) => {
                let message = "metered is auto, yes or no.";
                return answer(reply, Err(Error::new(Code::BadRequest, message)));
            }
        };
        let quiet = request.quiet.as_deref().map(|text| if text.trim() == "off" { "" } else { text });
        let edit = match quiet.map(|text| Setting::Quiet.set(text)).transpose() {
            Ok(edit) => edit,
            Err(error) => return answer(reply, Err(Error::new(Code::BadRequest, format!("{error}.")))),
        };
        let waited = self.is_metered();
        let Some(member) = &mut self.member else { return };
        if let Some(said) = said {
            member.people.notices.said = said;
        }
        self.met_network(waited);
        let Some(member) = &self.member else { return };
        let (committer, rest) = (self.committer(member), self.notify(&Settings::default()));
        tokio::spawn(async move {
            let set = committer.commit(move |rows| {
                if let Some(said) = said {
                    rows.keep_meta(META_METERED, said.word().as_bytes())?;
                }
                let before = settings::of(rows)?.quiet;
                let wanted = edit.as_ref().map(|edit| edit.value.as_deref().and_then(kith_core::book::read_text));
                let answer = wanted.map_or(before, Option::unwrap_or_default);
                let drafts = edit.into_iter().map(|edit| Draft { edits: vec![edit], import: None }).collect();
                Ok(Ok(Proposal { drafts, answer, what: String::new(), import: None, groups: false }))
            });
            answer(reply, set.await.map(|quiet| Answer::NotifySet(with_quiet(rest, quiet))));
        });
    }

    /// `notify.due`.
    pub(super) fn notify_due(&mut self, request: &NotifyDue, reply: Reply) {
        self.mind_notices();
        let Some(member) = &self.member else { return };
        let notices = &member.people.notices;
        let (now, in_use, quiet) = (Instant::now(), request.in_use, notices.is_quiet());
        let is_young = |seen: &Instant| !in_use && now.saturating_duration_since(*seen) < PATIENCE;
        let young: BTreeSet<_> = notices.seen.iter().filter(|(_, seen)| is_young(seen)).map(|(key, _)| *key).collect();
        let asking: BTreeSet<PersonId> = member.people.asks().into_iter().map(|(person, _)| person).collect();
        let store = member.store.clone();
        tokio::spawn(async move {
            let due = store.read(move |rows| due(&asking, &young, quiet, rows)).await;
            answer(reply, due.unwrap_or_else(|error| Err(storage_error(&error))));
        });
    }

    /// `notify.shown`.
    pub(super) fn notify_shown(&self, request: NotifyShown, reply: Reply) {
        let Some(member) = &self.member else { return };
        let store = member.store.clone();
        tokio::spawn(async move {
            let kept = store.write_and_wait(move |rows| {
                let mut shown = shown(rows.connection())?;
                let news: Vec<String> = request.keys.into_iter().filter(|key| key.len() <= KEY_BYTES_MAX).collect();
                shown.retain(|key| !news.contains(key));
                shown.extend(news);
                let surplus = shown.len().saturating_sub(SHOWN_MAX);
                shown.drain(..surplus);
                // Encoding plain data into memory cannot fail.
                rows.keep_meta(META_SHOWN, &rmp_serde::to_vec(&shown).unwrap_or_default())?;
                Ok(Ok::<_, StoreError>(()))
            });
            let done = kept.await.and_then(|kept| kept);
            answer(reply, done.map(|()| Answer::NotifyShown(Done {})).map_err(|error| storage_error(&error)));
        });
    }
}

fn with_quiet(rest: Notify, quiet: String) -> Notify {
    let hours: Option<QuietHours> = quiet.parse().ok();
    let quiet_now = hours.is_some_and(|hours| hours.left(local_minute(now_ms())).is_some());
    Notify { quiet, quiet_now, ..rest }
}

/// The keys of what was shown on this device, the newest last.
fn shown(rows: &Connection) -> Result<Vec<String>, StoreError> {
    let bytes = store::meta(rows, META_SHOWN)?;
    Ok(bytes.and_then(|bytes| rmp_serde::from_slice(&bytes).ok()).unwrap_or_default())
}

/// What is to be shown of what these persons sent.
fn due(
    asking: &BTreeSet<PersonId>,
    young: &BTreeSet<(PersonId, EntityId, Order)>,
    quiet: bool,
    rows: &Connection,
) -> Outcome<Answer> {
    let settings = store::entity(rows, SETTINGS)?.unwrap_or_default();
    let mut found: Vec<(i64, String, InboxUpdate)> = Vec::new();
    for person in asking {
        let Some(entity) = store::entity(rows, person::id(*person))? else { continue };
        let Some(link) = Link::of(&entity) else { continue };
        for (item, received) in Received::of(&entity) {
            let order = received.newest.order;
            let waits = Waiting::of(&entity, &settings, item, &received) == Waiting::Now;
            if !waits || young.contains(&(*person, item, order)) {
                continue;
            }
            if let Some(update) = inbox::waiting(&link, &entity, &settings, item, &received, rows)? {
                // A reminder is something new to show.
                let key = format!("{} {}", update.id, received.later_ms.unwrap_or_default());
                found.push((received.newest.made_ms, key, update));
            }
        }
    }
    found.sort_by(|a, b| (b.0, &a.1).cmp(&(a.0, &b.1)));
    let shown = shown(rows)?;
    let keys: Vec<String> = found.iter().map(|(_, key, _)| key.clone()).collect();
    let fresh = !quiet && keys.iter().any(|key| !shown.contains(key));
    let updates: Vec<InboxUpdate> = found.into_iter().map(|(_, _, update)| update).collect();
    let notice = (!updates.is_empty()).then(|| notice_words::words(&updates, fresh, keys));
    Ok(Ok(Answer::NotifyDue(NoticeDue { notice })))
}

/// When so many minutes have gone by on the wall clock, at the full minute.
fn next_minute(now_ms: i64, minutes: u16) -> i64 {
    now_ms.div_euclid(MINUTE_MS).saturating_add(i64::from(minutes)) * MINUTE_MS
}

/// How long a device that nobody uses leaves the telling to another one.
const PATIENCE: Duration = Duration::from_secs(30);
const MINUTE_MS: i64 = 60_000;
/// What a person says of this device's network.
const META_METERED: &str = "metered";
/// What was shown on this device.
const META_SHOWN: &str = "notices-shown";
/// How much of it is remembered: as much as can wait.
const SHOWN_MAX: usize = 4096;
/// Longest key of something shown, in bytes.
const KEY_BYTES_MAX: usize = 80;
