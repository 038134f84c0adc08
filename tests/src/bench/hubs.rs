//! Hubs as processes of their own: one that runs as it is shipped, and one whose events are heard as a window hears them.

use super::Result;
use kith_hub::{
    Hub, HubOptions,
    api::{Command, Event, Request, StatusRequest, Stop},
    control,
};
use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// How long anything that must happen may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);
/// The first argument of the process that [`observed`] is.
pub(super) const OBSERVED: &str = "observed-hub";

/// A hub that runs in a process of its own.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    folder: PathBuf,
}

impl Process {
    /// Starts `kith-hub run`, which announces nothing; returns once it listens.
    pub(super) fn run(folder: &Path, listen: SocketAddr) -> Result<Self> {
        Self::start(folder, listen, &["--no-mdns"])
    }

    /// Starts `kith-hub run` as people do, with mDNS; returns once it listens.
    pub(super) fn run_at_home(folder: &Path, listen: SocketAddr) -> Result<Self> {
        Self::start(folder, listen, &[])
    }

    fn start(folder: &Path, listen: SocketAddr, more: &[&str]) -> Result<Self> {
        let program = hub_program()?;
        let mut command = std::process::Command::new(&program);
        command.arg("--data").arg(folder).args(["--keys", "file", "--json", "run", "--listen", &listen.to_string()]);
        command.args(more);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut ready = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut ready)?;
        let process = Self { child, folder: folder.to_owned() };
        if ready.contains("\"ready\":true") {
            return Ok(process);
        }
        Err(format!("{} did not start: {ready}", program.display()).into())
    }

    /// The process's id.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Carries out a command.
    pub(super) async fn ask<R: Request>(&self, request: R) -> Result<R::Answer> {
        let answer = control::call(&self.folder, &request.into()).await.ok_or("no hub runs on the folder")??;
        R::unwrap_answer(answer).ok_or_else(|| "the hub answered another command".into())
    }

    /// Version and hash of its book.
    pub(super) async fn book(&self) -> Result<(String, String)> {
        let book = self.ask(StatusRequest::default()).await?.book;
        Ok((book.version, book.hash))
    }

    /// Ends it cleanly.
    pub(super) async fn stop(mut self) -> Result {
        // It may be gone before its answer is read; its exit status says how it ended.
        let _answer = control::call(&self.folder, &Command::from(Stop::default())).await;
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("a hub ended with {status}").into()) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // After a clean stop both find nothing left to do.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// The hub that is measured: beside this program, unless `KITH_HUB_BIN` names it.
fn hub_program() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("KITH_HUB_BIN") {
        return Ok(named.into());
    }
    let beside = std::env::current_exe()?.with_file_name("kith-hub").with_extension(std::env::consts::EXE_EXTENSION);
    let hint = "build kith-hub in the same profile, or name it by KITH_HUB_BIN";
    if beside.exists() { Ok(beside) } else { Err(format!("there is no {}: {hint}", beside.display()).into()) }
}

/// What an observed hub told, and when, in nanoseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) at: u64,
    pub(super) what: What,
}

/// What a hub tells a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// It has opened its folder and begins to dial.
    Started,
    /// A device came, went, or caught up.
    Devices,
    /// Contacts changed because of another device.
    Contacts,
    /// Something else.
    Other(String),
}

/// A hub like the one in the window's process: the library, with its events.
#[derive(Debug)]
pub(super) struct Observed {
    pub(super) process: Process,
    events: mpsc::Receiver<Seen>,
}

impl Observed {
    /// Starts this program again as an observed hub.
    pub(super) fn start(folder: &Path) -> Result<Self> {
        let mut command = std::process::Command::new(std::env::current_exe()?);
        command.arg(OBSERVED).arg(folder);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        let process = Process { child, folder: folder.to_owned() };
        let (sender, events) = mpsc::channel();
        thread::spawn(move || listen(output, &sender));
        Ok(Self { process, events })
    }

    /// Waits for the next event.
    pub(super) fn next(&self) -> Result<Seen> {
        self.events.recv_timeout(PATIENCE).map_err(|_| "a hub has fallen silent".into())
    }

    /// Waits for an event of this kind, and tells when it was.
    pub(super) fn when(&self, what: &What) -> Result<u64> {
        loop {
            let seen = self.next()?;
            match seen.what {
                What::Other(text) if text.contains("Trouble") => return Err(text.into()),
                found if found == *what => return Ok(seen.at),
                _ => {}
            }
        }
    }

    /// Forgets the events that have come so far.
    pub(super) fn forget(&self) {
        while self.events.try_recv().is_ok() {}
    }

    /// Waits until its book is the same as that one.
    pub(super) async fn equals(&self, book: &(String, String)) -> Result {
        while self.process.book().await? != *book {
            self.next()?;
            self.forget();
        }
        Ok(())
    }
}

fn listen(output: ChildStdout, events: &mpsc::Sender<Seen>) {
    for line in BufReader::new(output).lines().map_while(std::result::Result::ok) {
        let Some((at, word)) = line.split_once(' ') else { continue };
        let what = match word {
            "started" => What::Started,
            "devices" => What::Devices,
            "contacts" => What::Contacts,
            other => What::Other(other.to_owned()),
        };
        if events.send(Seen { at: at.parse().unwrap_or(0), what }).is_err() {
            return;
        }
    }
}

/// Nanoseconds since 1970: the one clock that two processes share.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

/// The observed hub's own process: runs until it is told to stop, and writes a line for each event.
pub(super) async fn observed(folder: &Path) -> Result {
    let listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let options = HubOptions { folder: folder.to_owned(), listen, no_mdns: true, ..HubOptions::default() };
    let hub = Hub::start(options).await?;
    let mut events = hub.events();
    let mut out = std::io::stdout();
    writeln!(out, "{} started", now())?;
    loop {
        let event = tokio::select! {
            event = events.recv() => event?,
            () = hub.ended() => return Ok(()),
        };
        let at = now();
        match event {
            Event::DevicesChanged => writeln!(out, "{at} devices")?,
            Event::ContactsChanged { device: Some(_), .. } => writeln!(out, "{at} contacts")?,
            other => writeln!(out, "{at} {other:?}")?,
        }
    }
}
