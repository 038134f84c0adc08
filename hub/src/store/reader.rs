//! Looking at committed states: connections for reading, each with a snapshot for as long as it looks.

use super::{
    StoreError,
    listed::Listed,
    lock, open,
    overview::{Broad, Overview},
    row_set::RowSet,
    warm::warm,
};
use rusqlite::Connection;
use std::{
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// A connection that sees one committed state, and what is kept in memory of the newest.
#[derive(Debug)]
pub(crate) struct Reader {
    connection: Connection,
    overview: Arc<Overview>,
    /// The overview's number before the snapshot was taken.
    generation: u64,
}

impl Deref for Reader {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Reader {
    /// The list of the book.
    pub(super) fn listed(&self) -> Result<Arc<Listed>, StoreError> {
        self.overview.listed(&self.connection, self.generation)
    }

    /// The rows of something broad, if they are remembered.
    pub(super) fn recall(&self, broad: &Broad) -> Option<Arc<RowSet>> {
        self.overview.recall(broad)
    }

    /// Remembers the rows of a broad word or group, unless they are of an older state by now.
    pub(super) fn remember(&self, broad: Broad, rows: &Arc<RowSet>, count: usize) {
        self.overview.remember(self.generation, broad, Arc::clone(rows), count);
    }
}

/// The connections.
#[derive(Debug)]
pub(super) struct Readers {
    pool: Arc<Pool>,
    warming: Mutex<Option<thread::JoinHandle<()>>>,
}

#[derive(Debug)]
struct Pool {
    idle: Mutex<Vec<Connection>>,
    file: PathBuf,
    overview: Arc<Overview>,
    closed: AtomicBool,
}

impl Readers {
    pub(super) fn new(file: PathBuf, overview: Arc<Overview>) -> Self {
        let pool = Pool { idle: Mutex::default(), file, overview, closed: AtomicBool::new(false) };
        Self { pool: Arc::new(pool), warming: Mutex::default() }
    }

    /// Looks at the newest committed state.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Reader) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let reader = self.pool.take()?;
        let result = look(&reader);
        self.pool.give_back(reader);
        if let Some(begun) = self.pool.overview.begin_warming() {
            self.warm(begun);
        }
        result
    }

    /// The file that they read.
    pub(super) fn file(&self) -> &Path {
        &self.pool.file
    }

    /// What is kept in memory.
    pub(super) fn overview(&self) -> &Overview {
        &self.pool.overview
    }

    /// Looks for what is broad, beside everything else.
    fn warm(&self, begun: u64) {
        let pool = Arc::clone(&self.pool);
        let started = thread::Builder::new().name("kith-warm".into()).spawn(move || {
            // Whoever has just opened the window comes first; and while a book is being filled, what was found would be
            // forgotten again at once.
            thread::park_timeout(BEFORE_WARMING);
            if let Err(error) = warm(&Looking { pool, begun }) {
                tracing::warn!(%error, "searches for what many contacts have will be slower");
            }
        });
        match started {
            Ok(handle) => *lock(&self.warming) = Some(handle),
            Err(error) => tracing::warn!(%error, "no thread for searches"),
        }
    }

    /// Closes the connections and waits for who still uses one.
    pub(super) fn close(&self) {
        self.pool.closed.store(true, Ordering::Relaxed);
        if let Some(warming) = lock(&self.warming).take() {
            warming.thread().unpark();
            // One that panicked has nothing more to do.
            let _ended = warming.join();
        }
        lock(&self.pool.idle).clear();
    }
}

impl Pool {
    fn take(&self) -> Result<Reader, StoreError> {
        let idle = lock(&self.idle).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open::open_reader(&self.file)?,
        };
        let generation = self.overview.generation();
        connection.execute_batch("BEGIN")?;
        Ok(Reader { connection, overview: Arc::clone(&self.overview), generation })
    }

    fn give_back(&self, reader: Reader) {
        let Reader { connection, .. } = reader;
        if connection.execute_batch("COMMIT").is_err() || self.closed.load(Ordering::Relaxed) {
            return;
        }
        let mut idle = lock(&self.idle);
        if idle.len() < READERS_KEPT {
            idle.push(connection);
        }
    }
}

/// Lets [`warm`] look, as long as that is of use.
pub(super) struct Looking {
    pool: Arc<Pool>,
    begun: u64,
}

impl Looking {
    /// Looks at the newest committed state; `None` when it is time to stop.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Reader) -> Result<T, StoreError>) -> Result<Option<T>, StoreError> {
        if self.pool.closed.load(Ordering::Relaxed) || !self.pool.overview.is_warming(self.begun) {
            return Ok(None);
        }
        let reader = self.pool.take()?;
        let result = look(&reader);
        self.pool.give_back(reader);
        result.map(Some)
    }
}

/// How long after the list was first looked at, or much has changed, what is broad is looked for.
const BEFORE_WARMING: Duration = Duration::from_secs(2);
/// Reader connections kept open.
const READERS_KEPT: usize = 3;
