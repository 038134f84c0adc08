//! Power that fails: wherever the log is cut or garbled, what opens is the book after some acknowledged commit, and every
//! commit before the damage is in it.

use super::{
    super::{check, open, writing},
    *,
};
use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write as _},
};

const COMMITS: u64 = 200;

/// A book with a log of 200 commits, as a crash leaves it.
struct Crashed {
    folder: tempfile::TempDir,
    log: std::path::PathBuf,
    /// After how many commits: the log's length, the book's hash.
    after: Vec<(u64, BookHash)>,
}

impl Crashed {
    async fn new() -> Self {
        let from = tempfile::tempdir().unwrap();
        let store = open(from.path(), 1);
        write(&store, 0, Layer::Mine, &[("FN", "Ann")]).await;
        // Nothing is to be written but the commits that are counted.
        rederived(&store, "2 given ").await;
        store.close();
        let (store, state) = Store::open(from.path(), StoreId([77; 16])).unwrap();
        let all_in_the_log = store.write_and_wait(|rows| {
            rows.connection().pragma_update(None, "wal_autocheckpoint", 0)?;
            Ok(Ok::<_, ()>(()))
        });
        all_in_the_log.await.unwrap().unwrap();
        let log = from.path().join("book.db-wal");
        let length = || fs::metadata(&log).map_or(0, |about| about.len());
        let mut after = vec![(length(), state.hash)];
        let mut dice = Dice(0x1234_5678_9abc_def1);
        for commit_number in 0..COMMITS {
            // Most are small, so that the log is soon read.
            let draft = if dice.below(8) == 0 { random_draft(&mut dice) } else { small_draft(&mut dice) };
            commit(&store, 1, commit_number as i64, draft).await;
            let state = store.write_and_wait(|rows| Ok(Ok::<_, ()>(rows.state().clone()))).await.unwrap().unwrap();
            after.push((length(), state.hash));
        }
        // The files as they are now, while the hub still has them open.
        let folder = tempfile::tempdir().unwrap();
        for name in [FILE, "book.db-wal"] {
            fs::copy(from.path().join(name), folder.path().join(name)).unwrap();
        }
        store.close();
        let log = folder.path().join("book.db-wal");
        Self { folder, log, after }
    }

    /// How many commits must be there when everything from this offset on is lost.
    fn expected(&self, offset: u64) -> usize {
        self.after.iter().rposition(|&(length, _)| length <= offset).unwrap_or(0)
    }

    /// Opens the book without writing to it, and checks that it is the one after so many commits.
    fn opens_after(&self, commits: usize, thoroughly: bool, what: &str) {
        let file = self.folder.path().join(FILE);
        let _built_anew = fs::remove_file(self.folder.path().join("book.db-shm"));
        let connection = open::open_reader(&file).unwrap();
        let (book, state) = writing::load_state(&connection).unwrap_or_else(|error| panic!("{what}: {error}"));
        let found = self.after.iter().rposition(|&(_, hash)| hash == state.hash);
        assert_eq!(self.after[commits].1, state.hash, "{what}: {found:?} commits instead of {commits}");
        let hash = check::book_hash(&connection, book).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(hash, state.hash, "{what}: the registers are not those that the hash names");
        drop(connection);
        if thoroughly {
            let readers = Readers::new(file, Arc::default());
            readers.look(check_all).unwrap_or_else(|error| panic!("{what}: {error}"));
        }
    }
}

#[tokio::test]
async fn a_log_cut_anywhere_gives_the_book_after_the_last_commit_before_the_cut() {
    let crashed = Crashed::new().await;
    let length = fs::metadata(&crashed.log).unwrap().len();
    let mut offsets: BTreeSet<u64> = BTreeSet::new();
    let ends: Vec<u64> = if long() {
        (LOG_HEADER..=length).step_by(FRAME as usize).collect()
    } else {
        crashed.after.iter().map(|&(end, _)| end).collect()
    };
    for end in ends {
        offsets.extend([end.saturating_sub(1), end, end + 1]);
    }
    offsets.extend(0..LOG_HEADER + 2);
    let mut dice = Dice(0xfeed_beef_1234_5677);
    offsets.extend((0..if long() { 20_000 } else { 500 }).map(|_| dice.below(length)));
    // One frame byte by byte.
    offsets.extend((length - FRAME..=length).step_by(if long() { 1 } else { 41 }));
    let log = OpenOptions::new().write(true).open(&crashed.log).unwrap();
    let started = std::time::Instant::now();
    // From the end on, so that the file is only ever made shorter.
    for (nth, &offset) in offsets.iter().rev().filter(|&&offset| offset <= length).enumerate() {
        log.set_len(offset).unwrap();
        crashed.opens_after(crashed.expected(offset), nth % 50 == 0, &format!("cut at {offset}"));
    }
    println!("{} offsets of a log of {length} bytes in {:?}", offsets.len(), started.elapsed());
}

#[tokio::test]
async fn a_log_garbled_anywhere_gives_the_book_after_the_last_commit_before_the_damage() {
    let crashed = Crashed::new().await;
    let length = fs::metadata(&crashed.log).unwrap().len();
    let mut dice = Dice(0xabcd_ef01_2345_6789);
    let mut log = OpenOptions::new().read(true).write(true).open(&crashed.log).unwrap();
    let mut offsets: Vec<u64> = (0..if long() { 10_000 } else { 300 }).map(|_| dice.below(length)).collect();
    // Every byte of the log's own header and of a frame's.
    offsets.extend((0..LOG_HEADER).chain(LOG_HEADER + 100 * FRAME..LOG_HEADER + 100 * FRAME + FRAME_HEADER));
    for (nth, &offset) in offsets.iter().enumerate() {
        let before = byte_at(&mut log, offset);
        put(&mut log, offset, before ^ (1 + dice.below(255) as u8));
        let commits = if offset < LOG_HEADER { 0 } else { crashed.expected(offset) };
        crashed.opens_after(commits, nth % 50 == 0, &format!("garbled at {offset}"));
        put(&mut log, offset, before);
    }
    crashed.opens_after(COMMITS as usize, true, "put right again");
}

#[tokio::test]
async fn work_that_waits_together_is_committed_together() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1);
    let (go, wait) = mpsc::channel::<()>();
    store.write(move |_| Ok(Ok::<_, ()>(wait.recv())), |_| {});
    let (sender, receiver) = mpsc::channel();
    for number in 0..40 {
        let sender = sender.clone();
        let work = move |rows: &mut Writing<'_>| {
            replica::commit(rows, device(1), 0, vec![random_draft(&mut Dice(number + 1))])
        };
        store.write(work, move |outcome| sender.send(outcome.unwrap().unwrap().seqs).unwrap());
    }
    go.send(()).unwrap();
    let seqs: Vec<_> = (0..40).map(|_| receiver.recv().unwrap()).collect();
    assert_eq!(seqs, (1..=40).map(|seq| Some((seq, seq))).collect::<Vec<_>>(), "in order");
    let log = fs::read(folder.path().join("book.db-wal")).unwrap();
    // A frame that ends a transaction names the length of the file.
    let frames = log[LOG_HEADER as usize..].chunks(FRAME as usize);
    let commits = frames.filter(|frame| frame[4..8] != [0; 4]).count();
    // Making the file and deriving for the first time take some.
    assert!(commits < 20, "40 changes took {commits} commits");
    store.close();
}

/// A change of one register that no list shows.
fn small_draft(dice: &mut Dice) -> Draft {
    let path = RegisterPath::setting(["one", "two", "three"][dice.below(3) as usize]);
    let value = Some(dice.below(1 << 40).to_le_bytes().to_vec());
    Draft { edits: vec![Edit { entity: book::SETTINGS, path, value }], import: None }
}

fn byte_at(file: &mut File, offset: u64) -> u8 {
    let mut byte = [0];
    file.seek(SeekFrom::Start(offset)).unwrap();
    file.read_exact(&mut byte).unwrap();
    byte[0]
}

fn put(file: &mut File, offset: u64, byte: u8) {
    file.seek(SeekFrom::Start(offset)).unwrap();
    file.write_all(&[byte]).unwrap();
}

/// Bytes of SQLite's log before its first frame, of a frame's header, and of a frame (`fileformat.html`, section 4).
const LOG_HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;
const FRAME: u64 = FRAME_HEADER + (8 << 10);
