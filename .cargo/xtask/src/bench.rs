//! `bench`: measures, in the profile that is released.

use crate::{Result, command};

/// Runs the benchmarks.
pub(crate) fn run(args: &[String]) -> Result {
    let mut bench = command::cargo(["run", "--release", "--package", "kith-tests", "--bin", "kith-bench", "--"]);
    command::run(bench.args(args))
}
