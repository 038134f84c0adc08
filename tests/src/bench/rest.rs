//! P9: what a hub costs while nobody does anything: two devices are connected, in step, and say nothing but that they are
//! there.

use super::{
    Result,
    hubs::{PATIENCE, Process},
    report::{goal, grouped, load},
    world::World,
};
use kith_hub::api::StatusRequest;
use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

/// Measures the first device of a world whose devices are equal.
pub(super) async fn measure(world: &World) -> Result {
    let first = Process::run_at_home(&world.first(), world.door)?;
    let second = Process::run_at_home(&world.second(), ([127, 0, 0, 1], 0).into())?;
    in_step(&first).await?;
    // What is done after a start (checking the file, warming the search) is over by then.
    tokio::time::sleep(SETTLING).await;
    let before = Cost::of(first.id())?;
    tokio::time::sleep(REST).await;
    let after = Cost::of(first.id())?;
    let seconds = REST.as_secs_f64();
    let core = 100.0 * (after.busy - before.busy).as_secs_f64() / seconds;
    let wakes = (after.wakes - before.wakes) as f64 / seconds;
    println!(
        "P9  at rest for {seconds} s beside a connected device, {} contacts, with mDNS",
        grouped(world.contacts.len())
    );
    println!("    load {}; {} threads", load(), after.threads);
    goal("resident", after.resident as f64 / 1024.0, 40.0, " MB");
    goal("of a core", core, 0.1, " %");
    goal("wake-ups a second, all threads", wakes, 2.0, "");
    first.stop().await?;
    second.stop().await
}

async fn in_step(first: &Process) -> Result {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let status = first.ask(StatusRequest::default()).await?;
        if status.peers.iter().any(|peer| peer.path == "lan" && peer.behind == 0) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err("the devices did not meet".into())
}

/// What a process has cost so far.
struct Cost {
    /// Resident memory, in KiB.
    resident: u64,
    /// Time on a processor, of all threads.
    busy: Duration,
    /// How often a thread waited and was woken.
    wakes: u64,
    threads: usize,
}

impl Cost {
    /// Reads Linux's `/proc`.
    fn of(process: u32) -> Result<Self> {
        let folder = PathBuf::from(format!("/proc/{process}"));
        let status = fs::read_to_string(folder.join("status"))?;
        let mut cost = Self { resident: number(&status, "VmRSS:")?, busy: Duration::ZERO, wakes: 0, threads: 0 };
        for thread in fs::read_dir(folder.join("task"))? {
            let thread = thread?.path();
            let busy = fs::read_to_string(thread.join("schedstat"))?;
            cost.busy += Duration::from_nanos(busy.split(' ').next().unwrap_or_default().parse()?);
            cost.wakes += number(&fs::read_to_string(thread.join("status"))?, "voluntary_ctxt_switches:")?;
            cost.threads += 1;
        }
        Ok(cost)
    }
}

/// The number on the line that begins so.
fn number(text: &str, name: &str) -> Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).ok_or_else(|| format!("no {name} in /proc"))?;
    Ok(line.split_whitespace().next().unwrap_or_default().parse()?)
}

/// How long hubs may go on with what a start brings.
const SETTLING: Duration = Duration::from_secs(20);
/// How long they are watched.
const REST: Duration = Duration::from_secs(60);
