//! The simulator in the normal test run: the product passes, and what is broken on purpose does not.

use kith_tests::sim::{self, Mutant, Options, Rule, Tally, What};

/// Seeds of every test run; `cargo xtask sim` runs more.
const SEEDS: u64 = 200;
/// Seeds within which a planted fault must be found.
const MUTANT_SEEDS: u64 = 1000;

fn play(seeds: u64, options: Options) -> (Tally, Vec<(u64, sim::Finding)>) {
    let mut tally = Tally::default();
    let mut findings = Vec::new();
    for seed in 0..seeds {
        let outcome = sim::run(seed, options);
        tally.absorb(&outcome.tally);
        findings.extend(outcome.finding.map(|finding| (seed, finding)));
    }
    (tally, findings)
}

#[test]
fn replicas_converge_and_nothing_is_lost_whatever_fails() {
    let (tally, findings) = play(SEEDS, Options::default());
    for (seed, finding) in &findings {
        println!("{finding}\n    {}", sim::replay_line(*seed, Rule::Product));
    }
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
        "devices lost for good",
        "devices that joined late",
        "purges",
        "values written again after a purge",
        "replicas left unsettled",
    ];
    for name in rare {
        assert!(tally.of(name) > 0, "no {name} in {SEEDS} seeds");
    }
}

#[test]
fn a_seed_replays_exactly() {
    for seed in [3, 71] {
        let (one, other) = (sim::run(seed, Options::default()), sim::run(seed, Options::default()));
        assert_eq!(one.tally, other.tally);
        assert_eq!(one.finding, other.finding);
    }
}

#[test]
fn the_plausible_simpler_rule_ends_with_equal_vectors_and_different_books_unless_the_hash_is_compared() {
    let (_, unchecked) = play(SEEDS, Options { rule: Rule::Simple, ..Options::default() });
    let (tally, checked) = play(SEEDS, Options { rule: Rule::SimpleChecked, ..Options::default() });
    assert_eq!(count(&checked, What::HostileClose), 0, "{checked:?}");
    assert!(tally.of("differences noticed") > 0);
    let (unchecked, checked) = (count(&unchecked, What::Diverged), count(&checked, What::Diverged));
    println!("{unchecked} of {SEEDS} seeds diverge, {checked} of them though the hash is compared");
    assert!(unchecked > 0 && checked * 4 < unchecked, "{checked} of {unchecked}");
}

fn count(findings: &[(u64, sim::Finding)], what: What) -> usize {
    findings.iter().filter(|(_, finding)| finding.what == what).count()
}

#[test]
fn every_planted_fault_is_found() {
    for mutant in Mutant::ALL {
        let options = Options { mutant: Some(mutant), ..Options::default() };
        let found = (0..MUTANT_SEEDS).find_map(|seed| sim::run(seed, options).finding.map(|finding| (seed, finding)));
        match found {
            Some((seed, finding)) => println!("{mutant:?}: seed {seed}: {finding}"),
            None => panic!("{mutant:?} was not noticed in {MUTANT_SEEDS} seeds"),
        }
    }
}
