//! A program that was started and is listened to, and that never outlives its story.

use super::{PATIENCE, wait_at_most};
use std::{
    env,
    io::{BufRead, BufReader, Read, Write},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

/// Returns the program under test: `KITH_HUB_BIN`, or `kith-hub` beside where the tests were built.
pub fn hub_program() -> PathBuf {
    let named = env::var_os("KITH_HUB_BIN").filter(|path| !path.is_empty()).map(PathBuf::from);
    let program = named.unwrap_or_else(|| {
        let own = env::current_exe().expect("the test knows where it lies");
        let beside = own.ancestors().find(|folder| folder.ends_with("deps")).and_then(|deps| deps.parent());
        beside.unwrap_or(&own).join("kith-hub").with_extension(env::consts::EXE_EXTENSION)
    });
    let path = program.display();
    assert!(program.is_file(), "there is no {path}: run `cargo build -p kith-hub` first, or set KITH_HUB_BIN");
    program
}

/// A running program with both its outputs read line by line. It is killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    out: Lines,
    err: Lines,
}

#[derive(Debug, Default)]
struct Lines {
    heard: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Lines {
    fn listen(stream: impl Read + Send + 'static) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&heard);
        let reader = thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                sink.lock().unwrap().push(String::from_utf8_lossy(&line).into_owned());
            }
        });
        Self { heard, reader: Some(reader) }
    }

    fn all(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    fn finish(&mut self) -> Vec<String> {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.all()
    }
}

impl Process {
    /// Starts a program; `input` is what it reads.
    pub fn start(command: &mut Command, input: &[u8]) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        let out = Lines::listen(child.stdout.take().expect("its output is a pipe"));
        let err = Lines::listen(child.stderr.take().expect("its errors are a pipe"));
        let mut stdin = child.stdin.take().expect("its input is a pipe");
        // A program that refuses does not read to the end.
        let _unread = stdin.write_all(input);
        drop(stdin);
        Self { child, out, err }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has used of the computer so far: seconds of a processor, and MiB that are resident now.
    #[cfg(target_os = "linux")]
    pub fn usage(&self) -> (f64, f64) {
        let read = |file| std::fs::read_to_string(format!("/proc/{}/{file}", self.id())).expect("it runs");
        let stat = read("stat");
        let after_name = stat.rsplit_once(") ").expect("its name stands in brackets").1;
        let fields: Vec<&str> = after_name.split(' ').collect();
        let ticks: f64 = [11, 12].into_iter().map(|at| fields[at].parse::<f64>().expect("a number")).sum();
        let status = read("status");
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it has memory");
        let kib: f64 = resident.trim().trim_end_matches(" kB").parse().expect("a number");
        (ticks / TICKS_PER_SECOND, kib / 1024.0)
    }

    /// What it printed so far.
    pub fn out(&self) -> Vec<String> {
        self.out.all()
    }

    /// What it said on its error output so far.
    pub fn err(&self) -> Vec<String> {
        self.err.all()
    }

    /// Waits for a line on its output that `wanted` takes; `None` if it ends before.
    pub fn line(&mut self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        self.line_of(wanted, |process| process.out.all())
    }

    /// Waits for a line on its error output.
    pub fn err_line(&mut self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        self.line_of(wanted, |process| process.err.all())
    }

    fn line_of(&mut self, wanted: impl Fn(&str) -> bool, lines: impl Fn(&Self) -> Vec<String>) -> Option<String> {
        wait_at_most(PATIENCE, || {
            // Asked first: what it said before it ended is read after.
            let over = self.has_ended();
            if over {
                self.out.finish();
                self.err.finish();
            }
            let found = lines(self).into_iter().find(|line| wanted(line));
            if found.is_some() || over { Some(found) } else { None }
        })
        .flatten()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child can be waited for").is_some()
    }

    /// Waits for its end: how it ended, all it printed, all it said on its error output.
    pub fn end(mut self) -> (ExitStatus, Vec<String>, Vec<String>) {
        let ended = wait_at_most(PATIENCE, || self.has_ended().then_some(()));
        assert!(ended.is_some(), "process {} does not end; it said {:?}", self.id(), self.err.all());
        let status = self.child.wait().expect("a child can be waited for");
        (status, self.out.finish(), self.err.finish())
    }

    /// Kills it without a warning.
    pub fn kill(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        self.child.wait().expect("a child can be waited for");
    }

    /// Sends it a signal by name, e.g. `TERM`.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.id().to_string()).status();
        assert!(sent.expect("`kill` is there").success(), "process {} takes no signal", self.id());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// `USER_HZ`, the same on every Linux that Kith runs on.
#[cfg(target_os = "linux")]
const TICKS_PER_SECOND: f64 = 100.0;
