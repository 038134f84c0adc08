//! Benchmarks: how fast Kith is, side by side with the floor that the same libraries set on the same machine.
//!
//! Figures are ratios that are measured in one run. Benchmarks report; they do not fail because something is slow.

mod cards;
mod edit;
mod floor;
mod fsyncs;
mod hubs;
mod proxy;
mod reconnect;
mod report;
mod sync;
mod tls;
mod world;

use std::{
    ffi::OsString,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};
use world::World;

/// Why a benchmark could not be carried out.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T = ()> = std::result::Result<T, Error>;

/// Runs the benchmarks that the arguments name, or all of them.
pub async fn main(arguments: &[OsString]) -> Result {
    if let [first, folder] = arguments {
        if first == hubs::OBSERVED {
            return hubs::observed(Path::new(folder)).await;
        }
    }
    let words: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    if words.len() < arguments.len() || words.iter().any(|word| !["--long", "P1", "P2", "P3"].contains(word)) {
        return Err("usage: kith-bench [--long] [P1] [P2] [P3]".into());
    }
    let wanted = |name| words.contains(&name) || !words.iter().any(|word| word.starts_with('P'));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    println!("{} UTC, {cores} cores, load {}\n", date(), report::load());
    let mut sizes = vec![1_000, 10_000];
    if words.contains(&"--long") {
        sizes.push(100_000);
    }
    for count in sizes {
        let world = World::make(count).await?;
        if wanted("P1") {
            let runs = if count > 10_000 { 3 } else { 7 };
            sync::measure(&world, runs).await?;
        }
        if wanted("P2") || wanted("P3") {
            world.grow_to(DEVICES).await?;
        }
        if wanted("P2") {
            reconnect::measure(&world, DEVICES).await?;
        }
        if wanted("P3") {
            edit::measure(&world).await?;
        }
        println!();
    }
    Ok(())
}

/// Now, as `2026-11-21 08:15` in UTC.
fn date() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, minutes) = (seconds / 86_400, seconds / 60 % 1_440);
    // Days since 1 March 2000, where a leap day is the last of its year, and of its four hundred years.
    let days = days - 11_017;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = (2000 + era * 400 + year + u64::from(month >= 10), (month + 2) % 12 + 1);
    format!("{year}-{month:02}-{day:02} {:02}:{:02}", minutes / 60, minutes % 60)
}

/// How many devices have written to the book.
const DEVICES: usize = 10;
