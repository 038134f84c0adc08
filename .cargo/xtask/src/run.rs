//! `run`: from a fresh checkout to the open app.

use crate::{
    Result,
    command::{self, cargo},
    place, screen, setup, ui,
};
use std::process::Command;

/// Installs what is missing, builds, and opens the app; arguments after `--` are the app's.
pub(crate) fn run(args: &[String]) -> Result {
    let display = screen::is_there();
    setup::install(if display { setup::Purpose::App } else { setup::Purpose::Screen })?;
    ui::install()?;
    ui::build_if_stale()?;
    command::run(&mut cargo(["build", "--workspace", "--bin", "kith", "--bin", "kith-hub"]))?;
    let args = args.strip_prefix(&["--".to_owned()]).unwrap_or(args);
    let app = place::built("kith");
    if display { command::run(Command::new(app).args(args)) } else { screen::run_without(&app, args) }
}
