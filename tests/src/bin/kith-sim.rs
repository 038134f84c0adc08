//! Runs the simulator over many seeds and says which of them found something.

use kith_tests::sim::{self, Options, Rule, Tally};
use std::{collections::BTreeMap, process::ExitCode};

fn main() -> ExitCode {
    let Some(arguments) = Arguments::read(std::env::args().skip(1)) else {
        eprintln!(
            "usage: kith-sim [--seeds N] [--first S] [--rule product|simple|simple-checked] [--copies] [--verbose]"
        );
        return ExitCode::from(2);
    };
    let mut tally = Tally::default();
    let mut findings: BTreeMap<_, u64> = BTreeMap::new();
    for seed in arguments.first..arguments.first.saturating_add(arguments.seeds) {
        let outcome = sim::run(seed, arguments.options);
        tally.absorb(&outcome.tally);
        if let Some(finding) = outcome.finding {
            println!("seed {seed}: {finding}");
            println!(
                "    {}",
                match arguments.options.copies {
                    true => sim::replay_copies_line(seed),
                    false => sim::replay_line(seed, arguments.options.rule),
                }
            );
            *findings.entry(finding.what).or_default() += 1;
        }
    }
    println!("{tally}");
    for (what, times) in &findings {
        println!("{times} x {what:?}");
    }
    let failed: u64 = findings.values().sum();
    println!("{} passed, {failed} failed", arguments.seeds - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Arguments {
    seeds: u64,
    first: u64,
    options: Options,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let mut arguments = Self { seeds: 200, first: 0, options: Options::default() };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--seeds" => arguments.seeds = words.next()?.parse().ok()?,
                "--first" => arguments.first = words.next()?.parse().ok()?,
                "--rule" => {
                    arguments.options.rule = match words.next()?.as_str() {
                        "simple" => Rule::Simple,
                        "simple-checked" => Rule::SimpleChecked,
                        "product" => Rule::Product,
                        _ => return None,
                    }
                }
                "--copies" => arguments.options.copies = true,
                "--verbose" => arguments.options.verbose = true,
                _ => return None,
            }
        }
        Some(arguments)
    }
}
