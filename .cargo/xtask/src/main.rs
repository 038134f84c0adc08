//! `cargo xtask WORD`: everything a developer does to Kith, the same on every system, and nothing but the standard
//! library to build first.

mod bench;
mod bundle;
mod check;
mod command;
mod fuzz;
mod place;
mod run;
mod screen;
mod setup;
mod sim;
mod tally;
mod test;
mod types;
mod ui;

use std::{env, process::ExitCode};

/// What every word returns; the error is for a person to read.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let (word, rest) = match args.split_first() {
        Some((word, rest)) => (word.as_str(), rest),
        None => ("help", &[][..]),
    };
    let done = match word {
        "run" => run::run(rest),
        "test" => test::run(rest),
        "check" => check::run(),
        "types" => types::run(),
        "sim" => sim::run(rest),
        "fuzz" => fuzz::run(rest),
        "bench" => bench::run(rest),
        "bundle" => bundle::run(rest),
        screen::WORD => screen::take(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        _ => {
            eprint!("there is no word `{word}`\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

const HELP: &str = "\
cargo xtask WORD

  run [-- ARGS]                 install what is missing, build, and open the app; without a display, take its picture
  test [--long]                 install what is missing, and run every check and test
  check                         formatting, lints, licences
  types                         write ui/src/api/types.ts from the hub's command list
  sim [--seeds N] [--first S]   simulate devices; every seed is another history
  sim --people [--seeds N]      simulate persons, their links and their cards
  sim --mutants                 plant faults in the product's lines; each must be noticed
  fuzz [TARGET...] [--seconds N] [--runs N]
                                feed what reads bytes from outside with bytes that nobody would send
  bench [ARGS]                  measure
  bundle [ARGS]                 make this system's installer
  help                          this
";
