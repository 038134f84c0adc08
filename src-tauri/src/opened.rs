//! What Kith was opened with: files by their paths, and links that the system hands to it. The page asks for them and
//! decides what becomes of them; here they only wait.

use crate::{Shell, window};
use std::{
    mem,
    path::Path,
    sync::{Mutex, PoisonError},
};
use tauri::{AppHandle, Emitter, Manager, State, Url};

/// What waits for the page.
#[derive(Debug, Default)]
pub(crate) struct Opened(Mutex<Vec<String>>);

impl Opened {
    /// Adds what was named; what is too much is left out.
    pub(crate) fn add(&self, things: Vec<String>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = THINGS_MAX.saturating_sub(waiting.len());
        waiting.extend(things.into_iter().filter(|thing| thing.len() <= THING_BYTES_MAX).take(room));
    }

    /// Whether anything waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// Hands out what waits, once.
#[tauri::command]
pub(crate) fn opened(shell: State<'_, Shell>) -> Vec<String> {
    mem::take(&mut *shell.opened.0.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Shows the window, and tells the page that something waits.
pub(crate) fn show(app: &AppHandle, things: Vec<String>) {
    window::show(app);
    if things.is_empty() {
        return;
    }
    app.state::<Shell>().opened.add(things);
    if let Err(error) = app.emit("kith-opened", ()) {
        tracing::warn!("the page does not hear what was opened: {error}");
    }
}

/// A word of the command line as a link or a whole path: the app that hears of it may be in another folder.
pub(crate) fn whole(word: &str) -> String {
    if LINKS.iter().any(|link| word.get(..link.len()).is_some_and(|start| start.eq_ignore_ascii_case(link))) {
        return word.to_owned();
    }
    let file = Url::parse(word).ok().filter(|url| url.scheme() == "file").and_then(|url| url.to_file_path().ok());
    let path = file.unwrap_or_else(|| Path::new(word).to_owned());
    std::path::absolute(&path).unwrap_or(path).to_string_lossy().into_owned()
}

/// What waits at most, and how long each may be.
const THINGS_MAX: usize = 100;
const THING_BYTES_MAX: usize = 4096;
const LINKS: [&str; 2] = ["tel:", "mailto:"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_whole_path_and_a_link_as_it_is() {
        assert_eq!(whole("tel:+46705550118"), "tel:+46705550118");
        assert_eq!(whole("MAILTO:anja@lindqvist.example"), "MAILTO:anja@lindqvist.example");
        let here = std::env::current_dir().unwrap();
        assert_eq!(whole("people.vcf"), here.join("people.vcf").to_string_lossy());
        if cfg!(unix) {
            assert_eq!(whole("file:///tmp/my%20people.vcf"), "/tmp/my people.vcf");
        }
    }

    #[test]
    fn only_so_much_waits() {
        let opened = Opened::default();
        opened.add(vec!["x".repeat(THING_BYTES_MAX + 1)]);
        assert!(opened.is_empty());
        opened.add(vec!["tel:1".to_owned(); THINGS_MAX + 1]);
        assert_eq!(opened.0.lock().unwrap().len(), THINGS_MAX);
    }
}
