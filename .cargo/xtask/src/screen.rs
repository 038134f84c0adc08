//! The app on a machine without a display: on a virtual one, until its window is drawn and its picture taken.

use crate::{
    Result,
    command::{self, command},
    place,
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    thread::sleep,
    time::{Duration, Instant},
};

/// The word with which `run` calls itself on the virtual display. It is no word for people.
pub(crate) const WORD: &str = "__picture";

/// Returns whether a window can be shown here.
pub(crate) fn is_there() -> bool {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Returns a command that has a virtual display and a session bus of its own.
pub(crate) fn virtual_display() -> Command {
    let mut command = command("xvfb-run", ["-a", "-s", "-screen 0 1280x800x24", "dbus-run-session", "--"]);
    // Without a graphics card the renderer is several times slower by way of DMA buffers.
    command.env("WEBKIT_DISABLE_DMABUF_RENDERER", "1").env_remove("WAYLAND_DISPLAY").env("GDK_BACKEND", "x11");
    command
}

/// Runs the app on a virtual display, saves a picture of it, says where, and ends the app.
pub(crate) fn run_without(app: &Path, args: &[String]) -> Result {
    let picture = place::target().join("screenshots/kith.png");
    eprintln!("There is no display here, so the app runs on a virtual one.");
    command::run(virtual_display().arg(env::current_exe()?).arg(WORD).arg(&picture).arg(app).args(args))?;
    println!("{}", picture.display());
    Ok(())
}

/// Takes the picture; runs on the virtual display. The arguments are the picture's path, the app, and the app's own.
pub(crate) fn take(args: &[String]) -> Result {
    let [picture, app, args @ ..] = args else { return Err("a picture and a program are needed".into()) };
    let picture = PathBuf::from(picture);
    fs::create_dir_all(picture.parent().unwrap_or(Path::new(".")))?;
    let mut app = Command::new(app).args(args).spawn()?;
    let drawn = wait_until_drawn(&mut app, &picture);
    let ended = end(&mut app)?;
    drawn?;
    if ended.success() { Ok(()) } else { Err(format!("the app did not end cleanly: {ended}").into()) }
}

/// Waits until the window shows more than one colour, and the same picture twice running.
fn wait_until_drawn(app: &mut Child, picture: &Path) -> Result {
    let end = Instant::now() + PATIENCE;
    let path = picture.to_string_lossy();
    let mut last = None;
    while Instant::now() < end {
        if let Some(status) = app.try_wait()? {
            return Err(format!("the app ended before its window was drawn: {status}").into());
        }
        let window = command::ask(&mut command("xdotool", ["search", "--onlyvisible", "--name", "^Kith$"]));
        let window = window.and_then(|ids| ids.lines().next().map(str::to_owned));
        let seen = window.and_then(|id| look(&id, &path));
        if seen.is_some() && seen == last {
            return command::run(&mut command("import", ["-window", "root", &path]));
        }
        last = seen;
        sleep(PAUSE);
    }
    Err("the window was not drawn within a minute".into())
}

/// Returns what identifies the window's picture; `None` while it is empty.
fn look(window: &str, path: &str) -> Option<String> {
    command::ask(&mut command("import", ["-window", window, path]))?;
    let text = command::ask(&mut command("identify", ["-format", "%k %#", path]))?;
    let (colours, signature) = text.split_once(' ')?;
    (colours.parse::<u32>().ok()? > 1).then(|| signature.to_owned())
}

/// Asks the app to end, and makes it if it will not.
fn end(app: &mut Child) -> Result<ExitStatus> {
    command::ask(&mut command("kill", ["-TERM", &app.id().to_string()]));
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if let Some(status) = app.try_wait()? {
            return Ok(status);
        }
        sleep(PAUSE);
    }
    app.kill()?;
    Ok(app.wait()?)
}

const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);
