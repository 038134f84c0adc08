//! Counts how often a process waits for the disk, where `strace` is there and may.

use std::{
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Watches all threads of one process.
#[derive(Debug)]
pub struct DiskWaits {
    tracer: Child,
    folder: TempDir,
}

impl DiskWaits {
    /// Begins to watch a process; `None` if that cannot be done here.
    pub fn of(process: u32) -> Option<Self> {
        let folder = tempfile::tempdir().ok()?;
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-e", "trace=fsync,fdatasync", "-p", &process.to_string(), "-o"]);
        command.arg(folder.path().join(CALLS)).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let watching = Self { tracer: command.spawn().ok()?, folder };
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if is_traced(process) {
                return Some(watching);
            }
            thread::sleep(Duration::from_millis(10));
        }
        None
    }

    /// Ends watching: how often the process waited for the disk meanwhile.
    pub fn count(self) -> usize {
        let folder = self.end();
        let text = std::fs::read_to_string(folder.path().join(CALLS)).unwrap_or_default();
        text.lines().filter(|line| line.contains("sync(") && !line.contains("resumed")).count()
    }

    /// SIGTERM lets the tracer detach; the process that it watches goes on.
    fn end(mut self) -> TempDir {
        let _gone = Command::new("kill").arg(self.tracer.id().to_string()).status();
        let _ended = self.tracer.wait();
        self.folder
    }
}

/// Whether all threads of a process are watched.
fn is_traced(process: u32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else { return false };
    threads.filter_map(Result::ok).all(|thread| {
        let status = std::fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        status.lines().any(|line| line.strip_prefix("TracerPid:").is_some_and(|pid| pid.trim() != "0"))
    })
}

const CALLS: &str = "calls";
