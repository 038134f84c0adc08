//! The window's package: installed, checked, tested and built with npm.

use crate::{
    Result,
    command::{self, command},
    place,
};
use std::{fs, path::Path, process::Command, time::SystemTime};

/// Installs what package-lock.json names, if that has changed since.
pub(crate) fn install() -> Result {
    let ui = place::ui();
    if newest(&ui.join("package-lock.json")) <= newest(&ui.join("node_modules/.package-lock.json")) {
        return Ok(());
    }
    command::run(&mut npm(["ci", "--no-audit", "--no-fund"]))
}

/// Builds ui/dist, if its sources have changed since.
pub(crate) fn build_if_stale() -> Result {
    let ui = place::ui();
    let built = newest(&ui.join("dist/index.html"));
    // A page that was written in the window's absence has no assets.
    let whole = ui.join("dist/assets").is_dir();
    let sources = ["src", "index.html", "vite.config.ts", "svelte.config.js", "package-lock.json"];
    if whole && sources.iter().all(|source| newest(&ui.join(source)) <= built) {
        return Ok(());
    }
    build()
}

/// Builds ui/dist.
pub(crate) fn build() -> Result {
    command::run(&mut npm(["run", "--silent", "build"]))
}

/// Checks the types of every component.
pub(crate) fn check() -> Result {
    command::run(&mut npm(["run", "--silent", "check"]))
}

/// Returns the command that runs the window's own tests.
pub(crate) fn tests() -> Command {
    npm(["run", "--silent", "test"])
}

fn npm<const N: usize>(args: [&str; N]) -> Command {
    let mut npm = command("npm", args);
    npm.current_dir(place::ui()).env("NO_COLOR", "1");
    npm
}

/// Returns when the file, or the newest file in the folder, was written; the epoch if there is none.
fn newest(path: &Path) -> SystemTime {
    let own = fs::metadata(path).and_then(|meta| meta.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let inside = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| newest(&entry.path()));
    inside.max().map_or(own, |inside| inside.max(own))
}
