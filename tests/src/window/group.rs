//! A program together with everything that it starts. All of it ends when it is dropped, or when the test's process ends.

use std::{
    io::Read,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

/// A process group whose leader holds the other end of a pipe: when the pipe closes, the leader kills the group.
#[derive(Debug)]
pub(super) struct Group {
    leader: Child,
    lifeline: Option<ChildStdin>,
    said: Arc<Mutex<String>>,
}

impl Group {
    /// Starts a program with these words and these variables of its environment.
    pub(super) fn start(program: &Path, words: &[String], env: &[(&str, String)]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", LEAD, "sh"]).arg(program).args(words).envs(env.iter().map(|(name, value)| (name, value)));
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut leader = command.spawn().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        let mut errors = leader.stderr.take().expect("its errors are a pipe");
        let said = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&said);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = errors.read(&mut buffer) {
                sink.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..length]));
            }
        });
        let lifeline = leader.stdin.take();
        Self { leader, lifeline, said }
    }

    /// What its programs said on their error output so far.
    pub(super) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        // It kills itself along with the others, so there is no status to look at.
        let _killed = self.leader.wait();
    }
}

/// Starts the program beside it, waits for the end of its input, and kills the group that it leads.
const LEAD: &str = r#""$@" & cat; kill -KILL -$$"#;
