//! The desktop shell: a window and a tray icon around a hub. It starts the hub, passes commands in and events out,
//! and holds no logic of its own; whatever a person can do stands in the command list, `kith_hub::api`.

mod answer;
mod desktop;
mod door;
mod dropped;
mod habits;
mod notices;
mod opened;
mod options;
mod tray;
mod window;

use clap::Parser;
use desktop::Login;
use dropped::Dropped;
use kith_hub::{
    Hub,
    api::{Answer, Code, Command, Error, Event},
};
use opened::Opened;
use options::Options;
use std::{path::PathBuf, process::ExitCode};
use tauri::{AppHandle, Emitter, Manager, RunEvent, State, async_runtime};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// What the shell holds while it runs.
struct Shell {
    /// The running hub, or why there is none.
    hub: Result<Hub, Error>,
    /// Where the shell keeps its own few files, inside the data folder.
    folder: PathBuf,
    /// Files and links that wait for the page.
    opened: Opened,
    /// Files that were let go over the window.
    dropped: Dropped,
    /// The entry that starts the app at login.
    login: Login,
}

/// Runs the app until somebody quits it. A second start on the same data folder shows the first one's window and ends.
pub fn run() -> ExitCode {
    let options = Options::parse();
    let log = tracing_subscriber::EnvFilter::try_from_env("KITH_LOG").unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(log).with_writer(std::io::stderr).init();

    let runtime = match kith_hub::runtime() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("the system gives no threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    // The hub's own, beside Tauri's: what the shell does may wait for the main thread, which waits for the hub when it ends.
    let hub = runtime.block_on(Hub::start(options.hub()));
    let folder = options.hub().folder.join("window");
    let in_use = matches!(&hub, Err(error) if error.code == Code::InUse);
    let things: Vec<String> = options.open.iter().map(|word| opened::whole(word)).collect();
    if in_use && async_runtime::block_on(door::knock(&folder, &things)) {
        return ExitCode::SUCCESS;
    }
    let opened = Opened::default();
    opened.add(things);
    // Whoever opens a file wants to see what becomes of it.
    let hidden = options.hidden && opened.is_empty();
    let login = Login::new(&habits::login_words(options.named_folder()));

    let app = tauri::Builder::default()
        .plugin(window::remembering(&folder))
        .manage(Shell { hub, folder, opened, dropped: Dropped::default(), login })
        .invoke_handler(tauri::generate_handler![
            call,
            opened::opened,
            dropped::dropped,
            habits::habits,
            habits::choose_habits
        ])
        .on_window_event(window::on_event)
        .setup(move |app| Ok(set_up(app.handle(), hidden)?))
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(on_run_event);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("kith: the window cannot be opened: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Passes one command to the hub. Where the hub could not start, every answer is the reason.
#[tauri::command]
async fn call(shell: State<'_, Shell>, command: Command) -> Result<Answer, Error> {
    shell.hub.as_ref().map_err(Error::clone)?.call(command).await
}

/// Opens the window and starts everything that goes on beside it. Without a hub there is only the window, to say why.
fn set_up(app: &AppHandle, hidden: bool) -> tauri::Result<()> {
    window::open(app, hidden)?;
    let shell = app.state::<Shell>();
    let hub = match &shell.hub {
        Ok(hub) => hub.clone(),
        Err(error) => {
            tracing::error!("the hub did not start: {error}");
            return Ok(());
        }
    };
    match tray::build(app) {
        Ok(tray) => drop(async_runtime::spawn(tray::follow(tray, app.clone(), hub.clone(), hub.events()))),
        Err(error) => tracing::warn!("there is no tray icon, and closing the window will end the app: {error}"),
    }
    async_runtime::spawn(forward(app.clone(), hub.events()));
    async_runtime::spawn(notices::follow(app.clone(), hub.clone(), hub.events()));
    let knocked = app.clone();
    async_runtime::spawn(door::keep(shell.folder.clone(), move |things| opened::show(&knocked, things)));
    async_runtime::spawn(end_with(app.clone(), hub));
    Ok(())
}

/// Passes every event of the hub to the page, on the channel `kith`.
async fn forward(app: AppHandle, mut events: Receiver<Event>) {
    loop {
        let missed = [
            Event::ContactsChanged { ids: vec![], device: None },
            Event::GroupsChanged,
            Event::DevicesChanged,
            Event::PeopleChanged,
            Event::InboxChanged,
        ];
        let heard = match events.recv().await {
            Ok(event) => vec![event],
            // The page reads again whatever is named here, so naming all of it makes up for what was lost.
            Err(RecvError::Lagged(_)) => missed.into(),
            Err(RecvError::Closed) => return,
        };
        for event in heard {
            if let Err(error) = app.emit("kith", event) {
                tracing::warn!("an event did not reach the page: {error}");
            }
        }
    }
}

/// Ends the app when its hub ends by command, or when the system asks for it.
async fn end_with(app: AppHandle, hub: Hub) {
    tokio::select! {
        () = hub.ended() => {}
        () = signalled() => {}
    }
    app.exit(0);
}

/// Returns when the system asks the process to end; never where it has no such signal.
async fn signalled() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
            return;
        }
    }
    std::future::pending().await
}

fn on_run_event(app: &AppHandle, event: RunEvent) {
    match event {
        // Every way out passes here: the tray's Quit, a signal, the end of the session.
        RunEvent::Exit => {
            if let Ok(hub) = &app.state::<Shell>().hub {
                async_runtime::block_on(hub.stop());
            }
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::show(app),
        // macOS hands files and links to the app that runs.
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => opened::show(app, urls.iter().map(|url| opened::whole(url.as_str())).collect()),
        _ => {}
    }
}
