//! The desktop app. Everything is in the library beside it.

// A console window would open behind the app on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    kith_app::run()
}
