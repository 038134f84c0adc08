//! How the app behaves on this computer, as the person chose: whether it starts at login, and whether closing the window
//! leaves it running. Off and on until chosen.

use crate::{Shell, desktop::Desktop};
use kith_hub::api::{Code, Error};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tauri::{AppHandle, Manager, State};

/// The choices.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Habits {
    /// Start hidden when the person logs in.
    at_login: bool,
    /// Closing the window leaves the app in the tray, where there is one.
    stay: bool,
}

/// Returns what is chosen.
#[tauri::command]
pub(crate) fn habits(shell: State<'_, Shell>) -> Habits {
    Habits { at_login: shell.login.is_on(), stay: stays(&shell.folder) }
}

/// Chooses, and returns what is chosen then.
#[tauri::command]
pub(crate) fn choose_habits(shell: State<'_, Shell>, habits: Habits) -> Result<Habits, Error> {
    let failed = |error: io::Error| Error::new(Code::FileUnavailable, format!("That could not be set: {error}."));
    if habits.at_login != shell.login.is_on() {
        shell.login.set(habits.at_login).map_err(failed)?;
    }
    let quits = shell.folder.join(QUITS);
    match habits.stay {
        true => fs::remove_file(&quits).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        }),
        false => fs::write(&quits, ""),
    }
    .map_err(failed)?;
    Ok(self::habits(shell))
}

/// Whether closing the window leaves the app running, if there is a way back.
pub(crate) fn stays(folder: &Path) -> bool {
    !folder.join(QUITS).exists()
}

/// Whether a closed window can be found again, as far as the desktop is known yet.
pub(crate) async fn has_way_back(app: &AppHandle) -> bool {
    match app.try_state::<Desktop>() {
        Some(desktop) => app.tray_by_id(crate::tray::ID).is_some() && desktop.shows_tray().await,
        None => false,
    }
}

/// The words with which the app starts at login: hidden, and on its folder where that is not the usual one.
pub(crate) fn login_words(named: Option<PathBuf>) -> Vec<String> {
    let folder = named.map(|folder| ["--data".to_owned(), folder.to_string_lossy().into_owned()]);
    ["--hidden".to_owned()].into_iter().chain(folder.into_iter().flatten()).collect()
}

/// Lies in the shell's folder if closing the window ends the app.
const QUITS: &str = "quit-on-close";
