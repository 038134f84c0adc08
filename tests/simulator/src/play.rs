//! Many seeds, on as many threads as there are cores: each seed is a world of its own.

use super::{Fault, Finding, Mutant, Options, Outcome, PeopleFinding, PeopleOutcome, Tally, people, run};
use std::{
    ops::Range,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    thread,
};

/// How many seeds went.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// What happened in all of them.
    pub tally: Tally,
    /// What was found, by seed.
    pub findings: Vec<(u64, Finding)>,
}

/// A fault, and the first seed that noticed it with what it found; `None` if none did.
pub type Caught = (Fault, Option<(u64, Finding)>);

/// How many seeds to play at a time.
pub fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Plays seeds; `heard` is told of each finding as it comes.
pub fn play(seeds: Range<u64>, options: Options, heard: impl Fn(u64, &Finding) + Sync) -> Played {
    let next = AtomicU64::new(seeds.start);
    let one_thread = || {
        let mut played = Played::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return played;
            }
            let Outcome { finding, tally, .. } = run(seed, options);
            played.tally.absorb(&tally);
            if let Some(finding) = finding {
                heard(seed, &finding);
                played.findings.push((seed, finding));
            }
        }
    };
    let mut all = Played::default();
    for played in on_all_cores(one_thread) {
        all.tally.absorb(&played.tally);
        all.findings.extend(played.findings);
    }
    all.findings.sort_by_key(|(seed, _)| *seed);
    all
}

/// Looks for the first seed that notices each fault; `heard` is told of each as it ends.
pub fn hunt(faults: &[Fault], seeds: u64, heard: impl Fn(&Caught) + Sync) -> Vec<Caught> {
    let next = AtomicUsize::new(0);
    let one_thread = || {
        let mut caught = Vec::new();
        while let Some(&fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
            let options = Options { fault: Some(fault), ..Options::default() };
            let found = (0..seeds).find_map(|seed| run(seed, options).finding.map(|finding| (seed, finding)));
            heard(&(fault, found.clone()));
            caught.push((fault, found));
        }
        caught
    };
    on_all_cores(one_thread).concat()
}

/// Plays seeds of the simulator of persons; `heard` is told of each finding as it comes.
pub fn play_people(seeds: Range<u64>, heard: impl Fn(u64, &PeopleFinding) + Sync) -> (Tally, usize) {
    let next = AtomicU64::new(seeds.start);
    let one_thread = || {
        let (mut all, mut found) = (Tally::default(), 0);
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return (all, found);
            }
            let PeopleOutcome { finding, tally } = people::run(seed, None);
            all.absorb(&tally);
            if let Some(finding) = finding {
                heard(seed, &finding);
                found += 1;
            }
        }
    };
    let (mut all, mut found) = (Tally::default(), 0);
    for (tally, wrong) in on_all_cores(one_thread) {
        all.absorb(&tally);
        found += wrong;
    }
    (all, found)
}

/// Looks for the first seed of the simulator of persons that notices each of its faults.
pub fn hunt_people(seeds: u64) -> Vec<(Mutant, Option<(u64, PeopleFinding)>)> {
    let next = AtomicUsize::new(0);
    let one_thread = || {
        let mut caught = Vec::new();
        while let Some(&mutant) = Mutant::PEOPLE.get(next.fetch_add(1, Ordering::Relaxed)) {
            let finding = |seed| people::run(seed, Some(mutant)).finding.map(|finding| (seed, finding));
            caught.push((mutant, (0..seeds).find_map(finding)));
        }
        caught
    };
    on_all_cores(one_thread).concat()
}

fn on_all_cores<T: Send>(work: impl Fn() -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads()).map(|_| scope.spawn(&work)).collect();
        // A thread only ends early if the simulator itself is broken, and then says so.
        running.into_iter().filter_map(|thread| thread.join().ok()).collect()
    })
}
