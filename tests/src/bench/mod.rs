//! Benchmarks: how fast Kith is, side by side with the floor that the same libraries set on the same machine.
//!
//! Figures are ratios that are measured in one run. Benchmarks report; they do not fail because something is slow.

mod cards;
mod edit;
mod files;
mod find;
mod floor;
mod friends;
mod fsyncs;
mod hubs;
mod people;
mod proxy;
mod reconnect;
mod report;
mod rest;
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
    if words.iter().any(|word| *word != "--long" && !WORDS.contains(word)) {
        return Err(format!("usage: kith-bench [--long] [{}] [CONTACTS]...", WORDS.join("] [")).into());
    }
    let wanted = |name: &str| words.contains(&name) || !words.iter().any(|word| word.starts_with('P'));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string();
    println!("{now}, {cores} cores, load {}\n", report::load());
    let mut sizes: Vec<usize> = given.iter().filter_map(|word| word.parse().ok()).collect();
    if words.contains(&"P14") {
        return growth(&sizes).await;
    }
    if wanted("P6") || wanted("P7") {
        friends::measure(sizes.first().copied().unwrap_or(PERSONS), wanted).await?;
    }
    if sizes.is_empty() {
        sizes = vec![1_000, 10_000];
    }
    if words.contains(&"--long") {
        sizes.push(100_000);
    }
    for count in sizes {
        let runs = if count > 10_000 { 3 } else { 7 };
        if wanted("P10") {
            find::measure(count).await?;
        }
        if wanted("P12") {
            files::measure(count, runs.min(3)).await?;
        }
        if ["P1", "P2", "P3", "P9"].into_iter().any(wanted) {
            let world = World::make(count).await?;
            synced(&world, runs, wanted).await?;
        }
        println!();
    }
    Ok(())
}

/// The measurements between two devices.
async fn synced(world: &World, runs: usize, wanted: impl Fn(&str) -> bool) -> Result {
    if wanted("P1") {
        sync::measure(world, runs).await?;
    }
    if wanted("P2") || wanted("P3") {
        world.grow_to(DEVICES).await?;
    }
    if wanted("P2") {
        reconnect::measure(world, DEVICES).await?;
    }
    if wanted("P3") {
        edit::measure(world).await?;
    }
    if wanted("P9") {
        rest::measure(world).await?;
    }
    Ok(())
}

/// P14: how cost grows. The same measurements at one size after the other, to be read side by side: P1 and P12 should
/// grow with the book, P2 and P3 not at all, P10 at most double.
async fn growth(given: &[usize]) -> Result {
    let sizes = if given.is_empty() { &[1_000, 10_000, 100_000] } else { given };
    println!("P14 how cost grows\n");
    for &count in sizes {
        find::measure(count).await?;
        files::measure(count, 1).await?;
        synced(&World::make(count).await?, 3, |name| name != "P9").await?;
        println!();
    }
    Ok(())
}

/// The measurements by name.
const WORDS: [&str; 9] = ["P1", "P2", "P3", "P6", "P7", "P9", "P10", "P12", "P14"];
/// How many devices have written to the book.
const DEVICES: usize = 10;
/// To how many persons a card goes.
const PERSONS: usize = 1_000;
