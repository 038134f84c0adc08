//! Counts how often processes wait for the disk, where `strace` is there and may.

use super::Result;
use std::{
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Counts the calls of each process while `work` is done; `None` if that cannot be seen here.
pub(super) async fn count<const N: usize>(
    processes: [u32; N],
    work: impl AsyncFnOnce() -> Result,
) -> Result<Option<[usize; N]>> {
    let folder = tempfile::tempdir()?;
    let mut tracers = Vec::with_capacity(N);
    for process in processes {
        let Some(tracer) = Tracer::attach(process, &folder.path().join(process.to_string())) else { return Ok(None) };
        tracers.push(tracer);
    }
    work().await?;
    let mut counts = [0; N];
    for ((count, tracer), process) in counts.iter_mut().zip(tracers).zip(processes) {
        drop(tracer);
        let calls = std::fs::read_to_string(folder.path().join(process.to_string()))?;
        *count = calls.lines().filter(|line| line.contains("sync(") && !line.contains("resumed")).count();
    }
    Ok(Some(counts))
}

struct Tracer(Child);

impl Tracer {
    fn attach(process: u32, output: &std::path::Path) -> Option<Self> {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-e", "trace=fsync,fdatasync", "-p", &process.to_string(), "-o"]).arg(output);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let tracer = Self(child);
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if is_traced(process) {
                return Some(tracer);
            }
            thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        // SIGTERM lets it detach; the process that it watches goes on.
        let _gone = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ended = self.0.wait();
    }
}

/// Whether all threads of a process are watched.
fn is_traced(process: u32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else { return false };
    threads.filter_map(std::result::Result::ok).all(|thread| {
        let status = std::fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        status.lines().any(|line| line.strip_prefix("TracerPid:").is_some_and(|pid| pid.trim() != "0"))
    })
}
