//! The store: one SQLite file, the only place that speaks SQL.
//!
//! One thread writes. It takes whatever work has queued up, runs each piece in a savepoint of one transaction, commits
//! once with `synchronous=FULL`, and only then reports each piece, in order: what was acknowledged is on disk, and the
//! reports come in the order in which things happened. Readers have connections of their own and see committed states.

mod actions;
mod alarm;
mod check;
mod copies;
mod copy;
mod derived;
#[cfg(feature = "store-door")]
mod door;
mod held;
mod list;
mod listed;
mod mend;
mod open;
mod overview;
mod peers;
mod persons;
mod reader;
mod rederive;
mod row_set;
mod rows;
mod salvage;
mod snapshot;
mod sums;
#[cfg(test)]
mod tests;
mod warm;
mod writing;

#[cfg(feature = "store-door")]
pub use door::{Broken, Door};

pub(crate) use actions::{Action, ActionKind, Which};
pub(crate) use check::Sound;
pub(crate) use copies::{CopyRow, copies, device, left};
pub(crate) use copy::{Copy, standing};
pub(crate) use held::{AccountRow, HeldRow, accounts, held, held_count, held_for, listed_name, unlisted_by_prefix};
pub(crate) use list::{
    Found, GroupRow, ListQuery, Past, all_contacts, contact_by_identity, contact_by_remote, contacts_by_prefix,
    contacts_of_account, counts, dated_in, entity, favourites_count, group_count, group_names, groups, list, past,
    trashed_before,
};
pub(crate) use mend::{Mended, Owner, SNAPSHOT, mend};
pub(crate) use peers::{PeerRow, meta, peers, roster};
pub(crate) use persons::{
    Acceptance, acceptances, contacts_having, contacts_in, former_secrets, interactions_before, interactions_since,
    invitations, is_declined, items, links, links_of_contact, names, newest_interaction, watched,
};
pub(crate) use reader::Reader;
pub(crate) use rusqlite::Connection;
pub(crate) use writing::{Writing, identity, ordered_properties};

use alarm::Alarm;
use kith_core::{
    id::{BookId, StoreId},
    replica::BookState,
};
use overview::Overview;
use reader::Readers;
use std::{
    path::Path,
    sync::{Arc, Mutex, mpsc},
    thread,
};

/// What can go wrong with the file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// SQLite refused.
    #[error("the address book's file cannot be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The file cannot be made.
    #[error("the address book's file cannot be made: {0}")]
    Create(#[source] std::io::Error),
    /// A row does not hold what it should.
    #[error("the address book's file is damaged: {0}")]
    Damaged(&'static str),
    /// The file was written by a newer version.
    #[error("the address book was written by a newer version of Kith")]
    Newer,
    /// Migrating failed.
    #[error("the address book's file cannot be brought up to date: {0}")]
    Migration(String),
    /// The writer has ended.
    #[error("the address book is closed")]
    Closed,
}

type Report = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// Given the open transaction, or why there is none; says what is to become of what it did.
type Work = Box<dyn FnOnce(Result<&mut Writing<'_>, StoreError>) -> (Verdict, Report) + Send>;

/// What is to become of a piece of work.
enum Verdict {
    /// It goes with the transaction.
    Keep,
    /// It refused, and changed nothing.
    Undo,
    /// The storage failed under it.
    Failed(StoreError),
}

/// The open store. Clones share it; the last one closes it.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    work: Mutex<Option<mpsc::Sender<Work>>>,
    writer: Mutex<Option<thread::JoinHandle<()>>>,
    readers: Readers,
    alarm: Arc<Alarm>,
    /// One snapshot is made at a time: two would write over each other.
    renewing: tokio::sync::Mutex<()>,
}

impl Store {
    /// Makes the file for an empty book.
    pub(crate) fn create(folder: &Path, book: BookId, store: StoreId) -> Result<(Self, BookState), StoreError> {
        let connection = open::create(&folder.join(FILE), book, store)?;
        Self::start(connection, folder)
    }

    /// Opens the file, migrating it if it is older. As `store` from now on: the folder may have been copied or rolled
    /// back since it was last open, and then its numbers of arrival repeat (rule 3.1/7).
    pub(crate) fn open(folder: &Path, store: StoreId) -> Result<(Self, BookState), StoreError> {
        mend::finish(folder)?;
        let connection = open::open(&folder.join(FILE))?;
        connection.execute("UPDATE meta SET value = ?1 WHERE key = 'store'", [store.0.as_slice()])?;
        Self::start(connection, folder).map_err(StoreError::of_reading)
    }

    fn start(connection: Connection, folder: &Path) -> Result<(Self, BookState), StoreError> {
        let (book, state) = writing::load_state(&connection)?;
        let (sender, receiver) = mpsc::channel();
        let first = state.clone();
        let tools = writing::Tools::new(&connection, book)?;
        let overview = Arc::new(Overview::default());
        let (published, alarm) = (Arc::clone(&overview), Arc::new(Alarm::default()));
        let heeded = Arc::clone(&alarm);
        let writer = thread::Builder::new()
            .name("kith-store".into())
            .spawn(move || write_loop(connection, tools, first, &receiver, &published, &heeded))
            .map_err(|_| StoreError::Closed)?;
        let shared = Shared {
            work: Mutex::new(Some(sender)),
            writer: Mutex::new(Some(writer)),
            readers: Readers::new(folder.join(FILE), overview),
            alarm,
            renewing: tokio::sync::Mutex::default(),
        };
        Ok((Self { shared: Arc::new(shared) }, state))
    }

    /// Queues work for the writer. It changes nothing if it fails, for the storage's reasons or its own. `then` is
    /// called on the writer's thread when the work is durable or undone.
    pub(crate) fn write<T, E>(
        &self,
        work: impl FnOnce(&mut Writing<'_>) -> Result<Result<T, E>, StoreError> + Send + 'static,
        then: impl FnOnce(Result<Result<T, E>, StoreError>) + Send + 'static,
    ) where
        T: Send + 'static,
        E: Send + 'static,
    {
        let piece: Work = Box::new(move |writing| {
            let result = writing.and_then(work);
            let verdict = match &result {
                Ok(Ok(_)) => Verdict::Keep,
                Ok(Err(_)) => Verdict::Undo,
                Err(error) => Verdict::Failed(error.again()),
            };
            // Its own failure says more than that of the transaction it was part of.
            let report: Report = Box::new(move |durable| then(result.and_then(|done| durable.map(|()| done))));
            (verdict, report)
        });
        let sender = lock(&self.shared.work);
        if let Some(Err(mpsc::SendError(piece))) = sender.as_ref().map(|sender| sender.send(piece)) {
            drop(piece);
        }
    }

    /// Like [`Store::write`], for callers who wait.
    pub(crate) async fn write_and_wait<T, E>(
        &self,
        work: impl FnOnce(&mut Writing<'_>) -> Result<Result<T, E>, StoreError> + Send + 'static,
    ) -> Result<Result<T, E>, StoreError>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        self.write(work, move |result| drop(sender.send(result)));
        receiver.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Looks at a committed state, on a thread that may block.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = Arc::clone(&self.shared);
        let looked = tokio::task::spawn_blocking(move || shared.alarm.heed(shared.readers.look(look)));
        looked.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Looks for damage in the file's structure and in all that other devices are sent.
    pub(crate) async fn check_changes(&self) -> Result<(), StoreError> {
        self.read(|reader| check::check_changes(reader).map_err(StoreError::of_reading)).await
    }

    /// Looks for damage in everything else. What was not derived as it should be is derived anew.
    pub(crate) async fn check_contents(&self) -> Result<(), StoreError> {
        if self.read(|reader| check::check_contents(reader).map_err(StoreError::of_reading)).await? == Sound::ToDerive {
            tracing::warn!("lists are not what the contacts say, and are made anew");
            let anew = |rows: &mut Writing<'_>| rows.derive_anew().map(Ok::<_, StoreError>);
            self.write_and_wait(anew).await??;
        }
        Ok(())
    }

    /// Whether damage was met.
    pub(crate) fn is_damaged(&self) -> bool {
        self.shared.alarm.is_raised()
    }

    /// Has `then` called, once, when damage is met in the file. Nothing is written from then on.
    pub(crate) fn on_damage(&self, then: impl Fn() + Send + Sync + 'static) {
        self.shared.alarm.on_raised(Box::new(then));
    }

    /// Has `then` called, on the writer's thread, whenever everything was derived anew and lists look otherwise.
    pub(crate) fn on_rederived(&self, then: impl Fn() + Send + Sync + 'static) {
        self.shared.readers.overview().on_rederived(Box::new(then));
    }

    /// Finishes queued work and closes the file.
    pub(crate) fn close(&self) {
        lock(&self.shared.work).take();
        self.shared.readers.close();
        if let Some(writer) = lock(&self.shared.writer).take() {
            // A writer that panicked has nothing more to finish.
            let _ended = writer.join();
        }
    }
}

/// The data is whole even if a holder panicked: it is only ever replaced or taken.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn write_loop(
    connection: Connection,
    mut tools: writing::Tools,
    mut state: BookState,
    work: &mpsc::Receiver<Work>,
    overview: &Overview,
    alarm: &Alarm,
) {
    while let Some(first) = next_work(&connection, &mut tools, &state, work, overview, alarm) {
        if alarm.is_raised() {
            first(Err(DAMAGED)).1(Err(DAMAGED));
            continue;
        }
        let before = state.clone();
        let mut reports = Vec::new();
        let mut outcome = connection.execute_batch("BEGIN IMMEDIATE").map_err(StoreError::from);
        let mut next = Some(first);
        while let Some(piece) = next.take() {
            if let Err(error) = &outcome {
                reports.push(piece(Err(error.again())).1);
                break;
            }
            let (report, settled) = writing::run_piece(&connection, &mut tools, &mut state, piece, alarm);
            reports.push(report);
            outcome = settled;
            if outcome.is_ok() && reports.len() < GROUP_MAX {
                next = work.try_recv().ok();
            }
        }
        let outcome = alarm.heed(settle(&connection, &mut tools, overview, outcome));
        if outcome.is_err() {
            state = before;
        }
        for report in reports {
            report(match &outcome {
                Ok(()) => Ok(()),
                Err(error) => Err(error.again()),
            });
        }
    }
    if alarm.is_raised() {
        return;
    }
    if let Err(error) = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(%error, "the log could not be folded into the address book's file");
    }
}

/// Waits for work; while there is none, derives anew what is to be. `None` when there will be no more.
fn next_work(
    connection: &Connection,
    tools: &mut writing::Tools,
    state: &BookState,
    work: &mpsc::Receiver<Work>,
    overview: &Overview,
    alarm: &Alarm,
) -> Option<Work> {
    while let Some(rederiving) = tools.rederiving.filter(|_| !alarm.is_raised()) {
        match work.try_recv() {
            Ok(piece) => return Some(piece),
            Err(mpsc::TryRecvError::Disconnected) => return None,
            Err(mpsc::TryRecvError::Empty) => {}
        }
        let begun = connection.execute_batch("BEGIN IMMEDIATE").map_err(StoreError::from);
        let done = begun.and_then(|()| writing::rederive(connection, tools, state, rederiving));
        match alarm.heed(settle(connection, tools, overview, done)) {
            Ok(()) if tools.rederiving.is_none() => overview.tell_rederived(),
            Ok(()) => {}
            // The next start tries again.
            Err(_) => tools.rederiving = None,
        }
    }
    work.recv().ok()
}

/// Commits and tells readers, or undoes everything.
fn settle(
    connection: &Connection,
    tools: &mut writing::Tools,
    overview: &Overview,
    outcome: Result<(), StoreError>,
) -> Result<(), StoreError> {
    let outcome = outcome.and_then(|()| Ok(connection.execute_batch("COMMIT")?));
    let changes = std::mem::take(&mut tools.changes);
    match &outcome {
        Ok(()) => overview.publish(connection, &changes),
        Err(error) => {
            tracing::error!(%error, "a transaction failed");
            // The transaction may be gone already; then there is nothing to roll back.
            let _gone = connection.execute_batch("ROLLBACK");
            tools.forget();
            match rederive::Sorting::load(connection) {
                Ok(sorting) => tools.sort_by(sorting),
                Err(error) => tracing::error!(%error, "the settings cannot be read"),
            }
        }
    }
    outcome
}

impl StoreError {
    /// The same failure for one more piece of work of the group that failed.
    fn again(&self) -> Self {
        match self {
            Self::Sqlite(rusqlite::Error::SqliteFailure(code, text)) => {
                Self::Sqlite(rusqlite::Error::SqliteFailure(*code, text.clone()))
            }
            Self::Damaged(what) => Self::Damaged(what),
            Self::Newer => Self::Newer,
            _ => Self::Closed,
        }
    }

    /// The same as damage, where nothing but the file can be at fault: all that was asked is known to be right.
    fn of_reading(self) -> Self {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked, OperationInterrupted, OutOfMemory};
        let Self::Sqlite(error) = &self else { return self };
        let passing = [DatabaseBusy, DatabaseLocked, OperationInterrupted, OutOfMemory];
        let passes = error.sqlite_error_code().is_some_and(|code| passing.contains(&code));
        if passes || self.is_disk_trouble() || self.is_damage() {
            return self;
        }
        tracing::error!(error = %self, "the address book's file cannot be read");
        Self::Damaged("its structure")
    }

    /// Whether the file does not hold what was written, so that it must be mended.
    pub(crate) fn is_damage(&self) -> bool {
        use rusqlite::{
            Error,
            ErrorCode::{DatabaseCorrupt, NotADatabase},
        };
        match self {
            Self::Damaged(_) => true,
            Self::Sqlite(Error::InvalidColumnType(..) | Error::IntegralValueOutOfRange(..)) => true,
            Self::Sqlite(Error::FromSqlConversionFailure(..) | Error::Utf8Error(..)) => true,
            Self::Sqlite(error) => matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase)),
            _ => false,
        }
    }

    /// Whether the disk is full or refuses writes, rather than the file being damaged.
    pub(crate) fn is_disk_trouble(&self) -> bool {
        use rusqlite::ErrorCode::{CannotOpen, DiskFull, ReadOnly, SystemIoFailure};
        let error = match self {
            Self::Sqlite(error) => error,
            other => return matches!(other, Self::Create(_)),
        };
        matches!(error.sqlite_error_code(), Some(DiskFull | SystemIoFailure | ReadOnly | CannotOpen))
    }
}

/// The file within the data folder.
pub(crate) const FILE: &str = "book.db";
/// What whoever still wants to write is told after damage was met.
const DAMAGED: StoreError = StoreError::Damaged("it is being mended");
/// Most pieces of work in one transaction.
const GROUP_MAX: usize = 64;
