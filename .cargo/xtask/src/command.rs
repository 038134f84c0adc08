//! Running other programs: said aloud, from the top of the checkout, and with a failure that names them.

use crate::{Result, place};
use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

/// Returns a command that runs at the top of the checkout.
pub(crate) fn command<const N: usize>(program: &str, args: [&str; N]) -> Command {
    let found = place::on_path(program).unwrap_or_else(|| program.into());
    let mut command = Command::new(found);
    command.args(args).current_dir(place::root());
    command
}

/// Returns a cargo command, for the cargo that runs this.
pub(crate) fn cargo<const N: usize>(args: [&str; N]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(place::root());
    command
}

/// Runs a command to its end; its output goes where ours goes.
pub(crate) fn run(command: &mut Command) -> Result {
    say(command);
    let status = command.status().map_err(|error| format!("{}: {error}", name(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed: {status}", name(command)).into()) }
}

/// Runs a command in silence; returns what it wrote, or `None` if it failed or is not there.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a command to its end, shows its output, and returns it as well, with whether it succeeded.
pub(crate) fn run_and_read(command: &mut Command) -> Result<(bool, String)> {
    say(command);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (tell, heard) = mpsc::channel();
    if let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) {
        pass_on(out, tell.clone());
        pass_on(err, tell);
    }
    let mut text = String::new();
    loop {
        match heard.recv_timeout(GRACE) {
            Ok(line) => {
                eprint!("{line}");
                text += &line;
            }
            Err(RecvTimeoutError::Disconnected) => break,
            // Whatever a test left running may hold the pipe for ever; once the runner has ended, nothing more counts.
            Err(RecvTimeoutError::Timeout) if child.try_wait()?.is_some() => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    Ok((child.wait()?.success(), text))
}

fn pass_on(from: impl Read + Send + 'static, to: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n').map_while(std::result::Result::ok) {
            if to.send(String::from_utf8_lossy(&line).into_owned() + "\n").is_err() {
                return;
            }
        }
    });
}

fn say(command: &Command) {
    let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
    eprintln!("$ {} {}", name(command), args.join(" "));
}

fn name(command: &Command) -> String {
    let path = std::path::Path::new(command.get_program());
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// How long to go on listening to a pipe whose program has ended.
const GRACE: Duration = Duration::from_secs(1);
