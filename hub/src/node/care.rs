//! Looks after the address book's file: checks it when nobody asks for anything, keeps a snapshot of it, has it mended when
//! it is damaged. Before it was checked no changes are read for other devices; that one waits to read is reason to begin.

use super::{
    committer::storage_error,
    copies,
    event_loop::{Happening, Node},
    member::Member,
};
use crate::{
    api::{Code, Error, Event},
    clock::{modified_ms, now_ms, rfc3339},
    folder::Folder,
    keys::Keys,
    store::{self, Mended, Owner, Store, StoreError},
};
use kith_core::{
    engine::Output,
    id::{DeviceId, StoreId},
};
use rand_core::OsRng;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{Notify, watch};

/// What the loop knows of the file.
#[derive(Debug)]
pub(super) struct Care {
    checked: bool,
    /// When somebody last asked for something.
    asked: watch::Sender<Instant>,
    /// Another device waits to read.
    reading: Arc<Notify>,
    /// What other devices asked for before it was checked.
    waiting: Vec<Output>,
    /// When it was last looked through, in milliseconds since 1970.
    looked: i64,
    /// Commits when the loop last looked.
    commits: u64,
    /// How often it was mended in this run.
    mended: u32,
}

impl Default for Care {
    fn default() -> Self {
        Self {
            checked: false,
            // Whoever has opened the folder is about to ask.
            asked: watch::Sender::new(Instant::now()),
            reading: Arc::default(),
            waiting: Vec::new(),
            looked: 0,
            commits: 0,
            mended: 0,
        }
    }
}

impl Care {
    /// Somebody asks for something: what is looked through for their sake can wait.
    pub(super) fn is_asked(&self) {
        self.asked.send_replace(Instant::now());
    }
}

impl Node {
    /// Opens what the folder holds. A damaged file is mended first.
    pub(super) async fn open_member(&mut self, keys: Keys) -> Result<Member, Error> {
        let error = match Member::open(&self.folder, keys.clone()).await {
            Ok(member) => return self.keep_keys_of(member, &keys),
            Err(error) => error,
        };
        if !error.is_damage() || self.care.mended >= MENDED_MAX {
            return Err(storage_error(&error));
        }
        tracing::error!(%error, "the address book's file is damaged and is built anew");
        self.care.mended += 1;
        let mended = mend(&self.folder, &keys).await.map_err(|error| lost(&error))?;
        let member = Member::open(&self.folder, keys.clone()).await.map_err(|error| storage_error(&error))?;
        self.tell(told(&mended));
        self.keep_keys_of(member, &keys)
    }

    /// Keeps the keys of a folder that had gone on as another device before they were kept.
    fn keep_keys_of(&self, member: Member, before: &Keys) -> Result<Member, Error> {
        if member.me() != before.device {
            self.folder.keep_keys(&member.keys)?;
        }
        Ok(member)
    }

    /// Begins to look after a file that was just opened.
    pub(super) fn take_care(&mut self) {
        let Some(member) = &self.member else { return };
        let happenings = self.happenings.clone();
        member.store.on_damage(move || {
            // If the loop has ended, the next start finds it.
            let _ended = happenings.send(Happening::Damaged);
        });
        let checked = self.options.offline;
        self.care = Care { checked, mended: self.care.mended, ..Care::default() };
        if !checked {
            self.look_through(false);
        }
    }

    /// Looks through the file once a day, when nothing has changed for a while.
    pub(super) fn look_through_daily(&mut self) {
        let Some(commits) = self.member.as_ref().map(|member| member.engine.state().commits) else { return };
        let at_rest = std::mem::replace(&mut self.care.commits, commits) == commits;
        if at_rest && now_ms() - self.care.looked >= DAY_MS {
            self.look_through(false);
        }
    }

    /// Looks through the file and renews the snapshot, at once where a roster without the newest devices would keep them
    /// away from a file that was built of it.
    pub(super) fn look_through(&mut self, at_once: bool) {
        let Some(member) = self.member.as_ref().filter(|_| !self.options.offline) else { return };
        self.care.looked = now_ms();
        let (store, happenings) = (member.store.clone(), self.happenings.clone());
        let folder = self.folder.path().to_owned();
        // A large file takes seconds to look through, and whoever has just opened the window comes first.
        let changes: u64 = member.engine.state().authors.values().map(|author| author.held.seq).sum();
        let is_large = changes >= LARGE;
        let (asked, reading) = (self.care.asked.subscribe(), Arc::clone(&self.care.reading));
        tokio::spawn(async move {
            if is_large && !at_once {
                tokio::select! {
                    () = at_rest(&asked) => {}
                    () = reading.notified() => {}
                }
            }
            // What is queued comes first; what fails of it is told elsewhere.
            let _queued = store.write_and_wait(|_| Ok(Ok::<(), StoreError>(()))).await;
            let start = Instant::now();
            let sendable = store.check_changes().await;
            // What could not be checked is still compared record by record.
            if !sendable.as_ref().is_err_and(StoreError::is_damage) {
                // If the loop has ended, nobody waits.
                let _ended = happenings.send(Happening::Checked);
            }
            let early = start.elapsed();
            if is_large && !at_once {
                at_rest(&asked).await;
            }
            let checked = match sendable {
                Ok(()) => store.check_contents().await,
                Err(error) => Err(error),
            };
            match &checked {
                Ok(()) => tracing::debug!(took = ?start.elapsed(), ?early, "the address book's file is sound"),
                Err(error) => tracing::warn!(%error, "the address book's file was not found to be sound"),
            }
            if checked.is_ok() {
                keep_snapshot(&store, &folder, at_once).await;
            }
        });
    }

    /// The file was checked: what waited for it goes on.
    pub(super) fn checked(&mut self) {
        self.care.checked = true;
        for output in std::mem::take(&mut self.care.waiting) {
            self.do_output(output);
        }
    }

    /// Keeps back what reads changes for another device until the file was checked.
    pub(super) fn held_back(&mut self, output: Output) -> Option<Output> {
        if self.care.checked || !matches!(output, Output::Read { .. }) {
            return Some(output);
        }
        self.care.waiting.push(output);
        self.care.reading.notify_one();
        None
    }

    /// Damage was met: nothing is written any more. Closes the file, mends it, and goes on.
    pub(super) async fn damaged(&mut self) {
        let Some(member) = self.member.take_if(|member| member.store.is_damaged()) else { return };
        let keys = member.keys.clone();
        let listen = self.options.listen;
        if let Some(network) = self.network.take() {
            // Others know it by this port.
            self.options.listen = network.local_addr().or(listen);
            network.close().await;
        }
        let store = member.store;
        // Readers may still hold the file for a moment.
        let _closed = tokio::task::spawn_blocking(move || store.close()).await;
        let message = "The address book's file on this device is damaged. Kith builds it anew; this may take a minute.";
        self.tell(Event::Trouble { code: Code::StorageUnreadable, message: message.to_owned() });
        let outcome = if self.care.mended < MENDED_MAX {
            self.care.mended += 1;
            mend(&self.folder, &keys).await
        } else {
            Err(StoreError::Damaged("again and again"))
        };
        match outcome {
            Ok(mended) => {
                self.tell(told(&mended));
                let mut moved = self.move_in(keys).await;
                // The system lets go of the port a moment later.
                for _ in 0..PORT_TRIES {
                    if moved.is_ok() || self.member.is_none() {
                        break;
                    }
                    tokio::time::sleep(PORT_RETRY).await;
                    moved = self.go_online();
                }
                if moved.is_err() && self.member.is_some() {
                    self.options.listen = listen;
                    moved = self.go_online();
                }
                if let Err(error) = moved {
                    self.tell(Event::Trouble { code: error.code, message: error.message });
                }
            }
            Err(error) => {
                let error = lost(&error);
                self.tell(Event::Trouble { code: error.code, message: error.message });
            }
        }
        // Everything may look otherwise now.
        self.tell(Event::ContactsChanged { ids: Vec::new(), device: None });
        self.tell(Event::GroupsChanged);
    }
}

async fn mend(folder: &Folder, keys: &Keys) -> Result<Mended, StoreError> {
    let (folder, now) = (folder.path().to_owned(), now_ms());
    let owner = Owner { person: keys.person, device: keys.device, fresh: DeviceId::random(&mut OsRng), now };
    let stamp: String = rfc3339(now).chars().map(|char| if char == ':' { '-' } else { char }).collect();
    let mending = move || store::mend(&folder, &owner, StoreId::random(&mut OsRng), &stamp);
    tokio::task::spawn_blocking(mending).await.unwrap_or(Err(StoreError::Closed))
}

/// What a person is told when mending failed.
fn lost(error: &StoreError) -> Error {
    if !error.is_damage() {
        return storage_error(error);
    }
    let message = "The address book's file on this device is damaged, and too little of it can be read. Move its folder \
                   away, and join another device of yours or restore a backup.";
    Error::new(Code::StorageUnreadable, message)
}

fn told(mended: &Mended) -> Event {
    let what = match (mended.whole, mended.history_whole) {
        (true, true) => "Nothing is lost.",
        (true, false) => "Every contact is as it was; some earlier values are not in the history any more.",
        _ => "What could not be read comes from the last snapshot and from your other devices, when they are near.",
    };
    // Others may hold what it forgot that it wrote.
    let then = if mended.left { format!(" {}", copies::waiting()) } else { String::new() };
    let message = format!(
        "The address book's file on this device was damaged and was built anew. {what} The damaged file is kept as {}.{then}",
        mended.aside.display()
    );
    Event::Trouble { code: Code::StorageUnreadable, message }
}

/// Renews the snapshot of a file that was found to be sound, at most once a day and only if the file was written since.
async fn keep_snapshot(store: &Store, folder: &Path, at_once: bool) {
    let (now, to) = (now_ms(), folder.join(store::SNAPSHOT));
    if !at_once && !is_due(folder, &to, now) {
        return;
    }
    let start = Instant::now();
    match store.renew_snapshot(to).await {
        Ok(()) => tracing::debug!(took = ?start.elapsed(), "the snapshot was renewed"),
        Err(error) => tracing::warn!(%error, "the snapshot was not renewed"),
    }
}

fn is_due(folder: &Path, snapshot: &Path, now: i64) -> bool {
    let modified = |path: PathBuf| path.metadata().ok().and_then(|about| modified_ms(&about));
    let Some(made) = modified(snapshot.to_owned()) else { return true };
    let files = [store::FILE.to_owned(), format!("{}-wal", store::FILE)].map(|name| modified(folder.join(name)));
    // A clock that went back makes a new one as well.
    files.into_iter().flatten().any(|written| written > made) && (now - made).abs() >= DAY_MS
}

/// Waits until nobody has asked for anything for a while.
async fn at_rest(asked: &watch::Receiver<Instant>) {
    let latest = Instant::now() + REST_LATEST;
    loop {
        let from = (*asked.borrow() + REST).min(latest);
        let left = from.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left).await;
    }
}

const DAY_MS: i64 = 24 * 3600 * 1000;
/// Changes from which on a file is large: looking through it takes more than a moment.
const LARGE: u64 = 10_000;
/// How long nobody must have asked for anything before a large file is looked through.
const REST: Duration = Duration::from_secs(3);
/// It does not wait for longer than this.
const REST_LATEST: Duration = Duration::from_secs(60);
/// How long it is tried to listen where others know this device to be.
const PORT_RETRY: Duration = Duration::from_millis(100);
const PORT_TRIES: u32 = 30;
/// How often the file is mended before something else must be wrong: the disk, or Kith.
const MENDED_MAX: u32 = 3;
