//! The store against the memory implementation of the same trait, and what its derived tables say.

mod damage;
mod power;

use super::*;
use kith_core::{
    book,
    book_hash::BookHash,
    entity::Entity,
    id::{DeviceId, EntityId, Hash, PropertyId},
    layer::Layer,
    path::Path as RegisterPath,
    replica::{self, Apart, Applied, Branch, Committed, Cursor, Delivery, Draft, Edit, Head, Manner, MemoryRows, Rows},
    vcard::Property,
};
use rand_core::RngCore;
use std::collections::{BTreeMap, BTreeSet};

const BOOK: BookId = BookId([7; 16]);

/// A small generator: the tests must be the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}

/// Whether the tests are to be thorough: the same code, more of it.
fn long() -> bool {
    std::env::var_os("KITH_LONG").is_some_and(|long| !long.is_empty())
}

/// Looks at everything that there is in a file.
fn check_all(reader: &Reader) -> Result<Sound, StoreError> {
    check::check_changes(reader)?;
    check::check_contents(reader)
}

fn device(number: u8) -> DeviceId {
    DeviceId([number; 16])
}

fn contact(number: u64) -> EntityId {
    EntityId([number as u8 + 1; 16])
}

fn property(name: &str, value: &str) -> Vec<u8> {
    Property::new(0, name, &BTreeMap::new(), None, value).unwrap().encode()
}

fn random_draft(dice: &mut Dice) -> Draft {
    let mut edits = Vec::new();
    for _ in 0..=dice.below(3) {
        let id = contact(dice.below(6));
        match dice.below(8) {
            0 => edits.push(book::set_state(id, book::TRASHED)),
            1 => edits.push(Edit {
                entity: id,
                path: RegisterPath::in_group(EntityId([99; 16])),
                value: (dice.below(2) == 0).then(|| book::PRESENT.to_vec()),
            }),
            _ => {
                let value = (dice.below(5) > 0).then(|| property("TEL", &format!("+1 {}", dice.below(1000))));
                edits.push(book::set_mine(id, PropertyId([dice.below(4) as u8; 16]), value));
                edits.push(book::set_state(id, book::ALIVE));
            }
        }
    }
    Draft { edits, import: None }
}

fn open(folder: &Path, number: u8) -> Store {
    Store::create(folder, BOOK, StoreId([number; 16])).unwrap().0
}

async fn commit(store: &Store, number: u8, now: i64, draft: Draft) -> Committed {
    let work = move |rows: &mut Writing<'_>| replica::commit(rows, device(number), now, vec![draft]);
    store.write_and_wait(work).await.unwrap().unwrap()
}

async fn apply(store: &Store, number: u8, delivery: Delivery) -> Applied {
    let work = move |rows: &mut Writing<'_>| replica::apply(rows, device(number), 0, delivery, &|_| true);
    store.write_and_wait(work).await.unwrap().unwrap()
}

fn delivery(from: u8, committed: &Committed) -> Delivery {
    Delivery {
        from: device(from),
        changes: committed.changes.clone(),
        stubs: Vec::new(),
        heads: committed.heads.clone(),
        manner: Manner::Push { base: committed.base.clone(), upto: committed.upto.clone() },
    }
}

#[tokio::test]
async fn the_file_and_the_memory_hold_the_same_whatever_happens() {
    for seed in 1..=8 {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed));
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let stores = [open(folders[0].path(), 1), open(folders[1].path(), 2)];
        let fresh = |number: u8| MemoryRows::new(BookState::new(BOOK, StoreId([number; 16])));
        let mut memories = [fresh(1), fresh(2)];
        for round in 0..60 {
            let side = dice.below(2) as usize;
            let (here, there) = (side as u8 + 1, 2 - side as u8);
            let draft = random_draft(&mut dice);
            let committed = commit(&stores[side], here, round, draft.clone()).await;
            let Ok(Ok(expected)) = replica::commit(&mut memories[side], device(here), round, vec![draft]) else {
                panic!()
            };
            assert_eq!(committed, expected);
            if dice.below(3) > 0 {
                let other = 1 - side;
                let delivery = delivery(here, &committed);
                let applied = apply(&stores[other], there, delivery.clone()).await;
                let same = replica::apply(&mut memories[other], device(there), 0, delivery, &|_| true);
                assert_eq!(Ok(Ok(applied)), same);
            }
        }
        for (store, memory) in stores.iter().zip(&mut memories) {
            let changes = store
                .write_and_wait(|rows| Ok(Ok::<_, ()>((rows.changes_after(0, 10_000)?, rows.state().clone()))))
                .await
                .unwrap()
                .unwrap();
            let bare = |all: Vec<replica::StoredChange>| {
                all.into_iter().map(|c| (c.device, c.seq, c.bytes)).collect::<Vec<_>>()
            };
            assert_eq!(bare(changes.0), bare(memory.changes_after(0, 10_000).unwrap()), "seed {seed}");
            assert_eq!(changes.1, *memory.state(), "seed {seed}");
            for number in 0..6 {
                let id = contact(number);
                let stored = store.read(move |rows| entity(rows, id)).await.unwrap().unwrap_or_default();
                assert_eq!(stored, *memory.entity(id).unwrap(), "seed {seed}");
            }
            store.close();
        }
        for (folder, memory) in folders.iter().zip(&memories) {
            let (store, state) = Store::open(folder.path(), StoreId([77; 16])).unwrap();
            let expected = BookState { commits: 0, store: StoreId([77; 16]), ..memory.state().clone() };
            assert_eq!(state, expected, "what was closed is what is opened");
            store.close();
        }
    }
}

#[tokio::test]
async fn the_file_and_the_memory_part_with_a_copied_device_alike() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, other) = (open(here.path(), 1), open(there.path(), 2));
    let mut memory = MemoryRows::new(BookState::new(BOOK, StoreId([1; 16])));
    let mut dice = Dice(77);
    for round in 0..40 {
        let draft = random_draft(&mut dice);
        if round % 2 == 0 {
            commit(&store, 1, round, draft.clone()).await;
            assert!(replica::commit(&mut memory, device(1), round, vec![draft]).unwrap().is_ok());
        } else {
            let committed = commit(&other, 2, round, draft).await;
            apply(&store, 1, delivery(2, &committed)).await;
            let delivered = delivery(2, &committed);
            assert!(replica::apply(&mut memory, device(1), 0, delivered, &|_| true).unwrap().is_ok());
        }
    }
    let head = |seq, memory: &mut MemoryRows, number| Head {
        seq,
        hash: memory.hash_of(device(number), seq).unwrap().unwrap(),
    };
    let others = Apart::Closed([(device(2), head(7, &mut memory, 2))].into());
    let unlike = Head { seq: 13, hash: Hash([5; 32]) };
    let own = Apart::Branch(Branch { device: device(1), points: vec![unlike, head(9, &mut memory, 1)] });
    for (apart, left) in [(others, false), (own, true)] {
        let again = apart.clone();
        let work = move |rows: &mut Writing<'_>| Ok(Ok::<_, ()>(replica::part(rows, device(1), device(50), &again)?));
        let parted = store.write_and_wait(work).await.unwrap().unwrap();
        assert_eq!(Ok(parted.clone()), replica::part(&mut memory, device(1), device(50), &apart));
        assert!(parted.left == left && !parted.committed.changes.is_empty());
    }
    let kept = store.write_and_wait(|rows| Ok(Ok::<_, ()>((rows.changes_after(0, 10_000)?, rows.state().clone()))));
    let (changes, state) = kept.await.unwrap().unwrap();
    let bare =
        |all: Vec<replica::StoredChange>| all.into_iter().map(|c| (c.device, c.seq, c.bytes)).collect::<Vec<_>>();
    assert_eq!(bare(changes), bare(memory.changes_after(0, 10_000).unwrap()));
    assert_eq!(state, *memory.state());
    for number in 0..6 {
        let id = contact(number);
        let stored = store.read(move |rows| entity(rows, id)).await.unwrap().unwrap_or_default();
        assert_eq!(stored, *memory.entity(id).unwrap());
    }
    store.close();
    other.close();
    let (store, reopened) = Store::open(here.path(), state.store).unwrap();
    assert_eq!(reopened, BookState { commits: 0, ..state });
    store.close();
}

#[tokio::test]
async fn work_that_fails_leaves_nothing_behind_and_the_work_beside_it_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1);
    let draft = |number: u64| Draft {
        edits: vec![
            book::set_mine(contact(number), PropertyId([1; 16]), Some(property("FN", "Ann"))),
            book::set_state(contact(number), book::ALIVE),
        ],
        import: None,
    };
    let failing = store.write_and_wait(move |rows| {
        let _made = replica::commit(rows, device(1), 0, vec![draft(1)])?;
        Ok(Err::<(), _>("no"))
    });
    let kept = commit(&store, 1, 0, draft(2));
    let (failed, kept) = tokio::join!(failing, kept);
    assert_eq!(failed.unwrap(), Err("no"));
    assert_eq!(kept.seqs, Some((1, 1)), "the number of what failed is free");
    let found = store.read(|rows| Ok((entity(rows, contact(1))?, counts(rows)?))).await.unwrap();
    assert_eq!(found, (None, (1, 0, 0)));
}

#[tokio::test]
async fn the_list_knows_the_trash_and_finds_words_digits_and_characters() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1);
    let people = [
        ("Zo\u{eb} Abel", "+351 912 555 014"),
        ("\u{767d}\u{6653}\u{96ef}", "+86 10 5550 148"),
        ("anna Berg", "030 77"),
    ];
    for (number, (name, phone)) in people.iter().enumerate() {
        let id = contact(number as u64);
        let edits = vec![
            book::set_mine(id, PropertyId([1; 16]), Some(property("FN", name))),
            book::set_mine(id, PropertyId([2; 16]), Some(property("TEL", phone))),
            book::set_state(id, book::ALIVE),
        ];
        commit(&store, 1, 0, Draft { edits, import: None }).await;
    }
    let names = async |find: &'static str, trash: bool| {
        let query = ListQuery { find: find.to_owned(), trash, limit: 10, ..ListQuery::default() };
        let listing = store.read(move |rows| list(rows, &query)).await.unwrap();
        listing.rows.into_iter().map(|row| row.name).collect::<Vec<_>>()
    };
    assert_eq!(
        names("", false).await,
        ["anna Berg", "\u{767d}\u{6653}\u{96ef}", "Zo\u{eb} Abel"],
        "Bai stands under B"
    );
    assert_eq!(names("zoe", false).await, ["Zo\u{eb} Abel"]);
    assert_eq!(names("5014", false).await, ["Zo\u{eb} Abel"]);
    assert_eq!(names("\u{6653}", false).await, ["\u{767d}\u{6653}\u{96ef}"]);
    assert_eq!(names("baixiao", false).await, ["\u{767d}\u{6653}\u{96ef}"]);
    let trash = Draft { edits: vec![book::set_state(contact(0), book::TRASHED)], import: None };
    commit(&store, 1, 0, trash).await;
    assert_eq!(names("zoe", false).await, Vec::<String>::new());
    assert_eq!(names("", true).await, ["Zo\u{eb} Abel"]);
}

/// Writes a contact's properties, and that it is there.
async fn write(store: &Store, number: u64, layer: Layer, properties: &[(&str, &str)]) {
    let mut edits: Vec<Edit> = properties
        .iter()
        .zip(1..)
        .map(|((name, value), id)| {
            book::set_property(contact(number), layer, PropertyId([id; 16]), Some(property(name, value)))
        })
        .collect();
    edits.push(book::set_state(contact(number), book::ALIVE));
    commit(store, 1, 0, Draft { edits, import: None }).await;
}

async fn set(store: &Store, entity: EntityId, path: RegisterPath, text: &str) {
    let edit = Edit { entity, path, value: Some(book::text_value(text)) };
    commit(store, 1, 0, Draft { edits: vec![edit], import: None }).await;
}

async fn listing(store: &Store, query: ListQuery) -> (u32, Vec<String>, Vec<(String, u32)>) {
    let query = ListQuery { limit: if query.limit == 0 { 100 } else { query.limit }, ..query };
    let listing = store.read(move |rows| list(rows, &query)).await.unwrap();
    (listing.total, listing.rows.into_iter().map(|row| row.name).collect(), listing.letters)
}

async fn found(store: &Store, find: &str) -> Vec<String> {
    listing(store, ListQuery { find: find.to_owned(), ..ListQuery::default() }).await.1
}

#[tokio::test]
async fn those_come_first_whose_name_begins_with_what_was_typed_then_words_of_the_name_then_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1);
    let people = [
        ("Carla Ann", "x"),
        ("Zoe", "knows Anna"),
        ("Annika", "y"),
        ("Ben", "annual"),
        ("Ángel Anno", "z"),
        ("Anna", ""),
    ];
    for (number, (name, note)) in people.into_iter().enumerate() {
        write(&store, number as u64, Layer::Mine, &[("FN", name), ("NOTE", note)]).await;
    }
    assert_eq!(found(&store, "ann").await, ["Anna", "Annika", "Ángel Anno", "Carla Ann", "Ben", "Zoe"]);
    assert_eq!(found(&store, "an").await[0], "Ángel Anno", "accents do not matter");
    let query = ListQuery { find: "ann".into(), limit: 2, offset: 3, ..ListQuery::default() };
    assert_eq!(listing(&store, query).await, (6, vec!["Carla Ann".into(), "Ben".into()], Vec::new()));
}

#[tokio::test]
async fn the_list_in_memory_follows_every_edit() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1);
    let mut dice = Dice(77);
    let group = EntityId([99; 16]);
    for round in 0..150 {
        let number = dice.below(20);
        if dice.below(6) == 0 {
            let state = if dice.below(2) == 0 { book::TRASHED } else { book::ALIVE };
            commit(&store, 1, round, Draft { edits: vec![book::set_state(contact(number), state)], import: None })
                .await;
        } else {
            let name: String = (0..3).map(|_| char::from(b'A' + dice.below(26) as u8)).collect();
            write(&store, number, Layer::Mine, &[("FN", &name)]).await;
        }
        let value = (dice.below(2) == 0).then(|| book::PRESENT.to_vec());
        let edit = Edit { entity: contact(number), path: RegisterPath::in_group(group), value };
        commit(&store, 1, round, Draft { edits: vec![edit], import: None }).await;
        let (in_memory, all) = (
            listing(&store, ListQuery::default()).await,
            listing(&store, ListQuery { groups: vec![group], ..ListQuery::default() }).await,
        );
        let from_tables = store
            .read(|rows| {
                let mut names = rows.prepare(
                    "SELECT name, letter, entity IN (SELECT contact FROM memberships), id
                     FROM contacts JOIN entities USING (entity) WHERE shelf = 0 ORDER BY sort, entity",
                )?;
                let names = names.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
                Ok(names.collect::<Result<Vec<(String, String, bool, Vec<u8>)>, _>>()?)
            })
            .await
            .unwrap();
        let names = |in_group: bool| from_tables.iter().filter(move |row| row.2 || !in_group).map(|row| row.0.clone());
        assert_eq!(in_memory.1, names(false).collect::<Vec<_>>(), "round {round}");
        assert_eq!(all.1, names(true).collect::<Vec<_>>(), "round {round}");
        assert_eq!(in_memory.0 as usize, from_tables.len());
        let two = vec![contact(dice.below(20)), contact(dice.below(20))];
        let of_two = from_tables.iter().filter(|row| two.iter().any(|id| id.0[..] == row.3)).map(|row| row.0.clone());
        let of_two: Vec<_> = of_two.collect();
        let few = listing(&store, ListQuery { among: Some(two), ..ListQuery::default() }).await;
        assert_eq!(few.1, of_two, "round {round}");
        for (letter, offset) in in_memory.2 {
            let first = from_tables.iter().position(|row| row.1 == letter);
            assert_eq!(first, Some(offset as usize), "round {round}");
        }
    }
}

#[tokio::test]
async fn what_thousands_have_in_common_is_remembered_and_follows_every_edit() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1);
    let (group, many) = (EntityId([99; 16]), overview::BROAD_MIN as u64 + 100);
    let id = |number: u64| EntityId(u128::from(number + 1).to_be_bytes());
    let named = |number: u64, name: &str| {
        let name = property("FN", &format!("{name} {} Berg", 31_000 + number));
        vec![book::set_mine(id(number), PropertyId([1; 16]), Some(name)), book::set_state(id(number), book::ALIVE)]
    };
    let put =
        |number: u64, value: Option<Vec<u8>>| Edit { entity: id(number), path: RegisterPath::in_group(group), value };
    let add = |number: u64| {
        let edits = named(number, "Anna").into_iter().chain([put(number, Some(book::PRESENT.to_vec()))]).collect();
        Draft { edits, import: None }
    };
    let drafts: Vec<Draft> = (0..many).map(add).collect();
    let work = move |rows: &mut Writing<'_>| replica::commit(rows, device(1), 0, drafts);
    store.write_and_wait(work).await.unwrap().unwrap();

    // Each kind of question twice: the index answers the first one, the memory the second.
    async fn totals(store: &Store, group: EntityId) -> Vec<(u32, Vec<String>)> {
        let mut totals = Vec::new();
        for _ in 0..2 {
            for find in ["a", "ann", "anna berg", "anna 31007", "anna 3 be", "berta", "31007 nobody"] {
                let query = ListQuery { find: find.to_owned(), limit: 5, ..ListQuery::default() };
                let (total, names, _) = listing(store, query).await;
                totals.push((total, names));
            }
            let query = ListQuery { groups: vec![group], limit: 5, ..ListQuery::default() };
            let (total, names, _) = listing(store, query).await;
            let counted = store.read(move |rows| group_count(rows, group)).await.unwrap();
            totals.push((total, names));
            totals.push((counted, Vec::new()));
        }
        let second = totals.split_off(totals.len() / 2);
        assert_eq!(totals, second);
        second
    }
    let counts = |totals: &[(u32, Vec<String>)]| totals.iter().map(|(total, _)| u64::from(*total)).collect::<Vec<_>>();
    assert_eq!(counts(&totals(&store, group).await), [many, many, many, 1, many, 0, 0, many, many]);

    commit(&store, 1, 1, Draft { edits: named(3, "Berta"), import: None }).await;
    commit(&store, 1, 2, Draft { edits: vec![book::set_state(id(7), book::TRASHED)], import: None }).await;
    commit(&store, 1, 3, Draft { edits: vec![put(9, None)], import: None }).await;
    let remembered = totals(&store, group).await;
    let annas = many - 2;
    assert_eq!(counts(&remembered), [annas, annas, annas, 0, annas, 1, 0, many - 2, many - 2]);

    store.close();
    let (store, _) = Store::open(folder.path(), StoreId([77; 16])).unwrap();
    assert_eq!(totals(&store, group).await, remembered, "what was remembered is what the file says");
}

#[tokio::test]
async fn what_every_layer_says_is_shown_found_and_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1);
    let account = Layer::Account(EntityId([50; 16]));
    write(&store, 1, account, &[("FN", "Berta Account"), ("NOTE", "from the server")]).await;
    assert_eq!(found(&store, "server").await, ["Berta Account"]);
    let edit = |layer| book::set_property(contact(1), layer, PropertyId([1; 16]), None);
    let gone = vec![edit(account), book::set_property(contact(1), account, PropertyId([2; 16]), None)];
    commit(&store, 1, 0, Draft { edits: gone, import: None }).await;
    assert_eq!(listing(&store, ListQuery::default()).await.0, 0, "a contact without properties is not listed");
}

#[tokio::test]
async fn an_account_and_an_import_find_the_contact_that_they_mean() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1);
    let account = EntityId([50; 16]);
    write(&store, 1, Layer::Mine, &[("FN", "Kept"), ("UID", "kept")]).await;
    write(&store, 2, Layer::Mine, &[("FN", "Merged"), ("UID", "merged")]).await;
    set(&store, contact(1), RegisterPath::alias(contact(2)), "merged").await;
    set(&store, contact(1), RegisterPath::remote(account), "far-7").await;
    let by_identity = |uid: &'static str| store.read(move |rows| contact_by_identity(rows, uid));
    assert_eq!(by_identity("merged").await.unwrap(), Some(contact(2)), "it is in the book still");
    commit(&store, 1, 0, Draft { edits: vec![book::set_state(contact(2), book::TRASHED)], import: None }).await;
    assert_eq!(by_identity("merged").await.unwrap(), Some(contact(1)), "the one it was merged into, not the trash");
    assert_eq!(by_identity("kept").await.unwrap(), Some(contact(1)));
    let remote = store
        .read(move |rows| Ok((contact_by_remote(rows, account, "far-7")?, contacts_of_account(rows, account)?)))
        .await
        .unwrap();
    assert_eq!(remote, (Some(contact(1)), vec![(contact(1), "far-7".to_owned(), false)]));
    let none = store.read(move |rows| contact_by_remote(rows, account, "far-8")).await.unwrap();
    assert_eq!(none, None);
}

/// Waits until the writer has derived everything anew.
async fn rederived(store: &Store, mark: &str) {
    while store.read(|rows| meta(rows, "derived")).await.unwrap().as_deref() != Some(mark.as_bytes()) {
        tokio::task::yield_now().await;
    }
    // The mark stands from the commit on, the list in memory follows it: when the writer does other work, it has.
    assert_eq!(store.write_and_wait(|_| Ok(Ok::<_, &str>(()))).await.unwrap(), Ok(()));
}

#[tokio::test]
async fn a_file_that_derived_otherwise_is_derived_anew_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1);
    for number in 0..250 {
        write(&store, number, Layer::Mine, &[("FN", &format!("Zoë {number}"))]).await;
    }
    store.close();
    let file = Connection::open(folder.path().join(FILE)).unwrap();
    file.execute_batch(
        "UPDATE meta SET value = x'00' WHERE key = 'derived'; UPDATE contacts SET name = '', letter = '?';
         DELETE FROM contact_words;",
    )
    .unwrap();
    drop(file);
    let (store, _) = Store::open(folder.path(), StoreId([77; 16])).unwrap();
    rederived(&store, "2 given ").await;
    let (total, names, letters) = listing(&store, ListQuery { find: "zoe".into(), ..ListQuery::default() }).await;
    assert_eq!((total, names[0].as_str(), letters), (250, "Zoë 0", Vec::new()));
    assert_eq!(listing(&store, ListQuery::default()).await.2, [("Z".to_owned(), 0)]);
    store.close();
}

#[tokio::test]
async fn a_setting_sorts_the_list_by_another_language_and_by_the_family() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1);
    for (number, (given, family)) in [("Åsa", "Berg"), ("Zlatan", "Adler"), ("Bo", "Ek")].into_iter().enumerate() {
        let properties = [("FN", format!("{given} {family}")), ("N", format!("{family};{given};;;"))];
        let properties = properties.each_ref().map(|(name, value)| (*name, value.as_str()));
        write(&store, number as u64, Layer::Mine, &properties).await;
    }
    let names = async || listing(&store, ListQuery::default()).await.1.join(", ");
    assert_eq!(names().await, "Åsa Berg, Bo Ek, Zlatan Adler");
    set(&store, book::SETTINGS, RegisterPath::setting("sort-locale"), "sv").await;
    rederived(&store, "2 given sv").await;
    assert_eq!(names().await, "Bo Ek, Zlatan Adler, Åsa Berg");
    set(&store, book::SETTINGS, RegisterPath::setting("sort-by"), "family").await;
    rederived(&store, "2 family sv").await;
    assert_eq!(names().await, "Zlatan Adler, Åsa Berg, Bo Ek");
    let refused = store.write_and_wait(|rows| {
        let edit = Edit {
            entity: book::SETTINGS,
            path: RegisterPath::setting("sort-by"),
            value: Some(book::text_value("given")),
        };
        let _made = replica::commit(rows, device(1), 0, vec![Draft { edits: vec![edit], import: None }])?;
        Ok(Err::<(), _>("no"))
    });
    assert_eq!(refused.await.unwrap(), Err("no"));
    assert_eq!(names().await, "Zlatan Adler, Åsa Berg, Bo Ek", "what was refused sorts nothing");
    store.close();
}

#[tokio::test]
async fn a_cursor_and_the_hash_survive_closing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1);
    let mut random = [0; 16];
    rand_core::OsRng.fill_bytes(&mut random);
    let cursor = Cursor { store: StoreId(random), arrival: 41 };
    let delivery = Delivery {
        from: device(9),
        changes: Vec::new(),
        stubs: Vec::new(),
        heads: BTreeMap::new(),
        manner: Manner::Session { cursor, upto: None },
    };
    apply(&store, 1, delivery).await;
    store.close();
    let (store, state) = Store::open(folder.path(), StoreId([77; 16])).unwrap();
    assert_eq!(state.cursors, BTreeMap::from([(device(9), cursor)]));
    store.close();
}

#[tokio::test]
async fn a_full_disk_refuses_the_work_tells_everybody_who_waits_and_is_forgotten_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 1);
    let pages = |pages: i64| {
        store.write_and_wait(move |rows| {
            rows.connection().pragma_update(None, "max_page_count", pages)?;
            Ok(Ok::<(), ()>(()))
        })
    };
    let note = |number: u64| Draft {
        edits: vec![
            book::set_mine(contact(number), PropertyId([1; 16]), Some(property("NOTE", &"long ".repeat(4_000)))),
            book::set_state(contact(number), book::ALIVE),
        ],
        import: None,
    };
    commit(&store, 1, 0, note(0)).await;
    pages(1).await.unwrap().unwrap();
    let write = |number: u64| store.write_and_wait(move |rows| replica::commit(rows, device(1), 0, vec![note(number)]));
    let waiting = [write(1), write(2), write(3)];
    for outcome in [waiting].into_iter().flatten() {
        let error = outcome.await.unwrap_err();
        assert!(error.is_disk_trouble() || matches!(error, StoreError::Closed), "{error}");
    }
    pages(1_000_000).await.unwrap().unwrap();
    let committed = commit(&store, 1, 0, note(4)).await;
    assert_eq!(committed.seqs, Some((2, 2)), "nothing of what was refused is left");
    assert_eq!(store.read(|rows| counts(rows)).await.unwrap(), (2, 0, 0));
}

#[test]
fn a_contact_is_found_by_its_id_without_reading_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::create(folder.path(), BOOK, StoreId([1; 16])).unwrap();
    drop(store);
    let file = Connection::open(folder.path().join(FILE)).unwrap();
    for sql in [list::REGISTERS_BY_ID, list::CONTACTS_BY_PREFIX] {
        let mut plan = file.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let unknown = rusqlite::params_from_iter(std::iter::repeat_n("", plan.parameter_count()));
        let steps = plan.query_map(unknown, |row| row.get(3));
        let steps: Vec<String> = steps.unwrap().map(Result::unwrap).collect();
        assert!(steps.iter().any(|step| step.contains("(book=? AND id")), "{steps:?}");
        assert!(!steps.iter().any(|step| step.starts_with("SCAN")), "{steps:?}");
    }
}
