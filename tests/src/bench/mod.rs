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

use std::{ffi::OsString, path::Path};
use world::World;

/// Why a benchmark could not be carried out.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T = ()> = std::result::Result<T, Error>;

/// Runs the benchmarks that the arguments name, or all of them.
pub async fn main(arguments: &[OsString]) -> Result {
    if let [first, folder] = arguments
        && first == hubs::OBSERVED
    {
        return hubs::observed(Path::new(folder)).await;
    }
    let words: Vec<&str> = arguments.iter().map(|argument| argument.to_str().unwrap_or_default()).collect();
    let (given, words): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| word.parse::<usize>().is_ok());
    if words.iter().any(|word| !["--long", "P1", "P2", "P3"].contains(word)) {
        return Err("usage: kith-bench [--long] [P1] [P2] [P3] [CONTACTS]...".into());
    }
    let wanted = |name| words.contains(&name) || !words.iter().any(|word| word.starts_with('P'));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string();
    println!("{now}, {cores} cores, load {}\n", report::load());
    let mut sizes: Vec<usize> = given.iter().filter_map(|word| word.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![1_000, 10_000];
    }
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

/// How many devices have written to the book.
const DEVICES: usize = 10;
