//! P3: one edit on its way from one device to the other.

use super::{
    Result,
    floor::{Bare, Edit},
    fsyncs,
    hubs::{Observed, Process, What, now},
    proxy::Proxy,
    report::{Times, goal, grouped, load, ms},
    world::{World, free_address},
};
use kith_hub::api::{ContactsEdit, ContactsList, PropertyEdit};
use std::time::Duration;

/// Measures, then the floor. Both devices of the world must be equal.
pub(super) async fn measure(world: &World) -> Result {
    let (mut kith, mut floor) = (Times::default(), Times::default());
    let pair = Pair::start(world, world.door).await?;
    let bare = Edit::start(&Bare::start()?).await?;
    for number in 0..WARM {
        pair.edit(number).await?;
    }
    for number in 0..EDITS {
        floor.push(bare.once(number).await?);
        kith.push(pair.edit(WARM + number).await?);
    }
    let load = load();
    let fsyncs = fsyncs::count([pair.first.id(), pair.second.process.id()], async || {
        for number in 0..COUNTED {
            pair.edit(number).await?;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok(())
    });
    let fsyncs = fsyncs.await?;
    pair.stop().await?;
    let (bytes, datagrams) = bytes(world).await?;
    println!("P3  one edit with {} contacts, {EDITS} edits", grouped(world.contacts.len()));
    let (p50, p99) = (kith.median(), kith.quantile(0.99));
    println!("    asked of one hub until the other has announced it: p50 {}, p99 {}", ms(p50), ms(p99));
    println!(
        "    floor, one request and one commit: p50 {}, p99 {}; load {load}",
        ms(floor.median()),
        ms(floor.quantile(0.99))
    );
    println!("    ratio of the p50: {:.1} x", p50.as_secs_f64() / floor.median().as_secs_f64());
    println!("    {bytes:.0} bytes in {datagrams:.1} datagrams per edit, acknowledgements included");
    if let Some([first, second]) = fsyncs {
        let per = |count: usize| count as f64 / COUNTED as f64;
        println!("    fsyncs per edit: {:.1} where it is made, {:.1} where it arrives", per(first), per(second));
    }
    goal("p50", p50.as_secs_f64() * 1e3, 3.0, " ms");
    goal("p99", p99.as_secs_f64() * 1e3, 15.0, " ms");
    goal("bytes", bytes, 1024.0, " bytes");
    Ok(())
}

/// Two connected hubs with equal books.
struct Pair {
    first: Process,
    second: Observed,
    ids: Vec<String>,
}

impl Pair {
    async fn start(world: &World, listen: std::net::SocketAddr) -> Result<Self> {
        let first = Process::run(&world.first(), listen)?;
        let second = Observed::start(&world.second())?;
        second.when(&What::Devices)?;
        second.when(&What::Devices)?;
        second.equals(&first.book().await?).await?;
        let page = first.ask(ContactsList { limit: Some(500), ..ContactsList::default() }).await?;
        Ok(Self { first, second, ids: page.contacts.into_iter().map(|row| row.id).collect() })
    }

    /// Gives a contact another note on the first device, and waits until the second one has announced it. The time
    /// begins before the first one is asked, so its own transaction counts as well.
    async fn edit(&self, number: usize) -> Result<Duration> {
        self.second.forget();
        let id = self.ids[number % self.ids.len()].clone();
        let value = Some(format!("Met again, number {number}"));
        let note = PropertyEdit { name: "NOTE".to_owned(), value, ..PropertyEdit::default() };
        let start = now();
        self.first.ask(ContactsEdit { id, set: vec![note], ..ContactsEdit::default() }).await?;
        Ok(Duration::from_nanos(self.second.when(&What::Contacts)? - start))
    }

    async fn stop(self) -> Result {
        self.second.process.stop().await?;
        self.first.stop().await
    }
}

/// UDP payload per edit, in bytes and datagrams.
async fn bytes(world: &World) -> Result<(f64, f64)> {
    let elsewhere = free_address()?;
    let proxy = Proxy::start(world.door, elsewhere).await?;
    let pair = Pair::start(world, elsewhere).await?;
    proxy.since(proxy.count()).await;
    let before = proxy.count();
    for number in 0..COUNTED {
        pair.edit(number).await?;
    }
    let (bytes, datagrams) = proxy.since(before).await;
    pair.stop().await?;
    Ok((bytes as f64 / COUNTED as f64, datagrams as f64 / COUNTED as f64))
}

const WARM: usize = 20;
const EDITS: usize = 500;
const COUNTED: usize = 100;
