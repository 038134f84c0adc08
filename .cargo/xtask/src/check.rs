//! `check`: formatting, lints, and licences, without running anything.

use crate::{
    Result,
    command::{self, cargo},
    place, setup, ui,
};

/// Checks everything that can be checked without a test.
pub(crate) fn run() -> Result {
    setup::install(setup::Purpose::App)?;
    ui::install()?;
    ui::check()?;
    formatting()?;
    lints()?;
    licences()
}

/// Checks how the code is set.
pub(crate) fn formatting() -> Result {
    command::run(&mut cargo(["fmt", "--all", "--check"]))
}

/// Checks every target of every package.
pub(crate) fn lints() -> Result {
    command::run(&mut cargo(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
}

/// Checks licences, banned crates and sources with cargo-deny, where it is installed; a tidy test checks the first two as well.
fn licences() -> Result {
    if place::on_path("cargo-deny").is_none() {
        eprintln!("cargo-deny is not installed: licences and banned crates are not checked");
        return Ok(());
    }
    command::run(&mut cargo(["deny", "--all-features", "check", "licenses", "bans", "sources"]))
}
