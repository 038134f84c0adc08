//! Deletions that wait for a person: the brake on mass deletions (rules section 5).
//!
//! It stands where deletions are made: many contacts put into the trash at once, a source that speaks of far fewer
//! contacts than before, and the end of the trash. What waits is remembered with what each contact was like, so that
//! one which somebody edited since is left alone.

use super::{
    committer::{Committer, Proposal},
    taking_back::drafts,
    work::{Outcome, Planned, counted},
};
use crate::{
    api::{Answer, Code, Counted, Error, Event, Held, HeldAll, HeldApplied},
    clock::{now_ms, rfc3339},
    store::{self, ActionKind, Connection, StoreError, Writing},
};
use kith_core::{
    account, book,
    entity::Entity,
    id::EntityId,
    limits::TRASH_MS,
    replica::{self, Rows},
};
use rand_core::OsRng;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::Arc};
use tokio::sync::broadcast;

/// Why contacts are to be deleted, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Cause {
    /// Their time in the trash is over.
    Purge,
    /// A person put many into the trash at once.
    Trash,
    /// An account speaks of them no more.
    Account(EntityId),
}

/// What waits: contacts, each with a digest of what it was like.
#[derive(Debug, Serialize, Deserialize)]
struct Deletion {
    cause: Cause,
    contacts: Vec<(EntityId, u64)>,
}

/// What became of a deletion that is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waits {
    /// It waits under this id, newly or with other contacts than before.
    Fresh(EntityId),
    /// It was waiting like this already.
    Already(EntityId),
    /// A person said no to it a short while ago.
    Refused,
}

impl Waits {
    /// The id under which it waits.
    pub(super) fn id(self) -> Option<EntityId> {
        match self {
            Self::Fresh(id) | Self::Already(id) => Some(id),
            Self::Refused => None,
        }
    }
}

/// Whether so many contacts are not put into the trash without a second yes.
pub(super) fn is_many_for_trash(count: usize, rows: &Connection) -> Result<bool, StoreError> {
    let (contacts, _, _) = store::counts(rows)?;
    Ok(count > DELETED_MAX || (count >= TRASHED_AT_ONCE_MIN && is_large_share(count, contacts as usize)))
}

/// Whether a source that drops so many of its contacts is not believed at once.
pub(super) fn is_many_for_account(gone: usize, of: usize) -> bool {
    gone > DELETED_MAX || is_large_share(gone, of)
}

/// Whether so many contacts are not purged without a person. One alone always may be.
pub(super) fn is_many_for_purge(count: usize, of: usize) -> bool {
    count > 1 && (count > DELETED_MAX || is_large_share(count, of))
}

fn is_large_share(count: usize, of: usize) -> bool {
    count * DELETED_SHARE > of
}

/// Has a deletion wait for a person. The same cause asked twice waits once; what a person refused is not asked again for
/// 30 days, unless an account drops still more.
pub(super) fn hold(
    cause: Cause,
    what: &str,
    contacts: &[EntityId],
    rows: &mut Writing<'_>,
) -> Result<Waits, StoreError> {
    let (id, now) = (cause.id(contacts), now_ms());
    let before = store::held_for(rows.connection(), id)?;
    let known: BTreeSet<EntityId> = match &before {
        Some(row) => decode(&row.deletion)?.contacts.into_iter().map(|(contact, _)| contact).collect(),
        None => BTreeSet::new(),
    };
    let covered = contacts.iter().all(|contact| known.contains(contact));
    match before {
        Some(row)
            if row.discarded.is_none() && (cause == Cause::Purge || (covered && known.len() == contacts.len())) =>
        {
            return Ok(Waits::Already(id));
        }
        Some(row) if row.discarded.is_some_and(|at| now - at < TRASH_MS) && (cause == Cause::Purge || covered) => {
            return Ok(Waits::Refused);
        }
        _ => {}
    }
    let mut deletion = Deletion { cause, contacts: Vec::with_capacity(contacts.len()) };
    for &contact in contacts {
        deletion.contacts.push((contact, digest(rows.entity(contact)?)));
    }
    // Encoding plain data into memory cannot fail.
    rows.hold(id, now, what, &rmp_serde::to_vec(&deletion).unwrap_or_default())?;
    Ok(Waits::Fresh(id))
}

impl Cause {
    /// The same for the same cause.
    pub(super) fn id(self, contacts: &[EntityId]) -> EntityId {
        let mut hasher = blake3::Hasher::new_derive_key("kith 2026 held deletion");
        let (kind, of): (&[u8], Vec<EntityId>) = match self {
            Self::Purge => (b"purge", Vec::new()),
            Self::Trash => (b"trash", BTreeSet::from_iter(contacts).into_iter().copied().collect()),
            Self::Account(account) => (b"account", vec![account]),
        };
        hasher.update(kind);
        for id in of {
            hasher.update(&id.0);
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        EntityId(id)
    }
}

/// `held.list`.
pub(super) fn list(rows: &Connection) -> Outcome<Answer> {
    let mut held = Vec::new();
    for row in store::held(rows)? {
        let contacts = decode(&row.deletion)?.contacts;
        let mut names = Vec::new();
        for (contact, _) in contacts.iter().take(NAMES_MAX) {
            names.push(store::listed_name(rows, *contact)?);
        }
        names.retain(|name| !name.is_empty());
        let (id, count) = (row.id.to_string(), contacts.len() as u32);
        held.push(Held { id, what: row.what, count, time: rfc3339(row.since), names });
    }
    Ok(Ok(Answer::HeldList(HeldAll { held })))
}

/// `held.apply`: carries it out for every contact that is still as it was.
pub(super) async fn apply(
    prefix: String,
    committer: Committer,
    events: broadcast::Sender<Event>,
) -> Result<Answer, Error> {
    let found = committer.store.read(move |rows| find(&prefix, rows)).await;
    let row = found.unwrap_or_else(|error| Err(super::committer::storage_error(&error)))?;
    let deletion = decode(&row.deletion).map_err(|error| super::committer::storage_error(&error))?;
    let deletion = Arc::new(deletion);
    let (run, total) = (EntityId::random(&mut OsRng), deletion.contacts.len());
    let what: Arc<str> = match deletion.cause {
        Cause::Purge => format!("deleted {} for good", counted(total, "contact")).into(),
        Cause::Trash => format!("put {} into the trash", counted(total, "contact")).into(),
        Cause::Account(_) => format!("let {} go that their source no longer has", counted(total, "contact")).into(),
    };
    let mut applied = HeldApplied::default();
    let mut from = 0;
    loop {
        let until = (from + STEP_CONTACTS).min(total);
        let (deletion, what) = (Arc::clone(&deletion), what.to_string());
        let step = committer.commit_as(ActionKind::Plain, move |rows| {
            let (edits, done) = match carry_out(deletion.cause, &deletion.contacts[from..until], rows)? {
                Ok(planned) => planned,
                Err(error) => return Ok(Err(error)),
            };
            if until == total {
                rows.forget_held(row.id)?;
            }
            Ok(Ok(Proposal { drafts: drafts(edits), answer: done, what, import: Some(run), groups: true }))
        });
        let HeldApplied { count, left, names } = step.await?;
        applied.count += count;
        applied.left += left;
        applied.names.extend(names);
        from = until;
        // Nobody may be listening.
        let _unheard = events.send(Event::Progress { work: "held".to_owned(), done: from as u32, total: total as u32 });
        if from == total {
            break;
        }
    }
    applied.names.truncate(NAMES_MAX);
    let _unheard = events.send(Event::HeldChanged);
    Ok(Answer::HeldApply(applied))
}

fn carry_out(
    cause: Cause,
    contacts: &[(EntityId, u64)],
    rows: &mut Writing<'_>,
) -> Outcome<(Vec<replica::Edit>, HeldApplied)> {
    if cause == Cause::Purge && !rows.state().is_settled() {
        let message = "Changes of another device are still on their way. Try again when your devices are in step.";
        return Ok(Err(Error::new(Code::Refused, message)));
    }
    let (mut edits, mut done) = (Vec::new(), HeldApplied::default());
    for &(id, was) in contacts {
        let entity = rows.entity(id)?;
        let fresh = match cause {
            _ if digest(entity) != was => Vec::new(),
            Cause::Purge => replica::purge(id, entity),
            Cause::Trash => vec![book::set_state(id, book::TRASHED)],
            Cause::Account(account) => account::take_out(id, entity, account),
        };
        if fresh.is_empty() {
            done.left += 1;
            done.names.push(store::listed_name(rows.connection(), id)?);
        } else {
            done.count += 1;
            edits.extend(fresh);
        }
    }
    Ok(Ok((edits, done)))
}

/// `held.discard`.
pub(super) fn discard(prefix: &str, rows: &mut Writing<'_>) -> Outcome<Planned> {
    let row = match find(prefix, rows.connection())? {
        Ok(row) => row,
        Err(error) => return Ok(Err(error)),
    };
    let Deletion { cause, contacts } = decode(&row.deletion)?;
    if cause == Cause::Trash {
        rows.forget_held(row.id)?;
    } else {
        rows.discard_held(row.id, now_ms())?;
    }
    let answer = Answer::HeldDiscard(Counted { count: contacts.len() as u32, held: None });
    Ok(Ok(Planned::new(Vec::new(), answer, "")))
}

fn find(prefix: &str, rows: &Connection) -> Outcome<store::HeldRow> {
    let prefix = prefix.trim().to_ascii_lowercase();
    let mut held = store::held(rows)?.into_iter();
    let mut held = held.by_ref().filter(|row| !prefix.is_empty() && row.id.to_string().starts_with(&prefix));
    Ok(match (held.next(), held.next()) {
        (Some(row), None) => Ok(row),
        (Some(_), Some(_)) => Err(Error::new(Code::Ambiguous, format!("Several begin with {prefix}."))),
        (None, _) => Err(Error::new(Code::NotFound, format!("No deletion {prefix} waits."))),
    })
}

/// Reads a waiting deletion as it lies on the disk.
#[cfg(feature = "fuzz")]
pub fn fuzz_held(bytes: &[u8]) {
    // Whatever it is, it is an answer.
    let _ = decode(bytes);
}

fn decode(deletion: &[u8]) -> Result<Deletion, StoreError> {
    rmp_serde::from_slice(deletion).map_err(|_| StoreError::Damaged("a deletion that waits"))
}

/// Another one after anything about the contact changed.
fn digest(contact: &Entity) -> u64 {
    let hash = blake3::hash(&contact.encode());
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    u64::from_le_bytes(first)
}

/// More contacts than this are not deleted without a person.
const DELETED_MAX: usize = 50;
/// Nor more than one in so many.
const DELETED_SHARE: usize = 5;
/// Fewer than this are put into the trash at once, however small the book.
const TRASHED_AT_ONCE_MIN: usize = 10;
/// Contacts deleted in one transaction.
const STEP_CONTACTS: usize = 500;
/// Names told of one deletion.
const NAMES_MAX: usize = 5;
