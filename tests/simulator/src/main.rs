//! Runs the simulator over many seeds on all cores and says which of them found something; or plants every fault and says
//! which seed noticed it.

use kith_sim::{Caught, Copies, Fault, Options, Played, Rule, Storage};
use std::{collections::BTreeMap, process::ExitCode, time::Instant};

fn main() -> ExitCode {
    let Some(arguments) = Arguments::read(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let began = Instant::now();
    let passed = if arguments.people {
        play_people(&arguments)
    } else if arguments.mutants {
        hunt(arguments.seeds)
    } else {
        play(&arguments)
    };
    println!("{:.1} s on {} threads", began.elapsed().as_secs_f64(), kith_sim::threads());
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn play(arguments: &Arguments) -> bool {
    let (first, options) = (arguments.first, arguments.options);
    let seeds = arguments.seeds.unwrap_or(SEEDS);
    let Played { tally, findings } = kith_sim::play(first..first.saturating_add(seeds), options, |seed, finding| {
        println!("seed {seed}: {finding}\n    {}", kith_sim::replay_line(seed, options));
    });
    println!("{tally}");
    let mut kinds: BTreeMap<_, u64> = BTreeMap::new();
    findings.iter().for_each(|(_, finding)| *kinds.entry(finding.what).or_default() += 1);
    kinds.iter().for_each(|(what, times)| println!("{times} x {what:?}"));
    println!("{} passed, {} failed", seeds - findings.len() as u64, findings.len());
    findings.is_empty()
}

/// Plants every fault, one after the other.
fn hunt(seeds: Option<u64>) -> bool {
    let faults: Vec<Fault> = Fault::all().collect();
    let caught = kith_sim::hunt(&faults, seeds.unwrap_or(MUTANT_SEEDS), |(fault, found): &Caught| match found {
        Some((seed, finding)) => println!("{}: seed {seed}: {finding}", fault.name()),
        None => println!("{}: NOT NOTICED", fault.name()),
    });
    let missed = caught.iter().filter(|(_, found)| found.is_none()).count();
    println!("{} of {} faults noticed", caught.len() - missed, faults.len());
    missed == 0 && caught.len() == faults.len()
}

/// The simulator of persons: many seeds, or every fault planted.
fn play_people(arguments: &Arguments) -> bool {
    if arguments.mutants {
        let caught = kith_sim::hunt_people(arguments.seeds.unwrap_or(MUTANT_SEEDS));
        for (mutant, found) in &caught {
            match found {
                Some((seed, finding)) => println!("{mutant:?}: seed {seed}: {finding}"),
                None => println!("{mutant:?}: NOT NOTICED"),
            }
        }
        return caught.iter().all(|(_, found)| found.is_some());
    }
    let (first, seeds) = (arguments.first, arguments.seeds.unwrap_or(SEEDS));
    let (tally, found) = kith_sim::play_people(first..first.saturating_add(seeds), |seed, finding| {
        println!("seed {seed}: {finding}\n    cargo xtask sim --people --seeds 1 --first {seed}");
    });
    println!("{tally}\n{} passed, {found} failed", seeds - found as u64);
    found == 0
}

struct Arguments {
    seeds: Option<u64>,
    first: u64,
    mutants: bool,
    people: bool,
    options: Options,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let mut arguments = Self { seeds: None, first: 0, mutants: false, people: false, options: Options::default() };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--seeds" => arguments.seeds = Some(words.next()?.parse().ok()?),
                "--first" => arguments.first = words.next()?.parse().ok()?,
                "--rule" => {
                    arguments.options.rule = match words.next()?.as_str() {
                        "simple" => Rule::Simple,
                        "simple-checked" => Rule::SimpleChecked,
                        "product" => Rule::Product,
                        _ => return None,
                    }
                }
                "--copies" => {
                    arguments.options.copies = match words.next()?.as_str() {
                        "mixed" => Copies::Mixed,
                        "always" => Copies::Always,
                        "never" => Copies::Never,
                        _ => return None,
                    }
                }
                "--storage" => {
                    arguments.options.storage = match words.next()?.as_str() {
                        "mixed" => Storage::Mixed,
                        "maps" => Storage::Maps,
                        "file" => Storage::File,
                        _ => return None,
                    }
                }
                "--mutant" => {
                    let name = words.next()?;
                    arguments.options.fault = Some(Fault::all().find(|fault| fault.name() == name)?);
                }
                "--mutants" => arguments.mutants = true,
                "--people" => arguments.people = true,
                "--verbose" => arguments.options.verbose = true,
                _ => return None,
            }
        }
        Some(arguments)
    }
}

const USAGE: &str = "\
usage: kith-sim [--seeds N] [--first S] [--rule product|simple|simple-checked] [--storage mixed|maps|file]
                [--copies mixed|always|never] [--mutant NAME] [--verbose]
       kith-sim --mutants [--seeds N]
       kith-sim --people [--seeds N] [--first S] [--mutants]";
/// Seeds that are played unless told.
const SEEDS: u64 = 2_000;
/// Seeds within which a planted fault must be noticed (quality R8).
const MUTANT_SEEDS: u64 = 2_000;
