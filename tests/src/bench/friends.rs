//! P6 and P7: a card with another number, for many linked persons with two devices each.

use super::{
    Result,
    floor::{self, Fan},
    hubs::Process,
    report::{Times, goal, grouped, load, ms},
    world::free_address,
};
use crate::people::friend::{Friend, Said};
use kith_core::{
    envelope::{Context, EnvelopeKind, SealKey, SealSecrets},
    exchange::message::{Ack, Message},
    id::{DeviceId, Hash},
    identity::SigningKey,
    share::Publication,
    vcard::Property,
};
use kith_hub::{
    Hub, HubOptions,
    api::{Audience, Init, LinkInvite, LinkList, MeEdit, PropertyEdit, UpdateSend},
};
use rand_core::{OsRng, RngCore};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::task::JoinSet;

/// Whose card it is, and whom they are linked to.
struct Company {
    hub: Process,
    door: SocketAddr,
    friends: Vec<Friend>,
    /// The property of my card that changes.
    tel: Option<String>,
    number: u32,
    _folder: TempDir,
}

/// Measures, alternating with the floors.
pub(super) async fn measure(count: usize, wanted: impl Fn(&str) -> bool) -> Result {
    let start = Instant::now();
    let mut company = Company::make(count).await?;
    println!(
        "{} persons with two devices each are linked, one after the other, in {}",
        grouped(count),
        ms(start.elapsed())
    );
    let start = Instant::now();
    let links = company.hub.ask(LinkList {}).await?.links;
    println!("the list of {} links takes {}", grouped(links.len()), ms(start.elapsed()));
    if wanted("P7") {
        company.sends().await?;
    }
    if wanted("P6") {
        company.reaches().await?;
    }
    company.hub.stop().await
}

impl Company {
    async fn make(count: usize) -> Result<Self> {
        let (folder, door) = (tempfile::tempdir()?, free_address()?);
        let offline = HubOptions { folder: folder.path().to_owned(), offline: true, ..HubOptions::default() };
        let hub = Hub::start(offline).await?;
        hub.ask(Init { name: "Desk".into(), person: Some("Bench".into()) }).await?;
        hub.stop().await;
        let hub = Process::run(folder.path(), door)?;
        let mut friends = Vec::with_capacity(count);
        for number in 0..count {
            let invited = hub.ask(LinkInvite::default()).await?;
            let invitation = invited.link.parse().map_err(|_| "the hub's invitation cannot be read")?;
            friends.push(Friend::linked(&format!("Friend {number}"), &invitation).await);
        }
        Ok(Self { hub, door, friends, tel: None, number: 0, _folder: folder })
    }

    /// Changes my number, and returns it.
    async fn changed(&mut self) -> Result<String> {
        self.number += 1;
        let tel = format!("+49 170 {:07}", self.number);
        let edit = PropertyEdit {
            property_id: self.tel.clone(),
            name: "TEL".to_owned(),
            value: Some(tel.clone()),
            ..PropertyEdit::default()
        };
        let card = self.hub.ask(MeEdit { set: vec![edit], ..MeEdit::default() }).await?;
        self.tel = card.shared.into_iter().find(|field| field.name == "TEL").map(|field| field.property_id);
        Ok(tel)
    }

    /// Sends my card to everybody; returns once it is durable here.
    async fn send(&self) -> Result<Duration> {
        let start = Instant::now();
        let audience = Audience { everyone: true, ..Audience::default() };
        let sent = self.hub.ask(UpdateSend { audience, item: None }).await?.sent as usize;
        let took = start.elapsed();
        if sent == self.friends.len() { Ok(took) } else { Err(format!("{sent} were sent it").into()) }
    }

    /// P7: everybody is away.
    async fn sends(&mut self) -> Result {
        let seals = Seals::new(&self.friends);
        let (mut kith, mut floor) = (Times::default(), Times::default());
        for _ in 0..RUNS {
            self.changed().await?;
            floor.push(floor::seals(&seals.to, &seals.body, &seals.key)?);
            kith.push(self.send().await?);
        }
        println!("P7  my card to {} persons who are away", grouped(self.friends.len()));
        println!("    asked until durable at the hub: {kith}");
        println!("    floor, {} seals and one commit: {floor}; load {}", grouped(seals.to.len()), load());
        goal("kith / floor", ratio(&kith, &floor), 2.0, " x");
        Ok(())
    }

    /// P6: everybody is connected.
    async fn reaches(&mut self) -> Result {
        let tel = self.changed().await?;
        self.send().await?;
        for friend in &mut self.friends {
            if !friend.greet(self.door).await {
                return Err("a linked person is not let in".into());
            }
        }
        let waiting = self.wait_for(&tel);
        self.arrived(waiting).await?;
        let fan = Fan::start(self.friends.len()).await?;
        let (mut kith, mut durable, mut floor) = (Times::default(), Times::default(), Times::default());
        for _ in 0..RUNS {
            floor.push(fan.once(MESSAGE_BYTES).await?);
            let tel = self.changed().await?;
            let count = self.friends.len();
            let (waiting, start) = (self.wait_for(&tel), Instant::now());
            let audience = Audience { everyone: true, ..Audience::default() };
            let sent = self.hub.ask(UpdateSend { audience, item: None }).await?.sent as usize;
            durable.push(start.elapsed());
            if sent != count {
                return Err(format!("{sent} were sent it").into());
            }
            kith.push(self.arrived(waiting).await? - start);
        }
        println!("P6  my card to {} persons who are connected", grouped(self.friends.len()));
        println!("    asked until the last one has it: {kith}; until it is durable here: {}", ms(durable.median()));
        println!("    floor, {MESSAGE_BYTES} bytes by bare QUIC to as many: {floor}; load {}", load());
        goal("kith / floor", ratio(&kith, &floor), 1.5, " x");
        Ok(())
    }

    /// Lets everybody wait for this number.
    fn wait_for(&mut self, tel: &str) -> JoinSet<(Friend, Result<Instant>)> {
        let mut waiting = JoinSet::new();
        for mut friend in self.friends.drain(..) {
            let tel = tel.to_owned();
            waiting.spawn(async move {
                let at = takes(&mut friend, &tel).await;
                (friend, at)
            });
        }
        waiting
    }

    /// Waits until everybody has it; returns when the last one did.
    async fn arrived(&mut self, mut waiting: JoinSet<(Friend, Result<Instant>)>) -> Result<Instant> {
        let mut last = Instant::now();
        while let Some(taken) = waiting.join_next().await {
            let (friend, at) = taken?;
            let at = at?;
            last = if self.friends.is_empty() { at } else { last.max(at) };
            self.friends.push(friend);
        }
        Ok(last)
    }
}

/// Takes and acknowledges what comes, until it is a card with this number.
async fn takes(friend: &mut Friend, tel: &str) -> Result<Instant> {
    loop {
        let said = friend.hear().await;
        let at = Instant::now();
        let Said::Message(message) = said else {
            return Err(format!("a linked person is hung up on: {said:?}").into());
        };
        let Message::Publication(bytes) = message else { continue };
        let publication = Publication::decode(&bytes)?;
        friend.say(&Message::Ack(Ack { item: publication.item, order: publication.order }));
        let properties = publication.content.into_iter().flat_map(|content| content.properties);
        let texts: Vec<String> = properties.filter_map(|shared| shared.property.as_ref().map(Property::text)).collect();
        if texts.iter().any(|text| text == tel) {
            return Ok(at);
        }
    }
}

/// What P7's floor seals: a card for each device.
struct Seals {
    to: Vec<(SealKey, Context)>,
    body: Vec<u8>,
    key: SigningKey,
}

impl Seals {
    fn new(friends: &[Friend]) -> Self {
        let mut seed = [0; 32];
        OsRng.fill_bytes(&mut seed);
        let key = SigningKey::from_bytes(&seed);
        let devices = friends.iter().flat_map(|friend| [friend, friend]);
        let to = devices.filter_map(|friend| {
            let (link, device) = (friend.link(), DeviceId::random(&mut OsRng));
            let context = Context {
                kind: EnvelopeKind::Publication,
                from: link.person,
                device,
                roster: (1, Hash([1; 32])),
                to: friend.person(),
                mailbox: [2; 32],
                pact: link.pact()?,
                item: kith_core::share::card_item(link.person),
                number: 1,
            };
            Some((SealSecrets::new(0, &mut OsRng).current(friend.person(), device, &key)?, context))
        });
        let body = friends.first().map(|friend| friend.card(1, "+49 170 0000001").encode()).unwrap_or_default();
        Self { to: to.collect(), body, key }
    }
}

fn ratio(kith: &Times, floor: &Times) -> f64 {
    kith.median().as_secs_f64() / floor.median().as_secs_f64()
}

const RUNS: usize = 7;
/// What a card with a name and a number is on its way.
const MESSAGE_BYTES: usize = 300;
