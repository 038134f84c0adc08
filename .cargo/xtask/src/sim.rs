//! `sim`: several devices, a bad network and worse clocks, in one process; a seed is a whole history.

use crate::{Result, command};

/// Runs the simulator. The dev profile keeps its assertions, and builds the core optimised all the same.
pub(crate) fn run(args: &[String]) -> Result {
    let mut sim = command::cargo(["run", "--quiet", "--package", "kith-sim", "--"]);
    command::run(sim.args(args))
}
