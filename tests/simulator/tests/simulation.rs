//! The simulator in the normal test run: the product passes, and what is broken on purpose does not.

use kith_sim::{Copies, Fault, Mutant, Options, Played, Rule, Storage, What};

/// Seeds of every test run (quality R1); `cargo xtask sim` plays more.
const SEEDS: u64 = 2_000;
/// Seeds with copied folders, beside every fourth of the others (quality R5).
const COPIES_SEEDS: u64 = 100;
const COPIES_SEEDS_LONG: u64 = 1_000;
/// Seeds by which the plausible simpler rule is known.
const RULE_SEEDS: u64 = 200;
/// Seeds within which a planted fault must be noticed (quality R8).
const MUTANT_SEEDS: u64 = 2_000;

fn play(seeds: u64, options: Options) -> Played {
    kith_sim::play(0..seeds, options, |seed, finding| {
        println!("{finding}\n    {}", kith_sim::replay_line(seed, options))
    })
}

#[test]
fn replicas_converge_and_nothing_is_lost_whatever_fails() {
    let Played { tally, findings } = play(SEEDS, Options::default());
    assert!(findings.is_empty(), "{} of {SEEDS} seeds found something", findings.len());
    assert_eq!(tally.of("converged"), SEEDS);
    // A simulation that never gets there says nothing.
    let rare = [
        "cuts",
        "crashes",
        "divisions",
        "storms",
        "storage failures",
        "several changes at once",
        "absences of 400 days",
        "stored pushes taken",
        "devices lost for good",
        "devices that joined late",
        "devices removed",
        "devices stolen",
        "changes by devices that nobody trusts",
        "epochs opened by the code",
        "devices that came back",
        "changes taken of devices that the epoch does not know",
        "devices that are not on the roster in the end",
        "purges",
        "values written again after a purge",
        "replicas left unsettled",
        "folders copied",
        "folders rolled back",
        "ids left",
        "devices let in again",
        "devices closed",
        "forks noticed",
        "forks noticed in a delivery",
        "changes written again for a copy",
    ];
    for name in rare {
        assert!(tally.of(name) > 0, "no {name} in {SEEDS} seeds");
    }
}

#[test]
fn whatever_folders_are_copied_and_rolled_back_no_value_is_lost_and_no_id_is_shared() {
    let long = std::env::var_os("KITH_LONG").is_some_and(|long| !long.is_empty());
    let seeds = if long { COPIES_SEEDS_LONG } else { COPIES_SEEDS };
    let Played { tally, findings } = play(seeds, Options { copies: Copies::Always, ..Options::default() });
    assert!(findings.is_empty(), "{} of {seeds} seeds found something", findings.len());
    assert_eq!(tally.of("converged"), seeds);
}

/// Seeds that found something once.
fn stays_mended(seeds: &[u64]) {
    for &seed in seeds {
        assert_eq!(kith_sim::run(seed, Options::default()).finding, None, "seed {seed}");
    }
}

#[test]
fn devices_that_two_epochs_of_one_number_parted_come_together_by_the_code() {
    stays_mended(&[7461, 12_621]);
}

#[test]
fn a_value_that_was_lost_with_its_writer_is_asked_of_nobody_when_a_purge_gives_way() {
    stays_mended(&[9861]);
}

#[test]
fn what_the_judge_once_took_for_a_fault_is_none() {
    stays_mended(&[13_666, 94_083]);
}

#[test]
fn a_seed_replays_exactly() {
    for seed in [3, 71, 39] {
        let (one, other) = (kith_sim::run(seed, Options::default()), kith_sim::run(seed, Options::default()));
        assert_eq!(one.tally, other.tally);
        assert_eq!(one.finding, other.finding);
        assert_eq!(one.hash, other.hash);
    }
}

#[test]
fn a_book_in_the_products_file_ends_as_the_same_book_in_memory() {
    for seed in 0..10 {
        let played = |storage| kith_sim::run(seed, Options { storage, ..Options::default() });
        let (file, maps) = (played(Storage::File), played(Storage::Maps));
        assert_eq!((file.finding, maps.finding), (None, None), "seed {seed}");
        assert_eq!(file.tally, maps.tally, "seed {seed}: other things happened");
        assert!(file.hash.is_some() && file.hash == maps.hash, "seed {seed}: {:?}, {:?}", file.hash, maps.hash);
    }
}

#[test]
fn the_plausible_simpler_rule_ends_with_equal_vectors_and_different_books_unless_the_hash_is_compared() {
    let unchecked = play(RULE_SEEDS, Options { rule: Rule::Simple, ..Options::default() });
    let checked = play(RULE_SEEDS, Options { rule: Rule::SimpleChecked, ..Options::default() });
    assert_eq!(count(&checked, What::HostileClose), 0);
    assert!(checked.tally.of("differences noticed") > 0);
    let (unchecked, checked) = (count(&unchecked, What::Diverged), count(&checked, What::Diverged));
    println!("{unchecked} of {RULE_SEEDS} seeds diverge, {checked} of them though the hash is compared");
    assert!(unchecked > 0 && checked * 4 < unchecked, "{checked} of {unchecked}");
}

fn count(played: &Played, what: What) -> usize {
    played.findings.iter().filter(|(_, finding)| finding.what == what).count()
}

#[test]
fn every_planted_fault_is_noticed() {
    let faults: Vec<Fault> = Fault::all().collect();
    assert_eq!(faults.len(), Mutant::ALL.len() + 1);
    let caught = kith_sim::hunt(&faults, MUTANT_SEEDS, |(fault, found)| println!("{}: {found:?}", fault.name()));
    let missed: Vec<String> = caught.iter().filter(|(_, found)| found.is_none()).map(|(f, _)| f.name()).collect();
    assert!(missed.is_empty() && caught.len() == faults.len(), "not noticed in {MUTANT_SEEDS} seeds: {missed:?}");
}

/// Seeds of the simulator of persons in every test run.
const PEOPLE_SEEDS: u64 = 500;
/// Seeds within which a fault planted there must be noticed.
const PEOPLE_MUTANT_SEEDS: u64 = 1000;

#[test]
fn a_card_reaches_whom_it_is_meant_for_and_nobody_else_whatever_fails() {
    let (tally, found) = kith_sim::play_people(0..PEOPLE_SEEDS, |seed, finding| println!("seed {seed}: {finding}"));
    assert_eq!(found, 0);
    assert_eq!(tally.of("worlds at rest"), PEOPLE_SEEDS);
    // A simulation that never gets there says nothing.
    let rare = [
        "links made",
        "links refused",
        "answers lost",
        "links ended",
        "blocks",
        "devices removed",
        "secrets renewed",
        "publications merged",
        "deliveries",
        "envelopes opened",
        "envelopes dropped",
        "crashes",
        "cuts",
        "policies",
        "values taken by policy",
        "values refused by policy",
        "values asked about",
        "answers",
        "torn answers settled",
        "acceptances taken back",
    ];
    for name in rare {
        assert!(tally.of(name) > 0, "no {name} in {PEOPLE_SEEDS} seeds");
    }
}

#[test]
fn every_fault_planted_between_persons_is_noticed() {
    for (mutant, found) in kith_sim::hunt_people(PEOPLE_MUTANT_SEEDS) {
        println!("{mutant:?}: {found:?}");
        assert!(found.is_some(), "{mutant:?} is not noticed in {PEOPLE_MUTANT_SEEDS} seeds");
    }
}
