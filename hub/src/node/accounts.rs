//! Accounts: sources that state a layer of their own. Here the one kind that needs no network: a file or folder of cards
//! that another program writes.
//!
//! A reading goes in by bounded steps, and only what changed is written. What the source dropped goes last, and only if
//! that is little: else it waits for a person (`held`). Reading is not an action of a person, so undo does not take it
//! back; disconnecting the account does, and that can be taken back.

use super::{
    committer::{Committer, Proposal, storage_error},
    held::{self, Cause, Waits},
    source::{self, Reading, SourceCard, Stamp},
    taking_back::drafts,
    work::{Outcome, counted},
};
use crate::{
    api::{Account, AccountSynced, Accounts, AccountsAdd, Answer, Code, Counted, Error, Event},
    clock::{now_ms, rfc3339},
    store::{self, AccountRow, ActionKind, Connection, StoreError, Writing},
};
use kith_core::{
    account, book,
    id::EntityId,
    limits::NAME_CHARS_MAX,
    replica::{Edit, Rows},
};
use rand_core::OsRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};
use tokio::sync::{Mutex, broadcast};

/// What each source looked like when it was last read. Whoever holds it is the only one who reads.
pub(super) type Seen = Arc<Mutex<BTreeMap<EntityId, Stamp>>>;

/// Reads accounts into the book.
#[derive(Clone, Debug)]
pub(super) struct Sources {
    pub(super) committer: Committer,
    pub(super) events: broadcast::Sender<Event>,
    pub(super) seen: Seen,
}

/// `accounts.list`.
pub(super) fn list(rows: &Connection) -> Outcome<Answer> {
    let mut accounts = Vec::new();
    for row in store::accounts(rows)? {
        let waits = store::held_for(rows, Cause::Account(row.id).id(&[]))?.is_some_and(|held| held.discarded.is_none());
        let state = match (&row.path, row.trouble.is_empty(), waits) {
            (None, ..) => "elsewhere",
            (_, false, _) => "failed",
            (_, _, true) => "held",
            _ => "ready",
        };
        accounts.push(Account {
            id: row.id.to_string(),
            kind: row.kind,
            name: row.name,
            path: row.path.unwrap_or_default(),
            state: state.to_owned(),
            message: row.trouble,
            last_sync: row.synced.map(rfc3339),
            contacts: row.contacts,
        });
    }
    Ok(Ok(Answer::AccountsList(Accounts { accounts })))
}

impl Sources {
    /// `accounts.add`: connects a source that can be read, and reads it.
    pub(super) async fn add(self, request: AccountsAdd) -> Result<Answer, Error> {
        if request.kind != FILE {
            let message = "Kith connects accounts of the kind `file`: a file or folder of vCards.";
            return Err(Error::new(Code::BadRequest, message));
        }
        let named = request
            .name
            .unwrap_or_else(|| Path::new(&request.path).file_name().unwrap_or_default().to_string_lossy().into_owned());
        let name = named.trim().to_owned();
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
            let message = format!("An account needs a name of at most {NAME_CHARS_MAX} characters.");
            return Err(Error::new(Code::BadRequest, message));
        }
        let mut seen = self.seen.lock().await;
        let (stamp, reading) = look(request.path.clone()).await?;
        let reading = reading.map_err(|reason| Error::new(Code::FileUnavailable, format!("{reason}.")))?;
        let path = request.path;
        let account = self.committer.commit(move |rows| connect(&name, &path, rows)).await?;
        seen.insert(account.id, stamp);
        self.take(account, reading).await.map(Answer::AccountsAdd)
    }

    /// `accounts.sync`: reads an account again.
    pub(super) async fn sync(self, prefix: String) -> Result<Answer, Error> {
        let account = self.find(prefix).await?;
        let Some(path) = account.path.clone() else {
            let message = "This account is connected on another device. Connect its file here as well to read it here.";
            return Err(Error::new(Code::BadRequest, message));
        };
        let mut seen = self.seen.lock().await;
        let (stamp, reading) = look(path).await?;
        seen.insert(account.id, stamp);
        self.read(account, reading).await.map(Answer::AccountsSync)
    }

    /// `accounts.remove`: takes out what the account said. A person asked for it by name, so nothing waits; it is one
    /// action.
    pub(super) async fn remove(self, prefix: String) -> Result<Answer, Error> {
        let account = self.find(prefix).await?;
        let _alone = self.seen.lock().await;
        let (id, run) = (account.id, EntityId::random(&mut OsRng));
        let what = format!("disconnected {}", account.name);
        let mut count = 0;
        loop {
            let (first, what) = (count == 0, what.clone());
            let step = self.committer.commit_as(ActionKind::Plain, move |rows| {
                // First of all, so that nobody reads it in again.
                let mut edits = if first { account::disconnect(id) } else { Vec::new() };
                let known = store::contacts_of_account(rows.connection(), id)?;
                for (contact, ..) in known.iter().take(STEP_CARDS) {
                    edits.extend(account::take_out(*contact, rows.entity(*contact)?, id));
                }
                rows.forget_held(Cause::Account(id).id(&[]))?;
                let answer = (known.len().min(STEP_CARDS), known.len());
                Ok(Ok(Proposal { drafts: drafts(edits), answer, what, import: Some(run), groups: false }))
            });
            let (done, left) = step.await?;
            count += done;
            self.progress(count, count + left - done);
            if done == left {
                break;
            }
        }
        self.tell(Event::HeldChanged);
        self.tell(Event::AccountsChanged);
        Ok(Answer::AccountsRemove(Counted { count: count as u32, held: None }))
    }

    /// Reads every account whose source looks other than it did when it was last read. Returns at once if somebody is
    /// reading.
    pub(super) async fn check(self) {
        let Ok(mut seen) = self.seen.try_lock() else { return };
        let Ok(accounts) = self.committer.store.read(|rows| store::accounts(rows)).await else { return };
        for account in accounts {
            let Some(path) = account.path.clone() else { continue };
            let place = path.clone();
            let Ok(stamp) = tokio::task::spawn_blocking(move || source::stamp(Path::new(&place))).await else { return };
            if seen.get(&account.id) == Some(&stamp) {
                continue;
            }
            let Ok((stamp, reading)) = look(path).await else { return };
            seen.insert(account.id, stamp);
            let name = account.name.clone();
            if let Err(error) = self.read(account, reading).await {
                tracing::warn!(%name, %error, "an account was not read");
            }
        }
    }

    /// Takes in a reading, or remembers why there is none.
    async fn read(&self, account: AccountRow, reading: Result<Reading, String>) -> Result<AccountSynced, Error> {
        match reading {
            Ok(reading) => self.take(account, reading).await,
            Err(reason) => {
                let (id, trouble) = (account.id, format!("{reason}. Nothing was changed."));
                let message = trouble.clone();
                let keep = move |rows: &mut Writing<'_>| rows.source_read(id, Err(&trouble)).map(Ok::<(), StoreError>);
                let kept = self.committer.store.write_and_wait(keep).await;
                kept.and_then(|kept| kept).map_err(|error| storage_error(&error))?;
                self.tell(Event::AccountsChanged);
                Err(Error::new(Code::FileUnavailable, message))
            }
        }
    }

    /// Takes in a reading: the cards first, in steps, then what the source dropped.
    async fn take(&self, account: AccountRow, reading: Reading) -> Result<AccountSynced, Error> {
        let id = account.id;
        let known = self.committer.store.read(move |rows| store::contacts_of_account(rows, id)).await;
        let known = known.map_err(|error| storage_error(&error))?;
        let before = known.iter().filter(|(.., trashed)| !trashed).count();
        let mut synced = AccountSynced { id: id.to_string(), failed: reading.failed, ..AccountSynced::default() };
        let cards: Arc<Vec<SourceCard>> = Arc::new(reading.cards);
        let mut from = 0;
        while from < cards.len() {
            let (all, until) = (Arc::clone(&cards), (from + STEP_CARDS).min(cards.len()));
            let step = self.committer.commit(move |rows| {
                let (edits, tally) = match take_in(id, &all[from..until], rows)? {
                    Ok(planned) => planned,
                    Err(error) => return Ok(Err(error)),
                };
                Ok(Ok(Proposal { drafts: edits, answer: tally, what: String::new(), import: None, groups: false }))
            });
            let tally = step.await?;
            synced.added += tally.added;
            synced.updated += tally.updated;
            synced.unchanged += tally.unchanged;
            from = until;
            self.progress(from, cards.len());
        }
        let listed: BTreeSet<String> = cards.iter().map(|card| card.uid.clone()).collect();
        let complete = reading.complete;
        let dropped = self.committer.commit(move |rows| drop_gone(&account, &listed, before, complete, rows)).await?;
        synced.removed = dropped.removed;
        synced.held = dropped.waits.and_then(Waits::id).map(|held| held.to_string());
        if dropped.forgotten || matches!(dropped.waits, Some(Waits::Fresh(_))) {
            self.tell(Event::HeldChanged);
        }
        self.tell(Event::AccountsChanged);
        Ok(synced)
    }

    async fn find(&self, prefix: String) -> Result<AccountRow, Error> {
        let accounts = self.committer.store.read(|rows| store::accounts(rows)).await;
        let accounts = accounts.map_err(|error| storage_error(&error))?;
        let prefix = prefix.trim().to_ascii_lowercase();
        let mut found =
            accounts.into_iter().filter(|row| !prefix.is_empty() && row.id.to_string().starts_with(&prefix));
        match (found.next(), found.next()) {
            (Some(row), None) => Ok(row),
            (Some(_), Some(_)) => Err(Error::new(Code::Ambiguous, format!("Several accounts begin with {prefix}."))),
            (None, _) => Err(Error::new(Code::NotFound, format!("There is no account {prefix}."))),
        }
    }

    fn progress(&self, done: usize, total: usize) {
        self.tell(Event::Progress { work: "accounts".to_owned(), done: done as u32, total: total as u32 });
    }

    fn tell(&self, event: Event) {
        // Nobody may be listening.
        let _unheard = self.events.send(event);
    }
}

/// Stamps a source, then reads it, so that what changes meanwhile is seen by the next look.
async fn look(path: String) -> Result<(Stamp, Result<Reading, String>), Error> {
    let looked = tokio::task::spawn_blocking(move || {
        let path = Path::new(&path);
        (source::stamp(path), source::read(path))
    });
    looked.await.map_err(|_| Error::new(Code::Internal, "reading the source was cut off"))
}

fn connect(name: &str, path: &str, rows: &mut Writing<'_>) -> Outcome<Proposal<AccountRow>> {
    let id = account::id(rows.state().book, FILE, name);
    let known = store::accounts(rows.connection())?.into_iter().find(|row| row.id == id);
    if known.as_ref().and_then(|row| row.path.as_deref()).is_some_and(|known| known != path) {
        let message = format!("\u{201c}{name}\u{201d} is connected to another file. Give this one another name.");
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    let edits = account::connect(id, rows.entity(id)?, FILE, name);
    rows.keep_source(id, path)?;
    let answer = AccountRow {
        id,
        kind: FILE.to_owned(),
        name: name.to_owned(),
        contacts: 0,
        path: Some(path.to_owned()),
        synced: None,
        trouble: String::new(),
    };
    Ok(Ok(Proposal { drafts: drafts(edits), answer, what: String::new(), import: None, groups: false }))
}

/// What became of some cards.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    added: u32,
    updated: u32,
    unchanged: u32,
}

fn take_in(
    id: EntityId,
    cards: &[SourceCard],
    rows: &mut Writing<'_>,
) -> Outcome<(Vec<kith_core::replica::Draft>, Tally)> {
    if !account::is_connected(rows.entity(id)?) {
        return Ok(Err(Error::new(Code::NotFound, "This account was disconnected.")));
    }
    let (mut changes, mut tally) = (Vec::with_capacity(cards.len()), Tally::default());
    for card in cards {
        let (edits, added) = if card.too_long { (Vec::new(), false) } else { speak(id, card, rows)? };
        let count = match (edits.is_empty(), added) {
            (true, _) => &mut tally.unchanged,
            (false, true) => &mut tally.added,
            (false, false) => &mut tally.updated,
        };
        *count += 1;
        changes.extend(drafts(edits));
    }
    Ok(Ok((changes, tally)))
}

/// What a card changes, and whether its contact is new in the book. The contact is the one that the account knows by this
/// UID; else the one that it made before, which comes back; else one that has this UID itself; else a new one.
fn speak(id: EntityId, card: &SourceCard, rows: &mut Writing<'_>) -> Result<(Vec<Edit>, bool), StoreError> {
    let SourceCard { uid, properties, .. } = card;
    if let Some(contact) = store::contact_by_remote(rows.connection(), id, uid)? {
        let entity = rows.entity(contact)?;
        // A person put it into the trash: there it stays, as it was.
        let stays = book::is_trashed(entity);
        let edits =
            if stays { Vec::new() } else { account::take_in(contact, entity, id, uid, properties, book::ALIVE) };
        return Ok((edits, false));
    }
    let own = account::contact(id, uid);
    let made = !rows.entity(own)?.is_empty();
    match store::contact_by_identity(rows.connection(), uid)?.filter(|_| !made) {
        Some(contact) => {
            let entity = rows.entity(contact)?;
            let state = if book::is_trashed(entity) { book::TRASHED } else { book::ALIVE };
            Ok((account::take_in(contact, entity, id, uid, properties, state), false))
        }
        None => Ok((account::take_in(own, rows.entity(own)?, id, uid, properties, book::ALIVE), true)),
    }
}

/// What became of the contacts that a source dropped.
#[derive(Clone, Copy, Debug, Default)]
struct Dropped {
    removed: u32,
    waits: Option<Waits>,
    /// A deletion that waited for this account waits no more.
    forgotten: bool,
}

fn drop_gone(
    account: &AccountRow,
    listed: &BTreeSet<String>,
    before: usize,
    complete: bool,
    rows: &mut Writing<'_>,
) -> Outcome<Proposal<Dropped>> {
    let known = store::contacts_of_account(rows.connection(), account.id)?;
    let gone = known.into_iter().filter(|(_, uid, _)| complete && !listed.contains(uid));
    let (trashed, living): (Vec<_>, Vec<_>) = gone.partition(|(.., trashed)| *trashed);
    let mut dropped = Dropped::default();
    let mut taken: Vec<EntityId> = trashed.into_iter().take(STEP_CARDS).map(|(contact, ..)| contact).collect();
    let living: Vec<EntityId> = living.into_iter().map(|(contact, ..)| contact).collect();
    let cause = Cause::Account(account.id);
    if held::is_many_for_account(living.len(), before) {
        let what = format!("{} no longer has {} of {}", account.name, living.len(), counted(before, "contact"));
        dropped.waits = Some(held::hold(cause, &what, &living, rows)?);
    } else if complete {
        dropped.removed = living.len() as u32;
        taken.extend(living);
        dropped.forgotten = rows.forget_held(cause.id(&[]))?;
    }
    let mut edits = Vec::new();
    for contact in taken {
        edits.extend(account::take_out(contact, rows.entity(contact)?, account.id));
    }
    rows.source_read(account.id, Ok(now_ms()))?;
    Ok(Ok(Proposal { drafts: drafts(edits), answer: dropped, what: String::new(), import: None, groups: false }))
}

/// The kind of account that is a file or folder of vCards.
const FILE: &str = "file";
/// Cards taken in, or contacts let go, in one transaction.
const STEP_CARDS: usize = 500;
