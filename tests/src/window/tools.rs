//! What driving the window needs: the app, the driver, a display. Where one is missing, a story says so.

use crate::people::hub_program;
use std::{env, path::PathBuf};

/// The programs that a story of the window needs.
#[derive(Clone, Debug)]
pub(super) struct Tools {
    /// The app under test: `KITH_APP_BIN`, or `kith` beside `kith-hub`.
    pub(super) app: PathBuf,
    /// `TAURI_DRIVER_BIN`, or `tauri-driver` in the cache that `cargo xtask setup` fills, or on the path.
    pub(super) driver: PathBuf,
}

impl Tools {
    /// Finds them, or says what is missing.
    pub(super) fn find() -> Result<Self, String> {
        let app = named("KITH_APP_BIN").unwrap_or_else(|| hub_program().with_file_name("kith"));
        if !app.is_file() {
            return Err(format!("there is no {}: run `cargo build -p kith`, or set KITH_APP_BIN", app.display()));
        }
        let driver = named("TAURI_DRIVER_BIN").or_else(cached).or_else(|| on_path("tauri-driver"));
        let driver = driver.ok_or("there is no tauri-driver: run `cargo xtask test`, or set TAURI_DRIVER_BIN")?;
        on_path("WebKitWebDriver").ok_or("there is no WebKitWebDriver (Debian: webkit2gtk-driver)")?;
        named("DISPLAY").ok_or("there is no display: run the tests under `xvfb-run`, as `cargo xtask test` does")?;
        Ok(Self { app, driver })
    }
}

fn cached() -> Option<PathBuf> {
    let cache = named("KITH_CACHE")
        .or_else(|| named("XDG_CACHE_HOME").map(|path| path.join("kith")))
        .or_else(|| named("HOME").map(|path| path.join(".cache/kith")))?;
    Some(cache.join("tools/bin/tauri-driver")).filter(|driver| driver.is_file())
}

fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}
