//! How often processes wait for the disk while something is done.

use super::Result;
use crate::people::DiskWaits;

/// Counts the calls of each process while `work` is done; `None` if that cannot be seen here.
pub(super) async fn count<const N: usize>(
    processes: [u32; N],
    work: impl AsyncFnOnce() -> Result,
) -> Result<Option<[usize; N]>> {
    let mut watched = Vec::with_capacity(N);
    for process in processes {
        let Some(waits) = DiskWaits::of(process) else { return Ok(None) };
        watched.push(waits);
    }
    work().await?;
    let mut counts = [0; N];
    for (count, waits) in counts.iter_mut().zip(watched) {
        *count = waits.count();
    }
    Ok(Some(counts))
}
