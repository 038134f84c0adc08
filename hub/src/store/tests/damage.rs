//! Bytes that turn on the disk: each is harmless or noticed, none reaches another device, and the file is built anew.

use super::{
    super::{Owner, PeerRow, device as goes_on_as, left, mend, peers},
    *,
};
use kith_core::{
    id::PublicKey,
    identity::{
        SigningKey, person_id, public_key,
        roster::{DeviceCard, Roster},
    },
    vector::Vector,
};
use std::fs;

/// The recovery code's key.
fn root() -> SigningKey {
    SigningKey::from_bytes(&[3; 32])
}

/// Device 1 of a person, with the id under which it goes on if something is lost.
fn owner() -> Owner {
    Owner { person: person_id(&public_key(&root())), device: device(1), fresh: device(9), now: 10_000 }
}

/// A book with contacts, groups, trash, tombstones, history, changes of two devices and something undecided.
async fn with_book(folder: &Path) -> BookState {
    let (store, peer_folder) = (open(folder, 1), tempfile::tempdir().unwrap());
    let peer = open(peer_folder.path(), 2);
    for number in 0..60_u64 {
        let id = EntityId([number as u8 + 100; 16]);
        let name = format!("Žofie {number} Nowak");
        let mut edits = vec![book::set_state(id, book::ALIVE)];
        for (nth, (name, value)) in
            [("FN", name.as_str()), ("TEL", "+49 170 1234567"), ("NOTE", "some words")].into_iter().enumerate()
        {
            edits.push(book::set_mine(id, PropertyId([nth as u8; 16]), Some(property(name, value))));
        }
        let (there, number_there) = if number % 3 == 0 { (&peer, 2) } else { (&store, 1) };
        commit(there, number_there, number as i64, Draft { edits, import: None }).await;
    }
    let mut dice = Dice(0x0123_4567_89ab_cdef);
    for now in 0..60 {
        let committed = commit(&peer, 2, now, random_draft(&mut dice)).await;
        commit(&store, 1, now, random_draft(&mut dice)).await;
        if now % 2 == 0 {
            apply(&store, 1, delivery(2, &committed)).await;
        }
    }
    let everything = peer.write_and_wait(|rows| Ok(Ok::<_, ()>(replica::read_batch(rows, &Vector::default(), 0)?)));
    let batch = everything.await.unwrap().unwrap();
    let cursor = Cursor { store: StoreId([2; 16]), arrival: batch.through };
    let manner = Manner::Session { cursor, upto: Some(batch.state.vector()) };
    let (changes, stubs, heads) = (batch.changes, batch.stubs, batch.state.heads());
    let delivery = Delivery { from: device(2), changes, stubs, heads, manner };
    apply(&store, 1, delivery).await;
    peer.close();
    store.close();
    let (store, state) = Store::open(folder, StoreId([77; 16])).unwrap();
    assert_eq!(store.read(check_all).await.unwrap(), Sound::Whole);
    store.close();
    assert!(state.is_settled());
    state
}

/// What a hub does when it has started.
async fn checked(store: &Store) -> Result<(), StoreError> {
    store.check_changes().await?;
    store.check_contents().await
}

/// Everything that a person or another device can be told of the book.
#[derive(Debug, PartialEq)]
struct Told {
    state: BookState,
    changes: Vec<replica::StoredChange>,
    entities: Vec<(EntityId, Entity)>,
    past: Vec<(Vec<u8>, Option<Vec<u8>>, i64)>,
    listed: (u32, Vec<String>, Vec<(String, u32)>),
    found: (u32, Vec<String>, Vec<(String, u32)>),
}

impl Told {
    /// In what the two differ, in few words.
    fn unlike(&self, other: &Self) -> String {
        let parts = [
            ("state", self.state == other.state),
            ("changes", self.changes == other.changes),
            ("entities", self.entities == other.entities),
            ("history", self.past == other.past),
            ("list", self.listed == other.listed),
            ("search", self.found == other.found),
        ];
        parts.into_iter().filter(|(_, alike)| !alike).map(|(part, _)| format!("{part} ")).collect()
    }
}

async fn told(store: &Store, mut state: BookState) -> Result<Told, StoreError> {
    state.store = StoreId([0; 16]);
    state.commits = 0;
    let changes = store.write_and_wait(|rows| Ok(Ok::<_, ()>(rows.changes_after(0, 10_000)?))).await?.unwrap();
    let ids: Vec<EntityId> = (0..60).map(|n| EntityId([n + 100; 16])).chain((0..6).map(contact)).collect();
    let (entities, past) = store
        .read(move |rows| {
            let mut past = Vec::new();
            let mut entities = Vec::new();
            for id in ids {
                entities.push((id, entity(rows, id)?.unwrap_or_default()));
                past.extend(
                    super::super::past(rows, id)?.into_iter().map(|p| (p.path.as_bytes().to_vec(), p.value, p.clock)),
                );
            }
            Ok((entities, past))
        })
        .await?;
    let look = async |query: ListQuery| {
        let page = store.read(move |rows| list(rows, &ListQuery { limit: 1000, ..query })).await?;
        let names = page.rows.into_iter().map(|row| format!("{} {} {}", row.name, row.letter, row.detail)).collect();
        Ok::<_, StoreError>((page.total, names, page.letters))
    };
    let listed = look(ListQuery::default()).await?;
    let found = look(ListQuery { find: "nowak".into(), ..ListQuery::default() }).await?;
    Ok(Told { state, changes, entities, past, listed, found })
}

#[tokio::test]
async fn a_byte_that_turns_is_harmless_or_noticed_and_never_sent_and_the_file_is_built_anew() {
    let sound = tempfile::tempdir().unwrap();
    with_book(sound.path()).await;
    let (store, state) = Store::open(sound.path(), StoreId([77; 16])).unwrap();
    let original = told(&store, state).await.unwrap();
    store.close();
    let bytes = fs::read(sound.path().join(FILE)).unwrap();
    let mut dice = Dice(0x5eed_5eed_5eed_5eed);
    let flips = if long() { 1_000 } else { 200 };
    let (mut harmless, mut noticed, mut whole) = (0, 0, 0);
    for flip in 0..flips {
        let folder = tempfile::tempdir().unwrap();
        let offset = dice.below(bytes.len() as u64) as usize;
        let mut turned = bytes.clone();
        turned[offset] ^= 1 << dice.below(8);
        fs::write(folder.path().join(FILE), &turned).unwrap();
        let error = match Store::open(folder.path(), StoreId([77; 16])) {
            Err(error) => Some(error),
            Ok((store, state)) => {
                // What another device would get if it asked before the file was checked.
                let sent = store.write_and_wait(|rows| Ok(Ok::<_, ()>(rows.changes_after(0, 10_000)?))).await;
                for change in sent.into_iter().flat_map(Result::unwrap) {
                    // Its place in the order of arrival may be another one: that ends with this life of the store.
                    let alike = |sound: &replica::StoredChange| {
                        (sound.device, sound.seq, sound.whole, &sound.bytes)
                            == (change.device, change.seq, change.whole, &change.bytes)
                    };
                    assert!(original.changes.iter().any(alike), "a damaged change was handed out, byte {offset}");
                }
                let checked = checked(&store).await.err();
                let error = match checked {
                    Some(error) => Some(error),
                    None => {
                        rederived(&store, "2 given ").await;
                        let now = told(&store, state).await.unwrap_or_else(|error| panic!("byte {offset}: {error}"));
                        assert_eq!(now.unlike(&original), "", "byte {offset} changed what is told, unnoticed");
                        None
                    }
                };
                store.close();
                error
            }
        };
        let Some(error) = error else {
            harmless += 1;
            continue;
        };
        noticed += 1;
        let refused = matches!(error, StoreError::Newer | StoreError::Migration(_));
        assert!(error.is_damage() || refused, "byte {offset}: {error}");
        if flip % 4 == 0 && error.is_damage() {
            fs::write(folder.path().join(FILE), &turned).unwrap();
            // With the snapshot that a hub keeps, and without one.
            let kept = flip % 8 == 0;
            if kept {
                fs::copy(sound.path().join(FILE), folder.path().join(SNAPSHOT)).unwrap();
            }
            whole += u32::from(mends(folder.path(), &original, kept, &format!("byte {offset}")).await);
        }
    }
    println!(
        "{flips} bytes of {}: {harmless} harmless, {noticed} noticed, of those tried {whole} mended whole",
        bytes.len()
    );
    assert!(noticed > 0 && whole > 0);
}

/// Mends a file, and checks that nothing is in it that was not there before. Whether nothing is lost.
async fn mends(folder: &Path, original: &Told, kept: bool, what: &str) -> bool {
    let mended = match mend::mend(folder, &owner(), StoreId([5; 16]), "2026-11-21") {
        Ok(mended) => mended,
        // One bit of the first page can make everything behind it unreadable.
        Err(error) if !kept && error.is_damage() => return false,
        Err(error) => panic!("{what}: {error}"),
    };
    assert!(mended.aside.exists());
    // Each opening begins another life of it.
    let written = Connection::open(folder.join(FILE)).unwrap();
    let life: Vec<u8> = written.query_row("SELECT value FROM meta WHERE key = 'store'", [], |row| row.get(0)).unwrap();
    assert_eq!(life, [5; 16], "arrival numbers count anew");
    drop(written);
    let (store, state) = Store::open(folder, StoreId([77; 16])).unwrap_or_else(|error| panic!("{what}: {error}"));
    rederived(&store, "2 given ").await;
    checked(&store).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    let now = told(&store, state.clone()).await.unwrap();
    let vouched_before = |device: &DeviceId| original.state.authors[device].vouched;
    assert!(now.state.authors.iter().all(|(device, author)| author.vouched <= vouched_before(device)));
    // Arrivals are numbered anew.
    let now = Told { changes: original.changes.clone(), ..now };
    let unlike = now.unlike(original);
    assert!(unlike.is_empty() || !kept, "{what}: {unlike}");
    assert!(unlike.is_empty() || !mended.whole || (unlike == "history " && !mended.history_whole), "{what}: {unlike}");
    // It goes on, and numbers of its own are not given twice.
    let before = state.authors.get(&device(1)).map_or(0, |author| author.head.seq);
    let committed = commit(&store, 1, 9_999, random_draft(&mut Dice(77))).await;
    assert_eq!(committed.seqs, Some((before + 1, before + 1)));
    store.close();
    mended.whole
}

#[tokio::test]
async fn snapshots_that_are_renewed_at_once_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let state = with_book(folder.path()).await;
    let (store, _) = Store::open(folder.path(), StoreId([77; 16])).unwrap();
    let to = folder.path().join(SNAPSHOT);
    let renew = || store.renew_snapshot(to.clone());
    let (one, other, third) = tokio::join!(renew(), renew(), renew());
    assert!(one.is_ok() && other.is_ok() && third.is_ok(), "{one:?} {other:?} {third:?}");
    store.close();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::copy(&to, elsewhere.path().join(FILE)).unwrap();
    let (store, copied) = Store::open(elsewhere.path(), StoreId([78; 16])).unwrap();
    assert_eq!(copied.hash, state.hash);
    store.close();
}

#[tokio::test]
async fn what_a_damaged_file_lost_comes_back_from_the_snapshot_and_from_a_peer() {
    let folder = tempfile::tempdir().unwrap();
    let state = with_book(folder.path()).await;
    let (store, _) = Store::open(folder.path(), StoreId([77; 16])).unwrap();
    let original = told(&store, state.clone()).await.unwrap();
    store.renew_snapshot(folder.path().join(SNAPSHOT)).await.unwrap();
    let note = book::set_mine(contact(200), PropertyId([1; 16]), Some(property("NOTE", "to be lost")));
    let edits = vec![note, book::set_state(contact(200), book::ALIVE)];
    let newer = commit(&store, 1, 5_000, Draft { edits, import: None }).await;
    store.close();

    // The newest change cannot be read any more, wherever it is written.
    let mut bytes = fs::read(folder.path().join(FILE)).unwrap();
    let text = b"to be lost";
    let places: Vec<usize> = (0..bytes.len() - text.len()).filter(|&at| bytes[at..].starts_with(text)).collect();
    places.iter().for_each(|&at| bytes[at] ^= 0x40);
    fs::write(folder.path().join(FILE), bytes).unwrap();
    if let Ok((store, _)) = Store::open(folder.path(), StoreId([77; 16])) {
        assert!(checked(&store).await.unwrap_err().is_damage());
        assert!(store.is_damaged());
        let refused = store.write_and_wait(|_| Ok(Ok::<_, ()>(()))).await;
        assert!(refused.unwrap_err().is_damage(), "nothing is written any more");
        store.close();
    }
    let mended = mend::mend(folder.path(), &owner(), StoreId([5; 16]), "2026-11-21").unwrap();
    assert!(!mended.whole);
    let (store, after) = Store::open(folder.path(), StoreId([77; 16])).unwrap();
    checked(&store).await.unwrap();
    assert!(state.vector().covers(&after.vector()), "no more is promised than the snapshot did");
    assert!(after.vector().covers(&state.vector()), "and no less");

    // A peer that has it brings the rest.
    apply(&store, 3, delivery(1, &newer)).await;
    let expected = tempfile::tempdir().unwrap();
    fs::copy(folder.path().join(SNAPSHOT), expected.path().join(FILE)).unwrap();
    let (peer, _) = Store::open(expected.path(), StoreId([77; 16])).unwrap();
    apply(&peer, 3, delivery(1, &newer)).await;
    let hash =
        async |store: &Store| store.write_and_wait(|rows| Ok(Ok::<_, ()>(rows.state().hash))).await.unwrap().unwrap();
    assert_eq!(hash(&store).await, hash(&peer).await);
    assert_ne!(hash(&store).await, original.state.hash);
    store.close();
    peer.close();
}

#[tokio::test]
async fn a_file_with_a_loss_goes_on_as_another_device_unless_there_is_no_other() {
    let card = |number| {
        let sign = public_key(&SigningKey::from_bytes(&[number; 32]));
        let (name, platform) = ("a device".to_owned(), String::new());
        DeviceCard { id: device(number), sign, tls: PublicKey([number; 32]), name, platform }
    };
    for (others, parts) in [(vec![], false), (vec![card(2)], true)] {
        let folder = tempfile::tempdir().unwrap();
        with_book(folder.path()).await;
        let (store, before) = Store::open(folder.path(), StoreId([77; 16])).unwrap();
        let devices = [vec![card(1)], others].concat();
        let roster = Roster::sign_epoch(&root(), 1, &devices).unwrap();
        let peer = PeerRow { vector: before.vector(), addresses: "here".to_owned(), ..PeerRow::default() };
        let keep = move |rows: &mut Writing<'_>| {
            rows.keep_roster(&[roster])?;
            Ok(Ok::<_, StoreError>(rows.keep_peer(device(2), &peer)?))
        };
        store.write_and_wait(keep).await.unwrap().unwrap();
        store.renew_snapshot(folder.path().join(SNAPSHOT)).await.unwrap();
        store.close();

        // Nothing is lost where everything is found, though in two places.
        let mended = mend::mend(folder.path(), &owner(), StoreId([5; 16]), "2026-11-21").unwrap();
        assert!(mended.whole && !mended.left);
        fs::remove_file(folder.path().join(FILE)).unwrap();
        let mended = mend::mend(folder.path(), &owner(), StoreId([6; 16]), "2026-11-22").unwrap();
        assert!(!mended.whole);
        assert_eq!(mended.left, parts);

        let (store, after) = Store::open(folder.path(), StoreId([77; 16])).unwrap();
        let look = |rows: &Reader| Ok((goes_on_as(rows)?, left(rows)?, peers(rows)?.remove(&device(2))));
        let (goes_on, was, peer) = store.read(look).await.unwrap();
        let peer = peer.unwrap();
        assert_eq!(peer.addresses, "here");
        assert_eq!((after.hash, after.vector()), (before.hash, before.vector()), "its old numbers count as they did");
        if parts {
            assert_eq!((goes_on, was), (Some(device(9)), Some(device(1))));
            assert!(peer.vector.is_empty(), "nobody has told the new one what they hold");
        } else {
            assert_eq!((goes_on, was, peer.vector), (None, None, before.vector()));
        }
        store.close();
    }
}

#[tokio::test]
async fn a_crash_between_building_and_putting_in_place_leaves_one_of_the_two() {
    let folder = tempfile::tempdir().unwrap();
    let state = with_book(folder.path()).await;
    // As if it had ended after the damaged file was moved away.
    fs::rename(folder.path().join(FILE), folder.path().join("book.mended.db")).unwrap();
    let (store, found) = Store::open(folder.path(), StoreId([77; 16])).unwrap();
    assert_eq!(found, state);
    store.close();
    assert!(!folder.path().join("book.mended.db").exists());
}
