//! P1: the first sync of a whole book.

use super::{
    Result,
    floor::{self, Bare},
    hubs::{Observed, Process, What, now},
    report::{Times, goal, grouped, load},
    world::World,
};
use kith_hub::api::ContactsList;
use std::time::Duration;

/// Measures, alternating with the floor.
pub(super) async fn measure(world: &World, runs: usize) -> Result {
    let bare = Bare::start()?;
    let connection = bare.connect().await?;
    let (mut kith, mut floor) = (Times::default(), Times::default());
    for _ in 0..runs {
        floor.push(floor::initial_sync(&connection, &world.contacts).await?);
        kith.push(once(world.copy()?).await?);
    }
    let megabytes = world.vcard_bytes() as f64 / 1e6;
    println!("P1  first sync of {} contacts, {megabytes:.2} MB of vCards", grouped(world.contacts.len()));
    println!("    connected until equal and searchable: {kith}");
    println!("    floor: {floor}; load {}", load());
    goal("kith / floor", kith.median().as_secs_f64() / floor.median().as_secs_f64(), 5.0, " x");
    Ok(())
}

/// From the connection until the second device's book equals the first's and a search there finds the last contact.
///
/// The second hub's own events say when to look, so it is not disturbed by being asked all the time.
async fn once(world: World) -> Result<Duration> {
    let first = Process::run(&world.first(), world.door)?;
    let book = first.book().await?;
    let last = world.contacts.last().map(|contact| contact.name.clone());
    let second = Observed::start(&world.second())?;
    let connected = second.when(&What::Devices)?;
    second.equals(&book).await?;
    let page = second.process.ask(ContactsList { find: last, ..ContactsList::default() }).await?;
    let done = now();
    if page.total != 1 {
        return Err(format!("{} contacts were found instead of the last one", page.total).into());
    }
    second.process.stop().await?;
    first.stop().await?;
    Ok(Duration::from_nanos(done - connected))
}
