//! `kith-hub`: the headless hub and its command line. The words and keys are a contract that scripts rely on.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
