//! Node and npm, which build the window: the system's own if they are new enough, else Node from npm, kept in the cache.

use crate::{
    Result,
    command::{self, command},
    place,
};
use std::env;

/// Makes sure that `node` and `npm` are on the PATH of everything that is run after this.
pub(super) fn install() -> Result {
    if major().is_some_and(|major| major >= OLDEST) {
        return Ok(());
    }
    let own = place::cache().join("node");
    let bin = own.join("node_modules/node/bin");
    if place::on_path("npm").is_none() {
        return Err(format!("Node {OLDEST} or newer is needed to build the window: https://nodejs.org/download").into());
    }
    if !bin.is_dir() {
        eprintln!("Installing Node {NEWER} into the cache: building the window needs Node {OLDEST} or newer.");
        std::fs::create_dir_all(&own)?;
        command::run(
            command("npm", ["install", "--no-audit", "--no-fund", "--prefix"]).arg(&own).arg(format!("node@{NEWER}")),
        )?;
    }
    let path = env::join_paths([bin].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())))?;
    // SAFETY: nothing else runs in this process yet.
    unsafe { env::set_var("PATH", path) };
    match major() {
        Some(major) if major >= OLDEST => Ok(()),
        _ => Err(format!("Node {OLDEST} or newer is needed to build the window: https://nodejs.org/download").into()),
    }
}

fn major() -> Option<u32> {
    let version = command::ask(&mut command("node", ["--version"]))?;
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// What Vite runs on.
const OLDEST: u32 = 20;
/// What is installed where the system's own is older.
const NEWER: u32 = 22;
