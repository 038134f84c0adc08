//! `bundle`: this system's installer, by Tauri's own command line.

use crate::{Result, command, setup, ui};

/// Makes the installer; arguments go on to `tauri build`.
pub(crate) fn run(args: &[String]) -> Result {
    setup::install(setup::Purpose::App)?;
    ui::install()?;
    // Run from the top of the checkout: that is where it looks for its configuration.
    let mut build = command::command("npm", ["exec", "--yes", TAURI_CLI, "--", "tauri", "build"]);
    if args.is_empty() {
        build.args(["--bundles", BUNDLES]);
    }
    // The desktop package is no default member, so cargo has to be told.
    command::run(build.args(args).args(["--", "--package", "kith"]))
}

const TAURI_CLI: &str = "--package=@tauri-apps/cli@2.12.5";
const BUNDLES: &str = if cfg!(windows) {
    "nsis"
} else if cfg!(target_os = "macos") {
    "dmg"
} else {
    "deb"
};
