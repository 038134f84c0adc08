//! One person with two devices and a full address book, made once and copied for each measurement.

use super::{
    Result,
    cards::{self, Contact},
    hubs::{Observed, PATIENCE, Process, What},
};
use kith_hub::{
    Hub, HubOptions,
    api::{ContactsAdd, Import, ImportFile, Init, PairApprove, PairEnter, PairPending, PairShow, StatusRequest},
};
use std::{
    fs,
    net::{SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Two devices' folders. The second knows one address only, where the first listens.
pub(super) struct World {
    folder: TempDir,
    /// Where the second device dials.
    pub(super) door: SocketAddr,
    pub(super) contacts: Vec<Contact>,
}

impl World {
    /// Pairs two devices and then fills the first one's book while the second is away.
    pub(super) async fn make(count: usize) -> Result<Self> {
        let door = free_address()?;
        let world = Self { folder: tempfile::tempdir()?, door, contacts: cards::contacts(count) };
        let offline = HubOptions { folder: world.first(), offline: true, ..HubOptions::default() };
        let hub = Hub::start(offline.clone()).await?;
        hub.ask(Init { name: "First".into(), person: Some("Bench".into()) }).await?;
        hub.stop().await;
        let first = Process::run(&world.first(), door)?;
        join(&first, &world.second(), "Second", door, |_, _| true).await?;
        first.stop().await?;
        let vcf = world.folder.path().join("contacts.vcf");
        fs::write(&vcf, cards::file(&world.contacts))?;
        let hub = Hub::start(offline).await?;
        let file = ImportFile { name: vcf.to_string_lossy().into_owned(), ..ImportFile::default() };
        let imported = hub.ask(Import { files: vec![file], dry_run: false }).await?;
        hub.stop().await;
        if imported.added as usize != count {
            return Err(format!("{} of {count} contacts were imported", imported.added).into());
        }
        Ok(world)
    }

    /// Where the first device keeps its book.
    pub(super) fn first(&self) -> PathBuf {
        self.folder.path().join("first")
    }

    /// Where the second does.
    pub(super) fn second(&self) -> PathBuf {
        self.folder.path().join("second")
    }

    /// How many bytes of vCards the contacts are.
    pub(super) fn vcard_bytes(&self) -> usize {
        self.contacts.iter().map(|contact| contact.vcard.len()).sum()
    }

    /// The same two devices again, to be used up.
    pub(super) fn copy(&self) -> Result<Self> {
        let copy = Self { folder: tempfile::tempdir()?, door: self.door, contacts: self.contacts.clone() };
        copy_folder(&self.first(), &copy.first())?;
        copy_folder(&self.second(), &copy.second())?;
        Ok(copy)
    }

    /// Lets more devices join, each of which writes a contact, until so many have written; then brings the second
    /// device up to date.
    pub(super) async fn grow_to(&self, devices: usize) -> Result {
        let first = Process::run(&self.first(), self.door)?;
        for number in 3..=devices {
            let folder = tempfile::tempdir()?;
            let name = format!("Device {number}");
            let before = first.ask(StatusRequest::default()).await?.book.contacts;
            join(&first, &folder.path().join("data"), &name, self.door, |_, now| now > before).await?;
        }
        let second = Observed::start(&self.second())?;
        second.when(&What::Started)?;
        // The second one writes as well, so that it counts as an author.
        second.process.ask(contact_of("Second")).await?;
        second.equals(&settled(&first).await?).await?;
        second.process.stop().await?;
        first.stop().await
    }
}

/// The first device's book once the device that is near holds all of it and nothing comes any more.
async fn settled(first: &Process) -> Result<(String, String)> {
    let deadline = Instant::now() + PATIENCE;
    let mut before = None;
    while Instant::now() < deadline {
        let status = first.ask(StatusRequest::default()).await?;
        let near = status.peers.iter().filter(|peer| peer.path == "lan");
        let is_equal = near.clone().count() > 0 && near.clone().all(|peer| peer.behind == 0);
        let book = (status.book.version, status.book.hash);
        if is_equal && before.as_ref() == Some(&book) {
            return Ok(book);
        }
        before = Some(book);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err("the second device did not catch up".into())
}

/// Lets a new device in; it writes a contact unless `enough` is content at once, and leaves when `enough` is content
/// with the first device's number of contacts before and now.
async fn join(first: &Process, folder: &Path, name: &str, at: SocketAddr, enough: impl Fn(u32, u32) -> bool) -> Result {
    let code = first.ask(PairShow {}).await?.code;
    let listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let options = HubOptions { folder: folder.to_owned(), listen, no_mdns: true, ..HubOptions::default() };
    let guest = Hub::start(options).await?;
    let entering = tokio::spawn({
        let (guest, name) = (guest.clone(), name.to_owned());
        async move { guest.ask(PairEnter { code, name, at: Some(at.to_string()) }).await }
    });
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(device) = first.ask(PairPending {}).await?.pending.into_iter().next() {
            first.ask(PairApprove { id: device.id }).await?;
            break;
        }
        if entering.is_finished() || Instant::now() > deadline {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    entering.await??;
    let before = first.ask(StatusRequest::default()).await?.book.contacts;
    if !enough(before, before) {
        guest.ask(contact_of(name)).await?;
    }
    while !enough(before, first.ask(StatusRequest::default()).await?.book.contacts) {
        if Instant::now() > deadline {
            return Err(format!("{name} did not bring its contact").into());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    guest.stop().await;
    Ok(())
}

fn contact_of(name: &str) -> ContactsAdd {
    let vcard = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Friend of {name}\r\nEND:VCARD\r\n");
    ContactsAdd { vcard: Some(vcard), ..ContactsAdd::default() }
}

/// An address on loopback that nobody uses now.
pub(super) fn free_address() -> Result<SocketAddr> {
    Ok(UdpSocket::bind("127.0.0.1:0")?.local_addr()?)
}

fn copy_folder(from: &Path, to: &Path) -> Result {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
