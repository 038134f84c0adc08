//! `bench`: measures, in the profile that is released.

use crate::{Result, command, place};
use std::process::Command;

/// Builds the hub and the benchmarks, and runs those that the arguments name.
pub(crate) fn run(args: &[String]) -> Result {
    let packages = ["build", "--release", "--package", "kith-hub", "--package", "kith-tests"];
    // Without what only tests want of the product: a clock that can be shifted, faults that can be planted.
    command::run(command::cargo(packages).arg("--no-default-features").args([
        "--bin",
        "kith-hub",
        "--bin",
        "kith-bench",
    ]))?;
    let mut bench = Command::new(place::released("kith-bench"));
    command::run(bench.args(args).env("KITH_HUB_BIN", place::released("kith-hub")))
}
