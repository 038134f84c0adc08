//! A device: a data folder, what is said to it, and the hub that may be running on it.

use super::{
    lan::Host,
    process::{Process, hub_program},
    wait_until,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// One installation of Kith with a folder of its own, in a temporary directory that goes with it.
#[derive(Debug)]
pub struct Device {
    /// What its person calls it.
    pub name: String,
    home: TempDir,
    host: Option<Host>,
    /// Where its keys are wanted.
    keys: Option<&'static str>,
    env: BTreeMap<String, String>,
    hub: Option<Process>,
    listen: Option<SocketAddr>,
    /// What earlier runs of its hub logged.
    log: Vec<String>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Outcome {
    /// The exit status; `None` if it was killed.
    pub code: Option<i32>,
    /// What it printed.
    pub out: String,
    /// What it said on its error output.
    pub err: String,
}

impl Outcome {
    /// The one JSON object that it printed.
    pub fn json(&self) -> Value {
        let value = serde_json::from_str(&self.out);
        let value: Value = value.unwrap_or_else(|error| panic!("not one JSON object ({error}): {self:?}"));
        assert!(value.is_object() && self.out.ends_with('\n') && self.out.lines().count() == 1, "{self:?}");
        value
    }
}

impl Device {
    /// An installation on which nothing was done yet.
    pub fn new(name: &str) -> Self {
        let home = tempfile::Builder::new().prefix("kith-").tempdir().expect("a temporary directory can be made");
        let (env, log) = (BTreeMap::new(), Vec::new());
        Self { name: name.to_owned(), home, host: None, keys: Some("file"), env, hub: None, listen: None, log }
    }

    /// The first device of a new person.
    pub fn first(name: &str, person: &str) -> Self {
        let device = Self::new(name);
        device.call(&["init", "--name", name, "--person", person]);
        device
    }

    /// Waits until its hub reaches the only other device, or does not.
    pub fn until_path(&self, path: &str) {
        wait_until(format!("{} says of the other device: {path}", self.name), || {
            (self.call(&["status"])["peers"][0]["path"] == path).then_some(())
        });
    }

    /// Puts it into a host of its own on a pretended network.
    pub fn on(mut self, host: &Host) -> Self {
        self.host = Some(host.clone());
        self
    }

    /// Says where its keys are wanted: `os`, `file`, or nothing. Unless a story is about keys they are in a file, as
    /// whatever key store this computer has is none of its business.
    pub fn with_keys(mut self, keys: Option<&'static str>) -> Self {
        self.keys = keys;
        self
    }

    /// Sets a variable of its environment.
    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets a variable of its environment for what is started from now on.
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    /// Its data folder; there may be nothing there yet.
    pub fn folder(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// A path for a file beside its data folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes a file beside its data folder and returns its path as text.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.file(name);
        std::fs::write(&path, content).expect("a temporary file can be written");
        path.to_str().expect("temporary paths are text").to_owned()
    }

    // ---- What is said to it ----------------------------------------------------------------------------------------

    /// Carries out a command that must succeed, and returns the JSON object it prints.
    pub fn call(&self, words: &[&str]) -> Value {
        self.call_with(words, "")
    }

    /// The same with something to read.
    pub fn call_with(&self, words: &[&str], input: &str) -> Value {
        let outcome = self.ask(&[&["--json"], words].concat(), input);
        assert_eq!(outcome.code, Some(0), "{}: {words:?}: {outcome:?}\n{}", self.name, self.told());
        outcome.json()
    }

    /// Carries out a command as a person would type it, whatever comes of it.
    pub fn ask(&self, words: &[&str], input: &str) -> Outcome {
        let (status, out, err) = Process::start(&mut self.command(words), input.as_bytes()).end();
        let text = |lines: Vec<String>| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        Outcome { code: status.code(), out: text(out), err: text(err) }
    }

    /// Starts a command that takes its time.
    pub fn begin(&self, words: &[&str]) -> Process {
        Process::start(&mut self.command(words), b"")
    }

    /// Carries out a command that must be refused with this code: status 1 and one line on the error output; with
    /// `--json` the same sentence in an object. Returns the sentence.
    pub fn refused(&self, code: &str, words: &[&str]) -> String {
        self.refused_with(code, words, "")
    }

    /// The same with something to read.
    pub fn refused_with(&self, code: &str, words: &[&str], input: &str) -> String {
        let message = self.refused_once(code, words, input);
        let told = self.ask(words, input);
        assert_eq!((told.code, told.out.as_str()), (Some(1), ""), "{}: {words:?}: {told:?}", self.name);
        assert_eq!(told.err, format!("{message}\n"), "one line says why: {words:?}");
        message
    }

    /// For what cannot be refused twice: only with `--json`.
    pub fn refused_once(&self, code: &str, words: &[&str], input: &str) -> String {
        let outcome = self.ask(&[&["--json"], words].concat(), input);
        assert_eq!(outcome.code, Some(1), "{}: {words:?} must be refused: {outcome:?}", self.name);
        refusal(code, &outcome.json())
    }

    /// Contacts that are not in the trash, by id.
    pub fn contact_ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        loop {
            let offset = ids.len().to_string();
            let page = self.call(&["contacts", "list", "--limit", "1000", "--offset", &offset]);
            let rows = page["contacts"].as_array().expect("a page has contacts");
            ids.extend(rows.iter().map(|row| text(&row["id"])));
            if rows.is_empty() || ids.len() as u64 >= page["total"].as_u64().expect("a page has a total") {
                return ids;
            }
        }
    }

    /// The id of the only contact that is found by this text.
    pub fn find(&self, find: &str) -> String {
        let page = self.call(&["contacts", "list", "--find", find]);
        assert_eq!(page["total"], 1, "{find} on {}: {page}", self.name);
        text(&page["contacts"][0]["id"])
    }

    /// A property of a contact by its name, as `contacts show` shows it.
    pub fn property(&self, contact: &str, name: &str) -> Value {
        let card = self.call(&["contacts", "show", contact]);
        let properties = card["properties"].as_array().expect("a card has properties");
        let found = properties.iter().find(|property| property["name"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {card:#}")).clone()
    }

    // ---- Its hub ---------------------------------------------------------------------------------------------------

    /// Runs its hub on a free port of this computer, without mDNS.
    pub fn start(&mut self) -> SocketAddr {
        self.start_with(&["--listen", "127.0.0.1:0", "--no-mdns"])
    }

    /// Runs its hub, and tells it where others are.
    pub fn start_near(&mut self, others: &[&Self]) -> SocketAddr {
        let mut words: Vec<String> = ["--listen", "127.0.0.1:0", "--no-mdns"].map(str::to_owned).to_vec();
        for other in others {
            words.extend(["--peer".to_owned(), other.address().to_string()]);
        }
        self.start_with(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Runs its hub and waits for the ready line; returns where it listens.
    pub fn start_with(&mut self, words: &[&str]) -> SocketAddr {
        assert!(self.hub.is_none(), "{} runs already", self.name);
        let mut hub = self.begin(&[&["--json", "run"], words].concat());
        let Some(line) = hub.line(|_| true) else { panic!("{} does not run: {:?}", self.name, hub.err()) };
        let ready: Value = serde_json::from_str(&line).expect("the ready line is JSON");
        assert_eq!(ready["ready"], true, "{line}");
        let listen = text(&ready["listen"]).parse().expect("an address");
        (self.hub, self.listen) = (Some(hub), Some(listen));
        listen
    }

    /// Whether its hub is running.
    pub fn runs(&mut self) -> bool {
        self.hub.as_mut().is_some_and(|hub| !hub.has_ended())
    }

    /// Where its hub listens.
    pub fn address(&self) -> SocketAddr {
        self.listen.unwrap_or_else(|| panic!("{} never ran", self.name))
    }

    /// Its running hub's process.
    pub fn hub(&mut self) -> &mut Process {
        self.hub.as_mut().expect("its hub runs")
    }

    /// Ends its hub by `stop`, which must end well and leave nothing but the ready line on its output.
    pub fn stop(&mut self) {
        self.call(&["stop"]);
        self.ended();
    }

    /// Waits until its hub, which was asked to end, has ended well.
    pub fn ended(&mut self) {
        let hub = self.hub.take().expect("its hub runs");
        let (status, out, err) = hub.end();
        assert_eq!(status.code(), Some(0), "{} did not end well: {err:#?}", self.name);
        assert_eq!(out.len(), 1, "one ready line and nothing more: {out:?}");
        self.log.extend(err);
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        let mut hub = self.hub.take().expect("its hub runs");
        hub.kill();
        self.log.extend(hub.err());
    }

    /// What its hub logged, in all its runs.
    pub fn log(&self) -> String {
        let lines = self.log.iter().cloned().chain(self.hub.iter().flat_map(Process::err));
        lines.map(|line| format!("{line}\n")).collect()
    }

    /// The log under a headline, for messages of failure.
    pub fn told(&self) -> String {
        format!("---- {} logged:\n{}", self.name, self.log())
    }

    /// Restarts its hub after a kill and returns how long it took to be ready.
    pub fn restart(&mut self) -> Duration {
        let start = Instant::now();
        self.start();
        start.elapsed()
    }

    fn command(&self, words: &[&str]) -> Command {
        let is_run = words.contains(&"run");
        let mut command = match &self.host {
            Some(host) if is_run || words.contains(&"enter") => host.command(&hub_program()),
            _ => Command::new(hub_program()),
        };
        command.arg("--data").arg(self.folder()).args(self.keys.iter().flat_map(|keys| ["--keys", keys])).args(words);
        command.env("NO_COLOR", "1").envs(&self.env).current_dir(self.home.path());
        // Only running hubs log; a command's error output is part of what is tested.
        if is_run {
            command.env("KITH_LOG", self.env.get("KITH_LOG").map_or(LOG, String::as_str));
        } else {
            command.env_remove("KITH_LOG");
        }
        command
    }
}

/// A JSON string as text.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// Checks a refusal and returns its sentence: one line, and a full stop.
pub(super) fn refusal(code: &str, answer: &Value) -> String {
    let message = text(&answer["error"]["message"]);
    assert_eq!(answer["error"]["code"], code, "{message}");
    assert!(!message.contains('\n') && message.len() > 10, "{message:?}");
    message
}

/// Whether a folder holds nothing but what a lock leaves behind.
pub fn is_untouched(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return true };
    entries.map_while(Result::ok).all(|entry| entry.file_name() == "lock")
}

const LOG: &str = "warn,kith_hub=debug";
