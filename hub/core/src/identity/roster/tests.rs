//! The roster by its rules: order, removal, forgery, limits.

use super::*;
use crate::identity::person_id;
use proptest::prelude::*;

fn key(n: u8) -> SigningKey {
    SigningKey::from_bytes(&[n; 32])
}

fn id(n: u8) -> DeviceId {
    DeviceId([n; 16])
}

fn card(n: u8) -> DeviceCard {
    DeviceCard {
        id: id(n),
        sign: public_key(&key(n)),
        tls: PublicKey([n; 32]),
        name: format!("device {n}"),
        platform: "linux".into(),
    }
}

fn root() -> SigningKey {
    key(200)
}

fn person() -> PersonId {
    person_id(&public_key(&root()))
}

fn epoch(number: u64, devices: &[u8]) -> Vec<u8> {
    Roster::sign_epoch(&root(), number, &devices.iter().map(|&n| card(n)).collect::<Vec<_>>()).unwrap()
}

fn add(number: u64, by: u8, device: u8) -> Vec<u8> {
    Statement::Add { number, by: id(by), device: card(device) }.sign(&person(), &key(by))
}

fn remove(number: u64, by: u8, device: u8, keeps: &[u8]) -> Vec<u8> {
    let keeps = keeps.iter().map(|&n| id(n)).collect();
    Statement::Remove { number, by: id(by), device: id(device), keeps, at_ms: 0 }.sign(&person(), &key(by))
}

fn roster(entries: &[Vec<u8>]) -> Roster {
    let mut roster = Roster::new(person());
    for entry in entries {
        roster.insert(entry).unwrap();
    }
    roster
}

fn ids(roster: &Roster) -> Vec<u8> {
    roster.devices().iter().map(|card| card.id.0[0]).collect()
}

#[test]
fn the_first_epoch_makes_the_roster_and_devices_add_others() {
    let mut roster = roster(&[epoch(1, &[1])]);
    let entry = roster.sign_add(&key(1), id(1), &card(2)).unwrap();
    assert_eq!(roster.insert(&entry), Ok(true));
    assert_eq!(roster.insert(&entry), Ok(false));
    let entry = roster.sign_add(&key(2), id(2), &card(3)).unwrap();
    assert_eq!(roster.insert(&entry), Ok(true));
    assert_eq!(ids(&roster), [1, 2, 3]);
    assert_eq!(roster.device_by_tls(&PublicKey([2; 32])).unwrap().id, id(2));
    assert_eq!(roster.added_by(id(2)), BTreeSet::from([id(3)]));
}

#[test]
fn removal_wins_over_an_addition_in_any_order() {
    assert_eq!(ids(&roster(&[epoch(1, &[1, 2]), remove(1, 1, 3, &[]), add(1, 2, 3)])), [1, 2]);
    assert_eq!(ids(&roster(&[epoch(1, &[1, 2]), add(1, 2, 3), remove(1, 1, 3, &[])])), [1, 2]);
    let both = roster(&[epoch(1, &[1, 2]), remove(1, 1, 2, &[]), remove(1, 2, 1, &[])]);
    assert!(both.devices().is_empty());
    assert_eq!(both.known(id(1)), Some(&card(1)));
}

#[test]
fn what_a_removed_device_added_goes_with_it_unless_every_removal_keeps_it() {
    let before = [epoch(1, &[1, 4]), add(1, 1, 2), add(1, 2, 3), add(1, 2, 5)];
    assert_eq!(ids(&roster(&before)), [1, 2, 3, 4, 5]);
    let removed = [&before[..], &[remove(1, 1, 2, &[3])]].concat();
    assert_eq!(ids(&roster(&removed)), [1, 3, 4]);
    assert_eq!(ids(&roster(&[&removed[..], &[remove(1, 4, 2, &[])]].concat())), [1, 4]);
}

#[test]
fn a_chain_of_additions_breaks_at_the_first_removed_link() {
    let chain = [epoch(1, &[1]), add(1, 1, 2), add(1, 2, 3), add(1, 3, 4), remove(1, 1, 2, &[])];
    assert_eq!(ids(&roster(&chain)), [1]);
    let escape = [&chain[..], &[remove(1, 3, 3, &[4])]].concat();
    assert_eq!(ids(&roster(&escape)), [1]);
}

#[test]
fn an_id_taken_over_with_another_key_does_not_outlive_the_one_who_took_it() {
    let thief = key(9);
    let fake = DeviceCard { sign: public_key(&thief), tls: PublicKey([9; 32]), ..card(1) };
    let take = Statement::Add { number: 1, by: id(2), device: fake }.sign(&person(), &key(2));
    let grow = Statement::Add { number: 1, by: id(1), device: card(7) }.sign(&person(), &thief);
    let mut roster = roster(&[epoch(1, &[1, 2]), take, grow]);
    assert_eq!(roster.device(id(1)), Some(&card(1)));
    assert_eq!(ids(&roster), [1, 2, 7]);
    roster.insert(&remove(1, 1, 2, &[])).unwrap();
    assert_eq!(ids(&roster), [1]);
}

#[test]
fn the_next_epoch_ends_every_duel() {
    let mut roster = roster(&[epoch(1, &[1, 2]), remove(1, 2, 1, &[]), add(1, 2, 3)]);
    assert_eq!(ids(&roster), [2, 3]);
    assert_eq!(roster.insert(&epoch(2, &[1])), Ok(true));
    assert_eq!((ids(&roster), roster.epoch()), (vec![1], 2));
    // What an earlier epoch said tells who wrote then, and counts for nothing else.
    assert_eq!(roster.insert(&add(1, 1, 5)), Ok(true));
    assert_eq!(roster.insert(&epoch(1, &[1, 2, 3])), Ok(true));
    assert_eq!((ids(&roster), roster.epoch()), (vec![1], 2));
    assert_eq!(roster.ever(), BTreeSet::from([1, 2, 3, 5].map(id)));
    assert_eq!(roster.sign_add(&key(2), id(2), &card(3)), Err(RosterError::NotMember));
}

#[test]
fn of_two_epochs_with_one_number_the_greater_hash_counts_everywhere() {
    let (one, two) = (epoch(3, &[1]), epoch(3, &[2]));
    let (left, right) = (roster(&[one.clone(), add(3, 2, 4), two.clone()]), roster(&[two, one, add(3, 2, 4)]));
    assert_eq!(left.hash(), right.hash());
    assert_eq!(ids(&left), ids(&right));
}

#[test]
fn forged_foreign_and_tampered_entries_are_refused() {
    let mut roster = roster(&[epoch(1, &[1])]);
    let other = person_id(&public_key(&key(201)));
    let foreign = Roster::sign_epoch(&key(201), 2, &[card(5)]).unwrap();
    let unrelated = Statement::Add { number: 1, by: id(1), device: card(5) }.sign(&other, &key(1));
    let forged = Statement::Add { number: 1, by: id(1), device: card(5) }.sign(&person(), &key(5));
    for entry in [foreign, unrelated, forged] {
        assert_eq!(roster.insert(&entry), Err(RosterError::Signature));
    }
    for good in [add(1, 1, 2), remove(1, 1, 2, &[3]), epoch(2, &[1, 2])] {
        for bit in (0..good.len() * 8).step_by(3) {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let before = (ids(&roster), roster.hash());
            let _ = roster.insert(&bad);
            assert_eq!((ids(&roster), roster.hash()), before, "bit {bit} of an entry may be changed");
        }
    }
    assert_eq!(roster.insert(&[]), Err(RosterError::Encoding));
    assert_eq!(roster.insert(&vec![0; ENTRY_BYTES_MAX + 1]), Err(RosterError::TooLarge));
}

#[test]
fn keys_of_a_newer_version_are_skipped() {
    #[derive(serde::Serialize)]
    struct Newer {
        r: Inner,
    }
    #[derive(serde::Serialize)]
    struct Inner {
        n: u64,
        b: DeviceId,
        d: DeviceId,
        k: Vec<DeviceId>,
        zz: Vec<u32>,
    }
    let newer = Newer { r: Inner { n: 1, b: id(1), d: id(2), k: vec![], zz: vec![1, 2] } };
    let body = rmp_serde::to_vec_named(&newer).unwrap();
    let signature = crate::identity::sign(&key(1), crate::identity::Domain::RosterEntry, &[&person().0, &body]);
    let bytes = [signature.as_slice(), &body].concat();
    let mut roster = roster(&[epoch(1, &[1, 2])]);
    assert_eq!(roster.insert(&bytes), Ok(true));
    assert_eq!(ids(&roster), [1]);
    assert_eq!(roster.entries().nth(1), Some(bytes.as_slice()));
}

#[test]
fn limits_hold_and_names_are_cleaned() {
    let many: Vec<u8> = (1..=32).collect();
    let roster_32 = roster(&[epoch(1, &many)]);
    assert_eq!(roster_32.sign_add(&key(1), id(1), &card(33)), Err(RosterError::TooManyDevices));
    assert!(roster_32.sign_add(&key(1), id(1), &card(32)).is_ok());
    let cards: Vec<_> = (1..=33).map(card).collect();
    assert_eq!(Roster::sign_epoch(&root(), 1, &cards), Err(RosterError::TooManyDevices));

    let long = DeviceCard { name: "é\n\u{202e}".repeat(90), platform: "p".repeat(90), ..card(1) };
    let named = roster(&[Roster::sign_epoch(&root(), 1, &[long]).unwrap()]);
    assert_eq!(named.devices()[0].name, "é".repeat(64));
    assert_eq!(named.devices()[0].platform.len(), 32);
}

#[test]
fn an_epoch_holds_256_entries_and_no_more() {
    let mut full = roster(&[epoch(1, &[1])]);
    for n in 0..255_u16 {
        let device = DeviceCard { id: DeviceId([n.to_be_bytes()[1]; 16]), ..card(1) };
        let entry = Statement::Remove { number: 1, by: id(1), device: device.id, keeps: BTreeSet::new(), at_ms: 0 };
        full.insert(&entry.sign(&person(), &key(1))).unwrap();
    }
    assert_eq!(full.entries().count(), ROSTER_ENTRIES_MAX);
    assert_eq!(full.insert(&add(1, 1, 2)), Err(RosterError::Full));
    assert_eq!(full.insert(&epoch(2, &[1])), Ok(true));

    let mut waiting = Roster::new(person());
    for n in 0..=ROSTER_WAITING_MAX as u64 {
        let result = waiting.insert(&add(n + 1, 1, 2));
        assert_eq!(result.is_ok(), n < ROSTER_WAITING_MAX as u64);
    }
    assert!(waiting.devices().is_empty());
}

#[test]
fn a_removed_device_is_told_by_whom_and_when_and_of_nobody_it_need_not_know() {
    let at_ms = 1_760_000_000_000;
    let mut before = roster(&[epoch(1, &[1, 2]), add(1, 1, 3), add(1, 3, 4), add(1, 1, 5)]);
    let by_four = before.sign_remove_at(&key(4), id(4), id(2), &BTreeSet::new(), at_ms).unwrap();
    before.insert(&by_four).unwrap();
    assert_eq!(before.removal_of(id(1)), None);
    let removal = Removal { by: id(4), by_name: "device 4".into(), at_ms };
    assert_eq!(before.removal_of(id(2)), Some(removal.clone()));
    assert_eq!(before.removed_devices(), [&card(2)]);
    assert_eq!(before.removed_by_tls(&PublicKey([2; 32])), Some(&card(2)));
    assert_eq!(before.removed_by_tls(&PublicKey([1; 32])), None);
    assert!(before.is_epoch_due());

    // Device 2 was off, and never heard of 3, 4 and 5.
    let mut theirs = roster(&[epoch(1, &[1, 2])]);
    for entry in before.told_to_removed() {
        theirs.insert(&entry).unwrap();
    }
    assert_eq!(theirs.removal_of(id(2)), Some(removal.clone()));
    assert_eq!(theirs.known(id(5)), None, "what it need not know it is not told");

    // The next epoch has forgotten it; its key and its removal are remembered.
    before.insert(&epoch(2, &[1, 3, 4, 5])).unwrap();
    assert_eq!(before.removal_of(id(2)), Some(removal.clone()));
    assert_eq!(before.removed_by_tls(&PublicKey([2; 32])), Some(&card(2)));
    assert!(!before.is_epoch_due());
    let mut late = roster(&[epoch(1, &[1, 2])]);
    for entry in before.told_to_removed() {
        late.insert(&entry).unwrap();
    }
    assert_eq!((late.epoch(), late.removal_of(id(2))), (1, Some(removal)));

    before.insert(&epoch(3, &[1, 2])).unwrap();
    assert_eq!((before.removal_of(id(2)), before.removed_by_tls(&PublicKey([2; 32]))), (None, None));
}

#[test]
fn an_epoch_names_the_devices_of_before_as_authors_and_as_nothing_more() {
    let mut before = roster(&[epoch(1, &[1, 2]), add(1, 1, 3), remove(1, 1, 2, &[])]);
    let next = before.sign_next_epoch(&root(), &[card(1), card(3)]).unwrap();
    before.insert(&next).unwrap();
    let last = before.sign_next_epoch(&root(), &[card(1)]).unwrap();
    // Somebody who comes later sees only the newest epoch.
    let late = roster(&[last]);
    assert_eq!((late.epoch(), ids(&late)), (3, vec![1]));
    assert_eq!(late.ever(), BTreeSet::from([id(1), id(2), id(3)]));
    assert_eq!(late.known(id(2)), None);
}

#[test]
fn whoever_was_ever_added_stays_known_as_an_author_though_the_next_epoch_was_opened_without_knowing() {
    // Device 2 added 3. Device 1 never heard of it, and the code opened the next epoch there.
    let mut here = roster(&[epoch(1, &[1, 2])]);
    let mut there = roster(&[epoch(1, &[1, 2]), add(1, 2, 3)]);
    let next = here.sign_next_epoch(&root(), &[card(1), card(2)]).unwrap();
    here.insert(&next).unwrap();
    there.insert(&next).unwrap();
    assert_eq!((ids(&here), ids(&there)), (vec![1, 2], vec![1, 2]));
    assert!(!here.ever().contains(&id(3)) && there.ever().contains(&id(3)));

    // The two know by their hashes that they have something to tell each other.
    assert_ne!(here.hash(), there.hash());
    there.history().iter().for_each(|entry| assert!(here.insert(entry).is_ok()));
    assert_eq!(here.hash(), there.hash());
    assert!(here.ever().contains(&id(3)) && here.device(id(3)).is_none(), "an author, and nothing more");
    // An addition by nobody that was a member says nothing.
    here.insert(&add(1, 7, 8)).unwrap();
    assert!(!here.ever().contains(&id(8)));
    assert_eq!(here.hash(), there.hash());
}

#[test]
fn whoever_goes_with_its_adder_is_told_of_that_removal() {
    let roster = roster(&[epoch(1, &[1]), add(1, 1, 2), add(1, 2, 3), remove(1, 1, 2, &[])]);
    assert_eq!(roster.removal_of(id(3)).map(|removal| removal.by), Some(id(1)));
    assert_eq!(roster.vouched_by(id(3)), BTreeSet::from([id(1), id(2), id(3)]));
    assert_eq!(roster.vouched_by(id(1)), BTreeSet::from([id(1)]));
}

fn entries() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let one = prop_oneof![
        (1..3_u64, prop::collection::btree_set(1..6_u8, 1..3))
            .prop_map(|(number, devices)| epoch(number, &devices.into_iter().collect::<Vec<_>>())),
        (1..3_u64, 1..6_u8, 1..6_u8).prop_map(|(number, by, device)| add(number, by, device)),
        (1..3_u64, 1..6_u8, 1..6_u8).prop_map(|(number, by, device)| add(number, by, device)),
        (1..3_u64, 1..6_u8, 1..6_u8, prop::collection::btree_set(1..6_u8, 0..3)).prop_map(
            |(number, by, device, keeps)| { remove(number, by, device, &keeps.into_iter().collect::<Vec<_>>()) }
        ),
    ];
    prop::collection::vec(one, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn the_order_of_arrival_does_not_matter((one, other) in entries().prop_flat_map(|entries| {
        (Just(entries.clone()), Just(entries).prop_shuffle())
    })) {
        let (one, other) = (roster(&one), roster(&other));
        prop_assert_eq!(one.devices(), other.devices());
        prop_assert_eq!((one.epoch(), one.hash()), (other.epoch(), other.hash()));
        prop_assert!(one.entries().eq(other.entries()));
    }

    #[test]
    fn a_roster_made_from_the_entries_of_another_is_the_same(entries in entries()) {
        let one = roster(&entries);
        let again = roster(&one.history());
        prop_assert_eq!(one.devices(), again.devices());
        prop_assert_eq!(one.hash(), again.hash());
    }

    #[test]
    fn a_device_that_a_known_one_removed_is_out_of_the_epoch(entries in entries(), by in 1..6_u8, device in 1..6_u8) {
        let mut roster = roster(&entries);
        if roster.known(id(by)).is_some() {
            roster.insert(&remove(roster.epoch(), by, device, &[])).unwrap();
            prop_assert!(roster.device(id(device)).is_none());
        }
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        let _ = Roster::new(person()).insert(&bytes);
    }
}
