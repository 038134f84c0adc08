//! Files that a hand lets go over the window, where the webview keeps them from the page: WebKitGTK names a file to the
//! page and nothing more. There the shell hears of the drag, tells the page where it is, and hands out what was dropped.
//! Other webviews do all of that themselves.

use crate::Shell;
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};
use tauri::{DragDropEvent, Emitter, Manager, PhysicalPosition, State, Window, ipc::Response};

/// Whether the shell has to hear of files for the page.
pub(crate) const HEARD: bool = cfg!(target_os = "linux");

/// The files of the last drop: nothing else is ever handed out.
#[derive(Debug, Default)]
pub(crate) struct Dropped(Mutex<Vec<PathBuf>>);

/// What the page is told.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Told {
    /// Files hang over this place.
    Over { x: f64, y: f64 },
    /// They are gone.
    Left,
    /// These were let go there.
    Dropped { x: f64, y: f64, names: Vec<String> },
}

/// Tells the page what a drag does.
pub(crate) fn on_event(window: &Window, event: &DragDropEvent) {
    let at = |position: &PhysicalPosition<f64>| share(window, position);
    let told = match event {
        DragDropEvent::Enter { paths, position } if paths.iter().any(|path| is_file(path)) => {
            let (x, y) = at(position);
            Told::Over { x, y }
        }
        DragDropEvent::Over { position } => {
            let (x, y) = at(position);
            Told::Over { x, y }
        }
        DragDropEvent::Drop { paths, position } => {
            let files: Vec<PathBuf> = paths.iter().filter(|path| is_file(path)).take(FILES_MAX).cloned().collect();
            let names = files.iter().map(|path| name_of(path)).collect();
            let dropped = &window.state::<Shell>().dropped;
            *dropped.0.lock().unwrap_or_else(PoisonError::into_inner) = files;
            let (x, y) = at(position);
            Told::Dropped { x, y, names }
        }
        DragDropEvent::Leave => Told::Left,
        _ => return,
    };
    if let Err(error) = window.emit("kith-dropped", told) {
        tracing::warn!("the page does not hear of a drag: {error}");
    }
}

/// Hands out the bytes of a file of the last drop, by its place in it.
///
/// # Errors
/// A sentence for the person: there is no such file, it is too large, or it cannot be read.
#[tauri::command]
pub(crate) async fn dropped(shell: State<'_, Shell>, place: usize) -> Result<Response, String> {
    let file = shell.dropped.0.lock().unwrap_or_else(PoisonError::into_inner).get(place).cloned();
    let Some(file) = file else { return Err("That file was dropped some time ago. Drop it once more.".into()) };
    let unread = |error: std::io::Error| format!("{} cannot be read: {error}.", name_of(&file));
    let bytes = tokio::fs::metadata(&file).await.map_err(unread)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(format!("{} is larger than {} MB.", name_of(&file), FILE_BYTES_MAX >> 20));
    }
    tokio::fs::read(&file).await.map(Response::new).map_err(unread)
}

/// Only what is a file here: a link of a browser is dragged in the same way.
fn is_file(path: &Path) -> bool {
    path.is_absolute() && path.is_file()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A place as shares of the window's width and height, which the page can use however it is zoomed.
fn share(window: &Window, position: &PhysicalPosition<f64>) -> (f64, f64) {
    // GTK names places in the units of the window, before it is scaled for the screen.
    let size = window.inner_size().unwrap_or_default().to_logical::<f64>(window.scale_factor().unwrap_or(1.0));
    (position.x / size.width.max(1.0), position.y / size.height.max(1.0))
}

/// Files of one drop, at most.
const FILES_MAX: usize = 100;
/// Bytes of one file, as the page takes them.
const FILE_BYTES_MAX: u64 = 256 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_no_file() {
        assert!(!is_file(Path::new("https://example.org/people.vcf")));
        assert!(!is_file(Path::new("Cargo.toml")), "only whole paths");
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(is_file(file.path()));
        assert!(!is_file(file.path().parent().unwrap()), "a folder is none");
    }
}
