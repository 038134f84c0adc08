//! Finds what is missing on this machine, says what it installs and why, and installs it.

mod linux;
mod node;

use crate::{
    Result,
    command::{self, cargo, command},
    place,
};
use std::path::PathBuf;

/// What a machine is prepared for; each includes the ones before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Purpose {
    /// Building and opening the app.
    App,
    /// Opening it without a display.
    Screen,
    /// Everything that the tests drive.
    Tests,
}

/// Installs what is missing.
pub(crate) fn install(purpose: Purpose) -> Result {
    if cfg!(target_os = "linux") {
        linux::install(purpose)?;
    } else if cfg!(target_os = "macos") {
        macos()?;
    } else if cfg!(windows) {
        windows();
    }
    node::install()
}

/// Installs the driver of the window tests into the cache; returns where it is.
pub(crate) fn tauri_driver() -> Result<PathBuf> {
    let tools = place::cache().join("tools");
    let driver = tools.join("bin/tauri-driver").with_extension(std::env::consts::EXE_EXTENSION);
    if !driver.is_file() {
        eprintln!("Installing tauri-driver {TAURI_DRIVER}: the window tests drive the app through it.");
        let mut install = cargo(["install", "tauri-driver", "--locked", "--version", TAURI_DRIVER, "--root"]);
        command::run(install.arg(&tools))?;
    }
    Ok(driver)
}

fn macos() -> Result {
    if command::ask(&mut command("xcode-select", ["-p"])).is_some() {
        return Ok(());
    }
    Err("the compiler is missing: run `xcode-select --install`, then try again".into())
}

/// WebView2 is part of Windows 11 and of every updated Windows 10.
fn windows() {
    let key = r"HKLM\SOFTWARE\WOW6432Node\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}";
    if command::ask(&mut command("reg", ["query", key])).is_none() {
        eprintln!(
            "If the window stays empty, install WebView2: https://developer.microsoft.com/microsoft-edge/webview2/"
        );
    }
}

const TAURI_DRIVER: &str = "2.1.0";
