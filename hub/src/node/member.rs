//! What a hub is once its folder holds a person: identity, roster, store, engine.

use super::{backup::recipient_edit, card::Names, committer::storage_error, persons::People, work::Scene};
use crate::{
    api::{Code, Error},
    backup,
    clock::now_ms,
    folder::Folder,
    keys::Keys,
    store::{self, PeerRow, Store, StoreError},
};
use kith_core::{
    book,
    engine::{Engine, RosterView},
    entity::Entity,
    id::{BookId, DeviceId, PersonId, PublicKey, StoreId},
    identity::{
        SigningKey, clean_name, public_key,
        recovery::RecoveryCode,
        roster::{DEVICE_NAME_CHARS_MAX, DeviceCard, Roster, RosterError},
    },
    lan::{LAN_SECRET_BYTES, LanSecrets},
    path::Path,
    register::Sibling,
    replica::{self, BookState, Draft, Edit},
    vcard::{Property, parts_to_value},
};
use rand_core::{OsRng, RngCore};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
};

/// The state of a hub that is set up.
pub(crate) struct Member {
    pub(crate) keys: Keys,
    pub(crate) store: Store,
    pub(crate) engine: Engine,
    pub(crate) roster: Roster,
    pub(crate) peers: BTreeMap<DeviceId, PeerRow>,
    /// Those of them that changed since they were written to disk.
    pub(crate) peers_unkept: BTreeSet<DeviceId>,
    pub(crate) lan: LanSecrets,
    pub(crate) scene: Arc<Scene>,
    /// Linked persons, and what they are sent.
    pub(crate) people: People,
    /// What the person is called; empty if they would rather not say.
    pub(crate) person_name: String,
    /// Devices that were ever members: whose changes are taken (rule 3.1/11).
    pub(crate) writers: Arc<BTreeSet<DeviceId>>,
    /// The device that this folder was before it was copied or rolled back.
    pub(crate) was: Option<DeviceId>,
    /// It came out of a backup, so the others may not know it yet.
    pub(crate) restored: bool,
}

/// What a folder becomes a person's device with.
pub(crate) struct Founding {
    pub(crate) keys: Keys,
    pub(crate) book: BookId,
    pub(crate) roster: Vec<Vec<u8>>,
    pub(crate) lan_secret: [u8; LAN_SECRET_BYTES],
    pub(crate) person_name: String,
    /// The first changes of a new person; none for a device that joins.
    pub(crate) drafts: Vec<Draft>,
    /// Where the device that let this one in was reached.
    pub(crate) host: Option<(DeviceId, Vec<SocketAddr>)>,
}

impl Founding {
    /// A new person, with this device as the first. The recovery code exists only here.
    pub(crate) fn new_person(device_name: &str, person: Option<&str>) -> Result<(Self, RecoveryCode), Error> {
        let code = RecoveryCode::generate(&mut OsRng);
        let root = code.root_key();
        let keys = new_keys(code.person_id());
        let card = device_card(&keys, device_name)?;
        let roster = vec![Roster::sign_epoch(&root, 1, &[card]).map_err(|error| roster_error(&error))?];
        let mut lan_secret = [0; LAN_SECRET_BYTES];
        OsRng.fill_bytes(&mut lan_secret);
        let person_name = clean_name(person.unwrap_or_default(), kith_core::limits::NAME_CHARS_MAX);
        let mut drafts = first_drafts(keys.person, &person_name, &lan_secret);
        let sealed_to = backup::BackupKey::of(&code).map_err(|error| Error::new(Code::Internal, error.to_string()))?;
        drafts.push(Draft { edits: vec![recipient_edit(&sealed_to)], import: None });
        let book = BookId::random(&mut OsRng);
        Ok((Self { keys, book, roster, lan_secret, person_name, drafts, host: None }, code))
    }

    /// Writes everything into the folder; the keys last, because with them the folder counts as set up.
    pub(crate) async fn found(self, folder: &Folder) -> Result<(), Error> {
        folder.clear_unfinished()?;
        let (store, _) = Store::create(folder.path(), self.book, StoreId::random(&mut OsRng))
            .map_err(|error| storage_error(&error))?;
        let me = self.keys.device;
        let person = self.keys.person;
        let Self { keys, roster, lan_secret, person_name, drafts, host, .. } = self;
        let written = store.write_and_wait(move |rows| {
            let now = now_ms();
            rows.set_now(now);
            rows.set_me(book::me(person))?;
            rows.keep_roster(&roster)?;
            rows.keep_meta(META_LAN_SECRET, &lan_secret)?;
            rows.keep_meta(META_PERSON_NAME, person_name.as_bytes())?;
            if let Some((device, addresses)) = host {
                let row = PeerRow { addresses: join_addresses(&addresses), last_seen: now, ..PeerRow::default() };
                rows.keep_peer(device, &row)?;
            }
            replica::commit(rows, me, now, drafts)
        });
        let written = written.await.map_err(|error| storage_error(&error))?;
        store.close();
        written.map_err(|error| Error::new(Code::Internal, error.to_string()))?;
        folder.keep_keys(&keys)
    }
}

impl Member {
    /// Opens what the folder holds. Its keys are other ones than these if the folder went on as another device, and was
    /// cut off before they were kept.
    pub(crate) async fn open(folder: &Folder, mut keys: Keys) -> Result<Self, StoreError> {
        let (store, state) = Store::open(folder.path(), StoreId::random(&mut OsRng))?;
        let (me, person) = (book::me(keys.person), keys.person);
        let found = store
            .read(move |rows| {
                Ok((
                    store::roster(rows)?,
                    store::peers(rows)?,
                    store::entity(rows, book::SETTINGS)?,
                    store::entity(rows, me)?,
                    store::meta(rows, META_LAN_SECRET)?,
                    store::meta(rows, META_LAN_FORMER)?,
                    store::meta(rows, META_PERSON_NAME)?,
                    store::meta(rows, META_RESTORED)?.is_some(),
                    store::device(rows)?,
                    store::left(rows)?,
                    People::load(rows, person)?,
                ))
            })
            .await;
        let (entries, peers, settings, card, secret, former, name, restored, device, was, mut people) = found?;
        if let Some(device) = device.filter(|device| *device != keys.device) {
            keys = new_keys(keys.person);
            keys.device = device;
        }
        let mut roster = Roster::new(keys.person);
        for entry in &entries {
            if let Err(error) = roster.insert(entry) {
                tracing::error!(%error, "a stored roster entry is not taken");
            }
        }
        // Devices of this person share it in the settings as well.
        let secret = secret.and_then(|secret| secret.try_into().ok()).or_else(|| lan_secret(settings.as_ref()));
        let secret = secret.ok_or(StoreError::Damaged("the secret of the local network"))?;
        // Former secrets only help to be found: without them a device that was off needs an address once.
        let former = former.and_then(|bytes| rmp_serde::from_slice(&bytes).ok()).unwrap_or_default();
        let holds = peers.iter().map(|(&device, row)| (device, row.vector.clone())).collect();
        let engine = Engine::new(state, view(&roster), holds);
        people.set_roster(&roster);
        let scene = Arc::new(Scene { person: keys.person, names: names(&keys, was, &roster, engine.state()) });
        let writers = Arc::new(writers(&roster, engine.state()));
        let person_name = String::from_utf8(name.unwrap_or_default()).unwrap_or_default();
        let mut member = Self {
            keys,
            store,
            engine,
            roster,
            peers,
            peers_unkept: BTreeSet::new(),
            lan: LanSecrets::new(secret, former),
            scene,
            people,
            person_name,
            writers,
            was,
            restored,
        };
        member.learn_settings(settings.as_ref());
        member.learn_name(card.as_ref());
        Ok(member)
    }

    /// This device.
    pub(crate) fn me(&self) -> DeviceId {
        self.keys.device
    }

    /// Whether it had to take a new id and no other device has let it in under that one yet.
    pub(crate) fn waits(&self) -> bool {
        self.was.is_some() && self.roster.known(self.me()).is_none()
    }

    /// The signing half of this device's roster key.
    pub(crate) fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&self.keys.sign)
    }

    /// Takes a roster that grew, after it is durable.
    pub(crate) fn set_roster(&mut self, roster: Roster) {
        self.roster = roster;
        let names = names(&self.keys, self.was, &self.roster, self.engine.state());
        self.scene = Arc::new(Scene { person: self.keys.person, names });
        self.writers = Arc::new(writers(&self.roster, self.engine.state()));
    }

    /// The TLS keys of the other devices, if there is anything to be said to them.
    pub(crate) fn peer_keys(&self) -> BTreeMap<DeviceId, PublicKey> {
        let others = self.roster.devices().into_iter().filter(|card| card.id != self.me() && !self.waits());
        others.map(|card| (card.id, card.tls)).collect()
    }

    /// The TLS keys of the devices to dial. A removed device asks those that it holds for removed as well: where two
    /// remove each other, it cannot know who is right.
    pub(crate) fn dialled_keys(&self) -> BTreeMap<DeviceId, PublicKey> {
        let mut keys = self.peer_keys();
        if self.removed().is_some() {
            let removed = self.roster.removed_devices().into_iter().filter(|card| card.id != self.me());
            keys.extend(removed.map(|card| (card.id, card.tls)));
        }
        keys
    }

    /// Takes settings that own devices share; returns whether the LAN secret changed.
    pub(crate) fn learn_settings(&mut self, settings: Option<&Entity>) -> bool {
        let path = Path::setting(SETTING_LAN_SECRET);
        let Some(register) = settings.and_then(|settings| settings.register(&path)) else { return false };
        let secret = |sibling: &Sibling| sibling.value.as_deref().and_then(|value| value.try_into().ok());
        let Some((shown, current)) = register.shown().and_then(|shown| Some((shown, secret(shown)?))) else {
            return false;
        };
        let (change, now) = ((shown.device, shown.seq), now_ms());
        let mut changed = self.lan.learn(current, change, now);
        for beside in register.others().into_iter().filter_map(secret) {
            changed |= self.lan.learn_beside(beside, change, now);
        }
        if changed {
            self.keep_lan();
        }
        changed
    }

    /// Takes the LAN secret that a device which let this one in again has told.
    pub(crate) fn learn_lan(&mut self, secret: [u8; LAN_SECRET_BYTES]) {
        if self.lan.learn(secret, (self.me(), 0), now_ms()) {
            self.keep_lan();
        }
    }

    /// Lets go of former LAN secrets that no other device needs any more; returns whether anything changed.
    pub(crate) fn settle_lan(&mut self) -> bool {
        if self.lan.former().is_empty() {
            return false;
        }
        let others = self.roster.devices().into_iter().filter(|card| card.id != self.me());
        let held: Vec<_> = others.map(|card| self.engine.holds(card.id).cloned().unwrap_or_default()).collect();
        let changed = self.lan.settle(&held, now_ms());
        if changed {
            self.keep_lan();
        }
        changed
    }

    fn keep_lan(&self) {
        let secret = *self.lan.current();
        // Encoding plain data into memory cannot fail.
        let former = rmp_serde::to_vec_named(self.lan.former()).unwrap_or_default();
        let keep = move |rows: &mut store::Writing<'_>| {
            rows.keep_meta(META_LAN_SECRET, &secret)?;
            Ok(Ok::<_, StoreError>(rows.keep_meta(META_LAN_FORMER, &former)?))
        };
        self.store.write(keep, |_| {});
    }

    /// Takes the person's name from my card.
    pub(crate) fn learn_name(&mut self, card: Option<&Entity>) {
        let properties = card.map(store::ordered_properties).unwrap_or_default();
        let properties: Vec<Property> = properties.into_iter().map(|(_, property)| property).collect();
        if !properties.is_empty() {
            self.person_name = kith_core::contact::display_name(&properties);
        }
    }
}

fn lan_secret(settings: Option<&Entity>) -> Option<[u8; LAN_SECRET_BYTES]> {
    settings?.register(&Path::setting(SETTING_LAN_SECRET))?.value()?.try_into().ok()
}

/// The roster as the engine needs it.
pub(crate) fn view(roster: &Roster) -> RosterView {
    RosterView {
        summary: (roster.epoch(), Some(roster.hash())),
        entries: roster.history(),
        devices: roster.devices().into_iter().map(|card| card.id).collect(),
    }
}

/// Fresh keys for a device of this person.
pub(crate) fn new_keys(person: PersonId) -> Keys {
    let mut keys = Keys { device: DeviceId::random(&mut OsRng), person, sign: [0; 32], tls: [0; 32] };
    OsRng.fill_bytes(&mut keys.sign);
    OsRng.fill_bytes(&mut keys.tls);
    keys
}

/// How this device introduces itself.
pub(crate) fn device_card(keys: &Keys, name: &str) -> Result<DeviceCard, Error> {
    let name = clean_name(name, DEVICE_NAME_CHARS_MAX);
    if name.is_empty() {
        return Err(Error::new(Code::BadRequest, "Give this device a name, e.g. \u{201c}Laptop\u{201d}."));
    }
    Ok(DeviceCard {
        id: keys.device,
        sign: public_key(&SigningKey::from_bytes(&keys.sign)),
        tls: public_key(&SigningKey::from_bytes(&keys.tls)),
        name,
        platform: std::env::consts::OS.to_owned(),
    })
}

/// What a person is told when the roster refuses.
pub(crate) fn roster_error(error: &RosterError) -> Error {
    let code = match error {
        RosterError::TooManyDevices => Code::TooManyDevices,
        RosterError::NotMember => Code::ForeignDevice,
        _ => Code::Internal,
    };
    Error::new(code, format!("{error}."))
}

/// Addresses as the store keeps them: one a line.
pub(crate) fn join_addresses(addresses: &[SocketAddr]) -> String {
    addresses.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join("\n")
}

/// Reads what [`join_addresses`] wrote.
pub(crate) fn split_addresses(text: &str) -> Vec<SocketAddr> {
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

/// The edit that gives all devices this LAN secret.
pub(super) fn lan_secret_edit(secret: &[u8]) -> Edit {
    Edit { entity: book::SETTINGS, path: Path::setting(SETTING_LAN_SECRET), value: Some(secret.to_vec()) }
}

fn first_drafts(person: PersonId, name: &str, lan_secret: &[u8]) -> Vec<Draft> {
    let mut drafts = vec![Draft { edits: vec![lan_secret_edit(lan_secret)], import: None }];
    let me = book::me(person);
    let value = parts_to_value("FN", &[vec![name.to_owned()]]);
    if let (false, Ok(property)) = (name.is_empty(), Property::new(0, "FN", &BTreeMap::new(), None, &value)) {
        let edits = vec![
            book::set_mine(me, book::single_property(me, "FN"), Some(property.encode())),
            book::set_state(me, book::ALIVE),
        ];
        drafts.push(Draft { edits, import: None });
    }
    drafts
}

fn names(keys: &Keys, was: Option<DeviceId>, roster: &Roster, state: &BookState) -> Names {
    let devices = roster.known_devices().map(|card| (card.id, card.name.clone()));
    let mut devices: BTreeMap<DeviceId, String> = devices.collect();
    if let Some(name) = was.and_then(|was| devices.get(&was).cloned()) {
        devices.entry(keys.device).or_insert(name);
    }
    for (stand_in, of) in stand_ins(roster, state) {
        if let Some(name) = devices.get(&of).cloned() {
            devices.insert(stand_in, name);
        }
    }
    Names { me: Some(keys.device), devices }
}

/// The devices that were ever members, and those that may have written again what copied devices wrote.
fn writers(roster: &Roster, state: &BookState) -> BTreeSet<DeviceId> {
    let devices = roster.ever().into_iter().chain(state.authors.keys().copied());
    devices.chain(stand_ins(roster, state).into_keys()).collect()
}

fn stand_ins(roster: &Roster, state: &BookState) -> BTreeMap<DeviceId, DeviceId> {
    let devices: BTreeSet<DeviceId> = roster.ever().into_iter().chain(state.authors.keys().copied()).collect();
    replica::stand_ins(&devices, &state.closed())
}

/// A value of a register is opaque bytes; the LAN secret's are the secret itself.
const SETTING_LAN_SECRET: &str = "lan-secret";
const META_LAN_SECRET: &str = "lan-secret";
const META_LAN_FORMER: &str = "lan-secrets-former";
const META_PERSON_NAME: &str = "person-name";
/// There since this device came out of a backup.
pub(super) const META_RESTORED: &str = "restored";
